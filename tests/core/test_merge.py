"""对账单: the dispositions in their order, repeats, decisions, and the cases a table merge gets wrong (merge.md)."""

from __future__ import annotations

from datetime import date, datetime
from itertools import permutations

import pytest

from ledgers import (
    FGJ,
    FIRST,
    SECOND,
    ZJJ,
    Form,
    applied,
    book,
    cell,
    decided,
    dispatched,
    drawn,
    form,
    held,
    meant,
    reopened,
    returned,
    the_change,
    verdict,
    with_office,
    with_report,
)
from taizhang import merge
from taizhang.columns import BY_TITLE
from taizhang.findings import Code
from taizhang.ledger import Ledger
from taizhang.merge import Choice, Disposition, worded
from taizhang.values import Value, same

ONE = f"""
| 序号 | 牵头部门 | 进展情况 | 完成率 |
| 1 | {FGJ} | 推进中 | 30% |
"""
SEVENTH, EIGHTH, NINTH = date(2020, 9, 7), date(2020, 9, 8), date(2020, 9, 9)

# --- the table, row by row; 空 is a blank cell ---

TABLE = f"""
| 列 | 下发值 | 台账现值 | 上报值 | 处理 | 应用后 |
| 进展情况 | 推进中 | 推进中 | 推进中 | 未改 | 推进中 |
| 进展情况 | 推进中 | 已办结 | 推进中 | 未改 | 已办结 |
| 完成率 | 30% | 30% | ３０％ | 未改 | 30% |
| 目标任务 | 任务1 | 任务一 | 任务1 | 未改 | 任务一 |
| 进展情况 | 推进中 | 已办结 | 已办结 | 一致 | 已办结 |
| 完成率 | 30% | 50% | 50 | 一致 | 50% |
| 目标任务 | 任务1 | 任务一 | 任务一 | 一致 | 任务一 |
| 进展情况 | 推进中 | 空 | 空 | 一致 | 空 |
| 目标任务 | 任务1 | 任务1 | 任务一 | 越权 | 任务1 |
| 重点 | 空 | 空 | 否 | 越权 | 空 |
| 牵头部门 | {FGJ} | {FGJ} | {ZJJ} | 越权 | {FGJ} |
| 延期至 | 空 | 空 | 2020-12-31 | 越权 | 空 |
| 目标任务 | 任务1 | 任务一 | 空 | 越权 | 任务一 |
| 完成率 | 30% | 30% | 150% | 无效 | 30% |
| 完成率 | 30% | 50% | 六成 | 无效 | 50% |
| 完成日期 | 空 | 空 | 9月 | 无效 | 空 |
| 完成日期 | 空 | 空 | 2月30日 | 无效 | 空 |
| 进展情况 | 推进中 | 已办结 | 停工 | 冲突 | 已办结 |
| 进展情况 | 推进中 | 已办结 | 空 | 冲突 | 已办结 |
| 存在问题 | 缺人 | 缺钱 | 空 | 冲突 | 缺钱 |
| 进展情况 | 推进中 | 空 | 停工 | 冲突 | 空 |
| 进展情况 | 推进中 | 推进中 | 空 | 清空 | 推进中 |
| 完成率 | 30% | 30% | 空 | 清空 | 30% |
| 填报日期 | 2020-09-07 | 2020-09-07 | 空 | 清空 | 2020-09-07 |
| 存在问题 | 缺人 | 缺人 | 空 | 采纳 | 空 |
| 下一步措施 | 催办 | 催办 | 空 | 采纳 | 空 |
| 进展情况 | 推进中 | 推进中 | 已办结 | 采纳 | 已办结 |
| 进展情况 | 空 | 空 | =1+1 | 采纳 | =1+1 |
| 完成率 | 空 | 空 | 60 | 采纳 | 60% |
| 完成日期 | 空 | 空 | 2020.9.8 | 采纳 | 2020-09-08 |
"""


def value_in(row: dict[str, str], head: str) -> Value:
    key = BY_TITLE[row["列"]].key
    return None if row[head] == "空" else meant(key, row[head])


def edited(ledger: Ledger, key: str, value: Value) -> Ledger:
    own = key not in {c.key for c in BY_TITLE.values() if c.owner.name == "OFFICE"}
    return with_report(ledger, FIRST, FGJ, **{key: value}) if own else with_office(ledger, FIRST, **{key: value})


@pytest.mark.parametrize("row", drawn(TABLE), ids=lambda row: "·".join(row.values()))
def test_each_cell_gets_the_first_disposition_that_holds(row: dict[str, str]) -> None:
    key = BY_TITLE[row["列"]].key
    start = book(f"""
        | 序号 | 牵头部门 |
        | 1 | {FGJ} |
        """)
    sent = dispatched(edited(start, key, value_in(row, "下发值")))
    now = edited(sent, key, value_in(row, "台账现值"))
    back = None if row["上报值"] == "空" else row["上报值"]
    after = returned(now, form(sent).put(**{key: back}))
    if row["处理"] == "未改":
        assert decided(after) == []
    else:
        assert the_change(after, key).disposition.value == row["处理"]
    assert same(cell(applied(after), key), value_in(row, "应用后"))


def test_the_table_shows_every_disposition_but_the_one_that_takes_two_returns() -> None:
    assert {row["处理"] for row in drawn(TABLE)} == {d.value for d in Disposition} - {Disposition.SUPERSEDED.value}


def test_an_undecided_cell_never_holds_back_the_other_cells_of_its_task() -> None:
    sent = dispatched(book(ONE))
    after = returned(with_report(sent, FIRST, FGJ, percent=0.4), form(sent).put(progress="已办结", percent=0.9))
    done = applied(after)
    assert (cell(done, "progress"), cell(done, "percent")) == ("已办结", 0.4)


# --- several returns of one department ---


def dispositions(ledger: Ledger, key: str = "progress") -> dict[Value, str]:
    return {c.kept.back: c.disposition.value for c in merge.decide(ledger) if c.kept.column == key}


def in_every_order(ledger: Ledger, *forms: Form) -> tuple[dict[Value, str], Value]:
    """Return what becomes of 进展情况, the same whatever order the files come in."""
    found = []
    for order in permutations(forms):
        after = ledger
        for one in order:
            after = returned(after, one)
        found.append((dispositions(after), cell(applied(after), "progress")))
    assert all(one == found[0] for one in found)
    return found[0]


def test_the_only_return_that_differs_counts_even_if_it_is_the_earlier() -> None:
    sent = dispatched(book(ONE))
    early, late = form(sent).put(progress="已办结", reported_on=SEVENTH), form(sent).put(reported_on=NINTH)
    assert in_every_order(sent, early, late) == ({"已办结": "采纳"}, "已办结")


def test_the_later_reporting_date_wins() -> None:
    sent = dispatched(book(ONE))
    early = form(sent).put(progress="甲", reported_on=SEVENTH)
    late = form(sent).put(progress="乙", reported_on=EIGHTH)
    assert in_every_order(sent, early, late) == ({"甲": "已被后报取代", "乙": "采纳"}, "乙")


def test_the_documents_own_date_decides_between_equal_reporting_dates() -> None:
    sent = dispatched(book(ONE))
    early = Form(**{**vars(form(sent).put(progress="甲")), "modified_at": datetime(2020, 9, 8, 9)})
    late = Form(**{**vars(form(sent).put(progress="乙")), "modified_at": datetime(2020, 9, 8, 10)})
    assert in_every_order(sent, early, late) == ({"甲": "已被后报取代", "乙": "采纳"}, "乙")


def test_the_date_of_the_mail_goes_before_the_documents_own() -> None:
    sent = dispatched(book(ONE))
    dates = {"mailed_at": datetime(2020, 9, 8, 9), "modified_at": datetime(2020, 9, 8, 12)}
    early = Form(**{**vars(form(sent).put(progress="甲")), **dates})
    late = Form(**{**vars(form(sent).put(progress="乙")), **dates, "mailed_at": datetime(2020, 9, 8, 10)})
    older = Form(**{**vars(late), "modified_at": datetime(2020, 9, 1)})
    assert in_every_order(sent, early, late) == ({"甲": "已被后报取代", "乙": "采纳"}, "乙")
    assert in_every_order(sent, early, older) == ({"甲": "已被后报取代", "乙": "采纳"}, "乙")


def test_a_tie_is_a_conflict() -> None:
    sent = dispatched(book(ONE))
    assert in_every_order(sent, form(sent).put(progress="甲"), form(sent).put(progress="乙")) == (
        {"甲": "冲突", "乙": "冲突"},
        "推进中",
    )


def test_a_tie_about_the_same_value_is_none() -> None:
    sent = dispatched(book(ONE))
    one, other = form(sent).put(progress="甲"), form(sent).put(progress="甲 ", evidence="附件")
    after = applied(returned(sent, one, other))
    assert (cell(after, "progress"), cell(after, "evidence")) == ("甲", "附件")


def test_a_tie_among_the_older_returns_does_not_touch_the_newest() -> None:
    sent = dispatched(book(ONE))
    old = [form(sent).put(progress=text, reported_on=SEVENTH) for text in ("甲", "乙")]
    new = form(sent).put(progress="丙", reported_on=EIGHTH)
    assert in_every_order(sent, *old, new) == ({"甲": "已被后报取代", "乙": "已被后报取代", "丙": "采纳"}, "丙")


def test_the_newer_batch_wins_whatever_the_reporting_dates_say() -> None:
    sent = dispatched(dispatched(book(ONE)), date(2020, 9, 11))
    old = form(sent, batch=0).put(progress="甲", reported_on=NINTH)
    new = form(sent, batch=1).put(progress="乙", reported_on=SEVENTH)
    assert in_every_order(sent, old, new) == ({"甲": "已被后报取代", "乙": "采纳"}, "乙")


def test_an_older_batch_that_arrives_late_never_overrules_the_newer_return() -> None:
    sent = dispatched(dispatched(book(ONE)), date(2020, 9, 11))
    done = applied(returned(sent, form(sent, batch=1).put(progress="乙")))
    late = returned(done, form(sent, batch=0).put(progress="甲", reported_on=NINTH))
    assert dispositions(late) == {"乙": "一致", "甲": "已被后报取代"}
    assert cell(applied(late), "progress") == "乙"


def test_a_return_is_measured_by_the_base_of_its_own_batch() -> None:
    first = dispatched(book(ONE))
    again = dispatched(with_report(first, FIRST, FGJ, progress="营商办核实"), date(2020, 9, 11))
    late = returned(again, form(again, batch=0).put(progress="甲"))
    assert dispositions(late) == {"甲": "冲突"}
    assert dispositions(returned(again, form(again, batch=1).put(progress="甲"))) == {"甲": "采纳"}


def test_a_later_return_overrules_the_departments_own_earlier_word() -> None:
    sent = dispatched(book(ONE))
    done = applied(returned(sent, form(sent).put(progress="甲", reported_on=SEVENTH)))
    after = returned(done, form(sent).put(progress="乙", reported_on=EIGHTH))
    assert cell(applied(after), "progress") == "乙"


def test_a_later_return_does_not_overrule_what_the_office_wrote_since() -> None:
    sent = dispatched(book(ONE))
    done = applied(returned(sent, form(sent).put(progress="甲", reported_on=SEVENTH)))
    edit = with_report(done, FIRST, FGJ, progress="营商办核实")
    after = returned(edit, form(sent).put(progress="乙", reported_on=EIGHTH))
    assert the_change(after, "progress", "乙").disposition is Disposition.CONFLICT
    assert cell(applied(after), "progress") == "营商办核实"


def test_an_invalid_later_value_does_not_supersede_a_valid_one() -> None:
    sent = dispatched(book(ONE))
    early, late = form(sent).put(percent=0.5, reported_on=SEVENTH), form(sent).put(percent="六成", reported_on=EIGHTH)
    after = returned(sent, early, late)
    assert dispositions(after, "percent") == {0.5: "采纳", "六成": "无效"}


def test_an_older_batch_that_arrives_after_a_newer_answer_replaces_nothing_in_silence() -> None:
    first = dispatched(book(ONE))
    done = applied(returned(first, form(first).put(progress="甲", reported_on=SEVENTH)))
    second = dispatched(done, date(2020, 9, 11))
    answered = returned(second, form(second))
    late = returned(answered, form(answered, batch=0).put(progress="乙", reported_on=NINTH))
    assert the_change(late, "progress", "乙").disposition is Disposition.CONFLICT
    assert cell(applied(late), "progress") == "甲"


# --- decisions ---


def conflict(column: str = "progress", **cells: Value) -> Ledger:
    sent = dispatched(book(ONE))
    return returned(
        with_report(sent, FIRST, FGJ, **{column: "营商办核实"}), form(sent).put(**(cells or {column: "甲"}))
    )


@pytest.mark.parametrize(
    ("choice", "other", "stands", "settled"),
    [
        (Choice.BACK, None, "甲", "已采用"),
        (Choice.NOW, None, "营商办核实", "已保留"),
        (Choice.OTHER, "折中", "折中", "已另填"),
        (Choice.OTHER, "甲", "甲", "已采用"),
    ],
)
def test_a_decision_is_carried_out_once_and_not_asked_again(
    choice: Choice, other: Value, stands: str, settled: str
) -> None:
    open_one = conflict()
    done = applied(open_one, verdict(the_change(open_one, "progress"), choice, other))
    assert cell(done, "progress") == stands
    change = the_change(done, "progress")
    assert (change.kept.settled, change.open) == (settled, False)
    assert cell(applied(with_report(done, FIRST, FGJ, progress="再改")), "progress") == "再改"


@pytest.mark.parametrize("other", [None, "", "  "])
def test_another_value_that_was_not_written_down_leaves_the_item_open(other: Value) -> None:
    open_one = conflict()
    done = applied(open_one, verdict(the_change(open_one, "progress"), Choice.OTHER, other))
    assert cell(done, "progress") == "营商办核实"
    assert the_change(done, "progress").open


def test_another_value_that_breaks_the_columns_rule_leaves_the_item_open() -> None:
    sent = dispatched(book(ONE))
    before = returned(sent, form(sent).put(done_on="9月"))
    after = applied(before, verdict(the_change(before, "done_on"), Choice.OTHER, "9月底"))
    assert (cell(after, "done_on"), the_change(after, "done_on").open) == (None, True)


def test_an_invalid_value_cannot_be_adopted_but_corrected() -> None:
    sent = dispatched(book(ONE))
    before = returned(sent, form(sent).put(percent="六成"))
    item = the_change(before, "percent")
    assert cell(applied(before, verdict(item, Choice.BACK)), "percent") == 0.3
    assert cell(applied(before, verdict(item, Choice.OTHER, "60%")), "percent") == 0.6


def test_a_cleared_cell_is_emptied_by_decision_only() -> None:
    sent = dispatched(book(ONE))
    before = returned(sent, form(sent).put(progress=None))
    assert cell(applied(before), "progress") == "推进中"
    assert cell(applied(before, verdict(the_change(before, "progress"), Choice.BACK)), "progress") is None


def test_a_cell_that_changed_since_the_preview_goes_back_to_the_list() -> None:
    open_one = conflict()
    item = the_change(open_one, "progress")
    done = applied(with_report(open_one, FIRST, FGJ, progress="又改了"), verdict(item, Choice.BACK))
    assert cell(done, "progress") == "又改了"
    assert the_change(done, "progress").open
    assert cell(applied(done, verdict(item, Choice.BACK)), "progress") == "甲"


def test_an_accepted_cell_that_changed_since_the_preview_becomes_a_conflict() -> None:
    sent = dispatched(book(ONE))
    before = returned(sent, form(sent).put(progress="甲"))
    after = applied(with_report(before, FIRST, FGJ, progress="又改了"))
    assert cell(after, "progress") == "又改了"
    assert the_change(after, "progress").disposition is Disposition.CONFLICT


def test_a_cell_the_office_put_back_since_the_preview_is_shown_again_before_it_is_written() -> None:
    open_one = conflict()
    after = applied(with_report(open_one, FIRST, FGJ, progress="推进中"))
    assert cell(after, "progress") == "推进中"
    assert cell(applied(after), "progress") == "甲"


def test_two_different_decisions_about_one_cell_write_neither() -> None:
    sent = dispatched(book(ONE))
    before = returned(sent, form(sent).put(progress="甲"), form(sent).put(progress="乙"))
    both = {c.id: merge.Verdict(Choice.BACK) for c in merge.decide(before)}
    after = applied(before, both)
    assert cell(after, "progress") == "推进中"
    assert all(c.open for c in merge.decide(after))


def test_one_of_two_tied_values_can_be_adopted() -> None:
    sent = dispatched(book(ONE))
    before = returned(sent, form(sent).put(progress="甲"), form(sent).put(progress="乙"))
    after = applied(before, verdict(the_change(before, "progress", "乙"), Choice.BACK))
    assert cell(after, "progress") == "乙"


def test_a_decision_on_a_repeated_rows_date_survives_the_hidden_sheet() -> None:
    sent = dispatched(book(ONE))
    before = returned(sent, form(sent).put(done_on=SEVENTH).twice(FIRST, done_on=EIGHTH))
    item = the_change(before, "done_on", EIGHTH)
    after = applied(reopened(before), verdict(item, Choice.BACK))
    assert cell(after, "done_on") == EIGHTH


@pytest.mark.parametrize("back", [date(2020, 9, 8), datetime(2020, 9, 8, 16, 30), 1.5, "六成", True])
def test_an_invalid_item_keeps_its_name_in_a_reopened_ledger(back: Value) -> None:
    sent = dispatched(book(ONE))
    before = returned(sent, form(sent).put(percent=back))
    assert the_change(reopened(before), "percent").id == the_change(before, "percent").id


def test_the_columns_that_may_be_emptied_are_the_offices_choice() -> None:
    sent = dispatched(book(ONE, clearing="进展情况，完成率"))
    done = applied(returned(sent, form(sent).put(progress=None, percent=None)))
    assert (cell(done, "progress"), cell(done, "percent")) == (None, None)


# --- the seven cases a table merge gets wrong (peers.md, 6) ---

FOUR = f"""
| 序号 | 牵头部门 | 进展情况 |
| 1 | {FGJ} | 推进中 |
| 2 | {FGJ} | 推进中 |
| 3 | {ZJJ} | 推进中 |
| 4 | {ZJJ} | 推进中 |
"""


def test_both_changed_the_same_cell_writes_no_marks_into_it() -> None:
    sent = dispatched(book(FOUR))
    after = applied(returned(with_report(sent, FIRST, FGJ, progress="B推进"), form(sent).put(progress="A完成")))
    assert cell(after, "progress") == "B推进"
    assert the_change(after, "progress").open


def test_a_row_they_deleted_and_we_edited_keeps_our_edit() -> None:
    sent = dispatched(book(FOUR))
    after = applied(returned(with_report(sent, FIRST, FGJ, progress="我们改的"), form(sent).without(FIRST)))
    assert cell(after, "progress") == "我们改的"
    assert after.received[0].missing == (FIRST,)


def test_two_new_rows_with_one_number_both_wait_and_none_goes_in() -> None:
    sent = dispatched(book(FOUR))
    new = [form(sent, name).plus(code=None, no=9, target=f"{name}新增") for name in (FGJ, ZJJ)]
    after = applied(returned(sent, *new))
    assert [row.cells["target"] for row in sorted(held(after), key=lambda row: row.file.department)] == sorted(
        [f"{FGJ}新增", f"{ZJJ}新增"]
    )
    assert len(after.tasks) == 4


def test_a_department_extract_deletes_nobody_elses_tasks() -> None:
    sent = dispatched(book(FOUR))
    after = applied(returned(sent, form(sent).put(progress="已办结")))
    assert len(after.tasks) == 4
    assert cell(after, "progress", "RW2020-003", ZJJ) == "推进中"


def test_renumbered_rows_are_found_by_code_and_the_numbers_stay() -> None:
    sent = dispatched(book(FOUR))
    after = applied(returned(sent, form(sent).put(FIRST, no=101, progress="已办结").put(SECOND, no=102)))
    assert [task.no for task in after.tasks] == [1, 2, 3, 4]
    assert cell(after, "progress") == "已办结"
    assert sorted(row[3] for row in decided(after)) == ["一致", "越权", "越权"]


def test_a_reversed_row_order_leaves_the_ledger_in_its_own() -> None:
    sent = dispatched(book(FOUR))
    after = applied(returned(sent, form(sent).put(progress="已办结").reversed()))
    assert [task.no for task in after.tasks] == [1, 2, 3, 4]


def test_a_trailing_space_is_no_change() -> None:
    sent = dispatched(book(FOUR))
    assert (
        decided(returned(sent, form(sent).put(leads=f"{FGJ} ", progress="推进中\u3000", category="开办企业\n"))) == []
    )


def test_a_cell_held_because_its_lead_moved_since_is_not_counted_as_unchanged() -> None:
    sent = dispatched(book(ONE))
    before = returned(sent, form(sent).put(progress="甲"))
    moved = with_office(before, FIRST, leads=ZJJ)
    assert merge.counts(moved, moved.received[0], merge.decide(moved))[Disposition.UNCHANGED] == 0


def test_a_share_is_told_in_percent_but_for_a_bare_one_of_which_it_is_asked_what_it_is():
    assert [worded("percent", value) for value in (1, 0.6, 60, 1.5, 150, "快了", None)] == [
        *("100%", "60%", "60%", "150%", "150", "快了", "")
    ]
    assert worded("percent", 1, fault=Code.ONE_OR_ALL) == "1"
    assert [worded("current", value, share=True) for value in (0.97, "好", None)] == ["97%", "好", ""]
    assert worded("current", 0.97) == "0.97"
    assert worded("改过的列", 0.6) == "0.6"
