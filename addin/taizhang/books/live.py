"""A workbook open in a spreadsheet program: the host of the add-in's buttons.

An act reads a copy that the program saves, unsaved edits and all, and works out its outcome on
that copy as on any closed file. Only the differences are then written into the open workbook, in
this order: backup → 进行中 in 变更记录 → journal → data → 进行中 taken away. Whoever finds 进行中
later knows that a write was cut off, and which backup it began from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from taizhang import tables
from taizhang.books.base import Program
from taizhang.books.carrying import Carrier
from taizhang.books.delta import difference
from taizhang.books.disk import content_of, replace_file
from taizhang.books.editing import package_of
from taizhang.books.file import BACKUPS, back_up, note_head, noted_head, thin_out
from taizhang.books.locks import locked
from taizhang.books.package import Package, child
from taizhang.errors import LedgerError, Stop
from taizhang.journal import Act, Head
from taizhang.layout.office import NOTE_PLACE, RUNNING
from taizhang.layout.parts import Sheet


class OpenBook:
    """A workbook open in a program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._head: tuple[Head, Act] | None = None
        self.notes: list[str] = []  # what the user should know of how it was written

    @property
    def path(self) -> Path:
        """Return the workbook's file; raise LedgerError for one that has none on this computer."""
        if self.program.path is None:
            raise LedgerError(Stop.NEVER_SAVED, name=self.program.name)
        return self.program.path

    def content(self) -> bytes:
        """Return the workbook as it is in the program."""
        assert self.path
        data = self.program.snapshot()
        if not data.startswith(b"PK"):
            raise LedgerError(Stop.COPY_UNREADABLE, path=self.path)
        return data

    @contextmanager
    def holding(self, *, force: bool = False) -> Iterator[bytes]:
        """Keep our own other runs out, mend what one of them left half-written, and give the workbook as it is."""
        refusal = self.program.refusal()
        if refusal:
            raise LedgerError(Stop.CANNOT_WRITE_OPEN, path=self.path, reason=refusal[0], remedy=refusal[1])
        with locked(self.path, force=True):  # the program's own lock file is the user's, whose workbook this is
            self._repaired()
            yield self.content()

    def rewrite(self, old: bytes, new: bytes, act: Act, puts: Sequence[Sheet] = ()) -> Path:
        """Write what differs between `old` and `new` into the workbook; on an error it is again as it was."""
        path = self.path  # asked now: a program that dies while it is written to could not say it any more
        after = package_of(path, new)
        delta = difference(package_of(path, old), after, {sheet.name for sheet in puts})
        touched = {one.sheet for one in delta.sheets} | {sheet.name for sheet in puts} | {tables.JOURNAL}
        self._refuse_passwords(after, touched)
        backup = back_up(path, old, act)
        try:
            Carrier(self.program, after, _mark(act, backup), self.notes).carry(delta, puts)
        except Exception as error:
            stop = Stop.WRITE_TAKEN_BACK if self._taken_back(old) else Stop.WRITE_CUT_OFF
            raise LedgerError(stop, path=path, backup=backup) from error
        return backup

    def _taken_back(self, old: bytes) -> bool:
        """Return whether the workbook could be brought back to what it was."""
        try:
            self.program.reopen(old)
        except Exception:  # whatever ails the program: the next act will find 进行中
            return False
        return True

    def note_head(self, head: Head, act: Act) -> None:
        """Remember how long the journal is; it is noted once the workbook is saved."""
        self._head = head, act

    def noted_head(self) -> Head | None:
        """Return the head of the journal as it was last noted."""
        return noted_head(self.path)

    def thin_out(self, act: Act, days: int) -> None:
        """Remove old backups."""
        self.notes.extend(thin_out(self.path, act, days))

    def keep(self) -> None:
        """Save the workbook."""
        self.program.save()
        if self._head:
            note_head(self.path, *self._head)

    def _refuse_passwords(self, package: Package, sheets: Iterable[str]) -> None:
        """Raise LedgerError when a sheet to be written is locked by a password, before anything is."""
        for name in sheets:
            if name in package.sheet_names and _has_password(package, name):
                raise LedgerError(Stop.SHEET_PASSWORD, path=self.path, sheet=name)
        if _structure_locked(package):
            raise LedgerError(Stop.STRUCTURE_LOCKED, path=self.path)

    def _repaired(self) -> None:
        """Offer to go back to before a write that was cut off; raise LedgerError when the user declines."""
        text = self.program.value(tables.JOURNAL, NOTE_PLACE)
        if not (isinstance(text, str) and text.startswith(RUNNING)):
            return
        what, _, name = text.removeprefix(RUNNING).rpartition(_BACKUP)
        backup = self.path.parent / BACKUPS / Path(name).name
        if not backup.is_file():
            raise LedgerError(Stop.BACKUP_MISSING, path=self.path, what=what, backup=backup)
        if not self.program.ask(_OFFER.format(what=what, backup=backup)):
            raise LedgerError(Stop.LEFT_CUT_OFF, path=self.path, what=what, backup=backup)
        before = content_of(backup)
        half = backup.with_name(f"{backup.stem}_未写完{backup.suffix}")
        replace_file(half, self.content())
        self.program.wake()
        self.program.reopen(before)
        self.notes.append(f"已恢复到“{what}”之前；中断时的样子另存为 {half}。")


_BACKUP = "，写入前的台账在 备份/"
_OFFER = (
    "上次“{what}”没有写完，台账里只写了一部分。\n\n"
    "选“是”：恢复到那次操作之前（{backup}），再做本次操作；现在的样子会另存一份在“备份”文件夹。\n"
    "选“否”：什么都不做。"
)


def _has_password(package: Package, name: str) -> bool:
    lock = child(package.parts.root(package.part_of(name)), "sheetProtection")
    return lock is not None and any(lock.get(key) for key in ("password", "hashValue")) and lock.get("sheet") != "0"


def _structure_locked(package: Package) -> bool:
    lock = child(package.parts.root(package.workbook), "workbookProtection")
    return lock is not None and lock.get("lockStructure") in ("1", "true")


def _mark(act: Act, backup: Path) -> str:
    """Return what 变更记录 says while an act is being written."""
    return f"{RUNNING}{act.name}（{act.at.isoformat(' ', 'seconds')}）{_BACKUP}{backup.name}"
