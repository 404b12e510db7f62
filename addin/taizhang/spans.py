"""Long lists in short words: a cell holds 32,767 characters, a file may bring thousands of tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

_TO, _NEXT, _TIMES = "~", "、", "*"
_NUMBERED = re.compile(r"(.*?)(\d+)")


def packed(codes: Sequence[str]) -> str:
    """Return codes as one text, runs of neighbours by their ends: RW2020-001~RW2020-083、RW2020-085."""
    return _NEXT.join(first if first == last else f"{first}{_TO}{last}" for first, last in _runs(codes))


def unpacked(text: str) -> tuple[str, ...]:
    """Return the codes `packed` wrote; ValueError for a run that is none."""
    return tuple(code for part in text.split(_NEXT) if part for code in _run(part))


def packed_counts(counts: Sequence[int]) -> str:
    """Return numbers as one text, repeated ones by how often: 20*3 19 20."""
    groups = ((number, len(list(group))) for number, group in groupby(counts))
    return " ".join(f"{number}{_TIMES}{times}" if times > 1 else str(number) for number, times in groups)


def unpacked_counts(text: str) -> tuple[int, ...]:
    """Return the numbers `packed_counts` wrote."""
    parts = (part.partition(_TIMES) for part in text.split())
    return tuple(int(number) for number, _, times in parts for _ in range(int(times or 1)))


def _runs(codes: Sequence[str]) -> Iterator[tuple[str, str]]:
    first = last = ""
    for code in codes:
        if last and code == _following(last):
            last = code
            continue
        if last:
            yield first, last
        first = last = code
    if last:
        yield first, last


def _following(code: str) -> str | None:
    """Return the code that comes next, written as wide; None where there is no next."""
    found = _NUMBERED.fullmatch(code)
    return f"{found[1]}{int(found[2]) + 1:0{len(found[2])}d}" if found and _TO not in code else None


def _run(part: str) -> Iterator[str]:
    first, to, last = part.partition(_TO)
    yield first
    code: str | None = first
    while to and code != last:
        code = _following(code) if code else None
        if code is None or len(code) > len(last):
            raise ValueError(f"{part}: no run of codes")
        yield code
