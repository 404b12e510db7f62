"""Write the manual's tables from the code: `python docs/tables.py`. A test fails when one is stale."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path

from taizhang.actions import Context, new
from taizhang.checking import check
from taizhang.columns import COLUMNS
from taizhang.findings import CATALOGUE, Code, Finding
from taizhang.merge import Disposition, explained
from taizhang.rules import STATUS_RULES
from taizhang.settings import SETTINGS
from taizhang.values import shown

MANUAL = Path(__file__).parent / "用户手册.md"


def columns() -> str:
    """Return who fills each column of 工作台账 and what it holds."""
    return table(("列", "谁来填", "内容", "要求"), ((c.title, c.owner.value, c.kind.value, c.prompt) for c in COLUMNS))


def statuses() -> str:
    """Return the statuses in the order they are tried, with group and meaning."""
    rows = ((str(n), rule.status, rule.group, rule.meaning) for n, rule in enumerate(STATUS_RULES, 1))
    return table(("次序", "状态", "归类", "含义"), rows)


def dispositions() -> str:
    """Return what can become of a returned cell."""
    return table(("去向", "说明"), ((kind.value, explained(kind)) for kind in Disposition))


def findings() -> str:
    """Return the catalogue of findings."""
    rows = (
        (
            code.value,
            rule.severity.value,
            "无效" if rule.invalidates else "",
            plain(rule.message),
            plain(rule.remedy),
        )
        for code, rule in CATALOGUE.items()
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


def _first(item: tuple[Code, list[Finding]]) -> str:
    return item[0].value


def _rows_named(found: Iterable[Finding]) -> str:
    return "、".join(dict.fromkeys(shown(one.no) for one in found if one.no is not None)) or "—"


def settings() -> str:
    """Return the switches of 设置 with their first values."""
    return table(("名称", "初始值", "作用"), ((s.title, shown(s.default) or "（空）", s.help) for s in SETTINGS))


TABLES: Mapping[str, Callable[[], str]] = {
    "列": columns,
    "状态": statuses,
    "去向": dispositions,
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
        marked = re.compile(f"(<!-- 表：{name} -->\n).*?(<!-- 表完 -->)", re.S)
        if not marked.search(manual):
            raise ValueError(f"用户手册.md 中没有标记“表：{name}”")
        manual = marked.sub(lambda found, made=made: f"{found[1]}{made()}\n{found[2]}", manual)
    return manual


if __name__ == "__main__":
    MANUAL.write_text(refreshed(MANUAL.read_text(encoding="utf-8")), encoding="utf-8")
