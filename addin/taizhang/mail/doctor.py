"""What is wrong with the office's mailbox, one sentence each: settings, password, host, port, certificate, login."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from taizhang.doctor import Advice
from taizhang.errors import LedgerError, Stop
from taizhang.findings import Severity
from taizhang.mail import accounts, incoming, outgoing
from taizhang.mail.accounts import Account, Server

_CODES = {
    Stop.NO_MAIL_EXTRA: "M101",
    Stop.NO_MAIL_SETUP: "M102",
    Stop.BAD_MAIL_SETUP: "M103",
    Stop.BAD_CA: "M104",
    Stop.MAIL_SETUP_IS_FOLDER: "M105",
    Stop.NO_KEYRING: "M201",
    Stop.NO_MAIL_PASSWORD: "M202",
    Stop.MAIL_LOGIN: "M203",
    Stop.NO_MAIL_HOST: "M301",
    Stop.NO_MAIL_PORT: "M302",
    Stop.MAIL_SILENT: "M303",
    Stop.MAIL_CUT: "M304",
    Stop.MAIL_SAID_NO: "M305",
    Stop.NO_MAIL_FOLDER: "M306",
    Stop.NO_TLS: "M401",
    Stop.CERT_EXPIRED: "M402",
    Stop.CERT_OTHER_NAME: "M403",
    Stop.CERT_UNKNOWN: "M404",
}


def examined() -> list[Advice]:
    """Return what is to be seen to in this machine's mailbox: both servers are really logged in to, nothing is sent."""
    try:
        own = accounts.account()
    except LedgerError as error:
        return [_advice("邮箱设置", error)]
    return [
        *_tried("发信服务器", own.smtp, lambda secret: outgoing.connected(own.smtp, secret)),
        *_tried("收信服务器", own.imap, lambda secret: _inbox(own, secret)),
    ]


def _inbox(own: Account, secret: str) -> AbstractContextManager[object]:
    return incoming.connected(own.imap, secret, own.folder)


def _tried(what: str, server: Server, connect: Callable[[str], AbstractContextManager[object]]) -> Iterator[Advice]:
    try:
        with connect(accounts.password(server.user)):
            return
    except LedgerError as error:
        yield _advice(f"{what} {server.host}:{server.port}", error)


def _advice(place: str, error: LedgerError) -> Advice:
    """Return a sentence as advice: what it names first is said in the place already."""
    said = str(error).removeprefix(f"{error.facts.get('host', '')}：")
    fault, _, remedy = said.partition("。")
    return Advice(_CODES.get(error.stop, "M900"), Severity.ERROR, place, fault, remedy.rstrip("。"))
