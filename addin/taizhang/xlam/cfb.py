"""A compound file, written: the container of `vbaProject.bin`. Source: MS-CFB, version 3.

Times and class ids are left zero, so the same streams make the same bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

SECTOR, MINI_SECTOR, MINI_LIMIT = 512, 64, 4096
FREE, END, FAT_SECTOR, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5
RED, BLACK = 0, 1

_SIGNATURE = bytes.fromhex("D0CF11E0A1B11AE1")
_HEADER_FATS = 109  # FAT sectors the header can name; more would need a DIFAT, which 6.8 MB never do
_PER_SECTOR = SECTOR // 4
_LONGEST_NAME = 31


@dataclass
class _Entry:
    """A directory entry: numbered in the order of the directory, filled in step by step (MS-CFB 2.6.1)."""

    name: str
    kind: int
    data: bytes = b""
    children: list[_Entry] = field(default_factory=list)
    number: int = 0
    colour: int = BLACK
    left: int = NONE
    right: int = NONE
    child: int = NONE
    start: int = 0

    def dump(self) -> bytes:
        name = self.name.encode("utf-16-le") + b"\0\0"
        return struct.pack(
            "<64sHBBIII16sI8s8sIQ",
            name,
            len(name),
            self.kind,
            self.colour,
            self.left,
            self.right,
            self.child,
            b"",
            0,
            b"",
            b"",
            self.start,
            len(self.data),
        )


def compound(streams: Mapping[str, bytes]) -> bytes:
    """Return the compound file that holds `streams`, by path: "VBA/dir" is the stream dir in the storage VBA."""
    root = _tree(streams)
    entries = list(_numbered(root))
    for entry in entries:
        entry.child = _linked(entry.children)
    mini, mini_fat = _mini(entries)
    root.data = mini

    fat: list[int] = []
    body = bytearray()
    directory_start = _add(body, fat, b"\0" * (-(-len(entries) // 4) * SECTOR))
    mini_fat_start = _add(body, fat, _packed(mini_fat))
    for entry in entries:
        if entry is root or (entry.kind == STREAM and len(entry.data) >= MINI_LIMIT):
            entry.start = _add(body, fat, entry.data)
    body[: len(entries) * 128] = b"".join(entry.dump() for entry in entries)
    for number in range(len(entries), -(-len(entries) // 4) * 4):
        body[number * 128 : number * 128 + 128] = struct.pack("<68sIII48s", b"", NONE, NONE, NONE, b"")

    fats = _fat_sectors(len(fat))
    fat_start = len(fat)
    table = _packed([*fat, *[FAT_SECTOR] * fats])
    header = _header(directory_start, mini_fat_start, len(mini_fat), range(fat_start, fat_start + fats))
    return header + bytes(body) + table


def _tree(streams: Mapping[str, bytes]) -> _Entry:
    root = _Entry("Root Entry", ROOT)
    storages = {"": root}

    def storage(path: str) -> _Entry:
        if path not in storages:
            above, _, name = path.rpartition("/")
            storages[path] = made = _Entry(_checked(name), STORAGE)
            storage(above).children.append(made)
        return storages[path]

    for path, data in streams.items():
        above, _, name = path.rpartition("/")
        storage(above).children.append(_Entry(_checked(name), STREAM, data))
    return root


def _checked(name: str) -> str:
    """Return a name that a directory can hold (MS-CFB 2.6.1); ASCII, so that upper case is the same everywhere."""
    if not name or len(name) > _LONGEST_NAME or not name.isascii() or set(name) & set("/\\:!"):
        raise ValueError(f"no name for a stream: {name!r}")
    return name


def _numbered(root: _Entry) -> Iterator[_Entry]:
    """Yield all entries, each numbered by its place; the root is the first."""
    waiting = [root]
    number = 0
    while waiting:
        entry = waiting.pop(0)
        entry.number = number
        number += 1
        entry.children.sort(key=_order)
        if len({_order(child) for child in entry.children}) != len(entry.children):
            raise ValueError(f"two children of {entry.name!r} have one name")
        waiting.extend(entry.children)
        yield entry


def _order(entry: _Entry) -> tuple[int, str]:
    """Return the key of siblings: shorter names first, then by upper case (MS-CFB 2.6.4)."""
    return len(entry.name), entry.name.upper()


def _linked(siblings: Sequence[_Entry]) -> int:
    """Link siblings as a red-black tree and return the number of its top (MS-CFB 2.6.4).

    Halving a sorted list fills every level but the last, so red on the last level alone keeps
    all black heights equal.
    """
    deepest = len(siblings).bit_length() - 1

    def top(low: int, high: int, depth: int) -> int:
        if low >= high:
            return NONE
        middle = (low + high) // 2
        entry = siblings[middle]
        entry.colour = RED if depth == deepest and depth else BLACK
        entry.left, entry.right = top(low, middle, depth + 1), top(middle + 1, high, depth + 1)
        return entry.number

    return top(0, len(siblings), 0)


def _mini(entries: Sequence[_Entry]) -> tuple[bytes, list[int]]:
    """Return the mini stream and its chain table; each small stream is told where it starts (MS-CFB 2.4)."""
    stream = bytearray()
    chains: list[int] = []
    for entry in entries:
        if entry.kind != STREAM or len(entry.data) >= MINI_LIMIT:
            continue
        entry.start = len(chains) if entry.data else END
        chains += _chain(len(chains), -(-len(entry.data) // MINI_SECTOR))
        stream += entry.data + b"\0" * (-len(entry.data) % MINI_SECTOR)
    return bytes(stream), chains


def _add(body: bytearray, fat: list[int], data: bytes) -> int:
    """Append data in sectors of its own; return where it starts."""
    start = len(fat)
    fat += _chain(start, -(-len(data) // SECTOR))
    body += data + b"\0" * (-len(data) % SECTOR)
    return start if data else END


def _chain(start: int, length: int) -> list[int]:
    return [*range(start + 1, start + length), END] if length else []


def _packed(table: Sequence[int]) -> bytes:
    full = [*table, *[FREE] * (-len(table) % _PER_SECTOR)]
    return struct.pack(f"<{len(full)}I", *full)


def _fat_sectors(sectors: int) -> int:
    """Return how many sectors the table needs that lists `sectors` and itself (MS-CFB 2.3)."""
    count = 0
    while count * _PER_SECTOR < sectors + count:
        count += 1
    if count > _HEADER_FATS:
        raise ValueError(f"{sectors} sectors are more than a compound file of this kind holds")
    return count


def _header(directory: int, mini_fat: int, mini_sectors: int, fats: range) -> bytes:
    """Return the header (MS-CFB 2.2)."""
    named = [*fats, *[FREE] * (_HEADER_FATS - len(fats))]
    return struct.pack(
        "<8s16sHHHHH6s9I109I",
        _SIGNATURE,
        b"",
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        b"",
        0,
        len(fats),
        directory,
        0,
        MINI_LIMIT,
        mini_fat,
        -(-mini_sectors // _PER_SECTOR),
        END,
        0,
        *named,
    )
