"""Workbooks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from . import repair
from .counting import counted
from .errors import ComError, unsupported
from .names import Names
from .sheets import Sheets
from .shims import BookApi

if TYPE_CHECKING:
    from .engine import App


@counted("api", "app")
class Books(base_classes.Books):
    """The open workbooks of an application."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.session = app.session

    @property
    def api(self) -> Any:
        """Refuse: the host has no use for it."""
        raise unsupported("Books.api")

    @property
    def active(self) -> Book | None:
        """Return the active workbook."""
        uid = self.session.call("books.active")
        return None if uid is None else Book(self.app, uid)

    def __call__(self, name_or_index: int | str) -> Book:
        books = self.session.call("books.list")
        if isinstance(name_or_index, str):
            for uid, name, _ in books:
                if name.lower() == name_or_index.lower():
                    return Book(self.app, uid)
        elif 1 <= name_or_index <= len(books):
            return Book(self.app, books[name_or_index - 1][0])
        raise KeyError(name_or_index)

    def __len__(self) -> int:
        return len(self.session.call("books.list"))

    def __iter__(self) -> Iterator[Book]:
        return iter([Book(self.app, uid) for uid, _, _ in self.session.call("books.list")])

    def add(self) -> Book:
        """Open a new workbook."""
        return Book(self.app, self.session.change("books.add"))

    def open(
        self,
        fullname: str,
        update_links: Any = None,
        read_only: bool | None = None,
        format: Any = None,
        password: str | None = None,
        *rest: Any,
        **named: Any,
    ) -> Book:
        """Open a file."""
        path = os.path.realpath(fullname)
        if not Path(path).exists():
            raise ComError(f"Sorry, we couldn't find {path}. Is it possible it was moved, renamed or deleted?")
        known = repair.sheets_of(Path(path))
        uid = self.session.change("books.open", path, bool(read_only), known)
        return Book(self.app, uid)


@counted("api", "app", "session")
class Book(base_classes.Book):
    """One open workbook."""

    app: App = None

    def __init__(self, app: App, uid: str) -> None:
        self.app = app
        self.session = app.session
        self.uid = uid

    @property
    def api(self) -> BookApi:
        """Return the imitated COM object."""
        return BookApi(self)

    def json(self) -> Any:
        """Refuse: that is for xlwings Server."""
        raise unsupported("Book.json")

    def fact(self, what: str) -> Any:
        """Return one of the workbook's facts."""
        return self.session.call("books.facts", self.uid)[what]

    @property
    def name(self) -> str:
        """Return the file's name, or Book1 and so on."""
        return self.fact("name")

    @property
    def fullname(self) -> str:
        """Return the file's path, or the name of a workbook never saved."""
        return self.fact("path") or self.fact("name")

    @property
    def sheets(self) -> Sheets:
        """Return the sheets."""
        return Sheets(self)

    @property
    def names(self) -> Names:
        """Return the defined names."""
        return Names(self)

    def close(self) -> None:
        """Close without saving."""
        self.session.change("books.close", self.uid)

    def activate(self) -> None:
        """Bring the workbook to the front."""
        self.session.change("books.activate", self.uid)

    def save(self, path: str | None = None, password: str | None = None) -> None:
        """Save, under a new path where one is given."""
        own = self.fact("path")
        if path is None and own:
            self.session.change("books.save", self.uid, None, password)
            target = own
        else:
            target = os.path.realpath(Path.cwd() / (path or f"{self.name}.xlsx"))
            self._refuse_open_name(target)
            self.session.change("books.save", self.uid, target, password)
        repair.mend(Path(target), self.session.call("books.repairs", self.uid))

    def _refuse_open_name(self, target: str) -> None:
        for uid, name, _ in self.session.call("books.list"):
            if uid != self.uid and name.lower() == Path(target).name.lower():
                raise ComError(f"You cannot save this workbook with the same name as another open workbook: {name!r}.")

    def save_copy(self, path: str) -> None:
        """Write a copy; the workbook keeps its own path and its unsaved state."""
        target = os.path.realpath(path)
        self.session.change("books.save_copy", self.uid, target)
        repair.mend(Path(target), self.session.call("books.repairs", self.uid))

    def to_pdf(self, path: str, quality: str) -> None:
        """Print into a PDF."""
        self.session.change("books.to_pdf", self.uid, os.path.realpath(path))
