"""汇总 as numbers: by status and group, lead department, category, deadline and period, and what is overdue or due soon.

A joint task counts for each of its leads; the totals count every task once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from taizhang import rules
from taizhang.ledger import Ledger, Task
from taizhang.periods import Period
from taizhang.shares import Share
from taizhang.status import State
from taizhang.trend import Changes, Point, changes, closed_on, trend, unreported
from taizhang.values import Value, day, is_number, shown

ON_TRACK_REPORTED, ON_TRACK_SILENT = f"{rules.ON_TRACK}·本旬已报", f"{rules.ON_TRACK}·本旬未报"
TOTAL = "合计"
# As 汇总 prints them: silence must not look green.
PRINTED = (*(status for status in rules.STATUSES if status != rules.ON_TRACK), ON_TRACK_REPORTED, ON_TRACK_SILENT)


@dataclass(frozen=True)
class Tally:
    """The numbers of one group of tasks; `percents` is the sum of 完成率 over those that report one.

    `on_time` are the tasks done by their day of those due by the day of 汇总, cancelled ones left out.
    """

    name: str
    tasks: int
    statuses: Mapping[str, int]
    groups: Mapping[str, int]
    on_time: Share
    percents: Share
    silent: int

    @property
    def percent(self) -> float | None:
        """Return the mean 完成率 of the tasks that report one."""
        return self.percents.rate

    @property
    def done(self) -> int:
        """Return how many are done: closed out, or reported done."""
        return self.groups[rules.DONE]

    @property
    def completed(self) -> Share:
        """Return how many are done, of those that count."""
        return Share(self.done, self._counted)

    @property
    def late(self) -> Share:
        """Return how many are overdue, of those that count."""
        return Share(self.overdue, self._counted)

    @property
    def _counted(self) -> int:
        return self.tasks - self.groups[rules.NOT_COUNTED]

    @property
    def overdue(self) -> int:
        """Return how many are overdue."""
        return self.groups[rules.OVERDUE]

    @property
    def printed(self) -> Mapping[str, int]:
        """Return the counts by status as 汇总 prints them, 正常推进 split by whether anybody reported this 旬."""
        on_track = self.statuses[rules.ON_TRACK]
        split = {ON_TRACK_REPORTED: on_track - self.silent, ON_TRACK_SILENT: self.silent}
        return {name: split.get(name, self.statuses.get(name, 0)) for name in PRINTED}


@dataclass(frozen=True)
class Pressing:
    """A task that is overdue or due soon: how many days over (below 0: still left), who leads, what they say."""

    task: Task
    days: int
    due: date
    leads: tuple[str, ...]
    percent: Value
    problem: str
    next_step: str


@dataclass(frozen=True)
class Summary:
    """Everything 汇总 shows for one day."""

    as_of: date
    total: Tally
    departments: tuple[Tally, ...]
    categories: tuple[Tally, ...]
    deadlines: tuple[Tally, ...]
    trend: tuple[Point, ...]
    changes: Changes | None
    unreported: tuple[Period, tuple[str, ...]] | None
    overdue: tuple[Pressing, ...]
    due_soon: tuple[Pressing, ...]
    estimated: bool = False  # told from what the ledger holds today, for want of a record of that day
    closed: Period | None = None  # the period that was closed with the state of this very day


def summarise(ledger: Ledger, as_of: date) -> Summary:
    """Return the numbers of the ledger on `as_of`; departments with the most tasks come first."""
    states = ledger.states(as_of)
    tally = _Tallier(ledger, states, as_of)
    total, departments = _tallied(ledger, tally)
    pressing = {status: _pressing(ledger, states, as_of, status) for status in (rules.LATE, rules.DUE_SOON)}
    return Summary(
        as_of=as_of,
        total=total,
        departments=departments,
        categories=tally.by(lambda task: shown(task.cells.get("category")) or UNFILLED),
        deadlines=_by_deadline(ledger, tally),
        trend=trend(ledger, states, as_of),
        changes=changes(ledger, states, as_of),
        unreported=unreported(ledger, as_of),
        overdue=pressing[rules.LATE],
        due_soon=pressing[rules.DUE_SOON],
        closed=closed_on(ledger, as_of),
    )


def tallied(ledger: Ledger, as_of: date) -> tuple[Tally, tuple[Tally, ...]]:
    """Return the tally of all tasks on a day, and each lead department's."""
    return _tallied(ledger, _Tallier(ledger, ledger.states(as_of), as_of))


def _tallied(ledger: Ledger, tally: _Tallier) -> tuple[Tally, tuple[Tally, ...]]:
    departments = (tally(name, tasks) for name, tasks in ledger.led_by.items())
    return tally(TOTAL, ledger.tasks), tuple(sorted(departments, key=most_first))


def most_first(tally: Tally) -> tuple[int, int]:
    """Return what tallies are sorted by: most tasks first, then most overdue."""
    return -tally.tasks, -tally.overdue


def together(name: str, tallies: Sequence[Tally]) -> Tally:
    """Return the tally of several groups that have no task in common."""
    return Tally(
        name=name,
        tasks=sum(one.tasks for one in tallies),
        statuses={status: sum(one.statuses[status] for one in tallies) for status in rules.STATUSES},
        groups={group: sum(one.groups[group] for one in tallies) for group in rules.GROUPS},
        on_time=sum((one.on_time for one in tallies), Share(0, 0)),
        percents=sum((one.percents for one in tallies), Share(0, 0)),
        silent=sum(one.silent for one in tallies),
    )


class _Tallier:
    """Counts groups of tasks over one day's states."""

    def __init__(self, ledger: Ledger, states: Mapping[str, State], as_of: date) -> None:
        self._ledger = ledger
        self._states = states
        self._as_of = as_of
        self._rows = {task.code: ledger.row(task.code) for task in ledger.tasks}

    def __call__(self, name: str, tasks: Iterable[Task]) -> Tally:
        tasks = tuple(tasks)
        statuses = Counter(self._states[task.code].status for task in tasks)
        groups = Counter(self._states[task.code].group for task in tasks)
        return Tally(
            name=name,
            tasks=len(tasks),
            statuses={status: statuses[status] for status in rules.STATUSES},
            groups={group: groups[group] for group in rules.GROUPS},
            on_time=Share.counted([self._on_time(task) for task in tasks if self._asked(task)]),
            percents=self._percents(tasks),
            silent=sum(self._silent(task) for task in tasks),
        )

    def by(self, name_of: Callable[[Task], str]) -> tuple[Tally, ...]:
        """Return a tally per name, names in ledger order."""
        groups: dict[str, list[Task]] = defaultdict(list)
        for task in self._ledger.tasks:
            groups[name_of(task)].append(task)
        return tuple(self(name, tasks) for name, tasks in groups.items())

    def _asked(self, task: Task) -> bool:
        """Return whether a task that counts was due by the day."""
        state = self._states[task.code]
        due = state.effective_due
        return state.status != rules.CANCELLED and due is not None and due <= self._as_of

    def _on_time(self, task: Task) -> bool:
        """Return whether a task is done, and was by its effective due date."""
        state, done = self._states[task.code], day(self._rows[task.code].get("done_on"))
        due = state.effective_due
        return state.group == rules.DONE and done is not None and due is not None and done <= due

    def _percents(self, tasks: Iterable[Task]) -> Share:
        counted = (task for task in tasks if self._states[task.code].status != rules.CANCELLED)
        values = (self._rows[task.code].get("percent") for task in counted)
        numbers = [float(v) for v in values if is_number(v) and isinstance(v, (int, float))]
        return Share(sum(numbers), len(numbers))

    def _silent(self, task: Task) -> bool:
        """Return whether a task looks on track although nobody reported on it this 旬."""
        state = self._states[task.code]
        return state.status == rules.ON_TRACK and state.reporting != rules.REPORTED


UNFILLED = "未填"


def _by_deadline(ledger: Ledger, tally: _Tallier) -> tuple[Tally, ...]:
    """Return a tally per deadline: days in their order, then ongoing wordings, then what is not understood."""
    order: dict[str, tuple[int, date]] = {}
    for task in ledger.tasks:
        read = ledger.deadline(task.code)
        order[_deadline(ledger, task)] = (0 if read.due else 1 if read.understood else 2, read.due or date.max)
    return tuple(sorted(tally.by(lambda task: _deadline(ledger, task)), key=lambda one: order[one.name]))


def _deadline(ledger: Ledger, task: Task) -> str:
    """Return the name a task's deadline is counted under: its day, its wording if ongoing or not understood."""
    due = ledger.deadline(task.code).due
    return due.isoformat() if due else shown(task.cells.get("deadline")) or UNFILLED


def _pressing(ledger: Ledger, states: Mapping[str, State], as_of: date, status: str) -> tuple[Pressing, ...]:
    """Return the tasks with a status, the longest overdue, or the soonest due, first."""
    those = (task for task in ledger.tasks if states[task.code].status == status)
    found = [_one_pressing(ledger, task, states[task.code], as_of) for task in those]
    return tuple(sorted(found, key=lambda item: -item.days))


def _one_pressing(ledger: Ledger, task: Task, state: State, as_of: date) -> Pressing:
    cells = ledger.row(task.code)
    due = state.effective_due or as_of
    return Pressing(
        task=task,
        days=(as_of - due).days,
        due=due,
        leads=ledger.leads[task.code],
        percent=cells.get("percent"),
        problem=shown(cells.get("problem")),
        next_step=shown(cells.get("next_step")),
    )
