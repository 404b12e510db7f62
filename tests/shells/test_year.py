"""A year of an office's rounds on one small ledger: its record tells it whole, and no department's word is lost."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from test_loop import Desk

from core.test_journal import held, replayed
from ledgers import FGJ, SWJ, YEAR, ZJJ, book
from taizhang import actions, checking, journal, tables
from taizhang.books.ledgers import Opened, open_ledger
from taizhang.cli import main
from taizhang.columns import COLUMNS, DERIVED
from taizhang.errors import LedgerError, Stop
from taizhang.journal import Line
from taizhang.layout import office
from taizhang.layout.result import RESULTS_TABLE
from taizhang.ledger import Ledger
from taizhang.merge import Choice
from taizhang.values import Value

FOUR = f"""
| 序号 | 牵头部门 | 牵头单位 | 进展情况 | 完成率 | 存在问题 |
| 1 | {FGJ} | {FGJ} | 年初 | 10% | 缺人 |
| 2 | {FGJ}、{ZJJ} | {FGJ} | 一 | 20% | |
| 2 | {FGJ}、{ZJJ} | {ZJJ} | 二 | 30% | 缺钱 |
| 3 | {ZJJ}、{SWJ}、{FGJ} | {SWJ} | 三 | | |
| 4 | {SWJ} | {SWJ} | | | |
"""
ROUNDS = 36
RENAMED = "区发展改革局"
TYPED: Mapping[str, list[Value]] = {
    "progress": ["电话核实", "第一行\n第二行", "=1+1", " 前后空格 ", "2020-09-08", None],
    "percent": [0, 0.3, "60%", "６０％", 60, 1, "约一半", None],
    "done_on": [date(YEAR, 9, 7), "2020.9.8", "9月", 44084, None],
    "problem": ["缺人", None],
    "phone": ["5900001", " ５９００００２", None],
    "note": ["备注", "全角１２", None],
    "requirement": ["补充数据", None],
    "extended_to": [date(YEAR, 12, 1), None],
    "deadline": ["6月底", "年底前", "尽快", date(YEAR, 9, 15)],
    "priority": ["是", None],
}
SWITCHES: Mapping[str, list[Value]] = {
    "临期天数": [15, 30],
    "统计日期": [date(YEAR, 6, 30), None],
    "制表单位": ["区营商办", "综合组"],
    "联合牵头完成率": ["最低值", "平均值"],
    "清空即采纳": ["存在问题、下一步措施", "存在问题"],
}
RETURNED: Mapping[str, list[Value]] = {
    "percent": [0.4, "70%", 80, 1, "六成"],
    "done_on": [date(YEAR, 9, 9), "9月", None],
    "problem": [None],
}


class Year(Desk):
    """A desk at which chance says what happens; every word that departments return is remembered."""

    def __init__(self, folder: Path, seed: int) -> None:
        super().__init__(folder, book(FOUR))
        self.read: Opened | None = None
        self.chance = random.Random(seed)
        self.words: set[str] = set()
        self.round = 0

    def go_on(self) -> None:
        """Let a 旬 pass: sent out, filled in, edited by hand in between, merged, decided, applied, and what else."""
        self.round += 1
        self.now = datetime(YEAR, 1, 1, 9) + timedelta(days=10 * (self.round - 1))
        self.sent, self.back = self.folder / f"下发{self.round}", self.folder / f"交回{self.round}"
        self.some(EDITS)
        rows = {file.department: file.rows for file in self.split().files}
        self.some(EDITS)
        if self.come_back(rows):
            self.merge()
            decide(self)
            self.some(EDITS)
            self.apply()
        self.some(EDITS)
        self.some(ACTS)

    def some(self, deeds: Mapping[Callable[[Year], object], int]) -> None:
        """Do none, one or two of some deeds, the likelier ones more often."""
        for deed in self.chance.choices(list(deeds), list(deeds.values()), k=self.chance.choice([0, 1, 1, 2])):
            deed(self)

    def come_back(self, rows: Mapping[str, int]) -> bool:
        """Have some departments return something, some of them twice; return whether any did."""
        names = [name for name in rows if self.chance.random() < 0.6]
        for name in names:
            for copy in range(self.chance.choice([1, 1, 1, 2])):
                self.fill_rows(name, self.filled(name, rows[name]), to=f"{name} 第{copy + 1}次.xlsx")
        return bool(names)

    def filled(self, name: str, rows: int) -> dict[tuple[int, str], Value]:
        """Return what a department fills in, its words like no other return's."""
        cells: dict[tuple[int, str], Value] = {}
        for row in self.chance.sample(range(rows), (rows + 1) // 2):
            cells[row, "progress"] = f"{name}{self.round}旬{len(self.words)}句"
            self.words.add(str(cells[row, "progress"]))
            key = self.chance.choice(list(RETURNED))
            cells |= {(row, key): self.chance.choice(RETURNED[key]), (row, "reported_on"): self.now.date()}
        return cells

    @property
    def opened(self) -> Opened:
        """Return the file as it is, read once as long as nobody writes it."""
        data = self.path.read_bytes()
        if self.read is None or self.read.data != data:
            self.read = open_ledger(self.path)
        return self.read

    @property
    def ledger(self) -> Ledger:
        return self.opened.ledger

    def sheet(self, name: str) -> list[list[Value]]:
        return [list(row) for row in self.opened.grids.get(name, ())]

    @property
    def rows(self) -> list[int]:
        """Return where the tasks stand in 工作台账."""
        return list(self.opened.reading.task_rows.values())

    def type_in_row(self, row: int, **cells: Value) -> None:
        self.type(tables.LEDGER, {(row, office.PLACES[key]): value for key, value in cells.items()})

    def drawn(self, *keys: str) -> dict[str, Value]:
        key = self.chance.choice(keys)
        return {key: self.chance.choice(TYPED[key])}


# --- what staff do by hand ---


def edit_report(year: Year) -> None:
    """Type into a lead's report: its own row of 联合牵头上报, or the task's of 工作台账."""
    reading = year.opened.reading
    task = year.chance.choice(reading.ledger.tasks)
    cells = year.drawn("progress", "percent", "done_on", "problem", "phone")
    own = [row for key, row in reading.report_rows.items() if key.task == task.code]
    if not reading.ledger.is_joint(task.code):
        year.type_in_row(reading.task_rows[task.code], **cells)
    elif own:
        row = year.chance.choice(own)
        year.type(tables.JOINT, {(row, tables.JOINT_TABLE.place(key)): value for key, value in cells.items()})


def edit_task(year: Year) -> None:
    year.type_in_row(
        year.chance.choice(year.rows), **year.drawn("note", "requirement", "extended_to", "deadline", "priority")
    )


def edit_leads(year: Year) -> None:
    names = year.chance.sample(year.ledger.directory.names, year.chance.choice([1, 1, 2, 3]))
    year.type_in_row(year.chance.choice(year.rows), leads="、".join(names))


def type_over_a_composed_cell(year: Year) -> None:
    year.type_in_row(year.chance.choice(year.rows), progress=f"手工写在第{year.round}旬")


def edit_setting(year: Year) -> None:
    title = year.chance.choice(list(SWITCHES))
    row = next(n for n, cells in enumerate(year.sheet(tables.SETTINGS), 1) if title in cells)
    year.type(tables.SETTINGS, {(row, 2): year.chance.choice(SWITCHES[title])})


def add_task(year: Year) -> None:
    new = {"no": 10 + year.round, "target": f"新任务{year.round}", "deadline": "年底前", "leads": SWJ}
    year.type_in_row(max(year.rows) + 1, **new)


def drop_task(year: Year) -> None:
    if len(year.rows) > 4:
        own = (column.key for column in COLUMNS if column not in DERIVED)
        year.type_in_row(year.chance.choice(year.rows), **dict.fromkeys(own))


def rename_a_department(year: Year) -> None:
    row = next((n for n, cells in enumerate(year.sheet(tables.NAMES), 1) if cells[0] == FGJ), None)
    if row and year.round > ROUNDS // 3:
        year.type(tables.NAMES, {(row, 1): RENAMED, (row, 2): f"{FGJ}、发改局"})


def edit_wording(year: Year) -> None:
    """Give a wording another day in 字典, or its own again."""
    word, days = year.chance.choice([("6月底", [20, 30]), ("年底前", [20, 31])])
    row = next(n for n, cells in enumerate(year.sheet(tables.WORDINGS), 1) if cells[0] == word)
    day = date(YEAR, 6 if word == "6月底" else 12, year.chance.choice(days))
    year.type(tables.WORDINGS, {(row, tables.WORDINGS_TABLE.place("due")): day})


def edit_aliases(year: Year) -> None:
    row = next(n for n, cells in enumerate(year.sheet(tables.NAMES), 1) if cells[0] == SWJ)
    year.type(tables.NAMES, {(row, 2): year.chance.choice(["税务局", "税务局、税务", None])})


def edit_colour(year: Year) -> None:
    row = next(n for n, cells in enumerate(year.sheet(tables.SETTINGS), 1) if "颜色：逾期" in cells)
    year.type(tables.SETTINGS, {(row, 2): year.chance.choice(["#FF7C80", "#C00000"])})


EDITS = {
    edit_report: 8,
    edit_task: 4,
    edit_leads: 3,
    edit_setting: 3,
    type_over_a_composed_cell: 2,
    add_task: 1,
    drop_task: 1,
    rename_a_department: 1,
    edit_wording: 1,
    edit_aliases: 1,
    edit_colour: 2,
}


# --- what else they run ---


def decide(year: Year) -> None:
    """Write decisions beside some of the items."""
    cells: dict[tuple[int, int], Value] = {}
    for number, row in enumerate(year.sheet(tables.RESULTS), 1):
        if {"待裁决", "待写入"} & {*map(str, row)} and year.chance.random() < 0.5:
            cells[number, RESULTS_TABLE.place("choice")] = year.chance.choice(list(Choice)).value
            cells[number, RESULTS_TABLE.place("other")] = year.chance.choice(["另写的话", 0.5, date(YEAR, 9, 9)])
    if cells:
        year.type(tables.RESULTS, cells)


def undo(year: Year) -> None:
    try:
        actions.undo(year.path, year.context)
    except LedgerError as error:
        assert error.stop is Stop.NOTHING_TO_UNDO


def apply_again(year: Year) -> None:
    if tables.RESULTS in year.opened.grids:
        decide(year)
        year.apply()


ACTS = {
    undo: 4,
    apply_again: 3,
    lambda year: checking.check(year.path, year.context, fix=True, write=True): 2,
    lambda year: actions.status(year.path, year.context, year.now.date(), write=True): 2,
    lambda year: actions.summarise(year.path, year.context): 1,
}


# --- the year ---


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    """Return the desk after all 36 旬, with one write more, so that the last hand edits are on record."""
    desk = Year(tmp_path_factory.mktemp("一年"), seed=2020)
    for _ in range(ROUNDS):
        desk.go_on()
    actions.status(desk.path, desk.context, write=True)
    return desk


def lines(year: Year) -> tuple[Line, ...]:
    return actions.log(year.path).journal.lines


def test_a_year_had_everything_in_it(year: Year) -> None:
    operations = {line.operation for line in lines(year)}
    assert operations >= {journal.NEW, journal.HAND, journal.APPLY, journal.UNDO, journal.FIX, journal.STATUS}
    assert len(year.ledger.batches) == ROUNDS
    by_hand = {line.column for line in lines(year) if line.operation == journal.HAND}
    assert by_hand >= {"牵头部门", "进展情况"}
    assert by_hand & {*SWITCHES}
    assert {column[:3] for column in by_hand} >= {"字典：", "单位名", "颜色："}


def test_the_record_of_a_year_replays_from_nothing_to_the_ledger(year: Year) -> None:
    ledger = year.ledger
    assert replayed(actions.log(year.path).journal, ledger.directory) == held(ledger)


def test_the_record_of_a_year_is_verified(year: Year) -> None:
    assert main(["log", str(year.path), "--verify"]) == 0


def test_nothing_of_a_year_is_left_to_be_found_as_a_hand_edit(year: Year) -> None:
    assert list(journal.hand_edits(actions.log(year.path).journal, year.ledger)) == []


def test_no_word_a_department_returned_in_a_year_is_lost(year: Year) -> None:
    told = {text for line in lines(year) for text in (line.old, line.new, line.overruled)}
    kept = {str(cell.back) for file in year.ledger.received for cell in file.kept}
    cells = {str(value) for cells in year.ledger.reports.values() for value in cells.values()}
    everything = "\n".join(told | kept | cells)
    assert {word for word in year.words if word not in everything} == set()
