"""校验: a ledger or a department's workbook looked over, marked and, where that is certain, put right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from taizhang import journal, tables
from taizhang.actions import Context, as_of_for
from taizhang.books import editing, grids, ledgers
from taizhang.books.base import Host
from taizhang.books.editing import Correction
from taizhang.books.ledgers import Opened, Where
from taizhang.books.package import Package, PackageError
from taizhang.books.structure import structures
from taizhang.columns import BY_TITLE, Owner
from taizhang.errors import LedgerError, Stop
from taizhang.findings import Code, Finding
from taizhang.intake import Sheets, is_dispatched, item_blocks, task_block
from taizhang.journal import CellChange, Head
from taizhang.layout import checks
from taizhang.layout.inspection import Ledgerbook, ledger_findings
from taizhang.layout.parts import Sheet, Structure
from taizhang.layout.reading import Block, Grid, read_ledger
from taizhang.layout.selfcheck import department_findings
from taizhang.ledger import Outlived, ReportKey
from taizhang.places import Place
from taizhang.values import Value

_ROUNDS = 5  # repairs of one cell that build on each other: unseen characters, then spaces, then an alias
_RESTORED = (Code.FORMULA_LOST, Code.COMPOSED_EDITED, Code.CODE_MISSING)  # what every write of a ledger puts right
Fills = Mapping[str, Callable[[Place], str]]


@dataclass(frozen=True)
class Corrected:
    """One cell that was put right: the finding it was, what it held and what it holds now."""

    finding: Finding
    old: Value
    new: Value


@dataclass(frozen=True)
class Checked:
    """What a check found, what it put right, and the backup it made before it wrote."""

    path: Path
    as_of: date
    findings: tuple[Finding, ...]
    corrected: tuple[Corrected, ...] = ()
    restored: tuple[Finding, ...] = ()
    backup: Path | None = None
    outlived: Outlived | None = None


def clear(where: Where, context: Context) -> Path | None:
    """Take every mark and note of ours out of a workbook's cells; return the backup made first, None without marks."""
    host = ledgers.host_at(where)
    with host.holding(force=context.force) as data:
        new = _subject(host, data, context).cleared()
        return host.rewrite(data, new, context.act(journal.CLEAR)) if new != data else None


def check(where: Where, context: Context, *, write: bool = False, fix: bool = False) -> Checked:
    """Return every fault of a ledger or of a department's workbook.

    With `fix` what is certain is corrected, and journaled in a ledger; with `write` the faulty
    cells are marked and 校验结果 is filled. Raises LedgerError for any other file.
    """
    host = ledgers.host_at(where)
    if not (write or fix):
        subject = _subject(host, host.content(), context)
        return Checked(host.path, subject.as_of, subject.findings, outlived=subject.outlived)
    with host.holding(force=context.force) as data:
        before = _subject(host, data, context)
        fixed = before.fixed() if fix else _Fixed(data)
        after = _subject(host, fixed.data, context) if fixed.data is not data else before
        new, puts = (after.marked(), (after.report,)) if write else (fixed.data, ())
        act = context.act(journal.FIX if fix else journal.MARK)
        backup = host.rewrite(data, new, act, (*fixed.puts, *puts)) if new != data else None
        if fixed.head:
            host.note_head(fixed.head, act)
        left = {(one.code, one.sheet, one.cell) for one in after.findings}
        restored = [one for one in before.findings if one.code in _RESTORED] if fixed.data is not data else []
        gone = tuple(one for one in restored if (one.code, one.sheet, one.cell) not in left)
    return Checked(host.path, after.as_of, after.findings, fixed.corrected, gone, backup, after.outlived)


@dataclass(frozen=True)
class _Fixed:
    """A workbook's bytes with what was certain put right."""

    data: bytes
    corrected: tuple[Corrected, ...] = ()
    head: Head | None = None
    puts: tuple[Sheet, ...] = ()


def _subject(host: Host, data: bytes, context: Context) -> _Ledger | _Department:
    """Return what is to be checked: a dispatched workbook says so itself, anything else must be a ledger."""
    sheets = grids.read_sheets(host.path, data)
    if is_dispatched(sheets):
        return _Department(host.path, data, context, sheets)
    return _Ledger(host.path, data, context, ledgers.opened(host, data, sheets))


@dataclass(frozen=True)
class _Ledger:
    """The office's ledger under check."""

    path: Path
    data: bytes
    context: Context
    opened: Opened

    @cached_property
    def as_of(self) -> date:
        """Return the day dates are judged by."""
        return as_of_for(self.opened.ledger, self.context.now)

    @property
    def outlived(self) -> Outlived | None:
        """Return whether that is no day for the ledger."""
        return self.opened.ledger.outlived(self.context.now.date())

    @cached_property
    def book(self) -> Ledgerbook:
        """Return the ledger with what its sheets have beside their values."""
        return Ledgerbook(self.opened.reading, self.opened.grids, _structures(self.data), self.as_of)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Return all its faults."""
        return tuple(ledger_findings(self.book))

    def fixed(self) -> _Fixed:
        """Return the ledger with every certain repair made; raise LedgerError for a damaged one."""
        ledgers.refuse_damaged(self.opened)
        mended, found = self._mended()
        corrected = tuple(Corrected(f, _at(self.opened.grids, p), _at(mended.grids, p)) for p, f in found.items())
        complete = self.opened.ledger.with_wordings().dictionary == self.opened.ledger.dictionary
        if complete and not corrected and not any(one.code in _RESTORED for one in self.findings):
            return _Fixed(self.data)
        changes = [
            Correction(sheet, place, self._change(one.finding, one.old, one.new))
            for (sheet, place), one in zip(found, corrected, strict=True)
        ]
        act = self.context.act(journal.FIX)
        made = editing.edited(self.opened.source, mended.ledger, act, self.as_of, corrections=changes)
        return _Fixed(made.data, corrected, made.journal.head, made.puts)

    def _mended(self) -> tuple[Ledgerbook, dict[tuple[str, Place], Finding]]:
        """Return the ledger as it reads once nothing certain is left to repair, and what was repaired where."""
        book, found = self.book, dict[tuple[str, Place], Finding]()
        for _ in range(_ROUNDS):
            repairs = _repairs(ledger_findings(book) if found else self.findings)
            if not repairs:
                break
            cells = _with(book.grids, repairs)
            reading = read_ledger(str(self.path), cells, self.opened.sheets.properties)
            book = replace(book, grids=cells, reading=reading)
            found = {**repairs, **found}
        return book, found

    def _change(self, finding: Finding, old: Value, new: Value) -> CellChange:
        """Return the journal's line for a repair: of the office's cell, or of a lead's report."""
        department = finding.department
        if not department and BY_TITLE[finding.column].owner is Owner.DEPARTMENT:
            department = self.opened.ledger.keys_of(finding.task)[0].department
        return CellChange(ReportKey(finding.task, department), finding.no, finding.column, old, new)

    @property
    def fills(self) -> Fills:
        """Return with what fill the cells of each sheet were made."""
        tasks = self.opened.reading.tasks
        items = (tables.INDICATORS_SHEET, tables.PROBLEMS_SHEET)
        others = (tables.JOINT, tables.NAMES, tables.WORDINGS, tables.SETTINGS, *items)
        return {tasks.sheet: checks.ledger_fill(self.opened.reading), **dict.fromkeys(others, checks.no_fill)}

    @cached_property
    def report(self) -> Sheet:
        """Return 校验结果."""
        stamp = checks.Stamp(self.context.now, self.as_of)
        return checks.checks_sheet(self.findings, stamp, self.opened.reading.tasks)

    def marked(self) -> bytes:
        """Return the ledger with its faulty cells marked and 校验结果 filled."""
        return editing.annotated(
            self.path, self.data, self.fills, checks.marks(self.findings), [self.report], self.opened.grids
        )

    def cleared(self) -> bytes:
        """Return the ledger without marks."""
        return editing.annotated(self.path, self.data, self.fills)


@dataclass(frozen=True)
class _Department:
    """A department's workbook under check, by itself: there is no ledger to compare with."""

    path: Path
    data: bytes
    context: Context
    sheets: Sheets
    outlived = None  # nobody computes with it

    @property
    def as_of(self) -> date:
        """Return the day dates are judged by."""
        return self.context.now.date()

    @cached_property
    def block(self) -> Block:
        """Return its task table."""
        found = task_block(self.sheets)
        if found is None:
            raise LedgerError(Stop.NO_TASK_TABLE, path=self.path)
        return found

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Return all its faults."""
        return tuple(department_findings(self.sheets, self.block, _structures(self.data), self.as_of))

    def fixed(self) -> _Fixed:
        """Return the workbook with every certain repair of the department's own cells made."""
        cells, found = self.sheets.grids, dict[tuple[str, Place], Finding]()
        subject = self
        for _ in range(_ROUNDS):
            repairs = _repairs(subject.findings)
            if not repairs:
                break
            cells = _with(cells, repairs)
            subject = replace(subject, sheets=replace(self.sheets, grids=cells))
            found = {**repairs, **found}
        package = editing.package_of(self.path, self.data)
        for sheet, place in found:
            package.set_cells(sheet, {place: _at(cells, (sheet, place))})
        corrected = tuple(Corrected(f, _at(self.sheets.grids, p), _at(cells, p)) for p, f in found.items())
        return _Fixed(package.dump() if found else self.data, corrected)

    @property
    def fills(self) -> Fills:
        """Return with what fill the cells of the task table were made."""
        items = {own.sheet: checks.no_fill for _, own in item_blocks(self.sheets, self.block.sheet)}
        return {self.block.sheet: checks.department_fill(self.block), **items}

    @cached_property
    def report(self) -> Sheet:
        """Return 校验结果."""
        return checks.checks_sheet(self.findings, checks.Stamp(self.context.now, self.as_of), None)

    def marked(self) -> bytes:
        """Return the workbook with its faulty cells marked and 校验结果 put in."""
        return editing.annotated(
            self.path, self.data, self.fills, checks.marks(self.findings), [self.report], self.sheets.grids
        )

    def cleared(self) -> bytes:
        """Return the workbook without marks."""
        return editing.annotated(self.path, self.data, self.fills)


def _structures(data: bytes) -> dict[str, Structure]:
    """Return what the sheets have beside their values; nothing for a workbook in another format."""
    try:
        return structures(Package.load(data))
    except PackageError:
        return {}


def _repairs(found: Iterable[Finding]) -> dict[tuple[str, Place], Finding]:
    """Return the first repair of every cell."""
    repairs: dict[tuple[str, Place], Finding] = {}
    for one in found:
        place = one.at
        if one.repair and place:
            repairs.setdefault((one.sheet, place), one)
    return repairs


def _with(cells: Mapping[str, Grid], repairs: Mapping[tuple[str, Place], Finding]) -> dict[str, Grid]:
    """Return the cells of all sheets with the repairs made."""
    changed: dict[str, list[Sequence[Value]]] = {sheet: list(cells[sheet]) for sheet, _ in repairs}
    for (sheet, (row, column)), one in repairs.items():
        values = list(changed[sheet][row - 1])
        values[column - 1] = one.repair.value if one.repair else None
        changed[sheet][row - 1] = values
    return {**cells, **changed}


def _at(cells: Mapping[str, Grid], where: tuple[str, Place]) -> Value:
    sheet, (row, column) = where
    return cells[sheet][row - 1][column - 1]
