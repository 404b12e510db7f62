"""Whether 汇总 still tells of the ledger beside it: a very hidden copy of every cell, with formulas that compare.

Rows are found again by their code or name, for they get sorted. Who changes a cell sees it in 汇总
at once, without the add-in; taking the change back makes it current again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from taizhang import tables
from taizhang.columns import DEPARTMENT, ITEM_REGISTERS, TASKS, Column, Owner
from taizhang.layout.formulas import looked_up
from taizhang.layout.overview import FRESH, STALE
from taizhang.layout.parts import Cell, Content, Formula, Sheet, State
from taizhang.layout.reading import Block, Grid, Reading
from taizhang.places import column_letter, runs
from taizhang.settings import SETTINGS
from taizhang.values import Value, serial, shown

_HEADS = ("表", "行", "所在行", "一致", "列")
_FIRST_VALUE = len(_HEADS) + 1
_WORDING_KEYS, _NAME_KEYS = ("due", "interval"), ("aliases",)


@dataclass(frozen=True)
class Watched:
    """A row as it stood: it is `further` rows below the first that has `key` in the column `keys`.

    `runs` are its cells: first column and the values from there on. Without any, `key` is how many
    cells of the column are filled. `row` is where it stood.
    """

    sheet: str
    keys: int
    key: Value
    further: int = 0
    runs: tuple[tuple[int, tuple[Value, ...]], ...] = ()
    row: int = 0

    @property
    def values(self) -> tuple[Value, ...]:
        """Return its values one after the other."""
        return tuple(value for _, values in self.runs for value in values)


def watched(reading: Reading, grids: Mapping[str, Grid]) -> tuple[Watched, ...]:
    """Return every cell of the ledger that somebody may change, and how many rows each table has."""
    return tuple(_Watch(reading, grids).all())


def fingerprint(rows: Sequence[Watched]) -> str:
    """Return a short mark of what stands in a ledger: another one where any cell differs."""
    said = repr([(one.sheet, shown(one.key), [shown(value) for value in one.values]) for one in rows])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:12]


class _Watch:
    """The rows of a ledger's sheets, as they stand."""

    def __init__(self, reading: Reading, grids: Mapping[str, Grid]) -> None:
        self.reading = reading
        self.grids = grids

    def all(self) -> Iterator[Watched]:
        tasks = self.reading.tasks
        columns = _typed(TASKS.columns, tasks)
        yield from self._rows(tasks, tasks.places["code"], self.reading.task_rows, columns)
        yield self._count(tables.LEDGER, tasks.places["target"], tasks.header_row)
        yield from self._joint()
        for register in ITEM_REGISTERS:
            if block := self.reading.blocks.get(register.sheet):
                own = {code: row for code, row in self.reading.item_rows.items() if row in block.rows}
                own = {code: row for code, row in own.items() if code.startswith(register.prefix)}
                yield from self._rows(block, block.places["item"], own, _typed(register.columns, block))
        for table, key, wanted in (
            (tables.SETTINGS, "title", ("value",)),
            (tables.WORDINGS, "wording", _WORDING_KEYS),
            (tables.NAMES, "name", _NAME_KEYS),
        ):
            block = self.reading.blocks[table]
            named = {shown(cells[key]): row for row, cells in reversed(list(block.rows.items())) if key in cells}
            if table == tables.SETTINGS:
                named = {one.title: named[one.title] for one in SETTINGS if one.title in named}
            places = [block.places[name] for name in wanted if name in block.places]
            yield from self._rows(block, block.places[key], named, places)
        for sheet in (*(one.sheet for one in ITEM_REGISTERS), tables.SNAPSHOTS, tables.RECEIVED):
            yield self._count(sheet, 1, 0)

    def _joint(self) -> Iterator[Watched]:
        block = self.reading.blocks[tables.JOINT]
        codes, first = block.places["code"], dict[str, int]()
        columns = [block.places["department"], *_typed(DEPARTMENT, block)]
        for key, row in sorted(self.reading.report_rows.items(), key=lambda pair: pair[1]):
            further = row - first.setdefault(key.task, row)
            yield Watched(block.sheet, codes, key.task, further, self._runs(block.sheet, row, columns), row)
        yield self._count(block.sheet, codes, block.header_row)

    def _rows(self, block: Block, keys: int, rows: Mapping[str, int], columns: Sequence[int]) -> Iterator[Watched]:
        for key, row in rows.items():
            yield Watched(block.sheet, keys, key, 0, self._runs(block.sheet, row, columns), row)

    def _runs(self, sheet: str, row: int, columns: Sequence[int]) -> tuple[tuple[int, tuple[Value, ...]], ...]:
        cells = self.grids[sheet][row - 1] if row <= len(self.grids[sheet]) else ()
        return tuple(
            (first, tuple(cells[place - 1] if place <= len(cells) else None for place in range(first, last + 1)))
            for first, last in runs(columns)
        )

    def _count(self, sheet: str, column: int, above: int) -> Watched:
        grid = self.grids.get(sheet, ())
        filled = sum(len(row) >= column and row[column - 1] not in (None, "") for row in grid[above:])
        return Watched(sheet, column, filled, above)


def _typed(columns: Sequence[Column], block: Block) -> list[int]:
    own = (column for column in columns if column.owner not in (Owner.DERIVED, Owner.IDENTITY))
    return [block.places[column.key] for column in own if column.key in block.places]


# --- as formulas -----------------------------------------------------------------------------------------------------


def store_sheet(rows: Sequence[Watched], there: Sequence[str], as_of: date) -> Sheet:
    """Return 汇总底稿: each row with its values, where it stands now, and whether it still says the same.

    `there` are the sheets the workbook has: a formula may not name another. `as_of` is the day of 汇总.
    """
    grid = [(*(Cell(text, "head") for text in _HEADS), Cell(as_of.isoformat(), "plain"))]
    for number, one in enumerate(rows, 2):
        lead = (one.sheet, shown(one.key), _found(one, number), _same(one, number, there), _descriptor(one))
        grid.append(tuple(Cell(content, "plain") for content in (*lead, *one.values)))
    tall = dict.fromkeys(range(1, len(grid) + 1), 16.0)  # said, or a program measures each row its formulas are put in
    return Sheet(name=tables.SEEN, rows=tuple(grid), heights=tall, state=State.VERY_HIDDEN)


def check_formula(count: int, as_of: date, now: date) -> Formula:
    """Return the formula of 汇总 that says whether it still tells of the ledger, of so many watched rows.

    It also says where the ledger is computed for another day: now for `now`.
    """
    whole = f"SUMPRODUCT(--'{tables.SEEN}'!$D$2:$D${count + 1})={count}"
    day = f'IF(tz_as_of={serial(as_of):.0f},"","（台账现按"&TEXT(tz_as_of,"yyyy-mm-dd")&"统计）")'
    return Formula(f'IF(IFERROR({whole},FALSE),"{FRESH}","{STALE}")&{day}', told(True, as_of, now))


def told(fresh: bool, as_of: date, now: date) -> str:
    """Return what the formula says."""
    other = "" if as_of == now else f"（台账现按{now.isoformat()}统计）"
    return (FRESH if fresh else STALE) + other


def _found(one: Watched, number: int) -> Content:
    if not one.runs:
        return None
    column = column_letter(one.keys)
    key = looked_up(f"$B{number}")
    return Formula(f"IFERROR(MATCH({key},'{one.sheet}'!${column}:${column},0)+{one.further},0)", one.row)


def _same(one: Watched, number: int, there: Sequence[str]) -> Formula:
    if not one.runs:
        column = column_letter(one.keys)
        area = f"'{one.sheet}'!${column}:${column}"
        area = area if one.sheet in there else f'INDIRECT("{area}")'
        above = f"-COUNTA('{one.sheet}'!${column}$1:${column}${one.further})" if one.further else ""
        return Formula(f"IFERROR(COUNTA({area}){above},0)={one.key}", True)
    place, parts = _FIRST_VALUE, []
    for first, values in one.runs:
        theirs = f"'{one.sheet}'!${column_letter(first)}:${column_letter(first + len(values) - 1)}"
        ours = f"${column_letter(place)}{number}:${column_letter(place + len(values) - 1)}{number}"
        # As texts: LibreOffice takes a blank cell for another one than a blank cell.
        parts.append(f'SUMPRODUCT(--EXACT(INDEX({theirs},$C{number},0)&"",{ours}&""))')
        place += len(values)
    return Formula(f"IFERROR(IF($C{number}>0,{'+'.join(parts)}={len(one.values)},FALSE),FALSE)", True)


# --- as Python -------------------------------------------------------------------------------------------------------


def _descriptor(one: Watched) -> str:
    """Return where a row's cells stand, for our own reading of what the formulas read."""
    return "|".join([f"{one.keys},{one.further}", *(f"{first},{len(values)}" for first, values in one.runs)])


def is_store(grid: Grid) -> bool:
    """Return whether a sheet is 汇总底稿: one of that name may be anybody's."""
    return bool(grid) and tuple(grid[0][: len(_HEADS)]) == _HEADS


def stored(grid: Grid) -> tuple[Watched, ...]:
    """Return the rows 汇总底稿 holds."""
    return tuple(_read(row) for row in grid[1:] if len(row) >= len(_HEADS) and row[0])


def day_in(grid: Grid) -> date:
    """Return the day of the 汇总 that 汇总底稿 belongs to."""
    return date.fromisoformat(shown(grid[0][_FIRST_VALUE - 1]))


def _read(row: Sequence[Value]) -> Watched:
    (keys, further), *spans = ([int(n) for n in part.split(",")] for part in shown(row[_FIRST_VALUE - 2]).split("|"))
    found, place = [], _FIRST_VALUE - 1
    for first, length in spans:
        values = tuple(row[n] if n < len(row) else None for n in range(place, place + length))
        found.append((first, values))
        place += length
    return Watched(shown(row[0]), keys, row[1], further, tuple(found))


Cells = Callable[[str, int, int], Value]  # what a sheet holds in a row and column


def still(rows: Sequence[Watched], cell: Cells, column: Callable[[str, int], Sequence[Value]]) -> bool:
    """Return whether every row still says the same; `column` gives what a column holds, from its first row on."""
    places: dict[tuple[str, int], dict[str, int]] = {}

    def place_of(one: Watched) -> int:
        if (one.sheet, one.keys) not in places:
            held = column(one.sheet, one.keys)
            places[one.sheet, one.keys] = {shown(value): n for n, value in reversed(list(enumerate(held, 1)))}
        return places[one.sheet, one.keys].get(shown(one.key), 0)

    def same(one: Watched) -> bool:
        if not one.runs:
            held = column(one.sheet, one.keys)[one.further :]
            return sum(value not in (None, "") for value in held) == int(shown(one.key))
        row = place_of(one)
        return row > 0 and all(
            _text(cell(one.sheet, row + one.further, first + n)) == _text(value)
            for first, values in one.runs
            for n, value in enumerate(values)
        )

    return all(same(one) for one in rows)


def _text(value: Value) -> str:
    number = serial(value)
    return shown(value if number is None else number)
