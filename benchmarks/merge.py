"""Measures the merge of many returned workbooks beside other ways to read them: `python benchmarks/merge.py`, see README.md."""

from __future__ import annotations

import argparse
import atexit
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any, TypeAlias

from check import AS_OF, drafted, report
from sides import Target, in_turns, judged, machine, measured, parser, say, table

from taizhang.books.render import render
from taizhang.books.sources import bundled_departments
from taizhang.deadlines import Dictionary, closed_wordings
from taizhang.journal import Journal
from taizhang.layout.office import ledger_workbook
from taizhang.ledger import Ledger, ReportKey, Task, new_code
from taizhang.settings import Settings

FILES, SMALL = 1_000, 24
ROWS, DEPARTMENTS = 83, 12  # rows of a returned workbook; who returns them, again and again
EDITED = 4  # rows of a returned workbook that were brought up to date: 进展情况, 完成率 and 填报日期
YEAR = 2020
CALAMINE, MERGE, PANDAS = "calamine alone", "taizhang merge", "pandas, openpyxl"
LEDGER, RETURNED = "台账.xlsx", "交回"


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the files, let everybody read them, and print the table."""
    options = _options(arguments)
    if options.measure:
        say(json.dumps(measured(act_of(options.measure, options.folder, options.files))))
        return
    files = SMALL if options.small else options.files
    with tempfile.TemporaryDirectory() as own:
        folder = options.folder or Path(own)
        made(folder, files)
        say(
            f"{files:,} workbooks of {ROWS} rows, all different, {EDITED} rows edited in each; {DEPARTMENTS} departments"
        )
        names = [name for name in WAYS if not options.only or name in options.only]
        found = in_turns(__file__, names, options.runs, "--folder", str(folder), "--files", str(files))
        for line in (*table(found, CALAMINE), *(() if options.small else judged(TARGETS, found))):
            say(line)
    say(machine())


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    own = parser(__doc__, WAYS, small=f"{SMALL} workbooks", kept="--folder")
    own.add_argument("--files", type=int, default=FILES, help=f"returned workbooks (default {FILES:,})")
    own.add_argument("--only", nargs="*", choices=WAYS, help="measure these alone")
    return own.parse_args(arguments)


# --- what is read ----------------------------------------------------------------------------------------------------


def made(folder: Path, files: int) -> None:
    """Put a ledger and so many returned workbooks into a folder, but for those that are there."""
    from taizhang import dispatch
    from taizhang.actions import split
    from taizhang.books.ledgers import open_ledger
    from taizhang.layout.department import department_workbook

    folder.mkdir(parents=True, exist_ok=True)
    (folder / RETURNED).mkdir(exist_ok=True)
    path = folder / LEDGER
    if not path.exists():
        path.write_bytes(render(ledger_workbook(ledger_of_departments(), AS_OF, Journal())))
        split(path, folder / "下发", _context())
    ledger = open_ledger(path).ledger.with_wordings()
    parts, batch = dispatch.assignments(ledger, str(path)), ledger.batches[-1]
    for number in range(files):
        target, part = folder / RETURNED / f"{number:05}.xlsx", parts[number % len(parts)]
        if not target.exists():
            filled = ledger.with_reports(edits(number, part.department, part.asked))
            target.write_bytes(render(department_workbook(filled, batch, part, AS_OF)))


def ledger_of_departments() -> Ledger:
    """Return a ledger in which each of the departments leads so many tasks."""
    chance, directory = random.Random(1), bundled_departments()
    names = directory.names[:DEPARTMENTS]
    tasks, reports = [], {}
    for number in range(ROWS * DEPARTMENTS):
        draft = drafted(chance, number + 1, ROWS * DEPARTMENTS, directory.names)
        lead, code = names[number % DEPARTMENTS], new_code(YEAR, number + 1)
        tasks.append(Task(code, {**draft.office, "leads": lead, "supports": ""}))
        reports[ReportKey(code, lead)] = report(chance, lead, number)
    settings = Settings.of(title="营商环境工作台账", year=YEAR, as_of=AS_OF)
    words = Dictionary(dict(closed_wordings(YEAR)))
    return Ledger("benchmark", tuple(tasks), reports, directory, words, settings).with_wordings()


def edits(number: int, department: str, tasks: Sequence[Task]) -> dict[ReportKey, dict[str, Any]]:
    """Return what one returned workbook says anew; no other says the same."""
    chance = random.Random(number)
    return {
        ReportKey(task.code, department): {
            "progress": f"第{number}次填报：{n}。",
            "percent": chance.randrange(1, 1000) / 1000,
            "reported_on": AS_OF - timedelta(days=chance.randrange(25)),
        }
        for n, task in enumerate(chance.sample(list(tasks), EDITED))
    }


def _context() -> Any:
    from taizhang.actions import Context

    return Context(datetime.combine(AS_OF, clock(9)), "benchmark")


# --- who reads it ----------------------------------------------------------------------------------------------------

Way: TypeAlias = Callable[[Path, Sequence[Path]], object]


def _calamine(_ledger: Path, files: Sequence[Path]) -> object:
    from python_calamine import CalamineWorkbook

    cells = 0
    for path in files:
        book = CalamineWorkbook.from_path(str(path))
        cells += sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)
    return cells


def _pandas(_ledger: Path, files: Sequence[Path]) -> object:
    import pandas as pd

    read = [pd.read_excel(path, sheet_name="工作台账", header=2, engine="openpyxl") for path in files]
    return len(pd.concat(read).drop_duplicates())


def _openpyxl(_ledger: Path, files: Sequence[Path]) -> object:
    from openpyxl import load_workbook

    return sum(len(list(load_workbook(path)["工作台账"].values)) for path in files)


def _merge(ledger: Path, files: Sequence[Path]) -> object:
    from taizhang.actions import merge_files

    return len(merge_files(ledger, files, _context()).reports)


WAYS: Mapping[str, Way] = {
    CALAMINE: _calamine,
    MERGE: _merge,
    PANDAS: _pandas,
    "openpyxl alone": _openpyxl,
}
TARGETS = (
    Target("合并 1,000 个交回的工作簿，与只读出这些文件相比", MERGE, CALAMINE, 1),
    Target("合并 1,000 个交回的工作簿，与用户自己用 pandas 写的相比", MERGE, PANDAS, 1 / 12),
)


# --- measuring -------------------------------------------------------------------------------------------------------


def act_of(name: str, folder: Path, files: int) -> Callable[[], object]:
    """Return one way to read the files, over a ledger that is as new."""
    paths = sorted((folder / RETURNED).iterdir())[:files]
    own = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    ledger = own / LEDGER
    shutil.copyfile(folder / LEDGER, ledger)
    return lambda: WAYS[name](ledger, paths)


if __name__ == "__main__":
    main()
