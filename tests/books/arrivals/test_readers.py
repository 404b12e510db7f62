"""The cells of every format, with what readers leave out put back; and what is refused, with why."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from datetime import date, datetime
from itertools import product

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import sheet_xml, sheet_xml_of, with_part, xlsx, zipped

import office
from ledgers import FGJ, book, dispatched
from taizhang.books.arrivals import limits, readers, wire
from taizhang.books.arrivals.formats import Format, format_of
from taizhang.books.arrivals.plainness import is_plain
from taizhang.books.arrivals.readers import Book, _surveyed, read
from taizhang.books.arrivals.refusals import Refusal, RefusedError
from taizhang.books.render import render
from taizhang.dispatch import assignments
from taizhang.entries import UNCACHED
from taizhang.layout.department import department_workbook
from taizhang.values import Value, comparable
from taizhang.xlam.cfb import compound


def cells(book: Book, sheet: str = "") -> list[list[Value]]:
    """Return a sheet's filled part as it is compared, blank rows at the end and blank cells at the right left out."""
    grid = book.grids[sheet] if sheet else next(iter(book.grids.values()))
    rows = [[comparable(value) for value in row] for row in grid]
    for row in rows:
        while row and row[-1] is None:
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


def opened(data: bytes) -> Book:
    return read(data, format_of(data))


def refusal(data: bytes) -> Refusal:
    with pytest.raises(RefusedError) as told:
        opened(data)
    assert "{" not in told.value.why.value.format(**told.value.facts)
    return told.value.why


WANTED = [["序号", "目标任务", "完成率", "填报日期"], [1.0, "开办企业", 0.6, date(2020, 9, 8)], [2.0, "施工许可"]]


def test_a_workbook_is_read_cell_by_cell() -> None:
    assert cells(opened(xlsx())) == WANTED


@pytest.mark.office
@pytest.mark.parametrize("kind", ["xls", "ods", "xlsx", "fods"])
def test_a_workbook_saved_in_another_format_says_the_same(tmp_path, kind: str) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(xlsx())
    (made,) = office.convert([path], tmp_path / kind, kind)
    data = made.read_bytes()
    if kind == "fods":
        assert format_of(data) is Format.FLAT_ODF
    else:
        assert cells(opened(data)) == WANTED


# --- what readers leave out ---


def test_error_cells_and_results_never_saved_are_seen() -> None:
    data = sheet_xml(
        '<row r="1"><c r="A1" t="e"><v>#REF!</v></c><c r="B1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row r="3"><c r="B3"><f>A1+1</f></c><c r="C3"><f>1+1</f><v>2</v></c><c r="D3" t="str"><f>""</f><v></v></c></row>'
    )
    assert cells(opened(data)) == [["#REF!", "#DIV/0!"], [], [None, UNCACHED, 2.0]]


def with_errors() -> bytes:
    """Return a workbook with error cells, and a cell merged over two rows."""
    target = io.BytesIO()
    made = xlsxwriter.Workbook(target)
    page = made.add_worksheet("表")
    page.write_row(0, 0, ["甲", "乙", "丙"])
    page.write_formula(1, 0, "=1/0", None, "#DIV/0!")
    page.write_formula(1, 1, "=NA()", None, "#N/A")
    page.merge_range(1, 2, 2, 2, "合并的")
    page.write_formula(2, 0, "=1+1", None, 2)
    made.close()
    return target.getvalue()


@pytest.mark.office
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_errors_and_merges_are_seen_in_every_format(tmp_path, kind: str) -> None:
    path = tmp_path / "错.xlsx"
    path.write_bytes(with_errors())
    (made,) = office.convert([path], tmp_path / kind, kind)
    wanted = [["甲", "乙", "丙"], ["#DIV/0!", "#N/A", "合并的"], [2.0, None, "合并的"]]
    assert cells(opened(made.read_bytes())) == wanted


def test_a_result_never_saved_is_seen_in_an_open_document() -> None:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<office:document-content {spaces} office:version="1.2"><office:body><office:spreadsheet><table:table '
        'table:name="表"><table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
        '<table:table-row><table:table-cell table:number-columns-repeated="2"/><table:table-cell table:formula="of:=1+1"/>'
        '<table:table-cell office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell>'
        "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", "<m/>")
        package.writestr("content.xml", content)
    assert cells(opened(target.getvalue())) == [[], [], [None, None, UNCACHED, 7.0]]


def ods(rows: str, styles: str = "") -> bytes:
    """Return an OpenDocument workbook of one sheet with the given rows."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "style")
    )
    content = (
        f'<office:document-content {spaces} office:version="1.2"><office:automatic-styles>{styles}</office:automatic-styles>'
        '<office:body><office:spreadsheet><table:table table:name="表" table:style-name="ta1">'
        f"{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": b"<m/>",
            "content.xml": content.encode(),
        }
    )


def test_a_result_that_is_empty_was_calculated_in_an_open_document() -> None:
    empty = '<table:table-cell table:formula="of:=IF(1;&quot;&quot;;2)"><text:p/></table:table-cell>'
    one = '<table:table-cell office:value-type="string"><text:p>甲</text:p></table:table-cell>'
    assert cells(opened(ods(f"<table:table-row>{one}{empty}{one}</table:table-row>"))) == [["甲", None, "甲"]]


def test_line_breaks_and_spaces_of_an_open_document_part_words() -> None:
    words = (
        "<table:table-row><table:table-cell office:value-type='string'><office:annotation><text:p>批注</text:p></office:annotation>"
        "<text:p>已办<text:line-break/>三件<text:tab/>共<text:span>五<text:line-break/>件</text:span></text:p>"
        "<text:p>另<text:s text:c='2'/>有</text:p></table:table-cell></table:table-row>"
    )
    assert opened(ods(words)).grids["表"] == [["已办\n三件\t共五\n件\n另  有"]]


def test_cells_repeated_in_an_open_document_are_each_seen() -> None:
    broken = "<table:table-cell table:formula='of:=1+1' table:number-columns-repeated='2'/>"
    rows = f"<table:table-row table:number-rows-repeated='2'>{broken}</table:table-row>"
    assert cells(opened(ods(rows))) == [[UNCACHED, UNCACHED], [UNCACHED, UNCACHED]]
    endless = rows.replace("rows-repeated='2'", "rows-repeated='1048576'")
    assert refusal(ods(endless)) is Refusal.TOO_BIG


def biff(*records: tuple[int, bytes]) -> bytes:
    return b"".join(struct.pack("<HH", number, len(content)) + content for number, content in records)


def old_workbook(*cells: tuple[int, bytes], hidden: int = 0) -> bytes:
    """Return an .xls of one sheet with the given cell records (MS-XLS 2.4)."""

    def head(kind: int) -> tuple[int, bytes]:
        return 0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 6)

    def workbook(start: int) -> bytes:
        name = bytes([1, 1]) + "表".encode("utf-16-le")
        return biff(head(0x05), (0x85, struct.pack("<IBB", start, hidden, 0) + name), (0x0A, b""))

    stream = workbook(len(workbook(0))) + biff(head(0x10), *cells, (0x0A, b""))
    return compound({"Workbook": stream.ljust(4096, b"\0")})


def formula(row: int, column: int, result: float, flags: int) -> tuple[int, bytes]:
    return 0x06, struct.pack("<HHHdHIH", row, column, 0, result, flags, 0, 3) + b"\x1e\x01\x00"


def test_a_result_never_calculated_is_seen_in_an_old_workbook() -> None:
    made = old_workbook(formula(0, 0, 0.0, 0), formula(0, 1, 0.0, 3), formula(0, 2, 5.0, 3))
    assert cells(opened(made)) == [[0.0, UNCACHED, 5.0]]


def test_sheets_that_do_not_show_are_known() -> None:
    target = io.BytesIO()
    made = xlsxwriter.Workbook(target)
    for name in ("看", "藏", "很藏"):
        made.add_worksheet(name).write(0, 0, name)
    made.worksheets()[1].hide()
    made.worksheets()[2].very_hidden()
    made.close()
    far = with_part(
        target.getvalue(), "xl/worksheets/sheet1.xml", sheet_xml_of('<row r="999999"><c r="A999999"><v>1</v></c></row>')
    )
    assert opened(target.getvalue()).hidden == opened(far).hidden == {"藏", "很藏"}
    assert opened(old_workbook(formula(0, 0, 5.0, 0), hidden=1)).hidden == {"表"}
    assert opened(old_workbook(formula(0, 0, 5.0, 0))).hidden == set()
    shown = (
        "<style:style style:name='ta1' style:family='table'><style:table-properties table:display='{}'/></style:style>"
    )
    row = "<table:table-row><table:table-cell office:value-type='string'><text:p>甲</text:p></table:table-cell></table:table-row>"
    assert [opened(ods(row, shown.format(show))).hidden for show in ("false", "true")] == [{"表"}, set()]
    space = "urn:schemas-microsoft-com:office"
    xml = f'<Workbook xmlns="{space}:spreadsheet" xmlns:ss="{space}:spreadsheet"><Worksheet ss:Name="表"><Table/><WorksheetOptions xmlns="{space}:excel"><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet></Workbook>'
    assert opened(xml.encode()).hidden == {"表"}
    assert opened(xml.replace("SheetHidden", "SheetVisible").encode()).hidden == set()


def xlsb(rows: list[list[tuple[str, object]]]) -> bytes:
    """Return a binary workbook of one sheet, written record by record (MS-XLSB 2.3)."""

    def record(number: int, content: bytes = b"") -> bytes:
        head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
        size, length = b"", len(content)
        while True:
            size += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
            length >>= 7
            if not length:
                return head + size + content

    def text(words: str) -> bytes:
        return len(words).to_bytes(4, "little") + words.encode("utf-16-le")

    body = record(129) + record(148, struct.pack("<4I", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)) + record(145)
    for r, row in enumerate(rows):
        body += record(0, r.to_bytes(4, "little") + b"\0" * 13)
        for c, (kind, value) in enumerate(row):
            place = c.to_bytes(4, "little") + b"\0" * 4
            match kind:
                case "text":
                    body += record(6, place + text(str(value)))
                case "number":
                    body += record(5, place + struct.pack("<d", value))
                case "error":
                    body += record(3, place + bytes([int(str(value))]))
    body += record(146) + record(130)
    book = (
        record(131)
        + record(143)
        + record(156, b"\0" * 4 + b"\x01\0\0\0" + text("rId1") + text("表"))
        + record(144)
        + record(157)
        + record(132)
    )
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="{{}}" Type="{kinds}/{{}}" Target="{{}}"/></Relationships>'
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr(
            "[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
        )
        package.writestr("_rels/.rels", rels.format("rId1", "officeDocument", "xl/workbook.bin"))
        package.writestr("xl/workbook.bin", book)
        package.writestr("xl/_rels/workbook.bin.rels", rels.format("rId1", "worksheet", "worksheets/sheet1.bin"))
        package.writestr("xl/worksheets/sheet1.bin", body)
    return target.getvalue()


def test_a_binary_workbook_is_read_with_its_errors() -> None:
    made = xlsb(
        [[("text", "甲"), ("text", "乙")], [("number", 0.5), ("error", 23)], [("error", 42), ("text", "字" * 200)]]
    )
    assert format_of(made) is Format.XLSB
    assert cells(opened(made)) == [["甲", "乙"], [0.5, "#REF!"], ["#N/A", "字" * 200]]


def test_rows_and_cells_without_a_place_follow_the_one_before() -> None:
    data = sheet_xml("<row><c><v>1</v></c><c t='e'><v>#N/A</v></c></row><row><c/><c><v>4</v></c></row>")
    assert cells(opened(data)) == [[1.0, "#N/A"], [None, 4.0]]


def test_a_cell_lost_in_the_distance_costs_no_other_and_is_named() -> None:
    data = sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>9</v></c></row>')
    book = opened(data)
    assert (cells(book), book.far) == ([[1.0]], ("表!XFD1048576",))


def test_what_was_merged_downwards_is_about_every_row() -> None:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    page = book.add_worksheet("表")
    page.write_row(0, 0, ["类别", "任务"])
    page.merge_range(1, 0, 2, 0, "开办企业")
    page.write_column(1, 1, ["甲", "乙"])
    book.close()
    assert cells(opened(target.getvalue())) == [["类别", "任务"], ["开办企业", "甲"], ["开办企业", "乙"]]


def test_what_was_merged_over_an_empty_row_leaves_it_empty() -> None:
    target = io.BytesIO()
    made = xlsxwriter.Workbook(target)
    page = made.add_worksheet("表")
    page.merge_range(0, 0, 2, 0, "类别")
    page.merge_range(0, 1, 2, 1, "单位")
    page.write_column(0, 2, ["甲", None, "丙"])
    made.close()
    assert cells(opened(target.getvalue())) == [["类别", "单位", "甲"], [], ["类别", "单位", "丙"]]


def test_a_stray_cell_takes_nothing_from_what_was_merged() -> None:
    target = io.BytesIO()
    made = xlsxwriter.Workbook(target)
    page = made.add_worksheet("表")
    page.merge_range(0, 0, 2, 1, "合并的")
    page.write_column(1, 2, ["乙", "丙"])
    page.write(0, 700, "远处")
    made.close()
    book = opened(target.getvalue())
    assert cells(book) == [["合并的"], ["合并的", None, "乙"], ["合并的", None, "丙"]]
    assert book.far == ("表!ZY1",)


def test_a_whole_row_merged_makes_no_sheet_wide() -> None:
    data = sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>')
    merged = with_part(
        data,
        "xl/worksheets/sheet1.xml",
        zipfile.ZipFile(io.BytesIO(data))
        .read("xl/worksheets/sheet1.xml")
        .replace(b"</worksheet>", b'<mergeCells><mergeCell ref="A1:XFD1"/></mergeCells></worksheet>'),
    )
    assert cells(opened(merged)) == [[1.0]]


# --- text ---

LINES = '序号,目标任务,完成率\n1,开办企业,60%\n2,"施工,许可",\n'
TEXT_WANTED = [["序号", "目标任务", "完成率"], ["1", "开办企业", "60%"], ["2", "施工,许可"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_a_text_table_is_read_in_every_encoding(encoding: str) -> None:
    assert cells(opened(LINES.encode(encoding))) == TEXT_WANTED


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_a_text_table_is_split_at_its_own_sign(delimiter: str) -> None:
    lines = f"序号{delimiter}目标任务\n1{delimiter}开办企业,变更\n"
    assert cells(opened(lines.encode())) == [["序号", "目标任务"], ["1", "开办企业,变更"]]


def test_quotes_written_for_themselves_are_words() -> None:
    lines = '序号\t目标任务\t进展情况\n1\t"放管服"改革\t办结"一件事"\n2\t甲\t乙"丙\n'
    assert cells(opened(lines.encode()))[1:] == [["1", '"放管服"改革', '办结"一件事"'], ["2", "甲", '乙"丙']]


@pytest.mark.parametrize("lines", ['1,"甲,乙,丙\n2,丁,戊\n', '1,"甲,乙",丙\n2,"丁"戊,己\n3,"庚,辛",壬\n'])
def test_quotes_without_their_other_are_refused(lines: str) -> None:
    assert refusal(f"序号,目标任务,进展情况\n{lines}".encode()) is Refusal.UNPAIRED


def test_a_text_without_columns_is_no_table() -> None:
    assert refusal("只有一句话。\n".encode()) is Refusal.NO_TABLE


# --- web pages, XML of 2003 ---


def test_a_web_table_saved_as_xls_is_read_with_its_spans() -> None:
    page = (
        '<html><meta charset="gb2312"><table><tr><th>类别<th>任务<th>完成率</tr>'
        "<tr><td rowspan=2>开办企业<td>甲<br>乙<td>60%</tr><tr><td colspan=2>合计</tr></table></html>"
    )
    assert cells(opened(page.encode("gb18030"))) == [
        ["类别", "任务", "完成率"],
        ["开办企业", "甲\n乙", "60%"],
        ["开办企业", "合计"],
    ]


def test_what_a_page_does_not_show_is_no_value() -> None:
    page = (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><table><tr><td>任务</td><td>进展</td></tr>'
        "<tr><td>甲<!-- 批注 --></td><td><style>x</style>完成<script>y</script></td></tr></table></html>"
    )
    assert cells(opened(page.encode())) == [["任务", "进展"], ["甲", "完成"]]
    assert cells(opened(b"<table><tr><td>a&#1;b&#xFFFE;c<td>d</table>")) == [["abc", "d"]]


def test_xml_of_2003_is_read_with_its_types_and_jumps() -> None:
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    xml = (
        f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="台账"><Table>'
        '<Row><Cell><Data ss:Type="String">甲</Data></Cell><Cell ss:Index="3"><Data ss:Type="Number">0.6</Data></Cell></Row>'
        '<Row ss:Index="3"><Cell ss:MergeDown="1"><Data ss:Type="DateTime">2020-09-08T00:00:00.000</Data></Cell></Row>'
        '<Row><Cell ss:Index="2"><Data ss:Type="Boolean">1</Data></Cell></Row></Table></Worksheet></Workbook>'
    )
    day = date(2020, 9, 8)
    assert cells(opened(xml.encode()), "台账") == [["甲", None, 0.6], [], [day], [day, True]]


# --- what is refused ---


def bomb() -> bytes:
    return with_part(xlsx(), "xl/worksheets/sheet1.xml", b"<a>" + b" " * (limits.UNPACKED + 1))


def locked_zip() -> bytes:
    """Return a workbook whose parts say that they are encrypted."""
    data = bytearray(xlsx())
    for at in (n for n in range(len(data) - 4) if data[n : n + 4] in (b"PK\x01\x02", b"PK\x03\x04")):
        data[at + (8 if data[at + 2] == 1 else 6)] |= 1
    return bytes(data)


REFUSED: list[tuple[str, bytes, Refusal]] = [
    ("a bomb", bomb(), Refusal.TOO_BIG),
    ("cut off", xlsx()[:2000], Refusal.DAMAGED),
    ("a DOCTYPE", with_part(xlsx(), "xl/workbook.xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a/>'), Refusal.UNSAFE),
    ("a DOCTYPE in UTF-16", with_part(xlsx(), "xl/styles.xml", "<!DOCTYPE a><a/>".encode("utf-16")), Refusal.UNSAFE),
    ("a part that is no XML", with_part(xlsx(), "xl/workbook.xml", b"<not"), Refusal.DAMAGED),
    ("encrypted parts", locked_zip(), Refusal.ENCRYPTED),
    ("an old workbook of noise", b"\x09\x04\x06\x00" + b"\xff" * 99, Refusal.DAMAGED),
    ("a page without a table", b"<html><p>x</p></html>", Refusal.NO_TABLE),
    ("spans without end", b"<table><tr>" + b"<td rowspan=500 colspan=500>x" * 40 + b"</table>", Refusal.TOO_BIG),
    ("XML of 2003 cut off", b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><a>', Refusal.DAMAGED),
    ("XML of 2003 with a DOCTYPE", b'<!DOCTYPE a><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', Refusal.UNSAFE),
]  # fmt: skip


@pytest.mark.parametrize(("data", "why"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_what_cannot_be_read_is_refused_with_the_reason(data: bytes, why: Refusal) -> None:
    assert refusal(data) is why


# --- to the other process and back ---

VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text()
    | st.dates()
    | st.datetimes()
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(VALUES, max_size=4), max_size=4), st.none() | st.datetimes())
def test_cells_come_through_the_pipe_as_they_were(rows: list[list[Value]], saved: datetime | None) -> None:
    book = Book({"表": rows}, {"甲": "乙"}, saved, ("表!A9",))
    pipe = io.BytesIO()
    wire.send(pipe, wire.told(book), b"bytes", b"")
    pipe.seek(0)
    head, blobs = wire.receive(pipe, limits.REPLY)
    assert (wire.heard(head), blobs) == (book, [b"bytes", b""])
    assert [[type(v) for v in row] for row in wire.heard(head).grids["表"]] == [[type(v) for v in row] for row in rows]


@pytest.mark.parametrize("cut", range(1, 40, 6))
def test_a_message_cut_off_is_none(cut: int) -> None:
    pipe = io.BytesIO()
    wire.send(pipe, {"甲": 1}, b"bytes")
    assert wire.receive(io.BytesIO(pipe.getvalue()[:-cut]), limits.REPLY) is None


def test_a_message_that_is_too_long_is_not_read() -> None:
    pipe = io.BytesIO()
    wire.send(pipe, {}, b"x" * 100)
    with pytest.raises(ValueError, match="bytes"):
        wire.receive(io.BytesIO(pipe.getvalue()), 50)


# --- sheets whose cells need not be looked at one by one ---

PLACES = (
    *(' r="A1"', "", ' r="SF9"', ' r="SG9"', ' r="AAA5"', ' r="A12345"', ' r="a2"', " r='B2'"),
    *(' r = "AAA1"', '\tr="AAA1"', ' r="A1" x="1"', ' x="1" r="AAA1"', ' r="&#65;AA1"'),
)
TYPES = (
    *("", ' t="s"', ' t="e"', " t='e'", ' t="str"', ' t="b"', ' s="1"'),
    *(' t = "e"', ' t= "e"', '\nt="e"', ' t="&#101;"', ' t ="s"'),
)
SAID = (
    *("<v>1</v>", "<v> 1</v>", "<v>1\n</v>", "<v/>", "<v></v>", "", "<is><t>字</t></is>", "<f>1+1</f>", "<f/>"),
    *("<f>1+1</f><v>2</v>", "<f>1</f><v></v>", '<f t="shared" si="0"/><v>2</v>', '<f t="shared" si="0"/>', "<f >1</f>"),
    *("<v >2</v>", "<v > 2</v>", "<v>2 </v >", "<v>&#32;2</v>", "<v><![CDATA[ 2]]></v>", "<f>1</f ><v/>", "<f>1</f >"),
)
CELLS = st.builds(
    "<{0}c{1}{2}>{3}</{0}c>".format, st.sampled_from(["", "", "x:"]), *map(st.sampled_from, (PLACES, TYPES, SAID))
)
ROWS = st.builds(
    "<row{}>{}</row>".format,
    st.sampled_from(["", ' r="1"', ' r="7"', ' r="123456"', ' spans="1:2" r="3"']),
    st.lists(CELLS, max_size=4).map("".join),
)
END = st.sampled_from(["</sheetData></worksheet>"] * 5 + ["</sheetData>", "</sheetData></worksheet", ""])


@given(st.lists(ROWS, max_size=4).map("".join), END)
@settings(max_examples=400)
def test_law_a_sheet_found_plain_has_nothing_that_readers_leave_out(rows: str, end: str) -> None:
    assert_nothing_is_left_out(rows, end)


def test_no_spelling_of_a_cell_hides_what_readers_leave_out() -> None:
    for place, kind, said in product(PLACES, TYPES, SAID):
        assert_nothing_is_left_out(f'<row r="1"><c{place}{kind}>{said}</c></row>', "</sheetData></worksheet>")


def assert_nothing_is_left_out(rows: str, end: str) -> None:
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:x="urn:x"'
    data = f"<worksheet {space}><sheetData>{rows}{end}".encode()
    if is_plain(data):
        found = _surveyed(data)
        assert not found.marks, rows
        assert not found.far, rows
        assert not found.odd, rows
        assert not found.wide, rows


def test_the_sheets_we_send_out_are_plain() -> None:
    sheets = [data for name, data in parts_of(dispatched_workbook()).items() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) > 3
    assert all(map(is_plain, sheets))


def dispatched_workbook() -> bytes:
    ledger = dispatched(book(f"| 序号 | 牵头部门 | 进展情况 |\n| 1 | {FGJ} | 原来 |\n"), date(2020, 9, 1))
    (part,) = assignments(ledger, "台账.xlsx")
    return render(department_workbook(ledger, ledger.batches[-1], part, date(2020, 9, 10)))


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.mark.parametrize("seed", range(40))
def test_a_broken_sheet_is_refused_as_if_every_cell_had_been_looked_at(seed: int, monkeypatch) -> None:
    chance, parts = random.Random(seed), parts_of(dispatched_workbook())
    name = "xl/worksheets/sheet2.xml"
    sheet = parts[name]
    at = chance.randrange(sheet.index(b"<sheetData"), sheet.index(b"</sheetData>"))
    parts[name] = sheet[:at] + sheet[at + chance.choice((1, 2, 5, 20, 300)) :]
    data = zipped(parts)
    seen = outcome(data)
    monkeypatch.setattr(readers, "is_plain", lambda _data: False)
    assert seen == outcome(data)


def outcome(data: bytes) -> object:
    try:
        return read(data, Format.XLSX).grids
    except RefusedError as refused:
        return refused.why
