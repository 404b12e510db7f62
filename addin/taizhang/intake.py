"""回收: an opened workbook → one department's return, or one sentence why it is none.

A returned file is hostile until read by these rules: its ids are looked up in the ledger, its
base is never believed, its formulas count as the values they showed. Source: `merge.md`, Intake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from taizhang import tables
from taizhang.columns import BY_KEY, COLUMNS, DERIVED, SENT
from taizhang.entries import typed
from taizhang.findings import Code, Finding
from taizhang.layout.reading import Block, Grid, find_block
from taizhang.ledger import Cells, Ledger
from taizhang.returns import Returned, ReturnedRow
from taizhang.values import Value, is_blank, shown


@dataclass(frozen=True)
class Sheets:
    """An opened file as plain values: its sheets in order, its custom properties, its own date."""

    name: str
    sha256: str
    grids: Mapping[str, Grid]
    properties: Mapping[str, str]
    modified_at: datetime | None = None


@dataclass(frozen=True)
class Refused:
    """Why a file cannot be merged, and what to do."""

    reason: str


NO_TICKET = "没有批次标识，不是由本台账下发的工作簿。请让部门在收到的工作簿上填写后交回。"
OTHER_LEDGER = "是另一本台账下发的（编号 {found}）。请交给那本台账合并。"
UNKNOWN_BATCH = "批次 {found} 不在本台账的下发记录中。请核对是否用错了台账。"
NOT_SENT = "批次 {batch} 中没有“{found}”牵头的任务，这份文件不需要合并。请向该部门核实。"
NO_TABLE = "找不到任务表（应有“{headers}”等表头）。请让部门恢复表头后重新交回。"


def recognise(ledger: Ledger, file: Sheets) -> Returned | Refused:
    """Return the department's return in a file, or why it is refused."""
    ids = _ids(file)
    batch, written = ids.get("taizhang_batch", ""), ids.get("taizhang_department", "")
    department = ledger.directory.canonical(written) or written
    refusal = _refusal(ledger, ids.get("taizhang_ledger", ""), batch, department)
    if refusal:
        return Refused(refusal)
    block = _tasks(file)
    if block is None:
        return Refused(NO_TABLE.format(headers="、".join(_NEEDED)))
    extra = _extra_heads(file, block)
    rows = tuple(
        replace(_row(number, cells, block), extra=_extra_cells(file, block, number, extra))
        for number, cells in _rows(file, block, extra)
    )
    return Returned(
        name=file.name,
        sha256=file.sha256,
        batch=batch,
        department=department,
        rows=rows,
        columns=frozenset(column.key for column in SENT if column.key in block.places),
        modified_at=file.modified_at,
        findings=tuple(_column_findings(file, block, extra)),
    )


_TITLES = {column.title: column.key for column in COLUMNS}
_NEEDED = tuple(BY_KEY[key].title for key in ("code", "target"))


def _ids(file: Sheets) -> dict[str, str]:
    """Return the ids a file carries: from its very hidden sheet, else from its properties."""
    titles = {field.title: field.key for field in tables.TICKET_TABLE.fields}
    block = find_block(tables.TICKET, file.grids.get(tables.TICKET, ()), titles, tuple(titles))
    written = {shown(row.get("name")): shown(row.get("value")) for row in block.rows.values()} if block else {}
    return {key: written.get(key) or file.properties.get(key, "") for key in tables.TICKET_KEYS}


def _refusal(ledger: Ledger, ledger_id: str, batch: str, department: str) -> str:
    if not batch or not department:
        return NO_TICKET
    if ledger_id != ledger.id:
        return OTHER_LEDGER.format(found=ledger_id)
    known = {made.id: made for made in ledger.batches}
    if batch not in known:
        return UNKNOWN_BATCH.format(found=batch)
    if department not in {sent.department for sent in known[batch].files}:
        return NOT_SENT.format(batch=batch, found=department)
    return ""


def _tasks(file: Sheets) -> Block | None:
    """Return the task table, on whatever sheet it stands now."""
    names = sorted(file.grids, key=lambda name: name != tables.LEDGER)
    visible = (name for name in names if name not in (tables.BASE, tables.TICKET, tables.SUPPORTING))
    blocks = (find_block(name, file.grids[name], _TITLES, _NEEDED) for name in visible)
    return next((block for block in blocks if block), None)


def _extra_heads(file: Sheets, block: Block) -> dict[int, str]:
    """Return the headers that are none of ours, or a second of ours, by column."""
    heads = [shown(value).replace("\n", "").strip() for value in file.grids[block.sheet][block.header_row - 1]]
    ours = set(block.places.values())
    named = {place: head for place, head in enumerate(heads, 1) if head and place not in ours}
    return {place: f"{head}（重复的列）" if head in _TITLES else head for place, head in named.items()}


def _extra_cells(file: Sheets, block: Block, number: int, extra: Mapping[int, str]) -> dict[str, Value]:
    row = file.grids[block.sheet][number - 1]
    found = {head: row[place - 1] for place, head in extra.items() if place <= len(row)}
    return {head: value for head, value in found.items() if not is_blank(value)}


def _rows(file: Sheets, block: Block, extra: Mapping[int, str]) -> Iterator[tuple[int, Cells]]:
    """Yield every row that says something, be it only in a column that is none of ours."""
    for number in range(block.header_row + 1, len(file.grids[block.sheet]) + 1):
        cells = block.rows.get(number, {})
        if _speaks(cells) or _extra_cells(file, block, number, extra):
            yield number, cells


def _speaks(cells: Cells) -> bool:
    return bool(cells.keys() - {column.key for column in DERIVED})


def _row(number: int, cells: Cells, block: Block) -> ReturnedRow:
    entries = {column.key: typed(column, cells.get(column.key)) for column in SENT if column.key in block.places}
    return ReturnedRow(number, shown(cells.get("code")).strip(), entries)


def _column_findings(file: Sheets, block: Block, extra: Mapping[int, str]) -> list[Finding]:
    missing = [column.title for column in SENT if column.key not in block.places]
    return [Finding(Code.COLUMN_MISSING, sheet=file.name, value=title) for title in missing] + [
        Finding(Code.COLUMN_EXTRA, sheet=file.name, value=head) for head in extra.values()
    ]
