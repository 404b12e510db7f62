"""What became of the tasks from one 旬 to the next: points of a trend, and what changed since the last one.

Told from 旬快照, which keeps every task's state when a period is closed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from taizhang import rules
from taizhang.ledger import Ledger, Snapshot, Task
from taizhang.periods import Period
from taizhang.shares import Share
from taizhang.snapshots import Turnout, turn_of
from taizhang.status import State


@dataclass(frozen=True)
class Point:
    """The tasks by group when a period was closed, or on a day; `reported` are the departments in time of those asked."""

    name: str
    as_of: date
    groups: Mapping[str, int]
    reported: Share


@dataclass(frozen=True)
class Changes:
    """What happened to tasks since a period was closed.

    `done` were not; `overdue` neither; `recovered` were overdue or needed attention and are on
    track; `reopened` were done and are not.
    """

    since: Period
    as_of: date
    done: tuple[Task, ...]
    overdue: tuple[Task, ...]
    recovered: tuple[Task, ...]
    reopened: tuple[Task, ...]


def trend(ledger: Ledger, states: Mapping[str, State], as_of: date) -> tuple[Point, ...]:
    """Return a point for every period closed before a day, and one for that day."""
    points = [_point(ledger, one) for one in _before(ledger, as_of)]
    groups = Counter(state.group for state in states.values())
    return (*points, Point(as_of.isoformat(), as_of, _of_all(groups), _turnout(ledger, Period.holding(as_of))))


def changes(ledger: Ledger, states: Mapping[str, State], as_of: date) -> Changes | None:
    """Return what changed since the last period that was closed before a day, None before the first."""
    closed = _before(ledger, as_of)
    if not closed:
        return None
    then = {key.task: rules.GROUP_OF.get(row.status, "") for key, row in closed[-1].rows.items()}
    now = {code: state.group for code, state in states.items()}
    worried = (rules.OVERDUE, rules.ATTENTION)
    return Changes(
        since=closed[-1].period,
        as_of=closed[-1].as_of,
        done=_those(ledger, lambda code: now[code] == rules.DONE != then.get(code)),
        overdue=_those(ledger, lambda code: now[code] == rules.OVERDUE != then.get(code)),
        recovered=_those(ledger, lambda code: now[code] == rules.NORMAL and then.get(code) in worried),
        reopened=_those(
            ledger, lambda code: then.get(code) == rules.DONE and now[code] not in (rules.DONE, rules.NOT_COUNTED)
        ),
    )


def unreported(ledger: Ledger, as_of: date) -> tuple[Period, tuple[str, ...]] | None:
    """Return the latest period begun by a day in which something was sent, and the departments that did not report.

    Its own days count, not the clock's: 统计日期 may be fixed to a day before the one on which the lists were made.
    """
    sent = [batch.period for batch in ledger.batches if batch.period.first <= as_of]
    if not sent:
        return None
    turn = turn_of(ledger, max(sent))
    return turn.period, tuple(name for name, found in turn.departments.items() if found is Turnout.MISSING)


def closed_on(ledger: Ledger, as_of: date) -> Period | None:
    """Return the last period that was closed with the state of this very day, None where none was."""
    return max((one.period for one in ledger.snapshots if one.as_of == as_of), default=None)


def _before(ledger: Ledger, as_of: date) -> list[Snapshot]:
    return sorted((one for one in ledger.snapshots if one.as_of < as_of), key=lambda one: one.period)


def _point(ledger: Ledger, closed: Snapshot) -> Point:
    statuses = {key.task: row.status for key, row in closed.rows.items()}
    groups = Counter(rules.GROUP_OF.get(status, "") for status in statuses.values())
    return Point(closed.period.label, closed.as_of, _of_all(groups), _turnout(ledger, closed.period))


def _of_all(groups: Mapping[str, int]) -> dict[str, int]:
    return {group: groups.get(group, 0) for group in rules.GROUPS}


def _turnout(ledger: Ledger, period: Period) -> Share:
    found = turn_of(ledger, period).departments.values()
    return Share.counted([one is Turnout.IN_TIME for one in found])


def _those(ledger: Ledger, wanted: Callable[[str], bool]) -> tuple[Task, ...]:
    return tuple(task for task in ledger.tasks if wanted(task.code))
