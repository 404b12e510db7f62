"""Joint tasks (联合牵头): how the leads' reports make one row of 工作台账. Source: `merge.md`, Joint tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations

from taizhang.columns import DEPARTMENT, Column
from taizhang.settings import LOWEST
from taizhang.values import Value, day, is_blank, is_number, same, shortened
from taizhang.values import shown as written

Cells = Mapping[str, Value]
Named = tuple[str, Cells]  # a lead and its report


def composed(reports: Sequence[Named], percent_policy: str) -> dict[str, Value]:
    """Return the composed cells of a joint task, blank ones left out.

    完成率 is the lowest (or the mean, by policy), blank while a lead has not reported; 完成日期
    the latest once all have one; 填报日期 the oldest, blank while one is missing; text is each
    lead's words behind its name, in lead order.
    """
    cells = {column.key: _composed(column, reports, percent_policy) for column in DEPARTMENT}
    return {key: value for key, value in cells.items() if not is_blank(value)}


def own_reports(
    leads: Sequence[str],
    shown: Cells,
    rows: Mapping[str, Cells],
    old_lead: Callable[[Sequence[str]], str],
    policy: str,
    was_shown: Iterable[Cells] = (),
) -> dict[str, Cells]:
    """Return each lead's own report, from what the task's row shows and its rows of 联合牵头上报.

    A single lead's report is the task's row, unless that still shows the composition from when
    the task was joint. What is written in the row of a task that has turned joint is the report
    of a lead that has no row of its own yet, chosen by `old_lead`. `was_shown` are compositions
    that are known to have stood there, from rows that may be gone.
    """
    without = [lead for lead in leads if lead not in rows]
    if not rows or (len(leads) > 1 and not without):
        return {lead: rows[lead] for lead in leads if lead in rows} or {old_lead(leads): shown}
    own_words = not is_composition(shown, leads, rows, policy) and not any(_says(shown, one) for one in was_shown)
    if len(leads) == 1:
        return {leads[0]: shown if own_words or leads[0] not in rows else rows[leads[0]]}
    found = {lead: rows[lead] for lead in leads if lead in rows}
    return {**found, old_lead(without): shown} if own_words else found


def is_composition(shown: Cells, leads: Sequence[str], rows: Mapping[str, Cells], policy: str) -> bool:
    """Return whether a row shows nothing but what some of the leads' rows make together."""
    return not shown or any(_says(shown, composed(part, policy)) for part in _combined(leads, rows))


def _combined(leads: Sequence[str], rows: Mapping[str, Cells]) -> Iterator[Sequence[Named]]:
    """Yield the sets of rows a composition may have come from, the likely ones first.

    Few rows are tried in every combination; many would take too long, and hardly ever matter.
    """
    everything = list(rows.items())
    yield everything
    yield [(name, cells) for name, cells in everything if name in leads]
    if len(everything) <= 8:
        for size in range(len(everything) - 1, 0, -1):
            yield from combinations(everything, size)


def _says(one: Cells, other: Cells) -> bool:
    return all(same(one.get(column.key), other.get(column.key)) for column in DEPARTMENT)


def _composed(column: Column, reports: Sequence[Named], percent_policy: str) -> Value:
    values = [(name, report.get(column.key)) for name, report in reports]
    match column.key:
        case "percent":
            return _percent([value for _, value in values], percent_policy)
        case "done_on":
            return _when_all(max, [value for _, value in values])
        case "reported_on":
            return _when_all(min, [value for _, value in values])
    said = "\n".join(f"{name}：{written(value)}" for name, value in values if not is_blank(value))
    return shortened(said) or None  # each lead's words stand in full in its own row


def _percent(values: Sequence[Value], policy: str) -> Value:
    numbers = [float(value) for value in values if is_number(value) and isinstance(value, (int, float))]
    if not numbers or len(numbers) < len(values):
        return None
    return min(numbers) if policy == LOWEST else round(sum(numbers) / len(numbers), 4)


def _when_all(choose: Callable[[Iterable[date]], date], values: Sequence[Value]) -> date | None:
    days = [found for value in values if (found := day(value)) is not None]
    return choose(days) if days and len(days) == len(values) else None
