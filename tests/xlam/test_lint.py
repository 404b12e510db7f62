"""What VBA's own checkers say: one knows names and types, the other the grammar; each misses what the other finds."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest
from antlr4 import CommonTokenStream, InputStream
from antlr4.error.ErrorListener import ErrorListener
from antlr4_vba.vbaLexer import vbaLexer
from antlr4_vba.vbaParser import vbaParser

from taizhang.xlam.build import MODULES, build, folder, sources


class Faults(ErrorListener):
    def __init__(self) -> None:
        self.found: list[str] = []

    def syntaxError(self, recognizer, offendingSymbol, line, column, msg, e):  # noqa: N802, N803
        self.found.append(f"{line}:{column} {msg}")


def faults(text: str) -> list[str]:
    """Return what the grammar of VBA (MS-VBAL) does not accept."""
    listener = Faults()
    lexer = vbaLexer(InputStream(text))
    parser = vbaParser(CommonTokenStream(lexer))
    for one in (lexer, parser):
        one.removeErrorListeners()
        one.addErrorListener(listener)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        parser.startRule()
    return listener.found


def analysed(addin: bytes, path: Path) -> dict[str, set[str]]:
    """Return what names and types give cause to say, by module; `severity code`."""
    path.write_bytes(addin)
    command = [sys.executable, "-m", "pyvbaanalysis", str(path), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    (project,) = json.loads(done.stdout)
    return {
        module["module"]: {f"{one['severity']} {one['code']}" for one in module["diagnostics"]}
        for module in project["modules"]
    }


def with_press(change: tuple[str, str]) -> bytes:
    """Return an add-in with something changed in one of our modules."""
    made = sources()
    text = made.modules["TaizhangPress"]
    assert change[0] in text
    return build(made=replace(made, modules={**made.modules, "TaizhangPress": text.replace(*change, 1)}))


# What xlwings' own module gives cause to say as it comes; nothing of it keeps it from being compiled.
KNOWN = {
    "warning option-explicit-missing",
    "warning missing-return-assignment",
    "information unused-variable",
    "information unused-procedure",
    "information variable-never-read",
}


def test_the_whole_project_holds_together(tmp_path):
    """Every name called is there: the module that lost procedures would not be compiled otherwise."""
    found = analysed(build(), tmp_path / "taizhang.xlam")
    assert found.pop("xlwings") <= KNOWN
    found.pop("Dictionary")  # as it comes from xlwings, for macOS alone
    assert found == {name: set() for name in ("ThisWorkbook", "SheetConf", "SheetText", *MODULES)}


@pytest.mark.parametrize("change", [("RunPython command", "RunPithon command"), ("Dim unit As Long", "")])
def test_an_unknown_name_would_be_found(tmp_path, change):
    assert analysed(with_press(change), tmp_path / "taizhang.xlam")["TaizhangPress"]


@pytest.mark.parametrize("name", MODULES)
def test_our_macros_keep_to_the_grammar(name):
    assert faults((folder() / f"{name}.bas").read_text(encoding="ascii")) == []


def test_a_missing_end_if_would_be_found():
    text = (folder() / "TaizhangPress.bas").read_text(encoding="ascii")
    assert faults(text.replace("        Exit Sub\n    End If\n", "        Exit Sub\n", 1))
