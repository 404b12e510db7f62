"""Cell rules: what a column may hold, and what a written cell means.

`tidy` gives a cell of our own workbooks its plain type; `typed` reads what a department wrote
and says what is wrong with it. Source: `merge.md`, Intake.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from taizhang.columns import BY_KEY, Column, Kind
from taizhang.errors import LedgerError, Stop
from taizhang.findings import Code
from taizhang.values import SERIALS, Value, from_serial, half_width, is_blank, percentage, same, shown, squeezed

_CLOCK = re.compile(r"(?<=\d)(?:\s+|T)\d{1,2}:\d{2}(?::\d{2})?$")
_DAY = re.compile(r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_LARGEST_NUMBER = 99_999
UNCACHED = "#未计算"  # what intake puts where a formula's result was never saved
ERRORS = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")


@dataclass(frozen=True)
class Entry:
    """What a written cell means: its typed value, or the raw value and the rule it breaks.

    `bare` marks a percentage that was written as a 1 without a sign.
    """

    value: Value
    fault: Code | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    bare: bool = field(default=False, compare=False)


_NUMBERS = (int, float)


class Entries(Mapping[str, Entry]):
    """A row's cells by column key, each typed when it is first asked for: most are as they were sent, and never are.

    `raw` is what the file says of a cell.
    """

    def __init__(self, columns: Mapping[str, Column], raw: Mapping[str, Value]) -> None:
        self._columns = columns
        self._raw = raw
        self._typed: dict[str, Entry] = {}

    def __getitem__(self, key: str) -> Entry:
        if key not in self._typed:
            self._typed[key] = typed(self._columns[key], self._raw.get(key))
        return self._typed[key]

    def __contains__(self, key: object) -> bool:
        return key in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def says(self, key: str, value: Value) -> bool:
        """Return whether a cell holds a value just so: what it means needs no thought then."""
        return _is_just(self._raw.get(key), value)

    def just_as(self, cells: Mapping[str, Value]) -> list[str]:
        """Return the cells that hold just what these do; whether the others mean it too needs thought."""
        said, sent = self._raw.get, cells.get
        return [key for key in self._columns if (value := said(key)) is (was := sent(key)) or _is_just(value, was)]


def _is_just(one: Value, other: Value) -> bool:
    return one == other and (type(one) is type(other) or (type(one) in _NUMBERS and type(other) in _NUMBERS))


def tidy(column: Column, value: Value) -> Value:
    """Return a cell of our own workbook in its column's plain type; what does not fit stays as it is."""
    if is_blank(value):
        return None
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    match column.kind:
        case Kind.NUMBER | Kind.AMOUNT if isinstance(value, float) and value.is_integer():
            return int(value)
        case Kind.DATE if isinstance(value, (int, float)) and int(value) in SERIALS:
            return from_serial(value)
        case Kind.TEXT | Kind.NAMES | Kind.CHOICE if not isinstance(value, str):
            return shown(value)
    return value


def stored(value: Value) -> Value:
    """Return a value as the very hidden stores keep it: days as ISO text, whatever the cell's format."""
    return shown(value) if isinstance(value, (date, bool)) else value


def restored(column: Column, value: Value) -> Value:
    """Return the value a very hidden store keeps, in its column's type."""
    found = _day_of(value) if column.kind is Kind.DATE and isinstance(value, str) else None
    return found or tidy(column, value)


def recalled(column: Column, text: str) -> Value:
    """Return the value a line of the journal stands for: what its column computes with as such, other words as text."""
    if column.kind in (Kind.NUMBER, Kind.PERCENT, Kind.AMOUNT) and _PLAIN_NUMBER.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() else number
    if column.kind in (Kind.DATE, Kind.DEADLINE) and _PLAIN_DAY.fullmatch(text):
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return text
        return found if " " in text else found.date()
    return text or None


_PLAIN_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
_PLAIN_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}(?::\d{2})?)?")


def typed(column: Column, value: Value) -> Entry:
    """Return what a department's cell means, by its column's kind; blank is None and never a fault."""
    if is_blank(value):
        return Entry(None)
    if isinstance(value, str) and value.strip() in ERRORS:
        return Entry(value.strip(), Code.ERROR_CELL)
    if value == UNCACHED:
        return Entry(value, Code.NOT_CALCULATED)
    return _READERS.get(column.kind, _text)(column, value)


def day_asked(text: str) -> date:
    """Return the day somebody typed, as people write one; raise LedgerError when it is none, or none for certain."""
    found = typed(BY_KEY["done_on"], text).value
    serial = text.strip().isdecimal() and len(text.strip()) != len("20200910")
    if serial or not isinstance(found, date) or not 1990 <= found.year <= 2099:
        raise LedgerError(Stop.BAD_DATE, value=text)
    return found


def alike(column: Column, one: Value, other: Value) -> bool:
    """Return whether two cells of a column mean the same, however each is written: 60 and 60%, a day and its text."""
    return same(one, other) or same(typed(column, one).value, typed(column, other).value)


def share_shown(column: Column, value: Value) -> float | None:
    """Return the share as which a number in a column of percentages is shown, None for what is no such: 150 is neither."""
    if column.kind is not Kind.PERCENT or not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    meant = typed(column, value).value  # 60 is 60%; what cannot be meant stays, and 1.5 shows as 150%
    return meant if isinstance(meant, (int, float)) and abs(meant) < _MOST_SHOWN else None


_MOST_SHOWN = 2  # from there on a number stands for so many percent, see `_percent`


def written(column: Column, value: Value) -> str:
    """Return a value as a clerk writes it into its column: a share as a percentage."""
    share = share_shown(column, value)
    return shown(value) if share is None else percentage(share)


def _text(column: Column, value: Value) -> Entry:
    text = shown(value) if not isinstance(value, str) else value.strip()
    if len(text) > column.limit:
        return Entry(text, Code.TOO_LONG, {"length": len(text), "limit": column.limit})
    return Entry(text)


def _choice(column: Column, value: Value) -> Entry:
    text = shown(value).strip()
    if text not in column.choices:
        return Entry(text, Code.NOT_CHOICE, {"choices": "、".join(column.choices)})
    return Entry(text)


def _whole(_: Column, value: Value) -> Entry:
    number = _number_of(value)
    fits = number is not None and number % 1 == 0 and 0 < number <= _LARGEST_NUMBER
    return Entry(int(number)) if number is not None and fits else Entry(value, Code.NOT_NUMBER)


def _percent(_: Column, value: Value) -> Entry:
    """Read 完成率: up to 1 as it is, 2 to 100 as percent, and text with a sign by its sign."""
    number, signed = _signed(value)
    if number is None:
        return Entry(value, Code.NOT_PERCENT)
    share = number / 100 if signed or 2 <= number <= 100 else number
    fits = 0 <= share <= 1
    return Entry(round(share, 10), bare=not signed and number == 1) if fits else Entry(value, Code.PERCENT_RANGE)


def _amount(_: Column, value: Value) -> Entry:
    """Read a figure as it is, and text with a sign as the share it stands for."""
    number, signed = _signed(value.replace(",", "") if isinstance(value, str) else value)
    if number is None or not math.isfinite(number):
        return Entry(value, Code.NOT_AMOUNT)
    return Entry(float(f"{number / 100 if signed else number:.15g}"))


def _date(_: Column, value: Value) -> Entry:
    found = _day_of(value)
    return Entry(found) if found else Entry(value, Code.NOT_DATE)


def _deadline(_: Column, value: Value) -> Entry:
    return Entry(_day_of(value) or (value.strip() if isinstance(value, str) else value))


_READERS = {
    Kind.CHOICE: _choice,
    Kind.NUMBER: _whole,
    Kind.PERCENT: _percent,
    Kind.AMOUNT: _amount,
    Kind.DATE: _date,
    Kind.DEADLINE: _deadline,
}


def _signed(value: Value) -> tuple[float | None, bool]:
    """Return the number a cell holds, and whether it is written with a sign of percent."""
    signed = isinstance(value, str) and squeezed(value).endswith("%")
    return _number_of(squeezed(str(value))[:-1] if signed else value), signed


def _number_of(value: Value) -> float | None:
    if isinstance(value, str) and _NUMBER.fullmatch(squeezed(value)):
        return float(squeezed(value))
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _day_of(value: Value) -> date | None:
    """Return the day a cell names in full; a month alone or a day without a year names none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    number = _number_of(value)
    if number is not None and int(number) in SERIALS:
        return from_serial(number)
    found = _DAY.fullmatch(squeezed(_CLOCK.sub("", half_width(shown(value)).strip())))
    return _calendar_day(*(int(part) for part in found.groups() if part)) if found else None


def _calendar_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
