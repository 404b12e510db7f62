"""Addresses in A1 notation; rectangles are (top, left, bottom, right), 0-based, as the helper wants them."""

from __future__ import annotations

import re

ROWS, COLUMNS = 1_048_576, 16_384
Rect = tuple[int, int, int, int]
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})")
_COLUMN = re.compile(r"\$?([A-Za-z]{1,3})")
_ROW = re.compile(r"\$?([1-9]\d{0,6})")
_SHEET = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!(.+)", re.DOTALL)


def column_number(letters: str) -> int:
    """Return 1 for A."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """Return A for 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def split_sheet(text: str) -> tuple[str | None, str]:
    """Return ("Sheet1", "A1") of "Sheet1!A1"; None where no sheet is named."""
    match = _SHEET.fullmatch(text)
    if match is None:
        return None, text
    return (match[1].replace("''", "'") if match[1] else match[2]), match[3]


def parse(text: str) -> Rect | None:
    """Return the rectangle of "A1", "A1:B2", "A:C" or "1:3"; None for anything else."""
    first, colon, last = text.partition(":")
    ends = [_corner(first), _corner(last if colon else first)]
    if None in ends:
        return None
    (one, two) = ends
    if one[1] != two[1] or (one[1] != "cell" and not colon):
        return None
    (top, left), (bottom, right) = one[0], two[0]
    if one[1] == "column":
        top, bottom = 0, ROWS - 1
    elif one[1] == "row":
        left, right = 0, COLUMNS - 1
    return min(top, bottom), min(left, right), max(top, bottom), max(left, right)


def _corner(text: str) -> tuple[tuple[int, int], str] | None:
    if match := _CELL.fullmatch(text):
        row, column, kind = int(match[2]), column_number(match[1]), "cell"
    elif match := _COLUMN.fullmatch(text):
        row, column, kind = 1, column_number(match[1]), "column"
    elif match := _ROW.fullmatch(text):
        row, column, kind = int(match[1]), 1, "row"
    else:
        return None
    if row > ROWS or column > COLUMNS:
        return None
    return (row - 1, column - 1), kind


def a1(rect: Rect, row_absolute: bool = True, column_absolute: bool = True) -> str:
    """Return a rectangle's address as Excel writes it."""
    top, left, bottom, right = rect
    row, column = "$" * row_absolute, "$" * column_absolute
    if (top, bottom) == (0, ROWS - 1):
        return f"{column}{column_letters(left + 1)}:{column}{column_letters(right + 1)}"
    if (left, right) == (0, COLUMNS - 1):
        return f"{row}{top + 1}:{row}{bottom + 1}"
    first = f"{column}{column_letters(left + 1)}{row}{top + 1}"
    if (top, left) == (bottom, right):
        return first
    return f"{first}:{column}{column_letters(right + 1)}{row}{bottom + 1}"


def quoted(sheet: str) -> str:
    """Return a sheet's name as a formula has it, in apostrophes where it needs them."""
    if re.fullmatch(r"[^\W\d][\w.]*", sheet) and not parse(sheet) and not re.fullmatch(r"(?i)r\d*c\d*", sheet):
        return sheet
    return "'" + sheet.replace("'", "''") + "'"
