"""Reporting periods: the ten-day 旬 of a dispatch, and the longer intervals some tasks report in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from taizhang.deadlines import Interval
from taizhang.errors import LedgerError, Stop

PARTS = ("上旬", "中旬", "下旬")
_FIRST_DAYS = (1, 11, 21)
_LABEL = re.compile(r"(\d{4})-(\d{1,2})-(上旬|中旬|下旬)")
_MONTHS = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.HALF_YEAR: 6}


@dataclass(frozen=True, order=True)
class Period:
    """One 旬: year, month, and part 0, 1 or 2."""

    year: int
    month: int
    part: int

    @classmethod
    def holding(cls, day: date) -> Period:
        """Return the 旬 that `day` falls in."""
        return cls(day.year, day.month, min((day.day - 1) // 10, 2))

    @classmethod
    def parse(cls, text: str) -> Period:
        """Return the 旬 written as 2020-09-上旬; raise LedgerError for anything else."""
        found = _LABEL.fullmatch(text.strip())
        if not found or not 1 <= int(found[2]) <= 12:
            raise LedgerError(Stop.BAD_PERIOD, value=text)
        return cls(int(found[1]), int(found[2]), PARTS.index(found[3]))

    @property
    def label(self) -> str:
        """Return the sortable form used in files and JSON, 2020-09-上旬."""
        return f"{self.year}-{self.month:02d}-{PARTS[self.part]}"

    @property
    def title(self) -> str:
        """Return the form used in titles and file names, 2020年9月上旬."""
        return f"{self.year}年{self.month}月{PARTS[self.part]}"

    @property
    def first(self) -> date:
        """Return the first day of the period."""
        return date(self.year, self.month, _FIRST_DAYS[self.part])

    @property
    def last(self) -> date:
        """Return the last day of the period."""
        following = (self.first + timedelta(days=12 if self.part == 2 else 10)).replace(day=1)
        return following - timedelta(days=1) if self.part == 2 else self.first + timedelta(days=9)


def interval_start(day: date, interval: Interval) -> date:
    """Return the first day of the calendar 旬, 月, 季 or 半年 that holds `day`."""
    if interval is Interval.TEN_DAYS:
        return Period.holding(day).first
    months = _MONTHS[interval]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def previous_start(day: date, interval: Interval) -> date:
    """Return the first day of the interval before the one holding `day`."""
    return interval_start(interval_start(day, interval) - timedelta(days=1), interval)
