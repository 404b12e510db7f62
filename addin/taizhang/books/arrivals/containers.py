"""Archives and mails: the files in them, by the names their senders gave, never by a path of theirs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.errors import HeaderParseError
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from typing import Any
from zipfile import ZipFile, ZipInfo

from taizhang.books.arrivals import limits
from taizhang.books.arrivals.formats import Format
from taizhang.books.arrivals.readers import refuse_unpacked
from taizhang.books.arrivals.refusals import Refusal, RefusedError, damage_refused
from taizhang.books.sources import decoded


@dataclass(frozen=True)
class Unpacking:
    """What an archive or a mail holds: names and bytes, who sent it when, and what could not be taken out and why."""

    names: tuple[str, ...] = ()
    blobs: list[bytes] = field(default_factory=list)
    sender: str = ""
    sent_at: datetime | None = None
    left: tuple[tuple[str, Refusal], ...] = ()

    def told(self) -> dict[str, Any]:
        """Return all but the bytes in words JSON has."""
        return {
            "members": list(self.names),
            "sender": self.sender,
            "sent_at": self.sent_at.isoformat() if self.sent_at else None,
            "left": [[name, why.name] for name, why in self.left],
        }


def is_container(kind: Format) -> bool:
    """Return whether a file holds other files."""
    return kind in (Format.ZIP, Format.EML, Format.MSG)


def unpacked(data: bytes, kind: Format, password: str = "") -> Unpacking:
    """Return what an archive or a mail holds; raise RefusedError when it is damaged or holds too much."""
    match kind:
        case Format.ZIP:
            return _zip(data, password)
        case Format.EML:
            return _eml(data)
    return _msg(data)


def safe_name(name: str) -> str:
    """Return a name as it may be shown and used: its folders as words, no way out of a folder, no control characters."""
    pieces = [piece for piece in name.replace("\\", "/").split("/") if piece not in ("", ".", "..")]
    shown = "/".join(pieces)
    return "".join(c for c in shown if c.isprintable() and c not in '<>:"|?*')[:200] or "未命名"


_NOISE = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def is_noise(name: str) -> bool:
    """Return whether a file is one that systems leave behind."""
    return name.startswith(_NOISE[0]) or PurePosixPath(name).name in _NOISE


# --- .zip ---


def _zip(data: bytes, password: str) -> Unpacking:
    with damage_refused(), ZipFile(io.BytesIO(data)) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        _refuse_many(len(members))
        return _unzipped(archive, members, len(data), password)


def _refuse_many(count: int) -> None:
    if count > limits.MEMBERS:
        raise RefusedError(Refusal.TOO_MANY, count=count, limit=limits.MEMBERS)


def _unzipped(archive: ZipFile, members: Iterable[ZipInfo], packed: int, password: str) -> Unpacking:
    names, blobs, left, total = [], [], [], 0
    for info in members:
        name = safe_name(_name_of(info))
        if is_noise(name):
            continue
        if info.flag_bits & 0x1 and not password:
            left.append((name, Refusal.ENCRYPTED))
            continue
        try:
            with archive.open(info, pwd=password.encode() or None) as member:
                content = member.read(limits.UNPACKED - total + 1)  # counted while it is unpacked: sizes may lie
        except RuntimeError:  # a wrong password, or an encryption this reader does not know
            left.append((name, Refusal.WRONG_PASSWORD))
            continue
        except Exception:
            left.append((name, Refusal.DAMAGED))
            continue
        total += len(content)
        refuse_unpacked(total, packed)
        names.append(name)
        blobs.append(content)
    return Unpacking(tuple(names), blobs, left=tuple(left))


def _name_of(info: ZipInfo) -> str:
    """Return a member's name: UTF-8 where it says so, else as Chinese systems write it (GBK), else as it stands."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    return decoded(raw, _UNSAID) or info.filename


# --- .eml ---


def _eml(data: bytes) -> Unpacking:
    with damage_refused():
        mail = BytesParser(policy=policy.default).parsebytes(data)
        return _mail(list(_attached(mail)), header_words(mail, "From"), _when(mail))


def header_words(mail: Message, header: str) -> str:
    """Return a header's words, also where they stand as bare bytes, as old Chinese programs write them; never fails."""
    raw = next((str(value) for name, value in mail.raw_items() if name.lower() == header.lower()), "")
    if not _has_bare_bytes(raw):
        return decoded_words(str(mail.get(header) or ""))
    bare = raw.encode("utf-8", "surrogateescape")
    return decoded(bare, _UNSAID) or bare.decode("utf-8", "replace")


def _has_bare_bytes(text: str) -> bool:
    return any("\udc80" <= sign <= "\udcff" for sign in text)


_UNSAID = ("utf-8", "gb18030")  # what words are in that do not say so: UTF-8, else what Chinese systems write


def _mail(found: list[tuple[str, bytes]], sender: str, sent_at: datetime | None) -> Unpacking:
    _refuse_many(len(found))
    if sum(len(content) for _, content in found) > limits.UNPACKED:
        raise RefusedError(Refusal.TOO_BIG, what=f"附件合计超过 {limits.UNPACKED // limits.MIB} MB")
    names = tuple(safe_name(name) for name, _ in found)
    return Unpacking(names, [content for _, content in found], sender, sent_at)


def _attached(mail: EmailMessage) -> Iterator[tuple[str, bytes]]:
    """Yield a mail's attachments, forwarded mails as such; pictures of a signature are none."""
    for part in _parts(mail):
        if part.get_content_type() == "message/rfc822":
            for inner in _payload(part):
                yield f"{_subject(inner)}.eml", inner.as_bytes()
            continue
        attached = part.get_content_disposition() == "attachment"
        name = _file_name(part) or ("未命名" if attached else "")
        signature = part.get("Content-ID") and part.get_content_maintype() == "image" and not attached
        if name and not signature:
            content = part.get_payload(decode=True)
            yield decoded_words(name), content if isinstance(content, bytes) else b""


def _file_name(part: EmailMessage) -> str:
    name = part.get_filename() or ""
    if "\ufffd" not in name and not _has_bare_bytes(name):
        return name
    said = (_NAME.search(header_words(part, header)) for header in ("Content-Disposition", "Content-Type"))
    return next((found[1] for found in said if found), name)


_NAME = re.compile(r'name="?([^";]+)', re.IGNORECASE)


def _parts(mail: EmailMessage) -> Iterator[EmailMessage]:
    """Yield the single parts of a mail; what is inside a forwarded one is that one's."""
    if mail.get_content_type() == "message/rfc822" or not _payload(mail):
        yield mail
        return
    for part in _payload(mail):
        yield from _parts(part)


def _payload(mail: Any) -> list[Any]:
    payload = mail.get_payload()
    return payload if isinstance(payload, list) else []


def _subject(mail: Any) -> str:
    return header_words(mail, "Subject") or "转发的邮件"


def decoded_words(text: str) -> str:
    """Return what a text says that is written as a header's words (RFC 2047): many programs write names of files so."""
    from email.header import decode_header, make_header

    try:
        return str(make_header(decode_header(text))) if "=?" in text else text
    except (HeaderParseError, LookupError, UnicodeDecodeError, ValueError):
        return text


def _when(mail: EmailMessage) -> datetime | None:
    try:
        sent = parsedate_to_datetime(str(mail["Date"])) if mail["Date"] else None
    except ValueError:
        return None
    return sent.astimezone(UTC).replace(tzinfo=None) if sent and sent.tzinfo else sent


# --- .msg ---


def _msg(data: bytes) -> Unpacking:
    from oxmsg import Message

    with damage_refused():
        mail = Message.load(io.BytesIO(data))
        sent_at = mail.sent_date
        when = sent_at.replace(tzinfo=None) if sent_at else None
        return _mail(list(_outlook_files(mail, 0)), mail.sender or "", when)


_INNER_MAIL, _SHORT_NAME = "__substg1.0_3701000D", 0x3704  # MS-OXMSG 2.2.2, PidTagAttachFilename


def _outlook_files(mail: Any, depth: int) -> Iterator[tuple[str, bytes]]:
    """Yield a mail's attachments, and those of mails inside it, which have no bytes of their own."""
    from oxmsg import Message

    if depth > limits.DEPTH:
        raise RefusedError(Refusal.TOO_DEEP, depth=limits.DEPTH)
    for one in mail.attachments:
        inner = next((part for part in one._storage.storages if part.name == _INNER_MAIL), None)
        if inner is None:
            name = one.file_name or one.properties.str_prop_value(_SHORT_NAME) or "未命名"
            yield name, one.file_bytes or b""
        else:
            yield from ((f"转发的邮件/{name}", data) for name, data in _outlook_files(Message(inner), depth + 1))
