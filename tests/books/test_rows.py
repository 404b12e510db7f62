"""Rows written at once are what XlsxWriter writes cell by cell."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from ledgers import FGJ, book, dispatched
from taizhang.books import render as drawing
from taizhang.books.package import Package
from taizhang.books.render import render
from taizhang.books.rows import Scratch
from taizhang.dispatch import assignments
from taizhang.journal import Journal
from taizhang.layout.department import department_workbook
from taizhang.layout.office import ledger_workbook
from taizhang.layout.parts import Area, Cell, Formula, Sheet, Workbook
from taizhang.styles import STYLES

SPANS = re.compile(rb' spans="[0-9]+:[0-9]+"')
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates(date(1900, 3, 1), date(2100, 1, 1))
    | st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1))
    | st.text(max_size=20)
    | st.sampled_from(
        ["", " 前后 ", "a<b>&\"c'", "_x0041_", "\x01", "￾", "第一行\n第二行", "前\r后", "=1+1", "#N/A", "<r>富</r>"]
    )
)
CONTENTS = PLAIN | st.builds(Formula, st.sampled_from(["A1+1", 'IF(A1<2,"<&>","")']), PLAIN)
CELLS = st.none() | st.builds(
    Cell, CONTENTS, st.sampled_from(sorted(STYLES)), st.sampled_from(["", "#FF0000", "#00FF00"])
)
HEAD = (Cell("题", "title"), Cell(None, "title"))
GRIDS = st.lists(st.lists(CELLS, max_size=6).map(tuple), min_size=1, max_size=40)


@settings(max_examples=150, deadline=None)
@given(GRIDS, GRIDS, st.dictionaries(st.integers(1, 45), st.floats(5, 400), max_size=8))
def test_law_rows_written_at_once_are_those_written_cell_by_cell(one: list, other: list, heights: dict) -> None:
    sheets = (
        Sheet("甲", rows=(HEAD, *one), heights=heights, merged=(Area(1, 1, 1, 2),)),
        Sheet("乙", rows=tuple(other)),
    )
    assert_same(Workbook(sheets))


def test_the_workbooks_of_a_ledger_are_the_same() -> None:
    ledger = dispatched(book(f"| 序号 | 牵头部门 | 进展情况 |\n| 1 | {FGJ} | 原来 |\n"), date(2020, 9, 1))
    (part,) = assignments(ledger, "台账.xlsx")
    assert_same(ledger_workbook(ledger, date(2020, 9, 10), Journal()))
    assert_same(department_workbook(ledger, ledger.batches[-1], part, date(2020, 9, 10)))


@settings(max_examples=100, deadline=None)
@given(GRIDS, st.dictionaries(st.integers(1, 45), st.floats(5, 400), max_size=8))
def test_law_rows_kept_apart_come_to_the_same_where_they_go(rows: list, heights: dict) -> None:
    workbook = Workbook((Sheet("甲", rows=(HEAD, *rows), heights=heights, merged=(Area(1, 1, 1, 2),)),))
    apart = put(drawing.scratch(workbook))
    assert apart == put(Scratch(render(workbook)))
    assert b"inlineStr" in apart["xl/worksheets/sheet2.xml"]


def put(scratch: Scratch) -> dict[str, bytes]:
    """Return the parts of a workbook into which another's sheets were put."""
    package = Package.load(render(Workbook((Sheet("乙", rows=((Cell("乙"),),)),))))
    package.put_sheets(scratch, ["乙", "甲"])
    return parts_of(package.dump())


@pytest.mark.parametrize("text", ["<r>富</r>", "<r><t>富</t></r>", "<r>坏<b</r>", "</t></is></c>", "&#10;", "]]>"])
def test_words_that_look_like_markup_stay_words(text: str) -> None:
    workbook = Workbook((Sheet("甲", rows=((Cell(text), Cell(None)), (Cell(text),)), merged=(Area(1, 1, 1, 2),)),))
    package = Package.load(render(Workbook((Sheet("乙", rows=((Cell("乙"),),)),))))
    package.put_sheets(drawing.scratch(workbook), ["乙", "甲"])
    for data in (render(workbook), package.dump()):
        read = load_workbook(io.BytesIO(data))["甲"]
        assert [read["A1"].value, read["A2"].value] == [text, text]
        assert CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("甲").to_python()[1][0] == text


def test_a_carriage_return_is_written_alike_apart_or_not() -> None:
    workbook = Workbook((Sheet("甲", rows=((Cell("前\r后"),),)),))
    assert put(drawing.scratch(workbook)) == put(Scratch(render(workbook)))


def test_a_number_no_cell_can_hold_is_not_written() -> None:
    with pytest.raises(TypeError):
        render(Workbook((Sheet("甲", rows=((Cell(float("nan")),),)),)))


def test_a_text_longer_than_a_cell_is_cut_as_excel_counts() -> None:
    assert_same(Workbook((Sheet("甲", rows=((Cell("😀" * 16_384 + "尾"), Cell("长" * 32_768)),)),)))


def assert_same(workbook: Workbook) -> None:
    at_once = parts_of(render(workbook))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "_first_of_many", lambda sheet: len(sheet.rows) + 1)
        assert at_once == parts_of(render(workbook))


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: SPANS.sub(b"", package.read(name)) for name in package.namelist()}
