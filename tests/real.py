"""The real notice as a ledger some 旬 later: seeded reports, two closed periods and an open one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import as_file, files
from random import Random

from ledgers import dispatched
from taizhang import actions
from taizhang.books.sources import bundled_departments, read_notice
from taizhang.ledger import Cells, Ledger, ReportKey, Task
from taizhang.notice import read_tasks
from taizhang.periods import Period
from taizhang.returns import Kept, Received
from taizhang.snapshots import snapshot

DAY = date(2020, 10, 15)
_SENT = (date(2020, 9, 11), date(2020, 9, 21), date(2020, 10, 11))
_OPEN = _SENT[-1]


@cache
def seeded() -> Ledger:
    """Return the ledger on DAY: 83 tasks, 31 leads, some of everything that a report tells."""
    with as_file(files("taizhang") / "data" / "notice_2020.txt") as path:
        ledger = actions.ledger_of(read_tasks(read_notice(path)), bundled_departments(), "x")
    ledger = replace(ledger, tasks=tuple(map(_adjusted, ledger.tasks))).with_wordings()
    chance = Random(7)
    for sent in _SENT:
        ledger = _returned(dispatched(ledger, sent), sent, chance)
        if sent != _OPEN:
            period = Period.holding(sent)
            closed = snapshot(ledger, period, datetime.combine(period.last, time(18)), period.last)
            ledger = replace(ledger, snapshots=(*ledger.snapshots, closed))
    return ledger


def _adjusted(task: Task) -> Task:
    """Return a task due at the end of the year with an earlier deadline for some: else none is late, none due soon."""
    if task.cells["deadline"] != "12月底":
        return task
    earlier = {0: "9月底", 1: "10月底"}.get(int(str(task.no)) % 4)
    return task.with_cells({"deadline": earlier} if earlier else {})


def _returned(ledger: Ledger, sent: date, chance: Random) -> Ledger:
    """Return the ledger after most departments reported on what they were sent."""
    reports: dict[ReportKey, Cells] = {}
    back: list[Received] = []
    for department, tasks in ledger.led_by.items():
        if chance.random() > 0.15:
            reports |= {ReportKey(task.code, department): _report(sent, chance) for task in tasks}
            back.append(_file(ledger, department, tasks, sent))
    return replace(ledger.with_reports(reports), received=(*ledger.received, *back))


def _report(sent: date, chance: Random) -> Cells:
    if chance.random() < 0.3:
        return {}
    percent = chance.choice([0.3, 0.5, 0.8, 1])
    cells = {"percent": percent, "reported_on": sent + timedelta(days=2)}
    if percent == 1:
        return cells | {"done_on": chance.choice([date(2020, 6, 20), sent])}
    return cells | chance.choice([{}, {"problem": "数据共享\n还不够顺畅。", "next_step": "月底前完成联调。"}])


def _file(ledger: Ledger, department: str, tasks: Sequence[Task], sent: date) -> Received:
    codes = tuple(task.code for task in tasks)
    return Received(
        f"{department}{sent}",
        f"{department}.xlsx",
        ledger.batches[-1].id,
        department,
        datetime.combine(sent + timedelta(days=3), time(10)),
        codes,
        (20,) * len(codes),
        (21,) * len(codes),
        kept=tuple(Kept(4 + number, code, "progress", "新") for number, code in enumerate(codes)),
    )
