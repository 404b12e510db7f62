"""The office's switches for what is not as it should be: repeats, strangers, late batches, new rows, doubtful senders."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledgers import (
    FGJ,
    FIRST,
    NOW,
    ZJJ,
    applied,
    book,
    cell,
    decided,
    dispatched,
    form,
    held,
    received,
    recognised,
    returned,
    verdict,
)
from taizhang import diff, intake, merge, tables
from taizhang.findings import Code
from taizhang.intake import Refused
from taizhang.layout.result import read_decisions, results_sheet
from taizhang.ledger import Ledger
from taizhang.merge import Choice, Decisions, Disposition, Verdict
from taizhang.settings import AS_CONFLICT, HOLD, REFUSE

TWO = f"""
| 序号 | 牵头部门 | 进展情况 | 完成率 |
| 1 | {FGJ} | 推进中 | 30% |
| 2 | {ZJJ} | 推进中 | 30% |
"""


def sent(**settings: str) -> Ledger:
    return dispatched(book(TWO, **settings))


def refused(ledger: Ledger, one) -> str:
    found = intake.recognise(ledger, one.sheets)
    assert isinstance(found, Refused), found
    return found.reason


# 重复上报


def repeats(ledger: Ledger):
    early, late = (form(ledger).put(reported_on=date(2020, 9, day)) for day in (7, 8))
    return early.put(progress="甲"), late.put(progress="乙")


def dispositions(ledger: Ledger, column: str = "进展情况") -> list[str]:
    return sorted(kind for _, _, title, kind, _ in decided(ledger) if title == column)


def test_the_later_of_two_returns_wins_unless_the_office_wants_to_see_both():
    ledger = sent()
    assert dispositions(returned(ledger, *repeats(ledger))) == ["已被后报取代", "采纳"]
    ledger = sent(repeats=AS_CONFLICT)
    assert dispositions(returned(ledger, *repeats(ledger))) == ["冲突", "冲突"]
    assert cell(applied(returned(ledger, *repeats(ledger))), "progress") == "推进中"


def test_returns_that_agree_are_no_conflict_under_either_policy():
    ledger = sent(repeats=AS_CONFLICT)
    early, late = repeats(ledger)
    assert dispositions(returned(ledger, early, late.put(progress="甲"))) == ["采纳", "采纳"]


def test_next_periods_report_is_no_repeat():
    ledger = sent(repeats=AS_CONFLICT)
    done = applied(returned(ledger, repeats(ledger)[0]))
    later = dispatched(done, date(2020, 9, 11))
    again = form(later).put(progress="丙", reported_on=date(2020, 9, 18))
    assert cell(applied(returned(later, again)), "progress") == "丙"


# 陌生来源


def test_a_strangers_file_is_refused_or_waits_as_a_whole():
    strange = replace(form(sent()), ledger_id="L9").put(progress="外来的话")
    assert "另一本台账" in refused(sent(), strange)
    ledger = sent(strangers=HOLD)
    after = returned(ledger, strange)
    (row,) = held(after)
    assert (row.why, row.cells["progress"]) == (Code.STRANGER, "外来的话")
    assert decided(after) == []
    assert applied(after).reports == ledger.reports


@pytest.mark.parametrize("change", [{"batch": ""}, {"batch": "2020-01-上旬-01"}, {"department": ""}])
def test_no_kind_of_stranger_ever_writes(change):
    ledger = sent(strangers=HOLD)
    after = applied(returned(ledger, replace(form(ledger), **change).put(progress="外来的话")))
    assert after.reports == ledger.reports
    assert [row.cells["progress"] for row in held(after)] == ["外来的话"]


def test_a_stranger_that_waited_can_be_done_with():
    ledger = sent(strangers=HOLD)
    after = returned(ledger, replace(form(ledger), ledger_id="L9").put(progress="外来的话"))
    (row,) = held(after)
    done = merge.applied(after, {row.id: Verdict(Choice.NOW)})
    assert [one.id for one in done.dismissed] == [row.id]
    assert held(done.ledger) == ()


# 旧批次


def test_a_late_batch_is_merged_or_refused():
    ledger = sent()
    old = form(ledger).put(progress="迟到的话")
    later = dispatched(ledger, date(2020, 9, 11))
    assert cell(applied(returned(later, old)), "progress") == "迟到的话"
    strict = dispatched(sent(late=REFUSE), date(2020, 9, 11))
    assert "以前批次" in refused(strict, replace(old, batch=strict.batches[0].id))


# 单位不符


def test_a_file_whose_name_says_another_department_waits_or_is_refused():
    ledger = sent()
    doubtful = replace(form(ledger).put(progress="谁填的"), name=f"2020年9月上旬_{ZJJ}_台账.xlsx")
    after = returned(ledger, doubtful)
    (row,) = held(after)
    assert row.why is Code.MISMATCH
    assert FGJ in merge.why_row(row)
    assert cell(applied(after), "progress") == "推进中"
    assert merge.missing_departments(after, after.batches[-1]) == (FGJ, ZJJ)
    assert ZJJ in refused(sent(mismatch=REFUSE), replace(doubtful, batch=sent(mismatch=REFUSE).batches[0].id))


@pytest.mark.parametrize(
    "name", [f"2020年9月上旬_{FGJ}_台账（更正）.xlsx", "台账.xlsx", "住建局和发改局.xlsx", "发改局 台账.xlsx"]
)
def test_a_name_that_says_the_same_or_nothing_is_no_reason_to_doubt(name):
    ledger = sent()
    assert recognised(ledger, replace(form(ledger), name=name)).doubt is None


def test_two_carriers_that_disagree_are_doubted():
    ledger = sent()
    sheets = form(ledger).put(progress="谁填的").sheets
    ticket = (("名称", "值"), *((key, value) for key, value in sheets.properties.items()))
    other = {**sheets.properties, "taizhang_department": ZJJ}
    found = intake.recognise(ledger, replace(sheets, grids={**sheets.grids, "下发标识": ticket}, properties=other))
    assert found.doubt is Code.MISMATCH
    assert FGJ in found.doubted
    assert ZJJ in found.doubted


# 新增行


def test_a_new_row_waits_or_is_put_on_record_alone():
    new = {"code": "RW2020-999", "target": "新任务", "progress": "已办"}
    assert len(held(returned(sent(), form(sent()).plus(**new)))) == 1
    strict = sent(new_rows=REFUSE)
    after = returned(strict, form(strict).plus(**new))
    assert held(after) == ()
    (row,) = merge.all_held_rows(after)
    assert row.cells["progress"] == "已办"
    assert "新任务" in str(results_sheet(after, (), [row], {tables.LEDGER: {"code": 1, "target": 4}}, {}).rows)


# Decisions in bulk


def conflicts() -> Ledger:
    ledger = sent()
    edited = ledger.with_reports({key: {"progress": "营商办核实", "percent": 0.4} for key in ledger.reports})
    forms = [
        form(ledger, name).put(code, progress="已办结", percent=0.9)
        for name, code in ((FGJ, FIRST), (ZJJ, "RW2020-002"))
    ]
    return returned(edited, *forms)


def spread(ledger: Ledger, own=None, **bulk: Choice) -> dict[str, Verdict]:
    changes = merge.decide(ledger)
    return Decisions(own or {}, bulk, frozenset(c.id for c in changes)).spread(changes, merge.held_rows(ledger))


def written(ledger: Ledger, verdicts) -> list[tuple[str, str]]:
    return sorted((key.department, column) for key, column in merge.applied(ledger, verdicts).written)


def test_one_decision_settles_all_items_of_a_kind_or_of_a_department():
    ledger = conflicts()
    assert written(ledger, spread(ledger)) == []
    everything = [(name, key) for name in sorted((FGJ, ZJJ)) for key in ("percent", "progress")]
    assert written(ledger, spread(ledger, 冲突=Choice.BACK)) == everything
    assert written(ledger, spread(ledger, **{FGJ: Choice.BACK})) == [(FGJ, "percent"), (FGJ, "progress")]
    kept = merge.applied(ledger, spread(ledger, 冲突=Choice.NOW))
    assert len(kept.left) == 4
    assert not any(change.open for change in merge.decide(kept.ledger))


def test_an_items_own_decision_goes_before_its_departments_and_that_before_its_kinds():
    ledger = conflicts()
    own = next(c for c in merge.decide(ledger) if (c.file.department, c.kept.column) == (FGJ, "percent"))
    verdicts = spread(ledger, verdict(own, Choice.NOW), 冲突=Choice.NOW, **{FGJ: Choice.BACK})
    assert written(ledger, verdicts) == [(FGJ, "progress")]


def test_a_decision_in_bulk_never_holds_for_what_was_not_listed_when_it_was_made():
    ledger = conflicts()
    assert Decisions({}, {"冲突": Choice.BACK}, frozenset()).spread(merge.decide(ledger), ()) == {}


def test_bulk_never_adopts_what_is_invalid_nor_writes_other_words():
    ledger = sent()
    after = returned(ledger, form(ledger).put(percent="六成"))
    assert written(after, spread(after, 无效=Choice.BACK)) == []
    assert [c.open for c in merge.decide(merge.applied(after, spread(after, 无效=Choice.BACK)).ledger)] == [True]
    assert written(conflicts(), spread(conflicts(), 冲突=Choice.OTHER)) == []


def test_bulk_rows_are_read_back_from_the_sheet_wherever_they_were_sorted_to():
    ledger = conflicts()
    drawn = results_sheet(ledger, merge.decide(ledger), (), {tables.LEDGER: {"code": 1, "target": 4}}, {})
    grid = [[cell.content if cell else None for cell in row] for row in drawn.rows]
    bulk = next(row for row in grid if row and row[0] == "批量" and "冲突" in str(row[4]))
    bulk[1] = Choice.BACK.value
    found = read_decisions([*grid[:3], *reversed(grid[3:])])
    assert found.bulk == {"冲突": Choice.BACK}
    assert {c.id for c in merge.decide(ledger)} <= found.listed


def test_the_list_holds_numbers_and_days_as_such():
    ledger = returned(sent(), form(sent()).put(percent=0.9, done_on=date(2020, 9, 7)))
    drawn = results_sheet(ledger, merge.decide(ledger), (), {tables.LEDGER: {"code": 1, "target": 4}}, {})
    cells = {row[6].content: row[9] for row in drawn.rows[3:]}
    assert (cells["完成率"].content, cells["完成率"].style) == (0.9, "percent")
    assert (cells["完成日期"].content, cells["完成日期"].style) == (date(2020, 9, 7), "date")


def test_every_disposition_keeps_its_place_under_the_policies():
    ledger = sent(repeats=AS_CONFLICT)
    one = form(ledger).put(progress="甲", percent="六成", deadline="年底")
    kinds = {title: kind for _, _, title, kind, _ in decided(returned(ledger, one))}
    assert kinds == {"进展情况": "采纳", "完成率": "无效", "完成时限": "越权"}
    file = received(ledger, one)
    after = returned(ledger, one)
    assert sum(merge.counts(after, file, merge.decide(after)).values()) == file.cells
    assert diff.received(ledger, recognised(ledger, one), NOW) == file
    assert Disposition.CONFLICT.value not in kinds.values()
