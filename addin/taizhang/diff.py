"""A returned workbook against the base its batch left with: what differs, cell by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from taizhang.columns import TASKS, register_of
from taizhang.entries import alike
from taizhang.findings import Code
from taizhang.ledger import Ledger, ReportKey
from taizhang.returns import KEPT, PENDING, Kept, Received, Returned, ReturnedRow
from taizhang.settings import REFUSE
from taizhang.values import Value, is_blank, same


def received(ledger: Ledger, file: Returned, at: datetime) -> Received:
    """Return what the ledger remembers of a return: its cell count and every cell that differs from its base."""
    matched = [row for row in file.rows if why_held(ledger, file, row) is None]
    held = [row for row in file.rows if why_held(ledger, file, row) is not None]
    kept = [cell for row in matched for cell in _differing(ledger, file, row, matched)]
    kept += [cell for row in held for cell in _held(ledger, file, row)]
    kept += [
        Kept(row.row, row.code, head, value, Code.COLUMN_EXTRA, sheet=_sheet(row))
        for row in file.rows
        for head, value in row.extra.items()
    ]
    return Received(
        sha256=file.sha256,
        name=file.name,
        batch=file.batch,
        department=file.department,
        received_at=at,
        rows=tuple(row.code for row in matched),
        unchanged=tuple(_unchanged(ledger, file, row) for row in matched),
        columns=tuple(map(_present, matched)),
        reported_on=file.reported_on,
        modified_at=file.modified_at,
        mailed_at=file.mailed_at,
        missing=_missing(ledger, file),
        kept=tuple(kept),
    )


def why_held(ledger: Ledger, file: Returned, row: ReturnedRow) -> Code | None:
    """Return why a row waits for a decision as a whole: not sent to this department, or led by another since."""
    key = ReportKey(row.code, file.department)
    if file.doubt:
        return file.doubt
    if row.crossed:
        return Code.ROW_CROSSED
    known = row.code in ledger.by_code and (file.batch, key) in ledger.base
    if not known or row.register is not register_of(row.code):
        return Code.ROW_UNKNOWN
    return Code.LEAD_MOVED if file.department not in ledger.leads[row.code] else None


def _sheet(row: ReturnedRow) -> str:
    return "" if row.register is TASKS else row.register.sheet


def _present(row: ReturnedRow) -> int:
    return sum(column.key in row.cells for column in row.register.sent)


def _differing(ledger: Ledger, file: Returned, row: ReturnedRow, rows: Sequence[ReturnedRow]) -> Iterator[Kept]:
    base = ledger.base[file.batch, ReportKey(row.code, file.department)]
    twins = [other for other in rows if other.code == row.code and other is not row]
    for column in row.register.sent:
        entry = row.cells.get(column.key)
        if entry is None or alike(column, entry.value, base.get(column.key)):
            continue
        contested = any(not same(_value(twin, column.key), entry.value) for twin in twins)
        fault = entry.fault or (Code.ROW_REPEATED if contested else None)
        yield Kept(row.row, row.code, column.key, entry.value, fault, sheet=_sheet(row))


def _unchanged(ledger: Ledger, file: Returned, row: ReturnedRow) -> int:
    """Return how many cells of a row say what was sent; counted, not inferred, so that a lost cell shows."""
    base = ledger.base[file.batch, ReportKey(row.code, file.department)]
    cells = ((column, row.cells[column.key].value) for column in row.register.sent if column.key in row.cells)
    return sum(alike(column, value, base.get(column.key)) for column, value in cells)


def _value(row: ReturnedRow, key: str) -> Value:
    entry = row.cells.get(key)
    return entry.value if entry else None


def _held(ledger: Ledger, file: Returned, row: ReturnedRow) -> Iterator[Kept]:
    """Yield every cell of a held row that is filled or was emptied: nothing that arrived may be lost.

    New rows that the office does not take are on record at once, and wait for nobody.
    """
    why = why_held(ledger, file, row)
    refused = why is Code.ROW_UNKNOWN and ledger.settings.text("new_rows") == REFUSE
    settled = KEPT if refused else PENDING
    base = ledger.base.get((file.batch, ReportKey(row.code, file.department)), {})
    for column in row.register.sent:
        entry = row.cells.get(column.key)
        if entry and not (is_blank(entry.value) and is_blank(base.get(column.key))):
            yield Kept(row.row, row.code, column.key, entry.value, why, settled=settled, sheet=_sheet(row))


def _missing(ledger: Ledger, file: Returned) -> tuple[str, ...]:
    sent = ledger.sent_rows.get((file.batch, file.department), {})
    there = Counter(row.code for row in file.rows)
    return tuple(code for code in sent if not there[code])
