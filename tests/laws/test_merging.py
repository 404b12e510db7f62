"""Laws of the pure core: no return, in whatever order and state, loses or overwrites anything in silence."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from ledgers import (
    COUNTED,
    NOW,
    OFFICE_KEYS,
    Form,
    Story,
    applied,
    code_in,
    dispatched,
    form,
    hand_edits,
    held,
    ledgers,
    matched,
    present,
    received,
    reopened,
    returned,
    rival_stories,
    said,
    stories,
)
from taizhang import journal, merge
from taizhang.columns import BY_KEY, BY_TITLE
from taizhang.entries import typed
from taizhang.findings import Code
from taizhang.journal import Act, Journal
from taizhang.ledger import Ledger, ReportKey
from taizhang.merge import Change, Choice, Disposition, Verdict
from taizhang.values import Value, comparable, is_blank, same, serial, shown

few = settings(max_examples=40, deadline=None)
many = settings(max_examples=80, deadline=None)


def values(ledger: Ledger) -> dict[tuple[ReportKey, str], Value]:
    """Return every cell of a ledger: the office's under no department, each lead's report under its own."""
    office = {
        (ReportKey(t.code, ""), key): value for t in (*ledger.tasks, *ledger.items) for key, value in t.cells.items()
    }
    own = {(key, name): value for key, cells in ledger.reports.items() for name, value in cells.items()}
    return {place: value for place, value in {**office, **own}.items() if not is_blank(value)}


def texts(ledger: Ledger) -> dict[tuple[ReportKey, str], str]:
    """Return every cell of a ledger as its journal would write it, dates in a general cell as numbers."""
    return {place: str(comparable(serial(v) if place[1] == "deadline" else v)) for place, v in values(ledger).items()}


def told(ledger: Ledger) -> Counter[tuple[object, ...]]:
    """Return every listed cell and every held one, whatever their order."""
    listed = [(c.file.sha256, c.kept.where, c.id, c.disposition, c.kept.settled) for c in merge.decide(ledger)]
    waiting = [
        (row.file.sha256, row.where, row.code, row.why, *((k, shown(v)) for k, v in row.cells.items()))
        for row in held(ledger)
    ]
    return Counter([*listed, *waiting])


def unedited(ledger: Ledger) -> list[Form]:
    return [form(ledger, sent.department) for sent in ledger.batches[-1].files]


def base_of(ledger: Ledger, one: Form, code: str, key: str) -> Value:
    return ledger.base.get((one.batch, ReportKey(code, one.department)), {}).get(key)


# --- 1 to 3: nothing returned, any order, twice ---


@few
@given(ledgers())
def test_an_unedited_return_changes_nothing(start: Ledger) -> None:
    sent = dispatched(start)
    after = returned(sent, *unedited(sent))
    assert merge.decide(after) == ()
    assert held(after) == ()
    assert values(applied(after)) == values(start)


@few
@given(ledgers(), st.data())
def test_an_unedited_return_changes_nothing_whatever_the_office_did_meanwhile(
    start: Ledger, data: st.DataObject
) -> None:
    sent = dispatched(start)
    edited = data.draw(hand_edits(sent, leads=False))
    after = returned(edited, *unedited(sent))
    assert merge.decide(after) == ()
    assert values(applied(after)) == values(edited)


@many
@given(stories() | rival_stories(), st.data())
def test_the_order_and_grouping_of_files_makes_no_difference(story: Story, data: st.DataObject) -> None:
    at_once = returned(story.ledger, *story.forms)
    shuffled = data.draw(st.permutations(story.forms))
    one_by_one = story.ledger
    for one in shuffled:
        one_by_one = returned(one_by_one, one)
    assert told(one_by_one) == told(at_once)
    assert values(applied(one_by_one)) == values(applied(at_once))


@few
@given(stories())
def test_merging_the_same_files_again_changes_nothing(story: Story) -> None:
    once = returned(story.ledger, *story.forms)
    assert returned(once, *story.forms) == once
    done = applied(once)
    assert values(applied(returned(done, *story.forms))) == values(done)
    assert told(returned(done, *story.forms)) == told(done)


@few
@given(stories())
def test_applying_twice_writes_nothing_the_second_time(story: Story) -> None:
    done = applied(returned(story.ledger, *story.forms))
    again = merge.applied(done, {})
    assert again.written == {}
    assert values(again.ledger) == values(done)


# --- 4: conservation ---


def counted(ledger: Ledger, one: Form) -> int:
    return sum(len(present(one, row)) for _, row in matched(ledger, one))


def untouched(ledger: Ledger, one: Form) -> int:
    """Return how many cells of a form say what they said when they were sent."""
    return sum(
        same(said(key, row.get(key)), said(key, base_of(ledger, one, code_in(row), key)))
        for _, row in matched(ledger, one)
        for key in present(one, row)
    )


@many
@given(stories())
def test_every_returned_cell_is_counted_under_exactly_one_disposition(story: Story) -> None:
    after = returned(story.ledger, *story.forms)
    changes = merge.decide(after)
    for one in story.forms:
        file = received(story.ledger, one)
        found = merge.counts(after, file, changes)
        assert file.cells == counted(story.ledger, one)
        assert sum(found.values()) == counted(story.ledger, one)
        assert found[Disposition.UNCHANGED] == untouched(story.ledger, one)
        assert min(found.values()) >= 0


@few
@given(stories())
def test_once_it_was_seen_a_change_is_what_it_would_be_if_decided_anew(story: Story) -> None:
    first = merge.merged(story.ledger, [received(story.ledger, one) for one in story.forms])
    changes = merge.decide(first)
    seen = merge.seen(first, changes)
    anew = [(c.file, c.kept, c.base, c.now, c.disposition, c.answered, c.id) for c in merge.decide(seen)]
    assert [
        (c.file, c.kept, c.base, c.now, c.disposition, c.answered, c.id) for c in merge.as_seen(seen, changes)
    ] == anew


@few
@given(stories())
def test_no_cell_is_listed_twice(story: Story) -> None:
    after = returned(story.ledger, *story.forms)
    listed = Counter((c.file.sha256, c.kept.where, c.kept.column) for c in merge.decide(after))
    waiting = Counter((row.file.sha256, row.where, key) for row in held(after) for key in row.cells)
    assert max((listed + waiting).values(), default=1) == 1


# --- 5 and 6: no silent overwrite, no loss ---


@many
@given(stories() | rival_stories())
def test_a_cell_changes_only_from_a_base_or_an_earlier_word_to_a_returned_word(story: Story) -> None:
    before = returned(story.ledger, *story.forms)
    after = applied(before)
    old, new = values(before), values(after)
    for key, name in old.keys() | new.keys():
        was, becomes = old.get((key, name)), new.get((key, name))
        if same(was, becomes):
            continue
        backs = [c for c in merge.decide(before) if (c.key, c.kept.column) == (key, name)]
        assert any(same(becomes, c.kept.back) for c in backs)
        bases = [before.base[c.file.batch, key].get(name) for c in backs]
        assert any(same(said(name, was), said(name, v)) for v in (*bases, *(c.kept.back for c in backs)))
        assert key.department


@few
@given(stories() | rival_stories())
def test_no_cell_is_emptied_without_a_decision_but_in_the_columns_the_office_named(story: Story) -> None:
    before = returned(story.ledger, *story.forms)
    emptied = values(before).keys() - values(applied(before)).keys()
    assert {name for _, name in emptied} <= {"problem", "next_step"}


@many
@given(stories())
def test_a_conflict_an_invalid_a_locked_and_a_held_cell_leave_the_ledger_as_it_is(story: Story) -> None:
    before = returned(story.ledger, *story.forms)
    after = applied(before)
    written = {(c.key, c.kept.column) for c in merge.decide(before) if c.disposition is Disposition.ACCEPTED}
    for place in values(before).keys() | values(after).keys():
        if place not in written:
            assert same(values(before).get(place), values(after).get(place))


@many
@given(stories())
def test_every_returned_value_is_in_the_ledger_or_on_a_list(story: Story) -> None:
    after = applied(returned(story.ledger, *story.forms))
    listed = {(c.file.sha256, c.kept.where, c.kept.column): c.kept.back for c in merge.decide(after)}
    waiting = {(row.file.sha256, row.where, key): value for row in held(after) for key, value in row.cells.items()}
    found = listed | waiting
    for one in story.forms:
        for number, row in one.placed:
            for key in present(one, row):
                back = said(key, row.get(key))
                if same(back, said(key, base_of(story.ledger, one, code_in(row), key))):
                    continue
                place = (one.sheets.sha256, number, key)
                assert place in found, (number, key, back)
                assert same(found[place], back)


@many
@given(stories())
def test_what_was_written_is_settled_and_stands_in_the_ledger(story: Story) -> None:
    before = returned(story.ledger, *story.forms)
    outcome = merge.applied(before, {})
    for (key, name), change in outcome.written.items():
        assert same(outcome.ledger.report(key).get(name), change.kept.back)


def later(ledger: Ledger, change: Change) -> tuple[int, date, datetime, datetime]:
    """Return how new a return is: its batch, its latest 填报日期, the date of its mail, the document's own."""
    file = change.file
    batch = [one.id for one in ledger.batches].index(file.batch)
    own = file.mailed_at or datetime.min, file.modified_at or datetime.min
    return batch, file.reported_on or date.min, *own


def counts_for(change: Change) -> bool:
    """Return whether a returned value can win: the department's own cell, and a valid value."""
    return change.kept.column in COUNTED and change.kept.fault in (None, Code.ROW_REPEATED)


@many
@given(stories() | rival_stories())
def test_what_is_written_is_said_by_the_newest_return_that_changed_the_cell(story: Story) -> None:
    before = returned(story.ledger, *story.forms)
    changes = merge.decide(before)
    for (key, name), written in merge.applied(before, {}).written.items():
        rivals = [c for c in changes if (c.key, c.kept.column) == (key, name) and counts_for(c)]
        newest = max(later(before, c) for c in rivals)
        words = [c.kept.back for c in rivals if later(before, c) == newest]
        assert all(same(word, written.kept.back) for word in words)


@many
@given(stories() | rival_stories())
def test_only_a_newer_return_supersedes_and_none_is_accepted_against_one(story: Story) -> None:
    before = returned(story.ledger, *story.forms)
    changes = merge.decide(before)
    for change in changes:
        rivals = [c for c in changes if (c.key, c.kept.column) == (change.key, change.kept.column) and counts_for(c)]
        newest = max((later(before, c) for c in rivals), default=later(before, change))
        words = [c.kept.back for c in rivals if later(before, c) == newest]
        if change.disposition is Disposition.SUPERSEDED:
            assert later(before, change) < newest
        elif change.disposition is Disposition.ACCEPTED:
            assert any(same(word, change.kept.back) for word in words)


@few
@given(stories(), st.data())
def test_files_that_arrive_after_an_apply_lose_nothing_either(story: Story, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(story.forms)))
    done = applied(returned(story.ledger, *story.forms[:first]))
    after = applied(returned(done, *story.forms[first:]))
    found = {(c.file.sha256, c.kept.where, c.kept.column) for c in merge.decide(after)}
    found |= {(row.file.sha256, row.where, key) for row in held(after) for key in row.cells}
    for one in story.forms:
        for number, row in matched(story.ledger, one):
            for key in present(one, row):
                base = said(key, base_of(story.ledger, one, code_in(row), key))
                assert same(said(key, row.get(key)), base) or (one.sheets.sha256, number, key) in found


# --- 7 and 8: whose cell it is ---


@many
@given(stories())
def test_a_departments_return_touches_its_own_reports_alone(story: Story) -> None:
    after = applied(returned(story.ledger, *story.forms))
    returners = {one.department for one in story.forms}
    for key in story.ledger.reports.keys() | after.reports.keys():
        if key.department not in returners:
            assert story.ledger.report(key) == after.report(key)


@many
@given(stories())
def test_office_cells_never_change_through_a_merge(story: Story) -> None:
    after = applied(returned(story.ledger, *story.forms))
    assert (after.tasks, after.items) == (story.ledger.tasks, story.ledger.items)
    assert not {k for cells in after.reports.values() for k in cells} & {*OFFICE_KEYS}


@many
@given(stories())
def test_what_is_written_keeps_every_cell_rule(story: Story) -> None:
    before = returned(story.ledger, *story.forms)
    for (_, name), change in merge.applied(before, {}).written.items():
        assert typed(BY_KEY[name], change.kept.back).fault is None


@few
@given(stories(), st.sampled_from(Choice), st.sampled_from([None, "", "另写", 0.8, "9月", date(2020, 9, 9)]))
def test_no_decision_writes_an_invalid_or_a_locked_cell(story: Story, choice: Choice, other: Value) -> None:
    before = returned(story.ledger, *story.forms)
    verdicts = {c.id: Verdict(choice, other) for c in merge.decide(before)}
    outcome = merge.applied(before, verdicts)
    assert (outcome.ledger.tasks, outcome.ledger.items) == (before.tasks, before.items)
    for key, name in outcome.written:
        assert typed(BY_KEY[name], outcome.ledger.report(key).get(name)).fault is None


# --- 9: what is written down is what is read back (files: test_loop.py) ---


@few
@given(stories(), st.booleans())
def test_a_ledger_laid_out_and_read_again_decides_the_same(story: Story, apply: bool) -> None:
    before = returned(reopened(story.ledger), *story.forms)
    before = applied(before) if apply else before
    again = reopened(before)
    assert told(again) - told(before) == told(before) - told(again) == Counter()
    assert texts(applied(again)) == texts(applied(before))
    assert again.batches == before.batches
    assert [f.missing for f in again.received] == [f.missing for f in before.received]


@few
@given(ledgers(), st.data())
def test_an_unedited_return_changes_nothing_across_a_reopened_ledger(start: Ledger, data: st.DataObject) -> None:
    sent = dispatched(start)
    edited = data.draw(hand_edits(reopened(sent), leads=False))
    after = returned(edited, *unedited(sent))
    assert merge.decide(after) == ()


@few
@given(stories(), st.sampled_from(Choice))
def test_decisions_find_their_items_in_a_reopened_ledger(story: Story, choice: Choice) -> None:
    before = returned(reopened(story.ledger), *story.forms)
    verdicts = {c.id: Verdict(choice, None) for c in merge.decide(before)}
    there, here = merge.applied(reopened(before), verdicts), merge.applied(before, verdicts)
    assert {place: c.kept.back for place, c in there.written.items()} == {
        place: c.kept.back for place, c in here.written.items()
    }


# --- 10: the journal ---


@few
@given(stories())
def test_the_journal_replays_from_the_old_ledger_to_the_new_one(story: Story) -> None:
    before = returned(story.ledger, *story.forms)
    after = applied(before)
    lines = Journal().extended([(Act(journal.APPLY, NOW, ""), journal.changed(before, after))]).lines
    now = spelt(before)
    for number, line in enumerate(lines, 1):
        place = line.place[0], BY_TITLE[line.column].key
        assert line.number == number
        assert line.old == now.get(place, "")
        now[place] = line.new
    assert {place: text for place, text in now.items() if text} == spelt(after)


def spelt(ledger: Ledger) -> dict[tuple[ReportKey, str], str]:
    """Return every report's cells as the journal writes them: a text that looks like a day keeps its sign."""
    return {(key, name): journal.spelt(BY_KEY[name].title, value) for (key, name), value in values(ledger).items()}
