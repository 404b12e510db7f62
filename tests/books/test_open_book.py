"""An open workbook is left by every act as the command line leaves a closed one: cells, looks, notes, sheets."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgers import AS_OF, FGJ, ZJJ, book
from shells.test_loop import AWKWARD, THREE, Desk
from taizhang import actions, tables
from taizhang.actions import Context
from taizhang.books import render as drawing
from taizhang.books.base import Host
from taizhang.books.delta import formulas_on
from taizhang.books.file import BACKUPS, head_record
from taizhang.books.ledgers import open_ledger
from taizhang.books.live import OpenBook
from taizhang.books.looks import filter_to, filtered, print_to, printed
from taizhang.books.memory import MemoryProgram
from taizhang.books.package import Package
from taizhang.checking import check, clear
from taizhang.errors import LedgerError, Stop
from taizhang.layout import office
from taizhang.layout.office import NOTE_PLACE, RUNNING
from taizhang.layout.parts import Cell, Formula, Sheet, Workbook

Looked = dict[str, object]


def seen(data: bytes) -> dict[str, Looked]:
    """Return all that anybody can see of a workbook, sheet by sheet."""
    return {sheet.title: look_of(sheet) for sheet in load_workbook(BytesIO(data)).worksheets}


def look_of(sheet) -> Looked:
    cells = {
        cell.coordinate: (
            cell.value,
            cell.number_format,
            cell.fill.fgColor.rgb if cell.fill.patternType else "",
            cell.protection.locked,
            cell.font.b,
            cell.alignment.wrap_text,
            cell.comment.text if cell.comment else None,
        )
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None or cell.comment or cell.fill.patternType
    }
    rules = {
        (str(area.sqref), rule.formula[0]): rule.dxf.fill.bgColor.rgb if rule.dxf and rule.dxf.fill else ""
        for area, found in sheet.conditional_formatting._cf_rules.items()
        for rule in found
        if rule.formula
    }
    heights = {row: size.height for row, size in sheet.row_dimensions.items() if size.height}
    charts = [(one.anchor._from.row, one.anchor._from.col, len(one.series)) for one in sheet._charts]
    merged = sorted(str(area) for area in sheet.merged_cells.ranges)
    lists = {str(one.sqref): (one.type, one.formula1, one.prompt) for one in sheet.data_validations.dataValidation}
    page = (sheet.print_area, sheet.print_title_rows, sheet.page_setup.orientation, sheet.page_setup.paperSize)
    whole = {"charts": charts, "merged": merged, "lists": lists, "page": page, "freeze": sheet.freeze_panes}
    whole["filter"] = sheet.auto_filter.ref
    return {"cells": cells, "rules": rules, "heights": heights, "state": sheet.sheet_state, **whole}


class Twin:
    """One ledger twice: in a closed file, and open in a program."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        (desk.folder / "开着").mkdir()
        path = desk.folder / "开着" / "台账.xlsx"
        shutil.copyfile(desk.path, path)
        self.program = MemoryProgram(path, path.read_bytes())
        self.open = OpenBook(self.program)

    def both(self, act: Callable[[Path | Host, Context], object]) -> tuple[object, object]:
        """Do an act on the closed file and on the open workbook, at the same moment; compare what they leave."""
        context = self.desk.context
        results = act(self.desk.path, context), act(self.open, context)
        closed, opened = seen(self.desk.path.read_bytes()), seen(self.program.snapshot())
        assert list(opened) == list(closed)
        for name in closed:
            assert opened[name] == closed[name], name
        properties = Package.load(self.desk.path.read_bytes()).properties()
        assert self.program.package.properties() == properties
        return results

    def type_task(self, row: int, **cells: object) -> None:
        self.desk.type_task(row, **cells)
        places = {(office.FIRST_ROW + row, office.PLACES[key]): v for key, v in cells.items()}
        self.program.package.set_cells(tables.LEDGER, places)


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Twin]:
    desk = Desk(tmp_path, book(THREE))
    desk.split()
    yield Twin(desk)


def test_every_act_leaves_the_open_workbook_as_it_leaves_a_closed_one(twin: Twin) -> None:
    desk = twin.desk
    desk.fill(FGJ, progress="已办结", percent=1, done_on=date(2020, 9, 1), reported_on=date(2020, 9, 8))
    desk.fill_rows(ZJJ, {(0, "progress"): "二之二", (1, "percent"): "60%", (1, "problem"): "=1+1"})
    twin.type_task(2, progress="手工改的", note="1-2")
    twin.both(lambda where, context: actions.status(where, context, AS_OF, write=True))
    twin.both(lambda where, context: check(where, context, write=True))
    twin.both(lambda where, context: actions.merge_files(where, [desk.back], context))
    twin.both(lambda where, context: actions.apply(where, context))
    twin.both(lambda where, context: actions.summarise(where, context))
    twin.both(lambda where, context: check(where, context, write=True, fix=True))
    twin.both(lambda where, context: actions.undo(where, context))
    twin.both(lambda where, context: clear(where, context))


def test_tasks_are_added_and_taken_back_in_the_open_workbook_too(twin: Twin) -> None:
    notice = twin.desk.folder / "补充通知.csv"
    lines = [f"{n},开办企业,第{n}件各不相同{chr(0x4E00 + n * 37) * 8},年底前,{ZJJ}" for n in range(25)]
    lines.append(f'25,开办企业,推进电子招标投标,持续推进,"{FGJ}、{ZJJ}"')
    notice.write_text("序号,事项类别,目标任务,完成时限,牵头部门\n" + "\n".join(lines), encoding="utf-8")
    twin.both(lambda where, context: actions.supplement(where, notice, context))
    twin.both(lambda where, context: actions.undo(where, context))
    twin.both(lambda where, context: actions.supplement(where, notice, context))


def test_text_that_a_program_would_take_for_something_else_stays_text(twin: Twin) -> None:
    for number, text in enumerate(AWKWARD):
        twin.desk.fill(FGJ, progress=text, percent=text, to=f"{number}.xlsx")
        twin.both(lambda where, context, n=number: actions.merge_files(where, [twin.desk.back / f"{n}.xlsx"], context))
        twin.both(lambda where, context: actions.apply(where, context))


def test_a_dispatch_saves_the_open_workbook_with_its_batch(twin: Twin) -> None:
    actions.split(twin.open, twin.desk.folder / "新下发", twin.desk.context)
    saved = open_ledger(twin.open.path).ledger
    assert [batch.id for batch in saved.batches] == [batch.id for batch in open_ledger(twin.open).ledger.batches]
    assert len(saved.batches) == 2
    assert twin.open.noted_head() == open_ledger(twin.open).reading.journal.head


class Killed(BaseException):
    """The process dies."""


def cut_off(twin: Twin, at: int, act: Callable[[], object]) -> bool:
    """Do an act that dies at the program's n-th change; return whether it did."""
    left = [at]

    def count() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    twin.program.before = count
    try:
        act()
    except Killed:
        return True
    finally:
        twin.program.before = lambda: None
    return False


def test_whatever_moment_a_write_is_cut_off_the_next_act_goes_back_first(twin: Twin) -> None:
    desk = twin.desk
    desk.fill(FGJ, progress="已办结", percent=1, done_on=date(2020, 9, 1), reported_on=date(2020, 9, 8))
    twin.both(lambda where, context: actions.merge_files(where, [desk.back], context))
    before, closed = twin.program.snapshot(), desk.path.read_bytes()
    moment, died = 0, True
    while died:
        twin.program.package = Package.load(before)
        desk.path.write_bytes(closed)
        head_record(desk.path).unlink(missing_ok=True)  # else an older ledger was put back, and that is on record
        context = desk.context
        died = cut_off(twin, moment, lambda context=context: actions.apply(twin.open, context))
        if died:
            twin.both(lambda where, context: actions.apply(where, context))
            assert twin.program.awake
        moment += 1
    assert moment > 8


def test_a_user_who_declines_to_go_back_is_left_with_what_there_is(twin: Twin) -> None:
    twin.program.answers = [False]
    assert cut_off(twin, 2, lambda: actions.summarise(twin.open, twin.desk.context))
    half = twin.program.snapshot()
    with pytest.raises(LedgerError) as told:
        actions.summarise(twin.open, twin.desk.context)
    assert told.value.stop is Stop.LEFT_CUT_OFF
    assert twin.program.snapshot() == half
    assert str(twin.program.value(tables.JOURNAL, NOTE_PLACE)).startswith(RUNNING)


def test_an_error_of_the_program_leaves_the_workbook_as_it_was(twin: Twin) -> None:
    before = seen(twin.program.snapshot())
    left = [2]

    def fail() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise RuntimeError("call was rejected")

    twin.program.before = fail
    with pytest.raises(LedgerError) as told:
        actions.summarise(twin.open, twin.desk.context)
    assert told.value.stop is Stop.WRITE_TAKEN_BACK
    assert seen(twin.program.snapshot()) == before
    assert twin.program.bar is None


def test_a_program_that_dies_while_it_is_written_to_is_told_of_with_the_backup(twin: Twin) -> None:
    def die(content: bytes = b"") -> None:
        twin.program.path = None
        raise RuntimeError("the program is gone")

    twin.program.before = twin.program.reopen = die  # type: ignore[method-assign]
    with pytest.raises(LedgerError) as told:
        actions.summarise(twin.open, twin.desk.context)
    assert told.value.stop is Stop.WRITE_CUT_OFF
    assert BACKUPS in str(told.value)


def test_a_backup_holds_what_was_not_saved_yet(twin: Twin) -> None:
    twin.type_task(1, note="还没有保存的话")
    actions.status(twin.open, twin.desk.context, AS_OF, write=True)
    (backup,) = (twin.open.path.parent / BACKUPS).glob("*.xlsx")
    sheet = load_workbook(backup)[tables.LEDGER]
    assert sheet.cell(office.FIRST_ROW + 1, office.PLACES["note"]).value == "还没有保存的话"


def test_a_filter_that_holds_rows_back_is_lifted_and_told(twin: Twin) -> None:
    for path in (twin.desk.path, None):
        package = Package.load(path.read_bytes()) if path else twin.program.package
        root = package.parts.edit(package.part_of(tables.LEDGER))
        holder = next(root.iter("{*}autoFilter"))
        column = holder.makeelement(holder.tag.replace("autoFilter", "filterColumn"), {"colId": "2"})
        column.append(column.makeelement(holder.tag.replace("autoFilter", "filters"), {"blank": "1"}))
        holder.append(column)
        next(row for row in root.iter("{*}row") if row.get("r") == str(office.FIRST_ROW)).set("hidden", "1")
        if path:
            path.write_bytes(package.dump())
    twin.desk.fill(FGJ, progress="已办结", percent=1)
    twin.both(lambda where, context: actions.merge_files(where, [twin.desk.back], context))
    twin.both(lambda where, context: actions.apply(where, context))
    assert any("筛选已取消" in note for note in twin.open.notes)


def test_what_was_printed_and_filtered_short_reaches_the_last_row_with_the_next_write(twin: Twin) -> None:
    twin.desk.fill(FGJ, progress="已办结", percent=1)
    twin.both(lambda where, context: actions.merge_files(where, [twin.desk.back], context))
    for path in (twin.desk.path, None):
        package = Package.load(path.read_bytes()) if path else twin.program.package
        for name in (tables.JOURNAL, tables.JOINT):  # as they were when the ledger was made
            for there, give in ((printed, print_to), (filtered, filter_to)):
                area = there(package, name)
                assert area
                give(package, name, replace(area, bottom=area.top + 1))
        if path:
            path.write_bytes(package.dump())
    twin.both(lambda where, context: actions.apply(where, context))
    book_ = load_workbook(twin.desk.path)
    names = Package.load(twin.desk.path.read_bytes()).parts.data("xl/workbook.xml").decode()
    for name in (tables.JOURNAL, tables.JOINT):
        sheet = book_[name]
        bottom = max(row[0].row for row in sheet.iter_rows() if any(cell.value is not None for cell in row))
        assert sheet.print_area.endswith(f"${bottom}")
        assert sheet.auto_filter.ref.endswith(str(bottom))
        filter_area = sheet.auto_filter.ref.replace("A3:", "$A$3:$").replace(str(bottom), f"${bottom}")
        assert f"!{filter_area}</definedName>" in names


def lock_sheet(package: Package, sheet: str) -> None:
    root = package.parts.edit(package.part_of(sheet))
    next(root.iter("{*}sheetProtection")).set("password", "CC1A")


def test_a_sheet_with_a_password_is_refused_before_anything_is_written(twin: Twin) -> None:
    lock_sheet(twin.program.package, tables.JOURNAL)
    before = twin.program.snapshot()
    with pytest.raises(LedgerError) as told:
        actions.summarise(twin.open, twin.desk.context)
    assert told.value.stop is Stop.SHEET_PASSWORD
    assert twin.program.snapshot() == before


def calls_of(folder: Path, tasks: int, act: Callable[[Path | Host, Context], object]) -> int:
    lines = "\n".join(f"| {n} | {FGJ} | {FGJ} | 推进中 | 30% | 缺人 | 2020-08-28 |" for n in range(1, tasks + 1))
    header = "| 序号 | 牵头部门 | 牵头单位 | 进展情况 | 完成率 | 存在问题 | 填报日期 |"
    folder.mkdir()
    desk = Desk(folder, book(f"{header}\n{lines}"))
    desk.split()
    cells = {(row, "progress"): f"第{row}项已完成" for row in range(tasks)}
    desk.fill_rows(FGJ, cells)
    program = MemoryProgram(desk.path, desk.path.read_bytes())
    act_on = OpenBook(program)
    actions.merge_files(act_on, [desk.back], desk.context)
    program.calls = 0
    act(act_on, desk.context)
    return program.calls


@pytest.mark.parametrize(
    "act",
    [
        lambda where, context: actions.status(where, context, AS_OF, write=True),
        lambda where, context: actions.apply(where, context),
        lambda where, context: actions.summarise(where, context),
        lambda where, context: check(where, context, write=True),
    ],
    ids=["status", "apply", "summary", "check"],
)
def test_the_number_of_requests_does_not_grow_with_the_rows(tmp_path: Path, act) -> None:
    assert calls_of(tmp_path / "少", 20, act) == calls_of(tmp_path / "多", 200, act)


def test_the_journal_is_written_before_the_data_it_tells_of(twin: Twin) -> None:
    twin.desk.fill(FGJ, progress="已办结", percent=1)
    actions.merge_files(twin.open, [twin.desk.back], twin.desk.context)
    written: list[str] = []
    write = twin.program.write

    def noted(sheet: str, place: tuple[int, int], rows) -> None:
        written.append(f"{sheet}：{rows[0][0]}" if place == NOTE_PLACE and sheet == tables.JOURNAL else sheet)
        write(sheet, place, rows)

    twin.program.write = noted  # type: ignore[method-assign]
    actions.apply(twin.open, twin.desk.context)
    assert written[0].startswith(f"{tables.JOURNAL}：{RUNNING}执行合并")
    assert written[1] == tables.JOURNAL
    assert tables.LEDGER in written[2:-1]
    assert written[-1].startswith(f"{tables.JOURNAL}：每个单元格")


def test_formulas_that_name_a_sheet_are_found_filled_down_ones_too(twin: Twin) -> None:
    actions.summarise(twin.open, twin.desk.context)
    package = twin.program.package
    package.put_sheets(
        drawing.scratch(
            Workbook(
                (
                    Sheet(
                        "我的",
                        ((Cell(Formula("汇总!B7")),), (Cell(Formula("1+1")),)),
                    ),
                )
            )
        ),
        (),
    )
    root = package.parts.edit(package.part_of("我的"))
    first = next(root.iter("{*}f"))
    first.set("t", "shared")
    first.set("si", "0")
    first.set("ref", "A1:A2")
    second = list(root.iter("{*}f"))[1]
    second.set("t", "shared")
    second.set("si", "0")
    second.text = None
    found = formulas_on(Package.load(package.dump()), tables.SUMMARY)
    assert found["我的"] == {(1, 1): Formula("汇总!B7"), (2, 1): Formula("汇总!B8")}
