"""How far a mailbox has been read: kept beside the ledger's backups, so that only new mail is fetched."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taizhang.books.disk import reason, replace_file
from taizhang.books.file import BACKUPS
from taizhang.errors import LedgerError, Stop


@dataclass
class Bookmark:
    """What of one folder of a mailbox was looked at: up to `last`, under the server's numbering `validity`.

    `passed` are the messages that were left there, by number; `taken` the ids of those that were fetched.
    """

    validity: int = 0
    last: int = 0
    passed: list[int] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)


class Bookmarks:
    """The bookmarks of a ledger, by mailbox and folder."""

    def __init__(self, ledger: Path) -> None:
        self.path = ledger.parent / BACKUPS / f"{ledger.stem}_收取.json"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the bookmarks for one fetch; raise LedgerError when another one is under way."""
        from filelock import FileLock, Timeout

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path.with_suffix(".lock"), timeout=0)
            lock.acquire()
        except Timeout as error:
            raise LedgerError(Stop.FETCHING, path=self.path) from error
        except OSError as error:
            raise LedgerError(Stop.CANNOT_WRITE, path=self.path, reason=reason(error)) from error
        try:
            yield
        finally:
            lock.release()

    def of(self, key: str, validity: int) -> Bookmark:
        """Return the bookmark of a folder; a new one where the server numbers its messages anew, but for what was taken."""
        told = self._all().get(key)
        found = Bookmark()
        with suppress(TypeError, ValueError, KeyError):
            if isinstance(told, dict):
                numbers = [int(one) for one in told["passed"]]
                found = Bookmark(int(told["validity"]), int(told["last"]), numbers, list(map(str, told["taken"])))
        return found if found.validity == validity else Bookmark(validity, taken=found.taken)

    def keep(self, key: str, mark: Bookmark) -> None:
        """Write a bookmark down, all or nothing."""
        told = {**self._all(), key: vars(mark)}
        replace_file(self.path, json.dumps(told, ensure_ascii=False, indent=1).encode())

    def _all(self) -> Mapping[str, Any]:
        """Return every bookmark; one that cannot be read means that mail is looked at again, never that it is lost."""
        try:
            told = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}
