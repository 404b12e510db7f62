"""Deadline wordings: every line of domain.md's table, and the laws of the grammar."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.deadlines import ONGOING, UNKNOWN, Deadline, Dictionary, Interval, closed_wordings, parse

TABLE = {
    "6月底、6月底前、6月末、6月、6月份、6月底之前、6月底以前、6月底前完成、06月底": "2020-06-30",
    "12月底、12月底前、年底、年底前、年内、全年、年末、年末前完成、全年完成": "2020-12-31",
    "2月底、2月、2月下旬、2020年2月份": "2020-02-29",
    "上半年、上半年底前、上半年末": "2020-06-30",
    "下半年": "2020-12-31",
    "一季度、第一季度末、1季度、第1季度、一季度末前": "2020-03-31",
    "二季度、第二季度、2季度": "2020-06-30",
    "三季度、第3季度底": "2020-09-30",
    "四季度、第四季度末": "2020-12-31",
    "9月上旬": "2020-09-10",
    "9月中旬": "2020-09-20",
    "9月下旬": "2020-09-30",
    "9月15日、9月15日前、9月15日之前完成、2020年9月15日、2020年9月15日前、2020-09-15、2020/9/15、2020.9.15、"
    "2020-9-15前、2020/09/15以前、2020.9.15完成": "2020-09-15",
    "2021年6月底、明年6月底、明年6月、2021年上半年、明年二季度末前": "2021-06-30",
    "2021年底、2021年年底、明年底、明年年底、2021年内、2021年年内、2021年全年、明年年底前完成": "2021-12-31",
    "2月29日、2020年2月29日": "2020-02-29",
}
NOT_UNDERSTOOD = """
    9月前 9月份前 一季度前 上半年前 9月上旬前 年内前 全年前 13月底 0月 2月30日 9月0日 2021年2月29日 五季度 第5季度
    六月底 9月份底 每季 持续 持续推进前 底 内 末前 年 前 完成 年底年底 年全年 今年底 近期 尽快 6月底左右
    2020 2020年 2020年度 2020.9 2020-9/15 20200915 0020年底
"""


def cases():
    return [(wording, date.fromisoformat(due)) for wordings, due in TABLE.items() for wording in wordings.split("、")]


@pytest.mark.parametrize(("wording", "due"), cases())
def test_a_closed_wording_means_the_end_of_what_it_names(wording, due):
    assert parse(wording, 2020) == Deadline(due)


@pytest.mark.parametrize(
    "wording", [*NOT_UNDERSTOOD.split(), "", " \n", None, True, False, 6, 9.15, float("nan"), float("inf")]
)
def test_anything_else_is_never_guessed(wording):
    assert parse(wording, 2020) is UNKNOWN


@pytest.mark.parametrize(
    ("wordings", "interval"),
    [
        ("持续推进、持续开展、长期坚持、常态化、常态化推进、长期、每旬", Interval.TEN_DAYS),
        ("每月", Interval.MONTH),
        ("每季度", Interval.QUARTER),
        ("每半年", Interval.HALF_YEAR),
    ],
)
def test_an_ongoing_wording_has_an_interval_and_no_due_date(wordings, interval):
    assert {parse(wording, 2020) for wording in wordings.split("、")} == {Deadline(interval=interval)}


@pytest.mark.parametrize("value", [date(2020, 9, 15), datetime(2020, 9, 15, 17, 30), 44089, 44089.75])
def test_a_true_date_or_its_serial_number_is_that_day(value):
    assert parse(value, 1999).due == Dictionary({}).read(value).due == date(2020, 9, 15)


@pytest.mark.parametrize("value", [19_999, 80_000, date(1900, 1, 31), date(2200, 1, 1), True])
def test_numbers_no_clerk_can_mean_as_days_are_not_understood_whether_shown_as_dates_or_not(value):
    assert parse(value, 2020) is Dictionary({}).read(value) is UNKNOWN


@pytest.mark.parametrize(("year", "day"), [(2019, 28), (2020, 29), (2100, 28), (2000, 29)])
def test_february_ends_as_the_calendar_has_it(year, day):
    assert parse("2月底前", year) == Deadline(date(year, 2, day))


WORDINGS = st.sampled_from([wording for wording, _ in cases()] + list(ONGOING))
WIDE = str.maketrans("0123456789-/.", "０１２３４５６７８９－／．")


@given(WORDINGS, st.data())
def test_spaces_line_breaks_and_full_width_digits_change_nothing(wording, data):
    at = data.draw(st.integers(0, len(wording)))
    filler = data.draw(st.text(" \n\r\t\u3000\u00a0"))
    assert parse((wording[:at] + filler + wording[at:]).translate(WIDE), 2020) == parse(wording, 2020)


@given(
    st.text() | st.text("0123456789年月日底末份前以之完成上中下旬半季度第一二三四明内全-/. "), st.integers(-5, 10_050)
)
def test_reading_never_raises(text, year):
    assert parse(text, year) in (parse(text, year), UNKNOWN)


@given(st.integers(1900, 2199))
def test_the_year_is_the_ledgers_unless_one_is_named(year):
    for wording, deadline in closed_wordings(year):
        named = year + 1 if wording.startswith(("明", str(year + 1))) else year
        assert deadline.due is None or deadline.due.year == named
        assert parse(wording, year) == deadline


def test_closed_wordings_are_all_understood_and_listed_once():
    listed = closed_wordings(2020)
    assert all(deadline.understood for _, deadline in listed)
    assert len({wording for wording, _ in listed}) == len(listed)
    assert {"6月底", "12月底前", "9月", "9月份", "9月上旬", "年底", "年内", "上半年", "第一季度末", "持续推进"} <= dict(
        listed
    ).keys()


def test_the_dictionary_is_looked_up_exactly_as_the_cell_holds_it_but_for_letter_case():
    entries = Dictionary({"6月底": Deadline(date(2020, 6, 30)), "Q1": Deadline(date(2020, 3, 31))})
    assert entries.read("6月底").due == date(2020, 6, 30)
    assert entries.read("q1").due == date(2020, 3, 31)
    assert entries.read(" 6月底") is entries.read("６月底") is entries.read(None) is UNKNOWN


def test_where_staff_list_a_wording_twice_the_first_line_counts_as_in_excel():
    twice = Dictionary({"Q1": Deadline(date(2020, 3, 31)), "q1": Deadline(date(2020, 4, 30))})
    assert twice.read("q1").due == date(2020, 3, 31)


def test_completing_adds_every_wording_in_use_and_changes_no_line():
    corrected = Deadline(date(2020, 9, 1))
    before = Dictionary({"9月前": corrected})
    after = before.completed(["9月前", "6月底", " 6月底", "近期", None, " ", date(2020, 1, 1), "近期"], 2020)
    assert list(after.entries) == ["9月前", "6月底", " 6月底", "近期"]
    assert after.read("9月前") == corrected
    assert after.read(" 6月底").due == date(2020, 6, 30)
    assert after.read("近期") is UNKNOWN
    assert before.entries == {"9月前": corrected}


@given(st.lists(st.text() | st.none() | st.integers()))
def test_completing_twice_adds_nothing_more(values):
    once = Dictionary({}).completed(values, 2020)
    assert once.completed(values, 2020) == once
