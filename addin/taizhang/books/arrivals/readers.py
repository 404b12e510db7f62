"""The cells of a returned file, whatever its format, as plain values; run where a parser may die, see `worker`.

Formulas count as the values they last showed. What a reader leaves out in silence is put back:
error cells (`#REF!`), which would look emptied, and formulas whose result was never saved.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zipfile import ZipFile, ZipInfo

from taizhang.books.arrivals import limits
from taizhang.books.arrivals.formats import Format
from taizhang.books.arrivals.plainness import is_plain
from taizhang.books.arrivals.refusals import Refusal, RefusedError, damage_refused
from taizhang.books.grids import modified_of, plain, plain_rows
from taizhang.books.sources import DELIMITERS, decoded, encodings_of, split_lines
from taizhang.columns import BY_TITLE
from taizhang.entries import ERRORS, UNCACHED
from taizhang.layout.reading import Grid, heads_counted, heads_of
from taizhang.places import position, reference
from taizhang.values import Value, is_blank

Rows = list[list[Value]]


@dataclass(frozen=True)
class Book:
    """A file as plain values: its sheets in order, its custom properties, when it says it was last saved.

    `far` names filled cells that were too far away to be read; `of_1904` says that its days are
    counted from 1904 where they are bare numbers; `hidden` names the sheets that do not show.
    """

    grids: Mapping[str, Grid]
    properties: Mapping[str, str] = field(default_factory=dict)
    modified_at: datetime | None = None
    far: tuple[str, ...] = ()
    of_1904: bool = False
    hidden: frozenset[str] = frozenset()


def read(data: bytes, kind: Format, without: Collection[str] = ()) -> Book:
    """Return a table file's sheets; raise RefusedError, with the reason, when it cannot or must not be read.

    `without` names sheets that nobody will look at: they need not be read.
    """
    return _ooxml(data, without) if kind is Format.XLSX else _READERS[kind](data)


def can_read(kind: Format) -> bool:
    """Return whether a file of this kind has cells to read."""
    return kind in _READERS


def _refuse_size(rows: int, columns: int) -> None:
    if rows > limits.ROWS:
        raise RefusedError(Refusal.TOO_BIG, what=f"有一张表超过 {limits.ROWS} 行")
    if rows * columns > limits.AREA:
        raise RefusedError(Refusal.TOO_BIG, what="表格里有离得很远的内容")


# --- .xlsx, .xlsm ---


def _ooxml(data: bytes, without: Collection[str] = ()) -> Book:
    from taizhang.books.package import Package, PackageError

    entries = _unpacked(data)
    try:
        package = Package.of(entries)
        parts = {name: part for name, part in package.sheet_parts().items() if name not in without}
        looks = {name: _survey(package.parts.data(part)) for name, part in parts.items()}
        grids, hidden = _cells(data, looks)
        return Book(
            _with_marks(grids, looks),
            package.properties(),
            modified_of(package),
            tuple(_far(looks)),
            package.date1904,
            hidden,
        )
    except PackageError as error:
        twice = "twice" in str(error)
        raise (
            RefusedError(Refusal.UNSAFE, what="重名的内部部分") if twice else RefusedError(Refusal.DAMAGED)
        ) from error


def _unpacked(data: bytes) -> list[tuple[ZipInfo, bytes]]:
    """Return a package's entries; raise RefusedError for one that unpacks to too much.

    That is counted while it is unpacked: sizes on record may lie.
    """
    total, entries = 0, []
    with damage_refused(), ZipFile(io.BytesIO(data)) as package:
        for info in package.infolist():
            if info.flag_bits & 0x1:
                raise RefusedError(Refusal.ENCRYPTED)
            with package.open(info) as part:
                pieces = [part.read(limits.MIB)]
                if _is_xml(info.filename) and any(mark in pieces[0] for mark in _DOCTYPES):
                    raise RefusedError(Refusal.UNSAFE, what="外部实体定义")
                while pieces[-1]:
                    total += len(pieces[-1])
                    refuse_unpacked(total, len(data))
                    pieces.append(part.read(limits.MIB))
            entries.append((info, b"".join(pieces)))
    return entries


def _is_xml(name: str) -> bool:
    """Return whether a part is XML that is read; the manifest of old .ods files has a harmless DOCTYPE."""
    return name.lower().endswith((".xml", ".rels")) and not name.startswith("META-INF/")


_DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))


def refuse_unpacked(total: int, packed: int) -> None:
    """Raise RefusedError where so many bytes came out of so many: a bomb, or more than is read."""
    if total > limits.UNPACKED:
        raise RefusedError(Refusal.TOO_BIG, what=f"解开以后超过 {limits.UNPACKED // limits.MIB} MB")
    if total > limits.RATIO_FROM and total > limits.RATIO * packed:
        raise RefusedError(Refusal.TOO_BIG, what=f"解开以后是原来的 {limits.RATIO} 倍以上")


@dataclass
class _Survey:
    """What a sheet's XML says that readers leave out: how far its cells reach, errors, results never saved.

    `far` is the first filled cell that is too far away to be read, `odd` says that numbers are
    written as the quick reader misreads them.
    """

    bottom: int = 0
    right: int = 0
    marks: dict[tuple[int, int], str] = field(default_factory=dict)
    far: str = ""
    odd: bool = False

    @property
    def wide(self) -> bool:
        """Return whether a grid from A1 to the last cell would be too much."""
        return self.bottom * self.right > limits.AREA or self.bottom > limits.ROWS or self.right > limits.COLUMNS


def _far(looks: Mapping[str, _Survey]) -> Iterator[str]:
    """Yield the cells that are too far away to be read."""
    yield from (f"{name}!{look.far}" for name, look in looks.items() if look.far)


def _survey(data: bytes) -> _Survey:
    """Return what a sheet's stored cells say; most sheets are found plain without looking at every cell."""
    return _Survey() if is_plain(data) else _surveyed(data)


def _surveyed(data: bytes) -> _Survey:
    """Return what a sheet's stored cells say, read one by one: rows and cells without a place follow the one before."""
    from lxml import etree

    found, row, column = _Survey(), 0, 0
    try:
        for event, element in etree.iterparse(
            io.BytesIO(data), events=("start", "end"), resolve_entities=False, no_network=True, huge_tree=False
        ):
            name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
            if name == "row":
                if event == "start":
                    row, column = _number(element.get("r"), row + 1), 0
                else:
                    element.clear()
            elif name == "c" and event == "end":
                row, column = position(element.get("r")) or (row, column + 1)
                _look_at(found, element, row, column)
    except etree.XMLSyntaxError as error:
        raise RefusedError(Refusal.DAMAGED) from error
    return found


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else otherwise


def _look_at(found: _Survey, cell: Any, row: int, column: int) -> None:
    parts = {child.tag.rpartition("}")[2]: child for child in cell if isinstance(child.tag, str)}
    value = parts["v"].text if "v" in parts else None
    if not parts:
        return
    found.bottom, found.right = max(found.bottom, row), max(found.right, column)
    if (row > limits.ROWS or column > limits.COLUMNS) and (value or "is" in parts):
        found.far = found.far or reference(row, column)
    found.odd = found.odd or (cell.get("t") == "s" and value is not None and value != value.strip())
    if cell.get("t") == "e":
        found.marks[row, column] = value or "#VALUE!"
    elif "f" in parts and not value and cell.get("t") != "str":
        found.marks[row, column] = UNCACHED


_Sheets = tuple[dict[str, Rows], frozenset[str]]  # cells by sheet, and which sheets do not show


def _cells(data: bytes, looks: Mapping[str, _Survey]) -> _Sheets:
    """Return the cells of every worksheet: the quick reader's, or what is stored where that one cannot cope."""
    if any(look.wide or look.odd for look in looks.values()):
        return _stored(data, looks)
    try:
        return _calamine(data, set(looks))
    except RefusedError:
        return _stored(data, looks)


def _calamine(data: bytes, wanted: set[str] | None = None) -> _Sheets:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        known = {one.name: one for one in book.sheets_metadata}
        names = [
            name
            for name in book.sheet_names
            if (name not in known or known[name].typ == SheetTypeEnum.WorkSheet) and (wanted is None or name in wanted)
        ]
        hidden = (name for name in names if name in known and known[name].visible != SheetVisibleEnum.Visible)
        return {name: _grid(book.get_sheet_by_name(name)) for name in names}, frozenset(hidden)
    except (KeyboardInterrupt, SystemExit, MemoryError, RefusedError):
        raise
    except BaseException as error:  # the reader's own panics do not derive from Exception
        locked = type(error).__name__ == "PasswordError"
        raise RefusedError(Refusal.ENCRYPTED if locked else Refusal.DAMAGED) from error


def _grid(sheet: Any) -> Rows:
    _refuse_size(*_extent(sheet))
    rows = plain_rows(sheet.to_python(skip_empty_area=False))
    for top_left, bottom_right in sheet.merged_cell_ranges or ():  # None where the format does not tell
        _fill_down(rows, top_left, bottom_right)
    return rows


def _extent(sheet: Any) -> tuple[int, int]:
    end = sheet.end
    return (end[0] + 1, end[1] + 1) if end else (0, 0)


def _fill_down(rows: Rows, top_left: tuple[int, int], bottom_right: tuple[int, int]) -> None:
    """Repeat the value of a cell that was merged downwards in every row it reaches: it is about all of them.

    A row with nothing else in it stays empty: it says nothing for itself.
    """
    (top, left), bottom = top_left, bottom_right[0]
    if top >= len(rows) or left >= len(rows[top]):
        return
    for row in rows[top + 1 : bottom + 1]:
        if left < len(row) and not all(map(is_blank, row)):
            row[left] = rows[top][left]


def _stored(data: bytes, looks: Mapping[str, _Survey]) -> _Sheets:
    """Return the cells that are stored, without the empty ones between: for sheets with a stray cell far away."""
    from openpyxl import load_workbook

    with damage_refused():
        book = load_workbook(io.BytesIO(data), data_only=True)
    found = {sheet.title: _compact(sheet) for sheet in book.worksheets}
    if not found and looks:  # a Strict workbook, of which this reader sees nothing
        raise RefusedError(Refusal.DAMAGED)
    return found, frozenset(sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible")


def _compact(sheet: Any) -> Rows:
    cells = {place: cell.value for place, cell in sheet._cells.items() if cell.value is not None}
    near = [place for place in cells if place[0] <= limits.ROWS and place[1] <= limits.COLUMNS]
    bottom = max((row for row, _ in near), default=0)
    width: dict[int, int] = {}
    for row, column in near:
        width[row] = max(width.get(row, 0), column)
    rows = [[plain(cells.get((r, c))) for c in range(1, width.get(r, 0) + 1)] for r in range(1, bottom + 1)]
    for merge in sheet.merged_cells.ranges:
        if (
            merge.max_row > merge.min_row
            and (merge.min_row, merge.min_col) in cells
            and merge.min_col <= limits.COLUMNS
        ):
            for row in rows[merge.min_row : merge.max_row]:
                row.extend([None] * (merge.min_col - len(row)))
            _fill_down(rows, (merge.min_row - 1, merge.min_col - 1), (merge.max_row - 1, merge.min_col - 1))
    return rows


def _with_marks(grids: Mapping[str, Rows], looks: Mapping[str, _Survey]) -> dict[str, Rows]:
    """Return the grids with error cells, and formulas without a saved result, where a reader shows nothing."""
    for name, rows in grids.items():
        for (row, column), text in looks[name].marks.items() if name in looks else ():
            if row <= limits.ROWS and column <= limits.COLUMNS:
                _put(rows, row, column, text)
    return dict(grids)


def _put(rows: Rows, row: int, column: int, value: Value) -> None:
    rows.extend([] for _ in range(row - len(rows)))
    rows[row - 1].extend([None] * (column - len(rows[row - 1])))
    rows[row - 1][column - 1] = value


# --- .xls, .et ---


def _xls(data: bytes) -> Book:
    import xlrd

    try:
        book = _xls_book(data)
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise RefusedError(Refusal.ENCRYPTED) from error
        return _second_try(data)
    except MemoryError:
        raise
    except Exception:  # a damaged file shows in many ways; the other reader may fare better
        return _second_try(data)
    grids = {sheet.name: _xls_rows(sheet, book) for sheet in book.sheets()}
    for rows, places in zip(grids.values(), _never_calculated(data), strict=False):
        for row, column in places:
            _put(rows, row, column, UNCACHED)
    hidden = frozenset(sheet.name for sheet in book.sheets() if sheet.visibility)
    return Book(grids, modified_at=_ole_saved(data), of_1904=book.datemode == 1, hidden=hidden)


def _second_try(data: bytes) -> Book:
    grids, hidden = _calamine(data)
    return Book(grids, hidden=hidden)


# Record numbers of MS-XLS 2.3; a FORMULA holds place, look, result and flags, of which the lowest
# two ask for it to be calculated anew: a result of 0 then is what programs write that calculate nothing.
_FORMULA, _BOUND_SHEET, _END = 0x06, 0x85, 0x0A
_ANEW = 0x03


def _never_calculated(data: bytes) -> Iterator[list[tuple[int, int]]]:
    """Yield the places of formulas without a result, sheet by sheet; none where the file's records are of an old kind."""
    stream = _xls_stream(data)
    starts = [
        int.from_bytes(content[:4], "little")
        for number, content in _xls_records(stream, 0)
        if number == _BOUND_SHEET and len(content) > 5 and content[5] == 0
    ]
    for start in starts:
        yield [
            (int.from_bytes(content[:2], "little") + 1, int.from_bytes(content[2:4], "little") + 1)
            for number, content in _xls_records(stream, start)
            if number == _FORMULA and len(content) >= 16 and not any(content[6:14]) and content[14] & _ANEW
        ]


def _xls_records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of one sheet, or of the workbook, up to its end."""
    depth = 0
    while at + 4 <= len(stream):
        number, size = int.from_bytes(stream[at : at + 2], "little"), int.from_bytes(stream[at + 2 : at + 4], "little")
        yield number, stream[at + 4 : at + 4 + size]
        depth += (number & 0xFF == 0x09) - (number == _END)  # a chart inside a sheet has an end of its own
        if depth == 0:
            return
        at += 4 + size


def _xls_stream(data: bytes) -> bytes:
    from olefile import OleFileIO

    with contextlib.suppress(Exception), OleFileIO(io.BytesIO(data)) as ole:
        for name in ("Workbook", "Book"):
            if ole.exists(name):
                return ole.openstream(name).read()  # type: ignore[no-any-return]
    return b""


def _xls_book(data: bytes) -> Any:
    """Return an opened .xls, with what was merged in it where its looks can be read, which say so."""
    import xlrd

    given: dict[str, Any] = {"file_contents": data, "ragged_rows": True, "logfile": io.StringIO()}
    try:
        return xlrd.open_workbook(formatting_info=True, **given)
    except (xlrd.XLRDError, MemoryError):
        raise
    except Exception:  # looks of a strange make; the cells may be sound
        return xlrd.open_workbook(**given)


def _xls_rows(sheet: Any, book: Any) -> Rows:
    if sum(sheet.row_len(n) for n in range(sheet.nrows)) > limits.AREA:
        raise RefusedError(Refusal.TOO_BIG, what="单元格太多")
    rows = [[_xls_value(cell, book) for cell in sheet.row(n)] for n in range(sheet.nrows)]
    for top, bottom, left, _ in sheet.merged_cells:
        _fill_down(rows, (top, left), (bottom - 1, left))
    return rows


def _xls_value(cell: Any, book: Any) -> Value:
    import xlrd

    match cell.ctype:
        case xlrd.XL_CELL_ERROR:
            return str(xlrd.error_text_from_code.get(cell.value, "#VALUE!"))
        case xlrd.XL_CELL_BOOLEAN:
            return bool(cell.value)
        case xlrd.XL_CELL_DATE:
            return _xls_day(cell.value, book.datemode)
        case xlrd.XL_CELL_EMPTY | xlrd.XL_CELL_BLANK:
            return None
    return cell.value  # type: ignore[no-any-return]


def _xls_day(number: float, datemode: int) -> Value:
    import xlrd

    try:
        found = xlrd.xldate_as_datetime(number, datemode)
    except (xlrd.XLDateError, ValueError, OverflowError):
        return number
    return str(found.time()) if number < 1 else found


def _ole_saved(data: bytes) -> datetime | None:
    """Return when an .xls says it was last saved; None where it does not say, for its cells have been read."""
    from olefile import OleFileIO

    with contextlib.suppress(Exception), OleFileIO(io.BytesIO(data)) as ole:
        saved = ole.get_metadata().last_saved_time
        return saved if isinstance(saved, datetime) else None
    return None


# --- .xlsb, .ods ---


def _xlsb(data: bytes) -> Book:
    _unpacked(data)
    grids, hidden = _calamine(data)
    with ZipFile(io.BytesIO(data)) as package:
        for name, part in _binary_sheets(package).items():
            for (row, column), text in _binary_errors(package.read(part)):
                if name in grids and row <= limits.ROWS and column <= limits.COLUMNS:
                    _put(grids[name], row, column, text)
    return Book(grids, hidden=hidden)


_ROW, _ERROR, _FORMULA_ERROR, _SHEET = 0, 3, 11, 156  # record numbers of MS-XLSB 2.3.1
_BINARY_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a binary part: number and content, both headed by numbers in groups of 7 bits."""
    at = 0
    while at < len(data):
        number, at = _seven_bits(data, at, 2)
        size, at = _seven_bits(data, at, 4)
        yield number, data[at : at + size]
        at += size


def _seven_bits(data: bytes, at: int, most: int) -> tuple[int, int]:
    number = 0
    for place in range(most):
        if at >= len(data):
            raise RefusedError(Refusal.DAMAGED)
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            break
    return number, at


def _binary_errors(data: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the error cells of a binary sheet, which the reader shows as empty."""
    row = 0
    for number, content in _records(data):
        if number == _ROW and len(content) >= 4:
            row = int.from_bytes(content[:4], "little") + 1
        elif number in (_ERROR, _FORMULA_ERROR) and len(content) >= 9:
            yield (row, int.from_bytes(content[:4], "little") + 1), _BINARY_ERRORS.get(content[8], "#VALUE!")


def _binary_sheets(package: ZipFile) -> dict[str, str]:
    """Return the part of every sheet of a binary workbook, by its name."""
    from lxml import etree

    rels = etree.fromstring(package.read("xl/_rels/workbook.bin.rels"), etree.XMLParser(resolve_entities=False))
    targets = {one.get("Id"): str(one.get("Target") or "") for one in rels}
    found: dict[str, str] = {}
    for number, content in _records(package.read("xl/workbook.bin")):
        if number == _SHEET:
            relation, rest = _wide_text(content[8:])
            part = targets.get(relation, "").lstrip("/")
            part = part if part.startswith("xl/") else f"xl/{part}"
            if part in package.namelist():
                found[_wide_text(rest)[0]] = part
    return found


def _wide_text(data: bytes) -> tuple[str, bytes]:
    length = 2 * int.from_bytes(data[:4], "little")
    return data[4 : 4 + length].decode("utf-16-le", "replace"), data[4 + length :]


def _ods(data: bytes) -> Book:
    _unpacked(data)
    with ZipFile(io.BytesIO(data)) as package:
        names = package.namelist()
        if "META-INF/manifest.xml" in names and b"encryption-data" in package.read("META-INF/manifest.xml"):
            raise RefusedError(Refusal.ENCRYPTED)
        seen = _ods_survey(package.read("content.xml"))
    grids, hidden = _calamine(data)
    for name, (marks, merges) in seen.items():
        if name in grids:
            for (row, column), text in marks.items():
                _put(grids[name], row, column, text)
            for (row, column), down in merges.items():
                _fill_down(grids[name], (row - 1, column - 1), (row + down - 2, column - 1))
    return Book(grids, hidden=hidden)


_Marks = dict[tuple[int, int], str]
_Spans = dict[tuple[int, int], int]


def _ods_survey(content: bytes) -> dict[str, tuple[_Marks, _Spans]]:
    """Return what the reader of .ods leaves out, by sheet.

    That is error cells, results never saved, line breaks and tabs inside a text, and cells merged downwards.
    """
    from lxml import etree

    found: dict[str, tuple[_Marks, _Spans]] = {}
    name, row, rows, column = "", 0, 1, 0
    try:
        for event, element in etree.iterparse(
            io.BytesIO(content), events=("start", "end"), resolve_entities=False, no_network=True
        ):
            kind = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if kind == "table" and event == "start":
                name, row, rows = _said(element, "name"), 0, 1
                found.setdefault(name, ({}, {}))
            elif kind == "table-row":
                if event == "start":
                    row, rows, column = row + 1, _repeated(element, "number-rows-repeated"), 0
                else:
                    row += rows - 1
                    element.clear()
            elif kind in ("table-cell", "covered-table-cell") and event == "end":
                columns = _repeated(element, "number-columns-repeated")
                if name in found and row <= limits.ROWS and column < limits.COLUMNS:
                    cells = (
                        range(row, min(row + rows - 1, limits.ROWS) + 1),
                        range(column + 1, min(column + columns, limits.COLUMNS) + 1),
                    )
                    _look_at_ods(*found[name], element, *cells)
                column += columns
    except etree.XMLSyntaxError as error:
        raise RefusedError(Refusal.DAMAGED) from error
    return found


def _look_at_ods(marks: _Marks, spans: _Spans, cell: Any, rows: range, columns: range) -> None:
    down = _repeated(cell, "number-rows-spanned")
    if down > 1:
        spans[rows[0], columns[0]] = down
    mark = _ods_mark(cell)
    if mark and len(marks) + len(rows) * len(columns) > limits.MARKS:
        raise RefusedError(Refusal.TOO_BIG, what="单元格太多")
    if mark:
        marks.update(((row, column), mark) for row in rows for column in columns)


def _ods_mark(cell: Any) -> str:
    """Return what a cell shows, where its reader would show something else; else nothing."""
    paragraphs = [child for child in cell if isinstance(child.tag, str) and child.tag.endswith("}p")]
    if _said(cell, "value-type", "calcext") == "error":
        text = "".join(map(_ods_text, paragraphs)).strip()
        return text if text in ERRORS else "#VALUE!"
    if _said(cell, "formula") and not _said(cell, "value-type", "office"):
        return "" if paragraphs else UNCACHED  # calculated, and empty, where there is a paragraph
    spaced = any(True for one in paragraphs for _ in one.iter(*_ODS_SPACES))
    return "\n".join(map(_ods_text, paragraphs)) if spaced else ""


_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_ODS_SPACES = {f"{_TEXT}line-break": "\n", f"{_TEXT}tab": "\t"}


def _ods_text(paragraph: Any) -> str:
    """Return a paragraph's words, with the white space that has elements of its own."""
    words = [paragraph.text or ""]
    for child in paragraph:
        if child.tag == f"{_TEXT}s":
            words.append(" " * min(_number(child.get(f"{_TEXT}c"), 1), _LONGEST))
        else:
            words.append(_ODS_SPACES.get(child.tag) or (_ods_text(child) if isinstance(child.tag, str) else ""))
        words.append(child.tail or "")
    return "".join(words)


_LONGEST = 32_767  # characters of a cell


def _said(element: Any, key: str, space: str = "table") -> str:
    """Return an attribute by the last word of its namespace, whichever version of the format it is."""
    spaces = {"table": ":table:1.0", "office": ":office:1.0", "calcext": ":calcext:1.0"}
    return next((str(v) for name, v in element.attrib.items() if str(name).endswith(f"{spaces[space]}}}{key}")), "")


def _repeated(element: Any, key: str) -> int:
    return _number(_said(element, key), 1)


# --- HTML, XML 2003 ---


def _html(data: bytes) -> Book:
    from lxml import html

    try:
        root: Any = html.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", _web_text(data)))
    except (ValueError, html.etree.ParserError) as error:
        raise RefusedError(Refusal.DAMAGED) from error
    html.etree.strip_elements(root, html.etree.Comment, "style", "script", with_tail=False)
    tables: Any = root.xpath("//table[not(.//table)]")
    if not tables:
        raise RefusedError(Refusal.NO_TABLE)
    return Book({f"表{n}": _html_rows(table) for n, table in enumerate(tables, 1)})


def _web_text(data: bytes) -> str:
    """Return the words of a page: by its mark, by what it says of itself, else as the likeliest encoding."""
    said = re.search(rb"""charset=["']?([\w-]+)""", data[:4096], re.IGNORECASE)
    wider = {"gb2312": "gb18030", "gbk": "gb18030"}
    named = said[1].decode("ascii").lower() if said else ""
    text = decoded(data, (*_marked(data), wider.get(named, named), "utf-8", "gb18030"))
    return data.decode("utf-8", "replace") if text is None else text


def _marked(data: bytes) -> Iterator[str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield "utf-16"
    if data.startswith(b"\xef\xbb\xbf"):
        yield "utf-8-sig"


def _html_rows(table: Any) -> Rows:
    rows: Rows = []
    spanned = 0
    for number, line in enumerate(table.xpath(".//tr")):
        _refuse_size(number + 1, 1)
        while len(rows) <= number:
            rows.append([])
        place = 0
        for cell in line.xpath("./td | ./th"):
            while place < len(rows[number]) and rows[number][place] is not _FREE:
                place += 1
            text = _html_text(cell)
            down, right = (_span(cell.get(key)) for key in ("rowspan", "colspan"))
            spanned += down * right
            _refuse_size(number + 1, spanned // (number + 1))
            for below in range(down):
                while len(rows) <= number + below:
                    rows.append([])
                row = rows[number + below]
                row.extend([_FREE] * (place + right - len(row)))
                row[place : place + right] = [text] + [None] * (right - 1)
            place += right
    return [[None if value is _FREE else value for value in row] for row in rows]


_FREE: Any = object()


def _span(text: str | None) -> int:
    number = _number((text or "").strip(), 1)
    return number if 1 <= number <= limits.COLUMNS else 1


def _html_text(cell: Any) -> str:
    for line_break in cell.xpath(".//br"):
        line_break.tail = "\n" + (line_break.tail or "")
    text = "".join(c for c in cell.text_content() if c == "\n" or c.isprintable() or c.isspace())
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


_SS, _XL = "{urn:schemas-microsoft-com:office:spreadsheet}", "{urn:schemas-microsoft-com:office:excel}"


def _xml2003(data: bytes) -> Book:
    from lxml import etree

    if any(mark in data for mark in _DOCTYPES):
        raise RefusedError(Refusal.UNSAFE, what="外部实体定义")
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RefusedError(Refusal.DAMAGED) from error
    sheets = root.findall(f"{_SS}Worksheet")
    named = {sheet.get(f"{_SS}Name") or f"表{n}": sheet for n, sheet in enumerate(sheets, 1)}
    hidden = frozenset(name for name, sheet in named.items() if _xml_hidden(sheet))
    return Book({name: _xml_rows(sheet) for name, sheet in named.items()}, hidden=hidden)


def _xml_hidden(sheet: Any) -> bool:
    shown = sheet.findtext(f"{_XL}WorksheetOptions/{_XL}Visible") or ""
    return shown.strip() in ("SheetHidden", "SheetVeryHidden")


def _xml_rows(sheet: Any) -> Rows:
    rows: Rows = []
    merges: list[tuple[tuple[int, int], tuple[int, int]]] = []
    number = 0
    for line in sheet.iterfind(f"{_SS}Table/{_SS}Row"):
        number, place = _number(line.get(f"{_SS}Index"), number + 1), 0
        for cell in line.iterfind(f"{_SS}Cell"):
            place = _number(cell.get(f"{_SS}Index"), place + 1)
            if number > limits.ROWS or place > limits.COLUMNS:
                raise RefusedError(Refusal.TOO_BIG, what="表格里有离得很远的内容")
            _put(rows, number, place, _xml_value(cell))
            down = _number(cell.get(f"{_SS}MergeDown"), 0)
            merges += [((number - 1, place - 1), (number - 1 + down, place - 1))] * bool(down)
            place += _number(cell.get(f"{_SS}MergeAcross"), 0)
    for top_left, bottom_right in merges:
        rows.extend([] for _ in range(min(bottom_right[0], limits.ROWS) + 1 - len(rows)))
        for row in rows[top_left[0] + 1 : bottom_right[0] + 1]:
            row.extend([None] * (top_left[1] + 1 - len(row)))
        _fill_down(rows, top_left, bottom_right)
    return rows


def _xml_value(cell: Any) -> Value:
    data = cell.find(f"{_SS}Data")
    text = "".join(data.itertext()) if data is not None else ""
    kind = data.get(f"{_SS}Type") if data is not None else ""
    if not text:
        return UNCACHED if cell.get(f"{_SS}Formula") and kind != "String" else None
    try:
        match kind:
            case "Number":
                return float(text)
            case "DateTime":
                return datetime.fromisoformat(text)
            case "Boolean":
                return text.strip() == "1"
    except ValueError:
        return text
    return text


# --- text ---


def _delimited(data: bytes) -> Book:
    """Return a text table as one sheet, split at whichever delimiter gives the most columns."""
    text = decoded(data, encodings_of(data))
    if text is None:
        raise RefusedError(Refusal.DAMAGED)
    best = max((_split(text, delimiter) for delimiter in DELIMITERS), key=_likelihood)
    if max(map(len, best), default=0) < 2:
        raise RefusedError(Refusal.NO_TABLE)
    _refuse_size(len(best), max(map(len, best)))
    return Book({"表1": best})


def _split(text: str, delimiter: str) -> Rows:
    """Return a text's cells; raise RefusedError where its quotes do not match and leave doubt about what is a cell.

    Signs of quotation that were written for themselves are part of the words; that they are is
    told by every line having as many cells as the first with cells.
    """
    lines = split_lines(text, delimiter)
    if not lines:
        lines = split_lines(text, delimiter, quoted=False)
        widths = {len(line) for line in lines if any(line)} if '"' in text else set()
        if len(widths) > 1 and max(widths) > 1 and _headed(lines):
            raise RefusedError(Refusal.UNPAIRED)
    return [[value or None for value in row] for row in lines]


def _likelihood(rows: Rows) -> tuple[int, int]:
    """Return how likely a text was split where it should be: by how many headers are ours, then by its columns."""
    return _headed(rows), sorted(map(len, rows))[len(rows) // 2] if rows else 0


def _headed(rows: Sequence[Sequence[Value]]) -> int:
    """Return how many of our headers stand in one of the first rows."""
    return max(heads_counted(heads_of(rows), BY_TITLE), default=0)


_READERS: Mapping[Format, Callable[[bytes], Book]] = {
    Format.XLSX: _ooxml,
    Format.XLSB: _xlsb,
    Format.XLS: _xls,
    Format.ODS: _ods,
    Format.XML: _xml2003,
    Format.HTML: _html,
    Format.TEXT: _delimited,
}
