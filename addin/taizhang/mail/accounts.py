"""The office's mailbox: its servers, from one file in the user's own folder, and its password, from the keyring.

The file is `mail.toml`; no password ever stands in it. An authorisation code (授权码) is a
password to us.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taizhang.addresses import is_address
from taizhang.books.disk import replace_file
from taizhang.errors import LedgerError, Stop

TLS, STARTTLS = "tls", "starttls"
PASSWORD_VARIABLE = "TAIZHANG_MAIL_PASSWORD"
PER_MINUTE = 20  # letters a minute: providers lock a mailbox that sends faster
_SERVICE = "taizhang"
_SMTP_PORTS, _IMAP_PORTS = {TLS: 465, STARTTLS: 587}, {TLS: 993, STARTTLS: 143}


@dataclass(frozen=True)
class Server:
    """Where a mail server is and how it is spoken to; `ca` is a file of certificates to trust beside the system's."""

    host: str
    port: int
    security: str
    user: str
    ca: str = ""


@dataclass(frozen=True)
class Account:
    """The office's mailbox: its address, the name it signs with, its servers, how fast it may send."""

    address: str
    name: str
    smtp: Server
    imap: Server
    per_minute: int = PER_MINUTE
    folder: str = "INBOX"


# Servers as the providers publish them for mail programs.
_PROVIDERS: Mapping[str, tuple[str, str]] = {
    **{name: (f"smtp.{name}", f"imap.{name}") for name in ("163.com", "126.com", "qq.com", "139.com", "189.cn")},
    **{name: (f"smtp.{name}", f"imap.{name}") for name in ("sina.com", "sina.cn", "sohu.com", "aliyun.com")},
    "yeah.net": ("smtp.yeah.net", "imap.yeah.net"),
    "foxmail.com": ("smtp.qq.com", "imap.qq.com"),
}


def settings_path() -> Path:
    """Return where the settings are: the user's own folder, by the system's custom."""
    try:
        from platformdirs import user_config_path
    except ImportError as error:
        raise LedgerError(Stop.NO_MAIL_EXTRA) from error
    return user_config_path("taizhang", appauthor=False) / "mail.toml"


def is_set_up() -> bool:
    """Return whether a mailbox has been set up here, or something stands in the place of its settings."""
    try:
        return os.path.exists(settings_path())  # noqa: PTH110 - Path.exists raises where nobody may look
    except LedgerError:
        return False


def account() -> Account:
    """Return the mailbox; raise LedgerError, with a sentence, where none is set up or its file cannot be used."""
    path = settings_path()
    _refuse_folder(path)
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise LedgerError(Stop.NO_MAIL_SETUP) from error
    except (OSError, ValueError) as error:
        raise LedgerError(Stop.BAD_MAIL_SETUP, path=path, fault="读不出来") from error
    address = _text(path, found, "address")
    if not is_address(address):
        raise LedgerError(Stop.BAD_MAIL_SETUP, path=path, fault=f"“{address}”不是邮箱地址")
    pace = found.get("per_minute", PER_MINUTE)
    if isinstance(pace, bool) or not isinstance(pace, int) or not 1 <= pace <= 600:
        raise LedgerError(Stop.BAD_MAIL_SETUP, path=path, fault=f"每分钟封数“{pace}”不是1到600之间的整数")
    return Account(
        address,
        _text(path, found, "name", ""),
        _server(path, found, "smtp", _SMTP_PORTS, address),
        _server(path, found, "imap", _IMAP_PORTS, address),
        pace,
        _text(path, found, "folder", "INBOX"),
    )


def _refuse_folder(path: Path) -> None:
    if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where nobody may look
        raise LedgerError(Stop.MAIL_SETUP_IS_FOLDER, path=path)


def _server(path: Path, found: Mapping[str, Any], key: str, ports: Mapping[str, int], address: str) -> Server:
    table = found.get(key)
    if not isinstance(table, dict):
        raise LedgerError(Stop.BAD_MAIL_SETUP, path=path, fault=f"缺少“[{key}]”一段")
    security = _text(path, table, "security", TLS)
    if security not in ports:
        raise LedgerError(Stop.BAD_MAIL_SETUP, path=path, fault=f"加密方式“{security}”不能用，只能是 tls 或 starttls")
    port = table.get("port", ports[security])
    if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536:
        raise LedgerError(Stop.BAD_MAIL_SETUP, path=path, fault=f"端口“{port}”不能用")
    host, user = _text(path, table, "host"), _text(path, table, "user", address)
    return Server(host, port, security, user, _text(path, table, "ca", ""))


def _text(path: Path, table: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise LedgerError(Stop.BAD_MAIL_SETUP, path=path, fault=f"“{key}”没有填，或填得不对")
    return value.strip()


def proposed(address: str, smtp: str = "", imap: str = "", **more: str) -> dict[str, Any]:
    """Return settings for an address: its provider's servers, or those given as `host[:port][/tls|/starttls]`.

    `more` may hold name, user and ca. Raises LedgerError for what is no address or no server, and
    where nobody knows the servers.
    """
    if not is_address(address):
        raise LedgerError(Stop.BAD_ADDRESS, value=address)
    known = _PROVIDERS.get(address.rpartition("@")[2].lower(), ("", ""))
    if not (smtp or known[0]) or not (imap or known[1]):
        raise LedgerError(Stop.UNKNOWN_PROVIDER, value=address)
    own = {key: more[key] for key in ("user", "ca") if more.get(key)}
    return {
        "address": address,
        "name": more.get("name", ""),
        "per_minute": PER_MINUTE,
        "folder": "INBOX",
        "smtp": {**_spelt(smtp or known[0], _SMTP_PORTS), **own},
        "imap": {**_spelt(imap or known[1], _IMAP_PORTS), **own},
    }


def _spelt(text: str, ports: Mapping[str, int]) -> dict[str, Any]:
    place, _, security = text.partition("/")
    host, _, port = place.partition(":")
    by_port = next((kind for kind, usual in ports.items() if port == str(usual)), TLS)
    security = security or by_port
    if not host or security not in ports or (port and not (port.isdecimal() and 0 < int(port) < 65536)):
        raise LedgerError(Stop.BAD_SERVER, value=text)
    return {"host": host, "port": int(port) if port else ports[security], "security": security}


def write_settings(found: Mapping[str, Any]) -> Path:
    """Write the settings of a mailbox; return where they are. Those that were there before are kept beside them."""
    flat = {key: value for key, value in found.items() if not isinstance(value, dict)}
    tables = {key: value for key, value in found.items() if isinstance(value, dict)}
    blocks = [_lines(flat), *(f"[{key}]\n{_lines(table)}" for key, table in tables.items())]
    path = settings_path()
    _refuse_folder(path)
    if path.is_file():
        replace_file(path.with_name(f"{path.name}.bak"), path.read_bytes())
    replace_file(path, "\n".join(blocks).encode())
    return path


def _lines(table: Mapping[str, Any]) -> str:
    """Return the lines of a TOML table; a JSON string is a TOML string too."""
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in table.items())


# The password


def password(user: str) -> str:
    """Return the password of a mailbox: of the environment, else of the keyring; raise LedgerError where there is none."""
    given = os.environ.get(PASSWORD_VARIABLE, "")
    if given:
        return given
    found = kept_password(user)
    if not found:
        raise LedgerError(Stop.NO_MAIL_PASSWORD, user=user)
    return found


def kept_password(user: str) -> str:
    """Return the password of a mailbox that the system's keyring holds, "" for none; raise LedgerError without a keyring."""
    keyring, error = _keyring()
    try:
        return str(keyring.get_password(_SERVICE, user) or "")
    except error as fault:
        raise LedgerError(Stop.NO_KEYRING) from fault


def keep_password(user: str, secret: str) -> None:
    """Put a mailbox' password into the system's keyring; raise LedgerError where it has none."""
    keyring, error = _keyring()
    try:
        keyring.set_password(_SERVICE, user, secret)
    except error as fault:
        raise LedgerError(Stop.NO_KEYRING) from fault


def _keyring() -> tuple[Any, type[Exception]]:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise LedgerError(Stop.NO_MAIL_EXTRA) from error
    return keyring, KeyringError
