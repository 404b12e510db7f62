"""A spreadsheet program in memory: a workbook's bytes, edited the way Excel takes what it is given.

It stands where no program runs: in tests of the add-in, and as the written-down contract of
`base.Program`. Strings are taken as Excel takes them when they are assigned to a cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from taizhang import tables
from taizhang.books import looks
from taizhang.books.base import Rows
from taizhang.books.delta import TEXT_FORMAT, Looks, built_in_formats, content_at
from taizhang.books.marks import Palette
from taizhang.books.notes import write_note
from taizhang.books.package import STYLES_ORDER, Package, child, child_in_order, children, set_attribute, tag
from taizhang.books.render import scratch
from taizhang.books.structure import structures
from taizhang.layout.parts import Area, Formula, Sheet, State, Workbook
from taizhang.places import Place
from taizhang.values import Value, serial

_NUMBER = re.compile(r"[+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(%?)")
_IN_BRACKETS = re.compile(r"\((\d[\d,]*\.?\d*)\)")
_DAY = re.compile(r"(?:(\d{4})[-/.年])?(\d{1,2})[-/月](\d{1,2})日?")
_FULL_WIDTH = str.maketrans({chr(0xFF01 + n): chr(0x21 + n) for n in range(94)})


def taken(text: str, today: date = date(2020, 1, 1)) -> Value | Formula:
    """Return what Excel makes of a string assigned to a cell that is not formatted as text."""
    plain = text.strip().translate(_FULL_WIDTH)
    if text.startswith("'"):
        return text[1:]
    if plain[:1] == "=" and len(plain) > 1:
        return Formula(plain[1:])
    if plain.upper() in ("TRUE", "FALSE"):
        return plain.upper() == "TRUE"
    return _number(plain) if _number(plain) is not None else _day(plain, today) or text


def _number(text: str) -> float | None:
    bracketed, found = _IN_BRACKETS.fullmatch(text), _NUMBER.fullmatch(text)
    if bracketed:
        return -float(bracketed[1].replace(",", ""))
    if found is None:
        return None
    return float(text.rstrip("%").replace(",", "")) / (100 if found[1] else 1)


def _day(text: str, today: date) -> float | None:
    found = _DAY.fullmatch(text)
    try:
        return serial(date(int(found[1] or today.year), int(found[2]), int(found[3]))) if found else None
    except ValueError:
        return None


class MemoryProgram:
    """A program with one workbook open, all of it in memory.

    `answers` are what the user says to the questions to come, "yes" once they are used up;
    `calls` counts requests, and `before` is called ahead of every one that changes something.
    """

    def __init__(self, path: Path, data: bytes, *, answers: Sequence[bool] = ()) -> None:
        self.path: Path | None = path
        self.package = Package.load(data)
        self.answers = list(answers)
        self.told: list[str] = []
        self.bar: str | None = None
        self.front = ""
        self.awake = True
        self.calls = 0
        self.before: Callable[[], None] = lambda: None

    @property
    def name(self) -> str:
        """Return the workbook's name."""
        return self.path.name if self.path else "工作簿1"

    def refusal(self) -> tuple[str, str] | None:
        """Return nothing: memory can always be written."""
        return None

    def snapshot(self) -> bytes:
        """Return the workbook's bytes."""
        self.calls += 1
        return self.package.dump()

    def save(self) -> None:
        """Write the workbook to its file."""
        self._change()
        assert self.path is not None
        self.path.write_bytes(self.package.dump())

    def reopen(self, content: bytes) -> None:
        """Take `content` for the workbook, and for its file."""
        self._change()
        self.package = Package.load(content)
        if self.path is not None:
            self.path.write_bytes(content)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Be as before afterwards, unless the process dies meanwhile: then nobody is left to see to it."""
        before, self.awake = self.awake, False
        try:
            yield
        except Exception:
            self.awake = before
            raise
        else:
            self.awake = before
        finally:
            self.tell(None)

    def wake(self) -> None:
        """Be as before work was cut off."""
        self.awake = True

    @contextmanager
    def opened(self, sheets: Iterable[str]) -> Iterator[None]:
        """Do nothing: memory is not protected."""
        yield

    def unfiltered(self, sheet: str) -> bool:
        """Show the rows a filter holds back; return whether there were any."""
        self.calls += 1
        if not structures(self.package, [sheet])[sheet].filtered:
            return False
        self._change()
        root = self.package.parts.edit(self.package.part_of(sheet))
        for holder in [child(root, "autoFilter")]:
            for criterion in list(holder) if holder is not None else ():
                criterion.getparent().remove(criterion)  # type: ignore[union-attr]
        for row in root.iter("{*}row"):
            set_attribute(row, "hidden", None)
        return True

    def sheet_names(self) -> list[str]:
        """Return the names of all tabs."""
        self.calls += 1
        return self.package.sheet_names

    def value(self, sheet: str, place: Place) -> Value:
        """Return what one cell holds."""
        self.calls += 1
        if sheet not in self.package.sheet_names:
            return None
        content = content_at(self.package, sheet, place)
        return content.value if isinstance(content, Formula) else content

    def read(self, sheet: str, area: Area) -> Rows:
        """Return what an area holds."""
        self.calls += 1
        contents = (
            [content_at(self.package, sheet, (row, column)) for column in range(area.left, area.right + 1)]
            for row in range(area.top, area.bottom + 1)
        )
        return [[one.value if isinstance(one, Formula) else one for one in row] for row in contents]

    def write(self, sheet: str, place: Place, rows: Rows) -> None:
        """Write a block, each cell as Excel would take it; over filtered rows only the visible ones, and wrongly."""
        self._change()
        grid, first = self.package.grid(sheet), rows[0][0]
        filtered = structures(self.package, [sheet])[sheet].filtered
        hidden = {int(row.get("r", "0")) for row in grid.rows.values() if row.get("hidden") in ("1", "true")}
        cells: dict[Place, Value | Formula] = {}
        for row, values in enumerate(rows, place[0]):
            for column, value in enumerate(values, place[1]):
                if not filtered or row not in hidden:
                    cells[row, column] = self._taken(sheet, (row, column), first if filtered else value)
        self.package.set_cells(sheet, cells)

    def _taken(self, sheet: str, place: Place, value: Value) -> Value | Formula:
        text_cell = self._format(sheet, place) == TEXT_FORMAT
        if isinstance(value, str):
            return value if text_cell else taken(value)
        if text_cell and value is not None:
            return str(value).upper() if isinstance(value, bool) else f"{value:.15g}"
        return value

    def write_formulas(self, sheet: str, place: Place, rows: Sequence[Sequence[str]]) -> None:
        """Write a block of formulas; into cells formatted as text they go as text."""
        self._change()
        cells: dict[Place, Value | Formula] = {}
        for row, texts in enumerate(rows, place[0]):
            for column, text in enumerate(texts, place[1]):
                as_text = self._format(sheet, (row, column)) == TEXT_FORMAT
                cells[row, column] = text if as_text else Formula(text.removeprefix("="))
        self.package.set_cells(sheet, cells)

    def set_format(self, sheet: str, area: Area, code: str) -> None:
        """Give an area a number format."""
        number = self._format_number(code)
        self._restyle(sheet, area, lambda palette, style: palette.formatted(style, number))

    def set_fill(self, sheet: str, area: Area, colour: str) -> None:
        """Give an area a fill."""
        self._restyle(sheet, area, lambda palette, style: palette.coloured(style, colour))

    def set_lock(self, sheet: str, area: Area, locked: bool) -> None:
        """Lock or open an area's cells."""
        self._restyle(sheet, area, lambda palette, style: palette.locked(style, locked))

    def dress(self, sheet: str, like: int, area: Area) -> None:
        """Give rows the looks and the height of another."""
        self._change()
        grid = self.package.grid(sheet)
        self.package.parts.edit(self.package.part_of(sheet))
        for row in range(area.top, area.bottom + 1):
            grid.dress(row, like)

    def set_height(self, sheet: str, first: int, last: int, height: float) -> None:
        """Give rows a height."""
        self._change()
        grid = self.package.grid(sheet)
        self.package.parts.edit(self.package.part_of(sheet))
        for row in range(first, last + 1):
            grid.make(row, 1)
            grid.rows[row].set("ht", f"{height:g}")
            grid.rows[row].set("customHeight", "1")

    def set_note(self, sheet: str, place: Place, text: str | None) -> None:
        """Give a cell a note, or none."""
        self._change()
        write_note(self.package, sheet, place, text)

    def recolour(self, sheet: str, column: int, colours: dict[str, str]) -> None:
        """Give the conditional looks of a column their colours."""
        self._change()
        looks.recolour_rules(self.package, sheet, column, colours)

    def print_to(self, sheet: str, area: Area) -> None:
        """Give a sheet another print area."""
        self._change()
        looks.print_to(self.package, sheet, area)

    def filter_to(self, sheet: str, area: Area) -> None:
        """Give a sheet's filter another area."""
        self._change()
        looks.filter_to(self.package, sheet, area)

    def put(self, sheet: Sheet, after: str | None) -> str:
        """Put a rendered sheet in, with what staff have drawn on its namesake."""
        self._change()
        self.package.put_sheets(scratch(Workbook((replace(sheet, state=State.VISIBLE),))), tables.ORDER)
        entry = next(one for one in self.package.sheets() if one.get("name") == sheet.name)
        set_attribute(entry, "state", None if sheet.state is State.VISIBLE else sheet.state.value)
        return ""

    def set_property(self, name: str, value: str) -> None:
        """Set a custom document property."""
        self._change()
        self.package.set_properties({name: value})

    def show(self, sheet: str) -> None:
        """Bring a sheet to the front."""
        self.front = sheet

    def tell(self, text: str | None) -> None:
        """Show a text in the status bar."""
        self.bar = text

    def ask(self, text: str) -> bool:
        """Return the next answer."""
        self.told.append(text)
        return self.answers.pop(0) if self.answers else True

    def _change(self) -> None:
        self.before()
        self.calls += 1

    def _format(self, sheet: str, place: Place) -> str:
        return Looks(self.package)[self.package.grid(sheet).style(*place)].format

    def _format_number(self, code: str) -> int:
        """Return the number of a number format, added when it is new."""
        known = {text: number for number, text in built_in_formats().items()}
        if code in known:
            return known[code]
        holder = child_in_order(self.package.parts.edit(self.package.styles()), "numFmts", STYLES_ORDER)
        own = {one.get("formatCode", ""): int(one.get("numFmtId", "0")) for one in children(holder)}
        if code not in own:
            number = max([*own.values(), 163]) + 1
            holder.append(holder.makeelement(tag(holder, "numFmt"), {"numFmtId": str(number), "formatCode": code}))
            return number
        return own[code]

    def _restyle(self, sheet: str, area: Area, changed: Callable[[Palette, str | None], str]) -> None:
        self._change()
        grid, styles = self.package.grid(sheet), self.package.styles()
        self.package.parts.edit(self.package.part_of(sheet))
        palette = Palette(self.package.parts.edit(styles))
        for row in range(area.top, area.bottom + 1):
            for column in range(area.left, area.right + 1):
                grid.make(row, column).set("s", changed(palette, grid.style(row, column)))
