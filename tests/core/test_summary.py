"""汇总's numbers against an independent count with pandas."""

from dataclasses import replace
from datetime import date
from importlib.resources import as_file, files
from random import Random

import pandas as pd
import pytest

from taizhang import actions, rules
from taizhang.books.sources import bundled_departments, read_notice
from taizhang.ledger import Task
from taizhang.notice import read_tasks
from taizhang.summary import summarise

DAYS = [date(2020, 7, 15), date(2020, 9, 10), date(2020, 12, 31), date(2021, 1, 1)]


@pytest.fixture(scope="module")
def ledger():
    """Return the real ledger with seeded reports, closings and cancellations."""
    with as_file(files("taizhang") / "data" / "notice_2020.txt") as path:
        bare = actions.ledger_of(read_tasks(read_notice(path)), bundled_departments(), "x")
    chance = Random(7)
    reports = {}
    for task in bare.tasks:
        for key in bare.keys_of(task.code):
            if chance.random() < 0.8:
                percent = chance.choice([0, 0.2, 0.5, 0.9, 1])
                cells = {
                    "percent": percent,
                    "reported_on": date(2020, chance.randrange(6, 10), chance.randrange(1, 28)),
                }
                done = {"done_on": date(2020, chance.randrange(6, 12), 15)} if percent == 1 else {}
                reports[key] = cells | done
    tasks = tuple(Task(t.code, {**t.cells, **_office(chance)}) for t in bare.tasks)
    return replace(bare, tasks=tasks).with_reports(reports)


def _office(chance):
    roll = chance.random()
    if roll < 0.05:
        return {"cancelled_on": date(2020, 8, 1)}
    return {"closed_on": date(2020, 8, 20)} if roll < 0.15 else {}


def frame(ledger, as_of):
    """Return one row per task and lead, as an analyst would lay it out."""
    rows = []
    for task in ledger.tasks:
        state, cells = ledger.state(task.code, as_of), ledger.row(task.code)
        for lead in ledger.leads[task.code]:
            rows.append(
                {
                    "task": task.code,
                    "lead": lead,
                    "category": task.cells["category"],
                    "percent": cells.get("percent"),
                    "done_on": cells.get("done_on"),
                    "status": state.status,
                    "effective": state.effective_due,
                }
            )
    return pd.DataFrame(rows)


@pytest.mark.parametrize("as_of", DAYS)
def test_counts_by_department_category_and_in_total_equal_pandas(ledger, as_of):
    found, pairs = summarise(ledger, as_of), frame(ledger, as_of)
    tasks = pairs.drop_duplicates("task")
    assert found.total.tasks == len(tasks) == 83
    assert {k: v for k, v in found.total.statuses.items() if v} == tasks["status"].value_counts().to_dict()
    for tallies, table, by in ((found.departments, pairs, "lead"), (found.categories, tasks, "category")):
        grouped = table.groupby(by)["status"].value_counts()
        wanted = dict(grouped.items())
        assert {(t.name, s): n for t in tallies for s, n in t.statuses.items() if n} == wanted
        assert sum(t.tasks for t in tallies) == len(table)


@pytest.mark.parametrize("as_of", DAYS)
def test_mean_percent_leaves_out_cancelled_tasks_and_blanks(ledger, as_of):
    found, pairs = summarise(ledger, as_of), frame(ledger, as_of)
    counted = pairs[pairs["status"] != rules.CANCELLED]
    means = counted.assign(percent=pd.to_numeric(counted["percent"])).groupby("lead")["percent"].mean()
    for tally in found.departments:
        mean = means.get(tally.name, float("nan"))
        assert (tally.percent is None and pd.isna(mean)) or tally.percent == pytest.approx(mean)


@pytest.mark.parametrize("as_of", DAYS)
def test_on_time_is_what_was_done_by_its_day_of_what_was_due(ledger, as_of):
    found, pairs = summarise(ledger, as_of), frame(ledger, as_of)
    due = pairs[pairs["effective"].map(lambda day: isinstance(day, date) and day <= as_of)]
    due = due[due["status"] != "已取消"]
    done = due["status"].isin(["已销号", "待销号"])
    in_time = [isinstance(row.done_on, date) and row.done_on <= row.effective for row in due.itertuples()]
    wanted = due.assign(met=done & pd.Series(in_time, index=due.index, dtype=bool)).groupby("lead")["met"]
    assert {t.name: (t.on_time.reached, t.on_time.of) for t in found.departments if t.on_time.of} == {
        name: (met.sum(), len(met)) for name, met in wanted
    }


def test_overdue_tasks_are_listed_the_longest_overdue_first(ledger):
    found = summarise(ledger, date(2021, 3, 1))
    days = [item.days for item in found.overdue]
    assert days == sorted(days, reverse=True)
    assert len(days) == found.total.statuses["逾期"] > 0


def test_deadlines_come_in_the_order_of_their_days_and_ongoing_last(ledger):
    names = [tally.name for tally in summarise(ledger, DAYS[0]).deadlines]
    assert names == ["2020-06-30", "2020-07-31", "2020-10-31", "2020-12-31", "持续推进"]


def test_departments_come_with_the_most_tasks_first(ledger):
    counts = [tally.tasks for tally in summarise(ledger, DAYS[0]).departments]
    assert counts == sorted(counts, reverse=True)


def test_on_track_is_printed_split_by_whether_anybody_reported(ledger):
    for tally in summarise(ledger, DAYS[1]).departments:
        assert sum(tally.printed.values()) == tally.tasks
        assert tally.printed["正常推进·本旬未报"] == tally.silent
    assert sum(summarise(ledger, DAYS[1]).total.printed.values()) == 83
