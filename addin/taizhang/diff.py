"""A returned workbook against the base its batch left with: what differs, cell by cell."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from taizhang.columns import TASKS, Column, register_of
from taizhang.entries import Entries, alike
from taizhang.findings import Code
from taizhang.intake import Refused, Sheets, recognise
from taizhang.ledger import Ledger, ReportKey
from taizhang.returns import KEPT, PENDING, Kept, Received, Recognised, Returned, ReturnedRow
from taizhang.settings import REFUSE
from taizhang.values import Value, is_blank, same


def recognised(ledger: Ledger, file: Sheets, at: datetime) -> Recognised | Refused:
    """Return what an opened file comes to, or why it is refused."""
    found = recognise(ledger, file)
    if isinstance(found, Refused):
        return found
    return Recognised(received(ledger, found, at), found.findings, found.doubt, found.doubted)


def received(ledger: Ledger, file: Returned, at: datetime) -> Received:
    """Return what the ledger remembers of a return: its cell count and every cell that differs from its base."""
    whys = [why_held(ledger, file, row) for row in file.rows]
    matched = [row for row, why in zip(file.rows, whys, strict=True) if why is None]
    held = [row for row, why in zip(file.rows, whys, strict=True) if why is not None]
    twins: dict[str, list[ReturnedRow]] = defaultdict(list)
    for row in matched:
        twins[row.code].append(row)
    kept = [cell for row in matched for cell in _differing(ledger, file, row, twins[row.code])]
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


def _as_sent(row: ReturnedRow, column: Column, sent: Value) -> bool:
    """Return whether a cell that is there says what was sent."""
    cells = row.cells
    if isinstance(cells, Entries) and cells.says(column.key, sent):
        return True
    return alike(column, cells[column.key].value, sent)


def _differing(ledger: Ledger, file: Returned, row: ReturnedRow, rows: Sequence[ReturnedRow]) -> Iterator[Kept]:
    base = ledger.base[file.batch, ReportKey(row.code, file.department)]
    twins = [other for other in rows if other is not row]
    for column in row.register.sent:
        if column.key not in row.cells or _as_sent(row, column, base.get(column.key)):
            continue
        entry = row.cells[column.key]
        contested = any(not same(_value(twin, column.key), entry.value) for twin in twins)
        fault = entry.fault or (Code.ROW_REPEATED if contested else None)
        yield Kept(row.row, row.code, column.key, entry.value, fault, sheet=_sheet(row))


def _unchanged(ledger: Ledger, file: Returned, row: ReturnedRow) -> int:
    """Return how many cells of a row say what was sent; counted, not inferred, so that a lost cell shows."""
    base = ledger.base[file.batch, ReportKey(row.code, file.department)]
    present = (column for column in row.register.sent if column.key in row.cells)
    return sum(_as_sent(row, column, base.get(column.key)) for column in present)


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
