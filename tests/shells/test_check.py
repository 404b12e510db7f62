"""`taizhang check` on real files: what it tells, marks, puts right, and leaves alone."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

import taizhang
from taizhang import tables
from taizhang.books.ledgers import open_ledger
from taizhang.books.package import Package
from taizhang.cli import main
from taizhang.layout import department, office
from taizhang.styles import DERIVED_FILL, STYLES
from taizhang.tables import JOINT_TABLE

NOTICE = Path(taizhang.__file__).parent / "data" / "notice_2020.txt"
ERROR, REMINDER = (STYLES[name].fill[1:] for name in ("mark_error", "mark_reminder"))
REAL = {"T201": 1, "T203": 1, "T402": 1, "T403": 4, "T404": 11, "T405": 23, "T407": 39}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a ledger of the real notice with one batch sent, made once; tests take copies."""
    folder = tmp_path_factory.mktemp("made")
    main(["new", str(NOTICE), "-o", str(folder / "台账.xlsx")])
    main(["split", str(folder / "台账.xlsx"), "-o", str(folder / "下发"), "--period", "2020-09-上旬"])
    return folder


@pytest.fixture
def ledger(made, tmp_path, capsys):
    shutil.copytree(made, tmp_path / "w")
    path = tmp_path / "w" / "台账.xlsx"
    main(["status", str(path), "--as-of", "2020-09-10", "--write"])
    shutil.rmtree(path.parent / "备份")
    return path


def check(capsys, path, *options):
    """Return exit code and JSON of a check."""
    capsys.readouterr()
    code = main(["check", str(path), "--json", *options])
    out, err = capsys.readouterr()
    assert err == ""
    return code, json.loads(out)


def codes(found):
    listed = [finding["code"] for finding in found["findings"]]
    return {code: listed.count(code) for code in sorted(set(listed))}


def put(path, sheet, cells):
    """Do what a clerk does in Excel: type into the file."""
    package = Package.load(path.read_bytes())
    package.set_cells(sheet, cells)
    path.write_bytes(package.dump())


def typed(path, row, **cells):
    put(path, tables.LEDGER, {(office.FIRST_ROW + row, office.PLACES[key]): value for key, value in cells.items()})


def fill(path, sheet, cell):
    found = load_workbook(path)[sheet][cell].fill
    return found.fgColor.rgb[2:] if found.fill_type == "solid" else ""


def note(path, sheet, cell):
    found = load_workbook(path)[sheet][cell].comment
    return found.text if found else ""


def test_the_real_ledgers_findings_are_those_of_the_notice_and_the_aliases(ledger, capsys):
    code, found = check(capsys, ledger)
    assert (code, codes(found)) == (1, REAL)
    keys = {"code", "severity", "sheet", "cell", "no", "task", "column", "value", "message", "suggestion"}
    assert all(set(finding) == keys for finding in found["findings"])


def test_a_check_writes_nothing(ledger, capsys):
    before = {path: path.is_file() and path.read_bytes() for path in ledger.parent.rglob("*")}
    check(capsys, ledger)
    assert {path: path.is_file() and path.read_bytes() for path in ledger.parent.rglob("*")} == before


def test_a_clean_ledger_ends_with_zero(tmp_path, capsys):
    source = tmp_path / "任务.csv"
    source.write_text(
        "序号,事项类别,目标任务,完成时限,牵头部门\n1,开办企业,压缩时间,6月底,县发改局\n", encoding="utf-8"
    )
    assert main(["new", str(source), "-o", str(tmp_path / "a.xlsx"), "--year", "2020"]) == 0
    assert check(capsys, tmp_path / "a.xlsx", "--write") == (0, {"findings": []})
    grid = load_workbook(tmp_path / "a.xlsx")[tables.CHECKS]
    assert grid["A4"].value == "没有发现问题"


def test_every_fault_is_told_in_one_pass_errors_first(ledger, capsys):
    typed(ledger, 0, percent=1.5, deadline="6月地", status="逾期")
    typed(ledger, 1, percent="60%", done_on="9月")
    put(ledger, tables.JOINT, {(4, JOINT_TABLE.place("percent")): -1})
    code, found = check(capsys, ledger)
    assert code == 1
    errors = [(f["code"], f["sheet"], f["cell"]) for f in found["findings"] if f["severity"] == "错误"]
    assert errors == [
        ("T301", "工作台账", "E4"),
        ("L604", "工作台账", "K4"),
        ("E102", "工作台账", "N4"),
        ("E202", "工作台账", "W4"),
        ("E108", "工作台账", "N5"),
        ("E103", "工作台账", "O5"),
        ("E202", "工作台账", "W5"),
        ("E102", "联合牵头上报", "G4"),
        ("E202", "联合牵头上报", "P4"),
    ]
    assert [f["severity"] for f in found["findings"][: len(errors)]] == ["错误"] * len(errors)


def test_marks_and_the_list_are_written_and_no_value_is_touched(ledger, capsys):
    typed(ledger, 0, percent=1.5)
    before = open_ledger(ledger)
    check(capsys, ledger, "--write")
    after = open_ledger(ledger)
    assert after.ledger == before.ledger
    assert {n: g for n, g in after.grids.items() if n != tables.CHECKS} == before.grids
    assert fill(ledger, tables.LEDGER, "N4") == ERROR
    assert fill(ledger, tables.LEDGER, "G4") == REMINDER
    assert note(ledger, tables.LEDGER, "N4").startswith("校验 E102：“150%”不在 0% 到 100% 之间。请填")
    rows = [row for row in after.grids[tables.CHECKS][3:] if row]
    assert rows[0][:5] == ["错误", "E102", "工作台账", "N4", 1]
    (backup,) = (ledger.parent / "备份").iterdir()
    assert "校验标注" in backup.name


def test_every_line_of_the_list_links_to_its_cell(ledger, capsys):
    typed(ledger, 0, percent=1.5)
    put(ledger, tables.JOINT, {(4, JOINT_TABLE.place("percent")): -1})
    check(capsys, ledger, "--write")
    grid = load_workbook(ledger)[tables.CHECKS]
    links = {(row[2].value, row[3].value): row[11].value for row in grid.iter_rows(min_row=4) if row[3].value}
    assert all("HYPERLINK" in link for link in links.values())
    assert 'MATCH("RW2020-001"' in links["工作台账", "N4"]
    assert "'联合牵头上报'!G4" in links["联合牵头上报", "G4"]


def test_a_second_check_clears_the_marks_that_no_longer_hold(ledger, capsys):
    typed(ledger, 0, percent=1.5, status="逾期")
    typed(ledger, 1, percent=1.5)
    check(capsys, ledger, "--write")
    assert fill(ledger, tables.LEDGER, "K4") == ERROR
    typed(ledger, 0, percent=0.5)
    put(ledger, tables.LEDGER, {(4, office.PLACES["reported_on"]): date(2020, 9, 8)})
    check(capsys, ledger, "--write")
    assert (fill(ledger, tables.LEDGER, "N4"), note(ledger, tables.LEDGER, "N4")) == ("", "")
    assert fill(ledger, tables.LEDGER, "N5") == ERROR
    main(["status", str(ledger), "--write"])  # restores the formula
    check(capsys, ledger, "--write")
    assert fill(ledger, tables.LEDGER, "K4") == DERIVED_FILL[1:]


def test_a_cell_the_user_coloured_or_noted_himself_is_left_as_it_is(ledger, capsys):
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    book = load_workbook(ledger)
    own = book[tables.LEDGER]["N4"]
    own.fill, own.comment = PatternFill("solid", fgColor="FF00B0F0"), Comment("请老王核实", "小李")
    book.save(ledger)
    typed(ledger, 0, percent=1.5)
    for value in (1.5, 0.5):
        typed(ledger, 0, percent=value)
        check(capsys, ledger, "--write")
        assert fill(ledger, tables.LEDGER, "N4") == "00B0F0"
        assert note(ledger, tables.LEDGER, "N4") == "请老王核实"


def test_all_marks_can_be_taken_back(ledger, capsys):
    check(capsys, ledger, "--write")
    assert fill(ledger, tables.LEDGER, "G4") == REMINDER
    assert main(["check", str(ledger), "--clear"]) == 0
    assert (fill(ledger, tables.LEDGER, "G4"), note(ledger, tables.LEDGER, "G4")) == ("", "")
    before = ledger.read_bytes()
    assert main(["check", str(ledger), "--clear"]) == 0
    assert ledger.read_bytes() == before


def test_fix_corrects_what_is_certain_lists_it_and_journals_it(ledger, capsys):
    typed(ledger, 0, percent="６０％", deadline="6月底 ", reported_on="2020-09-08", status="逾期")
    typed(ledger, 1, percent=60)
    code, found = check(capsys, ledger, "--fix")
    assert code == 1
    fixed = {(one["cell"], one["old"], one["new"]) for one in found["fixed"]}
    assert {("N4", "６０％", "0.6"), ("E4", "6月底 ", "6月底"), ("W4", "2020-09-08", "2020-09-08")} < fixed
    assert len(fixed) == 3 + 39
    assert [(one["code"], one["cell"]) for one in found["restored"]] == [("L604", "K4")]
    assert "E102" in codes(found)
    assert not {"E108", "E114", "T407", "L604"} & set(codes(found))
    lines = [line for line in open_ledger(ledger).reading.journal.lines if line.operation == "自动更正"]
    assert len(lines) == len(fixed)
    assert ("完成时限", "6月底 ", "6月底") in {(line.column, line.old, line.new) for line in lines}
    report = next(iter(open_ledger(ledger).ledger.reports.values()))
    assert (report["percent"], report["reported_on"]) == (0.6, date(2020, 9, 8))
    assert open_ledger(ledger).ledger.tasks[0].cells["deadline"] == "6月底"


def test_fix_twice_finds_nothing_more_to_fix(ledger, capsys):
    check(capsys, ledger, "--fix")
    before = ledger.read_bytes()
    _, found = check(capsys, ledger, "--fix")
    assert (found["fixed"], found["restored"]) == ([], [])
    assert ledger.read_bytes() == before


def test_fix_and_write_go_together_in_one_write(ledger, capsys):
    typed(ledger, 0, percent="60%", reported_on=date(2020, 9, 8))
    typed(ledger, 1, percent=1.5)
    check(capsys, ledger, "--fix", "--write")
    assert len(list((ledger.parent / "备份").glob("*.xlsx"))) == 1
    assert fill(ledger, tables.LEDGER, "N4") == ""
    assert fill(ledger, tables.LEDGER, "N5") == ERROR


def test_fix_leaves_a_joint_report_with_its_lead(ledger, capsys):
    place = JOINT_TABLE.place
    put(ledger, tables.JOINT, {(4, place("percent")): "60%", (4, place("reported_on")): date(2020, 9, 8)})
    check(capsys, ledger, "--fix")
    lead = open_ledger(ledger).grids[tables.JOINT][3][place("department") - 1]
    lines = [line for line in open_ledger(ledger).reading.journal.lines if line.operation == "自动更正"]
    assert [(line.department, line.old, line.new) for line in lines if line.column == "完成率"] == [
        (lead, "60%", "0.6")
    ]


def test_the_composed_words_typed_over_are_kept_in_the_journal_when_fix_restores_them(ledger, capsys):
    joint = next(n for n, row in enumerate(open_ledger(ledger).grids[tables.LEDGER], 1) if "住建局" in str(row[5:6]))
    put(ledger, tables.LEDGER, {(joint, office.PLACES["progress"]): "手工填的"})
    _, found = check(capsys, ledger, "--fix")
    assert [one["code"] for one in found["restored"]] == ["L601"]
    assert any("手工填的" in row for row in open_ledger(ledger).grids[tables.JOURNAL])


def test_a_damaged_ledger_is_checked_and_marked_but_never_fixed(ledger, capsys):
    put(ledger, tables.LEDGER, {(5, 1): "RW2020-001"})
    code, found = check(capsys, ledger, "--write")
    assert (code, codes(found)["L603"]) == (1, 1)
    assert fill(ledger, tables.LEDGER, "A5") == ERROR
    before = ledger.read_bytes()
    capsys.readouterr()
    assert main(["check", str(ledger), "--fix"]) == 2
    assert "L603" not in capsys.readouterr().err
    assert ledger.read_bytes() == before


@pytest.mark.parametrize("options", [[], ["--write"], ["--fix"], ["--clear"]])
def test_a_foreign_workbook_is_one_sentence(tmp_path, capsys, options):
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["序号", "目标任务", "完成时限"])
    book.save(tmp_path / "x.xlsx")
    (tmp_path / "y.xlsx").write_text("不是表格", encoding="utf-8")
    for name in ("x.xlsx", "y.xlsx", "z.xlsx"):
        assert main(["check", str(tmp_path / name), *options]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert "请" in err


# A department checks before it sends


@pytest.fixture
def sent(made, tmp_path):
    path = tmp_path / "回.xlsx"
    shutil.copyfile(next((made / "下发").glob("*_区科技局_*")), path)
    return path


def answered(path, row=0, **cells):
    places = {(department.FIRST_ROW + row, department.PLACES[key]): value for key, value in cells.items()}
    put(path, tables.LEDGER, places)


def test_a_workbook_just_sent_is_in_order(sent, capsys):
    assert check(capsys, sent) == (0, {"findings": []})


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({"percent": 1.5, "reported_on": date(2020, 9, 8)}, ["E102"]),
        ({"percent": "60%", "reported_on": "2020-09-08"}, []),  # merge reads these
        ({"percent": 60, "reported_on": date(2020, 9, 8)}, []),
        ({"progress": "推进中"}, ["E202"]),
        ({"percent": 1, "reported_on": date(2020, 9, 8)}, ["E204", "E205"]),
        ({"deadline": "年底"}, ["H507"]),
        ({"progress": "推进中", "reported_on": date(2019, 9, 8)}, ["E207"]),
        ({"progress": "推进中", "reported_on": date(2099, 9, 8)}, ["E208"]),
        ({"code": "RW2020-999"}, ["H501", "H510"]),
    ],
)
def test_a_departments_own_workbook_is_checked_by_itself(sent, capsys, cells, wanted):
    answered(sent, **cells)
    assert sorted(f["code"] for f in check(capsys, sent)[1]["findings"]) == wanted


def test_a_row_sent_back_unchanged_but_for_its_words_needs_a_new_day(made, tmp_path, capsys):
    ledger = tmp_path / "台账.xlsx"
    shutil.copyfile(made / "台账.xlsx", ledger)
    was = {"progress": "推进中", "percent": 0.5, "reported_on": date(2020, 8, 28)}
    put(ledger, tables.LEDGER, {(4, office.PLACES[key]): value for key, value in was.items()})
    main(["split", str(ledger), "-o", str(tmp_path / "再"), "--period", "2020-09-中旬"])
    sent = next((tmp_path / "再").glob("*_区市场监管局_*"))  # leads task 1
    answered(sent, progress="有新进展")
    assert [f["code"] for f in check(capsys, sent)[1]["findings"]] == ["E209"]
    answered(sent, percent=0.4, reported_on=date(2020, 9, 18))
    assert [f["code"] for f in check(capsys, sent)[1]["findings"]] == ["E206"]


def test_a_column_deleted_or_added_is_told_to_the_department(sent, capsys):
    put(sent, tables.LEDGER, {(3, department.PLACES["phone"]): "手机"})
    assert sorted(f["code"] for f in check(capsys, sent)[1]["findings"]) == ["H504", "H505"]


def test_a_marked_department_workbook_merges_as_an_unmarked_one(made, sent, tmp_path, capsys):
    answered(sent, percent=1.5, progress=" 推进中\u200b", reported_on=date(2020, 9, 8))
    shutil.copyfile(made / "台账.xlsx", tmp_path / "一.xlsx")
    shutil.copyfile(made / "台账.xlsx", tmp_path / "二.xlsx")
    main(["merge", str(tmp_path / "一.xlsx"), str(sent)])
    main(["check", str(sent), "--write"])
    assert fill(sent, tables.LEDGER, "Q4") == ERROR
    main(["merge", str(tmp_path / "二.xlsx"), str(sent)])
    one, two = (open_ledger(tmp_path / name).ledger.received[0] for name in ("一.xlsx", "二.xlsx"))
    assert (one.kept, one.rows, one.unchanged) == (two.kept, two.rows, two.unchanged)


def test_fix_puts_right_the_departments_own_cells_alone(sent, capsys):
    answered(sent, problem="   ", reporter=" 王工 ", reported_on=date(2020, 9, 8), leads="科技局")
    _, found = check(capsys, sent, "--fix")
    assert {(one["column"], one["new"]) for one in found["fixed"]} == {("存在问题", ""), ("填报人", "王工")}
    assert load_workbook(sent)[tables.LEDGER].cell(4, department.PLACES["leads"]).value == "科技局"


def test_a_workbook_without_its_hidden_base_is_checked_cell_by_cell(sent, capsys):
    book = load_workbook(sent)
    del book[tables.BASE]
    book.save(sent)
    answered(sent, percent=1.5, reported_on="9月8日", progress="无")
    assert sorted(f["code"] for f in check(capsys, sent)[1]["findings"]) == ["E102", "E103", "E113", "H511"]


def test_content_beside_a_departments_table_is_found(sent, capsys):
    put(sent, tables.LEDGER, {(4, len(department.SHOWN) + 3): "草稿"})
    assert [f["code"] for f in check(capsys, sent)[1]["findings"]] == ["L607"]


def test_a_task_whose_row_was_deleted_is_missed_until_the_history_knows(ledger, capsys):
    book = load_workbook(ledger)
    book[tables.LEDGER].delete_rows(86)
    book.save(ledger)
    gone = [f for f in check(capsys, ledger)[1]["findings"] if f["code"] == "L618"]
    assert [(f["no"], f["task"]) for f in gone] == [(84, "RW2020-083")]
    assert "取消日期" in gone[0]["message"]


@pytest.mark.parametrize("sheet", [tables.CHOICES, tables.GUIDE])
def test_a_helping_sheet_that_is_gone_is_found_and_stops_nothing(ledger, capsys, sheet):
    book = load_workbook(ledger)
    del book[sheet]
    book.save(ledger)
    first = check(capsys, ledger)[1]["findings"][0]
    assert (first["code"], first["value"]) == ("L612", sheet)
    assert main(["status", str(ledger), "--write"]) == 0


def test_what_is_missing_comes_first_and_its_consequences_are_not_told(ledger, capsys):
    put(ledger, tables.LEDGER, {(3, office.PLACES["deadline"]): "何时"})
    book = load_workbook(ledger)
    del book[tables.NAMES]
    book.save(ledger)
    found = check(capsys, ledger)[1]["findings"]
    assert [f["code"] for f in found[:2]] == ["L613", "L612"] or [f["code"] for f in found[:2]] == ["L612", "L613"]
    assert not {"T401", "E201"} & {f["code"] for f in found}


@pytest.mark.parametrize("code", ['RW"1', "RW*", "R" * 300])
def test_an_odd_task_code_makes_no_broken_formula(ledger, capsys, code):
    put(ledger, tables.LEDGER, {(4, 1): code, (4, office.PLACES["percent"]): 1.5})
    check(capsys, ledger, "--write")
    links = [row[11].value for row in load_workbook(ledger)[tables.CHECKS].iter_rows(min_row=4) if row[3].value == "N4"]
    assert links == ['=HYPERLINK("#\'工作台账\'!N4","查看")']


def test_a_task_that_turned_joint_keeps_its_number_formats(ledger, capsys):
    row = {cell.coordinate: cell.number_format for cell in load_workbook(ledger)[tables.LEDGER][8]}
    typed(ledger, 4, leads="区住建局、区人社局")
    check(capsys, ledger, "--fix")
    assert {cell.coordinate: cell.number_format for cell in load_workbook(ledger)[tables.LEDGER][8]} == row
    assert load_workbook(ledger)[tables.LEDGER]["N8"].protection.locked


def test_fix_adds_a_new_wording_to_the_dictionary_though_nothing_else_is_to_do(ledger, capsys):
    check(capsys, ledger, "--fix")
    typed(ledger, 1, deadline="9月18日前")
    check(capsys, ledger, "--fix")
    assert any(row and row[0] == "9月18日前" for row in open_ledger(ledger).grids[tables.WORDINGS])


def test_clear_goes_with_nothing_else(ledger, capsys):
    assert main(["check", str(ledger), "--clear", "--fix"]) == 2
    assert "--clear" in capsys.readouterr().err
