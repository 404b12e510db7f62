"""结转: next year's ledger, with what goes on; what is done stays in this year's. Source: issue "The life of a task"."""

from __future__ import annotations

from dataclasses import dataclass, replace

from taizhang.deadlines import Dictionary, closed_wordings, parse
from taizhang.ledger import Ledger, Task, current
from taizhang.settings import Settings
from taizhang.values import Value, shown


@dataclass(frozen=True)
class Rollover:
    """Next year's ledger, the tasks it leaves behind, and the deadlines that were written out (old, new)."""

    ledger: Ledger
    archived: tuple[Task, ...]
    reworded: tuple[tuple[Task, Value, Value], ...]


def rolled_over(ledger: Ledger, year: int, id: str) -> Rollover:
    """Return the ledger of another 年度 with every task that is neither closed nor cancelled, and all that is its own.

    Reports, codes, indicators and problems go along. A wording means a day of its ledger's 年度: one that would come to mean another is written
    with its year. Batches, returns and snapshots stay with the year they belong to.
    """
    carried = {task.code for task in current(ledger.tasks)}
    settings = _settings(ledger.settings, year)
    dictionary = Dictionary({**dict(closed_wordings(year)), **ledger.dictionary.for_year(year).entries})
    tasks, reworded = [], []
    for task in ledger.tasks:
        if task.code in carried:
            old = task.cells.get("deadline")
            new = _meaning_the_same(old, ledger, dictionary, year)
            reworded += [(task, old, new)] if new != old else []
            tasks.append(Task(task.code, {**task.cells, **({"deadline": new} if new != old else {})}))
    items = tuple(item for item in ledger.items if item.task in carried)
    kept = {item.code for item in items}
    after = replace(
        ledger,
        id=id,
        tasks=tuple(tasks),
        reports={key: cells for key, cells in ledger.reports.items() if key.task in carried or key.task in kept},
        dictionary=dictionary,
        settings=settings,
        batches=(),
        base={},
        received=(),
        snapshots=(),
        items=items,
    )
    gone = tuple(task for task in ledger.tasks if task.code not in carried)
    return Rollover(after.with_wordings(), gone, tuple(reworded))


def _settings(settings: Settings, year: int) -> Settings:
    title = settings.text("title").replace(str(settings.year), str(year))
    return replace(settings, values={**settings.values, "year": year, "title": title, "as_of": None, "start": None})


def _meaning_the_same(wording: Value, ledger: Ledger, there: Dictionary, year: int) -> Value:
    """Return a deadline that means in another year's ledger what it means in this one's."""
    meant = ledger.dictionary.read(wording)
    if meant.due is None or there.completed([wording], year).read(wording) == meant:
        return wording
    written = f"{ledger.settings.year}年{shown(wording)}"
    return written if parse(written, year) == meant else meant.due
