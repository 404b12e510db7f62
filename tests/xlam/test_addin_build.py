"""The built add-in: its sources come back byte for byte, its parts are whole, its buttons are the table's."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZIP_STORED, ZipFile

import olefile
import openpyxl
import pytest
from oletools.olevba import VBA_Parser

import taizhang
from taizhang.acts import BUTTONS, BY_ACT
from taizhang.errors import LedgerError, Stop
from taizhang.xlam import bridge
from taizhang.xlam.build import MODULES, RIBBON, build, console, folder, modules, settings, shown, sources
from taizhang.xlam.package import made_from

MACROS = folder()
BUTTON = f"{{{RIBBON}}}button"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
GROUP = f"{{{RIBBON}}}group"


@pytest.fixture(scope="module")
def addin() -> bytes:
    return build()


def part(addin: bytes, name: str) -> bytes:
    with ZipFile(io.BytesIO(addin)) as package:
        return package.read(name)


def every_button() -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(sources().ribbon).iter(BUTTON))


def callback(act: str) -> str:
    return "On" + "".join(word.capitalize() for word in act.split("_"))


# --- macros ----------------------------------------------------------------------------------------------------------


def test_another_reader_finds_our_macros_byte_for_byte(addin):
    found = {name: text for _, _, name, text in VBA_Parser("a.xlam", data=addin).extract_macros()}
    for name in MODULES:
        on_disk = (MACROS / f"{name}.bas").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        assert found[f"{name}.bas"].encode() == on_disk


def test_another_reader_finds_xlwings_with_the_stated_changes_alone(addin):
    found = {name: text for _, _, name, text in VBA_Parser("a.xlam", data=addin).extract_macros()}
    assert found["xlwings.bas"] == bridge.made_safe(bridge.installed()).replace("\n", "\r\n")
    dictionary = bridge.installed().dictionary
    assert found["Dictionary.cls"].endswith(dictionary[dictionary.index("Option Explicit") :].replace("\n", "\r\n"))


def test_macros_are_ascii_and_use_only_names_that_are_there(addin):
    ours = [module for module in modules(sources(), bridge.installed()) if module.name in MODULES]
    assert len(ours) == len(MODULES)
    assert all(module.source.isascii() for module in ours)


def test_the_project_holds_source_and_no_compiled_code(addin):
    """MS-OVBA 2.3.4.1: version 0xFFFF and no performance cache, so that Excel compiles what it reads."""
    with olefile.OleFileIO(io.BytesIO(part(addin, "xl/vbaProject.bin"))) as project:
        assert not project.parsing_issues
        assert project.openstream("VBA/_VBA_PROJECT").read() == bytes.fromhex("cc61ffff000000")
        streams = {"/".join(path) for path in project.listdir()}
        text = project.openstream("PROJECT").read().decode("ascii")
    names = [module.name for module in modules(sources(), bridge.installed())]
    assert streams == {f"VBA/{name}" for name in [*names, "dir", "_VBA_PROJECT"]} | {"PROJECT", "PROJECTwm"}
    assert [line for line in text.split("\r\n") if line.startswith(("Module=", "Class=", "Document="))] == [
        "Document=ThisWorkbook/&H00000000",
        "Document=SheetConf/&H00000000",
        "Document=SheetText/&H00000000",
        "Module=xlwings",
        "Class=Dictionary",
        *(f"Module={name}" for name in MODULES),
    ]


def test_nothing_of_this_machine_is_in_the_file(addin):
    for word in (str(Path.home()), str(MACROS), sys.prefix):
        assert word.encode() not in addin


# --- table, ribbon, macros -------------------------------------------------------------------------------------------


def test_ribbon_macros_and_table_agree():
    text = sources().modules["TaizhangRibbon"]
    written = re.findall(
        r'^Public Sub (On\w+)\(control As IRibbonControl\)\n    (\w+) "(\w+)", (True|False)\nEnd Sub$',
        text,
        re.MULTILINE,
    )
    assert written == [(callback(one.act), one.asks.value, one.act, str(one.needs_book)) for one in BUTTONS]
    assert text.count("Public Sub") == len(BUTTONS)
    for button in every_button():
        assert button.get("onAction") == f"TaizhangRibbon.{callback(button.get('id'))}"
    assert set(BY_ACT) <= {button.get("id") for button in every_button()}


def test_the_entry_point_knows_every_act():
    from taizhang.ribbon import ACTS

    assert set(ACTS) == set(BY_ACT)


def test_every_text_the_macros_ask_for_is_there():
    found = sources()
    text = "\n".join(found.modules.values()) + bridge.made_safe(bridge.installed())
    keys = set(re.findall(r'(?:TextOf\(|Tell )"(\w+)"\)?(?! &)', text))
    asking = {f"ask_{one.act}" for one in BUTTONS if one.asks.value != "Press"}
    asking |= {f"ask_merge_{kind}" for kind in ("files", "folder")}
    assert set(found.messages) == (keys - {"ask_"}) | asking | {"description", "icons"}
    assert all("请" in found.messages[key] for key in ("no_workbook", "too_many_files", "no_interpreter", "not_run"))


def test_buttons_are_complete_and_unmistakable():
    buttons = every_button()
    for button in buttons:
        for attribute in ("label", "screentip", "supertip", "keytip", "image"):
            assert button.get(attribute), (button.get("id"), attribute)
        assert len(button.get("keytip")) <= 3
        assert len(button.get("screentip")) <= 1024
        assert len(button.get("supertip")) <= 1024
        assert button.get("supertip").endswith("。")
        assert (MACROS / "icons" / f"{button.get('image')}.png").is_file()
    assert len({button.get("keytip") for button in buttons}) == len(buttons)
    ids = [element.get("id") for element in ElementTree.fromstring(sources().ribbon).iter() if element.get("id")]
    assert len(set(ids)) == len(ids)


def test_no_group_has_more_than_six_controls():
    groups = list(ElementTree.fromstring(sources().ribbon).iter(GROUP))
    assert [group.get("label") for group in groups] == ["台账", "下清单", "对账单", "办结", "年度", "成绩单", "帮助"]
    assert all(1 <= len(group) <= 6 for group in groups)


def test_every_icon_belongs_to_a_button():
    assert set(sources().icons) == {button.get("image") for button in every_button()}


def test_only_buttons_with_an_act_are_shown(addin):
    tree = ElementTree.fromstring(part(addin, "customUI/customUI14.xml"))
    assert {button.get("id") for button in tree.iter(BUTTON)} == set(BY_ACT)


def test_a_button_appears_with_its_act_and_its_group_with_it():
    tree = ElementTree.fromstring(shown(sources().ribbon, {"close"}))
    assert [group.get("label") for group in tree.iter(GROUP)] == ["办结"]
    assert [button.get("id") for button in tree.iter(BUTTON)] == ["close"]


# --- package ---------------------------------------------------------------------------------------------------------


def test_entries_are_stored_and_undated(addin):
    with ZipFile(io.BytesIO(addin)) as package:
        for entry in package.infolist():
            assert (entry.compress_type, entry.date_time[:3]) == (ZIP_STORED, (1980, 1, 1))


def test_both_ribbons_find_their_icons(addin):
    with ZipFile(io.BytesIO(addin)) as package:
        names = set(package.namelist())
        for ribbon in ("customUI.xml", "customUI14.xml"):
            text = package.read(f"customUI/{ribbon}").decode()
            targets = re.findall(
                r'Id="(\w+)"[^>]*Target="([^"]+)"', package.read(f"customUI/_rels/{ribbon}.rels").decode()
            )
            assert {name for name, _ in targets} == set(re.findall(r'image="(\w+)"', text))
            assert {f"customUI/{target}" for _, target in targets} <= names


def sheet(addin: bytes, number: int) -> dict[str, str | None]:
    """Return the two columns of a sheet; a cell that is not text would be missed."""
    rows = ElementTree.fromstring(part(addin, f"xl/worksheets/sheet{number}.xml")).iter(f"{MAIN}row")
    found = ([cell.findtext(f"{MAIN}is/{MAIN}t") for cell in row] for row in rows)
    return {cells[0]: cells[1] if len(cells) > 1 else None for cells in found}


def test_sheets_hold_settings_and_texts_as_text():
    addin = build("C:\\Users\\张三\\python.exe")
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(addin)))
    assert [(one.title, one.sheet_state) for one in book] == [("taizhang.conf", "visible"), ("text", "hidden")]
    rows = sheet(addin, 1)
    assert rows["INTERPRETER_WIN"] == rows["INTERPRETER_MAC"] == "C:\\Users\\张三\\python.exe"
    assert (rows["USE UDF SERVER"], rows["CONDA PATH"], rows["INTERPRETER"]) == ("False", None, "python")
    assert list(rows) == list(settings(""))
    texts = sheet(addin, 2)
    assert texts["title"] == "营商台账"
    assert "\\n" in texts["no_workbook"]
    assert "\n" not in texts["no_workbook"]


def as_xlsx(addin: bytes) -> bytes:
    """Return the add-in with the content type of a workbook: openpyxl opens no add-ins."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(addin)) as old, ZipFile(file, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data.replace(b"ms-excel.addin.macroEnabled", b"ms-excel.sheet.macroEnabled"))
    return file.getvalue()


def test_a_build_for_everyone_names_no_interpreter(addin):
    assert sheet(addin, 1)["INTERPRETER_WIN"] is None


def test_the_file_says_what_it_was_made_from(addin):
    assert made_from(addin) == {"taizhang": taizhang.__version__, "xlwings": bridge.installed().version}
    assert made_from(b"") == made_from(b"PK\x03\x04") == {}


def test_the_python_with_a_standard_error_is_called():
    assert console("/usr/bin/python3") == "/usr/bin/python3"
    assert Path(console("/x/pythonw.exe")) == Path("/x/python.exe")


def test_missing_sources_are_said(tmp_path):
    with pytest.raises(LedgerError) as error:
        sources(tmp_path)
    assert error.value.stop is Stop.NO_MACROS


def test_line_ends_of_a_checkout_make_no_difference(tmp_path, addin):
    shutil.copytree(MACROS, tmp_path / "macros")
    for path in (tmp_path / "macros").iterdir():
        if path.suffix in {".bas", ".xml", ".toml"}:
            path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert build(made=sources(tmp_path / "macros")) == addin


# --- the same bytes everywhere ---------------------------------------------------------------------------------------


def pythons() -> dict[str, str]:
    """Return every Python from 3.11 on that this machine has, by version."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [sys.executable, *map(str, root.glob("*/bin/python"))]
    candidates += [path for minor in range(11, 16) if (path := shutil.which(f"python3.{minor}"))]
    found: dict[str, str] = {}
    for path in candidates:
        asked = [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        said = subprocess.run(asked, capture_output=True, text=True, check=False)
        major, _, minor = said.stdout.strip().partition(".")
        if not said.returncode and (int(major), int(minor)) >= (3, 11):
            found.setdefault(said.stdout.strip(), path)
    return found


@pytest.mark.parametrize("version", sorted(pythons()))
def test_every_python_builds_the_same_bytes(addin, version):
    """Other hash seeds, time zones and languages too; nothing but text and the standard library goes in."""
    paths = [str(Path(taizhang.__file__).parents[1]), *(path for path in sys.path if path.endswith("site-packages"))]
    code = "import hashlib, taizhang.xlam.build as b; print(hashlib.sha256(b.build()).hexdigest())"
    for seed, zone in (("0", "UTC"), ("7", "Asia/Shanghai")):
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": seed, "TZ": zone, "LANG": "C"}
        made = subprocess.run([pythons()[version], "-c", code], env=environ, capture_output=True, text=True, check=True)
        assert made.stdout.strip() == hashlib.sha256(addin).hexdigest()
