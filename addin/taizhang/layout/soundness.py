"""What only a workbook can have wrong: formulas typed over, merged cells, hidden rows, entry rules pasted away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from taizhang.columns import BY_TITLE, COLUMNS, DERIVED, Column
from taizhang.findings import Code, Finding
from taizhang.layout.entering import entry_rules
from taizhang.layout.parts import EntryRule, Structure
from taizhang.layout.reading import Block, Grid, heading
from taizhang.places import column_letter, reference, runs
from taizhang.values import Value, is_blank, shown


@dataclass(frozen=True)
class Owner:
    """Whose a row is: 序号, 任务编码 and, in 联合牵头上报, the lead."""

    no: Value = None
    task: str = ""
    department: str = ""


@dataclass(frozen=True)
class Surface:
    """A table as it stands on its sheet; `structure` is None where nothing but values could be read.

    `rows` are the rows that belong to a task, by number.
    """

    block: Block
    grid: Grid
    structure: Structure | None
    rows: Mapping[int, Owner]

    def at(self, row: int, column: int) -> Value:
        """Return what a cell holds."""
        inside = row <= len(self.grid) and column <= len(self.grid[row - 1])
        return self.grid[row - 1][column - 1] if inside else None

    def says(self, code: Code, row: int, column: int, title: str = "", **facts: object) -> Finding:
        """Return a finding about a cell, with the task its row belongs to."""
        owner, value = self.rows.get(row, Owner()), facts.pop("value", self.at(row, column))
        return Finding(
            code,
            self.block.sheet,
            reference(row, column),
            owner.no,
            owner.task,
            title,
            value,  # type: ignore[arg-type]
            facts,
            department=owner.department,
        )

    def placed(self, columns: Iterable[Column]) -> list[tuple[Column, int]]:
        """Return columns with where they stand, those that are missing left out."""
        return [(column, self.block.places[column.key]) for column in columns if column.key in self.block.places]


def unsound(surface: Surface, entered: Sequence[Column], computed: Sequence[Column]) -> Iterator[Finding]:
    """Yield what is wrong with a table of which staff fill `entered`, and formulas `computed`."""
    if surface.structure:
        yield from _lost_formulas(surface, surface.structure, computed)
        yield from typed_formulas(surface, entered)
        yield from hidden(surface)
        yield from merged(surface)
        yield from _lost_rules(surface, surface.structure, entered)


def lost_formula(surface: Surface, row: int, last: int, column: int, title: str) -> Finding:
    """Return the finding for a run of cells that hold values where formulas belong."""
    values = [surface.at(one, column) for one in range(row, last + 1)]
    rows = "" if row == last else f"第{row}至{last}行的"
    first = shown(values[0])
    how = "没有了" if all(map(is_blank, values)) else f"被“{first}”覆盖" if row == last else "被其他内容覆盖"
    return surface.says(Code.FORMULA_LOST, row, column, title, rows=rows, how=how)


def _lost_formulas(surface: Surface, structure: Structure, columns: Iterable[Column]) -> Iterator[Finding]:
    for column, place in surface.placed(columns):
        lost = (row for row in surface.rows if (row, place) not in structure.formulas)
        yield from (lost_formula(surface, first, last, place, column.title) for first, last in runs(lost))


def typed_formulas(surface: Surface, columns: Iterable[Column]) -> Iterator[Finding]:
    """Yield the formulas in cells that staff or departments fill."""
    entered = {place: column for column, place in surface.placed(columns)}
    for row, place in sorted(surface.structure.formulas if surface.structure else ()):
        if row in surface.rows and place in entered:
            yield surface.says(Code.FORMULA_TYPED, row, place, entered[place].title)


def hidden(surface: Surface) -> Iterator[Finding]:
    """Yield what of a table does not show."""
    structure, sheet = surface.structure or Structure(), surface.block.sheet
    unseen = [row for first, last in structure.hidden_rows for row in range(first, last + 1) if row in surface.rows]
    if unseen:
        facts = {"rows": in_words(unseen), "how": "清除筛选" if structure.filtered else "取消隐藏"}
        yield Finding(Code.ROWS_HIDDEN, sheet, f"第{unseen[0]}行", facts=facts)
    for first, last in structure.hidden_columns:
        titles = [c.title for c, place in surface.placed(COLUMNS) if first <= place <= last and c.key != "code"]
        if titles:
            yield Finding(Code.COLUMNS_HIDDEN, sheet, f"{column_letter(first)}列", value="、".join(titles))


_TOLD = 8  # runs of rows that one sentence lists


def in_words(rows: Iterable[int]) -> str:
    """Return row numbers as a clerk says them: 第4至6行、第9行."""
    found = [f"第{first}行" if first == last else f"第{first}至{last}行" for first, last in runs(rows)]
    return "、".join(found[:_TOLD]) + (f"等{len(found)}处" if len(found) > _TOLD else "")


def merged(surface: Surface) -> Iterator[Finding]:
    """Yield the merged areas among a table's rows; titles above it may be merged."""
    block = surface.block
    for area in (surface.structure or Structure()).merged:
        if area.bottom > block.header_row and block.rows and area.top <= max(block.rows):
            whole = f"{reference(area.top, area.left)}:{reference(area.bottom, area.right)}"
            yield surface.says(Code.MERGED, area.top, area.left, value=whole)


_KINDS = {"list": "list", "date": "date", "percent": "decimal", "integer": "whole", "length": "textLength"}


def _lost_rules(surface: Surface, structure: Structure, columns: Iterable[Column]) -> Iterator[Finding]:
    """Yield the columns in some of whose rows Excel no longer checks what is typed."""
    if not surface.rows:
        return
    top, bottom = min(surface.rows), max(surface.rows)
    there = surface.placed(columns)
    wanted = entry_rules([column for column, _ in there], surface.block.places, top, bottom)
    for (column, place), rule in zip(there, wanted, strict=True):
        lost = surface.rows.keys() - _covered(structure.rules, place, _KINDS[rule.kind], rule.source, bottom)
        if lost:
            yield surface.says(Code.RULE_LOST, min(lost), place, column.title, rows=in_words(lost))


def _covered(rules: Sequence[EntryRule], place: int, kind: str, source: str, last: int) -> set[int]:
    """Return the rows of a column in which a rule of a kind holds; of a list, the right one."""
    fits = [rule for rule in rules if rule.kind == kind and (kind != "list" or rule.formula.lstrip("=") == source)]
    areas = [area for rule in fits for area in rule.areas if area.left <= place <= area.right]
    return {row for area in areas for row in range(area.top, min(area.bottom, last) + 1)}


def strays(surface: Surface) -> Iterator[Finding]:
    """Yield what lies outside a table: rows that are no task, tasks its filter misses, columns without a header."""
    derived = {column.key for column in DERIVED}
    for row, cells in surface.block.rows.items():
        own = [key for key in cells if key not in derived]
        if row not in surface.rows and own:
            yield surface.says(Code.ROW_STRAY, row, surface.block.places[own[0]])
    yield from _beyond_filter(surface)
    yield from headless(surface)


def _beyond_filter(surface: Surface) -> Iterator[Finding]:
    area = surface.structure.filter if surface.structure else None
    beyond = [row for row in surface.rows if area and row > area.bottom]
    if beyond:
        facts = {"rows": in_words(beyond)}
        yield Finding(Code.ROW_BEYOND, surface.block.sheet, f"第{min(beyond)}行", facts=facts)


def headless(surface: Surface) -> Iterator[Finding]:
    """Yield the first cell of every column that has content, and no header or one that another column has."""
    grid, header = surface.grid, surface.block.header_row
    head = grid[header - 1] if len(grid) >= header else ()
    width = max((len(row) for row in grid[header:]), default=0)
    known, own = frozenset(BY_TITLE), set(surface.block.places.values())
    second = {n for n, value in enumerate(head, 1) if heading(value) in known and n not in own}
    for place in (n for n in range(1, width + 1) if n in second or n > len(head) or is_blank(head[n - 1])):
        first = next((row for row in range(header + 1, len(grid) + 1) if not is_blank(surface.at(row, place))), None)
        if first:
            yield surface.says(Code.CELL_STRAY, first, place)
