"""Facts of merge and diff that a mutation run showed nobody had written down: counts, words, what waits again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledgers import (
    FGJ,
    FIRST,
    NOW,
    SECOND,
    SWJ,
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
    the_change,
    verdict,
    with_office,
    with_report,
)
from taizhang import diff, merge
from taizhang.columns import BY_KEY, SENT
from taizhang.findings import Code
from taizhang.ledger import Ledger, ReportKey
from taizhang.merge import Choice, Decisions, Disposition, Outcome, Verdict
from taizhang.settings import AS_CONFLICT, HOLD, REFUSE

ONE = f"""
| 序号 | 牵头部门 | 进展情况 | 完成率 |
| 1 | {FGJ} | 推进中 | 30% |
"""
TWO = f"""
| 序号 | 牵头部门 | 进展情况 | 完成率 |
| 1 | {FGJ} | 推进中 | 30% |
| 2 | {FGJ} | 推进中 | 30% |
"""
SEVENTH, EIGHTH, NINTH = date(2020, 9, 7), date(2020, 9, 8), date(2020, 9, 9)


def test_an_invalid_item_is_closed_by_a_later_answer_and_by_no_other() -> None:
    sent = dispatched(book(ONE))
    wrong = form(sent).put(percent="六成", reported_on=EIGHTH)
    right = form(sent).put(percent=0.6)
    assert the_change(returned(sent, wrong), "percent", "六成").open
    assert the_change(returned(sent, wrong, right.put(reported_on=SEVENTH)), "percent", "六成").open
    assert the_change(returned(sent, wrong, right.put(reported_on=EIGHTH)), "percent", "六成").open
    assert not the_change(returned(sent, wrong, right.put(reported_on=NINTH)), "percent", "六成").open


def test_an_answered_conflict_stays_open() -> None:
    sent = dispatched(book(ONE))
    edit = with_report(sent, FIRST, FGJ, progress="营商办核实")
    early, late = (form(sent).put(progress="甲", reported_on=day) for day in (SEVENTH, EIGHTH))
    first = next(
        c
        for c in merge.decide(returned(edit, early, late))
        if c.file.reported_on == SEVENTH and c.kept.column == "progress"
    )
    assert (first.disposition, first.open) == (Disposition.CONFLICT, True)


@pytest.mark.parametrize("choice", [Choice.BACK, Choice.OTHER])
def test_an_item_that_was_decided_on_cannot_be_decided_on_again(choice: Choice) -> None:
    sent = dispatched(book(ONE))
    before = returned(with_report(sent, FIRST, FGJ, progress="营商办核实"), form(sent).put(progress="甲"))
    item = the_change(before, "progress")
    done = applied(before, verdict(item, Choice.NOW))
    again = merge.applied(done, verdict(item, choice, "折中"))
    assert (again.written, cell(again.ledger, "progress")) == ({}, "营商办核实")
    assert the_change(again.ledger, "progress").kept.settled == "已保留"


def test_what_was_written_once_is_not_written_again_when_the_office_takes_it_back() -> None:
    sent = dispatched(book(ONE))
    done = applied(returned(sent, form(sent).put(progress="甲")))
    back = merge.seen(edit := with_report(done, FIRST, FGJ, progress="推进中"), merge.decide(edit))
    assert the_change(back, "progress").disposition is Disposition.ACCEPTED
    assert merge.applied(back, {}).written == {}


def test_no_decision_writes_what_was_superseded_or_is_the_offices() -> None:
    sent = dispatched(book(ONE))
    early = form(sent).put(progress="甲", reported_on=SEVENTH)
    late = form(sent).put(progress="乙", target="任务一", reported_on=EIGHTH)
    before = returned(sent, early, late)
    verdicts = {c.id: Verdict(Choice.BACK) for c in merge.decide(before) if c.disposition is not Disposition.ACCEPTED}
    done = merge.applied(before, verdicts)
    assert {column for _, column in done.written} == {"progress", "reported_on"}
    assert cell(done.ledger, "progress") == "乙"
    assert {c.kept.settled for c in merge.decide(done.ledger) if c.kept.back in ("甲", "任务一")} == {""}


def test_two_tasks_of_one_file_never_contradict_each_other() -> None:
    sent = dispatched(book(TWO))
    after = returned(sent, form(sent).put(FIRST, progress="甲").put(SECOND, progress="乙"))
    assert [row[3:] for row in decided(after)] == [("采纳", "甲"), ("采纳", "乙")]


def test_a_held_row_is_found_behind_one_that_is_not() -> None:
    sent = dispatched(book(ONE))
    after = returned(sent, form(sent).put(progress="甲").plus(code=None, no=9, target="新任务"))
    assert [dict(row.cells) for row in held(after)] == [{"no": 9, "target": "新任务"}]


def test_missing_rows_are_those_of_the_files_own_batch_and_department() -> None:
    start = book(f"""
        | 序号 | 牵头部门 |
        | 1 | {FGJ} |
        | 2 | {ZJJ} |
        """)
    first = dispatched(start)
    both = dispatched(with_office(with_office(first, FIRST, leads=ZJJ), SECOND, leads=FGJ), date(2020, 9, 11))
    missing = [received(both, form(both, name, batch)).missing for name in (FGJ, ZJJ) for batch in (0, 1)]
    assert missing == [(), (), (), ()]


def test_a_newer_batch_is_no_contradiction_where_repeats_are_conflicts() -> None:
    first = dispatched(book(ONE, repeats=AS_CONFLICT))
    second = dispatched(first, date(2020, 9, 11))
    after = returned(second, form(second, batch=0).put(progress="甲"), form(second, batch=1).put(progress="乙"))
    assert {c.kept.back: c.disposition.value for c in merge.decide(after)} == {"甲": "已被后报取代", "乙": "采纳"}


def test_cells_settled_before_the_lead_moved_stay_counted() -> None:
    sent = dispatched(book(ONE))
    done = applied(returned(sent, form(sent).put(progress="甲")))
    moved = with_office(done, FIRST, leads=ZJJ)
    (file,) = moved.received
    assert held(moved) == merge.all_held_rows(moved) == ()
    assert [c.kept.settled for c in merge.decide(moved)] == ["已采用"]
    assert merge.returned_cells(moved, file) == sum(merge.counts(moved, file, merge.decide(moved)).values()) == 1


def test_a_files_cells_add_up_when_one_of_its_tasks_has_moved() -> None:
    sent = dispatched(book(TWO))
    one = form(sent).put(FIRST, progress="甲").put(SECOND, progress="乙", percent=0.9)
    done = applied(returned(sent, one))
    (file,) = done.received
    assert merge.returned_cells(done, file) == 42
    moved = with_office(done, FIRST, leads=ZJJ)
    assert merge.returned_cells(moved, file) == sum(merge.counts(moved, file, merge.decide(moved)).values()) == 22
    waiting = with_office(returned(sent, one), FIRST, leads=ZJJ)
    assert merge.returned_cells(waiting, waiting.received[0]) == 21


def test_a_cell_settled_before_its_lead_moved_stays_on_its_list() -> None:
    sent = dispatched(book(ONE))
    done = with_office(applied(returned(sent, form(sent).put(progress="甲"))), FIRST, leads=ZJJ)
    assert merge.all_held_rows(done) == ()
    assert [c.kept.settled for c in merge.decide(done)] == ["已采用"]


def test_every_file_is_counted_for_itself() -> None:
    sent = dispatched(book(TWO))
    forms = [
        form(sent).put(progress=text, reported_on=day) for text, day in (("甲", SEVENTH), ("乙", EIGHTH), ("丙", NINTH))
    ]
    after = returned(sent, *forms)
    changes = merge.decide(after)
    assert {sha: len(found) for sha, found in merge.by_file(changes).items()} == {one.sheets.sha256: 2 for one in forms}
    for file in after.received:
        assert sum(merge.counts(after, file, changes).values()) == merge.returned_cells(after, file) == 42


def test_what_was_written_counts_as_accepted_where_the_list_says_so() -> None:
    sent = dispatched(book(ONE))
    one = form(sent).put(progress="甲", percent=0.9, problem="缺人", next_step="催办", target="任务一")
    before = returned(with_report(sent, FIRST, FGJ, problem="缺钱", percent=0.4), one)
    done = applied(before, verdict(the_change(before, "problem"), Choice.NOW))
    changes, (file,) = merge.decide(done), done.received
    now, then = (merge.counts(done, file, changes, written=written) for written in (False, True))
    assert (now[Disposition.SAME], now[Disposition.ACCEPTED]) == (2, 0)
    assert (then[Disposition.SAME], then[Disposition.ACCEPTED]) == (0, 2)
    assert now[Disposition.CONFLICT] == then[Disposition.CONFLICT] == 2
    assert now == merge.counts(done, file, changes)


def test_a_return_belongs_to_one_department_and_one_batch() -> None:
    start = book(f"""
        | 序号 | 牵头部门 |
        | 1 | {FGJ} |
        | 2 | {ZJJ} |
        | 3 | {SWJ} |
        """)
    both = dispatched(dispatched(start), date(2020, 9, 11))
    after = returned(both, *(form(both, name, batch) for name in (FGJ, ZJJ, SWJ) for batch in (0, 1)))
    for batch in after.batches:
        for name in (FGJ, ZJJ, SWJ):
            assert [(f.batch, f.department) for f in merge.returns_of(after, batch, name)] == [(batch.id, name)]


def test_the_words_of_outcomes_and_dispositions() -> None:
    assert (Outcome.MERGED.title, Disposition.SAME.key) == ("已合并", "same")


def test_invalid_items_can_be_kept_out_in_bulk() -> None:
    sent = dispatched(book(ONE))
    before = returned(sent, form(sent).put(percent="六成"))
    changes = merge.decide(before)
    verdicts = Decisions({}, {"无效": Choice.NOW}, frozenset(c.id for c in changes)).spread(changes, ())
    (change,) = merge.decide(merge.applied(before, verdicts).ledger)
    assert (change.kept.settled, change.open) == ("已保留", False)


@pytest.mark.parametrize(
    ("choice", "listed", "done"),
    [(Choice.NOW, True, 1), (Choice.NOW, False, 0), (Choice.BACK, True, 0), (Choice.OTHER, True, 0)],
)
@pytest.mark.parametrize("kind", ["待定行", FGJ])
def test_held_rows_can_be_done_with_in_bulk(kind: str, choice: Choice, listed: bool, done: int) -> None:
    sent = dispatched(book(ONE))
    after = returned(sent, form(sent).plus(code=None, no=9, target="新任务"))
    (row,) = held(after)
    decisions = Decisions({}, {kind: choice}, frozenset([row.id] if listed else []))
    verdicts = decisions.spread(merge.decide(after), held(after))
    assert len(verdicts) == done
    outcome = merge.applied(after, verdicts)
    assert (len(outcome.dismissed), len(held(outcome.ledger))) == (done, 1 - done)


def test_what_the_ledger_held_when_an_item_was_decided_stays_on_record() -> None:
    sent = dispatched(book(ONE))
    before = returned(with_report(sent, FIRST, FGJ, progress="营商办核实"), form(sent).put(progress="甲"))
    done = applied(before, verdict(the_change(before, "progress"), Choice.NOW))
    edit = with_report(done, FIRST, FGJ, progress="再改")
    assert the_change(merge.seen(edit, merge.decide(edit)), "progress").kept.seen == "营商办核实"


def test_an_act_taken_back_lets_its_own_cells_wait_again_and_no_others() -> None:
    sent = dispatched(book(ONE))
    done = applied(returned(sent, form(sent).put(progress="甲", percent=0.9)))
    back = merge.reopened(done, [(done.received[0].sha256, "4", "进展情况")])
    assert {c.kept.column: c.kept.settled for c in merge.decide(back)} == {"progress": "", "percent": "已采用"}


@pytest.mark.parametrize(("choice", "other"), [(Choice.NOW, None), (Choice.OTHER, "折中")])
def test_a_value_that_was_not_taken_is_not_asked_again_in_another_file_until_that_is_taken_back(
    choice: Choice, other: str | None
) -> None:
    sent = dispatched(book(ONE))
    first = returned(sent, form(sent).put(progress="甲"))
    done = applied(first, verdict(the_change(first, "progress"), choice, other))
    again = returned(done, form(sent).put(progress="甲", phone="5900001"))
    settled = [c.kept.settled for c in merge.decide(again) if c.kept.column == "progress"]
    assert settled == ["已保留" if choice is Choice.NOW else "已另填"] * 2
    assert cell(applied(again), "progress") == ("推进中" if choice is Choice.NOW else "折中")
    back = merge.reopened(again, [(done.received[0].sha256, "4", "进展情况")])
    assert [c.kept.settled for c in merge.decide(back) if c.kept.column == "progress"] == ["", ""]


def test_other_words_on_a_cell_are_asked_again_after_others_were_not_taken() -> None:
    sent = dispatched(book(ONE))
    first = returned(sent, form(sent).put(progress="甲"))
    done = applied(first, verdict(the_change(first, "progress"), Choice.OTHER, "折中"))
    again = returned(done, form(sent).put(progress="乙", reported_on=NINTH))
    assert the_change(again, "progress", "乙").open


def two_words() -> Ledger:
    """Return a ledger to which one department sent two words for one cell, neither the later."""
    sent = dispatched(book(ONE))
    return returned(sent, form(sent).put(progress="甲", percent=0.5), form(sent).put(progress="乙", percent=0.5))


def test_two_items_that_want_different_values_in_one_cell_are_both_left_and_named() -> None:
    ledger = two_words()
    one, other = (the_change(ledger, "progress", word) for word in ("甲", "乙"))
    both = {**verdict(one, Choice.BACK), **verdict(other, Choice.BACK)}
    assert merge.contradicting(merge.decide(ledger), both) == {one.id, other.id}
    done = merge.applied(ledger, both)
    assert {column for _, column in done.written} == {"percent"}
    assert cell(done.ledger, "progress") == "推进中"


@pytest.mark.parametrize(
    ("choice", "words"),
    [(Choice.NOW, None), (Choice.OTHER, "甲"), (Choice.OTHER, None)],
    ids=["kept", "the same words", "nothing yet"],
)
def test_items_that_agree_or_decide_nothing_contradict_nobody(choice: Choice, words: str | None) -> None:
    ledger = two_words()
    one, other = (the_change(ledger, "progress", word) for word in ("甲", "乙"))
    both = {**verdict(one, Choice.BACK), **verdict(other, choice, words)}
    assert merge.contradicting(merge.decide(ledger), both) == frozenset()
    assert cell(merge.applied(ledger, both).ledger, "progress") == "甲"


def test_a_settled_item_says_how_it_was_settled() -> None:
    sent = dispatched(book(ONE))
    first = returned(sent, form(sent).put(progress="甲"))
    told = {}
    for choice in Choice:
        done = applied(first, verdict(the_change(first, "progress"), choice, "折中"))
        told[choice] = merge.describe(the_change(with_report(done, FIRST, FGJ, progress="再改"), "progress"))
    assert told == {
        Choice.BACK: "已按上报值写入台账，此后台账又有改动。",
        Choice.NOW: "已裁决保留台账，上报值没有采用。",
        Choice.OTHER: "已按“另行填写”的内容写入台账，上报值没有采用。",
    }


def test_every_item_says_why_it_is_listed() -> None:
    sent = dispatched(book(ONE))
    wrong = the_change(returned(sent, form(sent).put(percent="六成")), "percent")
    assert merge.finding(wrong, {}).code is wrong.kept.fault is Code.NOT_PERCENT
    assert merge.describe(wrong) == (
        f"“{wrong.file.name}” 第4行 完成率：“六成”不是百分比。请填 0% 到 100% 之间的数，例如 60%。"
    )
    assert merge.finding(wrong, {}).task == FIRST
    long = the_change(returned(sent, form(sent).put(phone="9" * 51)), "phone")
    assert merge.describe(long) == (
        f"“{long.file.name}” 第4行 联系电话：文字有51字，超过50字。请压缩到50字以内，详情放入佐证材料。"
    )
    edit = with_report(sent, FIRST, FGJ, progress="营商办核实")
    moved = the_change(returned(edit, form(sent).put(progress="甲")), "progress")
    assert merge.describe(moved) == "下发以后台账已有改动，请对照裁决。"
    tied = returned(sent, form(sent).put(progress="甲"), form(sent).put(progress="乙"))
    repeated = returned(sent, form(sent).put(progress="甲").twice(FIRST, progress="乙"))
    for ledger in (tied, repeated):
        told = merge.describe(the_change(ledger, "progress", "甲"))
        assert told == "同一部门的上报互相矛盾，分不出先后，请裁决。"
    emptied = the_change(returned(sent, form(sent).put(progress=None)), "progress")
    assert merge.describe(emptied) == merge.explained(Disposition.CLEARED)


@pytest.mark.parametrize(("target", "told"), [("新任务", "新任务"), (None, "RW2020-999")])
def test_a_row_nobody_knows_is_named_by_its_words_or_else_by_its_code(target: str | None, told: str) -> None:
    sent = dispatched(book(ONE))
    (row,) = held(returned(sent, form(sent).plus(code="RW2020-999", target=target, progress="已开工")))
    assert told in merge.why_row(row)


def test_what_stands_under_a_strange_header_waits_while_its_task_is_there() -> None:
    sent = dispatched(book(TWO))
    file = recognised(sent, form(sent))
    rows = (replace(file.rows[0], extra={"科室意见": "同意", "签字": "已签"}), *file.rows[1:])
    after = merge.merged(sent, [diff.received(sent, replace(file, rows=rows), NOW)])
    (row,) = held(after)
    assert (row.why, dict(row.cells)) == (Code.COLUMN_EXTRA, {"科室意见": "同意", "签字": "已签"})
    assert "“科室意见、签字”" in merge.why_row(row)
    assert merge.decide(after) == ()
    gone = replace(after, tasks=after.tasks[1:])
    assert [row.why for row in held(gone)] == [Code.TASK_GONE]


def test_a_task_whose_cells_say_headers_is_a_task_all_the_same() -> None:
    sent = dispatched(book(ONE))
    told = {"progress": "完成率", "problem": "进展情况", "next_step": "填报日期"}
    after = returned(sent, form(sent).put(**told))
    assert {row[2]: row[4] for row in decided(after)} == {BY_KEY[key].title: said for key, said in told.items()}


def fresh(text: str) -> str:
    """Return an equal text that is another object, as one read from a file is."""
    return "".join(list(text))


def test_texts_read_from_files_are_compared_by_what_they_say() -> None:
    sent = dispatched(book(ONE))
    after = returned(sent, form(sent).plus(**{**form(sent).rows[0], "code": fresh(FIRST), "progress": "乙"}))
    assert [row[3:] for row in decided(after)] == [("冲突", "乙")]
    read = {(batch, ReportKey(key.task, fresh(key.department))): cells for (batch, key), cells in sent.base.items()}
    assert received(replace(sent, base=read), form(sent).without(FIRST)).missing == (FIRST,)
    strict = dispatched(book(ONE, new_rows=fresh(REFUSE), repeats=fresh(AS_CONFLICT)))
    assert held(returned(strict, form(strict).plus(code="RW2020-999", target="新任务"))) == ()
    early, late = (form(strict).put(progress=t, reported_on=d) for t, d in (("甲", SEVENTH), ("乙", EIGHTH)))
    both = returned(strict, early, late)
    assert {c.disposition for c in merge.decide(both) if c.kept.column == "progress"} == {Disposition.CONFLICT}


def test_what_was_written_counts_as_accepted_in_a_ledger_read_again() -> None:
    sent = dispatched(book(ONE))
    done = applied(returned(sent, form(sent).put(progress="甲")))
    kept = replace(done.received[0].kept[0], settled=fresh("已采用"))
    again = replace(done, received=(replace(done.received[0], kept=(kept,)),))
    assert merge.counts(again, again.received[0], merge.decide(again), written=True)[Disposition.ACCEPTED] == 1


def test_the_lasting_names_keep_their_form() -> None:
    sent = dispatched(book(ONE))
    after = returned(sent, form(sent).put(progress="甲").plus(code=None, no=9, target="新任务"))
    (row,), item = held(after), the_change(after, "progress")
    assert item.id.split("|")[:-1] == [item.file.batch, FIRST, FGJ, "progress"]
    assert len(item.id.split("|")[-1]) == 12
    assert row.id == f"{row.file.batch}|{FGJ}|{row.file.sha256[:12]}|5"


def test_counts_of_a_file_that_lost_a_row_are_refused() -> None:
    sent = dispatched(book(ONE))
    after = returned(sent, form(sent))
    with pytest.raises(ValueError, match="zip"):
        merge.counts(after, replace(after.received[0], unchanged=()), ())


def test_a_strangers_file_is_listed_before_those_of_known_batches() -> None:
    ledger = dispatched(dispatched(book(ONE, strangers=HOLD)), date(2020, 9, 11))
    strange = replace(form(ledger), batch="2020-01-上旬-01").put(progress="外来的话")
    after = returned(ledger, form(ledger, batch=0), form(ledger, batch=1), strange)
    assert [file.batch for file in after.received] == [strange.batch, *(batch.id for batch in ledger.batches)]


def test_a_doubtful_file_is_nobodys_return() -> None:
    ledger = dispatched(book(ONE, strangers=HOLD))
    strange = returned(ledger, replace(form(ledger), ledger_id="L9").put(progress="外来的话"))
    assert merge.missing_departments(strange, strange.batches[-1]) == (FGJ,)
    new = returned(ledger, form(ledger).plus(code=None, no=9, target="新任务"))
    assert merge.missing_departments(new, new.batches[-1]) == ()


def test_what_is_the_same_or_locked_is_not_open() -> None:
    sent = dispatched(book(ONE))
    after = returned(
        with_report(sent, FIRST, FGJ, progress="已办结"), form(sent).put(progress="已办结", target="任务一")
    )
    assert {c.disposition: c.open for c in merge.decide(after)} == {Disposition.SAME: False, Disposition.LOCKED: False}


def test_a_bulk_other_for_a_department_leaves_the_decision_to_nobody() -> None:
    sent = dispatched(book(ONE))
    before = returned(with_report(sent, FIRST, FGJ, progress="营商办核实"), form(sent).put(progress="甲"))
    listed = frozenset(c.id for c in merge.decide(before))
    assert Decisions({}, {"冲突": Choice.OTHER}, listed).spread(merge.decide(before), ()) == {}


def test_a_row_whose_lead_moved_waits_even_where_new_rows_are_not_taken() -> None:
    sent = dispatched(book(ONE, new_rows=REFUSE))
    after = returned(with_office(sent, FIRST, leads=ZJJ), form(sent).put(progress="甲"))
    assert [row.why for row in held(after)] == [Code.LEAD_MOVED]


@pytest.mark.parametrize("choice", [Choice.BACK, Choice.OTHER])
def test_a_held_row_is_done_with_by_leaving_the_ledger_alone_and_by_nothing_else(choice: Choice) -> None:
    sent = dispatched(book(ONE))
    after = returned(sent, form(sent).plus(code="RW2020-999", target="新任务"))
    (row,) = held(after)
    assert merge.applied(after, {row.id: Verdict(choice, "折中")}).dismissed == ()


def test_a_return_without_a_day_is_earlier_than_one_with_a_day() -> None:
    sent = dispatched(book(ONE))
    dated = form(sent).put(progress="甲", reported_on=SEVENTH)
    after = returned(sent, form(sent).put(progress="乙"), dated)
    assert the_change(after, "progress", "甲").disposition is Disposition.ACCEPTED
    assert the_change(after, "progress", "乙").disposition is Disposition.SUPERSEDED


def test_a_value_taken_once_is_asked_again_when_it_comes_again_after_the_office_changed_the_cell() -> None:
    sent = dispatched(book(ONE))
    done = applied(returned(sent, form(sent).put(progress="甲")))
    edited = with_report(done, FIRST, FGJ, progress="再改")
    again = returned(edited, form(sent).put(progress="甲", phone="5900001"))
    assert sorted(c.kept.settled for c in merge.decide(again) if c.kept.column == "progress") == ["", "已采用"]


def test_an_act_taken_back_leaves_what_other_acts_turned_down() -> None:
    sent = dispatched(book(ONE))
    before = returned(sent, form(sent).put(progress="甲", percent=0.9))
    both = {c.id: Verdict(Choice.NOW) for c in merge.decide(before)}
    done = applied(before, both)
    back = merge.reopened(done, [(done.received[0].sha256, "4", "进展情况")])
    assert {c.kept.column: c.kept.settled for c in merge.decide(back)} == {"progress": "", "percent": "已保留"}


def test_what_stood_under_a_strange_header_waits_again_when_its_dismissal_is_taken_back() -> None:
    sent = dispatched(book(ONE))
    file = recognised(sent, form(sent))
    rows = (replace(file.rows[0], extra={"科室意见": "同意"}),)
    before = merge.merged(sent, [diff.received(sent, replace(file, rows=rows), NOW)])
    (row,) = held(before)
    done = applied(before, {row.id: Verdict(Choice.NOW)})
    assert held(done) == ()
    assert held(merge.reopened(done, [(row.file.sha256, "4", "科室意见")])) == (row,)


def test_a_file_adds_up_after_one_of_its_tasks_was_deleted_from_the_ledger() -> None:
    sent = dispatched(book(TWO))
    before = returned(sent, form(sent).put(SECOND, progress="甲"))
    gone = replace(before, tasks=before.tasks[1:])
    (file,) = gone.received
    found = merge.counts(gone, file, merge.decide(gone))
    assert sum(found.values()) == merge.returned_cells(gone, file) == len(SENT)
    assert (found[Disposition.ACCEPTED], found[Disposition.UNCHANGED]) == (1, len(SENT) - 1)


def test_changes_are_found_by_the_file_they_came_in() -> None:
    sent = dispatched(book(ONE))
    after = returned(sent, form(sent).put(progress="甲", percent=0.9))
    (file,) = after.received
    assert [c.kept.column for c in merge.by_file(merge.decide(after))[file.sha256]] == ["progress", "percent"]


def two_batches(word: str = "甲") -> Ledger:
    """Return a ledger to which a department sent the same words in two batches, nothing written yet."""
    first = dispatched(book(ONE))
    second = dispatched(first, date(2020, 9, 11))
    return returned(second, form(second, FGJ, 0).put(progress=word), form(second, FGJ, 1).put(progress=word))


@pytest.mark.parametrize(
    ("choice", "other", "stands", "settled"),
    [
        (Choice.NOW, None, "推进中", "已保留"),
        (Choice.OTHER, "乙", "乙", "已另填"),
        (Choice.BACK, None, "甲", "已采用"),
        (None, "乙", "推进中", ""),
        (Choice.OTHER, None, "推进中", ""),
    ],
)
@pytest.mark.parametrize("batch", [0, 1])
def test_a_decision_on_words_that_came_in_two_batches_holds_for_both(
    choice: Choice | None, other: str | None, stands: str, settled: str, batch: int
) -> None:
    before = two_batches()
    changes = [c for c in merge.decide(before) if c.kept.column == "progress"]
    assert [c.disposition for c in changes] == [Disposition.ACCEPTED] * 2
    said = {changes[batch].id: Verdict(choice, other)}
    assert merge.contradicting(changes, said) == frozenset()
    done = merge.applied(before, said)
    assert cell(done.ledger, "progress") == stands
    assert [c.kept.settled for c in merge.decide(done.ledger) if c.kept.column == "progress"] == [settled] * 2


def test_words_that_came_in_two_batches_are_written_where_nothing_was_decided() -> None:
    done = applied(two_batches())
    assert cell(done, "progress") == "甲"


JOINT = f"""
| 序号 | 牵头部门 | 牵头单位 | 进展情况 |
| 1 | {FGJ}、{ZJJ} | {FGJ} | 推进中 |
| 1 | {FGJ}、{ZJJ} | {ZJJ} | 二 |
"""


def known_as(ledger: Ledger, department: str, doubt: Code | None = None) -> Ledger:
    """Return the ledger after one and the same file was handed in and known as a department's."""
    file = replace(recognised(ledger, form(ledger, FGJ).put(progress="甲")), department=department, doubt=doubt)
    return merge.merged(ledger, [diff.received(ledger, file, NOW)])


def owners(ledger: Ledger) -> list[str]:
    return [file.department for file in ledger.received]


def test_a_file_is_read_anew_when_it_is_known_as_anothers_and_nothing_of_it_is_settled() -> None:
    first = known_as(dispatched(book(JOINT)), ZJJ)
    assert owners(first) == [ZJJ]
    assert owners(known_as(first, FGJ)) == [FGJ]


def test_a_file_of_which_something_is_settled_stays_whose_it_was() -> None:
    shown = known_as(dispatched(book(JOINT)), ZJJ)
    first = applied(merge.seen(shown, merge.decide(shown)))
    assert owners(known_as(first, FGJ)) == [ZJJ]


def test_a_file_in_doubt_is_read_anew_once_the_doubt_is_gone_and_the_other_way_round() -> None:
    sent = dispatched(book(JOINT))
    doubted = known_as(sent, FGJ, Code.MISMATCH)
    assert (len(held(doubted)), merge.decide(doubted)) == (1, ())
    cleared = known_as(doubted, FGJ)
    assert (held(cleared), len(merge.decide(cleared))) == ((), 1)
    again = known_as(cleared, FGJ, Code.MISMATCH)
    assert (len(held(again)), merge.decide(again)) == (1, ())


def test_a_file_known_as_before_stays_as_it_was() -> None:
    first = known_as(dispatched(book(JOINT)), FGJ)
    assert known_as(first, FGJ) == first


def test_a_file_doubted_for_another_reason_now_says_that_one() -> None:
    first = known_as(dispatched(book(JOINT)), FGJ, Code.STRANGER)
    assert [row.why for row in held(first)] == [Code.STRANGER]
    assert [row.why for row in held(known_as(first, FGJ, Code.MISMATCH))] == [Code.MISMATCH]


def test_the_words_of_a_row_that_end_a_sentence_do_not_end_it_twice() -> None:
    (row,) = held(known_as(dispatched(book(JOINT)), FGJ, Code.MISMATCH))
    for why in (Code.ROW_CROSSED, Code.ROW_UNKNOWN, Code.TASK_GONE):
        told = merge.why_row(replace(row, why=why, sent={}, cells={"target": "引导企业诚信用工。"}))
        assert "引导企业诚信用工" in told
        assert "。。" not in told.replace("”", "")
