"""Measures the summary of many ledgers, by one process and by two Dask workers: `python benchmarks/rollup.py`, see README.md."""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TypeAlias

from check import ledger_of
from sides import in_turns, machine, measured, parser, say, table

from taizhang import journal
from taizhang.actions import Context
from taizhang.books.render import render
from taizhang.journal import Act, Journal
from taizhang.layout.office import ledger_workbook
from taizhang.rolling import roll_up
from taizhang.rollup import Basis
from taizhang.settings import Settings
from taizhang.snapshots import periods_of

YEAR = 2020
COUNTIES, PERIODS, TASKS = 90, 36, 100
SMALL = (3, 2, 10)
WORKERS = 2
HOST = "127.0.0.1"


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the ledgers, let everybody sum them up, and print the table."""
    options = _options(arguments)
    with ExitStack() as held:
        if options.measure:
            say(json.dumps(measured(WAYS[options.measure](options.folder, held))))
            return
        size = SMALL if options.small else (options.counties, options.periods, options.tasks)
        folder = options.folder or Path(held.enter_context(tempfile.TemporaryDirectory()))
        started = time.perf_counter()
        made(folder, *size)
        took = time.perf_counter() - started
        say(f"{size[0]} counties, {size[1]} periods of each, {size[2]} tasks in each ledger; made in {took:.0f} s")
        names = [name for name in WAYS if not options.only or name in options.only]
        for line in table(in_turns(__file__, names, options.runs, "--folder", str(folder)), ONE):
            say(line)
    say(machine())


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    own = parser(__doc__, WAYS, small=f"{SMALL}", kept="--folder", runs=1)
    own.add_argument("--counties", type=int, default=COUNTIES, help=f"regions (default {COUNTIES})")
    own.add_argument("--periods", type=int, default=PERIODS, help=f"ten-day periods (default {PERIODS})")
    own.add_argument("--tasks", type=int, default=TASKS, help=f"tasks in each ledger (default {TASKS})")
    own.add_argument("--only", nargs="*", choices=WAYS, help="measure these alone")
    return own.parse_args(arguments)


# --- ledgers ---------------------------------------------------------------------------------------------------------


def made(folder: Path, counties: int, periods: int, tasks: int) -> None:
    """Put a ledger for each county and period into a folder, but for those that are there."""
    for county in range(counties):
        ledger = ledger_of(tasks, 0, county)
        act = Act(journal.NEW, datetime(YEAR, 1, 2, 9), "benchmark")
        name = f"第{county + 1:03}县"
        record = Journal().extended([(act, journal.changed(None, ledger))])
        for period in periods_of(YEAR)[:periods]:
            target = folder / name / f"{period.label}.xlsx"
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                settings = Settings.of(title=f"{name}工作台账", unit=f"{name}营商办", year=YEAR, as_of=period.last)
                own = replace(ledger, id=name, settings=settings)
                target.write_bytes(render(ledger_workbook(own, period.last, record)))


# --- who sums them up ------------------------------------------------------------------------------------------------

Way: TypeAlias = Callable[[Path, ExitStack], Callable[[], object]]


def _calamine(folder: Path, _held: ExitStack) -> Callable[[], object]:
    files = sorted(folder.rglob("*.xlsx"))

    def act() -> object:
        from python_calamine import CalamineWorkbook

        books = (CalamineWorkbook.from_path(str(path)) for path in files)
        return sum(len(book.get_sheet_by_name(name).to_python()) for book in books for name in book.sheet_names)

    return act


def _alone(folder: Path, held: ExitStack) -> Callable[[], object]:
    return _rollup(folder, held, "")


def _workers(folder: Path, held: ExitStack) -> Callable[[], object]:
    """Return the summing up by workers that have been started already."""
    return _rollup(folder, held, _cluster(held))


def _rollup(folder: Path, held: ExitStack, scheduler: str) -> Callable[[], object]:
    target = Path(held.enter_context(tempfile.TemporaryDirectory())) / "汇总.xlsx"
    context, basis = Context(datetime.now(), "benchmark"), Basis(date.today())

    def act() -> None:
        found = roll_up([folder], target, context, basis, scheduler).found
        if found.left:
            raise SystemExit(f"left out: {found.left[0]}")

    return act


def _cluster(held: ExitStack) -> str:
    """Start a scheduler and its workers; return its address once all are there."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = str(free.getsockname()[1])
    address, folder = f"tcp://{HOST}:{port}", held.enter_context(tempfile.TemporaryDirectory())
    _start(held, "dask_scheduler", "--host", HOST, "--port", port, "--no-show")
    for _ in range(WORKERS):
        _start(held, "dask_worker", address, "--nthreads", "1", "--no-nanny", "--local-directory", folder)
    _await_workers(address)
    return address


def _await_workers(address: str) -> None:
    from distributed import Client

    with Client(address, timeout=60, set_as_default=False) as client:
        client.wait_for_workers(WORKERS, timeout=60)


def _start(held: ExitStack, module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments, "--no-dashboard"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    held.callback(process.wait)
    held.callback(process.terminate)


ONE = "one process"
WAYS: Mapping[str, Way] = {
    "calamine alone": _calamine,
    ONE: _alone,
    f"{WORKERS} workers": _workers,
}

if __name__ == "__main__":
    main()
