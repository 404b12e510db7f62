"""校验结果: the findings as a sheet to work through, and as marks in the cells themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from taizhang import tables
from taizhang.columns import BY_KEY
from taizhang.findings import Finding, Severity
from taizhang.layout import department, office
from taizhang.layout.common import LOOK, PLAIN_CODE, place_link, row_link, table_sheet
from taizhang.layout.parts import Area, Cell, Conditional, Content, Mark, Page, Sheet
from taizhang.layout.reading import Block, Reading
from taizhang.places import Place
from taizhang.styles import MARKS, STYLES
from taizhang.tables import Field, Table
from taizhang.values import shortened, shown

CHECKS_TABLE = Table(
    tables.CHECKS,
    (
        Field("severity", "程度", 8),
        Field("code", "编号", 8),
        Field("sheet", "表", 14),
        Field("cell", "位置", 9),
        Field("no", "序号", 6, "integer"),
        Field("department", "单位", 16),
        Field("column", "列", 12),
        Field("value", "现在的内容", 30, "text"),
        Field("fault", "问题", 42, "text"),
        Field("remedy", "怎么办", 46, "text"),
        Field("suggestion", "建议", 30, "text"),
        Field("link", "查看", 8, "link"),
    ),
)
CLEAN = "没有发现问题"
_QUOTED = 200  # characters of a cell that the list repeats


@dataclass(frozen=True)
class Stamp:
    """What 校验结果 says of itself: when the check ran, and for which day."""

    at: datetime
    as_of: date


def checks_sheet(found: Sequence[Finding], stamp: Stamp, tasks: Block | None) -> Sheet:
    """Return 校验结果: one line per finding, with a link that finds a task's row wherever it was sorted to."""
    errors = sum(one.rule.severity is Severity.ERROR for one in found)
    said = f"错误 {errors} 条，提醒 {len(found) - errors} 条" if found else CLEAN
    note = f"校验时间：{stamp.at:%Y-%m-%d %H:%M}　　统计日期：{stamp.as_of}　　{said}。改好后请重新校验，已改好的，标注会自动清除。"
    sheet = table_sheet(CHECKS_TABLE, [_record(one, tasks) for one in found], title=tables.CHECKS, note=note)
    bottom = 3 + max(len(found), 1)
    looks = zip(Severity, MARKS, strict=True)
    return replace(
        sheet,
        rows=sheet.rows if found else (*sheet.rows, (Cell(CLEAN, "info"),)),
        freeze=(4, CHECKS_TABLE.place("no")),
        conditionals=tuple(
            Conditional(Area(4, 1, bottom, 1), f'$A4="{severity.value}"', STYLES[look].fill) for severity, look in looks
        ),
        page=Page("A3", title_rows=(1, 3), area=Area(1, 1, bottom, CHECKS_TABLE.place("suggestion"))),
    )


def _record(one: Finding, tasks: Block | None) -> dict[str, Content]:
    return {
        "severity": one.rule.severity.value,
        "code": one.code.value,
        "sheet": one.sheet,
        "cell": one.cell,
        "no": one.no,
        "department": one.department,
        "column": one.column,
        "value": shortened(shown(one.value), _QUOTED),
        "fault": one.fault,
        "remedy": one.remedy,
        "suggestion": shortened(one.suggestion, _QUOTED),
        "link": _link(one, tasks),
    }


def _link(one: Finding, tasks: Block | None) -> Content:
    """Return a link to a finding's cell: to a task's row by its code, for rows get sorted; else to its address."""
    place = one.at
    if not one.sheet or place is None:
        return None
    known = tasks is not None and one.sheet == tasks.sheet and tasks.rows.get(place[0], {}).get("code") == one.task
    if tasks is not None and known and PLAIN_CODE.fullmatch(one.task):
        return row_link(one.sheet, tasks.places["code"], max(place[1], 1), one.task, LOOK)
    return place_link(one.sheet, (place[0], max(place[1], 1)), LOOK)


def marks(found: Iterable[Finding]) -> dict[str, dict[Place, Mark]]:
    """Return the marks of the cells that findings name, by sheet: the graver look, and a line for each finding."""
    lines: dict[str, dict[Place, list[Finding]]] = {}
    for one in found:
        place = one.at
        if one.sheet and place and place[1]:
            lines.setdefault(one.sheet, {}).setdefault(place, []).append(one)
    return {sheet: {place: _mark(own) for place, own in cells.items()} for sheet, cells in lines.items()}


def _mark(found: Sequence[Finding]) -> Mark:
    error, reminder = MARKS
    grave = any(one.rule.severity is Severity.ERROR for one in found)
    said = (f"校验 {one.code.value}：{one.fault}。{one.remedy}。{one.suggestion}" for one in found)
    return Mark(error if grave else reminder, tuple(text.replace("\n", " ") for text in said))


def ledger_fill(reading: Reading) -> Callable[[Place], str]:
    """Return what gives the fill a cell of 工作台账 was made with: #RRGGBB, or nothing."""
    columns = {place: BY_KEY[key] for key, place in reading.tasks.places.items()}
    joint = {row for code, row in reading.task_rows.items() if reading.ledger.is_joint(code)}
    return lambda place: STYLES[office.look(columns[place[1]], place[0] in joint)].fill if place[1] in columns else ""


def department_fill(block: Block) -> Callable[[Place], str]:
    """Return what gives the fill a cell of a department's task table was made with."""
    columns = {place: BY_KEY[key] for key, place in block.places.items()}
    return lambda place: STYLES[department.look(columns[place[1]], None)].fill if place[1] in columns else ""


def no_fill(_: Place) -> str:
    """Return the fill of cells that were made without one."""
    return ""
