"""Write the manual's tables from the code: `python docs/tables.py`. A test fails when one is stale."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from taizhang.columns import COLUMNS
from taizhang.findings import CATALOGUE
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
        (code.value, rule.severity.value, plain(rule.message), plain(rule.remedy)) for code, rule in CATALOGUE.items()
    )
    return table(("编号", "程度", "问题", "怎么办"), rows)


def settings() -> str:
    """Return the switches of 设置 with their first values."""
    return table(("名称", "初始值", "作用"), ((s.title, shown(s.default) or "（空）", s.help) for s in SETTINGS))


TABLES: Mapping[str, Callable[[], str]] = {
    "列": columns,
    "状态": statuses,
    "去向": dispositions,
    "问题": findings,
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
