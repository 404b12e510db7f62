"""`taizhang rollup` on real files: the numbers of each ledger, added up; whatever is wrong with a file is a line."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from test_loop import NOW

from books.arrivals.samples import with_part, xlsx, zipped
from ledgers import FGJ, SWJ, ZJJ, book
from taizhang import journal, tables
from taizhang.books.arrivals import limits
from taizhang.books.ledgers import create_ledger
from taizhang.cli import main
from taizhang.journal import Act
from taizhang.values import Value

DAY = date(2020, 9, 8)
REGIONS = ("晋江市营商办", "石狮市营商办", "惠安县营商办")
GRID = f"""
| 序号 | 牵头部门 | 牵头单位 | 完成率 | 完成日期 | 填报日期 | 完成时限 |
| 1 | {FGJ}、{ZJJ} | {FGJ} | 100% | 2020-06-20 | 2020-06-20 | 6月底 |
| 1 | {FGJ}、{ZJJ} | {ZJJ} | 30% | | 2020-09-02 | 6月底 |
| 2 | {ZJJ} | {ZJJ} | 50% | | 2020-09-08 | 12月底 |
| 3 | {SWJ} | | | | | 长期 |
"""
MORE = f"| 4 | {SWJ} | | | | | 9月底 |\n"


def ledger(path: Path, grid: str = GRID, at: datetime = NOW, **settings: Value) -> Path:
    """Write a ledger file; its record begins at a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found = book(grid, **{"as_of": DAY, **settings})
    create_ledger(path, found, Act(journal.NEW, at, "经办"), DAY)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three regions' ledgers of one period, and an earlier one of the first."""
    where = tmp_path / "交来"
    for number, region in enumerate(REGIONS):
        ledger(where / region[:3] / "台账.xlsx", GRID + MORE * (number == 1), unit=region)
    ledger(where / REGIONS[0][:3] / "8月.xlsx", unit=REGIONS[0], as_of=date(2020, 8, 25))
    return where


def rollup(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> dict[str, object]:
    assert main(["rollup", *map(str, arguments), "--json"]) == code
    out = capsys.readouterr()
    assert not out.err
    return dict(json.loads(out.out))


def cells(path: Path, sheet: str) -> list[list[object]]:
    page = load_workbook(path)[sheet]
    return [[cell.value for cell in row if cell.value is not None] for row in page.iter_rows()]


def left(path: Path) -> dict[str, str]:
    """Return the lines of 未汇总: what is said of each file."""
    return {str(row[0]): f"{row[1]}{row[2]}" for row in cells(path, tables.LEFT_OUT)[3:]}


def test_the_numbers_are_those_each_ledger_gives_itself(folder, tmp_path, capsys):
    target = tmp_path / "汇总.xlsx"
    told = rollup(capsys, folder, "-o", target)
    sums: dict[str, int] = {}
    for path in folder.glob("*/台账.xlsx"):
        assert main(["status", str(path), "--json"]) == 0
        for status, count in json.loads(capsys.readouterr().out)["counts"].items():
            sums[status] = sums.get(status, 0) + count
    assert told["total"]["counts"] == sums
    assert told["period"] == "2020-09-上旬"
    assert {one["region"]: one["tasks"] for one in told["regions"]} == dict(zip(REGIONS, (3, 4, 3), strict=True))
    assert {one["department"]: one["tasks"] for one in told["departments"]} == {FGJ: 3, ZJJ: 6, SWJ: 4}
    assert [(one["period"], one["tasks"]) for one in told["periods"]] == [("2020-08-下旬", 3), ("2020-09-上旬", 10)]
    assert told["left"] == []


def test_the_workbook_says_the_same_as_the_json(folder, tmp_path, capsys):
    target = tmp_path / "汇总.xlsx"
    told = rollup(capsys, folder, "-o", target)
    rows = {str(row[0]): row for row in cells(target, tables.SUMMARY) if row}
    for one in (*told["regions"], {"region": "合计", **told["total"]}):
        assert rows[one["region"]][1] == one["tasks"]
        assert rows[one["region"]][-1] == pytest.approx(one["overdue_rate"])
    assert "没有：交来的文件都计入了汇总。" in cells(target, tables.LEFT_OUT)[1]
    assert len(cells(target, tables.COUNTED)) == 3 + 4


def test_the_same_files_give_the_same_bytes_and_an_earlier_summary_is_replaced(folder, tmp_path, capsys):
    target = folder / "汇总.xlsx"  # among the ledgers: it is not one of them
    rollup(capsys, folder, "-o", target)
    first = target.read_bytes()
    rollup(capsys, folder, "-o", target)
    assert target.read_bytes() == first


def test_a_name_that_looks_like_a_formula_stays_text(tmp_path, capsys):
    evil = '=HYPERLINK("http://x.example","点我")'
    grid = GRID.replace(SWJ, "=1+1")
    ledger(tmp_path / "甲" / "=2+2.xlsx", grid, unit=evil)
    (tmp_path / "甲" / "+3.xlsx").write_bytes(b"x\0y\1")
    target = tmp_path / "汇总.xlsx"
    rollup(capsys, tmp_path / "甲", "-o", target, code=1)
    found = [cell for sheet in load_workbook(target) for row in sheet.iter_rows() for cell in row]
    assert evil in [cell.value for cell in found]
    assert "=2+2.xlsx" in [cell.value for cell in found]
    assert not [cell.value for cell in found if cell.data_type == "f"]
    with zipfile.ZipFile(target) as package:
        assert not [name for name in package.namelist() if "worksheets/sheet" in name and b"<f>" in package.read(name)]
        assert not [name for name in package.namelist() if b"x.example" in package.read(name) and "rels" in name]


def test_the_handed_in_files_are_only_read(folder, tmp_path, capsys):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    rollup(capsys, folder, "-o", tmp_path / "汇总.xlsx")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


# what is wrong with one file


def bomb() -> bytes:
    return with_part(xlsx(), "xl/worksheets/sheet1.xml", b"<a>" + b" " * (limits.UNPACKED + 1))


def encrypted(data: bytes) -> bytes:
    from msoffcrypto.format.ooxml import OOXMLFile

    target = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt("口令123", target)
    return target.getvalue()


def broken_xml(data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            part = old.read(info)
            new.writestr(info.filename, part[: len(part) // 2] if "worksheets" in info.filename else part)
    return target.getvalue()


def without_names(path: Path) -> bytes:
    made, target = load_workbook(path), io.BytesIO()
    del made[tables.NAMES]
    made.save(target)
    return target.getvalue()


def test_each_bad_file_is_one_line_and_all_others_are_counted(folder, tmp_path, capsys):
    sound = (folder / REGIONS[0][:3] / "台账.xlsx").read_bytes()
    bad = {
        "炸弹.xlsx": (bomb(), "解开以后"),
        "加密.xlsx": (encrypted(sound), "有打开密码，没有读取。请送来的单位去掉密码后再送。"),
        "断了.xlsx": (sound[: len(sound) // 2], "已损坏"),
        "坏标记.xlsx": (broken_xml(sound), "请"),
        "值班表.xlsx": (xlsx(), "不是营商台账"),
        "缺表.xlsx": (without_names(folder / REGIONS[0][:3] / "台账.xlsx"), "单位名录"),
        "空的.xlsx": (b"", "文件是空的"),
        "扫描件.xlsx": (b"%PDF-1.4\n", "是PDF 文件，不是台账"),
        "套着.xlsm": (zipped({"台账.xlsx": sound}), "压缩包"),
    }
    good = rollup(capsys, folder, "-o", tmp_path / "好.xlsx")
    for name, (data, _) in bad.items():
        (folder / name).write_bytes(data)
    target = tmp_path / "汇总.xlsx"
    told = rollup(capsys, folder, "-o", target, code=1)
    assert {**told, "left": [], "path": ""} == {**good, "path": ""}
    said = left(target)
    assert said.keys() == bad.keys()
    for name, (_, words) in bad.items():
        assert words in said[name]
        assert "请" in said[name]
    assert {one["file"]: one["reason"] + one["remedy"] for one in told["left"]} == said


def test_cells_that_break_our_own_code_cost_that_file_alone(folder, tmp_path, capsys, monkeypatch):
    from taizhang import rollup as core

    real = core.tallied
    monkeypatch.setattr(core, "tallied", lambda one, on: 1 / 0 if len(one.tasks) == 4 else real(one, on))
    told = rollup(capsys, folder, "-o", tmp_path / "汇总.xlsx", code=1)
    assert [one["file"] for one in told["left"]] == [f"{REGIONS[1][:3]}/台账.xlsx"]
    assert [one["region"] for one in told["regions"]] == sorted((REGIONS[0], REGIONS[2]))


def test_where_nothing_can_be_read_nothing_is_written(tmp_path, capsys):
    (tmp_path / "交来").mkdir()
    target = tmp_path / "汇总.xlsx"
    for name in ("", "值班表.xlsx"):
        if name:
            (tmp_path / "交来" / name).write_bytes(xlsx())
        assert main(["rollup", str(tmp_path / "交来"), "-o", str(target)]) == 2
        said = capsys.readouterr()
        assert not said.out
        assert said.err.count("\n") == 1
        assert said.err.startswith("没有一本能够汇总的台账")
        assert "请" in said.err
        assert name in said.err
    assert not target.exists()


# which files


def test_what_programs_leave_beside_ledgers_is_not_handed_in(folder, tmp_path, capsys):
    good = rollup(capsys, folder, "-o", tmp_path / "好.xlsx")
    own = folder / REGIONS[0][:3]
    (own / "~$台账.xlsx").write_bytes(b"x")
    for kept in ("备份", "佐证"):
        (own / kept).mkdir(exist_ok=True)
        shutil.copyfile(own / "台账.xlsx", own / kept / "台账_20200908-093000_生成台账.xlsx")
    (own / "说明.docx").write_bytes(b"x")
    assert {**rollup(capsys, folder, "-o", tmp_path / "又.xlsx"), "path": ""} == {**good, "path": ""}


def test_a_file_handed_in_twice_is_read_once(folder, tmp_path, capsys):
    one = folder / REGIONS[0][:3] / "台账.xlsx"
    told = rollup(capsys, folder, one, one.parent, "-o", tmp_path / "汇总.xlsx")
    assert told["ledgers"] == 4


def test_an_earlier_summary_under_another_name_is_not_taken_for_a_ledger(folder, tmp_path, capsys):
    rollup(capsys, folder, "-o", folder / "上旬汇总.xlsx")
    told = rollup(capsys, folder, "-o", tmp_path / "汇总.xlsx", code=1)
    assert [(one["file"], one["reason"]) for one in told["left"]] == [("上旬汇总.xlsx", "是以前生成的汇总，不是台账。")]


def test_the_later_of_two_copies_counts_and_the_other_is_told(folder, tmp_path, capsys):
    late = ledger(folder / "补交.xlsx", GRID + MORE, datetime(2020, 9, 9, 9), unit=REGIONS[0])
    told = rollup(capsys, folder, "-o", tmp_path / "汇总.xlsx", code=1)
    assert [one["file"] for one in told["left"]] == [f"{REGIONS[0][:3]}/台账.xlsx"]
    assert late.name in told["left"][0]["reason"]
    assert {one["region"]: one["tasks"] for one in told["regions"]}[REGIONS[0]] == 4


def test_ledgers_that_do_not_say_whose_they_are_go_by_their_folders(tmp_path, capsys):
    for name in ("晋江市", "石狮市"):
        ledger(tmp_path / "交来" / name / "9月" / "台账.xlsx", title="工作台账")
    told = rollup(capsys, tmp_path / "交来", "-o", tmp_path / "汇总.xlsx")
    assert [one["region"] for one in told["regions"]] == ["晋江市", "石狮市"]


def test_folders_name_the_regions_where_ledgers_share_a_unit(tmp_path, capsys):
    for name in ("晋江市", "石狮市"):
        ledger(tmp_path / "交来" / name / "台账.xlsx", unit="市营商办")
    told = rollup(capsys, tmp_path / "交来", "-o", tmp_path / "汇总.xlsx", code=1)
    assert len(told["left"]) == 1
    told = rollup(capsys, tmp_path / "交来", "--by-folder", "-o", tmp_path / "又.xlsx")
    assert [one["region"] for one in told["regions"]] == ["晋江市", "石狮市"]


def test_folders_taken_for_one_region_are_said_with_the_headline(tmp_path, capsys):
    for name in ("晋江市", "石狮市"):
        ledger(tmp_path / "交来" / name / "台账.xlsx", unit="市营商办")
    said = "　晋江市、石狮市 2 个文件夹的制表单位（或台账名称）相同，都是“市营商办”，算作一个地区；要分开算的，请加 --by-folder。"
    for more, told in (((), [said]), (("--by-folder",), [])):
        main(["rollup", str(tmp_path / "交来"), "-o", str(tmp_path / "汇总.xlsx"), *more])
        assert [line for line in capsys.readouterr().out.splitlines() if "一个地区" in line] == told


def test_a_ledger_without_a_fixed_day_counts_for_the_day_that_is_given(tmp_path, capsys):
    ledger(tmp_path / "交来" / "台账.xlsx", as_of=None)
    target = tmp_path / "汇总.xlsx"
    assert rollup(capsys, tmp_path / "交来", "-o", target, "--as-of", "2020-09-15")["period"] == "2020-09-中旬"
    today = datetime.now().date().isoformat()
    assert rollup(capsys, tmp_path / "交来", "-o", target)["entries"][0]["as_of"] == today


# what is written


def test_a_ledger_is_never_written_over(folder, capsys):
    for target in (folder / REGIONS[0][:3] / "台账.xlsx", folder / "说明.xlsx"):
        target.exists() or target.write_text("我的")
        before = target.read_bytes()
        assert main(["rollup", str(folder), "-o", str(target)]) == 2
        assert "文件已经存在，不会覆盖" in capsys.readouterr().err
        assert target.read_bytes() == before


def test_a_summary_that_is_open_in_excel_is_not_replaced(folder, tmp_path, capsys):
    target = tmp_path / "汇总.xlsx"
    rollup(capsys, folder, "-o", target)
    (tmp_path / "~$汇总.xlsx").write_bytes(b"\x06office" + b" " * 48)
    assert main(["rollup", str(folder), "-o", str(target)]) == 2
    assert "正被Excel打开" in capsys.readouterr().err
    rollup(capsys, folder, "-o", target, "--force-unlock")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["没有这个文件夹", "-o", "汇总.xlsx"], "找不到"),
        ([".", "-o", "汇总.xls"], "只能存为 .xlsx"),
        (["."], "缺少 -o"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    assert main(["rollup", *arguments]) == 2
    found = capsys.readouterr()
    assert (found.out, found.err.count("\n")) == ("", 1)
    assert said in found.err


def test_people_are_told_the_headline_the_missing_and_what_was_left_out(folder, tmp_path, capsys):
    ledger(folder / "南安市" / "台账.xlsx", unit="南安市营商办", as_of=date(2020, 8, 25))
    (folder / "值班表.xlsx").write_bytes(xlsx())
    assert main(["rollup", str(folder), "-o", str(tmp_path / "汇总.xlsx")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("汇总.xlsx：4 个地区，5 本台账。")
    assert lines[1].startswith("2020年9月上旬共 10 项：已办结 ")
    assert lines[2] == "　南安市营商办：没有2020年9月上旬的台账，最近的是2020年8月下旬。"
    assert lines[3].startswith("　没有汇总　值班表.xlsx：不是营商台账")


def test_progress_is_told_file_by_file(folder, tmp_path):
    from taizhang.actions import Context
    from taizhang.rolling import roll_up
    from taizhang.rollup import Basis

    told = []
    context = Context(NOW, progress=lambda *one: told.append(one))
    roll_up([folder], tmp_path / "汇总.xlsx", context, Basis(DAY))
    assert told == [("汇总台账", number, 4) for number in (1, 2, 3, 4)]
