"""指标 and 问题清单: proposed, confirmed, dispatched, filled in, merged; problems opened, answered, solved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgers import (
    AS_OF,
    FGJ,
    FIRST,
    SECOND,
    SWJ,
    YEAR,
    ZJJ,
    applied,
    book,
    cell,
    code_in,
    decided,
    dispatched,
    form,
    grids_of,
    held,
    laid_out,
    recognised,
    reopened,
    returned,
    the_change,
    with_office,
    with_report,
)
from taizhang import dispatch, journal, merge, tables
from taizhang.columns import BY_KEY, INDICATORS, PROBLEMS, TASKS, YES, register_of
from taizhang.entries import typed
from taizhang.findings import Code, Finding
from taizhang.journal import Act, Journal
from taizhang.layout.inspection import Ledgerbook, ledger_findings
from taizhang.layout.reading import read_ledger
from taizhang.ledger import Item, Ledger, ReportKey, fresh_codes, new_code
from taizhang.lifecycle import found_codes
from taizhang.merge import Disposition
from taizhang.past import as_it_was
from taizhang.problems import problem_state, with_problems
from taizhang.rollover import rolled_over
from taizhang.targets import is_met, meets, with_proposals
from taizhang.validate import MOST_TIMES
from taizhang.values import Value

ZB1, ZB2 = new_code(YEAR, 1, INDICATORS), new_code(YEAR, 2, INDICATORS)
WT1, WT2 = new_code(YEAR, 1, PROBLEMS), new_code(YEAR, 2, PROBLEMS)
TWO = f"""
| 序号 | 牵头部门 | 目标任务 | 完成时限 | 存在问题 |
| 1 | {FGJ} | 企业开办时限减少至4个小时内，网上办达到96%以上 | 12月底 | |
| 2 | {FGJ}、{ZJJ} | 推进电子招标投标 | 12月底 | |
"""


def indicator(code: str = ZB1, task: str = FIRST, lead: str = FGJ, **cells: Value) -> Item:
    own = {"indicator": "办理时限", "direction": "≤", "goal": 4, "unit": "小时", "words": "4个小时内", "confirmed": YES}
    return Item(code, {"item_task": task, "indicator_lead": lead, **own, **cells})


def problem(code: str = WT1, task: str = FIRST, owner: str = FGJ, **cells: Value) -> Item:
    own: dict[str, Value] = {"issue": "缺人", "severity": "一般", "opened_on": date(2020, 9, 1), "raised_by": FGJ}
    return Item(code, {"item_task": task, "owner": owner, **own, **cells})


def with_items(*items: Item, text: str = TWO) -> Ledger:
    return replace(book(text), items=items)


# --- proposals ---


def test_a_tasks_words_are_proposed_once_and_wait_for_the_office():
    once = with_proposals(book(TWO))
    said = [
        (i.code, i.task, i.cells["direction"], i.cells["goal"], i.cells["unit"], i.cells["indicator_lead"])
        for i in once.items
    ]
    assert said == [(ZB1, FIRST, "≤", 4, "小时", FGJ), (ZB2, FIRST, "≥", 0.96, "%", FGJ)]
    assert all("confirmed" not in item.cells for item in once.items)
    assert with_proposals(once) == once
    declined = with_office(once, ZB1, confirmed="否")
    assert with_proposals(declined) == declined


def test_an_indicator_that_was_deleted_gets_another_code_when_it_is_proposed_again():
    assert [item.code for item in with_proposals(book(TWO), {ZB1, ZB2}).items] == [
        new_code(YEAR, 3, INDICATORS),
        new_code(YEAR, 4, INDICATORS),
    ]


@given(st.lists(st.sampled_from([FIRST, ZB1, ZB2, WT1, new_code(YEAR, 40), new_code(YEAR, 7, PROBLEMS), "别的-9"])))
def test_codes_of_one_register_are_counted_apart_from_those_of_another(used):
    for register in (TASKS, INDICATORS, PROBLEMS):
        code = next(fresh_codes(used, YEAR, register))
        assert code not in used
        assert register_of(code) is register
        own = [int(one[-3:]) for one in used if one.startswith(register.prefix)]
        own += [9] if register is TASKS and "别的-9" in used else []
        assert int(code[-3:]) == max(own, default=0) + 1


# --- figures ---


@pytest.mark.parametrize(
    ("written", "means"),
    [
        (4, 4),
        ("4", 4),
        ("４.５", 4.5),
        ("1,200", 1200),
        ("96%", 0.96),
        ("９６％", 0.96),
        (-2.5, -2.5),
        ("", None),
        ("约四小时", Code.NOT_AMOUNT),
        ("4小时", Code.NOT_AMOUNT),
        (date(2020, 9, 1), Code.NOT_AMOUNT),
        (True, Code.NOT_AMOUNT),
        ("nan", Code.NOT_AMOUNT),
        ("#DIV/0!", Code.ERROR_CELL),
    ],
)
def test_a_figure_is_a_number_or_a_share(written, means):
    entry = typed(BY_KEY["current"], written)
    assert (entry.fault or entry.value) == means


@pytest.mark.parametrize(
    ("unit", "goal", "written", "means"),
    [
        ("%", 0.96, 0.97, 0.97),
        ("%", 0.96, "97%", 0.97),
        ("%", 0.96, 97, 0.97),
        ("%", 0.96, "97", 0.97),
        ("%", 0.96, 1, 1),
        ("%", 0.96, "150%", 1.5),
        ("%", 0.96, 1.02, 1.02),  # 102 % as Excel stores it
        ("%", 0.04, 4.35, 0.0435),
        ("%", 0.3, 2.4, Code.RATE_UNCLEAR),  # 240 % or 2.4 %
        ("%", 0.3, MOST_TIMES, 0.1),
        ("%", 40, MOST_TIMES, MOST_TIMES),
        ("工作日", 5, "3个工作日", 3),
        ("工作日", 5, "3工作日", 3),
        ("工作日", 5, "3天", Code.NOT_AMOUNT),
        ("工作日", 5, "约3个工作日", Code.NOT_AMOUNT),
        ("小时", 4, 97, 97),
    ],
)
def test_a_returned_figure_is_read_by_the_unit_and_the_target_it_was_asked_for(unit, goal, written, means):
    sent = dispatched(with_items(indicator(unit=unit, goal=goal)))
    after = returned(sent, form(sent).put(ZB1, current=written))
    change = the_change(after, "current")
    if isinstance(means, Code):
        assert (change.disposition, change.kept.fault, change.kept.back) == (Disposition.INVALID, means, written)
    else:
        assert (change.disposition, change.kept.back) == (Disposition.ACCEPTED, means)
        assert cell(applied(after), "current", ZB1) == means


@pytest.mark.parametrize(
    ("direction", "goal", "current", "met"),
    [
        ("≤", 4, 4, True),
        ("≤", 4, 5, False),
        ("≥", 0.3, 0.1 + 0.2, True),
        ("≥", 0.96, 0.95, False),
        ("=", 2, 2.0, True),
        ("=", 2, 3, False),
        ("≤", 4, None, None),
        ("≤", None, 4, None),
        ("<", 4, 3, None),
        ("≤", "四", 3, None),
    ],
)
def test_an_indicator_is_met_or_not_or_nobody_knows(direction, goal, current, met):
    assert meets(direction, goal, current) is met


# --- dispatch ---


def sent_to(ledger: Ledger) -> dict[str, list[str]]:
    return {part.department: [row.code for row in part.asked] for part in dispatch.assignments(ledger, "台账")}


def test_what_is_confirmed_and_what_is_open_goes_to_whoever_answers_it():
    items = (
        indicator(),
        indicator(ZB2, confirmed="否"),
        indicator("ZB2020-003", confirmed=None),
        problem(),
        problem(WT2, owner=SWJ, task=SECOND),
        problem("WT2020-003", solved_on=AS_OF),
    )
    assert sent_to(with_items(*items)) == {FGJ: [FIRST, SECOND, ZB1, WT1], ZJJ: [SECOND], SWJ: [WT2]}


def test_nothing_is_asked_about_a_task_that_is_closed_or_not_sent():
    ledger = with_items(indicator(), problem(WT2, task=SECOND, owner=SWJ))
    assert sent_to(with_office(ledger, FIRST, closed_on=AS_OF)) == {FGJ: [SECOND], ZJJ: [SECOND], SWJ: [WT2]}
    urgent = with_office(ledger, FIRST, priority=YES)
    parts = dispatch.assignments(urgent, "台账", priority=True)
    assert {part.department: [row.code for row in part.asked] for part in parts} == {FGJ: [FIRST, ZB1]}


def test_a_department_that_only_supports_and_answers_a_problem_is_not_sent_a_list_twice():
    ledger = with_office(with_items(problem(owner=SWJ)), FIRST, supports=SWJ)
    assert [part.department for part in dispatch.supporters(ledger)] == []
    assert [part.department for part in dispatch.supporters(replace(ledger, items=()))] == [SWJ]


# --- what comes back ---


def test_a_returned_figure_and_answer_are_counted_and_written():
    sent = dispatched(with_items(indicator(), problem()))
    back = (
        form(sent).put(ZB1, current=3, measured_on="2020-09-07").put(WT1, reply="已协调", replied_on=date(2020, 9, 8))
    )
    after = returned(sent, back)
    assert [(column, kind, value) for _, _, column, kind, value in decided(after)] == [
        ("当前值", "采纳", 3),
        ("数据日期", "采纳", date(2020, 9, 7)),
        ("问题答复", "采纳", "已协调"),
        ("答复日期", "采纳", date(2020, 9, 8)),
    ]
    (file,) = after.received
    assert file.cells == 2 * len(TASKS.sent) + len(INDICATORS.sent) + len(PROBLEMS.sent)
    done = applied(after)
    item = done.by_code[ZB1]
    assert isinstance(item, Item)
    assert is_met(done, item) is True


def test_the_offices_words_on_a_line_are_locked():
    sent = dispatched(with_items(indicator()))
    change = the_change(returned(sent, form(sent).put(ZB1, goal=9)), "goal")
    assert change.disposition is Disposition.LOCKED


def test_a_line_that_was_not_sent_waits_as_a_whole_and_says_where():
    sent = dispatched(with_items(indicator()))
    (row,) = held(returned(sent, form(sent).plus(item="ZB2020-009", indicator="自己加的", current=3)))
    assert (row.why, row.subject, row.told) == (Code.ROW_UNKNOWN, "自己加的", "“指标”第5行")
    assert row.cells == {"indicator": "自己加的", "current": 3}


def test_rows_of_two_sheets_with_one_number_are_not_mixed_up():
    sent = dispatched(with_items(indicator()))
    one = form(sent).without(*(code_in(row) for row in form(sent).rows))
    one = one.plus(code="RW2020-099", target="新任务").plus(item="ZB2020-009", indicator="新指标")
    rows = held(returned(sent, replace(one, items=one.items[1:])))
    assert sorted((row.where, row.subject) for row in rows) == [("4", "新任务"), ("指标4", "新指标")]
    assert len({row.id for row in rows}) == 2


def test_a_code_of_one_register_on_the_sheet_of_another_is_not_taken_for_it():
    sent = dispatched(with_items(indicator()))
    one = form(sent)
    swapped = replace(one, rows=({**one.rows[0], "code": ZB1, "progress": "甲"}, *one.rows[1:]))
    after = returned(sent, swapped)
    (row,) = held(after)
    assert (row.why, row.cells["progress"]) == (Code.ROW_CROSSED, "甲")
    assert not [c for c in merge.decide(after) if c.kept.column == "progress"]


def test_nor_where_nothing_but_the_code_says_what_the_row_is():
    sent = dispatched(with_items(indicator()))
    one = form(sent).dropping("no", "target")
    swapped = replace(one, rows=({**one.rows[0], "code": ZB1, "progress": "甲"},))
    (row,) = held(returned(sent, swapped))
    assert (row.why, row.cells["progress"]) == (Code.ROW_UNKNOWN, "甲")


def test_a_task_crossed_in_sorting_takes_no_line_of_another_sheet_with_it():
    sent = dispatched(with_items(indicator(), indicator(ZB2, indicator="办理环节", goal=2, words="2个环节")))
    one = form(sent)
    first, second = one.rows
    crossed = replace(one, rows=({**first, "code": second["code"]}, {**second, "code": first["code"]}))
    found = recognised(sent, crossed).rows
    assert [(row.register.sheet, row.row) for row in found] == [
        ("工作台账", 4),
        ("工作台账", 5),
        ("指标", 4),
        ("指标", 5),
    ]
    assert [row.crossed for row in found] == [True, True, False, False]


def test_lines_whose_codes_were_crossed_in_sorting_wait():
    sent = dispatched(with_items(indicator(), indicator(ZB2, indicator="办理环节", goal=2, words="2个环节")))
    one = form(sent)
    first, second = one.items
    crossed = replace(one, items=({**first, "item": ZB2, "current": 1}, {**second, "item": ZB1, "current": 2}))
    assert [row.why for row in held(returned(sent, crossed))] == [Code.ROW_CROSSED] * 2


def test_two_lines_that_say_the_same_are_told_apart_by_their_codes():
    sent = dispatched(with_items(indicator(), indicator(ZB2)))
    after = applied(returned(sent, form(sent).put(ZB1, current=1).put(ZB2, current=2)))
    assert (cell(after, "current", ZB1), cell(after, "current", ZB2)) == (1, 2)


def test_a_sheet_that_did_not_come_back_is_reported_line_by_line():
    sent = dispatched(with_items(indicator(), problem()))
    (file,) = returned(sent, form(sent).without(ZB1, WT1)).received
    assert file.missing == (ZB1, WT1)


def test_a_line_that_another_department_answers_by_now_waits():
    sent = dispatched(with_items(problem()))
    moved = with_office(sent, WT1, owner=ZJJ)
    (row,) = held(returned(moved, form(sent).put(WT1, reply="已协调")))
    assert (row.why, row.cells["reply"]) == (Code.LEAD_MOVED, "已协调")


def test_a_sheet_without_its_columns_of_ours_says_which_are_missing():
    sent = dispatched(with_items(indicator()))
    one = form(sent)
    grid = one.sheets.grids[tables.INDICATORS_SHEET]
    place = grid[2].index("数据说明")
    cut = tuple(tuple(value for n, value in enumerate(row) if n != place) for row in grid)
    file = replace(one.sheets, grids={**one.sheets.grids, tables.INDICATORS_SHEET: cut})
    from taizhang import intake

    found = intake.recognise(sent, file)
    said = [(finding.code, finding.value) for finding in found.findings]  # type: ignore[union-attr]
    assert said == [(Code.COLUMN_MISSING, "数据说明")]
    assert recognised(sent, one).findings == ()


# --- problems ---


def asked(ledger: Ledger) -> list[tuple[str, Value, Value, Value]]:
    """Return every problem: its code, who raised it, who answers it, and its words."""
    return [
        (i.code, i.cells.get("raised_by"), i.cells.get("owner"), i.cells["issue"]) for i in ledger.items_of(PROBLEMS)
    ]


def test_what_reports_name_is_listed_once_for_each_lead():
    ledger = with_report(with_report(book(TWO), SECOND, FGJ, problem="缺人手"), SECOND, ZJJ, problem="系统没有打通")
    once = with_problems(ledger, AS_OF)
    assert asked(once) == [(WT1, FGJ, FGJ, "缺人手"), (WT2, ZJJ, ZJJ, "系统没有打通")]
    assert {item.cells["opened_on"] for item in once.items} == {AS_OF}
    assert {item.cells["severity"] for item in once.items} == {"一般"}
    assert with_problems(once, AS_OF) == once


@pytest.mark.parametrize("said", ["无", "暂无。", " ", "/", None])
def test_no_problem_is_none(said):
    ledger = with_report(book(TWO), FIRST, FGJ, problem=said)
    assert with_problems(ledger, AS_OF) == ledger


@pytest.mark.parametrize(
    ("said", "listed"),
    [
        ("缺少专职人员2名", ["缺少专职人员2名"]),  # worded anew
        ("缺少专职人员，已向人社局申请", ["缺少专职人员，已向人社局申请"]),  # goes on
        ("数据接口没有打通", ["缺少专职人员", "数据接口没有打通"]),  # another one
        ("无", ["缺少专职人员"]),  # not said any more, and still to be looked at
    ],
)
def test_a_problem_worded_anew_stays_one_line_and_another_gets_its_own(said, listed):
    first = with_problems(with_report(book(TWO), FIRST, FGJ, problem="缺少专职人员"), AS_OF)
    after = with_problems(with_report(first, FIRST, FGJ, problem=said), AS_OF)
    assert [item.cells["issue"] for item in after.items] == listed


def test_a_solved_problem_is_opened_again_only_in_other_words():
    first = with_problems(with_report(book(TWO), FIRST, FGJ, problem="缺少专职人员"), AS_OF)
    solved = with_office(first, WT1, solved_on=AS_OF)
    assert with_problems(solved, AS_OF) == solved
    again = with_problems(with_report(solved, FIRST, FGJ, problem="缺少专职人员1名"), AS_OF)
    assert [item.code for item in again.items] == [WT1, WT2]


def test_a_closed_task_brings_no_problems():
    ledger = with_office(with_report(book(TWO), FIRST, FGJ, problem="缺人"), FIRST, closed_on=AS_OF)
    assert with_problems(ledger, AS_OF) == ledger


@pytest.mark.parametrize(
    ("solved_on", "reply", "state"),
    [
        (None, None, "待答复"),
        (None, "在办", "已答复"),
        (AS_OF, None, "已解决"),
        (AS_OF, "好了", "已解决"),
        (None, " ", "待答复"),
    ],
)
def test_how_far_a_problem_has_come(solved_on, reply, state):
    assert problem_state(solved_on, reply) == state


def test_a_line_is_no_task_that_could_be_closed_or_sent_back():
    ledger = with_items(indicator(), problem())
    assert [found_codes(ledger, code) for code in (FIRST, ZB1, WT1)] == [(FIRST,), (), ()]


def test_a_line_that_was_sent_and_deleted_since_is_named():
    ledger = replace(dispatched(with_items(indicator())), items=())
    grids = grids_of(laid_out(ledger))
    found = ledger_findings(Ledgerbook(read_ledger("台账", grids, {}), grids, {}, AS_OF))
    (gone,) = [one for one in found if one.code is Code.TASK_GONE]
    assert (gone.sheet, gone.task, gone.value) == (INDICATORS.sheet, ZB1, "办理时限")


# --- history ---


def test_every_cell_of_a_line_is_journaled_and_taken_back():
    before = with_items(indicator(), problem())
    after = with_office(before.with_reports({ReportKey(ZB1, FGJ): {"current": 0.5}}), WT1, owner=ZJJ)
    act = Act(journal.CONFIRM, journal_at := laid_at(), "经办")
    record = Journal().extended(
        [(Act(journal.NEW, journal_at, ""), journal.changed(None, before)), (act, journal.changed(before, after))]
    )
    assert [
        (line.task, line.department, line.column, line.old, line.new) for line in record.lines if line.act == 2
    ] == [
        (ZB1, FGJ, "当前值", "", "0.5"),
        (WT1, "", "责任单位", FGJ, ZJJ),
    ]
    assert list(journal.hand_edits(record, after)) == []
    plan = journal.undone(after, journal.last_undoable(record))
    assert plan.refused == ()
    assert journal.with_changes(after, plan.changes).items == before.items
    assert as_it_was(after, record, journal_at.date()).ledger.items == after.items


def laid_at():
    from ledgers import NOW

    return NOW


def test_next_years_ledger_takes_along_what_belongs_to_a_task_that_goes_on():
    ledger = with_office(with_items(indicator(), problem(WT1, task=SECOND)), FIRST, closed_on=AS_OF)
    ledger = ledger.with_reports({ReportKey(WT1, FGJ): {"reply": "在办"}})
    after = rolled_over(ledger, YEAR + 1, "L2").ledger
    assert [item.code for item in after.items] == [WT1]
    assert after.report(ReportKey(WT1, FGJ)) == {"reply": "在办"}
    assert {one.key.task for one in journal.left_out(ledger, after)} == {FIRST, ZB1}


def test_the_sheets_say_what_the_ledger_says():
    ledger = with_items(indicator(), problem()).with_reports({ReportKey(ZB1, FGJ): {"current": 3}})
    again = reopened(ledger)
    assert again.items == ledger.items
    assert again.report(ReportKey(ZB1, FGJ)) == {"current": 3}


# --- check ---


def checked(cells: Mapping[tuple[str, str], Value], *items: Item) -> list[Finding]:
    """Return the findings about 指标 and 问题清单 with cells overtyped, by code and column."""
    ledger = with_items(*items)
    sheets = laid_out(ledger)
    grids = grids_of(sheets)
    for (code, key), value in cells.items():
        register = register_of(code)
        place = [column.key for column in register.columns].index(key)
        next(row for row in grids[register.sheet] if row and row[0] == code)[place] = value
    one = Ledgerbook(read_ledger("台账", grids, {}), grids, {}, AS_OF)
    return [found for found in ledger_findings(one) if found.sheet in (INDICATORS.sheet, PROBLEMS.sheet)]


@pytest.mark.parametrize(
    ("code", "key", "value", "fault"),
    [
        (ZB1, "goal", "约四", Code.NOT_AMOUNT),
        (ZB1, "goal", "4", Code.AS_TEXT),
        (ZB1, "goal", None, Code.REQUIRED),
        (ZB1, "direction", "<", Code.NOT_CHOICE),
        (ZB1, "indicator_lead", "区某局", Code.NAME_UNKNOWN),
        (ZB1, "indicator_lead", f"{FGJ}、{ZJJ}", Code.ITEM_LEADS),
        (ZB1, "item_task", "RW2020-077", Code.ITEM_LOOSE),
        (ZB2, "current", 97, Code.RATE_UNCLEAR),
        (WT1, "owner", None, Code.REQUIRED),
        (WT1, "replied_on", date(2020, 12, 1), Code.AFTER_AS_OF),
    ],
)
def test_what_is_wrong_with_a_line_is_said_at_its_cell(code, key, value, fault):
    lines = (indicator(), indicator(ZB2, unit="%", goal=0.96, direction="≥"), problem())
    assert checked({}, *lines) == []
    (found,) = checked({(code, key): value}, *lines)
    assert (found.code, found.task) == (fault, code)
    assert found.cell


def test_nothing_is_asked_of_an_indicator_that_was_turned_down():
    assert checked({(ZB1, "goal"): None}, indicator(confirmed="否")) == []


def test_a_line_typed_in_by_hand_finds_its_task_by_its_number_and_gets_a_code():
    ledger = with_items(indicator())
    grids = grids_of(laid_out(ledger))
    keys = [column.key for column in INDICATORS.columns]
    typed_in: dict[str, Value] = {
        "item_no": 2,
        "indicator": "招标项目",
        "direction": "≥",
        "goal": 5,
        "indicator_lead": ZJJ,
    }
    grids[INDICATORS.sheet].append([typed_in.get(key) for key in keys])
    after = read_ledger("台账", grids, {}).ledger
    item = after.items[-1]
    assert (item.code, item.task, after.by_code[item.code].no, after.leads[item.code]) == (ZB2, SECOND, 2, (ZJJ,))


def test_a_line_that_names_no_task_and_one_copied_with_its_code_are_faults():
    grids = grids_of(laid_out(with_items(indicator())))
    copied = list(grids[INDICATORS.sheet][3])
    grids[INDICATORS.sheet].append(copied)
    reading = read_ledger("台账", grids, {})
    assert [(fault.code, fault.value) for fault in reading.faults] == [(Code.CODE_REPEATED, ZB1)]
    assert [item.code for item in reading.ledger.items] == [ZB1, ZB2]
