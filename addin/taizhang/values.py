"""What a cell may hold, and how two cells are compared.

Everything below the hosts works on these plain values. A date is a `date`;
a moment inside a day (`datetime` with a time) is kept as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import TypeAlias

Value: TypeAlias = str | bool | int | float | date | datetime | None

_EPOCH = datetime(1899, 12, 30)
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ％．／－]")
_SPACE = re.compile(r"\s+")  # the ideographic space U+3000 too
_SPACE_RUNS = re.compile(r"[ \t\u00a0\u3000]+")
SERIALS = range(20_000, 80_000)  # 1954-10-03 … 2119-01-11: numbers a clerk can only mean as days


def is_blank(value: Value) -> bool:
    """Return whether a cell says nothing: empty, or white space only."""
    return value is None or (isinstance(value, str) and (not value or value.isspace()))


def is_number(value: Value) -> bool:
    """Return whether Excel's ISNUMBER holds; its dates are numbers, TRUE is not."""
    return isinstance(value, (int, float, date)) and not isinstance(value, bool)


def serial(value: Value) -> float | None:
    """Return the number Excel computes with: days since 1899-12-30, or None for what is no number."""
    if isinstance(value, datetime):
        return (value.replace(tzinfo=None) - _EPOCH).total_seconds() / 86400
    if isinstance(value, date):
        return float((datetime.combine(value, time()) - _EPOCH).days)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def from_serial(number: float) -> date:
    """Return the day an Excel serial number (1900 system) falls on."""
    return date.fromordinal(_EPOCH.toordinal() + int(number))


def day(value: Value) -> date | None:
    """Return the calendar day a cell holds, or None where it holds no date."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def half_width(text: str) -> str:
    """Return `text` with full-width digits, letters and signs narrowed; Chinese punctuation stays."""
    return _WIDE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


def squeezed(text: str) -> str:
    """Return `text` narrowed and without any white space: how wordings and names are looked up."""
    return _SPACE.sub("", half_width(text))


def rounded(number: float, places: int) -> float:
    """Return a number to so many decimals, a half away from zero, as Excel shows it: 63.75 is 63.8, and so is 63.7499…9."""
    from decimal import ROUND_HALF_UP, Decimal

    as_written = Decimal(f"{number:.12g}")  # what people see of it: 0.6375 is a little less in binary
    return float(as_written.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def percentage(share: float) -> str:
    """Return a share as people write it: 0.965 is 96.5%."""
    return f"{share * 100:.10g}%"


def figure(value: Value, unit: str) -> str:
    """Return a figure with its unit, a share as a percentage."""
    if is_blank(value):
        return ""
    if unit == "%" and isinstance(value, (int, float)):
        return percentage(value)
    return f"{shown(value)}{unit}"


def shortened(text: str, most: int = 32_000) -> str:
    """Return a text cut to what a cell can hold (32,767 characters in Excel), the cut marked."""
    return text if len(text) <= most else text[: most - 1] + "…"


def a_few(names: Sequence[str], most: int) -> str:
    """Return names in a row as a sentence has them, those after the first few as 等."""
    return "、".join(names[:most]) + ("等" if len(names) > most else "")


def in_line(text: str, most: int) -> str:
    """Return a name as it may be shown: in one line, not too long, nothing in it that does not print."""
    words = " ".join(text.split())
    return shortened("".join(sign for sign in words if sign.isprintable()), most)


def comparable(value: Value) -> Value:
    """Return what two cells are compared by.

    Trailing spaces, full-width digits and line-break styles never make a difference
    (`merge.md`, Intake); blank text is None; whole-day moments are dates; numbers are
    rounded to Excel's 15 digits.
    """
    if isinstance(value, str):
        return _comparable_text(value) if len(value) <= _SHORT else _comparable_text.__wrapped__(value)
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, bool) or value is None or isinstance(value, date):
        return value
    return float(f"{value:.15g}")


_SHORT = 400  # characters of a text worth remembering


@lru_cache(maxsize=4096)  # what was sent is compared with every return
def _comparable_text(text: str) -> str | None:
    if "\n" in text or "\r" in text:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        tidy = "\n".join(_SPACE_RUNS.sub(" ", line).strip() for line in lines).strip("\n")
    else:
        tidy = _SPACE_RUNS.sub(" ", text).strip()
    return unicodedata.normalize("NFC", half_width(tidy)) or None


def same(one: Value, other: Value) -> bool:
    """Return whether two cells say the same thing."""
    if type(one) is type(other) and one == other:  # most cells are as they were, and need no other spelling
        return True
    a, b = comparable(one), comparable(other)
    return type(a) is type(b) and a == b


def shown(value: Value) -> str:
    """Return a value as a clerk writes it: ISO dates, no trailing `.0`, blank as empty text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)
