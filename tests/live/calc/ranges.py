"""Ranges: a sheet and a rectangle. Whatever is asked of one is a single request, however many cells it has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import xlwings
from xlwings import base_classes
from xlwings.expansion import expanders

from . import addresses, formulas, numformats, values
from .addresses import Rect
from .counting import counted
from .errors import ComError, unsupported
from .looks import Borders, Characters, Font, color_from_calc, color_to_calc
from .names import Name, Names, name_of
from .notes import Note
from .rules import AutoFilter, ConditionalFormats, DataValidation
from .shims import RangeApi
from .sizes import chars_of, mm_of_chars, mm_of_points, points_of

if TYPE_CHECKING:
    from .sheets import Sheet
    from .tables import Table

_DIRECTIONS = {
    "d": "down",
    "u": "up",
    "l": "left",
    "r": "right",
    "down": "down",
    "up": "up",
    "left": "left",
    "right": "right",
}
_DIRECTIONS |= {-4121: "down", -4162: "up", -4159: "left", -4161: "right"}
_LOCAL = ("api", "sheet", "coords", "row", "column", "shape", "rect", "filled", "font", "borders", "data_validation")
_LOCAL += ("autofilter", "conditional_formats", "characters", "rows", "columns", "expand", "max_cells_per_read")
_LOCAL += ("max_cells_per_write", "get_async_pipeline_overrides", "address", "options")
_COPY_TYPES = {"all": "all", "formats": "formats", "formulas": "formulas", "values": "values", "link": None}


@counted(*_LOCAL)
class Range(base_classes.Range):
    """A rectangle of a sheet; rows and columns count from 1, and an empty one has no cells."""

    sheet: Sheet = None
    row = column = 0
    shape = (0, 0)

    def __init__(self, sheet: Sheet, row: int, column: int, height: int, width: int) -> None:
        self.sheet = sheet
        self.row = row
        self.column = column
        self.shape = (height, width)

    max_cells_per_read = None
    max_cells_per_write = None

    @property
    def rect(self) -> Rect:
        """Return the 0-based rectangle."""
        return (self.row - 1, self.column - 1, self.row + self.shape[0] - 2, self.column + self.shape[1] - 2)

    @property
    def filled(self) -> bool:
        """Return whether the range has cells at all."""
        return bool(self.shape[0] and self.shape[1])

    @property
    def coords(self) -> tuple[Any, int, int, int, int]:
        """Return the sheet and the place."""
        return (self.sheet, self.row, self.column, *self.shape)

    @property
    def api(self) -> RangeApi | None:
        """Return the imitated COM object; None for a range without cells, as xlwings expects."""
        return RangeApi(self) if self.filled else None

    def _call(self, request: str, *args: Any) -> Any:
        return self.sheet.call(request, self.rect, *args)

    def _change(self, request: str, *args: Any) -> Any:
        return self.sheet.change(request, self.rect, *args)

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, arg1: int, arg2: int | None = None) -> Range:
        if arg2 is None:
            arg1, arg2 = (arg1 - 1) // self.shape[1] + 1, (arg1 - 1) % self.shape[1] + 1
        row, column = self.row + arg1 - 1, self.column + arg2 - 1
        if not (1 <= row <= addresses.ROWS and 1 <= column <= addresses.COLUMNS):
            raise ComError("Application-defined or object-defined error: outside of the sheet.")
        return Range(self.sheet, row, column, 1, 1)

    @property
    def rows(self) -> Range:
        """Return the range itself."""
        return self

    @property
    def columns(self) -> Range:
        """Return the range itself."""
        return self

    @property
    def address(self) -> str:
        """Return the absolute address."""
        if not self.filled:
            return f"${addresses.column_letters(self.column)}${self.row}{{{self.shape[0]}x{self.shape[1]}}}"
        return addresses.a1(self.rect)

    def get_address(self, row_absolute: bool, col_absolute: bool, external: bool) -> str:
        """Return the address, with workbook and sheet before it where asked."""
        text = addresses.a1(self.rect, bool(row_absolute), bool(col_absolute))
        if not external:
            return text
        book = self.sheet.book.name
        place = f"[{book}]{self.sheet.shared.text}"
        if not re.fullmatch(r"[\w.\[\]]+", place) or place[1].isdigit():
            place = "'" + place.replace("'", "''") + "'"
        return f"{place}!{text}"

    # Values and formulas

    @property
    def raw_value(self) -> Any:
        """Return the values: one for a cell, else a tuple of rows."""
        return values.from_answer(self._call("cells.read"), self.rect) if self.filled else None

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        self._write(data)

    def _write(self, data: Any) -> None:
        if not self.filled:
            return
        fill = not isinstance(data, (list, tuple))
        target = self
        if fill and len(self) > addresses.ROWS:
            raise unsupported(f"one value for {len(self):,} cells")
        if self.rect[2] >= addresses.ROWS or self.rect[3] >= addresses.COLUMNS:
            raise ComError("Application-defined or object-defined error: the values do not fit on the sheet.")
        made = values.block(values.matrix(data, self.shape), (self.row, self.column), fill=fill)
        target._change("cells.write", *made.parts())

    @property
    def formula(self) -> Any:
        """Return the formulas, or the constants as texts."""
        return values.formula_texts(self._call("cells.read_formulas"), self.rect) if self.filled else None

    @formula.setter
    def formula(self, value: Any) -> None:
        self._write(value)

    @property
    def formula2(self) -> Any:
        """Return the formulas."""
        return self.formula

    @formula2.setter
    def formula2(self, value: Any) -> None:
        self._write(value)

    @property
    def formula_array(self) -> Any:
        """Return the array formula, else the plain one."""
        text = self._call("cells.array_formula")
        return formulas.from_calc(text.strip("{}")) if text else self.formula

    @formula_array.setter
    def formula_array(self, value: str) -> None:
        self._change("cells.fill_formula", values.calc_formula(value))

    @property
    def has_array(self) -> bool:
        """Return whether an array formula is here."""
        return self._call("cells.array_parts")

    def clear_contents(self) -> None:
        """Clear values and formulas."""
        if self.filled:
            self._change("cells.clear", "contents")

    def clear_formats(self) -> None:
        """Clear what cells look like."""
        self._change("cells.clear", "formats")

    def clear(self) -> None:
        """Clear everything."""
        if self.filled:
            self._change("cells.clear", "all")

    # Finding one's way

    def end(self, direction: Any) -> Range:
        """Return the cell at the end of a block, as Ctrl and an arrow key find it."""
        row, column = self.sheet.call("cells.end", self.row - 1, self.column - 1, _DIRECTIONS[direction])
        return Range(self.sheet, row + 1, column + 1, 1, 1)

    @property
    def current_region(self) -> Range:
        """Return the block of filled cells around."""
        return self.sheet.rect(self._call("cells.region"))

    def expand(self, mode: str = "table") -> Range:
        """Return the range grown over filled neighbours."""
        return expanders.get(mode, mode).expand(xlwings.Range(impl=self)).impl

    def get_special_cells(self, cell_type: str, value_type: str | None) -> list[Range]:
        """Return the areas of one kind."""
        return [self.sheet.rect(rect) for rect in self._call("cells.kinds", cell_type, value_type)]

    def find(self, text: str, whole: bool, direction: str, order: str, match_case: bool) -> Range | None:
        """Return the first cell that shows a text, or None; * and ? are wildcards."""
        found = self.raw_value
        rows = [[found]] if len(self) == 1 else found
        pattern = _wildcards(text, match_case)
        hits = [
            (row, column)
            for row, line in enumerate(rows)
            for column, value in enumerate(line)
            if value is not None and (pattern.fullmatch if whole else pattern.search)(_shown(value))
        ]
        if not hits:
            return None
        hits.sort(key=(lambda hit: hit) if order == "rows" else (lambda hit: hit[::-1]))
        row, column = hits[0] if direction == "forward" else hits[-1]
        return self(row + 1, column + 1)

    def replace_all(self, old: str, new: str, whole: bool, match_case: bool) -> None:
        """Replace a text in all formulas and constants."""
        if not self.filled:
            return
        found = self.formula
        rows = [[found]] if len(self) == 1 else [list(line) for line in found]
        pattern = _wildcards(old, match_case)
        for row, line in enumerate(rows):
            for column, text in enumerate(line):
                changed = (
                    new if whole and pattern.fullmatch(text) else text if whole else pattern.sub(lambda _: new, text)
                )
                if changed != text:
                    self(row + 1, column + 1)._write(changed)

    # Looks

    @property
    def font(self) -> Font:
        """Return the font."""
        return Font(self)

    @property
    def borders(self) -> Borders:
        """Return the borders."""
        return Borders(self)

    @property
    def characters(self) -> Characters:
        """Return the characters of the first cell."""
        return Characters(self)

    @property
    def number_format(self) -> str | None:
        """Return the number format; None where the cells differ."""
        if not self.filled:
            return ""
        text = self._call("looks.number_format")
        return None if text is None else numformats.from_calc(text)

    @number_format.setter
    def number_format(self, value: str) -> None:
        if self.filled:
            self._change("looks.set_number_format", numformats.to_calc(value))

    @property
    def color(self) -> tuple[int, int, int] | None:
        """Return the fill."""
        found = self._call("looks.color") if self.filled else None
        return None if found in (None, -1) else color_from_calc(found)

    @color.setter
    def color(self, value: Any) -> None:
        if self.filled:
            fill = -1 if value is None else color_to_calc(value)
            self.sheet.change("looks.set_colors", [(self.rect, fill)])

    def set_colors(self, colors: list[list[Any]]) -> None:
        """Fill cells one by one; `...` leaves one as it is."""
        fills = []
        for i, line in enumerate(colors):
            for j, color in enumerate(line):
                if color is not ...:
                    row, column = self.row - 1 + i, self.column - 1 + j
                    fills.append(((row, column, row, column), -1 if color is None else color_to_calc(color)))
        self.sheet.change("looks.set_colors", fills)

    @property
    def wrap_text(self) -> bool | None:
        """Return whether text wraps."""
        return self._call("looks.alignment", "wrap")

    @wrap_text.setter
    def wrap_text(self, value: bool) -> None:
        self._change("looks.set_alignment", "wrap", value)

    @property
    def horizontal_alignment(self) -> str | None:
        """Return the horizontal alignment."""
        return self._call("looks.alignment", "horizontal")

    @horizontal_alignment.setter
    def horizontal_alignment(self, value: str) -> None:
        self._change("looks.set_alignment", "horizontal", value)

    @property
    def vertical_alignment(self) -> str | None:
        """Return the vertical alignment."""
        return self._call("looks.alignment", "vertical")

    @vertical_alignment.setter
    def vertical_alignment(self, value: str) -> None:
        self._change("looks.set_alignment", "vertical", value)

    def adjust_indent(self, amount: int) -> None:
        """Move the text right."""
        self._change("looks.indent", amount)

    # Sizes

    @property
    def column_width(self) -> float | None:
        """Return the width in characters; None where columns differ."""
        if not self.filled:
            return 0
        each, _, _ = self._call("looks.sizes", "columns")
        return None if each is None else chars_of(each)

    @column_width.setter
    def column_width(self, value: float) -> None:
        if not 0 <= value <= 255:
            raise ComError("Unable to set the ColumnWidth property of the Range class")
        if self.filled:
            self._change("looks.set_size", "columns", mm_of_chars(value))

    @property
    def row_height(self) -> float | None:
        """Return the height in points; None where rows differ."""
        if not self.filled:
            return 0
        each, _, _ = self._call("looks.sizes", "rows")
        return None if each is None else points_of(each)

    @row_height.setter
    def row_height(self, value: float) -> None:
        if not 0 <= value <= 409.5:
            raise ComError("Unable to set the RowHeight property of the Range class")
        if self.filled:
            self._change("looks.set_size", "rows", mm_of_points(value))

    @property
    def width(self) -> float:
        """Return the width in points."""
        return points_of(self._call("looks.sizes", "columns")[1]) if self.filled else 0

    @property
    def height(self) -> float:
        """Return the height in points."""
        return points_of(self._call("looks.sizes", "rows")[1]) if self.filled else 0

    @property
    def left(self) -> float:
        """Return the distance from the sheet's left edge in points."""
        return points_of(self._call("looks.sizes", "columns")[2]) if self.filled else 0

    @property
    def top(self) -> float:
        """Return the distance from the sheet's top edge in points."""
        return points_of(self._call("looks.sizes", "rows")[2]) if self.filled else 0

    @property
    def row_hidden(self) -> bool | None:
        """Return whether the rows are hidden."""
        return self._call("looks.hidden", "rows")

    @row_hidden.setter
    def row_hidden(self, value: bool) -> None:
        self._change("looks.hide", "rows", value)

    @property
    def column_hidden(self) -> bool | None:
        """Return whether the columns are hidden."""
        return self._call("looks.hidden", "columns")

    @column_hidden.setter
    def column_hidden(self, value: bool) -> None:
        self._change("looks.hide", "columns", value)

    def autofit(self, axis: str | None = None) -> None:
        """Fit rows, columns or both."""
        if axis in (None, "columns", "c"):
            self._change("sheets.fit", "columns")
        if axis in (None, "rows", "r"):
            self._change("sheets.fit", "rows")

    @property
    def merge_area(self) -> Range:
        """Return the merged cell the range begins in."""
        return self.sheet.rect(self._call("looks.merge_area"))

    @property
    def merge_cells(self) -> bool | None:
        """Return whether the range is merged."""
        return self._call("looks.merged")

    def merge(self, across: bool) -> None:
        """Merge."""
        self._change("looks.merge", across)

    def unmerge(self) -> None:
        """Take merged cells apart."""
        self._change("looks.unmerge")

    # Moving things about

    def insert(self, shift: str | None = None, copy_origin: str | None = None) -> None:
        """Insert cells."""
        default = "right" if self.shape[0] > self.shape[1] else "down"
        self._change("cells.insert", shift or default, copy_origin == "format_from_right_or_below")

    def delete(self, shift: str | None = None) -> None:
        """Delete cells."""
        self._change("cells.delete", shift or ("left" if self.shape[0] >= self.shape[1] else "up"))

    def copy(self, destination: Any = None) -> None:
        """Copy to a destination, or remember the range for `paste`."""
        here = (self.sheet.uid, self.sheet.shared.text, self.rect)
        if destination is None:
            self.sheet.session.change("app.set", "clipboard", here)
            self.sheet.session.change("app.set", "cut_copy_mode", "copy")
            return
        target = getattr(destination, "impl", destination)
        self.sheet.session.change("copy.range", *here, target.sheet.uid, target.sheet.shared.text, target.rect)

    def copy_from(
        self, source_range: Any, copy_type: str = "all", skip_blanks: bool = False, transpose: bool = False
    ) -> None:
        """Copy from another range."""
        source = getattr(source_range, "impl", source_range)
        self._special(source.sheet.uid, source.sheet.shared.text, source.rect, copy_type, None, skip_blanks, transpose)

    def paste(
        self, paste: str | None = None, operation: str | None = None, skip_blanks: bool = False, transpose: bool = False
    ) -> None:
        """Paste what was copied."""
        kept = self.sheet.session.call("app.setting", "clipboard")
        if not kept:
            raise ComError("PasteSpecial method of Range class failed")
        uid, name, rect = kept
        self._special(uid, name, tuple(rect), paste or "all", operation, skip_blanks, transpose)

    def _special(self, uid: str, name: str, rect: Rect, *how: Any) -> None:
        here = (self.sheet.uid, self.sheet.shared.text, self.rect)
        if how[0] in ("validation", "link"):
            raise unsupported(f"pasting {how[0]!r}")
        self.sheet.session.change("copy.special", (uid, name, rect), here, *how)

    def move(self, destination: Any) -> None:
        """Cut and paste elsewhere."""
        target = getattr(destination, "impl", destination)
        self._change("copy.move", target.sheet.shared.text, target.row - 1, target.column - 1)

    def autofill(self, destination: Any, type_: str = "fill_default") -> None:
        """Fill a larger range from this one."""
        target = getattr(destination, "impl", destination)
        self._change("copy.fill", target.rect, type_)

    def sort(self, keys: list[int], ascending: list[bool], has_headers: bool) -> None:
        """Sort the rows."""
        self._change("cells.sort", list(keys), list(ascending), has_headers)

    def remove_duplicates(self, columns: list[int], has_headers: bool) -> None:
        """Keep the first of rows that are alike in some columns."""
        rows = [list(line) for line in self.formula] if len(self) > 1 else [[self.formula]]
        head, body = (rows[:1], rows[1:]) if has_headers else ([], rows)
        seen: set[tuple[str, ...]] = set()
        kept = []
        for line in body:
            key = tuple(line[column - 1].lower() for column in columns)
            if key not in seen:
                seen.add(key)
                kept.append(line)
        self._write(head + kept + [[""] * self.shape[1]] * (len(body) - len(kept)))

    def group(self, by: str) -> None:
        """Refuse: not imitated."""
        raise unsupported("Range.group")

    # What hangs on cells

    @property
    def name(self) -> Name | None:
        """Return the name of exactly this range."""
        return name_of(self)

    @name.setter
    def name(self, value: str) -> None:
        place = f"={addresses.quoted(self.sheet.shared.text)}!{addresses.a1(self.rect)}"
        Names(self.sheet.book).add(value, place)

    @property
    def note(self) -> Note | None:
        """Return the first cell's note."""
        found = self.sheet.call("notes.get", self.row - 1, self.column - 1)
        return None if found is None else Note(self.sheet, self.row - 1, self.column - 1, found)

    def add_note(self, text: str) -> Note:
        """Write a note on the cell."""
        self.sheet.change("notes.set", self.row - 1, self.column - 1, text)
        return Note(self.sheet, self.row - 1, self.column - 1)

    @property
    def comment(self) -> None:
        """Refuse: Calc has no threaded comments."""
        raise unsupported("Range.comment")

    @property
    def hyperlink(self) -> str:
        """Return the link's address."""
        if not self.filled:
            return ""
        found = self._call("looks.link")
        if not found:
            raise Exception("The cell doesn't seem to contain a hyperlink!")
        return found

    def add_hyperlink(self, address: str, text_to_display: str, screen_tip: str) -> None:
        """Put a link into the cell."""
        if self.filled:
            self._change("looks.set_link", address, text_to_display)

    @property
    def data_validation(self) -> DataValidation:
        """Return the rule for typing."""
        return DataValidation(self)

    @property
    def conditional_formats(self) -> ConditionalFormats:
        """Return the rules for looks."""
        return ConditionalFormats(self)

    @property
    def autofilter(self) -> AutoFilter:
        """Return the filter."""
        return AutoFilter(self)

    @property
    def table(self) -> Table | None:
        """Return the table the range is in."""
        for table in self.sheet.tables:
            top, left, bottom, right = table.rect
            if top <= self.row - 1 <= bottom and left <= self.column - 1 <= right:
                return table
        return None

    def select(self) -> None:
        """Select the range; its sheet must be the active one."""
        self.sheet.session.change("app.select", self.sheet.uid, self.sheet.shared.text, self.rect)

    def copy_picture(self, appearance: str, format: str) -> None:
        """Do nothing: nobody pastes the picture."""

    def to_png(self, path: str) -> None:
        """Refuse: not imitated."""
        raise unsupported("Range.to_png")

    def to_pdf(self, path: str, quality: str) -> None:
        """Refuse: not imitated."""
        raise unsupported("Range.to_pdf")


def _wildcards(text: str, match_case: bool) -> re.Pattern[str]:
    parts = re.findall(r"~[~*?]|\*|\?|[^*?~]+|~", text)
    pattern = "".join(
        ".*"
        if part == "*"
        else "."
        if part == "?"
        else re.escape(part[1:] if part[:1] == "~" and len(part) == 2 else part)
        for part in parts
    )
    return re.compile(pattern, re.DOTALL | (0 if match_case else re.IGNORECASE))


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return values.number_text(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int):
        return values.ERROR_TEXTS.get(value, str(value))
    if hasattr(value, "year"):
        return f"{value.year}/{value.month}/{value.day}"
    return str(value)
