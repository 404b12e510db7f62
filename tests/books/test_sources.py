"""Whatever file a notice comes in, it gives the same tasks."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from datetime import date
from pathlib import Path

import docx
import pytest
import xlsxwriter
from docx.oxml import parse_xml

from taizhang.books.sources import bundled_departments, read_notice
from taizhang.departments import Department
from taizhang.errors import LedgerError, Stop
from taizhang.notice import read_tasks

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests/golden/tasks.csv"
TITLE = "2020年泉港区提升营商环境工作主要任务一览表"
HEADERS = ("事项名称", "目标任务", "完成时限", "牵头部门", "责任部门")


def golden():
    with GOLDEN.open(encoding="utf-8-sig", newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def tasks_in(path):
    tasks = read_tasks(read_notice(path)).tasks
    return [(str(task.no), task.category, task.target, task.deadline, task.leads, task.supports) for task in tasks]


def numbered():
    """Return the golden rows in the notice's own five columns, the number before the text."""
    return [(category, f"{no}.{target}", *rest) for no, category, target, *rest in golden()]


def test_text_pasted_from_word_gives_the_83_tasks():
    assert tasks_in(ROOT / "addin/taizhang/data/notice_2020.txt") == golden()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_in_any_encoding_and_with_any_delimiter_gives_them(tmp_path, encoding, delimiter):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(csv.reader(io.StringIO(GOLDEN.read_text("utf-8-sig"))))
    path = tmp_path / "任务.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    assert tasks_in(path) == golden()


def test_a_txt_with_tabs_between_the_cells_of_a_line_gives_them(tmp_path):
    path = tmp_path / "任务.txt"
    path.write_text("\n".join("\t".join(row) for row in [HEADERS, *numbered()]), "utf-8")
    assert tasks_in(path) == golden()


def written_document(path, per_page=10):
    """Write the notice as Word has it: categories merged downwards, the header on every page."""
    document = docx.Document()
    for text in ("泉港营商办〔2020〕2号", "关于印发工作要点的通知", "附件", TITLE):
        document.add_paragraph(text)
    rows = numbered()
    for start in range(0, len(rows), per_page):
        fill(document.add_table(1, len(HEADERS)), rows[start : start + per_page])
        document.add_paragraph("")
    document.save(path)


def fill(table, rows):
    for cell, text in zip(table.rows[0].cells, HEADERS, strict=True):
        cell.text = text
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    merge_categories(table, [row[0] for row in rows])


def merge_categories(table, categories):
    """Merge each run of equal categories, its first cell broken into two lines."""
    starts = [at for at, category in enumerate(categories) if at == 0 or category != categories[at - 1]]
    for start, end in zip(starts, [*starts[1:], len(categories)], strict=True):
        for at in range(start, end):
            table.cell(at + 1, 0).text = ""
        merged = table.cell(start + 1, 0).merge(table.cell(end, 0))
        merged.text = "\n".join((categories[start][:4], categories[start][4:]))


@pytest.mark.parametrize("per_page", [10, 83])
def test_a_word_document_gives_them_with_merged_categories_and_a_header_on_every_page(tmp_path, per_page):
    written_document(tmp_path / "通知.docx", per_page)
    notice = read_tasks(read_notice(tmp_path / "通知.docx"))
    assert tasks_in(tmp_path / "通知.docx") == golden()
    assert (notice.title, notice.year) == (TITLE, 2020)


def test_a_word_table_that_goes_on_without_a_header_is_read_on(tmp_path):
    document = docx.Document()
    fill(document.add_table(1, 5), numbered()[:40])
    rest = document.add_table(0, 5)
    for row in numbered()[40:]:
        for cell, text in zip(rest.add_row().cells, row, strict=True):
            cell.text = text
    document.save(tmp_path / "通知.docx")
    assert tasks_in(tmp_path / "通知.docx") == golden()


def test_text_inserted_with_tracked_changes_is_read_and_text_deleted_is_not(tmp_path):
    document = docx.Document()
    fill(document.add_table(1, 5), [("一", "1.", "6月底", "区法院", "")])
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    paragraph = document.tables[0].cell(1, 1).paragraphs[0]._p
    paragraph.append(parse_xml(f"<w:ins {space}><w:r><w:t>压缩时间</w:t></w:r></w:ins>"))
    paragraph.append(parse_xml(f"<w:del {space}><w:r><w:delText>旧</w:delText></w:r></w:del>"))
    document.save(tmp_path / "通知.docx")
    assert [task[2] for task in tasks_in(tmp_path / "通知.docx")] == ["压缩时间"]


def written_workbook(path):
    """Write the notice as a clerk types it: a title, merged categories, a hidden sheet with something else."""
    book = xlsxwriter.Workbook(str(path))
    sheet, hidden = book.add_worksheet("任务"), book.add_worksheet("旧稿")
    sheet.merge_range("A1:F1", TITLE)
    sheet.write("A2", "制表：区营商办")
    rows = golden()
    sheet.write_row(3, 0, ("序号", *HEADERS))
    for at, row in enumerate(rows, 4):
        sheet.write_row(at, 0, (int(row[0]), "", *row[2:]))
    categories = [row[1] for row in rows]
    for category in dict.fromkeys(categories):
        first, count = categories.index(category) + 4, categories.count(category)
        if count > 1:
            sheet.merge_range(first, 1, first + count - 1, 1, category)
        else:
            sheet.write(first, 1, category)
    hidden.write_row(0, 0, HEADERS)
    hidden.write_row(1, 0, numbered()[0])
    hidden.hide()
    book.close()


def test_a_workbook_gives_them_under_a_title_with_merged_categories_and_no_hidden_sheet(tmp_path):
    written_workbook(tmp_path / "任务.xlsx")
    notice = read_tasks(read_notice(tmp_path / "任务.xlsx"))
    assert tasks_in(tmp_path / "任务.xlsx") == golden()
    assert (notice.title, notice.year, notice.tasks[0].row, notice.tasks[0].sheet) == (TITLE, 2020, 5, "任务")


@pytest.mark.office
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_the_workbook_gives_them_in_older_and_other_formats(tmp_path, suffix):
    written_workbook(tmp_path / "任务.xlsx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", suffix, "--outdir", tmp_path, tmp_path / "任务.xlsx"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert tasks_in(tmp_path / f"任务.{suffix}") == golden()


def test_content_decides_what_a_file_is_not_its_extension(tmp_path):
    written_workbook(tmp_path / "任务.xlsx")
    written_document(tmp_path / "通知.docx")
    for source, copy in (("任务.xlsx", "任务.xls"), ("任务.xlsx", "任务.csv"), ("通知.docx", "通知.xlsx")):
        shutil.copy(tmp_path / source, tmp_path / copy)
        assert tasks_in(tmp_path / copy) == golden()


def test_a_true_date_in_a_deadline_cell_stays_a_date(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "任务.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADERS)
    sheet.write_row(1, 0, ("一", "1.甲"))
    sheet.write_datetime(1, 2, date(2020, 9, 15), book.add_format({"num_format": "yyyy/m/d"}))
    book.close()
    assert tasks_in(tmp_path / "任务.xlsx")[0][3] == date(2020, 9, 15)


ZIP = b"PK\x03\x04" + bytes(60)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("name", "content", "stop"),
    [
        ("通知.pdf", b"%PDF-1.4", Stop.UNSUPPORTED_NOTICE),
        ("通知.doc", OLE, Stop.UNSUPPORTED_NOTICE),
        ("通知.docx", b"hello", Stop.NOT_A_DOCUMENT),
        ("通知.docx", OLE, Stop.NOT_A_DOCUMENT),
        ("任务.xlsx", ZIP, Stop.NOT_A_WORKBOOK),
        ("任务.xls", OLE, Stop.NOT_A_WORKBOOK),
        ("任务.xls", b"<html><table></table></html>", Stop.NOT_A_WORKBOOK),
        ("任务.xlsx", b"", Stop.NOT_A_WORKBOOK),
        ("任务.csv", b"\x81\xff\xff\x81", Stop.UNKNOWN_ENCODING),
        ("任务.csv", b"", Stop.NO_TASKS),
        ("任务.csv", b'a,"' + b"x" * 140_000, Stop.NO_TASKS),
        ("通知.txt", "一、主要目标\n1.开办企业。".encode(), Stop.NO_TASKS),
    ],
)
def test_what_cannot_be_read_stops_with_a_sentence_that_names_the_file(tmp_path, name, content, stop):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(LedgerError) as stopped:
        read_tasks(read_notice(path))
    assert stopped.value.stop is stop
    assert str(stopped.value).startswith(f"{path}：")


def test_a_missing_file_and_a_folder_stop_too(tmp_path):
    for path, stop in ((tmp_path / "无.txt", Stop.MISSING_FILE), (tmp_path, Stop.IS_FOLDER)):
        with pytest.raises(LedgerError) as stopped:
            read_notice(path)
        assert stopped.value.stop is stop


def test_a_damaged_word_document_is_no_document_wherever_it_is_cut(tmp_path):
    written_document(tmp_path / "通知.docx", 83)
    whole = (tmp_path / "通知.docx").read_bytes()
    for keep in range(100, len(whole), len(whole) // 25):
        (tmp_path / "残.docx").write_bytes(whole[:keep])
        with pytest.raises(LedgerError) as stopped:
            read_notice(tmp_path / "残.docx")
        assert stopped.value.stop is Stop.NOT_A_DOCUMENT


def test_a_word_document_with_a_damaged_byte_is_read_or_stops(tmp_path):
    written_document(tmp_path / "通知.docx", 83)
    whole = (tmp_path / "通知.docx").read_bytes()
    for at in range(0, len(whole), len(whole) // 60):
        (tmp_path / "坏.docx").write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            read_notice(tmp_path / "坏.docx")
        except LedgerError as stopped:
            assert stopped.stop in (Stop.NOT_A_DOCUMENT, Stop.NOT_A_WORKBOOK)


def test_the_bundled_directory_holds_39_departments_with_their_aliases():
    directory = bundled_departments()
    assert len(directory.names) == 39
    assert directory.departments[0] == Department("区市场监管局", ("市场监管局",))
    assert directory.canonical("人才办") == "区委人才办"
