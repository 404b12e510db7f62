"""Many ledgers as one: every file is counted or told, once, and the order they come in makes no difference."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgers import FGJ, NAMES, SWJ, ZJJ, book, ledger_of, started
from taizhang import rules, tables
from taizhang.journal import Journal
from taizhang.layout.parts import Sheet
from taizhang.layout.rollup import rollup_workbook
from taizhang.ledger import Ledger
from taizhang.periods import Period
from taizhang.rollup import Basis, Entry, File, Left, Rollup, Why, counted, lightened, rolled
from taizhang.shares import Share
from taizhang.summary import Tally, summarise
from taizhang.values import Value

TODAY = date(2020, 9, 18)
DAYS = (date(2020, 8, 31), date(2020, 9, 1), date(2020, 9, 8), date(2020, 9, 12), TODAY)
MAYOR = ("晋江市营商办", "石狮市营商办", "惠安县营商办")
GRID = f"""
| 序号 | 牵头部门 | 牵头单位 | 完成率 | 完成日期 | 填报日期 | 完成时限 |
| 1 | {FGJ}、{ZJJ} | {FGJ} | 100% | 2020-06-20 | 2020-06-20 | 6月底 |
| 1 | {FGJ}、{ZJJ} | {ZJJ} | 30% | | 2020-09-02 | 6月底 |
| 2 | {ZJJ} | {ZJJ} | 50% | | 2020-09-08 | 12月底 |
| 3 | {SWJ} | | | | | 长期 |
"""


def entry(ledger: Ledger, file: str = "台账.xlsx", record: Journal | None = None, **basis: bool) -> Entry:
    found = counted(ledger, record or Journal(), File(file, "晋江市"), file, Basis(TODAY, **basis))
    assert isinstance(found, Entry)
    return found


def tally(name: str, statuses: dict[str, int], percents: Share, silent: int) -> Tally:
    groups = Counter(dict.fromkeys(rules.GROUPS, 0))
    for status, count in statuses.items():
        groups[rules.GROUP_OF[status]] += count
    silent = min(silent, statuses[rules.ON_TRACK])
    return Tally(name, sum(statuses.values()), statuses, groups, Share(0, 0), percents, silent)


COUNTS = st.fixed_dictionaries({status: st.integers(0, 3) for status in rules.STATUSES})
PERCENTS = st.builds(Share, st.sampled_from([0.0, 0.1, 0.3, 0.7, 1.1]), st.integers(1, 3))
TALLIES = st.builds(tally, st.just("合计"), COUNTS, PERCENTS, st.integers(0, 3))
DEPARTMENTS = st.lists(st.builds(tally, st.sampled_from(NAMES), COUNTS, PERCENTS, st.just(0)), max_size=2)


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    """Draw ledgers of few regions and days, so that they meet, some of them copies; each file has its own name."""
    one = st.builds(
        Entry,
        file=st.just(""),
        region=st.sampled_from(MAYOR),
        as_of=st.sampled_from(DAYS),
        total=TALLIES,
        departments=DEPARTMENTS.map(tuple),
        ledger=st.sampled_from(["", "L1", "L2"]),
        sha256=st.sampled_from("abcdef"),
        written=st.sampled_from(["", "2020-09-01 09:00:00", "2020-09-02 09:00:00"]),
    )
    return [replace(found, file=f"{n}.xlsx") for n, found in enumerate(draw(st.lists(one, min_size=1, max_size=9)))]


@given(entries(), st.randoms(use_true_random=False))
def test_the_order_of_the_files_makes_no_difference(found: list[Entry], chance: Random) -> None:
    shuffled = chance.sample(found, len(found))
    assert rolled(shuffled) == rolled(found)
    assert rollup_workbook(rolled(shuffled)) == rollup_workbook(rolled(found))


@given(entries())
def test_every_file_is_counted_or_told_once(found: list[Entry]) -> None:
    done = rolled(found)
    assert sorted([one.file for one in (*done.entries, *done.left)]) == sorted(one.file for one in found)


@given(entries())
def test_a_region_has_one_ledger_in_a_period_and_none_is_without(found: list[Entry]) -> None:
    done = rolled(found)
    assert sorted((one.region, one.period) for one in done.entries) == sorted({(e.region, e.period) for e in found})


@given(entries())
def test_the_totals_are_the_sums_of_what_is_counted(found: list[Entry]) -> None:
    done = rolled(found)
    latest = [one for one in done.entries if one.period == max(e.period for e in found)]
    assert done.total.tasks == sum(one.total.tasks for one in latest)
    for status in rules.STATUSES:
        assert done.total.statuses[status] == sum(one.total.statuses[status] for one in latest)
    led = sum(one.tasks for entry in latest for one in entry.departments)
    assert sum(one.tasks for one in done.by_department) == led
    assert len({one.name for one in done.by_department}) == len(done.by_department)
    assert sum(one.tasks for one in done.by_period) == sum(one.total.tasks for one in done.entries)


@given(entries())
def test_what_is_let_go_on_the_way_is_missed_nowhere(found: list[Entry]) -> None:
    light = [one for one in lightened(found) if isinstance(one, Entry)]
    assert rollup_workbook(rolled(light)) == rollup_workbook(rolled(found))


def test_earlier_ledgers_go_on_without_their_departments() -> None:
    late, early = (entry(book(GRID, as_of=day)) for day in (TODAY, date(2020, 9, 1)))
    assert [bool(one.departments) for one in lightened([early, late, early])] == [True, True, False]


# counting


@pytest.mark.parametrize("day", DAYS)
def test_a_ledger_is_counted_as_its_own_summary_counts_it(day: date) -> None:
    ledger = book(GRID, as_of=day)
    found, told = entry(ledger), summarise(ledger, day)
    assert (found.as_of, found.total, found.departments) == (day, told.total, told.departments)
    assert found.total.statuses == {
        status: [state.status for state in ledger.states(day).values()].count(status) for status in rules.STATUSES
    }


def test_two_regions_add_up_task_by_task_and_a_mean_is_over_all_reports() -> None:
    one, two = book(GRID, unit=MAYOR[0], as_of=TODAY), book(GRID + f"| 4 | {ZJJ} | {ZJJ} | 0% | | 2020-09-08 | 6月底 |\n", unit=MAYOR[1], as_of=TODAY)  # fmt: skip
    done = rolled([entry(one, "1"), entry(two, "2")])
    states = [state for ledger in (one, two) for state in ledger.states(TODAY).values()]
    assert {k: v for k, v in done.total.statuses.items() if v} == Counter(state.status for state in states)
    assert done.total.percents == Share(0.3 + 0.5 + 0.3 + 0.5 + 0, 5)
    assert {one.name: one.tasks for one in done.by_department} == {FGJ: 2, ZJJ: 5, SWJ: 2}


def test_a_blank_day_is_the_day_that_is_given() -> None:
    assert entry(book(GRID)).as_of == TODAY
    assert entry(book(GRID)).period == Period(2020, 9, 1)


def test_a_ledger_of_a_later_period_is_left_out() -> None:
    found = counted(book(GRID, as_of=date(2029, 9, 8)), Journal(), File("台账.xlsx", ""), "", Basis(TODAY))
    assert isinstance(found, Left)
    assert found.reason == "统计日期 2029-09-08 在 2020-09-18 之后。"
    assert isinstance(
        counted(book(GRID, as_of=date(2020, 9, 20)), Journal(), File("台账.xlsx", ""), "", Basis(TODAY)), Entry
    )


# whose ledger


@pytest.mark.parametrize(
    ("settings", "region"),
    [
        ({"unit": "晋江市营商办", "title": "晋江台账"}, "晋江市营商办"),
        ({"unit": "  晋江市\n营商办 "}, "晋江市 营商办"),
        ({"unit": "区营商办", "title": "2020年泉港区提升营商环境工作台账"}, "2020年泉港区提升营商环境工作台账"),
        ({"unit": None, "title": "工作台账"}, "晋江市"),
        ({"unit": "\u200b\ud800", "title": "工作台账"}, "晋江市"),
        ({"unit": "长" * 100}, "长" * 59 + "…"),
    ],
)
def test_a_region_is_named_by_the_unit_else_the_title_else_the_folder(settings: dict[str, Value], region: str) -> None:
    assert entry(ledger_of([], {}, **settings)).region == region


def test_a_region_is_named_by_its_folder_when_that_is_asked() -> None:
    assert entry(book(GRID, unit="石狮市营商办"), by_folder=True).region == "晋江市"


# of several


def rivals(*found: Entry) -> Rollup:
    return rolled([replace(one, region=MAYOR[0], as_of=TODAY) for one in found])


def test_of_two_copies_of_a_ledger_the_one_with_the_later_record_counts() -> None:
    ledger = book(GRID)
    old, new = entry(ledger, "旧.xlsx"), entry(ledger, "新.xlsx", started(ledger))
    done = rivals(old, new)
    assert [one.file for one in done.entries] == ["新.xlsx"]
    assert [(one.file, one.reason) for one in done.left] == [
        ("旧.xlsx", "晋江市营商办2020年9月中旬有同一本台账的两份，计的是记录较新的 新.xlsx。")
    ]


def test_of_equal_files_the_first_counts_and_the_other_is_called_a_copy() -> None:
    one = entry(book(GRID), "甲.xlsx")
    done = rivals(replace(one, file="乙.xlsx"), one)
    assert [one.file for one in done.entries] == ["乙.xlsx"]
    assert done.left == (Left.because(Why.SAME, "甲.xlsx", other="乙.xlsx"),)


def test_another_ledger_of_the_same_region_is_told_with_both_remedies() -> None:
    done = rivals(entry(book(GRID), "甲.xlsx"), replace(entry(book(GRID), "乙.xlsx"), ledger="L2"))
    (left,) = done.left
    assert "有两本台账" in left.reason
    assert "制表单位" in left.remedy
    assert "--by-folder" in left.remedy


def test_ledgers_without_an_id_are_not_taken_for_one() -> None:
    done = rivals(*(replace(entry(book(GRID), name), ledger="") for name in ("甲.xlsx", "乙.xlsx")))
    assert "有两本台账" in done.left[0].reason


def met(*places: tuple[str, str], days: tuple[date, ...] = (TODAY, TODAY, TODAY)) -> dict[str, tuple[str, ...]]:
    """Return what is told of ledgers by their regions and folders."""
    found = [
        replace(entry(book(GRID), f"{n}.xlsx"), region=region, folder=folder, as_of=day)
        for n, ((region, folder), day) in enumerate(zip(places, days, strict=False))
    ]
    return dict(rolled(found).joined)


def test_folders_that_were_taken_for_one_region_are_named() -> None:
    assert met(("营商办", "甲县"), ("营商办", "乙县"), ("晋江市", "丙县")) == {"营商办": ("乙县", "甲县")}


def test_folders_are_not_named_where_no_ledger_had_to_give_way() -> None:
    assert met(("甲县", "甲县"), ("乙县", "乙县")) == {}
    assert met(("营商办", "甲县"), ("营商办", "甲县")) == {}
    assert met(("营商办", "8月"), ("营商办", "9月"), days=(DAYS[0], TODAY)) == {}


# the sheets


def texts(sheet: Sheet) -> list[list[object]]:
    return [[cell.content for cell in row if cell is not None and cell.content is not None] for row in sheet.rows]


def test_a_region_without_a_ledger_of_the_latest_period_is_named_not_passed_over() -> None:
    done = rolled([entry(book(GRID, unit=MAYOR[n], as_of=DAYS[n]), str(n)) for n in (0, 1, 2)])
    assert [one.name for one in done.by_region] == [MAYOR[2], MAYOR[1]] or done.latest == Period(2020, 9, 0)
    assert dict(done.missing) == {MAYOR[0]: Period(2020, 8, 2)}
    words = [text for row in texts(rollup_workbook(done).sheets[0]) for text in row]
    assert any(f"{MAYOR[0]}（最近为2020年8月下旬）" in str(text) for text in words)


def test_a_period_without_a_ledger_is_an_empty_cell_and_nothing_to_measure_a_dash() -> None:
    empty = entry(ledger_of([], {}, unit=MAYOR[0], as_of=DAYS[0]), "1")
    done = rolled([empty, entry(book(GRID, unit=MAYOR[1], as_of=TODAY), "2")])
    rows = texts(rollup_workbook(done).sheets[1])
    matrix = rows[next(n for n, row in enumerate(rows) if row == ["二、各地区办结率"]) + 1 :]
    assert matrix[0] == ["地区", "2020年8月下旬", "2020年9月中旬"]
    assert [MAYOR[0], "—"] in matrix
    assert next(row for row in matrix if row and row[0] == "合计")[1] == "—"


def test_every_sheet_prints_with_its_heads_on_each_page() -> None:
    sheets = {sheet.name: sheet for sheet in rollup_workbook(rolled([entry(book(GRID, unit=MAYOR[0]))])).sheets}
    assert list(sheets) == [tables.SUMMARY, tables.BY_PERIOD, tables.BY_DEPARTMENT, tables.LEFT_OUT, tables.COUNTED]
    assert [sheet.page.title_rows for sheet in sheets.values()] == [(1, 2), (1, 2), (1, 2), (1, 3), (1, 3)]
    assert all(sheet.page.scale or sheet.page.fit_wide == 1 for sheet in sheets.values())


def test_a_table_over_several_pages_has_its_head_again_on_each() -> None:
    many = [entry(book(GRID, unit=f"第{n:03}县", as_of=TODAY), f"{n}") for n in range(90)]
    sheet = rollup_workbook(rolled(many)).sheets[0]
    heads = [number for number, row in enumerate(texts(sheet), 1) if row[:2] == ["地区", "事项数"]]
    assert set(heads) == {*sheet.page.row_breaks}
    assert sum(str(row[0]).startswith("第") for row in texts(sheet) if row) == 90


def test_a_year_of_periods_stands_in_blocks_of_four_months() -> None:
    days = [date(2020, month, day) for month in range(1, 13) for day in (5, 15, 25)]
    basis = Basis(date(2020, 12, 31))
    found = [counted(book(GRID, as_of=day), Journal(), File(f"{day}", "晋江市"), f"{day}", basis) for day in days]
    rows = texts(rollup_workbook(rolled([one for one in found if isinstance(one, Entry)])).sheets[1])
    heads = [row for row in rows if row[:1] == ["地区"]]
    assert [len(row) for row in heads] == [13] * 6
    assert [row[1] for row in heads[:3]] == ["2020年1月上旬", "2020年5月上旬", "2020年9月上旬"]
