"""变更记录 after the file was written, and after another program has saved it: the same lines, the same chain."""

from __future__ import annotations

import shutil
from copy import copy
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import office
from core.test_journal import held, replayed
from ledgers import AS_OF, FGJ, FIRST, book, with_report
from shells.test_loop import AWKWARD, Desk
from taizhang import actions, journal, tables
from taizhang.books import file, ledgers
from taizhang.cli import main
from taizhang.journal import Act, Journal
from taizhang.layout.result import RESULTS_TABLE
from taizhang.merge import Choice

TEXTS = (
    *AWKWARD,
    "行末空格   ",
    "   行首空格",
    "\n首尾换行\n",
    "\t首尾制表\t",
    "一\r\n二\r三",
    "_x0041_",
    "a_x000D_\nb",
    "&amp;lt;",
    '"双引号"“弯引号”',
    "''两个单引号",
    "e\u0301 与 é",
    "甲\x0b乙\x7f丙\x85丁",
    "竖\u2028排\u2029符",
    "\u202e从右到左",
    "\ufeff开头",
    "0.1",
    "1e5",
    "9月8日",
    "1/2",
    "60%",
    "FALSE",
    "#REF!",
    '=HYPERLINK("http://x")',
    "字，" * 5_000,
    "🀄" * 3_000,
    "行\n" * 800,
)


def desk_with(folder: Path, texts: tuple[str, ...]) -> Desk:
    """Return a ledger that holds the texts, one in the report on each task."""
    rows = "\n".join(f"| {n} | {FGJ} |" for n in range(1, len(texts) + 1))
    made = book(f"| 序号 | 牵头部门 |\n{rows}", as_of=AS_OF)
    for task, text in zip(made.tasks, texts, strict=True):
        made = with_report(made, task.code, FGJ, progress=text)
    return Desk(folder, made)


def write(desk: Desk) -> Journal:
    """Write the ledger once more; return its record."""
    actions.status(desk.path, desk.context, AS_OF, write=True)
    return record(desk)


def record(desk: Desk) -> Journal:
    return actions.log(desk.path).journal


def verified(desk: Desk) -> bool:
    return main(["log", str(desk.path), "--verify"]) == 0


# --- after a write of our own ---


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("案卷")


CASES = count(1)


@settings(max_examples=25, deadline=None)
@given(st.text(), st.text(), st.sampled_from(TEXTS) | st.text(), st.text(max_size=30))
def test_any_words_are_read_back_as_they_were_chained(folders: Path, old: str, new: str, more: str, who: str) -> None:
    folder = folders / str(next(CASES))
    folder.mkdir()
    desk = desk_with(folder, (old, more))
    desk.type_task(0, progress=new, note=more)
    act = Act(journal.STATUS, desk.context.now, who)
    with ledgers.editing(desk.path) as opened:
        after = opened.ledger.with_office(FIRST, {"requirement": more})
        ledgers.save(opened, after, act, AS_OF)
    found = actions.log(desk.path)
    assert found.broken is None
    assert replayed(found.journal) == held(desk.ledger)
    assert list(journal.hand_edits(found.journal, desk.ledger)) == []


def test_awkward_words_come_back_by_undo(tmp_path: Path) -> None:
    desk = desk_with(tmp_path, TEXTS)
    desk.split()
    before = held(desk.ledger)
    desk.fill_rows(FGJ, {(n, "progress"): f"改{n}" for n in range(len(TEXTS))})
    desk.merge()
    assert desk.apply().written == len(TEXTS)
    actions.undo(desk.path, desk.context)
    assert held(desk.ledger) == before
    assert verified(desk)


# --- after LibreOffice saved the file ---


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Journal]:
    """Return a ledger full of awkward words in every field of its record, as LibreOffice saved it, and that record."""
    folder = tmp_path_factory.mktemp("另存")
    desk = desk_with(folder, TEXTS)
    for number, text in enumerate(reversed(TEXTS)):
        desk.type_task(number, progress=text, note=text)
    desk.split()
    _conflicts(desk)
    actions.status(desk.path, actions.Context(desk.context.now, '=操作"人"\t😀 '), AS_OF.replace(day=9), write=True)
    before = record(desk)
    assert verified(desk)
    (made,) = office.convert([desk.path], folder / "again")
    desk.path.write_bytes(made.read_bytes())
    return desk, before


def _conflicts(desk: Desk) -> None:
    """Have awkward words returned, some of them overruled, some turned down."""
    for number in range(len(TEXTS)):
        desk.type_task(number, progress=f"营商办核实{number}")
    desk.fill_rows(
        FGJ, {(n, "progress"): text for n, text in enumerate(TEXTS) if len(text) < 2_000}, to="😀 & '表'.xlsx"
    )
    desk.merge()
    desk.decide("进展情况", Choice.NOW.value)
    grid = enumerate(desk.sheet(tables.RESULTS), 1)
    rows = [number for number, row in grid if "待裁决" in row and "进展情况" in row][:5]
    desk.type(tables.RESULTS, {(row, RESULTS_TABLE.place("choice")): Choice.BACK.value for row in rows})
    desk.apply()


@pytest.fixture
def again(saved: tuple[Desk, Journal], tmp_path: Path) -> Desk:
    """Return a copy of the folder LibreOffice saved into, for one test."""
    desk = copy(saved[0])
    desk.folder = tmp_path / "副本"
    desk.path = desk.folder / desk.path.name
    shutil.copytree(saved[0].folder, desk.folder)
    return desk


@pytest.fixture
def before(saved: tuple[Desk, Journal]) -> Journal:
    return saved[1]


@pytest.mark.office
def test_no_line_says_anything_else_after_another_program_saved_the_file(again: Desk, before: Journal) -> None:
    for one, other in zip(record(again).lines, before.lines, strict=True):
        assert one == other


@pytest.mark.office
def test_a_record_is_verified_after_another_program_saved_the_file(again: Desk, before: Journal) -> None:
    assert verified(again)
    assert file.noted_head(again.path) == before.head


@pytest.mark.office
def test_saving_in_another_program_is_no_hand_edit(again: Desk) -> None:
    assert list(journal.hand_edits(record(again), again.ledger)) == []


@pytest.mark.office
def test_the_next_write_goes_on_with_the_chain(again: Desk, before: Journal) -> None:
    again.type_task(0, progress="另存之后手工改的")
    after = write(again)
    assert after.lines[: len(before.lines)] == before.lines
    assert [line.new for line in after.lines[len(before.lines) :]] == ["另存之后手工改的", "2020-09-08"]
    assert after.lines[len(before.lines)].previous == before.head.hash
    assert verified(again)
    assert replayed(after) == held(again.ledger)
