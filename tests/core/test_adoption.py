"""What a merge adopts although `check` would call it wrong: found in the lines that change, and in no other."""

from dataclasses import replace
from datetime import date

from ledgers import AS_OF, FGJ, FIRST, SECOND, book, dispatched, form, returned, with_report
from taizhang import adoption, merge, telling
from taizhang.columns import YES
from taizhang.findings import Severity
from taizhang.ledger import Item
from taizhang.merge import Choice, Disposition, Verdict
from taizhang.validate import Line, Scope, report_faults

SENT = dispatched(
    book(
        """
        | 序号 | 目标任务 | 完成时限 | 牵头部门 |
        | 1 | 甲     | 12月底   | 区发改局 |
        | 2 | 乙     | 12月底   | 区发改局 |
        """
    )
)
DONE = {"progress": "已办结", "percent": 1, "reported_on": date(2020, 9, 7)}


def brought(ledger, *decided):
    """Return what stands wrong in what would be adopted, and hold that an apply says the same."""
    found = adoption.faults(ledger, adoption.would_be_adopted(merge.decide(ledger), decided), AS_OF)
    outcome = merge.applied(ledger, {id: Verdict(Choice.NOW) for id in decided})
    assert adoption.faults(ledger, adoption.was_adopted(outcome), AS_OF) == found
    return [(one.no, one.code.value) for one in found]


def test_what_does_not_fit_together_in_an_adopted_line_is_told():
    after = returned(SENT, form(SENT).put(**DONE).put(SECOND, progress="推进中", reported_on=date(2027, 1, 1)))
    assert brought(after) == [(1, "E204"), (1, "E205"), (2, "E208")]
    found = adoption.faults(after, adoption.would_be_adopted(merge.decide(after)), AS_OF)
    assert list(telling.wrong_lines(found)) == [
        "采纳的内容里有 3 处填得不对（不影响写入），例如序号1 区发改局 完成日期：完成率是 100%，却没有完成日期。"
        "请运行 taizhang check 台账.xlsx（按钮“校验”）查看。"
    ]


def test_what_is_in_order_is_passed_over_in_silence():
    after = returned(SENT, form(SENT).put(**DONE, done_on=date(2020, 9, 1), evidence="批复.pdf"))
    assert brought(after) == []
    assert list(telling.wrong_lines(())) == []


def test_an_error_that_stood_there_before_is_not_told_again():
    ledger = dispatched(with_report(SENT, FIRST, FGJ, **DONE))
    assert brought(returned(ledger, form(ledger).put(next_step="归档"))) == []


def test_what_the_clerk_turned_down_brings_nothing():
    after = returned(SENT, form(SENT).put(reported_on=date(2027, 1, 1)))
    (change,) = merge.decide(after)
    assert brought(after) == [(1, "E208")]
    assert brought(after, change.id) == []


def test_what_is_only_to_be_looked_at_is_not_told_as_wrong():
    cells = {"progress": "无", "reported_on": date(2020, 9, 7)}
    found = report_faults(Line("", 0, {}, cells, FIRST, 1, FGJ), Scope(None, AS_OF), {}, None)
    assert {one.rule.severity for one in found} == {Severity.REMINDER}
    assert brought(returned(SENT, form(SENT).put(**cells))) == []


def test_what_waits_for_a_decision_brings_nothing():
    typed = with_report(SENT, FIRST, FGJ, next_step="台账改的")
    after = returned(typed, form(SENT).put(next_step="部门写的", reported_on=date(2027, 1, 1)))
    kinds = {one.kept.column: one.disposition for one in merge.decide(after)}
    assert kinds == {"next_step": Disposition.CONFLICT, "reported_on": Disposition.ACCEPTED}
    adopted = adoption.would_be_adopted(merge.decide(after))
    assert [list(cells) for cells in adopted.values()] == [["reported_on"]]
    assert brought(after) == [(1, "E208")]


def test_a_figure_that_is_adopted_is_judged_as_a_check_judges_it():
    item = Item(
        "ZB2020-001",
        {"item_task": FIRST, "indicator": "办结率", "direction": "≥", "goal": 0.96, "unit": "%", "confirmed": YES}
        | {"indicator_lead": FGJ},
        of=1,
    )
    ledger = dispatched(replace(SENT, items=(item,)))
    after = returned(ledger, form(ledger).put(item.code, current=0.9, measured_on=date(2027, 1, 1)))
    assert brought(after) == [(1, "E208")]
