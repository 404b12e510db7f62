"""The status of a task on a day: the Python reader of the rule table."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from taizhang import rules
from taizhang.deadlines import Deadline
from taizhang.periods import Period, previous_start
from taizhang.settings import Settings
from taizhang.values import Value, from_serial, serial

Facts = Mapping[str, float | None]

_COMPARE: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.LtE: operator.le,
    ast.Lt: operator.lt,
    ast.GtE: operator.ge,
    ast.Gt: operator.gt,
}
_ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Div: operator.truediv,
}
_CALLS: Mapping[str, Callable[..., float]] = {"min": min, "max": max, "round": lambda x, digits: round(x, int(digits))}


@dataclass(frozen=True)
class State:
    """What the rules say of one task: status, its group, 报送, and the days left (None where not counted)."""

    status: str
    reporting: str
    due: date | None
    effective_due: date | None
    days_left: int | None

    @property
    def group(self) -> str:
        """Return the group the status is counted under."""
        return rules.GROUP_OF[self.status]


@cache
def parsed(text: str) -> ast.expr:
    """Return a condition of the rule table as a tree, definitions put in."""
    return _Definitions().visit(ast.parse(text, mode="eval").body)  # type: ignore[no-any-return]


class _Definitions(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        return parsed(rules.DEFINITIONS[node.id]) if node.id in rules.DEFINITIONS else node


def number(node: ast.expr, facts: Facts) -> float | None:
    """Return the value of an expression over the facts; None where a part of it is blank."""
    match node:
        case ast.Constant():
            return float(node.value)  # type: ignore[arg-type]
        case ast.Name():
            return facts[node.id]
        case ast.IfExp():
            return number(node.body if holds(node.test, facts) else node.orelse, facts)
        case ast.BinOp():
            left, right = number(node.left, facts), number(node.right, facts)
            return None if left is None or right is None else _ARITHMETIC[type(node.op)](left, right)
        case ast.Call(func=ast.Name(id=name)):
            parts = [part for argument in node.args if (part := number(argument, facts)) is not None]
            return _CALLS[name](*parts) if len(parts) == len(node.args) else None
    raise TypeError(ast.dump(node))


def holds(node: ast.expr, facts: Facts) -> bool:
    """Return whether a condition holds; a comparison with a blank does not."""
    match node:
        case ast.Constant():
            return bool(node.value)
        case ast.BoolOp(op=ast.And()):
            return all(holds(part, facts) for part in node.values)
        case ast.BoolOp():
            return any(holds(part, facts) for part in node.values)
        case ast.UnaryOp():
            return not holds(node.operand, facts)
        case ast.Compare():
            wanted = (node.left, *node.comparators)
            sides = [side for part in wanted if (side := number(part, facts)) is not None]
            pairs = zip(node.ops, sides, sides[1:], strict=False)
            return len(sides) == len(wanted) and all(_COMPARE[type(op)](a, b) for op, a, b in pairs)
    return number(node, facts) is not None


def first_of(table: tuple[rules.StatusRule, ...], facts: Facts) -> str:
    """Return the status of the first rule that holds."""
    return next(rule.status for rule in table if holds(parsed(rule.when), facts))


def facts_of(cells: Mapping[str, Value], deadline: Deadline, settings: Settings, as_of: date) -> Facts:
    """Return the numbers the rules compute with, as Excel would: text is blank, days are serials."""
    interval = deadline.interval
    return {
        **{key: _whole(serial(cells.get(key))) for key in rules.DAYS},
        "percent": serial(cells.get("percent")),
        **parameters(settings, as_of),
        "due": serial(deadline.due),
        "ongoing": None if interval is None else 1.0,
        "previous_start": None if interval is None else serial(previous_start(as_of, interval)),
    }


def _whole(number: float | None) -> float | None:
    return None if number is None else float(math.floor(number))


def parameters(settings: Settings, as_of: date) -> dict[str, float | None]:
    """Return the facts that are the same for every task on a day."""
    period = Period.holding(as_of)
    return {
        "as_of": serial(as_of),
        "start": serial(start_of(settings)),
        "warn_days": settings.number("warn_days"),
        "tolerance": settings.number("tolerance") / 100,
        "period_first": serial(period.first),
        "period_last": serial(period.last),
    }


def start_of(settings: Settings) -> Value:
    """Return 起始日期: the setting, or 1 January of 年度."""
    return settings.values["start"] or date(settings.year, 1, 1)


def state_of(cells: Mapping[str, Value], deadline: Deadline, settings: Settings, as_of: date) -> State:
    """Return the state of a task on `as_of`; `cells` are its ledger row, a joint task's composed."""
    facts = facts_of(cells, deadline, settings, as_of)
    status = first_of(rules.STATUS_RULES, facts)
    effective = number(parsed("effective_due"), facts)
    return State(
        status=status,
        reporting=first_of(rules.REPORT_RULES, facts),
        due=deadline.due,
        effective_due=None if effective is None or facts["ongoing"] else from_serial(effective),
        days_left=_days_left(status, facts),
    )


def _days_left(status: str, facts: Facts) -> int | None:
    counted = rules.GROUP_OF[status] not in rules.CLOSED_GROUPS and holds(parsed(rules.DAYS_LEFT_WHEN), facts)
    left = number(parsed(rules.DAYS_LEFT), facts) if counted else None
    return None if left is None else int(left)
