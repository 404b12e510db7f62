"""补充通知: what another notice adds to a ledger, and what it would change, which the office decides.

Nothing is deleted, and nothing that stands in the ledger is written over. Source: issue "The life
of a task".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from taizhang.departments import Directory, Named, read_names
from taizhang.ledger import Ledger, Task, fresh_codes
from taizhang.matching import codes_of
from taizhang.notice import NoticeTask
from taizhang.values import Value, is_blank, is_number, same, squeezed

COMPARED = ("category", "target", "deadline", "leads", "supports")


@dataclass(frozen=True)
class Proposed:
    """A cell of the ledger that the notice words otherwise."""

    task: Task
    column: str
    now: Value
    new: Value


@dataclass(frozen=True)
class Supplement:
    """The ledger with what is new, the tasks that are, what the notice would change, and what it says as before."""

    ledger: Ledger
    added: tuple[Task, ...]
    proposed: tuple[Proposed, ...]
    alike: tuple[Task, ...]


def supplemented(ledger: Ledger, notice: tuple[NoticeTask, ...], used: frozenset[str] = frozenset()) -> Supplement:
    """Return what a notice adds and proposes; a task is known by its 序号 and its text, or by its text alone.

    `used` are the codes of tasks the ledger had once, which no other task gets. What is new goes
    on with the numbers of the ledger.
    """
    rows: Mapping[int, dict[str, Value]] = {n: {"no": task.no, "target": task.target} for n, task in enumerate(notice)}
    known = codes_of(rows, {task.code: task.cells for task in ledger.tasks})
    twice = {code for code, rows_of_it in Counter(known.values()).items() if rows_of_it > 1}
    proposed: list[Proposed] = []
    alike: list[Task] = []
    added: list[Task] = []
    codes = fresh_codes({*used, *ledger.by_code}, ledger.settings.year)
    no = max(
        (int(task.no) for task in ledger.tasks if is_number(task.no) and isinstance(task.no, (int, float))), default=0
    )
    for number, task in enumerate(notice):
        own = ledger.by_code.get(known.get(number, "")) if known.get(number) not in twice else None
        if own is None:
            no += 1
            added.append(Task(next(codes), {"no": no, **_cells(task)}))
            continue
        found = [
            Proposed(own, key, own.cells.get(key), value)
            for key, value in _cells(task).items()
            if not _says_the_same(key, own.cells.get(key), value, ledger.directory)
        ]
        proposed += found
        alike += [] if found else [own]
    after = replace(ledger, tasks=(*ledger.tasks, *added)).with_wordings()
    return Supplement(after, tuple(added), tuple(proposed), tuple(alike))


def _cells(task: NoticeTask) -> dict[str, Value]:
    found: dict[str, Value] = {key: getattr(task, key) for key in COMPARED}
    return {key: value for key, value in found.items() if not is_blank(value)}


def _says_the_same(key: str, now: Value, new: Value, directory: Directory) -> bool:
    """Return whether two cells say the same: names in any spelling and order, words without their spaces."""
    if key in ("leads", "supports"):
        one, other = read_names(now, directory), read_names(new, directory)
        return _named(one) == _named(other)
    return same(now, new) or (isinstance(now, str) and isinstance(new, str) and squeezed(now) == squeezed(new))


def _named(found: Named) -> tuple[set[str], set[str], bool]:
    return set(found.names), set(found.unknown), found.everyone
