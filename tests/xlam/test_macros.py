"""Every button pressed in LibreOffice, with Excel's dialogs and Python replaced: what Python is told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import macro_runner
import pytest
from test_addin_build import callback
from test_coding import coded

from taizhang.acts import BUTTONS, Ask, decoded
from taizhang.xlam.build import MODULES, build, sources

pytestmark = pytest.mark.office

FILES = ["C:\\收件 夹\\住建局 & 'x'.xlsx", 'C:\\收件 夹\\a"b%PATH%^`$(x)!.xlsx', "D:\\😀=1.xlsx"]
FOLDER, YES, NO, CANCEL = "D:\\下发\\", 6, 7, 2
PATHS = [
    "C:\\Users\\张三\\台账.xlsx",
    "/Users/李四/😀 台账.xlsx",
    'a" & calc & ".xlsx',
    "a%PATH%&calc&^&.xlsx",
    "~0041=_-.;'|`$!",
    "".join(map(chr, range(32, 127))),
    "𠮷野家\t\n",
    "",
]


@dataclass
class Pressed:
    """What one press gave: the commands for Python, and what was said or asked."""

    commands: list[str]
    told: str

    def call(self) -> tuple[str, ...]:
        """Return act and arguments as Python would read them; the only command there is."""
        (command,) = self.commands
        found = re.fullmatch(r"import taizhang\.ribbon;taizhang\.ribbon\.press\(('[0-9A-Za-z_~',]*')\)", command)
        act, *arguments = [word[1:-1] for word in found[1].split(",")]
        return act, *map(decoded, arguments)


class Runner:
    """Collects presses and runs them all in one office."""

    def __init__(self, addin) -> None:
        self.addin = addin
        self.calls: list[tuple[str, list[Any]]] = []

    def press(self, act: str, choice: int = YES, files=(), folder: str = "", words: str = "", given: bool = True):
        arguments = [callback(act), str(choice), "\n".join(files), folder, words, given]
        self.calls.append(("Driver.Pressed", arguments))

    def run(self, **modules: str | None) -> list[Any]:
        names = [callback(button.act) for button in BUTTONS]
        placed = {
            "xlwings": macro_runner.RUN_PYTHON,
            "Dictionary": None,
            "TaizhangDialogs": macro_runner.DIALOGS,
            "Driver": macro_runner.driver(names),
            **modules,
        }
        found = macro_runner.run(self.addin, placed, self.calls)
        self.calls = []
        self.modules = found["modules"]
        return found["said"]

    def pressed(self, **modules: str | None) -> list[Pressed]:
        made = []
        for said in self.run(**modules):
            sent, _, told = said.partition("\0")
            made.append(Pressed(sent.splitlines(), told))
        return made


@pytest.fixture
def runner(tmp_path):
    path = tmp_path / "taizhang.xlam"
    path.write_bytes(build())
    return Runner(path)


def test_every_button_tells_python_its_act_and_what_was_chosen(runner):
    for button in BUTTONS:
        runner.press(button.act, files=FILES, folder=FOLDER, words="2020-09-10")
    expected = {
        Ask.NOTHING: (),
        Ask.FILE: (FILES[0],),
        Ask.FILES_OR_FOLDER: ("C:\\收件 夹\\", *(name.rpartition("\\")[2] for name in FILES[:2]), FILES[2]),
        Ask.FOLDER: (FOLDER,),
        Ask.TEXT: ("2020-09-10",),
    }
    pressed = runner.pressed()
    assert [one.call() for one in pressed] == [(button.act, *expected[button.asks]) for button in BUTTONS]
    assert set(runner.modules) == {"ThisWorkbook", "SheetConf", "SheetText", "xlwings", "Dictionary", *MODULES}


def test_merge_takes_a_whole_folder_too_and_cancel_is_cancel(runner):
    runner.press("merge", NO, FILES, FOLDER)
    runner.press("merge", CANCEL, FILES, FOLDER)
    runner.press("merge", YES)
    runner.press("merge", NO)
    runner.press("split")
    runner.press("import_notice")
    runner.press("as_of", given=False)
    runner.press("as_of", words="")
    taken, *none, cleared = runner.pressed()
    assert taken.call() == ("merge", FOLDER)
    assert [one.commands for one in none] == [[]] * 6
    assert cleared.call() == ("as_of", "")
    assert "整个文件夹" in taken.told


def test_without_a_workbook_only_what_needs_none_starts(runner):
    """ActiveWorkbook is Nothing in Excel without an open, editable workbook; LibreOffice has one, so it is stood in for."""
    press = sources().modules["TaizhangPress"].partition("\n")[2].replace("ActiveWorkbook", "NoBook")
    nothing = "Public Function NoBook() As Object\n    Set NoBook = Nothing\nEnd Function\n"
    for button in BUTTONS:
        runner.press(button.act, files=FILES[:1], folder=FOLDER)
    pressed = runner.pressed(TaizhangPress=press, Nothings=nothing)
    started = [button.act for button, one in zip(BUTTONS, pressed, strict=True) if one.commands]
    assert started == [button.act for button in BUTTONS if not button.needs_book]
    for button, one in zip(BUTTONS, pressed, strict=True):
        assert ("请先打开台账" in one.told) is button.needs_book


def test_too_many_files_are_a_sentence_not_a_broken_command(runner):
    many = [f"C:\\收件\\{n:03}某某单位交回的清单.xlsx" for n in range(120)]
    runner.press("merge", YES, many)
    runner.press("merge", YES, many[:60])
    refused, taken = runner.pressed()
    assert refused.commands == []
    assert "放进同一个文件夹" in refused.told
    assert len(taken.commands[0]) <= 6000
    assert len(taken.call()) == 62


def test_the_macros_code_text_as_python_reads_it(runner):
    runner.calls = [("Driver.Code", [path]) for path in PATHS]
    said = runner.run()
    assert said == [coded(path) for path in PATHS]
    assert [decoded(one) for one in said] == PATHS


PRESS = "import taizhang.ribbon;taizhang.ribbon.press({})"


COMMANDS = {
    PRESS.format("'check'"): True,
    PRESS.format("'merge','C~003a~005c','a~002exlsx'"): True,
    "import os": False,
    PRESS.format("'x');__import__('os').system('calc')"): False,
    PRESS.format("'x';import os;'"): False,
    PRESS.format("'x' + open('y')"): False,
    PRESS.format("'中'"): False,
    " " + PRESS.format("'x'"): False,
    "": False,
}


def test_nothing_but_a_press_is_run(runner):
    runner.calls = [("Driver.Ours", [command]) for command in COMMANDS]
    assert dict(zip(COMMANDS, runner.run(), strict=True)) == COMMANDS


def test_of_a_log_the_last_line_is_shown(runner):
    log = 'Traceback (most recent call last):\r\n  File "x"\r\nModuleNotFoundError: No module named taizhang\r\n\r\n'
    runner.calls = [("Driver.Last", [log]), ("Driver.Last", [""]), ("Driver.Last", ["甲" * 400])]
    assert runner.run() == ["ModuleNotFoundError: No module named taizhang", "", "甲" * 300]
