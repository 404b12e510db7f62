"""The ten-day periods and the intervals ongoing tasks report in."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.deadlines import Interval
from taizhang.errors import LedgerError
from taizhang.periods import Period, interval_start, previous_start

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(DAYS)
def test_every_day_lies_in_its_period(day):
    period = Period.holding(day)
    assert period.first <= day <= period.last
    assert Period.parse(period.label) == period


@given(DAYS)
def test_periods_follow_each_other_without_a_gap(day):
    period = Period.holding(day)
    following = Period.holding(period.last + timedelta(days=1))
    assert following.first == period.last + timedelta(days=1)
    assert following > period


def test_a_year_has_36_periods():
    days = (date(2020, 1, 1) + timedelta(days=n) for n in range(366))
    assert len({Period.holding(day) for day in days}) == 36


@pytest.mark.parametrize(
    ("interval", "this", "previous"),
    [
        (Interval.TEN_DAYS, date(2020, 3, 1), date(2020, 2, 21)),
        (Interval.MONTH, date(2020, 3, 1), date(2020, 2, 1)),
        (Interval.QUARTER, date(2020, 1, 1), date(2019, 10, 1)),
        (Interval.HALF_YEAR, date(2020, 1, 1), date(2019, 7, 1)),
    ],
)
def test_the_interval_before_the_one_holding_a_day(interval, this, previous):
    assert interval_start(date(2020, 3, 5), interval) == this
    assert previous_start(date(2020, 3, 5), interval) == previous


@pytest.mark.parametrize("text", ["2020-9", "2020-13-上旬", "2020年9月上旬", "", "2020-09-旬"])
def test_anything_else_is_no_period(text):
    with pytest.raises(LedgerError, match="不是有效的旬"):
        Period.parse(text)


def test_titles_and_labels_are_as_files_and_json_use_them():
    assert Period(2020, 9, 0).label == "2020-09-上旬"
    assert Period(2020, 9, 0).title == "2020年9月上旬"
