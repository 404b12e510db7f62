"""The engine as xlwings takes it, and the applications: each is one running office."""

from __future__ import annotations

import atexit
import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import xlwings
from xlwings import base_classes

from . import alerts, office
from .books import Book, Books
from .counting import counted
from .errors import unsupported
from .session import Session
from .sheets import Sheet
from .shims import AppApi
from .values import ERROR_TEXTS, prepare

URL = "TAIZHANG_CALC_URL"
VERSION = "16.0"
_sessions: list[Session] = []


class Engine:
    """What `xw.Engine(impl=...)` wraps."""

    name = "calc"
    type = "desktop"

    @property
    def apps(self) -> Apps:
        """Return the running offices this process knows."""
        return Apps()

    @staticmethod
    def prepare_xl_data_element(x: Any, options: dict[str, Any]) -> Any:
        """Return a value as a cell takes it."""
        return prepare(x)

    @staticmethod
    def clean_value_data(
        data: list[list[Any]],
        datetime_builder: Callable[..., Any],
        empty_as: Any,
        number_builder: Callable[[float], Any] | None,
        err_to_str: bool,
    ) -> list[list[Any]]:
        """Return read values as the reader asked for them."""

        def clean(value: Any) -> Any:
            if value is None or value == "":
                return empty_as
            if isinstance(value, dt.datetime):
                return datetime_builder(
                    month=value.month,
                    day=value.day,
                    year=value.year,
                    hour=value.hour,
                    minute=value.minute,
                    second=value.second,
                    microsecond=value.microsecond,
                    tzinfo=None,
                )
            if number_builder is not None and isinstance(value, float):
                return number_builder(value)
            if isinstance(value, int) and not isinstance(value, bool) and value in ERROR_TEXTS:
                return ERROR_TEXTS[value] if err_to_str else None
            return value

        return [[clean(value) for value in row] for row in data]


engine = Engine()


def register(url: str | None = None) -> xlwings.main.Engine:
    """Attach this process to a running office (`TAIZHANG_CALC_URL` by default) and make it xlwings' engine."""
    url = url or os.environ.get(URL)
    if url and all(session.url != url for session in _alive()):
        _sessions.insert(0, Session(url))
    if engine.name not in xlwings.engines.engines_by_name:
        xlwings.engines.add(xlwings.main.Engine(impl=engine))
    made = xlwings.engines[engine.name]
    made.activate()
    return made


def _alive() -> list[Session]:
    for session in [session for session in _sessions if not session.alive]:
        _sessions.remove(session)
        session.close()
    return list(_sessions)


@atexit.register
def _close_lines() -> None:
    for session in _sessions:
        session.close()


@counted()
class Apps(base_classes.Apps):
    """The offices, the active one first."""

    def keys(self) -> list[int]:
        """Return their process ids."""
        return [session.pid for session in _alive()]

    def add(self, spec: Any = None, add_book: Any = None, xl: Any = None, visible: Any = None) -> App:
        """Start another office, which ends with this process."""
        session = Session(office.start())
        _sessions.insert(0, session)
        app = App(session)
        if add_book:
            app.books.add()
        return app

    @staticmethod
    def cleanup() -> None:
        """Forget offices that ended."""
        _alive()

    def __iter__(self) -> Iterator[App]:
        return iter([App(session) for session in _alive()])

    def __len__(self) -> int:
        return len(_alive())

    def __getitem__(self, pid: int) -> App:
        for session in _alive():
            if session.pid == pid:
                return App(session)
        raise KeyError("Could not find an Excel instance with this PID.")


def _setting(name: str, doc: str) -> property:
    def get(self: App) -> Any:
        return self.session.call("app.setting", name)

    def put(self: App, value: Any) -> None:
        self.session.change("app.set", name, value)

    return property(get, put, None, doc)


@counted("engine", "api", "session", "books", "xl")
class App(base_classes.App):
    """One running office."""

    def __init__(self, session: Session) -> None:
        self.session = session

    screen_updating = _setting("screen_updating", "Whether the screen follows.")
    display_alerts = _setting("display_alerts", "Whether Excel asks before it destroys.")
    enable_events = _setting("enable_events", "Whether event macros run.")
    interactive = _setting("interactive", "Whether the user can type.")
    visible = _setting("visible", "Whether there is a window; the office here never has one.")
    status_bar = _setting("status_bar", "The text in the status bar; False for Excel's own.")

    @property
    def xl(self) -> AppApi:
        """Return the native object."""
        return AppApi(self)

    @property
    def api(self) -> AppApi:
        """Return the imitated COM object."""
        return AppApi(self)

    @property
    def engine(self) -> Engine:
        """Return the engine."""
        return engine

    @property
    def pid(self) -> int:
        """Return the office's process id."""
        return self.session.pid

    @property
    def hwnd(self) -> int:
        """Return a window handle's stand-in."""
        return self.session.pid

    @property
    def version(self) -> str:
        """Return Excel's version that is imitated."""
        return VERSION

    @property
    def path(self) -> str:
        """Return where the program is."""
        return str(Path(office.soffice()).parent)

    @property
    def startup_path(self) -> str:
        """Return the profile's folder."""
        return str(office.profile_of(self.session.url))

    @property
    def books(self) -> Books:
        """Return the open workbooks."""
        return Books(self)

    @property
    def selection(self) -> Any:
        """Return the selected range."""
        found = self.session.call("app.selection")
        if found is None:
            return None
        uid, name, rect = found
        return Sheet(Book(self, uid), self.session.sheet_name(uid, name)).rect(rect)

    @property
    def calculation(self) -> str:
        """Return "automatic", "manual" or "semiautomatic"."""
        return self.session.call("app.setting", "calculation")

    @calculation.setter
    def calculation(self, value: str) -> None:
        if value not in ("automatic", "manual", "semiautomatic"):
            raise KeyError(value)
        self.session.change("app.set", "calculation", value)

    def calculate(self) -> None:
        """Recalculate."""
        self.session.change("app.calculate")

    @property
    def cut_copy_mode(self) -> str | None:
        """Return "copy", "cut" or None."""
        return self.session.call("app.setting", "cut_copy_mode")

    @cut_copy_mode.setter
    def cut_copy_mode(self, value: Any) -> None:
        self.session.change("app.set", "cut_copy_mode", None)
        self.session.change("app.set", "clipboard", None)

    def activate(self, steal_focus: bool = False) -> None:
        """Make this the active application."""
        if self.session in _sessions:
            _sessions.remove(self.session)
            _sessions.insert(0, self.session)

    def quit(self) -> None:
        """Close every workbook without saving and end the office."""
        self.kill()

    def kill(self) -> None:
        """End the office at once."""
        self.session.close()
        office.stop(self.session.url)
        if self.session in _sessions:
            _sessions.remove(self.session)

    def run(self, macro: str, args: Any) -> Any:
        """Refuse: there is no VBA."""
        raise unsupported("App.macro")

    def alert(self, prompt: Any, title: Any, buttons: Any, mode: Any, callback: Any) -> str:
        """Return the button that the script presses."""
        return alerts.ask(prompt, title, buttons, mode)
