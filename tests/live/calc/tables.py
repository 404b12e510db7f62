"""Tables: Calc's database ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from .addresses import Rect
from .counting import counted
from .drawings import _Collection
from .errors import unsupported

if TYPE_CHECKING:
    from .ranges import Range
    from .sheets import Sheet


@counted("api", "parent", "rect")
class Table(base_classes.Table):
    """One table."""

    parent: Sheet = None

    def __init__(self, sheet: Sheet, name: str) -> None:
        self.parent = sheet
        self._name = name

    @property
    def api(self) -> Any:
        """Refuse: the host has no use for it."""
        raise unsupported("Table.api")

    def _facts(self) -> dict[str, Any]:
        return self.parent.session.call("tables.get", self.parent.uid, self._name)

    def _put(self, what: str, value: Any) -> None:
        self.parent.session.change("tables.set", self.parent.uid, self._name, what, value)

    @property
    def rect(self) -> Rect:
        """Return the whole rectangle."""
        return self._facts()["rect"]

    @property
    def name(self) -> str:
        """Return the name."""
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        self._put("name", value)
        self._name = value

    display_name = name

    @property
    def range(self) -> Range:
        """Return all cells."""
        return self.parent.rect(self.rect)

    @property
    def header_row_range(self) -> Range | None:
        """Return the header row."""
        facts = self._facts()
        top, left, _, right = facts["rect"]
        return self.parent.rect((top, left, top, right)) if facts["header"] else None

    @property
    def data_body_range(self) -> Range | None:
        """Return the rows without header and totals."""
        facts = self._facts()
        top, left, bottom, right = facts["rect"]
        top, bottom = top + facts["header"], bottom - facts["totals"]
        return self.parent.rect((top, left, bottom, right)) if top <= bottom else None

    @property
    def totals_row_range(self) -> Range | None:
        """Return the totals row."""
        facts = self._facts()
        _, left, bottom, right = facts["rect"]
        return self.parent.rect((bottom, left, bottom, right)) if facts["totals"] else None

    @property
    def show_autofilter(self) -> bool:
        """Return whether there are filter buttons."""
        return self._facts()["autofilter"]

    @show_autofilter.setter
    def show_autofilter(self, value: bool) -> None:
        self._put("autofilter", bool(value))

    @property
    def show_headers(self) -> bool:
        """Return whether there is a header row."""
        return self._facts()["header"]

    def resize(self, range: Any) -> None:
        """Give the table another extent."""
        self._put("rect", getattr(range, "impl", range).rect)


@counted("api", "parent")
class Tables(_Collection, base_classes.Tables):
    """The tables of a sheet."""

    def _names(self) -> list[str]:
        return [name for name, _ in self.parent.call("tables.list")]

    def _one(self, name: str) -> Table:
        return Table(self.parent, name)

    def add(
        self,
        source_type: Any = None,
        source: Any = None,
        link_source: Any = None,
        has_headers: bool = True,
        destination: Any = None,
        table_style_name: str | None = None,
        name: str | None = None,
    ) -> Table:
        """Make a range a table."""
        return Table(self.parent, self.parent.change("tables.add", source.impl.rect, name, bool(has_headers)))
