"""填表说明: what a clerk reads first, in the office's ledger and in a department's workbook."""

from __future__ import annotations

from collections.abc import Sequence

from taizhang import tables
from taizhang.columns import DEPARTMENT, INDICATORS, PROBLEMS, Register
from taizhang.layout.common import Row, heights, title_row
from taizhang.layout.parts import Area, Cell, Conditional, Content, Formula, Page, Sheet
from taizhang.rules import STATUS_RULES
from taizhang.settings import Settings

_WIDTHS = {1: 16, 2: 24, 3: 70}

_OFFICE_STEPS = (
    ("登记", "在“工作台账”中填写和修改事项。灰底的列由公式计算，联合牵头事项的上报内容请在“联合牵头上报”中修改。"),
    ("下清单", "按旬把清单发给各牵头部门，每个部门一个工作簿；联合牵头的事项，各牵头部门都会收到。"),
    (
        "指标、问题",
        "“指标”列出从任务内容提取的指标，确认选“是”的随清单下发；“问题清单”列出各单位填报的问题，由责任单位答复。",
    ),
    ("对账单", "收齐后先合并预览：“合并结果”逐格列出变化和冲突，“对账单”列出谁报了、谁没报；确认后再写入。"),
    ("给成绩单", "生成“汇总”，供领导阅看和打印。"),
    ("打印", "打印时只打当前工作表，不要选“整个工作簿”。"),
    ("留痕", "每次写入前自动备份到“备份”文件夹，每个单元格的变化都记入“变更记录”。"),
)
_DEPARTMENT_STEPS = (
    ("填哪里", "只填“工作台账”表中黄色表头下的各列；白色和灰色表头的列已经锁定，改动不会被采纳。"),
    ("怎么填", "完成率填百分数；日期填到日，例如 2020-09-15；没有变化的单元格保持原样，不必重填。"),
    ("不要动", "请不要增删列、改表头、改表名，也不要改动本表的任务和序号；可以筛选。"),
    ("填报日期", "每次填报都请更新“填报日期”，否则会被当作本旬未报。"),
    ("怎么交", "填好后保存，文件名可以不改，作为附件发回即可。请交回电子表格，不要交照片或扫描件。"),
    ("真实性", "填报单位对数据的真实性、准确性、完整性负责。"),
)


_ITEM_STEPS = {
    INDICATORS: ("指标", "“指标”表只填当前值、数据日期、数据说明；当前值只填数字，不带计量单位，百分比写成带 % 的。"),
    PROBLEMS: ("问题清单", "“问题清单”表列出请你单位答复的问题，请填问题答复和答复日期；没有解决的，下次还会列出。"),
}


def office_guide(settings: Settings) -> Sheet:
    """Return 填表说明 of the office's ledger: the loop, the statuses with their colours."""
    sections = (("工作流程", _rows(_OFFICE_STEPS)), ("状态说明", _status_rows()))
    return _guide(Formula('tz_title&"填表说明"', guide_title(settings)), "", sections, settings)


def guide_title(settings: Settings) -> str:
    """Return what the heading of the office's 填表说明 comes to."""
    return f"{settings.text('title')}填表说明"


def department_guide(department: str, period: str, settings: Settings, registers: Sequence[Register] = ()) -> Sheet:
    """Return 填表说明 of a department's workbook: what to fill, how, and what each column wants.

    `registers` are those of which it has lines beside its tasks.
    """
    steps = [*_DEPARTMENT_STEPS[:1], *(_ITEM_STEPS[one] for one in registers), *_DEPARTMENT_STEPS[1:]]
    fields = [(column.title, column.prompt) for column in DEPARTMENT]
    fields += [(column.title, column.prompt) for one in registers for column in one.department]
    sections = (("填报要求", _rows(steps)), ("各列填法", _rows(fields)), ("状态说明", _status_rows()))
    return _guide(f"{period}营商环境工作台账填表说明", f"填报单位：{department}", sections, settings)


def supporter_guide(department: str, period: str, settings: Settings) -> Sheet:
    """Return 填表说明 of a workbook for a department that only supports: it is to be read, not filled in."""
    text = f"“{tables.SUPPORTING}”列出你单位配合的事项和目前进展，只供参考，不需填报，也不必交回。"
    sections = (("说明", _rows((("只读清单", text),))), ("状态说明", _status_rows()))
    return _guide(f"{period}营商环境工作台账配合事项说明", f"单位：{department}", sections, settings)


def _rows(steps: Sequence[tuple[str, str]]) -> list[Row]:
    return [
        (Cell(number, "integer"), Cell(name, "words"), Cell(text, "text"))
        for number, (name, text) in enumerate(steps, 1)
    ]


def _status_rows() -> list[Row]:
    return _rows([(rule.status, f"{rule.meaning}（{rule.group}）") for rule in STATUS_RULES])


def _guide(title: Content, line: str, sections: Sequence[tuple[str, list[Row]]], settings: Settings) -> Sheet:
    top, merged = title_row(title, len(_WIDTHS))
    grid: list[Row] = [top, (Cell(line, "info"),)]
    for name, rows in sections:
        grid += [(Cell(name, "section"),), *rows, ()]
    return Sheet(
        name=tables.GUIDE,
        rows=tuple(grid),
        widths=_WIDTHS,
        heights={1: 40, 2: 20} | heights(grid[2:], _WIDTHS, 3, 22),
        merged=(merged,),
        conditionals=_legend(settings, len(grid)),
        page=Page(landscape=False, fit_tall=1),
    )


def _legend(settings: Settings, bottom: int) -> tuple[Conditional, ...]:
    area = Area(3, 2, bottom, 2)
    return tuple(Conditional(area, f'$B3="{status}"', colour) for status, colour in settings.colours.items())
