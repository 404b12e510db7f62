"""Measures how long a workbook for each of many departments takes: `python benchmarks/split.py`, see README.md."""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from datetime import time as clock
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from check import AS_OF, YEAR, drafted, report
from sides import Target, in_turns, judged, machine, measured, parser, say, table

from taizhang import dispatch
from taizhang.actions import Context, split
from taizhang.books.ledgers import create_ledger, open_ledger
from taizhang.books.render import render
from taizhang.deadlines import Dictionary, closed_wordings
from taizhang.departments import Department, Directory
from taizhang.journal import NEW
from taizhang.layout.department import department_workbook
from taizhang.layout.parts import Cell, Formula, Sheet, Workbook
from taizhang.ledger import Ledger, ReportKey, Task, new_code
from taizhang.periods import Period
from taizhang.settings import Settings
from taizhang.styles import LINE, STYLES
from taizhang.values import serial

FILES, SMALL, ROWS = 300, 6, 20
YARDSTICK = "openpyxl, cell by cell"
Way: TypeAlias = Callable[[Path, Path], Callable[[], object]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Make a ledger, let every way write the workbooks, and print the table."""
    options = _options(arguments)
    if options.measure:
        with tempfile.TemporaryDirectory() as folder:
            say(json.dumps(measured(WAYS[options.measure](options.ledger, Path(folder)))))
        return
    files = SMALL if options.small else options.files
    with tempfile.TemporaryDirectory() as folder:
        path = options.ledger or Path(folder) / "台账.xlsx"
        if not path.exists():
            create_ledger(path, ledger_of(files, options.rows), context().act(NEW), AS_OF)
        say(f"{files:,} departments that lead {options.rows} tasks each")
        found = in_turns(__file__, tuple(WAYS), options.runs, "--ledger", str(path))
        for line in (*table(found, YARDSTICK), *(() if options.small else judged(TARGETS, found))):
            say(line)
    say(machine())


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    own = parser(__doc__, WAYS, small=f"{SMALL} departments", kept="--ledger")
    own.add_argument("--files", type=int, default=FILES, help=f"departments, a workbook each (default {FILES})")
    own.add_argument("--rows", type=int, default=ROWS, help=f"tasks of each (default {ROWS})")
    return own.parse_args(arguments)


def ledger_of(files: int, rows: int) -> Ledger:
    """Return a ledger in which so many departments lead so many tasks each, and support some others."""
    chance, tasks, reports = random.Random(1), [], {}
    names = [f"第{number}街道办事处" for number in range(1, files + 1)]
    for number in range(files * rows):
        draft = drafted(chance, number + 1, files * rows, names)
        lead, code = names[number % files], new_code(YEAR, number + 1)
        tasks.append(Task(code, {**draft.office, "leads": lead}))
        reports[ReportKey(code, lead)] = report(chance, lead, number)
    settings = Settings.of(title="营商环境工作台账", year=YEAR, as_of=AS_OF)
    directory, words = Directory(tuple(map(Department, names))), Dictionary(dict(closed_wordings(YEAR)))
    return Ledger("benchmark", tuple(tasks), reports, directory, words, settings).with_wordings()


def context() -> Context:
    """Return when, and by whom."""
    return Context(datetime.combine(AS_OF, clock(9)), "benchmark")


# --- the ways: each is handed the ledger and a folder, and gives back what is timed ----------------------------------


def _taizhang(ledger: Path, folder: Path) -> Callable[[], object]:
    own = folder / ledger.name
    shutil.copyfile(ledger, own)
    return lambda: split(own, folder / "下发", context())


def _rendered(ledger: Path, folder: Path) -> Callable[[], object]:
    books = list(_books(ledger))
    return lambda: [(folder / name).write_bytes(render(book)) for name, book in books]


def _openpyxl(ledger: Path, folder: Path) -> Callable[[], object]:
    books = list(_books(ledger))
    return lambda: [_written(folder / name, book) for name, book in books]


WAYS: Mapping[str, Way] = {YARDSTICK: _openpyxl, "render, and no more": _rendered, "taizhang split": _taizhang}
TARGETS = (
    Target("给 300 个部门各生成一个工作簿，与 openpyxl 逐格写出同样的表相比", "taizhang split", YARDSTICK, 1 / 3),
)


def _books(path: Path) -> Iterator[tuple[str, Workbook]]:
    """Yield the workbook of every department as plain data, with the name of its file."""
    ledger = open_ledger(path).ledger.with_wordings()
    parts = dispatch.assignments(ledger, str(path))
    based, batch = dispatch.opened_batch(ledger, Period.holding(AS_OF), context().now, parts)
    for part in parts:
        yield dispatch.file_name(batch.period, part.department), department_workbook(based, batch, part, AS_OF)


def _written(target: Path, book: Workbook) -> None:
    """Write a workbook with openpyxl: every cell with its value and its look, widths and heights, no more."""
    from openpyxl import Workbook as Book

    made = Book()
    made.remove(made.worksheets[0])
    for sheet in book.sheets:
        _fill(made.create_sheet(sheet.name), sheet)
    made.save(target)


def _fill(drawn: Any, sheet: Sheet) -> None:
    from openpyxl.utils import get_column_letter

    for row, cells in enumerate(sheet.rows, 1):
        for column, cell in enumerate(cells, 1):
            if cell is not None:
                _put(drawn.cell(row, column), cell)
    for column, width in sheet.widths.items():
        drawn.column_dimensions[get_column_letter(column)].width = width
    for row, height in sheet.heights.items():
        drawn.row_dimensions[row].height = height
    drawn.sheet_state = sheet.state.value


def _put(drawn: Any, cell: Cell) -> None:
    content = cell.content
    if isinstance(content, Formula):
        drawn.value = f"={content.text}"
    else:
        drawn.value = serial(content) if isinstance(content, date) else content
    for name, look in _looks(cell.style, cell.fill).items():
        setattr(drawn, name, look)


@cache
def _looks(name: str, fill: str) -> Mapping[str, Any]:
    """Return the openpyxl styles of a look, each made once."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side

    style = STYLES[name]
    line, ground = Side("thin", LINE.removeprefix("#")), fill or style.fill
    looks = {
        "font": Font(style.font, style.size, bold=style.bold, color=style.colour.removeprefix("#")),
        "alignment": Alignment(style.horizontal, style.vertical.removeprefix("v"), wrap_text=style.wrap),
        "number_format": style.format,
        "protection": Protection(locked=style.locked),
    }
    if style.border:
        looks["border"] = Border(line, line, line, line)
    if ground:
        looks["fill"] = PatternFill("solid", ground.removeprefix("#"))
    return looks


if __name__ == "__main__":
    main()
