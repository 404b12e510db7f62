"""The loop on real files: new, split, returned workbooks, merge, apply, merge again; nothing gets lost on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from openpyxl import load_workbook

from ledgers import AS_OF, FGJ, FIRST, NOW, SECOND, ZJJ, Story, applied, book, cell, returned, stories, with_report
from taizhang import actions, journal, tables
from taizhang.actions import Context, Preview
from taizhang.books import file, ledgers
from taizhang.books.ledgers import create_ledger, open_ledger
from taizhang.books.package import Package
from taizhang.columns import BY_KEY, BY_TITLE, COLUMNS, DEPARTMENT, Owner
from taizhang.errors import LedgerError, Stop
from taizhang.journal import Act
from taizhang.layout import department, office
from taizhang.layout.result import RESULTS_TABLE, STATEMENT_TABLE
from taizhang.ledger import Ledger, ReportKey
from taizhang.merge import Choice, Disposition, Outcome, why_row
from taizhang.values import Value, same, shown

THREE = f"""
| 序号 | 牵头部门 | 牵头单位 | 进展情况 | 完成率 | 存在问题 | 填报日期 |
| 1 | {FGJ} | {FGJ} | 推进中 | 30% | 缺人 | 2020-08-28 |
| 2 | {FGJ}、{ZJJ} | {FGJ} | 一 | 50% | | 2020-08-28 |
| 2 | {FGJ}、{ZJJ} | {ZJJ} | 二 | 80% | | 2020-08-27 |
| 3 | {ZJJ} | {ZJJ} | 推进中 | | | |
"""
AWKWARD = (
    "=1+1",
    "+86 595",
    "-",
    "@某某",
    "'单引号",
    "第一行\n第二行\n\n第四行",
    "全角１２３％（括号）",
    "😀🀄𠮷",
    "_x000D_",
    "<b>&amp;</b>",
    "制表\t符",
    "a\u00a0b",
    "12",
    "2020-09-08",
    "TRUE",
    "#N/A 不是错误",
    "字" * 2000,
    "\u200b零宽",
)


class Desk:
    """An office's folder: the ledger, what was sent, what came back, and a clock that moves."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self.folder, self.path, self.sent, self.back = folder, folder / "台账.xlsx", folder / "下发", folder / "交回"
        self.now = NOW - timedelta(days=7)
        create_ledger(self.path, ledger, Act(journal.NEW, self.now, "经办"), AS_OF)

    @property
    def context(self) -> Context:
        self.now += timedelta(minutes=1)
        return Context(self.now, "经办")

    @property
    def ledger(self) -> Ledger:
        return open_ledger(self.path).ledger

    def split(self) -> actions.Dispatched:
        return actions.split(self.path, self.sent, self.context)

    def fill(self, name: str, *, to: str = "", **cells: Value) -> Path:
        """Return a department's workbook with cells of its first task filled in."""
        return self.fill_rows(name, {(0, key): value for key, value in cells.items()}, to)

    def fill_rows(self, name: str, cells: Mapping[tuple[int, str], Value], to: str = "") -> Path:
        (path,) = [path for path in self.sent.iterdir() if name in path.name]
        package = Package.load(path.read_bytes())
        places = {(department.FIRST_ROW + row, department.PLACES[key]): value for (row, key), value in cells.items()}
        package.set_cells(tables.LEDGER, places)
        target = self.back / (to or path.name)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(package.dump())
        return target

    def type(self, sheet: str, cells: Mapping[tuple[int, int], Value]) -> None:
        """Do what a clerk does in Excel: type into the ledger file and save."""
        package = Package.load(self.path.read_bytes())
        package.set_cells(sheet, cells)
        self.path.write_bytes(package.dump())

    def type_task(self, row: int, **cells: Value) -> None:
        self.type(tables.LEDGER, {(office.FIRST_ROW + row, office.PLACES[key]): v for key, v in cells.items()})

    def merge(self, *paths: Path) -> Preview:
        return actions.merge_files(self.path, paths or (self.back,), self.context)

    def apply(self) -> actions.Application:
        return actions.apply(self.path, self.context)

    def decide(self, column: str, choice: str, other: Value = None) -> None:
        """Write a decision beside the open items of a column in 合并结果."""
        grid = open_ledger(self.path).grids[tables.RESULTS]
        place = {key: RESULTS_TABLE.place(key) for key in ("choice", "other", "column", "state")}
        rows = [n for n, row in enumerate(grid, 1) if column in row and "待裁决" in row]
        assert rows, grid
        choices = {(row, place["choice"]): choice for row in rows}
        self.type(tables.RESULTS, {**choices, **{(row, place["other"]): other for row in rows}})

    def sheet(self, name: str) -> list[list[Value]]:
        return [list(row) for row in open_ledger(self.path).grids.get(name, ())]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, book(THREE))


@pytest.fixture
def sent(desk: Desk) -> Desk:
    desk.split()
    return desk


# --- the loop ---


def test_a_ledger_from_a_notice_goes_round_the_whole_loop(tmp_path: Path) -> None:
    notice, path = tmp_path / "通知.csv", tmp_path / "台账.xlsx"
    rows = [
        "序号,事项类别,目标任务,完成时限,牵头部门,责任部门",
        f"1,开办企业,压缩开办时间,9月底,{FGJ},",
        f"2,开办企业,一窗受理,年底前,{ZJJ},",
    ]
    notice.write_text("\n".join(rows), encoding="utf-8")
    actions.new(notice, path, Context(NOW, "经办"), year=2020)
    dispatched = actions.split(path, tmp_path / "下发", Context(NOW, "经办"))
    assert [(file.department, file.rows) for file in dispatched.files] == [(FGJ, 1), (ZJJ, 1)]
    preview = actions.merge_files(path, [tmp_path / "下发"], Context(NOW + timedelta(days=1), "经办"))
    assert (preview.changes, preview.held, preview.needs_attention) == ((), (), False)
    assert actions.apply(path, Context(NOW + timedelta(days=1), "经办")).written == 0


def test_workbooks_that_come_back_unedited_change_nothing(sent: Desk) -> None:
    before = sent.ledger
    preview = sent.merge(sent.sent)
    assert (preview.changes, preview.held, preview.missing_departments) == ((), (), ())
    assert preview.totals[Disposition.UNCHANGED] == sum(file.cells for file in preview.ours) == 4 * 21
    sent.apply()
    assert (sent.ledger.tasks, sent.ledger.reports) == (before.tasks, before.reports)


def test_a_backup_made_among_the_returns_was_handed_in_by_nobody(sent: Desk) -> None:
    kept = sent.back / "发改" / file.BACKUPS / "发改_20200908-090000_自动更正.xlsx"
    kept.parent.mkdir(parents=True)
    sent.fill(FGJ, progress="一", to="发改/发改.xlsx")
    sent.fill(FGJ, progress="以前写的")
    (written,) = sent.back.glob("*.xlsx")
    written.rename(kept)
    preview = sent.merge()
    assert [one.name for one in preview.ours] == ["发改/发改.xlsx"]
    assert len(sent.merge(kept).ours) == 1  # one that is handed in by itself is meant


def test_returned_values_reach_the_ledger_by_department_and_cell(sent: Desk) -> None:
    sent.fill(FGJ, progress="已办结", percent=1, problem=None, reported_on=date(2020, 9, 8))
    sent.fill_rows(ZJJ, {(0, "progress"): "二之二", (1, "percent"): "60%"})
    preview = sent.merge()
    assert {c.disposition for c in preview.changes} == {Disposition.ACCEPTED}
    assert sent.apply().written == 6
    ledger = sent.ledger
    assert [cell(ledger, key) for key in ("progress", "percent", "problem", "reported_on")] == [
        "已办结",
        1,
        None,
        date(2020, 9, 8),
    ]
    assert (cell(ledger, "progress", SECOND, FGJ), cell(ledger, "progress", SECOND, ZJJ)) == ("一", "二之二")
    assert cell(ledger, "percent", "RW2020-003", ZJJ) == 0.6
    shows = sent.sheet(tables.LEDGER)[office.FIRST_ROW]
    assert shows[office.PLACES["progress"] - 1] == f"{FGJ}：一\n{ZJJ}：二之二"


def test_a_preview_changes_no_cell_of_the_ledger_or_the_joint_reports(sent: Desk) -> None:
    sheets = (tables.LEDGER, tables.JOINT, tables.JOURNAL, tables.NAMES, tables.SETTINGS)
    before = {name: sent.sheet(name) for name in sheets}
    sent.fill(FGJ, progress="已办结")
    sent.merge()
    assert {name: sent.sheet(name) for name in sheets} == before


def test_merging_and_applying_again_changes_nothing(sent: Desk) -> None:
    sent.fill(FGJ, progress="已办结")
    sent.merge()
    sent.apply()
    done = sent.ledger
    sent.merge()
    assert sent.apply().written == 0
    assert (sent.ledger.reports, sent.ledger.received) == (done.reports, done.received)


def test_returned_files_are_never_written_to(sent: Desk) -> None:
    path = sent.fill(FGJ, progress="已办结")
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    sent.merge()
    sent.apply()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_files_in_two_runs_end_like_files_in_one(tmp_path: Path) -> None:
    reports = []
    for name, together in (("一", True), ("二", False)):
        folder = tmp_path / name
        folder.mkdir()
        desk = Desk(folder, book(THREE))
        desk.split()
        paths = [
            desk.fill(FGJ, to="早.xlsx", progress="甲", reported_on=date(2020, 9, 7)),
            desk.fill(FGJ, to="晚.xlsx", progress="乙", reported_on=date(2020, 9, 8)),
        ]
        for group in [paths] if together else [paths[1:], paths[:1]]:
            desk.merge(*group)
        desk.apply()
        reports.append(desk.ledger.reports)
    assert reports[0] == reports[1]
    assert reports[0][ReportKey(FIRST, FGJ)]["progress"] == "乙"


def test_an_equal_copy_is_a_duplicate_and_counted_once(sent: Desk) -> None:
    path = sent.fill(FGJ, progress="已办结")
    (path.parent / "副本.xlsx").write_bytes(path.read_bytes())
    preview = sent.merge()
    assert sorted(report.outcome.value for report in preview.reports) == ["duplicate", "merged"]
    assert len(preview.ledger.received) == 1


def test_a_broken_file_is_refused_and_the_others_go_on(sent: Desk) -> None:
    sent.fill(FGJ, progress="已办结")
    (sent.back / "坏.xlsx").write_bytes(b"PK\x03\x04broken")
    (sent.back / "空.xlsx").write_bytes(b"")
    preview = sent.merge()
    assert [report.outcome for report in preview.reports].count(Outcome.REFUSED) == 2
    assert len(preview.changes) == 1


# --- decisions, written beside the items ---


def test_an_office_edit_between_dispatch_and_return_makes_a_conflict(sent: Desk) -> None:
    sent.type_task(0, progress="营商办核实")
    sent.fill(FGJ, progress="已办结", percent=0.9)
    sent.merge()
    assert sent.apply().open == 1
    assert (cell(sent.ledger, "progress"), cell(sent.ledger, "percent")) == ("营商办核实", 0.9)
    sent.decide("进展情况", "采用上报")
    assert sent.apply().open == 0
    assert cell(sent.ledger, "progress") == "已办结"


def test_a_conflict_in_a_joint_report_is_decided_for_that_lead_alone(sent: Desk) -> None:
    sent.type(tables.JOINT, {(office.FIRST_ROW + 1, tables.JOINT_TABLE.place("progress")): "电话核实"})
    sent.fill(ZJJ, progress="二之二")
    sent.merge()
    sent.decide("进展情况", "另行填写", "折中")
    sent.apply()
    assert (cell(sent.ledger, "progress", SECOND, FGJ), cell(sent.ledger, "progress", SECOND, ZJJ)) == ("一", "折中")


def test_a_decision_on_dates_of_a_row_that_came_twice_is_found(sent: Desk) -> None:
    path = sent.fill(FGJ, done_on=date(2020, 9, 7))
    package = Package.load(path.read_bytes())
    row = [None] * len(department.PLACES)
    wanted = {"code": FIRST, "target": "任务1", "done_on": date(2020, 9, 8)}
    for key, value in wanted.items():
        row[department.PLACES[key] - 1] = value
    package.append_rows(tables.LEDGER, [row])
    path.write_bytes(package.dump())
    sent.merge()
    sent.decide("完成日期", "另行填写", "2020-09-06")
    sent.apply()
    assert cell(sent.ledger, "done_on") == date(2020, 9, 6)


def test_another_value_left_empty_writes_nothing(sent: Desk) -> None:
    sent.type_task(0, progress="营商办核实")
    sent.fill(FGJ, progress="已办结")
    sent.merge()
    sent.decide("进展情况", "另行填写")
    assert (sent.apply().open, cell(sent.ledger, "progress")) == (1, "营商办核实")


def test_an_edit_after_the_preview_goes_back_to_the_list(sent: Desk) -> None:
    sent.fill(FGJ, progress="已办结")
    sent.merge()
    sent.type_task(0, progress="刚改")
    assert (sent.apply().open, cell(sent.ledger, "progress")) == (1, "刚改")


def test_a_sheet_sorted_by_hand_changes_nothing_but_its_order(sent: Desk) -> None:
    first, last = (sent.sheet(tables.LEDGER)[office.FIRST_ROW - 1 + n] for n in (0, 2))
    kept = [c for c in COLUMNS if c.owner.name != "DERIVED"]
    for row, cells in ((0, last), (2, first)):
        sent.type_task(row, **{c.key: cells[office.PLACES[c.key] - 1] or None for c in kept})
    sent.fill(FGJ, progress="已办结")
    sent.merge()
    sent.apply()
    assert cell(sent.ledger, "progress") == "已办结"
    assert cell(sent.ledger, "progress", "RW2020-003", ZJJ) == "推进中"


def test_decisions_not_yet_applied_survive_another_merge(sent: Desk) -> None:
    sent.type_task(0, progress="营商办核实")
    sent.fill(FGJ, progress="已办结")
    sent.merge()
    sent.decide("进展情况", "采用上报")
    sent.fill(ZJJ, progress="二之二")
    sent.merge()
    sent.apply()
    assert cell(sent.ledger, "progress") == "已办结"


# --- the journal ---


def test_the_journal_on_file_replays_from_the_old_ledger_to_the_new(sent: Desk) -> None:
    old = sent.ledger
    sent.fill(FGJ, progress="已办结", percent=1, problem=None)
    sent.merge()
    first, last = sent.apply().journal or (0, 0)
    keys = [field.key for field in tables.JOURNAL_TABLE.fields]
    lines = [
        dict(zip(keys, row, strict=False)) for row in sent.sheet(tables.JOURNAL)[tables.JOURNAL_TABLE.header_row :]
    ]
    own = [line for line in lines if first <= float(str(line["number"])) <= last]
    told = {(line["task"], line["department"], BY_TITLE[str(line["column"])].key): line for line in own}
    assert len(own) == len(told) == 3
    for task in old.tasks:
        for key in old.keys_of(task.code):
            for column in DEPARTMENT:
                was, becomes = old.report(key).get(column.key), sent.ledger.report(key).get(column.key)
                line = told.get((key.task, key.department, column.key), {"old": shown(was), "new": shown(was)})
                assert (shown(line["old"]), shown(line["new"])) == (shown(was), shown(becomes))


def test_every_write_leaves_the_file_before_it_in_the_backups(sent: Desk) -> None:
    before = sent.path.read_bytes()
    sent.fill(FGJ, progress="已办结")
    sent.merge()
    backups = list((sent.folder / file.BACKUPS).iterdir())
    assert before in [path.read_bytes() for path in backups]


# --- what is written is what is read back ---


def alike(one: Ledger, other: Ledger) -> None:
    """Assert that two ledgers hold the same, cell by cell."""
    assert [task.code for task in one.tasks] == [task.code for task in other.tasks]
    for task in one.tasks:
        there = other.by_code[task.code].cells
        for key in task.cells.keys() | there.keys():
            assert same(task.cells.get(key), there.get(key)), (task.code, key)
    for key in one.reports.keys() | other.reports.keys():
        for name in one.report(key).keys() | other.report(key).keys():
            assert same(one.report(key).get(name), other.report(key).get(name)), (key, name)
    assert one.received == other.received
    assert one.base == other.base
    assert one.batches == other.batches
    assert one.settings == other.settings
    assert one.dictionary == other.dictionary
    assert one.directory == other.directory


@pytest.mark.parametrize("texts", [AWKWARD], ids=["awkward"])
def test_awkward_texts_and_dates_read_back_as_written(tmp_path: Path, texts: tuple[str, ...]) -> None:
    rows = "\n".join(f"| {n} | {FGJ} |" for n in range(1, len(texts) + 1))
    made = book(f"| 序号 | 牵头部门 |\n{rows}")
    for task, text in zip(made.tasks, texts, strict=True):
        made = with_report(made, task.code, FGJ, progress=text, done_on=date(2020, 9, 8), percent=0.55)
    desk = Desk(tmp_path, made)
    alike(desk.ledger, made)
    desk.split()
    assert desk.merge(desk.sent).changes == ()
    cells = {(n, key): text for n, text in enumerate(reversed(texts)) for key in ("next_step", "progress")}
    desk.fill_rows(FGJ, cells)
    desk.merge()
    desk.apply()
    for task, text in zip(desk.ledger.tasks, reversed(texts), strict=True):
        assert same(cell(desk.ledger, "next_step", task.code), text), text
        assert same(cell(desk.ledger, "progress", task.code), text), text


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories())
def test_a_ledger_saved_to_a_file_is_the_ledger(tmp_path: Path, story: Story) -> None:
    folder = tmp_path / hashlib.sha256(repr(story).encode()).hexdigest()[:12]
    path = folder / "台账.xlsx"
    path.unlink(missing_ok=True)
    create_ledger(path, story.ledger, Act(journal.NEW, NOW, ""), AS_OF)
    opened = open_ledger(path)
    alike_reports(opened.ledger, story.ledger)
    start = opened.ledger
    for count in range(1, len(story.ledger.batches) + 1):
        start = replace(opened.ledger, batches=story.ledger.batches[:count], base=story.ledger.base)
        ledgers.save(open_ledger(path), start, Act(journal.SPLIT, NOW, ""), AS_OF)
    after = applied(returned(start, *story.forms))
    ledgers.save(open_ledger(path), after, Act(journal.APPLY, NOW, ""), AS_OF)
    again = open_ledger(path).ledger
    alike_reports(again, after)
    assert again.batches == after.batches
    assert [f.sha256 for f in again.received] == [f.sha256 for f in after.received]
    for there, here in zip(again.received, after.received, strict=True):
        assert [(k.row, k.code, k.column, k.fault, k.settled) for k in there.kept] == [
            (k.row, k.code, k.column, k.fault, k.settled) for k in here.kept
        ]


def alike_reports(one: Ledger, other: Ledger) -> None:
    for task in other.tasks:
        for key in other.keys_of(task.code):
            for column in DEPARTMENT:
                assert same(one.report(key).get(column.key), other.report(key).get(column.key)), (key, column.key)


# --- what clerks do to cells ---


def test_a_zero_in_a_date_cell_is_an_invalid_date_and_stops_nothing(sent: Desk) -> None:
    sent.fill(FGJ, done_on=0, percent=0.9)
    found = {BY_KEY[c.kept.column].title: c.disposition for c in sent.merge().changes}
    assert found == {"完成日期": Disposition.INVALID, "完成率": Disposition.ACCEPTED}
    assert sent.apply().written == 1


def test_a_zero_in_a_date_cell_of_the_ledger_stops_nothing(sent: Desk) -> None:
    sent.type_task(0, closed_on=0, done_on=0)
    sent.fill(FGJ, progress="已办结")
    sent.merge()
    assert sent.apply().written == 1


def test_a_moment_in_a_date_cell_is_its_day(desk: Desk) -> None:
    desk.type_task(0, reported_on=datetime(2020, 8, 28, 16, 30))
    desk.split()
    assert desk.merge(desk.sent).changes == ()


def test_a_percentage_typed_without_its_sign_comes_back_unchanged(desk: Desk) -> None:
    desk.type_task(0, percent=60)
    desk.split()
    assert desk.merge(desk.sent).changes == ()


def test_a_deadline_that_is_a_date_comes_back_unchanged(desk: Desk) -> None:
    desk.type_task(0, deadline=date(2020, 9, 15))
    desk.split()
    assert desk.merge(desk.sent).changes == ()


def test_a_task_that_turns_joint_goes_out_with_the_old_leads_words(sent: Desk) -> None:
    sent.type_task(2, leads=f"{FGJ}、{ZJJ}")
    assert cell(sent.ledger, "progress", "RW2020-003", ZJJ) == "推进中"
    assert cell(sent.ledger, "progress", "RW2020-003", FGJ) is None


def test_words_typed_over_a_composed_cell_are_journaled_before_they_go(sent: Desk) -> None:
    sent.type_task(1, progress="手工写的话")
    sent.fill(FGJ, progress="已办结")
    sent.merge()
    assert any("手工写的话" in map(shown, row) for name in (tables.LEDGER, tables.JOURNAL) for row in sent.sheet(name))


def test_words_of_a_single_lead_survive_its_task_turning_joint_again(desk: Desk) -> None:
    desk.type_task(1, leads=ZJJ)
    desk.type_task(1, progress="独家的话")
    desk.split()
    desk.type_task(1, leads=f"{FGJ}、{ZJJ}")
    desk.fill(ZJJ, percent=0.9)
    desk.merge()
    rows = [row for name in (tables.LEDGER, tables.JOINT, tables.JOURNAL) for row in desk.sheet(name)]
    assert any("独家的话" in shown(value) for row in rows for value in row)


def test_a_second_column_under_the_same_header_is_reported(sent: Desk) -> None:
    path = sent.fill(FGJ, progress="已办结")
    package = Package.load(path.read_bytes())
    place = len(department.PLACES) + 1
    package.set_cells(tables.LEDGER, {(3, place): "进展情况", (4, place): "另一段话"})
    path.write_bytes(package.dump())
    assert sent.merge().findings


def test_two_rows_of_one_item_that_say_different_things_decide_nothing(sent: Desk) -> None:
    sent.type_task(0, progress="营商办核实")
    sent.fill(FGJ, progress="甲", reported_on=date(2020, 9, 7))
    sent.fill(FGJ, to="再报.xlsx", progress="甲", reported_on=date(2020, 9, 7), phone="1")
    sent.merge()
    grid = sent.sheet(tables.RESULTS)
    rows = [n for n, row in enumerate(grid, 1) if "待裁决" in row and "进展情况" in row]
    assert len(rows) == 2
    place = RESULTS_TABLE.place("choice")
    sent.type(tables.RESULTS, {(rows[0], place): "采用上报", (rows[1], place): "保留台账"})
    sent.apply()
    assert cell(sent.ledger, "progress") == "营商办核实"
    assert sum("待裁决" in row and "进展情况" in row for row in sent.sheet(tables.RESULTS)) == 2


def test_documents_dated_with_and_without_a_time_zone_are_compared(sent: Desk) -> None:
    one = sent.fill(FGJ, progress="甲")
    two = sent.fill(FGJ, to="再报.xlsx", progress="乙")
    for path, written in ((one, "2020-09-08T09:00:00"), (two, "2020-09-08T09:00:00+08:00")):
        package = Package.load(path.read_bytes())
        core = package.parts.edit("docProps/core.xml")
        next(core.iter("{*}modified")).text = written
        path.write_bytes(package.dump())
    sent.merge()
    sent.apply()
    assert cell(sent.ledger, "progress") == "甲"  # nine o'clock in Beijing is one o'clock UTC


def test_a_code_is_never_given_twice_even_after_its_row_was_deleted(sent: Desk) -> None:
    blank = dict.fromkeys(c.key for c in COLUMNS if c.key not in ("due", "days_left", "status", "reporting"))
    sent.type_task(2, **blank)
    sent.type_task(2, no=4, target="新任务", deadline="年底前", leads=FGJ)
    sent.merge(sent.sent)
    assert [task.code for task in sent.ledger.tasks] == ["RW2020-001", "RW2020-002", "RW2020-004"]


def test_returns_of_a_department_renamed_meanwhile_still_find_their_rows(sent: Desk) -> None:
    path = sent.fill(FGJ, progress="改名前填的")
    grid = sent.sheet(tables.NAMES)
    row = next(n for n, cells in enumerate(grid, 1) if FGJ in cells)
    sent.type(tables.NAMES, {(row, 1): "区发展改革局", (row, 2): f"{FGJ}、发改局"})
    preview = sent.merge(path)
    assert preview.held == ()
    sent.apply()
    assert cell(sent.ledger, "progress", FIRST, "区发展改革局") == "改名前填的"


# --- what two fresh readers found ---


def test_a_decision_on_an_accepted_row_is_carried_out_too(sent: Desk) -> None:
    sent.fill(FGJ, progress="已办结", percent=0.9)
    sent.merge()
    grid = sent.sheet(tables.RESULTS)
    rows = {row[RESULTS_TABLE.place("column") - 1]: n for n, row in enumerate(grid, 1) if "采纳" in row}
    choice, other = RESULTS_TABLE.place("choice"), RESULTS_TABLE.place("other")
    decisions = {
        (rows["进展情况"], choice): "保留台账",
        (rows["完成率"], choice): "另行填写",
        (rows["完成率"], other): "70%",
    }
    sent.type(tables.RESULTS, decisions)
    sent.apply()
    assert (cell(sent.ledger, "progress"), cell(sent.ledger, "percent")) == ("推进中", 0.7)


def test_a_decision_does_not_outlive_a_change_of_its_cell(sent: Desk) -> None:
    sent.type_task(0, progress="甲说")
    sent.fill(FGJ, progress="部门说")
    sent.merge()
    sent.decide("进展情况", "采用上报")
    sent.type_task(0, progress="乙说")
    assert sent.apply().written == 0
    assert sent.apply().written == 0
    assert cell(sent.ledger, "progress") == "乙说"
    assert any(
        "原裁决没有执行" in shown(value) or "待裁决" in shown(value)
        for row in sent.sheet(tables.RESULTS)
        for value in row
    )


def test_what_stands_under_a_renamed_header_is_listed_and_may_be_put_aside(sent: Desk) -> None:
    path = sent.fill(FGJ, percent=0.9)
    package = Package.load(path.read_bytes())
    package.set_cells(tables.LEDGER, {(3, department.PLACES["percent"]): "完成比例"})
    path.write_bytes(package.dump())
    preview = sent.merge()
    assert next(row.cells["完成比例"] for row in preview.held) == 0.9
    grid = sent.sheet(tables.RESULTS)
    assert any("完成比例：0.9" in shown(value) for row in grid for value in row)
    rows = [n for n, row in enumerate(grid, 1) if "待定行" in row]
    sent.type(tables.RESULTS, {(n, RESULTS_TABLE.place("choice")): "保留台账" for n in rows})
    assert sent.apply().open == 0


def test_a_late_return_of_an_older_batch_has_its_line_on_the_statement(sent: Desk) -> None:
    first = sent.fill(FGJ, progress="上一批")
    sent.now += timedelta(days=10)
    sent.sent = sent.folder / "再下发"
    second = sent.split()
    sent.merge(first)
    lines = [row for row in sent.sheet(tables.STATEMENT) if first.name in row]
    assert len(lines) == 1
    assert second.batch not in lines[0]


@pytest.mark.parametrize("title", ["序号", "进展情况", "任务编码"])
def test_a_renamed_header_of_the_joint_sheet_stops_the_run(sent: Desk, title: str) -> None:
    grid = sent.sheet(tables.JOINT)
    sent.type(tables.JOINT, {(3, grid[2].index(title) + 1): "改了"})
    before = sent.path.read_bytes()
    with pytest.raises(LedgerError) as told:
        actions.status(sent.path, sent.context, write=True)
    assert told.value.stop is Stop.DAMAGED
    assert title in str(told.value)
    assert sent.path.read_bytes() == before


def test_deadlines_move_with_the_year_and_corrected_wordings_stay(desk: Desk) -> None:
    desk.type_task(0, deadline="6月底")
    desk.type_task(2, deadline="年底前")
    actions.status(desk.path, desk.context, write=True)
    words = {row[0]: n for n, row in enumerate(desk.sheet(tables.WORDINGS), 1) if row}
    desk.type(tables.WORDINGS, {(words["年底前"], 2): date(2020, 12, 20)})
    years = {row[0]: n for n, row in enumerate(desk.sheet(tables.SETTINGS), 1) if row}
    desk.type(tables.SETTINGS, {(years["年度"], 2): 2022})
    actions.status(desk.path, desk.context, write=True)
    due = {task.no: desk.ledger.deadline(task.code).due for task in desk.ledger.tasks}
    assert (due[1], due[3]) == (date(2022, 6, 30), date(2020, 12, 20))
    assert desk.sheet(tables.WORDINGS)[words["6月底"] - 1][1] == date(2022, 6, 30)


def test_a_chart_sheet_of_the_offices_own_does_no_harm(desk: Desk) -> None:
    from openpyxl import load_workbook
    from openpyxl.chart import BarChart, Reference

    book = load_workbook(desk.path)
    chart = BarChart()
    chart.add_data(Reference(book[tables.LEDGER], min_col=2, min_row=3, max_row=6))
    book.create_chartsheet("我的图").add_chart(chart)
    book.save(desk.path)
    actions.status(desk.path, desk.context, write=True)
    assert "我的图" in load_workbook(desk.path).sheetnames


def test_a_dispatch_after_the_ledger_was_put_back_has_a_batch_of_its_own(desk: Desk) -> None:
    before = desk.path.read_bytes()
    first = desk.split()
    desk.path.write_bytes(before)
    desk.sent = desk.folder / "再下发"
    assert desk.split().batch != first.batch


def test_a_dispatch_that_cannot_be_recorded_sends_no_files(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise LedgerError(Stop.CHANGED_MEANWHILE, path=desk.path)

    monkeypatch.setattr(file.ClosedFile, "rewrite", refuse)
    with pytest.raises(LedgerError):
        desk.split()
    assert list(desk.sent.iterdir()) == []


def test_tasks_nobody_was_sent_are_named(desk: Desk) -> None:
    desk.type_task(0, leads="不存在的局")
    desk.type_task(2, leads=None)
    assert [(finding.no, finding.code.name) for finding in desk.split().findings] == [
        (1, "NAME_UNKNOWN"),
        (3, "NO_LEAD"),
    ]


def test_a_columns_formulas_follow_when_staff_insert_a_column(desk: Desk) -> None:
    from openpyxl import load_workbook

    book = load_workbook(desk.path)
    book[tables.LEDGER].insert_cols(3)
    book.save(desk.path)
    actions.status(desk.path, desk.context, write=True)
    formula = load_workbook(desk.path)[tables.JOINT]["C4"].value
    assert "$E:$E" in formula


def test_the_offices_own_rules_of_colour_stay(desk: Desk) -> None:
    from openpyxl import load_workbook
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import PatternFill

    book = load_workbook(desk.path)
    own = FormulaRule(formula=['$K4="逾期"'], fill=PatternFill("solid", bgColor="FFFFFF00"))
    book[tables.LEDGER].conditional_formatting.add("C4:H6", own)
    book.save(desk.path)
    actions.status(desk.path, desk.context, write=True)
    rules = load_workbook(desk.path)[tables.LEDGER].conditional_formatting
    fills = {rule.dxf.fill.bgColor.rgb for found in rules if str(found.sqref) == "C4:H6" for rule in found.rules}
    assert fills == {"FFFFFF00"}


def test_files_of_the_same_name_in_two_folders_are_told_apart(sent: Desk) -> None:
    one = sent.fill(FGJ, progress="甲")
    for folder, words in (("上午", "甲"), ("下午", "乙")):
        target = sent.back / folder / one.name
        target.parent.mkdir()
        target.write_bytes(sent.fill(FGJ, progress=words).read_bytes())
    one.unlink()
    preview = sent.merge(sent.back)
    assert {change.file.name for change in preview.changes} == {f"上午/{one.name}", f"下午/{one.name}"}
    assert {change.disposition for change in preview.changes} == {Disposition.CONFLICT}
    told = {value for row in sent.sheet(tables.RESULTS) for value in row if "矛盾" in shown(value)}
    assert told == {"同一部门的上报互相矛盾，分不出先后，请裁决。"}


def test_a_department_file_that_cannot_be_put_in_place_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(part: Path, target: Path) -> Path:
        if part.suffix == ".part":
            raise PermissionError(13, "denied")
        return replaced(part, target)

    replaced = Path.replace
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(LedgerError) as told:
        desk.split()
    assert told.value.stop is Stop.CANNOT_WRITE
    assert list(desk.sent.iterdir()) == []


# --- locks follow who leads ---


def locked(path: Path, row: int) -> list[bool]:
    """Return for every report cell of a task's row whether it is locked."""
    sheet = load_workbook(path)[tables.LEDGER]
    return [sheet.cell(row, office.PLACES[column.key]).protection.locked for column in DEPARTMENT]


def test_a_task_that_turns_joint_by_hand_is_locked_and_opened_again(desk: Desk) -> None:
    assert locked(desk.path, 4) == [False] * len(DEPARTMENT)
    before = load_workbook(desk.path)[tables.LEDGER]["M4"].fill.fill_type
    desk.type_task(0, leads=f"{FGJ}、{ZJJ}")
    actions.status(desk.path, desk.context, write=True)
    assert locked(desk.path, 4) == [True] * len(DEPARTMENT)
    assert locked(desk.path, 6) == [False] * len(DEPARTMENT)
    desk.type_task(0, leads=FGJ)
    actions.status(desk.path, desk.context, write=True)
    assert locked(desk.path, 4) == [False] * len(DEPARTMENT)
    assert load_workbook(desk.path)[tables.LEDGER]["M4"].fill.fill_type == before


def test_a_workbook_sent_back_as_it_was_is_told_apart_from_one_filled_in(sent: Desk) -> None:
    sent.fill(FGJ, progress="已办结")
    sent.merge(*sent.back.iterdir(), *(path for path in sent.sent.iterdir() if ZJJ in path.name))
    states = {row[0]: row[3] for row in sent.sheet(tables.STATEMENT)[4:] if row and row[0] in (FGJ, ZJJ)}
    assert states == {FGJ: "已交回", ZJJ: "交回未填写"}


def item(desk: Desk, kind: str) -> tuple[int, dict[str, Value]]:
    """Return the first row of 合并结果 of a kind, with what stands in it by column."""
    grid = desk.sheet(tables.RESULTS)
    number = next(n for n, row in enumerate(grid, 1) if row[:1] == [kind])
    fields = enumerate(RESULTS_TABLE.fields)
    return number, {field.key: grid[number - 1][at] for at, field in fields if at < len(grid[number - 1])}


def write(desk: Desk, kind: str, **cells: Value) -> None:
    """Write beside the first item of a kind."""
    number, _ = item(desk, kind)
    desk.type(tables.RESULTS, {(number, RESULTS_TABLE.place(key)): value for key, value in cells.items()})


def test_a_value_the_office_turned_down_is_not_written_when_the_department_sends_it_again(desk: Desk) -> None:
    desk.split()
    desk.fill(FGJ, percent=0.5)
    desk.merge()
    write(desk, "采纳", choice="保留台账")
    assert desk.apply().written == 0
    desk.fill(FGJ, percent=0.5, phone="0595-87991234", to="再次.xlsx")
    desk.merge()
    assert desk.apply().written == 1
    report = desk.ledger.report(desk.ledger.keys_of(desk.ledger.tasks[0].code)[0])
    assert (report.get("percent"), report.get("phone")) == (0.3, "0595-87991234")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"other": "营商办改写"}, "“裁决”没有选"),
        ({"choice": "采用"}, "不能识别"),
    ],
    ids=["words without a choice", "no choice of the list"],
)
def test_what_is_written_beside_an_item_is_never_passed_over(desk: Desk, written: dict[str, Value], told: str) -> None:
    desk.split()
    desk.fill(FGJ, progress="甲进展")
    desk.merge()
    write(desk, "采纳", **written)
    done = desk.apply()
    assert (done.written, done.open) == (0, 1)
    _, left = item(desk, "采纳")
    assert {key: left[key] for key in written} == written
    assert told in str(left["reason"])


def test_a_choice_that_a_held_row_does_not_have_stays_and_is_answered(desk: Desk) -> None:
    desk.split()
    path = desk.fill(FGJ, progress="甲进展")
    package = Package.load(path.read_bytes())
    package.append_rows(tables.LEDGER, [[None, 9, None, "新任务甲"]])
    path.write_bytes(package.dump())
    desk.merge()
    write(desk, "待定行", choice="采用上报", other="请立项")
    desk.apply()
    _, left = item(desk, "待定行")
    assert (left["choice"], left["other"]) == ("采用上报", "请立项")
    assert "只能选“保留台账”" in str(left["reason"])


def lines_of(desk: Desk) -> list[journal.Line]:
    return list(actions.log(desk.path).journal.lines)


def contradiction(desk: Desk) -> None:
    """Have one department send two words for one cell, neither of them the later."""
    desk.split()
    desk.fill(FGJ, progress="甲进展", to="一.xlsx")
    desk.fill(FGJ, progress="乙进展", to="二.xlsx")
    desk.merge()


def told_of(desk: Desk, column: str) -> list[dict[str, Value]]:
    """Return the rows of 合并结果 about a column, by the keys of its table."""
    rows = desk.sheet(tables.RESULTS)
    keys = [field.key for field in RESULTS_TABLE.fields]
    return [dict(zip(keys, row, strict=False)) for row in rows if column in row[6:7]]


@pytest.mark.parametrize("in_bulk", [True, False])
def test_two_contradicting_values_both_taken_stay_with_the_decision_and_the_reason(desk: Desk, in_bulk: bool) -> None:
    contradiction(desk)
    if in_bulk:
        write(desk, "批量", choice=Choice.BACK.value)
    else:
        desk.decide("进展情况", Choice.BACK.value)
    done = desk.apply()
    assert (done.written, done.open) == (0, 2)
    left = told_of(desk, "进展情况")
    assert [row["choice"] for row in left] == [Choice.BACK.value] * 2
    assert all("同一格选了不同的内容，都没有写入" in str(row["reason"]) for row in left)
    number, _ = item(desk, "冲突")
    desk.type(tables.RESULTS, {(number, RESULTS_TABLE.place("choice")): Choice.NOW.value})
    assert (desk.apply().written, told_of(desk, "进展情况")[0]["state"]) == (1, "已保留")


def test_what_was_filled_in_instead_is_no_value_taken_and_the_record_keeps_both(desk: Desk) -> None:
    desk.split()
    desk.fill(FGJ, progress="部门的话", percent=0.5, problem="部门的问题")
    desk.merge()
    rows = {str(row["column"]): number for number, row in enumerated(desk)}
    desk.type(
        tables.RESULTS,
        {
            (rows["进展情况"], RESULTS_TABLE.place("choice")): Choice.OTHER.value,
            (rows["进展情况"], RESULTS_TABLE.place("other")): "营商办的话",
            (rows["完成率"], RESULTS_TABLE.place("choice")): Choice.NOW.value,
        },
    )
    assert desk.apply().written == 2
    told = {row["column"]: (row["state"], row["reason"]) for _, row in enumerated(desk)}
    assert told["进展情况"] == ("已另填", "已按“另行填写”的内容写入台账，上报值没有采用。")
    assert told["完成率"] == ("已保留", "已裁决保留台账，上报值没有采用。")
    (account,) = (row for row in desk.sheet(tables.STATEMENT)[4:] if row and row[0] == FGJ)
    found = dict(zip((field.key for field in STATEMENT_TABLE.fields), account, strict=False))
    assert (found["declined"], found["sum"], found["difference"]) == (2, found["cells"], 0)
    (line,) = (one for one in lines_of(desk) if one.new == "营商办的话")
    assert "部门的话" in line.overruled


def enumerated(desk: Desk) -> list[tuple[int, dict[str, Value]]]:
    """Return the rows of 合并结果 with their numbers, by the keys of its table."""
    keys = [field.key for field in RESULTS_TABLE.fields]
    return [(n, dict(zip(keys, row, strict=False))) for n, row in enumerate(desk.sheet(tables.RESULTS), 1) if n > 3]


def test_what_was_taken_before_its_tasks_row_was_deleted_still_says_so(desk: Desk) -> None:
    desk.split()
    desk.fill(FGJ, progress="部门的话")
    desk.merge()
    assert desk.apply().written == 1
    desk.type_task(0, **{column.key: None for column in COLUMNS if column.owner is not Owner.DERIVED})
    desk.fill(FGJ, progress="后来的话", to="再报.xlsx")
    desk.merge()
    told = {str(row["back"]): row for _, row in enumerated(desk)}
    before, since = (next(row for said, row in told.items() if word in said) for word in ("部门的话", "后来的话"))
    assert (before["state"], since["state"]) == ("已采用", "待裁决")
    for row in (before, since):
        assert row["no"] == 1
        assert "不见了，它的那一行可能被删掉了" in str(row["reason"])


def test_a_file_named_after_another_department_is_taken_once_it_is_renamed_as_its_message_says(sent: Desk):
    wrong = sent.fill_rows(FGJ, {(0, "progress"): "部门写的"}, to=f"交来_{ZJJ}.xlsx")
    held = sent.merge().held
    assert {why_row(row) for row in held} == {
        f"文件的单位不一致：按标识是{FGJ}。请向该部门核实是谁填的；确是该部门填的，请把文件名里的单位名称改对或去掉，"
        "再合并一次；不是的，需要的内容请自行填入台账。"
    }
    wrong.rename(wrong.with_name("交来的.xlsx"))
    again = sent.merge()
    assert not again.held
    assert "部门写的" in [change.kept.back for change in again.listed]
