"""The other way round: grids of an opened workbook → the ledger, and where its cells stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import TypeAlias

from taizhang import tables
from taizhang.columns import BY_KEY, BY_TITLE, COLUMNS, DEPARTMENT, OFFICE_OWNED, SENT, Column
from taizhang.deadlines import Deadline, Dictionary, Interval, parse
from taizhang.departments import Department, Directory, split_names
from taizhang.entries import restored, tidy
from taizhang.errors import LedgerError, Stop
from taizhang.findings import CATALOGUE, Code
from taizhang.joint import own_reports
from taizhang.layout.office import LEDGER_ID_TITLE
from taizhang.ledger import Batch, Cells, Ledger, ReportKey, SentFile, Task, new_code
from taizhang.periods import Period
from taizhang.returns import Kept, Received
from taizhang.settings import BY_TITLE as SETTING_BY_TITLE
from taizhang.settings import COLOUR_PREFIX, COLOURS, SETTINGS, Kind, Setting, Settings, wrong
from taizhang.tables import Table
from taizhang.values import Value, day, is_blank, shown

Grid: TypeAlias = Sequence[Sequence[Value]]
SEARCHED_ROWS = 30


@dataclass(frozen=True)
class Block:
    """A table found on a sheet: its header row, where each column stands, and its filled rows."""

    sheet: str
    header_row: int
    places: Mapping[str, int]
    rows: Mapping[int, Cells]


@dataclass(frozen=True)
class Reading:
    """A ledger as read: its values, and where they stand in the file, sheet by sheet."""

    ledger: Ledger
    blocks: Mapping[str, Block]
    task_rows: Mapping[str, int]
    report_rows: Mapping[ReportKey, int]

    @property
    def tasks(self) -> Block:
        """Return the table of 工作台账."""
        return self.blocks[tables.LEDGER]


def find_block(name: str, grid: Grid, titles: Mapping[str, str], needed: Sequence[str]) -> Block | None:
    """Return the table whose header, within the first rows, has all `needed` titles; any column order."""
    for number, row in enumerate(grid[:SEARCHED_ROWS], 1):
        heads = [shown(value).replace("\n", "").strip() for value in row]
        if all(title in heads for title in needed):
            places = {titles[head]: place for place, head in reversed(list(enumerate(heads, 1))) if head in titles}
            return Block(name, number, places, dict(_records(grid, number, places)))
    return None


def _records(grid: Grid, header_row: int, places: Mapping[str, int]) -> Iterator[tuple[int, Cells]]:
    for number, row in enumerate(grid[header_row:], header_row + 1):
        cells = {key: row[place - 1] for key, place in places.items() if place <= len(row)}
        cells = {key: value for key, value in cells.items() if not is_blank(value)}
        if cells:
            yield number, cells


def read_ledger(path: str, grids: Mapping[str, Grid], properties: Mapping[str, str]) -> Reading:
    """Return the ledger a workbook holds; raise LedgerError, with a sentence, when it is none."""
    _check_format(path, properties)
    blocks = {tables.LEDGER: _task_block(path, grids), **_table_blocks(path, grids)}
    directory = _directory(blocks[tables.NAMES])
    settings, ledger_id = _settings(path, blocks[tables.SETTINGS])
    found, rows = _tasks(path, blocks[tables.LEDGER], settings.year, _codes_given(blocks))
    bare = Ledger(
        ledger_id or properties.get("taizhang_ledger", ""),
        found,
        {},
        directory,
        _dictionary(blocks[tables.WORDINGS]).for_year(settings.year),
        settings,
        _batches(blocks.get(tables.SENT_LOG), directory),
        _base(blocks.get(tables.BASE), directory),
        _received(blocks.get(tables.RECEIVED), blocks.get(tables.RETURNS), directory),
    )
    reports, report_rows = _reports(path, bare, blocks, rows)
    return Reading(replace(bare, reports=reports), blocks, rows, report_rows)


# A missing table would read as "nothing there", and the next write would make that true.
_ALWAYS = (tables.SETTINGS_TABLE, tables.NAMES_TABLE, tables.WORDINGS_TABLE, tables.JOINT_TABLE, tables.JOURNAL_TABLE)
_TOGETHER = ((tables.SENT_TABLE, tables.BASE_TABLE), (tables.RECEIVED_TABLE, tables.RETURNS_TABLE))


def _table_blocks(path: str, grids: Mapping[str, Grid]) -> dict[str, Block]:
    """Return where every other table of the ledger stands; raise LedgerError for one that is damaged or gone."""
    there = (table for pair in _TOGETHER for table in pair if any(one.sheet in grids for one in pair))
    return {table.sheet: _needed(path, grids, table) for table in (*_ALWAYS, *there)}


def _check_format(path: str, properties: Mapping[str, str]) -> None:
    found = properties.get("taizhang_format", "")
    if found.isdigit() and int(found) > tables.FORMAT:
        raise LedgerError(Stop.NEWER_LEDGER, path=path, found=found, known=tables.FORMAT)


def _task_block(path: str, grids: Mapping[str, Grid]) -> Block:
    titles = {column.title: column.key for column in COLUMNS}
    wanted = [BY_KEY[key].title for key in ("code", "target", "leads")]
    block = find_block(tables.LEDGER, grids.get(tables.LEDGER, ()), titles, wanted)
    if block is None or tables.SETTINGS not in grids:
        raise LedgerError(Stop.NOT_A_LEDGER, path=path, sheet=tables.LEDGER, header="、".join(wanted))
    for column in COLUMNS:
        if column.key not in block.places:
            raise LedgerError(Stop.BROKEN_SHEET, path=path, sheet=tables.LEDGER, header=column.title)
    return block


def _needed(path: str, grids: Mapping[str, Grid], table: Table) -> Block:
    if table.sheet not in grids:
        raise LedgerError(Stop.NO_SHEET, path=path, sheet=table.sheet)
    titles = {field.title: field.key for field in table.fields}
    block = _headed(table, grids[table.sheet], titles)
    places = block.places if block else {}
    missing = [field.title for field in table.fields if field.key not in places]
    if block is None or missing:
        raise LedgerError(Stop.BROKEN_SHEET, path=path, sheet=table.sheet, header="、".join(missing))
    return block


def _headed(table: Table, grid: Grid, titles: Mapping[str, str]) -> Block | None:
    """Return the block under the row with the most of a table's headers: one renamed header hides no table."""
    blocks = (find_block(table.sheet, grid, titles, (title,)) for title in table.titles)
    return max((block for block in blocks if block), key=lambda block: len(block.places), default=None)


def _directory(block: Block) -> Directory:
    rows = [row for row in block.rows.values() if "name" in row]
    return Directory(
        tuple(Department(shown(row["name"]).strip(), split_names(shown(row.get("aliases")))) for row in rows)
    )


def _dictionary(block: Block) -> Dictionary:
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


def _settings(path: str, block: Block) -> tuple[Settings, str]:
    given = {shown(row["title"]): row.get("value") for row in block.rows.values() if "title" in row}
    values = {s.key: _setting(path, s, given[s.title]) for s in SETTINGS if not is_blank(given.get(s.title))}
    if "year" not in values:
        raise _bad_setting(path, SETTING_BY_TITLE["年度"], None)
    return Settings.of(_colours(path, given), **values), shown(given.get(LEDGER_ID_TITLE))


def _setting(path: str, setting: Setting, value: Value) -> Value:
    if setting.kind is Kind.TEXT and not isinstance(value, str):
        return shown(value)
    if wrong(setting, value):
        raise _bad_setting(path, setting, value)
    return day(value) if setting.kind is Kind.DATE else value


def _bad_setting(path: str, setting: Setting, value: Value) -> LedgerError:
    facts = {"sheet": tables.SETTINGS, "name": setting.title, "value": shown(value), "remedy": setting.kind.value}
    return LedgerError(Stop.BAD_SETTING, path=path, **facts)


def _colours(path: str, given: Mapping[str, Value]) -> dict[str, str]:
    found = {}
    for status in COLOURS:
        value = given.get(COLOUR_PREFIX + status)
        setting = Setting("", COLOUR_PREFIX + status, Kind.COLOUR, None, "")
        if wrong(setting, value):
            raise _bad_setting(path, setting, value)
        if value is not None:
            found[status] = shown(value).upper()
    return found


def _codes_given(blocks: Mapping[str, Block]) -> list[str]:
    """Return the task codes the file remembers, also of rows that somebody has deleted."""
    remembering = ((tables.JOURNAL, "task"), (tables.BASE, "code"))
    found = ((blocks[sheet].rows.values(), key) for sheet, key in remembering if sheet in blocks)
    return [shown(row.get(key)) for rows, key in found for row in rows]


def _tasks(path: str, block: Block, year: int, given: Sequence[str]) -> tuple[tuple[Task, ...], dict[str, int]]:
    """Return the tasks, and their rows; one that somebody typed in gets the next free code."""
    rows: dict[str, int] = {}
    tasks: list[Task] = []
    written = [row for row in block.rows.items() if "code" in row[1] or "target" in row[1]]
    fresh = _fresh_codes([*given, *(shown(cells.get("code")) for _, cells in written)], year)
    for number, cells in written:
        code = shown(cells.get("code")).strip() or next(fresh)
        if code in rows:
            raise LedgerError(Stop.TASK_TWICE, path=path, sheet=block.sheet, row=number, code=code, first=rows[code])
        rows[code] = number
        tasks.append(Task(code, _tidied(OFFICE_OWNED, cells)))
    return tuple(tasks), rows


def _fresh_codes(used: Sequence[str], year: int) -> Iterator[str]:
    number = max((int(tail) for code in used if (tail := code.rpartition("-")[2]).isdecimal()), default=0)
    while True:
        number += 1
        yield new_code(year, number)


def _tidied(columns: Sequence[Column], cells: Cells) -> dict[str, Value]:
    """Return a row's filled cells of some columns, in their plain types."""
    found = {c.key: tidy(c, cells.get(c.key)) for c in columns}
    return {key: value for key, value in found.items() if value is not None}


def _reports(
    path: str, ledger: Ledger, blocks: Mapping[str, Block], rows: Mapping[str, int]
) -> tuple[dict[ReportKey, Cells], dict[ReportKey, int]]:
    """Return every lead's report: from its own row of 联合牵头上报, or from 工作台账 for a single lead."""
    own, own_rows = _joint_reports(path, ledger, blocks[tables.JOINT])
    rows_of: dict[str, dict[str, Cells]] = {}
    for key, cells in own.items():
        rows_of.setdefault(key.task, {})[key.department] = cells
    reports: dict[ReportKey, Cells] = {}
    for task in ledger.tasks:
        leads = [key.department for key in ledger.keys_of(task.code)]
        shown = _tidied(DEPARTMENT, blocks[tables.LEDGER].rows[rows[task.code]])
        old_lead = partial(_old_lead, ledger, task.code)
        policy = ledger.settings.text("joint_percent")
        found = own_reports(leads, shown, rows_of.get(task.code, {}), old_lead, policy)
        reports |= {ReportKey(task.code, lead): cells for lead, cells in found.items() if cells}
    return reports, own_rows


def _old_lead(ledger: Ledger, code: str, leads: Sequence[str]) -> str:
    """Return which of some leads a task's row belonged to: who was sent it last, else the first."""
    sent = [key.department for _, key in ledger.base if key.task == code and key.department in leads]
    return sent[-1] if sent else leads[0]


def _joint_reports(path: str, ledger: Ledger, block: Block) -> tuple[dict[ReportKey, Cells], dict[ReportKey, int]]:
    reports: dict[ReportKey, Cells] = {}
    rows: dict[ReportKey, int] = {}
    for number, cells in block.rows.items():
        key = ReportKey(shown(cells.get("code")), _called(cells.get("department"), ledger.directory))
        if not key.task:
            continue
        if key in rows:
            facts = {"sheet": tables.JOINT, "row": number, "first": rows[key]}
            raise LedgerError(Stop.JOINT_ROW_TWICE, path=path, **facts)
        rows[key] = number
        reports[key] = _tidied(DEPARTMENT, cells)
    return reports, rows


def _called(value: Value, directory: Directory) -> str:
    """Return a department's name as 单位名录 has it now: one that was renamed keeps its old name as an alias."""
    return directory.canonical(shown(value)) or shown(value)


def _batches(block: Block | None, directory: Directory) -> tuple[Batch, ...]:
    found: dict[str, Batch] = {}
    for row in block.rows.values() if block else ():
        id = shown(row.get("batch"))
        old = found.get(id) or Batch(id, Period.parse(shown(row["period"])), _moment(row.get("at")))
        file = SentFile(
            _called(row["department"], directory), shown(row["name"]), _count(row.get("rows")), shown(row["sha256"])
        )
        found[id] = Batch(id, old.period, old.made_at, (*old.files, file))
    return tuple(found.values())


def _moment(value: Value) -> datetime:
    return datetime.fromisoformat(shown(value))


def _count(value: Value) -> int:
    return int(value) if isinstance(value, (int, float)) else 0


def _base(block: Block | None, directory: Directory) -> dict[tuple[str, ReportKey], Cells]:
    found: dict[tuple[str, ReportKey], Cells] = {}
    for row in block.rows.values() if block else ():
        key = ReportKey(shown(row.get("code")), _called(row.get("department"), directory))
        cells = {c.key: restored(c, row.get(c.key)) for c in SENT}
        found[shown(row.get("batch")), key] = {k: v for k, v in cells.items() if v is not None}
    return found


def _received(files: Block | None, cells: Block | None, directory: Directory) -> tuple[Received, ...]:
    kept: dict[str, list[Kept]] = {}
    for row in cells.rows.values() if cells else ():
        kept.setdefault(shown(row["sha256"]), []).append(_kept(row))
    rows = files.rows.values() if files else ()
    return tuple(_file(row, tuple(kept.get(shown(row["sha256"]), ())), directory) for row in rows)


def _kept(row: Cells) -> Kept:
    title = shown(row["column"])
    column = BY_TITLE.get(title)
    fault = Code(shown(row["fault"])) if "fault" in row else None
    raw = fault is not None and CATALOGUE[fault].about_cell  # what breaks its column's rule has not its type
    back = row.get("back") if raw or column is None else restored(column, row.get("back"))
    seen = restored(column, row.get("seen")) if column else None
    settled = shown(row.get("settled"))
    return Kept(
        _count(row.get("row")), shown(row.get("code")), column.key if column else title, back, fault, seen, settled
    )


def _file(row: Cells, kept: tuple[Kept, ...], directory: Directory) -> Received:
    reported, modified = row.get("reported_on"), row.get("modified_at")
    counted = [part.rpartition(":")[::2] for part in shown(row.get("rows")).split("、") if part]
    return Received(
        sha256=shown(row["sha256"]),
        name=shown(row.get("name")),
        batch=shown(row.get("batch")),
        department=_called(row.get("department"), directory),
        received_at=_moment(row.get("received_at")),
        rows=tuple(code for code, _ in counted),
        unchanged=tuple(int(count) for _, count in counted),
        columns=_count(row.get("columns")),
        reported_on=date.fromisoformat(shown(reported)) if reported else None,
        modified_at=_moment(modified) if modified else None,
        missing=tuple(part for part in shown(row.get("missing")).split("、") if part),
        kept=kept,
    )
