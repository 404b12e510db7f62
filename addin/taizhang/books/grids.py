"""Opens a workbook of any spreadsheet format as plain values, sheet by sheet."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

from taizhang.books.disk import fingerprint
from taizhang.books.package import Package, PackageError
from taizhang.errors import LedgerError, Stop
from taizhang.intake import Sheets
from taizhang.layout.reading import Grid
from taizhang.values import Value

_ERROR_TYPES = (b't="e"', b"t='e'")  # by far the quicker search, and mostly the last
_ERROR_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\bt=(?:"e"|'e')""")
_MODIFIED = re.compile(rb"<dcterms:modified[^>]*>([^<]+)<")


def read_sheets(path: Path, data: bytes) -> Sheets:
    """Return a workbook's sheets as plain values; raise LedgerError when no reader can open it."""
    if not data:
        raise LedgerError(Stop.EMPTY_FILE, path=path)
    grids = _cells(path, data)
    parts = _package(data)
    try:
        if parts and _has_error_cells(parts):
            grids = _cells_with_errors(path, data)
        properties = parts.properties() if parts else {}
        return Sheets(path.name, fingerprint(data), grids, properties, modified_of(parts))
    except PackageError as error:  # parts are read late: a damaged one shows only now
        raise LedgerError(Stop.NOT_A_WORKBOOK, path=path) from error


def properties_of(data: bytes) -> dict[str, str]:
    """Return the custom properties of a workbook, none where they cannot be read."""
    parts = _package(data)
    try:
        return parts.properties() if parts else {}
    except PackageError:
        return {}


def _package(data: bytes) -> Package | None:
    if not is_zipfile(BytesIO(data)):
        return None
    try:
        return Package.load(data)
    except PackageError:
        return None  # a zip of another kind, such as .ods


def _cells(path: Path, data: bytes) -> dict[str, Grid]:
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
        return {name: plain_rows(sheet.to_python(skip_empty_area=False)) for name, sheet in sheets.items()}
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the reader's own panics do not derive from Exception
        raise LedgerError(Stop.NOT_A_WORKBOOK, path=path) from error


def plain_rows(rows: Sequence[list[Any]]) -> list[list[Value]]:
    """Return a reader's rows with plain values; most rows have no time of day, and stay the very same."""
    return [row if _TIMES.isdisjoint(map(type, row)) else [plain(value) for value in row] for row in rows]


_TIMES = frozenset({time, timedelta})


def plain(value: Any) -> Value:
    """Return a reader's value; a time of day without a day is text to us."""
    return str(value) if isinstance(value, (time, timedelta)) else value


def _has_error_cells(parts: Package) -> bool:
    """Return whether any cell holds an error: calamine reads those as empty, which would look like "cleared"."""
    sheets = (parts.parts.data(part) for part in parts.worksheets())
    return any(any(one in data for one in _ERROR_TYPES) and _ERROR_CELL.search(data) for data in sheets)


def _cells_with_errors(path: Path, data: bytes) -> dict[str, Grid]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(BytesIO(data), data_only=True)
    except Exception as error:
        raise LedgerError(Stop.NOT_A_WORKBOOK, path=path) from error
    return {sheet.title: _stored(sheet) for sheet in book.worksheets}


def _stored(sheet: object) -> Grid:
    """Return a sheet's grid from its stored cells only: a whole-row merge is 16,384 columns wide."""
    cells: Mapping[tuple[int, int], object] = sheet._cells  # type: ignore[attr-defined]
    filled = {place: cell.value for place, cell in cells.items() if cell.value is not None}  # type: ignore[attr-defined]
    bottom, right = (max((place[i] for place in filled), default=0) for i in (0, 1))
    return plain_rows([[filled.get((r, c)) for c in range(1, right + 1)] for r in range(1, bottom + 1)])


def modified_of(parts: Package | None) -> datetime | None:
    """Return when the document says it was last saved, in its own words (UTC), or None."""
    if parts is None or "docProps/core.xml" not in parts.parts:
        return None
    found = _MODIFIED.search(parts.parts.data("docProps/core.xml"))
    try:
        written = datetime.fromisoformat(found[1].decode()) if found else None
    except ValueError:
        return None
    return written.astimezone(UTC).replace(tzinfo=None) if written and written.tzinfo else written
