"""Periods: which one is closed, who reported in time, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from ledgers import FGJ, FIRST, SECOND, SWJ, ZJJ, book, dispatched
from taizhang.ledger import Ledger, ReportKey
from taizhang.periods import Period
from taizhang.returns import Kept, Received
from taizhang.snapshots import (
    Turnout,
    department_turnout,
    is_late,
    periods_of,
    snapshot,
    states,
    to_close,
    turnouts,
    turns,
)

TWO = f"""
| 序号 | 牵头部门 | 牵头单位 | 完成率 | 填报日期 |
| 1 | {FGJ} | {FGJ} | 100% | 2020-09-01 |
| 2 | {FGJ}、{ZJJ} | {ZJJ} | 50% | 2020-08-20 |
"""
FIRST_TEN, SECOND_TEN = Period(2020, 9, 0), Period(2020, 9, 1)
NINE = datetime(2020, 9, 11, 9)


@pytest.fixture
def sent() -> Ledger:
    return dispatched(book(TWO))


def back(ledger: Ledger, name: str, at: datetime, *codes: str) -> Ledger:
    """Return the ledger after a department's file came back in which the rows of some tasks say something new."""
    kept = tuple(Kept(4 + n, code, "progress", "新") for n, code in enumerate(codes))
    file = Received(
        f"{name}{at}", f"{name}.xlsx", ledger.batches[-1].id, name, at, codes, (20,) * len(codes), 21, kept=kept
    )
    return replace(ledger, received=(*ledger.received, file))


def closed(ledger: Ledger, at: datetime = NINE) -> Ledger:
    return replace(ledger, snapshots=(*ledger.snapshots, snapshot(ledger, FIRST_TEN, at, at.date())))


def test_a_year_has_36_periods_in_their_order_and_covers_every_day() -> None:
    found = periods_of(2020)
    assert (len(found), list(found)) == (36, sorted(found))
    days = [one.first + timedelta(days=n) for one in found for n in range((one.last - one.first).days + 1)]
    assert days == [date(2020, 1, 1) + timedelta(days=n) for n in range(366)]


@pytest.mark.parametrize(
    ("came", "wanted"),
    [
        ((), Turnout.MISSING),
        ((datetime(2020, 9, 8),), Turnout.IN_TIME),
        ((NINE,), Turnout.IN_TIME),
        ((NINE + timedelta(seconds=1),), Turnout.LATE),
        ((NINE + timedelta(days=1), datetime(2020, 9, 8)), Turnout.IN_TIME),
    ],
)
def test_a_report_is_in_time_that_came_before_its_period_was_closed(
    sent: Ledger, came: tuple[datetime, ...], wanted: Turnout
) -> None:
    ledger = closed(sent)
    for at in came:
        ledger = back(ledger, FGJ, at, FIRST)
    assert turnouts(ledger, FIRST_TEN)[ReportKey(FIRST, FGJ)] is department_turnout(ledger, FIRST_TEN, FGJ) is wanted
    assert [is_late(ledger, ledger.batches[0], file) for file in ledger.received] == [at > NINE for at in came]


def test_while_a_period_is_open_nothing_is_late(sent: Ledger) -> None:
    ledger = back(sent, FGJ, datetime(2020, 12, 1), FIRST)
    assert turnouts(ledger, FIRST_TEN)[ReportKey(FIRST, FGJ)] is Turnout.IN_TIME
    assert not is_late(ledger, ledger.batches[0], ledger.received[0])


def test_a_row_sent_back_untouched_is_no_report_of_its_task(sent: Ledger) -> None:
    ledger = back(sent, FGJ, datetime(2020, 9, 8), FIRST)
    assert turnouts(ledger, FIRST_TEN)[ReportKey(SECOND, FGJ)] is Turnout.MISSING


def test_who_was_sent_nothing_owes_nothing(sent: Ledger) -> None:
    assert ReportKey(FIRST, ZJJ) not in turnouts(sent, FIRST_TEN)
    assert turnouts(sent, SECOND_TEN) == {}
    assert department_turnout(sent, FIRST_TEN, SWJ) is Turnout.NOT_ASKED


def test_a_snapshot_holds_each_leads_report_with_its_tasks_state(sent: Ledger) -> None:
    ledger = back(sent, ZJJ, datetime(2020, 9, 8), SECOND)
    kept = snapshot(ledger, FIRST_TEN, NINE, date(2020, 9, 11))
    assert kept.as_of == date(2020, 9, 10)  # the period's last day
    assert snapshot(ledger, FIRST_TEN, NINE, date(2020, 9, 5)).as_of == date(2020, 9, 5)
    shown = {
        (key.task, key.department): (row.no, row.status, row.report.get("percent"), row.turnout)
        for key, row in kept.rows.items()
    }
    behind = ledger.state(SECOND, kept.as_of).status
    assert shown == {
        (FIRST, FGJ): (1, "待销号", 1, "未报"),
        (SECOND, FGJ): (2, behind, None, "未报"),
        (SECOND, ZJJ): (2, behind, 0.5, "按时"),
    }


def test_a_snapshot_tells_the_states_of_its_day(sent: Ledger) -> None:
    kept = snapshot(sent, FIRST_TEN, NINE, date(2020, 9, 10))
    later = sent.with_reports({ReportKey(FIRST, FGJ): {"percent": 0.1}})
    assert later.state(FIRST, kept.as_of).status != "待销号"
    told = {code: state.status for code, state in states(kept, later.states(kept.as_of)).items()}
    assert told == {code: state.status for code, state in sent.states(kept.as_of).items()}


def test_the_oldest_open_period_is_closed_first(sent: Ledger) -> None:
    twice = dispatched(sent, date(2020, 9, 12))
    assert to_close(twice, date(2020, 9, 15)) == FIRST_TEN
    assert to_close(closed(twice), date(2020, 9, 15)) == SECOND_TEN
    assert to_close(closed(sent), date(2020, 9, 25)) == Period(2020, 9, 2)
    assert to_close(dispatched(closed(sent), date(2020, 10, 1)), date(2020, 9, 25)) == Period(2020, 9, 2)


def test_turns_list_the_year_and_what_lies_outside_it(sent: Ledger) -> None:
    ledger = dispatched(sent, date(2021, 1, 5))
    found = turns(ledger)
    assert len(found) == 37
    (own,) = (turn for turn in found if turn.period == FIRST_TEN)
    assert own.departments == {FGJ: Turnout.MISSING, ZJJ: Turnout.MISSING}
    assert own.counted(Turnout.MISSING) == 2
