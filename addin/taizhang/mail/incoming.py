"""IMAP: what lies in the office's mailbox, read without marking or moving anything."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from email.utils import getaddresses
from itertools import islice
from typing import Any

from taizhang import __version__
from taizhang.books.arrivals.containers import header_words
from taizhang.errors import LedgerError, Stop
from taizhang.mail.accounts import TLS, Server
from taizhang.mail.faults import SECONDS, said, translated, trust

_NO_DAY = 1900  # the year imap-tools gives to a message without a day
_TOGETHER = 50  # heads asked for at once
_FAILED = re.compile(r"\b(?:dmarc|spf|dkim)=(?:fail|hardfail)\b", re.IGNORECASE)
_PASSED = re.compile(r"\b(?:dmarc|dkim)=pass\b", re.IGNORECASE)


@dataclass(frozen=True)
class Head:
    """What stands above a message: its number, who it says it is from, its id, its size in bytes, its day.

    `sender` is "" where the message names nobody, or several. `forged` says that the receiving
    server holds the sender for false.
    """

    uid: int
    sender: str
    subject: str
    id: str
    size: int
    on: str
    forged: bool = False


class Inbox:
    """One folder of a mailbox, open to be read."""

    def __init__(self, box: Any, server: Server, validity: int) -> None:
        self._box, self._server, self.validity = box, server, validity

    def numbers(self, after: int, since: date) -> list[int]:
        """Return the numbers of the messages behind one, those that came since a day, the oldest first."""
        from imap_tools import AND, U

        with _faults(self._server):
            criteria = AND(uid=U(str(after + 1), "*")) if after else AND(date_gte=since)
            return sorted(number for found in self._box.uids(criteria) if (number := int(found)) > after)

    def heads(self, numbers: Sequence[int]) -> Iterator[Head]:
        """Yield the heads of some messages, those that are gone left out; their contents are not asked for."""
        from imap_tools import AND

        left = iter(numbers)
        while some := list(islice(left, _TOGETHER)):
            with _faults(self._server):
                wanted = AND(uid=[str(number) for number in some])
                found = list(self._box.fetch(wanted, mark_seen=False, headers_only=True, bulk=True))
            yield from sorted((_head(message) for message in found), key=lambda head: head.uid)

    def content(self, number: int) -> bytes | None:
        """Return a message's bytes, None where it is gone; PEEK leaves it unread."""
        with _faults(self._server):
            _, answer = self._box.client.uid("FETCH", str(number), "(BODY.PEEK[])")
        return next((bytes(part[1]) for part in answer if isinstance(part, tuple)), None)

    def mark_read(self, number: int) -> None:
        """Mark a message as read: only where a clerk asked for it."""
        from imap_tools import MailMessageFlags

        with _faults(self._server):
            self._box.flag(str(number), MailMessageFlags.SEEN, True)


def _head(message: Any) -> Head:
    raw, day = message.obj, message.date
    named = [address for _, address in getaddresses([str(one) for one in raw.get_all("From", [])]) if address]
    alone = named[0] if len(named) == 1 and named[0].isprintable() else ""
    judged = str((raw.get_all("Authentication-Results") or [""])[0])
    return Head(
        int(message.uid),
        alone,
        said(0, header_words(raw, "Subject")),
        said(0, str(raw.get("Message-ID") or "")),
        int(message.size_rfc822),
        f"{day:%Y%m%d}" if day.year > _NO_DAY else "",
        bool(_FAILED.search(judged)) and not _PASSED.search(judged),
    )


@contextmanager
def connected(server: Server, password: str, folder: str, *, writing: bool = False) -> Iterator[Inbox]:
    """Give a folder of a mailbox, encrypted, the certificate checked; raise LedgerError where there is no way in.

    It is opened read-only unless `writing`.
    """
    with _faults(server):
        box = _opened(server)
        try:
            _log_in(box, server, password)
            validity = int(box.folder.status(folder, ["UIDVALIDITY"])["UIDVALIDITY"])
            box.folder.set(folder, readonly=not writing)
        except BaseException:
            with contextlib.suppress(Exception):
                box.client.shutdown()
            raise
    try:
        yield Inbox(box, server, validity)
    finally:
        with contextlib.suppress(Exception):  # it is closed, whatever the server makes of it
            box.logout()


def _opened(server: Server) -> Any:
    try:
        from imap_tools import MailBox, MailBoxStartTls
    except ImportError as error:
        raise LedgerError(Stop.NO_MAIL_EXTRA) from error
    made = MailBox if server.security == TLS else MailBoxStartTls
    return made(server.host, server.port, timeout=SECONDS, ssl_context=trust(server))


def _log_in(box: Any, server: Server, password: str) -> None:
    from imap_tools import MailboxLoginError

    try:
        box.login(server.user, password, initial_folder=None)
    except (MailboxLoginError, UnicodeEncodeError) as error:
        raise LedgerError(Stop.MAIL_LOGIN, host=server.host, user=server.user) from error
    if "ID" in box.client.capabilities:  # NetEase lets no program in that does not say its name (RFC 2971)
        with contextlib.suppress(box.client.error):
            # Between LOGIN and SELECT.
            box.client.xatom("ID", f'("name" "taizhang" "version" "{__version__}")')


@contextmanager
def _faults(server: Server) -> Iterator[None]:
    """Raise a LedgerError for what imap-tools, or the network below it, complains of."""
    from imap_tools import ImapToolsError, MailboxFolderStatusError

    with translated(server):
        try:
            yield
        except MailboxFolderStatusError as error:
            raise LedgerError(Stop.NO_MAIL_FOLDER, host=server.host) from error
        except ImapToolsError as error:
            raise LedgerError(Stop.MAIL_SAID_NO, host=server.host, said=said(0, str(error))) from error
