"""The package editor: what is edited reads back, what is not keeps its bytes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from python_calamine import CalamineWorkbook

from taizhang.books import package as module
from taizhang.books.package import Cached, Package, PackageError, escaped, unescaped
from taizhang.books.rows import Scratch
from taizhang.layout.parts import Formula

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "edit"
NOT_EDITABLE = {"aspose-cells__sampleFindIfWorksheetIsDialogSheet.xlsx": "its only sheet is a dialog, it has no cells"}
MAY_CHANGE = re.compile(
    r"xl/(workbook|styles|calcChain)\.xml|\[content_types\]\.xml|xl/_rels/workbook\.xml\.rels", re.I
)
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)

# --- grids and parts -------------------------------------------------------------------------------------------------


def written(fill: Callable[[xlsxwriter.Workbook], None], **options: object) -> bytes:
    """Return a workbook that XlsxWriter makes."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, **options}) as book:
        fill(book)
    return file.getvalue()


def saved(book: openpyxl.Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


@cache  # XlsxWriter stamps the time into it
def ledger() -> bytes:
    """Return an office's ledger: looks, formulas, a chart, a note, a second sheet."""

    def fill(book: xlsxwriter.Workbook) -> None:
        sheet, other = book.add_worksheet("台账"), book.add_worksheet("科室自用")
        head, day = book.add_format({"bold": True, "bg_color": "#FFEECC"}), book.add_format({"num_format": "yyyy/m/d"})
        sheet.write_row(0, 0, ["编码", "任务", "完成时限", "进度", "状态"], head)
        for row in (1, 2):
            sheet.set_row(row, 33)
            sheet.write_row(row, 0, [f"T{row}", "简化审批"])
            sheet.write_datetime(row, 2, datetime(2020, 9, 10), day)
            sheet.write_number(row, 3, 0.5)
            sheet.write_formula(row, 4, f'=IF(D{row + 1}>=1,"待销号","进行中")', None, "进行中")
        sheet.write_comment("B2", "看这里")
        other.write_column(0, 0, [1, 2, 3])
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=科室自用!$A$1:$A$3"})
        other.insert_chart("C2", chart)

    return written(fill)


def parts(data: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def rebuilt(data: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    """Return a package with its parts changed by hand."""
    entries = parts(data)
    change(entries)
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def replaced(name: str, old: str, new: str) -> Callable[[dict[str, bytes]], object]:
    def change(entries: dict[str, bytes]) -> None:
        assert old.encode() in entries[name], f"{old} is not in {name}"
        entries[name] = entries[name].replace(old.encode(), new.encode())

    return change


def touched(before: bytes, after: bytes) -> set[str]:
    """Return the names of parts that came, went or changed."""
    old, new = parts(before), parts(after)
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def edited(data: bytes, sheet: str, cells: dict[tuple[int, int], module.Edit]) -> bytes:
    package = Package.load(data)
    package.set_cells(sheet, cells)
    return package.dump()


def put(data: bytes, scratch: bytes, order: Iterable[str] = ()) -> bytes:
    package = Package.load(data)
    package.put_sheets(Scratch(scratch), list(order))
    return package.dump()


def opened(data: bytes, values: bool = False) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(data), data_only=values)


def seen(data: bytes, sheet: str, row: int, column: int) -> object:
    """Return the value of a cell as both readers see it; they must agree."""
    one = opened(data, values=True)[sheet].cell(row, column).value
    grid = CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    other = grid[row - 1][column - 1] if row <= len(grid) and column <= len(grid[0]) else ""
    if isinstance(other, date) and not isinstance(other, datetime):
        other = datetime(other.year, other.month, other.day)
    assert (one if one is not None else "") == other
    return one


def grid_of(data: bytes, sheet: str) -> dict[tuple[int, int], object]:
    cells = (cell for row in opened(data)[sheet].iter_rows() for cell in row)
    return {(cell.row, cell.column): cell.value for cell in cells if cell.value is not None}


def sheet_xml(data: bytes, number: int = 1) -> str:
    return parts(data)[f"xl/worksheets/sheet{number}.xml"].decode()


def with_rows(rows: str, before: str = "") -> bytes:
    """Return a package whose one sheet "表" holds the given XML rows."""
    xml = f'<worksheet xmlns="{module.MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'
    data = written(lambda book: book.add_worksheet("表"))
    return rebuilt(data, lambda entries: entries.update({"xl/worksheets/sheet1.xml": xml.encode()}))


# --- what stays ------------------------------------------------------------------------------------------------------


def test_an_edit_changes_only_the_sheet_and_the_workbook_part():
    before = ledger()
    assert touched(before, edited(before, "台账", {(2, 2): "改", (9, 9): 7})) == {
        "xl/worksheets/sheet1.xml",
        "xl/workbook.xml",
    }


def test_a_package_not_edited_keeps_every_part_its_order_and_its_times():
    before = ledger()
    after = Package.load(before).dump()
    assert list(parts(after).items()) == list(parts(before).items())
    times = [[info.date_time for info in ZipFile(BytesIO(data)).infolist()] for data in (before, after)]
    assert times[0] == times[1]


def test_the_same_edits_give_the_same_bytes():
    before = ledger()
    assert edited(before, "台账", {(5, 1): "新"}) == edited(before, "台账", {(5, 1): "新"})


def test_cells_beside_an_edit_keep_their_xml():
    before, cell = ledger(), '<c r="B3" t="s"><v>6</v></c>'
    assert cell in sheet_xml(before)
    assert cell in sheet_xml(edited(before, "台账", {(3, 1): "T9"}))


def test_an_edited_cell_keeps_its_style():
    sheet = opened(edited(ledger(), "台账", {(1, 2): "任务名称"}))["台账"]
    assert (sheet["B1"].value, sheet["B1"].font.bold, sheet["B1"].fill.fgColor.rgb) == ("任务名称", True, "FFFFEECC")


def test_none_leaves_an_empty_cell_with_its_style():
    after = edited(ledger(), "台账", {(1, 1): None, (2, 3): None})
    assert seen(after, "台账", 2, 3) is None
    assert opened(after)["台账"]["A1"].font.bold


def test_none_makes_no_cell_where_there_was_none():
    assert "J9" not in sheet_xml(edited(ledger(), "台账", {(9, 10): None}))


def test_a_sheet_is_found_whatever_its_case_and_a_missing_one_is_named():
    package = Package.load(written(lambda book: book.add_worksheet("Data")))
    package.set_cells("dATA", {(1, 1): 1})
    with pytest.raises(ValueError, match="汇总: no such sheet"):
        package.set_cells("汇总", {(1, 1): 1})


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("简化审批", "简化审批"),
        ("  两边空格 ", "  两边空格 "),
        ("一\n二", "一\n二"),
        ("=1+1", "=1+1"),
        ("+86", "+86"),
        ("-3", "-3"),
        ("@你", "@你"),
        (True, True),
        (False, False),
        (7, 7),
        (-0.1, -0.1),
        (1831.5000000000002, 1831.5000000000002),
        (1e300, 1e300),
        (date(2020, 9, 10), datetime(2020, 9, 10)),
        (datetime(2020, 9, 10, 8, 30, 15), datetime(2020, 9, 10, 8, 30, 15)),
        (None, None),
        ("", None),
    ],
)
def test_every_kind_of_value_reads_back_in_both_readers(value, expected):
    found = seen(edited(ledger(), "台账", {(4, 6): value}), "台账", 4, 6)
    assert found == expected
    assert isinstance(found, bool) == isinstance(expected, bool)


def test_text_that_looks_like_a_formula_stays_text():
    cell = opened(edited(ledger(), "台账", {(4, 6): "=SUM(A1)"}))["台账"]["F4"]
    assert (cell.value, cell.data_type) == ("=SUM(A1)", "s")


def test_characters_xml_cannot_hold_are_escaped_and_decoded_by_a_reader():
    text = "a\x00b\x0b_x000D_c"
    after = edited(ledger(), "台账", {(4, 6): text})
    assert "a_x0000_b_x000B__x005F_x000D_c" in sheet_xml(after)
    row = CalamineWorkbook.from_filelike(BytesIO(after)).get_sheet_by_name("台账").to_python(skip_empty_area=False)[3]
    assert row[5] == text


@given(st.text(st.characters(codec=None)))
def test_escaping_can_be_undone(text):
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, 10**400, "字" * 32_768, date(1899, 12, 31)])
def test_a_value_no_cell_can_hold_is_refused_and_nothing_changes(value):
    before = ledger()
    package = Package.load(before)
    with pytest.raises(ValueError, match=r".+"):
        package.set_cells("台账", {(1, 1): "改", (2, 2): value})
    assert parts(package.dump()) == parts(before)


@pytest.mark.parametrize("place", [(0, 1), (1, 0), (1_048_577, 1), (1, 16_385)])
def test_a_place_outside_the_sheet_is_refused(place):
    with pytest.raises(ValueError, match="outside the sheet"):
        edited(ledger(), "台账", {place: 1})


def test_a_value_of_another_type_is_refused():
    with pytest.raises(TypeError, match="a cell holds"):
        edited(ledger(), "台账", {(1, 1): [1]})  # type: ignore[dict-item]


VALUES = st.one_of(
    st.none(),
    st.text(st.characters(codec=None), max_size=20),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(-1e300, 1e300),
    st.dates(date(1900, 1, 1)),
    st.datetimes(datetime(1900, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),
)
SHOW_DATES = {(2, 3), (3, 3)}  # a number written there would read as a day
PLACES = st.tuples(st.integers(1, 12), st.integers(1, 8)).filter(lambda place: place not in SHOW_DATES)


def expected_of(value: object) -> object:
    """Return what openpyxl reads where `value` was written."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return escaped(value) if isinstance(value, str) and value else value if value != "" else None


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(PLACES, VALUES, max_size=12))
def test_law_what_is_set_reads_back_and_the_rest_is_as_before(cells):
    before = ledger()
    expected = {**grid_of(before, "台账"), **{place: expected_of(value) for place, value in cells.items()}}
    expected = {place: value for place, value in expected.items() if value is not None}
    assert grid_of(edited(before, "台账", cells), "台账") == expected


# --- dates -----------------------------------------------------------------------------------------------------------


def test_a_date_gets_a_date_format_once_and_a_moment_one_with_time():
    before = ledger()
    after = edited(before, "台账", {(n, 7): date(2020, 9, n) for n in range(1, 9)} | {(9, 7): datetime(2020, 9, 9, 8)})
    sheet = opened(after)["台账"]
    assert {sheet.cell(n, 7).number_format for n in range(1, 9)} == {"mm-dd-yy"}
    assert sheet["G9"].number_format == "m/d/yy h:mm"
    count = [len(opened(data)._cell_styles) for data in (before, after)]
    assert count[1] == count[0] + 2


def test_a_date_in_a_styled_cell_keeps_the_rest_of_its_look():
    cell = opened(edited(ledger(), "台账", {(1, 1): date(2020, 9, 1)}))["台账"]["A1"]
    assert (cell.number_format, cell.font.bold) == ("mm-dd-yy", True)


def test_a_cell_that_shows_dates_already_keeps_its_format_and_the_stylesheet_its_bytes():
    before = ledger()
    after = edited(before, "台账", {(2, 3): date(2020, 12, 31)})
    assert seen(after, "台账", 2, 3) == datetime(2020, 12, 31)
    assert parts(after)["xl/styles.xml"] == parts(before)["xl/styles.xml"]


@pytest.mark.parametrize(
    ("code", "is_date"),
    [
        ("yyyy\\-mm\\-dd", True),
        ('yyyy"年"m"月"', True),
        ("[$-804]aaaa;@", False),
        ("[h]:mm", True),
        ("General", False),
        ("0.00E+00", False),
        ('0"days"', False),
        ("[Red]0.0", False),
    ],
)
def test_date_formats_are_told_from_number_formats(code, is_date):
    def fill(book):
        book.add_worksheet("表").write_number(0, 0, 1, book.add_format({"num_format": code}))

    cell = opened(edited(written(fill), "表", {(1, 1): date(2020, 9, 1)}))["表"]["A1"]
    assert (cell.number_format == code) == is_date


def test_dates_follow_the_calendar_of_the_workbook():
    before = written(lambda book: book.add_worksheet("表"), date_1904=True)
    after = edited(before, "表", {(1, 1): date(2020, 9, 10), (2, 1): datetime(1904, 1, 2, 6)})
    assert seen(after, "表", 1, 1) == datetime(2020, 9, 10)
    assert "<v>42622</v>" in sheet_xml(after)
    assert "<v>1.25</v>" in sheet_xml(after)


@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
def test_a_package_without_a_stylesheet_gets_one_for_a_date():
    def bare(entries):
        del entries["xl/styles.xml"]
        for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
            entries[name] = re.sub(rb"<[^<>]*styles\.xml[^<>]*/>", b"", entries[name])

    before = rebuilt(written(lambda book: book.add_worksheet("表")), bare)
    assert seen(edited(before, "表", {(1, 1): date(2020, 9, 10)}), "表", 1, 1) == datetime(2020, 9, 10)


# --- formulas --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["待销号", 3, 2.5, True, None, ""])
def test_a_formula_brings_the_value_both_readers_see(value):
    after = edited(ledger(), "台账", {(2, 6): Formula('=IF(D2>=1,"待销号","")', value)})
    assert opened(after)["台账"]["F2"].value == '=IF(D2>=1,"待销号","")'
    assert (seen(after, "台账", 2, 6) or None) == (value or None)


def test_an_empty_text_result_is_stored_as_text():
    assert '<c r="F2" t="str"><f>A1</f><v></v></c>' in sheet_xml(edited(ledger(), "台账", {(2, 6): Formula("A1", "")}))


def test_a_cached_value_changes_and_the_formula_stays():
    before = ledger()
    after = edited(before, "台账", {(2, 5): Cached("待销号")})
    assert opened(after)["台账"]["E2"].value == opened(before)["台账"]["E2"].value
    assert seen(after, "台账", 2, 5) == "待销号"


def test_a_cached_value_needs_a_formula():
    with pytest.raises(ValueError, match="B2: holds no formula"):
        edited(ledger(), "台账", {(2, 2): Cached(1)})


def test_every_edit_asks_for_a_full_calculation_in_schema_order():
    before = rebuilt(ledger(), replaced("xl/workbook.xml", '<calcPr calcId="124519" fullCalcOnLoad="1"/>', ""))
    xml = parts(edited(before, "台账", {(2, 2): "改"}))["xl/workbook.xml"].decode()
    assert xml.index("</sheets>") < xml.index('<calcPr fullCalcOnLoad="1"/>')


SHARED = (
    '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f t="shared" ref="B1:B3" si="0">A1*2</f><v>2</v></c></row>'
    '<row r="2"><c r="A2"><v>2</v></c><c r="B2"><f t="shared" si="0"/><v>4</v></c></row>'
    '<row r="3"><c r="A3"><v>3</v></c><c r="B3"><f t="shared" si="0"/><v>6</v></c></row>'
)


@pytest.mark.parametrize("content", [5, None, "文", Formula("A1*3", 3)])
def test_a_formula_others_share_is_not_overwritten_and_nothing_changes(content):
    before = with_rows(SHARED)
    package = Package.load(before)
    with pytest.raises(ValueError, match="B1: other cells share"):
        package.set_cells("表", {(1, 1): 9, (1, 2): content})
    assert parts(package.dump()) == parts(before)


def test_a_shared_formula_is_overwritten_with_all_that_share_it():
    after = edited(with_rows(SHARED), "表", {(n, 2): Formula(f"A{n}*3", n * 3) for n in (1, 2, 3)})
    assert [opened(after)["表"].cell(n, 2).value for n in (1, 2, 3)] == ["=A1*3", "=A2*3", "=A3*3"]


def test_a_cell_that_only_shares_a_formula_is_overwritten_freely():
    after = edited(with_rows(SHARED), "表", {(2, 2): 5})
    assert [opened(after)["表"].cell(n, 2).value for n in (1, 2, 3)] == ["=A1*2", 5, "=A3*2"]


def test_a_shared_formula_stays_under_new_cached_values_and_under_itself():
    after = edited(with_rows(SHARED), "表", {(1, 2): Formula("=A1*2", 20), (2, 2): Cached(40), (3, 2): Cached("六十")})
    assert [opened(after)["表"].cell(n, 2).value for n in (1, 2, 3)] == ["=A1*2", "=A2*2", "=A3*2"]
    assert [seen(after, "表", n, 2) for n in (1, 2, 3)] == [20, 40, "六十"]


def test_a_part_of_an_array_formula_is_not_overwritten():
    rows = '<row r="1"><c r="A1"><f t="array" ref="A1:A2">B1:B2</f><v>0</v></c></row><row r="2"><c r="A2"/></row>'
    for row in (1, 2):
        with pytest.raises(ValueError, match=f"A{row}: part of an array formula"):
            edited(with_rows(rows), "表", {(row, 1): 5})
    assert seen(edited(with_rows(rows), "表", {(1, 1): Cached(5)}), "表", 1, 1) == 5


def with_chain() -> bytes:
    """Return the ledger with a calculation chain, as Excel writes one."""

    def change(entries):
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
        entries["xl/calcChain.xml"] = f'<calcChain xmlns="{module.MAIN}"><c r="E2" i="1"/></calcChain>'.encode()
        override, link = "<Override PartName='/xl/calcChain.xml' ContentType='{}'/>", "<Relationship Id='rId99' {}/>"
        types = entries["[Content_Types].xml"].decode()
        entries["[Content_Types].xml"] = types.replace("</Types>", override.format(kind) + "</Types>").encode()
        links = entries["xl/_rels/workbook.xml.rels"].decode()
        fact = f"Type='{module.RELATIONS}/calcChain' Target='calcChain.xml'"
        links = links.replace("</Relationships>", link.format(fact) + "</Relationships>")
        entries["xl/_rels/workbook.xml.rels"] = links.encode()

    return rebuilt(ledger(), change)


@pytest.mark.parametrize(("place", "content"), [((2, 5), "进行中"), ((2, 6), Formula("A1", 1))])
def test_the_calculation_chain_goes_when_a_formula_comes_or_goes(place, content):
    after = parts(edited(with_chain(), "台账", {place: content}))
    assert "xl/calcChain.xml" not in after
    assert not any(b"calcChain" in data for data in after.values())


@pytest.mark.parametrize(("place", "content"), [((2, 5), Cached("待销号")), ((2, 2), "改"), ((2, 5), Formula("A1"))])
def test_the_calculation_chain_stays_when_the_same_cells_hold_formulas(place, content):
    assert "xl/calcChain.xml" in parts(edited(with_chain(), "台账", {place: content}))


# --- rows and columns ------------------------------------------------------------------------------------------------


def test_new_cells_and_rows_go_where_the_schema_wants_them():
    after = edited(
        with_rows('<row r="2" spans="2:4"><c r="B2"/><c r="D2"/></row><row r="5"/>'),
        "表",
        {(2, 1): 1, (2, 3): 1, (2, 28): 1, (1, 1): 1, (3, 1): 1, (9, 1): 1},
    )
    xml = sheet_xml(after)
    assert re.findall(r'<row r="(\d+)"', xml) == ["1", "2", "3", "5", "9"]
    assert re.findall(r'<c r="(\w+)"', xml) == ["A1", "A2", "B2", "C2", "D2", "AB2", "A3", "A9"]
    assert "spans" not in xml


def test_the_stated_dimension_grows_with_the_cells():
    data = with_rows('<row r="2"><c r="B2"/></row>', before='<dimension ref="B2"/>')
    assert '<dimension ref="A2:C9"/>' in sheet_xml(edited(data, "表", {(9, 3): 1, (3, 1): 1}))


def test_a_new_cell_takes_the_style_of_its_row_else_of_its_column():
    def fill(book):
        sheet = book.add_worksheet("表")
        sheet.set_column(0, 1, 10, book.add_format({"bold": True}))
        sheet.set_row(4, 20, book.add_format({"italic": True}))

    sheet = opened(edited(written(fill), "表", {(1, 2): "列", (5, 2): "行", (1, 3): "无"}))["表"]
    assert [sheet["B1"].font.bold, sheet["B5"].font.italic, sheet["B5"].font.bold] == [True, True, False]
    assert not sheet["C1"].has_style


def test_cells_and_rows_without_names_are_counted():
    rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c r='C4'><v>3</v></c><c><v>4</v></c></row><row><c/></row>"
    after = edited(with_rows(rows), "表", {(1, 2): 20, (4, 4): 40, (5, 1): 50, (1, 3): 30})
    assert grid_of(after, "表") == {(1, 1): 1, (1, 2): 20, (1, 3): 30, (4, 3): 3, (4, 4): 40, (5, 1): 50}


def test_a_sheet_with_prefixed_names_is_written_in_its_prefix():
    def prefix(entries):
        xml = f'<x:worksheet xmlns:x="{module.MAIN}"><x:sheetData><x:row r="1"/></x:sheetData></x:worksheet>'
        entries["xl/worksheets/sheet1.xml"] = xml.encode()

    after = edited(rebuilt(ledger(), prefix), "台账", {(1, 1): "文", (2, 1): Formula("A1", "文")})
    assert '<x:c r="A1" t="inlineStr"><x:is><x:t xml:space="preserve">文</x:t></x:is></x:c>' in sheet_xml(after)
    assert seen(after, "台账", 2, 1) == "文"


def strict(data: bytes) -> bytes:
    """Return a workbook in the Strict dialect."""

    def change(entries):
        for name, content in entries.items():
            entries[name] = re.sub(
                rb"http://schemas\.openxmlformats\.org/(spreadsheetml|drawingml|officeDocument)/2006/",
                rb"http://purl.oclc.org/ooxml/\1/",
                content,
            )

    return rebuilt(data, change)


def test_a_strict_workbook_is_edited_in_its_own_dialect():
    after = edited(strict(ledger()), "台账", {(2, 2): "改"})
    assert module.MAIN not in sheet_xml(after)
    assert CalamineWorkbook.from_filelike(BytesIO(after)).get_sheet_by_name("台账").to_python()[1][1] == "改"


def test_entries_with_backslashes_are_found_and_keep_their_names():
    def change(entries):
        for name in list(entries):
            entries[name.replace("/", "\\")] = entries.pop(name)

    before = rebuilt(ledger(), change)
    assert touched(before, edited(before, "台账", {(2, 2): "改"})) == {
        "xl\\worksheets\\sheet1.xml",
        "xl\\workbook.xml",
    }


def test_absolute_targets_and_another_workbook_name_are_followed():
    def change(entries):
        entries["xl/book.xml"] = entries.pop("xl/workbook.xml")
        entries["xl/_rels/book.xml.rels"] = entries.pop("xl/_rels/workbook.xml.rels").replace(
            b'Target="worksheets', b'Target="/xl/worksheets'
        )
        entries["_rels/.rels"] = entries["_rels/.rels"].replace(b'"xl/workbook.xml"', b'"/xl/book.xml"')
        entries["[content_types].xml"] = entries.pop("[Content_Types].xml").replace(b"/xl/workbook", b"/xl/book")

    before = rebuilt(ledger(), change)
    assert touched(before, edited(before, "台账", {(2, 2): "改"})) == {"xl/worksheets/sheet1.xml", "xl/book.xml"}


def test_appended_rows_follow_the_last_filled_row_and_look_like_it():
    package = Package.load(ledger())
    first = package.append_rows("台账", [["T3", "新任务", date(2020, 12, 1), 0], ["T4"]])
    after = package.dump()
    sheet = opened(after)["台账"]
    assert first == 4
    assert [seen(after, "台账", 4, n) for n in range(1, 5)] == ["T3", "新任务", datetime(2020, 12, 1), 0]
    assert [sheet["C4"].number_format, sheet["C5"].number_format] == ["yyyy/m/d", "yyyy/m/d"]
    assert [sheet.row_dimensions[n].height for n in (4, 5, 6)] == [33, 33, None]


def test_rows_that_only_look_styled_are_filled_before_new_ones():
    book = openpyxl.Workbook()
    book.active.append(["a", 1])
    for row in (2, 3):
        book.active.cell(row, 1).font = Font(bold=True)
    package = Package.load(saved(book))
    assert package.append_rows("Sheet", [["b"]]) == 2
    assert not opened(package.dump())["Sheet"]["A2"].font.bold


def test_rows_are_appended_to_an_empty_sheet_from_the_first_row():
    package = Package.load(with_rows(""))
    assert package.append_rows("表", [["a"], ["b"]]) == 1
    assert package.append_rows("表", [["c"]]) == 3
    assert package.append_rows("表", []) == 4
    assert grid_of(package.dump(), "表") == {(1, 1): "a", (2, 1): "b", (3, 1): "c"}


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", ledger()[:-30], ledger()[:4000]])
def test_what_is_no_whole_zip_file_is_refused_with_its_cause(data):
    with pytest.raises(PackageError, match="not a readable zip") as caught:
        Package.load(data)
    assert caught.value.__cause__ is not None


def test_a_zip_file_that_is_no_workbook_is_refused():
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(PackageError, match="no spreadsheet package"):
        Package.load(file.getvalue())


@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
def test_a_doctype_is_refused_where_it_is_met(code):
    text = f'<?xml version="1.0" encoding="{code}"?><!DOCTYPE a [<!ENTITY b "c">]><worksheet xmlns="{module.MAIN}"/>'
    package = Package.load(
        rebuilt(ledger(), lambda entries: entries.update({"xl/worksheets/sheet1.xml": text.encode(code)}))
    )
    with pytest.raises(PackageError, match="DOCTYPE"):
        package.set_cells("台账", {(1, 1): 1})


def test_a_doctype_in_the_workbook_part_is_refused_at_once():
    with pytest.raises(PackageError, match="DOCTYPE"):
        Package.load(rebuilt(ledger(), replaced("xl/workbook.xml", "<workbook", "<!DOCTYPE workbook><workbook")))


def test_a_package_that_unpacks_to_too_much_is_refused_unread(monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 10_000)
    with pytest.raises(PackageError, match="unpacks to more"):
        Package.load(ledger())


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_part_that_is_there_twice_is_refused():
    file = BytesIO(ledger())
    with ZipFile(file, "a") as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
    with pytest.raises(PackageError, match="twice"):
        Package.load(file.getvalue())


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_law_a_damaged_file_is_refused_or_read_never_a_crash(data):
    whole = bytearray(ledger())
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=5)):
        whole[place] = data.draw(st.integers(0, 255))
    try:
        package = Package.load(bytes(whole))
        package.set_cells("台账", {(1, 1): 1})
    except PackageError:
        return
    package.dump()


# --- properties ------------------------------------------------------------------------------------------------------


def test_custom_properties_are_made_changed_and_read_by_others():
    package = Package.load(ledger())
    assert package.properties() == {}
    package.set_properties({"底稿": "甲 & 乙", "format": "1"})
    package.set_properties({"FORMAT": "2"})
    after = package.dump()
    assert Package.load(after).properties() == {"底稿": "甲 & 乙", "format": "2"}
    assert {one.name: one.value for one in opened(after).custom_doc_props.props} == {"底稿": "甲 & 乙", "format": "2"}
    assert touched(ledger(), after) == {"[Content_Types].xml", "_rels/.rels", "docProps/custom.xml"}


def test_other_custom_properties_stay():
    def fill(book):
        book.add_worksheet()
        book.set_custom_property("编号", 7)
        book.set_custom_property("科室", "一科")

    package = Package.load(written(fill))
    assert package.properties() == {"科室": "一科"}
    package.set_properties({"底稿": "x"})
    props = {one.name: one.value for one in opened(package.dump()).custom_doc_props.props}
    assert props == {"编号": 7, "科室": "一科", "底稿": "x"}


# --- sheets put in ---------------------------------------------------------------------------------------------------

ORDER = ["说明", "台账", "汇总", "清单"]


def scratch(*names: str, number: int = 1, **options: object) -> bytes:
    """Return fresh sheets with everything a put has to carry over."""

    def fill(book: xlsxwriter.Workbook) -> None:
        red = book.add_format({"font_color": "#C00000", "italic": True})
        money = book.add_format({"num_format": '0.00"万元"', "border": 1, "bg_color": "#DDEBF7"})
        for name in names:
            sheet = book.add_worksheet(name)
            sheet.set_column(5, 5, 20, money)
            sheet.write_row(0, 0, ["部门", "金额"], red)
            sheet.write_rich_string(0, 2, "平", red, "红字")
            sheet.write_column(1, 0, ["甲", "乙"])
            sheet.write_column(1, 1, [number, number + 1], money)
            sheet.write_formula(3, 1, "=SUM(B2:B3)", money, 2 * number + 1)
            sheet.conditional_format("B2:B3", {"type": "cell", "criteria": ">", "value": 1, "format": red})
            sheet.write_comment("A1", "批注")
            sheet.insert_image("H2", "p.png", {"image_data": BytesIO(PIXEL)})
            sheet.write_url("A9", "https://example.org/")
            chart = book.add_chart({"type": "bar"})
            chart.add_series({"values": [name, 1, 1, 2, 1], "categories": [name, 1, 0, 2, 0]})
            sheet.insert_chart("D5", chart)
            sheet.repeat_rows(0)
            sheet.print_area("A1:F20")
            sheet.autofilter("A1:B3")
            sheet.freeze_panes(1, 1)
        book.define_name("DEPTS", f"={names[0]}!$A$2:$A$3")

    return written(fill, **options)


def test_a_new_sheet_is_put_between_its_neighbours_with_all_it_has():
    after = put(ledger(), scratch("汇总"), ORDER)
    book = opened(after)
    sheet = book["汇总"]
    assert book.sheetnames == ["台账", "汇总", "科室自用"]
    assert [seen(after, "汇总", 1, n) for n in (1, 2, 3)] == ["部门", "金额", "平红字"]
    assert [seen(after, "汇总", 4, 2), sheet["B4"].value] == [3, "=SUM(B2:B3)"]
    assert [sheet["B1"].font.color.rgb, sheet["B1"].font.italic] == ["FFC00000", True]
    assert [sheet["B2"].number_format, sheet["B2"].fill.fgColor.rgb] == ['0.00"万元"', "FFDDEBF7"]
    assert sheet["B2"].border.left.style == "thin"
    assert sheet.column_dimensions["F"].number_format == '0.00"万元"'
    assert [sheet["A1"].comment.text, sheet.freeze_panes] == ["批注", "B2"]
    assert sheet["A9"].hyperlink.target == "https://example.org/"
    assert len(sheet._charts) == 1
    assert parts(after)["xl/media/image1.png"] == PIXEL
    [rule] = [rule for found in sheet.conditional_formatting for rule in found.rules]
    assert rule.dxf.font.color.rgb == "FFC00000"


def test_a_put_leaves_the_parts_of_other_sheets_alone():
    before = ledger()
    changed = touched(before, put(before, scratch("汇总"), ORDER)) & parts(before).keys()
    assert changed == {"xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"}


def test_runs_of_rich_text_survive():
    text = openpyxl.load_workbook(BytesIO(put(ledger(), scratch("汇总"))), rich_text=True)["汇总"]["C1"].value
    assert [str(run) for run in text] == ["平", "红字"]


def test_a_chart_still_points_to_its_sheet_and_the_users_chart_to_hers():
    after = parts(put(ledger(), scratch("汇总"), ORDER))
    charts = {name: data.decode() for name, data in after.items() if name.startswith("xl/charts/")}
    assert charts.keys() == {"xl/charts/chart1.xml", "xl/charts/chart2.xml"}
    assert "<c:f>科室自用!$A$1:$A$3</c:f>" in charts["xl/charts/chart1.xml"]
    assert "<c:f>汇总!$B$2:$B$3</c:f>" in charts["xl/charts/chart2.xml"]


def test_cells_of_other_sheets_keep_their_looks():
    sheet = opened(put(ledger(), scratch("汇总"), ORDER))["台账"]
    assert [sheet["A1"].font.bold, sheet["A1"].fill.fgColor.rgb] == [True, "FFFFEECC"]
    assert sheet["C2"].number_format == "yyyy/m/d"


def test_a_sheet_of_the_same_name_is_replaced_in_its_place_with_its_old_drawings():
    before = put(ledger(), scratch("汇总", "清单"), ORDER)
    after = put(before, scratch("汇总", number=8), ORDER)
    assert opened(after).sheetnames == ["台账", "汇总", "清单", "科室自用"]
    assert [seen(after, "汇总", 2, 2), seen(after, "清单", 2, 2)] == [8, 1]
    again = put(after, scratch("汇总", number=8), ORDER)
    assert parts(again).keys() == parts(after).keys()
    ids = [re.findall(r"<sheet [^>]*>", parts(data)["xl/workbook.xml"].decode()) for data in (before, after)]
    assert ids[0] == ids[1]


def test_a_replaced_sheet_leaves_no_part_behind_and_takes_none_that_others_use():
    def shared_picture(entries):
        rels = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
        one = f'<Relationship Id="rId1" Type="{module.RELATIONS}/image" Target="../media/image1.png"/>'
        entries["xl/worksheets/_rels/sheet3.xml.rels"] = rels.format(one).encode()

    def plain(book):
        book.add_worksheet("清单").write(0, 0, "空")

    before = rebuilt(put(ledger(), scratch("清单")), shared_picture)  # sheet3 is the put one; now only a picture
    assert "xl/media/image1.png" in parts(before)
    assert "xl/media/image1.png" not in parts(put(before, written(plain)))
    kept = rebuilt(
        before, lambda e: e.update({"xl/worksheets/_rels/sheet2.xml.rels": e["xl/worksheets/_rels/sheet3.xml.rels"]})
    )
    assert "xl/media/image1.png" in parts(put(kept, written(plain)))


def test_putting_the_same_sheets_twice_changes_nothing_more():
    once = put(ledger(), scratch("说明", "汇总", "清单"), ORDER)
    twice = put(once, scratch("说明", "汇总", "清单"), ORDER)
    assert parts(twice)["xl/styles.xml"] == parts(once)["xl/styles.xml"]
    assert list(parts(twice)) == list(parts(once))
    assert touched(once, twice) <= {"[Content_Types].xml"}  # the same lines in another order
    lines = [sorted(parts(data)["[Content_Types].xml"].split(b"<")) for data in (once, twice)]
    assert lines[0] == lines[1]


def test_names_of_a_sheet_follow_it_when_one_is_put_in_front():
    def fill(book):
        book.add_worksheet("台账").autofilter("A1:C9")
        book.add_worksheet("自用").repeat_rows(1)
        book.define_name("台账!LOCAL", "=台账!$A$1")
        book.define_name("GLOBAL", "=自用!$A$1")

    book = opened(put(written(fill), scratch("说明"), ORDER))
    assert book.sheetnames == ["说明", "台账", "自用"]
    assert book["台账"].auto_filter.ref == "A1:C9"
    assert book["台账"].defined_names["LOCAL"].value == "台账!$A$1"
    assert [book["自用"].print_title_rows, book["说明"].print_title_rows] == ["$2:$2", "$1:$1"]
    assert book["说明"].print_area == "'说明'!$A$1:$F$20"
    assert [book.defined_names[name].value for name in ("GLOBAL", "DEPTS")] == ["自用!$A$1", "说明!$A$2:$A$3"]


def test_built_in_names_of_a_replaced_sheet_go_and_its_other_names_stay():
    def fill(book):
        book.add_worksheet("汇总").print_area("A1:B2")
        book.define_name("汇总!MINE", "=汇总!$A$1")
        book.define_name("DEPTS", "=汇总!$Z$1")

    def plain(book):
        book.add_worksheet("汇总")
        book.define_name("DEPTS", "=汇总!$A$1")

    book = opened(put(written(fill), written(plain)))
    assert not book["汇总"].print_area
    assert book["汇总"].defined_names["MINE"].value == "汇总!$A$1"
    assert book.defined_names["DEPTS"].value == "汇总!$A$1"


def test_a_name_of_the_workbook_is_renewed_beside_a_local_one_of_a_copied_sheet():
    def fill(book):
        book.add_worksheet("台账 (2)")
        book.define_name("'台账 (2)'!DEPTS", "='台账 (2)'!$A$1")

    book = opened(put(written(fill), scratch("汇总"), ORDER))
    assert book["台账 (2)"].defined_names["DEPTS"].value == "'台账 (2)'!$A$1"
    assert book.defined_names["DEPTS"].value == "汇总!$A$2:$A$3"


def test_the_active_sheet_stays_active_and_no_put_sheet_is_selected():
    def fill(book):
        book.add_worksheet("台账")
        book.add_worksheet("自用").activate()

    after = put(written(fill), scratch("说明"), ORDER)
    assert opened(after).active.title == "自用"
    selected = [name for name, data in parts(after).items() if b"tabSelected" in data]
    assert selected == ["xl/worksheets/sheet2.xml"]


def test_a_put_sheet_takes_its_state_and_a_hidden_one_is_not_active():
    def fill(book):
        book.add_worksheet("汇总")
        book.add_worksheet("自用")

    def hidden(book):
        book.add_worksheet("看")
        book.add_worksheet("汇总").very_hidden()

    book = opened(put(written(fill), written(hidden), ["汇总"]))
    assert [book["汇总"].sheet_state, book["看"].sheet_state] == ["veryHidden", "visible"]
    assert book.active.title == "自用"
    assert opened(put(put(written(fill), written(hidden)), written(fill)))["汇总"].sheet_state == "visible"


@pytest.mark.parametrize(
    ("own", "name", "expected"),
    [
        (["a", "台账", "b"], "汇总", ["a", "台账", "汇总", "b"]),
        (["a", "清单", "b"], "汇总", ["a", "汇总", "清单", "b"]),
        (["清单", "说明", "b"], "台账", ["清单", "说明", "台账", "b"]),
        (["a", "b"], "汇总", ["a", "b", "汇总"]),
        (["a", "台账"], "别的", ["a", "台账", "别的"]),
    ],
)
def test_a_new_sheet_goes_after_the_nearest_known_one(own, name, expected):
    def fill(book):
        for one in own:
            book.add_worksheet(one)

    assert Package.load(put(written(fill), scratch(name), ORDER)).sheet_names == expected


def test_several_new_sheets_come_in_the_wanted_order_whatever_the_scratch_has():
    assert Package.load(put(ledger(), scratch("清单", "汇总", "说明"), ORDER)).sheet_names == [
        "说明",
        "台账",
        "汇总",
        "清单",
        "科室自用",
    ]


def test_the_calculation_chain_goes_when_a_sheet_is_put():
    assert "xl/calcChain.xml" not in parts(put(with_chain(), scratch("汇总")))


def test_a_stylesheet_made_elsewhere_keeps_its_looks_beside_the_new_ones():
    book = openpyxl.Workbook()
    book.active.title = "自用"
    cell = book.active["A1"]
    cell.value, cell.font, cell.number_format = "文", Font(name="仿宋", size=16), "0.000"
    cell.fill, cell.comment = PatternFill("solid", fgColor="FF00FF00"), Comment("注", "某")
    after = opened(put(saved(book), scratch("汇总")))
    cell = after["自用"]["A1"]
    assert [cell.font.name, cell.font.size, cell.number_format] == ["仿宋", 16, "0.000"]
    assert [cell.fill.fgColor.rgb, cell.comment.text] == ["FF00FF00", "注"]
    assert after["汇总"]["B2"].number_format == '0.00"万元"'


def test_a_target_without_a_stylesheet_takes_the_scratch_ones():
    def bare(entries):
        del entries["xl/styles.xml"]
        for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
            entries[name] = re.sub(rb"<[^<>]*styles\.xml[^<>]*/>", b"", entries[name])

    after = put(rebuilt(with_rows(""), bare), scratch("汇总"))
    fonts = [
        re.search(rb"<fonts.*?</font>", parts(data)["xl/styles.xml"])[0][-60:] for data in (after, scratch("汇总"))
    ]
    assert fonts[0] == fonts[1]
    assert opened(after)["汇总"]["B2"].number_format == '0.00"万元"'


def test_sheets_put_into_a_strict_workbook_are_strict_too():
    after = put(strict(ledger()), scratch("汇总"), ORDER)
    assert not any(module.MAIN.encode() in data or module.RELATIONS.encode() in data for data in parts(after).values())
    grid = CalamineWorkbook.from_filelike(BytesIO(after)).get_sheet_by_name("汇总").to_python()
    assert grid[0][:2] == ["部门", "金额"]


def test_what_cannot_be_carried_over_is_refused_and_nothing_changes():
    def table(book):
        book.add_worksheet("汇总").add_table("A1:B3")

    package = Package.load(ledger())
    with pytest.raises(ValueError, match="汇总: cannot carry over table"):
        package.put_sheets(Scratch(written(table)), ORDER)
    with pytest.raises(ValueError, match="different years"):
        package.put_sheets(Scratch(written(lambda book: book.add_worksheet("汇总"), date_1904=True)), ORDER)
    assert parts(package.dump()) == parts(ledger())


def test_a_chart_sheet_of_the_same_name_is_not_replaced():
    def fill(book):
        book.add_worksheet("数")
        book.add_chart({"type": "bar"}).add_series({"values": "=数!$A$1:$A$2"})
        book.add_chartsheet("汇总").set_chart(book.charts[0])

    with pytest.raises(ValueError, match="汇总: a chartsheet"):
        put(written(fill), scratch("汇总"))


def test_cells_of_a_put_sheet_can_be_set_at_once():
    package = Package.load(ledger())
    package.put_sheets(Scratch(scratch("台账")), ORDER)
    package.set_cells("台账", {(2, 1): "丙"})
    package.put_sheets(Scratch(scratch("台账")), ORDER)
    package.set_cells("台账", {(3, 1): "丁"})
    after = package.dump()
    assert [seen(after, "台账", 2, 1), seen(after, "台账", 3, 1)] == ["甲", "丁"]


# --- real files ------------------------------------------------------------------------------------------------------


def real(test: Callable[[Path], None]) -> Callable[[Path], None]:
    """Run a test on every real workbook; where they are missing it is one skip."""
    paths = sorted(CORPUS.glob("*.xl[st][xm]")) or [CORPUS]
    missing = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real workbooks is not beside this checkout")
    return missing(pytest.mark.parametrize("path", paths, ids=lambda path: path.name)(test))


@real
def test_an_edit_of_a_real_workbook_keeps_every_other_part(path):
    before = path.read_bytes()
    package = Package.load(before)
    sheet = first_worksheet(package)
    if path.name in NOT_EDITABLE:
        assert sheet is None, "it has become editable: take it from the list"
        return
    package.set_cells(sheet, {(3, 2): "改动"})
    after = package.dump()
    assert others_changed(before, after) == {package.part_of(sheet)}
    assert lost(before, after) == set()


@real
def test_a_sheet_put_into_a_real_workbook_keeps_every_other_part(path):
    before = path.read_bytes()
    fresh = scratch("put", date_1904=Package.load(before).date1904)
    after = put(before, fresh)
    assert others_changed(before, after) & {slashed(name) for name in parts(before)} == set()
    assert lost(before, after) == set()
    twice = put(after, fresh)
    styles = next(name for name in parts(after) if slashed(name) == "xl/styles.xml")
    assert parts(twice)[styles] == parts(after)[styles]


def slashed(name: str) -> str:
    return name.replace("\\", "/")


def others_changed(before: bytes, after: bytes) -> set[str]:
    """Return the changed parts but those any edit may change."""
    return {name for name in map(slashed, touched(before, after)) if not MAY_CHANGE.fullmatch(name)}


def lost(before: bytes, after: bytes) -> set[str]:
    return {name for name in parts(before).keys() - parts(after).keys() if "calcChain" not in name}


def first_worksheet(package: Package) -> str | None:
    for name in package.sheet_names:
        try:
            package.part_of(name)
        except ValueError:
            continue
        return name
    return None
