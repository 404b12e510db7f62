"""Our workbooks through LibreOffice and back: what the loop needs survives every format it saves."""

from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

import office
import taizhang
from taizhang import actions, diff, intake, tables
from taizhang.actions import Context
from taizhang.books import grids, ledgers
from taizhang.books.package import Package
from taizhang.layout.department import PLACES

pytestmark = pytest.mark.office

NOTICE = Path(taizhang.__file__).parent / "data" / "notice_2020.txt"
NOW = datetime(2020, 9, 1, 9)
ANSWERS = {
    "progress": "=已办\n第二行",
    "percent": 0.6,
    "done_on": datetime(2020, 8, 20),
    "phone": "059587991234",
    "reported_on": datetime(2020, 9, 5),
}


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    """Return a ledger with a batch sent, a department's filled-in workbook, and LibreOffice's copies of it."""
    folder = tmp_path_factory.mktemp("loop")
    ledger = folder / "台账.xlsx"
    actions.new(NOTICE, ledger, Context(NOW))
    actions.split(ledger, folder / "下发", Context(NOW))
    sent = next((folder / "下发").glob("*区金融办*"))
    package = Package.load(sent.read_bytes())
    package.set_cells(tables.LEDGER, {(4, PLACES[key]): value for key, value in ANSWERS.items()})
    back = folder / "区金融办.xlsx"
    back.write_bytes(package.dump())
    copies = {"xlsx": back}
    for kind in ("xls", "ods"):
        (copies[kind],) = office.convert([back], folder / kind, kind)
    for kind in ("xlsx", "xls", "ods"):
        source = copies[kind]
        (copies[f"{kind} → xlsx"],) = office.convert([source], folder / f"again {kind}", "xlsx")
    return ledger, back, copies


def returned(ledger, path):
    file = grids.read_sheets(path, path.read_bytes())
    return intake.recognise(ledger, file)


@pytest.mark.parametrize("kind", ["xls", "ods", "xlsx → xlsx", "xls → xlsx", "ods → xlsx"])
def test_a_return_saved_by_libreoffice_says_the_same(loop, kind):
    path, back, copies = loop
    ledger = ledgers.open_ledger(path).ledger
    first, again = returned(ledger, back), returned(ledger, copies[kind])
    assert not isinstance(again, intake.Refused), again
    assert (again.batch, again.department) == (first.batch, first.department)
    one, other = (diff.received(ledger, file, NOW) for file in (first, again))
    assert one.kept == other.kept
    assert (one.cells, one.missing) == (other.cells, other.missing) == (9 * 21, ())
    assert {cell.column for cell in other.kept} == set(ANSWERS)


def test_hidden_sheets_properties_and_validation_survive(loop):
    _, back, copies = loop
    for kind in ("xlsx → xlsx", "xls → xlsx", "ods → xlsx"):
        book, original = load_workbook(copies[kind]), load_workbook(back)
        assert all(book[name].sheet_state != "visible" for name in (tables.TICKET, tables.BASE))
        properties = {p.name: p.value for p in book.custom_doc_props.props}
        assert properties.items() >= {p.name: p.value for p in original.custom_doc_props.props}.items()
        assert checked(book) == checked(original)


def checked(book):
    """Return the kind of entry rule on the first task's cells, by column."""
    rules = book[tables.LEDGER].data_validations.dataValidation
    found = {}
    for key, place in PLACES.items():
        cell = book[tables.LEDGER].cell(4, place).coordinate
        found[key] = sorted(rule.type for rule in rules if cell in rule.sqref and rule.type)
    return found


def test_the_ledger_saved_by_libreoffice_is_the_same_ledger(loop, tmp_path):
    path, _, _ = loop
    (copy,) = office.convert([path], tmp_path, "xlsx")
    assert ledgers.open_ledger(copy).ledger == ledgers.open_ledger(path).ledger


def test_the_loop_goes_on_with_a_ledger_that_libreoffice_saved(loop, tmp_path):
    path, back, _ = loop
    (copy,) = office.convert([path], tmp_path, "xlsx")
    actions.merge_files(copy, [back], Context(NOW))
    assert actions.apply(copy, Context(NOW)).written == len(ANSWERS)
    (again,) = office.convert([copy], tmp_path / "again", "xlsx")
    assert ledgers.open_ledger(again).ledger == ledgers.open_ledger(copy).ledger
