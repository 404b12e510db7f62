"""Staff type into the workbook themselves: what they leave in 字典, 设置 and a spare row reads the same to both."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from cases import GRID, cases, ledger_with, real_ledger
from engines import (
    DERIVED,
    by_ironcalc,
    by_libreoffice,
    check,
    planted,
    shown_in,
    task_faults,
    with_cells,
)

from taizhang import tables
from taizhang.books.ledgers import open_ledger
from taizhang.journal import Journal
from taizhang.layout import office as layout
from taizhang.ledger import Task

DAY = date(2020, 7, 15)

# What stands beside a wording in 字典: 截止日期, 报送周期, and what the task is due by.
LINES = """
date           | 2020-09-30       |    | 2020-09-30
blank          |                  |    |
with a time    | 2020-09-30T14:30 |    | 2020-09-30
text           | 九月底           |    |
text of a date | '2020-09-30'     |    |
interval       |                  | 季 |
both           | 2020-09-30       | 月 | 2020-09-30
text and both  | 待定             | 旬 |
bad interval   |                  | 周 |
number         | 44104            |    | 2020-09-30
"""
# Numbers that are no day in the task's own cell either; `reading` still takes what is shown as a date for one.
NO_DAYS = """
small number   | 5                |    |
long ago       | 1950-01-01       |    |
"""


def lines(table):
    return [tuple(cell.strip() for cell in line.split("|")) for line in table.strip().splitlines()]


def typed(text):
    if text.isdigit():
        return float(text)
    try:
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        return text.strip("'") or None


def saved(table, folder, cells=None):
    """Return a saved ledger whose 字典 was edited by hand, one task for each of its lines."""
    wordings = [f"用语 {name}" for name, *_ in lines(table)]
    base = real_ledger()
    task = base.tasks[0]
    tasks = tuple(Task(f"RW2020-{n:03d}", {**task.cells, "deadline": word}) for n, word in enumerate(wordings, 1))
    ledger = ledger_with(replace(base, tasks=tasks), [], DAY)
    book = layout.ledger_workbook(ledger, DAY, Journal())
    rows = {row[0].content: r for r, row in enumerate(book.sheets[3].rows, 1) if row and row[0]}
    edits = {}
    for word, (_, due, interval, _) in zip(wordings, lines(table), strict=True):
        edits |= {(rows[word], 2): typed(due), (rows[word], 3): interval or None}
    edited = {tables.WORDINGS: edits, **(cells or {})}
    sheets = tuple(with_cells(sheet, edited.get(sheet.name, {})) for sheet in book.sheets)
    path = folder / "ledger.xlsx"
    path.write_bytes(planted(replace(book, sheets=sheets)))
    return path


def due_dates(ledger):
    return [str(state.due or "") for state in ledger.states(DAY).values()]


def wanted(table):
    return [line[3] for line in lines(table)]


def test_the_code_reads_lines_of_staff(tmp_path):
    assert due_dates(open_ledger(saved(LINES, tmp_path)).ledger) == wanted(LINES)


def test_ironcalc_reads_lines_of_staff_as_the_code_does(tmp_path):
    path = saved(LINES, tmp_path)
    check(task_faults(open_ledger(path).ledger, by_ironcalc(path.read_bytes(), tmp_path), DAY))


@pytest.mark.office
def test_libreoffice_reads_lines_of_staff_as_the_code_does(tmp_path):
    path = saved(LINES, tmp_path)
    made = by_libreoffice({"lines": path.read_bytes()}, tmp_path)["lines"]
    check(task_faults(open_ledger(path).ledger, shown_in(made), DAY))
    check(task_faults(open_ledger(made).ledger, shown_in(made), DAY))


def test_a_date_of_another_century_is_no_deadline_in_the_dictionary_either(tmp_path):
    path = saved(NO_DAYS, tmp_path)
    check(task_faults(open_ledger(path).ledger, by_ironcalc(path.read_bytes(), tmp_path), DAY))
    assert due_dates(open_ledger(path).ledger) == wanted(NO_DAYS)


# 设置


def without_joint_rows(book):
    """Return the workbook with 联合牵头上报 empty: looking tasks up by whole columns takes IronCalc a minute."""
    return replace(
        book, sheets=tuple(replace(s, rows=s.rows[:3]) if s.name == tables.JOINT else s for s in book.sheets)
    )


def settings_edited(folder, **cells):
    """Return a saved ledger with the drawn tasks, in which some values of 设置 were typed by hand."""
    ledger = ledger_with(real_ledger(), cases(GRID)[::3], DAY)
    book = layout.ledger_workbook(ledger, DAY, Journal())
    edits = {(layout._setting_row(key), 2): value for key, value in cells.items()}
    bare = without_joint_rows(book)
    sheets = tuple(with_cells(s, edits if s.name == tables.SETTINGS else {}) for s in bare.sheets)
    path = folder / "ledger.xlsx"
    path.write_bytes(planted(replace(book, sheets=sheets)))
    return replace(ledger, settings=open_ledger(path).ledger.settings), path


def test_blank_settings_stand_for_their_first_values(tmp_path):
    ledger, path = settings_edited(tmp_path, warn_days=None, tolerance=None, start=None)
    check(task_faults(ledger, by_ironcalc(path.read_bytes(), tmp_path), DAY))


def test_a_time_of_day_in_the_as_of_date_changes_nothing(tmp_path):
    ledger, path = settings_edited(tmp_path, as_of=datetime(2020, 7, 15, 16, 30))
    check(task_faults(ledger, by_ironcalc(path.read_bytes(), tmp_path), DAY))


def test_a_time_of_day_in_the_start_date_changes_nothing(tmp_path):
    ledger, path = settings_edited(tmp_path, start=datetime(2020, 1, 1, 16, 30))
    check(task_faults(ledger, by_ironcalc(path.read_bytes(), tmp_path), DAY))


# A spare row of 工作台账

TYPED = {"no": 84, "target": "新增事项", "deadline": "9月底", "leads": "区发改局", "percent": 0.1, "reported_on": DAY}


def typed_below(folder, cells):
    """Return a saved ledger with three spare rows, cells typed into the first, and that row's number."""
    ledger = ledger_with(real_ledger(), [], DAY)
    book = without_joint_rows(layout.ledger_workbook(ledger, DAY, Journal(), 3))
    row = layout.FIRST_ROW + len(ledger.tasks)
    typed_in = {(row, layout.PLACES[key]): value for key, value in cells.items()}
    sheets = tuple(with_cells(sheet, typed_in if sheet.name == tables.LEDGER else {}) for sheet in book.sheets)
    path = folder / "ledger.xlsx"
    path.write_bytes(planted(replace(book, sheets=sheets)))
    return path, row


def test_spare_rows_stay_blank(tmp_path):
    path, row = typed_below(tmp_path, {})
    shown = by_ironcalc(path.read_bytes(), tmp_path)
    assert {shown((tables.LEDGER, row, layout.PLACES[key])) for key in DERIVED} <= {"", None}
    check(task_faults(open_ledger(path).ledger, shown, DAY))


def test_a_task_typed_into_a_spare_row_has_its_state(tmp_path):
    path, row = typed_below(tmp_path, TYPED)
    ledger, shown = open_ledger(path).ledger, by_ironcalc(path.read_bytes(), tmp_path)
    assert shown((tables.LEDGER, row, layout.PLACES["status"])) == "滞后"
    assert len(ledger.tasks) == 84
    check(task_faults(ledger, shown, DAY))
