"""Counts what a spreadsheet program is asked for in a small and a large ledger: `python benchmarks/calls.py`, see README.md."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from check import AS_OF
from sides import say, verdict
from split import context, ledger_of

from taizhang import actions, dispatch
from taizhang.books.ledgers import create_ledger, open_ledger
from taizhang.books.live import OpenBook
from taizhang.books.memory import MemoryProgram
from taizhang.books.render import render
from taizhang.checking import check
from taizhang.journal import NEW
from taizhang.layout.department import department_workbook
from taizhang.ledger import Ledger, ReportKey

DEPARTMENTS = 3
FEW, MANY, SMALL = 84, 5_001, (9, 84)
Act: TypeAlias = Callable[[OpenBook, Sequence[Path]], object]

ACTS: Mapping[str, Act] = {
    "status": lambda book, _: actions.status(book, context(), AS_OF),
    "status --write": lambda book, _: actions.status(book, context(), AS_OF, write=True),
    "check": lambda book, _: check(book, context()),
    "check --write": lambda book, _: check(book, context(), write=True),
    "merge": lambda book, returned: actions.merge_files(book, returned, context()),
    "apply": lambda book, _: actions.apply(book, context()),
    "summary": lambda book, _: actions.summarise(book, context()),
}
CONSTANT = ("status", "status --write", "check", "merge", "summary")  # what asks as often whatever the number of rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Count in both ledgers, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="{} and {} rows".format(*SMALL))
    small = parser.parse_args(arguments).small
    few, many = SMALL if small else (FEW, MANY)
    found = [counted(rows, tuple(ACTS) if rows < MANY else CONSTANT) for rows in (few, many)]
    say(f"{'':24}{f'{few:,} rows':>12}{f'{many:,} rows':>12}")
    for name in ACTS:
        say(f"{name:24}{found[0][name]:12}{found[1].get(name, ''):12}")
    for name in () if small else CONSTANT:
        one, other = found[0][name], found[1][name]
        told = f"{one} 次和 {other} 次"
        say(verdict(f"打开的台账：{name} 的请求次数，{few:,} 行和 {many:,} 行", "一样多", told, met=one == other))


def counted(rows: int, acts: Sequence[str]) -> dict[str, int]:
    """Return how often some acts ask the program, in a ledger of so many tasks of which every one is reported on."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "台账.xlsx"
        create_ledger(path, ledger_of(DEPARTMENTS, rows // DEPARTMENTS), context().act(NEW), AS_OF)
        actions.split(path, Path(folder) / "下发", context())
        returned = list(_returned(open_ledger(path).ledger, Path(folder)))
        program = MemoryProgram(path, path.read_bytes())
        return {name: _asked(program, ACTS[name], returned) for name in acts}


def _returned(ledger: Ledger, folder: Path) -> Iterator[Path]:
    """Yield the workbooks that were sent, with news in every row."""
    batch = ledger.batches[-1]
    for part in dispatch.assignments(ledger, str(folder)):
        keys = [ReportKey(task.code, part.department) for task in part.led]
        told = {key: {"progress": f"{key.task} 已有新的进展。"} for key in keys}
        path = folder / f"{part.department}.xlsx"
        path.write_bytes(render(department_workbook(ledger.with_reports(told), batch, part, AS_OF)))
        yield path


def _asked(program: MemoryProgram, act: Act, returned: Sequence[Path]) -> int:
    program.calls = 0
    act(OpenBook(program), returned)
    return program.calls


if __name__ == "__main__":
    main()
