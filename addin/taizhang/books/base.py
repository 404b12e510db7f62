"""The ports: where a workbook is that acts read and rewrite, and what a program with it open must offer.

A closed file and an open workbook are both a `Host`: an act reads its bytes, edits a copy in
memory, and has the host put the outcome in place. A closed file is replaced whole. In an open
workbook only the differences are written, through a `Program`, so that the user's own edits,
undo stack and window stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeAlias

from taizhang.journal import Act, Head
from taizhang.layout.parts import Area, Sheet
from taizhang.places import Place
from taizhang.values import Value

Rows: TypeAlias = Sequence[Sequence[Value]]


class Host(Protocol):
    """A workbook that acts read and rewrite as a whole."""

    @property
    def path(self) -> Path:
        """Return where the workbook stands; its backups stand beside it."""

    @property
    def notes(self) -> list[str]:
        """Return what the user should know of how it was written, sentence by sentence."""

    def content(self) -> bytes:
        """Return the workbook as it is now; raise LedgerError when it cannot be read."""

    def holding(self, *, force: bool = False) -> AbstractContextManager[bytes]:
        """Keep others from writing, and give the workbook as it is; `force` passes over others' stale locks."""

    def rewrite(self, old: bytes, new: bytes, act: Act, puts: Sequence[Sheet] = ()) -> Path:
        """Turn `old`, which `holding` gave, into `new`, all or nothing; return the backup made first.

        `puts` are the sheets that were rendered anew. Raises LedgerError when it cannot be done.
        """

    def note_head(self, head: Head, act: Act) -> None:
        """Note beside the backups how long the journal is now."""

    def noted_head(self) -> Head | None:
        """Return the head of the journal as it was last noted."""

    def thin_out(self, act: Act, days: int) -> None:
        """Remove backups older than `days` (0: none)."""

    def keep(self) -> None:
        """Make sure that what was written outlives the program that has the workbook open."""


class Program(Protocol):
    """A spreadsheet program with a workbook open, which takes what it is given as if somebody typed it.

    Text that looks like a number, a day or a formula becomes one, except in cells formatted `@`,
    where a number becomes text. Rows and columns count from 1; colours are #RRGGBB, "" for none.
    Every call is one request to the program, however many cells it is about.
    """

    @property
    def path(self) -> Path | None:
        """Return the workbook's file; None while it was never saved, or when it is not on this computer."""

    @property
    def name(self) -> str:
        """Return what the workbook is called in its window."""

    def refusal(self) -> tuple[str, str] | None:
        """Return why the workbook cannot be written now and what to do, in Chinese words; None when it can."""

    def snapshot(self) -> bytes:
        """Return the workbook as it is, unsaved edits and all, as the bytes of a file."""

    def save(self) -> None:
        """Save the workbook where it stands."""

    def reopen(self, content: bytes) -> None:
        """Close the workbook without saving, put `content` in the place of its file, and open that."""

    def quiet(self) -> AbstractContextManager[None]:
        """Work without redrawing, recalculating, events and questions; all is as before afterwards, whatever happens."""

    def wake(self) -> None:
        """Redraw, recalculate, follow events and ask again, after work that was cut off while it was quiet."""

    def opened(self, sheets: Iterable[str]) -> AbstractContextManager[None]:
        """Lift the protection, without a password, of sheets while they are written."""

    def unfiltered(self, sheet: str) -> bool:
        """Show all rows of a sheet; return whether a filter was holding any back.

        A block written over filtered rows goes wrong in Excel (xlwings issues 679, 747).
        """

    def sheet_names(self) -> list[str]:
        """Return the names of all tabs in their order."""

    def value(self, sheet: str, place: Place) -> Value:
        """Return what one cell holds; None for a sheet that is not there."""

    def read(self, sheet: str, area: Area) -> Rows:
        """Return what an area holds."""

    def write(self, sheet: str, place: Place, rows: Rows) -> None:
        """Write a block from its top-left cell on."""

    def write_formulas(self, sheet: str, place: Place, rows: Sequence[Sequence[str]]) -> None:
        """Write a block of formulas, each beginning with =."""

    def set_format(self, sheet: str, area: Area, code: str) -> None:
        """Give an area a number format."""

    def set_fill(self, sheet: str, area: Area, colour: str) -> None:
        """Give an area a fill."""

    def set_lock(self, sheet: str, area: Area, locked: bool) -> None:
        """Lock or open an area's cells."""

    def dress(self, sheet: str, like: int, area: Area) -> None:
        """Give the rows of an area the looks and the height of another row."""

    def set_height(self, sheet: str, first: int, last: int, height: float) -> None:
        """Give rows a height in points."""

    def set_note(self, sheet: str, place: Place, text: str | None) -> None:
        """Give a cell a note, instead of the one it has, or none."""

    def recolour(self, sheet: str, column: int, colours: dict[str, str]) -> None:
        """Give the conditional looks of a column their colours, by the formula of each."""

    def print_to(self, sheet: str, area: Area) -> None:
        """Give a sheet another print area."""

    def filter_to(self, sheet: str, area: Area) -> None:
        """Give a sheet's filter, which holds no rows back, another area, its header included."""

    def put(self, sheet: Sheet, after: str | None) -> str:
        """Put a rendered sheet in: in the place of its namesake, or after the tab named, first for None.

        What staff have drawn on the namesake goes over to it; where the program cannot do that, the
        namesake stays under another name, which is returned.
        """

    def set_property(self, name: str, value: str) -> None:
        """Set a custom document property to a text."""

    def show(self, sheet: str) -> None:
        """Bring a sheet to the front."""

    def tell(self, text: str | None) -> None:
        """Show a text in the status bar; None gives the bar back."""

    def ask(self, text: str) -> bool:
        """Ask the user a question; return whether the answer is yes."""
