"""指标: what the work is measured by, proposed from the tasks' words, confirmed by the office, filled in by departments.

Source: issue "The life of a task", point 33 of the notice; 指标达标率 in `domain.md`, Scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from taizhang.columns import INDICATORS, NO, YES
from taizhang.indicators import Proposal, met, proposed
from taizhang.ledger import Item, Ledger, Task, fresh_codes
from taizhang.values import Value, shown, squeezed

MET, MISSED = "达标", "未达标"


def is_confirmed(item: Item) -> bool:
    """Return whether an item is an indicator the office has confirmed."""
    return item.register is INDICATORS and item.cells.get("confirmed") == YES


def is_proposal(item: Item) -> bool:
    """Return whether an item is an indicator the office has still to look at."""
    return item.register is INDICATORS and item.cells.get("confirmed") not in (YES, NO)


def is_met(ledger: Ledger, item: Item) -> bool | None:
    """Return whether an indicator is met (达标); None while a figure is missing or is none."""
    return meets(item.cells.get("direction"), item.cells.get("goal"), ledger.answer(item).get("current"))


def meets(direction: Value, goal: Value, current: Value) -> bool | None:
    """Return whether a current value meets its target; None where one of the three is not filled in properly."""
    if not isinstance(goal, (int, float)) or not isinstance(current, (int, float)) or direction not in ("≤", "≥", "="):
        return None
    return met(str(direction), goal, current)


def met_words(found: bool | None) -> str:
    """Return 达标 as its column shows it."""
    return "" if found is None else MET if found else MISSED


def with_proposals(ledger: Ledger, used: Iterable[str] = (), among: Iterable[Task] | None = None) -> Ledger:
    """Return the ledger with every measurable target of its tasks' words that 指标 does not list yet, to be confirmed.

    One the office has turned down stays listed, and is not proposed again. `used` are further codes
    not to be given; `among` are the tasks to read, all without it. The first lead is to report.
    """
    known = {_said(item.task, item.cells.get("indicator"), item.cells.get("words")) for item in ledger.items}
    codes = fresh_codes([*used, *ledger.codes_in_use], ledger.settings.year, INDICATORS)
    found: list[Item] = []
    for task in ledger.tasks if among is None else among:
        lead = next(iter(ledger.leads[task.code]), "")
        for proposal in proposed(shown(task.cells.get("target"))):
            said = _said(task.code, proposal.name, proposal.words)
            if said not in known:
                known.add(said)
                found.append(Item(next(codes), dict(_cells(task.code, lead, proposal))))
    return replace(ledger, items=(*ledger.items, *found))


def _cells(task: str, lead: str, proposal: Proposal) -> Iterator[tuple[str, Value]]:
    yield "item_task", task
    yield "indicator", proposal.name
    yield "direction", proposal.direction
    yield "goal", proposal.target
    yield "unit", proposal.unit
    yield "words", proposal.words
    if lead:
        yield "indicator_lead", lead


def _said(task: str, name: Value, words: Value) -> tuple[str, str, str]:
    return task, squeezed(shown(name)), squeezed(shown(words))
