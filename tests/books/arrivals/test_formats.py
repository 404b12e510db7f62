"""What a file is, its content says; the name it goes by makes no difference."""

from __future__ import annotations

import pytest
from samples import TABLE, mail, xlsx, zipped

from taizhang.books.arrivals.formats import Format, format_of

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CSV = "序号,目标任务\n1,开办企业\n"
XML = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
)

FILES: list[tuple[str, bytes, Format]] = [
    ("workbook", xlsx(), Format.XLSX),
    ("workbook cut off", xlsx()[:2000], Format.XLSX),
    ("archive", zipped({"表.xlsx": xlsx()}), Format.ZIP),
    ("empty archive", b"PK\x05\x06" + b"\0" * 18, Format.ZIP),
    ("word document", zipped({"word/document.xml": b"<x/>"}), Format.WORD),
    ("slides", zipped({"ppt/presentation.xml": b"<x/>"}), Format.SLIDES),
    ("binary workbook", zipped({"xl/workbook.bin": b"x"}), Format.XLSB),
    ("open document", zipped({"mimetype": b"application/x", "content.xml": b"<x/>"}), Format.ODS),
    ("text of an open document", zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}), Format.WORD),
    ("slides of an open document", zipped({"mimetype": b"application/vnd.oasis.opendocument.presentation", "content.xml": b"<x/>"}), Format.SLIDES),
    ("a document of fixed layout", zipped({"OFD.xml": b"<x/>", "Doc_0/Document.xml": b"<x/>"}), Format.OFD),
    ("bare BIFF4", b"\x09\x04\x06\x00\x00\x00\x10\x00", Format.XLS),
    ("compound file of nothing", OLE + b"\0" * 600, Format.UNKNOWN),
    ("mail", bytes(mail({})), Format.EML),
    ("mail of a provider", b"Received: from x\r\n by y\r\nDKIM-Signature: v=1;\r\n\ta=b\r\nARC-Seal: i=1\r\n\r\n", Format.EML),
    ("mail of a mailbox file", b"From a@b Tue Sep  8\nX-Own: 1\nDate: x\n\n", Format.EML),
    ("mail with a mark before it", b"\xef\xbb\xbf" + bytes(mail({})), Format.EML),
    ("page saved whole", b'From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\r\n', Format.MHTML),
    ("UTF-8 text", CSV.encode(), Format.TEXT),
    ("UTF-8 text with a mark", CSV.encode("utf-8-sig"), Format.TEXT),
    ("UTF-16 text", CSV.encode("utf-16"), Format.TEXT),
    ("UTF-16 text without a mark", ("a,b\r\n" * 9).encode("utf-16-le"), Format.TEXT),
    ("GBK text", CSV.encode("gb18030"), Format.TEXT),
    ("web page", b"<html><table></table></html>", Format.HTML),
    ("web page of an OA", b"\r\n<HTML xmlns:x=\"urn:x\"><head>", Format.HTML),
    ("web page after a comment", b"<!-- made by an OA --><center><TABLE border=1><tr>", Format.HTML),
    ("web page after long styles", b"<style>" + b"a{b:c}" * 2000 + b"</style><table>", Format.HTML),
    ("words in angle brackets", "<甲>,<乙>\n".encode(), Format.TEXT),
    ("a table alone", "<table><tr><td>甲</td></tr></table>".encode("gb18030"), Format.HTML),
    ("XML of 2003", XML.encode(), Format.XML),
    ("XML of 2003 in UTF-16", XML.encode("utf-16"), Format.XML),
    ("flat open document", b'<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument">', Format.FLAT_ODF),
    ("PDF", b"%PDF-1.7", Format.PDF),
    ("JPEG", b"\xff\xd8\xff\xe0", Format.PICTURE),
    ("PNG", b"\x89PNG\r\n\x1a\n", Format.PICTURE),
    ("HEIC of a phone", b"\0\0\0\x18ftypheic", Format.PICTURE),
    ("WEBP", b"RIFF\0\0\0\0WEBP", Format.PICTURE),
    ("a film of a phone", b"\0\0\0\x18ftypmp42", Format.MEDIA),
    ("a film of a camera", b"RIFF\0\0\0\0AVI ", Format.MEDIA),
    ("a recording", b"ID3\x03", Format.MEDIA),
    ("RAR", b"Rar!\x1a\x07\x01\0", Format.RAR),
    ("7z", b"7z\xbc\xaf\x27\x1c", Format.SEVEN_ZIP),
    ("SYLK", b"ID;PWXL;N;E\r\n", Format.SYLK),
    ("nothing", b"", Format.EMPTY),
    ("white space", b" \r\n\0", Format.EMPTY),
    ("noise", bytes(range(1, 32)) * 9, Format.UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("data", "kind"), [one[1:] for one in FILES], ids=[one[0] for one in FILES])
def test_a_file_is_what_its_content_says(data: bytes, kind: Format) -> None:
    assert format_of(data) is kind


def test_the_table_here_says_something() -> None:
    assert len(TABLE) == 3
