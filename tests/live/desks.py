"""Workbooks open in a live LibreOffice, behind the xlwings engine beside this file."""

from __future__ import annotations

from pathlib import Path

import pytest

from taizhang.books.base import Program


def open_in_calc(request: pytest.FixtureRequest, path: Path) -> Program:
    """Return a program that has a file open; the office behind it is the session's."""
    from taizhang.books.excel import ExcelProgram

    app = request.getfixturevalue("calc_app")
    book = app.books.open(str(path))
    program = ExcelProgram(book)
    request.addfinalizer(lambda: program.book.close())
    return program


def coded(text: str) -> str:
    """Return an argument as the macros code it."""
    units = text.encode("utf-16-le", "surrogatepass")
    pairs = (int.from_bytes(units[n : n + 2], "little") for n in range(0, len(units), 2))
    return "".join(chr(u) if u < 128 and chr(u).isalnum() else f"~{u:04x}" for u in pairs)
