"""Who a cell names: 单位名录, the names in a cell, and what is doubtful about them.

Source: `domain.md`, Departments. Matching goes through the directory alone; likeness only
ever makes a suggestion.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypedDict, TypeVar, Unpack

from taizhang.findings import Code, Finding, asked
from taizhang.values import Value, shown, squeezed

T = TypeVar("T")

# A piece is a run without separators; a closed bracket keeps its content together.
_PIECES = re.compile(r"(?:[（(][^（()）]*[）)]|[^、，,；;/／\r\n])+")
_INNER_OFFICE = re.compile(r"(?:[（(][^（()）]*[）)])+$")
_AND_OTHERS = re.compile(r"(?<=.)等(?:各?(?:有关|相关|其他)?(?:单位|部门))?$")
_EVERYONE = re.compile(r"(?:(?:全区|区直)?(?:各|所有)(?:有关|相关|成员|责任|职能)*|有关|相关)(?:单位|部门)")

_NEAR = 70.0  # likeness, of 100, from which an unknown name gets a suggestion
_ALIKE = 85.0  # likeness from which two listed names are doubted: 区税务局 and 区商务局 have 75
_SUGGESTED = 2  # suggestions at most
_BRACKETS = str.maketrans("()", "（）")


@dataclass(frozen=True)
class Department:
    """One line of 单位名录."""

    name: str
    aliases: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


@dataclass(frozen=True)
class Directory:
    """单位名录: who exists, and under which other names."""

    departments: tuple[Department, ...]
    _known: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _read: dict[str, tuple[_Piece, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)
    _named: dict[str, Named] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", _index(self.departments))

    @property
    def names(self) -> tuple[str, ...]:
        """Return the canonical names, in the directory's order."""
        return tuple(department.name for department in self.departments)

    def canonical(self, name: str) -> str | None:
        """Return whom `name` means, with or without an inner office in brackets; None if nobody or not one alone."""
        return self._one(name) or self._one(_INNER_OFFICE.sub("", _key(name)))

    def lists(self, name: str) -> bool:
        """Return whether `name` stands in the directory just so, brackets included."""
        return self._one(name) is not None

    def near(self, name: str) -> tuple[str, ...]:
        """Return the canonical names most like an unknown one, the likest first: to suggest, never to replace."""
        written = _INNER_OFFICE.sub("", _key(name))
        scores: dict[str, float] = {}
        for known, names in self._known.items():
            scores |= {found: max(_likeness(written, known), scores.get(found, 0)) for found in names}
        near = (found for found in scores if scores[found] >= _NEAR)
        return tuple(sorted(near, key=lambda found: -scores[found])[:_SUGGESTED])

    def _one(self, name: str) -> str | None:
        found = self._known.get(_key(name), ())
        return found[0] if len(found) == 1 else None


def _key(name: str) -> str:
    return squeezed(name).translate(_BRACKETS)


def _index(departments: Iterable[Department]) -> dict[str, tuple[str, ...]]:
    """Return whom each squeezed spelling may mean: a name its own department, an alias all who claim it."""
    listed = tuple(departments)
    claims = [(_key(alias), one.name) for one in listed for alias in one.aliases if _key(alias)]
    index = {alias: _once(name for claimed, name in claims if claimed == alias) for alias, _ in claims}
    return index | {_key(one.name): (one.name,) for one in listed if _key(one.name)}


def _likeness(one: str, other: str) -> float:
    """Return how like two names are, 0 to 100; an abbreviation (发改局 of 发展改革局) counts as fully like."""
    from rapidfuzz import fuzz
    from rapidfuzz.distance import LCSseq

    short, long = sorted((_bare(one), _bare(other)), key=len)
    if len(short) > 2 and LCSseq.similarity(short, long) == len(short):
        return 100.0
    return fuzz.ratio(one, other)


# --- the names in a cell ---


@dataclass(frozen=True)
class Named:
    """What a cell of names says: whom it names in full, what it leaves open, and whom it names more than once.

    `unknown` holds names as written, `inner` pairs of (as written, canonical).
    """

    names: tuple[str, ...] = ()
    everyone: bool = False
    others: bool = False
    unknown: tuple[str, ...] = ()
    inner: tuple[tuple[str, str], ...] = ()
    twice: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Piece:
    """One name as written, what of it is a name, and whom it means."""

    written: str
    name: str
    canonical: str | None = None
    inner: bool = False

    @property
    def everyone(self) -> bool:
        return self.canonical is None and _EVERYONE.fullmatch(self.written) is not None

    @property
    def others(self) -> bool:
        return self.name != self.written

    @property
    def unknown(self) -> bool:
        return self.canonical is None and not self.everyone


def split_names(text: str) -> tuple[str, ...]:
    """Return the pieces of a cell of names as written, trimmed, empty ones left out."""
    return tuple(piece for piece in map(squeezed, _PIECES.findall(text)) if piece)


def read_names(value: Value, directory: Directory) -> Named:
    """Return whom a cell names, in its order and without doubles; the same words are understood once."""
    text = shown(value)
    found = directory._named.get(text)
    if found is None:
        found = directory._named[text] = _understood(_pieces(text, directory))
    return found


def _understood(pieces: Sequence[_Piece]) -> Named:
    return Named(
        names=_once(piece.canonical for piece in pieces if piece.canonical),
        everyone=any(piece.everyone for piece in pieces),
        others=any(piece.others for piece in pieces),
        unknown=_once(piece.name for piece in pieces if piece.unknown),
        inner=_once((piece.name, piece.canonical) for piece in pieces if piece.inner and piece.canonical),
        twice=_twice(pieces),
    )


def _twice(pieces: Iterable[_Piece]) -> tuple[str, ...]:
    """Return whom a cell names more than once; two inner offices of one department are two."""
    times = Counter(piece.canonical for piece in pieces if piece.canonical and not piece.inner)
    return tuple(name for name, count in times.items() if count > 1)


def _pieces(value: Value, directory: Directory) -> tuple[_Piece, ...]:
    """Return the names in a cell; the same cell is read once, for a ledger repeats its leads."""
    text = shown(value)
    found = directory._read.get(text)
    if found is None:
        found = directory._read[text] = tuple(_piece(written, directory) for written in split_names(text))
    return found


def _piece(written: str, directory: Directory) -> _Piece:
    listed = directory.lists(written) or _EVERYONE.fullmatch(written)
    name = written if listed else _AND_OTHERS.sub("", written)
    canonical = directory.canonical(name)
    return _Piece(written, name, canonical, canonical is not None and not directory.lists(name))


def _once(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))


# --- findings ---


class Place(TypedDict, total=False):
    """Where a cell is: the place fields of a `Finding`."""

    sheet: str
    cell: str
    no: Value
    task: str
    column: str


def findings_of(value: Value, directory: Directory, **place: Unpack[Place]) -> Iterator[Finding]:
    """Yield what is doubtful about one cell of names, in the cell's order."""
    for piece in dict.fromkeys(_pieces(value, directory)):
        if piece.everyone:
            yield Finding(Code.EVERYONE, value=piece.written, **place)
        if piece.unknown:
            yield Finding(Code.NAME_UNKNOWN, value=piece.name, suggestion=asked(directory.near(piece.name)), **place)
        if piece.inner:
            yield Finding(Code.INNER_OFFICE, value=piece.name, facts={"other": piece.canonical}, **place)
        if piece.others:
            yield Finding(Code.AND_OTHERS, value=piece.written, **place)


def aliases_in(text: str, directory: Directory) -> tuple[tuple[str, ...], str]:
    """Return the aliases a cell uses, and the cell with each put in full; separators and additions stay.

    An alias beside its own full name is left: one of the two has to go, which a clerk decides.
    """
    found: list[str] = []
    pieces = _pieces(text, directory)
    if all(piece.canonical in (None, piece.name) for piece in pieces):
        return (), text
    twice = _twice(pieces)

    def in_full(piece: re.Match[str]) -> str:
        read = _piece(squeezed(piece[0]), directory)
        if (
            not read.canonical
            or read.canonical in twice
            or read.canonical == read.name
            or not directory.lists(read.name)
        ):
            return piece[0]
        found.append(read.name)
        return read.written.replace(read.name, read.canonical, 1)

    wanted = _PIECES.sub(in_full, text)
    return _once(found), wanted


def names_alike(directory: Directory) -> tuple[tuple[str, str], ...]:
    """Return the pairs of listed names that may be one department under two names."""
    pairs = combinations(dict.fromkeys(directory.names), 2)
    return tuple((one, other) for one, other in pairs if _likeness(squeezed(one), squeezed(other)) >= _ALIKE)


def findings_alike(directory: Directory, **place: Unpack[Place]) -> Iterator[Finding]:
    """Yield a reminder for every pair of near-duplicate names in the directory."""
    for one, other in names_alike(directory):
        yield Finding(Code.NAMES_ALIKE, value=other, facts={"other": one}, **place)


# --- a directory from the names in use ---

_LOCAL = re.compile(r"区委?(?P<bare>(?!委|域).{2,})")
_OFFICE = re.compile(r"(?!省|市(?!场|政|容)|县|镇|国家)[^区]*(?:局|办|院|委|联|会|队|中心)")


def _bare(name: str) -> str:
    """Return `name` without its leading 区 or 区委: what cells write after the first name."""
    local = _LOCAL.fullmatch(name)
    return local["bare"] if local else name


def propose(cells: Iterable[str]) -> Directory:
    """Return 单位名录 as the names in use suggest it, in order of first appearance.

    After the first name of a cell the leading 区 is dropped (区行政服务中心、住建局), so a
    bare name is an alias of the 区 or 区委 name it belongs to.
    """
    nobody = Directory(())
    used = [tuple(_named_outright(piece) for piece in _pieces(cell, nobody) if not piece.everyone) for cell in cells]
    full = _in_full(used)
    order = dict.fromkeys(full.get(name, name) for cell in used for name in cell)
    return Directory(tuple(Department(name, _aliases(name)) for name in order))


def _named_outright(piece: _Piece) -> str:
    return _INNER_OFFICE.sub("", piece.name)


def _aliases(name: str) -> tuple[str, ...]:
    bare = _bare(name)
    return (bare,) if bare != name else ()


def _in_full(used: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Return the 区 name of every bare name that has one, said outright somewhere or implied."""
    cells = tuple(used)
    names = _once(name for cell in cells for name in cell)
    implied = {name: f"区{name}" for name in names if _implied(name, names, cells)}
    return implied | {_bare(name): name for name in names if _bare(name) != name}


def _implied(name: str, names: Iterable[str], cells: Iterable[tuple[str, ...]]) -> bool:
    """Return whether a bare name stands for a 区 name although it is nowhere said in full.

    It must look like an office, never open a cell, follow a 区 name somewhere, and not begin
    with what another bare name holds: 泉州 in 泉州医保分局 and 泉州海关 is a place.
    """
    if not _OFFICE.fullmatch(name):
        return False
    opens = any(cell[0] == name for cell in cells if cell)
    follows = any(_bare(cell[0]) != cell[0] for cell in cells if name in cell)
    shares = any(name[:2] in other for other in names if other != name and _bare(other) == other)
    return follows and not opens and not shares
