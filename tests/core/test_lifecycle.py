"""Every move at every stage: where it leads, or why it cannot be made; and what it writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.test_messages import english
from ledgers import FGJ, FIRST, SWJ, ZJJ, book
from taizhang import rules
from taizhang.ledger import Cells, Ledger, ReportKey
from taizhang.lifecycle import MOVES, Move, Refusal, Request, Stage, found_codes, moved, stage_of, unanswered
from taizhang.values import Value

ON = date(2020, 9, 10)
HEAD = "| 序号 | 牵头部门 | 牵头单位 | 完成率 | 完成日期 | 佐证材料 | 整改答复 | 填报日期 | 退回日期 | 销号日期 | 取消日期 |"
STAGES: dict[Stage, str] = {
    Stage.OPEN: f"| 1 | {FGJ} | | 60% | | | | 2020-09-01 | | | |",
    Stage.RETURNED: f"| 1 | {FGJ} | | 100% | 2020-09-01 | 单 | | 2020-09-01 | 2020-09-05 | | |",
    Stage.DONE: f"| 1 | {FGJ} | | 100% | 2020-09-01 | 单 | | 2020-09-01 | | | |",
    Stage.CLOSED: f"| 1 | {FGJ} | | 100% | 2020-09-01 | 单 | | 2020-09-01 | | 2020-09-08 | |",
    Stage.CANCELLED: f"| 1 | {FGJ} | | | | | | | | | 2020-09-08 |",
}


def at(stage: Stage) -> Ledger:
    return book(f"{HEAD}\n{STAGES[stage]}")


def asked(move: Move, reason: str = "理由", **more: object) -> Request:
    until = date(2021, 3, 31) if move is Move.EXTEND else None
    cells: Cells = {"target": "改过的任务"} if move is Move.ADJUST else {}
    return replace(Request(move, ON, "经办", reason, until, cells), **more)  # type: ignore[arg-type]


def office(ledger: Ledger, *keys: str) -> tuple[Value, ...]:
    return tuple(ledger.by_code[FIRST].cells.get(key) for key in keys)


def done(ledger: Ledger, request: Request) -> Ledger:
    after = moved(ledger, FIRST, request)
    assert isinstance(after, Ledger), after
    return after


def refusal(ledger: Ledger, request: Request) -> str:
    found = moved(ledger, FIRST, request)
    assert isinstance(found, Refusal), found
    return found.reason


# --- the table ---


def test_the_table_knows_every_move_at_every_stage() -> None:
    assert {(move, stage) for move, row in MOVES.items() for stage in row} == {
        (move, stage) for move in Move for stage in Stage
    }


@pytest.mark.parametrize("stage", Stage, ids=lambda stage: stage.name)
def test_a_drawn_task_stands_at_its_stage(stage: Stage) -> None:
    assert stage_of(at(stage), FIRST, ON) is stage


@pytest.mark.parametrize("stage", Stage, ids=lambda stage: stage.name)
@pytest.mark.parametrize("move", Move, ids=lambda move: move.name)
def test_a_move_leads_where_the_table_says_or_is_refused_in_its_words(stage: Stage, move: Move) -> None:
    ledger, wanted = at(stage), MOVES[move][stage]
    found = moved(ledger, FIRST, asked(move))
    if isinstance(wanted, Stage):
        assert isinstance(found, Ledger)
        assert stage_of(found, FIRST, ON) is wanted
        assert found.reports == ledger.reports  # what departments wrote is theirs
    else:
        assert found == Refusal(wanted)
        assert not english(wanted)
        assert any(word in wanted for word in ("请", "不用"))


@pytest.mark.parametrize("move", [move for move in Move if move is not Move.CLOSE], ids=lambda move: move.name)
@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_move_without_a_reason_is_refused(move: Move, reason: str) -> None:
    stage = next(stage for stage, after in MOVES[move].items() if isinstance(after, Stage))
    wanted = "整改要求" if move is Move.REJECT else "理由"
    assert refusal(at(stage), asked(move, reason)) == f"没有写{wanted}。请写明后重试"


# --- 销号 ---


def test_closing_writes_the_day_and_who() -> None:
    assert office(done(at(Stage.DONE), asked(Move.CLOSE)), "closed_on", "closed_by") == (ON, "经办")


def test_closing_needs_evidence_or_word_that_it_is_kept_elsewhere() -> None:
    bare = at(Stage.DONE).with_reports({ReportKey(FIRST, FGJ): {"evidence": None}})
    assert refusal(bare, asked(Move.CLOSE)).startswith(f"{FGJ}没有填佐证材料")
    after = done(bare, asked(Move.CLOSE, "", unproven=True))
    assert office(after, "closed_on", "note") == (ON, "2020-09-10佐证材料另外存档")


def test_closing_needs_somebody_who_closes() -> None:
    assert refusal(at(Stage.DONE), asked(Move.CLOSE, by=" ")) == "没有写销号人。请写明后重试"


JOINT = f"""
| 序号 | 牵头部门 | 牵头单位 | 完成率 | 完成日期 | 佐证材料 | 填报日期 | 退回日期 |
| 1 | {FGJ}、{ZJJ} | {FGJ} | | 2020-09-01 | 单 | 2020-09-06 | %s |
| 1 | {FGJ}、{ZJJ} | {ZJJ} | %s | | 图 | %s | |
"""


@pytest.mark.parametrize(
    ("returned", "percent", "reported", "stage"),
    [
        ("", "90%", "2020-09-06", Stage.OPEN),
        ("", "100%", "2020-09-06", Stage.DONE),
        ("2020-09-05", "100%", "2020-09-06", Stage.DONE),
        ("2020-09-05", "100%", "2020-09-05", Stage.RETURNED),
        ("2020-09-05", "100%", "", Stage.RETURNED),
    ],
)
def test_a_joint_task_is_done_when_every_lead_has_said_so_since_it_was_returned(
    returned: str, percent: str, reported: str, stage: Stage
) -> None:
    assert stage_of(book(JOINT % (returned, percent, reported)), FIRST, ON) is stage


def test_a_joint_task_is_closed_only_when_every_lead_has_reported_done() -> None:
    assert "全部报告完成" in refusal(book(JOINT % ("", "90%", "2020-09-06")), asked(Move.CLOSE))
    after = done(book(JOINT % ("", "100%", "2020-09-06")), asked(Move.CLOSE))
    assert after.state(FIRST, ON).status == rules.CLOSED


# --- 退回 ---


def test_a_rejection_opens_the_task_again_until_it_is_reported_anew() -> None:
    after = done(at(Stage.DONE), asked(Move.REJECT, "补充验收单"))
    assert office(after, "returned_on", "requirement") == (ON, "补充验收单")
    assert after.state(FIRST, ON).status != rules.REPORTED_DONE
    assert unanswered(after, [FIRST]) == (ReportKey(FIRST, FGJ),)
    again = after.with_reports({ReportKey(FIRST, FGJ): {"reported_on": date(2020, 9, 12), "answer": "已补"}})
    assert (stage_of(again, FIRST, date(2020, 9, 12)), unanswered(again, [FIRST])) == (Stage.DONE, ())


@pytest.mark.parametrize(("answer", "wanted"), [("已补", "再补照片"), (None, "补验收单\n再补照片")])
def test_a_requirement_stays_until_it_is_answered(answer: Value, wanted: str) -> None:
    key = ReportKey(FIRST, FGJ)
    first = done(at(Stage.DONE), asked(Move.REJECT, "补验收单", on=date(2020, 9, 2)))
    told = first.with_reports({key: {"reported_on": date(2020, 9, 4), "answer": answer}})
    again = done(told, asked(Move.REJECT, "再补照片"))
    assert office(again, "requirement", "returned_on") == (wanted, ON)
    assert unanswered(again, [FIRST]) == (key,)


def test_what_nobody_has_reported_on_cannot_be_returned() -> None:
    ledger = book(f"| 序号 | 牵头部门 |\n| 1 | {FGJ} |")
    assert "还没有填报过" in refusal(ledger, asked(Move.REJECT))


# --- 恢复, 取消 ---


def test_what_is_opened_again_is_to_be_reported_anew_and_says_why() -> None:
    after = done(at(Stage.CLOSED), asked(Move.REOPEN, "群众反映没有落实"))
    assert office(after, "closed_on", "closed_by", "returned_on", "requirement") == (None, None, ON, "群众反映没有落实")


def test_cancelling_and_taking_that_back_are_noted() -> None:
    after = done(at(Stage.OPEN), asked(Move.CANCEL, "上级取消"))
    assert office(after, "cancelled_on", "note") == (ON, "2020-09-10取消：上级取消")
    assert after.state(FIRST, ON).status == rules.CANCELLED
    back = done(after, asked(Move.REOPEN, "又要办"))
    assert office(back, "cancelled_on", "note") == (None, "2020-09-10取消：上级取消\n2020-09-10恢复：又要办")


# --- 延期 ---


def test_an_extension_keeps_the_old_deadline_and_every_reason() -> None:
    first = done(at(Stage.OPEN), asked(Move.EXTEND, "设备未到"))
    assert office(first, "deadline", "extended_to", "extension_note") == (
        "12月底",
        date(2021, 3, 31),
        "2020-09-10同意延至2021-03-31：设备未到",
    )
    again = done(first, asked(Move.EXTEND, "仍未到", until=date(2021, 6, 30)))
    assert office(again, "extended_to") == (date(2021, 6, 30),)
    assert str(office(again, "extension_note")[0]).endswith("\n2020-09-10同意延至2021-06-30：仍未到")


@pytest.mark.parametrize(
    ("deadline", "until", "why"),
    [
        ("12月底", date(2020, 12, 31), "没有晚于现在的截止日期（延过期的，看“延期至”）2020-12-31"),
        ("12月底", None, "没有写延到哪一天"),
        ("6月底", date(2020, 9, 9), "已经过去了"),
        ("持续推进", date(2021, 1, 1), "没有截止日期"),
    ],
)
def test_an_extension_goes_beyond_what_was_due_and_beyond_today(deadline: str, until: date | None, why: str) -> None:
    ledger = book(f"| 序号 | 牵头部门 | 完成时限 |\n| 1 | {FGJ} | {deadline} |")
    assert why in refusal(ledger, asked(Move.EXTEND, until=until))


def test_a_deadline_nobody_understands_may_be_replaced_by_an_extension() -> None:
    ledger = book(f"| 序号 | 牵头部门 | 完成时限 |\n| 1 | {FGJ} | 尽快 |")
    assert office(done(ledger, asked(Move.EXTEND)), "extended_to") == (date(2021, 3, 31),)


# --- 任务调整 ---


def test_an_adjustment_writes_the_cells_and_notes_which_and_why() -> None:
    after = done(at(Stage.OPEN), asked(Move.ADJUST, "上级调整", cells={"target": "新表述", "deadline": "9月底"}))
    assert office(after, "target", "deadline", "note") == (
        "新表述",
        "9月底",
        "2020-09-10调整目标任务、完成时限：上级调整",
    )


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"target": ""}, "“目标任务”不能为空"),
        ({"leads": "某某局"}, "单位名录中没有“某某局”"),
        ({"supports": f"{ZJJ}、某某局"}, "单位名录中没有“某某局”"),
        ({"deadline": "尽快"}, "完成时限“尽快”不能识别"),
        ({"target": "任务1"}, "与现在的一样"),
        ({}, "没有部门提出任务调整意见"),
    ],
)
def test_an_adjustment_that_fits_nothing_is_refused(cells: Cells, why: str) -> None:
    ledger = at(Stage.OPEN)
    assert why in refusal(ledger, asked(Move.ADJUST, cells=cells))


def test_an_objection_may_be_turned_down_which_is_noted() -> None:
    ledger = at(Stage.OPEN).with_reports({ReportKey(FIRST, FGJ): {"objection": "应由住建局牵头"}})
    after = done(ledger, asked(Move.ADJUST, "方案已定", cells={}))
    assert office(after, "note") == ("2020-09-10任务调整意见不予采纳：方案已定",)


def test_the_words_of_a_lead_that_goes_stay_in_the_row_for_the_new_one() -> None:
    after = done(at(Stage.OPEN), asked(Move.ADJUST, cells={"leads": ZJJ}))
    assert after.report(ReportKey(FIRST, ZJJ)) == at(Stage.OPEN).report(ReportKey(FIRST, FGJ))
    assert after.report(ReportKey(FIRST, FGJ)) == {}


@pytest.mark.parametrize(("leads", "keeper"), [(f"{FGJ}、{ZJJ}", FGJ), (f"{SWJ}、{ZJJ}", SWJ)])
def test_a_task_that_turns_joint_keeps_its_words_with_one_lead(leads: str, keeper: str) -> None:
    after = done(at(Stage.OPEN), asked(Move.ADJUST, cells={"leads": leads}))
    assert {key.department for key in after.keys_of(FIRST) if after.report(key)} == {keeper}


def test_a_cell_that_is_full_takes_no_more() -> None:
    ledger = at(Stage.OPEN).with_office(FIRST, {"note": "长" * 1990})
    assert "“备注”写满了" in refusal(ledger, asked(Move.CANCEL, "理由很长很长很长"))


# --- which task ---


def test_a_task_is_known_by_its_number_or_its_code() -> None:
    ledger = book(f"| 序号 | 牵头部门 |\n| 1 | {FGJ} |\n| 2 | {FGJ} |")
    twice = ledger.with_office(ledger.tasks[1].code, {"no": 1})
    assert found_codes(ledger, " 2 ") == found_codes(ledger, ledger.tasks[1].code) == (ledger.tasks[1].code,)
    assert (found_codes(ledger, "9"), len(found_codes(twice, "1"))) == ((), 2)


# --- laws ---

days = st.none() | st.dates(date(2020, 8, 25), date(2020, 9, 20))


@given(days, st.none() | st.sampled_from([0, 0.5, 1]), days, days, days, days)
def test_the_stage_of_a_single_leads_task_is_its_status(
    done_on: Value, percent: Value, reported: Value, returned: Value, closed: Value, cancelled: Value
) -> None:
    ledger = at(Stage.OPEN).with_office(
        FIRST, {"returned_on": returned, "closed_on": closed, "cancelled_on": cancelled}
    )
    report = {"done_on": done_on, "percent": percent, "reported_on": reported}
    ledger = ledger.with_reports({ReportKey(FIRST, FGJ): report})
    last = date(2020, 9, 20)  # by which everything has happened
    status = ledger.state(FIRST, last).status
    found = stage_of(ledger, FIRST, last)
    told = {rules.CANCELLED: Stage.CANCELLED, rules.CLOSED: Stage.CLOSED, rules.REPORTED_DONE: Stage.DONE}
    assert (found if found in told.values() else None) == told.get(status)
