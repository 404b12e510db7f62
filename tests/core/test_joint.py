"""Joint tasks: every lead has its own row, and 工作台账 shows what they make together (merge.md)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgers import FGJ, FIRST, SWJ, ZJJ, applied, book, cell, decided, dispatched, form, reopened, reports, returned
from taizhang.deadlines import Deadline
from taizhang.joint import LOWEST, composed
from taizhang.ledger import Ledger
from taizhang.settings import Settings
from taizhang.status import state_of
from taizhang.values import Value, is_blank

MEAN = "平均值"
EMPTY = f"""
| 序号 | 牵头部门 |
| 1 | {FGJ}、{ZJJ} |
"""


def made(*own: dict[str, Value], policy: str = LOWEST) -> dict[str, Value]:
    return composed(list(zip((FGJ, ZJJ, SWJ), own, strict=False)), policy)


@pytest.mark.parametrize(
    ("one", "other", "shows"),
    [(0.5, 0.8, 0.5), (0.8, 0.5, 0.5), (0, 1, 0), (1, 1, 1), (None, 0.5, None), (0.5, None, None), (None, None, None)],
)
def test_the_percentage_is_the_lowest_and_blank_while_one_is_missing(one: Value, other: Value, shows: Value) -> None:
    assert made({"percent": one}, {"percent": other}).get("percent") == shows


def test_the_percentage_is_the_mean_where_the_office_says_so() -> None:
    assert made({"percent": 0.5}, {"percent": 0.8}, policy=MEAN)["percent"] == 0.65
    assert "percent" not in made({"percent": 0.5}, {}, policy=MEAN)


def test_a_percentage_nobody_can_read_leaves_the_composition_blank() -> None:
    assert "percent" not in made({"percent": "约一半"}, {"percent": 0.5})


EARLY, LATE = date(2020, 9, 1), date(2020, 9, 8)


@pytest.mark.parametrize(("key", "shows"), [("done_on", LATE), ("reported_on", EARLY)])
def test_a_task_is_done_with_its_last_lead_and_as_fresh_as_its_stalest(key: str, shows: date) -> None:
    assert made({key: EARLY}, {key: LATE})[key] == shows
    assert made({key: LATE}, {key: EARLY})[key] == shows


@pytest.mark.parametrize("key", ["done_on", "reported_on"])
def test_a_date_is_blank_while_one_lead_has_none(key: str) -> None:
    assert key not in made({key: EARLY}, {})
    assert key not in made({}, {key: EARLY})


def test_text_stands_behind_each_leads_name_in_lead_order() -> None:
    assert made({"progress": "一"}, {"progress": "二"})["progress"] == f"{FGJ}：一\n{ZJJ}：二"
    assert made({}, {"progress": "二"})["progress"] == f"{ZJJ}：二"
    assert made({"progress": " "}, {}) == {}


@settings(max_examples=60, deadline=None)
@given(st.lists(reports(), min_size=2, max_size=3))
def test_every_text_of_every_lead_is_in_the_composition(own: list[dict[str, Value]]) -> None:
    whole = made(*own)
    for report in own:
        for key in ("progress", "problem", "phone"):
            assert is_blank(report.get(key)) or str(report[key]) in str(whole[key])


def test_two_leads_of_a_task_never_overwrite_each_other() -> None:
    sent = dispatched(book(EMPTY))
    done = applied(
        returned(sent, form(sent, FGJ).put(progress="一", percent=0.5), form(sent, ZJJ).put(progress="二", percent=0.8))
    )
    assert (cell(done, "progress", FIRST, FGJ), cell(done, "progress", FIRST, ZJJ)) == ("一", "二")
    assert (done.row(FIRST)["progress"], done.row(FIRST)["percent"]) == (f"{FGJ}：一\n{ZJJ}：二", 0.5)


def test_the_leads_of_a_task_do_not_rival_each_other() -> None:
    sent = dispatched(book(EMPTY))
    after = returned(
        sent, form(sent, FGJ).put(percent=0.5, reported_on=EARLY), form(sent, ZJJ).put(percent=0.8, reported_on=LATE)
    )
    assert {row[3] for row in decided(after)} == {"采纳"}


def one_lead(lead: str) -> Ledger:
    return book(f"""
    | 序号 | 牵头部门 | 进展情况 | 完成率 |
    | 1 | {lead} | 推进中 | 30% |
    """)


def test_a_task_that_turns_joint_keeps_its_row_as_the_old_leads_report() -> None:
    joint = reopened(dispatched(one_lead(ZJJ)), {FIRST: f"{FGJ}、{ZJJ}"})
    assert (cell(joint, "progress", FIRST, ZJJ), cell(joint, "percent", FIRST, ZJJ)) == ("推进中", 0.3)
    assert cell(joint, "progress", FIRST, FGJ) is None


def test_a_return_sent_before_the_task_turned_joint_still_meets_its_own_report() -> None:
    sent = dispatched(one_lead(ZJJ))
    joint = reopened(sent, {FIRST: f"{FGJ}、{ZJJ}"})
    after = applied(returned(joint, form(sent, ZJJ).put(progress="已办结")))
    assert (cell(after, "progress", FIRST, ZJJ), cell(after, "progress", FIRST, FGJ)) == ("已办结", None)


def test_a_joint_task_given_to_one_lead_keeps_that_leads_own_words() -> None:
    both = book(f"""
        | 序号 | 牵头部门 | 牵头单位 | 进展情况 |
        | 1 | {FGJ}、{ZJJ} | {FGJ} | 一 |
        | 1 | {FGJ}、{ZJJ} | {ZJJ} | 二 |
        """)
    assert cell(reopened(both, {FIRST: FGJ}), "progress") == "一"


def test_a_lead_is_sent_its_own_words_and_not_the_composition() -> None:
    sent = dispatched(
        book(f"""
        | 序号 | 牵头部门 | 牵头单位 | 进展情况 |
        | 1 | {FGJ}、{ZJJ} | {FGJ} | 一 |
        | 1 | {FGJ}、{ZJJ} | {ZJJ} | 二 |
        """)
    )
    assert [form(sent, name).rows[0]["progress"] for name in (FGJ, ZJJ)] == ["一", "二"]


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ((None, date(2020, 9, 5)), "从未填报"),
        ((date(2020, 8, 20), date(2020, 9, 5)), "本旬未报"),
        ((date(2020, 9, 2), date(2020, 9, 5)), "已报"),
    ],
)
def test_a_joint_task_is_reported_as_badly_as_by_its_worst_lead(days: tuple[Value, Value], told: str) -> None:
    cells = made(*({"reported_on": on} for on in days))
    state = state_of(cells, Deadline(date(2020, 12, 31)), Settings.of(year=2020), date(2020, 9, 10))
    assert state.reporting == told
