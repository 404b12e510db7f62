"""Small ledgers for tests: drawn as grids, dispatched, filled in by departments, and generated at random."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from hypothesis import strategies as st

from taizhang import diff, dispatch, intake, journal, merge, tables
from taizhang.columns import (
    BY_KEY,
    BY_TITLE,
    INDICATORS,
    ITEM_REGISTERS,
    SENT,
    TASKS,
    Kind,
    Owner,
    register_of,
)
from taizhang.deadlines import Dictionary, closed_wordings
from taizhang.departments import Department, Directory
from taizhang.entries import typed
from taizhang.intake import Sheets
from taizhang.journal import Act, Journal
from taizhang.layout import office
from taizhang.layout.common import store_sheet, value_of
from taizhang.layout.department import base_records, sent_records, ticket
from taizhang.layout.parts import Cell, Sheet
from taizhang.layout.reading import read_ledger
from taizhang.layout.result import store_sheets
from taizhang.ledger import Item, Ledger, ReportKey, SentFile, Task, new_code
from taizhang.merge import Change, Choice, HeldRow, Verdict
from taizhang.periods import Period
from taizhang.returns import Received, Returned
from taizhang.settings import Settings
from taizhang.styles import STYLES
from taizhang.values import Value, is_blank, same, serial

YEAR = 2020
NOW = datetime(2020, 9, 8, 9, 30)
AS_OF = NOW.date()
FGJ, ZJJ, SWJ = "区发改局", "区住建局", "区税务局"
NAMES = (FGJ, ZJJ, SWJ)
MADE = Act(journal.NEW, NOW, "经办")
DIRECTORY = Directory(tuple(Department(name, (name[1:],)) for name in NAMES))
FIRST, SECOND = new_code(YEAR, 1), new_code(YEAR, 2)
COUNTED = frozenset(column.key for register in (TASKS, *ITEM_REGISTERS) for column in register.department)

# Grids


def drawn(text: str) -> list[dict[str, str]]:
    """Return the rows of a table drawn with bars, by its headers; empty cells are left out."""
    lines = [line.strip().strip("|").split("|") for line in text.strip().split("\n")]
    heads, *rows = [[cell.strip() for cell in line] for line in lines]
    return [{head: cell for head, cell in zip(heads, row, strict=True) if cell} for row in rows]


def meant(key: str, text: str | None) -> Value:
    """Return what a drawn cell stands for: a plain value where its column has a kind."""
    if text is None or BY_KEY[key].kind in (Kind.TEXT, Kind.NAMES, Kind.CHOICE):
        return text
    entry = typed(BY_KEY[key], text)
    return text if entry.fault else entry.value


def cells_of(row: Mapping[str, str]) -> dict[str, Value]:
    """Return a drawn row by column key."""
    found = {BY_TITLE[title].key: text for title, text in row.items() if title in BY_TITLE}
    return {key: meant(key, text) for key, text in found.items()}


def book(text: str, **settings: Value) -> Ledger:
    """Return a ledger drawn as a grid; a joint task's further rows have the lead in 牵头单位."""
    tasks: dict[str, Task] = {}
    reports: dict[ReportKey, dict[str, Value]] = {}
    for row in drawn(text):
        cells = cells_of(row)
        code = new_code(YEAR, int(str(cells["no"])))
        own = {key: value for key, value in cells.items() if key in COUNTED}
        office = {"target": f"任务{cells['no']}", "category": "开办企业", "deadline": "12月底"}
        office |= {key: value for key, value in cells.items() if key not in COUNTED}
        if code not in tasks:
            tasks[code] = Task(code, office)
        lead = row.get("牵头单位") or str(tasks[code].cells["leads"]).split("、")[0]
        if own:
            reports[ReportKey(code, lead)] = own
    return ledger_of(tasks.values(), reports, **settings)


def ledger_of(tasks: Iterable[Task], reports: Mapping[ReportKey, Mapping[str, Value]], **settings: Value) -> Ledger:
    """Return a ledger of the given tasks and reports."""
    switches = Settings.of(**{"title": "营商环境工作台账", "year": YEAR, **settings})
    words = Dictionary(dict(closed_wordings(YEAR)))
    return Ledger("L1", tuple(tasks), dict(reports), DIRECTORY, words, switches).with_wordings()


# The office's side


def dispatched(ledger: Ledger, day: date = date(2020, 9, 1)) -> Ledger:
    """Return the ledger after a dispatch on `day`."""
    at = datetime.combine(day, NOW.time())
    parts = dispatch.assignments(ledger, "台账")
    based, batch = dispatch.opened_batch(ledger, Period.holding(day), at, parts)
    return dispatch.closed_batch(
        based, batch, tuple(SentFile(p.department, p.department, len(p.led), "f0") for p in parts)
    )


def with_report(ledger: Ledger, code: str, department: str, **cells: Value) -> Ledger:
    """Return the ledger after somebody edited a lead's report by hand."""
    return ledger.with_reports({ReportKey(code, department): cells})


def with_office(ledger: Ledger, code: str, **cells: Value) -> Ledger:
    """Return the ledger after the office edited its own cells of a row."""
    tasks = (replace(t, cells=filled({**t.cells, **cells})) if t.code == code else t for t in ledger.tasks)
    items = (replace(i, cells=filled({**i.cells, **cells})) if i.code == code else i for i in ledger.items)
    return replace(ledger, tasks=tuple(tasks), items=tuple(items)).with_wordings()


def filled(cells: Mapping[str, Value]) -> dict[str, Value]:
    return {key: value for key, value in cells.items() if not is_blank(value)}


# A department's side


@dataclass(frozen=True)
class Form:
    """A department's workbook as raw cells: what a clerk may do to it, each step a new form.

    `items` are the rows of its sheets 指标 and 问题清单.
    """

    ledger_id: str
    batch: str
    department: str
    rows: tuple[Mapping[str, Value], ...]
    items: tuple[Mapping[str, Value], ...] = ()
    columns: tuple[str, ...] = ("code", *(column.key for column in SENT))
    modified_at: datetime | None = None
    mailed_at: datetime | None = None
    name: str = "表.xlsx"

    def put(self, code: str = FIRST, **cells: Value) -> Form:
        """Return the form with cells of a task overwritten."""
        rows, items = (
            tuple({**row, **cells} if code_in(row) == code else row for row in those)
            for those in (self.rows, self.items)
        )
        return replace(self, rows=rows, items=items)

    def without(self, *codes: str) -> Form:
        """Return the form with rows deleted."""
        rows, items = (tuple(row for row in those if code_in(row) not in codes) for those in (self.rows, self.items))
        return replace(self, rows=rows, items=items)

    def twice(self, code: str = FIRST, **cells: Value) -> Form:
        """Return the form with a copy of a row at the end, the copy edited."""
        return self.plus(**{**next(row for row in (*self.rows, *self.items) if code_in(row) == code), **cells})

    def plus(self, **cells: Value) -> Form:
        """Return the form with a further row."""
        return replace(self, items=(*self.items, cells)) if "item" in cells else replace(self, rows=(*self.rows, cells))

    def dropping(self, *keys: str) -> Form:
        """Return the form with columns deleted."""
        return replace(self, columns=tuple(key for key in self.columns if key not in keys))

    def reversed(self) -> Form:
        """Return the form sorted the other way round."""
        return replace(self, rows=self.rows[::-1], items=self.items[::-1], columns=self.columns[::-1])

    @property
    def placed(self) -> list[tuple[str, Mapping[str, Value]]]:
        """Return every row with where it stands: its number, with the sheet's name in front on 指标 and 问题清单."""
        found = [(str(number), row) for number, row in enumerate(self.rows, 4)]
        for register in ITEM_REGISTERS:
            own = [row for row in self.items if register_of(code_in(row)) is register]
            found += [(f"{register.sheet}{number}", row) for number, row in enumerate(own, 4)]
        return found

    @property
    def sheets(self) -> Sheets:
        """Return the form as an opened file; equal forms have equal fingerprints."""
        heads = tuple(BY_KEY[key].title for key in self.columns)
        grid = ((), (None, self.name), heads, *(tuple(row.get(key) for key in self.columns) for row in self.rows))
        grids = {tables.LEDGER: grid, **self._item_grids()}
        sha = hashlib.sha256(
            repr((self.batch, self.department, self.modified_at, self.mailed_at, grids)).encode()
        ).hexdigest()
        ids = dict(zip(tables.TICKET_KEYS, (self.ledger_id, self.batch, self.department, "1"), strict=True))
        return Sheets(self.name, sha, grids, ids, self.modified_at, mailed_at=self.mailed_at)

    def _item_grids(self) -> dict[str, tuple[tuple[Value, ...], ...]]:
        found = {}
        for register in ITEM_REGISTERS:
            keys = ("item", *(column.key for column in register.sent))
            rows = [row for row in self.items if register_of(code_in(row)) is register]
            if rows:
                heads = tuple(BY_KEY[key].title for key in keys)
                found[register.sheet] = ((), (), heads, *(tuple(row.get(key) for key in keys) for row in rows))
        return found


def code_in(row: Mapping[str, Value]) -> str:
    """Return the code on a row of a form."""
    return str(row.get("item") or row.get("code"))


def form(ledger: Ledger, department: str = FGJ, batch: int = -1) -> Form:
    """Return the workbook a department was sent, unedited."""
    sent = ledger.batches[batch]
    assert ticket(ledger, sent, department)["taizhang_department"] == department
    rows = [
        {register_of(key.task).code: key.task, **cells}
        for (id, key), cells in ledger.base.items()
        if (id, key.department) == (sent.id, department)
    ]
    tasks, items = ([row for row in rows if ("item" in row) is wanted] for wanted in (False, True))
    return Form(ledger.id, sent.id, department, tuple(tasks), tuple(items))


def recognised(ledger: Ledger, one: Form) -> Returned:
    """Return a form as intake reads it."""
    found = intake.recognise(ledger, one.sheets)
    assert isinstance(found, Returned), found
    return found


def received(ledger: Ledger, one: Form) -> Received:
    """Return what the ledger remembers of a form."""
    return diff.received(ledger, recognised(ledger, one), NOW)


# The loop


def returned(ledger: Ledger, *forms: Form) -> Ledger:
    """Return the ledger after a merge preview of the given forms."""
    after = merge.merged(ledger, [received(ledger, one) for one in forms])
    return merge.seen(after, merge.decide(after))


def applied(ledger: Ledger, verdicts: Mapping[str, Verdict] | None = None) -> Ledger:
    """Return the ledger after an apply."""
    after = merge.applied(ledger, verdicts or {}).ledger
    return merge.seen(after, merge.decide(after))


def decided(ledger: Ledger) -> list[tuple[str, str, str, str, Value]]:
    """Return every listed cell: task number, department, column, disposition and what was returned."""
    return [
        (str(c.kept.code[-1]), c.file.department, BY_KEY[c.kept.column].title, c.disposition.value, c.kept.back)
        for c in merge.decide(ledger)
    ]


def the_change(ledger: Ledger, column: str, back: Value = None) -> Change:
    """Return the one listed cell of a column (with a given returned value)."""
    found = [c for c in merge.decide(ledger) if c.kept.column == column and (back is None or same(c.kept.back, back))]
    assert len(found) == 1, decided(ledger)
    return found[0]


def verdict(change: Change, choice: Choice, other: Value = None) -> dict[str, Verdict]:
    """Return a clerk's decision on one item."""
    return {change.id: Verdict(choice, other)}


def held(ledger: Ledger) -> tuple[HeldRow, ...]:
    """Return the rows that wait as a whole."""
    return merge.held_rows(ledger)


def cell(ledger: Ledger, key: str, code: str = FIRST, department: str = FGJ) -> Value:
    """Return a cell of a lead's report, or of the office."""
    return ledger.sent_cells(ReportKey(code, department)).get(key)


def laid_out(ledger: Ledger) -> dict[str, Sheet]:
    """Return the ledger's sheets as layout has them, those of its dispatches and returns too."""
    sheets = list(office.ledger_workbook(ledger, AS_OF, started(ledger)).sheets)
    for table, record in ((tables.SENT_TABLE, sent_records), (tables.BASE_TABLE, partial(base_records, ledger))):
        sheets.append(
            store_sheet(replace(table, header_row=1), [row for batch in ledger.batches for row in record(batch)])
        )
    return {sheet.name: sheet for sheet in (*sheets, *store_sheets(ledger))}


def started(ledger: Ledger) -> Journal:
    """Return the journal of a ledger just made."""
    return Journal().extended([(MADE, journal.changed(None, ledger))])


def grids_of(sheets: Mapping[str, Sheet]) -> dict[str, list[list[Value]]]:
    """Return what a reader finds on laid-out sheets."""
    return {name: [[plain(cell) for cell in row] for row in sheet.rows] for name, sheet in sheets.items()}


def reopened(ledger: Ledger, leads: Mapping[str, str] | None = None) -> Ledger:
    """Return the ledger after its sheets were laid out and read again, without a file between.

    `leads` are cells of 牵头部门, 填报单位 or 责任单位 that somebody overtyped meanwhile, by code.
    """
    grids = grids_of(laid_out(ledger))
    for register in (TASKS, *ITEM_REGISTERS):
        place = next(n for n, column in enumerate(register.columns) if column.key == register.lead)
        for row in grids.get(register.sheet, ()):
            if row and row[0] in (leads or {}):
                row[place] = (leads or {})[str(row[0])]
    return read_ledger("台账", grids, {}).ledger


def plain(cell: Cell | None) -> Value:
    """Return what a reader finds in a laid-out cell: dates only where the look says so."""
    content = value_of(cell.content) if cell else None
    dated = cell is not None and "yy" in STYLES[cell.style].format
    if isinstance(content, date) and not dated:
        return serial(content)
    return content  # type: ignore[return-value]


# Strategies: few values, so that they meet

_DAYS = [date(2020, 9, 7), date(2020, 9, 8), date(2020, 9, 8), "2020年9月9日", 44084, "9月", "2月30日", None]
POOLS: Mapping[Kind, list[Value]] = {
    Kind.TEXT: ["推进中", "已办结", "已办结 ", "第一行\r\n第二行", "=1+1", "１２", "#REF!", None, "", 12.0],
    Kind.PERCENT: [0, 0.5, 1, 60, "60%", "６０％", 1.5, -1, 150, "六成", None],
    Kind.DATE: _DAYS,
    Kind.NUMBER: [7, "7", 7.5, None],
    Kind.CHOICE: ["是", "否", None],
    Kind.NAMES: [*NAMES, f"{FGJ}、{ZJJ}", None],
    Kind.AMOUNT: [3, "3", 2.5, "1,200", "约三天", "", None],
    Kind.DEADLINE: ["6月底", "年底前", date(2020, 9, 15), "尽快"],
}
# What stands in a ledger that staff edit by hand, well typed or not.
_OWN: Mapping[str, list[Value]] = {
    "progress": ["推进中", "已办结", "第一行\n第二行", "=1+1", " 前后空格 "],
    "percent": [0, 0.3, 0.5, 1, 60, "60%", "约一半", 3],
    "done_on": [date(2020, 9, 7), date(2020, 9, 8), "2020-09-07", "2020.9.8", "9月", datetime(2020, 9, 8, 16, 30)],
    "problem": ["缺人", "缺钱"],
    "reported_on": [date(2020, 8, 28), date(2020, 9, 7)],
    "phone": ["5900001"],
}
_FIELDS = ["progress", "percent", "done_on", "problem", "reported_on", "phone", "target", "deadline", "priority"]
_MOMENTS = [None, datetime(2020, 9, 8, 10), datetime(2020, 9, 8, 11)]


_MAILED = st.sampled_from([None, None, *_MOMENTS])  # most files come in no mail


def reports() -> st.SearchStrategy[dict[str, Value]]:
    """Return what a lead may have reported so far."""
    return st.fixed_dictionaries({}, optional={key: st.sampled_from(pool) for key, pool in _OWN.items()})


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Draw a ledger of one to three tasks, some joint, with some reports."""
    tasks, found = [], {}
    for number in range(1, draw(st.integers(1, 3)) + 1):
        leads = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
        cells: dict[str, Value] = {"no": number, "category": "开办企业", "target": f"任务{number}"}
        cells |= {"deadline": draw(st.sampled_from(["6月底", date(2020, 9, 15), "2020-09-15", "尽快"]))}
        cells |= {"leads": "、".join(leads), "note": "备注"}
        tasks.append(Task(new_code(YEAR, number), cells))
        found |= {ReportKey(tasks[-1].code, lead): draw(reports()) for lead in leads}
    items = draw(st.lists(st.sampled_from([task.code for task in tasks]).flatmap(_item), max_size=3))
    listed = [replace(item, code=f"{item.code}{number:03d}") for number, item in enumerate(items, 1)]
    for item in listed:
        key = ReportKey(item.code, str(item.cells[item.register.lead]))
        found[key] = draw(st.sampled_from([{}, {"current": 5, "measure_note": "统计"}, {"reply": "在办"}]))
        found[key] = {name: value for name, value in found[key].items() if BY_KEY[name] in item.register.columns}
    return replace(ledger_of(tasks, {key: cells for key, cells in found.items() if cells}), items=tuple(listed))


def _item(task: str) -> st.SearchStrategy[Item]:
    """Return an indicator or a problem of a task, its code still without a number."""
    measure = {"indicator": "办理时限", "direction": "≤", "goal": 3, "unit": "天", "words": "三天内", "confirmed": "是"}
    problem = {"issue": "缺人", "severity": "一般", "opened_on": date(2020, 9, 1)}
    return st.sampled_from(NAMES).flatmap(
        lambda name: st.sampled_from(
            [
                Item(f"ZB{YEAR}-", {"item_task": task, "indicator_lead": name, **measure}),
                Item(f"WT{YEAR}-", {"item_task": task, "owner": name, "raised_by": FGJ, **problem}),
            ]
        )
    )


@st.composite
def hand_edits(draw: st.DrawFn, ledger: Ledger, *, leads: bool = True) -> Ledger:
    """Draw what staff did to the ledger by hand: a few cells, and perhaps who leads."""
    for task in draw(st.lists(st.sampled_from(ledger.tasks), max_size=2)):
        key = draw(st.sampled_from(ledger.keys_of(task.code)))
        ledger = ledger.with_reports({key: draw(reports())})
        if draw(st.booleans()):
            ledger = with_office(ledger, task.code, requirement=draw(st.sampled_from(["补充数据", None])))
    for item in draw(st.lists(st.sampled_from(ledger.items), max_size=2)) if ledger.items else ():
        key, name = ledger.keys_of(item.code)[0], "current" if item.register is INDICATORS else "reply"
        ledger = ledger.with_reports(
            {key: {name: draw(st.sampled_from([7, None] if name == "current" else ["再办", None]))}}
        )
        if leads and draw(st.booleans()):
            ledger = reopened(ledger, {item.code: draw(st.sampled_from(NAMES))})
    if leads and draw(st.integers(0, 3)) == 0:
        task = draw(st.sampled_from(ledger.tasks))
        named = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True))
        ledger = reopened(ledger, {task.code: "、".join(named)})
    return ledger


@st.composite
def forms(draw: st.DrawFn, ledger: Ledger) -> Form:
    """Draw a department's returned workbook of some batch, with what clerks do to workbooks."""
    batch = draw(st.integers(0, len(ledger.batches) - 1))
    department = draw(st.sampled_from([sent.department for sent in ledger.batches[batch].files]))
    one = form(ledger, department, batch)
    for _ in range(draw(st.integers(0, 4))):
        if not (*one.rows, *one.items):
            break
        code = code_in(draw(st.sampled_from((*one.rows, *one.items))))
        one = draw(_edits(one, code) if register_of(code) is TASKS else _item_edits(one, code))
    if one.rows and draw(st.booleans()):  # so that returns meet in one cell
        words, day = st.sampled_from(["甲", "乙", "推进中"]), st.sampled_from([date(2020, 9, 7), date(2020, 9, 8)])
        one = one.put(str(one.rows[0]["code"]), progress=draw(words), reported_on=draw(day))
    return replace(one, modified_at=draw(st.sampled_from(_MOMENTS)), mailed_at=draw(_MAILED))


def _cell_of(keys: Sequence[str]) -> st.SearchStrategy[dict[str, Value]]:
    """Return what may be typed into a cell of one of some columns."""
    return st.sampled_from(keys).flatmap(
        lambda key: st.sampled_from(POOLS[BY_KEY[key].kind]).map(lambda value: {key: value})
    )


def _edits(one: Form, code: str) -> st.SearchStrategy[Form]:
    cell = _cell_of(_FIELDS)
    return st.one_of(
        cell.map(lambda cells: one.put(code, **cells)),
        cell.map(lambda cells: one.put(code, **cells)),
        cell.map(lambda cells: one.twice(code, **cells)),
        cell.map(lambda cells: one.plus(**{"code": "RW2020-999", "target": "新任务", **cells})),
        st.just(one.without(code)),
        st.just(one.reversed()),
        st.sampled_from(["progress", "percent", "category"]).map(one.dropping),
    )


def _item_edits(one: Form, code: str) -> st.SearchStrategy[Form]:
    keys = ["current", "measured_on", "measure_note", "goal", "indicator"]
    keys = keys if register_of(code) is INDICATORS else ["reply", "replied_on", "issue", "opened_on"]
    cell = _cell_of(keys)
    return st.one_of(
        cell.map(lambda cells: one.put(code, **cells)),
        cell.map(lambda cells: one.put(code, **cells)),
        cell.map(lambda cells: one.twice(code, **cells)),
        cell.map(lambda cells: one.plus(item=f"{register_of(code).prefix}2020-999", **cells)),
        st.just(one.without(code)),
        st.just(one.reversed()),
    )


@dataclass(frozen=True)
class Story:
    """A ledger as it is when forms come back, and the forms."""

    ledger: Ledger
    forms: tuple[Form, ...]


@st.composite
def rival_stories(draw: st.DrawFn) -> Story:
    """Draw returns of one department that disagree about one cell, of one or two batches."""
    own = {ReportKey(FIRST, FGJ): {"progress": "推进中"}}
    ledger = dispatched(ledger_of([Task(FIRST, {"no": 1, "target": "任务1", "leads": FGJ})], own))
    if draw(st.booleans()):
        between = draw(st.sampled_from(["推进中", "营商办核实"]))
        ledger = dispatched(with_report(ledger, FIRST, FGJ, progress=between), date(2020, 9, 11))
    words, days = st.sampled_from(["甲", "乙", "推进中", None]), st.sampled_from([date(2020, 9, 7), date(2020, 9, 8)])
    found = [
        replace(form(ledger, FGJ, batch), modified_at=draw(st.sampled_from(_MOMENTS)), mailed_at=draw(_MAILED))
        for batch in draw(st.lists(st.integers(0, len(ledger.batches) - 1), min_size=2, max_size=4))
    ]
    return Story(ledger, tuple(one.put(progress=draw(words), reported_on=draw(days)) for one in found))


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Draw one or two dispatches with hand edits between and after, and up to four returned workbooks."""
    ledger = dispatched(draw(ledgers()))
    if draw(st.booleans()):
        ledger = dispatched(draw(hand_edits(ledger)), date(2020, 9, 1) + timedelta(days=draw(st.sampled_from([1, 10]))))
    found = tuple(draw(st.lists(forms(ledger), max_size=4)))
    return Story(draw(hand_edits(ledger)), found)


# What a test counts for itself


def present(one: Form, row: Mapping[str, Value]) -> Sequence[str]:
    """Return the sent columns a row of a form has."""
    register = register_of(code_in(row))
    return [column.key for column in register.sent if register is not TASKS or column.key in one.columns]


def matched(ledger: Ledger, one: Form) -> list[tuple[str, Mapping[str, Value]]]:
    """Return the rows of a form that were sent to its department and are still its own, with where they stand."""
    return [
        (place, row)
        for place, row in one.placed
        if (one.batch, ReportKey(code_in(row), one.department)) in ledger.base
        and one.department in ledger.leads.get(code_in(row), ())
    ]


def said(key: str, value: Value) -> Value:
    """Return what a returned raw cell means."""
    return typed(BY_KEY[key], value).value


OFFICE_KEYS = tuple(c.key for register in (TASKS, *ITEM_REGISTERS) for c in register.owned_by(Owner.OFFICE))
assert all(BY_KEY[key].owner is Owner.OFFICE for key in OFFICE_KEYS)
