"""What a written cell means, by its column's kind (merge.md, Intake)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.columns import BY_KEY, COLUMNS, Column
from taizhang.entries import UNCACHED, Entries, alike, restored, stored, tidy, typed
from taizhang.findings import Code
from taizhang.values import Value, same

PERCENT, DAY, TEXT = BY_KEY["percent"], BY_KEY["reported_on"], BY_KEY["progress"]


@pytest.mark.parametrize(
    ("written", "share"),
    [
        (0, 0),
        (0.6, 0.6),
        (1, 1),
        (2, 0.02),
        (60, 0.6),
        (60.0, 0.6),
        (100, 1),
        (99.5, 0.995),
        ("60%", 0.6),
        ("６０％", 0.6),
        (" 60 % ", 0.6),
        ("0.5%", 0.005),
        ("1%", 0.01),
        ("1.5%", 0.015),
        ("100％", 1),
        ("0.6", 0.6),
        ("60", 0.6),
        ("１", 1),
    ],
)
def test_a_percentage_is_read_as_clerks_write_it(written: Value, share: float) -> None:
    assert typed(PERCENT, written).fault is None
    assert same(typed(PERCENT, written).value, share)


@pytest.mark.parametrize("written", [1.01, 1.5, 1.99, -0.1, -1, 100.1, 150, "150%", "-5%", "1.5", "1000"])
def test_a_number_that_is_no_share_is_out_of_range_and_kept_as_written(written: Value) -> None:
    entry = typed(PERCENT, written)
    assert (entry.value, entry.fault) == (written, Code.PERCENT_RANGE)


@pytest.mark.parametrize("written", ["六成", "约60%", "60%左右", "%", "已完成", True, date(2020, 9, 8), "6-0"])
def test_words_and_days_are_no_percentage(written: Value) -> None:
    assert typed(PERCENT, written).fault is Code.NOT_PERCENT


@pytest.mark.parametrize(
    "written",
    [
        date(2020, 9, 8),
        datetime(2020, 9, 8),
        datetime(2020, 9, 8, 16, 30),
        "2020-09-08",
        "2020-9-8",
        "2020/9/8",
        "2020.9.8",
        "２０２０．９．８",
        "2020年9月8日",
        " 2020 年 9 月 8 日 ",
        "20200908",
        20200908,
        20200908.0,
        44082,
        44082.75,
        "44082",
        "2020-09-08 16:30",
        "2020/9/8 6:30:05",
        "2020-09-08T16:30:00",
    ],
)
def test_a_day_named_in_full_is_a_day(written: Value) -> None:
    assert typed(DAY, written) == typed(DAY, date(2020, 9, 8))
    assert typed(DAY, written).fault is None


@pytest.mark.parametrize(
    "written",
    [
        "9月",
        "9月底",
        "9月8日",
        "2020年9月",
        "2020-09",
        "2020.9",
        2020.9,
        "2020-02-30",
        "2020-13-01",
        9,
        0.5,
        -3,
        "尽快",
        True,
        "9/8",
    ],
)
def test_what_names_no_day_of_a_year_is_invalid_and_kept_as_written(written: Value) -> None:
    entry = typed(DAY, written)
    assert (entry.value, entry.fault) == (written, Code.NOT_DATE)


@pytest.mark.parametrize("written", [None, "", "  ", "\u3000", "\n"])
@pytest.mark.parametrize("key", ["percent", "reported_on", "progress", "priority", "no", "deadline", "leads"])
def test_blank_is_blank_in_every_column_and_never_a_fault(key: str, written: Value) -> None:
    assert typed(BY_KEY[key], written) == typed(BY_KEY[key], None)
    assert typed(BY_KEY[key], written).fault is None


def test_text_keeps_what_looks_like_a_formula() -> None:
    for text in ("=1+1", "+8", "-", "@某某", "=HYPERLINK(1)"):
        assert typed(TEXT, text).value == text


def test_text_over_its_limit_is_invalid_and_keeps_every_character() -> None:
    assert typed(TEXT, "字" * 2000).fault is None
    entry = typed(TEXT, "字" * 2001)
    assert (entry.value, entry.fault) == ("字" * 2001, Code.TOO_LONG)


def test_an_error_cell_is_invalid_in_every_column() -> None:
    for key in ("percent", "reported_on", "progress"):
        assert typed(BY_KEY[key], "#REF!").fault is Code.ERROR_CELL


def test_a_phone_number_stored_as_a_number_reads_without_a_fraction() -> None:
    assert typed(BY_KEY["phone"], 13800138000.0).value == "13800138000"


def test_a_choice_outside_its_list_is_invalid() -> None:
    assert typed(BY_KEY["priority"], "否").fault is Code.NOT_CHOICE
    assert typed(BY_KEY["priority"], " 是 ").value == "是"


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        ("percent", 60, 0.6),
        ("percent", "60%", 0.6),
        ("done_on", "2020.9.8", date(2020, 9, 8)),
        ("done_on", datetime(2020, 9, 8, 16, 30), date(2020, 9, 8)),
        ("deadline", "2020-09-08", date(2020, 9, 8)),
        ("deadline", 44082.0, date(2020, 9, 8)),
        ("phone", 5900001.0, "5900001"),
        ("progress", "第一行\r\n第二行 ", "第一行\n第二行"),
        ("progress", "１２", "12"),
        ("progress", None, " "),
    ],
)
def test_two_ways_of_writing_one_thing_are_alike(key: str, one: Value, other: Value) -> None:
    assert alike(BY_KEY[key], one, other)
    assert alike(BY_KEY[key], other, one)


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        ("percent", 1, 0.01),
        ("percent", "六成", 0.6),
        ("percent", 0, None),
        ("done_on", "9月", "8月"),
        ("done_on", date(2020, 9, 8), None),
        ("progress", "推进中", "推进"),
        ("progress", "一\n二", "一二"),
    ],
)
def test_two_things_are_not_alike(key: str, one: Value, other: Value) -> None:
    assert not alike(BY_KEY[key], one, other)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("done_on", date(2020, 9, 8)),
        ("percent", 0.6),
        ("percent", 0),
        ("progress", "2020-09-08"),
        ("progress", "=1+1"),
        ("no", 7),
        ("deadline", date(2020, 9, 8)),
        ("done_on", datetime(2020, 9, 8, 16, 30)),
    ],
)
def test_what_a_hidden_sheet_stores_means_the_same_when_read_back(key: str, value: Value) -> None:
    assert alike(BY_KEY[key], restored(BY_KEY[key], stored(value)), value)


def test_a_cell_of_our_own_keeps_what_does_not_fit_its_column() -> None:
    assert tidy(DAY, "9月") == "9月"
    assert tidy(PERCENT, "约一半") == "约一半"
    assert tidy(DAY, 44082.0) == date(2020, 9, 8)
    assert tidy(BY_KEY["no"], 7.0) == 7


RAW = (
    st.none()
    | st.booleans()
    | st.integers(-10, 60_000)
    | st.floats(-1e6, 1e6)
    | st.dates(date(1950, 1, 1), date(2100, 1, 1))
    | st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1))
    | st.text(max_size=12)
    | st.sampled_from(
        ["60%", "６０％", "1", "100", "2020-09-08", "2020年9月8日", " ", "是", "#REF!", UNCACHED, "44082"]
    )
)


@given(st.sampled_from(COLUMNS), RAW)
def test_law_a_cell_that_says_just_what_was_sent_means_the_same(column: Column, value: Value) -> None:
    row = Entries({column.key: column}, {column.key: value})
    assert row.says(column.key, value)
    assert alike(column, row[column.key].value, value)
    assert row[column.key] == typed(column, value)


@given(st.sampled_from(COLUMNS), RAW, RAW)
def test_law_what_is_said_otherwise_is_not_taken_for_what_was_sent(column: Column, value: Value, sent: Value) -> None:
    row = Entries({column.key: column}, {column.key: value})
    assert not row.says(column.key, sent) or alike(column, row[column.key].value, sent)


def test_a_row_has_the_columns_of_its_table_filled_or_not() -> None:
    row = Entries({DAY.key: DAY, TEXT.key: TEXT}, {"progress": "已开工"})
    assert dict(row) == {"reported_on": typed(DAY, None), "progress": typed(TEXT, "已开工")}
    assert row.get("percent") is None


ROWS = st.dictionaries(st.sampled_from([column.key for column in COLUMNS]), RAW)


@given(ROWS, ROWS)
def test_law_the_cells_of_a_row_that_hold_just_what_was_sent_are_those_that_say_it_one_by_one(
    raw: dict[str, Value], sent: dict[str, Value]
) -> None:
    row = Entries(BY_KEY, raw)
    assert row.just_as(raw) == list(BY_KEY)
    assert row.just_as(sent) == [key for key in BY_KEY if row.says(key, sent.get(key))]
