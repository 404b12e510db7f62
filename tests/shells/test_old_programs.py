"""Files that WPS 2019 and Excel 2010 take whole: no part, rule or function in them is newer than the first OOXML."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from importlib.resources import as_file, files
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from test_loop import THREE, Desk

import taizhang
from books.arrivals.samples import with_part
from first_edition import broken, count, sheet_names
from ledgers import FGJ, FIRST, SWJ, ZJJ, book
from real import DAY, seeded
from taizhang import actions, journal, tables
from taizhang.actions import Context
from taizhang.books import ledgers
from taizhang.books.ledgers import create_ledger
from taizhang.books.live import OpenBook
from taizhang.books.memory import MemoryProgram
from taizhang.books.package import Package
from taizhang.checking import check, clear
from taizhang.columns import YES
from taizhang.journal import Act
from taizhang.ledger import Post
from taizhang.lifecycle import Move, Request
from taizhang.rolling import roll_up
from taizhang.rollup import Basis

TEMPLATE = Path(__file__).parents[2] / "workbook" / "ledger_template.xlsx"
PACKAGE = Path(taizhang.__file__).parent
WRITERS = {"actions.py", "rolling.py", "books/editing.py", "books/excel.py", "books/ledgers.py", "books/memory.py"}
SHEETS = {
    *tables.ORDER,
    *(tables.BY_PERIOD, tables.BY_DEPARTMENT, tables.LEFT_OUT, tables.COUNTED),
    *(tables.SUPPORTING, tables.RAISED, tables.TICKET),
}


Found = dict[str, bytes]  # what each file was made by and is called, and its bytes


def kept(name: str, *paths: Path) -> Found:
    """Return files as they are now."""
    assert paths, name
    return {f"{name}：{path.name}": path.read_bytes() for path in paths}


def begun(folder: Path) -> Found:
    """Return the template, and the real notice's ledger with its indicators, sent out of turn, filled in and checked."""
    path, sent, context = folder / "通知.xlsx", folder / "重点", Context(datetime(2020, 9, 8, 9), "经办")
    with as_file(files("taizhang") / "data" / "notice_2020.txt") as notice:
        made = actions.new(notice, path, context)
    found = kept("模板", TEMPLATE) | kept("由通知生成", path)
    actions.decide_items(path, [item.code for item in made.ledger.items], {"confirmed": YES}, journal.CONFIRM, context)
    edit(path, {(4, "priority"): YES, (5, "priority"): YES, (6, "percent"): "快了", (7, "deadline"): "尽快"})
    actions.split(path, sent, context, priority=True)
    check(path, context, write=True)
    return found | kept("下发重点并标注", path, *sent.iterdir())


def edit(path: Path, cells: dict[tuple[int, str], object]) -> None:
    """Type into 工作台账."""
    opened = ledgers.open_ledger(path)
    places = opened.reading.tasks.places
    package = Package.load(opened.data)
    package.set_cells(tables.LEDGER, {(row, places[key]): value for (row, key), value in cells.items()})
    path.write_bytes(package.dump())


def looped(folder: Path) -> Found:
    """Return what a period leaves: everything that is sent, comes back, is decided, moved, listed and taken back."""
    desk = Desk(folder, book(THREE))
    desk.split()
    found = kept("下发", desk.path, *desk.sent.iterdir())
    back = desk.fill(FGJ, progress="部门写的", percent="快了", problem="缺钱")
    desk.type_task(0, progress="台账改的")
    check(back, desk.context, write=True)
    desk.merge()
    found |= kept("预览", desk.path, back)
    desk.apply()
    code = next(item.code for item in desk.ledger.items)
    desk.type(tables.PROBLEMS_SHEET, {(4, owner_place(desk)): ZJJ})
    actions.close_period(desk.path, desk.context)
    found |= kept("合并并结旬", desk.path)
    again = folder / "再下发"
    desk.now = datetime(2020, 9, 12, 9)
    actions.split(desk.path, again, desk.context, support=True)
    check(desk.path, desk.context, write=True)
    actions.status(desk.path, desk.context, date(2020, 9, 12), write=True)
    found |= kept("再下发、标注、更新状态", desk.path, *again.iterdir())
    notice = folder / "补充.csv"
    notice.write_text(f"序号,目标任务,完成时限,牵头部门\n9,推进电子招标投标,年底前,{SWJ}\n", encoding="utf-8")
    actions.supplement(desk.path, notice, desk.context)
    found |= kept("补充通知", desk.path)
    assert actions.undo(desk.path, desk.context).cells
    actions.solve(desk.path, [code], desk.context)
    actions.move(desk.path, ["1"], Request(Move.CANCEL, date.min, "王科", "上级调整"), desk.context)
    posted(desk)
    clear(desk.path, desk.context)
    return found | kept("撤销、取消、发送、清除标注", desk.path)


def owner_place(desk: Desk) -> int:
    return ledgers.open_ledger(desk.path).reading.blocks[tables.PROBLEMS_SHEET].places["owner"]


def posted(desk: Desk) -> None:
    """Put a mail that left into 发送记录."""
    with ledgers.editing(desk.path) as opened:
        post = Post(opened.ledger.batches[-1].id, "清单", FGJ, ("a@b.cn",), desk.now, "已发送", "<1@b.cn>", "f0")
        after = replace(opened.ledger, posts=(post,))
        ledgers.save(opened, after, desk.context.act(journal.POST), desk.now.date())


def yearly(folder: Path) -> Found:
    """Return the real year: both overviews with all charts, in a closed and in an open workbook, and what goes on paper."""
    path, context, cards = folder / "全年.xlsx", Context(datetime(2020, 10, 15, 9), "经办"), folder / "成绩单"
    create_ledger(path, seeded(), Act(journal.NEW, context.now, "经办"), DAY)
    program = MemoryProgram(path, path.read_bytes())
    actions.summarise(OpenBook(program), context)
    check(OpenBook(program), context, write=True)
    summed = actions.summarise(path, context)
    form = folder / "销号单.xlsx"
    actions.write_closing_form(seeded(), [FIRST], form)
    next_year = folder / "2021.xlsx"
    actions.roll_over(path, next_year, 2021, Context(datetime(2021, 1, 5, 9), "经办"))
    made = actions.write_cards(summed, cards, context)
    return {"开着的：全年.xlsx": program.snapshot()} | kept("全年", path, form, next_year, *made)


def rolled_up(folder: Path) -> Found:
    """Return the summary of several districts over two periods."""
    handed = folder / "交来"
    handed.mkdir()
    for number, day in enumerate((date(2020, 8, 25), date(2020, 9, 8), date(2020, 9, 8))):
        ledger = book(THREE, as_of=day, unit=f"第{number}区营商办")
        create_ledger(handed / f"{number}.xlsx", ledger, Act(journal.NEW, datetime(2020, 9, 8, 9), "经办"), day)
    (handed / "坏的.xlsx").write_bytes(b"PK")
    target = folder / "全市.xlsx"
    roll_up([handed], target, Context(datetime(2020, 9, 8, 9), "经办"), Basis(date(2020, 9, 8)))
    return kept("市级汇总", target)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Return one file of every kind we write."""
    makers = (begun, looped, yearly, rolled_up)
    return {name: data for make in makers for name, data in make(tmp_path_factory.mktemp(make.__name__)).items()}


def test_every_file_is_one_that_excel_2010_takes_whole(written: Found) -> None:
    assert {name: found for name, data in written.items() if (found := broken(data))} == {}


def test_every_kind_of_sheet_is_among_them(written: Found) -> None:
    assert {name for data in written.values() for name in sheet_names(data)} >= SHEETS


@pytest.mark.parametrize("element", ["chart", "comment", "cfRule", "dataValidation", "shape", "sheetProtection"])
def test_every_kind_of_thing_in_a_sheet_is_among_them(written: Found, element: str) -> None:
    assert sum(count(data, element) for data in written.values()) > 1


def test_no_other_module_writes_workbooks() -> None:
    """Who renders one elsewhere adds it to what is looked at here."""
    assert set(writers()) == WRITERS


def writers() -> Iterator[str]:
    for path in PACKAGE.rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
        names = {alias.name for node in imports if node.module == "taizhang.books.render" for alias in node.names}
        if names or (
            any(node.module == "xlsxwriter" for node in imports) and path.name not in ("render.py", "target.py")
        ):
            yield path.relative_to(PACKAGE).as_posix()


# --- a ledger in which a newer program has been at work ---

X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LISTED = (
    f'<extLst><ext xmlns:x14="{X14}" uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}">'
    f'<x14:dataValidations xmlns:xm="{XM}" count="1"><x14:dataValidation type="list"><x14:formula1><xm:f>设置!$A$1:$A$2'
    "</xm:f></x14:formula1><xm:sqref>A1</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst></worksheet>"
)
CELLS = (
    '<row r="999"><c r="BA999" cm="1"><f t="array" ref="BA999">_xlfn.UNIQUE(B1:B2)</f><v>1</v></c></row></sheetData>'
)


def replaced(data: bytes, sheet: str, *pairs: tuple[str, str]) -> bytes:
    """Return a workbook with texts in a sheet's XML replaced, each where it comes last."""
    part = Package.load(data).part_of(sheet)
    with ZipFile(BytesIO(data)) as archive:
        text = archive.read(part).decode()
    for old, new in pairs:
        assert old in text, old
        text = new.join(text.rsplit(old, 1))
    return with_part(data, part, text.encode())


def test_what_a_newer_program_put_in_stays_and_nothing_is_added_to_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path, book(THREE))
    newer = replaced(desk.path.read_bytes(), tables.LEDGER, ("</worksheet>", LISTED), ("</sheetData>", CELLS))
    desk.path.write_bytes(newer)
    before = broken(newer)
    assert len(before) > 4
    desk.split()
    desk.fill(FGJ, progress="部门写的", percent="快了", problem="缺钱")
    desk.merge()
    desk.apply()
    check(desk.path, desk.context, write=True)
    actions.summarise(desk.path, desk.context)
    assert broken(desk.path.read_bytes()) == before


# --- every law can be broken ---


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    desk = Desk(tmp_path_factory.mktemp("sound"), book(THREE))
    actions.summarise(desk.path, desk.context)
    return desk.path.read_bytes()


def cell(inside: str, facts: str = "") -> tuple[str, str]:
    return "</sheetData>", f'<row r="999"><c r="A999" {facts}>{inside}</c></row></sheetData>'


def validation(facts: str, formula: str) -> tuple[str, str]:
    rule = f'<dataValidation sqref="A1" {facts}><formula1>{formula}</formula1></dataValidation></dataValidations>'
    return "</dataValidations>", rule


def rule(facts: str, formula: str = "TRUE") -> tuple[str, str]:
    inside = f'<conditionalFormatting sqref="A1"><cfRule priority="99" {facts}><formula>{formula}</formula></cfRule>'
    return "<dataValidations", f"{inside}</conditionalFormatting><dataValidations"


NEWER = {
    "extLst": ("</worksheet>", LISTED),
    MC: ("</sheetData>", f'</sheetData><mc:AlternateContent xmlns:mc="{MC}"/>'),
    "cm=": cell("<v>1</v>", 'cm="1"'),
    "a day as a text": cell("<v>2020-09-08</v>", 't="d"'),
    "a newer function": cell("<f>_xlfn.XLOOKUP(1,A1:A2,B1:B2)</f>"),
    "SUMIFS()": cell("<f>SUMIFS(A1:A2,B1:B2,1)</f>"),
    "a newer function: A1#": cell("<f>A1#</f>"),
    "a formula of 8193 characters": cell(f"<f>{'1+' * 4096}1</f>"),
    "a formula nested 65 deep": cell(f"<f>{'N(' * 65}1{')' * 65}</f>"),
    "a text of 32768 characters": cell(f"<is><t>{'字' * 32768}</t></is>", 't="inlineStr"'),
    "A1048577: outside the sheet": ("</sheetData>", '<row r="1048577"><c r="A1048577"/></row></sheetData>'),
    "XFE9: outside the sheet": ("</sheetData>", '<row r="999"><c r="XFE9"/></row></sheetData>'),
    "A1: a list by ['\"甲,乙\"']": validation('type="list"', '"甲,乙"'),
    "A1: a list by ['tz_none']": validation('type="list"', "tz_none"),
    "A1: 设置!$A$1": validation('type="list"', "设置!$A$1:$A$2"),
    "A1: prompt": validation(f'type="whole" prompt="{"字" * 256}"', "1"),
    "A1: promptTitle": validation(f'type="whole" promptTitle="{"字" * 33}"', "1"),
    "A1: errorTitle": validation(f'type="whole" errorTitle="{"字" * 33}"', "1"),
    "A1: 1+1+": validation('type="custom"', "1+" * 128 + "1"),
    "a rule of the kind newer": rule('type="newer"'),
    "a rule with activePresent": rule('type="expression" activePresent="1"'),
    "a rule by 设置!$A$1=1": rule('type="expression"', "设置!$A$1=1"),
    "hashValue": ("<sheetProtection ", '<sheetProtection algorithmName="SHA-512" hashValue="x" '),
}


@pytest.mark.parametrize("said", NEWER)
def test_what_a_sheet_may_not_hold_is_seen(sound: bytes, said: str) -> None:
    assert broken(sound) == []
    assert any(said in one for one in broken(replaced(sound, tables.LEDGER, NEWER[said])))


def part(data: bytes, name: str, *pair: str) -> bytes:
    with ZipFile(BytesIO(data)) as archive:
        text = archive.read(name).decode()
    assert pair[0] in text
    return with_part(data, name, text.replace(*pair, 1).encode())


BOOK, TYPES, DRAWN = "xl/workbook.xml", "[Content_Types].xml", "http://schemas.microsoft.com/office/drawing"
WHOLE = {
    "a sheet named 汇/总": (BOOK, 'name="汇总"', 'name="汇/总"'),
    f"a sheet named {'长' * 32}": (BOOK, 'name="汇总"', f'name="{"长" * 32}"'),
    "two sheets of one name": (BOOK, 'name="汇总"', 'name="成绩单"'),
    "a list by ['tz_wordings']": (BOOK, ":INDEX(", ":OFFSET("),
    "the name AB12": (BOOK, "<definedNames>", '<definedNames><definedName name="AB12">设置!$A$1</definedName>'),
    "the name 不 行": (BOOK, "<definedNames>", '<definedNames><definedName name="不 行">设置!$A$1</definedName>'),
    "the name tz_gone": (BOOK, "<definedNames>", '<definedNames><definedName name="tz_gone">#REF!</definedName>'),
    " cellXfs": ("xl/styles.xml", "</cellXfs>", "<xf/>" * 64001 + "</cellXfs>"),
    "/2014/chart": ("xl/charts/chart1.xml", "<c:chart>", f'<c:chart xmlns:c16="{DRAWN}/2014/chart">'),
    "sheetMetadata": (
        TYPES,
        "</Types>",
        '<Override PartName="/xl/metadata.xml" ContentType="a.sheetMetadata+xml"/></Types>',
    ),
    "image/svg+xml": (TYPES, "</Types>", '<Default Extension="svg" ContentType="image/svg+xml"/></Types>'),
    "threadedComment": (
        "xl/_rels/workbook.xml.rels",
        "</Relationships>",
        '<Relationship Id="rId999" Target="x.xml" Type="http://schemas.microsoft.com/office/2017/10/relationships/'
        'threadedComment"/></Relationships>',
    ),
}


@pytest.mark.parametrize("said", WHOLE)
def test_what_a_workbook_may_not_hold_is_seen(sound: bytes, said: str) -> None:
    found = broken(part(sound, *WHOLE[said]))
    assert any(said in one for one in found), found
