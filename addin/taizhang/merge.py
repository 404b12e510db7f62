"""对账单: what happens to every returned cell, decided once, as data.

Every source, the ledger included, is compared with the base of its own batch, so there is no
"ours" and "theirs", and the order in which files arrive cannot matter. Source: `merge.md`,
Disposition and Intake.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from functools import cached_property

from taizhang.columns import BY_KEY, BY_TITLE, ITEM_REGISTERS, TASKS, Column, Kind, Owner
from taizhang.entries import alike, stored, typed, written
from taizhang.findings import CATALOGUE, Code, Finding
from taizhang.ledger import Batch, Ledger, ReportKey
from taizhang.returns import ADOPTED, FILLED, KEPT, PENDING, Kept, Placed, Received
from taizhang.settings import AS_CONFLICT, titles_in
from taizhang.values import Value, comparable, figure, is_blank, same, shown


class Disposition(Enum):
    """What happens to a returned cell; exactly one, the first that holds."""

    UNCHANGED = "未改"
    SAME = "一致"
    LOCKED = "越权"
    INVALID = "无效"
    SUPERSEDED = "已被后报取代"
    CONFLICT = "冲突"
    CLEARED = "清空"
    ACCEPTED = "采纳"

    @property
    def key(self) -> str:
        """Return the name used in JSON."""
        return self.name.lower()


class Choice(Enum):
    """A clerk's decision on an open item."""

    BACK = "采用上报"
    NOW = "保留台账"
    OTHER = "另行填写"


_SENT = frozenset(column.key for register in (TASKS, *ITEM_REGISTERS) for column in register.sent)
HELD = frozenset({Code.ROW_UNKNOWN, Code.LEAD_MOVED, Code.COLUMN_EXTRA, Code.STRANGER, Code.MISMATCH, Code.ROW_CROSSED})
UNDECIDED = frozenset({Disposition.CONFLICT, Disposition.CLEARED, Disposition.INVALID})


@dataclass(frozen=True, eq=False)
class Change:
    """One returned cell that differs from its base, with what was sent, what is there, and what became of it.

    `answered` says that the department has since returned another value for the cell.
    """

    file: Received
    kept: Kept
    base: Value
    now: Value
    disposition: Disposition
    answered: bool = False

    @property
    def key(self) -> ReportKey:
        """Return whose report on which task the cell belongs to."""
        return ReportKey(self.kept.code, self.file.department)

    @cached_property
    def id(self) -> str:
        """Return the item's lasting name: batch, task, department, column and what was sent and returned."""
        return _item(self.file, self.kept, self.base)

    @property
    def open(self) -> bool:
        """Return whether a clerk has still to decide."""
        if self.disposition is Disposition.INVALID and self.answered:
            return False
        return self.kept.settled == PENDING and self.disposition in UNDECIDED

    @property
    def stale(self) -> bool:
        """Return whether the ledger's cell says something else than when the clerk saw the item."""
        return not alike(BY_KEY[self.kept.column], self.now, self.kept.seen)

    @property
    def pending(self) -> bool:
        """Return whether the item will still be acted on, by default or by decision."""
        return self.open or (self.kept.settled == PENDING and self.disposition is Disposition.ACCEPTED)


@dataclass(frozen=True)
class HeldRow(Placed):
    """A returned row that waits as a whole: why, and everything new it says; `sent` is what it said when it left."""

    file: Received
    row: int
    code: str
    why: Code
    cells: Mapping[str, Value]
    leads: tuple[str, ...] = ()
    settled: str = PENDING
    sent: Mapping[str, Value] = field(default_factory=dict)
    sheet: str = ""

    @property
    def about(self) -> Mapping[str, Value]:
        """Return what tells a clerk which task the row is about, as far as it says so."""
        return {**self.sent, **self.cells}

    @property
    def id(self) -> str:
        """Return the row's lasting name: batch, department, file and place."""
        return "|".join((self.file.batch, self.file.department, self.file.sha256[:12], self.where))

    @property
    def subject(self) -> str:
        """Return what the row is about in its own words, else in those it was sent with."""
        keys = [register.telling for register in (TASKS, *ITEM_REGISTERS)]
        return next((shown(self.about[key]) for key in keys if not is_blank(self.about.get(key))), "")


def merged(ledger: Ledger, new: Iterable[Received]) -> Ledger:
    """Return the ledger remembering the new returns; one it already knows by content stays as it was.

    Unless it is now known to be another department's, or no longer in doubt, and nothing in it
    has been settled.
    """
    read = {(file.sha256, file.batch): file for file in new}
    stays = tuple(f for f in ledger.received if not _read_otherwise(f, read.get((f.sha256, f.batch), f)))
    ledger = replace(ledger, received=stays)
    known = {(file.sha256, file.batch) for file in ledger.received}
    answers = {
        _item_of(ledger, file, kept): kept.settled for file in ledger.received for kept in file.kept if _lasts(kept)
    }
    fresh = {
        (file.sha256, file.batch): _with_decisions(ledger, file, answers)
        for file in read.values()
        if (file.sha256, file.batch) not in known
    }
    ordered = sorted((*ledger.received, *fresh.values()), key=lambda file: (_rank(ledger, file), file.sha256))
    return replace(ledger, received=tuple(ordered))


def _read_otherwise(old: Received, new: Received) -> bool:
    """Return whether a file nothing of which is settled comes to something else now that it was handed in anew."""
    was, now = ({kept.fault for kept in file.kept} & {Code.STRANGER, Code.MISMATCH} for file in (old, new))
    settled = any(kept.settled != PENDING for kept in old.kept)
    return not settled and (old.department != new.department or was != now)


def _lasts(kept: Kept) -> bool:
    """Return whether the decision on a returned cell holds for the same words in another file too."""
    return kept.settled in (KEPT, FILLED) and kept.fault not in HELD


def _item(file: Received, kept: Kept, base: Value) -> str:
    """Return what makes two returned cells one item: the same words sent and returned for a cell of a batch."""
    said = repr((comparable(stored(base)), comparable(stored(kept.back))))  # as the store keeps them
    digest = hashlib.sha256(said.encode()).hexdigest()[:12]
    return "|".join((file.batch, kept.code, file.department, kept.column, digest))


def _sent_row(ledger: Ledger, file: Received, kept: Kept) -> Mapping[str, Value]:
    """Return what a returned cell's row said when it was sent; nothing for a row that was not."""
    return ledger.base.get((file.batch, ReportKey(kept.code, file.department)), {})


def _item_of(ledger: Ledger, file: Received, kept: Kept) -> str:
    """Return which item a returned cell is, see `_item`."""
    return _item(file, kept, _sent_row(ledger, file, kept).get(kept.column))


def _with_decisions(ledger: Ledger, file: Received, answers: Mapping[str, str]) -> Received:
    """Return a new return in which values the office did not take before stay so: they are not asked again."""
    if not answers:
        return file

    def answered(kept: Kept) -> Kept:
        answer = answers.get(_item_of(ledger, file, kept), kept.settled)
        return kept if kept.fault in HELD else replace(kept, settled=answer)

    return replace(file, kept=tuple(map(answered, file.kept)))


def decide(ledger: Ledger) -> tuple[Change, ...]:
    """Return every remembered cell with its disposition against the ledger as it is now."""
    returns = _returns(ledger)
    return tuple(
        _decided(ledger, file, kept, rank, returns)
        for file in ledger.received
        for rank in (_rank(ledger, file),)
        for kept in file.kept
        if not _is_held(ledger, file, kept)
    )


def held_rows(ledger: Ledger) -> tuple[HeldRow, ...]:
    """Return the rows that wait as a whole, with everything they say."""
    return tuple(row for row in all_held_rows(ledger) if row.settled == PENDING)


def all_held_rows(ledger: Ledger) -> tuple[HeldRow, ...]:
    """Return the rows that wait as a whole, and those the office is done with or never took."""
    found: dict[tuple[str, str, str], HeldRow] = {}
    for file in ledger.received:
        for kept in file.kept:
            if not _is_held(ledger, file, kept):
                continue
            place = (file.sha256, kept.where, kept.settled)
            leads = ledger.leads.get(kept.code, ())
            sent = _sent_row(ledger, file, kept)
            why = _why(ledger, kept, was_sent=bool(sent))
            row = found.get(place) or HeldRow(file, kept.row, kept.code, why, {}, leads, kept.settled, sent, kept.sheet)
            found[place] = replace(row, cells={**row.cells, kept.column: kept.back})
    return tuple(found.values())


def _why(ledger: Ledger, kept: Kept, *, was_sent: bool) -> Code:
    """Return why a cell's row waits; a task that was sent and has no row any more is gone, not unknown."""
    if kept.fault in (Code.STRANGER, Code.MISMATCH, Code.ROW_CROSSED):
        return kept.fault
    if kept.fault is Code.COLUMN_EXTRA and kept.code in ledger.by_code:
        return Code.COLUMN_EXTRA
    if kept.code not in ledger.by_code and was_sent:
        return Code.TASK_GONE
    if kept.fault is Code.ROW_UNKNOWN or kept.code not in ledger.by_code:
        return Code.ROW_UNKNOWN
    return Code.LEAD_MOVED


def _is_held(ledger: Ledger, file: Received, kept: Kept) -> bool:
    """Return whether a cell's row waits as a whole; a lead may also have moved since the file was read.

    What was settled while the department still led stays settled.
    """
    settled = kept.settled != PENDING and kept.code in ledger.by_code
    return kept.fault in HELD or (not settled and file.department not in ledger.leads.get(kept.code, ()))


_Rank = tuple[int, date, datetime, datetime]
_Said = tuple[_Rank, Value]  # a returned value, with the rank of its file


@dataclass(frozen=True)
class _Contest:
    """One department's returned values for one cell, seen from one of them.

    `overtaken` says that the department has answered on the task in a newer batch.
    """

    rank: _Rank
    rivals: Sequence[_Said]
    overtaken: bool

    @property
    def latest(self) -> Sequence[Value]:
        """Return the values of the newest returns; more than one when they cannot be told apart."""
        newest = max(rank for rank, _ in self.rivals)
        return [value for rank, value in self.rivals if rank == newest]

    @property
    def tied(self) -> bool:
        """Return whether the newest returns contradict each other."""
        latest = self.latest
        return any(not same(value, latest[0]) for value in latest)

    @property
    def answered(self) -> bool:
        """Return whether a newer return has another say on the cell."""
        return any(rank > self.rank for rank, _ in self.rivals)

    def supersedes(self, back: Value) -> bool:
        """Return whether a newer return says something else."""
        newer = self.rank < max(rank for rank, _ in self.rivals)
        return newer and not any(same(value, back) for value in self.latest)

    def contested(self, back: Value) -> bool:
        """Return whether another return of the same batch says something else."""
        return any(rank[0] == self.rank[0] and not same(value, back) for rank, value in self.rivals)

    def own(self, column: Column, now: Value) -> bool:
        """Return whether the ledger holds the department's own earlier word, which it may replace.

        A batch that arrives after a newer one was answered replaces nothing.
        """
        return not self.overtaken and any(alike(column, value, now) for _, value in self.rivals)


@dataclass(frozen=True)
class _Returns:
    """Every return's say, by cell, and the newest batch each department has answered on each task.

    `cleared_at_once` are the columns a department may empty without asking.
    """

    said: Mapping[tuple[ReportKey, str], Sequence[_Said]]
    answered: Mapping[ReportKey, int]
    cleared_at_once: frozenset[str]
    later_wins: bool = True

    def contest(self, rank: _Rank, key: ReportKey, column: str) -> _Contest:
        """Return one cell's contest, seen from a return of the given rank."""
        rivals = self.said.get((key, column), ())
        return _Contest(rank, rivals, rank[0] < self.answered.get(key, -1))


def _returns(ledger: Ledger) -> _Returns:
    said: dict[tuple[ReportKey, str], list[_Said]] = defaultdict(list)
    answered: dict[ReportKey, int] = {}
    for file in ledger.received:
        rank = _rank(ledger, file)
        for code in file.rows:
            key = ReportKey(code, file.department)
            answered[key] = max(answered.get(key, -1), rank[0])
        for kept in file.kept:
            if _counts(kept):
                said[ReportKey(kept.code, file.department), kept.column].append((rank, kept.back))
    later_wins = ledger.settings.text("repeats") != AS_CONFLICT
    return _Returns(said, answered, cleared_silently(ledger), later_wins)


def _counts(kept: Kept) -> bool:
    """Return whether a returned value takes part: neither locked, nor invalid, nor held."""
    return kept.fault in (None, Code.ROW_REPEATED) and BY_KEY[kept.column].owner is Owner.DEPARTMENT


def _rank(ledger: Ledger, file: Received) -> _Rank:
    """Return which return is the later: newer batch, then latest 填报日期, then its mail's date, then its own."""
    return (
        ledger.batch_ids.get(file.batch, -1),
        file.reported_on or date.min,
        file.mailed_at or datetime.min,
        file.modified_at or datetime.min,
    )


def _decided(ledger: Ledger, file: Received, kept: Kept, rank: _Rank, returns: _Returns) -> Change:
    key = ReportKey(kept.code, file.department)
    base = ledger.base[file.batch, key].get(kept.column)
    now = ledger.sent_cells(key).get(kept.column)
    contest = returns.contest(rank, key, kept.column)
    disposition = _disposition(kept, base, now, contest, returns)
    return Change(file, kept, base, now, disposition, contest.answered)


def _disposition(kept: Kept, base: Value, now: Value, contest: _Contest, returns: _Returns) -> Disposition:
    """Return the first disposition that holds; the order is the rule (`merge.md`)."""
    column = BY_KEY[kept.column]
    if alike(column, kept.back, now):
        return Disposition.SAME
    if column.owner is Owner.OFFICE:
        return Disposition.LOCKED
    if kept.fault not in (None, Code.ROW_REPEATED):
        return Disposition.INVALID
    if not returns.later_wins and contest.contested(kept.back):
        return Disposition.CONFLICT
    if contest.supersedes(kept.back):
        return Disposition.SUPERSEDED
    untouched = alike(column, now, base) or contest.own(column, now)
    if contest.tied or kept.fault is Code.ROW_REPEATED or not untouched:
        return Disposition.CONFLICT
    if is_blank(kept.back) and kept.column not in returns.cleared_at_once:
        return Disposition.CLEARED
    return Disposition.ACCEPTED


def cleared_silently(ledger: Ledger) -> frozenset[str]:
    """Return the columns a department may empty without asking (设置, 清空即采纳)."""
    return frozenset(BY_TITLE[title].key for title in titles_in(ledger.settings.text("clearing")) if title in BY_TITLE)


def returned_cells(ledger: Ledger, file: Received) -> int:
    """Return how many cells a file returned: those of its matched rows that stand in sent columns.

    Rows of tasks that have moved to another lead wait as a whole and are not counted, apart
    from what was settled before.
    """
    brought = list(zip(file.rows, file.columns, strict=True))
    led = [cells for code, cells in brought if file.department in ledger.leads.get(code, ())]
    moved = {code for code in file.rows if file.department not in ledger.leads.get(code, ())}
    settled = [kept for kept in file.kept if kept.code in moved and not _is_held(ledger, file, kept)]
    return sum(led) + len(settled)


def by_file(changes: Iterable[Change]) -> Mapping[str, Sequence[Change]]:
    """Return the changes of every file, by its SHA-256; files without any give none."""
    found: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        found[change.file.sha256].append(change)
    return found


def counts(
    ledger: Ledger, file: Received, changes: Iterable[Change], *, written: bool = False
) -> dict[Disposition, int]:
    """Return a file's cells per disposition; they add up to its cells returned, or a cell was lost.

    With `written`, cells that were written before count as 采纳, as 对账单 shows them, and not as 一致.
    """
    own = [change for change in changes if change.file.sha256 == file.sha256]
    found = Counter(
        Disposition.ACCEPTED if written and change.kept.settled == ADOPTED else change.disposition for change in own
    )
    led = zip(file.rows, file.unchanged, strict=True)
    found[Disposition.UNCHANGED] = sum(n for code, n in led if file.department in ledger.leads.get(code, ()))
    return {disposition: found[disposition] for disposition in Disposition}


def missing_departments(ledger: Ledger, batch: Batch) -> tuple[str, ...]:
    """Return who has not returned anything for a batch (未报名单), in the order of its files."""
    return tuple(sent.department for sent in batch.files if not returns_of(ledger, batch, sent.department))


UNTOUCHED = "交回未填写"


def idle_departments(ledger: Ledger, batch: Batch) -> tuple[str, ...]:
    """Return who has sent back nothing but untouched lists for a batch (交回未填写): they returned, and did not report."""
    back = ((sent.department, returns_of(ledger, batch, sent.department)) for sent in batch.files)
    return tuple(name for name, files in back if files and not any(file.is_report for file in files))


def returns_of(ledger: Ledger, batch: Batch, department: str) -> tuple[Received, ...]:
    """Return what a department returned for a batch; a file whose department is doubtful is nobody's."""
    own = (file for file in ledger.received if (file.batch, file.department) == (batch.id, department))
    return tuple(file for file in own if not is_doubtful(file))


def is_doubtful(file: Received) -> bool:
    """Return whether it is not certain which department a file is from."""
    return any(kept.fault in (Code.STRANGER, Code.MISMATCH) for kept in file.kept)


class Outcome(Enum):
    """What became of a file handed in, in JSON and in a clerk's words."""

    MERGED = "merged"
    DUPLICATE = "duplicate"
    HELD = "held"
    ATTACHMENT = "attachment"
    REFUSED = "refused"

    @property
    def title(self) -> str:
        """Return the outcome in a clerk's words."""
        return _OUTCOMES[self]


_OUTCOMES = {
    Outcome.MERGED: "已合并",
    Outcome.DUPLICATE: "重复文件",
    Outcome.HELD: "待定",
    Outcome.ATTACHMENT: "附件",
    Outcome.REFUSED: "没有合并",
}


@dataclass(frozen=True)
class FileReport:
    """One file of a run: what it was recognised as, or why it was not merged; `sha256` finds its cells."""

    path: str
    name: str
    outcome: Outcome
    reason: str = ""
    department: str = ""
    batch: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the clerk wrote beside an item in 合并结果; `said` are words that are none of the choices."""

    choice: Choice | None
    other: Value = None
    said: str = ""


@dataclass(frozen=True)
class Decisions:
    """What the clerk wrote in 合并结果: beside items by their id, in bulk by department or disposition, and what was listed."""

    own: Mapping[str, Verdict]
    bulk: Mapping[str, Choice]
    listed: frozenset[str]

    def spread(self, changes: Iterable[Change], held: Iterable[HeldRow]) -> dict[str, Verdict]:
        """Return the decision on every item: its own, else its department's, else its disposition's.

        A decision in bulk holds for what was listed when it was made, and where it can be carried out.
        """
        found = dict(self.own)
        for change in changes:
            if self.listed and change.pending and change.id in self.listed:
                choice = self._of(change.file.department, change.disposition.value)
                possible = choice is Choice.NOW or change.disposition is not Disposition.INVALID
                if choice and possible:
                    found.setdefault(change.id, Verdict(choice))
        for row in held:
            choice = self._of(row.file.department, HELD_TITLE)
            if choice is Choice.NOW and row.id in self.listed:
                found.setdefault(row.id, Verdict(choice))
        return found

    def _of(self, department: str, kind: str) -> Choice | None:
        choice = self.bulk.get(department) or self.bulk.get(kind)
        return None if choice is Choice.OTHER else choice


HELD_TITLE = "待定行"  # stands where a disposition does, for rows that wait as a whole


@dataclass(frozen=True)
class Applied:
    """The ledger after a preview was applied: what was decided on, which cells were written, and from which return.

    `adopted` are all items that are settled by what was written, `left` those whose returned value
    the clerk turned down, `dismissed` the rows he is done with.
    """

    ledger: Ledger
    changes: tuple[Change, ...]
    written: Mapping[tuple[ReportKey, str], Change]
    adopted: tuple[Change, ...] = ()
    left: tuple[Change, ...] = ()
    dismissed: tuple[HeldRow, ...] = ()


def seen(ledger: Ledger, changes: Iterable[Change]) -> Ledger:
    """Return the ledger remembering what each cell held when the preview was shown."""
    now = {_place(c.file, c.kept): c.now for c in changes if c.kept.settled == PENDING}

    def shown_now(file: Received, kept: Kept) -> Kept:
        place = _place(file, kept)
        return replace(kept, seen=now[place]) if place in now and now[place] is not kept.seen else kept

    return _with_kept(ledger, shown_now)


def as_seen(ledger: Ledger, changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return changes as `decide` gives them for a ledger that only remembers what was seen since: nothing is decided anew."""
    files = {(file.sha256, file.batch): file for file in ledger.received}
    kepts = {(file.batch, *_place(file, kept)): kept for file in ledger.received for kept in file.kept}
    return tuple(
        replace(
            one,
            file=files[one.file.sha256, one.file.batch],
            kept=kepts[one.file.batch, *_place(one.file, one.kept)],
        )
        for one in changes
    )


def applied(ledger: Ledger, verdicts: Mapping[str, Verdict]) -> Applied:
    """Return the ledger with the accepted and the decided written; everything else stays open or on record.

    A cell that changed since the preview is not written on an old decision: it is listed again.
    """
    changes = decide(ledger)
    verdicts_of = _verdicts_of(changes, verdicts)
    wanted = _wanted(verdicts_of)
    torn = _torn(wanted)
    written = {change: value for change, value in wanted.items() if change not in torn}
    values: dict[ReportKey, dict[str, Value]] = defaultdict(dict)
    for change, value in written.items():
        values[change.key][change.kept.column] = value
    settled = {_place(c.file, c.kept): KEPT for c, v in verdicts_of.items() if v.choice is Choice.NOW}
    settled |= {_place(c.file, c.kept): ADOPTED if same(value, c.kept.back) else FILLED for c, value in written.items()}
    dismissed = _dismissed(ledger, verdicts)
    settled |= {(row.file.sha256, row.where, column): KEPT for row in dismissed for column in row.cells}
    after = _with_kept(
        ledger.with_reports(values),
        lambda file, kept: replace(kept, settled=settled.get(_place(file, kept), kept.settled)),
    )
    left = tuple(change for change, verdict in verdicts_of.items() if verdict.choice is Choice.NOW)
    return Applied(after, changes, {(c.key, c.kept.column): c for c in written}, tuple(written), left, dismissed)


def contradicting(changes: Iterable[Change], verdicts: Mapping[str, Verdict]) -> frozenset[str]:
    """Return the items, by id, of which two or more want different values in one cell: none of them is written."""
    return frozenset(change.id for change in _torn(_wanted(_verdicts_of(changes, verdicts))))


def _verdicts_of(changes: Iterable[Change], verdicts: Mapping[str, Verdict]) -> dict[Change, Verdict]:
    """Return what is to be done with each item.

    Where a clerk has decided on a cell, the same words in another file go by that, and nothing
    else is written into the cell by default; nor is it where his decision cannot be carried out.
    """
    listed = tuple(changes)
    said = [change for change in listed if verdicts and change.pending and change.id in verdicts]
    found = {change: verdict for change in said if (verdict := _verdict(change, verdicts))}
    on_cell: dict[tuple[ReportKey, str], list[Change]] = defaultdict(list)
    for change in said:
        on_cell[change.key, change.kept.column].append(change)
    for change in listed:
        default = None if verdicts and change.id in verdicts else _verdict(change, {})
        others = on_cell.get((change.key, change.kept.column), ())
        same_words = [found[one] for one in others if one in found and same(one.kept.back, change.kept.back)]
        if default and (same_words or not others):
            found[change] = same_words[0] if same_words else default
    return {change: found[change] for change in listed if change in found}


def _wanted(verdicts_of: Mapping[Change, Verdict]) -> dict[Change, Value]:
    """Return what is to be written for each item on which is decided that something is."""
    chosen = {change: verdict for change, verdict in verdicts_of.items() if verdict.choice is not Choice.NOW}
    return {c: c.kept.back if v.choice is Choice.BACK else v.other for c, v in chosen.items()}


def _torn(wanted: Mapping[Change, Value]) -> frozenset[Change]:
    """Return the items whose cell is to hold two different values."""
    rivals: dict[tuple[ReportKey, str], list[Value]] = defaultdict(list)
    for change, value in wanted.items():
        rivals[change.key, change.kept.column].append(value)
    return frozenset(
        change
        for change, value in wanted.items()
        if any(not same(value, other) for other in rivals[change.key, change.kept.column])
    )


def _dismissed(ledger: Ledger, verdicts: Mapping[str, Verdict]) -> tuple[HeldRow, ...]:
    """Return the held rows that the clerk has done with: 保留台账 is all that can be said of them."""
    return tuple(r for r in held_rows(ledger) if r.id in verdicts and verdicts[r.id].choice is Choice.NOW)


def _place(file: Received, kept: Kept) -> tuple[str, str, str]:
    return file.sha256, kept.where, kept.column


def _verdict(change: Change, verdicts: Mapping[str, Verdict]) -> Verdict | None:
    """Return what is to be done with an item: as decided, if that is still possible; else accepted ones are written."""
    default = Verdict(Choice.BACK) if change.disposition is Disposition.ACCEPTED else None
    verdict = verdicts.get(change.id, default)
    if verdict is None or not change.pending or why_not(change, verdict):
        return None
    entry = typed(BY_KEY[change.kept.column], verdict.other)
    return replace(verdict, other=entry.value) if verdict.choice is Choice.OTHER else verdict


UNCLEAR = "“裁决”填的是“{said}”，不能识别，没有执行。请从下拉列表中选择。"
NO_CHOICE = "“另行填写”有内容，“裁决”没有选，没有执行。请选“另行填写”，或清空这一格。"
ONLY_KEPT = "待定行不能并入台账，只能选“保留台账”（不再列出）；需要的内容请在工作台账中填写。"
TORN = "同一格选了不同的内容，都没有写入。请只留一个，其余的选“保留台账”。"
SHOWS_ALL = "已经显示 100% 的，请先把这一格的格式改为“文本”再填。"
STALE = "作出裁决之后台账又有改动，原裁决没有执行，请看过现值后重新裁决。"


def why_not(change: Change, verdict: Verdict) -> str:
    """Return why a decision cannot be carried out, in a clerk's words; empty when it can."""
    if change.stale:
        return STALE
    if verdict.choice is None:
        return UNCLEAR.format(said=verdict.said) if verdict.said else NO_CHOICE
    if verdict.choice is Choice.BACK and change.disposition is Disposition.INVALID:
        return "无效的值不能采用，请改选“另行填写”并填上正确的值。"
    if verdict.choice is not Choice.OTHER:
        return ""
    if is_blank(verdict.other):
        return "选了“另行填写”，右边一列还没有填内容。"
    entry = typed(BY_KEY[change.kept.column], verdict.other)
    fault = Code.ONE_OR_ALL if entry.bare else entry.fault  # no reading tells a cell that shows 100% from one with a 1
    if fault is None:
        return ""
    how = "" if isinstance(verdict.other, str) or not entry.bare else SHOWS_ALL
    return Finding(fault, value=verdict.other, facts=entry.facts, column="另行填写", suggestion=how).message


def reopened(ledger: Ledger, settled: Iterable[tuple[str, str, str]]) -> Ledger:
    """Return the ledger in which returned cells wait again that an act, now taken back, had settled.

    `settled` names them by the file's SHA-256, the row in it, and the title of the column. What came
    again in other files and went by the same decision waits with them.
    """
    named = set(settled)

    def is_named(file: Received, kept: Kept) -> bool:
        return (file.sha256, kept.where, title_of(kept.column)) in named

    items = {
        _item_of(ledger, file, kept)
        for file in ledger.received
        for kept in file.kept
        if _lasts(kept) and is_named(file, kept)
    }

    def again(file: Received, kept: Kept) -> Kept:
        waits = is_named(file, kept) or (_lasts(kept) and _item_of(ledger, file, kept) in items)
        return replace(kept, settled=PENDING) if waits else kept

    return _with_kept(ledger, again)


def _with_kept(ledger: Ledger, changed: Callable[[Received, Kept], Kept]) -> Ledger:
    files = tuple(replace(file, kept=tuple(changed(file, kept) for kept in file.kept)) for file in ledger.received)
    return replace(ledger, received=files)


def describe(change: Change) -> str:
    """Return why an item is listed and what to do, in a clerk's words; of one that is settled, how it was."""
    if change.kept.settled in _SETTLED:
        return _SETTLED[change.kept.settled]
    if change.disposition is Disposition.INVALID and change.kept.fault:
        column = BY_KEY[change.kept.column]
        return finding(change, typed(column, change.kept.back).facts).message
    if change.disposition is Disposition.CONFLICT:
        moved = not alike(BY_KEY[change.kept.column], change.now, change.base)
        return "下发以后台账已有改动，请对照裁决。" if moved else "同一部门的上报互相矛盾，分不出先后，请裁决。"
    return _REASONS[change.disposition]


def explained(disposition: Disposition) -> str:
    """Return what a disposition means, in a clerk's words."""
    return _REASONS[disposition]


def finding(change: Change, facts: Mapping[str, object]) -> Finding:
    """Return the finding an invalid cell stands for."""
    code = change.kept.fault or Code.ERROR_CELL
    kept = change.kept
    place = change.file.name, kept.told, None, kept.code, BY_KEY[kept.column].title
    return Finding(code, *place, worded(kept.column, kept.back, fault=kept.fault), facts)


def words_of(change: Change, *, share: bool = False) -> tuple[str, str, str]:
    """Return what was sent, what is there and what came back as a clerk reads it; `share` says that figures are rates."""
    column, back = change.kept.column, change.kept.back
    base, now = (worded(column, value, share=share) for value in (change.base, change.now))
    return base, now, worded(column, back, share=share, fault=change.kept.fault)


def worded(column: str, value: Value, *, share: bool = False, fault: Code | None = None) -> str:
    """Return a cell's value as a clerk reads it: shares as percentages, but for a 1 of which it is asked what it is."""
    if column not in BY_KEY or fault is Code.ONE_OR_ALL:
        return shown(value)
    is_rate = share and BY_KEY[column].kind is Kind.AMOUNT and isinstance(value, (int, float))
    return figure(value, "%") if is_rate else written(BY_KEY[column], value)


def said_in(row: HeldRow) -> str:
    """Return everything new that a row says which waits as a whole."""
    return "；".join(f"{title_of(key)}：{worded(key, value)}" for key, value in row.cells.items())


def title_of(column: str) -> str:
    """Return a column's header; what is none of our columns is a header already."""
    return BY_KEY[column].title if column in BY_KEY else column


def why_row(row: HeldRow) -> str:
    """Return why a row waits as a whole, and what to do."""
    rule = CATALOGUE[row.why]
    subject = row.subject.rstrip(_ENDINGS)  # the sentence it is quoted in has an end of its own
    told = (
        {
            Code.LEAD_MOVED: "、".join(row.leads) or "其他部门",
            Code.MISMATCH: f"按标识是{row.file.department}",
            Code.COLUMN_EXTRA: "、".join(title_of(key) for key in row.cells if key not in _SENT),
            Code.TASK_GONE: f"“{subject or row.code}”",
        }.get(row.why)
        or subject
        or row.code
    )
    return f"{rule.message.format(value=told, code=row.code)}。{rule.remedy}。"


_ENDINGS = "。．.；;，,、 \n"


_SETTLED = {
    ADOPTED: "已按上报值写入台账，此后台账又有改动。",
    FILLED: "已按“另行填写”的内容写入台账，上报值没有采用。",
    KEPT: "已裁决保留台账，上报值没有采用。",
}
_REASONS = {
    Disposition.UNCHANGED: "与下发时相同。",
    Disposition.SAME: "与台账一致，无需处理。",
    Disposition.LOCKED: "该列由营商办填写，部门的改动不采纳；确需调整的，请在台账中修改。",
    Disposition.INVALID: "填写不合要求，台账保持不变；可另行填写正确的值。",
    Disposition.SUPERSEDED: "同一部门有更晚的上报，以后报为准。",
    Disposition.CONFLICT: "下发后台账已有改动，或同一部门的上报互相矛盾，请裁决。",
    Disposition.CLEARED: "部门清空了原有内容，请裁决。",
    Disposition.ACCEPTED: "执行合并时写入台账。",
}
