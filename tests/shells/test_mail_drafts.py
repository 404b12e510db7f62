"""Drafts on disk: one .eml a department, read by a parser that is not ours, and put on a page."""

from __future__ import annotations

import html
import json
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from fast_mail_parser import parse_email
from test_loop import THREE, Desk

import office
from ledgers import DIRECTORY, FGJ, SWJ, ZJJ, book
from taizhang import ribbon
from taizhang.books.live import OpenBook
from taizhang.books.memory import MemoryProgram
from taizhang.cli import main
from taizhang.departments import Department, Directory

EMAILS = {FGJ: ("fgj@example.cn",), ZJJ: ("zjj@example.cn", "Zjj.2@example.com")}
SIX = THREE.rstrip() + f"\n| 4 | {SWJ} | {SWJ} | | | | |\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    listed = tuple(Department(d.name, d.aliases, EMAILS.get(d.name, ())) for d in DIRECTORY.departments)
    made = Desk(tmp_path, replace(book(SIX), directory=Directory(listed)))
    made.split()
    return made


def drafts(desk: Desk, *more: str) -> tuple[int, list[Path]]:
    code = main(["mail", "draft", str(desk.path), str(desk.sent), "-o", str(desk.folder / "草稿"), *more])
    return code, sorted((desk.folder / "草稿").glob("*")) if (desk.folder / "草稿").exists() else []


def workbook_of(desk: Desk, name: str) -> Path:
    (found,) = [path for path in desk.sent.iterdir() if name in path.name]
    return found


def test_each_department_that_can_be_reached_has_a_draft_and_the_others_are_told(desk, capsys):
    code, found = drafts(desk)
    assert code == 1
    assert [path.name for path in found] == [f"2020年9月上旬_{name}_清单.eml" for name in (ZJJ, FGJ)]
    assert (
        f"“单位名录”中1个单位没有填邮箱，发不了邮件：{SWJ}。请在单位名录中补上，再做一次。" in capsys.readouterr().out
    )


def test_another_parser_reads_recipient_subject_body_and_workbook(desk):
    drafts(desk)
    for name, to in EMAILS.items():
        mail = parse_email((desk.folder / "草稿" / f"2020年9月上旬_{name}_清单.eml").read_bytes())
        assert mail.subject == f"营商环境工作台账：2020年9月上旬清单（{name}）"
        assert mail.headers["To"] == [", ".join(f"{name} <{address}>" for address in to)]
        assert mail.headers["X-Unsent"] == ["1"]
        assert not {"From", "Date", "Message-ID", "Bcc"} & set(mail.headers)
        (body,) = mail.text_plain
        assert body.startswith(f"{name}：")
        assert "2020年9月6日前" in body
        (attached,) = mail.attachments
        assert attached.filename == workbook_of(desk, name).name
        assert attached.content == workbook_of(desk, name).read_bytes()


@pytest.mark.office
def test_a_draft_put_on_a_page_keeps_its_chinese_names(desk, tmp_path):
    drafts(desk)
    mail = parse_email((desk.folder / "草稿" / f"2020年9月上旬_{ZJJ}_清单.eml").read_bytes())
    lines = [*mail.headers["To"], mail.subject, mail.attachments[0].filename, *mail.text_plain[0].split("\n")]
    page = tmp_path / "page.html"
    shown = "<p>邮件</p>" + "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    page.write_text(f'<html><head><meta charset="utf-8"></head><body>{shown}</body></html>', encoding="utf-8")
    (made,) = office.convert([page], tmp_path / "out", "pdf", recalculate=False)
    text = subprocess.run(["pdftotext", "-raw", str(made), "-"], capture_output=True, check=True)
    flat = "".join(text.stdout.decode().split())
    assert all("".join(line.split()) in flat for line in lines)


def test_an_altered_workbook_goes_into_no_draft_and_stops_no_other(desk, capsys):
    workbook_of(desk, FGJ).write_bytes(b"PK altered")
    workbook_of(desk, SWJ).unlink()
    code, found = drafts(desk)
    told = capsys.readouterr().out
    assert code == 1
    assert [path.name for path in found] == [f"2020年9月上旬_{ZJJ}_清单.eml"]
    assert f"{FGJ}：{workbook_of(desk, FGJ)}：与下发时的不一样" in told
    assert "找不到这个文件" in told


def test_a_draft_is_never_written_over(desk, capsys):
    _, found = drafts(desk)
    found[0].write_bytes(b"mine")
    found[1].unlink()
    assert drafts(desk) == (1, found)
    assert found[0].read_bytes() == b"mine"
    assert f"{ZJJ}：{found[0].name} 已经有了，没有重写" in capsys.readouterr().out


@pytest.mark.parametrize(("act", "written"), [("mail_draft", [ZJJ, FGJ]), ("mail_remind", [ZJJ])])
def test_a_button_writes_the_drafts_beside_the_lists_and_leaves_the_ledger(desk, act, written):
    desk.fill(FGJ, progress="已开展")
    desk.merge()
    before = desk.path.read_bytes()
    program = MemoryProgram(desk.path, before)
    opened = ribbon.Desk(SimpleNamespace(alert=lambda *_, **__: "no"), None)
    opened._host, opened._book = OpenBook(program), SimpleNamespace()
    said = ribbon.ACTS[act](opened, [str(desk.sent)])
    found = sorted((desk.sent / ribbon.DRAFTS).glob("*.eml"))
    assert [path.name.split("_")[1] for path in found] == written
    assert said.lines[-1] == "台账没有改动。"
    assert desk.path.read_bytes() == before


def test_reminders_go_to_those_who_returned_nothing(desk, capsys):
    desk.fill(FGJ, progress="已开展")
    desk.merge()
    code, found = drafts(desk, "--remind", "--json")
    told = json.loads(capsys.readouterr().out)
    assert code == 1
    assert [one["department"] for one in told["files"]] == [ZJJ]
    mail = parse_email(found[0].read_bytes())
    assert mail.subject == f"请报送2020年9月上旬清单（{ZJJ}）"
    assert "还没有收到你单位的2020年9月上旬清单中的2项任务" in mail.text_plain[0]


def test_only_those_named_are_written_and_an_unknown_name_is_told(desk, capsys):
    assert [path.name for path in drafts(desk, "--only", "住建局")[1]] == [f"2020年9月上旬_{ZJJ}_清单.eml"]
    assert drafts(desk, "--only", "区水利局")[0] == 2
    assert "没有发给：区水利局" in capsys.readouterr().err


def test_without_a_dispatch_there_is_nothing_to_write(desk, capsys):
    assert drafts(desk, "--period", "2020-10-上旬")[0] == 2
    assert "2020年10月上旬还没有下发过清单" in capsys.readouterr().err
