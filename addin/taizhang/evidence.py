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

    @property
    def in_mail(self) -> bool:
        """Return whether the place is in a mail."""
        return any(folder.lower().endswith((".eml", ".msg")) for folder in self.folders)

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
    place: Place, senders: Sequence[Sender], named: Iterable[str], mailed_by: Iterable[str], latest: Mapping[str, str]
) -> tuple[str, str] | None:
    """Return the department and the batch that evidence belongs to, None where that is not clear.

    It belongs to the one department that its own name names, else to the one whose workbook is
    nearest around it in the same mail, else to the one whose mail it was, else to the one whose
    workbook is nearest around it. `latest` holds the newest batch of everybody who was sent anything.
    """
    inside = [around for around in place.around if around.in_mail]
    outside = [around for around in place.around if not around.in_mail]
    return _only(named, latest) or _nearest(inside, senders) or _only(mailed_by, latest) or _nearest(outside, senders)


def _nearest(places: Iterable[Place], senders: Sequence[Sender]) -> tuple[str, str] | None:
    around = next((one for one in places if any(one.holds(sender.place) for sender in senders)), None)
    return _beside(around, senders) if around else None


def _only(names: Iterable[str], latest: Mapping[str, str]) -> tuple[str, str] | None:
    known = [name for name in names if name in latest]
    return (known[0], latest[known[0]]) if len(known) == 1 else None


def _beside(place: Place, senders: Sequence[Sender]) -> tuple[str, str] | None:
    """Return the one department whose workbooks came in at a place, with the newest batch they answer."""
    found = {(one.department, one.batch) for one in senders if place.holds(one.place)}
    one_alone = len({department for department, _ in found}) == 1
    return max(found, key=lambda one: one[1]) if one_alone else None
