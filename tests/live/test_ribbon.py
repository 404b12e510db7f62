"""Every button on the real ledger, in a live program, started as RunPython starts it; the closed file is the measure."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from desks import coded, draw_chart, place_of, series_of
from openpyxl import load_workbook
from PIL import Image as Picture

from books.arrivals.samples import with_part
from books.test_open_book import lock_sheet, seen
from ledgers import FGJ, ZJJ, book
from shells.test_loop import THREE, Desk
from taizhang import actions, tables
from taizhang.actions import Context
from taizhang.books.excel import ExcelProgram
from taizhang.books.file import BACKUPS
from taizhang.books.ledgers import open_ledger
from taizhang.books.live import OpenBook
from taizhang.books.looks import printed
from taizhang.books.package import Package
from taizhang.books.render import render
from taizhang.checking import check, clear
from taizhang.columns import ITEM_REGISTERS, PROBLEMS
from taizhang.demo import make_returns
from taizhang.layout import office as office_layout
from taizhang.layout.department import FIRST_ROW, PLACES
from taizhang.layout.office import NOTE_PLACE, RUNNING
from taizhang.layout.parts import OWN, Area, Cell, Sheet, Workbook
from taizhang.layout.result import RESULTS_TABLE
from taizhang.lifecycle import Move, Request
from taizhang.machine import user_name
from taizhang.periods import Period

pytestmark = pytest.mark.office
HERE = Path(__file__).parent
NOTICE = HERE.parents[1] / "workbook" / "samples" / "2020年泉港区优化营商环境工作要点.txt"
PRESS = (
    "import calc, datetime, sys; calc.register(); import taizhang.ribbon as ribbon; "
    "ribbon.now = lambda: datetime.datetime.fromisoformat({now!r}); ribbon.press({arguments})"
)


@dataclass
class Pressed:
    """What became of a press: how the process ended, and what the user was asked and told."""

    code: int
    prompts: list[str]
    stderr: str


@dataclass
class Office:
    """A folder of an office, a clock, and the program in which the ledger is open beside a closed twin."""

    url: str
    app: object
    folder: Path
    now: datetime = field(default=datetime(2020, 9, 10, 17))

    def press(self, act: str, *arguments: str, book: str = "", answers: str = "", die: int = 0, **more: str) -> Pressed:
        """Press a button, in a process of its own, in the workbook's folder, as RunPython does."""
        told = self.folder / "提示.jsonl"
        told.unlink(missing_ok=True)
        shown = ", ".join(repr(one) for one in (act, *map(coded, arguments)))
        code = PRESS.format(now=self.now.isoformat(), arguments=shown)
        environment = {
            **os.environ,
            "PYTHONPATH": str(HERE),
            "TAIZHANG_CALC_URL": self.url,
            "TAIZHANG_CALC_ANSWERS": answers,
            "TAIZHANG_CALC_PROMPTS": str(told),
            **({"TAIZHANG_CALC_DIE": str(die)} if die else {}),
            **more,
        }
        command = [sys.executable, "-P", "-B", "-c", code, f"--wb={coded(book)}", "--from_xl=1", "--app=", "--hwnd="]
        done = subprocess.run(command, env=environment, cwd=self.folder, capture_output=True, text=True, check=False)
        lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
        return Pressed(done.returncode, [json.loads(line)["prompt"] for line in lines], done.stderr)

    @property
    def context(self) -> Context:
        return Context(self.now, user_name())

    def open(self, path: Path) -> ExcelProgram:
        return ExcelProgram(self.app.books.open(str(path)))  # type: ignore[attr-defined]

    def saved_by_calc(self, path: Path) -> bytes:
        """Return a closed file as the program would save it: only so can the two be compared cell by cell."""
        program = self.open(path)
        try:
            return program.snapshot()
        finally:
            program.book.close()


@pytest.fixture
def office(calc_url: str, calc_app: object, tmp_path: Path) -> Office:
    for one in list(calc_app.books):  # type: ignore[attr-defined]
        one.close()
    return Office(calc_url, calc_app, tmp_path)


@dataclass
class Twins:
    """The real ledger, dispatched and answered: closed in one folder, open in the program in another."""

    office: Office
    closed: Path
    open: Path
    back: Path
    program: ExcelProgram

    def both(
        self, act: Callable[[Path, Context], object], name: str, *arguments: str, answers: str = "", pages: bool = True
    ) -> Pressed:
        """Do an act on the closed file, press its button on the open one, and compare what they leave."""
        self.office.now += timedelta(minutes=1)
        act(self.closed, self.office.context)
        pressed = self.office.press(name, *arguments, book=self.open.name, answers=answers)
        assert (pressed.code, pressed.stderr) == (0, "")
        self.compare(pages=pages)
        return pressed

    def compare(self, *, pages: bool = True) -> None:
        """Compare all but where panes are frozen: a headless program forgets that of sheets it does not show."""
        wanted, found = seen(self.office.saved_by_calc(self.closed)), seen(self.program.snapshot())
        assert list(found) == list(wanted)
        for sheet, looked in wanted.items():
            for what in ("state", "charts", "merged", "lists", *(["page"] if pages else [])):
                assert found[sheet][what] == looked[what], (sheet, what)
            for what in ("cells", "rules"):
                assert _first_difference(found[sheet][what], looked[what]) == [], (sheet, what)
            # The program rounds a height it is told to its own pixels, otherwise than one it reads.
            heights = {
                row: (height, looked["heights"].get(row, height)) for row, height in found[sheet]["heights"].items()
            }
            assert not {row: pair for row, pair in heights.items() if abs(pair[0] - pair[1]) > 1}, sheet


def _first_difference(found: dict, wanted: dict) -> list[tuple[object, object, object]]:
    """Return the first facts that differ: an assertion over whole sheets would show everything else."""
    keys = [key for key in {*found, *wanted} if found.get(key) != wanted.get(key)]
    return [(key, *_unlike(found.get(key), wanted.get(key))) for key in sorted(keys, key=str)][:3]


def _unlike(found: object, wanted: object) -> tuple[object, object]:
    if isinstance(found, tuple) and isinstance(wanted, tuple):
        return next((one, other) for one, other in zip(found, wanted, strict=True) if one != other)
    return found, wanted


@pytest.fixture
def twins(office: Office) -> Twins:
    closed, opened = office.folder / "关着" / "台账（关着）.xlsx", office.folder / "开着" / "台账.xlsx"
    closed.parent.mkdir()
    opened.parent.mkdir()
    actions.new(NOTICE, closed, Context(datetime(2020, 7, 15, 9), "演示"))
    sent = actions.split(
        closed, office.folder / "下发", Context(datetime(2020, 9, 1, 9), "演示"), Period.parse("2020-09-上旬")
    )
    make_returns(sent.files, office.folder / "下发", office.folder / "交回")
    for path in (office.folder / "交回").iterdir():  # with 71 problems put in beside, LibreOffice 7.4 falls over
        package = Package.load(path.read_bytes())
        rows = {(row, PLACES["problem"]): None for row in package.grid(tables.LEDGER).rows if row >= FIRST_ROW}
        package.set_cells(tables.LEDGER, rows)
        path.write_bytes(package.dump())
    typed_in(closed, {row: f"8月底电话了解：第{row}行正在推进。" for row in (4, 5, 15)})
    shutil.copyfile(closed, opened)
    return Twins(office, closed, opened, office.folder / "交回", office.open(opened))


def typed_in(path: Path, progress: dict[int, str]) -> None:
    """Do what staff do between dispatch and return: type into the ledger, so that there are conflicts."""
    package = Package.load(path.read_bytes())
    package.set_cells(tables.LEDGER, {(row, office_layout.PLACES["progress"]): text for row, text in progress.items()})
    path.write_bytes(package.dump())


def decide(twins: Twins, choices: Sequence[str]) -> None:
    """Do what a clerk does in 合并结果: choose beside the first open items, in both."""
    grid = open_ledger(twins.closed).grids[tables.RESULTS]
    rows = [n for n, row in enumerate(grid, 1) if "待裁决" in row][: len(choices)]
    assert len(rows) == len(choices)
    place = RESULTS_TABLE.place("choice")
    package = Package.load(twins.closed.read_bytes())
    package.set_cells(tables.RESULTS, {(row, place): choice for row, choice in zip(rows, choices, strict=True)})
    twins.closed.write_bytes(package.dump())
    for row, choice in zip(rows, choices, strict=True):
        twins.program.book.sheets[tables.RESULTS].range((row, place)).value = choice


def test_every_button_leaves_the_open_ledger_as_the_command_line_leaves_a_closed_one(twins: Twins) -> None:
    as_of = date(2020, 9, 10)
    twins.both(lambda path, context: actions.status(path, context, as_of, write=True), "as_of", "2020年9月10日")
    twins.both(lambda path, context: actions.status(path, context, as_of, write=True), "status")
    twins.both(lambda path, context: check(path, context, write=True), "check", answers="no")
    twins.both(clear, "clear")
    merged = twins.both(
        lambda path, context: actions.merge_files(path, [twins.back], context), "merge", str(twins.back)
    )
    assert "未报名单" in merged.prompts[-1]
    decide(twins, ["采用上报", "保留台账"])
    twins.both(actions.apply, "apply")
    twins.both(actions.undo, "undo", answers="yes")
    twins.both(actions.summarise, "summary")
    assert twins.program.book.sheets.active.name == tables.SUMMARY


def test_a_period_is_closed_and_opened_again_alike(twins: Twins) -> None:
    asked = twins.both(actions.close_period, "close_period", answers="yes")
    assert "给2020年9月上旬结旬吗？" in asked.prompts[0]
    twins.both(actions.undo, "undo", answers="yes")


def test_a_notice_becomes_a_ledger_beside_it_and_is_opened(office: Office) -> None:
    notice = office.folder / NOTICE.name
    shutil.copyfile(NOTICE, notice)
    pressed = office.press("import_notice", str(notice))
    assert (pressed.code, pressed.stderr) == (0, "")
    made = notice.with_name(f"{notice.stem}_台账.xlsx")
    actions.new(NOTICE, office.folder / "对照.xlsx", office.context)
    assert made.read_bytes() == (office.folder / "对照.xlsx").read_bytes()
    assert made.name in [one.name for one in office.app.books]  # type: ignore[attr-defined]
    assert pressed.prompts[-1].startswith(f"已生成并打开台账 {made}：83 项任务")


def test_next_years_ledger_is_made_beside_and_opened(done: Twins) -> None:
    office, wanted = done.office, done.office.folder / "对照.xlsx"
    actions.roll_over(done.closed, wanted, 2021, office.context)
    pressed = office.press("rollover", book=done.open.name, answers="yes")
    assert (pressed.code, pressed.stderr) == (0, "")
    made = done.open.with_name("台账（开着）_2021.xlsx")
    assert "结转 4 项" in pressed.prompts[-1]
    assert open_ledger(made).ledger.tasks == open_ledger(wanted).ledger.tasks
    assert made.name in [one.name for one in office.app.books]  # type: ignore[attr-defined]


def test_a_dispatch_from_the_open_ledger_is_on_record_in_its_file(twins: Twins) -> None:
    folder = twins.office.folder / "再下发"
    pressed = twins.office.press("split", str(folder), book=twins.open.name)
    assert (pressed.code, pressed.stderr) == (0, "")
    made = sorted(path.name for path in folder.iterdir())
    actions.split(twins.closed, twins.office.folder / "对照", twins.office.context)
    assert made == sorted(path.name for path in (twins.office.folder / "对照").iterdir())
    assert len(open_ledger(twins.open).ledger.batches) == 2


def test_drafts_are_written_from_the_open_ledger_with_what_is_not_saved_yet(small: Twins) -> None:
    place = tables.NAMES_TABLE.place("emails")
    small.program.book.sheets[tables.NAMES].range((4, place)).value = "fgj@example.cn"
    before = seen(small.program.snapshot())
    folder = small.office.folder / "下发"
    pressed = small.office.press("mail_draft", str(folder), book=small.open.name)
    assert (pressed.code, pressed.stderr) == (0, "")
    (draft,) = (folder / "邮件草稿").glob("*.eml")
    assert FGJ in draft.name
    assert "没有填邮箱" in pressed.prompts[-1]
    assert seen(small.program.snapshot()) == before


@pytest.mark.parametrize(
    ("act", "shown", "told"), [("settings", tables.SETTINGS, "值"), ("manual", "", "手册"), ("doctor", "", "")]
)
def test_help_changes_nothing(small: Twins, act: str, shown: str, told: str) -> None:
    before = seen(small.program.snapshot())
    pressed = small.office.press(act, book=small.open.name, BROWSER="true")
    assert (pressed.code, pressed.stderr) == (0, "")
    assert told in pressed.prompts[-1]
    assert seen(small.program.snapshot()) == before
    assert not shown or small.program.book.sheets.active.name == shown


# 办结, of what is selected

FOUR = f"""
| 序号 | 牵头部门 | 完成率 | 完成日期 | 佐证材料 | 填报日期 | 完成时限 |
| 1 | {FGJ} | 100% | 2020-09-01 | 验收单.pdf | 2020-09-01 | 12月底 |
| 2 | {FGJ} | 100% | 2020-09-01 | | 2020-09-01 | 12月底 |
| 3 | {FGJ} | 60% | | | 2020-09-01 | 12月底 |
| 4 | {FGJ} | 60% | | | 2020-09-01 | 12月底 |
"""


@pytest.fixture
def done(office: Office) -> Twins:
    """Return a ledger with two tasks reported done, closed and open."""
    desk = Desk(office.folder, book(FOUR, as_of=date(2020, 9, 10)))
    opened = office.folder / "开着" / "台账（开着）.xlsx"
    opened.parent.mkdir()
    shutil.copyfile(desk.path, opened)
    return Twins(office, desk.path, opened, desk.back, office.open(opened))


def pick(twins: Twins, first: int, last: int) -> None:
    sheet = twins.program.book.sheets[tables.LEDGER]
    sheet.activate()
    sheet.range((office_layout.FIRST_ROW + first - 1, 3), (office_layout.FIRST_ROW + last - 1, 4)).select()


def again(twins: Twins, act: Callable[[Path, Context], object], name: str, text: str) -> None:
    pick(twins, 3, 4)
    twins.both(act, name, text, answers="yes")


def hide_row(path: Path, row: int) -> None:
    package = Package.load(path.read_bytes())
    part = package.sheet_parts()[tables.LEDGER]
    text = package.parts.data(part).replace(b'<row r="%d"' % row, b'<row r="%d" hidden="1"' % row)
    path.write_bytes(with_part(path.read_bytes(), part, text))


def asked(move: Move, *numbers: int, reason: str = "", **more: object) -> Callable[[Path, Context], object]:
    def act(path: Path, context: Context) -> object:
        request = Request(move, date.min, context.operator, reason, **more)  # type: ignore[arg-type]
        return actions.move(path, [str(number) for number in numbers], request, context)

    return act


def test_what_is_selected_is_closed_returned_extended_and_so_on(done: Twins) -> None:
    pick(done, 1, 3)
    told = done.both(asked(Move.CLOSE, 1, 2, unproven=True), "close", answers="yes,yes,no")
    assert "1　任务1\n2　任务2\n3　任务3" in told.prompts[0]
    assert "2　任务2\n3　任务3" in told.prompts[1]
    assert "销号 2 项：序号 1、2" in told.prompts[-1]
    pick(done, 3, 4)
    done.both(asked(Move.REJECT, 3, 4, reason="补充"), "reject", "补充", answers="yes")
    more: dict[str, object] = {"until": date(2021, 3, 31)}
    again(done, asked(Move.EXTEND, 3, 4, reason="设备未到", **more), "extend", "2021年3月31日，设备未到")
    more = {"cells": {"deadline": "9月底"}}
    again(done, asked(Move.ADJUST, 3, 4, reason="上级调整", **more), "adjust", "完成时限=9月底；理由=上级调整")
    again(done, asked(Move.CANCEL, 3, 4, reason="不办了"), "cancel", "不办了")
    again(done, asked(Move.REOPEN, 3, 4, reason="又要办"), "reopen", "又要办")
    done.both(actions.undo, "undo", answers="yes")


def test_a_form_to_sign_is_made_and_opened(done: Twins) -> None:
    pick(done, 1, 1)
    pressed = done.office.press("close", book=done.open.name, answers="yes,yes")
    (form,) = (done.open.parent / "销号单").iterdir()
    assert str(form) in pressed.prompts[-1]
    assert form.name in [one.name for one in done.office.app.books]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("act", "arguments", "told"),
    [
        ("close", (), "没有选中任务"),
        ("extend", ("年底",), "没有看懂“年底”"),
        ("extend", ("年底 设备未到",), "“年底”不是"),
        ("adjust", ("随便改改",), "没有看懂“随便改改”"),
        ("adjust", ("颜色=红；理由=x",), "没有看懂"),
    ],
)
def test_what_is_not_understood_changes_nothing(done: Twins, act: str, arguments: tuple[str, ...], told: str) -> None:
    pick(done, -1, -1)
    before = seen(done.program.snapshot())
    pressed = done.office.press(act, *arguments, book=done.open.name, answers="yes,yes")
    assert (pressed.code, told in pressed.prompts[-1]) == (0, True)
    assert seen(done.program.snapshot()) == before


def test_rows_that_are_hidden_were_not_meant(done: Twins) -> None:
    done.program.book.close()
    hide_row(done.open, office_layout.FIRST_ROW + 1)
    done.program = done.office.open(done.open)
    pick(done, 1, 3)
    pressed = done.office.press("reject", "补充", book=done.open.name, answers="no")
    assert "1　任务1\n3　任务3" in pressed.prompts[0]
    assert pressed.prompts[-1] == "没有办理“退回”。"


def test_the_report_and_each_departments_page_are_made_in_a_folder_and_the_ledger_stays(done: Twins) -> None:
    before = seen(done.program.snapshot())
    folder = done.office.folder / "通报"
    pressed = done.office.press("report", str(folder), book=done.open.name)
    assert (pressed.code, pressed.stderr) == (0, "")
    assert "各单位成绩单 1 份" in pressed.prompts[-1]
    made = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    name = "通报_2020年9月上旬"
    assert made == sorted([f"{name}.docx", f"{name}.pdf", f"成绩单/成绩单_{FGJ}_2020-09-10.xlsx"])
    assert seen(done.program.snapshot()) == before
    pressed = done.office.press("report", str(folder), book=done.open.name)
    assert "文件已经存在，不会覆盖" in pressed.prompts[-1]


def test_what_staff_drew_on_a_sheet_made_anew_goes_over_and_charts_and_names_elsewhere_go_on_with_the_new_one(
    done: Twins,
) -> None:
    assert done.office.press("summary", book=done.open.name).code == 0
    workbook = done.program.book
    workbook.names.add("总标题", f"={tables.SUMMARY}!$A$1")
    summary, ledger = workbook.sheets[tables.SUMMARY], workbook.sheets[tables.LEDGER]
    with done.program.opened([tables.SUMMARY, tables.LEDGER]):
        draw_chart(summary, summary.range("A11:B14"), "我的图")
        draw_chart(ledger, summary.range("A11:B14"), "台账上的图")
        summary.pictures.add(str(picture(done.office.folder)), left=40, top=300, width=30, height=20)
    formulas, places = series_of(summary, "我的图"), place_of(summary, "我的图")
    names = done.program.sheet_names()
    for _ in range(2):
        pressed = done.office.press("summary", book=done.open.name)
        assert (pressed.code, pressed.stderr) == (0, "")
        assert "已改名" not in pressed.prompts[-1]
        summary = workbook.sheets[tables.SUMMARY]
        assert done.program.sheet_names() == names
        assert Counter(one.name.startswith(OWN) for one in summary.charts) == {True: 3, False: 1}
        assert series_of(summary, "我的图") == series_of(ledger, "台账上的图") == formulas
        assert place_of(summary, "我的图") == pytest.approx(places, abs=1)
        assert [one.type for one in summary.shapes].count("picture") == 1
        assert workbook.names["总标题"].refers_to.replace("'", "") == f"={tables.SUMMARY}!$A$1"
        assert ledger.api.ProtectContents
    saved = load_workbook(BytesIO(done.program.snapshot()))
    drawn = [series for sheet in saved for chart in sheet._charts for series in chart.series]
    assert "#REF!" not in "".join(one.val.numRef.f for one in drawn)


def picture(folder: Path) -> Path:
    path = folder / "章.png"
    Picture.new("RGB", (30, 20), "red").save(path)
    return path


def test_charts_that_bear_only_our_titles_are_ours_in_an_open_workbook_too(done: Twins) -> None:
    assert done.office.press("summary", book=done.open.name).code == 0
    summary = done.program.book.sheets[tables.SUMMARY]
    for number, chart in enumerate(summary.charts, 1):
        chart.name = f"图表 {number}"  # as another program may call it
    assert done.office.press("summary", book=done.open.name).code == 0
    summary = done.program.book.sheets[tables.SUMMARY]
    assert [one.name.startswith(OWN) for one in summary.charts] == [True] * 3


# A press that dies


@pytest.fixture
def small(office: Office) -> Twins:
    """Return a ledger of three tasks, answered and previewed, closed and open."""
    desk = Desk(office.folder, book(THREE))
    desk.split()
    desk.fill(FGJ, progress="已办结", percent=1, done_on=date(2020, 9, 1), reported_on=date(2020, 9, 8))
    desk.merge()
    opened = office.folder / "开着" / "台账（开着）.xlsx"
    opened.parent.mkdir()
    shutil.copyfile(desk.path, opened)
    return Twins(office, desk.path, opened, desk.back, office.open(opened))


def test_after_a_press_that_died_the_next_one_goes_back_and_does_its_work(small: Twins) -> None:
    office, original = small.office, small.closed.read_bytes()
    actions.apply(small.closed, office.context)
    died, moment = 0, 1
    while True:
        small.program.book.close()
        shutil.rmtree(small.open.parent / BACKUPS, ignore_errors=True)
        small.open.write_bytes(original)
        small.program = office.open(small.open)
        first = office.press("apply", book=small.open.name, die=moment)
        if first.code != 137:
            break
        died += 1
        begun = str(small.program.value(tables.JOURNAL, NOTE_PLACE)).startswith(RUNNING)
        second = office.press("apply", book=small.open.name, answers="yes")
        assert (second.code, second.stderr) == (0, "")
        assert ("没有写完" in second.prompts[0]) is begun
        small.program = ExcelProgram(office.app.books[small.open.name])  # type: ignore[attr-defined]
        small.compare()
        moment = moment * 2 + 1
    assert died >= 4


# What a mailed workbook could try

TRAP = "import pathlib; pathlib.Path(__file__).with_suffix('.ran').touch()\n"


def test_a_hostile_workbook_and_what_lies_beside_it_run_no_code(small: Twins) -> None:
    office = small.office
    for name in ("json.py", "xlwings.py", "taizhang.py", "calc_settings.py", "台账=1.py"):
        (office.folder / name).write_text(TRAP, encoding="utf-8")
    (office.folder / "taizhang.conf").write_text('"INTERPRETER_WIN","evil.exe"\n', encoding="utf-8")
    hostile = office.folder / "台账=1&calc%PATH%.xlsx"
    shutil.copyfile(small.open, hostile)
    with_sheets = load_workbook(hostile)
    with_sheets.create_sheet("taizhang.conf").append(["Interpreter_Win", "evil.exe"])
    with_sheets.create_sheet("x.py").append(["import os; os.abort()"])
    with_sheets.save(hostile)
    office.open(hostile)
    pressed = office.press("settings", book=hostile.name)
    assert (pressed.code, pressed.stderr) == (0, "")
    assert pressed.prompts[-1].startswith("请在“值”一列修改")
    assert not list(office.folder.glob("*.ran"))


# States of the workbook in which nothing can be written


def test_a_workbook_that_was_never_saved_is_refused(office: Office) -> None:
    made = office.app.books.add()  # type: ignore[attr-defined]
    pressed = office.press("summary", book=made.name)
    assert "还没有保存到本机" in pressed.prompts[-1]
    assert pressed.code == 0


def test_a_workbook_opened_read_only_is_refused(small: Twins) -> None:
    small.program.book.close()
    small.office.app.books.open(str(small.open), read_only=True)  # type: ignore[attr-defined]
    pressed = small.office.press("summary", book=small.open.name)
    assert "以只读方式打开" in pressed.prompts[-1]


def test_a_sheet_with_a_password_of_the_users_is_refused(small: Twins) -> None:
    package = Package.load(small.open.read_bytes())
    lock_sheet(package, tables.LEDGER)
    small.program.book.close()
    small.open.write_bytes(package.dump())
    small.program = small.office.open(small.open)
    before = seen(small.program.snapshot())
    pressed = small.office.press("apply", book=small.open.name)
    assert "设有保护密码" in pressed.prompts[-1]
    assert seen(small.program.snapshot()) == before


def test_another_workbook_in_front_is_not_taken_for_the_ledger(small: Twins) -> None:
    other = small.office.app.books.add()  # type: ignore[attr-defined]
    other.activate()
    before = seen(small.program.snapshot())
    pressed = small.office.press("summary", book=other.name)
    assert "还没有保存" in pressed.prompts[-1]
    assert seen(small.program.snapshot()) == before
    pressed = small.office.press("summary", book=small.open.name)
    assert "“汇总”和“成绩单”已更新" in pressed.prompts[-1]


def test_a_workbook_that_is_no_ledger_is_refused_with_a_sentence(office: Office) -> None:
    path = office.folder / "别的.xlsx"
    path.write_bytes(render(Workbook((Sheet("表", ((Cell("甲", "text"),),)),))))
    office.open(path)
    pressed = office.press("summary", book=path.name)
    assert "不是营商台账" in pressed.prompts[-1]


def test_an_act_this_version_does_not_have_is_a_sentence(office: Office) -> None:
    assert "没有对应的功能" in office.press("fly").prompts[-1]


def test_the_users_filter_is_lifted_and_told_of(small: Twins) -> None:
    sheet = small.program.book.sheets[tables.LEDGER]
    sheet.range((3, 1), (6, 20)).autofilter.apply_values(1, ["2"])
    pressed = small.office.press("apply", book=small.open.name)
    assert "筛选已取消" in pressed.prompts[-1]
    actions.apply(small.closed, small.office.context)
    small.compare()


def test_a_users_formula_on_a_sheet_made_anew_still_points_there(small: Twins) -> None:
    office = small.office
    office.press("summary", book=small.open.name)
    own = small.program.book.sheets.add("我的", after=small.program.book.sheets[-1])
    own.range((1, 1), (2, 1)).formula = [["=汇总!A6"], ["=SUM(汇总!B10:B20)"]]
    before = own.range((1, 1), (2, 1)).value
    pressed = office.press("summary", book=small.open.name)
    assert "“汇总”和“成绩单”已更新" in pressed.prompts[-1]
    held = small.program.book.sheets["我的"].range((1, 1), (2, 1))
    assert ["汇总" in formula for (formula,) in held.formula] == [True, True]
    assert held.value == before == [3, 3]


def test_another_notice_adds_its_tasks_and_what_is_named_is_listed(small: Twins) -> None:
    notice = small.office.folder / "补充通知.csv"
    rows = [
        "序号,事项类别,目标任务,完成时限,牵头部门,责任部门",
        f"1,信贷,新增贷款50亿元以上,9月底,{FGJ},",
        f'2,信贷,不动产登记压缩至3个工作日，网上办达到90%以上,年底前,"{FGJ}、{ZJJ}",',
    ]
    notice.write_text("\n".join(rows), encoding="utf-8")
    added = small.both(
        lambda path, context: actions.supplement(path, notice, context), "supplement", str(notice), pages=False
    )
    assert "已增加 2 项任务" in added.prompts[-1]
    # LibreOffice saves a print area that was changed beside the one it once read: the first is the one in use.
    assert printed(Package.load(small.program.snapshot()), tables.LEDGER) == Area(1, 2, 8, 18)
    listed = small.both(
        lambda path, context: [actions.collect(path, one, context) for one in ITEM_REGISTERS], "collect", pages=False
    )
    assert "“问题清单”新增或更新 1 条，共 1 条。" in listed.prompts[-1]
    small.both(actions.undo, "undo", answers="yes", pages=False)
    small.both(actions.undo, "undo", answers="yes", pages=False)
    assert open_ledger(small.closed).ledger.items_of(PROBLEMS) == ()


# Requests


def long_ledger(folder: Path, tasks: int) -> Desk:
    folder.mkdir()
    header = "| 序号 | 牵头部门 | 牵头单位 | 进展情况 | 完成率 | 填报日期 |"
    lines = [f"| {n} | {FGJ} | {FGJ} | 推进中 | 30% | 2020-08-28 |" for n in range(1, tasks + 1)]
    desk = Desk(folder, book("\n".join([header, *lines])))
    desk.split()
    desk.fill_rows(FGJ, {(row, "progress"): f"第{row}项已有进展" for row in range(tasks)})
    desk.merge()
    return desk


def test_the_number_of_calls_does_not_grow_with_the_rows(office: Office) -> None:
    import calc

    counted = []
    for tasks in (83, 830):  # 5,000 take LibreOffice over nine minutes
        desk = long_ledger(office.folder / str(tasks), tasks)
        host = OpenBook(office.open(desk.path))
        calc.reset_calls()
        actions.apply(host, desk.context)
        after_apply = calc.calls()
        actions.status(host, desk.context, date(2020, 9, 10), write=True)
        counted.append((after_apply, calc.calls() - after_apply))
        host.program.book.close()  # type: ignore[attr-defined]
    assert counted[0] == counted[1]
