"""What a 完成时限 wording means: a day, a report interval, or nothing we dare to guess.

Source: `domain.md`, Deadline wording. The end of what is named counts; 前 follows a
point in time (6月底前, 9月15日前), never a bare period (9月前: before September or in it?).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from taizhang.values import SERIALS, Value, day, from_serial, is_blank, serial, squeezed


class Interval(Enum):
    """How often an ongoing task is reported."""

    TEN_DAYS = "旬"
    MONTH = "月"
    QUARTER = "季"
    HALF_YEAR = "半年"


@dataclass(frozen=True)
class Deadline:
    """A due date, or the report interval of an ongoing task; neither when not understood."""

    due: date | None = None
    interval: Interval | None = None

    @property
    def understood(self) -> bool:
        """Return whether the wording said anything."""
        return self.due is not None or self.interval is not None


UNKNOWN = Deadline()

ONGOING: Mapping[str, Interval] = {
    "持续推进": Interval.TEN_DAYS,
    "持续开展": Interval.TEN_DAYS,
    "长期坚持": Interval.TEN_DAYS,
    "常态化": Interval.TEN_DAYS,
    "常态化推进": Interval.TEN_DAYS,
    "长期": Interval.TEN_DAYS,
    "每旬": Interval.TEN_DAYS,
    "每月": Interval.MONTH,
    "每季度": Interval.QUARTER,
    "每半年": Interval.HALF_YEAR,
}

_QUARTERS = "一二三四"
_LAST_MONTHS = {"上": 6, "下": 12} | {
    written: 3 * n for n, name in enumerate(_QUARTERS, 1) for written in (name, str(n))
}
_THIRDS = {"上": 10, "中": 20, "下": None}  # None: the last day of the month

# The grammar. A year in full is 1900–2199, so that a slip of the pen is not a deadline.
_YEAR = r"(?:(?P<year>(?:19|2[01])[0-9]{2})年|(?P<next>明年))?"
_MONTH = r"(?P<month>[0-9]{1,2})月"
_UNIT = rf"(?:{_MONTH}(?:(?P<third>[上中下])旬|份(?![底末]))?|(?P<half>[上下])半年|第?(?P<quarter>[一二三四1-4])季度)"
_WHOLE_YEAR = r"(?:年|(?<=年))"  # 年底, 2021年年底 and 2021年底 alike
_DAY = r"(?P<day>[0-9]{1,2})"
_BEFORE, _DONE = "(?:前|之前|以前)?", "(?:完成)?"

_GRAMMAR = tuple(
    re.compile(form)
    for form in (
        rf"{_YEAR}{_MONTH}{_DAY}日{_BEFORE}{_DONE}",
        rf"(?P<year>(?:19|2[01])[0-9]{{2}})(?P<sep>[-/.])(?P<month>[0-9]{{1,2}})(?P=sep){_DAY}{_BEFORE}{_DONE}",
        rf"{_YEAR}(?:{_UNIT}|{_WHOLE_YEAR})[底末]{_BEFORE}{_DONE}",
        rf"{_YEAR}(?:{_UNIT}|{_WHOLE_YEAR}内|全年){_DONE}",
    )
)


def parse(value: Value, year: int) -> Deadline:
    """Return what a 完成时限 cell means, read with the ledger's 年度; UNKNOWN where it is not understood."""
    if not isinstance(value, str):
        return _on(_true_day(value))
    wording = squeezed(value)
    if wording in ONGOING:
        return Deadline(interval=ONGOING[wording])
    found = next(filter(None, (form.fullmatch(wording) for form in _GRAMMAR)), None)
    return _on(_last_day(found.groupdict(), year)) if found else UNKNOWN


def _on(due: date | None) -> Deadline:
    return Deadline(due) if due else UNKNOWN


def _true_day(value: Value) -> date | None:
    """Return the day of an Excel date: to a formula, dates and numbers of that size are the same."""
    number = serial(value)
    if number is None or not SERIALS.start <= number < SERIALS.stop:
        return None
    return day(value) or from_serial(number)


def _last_day(named: Mapping[str, str | None], year: int) -> date | None:
    """Return the last day of what the grammar's groups name, or None when there is no such day."""
    in_year = int(named.get("year") or year) + (1 if named.get("next") else 0)
    month, last = _last_month(named), _day_of_month(named)
    try:
        return date(in_year, month, monthrange(in_year, month)[1] if last is None else last)
    except ValueError:  # 13月底, 2月30日 (calendar's IllegalMonthError is one too)
        return None


def _last_month(named: Mapping[str, str | None]) -> int:
    """Return the month named, or the last one of the half year, quarter or year named."""
    month = named.get("month")
    return int(month) if month else _LAST_MONTHS.get(named.get("half") or named.get("quarter") or "", 12)


def _day_of_month(named: Mapping[str, str | None]) -> int | None:
    """Return the day named, or None for the last day of the month."""
    numeral = named.get("day")
    return int(numeral) if numeral else _THIRDS[named.get("third") or "下"]


_MONTH_ENDINGS = ("底", "底前", "底前完成", "末", "末前", "", "份")
_PERIOD_ENDINGS = ("", "末", "末前", "底", "底前")
_YEAR_WORDINGS = ("年底", "年底前", "年底前完成", "年末", "年末前", "年内", "全年")
_NAMED_YEAR_ENDINGS = ("年底", "年底前", "年年底", "年年底前", "年内")


def closed_wordings(year: int) -> tuple[tuple[str, Deadline], ...]:
    """Return the closed wordings staff are likely to use in `year`, each with what it means.

    Ongoing wordings come first, then the year and its parts, then month by month.
    Single days are not listed: there are 366 of them in several spellings.
    """
    return tuple((wording, parse(wording, year)) for wording in _likely(year))


def _likely(year: int) -> Iterator[str]:
    yield from ONGOING
    yield from _YEAR_WORDINGS
    yield from (named + ending for named in (f"{year}", f"{year + 1}", "明") for ending in _NAMED_YEAR_ENDINGS)
    yield from (half + ending for half in ("上半年", "下半年") for ending in _PERIOD_ENDINGS)
    quarters = (f"{first}{name}季度" for name in _QUARTERS for first in ("", "第"))
    yield from (quarter + ending for quarter in quarters for ending in _PERIOD_ENDINGS)
    yield from (wording for month in range(1, 13) for wording in _likely_in(year, f"{month}月"))


def _likely_in(year: int, month: str) -> Iterator[str]:
    yield from (month + ending for ending in _MONTH_ENDINGS)
    yield from (f"{month}{third}旬" for third in _THIRDS)
    yield from (f"{year}年{month}底{before}" for before in ("", "前"))


ANY_YEAR = 2020  # stands in where the year is not known; a leap year, for no wording may fail for want of a 29 February
_NEAR, _NEAR_SHORT = 60.0, 50.0  # likeness, of 100, worth a suggestion: 6月地 and 6月底 have 67, 年低 and 年底 50
_SUGGESTED = 2  # suggestions at most
_SHORT = 2  # characters: with so few, one wrong one weighs half
_NUMERALS = {name: str(n) for n, name in enumerate("一二三四五六七八九", 1)} | {"十": "10", "十一": "11", "十二": "12"}
_IN_NUMERALS = re.compile("(十[一二]?|[一二三四五六七八九])(?=月)")
_NO_SUCH_DAY = re.compile(r"(1[0-2]|[1-9])月\d{1,2}日.*")


def nearest(value: Value, year: int | None) -> tuple[str, ...]:
    """Return the understood wordings most like one that is not, the likest first: to suggest, never to put in.

    七月底 is 7月底 written otherwise; 2月30日 can only be about the end of February. A suggestion
    never changes a number: for 13月底 there is none.
    """
    from rapidfuzz import fuzz, process

    if not isinstance(value, str) or is_blank(value):
        return ()
    wording = _IN_NUMERALS.sub(lambda found: _NUMERALS[found[1]], squeezed(value))
    wording = wording.replace("号", "日")
    for said in (wording, _NO_SUCH_DAY.sub(r"\1月底", wording)):
        if parse(said, year or ANY_YEAR).understood:
            return (said,)
    numbers, near = _numbers(wording), _NEAR_SHORT if len(wording) <= _SHORT else _NEAR
    listed = [known for known, _ in closed_wordings(year or ANY_YEAR) if _numbers(known) == numbers]
    found = process.extract(wording, listed, scorer=fuzz.ratio, limit=_SUGGESTED, score_cutoff=near)
    return tuple(known for known, _, _ in found)


def _numbers(wording: str) -> list[str]:
    return re.findall(r"\d+", wording)


@dataclass(frozen=True)
class Dictionary:
    """The 字典 sheet: wordings exactly as written there, each with the deadline it stands for."""

    entries: Mapping[str, Deadline]
    _index: Mapping[str, Deadline] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Excel's MATCH ignores letter case and takes the first line that fits.
        index: dict[str, Deadline] = {}
        for wording, deadline in self.entries.items():
            index.setdefault(wording.lower(), deadline)
        object.__setattr__(self, "_index", index)

    def read(self, value: Value) -> Deadline:
        """Return what a cell means: its own day for a true date, else its line here, exactly as the cell holds it."""
        if isinstance(value, str):
            return self._index.get(value.lower(), UNKNOWN)
        return _on(_true_day(value))

    def completed(self, values: Iterable[Value], year: int) -> Dictionary:
        """Return the dictionary with every missing wording in use added; what is listed stays as it is."""
        entries = dict(self.entries)
        known = set(self._index)
        for value in values:
            if isinstance(value, str) and not is_blank(value) and value.lower() not in known:
                known.add(value.lower())
                entries[value] = parse(value, year)
        return Dictionary(entries) if len(entries) > len(self.entries) else self

    def for_year(self, year: int) -> Dictionary:
        """Return the dictionary for another 年度: lines that say what their wording means in the old year move on.

        The old year is the one most closed wordings agree with; what staff corrected stays.
        """
        old = self._year()
        if old is None or old == year:
            return self
        moved = {
            word: parse(word, year) for word, read in self.entries.items() if read.due and read == parse(word, old)
        }
        return Dictionary({**self.entries, **moved})

    def _year(self) -> int | None:
        """Return the year in which most closed wordings mean the day listed beside them."""
        dated = [(word, read) for word, read in self.entries.items() if word in _YEARLY and read.due]
        years = Counter(read.due.year for word, read in dated if read.due and read == parse(word, read.due.year))
        return max(years, key=lambda year: years[year], default=None)


_YEARLY = frozenset(word for word, read in closed_wordings(ANY_YEAR) if read.due)
