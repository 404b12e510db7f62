"""The rows of a sheet written all at once: cell by cell, as XlsxWriter does it, takes ten times as long.

All else about a sheet is drawn by XlsxWriter. What comes out is the same but for the hint how wide
each row is, which is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from xlsxwriter.worksheet import Worksheet

from taizhang.layout.parts import Cell, Content, Formula
from taizhang.places import column_letter
from taizhang.values import serial

_LONGEST = 32_767  # UTF-16 units that a cell holds
_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})


class RowSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter comes without types
    """A sheet whose last rows are not kept as cells, but as they are written in its file."""

    def __init__(self) -> None:
        super().__init__()
        self._written: list[str] = []

    def put_rows(
        self,
        first: int,
        rows: Sequence[Sequence[Cell | None]],
        heights: Mapping[int, float],
        look: Callable[[Cell], Any],
    ) -> None:
        """Write rows from row `first` down; those drawn in the usual way stand above. `look` gives a cell's format."""
        numbers = _Numbers(look)
        for row, cells in enumerate(rows, first):
            self._written.append(self._row(row, cells, heights.get(row), numbers))
            self._reach(row, cells)
            if row in heights:
                self._check_dimensions(row - 1, 0)

    def _reach(self, row: int, cells: Sequence[Cell | None]) -> None:
        """Let the sheet's area reach to the first and the last cell of a row."""
        first = next((place for place, cell in enumerate(cells) if cell is not None), None)
        if first is not None:
            last = next(place for place in range(len(cells) - 1, -1, -1) if cells[place] is not None)
            self._check_dimensions(row - 1, first)
            self._check_dimensions(row - 1, last)

    def _row(self, row: int, cells: Sequence[Cell | None], height: float | None, numbers: _Numbers) -> str:
        pixels = self.default_row_height if height is None else int(height * 4 / 3 + 0.5)
        tall = "" if pixels == self.default_row_height else f' ht="{pixels * 0.75:.16g}" customHeight="1"'
        written = "".join(
            [
                self._cell(f'<c r="{letter}{row}" s="{numbers[cell.style, cell.fill]}"', cell.content)
                for letter, cell in zip(_letters(len(cells)), cells, strict=True)
                if cell is not None
            ]
        )
        if written:
            return f'<row r="{row}"{tall}>{written}</row>'
        return f'<row r="{row}"{tall}/>' if tall else ""

    def _cell(self, start: str, content: Content) -> str:
        """Return a cell; `start` is its tag with its place and its look."""
        if isinstance(content, str):
            return f'{start} t="s"><v>{self.str_table._get_shared_string_index(_cut(content))}</v></c>'
        if content is None:
            return f"{start}/>"
        if isinstance(content, Formula):
            return self._formula(start, content)
        if isinstance(content, bool):
            return f'{start} t="b"><v>{content:d}</v></c>'
        return f"{start}><v>{_number(content):.16G}</v></c>"

    def _formula(self, start: str, content: Formula) -> str:
        value = content.value
        kind, said = "", "" if value is None else value
        if isinstance(value, bool):
            kind, said = ' t="b"', f"{value:d}"
        elif isinstance(value, str):
            kind = "" if not value else ' t="e"' if value in _ERRORS else ' t="str"'
        elif isinstance(value, date):
            said = serial(value) or 0
        return f"{start}{kind}><f>{self._escape_data(content.text)}</f><v>{self._escape_data(said)}</v></c>"

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """Return a formula without its sign: ours need no prefixes, and XlsxWriter looks for thirty in each."""
        return formula.removeprefix("=")

    def _write_rows(self) -> None:
        super()._write_rows()
        self.fh.write("".join(self._written))


class _Numbers(dict[tuple[str, str], int]):
    """The number each look has in the workbook's stylesheet."""

    def __init__(self, look: Callable[[Cell], Any]) -> None:
        super().__init__()
        self._look = look

    def __missing__(self, key: tuple[str, str]) -> int:
        style, fill = key
        number = self[key] = int(self._look(Cell(None, style, fill))._get_xf_index())
        return number


@lru_cache(maxsize=64)
def _letters(count: int) -> tuple[str, ...]:
    return tuple(map(column_letter, range(1, count + 1)))


def _number(value: float | date) -> float:
    number = serial(value)
    if number is None or not math.isfinite(number):
        raise TypeError(f"no number that a cell can hold: {value!r}")
    return number


def _cut(text: str) -> str:
    """Return a text as far as a cell holds it."""
    if len(text) <= _LONGEST // 2:
        return text
    return text.encode("utf-16-le", "surrogatepass")[: 2 * _LONGEST].decode("utf-16-le", "ignore")
