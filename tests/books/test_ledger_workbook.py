"""The rules for every workbook we write (`domain.md`), checked on the ledger of the real notice."""

import re
from datetime import date, datetime, time
from importlib.resources import as_file, files
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from taizhang import actions, dispatch, tables
from taizhang.books.render import render
from taizhang.books.sources import bundled_departments, read_notice
from taizhang.columns import COLUMNS, DEPARTMENT, DERIVED, OFFICE
from taizhang.journal import Journal
from taizhang.layout import department, office
from taizhang.notice import read_tasks
from taizhang.periods import Period
from taizhang.places import column_letter

AS_OF = date(2020, 7, 15)


@pytest.fixture(scope="module")
def ledger():
    with as_file(files("taizhang") / "data" / "notice_2020.txt") as path:
        return actions.ledger_of(read_tasks(read_notice(path)), bundled_departments(), "abc123")


@pytest.fixture(scope="module")
def office_bytes(ledger):
    return render(office.ledger_workbook(ledger, AS_OF, Journal()))


@pytest.fixture(scope="module")
def sent(ledger):
    """Return the bytes of every department's workbook, by department."""
    parts = dispatch.assignments(ledger, "")
    based, batch = dispatch.opened_batch(ledger, Period(2020, 7, 1), datetime(2020, 7, 15, 9), parts)
    return {p.department: render(department.department_workbook(based, batch, p, AS_OF)) for p in parts}


@pytest.fixture(params=["office", "department"])
def data(request, office_bytes, sent):
    return office_bytes if request.param == "office" else sent["区行政服务中心"]


def xml(data, name):
    with ZipFile(BytesIO(data)) as book:
        return book.read(name).decode()


def sheet_parts(data):
    with ZipFile(BytesIO(data)) as book:
        return [book.read(n).decode() for n in book.namelist() if n.startswith("xl/worksheets/sheet")]


def test_every_formula_carries_a_computed_value(office_bytes):
    formulas = re.findall(r"<c [^>]*><f>.*?</f>(<v>.*?</v>|<v/>)?</c>", "".join(sheet_parts(office_bytes)))
    assert len(formulas) > 83 * 4
    assert all(formulas)


def test_the_values_viewers_see_are_those_of_the_code(office_bytes, ledger):
    sheet = load_workbook(BytesIO(office_bytes), data_only=True)[tables.LEDGER]
    for offset, state in enumerate(ledger.states(AS_OF).values()):
        seen = {key: sheet.cell(4 + offset, office.PLACES[key]).value for key in ("due", "days_left", "status")}
        due = datetime.combine(state.due, time()) if state.due else None
        assert seen == {"due": due, "days_left": state.days_left, "status": state.status}


def test_the_next_program_recalculates_everything(data):
    assert 'fullCalcOnLoad="1"' in xml(data, "xl/workbook.xml")


def test_defined_names_are_ascii(data):
    names = re.findall(r'<definedName name="([^"]+)"', xml(data, "xl/workbook.xml"))
    assert all(name.isascii() for name in names)


def test_lists_go_through_defined_names_and_prompts_fit(data):
    book = load_workbook(BytesIO(data))
    rules = [rule for sheet in book for rule in sheet.data_validations.dataValidation]
    assert rules
    for rule in rules:
        assert rule.type != "list" or re.fullmatch(r"tz_\w+", rule.formula1)
        assert len(rule.prompt or "") <= 255
        assert len(rule.promptTitle or "") <= 32
        assert len(rule.error or "") <= 255


def test_no_list_on_cells_that_hold_several_names(office_bytes):
    sheet = load_workbook(BytesIO(office_bytes))[tables.LEDGER]
    lists = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    for key in ("leads", "supports"):
        cell = sheet.cell(4, office.PLACES[key]).coordinate
        assert not any(cell in rule.sqref for rule in lists)


def test_nothing_newer_than_excel_2010(data):
    for part in sheet_parts(data):
        assert "x14" not in part
        assert "extLst" not in part
        assert "_xlfn" not in part
    with ZipFile(BytesIO(data)) as book:
        assert not [name for name in book.namelist() if "tables/" in name]


def test_sheets_are_protected_without_password_and_may_be_filtered_and_sized(data):
    for sheet in load_workbook(BytesIO(data)):
        if sheet.title in (tables.NAMES, tables.WORDINGS):
            continue
        assert sheet.protection.sheet, sheet.title
        assert not sheet.protection.password
        # openpyxl says True where something is *not* allowed
        assert not sheet.protection.autoFilter
        assert not sheet.protection.formatColumns
        assert not sheet.protection.formatRows


def test_only_department_workbooks_lock_their_structure(office_bytes, sent):
    assert "workbookProtection" not in xml(office_bytes, "xl/workbook.xml")
    for data in sent.values():
        assert '<workbookProtection lockStructure="1"/>' in xml(data, "xl/workbook.xml")


def test_the_ledger_opens_on_the_task_sheet_with_header_frozen_and_filtered(office_bytes):
    book = load_workbook(BytesIO(office_bytes))
    sheet = book[tables.LEDGER]
    assert book.active is sheet
    assert sheet.freeze_panes == "E4"
    assert sheet.auto_filter.ref == "A3:AE86"
    assert [cell.value for cell in sheet[3]] == [column.title for column in COLUMNS]
    assert sheet.column_dimensions["A"].hidden
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == "$1:$3"


def view_of(data, name=tables.LEDGER):
    """Return where a sheet's scrolled pane begins, and for that pane which cell and which cells are selected."""
    view = load_workbook(BytesIO(data))[name].sheet_view
    (chosen,) = (one for one in view.selection if one.pane == view.pane.activePane)
    return view.pane.activePane, view.pane.topLeftCell, chosen.activeCell, chosen.sqref


def test_a_department_sees_what_it_fills_in_first_and_the_cursor_stands_there(sent):
    first = f"{column_letter(department.PLACES[DEPARTMENT[0].key])}4"
    for data in sent.values():
        if tables.LEDGER in load_workbook(BytesIO(data)).sheetnames:
            assert view_of(data) == ("bottomRight", first, first, first)


def test_the_office_begins_at_the_first_task(office_bytes):
    assert view_of(office_bytes) == ("bottomRight", "E4", "E4", "E4")


def test_the_guide_says_how_to_print(office_bytes):
    told = [
        row[2].value for row in load_workbook(BytesIO(office_bytes))[tables.GUIDE].iter_rows() if row[1].value == "打印"
    ]
    assert told == ["打印时只打当前工作表，不要选“整个工作簿”。"]


def test_derived_identity_and_composed_cells_are_locked_and_nothing_else(office_bytes, ledger):
    sheet = load_workbook(BytesIO(office_bytes))[tables.LEDGER]
    for offset, task in enumerate(ledger.tasks):
        for column in COLUMNS:
            cell = sheet.cell(4 + offset, office.PLACES[column.key])
            composed = ledger.is_joint(task.code) and column in DEPARTMENT
            assert cell.protection.locked == (column in DERIVED or column.key == "code" or composed)


def test_no_row_is_taller_than_excel_allows(data):
    for sheet in load_workbook(BytesIO(data)):
        assert all(row.height is None or row.height <= 409 for row in sheet.row_dimensions.values())


def test_ten_statuses_have_their_colours(office_bytes, ledger):
    sheet = load_workbook(BytesIO(office_bytes))[tables.LEDGER]
    found = {}
    for rules in sheet.conditional_formatting:
        for rule in rules.rules:
            text = re.fullmatch(r'.*="(.+)"', rule.formula[0])
            if text:
                found[text[1]] = "#" + rule.dxf.fill.bgColor.rgb[-6:]
    assert found == dict(ledger.settings.colours)


def test_the_dictionary_lists_every_wording_in_use(office_bytes, ledger):
    sheet = load_workbook(BytesIO(office_bytes))[tables.WORDINGS]
    listed = {row[0].value for row in sheet.iter_rows(min_row=4)}
    assert {task.cells["deadline"] for task in ledger.tasks} <= listed


def test_the_guide_is_one_page_however_much_it_says(data):
    guide = load_workbook(BytesIO(data))[tables.GUIDE]
    assert guide.sheet_properties.pageSetUpPr.fitToPage
    assert (guide.page_setup.fitToWidth, guide.page_setup.fitToHeight) in {(None, None), (1, 1)}  # one is what none is


# Department workbooks


def test_31_workbooks_hold_142_rows(sent):
    rows = 0
    for data in sent.values():
        sheet = load_workbook(BytesIO(data))[tables.LEDGER]
        rows += sum(1 for row in sheet.iter_rows(min_row=4) if row[0].value)
    assert (len(sent), rows) == (31, 142)


def test_a_department_gets_values_only_its_own_columns_open_and_the_guide_first(sent):
    book = load_workbook(BytesIO(sent["区金融办"]))
    assert book.sheetnames[0] == tables.GUIDE
    sheet = book[tables.LEDGER]
    opened = {column.key for column in DEPARTMENT}
    for row in sheet.iter_rows(min_row=4, max_row=12):
        for column, cell in zip(department.SHOWN, row, strict=False):
            assert cell.data_type != "f"
            assert cell.protection.locked == (column.key not in opened)
    assert {column.title for column in (*OFFICE, *DEPARTMENT)} <= {cell.value for cell in sheet[3]}


def test_the_ids_travel_twice(sent):
    for name, data in sent.items():
        book = load_workbook(BytesIO(data))
        properties = {p.name: p.value for p in book.custom_doc_props.props}
        hidden = {row[0].value: row[1].value for row in book[tables.TICKET].iter_rows(min_row=2)}
        assert properties == hidden
        assert properties["taizhang_department"] == name
        assert properties["taizhang_batch"].startswith("2020-07-中旬-01-")
        assert all(len(value) <= 255 for value in properties.values())
        assert book[tables.TICKET].sheet_state == book[tables.BASE].sheet_state == "veryHidden"


def test_one_tab_alone_is_selected(data):
    book = load_workbook(BytesIO(data))
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == [tables.LEDGER] == [book.active.title]


def test_a_department_workbook_prints_two_a4_pages_wide_with_titles_repeated(sent):
    sheet = load_workbook(BytesIO(sent["区发改局"]))[tables.LEDGER]
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.print_title_rows == "$1:$3"
    assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"
    (page_break,) = sheet.col_breaks.brk
    assert page_break.id == department.PLACES["progress"] - 1


def test_the_same_data_gives_the_same_bytes(ledger, office_bytes):
    assert render(office.ledger_workbook(ledger, AS_OF, Journal())) == office_bytes


def test_a_department_that_only_supports_gets_a_list_to_read_and_nothing_to_fill_in(ledger):
    (part,) = [part for part in dispatch.supporters(ledger) if part.department == "区公安分局"]
    based, batch = dispatch.opened_batch(ledger, Period(2020, 7, 1), datetime(2020, 7, 15, 9), (part,))
    book = load_workbook(BytesIO(render(department.department_workbook(based, batch, part, AS_OF))))
    assert book.sheetnames == [tables.GUIDE, tables.SUPPORTING, tables.TICKET]
    words = " ".join(str(cell.value) for row in book[tables.GUIDE].iter_rows() for cell in row if cell.value)
    assert "不必交回" in words
    assert f"“{tables.LEDGER}”" not in words
    assert all(cell.protection.locked for sheet in book for row in sheet.iter_rows() for cell in row if cell.value)
