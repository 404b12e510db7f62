"""The sheets beside 工作台账: their names, order and columns, declared once."""

from __future__ import annotations

from dataclasses import dataclass

from taizhang.columns import BY_KEY, DEPARTMENT, INDICATORS, PROBLEMS, SENT, TASKS

LEDGER, INDICATORS_SHEET, PROBLEMS_SHEET = TASKS.sheet, INDICATORS.sheet, PROBLEMS.sheet
GUIDE, SUMMARY, SCORES = "填表说明", "汇总", "成绩单"
NAMES, WORDINGS, SETTINGS, CHECKS = "单位名录", "字典", "设置", "校验结果"
RESULTS, STATEMENT, JOINT, JOURNAL = "合并结果", "对账单", "联合牵头上报", "变更记录"
SENT_LOG, BASE, RETURNS, RECEIVED, CHOICES = "下发记录", "下发底稿", "回收底稿", "回收文件", "选项"
SEEN, POSTS = "汇总底稿", "发送记录"
BY_PERIOD, BY_DEPARTMENT, LEFT_OUT, COUNTED = "各旬", "各单位", "未汇总", "已汇总"
SUPPORTING, RAISED, TICKET, SNAPSHOTS = "配合事项", "已提问题", "下发标识", "旬快照"

# Tabs stand in this order; a sheet exists once something fills it.
ORDER = (
    *(GUIDE, LEDGER, SUMMARY, SCORES, NAMES, WORDINGS, SETTINGS, CHECKS, RESULTS, STATEMENT, JOINT, JOURNAL),
    *(SNAPSHOTS, INDICATORS_SHEET, PROBLEMS_SHEET, SENT_LOG, POSTS, CHOICES, BASE, RETURNS, RECEIVED, SEEN),
)


@dataclass(frozen=True)
class Field:
    """One column of a table: key in code, header, width in characters, look of its cells."""

    key: str
    title: str
    width: float = 12
    style: str = "words"
    optional: bool = False  # ledgers made before it was there are sound without it
    hidden: bool = False  # for programs alone: it is neither shown nor printed


@dataclass(frozen=True)
class Table:
    """A sheet that is one table: where its header stands and what its columns are."""

    sheet: str
    fields: tuple[Field, ...]
    header_row: int = 3

    @property
    def titles(self) -> tuple[str, ...]:
        """Return the headers, in order."""
        return tuple(field.title for field in self.fields)

    @property
    def hidden(self) -> frozenset[int]:
        """Return the column numbers of what a sheet we write does not show."""
        return frozenset(place for place, field in enumerate(self.fields, 1) if field.hidden)

    def place(self, key: str) -> int:
        """Return the column number a key has in a sheet we write."""
        return next(place for place, field in enumerate(self.fields, 1) if field.key == key)


def borrowed(*keys: str) -> tuple[Field, ...]:
    """Return columns of 工作台账 as columns of another table."""
    from taizhang.styles import style_of

    return tuple(Field(key, BY_KEY[key].title, BY_KEY[key].width, style_of(BY_KEY[key])) for key in keys)


_DEPARTMENT = tuple(column.key for column in DEPARTMENT)
_LONG = "text"

JOINT_TABLE = Table(
    JOINT,
    (*borrowed("code", "no", "target", "deadline"), Field("department", "牵头单位", 16), *borrowed(*_DEPARTMENT)),
)
EMAIL_TITLE = "邮箱"
NAMES_TABLE = Table(
    NAMES,
    (
        Field("name", "单位名称", 28, "text_open"),
        Field("aliases", "别名", 44, "text_open"),
        Field("emails", EMAIL_TITLE, 36, "text_open", optional=True),
    ),
)
WORDINGS_TABLE = Table(
    WORDINGS,
    (
        Field("wording", "时限用语", 20, "words_open"),
        Field("due", "截止日期", 14, "date_open"),
        Field("interval", "报送周期", 12, "words_open"),
        Field("origin", "来源", 14, "words_open"),
    ),
)
SETTINGS_TABLE = Table(
    SETTINGS, (Field("title", "名称", 22), Field("value", "值", 32, "general_open"), Field("help", "说明", 70, _LONG))
)
JOURNAL_TABLE = Table(
    JOURNAL,
    (
        Field("number", "编号", 8, "integer"),
        Field("act", "操作号", 8, "integer"),
        Field("at", "时间", 18),
        Field("operator", "操作人", 12),
        Field("operation", "操作", 12),
        Field("file", "来源文件", 30, _LONG),
        Field("sha256", "文件指纹", 16, _LONG, hidden=True),
        Field("row", "来源行", 7),
        Field("department", "单位", 16),
        Field("task", BY_KEY["code"].title, 14),
        Field("no", BY_KEY["no"].title, 6, "integer"),
        Field("column", "列", 12),
        Field("old", "原值", 36, _LONG),
        Field("new", "新值", 36, _LONG),
        Field("overruled", "未采用的值", 30, _LONG),
        Field("previous", "上条印记", 12, "plain", hidden=True),
        Field("hash", "本条印记", 12, "plain", hidden=True),
    ),
)
SENT_TABLE = Table(
    SENT_LOG,
    (
        Field("batch", "批次", 18),
        Field("period", "旬", 16),
        Field("at", "下发时间", 18),
        Field("department", "单位", 20),
        Field("rows", "任务数", 8, "integer"),
        Field("name", "文件名", 50, _LONG),
        Field("sha256", "文件指纹", 70, _LONG, hidden=True),
    ),
)
POSTS_TABLE = Table(
    POSTS,
    (
        Field("batch", "批次", 22),
        Field("kind", "类别", 8),
        Field("department", "单位", 20),
        Field("to", EMAIL_TITLE, 34, _LONG),
        Field("at", "发送时间", 21),
        Field("outcome", "结果", 10),
        Field("message_id", "邮件编号", 60, _LONG, hidden=True),
        Field("sha256", "文件指纹", 70, _LONG, hidden=True),
    ),
)
SNAPPED = ("percent", "done_on", "reported_on")  # what a snapshot keeps of a lead's report
SNAPSHOT_TABLE = Table(
    SNAPSHOTS,
    (
        Field("period", "旬", 16),
        Field("closed_at", "结旬时间", 21),
        Field("as_of", "统计日期", 12, "date"),
        *borrowed("code", "no"),
        Field("department", "单位", 18),
        *borrowed("status", *SNAPPED),
        Field("due", "应完成日期", 12, "date"),
        Field("turnout", "报送", 8),
    ),
)
BASE_TABLE = Table(
    BASE,
    (
        Field("batch", "批次"),
        Field("code", BY_KEY["code"].title),
        Field("department", "单位"),
        *borrowed(*(column.key for column in (*SENT, *INDICATORS.sent, *PROBLEMS.sent))),
    ),
    header_row=1,
)
RECEIVED_TABLE = Table(
    RECEIVED,
    (
        Field("sha256", "文件指纹"),
        Field("name", "文件名"),
        Field("batch", "批次"),
        Field("department", "单位"),
        Field("received_at", "收到时间"),
        Field("reported_on", BY_KEY["reported_on"].title, style="date"),
        Field("modified_at", "文档修改时间"),
        Field("mailed_at", "邮件时间"),
        Field("rows", "交回任务"),
        Field("columns", "列数"),
        Field("missing", "未交回任务"),
    ),
    header_row=1,
)
RETURNS_TABLE = Table(
    RETURNS,
    (
        Field("sha256", "文件指纹"),
        Field("code", BY_KEY["code"].title),
        Field("row", "行", style="integer"),
        Field("column", "列"),
        Field("back", "上报值"),
        Field("fault", "问题"),
        Field("seen", "预览时台账值"),
        Field("settled", "处理"),
        Field("sheet", "表"),
    ),
    header_row=1,
)
LEFT_TABLE = Table(
    LEFT_OUT,
    (
        Field("file", "文件", 44, _LONG),
        Field("reason", "为什么没有汇总", 44, _LONG),
        Field("remedy", "怎么办", 56, _LONG),
    ),
)
COUNTED_TABLE = Table(
    COUNTED,
    (
        Field("region", "地区", 26),
        Field("period", "旬", 16),
        Field("as_of", "统计日期", 13, "date"),
        Field("tasks", "事项数", 8, "integer"),
        Field("written", "最后一条记录", 22),
        Field("file", "文件", 60, _LONG),
    ),
)
TICKET_TABLE = Table(TICKET, (Field("name", "名称"), Field("value", "值", 40)), header_row=1)
TICKET_KEYS = ("taizhang_ledger", "taizhang_batch", "taizhang_department", "taizhang_format")
FORMAT = 2  # of the files we write; raised when an older program could misread them
