"""The command line as `cli.md` has it: forms, exit codes, one Chinese sentence for what stops it."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

import taizhang
from taizhang import tables
from taizhang.books.ledgers import open_ledger
from taizhang.books.package import Package
from taizhang.cli import main
from taizhang.gui.desk import WindowDesk, do
from taizhang.gui.jobs import Job
from taizhang.layout import office
from taizhang.layout.department import PLACES

NOTICE = Path(taizhang.__file__).parent / "data" / "notice_2020.txt"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a ledger of the real notice with one batch sent, made once; tests take copies."""
    folder = tmp_path_factory.mktemp("made")
    assert main(["new", str(NOTICE), "-o", str(folder / "台账.xlsx")]) == 1
    assert main(["split", str(folder / "台账.xlsx"), "-o", str(folder / "下发"), "--period", "2020-09-上旬"]) == 0
    return folder


@pytest.fixture
def ledger(made, tmp_path):
    shutil.copytree(made, tmp_path / "w")
    return tmp_path / "w" / "台账.xlsx"


def run(capsys, *arguments):
    """Return exit code, stdout and stderr of a command."""
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def as_json(capsys, *arguments):
    code, out, err = run(capsys, *arguments, "--json")
    assert err == ""
    return code, json.loads(out)


def edit(ledger, department, cells):
    """Return a returned workbook: a sent one with cells of its first row set."""
    sent = next((ledger.parent / "下发").glob(f"*_{department}_*.xlsx"))
    package = Package.load(sent.read_bytes())
    package.set_cells(tables.LEDGER, {(4, PLACES[key]): value for key, value in cells.items()})
    back = ledger.parent / "交回" / sent.name
    back.parent.mkdir(exist_ok=True)
    back.write_bytes(package.dump())
    return back


def test_new_reports_the_findings_of_the_real_notice(tmp_path, capsys):
    code, found = as_json(capsys, "new", NOTICE, "-o", tmp_path / "a.xlsx")
    assert (code, found["tasks"]) == (1, 83)
    messages = [finding["message"] for finding in found["findings"]]
    assert any("26号空缺" in message for message in messages)
    assert any("泉州医保分局" in message and "区医保分局" in message for message in messages)
    codes = [finding["code"] for finding in found["findings"]]
    assert {code: codes.count(code) for code in sorted(set(codes))} == {
        "T201": 1,  # number 26
        "T203": 1,  # tasks 58 and 61
        "T402": 1,  # 泉州医保分局 beside 区医保分局
        "T403": 4,  # 上市办 in 41, 45, 46, 47
        "T404": 11,  # 等单位
        "T405": 23,  # 各有关单位 and 各有关部门
    }


def test_a_blank_ledger_is_of_this_year_or_the_one_named(tmp_path, capsys):
    code, found = as_json(capsys, "new", "--blank", "-o", tmp_path / "a.xlsx")
    assert (code, found) == (0, {"path": str(tmp_path / "a.xlsx"), "tasks": 0, "findings": []})
    code, out, err = run(capsys, "new", "--blank", "-o", tmp_path / "b.xlsx", "--year", "2031")
    assert (code, err) == (0, "")
    assert "年度是2031年" in out
    for name, year in (("a.xlsx", date.today().year), ("b.xlsx", 2031)):
        read = open_ledger(tmp_path / name).ledger
        assert read.settings.year == year
        assert read.settings.text("title") == f"{year}年营商环境工作台账"
        assert read.dictionary.entries["6月底"].due == date(year, 6, 30)


def test_a_blank_ledger_is_never_written_over_a_file(tmp_path, capsys):
    (tmp_path / "a.xlsx").write_bytes(b"mine")
    assert "不会覆盖" in stopped(capsys, "new", "-o", tmp_path / "a.xlsx", "--blank")
    assert (tmp_path / "a.xlsx").read_bytes() == b"mine"


def test_a_year_changed_by_hand_is_told_until_the_ledger_is_written(tmp_path, capsys):
    path = tmp_path / "台账.xlsx"
    run(capsys, "new", "--blank", "-o", path, "--year", "2031")
    package = Package.load(path.read_bytes())
    package.set_cells(tables.SETTINGS, {(5, 2): 2032})
    path.write_bytes(package.dump())
    code, found = as_json(capsys, "check", path)
    assert (code, [one["code"] for one in found["findings"] if one["sheet"] == tables.WORDINGS]) == (1, ["L620"])
    assert run(capsys, "status", path, "--write")[0] == 0
    assert "L620" not in {one["code"] for one in as_json(capsys, "check", path)[1]["findings"]}


def test_the_guide_is_headed_by_the_title_in_the_settings(tmp_path, capsys):
    path = tmp_path / "台账.xlsx"
    run(capsys, "new", "--blank", "-o", path, "--year", "2031")
    package = Package.load(path.read_bytes())
    package.set_cells(tables.SETTINGS, {(4, 2): "甲区工作台账"})
    path.write_bytes(package.dump())
    assert run(capsys, "status", path, "--write")[0] == 0
    assert load_workbook(path)[tables.GUIDE]["A1"].value == '=tz_title&"填表说明"'
    assert load_workbook(path, data_only=True)[tables.GUIDE]["A1"].value == "甲区工作台账填表说明"


def test_a_blank_ledger_filled_in_by_hand_is_sent_out(tmp_path, capsys):
    path = tmp_path / "台账.xlsx"
    assert run(capsys, "new", "--blank", "-o", path, "--year", "2031")[0] == 0
    typed = {"no": 1, "category": "开办企业", "target": "压缩环节", "deadline": "6月底", "leads": "区住建局"}
    package = Package.load(path.read_bytes())
    package.set_cells(tables.LEDGER, {(4, office.PLACES[key]): value for key, value in typed.items()})
    path.write_bytes(package.dump())
    assert as_json(capsys, "status", path, "--as-of", "2031-05-01")[1]["tasks"][0]["due"] == "2031-06-30"
    code, found = as_json(capsys, "split", path, "-o", tmp_path / "下发", "--period", "2031-05-上旬")
    assert (code, [file["department"] for file in found["files"]]) == (0, ["区住建局"])


@pytest.mark.parametrize(
    ("as_of", "wanted"),
    [
        ("2020-07-15", {"逾期": 2, "临期": 1, "更新滞后": 47, "正常推进": 33}),
        ("2020-12-31", {"逾期": 4, "临期": 32, "更新滞后": 47}),
        ("2021-01-01", {"逾期": 36, "更新滞后": 47}),
    ],
)
def test_status_gives_the_numbers_of_the_specification(ledger, capsys, as_of, wanted):
    code, found = as_json(capsys, "status", ledger, "--as-of", as_of)
    assert code == 0
    assert found["as_of"] == as_of
    assert {name: n for name, n in found["counts"].items() if n} == wanted
    late = [task["no"] for task in found["tasks"] if task["status"] == "逾期"]
    assert as_of != "2020-07-15" or late == [1, 12]
    assert set(found["tasks"][0]) == {"no", "task", "deadline", "due", "status", "days_left", "report"}


def test_status_write_fixes_the_day_and_without_a_date_clears_it(ledger, capsys):
    assert run(capsys, "status", ledger, "--as-of", "2020-09-10", "--write")[0] == 0
    assert as_json(capsys, "status", ledger)[1]["as_of"] == "2020-09-10"
    assert load_workbook(ledger, data_only=True)[tables.LEDGER]["F2"].value == "统计日期（已固定）：2020-09-10"
    assert run(capsys, "status", ledger, "--write")[0] == 0
    assert as_json(capsys, "status", ledger)[1]["as_of"] == date.today().isoformat()


def test_split_lists_what_it_wrote(made, tmp_path, capsys):
    copy = tmp_path / "台账.xlsx"
    shutil.copyfile(made / "台账.xlsx", copy)
    code, found = as_json(capsys, "split", copy, "-o", tmp_path / "out", "--period", "2020-09-上旬", "--support")
    assert code == 0
    assert re.fullmatch("2020-09-上旬-02-[0-9a-f]{4}", found["batch"])
    assert sum(file["rows"] for file in found["files"]) == 142
    assert len(found["files"]) == 31 + 8
    name = "2020年9月上旬_区住建局_营商环境工作台账.xlsx"
    assert any(Path(file["path"]).name == name and Path(file["path"]).exists() for file in found["files"])


def test_split_never_writes_over_a_department_workbook(ledger, capsys):
    before = ledger.read_bytes()
    code, _, err = run(capsys, "split", ledger, "-o", ledger.parent / "下发", "--period", "2020-09-上旬")
    assert code == 2
    assert "不会覆盖" in err
    assert ledger.read_bytes() == before


def test_merge_of_untouched_files_is_clean(ledger, capsys):
    code, found = as_json(capsys, "merge", ledger, ledger.parent / "下发")
    assert code == 0
    assert found["totals"] == {**dict.fromkeys(found["totals"], 0), "unchanged": 142 * 21}
    assert found["changes"] == found["open"] == found["held_rows"] == found["missing_rows"] == []
    assert found["missing_departments"] == []
    keys = {"path", "department", "batch", "outcome", "reason", "cells", "total"}
    assert all(set(file) == keys and file["outcome"] == "merged" for file in found["files"])


def test_merge_previews_and_apply_writes(ledger, capsys):
    back = edit(ledger, "区科技局", {"progress": "已完成", "percent": "60%", "deadline": "12月底", "done_on": "9月"})
    code, found = as_json(capsys, "merge", ledger, back)
    assert code == 1
    by_column = {change["column"]: change for change in found["changes"]}
    assert {name: change["disposition"] for name, change in by_column.items()} == {
        "进展情况": "accepted",
        "完成率": "accepted",
        "完成时限": "locked",
        "完成日期": "invalid",
    }
    assert set(by_column["完成率"]) == {
        *("no", "task", "department", "column", "base", "now", "back", "disposition", "source"),
    }
    assert by_column["完成率"]["back"] == 0.6
    assert list(found["totals"]) == [
        *("unchanged", "same", "locked", "invalid", "superseded", "conflict", "cleared", "accepted"),
    ]
    assert len(found["missing_departments"]) == 30
    code, done = as_json(capsys, "apply", ledger)
    assert (code, done["written"], done["open"]) == (1, 2, 1)
    assert done["journal"][1] - done["journal"][0] == 1
    code, done = as_json(capsys, "apply", ledger)
    assert (done["written"], done["journal"]) == (0, [])


def test_one_bad_file_never_stops_the_run(ledger, capsys):
    good = edit(ledger, "区审计局", {"progress": "已办"})
    (good.parent / "坏.xlsx").write_bytes(b"PK\x03\x04 no")
    shutil.copyfile(good, good.parent / "副本.xlsx")
    code, found = as_json(capsys, "merge", ledger, good.parent)
    outcomes = {Path(file["path"]).name: file["outcome"] for file in found["files"]}
    assert code == 1
    assert sorted(outcomes.values()) == ["duplicate", "merged", "refused"]
    assert all(file["reason"] for file in found["files"] if file["outcome"] != "merged")


def test_summary_has_the_promised_form(ledger, capsys):
    code, found = as_json(capsys, "summary", ledger, "--as-of", "2020-12-31")
    assert code == 0
    assert found["counts"]["临期"] == 32
    assert found["groups"]["逾期"] == 4
    assert sum(found["groups"].values()) == 83
    assert len(found["departments"]) == 31
    assert set(found["departments"][0]) == {
        *("department", "led", "done", "on_time", "overdue", "percent", "score", "grade", "rank"),
    }
    assert [item["no"] for item in found["overdue"]] == [1, 12, 3, 5]
    assert tables.SUMMARY in load_workbook(ledger).sheetnames


# What cannot be done


def stopped(capsys, *arguments):
    """Return the one sentence a command stops with."""
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.endswith("。\n")
    assert "Traceback" not in err
    return err


@pytest.mark.parametrize("command", ["check", "undo", "log", "status", "split", "merge", "apply", "summary"])
@pytest.mark.parametrize("fault", ["missing", "not a workbook", "wrong sheet"])
def test_what_is_no_ledger_stops_every_command_and_nothing_is_written(tmp_path, capsys, command, fault):
    path = tmp_path / "x.xlsx"
    if fault == "not a workbook":
        path.write_bytes(b"hello")
    elif fault == "wrong sheet":
        from openpyxl import Workbook

        Workbook().save(path)
    before = {p: p.read_bytes() for p in tmp_path.iterdir()}
    more = {"split": ["-o", tmp_path / "out"], "merge": [tmp_path]}.get(command, [])
    assert str(path) in stopped(capsys, command, path, *more)
    after = {p: p.read_bytes() for p in tmp_path.iterdir() if not p.name.endswith(".lock")}
    assert after == before


@pytest.mark.parametrize(
    "command",
    [
        "check --write",
        "check --fix",
        "check --clear",
        "status --write",
        "split -o out",
        "merge .",
        "apply",
        "undo",
        "summary",
    ],
)
def test_a_ledger_open_in_excel_stops_every_write(ledger, capsys, command):
    (ledger.parent / f"~${ledger.name}").write_bytes(b"\x06\xe5\xb0\x8f\xe7\x8e\x8b")
    before = {path: path.is_file() and path.read_bytes() for path in ledger.parent.rglob("*")}
    name, *more = command.split()
    assert "Excel" in stopped(capsys, name, ledger, *more)
    assert {path: path.is_file() and path.read_bytes() for path in ledger.parent.rglob("*")} == before


def test_a_ledger_marked_read_only_is_left(ledger, capsys):
    before = ledger.read_bytes()
    ledger.chmod(0o444)
    assert "设成了只读，不能写入。请在文件的属性里去掉“只读”" in stopped(capsys, "status", ledger, "--write")
    assert "设成了只读" in stopped(capsys, "status", ledger, "--write", "--force-unlock")
    assert run(capsys, "status", ledger)
    assert ledger.read_bytes() == before


@pytest.mark.parametrize(
    ("minutes", "told"), [(0, "刚刚打开"), (5, "打开已有5分钟"), (130, "打开已有2小时"), (9000, "打开已有6天")]
)
def test_since_when_a_ledger_is_open_is_said(ledger, capsys, minutes, told):
    lock = ledger.parent / f"~${ledger.name}"
    lock.write_bytes(b"\x06\xe5\xb0\x8f\xe7\x8e\x8b")
    since = lock.stat().st_mtime - 60 * minutes
    os.utime(lock, (since, since))
    assert f"，{told}）" in stopped(capsys, "apply", ledger)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nosuch"],
        ["status"],
        ["status", "a", "--as-of", "2020-13-01"],
        ["split", "a", "-o", "b", "--period", "2020-9"],
        ["new", "a"],
        ["new", "a", "-o", "b", "--year", "20"],
        ["new", "-o", "b.xlsx"],
        ["new", "a", "--blank", "-o", "b.xlsx"],
        ["merge", "a"],
        ["status", "a", "--what"],
    ],
)
def test_bad_usage_is_one_chinese_sentence(capsys, arguments):
    stopped(capsys, *arguments)


def test_help_is_chinese(capsys):
    for command in ("", "demo", "new", "check", "undo", "log", "status", "split", "merge", "apply", "summary"):
        with pytest.raises(SystemExit) as done:
            main([*command.split(), "--help"])
        assert done.value.code == 0
        text = capsys.readouterr().out
        assert text.startswith("用法：")
        for word in ("usage", "options:", "show this", "arguments"):
            assert word not in text


def test_apply_without_a_preview_says_what_to_do_first(ledger, capsys):
    assert "taizhang merge" in stopped(capsys, "apply", ledger)


def test_merge_before_any_dispatch_says_so(tmp_path, capsys):
    main(["new", str(NOTICE), "-o", str(tmp_path / "a.xlsx")])
    assert "taizhang split" in stopped(capsys, "merge", tmp_path / "a.xlsx", tmp_path)


def test_a_bug_becomes_a_sentence_and_a_log(ledger, capsys, monkeypatch):
    monkeypatch.setattr("taizhang.actions.status", lambda *_, **__: 1 / 0)
    sentence = stopped(capsys, "status", ledger)
    log = Path(sentence.partition("日志文件 ")[2].partition(" 发给")[0])
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")


def test_python_dash_m_is_the_same_command():
    done = subprocess.run([sys.executable, "-m", "taizhang", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"taizhang {taizhang.__version__}\n"


# The demo


def test_the_demo_runs_from_any_folder_and_never_into_a_used_one(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = run(capsys, "demo")
    assert code == 0
    folder = tmp_path / "taizhang-demo"
    assert len(list((folder / "下发").iterdir())) == 31
    assert "83 项任务，31 个牵头部门，35 项联合牵头" in out
    assert "逾期 2，临期 1，更新滞后 47，正常推进 33" in out
    assert "共 142 行" in out
    names = load_workbook(next(folder.glob("*.xlsx"))).sheetnames
    assert {tables.SUMMARY, tables.STATEMENT, tables.RESULTS, tables.JOURNAL} <= set(names)
    said = "taizhang-demo：文件夹里已经有东西，不会覆盖。请另外指定，例如 taizhang demo -o 演示2。\n"
    assert stopped(capsys, "demo") == said


def test_the_demo_says_where_it_cannot_write(tmp_path, capsys, monkeypatch):
    (tmp_path / "文件").write_text("不是文件夹")
    assert "文件：这是文件，不是文件夹" in stopped(capsys, "demo", "-o", tmp_path / "文件")
    assert "文件：这是文件，不是文件夹" in stopped(capsys, "demo", "-o", tmp_path / "文件" / "演示")

    def refused(*_, **__):
        raise PermissionError

    monkeypatch.setattr(Path, "mkdir", refused)
    assert "不能写入（没有权限，或文件正被占用）。请检查文件夹权限" in stopped(capsys, "demo", "-o", tmp_path / "演示")


def test_the_demo_shows_every_kind_of_trouble(tmp_path, capsys):
    run(capsys, "demo", "-o", tmp_path / "d")
    grid = load_workbook(next((tmp_path / "d").glob("*.xlsx")), data_only=True)[tables.RESULTS]
    kinds = {row[0] for row in grid.iter_rows(min_row=4, values_only=True)}
    assert {"冲突", "无效", "越权", "已被后报取代"} <= kinds
    account = load_workbook(next((tmp_path / "d").glob("*.xlsx")), data_only=True)[tables.STATEMENT]
    rows = list(account.iter_rows(min_row=5, values_only=True))
    heads = [cell.value for cell in account[4]]
    listed = [dict(zip(heads, row, strict=True)) for row in rows]
    returned = [row for row in listed if row["交回情况"] == "已交回"]
    assert len(returned) == 29
    assert all(row["差额"] == 0 for row in returned)
    assert sum(row["交回情况"] == "未交回" for row in listed) == 3


LONG_AFTER = "不在台账年度 2020 年之内。要按当时统计的，请固定统计日期："


@pytest.mark.parametrize(
    "command", [["status"], ["status", "--write"], ["check"], ["summary"], ["split", "-o", "又", "--priority"]]
)
def test_a_day_long_after_the_year_is_told_in_one_line_until_one_is_fixed(
    ledger, tmp_path, monkeypatch, capsys, command
):
    monkeypatch.chdir(tmp_path)
    package = Package.load(ledger.read_bytes())
    package.set_cells(tables.LEDGER, {(4, PLACES["priority"]): "是"})
    ledger.write_bytes(package.dump())
    name, *more = command
    code, out, _ = run(capsys, name, ledger, *more)
    told = [line for line in out.splitlines() if LONG_AFTER in line]
    assert len(told) == 1
    assert told[0].startswith(f"统计日期是 {date.today()}")
    assert "taizhang status 台账.xlsx --as-of 2020-12-31 --write（按钮“统计日期”）。" in told[0]
    assert run(capsys, "status", ledger, "--as-of", "2020-12-31", "--write")[1].count(LONG_AFTER) == 0
    if name == "split":
        shutil.rmtree(tmp_path / "又")
    if command != ["status", "--write"]:  # which gives the day back to the calendar
        again, out, _ = run(capsys, name, ledger, *more)
        assert (again, LONG_AFTER in out) == (code, False)


def test_whoever_names_a_day_is_not_told_that_it_lies_after_the_year(ledger, capsys):
    for command in ("status", "summary"):
        assert LONG_AFTER not in run(capsys, command, ledger, "--as-of", "2026-01-05")[1]


@pytest.mark.parametrize("button", ["check", "status", "summary"])
def test_the_buttons_tell_a_day_long_after_the_year_too(ledger, button):
    desk = WindowDesk(ledger, (), Job(lambda job: None))
    desk.ask = lambda text: False
    assert sum(LONG_AFTER in line for line in do(desk, button, []).lines) == 1


def test_what_is_adopted_wrong_is_told_in_one_line_of_the_preview_and_of_the_apply(ledger, capsys):
    back = edit(ledger, "区发改局", {"progress": "已办结", "percent": 1, "reported_on": date(2099, 1, 1)})
    told = "采纳的内容里有 3 处填得不对（不影响写入），例如序号"
    code, out, _ = run(capsys, "merge", ledger, back)
    assert (code, out.count(told), out.count("执行合并后请运行 taizhang check 台账.xlsx")) == (0, 1, 1)
    code, out, _ = run(capsys, "apply", ledger)
    assert (code, out.count(told), out.count("。请运行 taizhang check 台账.xlsx")) == (0, 1, 1)
    assert "填得不对" not in run(capsys, "apply", ledger)[1]


def test_reminders_of_one_kind_are_cut_short_on_the_terminal_and_nowhere_else(ledger, capsys):
    code, out, _ = run(capsys, "check", ledger)
    lines = out.splitlines()
    of_alias = [line for line in lines if line.startswith("[提醒 T407] ")]
    assert (code, len(of_alias)) == (1, 4)
    assert of_alias[3] == (
        "[提醒 T407] 还有 36 条：序号 7、8、9、11、14、15、21、22、23、24…"
        "（全部见 --write 写入的“校验结果”，或加 --all）。"
    )
    assert sum(line.startswith("[提醒 T403] ") for line in lines) == 4  # as few as these are told one by one
    found = as_json(capsys, "check", ledger)[1]["findings"]
    assert sum(one["code"] == "T407" for one in found) == 39
    whole = run(capsys, "check", ledger, "--all")[1]
    assert all(one["message"] in whole for one in found)
    assert "还有" not in whole


def test_errors_are_told_one_by_one_however_many_there_are(ledger, capsys):
    package = Package.load(ledger.read_bytes())
    package.set_cells(tables.LEDGER, {(row, office.PLACES["percent"]): 1 for row in range(4, 24)})
    ledger.write_bytes(package.dump())
    lines = run(capsys, "check", ledger)[1].splitlines()
    assert sum(line.startswith("[错误 E205] ") for line in lines) > 5


def test_new_ends_with_what_was_made_the_indicators_and_the_next_step(tmp_path, capsys):
    code, out, _ = run(capsys, "new", NOTICE, "-o", tmp_path / "a.xlsx")
    *doubts, made, indicators, following = out.splitlines()
    assert code == 1
    assert all(line.startswith("[提醒 ") for line in doubts)
    assert sum("还有 " in line for line in doubts) == 2  # 等单位, 各有关单位
    assert made == f"已生成台账 {tmp_path / 'a.xlsx'}：83 项任务，31 个牵头部门，35 项联合牵头。"
    assert indicators == "从任务内容中提取量化指标 42 条，列在“指标”表，请逐条确认。"
    assert following.startswith("下一步：打开台账核对，再运行 taizhang split ")
