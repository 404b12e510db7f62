"""Excel's limits, which Calc does not have."""

from __future__ import annotations

from .errors import ComError

TEXT = 32_767
LIST = 255
SHEET = 31
_FORBIDDEN = frozenset("[]:*?/\\")


def check_sheet_name(name: str) -> None:
    """Refuse a sheet name Excel would refuse."""
    wrong = (
        not name
        or len(name.encode("utf-16-le")) // 2 > SHEET
        or _FORBIDDEN & set(name)
        or name.startswith("'")
        or name.endswith("'")
        or name.lower() == "history"
    )
    if wrong:
        raise ComError(
            f"You typed an invalid name for a sheet or chart: {name!r}. It must not exceed 31 characters, be blank, "
            "contain any of : \\ / ? * [ ], or begin or end with an apostrophe."
        )


def check_text(text: str) -> None:
    """Refuse a text no cell can hold."""
    if len(text.encode("utf-16-le")) // 2 > TEXT:
        raise ComError(f"A cell holds at most 32,767 characters; this text has {len(text)}.")


def check_list(source: str) -> None:
    """Refuse a list of choices that is too long to be written into the rule."""
    if len(source) > LIST:
        raise ComError(f"The list source must not exceed 255 characters; this one has {len(source)}.")
