"""What came back: returned workbooks as plain values, and what the ledger remembers of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from taizhang.columns import TASKS, Register
from taizhang.entries import Entry
from taizhang.findings import Code, Finding
from taizhang.values import Value

PENDING, ADOPTED, KEPT, FILLED = "", "已采用", "已保留", "已另填"


@dataclass(frozen=True)
class ReturnedRow:
    """One row of a returned workbook: its sheet row, the code on it, and its cells by column key.

    `extra` holds what stands under headers that are none of ours, by header; `crossed` says that
    its code is one task's and its words are another's.
    """

    row: int
    code: str
    cells: Mapping[str, Entry]
    extra: Mapping[str, Value] = field(default_factory=dict)
    crossed: bool = False
    register: Register = TASKS


@dataclass(frozen=True)
class Returned:
    """One recognised workbook of one department, read once.

    `doubt` says why all its rows wait as a whole, `doubted` what is contradictory.
    """

    name: str
    sha256: str
    batch: str
    department: str
    rows: tuple[ReturnedRow, ...]
    modified_at: datetime | None = None
    mailed_at: datetime | None = None
    findings: tuple[Finding, ...] = ()
    doubt: Code | None = None
    doubted: str = ""

    @property
    def reported_on(self) -> date | None:
        """Return the latest 填报日期 in the file: which of two returns is the later."""
        entries = (row.cells.get("reported_on") for row in self.rows)
        days = [e.value for e in entries if e and not e.fault and isinstance(e.value, date)]
        return max(days, default=None)


@dataclass(frozen=True)
class Recognised:
    """A return as the ledger will remember it, what is to be said of it, and why all of it waits, if it does."""

    received: Received
    findings: tuple[Finding, ...] = ()
    doubt: Code | None = None
    doubted: str = ""


class Placed:
    """Something that stands in a row of a returned file; `sheet` is its register's, nothing for the table of tasks."""

    __slots__ = ()
    row: int
    sheet: str

    @property
    def where(self) -> str:
        """Return its row as the journal writes it, with the sheet where that is not the table of tasks."""
        return f"{self.sheet}{self.row}"

    @property
    def told(self) -> str:
        """Return its row in a clerk's words."""
        return f"“{self.sheet}”第{self.row}行" if self.sheet else f"第{self.row}行"


@dataclass(frozen=True, slots=True)
class Kept(Placed):
    """One returned cell that said something new, as the ledger remembers it.

    `column` is a column's key, or the header where it is none of ours. `seen` is the ledger's value when the clerk saw the preview; `settled` says whether it was
    adopted, kept out, replaced by something else, or is still to be applied or decided. `sheet` is its
    register's, nothing for the table of tasks.
    """

    row: int
    code: str
    column: str
    back: Value
    fault: Code | None = None
    seen: Value = None
    settled: str = PENDING
    sheet: str = ""


@dataclass(frozen=True)
class Received:
    """One return as the ledger remembers it: who, which batch, which rows, and the cells that differ.

    `rows` are the codes of its matched rows, `unchanged` the cells of each that say what was sent,
    `columns` the cells each brought back: the sent columns present in its table.
    """

    sha256: str
    name: str
    batch: str
    department: str
    received_at: datetime
    rows: tuple[str, ...]
    unchanged: tuple[int, ...]
    columns: tuple[int, ...]
    reported_on: date | None = None
    modified_at: datetime | None = None
    mailed_at: datetime | None = None
    missing: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = field(default_factory=tuple)

    @property
    def is_report(self) -> bool:
        """Return whether anything came back that was not sent: a list sent back as it was is no report."""
        return bool(self.kept)

    @property
    def cells(self) -> int:
        """Return how many cells came back in matched rows."""
        return sum(self.columns)
