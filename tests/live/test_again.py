"""A test during which the office dies is run again in a new one."""

from __future__ import annotations

import os
import signal
from collections import Counter

import calc
import pytest
from calc import office
from desks import open_in_calc

from taizhang.books.render import render
from taizhang.layout.parts import Cell, Sheet, Workbook

pytestmark = pytest.mark.office
tried: Counter[str] = Counter()


def crash(url: str) -> None:
    """Let the office itself fall over: its launcher is left, and starts it again."""
    launcher = office.pid_of(url)
    for member in office.members(launcher):
        if member != launcher:
            os.kill(member, signal.SIGSEGV)


@pytest.mark.parametrize("end", [calc.stop, crash])
def test_an_office_that_dies_is_started_again(request, calc_url, tmp_path, end) -> None:
    assert len(request.getfixturevalue("calc_app").books) == 0
    tried[end.__name__] += 1
    if tried[end.__name__] == 1:
        end(calc_url)
    path = tmp_path / "工作簿.xlsx"
    path.write_bytes(render(Workbook((Sheet("表", ((Cell("甲", "text"),),)),))))
    assert open_in_calc(request, path).value("表", (1, 1)) == "甲"
    assert tried[end.__name__] == 2


def test_the_line_to_it_is_new_too(calc_app) -> None:
    assert calc_app.books.add().sheets[0].range("A1").value is None
