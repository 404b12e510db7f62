"""补充通知 on real files: rows are added below, dressed, formula'd, printed, journaled, and taken back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.cell import Cell
from test_loop import Desk
from test_moves import said

from ledgers import AS_OF, FGJ, FIRST, ZJJ, book
from taizhang import actions, journal, tables
from taizhang.books.ledgers import SPARE_ROWS, open_ledger
from taizhang.checking import check
from taizhang.findings import Severity
from taizhang.layout.office import FIRST_ROW, PLACES
from taizhang.ledger import new_code

TWO = f"""
| 序号 | 牵头部门 | 牵头单位 | 目标任务 | 完成时限 | 完成率 | 填报日期 | 佐证材料 |
| 1 | {FGJ} | {FGJ} | 将企业开办时间压缩至一个工作日以内 | 12月底 | 60% | 2020-09-01 | |
| 2 | {FGJ}、{ZJJ} | {ZJJ} | 推广应用信用评价结果扩大信易贷覆盖面 | 9月底 | 50% | 2020-09-01 | |
"""
HEAD = "序号,事项类别,目标任务,完成时限,牵头部门,责任部门\n"
NEW = f"1,开办企业,将企业开办时间压缩至一个工作日以内,9月底,{FGJ},\n2,开办企业,全面推行施工图联合审查,年底前,{ZJJ},\n"
JOINT = f'3,开办企业,推进电子招标投标,持续推进,"{FGJ}、{ZJJ}",\n'


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, book(TWO, as_of=AS_OF))


def notice(desk: Desk, rows: str) -> Path:
    path = desk.folder / "补充通知.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    return path


def test_tasks_are_added_and_changes_proposed(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "import", desk.path, notice(desk, NEW + JOINT))
    assert code == 1
    lines = out.splitlines()
    assert lines[0].startswith("已增加 2 项任务：序号 3、4；")
    assert "“工作台账” 序号1 完成时限：补充通知中是“9月底”，台账中是“12月底”" in lines[2]
    ledger = desk.ledger
    assert [(task.code, task.no, task.cells["target"]) for task in ledger.tasks[2:]] == [
        (new_code(2020, 3), 3, "全面推行施工图联合审查"),
        (new_code(2020, 4), 4, "推进电子招标投标"),
    ]
    assert ledger.by_code[FIRST].cells["deadline"] == "12月底"
    assert {key.department for key in open_ledger(desk.path).reading.report_rows if key.task == new_code(2020, 4)} == {
        FGJ,
        ZJJ,
    }
    states = ledger.states(AS_OF)
    sheet = load_workbook(desk.path, data_only=True)[tables.LEDGER]
    shown = [sheet.cell(FIRST_ROW + n, PLACES["status"]).value for n in range(4)]
    assert shown == [state.status for state in states.values()]
    written = {row[4] for row in desk.sheet(tables.JOURNAL) if row and row[9] == new_code(2020, 3)}
    assert written == {"补充通知"}
    assert [one for one in check(desk.path, desk.context).findings if one.rule.severity is Severity.ERROR] == []


def look(cell: Cell) -> tuple[object, ...]:
    fill = cell.fill.fgColor.rgb if cell.fill.fill_type else None
    return cell.number_format, cell.border.left.style, cell.font.name, cell.protection.locked, fill


def test_more_than_there_is_room_for_goes_below_dressed_alike_and_is_printed(desk: Desk) -> None:
    rows = "".join(
        f"{n},开办企业,第{n}件各不相同的事情{chr(0x4E00 + n * 37) * 8},年底前,{ZJJ},\n"
        for n in range(1, SPARE_ROWS + 6)
    )
    assert len(actions.supplement(desk.path, notice(desk, rows), desk.context).added) == SPARE_ROWS + 5
    book_ = load_workbook(desk.path)
    sheet = book_[tables.LEDGER]
    bottom = FIRST_ROW + 1 + SPARE_ROWS + 5
    assert sheet.print_area.endswith(f"${bottom}")
    for key in ("target", "status", "percent", "reported_on"):
        last, like = sheet.cell(bottom, PLACES[key]), sheet.cell(FIRST_ROW, PLACES[key])
        assert look(last) == look(like)
    assert str(sheet.cell(bottom, PLACES["status"]).value).startswith("=IF(")
    assert [one for one in check(desk.path, desk.context).findings if one.rule.severity is Severity.ERROR] == []


def test_adding_can_be_taken_back_and_done_again(desk: Desk) -> None:
    before = desk.ledger
    path = notice(desk, NEW + JOINT)
    actions.supplement(desk.path, path, desk.context)
    done = actions.undo(desk.path, desk.context)
    assert done.refused == ()
    assert desk.ledger.tasks == before.tasks
    assert dict(desk.ledger.reports) == dict(before.reports)
    opened = open_ledger(desk.path)
    assert list(journal.hand_edits(opened.reading.journal, opened.ledger)) == []
    assert check(desk.path, desk.context).findings == ()
    again = actions.supplement(desk.path, path, desk.context)
    assert [task.code for task in again.added] == [new_code(2020, 5), new_code(2020, 6)]  # no code is used twice


@pytest.mark.parametrize("sent", [True, False])
def test_an_added_task_that_was_sent_or_reported_on_stays(desk: Desk, sent: bool) -> None:
    actions.supplement(desk.path, notice(desk, NEW), desk.context)
    if sent:
        desk.split()
    else:
        desk.type_task(2, progress="已经开始办了")
    code, before = new_code(2020, 3), desk.ledger
    done = actions.undo(desk.path, desk.context)
    assert done.cells == ()
    assert {why for _, why in done.refused} == {"该任务已经下发或有了填报，不能当作没有增加过；不办了的，请“取消”"}
    assert desk.ledger.by_code[code] == before.by_code[code]
    assert desk.ledger.reports == before.reports


def test_a_notice_that_brings_nothing_new_says_so(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    row = f"1,开办企业,将企业开办时间压缩至一个工作日以内,12月底,{FGJ},\n"
    before = desk.path.read_bytes()
    code, _, err = said(capsys, "import", desk.path, notice(desk, row))
    assert (code, "没有要增加的" in err, desk.path.read_bytes() == before) == (2, True, True)


def test_json_lists_what_was_added_and_proposed(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(said(capsys, "import", desk.path, notice(desk, NEW), "--json")[1])
    assert told["added"] == [{"no": 3, "task": new_code(2020, 3)}]
    assert [(one["code"], one["no"], one["column"]) for one in told["findings"]] == [("T208", 1, "完成时限")]
