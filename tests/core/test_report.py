"""通报 as plain data: it says what 汇总 and 成绩单 say, for ledgers of any size."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given

from ledgers import AS_OF, FGJ, ZJJ, book, dispatched, ledger_of, ledgers
from taizhang import rules
from taizhang.journal import Journal
from taizhang.ledger import Ledger, Task, new_code
from taizhang.past import ESTIMATED
from taizhang.periods import Period
from taizhang.report import Heading, Paragraph, Report, Table, report_of
from taizhang.scores import scorecards
from taizhang.snapshots import snapshot
from taizhang.summary import PRINTED, summarise

NEVER = Journal()


def told(ledger: Ledger, as_of: date = AS_OF) -> Report:
    return report_of(ledger.settings, summarise(ledger, as_of), scorecards(ledger, NEVER, as_of))


def section(found: Report, title: str) -> list[object]:
    """Return what stands under a heading."""
    titles = [n for n, block in enumerate(found.blocks) if isinstance(block, Heading)]
    start = next(n for n in titles if isinstance(one := found.blocks[n], Heading) and one.text.endswith(title))
    end = next((n for n in titles if n > start), len(found.blocks))
    return list(found.blocks[start + 1 : end])


def words(blocks: list[object]) -> str:
    return "".join(block.text for block in blocks if isinstance(block, Paragraph))


def tables_in(blocks: list[object]) -> list[Table]:
    return [block for block in blocks if isinstance(block, Table)]


THREE = f"""
| 序号 | 牵头部门 | 完成率 | 完成日期 | 完成时限 | 存在问题 |
| 1 | {FGJ} | 100% | 2020-06-20 | 6月底 | |
| 2 | {ZJJ} | 40% | | 7月底 | 缺经费 |
| 3 | {ZJJ} | 50% | | 9月底 | |
"""


def test_the_counts_in_words_and_in_the_table_are_those_of_the_summary():
    ledger = book(THREE)
    total, found = summarise(ledger, AS_OF).total, section(told(ledger), "总体情况")
    for group in rules.GROUPS:
        assert f"{group}{total.groups[group]}项" in words(found)
    (table,) = tables_in(found)
    assert [(row[0], int(row[1])) for row in table.rows] == [(name, total.printed[name]) for name in PRINTED]
    assert "应完成2项，按期完成1项" in words(found)


def test_overdue_and_due_soon_tasks_are_in_their_tables_with_days_and_problems():
    found = told(book(THREE))
    (late,) = tables_in(section(found, "逾期事项"))
    (soon,) = tables_in(section(found, "临期事项"))
    assert [(row[0], row[2], row[3], row[4], row[5]) for row in late.rows] == [("2", ZJJ, "2020-07-31", "39", "缺经费")]
    assert [(row[0], row[4]) for row in soon.rows] == [("3", "22")]
    assert "逾期的1项" in words(section(found, "下一步工作要求"))


def test_departments_stand_by_their_rank_with_the_score_of_their_card():
    ledger = book(THREE)
    (table,) = tables_in(section(told(ledger), "各单位成绩"))
    cards = scorecards(ledger, NEVER, AS_OF)
    assert [(row[0], row[1], row[-2], row[-1]) for row in table.rows] == [
        (str(card.rank), card.department, f"{card.score:.1f}", card.grade) for card in cards
    ]
    assert f"得分最高的是{FGJ}" in words(section(told(ledger), "各单位成绩"))


def test_what_changed_since_the_last_period_is_told_with_the_numbers_of_the_tasks():
    before = book(THREE.replace("100% | 2020-06-20", "50% | "))
    assert "没有结旬" in words(section(told(before), "本旬变化"))
    closed = snapshot(before, Period(2020, 8, 2), datetime(2020, 8, 31, 18), date(2020, 8, 31))
    found = section(told(replace(book(THREE), snapshots=(closed,))), "本旬变化")
    assert "新办结1项（序号1）；新逾期0项；" in words(found)
    (table,) = tables_in(found)
    assert [row[0] for row in table.rows] == ["2020-08-下旬", AS_OF.isoformat()]


def test_a_period_closed_on_the_very_day_is_no_earlier_one():
    ledger = book(THREE)
    closed = snapshot(ledger, Period(2020, 9, 0), datetime(2020, 9, 8, 18), AS_OF)
    assert summarise(replace(ledger, snapshots=(closed,)), AS_OF).changes is None


def test_who_has_not_reported_is_named():
    found = words(section(told(dispatched(book(THREE))), "报送情况"))
    assert found == f"2020年9月上旬下发的清单，还有2个单位没有报送：{FGJ}、{ZJJ}。"


def test_a_day_that_is_not_certain_is_said_to_be_estimated():
    ledger = book(THREE)
    found = report_of(ledger.settings, replace(summarise(ledger, AS_OF), estimated=True), ())
    assert ESTIMATED in words(section(found, "总体情况"))


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("2020年泉港区提升营商环境工作台账", "关于泉港区提升营商环境工作2020年9月上旬进展情况的通报"),
        ("台账", "关于工作2020年9月上旬进展情况的通报"),
        ("重点任务", "关于重点任务工作2020年9月上旬进展情况的通报"),
    ],
)
def test_the_title_names_the_ledger_and_the_period_once(title, wanted):
    assert told(book(THREE, title=title)).title == wanted


def test_a_report_of_thousands_of_tasks_stays_one_to_be_read():
    tasks = [
        Task(new_code(2020, n), {"no": n, "target": f"任务{n}", "leads": FGJ, "deadline": "6月底"})
        for n in range(1, 5001)
    ]
    found = told(ledger_of(tasks, {}))
    late = section(found, "逾期事项")
    assert len(tables_in(late)[0].rows) == 60
    assert "共5000行" in words(late)
    assert max(len(table.rows) for table in tables_in(list(found.blocks))) == 60


@given(ledgers())
def test_every_ledger_has_a_report_with_its_seven_sections_in_order(ledger: Ledger):
    found = told(ledger)
    headings = [block.text for block in found.blocks if isinstance(block, Heading)]
    assert [text[0] for text in headings] == list("一二三四五六七")
    for table in tables_in(list(found.blocks)):
        assert {len(table.head), len(table.widths)} == {len(row) for row in table.rows} | {len(table.head)}
    assert not re.search(r"None|nan", words(list(found.blocks)))


def test_an_empty_ledger_has_a_report():
    assert "共有任务0项" in words(section(told(ledger_of([], {})), "总体情况"))
