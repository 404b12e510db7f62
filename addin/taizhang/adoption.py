"""What is wrong with what a merge adopts: a return may be well-formed cell by cell, and not fit together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from taizhang.findings import Finding, Severity
from taizhang.ledger import Cells, Item, Ledger, ReportKey
from taizhang.merge import Applied, Change, Disposition
from taizhang.validate import Line, Scope, item_faults, report_faults
from taizhang.values import Value

Adopted = Mapping[ReportKey, Cells]


def would_be_adopted(changes: Iterable[Change], decided: Iterable[str] = ()) -> Adopted:
    """Return the cells an apply would write by itself; `decided` are the items, by id, a clerk has decided on."""
    found, known = defaultdict[ReportKey, dict[str, Value]](dict), set(decided)
    for one in changes:
        is_default = one.pending and one.disposition is Disposition.ACCEPTED
        if is_default and not (known and one.id in known):  # an id costs more than the rest
            found[one.key][one.kept.column] = one.kept.back
    return found


def was_adopted(outcome: Applied) -> Adopted:
    """Return the cells an apply has written."""
    found = defaultdict[ReportKey, dict[str, Value]](dict)
    for key, column in outcome.written:
        found[key][column] = outcome.ledger.report(key).get(column)
    return found


def faults(ledger: Ledger, adopted: Adopted, as_of: date) -> tuple[Finding, ...]:
    """Return the errors that adopted cells bring into a ledger; those that were in their lines before are old news."""
    return tuple(one for key, cells in adopted.items() for one in _brought(ledger, key, cells, Scope(None, as_of)))


def _brought(ledger: Ledger, key: ReportKey, cells: Cells, scope: Scope) -> Iterator[Finding]:
    own = ledger.report(key)
    before = set(map(_told, _errors(ledger, key, own, scope)))
    after = {column: value for column, value in {**own, **cells}.items() if value is not None}
    return (one for one in _errors(ledger, key, after, scope) if _told(one) not in before)


def _errors(ledger: Ledger, key: ReportKey, report: Cells, scope: Scope) -> Iterator[Finding]:
    row = ledger.by_code[key.task]
    line = Line("", 0, {}, report, key.task, row.no, key.department)
    if isinstance(row, Item):
        places = {column.key: place for place, column in enumerate(row.register.columns, 1)}
        line = replace(line, places=places, cells={**row.cells, **report})
        found = item_faults(line, row.register, scope, ledger.directory)
    else:
        found = report_faults(line, scope, {}, row.cells.get("requirement"))
    return (replace(one, cell="") for one in found if one.rule.severity is Severity.ERROR)


def _told(one: Finding) -> tuple[str, str]:
    return one.column, one.message
