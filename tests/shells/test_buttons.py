"""The buttons without a program: their table, and what is said when no act can be done."""

from __future__ import annotations

import atexit
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from ledgers import book
from shells import test_loop as loop
from taizhang import cli, ribbon, tables
from taizhang.acts import BUTTONS, Called
from taizhang.books.excel import ExcelProgram
from taizhang.books.live import OpenBook
from taizhang.books.memory import MemoryProgram
from taizhang.errors import LedgerError, Stop
from taizhang.layout.office import NOTE_PLACE, RUNNING


def test_every_button_has_an_act_and_every_act_a_button() -> None:
    assert list(ribbon.ACTS) == [button.act for button in BUTTONS]


class Busy:
    """A program in which somebody is editing a cell: it rejects every call."""

    def __getattr__(self, name: str) -> object:
        raise OSError(-2146777998, "0x800AC472")


@pytest.mark.parametrize(
    ("app", "book", "reason"),
    [
        (SimpleNamespace(Ready=True), SimpleNamespace(ReadOnly=False, SaveCopyAs=None), None),
        (SimpleNamespace(Ready=False), SimpleNamespace(ReadOnly=False, SaveCopyAs=None), "正在编辑"),
        (Busy(), SimpleNamespace(ReadOnly=False, SaveCopyAs=None), "正在编辑"),
        (SimpleNamespace(Ready=True), SimpleNamespace(ReadOnly=True, SaveCopyAs=None), "只读"),
    ],
    ids=["free", "not ready", "rejects", "read-only"],
)
def test_why_a_workbook_cannot_be_written_now(app: object, book: object, reason: str | None) -> None:
    engine = SimpleNamespace(name="excel")
    found = ExcelProgram(SimpleNamespace(app=SimpleNamespace(api=app, engine=engine), api=book)).refusal()
    assert (found is None) if reason is None else (found is not None and reason in found[0])


@pytest.mark.parametrize("button", [ribbon._status, ribbon._undo, ribbon._summary], ids=lambda one: one.__name__)
def test_every_button_offers_to_go_back_from_a_write_that_was_cut_off(tmp_path: Path, button) -> None:
    desk = loop.Desk(tmp_path, book(loop.THREE))
    desk.split()
    program = MemoryProgram(desk.path, desk.path.read_bytes())
    program.write(
        tables.JOURNAL, NOTE_PLACE, [[f"{RUNNING}执行合并（2020-09-10 09:00:00），写入前的台账在 备份/没有.xlsx"]]
    )
    opened = ribbon.Desk(SimpleNamespace(alert=lambda *_, **__: "no"), None)
    opened._host, opened._book = OpenBook(program), SimpleNamespace()
    with pytest.raises(LedgerError) as told:
        button(opened, [])
    assert told.value.stop is Stop.BACKUP_MISSING


def test_xlwings_for_windows_ends_no_other_excel_and_waits_for_none_for_ever() -> None:
    ended: list[str] = []
    engine = SimpleNamespace(cleanup=lambda: ended.append("EXCEL.EXE"), N_COM_ATTEMPTS=0)
    atexit.register(engine.cleanup)
    ribbon.tame(engine)
    assert engine.N_COM_ATTEMPTS > 1
    before = atexit._ncallbacks()
    atexit.unregister(engine.cleanup)
    assert atexit._ncallbacks() == before
    ribbon.tame(None)


def running(window: int, *names: str) -> SimpleNamespace:
    return SimpleNamespace(hwnd=window, books=[SimpleNamespace(name=name) for name in names])


@pytest.mark.parametrize(
    ("window", "name", "wanted"),
    [(7, "台账.xlsx", 0), (8, "台账.xlsx", 1), (None, "别的.xlsx", 1), (None, "台账.xlsx", None), (9, "", None)],
    ids=["by window", "by the other window", "by the workbook", "a name both have", "nothing fits"],
)
def test_of_several_excels_the_one_that_pressed_is_found_or_none_is(window, name: str, wanted: int | None) -> None:
    both = [running(7, "台账.xlsx"), running(8, "台账.xlsx", "别的.xlsx")]
    by = Called(name, window, "")
    assert ribbon.chosen(both[:1], by) is both[0]
    if wanted is None:
        with pytest.raises(LedgerError) as told:
            ribbon.chosen(both, by)
        assert "同时开着 2 个 Excel" in str(told.value)
    else:
        assert ribbon.chosen(both, by) is both[wanted]


def pressed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    monkeypatch.setattr(sys, "argv", ["-c", "--from_xl=1", *arguments])
    with pytest.raises(SystemExit) as ended:
        ribbon.press("summary")
    assert ended.value.code == 1
    return capsys.readouterr().err


def test_a_press_in_wps_is_one_sentence_that_says_what_works_instead(monkeypatch, capsys) -> None:
    program = r"--app=C:\Program Files\Kingsoft\WPS Office\office6\et.exe"
    said = pressed(monkeypatch, capsys, program)
    assert said == f"{LedgerError(Stop.WPS_HERE)}\n"
    assert "命令行" in said


def test_a_press_without_any_program_is_one_sentence(monkeypatch, capsys) -> None:
    import xlwings

    monkeypatch.setattr(xlwings, "apps", SimpleNamespace(__iter__=None, active=None))
    assert "没有找到正在运行的 Excel" in pressed(monkeypatch, capsys)


@pytest.mark.parametrize("text", ["2020-09-10", "2020年9月10日", "2020/9/10", "２０２０.9.10"])
def test_a_day_may_be_typed_as_people_write_it(text: str) -> None:
    assert ribbon._day(text) == cli._date(text) == date(2020, 9, 10)


@pytest.mark.parametrize("text", ["九月", "2020-13-01", "1020-09-10", "abc", "44000", "10/9/2020"])
def test_what_is_no_day_is_refused(text: str) -> None:
    for day in (ribbon._day, cli._date):
        with pytest.raises(LedgerError) as told:
            day(text)
        assert told.value.stop is Stop.BAD_DATE
