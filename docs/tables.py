"""Write the tables of manual and README from the code: `python docs/tables.py`. A test fails when one is stale."""

from __future__ import annotations

import csv
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path

from taizhang.actions import Context, new
from taizhang.books.arrivals.containers import is_container
from taizhang.books.arrivals.formats import Format
from taizhang.books.arrivals.readers import can_read
from taizhang.checking import check
from taizhang.columns import COLUMNS, INDICATORS, PROBLEMS, Column
from taizhang.findings import CATALOGUE, Code, Finding
from taizhang.lifecycle import MOVES, Stage
from taizhang.merge import Disposition, explained
from taizhang.rules import STATUS_RULES
from taizhang.settings import SETTINGS
from taizhang.values import shown

ROOT = Path(__file__).parents[1]
MANUAL, README = ROOT / "docs" / "用户手册.md", ROOT / "README.md"
BENCHMARKS = ROOT / "benchmarks"
PEERS = ROOT / "docs" / "peers.csv"


def columns() -> str:
    """Return who fills each column of 工作台账 and what it holds."""
    return _columns(COLUMNS)


def indicators() -> str:
    """Return who fills each column of 指标."""
    return _columns(INDICATORS.columns)


def problems() -> str:
    """Return who fills each column of 问题清单."""
    return _columns(PROBLEMS.columns)


def _columns(listed: Iterable[Column]) -> str:
    return table(("列", "谁来填", "内容", "要求"), ((c.title, c.owner.value, c.kind.value, c.prompt) for c in listed))


def statuses() -> str:
    """Return the statuses in the order they are tried, with group and meaning."""
    rows = ((str(n), rule.status, rule.group, rule.meaning) for n, rule in enumerate(STATUS_RULES, 1))
    return table(("次序", "状态", "归类", "含义"), rows)


def dispositions() -> str:
    """Return what can become of a returned cell."""
    return table(("去向", "说明"), ((kind.value, explained(kind)) for kind in Disposition))


def formats() -> str:
    """Return what becomes of a file of each kind, and how that was tried."""
    return table(("文件", "怎么处理", "怎样试过"), ((kind.value, *_treated(kind)) for kind in Format))


def _treated(kind: Format) -> tuple[str, str]:
    if can_read(kind):
        return "读取、合并", _TRIED[kind]
    if is_container(kind):
        return "拆开，里面的逐个处理（最多三层）", _TRIED[kind]
    if kind.is_attachment:
        return "作为佐证存入“佐证”文件夹；单独交来的，请让部门交回电子表格", "夹在邮件、压缩包、文件夹中各试过"
    return _ELSE.get(kind, "不读取，说明原因和怎么办"), _TRIED.get(kind, "按内容认出")


_BY_OFFICE = "LibreOffice 另存的部门工作簿，合并到相同的单元格；真实文件"
_TRIED: Mapping[Format, str] = {
    Format.XLSX: "部门工作簿的二十几种改法；LibreOffice 另存；真实文件（WPS、腾讯文档、Excel 各版本，含故意做坏的）",
    Format.XLSB: "按格式写出的工作簿（含错误值）；没有试过 Excel 存的真实文件",
    Format.XLS: f"{_BY_OFFICE}（含 WPS 的 .et）",
    Format.ODS: _BY_OFFICE,
    Format.XML: "按格式写出的部门表格，合并到相同的单元格",
    Format.HTML: "按 OA 导出的样子写出的部门表格（GBK），合并到相同的单元格",
    Format.TEXT: "LibreOffice 另存的、UTF-8、UTF-16、GB18030 编码，逗号、制表符、分号分隔，合并到相同的单元格",
    Format.ZIP: "GBK 和 UTF-8 文件名，套三层以内，路径不正常的，压缩炸弹",
    Format.EML: "附件、转发的邮件、四种写法的中文文件名（含不说明编码的）；按标准写出的邮件，没有试过真实邮件",
    Format.MSG: "按格式写出的邮件，含邮件中的邮件；没有试过 Outlook 存的真实邮件",
    Format.ENCRYPTED: "Excel 2007 以后的密码；真实的有密码的 .xlsx、.xls、.ods 都认得出",
}
_ELSE = {
    Format.ENCRYPTED: "给了 --password 的打开后合并（.ods 的密码打不开），没给的说明",
    Format.LOCK_FILE: "跳过，说明不用处理",
}


_COMMAND = re.compile(r"taizhang [ -~]*台账\.xlsx[ -~]*")


def findings() -> str:
    """Return the catalogue of findings, by number: that is what a clerk has in hand."""
    rows = (
        (
            code.value,
            rule.severity.value,
            "无效" if rule.invalidates else "",
            plain(rule.message),
            _COMMAND.sub(r"`\g<0>`", plain(rule.remedy)),
        )
        for code, rule in sorted(CATALOGUE.items(), key=_first)
    )
    return table(("编号", "程度", "交回时", "问题", "怎么办"), rows)


def real_findings() -> str:
    """Return what a check says of the ledger made from the real notice: each code once, with all its rows."""
    found: dict[Code, list[Finding]] = {}
    for one in checked_notice():
        found.setdefault(one.code, []).append(one)
    rows = (
        (code.value, str(len(own)), _rows_named(own), own[0].message) for code, own in sorted(found.items(), key=_first)
    )
    return table(("编号", "条数", "序号", "例如"), rows)


def checked_notice() -> tuple[Finding, ...]:
    """Return the findings of a ledger made from the notice that ships, on the day of the demo."""
    context = Context(datetime(2020, 7, 15, 9), "演示")
    with tempfile.TemporaryDirectory() as folder, as_file(files("taizhang") / "data" / "notice_2020.txt") as notice:
        ledger = Path(folder) / "台账.xlsx"
        new(notice, ledger, context)
        return check(ledger, context).findings


def _first(item: tuple[Code, object]) -> str:
    return item[0].value


def _rows_named(found: Iterable[Finding]) -> str:
    return "、".join(dict.fromkeys(shown(one.no) for one in found if one.no is not None)) or "—"


def settings() -> str:
    """Return the switches of 设置 with their first values."""
    return table(
        ("名称", "初始值", "作用"), ((s.title, _in_cell(shown(s.default)) or "（空）", s.help) for s in SETTINGS)
    )


def _in_cell(text: str) -> str:
    return text.replace("\n", "<br>")


def moves() -> str:
    """Return what may be done to a task at each stage."""
    rows = (
        (move.value, *("可以" if isinstance(after, Stage) else "—" for after in row.values()))
        for move, row in MOVES.items()
    )
    return table(("办理", *(stage.value for stage in Stage)), rows)


# What README says of a target of the benchmarks.
SPEED: Mapping[str, str] = {
    "合并 1,000 个交回的工作簿，与只读出这些文件相比": "merge 1,000 returned workbooks, beside calamine that only reads them",
    "合并 1,000 个交回的工作簿，与用户自己用 pandas 写的相比": "the same beside pandas and openpyxl as a user would write it",
    "增长：1,000 个文件到 4,000 个": "four times as many files cost",
    "合并 4,000 个文件时主进程内存的峰值": "peak memory of the merging process at 4,000 files",
    "就地改写 20,000 行台账的一列，与 openpyxl 打开、修改、保存相比": "one column of 20,000 rows rewritten in place, beside openpyxl",
    "给 300 个部门各生成一个工作簿，与 openpyxl 逐格写出同样的表相比": "workbooks for 300 departments, beside openpyxl cell by cell",
    "status：20,000 行的台账，与只读出“工作台账”相比": "`status` of 20,000 rows, beside calamine that only reads the sheet",
    "check：20,000 行的台账，与只读出“工作台账”相比": "`check` of 20,000 rows, beside the same",
    "启动：taizhang --version": "start, beside importing typer",
}


def speed() -> str:
    """Return the targets and what was last measured, in English: README's."""
    sys.path.append(str(BENCHMARKS))
    from sides import verdicts

    measured = json.loads((BENCHMARKS / "results.json").read_text(encoding="utf-8")).values()
    found = {row[0]: row[1:] for one in measured for row in verdicts(one["printed"])}
    rows = ((said, _number(found[what][0]), found[what][1], found[what][2]) for what, said in SPEED.items())
    return table(
        ("what", "target", "measured", "met"), ((*row[:3], "yes" if row[3] == "yes" else "**no**") for row in rows)
    )


def _number(wanted: str) -> str:
    """Return a target without the name of what it is compared with."""
    return re.sub(r"×.*", "×", wanted)


# How README shows what is known of a peer: looked up, or in brackets what is likely.
SIGNS: Mapping[str, str] = {"Y": "●", "P": "◐", "N": "○", "y": "(●)", "p": "(◐)", "n": "(○)", "-": "–"}


def peers() -> str:
    """Return what other tools can do beside this one, in English: README's."""
    with PEERS.open(encoding="utf-8", newline="") as lines:
        (_, *tools), *rows = csv.reader(lines)
    return table(("", *tools), ((what, *map(_sign, known)) for what, *known in rows))


def _sign(known: str) -> str:
    """Return the sign of a fact, and the word that follows it, if any."""
    letter, *word = known.split()
    return " ".join((SIGNS[letter], *word))


TABLES: Mapping[str, Callable[[], str]] = {
    "列": columns,
    "指标列": indicators,
    "问题列": problems,
    "状态": statuses,
    "去向": dispositions,
    "文件": formats,
    "办理": moves,
    "问题": findings,
    "实例": real_findings,
    "设置": settings,
}


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    head = tuple(head)
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def plain(text: str) -> str:
    """Return a message with its places shown as …."""
    return re.sub(r"\{\w+\}", "…", text)


def refreshed(manual: str) -> str:
    """Return the manual with every marked table written anew."""
    for name, made in TABLES.items():
        manual = _filled(manual, f"<!-- 表：{name} -->", "<!-- 表完 -->", made)
    return manual


def refreshed_readme(text: str) -> str:
    """Return README with its tables written anew."""
    for name, made in {"peers": peers, "speed": speed}.items():
        text = _filled(text, f"<!-- table: {name} -->", "<!-- end -->", made)
    return text


def _filled(text: str, start: str, end: str, made: Callable[[], str]) -> str:
    """Return a text with the table between two marks written anew."""
    marked = re.compile(f"({re.escape(start)}\n).*?({re.escape(end)})", re.S)
    if not marked.search(text):
        raise ValueError(f"no table is marked {start}")
    return marked.sub(lambda found: f"{found[1]}{made()}\n{found[2]}", text)


if __name__ == "__main__":
    README.write_text(refreshed_readme(README.read_text(encoding="utf-8")), encoding="utf-8")
    MANUAL.write_text(refreshed(MANUAL.read_text(encoding="utf-8")), encoding="utf-8")
