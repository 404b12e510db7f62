"""What a program with a workbook open does with what it is given: one contract for memory, LibreOffice and Excel.

A closed file takes every value as it is. A program takes strings as if somebody typed them, so
the last tests hold all hosts to the same outcome once `live` has written for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from desks import open_in_calc
from openpyxl import load_workbook

from taizhang.books.base import Program
from taizhang.books.delta import blocks, content_at, difference
from taizhang.books.grids import read_sheets
from taizhang.books.live import OpenBook
from taizhang.books.looks import filter_to, filtered, relock
from taizhang.books.marks import mark
from taizhang.books.memory import MemoryProgram
from taizhang.books.package import Package
from taizhang.books.render import render
from taizhang.journal import Act
from taizhang.layout.parts import Area, Cell, Formula, Mark, Sheet, Workbook
from taizhang.styles import STYLES
from taizhang.values import Value

ACT = Act("刷新状态", datetime(2020, 9, 10, 9), "经办")
PLAIN = Sheet(
    "表",
    rows=(
        (Cell("文本", "text"), Cell(1, "general"), Cell(0.5, "percent"), Cell("打开", "text_open")),
        (Cell("数字", "text"), Cell(2, "general"), Cell(0.6, "percent"), Cell("锁定", "text")),
    ),
    protected=False,
)


@pytest.fixture(params=["memory", pytest.param("calc", marks=pytest.mark.office)])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[Sheet], Program]]:
    def open_one(sheet: Sheet = PLAIN) -> Program:
        path = tmp_path / "工作簿.xlsx"
        path.write_bytes(render(Workbook((sheet,))))
        return MemoryProgram(path, path.read_bytes()) if request.param == "memory" else open_in_calc(request, path)

    return open_one


def held(program: Program, *places: tuple[int, int]) -> list[Value]:
    return [program.value("表", place) for place in places]


# (typed, what a cell that is no text cell holds afterwards)
TAKEN = [
    ("=1+1", 2),
    ("0595", 595),
    ("1e3", 1000),
    ("50%", 0.5),
    ("1,234", 1234),
    ("(5)", -5),
    ("TRUE", True),
    ("false", False),
    ("'=1", "=1"),
    ("'12", "12"),
    ("已办结", "已办结"),
    ("第1项", "第1项"),
    ("60%左右", "60%左右"),
]


@pytest.mark.parametrize(("text", "value"), TAKEN, ids=lambda one: str(one))
def test_a_string_is_taken_as_if_it_was_typed(opened, text: str, value: Value) -> None:
    program = opened()
    program.write("表", (1, 2), [[text]])
    if isinstance(program, MemoryProgram) and text.startswith("="):  # memory takes formulas, and computes none
        assert content_at(program.package, "表", (1, 2)) == Formula(text[1:])
        return
    taken = program.value("表", (1, 2))
    assert taken == value
    assert isinstance(taken, bool) is isinstance(value, bool)


@pytest.mark.parametrize("text", ["1-2", "9/15", "2020-9-10", "2020年9月10日", "9月15日"])
def test_a_string_that_looks_like_a_day_is_none_any_more(opened, text: str) -> None:
    program = opened()
    program.write("表", (1, 2), [[text]])
    assert not isinstance(program.value("表", (1, 2)), str)


# Whether an apostrophe is swallowed in a text cell too, only Excel itself can tell: `live` reads back and copes with both.
@pytest.mark.parametrize("text", [text for text, _ in TAKEN if text[0] != "'"] + ["1-2", "2020-9-10", "9月15日", "@某"])
def test_a_text_cell_keeps_what_it_is_given(opened, text: str) -> None:
    program = opened()
    program.write("表", (1, 1), [[text]])
    assert program.value("表", (1, 1)) == text


def test_a_number_in_a_text_cell_becomes_text(opened) -> None:
    program = opened()
    program.write("表", (1, 1), [[595]])
    assert program.value("表", (1, 1)) == "595"


def test_a_block_is_written_in_one_request_and_blanks_clear(opened) -> None:
    program = opened()
    program.write("表", (1, 1), [["甲", None], ["乙", 7]])
    assert held(program, (1, 1), (1, 2), (2, 1), (2, 2)) == ["甲", None, "乙", 7]


# Through `live`, every host holds the same

AWKWARD = ["=1+1", "0595", "1-2", "9月15日", "TRUE", "50%", "'12", "甲\n乙", "_x000D_", "+86", "@某", "-", "😀"]


def rewritten(program: Program, edit: Callable[[Package], None]) -> Package:
    """Write an edit of a copy into the open workbook; return what the program says it holds."""
    host = OpenBook(program)
    with host.holding() as old:
        package = Package.load(old)
        edit(package)
        host.rewrite(old, package.dump(), ACT)
    return Package.load(host.content())


@pytest.mark.parametrize("column", [1, 2, 3], ids=["text", "general", "percent"])
def test_text_is_text_in_every_host(opened, column: int) -> None:
    cells = {(row, column): text for row, text in enumerate(AWKWARD, 1)}
    program = opened()
    after = rewritten(program, lambda package: package.set_cells("表", cells))
    grid = read_sheets(Path("工作簿.xlsx"), after.dump()).grids["表"]
    assert [grid[row][column - 1] for row in range(len(AWKWARD))] == AWKWARD
    assert [row[0] for row in program.read("表", Area(1, column, len(AWKWARD), column))] == AWKWARD


def test_numbers_days_and_formulas_reach_every_host(opened) -> None:
    day = datetime(2020, 9, 10, 16, 30)
    program = opened()
    cells = {(1, 1): 595, (1, 2): day, (2, 2): Formula("1+2"), (2, 3): 0.25, (3, 3): True}
    rewritten(program, lambda package: package.set_cells("表", cells))
    assert program.value("表", (1, 1)) == 595
    assert program.value("表", (2, 3)) == 0.25
    assert program.value("表", (3, 3)) is True
    formulas = difference(Package.load(render(Workbook((PLAIN,)))), Package.load(program.snapshot())).sheets[0].contents
    assert formulas[2, 2] == Formula("1+2")


def test_fills_and_notes_follow(opened) -> None:
    found = Mark("mark_error", ("校验 E101：这里不对。",))
    after = rewritten(opened(), lambda package: mark(package, "表", {(1, 2): found}, lambda place: ""))
    cell = load_workbook(BytesIO(after.dump()))["表"].cell(1, 2)
    assert cell.fill.fgColor.rgb[-6:] == STYLES["mark_error"].fill[1:]
    assert cell.comment.text.strip() == "校验 E101：这里不对。"


def test_locks_follow(opened) -> None:
    after = rewritten(opened(), lambda package: relock(package, "表", {(1, 4): "text_derived", (2, 4): "text_open"}))
    sheet = load_workbook(BytesIO(after.dump()))["表"]
    assert [sheet.cell(row, 4).protection.locked for row in (1, 2)] == [True, False]


def test_a_filter_follows(opened) -> None:
    wanted = Area(1, 1, 2, 4)
    program = opened(replace(PLAIN, filter=Area(1, 1, 1, 4)))
    after = rewritten(program, lambda package: filter_to(package, "表", wanted))
    assert filtered(after, "表") == wanted


def test_areas_are_few_and_cover_each_place_once() -> None:
    places = {(row, column) for row in range(1, 5001) for column in (2, 3, 4, 7)} - {(17, 7)}
    found = blocks(places)
    assert len(found) == 3
    assert sorted(p for a in found for p in cells_of(a)) == sorted(places)


def cells_of(area: Area) -> Iterator[tuple[int, int]]:
    yield from ((r, c) for r in range(area.top, area.bottom + 1) for c in range(area.left, area.right + 1))
