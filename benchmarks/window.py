"""Measures how long the window does not answer with 5,000 items to decide: `python benchmarks/window.py`, see README.md.

A real window on a real screen, or on one of its own: `xvfb-run -s "-screen 0 1280x900x24" python benchmarks/window.py`.
A clock inside it beats every few milliseconds; where a beat comes late, nobody could have scrolled or typed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import tkinter as tk
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from datetime import time as clock
from pathlib import Path

from check import AS_OF, ledger_of
from openpyxl import load_workbook
from sides import machine, say

from taizhang.actions import Context, merge_files, split
from taizhang.books.ledgers import editing, save
from taizhang.books.render import render
from taizhang.gui.window import Window, made_root
from taizhang.journal import Journal
from taizhang.layout.office import ledger_workbook

ITEMS, SMALL = 5_000, 100
BEAT = 4  # milliseconds
PAGES = 60  # pages scrolled through
NOW = Context(datetime.combine(AS_OF, clock(9)), "benchmark")


def main(arguments: Sequence[str] | None = None) -> None:
    """Make a ledger with so many items, open it, do what a clerk does, and print how late the beats were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=ITEMS, help=f"items to decide (default {ITEMS:,})")
    parser.add_argument("--small", action="store_true", help=f"{SMALL} items: to see whether everything works")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = prepared(Path(folder), SMALL if options.small else options.items)
        root = made_root()
        Play(root, Window(root, [path])).run()
    say(machine())


def prepared(folder: Path, items: int) -> Path:
    """Return a ledger in which so many returned cells wait, most of them because both sides changed them."""
    path = folder / "台账.xlsx"
    path.write_bytes(render(ledger_workbook(ledger_of(items, 0), AS_OF, Journal())))
    split(path, folder / "下发", NOW)
    for sent in sorted((folder / "下发").glob("*.xlsx")):
        reported(sent)
    rewritten(path)
    merge_files(path, [folder / "下发"], NOW)
    return path


def reported(path: Path) -> None:
    """Fill in every row of a department's list, as it would."""
    book = load_workbook(path)
    sheet = book["工作台账"]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "进展情况" for cell in row))
    place = next(cell for cell in head if cell.value == "进展情况")
    for row in range(place.row + 1, sheet.max_row + 1):
        if sheet.cell(row, 1).value is not None:
            sheet.cell(row, place.column).value = f"部门填报第{row}行，已完成阶段性工作。"
    book.save(path)


def rewritten(path: Path) -> None:
    """Change every report in the ledger meanwhile, so that what comes back meets other words."""
    with editing(path) as opened:
        ledger = opened.ledger
        reports = {key: {**cells, "progress": "区里统一改写的进展。"} for key, cells in ledger.reports.items()}
        save(opened, replace(ledger, reports=reports), NOW.act("手工修改"), AS_OF)


class Play:
    """What a clerk does in the window, one thing after the other, and how late the window's clock beat meanwhile."""

    def __init__(self, root: tk.Tk, window: Window) -> None:
        self.root, self.window = root, window
        self.beats: list[float] = []
        self.last = time.perf_counter()

    def run(self) -> None:
        """Do everything, then close the window."""
        say(f"{'':28}{'seconds':>9}{'late, worst':>13}{'95 %':>8}  (milliseconds)")
        self._beat()
        self._next(iter(self._acts()), "open and show", time.perf_counter())
        self.root.mainloop()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.beats.append(max(0.0, (now - self.last) * 1000 - BEAT))
        self.last = now
        self.root.after(BEAT, self._beat)

    def _acts(self) -> Iterator[tuple[str, Callable[[], object]]]:
        window = self.window
        items = window.items
        yield "turn to the table", lambda: window.turn_to(2)
        for page in range(PAGES):
            yield f"page down ×{PAGES}" if page == PAGES - 1 else "", lambda: items.event_generate("<Next>")
        yield "to the end", lambda: items.yview_moveto(1.0)
        yield "one kind", lambda: self._choose(window.kind, 1)
        yield "all kinds", lambda: self._choose(window.kind, 0)
        yield "one department", lambda: self._choose(window.department, 1)
        yield "all departments", lambda: self._choose(window.department, 0)
        yield "one row", lambda: items.selection_set(items.get_children()[7])
        yield "all rows", lambda: items.event_generate("<Control-a>")
        yield "decide on all rows", lambda: items.event_generate("<Key-2>")
        yield "only undecided", lambda: (window.undecided.set(True), window.list_items())

    def _choose(self, box: tk.Misc, number: int) -> None:
        box.current(number)  # type: ignore[attr-defined]
        box.event_generate("<<ComboboxSelected>>")

    def _next(self, acts: Iterator[tuple[str, Callable[[], object]]], name: str = "", begun: float = 0) -> None:
        """Go on once the window has nothing more to do."""
        if self.window.job or any(getattr(tree, "pending", None) for tree in self._tables()):
            self.root.after(BEAT, self._next, acts, name, begun)
            return
        if name:
            worst = sorted(self.beats)
            most = worst[int(len(worst) * 0.95)] if worst else 0
            say(f"{name:28}{time.perf_counter() - begun:9.2f}{max(worst, default=0):13.0f}{most:8.0f}")
            self.beats.clear()
            begun = 0
        known = next(acts, None)
        if known is None:
            say(f"{len(self.window.view.items) if self.window.view else 0:,} items")
            self.root.destroy()
            return
        begun = begun or time.perf_counter()
        self.window.items.focus_set()
        known[1]()
        self.root.after(40, self._next, acts, known[0], begun)

    def _tables(self) -> tuple[tk.Misc, ...]:
        return (self.window.items, self.window.tasks, self.window.history, self.window.overdue)


if __name__ == "__main__":
    main()
