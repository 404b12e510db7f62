"""The columns of 工作台账, declared once.

Template, validation, locking, split, intake, merge, summary and the manual read this
table. Source: `domain.md`, Columns of 工作台账.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Owner(Enum):
    """Who fills a column, and therefore where it travels and whether it is locked."""

    IDENTITY = "标识"
    OFFICE = "营商办（下发时锁定）"
    KEPT = "营商办（仅存台账）"
    DERIVED = "自动计算"
    DEPARTMENT = "牵头部门"


class Kind(Enum):
    """What a column's cells may hold."""

    TEXT = "文字"
    NUMBER = "整数"
    PERCENT = "百分比"
    DATE = "日期"
    DEADLINE = "时限用语或日期"
    NAMES = "单位名称"
    CHOICE = "选项"


@dataclass(frozen=True)
class Column:
    """One column: its name in code, its header, who owns it and what it may hold.

    `width` is in characters of the sheet's font (a Chinese character counts two);
    `limit` is the longest text, in characters.
    """

    key: str
    title: str
    owner: Owner
    kind: Kind
    width: float
    prompt: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    limit: int = 2000

    @property
    def centred(self) -> bool:
        """Return whether the column reads better centred: short words, numbers, dates."""
        return self.width <= 12


YES = "是"

_OFFICE, _KEPT, _DERIVED, _DEPARTMENT = Owner.OFFICE, Owner.KEPT, Owner.DERIVED, Owner.DEPARTMENT

COLUMNS: tuple[Column, ...] = (
    Column("code", "任务编码", Owner.IDENTITY, Kind.TEXT, 13, required=True, limit=40),
    Column("no", "序号", _OFFICE, Kind.NUMBER, 6, required=True),
    Column("category", "事项类别", _OFFICE, Kind.TEXT, 12, required=True, limit=100),
    Column("target", "目标任务", _OFFICE, Kind.TEXT, 44, required=True),
    Column(
        "deadline",
        "完成时限",
        _OFFICE,
        Kind.DEADLINE,
        10,
        "填“6月底”“年底前”“持续推进”等字典中的用语，或填具体日期。",
        required=True,
        limit=100,
    ),
    Column(
        "leads",
        "牵头部门",
        _OFFICE,
        Kind.NAMES,
        17,
        "用单位名录中的名称，多个单位之间用顿号“、”分隔。",
        required=True,
        limit=300,
    ),
    Column("supports", "责任部门", _OFFICE, Kind.NAMES, 20, "用单位名录中的名称，多个单位之间用顿号“、”分隔。"),
    Column("priority", "重点", _OFFICE, Kind.CHOICE, 6, "重点事项选“是”，其他留空。", (YES,)),
    Column("due", "截止日期", _DERIVED, Kind.DATE, 12),
    Column("days_left", "剩余天数", _DERIVED, Kind.NUMBER, 7),
    Column("status", "状态", _DERIVED, Kind.TEXT, 10),
    Column("reporting", "报送", _DERIVED, Kind.TEXT, 10),
    Column("progress", "进展情况", _DEPARTMENT, Kind.TEXT, 36, "写清做了什么、到什么程度、有什么数据，不超过2000字。"),
    Column("percent", "完成率", _DEPARTMENT, Kind.PERCENT, 8, "填0%到100%之间的数，例如 60%。"),
    Column("done_on", "完成日期", _DEPARTMENT, Kind.DATE, 12, "全部完成后填写，填到日，例如 2020-09-15。"),
    Column("evidence", "佐证材料", _DEPARTMENT, Kind.TEXT, 16, "填文件名称、文号或网址；附件随表报送。", limit=1000),
    Column("problem", "存在问题", _DEPARTMENT, Kind.TEXT, 20, "没有问题可留空。"),
    Column("next_step", "下一步措施", _DEPARTMENT, Kind.TEXT, 20, "未完成的事项请写明下一步怎么做、何时做。"),
    Column("answer", "整改答复", _DEPARTMENT, Kind.TEXT, 16, "“整改要求”有内容时，请在此逐条答复。"),
    Column(
        "objection", "任务调整意见", _DEPARTMENT, Kind.TEXT, 16, "对任务表述、牵头单位或时限有不同意见的，写在这里。"
    ),
    Column("reporter", "填报人", _DEPARTMENT, Kind.TEXT, 9, "填报人姓名。", limit=50),
    Column("phone", "联系电话", _DEPARTMENT, Kind.TEXT, 14, "填报人的办公电话或手机。", limit=50),
    Column("reported_on", "填报日期", _DEPARTMENT, Kind.DATE, 12, "本次填报的日期，填到日，例如 2020-09-08。"),
    Column("extended_to", "延期至", _OFFICE, Kind.DATE, 12, "经批准延期的，填新的截止日期。"),
    Column("extension_note", "延期说明", _OFFICE, Kind.TEXT, 16, "延期的理由和批准依据。"),
    Column("requirement", "整改要求", _OFFICE, Kind.TEXT, 16, "退回补充时写明要求，随下次清单下发。"),
    Column("returned_on", "退回日期", _KEPT, Kind.DATE, 12),
    Column("cancelled_on", "取消日期", _KEPT, Kind.DATE, 12),
    Column("closed_on", "销号日期", _KEPT, Kind.DATE, 12),
    Column("closed_by", "销号人", _KEPT, Kind.TEXT, 9, limit=50),
    Column("note", "备注", _KEPT, Kind.TEXT, 16),
)

BY_KEY = {column.key: column for column in COLUMNS}
BY_TITLE = {column.title: column for column in COLUMNS}


def owned_by(*owners: Owner) -> tuple[Column, ...]:
    """Return the columns of the given owners, in ledger order."""
    return tuple(column for column in COLUMNS if column.owner in owners)


OFFICE = owned_by(Owner.OFFICE)
DEPARTMENT = owned_by(Owner.DEPARTMENT)
DERIVED = owned_by(Owner.DERIVED)
SENT = OFFICE + DEPARTMENT  # the 21 columns whose returned cells are accounted for
OFFICE_OWNED = owned_by(Owner.OFFICE, Owner.KEPT)
ADJUSTABLE = ("target", "category", "deadline", "leads", "supports", "priority")  # by 任务调整
LAST_PRINTED = BY_KEY["next_step"]  # the printed ledger ends here; what follows is office work
