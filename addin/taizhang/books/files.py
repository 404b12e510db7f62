"""Closed ledger files: opened as values, created whole, and edited through one write path.

Every write is: lock → read → compare → back up → edit in place → temporary file, fsync, rename.
A killed process leaves the old file or the new one. Source: `merge.md`, One write path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from taizhang import journal, tables
from taizhang.books.disk import content_of, fingerprint, reason, replace_file, write_through
from taizhang.books.grids import read_sheets
from taizhang.books.locks import locked
from taizhang.books.looks import grow_rows, recolour
from taizhang.books.package import Cached, Package, PackageError
from taizhang.books.render import render
from taizhang.columns import COLUMNS, DEPARTMENT, Owner
from taizhang.errors import LedgerError, Stop
from taizhang.journal import Act
from taizhang.layout import office
from taizhang.layout.common import store_sheet
from taizhang.layout.department import base_records, sent_records, sent_sheet
from taizhang.layout.parts import Content, Formula, Sheet, State, Workbook
from taizhang.layout.reading import Block, Grid, Reading, read_ledger
from taizhang.layout.result import store_sheets
from taizhang.ledger import Ledger
from taizhang.settings import SETTINGS
from taizhang.styles import row_height
from taizhang.values import Value, is_blank, same

BACKUPS = "备份"
SPARE_ROWS = 20  # empty rows of a new ledger, open for tasks added by hand


@dataclass(frozen=True)
class Opened:
    """A ledger file as it was read: its values, where they stand, and the bytes they came from."""

    path: Path
    data: bytes
    grids: Mapping[str, Grid]
    reading: Reading

    @property
    def ledger(self) -> Ledger:
        """Return the ledger's values."""
        return self.reading.ledger


@dataclass(frozen=True)
class Written:
    """What a write left behind: the journal lines it added, and the backup it made first."""

    journal: tuple[int, int] | None
    backup: Path | None


def open_ledger(path: Path) -> Opened:
    """Return a ledger file's content; raise LedgerError, with a sentence, when it is none."""
    data = content_of(path)
    sheets = read_sheets(path, data)
    return Opened(path, data, sheets.grids, read_ledger(str(path), sheets.grids, sheets.properties))


@contextmanager
def editing(path: Path, *, force: bool = False) -> Iterator[Opened]:
    """Hold a ledger for one write, and give its content."""
    path = path.resolve()  # behind a link stands the file that is locked, backed up and replaced
    content_of(path)  # a missing file is said before a lock file is made beside it
    with locked(path, force=force):
        opened = open_ledger(path)
        _package(opened)
        yield opened


def _package(opened: Opened) -> Package:
    """Return the file's parts for editing; raise LedgerError for a ledger saved in another format."""
    try:
        return Package.load(opened.data)
    except PackageError as error:
        raise LedgerError(Stop.NOT_XLSX, path=opened.path) from error


def create_ledger(path: Path, ledger: Ledger, act: Act, as_of: date) -> Written:
    """Write a new ledger file; never over an existing one."""
    if path.exists():
        raise LedgerError(Stop.EXISTS, path=path)
    lines = journal.lines(None, ledger, act, 1)
    data = render(office.ledger_workbook(ledger, as_of, lines, SPARE_ROWS))
    replace_file(path, data)
    return Written((1, len(lines)) if lines else None, None)


def save(opened: Opened, after: Ledger, act: Act, as_of: date, puts: Sequence[Sheet] = ()) -> Written:
    """Bring the file from the ledger it holds to `after`, touching nothing else; journal every cell.

    `puts` are sheets rendered anew. Cached values are those of `as_of`.
    """
    after = after.with_wordings()
    if not after.id:  # a ledger begun from the empty template becomes one of its own with its first write
        after = replace(after, id=fingerprint(f"{opened.path}{act.at.isoformat()}".encode())[:12])
    first = _last_number(opened.reading.blocks[tables.JOURNAL]) + 1
    stand = {code: opened.reading.tasks.rows[row] for code, row in opened.reading.task_rows.items()}
    lines = journal.lines(opened.ledger, after, act, first, journal.overwritten(opened.ledger, after, stand))
    package = _package(opened)
    edit = _Edit(opened, after, as_of, package)
    edit.all()
    edit.journal(lines)
    _put(package, [*puts, *_changed_stores(opened.ledger, after), *edit.puts])
    _check_unchanged(opened)
    backup = _back_up(opened, act)
    replace_file(opened.path, package.dump())
    return Written((first, first + len(lines) - 1) if lines else None, backup)


def _changed_stores(before: Ledger, after: Ledger) -> Sequence[Sheet]:
    return store_sheets(after) if before.received != after.received else ()


def _last_number(block: Block) -> int:
    numbers = (row.get("number") for row in block.rows.values())
    return max((int(n) for n in numbers if isinstance(n, (int, float))), default=0)


def _put(package: Package, sheets: Sequence[Sheet]) -> None:
    """Put rendered sheets into the file, a visible one first: XlsxWriter shows a workbook's first sheet."""
    if sheets:
        ordered = sorted(sheets, key=lambda sheet: sheet.state is not State.VISIBLE)
        package.put_sheets(render(Workbook(tuple(ordered))), tables.ORDER)


class _Edit:
    """The cells that bring a file's sheets from the ledger read to the ledger wanted."""

    def __init__(self, opened: Opened, after: Ledger, as_of: date, package: Package) -> None:
        self.before = opened.ledger
        self.reading = opened.reading
        self.grids = opened.grids
        self.after = after
        self.as_of = as_of
        self.package = package
        self.puts: list[Sheet] = []  # sheets that do not exist yet

    def all(self) -> None:
        """Edit every sheet that shows the ledger."""
        self._tasks()
        self._joint()
        self._settings()
        self._wordings()
        self._dispatches()

    def _tasks(self) -> None:
        block = self.reading.tasks
        states = self.after.states(self.as_of)
        cells: dict[tuple[int, int], Content | Cached] = {}
        grown: dict[int, float] = {}
        for code, row in self.reading.task_rows.items():
            wanted = {**self.after.row(code), "code": code}
            shown = block.rows[row]
            changed = {
                c.key: wanted.get(c.key)
                for c in COLUMNS
                if c.owner is not Owner.DERIVED and not same(wanted.get(c.key), shown.get(c.key))
            }
            if changed:
                grown[row] = _height(wanted)
            derived = office.derived(states[code], row, block.places)
            cells |= {(row, block.places[key]): value for key, value in {**changed, **derived}.items()}
        self.package.set_cells(block.sheet, cells)
        grow_rows(self.package, block.sheet, grown)
        recolour(self.package, block.sheet, block.places["status"], self.after.settings.colours)
        if tables.GUIDE in self.package.sheet_names:
            recolour(self.package, tables.GUIDE, office.LEGEND_PLACE, self.after.settings.colours)
        self._refresh(block.sheet, office.head_values(self.after, self.as_of))

    def _joint(self) -> None:
        block, rows = self.reading.blocks[tables.JOINT], self.reading.report_rows
        keys = tuple(self.after.joint_keys())
        if not block.rows:
            if keys:
                self.puts.append(office.joint_sheet(self.after))
            return
        borrowing = office.Borrowing(self.reading.tasks.places, block.places["code"])
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
        self.package.append_rows(block.sheet, [_laid_out(record, block.places) for record in records])

    def _left_behind(self, block: Block) -> dict[tuple[int, int], Content]:
        """Return blanks for the row of a lead that now leads alone: its report stands in 工作台账 again."""
        gone = [
            row
            for key, row in self.reading.report_rows.items()
            if key.task in self.after.by_code
            and self.after.keys_of(key.task) == (key,)
            and all(same(self.before.report(key).get(c.key), block.rows[row].get(c.key)) for c in DEPARTMENT)
        ]
        return {(row, place): None for row in gone for place in block.places.values()}

    def _joint_changes(self, wanted: Mapping[str, Content], shown: Mapping[str, Value]) -> dict[str, Content]:
        own = {c.key: wanted.get(c.key) for c in DEPARTMENT}
        changed = {key: value for key, value in own.items() if not same(value, shown.get(key))}  # type: ignore[arg-type]
        return {**changed, **{key: value for key, value in wanted.items() if isinstance(value, Formula)}}

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
        values = office.computed_settings(self.after, self.as_of)
        places = {(rows[title], place): value for (title, place), value in values.items() if title in rows}
        self._refresh(block.sheet, places)

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
        self.package.append_rows(block.sheet, [_laid_out(record, block.places) for record in fresh])

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

    def journal(self, lines: Sequence[Mapping[str, Content]]) -> None:
        """Append lines to 变更记录."""
        if lines:
            self._append(tables.JOURNAL_TABLE, lines, partial(office.journal_sheet, lines))

    def _append(self, table: tables.Table, records: Sequence[Mapping[str, Content]], made: Callable[[], Sheet]) -> None:
        """Append records to a table's sheet, or have the sheet put if it holds none whose looks they could take."""
        block = self.reading.blocks.get(table.sheet)
        if block and block.rows:
            self.package.append_rows(table.sheet, [_laid_out(record, block.places) for record in records])
        else:
            self.puts.append(made())


def _laid_out(record: Mapping[str, Content], places: Mapping[str, int]) -> list[Content]:
    """Return a record as a row of its sheet, each value where its column stands."""
    row: list[Content] = [None] * max(places.values())
    for key, place in places.items():
        row[place - 1] = record.get(key)
    return row


def _height(cells: Mapping[str, object]) -> float:
    return row_height((cells.get(c.key), c.width) for c in COLUMNS if c.key != "code")  # type: ignore[misc]


# Beside the file


def _check_unchanged(opened: Opened) -> None:
    """Raise LedgerError when somebody wrote the file since it was read."""
    if content_of(opened.path) != opened.data:
        raise LedgerError(Stop.CHANGED_MEANWHILE, path=opened.path)


def _back_up(opened: Opened, act: Act) -> Path:
    """Copy the file as it was to 备份/; return where."""
    folder = opened.path.parent / BACKUPS
    stem = f"{opened.path.stem}_{act.at:%Y%m%d-%H%M%S}_{act.name}"
    suffix = opened.path.suffix
    try:
        folder.mkdir(exist_ok=True)
        candidates = (folder / f"{stem}{f'_{n}' if n else ''}{suffix}" for n in range(1000))
        target = next(path for path in candidates if not path.exists())
        write_through(target, opened.data)
    except OSError as error:
        raise LedgerError(Stop.CANNOT_WRITE, path=folder, reason=reason(error)) from error
    return target
