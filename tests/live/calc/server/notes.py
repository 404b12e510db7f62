"""Notes on cells."""

from __future__ import annotations

from typing import Any

import guard
import host
from ops import op


def find(sheet: Any, row: int, column: int) -> int | None:
    """Return the index of a cell's note."""
    for index in range(sheet.Annotations.Count):
        place = sheet.Annotations.getByIndex(index).Position
        if (place.Row, place.Column) == (row, column):
            return index
    return None


@op("notes.list")
def listing(uid: str, name: str) -> list[tuple[int, int, str, str]]:
    """Return (row, column, text, author) of every note of a sheet, row by row."""
    annotations = host.sheet(uid, name).Annotations
    found = []
    for index in range(annotations.Count):
        note = annotations.getByIndex(index)
        found.append((note.Position.Row, note.Position.Column, note.String, note.Author))
    return sorted(found)


@op("notes.get")
def get(uid: str, name: str, row: int, column: int) -> tuple[str, str] | None:
    """Return (text, author) of a cell's note, or None."""
    sheet = host.sheet(uid, name)
    cell = sheet.getCellByPosition(column, row)
    if not cell.queryContentCells(8).RangeAddresses:
        return None
    note = cell.getAnnotation()
    return note.String, note.Author


@op("notes.set")
def put(uid: str, name: str, row: int, column: int, text: str) -> None:
    """Write a cell's note; an old one is replaced."""
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    cell = sheet.getCellByPosition(column, row)
    if cell.queryContentCells(8).RangeAddresses:
        cell.getAnnotation().setString(text)
        return
    sheet.Annotations.insertNew(host.cell_address(sheet, row, column), text)
    cell.getAnnotation().setString(text)  # insertNew drops a last empty line


@op("notes.delete")
def delete(uid: str, name: str, row: int, column: int) -> None:
    """Delete a cell's note."""
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    sheet.getCellByPosition(column, row).clearContents(8)
