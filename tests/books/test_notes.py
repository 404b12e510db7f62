"""Our lines in the notes of a sheet: they come and go, and nobody else's word is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl.comments import Comment
from test_package import PIXEL, opened, parts, rebuilt, replaced, saved, strict, touched, written

import office
from taizhang.books.notes import AUTHOR, set_notes
from taizhang.books.package import MAIN, RELATIONS, Package, Parts, members
from taizhang.places import position, reference

SHEET, MADE = "台账", datetime(2020, 9, 1)
OVER = "校验 E102：“110%”不在 0% 到 100% 之间。请填 0% 到 100% 之间的数，例如 60%。"
EMPTY = "校验 E201：没有填。这一列每项任务都要有，请补上。"
SPACED = "校验 E110　夹有2个看不见的字符。"
VML = "xl/drawings/vmlDrawing1.vml"
COMMENTS = "xl/comments1.xml"

# --- sheets with notes -----------------------------------------------------------------------------------------------


def book(notes: Mapping[str, str] = {}, more: Callable[[xlsxwriter.Workbook], object] = id) -> bytes:
    """Return a workbook by XlsxWriter whose first sheet has these notes."""

    def fill(made: xlsxwriter.Workbook) -> None:
        made.set_properties({"created": MADE})
        sheet = made.add_worksheet(SHEET)
        sheet.write_row("A1", ["编码", "任务"])
        for name, text in notes.items():
            sheet.write_comment(name, text, {"author": "小王"})
        more(made)

    return written(fill)


def by_openpyxl(notes: Mapping[str, str]) -> bytes:
    """Return a workbook by openpyxl, which names the parts of notes otherwise."""
    made = openpyxl.Workbook()
    made.active.title = SHEET
    for name, text in notes.items():
        made.active[name].comment = Comment(text, "小王")
    return saved(made)


def noted(data: bytes, wanted: Mapping[str, Sequence[str]], sheet: str = SHEET) -> bytes:
    package = Package.load(data)
    set_notes(package, sheet, {position(name): texts for name, texts in wanted.items()})
    after = package.dump()
    assert_sound(after)
    return after


def notes_of(data: bytes, sheet: str = SHEET) -> dict[str, str]:
    """Return the texts of a sheet's notes as openpyxl reads them."""
    cells = opened(data)[sheet]._cells.values()  # iter_rows would walk through to the last corner
    return {cell.coordinate: cell.comment.text for cell in cells if cell.comment}


def boxes(data: bytes, name: str = VML) -> dict[str, list[int]]:
    """Return the anchors of the boxes of notes by cell."""
    found = {}
    for one in etree.fromstring(parts(data)[name]).iter("{*}ClientData"):
        if one.get("ObjectType") == "Note":
            place = int(one.findtext("{*}Row")) + 1, int(one.findtext("{*}Column")) + 1
            found[reference(*place)] = [int(n) for n in (one.findtext("{*}Anchor") or "").split(",") if n]
    return found


def said(*texts: str) -> str:
    return "".join(f"{text}\n" for text in texts)


def assert_sound(data: bytes) -> None:
    """Assert what Excel wants of notes: every relationship leads somewhere, every note has its own box."""
    held = Parts(members(data))
    for name in list(parts(data)):
        assert all(one.outside or one.target in held for one in held.relations(name)), f"{name}: a dead link"
        assert held.content_type(name), f"{name}: no content type"
    numbers: list[str] = []
    for sheet in Package.load(data).worksheets():
        numbers += _assert_boxes(held, sheet)
    assert len(numbers) == len(set(numbers)), "two boxes have one number"


def _assert_boxes(held: Parts, sheet: str) -> list[str]:
    """Return the numbers of the boxes of a sheet."""
    found = {one.kind: one for one in held.relations(sheet)}
    if "comments" not in found:
        return []
    drawn = held.root(sheet).find("{*}legacyDrawing")
    number = next(value for name, value in drawn.attrib.items() if name.endswith("}id"))
    vml = held.root(next(one.target for one in held.relations(sheet) if one.id == number))
    notes = [one.get("ref") for one in held.root(found["comments"].target).iter("{*}comment")]
    datas = [one for one in vml.iter("{*}ClientData") if one.get("ObjectType") == "Note"]
    places = [reference(int(one.findtext("{*}Row")) + 1, int(one.findtext("{*}Column")) + 1) for one in datas]
    assert sorted(notes) == sorted(places)
    assert len(held.root(found["comments"].target).findall("{*}commentList")) == 1
    return [number for one in datas if (number := one.getparent().get("id")) != "shape_0"]  # LibreOffice's only one


# --- ours come and go ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [book, by_openpyxl], ids=["xlsxwriter", "openpyxl"])
def test_a_sheet_without_notes_gets_ours_and_openpyxl_reads_them(make):
    after = noted(make({}), {"B2": [OVER, EMPTY], "A9": [SPACED]})
    assert notes_of(after) == {"B2": said(OVER, EMPTY), "A9": said(SPACED)}
    assert [one.text for one in etree.fromstring(parts(after)[COMMENTS]).iter("{*}author")] == [AUTHOR]
    assert opened(after)[SHEET]["B2"].comment.author == AUTHOR


def test_new_notes_change_only_the_sheet_its_links_and_the_content_types():
    before = book()
    assert touched(before, noted(before, {"B2": [OVER]})) == {
        "[Content_Types].xml",
        "xl/worksheets/sheet1.xml",
        "xl/worksheets/_rels/sheet1.xml.rels",
        COMMENTS,
        VML,
    }


def test_the_same_notes_again_change_no_byte():
    once = noted(book({"A1": "看这里"}), {"B2": [OVER], "C3": [EMPTY, SPACED]})
    assert noted(once, {"C3": [EMPTY, SPACED], "B2": [OVER]}) == once


def test_notes_that_are_not_there_and_not_wanted_change_no_byte():
    for data in (book(), book({"A1": "看这里"}), by_openpyxl({"A1": "看这里"})):
        assert parts(noted(data, {})) == parts(data)


def test_the_order_in_which_notes_are_handed_over_makes_no_difference():
    wanted = {reference(row, column): [OVER] for row in range(9, 1, -1) for column in (28, 2, 9)}
    after = noted(book(), wanted)
    assert after == noted(book(), dict(reversed(wanted.items())))
    places = [position(one.get("ref")) for one in etree.fromstring(parts(after)[COMMENTS]).iter("{*}comment")]
    assert places == sorted(places)


def test_when_our_last_note_goes_its_parts_and_links_go_too():
    before = book()
    after = noted(noted(before, {"B2": [OVER]}), {})
    assert parts(after).keys() == parts(before).keys()
    assert canonical(after, "xl/worksheets/sheet1.xml") == canonical(before, "xl/worksheets/sheet1.xml")


def test_notes_of_ours_can_come_again_after_they_all_went():
    after = noted(noted(noted(book(), {"B2": [OVER]}), {}), {"B2": [EMPTY]})
    assert notes_of(after) == {"B2": said(EMPTY)}


def test_a_note_takes_new_lines_and_its_box_follows():
    once = noted(book(), {"B2": [OVER]})
    twice = noted(once, {"B2": [OVER, EMPTY, SPACED]})
    assert notes_of(twice) == {"B2": said(OVER, EMPTY, SPACED)}
    assert boxes(twice)["B2"][6] > boxes(once)["B2"][6]


def test_a_cell_without_lines_gets_no_note():
    assert notes_of(noted(book(), {"B2": []})) == {}


def test_a_line_break_inside_a_line_becomes_a_space():
    once = noted(book(), {"B2": ["校验 E102：“一\r\n二”不对"]})
    assert notes_of(once) == {"B2": "校验 E102：“一 二”不对\n"}
    assert notes_of(noted(once, {})) == {}


@pytest.mark.parametrize("text", ["", "没有填", "校验E102：没有填", "校验 102：没有填", " 校验 E102：没有填"])
def test_a_line_that_could_not_be_told_as_ours_is_refused_and_nothing_changes(text):
    package = Package.load(book())
    with pytest.raises(ValueError, match="no line of ours begins so"):
        set_notes(package, SHEET, {(1, 1): [OVER], (2, 2): [text]})
    assert parts(package.dump()) == parts(book())


def test_characters_xml_cannot_hold_come_and_go():
    once = noted(book(), {"B2": ["校验 E110：“a\x00b_x000D_”夹有看不见的字符"]})
    assert b"a_x0000_b_x005F_x000D_" in parts(once)[COMMENTS]
    assert notes_of(noted(once, {})) == {}


# --- what others wrote -----------------------------------------------------------------------------------------------

THEIRS = {"A1": "看这里", "B2": "小王：\n已与财政局核对", "C3": "校验一下\n 校验 E102：引用"}


@pytest.mark.parametrize("make", [book, by_openpyxl], ids=["xlsxwriter", "openpyxl"])
def test_notes_of_others_stay_beside_ours_and_their_cells_get_none(make):
    before = make(THEIRS)
    once = noted(before, {"B2": [OVER], "E5": [OVER], "C3": [EMPTY]})
    assert notes_of(once) == {**THEIRS, "E5": said(OVER)}
    assert notes_of(noted(once, {})) == THEIRS


@pytest.mark.parametrize("make", [book, by_openpyxl], ids=["xlsxwriter", "openpyxl"])
def test_notes_and_boxes_of_others_keep_their_xml(make):
    before = make(THEIRS)
    after = noted(noted(before, {"E5": [OVER], "F6": [EMPTY]}), {})
    for name in parts(before):
        if "omment" in name or name.endswith(".vml"):
            assert things(after, name) == things(before, name)


def test_an_author_is_entered_once_and_the_others_keep_their_numbers():
    after = noted(noted(book(THEIRS), {"E5": [OVER]}), {"E5": [EMPTY], "F6": [OVER]})
    assert [one.text for one in etree.fromstring(parts(after)[COMMENTS]).iter("{*}author")] == ["小王", AUTHOR]
    assert opened(after)[SHEET]["A1"].comment.author == "小王"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (said(OVER) + "已核实", "已核实"),
        ("已核实\n" + OVER, "已核实\n"),
        ("前\n" + said(OVER, EMPTY) + "后\n" + SPACED, "前\n后\n"),
        ("前\r\n" + OVER + "\r\n后", "前\n后"),
        (OVER + "_x000D__x000A_已核实", "已核实"),
        (OVER + "\n\n\n", None),
        (f" \n{OVER}\n\t", None),
    ],
)
def test_words_a_user_added_stay_when_our_lines_go(text, left):
    once = noted(rewritten(noted(book(), {"B2": [OVER]}), text), {})
    assert notes_of(once).get("B2", "").replace("\r\n", "\n") == (left or "")
    assert (VML in parts(once)) == bool(left)
    if left:  # it has become the user's own note
        assert noted(once, {"B2": [EMPTY]}) == once


def test_words_a_user_added_stay_when_our_lines_change():
    mixed = rewritten(noted(book(), {"B2": [OVER]}), said("前", OVER) + "后")
    after = noted(mixed, {"B2": [EMPTY, SPACED]})
    assert notes_of(after) == {"B2": said("前", EMPTY, SPACED) + "后"}
    assert noted(after, {"B2": [EMPTY, SPACED]}) == after


def test_words_typed_at_the_end_of_a_line_that_holds_become_a_line_of_their_own():
    mixed = rewritten(noted(book(), {"B2": [OVER]}), f"{OVER} 已核实")
    after = noted(mixed, {"B2": [OVER]})
    assert notes_of(after) == {"B2": said(OVER, "已核实")}
    assert notes_of(noted(after, {})) == {"B2": "已核实\n"}


def test_a_note_of_ours_ends_with_a_line_break_so_that_what_is_typed_below_is_a_line_of_its_own():
    typed = rewritten(noted(book(), {"B2": [OVER]}), said(OVER) + "已核实")
    assert notes_of(noted(typed, {"B2": [EMPTY]})) == {"B2": said(EMPTY) + "已核实"}


def test_the_looks_of_added_words_stay():
    runs = f"<r><t>{OVER}\n</t></r><r><rPr><b/></rPr><t>小王</t></r><r><t>：已核实</t></r>"
    before = rebuilt(noted(book(), {"B2": [OVER]}), change(COMMENTS, "<text>.*</text>", f"<text>{runs}</text>"))
    after = noted(before, {"B2": [EMPTY]})
    assert "<r><rPr><b/></rPr><t>小王</t></r><r><t>：已核实</t></r>" in parts(after)[COMMENTS].decode()
    cleared = noted(after, {})
    assert parts(cleared)[COMMENTS].decode().count("<r>") == 2, "a run without text is left"
    assert notes_of(cleared) == {"B2": "小王：已核实"}


def test_a_note_with_words_only_in_kana_readings_is_told_by_its_text():
    runs = f'<t>{OVER}</t><rPh sb="0" eb="1"><t>\n読み</t></rPh>'
    before = rebuilt(noted(book(), {"B2": [OVER]}), change(COMMENTS, "<text>.*</text>", f"<text>{runs}</text>"))
    assert COMMENTS not in parts(noted(before, {}))


def threaded(data: bytes, name: str) -> bytes:
    """Return a workbook in which the note of a cell is a conversation's shadow."""
    kind = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
    part = "xl/threadedComments/threadedComment1.xml"
    link = f'<Relationship Id="rId77" Type="{kind}" Target="../threadedComments/threadedComment1.xml"/></Relationships>'

    def add(entries: dict[str, bytes]) -> None:
        space = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
        entries[part] = f'<ThreadedComments xmlns="{space}"><threadedComment ref="{name}"/></ThreadedComments>'.encode()
        links = entries[LINKS].decode()
        entries[LINKS] = links.replace("</Relationships>", link).encode()

    return rebuilt(data, add)


LINKS = "xl/worksheets/_rels/sheet1.xml.rels"


def test_a_cell_with_a_conversation_is_never_touched():
    before = threaded(book({"B2": said(OVER) + "转发", "A1": "看这里"}), "B2")
    assert parts(noted(before, {})) == parts(before)
    assert parts(noted(before, {"B2": [EMPTY]})) == parts(before)
    assert notes_of(noted(before, {"C3": [EMPTY]}))["C3"] == said(EMPTY)


def test_a_conversation_without_a_note_gets_none_of_ours():
    before = threaded(book({"A1": "看这里"}), "B2")
    assert parts(noted(before, {"B2": [EMPTY]})) == parts(before)


TEXTS = st.sampled_from([OVER, EMPTY, SPACED])
NAMES = st.sampled_from(["A1", "B2", "C3", "XFD1", "A1048576", "AB40"])
WANTED = st.dictionaries(NAMES, st.lists(TEXTS, max_size=3, unique=True), max_size=6)
WORDS = st.text("校验 E1：一\n", min_size=1, max_size=12).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, WORDS, max_size=3), st.lists(WANTED, min_size=1, max_size=3), st.booleans())
def test_law_others_keep_their_notes_and_ours_are_the_last_ones_wanted(theirs, rounds, foreign):
    data = before = (by_openpyxl if foreign else book)(theirs)
    own = notes_of(before)
    for wanted in rounds:
        data = noted(data, wanted)
        ours = {name: said(*texts) for name, texts in wanted.items() if texts and name not in own}
        assert notes_of(data) == {**own, **ours}
        assert noted(data, wanted) == data
    after = noted(data, {})
    assert notes_of(after) == own
    assert parts(after).keys() == parts(before).keys()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(TEXTS, WORDS), min_size=1, max_size=5), st.lists(TEXTS, max_size=2, unique=True))
def test_law_of_a_mixed_note_the_lines_that_are_not_ours_stay(texts, wanted):
    mixed = rewritten(noted(book(), {"B2": [OVER]}), "\n".join(texts))
    lines = "\n".join(texts).split("\n")
    theirs = [line for line in lines if not re.match("校验 [A-Z][0-9]{3}[：　]", line)]
    after = notes_of(noted(mixed, {"B2": wanted})).get("B2", "").split("\n")
    if theirs == lines:
        assert after == lines, "a note without a line of ours is not ours"
    else:
        assert sorted(filter(str.strip, after)) == sorted([*wanted, *filter(str.strip, theirs)])
        assert [one for one in after if one in theirs and one.strip()] == [one for one in theirs if one.strip()]


# --- parts -----------------------------------------------------------------------------------------------------------


def change(name: str, old: str, new: str) -> Callable[[dict[str, bytes]], object]:
    """Return an edit by hand: what the pattern `old` finds is replaced."""

    def act(entries: dict[str, bytes]) -> None:
        text, times = re.subn(old, lambda found: new, entries[name].decode(), flags=re.DOTALL)
        assert times, f"{old} is not in {name}"
        entries[name] = text.encode()

    return act


def rewritten(data: bytes, text: str) -> bytes:
    """Return a workbook whose one note a user has typed over."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace("\r", "&#13;")
    return rebuilt(data, change(COMMENTS, "<text>.*</text>", f'<text><t xml:space="preserve">{text}</t></text>'))


def canonical(data: bytes, name: str) -> bytes:
    return etree.tostring(etree.fromstring(parts(data)[name]), method="c14n")


def things(data: bytes, name: str) -> list[bytes]:
    """Return the notes, or the boxes, of a part."""
    found = etree.fromstring(parts(data)[name])
    return [etree.tostring(one, method="c14n") for one in found.iter("{*}comment", "{*}shape", "{*}shapetype")]


@pytest.mark.parametrize(
    "later",
    [
        '<legacyDrawingHF r:id="rId9"/>',
        '<picture r:id="rId9"/>',
        '<tableParts count="0"/>',
        "<extLst/>",
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        '<mc:Choice Requires="x14"><controls/></mc:Choice></mc:AlternateContent>',
    ],
)
def test_a_sheet_is_told_of_its_boxes_where_the_schema_wants_it(later):
    plain = f'<drawing r:id="rId8"/>{later}</worksheet>'
    package = Package.load(rebuilt(book(), change("xl/worksheets/sheet1.xml", "</worksheet>", plain)))
    set_notes(package, SHEET, {(2, 2): [OVER]})
    names = [etree.QName(one).localname for one in package.parts.root(package.part_of(SHEET))]
    assert names[-3:] == ["drawing", "legacyDrawing", etree.QName(etree.fromstring(wrapped(later))[0]).localname]


def wrapped(xml: str) -> str:
    return f'<a xmlns:r="{RELATIONS}">{xml}</a>'


def test_buttons_stay_in_a_drawing_our_notes_leave():
    def button(made):
        made.worksheets()[0].insert_button("D2", {"caption": "按"})

    before = book(more=button)
    once = noted(before, {"B2": [OVER]})
    after = noted(once, {})
    assert things(after, VML)[0] == things(before, VML)[0]
    assert b'ObjectType="Button"' in parts(after)[VML]
    assert b'ObjectType="Note"' not in parts(after)[VML]
    assert b"<legacyDrawing " in parts(after)["xl/worksheets/sheet1.xml"]
    assert COMMENTS not in parts(after)


def test_pictures_in_a_header_keep_their_drawing():
    def picture(made):
        made.worksheets()[0].set_header("&L&G", {"image_left": "p.png", "image_data_left": BytesIO(PIXEL)})

    before = book(more=picture)
    once = noted(before, {"B2": [OVER]})
    assert parts(once)[VML] == parts(before)[VML]
    assert sorted(boxes(once, "xl/drawings/vmlDrawing2.vml")) == ["B2"]
    assert parts(noted(once, {})).keys() == parts(before).keys()


def test_boxes_of_different_sheets_and_of_more_than_one_block_have_different_numbers():
    data = book({"A1": "看这里"}, lambda made: made.add_worksheet("别的"))
    data = noted(data, {reference(n, 3): [OVER] for n in range(1, 1500)})
    data = noted(data, {"B2": [EMPTY]}, "别的")
    claims = [re.search(rb'idmap[^>]* data="([^"]*)"', parts(data)[name])[1] for name in (VML, second(VML))]
    assert claims == [b"1,2", b"3"]


def second(name: str) -> str:
    return name.replace("1.", "2.")


def test_notes_that_never_had_boxes_get_them_with_the_first_of_ours():
    after = noted(rebuilt(book(THEIRS), without_drawing), {"E5": [OVER]})
    assert sorted(boxes(after)) == sorted([*THEIRS, "E5"])
    assert notes_of(after) == {**THEIRS, "E5": said(OVER)}


def without_drawing(entries: dict[str, bytes]) -> None:
    del entries[VML]
    change("xl/worksheets/sheet1.xml", "<legacyDrawing [^>]*>", "")(entries)
    change(LINKS, "<Relationship [^>]*vmlDrawing[^>]*>", "")(entries)


def test_a_note_without_a_box_gets_one_when_its_lines_change():
    once = noted(book(THEIRS), {"E5": [OVER]})
    lost = rebuilt(once, change(VML, '<v:shape id="_x0000_s1028".*?</v:shape>', ""))
    assert "E5" not in boxes(lost)
    assert "E5" in boxes(noted(lost, {"E5": [EMPTY]}))


def test_notes_of_ours_that_lost_their_drawing_go_and_change():
    lost = rebuilt(noted(book(), {"B2": [OVER]}), without_drawing)
    assert notes_of(noted(lost, {"B2": [EMPTY]})) == {"B2": said(EMPTY)}
    assert COMMENTS not in parts(noted(lost, {}))
    assert "_rels/.rels" in parts(noted(lost, {}))


def test_a_strict_workbook_gets_notes_in_its_own_dialect_and_loses_them_again():
    before = strict(book())
    once = Package.load(before)
    set_notes(once, SHEET, {(2, 2): [OVER]})
    after = once.dump()
    assert not any(MAIN.encode() in data or RELATIONS.encode() in data for data in parts(after).values())
    assert b"purl.oclc.org/ooxml/spreadsheetml/main" in parts(after)[COMMENTS]
    again = Package.load(after)
    set_notes(again, SHEET, {})
    assert parts(again.dump()).keys() == parts(before).keys()


def test_a_strict_workbook_with_notes_keeps_them():
    once = Package.load(strict(book(THEIRS)))
    set_notes(once, SHEET, {(5, 5): [OVER], (1, 1): [OVER]})
    found = etree.fromstring(parts(once.dump())[COMMENTS])
    assert [one.get("ref") for one in found.iter("{*}comment")] == [*THEIRS, "E5"]


def damage(name: str, content: bytes) -> Callable[[dict[str, bytes]], object]:
    return lambda entries: entries.update({name: content})


@pytest.mark.parametrize(
    "harm",
    [
        damage(VML, b"<xml><br></xml>"),
        damage(VML, b""),
        damage(VML, b"<other/>"),
        damage(VML, b"<!DOCTYPE a><xml/>"),
        damage(COMMENTS, b"<comments>"),
        damage(COMMENTS, b"<worksheet/>"),
        lambda entries: entries.pop(VML),
        lambda entries: entries.pop(COMMENTS),
        replaced("xl/worksheets/sheet1.xml", '<legacyDrawing r:id="rId1"/>', '<legacyDrawing r:id="rId99"/>'),
        replaced("xl/worksheets/sheet1.xml", '<legacyDrawing r:id="rId1"/>', "<legacyDrawing/>"),
        damage(second(LINKS.replace("sheet1", "sheet2")).replace("sheet22", "sheet2"), b"<Relationships>"),
    ],
)
def test_notes_that_cannot_be_read_safely_are_left_alone(harm):
    before = rebuilt(book({"A1": "看这里", "B2": OVER}, lambda made: made.add_worksheet("别的")), harm)
    package = Package.load(before)
    set_notes(package, SHEET, {(2, 2): [EMPTY], (3, 3): [OVER]})
    assert parts(package.dump()) == parts(before)


def test_notes_two_sheets_share_are_left_alone():
    def share(entries):
        entries[LINKS.replace("sheet1", "sheet2")] = entries[LINKS]

    before = rebuilt(book({"B2": OVER}, lambda made: made.add_worksheet("别的")), share)
    package = Package.load(before)
    set_notes(package, SHEET, {(3, 3): [OVER]})
    assert parts(package.dump()) == parts(before)


def test_what_a_drawing_says_wrongly_does_no_harm():
    odd = "<x:Row>99999999999999999999</x:Row><x:Column>١</x:Column></x:ClientData>"
    before = rebuilt(book({"A1": "看这里"}), change(VML, "<x:Row>.*</x:ClientData>", odd))
    before = rebuilt(before, change(VML, 'data="1"', 'data="x, 7,99999999999999999999"'))
    package = Package.load(before)
    set_notes(package, SHEET, {(2, 2): [OVER]})
    after = package.dump()
    assert sorted(notes_of(after)) == ["A1", "B2"]
    assert b'id="_x0000_s7169"' in parts(after)[VML]


# --- where boxes are -------------------------------------------------------------------------------------------------


def test_a_box_is_beside_its_cell_and_as_wide_as_said():
    assert boxes(noted(book(), {"B2": [SPACED]}))["B2"] == [2, 15, 0, 10, 6, 19, 2, 18]


def test_distances_are_written_out_however_far_away_a_cell_is():
    style = re.findall(rb'style="([^"]*z-index[^"]*)"', parts(noted(book(), {"XFD1048576": [OVER]}))[VML])[0]
    assert b"e+" not in style


@pytest.mark.parametrize("name", ["A1", "XFD1", "A1048576", "XFD1048576", "XEZ1048570"])
def test_a_box_is_inside_the_sheet_wherever_its_cell_is(name):
    left, into, top, down, right, _, bottom, _ = boxes(noted(book(), {name: [OVER]}))[name]
    assert 0 <= left < right <= 16_383
    assert 0 <= top < bottom <= 1_048_575
    assert 0 <= into < 64
    assert 0 <= down < 20


def test_wide_hidden_and_tall_neighbours_move_the_corners_of_a_box():
    def shape(made):
        sheet = made.worksheets()[0]
        sheet.set_column("C:C", 20)
        sheet.set_column("D:D", 100)
        for row in range(5):
            sheet.set_row(row, 150)

    hidden = change("xl/worksheets/sheet1.xml", '<col min="3"', '<col hidden="1" min="3"')
    found = boxes(noted(rebuilt(book(more=shape), hidden), {"B2": [SPACED]}))["B2"]
    left, into, top, down, right, _, bottom, _ = found
    assert (left, into, top, down, right, bottom) == (3, 15, 0, 190, 3, 1)


def test_sizes_nobody_can_mean_do_no_harm():
    cols = "".join('<col min="1" max="16384" width="1e308"/>' for _ in range(100_000))
    rows = '<row r="1" ht="nan"/><row r="2" ht="-5"/><row r="3" ht="1e999"/><row r="4" ht="x" hidden="1"/>'
    facts = '<sheetFormatPr defaultRowHeight="nan" defaultColWidth="-1" zeroHeight="1"/>'
    xml = f'<worksheet xmlns="{MAIN}">{facts}<cols>{cols}</cols><sheetData>{rows}</sheetData></worksheet>'
    after = noted(rebuilt(book(), damage("xl/worksheets/sheet1.xml", xml.encode())), {"B2": [OVER], "XFD9": [OVER]})
    assert all(0 <= one <= 1_048_576 for anchor in boxes(after).values() for one in anchor)


# --- other programs --------------------------------------------------------------------------------------------------


@pytest.mark.office
def test_libreoffice_shows_our_notes_and_afterwards_they_are_still_known(tmp_path: Path):
    path = tmp_path / "台账.xlsx"
    path.write_bytes(noted(book(THEIRS), {"E5": [OVER, EMPTY], "F6": [SPACED]}))
    (copy,) = office.convert([path], tmp_path / "again", "xlsx")
    data = copy.read_bytes()
    assert notes_of(data) == {**THEIRS, "E5": said(OVER, EMPTY), "F6": said(SPACED)}
    assert parts(noted(data, {"E5": [OVER, EMPTY], "F6": [SPACED]})) == parts(data)
    after = noted(data, {"F6": [EMPTY], "G7": [OVER]})
    assert notes_of(after) == {**THEIRS, "F6": said(EMPTY), "G7": said(OVER)}
    assert notes_of(noted(after, {})) == THEIRS
