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


def draw_chart(sheet, area, name: str) -> None:
    """Draw a chart as staff do; in Calc it is made of cells of its own sheet, and then shown others."""
    chart = sheet.charts.add(30, 260, 200, 150, name=name)
    chart.set_source_data(sheet.range(area.address))
    for series in sheet.api.Shapes(name).Chart.SeriesCollection():
        series.Formula = series.Formula.replace(f"{sheet.name}!", f"{area.sheet.name}!")


def series_of(sheet, name: str) -> list[str]:
    """Return what the series of a chart are drawn from."""
    return [one.Formula.replace("'", "") for one in sheet.api.Shapes(name).Chart.SeriesCollection()]


def place_of(sheet, name: str) -> list[float]:
    """Return where a chart stands, and how large it is."""
    chart = sheet.charts[name]
    return [chart.left, chart.top, chart.width, chart.height]
