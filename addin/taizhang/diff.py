"""A returned workbook against the base its batch left with: what differs, cell by cell."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
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
    compared = [_compared(ledger, file, row) for row in matched]
    kept = [cell for row, (_, keys) in zip(matched, compared, strict=True) for cell in _differing(row, keys, twins)]
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
        unchanged=tuple(as_sent for as_sent, _ in compared),
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
    return len(row.cells)


def _compared(ledger: Ledger, file: Returned, row: ReturnedRow) -> tuple[int, list[Column]]:
    """Return how many cells of a row say what was sent, and which do not.

    Both are counted, neither is inferred from the other: a lost cell shows.
    """
    base, cells = ledger.base[file.batch, ReportKey(row.code, file.department)], row.cells
    just = cells.just_as(base) if isinstance(cells, Entries) else []
    if len(just) == len(cells):
        return len(just), []
    others = [column for column in row.register.sent if column.key in cells and column.key not in just]
    changed = [column for column in others if not alike(column, cells[column.key].value, base.get(column.key))]
    return len(just) + sum(column not in changed for column in others), changed


def _differing(
    row: ReturnedRow, changed: Sequence[Column], by_code: Mapping[str, Sequence[ReturnedRow]]
) -> Iterator[Kept]:
    """Yield the changed cells of a row; rows of one code that contradict each other are all at fault."""
    for column in changed:
        entry = row.cells[column.key]
        contested = any(not same(_value(twin, column.key), entry.value) for twin in by_code[row.code])
        fault = entry.fault or (Code.ROW_REPEATED if contested else None)
        yield Kept(row.row, row.code, column.key, entry.value, fault, sheet=_sheet(row))


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
