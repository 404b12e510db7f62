"""SMTP: a line to the office's server, over which one letter after the other leaves."""

from __future__ import annotations

import contextlib
import smtplib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from taizhang.mail.accounts import TLS, Server
from taizhang.mail.faults import SECONDS, said, translated, trust

_CLOSING = 421  # RFC 5321, 4.2.3: the server ends the connection
_HERE = "[127.0.0.1]"  # what we call ourselves: no name of the machine leaves it


class RefusedError(Exception):
    """The server will not take one letter; the next one may well pass."""


class Line:
    """A connection that is logged in."""

    def __init__(self, smtp: smtplib.SMTP, server: Server) -> None:
        self._smtp, self._server = smtp, server

    def post(self, message: EmailMessage, sender: str, to: Sequence[str], started: Callable[[], None]) -> list[str]:
        """Hand over one letter; return the addresses the server would not take.

        `started` is called before the letter's own bytes go out: from there on, until the answer is
        in, nobody can say whether it was sent. Raises RefusedError when it was not, LedgerError
        where the connection is gone.
        """
        with translated(self._server):
            self._checked(*self._smtp.mail(sender))
            refused = [one for one in to if not self._takes(one)]
            if len(refused) == len(to):
                self._smtp.rset()
                raise RefusedError(f"服务器不收这个地址：{'、'.join(refused)}。请在单位名录中核对")
            started()
            try:
                self._checked(*self._smtp.data(message.as_bytes()))
            except smtplib.SMTPDataError as error:
                self._checked(error.smtp_code, error.smtp_error)
            return refused

    def _takes(self, address: str) -> bool:
        code, reply = self._smtp.rcpt(address)
        if code == _CLOSING:
            raise smtplib.SMTPServerDisconnected(said(code, reply))
        return code in (250, 251)

    def _checked(self, code: int, reply: bytes | str) -> None:
        if code == _CLOSING:
            raise smtplib.SMTPServerDisconnected(said(code, reply))
        if code != 250:
            with contextlib.suppress(smtplib.SMTPException):
                self._smtp.rset()
            raise RefusedError(
                f"服务器没有收下（{said(code, reply)}）。请按这句话核对邮箱设置、附件大小或发送数量的限制"
            )


@contextmanager
def connected(server: Server, password: str) -> Iterator[Line]:
    """Give a line to a server, encrypted, its certificate checked, logged in; raise LedgerError where there is none."""
    with translated(server):
        smtp = _opened(server)
        try:
            _log_in(smtp, server.user, password)
        except BaseException:
            smtp.close()
            raise
    try:
        yield Line(smtp, server)
    finally:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            smtp.quit()


def _log_in(smtp: smtplib.SMTP, user: str, password: str) -> None:
    """Log in by one mechanism, once: a server that counts wrong passwords locks the mailbox, or hangs up."""
    smtp.ehlo_or_helo_if_needed()
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    ways: dict[str, Any] = {"PLAIN": smtp.auth_plain, "LOGIN": smtp.auth_login, "CRAM-MD5": smtp.auth_cram_md5}
    name = next((name for name in ways if name in offered), None)
    if name is None:
        raise smtplib.SMTPResponseException(504, "AUTH")
    smtp.user, smtp.password = user, password  # what its authenticators read
    smtp.auth(name, ways[name])


def _opened(server: Server) -> smtplib.SMTP:
    trusted = trust(server)
    if server.security == TLS:
        return smtplib.SMTP_SSL(server.host, server.port, _HERE, timeout=SECONDS, context=trusted)
    smtp = smtplib.SMTP(server.host, server.port, _HERE, timeout=SECONDS)
    try:
        smtp.starttls(context=trusted)
    except BaseException:
        smtp.close()
        raise
    return smtp
