"""The ledger of a past day: what was written later is not in it, and what is not certain is said to be so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledgers import FGJ, FIRST, SECOND, ZJJ, book
from taizhang import journal
from taizhang.departments import Department, Directory
from taizhang.journal import Act, Journal
from taizhang.ledger import Ledger, ReportKey
from taizhang.past import as_it_was

START = date(2020, 7, 1)
TWO = f"""
| 序号 | 牵头部门 | 牵头单位 | 进展情况 | 完成率 |
| 1 | {FGJ} | {FGJ} | 一月 | 10% |
| 2 | {FGJ}、{ZJJ} | {ZJJ} | 开头 | |
"""


def at(day: date) -> datetime:
    return datetime.combine(day, time(9))


def told(*steps: tuple[int, Ledger], by_hand: Sequence[int] = ()) -> Journal:
    """Return the journal of a ledger that became each of some states, each so many days after the start."""
    record, before = Journal(), None
    for days, after in steps:
        moment = at(START + timedelta(days=days))
        since = record.told[-1].at if record.lines else ""
        act = Act(journal.APPLY if before else journal.NEW, moment, "经办")
        if days in by_hand:
            act = Act(journal.HAND, moment, "", file=f"{since} 至 {moment.isoformat(' ', 'seconds')} 之间")
        record = record.extended([(act, journal.changed(before, after))])
        before = after
    return record


def filled(ledger: Ledger) -> tuple[object, object]:
    return ledger.tasks, {key: dict(cells) for key, cells in ledger.reports.items() if cells}


FIRST_STATE = book(TWO)
LATER = FIRST_STATE.with_reports({ReportKey(FIRST, FGJ): {"progress": "二月", "percent": 1}})
LAST = LATER.with_office(SECOND, {"cancelled_on": date(2020, 7, 20)})


def test_each_day_has_the_ledger_of_that_day() -> None:
    record = told((0, FIRST_STATE), (10, LATER), (19, LAST))
    for days, wanted in ((0, FIRST_STATE), (9, FIRST_STATE), (10, LATER), (18, LATER), (19, LAST), (99, LAST)):
        found = as_it_was(LAST, record, START + timedelta(days=days))
        assert (filled(found.ledger), found.certain) == (filled(wanted), True), days


def test_before_the_first_line_the_present_is_all_there_is() -> None:
    found = as_it_was(LAST, told((0, FIRST_STATE), (19, LAST)), START - timedelta(days=1))
    assert (found.ledger, found.certain) == (LAST, False)


def test_a_ledger_without_a_record_is_as_it_is() -> None:
    assert as_it_was(LAST, Journal(), START).certain


def test_what_was_typed_between_two_days_makes_those_between_uncertain() -> None:
    record = told((0, FIRST_STATE), (5, LATER), (19, LAST), by_hand=[19])
    found = {days: as_it_was(LAST, record, START + timedelta(days=days)).certain for days in (4, 5, 10, 18, 19)}
    assert found == {4: True, 5: False, 10: False, 18: False, 19: True}


def test_a_record_that_is_broken_tells_nothing_for_certain() -> None:
    record = told((0, FIRST_STATE), (10, LATER), (19, LAST))
    cut = Journal(record.lines[:3] + record.lines[4:])
    assert not as_it_was(LAST, cut, START + timedelta(days=12)).certain


def test_a_department_that_was_renamed_since_goes_by_its_new_name() -> None:
    named = Directory((Department("区发展改革局", (FGJ,)), Department(ZJJ)))
    found = as_it_was(replace(LATER, directory=named), told((0, FIRST_STATE), (10, LATER)), START).ledger
    assert found.report(found.keys_of(FIRST)[0]) == {"progress": "一月", "percent": 0.1}


def test_a_task_that_was_deleted_since_is_there_and_one_that_came_later_is_not() -> None:
    one = replace(FIRST_STATE, tasks=FIRST_STATE.tasks[:1])
    changed = one.with_office(FIRST, {"note": "删了第2项"})
    found = as_it_was(changed, told((0, FIRST_STATE), (10, changed)), START).ledger
    assert [task.code for task in found.tasks] == [FIRST, SECOND]
    found = as_it_was(FIRST_STATE, told((0, one), (10, FIRST_STATE)), START).ledger
    assert [task.code for task in found.tasks] == [FIRST]


cells = st.fixed_dictionaries(
    {},
    optional={
        "progress": st.none() | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1),
        "percent": st.none() | st.sampled_from([0, 0.25, 1]),
        "done_on": st.none() | st.dates(START, START + timedelta(days=90)),
    },
)


@given(st.lists(st.tuples(st.sampled_from([(FIRST, FGJ), (SECOND, ZJJ), (SECOND, FGJ)]), cells), max_size=6))
def test_what_was_written_day_by_day_is_told_day_by_day(edits: list[tuple[tuple[str, str], dict[str, object]]]) -> None:
    states = [FIRST_STATE]
    for (code, name), written in edits:
        states.append(states[-1].with_reports({ReportKey(code, name): written}))  # type: ignore[dict-item]
    record = told(*enumerate(states))
    for days, wanted in enumerate(states):
        found = as_it_was(states[-1], record, START + timedelta(days=days)).ledger
        assert shown(found) == shown(wanted)


def shown(ledger: Ledger) -> dict[journal.Place, str]:
    return {place: journal.spelt(place[1], value) for place, value in journal.cells_of(ledger).items() if place[0].task}
