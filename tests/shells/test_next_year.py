"""Next year's ledger on real files: the old one untouched, its history carried on, its days still told."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from test_loop import Desk
from test_moves import said

from ledgers import AS_OF, FGJ, FIRST, ZJJ, book
from taizhang import actions, journal
from taizhang.actions import Context
from taizhang.books.ledgers import open_ledger
from taizhang.checking import check
from taizhang.errors import LedgerError, Stop
from taizhang.findings import Code
from taizhang.ledger import ReportKey
from taizhang.lifecycle import Move, Request

TWO = f"""
| 序号 | 牵头部门 | 牵头单位 | 完成时限 | 完成率 | 完成日期 | 佐证材料 | 填报日期 |
| 1 | {FGJ} | {FGJ} | 12月底 | 60% | | | 2020-09-01 |
| 2 | {ZJJ} | {ZJJ} | 6月底 | 100% | 2020-06-20 | 单 | 2020-06-20 |
"""
LATER = Context(datetime(2021, 1, 5, 9), "王科")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path, book(TWO, as_of=AS_OF))
    made.split()
    actions.move(made.path, ["2"], Request(Move.CLOSE, date.min, "王科"), made.context)
    made.type_task(0, progress="电话核实")  # by hand, not seen by any act yet
    return made


def test_the_new_ledger_goes_on_and_the_old_one_is_left_as_it_is(desk: Desk) -> None:
    before, target = desk.path.read_bytes(), desk.folder / "2021.xlsx"
    done = actions.roll_over(desk.path, target, 2021, LATER)
    assert desk.path.read_bytes() == before
    opened = open_ledger(target)
    assert [task.code for task in opened.ledger.tasks] == [FIRST]
    assert opened.ledger.report(ReportKey(FIRST, FGJ))["progress"] == "电话核实"
    old = open_ledger(desk.path).reading.journal.lines
    assert opened.reading.journal.lines[: len(old)] == old
    typed = next(line for line in opened.reading.journal.lines[len(old) :] if line.operation == journal.HAND)
    assert (typed.column, typed.new) == ("进展情况", "电话核实")
    assert actions.log(target).breaks == ()
    assert list(journal.hand_edits(opened.reading.journal, opened.ledger)) == []
    assert done.rollover.reworded[0][2] == "2020年12月底"


def test_a_day_of_the_old_year_is_told_by_the_new_ledger(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    target, day = desk.folder / "2021.xlsx", "2020-09-01"
    wanted = json.loads(said(capsys, "status", desk.path, "--as-of", day, "--json")[1])
    actions.roll_over(desk.path, target, 2021, LATER)
    found = json.loads(said(capsys, "status", target, "--as-of", day, "--json")[1])
    assert found["tasks"] == wanted["tasks"]


def test_what_was_done_before_the_turn_of_the_year_cannot_be_taken_back_after_it(desk: Desk) -> None:
    target = desk.folder / "2021.xlsx"
    actions.roll_over(desk.path, target, 2021, LATER)
    with pytest.raises(LedgerError) as stopped:
        actions.undo(target, LATER)
    assert stopped.value.stop is Stop.NOTHING_TO_UNDO
    actions.move(target, ["1"], Request(Move.CANCEL, date.min, reason="不办了"), LATER)
    assert actions.undo(target, LATER).operation == "取消"


def test_days_of_the_old_year_are_no_slips_in_the_new_ledger(desk: Desk) -> None:
    target = desk.folder / "2021.xlsx"
    actions.roll_over(desk.path, target, 2021, LATER)
    assert Code.BEFORE_YEAR not in {finding.code for finding in check(target, LATER).findings}


def test_a_file_of_the_old_year_is_the_old_ledgers(desk: Desk) -> None:
    target = desk.folder / "2021.xlsx"
    actions.roll_over(desk.path, target, 2021, LATER)
    actions.split(target, desk.folder / "新下发", LATER)
    (report,) = actions.merge_files(target, [desk.fill(FGJ, progress="晚到的")], LATER).reports
    assert "是另一本台账下发的" in report.reason


@pytest.mark.parametrize(("year", "stop"), [(2020, Stop.NOT_A_LATER_YEAR), (2019, Stop.NOT_A_LATER_YEAR)])
def test_a_year_that_is_not_later_is_refused(desk: Desk, year: int, stop: Stop) -> None:
    with pytest.raises(LedgerError) as stopped:
        actions.roll_over(desk.path, desk.folder / "新.xlsx", year, LATER)
    assert (stopped.value.stop, (desk.folder / "新.xlsx").exists()) == (stop, False)


def test_a_ledger_with_nothing_left_to_do_is_not_carried_over(desk: Desk) -> None:
    actions.move(desk.path, ["1"], Request(Move.CANCEL, date.min, reason="不办了"), desk.context)
    with pytest.raises(LedgerError) as stopped:
        actions.roll_over(desk.path, desk.folder / "新.xlsx", 2021, LATER)
    assert stopped.value.stop is Stop.NOTHING_TO_CARRY


def test_the_command_says_what_stayed_and_what_was_written_out(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.fill(FGJ, percent=0.9)
    desk.merge()
    target = desk.folder / "2021.xlsx"
    code, out, _ = said(capsys, "rollover", desk.path, "--year", 2021, "-o", target)
    assert code == 1  # a returned cell waits in the old ledger
    assert "结转 1 项" in out
    assert "留在原台账：序号 2" in out
    assert "“12月底”写明为“2020年12月底”" in out
    assert "还有 1 处上报的变化没有裁决或写入" in out
    assert said(capsys, "rollover", desk.path, "--year", 2021, "-o", target)[0] == 2  # never over a file
