"""What refers to a sheet that is put in anew, or is drawn on it, goes over to the new one; else the old one stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from desks import draw_chart, open_in_calc, place_of, series_of

from taizhang.books import excel
from taizhang.books.base import Program
from taizhang.books.render import render
from taizhang.layout.parts import Cell, Sheet, Workbook

pytestmark = pytest.mark.office
ROWS = tuple((Cell(name, "text"), Cell(number, "general")) for name, number in (("类", 0), ("甲", 1), ("乙", 2)))
PLAIN = Sheet("表", ROWS, protected=False)


@pytest.fixture
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Program:
    path = tmp_path / "工作簿.xlsx"
    path.write_bytes(render(Workbook((PLAIN, Sheet("别的", ROWS, protected=False)))))
    return open_in_calc(request, path)


def test_a_chart_elsewhere_goes_on_with_the_new_sheet_and_its_sheet_is_locked_again(program, monkeypatch) -> None:
    sheet, other = (program.book.sheets[name] for name in ("表", "别的"))
    draw_chart(other, sheet.range("A1:B3"), "我的图")
    formulas = series_of(other, "我的图")
    other.api.Protect()
    shown = spied(monkeypatch)
    assert program.put(PLAIN, None) == ""
    assert shown == [one.replace("表!", "'表 (2)'!") for one in formulas]  # while the old sheet was there
    assert series_of(other, "我的图") == formulas
    assert other.api.ProtectContents


def spied(monkeypatch) -> list[str]:
    """Return what charts show once they were re-pointed: Calc, unlike Excel, has no #REF! for those that were not."""
    shown, repoint = [], excel._repoint

    def spy(chart, name: str, to: str) -> None:
        repoint(chart, name, to)
        shown.extend(series.Formula for series in chart.SeriesCollection())

    monkeypatch.setattr(excel, "_repoint", spy)
    return shown


def test_a_chart_of_staff_goes_over_with_its_place_name_and_cells(program, monkeypatch) -> None:
    sheet = program.book.sheets["表"]
    draw_chart(sheet, sheet.range("A1:B3"), "我的图")
    formulas, place = series_of(sheet, "我的图"), place_of(sheet, "我的图")
    shown = spied(monkeypatch)
    assert program.put(PLAIN, None) == ""
    assert program.sheet_names() == ["表", "别的"]
    made = program.book.sheets["表"]
    assert shown == [one.replace("表!", "'表 (2)'!") for one in formulas]
    assert [one.name for one in made.charts] == ["我的图"]
    assert series_of(made, "我的图") == formulas
    assert place_of(made, "我的图") == pytest.approx(place, abs=1)


def test_a_chart_on_a_sheet_under_a_password_goes_on_with_the_old_one_which_stays(program) -> None:
    sheet, other = (program.book.sheets[name] for name in ("表", "别的"))
    draw_chart(other, sheet.range("A1:B3"), "我的图")
    formulas = series_of(other, "我的图")
    other.api.Protect("只有我知道")
    assert program.put(PLAIN, None) == "表（旧）"
    assert program.sheet_names() == ["表", "表（旧）", "别的"]
    assert series_of(other, "我的图") == [one.replace("表!", "表（旧）!") for one in formulas]
    assert program.put(PLAIN, None) == ""


def test_a_drawing_that_cannot_be_copied_stays_on_the_old_sheet(program, monkeypatch) -> None:
    draw_chart(program.book.sheets["表"], program.book.sheets["表"].range("A1:B3"), "我的图")

    def refused(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(excel, "_copied", refused)
    assert program.put(PLAIN, None) == "表（旧）"
    assert [one.name for one in program.book.sheets["表（旧）"].charts] == ["我的图"]
    assert list(program.book.sheets["表"].charts) == []


def test_names_go_on_with_the_new_sheet_those_of_other_sheets_too(program) -> None:
    names = program.book.names
    names.add("标题", "=表!$A$1")
    names.add("别的!标题", "=表!$A$1")
    names.add("合计", "=SUM(表!$B$1:$B$3)")
    before = {one.name: one.refers_to for one in names}
    assert program.put(PLAIN, None) == ""
    assert {one.name: one.refers_to.replace("'", "") for one in names} == before
