"""A workbook in a closed file, its backups, and what is noted of its journal beside them.

Every write is: lock → read → compare → back up → edit in memory → temporary file, fsync, rename.
A killed process leaves the old file or the new one. Source: `merge.md`, One write path.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from taizhang.books.disk import content_of, make_folder, reason, replace_file, sweep
from taizhang.books.locks import locked
from taizhang.errors import LedgerError, Stop
from taizhang.journal import HASH_LENGTH, Act, Head
from taizhang.layout.parts import Sheet

BACKUPS = "备份"


@dataclass(frozen=True)
class ClosedFile:
    """A workbook that no program of ours has open: the host of the command line."""

    path: Path
    notes: list[str] = field(default_factory=list, compare=False)

    def content(self) -> bytes:
        """Return the file's bytes."""
        return content_of(self.path)

    @contextmanager
    def holding(self, *, force: bool = False) -> Iterator[bytes]:
        """Hold the file for one write, and give its bytes."""
        content_of(self.path)  # a missing file is said before a lock file is made beside it
        with locked(self.path, force=force):
            yield content_of(self.path)

    def rewrite(self, old: bytes, new: bytes, act: Act, puts: Sequence[Sheet] = ()) -> Path:
        """Put `new` in the file's place after backing it up; raise LedgerError if it is not `old` now."""
        if content_of(self.path) != old:
            raise LedgerError(Stop.CHANGED_MEANWHILE, path=self.path)
        sweep(self.path)
        backup = back_up(self.path, old, act)
        replace_file(self.path, new)
        return backup

    def note_head(self, head: Head, act: Act) -> None:
        """Note how long the journal is now, see `note_head`."""
        note_head(self.path, head, act)

    def noted_head(self) -> Head | None:
        """Return the head of the journal as it was last noted."""
        return noted_head(self.path)

    def thin_out(self, act: Act, days: int) -> None:
        """Remove old backups, see `thin_out`."""
        self.notes.extend(thin_out(self.path, act, days))

    def keep(self) -> None:
        """Do nothing: a file is written when it is rewritten."""


def back_up(path: Path, data: bytes, act: Act) -> Path:
    """Copy a file as it was to 备份/; return where."""
    folder = path.parent / BACKUPS
    stem = f"{path.stem}_{act.at:%Y%m%d-%H%M%S}_{act.name}"
    try:
        make_folder(folder)
        candidates = (folder / f"{stem}{f'_{n}' if n else ''}{path.suffix}" for n in range(1000))
        target = next(path for path in candidates if not path.exists())
    except OSError as error:
        raise LedgerError(Stop.CANNOT_WRITE, path=folder, reason=reason(error)) from error
    replace_file(target, data)  # whole or not at all: half a backup would be none
    sweep(target)
    return target


def head_record(path: Path) -> Path:
    """Return the file beside the backups in which the end of a ledger's journal is noted at every write."""
    return path.parent / BACKUPS / f"{path.stem}_变更记录.txt"


def note_head(path: Path, head: Head, act: Act) -> None:
    """Note how long the journal is now; what cannot be noted does not undo a write that is done."""
    if not head.number:
        return
    with contextlib.suppress(OSError):
        record = head_record(path)
        record.parent.mkdir(exist_ok=True)
        torn = record.exists() and not record.read_bytes().endswith(b"\n")  # a run was killed while it wrote here
        with record.open("a", encoding="utf-8", newline="\n") as file:
            file.write("\n" * torn + f"{act.at.isoformat(' ', 'seconds')}\t{act.name}\t{head}\n")


def noted_head(path: Path) -> Head | None:
    """Return the head of the journal as it was last noted in full beside the backups."""
    try:
        lines = head_record(path).read_bytes().decode("utf-8", "replace").split("\n")[:-1]
    except OSError:
        return None
    heads = (Head.read(line.rpartition("\t")[2].strip()) for line in reversed(lines))
    return next((head for head in heads if head and len(head.hash) == HASH_LENGTH), None)


def thin_out(path: Path, act: Act, days: int) -> list[str]:
    """Remove this ledger's backups older than `days` (0: none), the newest always stays; return what is to be told of it."""
    stamped = re.compile(re.escape(path.stem) + r"_(\d{8}-\d{6})_\w+" + re.escape(path.suffix))
    named = ((stamped.fullmatch(one.name), one) for one in sorted((path.parent / BACKUPS).glob("*")))
    found = sorted((made[1], one) for made, one in named if made)
    oldest = f"{act.at - timedelta(days=days):%Y%m%d-%H%M%S}" if days else ""
    gone = 0
    for when, one in found[:-1]:
        if when < oldest:
            with contextlib.suppress(OSError):
                one.unlink()
                gone += 1
    return [f"按设置清理了 {gone} 个超过 {days} 天的备份。"] if gone else []
