"""What a file is, by its content: a name says only what somebody meant it to be."""

from __future__ import annotations

import re
import zlib
from collections.abc import Container, Mapping
from enum import Enum
from io import BytesIO
from zipfile import BadZipFile, ZipFile


class Format(Enum):
    """The kinds of files that come back, in a clerk's words."""

    XLSX = "Excel 工作簿（.xlsx、.xlsm）"
    XLSB = "Excel 二进制工作簿（.xlsb）"
    XLS = "Excel 97-2003 工作簿（.xls、.et）"
    ODS = "OpenDocument 电子表格（.ods）"
    XML = "XML 电子表格 2003"
    HTML = "网页表格"
    TEXT = "文本表格（.csv）"
    ZIP = "压缩包（.zip）"
    EML = "邮件（.eml）"
    MSG = "Outlook 邮件（.msg）"
    ENCRYPTED = "有打开密码的工作簿"
    PDF = "PDF 文件"
    PICTURE = "图片"
    WORD = "Word 文档"
    SLIDES = "演示文稿"
    OFD = "版式文件（.ofd）"
    MEDIA = "录音或录像"
    RAR = "RAR 压缩包"
    SEVEN_ZIP = "7z 压缩包"
    MHTML = "单个文件网页（.mht）"
    FLAT_ODF = "扁平 XML 的 OpenDocument 文件"
    SYLK = "SYLK 文件"
    LOCK_FILE = "临时文件"
    EMPTY = "空文件"
    UNKNOWN = "认不出的文件"

    @property
    def is_attachment(self) -> bool:
        """Return whether such a file belongs beside a workbook, as evidence."""
        return self in _ATTACHMENTS


_ATTACHMENTS = frozenset({Format.PDF, Format.PICTURE, Format.WORD, Format.SLIDES, Format.OFD, Format.MEDIA})
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STARTS: tuple[tuple[bytes, Format], ...] = (
    (b"%PDF", Format.PDF),
    (b"\xff\xd8\xff", Format.PICTURE),
    (b"\x89PNG\r\n\x1a\n", Format.PICTURE),
    (b"GIF8", Format.PICTURE),
    (b"BM", Format.PICTURE),
    (b"II*\0", Format.PICTURE),
    (b"MM\0*", Format.PICTURE),
    (b"{\\rtf", Format.WORD),
    (b"Rar!\x1a\x07", Format.RAR),
    (b"7z\xbc\xaf\x27\x1c", Format.SEVEN_ZIP),
    (b"ID;P", Format.SYLK),
    (b"ID3", Format.MEDIA),
    (b"OggS", Format.MEDIA),
    (b"\x1aE\xdf\xa3", Format.MEDIA),  # Matroska
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Format.MEDIA),  # Windows Media
    *((b"\x09" + version, Format.XLS) for version in (b"\x00\x04", b"\x02\x06", b"\x04\x06", b"\x08\x08", b"\x08\x10")),
)
_HEADERS = re.compile(rb"(?:From [^\n]*\r?\n)?(?:[A-Za-z][\w-]*:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*){2}")
_MAIL = re.compile(
    rb"^(?:Received|Return-Path|From|Subject|Date|Message-ID|MIME-Version):", re.IGNORECASE | re.MULTILINE
)
_HEAD, _WEB = 4096, 1 << 18  # bytes in which a text says what it is; a page may begin with long styles


def format_of(data: bytes) -> Format:
    """Return what a file is."""
    if not data.strip(b"\0 \r\n\t"):
        return Format.EMPTY
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _of_zip(data)
    if data.startswith(_OLE):
        return _of_compound(data)
    if data[4:8] == b"ftyp":
        return Format.PICTURE if data[8:12] in (b"heic", b"heix", b"mif1", b"avif") else Format.MEDIA
    if data[:4] == b"RIFF":
        return Format.PICTURE if data[8:12] == b"WEBP" else Format.MEDIA
    return next((found for start, found in _STARTS if data.startswith(start)), None) or _of_text(data)


def _of_zip(data: bytes) -> Format:
    try:
        archive = ZipFile(BytesIO(data))
        names = {name.replace("\\", "/").lower() for name in archive.namelist()}
        if "mimetype" in names and "content.xml" in names:
            return _of_document(archive)
    except (BadZipFile, KeyError, RuntimeError, ValueError, NotImplementedError, OSError, EOFError, zlib.error):
        return Format.XLSX if b"xl/worksheets/" in data else Format.ZIP  # cut off: its reader says that it is damaged
    found = _first_of(_PARTS, names)
    if found:
        return found
    package = "[content_types].xml" in names or any(name.startswith("xl/") for name in names)
    return Format.XLSX if package else Format.ZIP


def _of_document(archive: ZipFile) -> Format:
    """Return what an OpenDocument file is, by its first words, of which no more is unpacked than it needs."""
    with archive.open("mimetype") as part:
        said = part.read(100)
    return next((found for word, found in _DOCUMENTS.items() if word in said), Format.ODS)


_DOCUMENTS = {b".text": Format.WORD, b".presentation": Format.SLIDES, b".graphics": Format.PICTURE}


def _first_of(told: Mapping[str, Format], names: Container[str]) -> Format | None:
    """Return what the first name says that is there."""
    return next((found for name, found in told.items() if name in names), None)


_PARTS = {
    "xl/workbook.xml": Format.XLSX,
    "xl/workbook.bin": Format.XLSB,
    "word/document.xml": Format.WORD,
    "ppt/presentation.xml": Format.SLIDES,
    "ofd.xml": Format.OFD,
}
_STREAMS = {
    "encryptedpackage": Format.ENCRYPTED,
    "workbook": Format.XLS,
    "book": Format.XLS,
    "__properties_version1.0": Format.MSG,
    "worddocument": Format.WORD,
    "powerpoint document": Format.SLIDES,
}


def _of_compound(data: bytes) -> Format:
    """Return what an OLE file is, by its streams."""
    from olefile import OleFileIO

    try:
        with OleFileIO(BytesIO(data)) as ole:
            streams = {path[-1].lower() for path in ole.listdir(streams=True) if len(path) == 1}
    except Exception:  # damage shows in many ways
        return Format.UNKNOWN
    return _first_of(_STREAMS, streams) or Format.UNKNOWN


def _of_text(data: bytes) -> Format:
    """Return what a file of words is."""
    head = data[:_HEAD].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").lstrip(b"\xff\xfe \r\n\t")
    low = head.lower()
    if _HEADERS.match(head) and _MAIL.search(head):
        page = b"multipart/related" in low and not re.search(rb"^(?:to|received):", low, re.MULTILINE)
        return Format.MHTML if page else Format.EML
    if b"urn:schemas-microsoft-com:office:spreadsheet" in low and low.startswith(b"<"):
        return Format.XML
    if low.startswith(b"<") and b"opendocument" in low and b"<office:document" in low:
        return Format.FLAT_ODF
    if low.startswith(b"<") and re.search(rb"<(?:html|table)[\s>]", data[:_WEB].replace(b"\0", b"").lower()):
        return Format.HTML
    return Format.TEXT if _reads(data) else Format.UNKNOWN


def _reads(data: bytes) -> bool:
    """Return whether a file may be words: no control characters but those of text, unless it is UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\0" in data:
        return len(data) % 2 == 0 and data.count(0) > len(data) // 4
    return not re.search(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]", data[: 16 * _HEAD])
