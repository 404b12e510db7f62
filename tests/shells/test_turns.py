"""旬调度 on real files: closing keeps a snapshot, what comes later is late, a closed period takes no dispatch."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from test_loop import Desk
from test_moves import said

from ledgers import AS_OF, FGJ, ZJJ, book
from taizhang import actions, tables
from taizhang.errors import LedgerError, Stop
from taizhang.layout.office import FIRST_ROW
from taizhang.layout.result import STATEMENT_TABLE
from taizhang.mailing import Kind, awaited
from taizhang.periods import Period
from taizhang.snapshots import Turnout, turn_of, turnouts
from taizhang.trend import unreported

THREE = f"""
| 序号 | 牵头部门 | 牵头单位 | 重点 | 完成率 | 填报日期 |
| 1 | {FGJ} | {FGJ} | 是 | 30% | 2020-08-28 |
| 2 | {FGJ}、{ZJJ} | {ZJJ} | | 50% | 2020-08-27 |
| 3 | {ZJJ} | {ZJJ} | | | |
"""
NOW = Period(2020, 9, 0)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path, book(THREE, as_of=AS_OF))
    made.split()
    return made


def returned(desk: Desk, name: str, **cells: object) -> None:
    desk.fill(name, reported_on=date(2020, 9, 8), **cells)  # type: ignore[arg-type]
    desk.merge()
    desk.apply()


def statement(desk: Desk) -> dict[object, object]:
    place = STATEMENT_TABLE.place("turnout") - 1
    return {row[0]: row[place] for row in desk.sheet(tables.STATEMENT) if row and row[0] in (FGJ, ZJJ)}


def test_closing_keeps_what_stood_there_and_what_comes_later_is_late(desk: Desk) -> None:
    returned(desk, FGJ, percent=0.6)
    done = actions.close_period(desk.path, desk.context)
    assert (done.turn.period, done.as_of, done.open) == (NOW, AS_OF, 0)
    (kept,) = desk.ledger.snapshots
    assert len(kept.rows) == 4
    rows = [[value or None for value in row] for row in desk.sheet(tables.SNAPSHOTS)[3:]]
    assert [(row[4], row[5], row[7], row[11]) for row in rows] == [
        (1, FGJ, 0.6, "按时"),
        (2, FGJ, None, "未报"),
        (2, ZJJ, 0.5, "未报"),
        (3, ZJJ, None, "未报"),
    ]
    returned(desk, ZJJ, percent=0.9)
    assert statement(desk) == {FGJ: "按时", ZJJ: "迟报"}
    assert desk.ledger.snapshots == (kept,)  # for good
    (turn,) = (turn for turn in actions.periods(desk.path) if turn.closed_at)
    assert {name: found.value for name, found in turn.departments.items()} == {FGJ: "按时", ZJJ: "迟报"}


def test_a_list_sent_back_untouched_is_no_report(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    told = desk.merge(desk.sent)
    assert (told.missing_departments, told.idle_departments) == ((), (FGJ, ZJJ))
    assert statement(desk) == {FGJ: "未报", ZJJ: "未报"}
    assert desk.sheet(tables.STATEMENT)[2][0] == f"未报名单：无　　交回未填写：{FGJ}、{ZJJ}"
    (batch,) = desk.ledger.batches
    assert [one.department for one in awaited(desk.ledger, batch, Kind.REMINDER)] == [FGJ, ZJJ]
    desk.fill(FGJ, progress="推进中", reported_on=date(2020, 9, 8))
    out = said(capsys, "merge", desk.path, desk.back)[1]
    assert f"交回未填写（1 个）：{ZJJ}" in out
    turn = turn_of(desk.ledger, NOW)
    assert turn.departments == {FGJ: Turnout.IN_TIME, ZJJ: Turnout.MISSING}
    assert {key.department for key, one in turnouts(desk.ledger, NOW).items() if one is Turnout.IN_TIME} == {FGJ}
    assert [one.department for one in awaited(desk.ledger, batch, Kind.REMINDER)] == [ZJJ]
    assert unreported(desk.ledger, AS_OF) == (NOW, (ZJJ,))
    assert f"未报：{ZJJ}。" in said(capsys, "period", desk.path, "--close")[1]


def test_lists_made_after_the_day_that_is_fixed_count_by_their_period(desk: Desk) -> None:
    ledger = desk.ledger
    later = replace(ledger, batches=tuple(replace(one, made_at=datetime(2020, 9, 9, 9)) for one in ledger.batches))
    found = unreported(later, date(2020, 9, 8))
    assert found and found[0] == NOW
    assert unreported(later, date(2020, 8, 31)) is None


def test_closing_can_be_taken_back_and_done_again(desk: Desk) -> None:
    actions.close_period(desk.path, desk.context)
    actions.undo(desk.path, desk.context)
    assert desk.ledger.snapshots == ()
    assert [row for row in desk.sheet(tables.SNAPSHOTS)[3:] if row and row[0]] == []
    actions.close_period(desk.path, desk.context)
    assert len(desk.ledger.snapshots) == 1
    actions.status(desk.path, desk.context, date(2020, 9, 15), write=True)
    actions.split(desk.path, desk.folder / "二", desk.context)
    actions.close_period(desk.path, desk.context)
    actions.undo(desk.path, desk.context)
    assert [one.period for one in desk.ledger.snapshots] == [NOW]
    assert actions.log(desk.path).breaks == ()


def test_a_closed_period_takes_no_dispatch_and_is_not_closed_twice(desk: Desk) -> None:
    actions.close_period(desk.path, desk.context)
    with pytest.raises(LedgerError) as again:
        actions.close_period(desk.path, desk.context, NOW)
    with pytest.raises(LedgerError) as more:
        actions.split(desk.path, desk.folder / "二", desk.context)
    with pytest.raises(LedgerError) as early:
        actions.close_period(desk.path, desk.context, Period(2020, 9, 1))
    stops = [one.value.stop for one in (again, more, early)]
    assert stops == [Stop.CLOSED_ALREADY, Stop.PERIOD_CLOSED, Stop.NOT_BEGUN]
    assert actions.split(desk.path, desk.folder / "二", desk.context, Period(2020, 9, 1)).files


def test_what_waits_for_a_decision_is_said(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.fill(FGJ, percent=0.6)
    desk.merge()
    code, out, _ = said(capsys, "period", desk.path, "--close")
    assert (code, "还有 1 处上报的变化没有裁决或写入" in out) == (1, True)
    told = json.loads(said(capsys, "period", desk.path, "--json")[1])["periods"]
    assert len(told) == 36
    assert [one["period"] for one in told if one["closed_at"]] == ["2020-09-上旬"]
    assert said(capsys, "period", desk.path, "--period", "2020-09-上旬")[0] == 2


@pytest.mark.parametrize(("as_of", "early"), [(date(2020, 9, 9), True), (date(2020, 9, 10), False)])
def test_a_period_closed_before_it_is_over_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_of: date, early: bool
) -> None:
    desk = Desk(tmp_path, book(THREE, as_of=as_of))
    desk.split()
    out = said(capsys, "period", desk.path, "--close")[1]
    assert (f"这一旬到 2020-09-10 才结束，统计日期是 {as_of}。" in out) is early
    assert ("undo" in out) is early


def test_a_task_whose_row_is_gone_is_missed_in_every_figure(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    book = load_workbook(desk.path)
    book[tables.LEDGER].delete_rows(FIRST_ROW + 2)
    book.save(desk.path)
    (words,) = desk.ledger.gone.values()
    told = f"台账里少了 1 项下发过的任务：“{words}”。"
    for act in (
        ("status",),
        ("status", "--write"),
        ("summary",),
        ("split", "-o", desk.folder / "又"),
        ("check",),
        ("status",),
    ):
        code, out, _ = said(capsys, act[0], desk.path, *act[1:])
        assert code == 1
        assert ("L618" if act == ("check",) else told) in out
    assert said(capsys, "status", desk.path, "--json")[0] == 1


def test_priority_tasks_leave_out_of_turn(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "split", desk.path, "-o", desk.sent, "--priority", "--json")
    (file,) = json.loads(out)["files"]
    assert (code, file["department"], file["rows"]) == (0, FGJ, 1)
    assert Path(file["path"]).name == "2020年9月上旬_区发改局_营商环境重点事项.xlsx"
    assert [len(batch.files) for batch in desk.ledger.batches] == [2, 1]
    desk.type_task(0, priority=None)
    code, _, err = said(capsys, "split", desk.path, "-o", desk.folder / "三", "--priority")
    assert (code, "没有一项正在办理的任务在“重点”列填了“是”" in err) == (2, True)


def test_a_snapshot_answers_for_its_day_where_the_journal_is_not_certain(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    actions.close_period(desk.path, desk.context)
    desk.type_task(0, percent=1)  # by hand, nobody knows when
    actions.status(desk.path, desk.context, date(2020, 9, 20), write=True)
    desk.now = desk.now.replace(day=25)
    desk.type_task(0, percent=0.2)
    actions.status(desk.path, desk.context, date(2020, 9, 25), write=True)
    told = json.loads(said(capsys, "status", desk.path, "--as-of", AS_OF.isoformat(), "--json")[1])
    assert told["estimated"] is False
    statuses = {row[4]: row[6] for row in desk.sheet(tables.SNAPSHOTS)[3:] if row}
    assert {task["no"]: task["status"] for task in told["tasks"]} == statuses
    other = json.loads(said(capsys, "status", desk.path, "--as-of", "2020-09-09", "--json")[1])
    assert other["estimated"] is True
