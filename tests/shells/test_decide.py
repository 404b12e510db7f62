"""Decisions without opening the sheet: the same as those a clerk writes into 合并结果, item by item."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from test_loop import THREE, Desk

from ledgers import FGJ, SWJ, ZJJ, book
from taizhang import deciding, tables
from taizhang.books.ledgers import open_ledger
from taizhang.cli import main
from taizhang.deciding import Wanted
from taizhang.errors import LedgerError, Stop
from taizhang.gui.view import all_asked
from taizhang.layout.result import RESULTS_TABLE
from taizhang.merge import Choice, Verdict


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk with two conflicts of 区发改局, an invalid cell of it, and an accepted one of 区住建局."""
    made = Desk(tmp_path, book(THREE))
    made.split()
    made.fill(FGJ, progress="部门写的", problem="部门的问题", percent="快了")
    made.type_task(0, progress="台账改的", problem="台账的问题")
    made.fill_rows(ZJJ, {(1, "progress"): "已验收"})
    made.merge()
    return made


def waiting(desk: Desk) -> dict[tuple[str, str], str]:
    return {(item.department, item.column): item.kind for item in deciding.items(desk.path)}


def decide(desk: Desk, *arguments: str) -> int:
    return main(["decide", str(desk.path), *arguments])


def cells(desk: Desk) -> dict[str, object]:
    row = desk.ledger.row(desk.ledger.tasks[0].code)
    return {key: row.get(key) for key in ("progress", "problem", "percent")}


def test_what_waits_is_listed_with_its_three_values(desk, capsys):
    assert waiting(desk) == {
        (FGJ, "进展情况"): "冲突",
        (FGJ, "存在问题"): "冲突",
        (FGJ, "完成率"): "无效",
        (ZJJ, "进展情况"): "采纳",
    }
    assert decide(desk) == 1
    told = capsys.readouterr().out
    assert "等待写入或裁决的 4 项，其中还没有裁决的 3 项" in told
    assert f"[无效] 序号1 {FGJ} 完成率：下发“30%”　台账“30%”　上报“快了”" in told
    assert f"[冲突] 序号1 {FGJ} 进展情况：下发“推进中”　台账“台账改的”　上报“部门写的”" in told


def test_the_list_says_why_an_item_waits_and_which_file_it_is_from(desk, capsys):
    decide(desk)
    lines = {line.partition("：")[0]: line for line in capsys.readouterr().out.splitlines()}
    source = next(item.source for item in deciding.items(desk.path) if item.department == FGJ)
    assert lines[f"　[无效] 序号1 {FGJ} 完成率"].endswith(
        f"“快了”　说明：“{source}” 第4行 完成率：“快了”不是百分比。请填 0% 到 100% 之间的数，例如 60%。"
    )
    assert f"　说明：下发以后台账已有改动，请对照裁决。　来源文件：{source}" in lines[f"　[冲突] 序号1 {FGJ} 进展情况"]
    decide(desk, "--kind", "冲突", "--back")
    capsys.readouterr()
    decide(desk, "--kind", "冲突")
    assert "“部门写的”　→ 采用上报　说明：" in capsys.readouterr().out


def test_a_row_that_waits_as_a_whole_is_listed_with_what_came_back_alone(desk, capsys):
    desk.fill_rows(ZJJ, {(1, "code"): "RW-别的-0001", (1, "next_step"): "本周完成"})
    desk.merge()
    decide(desk, "--kind", "待定行")
    (told,) = (line for line in capsys.readouterr().out.splitlines() if "[待定行]" in line)
    item = next(item for item in deciding.items(desk.path) if item.kind == "待定行")
    assert f"{ZJJ}：上报“" in told
    assert "下发“”" not in told
    assert "台账“”" not in told
    assert told.endswith(f"　说明：{item.reason}　来源文件：{item.source}")


def test_a_decision_by_command_is_one_written_into_the_sheet(desk, tmp_path):
    other = Desk(tmp_path / "另一桌", desk.ledger)
    other.path.write_bytes(desk.path.read_bytes())
    decide(desk, "--column", "进展情况", "--kind", "冲突", "--back")
    grid = open_ledger(other.path).grids[tables.RESULTS]
    row = next(n for n, cells in enumerate(grid, 1) if "冲突" in cells and "进展情况" in cells)
    other.type(tables.RESULTS, {(row, 2): "采用上报"})
    assert desk.sheet(tables.RESULTS) == other.sheet(tables.RESULTS)


def test_what_is_decided_is_carried_out_and_the_rest_stays_open(desk):
    assert decide(desk, "--column", "进展情况", "--back") == 0
    assert decide(desk, "--no", "1", "--column", "完成率", "--other", "80%") == 0
    done = desk.apply()
    assert cells(desk) == {"progress": "部门写的", "problem": "台账的问题", "percent": 0.8}
    assert (done.written, done.open) == (3, 1)
    assert waiting(desk) == {(FGJ, "存在问题"): "冲突"}


def test_a_decision_may_be_changed_and_taken_back_before_it_is_carried_out(desk):
    decide(desk, "--column", "存在问题", "--back")
    decide(desk, "--column", "存在问题", "--other", "另写的")
    (item,) = (one for one in deciding.items(desk.path) if one.column == "存在问题")
    assert item.verdict == Verdict(Choice.OTHER, "另写的")
    decide(desk, "--column", "存在问题", "--now")
    (item,) = (one for one in deciding.items(desk.path) if one.column == "存在问题")
    assert item.verdict == Verdict(Choice.NOW)
    decide(desk, "--clear")
    assert all(one.verdict is None for one in deciding.items(desk.path))
    desk.apply()
    assert cells(desk)["problem"] == "台账的问题"


def test_what_cannot_be_carried_out_is_told_and_not_written(desk, capsys):
    assert decide(desk, "--column", "完成率", "--back") == 1
    assert "无效的值不能采用" in capsys.readouterr().out
    assert decide(desk, "--column", "完成率", "--other", "很多", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["decided"], len(told["refused"])) == ([], 1)
    assert all(one.verdict is None for one in deciding.items(desk.path))


def test_no_task_changes_by_a_decision_and_the_history_stays_sound(desk, capsys):
    before, lines = (desk.ledger.tasks, desk.ledger.reports), desk.sheet(tables.JOURNAL)
    decide(desk, "--back")
    assert (desk.ledger.tasks, desk.ledger.reports) == before
    assert desk.sheet(tables.JOURNAL) == lines
    assert main(["log", str(desk.path), "--verify"]) == 0


def test_an_item_that_does_not_wait_any_more_is_refused_whole(desk):
    (first, *_) = deciding.items(desk.path)
    decide(desk, "--back")
    desk.apply()
    before = desk.path.read_bytes()
    with pytest.raises(LedgerError) as told:
        deciding.decide(desk.path, {first.id: Verdict(Choice.NOW)}, desk.context)
    assert told.value.stop is Stop.NOT_WAITING
    assert desk.path.read_bytes() == before


def test_without_a_preview_there_is_nothing_to_decide(tmp_path, capsys):
    fresh = Desk(tmp_path, book(THREE))
    assert decide(fresh) == 2
    assert "还没有合并预览" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("--kind", "冲凸"), "没有类别“冲凸”。是否为“冲突”？请从这些类别里选：冲突、无效、采纳。"),
        (
            ("--department", "区住建"),
            f"没有单位“区住建”。是否为“{ZJJ}”？请从这些单位里选：{FGJ}、{ZJJ}。",
        ),
        (("--no", "999"), "没有序号“999”。请从这些序号里选：1、3。"),
        (("--column", "完成"), "没有列“完成”。是否为“完成率”？请从这些列里选："),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
@pytest.mark.parametrize("doing", [(), ("--back",)], ids=" ".join)
def test_a_name_that_nothing_has_is_refused_with_those_there_are(desk, capsys, typed, said, doing):
    before = desk.path.read_bytes()
    assert decide(desk, *typed, *doing) == 2
    assert said in capsys.readouterr().err
    assert desk.path.read_bytes() == before


def test_names_that_nothing_waits_under_decide_on_nothing_and_say_so(desk, capsys):
    assert decide(desk, "--kind", "清空", "--back") == 1
    assert capsys.readouterr().out == "没有符合条件的，一项也没有裁决。\n"
    assert decide(desk, "--department", ZJJ, "--column", "存在问题", "--clear") == 1
    assert capsys.readouterr().out == "没有符合条件的，一项也没有裁决。\n"
    assert decide(desk, "--kind", "清空", "--now", "--json") == 1
    assert json.loads(capsys.readouterr().out)["decided"] == []
    assert decide(desk, "--kind", "清空") == 0
    assert decide(desk, "--department", SWJ, "--back") == 1
    assert capsys.readouterr().out.endswith("没有符合条件的，一项也没有裁决。\n")


@pytest.mark.parametrize(
    ("wanted", "count", "bulk"),
    [
        (Wanted(no="1", column="进展情况"), 2, False),  # a joint task's row, as two departments reported it
        (Wanted(no="1", column="进展情况"), 1, False),
        (Wanted(no="1"), 1, False),
        (Wanted(no="1"), 2, True),
        (Wanted(column="进展情况"), 1, False),
        (Wanted(column="进展情况"), 2, True),
        (Wanted(department=FGJ), 1, True),
        (Wanted(), 1, True),
    ],
    ids=str,
)
def test_many_are_those_that_are_not_named_one_by_one(wanted, count, bulk):
    assert wanted.is_bulk(count) is bulk


def test_of_many_names_a_refusal_lists_the_first():
    assert deciding._cut([str(number) for number in range(1, 31)]) == "1、2、3、4、5、6、7、8、9、10等 30 个"


def verdicts(desk: Desk) -> dict[tuple[str, str], Verdict | None]:
    return {(item.department, item.column): item.verdict for item in deciding.items(desk.path)}


@pytest.mark.parametrize("many", [("--kind", "无效"), ("--department", FGJ), ("--no", "1"), ()], ids=" ".join)
def test_a_decision_on_many_leaves_one_made_singly_and_says_so(desk, capsys, many):
    decide(desk, "--no", "1", "--column", "完成率", "--other", "80%")
    capsys.readouterr()
    assert decide(desk, *many, "--now") == 1
    told = capsys.readouterr().out
    assert "其中 1 项先前已单独裁决，没有改动；要改的请写明序号和列，或先加 --clear 取消。" in told
    assert verdicts(desk)[FGJ, "完成率"] == Verdict(Choice.OTHER, "80%")
    assert decide(desk, *many, "--now", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["kept"] == [item.id for item in deciding.items(desk.path) if item.column == "完成率"]
    others = {place: one for place, one in verdicts(desk).items() if place != (FGJ, "完成率")}
    assert many or set(others.values()) == {Verdict(Choice.NOW)}


def test_a_decision_by_number_and_column_takes_the_place_of_one_made_before(desk):
    decide(desk, "--no", "1", "--column", "完成率", "--other", "80%")
    assert decide(desk, "--no", "1", "--column", "完成率", "--now") == 0
    assert verdicts(desk)[FGJ, "完成率"] == Verdict(Choice.NOW)


def test_the_same_on_many_again_is_no_other_decision(desk):
    assert decide(desk, "--kind", "冲突", "--back") == 0
    assert decide(desk, "--kind", "冲突", "--back") == 0


def test_the_window_asks_with_how_many_keep_their_own_and_how_many_do_not(desk):
    decide(desk, "--no", "1", "--column", "完成率", "--other", "80%")
    asked = all_asked(deciding.items(desk.path), Choice.NOW)
    assert "其中 1 项先前已单独裁决，不会改动；要改的请选中它再裁决。" in asked
    assert "会改为这个" not in asked
    grid = open_ledger(desk.path).grids[tables.RESULTS]
    bulk = next(n for n, cells in enumerate(grid, 1) if any(str(cell).startswith(f"{FGJ}待裁决") for cell in cells))
    desk.type(tables.RESULTS, {(bulk, 2): "采用上报"})
    asked = all_asked(deciding.items(desk.path), Choice.NOW)
    assert "其中 2 项已有成批的裁决，会改为这个。其中 1 项先前已单独裁决，不会改动" in asked


BARE = "另行填写：完成率写的是“1”，分不清是 1% 还是 100%。请向部门核实，在“另行填写”中填 1% 或 100%。"


@pytest.mark.parametrize("typed", ["1", "１", "1.0", " 1 "])
def test_a_bare_one_is_no_share_a_clerk_can_mean(desk, capsys, typed):
    assert decide(desk, "--no", "1", "--column", "完成率", "--other", typed) == 1
    assert BARE in capsys.readouterr().out
    assert verdicts(desk)[FGJ, "完成率"] is None


@pytest.mark.parametrize(("typed", "share"), [("1%", 0.01), ("100%", 1), ("100", 1), ("0.6", 0.6)])
def test_what_says_which_share_it_is_is_taken(desk, typed, share):
    assert decide(desk, "--no", "1", "--column", "完成率", "--other", typed) == 0
    desk.apply()
    assert cells(desk)["percent"] == share


@pytest.mark.parametrize("typed", ["1", 1, 1.0])
def test_a_bare_one_typed_into_the_sheet_stays_open_and_is_told(desk, typed):
    desk.decide("完成率", "另行填写", typed)
    assert desk.apply().open == 3  # with the two conflicts
    assert cells(desk)["percent"] == 0.3
    grid = open_ledger(desk.path).grids[tables.RESULTS]
    (told,) = (" ".join(map(str, row)) for row in grid if "完成率" in row and "无效" in row)
    assert BARE in told
    assert ("已经显示 100% 的，请先把这一格的格式改为“文本”再填。" in told) is not isinstance(typed, str)


@pytest.mark.parametrize(("back", "said"), [(1.5, "150%"), (-0.5, "-50%"), (150, "150"), (0.125, "12.5%")])
def test_a_share_is_shown_alike_in_the_list_and_on_the_sheet(desk, capsys, back, said):
    desk.fill(FGJ, percent=back)
    desk.type_task(0, percent=0.4)
    desk.merge()
    decide(desk, "--column", "完成率")
    told = capsys.readouterr().out.splitlines()[1:]
    assert [line for line in told if f"下发“30%”　台账“40%”　上报“{said}”" in line]
    place = RESULTS_TABLE.place
    sheet = load_workbook(desk.path)[tables.RESULTS]
    row = next(row for row in sheet.iter_rows(min_row=4) if row[place("back") - 1].value == back)
    (base, now, found) = (row[place(key) - 1] for key in ("base", "now", "back"))
    assert [one.number_format for one in (base, now)] == ["0%", "0%"]
    assert found.number_format == {"12.5%": "0.00%", "150": "General"}.get(said, "0%")
    assert back == 0.125 or f"“{said}”不在 0% 到 100% 之间" in row[place("reason") - 1].value
