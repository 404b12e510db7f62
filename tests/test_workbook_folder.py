"""What `workbook/` ships is what the code builds today."""

import importlib.util
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook

FOLDER = Path(__file__).parents[1] / "workbook"


def build():
    spec = importlib.util.spec_from_file_location("build", FOLDER / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def content(data):
    """Return what a workbook says, apart from how a library spells it."""
    book = load_workbook(BytesIO(data))
    cells = {
        (sheet.title, cell.coordinate): (cell.value, cell.number_format, cell.protection.locked, cell.fill.fgColor.rgb)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
    }
    widths = {(s.title, k): (d.width, d.hidden) for s in book for k, d in s.column_dimensions.items()}
    rules = sorted(
        (s.title, str(r.sqref), r.type, r.formula1, r.prompt or "")
        for s in book
        for r in s.data_validations.dataValidation
    )
    names = {name: defined.attr_text for name, defined in book.defined_names.items()}
    return cells, widths, rules, names


def test_the_template_is_fresh():
    assert content((FOLDER / "ledger_template.xlsx").read_bytes()) == content(build().template())


def test_the_sample_notice_is_the_one_that_ships():
    assert build().SAMPLE.read_bytes() == build().sample()
