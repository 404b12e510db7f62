"""Returns as departments really send them: forty of them from one dispatch, each to the right cells, nothing dropped."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from test_loop import Desk

import office
from books.arrivals.samples import mail, zipped
from core.test_messages import english
from ledgers import AS_OF, FGJ, ZJJ, book
from taizhang import actions, tables
from taizhang.actions import Preview
from taizhang.cli import main
from taizhang.columns import BY_KEY, DEPARTMENT
from taizhang.findings import Code
from taizhang.layout import department
from taizhang.ledger import ReportKey, new_code
from taizhang.merge import Disposition, Outcome
from taizhang.values import Value, comparable, shown

FIVE = f"""
| 序号 | 牵头部门 | 牵头单位 | 事项类别 | 目标任务 | 进展情况 | 完成率 | 存在问题 |
| 1 | {FGJ} | {FGJ} | 开办企业 | 将企业开办时间压缩至一个工作日以内 | 推进中 | 30% | 缺人 |
| 2 | {FGJ}、{ZJJ} | {FGJ} | 开办企业 | 推行工程建设项目区域评估和多评合一 | 一 | 50% | |
| 2 | {FGJ}、{ZJJ} | {ZJJ} | 开办企业 | 推行工程建设项目区域评估和多评合一 | 二 | 80% | |
| 3 | {FGJ} | {FGJ} | 获得信贷 | 推广应用信用评价结果扩大信易贷覆盖面 | | | |
| 4 | {FGJ} | {FGJ} | 获得信贷 | 清理规范转供电环节加价并公示结果 | | | |
| 5 | {ZJJ} | {ZJJ} | 办理建筑许可 | 全面推行施工图联合审查和数字化审图 | | | |
"""
FILLED: Mapping[tuple[int, str], Value] = {
    (0, "progress"): "已实现一日办结\n惠及企业120家",
    (0, "percent"): 0.9,
    (0, "reported_on"): date(2020, 9, 8),
    (1, "progress"): "完成评估5项",
    (1, "phone"): "0595-87991234",
    (2, "done_on"): date(2020, 9, 7),
    (2, "percent"): 0.6,
    (3, "problem"): "转供电主体配合度不高",
}
CODES = [new_code(2020, number) for number in (1, 2, 3, 4)]
HEAD = department.FIRST_ROW - 1
TITLES = {key: BY_KEY[key].title for key in department.PLACES}
Grid = list[list[Value]]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk whose list has left; nothing came back yet."""
    made = Desk(tmp_path, book(FIVE, as_of=AS_OF))
    made.split()
    return made


def workbook(desk: Desk) -> openpyxl.Workbook:
    """Return the department's workbook as it fills it in."""
    path = desk.fill_rows(FGJ, FILLED, to="原件.xlsx")
    made = openpyxl.load_workbook(path, rich_text=True)
    path.unlink()
    return made


def saved(made: openpyxl.Workbook) -> bytes:
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def grid_of(desk: Desk) -> Grid:
    """Return the department's table as plain rows, the two lines above its header included."""
    return [[cell.value for cell in row] for row in workbook(desk)[tables.LEDGER].iter_rows()]


def copied(grid: Grid, *, name: str = "Sheet1", first: int = 0, options: Mapping[str, object] | None = None) -> bytes:
    """Return a workbook of another make into which somebody copied the cells: no ids, no hidden sheets."""
    target = io.BytesIO()
    made = xlsxwriter.Workbook(target, {"in_memory": True, **(options or {})})
    page, days = made.add_worksheet(name), made.add_format({"num_format": "yyyy-mm-dd"})
    for r, row in enumerate(grid, first):
        for c, value in enumerate(row):
            if isinstance(value, date):
                page.write_datetime(
                    r, c, value if isinstance(value, datetime) else datetime(*value.timetuple()[:3]), days
                )
            elif value is not None:
                page.write(r, c, str(value) if isinstance(value, str) else value)
    made.close()
    return target.getvalue()


def without(grid: Grid, *keys: str) -> Grid:
    """Return the table without some columns."""
    gone = {department.PLACES[key] - 1 for key in keys}
    return [[value for place, value in enumerate(row) if place not in gone] for row in grid]


def at(key: str) -> int:
    return department.PLACES[key]


# --- forty ways to send a table back ---

Way = Callable[[Desk], tuple[str, bytes]]
WAYS: dict[str, Way] = {}
# What a way changes besides: columns whose office cells differ (listed as 越权), and report cells that say something else.
ASIDE: dict[str, set[str]] = {}
OTHERWISE: dict[str, dict[tuple[int, str], Value]] = {}


def way(
    name: str, aside: set[str] | None = None, otherwise: dict[tuple[int, str], Value] | None = None
) -> Callable[[Way], Way]:
    def listed(made: Way) -> Way:
        WAYS[name], ASIDE[name], OTHERWISE[name] = made, aside or set(), otherwise or {}
        return made

    return listed


def edited(name: str, change: Callable[[openpyxl.Workbook], None], **known: object) -> None:
    """List a way of changing the department's own workbook."""

    def made(desk: Desk) -> tuple[str, bytes]:
        one = workbook(desk)
        change(one)
        return "区发改局反馈.xlsx", saved(one)

    way(name, **known)(made)  # type: ignore[arg-type]


def relaid(name: str, change: Callable[[Grid], Grid], *, file: str = "区发改局反馈.xlsx", **known: object) -> None:
    """List a way of copying the table into a workbook of another make."""
    way(name, **known)(lambda desk: (file, copied(change(grid_of(desk)))))  # type: ignore[arg-type]


def page(one: openpyxl.Workbook) -> object:
    return one[tables.LEDGER]


def _renumbered(one: openpyxl.Workbook) -> None:
    for n, row in enumerate(range(HEAD + 1, HEAD + 5), 101):
        one[tables.LEDGER].cell(row, at("no"), n)


def _merged(one: openpyxl.Workbook) -> None:
    sheet = one[tables.LEDGER]
    sheet.merge_cells(start_row=HEAD + 1, end_row=HEAD + 2, start_column=at("category"), end_column=at("category"))


def _rich(one: openpyxl.Workbook) -> None:
    cell = one[tables.LEDGER].cell(HEAD + 2, at("progress"))
    cell.value = CellRichText(TextBlock(InlineFont(b=True), "完成评估"), "5项")


def _formula(one: openpyxl.Workbook) -> None:
    one[tables.LEDGER].cell(HEAD + 4, at("progress"), '="已"&"完成"')


def _hidden(one: openpyxl.Workbook) -> None:
    one[tables.LEDGER].row_dimensions[HEAD + 2].hidden = True
    one[tables.LEDGER].auto_filter.add_filter_column(at("category") - 1, ["获得信贷"])


def _reworded(one: openpyxl.Workbook) -> None:
    cell = one[tables.LEDGER].cell(HEAD + 1, at("target"))
    cell.value = str(cell.value).replace("一个", "1个")


def _sorted(one: openpyxl.Workbook) -> None:
    sheet = one[tables.LEDGER]
    rows = [[cell.value for cell in sheet[n]] for n in range(HEAD + 1, HEAD + 5)]
    for n, row in enumerate(reversed(rows), HEAD + 1):
        for c, value in enumerate(row, 1):
            sheet.cell(n, c).value = value


def _text_numbers(one: openpyxl.Workbook) -> None:
    sheet = one[tables.LEDGER]
    for row in range(HEAD + 1, HEAD + 5):
        for key in ("no", "percent"):
            cell = sheet.cell(row, at(key))
            cell.value, cell.number_format = shown(cell.value) or None, "@"


edited("as it is", lambda one: None)
edited("a renamed sheet", lambda one: setattr(page(one), "title", "发改局填报"))
edited("rows sorted the other way", _sorted)
edited("rows filtered and hidden", _hidden)
edited("blank rows between", lambda one: page(one).insert_rows(HEAD + 2, 2))  # type: ignore[attr-defined]
edited("title rows above", lambda one: page(one).insert_rows(1, 3))  # type: ignore[attr-defined]
edited("a column of their own", lambda one: page(one).insert_cols(at("percent")))  # type: ignore[attr-defined]
edited("numbers of their own", _renumbered, aside={"no"})
edited("a task reworded", _reworded, aside={"target"})
edited("categories merged", _merged)
edited("rich text", _rich)
edited("numbers as text", _text_numbers)
edited(
    "an error cell", lambda one: page(one).cell(HEAD + 4, at("progress"), "#REF!"), otherwise={(3, "progress"): "#REF!"}
)  # type: ignore[attr-defined]
edited("a formula never calculated", _formula, otherwise={(3, "progress"): "#未计算"})
edited("percent signs", lambda one: page(one).cell(HEAD + 1, at("percent"), "９０％"))  # type: ignore[attr-defined]
edited("a day in words", lambda one: page(one).cell(HEAD + 1, at("reported_on"), "2020年9月8日"))  # type: ignore[attr-defined]
edited("spaces around", lambda one: page(one).cell(HEAD + 2, at("progress"), "  完成评估5项 \r\n"))  # type: ignore[attr-defined]
edited(
    "the hidden sheets deleted", lambda one: [one.remove(one[name]) for name in (tables.TICKET, tables.BASE)] and None
)

relaid("copied without ids", lambda grid: grid)
relaid("copied without codes", lambda grid: without(grid, "code"))
relaid("copied without codes, numbered anew", lambda grid: _numbered_anew(without(grid, "code")), aside={"no"})
relaid("copied without the lines above", lambda grid: without(grid[HEAD - 1 :], "code"))
relaid("copied, columns turned round", lambda grid: [list(reversed(row)) for row in grid[HEAD - 1 :]])
relaid("copied, a row for the sum below", lambda grid: [*grid, [None, "合计", None, "共4项"]])
relaid("copied under a foreign name", lambda grid: grid, file="新建 Microsoft Excel 工作表.xlsx")
way("days of the Macintosh of old")(
    lambda desk: ("区发改局反馈.xlsx", copied(grid_of(desk), options={"date_1904": True}))
)
way("an .xlsx called .xls")(lambda desk: ("区发改局反馈.xls", saved(workbook(desk))))


def _numbered_anew(grid: Grid) -> Grid:
    place = at("no") - 2
    return [[100 + n if c == place and n >= HEAD else v for c, v in enumerate(row)] for n, row in enumerate(grid)]


def text_of(grid: Grid, delimiter: str) -> str:
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter).writerows([["" if v is None else shown(v) for v in row] for row in grid])
    return target.getvalue()


way("text in GBK")(lambda desk: ("区发改局反馈.csv", text_of(grid_of(desk), ",").encode("gb18030")))
way("text in UTF-16 with tabs")(lambda desk: ("区发改局反馈.txt", text_of(grid_of(desk), "\t").encode("utf-16")))
way("text without codes")(
    lambda desk: ("区发改局反馈.csv", text_of(without(grid_of(desk), "code"), ";").encode("utf-8-sig"))
)


@way("a web page called .xls")
def _web(desk: Desk) -> tuple[str, bytes]:
    rows = "".join(
        "<tr>" + "".join(f"<td>{shown(v).replace(chr(10), '<br>')}</td>" for v in row) + "</tr>"
        for row in grid_of(desk)
    )
    return "区发改局反馈.xls", f"<html><meta charset=gbk><table>{rows}</table></html>".encode("gbk")


@way("XML of 2003 called .xls")
def _xml(desk: Desk) -> tuple[str, bytes]:
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    cells = "".join(
        "<Row>" + "".join(f'<Cell><Data s:Type="String">{shown(v)}</Data></Cell>' for v in row) + "</Row>"
        for row in grid_of(desk)
    )
    head = f'<?xml version="1.0" encoding="UTF-8"?><Workbook xmlns="{space}" xmlns:s="{space}">'
    return "区发改局反馈.xls", f'{head}<Worksheet s:Name="表"><Table>{cells}</Table></Worksheet></Workbook>'.encode()


way("in an archive of Chinese Windows")(
    lambda desk: ("附件.zip", zipped({"区发改局/反馈表.xlsx": saved(workbook(desk))}, gbk=True))
)
way("in a mail")(lambda desk: ("来信.eml", bytes(mail({"反馈表.xlsx": saved(workbook(desk))}))))
way("in an archive in a forwarded mail")(
    lambda desk: (
        "转发.eml",
        bytes(mail({}, forwarded=[mail({"附件.zip": zipped({"表.xlsx": saved(workbook(desk))})})])),
    )
)


def by_office(kind: str) -> Way:
    def made(desk: Desk) -> tuple[str, bytes]:
        folder = desk.folder / "另存"
        folder.mkdir()
        one = workbook(desk)
        one.move_sheet(tables.LEDGER, -1)  # a text table holds the first sheet alone
        (folder / "区发改局.xlsx").write_bytes(saved(one))
        (found,) = office.convert([folder / "区发改局.xlsx"], folder / "新", kind)
        return found.name, found.read_bytes()

    return made


for kind in ("xlsx", "xls", "ods", "csv:Text - txt - csv (StarCalc):44,34,76"):
    way(f"saved again by LibreOffice as .{kind.partition(':')[0]}")(by_office(kind))


@way("ten at once", aside={"no"})
def _ten(desk: Desk) -> tuple[str, bytes]:
    """Return a table renamed, retitled, sorted, spaced out, renumbered, without codes and ids, in a mailed archive."""
    one = workbook(desk)
    for change in (_rich, _text_numbers, _hidden, _sorted):
        change(one)
    rows = [[cell.value for cell in row] for row in page(one).iter_rows()]  # type: ignore[attr-defined]
    rows = _numbered_anew(
        without([[str(v) if isinstance(v, CellRichText) else v for v in row] for row in rows], "code")
    )
    spaced = [rows[0], [], *rows[1:HEAD], *(line for row in rows[HEAD:] for line in (row, []))]
    made = copied(spaced, name="汇总表（改）", first=2)
    return "回复.eml", bytes(mail({"附件.zip": zipped({"营商台账.xls": made}, gbk=True)}))


def test_there_are_forty_ways() -> None:
    assert len(WAYS) == 40


def previewed(desk: Desk, name: str) -> Preview:
    file, data = WAYS[name](desk)
    path = desk.folder / "来件" / file
    path.parent.mkdir()
    path.write_bytes(data)
    return desk.merge(path)


@pytest.mark.office
@pytest.mark.parametrize("name", WAYS)
def test_a_return_reaches_the_right_cells_whatever_way_it_came(desk: Desk, name: str) -> None:
    before = {key: dict(cells) for key, cells in desk.ledger.reports.items()}
    preview = previewed(desk, name)
    assert [(report.outcome, report.department) for report in preview.reports] == [(Outcome.MERGED, FGJ)]
    assert {
        (CODES.index(c.kept.code), c.kept.column) for c in preview.changes if c.disposition is Disposition.INVALID
    } == {place for place, value in OTHERWISE[name].items()}
    assert {c.kept.column for c in preview.changes if c.disposition is Disposition.LOCKED} == ASIDE[name]
    wanted = {**{(code, c.key): before.get(ReportKey(code, FGJ), {}).get(c.key) for code in CODES for c in DEPARTMENT}}
    wanted |= {(CODES[row], key): value for (row, key), value in FILLED.items()}
    desk.apply()
    after = desk.ledger
    found = {(code, c.key): after.report(ReportKey(code, FGJ)).get(c.key) for code in CODES for c in DEPARTMENT}
    assert {place: comparable(v) for place, v in found.items()} == {place: comparable(v) for place, v in wanted.items()}
    assert after.report(ReportKey(CODES[1], ZJJ)) == before[ReportKey(CODES[1], ZJJ)]


@pytest.mark.parametrize("name", ["copied without ids", "text without codes", "ten at once"])
def test_a_file_without_ids_says_how_it_was_known(desk: Desk, name: str) -> None:
    (said,) = (one for one in previewed(desk, name).findings if one.code is Code.NO_TICKET)
    assert FGJ in said.message
    assert desk.ledger.batches[-1].id in said.message


# --- whose it is ---


def joint_alone(desk: Desk) -> Grid:
    """Return the table with the joint task alone, which two departments were sent, and without who filled it in."""
    grid = without(grid_of(desk), "code")
    return [grid[0], ["填报单位："], grid[HEAD - 1], grid[HEAD + 1]]


def handed_in(desk: Desk, name: str, data: bytes) -> Preview:
    path = desk.folder / "来件" / name
    path.parent.mkdir()
    path.write_bytes(data)
    return desk.merge(path)


def test_of_two_departments_that_fit_neither_is_taken(desk: Desk) -> None:
    (report,) = handed_in(desk, "反馈.xlsx", copied(joint_alone(desk))).reports
    assert report.outcome is Outcome.REFUSED
    assert f"{FGJ}、{ZJJ}" in report.reason
    assert "文件名" in report.reason


@pytest.mark.parametrize(("name", "by"), [("区住建局反馈.xlsx", "文件名"), ("2020住建局（定稿）.xlsx", "文件名")])
def test_the_name_of_the_file_decides_between_departments_that_fit(desk: Desk, name: str, by: str) -> None:
    preview = handed_in(desk, name, copied(joint_alone(desk)))
    assert [(report.outcome, report.department) for report in preview.reports] == [(Outcome.MERGED, ZJJ)]
    assert [one.facts["by"] for one in preview.findings if one.code is Code.NO_TICKET] == [by]


def test_the_sender_decides_where_the_file_does_not_say(desk: Desk) -> None:
    preview = handed_in(desk, "信.eml", bytes(mail({"反馈.xlsx": copied(joint_alone(desk))})))
    assert [(report.outcome, report.department) for report in preview.reports] == [(Outcome.MERGED, ZJJ)]


def test_a_name_that_contradicts_the_tasks_holds_the_file(desk: Desk) -> None:
    (report,) = handed_in(desk, "区住建局.xlsx", copied(without(grid_of(desk), "code"))).reports
    assert (report.outcome, report.department) == (Outcome.HELD, FGJ)
    assert ZJJ in report.reason


def test_a_table_of_other_tasks_is_nobodys(desk: Desk) -> None:
    grid: Grid = [["序号", "目标任务", "完成时限"], [1, "完全不同的一项工作", "6月底"]]
    (report,) = handed_in(desk, "区发改局.xlsx", copied(grid)).reports
    assert report.outcome is Outcome.REFUSED
    assert "不是本台账下发过的" in report.reason


def test_a_row_of_another_task_in_a_file_without_ids_is_held(desk: Desk) -> None:
    grid = without(grid_of(desk), "code")
    extra: list[Value] = [None] * len(grid[HEAD])
    extra[at("no") - 2], extra[at("target") - 2], extra[at("progress") - 2] = 9, "本单位新增的一项工作", "已启动"
    preview = handed_in(desk, "区发改局.xlsx", copied([*grid, extra]))
    assert [row.cells["progress"] for row in preview.held] == ["已启动"]


@pytest.mark.parametrize(("value", "asked"), [(1, True), ("100%", False), ("1", True), (100, False)])
def test_a_bare_one_in_a_file_without_ids_is_asked_about(desk: Desk, value: Value, asked: bool) -> None:
    grid = without(grid_of(desk), "code")
    grid[HEAD][at("percent") - 2] = value
    preview = handed_in(desk, "区发改局.xlsx", copied(grid))
    (change,) = (c for c in preview.changes if (c.kept.code, c.kept.column) == (CODES[0], "percent"))
    assert (change.disposition is Disposition.INVALID) is asked
    assert (change.kept.fault is Code.ONE_OR_ALL) is asked


def test_a_bare_one_in_the_departments_own_workbook_is_the_whole(desk: Desk) -> None:
    desk.fill_rows(FGJ, {(0, "percent"): 1})
    (change,) = desk.merge().changes
    assert (change.disposition, change.kept.back) == (Disposition.ACCEPTED, 1)


# --- the folder ---


def test_a_broken_link_in_a_folder_is_said_and_stops_nothing(desk: Desk) -> None:
    desk.fill(FGJ, progress="已办结")
    (desk.back / "断.xlsx").symlink_to(desk.back / "没有.xlsx")
    outcomes = {report.name: report.outcome for report in desk.merge().reports}
    assert outcomes.pop("断.xlsx") is Outcome.REFUSED
    assert set(outcomes.values()) == {Outcome.MERGED}


def test_a_workbook_with_a_password_is_merged_with_it_and_refused_without(desk: Desk) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    path, target = desk.fill(FGJ, progress="已办结"), io.BytesIO()
    OOXMLFile(io.BytesIO(path.read_bytes())).encrypt("口令123", target)
    path.write_bytes(target.getvalue())
    (report,) = desk.merge().reports
    assert "有打开密码" in report.reason
    context = actions.Context(desk.now, "经办", password="口令123")
    assert [one.outcome for one in actions.merge_files(desk.path, [desk.back], context).reports] == [Outcome.MERGED]
    written = [one for one in desk.folder.rglob("*") if one.is_file()]
    assert [one.name for one in written if "口令123".encode() in one.read_bytes()] == []


# --- what came beside the workbooks ---

SCAN, PHOTO = b"%PDF-1.7 scan", b"\xff\xd8\xff\xe0 photo"


def evidence(desk: Desk) -> dict[str, bytes]:
    """Return what lies in 佐证, by its path there."""
    folder = desk.folder / "佐证"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_came_in_the_mail_of_a_workbook_is_that_departments_evidence(desk: Desk) -> None:
    sent = mail({"反馈表.xlsx": saved(workbook(desk)), "扫描/../验收单.pdf": SCAN, "照片.jpg": PHOTO})
    preview = handed_in(desk, "信.eml", bytes(sent))
    batch = desk.ledger.batches[-1].id
    assert evidence(desk) == {f"{batch}/{FGJ}/验收单.pdf": SCAN, f"{batch}/{FGJ}/照片.jpg": PHOTO}
    told = [report for report in preview.reports if report.outcome is Outcome.ATTACHMENT]
    assert {(one.department, one.batch) for one in told} == {(FGJ, batch)}
    assert all(f"已存入 佐证/{batch}/{FGJ}/" in one.reason for one in told)


def test_evidence_is_filed_once_and_never_over_another(desk: Desk) -> None:
    batch = desk.ledger.batches[-1].id
    for content in (SCAN, SCAN, SCAN + b"2"):
        folder = desk.folder / "来件"
        folder.mkdir(exist_ok=True)
        (folder / "区发改局.zip").write_bytes(zipped({"表.xlsx": saved(workbook(desk)), "单.pdf": content}))
        desk.merge(folder)
    assert evidence(desk) == {f"{batch}/{FGJ}/单.pdf": SCAN, f"{batch}/{FGJ}/单_2.pdf": SCAN + b"2"}


def laid(desk: Desk, *names: str) -> Preview:
    """Hand in a folder with the workbooks of two departments, and pictures of the given names."""
    folder = desk.folder / "来件"
    (folder / "发改").mkdir(parents=True)
    (folder / "发改" / "表.xlsx").write_bytes(saved(workbook(desk)))
    (folder / "住建.xlsx").write_bytes(desk.fill_rows(ZJJ, {(0, "progress"): "乙"}, to="x.xlsx").read_bytes())
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(PHOTO + name.encode())
    return desk.merge(folder)


def test_evidence_in_a_folder_is_whose_workbook_lies_there_or_whose_name_it_bears(desk: Desk) -> None:
    preview = laid(desk, "发改/照片/1.jpg", "区住建局现场.jpg", "不知谁的.jpg")
    found = {
        report.name: (report.outcome, report.department) for report in preview.reports if report.name.endswith("jpg")
    }
    assert found == {
        "发改/照片/1.jpg": (Outcome.ATTACHMENT, FGJ),
        "区住建局现场.jpg": (Outcome.ATTACHMENT, ZJJ),
        "不知谁的.jpg": (Outcome.REFUSED, ""),
    }
    (why,) = (report.reason for report in preview.reports if report.name == "不知谁的.jpg")
    assert "请让部门交回电子表格" in why
    assert "在文件名中写上单位名称" in why


def test_the_same_picture_may_be_the_evidence_of_two(desk: Desk) -> None:
    folder = desk.folder / "来件"
    (folder / "住建").mkdir(parents=True)
    (folder / "发改.zip").write_bytes(zipped({"表.xlsx": saved(workbook(desk)), "图.jpg": PHOTO, "又一次.jpg": PHOTO}))
    path = desk.fill_rows(ZJJ, {(0, "progress"): "乙"}, to="x.xlsx")
    path.rename(folder / "住建" / "表.xlsx")
    (folder / "住建" / "现场.jpg").write_bytes(PHOTO)
    (folder / "散的.jpg").write_bytes(PHOTO)
    batch = desk.ledger.batches[-1].id
    told = {report.name: report for report in desk.merge(folder).reports if report.name.endswith("jpg")}
    assert evidence(desk) == {f"{batch}/{FGJ}/图.jpg": PHOTO, f"{batch}/{ZJJ}/现场.jpg": PHOTO}
    assert {name: report.outcome for name, report in told.items()} == {
        "发改.zip/图.jpg": Outcome.ATTACHMENT,
        "发改.zip/又一次.jpg": Outcome.DUPLICATE,
        "住建/现场.jpg": Outcome.ATTACHMENT,
        "散的.jpg": Outcome.DUPLICATE,
    }


def test_a_picture_alone_is_answered_with_what_to_send(desk: Desk) -> None:
    (report,) = handed_in(desk, "IMG_0001.jpg", PHOTO).reports
    assert (report.outcome, "是图片" in report.reason, "请让部门交回电子表格" in report.reason) == (
        Outcome.REFUSED,
        True,
        True,
    )
    assert evidence(desk) == {}


def test_what_lies_in_the_folder_of_evidence_is_handed_in_by_nobody(desk: Desk) -> None:
    handed_in(desk, "信.eml", bytes(mail({"反馈表.xlsx": saved(workbook(desk)), "单.pdf": SCAN})))
    assert {report.name for report in desk.merge(desk.folder).reports if "佐证" in report.name} == set()


@pytest.mark.parametrize("name", ["CON.pdf", "..pdf", "a:b.pdf", "长" * 300 + ".pdf", "空 .pdf"])
def test_no_name_of_an_attachment_leads_out_of_its_folder(desk: Desk, name: str) -> None:
    batch = desk.ledger.batches[-1].id
    handed_in(desk, "信.zip", zipped({"区发改局.xlsx": saved(workbook(desk)), name: SCAN}))
    (path,) = evidence(desk)
    assert path.startswith(f"{batch}/{FGJ}/")
    assert len(path.split("/")) == 3
    assert not {*path} & set(':*?"<>|\\')


# --- the corpus of what real machines made ---

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "ingest"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real workbooks is not beside this checkout")
def test_the_whole_corpus_goes_through_one_run_and_touches_nothing(desk: Desk) -> None:
    names = (tables.LEDGER, tables.JOINT)
    before = [desk.sheet(name) for name in names]
    preview = desk.merge(CORPUS, *CORPUS.glob("~$*"))
    assert len({report.path for report in preview.reports}) == len(list(CORPUS.iterdir()))
    assert {report.outcome for report in preview.reports} <= {Outcome.REFUSED, Outcome.DUPLICATE}
    for report in preview.reports:
        assert report.reason.endswith("。"), report
        assert not english(report.reason), report
    assert [desk.sheet(name) for name in names] == before
    assert desk.apply().written == 0


def test_every_file_has_its_line_and_a_long_list_is_cut(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    folder = desk.folder / "来件"
    folder.mkdir()
    (folder / "区发改局.xlsx").write_bytes(saved(workbook(desk)))
    for n in range(60):
        (folder / f"{n:02}.txt").write_text(f"随便写的第{n}句话。", encoding="utf-8")
    capsys.readouterr()
    assert main(["merge", str(desk.path), str(folder)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert f"　区发改局.xlsx：{FGJ}，批次 {desk.ledger.batches[-1].id}。" in lines
    assert sum("里面没有表格" in line for line in lines) == 50
    assert any("另有 10 个" in line for line in lines)
    assert sum(line.startswith("用时 ") for line in lines) == 1
    listed = {str(row[0]) for row in desk.sheet(tables.STATEMENT) if row}
    assert {f"{n:02}.txt" for n in range(60)} <= listed


# --- what a fresh reader broke ---

STREETS = f"""
| 序号 | 牵头部门 | 目标任务 | 进展情况 |
| 1 | {FGJ} | 推进东湖街道老旧小区改造工程建设 | |
| 2 | {FGJ} | 推进丰泽街道老旧小区改造工程建设 | |
| 3 | {FGJ} | 推进北峰街道老旧小区改造工程建设 | |
"""


def test_tasks_that_differ_by_one_word_are_known_by_that_word_however_they_are_numbered(tmp_path: Path) -> None:
    desk = Desk(tmp_path, book(STREETS, as_of=AS_OF))
    desk.split()
    rows: Grid = [["序号", "目标任务", "进展情况"]]
    rows += [
        [n, f"推进{name}街道老旧小区改造工程建设", f"{name}的进展"]
        for n, name in enumerate(["丰泽", "北峰", "东湖"], 1)
    ]
    handed_in(desk, "区发改局.xlsx", copied(rows))
    desk.apply()
    found = [desk.ledger.report(ReportKey(new_code(2020, n), FGJ))["progress"] for n in (1, 2, 3)]
    assert found == ["东湖的进展", "丰泽的进展", "北峰的进展"]


def test_words_that_are_as_like_one_task_as_another_are_no_ones(tmp_path: Path) -> None:
    desk = Desk(tmp_path, book(STREETS, as_of=AS_OF))
    desk.split()
    rows: Grid = [["序号", "目标任务", "进展情况"], [None, "推进东湖街道老旧小区改造工程建设", "甲"]]
    preview = handed_in(desk, "区发改局.xlsx", copied([*rows, [None, "推进某某街道老旧小区改造工程建设", "乙"]]))
    assert [change.kept.back for change in preview.changes if change.kept.column == "progress"] == ["甲"]
    assert [row.cells["progress"] for row in preview.held] == ["乙"]


def test_a_file_known_otherwise_after_it_was_renamed_is_read_anew(desk: Desk) -> None:
    data = copied(joint_alone(desk))
    handed_in(desk, "区住建局反馈.xlsx", data)
    (desk.folder / "来件" / "区住建局反馈.xlsx").rename(desk.folder / "来件" / "区发改局反馈.xlsx")
    preview = desk.merge(desk.folder / "来件")
    assert {change.file.department for change in preview.changes} == {FGJ}
    desk.apply()
    assert desk.ledger.report(ReportKey(CODES[1], ZJJ))["progress"] == "二"
    assert desk.ledger.report(ReportKey(CODES[1], FGJ))["progress"] == "完成评估5项"


def test_a_file_held_for_its_name_is_merged_under_its_right_one(desk: Desk) -> None:
    handed_in(desk, "区住建局.xlsx", saved(workbook(desk)))
    (desk.folder / "来件" / "区住建局.xlsx").rename(desk.folder / "来件" / "区发改局.xlsx")
    preview = desk.merge(desk.folder / "来件")
    assert (len(preview.held), len(preview.changes)) == (0, len(FILLED))


@pytest.mark.parametrize("name", ["与区住建局联合牵头事项反馈.xlsx", "转区住建局.xlsx"])
def test_a_name_with_somebody_elses_in_it_is_no_hint(desk: Desk, name: str) -> None:
    (report,) = handed_in(desk, name, copied(joint_alone(desk))).reports
    assert report.outcome is Outcome.REFUSED


def held_words(preview: Preview) -> list[Value]:
    return [value for row in preview.held for value in row.cells.values()]


def test_a_column_of_remarks_and_one_without_a_header_are_held(desk: Desk) -> None:
    one = workbook(desk)
    sheet = one[tables.LEDGER]
    right = sheet.max_column + 1
    sheet.cell(HEAD, right, "备注")
    sheet.cell(HEAD + 1, right, "部门的备注")
    sheet.cell(HEAD + 2, right + 1, "右边的话")
    preview = handed_in(desk, "区发改局.xlsx", saved(one))
    assert {"部门的备注", "右边的话"} <= set(held_words(preview))
    assert "备注" in {title for row in preview.held for title in row.cells}
    told = {str(row[10]) for row in desk.sheet(tables.RESULTS) if row and row[0] == "待定行"}
    desk.apply()  # read again from the file
    again = {str(row[10]) for row in desk.sheet(tables.RESULTS) if row and row[0] == "待定行"}
    assert again == told
    assert any("多出“备注”列" in text for text in told)


def test_values_under_a_header_that_was_deleted_are_held(desk: Desk) -> None:
    one = workbook(desk)
    one[tables.LEDGER].cell(HEAD, at("percent")).value = None
    preview = handed_in(desk, "区发改局.xlsx", saved(one))
    assert {0.9, 0.6} <= set(held_words(preview))


def test_a_second_sheet_with_a_table_is_named(desk: Desk) -> None:
    one = workbook(desk)
    one.copy_worksheet(one[tables.LEDGER]).title = "工作台账 (2)"
    found = handed_in(desk, "区发改局.xlsx", saved(one)).findings
    assert [one.value for one in found if one.code is Code.OTHER_TABLE] == ["工作台账 (2)"]


def test_the_head_of_every_printed_page_is_no_row(desk: Desk) -> None:
    grid = grid_of(desk)
    preview = handed_in(desk, "区发改局.xlsx", copied([*grid[: HEAD + 2], grid[HEAD - 1], *grid[HEAD + 2 :]]))
    assert (preview.held, len(preview.changes)) == ((), len(FILLED))


def test_two_tables_whose_columns_stand_otherwise_are_refused(desk: Desk) -> None:
    grid = grid_of(desk)
    below = [list(reversed(row)) for row in grid[HEAD - 1 :]]
    (report,) = handed_in(desk, "区发改局.xlsx", copied([*grid, *below])).reports
    assert (report.outcome, "两个表头" in report.reason) == (Outcome.REFUSED, True)


def test_a_bare_day_of_1904_is_that_day(desk: Desk) -> None:
    grid = grid_of(desk)
    grid[HEAD + 2][at("done_on") - 1] = (date(2020, 9, 7) - date(1904, 1, 1)).days
    handed_in(desk, "区发改局.xlsx", copied(grid, options={"date_1904": True}))
    desk.apply()
    assert desk.ledger.report(ReportKey(CODES[2], FGJ))["done_on"] == date(2020, 9, 7)


def test_a_row_of_another_departments_task_costs_nobody_the_file(desk: Desk) -> None:
    grid = without(grid_of(desk), "code")
    extra: list[Value] = [None] * len(grid[HEAD])
    extra[at("no") - 2], extra[at("target") - 2], extra[at("progress") - 2] = (
        5,
        "全面推行施工图联合审查和数字化审图",
        "别家的",
    )
    preview = handed_in(desk, "反馈.xlsx", copied([*grid, extra]))
    assert [(report.outcome, report.department) for report in preview.reports] == [(Outcome.MERGED, FGJ)]
    assert "别家的" in held_words(preview)


@pytest.mark.parametrize("codes", [str.lower, lambda code: "9"])
def test_codes_that_were_overwritten_leave_the_words_to_tell(desk: Desk, codes: Callable[[str], str]) -> None:
    grid = grid_of(desk)
    for row in grid[HEAD:]:
        row[0] = codes(str(row[0]))
    assert handed_in(desk, "反馈.xlsx", copied(grid)).reports[0].outcome is Outcome.MERGED


@pytest.mark.parametrize(
    ("columns", "junk"),
    [
        ("", "".join(f"{n},随便{n},x\n" for n in range(501))),
        ("," + ",".join(f"多{n}" for n in range(41)), "".join(f"{n},随便{n},x{',y' * 41}\n" for n in range(130))),
        ("", "".join(f"{n},随便{n},{'长' * 30_000}\n" for n in range(70))),
    ],
    ids=["rows", "columns", "words"],
)
def test_a_table_with_far_more_in_it_than_was_sent_is_refused(desk: Desk, columns: str, junk: str) -> None:
    lines = f"序号,目标任务,进展情况{columns}\n1,将企业开办时间压缩至一个工作日以内,甲\n{junk}"
    (report,) = handed_in(desk, "区发改局.csv", lines.encode()).reports
    assert (report.outcome, "比下发的多得多" in report.reason) == (Outcome.REFUSED, True)


def test_a_file_whose_name_is_no_utf8_stops_nothing(desk: Desk) -> None:
    folder = desk.folder / "来件"
    folder.mkdir()
    (folder / "区发改局.xlsx").write_bytes(saved(workbook(desk)))
    (folder / os.fsdecode("区住建局.csv".encode("gbk"))).write_bytes(b"a,b\n")
    assert {report.name: report.outcome for report in desk.merge(folder).reports} == {
        "区发改局.xlsx": Outcome.MERGED,
        "区住建局.csv": Outcome.REFUSED,
    }


def test_a_pipe_a_device_and_a_folder_behind_links_are_not_read(desk: Desk) -> None:
    folder = desk.folder / "来件"
    folder.mkdir()
    os.mkfifo(desk.folder / "管道")
    for name, target in (("管.xlsx", desk.folder / "管道"), ("零.xlsx", Path("/dev/zero")), ("夹.xlsx", desk.folder)):
        (folder / name).symlink_to(target)
    assert {report.outcome for report in desk.merge(folder).reports} == {Outcome.REFUSED}


def test_evidence_goes_by_its_own_name_then_its_mail_then_what_lies_around(desk: Desk) -> None:
    folder = desk.folder / "来件"
    (folder / "区发改局" / "佐证").mkdir(parents=True)
    (folder / "区发改局" / "表.xlsx").write_bytes(saved(workbook(desk)))
    (folder / "区发改局" / "佐证" / "验收.pdf").write_bytes(SCAN)
    (folder / "区发改局" / "区住建局现场.jpg").write_bytes(PHOTO)
    (folder / "信.eml").write_bytes(bytes(mail({"单.pdf": SCAN + b"2"})))
    found = {
        report.name: report.department for report in desk.merge(folder).reports if report.outcome is Outcome.ATTACHMENT
    }
    assert found == {"区发改局/佐证/验收.pdf": FGJ, "区发改局/区住建局现场.jpg": ZJJ, "信.eml/单.pdf": ZJJ}


def test_a_photo_attached_with_an_id_is_no_signature(desk: Desk) -> None:
    sent = mail({"反馈表.xlsx": saved(workbook(desk))})
    sent.add_attachment(PHOTO, maintype="image", subtype="jpeg", filename="现场.jpg", cid="<x@y>")
    handed_in(desk, "信.eml", bytes(sent))
    assert list(evidence(desk).values()) == [PHOTO]


def test_files_of_one_name_in_two_folders_are_one_and_a_copy(desk: Desk) -> None:
    folders = [desk.folder / name for name in ("甲", "乙")]
    for folder in folders:
        folder.mkdir()
        (folder / "反馈.xlsx").write_bytes(
            saved(workbook(desk)) if folder is folders[0] else (folders[0] / "反馈.xlsx").read_bytes()
        )
    assert [report.outcome for report in desk.merge(*folders).reports] == [Outcome.MERGED, Outcome.DUPLICATE]


@pytest.mark.parametrize("own", [True, False])
def test_rows_sorted_without_their_hidden_codes_wait(desk: Desk, own: bool) -> None:
    one = workbook(desk)
    sheet = one[tables.LEDGER]
    rows = [[sheet.cell(n, c).value for c in range(2, sheet.max_column + 1)] for n in range(HEAD + 1, HEAD + 5)]
    for n, row in enumerate(reversed(rows), HEAD + 1):
        for c, value in enumerate(row, 2):
            sheet.cell(n, c).value = value
    data = saved(one) if own else copied([[cell.value for cell in row] for row in sheet.iter_rows()])
    before = dict(desk.ledger.reports)
    preview = handed_in(desk, "区发改局.xlsx", data)
    assert (len(preview.held), preview.changes) == (4, ())
    assert all(row.why is Code.ROW_CROSSED for row in preview.held)
    told = [str(row[10]) for row in desk.sheet(tables.RESULTS) if row and row[0] == "待定行"]
    assert all("可能是排序时漏了隐藏的编码列" in text for text in told)
    assert (desk.apply().written, dict(desk.ledger.reports)) == (0, before)


def test_a_table_that_shows_is_read_before_one_that_does_not(desk: Desk) -> None:
    one = workbook(desk)
    one.copy_worksheet(one[tables.LEDGER]).title = "填报"
    one[tables.LEDGER].sheet_state = "hidden"
    one["填报"].cell(HEAD + 1, at("progress")).value = "新的"
    one.active = one["填报"]
    preview = handed_in(desk, "区发改局.xlsx", saved(one))
    assert next(c.kept.back for c in preview.changes if c.kept.column == "progress") == "新的"
    assert [(one.code, one.value) for one in preview.findings] == [(Code.OTHER_TABLE, tables.LEDGER)]


@pytest.mark.parametrize(
    ("percent", "progress"),
    [("完 成　率", "进展\r\n情况"), ("完成率（必填）", "*进展情况\n(必填项)")],
    ids=["spaced out and broken", "saying what must be filled in"],
)
def test_headers_made_to_fit_or_to_ask_are_ours(desk: Desk, percent: str, progress: str) -> None:
    one = workbook(desk)
    sheet = one[tables.LEDGER]
    sheet.cell(HEAD, at("percent")).value = percent
    sheet.cell(HEAD, at("progress")).value = progress
    preview = handed_in(desk, "区发改局.xlsx", saved(one))
    assert (preview.held, len(preview.changes), preview.findings) == ((), len(FILLED), ())
