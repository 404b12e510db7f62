"""Measures how long new values in one column of a large ledger take: `python benchmarks/update.py`, see README.md."""

from __future__ import annotations

import argparse
import importlib.util
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from check import FAULTY, ROWS, SMALL, made
from sides import Target, in_turns, judged, machine, measured, parser, say, table

from taizhang import tables
from taizhang.books.disk import replace_file
from taizhang.books.editing import package_of
from taizhang.layout.office import FIRST_ROW, PLACES

COLUMN = PLACES["progress"]
Way: TypeAlias = Callable[[Path, Path, Mapping[int, str]], object]


def main(arguments: Sequence[str] | None = None) -> None:
    """Make a ledger, let every way rewrite a column of it, and print the table."""
    options = _options(arguments)
    if options.measure:
        say(json.dumps(_measured(options.measure, options.ledger, options.rows)))
        return
    rows = SMALL if options.small else options.rows
    with tempfile.TemporaryDirectory() as folder:
        path = options.ledger or Path(folder) / "台账.xlsx"
        made(path, rows, FAULTY)
        say(f"{path.name}：{path.stat().st_size / 1e6:.1f} MB, {rows:,} different new values in one column")
        found = in_turns(__file__, tuple(WAYS), options.runs, "--ledger", str(path), "--rows", str(rows))
        for line in (*table(found, OPENPYXL), *(() if options.small else judged(TARGETS, found))):
            say(line)
    say(machine())


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    own = parser(__doc__, WAYS, small=f"{SMALL} tasks", kept="--ledger")
    own.add_argument("--rows", type=int, default=ROWS, help=f"tasks in the ledger (default {ROWS:,})")
    return own.parse_args(arguments)


# --- the ways: from the old file to the new one ------------------------------------------------------------------------


def _openpyxl(old: Path, new: Path, values: Mapping[int, str]) -> None:
    from openpyxl import load_workbook

    book = load_workbook(old)
    sheet = book[tables.LEDGER]
    for row, value in values.items():
        sheet.cell(row, COLUMN).value = value
    book.save(new)


def _wolfxl(old: Path, new: Path, values: Mapping[int, str]) -> None:
    from wolfxl import load_workbook

    book = load_workbook(str(old), modify=True)
    sheet = book[tables.LEDGER]
    for row, value in values.items():
        sheet.cell(row, COLUMN).value = value
    book.save(str(new))


def _taizhang(old: Path, new: Path, values: Mapping[int, str]) -> None:
    package = package_of(old, old.read_bytes())
    package.set_cells(tables.LEDGER, {(row, COLUMN): value for row, value in values.items()})
    replace_file(new, package.dump())


OPENPYXL, WOLFXL, OURS = "openpyxl", "wolfxl alone", "taizhang, in place"
WAYS: Mapping[str, Way] = {OPENPYXL: _openpyxl, WOLFXL: _wolfxl, OURS: _taizhang}
TARGETS = (
    Target("就地改写 20,000 行台账的一列，与 openpyxl 打开、修改、保存相比", OURS, OPENPYXL, 1 / 4),
    Target("就地改写 20,000 行台账的一列，与只用 wolfxl 相比", OURS, WOLFXL, 1.5),
)


# --- measuring -------------------------------------------------------------------------------------------------------


def _measured(name: str, path: Path, rows: int) -> dict[str, float]:
    """Return what a way takes; end the process where it cannot run, or where the file does not hold the values."""
    if name.startswith("wolfxl") and importlib.util.find_spec("wolfxl") is None:
        raise SystemExit("not installed")
    values = {row: f"第{row}行：已办结，覆盖企业{row * 7 % 991}家。" for row in range(FIRST_ROW, FIRST_ROW + rows)}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "新.xlsx"
        found = measured(lambda: WAYS[name](path, target, values))
        if _column(target) != list(values.values()):
            raise SystemExit("wrote something else")
    return found


def _column(path: Path) -> list[object]:
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(tables.LEDGER).to_python(skip_empty_area=False)
    return [row[COLUMN - 1] for row in rows[FIRST_ROW - 1 :]]


if __name__ == "__main__":
    main()
