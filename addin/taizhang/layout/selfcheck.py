"""A department's workbook looked over by itself, before it is sent back: there is no ledger to compare with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from taizhang import intake, tables
from taizhang.columns import BY_KEY, DEPARTMENT, ITEM_REGISTERS, OFFICE, SENT, Register, register_of
from taizhang.columns import Owner as Filler
from taizhang.entries import alike, tidy
from taizhang.findings import Code, Finding, in_order
from taizhang.intake import Sheets
from taizhang.layout.parts import Structure
from taizhang.layout.reading import Block, find_block, rows_of
from taizhang.layout.soundness import Owner, Surface, headless, hidden, merged, typed_formulas
from taizhang.ledger import Cells
from taizhang.matching import tasks_in
from taizhang.validate import Line, Scope, cell_faults, rate_faults, report_faults
from taizhang.values import is_blank, shown


def department_findings(file: Sheets, block: Block, structures: Mapping[str, Structure], today: date) -> list[Finding]:
    """Return everything a department should mend before it sends its workbook back; `block` is its task table."""
    base, batch = _own_base(file), intake.ids_of(file)["taizhang_batch"]
    scope = Scope(int(batch[:4]) if batch[:4].isdecimal() else None, today)
    owners = {
        row: Owner(tidy(BY_KEY["no"], cells.get("no")), shown(cells.get("code"))) for row, cells in block.rows.items()
    }
    surface = Surface(block, file.grids[block.sheet], structures.get(block.sheet), owners)
    head = f"第{block.header_row}行"
    columns = intake.column_findings(file, block, intake.extra_heads(file, block, named_only=True))
    found = [
        *(replace(one, sheet=block.sheet, cell=head) for one in columns),
        *([] if base else [Finding(Code.BASE_MISSING, block.sheet)]),
        *headless(surface),
        *_about_rows(file, block, base, scope),
        *typed_formulas(surface, DEPARTMENT),
        *hidden(surface),
        *merged(surface),
    ]
    for register, own in intake.item_blocks(file, block.sheet):
        found += _about_items(file, own, register, base)
    return in_order(found, (block.sheet, *(register.sheet for register in ITEM_REGISTERS)))


def _about_items(file: Sheets, block: Block, register: Register, base: Mapping[str, Cells]) -> Iterator[Finding]:
    """Yield what a department should mend in its table of indicators or problems."""
    cells = rows_of(block, file.grids[block.sheet], register.sent)
    for row, found in block.rows.items():
        code = shown(found.get(register.code))
        line = Line(block.sheet, row, block.places, cells(row), code, tidy(BY_KEY["item_no"], found.get("item_no")))
        if base and code not in base:
            yield line.says(Code.ROW_UNKNOWN, register.telling, value=found.get(register.telling))
            continue
        for column in register.department:
            yield from cell_faults(line, column, computed=False)
        yield from rate_faults(line)
        for column in register.owned_by(Filler.OFFICE) if base else ():
            wanted = base[code].get(column.key)
            if column.key in line.places and not alike(column, line.cells.get(column.key), wanted):
                yield line.says(Code.LOCKED_EDITED, column.key, facts={"wanted": shown(wanted) or "空白"})
    there = {shown(found.get(register.code)) for found in block.rows.values()}
    for code in base:
        if register_of(code) is register and code not in there:
            yield Finding(Code.ROW_LOST, block.sheet, task=code)


def _own_base(file: Sheets) -> dict[str, Cells]:
    """Return what the workbook says it was sent with, by task code: its own copy, good enough for its own check."""
    titles = {field.title: field.key for field in tables.BASE_TABLE.fields}
    block = find_block(tables.BASE, file.grids.get(tables.BASE, ()), titles, (BY_KEY["code"].title,))
    return {shown(cells.get("code")): cells for cells in block.rows.values()} if block else {}


def _about_rows(file: Sheets, block: Block, base: Mapping[str, Cells], scope: Scope) -> Iterator[Finding]:
    cells = rows_of(block, file.grids[block.sheet], SENT)
    times = Counter(shown(found.get("code")) for found in block.rows.values())
    for row, found in block.rows.items():
        code = shown(found.get("code"))
        line = Line(block.sheet, row, block.places, cells(row), code, tidy(BY_KEY["no"], found.get("no")))
        if code in base or not base:
            yield from _of_row(line, base.get(code), scope)
            if code and times[code] > 1:
                yield line.says(Code.ROW_REPEATED, "code", value=times[code])
        elif any(not is_blank(value) for value in line.cells.values()):
            yield line.says(Code.ROW_UNKNOWN, "target", value=found.get("target"))
    for code, sent in tasks_in(base).items():
        if code not in times:
            yield Finding(Code.ROW_LOST, block.sheet, no=tidy(BY_KEY["no"], sent.get("no")), task=code)


def _of_row(line: Line, sent: Cells | None, scope: Scope) -> Iterator[Finding]:
    """Yield what is wrong with a row; `sent` is None where the workbook no longer knows what it was sent with."""
    for column in DEPARTMENT:
        yield from cell_faults(line, column, computed=False)
    if sent is None:
        yield from report_faults(line, scope, {}, line.cells.get("requirement"))
        return
    for column in OFFICE:
        if column.key in line.places and not alike(column, line.cells.get(column.key), sent.get(column.key)):
            yield line.says(Code.LOCKED_EDITED, column.key, facts={"wanted": shown(sent.get(column.key)) or "空白"})
    yield from report_faults(line, scope, sent, sent.get("requirement"))
    changed = [c.key for c in DEPARTMENT if not alike(c, line.cells.get(c.key), sent.get(c.key))]
    if changed and line.means("reported_on") is not None and "reported_on" not in changed:
        yield line.says(Code.DAY_NOT_RENEWED, "reported_on", value=line.means("reported_on"))
