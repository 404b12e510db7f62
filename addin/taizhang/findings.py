"""What a clerk can mend: the catalogue of findings, and one finding.

A finding says the place first, then what is wrong, then what to do. Only *cell* rules
of severity 错误 can make a returned cell invalid (`merge.md`, Disposition).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from taizhang.values import Value, shown


class Severity(Enum):
    """How much a finding matters."""

    ERROR = "错误"
    REMINDER = "提醒"


@dataclass(frozen=True)
class Rule:
    """One line of the catalogue; `about_cell` marks rules that look at one cell alone."""

    severity: Severity
    message: str
    remedy: str
    about_cell: bool = False


_ERROR, _REMINDER = Severity.ERROR, Severity.REMINDER


class Code(Enum):
    """The catalogue: stable code, severity, message and remedy."""

    # 单元格
    NOT_PERCENT = "E101"
    PERCENT_RANGE = "E102"
    NOT_DATE = "E103"
    NOT_NUMBER = "E104"
    NOT_CHOICE = "E105"
    TOO_LONG = "E106"
    ERROR_CELL = "E107"
    # 导入
    NO_MISSING = "T201"
    NO_REPEATED = "T202"
    TASKS_ALIKE = "T203"
    NO_TARGET = "T204"
    NOT_TAKEN = "T205"
    # 时限
    DEADLINE_UNKNOWN = "T301"
    # 单位
    NAME_UNKNOWN = "T401"
    NAMES_ALIKE = "T402"
    INNER_OFFICE = "T403"
    AND_OTHERS = "T404"
    EVERYONE = "T405"
    NO_LEAD = "T406"
    # 回收
    ROW_UNKNOWN = "H501"
    ROW_MISSING = "H502"
    ROW_REPEATED = "H503"
    COLUMN_MISSING = "H504"
    COLUMN_EXTRA = "H505"
    LEAD_MOVED = "H506"
    # 联合牵头
    COMPOSED_EDITED = "L601"


CATALOGUE: Mapping[Code, Rule] = {
    Code.NOT_PERCENT: Rule(_ERROR, "“{value}”不是百分比", "请填 0% 到 100% 之间的数，例如 60%", True),
    Code.PERCENT_RANGE: Rule(_ERROR, "“{value}”不在 0% 到 100% 之间", "请填 0% 到 100% 之间的数，例如 60%", True),
    Code.NOT_DATE: Rule(_ERROR, "“{value}”不是具体日期", "请填到日，例如 2020-09-15", True),
    Code.NOT_NUMBER: Rule(_ERROR, "“{value}”不是整数", "请填整数", True),
    Code.NOT_CHOICE: Rule(_ERROR, "“{value}”不在可选范围内", "请从下拉列表中选择：{choices}", True),
    Code.TOO_LONG: Rule(_ERROR, "文字有{length}个，超过{limit}个", "请压缩到{limit}字以内，详情放入佐证材料", True),
    Code.ERROR_CELL: Rule(_ERROR, "单元格是错误值“{value}”", "请改填实际内容", True),
    Code.NO_MISSING: Rule(_REMINDER, "{value}号空缺", "请核对原通知：确系跳号的不必处理，漏读的请补录"),
    Code.NO_REPEATED: Rule(_ERROR, "{value}号出现不止一次", "请改成不重复的序号"),
    Code.TASKS_ALIKE: Rule(_REMINDER, "与序号{other}的任务内容相近", "请核对是否重复立项；确属两项的不必处理"),
    Code.NO_TARGET: Rule(_ERROR, "没有任务内容", "请补上目标任务"),
    Code.NOT_TAKEN: Rule(_REMINDER, "“{value}”列没有读入台账", "需要的，请在台账中补填"),
    Code.DEADLINE_UNKNOWN: Rule(
        _ERROR, "时限“{value}”不能识别", "请改用字典中的用语（如 6月底、持续推进），或在字典中补一行"
    ),
    Code.NAME_UNKNOWN: Rule(_ERROR, "单位名录中没有“{value}”", "请改用名录中的名称，或在单位名录中增加该单位或别名"),
    Code.NAMES_ALIKE: Rule(
        _REMINDER, "“{value}”与“{other}”名称相近", "请核对是否同一单位；是的，请统一名称并在单位名录中登记别名"
    ),
    Code.INNER_OFFICE: Rule(_REMINDER, "“{value}”带有内设机构，按“{other}”处理", "请确认由“{other}”统一报送"),
    Code.AND_OTHERS: Rule(_REMINDER, "“{value}”范围不明确", "能明确的，请把单位逐个列出"),
    Code.EVERYONE: Rule(_REMINDER, "“{value}”泛指所有单位", "能明确的，请把单位逐个列出"),
    Code.NO_LEAD: Rule(_ERROR, "没有牵头部门", "请填写牵头部门，否则无法下发"),
    Code.ROW_UNKNOWN: Rule(
        _REMINDER, "交回的这一行不在下发清单中：{value}", "请核实；确需新增的，由营商办在台账中立项"
    ),
    Code.ROW_MISSING: Rule(_REMINDER, "下发过的这一行没有交回", "请向该部门核实；台账内容保持不变"),
    Code.ROW_REPEATED: Rule(_REMINDER, "同一任务在文件中出现{value}次", "请向该部门核实以哪一行为准"),
    Code.COLUMN_MISSING: Rule(
        _REMINDER, "交回的表缺少“{value}”列", "该列不参与对账，台账内容保持不变；请提醒部门不要删列、改表头"
    ),
    Code.COLUMN_EXTRA: Rule(
        _REMINDER, "交回的表多出“{value}”列", "其内容列在合并结果的待定行中，不会并入台账；请核对是不是改了表头"
    ),
    Code.LEAD_MOVED: Rule(_REMINDER, "该任务已改由{value}牵头", "请核实后处理；上报内容已保留在清单中"),
    Code.COMPOSED_EDITED: Rule(
        _REMINDER,
        "这一格由各牵头部门的上报汇成，手工填写的“{value}”已恢复为汇成值",
        "请在“联合牵头上报”表中修改；原来填的内容记在变更记录中",
    ),
}


@dataclass(frozen=True)
class Finding:
    """One fault or reminder: its code, where it is, and what is there."""

    code: Code
    sheet: str = ""
    cell: str = ""
    no: Value = None
    task: str = ""
    column: str = ""
    value: Value = None
    facts: Mapping[str, object] = field(default_factory=dict)
    suggestion: str = ""

    @property
    def rule(self) -> Rule:
        """Return the catalogue's line for this finding."""
        return CATALOGUE[self.code]

    @property
    def message(self) -> str:
        """Return the sentence a clerk reads: place, fault, remedy, and a suggestion if there is one."""
        facts = {"value": shown(self.value) or "（空）", **self.facts}
        fault = self.rule.message.format(**facts)
        remedy = self.rule.remedy.format(**facts)
        where = f"{self.place}：" if self.place else ""
        return f"{where}{fault}。{remedy}。{self.suggestion}"

    @property
    def place(self) -> str:
        """Return where it is, in a clerk's words: sheet, cell, 序号, column."""
        parts = (
            f"“{self.sheet}”" if self.sheet else "",
            self.cell,
            f"序号{shown(self.no)}" if self.no is not None else "",
            self.column,
        )
        return " ".join(part for part in parts if part)

    def as_json(self) -> dict[str, object]:
        """Return the form `check --json` prints (`cli.md`)."""
        return {
            "code": self.code.value,
            "severity": self.rule.severity.value,
            "sheet": self.sheet,
            "cell": self.cell,
            "no": self.no,
            "task": self.task,
            "column": self.column,
            "value": shown(self.value),
            "message": self.message,
            "suggestion": self.suggestion,
        }
