"""One write path: locked, compared, backed up, edited in place, replaced at once."""

import os
import stat
import time
from datetime import date, datetime
from io import BytesIO

import pytest
from filelock import FileLock
from openpyxl import load_workbook

from taizhang import actions, tables
from taizhang.actions import Context
from taizhang.books import disk, ledgers
from taizhang.books.package import Package
from taizhang.deadlines import Dictionary, closed_wordings
from taizhang.departments import Department, Directory
from taizhang.errors import LedgerError, Stop
from taizhang.journal import Act
from taizhang.layout.office import PLACES
from taizhang.ledger import Ledger, ReportKey, Task
from taizhang.settings import Settings

NOW = datetime(2020, 9, 10, 9)
ACT = Act("导入通知", NOW, "甲")


def small_ledger():
    directory = Directory((Department("区发改局", ("发改局",)), Department("区财政局")))
    tasks = (
        Task("RW2020-001", {"no": 1, "category": "一", "target": "甲事", "deadline": "6月底", "leads": "区发改局"}),
        Task(
            "RW2020-002",
            {"no": 2, "category": "一", "target": "乙事", "deadline": "持续推进", "leads": "发改局、区财政局"},
        ),
    )
    words = Dictionary(dict(closed_wordings(2020)))
    return Ledger("id-1", tasks, {}, directory, words, Settings.of(title="台账", year=2020)).with_wordings()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "台账.xlsx"
    ledgers.create_ledger(path, small_ledger(), ACT, NOW.date())
    return path


def reported(ledger, **cells):
    return ledger.with_reports({ReportKey("RW2020-001", "区发改局"): cells})


def save(path, change):
    with ledgers.editing(path) as opened:
        return ledgers.save(opened, change(opened.ledger), Act("执行合并", NOW, "乙"), NOW.date())


def cached(path, sheet, row):
    """Return what viewers see in a row: cached values by column title."""
    grid = load_workbook(path, data_only=True)[sheet]
    return {head.value: cell.value for head, cell in zip(grid[3], grid[row], strict=True)}


def test_a_new_ledger_reads_back_as_it_was(path):
    assert ledgers.open_ledger(path).ledger == small_ledger()


def test_an_existing_file_is_never_overwritten_by_a_new_ledger(path):
    before = path.read_bytes()
    with pytest.raises(LedgerError) as told:
        ledgers.create_ledger(path, small_ledger(), ACT, NOW.date())
    assert told.value.stop is Stop.EXISTS
    assert path.read_bytes() == before


def test_a_write_changes_the_cell_its_status_and_the_journal(path):
    save(path, lambda ledger: reported(ledger, percent=1, done_on=date(2020, 6, 20), progress="=办结"))
    row = cached(path, tables.LEDGER, 4)
    assert (row["完成率"], row["状态"], row["剩余天数"]) == (1, "待销号", None)
    assert row["进展情况"] == "=办结"
    assert load_workbook(path)[tables.LEDGER].cell(4, PLACES["progress"]).data_type == "s"
    record = ledgers.open_ledger(path).reading.journal
    assert [(line.column, line.old, line.new) for line in record.lines if line.operator == "乙"] == [
        ("进展情况", "", "=办结"),
        ("完成率", "", "1"),
        ("完成日期", "", "2020-06-20"),
    ]
    assert [line.number for line in record.lines] == list(range(1, len(record.lines) + 1))
    assert record.broken() is None


def test_a_joint_report_goes_to_its_own_row_and_shows_composed(path):
    key = ReportKey("RW2020-002", "区财政局")
    save(path, lambda ledger: ledger.with_reports({key: {"progress": "已拨付", "percent": 0.5}}))
    assert cached(path, tables.JOINT, 5)["进展情况"] == "已拨付"
    assert cached(path, tables.LEDGER, 5)["进展情况"] == "区财政局：已拨付"
    assert cached(path, tables.LEDGER, 5)["完成率"] is None
    assert ledgers.open_ledger(path).ledger.report(key) == {"progress": "已拨付", "percent": 0.5}


def test_the_file_is_backed_up_as_it_was_before(path):
    before = path.read_bytes()
    written = save(path, lambda ledger: reported(ledger, percent=0.5))
    assert written.backup.parent.name == "备份"
    assert written.backup.read_bytes() == before
    again = save(path, lambda ledger: reported(ledger, percent=0.6))
    assert again.backup != written.backup


def test_a_row_grows_with_its_text_and_never_shrinks(path):
    save(path, lambda ledger: reported(ledger, progress="很长的进展情况。" * 60))
    tall = load_workbook(path)[tables.LEDGER].row_dimensions[4].height
    assert 300 < tall <= 409
    save(path, lambda ledger: reported(ledger, progress="短"))
    assert load_workbook(path)[tables.LEDGER].row_dimensions[4].height == tall


def test_what_the_office_added_of_its_own_stays(path):
    book = load_workbook(path)
    book[tables.LEDGER].cell(3, 40).value = "我的列"
    book[tables.LEDGER].cell(4, 40).value = "我的话"
    book.create_sheet("我的表")["A1"] = "别动"
    book.save(path)
    save(path, lambda ledger: reported(ledger, percent=0.5))
    after = load_workbook(path)
    assert after[tables.LEDGER].cell(4, 40).value == "我的话"
    assert after["我的表"]["A1"].value == "别动"


def test_a_new_wording_is_added_to_the_dictionary_and_counts_at_once(path):
    def reworded(ledger):
        from dataclasses import replace

        task = ledger.tasks[0]
        return replace(ledger, tasks=(Task(task.code, {**task.cells, "deadline": " 9月 15日前"}), *ledger.tasks[1:]))

    save(path, reworded)
    assert cached(path, tables.LEDGER, 4)["截止日期"] == datetime(2020, 9, 15)
    words = load_workbook(path)[tables.WORDINGS]
    assert " 9月 15日前" in [row[0].value for row in words.iter_rows(min_row=4)]


def test_a_changed_colour_reaches_the_conditional_formats(path):
    data = Package.load(path.read_bytes())
    row = next(r for r in range(4, 60) if load_workbook(path)[tables.SETTINGS].cell(r, 1).value == "颜色：逾期")
    data.set_cells(tables.SETTINGS, {(row, 2): "#123456"})
    path.write_bytes(data.dump())
    actions.status(path, Context(NOW), write=True)
    rules = [r for found in load_workbook(path)[tables.LEDGER].conditional_formatting for r in found.rules]
    (late,) = [rule for rule in rules if '"逾期"' in rule.formula[0]]
    assert late.dxf.fill.bgColor.rgb == "FF123456"


def test_rows_typed_in_below_the_table_get_a_code_and_formulas(path):
    package = Package.load(path.read_bytes())
    typed = {"no": 3, "target": "丙事", "deadline": "12月底", "leads": "区财政局"}
    package.set_cells(tables.LEDGER, {(6, PLACES[key]): value for key, value in typed.items()})
    path.write_bytes(package.dump())
    save(path, lambda ledger: ledger)
    row = cached(path, tables.LEDGER, 6)
    assert (row["任务编码"], row["截止日期"], row["状态"]) == ("RW2020-003", datetime(2020, 12, 31), "正常推进")


# Locks


@pytest.mark.parametrize(
    ("mark", "content", "program"),
    [
        ("~$台账.xlsx", bytes([6]) + "小王".encode(), "Excel"),
        (".~台账.xlsx", b"", "WPS"),
        (".~lock.台账.xlsx#", ",小王,pc,10.09.2020 09:00,file:///x;".encode(), "LibreOffice"),
    ],
)
def test_a_ledger_open_elsewhere_is_named_with_program_owner_and_age(path, mark, content, program):
    before = path.read_bytes()
    lock = path.parent / mark
    lock.write_bytes(content)
    three_hours = time.time() - 3 * 3600 - 5
    os.utime(lock, (three_hours, three_hours))
    with pytest.raises(LedgerError) as told:
        save(path, lambda ledger: reported(ledger, percent=0.5))
    sentence = str(told.value)
    assert program in sentence
    assert "3小时" in sentence
    assert "--force-unlock" in sentence
    assert ("小王" in sentence) == bool(content)
    assert path.read_bytes() == before
    with ledgers.editing(path, force=True) as opened:
        ledgers.save(opened, reported(opened.ledger, percent=0.5), ACT, NOW.date())
    assert ledgers.open_ledger(path).ledger != small_ledger()


def test_two_writes_at_once_the_second_is_refused(path):
    with (
        FileLock(path.parent / f".{path.name}.taizhang.lock"),
        pytest.raises(LedgerError) as told,
        ledgers.editing(path),
    ):
        pass
    assert told.value.stop is Stop.BUSY


def test_a_file_changed_meanwhile_is_not_overwritten(path):
    with ledgers.editing(path) as opened:
        path.write_bytes(opened.data + b" ")
        with pytest.raises(LedgerError) as told:
            ledgers.save(opened, reported(opened.ledger, percent=0.5), ACT, NOW.date())
    assert told.value.stop is Stop.CHANGED_MEANWHILE
    assert path.read_bytes() == opened.data + b" "


def test_a_disk_that_refuses_leaves_the_old_file_and_no_rest(path, monkeypatch):
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "write_through", full)
    with pytest.raises(LedgerError, match="磁盘空间不足"):
        save(path, lambda ledger: reported(ledger, percent=0.5))
    assert path.read_bytes() == before
    assert not [p for p in path.parent.iterdir() if p.suffix == ".tmp"]


def test_a_write_through_a_link_changes_the_file_and_keeps_the_link(path, tmp_path):
    (tmp_path / "别处").mkdir()
    link = tmp_path / "别处" / "链接.xlsx"
    try:
        link.symlink_to(path)
    except OSError:
        pytest.skip("this system lets its users make no links")
    written = save(link, lambda ledger: reported(ledger, percent=0.5))
    assert link.is_symlink()
    assert cached(path, tables.LEDGER, 4)["完成率"] == 0.5
    assert written.backup.parent == path.parent / "备份"


def test_file_permissions_survive_a_write(path):
    path.chmod(0o640)
    save(path, lambda ledger: reported(ledger, percent=0.5))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


# What is no ledger


def test_what_is_no_ledger_is_said_in_one_sentence(tmp_path, path):
    text, other, cut, folder = (tmp_path / name for name in ("a.xlsx", "b.xlsx", "c.xlsx", "d.xlsx"))
    text.write_text("不是表格", encoding="utf-8")
    book = load_workbook(path)
    del book[tables.LEDGER]
    book.save(other)
    cut.write_bytes(path.read_bytes()[:5000])
    folder.mkdir()
    wanted = {
        text: Stop.NOT_A_WORKBOOK,
        other: Stop.NOT_A_LEDGER,
        cut: Stop.NOT_A_WORKBOOK,
        folder: Stop.IS_FOLDER,
        tmp_path / "none.xlsx": Stop.MISSING_FILE,
    }
    for file, stop in wanted.items():
        with pytest.raises(LedgerError) as told:
            ledgers.open_ledger(file)
        assert told.value.stop is stop, file


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "said"),
    [
        (tables.LEDGER, (3, PLACES["status"]), "情况", "缺少“状态”列"),
        (tables.LEDGER, (5, PLACES["code"]), "RW2020-001", "任务编码“RW2020-001”与第4行重复"),
        (tables.SETTINGS, (5, 2), "二零二零", "“年度”的值“二零二零”不能用"),
        (tables.SETTINGS, (5, 2), None, "“年度”的值“（空）”不能用"),
        (tables.JOINT, (5, 5), "发改局", "与第4行是同一任务、同一单位"),
        (tables.WORDINGS, (3, 1), "词", "缺少“时限用语”列"),
    ],
)
def test_a_damaged_ledger_is_not_opened_for_work_and_says_where(path, sheet, cell, value, said):
    package = Package.load(path.read_bytes())
    package.set_cells(sheet, {cell: value})
    path.write_bytes(package.dump())
    with pytest.raises(LedgerError) as told:
        ledgers.open_ledger(path)
    assert told.value.stop is Stop.DAMAGED
    assert f"“{sheet}”" in str(told.value)
    assert said in str(told.value)


def test_a_newer_format_is_refused(path):
    package = Package.load(path.read_bytes())
    package.set_properties({"taizhang_format": "99"})
    path.write_bytes(package.dump())
    with pytest.raises(LedgerError) as told:
        ledgers.open_ledger(path)
    assert told.value.stop is Stop.NEWER_LEDGER


def test_an_edit_keeps_every_other_part_of_the_file(path):
    before = Package.load(path.read_bytes())
    save(path, lambda ledger: reported(ledger, percent=0.5))
    after = Package.load(path.read_bytes())
    names = {tables.GUIDE, tables.NAMES, tables.CHOICES}
    for name in names:
        assert before.parts.data(before.part_of(name)) == after.parts.data(after.part_of(name))
    assert load_workbook(BytesIO(path.read_bytes())).sheetnames == load_workbook(BytesIO(before.dump())).sheetnames
