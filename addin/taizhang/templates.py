"""Words with gaps: what the office writes once in 设置, and each mail fills in."""

from __future__ import annotations

import re
from collections.abc import Mapping

DEPARTMENT, LEDGER, PERIOD, COUNT, TASKS = "单位", "台账", "旬", "任务数", "任务"
OVERDUE, RETURN_BY, OFFICE, FILE, MISSING = "逾期", "报送期限", "制表单位", "文件", "缺少"
NAMES = (DEPARTMENT, LEDGER, PERIOD, COUNT, TASKS, OVERDUE, RETURN_BY, OFFICE, FILE, MISSING)

_GAP = re.compile(r"\{([^{}\n]*)\}")


def unknown_names(template: str) -> tuple[str, ...]:
    """Return the names between braces that mean nothing, in the order of the words."""
    return tuple(dict.fromkeys(name for name in _GAP.findall(template) if name.strip() not in NAMES))


def filled(template: str, facts: Mapping[str, str]) -> str:
    """Return the words with every gap filled; a line of which nothing is left goes, a blank line stays."""
    lines = []
    for line in template.split("\n"):
        text = _GAP.sub(lambda found: facts.get(found[1].strip(), found[0]), line)
        if text.strip() or not line.strip():
            lines.append(text)
    return "\n".join(lines)
