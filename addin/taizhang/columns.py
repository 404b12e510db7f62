"""The columns of 工作台账, 指标 and 问题清单, declared once.

Template, validation, locking, split, intake, merge, summary and the manual read this
table. Source: `domain.md`, Columns of 工作台账.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property


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
    AMOUNT = "数或百分比"


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


YES, NO = "是", "否"

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
        "objection", "任务调整意见", _DEPARTMENT, Kind.TEXT, 16, "对任务表述、牵头部门或时限有不同意见的，写在这里。"
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

# 指标 and 问题清单: rows that belong to a task, each with one department that fills it in.

_ITEM = (
    Column("item", "编号", Owner.IDENTITY, Kind.TEXT, 13, limit=40),
    Column("item_task", "所属任务", _KEPT, Kind.TEXT, 13, limit=40),
    Column("item_no", "任务序号", _DERIVED, Kind.NUMBER, 9),
    Column("item_target", "任务内容", _DERIVED, Kind.TEXT, 30),
)

INDICATOR_COLUMNS: tuple[Column, ...] = (
    *_ITEM,
    Column(
        "indicator", "指标", _OFFICE, Kind.TEXT, 26, "考核什么，例如“不动产登记办理时限”。", required=True, limit=60
    ),
    Column(
        "direction",
        "要求",
        _OFFICE,
        Kind.CHOICE,
        6,
        "当前值应不超过（≤）、不低于（≥）或等于（=）目标值。",
        ("≤", "≥", "="),
        required=True,
    ),
    Column("goal", "目标值", _OFFICE, Kind.AMOUNT, 10, "填数字；计量单位是“%”的填百分比，例如 96%。", required=True),
    Column("unit", "计量单位", _OFFICE, Kind.TEXT, 9, "例如 工作日、%、万人。", limit=20),
    Column("words", "原文", _OFFICE, Kind.TEXT, 34),
    Column(
        "indicator_lead",
        "填报单位",
        _KEPT,
        Kind.NAMES,
        16,
        "由哪一个单位填报，用单位名录中的名称。",
        required=True,
        limit=100,
    ),
    Column(
        "confirmed",
        "确认",
        _KEPT,
        Kind.CHOICE,
        7,
        "确认考核的选“是”，不作为指标的选“否”；确认的随清单下发。",
        (YES, NO),
    ),
    Column(
        "current", "当前值", _DEPARTMENT, Kind.AMOUNT, 10, "填数字，不带计量单位；计量单位是“%”的填百分比，例如 97%。"
    ),
    Column("measured_on", "数据日期", _DEPARTMENT, Kind.DATE, 12, "这个数是哪一天的，填到日，例如 2020-09-15。"),
    Column("measure_note", "数据说明", _DEPARTMENT, Kind.TEXT, 24, "数据来源、统计口径；没有数据的写明原因。"),
    Column("met", "达标", _DERIVED, Kind.TEXT, 8),
)

SEVERE, MINOR = "重点", "一般"
PROBLEM_COLUMNS: tuple[Column, ...] = (
    *_ITEM,
    Column("raised_by", "提出单位", _OFFICE, Kind.NAMES, 16, limit=100),
    Column("issue", "问题", _OFFICE, Kind.TEXT, 36, required=True),
    Column("severity", "轻重", _OFFICE, Kind.CHOICE, 7, "需要领导协调的选“重点”，其他选“一般”。", (SEVERE, MINOR)),
    Column("opened_on", "提出日期", _OFFICE, Kind.DATE, 12),
    Column("demand", "处理要求", _OFFICE, Kind.TEXT, 24, "请责任单位做什么、何时答复；随下次清单下发。"),
    Column(
        "owner", "责任单位", _KEPT, Kind.NAMES, 16, "由哪一个单位答复，用单位名录中的名称。", required=True, limit=100
    ),
    Column("reply", "问题答复", _DEPARTMENT, Kind.TEXT, 30, "怎样解决、什么时候解决；解决不了的写明困难。"),
    Column("replied_on", "答复日期", _DEPARTMENT, Kind.DATE, 12, "答复的日期，填到日，例如 2020-09-15。"),
    Column("solved_on", "解决日期", _KEPT, Kind.DATE, 12, "问题解决后由营商办填写，填写后不再下发。"),
    Column("problem_state", "问题状态", _DERIVED, Kind.TEXT, 9),
)


@dataclass(frozen=True)
class Register:
    """A kind of rows with permanent codes that travel to departments and back: tasks, indicators, problems.

    `sheet` is where they stand, `prefix` begins their codes, `code` is the key of the column that
    holds them; `lead` names who reports on a row, and `telling` what a reader knows it by.
    """

    sheet: str
    prefix: str
    columns: tuple[Column, ...]
    code: str
    lead: str
    telling: str

    def __hash__(self) -> int:
        return hash(self.prefix)

    def owned_by(self, *owners: Owner) -> tuple[Column, ...]:
        """Return the columns of the given owners, in their order."""
        return tuple(column for column in self.columns if column.owner in owners)

    @cached_property
    def department(self) -> tuple[Column, ...]:
        """Return what departments fill in."""
        return self.owned_by(Owner.DEPARTMENT)

    @cached_property
    def office(self) -> tuple[Column, ...]:
        """Return what the office fills in, sent or not."""
        return self.owned_by(Owner.OFFICE, Owner.KEPT)

    @cached_property
    def sent(self) -> tuple[Column, ...]:
        """Return the columns whose returned cells are accounted for."""
        return self.owned_by(Owner.OFFICE) + self.department


TASKS = Register("工作台账", "RW", COLUMNS, "code", "leads", "target")
INDICATORS = Register("指标", "ZB", INDICATOR_COLUMNS, "item", "indicator_lead", "indicator")
PROBLEMS = Register("问题清单", "WT", PROBLEM_COLUMNS, "item", "owner", "issue")
ITEM_REGISTERS = (INDICATORS, PROBLEMS)

# Titles and keys are those of one column only, whatever the register: a returned cell is known by its column.
BY_KEY = {column.key: column for register in (TASKS, *ITEM_REGISTERS) for column in register.columns}
BY_TITLE = {column.title: column for column in BY_KEY.values()}

OFFICE = TASKS.owned_by(Owner.OFFICE)
DEPARTMENT = TASKS.department
DERIVED = TASKS.owned_by(Owner.DERIVED)
SENT = TASKS.sent  # the 21 columns whose returned cells are accounted for
OFFICE_OWNED = TASKS.office
ADJUSTABLE = ("target", "category", "deadline", "leads", "supports", "priority")  # by 任务调整
LAST_PRINTED = BY_KEY["next_step"]  # the printed ledger ends here; what follows is office work


def register_of(code: str) -> Register:
    """Return which register a code belongs to."""
    return next((one for one in ITEM_REGISTERS if code.startswith(one.prefix)), TASKS)
