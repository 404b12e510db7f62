"""The uses of mail: drafts of a dispatch or of reminders, and their sending, for `cli` and `ribbon` to call.

A workbook goes into a mail only as it was dispatched: its bytes must be those of 下发记录.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.utils import make_msgid
from functools import partial
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

from taizhang import journal, mailing
from taizhang.actions import Context, as_of_for
from taizhang.books import disk, ledgers
from taizhang.books.ledgers import Where
from taizhang.dispatch import safe_name
from taizhang.errors import LedgerError, Stop
from taizhang.findings import Finding
from taizhang.ledger import SENT, UNSURE, Batch, Ledger, Post, SentFile
from taizhang.mail.spool import NOT_SENT, Spool
from taizhang.mailing import Kind, Letter
from taizhang.periods import Period

if TYPE_CHECKING:
    from taizhang.mail.accounts import Account
    from taizhang.mail.outgoing import Line


@dataclass(frozen=True)
class Asked:
    """Which mails are wanted: why, of which period (the newest dispatch where none is named), to whom (all: empty)."""

    kind: Kind = Kind.DISPATCH
    period: Period | None = None
    only: tuple[str, ...] = ()
    again: tuple[str, ...] = ()  # who is written although a mail left already


@dataclass(frozen=True)
class Mailbag:
    """The letters of a batch with their workbooks; who cannot be written and why."""

    batch: Batch
    letters: tuple[Letter, ...]
    workbooks: dict[str, bytes]
    findings: tuple[Finding, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True)
class Drafted:
    """Drafts that were written, by department; who has none and why."""

    kind: Kind
    batch: str
    files: tuple[tuple[str, Path], ...]
    findings: tuple[Finding, ...]
    refused: tuple[str, ...]


def draft(where: Where, folder: Path, target: Path, context: Context, asked: Asked) -> Drafted:
    """Write an .eml for every department that is asked for and can be reached; one that is there already is left."""
    disk.refuse_no_folder(target)
    opened = ledgers.open_ledger(where)
    bag = mailbag(opened.ledger.with_wordings(), str(opened.path), folder, context, asked)
    on = f"_{context.now:%Y%m%d}" if asked.kind is Kind.REMINDER else ""
    made: dict[Path, bytes] = {}
    files: list[tuple[str, Path]] = []
    refused = list(bag.refused)
    from taizhang.mail.messages import draft as eml

    for letter in bag.letters:
        name = f"{bag.batch.period.title}_{safe_name(letter.department)}_{asked.kind.value}{on}.eml"
        path = target / name
        if path.exists():
            refused.append(f"{letter.department}：{path.name} 已经有了，没有重写。要重写的，请先把它移走。")
            continue
        made[path] = eml(letter, bag.workbooks[letter.department])
        files.append((letter.department, path))
    with disk.staged(made):
        pass
    return Drafted(asked.kind, bag.batch.id, tuple(files), bag.findings, tuple(refused))


def mailbag(
    ledger: Ledger,
    where: str,
    folder: Path,
    context: Context,
    asked: Asked,
    wanted: Callable[[Batch, SentFile], bool] = lambda _batch, _file: True,
) -> Mailbag:
    """Return the letters asked for with their workbooks out of `folder`; who cannot be written is told, and stops nobody."""
    disk.refuse_missing([folder])
    disk.refuse_no_folder(folder)
    batch = batch_of(ledger, where, asked.period)
    listed = mailing.awaited(ledger, batch, asked.kind, departments(ledger, batch, asked.only))
    files = [file for file in listed if wanted(batch, file)]
    findings = tuple(mailing.unreachable(ledger.directory, [file.department for file in files]))
    workbooks: dict[str, bytes] = {}
    refused: list[str] = []
    for file in files:
        try:
            workbooks[file.department] = workbook_of(folder, file)
        except LedgerError as error:
            refused.append(f"{file.department}：{error}")
    there = [file for file in files if file.department in workbooks]
    letters = mailing.letters(ledger, batch, asked.kind, as_of_for(ledger, context.now), there)
    return Mailbag(batch, letters, workbooks, findings, tuple(refused))


def batch_of(ledger: Ledger, where: str, period: Period | None) -> Batch:
    """Return the newest dispatch, of a period where one is named; raise LedgerError where there is none."""
    found = [batch for batch in ledger.batches if period in (None, batch.period)]
    if not found:
        raise LedgerError(Stop.NO_BATCH, path=where, period=period.title if period else "")
    return found[-1]


def departments(ledger: Ledger, batch: Batch, names: Sequence[str]) -> Collection[str]:
    """Return whom some names mean; raise LedgerError for one that the batch has no file for."""
    sent = {file.department for file in batch.files}
    meant = {name: ledger.directory.canonical(name) or name for name in names}
    if strange := [name for name, found in meant.items() if found not in sent]:
        raise LedgerError(Stop.NO_SUCH_DEPARTMENT, names="、".join(strange), batch=batch.id)
    return set(meant.values())


def workbook_of(folder: Path, file: SentFile) -> bytes:
    """Return a department's workbook as it was dispatched; raise LedgerError where it is not, or not so, in `folder`."""
    data = disk.content_of(folder / file.name)
    if disk.fingerprint(data) != file.sha256:
        raise LedgerError(Stop.NOT_AS_SENT, path=folder / file.name)
    return data


# Sending


@dataclass(frozen=True)
class Way:
    """How letters leave: from which mailbox, over what, when, and how long is waited between two."""

    account: Account
    connect: Callable[[], AbstractContextManager[Line]]
    clock: Callable[[], datetime]
    wait: Callable[[float], None] = sleep


@dataclass(frozen=True)
class Posted:
    """What a sending did: the letters that left, who was written before, who was not written and why, what stopped it.

    `waiting` are the letters that are still to be sent; of a rehearsal (`dry`) all that would be.
    """

    kind: Kind
    batch: str
    sent: tuple[Post, ...]
    before: tuple[Post, ...]
    findings: tuple[Finding, ...]
    refused: tuple[str, ...]
    waiting: tuple[Letter, ...]
    stopped: str = ""
    dry: bool = False

    @property
    def unsure(self) -> tuple[Post, ...]:
        """Return the letters of which nobody can say whether they left, of this run and of earlier ones."""
        return tuple(post for post in (*self.before, *self.sent) if post.outcome == UNSURE)

    @property
    def needs_attention(self) -> bool:
        """Return whether a clerk has something to look at."""
        return bool(self.findings or self.refused or self.unsure or self.stopped)


def rehearse(where: Where, folder: Path, context: Context, asked: Asked) -> Posted:
    """Return what a sending would do; nothing leaves, nothing is written."""
    opened = ledgers.open_ledger(where)
    ledger = _with_spool(opened.ledger.with_wordings(), Spool(opened.path))
    bag, before = _to_send(ledger, str(opened.path), folder, context, asked)
    return Posted(asked.kind, bag.batch.id, (), before, bag.findings, bag.refused, bag.letters, dry=True)


def send(where: Where, folder: Path, context: Context, asked: Asked, way: Way) -> Posted:
    """Send every letter asked for that has not left yet, and put each into 发送记录.

    The ledger is held meanwhile, so two desks cannot send the same. What happens to each letter is
    noted on disk before its bytes go out; a letter whose fate is not known is never sent again by itself.
    Raises LedgerError where there is no way out at all.
    """
    with ledgers.editing(where, force=context.force) as opened:
        spool = Spool(opened.path)
        ledger = _with_spool(opened.ledger.with_wordings(), spool)
        bag, before = _to_send(ledger, str(opened.path), folder, context, asked)
        refused, stopped = list(bag.refused), ""
        waiting = {letter.department: letter for letter in bag.letters}
        try:
            for department, fault in _sent_over(way, bag, context, spool):
                del waiting[department]
                refused += [f"{department}：{fault}。"] if fault else []
        except LedgerError as error:
            if not spool.path.exists():
                raise
            stopped = str(error)
        after = _with_spool(opened.ledger.with_wordings(), spool)
        if after.posts != opened.ledger.posts:
            ledgers.save(opened, after, context.act(journal.POST), as_of_for(ledger, context.now))
            opened.host.keep()
        spool.clear()
        sent = after.posts[len(ledger.posts) :]
        left = {post.department for post in sent}
        still = tuple(letter for name, letter in waiting.items() if name not in left)
        return Posted(asked.kind, bag.batch.id, sent, before, bag.findings, tuple(refused), still, stopped)


def _to_send(
    ledger: Ledger, where: str, folder: Path, context: Context, asked: Asked
) -> tuple[Mailbag, tuple[Post, ...]]:
    """Return the letters that have not left yet, and the mails by which the others were written."""
    before: list[Post] = []
    again = departments(ledger, batch_of(ledger, where, asked.period), asked.again)

    def wanted(batch: Batch, file: SentFile) -> bool:
        found = mailing.posted(ledger, batch, asked.kind, file.department, context.now.date())
        if found and file.department not in again:
            before.append(found)
            return False
        return True

    return mailbag(ledger, where, folder, context, asked, wanted), tuple(before)


def _with_spool(ledger: Ledger, spool: Spool) -> Ledger:
    """Return the ledger with the mails that 发送记录 does not have yet."""
    known = {post.message_id for post in ledger.posts}
    return replace(ledger, posts=(*ledger.posts, *(post for post in spool.posts() if post.message_id not in known)))


def _sent_over(way: Way, bag: Mailbag, context: Context, spool: Spool) -> Iterator[tuple[str, str]]:
    """Yield each department whose letter left, or with why the server would not take it.

    Raises LedgerError where the line is cut.
    """
    if not bag.letters:
        return
    from taizhang.mail.messages import outgoing
    from taizhang.mail.outgoing import RefusedError

    own = way.account
    user, _, domain = own.address.rpartition("@")
    sender = Address(own.name, user, domain)
    with way.connect() as line:
        for number, letter in enumerate(bag.letters, 1):
            if number > 1:
                way.wait(60 / own.per_minute)
            post = _unsure(letter, way.clock(), make_msgid(domain=domain))
            message = outgoing(letter, bag.workbooks[letter.department], sender, post.at, post.message_id)
            try:
                left = line.post(message, own.address, letter.to, partial(spool.note, post))
            except RefusedError as error:
                spool.note(replace(post, outcome=NOT_SENT))
                yield letter.department, str(error)
                continue
            spool.note(replace(post, outcome=SENT, to=tuple(one for one in letter.to if one not in left)))
            context.progress("发送邮件", number, len(bag.letters))
            yield letter.department, f"已发给别的邮箱，服务器不收这个地址：{'、'.join(left)}" if left else ""


def _unsure(letter: Letter, at: datetime, id: str) -> Post:
    return Post(letter.batch, letter.kind.value, letter.department, letter.to, at, UNSURE, id, letter.file.sha256)


def way_out() -> Way:
    """Return the way over this machine's mailbox; raise LedgerError where none is set up or it has no password."""
    from taizhang.mail import accounts
    from taizhang.mail.outgoing import connected

    own = accounts.account()
    secret = accounts.password(own.smtp.user)
    return Way(own, lambda: connected(own.smtp, secret), lambda: datetime.now().replace(microsecond=0))
