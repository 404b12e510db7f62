"""The uses of the product: read → core → write. Every shell calls these and nothing deeper.

An act is handed `Context` (the moment and the operator) and gives back plain results; what
stops it is a LedgerError.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from taizhang import adoption, dispatch, journal, lifecycle, merge, notice, rules, snapshots, summary, tables
from taizhang.books import disk, editing, ledgers, sources
from taizhang.books.arrivals.filing import file_evidence
from taizhang.books.arrivals.office import Office
from taizhang.books.arrivals.reading import Arrival, Reader, read_ahead
from taizhang.books.file import BACKUPS
from taizhang.books.ledgers import Readable, Where
from taizhang.books.letter import letter
from taizhang.books.pdf import write_pdf
from taizhang.books.render import render
from taizhang.columns import BY_KEY, BY_TITLE, DEPARTMENT, INDICATORS, PROBLEMS, Register
from taizhang.deadlines import Dictionary, closed_wordings, nearest
from taizhang.departments import Directory, findings_of, propose, read_names
from taizhang.departments import Place as FoundAt
from taizhang.dispatch import safe_name
from taizhang.errors import LedgerError, Stop
from taizhang.evidence import EVIDENCE, Place, Sender
from taizhang.evidence import whose as whose_evidence
from taizhang.findings import Code, Finding, asked
from taizhang.intake import Refused
from taizhang.journal import Act, Break, CellChange, Journal, Origin
from taizhang.layout import freshness
from taizhang.layout.closing import closing_form
from taizhang.layout.department import department_workbook
from taizhang.layout.overview import Frame, summary_sheet
from taizhang.layout.parts import Sheet
from taizhang.layout.result import Places, read_decisions, read_unmerged, results_sheet, statement_sheet
from taizhang.layout.scorecards import card_workbook, scores_sheet
from taizhang.ledger import Batch, Cells, Item, Ledger, Outlived, ReportKey, SentFile, Task, current, new_code
from taizhang.matching import named_in
from taizhang.merge import Change, Disposition, FileReport, HeldRow, Outcome
from taizhang.notice import Notice, NoticeTask
from taizhang.past import Past, as_it_was
from taizhang.periods import Period
from taizhang.problems import with_problems
from taizhang.report import report_of
from taizhang.returns import ADOPTED, FILLED, KEPT, PENDING, Received, Recognised
from taizhang.rollover import Rollover, rolled_over
from taizhang.scores import Scorecard, scorecards
from taizhang.settings import Settings
from taizhang.status import State
from taizhang.supplement import Proposed, supplemented
from taizhang.targets import with_proposals
from taizhang.values import Value, is_blank, same, shown

Progress = Callable[[str, int, int], None]


def silent(_what: str, _done: int, _of: int) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True)
class Context:
    """When and by whom an act is done, whether others' stale locks are passed over, and who watches.

    `password` opens returned workbooks that have one; it is written nowhere.
    """

    now: datetime
    operator: str = ""
    force: bool = False
    progress: Progress = silent
    password: str = ""

    def act(self, name: str, **more: object) -> Act:
        """Return the journal's heading for an act."""
        return Act(name, self.now, self.operator, **more)  # type: ignore[arg-type]


def as_of_for(ledger: Ledger, now: datetime) -> date:
    """Return the day a ledger is computed for at a moment."""
    return ledger.own_day(now.date())


# new


@dataclass(frozen=True)
class Created:
    """A new ledger: where it is, how many tasks it holds, and what is doubtful about the notice."""

    path: Path
    tasks: int
    findings: tuple[Finding, ...]
    ledger: Ledger


def new(source: Path, target: Path, context: Context, year: int | None = None) -> Created:
    """Make a ledger from a notice or task table; never over an existing file."""
    refuse_target(target)
    read = notice.read_tasks(sources.read_notice(source))
    if year is None and read.year is None:
        raise LedgerError(Stop.NO_YEAR, path=source)
    read = replace(read, year=year or read.year)
    directory = directory_for(read)
    data = disk.content_of(source)
    id = disk.fingerprint(data + context.now.isoformat().encode())[:12]
    ledger = with_proposals(ledger_of(read, directory, id))
    act = context.act(journal.NEW, file=source.name, sha256=disk.fingerprint(data))
    ledgers.create_ledger(target, ledger, act, as_of_for(ledger, context.now))
    codes = {task.no: task.code for task in ledger.tasks}
    findings = tuple(replace(f, task=codes.get(f.no, "")) for f in notice.findings(read, directory))
    return Created(target, len(ledger.tasks), findings, ledger)


def blank(target: Path, context: Context, year: int | None = None) -> Created:
    """Make a ledger without tasks, to be filled in by hand, of this year or another; never over an existing file."""
    refuse_target(target)
    ledger = blank_ledger(year or context.now.year)
    ledgers.create_ledger(target, ledger, context.act(journal.NEW), as_of_for(ledger, context.now))
    return Created(target, 0, (), ledger)


def blank_ledger(year: int) -> Ledger:
    """Return what is filled in where there is no notice: the departments that ship, a year's wordings, no task."""
    switches = Settings.of(title=f"{year}年营商环境工作台账", year=year)
    dictionary = Dictionary(dict(closed_wordings(year)))
    return Ledger("", (), {}, sources.bundled_departments(), dictionary, switches)


def directory_for(read: Notice) -> Directory:
    """Return 单位名录 for a notice: the one that ships when it knows most leads, else one made from the notice.

    With most leads known, an unknown one is more likely a slip than another office.
    """
    known = sources.bundled_departments()
    named = [read_names(task.leads, known) for task in read.tasks]
    found = {name for one in named for name in one.names}
    if found and len(found) >= len({name for one in named for name in one.unknown}):
        return known
    return propose(cell for task in read.tasks for cell in (task.leads, task.supports))


def ledger_of(read: Notice, directory: Directory, id: str) -> Ledger:
    """Return the ledger a notice starts."""
    assert read.year is not None
    tasks = tuple(_task(task, new_code(read.year, number)) for number, task in enumerate(read.tasks, 1))
    switches = Settings.of(title=_ledger_title(read.title), year=read.year)
    dictionary = Dictionary(dict(closed_wordings(read.year)))
    return Ledger(id, tasks, {}, directory, dictionary, switches).with_wordings()


def _task(task: NoticeTask, code: str) -> Task:
    keys = ("no", "category", "target", "deadline", "leads", "supports")
    cells = {key: getattr(task, key) for key in keys}
    return Task(code, {key: value for key, value in cells.items() if not is_blank(value)})


_TABLE_TITLE = re.compile(r"(工作)?((主要|重点)?任务)?(一览|分解|分工|安排|清单)?表?$")


def _ledger_title(title: str) -> str:
    return (_TABLE_TITLE.sub("", title.strip()) or "") + "工作台账"


@dataclass(frozen=True)
class Supplemented:
    """What a supplementary notice added, what it would change, and what is doubtful about it."""

    added: tuple[Task, ...]
    alike: int
    findings: tuple[Finding, ...]
    backup: Path | None
    indicators: int = 0  # that were proposed out of the words of the added tasks


def supplement(where: Where, source: Path, context: Context) -> Supplemented:
    """Add what a supplementary notice brings; what it words otherwise is proposed, and nothing is deleted."""
    read = notice.read_tasks(sources.read_notice(source))
    with ledgers.editing(where, force=context.force) as opened:
        ledger = opened.ledger.with_wordings()
        used = opened.reading.journal.codes
        found = supplemented(ledger, read.tasks, used)
        if not found.added and not found.proposed:
            raise LedgerError(Stop.NOTHING_NEW, path=source, count=len(read.tasks))
        proposing = with_proposals(found.ledger, used, found.added)
        act = context.act(journal.SUPPLEMENT, file=source.name, sha256=disk.fingerprint(disk.content_of(source)))
        as_of = as_of_for(ledger, context.now)
        written = ledgers.save(opened, proposing, act, as_of) if found.added else None
        doubts = tuple(doubt for task in found.added for doubt in _doubts(task, found.ledger))
        return Supplemented(
            found.added,
            len(found.alike),
            (*map(_proposed, found.proposed), *doubts),
            written.backup if written else None,
            len(proposing.items) - len(ledger.items),
        )


def _proposed(one: Proposed) -> Finding:
    return Finding(
        Code.CHANGE_PROPOSED,
        sheet=tables.LEDGER,
        no=one.task.no,
        task=one.task.code,
        column=BY_KEY[one.column].title,
        value=one.new,
        facts={"now": shown(one.now) or "空"},
    )


def _doubts(task: Task, ledger: Ledger) -> Iterator[Finding]:
    """Yield what is doubtful about the names and the deadline of a task that was added."""
    place: FoundAt = {"sheet": tables.LEDGER, "no": task.no, "task": task.code, "column": BY_KEY["leads"].title}
    yield from findings_of(task.cells.get("leads"), ledger.directory, **place)
    if not ledger.deadline(task.code).understood:
        yield _unknown_deadline(task, ledger)


# status


@dataclass(frozen=True)
class StatusReport:
    """Every task's state on a day, with the counts by status."""

    ledger: Ledger
    as_of: date
    states: Mapping[str, State]
    estimated: bool = False  # told from what the ledger holds today, for want of a record of that day
    outlived: Outlived | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Return how many tasks have each status, in the order of the rules."""
        found = Counter(state.status for state in self.states.values())
        return {status: found[status] for status in rules.STATUSES}


def status(where: Where, context: Context, as_of: date | None = None, *, write: bool = False) -> StatusReport:
    """Return every task's state; with `write`, fix 统计日期 (or clear it, without a date) and refresh the ledger.

    A day before the last operation, that is not the ledger's own, is told from 变更记录.
    """
    if not write:
        opened = ledgers.open_ledger(where)
        ledger = opened.ledger.with_wordings()
        then = _as_it_was(ledger, opened.reading.journal, as_of, context)
        report = status_of(then.ledger, context, as_of)
        if then.certain:
            return report
        kept = next((one for one in ledger.snapshots if one.as_of == as_of), None)
        return (
            replace(report, states=snapshots.states(kept, report.states)) if kept else replace(report, estimated=True)
        )
    with ledgers.editing(where, force=context.force) as opened:
        switches = replace(opened.ledger.settings, values={**opened.ledger.settings.values, "as_of": as_of})
        after = replace(opened.ledger, settings=switches).with_wordings()
        report = status_of(after, context, as_of)
        ledgers.save(opened, after, context.act(journal.STATUS), report.as_of)
        return report


def _as_it_was(ledger: Ledger, record: Journal, as_of: date | None, context: Context) -> Past:
    """Return the ledger as it was on a day asked for; its own day is computed from what it holds, as its formulas do."""
    if as_of is None or as_of == as_of_for(ledger, context.now):
        return Past(ledger)
    return as_it_was(ledger, record, as_of)


def status_of(ledger: Ledger, context: Context, as_of: date | None) -> StatusReport:
    """Return the states of a ledger on `as_of`, or on its own day."""
    day = as_of or as_of_for(ledger, context.now)
    return StatusReport(ledger, day, ledger.states(day), outlived=_outlived(ledger, context, as_of))


def _outlived(ledger: Ledger, context: Context, as_of: date | None) -> Outlived | None:
    """Return whether today is no day for the ledger, where nobody asked for another."""
    return None if as_of else ledger.outlived(context.now.date())


# split


@dataclass(frozen=True)
class Dispatched:
    """A dispatch: its batch, and the files that were written."""

    batch: str
    files: tuple[SentFile, ...]
    folder: Path
    findings: tuple[Finding, ...] = ()
    items: int = 0  # indicators and problems that went along
    outlived: Outlived | None = None
    gone: Mapping[str, Value] = field(default_factory=dict)  # see `Ledger.gone`


def split(
    where: Where,
    folder: Path,
    context: Context,
    period: Period | None = None,
    *,
    support: bool = False,
    priority: bool = False,
) -> Dispatched:
    """Write one workbook per lead department, and record the batch with its base in the ledger.

    With `priority`, only 重点 tasks leave, out of turn.
    """
    disk.refuse_no_folder(folder)
    with ledgers.editing(where, force=context.force) as opened:
        ledger = opened.ledger.with_wordings()
        as_of = as_of_for(ledger, context.now)
        period = period or Period.holding(as_of)
        if closed_at := ledger.closed_at(period):
            raise LedgerError(Stop.PERIOD_CLOSED, path=opened.path, period=period.title, at=closed_at)
        parts = dispatch.assignments(ledger, str(opened.path), priority=priority)
        based, batch = dispatch.opened_batch(ledger, period, context.now, parts)
        wanted = (*parts, *(dispatch.supporters(ledger) if support else ()))
        names = [dispatch.file_name(period, part.department, priority=priority) for part in wanted]
        _refuse_existing(folder, names)
        made: dict[Path, bytes] = {}
        for number, (part, name) in enumerate(zip(wanted, names, strict=True), 1):
            made[folder / name] = render(department_workbook(based, batch, part, as_of))
            context.progress("生成部门工作簿", number, len(wanted))
        sent = tuple(
            SentFile(part.department, path.name, len(part.led), disk.fingerprint(data))
            for part, (path, data) in zip(wanted, made.items(), strict=True)
        )
        asked = {part.department for part in parts}
        after = dispatch.closed_batch(based, batch, tuple(file for file in sent if file.department in asked))
        # A batch is on record before its files can be sent: what is not recorded could not come back.
        with disk.staged(made):
            ledgers.save(opened, after, context.act(journal.SPLIT), as_of)
            opened.host.keep()
    items = sum(len(part.items) for part in parts)
    found = () if priority else tuple(_undelivered(after))
    outlived = ledger.outlived(context.now.date())
    return Dispatched(batch.id, sent, folder, found, items, outlived, ledger.gone)


def _undelivered(ledger: Ledger) -> Iterator[Finding]:
    """Yield a finding for every current task that nobody, or not everybody named, was sent."""
    for task in current(ledger.tasks):
        place: FoundAt = {"sheet": tables.LEDGER, "no": task.no, "task": task.code, "column": BY_KEY["leads"].title}
        named = read_names(task.cells.get("leads"), ledger.directory)
        if not named.names and not named.unknown:
            yield Finding(Code.NO_LEAD, **place)
        yield from (
            f for f in findings_of(task.cells.get("leads"), ledger.directory, **place) if f.code is Code.NAME_UNKNOWN
        )


def _refuse_existing(folder: Path, names: Iterable[str]) -> None:
    """Raise LedgerError when a file to be written is there: a department may have filled it in."""
    for name in names:
        target = folder / name
        if target.exists():
            raise LedgerError(Stop.ALREADY_SENT, path=target)


# 结旬


@dataclass(frozen=True)
class PeriodClosed:
    """A period that was closed: its snapshot, who turned out how, and how many returned cells wait for a decision."""

    turn: snapshots.Turn
    as_of: date
    open: int
    backup: Path | None


def close_period(where: Where, context: Context, period: Period | None = None) -> PeriodClosed:
    """Keep what stands in the ledger as the period's 旬快照; what comes back for it later is late.

    The oldest open period in which something was sent is closed where none is named.
    """
    with ledgers.editing(where, force=context.force) as opened:
        ledger = opened.ledger.with_wordings()
        as_of = as_of_for(ledger, context.now)
        period = period or snapshots.to_close(ledger, as_of)
        if closed_at := ledger.closed_at(period):
            raise LedgerError(Stop.CLOSED_ALREADY, path=opened.path, period=period.title, at=closed_at)
        if period.first > as_of:
            facts = {"period": period.title, "first": period.first, "as_of": as_of}
            raise LedgerError(Stop.NOT_BEGUN, path=opened.path, **facts)
        kept = snapshots.snapshot(ledger, period, context.now, as_of)
        after = replace(ledger, snapshots=(*ledger.snapshots, kept))
        written = ledgers.save(opened, after, context.act(journal.CLOSE_PERIOD), as_of)
        return PeriodClosed(snapshots.turn_of(after, period), kept.as_of, _waiting(ledger), written.backup)


def periods(where: Where) -> tuple[snapshots.Turn, ...]:
    """Return the year's periods: what was sent in each, who reported, and when it was closed."""
    return snapshots.turns(ledgers.open_ledger(where).ledger)


# merge and apply


@dataclass(frozen=True)
class Preview:
    """A merge as previewed: every file's fate, every change, and what waits."""

    ledger: Ledger
    reports: tuple[FileReport, ...]
    changes: tuple[Change, ...]
    held: tuple[HeldRow, ...]
    findings: tuple[Finding, ...]
    faults: tuple[Finding, ...] = ()  # that what is accepted would bring into the ledger

    @property
    def ours(self) -> tuple[Received, ...]:
        """Return the returns of this run, as remembered."""
        shas = {report.sha256 for report in self.reports if report.outcome in (Outcome.MERGED, Outcome.HELD)}
        return tuple(file for file in self.ledger.received if file.sha256 in shas)

    @property
    def listed(self) -> tuple[Change, ...]:
        """Return the changes that the files of this run bring."""
        ours = {file.sha256 for file in self.ours}
        return tuple(change for change in self.changes if change.file.sha256 in ours)

    @property
    def open(self) -> tuple[Change, ...]:
        """Return what is still undecided from earlier runs."""
        ours = {file.sha256 for file in self.ours}
        return tuple(change for change in self.changes if change.open and change.file.sha256 not in ours)

    @property
    def totals(self) -> dict[Disposition, int]:
        """Return the cells of this run per disposition."""
        found: Counter[Disposition] = Counter()
        changes = merge.by_file(self.changes)
        for file in self.ours:
            found.update(merge.counts(self.ledger, file, changes.get(file.sha256, ())))
        return {disposition: found[disposition] for disposition in Disposition}

    @property
    def missing_rows(self) -> tuple[tuple[Received, str], ...]:
        """Return the tasks that were sent but are not in the file that came back."""
        return tuple((file, code) for file in self.ours for code in file.missing)

    @property
    def missing_departments(self) -> tuple[str, ...]:
        """Return who has not returned the newest batch."""
        return self._of_newest(merge.missing_departments)

    @property
    def idle_departments(self) -> tuple[str, ...]:
        """Return who has returned the newest batch as it was."""
        return self._of_newest(merge.idle_departments)

    def _of_newest(self, told: Callable[[Ledger, Batch], tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(name for batch in self.ledger.batches[-1:] for name in told(self.ledger, batch))

    @property
    def needs_attention(self) -> bool:
        """Return whether a clerk has something to look at: the exit code 1 of `cli.md`."""
        listed = {change.disposition for change in self.listed}
        told = listed & {*merge.UNDECIDED, Disposition.LOCKED}
        unmerged = any(report.outcome is not Outcome.MERGED for report in self.reports)
        return bool(told or unmerged or self.open or self.held or self.missing_rows or self.findings)


def merge_files(where: Where, sources: Sequence[Path], context: Context) -> Preview:
    """Preview what returned files would change: writes 合并结果 and 对账单, nothing else a clerk sees."""
    disk.refuse_missing(sources)
    with ledgers.editing(where, force=context.force) as opened:
        ledger = opened.ledger.with_wordings()
        if not ledger.batches:
            raise LedgerError(Stop.NOTHING_SENT, path=opened.path)
        arrived, reports, findings = _arrived(ledger, _intake(ledger, sources, opened.path, context))
        desk = _Desk.of(opened, arrived)
        del arrived  # of thousands of files; the desk has what was made of it
        as_of = as_of_for(ledger, context.now)
        wrong = adoption.faults(desk.ledger, adoption.would_be_adopted(desk.changes, desk.verdicts), as_of)
        preview = replace(desk.preview(reports, findings), faults=wrong)
        unmerged = [(r.name, f"{r.outcome.title}：{r.reason}") for r in reports if r.outcome is not Outcome.MERGED]
        act = context.act(journal.MERGE)
        ledgers.save(opened, desk.ledger, act, as_of, desk.sheets(preview, unmerged))
        return preview


def _arrived(
    ledger: Ledger, read: Iterable[tuple[FileReport, Recognised | None]]
) -> tuple[Ledger, tuple[FileReport, ...], tuple[Finding, ...]]:
    """Return the ledger with what came back, what became of every file, and what is to be said of it."""
    reports, returned = list[FileReport](), list[Recognised]()
    for report, one in read:
        reports.append(report)
        if one is not None:
            returned.append(one)
    if not reports:
        raise LedgerError(Stop.NOTHING_RETURNED)
    findings = tuple(finding for one in returned for finding in one.findings)
    return merge.merged(ledger, [one.received for one in returned]), tuple(reports), findings


@dataclass(frozen=True)
class _Desk:
    """What lies before the clerk: the ledger as shown, the decisions written so far, and why some cannot be carried out."""

    ledger: Ledger
    changes: tuple[merge.Change, ...]
    places: Places
    verdicts: Mapping[str, merge.Verdict]
    refused: Mapping[str, str]

    @classmethod
    def of(cls, opened: ledgers.Opened, ledger: Ledger) -> _Desk:
        """Return the desk for a ledger whose changes are about to be shown (again)."""
        changes = merge.decide(ledger)
        decisions = read_decisions(opened.grids.get(tables.RESULTS, ()))
        verdicts = decisions.spread(changes, merge.held_rows(ledger))
        stale = {c.id for c in changes if verdicts and c.pending and c.id in verdicts and c.stale}
        valid = {id: verdict for id, verdict in verdicts.items() if id not in stale}
        torn = merge.contradicting(changes, valid)
        refused = {**dict.fromkeys(torn, merge.TORN), **dict.fromkeys(stale, merge.STALE)}
        seen = merge.seen(ledger, changes)
        return cls(seen, merge.as_seen(seen, changes), opened.reading.places, valid, refused)

    def preview(self, reports: tuple[FileReport, ...] = (), findings: tuple[Finding, ...] = ()) -> Preview:
        """Return the preview that shows what lies here."""
        return Preview(self.ledger, reports, self.changes, merge.held_rows(self.ledger), findings)

    def sheets(self, preview: Preview, unmerged: Sequence[tuple[str, str]]) -> list[Sheet]:
        """Return 合并结果 and 对账单: the newest batch, this run's returns, and what is still open."""
        ledger, newest = self.ledger, self.ledger.batches[-1]
        last_run = max((file.received_at for file in ledger.received), default=None)
        now = {file.sha256 for file in preview.ours}
        ours = {f.batch for f in ledger.received if f.sha256 in now or f.received_at == last_run}
        older = [batch for batch in reversed(ledger.batches[:-1]) if batch.id in ours]
        told = {newest.id, *ours}
        listed = [c for c in preview.changes if c.open or c.file.batch in told]
        done = [r for r in merge.all_held_rows(ledger) if r.settled != PENDING and r.file.batch in told]
        return [
            results_sheet(ledger, listed, [*preview.held, *done], self.places, self.verdicts, self.refused),
            statement_sheet(ledger, older, preview.changes, unmerged),
        ]


def _intake(
    ledger: Ledger, sources: Sequence[Path], ledger_path: Path, context: Context
) -> Iterator[tuple[FileReport, Recognised | None]]:
    """Yield every file's fate, with what it returns if it can be merged; one bad file stops nothing."""
    numbered = [(number if source.is_dir() else -1, source) for number, source in enumerate(sources)]
    handed = [  # files that were handed in singly lie together
        (path, name_below(source, path), number)
        for number, source in numbered
        for path in found_files(source, ledger_path.parent)
        if not _is_same_file(path, ledger_path)
    ]
    first_with: dict[str, tuple[int, str]] = {}
    senders: list[Sender] = []
    beside: list[tuple[FileReport, Place, tuple[str, ...]]] = []
    office = Office.of(ledger, context.now)
    read = read_ahead([(path, name) for path, name, _ in handed], context.password, office)
    for number, ((_, _, source), arrivals) in enumerate(zip(handed, read, strict=True), 1):
        context.progress("读取交回文件", number, len(handed))
        for arrival in arrivals:
            report, one = _read_return(arrival)
            place = Place(source, tuple(report.name.split("/")[:-1]))
            own = source, report.name
            if report.outcome is Outcome.MERGED:
                senders.append(Sender(place, report.department, report.batch))
            if arrival.evidence is not None:  # the same picture may be the evidence of two
                sender = named_in(arrival.origin.sender, ledger.directory)
                beside.append((report, place, sender))
                continue
            first = first_with.setdefault(arrival.sha256 or str(own), own)
            yield (report, one) if first == own else (_same_as(first[1], report), None)
    with Reader(context.password) as reader:
        for report in _filed(ledger, ledger_path, reader, beside, senders):
            yield report, None


def _is_same_file(path: Path, other: Path) -> bool:
    return other.exists() and path.exists() and path.samefile(other)


def _filed(
    ledger: Ledger,
    ledger_path: Path,
    reader: Reader,
    beside: Sequence[tuple[FileReport, Place, tuple[str, ...]]],
    senders: Sequence[Sender],
) -> Iterator[FileReport]:
    """File what came beside the workbooks as their departments' evidence; yield what became of each."""
    filed: dict[tuple[str, ...], str] = {}  # by owner and content, and by content alone: what it was called
    waiting: dict[str, list[FileReport]] = defaultdict(list)
    nobodys: list[FileReport] = []
    for report, place, sender in beside:
        named = named_in(report.name.rpartition("/")[2], ledger.directory)
        department, batch = whose_evidence(place, senders, named, sender, ledger.newest_sent) or ("", "")
        own = replace(report, department=department, batch=batch)
        first = filed.setdefault((batch, department, own.sha256), own.name) if department else ""
        if not department:
            nobodys.append(own)
        elif first != own.name:
            yield _same_as(first, own)
        else:
            filed.setdefault((own.sha256,), own.name)
            waiting[own.path].append(own)
    for report in nobodys:
        first = filed.get((report.sha256,), "")
        yield _same_as(first, report) if first else replace(report, reason=f"{report.reason}{NOBODYS}")
    for path, reports in waiting.items():
        yield from _filed_of(Path(path), reports, ledger_path.parent, reader)


def _filed_of(path: Path, reports: Sequence[FileReport], beside: Path, reader: Reader) -> Iterator[FileReport]:
    """File the evidence in one of the files handed in, which is read again: a run may bring more than fits into memory."""
    waiting: dict[str, list[FileReport]] = defaultdict(list)
    for report in reports:
        waiting[report.sha256].append(report)
    for arrival in reader.arrivals(path, path.name):
        for report in waiting.pop(arrival.sha256, ()) if arrival.evidence is not None else ():
            try:
                target = file_evidence(beside, report.batch, report.department, report.name, arrival.evidence or b"")
            except LedgerError as error:
                yield replace(report, reason=str(error))
                continue
            reason = FILED.format(target=target.relative_to(beside).as_posix(), department=report.department)
            yield replace(report, outcome=Outcome.ATTACHMENT, reason=reason)
    for left in waiting.values():  # gone between the first reading and the second
        yield from (replace(report, department="", batch="") for report in left)


def _same_as(first: str, report: FileReport) -> FileReport:
    return replace(report, outcome=Outcome.DUPLICATE, reason=f"与“{first}”内容完全相同，只算一次。")


def name_below(source: Path, path: Path) -> str:
    """Return what a file is called in lists: its place below the folder that was handed in."""
    name = path.name if path == source else path.relative_to(source).as_posix()
    try:
        name.encode()
    except UnicodeEncodeError:  # bytes that are no UTF-8, on a disk written by Chinese Windows
        return os.fsencode(name).decode("gb18030", "replace")
    return name


def found_files(source: Path, office: Path) -> Iterator[Path]:
    """Yield the files a path stands for: itself, or every file below a folder, in name order; broken links too.

    What the program itself keeps in the `office`'s folder, beside the ledger, was handed in by nobody, nor
    were its backups of what was checked or put right in a folder of returns.
    """
    kept = [office / name for name in (BACKUPS, EVIDENCE)]
    if not source.is_dir():
        yield source
        return
    for path in sorted(source.rglob("*")):
        backed_up = BACKUPS in path.relative_to(source).parts[:-1]
        hidden = path.name.startswith((".", "~$")) or backed_up or any(path.is_relative_to(one) for one in kept)
        if (path.is_file() or path.is_symlink()) and not hidden:
            yield path


def _read_return(arrival: Arrival) -> tuple[FileReport, Recognised | None]:
    path, name, sha256, one = str(arrival.origin.path), arrival.origin.name, arrival.sha256, arrival.found
    if one is None or isinstance(one, Refused):
        reason = one.reason if one else arrival.refused or NOT_A_TABLE.format(what=arrival.format.value)
        return FileReport(path, name, Outcome.REFUSED, reason, sha256=sha256), None
    outcome = Outcome.HELD if one.doubt else Outcome.MERGED
    reason = f"{one.doubted}{_WAITS}" if one.doubt else ""
    return FileReport(path, name, outcome, reason, one.received.department, one.received.batch, sha256), one


NOT_A_TABLE = "是{what}，不是表格，没有读取。请让部门交回电子表格。"
NOBODYS = "是某个单位的佐证的，请与它的工作簿放在同一个文件夹或压缩包里，或在文件名中写上单位名称，再合并一次。"
FILED = "已存入 {target}；确是佐证的，可在{department}的“佐证材料”中填上它的名称。"
_WAITS = "　其中的内容列为待定行，没有并入台账。"


@dataclass(frozen=True)
class Application:
    """What an apply wrote: how many cells, what is still open, which journal lines, how many problems were listed.

    `raised` are the cells that the problems fill, which `written` does not count; `faults` are the
    errors that what was written has brought.
    """

    written: int
    open: int
    journal: tuple[int, int] | None
    backup: Path | None
    problems: int = 0
    raised: int = 0
    faults: tuple[Finding, ...] = ()


def apply(where: Where, context: Context) -> Application:
    """Write the accepted and the decided into the ledger; what is undecided stays open."""
    with ledgers.editing(where, force=context.force) as opened:
        if tables.RESULTS not in opened.grids:
            raise LedgerError(Stop.NO_PREVIEW, path=opened.path, sheet=tables.RESULTS)
        ledger = opened.ledger.with_wordings()
        decisions = read_decisions(opened.grids[tables.RESULTS])
        verdicts = decisions.spread(merge.decide(ledger), merge.held_rows(ledger))
        outcome = merge.applied(ledger, verdicts)
        as_of = as_of_for(ledger, context.now)
        after = with_problems(outcome.ledger, as_of, opened.reading.journal.living)
        desk = _Desk.of(opened, after)
        preview = desk.preview()
        act = context.act(journal.APPLY, origins=_origins(outcome))
        unmerged = read_unmerged(opened.grids.get(tables.STATEMENT, ()))
        left = _decisions(ledger, outcome)
        written = ledgers.save(opened, desk.ledger, act, as_of, desk.sheets(preview, unmerged), left)
        said = {*desk.verdicts, *desk.refused}
        still = sum(c.open or (c.pending and c.id in said) for c in preview.changes) + len(preview.held)
        raised = [one.key.task for one in journal.changed(outcome.ledger, after)]
        wrong = adoption.faults(ledger, adoption.was_adopted(outcome), as_of)
        own = _changed_cells(ledger, outcome), still, written.journal, written.backup
        return Application(*own, len(set(raised)), len(raised), wrong)


def _changed_cells(ledger: Ledger, outcome: merge.Applied) -> int:
    """Return how many cells hold something else after an apply."""
    places = ((ledger.sent_cells(key), outcome.ledger.sent_cells(key), column) for key, column in outcome.written)
    return sum(not same(before.get(column), after.get(column)) for before, after, column in places)


def _origins(outcome: merge.Applied) -> dict[journal.Place, Origin]:
    """Return for each written cell the file it came from, and the returned values it overruled."""
    rivals: dict[tuple[ReportKey, str], list[Change]] = {}
    for change in outcome.changes:
        rivals.setdefault((change.key, change.kept.column), []).append(change)
    return {
        (key, BY_KEY[column].title): _origin(change, _overruled(outcome, change, rivals[key, column]))
        for (key, column), change in outcome.written.items()
    }


def _origin(change: Change, overruled: str) -> Origin:
    return Origin(change.file.name, change.file.sha256, overruled, change.kept.where)


def _decisions(ledger: Ledger, outcome: merge.Applied) -> Iterator[CellChange]:
    """Yield every decision of an apply that changes no cell, so that it is on record and can be taken back."""
    now = journal.cells_of(ledger)
    for change in outcome.adopted:
        place = change.key, BY_KEY[change.kept.column].title
        wrote = outcome.written[change.key, change.kept.column]
        value = outcome.ledger.sent_cells(change.key).get(change.kept.column)
        if change is not wrote or same(value, now.get(place)):
            taken = same(value, change.kept.back)
            yield _decided(ledger, place, value, _origin(change, "" if taken else _returned(change)))
    for change in outcome.left:
        place = change.key, BY_KEY[change.kept.column].title
        yield _decided(ledger, place, now.get(place), _origin(change, _returned(change)))
    for row in outcome.dismissed:
        for column, value in row.cells.items():
            place = ReportKey(row.code, row.file.department), merge.title_of(column)
            origin = Origin(row.file.name, row.file.sha256, merge.worded(column, value) or "空", row.where)
            yield _decided(ledger, place, now.get(place), origin)


def _decided(ledger: Ledger, place: journal.Place, value: Value, origin: Origin) -> CellChange:
    """Return the journal's entry for a cell of which was decided that it holds `value`, which it holds already."""
    no = ledger.by_code[place[0].task].no if place[0].task in ledger.by_code else None
    return CellChange(place[0], no, place[1], value, value, origin)


def _overruled(outcome: merge.Applied, written: Change, rivals: Sequence[Change]) -> str:
    """Return the returned values that were not taken for a cell; its own where something else was filled in."""
    taken = same(outcome.ledger.sent_cells(written.key).get(written.kept.column), written.kept.back)
    others = (c for c in rivals if not (c.id == written.id and taken) and c.disposition is not Disposition.SAME)
    return "；".join(f"{_returned(c)}（{c.file.name}）" for c in others)


def _returned(change: Change) -> str:
    """Return what came back for a cell, as its line says that it was not taken."""
    return merge.worded(change.kept.column, change.kept.back, fault=change.kept.fault) or "空"


# 结转


@dataclass(frozen=True)
class RolledOver:
    """Next year's ledger: where it is, what it holds, what stayed behind, whose deadlines were written out."""

    path: Path
    rollover: Rollover
    undecided: int


def roll_over(where: Where, target: Path, year: int, context: Context) -> RolledOver:
    """Make the ledger of a later 年度 from one that is left as it is; never over an existing file."""
    refuse_target(target)
    with ledgers.editing(where, force=context.force) as opened:
        ledger = opened.ledger.with_wordings()
        old = ledger.settings.year
        if year <= old:
            raise LedgerError(Stop.NOT_A_LATER_YEAR, path=opened.path, old=old, year=year, next=old + 1)
        id = disk.fingerprint(opened.data + context.now.isoformat().encode())[:12]
        found = rolled_over(ledger, year, id)
        if not found.ledger.tasks:
            raise LedgerError(Stop.NOTHING_TO_CARRY, path=opened.path)
        act = context.act(journal.ROLLOVER, file=opened.path.name, sha256=disk.fingerprint(opened.data))
        ledgers.create_ledger(target, found.ledger, act, as_of_for(found.ledger, context.now), opened)
        return RolledOver(target, found, _waiting(ledger))


def _waiting(ledger: Ledger) -> int:
    """Return how many returned cells are neither written nor decided on."""
    telling = (*merge.UNDECIDED, Disposition.ACCEPTED)
    return sum(change.pending and change.disposition in telling for change in merge.decide(ledger))


# 销号, 退回, 恢复, 延期, 任务调整, 取消


def selected(where: Where, sheet: str, runs: Sequence[tuple[int, int]]) -> tuple[Ledger, tuple[str, ...]]:
    """Return the ledger and its tasks in whose rows cells are selected, `runs` being those rows.

    Rows that do not show, filtered away or hidden, were not meant. Raises LedgerError where none is left.
    """
    with ledgers.editing(where) as opened:
        reading = opened.reading
        rows = {
            reading.tasks.sheet: [(row, code) for code, row in reading.task_rows.items()],
            tables.JOINT: [(row, key.task) for key, row in reading.report_rows.items()],
        }
        unseen = ledgers.hidden_rows(opened, sheet)
        wanted = {
            code
            for row, code in rows.get(sheet, ())
            if any(first <= row <= last for first, last in runs)
            and not any(first <= row <= last for first, last in unseen)
        }
        codes = tuple(task.code for task in opened.ledger.tasks if task.code in wanted)
        if not codes:
            raise LedgerError(Stop.NOTHING_SELECTED, sheet=tables.LEDGER)
        return opened.ledger, codes


@dataclass(frozen=True)
class Moved:
    """What became of each task named: the day it counts for, those moved, and those not, each with why."""

    move: lifecycle.Move
    on: date
    ledger: Ledger
    done: tuple[str, ...]
    refused: tuple[str, ...]
    unanswered: tuple[ReportKey, ...]
    written: ledgers.Written


def move(
    where: Where, numbers: Sequence[str], request: lifecycle.Request, context: Context, on: date | None = None
) -> Moved:
    """Make a move with every task named by its 序号 or 任务编码; one that cannot be made stops no other.

    It counts for `on`, else for the ledger's own day. Raises LedgerError where none can be made.
    """
    with ledgers.editing(where, force=context.force) as opened:
        ledger = opened.ledger.with_wordings()
        as_of = as_of_for(ledger, context.now)
        if on and on > as_of:
            raise LedgerError(Stop.DAY_TOO_LATE, value=on, as_of=as_of)
        request = replace(request, on=on or as_of, by=request.by or context.operator)
        after, done, refused = ledger, list[str](), list[str]()
        for number in dict.fromkeys(numbers):
            found = _moved(after, number, request)
            if isinstance(found, lifecycle.Refusal):
                refused.append(f"{tables.LEDGER} 序号{number}：{found.reason}")
            else:
                (code,) = lifecycle.found_codes(ledger, number)
                after = found
                done.append(code)
        if not done:
            raise LedgerError(Stop.NOT_MOVED, path=opened.path, move=request.move.value, reasons="；".join(refused))
        written = ledgers.save(opened, after, context.act(request.move.value), as_of)
        left = lifecycle.unanswered(ledger, done) if request.move is lifecycle.Move.CLOSE else ()
        return Moved(request.move, request.on, after, tuple(done), tuple(refused), left, written)


def write_closing_form(ledger: Ledger, codes: Sequence[str], target: Path) -> Path:
    """Write 销号单 for closed tasks, a page each, to be printed and signed; never over an existing file."""
    refuse_target(target)
    disk.replace_file(target, render(closing_form(ledger, codes)))
    return target


def refuse_target(target: Path, kind: str = ".xlsx") -> None:
    """Raise LedgerError where a new file of a kind cannot be written, before anything else is."""
    if target.suffix.lower() != kind:
        raise LedgerError(Stop.WRONG_KIND, path=target, kind=kind)
    if target.exists():
        raise LedgerError(Stop.EXISTS, path=target)


def _moved(ledger: Ledger, number: str, request: lifecycle.Request) -> Ledger | lifecycle.Refusal:
    codes = lifecycle.found_codes(ledger, number)
    if len(codes) > 1:
        return lifecycle.Refusal(f"有{len(codes)}项任务是这个序号。请改用任务编码：{'、'.join(codes)}")
    return lifecycle.moved(ledger, codes[0], request) if codes else lifecycle.Refusal("台账中没有这项任务。请核对序号")


# summary


@dataclass(frozen=True)
class Assessed:
    """汇总 and 成绩单 for a day: their numbers, and the ledger as it was that day."""

    ledger: Ledger
    summary: summary.Summary
    cards: tuple[Scorecard, ...]
    outlived: Outlived | None = None


@dataclass(frozen=True)
class Papers:
    """What is wanted of an assessment beside its sheets: the report's files, the folders for 成绩单 of each department."""

    docx: Path | None = None
    pdf: Path | None = None
    cards: Path | None = None
    cards_pdf: Path | None = None

    def targets(self, found: Assessed) -> Iterator[tuple[Path, str]]:
        """Yield every file that is wanted, with its kind."""
        yield from ((path, kind) for path, kind in ((self.docx, ".docx"), (self.pdf, ".pdf")) if path)
        for folder, kind in ((self.cards, ".xlsx"), (self.cards_pdf, ".pdf")):
            yield from ((path, kind) for path in (_card_targets(found, folder, kind) if folder else ()))

    def refuse(self, found: Assessed) -> None:
        """Raise LedgerError where a file is there already, or stands where a folder is wanted."""
        for folder in filter(None, (self.cards, self.cards_pdf)):
            disk.refuse_no_folder(folder)
        for target, kind in self.targets(found):
            refuse_target(target, kind)


def summarise(where: Where, context: Context, as_of: date | None = None, papers: Papers | None = None) -> Assessed:
    """Compute 汇总 and 成绩单 for a day and put their sheets into the ledger.

    Raises LedgerError, before anything is written, where one of the papers wanted beside them is there already.
    """
    with ledgers.editing(where, force=context.force) as opened:
        ledger = opened.ledger.with_wordings()
        found, own_day = _assessed(opened, ledger, context, as_of), as_of_for(ledger, context.now)
        if papers:
            papers.refuse(found)
        sheets = _summary_sheets(opened, ledger, found, own_day)
        ledgers.save(opened, ledger, context.act(journal.SUMMARY), own_day, sheets)
        return found


def _assessed(opened: ledgers.Opened, ledger: Ledger, context: Context, as_of: date | None) -> Assessed:
    record, day = opened.reading.journal, as_of or as_of_for(ledger, context.now)
    then = _as_it_was(ledger, record, as_of, context)
    found = replace(summary.summarise(then.ledger, day), estimated=not then.certain)
    cards = scorecards(then.ledger, record, day)
    return Assessed(then.ledger, found, cards, _outlived(ledger, context, as_of))


def _summary_sheets(opened: ledgers.Opened, ledger: Ledger, found: Assessed, own_day: date) -> list[Sheet]:
    """Return 汇总底稿, 汇总 and 成绩单, in the columns' widths that staff gave them; a sheet comes before those that name it."""
    rows = freshness.watched(opened.reading, opened.grids)
    check = freshness.check_formula(len(rows), found.summary.as_of, own_day)
    frame = Frame(ledger.settings, opened.reading.tasks.places, freshness.fingerprint(rows), check)
    widths = ledgers.column_widths(opened, (tables.SUMMARY, tables.SCORES))
    scores, pages = scores_sheet(found.cards, found.summary, replace(frame, widths=widths[tables.SCORES]))
    overview = summary_sheet(found.summary, replace(frame, widths=widths[tables.SUMMARY], pages=pages))
    return [freshness.store_sheet(rows, tuple(opened.grids), found.summary.as_of), overview, scores]


def assess(where: Readable, context: Context, as_of: date | None = None) -> Assessed:
    """Return what 汇总 and 成绩单 would say of a day; nothing is written."""
    opened = ledgers.open_ledger(where)
    return _assessed(opened, opened.ledger.with_wordings(), context, as_of)


def report_name(found: Assessed) -> str:
    """Return what the report of a day is called among files, without its kind."""
    return f"通报_{Period.holding(found.summary.as_of).title}"


def write_report(found: Assessed, docx: Path | None = None, pdf: Path | None = None) -> None:
    """Write the report of a day as .docx, as PDF, or both; never over an existing file."""
    for target, kind in ((docx, ".docx"), (pdf, ".pdf")):
        if target:
            refuse_target(target, kind)
    settings = found.ledger.settings
    report = report_of(settings, found.summary, found.cards)
    if docx:
        disk.replace_file(docx, letter(report, settings))
    if pdf:
        write_pdf(letter(report, settings, for_libreoffice=True), ".docx", pdf)


def write_cards(found: Assessed, folder: Path, context: Context, kind: str = ".xlsx") -> list[Path]:
    """Write each department's page of 成绩单 as a file of its own, a workbook or a PDF; never over an existing file."""
    targets = _card_targets(found, folder, kind)
    for target in targets:
        refuse_target(target, kind)
    frame = Frame(found.ledger.settings, {}, linked=False)
    for number, (card, target) in enumerate(zip(found.cards, targets, strict=True), 1):
        data = render(card_workbook(card, found.summary, frame))
        if kind == ".xlsx":
            disk.replace_file(target, data)
        else:
            write_pdf(data, ".xlsx", target)
        context.progress("生成各单位成绩单", number, len(targets))
    return targets


def _card_targets(found: Assessed, folder: Path, kind: str) -> list[Path]:
    on = found.summary.as_of.isoformat()
    return [folder / f"{tables.SCORES}_{safe_name(card.department)}_{on}{kind}" for card in found.cards]


@dataclass(frozen=True)
class Papered:
    """The papers that were written, and why others were not."""

    files: tuple[Path, ...]
    faults: tuple[LedgerError, ...]


def write_papers(found: Assessed, papers: Papers, context: Context) -> Papered:
    """Write the papers wanted of an assessment; one that cannot be made stops no other. None of them is there yet."""
    faults = list[LedgerError]()
    works: tuple[tuple[Path | None, Callable[[Path], object]], ...] = (
        (papers.docx, lambda path: write_report(found, docx=path)),
        (papers.pdf, lambda path: write_report(found, pdf=path)),
        (papers.cards, lambda folder: write_cards(found, folder, context)),
        (papers.cards_pdf, lambda folder: write_cards(found, folder, context, ".pdf")),
    )
    for target, work in works:
        try:
            if target:
                work(target)
        except LedgerError as fault:
            faults.append(fault)
    return Papered(tuple(path for path, _ in papers.targets(found) if path.exists()), tuple(faults))


def unknown_deadlines(report: StatusReport) -> tuple[Finding, ...]:
    """Return a finding for every task whose deadline is not understood."""
    ledger = report.ledger
    unclear = (task for task in ledger.tasks if report.states[task.code].status == rules.UNCLEAR)
    return tuple(_unknown_deadline(task, ledger) for task in unclear)


def _unknown_deadline(task: Task, ledger: Ledger) -> Finding:
    wording = task.cells.get("deadline")
    return Finding(
        Code.DEADLINE_UNKNOWN,
        tables.LEDGER,
        no=task.no,
        task=task.code,
        column=BY_KEY["deadline"].title,
        value=wording,
        suggestion=asked(nearest(wording, ledger.settings.year)),
    )


# 指标, 问题清单


@dataclass(frozen=True)
class Listed:
    """The lines of 指标 or 问题清单, how many of them an act added or changed, and what it left behind."""

    ledger: Ledger
    items: tuple[Item, ...]
    changed: int = 0
    written: ledgers.Written | None = None


def listed(where: Where, register: Register) -> Listed:
    """Return the lines of 指标 or 问题清单."""
    ledger = ledgers.open_ledger(where).ledger
    return Listed(ledger, ledger.items_of(register))


def collect(where: Where, register: Register, context: Context) -> Listed:
    """Add to 指标 what the tasks' words propose, or to 问题清单 what the reports name, that is not there yet."""
    with ledgers.editing(where, force=context.force) as opened:
        ledger, used = opened.ledger.with_wordings(), opened.reading.journal.living
        as_of = as_of_for(ledger, context.now)
        found = with_proposals(ledger, used) if register is INDICATORS else with_problems(ledger, as_of, used)
        act = context.act(journal.PROPOSE if register is INDICATORS else journal.RAISE)
        written = ledgers.save(opened, found, act, as_of)
        changed = len({one.key.task for one in journal.changed(ledger, found)})
        return Listed(found, found.items_of(register), changed, written)


def decide_items(where: Where, codes: Sequence[str], cells: Cells, name: str, context: Context) -> Listed:
    """Write the office's cells of indicators, by their codes; raise LedgerError where not all of them are there."""
    return _with_items(where, INDICATORS, codes, lambda _: cells, context.act(name), context)


def solve(where: Where, codes: Sequence[str], context: Context) -> Listed:
    """Close lines of 问题清单, by their codes, as of the ledger's own day."""
    return _with_items(where, PROBLEMS, codes, lambda on: {"solved_on": on}, context.act(journal.SOLVE), context)


def _with_items(
    where: Where,
    register: Register,
    codes: Sequence[str],
    cells_on: Callable[[date], Cells],
    act: Act,
    context: Context,
) -> Listed:
    """Write the office's cells of lines of a register, given the ledger's own day."""
    with ledgers.editing(where, force=context.force) as opened:
        ledger = opened.ledger.with_wordings()
        wanted = dict.fromkeys(codes)
        known = {item.code for item in ledger.items_of(register)}
        if strange := [code for code in wanted if code not in known]:
            raise LedgerError(Stop.NO_SUCH_ITEM, path=opened.path, codes="、".join(strange))
        as_of = as_of_for(ledger, context.now)
        cells = cells_on(as_of)
        after = replace(
            ledger, items=tuple(one.with_cells(cells) if one.code in wanted else one for one in ledger.items)
        )
        written = ledgers.save(opened, after, act, as_of)
        items = tuple(item for item in after.items if item.code in wanted)
        return Listed(after, items, len(items), written)


# undo and log


@dataclass(frozen=True)
class Undone:
    """What was taken back: the operation, the cells that got their old value, those that keep theirs and why."""

    operation: str
    at: str
    cells: tuple[CellChange, ...]
    refused: tuple[tuple[journal.Line, str], ...]
    backup: Path | None
    again: int = 0  # items that wait again and were decided on

    @property
    def withdrawn(self) -> tuple[int, int]:
        """Return how many problems that had been listed are listed no more, and how many of the cells are theirs."""
        issue = BY_KEY[PROBLEMS.telling].title
        codes = {one.key.task for one in self.cells if one.column == issue and is_blank(one.new)}
        return len(codes), sum(one.key.task in codes for one in self.cells)


def undo(where: Where, context: Context) -> Undone:
    """Take back the last operation that was not taken back yet; a cell that has changed since keeps its value."""
    with ledgers.editing(where, force=context.force) as opened:
        lines = journal.last_undoable(opened.reading.journal)
        if not lines:
            raise LedgerError(Stop.NOTHING_TO_UNDO, path=opened.path)
        ledger = opened.ledger.with_wordings()
        plan = journal.undone(ledger, lines)
        settled = [(line.sha256, line.row, line.column) for line in lines if line.sha256]
        after = merge.reopened(journal.with_changes(ledger, plan.changes), settled)
        act = context.act(journal.UNDO, file=journal.UNDO_OF.format(act=plan.act))
        desk = _Desk.of(opened, after)
        listed = _listed_again(opened, desk) if tables.RESULTS in opened.grids and after.batches else []
        as_of = as_of_for(desk.ledger, context.now)
        written = ledgers.save(opened, desk.ledger, act, as_of, listed, _stays(ledger, plan), _respelt(opened, plan))
        again = _decided_again(merge.decide(ledger), desk.changes) if settled else 0
        return Undone(plan.operation, lines[0].at, plan.changes, plan.refused, written.backup, again)


def _decided_again(before: Iterable[Change], after: Iterable[Change]) -> int:
    """Return how many items that wait again a clerk had decided on: those decisions went with what they led to."""
    settled = {one.id: one.kept.settled for one in before}
    waiting = ((one, settled.get(one.id)) for one in after if one.pending)
    return sum(then in (KEPT, FILLED) or (one.open and then == ADOPTED) for one, then in waiting)


def _stays(ledger: Ledger, plan: journal.Undo) -> Iterator[CellChange]:
    """Yield the journal's entries for the cells an undo leaves as they are; one at least, so that it leaves a trace."""
    now, file = journal.cells_of(ledger), journal.UNDO_OF.format(act=plan.act)
    for line, why in plan.refused:
        key = journal.current_key(line, ledger.directory)
        value = now.get((key, line.column))
        yield CellChange(key, line.no, line.column, value, value, Origin(file, "", f"没有撤销：{why}"))
    if not plan.refused and not plan.changes:
        line = plan.lines[0]
        key = journal.current_key(line, ledger.directory)
        value = now.get((key, line.column))
        yield CellChange(key, line.no, line.column, value, value)


def _respelt(opened: ledgers.Opened, plan: journal.Undo) -> list[editing.Correction]:
    """Return the cells that go back to another spelling of the same value, which is no change of the ledger."""
    return [
        editing.Correction(*place, change)
        for change in plan.changes
        if same(change.old, change.new) and (place := _cell_of(opened, change)) is not None
    ]


def _cell_of(opened: ledgers.Opened, change: CellChange) -> tuple[str, tuple[int, int]] | None:
    """Return the sheet, row and column of a cell of a task or a lead's report."""
    reading, column = opened.reading, BY_TITLE.get(change.column)
    if column is None:
        return None
    own_row = column in DEPARTMENT and opened.ledger.is_joint(change.key.task)
    block = reading.blocks[tables.JOINT] if own_row else reading.tasks
    row = reading.report_rows.get(change.key) if own_row else reading.task_rows.get(change.key.task)
    return (block.sheet, (row, block.places[column.key])) if row else None


def _listed_again(opened: ledgers.Opened, desk: _Desk) -> list[Sheet]:
    """Return 合并结果 and 对账单 with what waits again."""
    unmerged = read_unmerged(opened.grids.get(tables.STATEMENT, ()))
    return desk.sheets(desk.preview(), unmerged)


@dataclass(frozen=True)
class History:
    """变更记录 as it stands, and every place where it is broken."""

    journal: Journal
    breaks: tuple[Break, ...]

    @property
    def broken(self) -> Break | None:
        """Return the first place where it is broken, if it is."""
        return next(iter(self.breaks), None)


def log(where: Readable) -> History:
    """Return the history of a ledger, checked against what was noted of it elsewhere; nothing is written."""
    opened = ledgers.look(where)
    record = opened.reading.journal
    return History(record, tuple(record.breaks(opened.head, opened.host.noted_head())))
