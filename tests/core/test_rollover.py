"""Next year's ledger: what goes on, what stays behind, and that no deadline comes to mean another day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ledgers import FGJ, FIRST, SECOND, SWJ, ZJJ, book, dispatched
from taizhang.deadlines import closed_wordings
from taizhang.ledger import ReportKey, new_code
from taizhang.rollover import rolled_over
from taizhang.values import Value

FIVE = f"""
| 序号 | 牵头部门 | 牵头单位 | 完成时限 | 完成率 | 销号日期 | 取消日期 |
| 1 | {FGJ} | {FGJ} | 12月底 | 60% | | |
| 2 | {FGJ}、{ZJJ} | {ZJJ} | 持续推进 | 30% | | |
| 3 | {ZJJ} | {ZJJ} | 6月底 | 100% | 2020-07-01 | |
| 4 | {SWJ} | {SWJ} | 6月底 | | | 2020-08-01 |
| 5 | {SWJ} | {SWJ} | 明年6月底 | | | |
"""


def test_what_is_neither_closed_nor_cancelled_goes_on_with_its_code_and_reports() -> None:
    ledger = dispatched(book(FIVE))
    found = rolled_over(ledger, 2021, "L2")
    assert [task.code for task in found.ledger.tasks] == [FIRST, SECOND, new_code(2020, 5)]
    assert [task.no for task in found.archived] == [3, 4]
    assert found.ledger.report(ReportKey(SECOND, ZJJ)) == ledger.report(ReportKey(SECOND, ZJJ))
    assert found.ledger.batches == found.ledger.received == found.ledger.snapshots == ()
    assert (found.ledger.id, found.ledger.settings.year) == ("L2", 2021)


def test_the_year_goes_into_the_title_and_fixed_days_go() -> None:
    ledger = book(FIVE, title="2020年营商环境工作台账", as_of=date(2020, 12, 31), start=date(2020, 3, 1), warn_days=15)
    settings = rolled_over(ledger, 2021, "L2").ledger.settings
    assert settings.text("title") == "2021年营商环境工作台账"
    assert [settings.values[key] for key in ("as_of", "start", "warn_days")] == [None, None, 15]


def test_deadlines_are_written_out_that_would_come_to_mean_another_day() -> None:
    found = rolled_over(book(FIVE), 2021, "L2")
    assert [(task.no, old, new) for task, old, new in found.reworded] == [
        (1, "12月底", "2020年12月底"),
        (5, "明年6月底", date(2021, 6, 30)),
    ]


def test_what_staff_said_a_wording_means_stays() -> None:
    text = f"| 序号 | 牵头部门 | 完成时限 |\n| 1 | {FGJ} | 9月前 |"
    ledger = book(text)
    entries = {**ledger.dictionary.entries, "9月前": ledger.dictionary.read("8月底")}
    own = type(ledger.dictionary)(entries)
    found = rolled_over(replace(ledger, dictionary=own), 2021, "L2")
    assert (found.reworded, found.ledger.deadline(FIRST).due) == ((), date(2020, 8, 31))


wordings: st.SearchStrategy[Value] = st.one_of(
    st.sampled_from([word for word, _ in closed_wordings(2020)]),
    st.sampled_from(["2021年6月底", "明年底", "9月15日前", "尽快", "２月底", "2020.9.15"]),
    st.dates(date(2020, 1, 1), date(2022, 12, 31)),
)


@given(st.lists(wordings, min_size=1, max_size=5), st.integers(2021, 2024))
def test_no_deadline_means_another_day_afterwards(found: list[Value], year: int) -> None:
    ledger = book("| 序号 | 牵头部门 |\n" + "\n".join(f"| {n} | {FGJ} |" for n, _ in enumerate(found, 1)))
    for task, wording in zip(ledger.tasks, found, strict=True):
        ledger = ledger.with_office(task.code, {"deadline": wording})
    ledger = ledger.with_wordings()
    after = rolled_over(ledger, year, "L2").ledger
    for task in ledger.tasks:
        assert after.deadline(task.code) == ledger.deadline(task.code)
