"""下清单: what each lead department is sent, and the base the ledger keeps of it. Source: `merge.md`, Dispatch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from taizhang.columns import ITEM_REGISTERS, YES, Register
from taizhang.errors import LedgerError, Stop
from taizhang.ledger import Batch, Cells, Item, Ledger, ReportKey, SentFile, Task, current
from taizhang.periods import Period
from taizhang.problems import is_open
from taizhang.targets import is_confirmed
from taizhang.values import is_blank


@dataclass(frozen=True)
class Assignment:
    """One department's part of a dispatch: the tasks it leads, those it supports, the indicators and problems it answers."""

    department: str
    led: tuple[Task, ...]
    supported: tuple[Task, ...]
    items: tuple[Item, ...] = ()

    @property
    def registers(self) -> tuple[Register, ...]:
        """Return the registers it has lines of, beside its tasks."""
        return tuple(one for one in ITEM_REGISTERS if any(item.register is one for item in self.items))

    @property
    def asked(self) -> tuple[Task, ...]:
        """Return every row that it is to fill in."""
        return (*self.led, *self.items)


def assignments(ledger: Ledger, where: str, *, priority: bool = False) -> tuple[Assignment, ...]:
    """Return the part of every department that has something to fill in, in the order of 单位名录.

    With `priority`, only the tasks marked 重点 are sent, out of turn, with what belongs to them.
    Raises LedgerError where nobody leads anything that is to be sent.
    """
    wanted = current(ledger.tasks)
    if priority:
        wanted = tuple(task for task in wanted if task.cells.get("priority") == YES)
    codes = {task.code for task in wanted}
    led = {name: tuple(task for task in tasks if task.code in codes) for name, tasks in ledger.led_by.items()}
    if not any(led.values()):
        raise LedgerError(Stop.NO_PRIORITY if priority else Stop.NO_LEADS, path=where)
    items = _items_by_department(ledger, codes)
    parts = (
        Assignment(name, led.get(name, ()), current(ledger.supported_by[name]), items.get(name, ()))
        for name in ledger.directory.names
    )
    return tuple(part for part in parts if part.asked)


def _items_by_department(ledger: Ledger, codes: Collection[str]) -> dict[str, tuple[Item, ...]]:
    """Return the confirmed indicators and the open problems of some tasks, by the department that answers them."""
    found: dict[str, tuple[Item, ...]] = {}
    for item in ledger.items:
        wanted = is_confirmed(item) or is_open(item)
        for name in ledger.leads[item.code] if wanted and item.task in codes else ():
            found[name] = (*found.get(name, ()), item)
    return found


def supporters(ledger: Ledger) -> tuple[Assignment, ...]:
    """Return the departments that only support, each with the tasks it supports."""
    asked = {name for item in ledger.items for name in ledger.leads[item.code]}
    rest = [name for name in ledger.directory.names if name not in ledger.led_by and name not in asked]
    found = (Assignment(name, (), current(ledger.supported_by[name])) for name in rest)
    return tuple(part for part in found if part.supported)


def opened_batch(
    ledger: Ledger, period: Period, made_at: datetime, parts: tuple[Assignment, ...]
) -> tuple[Ledger, Batch]:
    """Return the ledger with the base of a new batch, and the batch, its files still to be written."""
    number = 1 + sum(batch.period == period for batch in ledger.batches)
    # The tail keeps two batches apart although the ledger was put back to a backup in between.
    tail = sha256(f"{ledger.id}{made_at.isoformat()}".encode()).hexdigest()[:4]
    batch = Batch(f"{period.label}-{number:02d}-{tail}", period, made_at)
    keys = [ReportKey(task.code, part.department) for part in parts for task in part.asked]
    base = {(batch.id, key): sent(ledger, key) for key in keys}
    return replace(ledger, base={**ledger.base, **base}), batch


def sent(ledger: Ledger, key: ReportKey) -> Cells:
    """Return the cells a department is sent for a row (21 for a task), blank ones left out."""
    cells = ledger.sent_cells(key)
    return {c.key: cells[c.key] for c in ledger.by_code[key.task].register.sent if not is_blank(cells.get(c.key))}


def closed_batch(ledger: Ledger, batch: Batch, files: tuple[SentFile, ...]) -> Ledger:
    """Return the ledger with the batch and its files recorded (下发记录)."""
    return replace(ledger, batches=(*ledger.batches, replace(batch, files=files)))


FILE_TITLE, PRIORITY_TITLE = "营商环境工作台账", "营商环境重点事项"


def file_name(period: Period, department: str, *, priority: bool = False) -> str:
    """Return a department workbook's file name, free of what a file system refuses."""
    title = PRIORITY_TITLE if priority else FILE_TITLE
    return f"{period.title}_{safe_name(department)}_{title}.xlsx"


def safe_name(text: str) -> str:
    """Return a text as part of a file name, free of what a file system refuses."""
    return "".join("_" if c in '\\/:*?"<>|' else c for c in text)
