"""Widths and heights: Excel counts characters and points, Calc 1/100 mm."""

from __future__ import annotations

# Calibri 11, the font of a new workbook: its widest digit has 7 pixels, at 96 to the inch.
_DIGIT, _PADDING, _DPI, _INCH = 7, 5, 96, 2540


def mm_of_chars(chars: float) -> int:
    """Return a column width in 1/100 mm."""
    if chars < 1:
        pixels = int(chars * (_DIGIT + _PADDING) + 0.5)
    else:
        pixels = int((256 * chars + 128 // _DIGIT) / 256 * _DIGIT) + _PADDING
    return round(pixels * _INCH / _DPI)


def chars_of(size: int) -> float:
    """Return a column width in characters."""
    pixels = round(size * _DPI / _INCH)
    if pixels < _DIGIT + _PADDING:
        return round(pixels / (_DIGIT + _PADDING), 2)
    return round((pixels - _PADDING) / _DIGIT, 2)


def mm_of_points(points: float) -> int:
    """Return a row height in 1/100 mm."""
    return round(points * _INCH / 72)


def points_of(size: int) -> float:
    """Return a height in points, to the quarter that a screen shows."""
    return round(size * 72 / _INCH * 4) / 4
