"""问题清单: the problems departments report, each a line until it is solved.

A line is opened by what a report says under 存在问题, and goes with every dispatch to whoever
has to answer it. Source: issue "The life of a task".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from taizhang.columns import MINOR, PROBLEMS
from taizhang.ledger import Item, Ledger, ReportKey, current, fresh_codes
from taizhang.validate import is_hollow
from taizhang.values import Value, is_blank, shown, squeezed

OPEN, ANSWERED, SOLVED = "待答复", "已答复", "已解决"
_ALIKE = 60.0  # likeness, of 100, from which a problem worded anew is the one that was open


def is_open(item: Item) -> bool:
    """Return whether an item is a problem that is not solved yet."""
    return item.register is PROBLEMS and is_blank(item.cells.get("solved_on"))


def state_of(ledger: Ledger, item: Item) -> str:
    """Return how far a problem has come (问题状态)."""
    return problem_state(item.cells.get("solved_on"), ledger.answer(item).get("reply"))


def problem_state(solved_on: Value, reply: Value) -> str:
    """Return how far a problem has come, by the day it was solved and what was answered."""
    return SOLVED if not is_blank(solved_on) else OPEN if is_blank(reply) else ANSWERED


def with_problems(ledger: Ledger, on: date, used: Iterable[str] = ()) -> Ledger:
    """Return the ledger with a line for every problem its reports name that 问题清单 does not have yet.

    A problem worded anew while its line is open goes on in that line; what was solved in the same
    words is not opened again, for the report may only not have been tidied up. The department that
    reports a problem answers it, until the office names another. `used` are further codes not to be given.
    """
    codes = fresh_codes([*used, *ledger.codes_in_use], ledger.settings.year, PROBLEMS)
    listed: dict[ReportKey, list[Item]] = defaultdict(list)
    for item in ledger.items_of(PROBLEMS):
        listed[ReportKey(item.task, raised_by(ledger, item))].append(item)
    reworded: dict[str, Value] = {}
    opened: list[Item] = []
    for key in (key for task in current(ledger.tasks) for key in ledger.keys_of(task.code)):
        said = ledger.report(key).get("problem")
        if is_blank(said) or is_hollow(said):
            continue
        known = [item for item in listed.get(key, ()) if _is_same(item.cells.get("issue"), said)]
        still = [item for item in known if is_open(item)]
        if still and not _says(still[-1], said):
            reworded[still[-1].code] = said
        elif not still and not any(_says(item, said) for item in known):
            opened.append(_opened(next(codes), key, said, on))
    items = (
        item.with_cells({"issue": reworded[item.code]}) if item.code in reworded else item for item in ledger.items
    )
    return replace(ledger, items=(*items, *opened)) if reworded or opened else ledger


def _opened(code: str, key: ReportKey, said: Value, on: date) -> Item:
    named = {"raised_by": key.department, "owner": key.department} if key.department else {}
    return Item(code, {"item_task": key.task, "issue": said, "severity": MINOR, "opened_on": on, **named})


def raised_by(ledger: Ledger, item: Item) -> str:
    """Return which department reported a problem, by its name of today; "" where nobody is named."""
    named = shown(item.cells.get("raised_by"))
    return ledger.directory.canonical(named) or named


def _is_same(issue: Value, said: Value) -> bool:
    from rapidfuzz import fuzz

    one, other = squeezed(shown(issue)), squeezed(shown(said))
    return one in other or other in one or fuzz.ratio(one, other) >= _ALIKE


def _says(item: Item, said: Value) -> bool:
    return squeezed(shown(item.cells.get("issue"))) == squeezed(shown(said))
