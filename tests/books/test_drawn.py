"""What staff draw on 汇总 stays when it is made anew: charts with their numbers, pictures, arrows, links; nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from lxml import etree
from openpyxl import load_workbook
from openpyxl.chart import PieChart, Reference
from openpyxl.drawing.image import Image
from PIL import Image as Picture

from books.test_package import scratch, strict
from ledgers import FGJ, ZJJ, book
from office import convert
from taizhang import actions, journal, tables
from taizhang.actions import Context
from taizhang.books.ledgers import create_ledger
from taizhang.books.package import RELATIONS, Element, Package
from taizhang.books.rows import Scratch
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


# --- what a program draws that openpyxl cannot ------------------------------------------------------------------------

MICROSOFT = "http://schemas.microsoft.com/office"
SPACES = (
    'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    f'xmlns:r="{RELATIONS}"'
)
CORNERS = "".join(
    f"<xdr:{end}><xdr:col>{column}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{column}</xdr:row>"
    f"<xdr:rowOff>0</xdr:rowOff></xdr:{end}>"
    for end, column in (("from", 2), ("to", 4))
)
SHAPE = '<xdr:spPr><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr>'


def anchored(content: str) -> str:
    return f"<xdr:twoCellAnchor {SPACES}>{CORNERS}{content}<xdr:clientData/></xdr:twoCellAnchor>"


def box(number: int, name: str, link: str = "") -> str:
    named = f'<xdr:nvSpPr><xdr:cNvPr id="{number}" name="{name}">{link}</xdr:cNvPr><xdr:cNvSpPr/></xdr:nvSpPr>'
    return anchored(f'<xdr:sp macro="" textlink="">{named}{SHAPE}</xdr:sp>')


def arrow(number: int, start: int, end: int) -> str:
    ends = f'<a:stCxn id="{start}" idx="3"/><a:endCxn id="{end}" idx="1"/>'
    named = f'<xdr:cNvPr id="{number}" name="箭头"/><xdr:cNvCxnSpPr>{ends}</xdr:cNvCxnSpPr>'
    return anchored(f'<xdr:cxnSp macro=""><xdr:nvCxnSpPr>{named}</xdr:nvCxnSpPr>{SHAPE}</xdr:cxnSp>')


def frame(number: int, name: str, kind: str, content: str) -> str:
    named = f'<xdr:nvGraphicFramePr><xdr:cNvPr id="{number}" name="{name}"/><xdr:cNvGraphicFramePr/>'
    at = '<xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm>'
    data = f'<a:graphic><a:graphicData uri="{kind}">{content}</a:graphicData></a:graphic>'
    return f'<xdr:graphicFrame macro="">{named}</xdr:nvGraphicFramePr>{at}{data}</xdr:graphicFrame>'


def alternative(prefix: str, space: str, content: str) -> str:
    choice = f'<mc:Choice xmlns:{prefix}="{space}" Requires="{prefix}">{content}</mc:Choice>'
    return f"<mc:AlternateContent {SPACES}>{choice}<mc:Fallback/></mc:AlternateContent>"


def drawing_of(package: Package) -> str:
    (found,) = (r for r in package.parts.relations(package.part_of(tables.SUMMARY)) if r.kind == "drawing")
    return found.target


def draw_by_hand(path: Path, *anchors: str, relations: Mapping[str, tuple[str, str, str]] = {}) -> None:
    """Draw anchors as Excel writes them; `relations` are type, target and mode by the ids the anchors name."""
    package = Package.load(path.read_bytes())
    drawing = drawing_of(package)
    root = package.parts.edit(drawing)
    root.extend(etree.fromstring(one) for one in anchors)
    rels = package.parts.edit(f"xl/drawings/_rels/{Path(drawing).name}.rels")
    for number, (kind, target, mode) in relations.items():
        facts = {"Id": number, "Type": kind, "Target": target, **({"TargetMode": mode} if mode else {})}
        etree.SubElement(rels, rels[0].tag, facts)
    path.write_bytes(package.dump())


def drawn_on(path: Path) -> dict[str, Element]:
    """Return what is drawn on 汇总 by its name, after a look whether every id is there and there once."""
    package = Package.load(path.read_bytes())
    drawing = drawing_of(package)
    root = package.parts.root(drawing)
    told = [one.id for one in package.parts.relations(drawing)]
    named = {
        value for one in root.iter() for name, value in one.attrib.items() if str(name).startswith(f"{{{RELATIONS}}}")
    }
    numbers = Counter(one.get("id") for one in root.iter("{*}cNvPr"))
    assert named <= set(told)
    assert len(told) == len(set(told))
    assert max(numbers.values()) == 1
    return {next(one.iter("{*}cNvPr")).get("name", ""): one for one in root}


def relations_of(path: Path) -> dict[str, tuple[str, str]]:
    """Return the type and target of everything the drawing of 汇总 leads to."""
    package = Package.load(path.read_bytes())
    drawing = drawing_of(package)
    rels = package.parts.root(f"xl/drawings/_rels/{Path(drawing).name}.rels")
    return {one.get("Id", ""): (one.get("Type", ""), one.get("Target", "")) for one in rels}


def test_links_on_a_shape_still_lead_where_they_led(path):
    web = (f"{RELATIONS}/hyperlink", "https://example.org/a b", "External")
    place = (f"{RELATIONS}/hyperlink", "#工作台账!A1", "")
    link = '<a:hlinkClick r:id="{}"/>'
    boxes = box(91, "去网站", link.format("rId91")), box(92, "去台账", link.format("rId90"))
    draw_by_hand(path, *boxes, relations={"rId91": web, "rId90": place})
    first = again(path)
    found, relations = drawn_on(path), relations_of(path)
    ids = {name: next(found[name].iter("{*}hlinkClick")).get(f"{{{RELATIONS}}}id") for name in ("去网站", "去台账")}
    assert [relations[ids[name]] for name in ids] == [web[:2], place[:2]]
    assert again(path) == first


def test_an_arrow_stays_tied_to_its_boxes_whatever_numbers_ours_have(path):
    draw_by_hand(path, box(2, "甲"), box(3, "乙"), arrow(4, 2, 3))  # the numbers ours have, too
    again(path)
    found = drawn_on(path)
    numbers = {name: next(one.iter("{*}cNvPr")).get("id") for name, one in found.items()}
    ends = [next(found["箭头"].iter(f"{{*}}{end}")).get("id") for end in ("stCxn", "endCxn")]
    assert ends == [numbers["甲"], numbers["乙"]]


def test_a_chart_of_a_kind_that_came_with_excel_2016_stays_with_its_part(path):
    space = f"{MICROSOFT}/drawing/2014/chartex"
    chart = f'<cx:chart xmlns:cx="{space}" r:id="rId90"/>'
    draw_by_hand(
        path,
        anchored(alternative("cx1", f"{MICROSOFT}/drawing/2015/9/8/chartex", frame(91, "瀑布图", space, chart))),
        relations={"rId90": (f"{MICROSOFT}/2014/relationships/chartEx", "../charts/chartEx1.xml", "")},
    )
    package = Package.load(path.read_bytes())
    package.parts.put("xl/charts/chartEx1.xml", b"<chartSpace/>", "application/vnd.ms-office.chartex+xml")
    path.write_bytes(package.dump())
    again(path)
    again(path)
    assert relations_of(path)["rId90"] == (f"{MICROSOFT}/2014/relationships/chartEx", "../charts/chartEx1.xml")
    assert "瀑布图" in drawn_on(path)
    assert Package.load(path.read_bytes()).parts.content_type("xl/charts/chartEx1.xml") == (
        "application/vnd.ms-office.chartex+xml"
    )


def test_a_copy_of_ours_that_staff_made_is_theirs_though_it_has_the_title(path):
    package = Package.load(path.read_bytes())
    drawing = drawing_of(package)
    anchor = package.parts.edit(drawing)[0]
    copy = etree.fromstring(etree.tostring(anchor))
    next(copy.iter("{*}cNvPr")).set("name", "图表 9")
    next(copy.iter("{*}cNvPr")).set("id", "99")
    package.parts.root(drawing).append(copy)
    path.write_bytes(package.dump())
    again(path)
    assert sorted(drawn_on(path)) == sorted([*(OWN + title for title in OURS), "图表 9"])
    assert len(titles(path)) == len(OURS) + 1


def test_what_a_chart_of_theirs_leads_to_stays_with_it(path):
    draw(path)
    again(path)
    package = Package.load(path.read_bytes())
    (mine,) = (
        one.target
        for one in package.parts.relations(drawing_of(package))
        if one.kind == "chart" and "我的图".encode() in package.parts.data(one.target)
    )
    style = "xl/charts/style7.xml"
    package.parts.put(style, b"<style/>", "application/vnd.ms-office.chartstyle+xml")
    package.parts.relate(mine, f"{MICROSOFT}/2011/relationships/chartStyle", style)
    path.write_bytes(package.dump())
    again(path)
    again(path)
    package = Package.load(path.read_bytes())
    assert [one.target for one in package.parts.relations(mine)] == [style]
    assert style in package.parts


def test_controls_and_slicers_go_with_the_sheet_they_are_nothing_without(path):
    slicer = f"{MICROSOFT}/drawing/2010/slicer"
    button = alternative("a14", f"{MICROSOFT}/drawing/2010/main", box(91, "按钮"))
    draw_by_hand(path, button, anchored(alternative("a14", slicer, frame(92, "切片器", slicer, ""))), box(93, "留下"))
    again(path)
    assert sorted(drawn_on(path)) == sorted([*(OWN + title for title in OURS), "留下"])


def test_in_a_strict_workbook_what_is_drawn_stays_in_its_dialect_and_opens_in_libreoffice(tmp_path):
    package = Package.load(strict(scratch("汇总")))
    for one in package.parts.edit(drawing_of(package)).iter("{*}cNvPr"):
        one.set("name", "我的" + one.get("name", ""))
    package.put_sheets(Scratch(scratch("汇总")), ["汇总"])
    data = package.parts.data(drawing_of(package))
    assert b"schemas.openxmlformats.org/drawingml" not in data
    path = tmp_path / "严格.xlsx"
    path.write_bytes(package.dump())
    (tmp_path / "开").mkdir()
    (opened,) = convert([path], tmp_path / "开")
    sheet = load_workbook(opened)["汇总"]
    assert (len(sheet._charts), len(sheet._images)) == (2, 2)
