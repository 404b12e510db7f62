"""The use of decisions: what waits in 合并结果, decided without opening the sheet, for `cli` and a window to call.

A decision is written beside its item, where a clerk would write it; `apply` carries it out, and
until then another one may take its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from taizhang import journal, merge, tables
from taizhang.actions import Context, as_of_for
from taizhang.books import ledgers
from taizhang.books.editing import Correction
from taizhang.books.ledgers import Readable, Where
from taizhang.columns import BY_KEY, BY_TITLE
from taizhang.errors import LedgerError, Stop
from taizhang.findings import asked
from taizhang.journal import NO_TASK, CellChange
from taizhang.layout.result import RESULTS_TABLE, item_rows, read_decisions
from taizhang.ledger import Ledger
from taizhang.likeness import likest
from taizhang.merge import Change, Choice, HeldRow, Verdict
from taizhang.places import Place
from taizhang.returns import PENDING
from taizhang.values import Value, shown


@dataclass(frozen=True)
class Item:
    """One thing to decide: a returned cell with what was sent, what is there and what came back, or a whole row.

    `words` are the three values as a clerk reads them, `verdict` is what has been decided so far,
    of its `own` or in bulk.
    """

    id: str
    kind: str
    task: str
    no: Value
    target: str
    department: str
    column: str
    base: Value
    now: Value
    back: Value
    reason: str
    source: str
    open: bool
    verdict: Verdict | None
    subject: Change | HeldRow
    own: bool
    words: tuple[str, str, str]

    def refusal(self, verdict: Verdict) -> str:
        """Return why a decision cannot be carried out on it, in a clerk's words; empty when it can."""
        if isinstance(self.subject, Change):
            return merge.why_not(self.subject, verdict)
        return "" if verdict.choice is Choice.NOW else merge.ONLY_KEPT

    def as_json(self) -> dict[str, object]:
        """Return the form `decide --json` prints."""
        told = {key: getattr(self, key) for key in ("id", "kind", "task", "no", "department", "column")}
        values = {key: shown(getattr(self, key)) for key in ("base", "now", "back")}
        choice = self.verdict.choice.value if self.verdict and self.verdict.choice else None
        other = shown(self.verdict.other) if self.verdict else ""
        return {**told, **values, "reason": self.reason, "open": self.open, "choice": choice, "other": other}


@dataclass(frozen=True)
class Wanted:
    """Which items are meant, each named as it is listed; None means all."""

    kind: str | None = None
    department: str | None = None
    no: str | None = None
    column: str | None = None

    def is_bulk(self, count: int) -> bool:
        """Return whether so many items are meant as many: not one that is named, nor one cell by its row and column."""
        if self.no and self.column:
            return False
        return count > 1 or not (self.no or self.column)


# What an item is chosen by, in a clerk's word, and what it has for it.
_NAMES: Mapping[str, tuple[str, Callable[[Item], str]]] = {
    "kind": ("类别", lambda item: item.kind),
    "department": ("单位", lambda item: item.department),
    "no": ("序号", lambda item: shown(item.no)),
    "column": ("列", lambda item: item.column),
}


@dataclass(frozen=True)
class Decided:
    """What was decided on, on which items it could not be, each with why, and which keep a decision of their own."""

    items: tuple[Item, ...]
    refused: tuple[tuple[Item, str], ...]
    kept: tuple[Item, ...] = ()


def items(where: Readable) -> tuple[Item, ...]:
    """Return what waits in 合并结果, in its order; raise LedgerError where there is no preview."""
    return tuple(_items(ledgers.open_ledger(where)))


def chosen(where: Readable, wanted: Wanted) -> tuple[Item, ...]:
    """Return the items that are meant, in their order; raise LedgerError for a name that nothing has."""
    opened = ledgers.open_ledger(where)
    listed = tuple(_items(opened))
    meant = {key: value for key in _NAMES if (value := getattr(wanted, key)) is not None}
    for key, value in meant.items():
        what, named = _NAMES[key]
        waiting, known = list(dict.fromkeys(filter(None, map(named, listed)))), _known(opened.ledger, key)
        if value not in (*waiting, *known):
            guess = asked(_near(opened.ledger, key, value, [*waiting, *known]))
            facts = {"what": what, "value": value, "guess": guess, "names": _cut(waiting or known)}
            raise LedgerError(Stop.NO_SUCH_NAME, path=opened.path, **facts)
    return tuple(item for item in listed if all(_NAMES[key][1](item) == value for key, value in meant.items()))


def _known(ledger: Ledger, key: str) -> list[str]:
    """Return every name that items could be chosen by, whether one waits now or not."""
    if key == "kind":
        return [*(kind.value for kind in merge.Disposition), merge.HELD_TITLE]
    if key == "department":
        return list(ledger.directory.names)
    return [shown(task.no) for task in ledger.tasks] if key == "no" else list(BY_TITLE)


def _near(ledger: Ledger, key: str, value: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return what a name that nothing has may stand for; of a number nothing is near."""
    if key == "department":
        return ledger.directory.near(value)
    return () if key == "no" else likest(value, known)


def _cut(names: Sequence[str]) -> str:
    more = f"等 {len(names)} 个" if len(names) > _NAMED else ""
    return f"{'、'.join(names[:_NAMED])}{more}"


_NAMED = 10  # names that a sentence lists


def _items(opened: ledgers.Opened) -> Iterator[Item]:
    if tables.RESULTS not in opened.grids:
        raise LedgerError(Stop.NO_PREVIEW, path=opened.path, sheet=tables.RESULTS)
    grid = opened.grids[tables.RESULTS]
    ledger, decisions = opened.ledger.with_wordings(), read_decisions(grid)
    changes, held = merge.decide(ledger), merge.held_rows(ledger)
    verdicts, own = decisions.spread(changes, held), {id for id, one in decisions.own.items() if one.choice}
    waiting = {
        **{row.id: _of_row(row, verdicts.get(row.id), row.id in own) for row in held if row.settled == PENDING},
        **{one.id: _of_change(ledger, one, verdicts.get(one.id), one.id in own) for one in changes if one.pending},
    }
    yield from (waiting[id] for id in item_rows(grid) if id in waiting)


def _of_change(ledger: Ledger, change: Change, verdict: Verdict | None, own: bool) -> Item:
    task = ledger.by_code[change.kept.code]
    return Item(
        change.id,
        change.disposition.value,
        task.code,
        task.no,
        shown(task.cells.get(task.register.telling)),
        change.file.department,
        BY_KEY[change.kept.column].title,
        change.base,
        change.now,
        change.kept.back,
        merge.describe(change),
        change.file.name,
        change.open,
        verdict,
        change,
        own,
        merge.words_of(change, share=task.is_share),
    )


def _of_row(row: HeldRow, verdict: Verdict | None, own: bool) -> Item:
    said = merge.said_in(row)
    about = (row.code, row.about.get("no"), row.subject, row.file.department)
    source = f"{row.file.name} {row.told}"
    return Item(
        row.id,
        merge.HELD_TITLE,
        *about,
        "",
        None,
        None,
        said,
        merge.why_row(row),
        source,
        True,
        verdict,
        row,
        own,
        ("", "", said),
    )


def decide(where: Where, verdicts: Mapping[str, Verdict | None], context: Context, *, bulk: bool = False) -> Decided:
    """Write decisions beside their items, by the items' ids; None takes one back.

    One in bulk leaves an item with a decision of its own as it is, like those above the sheet's items.
    What cannot be carried out is not written, and told. Raises LedgerError for an item that does not wait.
    """
    with ledgers.editing(where, force=context.force) as opened:
        waiting = {item.id: item for item in _items(opened)}
        if strange := [id for id in verdicts if id not in waiting]:
            raise LedgerError(Stop.NOT_WAITING, path=opened.path, count=len(strange))
        kept = {id for id, one in verdicts.items() if bulk and spared(waiting[id], one)}
        whys = {id: waiting[id].refusal(one) for id, one in verdicts.items() if one is not None and id not in kept}
        wanted = {id: one for id, one in verdicts.items() if id not in kept and not whys.get(id)}
        rows = item_rows(opened.grids[tables.RESULTS])
        cells = [one for id, verdict in wanted.items() for row in rows[id] for one in _written(row, verdict)]
        if cells:
            as_of = as_of_for(opened.ledger, context.now)
            ledgers.save(opened, opened.ledger, context.act(journal.DECIDE), as_of, corrections=cells)
        refused = tuple((waiting[id], why) for id, why in whys.items() if why)
        return Decided(
            tuple(waiting[id] for id in wanted), refused, tuple(waiting[id] for id in verdicts if id in kept)
        )


def spared(item: Item, verdict: Verdict | None) -> bool:
    """Return whether a decision in bulk leaves an item as it is: it has another of its own."""
    return verdict is not None and item.own and item.verdict != verdict


def _written(row: Mapping[str, Place], verdict: Verdict | None) -> Iterator[Correction]:
    """Yield the cells of an item's row that hold a decision."""
    choice = verdict.choice.value if verdict and verdict.choice else None
    other = verdict.other if verdict and verdict.choice is Choice.OTHER else None
    for key, value in (("choice", choice), ("other", other)):
        title = next(field.title for field in RESULTS_TABLE.fields if field.key == key)
        # It is journaled when it is carried out, with the cell that it is about.
        yield Correction(tables.RESULTS, row[key], CellChange(NO_TASK, None, title, not value, value))
