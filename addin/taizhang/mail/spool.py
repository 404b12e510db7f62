"""What is being sent, noted on disk before and after each letter: a run that is killed loses no knowledge of it.

One JSON line a note, in a file beside the ledger's backups, until 发送记录 has them all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from taizhang.books.disk import reason
from taizhang.books.file import BACKUPS
from taizhang.errors import LedgerError, Stop
from taizhang.ledger import Post

NOT_SENT = ""  # outcome of a letter of which is certain that it did not leave


class Spool:
    """The notes of a ledger's letters that 发送记录 does not have yet."""

    def __init__(self, ledger: Path) -> None:
        self.path = ledger.parent / BACKUPS / f"{ledger.stem}_发送.jsonl"

    def note(self, post: Post) -> None:
        """Write down how it stands with a letter, and wait until the disk has it."""
        line = json.dumps({**asdict(post), "at": post.at.isoformat()}, ensure_ascii=False) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise LedgerError(Stop.CANNOT_WRITE, path=self.path, reason=reason(error)) from error

    def posts(self) -> tuple[Post, ...]:
        """Return every letter that left, or may have left, by its last note."""
        found = {post.message_id: post for post in self._notes()}
        return tuple(post for post in found.values() if post.outcome != NOT_SENT)

    def _notes(self) -> Iterator[Post]:
        if not self.path.is_file():
            return
        for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                told: dict[str, Any] = json.loads(line)
                yield Post(**{**told, "at": datetime.fromisoformat(told["at"]), "to": tuple(told["to"])})
            except (ValueError, TypeError, KeyError):
                continue  # cut off while it was written: nothing had left by then

    def clear(self) -> None:
        """Forget the notes: 发送记录 has them."""
        self.path.unlink(missing_ok=True)
