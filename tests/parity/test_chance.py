"""Whatever stands in a task's cells and in 设置, the formula and the code agree."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from cases import CORRECTED, ERROR, LEADS, ledger_with, real_ledger
from engines import block_faults, by_ironcalc, check, computed_workbook, planted, task_faults
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from taizhang.columns import BY_KEY, Owner
from taizhang.deadlines import closed_wordings
from taizhang.ledger import ReportKey, Task
from taizhang.settings import SETTINGS

ROWS = 150
EXAMPLES = 12
TEXTS = ("2020-06-30", "9月", "100%", "0.5", "已完成", "~*", " ", "TRUE", "6月底")
NUMBERS = (0, 1, 5, 0.2, 0.5, 0.8, 0.99, 1.5, -0.1, 44012, 44012.75, 19999, 80000)
NOT_UNDERSTOOD = (
    "9月前",
    "13月底",
    "6月底?",
    "*",
    "~",
    "  6月底",
    "６月　底",
    "6月\n底",
    "6月底" * 40,
    "TRUE",
    "#N/A",
    "=1",
)
WORDINGS = (*(word for word, _ in closed_wordings(2020)), *CORRECTED, *NOT_UNDERSTOOD)
CELLS = ("extended_to", "percent", "done_on", "reported_on", "returned_on", "closed_on", "cancelled_on")


@pytest.fixture(scope="module")
def base():
    return replace(real_ledger(), tasks=())


def day_near(chance, as_of):
    """Return a day that may matter on `as_of`: close, or anywhere in the two years around it; some with a time."""
    reach = chance.choice((1, 1, 12, 35, 400))
    day = as_of + timedelta(days=chance.randint(-reach, reach))
    clock = time(chance.randrange(24), chance.randrange(60))
    return datetime.combine(day, clock) if chance.random() < 0.1 else day


def cell(chance, key, as_of):
    """Return what one cell holds: mostly what belongs there, sometimes something else, often nothing."""
    luck = chance.random()
    if luck < 0.45:
        return None
    if luck < 0.85:
        return round(chance.random(), 2) if key == "percent" else day_near(chance, as_of)
    return chance.choice((chance.choice(TEXTS), chance.choice(NUMBERS), ERROR, chance.random() < 0.5))


def deadline(chance, as_of):
    if chance.random() < 0.25:
        return day_near(chance, as_of)
    return chance.choice((None, 5, 44012.5, True, chance.choice(NOT_UNDERSTOOD), *chance.sample(WORDINGS, 5)))


def random_tasks(seed, as_of):
    """Return tasks with their reports. Rows are independent: a failure names its row, so none needs shrinking."""
    chance = random.Random(seed)
    tasks, reports = [], {}
    for number in range(1, ROWS + 1):
        code = f"RW2020-{number:03d}"
        cells = {key: cell(chance, key, as_of) for key in CELLS} | {"deadline": deadline(chance, as_of)}
        filled = {key: value for key, value in cells.items() if value is not None}
        own = {key: value for key, value in filled.items() if BY_KEY[key].owner is not Owner.DEPARTMENT}
        tasks.append(Task(code, {"no": number, "target": f"第{number}行", "leads": LEADS[0], **own}))
        reports[ReportKey(code, LEADS[0])] = {key: value for key, value in filled.items() if key not in own}
    return tuple(tasks), reports


DAYS = st.dates(date(2019, 10, 1), date(2021, 3, 31))
SWITCHES = st.fixed_dictionaries(
    {
        "warn_days": st.integers(0, 366),
        "tolerance": st.integers(0, 100) | st.sampled_from((0, 20, 12.5)),
        "start": st.none() | st.dates(date(2019, 6, 1), date(2021, 1, 31)),
    }
)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32), as_of=DAYS, switches=SWITCHES)
def test_ironcalc_gives_what_the_code_gives_whatever_the_cells_hold(base, tmp_path, seed, as_of, switches):
    assert switches.keys() <= {setting.key for setting in SETTINGS}
    tasks, reports = random_tasks(seed, as_of)
    ledger = ledger_with(replace(base, tasks=tasks), [], as_of, **switches)
    ledger = replace(ledger, reports=reports)
    shown = by_ironcalc(planted(computed_workbook(ledger, as_of)), tmp_path)
    check(task_faults(ledger, shown, as_of))
    check(block_faults(ledger, shown, as_of))
