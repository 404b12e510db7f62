"""佐证: scans, photos and documents that came beside a workbook, and whose they are. Source: `merge.md`, Intake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

EVIDENCE = "佐证"


@dataclass(frozen=True)
class Place:
    """Where a file came in: which of what was handed in, and the folders and containers it was in, outermost first."""

    source: int
    folders: tuple[str, ...]

    @property
    def around(self) -> Iterator[Place]:
        """Yield the place itself, and every one around it."""
        for depth in range(len(self.folders), -1, -1):
            yield Place(self.source, self.folders[:depth])

    def holds(self, other: Place) -> bool:
        """Return whether another place is this one, or inside it."""
        return self.source == other.source and other.folders[: len(self.folders)] == self.folders


@dataclass(frozen=True)
class Sender:
    """Whose workbook came in somewhere, and which batch it answers."""

    place: Place
    department: str
    batch: str


def whose(
    place: Place, senders: Sequence[Sender], named: Iterable[str], latest: Mapping[str, str]
) -> tuple[str, str] | None:
    """Return the department and the batch that evidence belongs to, None where that is not clear.

    It belongs to the one department whose workbook came beside it, or nearest around it; else to
    the one its name names, if that was sent anything (`latest` holds everybody's newest batch).
    """
    for around in place.around:
        beside = {(one.department, one.batch) for one in senders if around.holds(one.place)}
        if len({department for department, _ in beside}) == 1:
            return max(beside, key=lambda one: one[1])
        if beside:
            break
    known = [name for name in named if name in latest]
    return (known[0], latest[known[0]]) if len(known) == 1 else None
