"""How differences get into an open workbook: the journal first, then the data, block by block, each read back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from taizhang import tables
from taizhang.books.base import Program, Rows
from taizhang.books.delta import GENERAL, TEXT_FORMAT, Delta, SheetDelta, blocks, content_at, formulas_on, tiles
from taizhang.books.package import Package
from taizhang.layout.office import NOTE_PLACE
from taizhang.layout.parts import Area, Formula, Sheet
from taizhang.places import Place
from taizhang.values import Value, serial

V = TypeVar("V")
_DAYS_TO_1904 = 1462
_TYPED = re.compile(r"[0-9０-９]|^[=+\-@'＝＋－＠#]|^(?:true|false)$", re.IGNORECASE)


class Carrier:
    """Writes differences into an open workbook, block by block."""

    def __init__(self, program: Program, after: Package, mark: str, notes: list[str]) -> None:
        self.program = program
        self.after = after
        self.names = program.sheet_names()
        self.mark = mark
        self.notes = notes

    def carry(self, delta: Delta, puts: Sequence[Sheet]) -> None:
        """Write everything: the journal before the data it tells of.

        进行中 stands there before the program goes quiet, until it is as before: whoever finds it wakes it.
        """
        journaled = tables.JOURNAL in self.names
        if journaled:
            self._note(self.mark)
        with self.program.quiet():
            self._carried(delta, puts)
        if journaled:
            content = content_at(self.after, tables.JOURNAL, NOTE_PLACE)
            self._note(None if isinstance(content, Formula) else content)

    def _carried(self, delta: Delta, puts: Sequence[Sheet]) -> None:
        sheets = sorted(delta.sheets, key=lambda one: one.sheet != tables.JOURNAL)
        with self.program.opened([one.sheet for one in sheets]):
            for number, one in enumerate(sheets):
                self.program.tell(f"营商台账：正在写入“{one.sheet}”（{number * 100 // (len(sheets) + len(puts))}%）")
                self._sheet(one)
            for number, sheet in enumerate(puts, len(sheets)):
                self.program.tell(f"营商台账：正在写入“{sheet.name}”（{number * 100 // (len(sheets) + len(puts))}%）")
                self._put(sheet)
            for name, text in delta.properties.items():
                self.program.set_property(name, text)

    def _note(self, text: Value) -> None:
        """Write what stands above 变更记录."""
        with self.program.opened([tables.JOURNAL]):
            self.program.write(tables.JOURNAL, NOTE_PLACE, [[text]])

    def _put(self, sheet: Sheet) -> None:
        known = sheet.name in self.names
        kept = self.program.put(sheet, _before(sheet.name, self.names))
        if kept:
            self.notes.append(
                f"“{sheet.name}”里您自己加的图（或别的表里引用它的图表）不能自动移到新表，旧表已改名为“{kept}”留下，请自行移过去。"
            )
        if not known or kept:
            self.names = self.program.sheet_names()
        if not known:
            return
        # The old sheet is gone, and formulas that pointed into it point nowhere now.
        for name, formulas in formulas_on(self.after, sheet.name).items():
            with self.program.opened([name]):
                self._formulas(name, formulas)

    def _sheet(self, delta: SheetDelta) -> None:
        if (delta.contents or delta.filtered) and self.program.unfiltered(delta.sheet):
            self.notes.append(f"“{delta.sheet}”的筛选已取消（写入前要显示全部行），需要时请重新筛选。")
        for dressing in delta.dressed:
            self.program.dress(delta.sheet, dressing.like, dressing.area)
        self._looks(delta)
        self._contents(delta)
        for height, area in _areas({(row, 1): height for row, height in delta.heights.items()}):
            self.program.set_height(delta.sheet, area.top, area.bottom, height)
        for place, text in delta.notes.items():
            self.program.set_note(delta.sheet, place, text)
        for column, colours in delta.colours.items():
            self.program.recolour(delta.sheet, column, dict(colours))
        if delta.printed:
            self.program.print_to(delta.sheet, delta.printed)
        if delta.filtered:
            self.program.filter_to(delta.sheet, delta.filtered)

    def _looks(self, delta: SheetDelta) -> None:
        formats, fills, locks = dict[Place, str](), dict[Place, str](), dict[Place, bool]()
        for place, look in delta.looks.items():
            former = delta.before[place]
            if look.format != former.format:
                formats[place] = look.format
            if look.fill != former.fill:
                fills[place] = look.fill
            if look.locked is not former.locked:
                locks[place] = look.locked
        for code, area in _areas(formats):
            self.program.set_format(delta.sheet, area, code)
        for colour, area in _areas(fills):
            self.program.set_fill(delta.sheet, area, colour)
        for locked_, area in _areas(locks):
            self.program.set_lock(delta.sheet, area, locked_)

    def _contents(self, delta: SheetDelta) -> None:
        """Write values as they are: text where it would be taken for something else goes into cells made `@` first."""
        formulas = {place: one for place, one in delta.contents.items() if isinstance(one, Formula)}
        values: dict[Place, Value] = {p: one for p, one in delta.contents.items() if not isinstance(one, Formula)}
        wrong = {
            place: TEXT_FORMAT if isinstance(value, str) else GENERAL
            for place, value in values.items()
            if _would_change(value, delta.formats.get(place, GENERAL))
        }
        for code, area in _areas(wrong):
            self.program.set_format(delta.sheet, area, code)
        for area, rows in tiles(values):
            self.program.write(delta.sheet, (area.top, area.left), rows)
            self._verify(delta.sheet, area, rows)
        self._formulas(delta.sheet, formulas)
        for code, area in _areas({place: delta.formats[place] for place in wrong}):
            self.program.set_format(delta.sheet, area, code)

    def _formulas(self, sheet: str, formulas: Mapping[Place, Formula]) -> None:
        for area, texts in tiles({place: f"={one.text}" for place, one in formulas.items()}):
            self.program.write_formulas(sheet, (area.top, area.left), texts)

    def _verify(self, sheet: str, area: Area, rows: Rows) -> None:
        """Read a block back; raise NotHeldError for a cell that does not hold what was written."""
        for row, (wanted, held) in enumerate(zip(rows, self.program.read(sheet, area), strict=True), area.top):
            for column, (one, other) in enumerate(zip(wanted, held, strict=True), area.left):
                if not _equal(one, other):
                    self._again(sheet, (row, column), one)

    def _again(self, sheet: str, place: Place, value: Value) -> None:
        """Write a text once more whose leading apostrophe was taken for the program's own sign of a text."""
        if isinstance(value, str) and value.startswith("'"):
            self.program.write(sheet, place, [[f"'{value}"]])
        if not _equal(value, self.program.read(sheet, Area(*place, *place))[0][0]):
            raise NotHeldError(f"{sheet} {place}: the cell does not take {value!r}")


class NotHeldError(RuntimeError):
    """A program that does not hold what it was given."""


def _would_change(value: Value, code: str) -> bool:
    """Return whether a program would take a value for something else in a cell of this number format."""
    if value is None:
        return False
    if isinstance(value, str):
        return code != TEXT_FORMAT and bool(_TYPED.search(value))
    return code == TEXT_FORMAT


def _areas(found: Mapping[Place, V]) -> Iterator[tuple[V, Area]]:
    """Yield every value with the areas whose cells have it."""
    places: dict[V, list[Place]] = {}
    for place, value in found.items():
        places.setdefault(value, []).append(place)
    for value, those in places.items():
        yield from ((value, area) for area in blocks(those))


def _before(name: str, names: Sequence[str]) -> str | None:
    """Return the tab after which a sheet belongs, see `graft`: after the nearest known one before it, else last."""
    rank = {one: n for n, one in enumerate(tables.ORDER)}
    own = rank.get(name, len(rank))
    known = [one for one in names if rank.get(one, len(rank)) < own]
    if own < len(rank) and known:
        return max(known, key=lambda one: rank[one])
    if own < len(rank):
        after = [n for n, one in enumerate(names) if rank.get(one, len(rank)) > own and one in rank]
        return names[after[0] - 1] if after and after[0] else (names[-1] if not after else None)
    return names[-1]


def _equal(wanted: Value, held: object) -> bool:
    """Return whether a cell holds what was written: numbers to Excel's fifteen digits, days by their number."""
    if wanted is None or wanted == "":
        return held is None or held == ""
    if isinstance(wanted, str):
        return isinstance(held, str) and _lines(held) == _lines(wanted)
    if isinstance(wanted, bool) or isinstance(held, bool):
        return wanted is held
    number = serial(wanted) or 0.0
    if isinstance(held, date):  # in a workbook that counts from 1904 the same day has another number
        return any(abs(number + shift - (serial(held) or 0.0)) < 1e-5 for shift in (0, _DAYS_TO_1904))
    if not isinstance(held, (int, float, Decimal)):
        return False
    return abs(number - float(held)) <= max(abs(number) * 1e-14, 5e-5 if isinstance(held, Decimal) else 0)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
