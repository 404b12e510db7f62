"""How cells look: number format, font, fill, borders, alignment, sizes, merging, links."""

from __future__ import annotations

from typing import Any

import cells
import guard
import host
from com.sun.star.beans.PropertyState import AMBIGUOUS_VALUE
from com.sun.star.table import BorderLine2, TableBorder2
from host import Rect
from ops import op

# A name of ours -> the properties that Calc keeps for Western, Asian and complex text.
_FONT = {
    "bold": ("CharWeight", "CharWeightAsian", "CharWeightComplex"),
    "italic": ("CharPosture", "CharPostureAsian", "CharPostureComplex"),
    "size": ("CharHeight", "CharHeightAsian", "CharHeightComplex"),
    "name": ("CharFontName", "CharFontNameAsian", "CharFontNameComplex"),
    "color": ("CharColor",),
}
_POSTURE = "com.sun.star.awt.FontSlant"
_HORIZONTAL = ("general", "left", "center", "right", "justify", "fill")
_HORIZONTAL_UNO = ("STANDARD", "LEFT", "CENTER", "RIGHT", "BLOCK", "REPEAT")
_VERTICAL = {"bottom": (0, 3), "top": (1,), "center": (2,), "justify": (4,)}
_MIXED = "mixed"


def shared(area: Any, name: str) -> Any:
    """Return a property's value, or _MIXED where the area's cells differ."""
    if area.getPropertyState(name) != AMBIGUOUS_VALUE:
        return area.getPropertyValue(name)
    parts = area.getUniqueCellFormatRanges()
    found = [parts.getByIndex(index).getPropertyValue(name) for index in range(parts.Count)]
    return found[0] if all(value == found[0] for value in found) else _MIXED


@op("looks.number_format")
def number_format(uid: str, name: str, rect: Rect) -> str | None:
    """Return the area's number format; None where its cells differ."""
    doc, area = host.document(uid), host.area(uid, name, rect)
    texts = {cells.format_of(doc, part.NumberFormat)[1] for part in cells.uniform(area)}
    return texts.pop() if len(texts) == 1 else None


@op("looks.set_number_format")
def set_number_format(uid: str, name: str, rect: Rect, text: str) -> None:
    """Set the area's number format."""
    doc, sheet = host.document(uid), host.sheet(uid, name)
    guard.sheet_free(sheet)
    host.within(sheet, rect).NumberFormat = cells.format_key(doc, text)


@op("looks.color")
def color(uid: str, name: str, rect: Rect) -> int | None:
    """Return the fill as 0xRRGGBB, -1 for none, None where the cells differ."""
    value = shared(host.area(uid, name, rect), "CellBackColor")
    return None if value is _MIXED else value


@op("looks.set_colors")
def set_colors(uid: str, name: str, fills: list[tuple[Rect, int]]) -> None:
    """Fill rectangles, each with its colour (-1 for none)."""
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    for rect, value in fills:
        host.within(sheet, rect).CellBackColor = value


@op("looks.font")
def font(uid: str, name: str, rect: Rect, what: str) -> Any:
    """Return one fact of the area's font; None where the cells differ."""
    return font_value(what, shared(host.area(uid, name, rect), _FONT[what][0]))


def font_value(what: str, value: Any) -> Any:
    """Return UNO's value of a font property as Excel has it."""
    if value is _MIXED:
        return None
    if what == "bold":
        return value >= 150
    if what == "italic":
        return value.value in ("ITALIC", "OBLIQUE")
    if what == "color":
        return 0 if value == -1 else value
    return value


@op("looks.set_font")
def set_font(uid: str, name: str, rect: Rect, what: str, value: Any) -> None:
    """Change one fact of the area's font."""
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    put_font(host.within(sheet, rect), what, value)


def put_font(target: Any, what: str, value: Any) -> None:
    """Change one fact of a font, for every script."""
    if what == "bold":
        value = 150.0 if value else 100.0
    elif what == "italic":
        value = host.enum(_POSTURE, "ITALIC" if value else "NONE")
    elif what == "size":
        value = float(value)
    for own in _FONT[what]:
        target.setPropertyValue(own, value)


@op("looks.characters")
def characters(uid: str, name: str, rect: Rect, start: int, length: int, what: str) -> Any:
    """Return one fact of the font of some of a cell's characters."""
    cursor = _cursor(host.area(uid, name, rect), start, length)
    if what == "text":
        return cursor.String
    own = _FONT[what][0]
    if cursor.getPropertyState(own) == AMBIGUOUS_VALUE:
        return None
    return font_value(what, cursor.getPropertyValue(own))


@op("looks.set_characters")
def set_characters(uid: str, name: str, rect: Rect, start: int, length: int, what: str, value: Any) -> None:
    """Change one fact of the font of some of a cell's characters."""
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    put_font(_cursor(host.within(sheet, rect), start, length), what, value)


def _cursor(area: Any, start: int, length: int) -> Any:
    cell = area.getCellByPosition(0, 0)
    cursor = cell.createTextCursor()
    cursor.gotoStart(False)
    cursor.goRight(start, False)
    cursor.goRight(length, True)
    return cursor


@op("looks.alignment")
def alignment(uid: str, name: str, rect: Rect, what: str) -> Any:
    """Return "wrap", "horizontal" or "vertical" of the area; None where the cells differ."""
    area = host.area(uid, name, rect)
    if what == "wrap":
        value = shared(area, "IsTextWrapped")
        return None if value is _MIXED else bool(value)
    if what == "horizontal":
        value = shared(area, "HoriJustify")
        if value is _MIXED:
            return None
        if value.value == "BLOCK" and area.HoriJustifyMethod == 1:
            return "distributed"
        return _HORIZONTAL[_HORIZONTAL_UNO.index(value.value)]
    value = shared(area, "VertJustify")
    if value is _MIXED:
        return None
    if value == 4 and area.VertJustifyMethod == 1:
        return "distributed"
    return next(ours for ours, theirs in _VERTICAL.items() if value in theirs)


@op("looks.set_alignment")
def set_alignment(uid: str, name: str, rect: Rect, what: str, value: Any) -> None:
    """Change "wrap", "horizontal" or "vertical" of the area."""
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    area = host.within(sheet, rect)
    if what == "wrap":
        area.IsTextWrapped = bool(value)
    elif what == "horizontal":
        ours = "justify" if value == "distributed" else value
        if ours not in _HORIZONTAL:
            raise NotImplementedError(f"the Calc engine does not offer horizontal alignment {value!r}")
        area.HoriJustify = host.enum("com.sun.star.table.CellHoriJustify", _HORIZONTAL_UNO[_HORIZONTAL.index(ours)])
        area.HoriJustifyMethod = int(value == "distributed")
    else:
        ours = "justify" if value == "distributed" else value
        area.VertJustify = _VERTICAL[ours][-1]
        area.VertJustifyMethod = int(value == "distributed")


@op("looks.indent")
def indent(uid: str, name: str, rect: Rect, by: int) -> None:
    """Move the text right by so many steps."""
    area = host.area(uid, name, rect)
    area.ParaIndent = max(0, area.ParaIndent + by * 353)


@op("looks.sizes")
def sizes(uid: str, name: str, rect: Rect, axis: str) -> tuple[int | None, int, int]:
    """Return (size of each row or column, None where they differ; size in all; distance of the first) in 1/100 mm."""
    area = host.area(uid, name, rect)
    lines = area.Rows if axis == "rows" else area.Columns
    own = "Height" if axis == "rows" else "Width"
    count = lines.Count
    spot, extent = area.Position, area.Size
    before, together = (spot.Y, extent.Height) if axis == "rows" else (spot.X, extent.Width)
    seen = host.used(host.sheet(uid, name))
    probe = min(count, max(1, (seen[2] - rect[0] if axis == "rows" else seen[3] - rect[1]) + 2))
    each = {_size(lines.getByIndex(index), own) for index in range(probe)}
    return (each.pop() if len(each) == 1 else None), together, before


def _size(line: Any, own: str) -> int:
    return line.getPropertyValue(own) if line.IsVisible else 0


@op("looks.set_size")
def set_size(uid: str, name: str, rect: Rect, axis: str, size: int) -> None:
    """Set the height of rows or the width of columns, in 1/100 mm."""
    sheet = host.sheet(uid, name)
    guard.allowed(uid, sheet, "AllowFormattingRows" if axis == "rows" else "AllowFormattingColumns")
    area = host.within(sheet, rect)
    if axis == "rows":
        area.Rows.Height = size
    else:
        area.Columns.Width = size


@op("looks.hidden")
def hidden(uid: str, name: str, rect: Rect, axis: str) -> bool | None:
    """Return whether rows or columns are hidden; None where they differ."""
    area = host.area(uid, name, rect)
    seen = area.queryVisibleCells().RangeAddresses
    total = rect[2] - rect[0] + 1 if axis == "rows" else rect[3] - rect[1] + 1
    if not seen:
        lines = area.Rows if axis == "rows" else area.Columns
        states = {not lines.getByIndex(index).IsVisible for index in range(min(total, 1000))}
        return states.pop() if len(states) == 1 else None
    shown: set[int] = set()
    for address in seen:
        span = (address.StartRow, address.EndRow) if axis == "rows" else (address.StartColumn, address.EndColumn)
        shown.update(range(span[0], span[1] + 1))
    return False if len(shown) == total else None


@op("looks.hide")
def hide(uid: str, name: str, rect: Rect, axis: str, value: bool) -> None:
    """Hide or show rows or columns."""
    sheet = host.sheet(uid, name)
    guard.allowed(uid, sheet, "AllowFormattingRows" if axis == "rows" else "AllowFormattingColumns")
    area = host.within(sheet, rect)
    (area.Rows if axis == "rows" else area.Columns).IsVisible = not value


@op("looks.merge_area")
def merge_area(uid: str, name: str, rect: Rect) -> Rect:
    """Return the merged rectangle the area's first cell is in, or that cell."""
    sheet = host.sheet(uid, name)
    cursor = sheet.createCursorByRange(host.within(sheet, (rect[0], rect[1], rect[0], rect[1])))
    cursor.collapseToMergedArea()
    return host.rect_of(cursor.RangeAddress)


@op("looks.merged")
def merged(uid: str, name: str, rect: Rect) -> bool | None:
    """Return whether the area is merged; None where only a part is."""
    area = host.area(uid, name, rect)
    if area.IsMerged:
        return True
    found = merge_area(uid, name, rect)
    if found[:2] != found[2:]:
        return True if host.cut(found, rect) == rect else None
    if rect[:2] == rect[2:]:
        return False
    return None if merges(host.sheet(uid, name), rect) else False


def merges(sheet: Any, rect: Rect) -> list[Rect]:
    """Return the merged rectangles that begin in an area."""
    inside = host.cut(rect, host.used(sheet))
    if inside is None:
        return []
    found = []
    parts = host.within(sheet, inside).getUniqueCellFormatRanges()
    for index in range(parts.Count):
        part = parts.getByIndex(index)
        if not any(host.within(sheet, host.rect_of(one)).IsMerged for one in part.RangeAddresses):
            continue
        for address in part.RangeAddresses:
            top, left, bottom, right = host.rect_of(address)
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    cursor = sheet.createCursorByRange(sheet.getCellRangeByPosition(column, row, column, row))
                    if cursor.IsMerged:
                        cursor.collapseToMergedArea()
                        found.append(host.rect_of(cursor.RangeAddress))
    return found


@op("looks.merge")
def merge(uid: str, name: str, rect: Rect, across: bool) -> None:
    """Merge the area, or each of its rows; only the first cell keeps its content."""
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    host.within(sheet, rect).merge(False)
    rects = [(row, rect[1], row, rect[3]) for row in range(rect[0], rect[2] + 1)] if across else [rect]
    for top, left, bottom, right in rects:
        for rest in ((top, left + 1, top, right), (top + 1, left, bottom, right)):
            if rest[0] <= rest[2] and rest[1] <= rest[3]:
                host.within(sheet, rest).clearContents(cells.CONTENTS | cells.NOTES)
        host.within(sheet, (top, left, bottom, right)).merge(True)


@op("looks.unmerge")
def unmerge(uid: str, name: str, rect: Rect) -> None:
    """Take every merged cell in the area apart."""
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    host.within(sheet, merge_area(uid, name, rect)).merge(False)
    host.within(sheet, rect).merge(False)


@op("looks.link")
def link(uid: str, name: str, rect: Rect) -> str | None:
    """Return the address of a cell's hyperlink."""
    cell = host.area(uid, name, rect).getCellByPosition(0, 0)
    fields = cell.TextFields
    return fields.getByIndex(0).URL if fields.Count else None


@op("looks.set_link")
def set_link(uid: str, name: str, rect: Rect, address: str, text: str) -> None:
    """Put a hyperlink into a cell."""
    doc, sheet = host.document(uid), host.sheet(uid, name)
    guard.contents(sheet, rect)
    cell = host.within(sheet, rect).getCellByPosition(0, 0)
    field = doc.createInstance("com.sun.star.text.TextField.URL")
    field.URL, field.Representation = address, text
    cell.setString("")
    cell.insertTextContent(cell.createTextCursor(), field, False)


_LINES = {
    "edge_top": "Top",
    "edge_bottom": "Bottom",
    "edge_left": "Left",
    "edge_right": "Right",
    "inside_horizontal": "Horizontal",
    "inside_vertical": "Vertical",
}
_DIAGONAL = {"diagonal_down": "DiagonalTLBR2", "diagonal_up": "DiagonalBLTR2"}


def _where(rect: Rect, side: str) -> tuple[int, int, str] | None:
    """Return the cell and its property that one side's line is read from; None where there is no such side."""
    top, left, bottom, right = rect
    if side in _DIAGONAL:
        return top, left, _DIAGONAL[side]
    if side == "inside_horizontal":
        return (top, left, "BottomBorder2") if top < bottom else None
    if side == "inside_vertical":
        return (top, left, "RightBorder2") if left < right else None
    row, column = (bottom if side == "edge_bottom" else top), (right if side == "edge_right" else left)
    return row, column, f"{_LINES[side]}Border2"


@op("looks.border")
def border(uid: str, name: str, rect: Rect, side: str) -> tuple[int, int, int] | None:
    """Return one side's line as (style, width, colour); None for no line."""
    sheet = host.sheet(uid, name)
    where = _where(rect, side)
    if where is None:
        return None
    row, column, own = where
    line = sheet.getCellByPosition(column, row).getPropertyValue(own)
    if not line.OuterLineWidth and not line.LineWidth:
        return None
    return line.LineStyle, line.LineWidth or line.OuterLineWidth, line.Color


@op("looks.set_borders")
def set_borders(uid: str, name: str, rect: Rect, lines: dict[str, tuple[int, int, int] | None]) -> None:
    """Draw the lines of some sides, each as (style, width, colour) or None for no line.

    `TopBorder2` and its like on a range would reset the other sides of its cells; `TableBorder2` does not.
    """
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    area = host.within(sheet, rect)
    frame = TableBorder2()
    for side, line in lines.items():
        if side in _DIAGONAL:
            area.setPropertyValue(_DIAGONAL[side], _line(line))
            continue
        setattr(frame, f"{_LINES[side]}Line", _line(line))
        setattr(frame, f"Is{_LINES[side]}LineValid", True)
        if line is None and side.startswith("edge_"):
            _neighbour(sheet, rect, side)
    if set(lines) - set(_DIAGONAL):
        area.TableBorder2 = frame


def _neighbour(sheet: Any, rect: Rect, side: str) -> None:
    """Remove the line as the neighbouring cells keep it: in Excel it is one line."""
    top, left, bottom, right = rect
    beyond = {
        "edge_top": ((top - 1, left, top - 1, right), "Bottom", top > 0),
        "edge_bottom": ((bottom + 1, left, bottom + 1, right), "Top", bottom < host.LAST_ROW),
        "edge_left": ((top, left - 1, bottom, left - 1), "Right", left > 0),
        "edge_right": ((top, right + 1, bottom, right + 1), "Left", right < host.LAST_COLUMN),
    }
    other, own, there = beyond[side]
    if there:
        frame = TableBorder2()
        setattr(frame, f"{own}Line", _line(None))
        setattr(frame, f"Is{own}LineValid", True)
        host.within(sheet, other).TableBorder2 = frame


def _line(line: tuple[int, int, int] | None) -> BorderLine2:
    drawn = BorderLine2()
    if line is None:
        return drawn
    drawn.LineStyle, drawn.LineWidth, drawn.Color = line
    drawn.OuterLineWidth = line[1]
    return drawn
