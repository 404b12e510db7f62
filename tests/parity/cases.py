"""The tasks that stand at every edge of the rules, drawn as tables, and the days that matter.

A line of a grid is one task; ` / ` in a cell makes one task for each alternative, and several such cells make
all their combinations. What a cell may say:

    _            blank
    T  T-1  T+30 the as-of date, the day before, thirty days after; `T 14:30` is a time on that day
    C  L  P      first and last day of the interval that holds T, first day of the interval before (旬 unless
                 the wording is reported 每月, 每季度 or 每半年); P-1, C-1, L+1 beside them
    2020-06-30   that day; 2020-06-30 14:30 a time on it
    S-0.2        the share of time that has passed, less 20 points
    0.8          a number
    '9月'        text, where a date or number belongs; \\n is a line break
    !            an error, such as a deleted reference leaves behind
    1 & 0.8      the first and the second lead's cell of a joint task
    else         a deadline's wording
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import as_file, files
from itertools import product

from taizhang import notice
from taizhang.actions import directory_for, ledger_of
from taizhang.books.sources import read_notice
from taizhang.columns import BY_KEY, DEPARTMENT
from taizhang.deadlines import Deadline, Dictionary, Interval, parse
from taizhang.ledger import Cells, Ledger, ReportKey, Task
from taizhang.periods import Period, interval_start, previous_start
from taizhang.settings import Settings
from taizhang.values import Value, is_blank, serial

ERROR = "#DIV/0!"  # what every reader of ours makes of an error cell
LEADS = ("区发改局", "区财政局")
START = date(2020, 1, 1)
COLUMNS = ("deadline", "extended_to", "percent", "done_on", "reported_on", "returned_on", "closed_on", "cancelled_on")

GRID = """
deadline | extended_to | percent | done_on | reported_on | returned_on | closed_on | cancelled_on

# Not understood, blank, and what VLOOKUP takes for wildcards
_ / 9月前 / 13月底 / 2月30日 / 6月底? / 6月? / 6* / * / ? / ~ / ~* / 6月底~ / =1+1 | _ / T-1 / T / '9月底'
5 / 0 / -1 / 19999 / 19999.5 / 80000 | _ / T
'5' / '44012' / 近期尽快 | _ / T

# Wordings as people type them
6月底 / ６月底 / '6月 底' / '6月\\n底' / ' 6月底 ' / '６ 月　底前' / 6月底前完成 / 上半年 / 第二季度末 / 9月上旬 / 年内
'2020-06-30' / '2020/6/30' / 2020年6月30日前 / 明年6月底 / 2021年底 / q2 / Q2 / １２月底

# Corrected by staff in 字典 (see CORRECTED)
国庆节前 / 3月底前 / 每周 / 两样都填 / '6月??' / '两*' / 'abc' / 'ABC' | _ / T / T+40 | _ | _ | _ / P / P-1

# True dates, with and without a time of day
T-1 / T / T+1 / T+30 / T+31 / T-1 23:59 / T 00:01 / T+30 14:30 / T+31 14:30 | _ / '长期'
2020-06-30 / 2020-06-30 08:00 / 44012 / 44012.75 / 20000 / 79999.5 | _ / T

# 延期至 before and after the due date, on ongoing tasks too
6月底 / 持续推进 | T-1 / T / T+1 / T+30 / T+31 / T-1 12:00 / T 12:00 / T+30 12:00 / T+31 12:00 / '2020-12-31' / 44012 / 0
2020-07-31 | 2020-06-30 / 2020-07-31 / 2020-10-31 | _ / 0.5 / 1

# 完成率, far from and close to the line below which a task is 滞后
年底 | _ | _ / 0 / 0.5 / 0.8 / 0.999999 / 1 / 1.5 / -0.1 / '100%' / '1' / '已完成'
T+100 / T+31 / T+31 06:00 | _ | S / S-0.2 / S-0.199 / S-0.201 / S-0.2000001 / S-0.20001
9月底 | T+100 / '9月' | S-0.2 / S-0.201 / _
2020-01-01 / 2019-12-31 / 2020-01-02 | _ | 0.7 / 0.8 / 1.1 / _

# 完成日期 around the as-of date, with every kind of 完成率
6月底 / _ | _ | _ / 0.5 / 1 | T-1 / T / T+1 / T 14:30 / T-1 14:30 / '2020-06-30' / '9月' / 0
年底 | _ | _ / 1 | 2020-06-30 / 2020-07-01 / 2021-01-01

# 退回: done only when reported again after it
年底 | _ | 1 | _ | _ / T-3 / T-2 / T-1 / T-2 09:00 / T+1 / '2020-09-01' | _ / T-2 / T-2 09:00 / '9月' / T+2
6月底 | _ | _ | T-1 / T+1 | T-3 / T-2 / T-1 | T-2

# 销号 and 取消 around the as-of date
6月底 | _ | _ | _ | _ | _ | _ / T-1 / T / T+1 / T 08:00 / '2020-06-30' | _ / T / T+1 / '9月'
持续推进 / _ | _ | _ | _ | _ | _ | T / T+1 | _ / T-1 / T+1

# Ongoing tasks, reported on every edge of the interval before, of this one, and after
每旬 / 每月 / 每季度 / 每半年 / 持续推进 | _ | _ | _ | _ / P-1 / P / P-1 23:00 / C-1 / C / T-1 / T / T 10:00 / T+1 / L / L+1
每旬 / 每月 / 每季度 / 每半年 / 常态化 | _ | _ | _ | 'T' / '9月' / 0
每季度 / 长期 | T-1 / T+60 | _ / 0.1 / 1 | _ / T / T+1 | _ / P
每旬 / 每月 / 每季度 / 每半年 | _ | _ | _ | 2019-12-31 / 2020-01-01 / 2020-06-20 / 2020-06-21 / 2020-06-30 / 2020-07-01
6月底 / _ / 年底 | _ | 0.5 | _ | C-1 / C / T / L / L+1 / C 00:01 / L 23:59 / L+1 00:00

# Text in every column at once
6月底 | '2020-06-30' | '100%' | '2020-06-30' | '2020-06-30' | '2020-06-30' | '2020-06-30' | '2020-06-30'
持续推进 / _ | '9月' | '0.8' | '9月' | '9月' | '9月' | '9月' | '9月'

# Joint tasks: nobody, one, or both leads have reported
年底 | _ | _ & _ / 1 & _ / 1 & 0.8 / 1 & 1 / '1' & 1 | _ & _ / T & _ / T & T-1 / T & T+1 / 'T' & T | T & _ / T & T-1
持续推进 / 每月 | _ | _ | _ | _ & _ / T & _ / P & T / P-1 & T / C & C / 'T' & T / T+1 & T
年底 | _ | 1 & 1 | _ & _ | T-1 & T-3 / T-1 & T-1 / T-1 & _ | T-2
"""

# An error reads as text to Python. They stand apart: the one reader of errors in files is slow.
ERRORS = """
deadline | extended_to | percent | done_on | reported_on | returned_on | closed_on | cancelled_on
! / 6月底 / 持续推进 | _ / !
6月底 / 每月 | _ | ! / 1 | _ / ! / T | _ / ! / T | _ / !
6月底 / 持续推进 | _ | _ | _ | _ | _ | _ / ! / T | _ / !
! | ! | ! | ! | ! | ! | ! | !
"""

CORRECTED: Mapping[str, Deadline] = {
    "国庆节前": Deadline(date(2020, 9, 30)),
    "3月底前": Deadline(date(2020, 3, 20)),
    "每周": Deadline(interval=Interval.TEN_DAYS),
    "两样都填": Deadline(date(2020, 7, 31), Interval.MONTH),
    "6月??": Deadline(date(2020, 6, 5)),
    "两*": Deadline(interval=Interval.QUARTER),
    "Abc": Deadline(date(2020, 8, 8)),
}

_MOMENT = r"(?: (?P<clock>\d\d:\d\d))?"
_RELATIVE = re.compile(rf"(?P<point>[TCLP])(?P<days>[+-]\d+)?{_MOMENT}")
_FIXED = re.compile(rf"(?P<day>\d{{4}}-\d\d-\d\d){_MOMENT}")
_SHARE = re.compile(r"S(?P<more>[+-][\d.]+)?")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Case:
    """One task of a grid: what its cells say, by column; a joint task's cells may say two things."""

    words: Mapping[str, str]

    @property
    def joint(self) -> bool:
        """Return whether two departments lead it."""
        return any(" & " in word for word in self.words.values())

    @property
    def title(self) -> str:
        """Return the task as its grid draws it."""
        return "，".join(f"{key} {word}" for key, word in self.words.items() if word != "_")


def cases(grid: str) -> list[Case]:
    """Return the tasks that a grid draws."""
    head, *lines = (line for line in grid.strip().splitlines() if line and not line.startswith("#"))
    keys = [key.strip() for key in head.split("|")]
    return [case for line in lines for case in _alternatives(keys, [cell.strip() for cell in line.split("|")])]


def _alternatives(keys: Sequence[str], cells: Sequence[str]) -> Iterator[Case]:
    padded = [*cells, *["_"] * (len(keys) - len(cells))]
    for words in product(*(cell.split(" / ") for cell in padded)):
        yield Case(dict(zip(keys, words, strict=True)))


def values(case: Case, as_of: date, lead: int = 0) -> Cells:
    """Return what a task's cells hold on a day, blank ones left out; `lead` chooses whose of a joint task's."""
    words = {key: word.split(" & ")[lead if " & " in word else 0] for key, word in case.words.items()}
    interval = parse(_plain(words["deadline"]), as_of.year).interval or Interval.TEN_DAYS
    points = _points(as_of, interval)
    cells = {key: _value(word, points) for key, word in words.items() if not word.startswith("S")}
    if words["percent"].startswith("S"):
        effective = serial(cells["extended_to"]) or serial(cells["deadline"]) or serial(date(2020, 9, 30))
        cells["percent"] = _share(as_of, effective or 0) + float(words["percent"][1:] or 0)
    return {key: value for key, value in cells.items() if value is not None}


@cache
def _points(as_of: date, interval: Interval) -> Mapping[str, date]:
    first = interval_start(as_of, interval)
    following = next(day for day in days(as_of, 200) if interval_start(day, interval) > first)
    last = following - timedelta(days=1)
    return {"T": as_of, "C": first, "L": last, "P": previous_start(as_of, interval)}


def days(first: date, count: int) -> Iterator[date]:
    """Yield `count` days, one after the other."""
    yield from (first + timedelta(days=n) for n in range(count))


def _share(as_of: date, effective: float) -> float:
    start = serial(START) or 0
    return 1.0 if effective <= start else max(0.0, min(1.0, ((serial(as_of) or 0) - start) / (effective - start)))


def _plain(word: str) -> str:
    return word.strip("'").replace("\\n", "\n")


def _value(word: str, points: Mapping[str, date]) -> Value:
    if word in ("_", "!"):
        return ERROR if word == "!" else None
    if found := _RELATIVE.fullmatch(word):
        return _moment(points[found["point"]] + timedelta(days=int(found["days"] or 0)), found["clock"])
    if found := _FIXED.fullmatch(word):
        return _moment(date.fromisoformat(found["day"]), found["clock"])
    return float(word) if _NUMBER.fullmatch(word) else _plain(word)


def _moment(day: date, clock: str | None) -> date:
    return datetime.combine(day, time.fromisoformat(clock)) if clock else day


# The ledger


def real_ledger() -> Ledger:
    """Return the ledger that the real notice of 2020 starts."""
    with as_file(files("taizhang") / "data" / "notice_2020.txt") as path:
        read = notice.read_tasks(read_notice(path))
    return ledger_of(read, directory_for(read), "parity")


def ledger_with(base: Ledger, drawn: Sequence[Case], as_of: date, **settings: Value) -> Ledger:
    """Return `base` with the drawn tasks below its own, their cells as on `as_of`."""
    codes = {f"RW2020-{number:04d}": case for number, case in enumerate(drawn, 2001)}
    added = {code: _task(code, case, as_of) for code, case in codes.items()}
    reports = {key: cells for code, case in codes.items() for key, cells in _reports(code, case, as_of)}
    switches = Settings.of(base.settings.colours, **{**base.settings.values, **settings, "as_of": as_of})
    return replace(
        base,
        tasks=(*base.tasks, *added.values()),
        reports=reports,
        dictionary=Dictionary({**base.dictionary.entries, **CORRECTED}),
        settings=switches,
    ).with_wordings()


_REPORTED = frozenset(column.key for column in DEPARTMENT)


def _task(code: str, case: Case, as_of: date) -> Task:
    own = {key: value for key, value in values(case, as_of).items() if key not in _REPORTED}
    leads = "、".join(LEADS if case.joint else LEADS[:1])
    return Task(code, {"no": int(code[-4:]), "category": "边界", "target": case.title, "leads": leads, **own})


def _reports(code: str, case: Case, as_of: date) -> Iterator[tuple[ReportKey, Cells]]:
    for place, name in enumerate(LEADS if case.joint else LEADS[:1]):
        report = {key: value for key, value in values(case, as_of, place).items() if key in _REPORTED}
        if report:
            yield ReportKey(code, name), report


def cells_of(ledger: Ledger, code: str) -> Cells:
    """Return the cells of a task that the rules look at."""
    row = ledger.row(code)
    return {BY_KEY[key].title: row[key] for key in COLUMNS if not is_blank(row.get(key))}


# The days


def boundary_days(ledger: Ledger) -> list[date]:
    """Return the days on which something may change: around every due date, and both ends of every 旬 of 2020."""
    due = {state.due for state in ledger.states(START).values() if state.due}
    around = {day for one in due for day in days(one - timedelta(days=31), 33)}
    year = [Period(2020, month, part) for month in range(1, 13) for part in range(3)]
    edges = {day for period in year for day in (period.first, period.last)}
    return sorted(around | edges | {*OUTSIDE, date(2020, 2, 28), date(2020, 2, 29)})


# Before the year begins, over its turns, and in another leap year.
OUTSIDE = tuple(
    map(
        date.fromisoformat,
        (
            "2019-11-15",
            "2019-12-31",
            "2020-01-01",
            "2021-01-01",
            "2021-01-11",
            "2021-02-28",
            "2021-07-01",
            "2024-02-29",
        ),
    )
)
