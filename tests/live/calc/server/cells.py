"""What cells hold: values and formulas, read and written in blocks; clearing, inserting, deleting, searching."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import guard
import host
import rules
from com.sun.star.beans.PropertyState import AMBIGUOUS_VALUE
from com.sun.star.util import NumberFormat
from host import Rect
from ops import op

VALUES, DATES, STRINGS, NOTES, FORMULAS, FORMATS, STYLES = 1, 2, 4, 8, 16, 32, 64
CONTENTS = VALUES | DATES | STRINGS | FORMULAS
HARD_FORMATS = FORMATS | STYLES | 256
FEW_FORMULAS = 12
TEXT, BOOLEAN = "@", "BOOLEAN"
ERRORS = {
    502: "#VALUE!",
    503: "#NUM!",
    504: "#REF!",
    519: "#VALUE!",
    521: "#NULL!",
    524: "#REF!",
    525: "#NAME?",
    532: "#DIV/0!",
    32767: "#N/A",
}
_formats: dict[tuple[str, int], tuple[int, str]] = {}


def format_of(doc: Any, key: int) -> tuple[int, str]:
    """Return the kind (UNO's bits) and the text of one of a workbook's number formats."""
    known = _formats.get((doc.RuntimeUID, key))
    if known is None:
        entry = doc.NumberFormats.getByKey(key)
        known = _formats[doc.RuntimeUID, key] = (entry.Type, entry.FormatString)
    return known


def format_key(doc: Any, text: str) -> int:
    """Return the key of a number format, adding it where it is new; without a locale, or it gets a prefix."""
    if text in ("General", ""):
        return 0
    formats = doc.NumberFormats
    key = formats.queryKey(text, host.NO_LOCALE, False)
    if key == -1:
        try:
            key = formats.addNew(text, host.NO_LOCALE)
        except Exception as error:
            raise host.RefusedError(f"Unable to set the NumberFormat property of the Range class: {text!r}") from error
    return key


def uniform(area: Any) -> list[Any]:
    """Return the area in parts that look the same throughout."""
    if area.getPropertyState("NumberFormat") != AMBIGUOUS_VALUE:
        return [area]
    parts = area.getUniqueCellFormatRanges()
    return [parts.getByIndex(index) for index in range(parts.Count)]


def format_rects(doc: Any, area: Any) -> Iterator[tuple[Rect, int, str]]:
    """Yield rectangles of an area with the kind and text of their number format."""
    parts = uniform(area)
    if len(parts) == 1:
        yield (host.rect_of(area.RangeAddress), *format_of(doc, area.NumberFormat))
        return
    for part in parts:
        kind, text = format_of(doc, part.NumberFormat)
        for address in part.RangeAddresses:
            yield host.rect_of(address), kind, text


@op("cells.read")
def read(uid: str, name: str, rect: Rect) -> dict[str, Any]:
    """Return an area's values: rows of floats and texts, and which of them are dates, booleans or errors.

    Only what lies in the used part is sent: `rect` says which, and is None for nothing.
    """
    doc, sheet = host.document(uid), host.sheet(uid, name)
    seen = rect if rect[:2] == rect[2:] else host.cut(rect, host.used(sheet))
    if seen is None:
        return {"rect": None}
    area = host.within(sheet, seen)
    rows = area.getDataArray()
    dates, booleans = [], []
    for part, kind, _ in format_rects(doc, area):
        if kind & NumberFormat.DATE:
            dates.append(part)
        elif kind & NumberFormat.LOGICAL:
            booleans.append(part)
    errors = [
        (row, column, error_text(sheet.getCellByPosition(seen[1] + column, seen[0] + row)))
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
        if value is None
    ]
    booleans += _boolean_formulas(sheet, area, rows, seen)
    return {"rect": seen, "rows": rows, "dates": dates, "booleans": booleans, "errors": errors}


def _boolean_formulas(sheet: Any, area: Any, rows: Any, seen: Rect) -> list[Rect]:
    """Return the formula cells that show TRUE or FALSE without being formatted so."""
    found = []
    for address in area.queryFormulaCells(1).RangeAddresses:
        top, left, bottom, right = host.rect_of(address)
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if rows[row - seen[0]][column - seen[1]] in (0.0, 1.0):
                    shown = sheet.getCellByPosition(column, row).String
                    if shown in ("TRUE", "FALSE"):
                        found.append((row, column, row, column))
    return found


def error_text(cell: Any) -> str:
    """Return Excel's name of a cell's error."""
    return ERRORS.get(cell.getError(), "#VALUE!")


@op("cells.read_formulas")
def read_formulas(uid: str, name: str, rect: Rect) -> dict[str, Any]:
    """Return what `cells.read` returns, with the formula texts (Calc's) of the cells that have one."""
    result = read(uid, name, rect)
    if result["rect"] is None:
        return result
    area = host.area(uid, name, result["rect"])
    formulas = []
    for address in area.queryContentCells(FORMULAS).RangeAddresses:
        part = host.rect_of(address)
        formulas.append((part, host.area(uid, name, part).getFormulaArray()))
    result["formulas"] = formulas
    return result


@op("cells.write")
def write(
    uid: str,
    name: str,
    rect: Rect,
    rows: list[list[Any]],
    formulas: dict[tuple[int, int], str],
    formats: dict[tuple[int, int], str],
    texts: dict[tuple[int, int], str],
    refusals: dict[tuple[int, int], str],
) -> None:
    """Write an area: `rows` as parsed, formulas in Calc's words, number formats for the cells that have none.

    `texts` is what was typed, for the cells that turn out to be formatted as text; `refusals` is what Excel would
    say of it elsewhere. Coordinates are relative.
    """
    doc, sheet = host.document(uid), host.sheet(uid, name)
    guard.contents(sheet, rect)
    area = host.within(sheet, rect)
    _drop_links(sheet, area)
    general, as_text, logical = _targets(doc, area, rect)
    for place, refusal in refusals.items():
        if place not in as_text:
            raise host.RefusedError(refusal)
    for row, column in as_text:
        value = rows[row][column]
        typed = texts.get((row, column))
        rows[row][column] = typed if typed is not None else _shown(value)
        formulas.pop((row, column), None)
        formats.pop((row, column), None)
    with _one_calculation(doc):
        _put(sheet, rect, rows, formulas)
    wanted: dict[str, list[tuple[int, int]]] = {}
    for place, text in formats.items():
        if text == BOOLEAN or general is None or place in general:
            wanted.setdefault(text, []).append(place)
    for place in logical:
        if formats.get(place) != BOOLEAN and rows[place[0]][place[1]] != "":
            wanted.setdefault("General", []).append(place)
    for text, places in wanted.items():
        rects = [
            (top + rect[0], left + rect[1], bottom + rect[0], right + rect[1])
            for top, left, bottom, right in host.runs(places)
        ]
        host.ranges(doc, sheet, rects).NumberFormat = format_key(doc, text)


@contextmanager
def _one_calculation(doc: Any) -> Iterator[None]:
    """Let a block be calculated once, when it is all there, and not again with every cell."""
    automatic = doc.isAutomaticCalculationEnabled()
    doc.enableAutomaticCalculation(False)
    try:
        yield
    finally:
        doc.enableAutomaticCalculation(automatic)


def _targets(
    doc: Any, area: Any, rect: Rect
) -> tuple[set[tuple[int, int]] | None, list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the places with no number format (None for all of them), those with "@", those with a boolean's."""
    general: set[tuple[int, int]] = set()
    as_text: list[tuple[int, int]] = []
    logical: list[tuple[int, int]] = []
    parts = list(format_rects(doc, area))
    if len(parts) == 1 and parts[0][2] == "General":
        return None, [], []
    for part, kind, text in parts:
        places = [
            (row - rect[0], column - rect[1])
            for row in range(part[0], part[2] + 1)
            for column in range(part[1], part[3] + 1)
        ]
        if text == "General":
            general.update(places)
        elif kind & NumberFormat.TEXT or text == TEXT:
            as_text += places
        elif kind & NumberFormat.LOGICAL:
            logical += places
    return general, as_text, logical


def _shown(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    if value == math.floor(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}"


def _drop_links(sheet: Any, area: Any) -> None:
    """Cut a leading matrix formula loose, or Calc refuses to write over it."""
    if area.getArrayFormula():
        area.setArrayFormula("")


def _put(sheet: Any, rect: Rect, rows: list[list[Any]], formulas: dict[tuple[int, int], str]) -> None:
    """Write values and formulas; cells with a note one by one, or Calc would delete the note."""
    top, left = rect[:2]
    area = host.within(sheet, rect)
    noted = {
        (row, column)
        for address in area.queryContentCells(NOTES).RangeAddresses
        for row in range(address.StartRow, address.EndRow + 1)
        for column in range(address.StartColumn, address.EndColumn + 1)
    }
    if not noted and rect[:2] != rect[2:]:
        _put_block(sheet, rect, rows, formulas, rect)
        return
    for part in _without(rect, noted):
        _put_block(sheet, part, rows, formulas, rect)
    for row, column in sorted(noted) if rect[:2] != rect[2:] else [(top, left)]:
        _put_cell(
            sheet.getCellByPosition(column, row),
            rows[row - top][column - left],
            formulas.get((row - top, column - left)),
        )


def _without(rect: Rect, noted: set[tuple[int, int]]) -> Iterator[Rect]:
    """Yield what is left of a rectangle without some of its cells."""
    top, left, bottom, right = rect
    if top == bottom and left == right:
        return
    rows = sorted({row for row, _ in noted})
    start = top
    for row in rows:
        if start < row:
            yield (start, left, row - 1, right)
        begin = left
        for column in sorted(column for at, column in noted if at == row):
            if begin < column:
                yield (row, begin, row, column - 1)
            begin = column + 1
        if begin <= right:
            yield (row, begin, row, right)
        start = row + 1
    if start <= bottom:
        yield (start, left, bottom, right)


def _put_cell(cell: Any, value: Any, formula: str | None) -> None:
    if formula is not None:
        cell.setFormula(formula)
    elif isinstance(value, float):
        cell.setValue(value)
    elif value == "":
        cell.clearContents(CONTENTS)
    else:
        _set_text(cell, value)


def _set_text(cell: Any, text: str) -> None:
    """Write a text as it is: `setString` on a cell would parse "1-2" and swallow an apostrophe."""
    cell.setFormula("'" + text)
    if cell.String != text:
        cell.setDataArray(((text,),))


def _put_block(sheet: Any, part: Rect, rows: list[list[Any]], formulas: dict[tuple[int, int], str], rect: Rect) -> None:
    top, left = part[0] - rect[0], part[1] - rect[1]
    bottom, right = part[2] - rect[0], part[3] - rect[1]
    block = [rows[row][left : right + 1] for row in range(top, bottom + 1)]
    here = {place: text for place, text in formulas.items() if top <= place[0] <= bottom and left <= place[1] <= right}
    area = host.within(sheet, part)
    if len(here) <= FEW_FORMULAS:
        area.setDataArray(tuple(map(tuple, block)))
        for (row, column), text in here.items():
            sheet.getCellByPosition(rect[1] + column, rect[0] + row).setFormula(text)
        return
    coded = [[_code(value) for value in row] for row in block]
    for (row, column), text in here.items():
        coded[row - top][column - left] = text
    area.setFormulaArray(tuple(map(tuple, coded)))


def _code(value: Any) -> str:
    if isinstance(value, float):
        return repr(value)
    return "'" + value if value else ""


@op("cells.fill_formula")
def fill_array(uid: str, name: str, rect: Rect, formula: str) -> None:
    """Enter one formula for the whole area, as Ctrl+Shift+Enter does."""
    sheet = host.sheet(uid, name)
    guard.contents(sheet, rect)
    host.within(sheet, rect).setArrayFormula(formula)


@op("cells.array_formula")
def array_formula(uid: str, name: str, rect: Rect) -> str:
    """Return the area's array formula in Calc's words, or ''."""
    return host.area(uid, name, rect).getArrayFormula()


@op("cells.clear")
def clear(uid: str, name: str, rect: Rect | None, what: str) -> None:
    """Clear "contents", "formats" or "all" of an area, or of the whole sheet."""
    sheet = host.sheet(uid, name)
    rect = rect or (0, 0, host.LAST_ROW, host.LAST_COLUMN)
    if what == "contents":
        guard.contents(sheet, host.cut(rect, host.used(sheet)) or rect)
    else:
        guard.sheet_free(sheet)
    area = host.within(sheet, rect)
    flags = {"contents": CONTENTS, "formats": HARD_FORMATS, "all": CONTENTS | NOTES | HARD_FORMATS}[what]
    if what != "contents":
        area.merge(False)
        rules.drop(host.document(uid), sheet, rect)
    if what == "all":
        area.Validation = sheet_default_validation(area)
    area.clearContents(flags)


def sheet_default_validation(area: Any) -> Any:
    """Return a validation that allows everything."""
    validation = area.Validation
    validation.Type = host.enum("com.sun.star.sheet.ValidationType", "ANY")
    validation.setFormula1("")
    validation.setFormula2("")
    return validation


@op("cells.used")
def used(uid: str, name: str) -> Rect:
    """Return the used rectangle."""
    return host.used(host.sheet(uid, name))


@op("cells.region")
def region(uid: str, name: str, rect: Rect) -> Rect:
    """Return the block of filled cells around an area."""
    sheet = host.sheet(uid, name)
    cursor = sheet.createCursorByRange(host.within(sheet, rect))
    cursor.collapseToCurrentRegion()
    return host.rect_of(cursor.RangeAddress)


@op("cells.end")
def end(uid: str, name: str, row: int, column: int, direction: str) -> tuple[int, int]:
    """Return where Ctrl and an arrow key would go from a cell."""
    sheet = host.sheet(uid, name)
    seen = host.used(sheet)
    upright, ahead = direction in ("up", "down"), direction in ("down", "right")
    at, limit = (row, host.LAST_ROW) if upright else (column, host.LAST_COLUMN)
    edge = (seen[2] if upright else seen[3]) if ahead else 0
    if upright:
        line = [values[0] for values in host.within(sheet, (0, column, max(edge, at), column)).getDataArray()]
    else:
        line = list(host.within(sheet, (row, 0, row, max(edge, at))).getDataArray()[0])
    filled = [value != "" for value in line]
    there = _jump(filled if ahead else filled[at::-1], at if ahead else 0)
    if there is None:
        there = limit if ahead else 0
    elif not ahead:
        there = at - there
    return (there, column) if upright else (row, there)


def _jump(filled: list[bool], at: int) -> int | None:
    step = at + 1
    if step >= len(filled):
        return None
    if filled[at] and filled[step]:
        while step + 1 < len(filled) and filled[step + 1]:
            step += 1
        return step
    while step < len(filled) and not filled[step]:
        step += 1
    return step if step < len(filled) else None


_INSERT = {"down": "DOWN", "right": "RIGHT", "rows": "ROWS", "columns": "COLUMNS"}
_DELETE = {"up": "UP", "left": "LEFT", "rows": "ROWS", "columns": "COLUMNS"}


@op("cells.insert")
def insert(uid: str, name: str, rect: Rect, shift: str, like_next: bool) -> None:
    """Insert cells, moving what is there down or right."""
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    shift = _whole(rect) or shift
    sheet.insertCells(host.address_of(sheet, rect), host.enum("com.sun.star.sheet.CellInsertMode", _INSERT[shift]))


@op("cells.delete")
def delete(uid: str, name: str, rect: Rect, shift: str) -> None:
    """Delete cells, moving what follows up or left."""
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    shift = _whole(rect) or shift
    sheet.removeRange(host.address_of(sheet, rect), host.enum("com.sun.star.sheet.CellDeleteMode", _DELETE[shift]))


def _whole(rect: Rect) -> str | None:
    if rect[1] == 0 and rect[3] == host.LAST_COLUMN:
        return "rows"
    if rect[0] == 0 and rect[2] == host.LAST_ROW:
        return "columns"
    return None


@op("cells.kinds")
def kinds(uid: str, name: str, rect: Rect, kind: str, value: str | None) -> list[Rect]:
    """Return the parts of an area that are "blanks", "constants", "formulas" or "visible"."""
    sheet = host.sheet(uid, name)
    area = host.within(sheet, rect)
    if kind == "visible":
        found = area.queryVisibleCells()
    elif kind == "blanks":
        whole = rect[2] - rect[0] == host.LAST_ROW or rect[3] - rect[1] == host.LAST_COLUMN
        inside = host.cut(rect, host.used(sheet)) if whole else rect
        if inside is None:
            return []
        found = host.within(sheet, inside).queryEmptyCells()
    elif kind == "formulas":
        flags = {None: 7, "numbers": 1, "text": 2, "errors": 4, "logical": 1}[value]
        found = area.queryFormulaCells(flags)
    else:
        flags = {
            None: VALUES | DATES | STRINGS,
            "numbers": VALUES | DATES,
            "text": STRINGS,
            "logical": VALUES,
            "errors": 0,
        }
        found = area.queryContentCells(flags[value])
    rects = [host.rect_of(address) for address in found.RangeAddresses]
    if kind in ("formulas", "constants") and value in ("logical", "numbers"):
        rects = _only(sheet, rects, value == "logical")
    return [part for part in (host.cut(one, rect) for one in rects) if part is not None]


def _only(sheet: Any, rects: Iterable[Rect], logical: bool) -> list[Rect]:
    places = [
        (row, column)
        for top, left, bottom, right in rects
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
        if (sheet.getCellByPosition(column, row).String in ("TRUE", "FALSE")) == logical
    ]
    return list(host.runs(places))


@op("cells.locked")
def locked(uid: str, name: str, rect: Rect) -> bool | None:
    """Return whether an area is locked; None where its cells differ."""
    states = {bool(part.CellProtection.IsLocked) for part in uniform_protection(host.area(uid, name, rect))}
    return states.pop() if len(states) == 1 else None


def uniform_protection(area: Any) -> list[Any]:
    """Return the area in parts of the same protection."""
    if area.getPropertyState("CellProtection") != AMBIGUOUS_VALUE:
        return [area]
    parts = area.getUniqueCellFormatRanges()
    return [parts.getByIndex(index) for index in range(parts.Count)]


@op("cells.lock")
def lock(uid: str, name: str, rect: Rect, value: bool) -> None:
    """Lock or unlock an area."""
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    for part in uniform_protection(host.within(sheet, rect)):
        protection = part.CellProtection
        protection.IsLocked = value
        part.CellProtection = protection


@op("cells.sort")
def sort(uid: str, name: str, rect: Rect, keys: list[int], ascending: list[bool], has_headers: bool) -> None:
    """Sort an area's rows by columns, 1-based within it."""
    from com.sun.star.table import TableSortField

    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    automatic = host.enum("com.sun.star.table.TableSortFieldType", "AUTOMATIC")
    fields = []
    for key, up in zip(keys, ascending, strict=True):
        field = TableSortField()
        field.Field, field.IsAscending, field.FieldType, field.IsCaseSensitive = key - 1, up, automatic, False
        fields.append(field)
    import uno

    how = host.values(
        SortFields=uno.Any("[]com.sun.star.table.TableSortField", tuple(fields)),
        ContainsHeader=has_headers,
        IsSortColumns=False,
        BindFormatsToContent=False,
    )
    uno.invoke(host.within(sheet, rect), "sort", (how,))


@op("cells.array_parts")
def has_array(uid: str, name: str, rect: Rect) -> bool:
    """Return whether the area is under an array formula."""
    return bool(host.area(uid, name, rect).getArrayFormula())
