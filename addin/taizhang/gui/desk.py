"""The window as the desk of the ribbon's acts: the same acts, on a closed file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from taizhang import ribbon, tables
from taizhang.actions import Context
from taizhang.books import ledgers
from taizhang.books.base import Host
from taizhang.errors import LedgerError, Stop
from taizhang.gui.jobs import Job
from taizhang.layout.reading import Reading
from taizhang.ledger import Ledger
from taizhang.machine import user_name
from taizhang.ribbon import Said, now


class WindowDesk(ribbon.Desk):
    """A desk without a spreadsheet program: a file, the tasks selected in the window, and a job to ask through."""

    def __init__(self, path: Path | None, codes: Sequence[str], job: Job) -> None:
        self._file: Host | None = ledgers.host_at(path) if path else None
        self._codes, self._job = tuple(codes), job

    @property
    def host(self) -> Any:
        """Return the file; raise LedgerError when none has been chosen."""
        if self._file is None:
            raise LedgerError(Stop.NO_LEDGER)
        return self._file

    def noted(self, said: Said) -> Said:
        """Return what is said of an act, with what is to be said of how the file was written."""
        return replace(said, lines=[*said.lines, *(self._file.notes if self._file else ())])

    @property
    def reading(self) -> Reading:
        """Return what the ledger holds."""
        return ledgers.open_ledger(self.host).reading

    @property
    def program(self) -> None:
        """Return None: no program has the workbook open."""

    @property
    def context(self) -> Context:
        """Return when and by whom an act is done; progress goes to the window."""
        return Context(now(), user_name(), progress=self._job.progress)

    def ask(self, text: str) -> bool:
        """Ask a question in the window; return whether the answer is yes."""
        return self._job.ask(text)

    def open(self, path: Path) -> None:
        """Show a workbook that an act has made."""
        self._job.show(path)

    def chosen(self) -> tuple[Ledger, Sequence[str]]:
        """Return the ledger and the tasks that are selected in the window; raise LedgerError where none is."""
        if not self._codes:
            raise LedgerError(Stop.NOTHING_SELECTED, sheet=tables.LEDGER)
        return ledgers.open_ledger(self.host).ledger, self._codes


def do(desk: WindowDesk, act: str, arguments: Sequence[str]) -> Said:
    """Do what a button stands for."""
    return desk.noted(ribbon.ACTS[act](desk, arguments))
