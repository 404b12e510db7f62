"""What Excel makes of a text that is assigned to a cell's Value or Formula, in a Chinese Windows.

A cell formatted as text keeps it as it is; that is decided where the cell's format is known, in the helper.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from .errors import ComError

EPOCH = dt.datetime(1899, 12, 30)
DATE, DATE_TIME = "yyyy/m/d", "yyyy/m/d h:mm"
MONTH_DAY, YEAR_MONTH = 'm"月"d"日"', "mmm-yy"
ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})
_MONTHS = {
    name: n
    for n, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_NUMBER = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)?(\.\d*)?(?:[eE]([+-]?\d+))?")
_FRACTION = re.compile(r"(\d+) (\d{1,5})/(\d{1,5})")
_TIME = r"(\d{1,4}):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?\s*(am|pm|a|p)?"
_TIME_ONLY = re.compile(_TIME, re.IGNORECASE)
_DATE_TIME = re.compile(rf"(.+?)\s+{_TIME}", re.IGNORECASE)
_PARTS = re.compile(r"(\d{1,4})([-/])(\d{1,4})(?:\2(\d{1,4}))?")
_CHINESE = re.compile(r"(?:(\d{2}|\d{4})年)?(\d{1,2})月(?:(\d{1,2})日)?")
_DAY_NAME = re.compile(r"(\d{1,2})[- /]([a-z]{3,9})(?:[- /](\d{2}|\d{4}))?", re.IGNORECASE)
_NAME_YEAR = re.compile(r"([a-z]{3,9})[- /](\d{1,2}|\d{4})", re.IGNORECASE)
_PLAUSIBLE = re.compile(r"""[+-](?:"[^"]*"|'[^']*'|[\w.()+*/^&=<>,:!%$ \-])+""")


@dataclass(frozen=True)
class Parsed:
    """A cell's content: a number, a boolean, a text or a formula, and the format Excel gives a plain cell."""

    value: float | bool | str
    format: str | None = None
    is_formula: bool = False


def parse(text: str, today: dt.date | None = None) -> Parsed:
    """Return what a plain cell holds once this text was assigned to it."""
    if not text:
        return Parsed("")
    first = text[0]
    if first == "'":
        return Parsed(text[1:])
    if first == "=" and len(text) > 1:
        return Parsed(text, is_formula=True)
    if not ("0" <= first <= "9" or first in " \t+-(.$¥￥#@TtFfJjMmAaSsOoNnDd"):
        return Parsed(text)
    stripped = text.strip(" ")
    if stripped.upper() in ("TRUE", "FALSE"):
        return Parsed(stripped.upper() == "TRUE")
    if stripped in ERRORS:
        return Parsed("=" + stripped, is_formula=True)
    found = _number(stripped) or _moment(stripped, today or dt.date.today())
    if found is not None:
        return found
    if first == "@" and len(text) > 1:
        raise ComError(f"That function isn't valid: {text!r}")
    if first in "+-" and len(text) > 1:
        return _begun_like_formula(text)
    return Parsed(text)


def _begun_like_formula(text: str) -> Parsed:
    """A text that begins with a sign is a formula to Excel, or an error."""
    if _PLAUSIBLE.fullmatch(text) is None or text[-1] in "+-*/^&=<>,:!(" or text.count("(") != text.count(")"):
        raise ComError(f"There's a problem with this formula: {text!r} begins with {text[0]!r} and is none.")
    return Parsed("=" + text, is_formula=True)


def _number(text: str) -> Parsed | None:
    body, sign = text, 1.0
    if body.startswith("(") and body.endswith(")"):
        body, sign = body[1:-1], -1.0
    elif body[:1] in ("+", "-"):
        sign = -1.0 if body[0] == "-" else 1.0
        body = body[1:].lstrip(" ")
    percent = body.endswith("%") or body.startswith("%")
    body = body.strip("%").strip(" ") if percent else body
    currency = body[:1] if body[:1] in ("$", "¥", "￥") else ""
    body = body[len(currency) :].lstrip(" ")
    if match := _FRACTION.fullmatch(body):
        whole, above, below = (int(part) for part in match.groups())
        return Parsed(sign * (whole + above / below), "# ?/?") if below else None
    match = _NUMBER.fullmatch(body)
    if match is None or not (match[1] or (match[2] and len(match[2]) > 1)):
        return None
    value = float((match[1] or "0").replace(",", "") + (match[2] or "") + (f"e{match[3]}" if match[3] else ""))
    if value in (float("inf"), float("-inf")):
        return None
    places = len(match[2] or ".") - 1
    return Parsed(
        sign * _fifteen_digits(value) / (100 if percent else 1), _number_format(match, percent, currency, places)
    )


def _fifteen_digits(value: float) -> float:
    return float(f"{value:.15g}") if abs(value) >= 1e15 else value


def _number_format(match: re.Match[str], percent: bool, currency: str, places: int) -> str | None:
    decimals = ".00" if places else ""
    if percent:
        return f"0{decimals}%"
    if match[3]:
        return "0.00E+00"
    if currency:
        return f'"{currency}"#,##0{decimals}'
    return f"#,##0{decimals}" if "," in (match[1] or "") else None


def _moment(text: str, today: dt.date) -> Parsed | None:
    if match := _TIME_ONLY.fullmatch(text):
        time = _time(match.groups())
        return None if time is None else Parsed(time, _time_format(match))
    date_text, time = text, 0.0
    if match := _DATE_TIME.fullmatch(text):
        date_text, clock = match[1], _time(match.groups()[1:])
        if clock is None:
            return None
        time = clock
    else:
        match = None
    found = _date(date_text, today)
    if found is None:
        return None
    day, shown = found
    return Parsed(serial(dt.datetime(day.year, day.month, day.day)) + time, DATE_TIME if match else shown)


def _time_format(match: re.Match[str]) -> str:
    if int(match[1]) >= 24:
        return "[h]:mm:ss"
    return "h:mm" + (":ss" if match[3] else "") + (" AM/PM" if match[4] else "")


def _time(groups: tuple[str | None, ...]) -> float | None:
    hours, minutes, seconds = int(groups[0] or 0), int(groups[1] or 0), float(groups[2] or 0)
    half = (groups[3] or "")[:1].lower()
    if minutes > 59 or seconds >= 60 or hours > 9999 or (half and not 1 <= hours <= 12):
        return None
    if half:
        hours = hours % 12 + (12 if half == "p" else 0)
    return (hours * 3600 + minutes * 60 + seconds) / 86400


def _date(text: str, today: dt.date) -> tuple[dt.date, str] | None:
    if match := _PARTS.fullmatch(text):
        return _date_of_parts(match[1], match[3], match[4], today)
    if match := _CHINESE.fullmatch(text):
        year, month, day = match.groups()
        shown = ('yyyy"年"' if year else "") + 'm"月"' + ('d"日"' if day else "")
        return _with(_day(_year(year, today), int(month), int(day or 1)), shown) if year or day else None
    if (match := _DAY_NAME.fullmatch(text)) and (month := _MONTHS.get(match[2][:3].lower())):
        return _with(_day(_year(match[3], today), month, int(match[1])), "d-mmm-yy" if match[3] else "d-mmm")
    if (match := _NAME_YEAR.fullmatch(text)) and (month := _MONTHS.get(match[1][:3].lower())):
        number = int(match[2])
        if number <= 31 and len(match[2]) < 4:
            return _with(_day(today.year, month, number), "d-mmm")
        return _with(_day(_year(match[2], today), month, 1), YEAR_MONTH)
    return None


def _date_of_parts(first: str, second: str, third: str | None, today: dt.date) -> tuple[dt.date, str] | None:
    """Return a date of "y-m-d", "m-d", "y-m" or "m-y", in the order a Chinese Excel tries them."""
    one, two = int(first), int(second)
    if third is not None:
        if len(first) == 4 or len(third) <= 2:
            return _with(_day(_year(first, today), two, int(third)), DATE) if len(third) <= 2 else None
        return _with(_day(_year(third, today), one, two), DATE)
    if len(first) <= 2 and len(second) <= 2 and (found := _day(today.year, one, two)):
        return found, MONTH_DAY
    if len(first) in (2, 4) and two <= 12 and (found := _day(_year(first, today), two, 1)):
        return found, YEAR_MONTH
    if len(second) in (2, 4) and one <= 12 and (found := _day(_year(second, today), one, 1)):
        return found, YEAR_MONTH
    return None


def _with(day: dt.date | None, shown: str) -> tuple[dt.date, str] | None:
    return None if day is None else (day, shown)


def _year(text: str | None, today: dt.date) -> int:
    if not text:
        return today.year
    number = int(text)
    if len(text) > 2:
        return number
    return number + (2000 if number < 30 else 1900)


def _day(year: int, month: int, day: int) -> dt.date | None:
    if not 1900 <= year <= 9999:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def serial(moment: dt.datetime) -> float:
    """Return a moment as Excel counts it: days since the end of 1899."""
    return (moment.replace(tzinfo=None) - EPOCH) / dt.timedelta(days=1)


def moment_of(number: float) -> dt.datetime | float:
    """Return the moment a number stands for, to the millisecond; the number where there is none."""
    try:
        return EPOCH + dt.timedelta(milliseconds=round(number * 86_400_000))
    except OverflowError:
        return number
