"""What a button says on a command line, and what comes out of it again."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taizhang.acts import BUTTONS, BY_ACT, Called, called, decoded, paths

# What cmd.exe, a Unix shell, AppleScript or a Python string could take for anything but itself.
DANGEROUS = set("\"|$%^&!`<>();'\\\r\n*?[]{}#~ ") - {"~"}
NAMES = st.text(st.characters(exclude_characters="\0"), max_size=60)


def coded(text: str) -> str:
    """The macro's encoder, said again: letters and digits stand, all else is a UTF-16 code unit."""
    data = text.encode("utf-16-le", "surrogatepass")
    units = [int.from_bytes(data[at : at + 2], "little") for at in range(0, len(data), 2)]
    return "".join(chr(one) if one < 128 and chr(one).isalnum() else f"~{one:04x}" for one in units)


@given(NAMES)
@example('C:\\台账\\a" & calc & ".xlsx')
@example("a%PATH%&calc&^&.xlsx")
@example("😀=1.xlsx")
@example("\ud83d半个.xlsx")
@example("~0041")
def test_a_name_comes_back(name):
    assert decoded(coded(name)) == name


@given(NAMES)
def test_no_character_means_anything_on_a_command_line(name):
    assert not set(coded(name)) & DANGEROUS
    assert coded(name).isascii()


@pytest.mark.parametrize("text", ["~", "~12", "~4E2D", "a b", "a'b", "中", "~4e2", "x~", "a_b"])
def test_what_no_macro_writes_is_refused(text):
    with pytest.raises(ValueError, match="coded"):
        decoded(text)


@given(NAMES)
def test_the_workbooks_name_arrives_whatever_is_in_it(name):
    """xlwings' own reading cuts a name at "=" and loses the rest."""
    arguments = ["-c", f"--wb={coded(name)}", "--from_xl=1", "--app=C:\\a=b\\Microsoft Excel", "--hwnd=4711"]
    assert called(arguments) == Called(name, 4711, "C:\\a=b\\Microsoft Excel")


def test_without_the_add_in_nobody_called():
    assert called(["taizhang", "--wb=a"]) is None
    assert called([]) is None


def test_on_macos_no_window_is_said():
    assert called(["-c", "--wb=a", "--from_xl=1", "--app=/Applications/Microsoft Excel.app"]) == Called(
        "a", None, "/Applications/Microsoft Excel.app"
    )


def test_files_travel_as_a_folder_and_names_and_a_folder_alone():
    assert paths(["C:\\收件\\", "甲.xlsx", "乙.xlsx"]) == ("C:\\收件\\", ("甲.xlsx", "乙.xlsx"))
    assert paths(["C:\\收件"]) == ("C:\\收件", ())


def test_each_act_has_one_button():
    assert len(BY_ACT) == len(BUTTONS) == 26
    assert all(re.fullmatch(r"[a-z_]+", act) for act in BY_ACT)
