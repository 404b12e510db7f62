"""The status table of the specification, row by row, and the real ledger's numbers."""

from datetime import date, datetime

import pytest

from ledgers import ledger_of
from taizhang import rules
from taizhang.deadlines import Deadline, Interval
from taizhang.ledger import Outlived
from taizhang.settings import Settings
from taizhang.status import state_of

SETTINGS = Settings.of(year=2020)
AS_OF = date(2020, 9, 10)
DUE = {"dated": Deadline(date(2020, 12, 31)), "ongoing": Deadline(interval=Interval.TEN_DAYS), "unclear": Deadline()}


def status(kind, as_of=AS_OF, settings=SETTINGS, **cells):
    return state_of(cells, DUE[kind], settings, as_of).status


def d(text):
    return date.fromisoformat(f"2020-{text}")


# (kind of deadline, cells) → status; each line is a fact of domain.md's table.
TABLE = [
    ("dated", {"cancelled_on": d("09-10"), "closed_on": d("09-01")}, "已取消"),
    ("dated", {"cancelled_on": d("09-11"), "closed_on": d("09-10")}, "已销号"),
    ("dated", {"closed_on": d("09-11"), "done_on": d("09-10")}, "待销号"),
    ("dated", {"percent": 1, "done_on": d("09-11")}, "正常推进"),
    ("dated", {"percent": 1}, "待销号"),
    ("dated", {"percent": 1.0, "returned_on": d("09-05")}, "正常推进"),
    ("dated", {"percent": 1, "returned_on": d("09-05"), "reported_on": d("09-05")}, "正常推进"),
    ("dated", {"percent": 1, "returned_on": d("09-05"), "reported_on": d("09-06")}, "待销号"),
    ("unclear", {}, "时限不明"),
    ("unclear", {"extended_to": d("12-31"), "percent": 0.7}, "正常推进"),
    ("unclear", {"percent": 1}, "待销号"),
    ("ongoing", {}, "更新滞后"),
    ("ongoing", {"reported_on": d("08-20")}, "更新滞后"),
    ("ongoing", {"reported_on": d("08-21")}, "持续推进"),
    ("ongoing", {"reported_on": d("09-11")}, "更新滞后"),
    ("ongoing", {"extended_to": d("01-01"), "reported_on": d("09-10")}, "持续推进"),
    ("dated", {"extended_to": d("09-09")}, "逾期"),
    ("dated", {"extended_to": d("09-10")}, "临期"),
    ("dated", {"extended_to": d("10-10")}, "临期"),
    ("dated", {"extended_to": d("10-11"), "percent": 0.9}, "正常推进"),
    ("dated", {"percent": 0}, "滞后"),
    ("dated", {}, "正常推进"),
    # a time of day does not count
    ("dated", {"done_on": datetime(2020, 9, 10, 14, 30)}, "待销号"),
    ("dated", {"extended_to": datetime(2020, 9, 9, 23)}, "逾期"),
    # text is as good as blank: validation says so, the status does not guess
    ("dated", {"done_on": "2020-09-01", "closed_on": "9月"}, "正常推进"),
    ("dated", {"percent": "100%"}, "正常推进"),
    ("unclear", {"extended_to": "2020-12-31"}, "时限不明"),
]


@pytest.mark.parametrize(("kind", "cells", "wanted"), TABLE)
def test_the_first_rule_that_holds_decides(kind, cells, wanted):
    assert status(kind, **cells) == wanted


def test_behind_means_more_than_the_tolerance_behind_the_share_of_time():
    # 10 September is day 253 of the 365 from 1 January to 31 December: share 0.693151.
    share = (AS_OF - d("01-01")).days / (d("12-31") - d("01-01")).days
    assert status("dated", percent=round(share - 0.2, 6) - 0.000002) == "滞后"
    assert status("dated", percent=round(share - 0.2, 6) + 0.000002) == "正常推进"


def test_a_task_that_starts_after_its_due_date_has_used_all_its_time():
    late_start = Settings.of(year=2020, start=date(2021, 1, 1))
    assert status("dated", settings=late_start, percent=0.79) == "滞后"
    assert status("dated", settings=late_start, percent=0.8) == "正常推进"


@pytest.mark.parametrize(
    ("reported", "wanted"),
    [(None, "从未填报"), ("08-31", "本旬未报"), ("09-01", "已报"), ("09-10", "已报"), ("09-11", "本旬未报")],
)
def test_reporting_looks_at_the_period_of_the_day(reported, wanted):
    cells = {"reported_on": d(reported)} if reported else {}
    assert state_of(cells, DUE["dated"], SETTINGS, AS_OF).reporting == wanted


def test_days_left_count_to_the_effective_due_date_of_open_tasks():
    def left(**cells):
        return state_of(cells, DUE["dated"], SETTINGS, AS_OF).days_left

    assert left() == 112
    assert left(extended_to=d("09-09")) == -1
    assert left(extended_to=datetime(2020, 9, 12, 18)) == 2
    assert left(percent=1) is None
    assert state_of({}, DUE["ongoing"], SETTINGS, AS_OF).days_left is None


def test_every_status_has_a_group_and_the_last_rule_always_holds():
    assert set(rules.GROUP_OF.values()) == set(rules.GROUPS)
    assert rules.STATUS_RULES[-1].when == rules.REPORT_RULES[-1].when == "True"
    assert len(rules.STATUSES) == 10


@pytest.mark.parametrize(
    ("today", "fixed", "outlived"),
    [
        (date(2019, 12, 1), None, False),  # next year's ledger, made in time
        (date(2020, 9, 10), None, False),
        (date(2021, 3, 31), None, False),  # last year's work is being closed
        (date(2021, 4, 1), None, True),
        (date(2026, 11, 28), None, True),
        (date(2026, 11, 28), date(2020, 12, 31), False),
        (date(2020, 9, 10), date(2026, 11, 28), False),  # somebody means it
    ],
)
def test_a_ledger_is_outlived_when_only_today_makes_its_day_lie_long_after_its_year(today, fixed, outlived):
    found = ledger_of([], {}, year=2020, as_of=fixed).outlived(today)
    assert found == (Outlived(today, 2020) if outlived else None)
