"""What an edit changed in a workbook's bytes, as plain data: cells, looks, notes, properties.

An open workbook is brought up to date with it, so that an act does the same there as in a closed
file. Only what `package`, `looks`, `marks` and `notes` change is looked for; sheets that were
rendered anew are put in whole, see `live`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from taizhang.books.looks import filtered, printed
from taizhang.books.marks import colour_of
from taizhang.books.notes import notes_of
from taizhang.books.package import Element, Grid, Package, area, child, children, local, tag, unescaped
from taizhang.layout.parts import Area, Content, Formula
from taizhang.places import Place, reference, runs
from taizhang.values import Value

T = TypeVar("T")
TEXT_FORMAT, GENERAL = "@", "General"


@dataclass(frozen=True)
class Look:
    """What an edit may change of a cell's look: its number format, its fill (#RRGGBB or ""), its lock."""

    format: str
    fill: str
    locked: bool


@dataclass(frozen=True)
class Dressing:
    """New rows and the row above them whose looks and height they have."""

    like: int
    area: Area


@dataclass(frozen=True)
class SheetDelta:
    """What changed on one sheet.

    `contents` are all cells that hold something else now, None for blank ones, and `formats` the
    number format of each; `looks` are the cells whose look changed.
    """

    sheet: str
    dressed: tuple[Dressing, ...]
    contents: Mapping[Place, Content]
    formats: Mapping[Place, str]
    looks: Mapping[Place, Look]
    before: Mapping[Place, Look]
    heights: Mapping[int, float]
    notes: Mapping[Place, str | None]
    colours: Mapping[int, Mapping[str, str]]
    printed: Area | None = None
    filtered: Area | None = None

    def __bool__(self) -> bool:
        """Return whether anything changed."""
        looks = self.dressed or self.looks or self.heights or self.colours
        return bool(looks or self.contents or self.notes or self.printed or self.filtered)


@dataclass(frozen=True)
class Delta:
    """What changed in a workbook, its sheets in the order of the tabs, and its custom properties."""

    sheets: tuple[SheetDelta, ...]
    properties: Mapping[str, str]


def difference(old: Package, new: Package, put: Collection[str] = ()) -> Delta:
    """Return what makes `old` into `new`, apart from the sheets of `put`; sheets only one of them has are not told."""
    looks = Looks(old), Looks(new)
    names = [name for name in old.sheet_names if name not in put and name in new.sheet_names]
    found = (_sheet(name, old, new, looks) for name in names if _is_worksheet(new, name))
    known = old.properties()
    properties = {name: text for name, text in new.properties().items() if known.get(name) != text}
    return Delta(tuple(one for one in found if one), properties)


def content_at(package: Package, sheet: str, place: Place) -> Content:
    """Return what a cell holds, days as their serial numbers."""
    return content_in(package, package.grid(sheet).cell(*place))


def content_in(package: Package, cell: Element | None) -> Content:
    """Return what a stored cell of a package holds, days as their serial numbers; nothing where there is none."""
    return None if cell is None else _content(cell, package)


def formulas_on(package: Package, sheet: str) -> dict[str, dict[Place, Formula]]:
    """Return the formulas of other sheets that name a sheet, sheet by sheet."""
    found: dict[str, dict[Place, Formula]] = {}
    for name in package.sheet_names:
        if name == sheet or not _is_worksheet(package, name):
            continue
        if sheet.encode() not in package.parts.data(package.part_of(name)):
            continue
        for place, text in _formulas(package.grid(name)):
            if f"{sheet}!" in text.replace("'!", "!"):
                found.setdefault(name, {})[place] = Formula(text)
    return found


def _formulas(grid: Grid) -> Iterator[tuple[Place, str]]:
    """Yield the formulas of single cells, those filled down, which only the first of a group spells out, included."""
    masters: dict[str | None, tuple[Place, str]] = {}
    for row in sorted(grid.rows):
        for column, cell in sorted(grid.cells(row).items()):
            formula = child(cell, "f")
            if formula is None or formula.get("t") == "array":
                continue
            place, text, group = (row, column), formula.text, formula.get("si")
            if text and group is not None:
                masters[group] = place, text
            elif group in masters:
                text = _moved(*masters[group], place)
            if text:
                yield place, text


def _moved(origin: Place, text: str, place: Place) -> str:
    """Return a formula as it reads in another cell it was filled into."""
    from openpyxl.formula.translate import Translator

    moved: str = Translator(f"={text}", reference(*origin)).translate_formula(reference(*place))
    return moved.removeprefix("=")


def blocks(places: Iterable[Place]) -> list[Area]:
    """Return places as few rectangles: whole runs of rows, side by side where columns have the same."""
    rows: dict[int, list[int]] = {}
    for row, column in places:
        rows.setdefault(column, []).append(row)
    spans: dict[tuple[int, int], list[int]] = {}
    for column in sorted(rows):
        for first, last in runs(rows[column]):
            spans.setdefault((first, last), []).append(column)
    found = (
        Area(top, left, bottom, right) for (top, bottom), columns in spans.items() for left, right in runs(columns)
    )
    return sorted(found, key=lambda one: (one.top, one.left))


def tiles(cells: Mapping[Place, T]) -> Iterator[tuple[Area, list[list[T]]]]:
    """Yield what cells hold as few rectangles, each with its rows."""
    for tile in blocks(cells):
        columns = range(tile.left, tile.right + 1)
        yield tile, [[cells[row, column] for column in columns] for row in range(tile.top, tile.bottom + 1)]


def built_in_formats() -> Mapping[int, str]:
    """Return the number formats every workbook has, by their numbers."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    formats: dict[int, str] = BUILTIN_FORMATS
    return formats


class Looks:
    """The looks of a workbook by style."""

    def __init__(self, package: Package) -> None:
        root = package.parts.root(package.styles())
        formats, fills = child(root, "numFmts"), child(root, "fills")
        own = {one.get("numFmtId", ""): one.get("formatCode", "") for one in _entries(formats)}
        self._formats = own
        self._fills = [colour_of(one) or "" for one in _entries(fills)]
        self._xfs = _entries(child(root, "cellXfs"))
        self._made: dict[str, Look] = {}

    def __getitem__(self, style: str | None) -> Look:
        name = style or "0"
        if name not in self._made:
            number = int(name)
            self._made[name] = self._look(self._xfs[number]) if number < len(self._xfs) else Look(GENERAL, "", True)
        return self._made[name]

    def _look(self, xf: Element) -> Look:
        fill, protection = int(xf.get("fillId", "0")), child(xf, "protection")
        locked = protection is None or protection.get("locked", "1") not in ("0", "false")
        colour = self._fills[fill] if fill < len(self._fills) else ""
        return Look(self._format(xf.get("numFmtId", "0")), colour, locked)

    def _format(self, number: str) -> str:
        return self._formats.get(number) or built_in_formats().get(int(number), GENERAL)


def _entries(container: Element | None) -> list[Element]:
    return [] if container is None else children(container)


def _is_worksheet(package: Package, name: str) -> bool:
    try:
        return package.part_of(name) in package.parts
    except ValueError:
        return False


def _sheet(name: str, old: Package, new: Package, looks: tuple[Looks, Looks]) -> SheetDelta | None:
    notes = _notes(old, new, name)
    before, after = old.parts.data(old.part_of(name)), new.parts.data(new.part_of(name))
    wanted = printed(new, name)
    print_area = wanted if wanted != printed(old, name) else None
    if before == after:
        return SheetDelta(name, (), {}, {}, {}, {}, {}, notes, {}, print_area) if notes or print_area else None
    was, now = old.grid(name), new.grid(name)
    dressed = tuple(_dressings(was, now))
    like = {row: one.like for one in dressed for row in range(one.area.top, one.area.bottom + 1)}
    contents, formats, changed, past = (dict[Place, Content](), dict[Place, str](), dict[Place, Look](), {})
    for row in now.rows:
        held = was.cells(row)
        for column, cell in now.cells(row).items():
            place, look = (row, column), looks[1][cell.get("s")]
            if _held(cell) != _held(held.get(column)):
                contents[place], formats[place] = _content(cell, new), look.format
            former = looks[0][was.style(like.get(row, row), column)]
            if look != former:
                changed[place], past[place] = look, former
    contents |= {(row, column): None for row in was.rows for column in was.cells(row) if column not in now.cells(row)}
    colours, heights = _colours(old, new, name), dict(_heights(was, now, like))
    reach = filtered(new, name)
    filter_area = reach if reach != filtered(old, name) else None
    return SheetDelta(name, dressed, contents, formats, changed, past, heights, notes, colours, print_area, filter_area)


def _held(cell: Element | None) -> tuple[object, ...]:
    """Return what a cell holds; a formula counts, the value it last had does not."""
    if cell is None:
        return ()
    formula = child(cell, "f")
    if formula is not None:
        return ("f", formula.text, formula.get("t"), formula.get("si"), formula.get("ref"))
    value, inline = child(cell, "v"), child(cell, "is")
    if inline is not None:
        return ("is", _inline(inline))
    if value is None or not value.text:
        return ()
    kind = cell.get("t", "n")
    return (kind, float(value.text) if kind == "n" else value.text)


def _inline(element: Element) -> str:
    return "".join(unescaped(one.text or "") for one in element.iter(tag(element, "t")))


def _content(cell: Element, package: Package) -> Content:
    """Return what a cell holds, days as their serial numbers."""
    formula, value, kind = child(cell, "f"), child(cell, "v"), cell.get("t", "n")
    if formula is not None:
        return Formula((formula.text or "").removeprefix("="))
    inline = child(cell, "is")
    if inline is not None:
        return _inline(inline) or None
    return None if value is None or not value.text else _value(kind, value.text, package)


def _value(kind: str, text: str, package: Package) -> Value:
    if kind == "s":
        strings = package.related("sharedStrings")
        assert strings is not None
        return _inline(children(package.parts.root(strings.target))[int(text)])
    if kind == "b":
        return text == "1"
    if kind == "n":
        number = float(text)
        return int(number) if number.is_integer() else number
    return unescaped(text)


def _dressings(was: Grid, now: Grid) -> Iterator[Dressing]:
    """Yield the runs of new rows that look much like the row above them, which was there before.

    What differs all the same is told cell by cell.
    """
    run: list[int] = []
    for row in sorted(now.rows):
        if was.cells(row) or not now.cells(row) or not _dressed_alike(now, row):
            continue
        if run and row == run[-1] + 1:
            run.append(row)
        elif was.cells(row - 1):
            if run:
                yield _dressing(now, run)
            run = [row]
    if run:
        yield _dressing(now, run)


def _dressing(now: Grid, rows: list[int]) -> Dressing:
    columns = now.cells(rows[0])
    return Dressing(rows[0] - 1, Area(rows[0], min(columns), rows[-1], max(columns)))


def _dressed_alike(grid: Grid, row: int) -> bool:
    """Return whether a row has the columns of the row above it, and half its looks at least."""
    own, above = ({column: cell.get("s") for column, cell in grid.cells(n).items()} for n in (row, row - 1))
    return own.keys() == above.keys() and 2 * sum(own[column] == above[column] for column in own) >= len(own)


def _heights(was: Grid, now: Grid, like: Mapping[int, int]) -> Iterator[tuple[int, float]]:
    for number, row in now.rows.items():
        former, height = was.rows.get(like.get(number, number)), row.get("ht")
        if height and former is not None and former.get("ht") != height:
            yield number, float(height)


def _notes(old: Package, new: Package, name: str) -> dict[Place, str | None]:
    """Return every cell whose note says something else now; None for one that has none any more."""
    was, now = notes_of(old, name), notes_of(new, name)
    return {place: now.get(place) for place in {*was, *now} if was.get(place) != now.get(place)}


def _colours(old: Package, new: Package, name: str) -> dict[int, dict[str, str]]:
    """Return the conditional looks of single columns whose colours changed, by the formula of each."""
    was, found = dict(_rules(old, name)), dict[int, dict[str, str]]()
    for (column, formula), colour in _rules(new, name):
        if was.get((column, formula)) != colour:
            found.setdefault(column, {})[formula] = colour
    return found


def _rules(package: Package, name: str) -> Iterator[tuple[tuple[int, str], str]]:
    dxfs = _entries(child(package.parts.root(package.styles()), "dxfs"))
    for block in package.parts.root(package.part_of(name)).iter("{*}conditionalFormatting"):
        where = area(block.get("sqref"))
        if where is not None and where.left == where.right:
            for rule in block.iter("{*}cfRule"):
                text = "".join(one.text or "" for one in children(rule) if local(one) == "formula")
                number = int(rule.get("dxfId", "-1"))
                if 0 <= number < len(dxfs):
                    fills = (one.get("rgb", "")[-6:].upper() for one in dxfs[number].iter("{*}bgColor"))
                    yield (where.left, text), f"#{next(fills, '')}"
