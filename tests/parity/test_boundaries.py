"""The ledger's own formulas give what the code gives: every row, every boundary day, two other programs.

IronCalc computes every row on every day. LibreOffice needs 0.3 seconds for a file, so it gets the real ledger
with a changing twelfth of the drawn rows on every day, and all of them on a few days.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from cases import ERRORS, GRID, boundary_days, cases, ledger_with, real_ledger
from engines import (
    DERIVED,
    WRONG,
    IronCalc,
    Series,
    block_faults,
    by_ironcalc,
    by_libreoffice,
    check,
    computed_workbook,
    planted,
    shown_in,
    task_faults,
    workbook_faults,
)

from taizhang import tables
from taizhang.journal import Journal
from taizhang.layout import office as layout

DRAWN = cases(GRID)
SLICES = 12
FULL_DAYS = ("2019-11-15", "2020-02-29", "2020-06-30", "2020-07-01", "2020-12-31", "2021-01-01")
DAY = date(2020, 7, 15)
# domain.md: what the real ledger gives with nothing reported
REAL = {
    "2020-07-15": {"逾期": 2, "临期": 1, "更新滞后": 47, "正常推进": 33},
    "2020-12-31": {"逾期": 4, "临期": 32, "更新滞后": 47},
    "2021-01-01": {"逾期": 36, "更新滞后": 47},
}
# Settings far from the first values, and values a clerk may leave behind
SETTINGS = (
    {"warn_days": 0, "tolerance": 0},
    {"warn_days": 366, "tolerance": 100, "start": date(2020, 9, 1)},
    {"warn_days": 7, "tolerance": 12.5, "start": date(2019, 7, 1), "joint_percent": "平均值"},
)


@pytest.fixture(scope="module")
def base():
    return real_ledger()


@pytest.fixture(scope="module")
def libreoffice(tmp_path_factory):
    """Return a function that has LibreOffice compute workbooks, and gives what they show by name."""

    def recalculated(books, **options):
        made = by_libreoffice(books, tmp_path_factory.mktemp("office"), **options)
        return {name: shown_in(path) for name, path in made.items()}

    return recalculated


def all_faults(ledger, shown, day):
    yield from task_faults(ledger, shown, day)
    yield from block_faults(ledger, shown, day)


def planted_ledger(ledger, day):
    return planted(computed_workbook(ledger, day))


# Every day, every row


def test_the_days_are_all_around_every_due_date_and_both_ends_of_every_period(base):
    days = set(boundary_days(base))
    assert {date(2020, 5, 30), date(2020, 6, 30), date(2020, 7, 1), date(2020, 11, 30), date(2021, 1, 1)} <= days
    assert {date(2020, 2, 29), date(2020, 4, 10), date(2020, 4, 11), date(2020, 4, 20), date(2020, 4, 21)} <= days
    assert len(days) >= 170


def test_ironcalc_computes_every_row_on_every_boundary_day(base, tmp_path):
    days = boundary_days(base)
    series = Series.of(ledger_with(base, DRAWN, days[0]))
    book = IronCalc(series.data, tmp_path)

    def faults():
        for day in days:
            ledger = ledger_with(base, DRAWN, day)
            book.put(series.moves(ledger))
            yield from all_faults(ledger, book.evaluated(), day)

    check(faults())


@pytest.mark.office
def test_libreoffice_computes_every_boundary_day(base, libreoffice):
    days = boundary_days(base)
    parts = [DRAWN[n::SLICES] for n in range(SLICES)]
    series = [Series.of(ledger_with(base, part, days[0])) for part in parts]
    ledgers = {day: ledger_with(base, parts[n % SLICES], day) for n, day in enumerate(days)}
    books = {str(day): series[n % SLICES].moved(ledger) for n, (day, ledger) in enumerate(ledgers.items())}
    shown = libreoffice(books)
    check(fault for day, ledger in ledgers.items() for fault in all_faults(ledger, shown[str(day)], day))


@pytest.mark.office
def test_libreoffice_computes_every_row(base, libreoffice):
    days = [date.fromisoformat(day) for day in FULL_DAYS]
    series = Series.of(ledger_with(base, DRAWN, days[0]))
    ledgers = {day: ledger_with(base, DRAWN, day) for day in days}
    shown = libreoffice({str(day): series.moved(ledger) for day, ledger in ledgers.items()})
    check(fault for day, ledger in ledgers.items() for fault in all_faults(ledger, shown[str(day)], day))


# Other settings, errors, the day itself


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_ironcalc_computes_with_other_settings(base, tmp_path, settings):
    ledger = ledger_with(base, DRAWN, DAY, **settings)
    check(all_faults(ledger, by_ironcalc(planted_ledger(ledger, DAY), tmp_path), DAY))


@pytest.mark.office
def test_libreoffice_computes_with_other_settings(base, libreoffice):
    ledgers = {str(n): ledger_with(base, DRAWN[n::3], DAY, **given) for n, given in enumerate(SETTINGS)}
    shown = libreoffice({name: planted_ledger(ledger, DAY) for name, ledger in ledgers.items()})
    check(fault for name, ledger in ledgers.items() for fault in all_faults(ledger, shown[name], DAY))


def test_an_error_in_a_cell_is_blank_to_ironcalc_as_to_the_code(base, tmp_path):
    ledger = ledger_with(base, cases(ERRORS), DAY)
    check(all_faults(ledger, by_ironcalc(planted_ledger(ledger, DAY), tmp_path), DAY))


@pytest.mark.office
def test_an_error_in_a_cell_is_blank_to_libreoffice_as_to_the_code(base, libreoffice):
    ledger = ledger_with(base, cases(ERRORS), DAY)
    check(all_faults(ledger, libreoffice({"errors": planted_ledger(ledger, DAY)})["errors"], DAY))


def test_without_a_date_ironcalc_computes_for_today(base, tmp_path):
    ledger = without_date(base)
    today = datetime.now(UTC).date()  # IronCalc's clock when it is told no time zone
    shown = by_ironcalc(planted_ledger(ledger, today), tmp_path)
    check(all_faults(ledger, shown, today) if today == datetime.now(UTC).date() else iter(()))


@pytest.mark.office
def test_without_a_date_libreoffice_computes_for_today(base, libreoffice):
    ledger = without_date(base)
    today = date.today()
    shown = libreoffice({"today": planted_ledger(ledger, today)})["today"]
    check(all_faults(ledger, shown, today) if today == date.today() else iter(()))


def without_date(base):
    ledger = ledger_with(base, DRAWN[::10], DAY)
    return replace(ledger, settings=replace(ledger.settings, values={**ledger.settings.values, "as_of": None}))


# The whole workbook


def test_every_formula_of_three_sheets_comes_to_its_written_value_in_ironcalc(base, tmp_path):
    # Without 联合牵头上报, whose whole-column look-ups take IronCalc a minute.
    book = computed_workbook(ledger_with(base, DRAWN[::5], DAY), DAY)
    check(workbook_faults(book, by_ironcalc(planted(book), tmp_path), DAY))


@pytest.mark.office
def test_every_formula_of_the_workbook_comes_to_its_written_value_in_libreoffice(base, libreoffice):
    book = layout.ledger_workbook(ledger_with(base, DRAWN[::5], DAY), DAY, Journal(), spare=5)
    check(workbook_faults(book, libreoffice({"whole": planted(book)})["whole"], DAY))


def counted(ledger, shown):
    rows = range(layout.FIRST_ROW, layout.FIRST_ROW + len(ledger.tasks))
    return dict(Counter(shown((tables.LEDGER, row, layout.PLACES["status"])) for row in rows))


@pytest.mark.parametrize("day", REAL)
def test_the_real_ledger_has_the_counts_of_the_specification_in_ironcalc(base, tmp_path, day):
    on = date.fromisoformat(day)
    ledger = ledger_with(base, [], on)
    assert counted(ledger, by_ironcalc(planted_ledger(ledger, on), tmp_path)) == REAL[day]


@pytest.mark.office
def test_the_real_ledger_has_the_counts_of_the_specification_in_libreoffice(base, libreoffice):
    ledgers = {day: ledger_with(base, [], date.fromisoformat(day)) for day in REAL}
    shown = libreoffice({day: planted_ledger(ledger, date.fromisoformat(day)) for day, ledger in ledgers.items()})
    assert {day: counted(ledger, shown[day]) for day, ledger in ledgers.items()} == REAL


# The harness sees a program that does not compute (IronCalc always does, on opening)


def column_of(ledger, shown, key):
    rows = range(layout.FIRST_ROW, layout.FIRST_ROW + len(ledger.tasks))
    return {shown((tables.LEDGER, row, layout.PLACES[key])) for row in rows}


@pytest.mark.office
def test_a_planted_value_survives_a_profile_that_does_not_compute(base, libreoffice):
    # What hangs on TODAY() is computed in any profile, and then from planted values.
    ledger = ledger_with(base, [], DAY)
    shown = libreoffice({"kept": planted_ledger(ledger, DAY)}, recalculate=False)["kept"]
    assert column_of(ledger, shown, "due") == {WRONG}
    with pytest.raises(AssertionError, match="cells are not what the code says"):
        check(all_faults(ledger, shown, DAY))


@pytest.mark.office
def test_a_planted_value_vanishes_when_libreoffice_computes(base, libreoffice):
    ledger = ledger_with(base, [], DAY)
    shown = libreoffice({"computed": planted_ledger(ledger, DAY)})["computed"]
    assert not any(WRONG in column_of(ledger, shown, key) for key in DERIVED)
