"""旬调度: the year's ten-day periods, who reported in time, and what stood in the ledger when one was closed.

A batch belongs to a period. The office closes it when it has what it needs: every task's state
then goes to 旬快照 for good, and what comes back later is late. Source: issue "The life of a task".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum

from taizhang.ledger import Batch, Cells, Ledger, ReportKey, Snapped, Snapshot
from taizhang.merge import is_doubtful, returns_of
from taizhang.periods import Period
from taizhang.returns import Received
from taizhang.status import State
from taizhang.tables import SNAPPED


class Turnout(Enum):
    """Whether a report came, by when its period was closed."""

    IN_TIME = "按时"
    LATE = "迟报"
    MISSING = "未报"
    NOT_ASKED = "未下发"


def periods_of(year: int) -> tuple[Period, ...]:
    """Return the year's 36 periods."""
    return tuple(Period(year, month, part) for month in range(1, 13) for part in range(3))


def snapshot(ledger: Ledger, period: Period, closed_at: datetime, as_of: date) -> Snapshot:
    """Return what a period is closed with: every lead's report and its task's state, on its last day at the latest."""
    on = min(as_of, period.last)
    states, found = ledger.states(on), turnouts(ledger, period)
    rows: dict[ReportKey, Snapped] = {}
    for task in ledger.tasks:
        state = states[task.code]
        for key in ledger.keys_of(task.code):
            report: Cells = {name: value for name, value in ledger.report(key).items() if name in SNAPPED}
            rows[key] = Snapped(
                task.no, state.status, report, state.effective_due, found.get(key, Turnout.NOT_ASKED).value
            )
    return Snapshot(period, closed_at, on, rows)


def states(kept: Snapshot, told: Mapping[str, State]) -> dict[str, State]:
    """Return states with what a snapshot kept of their day: it was taken when the ledger stood so."""
    found = {key.task: row for key, row in kept.rows.items()}
    return {
        code: replace(state, status=found[code].status, effective_due=found[code].due) if code in found else state
        for code, state in told.items()
    }


def turnouts(ledger: Ledger, period: Period) -> dict[ReportKey, Turnout]:
    """Return whether each lead reported on each task it was sent in a period: a row sent back untouched is no report."""
    batches = {batch.id for batch in ledger.batches if batch.period == period}
    asked = {key: list[Received]() for id, key in ledger.base if id in batches}
    for file in ledger.received:
        if file.batch in batches and not is_doubtful(file):
            for key in {ReportKey(one.code, file.department) for one in file.kept}:
                if (file.batch, key) in ledger.base:
                    asked[key].append(file)
    return {key: _of(ledger, period, files) for key, files in asked.items()}


def department_turnout(ledger: Ledger, period: Period, department: str) -> Turnout:
    """Return whether a department reported for a period: a list sent back untouched is no report."""
    batches = [batch for batch in ledger.batches if batch.period == period and _was_sent(batch, department)]
    if not batches:
        return Turnout.NOT_ASKED
    back = (file for batch in batches for file in returns_of(ledger, batch, department))
    return _of(ledger, period, (file for file in back if file.is_report))


def is_late(ledger: Ledger, batch: Batch, file: Received) -> bool:
    """Return whether a return came after its period was closed."""
    closed_at = ledger.closed_at(batch.period)
    return closed_at is not None and file.received_at > closed_at


def _was_sent(batch: Batch, department: str) -> bool:
    return any(sent.department == department for sent in batch.files)


def _of(ledger: Ledger, period: Period, files: Iterable[Received]) -> Turnout:
    first = min((file.received_at for file in files), default=None)
    if first is None:
        return Turnout.MISSING
    closed_at = ledger.closed_at(period)
    return Turnout.LATE if closed_at and first > closed_at else Turnout.IN_TIME


@dataclass(frozen=True)
class Turn:
    """One period as the office sees it: what was sent, who reported, when it was closed."""

    period: Period
    batches: tuple[Batch, ...]
    closed_at: datetime | None
    departments: dict[str, Turnout]

    def counted(self, turnout: Turnout) -> int:
        """Return how many departments turned out so."""
        return sum(found is turnout for found in self.departments.values())


def turns(ledger: Ledger) -> tuple[Turn, ...]:
    """Return the year's periods, and those of other years in which something was sent or closed."""
    other = {batch.period for batch in ledger.batches} | {one.period for one in ledger.snapshots}
    periods = sorted({*periods_of(ledger.settings.year), *other})
    return tuple(turn_of(ledger, period) for period in periods)


def turn_of(ledger: Ledger, period: Period) -> Turn:
    """Return what was sent in a period, who reported, and when it was closed."""
    batches = tuple(batch for batch in ledger.batches if batch.period == period)
    names = dict.fromkeys(sent.department for batch in batches for sent in batch.files)
    found = {name: department_turnout(ledger, period, name) for name in names}
    return Turn(period, batches, ledger.closed_at(period), found)


def to_close(ledger: Ledger, as_of: date) -> Period:
    """Return the period to close: the oldest one begun in which something was sent and that is open, else the current."""
    begun = (batch.period for batch in ledger.batches if batch.period.first <= as_of)
    return min((period for period in begun if not ledger.closed_at(period)), default=Period.holding(as_of))
