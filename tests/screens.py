"""A screen of its own for the window, and a hand on its mouse and keyboard: Xvfb and xdotool."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MISSING = "Xvfb, xdotool or tkinter is not installed (Debian: xvfb, xdotool, python3-tk)"
SIZE = "1280x900"
_SECONDS = 60


def there() -> bool:
    """Return whether the window can be shown and driven here."""
    return bool(shutil.which("Xvfb") and shutil.which("xdotool") and importlib.util.find_spec("_tkinter"))


@contextmanager
def screen(size: str = SIZE, dpi: int = 96) -> Iterator[dict[str, str]]:
    """Give an environment whose display is a screen of its own."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-dpi", str(dpi), "-nolisten", "tcp"],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        yield {**os.environ, "DISPLAY": f":{number}"}
    finally:
        server.terminate()
        server.wait(10)


class Hand:
    """A window that runs in a process of its own, and what its user sees of it and does to it."""

    def __init__(self, environment: dict[str, str], told: Path, *arguments: str) -> None:
        self._environment, self._told = {**os.environ, "DISPLAY": environment["DISPLAY"]}, told
        self._environment["XDG_STATE_HOME"] = str(told.parent / "state")
        runner = Path(__file__).with_name("gui_runner.py")
        self.process = subprocess.Popen([sys.executable, str(runner), str(told), *arguments], env=self._environment)

    @property
    def seen(self) -> dict[str, Any]:
        """Return what the window last said of itself: where things are, what it tells, whether it works."""
        try:
            return json.loads(self._told.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {"places": {}, "idle": False, "items": [], "asked": False}

    def until(self, holds: Callable[[dict[str, Any]], Any], seconds: float = _SECONDS) -> dict[str, Any]:
        """Return what is seen once something holds of it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            seen = self.seen
            if seen["places"] and holds(seen):
                return seen
            assert self.process.poll() is None, "the window is gone"
            time.sleep(0.05)
        raise AssertionError(f"it never came to that: {self.seen}")

    def idle(self) -> dict[str, Any]:
        """Return what is seen once no work is under way and nothing is asked."""
        stamp = self.seen.get("stamp", 0)
        return self.until(lambda seen: seen.get("stamp", 0) > stamp + 2 and seen["idle"] and not seen["asked"])

    def click(self, name: str, *keys: str) -> None:
        """Click on something by its name, with keys held down."""
        x, y = self.until(lambda seen: name in seen["places"])["places"][name]
        held = [part for key in keys for part in ("keydown", key)]
        freed = [part for key in keys for part in ("keyup", key)]
        self._do("mousemove", str(x), str(y), *held, "click", "1", *freed)

    def type(self, *keys: str) -> None:
        """Press keys, one after the other."""
        self._do("key", *keys)

    def write(self, text: str, after: float = 0) -> None:
        """Type a text of ASCII letters and signs, after some seconds in which a dialog comes up."""
        time.sleep(after)
        self._do("type", "--delay", "20", text)

    def drag(self, files: Sequence[Path], name: str) -> None:
        """Drag files from another program and drop them on something."""
        x, y = self.until(lambda seen: name in seen["places"])["places"][name]
        runner = Path(__file__).with_name("drag_runner.py")
        command = [sys.executable, str(runner), str(x), str(y), *map(str, files)]
        subprocess.run(command, env=self._environment, check=True, timeout=60)

    def picture(self, target: Path) -> None:
        """Keep what the screen shows."""
        from PIL import ImageGrab

        ImageGrab.grab(xdisplay=self._environment["DISPLAY"]).save(target)

    def _do(self, *command: str) -> None:
        subprocess.run(["xdotool", *command], env=self._environment, check=True, timeout=20)

    def end(self) -> None:
        """End the process, whatever it is doing."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)


@contextmanager
def hand(environment: dict[str, str], told: Path, arguments: Sequence[str]) -> Iterator[Hand]:
    """Give a hand on a new window."""
    found = Hand(environment, told, *arguments)
    try:
        yield found
    finally:
        found.end()
