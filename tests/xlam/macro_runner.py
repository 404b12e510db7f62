"""LibreOffice as a second runner of our macros: what a test puts in place of Excel's dialogs and of Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import office
from taizhang.xlam.build import NAME

# `xlwings` and `Dictionary` LibreOffice cannot compile, and one such module silences all of them.
RUN_PYTHON = """
Public Sent As String
Public Function RunPython(command As String)
    Sent = Sent & command & vbLf
End Function
"""
DIALOGS = """
Public Told As String
Public Choice As Long
Public Files As Variant
Public Folder As String
Public Words As String
Public Given As Boolean
Public Sub Tell(key As String, Optional detail As String = "")
    Told = Told & key & "=" & TextOf(key) & vbLf
End Sub
Public Sub AskFilesOrFolder(prompt As String, ByRef answer As Long)
    Told = Told & prompt & vbLf
    answer = Choice
End Sub
Public Sub AskFiles(title As String, several As Boolean, ByRef chosen As Variant)
    Told = Told & title & vbLf
    chosen = Files
End Sub
Public Sub AskFolder(title As String, ByRef given As String)
    Told = Told & title & vbLf
    given = Folder
End Sub
Public Sub AskText(prompt As String, ByRef answer As String, ByRef was As Boolean)
    Told = Told & prompt & vbLf
    answer = Words
    was = Given
End Sub
"""


def driver(callbacks: Sequence[str]) -> str:
    """Return a module that sets up answers and presses any of the buttons, as Excel would: with a control."""
    cases = "\n".join(f'    If button = "{name}" Then {name} Nothing' for name in callbacks)
    return f"""
Public Function Pressed(button As String, theChoice As String, paths As String, theFolder As String, theWords As String, isGiven As Boolean) As String
    Sent = ""
    Told = ""
    Choice = CLng(theChoice)
    Files = Empty
    If paths <> "" Then Files = Split(paths, vbLf)
    Folder = theFolder
    Words = theWords
    Given = isGiven

{cases}

    Pressed = Sent & Chr(0) & Told
End Function
Public Function Code(text As String) As String
    Code = Coded(text)
End Function
Public Function Ours(text As String) As Boolean
    Ours = IsPress(text)
End Function
Public Function Last(text As String) As String
    Last = LastLine(text)
End Function
"""


@cache
def python_with_uno() -> str | None:
    """Return a Python that knows UNO: this one, or the system's."""
    for found in (sys.executable, "/usr/bin/python3", shutil.which("python3") or ""):
        if found and subprocess.run([found, "-c", "import uno"], capture_output=True, check=False).returncode == 0:
            return found
    return None


def run(addin: Path, modules: dict[str, str | None], calls: Sequence[tuple[str, Sequence[Any]]]) -> dict[str, Any]:
    """Return the modules LibreOffice found in an add-in, and what each call returned."""
    python = python_with_uno()
    if python is None or office.soffice() is None:
        raise office.OfficeError("no Python with UNO (python3-uno)")
    job = {
        "soffice": office.soffice(),
        "addin": str(addin),
        "project": NAME,
        "modules": modules,
        "calls": [[name, list(arguments)] for name, arguments in calls],
    }
    command = [python, str(Path(__file__).with_name("macro_runner_uno.py"))]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, timeout=240, check=False)
    if done.returncode:
        raise office.OfficeError(done.stderr)
    return json.loads(done.stdout)
