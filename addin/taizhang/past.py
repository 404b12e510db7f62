"""The ledger as it was on a past day, told from 变更记录. Source: `domain.md`, Status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from taizhang import journal
from taizhang.columns import TASKS, Column, register_of
from taizhang.journal import Journal, Line, recalled
from taizhang.ledger import Cells, Item, Ledger, ReportKey, Task
from taizhang.settings import BY_KEY

_YEAR = BY_KEY["year"]
ESTIMATED = "按现有数据推算"  # printed where the record does not tell what stood in the ledger that day


@dataclass(frozen=True)
class Past:
    """A ledger as it stood at the end of a day; `certain` says that the record tells so."""

    ledger: Ledger
    certain: bool = True


def as_it_was(ledger: Ledger, record: Journal, on: date) -> Past:
    """Return the ledger at the end of a day before the last operation, else as it is now.

    Before the first line nothing is known, and what somebody typed by hand between two days may
    have stood there or not: then it is told as far as it goes, and not for certain. Switches,
    wordings and names are those of today, but the 年度 that deadlines are of.
    """
    lines = record.told
    if not lines or _written(lines[-1]) <= on:
        return Past(ledger)
    if on < _written(lines[0]):
        return Past(ledger, certain=False)
    known = Journal(tuple(line for line in lines if _written(line) <= on))
    state = known.seen_by(lambda name: ledger.directory.canonical(name) or name)
    found: dict[ReportKey, dict[str, str]] = {}
    for (key, title), text in state.items():
        found.setdefault(key, {})[title] = text
    order = {code: number for number, code in enumerate(ledger.by_code)}
    codes = sorted({key.task for key in found if key.task}, key=lambda code: (order.get(code, len(order)), code))
    own = {code: _cells(register_of(code).office, found.get(ReportKey(code, ""), {})) for code in codes}
    # A task whose leads nobody knows has its report by no name, as its office cells have.
    reports = {key: _cells(register_of(key.task).department, texts) for key, texts in found.items() if key.task}
    year = recalled(_YEAR.title, known.state.get((journal.NO_TASK, _YEAR.title), ""))
    if isinstance(year, float) and year != ledger.settings.year:  # 6月底 meant another day
        settings = replace(ledger.settings, values={**ledger.settings.values, _YEAR.key: year})
        ledger = replace(ledger, settings=settings, dictionary=ledger.dictionary.for_year(int(year)))
    then = replace(
        ledger,
        tasks=tuple(Task(code, cells) for code, cells in own.items() if cells and register_of(code) is TASKS),
        items=tuple(Item(code, cells) for code, cells in own.items() if cells and register_of(code) is not TASKS),
        reports={key: cells for key, cells in reports.items() if cells},
        batches=tuple(batch for batch in ledger.batches if batch.made_at.date() <= on),
        received=tuple(file for file in ledger.received if file.received_at.date() <= on),
        snapshots=tuple(one for one in ledger.snapshots if one.closed_at.date() <= on),
    )
    typed_between = any(_typed_since(line) <= on for line in lines if _written(line) > on)
    return Past(then, not typed_between and record.broken() is None)


def _cells(columns: tuple[Column, ...], texts: Mapping[str, str]) -> Cells:
    found = {c.key: recalled(c.title, texts[c.title]) for c in columns if c.title in texts}
    return {key: value for key, value in found.items() if value is not None}


def _written(line: Line) -> date:
    return _day(line.at) or date.max


def _typed_since(line: Line) -> date:
    """Return the day from which a hand edit may date; for every other line the day it was written."""
    by_hand = line.operation in (journal.HAND, journal.MOVED)
    return (_day(line.file) if by_hand and line.file else None) or _written(line)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
