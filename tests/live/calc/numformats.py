"""Number formats: Calc gives them back in capitals."""

from __future__ import annotations

import re

_PART = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|AM/PM|A/P|E[+-]|General|.', re.DOTALL | re.IGNORECASE)
_COLORS = {"BLACK", "BLUE", "CYAN", "GREEN", "MAGENTA", "RED", "WHITE", "YELLOW"}
_LETTERS = frozenset("YMDHSGAE")


def from_calc(text: str) -> str:
    """Return a format as Excel has it."""
    if text in ("General", "BOOLEAN", "Standard"):
        return "General"
    return "".join(_from_part(part) for part in _PART.findall(text))


def _from_part(part: str) -> str:
    if part.startswith(('"', "\\")):
        return part
    if part.startswith("["):
        inner = part[1:-1]
        if inner.upper() in _COLORS:
            return f"[{inner.capitalize()}]"
        return part.lower() if inner.upper() in ("H", "HH", "M", "MM", "S", "SS") else part
    if len(part) > 1:
        return part.upper() if part.upper() in ("AM/PM", "A/P", "E+", "E-") else part
    return part.lower() if part in _LETTERS else part


def to_calc(text: str) -> str:
    """Return a format as Calc takes it."""
    return text
