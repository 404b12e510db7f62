"""Font, borders and characters of a range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlwings import base_classes, utils
from xlwings.base_classes import _UNSET

from .counting import counted
from .errors import ComError, unsupported

if TYPE_CHECKING:
    from .ranges import Range

# Excel's line style and weight -> Calc's style and width in 1/100 mm; the defaults come first.
_STYLES = {
    "continuous": 0,
    "dash": 2,
    "dash_dot": 16,
    "dash_dot_dot": 17,
    "dot": 1,
    "double": 15,
    "slant_dash_dot": 16,
}
_STYLE_NAMES = {
    0: "continuous",
    1: "dot",
    2: "dash",
    14: "dash",
    15: "double",
    3: "double",
    16: "dash_dot",
    17: "dash_dot_dot",
}
_WIDTHS = {"hairline": 2, "thin": 26, "medium": 53, "thick": 88}


def color_to_calc(color: Any) -> int:
    """Return a colour, as (r, g, b), "#rrggbb" or Excel's number, as 0xRRGGBB."""
    if isinstance(color, str):
        color = utils.hex_to_rgb(color)
    elif isinstance(color, int):
        color = utils.int_to_rgb(color)
    red, green, blue = color
    return red << 16 | green << 8 | blue


def color_from_calc(value: int) -> tuple[int, int, int]:
    """Return 0xRRGGBB as (r, g, b)."""
    return value >> 16 & 255, value >> 8 & 255, value & 255


def _font_property(what: str) -> property:
    def get(self: Font) -> Any:
        return self._get(what)

    def put(self: Font, value: Any) -> None:
        self._put(what, value)

    return property(get, put)


@counted("api", "color")
class Font(base_classes.Font):
    """The font of a range or of some of its characters."""

    def __init__(self, area: Range, span: tuple[int, int] | None = None) -> None:
        self._area = area
        self._span = span

    @property
    def api(self) -> Any:
        """Refuse: the host has no use for it."""
        raise unsupported("Font.api")

    def _get(self, what: str) -> Any:
        if self._span is not None:
            return self._area._call("looks.characters", *self._span, what)
        return self._area._call("looks.font", what)

    def _put(self, what: str, value: Any) -> None:
        if self._span is not None:
            self._area._change("looks.set_characters", *self._span, what, value)
        else:
            self._area._change("looks.set_font", what, value)

    bold = _font_property("bold")
    italic = _font_property("italic")
    size = _font_property("size")
    name = _font_property("name")
    _color = _font_property("color")

    @property
    def color(self) -> tuple[int, int, int] | None:
        """Return the colour."""
        found = self._color
        return None if found is None else color_from_calc(found)

    @color.setter
    def color(self, value: Any) -> None:
        self._color = color_to_calc(value)


@counted("api", "font")
class Characters(base_classes.Characters):
    """Some of the characters of a cell."""

    def __init__(self, area: Range, start: int = 0, length: int | None = None) -> None:
        self._area = area
        self._start = start
        self._length = length

    def _whole(self) -> str:
        value = self._area(1, 1).raw_value
        return value if isinstance(value, str) else "" if value is None else str(self._area(1, 1).formula)

    @property
    def _span(self) -> tuple[int, int]:
        return self._start, len(self._whole()) - self._start if self._length is None else self._length

    @property
    def api(self) -> Any:
        """Refuse: the host has no use for it."""
        raise unsupported("Characters.api")

    @property
    def text(self) -> str:
        """Return the characters."""
        start, length = self._span
        return self._whole()[start : start + length]

    @property
    def font(self) -> Font:
        """Return their font."""
        return Font(self._area, self._span)

    def __getitem__(self, item: int | slice) -> Characters:
        if isinstance(item, slice):
            if (item.start and item.start < 0) or (item.stop and item.stop < 0):
                raise ValueError("Characters object does not support slicing with negative indexes")
            start = item.start or 0
            length = self._span[1] - start if item.stop is None else item.stop - start
            return Characters(self._area, self._start + start, length)
        if item < 0:
            item += self._span[1]
        return Characters(self._area, self._start + item, 1)


@counted("api")
class Border(base_classes.Border):
    """The line of one side."""

    def __init__(self, area: Range, side: str) -> None:
        self._area = area
        self._side = side

    @property
    def api(self) -> Any:
        """Refuse: the host has no use for it."""
        raise unsupported("Border.api")

    def _line(self) -> tuple[int, int, int] | None:
        return self._area._call("looks.border", self._side)

    @property
    def line_style(self) -> str | None:
        """Return the line's style; "none" for no line."""
        line = self._line()
        return "none" if line is None else _STYLE_NAMES.get(line[0])

    @line_style.setter
    def line_style(self, value: str | None) -> None:
        draw(self._area, (self._side,), line_style=value)

    @property
    def weight(self) -> str | None:
        """Return the line's weight."""
        line = self._line()
        if line is None:
            return "thin"
        if _STYLE_NAMES.get(line[0]) == "double":
            return "thick"
        return min(_WIDTHS, key=lambda name: abs(_WIDTHS[name] - line[1]))

    @weight.setter
    def weight(self, value: str) -> None:
        draw(self._area, (self._side,), weight=value)

    @property
    def color(self) -> tuple[int, int, int] | None:
        """Return the line's colour."""
        line = self._line()
        # Excel does not tell the colour of a diagonal of several cells.
        unknown = self._side.startswith("diagonal") and len(self._area) > 1
        return None if line is None or unknown else color_from_calc(line[2])

    @color.setter
    def color(self, value: Any) -> None:
        draw(self._area, (self._side,), color=value)


@counted("api")
class Borders(base_classes.Borders):
    """The lines around and in a range."""

    def __init__(self, area: Range) -> None:
        self.parent = area

    @property
    def api(self) -> Any:
        """Return something that is there."""
        return self

    def __getitem__(self, side: str) -> Border:
        return Border(self.parent, side)

    def _shared(self, attribute: str) -> Any:
        found = {getattr(self[side], attribute) for side in self._grid_sides()}
        return found.pop() if len(found) == 1 else None

    @property
    def line_style(self) -> str | None:
        """Return the style all sides share."""
        return self._shared("line_style")

    @line_style.setter
    def line_style(self, value: str | None) -> None:
        draw(self.parent, base_classes.BORDER_GRID_SIDES, line_style=value)

    @property
    def weight(self) -> str | None:
        """Return the weight all sides share."""
        return self._shared("weight")

    @weight.setter
    def weight(self, value: str) -> None:
        draw(self.parent, base_classes.BORDER_GRID_SIDES, weight=value)

    @property
    def color(self) -> tuple[int, int, int] | None:
        """Return the colour all sides share."""
        return self._shared("color")

    @color.setter
    def color(self, value: Any) -> None:
        draw(self.parent, base_classes.BORDER_GRID_SIDES, color=value)

    def set(self, which: Any, *, line_style: Any = _UNSET, weight: Any = _UNSET, color: Any = _UNSET) -> None:
        """Draw some sides."""
        draw(self.parent, which, line_style=line_style, weight=weight, color=color)

    def clear(self, which: Any) -> None:
        """Remove the lines of some sides."""
        draw(self.parent, which, line_style=None)


def draw(area: Range, sides: Any, *, line_style: Any = _UNSET, weight: Any = _UNSET, color: Any = _UNSET) -> None:
    """Draw sides of a range in one request; what is not said stays as it is, or is a thin black line."""
    lines: dict[str, tuple[int, int, int] | None] = {}
    for side in sides:
        known = None if line_style is None else Border(area, side)._line()
        if line_style is None:
            lines[side] = None
            continue
        style, width, shade = known or (0, _WIDTHS["thin"], 0)
        if color is not _UNSET:
            shade = color_to_calc(color)
        if weight is not _UNSET:
            width = _WIDTHS[weight]
        if line_style is not _UNSET:
            style = _STYLES[line_style]
            if line_style == "double":
                width = 53
        elif style == 15 and weight is not _UNSET and weight != "thick":
            style = 0
        lines[side] = (style, width, shade)
    if any(side not in base_classes.BORDER_SIDES for side in lines):
        raise ComError(f"Unable to get the Borders property: {sides!r}")
    area._change("looks.set_borders", lines)
