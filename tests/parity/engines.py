"""Recalculation by a program that is not ours, and the comparison of every formula with the code.

A workbook goes out with a wrong value stored in every formula cell, so that what comes back
right has been computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import ironcalc
from cases import ERROR, cells_of

from office import convert
from taizhang import tables
from taizhang.books.grids import read_sheets
from taizhang.books.package import Package
from taizhang.books.render import render
from taizhang.deadlines import Interval
from taizhang.layout import office as layout
from taizhang.layout.parts import Cell, Content, Formula, Sheet, Workbook
from taizhang.ledger import Ledger
from taizhang.periods import interval_start, previous_start
from taizhang.status import State
from taizhang.values import Value, serial

WRONG = "错"
COMPUTED = (tables.LEDGER, tables.WORDINGS, tables.SETTINGS)
DERIVED = ("due", "days_left", "status", "reporting")

Place = tuple[str, int, int]  # sheet, row, column
Shown = Callable[[Place], Value]  # what a program shows at a place


# Workbooks with planted values


def computed_workbook(ledger: Ledger, as_of: date, spare: int = 0) -> Workbook:
    """Return the sheets whose formulas give a task's state; the others only cost time here."""
    sheets = (
        layout.task_sheet(ledger, as_of, spare),
        layout.wordings_sheet(ledger),
        layout.settings_sheet(ledger, as_of),
    )
    inside = {name: area for name, area in layout.names().items() if area.split("!")[0].strip("'") in COMPUTED}
    return Workbook(sheets, inside)


def planted(book: Workbook) -> bytes:
    """Return the workbook as a file in which every formula holds the same wrong value."""
    return render(replace(book, sheets=tuple(map(_planted_sheet, book.sheets))))


def _planted_sheet(sheet: Sheet) -> Sheet:
    grid = tuple(tuple(cell and replace(cell, content=_wrong(cell.content)) for cell in row) for row in sheet.rows)
    return replace(sheet, rows=grid)


def _wrong(content: Content) -> Content:
    if content == ERROR:
        return Formula("1/0", WRONG)
    return Formula(content.text, WRONG) if isinstance(content, Formula) else content


def formulas_of(book: Workbook) -> dict[Place, Formula]:
    """Return every formula of a workbook, with the value the code computed, by its place."""
    return {place: cell.content for place, cell in _cells(book) if isinstance(cell.content, Formula)}


def _cells(book: Workbook) -> Iterator[tuple[Place, Cell]]:
    for sheet in book.sheets:
        for r, row in enumerate(sheet.rows, 1):
            yield from (((sheet.name, r, c), cell) for c, cell in enumerate(row, 1) if cell is not None)


# Moving a workbook to another day


@dataclass(frozen=True)
class Series:
    """One ledger on many days: the workbook of its first day, and the cells that are others on another day."""

    first: Ledger
    data: bytes

    @classmethod
    def of(cls, first: Ledger) -> Series:
        """Return the series that begins with a ledger on its own 统计日期."""
        return cls(first, planted(computed_workbook(first, day_of(first))))

    def moves(self, ledger: Ledger) -> dict[Place, Value]:
        """Return the cells, with their values, in which the workbook of `ledger` is not that of the first day."""
        moved: dict[Place, Value] = {(tables.SETTINGS, layout._setting_row("as_of"), 2): day_of(ledger)}
        for row, task in enumerate(self.first.tasks, layout.FIRST_ROW):
            old, new = self.first.row(task.code), ledger.row(task.code)
            moved |= {
                (tables.LEDGER, row, layout.PLACES[key]): new.get(key)
                for key in old.keys() | new.keys()
                if old.get(key) != new.get(key)
            }
        return moved

    def moved(self, ledger: Ledger) -> bytes:
        """Return the workbook on another day, its formulas holding the wrong value still."""
        package = Package.load(self.data)
        moves = self.moves(ledger)
        for sheet in COMPUTED:
            package.set_cells(sheet, {(r, c): value for (name, r, c), value in moves.items() if name == sheet})
        return package.dump()


def day_of(ledger: Ledger) -> date:
    """Return the fixed 统计日期 of a ledger."""
    day = ledger.settings.values["as_of"]
    assert isinstance(day, date)
    return day


# The two programs


class IronCalc:
    """A workbook opened by IronCalc, which computes in this process."""

    def __init__(self, data: bytes, folder: Path) -> None:
        path = folder / "ironcalc.xlsx"
        path.write_bytes(data)
        self.model: Any = ironcalc.load_from_xlsx(str(path))
        self.numbers = {one["name"]: n for n, one in enumerate(self.model.get_worksheets_properties())}

    def put(self, cells: Mapping[Place, Value]) -> None:
        """Set dates and numbers; None empties a cell."""
        for (sheet, row, column), value in cells.items():
            number = serial(value)
            assert number is not None or value is None, f"{value!r} at {sheet} {row}, {column}"
            if number is None:
                self.model.clear_cell_contents(self.numbers[sheet], row, column)
            else:
                self.model.update_cell_with_number(self.numbers[sheet], row, column, number)

    def __call__(self, place: Place) -> Value:
        """Return what the program shows at a place; an error is a text that begins with #."""
        sheet, row, column = place
        value: Value = self.model.get_cell_value(self.numbers[sheet], row, column)
        return value

    def evaluated(self) -> IronCalc:
        """Compute everything anew, and return the workbook."""
        self.model.evaluate()
        return self


def by_ironcalc(data: bytes, folder: Path) -> Shown:
    """Return a workbook as IronCalc computes it."""
    return IronCalc(data, folder).evaluated()


def by_libreoffice(books: Mapping[str, bytes], folder: Path, *, recalculate: bool = True) -> dict[str, Path]:
    """Return the files LibreOffice makes of workbooks, by name, having computed them."""
    sent, back = folder / "sent", folder / "back"
    sent.mkdir()
    for name, data in books.items():
        (sent / f"{name}.xlsx").write_bytes(data)
    made = convert([sent / f"{name}.xlsx" for name in books], back, recalculate=recalculate)
    return dict(zip(books, made, strict=True))


def shown_in(path: Path) -> Shown:
    """Return what stands in a file; an error is a text that begins with #."""
    grids = read_sheets(path, path.read_bytes()).grids

    def shown(place: Place) -> Value:
        sheet, row, column = place
        line = grids[sheet][row - 1] if row <= len(grids[sheet]) else ()
        return line[column - 1] if column <= len(line) else None

    return shown


# The comparison


def check(disagreements: Iterator[str]) -> None:
    """Fail with the first disagreements, and how many there are."""
    found = list(disagreements)
    assert not found, "\n".join([f"{len(found)} cells are not what the code says", *found[:8]])


def task_faults(ledger: Ledger, shown: Shown, as_of: date) -> Iterator[str]:
    """Yield a line for every derived cell of a task that the program computed otherwise."""
    states = ledger.states(as_of)
    for row, task in enumerate(ledger.tasks, layout.FIRST_ROW):
        wanted = expected(states[task.code])
        for key in DERIVED:
            found = shown((tables.LEDGER, row, layout.PLACES[key]))
            if alike(found, wanted[key]):
                continue
            text = layout.derived(states[task.code], row, layout.PLACES)[key].text
            yield _fault((tables.LEDGER, row, layout.PLACES[key]), found, Formula(text, wanted[key]), as_of) + (
                f"\n    {key} of {task.cells.get('target')}\n    cells: {cells_of(ledger, task.code)}"
            )


def expected(state: State) -> dict[str, Value]:
    """Return what the code says of a task's four derived cells."""
    return {"due": state.due, "days_left": state.days_left, "status": state.status, "reporting": state.reporting}


def block_faults(ledger: Ledger, shown: Shown, as_of: date) -> Iterator[str]:
    """Yield a line for every computed cell of 设置 and of 字典's intervals that is not what the code says."""
    rows, texts = layout._auto_rows(), layout._auto_formulas()
    wanted = {
        (tables.SETTINGS, rows[key], 2): Formula(texts[key], value)
        for key, value in layout.auto_values(ledger, as_of).items()
    }
    for row, interval in enumerate(Interval, layout._interval_place()[0]):
        wanted[tables.SETTINGS, row, 2] = Formula("本期首日", interval_start(as_of, interval))
        wanted[tables.SETTINGS, row, 3] = Formula("上期首日", previous_start(as_of, interval))
    yield from _faults(wanted, shown, as_of)


def workbook_faults(book: Workbook, shown: Shown, as_of: date) -> Iterator[str]:
    """Yield a line for every formula of a workbook that does not come to the value written with it."""
    yield from _faults(formulas_of(book), shown, as_of)


def _faults(wanted: Mapping[Place, Formula], shown: Shown, as_of: date) -> Iterator[str]:
    for place, formula in wanted.items():
        found = shown(place)
        if not alike(found, formula.value):
            yield _fault(place, found, formula, as_of)


def _fault(place: Place, found: Value, formula: Formula, as_of: date) -> str:
    sheet, row, column = place
    where = f"as of {as_of}, {sheet} row {row} column {column}"
    return f"{where}: {found!r}, the code says {formula.value!r}\n    ={formula.text}"


def alike(found: Value, wanted: Value) -> bool:
    """Return whether a program's value is the code's: dates are numbers, empty text is blank."""
    one, other = serial(found), serial(wanted)
    if one is None or other is None:
        return one is other and (found or "") == (wanted or "")
    return abs(one - other) < 1e-9


def with_cells(sheet: Sheet, cells: Mapping[tuple[int, int], Content]) -> Sheet:
    """Return the sheet with other content in some cells, as if somebody had typed it."""
    grid: Sequence[Sequence[Cell | None]] = [
        [replace(cell or Cell(), content=cells[r, c]) if (r, c) in cells else cell for c, cell in enumerate(row, 1)]
        for r, row in enumerate(sheet.rows, 1)
    ]
    return replace(sheet, rows=tuple(tuple(row) for row in grid))
