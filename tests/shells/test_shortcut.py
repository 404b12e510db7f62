"""The window's icon on the desktop: read back as its system reads it, started where that can be done here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from configparser import ConfigParser
from io import BytesIO
from pathlib import Path

import LnkParse3
import pytest
from test_loop import Desk

from ledgers import FGJ, book
from screens import screen
from taizhang.cli import main
from taizhang.errors import LedgerError, Stop
from taizhang.gui import shortcut
from taizhang.gui.shortcut import entry, install, link, path_on, uninstall
from taizhang.xlam import survey

ODD = r"""/opt/a b/"q" $x `y` 100%/\python"""
WINDOWS = "C:\\Users\\张三\\我的 环境\\Scripts\\python.exe"


def executed(text: str) -> list[str]:
    """Return the arguments of a desktop entry's Exec as a desktop reads them, fields not yet filled in."""
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read_string(text)
    line = parser["Desktop Entry"]["Exec"].replace("\\\\", "\\")  # the escapes of every string of an entry
    assert re.fullmatch(r"(?:[^%]|%%|%F)*", line)  # a single % begins a field, and there is one
    said = subprocess.run(["sh", "-c", f"printf '%s\\0' {line}"], capture_output=True, text=True, check=True)
    return [one.replace("%%", "%") for one in said.stdout.split("\0")[:-1]]


def test_a_desktop_starts_the_python_that_is_running_whatever_its_path():
    for python in (sys.executable, "/usr/bin/python3", ODD):
        assert executed(entry(python)) == [python, "-m", "taizhang", "gui", "%F"]


@pytest.mark.skipif(not shutil.which("gio"), reason="gio is not installed (Debian: libglib2.0-bin)")
def test_another_programs_reader_of_desktop_entries_starts_the_same(tmp_path):
    told = tmp_path / "told.json"
    seer = tmp_path / 'a "b" $c' / "see it"
    seer.parent.mkdir()
    seer.write_text(
        f"#!{sys.executable}\nimport json, sys\nopen({str(told)!r}, 'w').write(json.dumps(sys.argv))\n", "utf-8"
    )
    seer.chmod(0o755)
    icon = tmp_path / "x.desktop"
    icon.write_text(entry(str(seer)), encoding="utf-8")
    subprocess.run(["gio", "launch", str(icon), str(tmp_path / "台 账.xlsx"), str(tmp_path / "b.xlsx")], check=True)
    end = time.monotonic() + 20
    while not (told.exists() and told.read_text("utf-8")) and time.monotonic() < end:
        time.sleep(0.05)
    dropped = [str(tmp_path / "台 账.xlsx"), str(tmp_path / "b.xlsx")]
    assert json.loads(told.read_text("utf-8")) == [str(seer), "-m", "taizhang", "gui", *dropped]


def test_a_link_of_windows_starts_python_without_a_console():
    read = LnkParse3.lnk_file(BytesIO(link(WINDOWS)))
    found = read.get_json()
    items = [one for one in found["target"]["items"] if "primary_name" in one]
    assert [one["flags"] for one in items] == ["Is directory"] * 4 + ["Is file"]
    assert [one["primary_name"] for one in items if one["primary_name"].isascii()][-2:] == ["Scripts", "pythonw.exe"]
    target = WINDOWS.replace("python.exe", "pythonw.exe")
    assert found["extra"]["ENVIRONMENTAL_VARIABLES_LOCATION_BLOCK"]["target_unicode"] == target
    assert found["data"]["command_line_arguments"] == "-m taizhang gui"
    assert found["data"]["working_directory"] == WINDOWS.rpartition("\\")[0]
    assert found["data"]["description"] == shortcut.NOTE


def test_a_link_to_another_python_keeps_its_name():
    assert "pypy.exe" in str(LnkParse3.lnk_file(BytesIO(link("D:\\pypy.exe"))).get_json()["target"])


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_an_icon_is_put_once_and_taken_away(platform, tmp_path):
    python, other = (WINDOWS, "D:\\p.exe") if platform == "win32" else ("/usr/bin/python3", "/new/python")
    first = install(platform, tmp_path / "桌面", python)
    assert first.path == path_on(platform, tmp_path / "桌面")
    assert not first.unchanged
    again = install(platform, tmp_path / "桌面", other)
    assert not again.unchanged
    assert uninstall(platform, tmp_path / "桌面") == [first.path]
    assert list(first.path.parent.iterdir()) == []
    assert uninstall(platform, tmp_path / "桌面") == []


def test_a_second_time_changes_nothing_and_a_desktop_may_run_it(tmp_path):
    first = install("linux", tmp_path, "/usr/bin/python3")
    assert os.access(first.path, os.X_OK)
    assert install("linux", tmp_path, "/usr/bin/python3").unchanged


@pytest.mark.parametrize("act", [lambda place: install("linux", place, "/p"), lambda place: uninstall("linux", place)])
def test_a_strangers_file_of_our_name_stays(act, tmp_path):
    path_on("linux", tmp_path).write_text("[Desktop Entry]\nExec=somebody else\n", "utf-8")
    with pytest.raises(LedgerError) as error:
        act(tmp_path)
    assert error.value.stop is Stop.ADDIN_NOT_OURS
    assert "somebody else" in path_on("linux", tmp_path).read_text("utf-8")


def test_a_desktop_that_takes_no_file_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LedgerError) as error:
        install("linux", tmp_path / "file" / "桌面", "/p")
    assert error.value.stop is Stop.CANNOT_WRITE


def test_the_script_of_macos_names_python_and_passes_files_on():
    script = shortcut.droplet('/Users/李四/a "b"/python')
    assert 'quoted form of "/Users/李四/a \\"b\\"/python" & " -m taizhang gui"' in script
    assert "on open theFiles" in script


# The command


@pytest.fixture
def desktop(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(shortcut, "desktop", lambda: tmp_path / "桌面")
    return tmp_path / "桌面"


@pytest.mark.skipif(sys.platform != "linux", reason="says what Linux lacks")
@pytest.mark.window
def test_where_there_is_no_excel_the_command_makes_the_icon(desktop, capsys):
    assert [main(["addin", "install"]), main(["addin", "install"])] == [0, 0]
    first, second = capsys.readouterr().out.splitlines()
    assert "没有找到 Excel" in first
    assert str(desktop) in first
    assert "没有改动" in second
    assert main(["addin", "uninstall"]) == 0
    assert "已卸载" in capsys.readouterr().out
    assert list(desktop.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="says what Linux lacks")
def test_who_asks_for_the_add_in_is_told_that_it_cannot_be(desktop, capsys):
    assert main(["addin", "install", "--excel"]) == 2
    assert capsys.readouterr().err.count("。") == 2


def test_where_only_wps_is_the_icon_is_made(desktop, monkeypatch, capsys):
    monkeypatch.setattr(survey, "programs_here", lambda: {"excel": "", "wps": "C:\\wps\\et.exe", "server": ""})
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: object())
    assert main(["addin", "install", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["path"].startswith(str(desktop))


def test_without_excel_and_without_tkinter_it_is_said_what_was_not_done_and_how_to_mend_it(
    desktop, monkeypatch, capsys
):
    monkeypatch.setattr(survey, "programs_here", lambda: {"excel": "", "wps": "", "server": ""})
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    told = {"linux": "apt install python3-tk", "win32": "tcl/tk", "darwin": "python.org"}
    for platform, remedy in told.items():
        monkeypatch.setattr(sys, "platform", platform)
        assert main(["addin", "install"]) == 2
        said = capsys.readouterr().err
        assert said.startswith("没有找到 Excel，加载项没有装；Python 没有装 tkinter，窗口打不开，桌面图标也没有放。")
        assert remedy in said
        assert "请用命令行" in said
        assert not desktop.exists()


def test_a_window_without_tkinter_is_not_sent_to_another_computer(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "taizhang.gui.window", raising=False)
    monkeypatch.setitem(sys.modules, "tkinter", None)
    monkeypatch.setattr(sys, "platform", "linux")
    assert main(["gui"]) == 2
    said = capsys.readouterr().err
    assert "Python 没有装 tkinter" in said
    assert "apt install python3-tk" in said
    assert "有桌面的电脑" not in said


@pytest.mark.window
def test_a_double_click_and_a_drop_on_the_icon_open_the_window(tmp_path, desktop):
    desk = Desk(tmp_path, book(f"| 序号 | 牵头部门 | 进展情况 |\n| 1 | {FGJ} | 原来 |\n"))
    icon = install(sys.platform, desktop, sys.executable).path
    command = executed(icon.read_text("utf-8"))
    for dropped, title in (([], "营商台账"), ([str(desk.path)], f"{desk.path.name} — 营商台账")):
        with screen() as environment:
            environment["XDG_STATE_HOME"] = str(tmp_path / "state")
            process = subprocess.Popen([*command[:-1], *dropped], env=environment)
            try:
                assert titled(environment, title)
                assert process.poll() is None
            finally:
                process.kill()
                process.wait(10)


def titled(environment: dict[str, str], title: str) -> bool:
    """Return whether a window of this title comes up."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = told(environment, "search", "--name", ".*").split()
        if title in (told(environment, "getwindowname", one).strip() for one in found):
            return True
        time.sleep(0.1)
    return False


def told(environment: dict[str, str], *command: str) -> str:
    return subprocess.run(
        ["xdotool", *command], env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    ).stdout
