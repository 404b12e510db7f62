"""Opens a notice, whatever kind of file it is, and returns its tables as plain cells.

What a file is, its content says; the extension only tells what was meant: in the wild
an .xls is often an .xlsx, and the other way round.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.resources import files
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeAlias

from taizhang import tables
from taizhang.books.disk import content_of
from taizhang.books.grids import plain, properties_of
from taizhang.departments import Department, Directory, split_names
from taizhang.errors import LedgerError, Stop
from taizhang.intake import Sheets, own_make
from taizhang.notice import Grid, Source, is_task_table, pasted
from taizhang.values import Value

Rows: TypeAlias = tuple[tuple[Value, ...], ...]
Merge: TypeAlias = tuple[tuple[int, int], tuple[int, int]]

Reader: TypeAlias = Callable[[bytes, str], Source]

_DOCUMENT_PART = "word/document.xml"
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read_notice(path: Path) -> Source:
    """Return the tables of a .txt, .docx, .xlsx, .xls, .ods or .csv file, and the text above them."""
    reader = _READERS.get(path.suffix.lower())
    raw = content_of(path)
    if reader is None:
        raise LedgerError(Stop.UNSUPPORTED_NOTICE, path=path)
    return _reader_of(raw, reader)(raw, str(path))


def _reader_of(raw: bytes, meant: Reader) -> Reader:
    """Return the reader a file's content asks for, `meant` where the content does not tell."""
    parts = _part_names(raw) if raw.startswith(_ZIP) else []
    if parts:
        return _document if _DOCUMENT_PART in parts else _workbook
    # An OLE file is an .xls; behind .docx it is a document with a password, and no reader's.
    return _workbook if raw.startswith(_OLE) and meant is not _document else meant


def _part_names(raw: bytes) -> list[str]:
    """Return the names of a zip's parts, none for a damaged one."""
    from zipfile import BadZipFile, ZipFile

    try:
        return ZipFile(io.BytesIO(raw)).namelist()
    except BadZipFile:
        return []


# --- workbooks ---


def _workbook(raw: bytes, path: str) -> Source:
    """Return the visible sheets of any workbook calamine reads, each from its cell A1; one of our own make is no notice."""
    if not raw.startswith((_ZIP, _OLE)):
        raise LedgerError(Stop.NOT_A_WORKBOOK, path=path)
    try:
        sheets = _sheets(raw)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as fault:  # a panic in calamine is no Exception
        raise LedgerError(Stop.NOT_A_WORKBOOK, path=path) from fault
    file = Sheets(path, "", {name: rows for name, rows, _ in sheets}, properties_of(raw))
    if what := own_make(file):
        raise LedgerError(Stop.OURS_NO_NOTICE, path=path, what=what)
    return Source(tuple(Grid(rows, name) for name, rows, visible in sheets if visible), path=path)


_TELLING = (tables.SETTINGS, tables.TICKET)  # where a workbook of ours says what it is, mostly unseen


def _sheets(raw: bytes) -> list[tuple[str, Rows, bool]]:
    """Return the sheets that show, and those that say what a workbook is, each with whether it shows."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    seen = {sheet.name: sheet.visible == SheetVisibleEnum.Visible for sheet in sheets}
    return [
        (name, _cells_of(book.get_sheet_by_name(name)), shows)
        for name, shows in seen.items()
        if shows or name in _TELLING
    ]


def _cells_of(sheet: Any) -> Rows:
    rows = [[plain(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    for merge in sheet.merged_cell_ranges or ():  # None where the format does not tell (.ods)
        _fill(rows, merge)
    return tuple(map(tuple, rows))


def _fill(rows: list[list[Value]], merge: Merge) -> None:
    """Repeat a merged cell's value wherever it reaches: a merge may run to the end of the sheet."""
    (top, left), (bottom, right) = merge
    for row in rows[top : bottom + 1]:
        row[left : right + 1] = [rows[top][left]] * len(row[left : right + 1])


# --- Word documents ---


def _document(raw: bytes, path: str) -> Source:
    """Return the tables of a .docx, page-broken ones put together again, and the text above the task table."""
    body = _body(raw, path)
    tables = [(table, _cells(table)) for table in body.xpath(".//w:tbl[not(ancestor::w:tbl)]")]
    task_table = next((table for table, rows in tables if is_task_table(Grid(rows))), None)
    nodes = takewhile(lambda node: node is not task_table, body.xpath(".//w:p | .//w:tbl"))
    above = "\n".join(_text(node) for node in nodes if node.tag.endswith("}p"))
    return Source(tuple(map(Grid, _continued(rows for _, rows in tables))), above, path)


def _body(raw: bytes, path: str) -> Any:
    from docx import Document

    try:
        return Document(io.BytesIO(raw)).element.body
    except Exception as fault:  # damage shows as a fault of zipfile, zlib, lxml or python-docx, each in its own way
        raise LedgerError(Stop.NOT_A_DOCUMENT, path=path) from fault


def _cells(table: Any) -> Rows:
    """Return a table's cells as text by grid column; merged cells repeat theirs in every cell they cover.

    Read from the elements: python-docx stops at vertical merges whose edges do not line up.
    """
    rows: list[tuple[Value, ...]] = []
    for line in table.xpath("./w:tr | ./w:sdt/w:sdtContent/w:tr"):
        rows.append(_line(line, rows[-1] if rows else ()))
    return tuple(rows)


def _line(line: Any, above: tuple[Value, ...]) -> tuple[Value, ...]:
    row: list[Value] = [""] * line.grid_before
    for cell in line.xpath("./w:tc | ./w:sdt/w:sdtContent/w:tc"):
        merged = cell.vMerge == "continue" and len(row) < len(above)
        text = above[len(row)] if merged else "\n".join(map(_text, cell.xpath(".//w:p")))
        row += [text] * cell.grid_span
    return tuple(row)


def _text(paragraph: Any) -> str:
    """Return a paragraph's text as it shows, tracked insertions included (python-docx leaves those out)."""
    nodes = paragraph.xpath(".//w:r/w:t[not(ancestor::w:moveFrom)] | .//w:r/w:br | .//w:r/w:cr | .//w:r/w:tab")
    return "".join(node.text or "" if node.tag.endswith("}t") else "\n" for node in nodes)


def _continued(tables: Iterable[Rows]) -> list[Rows]:
    """Return the tables, each that is as wide as the one before it appended to it."""
    joined: list[Rows] = []
    for rows in tables:
        if joined and _width(joined[-1]) == _width(rows):
            joined[-1] += rows
        else:
            joined.append(rows)
    return joined


def _width(rows: Rows) -> int:
    return max(map(len, rows), default=0)


# --- text ---

DELIMITERS = ",\t;|"


def _delimited(raw: bytes, path: str) -> Source:
    """Return a .csv as one grid, split at whichever delimiter makes it a task table."""
    text = _text_of(raw, path)
    grids = [
        Grid(tuple(map(tuple, split_lines(text, delimiter, quoted=quoted))))
        for quoted in (True, False)
        for delimiter in DELIMITERS
    ]
    return Source((next(filter(is_task_table, grids), grids[0]),), path=path)


def split_lines(text: str, delimiter: str, *, quoted: bool = True) -> list[list[str]]:
    """Return the cells of a text table, line by line; none where it is none.

    With `quoted`, quotation marks hold cells together, and one without its other makes it none.
    """
    marks: Any = {"strict": True} if quoted else {"quoting": csv.QUOTE_NONE}
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, **marks))
    except csv.Error:  # a cell without end: no table
        return []


def _plain(raw: bytes, path: str) -> Source:
    """Return a .txt: pasted from Word, or else from a sheet, with TABs between the cells of a line."""
    source = pasted(_text_of(raw, path), path)
    return source if source.grids else _delimited(raw, path)


def _text_of(raw: bytes, path: str) -> str:
    text = decoded(raw, encodings_of(raw))
    if text is None:
        raise LedgerError(Stop.UNKNOWN_ENCODING, path=path)
    return text


def decoded(raw: bytes, encodings: Iterable[str]) -> str | None:
    """Return a text by the first encoding that fits, None where none does or is known."""
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return None


def encodings_of(raw: bytes) -> Iterator[str]:
    """Yield what a text may be encoded in, the surest first: a mark, NULs between ASCII signs, then by trial."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield "utf-16"
    elif b"\0" in raw:
        yield "utf-16-le" if raw[1::2].count(0) > raw[::2].count(0) else "utf-16-be"
    else:
        yield from ("utf-8-sig", "gb18030")


_READERS: Mapping[str, Reader] = {
    ".txt": _plain,
    ".csv": _delimited,
    ".tsv": _delimited,
    ".docx": _document,
} | dict.fromkeys((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et"), _workbook)


# --- what ships ---


def bundled_departments() -> Directory:
    """Return the 单位名录 that ships: names, and their aliases parted by 、."""
    text = (files("taizhang") / "data" / "departments.csv").read_text("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))[1:]
    return Directory(tuple(Department(name, split_names(aliases)) for name, aliases, *_ in lines))
