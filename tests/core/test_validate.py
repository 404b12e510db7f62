"""Every fault by its code: the sheet drawn as a grid, and the cell the finding names.

In a drawing `'` in front keeps a cell text, `#` makes it a bare number, ∅ empties it, ␣ is a
space, ⏎ a line break, ¦ a character nobody sees. What is not drawn is in order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgers import (
    AS_OF,
    DIRECTORY,
    FGJ,
    FIRST,
    POOLS,
    SWJ,
    ZJJ,
    book,
    dispatched,
    drawn,
    grids_of,
    laid_out,
    meant,
    with_report,
)
from taizhang import tables
from taizhang.columns import BY_KEY, BY_TITLE, COLUMNS, SENT
from taizhang.departments import Department, Directory
from taizhang.entries import typed, written
from taizhang.findings import CATALOGUE, Code, Finding, Severity
from taizhang.layout import office
from taizhang.layout.inspection import Ledgerbook, ledger_findings
from taizhang.layout.parts import Area, EntryRule, Formula, Sheet, Structure
from taizhang.layout.reading import read_ledger
from taizhang.ledger import Ledger
from taizhang.settings import SETTINGS
from taizhang.validate import is_hollow
from taizhang.values import Value

KINDS = {
    "list": "list",
    "date": "date",
    "percent": "decimal",
    "integer": "whole",
    "decimal": "decimal",
    "length": "textLength",
}
GOOD = "| 序号 | 牵头部门 |\n| 1 | 区发改局 |"


def raw(title: str, text: str) -> Value:
    """Return what a drawn cell stands for."""
    text = text.replace("␣", " ").replace("⏎", "\n").replace("¦", "\u200b")
    if text == "∅":
        return None
    if text[:1] == "'":
        return text[1:]
    if text[:1] == "#":
        return float(text[1:])
    return meant(BY_TITLE[title].key, text) if title in BY_TITLE else text


def structure_of(sheet: Sheet) -> Structure:
    """Return what a laid-out sheet has beside its values, as a file would show it."""
    cells = ((r, c, cell) for r, row in enumerate(sheet.rows, 1) for c, cell in enumerate(row, 1) if cell)
    return Structure(
        formulas=frozenset((r, c) for r, c, cell in cells if isinstance(cell.content, Formula)),
        hidden_columns=tuple((n, n) for n in sorted(sheet.hidden_columns)),
        merged=sheet.merged,
        rules=tuple(EntryRule(KINDS[rule.kind], rule.source, (rule.area,)) for rule in sheet.validations),
        filter=sheet.filter,
    )


def opened(ledger: Ledger, edits: Mapping[tuple[str, int, int], Value] | None = None) -> Ledgerbook:
    """Return a ledger as its file would be found, cells (sheet, row, column) typed over."""
    sheets = laid_out(ledger)
    grids = grids_of(sheets)
    for (sheet, row, column), value in (edits or {}).items():
        while len(grids[sheet]) < row:
            grids[sheet].append([])
        grids[sheet][row - 1] += [None] * (column - len(grids[sheet][row - 1]))
        grids[sheet][row - 1][column - 1] = value
    structures = {name: structure_of(sheet) for name, sheet in sheets.items()}
    return Ledgerbook(read_ledger("台账", grids, {}), grids, structures, AS_OF)


def sheet(drawing: str, **settings: Value) -> Ledgerbook:
    """Return a ledger whose rows of 工作台账 (and 联合牵头上报, where 牵头单位 is given) are drawn."""
    rows = drawn(drawing)
    tasks = "| 序号 | 牵头部门 |\n" + "\n".join(f"| {n} | {row.get('牵头部门', FGJ)} |" for n, row in _numbered(rows))
    ledger = book(tasks, **settings)
    keys = list(ledger.joint_keys())
    edits: dict[tuple[str, int, int], Value] = {}
    for n, row in _numbered(rows):
        for title, text in row.items():
            if "牵头单位" not in row:
                edits[tables.LEDGER, 3 + n, office.PLACES[BY_TITLE[title].key]] = raw(title, text)
            elif title not in ("牵头单位", "序号", "牵头部门"):
                at = next(
                    i for i, key in enumerate(keys) if (key.task[-1], key.department) == (str(n), row["牵头单位"])
                )
                edits[tables.JOINT, 4 + at, tables.JOINT_TABLE.place(BY_TITLE[title].key)] = raw(title, text)
    return opened(ledger, edits)


def _numbered(rows: Sequence[Mapping[str, str]]) -> list[tuple[int, Mapping[str, str]]]:
    """Return drawn rows with the task each belongs to: a row for a lead belongs to the task drawn last."""
    found, number = [], 0
    for row in rows:
        number += "牵头单位" not in row or not any(r.get("序号") == row["序号"] for _, r in found)
        found.append((number, row))
    return found


def told(one: Ledgerbook) -> list[tuple[str, str]]:
    """Return code and cell of every finding."""
    return [(finding.code.value, finding.cell) for finding in ledger_findings(one)]


def the(code: Code, one: Ledgerbook) -> Finding:
    """Return the one finding of a code."""
    (found,) = [finding for finding in ledger_findings(one) if finding.code is code]
    return found


def test_a_ledger_in_order_has_no_findings():
    assert told(sheet(GOOD)) == []
    full = """
    | 序号 | 牵头部门 | 进展情况 | 完成率 | 完成日期 | 佐证材料 | 存在问题 | 填报人 | 联系电话 | 填报日期 |
    | 1 | 区发改局 | 已办结 | 100% | 2020-08-31 | 文件.pdf | 无 | 王工 | 0595-87991234 | 2020-09-08 |
    | 2 | 区住建局 | 推进中 | 50% | | | 缺人 | | 13800138000 | 2020-09-08 |
    """
    assert told(sheet(full)) == []


REPORT = "| 序号 | {} | 填报日期 |\n| 1 | {} | 2020-09-08 |"
CELLS = [
    (Code.NOT_PERCENT, "完成率", "六成"),
    (Code.PERCENT_RANGE, "完成率", "150%"),
    (Code.PERCENT_RANGE, "完成率", "#-0.1"),
    (Code.PERCENT_RANGE, "完成率", "#1.5"),
    (Code.PERCENT_RANGE, "完成率", "#60"),  # to a formula that is 6000 %
    (Code.NOT_DATE, "完成日期", "9月"),
    (Code.NOT_DATE, "完成日期", "2020-02-30"),
    (Code.NOT_NUMBER, "序号", "'一"),
    (Code.NOT_CHOICE, "重点", "重要"),
    (Code.TOO_LONG, "佐证材料", "字" * 1001),
    (Code.ERROR_CELL, "进展情况", "'#REF!"),
    (Code.AS_TEXT, "完成率", "'60%"),
    (Code.AS_TEXT, "延期至", "'2021-03-01"),
    (Code.AS_TEXT, "序号", "'1"),
    (Code.LEADING_SIGN, "进展情况", "'=已完成"),
    (Code.LEADING_SIGN, "进展情况", "'+已完成"),
    (Code.LEADING_SIGN, "进展情况", "'-已完成"),
    (Code.LEADING_SIGN, "备注", "'@某某"),
    (Code.UNSEEN, "进展情况", "推进¦中"),
    (Code.LINE_BREAK, "填报人", "王工⏎李工"),
    (Code.ONLY_SPACES, "存在问题", "␣␣"),
    (Code.HOLLOW, "进展情况", "暂无"),
    (Code.UNTIDY, "完成时限", "'12月底␣"),
    (Code.UNTIDY, "完成时限", "'１２月底"),
    (Code.PHONE, "联系电话", "'1234"),
    (Code.NO_TARGET, "目标任务", "∅"),
    (Code.NO_LEAD, "牵头部门", "各有关单位"),
    (Code.REQUIRED, "事项类别", "∅"),
    (Code.REQUIRED, "完成时限", "∅"),
    (Code.REQUIRED, "序号", "∅"),
    (Code.FULL_NOT_DATED, "完成率", "100%"),
    (Code.BEFORE_YEAR, "退回日期", "2019-12-31"),
    (Code.BEFORE_YEAR, "完成时限", "2019年6月底"),
    (Code.NOT_NUMBER, "序号", "#-3"),
    (Code.NAME_TWICE, "责任部门", "住建局、区住建局"),
    (Code.UNSEEN, "进展情况", "一季度\u2028三月"),
    (Code.AFTER_AS_OF, "退回日期", "2020-09-09"),
    (Code.DEADLINE_UNKNOWN, "完成时限", "9月前"),
    (Code.EXTENDED_BACK, "延期至", "2020-12-31"),
    (Code.NO_EXTENSION_NOTE, "延期至", "2021-03-01"),
    (Code.NO_EXTENDED_TO, "延期说明", "疫情影响"),
    (Code.NAME_UNKNOWN, "牵头部门", "区水务局"),
    (Code.INNER_OFFICE, "责任部门", "区发改局（上市办）"),
    (Code.AND_OTHERS, "责任部门", "区住建局等单位"),
    (Code.EVERYONE, "责任部门", "各有关单位"),
    (Code.ALIAS, "责任部门", "区发改局、住建局"),
]
ELSEWHERE = {  # where a finding stands that is about another cell than the one drawn
    (Code.FULL_NOT_DATED, "完成率"): "完成日期",
    (Code.NO_EXTENSION_NOTE, "延期至"): "延期说明",
    (Code.NO_EXTENDED_TO, "延期说明"): "延期至",
}


@pytest.mark.parametrize(("code", "column", "text"), CELLS, ids=lambda one: getattr(one, "name", str(one)[:12]))
def test_a_cell_is_found_where_it_stands(code, column, text):
    drawing = REPORT.format(column, text) if column != "序号" else f"| 序号 | 备注 |\n| {text} | 一 |"
    found = the(code, sheet(drawing))
    place = office.PLACES[BY_TITLE[ELSEWHERE.get((code, column), column)].key]
    assert (found.sheet, found.cell) == (tables.LEDGER, f"{letters(place)}4")
    assert found.task == FIRST


def letters(place: int) -> str:
    return chr(64 + place) if place <= 26 else "A" + chr(38 + place)


@pytest.mark.parametrize(
    ("code", "drawing", "cell"),
    [
        (Code.NO_REPORT_DAY, "| 进展情况 |\n| 推进中 |", "W4"),
        (Code.DONE_NOT_FULL, "| 完成率 | 完成日期 | 佐证材料 | 填报日期 |\n| 50% | 2020-09-01 | 甲 | 2020-09-08 |", "N4"),
        (Code.DONE_NOT_FULL, "| 完成日期 | 佐证材料 | 填报日期 |\n| 2020-09-01 | 甲 | 2020-09-08 |", "N4"),
        (Code.NO_EVIDENCE, "| 完成率 | 完成日期 | 填报日期 |\n| 100% | 2020-09-01 | 2020-09-08 |", "P4"),
        (Code.HOLLOW, "| 完成率 | 完成日期 | 佐证材料 | 填报日期 |\n| 100% | 2020-09-01 | 无 | 2020-09-08 |", "P4"),
        (Code.HOLLOW, "| 进展情况 | 下一步措施 | 填报日期 |\n| 推进中 | 暂无。 | 2020-09-08 |", "R4"),
        (Code.HOLLOW, "| 延期至 | 延期说明 |\n| 2021-03-01 | 无 |", "Y4"),
        (Code.NO_ANSWER, "| 整改要求 | 进展情况 | 填报日期 |\n| 补充数据 | 推进中 | 2020-09-08 |", "S4"),
        (Code.AFTER_AS_OF, "| 进展情况 | 填报日期 |\n| 推进中 | 2020-09-09 |", "W4"),
        (Code.BEFORE_YEAR, "| 进展情况 | 填报日期 |\n| 推进中 | 2019-09-08 |", "W4"),
        (Code.NO_REPEATED, "| 序号 |\n| 1 |\n| 1 |", "B5"),
        (Code.TASKS_ALIKE, "| 目标任务 |\n| 压缩企业开办环节和时间，减少申报材料 |\n| 压缩企业开办环节和时间，减少申报材料等 |", "D5"),
        (Code.CATEGORY_BROKEN, "| 事项类别 |\n| 甲 |\n| 乙 |\n| 甲 |", "C6"),
    ],
    ids=lambda one: getattr(one, "name", str(one)[:16]),
)  # fmt: skip
def test_cells_that_do_not_fit_together_are_found(code, drawing, cell):
    assert the(code, sheet(drawing)).cell == cell


def test_every_code_a_ledger_can_have_has_a_test_here():
    named = {Code[name] for name in re.findall(r"Code\.([A-Z_]+)", Path(__file__).read_text(encoding="utf-8"))}
    about_returns = {code for code in Code if code.value[0] == "H"} | {
        Code.DAY_NOT_RENEWED,
        Code.EMAIL_MISSING,
        Code.NOT_CALCULATED,
        Code.ONE_OR_ALL,
        Code.CHANGE_PROPOSED,
        *(Code.NOT_AMOUNT, Code.RATE_UNCLEAR, Code.ITEM_LOOSE, Code.ITEM_LEADS),
    }  # test_check, test_policies, arrivals, test_mailing, test_supplement_file, test_registers
    assert set(Code) - named - about_returns == {Code.NOT_TAKEN} - named


def test_what_contradicts_is_told_once_and_nothing_else():
    drawing = "| 完成率 | 完成日期 | 填报日期 |\n| 50% | 2020-09-01 | 2020-09-08 |"
    assert told(sheet(drawing)) == [("E203", "N4"), ("E205", "P4")]


def test_a_cell_that_breaks_its_rule_is_not_judged_against_others():
    assert told(sheet("| 完成率 | 完成日期 | 佐证材料 | 填报日期 |\n| 六成 | 2020-09-01 | 甲 | 2020-09-08 |")) == [
        ("E101", "N4")
    ]


def test_a_gap_in_the_numbers_is_named():
    assert the(Code.NO_MISSING, sheet("| 序号 |\n| 1 |\n| 3 |")).value == 2
    assert the(Code.NO_MISSING, sheet("| 序号 |\n| 1 |\n| 5 |")).value == "2至4"


@pytest.mark.parametrize(
    ("phone", "fine"),
    [
        ("13800138000", True),
        ("0595-87991234", True),
        ("0595 87991234", True),
        ("（0595）87991234", True),
        ("87991234", True),
        ("+86 13800138000", True),
        ("0595-87991234转801", True),
        ("010-12345678、13800138000", True),
        ("13800138000 0595-87991234", True),
        ("12345", True),  # the hotline
        ("0595—87991234", True),
        ("138 1234 5678", True),
        ("+86 138 1234 5678", True),
        ("0086-13800138000", True),
        ("0595-8799 1234", True),
        ("1380013800", False),
        ("138001380000", False),
        ("王工", False),
        ("0595-8799", False),
    ],
)
def test_telephone_numbers_as_people_write_them_are_fine(phone, fine):
    codes = [code for code, _ in told(sheet(REPORT.format("联系电话", f"'{phone}")))]
    assert ("E115" not in codes) is fine


def test_a_percentage_that_went_down_since_the_dispatch_is_doubted():
    ledger = dispatched(with_report(book(GOOD), FIRST, FGJ, percent=0.6, reported_on=date(2020, 8, 28)))
    found = the(Code.PERCENT_FELL, opened(with_report(ledger, FIRST, FGJ, percent=0.5)))
    assert "从上次的60%降到50%" in found.message
    for percent in (0.6, 0.7):
        assert told(opened(with_report(ledger, FIRST, FGJ, percent=percent))) == []


def test_a_joint_tasks_reports_are_checked_where_they_stand():
    drawing = f"""
    | 序号 | 牵头部门 | 牵头单位 | 进展情况 | 完成率 |
    | 1 | {FGJ}、{ZJJ} | {FGJ} | 推进中 | 150% |
    | 1 | {FGJ}、{ZJJ} | {ZJJ} | 无 | |
    """
    one = sheet(drawing)
    found = [finding for finding in ledger_findings(one) if finding.sheet == tables.JOINT]
    assert [(f.code, f.cell, f.department) for f in found] == [
        (Code.PERCENT_RANGE, "G4", FGJ),
        (Code.NO_REPORT_DAY, "P4", FGJ),
        (Code.NO_REPORT_DAY, "P5", ZJJ),
        (Code.HOLLOW, "F5", ZJJ),
    ]
    assert FGJ in found[0].message


def test_a_composed_cell_typed_over_is_found():
    ledger = with_report(book(f"| 序号 | 牵头部门 |\n| 1 | {FGJ}、{ZJJ} |"), FIRST, FGJ, percent=0.5, reported_on=AS_OF)
    place = office.PLACES["progress"]
    assert the(Code.COMPOSED_EDITED, opened(ledger, {(tables.LEDGER, 4, place): "手工填的"})).cell == "M4"
    assert told(opened(ledger)) == []


def test_reports_of_nobody_are_found():
    ledger = with_report(book(f"| 序号 | 牵头部门 |\n| 1 | {FGJ}、{ZJJ} |"), FIRST, FGJ, percent=0.5, reported_on=AS_OF)
    stray = {(tables.JOINT, 6, tables.JOINT_TABLE.place(key)): value for key, value in (
        ("code", FIRST), ("department", SWJ), ("progress", "我也报了"),
    )}  # fmt: skip
    assert the(Code.JOINT_ROW_STRAY, opened(ledger, stray)).cell == "A6"


def test_words_changed_against_the_notice_are_found_with_the_original():
    found = the(Code.TARGET_EDITED, opened(book(GOOD), {(tables.LEDGER, 4, office.PLACES["target"]): "改过的任务"}))
    assert found.suggestion == "原文：任务1"
    spaced = {(tables.LEDGER, 4, office.PLACES["target"]): "任务 1"}
    assert told(opened(book(GOOD), spaced)) == []


# The directory, the dictionary, the settings


def test_names_alike_repeated_and_shared_are_found():
    names = [("区医保分局", "医保局"), ("泉州医保分局", "医保局"), ("区发改局", ""), ("区发改局", "")]
    ledger = replace(book(GOOD), directory=Directory(tuple(Department(n, (a,) if a else ()) for n, a in names)))
    one = opened(ledger)
    assert the(Code.NAMES_ALIKE, one).value == "泉州医保分局"
    assert the(Code.ALIAS_SHARED, one).value == "医保局"
    assert the(Code.NAME_REPEATED, one).cell == "A7"
    assert told(opened(replace(ledger, directory=DIRECTORY))) == []


def test_addresses_that_are_none_or_that_two_have_are_found():
    emails = {FGJ: ("fgj@example.cn", "无"), ZJJ: ("FGJ@example.cn",)}
    listed = tuple(Department(d.name, d.aliases, emails.get(d.name, ())) for d in DIRECTORY.departments)
    one = opened(replace(book(GOOD), directory=Directory(listed)))
    assert (the(Code.EMAIL_MALFORMED, one).cell, the(Code.EMAIL_MALFORMED, one).value) == ("C4", "无")
    assert (the(Code.EMAIL_SHARED, one).cell, the(Code.EMAIL_SHARED, one).facts) == ("C5", {"other": FGJ})


def test_a_ledger_without_the_column_of_addresses_is_sound():
    assert told(opened(book(GOOD), {(tables.NAMES, 3, 3): None})) == []


def test_a_day_written_as_text_in_the_dictionary_is_found():
    found = the(Code.AS_TEXT, opened(book(GOOD), {(tables.WORDINGS, 20, 2): "2020-06-30"}))
    assert (found.sheet, found.cell) == (tables.WORDINGS, "B20")


def test_days_of_another_year_than_the_settings_in_the_dictionary_are_found_once():
    year = (tables.SETTINGS, 5, 2)
    found = the(Code.WORDINGS_STALE, opened(book(GOOD), {year: 2021}))
    assert (found.sheet, found.cell) == (tables.WORDINGS, "B14")  # below the wordings without a day
    assert "2021年度" in found.message
    assert "刷新状态" in found.message
    own = {(tables.WORDINGS, 20, 2): date(2019, 1, 1), (tables.WORDINGS, 400, 1): "6月底"}  # not by a change of year
    assert told(opened(book(GOOD), {year: 2020, **own, (tables.WORDINGS, 400, 2): date(2019, 1, 1)})) == []


# What only a workbook has


def with_structure(one: Ledgerbook, name: str = tables.LEDGER, **more: object) -> Ledgerbook:
    changed = replace(one.structures[name], **more)
    return replace(one, structures={**one.structures, name: changed})


THREE = "| 序号 | 备注 |\n| 1 | 一 |\n| 2 | 二 |\n| 3 | 三 |"


def test_a_formula_typed_over_is_found_and_a_whole_run_told_once():
    status = office.PLACES["status"]
    one = sheet(THREE)
    gone = one.structures[tables.LEDGER].formulas - {(4, status), (6, status)}
    assert told(with_structure(one, formulas=gone)) == [("L604", "K4"), ("L604", "K6")]
    gone = one.structures[tables.LEDGER].formulas - {(n, status) for n in (4, 5, 6)}
    found = the(Code.FORMULA_LOST, with_structure(one, formulas=gone))
    assert "第4至6行的公式被其他内容覆盖" in found.message
    wiped = opened(book(GOOD), {(tables.LEDGER, 4, status): None})
    gone = wiped.structures[tables.LEDGER].formulas - {(4, status)}
    assert "公式没有了" in the(Code.FORMULA_LOST, with_structure(wiped, formulas=gone)).message


def test_a_formula_of_the_settings_typed_over_is_found():
    one = sheet(GOOD)
    formulas = one.structures[tables.SETTINGS].formulas
    gone = with_structure(one, tables.SETTINGS, formulas=formulas - {min(formulas)})
    assert the(Code.FORMULA_LOST, gone).column == "统计日期（生效）"


def test_a_formula_in_a_cell_that_staff_fill_is_found():
    one = sheet(THREE)
    more = with_structure(one, formulas=one.structures[tables.LEDGER].formulas | {(5, office.PLACES["note"])})
    assert the(Code.FORMULA_TYPED, more).cell == "AE5"


def test_hidden_rows_and_columns_are_named():
    one = with_structure(sheet(THREE), hidden_rows=((1, 1), (5, 6)), hidden_columns=((1, 1), (14, 15)))
    assert "第5至6行没有显示出来。请取消隐藏" in the(Code.ROWS_HIDDEN, one).message
    assert "请清除筛选" in the(Code.ROWS_HIDDEN, with_structure(one, filtered=True)).message
    assert the(Code.COLUMNS_HIDDEN, one).value == "完成率、完成日期"


def test_merged_cells_in_the_table_are_found_and_the_titles_are_not():
    assert the(Code.MERGED, with_structure(sheet(THREE), merged=(Area(1, 2, 1, 9), Area(4, 3, 5, 3)))).value == "C4:C5"


def test_an_entry_rule_pasted_away_is_found_with_its_rows():
    one = sheet(THREE)
    kept = [rule for rule in one.structures[tables.LEDGER].rules if rule.kind != "decimal"]
    torn = EntryRule("decimal", "", (Area(4, 14, 4, 14), Area(6, 14, 900, 14)))
    found = the(Code.RULE_LOST, with_structure(one, rules=(*kept, torn)))
    assert (found.column, found.cell) == ("完成率", "N5")
    other = EntryRule("list", "tz_choice_other", (Area(4, 8, 900, 8),))
    wrong = [rule for rule in one.structures[tables.LEDGER].rules if rule.formula != "tz_choice_priority"]
    assert the(Code.RULE_LOST, with_structure(one, rules=(*wrong, other))).column == "重点"


def test_rows_and_cells_outside_the_table_are_found():
    stray = {(tables.LEDGER, 12, office.PLACES["note"]): "合计3项", (tables.LEDGER, 5, 40): "草稿"}
    one = opened(book("| 序号 | 牵头部门 |\n| 1 | 区发改局 |\n| 2 | 区发改局 |"), stray)
    assert the(Code.ROW_STRAY, one).cell == "AE12"
    assert the(Code.CELL_STRAY, one).cell == "AN5"
    second = {(tables.LEDGER, 3, 40): "进展情况", (tables.LEDGER, 4, 40): "写到这里了"}
    assert the(Code.CELL_STRAY, opened(book(GOOD), second)).cell == "AN4"
    one = sheet(THREE)
    assert the(Code.ROW_BEYOND, with_structure(one, filter=Area(3, 1, 5, 31))).cell == "第6行"


def test_a_task_typed_in_without_a_code_is_told_it_will_get_one():
    assert the(Code.CODE_MISSING, opened(book(GOOD), {(tables.LEDGER, 4, 1): None})).cell == "A4"


def test_a_task_the_history_knows_and_no_row_holds_is_missed():
    one = opened(book("| 序号 | 牵头部门 |\n| 1 | 区发改局 |\n| 2 | 区发改局 |"))
    grids = {**one.grids, tables.LEDGER: one.grids[tables.LEDGER][:4]}
    found = the(Code.TASK_GONE, replace(one, reading=read_ledger("台账", grids, {}), grids=grids))
    assert (found.no, found.task) == (2, "RW2020-002")


def test_an_error_value_is_no_department():
    assert told(sheet(REPORT.format("责任部门", "'#N/A"))) == [("E107", "G4")]


def test_a_setting_written_as_text_says_so():
    found = the(Code.AS_TEXT, opened(book(GOOD), {(tables.SETTINGS, 5, 2): "2020"}))
    assert (found.sheet, found.cell, found.column) == (tables.SETTINGS, "B5", "年度")


def test_a_setting_that_names_no_column_is_wrong():
    row = 4 + [setting.key for setting in SETTINGS].index("clearing")
    found = the(Code.SETTING_WRONG, opened(book(GOOD), {(tables.SETTINGS, row, 2): "存在的问题"}))
    assert "部门填写的列名" in found.message


# A damaged ledger is checked around its damage


@pytest.mark.parametrize(
    ("code", "edit", "cell"),
    [
        (Code.CODE_REPEATED, (tables.LEDGER, 5, 1, FIRST), "A5"),
        (Code.HEADER_MISSING, (tables.LEDGER, 3, office.PLACES["status"], "情况"), "第3行"),
        (Code.SETTING_WRONG, (tables.SETTINGS, 5, 2, "二零二零"), "B5"),
        (Code.JOINT_ROW_REPEATED, (tables.JOINT, 5, tables.JOINT_TABLE.place("department"), FGJ), "E5"),
        (Code.RECORD_BROKEN, (tables.SENT_LOG, 2, 3, "昨天"), "A2"),
        (Code.WRITE_UNFINISHED, (tables.JOURNAL, 2, 1, "进行中：执行合并（2020-09-10 10:00:00）"), "A2"),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_damage_is_a_finding_beside_all_others(code, edit, cell):
    ledger = dispatched(book(f"| 序号 | 牵头部门 |\n| 1 | {FGJ}、{ZJJ} |\n| 2 | {FGJ} |"))
    *place, value = edit
    wrong = (tables.LEDGER, 5, office.PLACES["deadline"])
    found = opened(ledger, {tuple(place): value, wrong: "尽快"})
    assert the(code, found).cell == cell
    assert the(Code.DEADLINE_UNKNOWN, found).cell == "E5"


def test_a_sheet_renamed_is_found_under_its_new_name_and_read_there():
    one = sheet(THREE)
    grids = {("我的台账" if name == tables.LEDGER else name): grid for name, grid in one.grids.items()}
    found = ledger_findings(replace(one, reading=read_ledger("台账", grids, {}), grids=grids))
    assert [(f.code, f.value) for f in found] == [(Code.SHEET_MISSING, tables.LEDGER)]
    assert "“我的台账”" in found[0].message


def test_a_sheet_that_is_gone_is_found():
    one = sheet(GOOD)
    grids = {name: grid for name, grid in one.grids.items() if name != tables.WORDINGS}
    found = ledger_findings(replace(one, reading=read_ledger("台账", grids, {}), grids=grids))
    assert [(f.code, f.value) for f in found] == [(Code.SHEET_MISSING, tables.WORDINGS)]


# Suggestions and repairs


@pytest.mark.parametrize(
    ("wording", "asked"),
    [
        ("6月地", "是否为“6月”或“6月底”？"),
        ("12月低前", "是否为“12月底前”或“12月末前”？"),
        ("七月底", "是否为“7月底”？"),
        ("2月30日", "是否为“2月底”？"),
        ("6月30号", "是否为“6月30日”？"),
        ("年低", "是否为“年底”或“年末”？"),
        ("13月底", ""),
        ("尽快", ""),
    ],
)
def test_the_nearest_wording_is_asked_for_and_no_number_changed(wording, asked):
    assert the(Code.DEADLINE_UNKNOWN, sheet(REPORT.format("完成时限", wording))).suggestion == asked


def test_a_misspelt_department_is_asked_for():
    found = the(Code.NAME_UNKNOWN, sheet(REPORT.format("责任部门", "区住健局")))
    assert found.suggestion == f"是否为“{ZJJ}”？"


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("完成率", "'60%", 0.6),
        ("完成率", "'９０％", 0.9),
        ("完成日期", "'2020年9月1日", date(2020, 9, 1)),
        ("序号", "' 1 ", 1),
        ("完成时限", "'１２月底　", "12月底"),
        ("牵头部门", " 住建局，区发改局 ", "区住建局，区发改局"),
        ("责任部门", "区发改局、住建局等单位", "区发改局、区住建局等单位"),
        ("进展情况", "推进¦中", "推进中"),
        ("进展情况", "办理12\x0b3月完成", "办理12\n3月完成"),
        ("责任部门", "住建局、区住建局、税务局", "住建局、区住建局、区税务局"),
        ("存在问题", "␣␣", None),
    ],
)
def test_what_is_certain_carries_its_repair(column, text, value):
    drawing = REPORT.format(column, text) if column != "序号" else f"| 序号 | 备注 |\n| {text} | 一 |"
    repairs = [f.repair.value for f in ledger_findings(sheet(drawing)) if f.repair]
    assert repairs == [value]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("完成率", "'1"),
        ("完成率", "'0.5"),
        ("责任部门", "住建局、区住建局"),
        ("完成率", "#60"),
        ("完成时限", "6月地"),
        ("责任部门", "区住健局"),
        ("联系电话", "'123"),
        ("进展情况", "'=是"),
    ],
)
def test_what_is_not_certain_is_never_repaired(column, text):
    assert not [f for f in ledger_findings(sheet(REPORT.format(column, text))) if f.repair]


def test_prose_keeps_its_full_width_digits_and_its_indent():
    assert told(sheet(REPORT.format("进展情况", "'　　一是完成２项"))) == []


# Laws

ANY_CELL = st.sampled_from([(c, v) for c in SENT for v in POOLS[c.kind]])


@given(ANY_CELL)
def test_only_an_errors_cell_rule_ever_refuses_a_returned_cell(cell):
    column, value = cell
    fault = typed(column, value).fault
    assert fault is None or CATALOGUE[fault].invalidates


@given(
    st.lists(
        st.tuples(
            st.sampled_from(COLUMNS),
            st.integers(4, 6),
            st.sampled_from([value for pool in POOLS.values() for value in pool]),
        ),
        max_size=6,
    )
)
def test_any_cells_give_findings_that_are_placed_sentences_in_order(edits):
    one = sheet(THREE)
    grids = {name: [list(row) for row in grid] for name, grid in one.grids.items()}
    for column, row, value in edits:
        grids[tables.LEDGER][row - 1][office.PLACES[column.key] - 1] = value
    found = ledger_findings(replace(one, reading=read_ledger("台账", grids, {}), grids=grids))
    severities = [finding.rule.severity for finding in found]
    assert severities == sorted(severities, key=list(Severity).index)
    for finding in found:
        assert finding.message.startswith(finding.place)
        assert "{" not in finding.message


def test_a_share_is_said_as_a_percentage():
    assert written(BY_KEY["percent"], 0.35) == "35%"
    assert written(BY_KEY["done_on"], date(2020, 9, 1)) == "2020-09-01"


def test_nothing_is_told_apart_from_something():
    assert is_hollow(" 暂无。")
    assert not is_hollow("无障碍设施已完成")
