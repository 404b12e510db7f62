"""Files as departments' machines make them, each built here byte by byte or by a library of its own."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from email.message import EmailMessage

import xlsxwriter

from taizhang.values import Value
from taizhang.xlam.cfb import compound

Rows = Sequence[Sequence[Value]]
TABLE: Rows = [
    ["序号", "目标任务", "完成率", "填报日期"],
    [1, "开办企业", 0.6, date(2020, 9, 8)],
    [2, "施工许可", None, None],
]


def xlsx(rows: Rows = TABLE, sheet: str = "表") -> bytes:
    """Return a workbook as Excel saves one."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    page, days = book.add_worksheet(sheet), book.add_format({"num_format": "yyyy-mm-dd"})
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, date):
                page.write_datetime(r, c, value, days)
            elif value is not None:
                page.write(r, c, value)
    book.close()
    return target.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """Return a zip package with a part put in, or put in the place of its namesake."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info.filename, old.read(info))
        new.writestr(name, content)
    return target.getvalue()


def sheet_xml(cells: str) -> bytes:
    """Return a workbook whose one sheet has the given `<row>` elements."""
    return with_part(xlsx([["表头"]]), "xl/worksheets/sheet1.xml", sheet_xml_of(cells))


def sheet_xml_of(cells: str) -> bytes:
    """Return a sheet's part with the given `<row>` elements."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{cells}</sheetData></worksheet>'.encode()


class _Gbk(zipfile.ZipInfo):
    """An entry whose name is written as Chinese Windows writes it, without saying so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile's own name
        return self.filename.encode("gbk"), self.flag_bits


def zipped(files: Mapping[str, bytes], *, gbk: bool = False) -> bytes:
    """Return an archive; with `gbk`, its names are written in that encoding."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr((_Gbk if gbk else zipfile.ZipInfo)(name), content)
    return target.getvalue()


def mail(
    files: Mapping[str, bytes], *, sender: str = "zjj@example.gov.cn", forwarded: Sequence[EmailMessage] = ()
) -> EmailMessage:
    """Return a mail with attachments, and mails inside it."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f"区住建局 <{sender}>", "ysb@example.gov.cn", "报送台账"
    made["Date"] = "Tue, 08 Sep 2020 17:00:00 +0800"
    made.set_content("见附件。")
    for name, content in files.items():
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    for one in forwarded:
        made.add_attachment(one)
    return made


def msg(
    files: Mapping[str, bytes],
    *,
    sender: str = "区住建局 <zjj@example.gov.cn>",
    inner: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return a mail as Outlook saves it, with attachments, and with those of a mail inside it."""
    headers = f"From: {sender}\r\n"
    streams = {
        "__properties_version1.0": _head(32) + _entry(0x007D, 0x1F, headers),
        "__substg1.0_007D001F": headers.encode("utf-16-le"),
    }
    for number, (name, content) in enumerate(files.items()):
        streams |= _attachment(f"__attach_version1.0_#{number:08X}", name, content)
    if inner is not None:
        own = f"__attach_version1.0_#{len(files):08X}"
        mail_in = f"{own}/__substg1.0_3701000D"
        streams |= {f"{own}/__properties_version1.0": _head(8), f"{mail_in}/__properties_version1.0": _head(24)}
        for number, (name, content) in enumerate(inner.items()):
            streams |= _attachment(f"{mail_in}/__attach_version1.0_#{number:08X}", name, content)
    return compound(streams)


def _attachment(folder: str, name: str, content: bytes) -> dict[str, bytes]:
    return {
        f"{folder}/__properties_version1.0": _head(8) + _entry(0x3707, 0x1F, name) + _entry(0x3701, 0x102, content),
        f"{folder}/__substg1.0_3707001F": name.encode("utf-16-le"),
        f"{folder}/__substg1.0_37010102": content,
    }


def _head(length: int) -> bytes:
    return b"\0" * length


def _entry(number: int, kind: int, value: str | bytes) -> bytes:
    """Return the line of a property whose value has a stream of its own (MS-OXMSG 2.4.2)."""
    size = len(value.encode("utf-16-le")) + 2 if isinstance(value, str) else len(value)
    return struct.pack("<HHIII", kind, number, 6, size, 0)
