"""What each button of the Excel tab does: one table, read by the ribbon, the macros' tests and the entry point.

A button's arguments travel on a command line, through `cmd.exe` or a shell. So they travel in
letters, digits and `~hhhh` (one UTF-16 code unit, in hexadecimal), which neither of them can
take for anything else; `decoded` is the way back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum


class Ask(Enum):
    """What a button asks before it starts, and so what arguments its act is given.

    NOTHING: none. FILE: one full path. FILES_OR_FOLDER: a folder alone, or a folder and then the
    names of files in it (a name may be a full path, when files were picked from several folders).
    FOLDER: one full path. TEXT: what was typed, perhaps nothing.
    """

    NOTHING = "Press"
    FILE = "PressWithFile"
    FILES_OR_FOLDER = "PressWithFiles"
    FOLDER = "PressWithFolder"
    TEXT = "PressWithText"


@dataclass(frozen=True)
class Button:
    """One button: the act behind it, what it asks, and whether a workbook must be open."""

    act: str
    asks: Ask = Ask.NOTHING
    needs_book: bool = True


BUTTONS: tuple[Button, ...] = (
    Button("import_notice", Ask.FILE, needs_book=False),
    Button("check"),
    Button("clear"),
    Button("status"),
    Button("as_of", Ask.TEXT),
    Button("collect"),
    Button("split", Ask.FOLDER),
    Button("close_period"),
    Button("mail_draft", Ask.FOLDER),
    Button("mail_remind", Ask.FOLDER),
    Button("merge", Ask.FILES_OR_FOLDER),
    Button("apply"),
    Button("undo"),
    Button("close"),
    Button("reject", Ask.TEXT),
    Button("extend", Ask.TEXT),
    Button("adjust", Ask.TEXT),
    Button("reopen", Ask.TEXT),
    Button("cancel", Ask.TEXT),
    Button("supplement", Ask.FILE),
    Button("rollover"),
    Button("summary"),
    Button("report", Ask.FOLDER),
    Button("settings"),
    Button("doctor", needs_book=False),
    Button("manual", needs_book=False),
)
BY_ACT = {button.act: button for button in BUTTONS}

_CODED = re.compile("~([0-9a-f]{4})|([0-9A-Za-z])")


def decoded(text: str) -> str:
    """Return what a macro coded; a half of a surrogate pair, legal in a Windows file name, stays what it is.

    Raises ValueError for what no macro writes.
    """
    units = bytearray()
    end = 0
    for found in _CODED.finditer(text):
        if found.start() != end:
            break
        units += (int(found[1], 16) if found[1] else ord(found[2])).to_bytes(2, "little")
        end = found.end()
    if end != len(text):
        raise ValueError(f"not a coded argument: {text!r}")
    return units.decode("utf-16-le", "surrogatepass")


@dataclass(frozen=True)
class Called:
    """Who pressed: the workbook's name ("" for none), Excel's window on Windows, and the program's own path."""

    book: str = ""
    window: int | None = None
    program: str = ""


def called(arguments: Iterable[str]) -> Called | None:
    """Return what the add-in says on the command line, or None when it was not the add-in that called.

    xlwings' own `Book.caller()` must not read these: it cuts a name at "=" and expects it uncoded.
    """
    given = dict(argument.split("=", 1) for argument in arguments if argument.startswith("--") and "=" in argument)
    if given.get("--from_xl") != "1":
        return None
    window = given.get("--hwnd", "")
    return Called(decoded(given.get("--wb", "")), int(window) if window.isdecimal() else None, given.get("--app", ""))


def paths(arguments: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the folder and the file names a FILES_OR_FOLDER button was given; no names means the whole folder."""
    return arguments[0], tuple(arguments[1:])
