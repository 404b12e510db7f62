"""Every fault an installation can have is told, with its place and its remedy; a sound one is told nothing."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace

import pytest

from taizhang.cli import main
from taizhang.doctor import Advice, advice, host_of, is_wps, note_on
from taizhang.findings import Severity
from taizhang.xlam import install as installing
from taizhang.xlam import survey as surveying
from taizhang.xlam.install import Folders
from taizhang.xlam.survey import POLICIES, Machine, nothing, policies, programs

EXCEL = "C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE"
WPS = "C:\\Users\\张三\\AppData\\Local\\Kingsoft\\WPS Office\\12.1.0\\office6\\et.exe"
ADDIN = "C:\\Users\\张三\\AppData\\Roaming\\Microsoft\\Excel\\XLSTART\\taizhang.xlam"
SOUND = Machine(
    "win32",
    "C:\\Python\\python.exe",
    (3, 12),
    "0.37.8",
    EXCEL,
    server=f'"{EXCEL}" /automation',
    addin=ADDIN,
    addin_there=True,
    addin_fresh=True,
    addin_from={"taizhang": "0.1.0", "xlwings": "0.37.8"},
)
FAULTS = {
    "I101": {"server": WPS, "wps": WPS},
    "I102": {"excel": "", "server": ""},
    "I103": {"wps": WPS},
    "I201": {"python_version": (3, 10)},
    "I202": {"python": "C:\\Users\\x\\AppData\\Local\\Microsoft\\WindowsApps\\python.exe"},
    "I203": {"cannot_build": "没有装好 xlwings，做不出加载项。请运行 pip install taizhang 重新安装。"},
    "I301": {"addin_there": False},
    "I302": {"addin_from": {}},
    "I303": {"xlwings": "0.37.9"},
    "I304": {"addin_fresh": False},
    "I305": {"addin_locked": True},
    "I306": {"script": "/Users/x/xlwings-0.37.8.applescript", "script_there": False},
    "I307": {"elsewhere": ("C:\\Users\\x\\AppData\\Roaming\\Microsoft\\AddIns\\taizhang.xlam",)},
    "I401": {"policies": {"DisableAllAddins": 1}},
    "I402": {"policies": {"RequireAddinSig": 1}},
    "I403": {"policies": {"AllLocationsDisabled": 1}},
    "I405": {"addin_marked": True, "policies": {"BlockFromInternet": 1}},
}


def codes(found: list[Advice]) -> list[str]:
    return [one.code for one in found]


def test_a_sound_installation_is_told_nothing():
    assert advice(SOUND) == advice(SOUND, "addin") == []


@pytest.mark.parametrize("code", FAULTS)
def test_each_fault_alone_is_told_alone(code):
    assert codes(advice(replace(SOUND, **FAULTS[code]))) == [code]


@pytest.mark.parametrize("code", FAULTS)
def test_a_sentence_has_place_fault_and_remedy(code):
    (one,) = advice(replace(SOUND, **FAULTS[code]))
    assert one.message == f"{one.place}：{one.fault}。{one.remedy}。"
    assert one.place
    assert re.search("请|可以用|不影响|不需要", one.remedy)
    assert one.as_json()["message"] == one.message


def test_errors_come_first():
    found = advice(replace(SOUND, wps=WPS, addin_locked=True, addin_fresh=False))
    assert [one.severity for one in found] == [Severity.ERROR, Severity.REMINDER, Severity.REMINDER]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"VBAWarnings": 4}, []),  # a trusted folder needs no leave of the macro settings
        ({"VBAWarnings": 4, "AllLocationsDisabled": 1}, ["I403", "I404"]),
        ({"VBAWarnings": 3, "AllowUserLocations": 0}, ["I403", "I404"]),
        ({"VBAWarnings": 2, "AllLocationsDisabled": 1}, ["I403"]),
        ({"AllowUserLocations": 1, "AllLocationsDisabled": 0, "DisableAllAddins": 0, "RequireAddinSig": 0}, []),
        ({"RequireAlwaysOnMacroSig": 1}, ["I402"]),
        ({"BlockFromInternet": 1}, []),  # only a file with the mark is blocked
    ],
)
def test_policies_are_judged_together(found, told):
    assert codes(advice(replace(SOUND, policies=found))) == told


def test_on_linux_there_is_a_note_and_no_finding():
    assert advice(Machine("linux", "/usr/bin/python3")) == []
    assert "命令行" in note_on("linux")
    assert note_on("win32") == note_on("darwin") == ""


# --- the program -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("excel", "wps", "program", "works", "said"),
    [
        (EXCEL, "", EXCEL, True, "可以使用"),
        (EXCEL, WPS, EXCEL, True, "可以使用"),
        (EXCEL, WPS, WPS, False, "占用"),
        ("", WPS, WPS, False, "当前由 WPS 打开"),
        ("", WPS, "", False, "只有 WPS"),
        ("", "", "", False, "没有 Excel"),
    ],
)
def test_the_host_is_said_in_words_with_what_works_instead(excel, wps, program, works, said):
    host = host_of(excel, wps, program)
    assert host.works is works
    assert said in host.sentence
    assert ("命令行" in host.sentence) is not works


@pytest.mark.parametrize("path", [WPS, f'"{WPS}" -automation', "C:/Program Files/WPS Office/ksolaunch.exe"])
def test_wps_is_known_by_its_path(path):
    assert is_wps(path)
    assert not is_wps(EXCEL)
    assert not is_wps("")


# --- reading the machine ---------------------------------------------------------------------------------------------


def registry(table: dict[tuple[str, str], object]):
    """A registry that is a table."""
    return lambda key, name: table.get((key, name))


PATHS = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\App Paths"
CLASS = "SOFTWARE\\Classes\\CLSID\\{00024500-0000-0000-C000-000000000046}\\LocalServer32"


def test_programs_are_found_in_the_registry():
    table = {
        (f"HKLM\\{PATHS}\\excel.exe", ""): EXCEL,
        (f"HKCU\\{PATHS}\\et.exe", ""): WPS,
        (f"HKLM\\{CLASS}", ""): WPS,
    }
    assert programs("win32", registry(table), lambda path: False) == {"excel": EXCEL, "wps": WPS, "server": WPS}
    assert programs("win32", nothing, lambda path: True) == {"excel": "", "wps": "", "server": ""}


def test_what_the_user_has_outranks_the_machine_when_programs_are_looked_up():
    table = {(f"HKLM\\{PATHS}\\excel.exe", ""): "old", (f"HKCU\\{PATHS}\\excel.exe", ""): EXCEL}
    assert programs("win32", registry(table), lambda path: False)["excel"] == EXCEL


def test_on_macos_programs_are_applications():
    found = programs("darwin", nothing, lambda path: "Excel" in path)
    assert found == {"excel": "/Applications/Microsoft Excel.app", "wps": "", "server": ""}


@pytest.mark.parametrize("setting", POLICIES)
@pytest.mark.parametrize(
    "place",
    [
        "HKCU\\Software\\Policies\\Microsoft\\Office\\16.0",
        "HKLM\\Software\\Policies\\Microsoft\\Office\\16.0",
        "HKCU\\Software\\Microsoft\\Office\\16.0",
    ],
)
def test_every_policy_is_read_wherever_it_stands(setting, place):
    key, name = POLICIES[setting]
    assert policies(registry({(f"{place}\\{key}", name): 1})) == {setting: 1}


def test_a_policy_outranks_what_the_user_chose():
    key, name = POLICIES["VBAWarnings"]
    table = {
        (f"HKCU\\Software\\Policies\\Microsoft\\Office\\16.0\\{key}", name): 4,
        (f"HKCU\\Software\\Microsoft\\Office\\16.0\\{key}", name): 1,
    }
    assert policies(registry(table)) == {"VBAWarnings": 4}


@pytest.fixture
def places(tmp_path, monkeypatch):
    found = Folders(tmp_path / "XLSTART", tmp_path / "Scripts", tmp_path / "AddIns")
    monkeypatch.setattr(installing, "here", lambda: found)
    return found


def test_a_fresh_installation_is_seen_as_such(places):
    installing.install(places)
    found = surveying.survey()
    assert found.addin_there
    assert found.addin_fresh
    assert found.script_there
    assert found.addin_from["xlwings"] == found.xlwings
    assert not found.addin_locked
    assert found.elsewhere == ()


def test_a_missing_stale_or_double_add_in_is_seen(places):
    assert not surveying.survey().addin_there
    installing.install(places)
    (places.startup / "taizhang.xlam").write_bytes(b"old")
    places.by_hand.mkdir()
    (places.by_hand / "taizhang.xlam").write_bytes(b"")
    (places.by_hand / "别的.xlam").write_bytes(b"")
    found = surveying.survey()
    assert found.addin_there
    assert not found.addin_fresh
    assert found.addin_from == {}
    assert found.elsewhere == (str(places.by_hand / "taizhang.xlam"),)


def test_what_keeps_it_from_being_built_is_said(places, monkeypatch):
    installing.install(places)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "xlwings" in surveying.survey().cannot_build


# --- command line ----------------------------------------------------------------------------------------------------


def told(monkeypatch, machine: Machine) -> None:
    monkeypatch.setattr(surveying, "survey", lambda: machine)


def test_clean_is_0_and_findings_are_1(monkeypatch, capsys):
    told(monkeypatch, SOUND)
    assert main(["doctor", "--part", "addin"]) == 0
    assert "没有发现问题" in capsys.readouterr().out
    told(monkeypatch, replace(SOUND, addin_there=False))
    assert main(["doctor"]) == 1
    assert "I301" in capsys.readouterr().out


def test_json_is_one_object(monkeypatch, capsys):
    told(monkeypatch, replace(SOUND, addin_there=False))
    assert main(["doctor", "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert (found["code"], found["place"]) == ("I301", ADDIN)


def test_an_unknown_part_is_bad_usage(capsys):
    assert main(["doctor", "--part", "printer"]) == 2
    assert "addin" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="says what Linux lacks")
def test_on_linux_it_ends_clean_with_what_cannot_be(capsys):
    assert main(["doctor", "--part", "addin"]) == 0
    assert "没有 Excel" in capsys.readouterr().out
