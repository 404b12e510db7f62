"""The ledger as plain values: tasks, each lead's reports, names, wordings and switches.

Reports are keyed (task, department, column). A task with one lead keeps its report in its
row of 工作台账; a joint task (联合牵头) keeps one row per lead in 联合牵头上报, and its row of
工作台账 shows their composition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple, Self

from taizhang.columns import TASKS, Register, register_of
from taizhang.deadlines import Deadline, Dictionary
from taizhang.departments import Directory, read_names
from taizhang.periods import Period
from taizhang.returns import Received
from taizhang.settings import Settings
from taizhang.status import Judge, State
from taizhang.values import Value, is_blank

Cells = Mapping[str, Value]


class ReportKey(NamedTuple):
    """Whose report on which task: the address of one lead's row."""

    task: str
    department: str


@dataclass(frozen=True)
class Task:
    """One row with a permanent code, of 工作台账 unless it is an Item: its code and the office's cells, by column key."""

    code: str
    cells: Cells

    @property
    def no(self) -> Value:
        """Return the visible 序号."""
        return self.cells.get("no")

    @property
    def is_share(self) -> bool:
        """Return whether its figures are shares, to be shown as percentages."""
        return self.cells.get("unit") == "%"

    def with_cells(self, cells: Cells) -> Self:
        """Return the row with some of the office's cells written; None empties a cell."""
        return replace(self, cells={k: v for k, v in {**self.cells, **cells}.items() if not is_blank(v)})

    @cached_property
    def register(self) -> Register:
        """Return which register the row stands in, by its code."""
        return register_of(self.code)


@dataclass(frozen=True)
class Item(Task):
    """An indicator (指标) or a problem (问题清单): a row of its own code that belongs to a task.

    `of` is the task's visible 序号, None while the task is not known.
    """

    of: Value = None

    @property
    def no(self) -> Value:
        """Return the visible 序号 of the task it belongs to."""
        return self.of

    @property
    def task(self) -> str:
        """Return the code of the task it belongs to."""
        return str(self.cells.get("item_task") or "")


@dataclass(frozen=True)
class SentFile:
    """One department's workbook of a batch; `rows` are the tasks in it."""

    department: str
    name: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Outlived:
    """A day that a ledger is computed for only because it is today, and the year it lies long after."""

    as_of: date
    year: int


SENT, UNSURE = "已发出", "不能确定"


@dataclass(frozen=True)
class Post:
    """A mail that left, or may have left when the connection broke: to whom, when, with which workbook."""

    batch: str
    kind: str
    department: str
    to: tuple[str, ...]
    at: datetime
    outcome: str
    message_id: str
    sha256: str


@dataclass(frozen=True)
class Batch:
    """One dispatch: its id, its 旬, when it was made, and the files that left."""

    id: str
    period: Period
    made_at: datetime
    files: tuple[SentFile, ...] = ()


@dataclass(frozen=True)
class Snapped:
    """A lead's report on a task when a period was closed: the task's state, and whether the report came in time."""

    no: Value
    status: str
    report: Cells
    due: date | None
    turnout: str


@dataclass(frozen=True)
class Snapshot:
    """What stood in the ledger when a period was closed (旬快照): when, for which day, and every report."""

    period: Period
    closed_at: datetime
    as_of: date
    rows: Mapping[ReportKey, Snapped] = field(default_factory=dict)


@dataclass(frozen=True)
class Ledger:
    """Everything the rules need to know of a ledger, and nothing of the file it came from.

    `base` is 下发底稿: the sent cells by batch and report; `received` is every return so far;
    `items` are the lines of 指标 and 问题清单.
    """

    id: str
    tasks: tuple[Task, ...]
    reports: Mapping[ReportKey, Cells]
    directory: Directory
    dictionary: Dictionary
    settings: Settings
    batches: tuple[Batch, ...] = ()
    base: Mapping[tuple[str, ReportKey], Cells] = field(default_factory=dict)
    received: tuple[Received, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    items: tuple[Item, ...] = ()
    posts: tuple[Post, ...] = ()

    @cached_property
    def by_code(self) -> Mapping[str, Task]:
        """Return the tasks, then the items of all registers, by their permanent code."""
        tasks = {task.code: task for task in self.tasks}
        items = {
            item.code: replace(item, of=tasks[item.task].no if item.task in tasks else None) for item in self.items
        }
        return {**tasks, **items}

    @property
    def rows(self) -> tuple[Task, ...]:
        """Return the tasks, then the items of all registers."""
        return tuple(self.by_code.values())

    def items_of(self, register: Register) -> tuple[Item, ...]:
        """Return the items that stand in a register."""
        return tuple(item for item in self.items if item.register is register)

    @property
    def codes_in_use(self) -> set[str]:
        """Return the codes of all rows that are there, and of those that were ever sent out."""
        return {*self.by_code, *(key.task for _, key in self.base)}

    @cached_property
    def gone(self) -> Mapping[str, Value]:
        """Return the words (目标任务) of every task that was ever sent out and has no row any more, by its code."""
        words = TASKS.telling
        return {
            key.task: cells.get(words)
            for (_, key), cells in self.base.items()
            if key.task not in self.by_code and register_of(key.task) is TASKS
        }

    def task_of(self, code: str) -> str:
        """Return the code of the task a row belongs to: a task's is its own."""
        row = self.by_code.get(code)
        return row.task if isinstance(row, Item) else code

    @cached_property
    def leads(self) -> Mapping[str, tuple[str, ...]]:
        """Return who reports on every row, as canonical names: a task's leads in the order of its cell, an item's one."""
        found = {row.code: read_names(row.cells.get(row.register.lead), self.directory).names for row in self.rows}
        return {code: names if register_of(code) is TASKS else names[:1] for code, names in found.items()}

    @cached_property
    def supports(self) -> Mapping[str, tuple[str, ...]]:
        """Return every task's supporting departments as canonical names; 各有关单位 names nobody."""
        return {task.code: read_names(task.cells.get("supports"), self.directory).names for task in self.tasks}

    @cached_property
    def led_by(self) -> Mapping[str, tuple[Task, ...]]:
        """Return the tasks of every lead, departments in the order of 单位名录."""
        found: dict[str, list[Task]] = {name: [] for name in self.directory.names}
        for task in self.tasks:
            for name in self.leads[task.code]:
                found[name].append(task)
        return {name: tuple(tasks) for name, tasks in found.items() if tasks}

    @cached_property
    def supported_by(self) -> Mapping[str, tuple[Task, ...]]:
        """Return the tasks that every listed department supports and does not lead."""
        found: dict[str, list[Task]] = {name: [] for name in self.directory.names}
        for task in self.tasks:
            for name in self.supports[task.code]:
                if name not in self.leads[task.code]:
                    found[name].append(task)
        return {name: tuple(tasks) for name, tasks in found.items()}

    @cached_property
    def sent_rows(self) -> Mapping[tuple[str, str], Mapping[str, Cells]]:
        """Return what each department was sent in each batch, by task code."""
        found: dict[tuple[str, str], dict[str, Cells]] = {}
        for (batch, key), cells in self.base.items():
            found.setdefault((batch, key.department), {})[key.task] = cells
        return found

    @property
    def newest_sent(self) -> dict[str, str]:
        """Return the newest batch in which each department was sent anything."""
        return {sent.department: batch.id for batch in self.batches for sent in batch.files}

    def closed_at(self, period: Period) -> datetime | None:
        """Return when a period was closed, None while it is open."""
        return next((one.closed_at for one in self.snapshots if one.period == period), None)

    def with_period_open(self, label: str) -> Ledger:
        """Return the ledger with a closed period open again: its snapshot goes."""
        return replace(self, snapshots=tuple(one for one in self.snapshots if one.period.label != label))

    @cached_property
    def batch_ids(self) -> Mapping[str, int]:
        """Return the place of every batch, the oldest first."""
        return {batch.id: place for place, batch in enumerate(self.batches)}

    def is_joint(self, code: str) -> bool:
        """Return whether more than one department leads the task."""
        return len(self.leads[code]) > 1

    def keys_of(self, code: str) -> tuple[ReportKey, ...]:
        """Return the addresses of a task's reports; a task without a known lead still has one."""
        return tuple(ReportKey(code, name) for name in self.leads[code]) or (ReportKey(code, ""),)

    @cached_property
    def _former(self) -> Mapping[str, tuple[ReportKey, ...]]:
        found: dict[str, tuple[ReportKey, ...]] = {}
        for key in self.reports:
            if key.task in self.by_code and key not in self.keys_of(key.task):
                found[key.task] = (*found.get(key.task, ()), key)
        return found

    def reports_on(self, code: str) -> tuple[ReportKey, ...]:
        """Return the addresses of all reports on a task, those of departments that lead it no more behind the leads'."""
        return (*self.keys_of(code), *self._former.get(code, ()))

    def report(self, key: ReportKey) -> Cells:
        """Return one lead's own report, blank cells left out."""
        return self.reports.get(key, {})

    def answer(self, item: Item) -> Cells:
        """Return what is filled in on the line of an indicator or a problem, blank cells left out."""
        return self.report(self.keys_of(item.code)[0])

    def sent_cells(self, key: ReportKey) -> Cells:
        """Return what a lead's row says now: the office's cells and its own report."""
        return {**self.by_code[key.task].cells, **self.report(key)}

    def row(self, code: str) -> Cells:
        """Return what the task's row of 工作台账 shows: the office's cells and the (composed) report."""
        keys = self.keys_of(code)
        report = self.report(keys[0]) if len(keys) == 1 else self.composed(code)
        return {**self.by_code[code].cells, **report}

    def composed(self, code: str) -> Cells:
        """Return the composition of a joint task's reports."""
        from taizhang.joint import composed

        named = [(key.department, self.report(key)) for key in self.keys_of(code)]
        return composed(named, self.settings.text("joint_percent"))

    def deadline(self, code: str) -> Deadline:
        """Return what 完成时限 was read as."""
        return self.dictionary.read(self.by_code[code].cells.get("deadline"))

    def state(self, code: str, as_of: date) -> State:
        """Return one task's state on a day."""
        return self.states(as_of, [self.by_code[code]])[code]

    def own_day(self, today: date) -> date:
        """Return the day the ledger is computed for: 统计日期, or today when that is blank."""
        fixed = self.settings.values["as_of"]
        return fixed if isinstance(fixed, date) else today

    def outlived(self, today: date) -> Outlived | None:
        """Return how the ledger is computed for a day long after its year, None where it is not or where that is meant.

        Last year's work is still being closed until the end of March; whoever means a later day can fix it.
        """
        year, as_of = self.settings.year, self.own_day(today)
        fixed = isinstance(self.settings.values["as_of"], date)
        return Outlived(as_of, year) if not fixed and as_of > date(year + 1, 3, 31) else None

    def states(self, as_of: date, tasks: Iterable[Task] | None = None) -> dict[str, State]:
        """Return the state of some tasks on a day, of all of them in ledger order where none are given."""
        judge, asked = Judge(self.settings, as_of), self.tasks if tasks is None else tasks
        return {task.code: judge.state(self.row(task.code), self.deadline(task.code)) for task in asked}

    def with_wordings(self) -> Ledger:
        """Return the ledger with every wording in use listed in 字典."""
        used = [task.cells.get("deadline") for task in self.tasks]
        known = self.dictionary.completed(used, self.settings.year)
        return self if known is self.dictionary else replace(self, dictionary=known)

    def with_reports(self, changes: Mapping[ReportKey, Cells]) -> Ledger:
        """Return the ledger with the given report cells written; None empties a cell."""
        reports = dict(self.reports)
        for key, cells in changes.items():
            merged = {**reports.get(key, {}), **cells}
            reports[key] = {k: v for k, v in merged.items() if not is_blank(v)}
        return replace(self, reports=reports)

    def with_office(self, code: str, cells: Cells) -> Ledger:
        """Return the ledger with some of the office's cells of a row written; None empties a cell."""
        tasks = tuple(task.with_cells(cells) if task.code == code else task for task in self.tasks)
        items = tuple(item.with_cells(cells) if item.code == code else item for item in self.items)
        return replace(self, tasks=tasks, items=items)

    def joint_keys(self) -> Iterator[ReportKey]:
        """Yield the addresses of 联合牵头上报: one per lead of every joint task, in ledger order."""
        for task in self.tasks:
            if self.is_joint(task.code):
                yield from self.keys_of(task.code)


def current(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Return the tasks still to be reported on: neither cancelled nor closed."""
    return tuple(t for t in tasks if is_blank(t.cells.get("cancelled_on")) and is_blank(t.cells.get("closed_on")))


def fresh_codes(used: Iterable[str], year: int, register: Register = TASKS) -> Iterator[str]:
    """Yield codes of a register that go on behind those ever used in it."""
    own = (code for code in used if register_of(code) is register)
    number = max((int(tail) for code in own if (tail := code.rpartition("-")[2]).isdecimal()), default=0)
    while True:
        number += 1
        yield new_code(year, number, register)


def new_code(year: int, number: int, register: Register = TASKS) -> str:
    """Return a permanent code; letters in front keep spreadsheets from reading a date into it."""
    return f"{register.prefix}{year}-{number:03d}"
