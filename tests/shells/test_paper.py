"""The ledger on paper and on the screen: what grows is printed and filtered whole, rows are as tall as their words."""

from __future__ import annotations

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from taizhang import tables
from taizhang.demo import LEDGER_NAME, run
from taizhang.layout.office import FIRST_ROW, PLACES
from taizhang.styles import row_height


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    """Return the demo's ledger, at the end of a period."""
    folder = tmp_path_factory.mktemp("演示") / "d"
    list(run(folder, lambda *_: None))
    return load_workbook(folder / LEDGER_NAME)


def last_row(sheet: Worksheet) -> int:
    """Return the last row that holds anything; one of 工作台账 that is ready to be filled in holds only formulas."""
    place = PLACES["target"] if sheet.title == tables.LEDGER else None
    rows = sheet.iter_rows(min_col=place, max_col=place)
    return max(row[0].row for row in rows if any(cell.value is not None for cell in row))


def test_every_sheet_is_printed_and_filtered_to_its_last_row(demo: Workbook) -> None:
    reach = {
        (sheet.title, what): (range_boundaries(area.rpartition("!")[2].replace("$", ""))[3], last_row(sheet))
        for sheet in demo
        for what, area in (("打印", sheet.print_area), ("筛选", sheet.auto_filter.ref))
        if area
    }
    assert {(tables.JOURNAL, "打印"), (tables.JOURNAL, "筛选"), (tables.LEDGER, "打印")} <= reach.keys()
    assert {where: rows for where, rows in reach.items() if rows[0] < rows[1]} == {}


@pytest.mark.parametrize("table", [tables.JOURNAL_TABLE, tables.SENT_TABLE], ids=lambda table: table.sheet)
def test_no_fingerprint_is_printed_and_rows_are_as_tall_as_what_shows(demo: Workbook, table: tables.Table) -> None:
    sheet = demo[table.sheet]
    shown = {place: field for place, field in enumerate(table.fields, 1) if place not in table.hidden}
    assert "文件指纹" not in {field.title for field in shown.values()}
    hidden = {letter for letter, size in sheet.column_dimensions.items() if size.hidden}
    assert {sheet[f"{letter}3"].column for letter in hidden} >= {table.place("sha256")}
    for row in range(FIRST_ROW, sheet.max_row + 1):
        words = ((sheet.cell(row, place).value, field.width) for place, field in shown.items())
        assert sheet.row_dimensions[row].height == pytest.approx(row_height(words, 20), abs=0.5), row
