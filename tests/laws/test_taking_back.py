"""Laws of undo, on real files: what an apply wrote goes back, what it settled waits again, and nothing else moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from test_merging import told

from core.test_journal import BOTH, held, meant, replayed
from ledgers import (
    AS_OF,
    FGJ,
    FIRST,
    SECOND,
    SWJ,
    ZJJ,
    Form,
    Story,
    book,
    cell,
    dispatched,
    ledgers,
    reports,
    rival_stories,
    stories,
)
from shells.test_loop import Desk
from taizhang import actions, journal, tables
from taizhang.books.ledgers import open_ledger, save
from taizhang.books.package import Package
from taizhang.books.render import render
from taizhang.journal import Act, Line, Place
from taizhang.layout import office
from taizhang.layout.parts import Cell, Sheet, Workbook
from taizhang.layout.result import RESULTS_TABLE
from taizhang.ledger import Ledger, ReportKey
from taizhang.merge import Choice
from taizhang.returns import PENDING
from taizhang.values import Value, comparable

# Every example writes files: to shrink one takes minutes, and the facts further down are small.
few = settings(max_examples=20, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
CHOICES = [None, None, *(choice.value for choice in Choice)]
OTHERS: Mapping[str, list[Value]] = {
    "完成率": ["70%", 0.3, 1],
    "完成日期": [date(2020, 9, 6), "2020-09-07"],
    "填报日期": [date(2020, 9, 6)],
}


# --- stories, told on files ---


class Office(Desk):
    """A desk whose ledger has dispatches on record, and to which drawn workbooks come back."""

    def __init__(self, folder: Path, story: Story) -> None:
        super().__init__(folder, replace(story.ledger, batches=(), base={}))
        self.numbers = count(1)
        for number in range(1, len(story.ledger.batches) + 1):
            sent = replace(self.ledger, batches=story.ledger.batches[:number], base=story.ledger.base)
            save(open_ledger(self.path), sent, Act(journal.SPLIT, self.context.now, ""), AS_OF)

    def receive(self, *forms: Form) -> None:
        """Put drawn workbooks into a folder of their own and preview them."""
        folder = self.folder / f"交回{next(self.numbers)}"
        folder.mkdir()
        for number, one in enumerate(forms, 1):
            (folder / f"表{number}.xlsx").write_bytes(written(one))
        if forms:
            self.merge(folder)

    def undo(self) -> actions.Undone:
        return actions.undo(self.path, self.context)

    def rows(self) -> list[tuple[int, str]]:
        """Return the rows of 合并结果 that may be decided, each with the column it is about."""
        grid = enumerate(self.sheet(tables.RESULTS), 1)
        place = RESULTS_TABLE.place("column") - 1
        return [(n, str(row[place])) for n, row in grid if {"待裁决", "待写入"} & {*map(str, row)}]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Return the lines of the last act on record."""
        found = actions.log(self.path).journal.lines
        return tuple(line for line in found if line.act == found[-1].act)

    def type_report(self, key: ReportKey, **cells: Value) -> None:
        """Type into a lead's report where it stands: its own row of 联合牵头上报, or the task's of 工作台账."""
        reading = open_ledger(self.path).reading
        joint = reading.ledger.is_joint(key.task)
        block = reading.blocks[tables.JOINT if joint else tables.LEDGER]
        row = reading.report_rows[key] if joint else reading.task_rows[key.task]
        self.type(block.sheet, {(row, block.places[name]): value for name, value in cells.items()})

    def type_leads(self, code: str, *names: str) -> None:
        reading = open_ledger(self.path).reading
        place = reading.task_rows[code], reading.tasks.places["leads"]
        self.type(tables.LEDGER, {place: "、".join(names)})


def written(one: Form) -> bytes:
    """Return a drawn workbook as a file."""
    grid = one.sheets.grids[tables.LEDGER]
    rows = tuple(tuple(Cell(v, "date" if isinstance(v, date) else "general") for v in row) for row in grid)
    data = render(Workbook((Sheet(tables.LEDGER, rows),), properties=one.sheets.properties))
    if one.modified_at is None:
        return data
    package = Package.load(data)
    next(package.parts.edit("docProps/core.xml").iter("{*}modified")).text = one.modified_at.isoformat()
    return package.dump()


@dataclass(frozen=True)
class Stand:
    """What a ledger holds, and everything that is listed, decided or waiting."""

    cells: Mapping[Place, str]
    listed: Counter[tuple[object, ...]]


def stand(desk: Desk) -> Stand:
    ledger = desk.ledger
    return Stand(held(ledger), told(ledger))


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("案卷")


CASES = count(1)


def opened(folders: Path, story: Story) -> Office:
    """Return a desk of its own for a story, before anything came back."""
    folder = folders / str(next(CASES))
    folder.mkdir()
    return Office(folder, story)


def previewed(folders: Path, story: Story, data: st.DataObject) -> Office:
    """Return a desk on which everything came back and some of it is decided."""
    desk = opened(folders, story)
    desk.receive(*story.forms)
    decide(desk, data)
    return desk


def decide(desk: Office, data: st.DataObject) -> None:
    """Write drawn decisions beside some of the items."""
    place = RESULTS_TABLE.place
    cells: dict[tuple[int, int], Value] = {}
    for row, column in desk.rows():
        if choice := data.draw(st.sampled_from(CHOICES)):
            other = data.draw(st.sampled_from(OTHERS.get(column, ["另写"])))
            cells |= {(row, place("choice")): choice, (row, place("other")): other}
    if cells:
        desk.type(tables.RESULTS, cells)


def wrote(desk: Office) -> bool:
    """Apply; return whether the apply left lines that can be taken back."""
    return tables.RESULTS in open_ledger(desk.path).grids and desk.apply().journal is not None


@st.composite
def joint_stories(draw: st.DrawFn) -> Story:
    """Draw returns of a joint task's three leads, one of them silent, with a lead that joins or leaves."""
    sent = dispatched(draw(ledgers()))
    joint = [task.code for task in sent.tasks if sent.is_joint(task.code)]
    if not joint:
        return draw(stories())
    code = draw(st.sampled_from(joint))
    leads = sent.leads[code]
    forms = [
        replace(sent_form(sent, lead), name=lead).put(code, **draw(reports()))
        for lead in leads[: draw(st.integers(1, len(leads)))]
    ]
    return Story(sent, tuple(forms))


def sent_form(ledger: Ledger, department: str) -> Form:
    batch = ledger.batches[-1]
    rows = [
        {"code": key.task, **cells}
        for (id, key), cells in ledger.base.items()
        if (id, key.department) == (batch.id, department)
    ]
    return Form(ledger.id, batch.id, department, tuple(rows))


ALL = stories() | rival_stories() | joint_stories()


# --- the laws ---


@few
@given(ALL, st.data())
def test_an_apply_taken_back_leaves_every_cell_as_it_was(folders: Path, story: Story, data: st.DataObject) -> None:
    desk = previewed(folders, story, data)
    before = held(desk.ledger)
    if wrote(desk):
        assert desk.undo().refused == ()
        assert held(desk.ledger) == before


@few
@given(ALL, st.data())
def test_what_an_apply_had_settled_waits_again(folders: Path, story: Story, data: st.DataObject) -> None:
    desk = previewed(folders, story, data)
    before = told(desk.ledger)
    if wrote(desk):
        desk.undo()
        after = told(desk.ledger)
        assert (before - after, after - before) == (Counter(), Counter())


@few
@given(ALL, st.data())
def test_applying_again_after_an_undo_gives_the_same(folders: Path, story: Story, data: st.DataObject) -> None:
    desk = previewed(folders, story, data)
    if not story.forms:
        return
    decisions = verdicts(desk)
    if wrote(desk):
        once = stand(desk)
        desk.undo()
        rewrite(desk, decisions)
        desk.apply()
        assert stand(desk) == once


Decisions = dict[str, list[tuple[Value, Value]]]


def verdicts(desk: Office) -> Decisions:
    """Return what is written beside the rows of 合并结果, by the item's id and file: a row may have come twice."""
    found: Decisions = {}
    for _, name, choice, other in items(desk):
        found.setdefault(name, []).append((choice, other))
    return found


def items(desk: Office) -> list[tuple[int, str, Value, Value]]:
    """Return the rows of 合并结果: number, id and file, and what is written beside them."""
    id, source, choice, other = (RESULTS_TABLE.place(key) - 1 for key in ("id", "source", "choice", "other"))
    grid = list(enumerate(desk.sheet(tables.RESULTS), 1))[RESULTS_TABLE.header_row :]
    return [(n, f"{row[id]}{row[source]}", row[choice] or None, row[other] or None) for n, row in grid]


def rewrite(desk: Office, decisions: Decisions) -> None:
    """Write decisions again beside the items they were written beside before."""
    cells: dict[tuple[int, int], Value] = {}
    for number, name, _, _ in items(desk):
        choice, other = decisions[name].pop()
        cells |= {(number, RESULTS_TABLE.place("choice")): choice, (number, RESULTS_TABLE.place("other")): other}
    desk.type(tables.RESULTS, cells)


@few
@given(ALL, st.data())
def test_several_applies_are_taken_back_one_by_one_the_last_first(
    folders: Path, story: Story, data: st.DataObject
) -> None:
    desk = opened(folders, story)
    stages = []
    for group in (story.forms[:1], story.forms[1:2], story.forms[2:]):
        desk.receive(*group)
        decide(desk, data)
        before = held(desk.ledger)
        stages += [before] if wrote(desk) else []
    for stage in reversed(stages):
        desk.undo()
        assert held(desk.ledger) == stage
    assert {kept.settled for file in desk.ledger.received for kept in file.kept} <= {PENDING}


@st.composite
def typed_since(draw: st.DrawFn, ledger: Ledger) -> dict[ReportKey, dict[str, Value]]:
    """Draw cells of reports that somebody typed into, some of them emptied."""
    keys = [key for task in ledger.tasks for key in ledger.keys_of(task.code)]
    chosen = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=3, unique=True))
    emptied = st.fixed_dictionaries({}, optional=dict.fromkeys(("progress", "percent"), st.none()))
    return {key: draw(st.one_of(reports(), emptied)) for key in chosen}


@settings(few, max_examples=40)
@given(ALL, st.data())
def test_only_cells_that_still_hold_what_was_written_go_back(folders: Path, story: Story, data: st.DataObject) -> None:
    desk = previewed(folders, story, data)
    if not wrote(desk):
        return
    lines = [line for line in desk.lines if line.operation == journal.APPLY]
    edit_since(desk, data)
    ledger = desk.ledger
    wanted, refused = goes_back(ledger, lines)
    undone = desk.undo()
    assert held(desk.ledger) == wanted
    assert {line.place for line, _ in undone.refused} == refused
    assert all(why for _, why in undone.refused)


def edit_since(desk: Office, data: st.DataObject) -> None:
    """Type into some reports, and perhaps into 牵头部门 of a task."""
    for key, cells in data.draw(typed_since(desk.ledger)).items():
        desk.type_report(key, **cells)
    if data.draw(st.integers(0, 2)) == 0:
        task = data.draw(st.sampled_from(desk.ledger.tasks))
        desk.type_leads(task.code, *data.draw(st.lists(st.sampled_from([FGJ, ZJJ, SWJ]), min_size=1, unique=True)))


def goes_back(ledger: Ledger, lines: list[Line]) -> tuple[dict[Place, str], set[Place]]:
    """Return what the cells hold after the lines are taken back, and which of them must keep their value."""
    wanted, refused, now = held(ledger), set(), journal.cells_of(ledger)
    for line in (line for line in lines if line.old != line.new and line.department != journal.COMPOSED):
        leads = not line.department or line.place[0] in ledger.keys_of(line.task)
        if not leads or comparable(journal.spelt(line.column, now.get(line.place))) != comparable(line.new):
            refused.add(line.place)
        elif old := meant(line.place, line.old):
            wanted[line.place] = old
        else:
            wanted.pop(line.place)
    return wanted, refused


@few
@given(ALL, st.data())
def test_an_undo_is_journaled_like_everything_else(folders: Path, story: Story, data: st.DataObject) -> None:
    desk = previewed(folders, story, data)
    if not wrote(desk):
        return
    edit_since(desk, data)
    desk.undo()
    found = actions.log(desk.path)
    assert found.broken is None
    assert list(journal.hand_edits(found.journal, desk.ledger)) == []
    assert replayed(found.journal) == held(desk.ledger)


# --- joint tasks, one by one ---


@pytest.fixture
def sent(tmp_path: Path) -> Office:
    desk = Office(tmp_path, Story(book(BOTH), ()))
    desk.split()
    return desk


def words(desk: Desk, code: str = SECOND) -> dict[str, Value]:
    """Return what every lead says of a task's progress."""
    ledger = desk.ledger
    return {lead: cell(ledger, "progress", code, lead) for lead in ledger.leads[code]}


def return_progress(desk: Office, **said: str) -> None:
    """Have departments return words on the joint task, and preview them."""
    for lead, text in said.items():
        row = 1 if lead == FGJ else 0
        desk.fill_rows(lead, {(row, "progress"): text})
    desk.merge()


def test_the_words_of_several_leads_go_back_each_to_its_own(sent: Office) -> None:
    return_progress(sent, **{FGJ: "甲", ZJJ: "乙"})
    sent.apply()
    assert words(sent) == {FGJ: "甲", ZJJ: "乙"}
    sent.undo()
    assert words(sent) == {FGJ: "一", ZJJ: "二"}
    assert sent.sheet(tables.LEDGER)[office.FIRST_ROW][office.PLACES["progress"] - 1] == f"{FGJ}：一\n{ZJJ}：二"


def test_a_silent_lead_is_left_alone(sent: Office) -> None:
    return_progress(sent, **{ZJJ: "乙"})
    sent.apply()
    sent.type_report(ReportKey(SECOND, FGJ), progress="电话核实")
    assert sent.undo().refused == ()
    assert words(sent) == {FGJ: "电话核实", ZJJ: "二"}


def test_a_lead_that_joined_between_return_and_undo_keeps_its_words(sent: Office) -> None:
    return_progress(sent, **{FGJ: "甲"})
    sent.apply()
    sent.type_leads(SECOND, FGJ, ZJJ, SWJ)
    actions.status(sent.path, sent.context, write=True)
    sent.type_report(ReportKey(SECOND, SWJ), progress="新来的")
    actions.status(sent.path, sent.context, write=True)
    assert sent.undo().refused == ()
    assert words(sent) == {FGJ: "一", ZJJ: "二", SWJ: "新来的"}


def test_a_lead_that_left_between_return_and_undo_is_named_and_the_others_go_back(sent: Office) -> None:
    return_progress(sent, **{FGJ: "甲", ZJJ: "乙"})
    sent.apply()
    sent.type_leads(SECOND, ZJJ, SWJ)
    undone = sent.undo()
    assert [(line.department, line.column) for line, _ in undone.refused] == [(FGJ, "进展情况")]
    assert "牵头" in undone.refused[0][1]
    assert words(sent) == {ZJJ: "二", SWJ: None}


def test_a_task_that_turned_joint_since_goes_back_in_the_old_leads_row(sent: Office) -> None:
    sent.fill_rows(FGJ, {(0, "progress"): "已办结"})
    sent.merge()
    sent.apply()
    sent.type_leads(FIRST, ZJJ, FGJ)
    assert sent.undo().refused == ()
    assert words(sent, FIRST) == {ZJJ: None, FGJ: "推进中"}


def test_a_row_of_a_lead_that_left_before_it_returned_waits_again_once_its_dismissal_is_taken_back(
    sent: Office,
) -> None:
    sent.fill_rows(FGJ, {(1, "progress"): "甲"})
    sent.type_leads(SECOND, ZJJ, SWJ)
    sent.merge()
    before = told(sent.ledger)
    (row,) = [number for number, cells in enumerate(sent.sheet(tables.RESULTS), 1) if "待定行" in cells]
    sent.type(tables.RESULTS, {(row, RESULTS_TABLE.place("choice")): Choice.NOW.value})
    sent.apply()
    assert told(sent.ledger) != before
    sent.undo()
    assert told(sent.ledger) == before


# --- what a fresh reader doubted ---


def choose(desk: Office, choices: Mapping[str, str]) -> None:
    """Decide on the items of 进展情况 by what came back."""
    grid = list(enumerate(desk.sheet(tables.RESULTS), 1))
    back, choice = RESULTS_TABLE.place("back") - 1, RESULTS_TABLE.place("choice")
    desk.type(tables.RESULTS, {(n, choice): choices[str(row[back])] for n, row in grid if str(row[back]) in choices})


def rivals(desk: Office) -> None:
    """Have one department return two workbooks that contradict each other, and preview them."""
    desk.type_report(ReportKey(FIRST, FGJ), progress="营商办核实")
    for name, text in (("甲.xlsx", "甲"), ("乙.xlsx", "乙")):
        desk.fill_rows(FGJ, {(0, "progress"): text, (0, "reported_on"): date(2020, 9, 8)}, to=name)
    desk.merge()


@pytest.mark.parametrize(("taken", "left"), [("甲", "乙"), ("乙", "甲")])
def test_of_two_rivals_the_one_taken_is_named_as_the_source_and_both_wait_again(
    sent: Office, taken: str, left: str
) -> None:
    rivals(sent)
    before = told(sent.ledger)
    choose(sent, {taken: Choice.BACK.value, left: Choice.NOW.value})
    sent.apply()
    assert cell(sent.ledger, "progress") == taken
    assert [line.file for line in sent.lines if line.new == taken and line.old != taken] == [f"{taken}.xlsx"]
    sent.undo()
    assert told(sent.ledger) == before


def test_two_returns_that_say_the_same_both_wait_again(sent: Office) -> None:
    for name, phone in (("甲.xlsx", "5900001"), ("乙.xlsx", "5900002")):
        sent.fill_rows(FGJ, {(0, "progress"): "已办结", (0, "phone"): phone}, to=name)
    sent.merge()
    before = told(sent.ledger)
    sent.apply()
    sent.undo()
    assert told(sent.ledger) == before


def test_words_typed_instead_that_the_ledger_holds_already_are_a_decision_that_can_be_taken_back(sent: Office) -> None:
    sent.type_report(ReportKey(FIRST, FGJ), progress="营商办核实")
    sent.fill_rows(FGJ, {(0, "progress"): "已办结"})
    sent.merge()
    before = told(sent.ledger)
    sent.decide("进展情况", Choice.OTHER.value, "营商办核实")
    sent.apply()
    assert told(sent.ledger) != before
    sent.undo()
    assert told(sent.ledger) == before


def test_a_new_row_that_was_dismissed_waits_again(sent: Office) -> None:
    path = sent.fill_rows(FGJ, {(0, "progress"): "已办结"})
    package = Package.load(path.read_bytes())
    package.append_rows(tables.LEDGER, [[None, 9, "新类别", "新任务"]])
    path.write_bytes(package.dump())
    sent.merge()
    before = stand(sent)
    (row,) = [number for number, cells in enumerate(sent.sheet(tables.RESULTS), 1) if "待定行" in cells]
    sent.type(tables.RESULTS, {(row, RESULTS_TABLE.place("choice")): Choice.NOW.value})
    sent.apply()
    sent.undo()
    assert stand(sent) == before


def test_of_two_new_rows_only_the_one_dismissed_last_waits_again(sent: Office) -> None:
    path = sent.fill_rows(FGJ, {(0, "progress"): "已办结"})
    package = Package.load(path.read_bytes())
    package.append_rows(tables.LEDGER, [[None, 9, "新类别", "新任务甲"], [None, 10, "新类别", "新任务乙"]])
    path.write_bytes(package.dump())
    sent.merge()
    for _ in range(2):
        before = told(sent.ledger)
        row = next(number for number, cells in enumerate(sent.sheet(tables.RESULTS), 1) if "待定行" in cells)
        sent.type(tables.RESULTS, {(row, RESULTS_TABLE.place("choice")): Choice.NOW.value})
        sent.apply()
    sent.undo()
    assert told(sent.ledger) == before


def test_a_department_renamed_since_gets_its_old_words_back(sent: Office) -> None:
    sent.fill_rows(FGJ, {(0, "progress"): "已办结"})
    sent.merge()
    before = told(sent.ledger)
    sent.apply()
    grid = sent.sheet(tables.NAMES)
    row = next(number for number, cells in enumerate(grid, 1) if FGJ in cells)
    sent.type(tables.NAMES, {(row, 1): "区发展改革局", (row, 2): f"{FGJ}、发改局"})
    assert sent.undo().refused == ()
    assert cell(sent.ledger, "progress", FIRST, "区发展改革局") == "推进中"
    assert {kept.settled for file in sent.ledger.received for kept in file.kept} == {PENDING}
    assert sum(told(sent.ledger).values()) == sum(before.values())


ODD: list[tuple[str, Value]] = [
    ("progress", "字" * 32_500),
    ("progress", "2020-09-08"),
    ("progress", "12"),
    ("progress", "=1+1"),
    ("progress", "第一行\n第二行 "),
    ("percent", "60%"),
    ("percent", 60),
    ("percent", "约一半"),
    ("percent", 0.00001),
    ("percent", 1 / 3),
    ("done_on", "20200908"),
    ("done_on", 20200908),
    ("done_on", "2020.9.8"),
    ("done_on", "9月"),
    ("done_on", "2020-W37-2"),
    ("phone", "0595-5900001"),
    ("reporter", "001"),
]
BACK: Mapping[str, Value] = {"percent": 0.9, "done_on": date(2020, 9, 7)}


@pytest.mark.parametrize(("key", "value"), ODD)
def test_an_odd_value_an_apply_wrote_over_comes_back_as_it_was(tmp_path: Path, key: str, value: Value) -> None:
    desk = Office(tmp_path, Story(book(BOTH), ()))
    desk.type_report(ReportKey(FIRST, FGJ), **{key: value})
    desk.split()
    before = held(desk.ledger)
    desk.fill(FGJ, **{key: BACK.get(key, "已办结")})
    desk.merge()
    assert desk.apply().written == 1
    assert desk.undo().refused == ()
    assert held(desk.ledger) == before


@pytest.mark.parametrize(("key", "value"), [("done_on", "2020-09-08"), ("percent", "0.5"), ("percent", 0.00001)])
def test_a_text_comes_back_as_text_and_a_number_as_a_number(tmp_path: Path, key: str, value: Value) -> None:
    desk = Office(tmp_path, Story(book(BOTH), ()))
    desk.type_report(ReportKey(FIRST, FGJ), **{key: value})
    desk.split()
    desk.fill(FGJ, **{key: BACK[key]})
    desk.merge()
    desk.apply()
    desk.undo()
    assert (cell(desk.ledger, key), type(cell(desk.ledger, key))) == (value, type(value))
