"""What a clerk can mend: the catalogue of findings, and one finding.

A finding says the place first, then what is wrong, then what to do. Only *cell* rules
of severity 错误 can make a returned cell invalid (`merge.md`, Disposition).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, unique

from taizhang.places import Place, position
from taizhang.values import Value, shortened, shown


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

    @property
    def invalidates(self) -> bool:
        """Return whether breaking the rule makes a returned cell 无效 in merge."""
        return self.about_cell and self.severity is Severity.ERROR


_ERROR, _REMINDER = Severity.ERROR, Severity.REMINDER
_QUOTED = 60  # characters of a cell that a sentence quotes


@unique
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
    AS_TEXT = "E108"
    LEADING_SIGN = "E109"
    UNSEEN = "E110"
    LINE_BREAK = "E111"
    ONLY_SPACES = "E112"
    HOLLOW = "E113"
    UNTIDY = "E114"
    PHONE = "E115"
    FORMULA_TYPED = "E116"
    NOT_CALCULATED = "E117"
    ONE_OR_ALL = "E118"
    NOT_AMOUNT = "E119"
    RATE_UNCLEAR = "E120"
    # 行内
    REQUIRED = "E201"
    NO_REPORT_DAY = "E202"
    DONE_NOT_FULL = "E203"
    FULL_NOT_DATED = "E204"
    NO_EVIDENCE = "E205"
    PERCENT_FELL = "E206"
    BEFORE_YEAR = "E207"
    AFTER_AS_OF = "E208"
    DAY_NOT_RENEWED = "E209"
    NO_ANSWER = "E210"
    # 任务
    NO_MISSING = "T201"
    NO_REPEATED = "T202"
    TASKS_ALIKE = "T203"
    NO_TARGET = "T204"
    NOT_TAKEN = "T205"
    TARGET_EDITED = "T206"
    CATEGORY_BROKEN = "T207"
    CHANGE_PROPOSED = "T208"
    ITEM_LOOSE = "T209"
    ITEM_LEADS = "T210"
    # 时限
    DEADLINE_UNKNOWN = "T301"
    EXTENDED_BACK = "T302"
    NO_EXTENSION_NOTE = "T303"
    NO_EXTENDED_TO = "T304"
    # 单位
    NAME_UNKNOWN = "T401"
    NAMES_ALIKE = "T402"
    INNER_OFFICE = "T403"
    AND_OTHERS = "T404"
    EVERYONE = "T405"
    NO_LEAD = "T406"
    ALIAS = "T407"
    ALIAS_SHARED = "T408"
    NAME_REPEATED = "T409"
    NAME_TWICE = "T410"
    EMAIL_MALFORMED = "T411"
    EMAIL_SHARED = "T412"
    EMAIL_MISSING = "T413"
    # 回收
    ROW_UNKNOWN = "H501"
    ROW_MISSING = "H502"
    ROW_REPEATED = "H503"
    COLUMN_MISSING = "H504"
    COLUMN_EXTRA = "H505"
    LEAD_MOVED = "H506"
    LOCKED_EDITED = "H507"
    STRANGER = "H508"
    MISMATCH = "H509"
    ROW_LOST = "H510"
    BASE_MISSING = "H511"
    FAR_AWAY = "H512"
    NO_TICKET = "H513"
    OTHER_TABLE = "H514"
    ROW_CROSSED = "H515"
    # 台账
    COMPOSED_EDITED = "L601"
    CODE_MISSING = "L602"
    CODE_REPEATED = "L603"
    FORMULA_LOST = "L604"
    ROW_STRAY = "L605"
    ROW_BEYOND = "L606"
    CELL_STRAY = "L607"
    ROWS_HIDDEN = "L608"
    COLUMNS_HIDDEN = "L609"
    MERGED = "L610"
    RULE_LOST = "L611"
    SHEET_MISSING = "L612"
    HEADER_MISSING = "L613"
    SETTING_WRONG = "L614"
    JOINT_ROW_REPEATED = "L615"
    JOINT_ROW_STRAY = "L616"
    RECORD_BROKEN = "L617"
    TASK_GONE = "L618"
    WRITE_UNFINISHED = "L619"
    WORDINGS_STALE = "L620"


CATALOGUE: Mapping[Code, Rule] = {
    Code.NOT_PERCENT: Rule(_ERROR, "“{value}”不是百分比", "请填 0% 到 100% 之间的数，例如 60%", True),
    Code.PERCENT_RANGE: Rule(_ERROR, "“{value}”不在 0% 到 100% 之间", "请填 0% 到 100% 之间的数，例如 60%", True),
    Code.NOT_DATE: Rule(_ERROR, "“{value}”不是具体日期", "请填到日，例如 2020-09-15", True),
    Code.NOT_NUMBER: Rule(_ERROR, "“{value}”不是正整数", "请填正整数", True),
    Code.NOT_CHOICE: Rule(_ERROR, "“{value}”不在可选范围内", "请从下拉列表中选择：{choices}", True),
    Code.TOO_LONG: Rule(_ERROR, "文字有{length}字，超过{limit}字", "请压缩到{limit}字以内，详情放入佐证材料", True),
    Code.ERROR_CELL: Rule(_ERROR, "单元格是错误值“{value}”", "请改填实际内容", True),
    Code.NOT_CALCULATED: Rule(
        _ERROR, "公式没有保存计算结果，读不出内容", "请在 Excel 或 WPS 中打开并保存后重新交回，或直接填写内容", True
    ),
    Code.ONE_OR_ALL: Rule(
        _ERROR, "完成率写的是“1”，分不清是 1% 还是 100%", "请向部门核实，在“另行填写”中填 1% 或 100%", True
    ),
    Code.NOT_AMOUNT: Rule(
        _ERROR, "“{value}”不是数", "请只填数字，不带文字和计量单位；百分比写成带 % 的，例如 96%", True
    ),
    Code.RATE_UNCLEAR: Rule(
        _ERROR, "计量单位是 %，填的是“{value}”，分不清是百分之几还是几倍", "请写成带 % 的，例如 96%", True
    ),
    Code.AS_TEXT: Rule(_ERROR, "“{value}”是文字，公式和统计算不了", "请删去后重新填写，应为{wanted}"),
    Code.LEADING_SIGN: Rule(
        _REMINDER, "文字以“{sign}”开头，容易被当成公式", "请去掉开头的“{sign}”，或在前面加上文字", True
    ),
    Code.UNSEEN: Rule(_REMINDER, "夹有{count}个看不见的字符", "请删去这些字符，或把这一格重新填写一遍", True),
    Code.LINE_BREAK: Rule(_REMINDER, "夹有换行", "这一列只填一行，请去掉换行", True),
    Code.ONLY_SPACES: Rule(_REMINDER, "只有空格，等于没有填", "请填写内容，或清空这一格", True),
    Code.HOLLOW: Rule(_REMINDER, "“{value}”没有实际内容", "请写明具体情况"),
    Code.UNTIDY: Rule(_REMINDER, "前后有空格，或夹有全角的数字、字母", "请改成“{wanted}”", True),
    Code.PHONE: Rule(
        _REMINDER, "“{value}”不像电话号码", "请填11位手机号，或区号加号码，例如 0595-87991234；多个号码用顿号分隔", True
    ),
    Code.FORMULA_TYPED: Rule(
        _REMINDER, "这一格填的是公式", "请改填内容本身；下发和合并时只取公式当时显示的值“{value}”"
    ),
    Code.REQUIRED: Rule(_ERROR, "没有填", "这一列每行都要有，请补上"),
    Code.NO_REPORT_DAY: Rule(_ERROR, "填了内容，却没有填报日期", "请填本次填报的日期，否则会被当作没有填报"),
    Code.DONE_NOT_FULL: Rule(
        _ERROR, "填了完成日期，完成率却是“{value}”", "确已完成的，请把完成率改为 100%；没有完成的，请清空完成日期"
    ),
    Code.FULL_NOT_DATED: Rule(_ERROR, "完成率是 100%，却没有完成日期", "请补上完成日期；没有全部完成的，请改低完成率"),
    Code.NO_EVIDENCE: Rule(_ERROR, "已报完成，却没有佐证材料", "请填写佐证材料的文件名称、文号或网址"),
    Code.PERCENT_FELL: Rule(
        _REMINDER, "完成率从上次的{before}降到{value}", "请核对；确需调低的，请在进展情况中说明原因"
    ),
    Code.BEFORE_YEAR: Rule(_REMINDER, "“{value}”早于{year}年度", "请核对年份"),
    Code.AFTER_AS_OF: Rule(_ERROR, "“{value}”晚于统计日期{as_of}", "请核对日期；还没有发生的，请先不填"),
    Code.DAY_NOT_RENEWED: Rule(
        _REMINDER, "内容有改动，填报日期还是“{value}”", "请改成本次填报的日期，否则会被当作没有填报"
    ),
    Code.NO_ANSWER: Rule(_REMINDER, "有整改要求，却没有整改答复", "请对照整改要求逐条答复"),
    Code.NO_MISSING: Rule(_REMINDER, "{value}号空缺", "请核对原通知：确系跳号的不用处理，漏读的请补录"),
    Code.NO_REPEATED: Rule(_ERROR, "{value}号出现不止一次", "请改成不重复的序号"),
    Code.TASKS_ALIKE: Rule(_REMINDER, "与序号{other}的任务内容相近", "请核对是否重复立项；确属两项的不用处理"),
    Code.NO_TARGET: Rule(_ERROR, "没有任务内容", "请补上目标任务"),
    Code.NOT_TAKEN: Rule(_REMINDER, "“{value}”列没有读入台账", "需要的，请在台账中补填"),
    Code.CHANGE_PROPOSED: Rule(
        _REMINDER,
        "补充通知中是“{value}”，台账中是“{now}”",
        "同意改的，请用“任务调整”修改并写明理由；不改的不用处理",
    ),
    Code.ITEM_LOOSE: Rule(_ERROR, "认不出属于哪一项任务", "请填“工作台账”中的任务序号；序号有重复的，请先改成不重复的"),
    Code.ITEM_LEADS: Rule(
        _ERROR, "写了{count}个单位，只会发给“{value}”", "请只留一个单位；要几个单位分别填的，请分成几行"
    ),
    Code.TARGET_EDITED: Rule(_REMINDER, "任务内容与导入的通知不一致", "请核对是否有意改动；原文可在“变更记录”中查到"),
    Code.CATEGORY_BROKEN: Rule(
        _REMINDER, "“{value}”的任务没有排在一起，另有{where}", "请把同一类别的行排到一起；确需分开的不用处理"
    ),
    Code.DEADLINE_UNKNOWN: Rule(
        _ERROR, "时限“{value}”不能识别", "请改用字典中的用语（如 6月底、持续推进），或在字典中补一行"
    ),
    Code.EXTENDED_BACK: Rule(_ERROR, "延期至{value}，没有晚于截止日期{due}", "请核对日期；不需要延期的，请清空这一格"),
    Code.NO_EXTENSION_NOTE: Rule(_ERROR, "填了延期至，却没有延期说明", "请写明延期的理由和批准依据"),
    Code.NO_EXTENDED_TO: Rule(
        _REMINDER, "有延期说明，却没有延期至", "请填新的截止日期；没有批准延期的，请清空延期说明"
    ),
    Code.NAME_UNKNOWN: Rule(_ERROR, "单位名录中没有“{value}”", "请改用名录中的名称，或在单位名录中增加该单位或别名"),
    Code.NAMES_ALIKE: Rule(
        _REMINDER, "“{value}”与“{other}”名称相近", "请核对是否同一单位；是的，请统一名称并在单位名录中登记别名"
    ),
    Code.INNER_OFFICE: Rule(_REMINDER, "“{value}”带有内设机构，按“{other}”处理", "请确认由“{other}”统一报送"),
    Code.AND_OTHERS: Rule(_REMINDER, "“{value}”范围不明确", "能明确的，请把单位逐个列出"),
    Code.EVERYONE: Rule(_REMINDER, "“{value}”泛指所有单位", "能明确的，请把单位逐个列出"),
    Code.NO_LEAD: Rule(_ERROR, "没有牵头部门", "请填写牵头部门，否则无法下发"),
    Code.ALIAS: Rule(_REMINDER, "“{value}”用的是别名", "不影响下发和统计；要统一的，请改成规范名称"),
    Code.ALIAS_SHARED: Rule(_ERROR, "别名“{value}”同时写在“{other}”名下", "请只留在一个单位名下，否则认不出指的是谁"),
    Code.NAME_REPEATED: Rule(_ERROR, "“{value}”在名录中出现不止一次", "请合并成一行"),
    Code.NAME_TWICE: Rule(_REMINDER, "“{value}”写了两遍", "请删去一处"),
    Code.EMAIL_MALFORMED: Rule(_ERROR, "“{value}”不是邮箱地址", "请只写地址，几个地址用顿号分隔"),
    Code.EMAIL_SHARED: Rule(
        _REMINDER, "“{value}”同时是“{other}”的邮箱", "请核对；各有邮箱的请分开填，合用一个的不用处理"
    ),
    Code.EMAIL_MISSING: Rule(_REMINDER, "没有填邮箱，发不了邮件", "请在单位名录中补上，再做一次"),
    Code.ROW_UNKNOWN: Rule(_REMINDER, "这一行不在下发清单中：{value}", "请核实；确需新增的，由营商办在台账中立项"),
    Code.ROW_MISSING: Rule(_REMINDER, "下发过的这一行没有交回", "请向该部门核实；台账内容保持不变"),
    Code.ROW_REPEATED: Rule(_REMINDER, "同一任务在文件中出现{value}次", "请核实以哪一行为准"),
    Code.COLUMN_MISSING: Rule(_REMINDER, "缺少“{value}”列", "该列不参与对账，台账内容保持不变；请恢复这一列的表头"),
    Code.COLUMN_EXTRA: Rule(_REMINDER, "多出“{value}”列", "合并时其内容列为待定行，不会并入台账；请核对是不是改了表头"),
    Code.LEAD_MOVED: Rule(_REMINDER, "该任务已改由{value}牵头", "请核实后处理；上报内容列在“合并结果”中"),
    Code.LOCKED_EDITED: Rule(
        _REMINDER, "这一列由营商办填写，改动不会被采纳", "请恢复为“{wanted}”；有不同意见的，请写在“任务调整意见”列"
    ),
    Code.STRANGER: Rule(_REMINDER, "这一行来自不是本台账下发的文件", "请核实来源；需要的内容请自行填入台账"),
    Code.MISMATCH: Rule(
        _REMINDER,
        "文件的单位不一致：{value}",
        "请向该部门核实是谁填的；确是该部门填的，请把文件名里的单位名称改对或去掉，再合并一次；不是的，需要的内容请自行填入台账",
    ),
    Code.ROW_LOST: Rule(_REMINDER, "下发的这一行不见了", "请从收到的原文件中找回这一行"),
    Code.NO_TICKET: Rule(
        _REMINDER,
        "没有批次标识，按{by}认作“{value}”交回批次 {batch} 的",
        "请核对是不是这个单位；不是的，请在文件名中写上单位名称后重新合并",
    ),
    Code.ROW_CROSSED: Rule(
        _REMINDER,
        "任务编码是{code}的，序号和目标任务却是另一项的：{value}",
        "请向该部门核实，可能是排序时漏了隐藏的编码列；请部门改好后重新交回",
    ),
    Code.OTHER_TABLE: Rule(
        _REMINDER,
        "工作表“{value}”里也有任务表，没有读取",
        "请打开文件看一看填在哪一张；填在这一张的，请部门只留这一张后重新交回",
    ),
    Code.FAR_AWAY: Rule(
        _REMINDER, "离任务表很远的地方还有内容（{value}），没有读取", "请打开文件看一看；需要的内容请填到任务表里"
    ),
    Code.BASE_MISSING: Rule(
        _REMINDER, "缺少随表下发的底稿，只能逐格检查", "请在收到的原文件上填写；看不见的工作表不要删除"
    ),
    Code.COMPOSED_EDITED: Rule(
        _REMINDER,
        "“{value}”与各牵头部门上报汇成的结果不一致",
        "请在“联合牵头上报”表中修改，不要直接填在这里；下次写入台账时重新汇成，这里原来的内容记入变更记录",
    ),
    Code.CODE_MISSING: Rule(_REMINDER, "还没有任务编码", "请不要自己编，下次写入台账时会自动补上"),
    Code.CODE_REPEATED: Rule(
        _ERROR,
        "任务编码“{value}”与第{other}行重复",
        "请取消隐藏任务编码列，清空新增那一行的任务编码，编码会自动补上",
    ),
    Code.FORMULA_LOST: Rule(_ERROR, "{rows}公式{how}", "请不要手工填写；下次写入台账时会恢复公式"),
    Code.ROW_STRAY: Rule(
        _ERROR, "这一行没有目标任务和任务编码，不算作任务", "请补上目标任务；不是任务的，请移到别的表"
    ),
    Code.ROW_BEYOND: Rule(
        _REMINDER, "{rows}的任务在筛选范围之外", "请取消筛选，再选中表头重新筛选，否则筛选、排序时会漏掉"
    ),
    Code.CELL_STRAY: Rule(_REMINDER, "表格以外有内容“{value}”", "请移到备注列或别的表；要增加一列的，请写上表头"),
    Code.ROWS_HIDDEN: Rule(_REMINDER, "{rows}没有显示出来", "请{how}，以免漏看、漏填"),
    Code.COLUMNS_HIDDEN: Rule(_REMINDER, "“{value}”列被隐藏", "请取消隐藏，以免漏看、漏填"),
    Code.MERGED: Rule(_ERROR, "{value}是合并单元格，只有左上角一格算有内容", "请取消合并，每一格都填上"),
    Code.RULE_LOST: Rule(
        _REMINDER,
        "{rows}的填写限制没有了，多半是粘贴时覆盖的",
        "请复制同一列中正常的单元格，用“选择性粘贴—验证”贴到这里；以后请粘贴为数值",
    ),
    Code.SHEET_MISSING: Rule(
        _ERROR, "缺少“{value}”表", "请把表名改回来；找不到的，请从“备份”文件夹取回最近一份完整的台账"
    ),
    Code.HEADER_MISSING: Rule(_ERROR, "缺少“{value}”列", "请恢复该列的表头"),
    Code.SETTING_WRONG: Rule(_ERROR, "“{name}”的值“{value}”不能用", "请改为{wanted}"),
    Code.JOINT_ROW_REPEATED: Rule(_ERROR, "与第{other}行是同一任务、同一单位", "请合并内容，删去多余的一行"),
    Code.JOINT_ROW_STRAY: Rule(
        _REMINDER,
        "这一行不是现有的联合牵头上报，内容不会汇入台账",
        "请核对任务编码和牵头部门；已改由其他部门牵头的，请核对后删去",
    ),
    Code.TASK_GONE: Rule(
        _ERROR,
        "任务{value}不见了，它的那一行可能被删掉了",
        "请从“备份”文件夹中的台账找回这一行；确实不做的任务请保留，填上取消日期",
    ),
    Code.WRITE_UNFINISHED: Rule(
        _ERROR,
        "{value}没有写完，台账里只写了一部分",
        "请在 Excel 中打开台账，按任一按钮并选“是”恢复；没有 Excel 的，请用这个单元格写明的备份代替这本台账",
    ),
    Code.WORDINGS_STALE: Rule(
        _ERROR,
        "有{count}条时限的日期不是{year}年度的，台账里的截止日期是照它们算的",
        "改了年度，请按“刷新状态”或运行 taizhang status 台账.xlsx --write，日期就改成{year}年度的",
    ),
    Code.RECORD_BROKEN: Rule(_ERROR, "这一行记录读不出来", "请不要改动这张表；请从“备份”文件夹取回最近一份完整的台账"),
}


@dataclass(frozen=True)
class Repair:
    """What a cell certainly should hold instead: the same words, written as the ledger wants them."""

    value: Value


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
    department: str = ""
    repair: Repair | None = None

    @property
    def rule(self) -> Rule:
        """Return the catalogue's line for this finding."""
        return CATALOGUE[self.code]

    @property
    def message(self) -> str:
        """Return the sentence a clerk reads: place, fault, remedy, and a suggestion if there is one."""
        where = f"{self.place}：" if self.place else ""
        return f"{where}{self.fault}。{self.remedy}。{self.suggestion}"

    @property
    def fault(self) -> str:
        """Return what is wrong."""
        return self.rule.message.format(**self._facts)

    @property
    def remedy(self) -> str:
        """Return what to do about it."""
        return self.rule.remedy.format(**self._facts)

    @property
    def _facts(self) -> dict[str, object]:
        said = shortened(shown(self.value).strip(), _QUOTED) or "（空）"
        return {"value": said, **self.facts}

    @property
    def place(self) -> str:
        """Return where it is, in a clerk's words: sheet, cell, 序号, column."""
        parts = (
            f"“{self.sheet}”" if self.sheet else "",
            self.cell,
            f"序号{shown(self.no)}" if self.no is not None else "",
            self.department,
            self.column,
        )
        return " ".join(part for part in parts if part)

    @property
    def at(self) -> Place | None:
        """Return row and column of its cell; column 0 for a row as a whole; None where it names neither."""
        row = _ROW.fullmatch(self.cell)
        return (int(row[1]), 0) if row else position(self.cell)

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


_ROW = re.compile(r"第(\d+)行")
_STRUCTURAL = frozenset({Code.SHEET_MISSING, Code.HEADER_MISSING})


def in_order(found: Iterable[Finding], sheets: Sequence[str]) -> list[Finding]:
    """Return findings as a clerk works through them: what is missing, then errors, each sheet by sheet, row by row."""
    ranks = {name: rank for rank, name in reversed(list(enumerate(sheets)))}

    def key(one: Finding) -> tuple[bool, bool, int, Place, str]:
        reminder = one.rule.severity is not Severity.ERROR
        whole = one.code in _STRUCTURAL  # what else is told may only follow from it
        return not whole, reminder, ranks.get(one.sheet, len(ranks)), one.at or (0, 0), one.code.value

    return sorted(found, key=key)


def asked(near: Sequence[str]) -> str:
    """Return the question a suggestion is: nothing is ever put in for what nobody said."""
    return f"是否为{'或'.join(f'“{found}”' for found in near)}？" if near else ""
