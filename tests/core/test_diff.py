"""A returned workbook against its base: rows, columns, and what is held (merge.md, Disposition)."""

from __future__ import annotations

from ledgers import (
    FGJ,
    FIRST,
    SECOND,
    SWJ,
    ZJJ,
    applied,
    book,
    cell,
    decided,
    dispatched,
    form,
    held,
    received,
    recognised,
    reopened,
    returned,
    the_change,
    with_office,
)
from taizhang import merge
from taizhang.findings import Code
from taizhang.ledger import Ledger
from taizhang.merge import Disposition


def two_tasks() -> Ledger:
    return dispatched(
        book(f"""
        | 序号 | 牵头部门 | 进展情况 | 完成率 | 存在问题 |
        | 1 | {FGJ} | 推进中 | 30% | 缺人 |
        | 2 | {FGJ} | | | |
        """)
    )


def test_a_row_that_did_not_come_back_is_missing_and_nothing_is_deleted() -> None:
    sent = two_tasks()
    after = returned(sent, form(sent).without(FIRST).put(SECOND, progress="开工"))
    assert after.received[0].missing == (FIRST,)
    assert decided(after) == [("2", FGJ, "进展情况", "采纳", "开工")]
    assert cell(applied(after), "progress") == "推进中"


def test_an_emptied_workbook_is_all_missing_rows_and_changes_nothing() -> None:
    sent = two_tasks()
    after = returned(sent, form(sent).without(FIRST, SECOND))
    assert (after.received[0].missing, after.received[0].cells) == ((FIRST, SECOND), 0)
    assert applied(after).reports == sent.reports


def test_a_row_that_was_never_sent_is_held_with_everything_it_says() -> None:
    sent = two_tasks()
    after = returned(sent, form(sent).plus(code=None, no=9, target="新任务", progress="已开工"))
    (row,) = held(after)
    assert (row.why, dict(row.cells)) == (Code.ROW_UNKNOWN, {"no": 9, "target": "新任务", "progress": "已开工"})
    assert decided(after) == []
    assert applied(after).tasks == sent.tasks


def test_another_departments_task_in_a_workbook_is_held_and_not_merged() -> None:
    sent = dispatched(
        book(f"""
        | 序号 | 牵头部门 | 进展情况 |
        | 1 | {FGJ} | 推进中 |
        | 2 | {ZJJ} | 推进中 |
        """)
    )
    after = returned(sent, form(sent, FGJ).plus(code=SECOND, target="任务2", progress="已办结"))
    assert [row.why for row in held(after)] == [Code.ROW_UNKNOWN]
    assert cell(applied(after), "progress", SECOND, ZJJ) == "推进中"


def test_a_missing_column_is_a_finding_and_never_a_cleared_cell() -> None:
    sent = two_tasks()
    one = form(sent).dropping("progress", "problem").put(percent=0.5)
    after = returned(sent, one)
    assert decided(after) == [("1", FGJ, "完成率", "采纳", 0.5)]
    assert after.received[0].cells == 2 * 19
    told = [(f.code, f.value) for f in recognised(sent, one).findings]
    assert told == [(Code.COLUMN_MISSING, "进展情况"), (Code.COLUMN_MISSING, "存在问题")]
    assert cell(applied(after), "progress") == "推进中"


def test_order_of_rows_and_columns_makes_no_difference() -> None:
    sent = two_tasks()
    after = returned(sent, form(sent).put(progress="已办结").reversed())
    assert decided(after) == [("1", FGJ, "进展情况", "采纳", "已办结")]


def test_a_task_twice_in_a_file_conflicts_where_the_rows_differ() -> None:
    sent = two_tasks()
    after = returned(sent, form(sent).put(progress="甲").twice(FIRST, progress="乙"))
    assert [row[3:] for row in decided(after)] == [("冲突", "甲"), ("冲突", "乙")]
    assert cell(applied(after), "progress") == "推进中"


def test_a_task_twice_in_a_file_conflicts_too_where_one_row_was_left_as_sent() -> None:
    sent = two_tasks()
    after = returned(sent, form(sent).twice(FIRST, progress="乙"))
    assert [row[3:] for row in decided(after)] == [("冲突", "乙")]


def test_a_task_twice_in_a_file_does_not_conflict_where_the_rows_agree() -> None:
    sent = two_tasks()
    after = returned(sent, form(sent).put(progress="甲", percent=0.5).twice(FIRST, percent=0.6))
    found = {(row[2], row[3]) for row in decided(after)}
    assert found == {("进展情况", "采纳"), ("完成率", "冲突")}
    assert cell(applied(after), "progress") == "甲"


def test_a_task_that_went_to_another_lead_is_held_with_what_was_said_and_emptied() -> None:
    sent = two_tasks()
    moved = with_office(sent, FIRST, leads=ZJJ)
    after = returned(moved, form(sent).put(progress="已办结", problem=None))
    (row,) = held(after)
    assert (row.why, row.leads) == (Code.LEAD_MOVED, (ZJJ,))
    assert (row.cells["progress"], row.cells["problem"]) == ("已办结", None)
    assert f"该任务已改由{ZJJ}牵头" in merge.why_row(row)
    assert decided(after) == []


def test_who_leads_a_task_now_is_named_all_of_them_or_nobody() -> None:
    sent = two_tasks()
    for leads, named in ((f"{ZJJ}、{SWJ}", f"{ZJJ}、{SWJ}"), (None, "其他部门")):
        (row,) = held(returned(with_office(sent, FIRST, leads=leads), form(sent).put(progress="已办结")))
        assert f"该任务已改由{named}牵头" in merge.why_row(row)


def test_a_lead_that_moves_after_the_preview_holds_what_waits() -> None:
    sent = two_tasks()
    before = returned(sent, form(sent).put(progress="已办结"))
    after = applied(with_office(before, FIRST, leads=ZJJ))
    assert [(row.why, dict(row.cells)) for row in held(after)] == [(Code.LEAD_MOVED, {"progress": "已办结"})]
    assert not after.report(next(iter(after.keys_of(FIRST)))).get("progress")


def test_a_lead_that_moves_after_the_apply_brings_nothing_back_to_the_list() -> None:
    sent = two_tasks()
    done = applied(returned(sent, form(sent).put(progress="已办结")))
    moved = reopened(done, {FIRST: ZJJ})
    assert held(moved) == ()
    assert cell(moved, "progress", FIRST, ZJJ) == "已办结"


def test_a_task_whose_row_was_deleted_is_held_as_gone_and_named_by_its_words() -> None:
    sent = two_tasks()
    before = returned(sent, form(sent).put(progress="已办结"))
    gone = Ledger(**{**vars_of(before), "tasks": before.tasks[1:]})
    (row,) = held(gone)
    assert row.why is Code.TASK_GONE
    target = before.tasks[0].cells["target"]
    assert merge.why_row(row).startswith(f"任务“{target}”不见了，它的那一行可能被删掉了。")
    assert (row.about["no"], row.about["progress"]) == (1, "已办结")


def vars_of(ledger: Ledger) -> dict[str, object]:
    return {name: getattr(ledger, name) for name in ledger.__dataclass_fields__}


def test_the_cells_of_a_file_are_its_matched_rows_by_its_sent_columns() -> None:
    sent = two_tasks()
    one = form(sent).without(SECOND).plus(code="RW2020-999", target="新任务")
    assert received(sent, one).cells == 21
    after = returned(sent, one)
    assert merge.counts(after, after.received[0], merge.decide(after))[Disposition.UNCHANGED] == 21


def test_the_same_bytes_are_remembered_once() -> None:
    sent = two_tasks()
    one = form(sent).put(progress="已办结")
    assert len(returned(returned(sent, one), one, one).received) == 1


# What a ledger that staff filled in by hand holds, comes back unedited.


def test_cells_written_in_another_way_come_back_unchanged() -> None:
    start = book(f"""
        | 序号 | 牵头部门 | 完成时限 |
        | 1 | {FGJ} | 2020-09-15 |
        """)
    key = start.keys_of(FIRST)[0]
    for cells in ({"percent": 60}, {"percent": "60%"}, {"done_on": "2020.9.8"}, {"done_on": "9月"}, {"percent": 3}):
        sent = dispatched(start.with_reports({key: cells}))
        assert decided(returned(reopened(sent), form(sent))) == []


def test_a_cell_hand_typed_as_text_is_no_edit_since_the_dispatch() -> None:
    start = book(f"""
        | 序号 | 牵头部门 |
        | 1 | {FGJ} |
        """)
    key = start.keys_of(FIRST)[0]
    sent = dispatched(start.with_reports({key: {"done_on": "2020-09-07"}}))
    after = returned(reopened(sent), form(sent).put(done_on="2020-09-08"))
    assert the_change(after, "done_on").disposition is Disposition.ACCEPTED
