"""What a sheet has beside its values: found in its bytes, the same as in its tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from zipfile import ZipInfo

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

import office
import taizhang
from taizhang import tables
from taizhang.books import package as module
from taizhang.books import structure
from taizhang.books.ledgers import SPARE_ROWS
from taizhang.books.package import Package, PackageError, Parts
from taizhang.books.structure import Stored, structures
from taizhang.cli import main
from taizhang.columns import COLUMNS, DERIVED
from taizhang.layout.office import FIRST_ROW, PLACES
from taizhang.layout.parts import Area, EntryRule, Formula, Structure
from taizhang.places import position, reference, runs

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "edit"
NOTICE = Path(taizhang.__file__).parent / "data" / "notice_2020.txt"
SHEET = "xl/worksheets/sheet1.xml"
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"

# --- sheets ----------------------------------------------------------------------------------------------------------


def written(fill: Callable[[xlsxwriter.Workbook], object]) -> Package:
    """Return a workbook that XlsxWriter makes."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        fill(book)
    return Package.load(file.getvalue())


def holding(xml: str | bytes) -> Package:
    """Return a package whose one sheet "表" is the given part."""
    package = written(lambda book: book.add_worksheet("表"))
    package.parts.put(SHEET, xml.encode() if isinstance(xml, str) else xml)
    return Package.load(package.dump())


def sheet_of(rows: str = "", before: str = "", after: str = "") -> str:
    """Return the XML of a sheet: its rows, and what stands before and after them."""
    return f'<worksheet xmlns="{module.MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def seen(xml: str | bytes) -> Structure:
    return structures(holding(xml))["表"]


def in_bytes(xml: str | bytes) -> Stored | None:
    """Return what a search of the bytes finds, None where it leaves that to the tree."""
    found = structure.scanned(xml.encode() if isinstance(xml, str) else xml)
    return found[0] if found else None


def in_tree(xml: str | bytes) -> Stored:
    return structure.walked(module.parsed("表", xml.encode() if isinstance(xml, str) else xml))


def worksheets(package: Package) -> Iterator[bytes]:
    return (package.parts.data(part) for part in package.worksheets())


def from_tree(xml: bytes) -> Structure:
    root = module.parsed("表", xml)
    return structure._joined(root, structure.walked(root))


def cells(*names: str) -> frozenset[tuple[int, int]]:
    return frozenset(place for name in names if (place := position(name)))


# --- formulas --------------------------------------------------------------------------------------------------------


def test_a_cell_with_a_formula_is_found_whatever_it_shows():
    rows = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="str"><f>A2&amp;""</f><v>1</v></c><c r="D2"><f/></c></row>'
    assert seen(sheet_of(rows)).formulas == cells("B2", "D2")


def test_cells_that_share_a_formula_have_it():
    rows = (
        '<row r="1"><c r="B1"><f t="shared" ref="B1:B2" si="0">A1+1</f><v>2</v></c></row>'
        '<row r="2"><c r="B2"><f t="shared" si="0"/><v>2</v></c></row>'
    )
    assert in_bytes(sheet_of(rows)) is not None
    assert seen(sheet_of(rows)).formulas == cells("B1", "B2")


def test_the_stored_cells_an_array_formula_fills_have_it():
    rows = (
        '<row r="1"><c r="A1"><v>5</v></c><c r="B1"><f t="array" ref="B1:C1048576">A1:A3*2</f><v>2</v></c>'
        '<c r="C1"><v>2</v></c><c r="D1"><v>9</v></c></row>'
        '<row r="3"><c r="A3"><v>5</v></c><c r="C3"><v>2</v></c></row>'
    )
    assert seen(sheet_of(rows)).formulas == cells("B1", "C1", "C3")


def test_an_array_formula_in_one_cell_is_found_in_the_bytes():
    xml = sheet_of('<row r="1"><c r="B1"><f t="array" ref="B1">SUM(A1:A3*2)</f></c><c r="C1"><v>1</v></c></row>')
    assert in_bytes(xml) == Stored(cells("B1"), (), 3)


def test_a_data_table_fills_its_area():
    rows = '<row r="1"><c r="A1"><f t="dataTable" ref="A1:B1" r1="D1"/><v>1</v></c><c r="B1"><v>1</v></c></row>'
    assert seen(sheet_of(rows)).formulas == cells("A1", "B1")


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A1"><v>1</v><f>B1</f></c>',
        '<c r="A1"><!-- note --><f>B1</f></c>',
        '<c r="A1"><f><![CDATA[B1<2]]></f></c>',
        '<c r="A1"><?pi <c r="B9"><f> ?><f>B1</f></c>',
        '<c xmlns:n="urn:n" r="A1"><f>B1</f></c>',
        f'<m:c xmlns:m="{module.MAIN}" r="A1"><m:f>B1</m:f></m:c>',
        '<c r="&#65;1"><f>B1</f></c>',
        "<c><f>B1</f></c>",
    ],
)
def test_a_formula_written_in_an_unusual_way_is_left_to_the_tree(cell):
    xml = sheet_of(f'<row r="1">{cell}</row>')
    assert in_bytes(xml) is None
    assert seen(xml).formulas == cells("A1")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('<row r="1"/><!-- <row r="7" hidden="1"><c r="B7"><f>1</f></c></row> -->', Stored()),
        ('<row r="1"/><?pi <row r="7" hidden="1"><c r="B7"><f>1</f></c></row> ?>', Stored()),
        ('<row r="1"><c r="A1"><v><![CDATA[<c r="B7"><f>]]></v></c></row>', Stored(last_column=1)),
        ('<row r="1"><c r="A1"/><f>1</f></row>', Stored(last_column=1)),
        ('<row r="2" hidden="&#49;"/>', Stored(hidden_rows=((2, 2),))),
        ('<row r="&#50;" hidden="1"/>', Stored(hidden_rows=((2, 2),))),
        ('<row r="0" hidden="1"/>', Stored(hidden_rows=((1, 1),))),
    ],
)
def test_rows_written_in_an_unusual_way_are_left_to_the_tree(rows, expected):
    assert in_bytes(sheet_of(rows)) is None
    assert in_tree(sheet_of(rows)) == expected


def test_rows_in_a_namespace_that_has_two_prefixes_are_left_to_the_tree():
    rows = '<x:row r="2" hidden="1"><x:c r="A2"><x:f>1</x:f></x:c></x:row>'
    xml = sheet_of(rows).replace("<worksheet ", f'<worksheet xmlns:x="{module.MAIN}" ')
    assert in_bytes(xml) is None
    assert seen(xml) == Structure(cells("A2"), ((2, 2),))


def test_elements_in_other_namespaces_are_no_formulas():
    xml = sheet_of('<row r="1"><c r="A1"><x:f>B1</x:f></c></row>').replace("<worksheet ", '<worksheet xmlns:x="urn:x" ')
    assert (seen(xml).formulas, in_bytes(xml)) == (frozenset(), Stored(last_column=1))


def test_text_that_looks_like_a_tag_is_text():
    rows = (
        '<row r="1" x="&lt;row hidden=\'1\'"><c r="A1" t="str" x=\'a > b "\'><f a=">/">B1>2</f><v>&lt;f></v></c>'
        '<c r="B1" x=" r=\'D7\' "/></row>'
    )
    assert in_bytes(sheet_of(rows)) == in_tree(sheet_of(rows)) == Stored(cells("A1"), (), 2)


def test_a_name_inside_another_attribute_is_not_the_name():
    rows = """<row x=" hidden='1' " r="4"><c x=' r="Z9" ' r='B4'><f>1</f></c></row>"""
    assert in_bytes(sheet_of(rows)) == in_tree(sheet_of(rows)) == Stored(cells("B4"), (), 2)


def test_cells_and_rows_without_names_stand_next_to_the_one_before():
    rows = (
        '<row><c><f>1</f></c></row><row hidden="1"><c/><c r="D2"/><c><f>1</f></c></row><row/>'
        '<row><c/><c r="C9"><f>1</f></c></row><row r="12"/><row hidden="true"/>'
    )
    assert in_tree(sheet_of(rows)) == Stored(cells("A1", "E2", "C9"), ((2, 2), (13, 13)), 5)
    assert seen(sheet_of(rows)).formulas == cells("A1", "E2", "C9")


def test_formulas_are_those_of_an_edited_sheet():
    package = written(lambda book: book.add_worksheet("表").write_formula("A1", "=1"))
    package.set_cells("表", {(1, 1): "文字", (5, 2): Formula("=A1", "文字")})
    assert structures(package)["表"].formulas == cells("B5")


# --- rows and columns ------------------------------------------------------------------------------------------------


def test_hidden_rows_are_runs():
    def fill(book):
        sheet = book.add_worksheet("表")
        for row in (1, 2, 3, 7):
            sheet.set_row(row, None, None, {"hidden": True})

    assert structures(written(fill))["表"].hidden_rows == ((2, 4), (8, 8))


@pytest.mark.parametrize(("said", "hidden"), [("1", True), ("true", True), ("0", False), ("false", False)])
def test_a_row_says_in_several_ways_that_it_is_hidden(said, hidden):
    xml = sheet_of(f'<row hidden="{said}" r="3"/>')
    assert in_bytes(xml) == in_tree(xml) == Stored(hidden_rows=((3, 3),) if hidden else ())


@pytest.mark.parametrize(
    ("cols", "expected"),
    [
        ('<col min="1" max="1" hidden="1"/>', ((1, 1),)),
        ('<col min="2" max="3" width="9" hidden="true"/><col min="4" max="4" hidden="1"/>', ((2, 4),)),
        ('<col min="2" max="2" hidden="0"/><col min="3" max="3" width="0"/>', ()),
        ('<col min="3" max="16384" hidden="1"/>', ((3, 5),)),
        ('<col min="9" max="16384" hidden="1"/>', ()),
        ('<col max="2" hidden="1"/><col min="x" max="2" hidden="1"/>', ()),
    ],
)
def test_hidden_columns_are_runs_that_end_behind_the_last_cell(cols, expected):
    xml = sheet_of('<row r="1"><c r="D1"/></row><row r="2"><c r="A2"/></row>', before=f"<cols>{cols}</cols>")
    assert in_bytes(xml) is not None
    assert seen(xml).hidden_columns == expected


def test_columns_listed_in_two_elements_are_both_read():
    before = '<cols><col min="1" max="1" hidden="1"/></cols><cols><col min="2" max="2" hidden="1"/></cols>'
    assert seen(sheet_of('<row r="1"><c r="D1"/></row>', before=before)).hidden_columns == ((1, 2),)


def test_rich_text_in_the_last_cell_does_not_hide_it():
    rich = '<c r="C1" t="inlineStr"><is><r><rPr><charset val="1"/><color rgb="FF0000"/></rPr><t>红</t></r></is></c>'
    xml = sheet_of(f'<row r="1"><c r="A1"/>{rich}</row>')
    assert in_bytes(xml) == in_tree(xml) == Stored(last_column=3)


# --- areas and rules -------------------------------------------------------------------------------------------------


def test_merged_areas_come_in_their_order():
    after = '<mergeCells count="2"><mergeCell ref="B2:C3"/><mergeCell ref="A1:A1048576"/></mergeCells>'
    assert seen(sheet_of(after=after)).merged == (Area(2, 2, 3, 3), Area(1, 1, 1_048_576, 1))


def test_an_entry_rule_has_the_words_of_the_file():
    rule = '<dataValidation type="list" sqref="B4:B9 $D$4 A:C 2:3"><formula1> tz_priority\n</formula1></dataValidation>'
    areas = (Area(4, 2, 9, 2), Area(4, 4, 4, 4), Area(1, 1, 1_048_576, 3), Area(2, 1, 3, 16_384))
    found = seen(sheet_of(after=f"<dataValidations>{rule}</dataValidations>"))
    assert found.rules == (EntryRule("list", "tz_priority", areas),)


def test_a_rule_without_a_kind_only_prompts():
    found = seen(sheet_of(after='<dataValidations><dataValidation sqref="A1"/></dataValidations>'))
    assert found.rules == (EntryRule("none", "", (Area(1, 1, 1, 1),)),)


def test_a_list_with_commas_in_its_words_stands_in_a_fallback():
    rule = (
        '<dataValidation type="list" sqref="A1"><mc:AlternateContent xmlns:mc="urn:mc"><mc:Choice Requires="x12ac">'
        '<x:list xmlns:x="urn:x">"甲,乙"</x:list></mc:Choice><mc:Fallback><formula1>"甲,乙"</formula1></mc:Fallback>'
        "</mc:AlternateContent></dataValidation>"
    )
    assert seen(sheet_of(after=f"<dataValidations>{rule}</dataValidations>")).rules[0].formula == '"甲,乙"'


def test_a_rule_that_looks_at_another_sheet_stands_in_the_extension_list():
    newer = (
        f'<extLst><ext xmlns:x14="{X14}" uri="u"><x14:dataValidations xmlns:xm="{XM}" count="1">'
        '<x14:dataValidation type="list" allowBlank="1"><x14:formula1><xm:f>选项!$A$2:$A$3</xm:f></x14:formula1>'
        "<xm:sqref>H4:H9 J4</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>"
    )
    older = '<dataValidations><dataValidation type="whole" sqref="A1"><formula1>0</formula1></dataValidation></dataValidations>'
    assert seen(sheet_of(after=older + newer)).rules == (
        EntryRule("whole", "0", (Area(1, 1, 1, 1),)),
        EntryRule("list", "选项!$A$2:$A$3", (Area(4, 8, 9, 8), Area(4, 10, 4, 10))),
    )


def test_what_is_no_reference_is_no_area():
    after = f'<mergeCells><mergeCell/><mergeCell ref="#REF!"/><mergeCell ref="A{"9" * 5000}"/></mergeCells>'
    assert seen(sheet_of(after=after)).merged == ()


@pytest.mark.parametrize(
    ("inside", "filtered"),
    [
        ("", False),
        ('<filterColumn colId="1" hiddenButton="1"/>', False),
        ('<sortState ref="A3:C9"><sortCondition ref="A3"/></sortState>', False),
        ('<filterColumn colId="1"><filters><filter val="逾期"/></filters></filterColumn>', True),
        ('<filterColumn colId="0"/><filterColumn colId="1"><colorFilter dxfId="0"/></filterColumn>', True),
    ],
)
def test_a_filter_holds_rows_back_once_a_column_has_a_condition(inside, filtered):
    found = seen(sheet_of(after=f'<autoFilter ref="A3:C9">{inside}</autoFilter>'))
    assert (found.filter, found.filtered) == (Area(3, 1, 9, 3), filtered)


def test_the_filter_of_somebodys_own_view_is_not_the_sheets():
    view = (
        '<customSheetViews><customSheetView guid="{1}"><autoFilter ref="A3:C9"/></customSheetView></customSheetViews>'
    )
    assert seen(sheet_of(after=view)) == Structure()


# --- which sheets ----------------------------------------------------------------------------------------------------


def two_sheets_and_a_chart(book: xlsxwriter.Workbook) -> None:
    book.add_worksheet("台账").write_formula("A1", "=1")
    book.add_worksheet("自用").hide()
    chart = book.add_chart({"type": "bar"})
    chart.add_series({"values": "=台账!$A$1:$A$2"})
    book.add_chartsheet("图").set_chart(chart)


def test_all_worksheets_come_by_name_and_chart_sheets_do_not():
    assert structures(written(two_sheets_and_a_chart)) == {"台账": Structure(formulas=cells("A1")), "自用": Structure()}


def test_only_the_named_sheets_that_exist_are_read():
    package = written(two_sheets_and_a_chart)
    package.parts.put("xl/worksheets/sheet2.xml", b"damaged")
    assert list(structures(package, ["汇总", "台账", "图"])) == ["台账"]
    assert structures(package, []) == {}
    with pytest.raises(PackageError):
        structures(package)


def test_a_sheet_whose_part_is_missing_is_no_chart_sheet():
    package = written(two_sheets_and_a_chart)
    package.parts.remove("xl/worksheets/sheet2.xml")
    with pytest.raises(PackageError, match=r"sheet2\.xml"):
        structures(package)
    package.parts.edit("xl/_rels/workbook.xml.rels").clear()
    with pytest.raises(PackageError, match="台账"):
        structures(package)


def test_a_usual_sheet_is_made_a_tree_only_without_its_rows(monkeypatch):
    rows, after = '<row r="3" hidden="1"><c r="A3"><f>1</f></c></row>', '<autoFilter ref="A3:C9"/>'
    monkeypatch.setattr(structure, "walked", None)
    assert seen(sheet_of(rows, after=after)) == Structure(cells("A3"), ((3, 3),), filter=Area(3, 1, 9, 3))
    found = structure.scanned(sheet_of(rows, after=after).encode())
    assert found
    assert found[1].decode() == sheet_of(after=after)


@pytest.mark.parametrize("xml", [f'<worksheet xmlns="{module.MAIN}"/>', sheet_of().replace("></sheetData>", "/>")])
def test_a_sheet_without_rows_has_nothing(xml):
    assert seen(xml) == Structure()


@pytest.mark.parametrize(
    "xml",
    [
        sheet_of('<row r="1"><c r="A1"></row>'),
        sheet_of('<row r="1"><c r="A1"><f>A&B</f></c></row>'),
        sheet_of('<row r="1" r="2"/>'),
        sheet_of("<n:row/>"),
        sheet_of(after="<mergeCells>"),
        sheet_of()[:-20],
        sheet_of() + "<more/>",
        "<!DOCTYPE worksheet>" + sheet_of(),
        '<!DOCTYPE worksheet [<!ENTITY e "x">]>' + sheet_of('<row r="1"><c r="A1"><f>&e;</f></c></row>'),
        "damaged",
        "",
    ],
)
def test_a_part_that_is_no_xml_is_refused(xml):
    with pytest.raises(PackageError):
        seen(xml)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "gb18030", "iso-8859-1"])
def test_other_encodings_are_left_to_the_tree(encoding):
    name = encoding[:6] if encoding.startswith("utf-16") else encoding
    xml = f'<?xml version="1.0" encoding="{name}"?>' + sheet_of('<row r="1" hidden="1"><c r="B1"><f>1</f></c></row>')
    data = xml.encode(encoding)
    assert in_bytes(data) is None
    assert seen(data) == Structure(cells("B1"), ((1, 1),))


@pytest.mark.parametrize(
    "head", ["", "\ufeff", '\ufeff<?xml version="1.0" encoding="utf-8"?>\n', '<?xml version="1.0"?>']
)
def test_utf8_is_searched_as_it_is(head):
    xml = head + sheet_of('<row r="1" hidden="1"><c r="B1"><f>"字"</f></c></row>')
    assert in_bytes(xml) == Stored(cells("B1"), ((1, 1),), 2)
    assert seen(xml).hidden_rows == ((1, 1),)


# --- laws ------------------------------------------------------------------------------------------------------------

GAPS = st.sampled_from(["", "", "", " ", "\n  "])
QUOTES = st.sampled_from('""\'')
FORMULAS = [
    "<f>SUM(A1)</f><v>3</v>",
    "<f a='1'>A1>2</f>",
    "\n<f>A1&gt;2</f>",
    "<f t='shared' ref='A1:B9' si='0'>A1</f>",
]
FORMULAS += ['<f t="shared" si="0"/><v/>', "<f/>", "<f t='array' ref='C3'>A1</f>"]
LATE = "<v>1</v><f>A1</f>"  # no program writes it so
VALUES = ["", "<v>a > b</v>", "<is><r><rPr><color rgb='FF'/><charset val='1'/></rPr><t>c r='A1'</t></r></is>"]


@dataclass(frozen=True)
class Written:
    """A row or a cell: how far behind the one before, whether it says so, what else it says, and what is in it."""

    step: int
    named: bool
    more: Mapping[str, str]
    content: str = ""
    cells: Sequence[Written] = ()
    quote: str = '"'
    gap: str = ""

    @property
    def telling(self) -> bool:
        """Return whether its number need not be counted."""
        return self.named or any(cell.named for cell in self.cells)


@dataclass(frozen=True)
class Book:
    """A sheet drawn at random: its rows, the prefix of its elements, the bytes before its root, its encoding."""

    rows: Sequence[Written]
    prefix: str
    head: str
    encoding: str

    def places(self) -> Iterator[tuple[Written, int, list[tuple[Written, int]]]]:
        """Yield the rows with their numbers, and their cells with their columns."""
        numbers = accumulate(row.step if row.telling else 1 for row in self.rows)
        for row, number in zip(self.rows, numbers, strict=True):
            columns = accumulate(cell.step if cell.named else 1 for cell in row.cells)
            yield row, number, list(zip(row.cells, columns, strict=True))

    @property
    def xml(self) -> bytes:
        """Return the sheet's part."""
        rows = "".join(
            element("row", row, str(number), "".join(element("c", one, reference(number, n), "") for one, n in cells))
            for row, number, cells in self.places()
        )
        space = f"xmlns:{self.prefix[:-1]}" if self.prefix else "xmlns"
        sheet = re.sub(r"<(/?)(?=\w)", rf"<\1{self.prefix}", sheet_of(rows)).replace("xmlns", space)
        return (self.head + sheet).encode(self.encoding)

    @property
    def expected(self) -> Stored:
        """Return what is in it."""
        stored = [(cell, number, n) for _, number, cells in self.places() for cell, n in cells]
        hidden = (number for row, number, _ in self.places() if row.more.get("hidden") in ("1", "true"))
        formulas = frozenset((number, n) for cell, number, n in stored if "<f" in cell.content)
        return Stored(formulas, tuple(runs(hidden)), max((n for *_, n in stored), default=0))

    @property
    def unusual(self) -> bool:
        """Return whether only its tree can tell what is in it."""
        cells = [cell for row in self.rows for cell in row.cells if "<f" in cell.content]
        cells += [row.cells[-1] for row in self.rows if row.cells]
        counted = any(not row.named for row in self.rows if row.more.get("hidden") in ("1", "true"))
        late = any(cell.content == LATE for cell in cells)
        return (
            counted or late or not all(cell.named for cell in cells) or "!--" in self.head or self.encoding != "utf-8"
        )


def element(name: str, one: Written, at: str, inside: str) -> str:
    """Return a row or cell as XML; without content it closes itself where that shows."""
    wanted = {**one.more, **({"r": at} if one.named else {})}
    text = "".join(f"{one.gap or ' '}{key}={one.quote}{value}{one.quote}" for key, value in wanted.items())
    inside = one.content + inside
    return f"{one.gap}<{name}{text}{one.gap}>{inside}</{name}>" if inside or one.gap else f"<{name}{text}/>"


def written_cells() -> st.SearchStrategy[Written]:
    more = st.sampled_from([{}, {"s": "3", "t": "str"}, {"x": "r=Q7 > / hidden=1 "}])
    content = st.sampled_from([*FORMULAS, *VALUES, *FORMULAS, *VALUES, LATE])
    named = st.integers(0, 9).map(bool)
    return st.builds(Written, st.integers(1, 30), named, more, content, quote=QUOTES, gap=GAPS)


def written_rows() -> st.SearchStrategy[Written]:
    more = st.sampled_from(
        [{}, {"spans": "1:9"}, {"x": " hidden=1"}, *({"hidden": text} for text in ("0", "1", "true"))]
    )
    cells = st.lists(written_cells(), max_size=4)
    named = st.integers(0, 9).map(bool)
    return st.builds(Written, st.integers(1, 3), named, more, cells=cells, quote=QUOTES, gap=GAPS)


def books() -> st.SearchStrategy[Book]:
    """Return sheets as programs and people write them."""
    head = st.sampled_from(["", '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n', "\ufeff"])
    odd = st.sampled_from([("<!-- made by hand -->", "utf-8"), ("\ufeff", "utf-16-le"), ("\ufeff", "utf-16-be")])
    heads = st.one_of(*[head.map(lambda one: (one, "utf-8"))] * 4, odd)
    prefix = st.sampled_from(["", "", "x:", "sheet-1.a:"])
    return st.tuples(st.lists(written_rows(), max_size=5), prefix, heads).map(lambda one: Book(*one[:2], *one[2]))


@settings(max_examples=400, deadline=None)
@given(books())
def test_law_the_bytes_and_the_tree_tell_what_was_written(book):
    assert in_tree(book.xml) == book.expected
    assert in_bytes(book.xml) == (None if book.unusual else book.expected)


# What an editor, a copying error or a bad program does to XML.
SCRAPS = [b"", b"", b"<", b">", b"/", b"&", b'"', b"'", b" ", b"=", b"c", b"1", b"<f/>", b"<f>", b"</c>", b"<!---->"]


@settings(max_examples=400, deadline=None)
@given(
    books(), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(SCRAPS)), min_size=1, max_size=3)
)
def test_law_damaged_bytes_are_refused_or_read_as_their_tree(book, damages):
    xml = book.xml
    for share, size, scrap in damages:
        at = int(share * len(xml))
        xml = xml[:at] + scrap + xml[at + size :]
    assert outcome(lambda: through_bytes(xml)) == outcome(lambda: from_tree(xml))


def through_bytes(xml: bytes) -> Structure:
    return structure._structure(Parts([(ZipInfo("表"), xml)]), "表")


def outcome(read: Callable[[], Structure]) -> Structure | str:
    try:
        return read()
    except PackageError as refused:
        return str(refused)


@st.composite
def arrays(draw: st.DrawFn) -> tuple[str, frozenset[tuple[int, int]]]:
    """Draw rows with an array formula somewhere, and the cells that hold or show one."""
    top, left = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    bottom, right = top + draw(st.integers(0, 3)), left + draw(st.integers(0, 3))
    stored = draw(st.sets(st.tuples(st.integers(1, 8), st.integers(1, 8)))) | {(top, left)}
    area = f"{reference(top, left)}:{reference(bottom, right)}"
    texts = {place: f'<c r="{reference(*place)}"><v>1</v></c>' for place in sorted(stored)}
    texts[top, left] = f'<c r="{reference(top, left)}"><f t="array" ref="{area}">1</f></c>'
    rows = "".join(
        f'<row r="{row}">{"".join(text for place, text in texts.items() if place[0] == row)}</row>'
        for row in range(1, 9)
    )
    return rows, frozenset((r, c) for r, c in stored if top <= r <= bottom and left <= c <= right)


@given(arrays())
def test_law_an_array_formula_is_in_every_stored_cell_of_its_area(drawn):
    rows, expected = drawn
    assert seen(sheet_of(rows)).formulas == expected


# --- real files ------------------------------------------------------------------------------------------------------


def real(test: Callable[[Path], None]) -> Callable[[Path], None]:
    """Run a test on every real workbook; where they are missing it is one skip."""
    paths = sorted(CORPUS.glob("*.xl[st][xm]")) or [CORPUS]
    missing = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real workbooks is not beside this checkout")
    return missing(pytest.mark.parametrize("path", paths, ids=lambda path: path.name)(test))


@real
def test_the_sheets_of_a_real_workbook_read_the_same_from_bytes_and_trees(path):
    package = Package.load(path.read_bytes())
    found = structures(package)
    assert found == {name: from_tree(package.parts.data(package.part_of(name))) for name in found}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real workbooks is not beside this checkout")
def test_of_the_real_sheets_only_empty_ones_and_a_data_table_need_their_tree():
    packages = [Package.load(path.read_bytes()) for path in CORPUS.glob("*.xl[st][xm]")]
    sheets = [data for package in packages for data in worksheets(package)]
    left = [data for data in sheets if in_bytes(data) is None and b"<sheetData/>" not in data]
    assert len(sheets) > 50
    assert [re.findall(rb't="dataTable"', data) != [] for data in left] == [True]


NOT_FOR_OPENPYXL = {
    "ClosedXML__one-variable.xlsx": "of a data table it keeps the first cell",
    "ExcelDataReader__Test_git_issue578.xlsx": "it sees no sheet in it",
    "apache__51850.xlsx": "it drops rules in extLst",
    "tafia__issue_530.xlsx": "it cannot open it",
}


@real
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_openpyxl_sees_the_same_in_a_real_workbook(path):
    found = structures(Package.load(path.read_bytes()))
    try:
        book = {sheet.title: sheet for sheet in openpyxl.load_workbook(path).worksheets}
    except KeyError:
        book = {}
    same = all(name in book and as_openpyxl_has_it(book[name], one) == one for name, one in found.items())
    assert same == (path.name not in NOT_FOR_OPENPYXL)


def as_openpyxl_has_it(sheet: Worksheet, found: Structure) -> Structure:
    """Return the structure of a sheet; its areas come in another order, and of hidden columns it keeps less."""
    merged = {area_of(one) for one in sheet.merged_cells.ranges}
    rules = [
        EntryRule(one.type or "none", (one.formula1 or "").strip(), tuple(map(area_of, one.sqref.ranges)))
        for one in sheet.data_validations.dataValidation
    ]
    filter = sheet.auto_filter
    return replace(
        found,
        formulas=frozenset(place for place, cell in sheet._cells.items() if cell.data_type == "f"),
        hidden_rows=tuple(runs(number for number, row in sheet.row_dimensions.items() if row.hidden)),
        merged=tuple(sorted(merged, key=found.merged.index)) if merged == set(found.merged) else tuple(merged),
        rules=tuple(rules),
        filter=area_of(CellRange(filter.ref)) if filter.ref else None,
        filtered=bool(filter.filterColumn),
    )


def area_of(cells: CellRange) -> Area:
    return Area(cells.min_row, cells.min_col, cells.max_row, cells.max_col)


# --- ledgers ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """Return a ledger of the real notice."""
    path = tmp_path_factory.mktemp("made") / "台账.xlsx"
    assert main(["new", str(NOTICE), "-o", str(path)]) == 1
    return path


def check_ledger(path: Path) -> Structure:
    """Return the structure of a ledger's task sheet, its sheets read alike from bytes and trees."""
    package = Package.load(path.read_bytes())
    found = structures(package)
    assert None not in map(in_bytes, worksheets(package))
    assert found == {name: from_tree(package.parts.data(package.part_of(name))) for name in found}
    return found[tables.LEDGER]


def test_a_ledger_is_read_from_its_bytes(ledger):
    task_sheet = check_ledger(ledger)
    bottom = FIRST_ROW + 82 + SPARE_ROWS
    derived = {PLACES[column.key] for column in DERIVED}
    assert {column for row, column in task_sheet.formulas if row >= FIRST_ROW} == derived
    assert len(task_sheet.formulas) == 3 + len(derived) * (83 + SPARE_ROWS)
    assert (task_sheet.hidden_rows, task_sheet.hidden_columns) == ((), ((PLACES["code"],) * 2,))
    assert (task_sheet.filter, task_sheet.filtered) == (Area(FIRST_ROW - 1, 1, bottom, len(COLUMNS)), False)
    assert {rule.kind for rule in task_sheet.rules} == {"list", "date", "decimal", "whole", "textLength"}


@pytest.mark.office
def test_a_ledger_saved_by_libreoffice_has_the_same_structure(ledger, tmp_path):
    (saved,) = office.convert([ledger], tmp_path)
    assert saved.read_bytes() != ledger.read_bytes()
    assert check_ledger(saved) == check_ledger(ledger)
