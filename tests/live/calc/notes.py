"""Notes on cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from .counting import counted
from .errors import unsupported

if TYPE_CHECKING:
    from .ranges import Range
    from .sheets import Sheet


@counted("api")
class Note(base_classes.Note):
    """The note of one cell, 0-based."""

    def __init__(self, sheet: Sheet, row: int, column: int, found: list[str] | tuple[str, str] | None = None) -> None:
        self._sheet = sheet
        self._place = row, column
        self._found = found

    @property
    def api(self) -> Any:
        """Refuse: the host has no use for it."""
        raise unsupported("Note.api")

    def _read(self) -> list[str] | tuple[str, str]:
        if self._found is None:
            self._found = self._sheet.call("notes.get", *self._place)
        return self._found

    @property
    def text(self) -> str:
        """Return the note's text."""
        return self._read()[0]

    @text.setter
    def text(self, value: str) -> None:
        self._sheet.change("notes.set", *self._place, value)
        self._found = None

    @property
    def author(self) -> str:
        """Return who wrote it."""
        return self._read()[1]

    @property
    def location(self) -> Range:
        """Return the cell."""
        row, column = self._place
        return self._sheet.rect((row, column, row, column))

    def delete(self) -> None:
        """Delete the note."""
        self._sheet.change("notes.delete", *self._place)
