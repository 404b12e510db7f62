"""What happened to a ledger, on files: hand edits found, operations taken back, the record verified, backups kept."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from test_loop import THREE, Desk

from core.test_journal import held, replayed
from ledgers import AS_OF, FGJ, FIRST, NOW, SECOND, ZJJ, book, cell, with_report
from taizhang import actions, deciding, journal, tables
from taizhang.books import editing, file
from taizhang.books.ledgers import open_ledger
from taizhang.cli import main
from taizhang.columns import DERIVED
from taizhang.errors import Stop
from taizhang.gui.desk import WindowDesk, do
from taizhang.gui.jobs import Job
from taizhang.journal import Act, Line
from taizhang.layout import office
from taizhang.layout.result import RESULTS_TABLE
from taizhang.ledger import ReportKey
from taizhang.merge import Choice, Verdict
from taizhang.tables import JOINT_TABLE, JOURNAL_TABLE
from taizhang.values import Value

Run = Callable[..., tuple[int, str, str]]
CELLS = (tables.LEDGER, tables.JOINT, tables.SETTINGS)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a command and gives its exit code, its output and its complaint."""

    def told(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(one) for one in arguments])
        return code, *capsys.readouterr()

    return told


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a ledger whose day is fixed, so that the same cells show the same whenever they are written."""
    return Desk(tmp_path, book(THREE, as_of=AS_OF))


@pytest.fixture
def sent(desk: Desk) -> Desk:
    desk.split()
    return desk


@pytest.fixture
def decided(sent: Desk) -> Desk:
    """Return a desk with returns of a single and of two joint leads previewed, one conflict of them decided."""
    sent.type_task(0, problem="营商办核实")
    sent.fill_rows(
        FGJ, {(0, "progress"): "已办结", (0, "percent"): 1, (0, "problem"): "不缺", (1, "progress"): "一之二"}
    )
    sent.fill_rows(ZJJ, {(0, "progress"): "二之二", (0, "reported_on"): date(2020, 9, 8), (1, "percent"): "60%"})
    sent.merge()
    sent.decide("存在问题", Choice.BACK.value)
    return sent


def grids(desk: Desk) -> dict[str, list[list[Value]]]:
    return {name: desk.sheet(name) for name in CELLS}


def lines(desk: Desk, operation: str = "") -> list[Line]:
    found = actions.log(desk.path).journal.lines
    return [line for line in found if not operation or line.operation == operation]


def listed(desk: Desk) -> Counter[tuple[str, ...]]:
    """Return the rows of 合并结果 without what is written in 裁决 and 另行填写, whatever their order."""
    own = {RESULTS_TABLE.place("choice") - 1, RESULTS_TABLE.place("other") - 1}
    rows = desk.sheet(tables.RESULTS)[RESULTS_TABLE.header_row :]
    return Counter(tuple(str(value) for place, value in enumerate(row) if place not in own) for row in rows)


# --- an operation taken back ---


def test_undo_leaves_every_cell_as_it_was_before_the_apply(decided: Desk, run: Run) -> None:
    before = grids(decided)
    run("apply", decided.path)
    assert grids(decided) != before
    code, out, err = run("undo", decided.path)
    assert (code, err) == (0, "")
    assert "执行合并" in out
    assert grids(decided) == before


def test_what_was_applied_is_listed_again_after_an_undo(decided: Desk, run: Run) -> None:
    before = listed(decided)
    run("apply", decided.path)
    assert listed(decided) != before
    run("undo", decided.path)
    assert listed(decided) == before


def test_applying_again_after_an_undo_gives_the_same_ledger(decided: Desk, run: Run) -> None:
    run("apply", decided.path)
    once = grids(decided)
    run("undo", decided.path)
    decided.decide("存在问题", Choice.BACK.value)
    run("apply", decided.path)
    assert grids(decided) == once


def test_a_decision_to_keep_the_ledgers_value_is_taken_back_too(decided: Desk, run: Run) -> None:
    run("apply", decided.path)
    decided.fill(FGJ, to="再报.xlsx", progress="又改了")
    decided.type_task(0, progress="营商办改过")
    decided.merge()
    before = listed(decided)
    decided.decide("进展情况", Choice.NOW.value)
    assert run("apply", decided.path)[0] == 0
    assert listed(decided) != before
    code, out, _ = run("undo", decided.path, "--json")
    assert (code, json.loads(out)) == (0, {"operation": "执行合并", "undone": 0, "refused": []})
    assert listed(decided) == before


def test_an_undo_says_how_many_decisions_went_with_it(decided: Desk, run: Run) -> None:
    refused = next(one for one in deciding.items(decided.path) if one.kind == "采纳")
    deciding.decide(decided.path, {refused.id: Verdict(Choice.NOW)}, decided.context)
    run("apply", decided.path)
    out = run("undo", decided.path)[1]
    assert "2 项的裁决随之取消，请在“合并结果”中重新裁决；" in out
    assert not any(one.verdict for one in deciding.items(decided.path))
    run("apply", decided.path)
    assert "裁决随之取消" not in run("undo", decided.path)[1]  # what is written by itself was nobody's decision


def test_undo_says_in_json_what_it_took_back(decided: Desk, run: Run) -> None:
    done = decided.apply()
    listed = len([value for item in decided.ledger.items for value in item.cells.values()])
    code, out, err = run("undo", decided.path, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {"operation": "执行合并", "undone": done.written + listed, "refused": []}
    assert (done.problems, decided.ledger.items) == (1, ())


def test_a_cell_changed_since_keeps_its_value_and_is_named_with_the_reason(decided: Desk, run: Run) -> None:
    written = decided.apply().written
    listed = len([value for item in decided.ledger.items for value in item.cells.values()])
    decided.type_task(0, progress="电话核实")
    code, out, _ = run("undo", decided.path, "--json")
    found = json.loads(out)
    (refused,) = found["refused"]
    assert (code, found["undone"]) == (1, written + listed - 1)
    assert {**refused, "reason": ""} == {
        **{"no": 1, "task": FIRST, "department": FGJ},
        **{"column": "进展情况", "reason": ""},
    }
    assert "电话核实" in refused["reason"]
    assert (cell(decided.ledger, "progress"), cell(decided.ledger, "percent")) == ("电话核实", 0.3)


def test_the_sentence_about_a_cell_that_stays_names_task_department_and_column(decided: Desk, run: Run) -> None:
    decided.apply()
    decided.type_task(0, progress="电话核实")
    _, out, _ = run("undo", decided.path)
    (said,) = [line for line in out.splitlines() if "电话核实" in line]
    assert all(word in said for word in ("序号1", FGJ, "进展情况"))


def test_a_cell_that_stays_is_on_record_with_the_reason(decided: Desk, run: Run) -> None:
    decided.apply()
    decided.type_task(0, progress="电话核实")
    run("undo", decided.path)
    (line,) = [line for line in lines(decided, journal.UNDO) if line.column == "进展情况" and line.task == FIRST]
    assert (line.old, line.new) == ("电话核实", "电话核实")
    assert "电话核实" in line.overruled


def test_undo_after_undo_goes_further_back(decided: Desk, run: Run) -> None:
    first = grids(decided)
    run("apply", decided.path)
    second = grids(decided)
    run("status", decided.path, "--as-of", "2020-12-31", "--write")
    run("undo", decided.path)
    assert grids(decided) == second
    run("undo", decided.path)
    assert grids(decided) == first


def test_what_was_taken_back_and_done_again_is_taken_back_again(decided: Desk, run: Run) -> None:
    before = grids(decided)
    for _ in range(3):
        run("apply", decided.path)
        assert run("undo", decided.path)[0] == 0
        assert grids(decided) == before
    assert run("undo", decided.path)[0] == 2


@pytest.mark.parametrize(("old", "new"), [(None, "2020-12-31"), (AS_OF, "2020-12-31")])
def test_a_fixed_day_goes_back_to_what_it_was(tmp_path: Path, run: Run, old: date | None, new: str) -> None:
    desk = Desk(tmp_path, book(THREE, as_of=old))
    run("status", desk.path, "--as-of", new, "--write")
    assert desk.ledger.settings.values["as_of"] == date.fromisoformat(new)
    code, out, _ = run("undo", desk.path, "--json")
    assert (code, json.loads(out)) == (0, {"operation": "刷新状态", "undone": 1, "refused": []})
    assert desk.ledger.settings.values["as_of"] == old


FIXABLE: list[tuple[str, Value]] = [
    ("leads", "发改局"),
    ("percent", "60%"),
    ("phone", " 5900001 "),
    ("phone", "５９００００１"),
    ("reporter", "张\u200b三"),
    ("done_on", "2020年9月7日"),
    ("done_on", "2020-09-07"),
]
DERIVED_PLACES = {office.PLACES[column.key] - 1 for column in DERIVED}


def first_row(desk: Desk) -> list[Value]:
    """Return the first task's cells, those left out that are computed."""
    row = desk.sheet(tables.LEDGER)[office.FIRST_ROW - 1]
    return [value for place, value in enumerate(row) if place not in DERIVED_PLACES]


@pytest.fixture
def mended(tmp_path: Path, run: Run) -> Callable[[str, Value], Desk]:
    """Return what types a cell into a ledger and has the check put it right."""

    def made(key: str, value: Value) -> Desk:
        desk = Desk(tmp_path, book(THREE, as_of=AS_OF))
        desk.type_task(0, **{key: value})
        run("check", desk.path, "--fix")
        return desk

    return made


Mended = Callable[[str, Value], Desk]


@pytest.mark.parametrize(("key", "value"), FIXABLE)
def test_what_a_check_put_right_goes_back_to_how_it_was_written(
    mended: Mended, run: Run, key: str, value: Value
) -> None:
    desk = mended(key, value)
    place = office.PLACES[key] - 1
    assert desk.sheet(tables.LEDGER)[office.FIRST_ROW - 1][place] != value
    code, out, _ = run("undo", desk.path, "--json")
    assert (code, json.loads(out)) == (0, {"operation": "自动更正", "undone": 1, "refused": []})
    assert desk.sheet(tables.LEDGER)[office.FIRST_ROW - 1][place] == value


@pytest.mark.parametrize(("key", "value"), [("percent", "60%"), ("phone", " 5900001 "), ("done_on", "2020-09-07")])
def test_what_a_check_put_right_in_a_joint_report_goes_back_too(desk: Desk, run: Run, key: str, value: Value) -> None:
    place = JOINT_TABLE.place(key)
    desk.type(tables.JOINT, {(office.FIRST_ROW + 1, place): value})
    run("check", desk.path, "--fix")
    assert desk.sheet(tables.JOINT)[office.FIRST_ROW][place - 1] != value
    code, out, _ = run("undo", desk.path, "--json")
    assert (code, json.loads(out)["undone"]) == (0, 1)
    assert desk.sheet(tables.JOINT)[office.FIRST_ROW][place - 1] == value


@pytest.mark.parametrize(("key", "value"), FIXABLE)
def test_a_check_that_was_taken_back_is_not_taken_back_again(mended: Mended, run: Run, key: str, value: Value) -> None:
    desk = mended(key, value)
    run("undo", desk.path)
    row = first_row(desk)
    assert run("undo", desk.path)[0] == 2
    assert first_row(desk) == row


@pytest.mark.parametrize(("key", "value"), [*FIXABLE, ("problem", "   "), ("percent", "６０％")])
def test_the_record_is_whole_whatever_a_check_put_right(mended: Mended, run: Run, key: str, value: Value) -> None:
    desk = mended(key, value)
    assert run("log", desk.path, "--verify")[0] == 0
    assert list(journal.hand_edits(actions.log(desk.path).journal, desk.ledger)) == []


# --- what cannot be taken back ---


def refused(desk: Desk, run: Run) -> None:
    """Assert that an undo is refused with one sentence, and that nothing was touched."""
    before, backups = desk.path.read_bytes(), sorted(desk.path.parent.rglob("*"))
    code, out, err = run("undo", desk.path)
    assert (code, out) == (2, "")
    assert err == Stop.NOTHING_TO_UNDO.value.format(path=desk.path) + "\n"
    assert desk.path.read_bytes() == before
    assert sorted(desk.path.parent.rglob("*")) == backups


def test_the_making_of_a_ledger_cannot_be_taken_back(desk: Desk, run: Run) -> None:
    run("status", desk.path, "--as-of", AS_OF, "--write")  # makes the lock file, and nothing to take back
    refused(desk, run)


def test_hand_edits_cannot_be_taken_back(desk: Desk, run: Run) -> None:
    desk.type_task(0, progress="手工改的")
    run("status", desk.path, "--as-of", AS_OF, "--write")
    assert [line.new for line in lines(desk, journal.HAND)] == ["手工改的"]
    refused(desk, run)


def test_a_hand_edit_before_an_operation_stays_when_that_is_taken_back(desk: Desk, run: Run) -> None:
    desk.type_task(0, progress="手工改的")
    run("status", desk.path, "--as-of", "2020-12-31", "--write")
    run("undo", desk.path)
    assert cell(desk.ledger, "progress") == "手工改的"


def test_a_dispatch_and_a_preview_are_no_steps_of_undo(decided: Desk, run: Run) -> None:
    refused(decided, run)


# --- hand edits are found by whatever writes next ---


WRITERS: Mapping[str, Callable[[Desk], object]] = {
    "status": lambda desk: actions.status(desk.path, desk.context, write=True),
    "split": lambda desk: actions.split(desk.path, desk.folder / "再下发", desk.context),
    "merge": lambda desk: desk.merge(),
    "apply": lambda desk: desk.apply(),
    "summary": lambda desk: actions.summarise(desk.path, desk.context),
    "undo": lambda desk: actions.undo(desk.path, desk.context),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_write_puts_hand_edits_on_record_before_its_own_lines(decided: Desk, name: str) -> None:
    if name == "undo":
        decided.apply()
    known = len(lines(decided))
    since = lines(decided)[-1].at
    decided.type_task(2, note="手工备注", progress="手工进展")
    WRITERS[name](decided)
    new = lines(decided)[known:]
    first = [line for line in new if line.operation == journal.HAND]
    assert new[: len(first)] == first
    assert {(line.no, line.column, line.new) for line in first} >= {
        ("3", "备注", "手工备注"),
        ("3", "进展情况", "手工进展"),
    }
    assert {line.operator for line in first} == {""}
    assert {line.file for line in first} == {f"{since} 至 {decided.now} 之间"}


def test_a_hand_edit_is_put_on_record_once(desk: Desk) -> None:
    desk.type_task(0, progress="手工改的")
    for _ in range(3):
        actions.status(desk.path, desk.context, write=True)
    assert [(line.column, line.old, line.new) for line in lines(desk, journal.HAND)] == [
        ("进展情况", "推进中", "手工改的")
    ]


def test_an_edit_of_a_joint_report_is_that_departments_and_no_word_on_the_composed_cell(desk: Desk) -> None:
    desk.type(tables.JOINT, {(office.FIRST_ROW + 1, JOINT_TABLE.place("progress")): "电话核实"})
    known = len(lines(desk))
    actions.status(desk.path, desk.context, AS_OF, write=True)
    assert [(line.operation, line.department, line.old, line.new) for line in lines(desk)[known:]] == [
        (journal.HAND, ZJJ, "二", "电话核实")
    ]


def rename(desk: Desk) -> None:
    """Give a department another name in 单位名录; the old one stays as an alias."""
    row = next(number for number, cells in enumerate(desk.sheet(tables.NAMES), 1) if FGJ in cells)
    desk.type(tables.NAMES, {(row, 1): "区发展改革局", (row, 2): f"{FGJ}、发改局"})


def take_means(desk: Desk) -> None:
    """Have the percentage of joint tasks be the mean from now on."""
    row = next(number for number, cells in enumerate(desk.sheet(tables.SETTINGS), 1) if "联合牵头完成率" in cells)
    desk.type(tables.SETTINGS, {(row, 2): "平均值"})


@pytest.mark.parametrize("edit", [rename, take_means])
def test_what_a_composed_cell_showed_before_a_hand_edit_elsewhere_was_not_typed_over_it(
    desk: Desk, edit: Callable[[Desk], None]
) -> None:
    shown_before = desk.sheet(tables.LEDGER)[office.FIRST_ROW]
    edit(desk)
    actions.status(desk.path, desk.context, AS_OF, write=True)
    assert desk.sheet(tables.LEDGER)[office.FIRST_ROW] != shown_before
    assert [line.old for line in lines(desk) if line.department == journal.COMPOSED] == []


def test_words_typed_over_a_composed_cell_are_no_step_of_undo(decided: Desk, run: Run) -> None:
    before = grids(decided)
    decided.apply()
    decided.type_task(1, progress="手工写的话")
    actions.status(decided.path, decided.context, AS_OF, write=True)
    assert [line.old for line in lines(decided) if line.department == journal.COMPOSED] == ["手工写的话"]
    run("undo", decided.path)
    assert grids(decided) == before


# --- what belongs to no task: 字典, 单位名录, the colours ---


def row_of(desk: Desk, sheet: str, first: str) -> int:
    """Return the row of a sheet that begins with a text."""
    return next(number for number, cells in enumerate(desk.sheet(sheet), 1) if cells and cells[0] == first)


def typed_on(desk: Desk, sheet: str, first: str, place: int, value: Value) -> None:
    desk.type(sheet, {(row_of(desk, sheet, first), place): value})


SHARED: list[tuple[str, str, int, Value, tuple[str, str, str]]] = [
    (tables.WORDINGS, "6月底", 2, date(2020, 6, 20), ("字典：6月底", "2020-06-30", "2020-06-20")),
    (tables.WORDINGS, "每月", 3, "季", ("字典：每月", "月", "季")),
    (tables.WORDINGS, "12月底", 2, None, ("字典：12月底", "2020-12-31", "未注明")),
    (tables.NAMES, ZJJ, 2, None, (f"单位名录：{ZJJ}", f"{ZJJ}、住建局", ZJJ)),
    (tables.NAMES, ZJJ, 2, "住建局、建设局", (f"单位名录：{ZJJ}", f"{ZJJ}、住建局", f"{ZJJ}、住建局、建设局")),
    (tables.SETTINGS, "颜色：逾期", 2, "#abcdef", ("颜色：逾期", "#FF7C80", "#ABCDEF")),
    (tables.SETTINGS, "临期天数", 2, 15, ("临期天数", "30", "15")),
]


@pytest.mark.parametrize(("sheet", "first", "place", "value", "line"), SHARED)
def test_what_is_typed_on_the_other_sheets_is_on_record_once_and_back_again(
    desk: Desk, sheet: str, first: str, place: int, value: Value, line: tuple[str, str, str]
) -> None:
    column, old, new = line
    before = desk.sheet(sheet)[row_of(desk, sheet, first) - 1][place - 1]
    for typed in (value, before):
        typed_on(desk, sheet, first, place, typed or None)
        for _ in range(2):
            actions.status(desk.path, desk.context, AS_OF, write=True)
    found = [(line.column, line.old, line.new) for line in lines(desk, journal.HAND)]
    assert found == [(column, old, new), (column, new, old)]
    assert replayed(actions.log(desk.path).journal) == held(desk.ledger)


def test_a_department_listed_by_hand_is_on_record(desk: Desk) -> None:
    bottom = len(desk.sheet(tables.NAMES)) + 1
    desk.type(tables.NAMES, {(bottom, 1): "区法院", (bottom, 2): "法院"})
    actions.status(desk.path, desk.context, AS_OF, write=True)
    assert [(line.column, line.old, line.new) for line in lines(desk, journal.HAND)] == [
        ("单位名录：区法院", "", "区法院、法院")
    ]


ALIASED = f"""
| 序号 | 牵头部门 | 牵头单位 | 进展情况 | 完成率 |
| 1 | 发改局 | {FGJ} | 推进中 | 30% |
| 2 | {FGJ}、住建局 | {FGJ} | 一 | 50% |
| 2 | {FGJ}、住建局 | {ZJJ} | 二 | 80% |
"""


@pytest.fixture
def aliased(tmp_path: Path) -> Desk:
    """Return a ledger whose leads are written by their aliases."""
    return Desk(tmp_path, book(ALIASED, as_of=AS_OF))


def without_alias(desk: Desk, name: str) -> None:
    typed_on(desk, tables.NAMES, name, 2, None)


def with_alias(desk: Desk, name: str) -> None:
    typed_on(desk, tables.NAMES, name, 2, name[1:])


@pytest.mark.parametrize(
    ("name", "said"), [(ZJJ, f"由“{FGJ}、{ZJJ}”变为“{FGJ}”"), (FGJ, f"由“{FGJ}”变为“无”")], ids=["joint", "single"]
)
def test_an_alias_taken_out_empties_no_report_and_says_that_the_lead_is_gone(
    aliased: Desk, name: str, said: str
) -> None:
    without_alias(aliased, name)
    actions.status(aliased.path, aliased.context, AS_OF, write=True)
    assert [line.column for line in lines(aliased, journal.HAND)] == [f"单位名录：{name}"]
    (gone,) = (line for line in lines(aliased, journal.MOVED) if line.column == "牵头部门")
    assert (gone.old == gone.new, said in gone.overruled) == (True, True)
    assert lines(aliased, journal.MOVED)[0] == gone
    record = actions.log(aliased.path).journal
    assert replayed(record, aliased.ledger.directory) == held(aliased.ledger)


@pytest.mark.parametrize("name", [ZJJ, FGJ])
def test_an_alias_put_back_brings_every_report_back(aliased: Desk, name: str) -> None:
    before = held(aliased.ledger), grids(aliased)[tables.LEDGER], dict(aliased.ledger.reports)
    for edit in (without_alias, with_alias):
        edit(aliased, name)
        actions.status(aliased.path, aliased.context, AS_OF, write=True)
    assert (held(aliased.ledger), grids(aliased)[tables.LEDGER], dict(aliased.ledger.reports)) == before
    words = {line.column for line in lines(aliased, journal.HAND)}
    assert words == {f"单位名录：{name}"}


def test_a_report_whose_lead_was_overtyped_moves_and_what_was_typed_with_it_is_by_hand(desk: Desk) -> None:
    desk.type_task(0, leads=ZJJ, progress="住建局的话")
    actions.status(desk.path, desk.context, AS_OF, write=True)
    by_hand = [(line.department, line.column, line.old, line.new) for line in lines(desk, journal.HAND)]
    assert by_hand == [("", "牵头部门", FGJ, ZJJ), (ZJJ, "进展情况", "", "住建局的话")]
    moved = lines(desk, journal.MOVED)
    gone = {line.column: line.old for line in moved if line.department == FGJ and line.new == ""}
    taken = {line.column: line.new for line in moved if line.department == ZJJ and line.old == ""}
    assert (gone.pop("进展情况"), gone["完成率"], len(moved)) == ("推进中", "0.3", 2 * len(taken) + 1)
    assert gone == taken
    assert replayed(actions.log(desk.path).journal) == held(desk.ledger)


def test_an_edited_row_of_a_lead_that_has_left_is_on_record(desk: Desk) -> None:
    desk.type_task(1, leads=FGJ)
    actions.status(desk.path, desk.context, AS_OF, write=True)
    desk.type(tables.JOINT, {(office.FIRST_ROW + 1, JOINT_TABLE.place("progress")): "离开以后改的"})
    actions.status(desk.path, desk.context, AS_OF, write=True)
    last = lines(desk)[-1]
    assert (last.operation, last.department, last.old, last.new) == (journal.HAND, ZJJ, "二", "离开以后改的")
    assert replayed(actions.log(desk.path).journal) == held(desk.ledger)


def test_the_making_and_every_write_after_it_replay_to_the_ledger(decided: Desk, run: Run) -> None:
    run("apply", decided.path)
    decided.type_task(0, progress="手工改的", closed_on=date(2020, 9, 8))
    run("undo", decided.path)
    assert replayed(actions.log(decided.path).journal) == held(decided.ledger)


def test_two_lines_of_one_name_in_the_directory_are_both_on_record_and_settle(desk: Desk) -> None:
    desk.type_task(0, leads="发改局")
    bottom = len(desk.sheet(tables.NAMES)) + 1
    desk.type(tables.NAMES, {(bottom, 1): FGJ, (bottom, 2): "发展局"})
    for _ in range(3):
        actions.status(desk.path, desk.context, AS_OF, write=True)
    shared = [(line.column, line.old, line.new) for line in lines(desk, journal.HAND) if not line.task]
    assert shared == [(f"单位名录：{FGJ}", f"{FGJ}、发改局", f"{FGJ}、发改局、发展局")]
    assert lines(desk, journal.MOVED) == []
    typed_on(desk, tables.NAMES, FGJ, 2, None)  # the first of the two
    actions.status(desk.path, desk.context, AS_OF, write=True)
    assert lines(desk, journal.HAND)[-1].new == f"{FGJ}、发展局"


@pytest.mark.parametrize("name", ["发改局、统计局", "发改局；统计局"])
def test_a_name_that_can_be_no_ones_settles_too(desk: Desk, name: str) -> None:
    bottom = len(desk.sheet(tables.NAMES)) + 1
    desk.type(tables.NAMES, {(bottom, 1): name, (bottom, 2): "统计局"})
    for _ in range(3):
        actions.status(desk.path, desk.context, AS_OF, write=True)
    assert [line.column for line in lines(desk, journal.HAND)] == [f"单位名录：{name}"]
    assert lines(desk, journal.MOVED) == []


def test_a_joint_row_deleted_with_its_lead_leaves_the_other_report_as_it_was(desk: Desk) -> None:
    before = dict(desk.ledger.report(ReportKey(SECOND, ZJJ)))
    desk.type_task(1, leads=ZJJ)
    book = load_workbook(desk.path)
    book[tables.JOINT].delete_rows(office.FIRST_ROW)
    book.save(desk.path)
    actions.status(desk.path, desk.context, AS_OF, write=True)
    assert dict(desk.ledger.report(ReportKey(SECOND, ZJJ))) == before
    assert [line.column for line in lines(desk, journal.HAND)] == ["牵头部门"]
    assert {(line.department, line.new) for line in lines(desk, journal.MOVED)} == {(FGJ, "")}
    assert replayed(actions.log(desk.path).journal) == held(desk.ledger)


def test_what_a_clerk_empties_in_the_row_of_a_lead_that_left_long_ago_is_by_hand(desk: Desk) -> None:
    desk.type_task(1, leads=FGJ)
    actions.status(desk.path, desk.context, AS_OF, write=True)
    desk.type(tables.JOINT, {(office.FIRST_ROW + 1, JOINT_TABLE.place("progress")): None})
    actions.status(desk.path, desk.context, AS_OF, write=True)
    last = lines(desk)[-1]
    assert (last.operation, last.department, last.old, last.new) == (journal.HAND, ZJJ, "二", "")


def test_a_task_that_turns_joint_had_nothing_typed_over_a_composed_cell(desk: Desk) -> None:
    desk.type_task(2, leads=f"{ZJJ}、{FGJ}")
    actions.status(desk.path, desk.context, AS_OF, write=True)
    assert [line for line in lines(desk) if line.department == journal.COMPOSED] == []
    assert desk.ledger.report(ReportKey("RW2020-003", ZJJ))["progress"] == "推进中"


def test_a_newer_ledger_put_back_is_told_apart_from_what_was_written_last(desk: Desk, run: Run) -> None:
    old = desk.path.read_bytes()
    desk.type_task(0, progress="新的话", note="备注")
    actions.status(desk.path, desk.context, AS_OF, write=True)
    new = desk.path.read_bytes()
    for data in (old, new):
        desk.path.write_bytes(data)
        desk.type_task(0, problem=f"问题{len(data)}")
        actions.status(desk.path, desk.context, AS_OF, write=True)
    (said,) = (line.overruled for line in lines(desk, journal.OLDER))
    assert "换上的不是上次写入的那一本" in said
    assert run("log", desk.path, "--verify")[0] == 0
    (told,) = (line for line in run("log", desk.path)[1].splitlines() if journal.OLDER in line)
    assert told.endswith(f"{journal.OLDER}：{said}。")
    assert "保持" not in told


def test_a_command_that_finds_an_older_copy_put_back_says_so(desk: Desk, run: Run) -> None:
    old = desk.path.read_bytes()
    desk.type_task(0, progress="新的话")
    actions.status(desk.path, desk.context, AS_OF, write=True)
    desk.path.write_bytes(old)
    said = "换上的不是上次写入的那一本：那一本写到第"
    assert said in run("status", desk.path, "--write")[1]
    assert said not in run("status", desk.path, "--write")[1]


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ("保留台账", "　完成率：保持“30%”　未采用：80%（{file}）"),
        ("另行填写", "　完成率：“30%”改为“50%”　未采用：80%（{file}）"),
    ],
)
def test_the_log_says_what_was_not_taken_and_from_which_file(sent: Desk, run: Run, choice: str, told: str) -> None:
    file = sent.fill(FGJ, percent=0.8)
    sent.merge()
    assert (
        run("decide", sent.path, "--column", "完成率", *(("--now",) if choice == "保留台账" else ("--other", "50%")))[0]
        == 0
    )
    sent.apply()
    assert told.format(file=file.name) in run("log", sent.path)[1]


def test_words_replaced_by_what_stood_there_are_on_record_and_count_as_no_cell_written(sent: Desk) -> None:
    sent.type_task(0, progress="营商办核实")
    sent.fill(FGJ, progress="部门的话")
    sent.merge()
    sent.decide("进展情况", Choice.OTHER.value, "营商办核实")
    assert sent.apply().written == 0
    (line,) = (line for line in lines(sent, journal.APPLY) if line.column == "进展情况")
    assert (line.old, line.new, line.overruled) == ("营商办核实", "营商办核实", "部门的话")


def test_an_undo_refused_after_a_renaming_names_the_value_that_stays(sent: Desk) -> None:
    sent.fill(FGJ, progress="部门的话")
    sent.merge()
    sent.apply()
    sent.type_task(0, progress="手改")
    rename(sent)
    actions.undo(sent.path, sent.context)
    last = lines(sent)[-1]
    assert (last.operation, last.department, last.old, last.new) == (journal.UNDO, "区发展改革局", "手改", "手改")


@pytest.mark.parametrize(("sheet", "place"), [(tables.WORDINGS, 2), (tables.NAMES, 1)])
def test_words_as_long_as_a_cell_on_the_other_sheets_stop_no_write(
    desk: Desk, run: Run, sheet: str, place: int
) -> None:
    bottom = len(desk.sheet(sheet)) + 1
    cells: dict[tuple[int, int], Value] = {(bottom, 1): "长" * 32_767}
    if sheet == tables.WORDINGS:
        cells[bottom, place] = date(2020, 9, 30)
    desk.type(sheet, cells)
    for day in ("2020-12-30", "2020-12-31"):
        assert run("status", desk.path, "--as-of", day, "--write")[0] == 0
    assert len([line for line in lines(desk, journal.HAND) if not line.task]) == 1
    assert run("log", desk.path, "--verify")[0] == 0


def cut_after_undo(desk: Desk) -> None:
    actions.undo(desk.path, desk.context)
    delete(desk, last(desk) - 1, 2)


def cut_a_decision(desk: Desk) -> None:
    desk.fill(FGJ, to="再报.xlsx", progress="又改了")
    desk.type_task(0, progress="营商办改过")
    desk.merge()
    desk.decide("进展情况", Choice.NOW.value)
    desk.apply()
    delete(desk, last(desk))


@pytest.mark.parametrize("cut", [cut_after_undo, cut_a_decision])
def test_a_cut_that_left_every_cell_as_it_was_stays_named(decided: Desk, run: Run, cut: Callable[[Desk], None]) -> None:
    decided.apply()
    cut(decided)
    wanted = last(decided) + 1
    for day in ("2020-12-30", "2020-12-31"):
        assert run("status", decided.path, "--as-of", day, "--write")[0] == 0
        code, out, _ = run("log", decided.path, "--verify")
        assert (code, f"第 {wanted} 条" in out) == (1, True)


# --- log ---


def test_the_log_tells_every_line_in_one_row_of_text(decided: Desk, run: Run) -> None:
    decided.type_task(0, progress="第一行\n第二行")
    decided.apply()
    code, out, err = run("log", decided.path)
    assert (code, err) == (0, "")
    told = out.splitlines()
    assert len(told) == len(lines(decided))
    assert any("手工修改" in line and "第一行 第二行" in line for line in told)
    assert any(f"执行合并　序号1　{FGJ}　完成率：“30%”改为“100%”" in line for line in told)


def test_the_log_of_one_task_has_its_lines_alone(decided: Desk, run: Run) -> None:
    decided.apply()
    _, out, _ = run("log", decided.path, "--json", "--no", "2")
    found = json.loads(out)["lines"]
    assert {line["task"] for line in found} == {SECOND}
    assert len(found) == len([line for line in lines(decided) if line.no == "2"])


def test_a_log_without_a_line_for_a_number_says_so(decided: Desk, run: Run) -> None:
    assert run("log", decided.path, "--no", "999") == (1, "没有序号 999 的变更记录。请核对序号。\n", "")


def test_the_log_in_json_has_every_field_of_a_line(decided: Desk, run: Run) -> None:
    decided.apply()
    code, out, _ = run("log", decided.path, "--json")
    found = json.loads(out)
    assert (code, list(found)) == (0, ["lines"])
    (line,) = [
        one for one in found["lines"] if one["operation"] == "执行合并" and one["column"] == "完成率" and one["no"] == 1
    ]
    assert found["lines"][line["number"] - 1] is line
    assert {one["operation"] for one in found["lines"] if one["act"] == line["act"]} == {"执行合并"}
    assert len(line["sha256"]) == 64
    assert {key: value for key, value in line.items() if key not in ("number", "act", "sha256", "row")} == {
        **{"no": 1, "task": FIRST, "department": FGJ, "column": "完成率"},
        **{"old": "0.3", "new": "1", "overruled": ""},
        **{"at": f"{decided.now}", "operator": "经办", "operation": "执行合并"},
        "file": f"2020年9月上旬_{FGJ}_营商环境工作台账.xlsx",
    }


def test_a_good_record_is_verified(decided: Desk, run: Run) -> None:
    decided.apply()
    code, out, err = run("log", decided.path, "--verify")
    assert (code, err) == (0, "")
    assert f"{len(lines(decided))} 条" in out
    code, out, _ = run("log", decided.path, "--verify", "--json")
    assert (code, json.loads(out)["broken"]) == (0, None)


def test_verifying_writes_nothing(decided: Desk, run: Run) -> None:
    decided.apply()
    before = {path: path.read_bytes() for path in decided.folder.rglob("*") if path.is_file()}
    run("log", decided.path, "--verify")
    assert {path: path.read_bytes() for path in decided.folder.rglob("*") if path.is_file()} == before


# --- a record that was meddled with, in the file ---

TOP = JOURNAL_TABLE.header_row


def put(desk: Desk, at_line: int, **values: Value) -> None:
    """Type into the cells of a line."""
    desk.type(tables.JOURNAL, {(TOP + at_line, JOURNAL_TABLE.place(key)): value for key, value in values.items()})


def delete(desk: Desk, number: int, count: int = 1) -> None:
    """Delete rows of the record, as Excel does: what stood below moves up."""
    book = load_workbook(desk.path)
    book[tables.JOURNAL].delete_rows(TOP + number, count)
    book.save(desk.path)


def swap(desk: Desk, one: int, other: int) -> None:
    rows = desk.sheet(tables.JOURNAL)
    keys = [field.key for field in JOURNAL_TABLE.fields]
    values = {n: dict(zip(keys, (v or None for v in rows[TOP + n - 1]), strict=True)) for n in (one, other)}
    put(desk, one, **values[other])
    put(desk, other, **values[one])


def emptied(desk: Desk, number: int) -> None:
    put(desk, number, **dict.fromkeys((field.key for field in JOURNAL_TABLE.fields), None))


def last(desk: Desk) -> int:
    return len(lines(desk))


MEDDLED: Mapping[str, tuple[Callable[[Desk], object], Callable[[int], int]]] = {
    "a new value": (lambda desk: put(desk, 3, new="别的话"), lambda _: 3),
    "an old value": (lambda desk: put(desk, last(desk), old="别的话"), lambda n: n),
    "a value taken out": (lambda desk: put(desk, 3, new=None), lambda _: 3),
    "an operator": (lambda desk: put(desk, 1, operator="别人"), lambda _: 1),
    "a moment": (lambda desk: put(desk, 5, at="2020-09-01 09:30:01"), lambda _: 5),
    "a department": (lambda desk: put(desk, last(desk), department=FGJ + "办公室"), lambda n: n),
    "a hash": (lambda desk: put(desk, 4, hash="0" * 32), lambda _: 4),
    "the link to the line before": (lambda desk: put(desk, 4, previous="0" * 32), lambda _: 4),
    "a number": (lambda desk: put(desk, 4, number=40), lambda _: 4),
    "a number that is none": (lambda desk: put(desk, 4, number="四"), lambda _: 4),
    "an act": (lambda desk: put(desk, last(desk), act=1), lambda n: n),
    "the first line removed": (lambda desk: delete(desk, 1), lambda _: 1),
    "a line removed": (lambda desk: delete(desk, 7), lambda _: 7),
    "a line emptied": (lambda desk: emptied(desk, 7), lambda _: 7),
    "two lines swapped": (lambda desk: swap(desk, 5, 9), lambda _: 5),
    "neighbours swapped": (lambda desk: swap(desk, 5, 6), lambda _: 5),
    "the last line cut off": (lambda desk: delete(desk, last(desk)), lambda n: n),
    "three lines cut off": (lambda desk: delete(desk, last(desk) - 2, 3), lambda n: n - 2),
    "everything cut off": (lambda desk: delete(desk, 1, last(desk)), lambda _: 1),
    "the last line emptied": (lambda desk: emptied(desk, last(desk)), lambda n: n),
}


@pytest.mark.parametrize("name", MEDDLED)
def test_a_record_that_was_meddled_with_names_the_first_broken_line(decided: Desk, run: Run, name: str) -> None:
    decided.apply()
    meddle, where = MEDDLED[name]
    wanted = where(last(decided))
    meddle(decided)
    code, out, err = run("log", decided.path, "--verify")
    assert (code, err) == (1, "")
    assert f"第 {wanted} 条" in out
    code, out, _ = run("log", decided.path, "--verify", "--json")
    assert (code, json.loads(out)["broken"]["line"]) == (1, wanted)


@pytest.mark.parametrize("witness", ["the file's own property", "the record beside the backups"])
def test_a_cut_is_named_by_either_witness_alone(decided: Desk, run: Run, witness: str) -> None:
    decided.apply()
    wanted = last(decided)
    delete(decided, wanted)
    one_witness(decided, witness)
    code, out, _ = run("log", decided.path, "--verify")
    assert (code, f"第 {wanted} 条" in out) == (1, True)


UNREADABLE = ("a number that is none",)  # no write begins on such a ledger


@pytest.mark.parametrize("name", [name for name in MEDDLED if name not in UNREADABLE])
def test_what_was_meddled_with_is_still_named_after_further_writes(decided: Desk, run: Run, name: str) -> None:
    decided.apply()
    meddle, where = MEDDLED[name]
    wanted = where(last(decided))
    meddle(decided)
    for day in ("2020-12-30", "2020-12-31"):
        assert run("status", decided.path, "--as-of", day, "--write")[0] == 0
        code, out, _ = run("log", decided.path, "--verify")
        assert (code, f"第 {wanted} 条" in out) == (1, True)


@pytest.mark.parametrize("witness", ["the file's own property", "the record beside the backups"])
@pytest.mark.parametrize("lines_added", [True, False])
def test_a_cut_is_still_named_by_either_witness_alone_after_a_write(
    decided: Desk, run: Run, witness: str, lines_added: bool
) -> None:
    decided.apply()
    wanted = last(decided)
    if not lines_added:
        decided.type_task(2, note="手工备注")  # the line cut off says so, and the next write finds nothing new
        actions.status(decided.path, decided.context, AS_OF, write=True)
        wanted = last(decided)
        decided.type_task(2, note=None)
    delete(decided, wanted)
    one_witness(decided, witness)
    actions.status(decided.path, decided.context, date(2020, 12, 31) if lines_added else AS_OF, write=True)
    code, out, _ = run("log", decided.path, "--verify")
    assert (code, f"第 {wanted} 条" in out) == (1, True)


def one_witness(desk: Desk, witness: str) -> None:
    """Leave one witness alone of where the record ended."""
    if witness == "the file's own property":
        shutil.rmtree(desk.folder / file.BACKUPS)
    else:
        book = load_workbook(desk.path)
        del book.custom_doc_props[editing.HEAD_PROPERTY]
        book.save(desk.path)


def test_a_record_sorted_the_other_way_round_goes_on_and_is_whole_when_sorted_back(decided: Desk, run: Run) -> None:
    decided.apply()
    turned(decided)
    assert run("log", decided.path, "--verify")[0] == 1
    decided.type_task(2, note="手工备注")
    actions.status(decided.path, decided.context, date(2020, 12, 31), write=True)
    assert [line.new for line in lines(decided, journal.HAND)] == ["营商办核实", "手工备注"]
    in_order(decided)
    assert run("log", decided.path, "--verify")[0] == 0


def turned(desk: Desk) -> None:
    """Sort the record, the last line on top."""
    _laid_out(desk, list(reversed(desk.sheet(tables.JOURNAL)[TOP:])))


def in_order(desk: Desk) -> None:
    rows = [row for row in desk.sheet(tables.JOURNAL)[TOP:] if row[0] not in (None, "")]
    _laid_out(desk, sorted(rows, key=lambda row: row[0]))  # type: ignore[arg-type, return-value]


def _laid_out(desk: Desk, rows: list[list[Value]]) -> None:
    cells = {(TOP + n, place): value or None for n, row in enumerate(rows, 1) for place, value in enumerate(row, 1)}
    desk.type(tables.JOURNAL, cells)


HARMLESS: Mapping[str, Callable[[Desk], object]] = {
    "a number where its text stood": lambda desk: put(desk, saying(desk, "0.3"), new=0.3),
    "another kind of line break": lambda desk: put(desk, saying(desk, "第一行\n第二行"), new="第一行\r\n第二行"),
    "the look of the sheet": lambda desk: looks(desk),
    "another program's file": lambda desk: load_workbook(desk.path).save(desk.path),
    "a note below the table's columns": lambda desk: desk.type(tables.JOURNAL, {(1, 30): "我的话"}),
}


def saying(desk: Desk, new: str) -> int:
    return next(line.number for line in lines(desk) if line.new == new)


def looks(desk: Desk) -> None:
    book = load_workbook(desk.path)
    sheet = book[tables.JOURNAL]
    sheet.column_dimensions["A"].width = 40
    sheet.row_dimensions[6].hidden = True
    book.save(desk.path)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_says_the_same_in_other_words_breaks_nothing(desk: Desk, run: Run, name: str) -> None:
    desk.type_task(0, progress="第一行\n第二行")
    actions.status(desk.path, desk.context, write=True)
    HARMLESS[name](desk)
    assert run("log", desk.path, "--verify")[0] == 0


def test_a_broken_record_does_not_stop_the_work_and_stays_broken(decided: Desk, run: Run) -> None:
    put(decided, 3, new="别的话")
    assert run("apply", decided.path)[0] == 0
    code, out, _ = run("log", decided.path, "--verify")
    assert (code, "第 3 条" in out) == (1, True)


@pytest.mark.parametrize("who", [" ", "　", "张三\r\n", "=1+1", "李\x07四", "\ufffe", "字" * 3_000])
def test_no_name_of_an_operator_breaks_the_record(desk: Desk, run: Run, who: str) -> None:
    assert run("status", desk.path, "--as-of", "2020-12-31", "--write", "--by", who)[0] == 0
    code, out, _ = run("log", desk.path, "--verify")
    assert (code, "无误" in out) == (0, True)


def test_a_ledger_with_texts_as_long_as_a_cell_can_hold_is_written_and_verified(tmp_path: Path, run: Run) -> None:
    desk = Desk(tmp_path, with_report(book(THREE, as_of=AS_OF), FIRST, FGJ, progress="字" * 32_767))
    for _ in range(2):
        run("status", desk.path, "--as-of", AS_OF, "--write")
    assert lines(desk, journal.HAND) == []
    assert run("log", desk.path, "--verify")[0] == 0


# --- backups ---

OLD = "台账_20200701-080000_执行合并.xlsx"
FRESH = "台账_20200831-080000_执行合并.xlsx"
FOREIGN = (
    "台账_变更记录.txt",
    "台账_20200701-080000_执行合并.docx",
    "台账_20200701.xlsx",
    "台账_旧_20200701-080000_执行合并.xlsx",
    "另一本台账_20200701-080000_执行合并.xlsx",
    "台账20200701-080000_执行合并.xlsx",
    "台账_20200701-080000_执行合并.xlsx.bak",
    "我的说明.txt",
)


def laid(desk: Desk, *names: str) -> Path:
    """Put files into the backup folder; return it."""
    folder = desk.folder / file.BACKUPS
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"x") if not (folder / name).exists() else None
    return folder


def with_days(desk: Desk, days: int) -> None:
    row = next(n for n, cells in enumerate(desk.sheet(tables.SETTINGS), 1) if "备份保留天数" in cells)
    desk.type(tables.SETTINGS, {(row, 2): days})


def refresh(desk: Desk) -> None:
    actions.status(desk.path, desk.context, write=True)


def test_backups_older_than_the_setting_go_by_the_date_in_their_name(desk: Desk) -> None:
    folder = laid(desk, OLD, FRESH, *FOREIGN)
    refresh(desk)
    left = {path.name for path in folder.iterdir()}
    assert OLD not in left
    assert {FRESH, *FOREIGN} <= left


@pytest.mark.parametrize(("days", "stays"), [(0, True), (61, False), (63, True), (366, True), (1, False)])
def test_the_office_says_how_long_backups_are_kept(desk: Desk, days: int, stays: bool) -> None:
    with_days(desk, days)
    folder = laid(desk, OLD)
    refresh(desk)
    assert (folder / OLD).exists() is stays


def test_the_newest_backup_stays_however_old_it_is(desk: Desk) -> None:
    older, newest = "台账_20100101-080000_执行合并.xlsx", "台账_20110101-080000_执行合并_1.xlsx"
    folder = laid(desk, older, newest, "另一本台账_20300101-080000_执行合并.xlsx")
    file.thin_out(desk.path, Act(journal.STATUS, NOW, ""), 14)
    assert not (folder / older).exists()
    assert (folder / newest).exists()


def test_backups_that_went_are_told_of_by_the_command_and_by_the_window(desk: Desk, run: Run) -> None:
    told = "按设置清理了 2 个超过 14 天的备份。"
    for command, code in (("status", 0), ("summary", 0)):
        laid(desk, OLD, FRESH)
        found, said = run(command, desk.path, *(["--write"] if command == "status" else []))[:2]
        assert (found, said.splitlines()[-1]) == (code, told)
    laid(desk, OLD, FRESH)
    assert do(WindowDesk(desk.path, (), Job(lambda job: None)), "status", []).lines[-1] == told
    assert told not in run("status", desk.path, "--write")[1]
    laid(desk, OLD)
    json.loads(run("status", desk.path, "--write", "--json")[1])


def test_writes_of_one_moment_keep_a_backup_each(desk: Desk) -> None:
    context = desk.context
    states = []
    for day in (AS_OF, date(2020, 12, 31), AS_OF):
        states.append(desk.path.read_bytes())
        actions.status(desk.path, context, day, write=True)
    kept = [path.read_bytes() for path in (desk.folder / file.BACKUPS).glob("台账_2020*.xlsx")]
    assert sorted(kept) == sorted(states)


def test_a_backup_is_the_ledger_as_it_was_and_opens(decided: Desk, run: Run) -> None:
    before = decided.path.read_bytes()
    _, out, _ = run("apply", decided.path)
    (backup,) = (path for path in (decided.folder / file.BACKUPS).iterdir() if path.name in out)
    assert backup.read_bytes() == before
    assert open_ledger(backup).ledger.tasks == decided.ledger.tasks


def test_a_ledger_taken_back_from_a_backup_goes_on_and_its_record_with_it(decided: Desk, run: Run) -> None:
    before = decided.path.read_bytes()
    decided.apply()
    decided.path.write_bytes(before)
    assert run("apply", decided.path)[0] == 0
    assert run("log", decided.path, "--verify")[0] == 0
    assert replayed(actions.log(decided.path).journal) == held(decided.ledger)


def test_an_older_ledger_put_back_is_on_record_once_and_says_what_is_missing(decided: Desk, run: Run) -> None:
    before = decided.path.read_bytes()
    decided.apply()
    newer, older = len(lines(decided)), len(open_at(decided, before).lines)
    decided.path.write_bytes(before)
    for day in (AS_OF, date(2020, 12, 31)):
        actions.status(decided.path, decided.context, day, write=True)
    (line,) = lines(decided, journal.OLDER)
    assert (line.number, line.old, line.new) == (older + 1, "", "")
    assert f"那一本写到第{newer}条，这一本到第{older}条" in line.overruled
    assert run("log", decided.path, "--verify")[0] == 0
    assert replayed(actions.log(decided.path).journal) == held(decided.ledger)


def open_at(desk: Desk, data: bytes) -> journal.Journal:
    (desk.folder / "旧.xlsx").write_bytes(data)
    return actions.log(desk.folder / "旧.xlsx").journal


def test_what_cannot_be_noted_beside_the_backups_does_not_undo_a_write(desk: Desk, run: Run) -> None:
    record = file.head_record(desk.path)
    record.unlink()
    record.mkdir()
    assert run("status", desk.path, "--as-of", "2020-12-31", "--write")[0] == 0
    assert run("log", desk.path, "--verify")[0] == 0


def test_every_write_that_adds_lines_notes_where_the_record_ends(decided: Desk) -> None:
    decided.apply()
    at = decided.now
    found = actions.log(decided.path).journal.head
    assert file.noted_head(decided.path) == found
    assert file.head_record(decided.path).read_text(encoding="utf-8").splitlines()[-1].startswith(f"{at}\t执行合并\t")
    assert open_ledger(decided.path).sheets.properties[editing.HEAD_PROPERTY] == str(found)
