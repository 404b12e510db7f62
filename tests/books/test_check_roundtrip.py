"""A check after another program has saved the file: no fault that is none, no mark forgotten."""

from datetime import datetime

import pytest
from openpyxl import load_workbook

import office
from taizhang import tables
from taizhang.actions import Context
from taizhang.books.package import Package
from taizhang.checking import check, clear
from taizhang.demo import LEDGER_NAME, run
from taizhang.layout.office import PLACES

pytestmark = pytest.mark.office

CONTEXT = Context(datetime(2020, 9, 10, 18), "经办")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Return the demo's ledger with a fault, checked and marked, as LibreOffice saves it."""
    folder = tmp_path_factory.mktemp("saved")
    list(run(folder / "demo", lambda *_: None))
    path = folder / "demo" / LEDGER_NAME
    package = Package.load(path.read_bytes())
    package.set_cells(tables.LEDGER, {(4, PLACES["percent"]): 1.5})
    path.write_bytes(package.dump())
    checked = check(path, CONTEXT, write=True)
    (copy,) = office.convert([path], folder / "again")
    return checked, copy


def told(checked):
    return [(finding.code, finding.sheet, finding.cell) for finding in checked.findings]


def test_saving_in_another_program_makes_no_faults_and_hides_none(saved):
    checked, copy = saved
    assert told(check(copy, CONTEXT)) == told(checked)


def test_marks_are_known_again_and_can_be_taken_back(saved, tmp_path):
    _, copy = saved
    path = tmp_path / "a.xlsx"
    path.write_bytes(copy.read_bytes())
    assert clear(path, CONTEXT)
    assert clear(path, CONTEXT) is None
    cell = load_workbook(path)[tables.LEDGER]["N4"]
    assert cell.comment is None
    assert cell.fill.fill_type is None
    checked = check(path, CONTEXT, write=True)
    assert told(checked)[0][2] == "N4"
