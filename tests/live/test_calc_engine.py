"""What the engine promises: the sheet in, the sheet out, as Excel would have it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import calc
import pytest
from openpyxl import Workbook, load_workbook

pytestmark = pytest.mark.office
HERE = Path(__file__).parent
A_DAY = datetime(2020, 9, 10)


@pytest.fixture
def book(calc_app: object) -> Iterator[object]:
    made = calc_app.books.add()
    yield made
    made.close()


@pytest.fixture
def sheet(book: object) -> object:
    return book.sheets[0]


def elsewhere(url: str, code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh Python that attaches to the office, as RunPython does for a button."""
    program = f"import calc, xlwings as xw\ncalc.register()\n{code}"
    settings = os.environ | {"PYTHONPATH": str(HERE), calc.URL: url} | environment
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, env=settings, capture_output=True, text=True, timeout=120, check=False)


# What is typed, into a cell with no format, and what the cell holds then.
TYPED = [
    ("=1+1", 2.0),
    ("007", 7.0),
    ("1e3", 1000.0),
    ("(5)", -5.0),
    ("1,234", 1234.0),
    ("1,23", "1,23"),
    ("50%", 0.5),
    ("0 1/2", 0.5),
    ("  12 ", 12.0),
    ("TRUE", True),
    ("'007", "007"),
    ("'=1+1", "=1+1"),
    ("2020-9-10", A_DAY),
    ("2020/9/10", A_DAY),
    ("2020年9月10日", A_DAY),
    ("9月10日", datetime(date.today().year, 9, 10)),
    ("2020年9月", datetime(2020, 9, 1)),
    ("1-2", datetime(date.today().year, 1, 2)),
    ("2020-9-10 8:30", datetime(2020, 9, 10, 8, 30)),
    ("2020-13-1", "2020-13-1"),
    ("2020.9.10", "2020.9.10"),
    ("12345678901234567890", 12345678901234600000.0),
    ("10:30", 0.4375),
    ("１２", "１２"),
    ("市发改委", "市发改委"),
    ("100件", "100件"),
    ("3-2-1-0", "3-2-1-0"),
]


def test_a_plain_cell_takes_a_text_as_if_it_was_typed(sheet: object) -> None:
    sheet["A1"].value = [[typed] for typed, _ in TYPED]
    assert sheet["A1"].resize(len(TYPED), 1).value == [held for _, held in TYPED]


def test_a_text_cell_keeps_what_is_written(sheet: object) -> None:
    texts = [typed for typed, _ in TYPED if not typed.startswith("'")]
    column = sheet["A1"].resize(len(texts), 1)
    column.number_format = "@"
    column.value = [[text] for text in texts]
    assert column.value == texts
    column.value = [[5], [0.5], [True], [A_DAY]]
    assert column.value[:4] == ["5", "0.5", "TRUE", "2020/9/10"]


@pytest.mark.parametrize("text", ["-牵头：市发改委", "@all", "+", "- 一、二"])
def test_a_text_that_begins_like_a_formula_and_is_none_is_refused(sheet: object, text: str) -> None:
    if text == "+":
        sheet["A1"].value = text
        assert sheet["A1"].value == "+"
        return
    with pytest.raises(calc.ComError):
        sheet["A1"].value = text
    sheet["A1"].number_format = "@"
    sheet["A1"].value = text
    assert sheet["A1"].value == text


def test_a_typed_date_or_percentage_formats_a_plain_cell_only(sheet: object) -> None:
    sheet["A2"].number_format = "0.00"
    sheet["A1"].value = [["2020-9-10", "50%"], ["2020-9-10", "1,234"]]
    assert [cell.number_format for cell in sheet["A1:B2"]] == ["yyyy/m/d", "0%", "0.00", "#,##0"]


def test_values_come_back_as_they_were_written(sheet: object) -> None:
    rows = [[1, "甲", A_DAY, True], [None, "多\n行", datetime(2020, 9, 10, 8, 30), False], [0.5, "x", None, None]]
    sheet["B2"].value = rows
    assert sheet["B2:E4"].value == [[1.0, *rows[0][1:]], rows[1], rows[2]]
    assert sheet.used_range.address == "$B$2:$E$4"


def test_an_error_cell_is_none_or_its_name(sheet: object) -> None:
    sheet["A1"].value = [["=1/0", "=NA()", "=未知名称"]]
    assert sheet["A1:C1"].value == [None, None, None]
    assert sheet["A1:C1"].options(err_to_str=True).value == ["#DIV/0!", "#N/A", "#NAME?"]


def test_formulas_come_back_in_excels_words(book: object, sheet: object) -> None:
    sheet.name = "工作 台账"
    other = book.sheets.add("部门", after=sheet)
    other["A1"].value = [[1], [2]]
    texts = [
        "=SUM('工作 台账'!A1,部门!$A$1:$A$2)",
        '=IF(COUNTIFS(部门!A:A,">1")>0,"是","否""")',
        "=EDATE(DATE(2020,1,31),1)",
        "=IFERROR(VLOOKUP(2,{1,10;2,20},2,FALSE),TRUE)",
        "=-A1^2%",
        "=SUM(1:1)-SUM((A1,B1))",
        "=SUMPRODUCT((部门!A1:A2>0)*1)",
    ]
    sheet["C5"].value = [[text] for text in texts]
    assert [text for (text,) in sheet["C5"].resize(len(texts), 1).formula] == texts
    assert sheet["C6"].value == "是"
    assert sheet["C8"].value == 20.0


def test_one_formula_for_many_cells_is_copied_down(sheet: object) -> None:
    sheet["A1"].value = [[1], [2], [3]]
    sheet["B1:B3"].formula = "=A1*$A$3"
    assert sheet["B1:B3"].value == [3.0, 6.0, 9.0]
    assert sheet["B3"].formula == "=A3*$A$3"


def test_a_bulk_write_takes_as_many_calls_for_10_rows_as_for_10_000(sheet: object) -> None:
    def calls_for(height: int) -> tuple[int, int]:
        before = calc.changes()
        calc.reset_calls()
        sheet["A1"].value = [[row, "文本", A_DAY, "=1+1"] for row in range(height)]
        return calc.calls(), calc.changes() - before

    assert calls_for(10) == calls_for(10_000)
    assert sheet["A10000:C10000"].value == [9999.0, "文本", A_DAY]


def test_reading_takes_as_many_calls_for_10_rows_as_for_10_000(sheet: object) -> None:
    def calls_for(height: int) -> int:
        area = sheet["A1"].resize(height, 4)
        calc.reset_calls()
        assert len(area.value) == height
        assert len(area.formula) == height
        return calc.calls()

    assert calls_for(10) == calls_for(10_000)


def test_writing_values_keeps_notes_and_looks(sheet: object) -> None:
    sheet["B2"].add_note("第一次说明")
    sheet["B2"].color = (255, 0, 0)
    sheet["A1"].value = [["甲", "乙", "丙"]] * 3
    sheet["B2"].value = 5
    assert sheet["B2"].note.text == "第一次说明"
    assert sheet["B2"].color == (255, 0, 0)
    assert [(note.location.address, note.text) for note in sheet.notes] == [("$B$2", "第一次说明")]
    sheet["B2"].note.text = "第二次"
    assert sheet["B2"].note.text == "第二次"
    sheet["B2"].note.delete()
    assert sheet["B2"].note is None


def test_a_second_process_sees_the_open_workbook(calc_url: str, book: object, sheet: object, tmp_path: Path) -> None:
    book.save(tmp_path / "台账.xlsx")
    sheet["A1"].value = "未保存"
    code = "b = xw.Book.caller()\nprint(b.fullname, b.sheets[0]['A1'].value)\nb.sheets[0]['A1'].value = '改过'"
    done = elsewhere(calc_url, code, "--wb=台账.xlsx", "--from_xl=1")
    assert (done.returncode, done.stdout.strip()) == (0, f"{tmp_path / '台账.xlsx'} 未保存"), done.stderr
    assert sheet["A1"].value == "改过"


def test_settings_of_the_application_outlive_a_process(calc_url: str, calc_app: object) -> None:
    elsewhere(calc_url, "a = xw.apps.active; a.screen_updating = False; a.status_bar = '正在汇总'")
    assert (calc_app.screen_updating, calc_app.status_bar) == (False, "正在汇总")
    calc_app.screen_updating, calc_app.status_bar = True, False


@pytest.mark.parametrize(("number", "left"), [(1, [None, None]), (2, [1.0, None]), (3, [1.0, 2.0])])
def test_a_process_dies_before_the_change_it_is_told_to(
    calc_url: str, book: object, sheet: object, number: int, left: list[float | None]
) -> None:
    code = (
        f"s = xw.books[{book.name!r}].sheets[0]\ns['A1'].value = 1\ns['A1'].value\ns['A2'].value = 2\ns['A3'].value = 3"
    )
    done = elsewhere(calc_url, code, **{calc.DIE: str(number)})
    assert done.returncode == calc.EXIT
    assert sheet["A1:A2"].value == left
    assert sheet["A3"].value is None


def test_message_boxes_are_answered_by_a_script_and_kept(calc_url: str, tmp_path: Path) -> None:
    code = "a = xw.apps.active\nprint(a.alert('继续吗？', '汇总', 'yes_no'), a.alert('好了'), a.alert('?', None, 'ok_cancel'))"
    kept = tmp_path / "prompts.jsonl"
    done = elsewhere(calc_url, code, **{calc.ANSWERS: "no,cancel", calc.PROMPTS: str(kept)})
    assert done.stdout.split() == ["no", "ok", "cancel"], done.stderr
    asked = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    assert [entry["prompt"] for entry in asked] == ["继续吗？", "好了", "?"]
    assert elsewhere(calc_url, "xw.apps.active.alert('?', None, 'yes_no')").returncode == 1


def test_a_copy_is_saved_and_the_workbook_stays_what_it_was(book: object, sheet: object, tmp_path: Path) -> None:
    book.save(tmp_path / "台账.xlsx")
    assert book.api.Saved
    sheet["A1"].value = "改过"
    book.api.SaveCopyAs(str(tmp_path / "副本.xlsx"))
    assert book.fullname == str(tmp_path / "台账.xlsx")
    assert not book.api.Saved
    assert load_workbook(tmp_path / "副本.xlsx").active["A1"].value == "改过"
    assert load_workbook(tmp_path / "台账.xlsx").active["A1"].value is None
    book.api.Saved = True
    assert book.api.Saved


def test_a_workbook_opened_read_only_is_not_saved_over(calc_app: object, book: object, tmp_path: Path) -> None:
    book.save(tmp_path / "一.xlsx")
    book.save(tmp_path / "二.xlsx")
    opened = calc_app.books.open(tmp_path / "一.xlsx", read_only=True)
    assert opened.api.ReadOnly
    opened.sheets[0]["A1"].value = 1
    with pytest.raises(calc.ComError, match="read-only"):
        opened.save()
    opened.close()


def test_a_very_hidden_sheet_is_not_deleted_a_hidden_one_is(book: object, sheet: object) -> None:
    hidden = book.sheets.add("基准", after=sheet)
    hidden.api.Visible = 2
    with pytest.raises(calc.ComError):
        hidden.delete()
    hidden.api.Visible = 0
    hidden.delete()
    assert [one.name for one in book.sheets] == [sheet.name]


def test_a_very_hidden_sheet_stays_so_in_the_file(
    calc_app: object, book: object, sheet: object, tmp_path: Path
) -> None:
    hidden = book.sheets.add("基准", after=sheet)
    hidden.api.Visible = 2
    assert (hidden.visible, hidden.api.Visible) == (False, 2)
    path = tmp_path / "台账.xlsx"
    book.save(path)
    assert load_workbook(path)["基准"].sheet_state == "veryHidden"
    book.save(tmp_path / "另存.xlsx")
    opened = calc_app.books.open(path)
    assert opened.sheets["基准"].api.Visible == 2
    opened.close()
    with pytest.raises(calc.ComError):
        sheet.visible = False


@pytest.mark.parametrize("name", ["", "a" * 32, "a:b", "a[b", "'a", "a'", "工作台账" * 8])
def test_sheet_names_excel_refuses_are_refused(book: object, name: str) -> None:
    with pytest.raises((calc.ComError, ValueError)):
        book.sheets[0].name = name


def test_a_sheet_name_is_taken_once_whatever_its_case(book: object) -> None:
    book.sheets[0].name = "Data"
    other = book.sheets.add("工作台账")
    with pytest.raises(calc.ComError):
        other.name = "DATA"
    assert book.sheets["data"].name == "Data"
    with pytest.raises(calc.ComError):
        book.sheets["没有"]


def test_a_renamed_sheet_is_still_the_same_object(sheet: object) -> None:
    cell = sheet["A1"]
    sheet.name = "新名"
    cell.value = 5
    assert (sheet["A1"].value, cell.sheet.name) == (5.0, "新名")


def test_excels_sizes_are_limits(sheet: object) -> None:
    sheet["A1"].value = "字" * 32_767
    with pytest.raises(calc.ComError):
        sheet["A1"].value = "字" * 32_768
    with pytest.raises(calc.ComError):
        sheet["A1048576"].value = [[1], [2]]
    with pytest.raises(calc.ComError):
        sheet.range((1, 16_385))
    with pytest.raises((calc.ComError, ValueError)):
        sheet["B1"].data_validation.set_list(["部门" * 20] * 10)


def test_a_locked_cell_of_a_protected_sheet_is_refused(sheet: object) -> None:
    sheet["A1:B2"].value = 1
    sheet["A1:A2"].api.Locked = False
    assert (sheet["A1"].api.Locked, sheet["B1"].api.Locked, sheet["A1:B1"].api.Locked) == (False, True, None)
    sheet.api.Protect(AllowFiltering=True, AllowFormattingColumns=True, AllowFormattingRows=True)
    assert sheet.api.ProtectContents
    sheet["A1:A2"].value = 2
    refused = [
        lambda: setattr(sheet["A1:B1"], "value", 3),
        lambda: setattr(sheet["B1"], "formula", "=1"),
        lambda: setattr(sheet["A1"], "color", (1, 2, 3)),
        lambda: setattr(sheet["A1"], "number_format", "0.0"),
        lambda: sheet["B1"].clear_contents(),
        lambda: sheet["A1"].add_note("说明"),
        lambda: sheet["1:1"].insert("down"),
        lambda: sheet["A1"].conditional_formats.add_custom("=A1>0", fill_color="#ff0000"),
    ]
    for act in refused:
        with pytest.raises(calc.ComError, match="protected sheet"):
            act()
    sheet["A1"].column_width = 30
    sheet["1:1"].rows.hidden = True
    assert (sheet["A1:B2"].value, sheet["A1"].column_width) == ([[2.0, 1.0], [2.0, 1.0]], 30.0)
    sheet.api.Unprotect()
    sheet["B1"].value = 3
    assert sheet["B1"].value == 3.0


def test_what_protection_allows_is_in_the_file(book: object, sheet: object, tmp_path: Path) -> None:
    sheet.api.Protect(AllowFiltering=True, AllowFormattingColumns=True)
    book.save(tmp_path / "台账.xlsx")
    protection = load_workbook(tmp_path / "台账.xlsx").active.protection
    assert protection.sheet
    assert (protection.autoFilter, protection.formatColumns, protection.formatRows) == (False, False, True)


def test_a_protected_workbook_keeps_its_sheets(book: object, sheet: object) -> None:
    book.api.Protect(Structure=True)
    assert book.api.ProtectStructure
    for act in (book.sheets.add, sheet.delete, lambda: setattr(sheet, "name", "新"), lambda: sheet.copy()):
        with pytest.raises(calc.ComError, match="protected"):
            act()
    book.api.Unprotect()
    book.sheets.add()
    assert len(book.sheets) == 2


def test_conditional_formats_are_listed_first_to_apply_first_and_deleted_one_by_one(sheet: object) -> None:
    sheet["A1"].select()
    rules = sheet["A1:C9"].conditional_formats
    rules.add_custom('=$B1="超期"', fill_color="#ff0000", font_bold=True)
    rules.add_cell_value("between", 1, 5, font_color="#0000ff")
    assert [(rule.type, rule.formula, rule.formula1, rule.formula2) for rule in rules] == [
        ("cell_value", None, "=1", "=5"),
        ("custom", '=$B1="超期"', None, None),
    ]
    assert (rules[1].fill_color, rules[1].font_bold, rules[0].font_color) == ((255, 0, 0), True, (0, 0, 255))
    rules.add_custom("=$A1=1", fill_color="#00ff00")
    for rule in list(rules):
        if rule.formula != '=$B1="超期"':
            rule.delete()
    assert [rule.formula for rule in sheet["B2"].conditional_formats] == ['=$B1="超期"']
    sheet["A1:C4"].conditional_formats.clear()
    assert (len(sheet["A1:C4"].conditional_formats), len(sheet["A5:C9"].conditional_formats)) == (0, 1)


def test_a_relative_formula_counts_from_the_active_cell_as_in_excel(
    book: object, sheet: object, tmp_path: Path
) -> None:
    sheet["A1"].select()
    sheet["A2:A9"].conditional_formats.add_custom("=$B2>0", fill_color="#ff0000")
    book.api.SaveCopyAs(str(tmp_path / "错.xlsx"))
    sheet["A2"].select()
    sheet["A2:A9"].conditional_formats.clear()
    sheet["A2:A9"].conditional_formats.add_custom("=$B2>0", fill_color="#ff0000")
    book.api.SaveCopyAs(str(tmp_path / "对.xlsx"))

    def formulas(name: str) -> list[str]:
        formats = load_workbook(tmp_path / name).active.conditional_formatting
        return [rule.formula[0] for one in formats for rule in one.rules]

    assert (formulas("错.xlsx"), formulas("对.xlsx")) == (["$B3>0"], ["$B2>0"])


def test_a_validation_list_is_written_and_read(book: object, sheet: object) -> None:
    rule = sheet["B2:B9"].data_validation
    rule.set_list(["进行中", "已完成"])
    assert (rule.type, rule.source, sheet["B1"].data_validation.type) == ("list", "进行中,已完成", "none")
    rule.delete()
    rule.set_list(sheet["D1:D3"])
    assert rule.source == "=Sheet1!$D$1:$D$3"
    rule.delete()
    assert rule.type == "none"


def test_names_are_defined_found_and_deleted(book: object, sheet: object) -> None:
    sheet.name = "工作台账"
    book.names.add("部门表", "=工作台账!$A$1:$A$3")
    sheet.names.add("本表", "=工作台账!$B$1")
    assert [(name.name, name.refers_to) for name in book.names] == [
        ("工作台账!本表", "=工作台账!$B$1"),
        ("部门表", "=工作台账!$A$1:$A$3"),
    ]
    assert sheet["部门表"].address == "$A$1:$A$3"
    assert sheet["A1:A3"].name.name == "部门表"
    del book.names["部门表"]
    assert "部门表" not in book.names


def dressed(sheet: object) -> None:
    """Put one of everything on a sheet."""
    sheet["A1"].value = [["任务", "数", "日期"], ["甲", 1, A_DAY], ["乙", "=B2+1", A_DAY]]
    sheet["A1:C1"].font.bold = True
    sheet["A1:C1"].color = (200, 220, 240)
    sheet["A1:C3"].borders.set("all", line_style="continuous")
    sheet["C2:C3"].number_format = "yyyy-mm-dd"
    sheet["A:A"].column_width = 30
    sheet["1:1"].row_height = 40
    sheet["B:B"].columns.hidden = True
    sheet["A5:C5"].merge()
    sheet["A2"].add_note("说明")
    sheet["B2:B3"].data_validation.set_list(["1", "2"])
    sheet["A1"].select()
    sheet["A2:C3"].conditional_formats.add_custom("=$A$1<>1", fill_color="#00ff00")
    sheet.freeze_panes.freeze_at("A1:A1")
    sheet.page_setup.print_area = "$A$1:$C$5"
    sheet.api.PageSetup.Orientation = 2
    sheet.api.PageSetup.PrintTitleRows = "$1:$1"
    sheet.api.Tab.Color = 0x0000FF
    sheet["A1:C3"].api.AutoFilter()
    sheet.charts.add(10, 200, 200, 100, source=sheet["A1:B3"])


def looks(sheet: object) -> list[object]:
    """Return what `dressed` put there."""
    return [
        sheet["A1:C3"].formula,
        sheet["A1"].font.bold,
        sheet["A1"].color,
        sheet["B2"].borders["edge_top"].line_style,
        sheet["C2"].number_format,
        sheet["A1"].column_width,
        sheet["A1"].row_height,
        sheet["B1"].columns.hidden,
        sheet["A5"].merge_area.address,
        [(note.location.address, note.text) for note in sheet.notes],
        sheet["B2"].data_validation.source,
        [(rule.formula, rule.fill_color) for rule in sheet["A2"].conditional_formats],
        sheet.impl.call("sheets.frozen"),
        sheet.page_setup.print_area,
        sheet.api.PageSetup.Orientation,
        sheet.api.PageSetup.PrintTitleRows,
        sheet.api.Tab.Color,
        sheet.api.AutoFilterMode,
        len(sheet.charts),
    ]


def test_a_copied_sheet_has_all_the_original_has(calc_app: object, book: object, sheet: object) -> None:
    dressed(sheet)
    expected = looks(sheet)
    inside = sheet.copy(after=sheet, name="副本")
    assert looks(inside) == expected
    other = calc_app.books.add()
    across = sheet.copy(before=other.sheets[0], name="副本")
    found = looks(across)
    other.close()
    assert found == expected
    assert [one.name for one in book.sheets] == ["Sheet1", "副本"]


def test_the_saved_file_has_all_the_sheet_had(calc_app: object, book: object, sheet: object, tmp_path: Path) -> None:
    dressed(sheet)
    expected = looks(sheet)
    book.save(tmp_path / "台账.xlsx")
    book.save(tmp_path / "另存.xlsx")
    opened = calc_app.books.open(tmp_path / "台账.xlsx")
    found = looks(opened.sheets[0])
    opened.close()
    assert found == expected


def test_custom_properties_are_added_changed_and_listed(book: object, tmp_path: Path) -> None:
    properties = book.api.CustomDocumentProperties
    properties.Add(Name="台账版本", LinkToContent=False, Type=4, Value="3")
    properties("台账版本").Value = "4"
    assert [(one.Name, one.Value) for one in properties] == [("台账版本", "4")]
    with pytest.raises(calc.ComError):
        properties("没有")
    book.save(tmp_path / "台账.xlsx")
    with zipfile.ZipFile(tmp_path / "台账.xlsx") as archive:
        assert "台账版本" in archive.read("docProps/custom.xml").decode("utf-8")


def test_a_member_nobody_imitated_is_named(book: object, sheet: object) -> None:
    with pytest.raises(NotImplementedError, match=r"Sheet\.api\.PrintOut"):
        sheet.api.PrintOut()
    with pytest.raises(NotImplementedError, match=r"Book\.api\.LinkSources"):
        book.api.LinkSources(1)
    with pytest.raises(NotImplementedError, match=r"Range\.api\.Font"):
        sheet["A1"].api.Font = 1


def test_rows_are_inserted_and_deleted_with_what_hangs_on_them(sheet: object) -> None:
    sheet["A1"].value = [["甲"], ["乙"], ["丙"]]
    sheet["A2"].add_note("乙的")
    sheet["2:2"].insert("down")
    assert sheet["A1:A4"].value == ["甲", None, "乙", "丙"]
    assert sheet["A3"].note.text == "乙的"
    sheet["1:2"].delete()
    assert sheet["A1:A2"].value == ["乙", "丙"]
    assert sheet["A1"].note.text == "乙的"


def test_a_stopped_office_leaves_nothing_behind(tmp_path: Path) -> None:
    url = calc.start(tmp_path)
    done = elsewhere(url, "b = xw.apps.active.books.add()\nprint(xw.apps.active.pid)")
    pid, pipe = int(done.stdout), calc.office.facts_of(url)["pipe"]
    assert calc.alive(url)
    calc.stop(url)
    assert not calc.alive(url)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    assert not list(Path("/tmp").glob(f"OSL_PIPE_*{pipe}"))


def test_a_print_area_that_a_file_named_is_written_once(calc_app: object, tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    made = Workbook()
    made.active.append(["甲"])
    made.active.print_area = "A1:A2"
    made.save(path)
    opened = calc_app.books.open(path)
    opened.sheets[0].page_setup.print_area = "$A$1:$A$3"
    opened.save()
    opened.close()
    with zipfile.ZipFile(path) as archive:
        assert archive.read("xl/workbook.xml").count(b"_xlnm.Print_Area") == 1
    assert load_workbook(path).active.print_area.endswith("$A$1:$A$3")
