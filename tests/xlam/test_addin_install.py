"""Where the add-in goes on each system, and that nothing of anybody else's is touched."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from taizhang.cli import main
from taizhang.errors import LedgerError, Stop
from taizhang.xlam import install as installing
from taizhang.xlam import survey
from taizhang.xlam.bridge import installed
from taizhang.xlam.build import build
from taizhang.xlam.install import Folders, folders, install, uninstall, write
from taizhang.xlam.package import made_from


@pytest.fixture
def places(tmp_path) -> Folders:
    return Folders(tmp_path / "Excel" / "XLSTART", tmp_path / "Scripts", tmp_path / "AddIns")


@pytest.fixture
def on_windows(monkeypatch, places):
    """The command line on a machine whose Excel folders are in a temporary place."""
    monkeypatch.setattr(installing, "here", lambda: Folders(places.startup, None, places.by_hand))
    found = {"excel": "C:\\Office\\EXCEL.EXE", "wps": "", "server": ""}
    monkeypatch.setattr(survey, "programs_here", lambda: found)
    return places


def stopped(call, *arguments) -> LedgerError:
    with pytest.raises(LedgerError) as error:
        call(*arguments)
    return error.value


# --- folders ---------------------------------------------------------------------------------------------------------


def test_on_windows_it_is_the_users_own_xlstart():
    found = folders("win32", {"APPDATA": "C:\\Users\\张三\\AppData\\Roaming"}, "C:\\Users\\张三")
    microsoft = PureWindowsPath("C:\\Users\\张三\\AppData\\Roaming\\Microsoft")
    assert found == Folders(microsoft / "Excel" / "XLSTART", None, microsoft / "AddIns")


def test_on_macos_it_is_the_start_up_folder_and_the_script_goes_where_excel_may_run_it():
    found = folders("darwin", {}, "/Users/李四")
    office = PurePosixPath("/Users/李四/Library/Group Containers/UBF8T346G9.Office/User Content.localized")
    assert found == Folders(
        office / "Startup.localized" / "Excel",
        PurePosixPath("/Users/李四/Library/Application Scripts/com.microsoft.Excel"),
        office / "Add-Ins.localized",
    )


def test_on_linux_it_says_what_works_instead():
    error = stopped(folders, "linux", {}, "/home/x")
    assert error.stop is Stop.NO_EXCEL_HERE
    assert "Linux" in str(error)
    assert "命令行" in str(error)


@pytest.mark.parametrize("environ", [{}, {"APPDATA": ""}])
def test_a_windows_account_without_a_profile_is_told_so(environ):
    assert stopped(folders, "win32", environ, "C:\\x").stop is Stop.NO_HOME


# --- install and uninstall -------------------------------------------------------------------------------------------


def test_what_is_installed_calls_the_python_that_runs_now(places):
    done = install(places)
    assert done.path == places.startup / "taizhang.xlam"
    assert done.path.read_bytes() == build(sys.executable)
    assert done.script.read_bytes() == installed().script
    assert done.script.name == f"xlwings-{installed().version}.applescript"


def test_a_second_time_changes_nothing(places):
    assert not install(places).unchanged
    before = (places.startup / "taizhang.xlam").stat().st_mtime_ns
    assert install(places).unchanged
    assert (places.startup / "taizhang.xlam").stat().st_mtime_ns == before


def test_an_older_one_is_replaced_and_nothing_is_left_in_the_start_up_folder(places):
    places.startup.mkdir(parents=True)
    (places.startup / "taizhang.xlam").write_bytes(build("/old/python"))
    assert not install(places).unchanged
    assert [path.name for path in places.startup.iterdir()] == ["taizhang.xlam"]
    assert [path.name for path in places.startup.parent.iterdir()] == ["XLSTART"]


def test_uninstall_removes_our_file_and_no_other(places):
    install(places)
    other = places.startup / "别人的.xlam"
    other.write_bytes(b"1")
    assert uninstall(places) == [places.startup / "taizhang.xlam"]
    assert other.exists()
    assert uninstall(places) == []


@pytest.mark.parametrize("act", [install, uninstall])
def test_a_strangers_file_of_our_name_stays(places, act):
    places.startup.mkdir(parents=True)
    strangers = places.startup / "taizhang.xlam"
    strangers.write_bytes(b"PK not ours")
    assert stopped(act, places).stop is Stop.ADDIN_NOT_OURS
    assert strangers.read_bytes() == b"PK not ours"


@pytest.mark.parametrize("act", [install, uninstall])
def test_while_excel_has_it_the_user_is_asked_to_quit(places, act, monkeypatch):
    places.startup.mkdir(parents=True)
    (places.startup / "taizhang.xlam").write_bytes(build("/old/python"))

    def held(self, *arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", held)
    monkeypatch.setattr(Path, "unlink", lambda self, missing_ok=False: None if "~" in self.name else held(self))
    error = stopped(act, Folders(places.startup, None, places.by_hand))
    assert error.stop is Stop.ADDIN_LOCKED
    assert "退出 Excel" in str(error)


def test_a_folder_that_takes_no_file_is_named(tmp_path):
    (tmp_path / "Excel").write_bytes(b"a file, not a folder")
    error = stopped(install, Folders(tmp_path / "Excel" / "XLSTART", None, tmp_path))
    assert error.stop is Stop.CANNOT_WRITE
    assert "（路径中有一段不是文件夹）" in str(error)


def test_a_built_file_goes_where_it_is_asked(tmp_path):
    assert write(tmp_path / "新.xlam", b"PK") == tmp_path / "新.xlam"
    assert stopped(write, tmp_path / "a.xlsm", b"").stop is Stop.NAME_NOT_XLAM


# --- command line ----------------------------------------------------------------------------------------------------


def test_the_command_line_installs_and_uninstalls(on_windows, capsys):
    assert [main(["addin", "install"]), main(["addin", "install"])] == [0, 0]
    first, second = capsys.readouterr().out.splitlines()
    assert "已装好" in first
    assert "没有改动" in second
    assert [main(["addin", "uninstall"]), main(["addin", "uninstall"])] == [0, 0]
    assert "已卸载" in capsys.readouterr().out


def test_the_command_line_builds(tmp_path, capsys):
    assert main(["addin", "build", "-o", str(tmp_path / "taizhang.xlam")]) == 0
    assert "taizhang" in made_from((tmp_path / "taizhang.xlam").read_bytes())
    assert str(tmp_path) in capsys.readouterr().out
