"""变更记录: its chain, what a broken one is called, and how edits made by hand are found in it (merge.md)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgers import (
    AS_OF,
    DIRECTORY,
    FGJ,
    FIRST,
    NAMES,
    NOW,
    SECOND,
    SWJ,
    YEAR,
    ZJJ,
    applied,
    book,
    drawn,
    grids_of,
    hand_edits,
    laid_out,
    ledgers,
    reopened,
    returned,
    started,
    stories,
    with_office,
    with_report,
)
from taizhang import journal, tables
from taizhang.columns import BY_KEY
from taizhang.deadlines import Deadline, Dictionary, Interval, parse
from taizhang.departments import Department, Directory
from taizhang.journal import Act, CellChange, Head, Journal, Line, Origin, Place, canonical
from taizhang.layout import office
from taizhang.layout.reading import read_ledger
from taizhang.ledger import Ledger, ReportKey
from taizhang.settings import COLOURS, SETTINGS
from taizhang.values import Value, comparable

few = settings(max_examples=50, deadline=None)
many = settings(max_examples=150, deadline=None)
HAND = Act(journal.HAND, NOW + timedelta(days=1), "")
RENAMED = "区发展改革局"
BOTH = f"""
| 序号 | 牵头部门 | 牵头单位 | 进展情况 | 完成率 | 存在问题 |
| 1 | {FGJ} | {FGJ} | 推进中 | 30% | 缺人 |
| 2 | {FGJ}、{ZJJ} | {FGJ} | 一 | 50% | |
| 2 | {FGJ}、{ZJJ} | {ZJJ} | 二 | 80% | 缺钱 |
"""


# --- what a journal must add up to, counted here for itself ---


def said(cells: Mapping[Place, Value]) -> dict[Place, str]:
    """Return cells as canonical text without the spelling that makes no difference, blank ones left out."""
    texts = {place: comparable(canonical(value)) for place, value in cells.items()}
    return {place: str(text) for place, text in texts.items() if text is not None}


def meant(place: Place, text: str) -> str | None:
    """Return what a line's text says of a cell."""
    return said({place: journal.recalled(place[1], text)}).get(place)


def held(ledger: Ledger) -> dict[Place, str]:
    """Return every cell that has a history: the office's, each report's, and what belongs to no task.

    A wording of 字典 that means what it says has none.
    """
    found: dict[Place, Value] = {(SWITCH, one.title): ledger.settings.values[one.key] for one in SETTINGS}
    found |= {(SWITCH, f"颜色：{status}"): colour for status, colour in ledger.settings.colours.items()}
    found |= {
        (SWITCH, f"单位名录：{one.name}"): "、".join([one.name, *one.aliases]) for one in ledger.directory.departments
    }
    for word, read in ledger.dictionary.entries.items():
        place = SWITCH, canonical(f"字典：{word}")
        found |= {place: wording(read)} if wording(read) != unsaid(place) else {}
    found |= {(SWITCH, f"结旬：{one.period.label}"): one.closed_at.isoformat(" ") for one in ledger.snapshots}
    for task in (*ledger.tasks, *ledger.items):
        found |= {(ReportKey(task.code, ""), BY_KEY[name].title): value for name, value in task.cells.items()}
    for key, cells in ledger.reports.items():
        if key.task in ledger.by_code:
            found |= {(key, BY_KEY[name].title): value for name, value in cells.items()}
    return said(found)


SWITCH = ReportKey("", "")


def wording(read: Deadline) -> str:
    """Return what a line says of a wording: its day, its interval, or neither."""
    return "、".join(str(one) for one in (read.due, read.interval and read.interval.value) if one) or "未注明"


def unsaid(place: Place) -> str | None:
    """Return what a cell says that the record never mentions: a wording what it means, the others nothing."""
    return wording(parse(place[1].removeprefix("字典："), YEAR)) if place[1].startswith("字典：") else None


def replayed(record: Journal, directory: Directory = DIRECTORY) -> dict[Place, str]:
    """Return what the cells hold after all lines, from nothing but the first values of the settings.

    Every line must go on from what the lines before it left.
    """
    found = said({(SWITCH, one.title): one.default for one in SETTINGS})
    found |= {(SWITCH, f"颜色：{status}"): colour for status, colour in COLOURS.items()}
    for line in record.lines:
        if line.department == journal.COMPOSED or line.old == line.new:
            continue
        department = directory.canonical(line.department) or line.department
        place = ReportKey(line.task, department), line.column
        assert meant(place, line.old) == found.get(place, unsaid(place)), f"第{line.number}条"
        new = meant(place, line.new)
        found = without(found, place) if new == unsaid(place) else {**found, place: str(new)}
    return found


def without(found: Mapping[Place, str], place: Place) -> dict[Place, str]:
    return {one: text for one, text in found.items() if one != place}


def seen(record: Journal, ledger: Ledger) -> Journal:
    """Return the journal after a write found what staff did by hand."""
    return record.extended([(HAND, journal.hand_edits(record, ledger))])


def edits(record: Journal, ledger: Ledger) -> list[CellChange]:
    return list(journal.hand_edits(record, ledger))


# --- strategies ---


_SWITCHES: Mapping[str, list[Value]] = {
    "title": ["营商环境工作台账", "另一本台账"],
    "as_of": [None, AS_OF, date(2020, 12, 31)],
    "warn_days": [30, 15, 0],
    "tolerance": [20, 12.5],
    "clearing": ["存在问题、下一步措施", "整改答复"],
    "joint_percent": ["最低值", "平均值"],
    "unit": ["区营商办", "营商办\n综合组"],
}


@st.composite
def edited(draw: st.DrawFn, ledger: Ledger) -> Ledger:
    """Draw what staff did by hand: cells, who leads, a task's row deleted, a setting."""
    ledger = draw(emptied(draw(hand_edits(ledger))))
    if draw(RARELY):
        ledger = dropped(ledger, draw(st.sampled_from(ledger.tasks)).code)
    return with_settings(ledger, **draw(switches())) if draw(st.booleans()) else ledger


RARELY = st.sampled_from([False, False, False, True])


@st.composite
def emptied(draw: st.DrawFn, ledger: Ledger) -> Ledger:
    """Draw the ledger, or that with one cell of a report emptied."""
    filled = [(key, name) for task in ledger.tasks for key in ledger.keys_of(task.code) for name in ledger.report(key)]
    if not filled or draw(st.booleans()):
        return ledger
    key, name = draw(st.sampled_from(filled))
    return ledger.with_reports({key: {name: None}})


def switches() -> st.SearchStrategy[dict[str, Value]]:
    return st.fixed_dictionaries({}, optional={key: st.sampled_from(pool) for key, pool in _SWITCHES.items()})


def with_settings(ledger: Ledger, **values: Value) -> Ledger:
    return replace(ledger, settings=replace(ledger.settings, values={**ledger.settings.values, **values}))


@dataclass(frozen=True)
class Shelf:
    """A ledger and its journal."""

    ledger: Ledger
    record: Journal


@st.composite
def shelves(draw: st.DrawFn) -> Shelf:
    """Draw a ledger that has been written a few times, with hand edits before each."""
    ledger = draw(ledgers())
    record = started(ledger)
    for number in range(draw(st.integers(0, 3))):
        by_hand = draw(edited(ledger))
        record = seen(record, by_hand)
        ledger = draw(hand_edits(by_hand, leads=False)) if by_hand.tasks else by_hand
        act = Act(journal.APPLY, NOW + timedelta(days=number), "经办\n人", file=draw(st.text(max_size=8)))
        record = record.extended([(act, journal.changed(by_hand, ledger))])
        if not ledger.tasks:
            break
    return Shelf(ledger, record)


# --- the chain ---


@few
@given(shelves())
def test_the_chain_of_any_ledgers_changes_holds(shelf: Shelf) -> None:
    assert shelf.record.broken(shelf.record.head) is None
    assert [line.number for line in shelf.record.lines] == list(range(1, len(shelf.record.lines) + 1))


@few
@given(shelves(), st.data())
def test_every_head_that_was_ever_noted_still_fits(shelf: Shelf, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, len(shelf.record.lines)))
    older = Journal(shelf.record.lines[:count]).head
    assert shelf.record.broken(older, shelf.record.head) is None


@few
@given(shelves())
def test_the_journal_replays_from_nothing_to_the_ledger(shelf: Shelf) -> None:
    assert replayed(shelf.record) == held(shelf.ledger)


def test_a_journal_without_lines_is_whole_and_its_head_is_empty() -> None:
    assert (Journal().broken(None, Journal().head), str(Journal().head)) == (None, "0:")


def test_an_act_that_changed_nothing_leaves_no_line_and_takes_no_number() -> None:
    record = started(book(BOTH))
    again = record.extended([(HAND, []), (HAND, []), (HAND, [change("1", "进展情况", "推进中", "二")])])
    assert (len(again.lines) - len(record.lines), again.lines[-1].act) == (1, record.lines[-1].act + 1)


def test_acts_are_numbered_on_and_their_lines_share_the_number() -> None:
    record = started(book(BOTH)).extended([(HAND, [change("1", "进展情况", "推进中", "二")] * 2)])
    record = record.extended([(HAND, [change("1", "进展情况", "二", "三")])])
    assert [line.act for line in record.lines[-3:]] == [2, 2, 3]


def change(no: str, column: str, old: Value, new: Value, department: str = FGJ) -> CellChange:
    return CellChange(ReportKey(f"RW2020-00{no}", department), int(no), column, old, new)


def test_a_line_says_who_when_what_and_from_which_file() -> None:
    place = ReportKey(FIRST, FGJ), "完成率"
    origins = {place: Origin("表\r\n一.xlsx", "f0", "0.7（别的表）", 7)}
    act = Act(journal.APPLY, datetime(2020, 9, 8, 9, 30, 15, 999), "王\x07五", origins, "总表.xlsx", "aa")
    changes = [change("1", "完成率", 0.3, 0.1 + 0.2), change("1", "完成日期", None, date(2020, 9, 8))]
    first, second = Journal().extended([(act, changes)]).lines
    assert replace(first, previous="", hash="") == Line(
        *(1, 1, "2020-09-08 09:30:15", "王五", "执行合并", "表\n一.xlsx", "f0", "7"),
        *(FGJ, FIRST, "1", "完成率", "0.3", "0.3", "0.7（别的表）"),
    )
    assert (second.file, second.sha256, second.old, second.new) == ("总表.xlsx", "aa", "", "2020-09-08")
    assert (first.previous, second.previous) == ("", first.hash)


def test_a_text_longer_than_a_cell_is_cut_in_its_line_and_the_cut_is_marked() -> None:
    long = "字" * 40_000
    (line,) = Journal().extended([(HAND, [change("1", "进展情况", long, None)])]).lines
    assert (line.old[:100], line.old[-1], len(line.old) <= 32_767) == (long[:100], "…", True)


# --- a broken chain is named by its first broken line ---

_OTHERS: Mapping[str, list[object]] = {
    "number": [0, 1, 2, 3, 99],
    "act": [0, 1, 2, 99],
    "at": ["2020-09-08 09:30:01", ""],
    "operation": [*journal.NEVER_UNDONE, journal.APPLY],
    "department": [*NAMES, ""],
    "task": [FIRST, SECOND, ""],
    "column": ["进展情况", "完成率", ""],
}
NEW_TEXTS = st.sampled_from(["", " ", "0", "推进中", "推进中 ", "另一句"]) | st.text(max_size=5)
FIELDS = [field.name for field in fields(Line)]


def other_values(line: Line, name: str) -> st.SearchStrategy[object]:
    """Return what a field may be made to say instead."""
    values = st.sampled_from(_OTHERS[name]) if name in _OTHERS else NEW_TEXTS
    return values.filter(lambda value: value != getattr(line, name))


def places_in(record: Journal, most: int = 1) -> st.SearchStrategy[int]:
    return st.integers(0, len(record.lines) - most)


def with_lines(record: Journal, lines: Iterable[Line]) -> Journal:
    return replace(record, lines=tuple(lines))


def named(record: Journal, *heads: Head | None) -> int | None:
    found = record.broken(*heads)
    return found.number if found else None


@pytest.mark.parametrize("name", FIELDS)
@settings(max_examples=15, deadline=None)
@given(shelves(), st.data())
def test_any_edit_of_any_field_of_any_line_is_named(name: str, shelf: Shelf, data: st.DataObject) -> None:
    lines = list(shelf.record.lines)
    place = data.draw(places_in(shelf.record))
    lines[place] = replace(lines[place], **{name: data.draw(other_values(lines[place], name))})  # type: ignore[arg-type]
    assert named(with_lines(shelf.record, lines)) == place + 1


@many
@given(shelves(), st.data())
def test_words_moved_from_one_field_to_the_next_are_named(shelf: Shelf, data: st.DataObject) -> None:
    lines = list(shelf.record.lines)
    place = data.draw(places_in(shelf.record))
    left, right = data.draw(
        st.sampled_from([("column", "old"), ("old", "new"), ("department", "task"), ("task", "no")])
    )
    words = getattr(lines[place], left)
    if words:
        moved = {left: words[:-1], right: words[-1] + getattr(lines[place], right)}
        lines[place] = replace(lines[place], **moved)
        assert named(with_lines(shelf.record, lines)) == place + 1


@few
@given(shelves(), st.data())
def test_any_removed_line_is_named(shelf: Shelf, data: st.DataObject) -> None:
    place = data.draw(places_in(shelf.record))
    rest = shelf.record.lines[:place] + shelf.record.lines[place + 1 :]
    assert named(with_lines(shelf.record, rest), shelf.record.head) == place + 1


@few
@given(shelves(), st.data())
def test_any_two_swapped_lines_are_named(shelf: Shelf, data: st.DataObject) -> None:
    lines = list(shelf.record.lines)
    first = data.draw(places_in(shelf.record, 2))
    second = data.draw(st.integers(first + 1, len(lines) - 1))
    lines[first], lines[second] = lines[second], lines[first]
    assert named(with_lines(shelf.record, lines)) == first + 1


@few
@given(shelves(), st.data())
def test_a_line_that_stands_twice_is_named(shelf: Shelf, data: st.DataObject) -> None:
    place = data.draw(places_in(shelf.record))
    lines = [*shelf.record.lines[: place + 1], *shelf.record.lines[place:]]
    assert named(with_lines(shelf.record, lines)) == place + 2


@few
@given(shelves(), st.data())
def test_any_cut_at_the_end_is_named_where_the_head_is_noted_elsewhere(shelf: Shelf, data: st.DataObject) -> None:
    count = data.draw(places_in(shelf.record))
    cut = Journal(shelf.record.lines[:count])
    assert named(cut) is None
    assert named(cut, None, shelf.record.head) == count + 1
    assert f"{len(shelf.record.lines)}条" in cut.broken(shelf.record.head).fault  # type: ignore[union-attr]


@few
@given(shelves(), st.data())
def test_a_chain_made_anew_from_some_line_on_is_named_by_its_head(shelf: Shelf, data: st.DataObject) -> None:
    place = data.draw(places_in(shelf.record))
    forged = list(shelf.record.lines[:place])
    for line in (replace(shelf.record.lines[place], new="伪造的话"), *shelf.record.lines[place + 1 :]):
        previous = forged[-1].hash if forged else ""
        forged.append(replace(line, previous=previous, hash=line.digest(previous)))
    assert named(with_lines(shelf.record, forged)) is None
    assert named(with_lines(shelf.record, forged), shelf.record.head) == len(forged)


def test_a_line_renumbered_with_its_hash_still_leaves_a_gap() -> None:
    record = started(book(BOTH))
    lines = [record.lines[0], *(replace(line, number=line.number + 1) for line in record.lines[2:3])]
    lines[1] = replace(lines[1], number=9, previous=lines[0].hash)
    lines[1] = replace(lines[1], hash=lines[1].digest(lines[0].hash))
    assert named(with_lines(record, lines)) == 2


@few
@given(shelves())
def test_a_head_is_read_as_it_was_written(shelf: Shelf) -> None:
    head = shelf.record.head
    assert Head.read(str(head)) == head


@pytest.mark.parametrize("text", ["", "无", ":abc", "-1:abc", "1.5:abc", "x:1"])
def test_what_is_no_head_is_none(text: str) -> None:
    assert Head.read(text) is None


# --- canonical text ---

SAME_TEXT: list[tuple[Value, str]] = [
    (None, ""),
    ("", ""),
    ("e\u0301", "é"),
    ("一\r\n二\r三\n四", "一\n二\n三\n四"),
    ("甲\x00\x07\x0b乙\x7f\x85丙", "甲乙丙"),
    ("制表\t符", "制表\t符"),
    ("e\x01\u0301", "é"),
    ("A\x00\u030a", "Å"),
    ("半个\ud83d字符", "半个字符"),
    ("😀\u200b零宽", "😀\u200b零宽"),
    (" 前后空格 ", " 前后空格 "),
    ("１２％", "１２％"),
    (date(2020, 9, 8), "2020-09-08"),
    (datetime(2020, 9, 8), "2020-09-08"),
    (datetime(2020, 9, 8, 16, 5), "2020-09-08 16:05"),
    (0.1 + 0.2, "0.3"),
    (2 / 3, "0.666666666666667"),
    (123456789012345680.0, "1.23456789012346e+17"),
    (1.0, "1"),
    (-0.5, "-0.5"),
    (7, "7"),
    (True, "是"),
    (False, "否"),
]


@pytest.mark.parametrize(("value", "text"), SAME_TEXT)
def test_canonical_text_is_what_every_program_saves_alike(value: Value, text: str) -> None:
    assert canonical(value) == text


@many
@given(st.text())
def test_canonical_text_is_its_own_canonical_text(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "\r" not in once


@many
@given(st.text(st.characters() | st.sampled_from("\x00\t\n\x7f\x85\x9f\ud800\udfff\ufffe\uffff\u3000")))
def test_canonical_text_leaves_out_what_no_file_holds_and_nothing_else(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    held = [c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")]
    expected = unicodedata.normalize("NFC", "".join(c for c in held if c not in "\ufffe\uffff"))
    assert canonical(text) == (expected if expected.strip() else "")


@many
@given(st.text(), st.sampled_from(["\r\n", "\r", "\n"]))
def test_the_kind_of_line_break_makes_no_difference(text: str, kind: str) -> None:
    plain = text.replace("\r", "")
    assert canonical(plain.replace("\n", kind)) == canonical(plain)


# --- written down and read again ---


def reread(record: Journal, ledger: Ledger) -> Journal:
    """Return a journal after its sheet was laid out and read again."""
    sheets = {**laid_out(ledger), tables.JOURNAL: office.journal_sheet(record)}
    return read_ledger("台账", grids_of(sheets), {}).journal


WORDS = st.sampled_from(["", " ", "　", "\n", "=1+1", "_x000D_", "'", "12", "2020-09-08", "TRUE"]) | st.text(max_size=6)


@few
@given(shelves())
def test_a_journal_laid_out_and_read_again_is_the_same_journal(shelf: Shelf) -> None:
    again = reread(shelf.record, shelf.ledger)
    assert again == shelf.record
    assert again.broken(shelf.record.head) is None


@many
@given(WORDS, WORDS, WORDS, WORDS)
def test_no_words_break_the_chain_when_they_are_read_again(who: str, file: str, old: str, overruled: str) -> None:
    ledger = book(BOTH)
    place = ReportKey(FIRST, FGJ), "进展情况"
    act = Act(journal.FIX, NOW, who, {place: Origin(file, "f0", overruled)})
    record = started(ledger).extended([(act, [change("1", "进展情况", old, None), change("1", "完成率", None, old)])])
    assert reread(record, ledger).broken(record.head) is None


# --- what was changed by hand ---


@many
@given(ledgers(), st.data())
def test_what_staff_edit_by_hand_is_found_once_and_the_journal_then_tells_the_ledger(
    ledger: Ledger, data: st.DataObject
) -> None:
    record = started(ledger)
    assert edits(record, ledger) == []
    for _ in range(data.draw(st.integers(1, 3))):
        if not ledger.tasks:
            break
        ledger = data.draw(edited(ledger))
        record = seen(record, ledger)
        assert edits(record, ledger) == []
        assert replayed(record) == held(ledger)


@few
@given(ledgers(), st.data())
def test_what_staff_edit_by_hand_is_found_in_a_ledger_that_was_read_again(ledger: Ledger, data: st.DataObject) -> None:
    start = reopened(ledger)
    record = started(start)
    assert edits(record, reopened(start)) == []
    after = reopened(data.draw(hand_edits(start)))
    record = seen(record, after)
    assert edits(record, reopened(after)) == []
    assert replayed(record) == held(after)


@few
@given(stories(), st.data())
def test_nothing_that_a_merge_wrote_counts_as_edited_by_hand(story: object, data: st.DataObject) -> None:
    before = returned(story.ledger, *story.forms)  # type: ignore[attr-defined]
    record = started(before)
    after = applied(before)
    record = record.extended([(Act(journal.APPLY, NOW, ""), journal.changed(before, after))])
    assert edits(record, after) == []
    assert edits(reread(record, after), after) == []


@few
@given(ledgers(), st.data())
def test_a_ledger_is_its_predecessor_with_what_changed(ledger: Ledger, data: st.DataObject) -> None:
    after = data.draw(edited(ledger))
    before = replace(ledger, tasks=tuple(task for task in ledger.tasks if task.code in after.by_code))
    again = journal.with_changes(before, journal.changed(before, after))
    assert held(again) == held(after)


def told(record: Journal, ledger: Ledger) -> list[dict[str, str]]:
    """Return what was edited by hand as a drawn table has it."""
    return [
        {
            name: text
            for name, text in (
                ("序号", canonical(one.no)),
                ("单位", one.key.department),
                ("列", one.column),
                ("原值", canonical(one.old)),
                ("新值", canonical(one.new)),
            )
            if text
        }
        for one in journal.hand_edits(record, ledger)
    ]


def with_leads(ledger: Ledger, code: str, *names: str) -> Ledger:
    """Return the ledger after somebody overtyped 牵头部门 and it was read again."""
    return reopened(ledger, {code: "、".join(names)})


def dropped(ledger: Ledger, code: str) -> Ledger:
    """Return the ledger after somebody deleted a task's row."""
    return replace(ledger, tasks=tuple(task for task in ledger.tasks if task.code != code))


BY_HAND: list[tuple[str, Callable[[Ledger], Ledger], str]] = [
    (
        "another single lead",
        lambda ledger: with_leads(ledger, FIRST, SWJ),
        f"""
        | 序号 | 单位 | 列 | 原值 | 新值 |
        | 1 | | 牵头部门 | {FGJ} | {SWJ} |
        | 1 | {SWJ} | 进展情况 | | 推进中 |
        | 1 | {SWJ} | 完成率 | | 0.3 |
        | 1 | {SWJ} | 存在问题 | | 缺人 |
        | 1 | {FGJ} | 进展情况 | 推进中 | |
        | 1 | {FGJ} | 完成率 | 0.3 | |
        | 1 | {FGJ} | 存在问题 | 缺人 | |
        """,
    ),
    (
        "single turns joint",
        lambda ledger: with_leads(ledger, FIRST, FGJ, SWJ),
        f"""
        | 序号 | 单位 | 列 | 原值 | 新值 |
        | 1 | | 牵头部门 | {FGJ} | {FGJ}、{SWJ} |
        """,
    ),
    (
        "joint turns single",
        lambda ledger: with_leads(ledger, SECOND, ZJJ),
        f"""
        | 序号 | 单位 | 列 | 原值 | 新值 |
        | 2 | | 牵头部门 | {FGJ}、{ZJJ} | {ZJJ} |
        """,
    ),
    (
        "a row deleted",
        lambda ledger: dropped(ledger, FIRST),
        f"""
        | 单位 | 列 | 原值 |
        | | 序号 | 1 |
        | | 事项类别 | 开办企业 |
        | | 目标任务 | 任务1 |
        | | 完成时限 | 12月底 |
        | | 牵头部门 | {FGJ} |
        | {FGJ} | 进展情况 | 推进中 |
        | {FGJ} | 完成率 | 0.3 |
        | {FGJ} | 存在问题 | 缺人 |
        """,
    ),
    (
        "settings",
        lambda ledger: with_settings(ledger, warn_days=15, as_of=AS_OF, unit="综合组"),
        """
        | 列 | 原值 | 新值 |
        | 统计日期 | | 2020-09-08 |
        | 临期天数 | 30 | 15 |
        | 制表单位 | 区营商办 | 综合组 |
        """,
    ),
    (
        "colours",
        lambda ledger: replace(ledger, settings=replace(ledger.settings, colours={**COLOURS, "逾期": "#000000"})),
        """
        | 列 | 原值 | 新值 |
        | 颜色：逾期 | #FF7C80 | #000000 |
        """,
    ),
    (
        "wordings given another day, an interval, a meaning, taken out",
        lambda ledger: replace(
            ledger,
            dictionary=Dictionary(
                {
                    "6月底": Deadline(date(YEAR, 6, 20)),
                    "每月": Deadline(interval=Interval.QUARTER),
                    "尽快": Deadline(date(YEAR, 3, 1)),
                    "有空再说": Deadline(),
                    "12月底": Deadline(),
                }
            ),
        ),
        """
        | 列 | 原值 | 新值 |
        | 字典：6月底 | 2020-06-30 | 2020-06-20 |
        | 字典：每月 | 月 | 季 |
        | 字典：尽快 | 未注明 | 2020-03-01 |
        | 字典：12月底 | 2020-12-31 | 未注明 |
        """,
    ),
    (
        "a department listed, one renamed, an alias taken out",
        lambda ledger: replace(
            ledger,
            directory=Directory(
                (
                    Department(RENAMED, ("发改局", FGJ)),
                    Department(ZJJ, ()),
                    *(one for one in DIRECTORY.departments if one.name == SWJ),
                    Department("区法院", ()),
                )
            ),
            reports={
                k._replace(department=RENAMED if k.department == FGJ else ZJJ): v for k, v in ledger.reports.items()
            },
        ),
        f"""
        | 列 | 原值 | 新值 |
        | 单位名录：{RENAMED} | | {RENAMED}、发改局、{FGJ} |
        | 单位名录：{ZJJ} | {ZJJ}、住建局 | {ZJJ} |
        | 单位名录：区法院 | | 区法院 |
        | 单位名录：{FGJ} | {FGJ}、发改局 | |
        """,
    ),
    (
        "cells filled, changed and emptied",
        lambda ledger: with_report(
            with_office(ledger, SECOND, requirement="补充数据"),
            FIRST,
            FGJ,
            progress="已办结",
            problem=None,
            phone="5900001",
        ),
        f"""
        | 序号 | 单位 | 列 | 原值 | 新值 |
        | 1 | {FGJ} | 进展情况 | 推进中 | 已办结 |
        | 1 | {FGJ} | 联系电话 | | 5900001 |
        | 2 | | 整改要求 | | 补充数据 |
        | 1 | {FGJ} | 存在问题 | 缺人 | |
        """,
    ),
]


@pytest.mark.parametrize(("edit", "lines"), [case[1:] for case in BY_HAND], ids=[case[0] for case in BY_HAND])
def test_hand_edits_are_told_by_task_department_column_old_and_new(
    edit: Callable[[Ledger], Ledger], lines: str
) -> None:
    ledger = reopened(book(BOTH))
    record = started(ledger)
    after = edit(ledger)
    assert told(record, after) == drawn(lines)
    assert edits(seen(record, after), after) == []
    assert replayed(seen(record, after), after.directory) == held(after)


SPELLINGS: list[tuple[str, Value, Value]] = [
    ("progress", "推进中", "推进中  "),
    ("progress", "推进 中", "推进\u3000中"),
    ("progress", "第一行\n第二行", "第一行 \r\n第二行\r\n"),
    ("progress", "12%", "１２％"),
    ("progress", "e\u0301", "é"),
    ("progress", "甲\x07乙", "甲乙"),
    ("percent", 0.1 + 0.2, 0.3),
    ("percent", 1, 1.0),
    ("done_on", date(2020, 9, 8), datetime(2020, 9, 8)),
    ("problem", None, "  "),
]
OTHER_TYPES: list[tuple[str, Value, Value]] = [
    ("done_on", date(2020, 9, 8), "2020-09-08"),
    ("percent", 0.5, "0.5"),
    ("percent", 1, True),
]


@pytest.mark.parametrize(("key", "one", "other"), SPELLINGS)
def test_another_spelling_of_the_same_value_is_no_hand_edit(key: str, one: Value, other: Value) -> None:
    ledger = with_report(book(BOTH), FIRST, FGJ, **{key: one})
    assert edits(started(ledger), with_report(ledger, FIRST, FGJ, **{key: other})) == []


@pytest.mark.parametrize(("key", "one", "other"), OTHER_TYPES)
def test_text_typed_over_a_number_or_a_day_is_a_hand_edit(key: str, one: Value, other: Value) -> None:
    ledger = with_report(book(BOTH), FIRST, FGJ, **{key: one})
    after = with_report(ledger, FIRST, FGJ, **{key: other})
    record = seen(started(ledger), after)
    assert [change.new for change in edits(started(ledger), after)] == [other]
    assert edits(record, after) == []
    assert [change.new for change in edits(record, ledger)] == [one]


@pytest.mark.parametrize("length", [2_000, 32_000, 32_001, 32_767])
def test_a_long_text_nobody_touched_is_no_hand_edit(length: int) -> None:
    ledger = with_report(book(BOTH), FIRST, FGJ, progress="字" * length)
    assert edits(started(ledger), ledger) == []


# --- departments renamed since ---


def renamed(ledger: Ledger, old: str, new: str) -> Ledger:
    """Return the ledger after a department got another name in 单位名录, the old one now an alias."""
    listed = (
        Department(new, (*one.aliases, old)) if one.name == old else one  #
        for one in ledger.directory.departments
    )
    directory = Directory(tuple(listed))
    reports = {ReportKey(k.task, directory.canonical(k.department) or ""): own for k, own in ledger.reports.items()}
    return replace(ledger, directory=directory, reports=reports)


def test_a_renamed_department_has_edited_nothing() -> None:
    ledger = book(BOTH)
    after = renamed(ledger, FGJ, RENAMED)
    assert after.leads[SECOND] == (RENAMED, ZJJ)
    assert {one.column[:4] for one in edits(started(ledger), after)} == {"单位名录"}


def test_what_a_renamed_department_writes_is_found_once() -> None:
    ledger = book(BOTH)
    after = with_report(renamed(ledger, FGJ, RENAMED), FIRST, RENAMED, progress="已办结", percent=None)
    lines = f"""
    | 序号 | 单位 | 列 | 原值 | 新值 |
    | 1 | {RENAMED} | 进展情况 | 推进中 | 已办结 |
    | 1 | {RENAMED} | 完成率 | 0.3 | |
    """
    record = started(ledger)
    assert [one for one in told(record, after) if "序号" in one] == drawn(lines)
    assert edits(seen(record, after), after) == []
    assert replayed(seen(record, after), after.directory) == held(after)


def test_a_department_renamed_and_renamed_back_goes_by_its_newest_words() -> None:
    ledger = book(BOTH)
    between = with_report(renamed(ledger, FGJ, RENAMED), FIRST, RENAMED, progress="二")
    record = seen(started(ledger), between)
    back = Directory(
        tuple(Department(d.name, (d.name[1:], RENAMED) if d.name == FGJ else ()) for d in DIRECTORY.departments)
    )
    after = replace(with_report(ledger, FIRST, FGJ, progress="三"), directory=back)
    record = seen(record, after)
    assert edits(record, after) == []
    assert replayed(record, back) == held(after)


@few
@given(ledgers(), st.data())
def test_hand_edits_on_both_sides_of_a_renaming_are_found_once(ledger: Ledger, data: st.DataObject) -> None:
    record = started(ledger)
    ledger = data.draw(hand_edits(ledger, leads=False))
    record = seen(record, ledger)
    ledger = renamed(ledger, data.draw(st.sampled_from(NAMES)), "新名称局")
    assert {one.key for one in edits(record, ledger)} == {SWITCH}
    for _ in range(2):
        ledger = data.draw(emptied(data.draw(hand_edits(ledger, leads=False))))
        record = seen(record, ledger)
        assert edits(record, ledger) == []
        assert replayed(record, ledger.directory) == held(ledger)


def test_a_text_as_long_as_a_cell_can_be_still_fits_one_with_its_sign() -> None:
    assert len(journal.spelt("备注", "'" + "长" * 32_766)) == 32_767


@pytest.mark.parametrize(("title", "text"), [("统计日期", "乱改"), ("年度", "二〇二〇"), ("临期天数", "三十")])
def test_a_line_that_was_tampered_with_reads_as_the_text_it_is(title: str, text: str) -> None:
    assert journal.recalled(title, text) == text


def test_a_decision_to_leave_the_target_alone_keeps_nothing_from_being_taken_back() -> None:
    before = book(f"| 序号 | 牵头部门 | 进展情况 |\n| 1 | {FGJ} | 旧 |")
    after = with_report(before, FIRST, FGJ, progress="新")
    kept = [CellChange(ReportKey(FIRST, FGJ), 1, title, None, None) for title in ("目标任务", "牵头部门")]
    act = Act(journal.APPLY, NOW, "经办")
    lines = Journal().extended([(act, [*journal.changed(before, after), *kept])]).lines
    plan = journal.undone(after, lines)
    assert ([change.new for change in plan.changes], plan.refused) == (["旧"], ())
