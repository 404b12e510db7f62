"""Long work off the window's thread: it tells how far it is, may ask, and can be called off before anything is written."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias

from taizhang.errors import LedgerError, Stop
from taizhang.machine import unforeseen


@dataclass(frozen=True)
class Step:
    """How far the work is."""

    what: str
    done: int
    of: int


@dataclass(frozen=True)
class Question:
    """What the work wants to know before it goes on; `answer` is to be called once."""

    text: str
    answer: Callable[[bool], None]


@dataclass(frozen=True)
class Ended:
    """How the work ended: with what it gave back, or with a sentence that says why not."""

    value: Any = None
    fault: str = ""


@dataclass(frozen=True)
class Show:
    """A file the work has made, to be shown."""

    path: Path


Event: TypeAlias = Step | Question | Show | Ended


class CalledOffError(BaseException):
    """Somebody called the work off: no fault, so nothing that handles faults may take it for one."""


@dataclass
class Job:
    """One piece of work in a thread of its own, and what it says, to be asked for by the window's thread."""

    work: Callable[[Job], Any]
    _events: SimpleQueue[Event] = field(default_factory=SimpleQueue)
    _off: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._run, daemon=False).start()

    def call_off(self) -> None:
        """Ask the work to stop: it does where it next says how far it is, which is always before it writes."""
        self._off.set()

    def news(self) -> list[Event]:
        """Return what was said since the last time."""
        found: list[Event] = []
        while True:
            try:
                found.append(self._events.get_nowait())
            except Empty:
                return found

    def progress(self, what: str, done: int, of: int) -> None:
        """Say how far the work is; raise CalledOffError where it was called off."""
        if self._off.is_set():
            raise CalledOffError
        self._events.put(Step(what, done, of))

    def show(self, path: Path) -> None:
        """Have a file shown."""
        self._events.put(Show(path))

    def ask(self, text: str) -> bool:
        """Ask a question, and wait for its answer."""
        answered, said = threading.Event(), list[bool]()

        def answer(yes: bool) -> None:
            said.append(yes)
            answered.set()

        self._events.put(Question(text, answer))
        answered.wait()
        return said[0]

    def _run(self) -> None:
        try:
            self._events.put(Ended(self.work(self)))
        except CalledOffError:
            self._events.put(Ended(fault=str(LedgerError(Stop.INTERRUPTED))))
        except LedgerError as error:
            self._events.put(Ended(fault=str(error)))
        except Exception as error:
            self._events.put(Ended(fault=unforeseen(error)))
