"""So many of so many: what every rate of 汇总 and 成绩单 is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taizhang.values import percentage, rounded


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

    @property
    def told(self) -> str:
        """Return the rate as people read it, see `rate_told`."""
        return rate_told(self.rate)

    def __add__(self, other: Share) -> Share:
        return Share(self.reached + other.reached, self.of + other.of)


def rate_told(rate: float | None) -> str:
    """Return a rate in percent to one place, a dash where there is nothing to measure: that is no 0%."""
    return "—" if rate is None else percentage(rounded(rate, 3))
