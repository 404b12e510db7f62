"""回收: an opened workbook → one department's return, or one sentence why it is none.

A returned file is hostile until read by these rules: its ids are looked up in the ledger, its
base is never believed, its formulas count as the values they showed. Source: `merge.md`, Intake.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr
from enum import Enum
from functools import cached_property

from taizhang import tables
from taizhang.columns import (
    BY_KEY,
    COLUMNS,
    DERIVED,
    INDICATORS,
    ITEM_REGISTERS,
    PROBLEMS,
    SENT,
    TASKS,
    Column,
    Kind,
    Owner,
    Register,
    register_of,
)
from taizhang.entries import Entries, Entry, typed
from taizhang.findings import Code, Finding
from taizhang.layout.reading import (
    Block,
    Grid,
    block_under,
    find_block,
    first_with,
    head_places,
    heading,
    heads_counted,
    heads_in,
    heads_of,
    is_ledger,
)
from taizhang.ledger import Cells, Ledger
from taizhang.mailing import owners
from taizhang.matching import Guess, codes_of, last_sent, named_in, tasks_in, whose
from taizhang.places import column_letter
from taizhang.returns import Returned, ReturnedRow
from taizhang.settings import HOLD, REFUSE, TAKE
from taizhang.validate import MOST_TIMES
from taizhang.values import Value, a_few, comparable, in_line, is_blank, shown, squeezed


@dataclass(frozen=True)
class Sheets:
    """An opened file as plain values: its sheets in order, its custom properties, its own date.

    `far` names filled cells that were too far away to be read; `sender` and `mailed_at` are of the
    mail that brought it, `carrier` is who sent the mail around that one.
    """

    name: str
    sha256: str
    grids: Mapping[str, Grid]
    properties: Mapping[str, str]
    modified_at: datetime | None = None
    far: tuple[str, ...] = ()
    sender: str = ""
    mailed_at: datetime | None = None
    of_1904: bool = False
    hidden: frozenset[str] = frozenset()
    carrier: str = ""

    @cached_property
    def heads(self) -> Mapping[str, list[set[str]]]:
        """Return the words that may be headers in the first rows of each sheet."""
        return {name: heads_of(grid) for name, grid in self.grids.items()}


@dataclass(frozen=True)
class Refused:
    """Why a file cannot be merged, and what to do."""

    reason: str


NO_TICKET = "没有批次标识，其中的任务也不是本台账下发过的。请让部门在收到的工作簿上填写后交回。"
OTHER_LEDGER = "是另一本台账下发的（编号 {found}）。请交给那本台账合并。"
UNKNOWN_BATCH = "批次 {found} 不在本台账的下发记录中。请核对是否用错了台账。"
NOT_SENT = "批次 {batch} 中没有“{found}”牵头的任务，这份文件不需要合并。请向该部门核实。"
OLD_BATCH = "是以前批次（{found}）的文件，按“设置”中的“旧批次”不收。请让部门填最近一次下发的工作簿。"
MISMATCH = "单位不一致（{found}），按“设置”中的“单位不符”不收。请向该部门核实后重新交回。"
NO_TABLE = "找不到任务表（应有“{headers}”等表头）。请让部门恢复表头后重新交回。"
SEVERAL = "没有批次标识，从内容看可能是 {names} 交回的，不能替您猜。请在文件名中写上单位名称后重新合并。"
TWO_TABLES = "表“{sheet}”里有两个表头，列的次序不一样，没有读取。请让部门只留一个任务表后重新交回。"
TOO_MUCH = "任务表有 {rows} 行、{columns} 个多出的列，内容比下发的多得多，没有读取。请让部门只保留任务表后重新交回。"
# What a return may have, where the ledger itself is not longer: a list of tasks, and what was noted beside it.
_ROWS, _EXTRA_CELLS, _CHARACTERS = 500, 5_000, 2_000_000
_NAMED = 5  # departments that a sentence lists at most
NO_BATCH, NOBODY = "无批次", "（单位不明）"


def recognise(ledger: Ledger, file: Sheets) -> Returned | Refused:
    """Return the department's return in a file, or why it is refused.

    A stranger's file, and one that contradicts itself about whose it is, wait as a whole where
    设置 says so.
    """
    ids = ids_of(file)
    batch, written = ids.get("taizhang_batch", ""), ids.get("taizhang_department", "")
    if not any(ids.get(key) for key in _TELLING):
        return _unmarked(ledger, file)
    department = ledger.directory.canonical(written) or written
    strange = _strange(ledger, ids.get("taizhang_ledger", ""), batch, department)
    if strange and _policy(ledger, "strangers") is not Policy.HOLD:
        return Refused(strange)
    if not strange and batch != ledger.batches[-1].id and _policy(ledger, "late") is Policy.REFUSE:
        return Refused(OLD_BATCH.format(found=batch))
    doubted = "" if strange else _contradiction(ledger, file, department)
    if doubted and _policy(ledger, "mismatch") is Policy.REFUSE:
        return Refused(MISMATCH.format(found=doubted))
    doubt = Code.STRANGER if strange else Code.MISMATCH if doubted else None
    found = _returned(ledger, file, batch or NO_BATCH, department or NOBODY, doubt, strange or doubted)
    return found if isinstance(found, Refused) else _with_crossed(ledger, _with_codes(ledger, found))


def _with_codes(ledger: Ledger, found: Returned) -> Returned:
    """Return a return whose column of codes is gone with its rows known by 序号 and 目标任务."""
    own = [row for row in found.rows if row.register is TASKS]
    if any(row.code for row in own):
        return found
    sent = tasks_in(ledger.sent_rows.get((found.batch, found.department), {}))
    rows = {row.row: {key: entry.value for key, entry in row.cells.items()} for row in own}
    return _coded(found, codes_of(rows, sent))


def _coded(found: Returned, codes: Mapping[int, str]) -> Returned:
    """Return a return with the codes given to rows of its task table, by their numbers; the others keep theirs."""
    rows = (replace(row, code=codes.get(row.row, row.code)) if row.register is TASKS else row for row in found.rows)
    return replace(found, rows=tuple(rows))


_TELLING = ("taizhang_ledger", "taizhang_batch", "taizhang_department")


def _unmarked(ledger: Ledger, file: Sheets) -> Returned | Refused:
    """Return the return in a file that carries no ids any more, known by its headers and its tasks."""
    block = task_block(file)
    if block is None:
        return Refused(NO_TABLE.format(headers="、".join(_HEADERS)))
    rows = {number: cells for number, cells in block.rows.items() if _speaks(cells)}
    guess = whose(rows, last_sent(ledger), tuple(_hints(ledger, file, block)))
    if not isinstance(guess, Guess):
        held = _policy(ledger, "strangers") is Policy.HOLD
        reason = SEVERAL.format(names=a_few(guess, _NAMED)) if guess else NO_TICKET
        return _returned(ledger, file, NO_BATCH, NOBODY, Code.STRANGER, reason) if held else Refused(reason)
    said = (named_in(file.name.rpartition("/")[2], ledger.directory), _senders(ledger, file))
    others = [name for names in said if guess.department not in names for name in names]
    doubted = "、".join(dict.fromkeys((guess.department, *others))) if others else ""
    if doubted and _policy(ledger, "mismatch") is Policy.REFUSE:
        return Refused(MISMATCH.format(found=doubted))
    found = _returned(ledger, file, guess.batch, guess.department, Code.MISMATCH if doubted else None, doubted)
    if isinstance(found, Refused):
        return found
    known = _coded(found, guess.codes)
    unticketed = Finding(
        Code.NO_TICKET, sheet=file.name, value=guess.department, facts={"by": guess.by, "batch": guess.batch}
    )
    asked = replace(found, rows=tuple(map(_asked_about_one, known.rows)), findings=(unticketed, *found.findings))
    return _with_crossed(ledger, asked)


def _hints(ledger: Ledger, file: Sheets, block: Block) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what besides its tasks says whose a file is, the surest first."""
    above = (shown(value) for row in file.grids[block.sheet][: block.header_row - 1] for value in row)
    titles = " ".join([block.sheet, *(text for text in above if "单位" in text or "部门" in text)])
    yield "表内的单位名称", named_in(titles, ledger.directory)
    yield "文件名", named_in(file.name, ledger.directory)
    yield "发件人", named_in(file.sender, ledger.directory)


def _asked_about_one(row: ReturnedRow) -> ReturnedRow:
    """Return a row in which a bare 1 for 完成率 is asked about: in a table of another make it may be 1 %."""
    entry = row.cells.get("percent")
    if entry is None or entry.fault or entry.value != 1 or not entry.bare:
        return row
    return replace(row, cells={**row.cells, "percent": replace(entry, value=1, fault=Code.ONE_OR_ALL)})


def _with_crossed(ledger: Ledger, found: Returned) -> Returned:
    """Return a return with the rows marked whose 序号 and 目标任务 are those of another task than their code.

    Who sorts the visible columns alone leaves every row another's code, which stands in a hidden one.
    """
    sent = ledger.sent_rows.get((found.batch, found.department), {})
    doubtful = [row for row in found.rows if row.code in sent and not _is_its_own(row, sent[row.code])]
    if not doubtful:
        return found
    owner: dict[tuple[Value, ...], set[str]] = defaultdict(set)
    for code, own in sent.items():
        owner[tuple(comparable(own.get(key)) for key in _KNOWN_BY[register_of(code)])].add(code)

    def crossed(row: ReturnedRow) -> bool:
        said = tuple(comparable(row.cells[key].value) for key in _KNOWN_BY[row.register])
        return row.code not in owner.get(said, {row.code})

    mixed = {(row.register.sheet, row.row) for row in doubtful if crossed(row)}
    rows = (replace(row, crossed=True) if (row.register.sheet, row.row) in mixed else row for row in found.rows)
    return replace(found, rows=tuple(rows))


def _is_its_own(row: ReturnedRow, sent: Cells) -> bool:
    """Return whether a row says what the task was sent with by which tasks are told apart, or does not say it all."""
    cells, keys = row.cells, _KNOWN_BY[row.register]
    if isinstance(cells, Entries) and all(cells.says(key, sent.get(key)) for key in keys):
        return True
    return not cells.keys() >= set(keys)


# The columns that together tell one row of a register from the others; the office's, which stay as sent.
_KNOWN_BY: Mapping[Register, tuple[str, ...]] = {
    TASKS: ("no", "target"),
    INDICATORS: ("indicator", "words", "goal"),
    PROBLEMS: ("issue", "opened_on"),
}


class Policy(Enum):
    """What the office wants done with a file or a row that is not as it should be."""

    REFUSE, HOLD, TAKE = REFUSE, HOLD, TAKE


def _policy(ledger: Ledger, key: str) -> Policy:
    return Policy(ledger.settings.text(key))


def _contradiction(ledger: Ledger, file: Sheets, department: str) -> str:
    """Return how a file contradicts itself about whose it is: in its two carriers, in its name, by its mail; else nothing.

    An address that stands in 单位名录 sends that department's files, and nobody else's.
    """
    carried = {ids.get("taizhang_department", "") for ids in _carriers(file)} - {""}
    named = {ledger.directory.canonical(part) for part in _NAME_PARTS.split(file.name)} - {None}
    found = {ledger.directory.canonical(one) or one for one in carried}
    if len(named) == 1:
        found |= {str(one) for one in named}
    senders = _senders(ledger, file)
    if department not in senders:
        found |= set(senders)
    others = sorted(found - {department})
    return "、".join((department, *others)) if others else ""


def _senders(ledger: Ledger, file: Sheets) -> tuple[str, ...]:
    """Return whose address the mail came from that brought a file, by 单位名录; nothing where it is nobody's there."""
    return owners(ledger.directory, parseaddr(file.carrier)[1]) if file.carrier else ()


_NAME_PARTS = re.compile(r"[_\s()（）./-]+")


def _returned(
    ledger: Ledger, file: Sheets, batch: str, department: str, doubt: Code | None, doubted: str
) -> Returned | Refused:
    block = task_block(file)
    if block is None:
        return Refused(NO_TABLE.format(headers="、".join(_HEADERS)))
    heads = _heads_below(file.grids[block.sheet], block, ledger.by_code)
    if any(places != block.places for places in heads.values()):
        return Refused(TWO_TABLES.format(sheet=block.sheet))
    extra = extra_heads(file, block)
    if _too_much(file.grids[block.sheet], block, len(extra), 2 * len(ledger.tasks)):
        return Refused(TOO_MUCH.format(rows=len(block.rows), columns=len(extra)))
    columns = {column.key: column for column in SENT if column.key in block.places}
    rows = tuple(
        _row(number, cells, columns, _extra_cells(file, block, number, extra), file.of_1904)
        for number, cells in _rows(file, block, extra)
        if number not in heads  # the head of every printed page
    )
    findings = column_findings(file, block, extra)
    for register, own in item_blocks(file, block.sheet):
        beside = extra_heads(file, own)
        if _too_much(file.grids[own.sheet], own, len(beside), 2 * len(ledger.items)):
            return Refused(TOO_MUCH.format(rows=len(own.rows), columns=len(beside)))
        rows += tuple(_item_rows(ledger.sent_rows.get((batch, department), {}), file, own, register, beside))
        findings += column_findings(file, own, beside, register)
    return Returned(
        name=file.name,
        sha256=file.sha256,
        batch=batch,
        department=department,
        rows=rows,
        modified_at=file.modified_at,
        mailed_at=file.mailed_at,
        findings=(*findings, *_far_away(file), *_other_tables(file, block)),
        doubt=doubt,
        doubted=doubted,
    )


def item_blocks(file: Sheets, task_sheet: str) -> Iterator[tuple[Register, Block]]:
    """Yield the tables of indicators and problems in a file, our own names of the sheets first."""
    for register in ITEM_REGISTERS:
        titles = {column.title: column.key for column in register.columns}
        needed = BY_KEY[register.telling].title
        for name in sorted(_searched(file), key=lambda name, own=register.sheet: name != own):  # type: ignore[misc]
            number = first_with((needed,), file.heads[name])
            block = block_under(name, file.grids[name], number, titles) if number else None
            if block and name != task_sheet and len(block.places) >= _FEWEST:
                yield register, block
                break


def _item_rows(
    sent: Mapping[str, Cells], file: Sheets, block: Block, register: Register, extra: Mapping[int, str]
) -> Iterator[ReturnedRow]:
    """Yield the rows of a table of indicators or problems; `sent` is what its department was sent."""
    own = {column.key for column in register.sent}
    for number in range(block.header_row + 1, len(file.grids[block.sheet]) + 1):
        cells = block.rows.get(number, {})
        more = _extra_cells(file, block, number, extra)
        if own & cells.keys() or more:
            code = shown(cells.get(register.code)).strip()
            asked = sent.get(code, {})
            entries = {
                c.key: _entry(c, _day_of_1904(c, cells.get(c.key), file.of_1904), asked)
                for c in register.sent
                if c.key in block.places
            }
            yield ReturnedRow(number, code, entries, more, register=register)


def _entry(column: Column, value: Value, asked: Cells) -> Entry:
    """Return what a cell means, a figure by the unit it was asked in: 97 is 97 % where that is %, 97天 is 97."""
    if column.kind is not Kind.AMOUNT or is_blank(value):
        return typed(column, value)
    unit, goal = shown(asked.get("unit")), asked.get("goal")
    text = squeezed(value) if isinstance(value, str) else ""
    united = bool(unit) and unit != "%" and text.endswith(unit)
    entry = typed(column, text.removesuffix(unit).removesuffix("个") if united else value)
    if entry.fault:
        return typed(column, value)
    if unit != "%" or text.endswith("%") or not isinstance(entry.value, (int, float)):
        return entry
    number, percent = float(entry.value), entry.value / 100
    likely = [one for one in (number, percent) if isinstance(goal, (int, float)) and _is_about(one, goal)]
    if abs(number) <= 1 or (abs(number) <= MOST_TIMES and likely == [number]):
        return entry
    return Entry(percent) if abs(number) > MOST_TIMES or likely == [percent] else Entry(value, Code.RATE_UNCLEAR)


def _is_about(number: float, goal: float) -> bool:
    """Return whether a figure is of the size of its target."""
    return abs(goal) / _ABOUT <= abs(number) <= abs(goal) * _ABOUT


_ABOUT = 5


def _too_much(grid: Grid, block: Block, extra: int, usual: int) -> bool:
    """Return whether a table is no list of tasks any more; `usual` is how many rows may be expected at most."""
    rows = max(_ROWS, usual)
    said = sum(len(value) for row in grid for value in row if type(value) is str)
    return (
        len(block.rows) > rows
        or len(block.rows) * extra > _EXTRA_CELLS * rows // _ROWS
        or said > _CHARACTERS * rows // _ROWS
    )


_TITLES = {column.title: column.key for column in COLUMNS}
_HEADERS = tuple(BY_KEY[key].title for key in ("code", "target"))
_FEWEST = 3  # headers of ours by which a row is taken for a table's head


def is_dispatched(file: Sheets) -> bool:
    """Return whether a file carries the ids of a dispatch."""
    return bool(ids_of(file).get("taizhang_batch"))


def own_make(file: Sheets) -> str:
    """Return what a workbook of our own make is, in a clerk's words: what a department is sent, or a ledger; else nothing."""
    if is_dispatched(file):
        return sent_to(file)
    return "营商台账" if is_ledger(file.grids, file.properties) else ""


def sent_to(file: Sheets) -> str:
    """Return what a dispatched workbook is, in a clerk's words."""
    return f"发给{in_line(ids_of(file).get('taizhang_department', ''), _NAME) or '部门'}的工作簿"


_NAME = 30  # characters of a department's name, which anybody may have written


def ids_of(file: Sheets) -> dict[str, str]:
    """Return the ids a file carries: from its very hidden sheet, else from its properties."""
    on_sheet, in_properties = _carriers(file)
    return {key: on_sheet.get(key) or in_properties.get(key, "") for key in tables.TICKET_KEYS}


def _carriers(file: Sheets) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the ids on the very hidden sheet, and those in the document's properties."""
    titles = {field.title: field.key for field in tables.TICKET_TABLE.fields}
    block = find_block(tables.TICKET, file.grids.get(tables.TICKET, ()), titles, tuple(titles))
    written = {shown(row.get("name")): shown(row.get("value")) for row in block.rows.values()} if block else {}
    return written, file.properties


def _strange(ledger: Ledger, ledger_id: str, batch: str, department: str) -> str:
    """Return why a file is not one that this ledger sent out, nothing where it is."""
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


def task_block(file: Sheets) -> Block | None:
    """Return the task table, on whatever sheet it stands now; one that does not show only where no other is there."""
    blocks = [block for name in _searched(file) if (block := _headed(file, name))]
    return max(blocks, key=lambda block: (block.sheet not in file.hidden, len(block.places)), default=None)


def _searched(file: Sheets) -> list[str]:
    """Return the sheets a task table may stand on, our own name first."""
    names = sorted(file.grids, key=lambda name: name != tables.LEDGER)
    return [name for name in names if name not in _UNREAD]


NEVER_READ = (tables.BASE, tables.SUPPORTING, tables.RAISED)  # sheets of ours that nobody fills in
_UNREAD = (*NEVER_READ, tables.TICKET)


def _headed(file: Sheets, name: str) -> Block | None:
    """Return the table under the row with the most of our headers, where it tells which tasks it is about."""
    found = heads_counted(file.heads[name], _TITLES)
    most = max(found, default=0)
    at = next((number for number, count in enumerate(found, 1) if 2 * count > most), 0)  # below may be a second table
    block = block_under(name, file.grids[name], at, _TITLES) if most >= _FEWEST else None
    return block if block and {"code", "target"} & block.places.keys() else None


def extra_heads(file: Sheets, block: Block, *, named_only: bool = False) -> dict[int, str]:
    """Return the headers that are none of ours, or a second of ours, by column; names for filled columns without one.

    With `named_only`, those without one are left out.
    """
    heads = [heading(value) for value in file.grids[block.sheet][block.header_row - 1]]
    ours = {place for key, place in block.places.items() if BY_KEY[key].owner is not Owner.KEPT}
    grid = file.grids[block.sheet][block.header_row :]
    width = max((len(row) for row in (heads, *grid)), default=0)
    heads += [""] * (width - len(heads))
    others = [place for place in range(1, width + 1) if place not in ours]
    filled = {place for place in others if any(place <= len(row) and not is_blank(row[place - 1]) for row in grid)}
    told = {place for place in filled if not named_only} | {place for place, head in enumerate(heads, 1) if head}
    named = {place: heads[place - 1] for place in sorted(told - ours)}
    twice = {title for key, title in ((key, BY_KEY[key].title) for key in block.places) if block.places[key] in ours}
    return {
        place: f"{head}（重复的列）" if head in twice else head or f"{column_letter(place)}列（没有表头）"
        for place, head in named.items()
    }


def _extra_cells(file: Sheets, block: Block, number: int, extra: Mapping[int, str]) -> dict[str, Value]:
    if not extra:
        return {}
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
    return not cells.keys() <= _DERIVED


_DERIVED = frozenset(column.key for column in DERIVED)


def _day_of_1904(column: Column, value: Value, of_1904: bool) -> Value:
    """Return a day that is a bare number in a workbook of the Macintosh of old, as one of the other count."""
    if of_1904 and column.kind is Kind.DATE and isinstance(value, (int, float)) and not isinstance(value, bool):
        return value + _DAYS_1904
    return value


_DAYS_1904 = 1462  # between 1899-12-30 and 1904-01-01


def _row(
    number: int, cells: Cells, columns: Mapping[str, Column], extra: Mapping[str, Value], of_1904: bool
) -> ReturnedRow:
    if of_1904:
        cells = {key: _day_of_1904(BY_KEY[key], value, of_1904) for key, value in cells.items()}
    return ReturnedRow(number, shown(cells.get("code")).strip(), Entries(columns, cells), extra)


def _other_tables(file: Sheets, block: Block) -> Iterator[Finding]:
    """Yield the sheets that hold a task table too, which was not read."""
    for name in _searched(file):
        if name != block.sheet and _headed(file, name):
            yield Finding(Code.OTHER_TABLE, sheet=file.name, value=name)


def _heads_below(grid: Grid, block: Block, codes: Container[str]) -> dict[int, Mapping[str, int]]:
    """Return the rows below a table's head that are heads again, with what they place where; a task's row is none."""
    found: dict[int, Mapping[str, int]] = {}
    for number, row in enumerate(grid[block.header_row :], block.header_row + 1):
        if block.rows.get(number, {}).get("code") in codes:
            continue
        if len(heads_in(row) & _TITLES.keys()) >= _FEWEST:
            found[number] = head_places(row, _TITLES)
    return found


def _far_away(file: Sheets) -> Iterator[Finding]:
    yield from (Finding(Code.FAR_AWAY, sheet=file.name, value=place) for place in file.far)


def column_findings(file: Sheets, block: Block, extra: Mapping[int, str], register: Register = TASKS) -> list[Finding]:
    """Return the columns that are missing in a returned table, and those that are none of ours."""
    missing = [column.title for column in register.sent if column.key not in block.places]
    return [Finding(Code.COLUMN_MISSING, sheet=file.name, value=title) for title in missing] + [
        Finding(Code.COLUMN_EXTRA, sheet=file.name, value=head) for head in extra.values()
    ]
