"""Draw the add-in's tab from its own XML and icons: `python docs/pictures.py ribbon` writes docs/images/ribbon.png.

A drawing, not a screenshot: Excel draws the real one. Needs Pillow and a Chinese font.
`python docs/ribbon.py --icons DIR` draws the icons anew from an unpacked `@fluentui/svg-icons`; needs resvg-py.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image, ImageDraw, ImageFont

from taizhang.acts import BY_ACT
from taizhang.xlam.build import RIBBON, folder, shown, sources

SCALE = 2  # pixels to a point of a screen at 100 %: what the icons are made for
LARGE, SMALL = 32, 16
# Which icon of the package stands for which act; each in the largest size the package has it in colour.
ICONS = {
    "import_notice": "document_add",
    "adjust": "document_edit",
    "check": "clipboard_task",
    "clear": "paint_brush",
    "status": "arrow_sync",
    "as_of": "calendar_edit",
    "collect": "text_bullet_list_square_sparkle",
    "split": "org",
    "close_period": "calendar_checkmark",
    "mail_draft": "drafts",
    "mail_remind": "mail_alert",
    "merge": "content_view",
    "apply": "checkmark_circle",
    "undo": "history",
    "close": "ribbon_star",
    "reject": "dismiss_circle",
    "extend": "clock_alarm",
    "reopen": "arrow_clockwise_dashes",
    "cancel": "calendar_cancel",
    "supplement": "document_text",
    "rollover": "document_folder",
    "summary": "chart_multiple",
    "report": "megaphone_loud",
    "settings": "settings",
    "doctor": "wrench_screwdriver",
    "manual": "book_open",
}
_OTHER_TABS = ("文件", "开始"), ("插入", "页面布局", "公式", "数据", "审阅", "视图")
_STRIP, _BODY, _EDGE = 31, 93, 10  # heights of the tabs and of the groups, and the margin
_GREEN, _INK, _GREY, _LINE, _BACK, _PAGE = "#107C41", "#242424", "#616161", "#D1D1D1", "#F5F5F5", "#FFFFFF"


@dataclass(frozen=True)
class Button:
    """A button as it is drawn."""

    label: str
    image: str
    large: bool


@dataclass(frozen=True)
class Group:
    """A group as it is drawn: columns of one large button or of up to three small ones."""

    label: str
    columns: Sequence[Sequence[Button]]


def groups() -> tuple[str, list[Group]]:
    """Return the tab's label and its groups, with the buttons the add-in shows today."""
    (tab,) = ElementTree.fromstring(shown(sources().ribbon, BY_ACT)).iter(f"{{{RIBBON}}}tab")
    return tab.get("label", ""), [
        Group(group.get("label", ""), _columns([_button(one) for one in group])) for group in tab
    ]


def _button(element: ElementTree.Element) -> Button:
    return Button(element.get("label", ""), element.get("image", ""), element.get("size") == "large")


def _columns(buttons: Sequence[Button]) -> list[list[Button]]:
    columns: list[list[Button]] = []
    for button in buttons:
        if button.large or not columns or columns[-1][0].large or len(columns[-1]) == 3:
            columns.append([])
        columns[-1].append(button)
    return columns


class Pen:
    """Draws in points; a picture has SCALE pixels to a point."""

    def __init__(self, width: float, height: float) -> None:
        self.image = Image.new("RGB", (round(width * SCALE), round(height * SCALE)), _BACK)
        self._draw = ImageDraw.Draw(self.image)
        path = subprocess.run(["fc-match", "-f", "%{file}", ":lang=zh-cn"], capture_output=True, text=True, check=True)
        self._font = path.stdout

    def font(self, size: float) -> ImageFont.FreeTypeFont:
        """Return the Chinese font of this machine."""
        return ImageFont.truetype(self._font, round(size * SCALE))

    def wide(self, text: str, size: float = 12) -> float:
        """Return how wide a text is."""
        return self.font(size).getlength(text) / SCALE

    def text(self, x: float, y: float, text: str, fill: str = _INK, size: float = 12, anchor: str = "mm") -> None:
        """Write a text around a point."""
        self._draw.text((x * SCALE, y * SCALE), text, fill, self.font(size), anchor)

    def line(self, x: float, y: float, to_x: float, to_y: float, fill: str = _LINE, width: float = 0.5) -> None:
        """Draw a line."""
        self._draw.line([value * SCALE for value in (x, y, to_x, to_y)], fill, round(width * SCALE))

    def box(self, x: float, y: float, to_x: float, to_y: float, fill: str, outline: str | None = None) -> None:
        """Draw a box with round corners."""
        self._draw.rounded_rectangle([v * SCALE for v in (x, y, to_x, to_y)], 4 * SCALE, fill, outline, SCALE // 2)

    def icon(self, x: float, y: float, name: str, size: int) -> None:
        """Put an icon's corner at a point."""
        with Image.open(folder() / "icons" / f"{name}.png") as icon:
            made = icon.convert("RGBA").resize((size * SCALE, size * SCALE), Image.Resampling.LANCZOS)
        self.image.paste(made, (round(x * SCALE), round(y * SCALE)), made)


def drawn() -> Image.Image:
    """Return the drawing."""
    label, found = groups()
    measure = Pen(1, 1)
    width = sum(_group_width(measure, group) for group in found) + 2 * _EDGE
    pen = Pen(width, _STRIP + _BODY + 8)
    _draw_tabs(pen, label)
    pen.box(4, _STRIP, width - 4, _STRIP + _BODY, _PAGE, _LINE)
    x = float(_EDGE)
    for group in found:
        x = _draw_group(pen, x, group, last=group is found[-1])
    return pen.image


def _draw_tabs(pen: Pen, label: str) -> None:
    x = float(_EDGE + 4)
    for name in (*_OTHER_TABS[0], label, *_OTHER_TABS[1]):
        wide = pen.wide(name, 12.5)
        ours = name == label
        pen.text(x + wide / 2, 15, name, _GREEN if ours else _INK, 12.5)
        if ours:
            pen.line(x, 26, x + wide, 26, _GREEN, 2)
        x += wide + 20


def _draw_group(pen: Pen, x: float, group: Group, last: bool) -> float:
    """Draw a group from `x`; return where the next one begins."""
    end = x + _group_width(pen, group)
    at = x + 5
    for column in group.columns:
        wide = _column_width(pen, column)
        if column[0].large:
            _draw_large(pen, at + wide / 2, column[0])
        else:
            _draw_small(pen, at, column)
        at += wide
    pen.text((x + end) / 2, _STRIP + _BODY - 10, group.label, _GREY, 11)
    if not last:
        pen.line(end, _STRIP + 8, end, _STRIP + _BODY - 8)
    return end


def _draw_large(pen: Pen, middle: float, button: Button) -> None:
    pen.icon(middle - LARGE / 2, _STRIP + 7, button.image, LARGE)
    for line, text in enumerate(_lines(button.label)):
        pen.text(middle, _STRIP + 49 + 15 * line, text)


def _draw_small(pen: Pen, x: float, column: Sequence[Button]) -> None:
    for row, button in enumerate(column):
        y = _STRIP + 8 + 22 * row
        pen.icon(x + 5, y, button.image, SMALL)
        pen.text(x + 26, y + 8.5, button.label, anchor="lm")


def _group_width(pen: Pen, group: Group) -> float:
    return max(sum(_column_width(pen, column) for column in group.columns), pen.wide(group.label, 11)) + 10


def _column_width(pen: Pen, column: Sequence[Button]) -> float:
    if column[0].large:
        return max(46.0, max(pen.wide(text) for text in _lines(column[0].label)) + 12)
    return max(pen.wide(button.label) for button in column) + 36


def _lines(label: str) -> tuple[str, ...]:
    """Return a large button's label in one line, or in two when it is long."""
    return (label,) if len(label) <= 5 else (label[:2], label[2:])


def fingerprint() -> str:
    """Return what tells one ribbon from another."""
    found = sources()
    drawn_from = [shown(found.ribbon, BY_ACT).encode(), *found.icons.values()]
    return sha256(b"".join(drawn_from)).hexdigest()


def draw(_demo: Path, target: Path) -> None:
    """Write the drawing."""
    drawn().save(target)


def render_icons(package: Path) -> None:
    """Write macros/icons anew: twice the size they are shown at, so that they are sharp on a fine screen too."""
    import resvg_py

    (tab,) = ElementTree.fromstring(sources().ribbon).iter(f"{{{RIBBON}}}tab")
    target = folder() / "icons"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for button in tab.iter(f"{{{RIBBON}}}button"):
        size = (LARGE if button.get("size") == "large" else SMALL) * SCALE
        act = button.get("image", "")
        svg = _source(package, ICONS[act], SMALL * SCALE if size == SMALL * SCALE else size)
        data = resvg_py.svg_to_bytes(svg_path=str(svg), width=size, height=size)
        (target / f"{act}.png").write_bytes(bytes(data))


def _source(package: Path, name: str, size: int) -> Path:
    """Return the icon drawn for the size, or the nearest the package has in colour."""
    found = {int(path.stem.split("_")[-2]): path for path in package.glob(f"icons/{name}_*_color.svg")}
    found = {known: path for known, path in found.items() if path.stem == f"{name}_{known}_color"}
    return found[min(found, key=lambda known: (abs(known - size // SCALE), -known))]


def main() -> None:
    """Write the icons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--icons", type=Path, metavar="DIR", required=True)
    render_icons(parser.parse_args().icons)


if __name__ == "__main__":
    main()
