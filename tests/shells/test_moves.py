"""销号, 退回, 延期 and their like on real files: what is written, journaled, printed, taken back; what is refused."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from test_loop import Desk

from ledgers import AS_OF, FGJ, FIRST, SECOND, ZJJ, book
from taizhang import actions, tables
from taizhang.actions import Context
from taizhang.cli import main
from taizhang.ledger import ReportKey, new_code
from taizhang.lifecycle import Move, Request, Stage, stage_of
from taizhang.values import Value

FOUR = f"""
| 序号 | 牵头部门 | 牵头单位 | 完成率 | 完成日期 | 佐证材料 | 任务调整意见 | 填报日期 | 完成时限 |
| 1 | {FGJ} | {FGJ} | 100% | 2020-09-01 | 验收单.pdf | | 2020-09-01 | 12月底 |
| 2 | {FGJ}、{ZJJ} | {FGJ} | 100% | 2020-09-01 | 单 | | 2020-09-01 | 12月底 |
| 2 | {FGJ}、{ZJJ} | {ZJJ} | 60% | | | 应由发改局一家牵头 | 2020-09-01 | 12月底 |
| 3 | {ZJJ} | {ZJJ} | 100% | 2020-08-30 | | | 2020-09-01 | 持续推进 |
| 4 | {ZJJ} | {ZJJ} | | | | | | 6月底 |
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, book(FOUR, as_of=AS_OF))


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(one) for one in arguments])
    found = capsys.readouterr()
    return code, found.out, found.err


def office(desk: Desk, code: str, *keys: str) -> tuple[Value, ...]:
    return tuple(desk.ledger.by_code[code].cells.get(key) for key in keys)


def test_closing_writes_journals_and_says_what_it_left(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "close", desk.path, 1, 2, 3, 9, "--by", "王科")
    assert code == 1
    assert office(desk, FIRST, "closed_on", "closed_by") == (AS_OF, "王科")
    assert [office(desk, new_code(2020, n), "closed_on") for n in (2, 3)] == [(None,), (None,)]
    lines = out.splitlines()
    assert lines[0] == "2020-09-08 销号 1 项：序号 1。"
    assert [line.split("：")[1].split("　")[-1] for line in lines if "没有销号" in line] == [
        "工作台账 序号2",
        "工作台账 序号3",
        "工作台账 序号9",
    ]
    last = [row for row in desk.sheet(tables.JOURNAL) if row and row[4] == "销号"]
    assert {(row[11], row[13]) for row in last} == {("销号日期", "2020-09-08"), ("销号人", "王科")}


def test_what_cannot_be_done_at_all_stops_with_one_line(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    before = desk.path.read_bytes()
    code, out, err = said(capsys, "close", desk.path, 2, 9)
    assert (code, out, err.count("\n"), desk.path.read_bytes() == before) == (2, "", 1, True)
    assert "序号2：牵头部门还没有全部报告完成" in err
    assert "序号9：台账中没有这项任务" in err


def test_json_says_what_was_done_and_what_not(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "close", desk.path, 1, 2, "--json", "--on", "2020-09-05")
    told = json.loads(out)
    assert (code, told["on"], told["done"]) == (1, "2020-09-05", [{"no": 1, "task": FIRST}])
    assert len(told["refused"]) == 1
    assert told["journal"][1] - told["journal"][0] == 1


def test_a_day_to_come_is_refused(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = said(capsys, "close", desk.path, 1, "--on", "2020-09-09")
    assert (code, "2020-09-09 在统计日期 2020-09-08 之后" in err) == (2, True)


def test_a_number_that_stands_twice_asks_for_the_code(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.type_task(3, no=1)
    code, _, err = said(capsys, "close", desk.path, 1)
    assert (code, f"请改用任务编码：{FIRST}、{new_code(2020, 4)}" in err) == (2, True)
    assert said(capsys, "close", desk.path, FIRST)[0] == 0


def test_a_printable_form_has_a_page_for_every_closed_task(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    form = desk.folder / "销号单" / "九月.xlsx"
    code, out, _ = said(capsys, "close", desk.path, 1, 3, "--no-evidence", "--by", "王科", "--form", form)
    assert (code, str(form) in out) == (0, True)
    sheet = load_workbook(form).active
    words = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]
    heads = [row[1] for row in words if row and row[0] == "序号"]
    assert (heads, len(sheet.row_breaks.brk)) == ([1, 3], 1)
    assert sum("同意销号。　　销号人：王科　　2020-09-08" in str(row[-1]) for row in words if row) == 2
    assert said(capsys, "close", desk.path, 2, "--form", form)[0] == 2  # never over a file, and nothing is closed first
    assert office(desk, new_code(2020, 3), "note") == ("2020-09-08佐证材料另外存档",)


def test_a_rejection_travels_with_the_next_list_and_waits_for_its_answer(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "reject", desk.path, 1, "--require", "补充照片")[0] == 0
    desk.split()
    base = desk.ledger.base[desk.ledger.batches[-1].id, ReportKey(FIRST, FGJ)]
    assert base["requirement"] == "补充照片"
    assert said(capsys, "close", desk.path, 1)[0] == 2
    desk.fill(FGJ, answer="已补", reported_on=date(2020, 9, 10))
    desk.merge()
    desk.apply()
    assert stage_of(desk.ledger, FIRST, date(2020, 9, 10)) is Stage.DONE
    said(capsys, "status", desk.path, "--write", "--as-of", "2020-09-10")
    assert said(capsys, "close", desk.path, 1)[0] == 0
    assert office(desk, FIRST, "requirement") == ("补充照片",)  # what was asked stays beside its answer


def test_closing_says_whose_answer_is_wanting(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.type_task(0, requirement="补充照片")
    code, out, _ = said(capsys, "close", desk.path, 1)
    assert (code, f"序号1：{FGJ}没有答复整改要求" in out) == (1, True)


def test_an_objection_is_answered_either_way(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "adjust", desk.path, 2, "--reason", "方案已定")[0] == 0
    assert office(desk, SECOND, "note") == ("2020-09-08任务调整意见不予采纳：方案已定",)
    assert said(capsys, "adjust", desk.path, 2, "--leads", FGJ, "--reason", "同意")[0] == 0
    assert office(desk, SECOND, "leads") == (FGJ,)
    assert desk.ledger.report(ReportKey(SECOND, ZJJ))["objection"] == "应由发改局一家牵头"  # kept in its own row


MOVES: tuple[tuple[object, ...], ...] = (
    ("close", 1, "--by", "王科"),
    ("reject", 1, 2, "--require", "补充"),
    ("extend", 2, 4, "--to", "2021-03-31", "--reason", "设备未到"),
    ("cancel", 1, 2, 3, 4, "--reason", "上级取消"),
    ("adjust", 2, "--target", "新表述", "--deadline", "9月底", "--priority", "是", "--reason", "上级调整"),
    ("adjust", 1, "--leads", ZJJ, "--reason", "三定调整"),
    ("adjust", 1, "--leads", f"{ZJJ}、{FGJ}", "--reason", "三定调整"),
    ("adjust", 2, "--leads", ZJJ, "--reason", "三定调整"),
)


@pytest.mark.parametrize("move", MOVES, ids=lambda move: " ".join(map(str, move[:3])))
def test_every_move_can_be_taken_back(desk: Desk, move: tuple[object, ...], capsys: pytest.CaptureFixture[str]) -> None:
    before = desk.ledger
    name, *rest = move
    assert said(capsys, name, desk.path, *rest)[0] == 0
    assert desk.ledger != before
    code, out, _ = said(capsys, "undo", desk.path)
    assert (code, "没有恢复" in out) == (0, False)
    after = desk.ledger
    assert after.tasks == before.tasks
    assert {key: cells for key, cells in after.reports.items() if cells} == dict(before.reports)
    assert said(capsys, "log", desk.path, "--verify")[0] == 0


def test_a_past_day_is_told_as_it_was(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    def closed(*day: str) -> tuple[bool, int]:
        told = json.loads(said(capsys, "status", desk.path, "--json", *day)[1])
        return told["estimated"], told["counts"]["已销号"]

    actions.move(desk.path, ["1"], Request(Move.CLOSE, date.min, "王科"), Context(datetime(2020, 9, 9, 9), "王科"))
    assert closed() == closed("--as-of", "2020-09-09") == (False, 1)
    assert closed("--as-of", "2020-09-02") == (False, 0)
    assert closed("--as-of", "2020-08-31") == (True, 0)
    day = "2020-08-31"
    assert "按现有数据推算" in said(capsys, "status", desk.path, "--as-of", day)[1]
    assert "按现有数据推算" in said(capsys, "summary", desk.path, "--as-of", day)[1]
    assert f"统计日期：{day}（按现有数据推算）" in str(desk.sheet(tables.SUMMARY)[1][0])
    assert "按现有数据推算" not in said(capsys, "summary", desk.path, "--as-of", "2020-09-02")[1]
    assert str(desk.sheet(tables.SUMMARY)[1][0]).startswith("统计日期：2020-09-02　　制表单位：区营商办　　")


def test_what_was_closed_or_cancelled_can_be_opened_again(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "close", desk.path, 1)
    said(capsys, "cancel", desk.path, 4, "--reason", "上级取消")
    assert said(capsys, "reopen", desk.path, 1, 4, "--reason", "群众反映没有落实")[0] == 0
    stages = [stage_of(desk.ledger, new_code(2020, n), AS_OF) for n in (1, 4)]
    assert stages == [Stage.RETURNED, Stage.OPEN]
    desk.split()
    assert desk.ledger.base[desk.ledger.batches[-1].id, ReportKey(FIRST, FGJ)]["requirement"] == "群众反映没有落实"
