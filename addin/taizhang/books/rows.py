"""The rows of a sheet as they are written in its file, all at once.

XlsxWriter, which draws all else, takes ten times as long cell by cell. What comes out is the same but
for the hint how wide each row is, which is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TypeAlias
from xml.sax.saxutils import escape

from taizhang.books.package import LONGEST_TEXT, escaped
from taizhang.layout.parts import Cell, Content, Formula
from taizhang.places import column_letter
from taizhang.values import serial

Look: TypeAlias = tuple[str, str]  # a style's name, and a fill of its own
DEFAULT_PIXELS = 20  # the height of a row of which nothing is said
_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})


@dataclass(frozen=True)
class Rows:
    """The rows of a sheet from row `first` down, with their heights in points."""

    first: int
    cells: Sequence[Sequence[Cell | None]]
    heights: Mapping[int, float] = field(default_factory=dict)

    def written(self, number: Mapping[Look, int], text: Callable[[str], str]) -> Iterator[str]:
        """Yield each row as it is written: looks by their number, texts by what `text` makes of them."""
        for row, cells in enumerate(self.cells, self.first):
            tall = _tall(self.heights.get(row))
            inside = [
                _cell(f'<c r="{letter}{row}" s="{number[cell.style, cell.fill]}"', cell.content, text)
                for letter, cell in zip(_letters(len(cells)), cells, strict=True)
                if cell is not None
            ]
            if inside:
                yield f'<row r="{row}"{tall}>{"".join(inside)}</row>'
            elif tall:
                yield f'<row r="{row}"{tall}/>'

    @property
    def looks(self) -> Iterator[Look]:
        """Yield every look, in the order in which they first come."""
        yield from dict.fromkeys((cell.style, cell.fill) for row in self.cells for cell in row if cell is not None)


@dataclass(frozen=True)
class Scratch:
    """A workbook whose sheets are put into another one, and the rows of its sheets that are written straight there.

    `looks` are the numbers looks have in its own stylesheet.
    """

    data: bytes
    rows: Mapping[str, Rows] = field(default_factory=dict)
    looks: Mapping[Look, int] = field(default_factory=dict)


def inline(content: str) -> str:
    """Return how a cell that holds a text itself goes on after its place and look."""
    said = escaped(cut(content)).replace("\r", "_x000D_")
    kept = ' xml:space="preserve"' if said[:1].isspace() or said[-1:].isspace() else ""
    return f' t="inlineStr"><is><t{kept}>{escape(said)}</t></is></c>'


def cut(text: str) -> str:
    """Return a text as far as a cell holds it."""
    if len(text) <= LONGEST_TEXT // 2:
        return text
    return text.encode("utf-16-le", "surrogatepass")[: 2 * LONGEST_TEXT].decode("utf-16-le", "ignore")


def _tall(height: float | None) -> str:
    pixels = DEFAULT_PIXELS if height is None else int(height * 4 / 3 + 0.5)
    return "" if pixels == DEFAULT_PIXELS else f' ht="{pixels * 0.75:.16g}" customHeight="1"'


def _cell(start: str, content: Content, text: Callable[[str], str]) -> str:
    """Return a cell; `start` is its tag with its place and its look."""
    if isinstance(content, str):
        return start + text(content)
    if content is None:
        return f"{start}/>"
    if isinstance(content, Formula):
        return _formula(start, content)
    if isinstance(content, bool):
        return f'{start} t="b"><v>{content:d}</v></c>'
    return f"{start}><v>{_number(content):.16G}</v></c>"


def _formula(start: str, content: Formula) -> str:
    kind, said = _result(content.value)
    return f"{start}{kind}><f>{escape(content.text)}</f><v>{escape(said)}</v></c>"


def _result(value: object) -> tuple[str, str]:
    """Return the type and the words of what a formula last came to; as XlsxWriter writes both."""
    if isinstance(value, bool):
        return ' t="b"', f"{value:d}"
    if isinstance(value, str):
        return "" if not value else ' t="e"' if value in _ERRORS else ' t="str"', value
    if isinstance(value, date):
        return "", str(serial(value))
    return "", "" if value is None else str(value)


@lru_cache(maxsize=64)
def _letters(count: int) -> tuple[str, ...]:
    return tuple(map(column_letter, range(1, count + 1)))


def _number(value: float | date) -> float:
    number = serial(value)
    if number is None or not math.isfinite(number):
        raise TypeError(f"no number that a cell can hold: {value!r}")
    return number
