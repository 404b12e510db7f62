"""Where cells are, in Excel's words: columns by letter, cells as C5, runs of rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TypeAlias

Place: TypeAlias = tuple[int, int]  # row and column, counted from 1

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")


@cache  # a sheet has 16,384 columns at most
def column_letter(number: int) -> str:
    """Return Excel's letters for a column number: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def reference(row: int, column: int) -> str:
    """Return the name of a cell: C5."""
    return f"{column_letter(column)}{row}"


def position(name: str | None) -> Place | None:
    """Return row and column of a cell name, or None for what is no cell name."""
    found = _REFERENCE.fullmatch(name or "")
    if not found:
        return None
    return int(found[2]), _column(found[1])


@cache
def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the unbroken runs of some numbers, first and last of each, in order."""
    first = last = None
    for number in sorted(set(numbers)):
        if first is None or last is None:
            first = last = number
        elif number == last + 1:
            last = number
        else:
            yield first, last
            first = last = number
    if first is not None and last is not None:
        yield first, last
