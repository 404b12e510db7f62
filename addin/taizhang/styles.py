"""Looks, said once: fonts, fills and number formats by name, and how much room text needs."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from taizhang.columns import Column, Kind, Owner
from taizhang.values import Value, shown

BODY_FONT, HEAD_FONT = "宋体", "黑体"
DATE_FORMAT, PERCENT_FORMAT, MOMENT_FORMAT = "yyyy-mm-dd", "0%", "yyyy-mm-dd hh:mm"
LINE = "#A6A6A6"
WARNING = "#C00000"
HEAD_FILL, DEPARTMENT_FILL, DERIVED_FILL = "#DDEBF7", "#FFF2CC", "#F2F2F2"
TALLEST, LINE_HEIGHT, ROW_MARGIN, SHORTEST_ROW = 409.0, 14.5, 6.0, 30.0


@dataclass(frozen=True)
class Style:
    """One look; sizes in points, colours as #RRGGBB."""

    font: str = BODY_FONT
    size: float = 10
    bold: bool = False
    colour: str = "#000000"
    fill: str = ""
    horizontal: str = "left"
    vertical: str = "vcenter"
    wrap: bool = True
    border: bool = True
    format: str = "General"
    locked: bool = True


_TEXT = Style(format="@")
_CENTRE = Style(horizontal="center")
_SHAPES: Mapping[str, Style] = {
    "text": _TEXT,
    "words": replace(_TEXT, horizontal="center"),
    "integer": replace(_CENTRE, format="0"),
    "count": replace(_CENTRE, format='0;-0;"-"'),  # a zero reads as nothing to see
    "share": replace(_CENTRE, format='0%;-0%;"-"'),
    "score": replace(_CENTRE, format="0.0"),
    "date": replace(_CENTRE, format=DATE_FORMAT),
    "moment": replace(_CENTRE, format=MOMENT_FORMAT),
    "percent": replace(_CENTRE, format=PERCENT_FORMAT),
    "rate": replace(_CENTRE, format="0.00%"),
    "general": _CENTRE,
    "result": Style(),
}
_OTHERS: Mapping[str, Style] = {
    "title": Style(HEAD_FONT, 20, horizontal="center", border=False),
    "section": Style(HEAD_FONT, 12, border=False, wrap=False),
    "info": Style(border=False, wrap=False),
    "info_right": Style(border=False, wrap=False, horizontal="right"),
    "note": Style(border=False, vertical="top"),
    "head": Style(HEAD_FONT, 10, fill=HEAD_FILL, horizontal="center"),
    "head_department": Style(HEAD_FONT, 10, fill=DEPARTMENT_FILL, horizontal="center"),
    "head_derived": Style(HEAD_FONT, 10, fill=DERIVED_FILL, horizontal="center"),
    "kpi": Style(HEAD_FONT, 22, horizontal="center", format="0"),
    "kpi_share": Style(HEAD_FONT, 22, horizontal="center", format=PERCENT_FORMAT),
    "kpi_alarm": Style(HEAD_FONT, 22, colour=WARNING, horizontal="center", format="0"),
    "kpi_score": Style(HEAD_FONT, 22, horizontal="center", format="0.0"),
    "kpi_note": Style(size=9, colour="#595959", horizontal="center"),
    "freshness": Style(border=False, wrap=False, bold=True, colour="#548235"),
    "total": Style(HEAD_FONT, 10, fill=HEAD_FILL, horizontal="center", format='0;-0;"-"'),
    "total_percent": Style(HEAD_FONT, 10, fill=HEAD_FILL, horizontal="center", format=PERCENT_FORMAT),
    "total_share": Style(HEAD_FONT, 10, fill=HEAD_FILL, horizontal="center", format='0%;-0%;"-"'),
    "link": Style(colour="#0563C1", horizontal="center"),
    "link_number": Style(colour="#0563C1", horizontal="center", format="0"),
    "plain": Style(border=False, wrap=False),
    # Fills no palette offers, so that a cell in one of them was marked by us.
    "mark_error": Style(fill="#FFB9B4"),
    "mark_reminder": Style(fill="#FFE9A6"),
}
MARKS = ("mark_error", "mark_reminder")
STYLES: Mapping[str, Style] = {
    **_SHAPES,
    **{f"{name}_open": replace(style, locked=False) for name, style in _SHAPES.items()},
    **{f"{name}_derived": replace(style, fill=DERIVED_FILL) for name, style in _SHAPES.items()},
    **_OTHERS,
}

_SHAPE_OF = {
    Kind.NUMBER: "integer",
    Kind.PERCENT: "percent",
    Kind.DATE: "date",
    Kind.CHOICE: "words",
    Kind.AMOUNT: "general",
}
_HEAD_OF = {Owner.DEPARTMENT: "head_department", Owner.DERIVED: "head_derived"}


def style_of(column: Column, *, opened: bool = False, derived: bool = False, value: object = None) -> str:
    """Return the name of the look a column's cells have.

    完成时限 is text, so that Excel does not turn 9月15日 into a day of the current year; a cell
    that holds a true date shows it as one.
    """
    shape = "date" if column.kind is Kind.DEADLINE and isinstance(value, date) else _shape(column)
    return shape + ("_open" if opened else "_derived" if derived else "")


def _shape(column: Column) -> str:
    shape = _SHAPE_OF.get(column.kind) or ("words" if column.centred else "text")
    if column.owner is Owner.DERIVED and column.kind is Kind.TEXT:
        return "general"  # a cell formatted as text would show its formula instead of the result
    return shape


def head_of(column: Column) -> str:
    """Return the name of the look a column's header has: departments see at once what is theirs."""
    return _HEAD_OF.get(column.owner, "head")


def darkened(colour: str) -> str:
    """Return a colour #RRGGBB at half its lightness."""
    return "#" + "".join(f"{int(colour[place : place + 2], 16) // 2:02X}" for place in (1, 3, 5))


def text_width(text: str) -> int:
    """Return how wide a line is in characters; Chinese characters and signs count two."""
    return len(text) if text.isascii() else sum(map(_WIDTHS.__getitem__, text))


class _Widths(dict[str, int]):
    """How wide each character is, once it was asked for."""

    def __missing__(self, character: str) -> int:
        width = self[character] = 2 if unicodedata.east_asian_width(character) in "WFA" else 1
        return width


_WIDTHS = _Widths()


def lines(value: Value, width: float) -> int:
    """Return how many lines a value needs in a column of `width` characters."""
    if not isinstance(value, str):
        return 1  # numbers and dates never wrap
    room = max(width - 1.5, 2)
    if 2 * len(value) <= room and "\n" not in value:
        return 1
    return sum(max(1, math.ceil(text_width(line) / room)) for line in value.split("\n"))


def row_height(cells: Iterable[tuple[Value, float]], least: float = SHORTEST_ROW) -> float:
    """Return the height in points that shows every (value, column width) of a row in full."""
    most = max([lines(value, width) for value, width in cells if isinstance(value, str)], default=1)
    return min(TALLEST, max(least, most * LINE_HEIGHT + ROW_MARGIN))


def fitting_width(texts: Iterable[Value], least: float) -> float:
    """Return a column width, at least `least`, at which no text is taller than a row may be."""
    width = least
    longest = max(texts, key=lambda text: text_width(shown(text)), default=None)
    while lines(longest, width) * LINE_HEIGHT + ROW_MARGIN > TALLEST and width < 250:
        width += 2
    return width
