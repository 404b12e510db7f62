"""What the best open tabular merge settles in silence, and what happens here instead (facts/peers.md, 6)."""

from __future__ import annotations

from ledgers import FGJ, FIRST, SECOND, ZJJ, applied, book, cell, decided, dispatched, form, held, returned, with_report
from taizhang.ledger import Ledger

EIGHT = "| 序号 | 牵头部门 | 进展情况 |\n" + "\n".join(
    f"| {n} | {FGJ if n < 4 else ZJJ} | 推进中 |" for n in range(1, 9)
)


def sent() -> Ledger:
    return dispatched(book(EIGHT))


def test_both_changed_the_same_cell_is_a_conflict_and_no_mark_is_written_into_it():
    ledger = with_report(sent(), FIRST, FGJ, progress="A完成")
    after = returned(ledger, form(sent()).put(progress="B推进"))
    assert decided(after) == [("1", FGJ, "进展情况", "冲突", "B推进")]
    assert cell(applied(after), "progress") == "A完成"


def test_a_row_they_deleted_stays_with_our_edit_and_is_named_missing():
    ledger = with_report(sent(), FIRST, FGJ, progress="我们改的")
    after = returned(ledger, form(sent()).without(FIRST))
    assert [file.missing for file in after.received] == [(FIRST,)]
    assert cell(applied(after), "progress") == "我们改的"
    assert len(applied(after).tasks) == 8


def test_a_task_added_on_both_sides_under_one_number_waits_for_a_decision():
    new = {"code": None, "no": 9, "target": "他们的新任务"}
    after = returned(sent(), form(sent()).plus(**new))
    assert [row.cells["target"] for row in held(after)] == ["他们的新任务"]
    assert [task.no for task in applied(after).tasks] == list(range(1, 9))


def test_a_departments_extract_deletes_nobody_elses_tasks():
    extract = form(sent(), FGJ)
    assert len(extract.rows) == 3
    after = applied(returned(sent(), extract.put(progress="已办结")))
    assert len(after.tasks) == 8
    assert cell(after, "progress") == "已办结"
    assert cell(after, "progress", "RW2020-004", ZJJ) == "推进中"


def test_new_numbers_are_not_taken_over():
    one = form(sent())
    for n, code in enumerate((FIRST, SECOND, "RW2020-003"), 101):
        one = one.put(code, no=n)
    after = returned(sent(), one)
    assert {kind for *_, kind, _ in decided(after)} == {"越权"}
    assert [task.no for task in applied(after).tasks] == list(range(1, 9))


def test_the_order_of_returned_rows_does_not_reorder_the_ledger():
    after = returned(sent(), form(sent()).reversed())
    assert decided(after) == []
    assert [task.no for task in applied(after).tasks] == list(range(1, 9))


def test_a_trailing_space_is_no_change():
    after = returned(sent(), form(sent()).put(leads=f"{FGJ} ", progress="推进中　"))
    assert decided(after) == []
    assert applied(after).tasks == sent().tasks
