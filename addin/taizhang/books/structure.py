"""What an existing sheet has beside its values: formulas, what is hidden or merged, entry rules, its filter.

The sheet of a large ledger is 80 MB of XML, and ten times that as a tree. So its rows are
searched as bytes, once a parser without a tree has found them well-formed and plainly written,
and only the rest becomes a tree. A sheet written in an unusual way is read from its own tree:
slower, with the same result.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise
from typing import NoReturn, TypeAlias, TypeVar
from xml.parsers import expat

from taizhang.books.package import (
    LAST_COLUMN,
    LAST_ROW,
    Element,
    Package,
    PackageError,
    Parts,
    area,
    child,
    children,
    formula,
    local,
    parsed,
    tag,
)
from taizhang.layout.parts import Area, EntryRule, Structure
from taizhang.places import Place, column_letter, position, runs

T = TypeVar("T")
Run: TypeAlias = tuple[int, int]

_HIDDEN = ("1", "true")
_SPREADING = ("array", "dataTable")  # kinds of formulas that fill an area
_LONGEST_NAME = len("$XFD$1048576")


def structures(package: Package, sheets: Iterable[str] | None = None) -> dict[str, Structure]:
    """Return what worksheets have beside their values, by name: all of them, or those of `sheets` that exist.

    Chart and dialog sheets have none. Raise PackageError where a sheet is no well-formed XML.
    """
    parts = ((name, _worksheet(package, name)) for name in (package.sheet_names if sheets is None else sheets))
    return {name: _structure(package.parts, part) for name, part in parts if part is not None}


def _worksheet(package: Package, name: str) -> str | None:
    """Return the part of a worksheet, None for what is none: a chart sheet, or a name the workbook does not have."""
    try:
        return package.part_of(name)
    except PackageError:
        raise
    except ValueError:
        return None


def _structure(parts: Parts, part: str) -> Structure:
    found = scanned(parts.data(part))
    if found is None:
        root = parts.root(part)
        return _joined(root, walked(root))
    stored, rest = found
    return _joined(parsed(part, rest), stored)


@dataclass(frozen=True)
class Stored:
    """What the rows of a sheet say: where its formulas are, which rows are hidden, the last column that is stored."""

    formulas: frozenset[Place] = frozenset()
    hidden_rows: tuple[Run, ...] = ()
    last_column: int = 0


# --- what stands around the rows -------------------------------------------------------------------------------------


def _joined(root: Element, stored: Stored) -> Structure:
    """Return the structure of a sheet, from what its rows say and the tree of (at least) the rest."""
    found = child(root, "autoFilter")
    return Structure(
        formulas=stored.formulas,
        hidden_rows=stored.hidden_rows,
        hidden_columns=tuple(_hidden_columns(root, stored.last_column + 1)),
        merged=tuple(_areas(one.get("ref") for one in _entries(root, "mergeCells"))),
        rules=tuple(map(_entry_rule, root.iter("{*}dataValidation"))),  # those newer than the format are in extLst
        filter=None if found is None else _area(found.get("ref")),
        filtered=found is not None and _holds_back(found),
    )


def _entries(root: Element, name: str) -> Iterator[Element]:
    """Yield the entries of the lists called `name`: some programs write several."""
    return chain.from_iterable(map(children, root.iterchildren(tag(root, name))))


def _hidden_columns(root: Element, last: int) -> Iterator[Run]:
    """Yield the runs of hidden columns up to `last`: "the rest of the sheet" would be 16,384 columns."""
    hidden = (one for one in _entries(root, "cols") if one.get("hidden") in _HIDDEN)
    spans = ((_number(one.get("min")), _number(one.get("max"))) for one in hidden)
    return runs(n for first, end in spans if first and end for n in range(first, min(end, last) + 1))


def _entry_rule(rule: Element) -> EntryRule:
    """Return an entry rule: in extLst its area is an element, and its formula stands one level deeper."""
    where = rule.get("sqref") or _text(rule, "sqref")
    return EntryRule(rule.get("type", "none"), _text(rule, "formula1"), tuple(_areas(where.split())))


def _text(element: Element, name: str) -> str:
    """Return the text inside the first descendant called `name`, "" without one."""
    found = next(element.iter(f"{{*}}{name}"), None)
    return "" if found is None else "".join(map(str, found.itertext())).strip()


def _holds_back(found: Element) -> bool:
    """Return whether a filter has a condition; a column of it without one only hides its button."""
    return any(children(column) for column in children(found) if local(column) == "filterColumn")


def _areas(names: Iterable[str | None]) -> Iterator[Area]:
    return (one for one in map(_area, names) if one is not None)


def _area(name: str | None) -> Area | None:
    """Return the cells a reference names, whole columns (A:C) and rows (2:5) to the edge of the sheet."""
    first, _, last = (name or "").replace("$", "").partition(":")
    if max(len(first), len(last)) > _LONGEST_NAME:
        return None
    if first.isalpha() and last.isalpha():
        first, last = f"{first}1", f"{last}{LAST_ROW}"
    elif first.isdecimal() and last.isdecimal():
        first, last = f"A{first}", f"{column_letter(LAST_COLUMN)}{last}"
    return area(f"{first}:{last}")


def _number(text: str | None) -> int | None:
    """Return the number of a row or column, or None."""
    return int(text) or None if text and text.isdecimal() and len(text) <= _LONGEST_NAME else None


def _place(name: str | None) -> Place | None:
    """Return row and column of a cell's name, or None."""
    return position(name) if name and len(name) <= _LONGEST_NAME else None


# --- the rows as a tree ----------------------------------------------------------------------------------------------


def walked(root: Element) -> Stored:
    """Return what the rows of a sheet's tree say."""
    data = child(root, "sheetData")
    rows = [] if data is None else list(_numbered_rows(data))
    cells = [one for number, row in rows for one in _numbered_cells(row, number)]
    filled = _filled({row for (row, _), _ in cells}, (cell for _, cell in cells))
    formulas = (place for place, cell in cells if formula(cell) is not None or _within(place, filled))
    hidden = (number for number, row in rows if row.get("hidden") in _HIDDEN)
    last = max((column for (_, column), _ in cells), default=0)
    return Stored(frozenset(formulas), tuple(runs(hidden)), last)


def _numbered_rows(data: Element) -> Iterator[tuple[int, Element]]:
    """Yield rows with their numbers; one that does not say has its cells', or the next."""
    number = 0
    for row in data.iterchildren(tag(data, "row")):
        named = (place[0] for cell in row if (place := _place(cell.get("r"))))
        number = _number(row.get("r")) or next(named, number + 1)
        yield number, row


def _numbered_cells(row: Element, number: int) -> Iterator[tuple[Place, Element]]:
    """Yield the cells of a row with their places; one that does not say stands in the next column."""
    place = number, 0
    for cell in row.iterchildren(tag(row, "c")):
        place = _place(cell.get("r")) or (number, place[1] + 1)
        yield place, cell


def _filled(rows: Iterable[int], cells: Iterable[Element]) -> dict[int, list[Run]]:
    """Return for each of some rows the columns that formulas of other cells fill too."""
    found: dict[int, list[Run]] = defaultdict(list)
    stored = sorted(rows)
    for cell in cells:
        written = formula(cell)
        one = None if written is None else _spread(written.get("t"), written.get("ref"))
        if one:
            for row in stored[bisect_left(stored, one.top) : bisect_right(stored, one.bottom)]:
                found[row].append((one.left, one.right))
    return found


def _spread(kind: str | None, where: str | None) -> Area | None:
    """Return the area of several cells that a formula fills."""
    found = _area(where) if kind in _SPREADING else None
    return found if found and (found.top, found.left) != (found.bottom, found.right) else None


def _within(place: Place, filled: Mapping[int, Sequence[Run]]) -> bool:
    return any(left <= place[1] <= right for left, right in filled.get(place[0], ()))


# --- the rows as bytes -----------------------------------------------------------------------------------------------

# A start tag to its end; quoted values may hold > and /.
_TO_END = rb"""(?=[\s/>])[^<>"']*+(?:(?:"[^"]*+"|'[^']*+')[^<>"']*+)*+>"""
_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml[^<>]*>)?\s*<(?:([^\s:/<>]+):)?worksheet(?=[\s/>])")
_ATTRIBUTE = re.compile(rb"""([^\s=<>"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_USUAL_NAME = rb"""(?: r="([A-Z]{1,3})([1-9][0-9]{0,6})")?"""  # where Excel and most programs write it


class _Odd(Exception):  # noqa: N818  it is no fault of the file
    """What only a tree can tell for certain."""


@dataclass(frozen=True)
class _Tags:
    """The start tags of a sheet's elements, as it writes them: their names may have a prefix."""

    data: re.Pattern[bytes]
    row: re.Pattern[bytes]
    cell: re.Pattern[bytes]
    formula: re.Pattern[bytes]
    prefix: bytes

    @property
    def cell_start(self) -> bytes:
        """Return how the start tag of a cell begins, as do those of rich text, such as <color>."""
        return b"<" + self.prefix + b"c"


@cache
def _tags(prefix: bytes) -> _Tags:
    names = (b"sheetData", b"row", b"c" + _USUAL_NAME, b"f")
    data, row, cell, formula = (re.compile(b"<" + re.escape(prefix) + name + _TO_END) for name in names)
    return _Tags(data, row, cell, formula, prefix)


def scanned(data: bytes) -> tuple[Stored, bytes] | None:
    """Return what the rows of a sheet say, and the sheet without them; None where only its tree can tell."""
    try:
        tags = _tags_in(data)
        start, end = _body(data, tags)
        _check_plain(data, start, end)
        stored = _stored(data, tags, start, end)
    except _Odd:
        return None
    return stored, data[:start] + data[end:]


def _tags_in(data: bytes) -> _Tags:
    """Return how a sheet writes its tags, by its root, which must come first: before a DOCTYPE, and not in UTF-16."""
    root = _ROOT.match(data)
    if root is None:
        raise _Odd
    return _tags(root[1] + b":" if root[1] else b"")


def _body(data: bytes, tags: _Tags) -> Run:
    """Return where the rows of a sheet begin and end in its bytes."""
    found = tags.data.search(data)
    end = data.rfind(b"</" + tags.prefix + b"sheetData")
    if found is None or end < found.end():
        raise _Odd
    return found.end(), end


def _check_plain(data: bytes, start: int, end: int) -> None:
    """Raise _Odd for XML that a search for tags could misread, and for what is none.

    Without comments, CDATA and instructions every < begins a tag. While no namespace has two
    prefixes, and the rows between `start` and `end` declare none, a name is written in one way.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    spaces: list[str | None] = []

    def declared(_prefix: str | None, space: str | None) -> None:
        if parser.CurrentByteIndex < end:
            if parser.CurrentByteIndex >= start or space in spaces:
                raise _Odd
            spaces.append(space)

    parser.StartNamespaceDeclHandler = declared
    parser.XmlDeclHandler = _check_encoding
    parser.CommentHandler = parser.ProcessingInstructionHandler = parser.StartCdataSectionHandler = _refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError) as fault:  # ValueError: an encoding expat does not know
        raise _Odd from fault


def _refuse(*_: object) -> NoReturn:
    raise _Odd


def _check_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding and encoding.casefold() not in ("utf-8", "us-ascii"):
        raise _Odd


def _stored(data: bytes, tags: _Tags, start: int, end: int) -> Stored:
    """Return what the rows between two positions say."""
    hidden, last = [], 0
    for row, begin, stop in _rows(data, tags, start, end):
        if b"hidden" in row and _attribute(row, b"hidden") in _HIDDEN:
            hidden.append(_certain(_number(_attribute(row, b"r"))))
        last = max(last, _last_column(data, tags, begin, stop))
    return Stored(frozenset(_formulas(data, tags, start, end)), tuple(runs(hidden)), last)


def _rows(data: bytes, tags: _Tags, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the start tag of every row, and where its cells begin and end."""
    starts = ((row[0], row.start(), row.end()) for row in tags.row.finditer(data, start, end))
    for (row, _, begin), (_, stop, _) in pairwise(chain(starts, [(b"", end, end)])):
        yield row, begin, stop


def _last_column(data: bytes, tags: _Tags, begin: int, stop: int) -> int:
    """Return the column of the last cell of a row, 0 without one: cells stand in order."""
    at = data.rfind(tags.cell_start, begin, stop)
    while at >= 0:
        found = tags.cell.match(data, at, stop)
        if found:
            return _place_of(found)[1]
        at = data.rfind(tags.cell_start, begin, at)
    return 0


def _formulas(data: bytes, tags: _Tags, start: int, end: int) -> Iterator[Place]:
    """Yield the places of the cells that hold a formula."""
    name = tags.cell_start
    for found in tags.formula.finditer(data, start, end):
        if b"ref" in found[0] and _spread(_attribute(found[0], b"t"), _attribute(found[0], b"ref")):
            raise _Odd  # which of the cells it fills are stored, the tree knows
        at = data.rfind(name, start, found.start())
        cell = tags.cell.match(data, at, found.start()) if at >= 0 else None
        if cell is None or cell[0].endswith(b"/>") or data[cell.end() : found.start()].strip():
            raise _Odd  # something stands between a cell and its formula
        yield _place_of(cell)


def _place_of(cell: re.Match[bytes]) -> Place:
    """Return the place of a cell, which must say it."""
    if cell[1]:
        return int(cell[2]), _column(cell[1])
    return _certain(_place(_attribute(cell[0], b"r")))


def _attribute(tag: bytes, name: bytes) -> str | None:
    """Return an attribute of a start tag, or None."""
    found = {key: one or other for key, one, other in _ATTRIBUTE.findall(tag)}.get(name)
    if found and b"&" in found:
        raise _Odd
    return None if found is None else found.decode()


@cache
def _column(letters: bytes) -> int:
    return _certain(position(f"{letters.decode()}1"))[1]


def _certain(found: T | None) -> T:
    """Return what was found; without it only the neighbours could tell."""
    if found is None:
        raise _Odd
    return found
