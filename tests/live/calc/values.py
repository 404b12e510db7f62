"""Values between Python and the helper: what is sent for a block of cells, and what came back."""

from __future__ import annotations

import datetime as dt
import numbers
from typing import Any

from . import formulas, limits, parsing
from .addresses import Rect
from .errors import ComError

try:
    import numpy as np
except ImportError:
    np = None
try:
    import pandas as pd
except ImportError:
    pd = None

# COM hands an error cell over as one of these.
ERROR_TEXTS = {
    -2146826281: "#DIV/0!",
    -2146826246: "#N/A",
    -2146826259: "#NAME?",
    -2146826288: "#NULL!",
    -2146826252: "#NUM!",
    -2146826265: "#REF!",
    -2146826273: "#VALUE!",
}
_ERROR_CODES = {text: code for code, text in ERROR_TEXTS.items()}
BOOLEAN = "BOOLEAN"


def prepare(value: Any) -> Any:
    """Return a Python value as COM would carry it; nothing at all is an empty text."""
    if value is None:
        return ""
    if pd is not None and value is pd.NaT:
        return ""
    if isinstance(value, (str, bool, int, dt.datetime)):
        return value.to_pydatetime() if pd is not None and isinstance(value, pd.Timestamp) else value
    if isinstance(value, float):
        return "" if value != value else value
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)
    if np is not None and isinstance(value, np.datetime64):
        return "" if np.isnat(value) else value.astype("datetime64[us]").astype(dt.datetime)
    if pd is not None and pd.isna(value):
        return ""
    if np is not None and isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, numbers.Real) or (np is not None and isinstance(value, np.number)):
        return float(value)
    return value


class Block:
    """A block of cells to be written, in the form the helper takes."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.rows: list[list[Any]] = [[""] * shape[1] for _ in range(shape[0])]
        self.formulas: dict[tuple[int, int], str] = {}
        self.formats: dict[tuple[int, int], str] = {}
        self.texts: dict[tuple[int, int], str] = {}
        self.refusals: dict[tuple[int, int], str] = {}

    def put(self, row: int, column: int, value: Any) -> None:
        """Enter one cell as Excel would take it."""
        if isinstance(value, str):
            if value:
                self._put_text((row, column), value)
        elif isinstance(value, bool):
            self.rows[row][column] = float(value)
            self.formats[row, column] = BOOLEAN
            self.texts[row, column] = str(value).upper()
        elif isinstance(value, (int, float)):
            self.rows[row][column] = float(value)
        elif isinstance(value, dt.datetime):
            self._put_moment((row, column), value)
        elif value is not None:
            prepared = prepare(value)
            if prepared is value:
                raise ComError(f"Objects of type {type(value).__name__!r} can not be converted to a COM VARIANT")
            self.put(row, column, prepared)

    def _put_moment(self, place: tuple[int, int], value: dt.datetime) -> None:
        has_time = (value.hour, value.minute, value.second, value.microsecond) != (0, 0, 0, 0)
        self.rows[place[0]][place[1]] = parsing.serial(value)
        self.formats[place] = parsing.DATE_TIME if has_time else parsing.DATE
        time = f" {value.hour}:{value.minute:02}:{value.second:02}" if has_time else ""
        self.texts[place] = f"{value.year}/{value.month}/{value.day}{time}"

    def _put_text(self, place: tuple[int, int], text: str) -> None:
        limits.check_text(text)
        row, column = place
        try:
            parsed = parsing.parse(text)
            formula = calc_formula(str(parsed.value)) if parsed.is_formula else ""
        except ComError as error:  # only a cell that takes what is typed refuses it: a text cell does not
            self.rows[row][column] = self.texts[place] = text
            self.refusals[place] = str(error)
            return
        if parsed.is_formula:
            self.formulas[place] = formula
        elif isinstance(parsed.value, bool):
            self.rows[row][column] = float(parsed.value)
            self.formats[place] = BOOLEAN
        else:
            self.rows[row][column] = parsed.value
            if parsed.format is not None:
                self.formats[place] = parsed.format
        if parsed.is_formula or parsed.value is not text:
            # The apostrophe that marks a text is not part of it, in a text cell either.
            self.texts[place] = text[1:] if text[0] == "'" else text

    def parts(self) -> tuple[Any, ...]:
        """Return what `cells.write` takes after the rectangle."""
        return self.rows, self.formulas, self.formats, self.texts, self.refusals


def calc_formula(text: str) -> str:
    """Return a formula as the helper takes it, or refuse what Excel cannot read."""
    if len(text) > 8192:
        raise ComError("A formula holds at most 8,192 characters.")
    try:
        return formulas.to_calc(text)
    except Exception as error:
        raise ComError(f"There's a problem with this formula: {text!r}") from error


def matrix(data: Any, shape: tuple[int, int]) -> list[list[Any]]:
    """Return what is assigned to a range of this shape, as rows: a single value fills it."""
    if not isinstance(data, (list, tuple)):
        return [[data] * shape[1] for _ in range(shape[0])]
    rows = [list(row) for row in data] if data and isinstance(data[0], (list, tuple)) else [list(data)] * shape[0]
    missing = ERROR_TEXTS_NA
    fitted = [(row + [missing] * (shape[1] - len(row)))[: shape[1]] for row in rows[: shape[0]]]
    return fitted + [[missing] * shape[1] for _ in range(shape[0] - len(fitted))]


ERROR_TEXTS_NA = "#N/A"


def block(rows: list[list[Any]], origin: tuple[int, int], *, fill: bool) -> Block:
    """Return the rows as a block; with `fill`, a formula is one typed into the first cell and copied."""
    made = Block((len(rows), len(rows[0]) if rows else 0))
    if fill and isinstance(rows[0][0], str) and rows[0][0].startswith("=") and len(rows[0][0]) > 1:
        return _filled(made, rows)
    for row, line in enumerate(rows):
        for column, value in enumerate(line):
            made.put(row, column, value)
    return made


def _filled(made: Block, rows: list[list[Any]]) -> Block:
    text = rows[0][0]
    for row, line in enumerate(rows):
        for column, _ in enumerate(line):
            moved = formulas.shift(text, row, column)
            made.formulas[row, column] = calc_formula(moved)
            made.texts[row, column] = text
    return made


def from_answer(answer: dict[str, Any], rect: Rect) -> Any:
    """Return what `cells.read` sent, as COM's Value: a single value, or a tuple of rows."""
    height, width = rect[2] - rect[0] + 1, rect[3] - rect[1] + 1
    seen = answer["rect"]
    if seen is None:
        rows: list[list[Any]] = [[None] * width for _ in range(height)]
    else:
        rows = _typed(answer, seen)
        after = width - len(rows[0]) - (seen[1] - rect[1])
        if after or seen[1] != rect[1]:
            rows = [[None] * (seen[1] - rect[1]) + row + [None] * after for row in rows]
        blank = [None] * width
        rows = [list(blank) for _ in range(seen[0] - rect[0])] + rows + [list(blank) for _ in range(rect[2] - seen[2])]
    if height == width == 1:
        return rows[0][0]
    return tuple(map(tuple, rows))


def _typed(answer: dict[str, Any], seen: Rect) -> list[list[Any]]:
    rows = [[None if value == "" else value for value in row] for row in answer["rows"]]
    for part in answer["dates"]:
        _change(rows, seen, part, parsing.moment_of)
    for part in answer["booleans"]:
        _change(rows, seen, part, bool)
    for row, column, text in answer["errors"]:
        rows[row][column] = _ERROR_CODES.get(text, _ERROR_CODES["#VALUE!"])
    return rows


def _change(rows: list[list[Any]], seen: Rect, part: Rect, how: Any) -> None:
    for row in rows[part[0] - seen[0] : part[2] - seen[0] + 1]:
        for column in range(part[1] - seen[1], part[3] - seen[1] + 1):
            if isinstance(row[column], float):
                row[column] = how(row[column])


def formula_texts(answer: dict[str, Any], rect: Rect) -> Any:
    """Return what `cells.read_formulas` sent, as COM's Formula: texts, '' for a blank cell."""
    plain = dict(answer, dates=[]) if answer["rect"] is not None else answer
    found = from_answer(plain, rect)
    rows = [[found]] if not isinstance(found, tuple) else [list(row) for row in found]
    texts = [[_constant(value) for value in row] for row in rows]
    for part, block_ in answer.get("formulas", ()):
        for i, line in enumerate(block_):
            for j, text in enumerate(line):
                texts[part[0] - rect[0] + i][part[1] - rect[1] + j] = formulas.from_calc(text.strip("{}"))
    return texts[0][0] if not isinstance(found, tuple) else tuple(map(tuple, texts))


def _constant(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, int):
        return ERROR_TEXTS[value]
    return str(value)


def number_text(value: float) -> str:
    """Return a number as Excel's formula bar shows it."""
    if value == int(value) and abs(value) < 1e20:
        return str(int(value))
    text = f"{value:.15g}"
    if "e" in text:
        mantissa, _, exponent = text.partition("e")
        return f"{mantissa}E{exponent[0]}{exponent[1:].zfill(2)}"
    return text
