"""指标 and 问题清单 on real files: made with the ledger, sent, filled in, merged, taken back; what Excel would compute."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from test_loop import Desk
from test_moves import said

from ledgers import AS_OF, FGJ, FIRST, NOW, SECOND, SWJ, YEAR, ZJJ, book
from office import convert
from taizhang import actions, journal, tables
from taizhang.books.ledgers import create_ledger, open_ledger
from taizhang.books.package import Package
from taizhang.checking import check
from taizhang.columns import INDICATORS, PROBLEMS, YES
from taizhang.findings import Code
from taizhang.journal import Act
from taizhang.layout.registers import FIRST_ROW, places_of, sent_columns
from taizhang.ledger import Item, ReportKey, new_code
from taizhang.merge import Disposition
from taizhang.problems import state_of
from taizhang.targets import is_met, met_words
from taizhang.telling import apply_lines, undo_lines
from taizhang.values import Value

ZB1, ZB2, ZB3 = (new_code(YEAR, n, INDICATORS) for n in (1, 2, 3))
WT1 = new_code(YEAR, 1, PROBLEMS)
NOTICE = f"""序号,事项类别,目标任务,完成时限,牵头部门,责任部门
1,开办企业,企业开办时限减少至4个小时内，网上办达到96%以上,12月底,{FGJ},
2,开办企业,推进电子招标投标,年底前,"{FGJ}、{ZJJ}",
"""
PLACES = places_of(INDICATORS.columns)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    one = Desk(tmp_path, book(f"| 序号 | 牵头部门 |\n| 1 | {FGJ} |"))
    one.path.unlink()
    notice = tmp_path / "通知.csv"
    notice.write_text(NOTICE.replace("4个小时内，网上办达到96%以上", "4个小时内；网上办达到96%以上"), encoding="utf-8")
    actions.new(notice, one.path, one.context, year=YEAR)
    return one


def confirm(desk: Desk, *codes: str) -> None:
    actions.decide_items(desk.path, codes, {"confirmed": YES}, journal.CONFIRM, desk.context)


def answer(desk: Desk, name: str, sheet: str, cells: dict[tuple[int, str], Value]) -> None:
    """Fill in 指标 or 问题清单 of the workbook a department is about to send back."""
    path = desk.back / next(path.name for path in desk.sent.iterdir() if name in path.name)
    package = Package.load((path if path.exists() else desk.sent / path.name).read_bytes())
    places = places_of(sent_columns(INDICATORS if sheet == INDICATORS.sheet else PROBLEMS))
    package.set_cells(sheet, {(FIRST_ROW + row, places[key]): value for (row, key), value in cells.items()})
    desk.back.mkdir(exist_ok=True)
    path.write_bytes(package.dump())


def test_a_notice_brings_its_indicators_and_the_command_line_confirms_them(desk: Desk, capsys) -> None:
    code, out, _ = said(capsys, "indicators", desk.path)
    assert (code, out.splitlines()[0]) == (0, "指标 2 条：已确认 0 条，待确认 2 条。")
    assert f"{ZB2}　序号1　网上办≥96%　{FGJ}　待确认　当前值：未填" in out
    code, out, _ = said(capsys, "indicators", desk.path, "--confirm", "all", "--json")
    found = json.loads(out)
    assert (code, found["changed"]) == (0, 2)
    assert [(one["no"], one["task"], one["item"], one["confirmed"]) for one in found["items"]] == [
        (1, FIRST, ZB1, YES),
        (1, FIRST, ZB2, YES),
    ]
    said(capsys, "indicators", desk.path, "--decline", ZB2)
    assert desk.ledger.by_code[ZB2].cells["confirmed"] == "否"
    code, out, _ = said(capsys, "indicators", desk.path, "--propose")
    assert (code, out.splitlines()[0]) == (0, "没有要改动的。")
    code, _, err = said(capsys, "indicators", desk.path, "--confirm", "ZB2020-099")
    assert code == 2
    assert "没有编号为 ZB2020-099 的行" in err
    code, _, err = said(capsys, "problems", desk.path, "--solve", ZB1)
    assert (code, "没有编号为" in err) == (2, True)


def test_only_what_is_confirmed_is_sent_and_departments_may_fill_in_their_cells_alone(desk: Desk) -> None:
    confirm(desk, ZB1)
    assert desk.split().items == 1
    (path,) = [path for path in desk.sent.iterdir() if FGJ in path.name]
    sheet = load_workbook(path)[INDICATORS.sheet]
    columns = sent_columns(INDICATORS)
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=FIRST_ROW)]
    assert [row[0] for row in rows] == [ZB1]
    opened = {column.key for column, cell in zip(columns, sheet[FIRST_ROW], strict=True) if not cell.protection.locked}
    assert opened == {"current", "measured_on", "measure_note"}
    assert sheet.protection.sheet
    assert sheet.column_dimensions["A"].hidden
    guides = {path.name.split("_")[1]: load_workbook(path)[tables.GUIDE] for path in desk.sent.iterdir()}
    told = {name: {row[1].value for row in guide.iter_rows()} for name, guide in guides.items()}
    assert ({"指标", "当前值"} <= told[FGJ], {"指标", "问题清单"} & told[FGJ]) == (True, {"指标"})
    assert not {"指标", "当前值"} & told[ZJJ]
    others = [load_workbook(path) for path in desk.sent.iterdir() if FGJ not in path.name]
    assert [INDICATORS.sheet in one.sheetnames for one in others] == [False]


def test_a_figure_goes_out_comes_back_and_is_taken_back(desk: Desk) -> None:
    confirm(desk, ZB1, ZB2)
    desk.split()
    answer(desk, FGJ, INDICATORS.sheet, {(0, "current"): 5, (1, "current"): "97%", (1, "measure_note"): "系统统计"})
    preview = desk.merge()
    assert preview.totals[Disposition.ACCEPTED] == 3
    assert sum(preview.totals.values()) == sum(file.cells for file in preview.ours) == 2 * 21 + 2 * 8
    account = desk.sheet(tables.STATEMENT)[4]
    assert sum(preview.totals.values()) in account
    assert desk.apply().written == 3
    ledger = desk.ledger
    assert [met_words(is_met(ledger, item)) for item in ledger.items] == ["未达标", "达标"]
    sheet = load_workbook(desk.path)[INDICATORS.sheet]
    shown = [sheet.cell(row, PLACES["current"]) for row in (FIRST_ROW, FIRST_ROW + 1)]
    assert [(cell.value, cell.number_format) for cell in shown] == [(5, "General"), (0.97, "0.00%")]
    undone = actions.undo(desk.path, desk.context)
    assert (len(undone.cells), undone.refused) == (3, ())
    assert not desk.ledger.report(ReportKey(ZB1, FGJ))


def test_the_sheets_formulas_come_to_what_the_program_computes(tmp_path: Path) -> None:
    goals = [("≤", 4, 4), ("≤", 4, 5), ("≥", 0.3, 0.1 + 0.2), ("≥", 0.96, 0.95), ("=", 2, 2), ("=", 2, 3)]
    goals += [("≥", 1e12, 1e12 - 1), ("≤", 0, 1e-13), ("≤", 4, None), ("≤", "四", 3), ("<", 4, 3), ("≤", 4, "三")]
    items, reports = [], {}
    for number, (direction, goal, current) in enumerate(goals, 1):
        code = new_code(YEAR, number, INDICATORS)
        own = {"indicator": f"指标{number}", "direction": direction, "goal": goal, "unit": "天"}
        items.append(Item(code, {"item_task": FIRST, "indicator_lead": FGJ, "confirmed": YES, **own}))
        reports[ReportKey(code, FGJ)] = {"current": current} if current is not None else {}
    answers = [(None, None), (None, "在办"), (AS_OF, None), (AS_OF, "好了"), (None, "  ")]
    for number, (solved_on, reply) in enumerate(answers, 1):
        code = new_code(YEAR, number, PROBLEMS)
        solved = {"solved_on": solved_on} if solved_on else {}
        items.append(Item(code, {"item_task": FIRST, "owner": FGJ, "issue": f"问题{number}", **solved}))
        reports[ReportKey(code, FGJ)] = {"reply": reply} if reply else {}
    ledger = book(f"| 序号 | 牵头部门 |\n| 7 | {FGJ} |")
    task, path = ledger.tasks[0].code, tmp_path / "台账.xlsx"
    lines = tuple(Item(item.code, {**item.cells, "item_task": task}) for item in items)
    ledger = replace(ledger, items=lines, reports={key: cells for key, cells in reports.items() if cells})
    create_ledger(path, ledger, Act(journal.NEW, NOW, "经办"), AS_OF)
    out = tmp_path / "重算"
    out.mkdir()
    (made,) = convert([path], out)
    computed = load_workbook(made, data_only=True)
    sheet = computed[INDICATORS.sheet]
    said_there = [sheet.cell(FIRST_ROW + n, PLACES["met"]).value or "" for n in range(len(goals))]
    assert said_there == [met_words(is_met(ledger, item)) for item in ledger.items_of(INDICATORS)]
    assert {sheet.cell(FIRST_ROW + n, PLACES["item_no"]).value for n in range(len(goals))} == {7}
    sheet, place = computed[PROBLEMS.sheet], places_of(PROBLEMS.columns)["problem_state"]
    said_there = [sheet.cell(FIRST_ROW + n, place).value for n in range(len(answers))]
    assert said_there == [state_of(ledger, item) for item in ledger.items_of(PROBLEMS)]


def test_a_problem_goes_from_the_report_to_the_list_to_its_owner_and_is_solved(desk: Desk, capsys) -> None:
    opened_on = desk.now.date()
    desk.split()
    desk.fill(FGJ, problem="税务系统没有打通", reported_on=date(2020, 9, 8))
    desk.merge()
    told = list(apply_lines(desk.apply()))
    assert "另登记问题 1 条（6 个单元格），列在“问题清单”中，请指定责任单位。" in told
    place = places_of(PROBLEMS.columns)
    desk.type(PROBLEMS.sheet, {(FIRST_ROW, place["owner"]): SWJ, (FIRST_ROW, place["severity"]): "重点"})
    desk.sent = desk.folder / "再发"
    assert desk.split().items == 1
    names = {path.name.split("_")[1]: load_workbook(path) for path in desk.sent.iterdir()}
    assert {
        name: [s for s in one.sheetnames if s in (PROBLEMS.sheet, tables.RAISED)] for name, one in names.items()
    } == {
        FGJ: [tables.RAISED],
        ZJJ: [],
        SWJ: [PROBLEMS.sheet],
    }
    desk.back = desk.folder / "再收"
    answer(desk, SWJ, PROBLEMS.sheet, {(0, "reply"): "本月内打通", (0, "replied_on"): date(2020, 9, 9)})
    preview = desk.merge()
    assert [(c.file.department, c.kept.back) for c in preview.changes if c.kept.column == "reply"] == [
        (SWJ, "本月内打通")
    ]
    desk.apply()
    _, out, _ = said(capsys, "problems", desk.path)
    assert f"{WT1}　序号1　重点　已答复　{opened_on} {FGJ}提出，{SWJ}答复　税务系统没有打通" in out
    said(capsys, "problems", desk.path, "--solve", WT1)
    assert desk.ledger.by_code[WT1].cells["solved_on"] == date.today()
    desk.sent = desk.folder / "三发"
    assert desk.split().items == 0
    third = [load_workbook(path) for path in desk.sent.iterdir()]
    assert not [one for one in third if PROBLEMS.sheet in one.sheetnames]


def test_what_an_apply_listed_goes_with_it_when_it_is_taken_back_until_it_was_sent(desk: Desk) -> None:
    desk.split()
    desk.fill(FGJ, problem="缺人", reported_on=date(2020, 9, 8))
    desk.merge()
    desk.apply()
    actions.undo(desk.path, desk.context)
    assert desk.ledger.items_of(PROBLEMS) == ()
    desk.apply()
    assert [item.code for item in desk.ledger.items_of(PROBLEMS)] == [WT1]
    desk.sent = desk.folder / "再发"
    desk.split()
    undone = actions.undo(desk.path, desk.context)
    assert [item.code for item in desk.ledger.items_of(PROBLEMS)] == [WT1]
    assert {why[:16] for _, why in undone.refused} == {"该问题已经下发或有了答复，不能当"}


def test_a_long_list_of_problems_does_not_lengthen_the_page_of_the_indicators(desk: Desk) -> None:
    said = "| 序号 | 牵头部门 | 存在问题 |\n" + "\n".join(f"| {n} | {FGJ} | 第{n}个难处 |" for n in range(1, 9))
    path = desk.folder / "多.xlsx"
    line = Item(ZB1, {"item_task": FIRST, "indicator": "时限", "indicator_lead": FGJ})
    create_ledger(path, replace(book(said), items=(line,)), Act(journal.NEW, NOW, "经办"), AS_OF)
    for register in (PROBLEMS, INDICATORS):
        actions.collect(path, register, desk.context)
    areas = {name: load_workbook(path)[name].print_area for name in (INDICATORS.sheet, PROBLEMS.sheet)}
    assert areas[INDICATORS.sheet].endswith("$4")
    assert areas[PROBLEMS.sheet].endswith("$11")


def test_a_line_typed_below_gets_its_code_its_formulas_and_its_look(desk: Desk) -> None:
    row = FIRST_ROW + 2
    typed: dict[str, Value] = {
        "item_no": 2,
        "indicator": "电子招标项目占比",
        "direction": "≥",
        "goal": 0.5,
        "unit": "%",
    }
    typed |= {"indicator_lead": ZJJ, "confirmed": YES}
    desk.type(INDICATORS.sheet, {(row, PLACES[key]): value for key, value in typed.items()})
    assert [one.code for one in check(desk.path, desk.context).findings if one.sheet == INDICATORS.sheet] == []
    desk.split()
    ledger = desk.ledger
    assert (ledger.by_code[ZB3].no, ledger.by_code[ZB3].cells["item_task"]) == (2, SECOND)
    sheet = load_workbook(desk.path)[INDICATORS.sheet]
    assert (sheet.cell(row, PLACES["item"]).value, sheet.cell(row, PLACES["goal"]).number_format) == (ZB3, "0.00%")
    assert str(sheet.cell(row, PLACES["met"]).value).startswith("=IF(")
    by_hand = {
        (line.task, line.column)
        for line in open_ledger(desk.path).reading.journal.lines
        if line.operation == journal.HAND
    }
    assert {(ZB3, "指标"), (ZB3, "目标值"), (ZB3, "确认")} <= by_hand


def test_a_line_that_belongs_to_no_task_is_a_fault_with_a_place(desk: Desk) -> None:
    desk.type(INDICATORS.sheet, {(FIRST_ROW + 2, PLACES["item_no"]): 9, (FIRST_ROW + 2, PLACES["indicator"]): "无主"})
    found = check(desk.path, desk.context, write=True).findings
    assert [(one.sheet, one.cell) for one in found if one.code is Code.ITEM_LOOSE] == [(INDICATORS.sheet, "C6")]
    before = desk.ledger.items
    desk.split()
    assert desk.ledger.items == before
    assert load_workbook(desk.path)[INDICATORS.sheet].cell(FIRST_ROW + 2, PLACES["item_no"]).value == 9


def test_a_department_checks_its_lines_before_it_sends_them_back(desk: Desk) -> None:
    confirm(desk, ZB1, ZB2)
    desk.split()
    goal = {(0, "goal"): 9, (0, "current"): "约五小时", (1, "current"): 97}
    answer(desk, FGJ, INDICATORS.sheet, goal)
    (path,) = desk.back.iterdir()
    found = [
        (one.code, one.cell) for one in check(path, desk.context, write=True).findings if one.sheet == INDICATORS.sheet
    ]
    assert found == [(Code.NOT_AMOUNT, "I4"), (Code.RATE_UNCLEAR, "I5"), (Code.LOCKED_EDITED, "F4")]
    marked = load_workbook(path)[INDICATORS.sheet]
    assert marked["I4"].comment is not None
    preview = desk.merge(path)
    assert {(c.kept.column, c.disposition.value, c.kept.back) for c in preview.changes} == {
        ("goal", "越权", 9),
        ("current", "无效", "约五小时"),
        ("current", "采纳", 0.97),
    }


def test_what_a_supplementary_notice_adds_brings_its_indicators(desk: Desk) -> None:
    more = desk.folder / "补充.csv"
    more.write_text(NOTICE.splitlines()[0] + f"\n1,信贷,新增贷款50亿元以上,年底前,{ZJJ},\n", encoding="utf-8")
    done = actions.supplement(desk.path, more, desk.context)
    assert (len(done.added), done.indicators) == (1, 1)
    item = desk.ledger.items[-1]
    assert (item.code, item.cells["goal"], desk.ledger.by_code[item.code].no) == (ZB3, 50, 3)
    actions.undo(desk.path, desk.context)
    assert [item.code for item in desk.ledger.items] == [ZB1, ZB2]


def test_what_an_apply_wrote_and_its_undo_restores_are_the_same_counts(desk: Desk) -> None:
    desk.split()
    desk.fill(FGJ, problem="税务系统没有打通", reported_on=date(2020, 9, 8))
    desk.merge()
    done = desk.apply()
    assert (done.written, done.problems, done.raised) == (2, 1, 6)
    back = actions.undo(desk.path, desk.context)
    assert len(back.cells) == 2 + 6
    assert "恢复 2 个单元格，另撤回登记的问题 1 条（6 个单元格）。" in next(undo_lines(back))


def test_an_undo_that_withdraws_no_problem_speaks_of_none(desk: Desk) -> None:
    desk.split()
    desk.fill(FGJ, progress="部门写的", reported_on=date(2020, 9, 8))
    desk.merge()
    assert not [line for line in apply_lines(desk.apply()) if "登记问题" in line]
    assert next(undo_lines(actions.undo(desk.path, desk.context))).endswith("恢复 2 个单元格。")
