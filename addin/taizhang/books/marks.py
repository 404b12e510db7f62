"""Faults shown in their cells: a fill no palette offers, and a note that says what is wrong.

A cell is known to be marked by its fill alone, whichever program saved the file since. A
cell its user coloured keeps his colour, and gets the note.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from copy import deepcopy

from lxml import etree

from taizhang.books import notes
from taizhang.books.package import (
    LAST_COLUMN,
    LAST_ROW,
    Element,
    Grid,
    Package,
    Pool,
    child,
    children,
    set_attribute,
    space,
    tag,
)
from taizhang.layout.parts import Mark
from taizhang.places import Place
from taizhang.styles import DERIVED_FILL, MARKS, STYLES

OURS = frozenset(STYLES[name].fill for name in MARKS)
NONE = ""

_EMPTY, _GRAY = '<patternFill patternType="none"/>', '<patternFill patternType="gray125"/>'
_SOLID = '<patternFill patternType="solid"><fgColor rgb="FF{}"/><bgColor indexed="64"/></patternFill>'
_RGB = re.compile("(?:[0-9A-Fa-f]{2})?([0-9A-Fa-f]{6})")  # what is before the colour says how opaque: nobody heeds it


def mark(package: Package, sheet: str, marks: Mapping[Place, Mark], own_fill: Callable[[Place], str]) -> None:
    """Give the cells of `marks` their fills and notes, and every other cell of the sheet its own fill again.

    `own_fill` returns the fill the program itself gave a cell, as #RRGGBB, "" for none; a cell in any other
    is its user's and keeps it. Raises ValueError, with nothing changed, for a place outside the sheet.
    """
    outside = [place for place in marks if not (1 <= place[0] <= LAST_ROW and 1 <= place[1] <= LAST_COLUMN)]
    if outside:
        raise ValueError(f"{outside[0]}: outside the sheet")
    notes.set_notes(package, sheet, {place: one.lines for place, one in marks.items()})
    styles = package.related("styles")
    if marks or (styles and styles.target in package.parts):  # without a stylesheet nothing is marked
        _colour(package, sheet, {place: STYLES[one.look].fill for place, one in marks.items()}, own_fill)


def _colour(package: Package, sheet: str, fills: Mapping[Place, str], own_fill: Callable[[Place], str]) -> None:
    """Recolour the cells that are to change; parts in which nothing changes keep their bytes."""
    grid, styles = package.grid(sheet), package.styles()
    palette = Palette(package.parts.root(styles))
    cleared = {place: own_fill(place) for place in _ours(grid, palette)}
    wanted = {
        place: fill for place, fill in fills.items() if palette.colour(grid.style(*place)) in _free(place, own_fill)
    }
    restyled = {
        place: palette.coloured(style, fill.upper())
        for place, fill in sorted({**cleared, **wanted}.items())
        if palette.colour(style := grid.style(*place)) != fill.upper()
    }
    _restyle(package, sheet, restyled)
    if palette.grown:
        package.parts.edit(styles)


def _free(place: Place, own_fill: Callable[[Place], str]) -> frozenset[str]:
    """Return the fills a cell may have without having been coloured by its user."""
    return OURS | {NONE, own_fill(place).upper()}


def _restyle(package: Package, sheet: str, styles: Mapping[Place, str]) -> None:
    """Give cells their styles; those that are not stored are made."""
    if not styles:
        return
    package.parts.edit(package.part_of(sheet))
    grid = package.grid(sheet)
    made = [place for place in styles if grid.cell(*place) is None]
    for place, style in styles.items():
        grid.make(*place).set("s", style)
    if made:
        grid.widen(made)


def _ours(grid: Grid, palette: Palette) -> Iterator[Place]:
    """Yield the cells in one of our fills; only rows that have such a cell are looked at closely."""
    ours = palette.styles_in(OURS)
    name = tag(grid.data, "c")
    for number, row in grid.rows.items() if ours else ():
        if any(cell.get("s", "0") in ours for cell in row.iterchildren(name)):
            found = grid.cells(number).items()
            yield from ((number, column) for column, cell in found if cell.get("s", "0") in ours)


class Palette:
    """The cell looks of a stylesheet by their fills."""

    def __init__(self, root: Element) -> None:
        self._fills, self._looks = Pool(root, "fills"), Pool(root, "cellXfs")
        colours = [colour_of(one) for one in self._fills.entries]
        self._numbers = {colour: n for n, colour in reversed([*enumerate(colours)])}
        shown = {str(n): colour for n, colour in enumerate(colours)}
        looks = enumerate(self._looks.entries)
        self._colours = {str(n): shown.get(one.get("fillId", "0"), NONE) for n, one in looks}
        self._made: dict[tuple[str, str], str] = {}
        self._codes = {one.get("numFmtId", ""): one.get("formatCode", "") for one in root.iter("{*}numFmt")}

    @property
    def grown(self) -> bool:
        """Return whether the stylesheet has entries it did not have."""
        return self._fills.grown or self._looks.grown

    def colour(self, style: str | None) -> str | None:
        """Return the fill a cell of this style shows: #RRGGBB, "" for none, None for what only a user makes."""
        return self._colours.get(style or "0", NONE)

    def styles_in(self, colours: Set[str]) -> frozenset[str]:
        """Return the styles whose fill is one of these."""
        return frozenset(style for style, colour in self._colours.items() if colour in colours)

    def relocked(self, style: str, locked: bool, colour: str) -> str:
        """Return a style that differs from `style` by its lock, and by its fill too where its user chose none."""
        look = deepcopy(self._look(style))
        _lock(look, locked)
        if self.colour(style) in (NONE, DERIVED_FILL.upper()):
            look.set("fillId", str(self._number(colour)))
            set_attribute(look, "applyFill", "1" if colour else None)
        return str(self._looks.number(look))

    def locked(self, style: str | None, locked: bool) -> str:
        """Return a style that differs from `style` by its lock alone."""
        look = deepcopy(self._look(style or "0"))
        _lock(look, locked)
        return str(self._looks.number(look))

    def formatted(self, style: str | None, number: int) -> str:
        """Return a style that differs from `style` by the number of its number format alone."""
        look = deepcopy(self._look(style or "0"))
        look.set("numFmtId", str(number))
        look.set("applyNumberFormat", "1")
        return str(self._looks.number(look))

    def is_share(self, style: str | None) -> bool:
        """Return whether a style shows numbers as percentages."""
        number = self._look(style or "0").get("numFmtId", "0")
        return number in ("9", "10") or "%" in self._codes.get(number, "")

    @property
    def open_styles(self) -> frozenset[str]:
        """Return the styles whose cells are not locked."""
        return frozenset(str(n) for n, one in enumerate(self._looks.entries) if _is_open(one))

    def coloured(self, style: str | None, colour: str) -> str:
        """Return a style that differs from `style` by its fill alone, added where there is none."""
        key = (style or "0", colour)
        if key not in self._made:
            look = deepcopy(self._look(key[0]))
            number = self._number(colour)
            look.set("fillId", str(number))
            set_attribute(look, "applyFill", "1" if number else None)
            self._made[key] = str(self._looks.number(look))
        return self._made[key]

    def _look(self, style: str) -> Element:
        """Return the look of a style; a stylesheet without any gets one."""
        entries, container = self._looks.entries, self._looks.container
        if not entries:
            self._looks.number(container.makeelement(tag(container, "xf"), {"xfId": "0"}))
        number = int(style) if style.isascii() and style.isdigit() else 0
        return entries[number if number < len(entries) else 0]

    def _number(self, colour: str) -> int:
        """Return the number of a fill; the first two are not free, whatever they are said to be."""
        if colour not in self._numbers:
            for first in (_EMPTY, _GRAY)[len(self._fills.entries) :]:
                self._fills.number(self._fill(first))
            self._numbers[colour] = self._fills.number(self._fill(_SOLID.format(colour[1:]) if colour else _EMPTY))
        return self._numbers[colour]

    def _fill(self, pattern: str) -> Element:
        return etree.fromstring(f'<fill xmlns="{space(self._fills.container)}">{pattern}</fill>')


def _lock(look: Element, locked: bool) -> None:
    protection = child(look, "protection")
    if protection is None:
        protection = look.makeelement(tag(look, "protection"))
        look.append(protection)
    protection.set("locked", "1" if locked else "0")
    look.set("applyProtection", "1")


def _is_open(look: Element) -> bool:
    protection = child(look, "protection")
    return protection is not None and protection.get("locked") in ("0", "false")


def colour_of(fill: Element) -> str | None:
    """Return the colour of a plain fill as #RRGGBB, "" for none; None for patterns, gradients and theme colours."""
    pattern = child(fill, "patternFill")
    if pattern is None:
        return None if children(fill) else NONE
    colour = child(pattern, "fgColor")
    if pattern.get("patternType", "none") == "none":
        return NONE
    if pattern.get("patternType") != "solid" or colour is None or colour.get("tint", "0") != "0":
        return None
    found = _RGB.fullmatch(colour.get("rgb", ""))
    return f"#{found[1].upper()}" if found else None
