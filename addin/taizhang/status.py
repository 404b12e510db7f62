"""The status of a task on a day: the Python reader of the rule table."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import CodeType
from typing import Any

from taizhang import rules
from taizhang.deadlines import Deadline, Interval
from taizhang.periods import Period, previous_start
from taizhang.settings import Settings
from taizhang.values import Value, from_serial, serial

Facts = Mapping[str, float]
BLANK = math.nan  # no comparison with one holds, and what is computed with one is one


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
    found = float(eval(_expression(node), _CALLS, facts))
    return found if _filled(found) else None


def holds(node: ast.expr, facts: Facts) -> bool:
    """Return whether a condition holds; a comparison with a blank does not."""
    return bool(eval(_condition(node), _CALLS, facts))


def _filled(value: float) -> bool:
    return value == value


def _all_filled(choose: Callable[..., float]) -> Callable[..., float]:
    """Return what chooses among numbers none of which is blank."""
    return lambda *parts: choose(parts) if all(map(_filled, parts)) else BLANK


_CALLS: dict[str, Any] = {
    **{"__builtins__": {}, "filled": _filled, "round": round},
    **{"min": _all_filled(min), "max": _all_filled(max)},
}


@cache  # by the tree itself: a changed rule is another tree
def _expression(node: ast.expr) -> CodeType:
    return _compiled(_Meaning().visit(deepcopy(node)))


@cache
def _condition(node: ast.expr) -> CodeType:
    return _compiled(_Meaning().condition(deepcopy(node)))


def _compiled(node: ast.expr) -> CodeType:
    return compile(ast.fix_missing_locations(ast.Expression(node)), "rules", "eval")


class _Meaning(ast.NodeTransformer):
    """Makes Python of the rule table's expressions: where one stands for a condition, it asks whether that is filled."""

    def condition(self, node: ast.expr) -> ast.expr:
        """Return the condition an expression stands for."""
        match node:
            case ast.BoolOp():
                node.values = [self.condition(part) for part in node.values]
                return node
            case ast.UnaryOp(op=ast.Not()):
                node.operand = self.condition(node.operand)
                return node
            case ast.Constant():
                return node
        found = self.visit(node)
        return found if isinstance(found, ast.Compare) else ast.Call(ast.Name("filled", ast.Load()), [found], [])

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        return ast.IfExp(self.condition(node.test), self.visit(node.body), self.visit(node.orelse))


def first_of(table: tuple[rules.StatusRule, ...], facts: Facts) -> str:
    """Return the status of the first rule that holds."""
    return next(rule.status for rule in table if holds(parsed(rule.when), facts))


def _whole(number: float) -> float:
    return float(math.floor(number)) if _filled(number) else BLANK


def _serial(value: Value) -> float:
    found = serial(value)
    return BLANK if found is None else found


def parameters(settings: Settings, as_of: date) -> dict[str, float]:
    """Return the facts that are the same for every task on a day."""
    period = Period.holding(as_of)
    return {
        "as_of": _serial(as_of),
        "start": _serial(start_of(settings)),
        "warn_days": settings.number("warn_days"),
        "tolerance": settings.number("tolerance") / 100,
        "period_first": _serial(period.first),
        "period_last": _serial(period.last),
    }


def start_of(settings: Settings) -> Value:
    """Return 起始日期: the setting, or 1 January of 年度."""
    return settings.values["start"] or date(settings.year, 1, 1)


def state_of(cells: Mapping[str, Value], deadline: Deadline, settings: Settings, as_of: date) -> State:
    """Return the state of a task on `as_of`; `cells` are its ledger row, a joint task's composed."""
    return Judge(settings, as_of).state(cells, deadline)


class Judge:
    """Who says how tasks stand on a day: what is the same for all of them is worked out once."""

    def __init__(self, settings: Settings, as_of: date) -> None:
        self._common = parameters(settings, as_of)
        self._previous = {interval: _serial(previous_start(as_of, interval)) for interval in Interval}

    def state(self, cells: Mapping[str, Value], deadline: Deadline) -> State:
        """Return the state of a task; `cells` are its ledger row, a joint task's composed."""
        facts = self._facts(cells, deadline)
        status = first_of(rules.STATUS_RULES, facts)
        effective = number(parsed("effective_due"), facts)
        return State(
            status=status,
            reporting=first_of(rules.REPORT_RULES, facts),
            due=deadline.due,
            effective_due=None if effective is None or deadline.interval else from_serial(effective),
            days_left=_days_left(status, facts),
        )

    def _facts(self, cells: Mapping[str, Value], deadline: Deadline) -> Facts:
        """Return the numbers the rules compute with, as Excel would: text is blank, days are serials."""
        interval = deadline.interval
        return {
            **{key: _whole(_serial(cells.get(key))) for key in rules.DAYS},
            "percent": _serial(cells.get("percent")),
            **self._common,
            "due": _serial(deadline.due),
            "ongoing": BLANK if interval is None else 1.0,
            "previous_start": BLANK if interval is None else self._previous[interval],
        }


def _days_left(status: str, facts: Facts) -> int | None:
    counted = rules.GROUP_OF[status] not in rules.CLOSED_GROUPS and holds(parsed(rules.DAYS_LEFT_WHEN), facts)
    left = number(parsed(rules.DAYS_LEFT), facts) if counted else None
    return None if left is None else int(left)
