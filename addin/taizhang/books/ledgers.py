"""Ledgers wherever they are: opened as values, created whole, and written through one path.

What an act does is the same for a closed file and for a workbook open in a program; the host
alone knows how the outcome gets there, see `base`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

from taizhang import journal
from taizhang.books.base import Host
from taizhang.books.disk import replace_file
from taizhang.books.editing import HEAD_PROPERTY, Correction, Edited, Source, edited, package_of, seen_by_now
from taizhang.books.file import ClosedFile, note_head
from taizhang.books.grids import read_sheets
from taizhang.books.looks import widths
from taizhang.books.render import render
from taizhang.books.structure import structures
from taizhang.errors import LedgerError, Stop
from taizhang.intake import Sheets, is_dispatched, sent_to
from taizhang.journal import Act, CellChange, Head, Journal
from taizhang.layout import office
from taizhang.layout.parts import Sheet
from taizhang.layout.reading import Grid, Reading, read_ledger
from taizhang.ledger import Ledger

SPARE_ROWS, BLANK_ROWS = 20, 100  # empty rows of a new ledger with tasks and without, open for tasks added by hand
Where: TypeAlias = Path | Host


def host_at(where: Where) -> Host:
    """Return the host of a workbook; behind a link stands the file that is locked, backed up and replaced."""
    return ClosedFile(where.resolve()) if isinstance(where, Path) else where


@dataclass(frozen=True)
class Opened:
    """A ledger as it was read: its values, where they stand, and the bytes they came from."""

    host: Host
    data: bytes
    sheets: Sheets
    reading: Reading

    @property
    def path(self) -> Path:
        """Return where the ledger stands."""
        return self.host.path

    @property
    def source(self) -> Source:
        """Return what an edit starts from."""
        return Source(self.path, self.data, self.grids, self.reading, self.head, self.host.noted_head())

    @property
    def head(self) -> Head | None:
        """Return where the journal ended when the file was last written, as the file itself says."""
        return Head.read(self.sheets.properties.get(HEAD_PROPERTY, ""))

    @property
    def grids(self) -> Mapping[str, Grid]:
        """Return the cells of every sheet."""
        return self.sheets.grids

    @property
    def ledger(self) -> Ledger:
        """Return the ledger's values."""
        return self.reading.ledger


Readable: TypeAlias = Where | Opened  # what is only looked at may have been opened already


@dataclass(frozen=True)
class Written:
    """What a write left behind: the journal lines it added, and the backup it made first."""

    journal: tuple[int, int] | None
    backup: Path | None


def open_ledger(where: Readable) -> Opened:
    """Return a ledger's content; raise LedgerError, with a sentence, when it is none or is damaged."""
    found = look(where)
    refuse_damaged(found)
    return found


def look(where: Readable) -> Opened:
    """Return what a ledger holds, damaged or not; raise LedgerError when it is none."""
    if isinstance(where, Opened):
        return where
    host = host_at(where)
    return read(host, host.content())


def read(host: Host, data: bytes) -> Opened:
    """Return what a ledger's bytes hold, damaged or not: a damaged one may be looked at, never written."""
    return opened(host, data, read_sheets(host.path, data))


def opened(host: Host, data: bytes, sheets: Sheets) -> Opened:
    """Return a ledger whose sheets have been read already; raise LedgerError for what a department is sent."""
    if is_dispatched(sheets):  # it has a table of tasks too, and would read as a ledger that lacks columns
        raise LedgerError(Stop.SENT_NO_LEDGER, path=host.path, what=sent_to(sheets))
    return Opened(host, data, sheets, read_ledger(str(host.path), sheets.grids, sheets.properties))


def refuse_damaged(found: Opened) -> None:
    """Raise LedgerError for a ledger in which something is missing or contradicts itself."""
    refuse_faults(found.path, found.reading)


def refuse_faults(path: Path | str, reading: Reading) -> None:
    """Raise LedgerError, with the first of them, where a ledger was read with faults."""
    for fault in reading.faults:
        raise LedgerError(Stop.DAMAGED, path=path, fault=fault.message)


@contextmanager
def editing(where: Where, *, force: bool = False) -> Iterator[Opened]:
    """Hold a ledger for one write, and give its content."""
    host = host_at(where)
    with host.holding(force=force) as data:
        found = read(host, data)
        refuse_damaged(found)
        package_of(host.path, data)
        yield found


def create_ledger(path: Path, ledger: Ledger, act: Act, as_of: date, before: Opened | None = None) -> Written:
    """Write a new ledger file; never over an existing one.

    One that goes on from another has that one's whole journal, and what it left behind in it.
    """
    if path.exists():
        raise LedgerError(Stop.EXISTS, path=path)
    record = seen_by_now(before.source, act) if before else Journal()
    old = before.ledger if before else None
    changes = [*(journal.left_out(old, ledger) if old else ()), *journal.changed(old, ledger)]
    first = record.extended([(act, changes)], before.head if before else None)
    data = render(office.ledger_workbook(ledger, as_of, first, SPARE_ROWS if ledger.tasks else BLANK_ROWS))
    replace_file(path, data)
    note_head(path, first.head, act)
    return Written((1, first.head.number) if first.lines else None, None)


def hidden_rows(opened: Opened, sheet: str) -> Sequence[tuple[int, int]]:
    """Return the rows of a sheet that do not show, as runs (first, last)."""
    found = structures(package_of(opened.path, opened.data)).get(sheet)
    return found.hidden_rows if found else ()


def column_widths(opened: Opened, sheets: Iterable[str]) -> dict[str, dict[int, float]]:
    """Return how wide the columns of some sheets are, in characters; nothing of a sheet that is not there."""
    package = package_of(opened.path, opened.data)
    return {name: widths(package, name) for name in sheets}


def save(
    opened: Opened,
    after: Ledger,
    act: Act,
    as_of: date,
    puts: Sequence[Sheet] = (),
    decisions: Iterable[CellChange] = (),
    corrections: Sequence[Correction] = (),
) -> Written:
    """Bring the ledger from what it holds to `after`, see `edited`; back it up first."""
    return commit(opened, edited(opened.source, after, act, as_of, puts, corrections, decisions), act)


def commit(opened: Opened, made: Edited, act: Act) -> Written:
    """Put an edited ledger in place, after a backup; old backups go."""
    backup = opened.host.rewrite(opened.data, made.data, act, made.puts)
    grew = len(made.journal.lines) > len(opened.reading.journal.lines)  # lines are only ever added
    if grew or opened.host.noted_head() is None:  # else what was noted of a record cut short since would go
        opened.host.note_head(made.journal.head, act)
    fresh = made.journal.lines[len(opened.reading.journal.lines) :]
    opened.host.notes.extend(f"{one.overruled}。" for one in fresh if one.operation == journal.OLDER)
    opened.host.thin_out(act, int(opened.ledger.settings.number("backup_days")))
    return Written(made.numbers, backup)
