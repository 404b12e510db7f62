"""通报 as .docx: opened by python-docx and by LibreOffice, in the layout of 公文."""

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
from lxml import etree

from ledgers import FGJ, ZJJ, book, ledger_of
from real import DAY, seeded
from taizhang.books.letter import column_widths, evenly_broken, letter, title_lines
from taizhang.books.pdf import write_pdf
from taizhang.journal import Journal
from taizhang.ledger import Ledger, Task, new_code
from taizhang.report import Heading, Paragraph, Report, Table, report_of
from taizhang.scores import scorecards
from taizhang.settings import Settings
from taizhang.summary import summarise

NEVER = Journal()
MANY = ledger_of(
    [
        Task(new_code(2020, n), {"no": n, "target": f"任务{n}" * 9, "leads": (FGJ, ZJJ)[n % 2], "deadline": "6月底"})
        for n in range(1, 41)
    ],
    {},
)
YEARS_LATER = date(2026, 11, 28)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def reported(ledger: Ledger, on: date = DAY) -> Report:
    return report_of(ledger.settings, summarise(ledger, on), scorecards(ledger, NEVER, on))


def lettered(ledger: Ledger, on: date = DAY) -> bytes:
    return letter(reported(ledger, on), ledger.settings)


def opened(data: bytes) -> docx.document.Document:
    return docx.Document(BytesIO(data))


def part(data: bytes, name: str) -> str:
    with ZipFile(BytesIO(data)) as archive:
        return archive.read(name).decode()


def cells_of(data: bytes) -> list[list[tuple[str, ...]]]:
    """Return the words of every table, by row, lines joined."""
    tables = opened(data).tables
    return [[tuple(cell.text.replace("\n", "") for cell in row.cells) for row in table.rows] for table in tables]


def pages_of(data: bytes, folder: Path) -> list[str]:
    """Return the words of each page that LibreOffice prints."""
    made = folder / "通报.pdf"
    write_pdf(data, ".docx", made)
    done = subprocess.run(["pdftotext", "-layout", str(made), "-"], capture_output=True, text=True, check=True)
    return [page for page in done.stdout.split("\f") if page.strip()]


def fonts_of(data: bytes) -> dict[str, str | None]:
    """Return which font each paragraph style has for Chinese."""
    styles = [style for style in opened(data).styles if style.type == docx.enum.style.WD_STYLE_TYPE.PARAGRAPH]
    return {style.name: style.element.rPr.rFonts.get(qn("w:eastAsia")) for style in styles}


# What it says


def test_every_word_and_number_of_the_report_is_in_the_document():
    data, wanted = lettered(seeded()), reported(seeded())
    assert cells_of(data) == [[one.head, *one.rows] for one in wanted.blocks if isinstance(one, Table)]
    said = [paragraph.text.replace("\n", "") for paragraph in opened(data).paragraphs if paragraph.text]
    blocks = [one.title if isinstance(one, Table) else one.text for one in wanted.blocks]
    assert said == [wanted.title, wanted.dated, *blocks, "区营商办", "2020年10月15日"]


def test_the_numbers_of_its_tables_are_those_of_the_summary_and_of_the_scorecards():
    summary, cards = summarise(seeded(), DAY), scorecards(seeded(), NEVER, DAY)
    statuses, trend, scores, late, soon = cells_of(lettered(seeded()))
    assert {row[1]: int(row[2]) for row in statuses[1:-1]} == summary.total.printed
    assert [int(number) for row in trend[1:] for number in row[1:-1]] == [
        number for point in summary.trend for number in point.groups.values()
    ]
    assert [(row[1], row[-2]) for row in scores[1:]] == [(card.department, f"{card.score:.1f}") for card in cards]
    assert [int(row[4]) for row in late[1:]] == [one.days for one in summary.overdue]
    assert [int(row[4]) for row in soon[1:]] == [-one.days for one in summary.due_soon]


@pytest.mark.office
def test_libreoffice_prints_the_same_numbers_with_a_number_on_every_page(tmp_path):
    wanted, pages = reported(seeded()), pages_of(lettered(seeded()), tmp_path)
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert re.search(rf"— *{number} *—\s*$", page)
    printed = [re.sub(r"\s", "", page) for page in pages]
    whole = "".join(re.sub("—[0-9]+—$", "", page) for page in printed)
    for block in wanted.blocks:
        match block:
            case Heading() | Paragraph():
                assert re.sub(r"\s", "", block.text) in whole
            case Table():
                # Cells of one line stand in their row; what wraps is in another test.
                for row in block.rows:
                    short = [text for place, text in enumerate(row) if place not in block.flush and len(text) < 6]
                    assert all(text in whole for text in short)
    for card in scorecards(seeded(), NEVER, DAY):
        assert re.search(rf"^ *{card.rank} .* {card.score:.1f} +{card.grade}$", "\n".join(pages), re.MULTILINE)
    assert printed[-1].endswith(f"区营商办2020年10月15日—{len(pages)}—")


@pytest.mark.office
def test_a_table_that_runs_on_has_its_header_on_every_page(tmp_path):
    pages = pages_of(lettered(MANY), tmp_path)
    rows = [page for page in pages if re.search(r"^ *\d+ +任务 *\d+", page, re.MULTILINE)]
    assert len(rows) > 2
    assert all("截止日期" in page for page in rows)


def test_the_days_of_a_task_years_overdue_fit_their_column():
    (late,) = (one for one in reported(MANY, YEARS_LATER).blocks if isinstance(one, Table) and "逾期天数" in one.head)
    place = late.head.index("逾期天数")
    assert late.rows[0][place] == "2342"
    wide = 0.65 * 10.5  # a digit, in the widest of the fonts a computer may put in the place of 仿宋
    assert column_widths(late.widths)[place] - 2 * 2.25 >= 4 * wide


@pytest.mark.office
def test_libreoffice_breaks_no_number_of_days(tmp_path):
    pages = "\n".join(pages_of(lettered(MANY, YEARS_LATER), tmp_path))
    assert len(re.findall(r"2020-06-30 +2342\b", pages)) == 40


@pytest.mark.office
@pytest.mark.parametrize("text", ["长" * 3000, "W" * 300, "1234567890" * 40], ids=["Chinese", "Western", "digits"])
def test_nothing_is_cut_however_long(tmp_path, text):
    table = Table("表", ("序号", "单位", "得分"), (("1", text[:900], "2"), ("3", "甲", text[:40])), (1, 3, 1))
    wanted = replace(reported(MANY), blocks=(Paragraph(text), table), phrases=("关于", "某事"))
    printed = re.sub(r"\s", "", "".join(pages_of(letter(wanted, MANY.settings), tmp_path)))
    numbers = re.compile("—[0-9]—|表|序号|单位|得分|甲|关于某事")
    left = numbers.sub("", printed)
    assert left.count(text[0]) >= text.count(text[0]) + text[:900].count(text[0]) + text[:40].count(text[0])


@pytest.mark.office
def test_no_line_of_the_pdf_breaks_a_number_of_a_long_list(tmp_path):
    numbers = [str(number) for number in range(101, 161)]
    wanted = replace(reported(MANY), blocks=(Paragraph(f"新办结60项（序号{'、'.join(numbers)}）。"), Paragraph("完。")))
    printed = "\n".join(pages_of(letter(wanted, MANY.settings, for_libreoffice=True), tmp_path))
    assert [found for found in re.findall(r"[0-9]+", printed) if found in numbers] == numbers
    assert "\u200b" not in part(letter(wanted, MANY.settings), "word/document.xml")  # what staff edit has none


@pytest.mark.parametrize(
    "ledger", [ledger_of([], {}), book(f"| 序号 | 牵头部门 |\n| 1 | {FGJ} |")], ids=["none", "one"]
)
def test_the_smallest_ledgers_have_a_letter(ledger):
    assert cells_of(lettered(ledger)) == [
        [one.head, *one.rows] for one in reported(ledger).blocks if isinstance(one, Table)
    ]


def test_what_no_document_can_hold_is_left_out_and_what_looks_like_code_is_text():
    nasty = "坏\x07字\x00<b>&amp;\ufffe\ud800=1+1{ PAGE }\x85]]>"
    legal = "坏 字 <b>&amp;  =1+1{ PAGE } ]]>"
    ledger = book(f"| 序号 | 牵头部门 | 完成时限 | 存在问题 |\n| 1 | {FGJ} | 6月底 | 某事 |", unit=nasty)
    found = reported(ledger)
    blocks = [
        replace(one, rows=tuple(tuple(nasty if text == "某事" else text for text in row) for row in one.rows))
        if isinstance(one, Table)
        else one
        for one in found.blocks
    ]
    data = letter(replace(found, blocks=(*blocks, Paragraph(nasty)), phrases=(nasty,)), ledger.settings)
    assert legal in [text for table in cells_of(data) for row in table for text in row]
    said = [paragraph.text for paragraph in opened(data).paragraphs]
    assert said[0] == legal
    assert said.count(legal) == 3  # title, paragraph, signature
    assert opened(data).core_properties.title == legal


# How it is set


def test_it_is_set_as_official_documents_are():
    found = opened(lettered(seeded()))
    section = found.sections[0]
    assert [round(one.cm, 1) for one in (section.page_width, section.page_height)] == [21.0, 29.7]
    assert [round(one.cm, 1) for one in (section.top_margin, section.bottom_margin)] == [3.7, 3.5]
    assert [round(one.cm, 1) for one in (section.left_margin, section.right_margin)] == [2.8, 2.6]
    styles = found.styles
    sizes = {"Title": 22, "Heading 1": 16, "Heading 2": 16, "Body Text": 16, "Footer": 14, "表格正文": 10.5}
    assert {name: styles[name].font.size.pt for name in sizes} == sizes
    body = styles["Body Text"].paragraph_format
    assert (body.first_line_indent.pt, body.line_spacing.pt) == (32, 28.9)
    assert styles["Body Text"].element.pPr.ind.get(qn("w:firstLineChars")) == "200"
    assert styles["Title"].paragraph_format.alignment == docx.enum.text.WD_ALIGN_PARAGRAPH.CENTER
    assert styles["Title"].paragraph_format.first_line_indent.pt == 0
    used = {paragraph.style.name for paragraph in found.paragraphs if paragraph.text}
    assert used == {"Title", "Subtitle", "Heading 1", "Heading 2", "Body Text", "Caption", "Normal"}


@pytest.mark.office
def test_a_page_holds_22_lines_of_28_characters(tmp_path):
    wanted = replace(reported(MANY), blocks=(Paragraph("长" * 3000),))
    page = pages_of(letter(wanted, MANY.settings), tmp_path)[2]  # the first has the title, the next the indent
    assert [line.count("长") for line in page.split("\n") if "长" in line] == [28] * 22


def test_headings_are_words_own_so_that_the_navigation_pane_lists_them():
    found = opened(lettered(seeded()))
    named = {1: r"[一二三四五六七]、", 2: r"（[一二三四五]）"}
    for level, pattern in named.items():
        style = found.styles[f"Heading {level}"]
        assert style.element.pPr.find(qn("w:outlineLvl")).get(qn("w:val")) == str(level - 1)
        assert style.next_paragraph_style.name == "Body Text"
        those = [paragraph.text for paragraph in found.paragraphs if paragraph.style.name == style.name]
        assert those
        assert all(re.match(pattern, text) for text in those)


def test_fonts_are_those_of_the_settings_with_others_to_stand_in():
    settings = Settings.of(
        year=2020,
        font_body="华文仿宋、仿宋，FangSong",
        font_title=None,
        font_section="黑体",
        font_subsection="黑体、楷体",
    )
    data = letter(reported(MANY), settings)
    found = fonts_of(data)
    assert (found["Body Text"], found["表格正文"], found["Normal"]) == ("华文仿宋",) * 3
    assert (found["Heading 1"], found["Heading 2"], found["Footer"]) == ("黑体", "黑体", "宋体")
    assert found["Title"] == "方正小标宋简体"  # blank means the first value
    listed = etree.fromstring(part(data, "word/fontTable.xml").encode())
    others = {one.get(f"{W}name"): [alt.get(f"{W}val") for alt in one.findall(f"{W}altName")] for one in listed}
    assert others == {
        "华文仿宋": ["仿宋,FangSong"],
        "方正小标宋简体": ["宋体"],
        "黑体": ["楷体"],
        "宋体": [],
    }


def test_western_letters_and_chinese_quotes_have_the_chinese_font():
    for fonts in etree.fromstring(part(lettered(MANY), "word/styles.xml").encode()).iter(f"{W}rFonts"):
        assert len({fonts.get(f"{W}{kind}") for kind in ("ascii", "hAnsi", "eastAsia")}) == 1
        assert not [name for name in fonts.attrib if name.endswith("Theme")]


def test_the_document_is_chinese_and_asks_for_no_old_word():
    data = lettered(MANY)
    assert 'w:eastAsia="zh-CN"' in part(data, "word/styles.xml")
    assert 'w:eastAsia="ja-JP"' not in part(data, "word/settings.xml")
    assert re.search('w:name="compatibilityMode"[^>]*w:val="15"', part(data, "word/settings.xml"))
    assert opened(data).core_properties.language == "zh-CN"


def test_tables_fit_the_text_repeat_their_header_and_break_no_row():
    found = opened(lettered(MANY))
    section = found.sections[0]
    text = section.page_width - section.left_margin - section.right_margin
    for table in found.tables:
        assert abs(sum(column.width for column in table.columns) - text) < 12700  # a point
        properties = [row._tr.trPr for row in table.rows]
        assert properties[0].find(qn("w:tblHeader")) is not None
        assert all(one.find(qn("w:cantSplit")) is not None for one in properties)
        assert [one.find(qn("w:tblHeader")) for one in properties[1:]] == [None] * (len(properties) - 1)
        named = [child.tag.removeprefix(W) for child in table._tbl.tblPr]
        assert named.index("tblLayout") < named.index("tblCellMar") < named.index("tblLook")  # Word wants the schema's


def test_the_page_number_is_a_field_between_dashes():
    footer = opened(lettered(MANY)).sections[0].footer.paragraphs[0]
    (field,) = footer._p.findall(qn("w:fldSimple"))
    assert field.get(qn("w:instr")) == "PAGE"
    assert "".join(footer._p.xpath(".//w:t/text()")) == "— 1 —"


@pytest.mark.parametrize("unit", ["区营商办", "泉港区提升营商环境工作推进小组办公室"])
def test_the_day_begins_two_characters_right_of_the_unit_and_both_stay_on_the_page_of_the_text(unit):
    found = opened(letter(replace(reported(MANY), unit=unit), MANY.settings)).paragraphs
    *_, text, gap, signed, dated = found
    assert all(one.paragraph_format.keep_with_next for one in (text, gap, signed))
    ends = [one.paragraph_format.right_indent.pt / 16 for one in (signed, dated)]
    starts = [end + len(one.text.encode("gbk")) / 2 for end, one in zip(ends, (signed, dated), strict=True)]
    assert starts[0] - starts[1] == pytest.approx(2)
    assert min(ends) == pytest.approx(2)


@pytest.mark.parametrize(
    ("phrases", "lines"),
    [
        (("关于2020年9月上旬", "工作台账", "任务进展情况的通报"), ["关于2020年9月上旬工作台账", "任务进展情况的通报"]),
        (
            ("关于2020年9月上旬", "泉港区提升营商环境工作台账", "任务进展情况的通报"),
            ["关于2020年9月上旬", "泉港区提升营商环境工作台账", "任务进展情况的通报"],
        ),
        (("关于", "某事", "的通报"), ["关于某事的通报"]),
        (("关于", "长" * 30, "的通报"), ["关于", "长" * 30, "的通报"]),
    ],
)
def test_a_title_is_broken_between_its_phrases_as_evenly_as_can_be(phrases, lines):
    assert title_lines(phrases, 20) == lines


def test_headers_are_broken_evenly_and_columns_take_the_whole_width():
    broken = [evenly_broken(text, 3).split("\n") for text in ("得分", "退回次数", "按期完成率", "指标达标率的")]
    assert broken == [["得分"], ["退回", "次数"], ["按期", "完成率"], ["指标达", "标率的"]]
    assert sum(column_widths((1, 2, 5))) == pytest.approx(442.2, abs=0.1)


# The file


def test_the_same_report_gives_the_same_bytes():
    first, second = (lettered(seeded()) for _ in range(2))
    assert first == second
    assert len(first) < 30_000


def test_no_person_is_named_and_the_file_is_of_the_reports_day():
    data = lettered(seeded())
    facts = opened(data).core_properties
    assert (facts.author, facts.last_modified_by, facts.comments) == ("区营商办", "区营商办", "")
    assert facts.created.date() == facts.modified.date() == DAY
    with ZipFile(BytesIO(data)) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in archive.namelist() if "app.xml" in name or "thumbnail" in name]
