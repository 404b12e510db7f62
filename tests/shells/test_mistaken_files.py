"""A file given where another was meant: said before anything is written, with the command that was meant."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from openpyxl import load_workbook
from test_loop import THREE, Desk
from test_moves import said

import office
from ledgers import FGJ, ZJJ, book
from taizhang import ribbon, tables
from taizhang.books.live import OpenBook
from taizhang.books.memory import MemoryProgram
from taizhang.errors import LedgerError, Stop
from taizhang.mail import accounts

WORKBOOK = Path(__file__).parents[2] / "workbook"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path, book(THREE))
    made.split()
    return made


def files(folder: Path) -> dict[str, bytes]:
    """Return what lies in a folder, but for locks."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}


# A ledger or a department's workbook for a notice


def mistaken(desk: Desk) -> dict[str, tuple[Path, str]]:
    """Return workbooks of our own make, each with what it is called."""
    copy = desk.folder / "台账副本.xlsx"
    copy.write_bytes(desk.path.read_bytes())
    returned = desk.fill(ZJJ, progress="已办")
    renamed = returned.with_name("某部门.xlsx")
    renamed.write_bytes(returned.read_bytes())
    template = WORKBOOK / "ledger_template.xlsx"
    return {
        "the ledger itself": (desk.path, "营商台账"),
        "a copy": (copy, "营商台账"),
        "the blank ledger": (template, "营商台账"),
        "a return": (renamed, f"发给{ZJJ}的工作簿"),
    }


KINDS = ("the ledger itself", "a copy", "the blank ledger", "a return")


@pytest.mark.parametrize("kind", KINDS)
def test_a_workbook_of_ours_is_no_notice_and_nothing_is_written(desk, capsys, kind):
    path, what = mistaken(desk)[kind]
    before = files(desk.folder)
    for arguments in (("import", desk.path, path), ("new", path, "-o", desk.folder / "新.xlsx")):
        code, out, err = said(capsys, *arguments)
        assert (code, out) == (2, "")
        assert err.startswith(f"{path}：是{what}，不是通知。部门交回的请用“合并预览”（命令行：taizhang merge）")
    assert files(desk.folder) == before


@pytest.mark.parametrize("act", ["supplement", "import_notice"])
def test_the_buttons_say_the_same(desk, act):
    path, what = mistaken(desk)["a return"]
    opened = ribbon.Desk(SimpleNamespace(alert=lambda *_, **__: "no"), None)
    opened._host = OpenBook(MemoryProgram(desk.path, desk.path.read_bytes()))
    with pytest.raises(LedgerError, match=f"是{what}，不是通知") as stopped:
        ribbon.ACTS[act](opened, [str(path)])
    assert stopped.value.stop is Stop.OURS_NO_NOTICE


@pytest.mark.office
@pytest.mark.parametrize("kind", ["a copy", "a return"])
@pytest.mark.parametrize("to", ["xlsx", "xls", "ods"])
def test_another_program_may_have_saved_it(desk, tmp_path, capsys, kind, to):
    path, what = mistaken(desk)[kind]
    (saved,) = office.convert([path], tmp_path / "另存", to)
    code, _, err = said(capsys, "import", desk.path, saved)
    assert code == 2
    assert f"是{what}，不是通知" in err


def test_a_table_with_the_columns_of_a_ledger_and_no_marks_is_a_notice(desk, capsys):
    copied = load_workbook(desk.path)
    for name in copied.sheetnames:
        if name != tables.LEDGER:
            del copied[name]
    for prop in [*copied.custom_doc_props.names]:
        del copied.custom_doc_props[prop]
    copied[tables.LEDGER]["D4"] = "全面推行施工图联合审查"
    copied.save(desk.folder / "补充.xlsx")
    code, out, _ = said(capsys, "import", desk.path, desk.folder / "补充.xlsx")
    assert code == 0
    assert out.startswith("已增加 1 项任务")


def test_a_notice_typed_into_what_was_a_ledger_is_a_notice(desk, capsys):
    typed = load_workbook(desk.path)
    for sheet in typed.worksheets:
        typed.remove(sheet)
    sheet = typed.create_sheet("补充通知")
    sheet.append(["序号", "目标任务", "完成时限", "牵头部门"])
    sheet.append([1, "全面推行施工图联合审查", "12月底", FGJ])
    typed.save(desk.folder / "补充.xlsx")
    code, out, _ = said(capsys, "import", desk.path, desk.folder / "补充.xlsx")
    assert code == 0
    assert out.startswith("已增加 1 项任务")


# A department's workbook for the ledger


COMMANDS = ("status", "merge", "apply", "summary", "log", "period", "undo", "split", "close", "mail draft")


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_department_is_sent_is_no_ledger(desk, capsys, command):
    path = desk.fill(ZJJ, progress="已办")
    more = {
        "merge": [path],
        "close": ["1", "--by", "经办"],
        "split": ["-o", desk.folder / "再发"],
        "mail draft": [desk.sent, "-o", desk.folder / "草稿"],
    }
    before = files(desk.folder)
    code, out, err = said(capsys, *command.split(), path, *more.get(command, []))
    assert (code, out) == (2, "")
    assert err.startswith(f"{path}：是发给{ZJJ}的工作簿，不是台账。请换成台账文件；部门交回的请用“合并预览”")
    assert files(desk.folder) == before


def test_a_department_still_checks_its_own_workbook(desk, capsys):
    code, _, err = said(capsys, "check", desk.fill(ZJJ, progress="已办"))
    assert (code, err) in ((0, ""), (1, ""))


def test_a_summary_of_ledgers_leaves_it_out_for_what_it_is(desk, capsys):
    desk.fill(ZJJ, progress="已办", to="区住建局.xlsx")
    code, out, _ = said(
        capsys, "rollup", desk.path, desk.back, "-o", desk.folder / "汇总.xlsx", "--as-of", "2020-09-08"
    )
    assert code == 1
    assert f"　没有汇总　区住建局.xlsx：是发给{ZJJ}的工作簿，不是台账。请送来的单位核对后再送。" in out.splitlines()


# A path that leads nowhere


@pytest.mark.parametrize(
    ("paths", "gone"),
    [
        (["没有的文件夹"], "没有的文件夹"),
        (["交回", "交会", "没有.xlsx"], "交会、没有.xlsx"),
        (["~/交回"], "~/交回"),
        (["台账.xlsx/交回"], "台账.xlsx/交回"),
    ],
)
@pytest.mark.parametrize("command", ["merge 台账.xlsx", "rollup -o 汇总.xlsx"])
def test_a_mistyped_path_stops_before_anything_is_read_or_written(desk, capsys, monkeypatch, command, paths, gone):
    desk.fill(ZJJ, progress="已办")
    monkeypatch.chdir(desk.folder)
    before = files(desk.folder)
    found = said(capsys, *command.split(), *paths)
    assert found == (2, "", f"{gone}：找不到这个文件或文件夹。请检查路径后重试。\n")
    assert files(desk.folder) == before


@pytest.mark.parametrize("act", ["draft", "remind"])
def test_a_mistyped_folder_of_lists_is_said_once(desk, capsys, act):
    nowhere = desk.folder / "下法"
    more = ["-o", desk.folder / "草稿"] if act == "draft" else ["--dry-run"]
    found = said(capsys, "mail", act, desk.path, nowhere, *more)
    assert found == (2, "", f"{nowhere}：找不到这个文件或文件夹。请检查路径后重试。\n")


# A file where a folder was meant

FOLDERS = (
    *("split 台账.xlsx -o", "summary 台账.xlsx --cards", "summary 台账.xlsx --cards-pdf"),
    *("mail draft 台账.xlsx 下发 -o", "mail fetch 台账.xlsx -o", "demo -o"),
)


@pytest.mark.parametrize("command", [*FOLDERS, "mail draft 台账.xlsx"])
@pytest.mark.parametrize("below", ["", "/九月"])
def test_a_file_is_no_folder_and_nothing_is_written(desk, mailbox, capsys, monkeypatch, command, below):
    proposed = accounts.proposed("office@example.cn", "127.0.0.1:1", "127.0.0.1:1")
    accounts.write_settings(proposed)
    monkeypatch.chdir(desk.folder)
    (desk.folder / "通知.txt").write_text("通知", encoding="utf-8")
    before = files(desk.folder)
    more = ["-o", "草稿"] if command == "mail draft 台账.xlsx" else []
    code, out, err = said(capsys, *command.split(), f"通知.txt{below}", *more)
    assert (code, out) == (2, "")
    if more and below:
        assert err == "通知.txt/九月：找不到这个文件或文件夹。请检查路径后重试。\n"
    else:
        assert err == "通知.txt：这是文件，不是文件夹。请换一个文件夹，或先把这个文件移走。\n"
    assert files(desk.folder) == before


def test_nor_is_it_one_for_a_file_that_is_to_be_written(desk, capsys):
    notice = desk.folder / "通知.csv"
    notice.write_text("年度,2020\n目标任务,完成时限,牵头部门\n压缩开办时间,12月底,区发改局\n", encoding="utf-8")
    code, _, err = said(capsys, "new", notice, "-o", notice / "台账.xlsx", "--year", "2020")
    assert code == 2
    assert err == f"{notice}：这是文件，不是文件夹。请换一个文件夹，或先把这个文件移走。\n"
