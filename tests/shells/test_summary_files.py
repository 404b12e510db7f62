"""What `summary` leaves behind: both sheets, the report, and a file for each department."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import docx
import pytest
from openpyxl import load_workbook
from test_loop import NOW

from ledgers import FGJ, ZJJ, book
from taizhang import journal, tables
from taizhang.books import pdf
from taizhang.books.ledgers import create_ledger, open_ledger
from taizhang.cli import main
from taizhang.journal import Act

DAY = date(2020, 9, 8)
GRID = f"""
| 序号 | 牵头部门 | 牵头单位 | 完成率 | 完成日期 | 完成时限 |
| 1 | {FGJ}、{ZJJ} | {FGJ} | 100% | 2020-06-20 | 6月底 |
| 1 | {FGJ}、{ZJJ} | {ZJJ} | 30% | | 6月底 |
| 2 | {ZJJ} | {ZJJ} | 50% | | 12月底 |
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "台账.xlsx"
    create_ledger(path, book(GRID, as_of=DAY), Act(journal.NEW, NOW, "经办"), DAY)
    return path


def test_json_has_scores_ranks_and_the_files(ledger, capsys):
    assert main(["summary", str(ledger), "--json", "--docx", str(ledger.with_name("通报.docx"))]) == 0
    told = json.loads(capsys.readouterr().out)
    found = {one["department"]: (one["led"], one["score"], one["grade"], one["rank"]) for one in told["departments"]}
    # 区发改局 did all of the one task that was due; 区住建局 none, and 40 % on the mean of its two.
    assert found == {FGJ: (1, 100.0, "优", 1), ZJJ: (2, round(20 * 0.4 / 60 * 100, 1), "差", 2)}
    assert told["files"] == [str(ledger.with_name("通报.docx"))]


def test_each_department_gets_its_page_as_a_workbook_without_the_others(ledger, tmp_path):
    assert main(["summary", str(ledger), "--cards", str(tmp_path / "单")]) == 0
    names = sorted(path.name for path in (tmp_path / "单").iterdir())
    assert names == sorted(f"成绩单_{name}_2020-09-08.xlsx" for name in (FGJ, ZJJ))
    workbook = load_workbook(tmp_path / "单" / f"成绩单_{FGJ}_2020-09-08.xlsx")
    assert workbook.sheetnames == [tables.SCORES]
    words = [str(cell.value) for row in workbook[tables.SCORES] for cell in row if cell.value is not None]
    assert f"{FGJ}成绩单" in words
    assert "(40×100% + 20×100%)÷60×100 = 100.0" in words
    assert not [word for word in words if ZJJ in word or word.startswith("=")]


def test_the_same_as_pdf_and_the_report_as_pdf(ledger, tmp_path):
    report = tmp_path / "通报.pdf"
    assert main(["summary", str(ledger), "--pdf", str(report), "--cards-pdf", str(tmp_path / "单")]) == 0
    made = [report, *(tmp_path / "单").iterdir()]
    assert len(made) == 3
    assert all(path.read_bytes().startswith(b"%PDF") for path in made)


def test_what_is_there_is_not_written_over_and_nothing_else_is_done(ledger, tmp_path, capsys):
    target, before = tmp_path / "通报.docx", ledger.read_bytes()
    target.write_text("我的稿子")
    assert main(["summary", str(ledger), "--docx", str(target)]) == 2
    assert "通报.docx：文件已经存在，不会覆盖" in capsys.readouterr().err
    assert main(["summary", str(ledger), "--docx", str(tmp_path / "通报.doc")]) == 2
    assert "只能存为 .docx" in capsys.readouterr().err
    assert (target.read_text(), ledger.read_bytes()) == ("我的稿子", before)


def test_cards_are_not_written_over_either(ledger, tmp_path, capsys):
    (tmp_path / "单").mkdir()
    mine = tmp_path / "单" / f"成绩单_{ZJJ}_2020-09-08.xlsx"
    mine.write_text("已经反馈")
    assert main(["summary", str(ledger), "--cards", str(tmp_path / "单")]) == 2
    assert "文件已经存在" in capsys.readouterr().err
    assert [path.read_text() for path in (tmp_path / "单").iterdir()] == ["已经反馈"]


def test_without_an_office_program_all_but_the_pdf_is_made_and_that_is_told(ledger, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(pdf, "libreoffice", lambda: None)
    papers = [f"{option}={tmp_path / name}" for option, name in (("--docx", "通报.docx"), ("--pdf", "通报.pdf"))]
    folders = [f"{option}={tmp_path / '单'}" for option in ("--cards", "--cards-pdf")]
    assert main(["summary", str(ledger), *papers, *folders]) == 1
    out, err = capsys.readouterr()
    made = [tmp_path / "通报.docx", *(tmp_path / "单" / f"成绩单_{name}_2020-09-08.xlsx" for name in (FGJ, ZJJ))]
    assert [line.strip() for line in out.splitlines()[1:4]] == [str(path) for path in made]
    assert all(path.is_file() for path in made)
    assert not list(tmp_path.rglob("*.pdf"))
    assert (out.count("没有生成 PDF："), err) == (2, "")
    assert f"没有生成 PDF：{tmp_path / '通报.pdf'}：没有找到可以生成 PDF 的程序。请" in out


def test_a_pdf_that_was_not_made_is_told_in_json_too(ledger, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(pdf, "libreoffice", lambda: None)
    report = str(tmp_path / "通报.pdf")
    assert main(["summary", str(ledger), "--json", "--docx", str(tmp_path / "通报.docx"), "--pdf", report]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == [str(tmp_path / "通报.docx")]
    assert [one["path"] for one in told["not_made"]] == [report]
    assert "请安装 LibreOffice" in told["not_made"][0]["reason"]


@pytest.mark.parametrize(
    "there", ["通报.docx", "通报.pdf", f"单/成绩单_{ZJJ}_2020-09-08.xlsx", f"单/成绩单_{FGJ}_2020-09-08.pdf"]
)
def test_whatever_is_there_already_is_seen_before_the_ledger_or_a_file_is_written(ledger, tmp_path, capsys, there):
    mine = tmp_path / there
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("我的稿子")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"}
    papers = ["--docx", str(tmp_path / "通报.docx"), "--pdf", str(tmp_path / "通报.pdf")]
    folders = ["--cards", str(tmp_path / "单"), "--cards-pdf", str(tmp_path / "单")]
    assert main(["summary", str(ledger), *papers, *folders]) == 2
    assert f"{mine.name}：文件已经存在" in capsys.readouterr().err
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"}
    assert after == before


def test_an_empty_ledger_has_its_sheets_and_its_report(tmp_path):
    path = tmp_path / "空.xlsx"
    path.write_bytes((Path(__file__).parents[2] / "workbook" / "ledger_template.xlsx").read_bytes())
    assert main(["summary", str(path), "--docx", str(tmp_path / "通报.docx")]) == 0
    assert {tables.SUMMARY, tables.SCORES} <= set(load_workbook(path).sheetnames)
    assert docx.Document(str(tmp_path / "通报.docx")).paragraphs[0].text.endswith("进展情况的通报")
    assert open_ledger(path).ledger.tasks == ()
