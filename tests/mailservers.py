"""Real mail servers on loopback: SMTP by aiosmtpd, IMAP by Dovecot, certificates by an authority of our own."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult
from keyring.backend import KeyringBackend

USER, SECRET = "office@example.cn", "WLKJHGFDSAQWERTY"
HOST = "localhost"
MISSING = "Dovecot is not installed (Debian: dovecot-imapd)"


class Ring(KeyringBackend):
    """A keyring that lasts as long as a test."""

    priority = 1

    def __init__(self):
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password


class Certificates:
    """An authority, and what it signs: a sound certificate, an expired one, one of another name, one of nobody's."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.ca = folder / "ca.pem"
        self.authority.cert_pem.write_to_path(str(self.ca))
        self._folder = folder

    def context(self, kind: str = "sound") -> ssl.SSLContext:
        """Return what a server with a certificate of a kind speaks TLS by."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.issued(kind).configure_cert(made)
        return made

    def issued(self, kind: str = "sound") -> trustme.LeafCert:
        if kind == "self-signed":
            return trustme.CA().issue_cert(HOST)
        now = datetime.now(UTC)
        dated = (
            {"not_before": now - timedelta(days=9), "not_after": now - timedelta(days=1)} if kind == "expired" else {}
        )
        return self.authority.issue_cert("elsewhere.example" if kind == "renamed" else HOST, **dated)


def free_ports(count: int) -> list[int]:
    """Return ports nobody listens on, each another: they are held together, or the same could be given out twice."""
    with ExitStack() as held:
        taken = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in taken]


@dataclass
class PostOffice:
    """What an SMTP server has taken in: (recipients, bytes) a message; `on_data` may break the connection."""

    port: int = 0
    taken: list[tuple[tuple[str, ...], bytes]] = field(default_factory=list)
    refuses: frozenset[str] = frozenset()
    on_data: Callable[[PostOffice, Any], str | None] | None = None
    on_mail: Callable[[PostOffice, Any], str | None] | None = None
    connections: int = 0
    refuses_data: bool = False

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        answer = self.on_mail(self, server) if self.on_mail else None
        envelope.mail_from = address
        return answer or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.refuses:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = self.on_data(self, server) if self.on_data else None
        if answer is None:
            self.taken.append((tuple(envelope.rcpt_tos), envelope.content))
        return answer or "250 OK"


class _Server(SMTP):
    """A server that may refuse a letter before it has seen it."""

    async def smtp_DATA(self, arg):  # noqa: N802
        if self.event_handler.refuses_data:
            await self.push("554 not today")
            return
        await super().smtp_DATA(arg)


def cut(server: Any) -> str:
    """Break the connection, as a cable that is pulled does."""
    server.transport.abort()
    return "451 too late"


@contextmanager
def smtp_server(office: PostOffice, context: ssl.SSLContext, *, starttls: bool = False) -> Iterator[PostOffice]:
    """Run an SMTP server with implicit TLS or STARTTLS that wants a login."""

    def knows(server, session, envelope, mechanism, data):
        given = (getattr(data, "login", b""), getattr(data, "password", b""))
        return AuthResult(success=given == (USER.encode(), SECRET.encode()), handled=False)

    def made() -> SMTP:
        office.connections += 1
        tls = {"tls_context": context, "require_starttls": True} if starttls else {}
        return _Server(
            office,
            hostname=HOST,
            authenticator=knows,
            auth_required=True,
            auth_require_tls=starttls,
            auth_exclude_mechanism=[],
            data_size_limit=None,
            loop=loop,
            **tls,
        )

    loop = asyncio.new_event_loop()
    running = loop.run_until_complete(
        loop.create_server(made, "127.0.0.1", office.port, ssl=None if starttls else context)
    )
    office.port = running.sockets[0].getsockname()[1]
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield office
    finally:
        loop.call_soon_threadsafe(running.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


def dovecot() -> str | None:
    """Return Dovecot's program, None where it is not installed."""
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@dataclass(frozen=True)
class Mailhouse:
    """A running Dovecot with one mailbox: its ports, and where its Maildir is."""

    tls_port: int
    plain_port: int
    maildir: Path
    owner: tuple[int, int]

    def deliver(self, message: bytes, name: str) -> None:
        """Put a message into the mailbox, as a delivery agent does."""
        temporary = self.maildir / "tmp" / name
        temporary.write_bytes(message)
        os.chown(temporary, *self.owner)
        temporary.rename(self.maildir / "new" / name)

    def flags(self) -> dict[str, str]:
        """Return the flags of every message: "S" is seen, "T" deleted."""
        found = (path.name.partition(":2,") for part in ("new", "cur") for path in (self.maildir / part).iterdir())
        return {name: flags for name, _, flags in found}


_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 0
first_valid_gid = 0
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:{folder}/mail
mail_fsync = never
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def _users() -> dict[str, str]:
    """Return the users Dovecot runs as: ours, or, where we are root, which it does not run as, those of its package."""
    import grp
    import pwd

    if os.getuid() == 0:
        return {"internal": "dovecot", "group": "dovecot", "login": "dovenull"}
    own = pwd.getpwuid(os.getuid()).pw_name
    return {"internal": own, "group": grp.getgrgid(os.getgid()).gr_name, "login": own}


def _owner(user: str) -> tuple[int, int]:
    import pwd

    found = pwd.getpwnam(user)
    return found.pw_uid, found.pw_gid


@contextmanager
def imap_server(certificates: Certificates, kind: str = "sound") -> Iterator[Mailhouse]:
    """Run Dovecot with a mailbox of its own, in a folder with a short path that its users may enter."""
    with tempfile.TemporaryDirectory(prefix="dovecot-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with _running(folder, certificates, kind) as house:
            yield house


@contextmanager
def _running(folder: Path, certificates: Certificates, kind: str) -> Iterator[Mailhouse]:
    leaf = certificates.issued(kind)
    leaf.private_key_and_cert_chain_pem.write_to_path(str(folder / "cert.pem"))
    leaf.private_key_pem.write_to_path(str(folder / "key.pem"))
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{SECRET}\n", encoding="utf-8")
    users = _users()
    owner = _owner(users["internal"])
    for part in ("mail", "mail/new", "mail/cur", "mail/tmp", "home"):
        (folder / part).mkdir()
        os.chown(folder / part, *owner)
    house = Mailhouse(*free_ports(2), folder / "mail", owner)
    facts = {
        "folder": folder,
        "plain": house.plain_port,
        "tls": house.tls_port,
        "uid": owner[0],
        "gid": owner[1],
        **users,
    }
    config = folder / "dovecot.conf"
    config.write_text(_CONFIG.format(**facts), encoding="utf-8")
    program = dovecot()
    assert program
    process = subprocess.Popen([program, "-F", "-c", str(config)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        _until_it_answers(house.tls_port, process, folder / "log")
        yield house
    finally:
        process.terminate()
        process.wait(10)


def _until_it_answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            said = process.stdout.read().decode() if process.stdout else ""
            raise RuntimeError(f"Dovecot ended: {said}{log.read_text() if log.exists() else ''}")
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("Dovecot does not answer")
