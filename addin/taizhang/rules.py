"""The status rules, said once: Python computes with them, the workbook's formula is written from them.

Source: `domain.md`, Status. A condition is a small expression, read by `status.holds` and by
`layout.formulas.excel`:

- a bare name says that the cell is filled (with a number or date; text is as good as blank);
- a comparison with a blank is false;
- `and`, `or`, `not`, `+ - /`, `min`, `max`, `round`, `a if c else b` mean what they say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class StatusRule:
    """One status: its name, the group it is counted under, when it holds, its first colour, and what it means."""

    status: str
    group: str
    when: str
    colour: str = ""
    meaning: str = ""


NOT_COUNTED, DONE, ATTENTION, OVERDUE, NORMAL = "不计入", "已办结", "需关注", "逾期", "正常"
GROUPS = (DONE, NORMAL, ATTENTION, OVERDUE, NOT_COUNTED)

# First that holds.
STATUS_RULES: tuple[StatusRule, ...] = (
    StatusRule("已取消", NOT_COUNTED, "cancelled_on <= as_of", "#D9D9D9", "已取消，不计入统计"),
    StatusRule("已销号", DONE, "closed_on <= as_of", "#A9D08E", "营商办已核实销号"),
    StatusRule(
        "待销号",
        DONE,
        "(done_on <= as_of or percent >= 1 and not done_on) and (not returned_on or reported_on > returned_on)",
        "#C6E0B4",
        "部门报告完成，等营商办核实销号",
    ),
    StatusRule(
        "时限不明", ATTENTION, "not due and not ongoing and not extended_to", "#D9C3E8", "完成时限没有填，或不能识别"
    ),
    StatusRule(
        "更新滞后",
        ATTENTION,
        "ongoing and not previous_start <= reported_on <= as_of",
        "#FFE699",
        "持续推进的事项，上一期以来没有填报",
    ),
    StatusRule("持续推进", NORMAL, "ongoing", "#DDEBF7", "持续推进，填报正常"),
    StatusRule("逾期", OVERDUE, "as_of > effective_due", "#FF7C80", "过了截止日期仍未完成"),
    StatusRule("临期", ATTENTION, "effective_due - as_of <= warn_days", "#FFD966", "快到截止日期"),
    StatusRule("滞后", ATTENTION, "round(percent - time_share + tolerance, 6) < 0", "#F8CBAD", "完成率落后于序时进度"),
    StatusRule("正常推进", NORMAL, "True", "#E2EFDA", "按进度推进"),
)

REPORT_RULES: tuple[StatusRule, ...] = (
    StatusRule("从未填报", "", "not reported_on"),
    StatusRule("已报", "", "period_first <= reported_on <= period_last"),
    StatusRule("本旬未报", "", "True"),
)

# Names that stand for an expression over the cells.
DEFINITIONS: Mapping[str, str] = {
    "effective_due": "extended_to if extended_to else due",
    "time_share": "1 if effective_due <= start else max(0, min(1, (as_of - start) / (effective_due - start)))",
}

# Days are counted while the task is open and has a day to be done by.
DAYS_LEFT = "effective_due - as_of"
DAYS_LEFT_WHEN = "not ongoing and effective_due"

# Cells that hold days: a time of day in them does not count.
DAYS = ("cancelled_on", "closed_on", "done_on", "returned_on", "reported_on", "extended_to")
CELLS = (*DAYS, "percent", "due")
LOOKED_UP = ("ongoing", "previous_start")  # from the wording's interval: blank unless the task is ongoing
PARAMETERS = ("as_of", "start", "warn_days", "tolerance", "period_first", "period_last")  # never blank

STATUSES = tuple(rule.status for rule in STATUS_RULES)
GROUP_OF = {rule.status: rule.group for rule in STATUS_RULES}
CLOSED_GROUPS = frozenset({DONE, NOT_COUNTED})
CANCELLED, CLOSED, REPORTED_DONE = STATUSES[0], STATUSES[1], STATUSES[2]
UNCLEAR, STALE, ONGOING, LATE, DUE_SOON, BEHIND, ON_TRACK = STATUSES[3:]
NEVER_REPORTED, REPORTED, SILENT = (rule.status for rule in REPORT_RULES)
