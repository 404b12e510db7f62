"""The drawn rows stand at every edge of the rules, and the comparison can fail.

A slightly different rule changes the state of some row: every operator is swapped and every rule
left out in turn. A change that alters nothing would mean that no row stands at that edge.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from cases import GRID, cases, ledger_with, real_ledger
from engines import by_ironcalc, computed_workbook, planted, task_faults

from taizhang import rules, status

SWAPPED = {"<=": "<", ">=": ">", "<": "<=", ">": ">=", "and": "or", "or": "and"}
_OPERATOR = re.compile(r"<=|>=|<|>|\band\b|\bor\b")
DRAWN = cases(GRID)
# An early day too: only before the year begins can a task be due at its start and still be open.
DAYS = (date(2020, 7, 15), date(2019, 11, 15))
DAY = DAYS[0]


@pytest.fixture(scope="module")
def ledgers():
    return {day: ledger_with(real_ledger(), DRAWN, day) for day in DAYS}


@pytest.fixture(scope="module")
def states(ledgers):
    return {day: ledger.states(day) for day, ledger in ledgers.items()}


def swaps(condition):
    """Return a condition once for every operator in it, that operator swapped."""
    return [
        f"{condition[: found.start()]}{SWAPPED[found[0]]}{condition[found.end() :]}"
        for found in _OPERATOR.finditer(condition)
    ]


def changes():
    """Return every changed rule: the table it stands in, its place there, and its new condition."""
    for table in ("STATUS_RULES", "REPORT_RULES"):
        for place, rule in enumerate(getattr(rules, table)):
            yield from (pytest.param(table, place, when, id=f"{rule.status}: {when}") for when in swaps(rule.when))


def with_change(table, place, when):
    rows = getattr(rules, table)
    return (*rows[:place], replace(rows[place], when=when), *rows[place + 1 :])


def without(name):
    return tuple(rule for rule in rules.STATUS_RULES if rule.status != name)


def differs(ledgers, states):
    return any(ledger.states(day) != states[day] for day, ledger in ledgers.items())


@pytest.mark.parametrize(("table", "place", "when"), list(changes()))
def test_a_row_stands_at_the_edge_of_every_operator(monkeypatch, ledgers, states, table, place, when):
    monkeypatch.setattr(rules, table, with_change(table, place, when))
    assert differs(ledgers, states)


@pytest.mark.parametrize("name", rules.STATUSES[:-1])
def test_a_row_needs_every_rule(monkeypatch, ledgers, states, name):
    monkeypatch.setattr(rules, "STATUS_RULES", without(name))
    assert differs(ledgers, states)


def test_a_row_is_due_on_the_day_the_year_starts(monkeypatch, ledgers):
    status.parsed.cache_clear()
    share = rules.DEFINITIONS["time_share"]
    monkeypatch.setattr(rules, "DEFINITIONS", {**rules.DEFINITIONS, "time_share": share.replace("<=", "<")})
    with pytest.raises(ZeroDivisionError):
        ledgers[DAYS[1]].states(DAYS[1])
    status.parsed.cache_clear()


# The comparison itself


@pytest.fixture
def faults(monkeypatch, ledgers, tmp_path):
    """Return a function that gives the disagreements when the formulas, and only they, follow other rules."""

    def compared(table, changed):
        with monkeypatch.context() as patch:
            patch.setattr(rules, table, changed)
            data = planted(computed_workbook(ledgers[DAY], DAY))
        return list(task_faults(ledgers[DAY], by_ironcalc(data, tmp_path), DAY))

    return compared


def test_a_formula_of_another_rule_is_found_out(faults):
    place = rules.STATUSES.index("逾期")
    assert faults("STATUS_RULES", with_change("STATUS_RULES", place, "as_of >= effective_due"))


def test_the_message_names_day_row_formula_and_cells(faults):
    fault = next(fault for fault in faults("STATUS_RULES", without("逾期")) if "'逾期'" in fault)
    assert all(part in fault for part in ("2020-07-15", "工作台账 row", "=IF(", "status of", "完成时限"))
