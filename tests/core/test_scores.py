"""成绩单 as numbers: each part of a score by a ledger drawn for it; a whole year is in test_real_year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given

from ledgers import AS_OF, FGJ, FIRST, NOW, SECOND, ZJJ, book, dispatched, form, ledgers, returned, with_office
from taizhang import journal
from taizhang.columns import INDICATORS
from taizhang.journal import Act, Journal
from taizhang.ledger import Item, Ledger, ReportKey, new_code
from taizhang.lifecycle import Move
from taizhang.periods import Period
from taizhang.scores import Scheme, Scorecard, rejections, scorecards
from taizhang.shares import Share
from taizhang.snapshots import snapshot
from taizhang.values import Value, rounded

NEVER = Journal()
ZB1 = new_code(2020, 1, INDICATORS)


def cards(ledger: Ledger, as_of: date = AS_OF, record: Journal = NEVER) -> dict[str, Scorecard]:
    return {card.department: card for card in scorecards(ledger, record, as_of)}


@pytest.mark.parametrize(
    ("deadline", "done_on", "extended_to", "part"),
    [
        ("6月底", date(2020, 6, 30), None, Share(1, 1)),
        ("6月底", date(2020, 7, 1), None, Share(0, 1)),
        ("6月底", None, None, Share(0, 1)),
        ("6月底", date(2020, 7, 1), date(2020, 7, 31), Share(1, 1)),
        ("6月底", None, date(2020, 10, 1), Share(0, 0)),  # not due yet
        ("12月底", date(2020, 7, 1), None, Share(0, 0)),
        ("持续推进", date(2020, 7, 1), None, Share(0, 0)),
    ],
)
def test_in_time_is_what_was_done_by_the_day_it_is_due(deadline, done_on, extended_to, part):
    ledger = book(f"| 序号 | 牵头部门 | 完成时限 |\n| 1 | {FGJ} | {deadline} |")
    ledger = with_office(ledger, FIRST, extended_to=extended_to).with_reports(
        {ReportKey(FIRST, FGJ): {"done_on": done_on}}
    )
    card = cards(ledger)[FGJ]
    assert (card.on_time, card.done, card.extended) == (part, int(done_on is not None), int(extended_to is not None))


def test_every_lead_is_scored_by_its_own_report_and_silence_counts_as_nothing_done():
    joint = f"""
    | 序号 | 牵头部门 | 牵头单位 | 完成率 | 完成时限 |
    | 1 | {FGJ}、{ZJJ} | {FGJ} | 80% | 12月底 |
    | 1 | {FGJ}、{ZJJ} | {ZJJ} | 30% | 12月底 |
    | 2 | {ZJJ} | {ZJJ} | | 12月底 |
    """
    found = cards(book(joint))
    assert (found[FGJ].percent, found[ZJJ].percent) == (Share(0.8, 1), Share(0.3, 2))
    assert (found[FGJ].score, found[ZJJ].score) == (80, 15)  # nothing else can be measured
    assert [(found[name].grade, found[name].rank) for name in (FGJ, ZJJ)] == [("良", 1), ("差", 2)]


def test_reported_in_time_is_counted_over_closed_periods_alone():
    sent = dispatched(book(f"| 序号 | 牵头部门 |\n| 1 | {FGJ} |\n| 2 | {FGJ} |"))
    back = returned(sent, form(sent).put(FIRST, progress="甲"))
    assert cards(back)[FGJ].reported == Share(0, 0)
    period = Period(2020, 9, 0)
    closed = replace(back, snapshots=(snapshot(back, period, datetime(2020, 9, 10, 18), AS_OF),))
    assert cards(closed)[FGJ].reported == Share(1, 2)
    too_late = replace(back, snapshots=(snapshot(back, period, NOW.replace(hour=1), AS_OF),))
    assert cards(too_late)[FGJ].reported == Share(0, 2)


@pytest.mark.parametrize(
    ("confirmed", "current", "part"),
    [
        ("是", 3, Share(1, 1)),
        ("是", 5, Share(0, 1)),
        ("是", None, Share(0, 1)),
        ("否", 3, Share(0, 0)),
        (None, 3, Share(0, 0)),
    ],
)
def test_met_is_what_reaches_its_target_of_what_was_confirmed(confirmed, current, part):
    own: dict[str, Value] = {
        "item_task": FIRST,
        "indicator_lead": FGJ,
        "direction": "≤",
        "goal": 4,
        "confirmed": confirmed,
    }
    ledger = replace(book(f"| 序号 | 牵头部门 |\n| 1 | {FGJ} |"), items=(Item(ZB1, own),))
    assert cards(ledger.with_reports({ReportKey(ZB1, FGJ): {"current": current}}))[FGJ].met == part


def told(*acts: tuple[str, str, Value, Value]) -> Journal:
    """Return a journal in which 退回日期 changed: each an operation, a task, the old and the new value."""
    record = Journal()
    for name, code, old, new in acts:
        change = journal.CellChange(ReportKey(code, ""), 1, "退回日期", old, new)
        file = journal.UNDO_OF.format(act=len(record.lines)) if name == journal.UNDO else ""
        record = record.extended([(Act(name, NOW, "", file=file), [change])])
    return record


FIRST_DAY, LATER = date(2020, 9, 1), date(2020, 9, 5)


@pytest.mark.parametrize(
    ("acts", "times"),
    [
        ([(Move.REJECT.value, FIRST, None, FIRST_DAY), (Move.REJECT.value, FIRST, FIRST_DAY, LATER)], 2),
        ([(journal.HAND, FIRST, None, FIRST_DAY)], 1),
        ([(journal.HAND, FIRST, FIRST_DAY, None)], 0),
        ([(Move.REOPEN.value, FIRST, None, FIRST_DAY)], 0),
        ([(Move.REJECT.value, FIRST, None, FIRST_DAY), (journal.UNDO, FIRST, FIRST_DAY, None)], 0),
        ([(Move.REJECT.value, FIRST, FIRST_DAY, LATER), (journal.UNDO, FIRST, LATER, FIRST_DAY)], 0),
        ([(Move.REJECT.value, FIRST, None, date(2020, 9, 9))], 0),  # after the day asked about
    ],
)
def test_a_rejection_counts_unless_it_was_taken_back(acts, times):
    assert rejections(told(*acts), AS_OF).get(FIRST, 0) == times


def test_each_rejection_of_a_joint_task_costs_every_lead_and_no_score_falls_below_nothing():
    joint = f"| 序号 | 牵头部门 | 牵头单位 | 完成率 |\n| 1 | {FGJ}、{ZJJ} | {FGJ} | 90% |\n| 1 | {FGJ}、{ZJJ} | {ZJJ} | 1% |"
    record = told((Move.REJECT.value, FIRST, None, FIRST_DAY))
    found = cards(book(joint), record=record)
    assert [(found[name].rejections, found[name].score) for name in (FGJ, ZJJ)] == [(1, 88), (1, 0)]


def test_a_cancelled_task_is_no_ones_and_who_has_nothing_to_measure_has_no_score():
    ledger = book(f"| 序号 | 牵头部门 | 完成率 |\n| 1 | {FGJ} | 50% |\n| 2 | {ZJJ} | 50% |")
    card = cards(with_office(ledger, SECOND, cancelled_on=FIRST_DAY))[ZJJ]
    assert (card.tasks, card.score, card.grade, card.rank) == (0, None, "", 0)


@given(ledgers())
def test_ranks_follow_the_scores_and_equals_share_theirs(ledger: Ledger):
    found = scorecards(ledger, NEVER, AS_OF)
    scores = [card.score for card in found if card.score is not None]
    assert scores == sorted(scores, reverse=True)
    assert [card.rank for card in found if card.rank] == [1 + sum(one > score for one in scores) for score in scores]
    for card in found:
        parts = [share.rate for share in (card.on_time, card.percent, card.reported, card.met)]
        assert all(rate is None or rate >= 0 for rate in parts)


@pytest.mark.parametrize(
    ("points", "grade"), [(90, "优"), (89.9, "良"), (80, "良"), (79.9, "中"), (60, "中"), (59.9, "差"), (0, "差")]
)
def test_grades_begin_at_their_points(points, grade):
    assert Scheme().grade(points) == grade


def test_weights_points_and_grades_are_those_of_the_settings():
    switches = {"weight_on_time": 0, "weight_percent": 60, "rejection_points": 5, "grade_best": 70, "grade_good": 50}
    grid = f"| 序号 | 牵头部门 | 完成率 | 完成时限 |\n| 1 | {FGJ} | 75% | 12月底 |\n| 2 | {ZJJ} | 60% | 12月底 |"
    found = cards(book(grid, **switches), record=told((Move.REJECT.value, SECOND, None, FIRST_DAY)))
    assert [(found[name].score, found[name].grade) for name in (FGJ, ZJJ)] == [(75, "优"), (55, "良")]


def test_the_formula_says_how_a_score_is_reached():
    grid = f"""
    | 序号 | 牵头部门 | 完成率 | 完成日期 | 完成时限 |
    | 1 | {FGJ} | 80% | 2020-06-30 | 6月底 |
    | 2 | {ZJJ} | 30% | | 12月底 |
    """
    found = cards(book(grid), record=told((Move.REJECT.value, FIRST, None, date(2020, 6, 1))))
    assert found[FGJ].formula == "(40×100% + 20×80%)÷60×100 - 2×1 = 91.3"
    assert found[ZJJ].formula == "(20×30%)÷20×100 = 30.0"


def test_what_was_sent_back_is_not_done():
    grid = f"| 序号 | 牵头部门 | 完成日期 | 填报日期 | 完成时限 |\n| 1 | {FGJ} | 2020-06-30 | 2020-06-30 | 6月底 |"
    ledger = book(grid)
    assert cards(ledger)[FGJ].on_time == Share(1, 1)
    back = cards(with_office(ledger, FIRST, returned_on=date(2020, 7, 1)))[FGJ]
    assert (back.on_time, back.done, back.overdue) == (Share(0, 1), 0, 1)


@pytest.mark.parametrize(
    ("number", "places", "told"),
    [
        (0.6375, 3, 0.638),
        (0.3375, 3, 0.338),
        (63.75, 1, 63.8),
        (100 * 0.6375, 1, 63.8),
        (0.0005, 3, 0.001),
        (2.5, 0, 3),
    ],
)
def test_a_half_is_rounded_up_as_the_decimals_stand(number: float, places: int, told: float) -> None:
    assert rounded(number, places) == told


@pytest.mark.parametrize(
    ("reached", "of", "told"), [(51, 80, "63.8%"), (27, 80, "33.8%"), (1, 3, "33.3%"), (1, 1, "100%")]
)
def test_a_rate_in_the_report_is_rounded_as_the_sheet_shows_it(reached: int, of: int, told: str) -> None:
    assert Share(reached, of).told == told
