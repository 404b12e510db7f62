"""The 设置 sheet as data: every switch the office may turn, with its first value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from taizhang import templates
from taizhang.columns import DEPARTMENT
from taizhang.rules import STATUS_RULES
from taizhang.values import Value, comparable, day, half_width, is_blank, is_number


class Kind(Enum):
    """What a setting may hold, with the words that say so to a clerk."""

    TEXT = "文字"
    YEAR = "四位年度，例如 2020"
    DATE = "日期，例如 2020-09-10，或留空"
    DAYS = "0 到 366 之间的整数"
    POINTS = "0 到 100 之间的数"
    COLOUR = "六位十六进制颜色，例如 #C00000"
    CHOICE = "下拉列表中的一项"
    COLUMNS = "部门填写的列名，用顿号分隔"
    TEMPLATE = "文字；花括号里只能写" + "、".join(f"{{{name}}}" for name in templates.NAMES)


@dataclass(frozen=True)
class Setting:
    """One line of 设置: name in code, name on the sheet, kind, first value and what it does."""

    key: str
    title: str
    kind: Kind
    default: Value
    help: str
    choices: tuple[str, ...] = ()


LOWEST = "最低值"  # the other policy takes the mean
LATER_WINS, AS_CONFLICT = "后报覆盖", "视为冲突"
REFUSE, HOLD, TAKE = "拒收", "待定", "合并"
A4, A3 = "A4", "A3"
_MAIL_BODY = """{单位}：
现下发{旬}工作清单，共{任务数}项任务。请填好附件，在{报送期限}前直接回复本邮件，附上填好的工作簿。
{逾期}
{任务}
填写办法见附件中的“填表说明”；请不要改动表头和锁定的单元格。

{制表单位}"""
_REMIND_BODY = """{单位}：
到今天还没有收到你单位的{缺少}，报送期限是{报送期限}。请尽快填好附件，直接回复本邮件交回；已经交回的，请来电核对。
{逾期}
{任务}

{制表单位}"""

SETTINGS: tuple[Setting, ...] = (
    Setting("title", "台账名称", Kind.TEXT, "工作台账", "印在各表标题中。"),
    Setting("year", "年度", Kind.YEAR, None, "“6月底”“年底前”等时限都按这一年计算。"),
    Setting("as_of", "统计日期", Kind.DATE, None, "留空即按当天；填了日期就固定按那天统计，标题行用红字提示。"),
    Setting("start", "起始日期", Kind.DATE, None, "计算序时进度的起点；留空即年度的1月1日。"),
    Setting("warn_days", "临期天数", Kind.DAYS, 30, "距截止日期不超过这些天的，状态为“临期”。"),
    Setting("tolerance", "滞后容差", Kind.POINTS, 20, "完成率落后于序时进度超过这么多百分点的，状态为“滞后”。"),
    Setting(
        "clearing",
        "清空即采纳",
        Kind.COLUMNS,
        "存在问题、下一步措施",
        "部门清空这些列时直接采纳；其他列清空要由营商办裁决。",
    ),
    Setting(
        "joint_percent", "联合牵头完成率", Kind.CHOICE, LOWEST, "联合牵头事项的完成率如何汇成。", (LOWEST, "平均值")
    ),
    Setting(
        "repeats",
        "重复上报",
        Kind.CHOICE,
        LATER_WINS,
        "同一部门对同一批次交了几次、同一格填得不一样的，以后报为准，还是列为冲突。",
        (LATER_WINS, AS_CONFLICT),
    ),
    Setting(
        "strangers",
        "陌生来源",
        Kind.CHOICE,
        REFUSE,
        "不是本台账下发的文件，拒收，还是列为待定行由营商办处理。",
        (REFUSE, HOLD),
    ),
    Setting("late", "旧批次", Kind.CHOICE, TAKE, "以前批次的文件现在才交回的，照常合并，还是拒收。", (TAKE, REFUSE)),
    Setting(
        "mismatch",
        "单位不符",
        Kind.CHOICE,
        HOLD,
        "文件里的单位标识互相矛盾，或与文件名上的单位不一致的，列为待定行，还是拒收。",
        (HOLD, REFUSE),
    ),
    Setting(
        "new_rows",
        "新增行",
        Kind.CHOICE,
        HOLD,
        "部门在清单之外新加的行，列为待定行，还是不收（内容仍记在“合并结果”中）。",
        (HOLD, REFUSE),
    ),
    Setting("backup_days", "备份保留天数", Kind.DAYS, 14, "“备份”文件夹里超过这些天的备份会自动清理；填0就一直保留。"),
    Setting("unit", "制表单位", Kind.TEXT, "区营商办", "印在各表落款处。"),
    Setting("paper", "汇总纸张", Kind.CHOICE, A4, "汇总和成绩单按这种纸排版。", (A4, A3)),
    Setting("weight_on_time", "按期完成权重", Kind.POINTS, 40, "成绩单：按期完成率占多少分。"),
    Setting("weight_percent", "平均完成权重", Kind.POINTS, 20, "成绩单：平均完成率占多少分。"),
    Setting("weight_reported", "报送及时权重", Kind.POINTS, 20, "成绩单：报送及时率占多少分。"),
    Setting("weight_met", "指标达标权重", Kind.POINTS, 20, "成绩单：指标达标率占多少分。"),
    Setting("rejection_points", "退回扣分", Kind.POINTS, 2, "成绩单：每退回一次扣多少分。"),
    Setting("grade_best", "优的最低分", Kind.POINTS, 90, "成绩单：得分不低于它的为优。"),
    Setting("grade_good", "良的最低分", Kind.POINTS, 80, "成绩单：得分不低于它的为良。"),
    Setting("grade_fair", "中的最低分", Kind.POINTS, 60, "成绩单：得分不低于它的为中，其余为差。"),
    Setting(
        "font_title", "通报标题字体", Kind.TEXT, "方正小标宋简体、宋体", "Word 通报的标题；电脑上没有的，用顿号后面的。"
    ),
    Setting("font_section", "通报一级标题字体", Kind.TEXT, "黑体", "Word 通报“一、”一级的标题。"),
    Setting("font_subsection", "通报二级标题字体", Kind.TEXT, "楷体_GB2312、楷体", "Word 通报“（一）”一级的标题。"),
    Setting("font_body", "通报正文字体", Kind.TEXT, "仿宋_GB2312、仿宋", "Word 通报的正文和表格。"),
    Setting("return_days", "报送期限天数", Kind.DAYS, 5, "邮件中的报送期限：下发那天起过这些天。"),
    Setting("mail_subject", "清单邮件主题", Kind.TEMPLATE, "{台账}：{旬}清单（{单位}）", "下发清单的邮件用。"),
    Setting("mail_body", "清单邮件正文", Kind.TEMPLATE, _MAIL_BODY, "花括号里的由本软件填写；没有内容的那一行不写。"),
    Setting("remind_subject", "催报邮件主题", Kind.TEMPLATE, "请报送{旬}清单（{单位}）", "催报的邮件用。"),
    Setting(
        "remind_body", "催报邮件正文", Kind.TEMPLATE, _REMIND_BODY, "花括号里的由本软件填写；没有内容的那一行不写。"
    ),
)

COLOURS: Mapping[str, str] = {rule.status: rule.colour for rule in STATUS_RULES}

COLOUR_PREFIX = "颜色："
COLOUR_SETTINGS = tuple(
    Setting(status, COLOUR_PREFIX + status, Kind.COLOUR, colour, "状态单元格的底色；下次写入台账时生效。")
    for status, colour in COLOURS.items()
)

BY_KEY = {setting.key: setting for setting in SETTINGS}
BY_TITLE = {setting.title: setting for setting in (*SETTINGS, *COLOUR_SETTINGS)}


def first_value(key: str) -> Value:
    """Return what a setting is while nobody has set it."""
    return BY_KEY[key].default


def wrong(setting: Setting, value: Value) -> bool:
    """Return whether a value cannot be used for a setting; blank means the first value."""
    return not is_blank(value) and not _FITS[setting.kind](setting, value)


def reread(setting: Setting, text: str) -> Value:
    """Return what a text stands for where a setting wants a number or a day; the text itself where it is neither."""
    try:
        return recalled(setting, half_width(text).strip())
    except ValueError:
        return text


def recalled(setting: Setting, text: str) -> Value:
    """Return the value a line of the journal stands for; what was tampered with stays the text it is."""
    if not text:
        return None
    try:
        if setting.kind is Kind.DATE:
            return date.fromisoformat(text)
        return float(text) if setting.kind in (Kind.YEAR, Kind.DAYS, Kind.POINTS) else text
    except ValueError:
        return text


def _is_colour(_: Setting, value: Value) -> bool:
    text = str(value)
    return len(text) == 7 and text[0] == "#" and all(c in "0123456789abcdefABCDEF" for c in text[1:])


def _between(low: float, high: float, value: Value) -> bool:
    return is_number(value) and isinstance(value, (int, float)) and low <= value <= high


def _whole(low: int, high: int, value: Value) -> bool:
    return isinstance(value, (int, float)) and _between(low, high, value) and value % 1 == 0


_TITLES = frozenset(column.title for column in DEPARTMENT)


def titles_in(text: str) -> list[str]:
    """Return the column names a setting lists."""
    return [one.strip() for one in text.replace("，", "、").replace(",", "、").split("、") if one.strip()]


_FITS: Mapping[Kind, Callable[[Setting, Value], bool]] = {
    Kind.TEXT: lambda _, value: isinstance(value, str),
    Kind.YEAR: lambda _, value: _whole(1990, 2099, value),
    Kind.DATE: lambda _, value: day(value) is not None,
    Kind.DAYS: lambda _, value: _whole(0, 366, value),
    Kind.POINTS: lambda _, value: _between(0, 100, value),
    Kind.COLOUR: _is_colour,
    Kind.CHOICE: lambda setting, value: value in setting.choices,
    Kind.COLUMNS: lambda _, value: isinstance(value, str) and all(one in _TITLES for one in titles_in(value)),
    Kind.TEMPLATE: lambda _, value: isinstance(value, str) and not templates.unknown_names(value),
}


@dataclass(frozen=True)
class Settings:
    """The office's switches: typed access over the values of 设置."""

    values: Mapping[str, Value]
    colours: Mapping[str, str]

    @classmethod
    def of(cls, colours: Mapping[str, str] = COLOURS, **values: Value) -> Settings:
        """Return settings with the given values, the first values standing for the rest."""
        known = {s.key: s.default for s in SETTINGS}
        return cls(known | {key: comparable(value) for key, value in values.items()}, {**COLOURS, **colours})

    @property
    def switches(self) -> dict[str, Value]:
        """Return every value of 设置 by its name, the colours among them."""
        values = {one.title: self.values[one.key] for one in SETTINGS}
        return values | {one.title: self.colours[one.key] for one in COLOUR_SETTINGS}

    def with_switch(self, title: str, value: Value) -> Settings:
        """Return the settings with one changed by its name; blank puts its first value back."""
        setting = BY_TITLE[title]
        wanted = setting.default if is_blank(value) else value
        if setting.kind is Kind.COLOUR:
            return Settings(self.values, {**self.colours, setting.key: str(wanted)})
        return Settings({**self.values, setting.key: wanted}, self.colours)

    def text(self, key: str) -> str:
        """Return a setting that holds words."""
        return str(self.values[key] or "")

    def number(self, key: str) -> float:
        """Return a setting that holds a number."""
        value = self.values[key]
        assert isinstance(value, (int, float)), key
        return float(value)

    @property
    def year(self) -> int:
        """Return the ledger's 年度."""
        return int(self.number("year"))
