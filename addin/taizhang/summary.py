"""汇总 as numbers: by status and group, lead department, category and deadline, and what is overdue.

A joint task counts for each of its leads; the column totals count every task once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from taizhang import rules
from taizhang.ledger import Ledger, Task
from taizhang.status import State
from taizhang.values import Value, day, is_number, shown


@dataclass(frozen=True)
class Tally:
    """The numbers of one group of tasks; `percent` is the mean 完成率 of those that report one."""

    name: str
    tasks: int
    statuses: Mapping[str, int]
    groups: Mapping[str, int]
    on_time: int
    percent: float | None
    silent: int

    @property
    def done(self) -> int:
        """Return how many are done: closed out, or reported done."""
        return self.groups[rules.DONE]

    @property
    def overdue(self) -> int:
        """Return how many are overdue."""
        return self.groups[rules.OVERDUE]


@dataclass(frozen=True)
class Overdue:
    """One overdue task: how many days, who leads, what they say."""

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
    overdue: tuple[Overdue, ...]
    estimated: bool = False  # told from what the ledger holds today, for want of a record of that day


def summarise(ledger: Ledger, as_of: date) -> Summary:
    """Return the numbers of the ledger on `as_of`."""
    states = ledger.states(as_of)
    tally = _Tallier(ledger, states)
    return Summary(
        as_of=as_of,
        total=tally("合计", ledger.tasks),
        departments=tuple(tally(name, tasks) for name, tasks in ledger.led_by.items()),
        categories=tally.by(lambda task: shown(task.cells.get("category")) or UNFILLED),
        deadlines=_by_deadline(ledger, tally),
        overdue=_overdue(ledger, states, as_of),
    )


class _Tallier:
    """Counts groups of tasks over one day's states."""

    def __init__(self, ledger: Ledger, states: Mapping[str, State]) -> None:
        self._ledger = ledger
        self._states = states

    def __call__(self, name: str, tasks: Iterable[Task]) -> Tally:
        tasks = tuple(tasks)
        statuses = Counter(self._states[task.code].status for task in tasks)
        groups = Counter(self._states[task.code].group for task in tasks)
        return Tally(
            name=name,
            tasks=len(tasks),
            statuses={status: statuses[status] for status in rules.STATUSES},
            groups={group: groups[group] for group in rules.GROUPS},
            on_time=sum(self._on_time(task) for task in tasks),
            percent=self._percent(tasks),
            silent=sum(self._silent(task) for task in tasks),
        )

    def by(self, name_of: Callable[[Task], str]) -> tuple[Tally, ...]:
        """Return a tally per name, names in ledger order."""
        groups: dict[str, list[Task]] = defaultdict(list)
        for task in self._ledger.tasks:
            groups[name_of(task)].append(task)
        return tuple(self(name, tasks) for name, tasks in groups.items())

    def _on_time(self, task: Task) -> bool:
        """Return whether a done task was done by its effective due date (or has none)."""
        state = self._states[task.code]
        done = day(self._ledger.row(task.code).get("done_on"))
        late = done is not None and state.effective_due is not None and done > state.effective_due
        return state.group == rules.DONE and not late

    def _percent(self, tasks: Iterable[Task]) -> float | None:
        counted = (task for task in tasks if self._states[task.code].status != rules.CANCELLED)
        values = (self._ledger.row(task.code).get("percent") for task in counted)
        numbers = [float(v) for v in values if is_number(v) and isinstance(v, (int, float))]
        return sum(numbers) / len(numbers) if numbers else None

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


def _overdue(ledger: Ledger, states: Mapping[str, State], as_of: date) -> tuple[Overdue, ...]:
    late = (task for task in ledger.tasks if states[task.code].status == rules.LATE)
    found = [_overdue_item(ledger, task, states[task.code], as_of) for task in late]
    return tuple(sorted(found, key=lambda item: -item.days))


def _overdue_item(ledger: Ledger, task: Task, state: State, as_of: date) -> Overdue:
    cells = ledger.row(task.code)
    due = state.effective_due or as_of
    return Overdue(
        task=task,
        days=(as_of - due).days,
        due=due,
        leads=ledger.leads[task.code],
        percent=cells.get("percent"),
        problem=shown(cells.get("problem")),
        next_step=shown(cells.get("next_step")),
    )
