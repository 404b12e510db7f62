"""The other way round: grids of an opened workbook → the ledger, and where its cells stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache, partial
from typing import TypeAlias, TypeVar

from taizhang import tables
from taizhang.addresses import split_addresses
from taizhang.columns import BY_KEY, BY_TITLE, COLUMNS, DEPARTMENT, ITEM_REGISTERS, OFFICE_OWNED, Column, register_of
from taizhang.deadlines import ANY_YEAR, Deadline, Dictionary, Interval, parse
from taizhang.departments import Department, Directory, split_names
from taizhang.entries import restored, tidy
from taizhang.errors import LedgerError, Stop
from taizhang.findings import CATALOGUE, Code, Finding
from taizhang.joint import own_reports
from taizhang.journal import Journal, Line, canonical, last_composed
from taizhang.layout.office import LEDGER_ID_TITLE, NOTE_PLACE, RUNNING
from taizhang.ledger import Batch, Cells, Item, Ledger, Post, ReportKey, SentFile, Snapped, Snapshot, Task, fresh_codes
from taizhang.periods import Period
from taizhang.places import reference
from taizhang.returns import Kept, Received
from taizhang.settings import COLOUR_SETTINGS, SETTINGS, Kind, Setting, Settings, reread, wrong
from taizhang.spans import unpacked, unpacked_counts
from taizhang.tables import Field, Table
from taizhang.values import Value, day, is_blank, same, shown

T = TypeVar("T")
Grid: TypeAlias = Sequence[Sequence[Value]]
SEARCHED_ROWS = 30
_LEDGER_MARK = tables.TICKET_KEYS[0]


@dataclass(frozen=True)
class Block:
    """A table found on a sheet: its header row, where each column stands, and its filled rows."""

    sheet: str
    header_row: int
    places: Mapping[str, int]
    rows: Mapping[int, Cells]


@dataclass(frozen=True)
class Reading:
    """A ledger as read: its values, and where they stand in the file, sheet by sheet.

    `faults` are what makes it unsafe to write: tables missing or damaged, rows that contradict
    each other. What could be read around them is there all the same, for `check`.
    """

    ledger: Ledger
    blocks: Mapping[str, Block]
    task_rows: Mapping[str, int]
    report_rows: Mapping[ReportKey, int]
    journal: Journal
    faults: tuple[Finding, ...] = ()
    item_rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def tasks(self) -> Block:
        """Return the table of 工作台账."""
        return self.blocks[tables.LEDGER]

    @property
    def places(self) -> dict[str, Mapping[str, int]]:
        """Return where the columns of each register stand, by its sheet."""
        known = {one.sheet: self.blocks[one.sheet].places for one in ITEM_REGISTERS if one.sheet in self.blocks}
        return {tables.LEDGER: self.tasks.places, **known}


def find_block(name: str, grid: Grid, titles: Mapping[str, str], needed: Sequence[str]) -> Block | None:
    """Return the table whose header, within the first rows, has all `needed` titles; any column order."""
    number = first_with(needed, heads_of(grid))
    return block_under(name, grid, number, titles) if number else None


def first_with(needed: Iterable[str], heads: Sequence[set[str]]) -> int:
    """Return the first row whose headers are all these, 0 where none has them."""
    wanted = set(needed)
    return next((number for number, own in enumerate(heads, 1) if own >= wanted), 0)


def heading(value: Value) -> str:
    """Return a header cell's words, without what makes it fit its column, and without 必填 and its like."""
    return _without_asking(shown(value))


_LONG = 100  # characters that no header has, however it is broken up


def heads_in(row: Sequence[Value]) -> set[str]:
    """Return the words of a row's cells that may be headers."""
    short = [value for value in row if type(value) is str and len(value) < _LONG]
    return {value if value.isalnum() else _without_asking(value) for value in short}


def head_places(row: Sequence[Value], titles: Mapping[str, T]) -> dict[T, int]:
    """Return where the columns of some titles stand, by what the titles stand for; of two equal headers the first counts."""
    heads = list(enumerate(map(heading, row), 1))
    return {titles[head]: place for place, head in reversed(heads) if head in titles}


@lru_cache(maxsize=4096)  # every cell below a head is asked too, and most say what others said
def _without_asking(text: str) -> str:
    return _ASKED.sub("", "".join(text.split()))


_ASKED = re.compile(r"^[*＊]+|[*＊]+$|[（(\[【](?:必填|选填|必填项|选填项|必须填写|请填写|可不填)[）)\]】][*＊]*$")


def heads_of(grid: Grid) -> list[set[str]]:
    """Return the words that may be headers in each of a sheet's first rows."""
    return [heads_in(row) for row in grid[:SEARCHED_ROWS]]


def heads_counted(heads: Sequence[set[str]], titles: Mapping[str, object]) -> list[int]:
    """Return how many of some titles each of a sheet's first rows holds."""
    return [len(own & titles.keys()) for own in heads]


def block_under(name: str, grid: Grid, number: int, titles: Mapping[str, str]) -> Block:
    """Return the table whose headers stand in row `number`; of two equal headers the first counts."""
    places = head_places(grid[number - 1], titles)
    return Block(name, number, places, dict(_records(grid, number, places)))


def _records(grid: Grid, header_row: int, places: Mapping[str, int]) -> Iterator[tuple[int, Cells]]:
    wanted = [(key, place - 1) for key, place in places.items()]
    for number, row in enumerate(grid[header_row:], header_row + 1):
        width = len(row)
        cells = {
            key: value
            for key, at in wanted
            if at < width and (value := row[at]) != "" and not (value is None or is_blank(value))
        }
        if cells:
            yield number, cells


def rows_of(block: Block, grid: Grid, columns: Iterable[Column]) -> Callable[[int], Cells]:
    """Return what gives a row's cells as they stand, white space and all; empty ones are left out."""
    wanted = [(c.key, block.places[c.key] - 1) for c in columns if c.key in block.places]

    def cells(row: int) -> Cells:
        values = grid[row - 1]
        found = ((key, values[place]) for key, place in wanted if place < len(values))
        return {key: value for key, value in found if value is not None and value != ""}

    return cells


def read_ledger(path: str, grids: Mapping[str, Grid], properties: Mapping[str, str]) -> Reading:
    """Return the ledger a workbook holds, with its faults; raise LedgerError, with a sentence, when it is none."""
    _check_format(path, properties)
    faults: list[Finding] = []
    blocks = {tables.LEDGER: _task_block(path, grids, faults), **_table_blocks(grids, faults)}
    directory = _directory(blocks[tables.NAMES])
    settings, ledger_id = _settings(blocks[tables.SETTINGS], faults)
    found, rows = _tasks(blocks[tables.LEDGER], settings.year, _codes_given(blocks), faults)
    records = _Records(blocks, directory, faults)
    bare = Ledger(
        ledger_id or properties.get(_LEDGER_MARK, ""),
        found,
        {},
        directory,
        wordings(blocks[tables.WORDINGS]).for_year(settings.year),
        settings,
        records.batches(),
        records.base(),
        records.received(),
        records.snapshots(),
        posts=records.posts(),
    )
    record = records.journal()
    reports, report_rows = _reports(bare, blocks, rows, record, faults)
    items, item_rows = _items(bare, blocks, faults)
    whole = replace(bare, items=items)
    reports |= _item_reports(whole, blocks, item_rows)
    faults.extend(_unfinished(grids.get(tables.JOURNAL, ())))
    return Reading(replace(whole, reports=reports), blocks, rows, report_rows, record, tuple(faults), item_rows)


def _unfinished(grid: Grid) -> Iterator[Finding]:
    """Yield that a write into the open workbook was cut off, which 变更记录 then says."""
    row, column = NOTE_PLACE
    text = grid[row - 1][column - 1] if len(grid) >= row and len(grid[row - 1]) >= column else None
    if isinstance(text, str) and text.startswith(RUNNING):
        yield Finding(Code.WRITE_UNFINISHED, tables.JOURNAL, reference(row, column), value=text.removeprefix(RUNNING))


# A missing table would read as "nothing there", and the next write would make that true.
_ALWAYS = (tables.SETTINGS_TABLE, tables.NAMES_TABLE, tables.WORDINGS_TABLE, tables.JOINT_TABLE, tables.JOURNAL_TABLE)
_ITEM_TABLES = {one: Table(one.sheet, tuple(Field(c.key, c.title) for c in one.columns)) for one in ITEM_REGISTERS}
_PERHAPS = (tables.SNAPSHOT_TABLE, tables.POSTS_TABLE, *_ITEM_TABLES.values())
_TOGETHER = ((tables.SENT_TABLE, tables.BASE_TABLE), (tables.RECEIVED_TABLE, tables.RETURNS_TABLE))


def _table_blocks(grids: Mapping[str, Grid], faults: list[Finding]) -> dict[str, Block]:
    """Return where every other table of the ledger stands; one that is damaged or gone is a fault."""
    there = [table for table in _PERHAPS if table.sheet in grids]
    for pair in _TOGETHER:
        both = any(_looks_like(grids.get(one.sheet, ()), one) for one in pair)
        there += [table for table in pair if both or table.sheet in grids]
    return {table.sheet: _table_block(grids, table, faults) for table in (*_ALWAYS, *there)}


def _check_format(path: str, properties: Mapping[str, str]) -> None:
    found = properties.get("taizhang_format", "")
    if found.isdigit() and int(found) > tables.FORMAT:
        raise LedgerError(Stop.NEWER_LEDGER, path=path, found=found, known=tables.FORMAT)


TASK_TABLE = Table(tables.LEDGER, tuple(Field(column.key, column.title) for column in COLUMNS))
_TELLING = tuple(BY_KEY[key].title for key in ("code", "target", "leads"))  # no other table has these three


def _task_block(path: str, grids: Mapping[str, Grid], faults: list[Finding]) -> Block:
    """Return the table of 工作台账, under another name too; raise LedgerError where the workbook is no ledger."""
    if tables.SETTINGS not in grids and not _looks_like(grids.get(tables.LEDGER, ()), TASK_TABLE):
        raise LedgerError(Stop.NOT_A_LEDGER, path=path, sheet=tables.LEDGER, header="、".join(_TELLING))
    block = _table_block(grids, TASK_TABLE, faults)
    if not {"code", "target"} & block.places.keys():
        raise LedgerError(Stop.NOT_A_LEDGER, path=path, sheet=tables.LEDGER, header="、".join(_TELLING))
    return block


def is_ledger(grids: Mapping[str, Grid], properties: Mapping[str, str]) -> bool:
    """Return whether a workbook says that it is a ledger: it has tasks by their codes, and our mark or our 设置.

    Neither alone tells: a table may be copied out of a ledger, and a notice typed into what was one.
    """
    wanted = [BY_KEY[key].title for key in ("code", "target")]
    marked = _LEDGER_MARK in properties or any(LEDGER_ID_TITLE in row for row in grids.get(tables.SETTINGS, ()))
    return marked and any(first_with(wanted, heads_of(grid)) for grid in grids.values())


def _table_block(grids: Mapping[str, Grid], table: Table, faults: list[Finding]) -> Block:
    """Return where a table stands; a sheet or a header that is missing is a fault, and the rest is read."""
    name = table.sheet
    if name not in grids:
        name = next((other for other in grids if other not in tables.ORDER and _looks_like(grids[other], table)), "")
        asked = f"是否改名成了“{name}”？" if name else ""
        faults.append(Finding(Code.SHEET_MISSING, value=table.sheet, suggestion=asked))
    block = _headed(name, table, grids.get(name, ())) or Block(table.sheet, table.header_row, {}, {})
    missing = [field.title for field in table.fields if field.key not in block.places and not field.optional]
    if missing and name:
        place = f"第{block.header_row}行"
        strange = table not in _ALWAYS and name in tables.ORDER and not _looks_like(grids[name], table)
        asked = _OWN.format(name=name) if strange else ""
        faults.append(Finding(Code.HEADER_MISSING, sheet=name, cell=place, value="、".join(missing), suggestion=asked))
    return block


_OWN = "这是您自己的表的，请改名，例如“{name}（原有）”：本软件要用这个表名。"


def _looks_like(grid: Grid, table: Table) -> bool:
    """Return whether most of a table's headers stand on a sheet."""
    block = _headed(table.sheet, table, grid)
    return block is not None and 2 * len(block.places) > len(table.fields)


def _headed(name: str, table: Table, grid: Grid) -> Block | None:
    """Return the block under the row with the most of a table's headers: one renamed header hides no table."""
    titles = {field.title: field.key for field in table.fields}
    found = heads_counted(heads_of(grid), titles)
    most = max(found, default=0)
    return block_under(name, grid, found.index(most) + 1, titles) if most else None


def _directory(block: Block) -> Directory:
    rows = [row for row in block.rows.values() if "name" in row]
    return Directory(
        tuple(
            Department(
                shown(row["name"]).strip(),
                split_names(shown(row.get("aliases"))),
                split_addresses(shown(row.get("emails"))),
            )
            for row in rows
        )
    )


def wordings(block: Block) -> Dictionary:
    """Return 字典 as the formulas read it: text wordings, the first line of each, days only where Excel has days."""
    entries: dict[str, Deadline] = {}
    for row in block.rows.values():
        wording, due = row.get("wording"), row.get("due")
        if isinstance(wording, str):
            named = None if isinstance(due, str) else parse(due, 0).due
            entries.setdefault(wording, Deadline(named, _interval(row.get("interval"))))
    return Dictionary(entries)


def _interval(value: Value) -> Interval | None:
    return next((interval for interval in Interval if interval.value == shown(value)), None)


def _settings(block: Block, faults: list[Finding]) -> tuple[Settings, str]:
    given = {shown(row["title"]): (number, row.get("value")) for number, row in block.rows.items() if "title" in row}
    found: dict[str, Value] = {}
    for setting in (*SETTINGS, *COLOUR_SETTINGS):
        number, value = given.get(setting.title, (0, None))
        if wrong(setting, value) or (setting.key == "year" and is_blank(value)):
            cell = reference(number, block.places.get("value", 1)) if number else ""
            faults.append(_bad_setting(setting, cell, value))
        elif not is_blank(value):
            found[setting.title] = _as_set(setting, value)
    colours = {one.key: shown(found[one.title]).upper() for one in COLOUR_SETTINGS if one.title in found}
    values = {setting.key: found[setting.title] for setting in SETTINGS if setting.title in found}
    return Settings.of(colours, **{"year": ANY_YEAR, **values}), shown(given.get(LEDGER_ID_TITLE, (0, None))[1])


def _as_set(setting: Setting, value: Value) -> Value:
    if setting.kind is Kind.TEXT and not isinstance(value, str):
        return shown(value)
    return day(value) if setting.kind is Kind.DATE else value


def _bad_setting(setting: Setting, cell: str, value: Value) -> Finding:
    if isinstance(value, str) and not wrong(setting, meant := reread(setting, value)):
        facts = {"wanted": shown(meant)}
        return Finding(Code.AS_TEXT, tables.SETTINGS, cell, column=setting.title, value=value, facts=facts)
    facts = {"name": setting.title, "wanted": setting.kind.value}
    return Finding(Code.SETTING_WRONG, sheet=tables.SETTINGS, cell=cell, value=value, facts=facts)


def _items(
    ledger: Ledger, blocks: Mapping[str, Block], faults: list[Finding]
) -> tuple[tuple[Item, ...], dict[str, int]]:
    """Return the lines of 指标 and 问题清单, and their rows; one typed in gets a code and the task its 序号 names."""
    items: list[Item] = []
    rows: dict[str, int] = {}
    given = _codes_given(blocks)
    for register in ITEM_REGISTERS:
        block = blocks.get(register.sheet, Block(register.sheet, 1, {}, {}))
        own = {c.key for c in (*register.office, *register.department)} | {register.code}
        written = [(number, cells) for number, cells in block.rows.items() if own & cells.keys()]
        used = [*given, *(shown(cells.get(register.code)).strip() for _, cells in written)]
        fresh = fresh_codes(used, ledger.settings.year, register)
        for number, cells in written:
            code = shown(cells.get(register.code)).strip()
            if register_of(code) is not register:
                code = next(fresh)
            if code in rows:
                cell = reference(number, block.places[register.code])
                title = BY_KEY[register.code].title
                facts = {"other": rows[code]}
                faults.append(Finding(Code.CODE_REPEATED, block.sheet, cell, column=title, value=code, facts=facts))
                code = next(fresh)
            rows[code] = number
            items.append(Item(code, {**_task_meant(ledger, cells), **_tidied(register.office, cells)}))
    return tuple(items), rows


def _task_meant(ledger: Ledger, cells: Cells) -> Cells:
    """Return the code of the task whose 序号 somebody typed into a line; nothing where none or several have it."""
    number = cells.get("item_no")
    found = [task.code for task in ledger.tasks if not is_blank(number) and same(task.no, number)]
    return {"item_task": found[0]} if len(found) == 1 else {}


def _item_reports(ledger: Ledger, blocks: Mapping[str, Block], rows: Mapping[str, int]) -> dict[ReportKey, Cells]:
    """Return what is filled in on the lines of 指标 and 问题清单, as the report of whoever is to fill them in."""
    found: dict[ReportKey, Cells] = {}
    for item in ledger.items:
        cells = _tidied(item.register.department, blocks[item.register.sheet].rows[rows[item.code]])
        if cells:
            found[ledger.keys_of(item.code)[0]] = cells
    return found


def _codes_given(blocks: Mapping[str, Block]) -> list[str]:
    """Return the task codes the file remembers, also of rows that somebody has deleted."""
    remembering = ((tables.JOURNAL, "task"), (tables.BASE, "code"))
    found = ((blocks[sheet].rows.values(), key) for sheet, key in remembering if sheet in blocks)
    return [shown(row.get(key)) for rows, key in found for row in rows]


def _tasks(
    block: Block, year: int, given: Sequence[str], faults: list[Finding]
) -> tuple[tuple[Task, ...], dict[str, int]]:
    """Return the tasks, and their rows; one that somebody typed in gets the next free code, as does a copied one."""
    rows: dict[str, int] = {}
    tasks: list[Task] = []
    written = [row for row in block.rows.items() if "code" in row[1] or "target" in row[1]]
    fresh = fresh_codes([*given, *(shown(cells.get("code")) for _, cells in written)], year)
    for number, cells in written:
        code = shown(cells.get("code")).strip() or next(fresh)
        if code in rows:
            faults.append(
                Finding(
                    Code.CODE_REPEATED,
                    block.sheet,
                    reference(number, block.places["code"]),
                    cells.get("no"),
                    column=BY_KEY["code"].title,
                    value=code,
                    facts={"other": rows[code]},
                )
            )
            code = next(fresh)
        rows[code] = number
        tasks.append(Task(code, _tidied(OFFICE_OWNED, cells)))
    return tuple(tasks), rows


def _tidied(columns: Sequence[Column], cells: Cells) -> dict[str, Value]:
    """Return a row's filled cells of some columns, in their plain types."""
    found = {c.key: tidy(c, cells[c.key]) for c in columns if c.key in cells}
    return {key: value for key, value in found.items() if value is not None}


def _reports(
    ledger: Ledger, blocks: Mapping[str, Block], rows: Mapping[str, int], journal: Journal, faults: list[Finding]
) -> tuple[dict[ReportKey, Cells], dict[ReportKey, int]]:
    """Return every report: from its row of 联合牵头上报, or from 工作台账 for a single lead; former leads' too."""
    own, own_rows = _joint_reports(ledger, blocks[tables.JOINT], faults)
    rows_of: dict[str, dict[str, Cells]] = {}
    for key, cells in own.items():
        rows_of.setdefault(key.task, {})[key.department] = cells
    reports: dict[ReportKey, Cells] = {}
    for task in ledger.tasks:
        leads = [key.department for key in ledger.keys_of(task.code)]
        shown = _tidied(DEPARTMENT, blocks[tables.LEDGER].rows[rows[task.code]])
        old_lead = partial(_old_lead, ledger, task.code)
        policy = ledger.settings.text("joint_percent")
        was_shown = last_composed(task.code, ledger, journal)
        found = own_reports(leads, shown, rows_of.get(task.code, {}), old_lead, policy, was_shown)
        reports |= {ReportKey(task.code, lead): cells for lead, cells in found.items() if cells}
    # A lead that has left keeps its row of 联合牵头上报, and what it says stays on record.
    left = {key: cells for key, cells in own.items() if key not in reports and key.task in ledger.by_code and cells}
    return {**left, **reports}, own_rows


def _old_lead(ledger: Ledger, code: str, leads: Sequence[str]) -> str:
    """Return which of some leads a task's row belonged to: who was sent it last, else the first."""
    sent = [key.department for _, key in ledger.base if key.task == code and key.department in leads]
    return sent[-1] if sent else leads[0]


def _joint_reports(
    ledger: Ledger, block: Block, faults: list[Finding]
) -> tuple[dict[ReportKey, Cells], dict[ReportKey, int]]:
    reports: dict[ReportKey, Cells] = {}
    rows: dict[ReportKey, int] = {}
    for number, cells in block.rows.items():
        key = ReportKey(shown(cells.get("code")), _called(cells.get("department"), ledger.directory))
        if not key.task:
            continue
        if key in rows:
            cell = reference(number, block.places["department"])
            facts, department = {"other": rows[key]}, key.department
            found = Finding(Code.JOINT_ROW_REPEATED, block.sheet, cell, task=key.task, facts=facts)
            faults.append(replace(found, department=department))
            continue
        rows[key] = number
        reports[key] = _tidied(DEPARTMENT, cells)
    return reports, rows


def _called(value: Value, directory: Directory) -> str:
    """Return a department's name as 单位名录 has it now: one that was renamed keeps its old name as an alias."""
    return directory.canonical(shown(value)) or shown(value)


@dataclass(frozen=True)
class _Records:
    """What the ledger remembers of dispatches and returns; a row that cannot be read is a fault."""

    blocks: Mapping[str, Block]
    directory: Directory
    faults: list[Finding]

    def batches(self) -> tuple[Batch, ...]:
        """Return 下发记录: every batch with its files."""
        found: dict[str, Batch] = {}
        for id, at, period, file in self._read(tables.SENT_TABLE, self._sent):
            old = found.get(id) or Batch(id, period, at)
            found[id] = replace(old, files=(*old.files, file))
        return tuple(found.values())

    def base(self) -> dict[tuple[str, ReportKey], Cells]:
        """Return 下发底稿: the sent cells by batch and report."""
        return dict(self._read(tables.BASE_TABLE, self._based))

    def received(self) -> tuple[Received, ...]:
        """Return every return so far, with its cells."""
        kept: dict[str, list[Kept]] = {}
        for sha256, cell in self._read(tables.RETURNS_TABLE, lambda row: (shown(row["sha256"]), _kept(row))):
            kept.setdefault(sha256, []).append(cell)
        files = self._read(tables.RECEIVED_TABLE, lambda row: _file(row, self.directory))
        return tuple(replace(file, kept=tuple(kept.get(file.sha256, ()))) for file in files)

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Return 旬快照, period by period."""
        heads: dict[Period, Snapshot] = {}
        rows: dict[Period, dict[ReportKey, Snapped]] = {}
        for head, key, row in self._read(tables.SNAPSHOT_TABLE, self._snapped):
            heads.setdefault(head.period, head)
            rows.setdefault(head.period, {})[key] = row
        return tuple(replace(head, rows=rows[period]) for period, head in heads.items())

    def posts(self) -> tuple[Post, ...]:
        """Return 发送记录, in the order of its sheet."""
        return tuple(self._read(tables.POSTS_TABLE, self._posted))

    def journal(self) -> Journal:
        """Return 变更记录, in the order of its sheet."""
        return Journal(tuple(self._read(tables.JOURNAL_TABLE, _line)))

    def _read(self, table: Table, made: Callable[[Cells], T]) -> Iterator[T]:
        block = self.blocks.get(table.sheet)
        for number, row in block.rows.items() if block else ():
            try:
                yield made(row)
            except (KeyError, ValueError, LedgerError):
                self.faults.append(Finding(Code.RECORD_BROKEN, table.sheet, reference(number, 1)))

    def _sent(self, row: Cells) -> tuple[str, datetime, Period, SentFile]:
        name = _called(row["department"], self.directory)
        file = SentFile(name, shown(row["name"]), _count(row.get("rows")), shown(row["sha256"]))
        return shown(row["batch"]), _moment(row["at"]), Period.parse(shown(row["period"])), file

    def _posted(self, row: Cells) -> Post:
        return Post(
            shown(row["batch"]),
            shown(row["kind"]),
            _called(row["department"], self.directory),
            split_addresses(shown(row.get("to"))),
            _moment(row["at"]),
            shown(row["outcome"]),
            shown(row.get("message_id")),
            shown(row.get("sha256")),
        )

    def _based(self, row: Cells) -> tuple[tuple[str, ReportKey], Cells]:
        key = ReportKey(shown(row["code"]), _called(row["department"], self.directory))
        sent = register_of(key.task).sent
        cells = {c.key: restored(c, row.get(c.key)) for c in sent if c.key in row}
        return (shown(row["batch"]), key), {k: v for k, v in cells.items() if v is not None}

    def _snapped(self, row: Cells) -> tuple[Snapshot, ReportKey, Snapped]:
        as_of = day(row["as_of"])
        if as_of is None:
            raise ValueError(row["as_of"])
        head = Snapshot(Period.parse(shown(row["period"])), _moment(row["closed_at"]), as_of)
        key = ReportKey(shown(row["code"]), _called(row.get("department"), self.directory))
        report = {name: restored(BY_KEY[name], row.get(name)) for name in tables.SNAPPED}
        filled = {name: value for name, value in report.items() if value is not None}
        return (
            head,
            key,
            Snapped(row.get("no"), shown(row["status"]), filled, day(row.get("due")), shown(row["turnout"])),
        )


def _moment(value: Value) -> datetime:
    return datetime.fromisoformat(shown(value))


def _count(value: Value) -> int:
    return int(value) if isinstance(value, (int, float)) else 0


def _line(row: Cells) -> Line:
    number, act = _whole(row["number"]), _whole(row["act"])
    texts = {**_NO_WORDS, **{key: canonical(value) for key, value in row.items()}}
    return Line(**{**texts, "number": number, "act": act})  # type: ignore[arg-type]


_NO_WORDS = {field.key: "" for field in tables.JOURNAL_TABLE.fields}


def _whole(value: Value) -> int:
    if not isinstance(value, (int, float)) or value % 1:
        raise ValueError(f"{value!r}: no whole number")
    return int(value)


def _kept(row: Cells) -> Kept:
    title = shown(row["column"])
    column = BY_TITLE.get(title)
    fault = Code(shown(row["fault"])) if "fault" in row else None
    raw = fault is not None and CATALOGUE[fault].about_cell  # what breaks its column's rule has not its type
    back = row.get("back") if raw or column is None else restored(column, row.get("back"))
    seen = restored(column, row.get("seen")) if column else None
    settled = shown(row.get("settled"))
    return Kept(
        _count(row.get("row")),
        shown(row.get("code")),
        column.key if column else title,
        back,
        fault,
        seen,
        settled,
        shown(row.get("sheet")),
    )


def _file(row: Cells, directory: Directory) -> Received:
    reported, modified, mailed = row.get("reported_on"), row.get("modified_at"), row.get("mailed_at")
    codes, _, counts = shown(row.get("rows")).rpartition(":")
    return Received(
        sha256=shown(row["sha256"]),
        name=shown(row.get("name")),
        batch=shown(row["batch"]),
        department=_called(row["department"], directory),
        received_at=_moment(row["received_at"]),
        rows=unpacked(codes),
        unchanged=unpacked_counts(counts),
        columns=unpacked_counts(shown(row.get("columns"))),
        reported_on=date.fromisoformat(shown(reported)) if reported else None,
        modified_at=_moment(modified) if modified else None,
        mailed_at=_moment(mailed) if mailed else None,
        missing=unpacked(shown(row.get("missing"))),
    )
