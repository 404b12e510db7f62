"""The Excel reader of the rule table: the same conditions as `status`, written as formulas.

Nothing newer than Excel 2010 and WPS 2019. Blank cells are guarded as Python treats them: a
comparison with a blank is false, and text counts as blank.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from taizhang import rules
from taizhang.status import parsed
from taizhang.values import SERIALS

Refs = Mapping[str, str]

NAMES: Mapping[str, str] = {name: f"tz_{name}" for name in rules.PARAMETERS}
DEADLINES, INTERVALS = "tz_deadlines", "tz_intervals"
DUE_PLACE, INTERVAL_PLACE, PREVIOUS_PLACE = 2, 3, 3  # columns inside those two tables

_COMPARE = {ast.LtE: "<=", ast.Lt: "<", ast.GtE: ">=", ast.Gt: ">"}
_ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Div: "/"}


def refs_for(cells: Refs) -> Refs:
    """Return what each name of the rules is called in a row, given the addresses of its cells."""
    found = _table(f"VLOOKUP({looked_up(cells['deadline'])},{DEADLINES},{INTERVAL_PLACE},FALSE)")
    return {**NAMES, **cells, **dict.fromkeys(rules.LOOKED_UP, found)}


def status_formula(refs: Refs) -> str:
    """Return the formula of 状态."""
    return _chain(rules.STATUS_RULES, refs)


def reporting_formula(refs: Refs) -> str:
    """Return the formula of 报送."""
    return _chain(rules.REPORT_RULES, refs)


def due_formula(refs: Refs) -> str:
    """Return the formula of 截止日期: a true date is itself, a wording is looked up in 字典."""
    cell = refs["deadline"]
    found = f"VLOOKUP({looked_up(cell)},{DEADLINES},{DUE_PLACE},FALSE)"
    return f'IF(ISNUMBER({cell}),{_day(cell)},IFERROR({_day(found)},""))'


def days_left_formula(refs: Refs) -> str:
    """Return the formula of 剩余天数: blank for closed tasks and for those without a day."""
    closed = ",".join(
        f'{refs["status"]}="{name}"' for name, group in rules.GROUP_OF.items() if group in rules.CLOSED_GROUPS
    )
    counted = condition(parsed(rules.DAYS_LEFT_WHEN), refs)
    return f'IF(OR({closed}),"",IF({counted},{number(parsed(rules.DAYS_LEFT), refs)},""))'


def condition(node: ast.expr, refs: Refs) -> str:
    """Return a condition as Excel writes it; it never evaluates to an error."""
    match node:
        case ast.Constant():
            return str(bool(node.value)).upper()
        case ast.BoolOp():
            name = "AND" if isinstance(node.op, ast.And) else "OR"
            return f"{name}({','.join(condition(part, refs) for part in node.values)})"
        case ast.UnaryOp():
            return f"NOT({condition(node.operand, refs)})"
        case ast.Compare():
            return _comparison(node, refs)
    return filled(node, refs) or "TRUE"


def number(node: ast.expr, refs: Refs) -> str:
    """Return an expression as Excel writes it; only meant where `filled` holds."""
    match node:
        case ast.Constant():
            return str(node.value)
        case ast.Name():
            return f"INT({refs[node.id]})" if node.id in rules.DAYS else refs[node.id]
        case ast.IfExp():
            return f"IF({condition(node.test, refs)},{number(node.body, refs)},{number(node.orelse, refs)})"
        case ast.BinOp():
            return f"({number(node.left, refs)}{_ARITHMETIC[type(node.op)]}{number(node.right, refs)})"
        case ast.Call(func=ast.Name(id=name)):
            return f"{name.upper()}({','.join(number(argument, refs) for argument in node.args)})"
    raise TypeError(ast.dump(node))


def filled(node: ast.expr, refs: Refs) -> str:
    """Return the condition that every cell an expression needs holds a number; empty if it needs none."""
    match node:
        case ast.Name():
            return "" if node.id in rules.PARAMETERS else f"ISNUMBER({refs[node.id]})"
        case ast.IfExp():
            branches = [filled(node.body, refs) or "TRUE", filled(node.orelse, refs) or "TRUE"]
            return "" if branches == ["TRUE", "TRUE"] else f"IF({condition(node.test, refs)},{','.join(branches)})"
        case ast.BinOp():
            return _all([filled(node.left, refs), filled(node.right, refs)])
        case ast.Call():
            return _all([filled(argument, refs) for argument in node.args])
    return ""


def _comparison(node: ast.Compare, refs: Refs) -> str:
    sides = [node.left, *node.comparators]
    texts = [number(side, refs) for side in sides]
    tests = [f"{a}{_COMPARE[type(op)]}{b}" for op, a, b in zip(node.ops, texts, texts[1:], strict=False)]
    guard = _all([filled(side, refs) for side in sides])
    # AND does not stop at the first FALSE; IF does.
    return f"IF({guard},{_all(tests)},FALSE)" if guard else _all(tests)


def _all(conditions: list[str]) -> str:
    kept = list(dict.fromkeys(text for text in conditions if text))
    return f"AND({','.join(kept)})" if len(kept) > 1 else "".join(kept)


def _chain(table: tuple[rules.StatusRule, ...], refs: Refs) -> str:
    *tested, last = table
    text = f'"{last.status}"'
    for rule in reversed(tested):
        text = f'IF({condition(parsed(rule.when), refs)},"{rule.status}",{text})'
    return text


def _day(value: str) -> str:
    """Return the day of a date, with or without a time; empty for text (greater than any number) and other numbers."""
    return f'IF(AND({value}>={SERIALS.start},{value}<{SERIALS.stop}),INT({value}),"")'


def looked_up(cell: str) -> str:
    """Return the look-up text: VLOOKUP and MATCH read ~ * ? as wildcards even when asked for an exact match."""
    return f'SUBSTITUTE(SUBSTITUTE(SUBSTITUTE({cell},"~","~~"),"*","~*"),"?","~?")'


def _table(interval: str) -> str:
    return f"VLOOKUP({interval},{INTERVALS},{PREVIOUS_PLACE},FALSE)"
