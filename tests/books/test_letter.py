"""通报 as .docx and PDF: opened by python-docx and by LibreOffice, in the layout of 公文."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from docx.oxml.ns import qn

from ledgers import FGJ, ZJJ, book, ledger_of
from office import convert
from taizhang.books import pdf
from taizhang.books.letter import letter
from taizhang.books.pdf import write_pdf
from taizhang.errors import LedgerError, Stop
from taizhang.journal import Journal
from taizhang.ledger import Ledger, Task, new_code
from taizhang.report import Paragraph, Report, Table, report_of
from taizhang.scores import scorecards
from taizhang.settings import Settings
from taizhang.summary import summarise

DAY = date(2020, 9, 8)
MANY = ledger_of(
    [
        Task(new_code(2020, n), {"no": n, "target": f"任务{n}" * 9, "leads": (FGJ, ZJJ)[n % 2], "deadline": "6月底"})
        for n in range(1, 40)
    ],
    {},
    unit="区营商办",
)


def reported(ledger: Ledger) -> Report:
    return report_of(ledger.settings, summarise(ledger, DAY), scorecards(ledger, Journal(), DAY))


def opened(data: bytes) -> docx.document.Document:
    return docx.Document(BytesIO(data))


def words_of(data: bytes, folder: Path) -> list[str]:
    """Return the words of each page that LibreOffice prints."""
    source = folder / "通报.docx"
    source.write_bytes(data)
    (made,) = convert([source], folder, "pdf")
    done = subprocess.run(["pdftotext", "-layout", str(made), "-"], capture_output=True, text=True, check=True)
    return [page for page in done.stdout.split("\f") if page.strip()]


def test_every_word_and_number_of_the_report_is_in_the_document():
    found, wanted = opened(letter(reported(MANY), MANY.settings)), reported(MANY)
    tables = [[tuple(cell.text for cell in row.cells) for row in table.rows] for table in found.tables]
    assert tables == [[one.head, *one.rows] for one in wanted.blocks if isinstance(one, Table)]
    said = [paragraph.text for paragraph in found.paragraphs if paragraph.text]
    assert said[0] == wanted.title
    assert [one.text for one in wanted.blocks if not isinstance(one, Table)] == said[1:-2]
    assert said[-2:] == ["区营商办", "2020年9月8日"]


def test_libreoffice_prints_the_same_numbers_with_page_numbers_and_headers_repeated(tmp_path):
    pages = words_of(letter(reported(MANY), MANY.settings), tmp_path)
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert re.search(rf"— *{number} *—", page)
    printed = re.sub(r"\s", "", "".join(pages))
    total = summarise(MANY, DAY).total
    for group, count in total.groups.items():
        assert f"{group}{count}项" in printed
    assert sum("逾期" in page and "天数" in page for page in pages) > 1
    assert "区营商办" in pages[-1]


def test_it_is_set_as_official_documents_are():
    found = opened(letter(reported(MANY), MANY.settings))
    section = found.sections[0]
    assert [round(one.cm, 1) for one in (section.top_margin, section.bottom_margin)] == [3.7, 3.5]
    assert [round(one.cm, 1) for one in (section.left_margin, section.right_margin)] == [2.8, 2.6]
    sizes = {"Title": 22, "Heading 1": 16, "Normal": 16}
    fonts = {"Title": "方正小标宋简体", "Heading 1": "黑体", "Heading 2": "楷体_GB2312", "Normal": "仿宋_GB2312"}
    for name, size in sizes.items():
        assert found.styles[name].font.size.pt == size
    for name, font in fonts.items():
        assert found.styles[name].element.rPr.rFonts.get(qn("w:eastAsia")) == font
    assert {p.style.name for p in found.paragraphs if p.text.startswith("一、")} == {"Heading 1"}


def test_the_fonts_are_those_of_the_settings_with_others_to_stand_in():
    settings = Settings.of(year=2020, font_body="华文仿宋、仿宋，FangSong", font_title="")
    data = letter(reported(MANY), settings)
    assert opened(data).styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == "华文仿宋"
    with ZipFile(BytesIO(data)) as archive:
        listed = archive.read("word/fontTable.xml").decode()
    assert re.search(r'w:name="华文仿宋"><w:altName w:val="仿宋,FangSong"', listed)
    assert opened(data).styles["Title"].element.rPr.rFonts.get(qn("w:eastAsia")) == "宋体"


def test_tables_repeat_their_header_and_break_no_row():
    for table in opened(letter(reported(MANY), MANY.settings)).tables:
        properties = [row._tr.trPr for row in table.rows]
        assert properties[0].find(qn("w:tblHeader")) is not None
        assert all(one.find(qn("w:cantSplit")) is not None for one in properties)
        assert [one.find(qn("w:tblHeader")) for one in properties[1:]] == [None] * (len(properties) - 1)


def test_the_same_report_gives_the_same_bytes_and_names_nobody():
    first, second = (letter(reported(MANY), MANY.settings) for _ in range(2))
    assert first == second
    facts = opened(first).core_properties
    assert (facts.author, facts.last_modified_by) == ("区营商办", "区营商办")


def test_what_no_document_can_hold_is_left_out():
    grid = f"| 序号 | 牵头部门 | 完成时限 | 存在问题 |\n| 1 | {FGJ} | 6月底 | 坏\x07字<b>&\ufffe |"
    ledger = book(grid)
    found = opened(letter(reported(ledger), ledger.settings))
    assert "坏 字<b>& " in [cell.text for table in found.tables for row in table.rows for cell in row.cells]


# PDF


def test_libreoffice_makes_the_pdf(tmp_path):
    target = tmp_path / "通报.pdf"
    write_pdf(letter(reported(MANY), MANY.settings), ".docx", target)
    assert target.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("office", "stop"),
    [
        (None, Stop.NO_PDF_PROGRAM),
        ("#!/bin/sh\nexit 1\n", Stop.PDF_FAILED),
        ("#!/bin/sh\nexit 0\n", Stop.PDF_FAILED),
        ("#!/bin/sh\nsleep 9\n", Stop.PDF_FAILED),
    ],
    ids=["none", "fails", "makes nothing", "hangs"],
)
def test_without_a_program_that_does_it_a_sentence_says_so_and_nothing_is_left(tmp_path, monkeypatch, office, stop):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pdf, "_USUAL", ())
    monkeypatch.setattr(pdf, "SECONDS", 1)
    if office:
        (tmp_path / "soffice").write_text(office)
        (tmp_path / "soffice").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    target = tmp_path / "出" / "通报.pdf"
    with pytest.raises(LedgerError) as raised:
        write_pdf(b"x", ".docx", target)
    assert raised.value.stop is stop
    assert not target.exists()


def test_a_long_paragraph_stays_one(tmp_path):
    wanted = replace(reported(MANY), blocks=(Paragraph("长" * 3000),))
    assert "".join(words_of(letter(wanted, MANY.settings), tmp_path)).count("长") == 3000
