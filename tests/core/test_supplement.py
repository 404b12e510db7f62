"""What a supplementary notice adds and would change: known by number and words, nothing deleted or written over."""

from __future__ import annotations

import pytest

from ledgers import FGJ, ZJJ, book
from taizhang.ledger import Ledger, new_code
from taizhang.notice import NoticeTask
from taizhang.supplement import Supplement, supplemented

TWO = f"""
| 序号 | 事项类别 | 目标任务 | 完成时限 | 牵头部门 | 责任部门 |
| 1 | 开办企业 | 将企业开办时间压缩至一个工作日以内 | 12月底 | {FGJ} | {ZJJ} |
| 5 | 获得信贷 | 推广应用信用评价结果扩大信易贷覆盖面 | 9月底 | {FGJ}、{ZJJ} | |
"""


def task(no: int | None, target: str, **cells: str) -> NoticeTask:
    given = {"category": "", "deadline": "", "leads": "", "supports": "", **cells}
    return NoticeTask(no, target=target, row=1, **given)  # type: ignore[arg-type]


def read(*tasks: NoticeTask, ledger: Ledger | None = None, used: frozenset[str] = frozenset()) -> Supplement:
    return supplemented(ledger or book(TWO), tasks, used)


def test_what_is_new_goes_on_with_the_ledgers_numbers_and_codes() -> None:
    found = read(
        task(1, "全面推行施工图联合审查", leads=ZJJ, deadline="年底前"), task(2, "推进电子招标投标", leads=FGJ)
    )
    assert [(one.code, one.no) for one in found.added] == [(new_code(2020, 6), 6), (new_code(2020, 7), 7)]
    assert found.ledger.tasks == (*book(TWO).tasks, *found.added)
    assert (found.proposed, found.alike) == ((), ())
    assert found.ledger.deadline(found.added[0].code).understood


def test_a_code_of_a_task_that_was_deleted_is_not_used_again() -> None:
    (added,) = read(task(1, "全面推行施工图联合审查"), used=frozenset({"RW2020-009"})).added
    assert added.code == "RW2020-010"


@pytest.mark.parametrize("no", [1, 9, None])
def test_what_says_the_same_is_known_by_its_words_whatever_its_number(no: int | None) -> None:
    ledger = book(TWO)
    same = task(
        no,
        "将企业开办时间压缩至\n一个工作日以内",
        category="开办企业",
        deadline="12月底",
        leads=f" {FGJ[1:]} ",
        supports=ZJJ,
    )
    found = read(same)
    assert ([one.no for one in found.alike], found.added, found.proposed) == ([1], (), ())
    assert found.ledger.tasks == ledger.tasks


def test_what_is_worded_otherwise_is_proposed_and_not_written() -> None:
    changed = task(
        1,
        "将企业开办时间压缩至半个工作日以内",
        category="开办企业",
        deadline="9月底",
        leads=f"{FGJ}、{ZJJ}",
        supports=ZJJ,
    )
    found = read(changed)
    assert [(one.task.no, one.column, one.new) for one in found.proposed] == [
        (1, "target", "将企业开办时间压缩至半个工作日以内"),
        (1, "deadline", "9月底"),
        (1, "leads", f"{FGJ}、{ZJJ}"),
    ]
    assert found.ledger.tasks == book(TWO).tasks


def test_the_order_of_names_is_no_change() -> None:
    found = read(
        task(5, "推广应用信用评价结果扩大信易贷覆盖面", category="获得信贷", deadline="9月底", leads=f"{ZJJ}、{FGJ}")
    )
    assert (found.proposed, len(found.alike)) == ((), 1)


def test_a_cell_the_notice_leaves_empty_proposes_nothing() -> None:
    assert read(task(5, "推广应用信用评价结果扩大信易贷覆盖面")).proposed == ()


def test_two_rows_about_one_task_are_both_added_for_the_office_to_see() -> None:
    words = "推广应用信用评价结果扩大信易贷覆盖面"
    found = read(task(5, words), task(6, words + "。"))
    assert len(found.added) == 2
