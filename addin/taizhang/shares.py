"""So many of so many: what every rate of 汇总 and 成绩单 is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """So many of so many; of nothing there is no rate."""

    reached: float
    of: int

    @classmethod
    def counted(cls, found: Sequence[bool]) -> Share:
        """Return how many of some answers are yes."""
        return cls(sum(found), len(found))

    @property
    def rate(self) -> float | None:
        """Return the rate, from 0 to 1, None where there is nothing to measure."""
        return self.reached / self.of if self.of else None

    def __add__(self, other: Share) -> Share:
        return Share(self.reached + other.reached, self.of + other.of)
