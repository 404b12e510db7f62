"""Sheets."""

from __future__ import annotations

import numbers
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from . import addresses, limits
from .addresses import Rect
from .counting import counted
from .drawings import Charts, Pictures, Shapes
from .errors import ComError, unsupported
from .names import Names
from .notes import Note
from .ranges import Range
from .session import SheetName
from .shims import SheetApi
from .tables import Tables

if TYPE_CHECKING:
    from .books import Book


@counted("api", "book")
class Sheets(base_classes.Sheets):
    """The sheets of a workbook."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.session = book.session

    def _names(self) -> list[str]:
        return self.session.call("sheets.names", self.book.uid)

    def _sheet(self, name: str) -> Sheet:
        return Sheet(self.book, self.session.sheet_name(self.book.uid, name))

    @property
    def api(self) -> Any:
        """Refuse: the host has no use for it."""
        raise unsupported("Sheets.api")

    @property
    def active(self) -> Sheet:
        """Return the active sheet."""
        return self._sheet(self.session.call("sheets.active", self.book.uid))

    def __call__(self, name_or_index: int | str) -> Sheet:
        names = self._names()
        if isinstance(name_or_index, numbers.Number):
            if 1 <= name_or_index <= len(names):
                return self._sheet(names[int(name_or_index) - 1])
        else:
            for name in names:
                if name.lower() == str(name_or_index).lower():
                    return self._sheet(name)
        raise ComError(f"Subscript out of range: there is no sheet {name_or_index!r}.")

    def __len__(self) -> int:
        return len(self._names())

    def __iter__(self) -> Iterator[Sheet]:
        return iter([self._sheet(name) for name in self._names()])

    def add(self, before: Sheet | None = None, after: Sheet | None = None, name: str | None = None) -> Sheet:
        """Insert a sheet, before the active one by default; it becomes the active one."""
        if before is not None:
            position = before.index - 1
        elif after is not None:
            position = after.index
        else:
            position = self.active.index - 1
        made = self._sheet(self.session.change("sheets.add", self.book.uid, position))
        if name is not None:
            made.name = name
        return made


@counted("api", "book", "session", "rect", "call", "change", "uid")
class Sheet(base_classes.Sheet):
    """One sheet. It is known by its name, which every object for the same sheet shares."""

    book: Book = None

    def __init__(self, book: Book, shared: SheetName) -> None:
        self.book = book
        self.session = book.session
        self.shared = shared

    @property
    def uid(self) -> str:
        """Return the workbook's id."""
        return self.book.uid

    def call(self, request: str, *args: Any) -> Any:
        """Return the helper's answer about this sheet."""
        return self.session.call(request, self.uid, self.shared.text, *args)

    def change(self, request: str, *args: Any) -> Any:
        """Return the helper's answer to a change of this sheet."""
        return self.session.change(request, self.uid, self.shared.text, *args)

    def rect(self, rect: Rect) -> Range:
        """Return the range of a 0-based rectangle."""
        top, left, bottom, right = rect
        return Range(self, top + 1, left + 1, bottom - top + 1, right - left + 1)

    @property
    def api(self) -> SheetApi:
        """Return the imitated COM object."""
        return SheetApi(self)

    @property
    def name(self) -> str:
        """Return the sheet's name."""
        if self.shared.text not in self.session.call("sheets.names", self.uid):
            raise ComError("Object required: the sheet was deleted.")
        return self.shared.text

    @name.setter
    def name(self, value: str) -> None:
        limits.check_sheet_name(value)
        old = self.shared.text
        self.change("sheets.rename", value)
        self.session.renamed(self.uid, old, value)

    @property
    def names(self) -> Names:
        """Return the names of this sheet alone."""
        return Names(self.book, self)

    @property
    def index(self) -> int:
        """Return the sheet's place, 1-based."""
        return self.session.call("sheets.names", self.uid).index(self.shared.text) + 1

    @property
    def notes(self) -> list[Note]:
        """Return the notes."""
        return [Note(self, row, column, found) for row, column, *found in self.call("notes.list")]

    @property
    def comments(self) -> list[Any]:
        """Refuse: Calc has no threaded comments."""
        raise unsupported("Sheet.comments")

    def range(self, arg1: Any, arg2: Any = None) -> Range:
        """Return a range by address, name, coordinates or corners."""
        if isinstance(arg1, tuple) and len(arg1) == 4:
            return Range(self, *arg1)
        if isinstance(arg1, numbers.Number) and isinstance(arg2, numbers.Number):
            arg1, arg2 = (int(arg1), int(arg2)), None
        one = self._area(arg1)
        if arg2 is None:
            return self.rect(one)
        other = self._area(arg2)
        return self.rect((min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])))

    def _area(self, arg: Any) -> Rect:
        if isinstance(arg, Range):
            return arg.rect
        if isinstance(arg, tuple):
            if 0 in arg:
                raise IndexError("Attempted to access 0-based Range. xlwings/Excel Ranges are 1-based.")
            row, column = arg
            if not (1 <= row <= addresses.ROWS and 1 <= column <= addresses.COLUMNS):
                raise ComError("Application-defined or object-defined error: outside of the sheet.")
            return row - 1, column - 1, row - 1, column - 1
        return self._by_text(str(arg))

    def _by_text(self, text: str) -> Rect:
        sheet, rest = addresses.split_sheet(text)
        if "," in rest and "[" not in rest:
            raise unsupported(f"a range of several areas ({text!r})")
        rect = addresses.parse(rest)
        if rect is not None and (sheet is None or sheet.lower() == self.shared.text.lower()):
            return rect
        found = self.call("names.resolve", rest) if rect is None else None
        if found is None or found[0] != self.shared.text:
            raise ComError(f"Method 'Range' of object '_Worksheet' failed: {text!r}")
        return found[1]

    @property
    def cells(self) -> Range:
        """Return all cells."""
        return Range(self, 1, 1, addresses.ROWS, addresses.COLUMNS)

    @property
    def used_range(self) -> Range:
        """Return the used part."""
        return self.rect(self.call("cells.used"))

    def activate(self) -> None:
        """Show the sheet."""
        self.change("sheets.activate")

    def select(self) -> None:
        """Show the sheet."""
        self.change("sheets.activate")

    def clear_contents(self) -> None:
        """Clear values and formulas."""
        self.change("cells.clear", None, "contents")

    def clear_formats(self) -> None:
        """Clear what cells look like."""
        self.change("cells.clear", None, "formats")

    def clear(self) -> None:
        """Clear everything."""
        self.change("cells.clear", None, "all")

    def autofit(self, axis: str | None = None) -> None:
        """Fit rows, columns or both."""
        if axis in (None, "columns", "c"):
            self.change("sheets.fit", None, "columns")
        if axis in (None, "rows", "r"):
            self.change("sheets.fit", None, "rows")

    def delete(self) -> None:
        """Delete the sheet."""
        self.change("sheets.delete")
        self.session.deleted(self.uid, self.shared.text)

    def copy(self, before: Sheet | None, after: Sheet | None) -> None:
        """Copy the sheet, into another workbook too; the copy becomes the active sheet."""
        target = before or after
        position = target.index - 1 if before else target.index
        self.change("copy.sheet", target.uid, position)

    def move(self, before: Sheet | None, after: Sheet | None) -> None:
        """Move the sheet."""
        target = before or after
        self.change("sheets.move", target.index - 1 if before else target.index)

    @property
    def charts(self) -> Charts:
        """Return the charts."""
        return Charts(self)

    @property
    def shapes(self) -> Shapes:
        """Return what is drawn."""
        return Shapes(self)

    @property
    def pictures(self) -> Pictures:
        """Return the pictures."""
        return Pictures(self)

    @property
    def tables(self) -> Tables:
        """Return the tables."""
        return Tables(self)

    @property
    def pivot_tables(self) -> Any:
        """Refuse: not imitated."""
        raise unsupported("Sheet.pivot_tables")

    @property
    def visible(self) -> bool:
        """Return whether the sheet shows."""
        return self.call("sheets.visible") == -1

    @visible.setter
    def visible(self, value: bool | int) -> None:
        self.change("sheets.show", 2 if value == 2 and value is not True else -1 if value else 0)

    def _needs_window(self, member: str) -> None:
        if self.call("sheets.visible") != -1:
            raise ValueError(f"Sheet.{member}: hidden sheets can't be activated. Set sheet.visible = True first.")

    @property
    def show_gridlines(self) -> bool:
        """Return whether grid lines show."""
        self._needs_window("show_gridlines")
        return self.call("sheets.gridlines")

    @show_gridlines.setter
    def show_gridlines(self, value: bool) -> None:
        self._needs_window("show_gridlines")
        self.change("sheets.set_gridlines", bool(value))

    @property
    def page_setup(self) -> PageSetup:
        """Return the print set-up."""
        return PageSetup(self)

    @property
    def freeze_panes(self) -> FreezePanes:
        """Return what is frozen."""
        return FreezePanes(self)

    def to_html(self, path: str) -> None:
        """Refuse: not imitated."""
        raise unsupported("Sheet.to_html")


@counted("api")
class PageSetup(base_classes.PageSetup):
    """A sheet's print set-up."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    @property
    def api(self) -> Any:
        """Return the imitated COM object."""
        from .shims import PageSetupApi

        return PageSetupApi(self._sheet)

    @property
    def print_area(self) -> str | None:
        """Return the print areas' addresses."""
        return ",".join(map(addresses.a1, self._sheet.call("sheets.print_area"))) or None

    @print_area.setter
    def print_area(self, value: str | None) -> None:
        rects = [self._sheet.range(part).rect for part in value.split(",")] if value else []
        self._sheet.change("sheets.set_print_area", rects)


@counted()
class FreezePanes(base_classes.FreezePanes):
    """The frozen rows and columns of a sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    def freeze_at(self, frozen_range: str) -> None:
        """Freeze the rows and columns that a range covers."""
        bottom, right = self._sheet.range(frozen_range).rect[2:]
        rows = 0 if bottom == addresses.ROWS - 1 else bottom + 1
        columns = 0 if right == addresses.COLUMNS - 1 else right + 1
        self._sheet.change("sheets.freeze", rows, columns)

    def unfreeze(self) -> None:
        """Lift it."""
        self._sheet.change("sheets.freeze", 0, 0)
