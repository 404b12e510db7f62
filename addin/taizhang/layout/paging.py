"""Rows laid down page by page: where each page ends, and a table's header again at the top of the next.

Excel honours breaks for certain only where the scale is said, so that is computed from the widths.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from taizhang.layout.common import Row, value_of
from taizhang.layout.parts import MARGINS, PAPERS, Area, Cell, Content, Page, Sheet
from taizhang.styles import STYLES, row_height
from taizhang.values import Value

_ROOM = 0.94  # of a page is used: programs differ in how tall and wide they draw
_CANVAS_ROW = 18.0  # points: what charts stand on
_MOST, _LEAST = 120, 25  # per cent


@dataclass(frozen=True)
class Part:
    """A cell that may reach over several columns."""

    content: Content = None
    style: str = "text"
    columns: int = 1
    fill: str = ""


@dataclass
class Pages:
    """Rows of a sheet, with the areas joined, their heights and the pages they come to stand on.

    The first `repeated` rows stand at the top of every page.
    """

    widths: Mapping[int, float]
    paper: str
    landscape: bool = False
    repeated: int = 0
    rows: list[Row] = field(default_factory=list)
    merged: list[Area] = field(default_factory=list)
    heights: dict[int, float] = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)
    _used: float = 0.0

    @property
    def next(self) -> int:
        """Return the number of the next row."""
        return len(self.rows) + 1

    @property
    def scale(self) -> int:
        """Return the per cent at which the widths fit the paper."""
        return max(_LEAST, min(_MOST, math.floor(100 * _ROOM * self._paper[0] / (self._pixels * 0.75))))

    @property
    def page(self) -> Page:
        """Return how the sheet prints."""
        area = Area(1, 1, max(len(self.rows), 1), len(self.widths))
        titles = (1, self.repeated) if self.repeated else None
        return Page(self.paper, self.landscape, titles, area=area, scale=self.scale, row_breaks=tuple(self.breaks))

    @property
    def wide(self) -> int:
        """Return how wide the rows are, in pixels: as wide as a chart may be."""
        return self._pixels - 4

    @property
    def _pixels(self) -> int:
        return sum(int(width * 7 + 0.5) + 5 for width in self.widths.values())

    def sheet(self, name: str, tab: str) -> Sheet:
        """Return everything laid down as a sheet, with the colour of its tab."""
        rows, merged = tuple(self.rows), tuple(self.merged)
        return Sheet(name, rows, self.widths, self.heights, merged=merged, page=self.page, tab=tab)

    def add(self, *parts: Part | None, height: float | None = None, least: float = 20) -> int:
        """Lay down a row and return its number; one that does not fit the page begins the next."""
        row: list[Cell | None] = []
        tall = height or row_height(self._sized(parts), least)
        self.keep(tall)
        number = self.next
        for part in parts:
            if part is None:
                row.append(None)
                continue
            if part.columns > 1:
                self.merged.append(Area(number, len(row) + 1, number, len(row) + part.columns))
            row += [
                Cell(part.content, part.style, part.fill),
                *(Cell(None, part.style) for _ in range(part.columns - 1)),
            ]
        self.rows.append(tuple(row))
        self.heights[number] = tall
        self._used += tall
        return number

    def keep(self, points: float) -> bool:
        """Begin a new page unless so much fits on this one; return whether one was begun."""
        if self._used + points <= self._capacity or self._used <= self._top:
            return False
        self.new_page()
        return True

    def new_page(self) -> None:
        """Begin a new page, unless nothing stands on this one."""
        if self._used > self._top and len(self.rows) > self.repeated:
            self.breaks.append(self.next)
            self._used = self._top

    def canvas(self, points: float) -> tuple[int, float]:
        """Leave room for a chart; return its first row and how high it is in points."""
        rows = max(1, round(points / _CANVAS_ROW))
        self.keep(rows * _CANVAS_ROW)
        first = self.next
        for _ in range(rows):
            self.add(height=_CANVAS_ROW)
        return first, rows * _CANVAS_ROW

    def table(
        self, head: Sequence[Part], rows: Iterable[Sequence[Part]], least: float = 20, together: int = 1
    ) -> list[Area]:
        """Lay down a table, its header again on every page; return the areas of its records, the headers left out.

        The first `together` records stand on one page where one holds them.
        """
        width = sum(part.columns for part in head)
        found: list[Area] = []
        sized = [(row, row_height(self._sized(row), least)) for row in rows]
        self.keep(row_height(self._sized(head), 24) + sum(tall for _, tall in sized[:together]))
        top = self.add(*head, least=24) + 1
        for row, tall in sized:
            if self.keep(tall):
                found.append(Area(top, 1, self.next - 1, width))
                top = self.add(*head, least=24) + 1
            self.add(*row, height=tall)
        return [*found, Area(top, 1, self.next - 1, width)]

    def _sized(self, parts: Iterable[Part | None]) -> Iterator[tuple[Value, float]]:
        """Yield the contents that wrap, each with how wide its cells are."""
        place = 1
        for part in (one or Part() for one in parts):
            if STYLES[part.style].wrap:
                yield value_of(part.content), sum(self.widths[place + n] for n in range(part.columns))
            place += part.columns

    @property
    def _top(self) -> float:
        """Return how much of every page its repeated rows take."""
        return sum(self.heights.get(row, 0) for row in range(1, self.repeated + 1)) if self.breaks else 0.0

    @property
    def _paper(self) -> tuple[float, float]:
        """Return the width and height in points that can be printed on."""
        short, long = PAPERS[self.paper]
        wide, high = (long, short) if self.landscape else (short, long)
        left, right, top, bottom = (72 * inches for inches in MARGINS)
        return wide - left - right, high - top - bottom

    @property
    def _capacity(self) -> float:
        """Return how many points of rows fit a page at its scale."""
        return _ROOM * self._paper[1] * 100 / self.scale
