"""下清单: what each lead department is sent, and the base the ledger keeps of it. Source: `merge.md`, Dispatch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from taizhang.columns import SENT, YES
from taizhang.errors import LedgerError, Stop
from taizhang.ledger import Batch, Cells, Ledger, ReportKey, SentFile, Task
from taizhang.periods import Period
from taizhang.values import is_blank


@dataclass(frozen=True)
class Assignment:
    """One department's part of a dispatch: the tasks it leads, those it supports."""

    department: str
    led: tuple[Task, ...]
    supported: tuple[Task, ...]


def assignments(ledger: Ledger, where: str, *, priority: bool = False) -> tuple[Assignment, ...]:
    """Return every lead department's part, in the order of 单位名录; raise LedgerError when nobody leads.

    With `priority`, only the tasks marked 重点 are sent, out of turn.
    """
    led = {name: current(tasks) for name, tasks in ledger.led_by.items()}
    if priority:
        led = {name: tuple(task for task in tasks if task.cells.get("priority") == YES) for name, tasks in led.items()}
        if not any(led.values()):
            raise LedgerError(Stop.NO_PRIORITY, path=where)
    found = tuple(Assignment(name, tasks, _supported(ledger, name)) for name, tasks in led.items() if tasks)
    if not found:
        raise LedgerError(Stop.NO_LEADS, path=where)
    return found


def supporters(ledger: Ledger) -> tuple[Assignment, ...]:
    """Return the departments that only support, each with the tasks it supports."""
    rest = [name for name in ledger.directory.names if name not in ledger.led_by]
    found = (Assignment(name, (), _supported(ledger, name)) for name in rest)
    return tuple(part for part in found if part.supported)


def current(tasks: tuple[Task, ...]) -> tuple[Task, ...]:
    """Return the tasks still to be reported on: neither cancelled nor closed."""
    return tuple(t for t in tasks if is_blank(t.cells.get("cancelled_on")) and is_blank(t.cells.get("closed_on")))


def _supported(ledger: Ledger, name: str) -> tuple[Task, ...]:
    found = (
        task for task in ledger.tasks if name in ledger.supports[task.code] and name not in ledger.leads[task.code]
    )
    return current(tuple(found))


def opened_batch(
    ledger: Ledger, period: Period, made_at: datetime, parts: tuple[Assignment, ...]
) -> tuple[Ledger, Batch]:
    """Return the ledger with the base of a new batch, and the batch, its files still to be written."""
    number = 1 + sum(batch.period == period for batch in ledger.batches)
    # The tail keeps two batches apart although the ledger was put back to a backup in between.
    tail = sha256(f"{ledger.id}{made_at.isoformat()}".encode()).hexdigest()[:4]
    batch = Batch(f"{period.label}-{number:02d}-{tail}", period, made_at)
    keys = [ReportKey(task.code, part.department) for part in parts for task in part.led]
    base = {(batch.id, key): sent(ledger, key) for key in keys}
    return replace(ledger, base={**ledger.base, **base}), batch


def sent(ledger: Ledger, key: ReportKey) -> Cells:
    """Return the 21 cells a lead is sent for a task, blank ones left out."""
    cells = ledger.sent_cells(key)
    return {c.key: cells[c.key] for c in SENT if not is_blank(cells.get(c.key))}


def closed_batch(ledger: Ledger, batch: Batch, files: tuple[SentFile, ...]) -> Ledger:
    """Return the ledger with the batch and its files recorded (下发记录)."""
    return replace(ledger, batches=(*ledger.batches, replace(batch, files=files)))


FILE_TITLE, PRIORITY_TITLE = "营商环境工作台账", "营商环境重点事项"


def file_name(period: Period, department: str, *, priority: bool = False) -> str:
    """Return a department workbook's file name, free of what a file system refuses."""
    title = PRIORITY_TITLE if priority else FILE_TITLE
    safe = "".join("_" if c in '\\/:*?"<>|' else c for c in department)
    return f"{period.title}_{safe}_{title}.xlsx"
