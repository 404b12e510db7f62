"""What staff draw on 汇总 stays when it is made anew: their charts with their numbers, their pictures, and nothing twice."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from openpyxl.chart import PieChart, Reference
from openpyxl.drawing.image import Image
from PIL import Image as Picture

from ledgers import FGJ, ZJJ, book
from office import convert
from taizhang import actions, journal, tables
from taizhang.actions import Context
from taizhang.books.ledgers import create_ledger
from taizhang.books.package import Package
from taizhang.journal import Act
from taizhang.layout.parts import OWN

DAY, NOW = date(2020, 9, 8), datetime(2020, 9, 8, 9)
GRID = f"| 序号 | 牵头部门 | 完成率 | 完成时限 |\n| 1 | {FGJ} | 50% | 6月底 |\n| 2 | {ZJJ} | 80% | 12月底 |"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a ledger with 汇总."""
    made = tmp_path / "台账.xlsx"
    create_ledger(made, book(GRID, as_of=DAY), Act(journal.NEW, NOW, "经办"), DAY)
    again(made)
    return made


def again(path: Path) -> bytes:
    actions.summarise(path, Context(NOW, "经办"))
    return path.read_bytes()


def draw(path: Path) -> None:
    """Do what staff do: draw a chart of the numbers of 汇总 on it, and put a picture there."""
    workbook = load_workbook(path)
    sheet = workbook[tables.SUMMARY]
    chart = PieChart()
    chart.title = "我的图"
    chart.add_data(Reference(sheet, min_col=2, min_row=11, max_row=15))
    sheet.add_chart(chart, "T3")
    stream = BytesIO()
    Picture.new("RGB", (20, 20), "red").save(stream, "PNG")
    stream.seek(0)
    sheet.add_image(Image(stream), "T30")
    workbook.save(path)


def parts_of(path: Path) -> list[str]:
    with ZipFile(path) as archive:
        return archive.namelist()


def titles(path: Path) -> list[str]:
    """Return the titles of the charts on 汇总."""
    return sorted(title_of(chart) for chart in load_workbook(path)[tables.SUMMARY]._charts)


def title_of(chart: object) -> str:
    runs = chart.title.tx.rich.p  # type: ignore[attr-defined]
    return "".join(run.t for paragraph in runs for run in paragraph.r or ())


OURS = ["各牵头部门事项状态（项，按事项数排列）", "各类别办结率和平均完成率", "状态占比"]


def test_a_chart_and_a_picture_of_staff_stay_where_they_are_and_ours_come_once(path):
    assert titles(path) == sorted(OURS)
    draw(path)
    first = again(path)
    assert titles(path) == sorted([*OURS, "我的图"])
    sheet = load_workbook(path)[tables.SUMMARY]
    mine = next(chart for chart in sheet._charts if title_of(chart) == "我的图")
    assert mine.series[0].val.numRef.f.replace("'", "") == "汇总!$B$11:$B$15"
    assert (mine.anchor._from.col, mine.anchor._from.row) == (19, 2)
    assert [image.anchor._from.row for image in sheet._images] == [29]
    assert again(path) == first


def test_nothing_is_left_behind_and_every_part_is_named_by_something(path):
    draw(path)
    for _ in range(3):
        again(path)
    package = Package.load(path.read_bytes())
    named = {one.target for part in ["", *parts_of(path)] for one in package.parts.relations(part) if not one.outside}
    drawings = [part for part in parts_of(path) if "/drawings/" in part or "/charts/" in part or "/media/" in part]
    assert [part for part in drawings if "/_rels/" not in part and part not in named] == []
    assert sum("/charts/chart" in part and "/_rels/" not in part for part in parts_of(path)) == len(OURS) + 1


def test_it_stays_after_libreoffice_has_saved_the_ledger(path):
    draw(path)
    again(path)
    (path.parent / "存").mkdir()
    (saved,) = convert([path], path.parent / "存", recalculate=False)
    path.write_bytes(saved.read_bytes())
    again(path)
    assert titles(path) == sorted([*OURS, "我的图"])


def test_what_is_drawn_opens_in_libreoffice_with_its_numbers(path):
    draw(path)
    again(path)
    (path.parent / "开").mkdir()
    (opened,) = convert([path], path.parent / "开")
    assert titles(opened) == sorted([*OURS, "我的图"])
    mine = next(c for c in load_workbook(opened)[tables.SUMMARY]._charts if title_of(c) == "我的图")
    cells = load_workbook(opened, data_only=True)[tables.SUMMARY]["B11:B15"]
    told = {point.idx: float(point.v) for point in mine.series[0].val.numRef.numCache.pt}
    assert [told.get(n, 0) for n in range(5)] == [float(cell.value or 0) for (cell,) in cells]


def test_a_sheet_that_has_no_chart_of_ours_any_more_keeps_theirs(path):
    draw(path)
    again(path)
    package = Package.load(path.read_bytes())
    numbers = {(row, 2): None for row in (4, 5)}
    package.set_cells(tables.LEDGER, {(row, column): None for row, _ in numbers for column in range(1, 32)})
    path.write_bytes(package.dump())
    again(path)
    assert titles(path) == ["我的图"]


def test_our_charts_bear_names_of_ours(path):
    package = Package.load(path.read_bytes())
    names = [
        one.get("name", "")
        for part in parts_of(path)
        if "/drawings/drawing" in part and "/_rels/" not in part
        for one in package.parts.root(part).iter("{*}cNvPr")
    ]
    assert len(names) == len(OURS)
    assert all(name.startswith(OWN) for name in names)
