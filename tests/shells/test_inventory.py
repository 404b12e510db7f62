"""What this machine has is found as it is: compared with what the programs and the system say themselves."""

from __future__ import annotations

import json
import os
import plistlib
import re
import shutil
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

import taizhang
from taizhang import doctor, inventory
from taizhang.books import pdf
from taizhang.cli import main
from taizhang.equipment import Folder, Office, State, package_of
from taizhang.errors import LedgerError, Stop
from taizhang.machine import error_log, log_path, unforeseen
from taizhang.mail.accounts import account, is_set_up, settings_path
from taizhang.xlam.survey import excel_version, nothing, word

pytestmark = pytest.mark.usefixtures("mailbox")  # never the settings of whoever runs the tests
ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(sys.platform == "win32", reason="writes shell scripts")
linux = pytest.mark.skipif(sys.platform != "linux", reason="fontconfig is Linux'")


def script(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def told(*arguments: str, **environment: str) -> dict[str, dict[str, str]]:
    """Return the states `taizhang doctor --json` prints in a process of its own, by name."""
    command = [sys.executable, "-m", "taizhang", "doctor", "--json", *arguments]
    done = subprocess.run(command, capture_output=True, env={**os.environ, **environment}, check=False)
    assert done.stderr == b""
    found = json.loads(done.stdout)
    levels = {one["state"] for one in found["states"]}
    assert done.returncode == (1 if levels & {"错误", "提醒"} else 0)
    return {one["name"]: one for one in found["states"]}


# --- this machine ----------------------------------------------------------------------------------------------------


@pytest.mark.office
def test_what_is_said_is_what_the_programs_say_themselves():
    found = told()
    said = subprocess.run(["soffice", "--version"], capture_output=True, text=True, check=True).stdout
    assert found["LibreOffice"]["state"] == "正常"
    assert said.split()[1] in found["LibreOffice"]["detail"]
    assert pdf.lacking(shutil.which("soffice")) == ()
    assert found["Python"]["detail"].startswith(sys.version.split()[0])
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    for name in (re.match(r"[\w.-]+", line)[0] for line in wanted if ";" not in line):
        assert found[name]["detail"].startswith(f"{metadata.version(name)}（要 ")
    assert found["taizhang"]["detail"].startswith(taizhang.__version__)
    tk = subprocess.run([sys.executable, "-c", "import tkinter"], capture_output=True, check=False)
    assert (found["tkinter"]["state"] == "正常") is (tk.returncode == 0)
    assert set(found["Python"]) == {"name", "state", "detail", "remedy"}


@posix
def test_without_libreoffice_it_is_said_to_be_absent_and_nothing_is_wrong(tmp_path):
    if any(Path("/").glob("opt/libreoffice*")) or Path("/Applications/LibreOffice.app").exists():
        pytest.skip("LibreOffice stands in its usual place too")
    one = told(PATH=str(tmp_path))["LibreOffice"]
    assert one["state"] == "没有"
    assert "libreoffice.org" in one["remedy"]


def test_a_python_without_any_package_is_told_which_are_missing(tmp_path):
    """A real Python with our metadata and nothing else: the doctor needs none of the packages it asks for."""
    data = (metadata.distribution("taizhang").read_text("METADATA") or "").encode()
    (tmp_path / "taizhang-0.1.0.dist-info").mkdir()
    (tmp_path / "taizhang-0.1.0.dist-info" / "METADATA").write_bytes(data)
    shutil.copytree(
        Path(taizhang.__file__).parent, tmp_path / "taizhang"
    )  # where it is installed, the packages are too
    code = "import sys; from taizhang.cli import main; sys.exit(main(['doctor', '--json']))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 1
    found = {one["name"]: one for one in json.loads(done.stdout)["states"]}
    missing = [one for one in found.values() if one["state"] == "错误"]
    assert {"lxml", "openpyxl", "platformdirs", "rich"} <= {one["name"] for one in missing}
    assert all("请运行 pip install " in one["remedy"] for one in missing)
    assert found["组件 mail"]["state"] == "没有"


def run_without(module: str, *typed: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a Python that does not find a module."""
    code = f"import sys; sys.modules[{module!r}] = None; from taizhang.cli import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run([sys.executable, "-c", code, *typed], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("module", "package", "typed"),
    [
        ("lxml", "lxml>=5.0", ["status", "台账.xlsx"]),
        ("lxml", "lxml>=5.0", ["check", "台账.xlsx"]),
        ("lxml", "lxml>=5.0", ["gui"]),
        ("python_calamine", "python-calamine>=0.4", ["check", "台账.xlsx"]),
        ("filelock", "filelock>=3.15", ["summary", "台账.xlsx"]),
        ("docx", "python-docx>=1.1", ["summary", "台账.xlsx", "--docx", "通报.docx"]),
    ],
)
def test_a_command_that_lacks_a_package_says_which_and_how_it_is_had(tmp_path, monkeypatch, module, package, typed):
    shutil.copy(ROOT / "workbook" / "ledger_template.xlsx", tmp_path / "台账.xlsx")
    monkeypatch.chdir(tmp_path)
    done = run_without(module, *typed)
    name = package.partition(">")[0]
    remedy = f'请运行 pip install "{package}"，再运行 taizhang doctor，看还缺什么。'
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"没有装 {name}，这件事要用它。{remedy}\n"


def test_where_pip_knows_nothing_of_us_what_is_missing_is_told_all_the_same(monkeypatch):
    monkeypatch.setattr(inventory, "_requirements", list)
    said = unforeseen(ModuleNotFoundError("No module named 'docx'", name="docx"))
    assert (
        said
        == "没有装 python-docx，这件事要用它。请在放源代码的文件夹里运行 pip install .，再运行 taizhang doctor，看还缺什么。"
    )


@pytest.mark.parametrize(
    "error",
    [
        ImportError("libxml2.so.2: cannot open shared object file", name="lxml.etree"),
        ModuleNotFoundError("No module named 'lxml.etree'", name="lxml.etree"),
    ],
    ids=str,
)
def test_a_package_that_is_there_and_does_not_load_is_to_be_installed_anew(logs, error):
    said = unforeseen(error)
    assert said.startswith("lxml 装了，但是用不了。")
    assert '请运行 pip install --force-reinstall "lxml>=5.0"' in said
    assert str(logs) in said


@pytest.mark.parametrize(
    "error",
    [
        ModuleNotFoundError("No module named 'taizhang.nothing'", name="taizhang.nothing"),
        ModuleNotFoundError("No module named 'et_xmlfile'", name="et_xmlfile"),
        ImportError("cannot import name 'x'"),
        ValueError("x"),
    ],
    ids=str,
)
def test_what_else_goes_wrong_is_a_fault_of_the_program(logs, error):
    assert unforeseen(error).startswith("程序出错，台账没有改动。")


def test_a_package_is_known_by_every_module_of_it_that_we_import():
    asked = {one.name.lower(): one for one in inventory.wanted()}
    brought = {module: own[0].lower() for module, own in metadata.packages_distributions().items()}
    ours = {module: asked[brought[module]] for module in imported_by_us() if brought.get(module) in asked}
    assert {"lxml", "docx", "markdown_it", "msoffcrypto", "oxmsg", "imap_tools", "tkinterdnd2"} <= set(ours)
    assert {module: package_of(module, asked.values()) for module in ours} == ours


def imported_by_us() -> set[str]:
    """Return the first names of all modules our code imports."""
    texts = [path.read_text(encoding="utf-8") for path in Path(taizhang.__file__).parent.rglob("*.py")]
    return {name for text in texts for name in re.findall(r"(?m)^\s*(?:from|import) (\w+)", text)}


def test_nothing_is_left_behind_by_looking(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    home = Path(os.environ["HOME"])
    home.mkdir(exist_ok=True)
    before = sorted(tmp_path.rglob("*"))
    told()
    assert sorted(tmp_path.rglob("*")) == before


@linux
@pytest.mark.office
def test_a_part_knows_which_program_opens_a_ledger_too(tmp_path):
    assert "台账要用 LibreOffice 打开" in told("--part", "addin")["WPS"]["detail"]
    assert "没有能打开台账的软件" in told("--part", "addin", PATH=str(tmp_path))["WPS"]["detail"]


def test_a_part_takes_no_time_for_what_is_none_of_it(monkeypatch, capsys):
    monkeypatch.setattr(inventory, "office", lambda: pytest.fail("LibreOffice was asked"))
    assert main(["doctor", "--part", "mail", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["state"]) for one in found["states"]][1:] == [("邮箱", "错误")]
    assert [one["code"] for one in found["findings"]] == ["M102"]


def test_a_mailbox_that_cannot_be_tried_for_want_of_a_package_is_not_said_to_be_sound(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "taizhang.mail.doctor", None)  # what an import of it finds wrong
    assert main(["doctor", "--part", "mail", "--json"]) == 1
    mailbox = json.loads(capsys.readouterr().out)["states"][-1]
    assert (mailbox["name"], mailbox["state"]) == ("邮箱", "错误")
    assert "没有试着登录" in mailbox["detail"]


@pytest.mark.parametrize(
    ("platform", "variables", "there"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": "", "WAYLAND_DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("win32", {}, True),
        ("darwin", {}, True),
    ],
)
def test_a_desktop_is_where_the_system_says_one_is(platform, variables, there):
    assert inventory.has_desktop(platform, variables) is there


@linux
def test_a_window_is_not_promised_where_there_is_no_display():
    assert "窗口（taizhang gui）打不开" in told(DISPLAY="", WAYLAND_DISPLAY="")["tkinter"]["detail"]
    assert "窗口（taizhang gui）可以用" in told(DISPLAY=":0")["tkinter"]["detail"]


# --- the mailbox -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [[], ["--part", "mail"]], ids=["whole", "part"])
def test_a_folder_in_the_place_of_the_settings_is_said_to_be_one(capsys, typed):
    settings_path().mkdir(parents=True)
    assert main(["doctor", "--json", *typed]) == 1
    found = json.loads(capsys.readouterr().out)
    (one,) = [state for state in found["states"] if state["name"] == "邮箱"]
    assert one["state"] == "错误"
    assert one["detail"] == f"邮箱设置：{settings_path()}：这里要放邮箱设置的文件，现在是一个文件夹。"
    assert one["remedy"] == "请先把这个文件夹移走或改名，再运行 taizhang mail setup 邮箱地址。"
    assert "M105" in [finding["code"] for finding in found["findings"]]


def test_mail_setup_over_a_folder_says_what_stands_there(capsys):
    settings_path().mkdir(parents=True)
    assert main(["mail", "setup", "yingshang@163.com"]) == 2
    assert capsys.readouterr().err.startswith(f"{settings_path()}：这里要放邮箱设置的文件，现在是一个文件夹。")
    assert list(settings_path().iterdir()) == []


@pytest.mark.parametrize("fault", [FileNotFoundError, NotADirectoryError], ids=lambda fault: fault.__name__)
def test_settings_that_are_not_there_are_none(monkeypatch, fault):
    def read(*_, **__):
        raise fault

    monkeypatch.setattr(Path, "read_text", read)
    with pytest.raises(LedgerError) as raised:
        account()
    assert raised.value.stop is Stop.NO_MAIL_SETUP


def test_settings_that_may_not_be_looked_at_stop_no_examination(monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(LedgerError) as raised:
        account()
    assert raised.value.stop is Stop.BAD_MAIL_SETUP
    assert not is_set_up()


# --- our metadata ----------------------------------------------------------------------------------------------------


def test_every_line_of_our_metadata_is_understood():
    lines = metadata.requires("taizhang")
    assert len(lines) > 20
    for line in lines:
        requirement, _, marker = line.partition(";")
        assert re.fullmatch(r"[\w.-]+((>=|<)[\w.]+,?)*", requirement.strip()), line
        clauses = marker.split(" and ") if marker else []
        assert all(re.fullmatch(r"\s*(extra|sys_platform) == ['\"]\w+['\"]\s*", clause) for clause in clauses), line
    extras = {one.extra for one in inventory.packages(lines, sys.platform, lambda name: "1")}
    assert {"", "gui", "mail", "cluster"} <= extras


# --- LibreOffice -----------------------------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize(
    ("does", "found"),
    [
        ("echo LibreOffice 25.2.1.2 520", Office("{path}", "25.2.1.2")),
        ("exit 0", Office("{path}")),
        ("exit 3", Office("{path}", answered=False)),
        ("sleep 60 & sleep 60", Office("{path}", answered=False)),
    ],
)
def test_libreoffice_is_asked_and_not_waited_for(tmp_path, monkeypatch, does, found):
    path = script(tmp_path / "soffice", does)
    monkeypatch.setattr(pdf.shutil, "which", lambda name: path)
    monkeypatch.setattr(inventory, "SECONDS", 0.5 if "sleep" in does else 20)
    began = time.monotonic()
    assert inventory.office() == Office(path, found.version, found.answered)
    assert time.monotonic() - began < 15


@posix
def test_what_libreoffice_cannot_convert_is_found_beside_the_program_itself(tmp_path, monkeypatch):
    """On the PATH stands a link; the libraries are where it leads."""
    path = script(tmp_path / "opt" / "program" / "soffice", "echo LibreOffice 7.4.7.2")
    (tmp_path / "soffice").symlink_to(path)
    for name in ("libmergedlo.so", "libsclo.so"):
        (tmp_path / "opt" / "program" / name).touch()
    monkeypatch.setattr(pdf.shutil, "which", lambda name: str(tmp_path / "soffice"))
    assert inventory.office() == Office(str(tmp_path / "soffice"), "7.4.7.2", lacks=("Writer",))


@posix
def test_libreoffice_has_a_home_of_its_own_while_it_is_asked(tmp_path):
    said = tmp_path / "said"
    office = script(tmp_path / "soffice", f'echo "$HOME" "$XDG_CACHE_HOME" "$XDG_CONFIG_HOME" "$*" >{said}')
    assert pdf.version_of(office, 20) == ""
    home, cache, settings, profile, asked = said.read_text().split()
    assert home == cache == settings
    assert profile == f"-env:UserInstallation={Path(home, 'profile').as_uri()}"
    assert asked == "--version"
    assert not Path(home).exists()
    assert home != os.environ["HOME"]


@posix
def test_on_windows_the_program_that_writes_to_the_console_is_asked(tmp_path):
    office = script(tmp_path / "soffice.exe", "exit 0")
    script(tmp_path / "soffice.com", "echo LibreOffice 24.8.1.2")
    assert pdf.version_of(office, 20) == "24.8.1.2"


# --- fonts -----------------------------------------------------------------------------------------------------------

WINDOWS_FONTS = {
    "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Fonts": ["SimSun & NSimSun (TrueType)", "Arial (TrueType)"],
    "HKCU\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Fonts": ["方正小标宋简体 (TrueType)"],
}


def test_windows_fonts_are_read_from_both_lists_of_the_registry():
    found = inventory.windows_fonts(lambda key: WINDOWS_FONTS.get(key, []))
    assert found.names == {"SimSun", "NSimSun", "Arial", "方正小标宋简体"}
    assert set(found.chinese) == {"SimSun", "NSimSun", "方正小标宋简体"}
    assert inventory.windows_fonts(lambda key: []) is None


def test_fonts_of_macos_are_files(tmp_path):
    for name in ("SimSun.ttf", "sub/STHeiti Light.ttc", "读我.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = inventory.mac_fonts([tmp_path, tmp_path / "没有"])
    assert found.names == {"SimSun", "STHeiti Light"}
    assert inventory.mac_fonts([tmp_path / "没有"]) is None


@posix
def test_fonts_are_what_fontconfig_lists(tmp_path):
    listed = script(
        tmp_path / "fc-list",
        'case "$1" in :lang=zh*) echo "WenQuanYi,文泉驿";; *) echo "Arial"; echo "WenQuanYi,文泉驿";; esac',
    )
    found = inventory.listed_fonts(listed)
    assert found.names == {"Arial", "WenQuanYi", "文泉驿"}
    assert found.chinese == ("WenQuanYi", "文泉驿")


@posix
def test_fonts_nobody_can_list_are_unknown(tmp_path, monkeypatch):
    monkeypatch.setattr(inventory, "SECONDS", 0.5)
    assert inventory.listed_fonts(None) is None
    assert inventory.listed_fonts(str(tmp_path / "没有")) is None
    assert inventory.listed_fonts(script(tmp_path / "a", "exit 1")) is None
    assert inventory.listed_fonts(script(tmp_path / "b", "exec sleep 60")) is None


@linux
@pytest.mark.skipif(shutil.which("fc-list") is None, reason="no fontconfig")
def test_the_fonts_of_this_machine_are_those_fc_match_knows():
    found = inventory.fonts()
    said = subprocess.run(["fc-match", "--format", "%{family[0]}", "sans:lang=zh-cn"], capture_output=True, text=True)
    assert said.stdout in found.names


# --- folders ---------------------------------------------------------------------------------------------------------


def test_a_folder_is_there_or_will_be_made(tmp_path):
    free = shutil.disk_usage(tmp_path).free
    found = inventory.folder(tmp_path)
    assert (found.path, found.there, found.writable) == (str(tmp_path), True, True)
    assert abs(found.free - free) < 2**30
    made_later = inventory.folder(tmp_path / "一" / "二")
    assert (made_later.there, made_later.writable) == (False, True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_cannot_be_made_where_a_file_stands_in_its_path(tmp_path):
    (tmp_path / "文件").touch()
    for path in (tmp_path / "文件", tmp_path / "文件" / "一" / "二"):
        found = inventory.folder(path)
        assert (found.there, found.writable, found.blocked) == (False, False, str(tmp_path / "文件"))
    assert not inventory.folder(tmp_path / "文件" / "一", opened_by_excel=True).writable


@posix
def test_a_link_that_leads_nowhere_stands_in_the_path_too(tmp_path):
    (tmp_path / "链接").symlink_to(tmp_path / "没有")
    found = inventory.folder(tmp_path / "链接" / "一")
    assert (found.writable, found.blocked) == (False, str(tmp_path / "链接"))


def test_what_may_not_even_be_looked_at_is_no_folder_of_ours(tmp_path, monkeypatch):
    """A folder that others may not enter: what is in it cannot be asked for."""
    look = os.stat

    def refuse(path, *rest, **more):
        if str(path).startswith(str(tmp_path / "别人")) and str(path) != str(tmp_path / "别人"):
            raise PermissionError(13, "Permission denied")
        return look(path, *rest, **more)

    (tmp_path / "别人").mkdir()
    monkeypatch.setattr(os, "stat", refuse)
    monkeypatch.setattr(os, "lstat", refuse)
    monkeypatch.setattr(inventory, "_takes_a_file", lambda path: path != tmp_path / "别人")
    assert not inventory.folder(tmp_path / "别人" / "一" / "二").writable


@linux
@pytest.mark.parametrize("home", ["file", "/proc"])
def test_in_a_home_that_is_none_nothing_is_sound(tmp_path, home):
    (tmp_path / "file").touch()
    place = str(tmp_path / "file") if home == "file" else home
    plain = {name: os.environ[name] for name in os.environ if not name.startswith("XDG_")}
    code = "import sys; from taizhang.cli import main; sys.exit(main(['doctor', '--json']))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**plain, "HOME": place}, check=False
    )
    found = {one["name"]: one for one in json.loads(done.stdout)["states"]}
    for name in ("设置文件夹", "错误日志"):
        assert found[name]["state"] == "提醒"
        assert found[name]["detail"].startswith(f"{place}/")
        assert (f"{place} 是文件，不是文件夹" in found[name]["detail"]) is (home == "file")


def test_a_folder_that_takes_no_file_is_not_writable(tmp_path, monkeypatch):
    def refuse(**_):
        raise PermissionError

    monkeypatch.setattr(inventory.tempfile, "TemporaryFile", refuse)
    assert not inventory.folder(tmp_path).writable
    monkeypatch.setattr(inventory.os, "access", lambda *_: False)
    assert not inventory.folder(tmp_path, opened_by_excel=True).writable


def test_no_file_is_tried_where_excel_opens_what_it_finds(tmp_path, monkeypatch):
    monkeypatch.setattr(inventory.tempfile, "TemporaryFile", lambda **_: pytest.fail("a file was made"))
    assert inventory.folder(tmp_path, opened_by_excel=True).writable


def test_a_folder_that_is_gone_is_told_of(monkeypatch):
    def gone(*_):
        raise FileNotFoundError

    monkeypatch.setattr(inventory.Path, "cwd", gone)
    monkeypatch.setattr(inventory.tempfile, "gettempdir", gone)
    found = inventory.folders()
    assert found["当前文件夹"] == found["临时文件夹"] == Folder("", there=False, writable=False)


@pytest.fixture
def logs(tmp_path, monkeypatch):
    """Return the folder in which the system's custom has logs; it is not there yet."""
    monkeypatch.setattr("platformdirs.user_log_path", lambda *_, **__: tmp_path / "state" / "log")
    return tmp_path / "state" / "log"


def test_the_log_is_where_errors_are_written(logs, monkeypatch):
    assert inventory.log().written == ""
    monkeypatch.setattr("taizhang.doctor.examination", lambda part: 1 / 0)
    assert main(["doctor"]) == 2
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", inventory.log().written)
    assert inventory.log().path == str(logs / "taizhang-error.log")


@linux
def test_the_log_is_in_the_users_own_folder_and_his_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = error_log()
    assert path == log_path() == tmp_path / "state" / "taizhang" / "log" / "taizhang-error.log"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_log_that_is_not_there_yet_is_judged_by_its_folder(logs):
    assert inventory.log().writable
    logs.parent.write_text("不是文件夹")
    assert (inventory.log().writable, inventory.log().blocked) == (False, str(logs.parent))


def test_a_folder_in_the_place_of_the_log_takes_no_log(logs):
    (logs / "taizhang-error.log").mkdir(parents=True)
    assert not inventory.log().writable


def test_where_the_users_folder_takes_no_log_it_is_a_new_file_of_its_own(logs, capsys, monkeypatch):
    logs.parent.write_text("不是文件夹")
    monkeypatch.setattr("taizhang.doctor.examination", lambda part: 1 / 0)
    assert main(["doctor"]) == 2
    said = Path(capsys.readouterr().err.partition("日志文件 ")[2].partition(" 发给")[0])
    assert "ZeroDivisionError" in said.read_text(encoding="utf-8")
    said.unlink()


def test_without_platformdirs_the_log_is_in_the_users_folder(monkeypatch):
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    assert log_path() == Path.home() / "taizhang-error.log"


# --- Excel and Word --------------------------------------------------------------------------------------------------

CLICK = ("HKLM\\SOFTWARE\\Microsoft\\Office\\ClickToRun\\Configuration", "VersionToReport")
CURRENT = ("HKLM\\SOFTWARE\\Classes\\Excel.Application\\CurVer", "")


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ({CLICK: "16.0.17928.20114", CURRENT: "Excel.Application.16"}, "16.0.17928.20114"),
        ({CURRENT: "Excel.Application.14"}, "14"),
        ({}, ""),
    ],
)
def test_excels_version_is_in_the_registry(table, found):
    assert excel_version("win32", lambda key, name: table.get((key, name)), Path("x")) == found


def test_on_macos_excels_version_is_in_its_bundle(tmp_path):
    assert excel_version("darwin", nothing, tmp_path) == ""
    (tmp_path / "Contents").mkdir()
    (tmp_path / "Contents" / "Info.plist").write_bytes(plistlib.dumps({"CFBundleShortVersionString": "16.89"}))
    assert excel_version("darwin", nothing, tmp_path) == "16.89"
    (tmp_path / "Contents" / "Info.plist").write_bytes(b"broken")
    assert excel_version("darwin", nothing, tmp_path) == ""


def test_word_is_found_as_excel_is():
    key = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\App Paths\\winword.exe"
    assert word("win32", lambda found, name: "C:\\WINWORD.EXE" if found == key else None, bool) == "C:\\WINWORD.EXE"
    assert word("darwin", nothing, lambda path: "Word" in path) == "/Applications/Microsoft Word.app"
    assert word("darwin", nothing, lambda path: False) == ""


# --- the document ----------------------------------------------------------------------------------------------------


@linux
def test_the_output_shown_in_the_document_has_the_lines_the_program_prints(monkeypatch, tmp_path, capsys):
    text = (ROOT / "docs" / "安装.md").read_text(encoding="utf-8")
    shown = re.search(r"```text\n(状态.*?)```", text, re.DOTALL)[1].splitlines()
    monkeypatch.setattr(inventory, "office", lambda: Office("/usr/bin/soffice", "7.4.7.2"))
    main(["doctor"])
    printed = capsys.readouterr().out.splitlines()
    columns = [line.split("｜")[1].strip() for line in printed if "｜" in line]
    places = [columns.index(line.split("｜")[1].strip()) for line in shown if "｜" in line]
    assert len(places) > 5
    assert places == sorted(places)
    for name in ("LibreOffice", "邮箱"):
        (line,) = [line for line in shown if f"｜{name}" in line]
        assert line.partition("｜")[2].replace(" ", "") in {one.partition("｜")[2].replace(" ", "") for one in printed}


def _masked(line: str) -> str:
    """Return a line of the table without what differs from machine to machine: versions that are there, paths, free space."""
    return re.sub(r"(?<![\d.])(?<!要 )\d+(?:\.\d+)+|(?<=[｜ ])/[^，。\s]*|\d+(?= GB)", "…", line)


@linux
def test_every_line_shown_in_the_document_is_one_the_program_prints(monkeypatch, capsys):
    """A machine with nothing to see to: word by word the same, save for what is masked."""
    text = (ROOT / "docs" / "安装.md").read_text(encoding="utf-8")
    head, *shown, empty, end = re.search(r"```text\n(状态.*?)```", text, re.DOTALL)[1].splitlines()
    survey, examination = doctor._surveyed, doctor.examination

    def sound(part: str) -> tuple[list[doctor.Advice], list[State]]:
        found, states = examination(part)
        return found, [one for one in states if not one.is_fault]

    monkeypatch.setattr(inventory, "office", lambda: Office("/usr/bin/soffice", "7.4.7.2"))
    monkeypatch.setattr(doctor, "_surveyed", lambda part: replace(survey(part), wps=""))
    monkeypatch.setattr(doctor, "examination", sound)
    assert main(["doctor"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [head, empty, end] == [printed[0], *printed[-2:]]
    known = [_masked(line) for line in printed]
    assert len(shown) > 5
    assert [line for line in shown if _masked(line) not in known] == []
