"""Task texts that share so much wording that one may repeat the other; and the word that may be meant by another."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from taizhang.values import squeezed

# Measured on the real notice: 58 and 61 share a sentence (84); the next, 20 and 22, have 65, then 48.
_ALIKE = 75.0
_COMPARED_FROM = 12  # characters; shorter texts must be equal
_NEAR = 50.0  # likeness, of 100, of a word worth a suggestion: 冲凸 and 冲突 have 50
_CLAUSES = re.compile(r"[，。；、：！？,.;:!?（）()“”\"]+")
_KEY = 6  # characters with which a clause begins or ends
_CROWD = 20  # texts after which a key is a turn of phrase and tells nothing


def alike(texts: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return for each text like an earlier one the pair of both, by position.

    Compared are texts that share half of their clauses' beginnings and ends (58 and 61 share 9
    of 12), so the search grows with the texts and not with their pairs.
    """
    plain = [squeezed(text) for text in texts]
    first: dict[str, int] = {}
    index = _Index()
    found: list[tuple[int, int]] = []
    for number, text in enumerate(plain):
        if text in first:
            found.append((first[text], number))
        elif len(text) >= _COMPARED_FROM:
            other = next((n for n in index.likely(text) if _share(plain[n], text)), None)
            if other is not None:
                found.append((other, number))
            index.add(text, number)
        if text:
            first.setdefault(text, number)
    return tuple(found)


def likest(word: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the known word most like one that is not, none where nothing is like it: to suggest, never to put in."""
    from rapidfuzz import fuzz, process

    found = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=_NEAR)
    return (found[0],) if found else ()


class _Index:
    """The longer texts seen so far, by how their clauses begin and end."""

    def __init__(self) -> None:
        self._behind: dict[str, list[int]] = defaultdict(list)
        self._sizes: dict[int, int] = {}

    def likely(self, text: str) -> list[int]:
        """Return the texts that share at least half of the fewer keys with `text`, the earliest first."""
        keys = set(_keys(text))
        crowds = (self._behind.get(key, ()) for key in keys)
        shared = Counter(number for crowd in crowds if len(crowd) < _CROWD for number in crowd)
        return sorted(n for n, count in shared.items() if 2 * count >= min(len(keys), self._sizes[n]))

    def add(self, text: str, number: int) -> None:
        """Remember a text."""
        keys = set(_keys(text))
        self._sizes[number] = len(keys)
        for key in keys:
            if len(self._behind[key]) < _CROWD:
                self._behind[key].append(number)


def _keys(text: str) -> Iterator[str]:
    for clause in _CLAUSES.split(text):
        if len(clause) >= _KEY:
            yield clause[:_KEY]
            yield clause[-_KEY:]


def _share(one: str, other: str) -> bool:
    from rapidfuzz import fuzz

    return fuzz.partial_ratio(one, other, score_cutoff=_ALIKE) > 0
