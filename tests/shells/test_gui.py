"""The window, driven with real clicks and keys on a screen of its own: it leaves the ledger as the commands do."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from test_loop import Desk

from ledgers import FGJ, SWJ, ZJJ, book
from screens import Hand, hand, screen
from taizhang import actions, deciding, tables
from taizhang.books.ledgers import open_ledger
from taizhang.cli import main
from taizhang.demo import LEDGER_NAME, make_returns
from taizhang.gui import view
from taizhang.gui.jobs import Ended, Job, Question, Step

pytestmark = pytest.mark.window
GRID = "| 序号 | 牵头部门 | 进展情况 | 完成率 | 填报日期 |\n" + "\n".join(
    f"| {n} | {(FGJ, ZJJ, SWJ)[n % 3]} | 原来{n} | 10% | 2020-08-28 |" for n in range(1, 13)
)
TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(\.\d+)?")


@pytest.fixture(scope="module")
def display() -> Iterator[dict[str, str]]:
    with screen() as environment:
        yield environment


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk with ten conflicts to come: three departments changed what the office changed since."""
    made = Desk(tmp_path, book(GRID))
    made.split()
    for name in (FGJ, ZJJ, SWJ):
        made.fill_rows(name, {(row, key): f"部门{row}" for row in range(4) for key in ("progress",)})
    for row in range(10):
        made.type_task(row, progress=f"台账{row}")
    return made


@pytest.fixture
def demo(tmp_path: Path) -> Desk:
    """Return the demo's ledger and its returned files, the office having changed ten of the cells that came back."""
    found = Desk.__new__(Desk)
    found.folder, found.path = tmp_path, tmp_path / LEDGER_NAME
    found.sent, found.back, found.now = tmp_path / "下发", tmp_path / "交回", datetime(2020, 9, 1, 9)
    with as_file(files("taizhang") / "data" / "notice_2020.txt") as notice:
        actions.new(notice, found.path, found.context)
    make_returns(found.split().files, found.sent, found.back)
    rows = {code: row for row, code in enumerate(task.code for task in found.ledger.tasks)}
    tried = twin(found, tmp_path / "试")  # which cells come back at all
    told = [one for one in tried.merge().changes if one.kept.column == "progress" and one.pending]
    single = [one.kept.code for one in told if len(found.ledger.leads[one.kept.code]) == 1]
    shutil.rmtree(tried.folder)
    for code in single[:10]:
        found.type_task(rows[code], progress=f"营商办改写的进展（{code}）")
    return found


@pytest.fixture
def window(desk: Desk, display, tmp_path) -> Iterator[Hand]:
    with hand(display, tmp_path / "told.json", [str(desk.path), str(desk.back)]) as found:
        found.until(lambda seen: seen["items"] and seen["idle"])
        yield found


@pytest.fixture
def demo_window(demo: Desk, display, tmp_path) -> Iterator[Hand]:
    with hand(display, tmp_path / "told.json", [str(demo.path), str(demo.back)]) as found:
        found.until(lambda seen: seen["items"] and seen["idle"])
        yield found


def command(desk: Desk, *arguments: str) -> int:
    name, *more = arguments
    return main([name, str(desk.path), *more])


def twin(desk: Desk, folder: Path) -> Desk:
    """Return another office with the same ledger, lists and returns."""
    shutil.copytree(desk.folder, folder, ignore=shutil.ignore_patterns("told.*"))  # what the window says of itself
    other = Desk.__new__(Desk)
    other.folder, other.path, other.sent, other.back = folder, folder / desk.path.name, folder / "下发", folder / "交回"
    other.now = desk.now
    return other


def left(desk: Desk) -> dict[str, list[list[str]]]:
    """Return every cell of a ledger, moments and what is counted from them left out."""
    grids = open_ledger(desk.path).grids
    hashes = {field.title for field in tables.JOURNAL_TABLE.fields if field.key in ("previous", "hash")}
    told: dict[str, list[list[str]]] = {}
    for name, rows in grids.items():
        head = next((row for row in rows if hashes <= set(map(str, row))), ())
        drop = {n for n, title in enumerate(head) if title in hashes} if name == tables.JOURNAL else set()
        told[name] = [[TIME.sub("T", str(cell)) for n, cell in enumerate(row) if n not in drop] for row in rows]
    return told


def test_the_whole_loop_by_clicks_ends_as_by_commands(demo, demo_window, tmp_path, display):
    desk, window = demo, demo_window
    other = twin(desk, tmp_path / "另一桌")
    assert command(other, "merge", str(other.back)) == 1
    seen = window.seen
    conflicts = [row for row in seen["items"] if row[0] == "冲突"]
    assert len(conflicts) == 10
    assert seen["tab"] == 2
    order = [(row[2], row[4]) for row in seen["items"]]
    for first, last in ((0, 0), (1, 3)):  # by mouse: one, then several
        window.click(f"item:{first}")
        window.click(f"item:{last}", "shift")
        window.click("choice:BACK")
        window.idle()
    for first, last in ((4, 4), (5, 7)):  # by keyboard
        window.click(f"item:{first}")
        window.click(f"item:{last}", "shift")
        window.type("2")
        window.idle()
    for number in range(8):
        choice = "--back" if number < 4 else "--now"
        command(other, "decide", "--no", order[number][0], "--column", order[number][1], choice)
    window.click("other")
    window.write("agreed 7/10")
    window.click("item:8")
    window.click("item:9", "ctrl")
    window.click("choice:OTHER")
    window.idle()
    for number in (8, 9):
        command(other, "decide", "--no", order[number][0], "--column", order[number][1], "--other", "agreed 7/10")
    assert [row[1] for row in window.seen["items"][:10]] == ["采用上报"] * 4 + ["保留台账"] * 4 + [
        "另行填写：agreed 7/10"
    ] * 2
    assert left(desk) == left(other)

    window.click("act:apply")
    told = window.idle()["told"]
    assert command(other, "apply") == 1
    left_open = sum(item.open for item in deciding.items(other.path))
    assert left_open
    assert f"还有 {left_open} 项待裁决" in told
    assert left(desk) == left(other)

    window.click("act:undo")
    window.click("yes")
    assert "已撤销" in window.idle()["told"]
    command(other, "undo")
    assert left(desk) == left(other)

    window.click("act:summary")
    window.idle()
    command(other, "summary")
    assert left(desk) == left(other)


def told_cells(desk: Desk) -> list[list[str]]:
    """Return the cells of 工作台账, whatever the files around it are called."""
    return left(desk)[tables.LEDGER]


def test_a_question_answered_with_no_changes_nothing(desk, window):
    window.click("choice:BACK")
    window.click("act:apply")
    window.idle()
    before = desk.path.read_bytes()
    window.click("act:undo")
    window.click("no")
    assert window.idle()["told"] == "没有撤销。"
    assert desk.path.read_bytes() == before


def test_all_that_is_listed_is_decided_at_once_and_filtered_away(desk, window):
    window.click("item:0")
    window.type("ctrl+a")
    window.until(lambda seen: seen["selected"] == len(seen["items"]))
    window.type("1")
    seen = window.idle()
    assert {row[1] for row in seen["items"]} == {"采用上报"}
    window.click("undecided")
    window.until(lambda seen: not seen["items"])


def test_a_ledger_open_elsewhere_is_told_and_left(desk, window):
    before = desk.path.read_bytes()
    lock = desk.path.with_name(f"~${desk.path.name}")
    lock.write_bytes(b"\x06clerk" + bytes(160))
    window.click("act:apply")
    assert "正被Excel打开" in window.idle()["told"]
    assert desk.path.read_bytes() == before


def test_nothing_selected_is_said(desk, window):
    window.click("act:close")
    assert "没有选中任务" in window.idle()["told"]


@pytest.mark.parametrize("wait", [0.0, 0.15, 0.3, 0.5])
def test_killing_the_window_during_apply_leaves_the_ledger_before_or_after(desk, window, tmp_path, wait):
    window.click("item:0")
    window.type("ctrl+a")
    window.type("1")
    window.idle()
    before, other = left(desk), twin(desk, tmp_path / "另一桌")
    command(other, "apply")
    after = left(other)
    window.click("act:apply")
    time.sleep(wait)
    window.process.send_signal(signal.SIGKILL)
    window.process.wait(10)
    assert left(desk) in (before, after)
    assert command(desk, "log", "--verify") == 0


def test_bulk_choices_ask_once_and_take_what_is_filtered(desk, window, tmp_path):
    other = twin(desk, tmp_path / "另一桌")
    command(other, "merge", str(other.back))
    window.click("department")
    window.type("Down", "Return")  # the first department
    first = window.until(lambda seen: len({row[3] for row in seen["items"]}) == 1)["items"]
    window.click("choice:ALL_NOW")
    window.click("no")
    assert {row[1] for row in window.idle()["items"]} == {""}
    window.click("choice:ALL_NOW")
    window.click("yes")
    assert [row[1] for row in window.idle()["items"]] == ["保留台账"] * len(first)
    command(other, "decide", "--department", first[0][3], "--now")
    assert left(desk) == left(other)


def test_the_loop_by_keys_alone_ends_as_by_commands(desk, display, tmp_path):
    other = twin(desk, tmp_path / "另一桌")
    named = desk.path.rename(desk.folder / "ledger.xlsx")  # xdotool types ASCII
    desk.back.rename(desk.folder / "back")
    with hand(display, tmp_path / "told.json", []) as window:
        window.until(lambda seen: seen["idle"])
        window.type("ctrl+o")
        window.write(str(named), 1.0)
        window.type("Return")
        window.until(lambda seen: seen["tasks"] and seen["idle"])
        window.type("F6")
        while (held := window.until(lambda seen: seen["held"].startswith("act:"))["held"]) != "act:merge":
            window.type("Right")
            window.until(lambda seen, held=held: seen["held"] != held)
        window.type("Return")
        window.until(lambda seen: seen["asked"])
        window.type("n")  # no files: a folder
        window.write(str(desk.folder / "back"), 1.0)
        window.type("Return")  # into the folder
        time.sleep(0.5)
        window.type("Return")
        window.until(lambda seen: seen["items"] and seen["idle"])
        window.type("alt+3")
        window.until(lambda seen: seen["held"] == "items")
        window.type("ctrl+a", "1")
        window.until(lambda seen: seen["idle"] and all(row[1] for row in seen["items"]))
        window.type("shift+F6")
        while (held := window.until(lambda seen: seen["held"].startswith("act:"))["held"]) != "act:merge":
            window.type("Right")
            window.until(lambda seen, held=held: seen["held"] != held)
        window.type("Down")
        window.until(lambda seen: seen["held"] == "act:apply")
        window.type("space")
        window.until(lambda seen: seen["idle"] and not seen["items"])
    command(other, "merge", str(other.back))
    command(other, "decide", "--back")
    command(other, "apply")
    desk.path = named
    assert told_cells(desk) == told_cells(other)


def test_files_dropped_on_the_window_are_previewed_and_a_ledger_is_shown(desk, display, tmp_path):
    before = desk.path.read_bytes()
    with hand(display, tmp_path / "told.json", []) as window:
        window.until(lambda seen: seen["idle"] and "table" in seen["places"])
        window.drag(sorted(desk.back.iterdir())[:1], "table")
        window.until(lambda seen: "请先打开台账，再拖一次" in seen["told"] and seen["idle"])
        window.drag([desk.path], "table")
        window.until(lambda seen: seen["path"] == str(desk.path) and seen["idle"])
        assert desk.path.read_bytes() == before
        window.drag(sorted(desk.back.iterdir()), "table")
        seen = window.until(lambda seen: seen["items"] and seen["idle"])
    assert {row[3] for row in seen["items"]} == {FGJ, ZJJ, SWJ}


def test_files_without_a_ledger_belong_to_the_one_shown_last(desk, display, tmp_path):
    with hand(display, tmp_path / "told.json", [str(desk.path)]) as window:
        window.until(lambda seen: seen["tasks"] and seen["idle"])
    with hand(display, tmp_path / "told.json", []) as window:
        assert window.until(lambda seen: seen["tasks"] and seen["idle"])["path"] == str(desk.path)
    with hand(display, tmp_path / "again.json", [str(desk.back)]) as window:
        window.until(lambda seen: len(seen["items"]) >= 10 and seen["idle"])


def test_a_ledger_open_in_a_program_is_told_when_it_is_shown(desk, display, tmp_path):
    desk.path.with_name(f".~{desk.path.name}").write_bytes(b"\x06clerk" + bytes(160))
    with hand(display, tmp_path / "told.json", [str(desk.path)]) as window:
        assert "WPS" in window.until(lambda seen: seen["tasks"] and seen["idle"])["told"]


def test_work_is_called_off_by_a_click_and_nothing_is_written(desk, display, tmp_path):
    before = desk.path.read_bytes()
    (sent, *_) = sorted(desk.back.iterdir())
    for number in range(600):
        shutil.copyfile(sent, desk.back / f"{number}.xlsx")
    with hand(display, tmp_path / "told.json", [str(desk.path), str(desk.back)]) as window:
        window.until(lambda seen: seen["below"].startswith("读取交回文件"))
        window.click("stop")
        assert "中断" in window.until(lambda seen: seen["told"])["told"]
        assert window.idle()["items"] == []
    assert desk.path.read_bytes() == before


def test_the_ledger_is_opened_in_the_program_that_is_there(desk, display, tmp_path, monkeypatch):
    program, told = tmp_path / "bin" / "xdg-open", tmp_path / "opened"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > "{told}"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    with hand(display, tmp_path / "told.json", [str(desk.path)]) as window:
        window.until(lambda seen: seen["tasks"] and seen["idle"])
        window.click("shower")
        window.until(lambda _seen: told.exists() and told.read_text("utf-8") == str(desk.path))


def test_on_a_dense_screen_all_is_larger(desk, tmp_path):
    seen = {}
    for dpi in (96, 192):
        with (
            screen("2600x1800", dpi) as display,
            hand(display, tmp_path / f"{dpi}.json", [str(desk.path), str(desk.back)]) as window,
        ):
            seen[dpi] = window.until(lambda seen: seen["items"] and seen["idle"])
    for measure in (lambda one: one["size"][0], lambda one: one["size"][1], lambda one: one["column"]):
        assert measure(seen[192]) == pytest.approx(2 * measure(seen[96]), rel=0.05)


# What needs no screen


def test_work_that_is_called_off_stops_where_it_next_says_how_far_it_is():
    reached: list[int] = []

    def work(job: Job) -> None:
        for number in range(1000):
            job.progress("读取", number, 1000)
            reached.append(number)
            time.sleep(0.002)

    job = Job(work)
    job.start()
    while not reached:
        time.sleep(0.001)
    job.call_off()
    news = ended(job)
    assert isinstance(news[0], Step)
    assert news[-1] == Ended(fault="已按要求中断，正在写的内容没有生效。")
    assert len(reached) < 1000


def test_work_may_ask_and_goes_on_with_the_answer():
    job = Job(lambda job: job.ask("继续吗？"))
    job.start()
    while not (news := job.news()):
        time.sleep(0.001)
    (question,) = news
    assert isinstance(question, Question)
    question.answer(True)
    assert ended(job)[-1] == Ended(True)


def ended(job: Job) -> list[object]:
    found: list[object] = []
    while not found or not isinstance(found[-1], Ended):
        found += job.news()
        time.sleep(0.002)
    return found


def test_a_merge_that_is_called_off_leaves_the_ledger_as_it_was(desk):
    from taizhang.gui.desk import WindowDesk, do

    before = desk.path.read_bytes()

    def work(job: Job) -> object:
        job.call_off()
        return do(WindowDesk(desk.path, (), job), "merge", [str(desk.back)])

    job = Job(work)
    job.start()
    assert "中断" in ended(job)[-1].fault
    assert desk.path.read_bytes() == before


def test_the_history_is_found_by_all_words_the_newest_first(desk):
    desk.merge()
    desk.apply()
    found = view.look(desk.path, replace(desk.context))
    assert [line.number for line in view.chosen_lines(found.lines, "")] == [one.number for one in reversed(found.lines)]
    hits = view.chosen_lines(found.lines, f"手工修改 {ZJJ}")
    assert hits
    assert all(ZJJ in line.department and line.operation == "手工修改" for line in hits)
