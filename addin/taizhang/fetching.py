"""The use of a mailbox: what departments sent back is put into a folder, for `merge` to read.

A message is kept whole, as the .eml it is: with its sender, its day, its id and all its
attachments, which only the reading process of `merge` ever opens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from taizhang import mailing
from taizhang.actions import Context
from taizhang.books import disk, ledgers
from taizhang.books.arrivals import limits
from taizhang.books.arrivals.containers import safe_name
from taizhang.dispatch import safe_name as file_safe
from taizhang.errors import LedgerError, Stop
from taizhang.ledger import Ledger
from taizhang.mail.bookmark import Bookmark, Bookmarks

if TYPE_CHECKING:
    from taizhang.mail.incoming import Head, Inbox

_SUBJECT = 30  # characters of it that a file's name quotes


@dataclass(frozen=True)
class Way:
    """How mail comes in: a name for the mailbox and folder, and what opens it; `mark_read` only where a clerk said so."""

    key: str
    connect: Callable[[], AbstractContextManager[Inbox]]
    mark_read: bool = False


@dataclass(frozen=True)
class Taken:
    """A message that was fetched: whose it is, where it lies now, its id."""

    department: str
    path: Path
    id: str
    sender: str
    subject: str


@dataclass(frozen=True)
class Fetched:
    """What a fetch brought: the messages taken, those left in the mailbox and why, and what cut it short."""

    taken: tuple[Taken, ...]
    strangers: tuple[Head, ...]
    forged: tuple[Head, ...]
    too_big: tuple[Head, ...]
    stopped: str = ""

    @property
    def needs_attention(self) -> bool:
        """Return whether a clerk has something to look at."""
        return bool(self.strangers or self.forged or self.too_big or self.stopped)


def fetch(where: Path, folder: Path, context: Context, way: Way) -> Fetched:
    """Put every new message of a department into `folder`; what is left in the mailbox is listed, nothing is deleted.

    New is what came after the last fetch, at the first one since the first dispatch. A message of
    whom nobody knew is looked at again each time: its sender may have been listed since.
    """
    disk.refuse_no_folder(folder)
    ledger = ledgers.open_ledger(where).ledger
    if not ledger.batches:
        raise LedgerError(Stop.NOTHING_SENT, path=where)
    marks = Bookmarks(where)
    found: dict[str, list[Head]] = {"stranger": [], "forged": [], "big": []}
    taken: list[Taken] = []
    with marks.held(), way.connect() as inbox:
        disk.make_folder(folder)  # also where nothing has come: what is named in the next command is there
        mark = marks.of(way.key, inbox.validity)
        old = set(mark.passed)
        try:
            since = min(batch.made_at.date() for batch in ledger.batches)
            numbers = sorted({*mark.passed, *inbox.numbers(mark.last, since)})
            for count, head in enumerate(inbox.heads(numbers), 1):
                context.progress("收取邮件", count, len(numbers))
                why = _left(ledger, head)
                if why:
                    if head.uid not in old or why == "big":
                        found[why].append(head)
                    mark.passed = sorted({*mark.passed, head.uid})
                else:
                    taken += _taken(ledger, folder, inbox, head, mark)
                    mark.passed = [uid for uid in mark.passed if uid != head.uid]
                    if way.mark_read:
                        inbox.mark_read(head.uid)
                mark.last = max(mark.last, head.uid)
                if not why:
                    marks.keep(way.key, mark)
            mark.last = max((mark.last, *numbers))
        except LedgerError as error:
            marks.keep(way.key, mark)
            return _told(taken, found, str(error))
        marks.keep(way.key, mark)
    return _told(taken, found)


def _told(taken: list[Taken], found: dict[str, list[Head]], stopped: str = "") -> Fetched:
    return Fetched(tuple(taken), tuple(found["stranger"]), tuple(found["forged"]), tuple(found["big"]), stopped)


def _left(ledger: Ledger, head: Head) -> str:
    """Return why a message is left in the mailbox, "" where it is to be fetched."""
    if not head.sender or not mailing.owners(ledger.directory, head.sender):
        return "stranger"
    if head.forged:
        return "forged"
    return "big" if head.size > limits.FILE else ""


def _taken(ledger: Ledger, folder: Path, inbox: Inbox, head: Head, mark: Bookmark) -> Iterator[Taken]:
    """Put a message into the folder, unless it was taken before under another number; yield where it lies."""
    if head.id and head.id in mark.taken:
        return
    data = inbox.content(head.uid)
    if data is None:
        return
    department = mailing.owners(ledger.directory, head.sender)[0]
    tail = disk.fingerprint(f"{mark.validity}:{head.uid}:{head.id}".encode())[:8]
    subject = safe_name(head.subject).replace("/", "_")[:_SUBJECT].strip(" .") or "无主题"
    name = "_".join(part for part in (head.on, file_safe(department), subject, tail) if part)
    path = folder / f"{name}.eml"
    disk.replace_file(path, data)
    if head.id:
        mark.taken.append(head.id)
    yield Taken(department, path, head.id, head.sender, head.subject)


def way_in(*, mark_read: bool = False) -> Way:
    """Return the way into this machine's mailbox; raise LedgerError where none is set up or it has no password."""
    from taizhang.mail import accounts
    from taizhang.mail.incoming import connected

    own = accounts.account()
    secret = accounts.password(own.imap.user)
    key = f"{own.imap.user}@{own.imap.host}/{own.folder}"
    return Way(key, lambda: connected(own.imap, secret, own.folder, writing=mark_read), mark_read)
