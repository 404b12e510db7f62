"""Joint tasks (联合牵头): how the leads' reports make one row of 工作台账. Source: `merge.md`, Joint tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from taizhang.columns import DEPARTMENT, Column
from taizhang.values import Value, day, is_blank, is_number, shown

Named = tuple[str, Mapping[str, Value]]  # a lead and its report
LOWEST = "最低值"


def composed(reports: Sequence[Named], percent_policy: str) -> dict[str, Value]:
    """Return the composed cells of a joint task, blank ones left out.

    完成率 is the lowest (or the mean, by policy), blank while a lead has not reported; 完成日期
    the latest once all have one; 填报日期 the oldest, blank while one is missing; text is each
    lead's words behind its name, in lead order.
    """
    cells = {column.key: _composed(column, reports, percent_policy) for column in DEPARTMENT}
    return {key: value for key, value in cells.items() if not is_blank(value)}


def _composed(column: Column, reports: Sequence[Named], percent_policy: str) -> Value:
    values = [(name, report.get(column.key)) for name, report in reports]
    match column.key:
        case "percent":
            return _percent([value for _, value in values], percent_policy)
        case "done_on":
            return _when_all(max, [value for _, value in values])
        case "reported_on":
            return _when_all(min, [value for _, value in values])
    return "\n".join(f"{name}：{shown(value)}" for name, value in values if not is_blank(value)) or None


def _percent(values: Sequence[Value], policy: str) -> Value:
    numbers = [float(value) for value in values if is_number(value) and isinstance(value, (int, float))]
    if len(numbers) < len(values):
        return None
    return min(numbers) if policy == LOWEST else round(sum(numbers) / len(numbers), 4)


def _when_all(choose: Callable[[Iterable[date]], date], values: Sequence[Value]) -> date | None:
    days = [found for value in values if (found := day(value)) is not None]
    return choose(days) if len(days) == len(values) else None
