"""Marks in cells: a faulty cell shows, a mended one looks as before, and nobody's own look is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Alignment, Border, Font, GradientFill, PatternFill, Protection, Side
from openpyxl.styles.colors import Color
from test_notes import EMPTY, MADE, OVER, SPACED, assert_sound, canonical, change, notes_of, said
from test_package import (
    NOT_EDITABLE,
    first_worksheet,
    ledger,
    opened,
    parts,
    real,
    rebuilt,
    saved,
    strict,
    touched,
    with_rows,
    written,
)

import office
from taizhang.books.marks import OURS, Palette, mark
from taizhang.books.package import MAIN, Package
from taizhang.layout.parts import Mark
from taizhang.places import Place, position, reference
from taizhang.styles import DERIVED_FILL, STYLES

SHEET = "台账"
ERROR, REMINDER = Mark("mark_error", (OVER, EMPTY)), Mark("mark_reminder", (SPACED,))
RED, YELLOW = (STYLES[one.look].fill for one in (ERROR, REMINDER))
GREEN = "#00B050"

# --- cells and their looks -------------------------------------------------------------------------------------------


def plain(place: Place) -> str:
    """Return the fill of a program that gives its cells none."""
    return ""


def third_derived(place: Place) -> str:
    """Return the fill of a program that greys the third column."""
    return DERIVED_FILL.lower() if place[1] == 3 else ""


def marked(data: bytes, marks: Mapping[str, Mark], own: Callable[[Place], str] = plain, sheet: str = SHEET) -> bytes:
    package = Package.load(data)
    mark(package, sheet, {position(name): one for name, one in marks.items()}, own)
    after = package.dump()
    assert_sound(after)
    return after


def fills(data: bytes, sheet: str = SHEET) -> dict[str, str]:
    """Return the plain fills of a sheet's cells, "?" for any other fill; cells without one are left out."""
    found = {cell.coordinate: cell.fill for cell in opened(data)[sheet]._cells.values() if cell.fill.fill_type}
    return {name: f"#{one.fgColor.rgb[-6:]}" if is_plain(one) else "?" for name, one in found.items()}


def is_plain(one: PatternFill | GradientFill) -> bool:
    return one.fill_type == "solid" and one.fgColor.type == "rgb"


def fill(data: bytes, name: str, sheet: str = SHEET) -> str:
    return fills(data, sheet).get(name, "")


def looks(data: bytes, sheet: str = SHEET) -> dict[str, list[object]]:
    """Return all of a look of every stored cell, as openpyxl reads it."""
    cells = opened(data)[sheet]._cells.values()
    return {cell.coordinate: [cell.value, *map(repr, dressed(cell))] for cell in cells}


def dressed(cell: openpyxl.cell.Cell) -> list[object]:
    return [cell.font, cell.fill, cell.border, cell.alignment, cell.protection, cell.number_format]


def without_fill(found: dict[str, list[object]]) -> dict[str, list[object]]:
    return {name: [*look[:2], *look[3:]] for name, look in found.items()}


def office_ledger(colours: Mapping[str, str] = {}, notes: Mapping[str, str] = {}) -> bytes:
    """Return a ledger with looks of every kind, its third column grey, some cells coloured or noted by users."""

    def draw(book: xlsxwriter.Workbook) -> None:
        book.set_properties({"created": MADE})
        sheet = book.add_worksheet(SHEET)
        for row in range(6):
            for column in range(6):
                sheet.write(row, column, row * column, book.add_format(look(row, column)))
        for name, text in notes.items():
            sheet.write_comment(name, text)
        book.add_worksheet("科室自用").write(0, 0, 1, book.add_format({"bg_color": GREEN}))

    def look(row: int, column: int) -> dict[str, object]:
        colour = colours.get(reference(row + 1, column + 1)) or (DERIVED_FILL if column == 2 else None)
        base = {
            "font_name": "宋体",
            "font_size": 10 + row % 2,
            "border": column % 2,
            "text_wrap": True,
            "locked": row % 2,
        }
        kind = {"num_format": "0%" if column == 3 else "yyyy-mm-dd" if column == 4 else "General"}
        return {**base, **kind, **({"bg_color": colour} if colour else {})}

    return written(draw)


def xfs(data: bytes) -> int:
    """Return how many cell looks a stylesheet holds."""
    return len(opened(data)._cell_styles)


# --- a mark and its end ----------------------------------------------------------------------------------------------


def test_a_mark_changes_the_fill_of_its_cell_and_nothing_else_of_its_look():
    before = office_ledger()
    after = marked(before, {"D4": ERROR, "E5": REMINDER})
    assert [fill(after, "D4"), fill(after, "E5"), fill(after, "D5")] == [RED, YELLOW, ""]
    assert without_fill(looks(after)) == without_fill(looks(before))
    assert notes_of(after) == {"D4": said(OVER, EMPTY), "E5": said(SPACED)}


def test_a_mark_that_no_longer_holds_goes_without_a_trace_in_the_sheet():
    before = office_ledger()
    after = marked(marked(before, {"D4": ERROR, "E5": REMINDER}), {})
    assert looks(after) == looks(before)
    assert notes_of(after) == {}
    assert canonical(after, "xl/worksheets/sheet1.xml") == canonical(before, "xl/worksheets/sheet1.xml")


def test_marks_change_only_the_sheet_the_styles_and_what_notes_need():
    before = office_ledger(notes={"A1": "看这里"})
    assert touched(before, marked(before, {"D4": ERROR})) == {
        "xl/worksheets/sheet1.xml",
        "xl/styles.xml",
        "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml",
    }


def test_the_same_marks_again_change_no_byte():
    once = marked(office_ledger({"B2": GREEN}), {"B2": ERROR, "D4": ERROR, "C5": REMINDER, "H9": ERROR}, third_derived)
    assert marked(once, {"H9": ERROR, "C5": REMINDER, "B2": ERROR, "D4": ERROR}, third_derived) == once


def test_no_marks_on_a_sheet_without_any_change_no_byte():
    for data in (office_ledger(), ledger(), with_rows("")):
        name = Package.load(data).sheet_names[0]
        assert parts(marked(data, {}, sheet=name)) == parts(data)


def test_the_order_of_marks_makes_no_difference():
    data = office_ledger()
    assert marked(data, {"D4": ERROR, "A1": REMINDER}) == marked(data, {"A1": REMINDER, "D4": ERROR})


def test_marks_that_come_and_go_do_not_make_the_stylesheet_grow():
    data = marked(marked(office_ledger(), {"C3": ERROR, "D4": REMINDER}, third_derived), {}, third_derived)
    again = marked(marked(data, {"C3": ERROR, "D4": REMINDER}, third_derived), {}, third_derived)
    assert parts(again)["xl/styles.xml"] == parts(data)["xl/styles.xml"]
    assert xfs(data) == xfs(office_ledger()) + 2


def test_a_mark_whose_reason_changes_keeps_its_cell_and_renews_its_note():
    once = marked(office_ledger(), {"D4": ERROR})
    after = marked(once, {"D4": Mark("mark_error", (SPACED,))})
    assert touched(once, after) == {"xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"}
    assert notes_of(after) == {"D4": said(SPACED)}


def test_an_error_that_becomes_a_reminder_is_recoloured_and_back():
    once = marked(office_ledger(), {"D4": ERROR, "C3": REMINDER}, third_derived)
    after = marked(once, {"D4": REMINDER, "C3": ERROR}, third_derived)
    assert [fill(after, "D4"), fill(after, "C3")] == [YELLOW, RED]
    assert looks(marked(after, {}, third_derived)) == looks(office_ledger())


def test_a_cell_in_the_fill_the_program_gave_it_is_marked_and_gets_it_back():
    before = office_ledger()
    once = marked(before, {"C3": ERROR}, third_derived)
    assert fill(once, "C3") == RED
    assert fill(marked(once, {}, third_derived), "C3") == DERIVED_FILL


def test_a_cell_whose_own_fill_its_user_took_away_is_marked_and_gets_the_fill_it_was_made_with():
    once = marked(office_ledger(), {"D4": ERROR}, lambda place: DERIVED_FILL)
    assert fill(once, "D4") == RED
    assert fill(marked(once, {}, lambda place: DERIVED_FILL), "D4") == DERIVED_FILL


def test_a_marked_cell_gets_the_fill_the_program_gives_it_now():
    once = marked(office_ledger(), {"D4": ERROR})
    assert fill(marked(once, {}, lambda place: "#ddebf7"), "D4") == "#DDEBF7"


def test_a_mark_without_lines_colours_only():
    after = marked(office_ledger(), {"D4": Mark("mark_error", ())})
    assert [fill(after, "D4"), notes_of(after)] == [RED, {}]


# --- what users made -------------------------------------------------------------------------------------------------


def test_a_cell_its_user_coloured_keeps_his_colour_and_gets_the_note():
    before = office_ledger({"D4": GREEN, "C3": GREEN})
    once = marked(before, {"D4": ERROR, "C3": REMINDER}, third_derived)
    assert [fill(once, "D4"), fill(once, "C3")] == [GREEN, GREEN]
    assert notes_of(once) == {"D4": said(OVER, EMPTY), "C3": said(SPACED)}
    assert looks(marked(once, {}, third_derived)) == looks(before)


def test_a_cell_in_the_fill_of_another_place_is_its_users():
    before = office_ledger({"D4": DERIVED_FILL})
    assert fill(marked(before, {"D4": ERROR}, third_derived), "D4") == DERIVED_FILL


def test_a_marked_cell_its_user_then_coloured_keeps_his_colour():
    once = opened(marked(office_ledger(), {"D4": ERROR}))
    once[SHEET]["D4"].fill = PatternFill("solid", fgColor="FF00B050")
    assert fill(marked(saved(once), {}), "D4") == GREEN


def test_a_note_of_the_user_stays_while_his_cell_is_marked_and_after():
    before = office_ledger(notes={"D4": "已与财政局核对"})
    once = marked(before, {"D4": ERROR})
    assert [fill(once, "D4"), notes_of(once)] == [RED, {"D4": "已与财政局核对"}]
    assert notes_of(marked(once, {})) == {"D4": "已与财政局核对"}


def test_words_a_user_added_to_our_note_outlive_the_mark():
    once = marked(office_ledger(), {"D4": ERROR})
    typed = rebuilt(once, change("xl/comments1.xml", "\n</t>", "\n已电话核实</t>"))
    after = marked(typed, {})
    assert [fill(after, "D4"), notes_of(after)] == ["", {"D4": "已电话核实"}]


def user_fill(one: PatternFill | GradientFill) -> bytes:
    book = openpyxl.Workbook()
    book.active.title, book.active["B2"].fill = SHEET, one
    return saved(book)


USERS = {
    "theme": PatternFill("solid", fgColor=Color(theme=4)),
    "indexed": PatternFill("solid", fgColor=Color(indexed=29)),
    "automatic": PatternFill("solid", fgColor=Color(auto=True)),
    "tint": PatternFill("solid", fgColor=Color(rgb="FFFFB9B4", tint=-0.25)),
    "stripes": PatternFill("darkUp", fgColor="FFFFB9B4"),
    "grey": PatternFill("gray125"),
    "gradient": GradientFill(stop=("FFFFB9B4", "FFFFB9B4")),
    "colour": PatternFill("solid", fgColor="FFFFB9B5"),
}


@pytest.mark.parametrize("name", USERS)
def test_a_fill_that_is_no_plain_colour_of_ours_is_the_users(name):
    before = user_fill(USERS[name])
    assert looks(marked(before, {"B2": ERROR})) == looks(before)
    assert looks(marked(before, {})) == looks(before)


# --- fills as others write them --------------------------------------------------------------------------------------


def spelled(pattern: str) -> bytes:
    """Return a workbook whose cell B2 has a fill written in this way."""
    before = user_fill(PatternFill("solid", fgColor="FF123456"))
    return rebuilt(before, change("xl/styles.xml", '<patternFill patternType="solid">.*?</patternFill>', pattern))


@pytest.mark.parametrize(
    "pattern",
    [
        f'<patternFill patternType="solid"><fgColor rgb="{rgb}"/></patternFill>'
        for rgb in ("FFFFB9B4", "ffffb9b4", "00FFB9B4", "FFB9B4", "FFFFE9A6")
    ]
    + [
        '<patternFill patternType="solid"><fgColor rgb="FFFFB9B4" tint="0"/><bgColor rgb="FFFFCC99"/></patternFill>',
        '<patternFill patternType="solid"><bgColor indexed="64"/><fgColor rgb="FFFFB9B4"/></patternFill>',
    ],
)
def test_our_fills_are_known_however_a_program_writes_them(pattern):
    before = spelled(pattern)
    assert fill(marked(before, {}), "B2") == ""
    assert touched(before, marked(before, {})) <= {"xl/styles.xml", "xl/worksheets/sheet1.xml"}


def test_a_mark_in_another_spelling_still_holds_and_is_not_rewritten():
    before = spelled('<patternFill patternType="solid"><fgColor rgb="ffffb9b4"/></patternFill>')
    after = marked(before, {"B2": ERROR, "C3": ERROR})
    assert parts(after)["xl/styles.xml"].count(b'patternType="solid"') == 1
    assert 's="1"' in re.search(r'<c r="B2"[^>]*>', parts(after)["xl/worksheets/sheet1.xml"].decode())[0]


@pytest.mark.parametrize(
    "pattern",
    ["<patternFill/>", '<patternFill patternType="none"><fgColor rgb="FFFFB9B4"/></patternFill>'],
)
def test_a_cell_whose_fill_is_written_as_none_is_marked(pattern):
    before = spelled(pattern)
    assert fill(marked(before, {"B2": ERROR}), "B2") == RED


def test_a_cleared_cell_takes_the_first_of_several_equal_fills():
    more = '<fill><patternFill patternType="none"/></fill></fills>'
    before = rebuilt(office_ledger(), change("xl/styles.xml", "</fills>", more))
    after = marked(marked(before, {"D4": ERROR}), {})
    assert canonical(after, "xl/worksheets/sheet1.xml") == canonical(before, "xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("fills", ['<fills count="0"/>', '<fills count="1"><fill><patternFill/></fill></fills>', ""])
def test_the_first_two_fills_are_never_ours(fills):
    before = rebuilt(office_ledger(), change("xl/styles.xml", "<fills .*</fills>", fills))
    before = rebuilt(before, change("xl/styles.xml", 'fillId="[0-9]+"', 'fillId="0"'))
    package = Package.load(before)
    mark(package, SHEET, {(4, 4): ERROR}, plain)
    assert [one[0].get("patternType") for one in package.parts.root("xl/styles.xml").iter(f"{{{MAIN}}}fill")][1:] == [
        "gray125",
        "solid",
    ]
    assert fill(package.dump(), "D4") == RED


@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
def test_a_package_without_a_stylesheet_gets_one_for_a_mark_and_none_for_nothing():
    def bare(entries):
        del entries["xl/styles.xml"]
        for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
            entries[name] = re.sub(rb"<[^<>]*styles\.xml[^<>]*/>", b"", entries[name])

    before = rebuilt(written(lambda book: book.add_worksheet(SHEET)), bare)
    assert parts(marked(before, {})) == parts(before)
    assert fill(marked(before, {"B2": ERROR}), "B2") == RED


def test_styles_nobody_has_are_taken_for_the_first():
    before = rebuilt(office_ledger(), change("xl/worksheets/sheet1.xml", r'(?<=r="D4" )s="\d+"', 's="9999"'))
    package = Package.load(before)
    mark(package, SHEET, {(4, 4): ERROR}, plain)
    assert fill(package.dump(), "D4") == RED


def test_a_strict_workbook_is_marked_in_its_own_dialect():
    package = Package.load(strict(office_ledger()))
    mark(package, SHEET, {(4, 4): ERROR, (9, 9): REMINDER}, plain)
    after = parts(package.dump())
    assert not any(MAIN.encode() in data for data in after.values())
    assert b'rgb="FFFFB9B4"' in after["xl/styles.xml"]


# --- places ----------------------------------------------------------------------------------------------------------


def test_a_marked_cell_that_is_not_stored_is_made_with_the_look_of_its_row_or_column():
    def draw(book):
        sheet = book.add_worksheet(SHEET)
        sheet.set_column(1, 1, 10, book.add_format({"bold": True}))
        sheet.set_row(4, 20, book.add_format({"italic": True}))

    after = marked(written(draw), {"B2": ERROR, "D5": REMINDER, "H9": ERROR})
    sheet = opened(after)[SHEET]
    assert [sheet["B2"].font.bold, sheet["D5"].font.italic, sheet["H9"].font.bold] == [True, True, False]
    assert [fill(after, name) for name in ("B2", "D5", "H9", "B3", "E5")] == [RED, YELLOW, RED, "", ""]
    assert b'<dimension ref="B2:H9"/>' in parts(after)["xl/worksheets/sheet1.xml"]


def test_a_cell_that_is_not_stored_in_a_column_its_user_coloured_is_left_alone():
    def draw(book):
        book.add_worksheet(SHEET).set_column(1, 1, 10, book.add_format({"bg_color": GREEN}))

    before = written(draw)
    after = marked(before, {"B2": ERROR})
    assert parts(after)["xl/styles.xml"] == parts(before)["xl/styles.xml"]
    assert b"<c " not in parts(after)["xl/worksheets/sheet1.xml"]


def test_cells_without_names_are_counted_and_cleared():
    data = with_rows("<row><c/><c s='1'/></row><row><c s='1'/></row>")
    solid = '<fill><patternFill patternType="solid"><fgColor rgb="FFFFB9B4"/></patternFill></fill></fills>'
    data = rebuilt(data, change("xl/styles.xml", "</fills>", solid))
    data = rebuilt(data, change("xl/styles.xml", "</cellXfs>", '<xf fillId="2" xfId="0"/></cellXfs>'))
    after = marked(data, {"A2": ERROR}, sheet="表")
    assert [fill(after, "B1", "表"), fill(after, "A2", "表")] == ["", RED]


def test_other_sheets_keep_their_marks():
    once = marked(marked(office_ledger(), {"D4": ERROR}), {"B2": ERROR}, sheet="科室自用")
    after = marked(once, {})
    assert [fill(after, "D4"), fill(after, "B2", "科室自用")] == ["", RED]


def test_a_cell_set_after_it_was_marked_stays_marked_and_is_stored_once():
    package = Package.load(office_ledger())
    package.set_cells(SHEET, {(8, 2): "前"})
    mark(package, SHEET, {(8, 2): ERROR, (9, 2): ERROR}, plain)
    package.set_cells(SHEET, {(9, 2): "后"})
    after = package.dump()
    assert [fill(after, "B8"), fill(after, "B9")] == [RED, RED]
    assert parts(after)["xl/worksheets/sheet1.xml"].count(b'r="B9"') == 1


@pytest.mark.parametrize("place", [(0, 1), (1, 0), (1_048_577, 1), (1, 16_385)])
def test_a_place_outside_the_sheet_is_refused_and_nothing_changes(place):
    package = Package.load(office_ledger())
    with pytest.raises(ValueError, match="outside the sheet"):
        mark(package, SHEET, {(1, 1): ERROR, place: ERROR}, plain)
    assert parts(package.dump()) == parts(office_ledger())


# --- laws ------------------------------------------------------------------------------------------------------------

NAMES = st.builds(reference, st.integers(1, 6), st.integers(1, 6))
MARKS = st.dictionaries(NAMES, st.sampled_from([ERROR, REMINDER]), max_size=8)
COLOURS = st.dictionaries(NAMES, st.sampled_from([GREEN, DERIVED_FILL, "#FFFFFF"]), max_size=5)
OWN_NOTES = st.dictionaries(NAMES, st.sampled_from(["看这里", "甲\n乙"]), max_size=3)


@settings(max_examples=80, deadline=None)
@given(COLOURS, OWN_NOTES, st.lists(MARKS, min_size=1, max_size=3))
def test_law_marked_cells_show_and_without_marks_everything_looks_as_before(colours, notes, rounds):
    data = before = office_ledger(colours, notes)
    for marks in rounds:
        data = marked(data, marks, third_derived)
        own = fills(before)
        free = {name for name in marks if own.get(name, "") in ("", third_derived(position(name)).upper())}
        assert fills(data) == own | {name: STYLES[marks[name].look].fill for name in free}
        assert notes_of(data) == {**{name: said(*one.lines) for name, one in marks.items()}, **notes}
        assert marked(data, marks, third_derived) == data
    after = marked(data, {}, third_derived)
    assert looks(after) == looks(before)
    assert notes_of(after) == notes


FONTS = st.builds(Font, name=st.sampled_from(["宋体", "黑体"]), bold=st.booleans(), sz=st.integers(8, 12))
EDGES = st.builds(Border, left=st.builds(Side, st.sampled_from(["thin", "dashed"])))
PLACED = st.builds(Alignment, horizontal=st.sampled_from(["left", "center"]), wrap_text=st.booleans())
LOCKED = st.builds(Protection, locked=st.booleans())
DRESSES = st.tuples(FONTS, EDGES, PLACED, LOCKED, st.sampled_from(["General", "0%", "@", "0.0_ ", "yyyy/m/d"]))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, DRESSES, max_size=6), MARKS)
def test_law_whatever_else_a_look_has_stays_in_a_file_of_openpyxl(dresses, marks):
    book = openpyxl.Workbook()
    book.active.title = SHEET
    for name in {*dresses, *marks}:
        book.active[name].value = 1
    for name, (font, edge, placed, locked, code) in dresses.items():
        cell = book.active[name]
        cell.font, cell.border, cell.alignment, cell.protection, cell.number_format = font, edge, placed, locked, code
    before = saved(book)
    once = marked(before, marks)
    assert without_fill(looks(once)) == without_fill(looks(before))
    assert looks(marked(once, {})) == looks(before)


# --- other programs --------------------------------------------------------------------------------------------------


@pytest.mark.office
def test_libreoffice_keeps_our_marks_so_that_they_are_known_and_cleared(tmp_path: Path):
    marks = {"D4": ERROR, "C3": REMINDER, "H9": ERROR, "E2": ERROR}
    before = office_ledger({"E2": GREEN}, {"A1": "看这里"})
    path = tmp_path / "台账.xlsx"
    path.write_bytes(marked(before, marks, third_derived))
    (copy,) = office.convert([path], tmp_path / "again", "xlsx")
    data = copy.read_bytes()
    shown = {name: fill(data, name) for name in [*marks, "C4", "A1"]}
    assert shown == {"D4": RED, "C3": YELLOW, "H9": RED, "E2": GREEN, "C4": DERIVED_FILL, "A1": ""}
    assert parts(marked(data, marks, third_derived)) == parts(data)
    after = marked(data, {"D4": REMINDER}, third_derived)
    shown = {name: fill(after, name) for name in shown}
    assert shown == {"D4": YELLOW, "C3": DERIVED_FILL, "H9": "", "E2": GREEN, "C4": DERIVED_FILL, "A1": ""}
    assert notes_of(after) == {"A1": "看这里", "D4": said(SPACED)}
    assert without_fill(looks(after)) == without_fill(looks(data))


def cells_in_our_fills(data: bytes, sheet: str) -> int:
    package = Package.load(data)
    ours = Palette(package.parts.root(package.styles())).styles_in(OURS)
    return sum(cell.get("s", "0") in ours for cell in package.grid(sheet).root.iter("{*}c"))


@real
def test_a_mark_in_a_real_workbook_comes_and_goes(path):
    before = path.read_bytes()
    package = Package.load(before)
    sheet = first_worksheet(package)
    if path.name in NOT_EDITABLE:
        assert sheet is None, "it has become editable: take it from the list"
        return
    none = cells_in_our_fills(before, sheet)
    assert none == 0
    mark(package, sheet, {(3, 2): ERROR}, plain)
    once = package.dump()
    package = Package.load(once)
    mark(package, sheet, {}, plain)
    after = package.dump()
    assert cells_in_our_fills(after, sheet) == 0
    assert not parts(before).keys() - parts(once).keys()
    assert parts(before).keys() == parts(after).keys()
