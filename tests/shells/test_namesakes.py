"""A sheet that staff made under a name of ours is never replaced: the act says so first, and leaves everything as it is."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from test_loop import THREE, Desk

from ledgers import FGJ, book
from office import convert
from taizhang import actions, tables
from taizhang.actions import Context
from taizhang.books.base import Host
from taizhang.books.file import BACKUPS
from taizhang.books.ledgers import open_ledger
from taizhang.books.live import OpenBook
from taizhang.books.memory import MemoryProgram
from taizhang.books.package import Package
from taizhang.checking import check
from taizhang.errors import LedgerError, Stop


def summarise(where: Path | Host, context: Context, _: Path) -> object:
    return actions.summarise(where, context)


def checked(where: Path | Host, context: Context, _: Path) -> object:
    return check(where, context, write=True)


def merge(where: Path | Host, context: Context, back: Path) -> object:
    return actions.merge_files(where, [back], context)


MADE = {
    tables.SUMMARY: summarise,
    tables.SCORES: summarise,
    tables.SEEN: summarise,
    tables.CHECKS: checked,
    tables.RESULTS: merge,
    tables.STATEMENT: merge,
}
REMEMBERED = (
    *(tables.INDICATORS_SHEET, tables.PROBLEMS_SHEET, tables.SNAPSHOTS, tables.POSTS),
    *(tables.SENT_LOG, tables.BASE, tables.RECEIVED, tables.RETURNS),
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, book(THREE))


def edited(path: Path, edit: Callable[[Workbook], object]) -> None:
    """Do what staff do in a spreadsheet program that writes its own file."""
    found = load_workbook(path)
    edit(found)
    found.save(path)


def own_sheet(name: str) -> Callable[[Workbook], object]:
    """Return what gives a workbook a sheet of staff's own, and another with a formula that refers to it."""

    def edit(found: Workbook) -> None:
        sheet, other = found.create_sheet(name), found.create_sheet("科室用表")
        sheet["A1"], sheet["A2"], sheet["B2"] = "本科室的表", "单位", "状态"
        other["A1"] = f"='{name}'!A1"

    return edit


def words(data: bytes, name: str) -> list[object]:
    return [cell.value for row in load_workbook(BytesIO(data))[name].iter_rows() for cell in row if cell.value]


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("opened", [False, True], ids=["closed", "open"])
def test_a_sheet_of_staffs_own_is_left_alone_and_the_act_says_what_to_do(desk: Desk, name: str, opened: bool) -> None:
    desk.split()
    desk.fill(FGJ, progress="部门写的")
    edited(desk.path, own_sheet(name))
    before, backups = desk.path.read_bytes(), sorted((desk.folder / BACKUPS).iterdir())
    program = MemoryProgram(desk.path, before)
    host = OpenBook(program) if opened else desk.path
    with pytest.raises(LedgerError) as caught:
        MADE[name](host, desk.context, desk.back)
    assert caught.value.stop is Stop.SHEET_NOT_OURS
    assert f"“{name}”是您自己的表" in str(caught.value)
    assert f"改名，例如“{name}（原有）”" in str(caught.value)
    assert desk.path.read_bytes() == before
    assert Package.load(program.snapshot()).dump() == Package.load(before).dump()
    assert sorted((desk.folder / BACKUPS).iterdir()) == backups


@pytest.mark.parametrize("name", MADE)
def test_renamed_as_the_act_says_both_sheets_are_there(desk: Desk, name: str) -> None:
    desk.split()
    desk.fill(FGJ, progress="部门写的")
    edited(desk.path, own_sheet(f"{name}（原有）"))
    MADE[name](desk.path, desk.context, desk.back)
    data = desk.path.read_bytes()
    assert words(data, f"{name}（原有）") == ["本科室的表", "单位", "状态"]
    assert words(data, "科室用表") == [f"='{name}（原有）'!A1"]
    assert len(words(data, name)) > 4


@pytest.mark.parametrize("name", REMEMBERED)
def test_a_sheet_of_staffs_own_where_the_ledger_keeps_a_record_is_to_be_renamed(desk: Desk, name: str) -> None:
    edited(desk.path, own_sheet(name))
    before = desk.path.read_bytes()
    with pytest.raises(LedgerError, match=f"“{name}” 第.行：缺少.*这是您自己的表的，请改名，例如“{name}（原有）”"):
        actions.close_period(desk.path, desk.context)
    assert desk.path.read_bytes() == before
    assert f"例如“{name}（原有）”" in "".join(
        one.message for one in check(desk.path, desk.context, write=True).findings
    )
    assert words(desk.path.read_bytes(), name) == ["本科室的表", "单位", "状态"]


def test_one_lost_header_of_ours_is_not_called_staffs_own_sheet(desk: Desk) -> None:
    desk.split()
    edited(desk.path, lambda found: found[tables.SENT_LOG].__setitem__("A3", "号"))
    (fault,) = [one for one in check(desk.path, desk.context).findings if one.sheet == tables.SENT_LOG][:1]
    assert fault.message == "“下发记录” 第3行：缺少“批次”列。请恢复该列的表头。"


@pytest.mark.parametrize("name", [tables.SUMMARY, tables.CHECKS, tables.RESULTS])
def test_a_chart_on_a_tab_of_that_name_is_left_alone_too(desk: Desk, name: str) -> None:
    desk.split()
    desk.fill(FGJ, progress="部门写的")
    edited(desk.path, lambda found: found.create_chartsheet(name))
    before = desk.path.read_bytes()
    with pytest.raises(LedgerError, match=f"“{name}”是您自己的表"):
        MADE[name](desk.path, desk.context, desk.back)
    assert desk.path.read_bytes() == before


def test_formulas_that_no_program_has_computed_yet_are_something_too(desk: Desk) -> None:
    edited(desk.path, lambda found: found.create_sheet(tables.SUMMARY).__setitem__("A1", "=1+1"))
    with pytest.raises(LedgerError, match="“汇总”是您自己的表"):
        actions.summarise(desk.path, desk.context)


def test_an_empty_sheet_of_that_name_is_filled(desk: Desk) -> None:
    edited(desk.path, lambda found: found.create_sheet(tables.SUMMARY))
    actions.summarise(desk.path, desk.context)
    assert len(words(desk.path.read_bytes(), tables.SUMMARY)) > 50


def test_a_department_keeps_its_own_sheet_too(desk: Desk) -> None:
    desk.split()
    path = desk.fill(FGJ, percent="快了")
    edited(path, own_sheet(tables.CHECKS))
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="“校验结果”是您自己的表"):
        check(path, desk.context, write=True)
    assert path.read_bytes() == before


def test_taking_back_does_not_need_the_name_of_a_list_that_was_never_made(desk: Desk) -> None:
    edited(desk.path, own_sheet(tables.RESULTS))
    actions.close_period(desk.path, desk.context)
    assert actions.undo(desk.path, desk.context).operation == "结旬"
    assert words(desk.path.read_bytes(), tables.RESULTS) == ["本科室的表", "单位", "状态"]


def test_a_sheet_of_staffs_own_for_what_the_overview_is_compared_with_stops_no_other_act(desk: Desk) -> None:
    actions.summarise(desk.path, desk.context)

    def edit(found: Workbook) -> None:
        del found[tables.SEEN]
        found.create_sheet(tables.SEEN).append(["一", "二", "三", "四", "五", "六"])
        found[tables.SEEN].append(["某", "乙", "丙", "丁", "戊", "己"])

    edited(desk.path, edit)
    actions.close_period(desk.path, desk.context)
    assert words(desk.path.read_bytes(), tables.SEEN)[0] == "一"


def done(desk: Desk) -> None:
    """Have every sheet made that is made anew each time."""
    merge(desk.path, desk.context, desk.back)
    summarise(desk.path, desk.context, desk.back)
    checked(desk.path, desk.context, desk.back)


@pytest.fixture
def finished(desk: Desk) -> Desk:
    desk.split()
    desk.fill(FGJ, progress="部门写的", percent="快了")
    done(desk)
    return desk


def test_ours_are_ours_whatever_staff_did_to_them(finished: Desk) -> None:
    def edit(found: Workbook) -> None:
        for name in MADE:
            sheet = found[name]
            sheet.protection.sheet = False
            sheet.column_dimensions["B"].width = 40
            sheet["A1"], sheet["Z9"] = "改过的标题", "随手写的"
            sheet.sheet_view.zoomScale = 80
        found[tables.SUMMARY]["A2"] = "改过的一行"
        found[tables.RESULTS].insert_rows(1, 2)
        found.move_sheet(tables.SUMMARY, 3)

    edited(finished.path, edit)
    done(finished)
    assert "改过的标题" not in [words(finished.path.read_bytes(), name)[0] for name in MADE]


@pytest.mark.office
def test_ours_are_ours_after_another_program_saved_them(finished: Desk, tmp_path: Path) -> None:
    (tmp_path / "另存").mkdir()
    (saved,) = convert([finished.path], tmp_path / "另存")
    finished.path.write_bytes(saved.read_bytes())
    assert set(MADE) <= set(open_ledger(finished.path).grids)
    done(finished)
