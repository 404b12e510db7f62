"""What an act changes in a workbook's bytes: the ledger's cells, its journal, its marks; nothing else is touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from itertools import count
from pathlib import Path
from types import MappingProxyType

from taizhang import journal, tables
from taizhang.books.delta import content_in
from taizhang.books.disk import fingerprint
from taizhang.books.looks import (
    filter_to,
    filtered,
    grow_rows,
    hidden,
    print_to,
    printed,
    recolour,
    relock,
    show_shares,
    size_rows,
    widths,
)
from taizhang.books.marks import mark
from taizhang.books.package import Cached, Package, PackageError
from taizhang.books.render import scratch
from taizhang.columns import COLUMNS, DEPARTMENT, ITEM_REGISTERS, Column, Owner, Register
from taizhang.errors import LedgerError, Stop
from taizhang.journal import Act, CellChange, Head, Journal
from taizhang.layout import freshness, office
from taizhang.layout.common import record_height, store_sheet, value_of
from taizhang.layout.department import base_records, sent_records, sent_sheet
from taizhang.layout.entering import Borrowing
from taizhang.layout.guide import guide_title
from taizhang.layout.namesake import gives_way
from taizhang.layout.overview import CHECK_PLACE
from taizhang.layout.parts import Content, Formula, Mark, Sheet, State, Workbook
from taizhang.layout.posts import post_records, posts_sheet
from taizhang.layout.reading import Block, Grid, Reading
from taizhang.layout.registers import formats_of, item_record, register_sheet
from taizhang.layout.result import store_sheets
from taizhang.layout.snapshot import snapshot_records, snapshot_sheet
from taizhang.ledger import Item, Ledger
from taizhang.places import Place
from taizhang.settings import SETTINGS
from taizhang.styles import row_height
from taizhang.values import Value, is_blank, same

HEAD_PROPERTY = "taizhang_journal"


def package_of(path: Path, data: bytes) -> Package:
    """Return a file's parts for editing; raise LedgerError for a workbook saved in another format."""
    try:
        return Package.load(data)
    except PackageError as error:
        raise LedgerError(Stop.NOT_XLSX, path=path) from error


@dataclass(frozen=True)
class Source:
    """A ledger before an edit: its bytes, their cells and what was read out of them.

    `head` and `noted` say where its journal ended when it was last written: in the file's own
    words, and as it stands beside the backups.
    """

    path: Path
    data: bytes
    grids: Mapping[str, Grid]
    reading: Reading
    head: Head | None = None
    noted: Head | None = None


@dataclass(frozen=True)
class Correction:
    """A cell whose words are written anew: where it stands, and what its journal line says."""

    sheet: str
    place: Place
    change: CellChange


@dataclass(frozen=True)
class Edited:
    """A ledger as it will be written, its journal, the numbers of the lines the act added, the sheets rendered anew."""

    data: bytes
    journal: Journal
    numbers: tuple[int, int] | None
    puts: tuple[Sheet, ...]


def edited(
    source: Source,
    after: Ledger,
    act: Act,
    as_of: date,
    puts: Sequence[Sheet] = (),
    corrections: Sequence[Correction] = (),
    decisions: Iterable[CellChange] = (),
) -> Edited:
    """Return the workbook brought from the ledger it holds to `after`, nothing else touched, every cell journaled.

    What was edited by hand since the last write is journaled first. `puts` are sheets rendered
    anew. Cached values are those of `as_of`. `corrections` are cells that `after` holds too,
    however they are spelt; `decisions` are cells that were left as they are.
    """
    after = after.with_wordings()
    if not after.id:  # a ledger begun from the empty template becomes one of its own with its first write
        after = replace(after, id=fingerprint(f"{source.path}{act.at.isoformat()}".encode())[:12])
    reading = source.reading
    before, record = reading.ledger, reading.journal
    stand = {code: reading.tasks.rows[row] for code, row in reading.task_rows.items()}
    # What two spellings of one value differ in is no change of the ledger, but it is one of the cell.
    spelt = (one.change for one in corrections if same(one.change.old, one.change.new))
    respelt = [one for one in spelt if journal.canonical(one.old) != journal.canonical(one.new)]
    own = [*journal.changed(before, after), *journal.overwritten(before, after, stand, record), *respelt, *decisions]
    seen = seen_by_now(source, act)
    written = seen.extended([(act, own)], source.head or source.noted)
    package = package_of(source.path, source.data)
    edit = _Edit(source, after, as_of, package)
    edit.all()
    corrected: dict[str, dict[Place, Content]] = defaultdict(dict)
    for one in corrections:
        corrected[one.sheet][one.place] = one.change.new
    for sheet, cells in corrected.items():  # at once: every call reads and writes its whole sheet
        package.set_cells(sheet, cells)
    edit.journal(written)
    edit.reach()
    put = (*puts, *_changed_stores(before, after), *edit.puts)
    edit.freshness({sheet.name for sheet in put})
    _put(package, put, source.path, source.grids)
    numbers = (written.lines[len(seen.lines)].number, written.head.number) if own else None
    return Edited(package.dump(), written, numbers, put)


def seen_by_now(source: Source, act: Act) -> Journal:
    """Return the journal of a ledger with what happened to it since it was last written."""
    record = source.reading.journal
    older = journal.older(record, source.head, source.noted)
    found = [(replace(act, name=journal.OLDER), list(older)), *_since(record, source.reading.ledger, act)]
    return record.extended(found, source.head or source.noted)


def _since(record: Journal, ledger: Ledger, act: Act) -> list[tuple[Act, list[CellChange]]]:
    """Return what staff typed since the last write, and what went elsewhere with it.

    Nobody knows who typed it, nor exactly when.
    """
    since = record.told[-1].at if record.lines else ""
    between = f"{since} 至 {act.at.isoformat(' ', 'seconds')} 之间" if since else ""
    changes = list(journal.hand_edits(record, ledger))
    moved = journal.moved(record, ledger, changes)
    typed = [one for one in changes if one.place not in moved]
    gone = [*journal.leads_changed(record, ledger), *(one for one in changes if one.place in moved)]
    return [(Act(journal.HAND, act.at, "", file=between), typed), (Act(journal.MOVED, act.at, "", file=between), gone)]


def _changed_stores(before: Ledger, after: Ledger) -> Sequence[Sheet]:
    return store_sheets(after) if before.received != after.received else ()


def _put(package: Package, sheets: Sequence[Sheet], path: Path, grids: Mapping[str, Grid]) -> None:
    """Put rendered sheets into the file, a visible one first: XlsxWriter shows a workbook's first sheet.

    Raises LedgerError where one would take the place of a sheet that staff made, which `grids` tells.
    """
    for sheet in sheets:
        if not _is_free(package, sheet, grids.get(sheet.name, ())):
            raise LedgerError(Stop.SHEET_NOT_OURS, path=path, sheet=sheet.name)
    if sheets:
        ordered = sorted(sheets, key=lambda sheet: sheet.state is not State.VISIBLE)
        package.put_sheets(scratch(Workbook(tuple(ordered))), tables.ORDER)


def _is_free(package: Package, sheet: Sheet, grid: Grid) -> bool:
    """Return whether nothing of staff's stands under a sheet's name: no sheet, one of ours, or an empty one."""
    if sheet.name not in package.sheet_names:
        return True
    if sheet.name not in package.sheet_parts():  # a chart on a tab of its own
        return False
    return gives_way(sheet, grid) or not package.grid(sheet.name).last_filled()


class _Edit:
    """The cells that bring a file's sheets from the ledger read to the ledger wanted."""

    def __init__(self, source: Source, after: Ledger, as_of: date, package: Package) -> None:
        self.before = source.reading.ledger
        self.reading = source.reading
        self.grids = source.grids
        self.after = after
        self.as_of = as_of
        self.package = package
        self.puts: list[Sheet] = []  # sheets that do not exist yet
        self._bottoms = {name: max(one.rows) for name, one in source.reading.blocks.items() if one.rows}  # last rows

    def all(self) -> None:
        """Edit every sheet that shows the ledger."""
        self._tasks()
        self._joint()
        self._items()
        self._settings()
        self._wordings()
        self._dispatches()
        self._snapshots()
        self._posts()

    def _tasks(self) -> None:
        block = self.reading.tasks
        states = self.after.states(self.as_of)
        cells: dict[tuple[int, int], Content | Cached] = {}
        grown: dict[int, float] = {}
        for code, row in self._rows.items():
            wanted = {} if code in self._gone else {**self.after.row(code), "code": code}
            shown = block.rows.get(row, {})
            changed = {
                c.key: wanted.get(c.key)
                for c in COLUMNS
                if c.owner is not Owner.DERIVED and not same(wanted.get(c.key), shown.get(c.key))
            }
            if changed:
                grown[row] = _height(wanted)
            derived = office.derived(states[code], row, block.places)
            if code in self._gone:
                derived = {key: replace(one, value="") for key, one in derived.items()}
            cells |= {(row, block.places[key]): value for key, value in {**changed, **derived}.items()}
        known, rows = set(self.reading.task_rows.values()), self._rows.values()
        fresh = [row for row in rows if row not in known]
        self.package.dress_rows(block.sheet, fresh, like=max(known, default=block.header_row + 1))
        self.package.set_cells(block.sheet, cells)
        grow_rows(self.package, block.sheet, grown)
        self._bottoms[block.sheet] = max(rows, default=0)  # a row without a task is there to be filled in
        relock(self.package, block.sheet, self._locks(block))
        recolour(self.package, block.sheet, block.places["status"], self.after.settings.colours)
        if tables.GUIDE in self.package.sheet_names:
            recolour(self.package, tables.GUIDE, office.LEGEND_PLACE, self.after.settings.colours)
            title = guide_title(self.after.settings)
            if title not in next(iter(self.grids.get(tables.GUIDE, ())), ()):  # else the sheet stays as it is
                self._refresh(tables.GUIDE, {(1, 1): title})
        self._refresh(block.sheet, office.head_values(self.after, self.as_of))

    def _locks(self, block: Block) -> dict[Place, str]:
        """Return the look of every report cell of 工作台账: composed ones are locked, a single lead's are open."""
        return {
            (row, block.places[column.key]): office.look(column, self.after.is_joint(code))
            for code, row in self._rows.items()
            for column in DEPARTMENT
        }

    @cached_property
    def _rows(self) -> dict[str, int]:
        """Return where every task stands; one that is new comes below all that is written."""
        known = dict(self.reading.task_rows)
        fresh = [task.code for task in self.after.tasks if task.code not in known]
        return known | dict(zip(fresh, count(self._next_row(self.reading.tasks.sheet)), strict=False))

    @cached_property
    def _gone(self) -> frozenset[str]:
        """Return the tasks of which nothing is left: taking back what added them leaves an empty row."""
        said = {task.code for task in self.before.tasks if task.cells}
        return frozenset(task.code for task in self.after.tasks if not task.cells and task.code in said)

    def reach(self) -> None:
        """Have every line of the tables printed, and filtered with the others: those below the areas came later."""
        for sheet, bottom in self._bottoms.items():
            for there, give in ((printed, print_to), (filtered, filter_to)):
                area = there(self.package, sheet)
                if area and area.bottom < bottom:
                    give(self.package, sheet, replace(area, bottom=bottom))

    def _add(self, block: Block, records: Sequence[Mapping[str, Content]]) -> int:
        """Append records below a table's last line; return the first row written."""
        first = self.package.append_rows(block.sheet, [_laid_out(record, block.places) for record in records])
        if records:
            self._bottoms[block.sheet] = first + len(records) - 1
        return first

    def _joint(self) -> None:
        block, rows = self.reading.blocks[tables.JOINT], self.reading.report_rows
        keys = tuple(self.after.joint_keys())
        if not block.rows:
            if keys:
                self.puts.append(office.joint_sheet(self.after))
            return
        borrowing = Borrowing(self.reading.tasks.places, block.places["code"])
        cells: dict[tuple[int, int], Content] = {}
        grown: dict[int, float] = {}
        for key in keys:
            if key in rows:
                wanted = office.joint_record(self.after, key, rows[key], borrowing)
                changed = self._joint_changes(wanted, block.rows[rows[key]])
                cells |= {(rows[key], block.places[name]): value for name, value in changed.items()}
                grown[rows[key]] = _height({c.key: wanted.get(c.key) for c in DEPARTMENT})
        self.package.set_cells(block.sheet, {**cells, **self._left_behind(block)})
        grow_rows(self.package, block.sheet, grown)
        first = self._next_row(block.sheet)
        fresh = [key for key in keys if key not in rows]
        records = [office.joint_record(self.after, key, row, borrowing) for row, key in enumerate(fresh, first)]
        self._add(block, records)

    def _left_behind(self, block: Block) -> dict[tuple[int, int], Content]:
        """Return blanks for the row of a lead that now leads alone: its report stands in 工作台账 again."""
        gone = [
            row
            for key, row in self.reading.report_rows.items()
            if key.task in self._gone
            or (
                key.task in self.after.by_code
                and self.after.keys_of(key.task) == (key,)
                and all(same(self.before.report(key).get(c.key), block.rows[row].get(c.key)) for c in DEPARTMENT)
            )
        ]
        return {(row, place): None for row in gone for place in block.places.values()}

    def _joint_changes(self, wanted: Mapping[str, Content], shown: Mapping[str, Value]) -> dict[str, Content]:
        own = {c.key: wanted.get(c.key) for c in DEPARTMENT}
        changed = {key: value for key, value in own.items() if not same(value, shown.get(key))}  # type: ignore[arg-type]
        return {**changed, **{key: value for key, value in wanted.items() if isinstance(value, Formula)}}

    def _items(self) -> None:
        """Bring 指标 and 问题清单 to what is wanted; a sheet that is not there yet, or is empty, is put."""
        for register in ITEM_REGISTERS:
            items = self.after.items_of(register)
            block = self.reading.blocks.get(register.sheet)
            if block and block.rows:
                self._edit_items(register, block, items)
            elif items:
                self.puts.append(register_sheet(self.after, register, self.reading.tasks.places))

    def _edit_items(self, register: Register, block: Block, items: Sequence[Item]) -> None:
        rows = self.reading.item_rows
        borrowing = Borrowing(self.reading.tasks.places, block.places["item_task"])
        known = {item.code for item in items if item.code in rows}
        fresh = [item for item in items if item.code not in known and item.cells]
        place = {code: rows[code] for code in known} | dict(
            zip((item.code for item in fresh), count(self._next_row(block.sheet)), strict=False)
        )
        cells: dict[Place, Content | Cached] = {}
        grown: dict[int, float] = {}
        for item in (item for item in items if item.code in known):
            row = rows[item.code]
            if not item.cells and self.before.by_code[item.code].cells:  # taking back what added it leaves nothing
                cells |= {(row, column): None for column in block.places.values()}
                continue
            wanted = item_record(self.after, item, row, block.places, borrowing)
            stands = block.rows.get(row, {})
            named = (c.key for c in register.columns if c.owner is not Owner.DERIVED and c.key in block.places)
            changed = {key: wanted.get(key) for key in named if not same(wanted.get(key), stands.get(key))}  # type: ignore[arg-type]
            if changed:
                grown[row] = _height(wanted, register.columns)
            changed |= {key: value for key, value in wanted.items() if isinstance(value, Formula)}
            cells |= {(row, block.places[key]): value for key, value in changed.items() if key in block.places}
        self.package.set_cells(block.sheet, cells)
        records = [item_record(self.after, one, place[one.code], block.places, borrowing) for one in fresh]
        self._add(block, records)
        grown |= {place[one.code]: _height(r, register.columns) for one, r in zip(fresh, records, strict=True)}
        grow_rows(self.package, block.sheet, grown)
        filled = (item for item in items if item.cells)
        formats = (formats_of(item, block.places, place[item.code]) for item in filled)
        show_shares(self.package, block.sheet, {at: share for found in formats for at, share in found.items()})

    def _settings(self) -> None:
        block = self.reading.blocks[tables.SETTINGS]
        rows = {str(cells.get("title")): row for row, cells in block.rows.items()}
        changes: dict[tuple[int, int], Content | Cached] = {}
        for setting in SETTINGS:
            value = self.after.settings.values[setting.key]
            if not same(value, self.before.settings.values[setting.key]) and setting.title in rows:
                changes[rows[setting.title], block.places["value"]] = value
        if self.after.id != self.before.id:
            changes[rows[office.LEDGER_ID_TITLE], block.places["value"]] = self.after.id
            self.package.set_properties({"taizhang_ledger": self.after.id})
        self.package.set_cells(block.sheet, changes)
        values = office.computed_settings(self.after, self.as_of, rows)
        places = {(rows[title], place): formula for (title, place), formula in values.items() if title in rows}
        kept = self.package.formula_places(block.sheet)
        self._refresh(block.sheet, {place: formula.value for place, formula in places.items()})
        self.package.set_cells(block.sheet, {place: one for place, one in places.items() if place not in kept})

    def _wordings(self) -> None:
        """Add the wordings that are missing in 字典, and move the days of those that went to another 年度."""
        block = self.reading.blocks[tables.WORDINGS]
        listed = {str(cells["wording"]): row for row, cells in reversed(list(block.rows.items())) if "wording" in cells}
        records = office.wording_records(self.after)
        fresh = [record for record in records if record["wording"] not in listed]
        moved = {
            (listed[word], block.places["due"]): deadline.due
            for word, deadline in self.after.dictionary.entries.items()
            if word in listed and deadline.due and not same(deadline.due, block.rows[listed[word]].get("due"))
        }
        self.package.set_cells(block.sheet, moved)
        self._add(block, fresh)

    def _next_row(self, sheet: str) -> int:
        """Return the row that is appended to next: the one below the last that holds anything."""
        grid = self.grids[sheet]
        return 1 + max((n for n, row in enumerate(grid, 1) if any(not is_blank(v) for v in row)), default=0)

    def _refresh(self, sheet: str, values: Mapping[tuple[int, int], Value]) -> None:
        """Rewrite the cached values of formulas that stand where we put them."""
        found = self.package.formula_places(sheet) if sheet in self.package.sheet_names else frozenset()
        cached = {place: Cached(value) for place, value in values.items() if place in found}
        self.package.set_cells(sheet, cached)

    def _dispatches(self) -> None:
        known = {batch.id for batch in self.before.batches}
        for batch in self.after.batches:
            if batch.id not in known:
                base = base_records(self.after, batch)
                self._append(tables.SENT_TABLE, sent_records(batch), partial(sent_sheet, batch))
                self._append(tables.BASE_TABLE, base, partial(store_sheet, tables.BASE_TABLE, base))

    def _snapshots(self) -> None:
        """Append the snapshot of a period that was closed; write 旬快照 anew where one is open again."""
        known = {one.period for one in self.before.snapshots}
        if known <= {one.period for one in self.after.snapshots}:
            for one in self.after.snapshots:
                if one.period not in known:
                    self._append(tables.SNAPSHOT_TABLE, snapshot_records(one), partial(snapshot_sheet, self.after))
        else:
            self.puts.append(snapshot_sheet(self.after))

    def _posts(self) -> None:
        """Append the mails that left to 发送记录."""
        fresh = self.after.posts[len(self.before.posts) :]
        if fresh:
            self._append(tables.POSTS_TABLE, post_records(fresh), partial(posts_sheet, self.after.posts))

    def journal(self, written: Journal) -> None:
        """Append the new lines to 变更记录, and note where it ends."""
        old = self.reading.journal
        if written.head != old.head:
            lines = office.journal_records(written.lines[len(old.lines) :])
            self._append(tables.JOURNAL_TABLE, lines, partial(office.journal_sheet, written))
            self.package.set_properties({HEAD_PROPERTY: str(written.head)})

    def freshness(self, put: Collection[str]) -> None:
        """Say in 汇总 whether it still tells of the ledger, unless it is made anew."""
        names = self.package.sheet_parts()
        store = self.grids.get(tables.SEEN, ())
        if not freshness.is_store(store) or tables.SUMMARY not in names or tables.SUMMARY in put:
            return
        says = content_in(self.package, self.package.grid(tables.SUMMARY).cell(*CHECK_PLACE))
        if not (isinstance(says, Formula) and tables.SEEN in says.text):  # a sheet of that name that staff made
            return
        rows = freshness.stored(store)
        grids = {one.sheet: self.package.grid(one.sheet) for one in rows if one.sheet in names}

        def cell(sheet: str, row: int, column: int) -> Value:
            return value_of(content_in(self.package, grids[sheet].cell(row, column))) if sheet in grids else None

        def column(sheet: str, place: int) -> list[Value]:
            last = max(grids[sheet].rows, default=0) if sheet in grids else 0
            return [cell(sheet, row, place) for row in range(1, last + 1)]

        fresh = freshness.still(rows, cell, column)
        told = freshness.told(fresh, freshness.day_in(store), self.as_of)
        self._refresh(tables.SUMMARY, {CHECK_PLACE: told})

    def _append(self, table: tables.Table, records: Sequence[Mapping[str, Content]], made: Callable[[], Sheet]) -> None:
        """Append records to a table's sheet, or have the sheet put if it holds none whose looks they could take."""
        block = self.reading.blocks.get(table.sheet)
        if block and block.rows:
            first = self._add(block, records)
            if records and self.package.grid(table.sheet).rows[first].get("ht"):  # that of the last line until now
                wide = self._widths(table, block)
                wanted = {row: record_height(table, record, wide) for row, record in enumerate(records, first)}
                size_rows(self.package, table.sheet, wanted)
        else:
            self.puts.append(made())

    def _widths(self, table: tables.Table, block: Block) -> dict[str, float]:
        """Return how wide the columns of a table are that show."""
        own, unseen = widths(self.package, table.sheet), hidden(self.package, table.sheet)
        places = ((field, block.places.get(field.key, 0)) for field in table.fields)
        return {field.key: own.get(at, field.width) for field, at in places if at and at not in unseen}


def _laid_out(record: Mapping[str, Content], places: Mapping[str, int]) -> list[Content]:
    """Return a record as a row of its sheet, each value where its column stands."""
    row: list[Content] = [None] * max(places.values())
    for key, place in places.items():
        row[place - 1] = record.get(key)
    return row


_SHOWN = tuple(column for column in COLUMNS if column.key != "code")


def _height(cells: Mapping[str, Content], columns: Sequence[Column] = _SHOWN) -> float:
    return row_height((value_of(cells.get(c.key)), c.width) for c in columns)


# Marks


def annotated(
    path: Path,
    data: bytes,
    fills: Mapping[str, Callable[[Place], str]],
    found: Mapping[str, Mapping[Place, Mark]] = MappingProxyType({}),
    puts: Sequence[Sheet] = (),
    grids: Mapping[str, Grid] = MappingProxyType({}),
) -> bytes:
    """Return a workbook with the marks `found` in the sheets of `fills`, all others cleared, and sheets put in.

    `fills` says which fill a cell of each sheet was made with, `grids` what every sheet holds.
    """
    package = package_of(path, data)
    there = package.sheet_parts()
    for name, own_fill in fills.items():
        if name in there:
            mark(package, name, found.get(name, {}), own_fill)
    _put(package, puts, path, grids)
    return package.dump()
