"""Defined names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from . import formulas
from .addresses import a1, quoted, split_sheet
from .counting import counted
from .errors import ComError, unsupported

if TYPE_CHECKING:
    from .books import Book
    from .ranges import Range
    from .sheets import Sheet


@counted("api")
class Names(base_classes.Names):
    """The names of a workbook, those of its sheets among them, or of one sheet."""

    def __init__(self, book: Book, sheet: Sheet | None = None) -> None:
        self._book = book
        self._sheet = sheet

    @property
    def api(self) -> Any:
        """Refuse: the host has no use for it."""
        raise unsupported("Names.api")

    def _all(self) -> list[Name]:
        scope = self._sheet.shared.text if self._sheet else None
        found = self._book.session.call("names.list", self._book.uid, scope)
        names = [Name(self._book, sheet, name, text) for sheet, name, text in found]
        return sorted(names, key=lambda one: one.bare.lower())

    def snapshot(self) -> list[tuple[str, Name]]:
        """Return (name, object) of all names."""
        return [(one.full, one) for one in self._all()]

    def _find(self, wanted: str) -> Name | None:
        names = self._all()
        for one in names:
            if one.full.lower() == wanted.lower():
                return one
        return next((one for one in names if self._sheet and one.bare.lower() == wanted.lower()), None)

    def __call__(self, name_or_index: int | str) -> Name:
        if isinstance(name_or_index, str):
            found = self._find(name_or_index)
            if found is None:
                raise ComError(f"There is no name {name_or_index!r}.")
            return found
        return self._all()[name_or_index - 1]

    def contains(self, name_or_index: int | str) -> bool:
        """Return whether a name is there."""
        if isinstance(name_or_index, str):
            return self._find(name_or_index) is not None
        return 1 <= name_or_index <= len(self)

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Name]:
        return iter(self._all())

    def add(self, name: str, refers_to: str) -> Name:
        """Define a name; "Sheet1!name" belongs to the sheet."""
        scope, bare = split_sheet(name)
        if scope is None and self._sheet is not None:
            scope = self._sheet.shared.text
        _check(bare)
        text = formulas.to_calc(refers_to if refers_to.startswith("=") else f"={refers_to}")[1:]
        self._book.session.change("names.add", self._book.uid, scope, bare, text)
        return Name(self._book, scope, bare, text)


def _check(name: str) -> None:
    from .addresses import parse

    wrong = not name or len(name) > 255 or " " in name or parse(name) is not None or name[0].isdigit()
    if wrong or any(sign in name for sign in "-+*/^&=<>,;:!'\"()[]{}@#$%"):
        raise ComError(f"The syntax of this name isn't correct: {name!r}")


@counted("api", "full", "bare", "scope", "text")
class Name(base_classes.Name):
    """One defined name."""

    def __init__(self, book: Book, scope: str | None, bare: str, text: str) -> None:
        self._book = book
        self.scope = scope
        self.bare = bare
        self.text = text

    @property
    def full(self) -> str:
        """Return the name with its sheet, where it belongs to one."""
        return self.bare if self.scope is None else f"{quoted(self.scope)}!{self.bare}"

    @property
    def api(self) -> Any:
        """Refuse: the host has no use for it."""
        raise unsupported("Name.api")

    def delete(self) -> None:
        """Delete the name."""
        self._book.session.change("names.delete", self._book.uid, self.scope, self.bare)

    @property
    def name(self) -> str:
        """Return the name."""
        return self.full

    @name.setter
    def name(self, value: str) -> None:
        _, bare = split_sheet(value)
        _check(bare)
        self._book.session.change("names.rename", self._book.uid, self.scope, self.bare, bare)
        self.bare = bare

    @property
    def refers_to(self) -> str:
        """Return the formula."""
        return formulas.from_calc("=" + self.text)

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        self.text = formulas.to_calc(value if value.startswith("=") else f"={value}")[1:]
        self._book.session.change("names.add", self._book.uid, self.scope, self.bare, self.text)

    @property
    def refers_to_range(self) -> Range:
        """Return the range the name points to."""
        from .sheets import Sheet

        found = self._book.session.call("names.resolve", self._book.uid, self.scope, self.bare)
        if found is None:
            raise ComError(f"The name {self.full!r} does not refer to a range.")
        sheet, rect = found
        return Sheet(self._book, self._book.session.sheet_name(self._book.uid, sheet)).rect(rect)


def name_of(area: Range) -> Name | None:
    """Return the name that means exactly this range."""
    sheet = area.sheet
    wanted = f"={quoted(sheet.shared.text)}!{a1(area.rect)}".lower()
    for one in Names(sheet.book):
        if one.refers_to.lower() == wanted:
            return one
    return None
