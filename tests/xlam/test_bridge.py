"""xlwings' module as we ship it: every way in from an open workbook is closed, and a changed xlwings is noticed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from taizhang.errors import LedgerError, Stop
from taizhang.xlam import bridge
from taizhang.xlam.build import settings
from taizhang.xlam.ovba import standard


@pytest.fixture(scope="module")
def shipped():
    return bridge.installed()


@pytest.fixture(scope="module")
def safe(shipped):
    return bridge.made_safe(shipped)


def code(text: str) -> str:
    """Return a module without its comments."""
    return "\n".join(re.sub(r"(?:^|\s)'.*$", "", line) for line in text.splitlines())


def test_the_active_workbook_has_no_say(safe):
    """Its sheets chose the interpreter, asked for a licence, and its name and path went into a command line."""
    assert "ActiveWorkbook" not in code(safe)
    assert '".py"' not in safe
    assert "FullName" not in code(safe).replace("ActiveFullName", "").replace("ThisFullName", "")


def test_no_settings_file_is_read(safe):
    assert 'source = "directory"' not in safe
    assert "GetConfigFromFile" not in code(safe)


def test_only_runpython_can_be_called_from_outside(safe):
    """A function of an add-in that is not private is a worksheet function in every workbook that is opened."""
    heads = re.findall(r"^((?:Public |Private )?)(?:Sub|Function) (\w+)", safe, re.MULTILINE)
    assert [name for scope, name in heads if scope != "Private "] == ["RunPython"]
    assert "Declare " not in code(safe)


def test_runpython_runs_nothing_but_a_press_of_a_button(safe):
    body = safe[safe.index("Public Function RunPython") :]
    checks = body.index("If Not IsPress(PythonCommand) Then Exit Function")
    assert checks < body.index("GetConfig(")
    assert 'TypeName(Application.Caller) = "Range"' in body


def test_python_is_started_without_the_current_folder(safe):
    started = [line for line in code(safe).splitlines() if " -c " in line or "-P" in line]
    assert len(started) == 2
    assert all("-P" in line for line in started)
    assert "prepare_sys_path" not in code(safe)


def test_cmd_is_windows_own_and_starts_in_windows_own_folder(safe):
    assert '"cmd.exe' not in safe
    assert 'Environ("SystemRoot") & "\\System32\\cmd.exe""' in safe
    assert safe.index('DriveCommand = "cd /d """ & Environ("SystemRoot")') < safe.index("WScript.Run(")


def test_every_setting_the_module_asks_for_is_written(safe):
    asked = {key.upper() for key in re.findall(r'GetConfig\("([^"]+)"', safe)}
    assert asked
    assert asked <= set(settings(""))


def test_no_english_is_shown(safe):
    shown = [line for line in code(safe).splitlines() if "MsgBox" in line or ".Popup" in line]
    assert [line.strip() for line in shown] == [
        'MsgBox "Your Conda version seems to be too old for the Conda settings. Use the Interpreter setting instead."'
    ]  # never reached: the settings sheet names no Conda
    assert settings("")["CONDA PATH"] == settings("")["CONDA ENV"] == ""


def test_the_licence_stays_in_the_module(safe, shipped):
    notice = shipped.module[: shipped.module.index("'Attribute VB_Name")]
    assert "BSD 3-clause" in notice
    assert safe.startswith(notice)


def test_nothing_else_is_changed(safe, shipped):
    """Put back what was changed and cut, and every line left is xlwings' own, in its order."""
    ours = {line for change in bridge.CHANGES for line in change.new.splitlines()}
    theirs = iter(shipped.module.splitlines())
    for line in safe.splitlines():
        if line in ours:
            continue
        plain = re.sub(r"^Private (Sub|Function) ", r"\1 ", line)
        assert any(other in (line, plain, f"Public {plain}") for other in theirs), line


@pytest.mark.parametrize("change", bridge.CHANGES, ids=lambda change: change.why[:40])
def test_a_changed_xlwings_is_noticed(shipped, change):
    line = max(change.old.splitlines(), key=len)
    other = replace(shipped, version="0.37.9", module=shipped.module.replace(line, f"{line[:-1]}?"))
    with pytest.raises(LedgerError) as error:
        bridge.made_safe(other)
    assert error.value.stop is Stop.OTHER_XLWINGS
    assert "0.37.9" in str(error.value)


@pytest.mark.parametrize("name", ["RunFrozenPython", "SaveConfigToFile", "XLPy"])
def test_a_procedure_that_is_gone_or_doubled_is_noticed(shipped, name):
    for other in (f"Function {name}_", f"Function {name}(x)\nEnd Function\nFunction {name}("):
        module = re.sub(rf"Function {name}\(", lambda _, new=other: new, shipped.module, count=1)
        with pytest.raises(LedgerError):
            bridge.made_safe(replace(shipped, module=module))


def test_without_xlwings_the_remedy_is_said(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(LedgerError) as error:
        bridge.installed()
    assert error.value.stop is Stop.NO_XLWINGS


def test_it_is_a_module_a_stream_can_hold(safe):
    assert standard(safe).name == "xlwings"


def test_a_python_file_beside_the_workbook_is_not_imported(tmp_path):
    """What `-P` and a path list of fewer than seven fields are for; without them the planted file runs."""
    (tmp_path / "json.py").write_text("print('planted')", encoding="utf-8")
    start = "import xlwings.utils;xlwings.utils.prepare_sys_path('{}');import json, sys;print('' in sys.path)"

    def said(*options: str, fields: str) -> str:
        command = [sys.executable, *options, "-B", "-c", start.format(fields)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout

    assert "planted" in said(fields="true;a;b;;;;")
    assert said("-P", fields="False;") == "False\n"
    assert said("-P", fields="False;a;b;;;;;") == "True\n"  # xlwings' own form: an empty field is the current folder
    assert json
