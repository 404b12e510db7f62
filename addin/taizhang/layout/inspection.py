"""A ledger looked over as a whole: every fault in one pass, place first.

What a row may hold is judged by `validate`, what a sheet may look like by `soundness`; here their
rows and tables are found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from taizhang import journal, tables
from taizhang.addresses import is_address, mailbox, split_addresses
from taizhang.columns import BY_KEY, DEPARTMENT, DERIVED, OFFICE_OWNED, TASKS, register_of
from taizhang.departments import Directory, findings_alike, split_names
from taizhang.findings import Code, Finding, in_order
from taizhang.layout import office
from taizhang.layout.parts import Structure
from taizhang.layout.reading import Block, Grid, Reading, rows_of, wordings
from taizhang.layout.soundness import Owner, Surface, lost_formula, strays, unsound
from taizhang.ledger import Cells, Ledger
from taizhang.likeness import alike
from taizhang.places import reference
from taizhang.validate import (
    Line,
    Scope,
    category_faults,
    cell_faults,
    edited_targets,
    item_faults,
    number_faults,
    repeated_numbers,
    report_faults,
    task_faults,
)
from taizhang.values import Value, is_blank, same, shown, squeezed


@dataclass(frozen=True)
class Ledgerbook:
    """A ledger workbook to be looked over: as read, its cells, what its sheets have beside them, and the as-of date."""

    reading: Reading
    grids: Mapping[str, Grid]
    structures: Mapping[str, Structure]
    as_of: date

    @property
    def ledger(self) -> Ledger:
        """Return the ledger's values."""
        return self.reading.ledger

    @property
    def scope(self) -> Scope:
        """Return what entries are judged by."""
        return Scope(self.reading.journal.first_year or self.ledger.settings.year, self.as_of)


def ledger_findings(book: Ledgerbook) -> list[Finding]:
    """Return everything a clerk should mend in a ledger, errors first, each kind in the order of the sheets."""
    lines = _task_lines(book)
    found = [
        *book.reading.faults,
        *_about_tasks(book, lines),
        *_about_reports(book, lines),
        *_about_items(book),
        *_about_sheets(book),
        *_about_names(book),
        *_about_wordings(book),
    ]
    return in_order(found, (book.reading.tasks.sheet, *tables.ORDER))


def _task_lines(book: Ledgerbook) -> list[Line]:
    block, ledger = book.reading.tasks, book.ledger
    cells = rows_of(block, book.grids.get(block.sheet, ()), (*OFFICE_OWNED, *DEPARTMENT))
    return [
        Line(block.sheet, row, block.places, cells(row), code, ledger.by_code[code].no)
        for code, row in book.reading.task_rows.items()
    ]


def _about_tasks(book: Ledgerbook, lines: Sequence[Line]) -> Iterator[Finding]:
    ledger, block, scope = book.ledger, book.reading.tasks, book.scope
    dictionary = ledger.with_wordings().dictionary
    for line in lines:
        yield from task_faults(line, scope, ledger.directory, dictionary)
        if is_blank(block.rows[line.row].get("code")) and "code" in block.places:
            yield line.says(Code.CODE_MISSING, "code")
    yield from number_faults((line.means("no") for line in lines), block.sheet)
    yield from repeated_numbers(lines)
    yield from category_faults(lines)
    yield from edited_targets(lines, _noticed(book))
    yield from _gone(book)
    for first, second in alike([shown(line.cells.get("target")) for line in lines]):
        other = shown(lines[first].no) or f"（第{lines[first].row}行）"
        yield lines[second].says(Code.TASKS_ALIKE, "target", facts={"other": other})


def _gone(book: Ledgerbook) -> Iterator[Finding]:
    """Yield the rows a dispatch carried, of items the last one, and the tasks the history last saw, that are not there."""
    title, numbers = BY_KEY["target"].title, {line.task: line.no for line in book.reading.journal.lines}
    seen = {key.task: text for (key, column), text in book.reading.journal.state.items() if column == title}
    newest = book.ledger.batches[-1].id if book.ledger.batches else ""
    sent = {
        key.task: shown(cells.get(register_of(key.task).telling))
        for (batch, key), cells in book.ledger.base.items()
        if batch == newest
    }
    dispatched = {code: shown(words) for code, words in book.ledger.gone.items()}
    for code, target in {**dispatched, **sent, **seen}.items():
        if code not in book.ledger.by_code:
            no = numbers.get(code, "")
            facts = {"value": f"“{target[:30]}”"}
            number = int(no) if no.isdecimal() else None
            register = register_of(code)
            sheet = book.reading.tasks.sheet if register is TASKS else register.sheet
            yield Finding(Code.TASK_GONE, sheet, no=number, task=code, value=target, facts=facts)


def _noticed(book: Ledgerbook) -> dict[str, Value]:
    """Return every task's words as the notice had them, by task code, from 变更记录."""
    title = BY_KEY["target"].title
    block = book.reading.blocks[tables.JOURNAL]
    imported = (row for row in block.rows.values() if row.get("operation") == journal.NEW)
    return {shown(row.get("task")): row.get("new") for row in imported if row.get("column") == title}


def _about_reports(book: Ledgerbook, lines: Sequence[Line]) -> Iterator[Finding]:
    """Yield what is wrong with every lead's report, each on the sheet it stands on."""
    joint = book.reading.blocks[tables.JOINT]
    cells = rows_of(joint, book.grids.get(joint.sheet, ()), DEPARTMENT)
    before = {key: sent for (_, key), sent in book.ledger.base.items()}  # the newest batch counts
    rows, scope = book.reading.report_rows, book.scope
    for line in lines:
        keys = book.ledger.keys_of(line.code)
        asked = line.cells.get("requirement")
        if len(keys) == 1 or not any(key in rows for key in keys):
            yield from _of_report(line, scope, before.get(keys[0], {}), asked)
            continue
        for key in keys:
            if key in rows:
                own = Line(joint.sheet, rows[key], joint.places, cells(rows[key]), line.code, line.no, key.department)
                yield from _of_report(own, scope, before.get(key, {}), asked)
        if all(key in rows for key in keys):
            yield from _typed_over(book.ledger, line)
    yield from _stray_reports(book, joint, cells)


def _of_report(line: Line, scope: Scope, before: Cells, requirement: Value) -> Iterator[Finding]:
    for column in line.filled(DEPARTMENT):
        yield from cell_faults(line, column, computed=True)
    yield from report_faults(line, scope, before, requirement)


def _typed_over(ledger: Ledger, line: Line) -> Iterator[Finding]:
    """Yield the cells of a joint task's row that do not show what its leads' reports make together."""
    composed = ledger.row(line.code)
    for column in DEPARTMENT:
        if not same(line.cells.get(column.key), composed.get(column.key)):
            yield line.says(Code.COMPOSED_EDITED, column.key)


def _stray_reports(book: Ledgerbook, joint: Block, cells: Callable[[int], Cells]) -> Iterator[Finding]:
    """Yield the rows of 联合牵头上报 that hold something and belong to no lead of a joint task."""
    used = {book.reading.report_rows.get(key) for key in book.ledger.joint_keys()}
    for row, found in joint.rows.items():
        written = any(not is_blank(value) for value in cells(row).values())
        if written and row not in used:
            department = shown(found.get("department"))
            line = Line(joint.sheet, row, joint.places, found, shown(found.get("code")), None, department)
            yield line.says(Code.JOINT_ROW_STRAY, "code", value=department)


def _about_items(book: Ledgerbook) -> Iterator[Finding]:
    """Yield what is wrong with the lines of 指标 and 问题清单."""
    for item in book.ledger.items:
        register, ledger = item.register, book.ledger
        block, row = book.reading.blocks[register.sheet], book.reading.item_rows[item.code]
        cells = rows_of(block, book.grids.get(block.sheet, ()), (*register.office, *register.department))(row)
        line = Line(block.sheet, row, block.places, cells, item.code, ledger.by_code[item.code].no)
        if item.task not in ledger.by_code:
            yield line.says(Code.ITEM_LOOSE, "item_no")
        yield from item_faults(line, register, book.scope, ledger.directory)


# The sheets


def _about_sheets(book: Ledgerbook) -> Iterator[Finding]:
    ledger, reading = book.ledger, book.reading
    tasks = {row: Owner(ledger.by_code[code].no, code) for code, row in reading.task_rows.items()}
    reports = {
        row: Owner(ledger.by_code[key.task].no, key.task, key.department)
        for key, row in reading.report_rows.items()
        if key.task in ledger.by_code
    }
    own = _surface(book, reading.tasks, tasks)
    yield from unsound(own, (*OFFICE_OWNED, *DEPARTMENT), DERIVED)
    yield from strays(own)
    yield from unsound(_surface(book, reading.blocks[tables.JOINT], reports), DEPARTMENT, _BORROWED)
    yield from _lost_settings(_surface(book, reading.blocks[tables.SETTINGS], {}), book)
    missing = (name for name in (tables.GUIDE, tables.CHOICES) if name not in book.grids)
    yield from (Finding(Code.SHEET_MISSING, value=name) for name in missing)


_BORROWED = tuple(BY_KEY[key] for key in ("no", "target", "deadline"))  # what 联合牵头上报 looks up in 工作台账


def _surface(book: Ledgerbook, block: Block, rows: Mapping[int, Owner]) -> Surface:
    return Surface(block, book.grids.get(block.sheet, ()), book.structures.get(block.sheet), rows)


def _lost_settings(surface: Surface, book: Ledgerbook) -> Iterator[Finding]:
    """Yield the cells at the foot of 设置 that hold a value where everything else computes with a formula."""
    rows = {shown(cells.get("title")): row for row, cells in surface.block.rows.items()}
    if surface.structure is None:
        return
    for title, place in office.computed_settings(book.ledger, book.as_of):
        if title in rows and (rows[title], place) not in surface.structure.formulas:
            yield lost_formula(surface, rows[title], rows[title], place, title)


# 单位名录, 字典


def _about_names(book: Ledgerbook) -> Iterator[Finding]:
    block, directory = book.reading.blocks[tables.NAMES], book.ledger.directory
    title = tables.NAMES_TABLE.fields[0].title
    rows = {shown(cells.get("name")).strip(): row for row, cells in block.rows.items()}
    for one in findings_alike(directory, sheet=tables.NAMES, column=title):
        yield replace(one, cell=reference(rows[shown(one.value)], block.places["name"]))
    seen: set[str] = set()
    for row, cells in block.rows.items():
        name = squeezed(shown(cells.get("name")))
        if name and name in seen:
            cell = reference(row, block.places["name"])
            yield Finding(Code.NAME_REPEATED, tables.NAMES, cell, column=title, value=cells.get("name"))
        seen.add(name)
    yield from _about_emails(block)
    for one in _shared_aliases(directory):
        named = (n for n, cells in block.rows.items() if shown(one.value) in split_names(shown(cells.get("aliases"))))
        yield replace(one, cell=reference(next(named, 0), block.places["aliases"]))


def _about_emails(block: Block) -> Iterator[Finding]:
    """Yield what stands as an address and is none, and the addresses that two departments have."""
    place = block.places.get("emails")
    first: dict[str, str] = {}
    for row, cells in block.rows.items():
        name = shown(cells.get("name")).strip()
        for email in split_addresses(shown(cells.get("emails"))):
            where = {"sheet": tables.NAMES, "cell": reference(row, place or 1), "column": tables.EMAIL_TITLE}
            if not is_address(email):
                yield Finding(Code.EMAIL_MALFORMED, value=email, department=name, **where)  # type: ignore[arg-type]
            other = first.setdefault(mailbox(email), name)
            if other != name:
                facts = {"other": other}
                yield Finding(Code.EMAIL_SHARED, value=email, department=name, facts=facts, **where)  # type: ignore[arg-type]


def _shared_aliases(directory: Directory) -> Iterator[Finding]:
    """Yield the aliases that more than one department claims, or that are another's name."""
    names = {squeezed(name) for name in directory.names}
    claims = [(squeezed(alias), one.name) for one in directory.departments for alias in one.aliases]
    owners: dict[str, list[str]] = {}
    for alias, name in claims:
        owners.setdefault(alias, []).append(name)
    for alias, found in owners.items():
        others = [name for name in dict.fromkeys(found) if squeezed(name) != alias]
        others += [alias] if alias in names and others else []
        if len(others) > 1:
            title = tables.NAMES_TABLE.fields[1].title
            yield Finding(
                Code.ALIAS_SHARED, tables.NAMES, column=title, value=alias, facts={"other": "”“".join(others)}
            )


def _about_wordings(book: Ledgerbook) -> Iterator[Finding]:
    """Yield what is wrong with the days of 字典, by which the formulas count.

    One that is text is a day neither for a formula nor for the code. Those of another 年度 than that of 设置, where it
    was changed by hand, move on with the next write; the ledger as read has them moved already.
    """
    block = book.reading.blocks[tables.WORDINGS]
    title = tables.WORDINGS_TABLE.fields[1].title
    for row, cells in block.rows.items():
        due = cells.get("due")
        if isinstance(due, str):
            cell = reference(row, block.places["due"])
            facts = {"wanted": "日期，例如 2020-09-15"}
            yield Finding(Code.AS_TEXT, tables.WORDINGS, cell, column=title, value=due, facts=facts)
    now, year = book.ledger.dictionary.entries, book.ledger.settings.year
    moved = [word for word, read in wordings(block).entries.items() if now.get(word, read) != read]
    if moved:
        row = next(row for row, cells in block.rows.items() if cells.get("wording") == moved[0])
        facts = {"count": str(len(moved)), "year": str(year)}
        yield Finding(
            Code.WORDINGS_STALE, tables.WORDINGS, reference(row, block.places["due"]), column=title, facts=facts
        )
