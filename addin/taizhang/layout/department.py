"""A department's workbook: 填表说明, its tasks, what it supports, and the ids that come back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from taizhang import problems, tables
from taizhang.columns import BY_KEY, COLUMNS, DEPARTMENT, DERIVED, INDICATORS, OFFICE, PROBLEMS, Column, Owner
from taizhang.dispatch import Assignment, sent
from taizhang.entries import stored
from taizhang.layout.common import Row, heights, ledger_header, records, store_sheet, table_sheet, title_row
from taizhang.layout.entering import entry_rules
from taizhang.layout.guide import department_guide, supporter_guide
from taizhang.layout.office import status_looks
from taizhang.layout.parts import Area, Cell, Content, Page, Sheet, Workbook
from taizhang.layout.registers import department_sheet, raised_sheet
from taizhang.ledger import Batch, Cells, Ledger, ReportKey, Task
from taizhang.status import State
from taizhang.styles import fitting_width, style_of
from taizhang.values import Value

# In a department's list the office's words come first, then how it stands, then what it fills in.
_HEAD = tuple(c for c in OFFICE if c.key not in ("extended_to", "extension_note", "requirement"))
_TAIL = tuple(c for c in OFFICE if c not in _HEAD)
SHOWN: tuple[Column, ...] = (COLUMNS[0], *_HEAD, *DERIVED, *_TAIL, *DEPARTMENT)
PLACES: Mapping[str, int] = {column.key: place for place, column in enumerate(SHOWN, 1)}
# Narrower than in the office's ledger: both halves have to fit an A4 page.
_WIDTHS = {
    **{"no": 5, "category": 8, "target": 36, "deadline": 9, "leads": 12, "supports": 13, "priority": 5},
    **{"due": 11, "days_left": 6, "status": 9, "reporting": 9},
    **{"extended_to": 11, "extension_note": 12, "requirement": 14},
    **{"progress": 30, "percent": 7, "done_on": 11, "evidence": 13, "problem": 16, "next_step": 16},
    **{"answer": 13, "objection": 12, "reporter": 8, "phone": 12, "reported_on": 11},
}
FIRST_ROW = 4
_SCALE = 80  # two A4 pages side by side: what is asked, what is answered


def department_workbook(ledger: Ledger, batch: Batch, part: Assignment, as_of: date) -> Workbook:
    """Return the workbook a department is sent; one that only supports gets a read-only list."""
    guide = (
        department_guide(part.department, batch.period.title, ledger.settings, part.registers)
        if part.asked
        else supporter_guide(part.department, batch.period.title, ledger.settings)
    )
    ids = ticket(ledger, batch, part.department)
    states = ledger.states(as_of, (*part.led, *part.supported))
    sheets = [guide]
    if part.asked:
        sheets.append(_task_sheet(ledger, batch, part, as_of, states))
    sheets += _item_sheets(ledger, batch, part)
    joint = [task for task in part.led if ledger.is_joint(task.code)]
    if joint or part.supported:
        sheets.append(_supporting_sheet(ledger, part, joint, states))
    if part.asked:
        sheets.append(_base_sheet(ledger, batch, part))
    sheets.append(store_sheet(tables.TICKET_TABLE, [{"name": name, "value": value} for name, value in ids.items()]))
    return Workbook(tuple(sheets), properties=ids, lock_structure=True)


def _item_sheets(ledger: Ledger, batch: Batch, part: Assignment) -> Iterator[Sheet]:
    """Yield the indicators and problems a department answers, and what became of the problems it reported."""
    line = f"填报单位：{part.department}　　{batch.period.title}"
    for register, title in ((INDICATORS, "量化指标"), (PROBLEMS, "需要本单位答复的问题")):
        own = [item for item in part.items if item.register is register]
        if own:
            yield department_sheet(ledger, register, own, title, line)
    raised = [
        item
        for item in ledger.items_of(PROBLEMS)
        if problems.raised_by(ledger, item) == part.department and part.department not in ledger.leads[item.code]
    ]
    if raised and part.asked:
        yield raised_sheet(ledger, raised)


def ticket(ledger: Ledger, batch: Batch, department: str) -> dict[str, str]:
    """Return the ids a workbook carries, twice: as properties and on a very hidden sheet."""
    values = (ledger.id, batch.id, department, str(tables.FORMAT))
    return dict(zip(tables.TICKET_KEYS, values, strict=True))


def _task_sheet(ledger: Ledger, batch: Batch, part: Assignment, as_of: date, states: Mapping[str, State]) -> Sheet:
    rows = [_row(_cells(ledger, ReportKey(task.code, part.department), states[task.code])) for task in part.led]
    bottom = max(FIRST_ROW, FIRST_ROW + len(rows) - 1)
    widths = {PLACES[column.key]: _WIDTHS.get(column.key, column.width) for column in SHOWN}
    widths[PLACES["target"]] = fitting_width((task.cells.get("target") for task in part.led), float(_WIDTHS["target"]))
    top, _ = title_row(f"{ledger.settings.text('title')}（{batch.period.title}）", len(SHOWN) - 1)
    line = f"填报单位：{part.department}　　批次：{batch.id}　　状态按 {as_of.isoformat()} 计算"
    return Sheet(
        name=tables.LEDGER,
        rows=(
            (None, *top),
            _info_row(line, f"填报单位：{part.department}　　{batch.period.title}"),
            ledger_header(SHOWN),
            *rows,
        ),
        widths=widths,
        heights={1: 36, 2: 20, 3: 30} | heights(rows, widths, FIRST_ROW, 40),
        hidden_columns=frozenset({PLACES["code"]}),
        merged=(Area(1, 2, 1, PLACES["requirement"]),),
        freeze=(FIRST_ROW, PLACES["target"] + 1),
        first=PLACES[DEPARTMENT[0].key],
        cursor=(FIRST_ROW, PLACES[DEPARTMENT[0].key]),  # what is to be filled in is what is seen first
        filter=Area(FIRST_ROW - 1, 1, bottom, len(SHOWN)),
        validations=entry_rules(DEPARTMENT, PLACES, FIRST_ROW, bottom),
        conditionals=status_looks(ledger.settings.colours, PLACES["status"], FIRST_ROW, bottom),
        page=Page(
            title_rows=(1, 3),
            title_columns=(PLACES["no"], PLACES["no"]),
            area=Area(1, 2, bottom, len(SHOWN)),
            scale=_SCALE,
            column_breaks=(PLACES["progress"],),
        ),
        active=True,
    )


def _info_row(asked: str, answered: str) -> Row:
    """Return row 2: a line over each printed half, clear of the 序号 column that repeats on both."""
    row: list[Cell | None] = [None] * PLACES["progress"]
    row[PLACES["category"] - 1], row[PLACES["progress"] - 1] = Cell(asked, "info"), Cell(answered, "info")
    return tuple(row)


def _cells(ledger: Ledger, key: ReportKey, state: State) -> Cells:
    """Return what a lead's row shows: the sent cells, and where the task stands as plain values."""
    derived: dict[str, Value] = {
        "due": state.due,
        "days_left": state.days_left,
        "status": state.status,
        "reporting": state.reporting,
    }
    return {**sent(ledger, key), **derived, "code": key.task}


def _row(cells: Cells) -> Row:
    return tuple(Cell(cells.get(column.key), look(column, cells.get(column.key))) for column in SHOWN)


def look(column: Column, value: Value) -> str:
    """Return the look of a cell of a department's table: open where the department fills it in."""
    opened = column.owner is Owner.DEPARTMENT
    return style_of(column, opened=opened, derived=column.owner is Owner.DERIVED, value=value)


def _supporting_sheet(ledger: Ledger, part: Assignment, joint: Sequence[Task], states: Mapping[str, State]) -> Sheet:
    """Return 配合事项, read-only: joint tasks as composed from all leads, and what it supports."""
    grid: list[Row] = []
    for role, tasks in (("联合牵头", joint), ("配合", part.supported)):
        grid += [_supporting_row(ledger, task, role, states[task.code]) for task in tasks]
    widths = {place: field.width for place, field in enumerate(_SUPPORTING.fields, 1)}
    top, merged = title_row("配合事项（供参考，不需填报）", len(_SUPPORTING.fields))
    head = tuple(Cell(field.title, "head") for field in _SUPPORTING.fields)
    note = "联合牵头事项显示各牵头部门上报汇成的结果；配合事项请主动与牵头部门对接。"
    return Sheet(
        name=tables.SUPPORTING,
        rows=(top, (Cell(note, "info"),), head, *grid),
        widths=widths,
        heights={1: 36, 2: 20, 3: 26} | heights(grid, widths, FIRST_ROW, 30),
        merged=(merged,),
        freeze=(FIRST_ROW, 1),
        filter=Area(3, 1, 3 + len(grid), len(_SUPPORTING.fields)),
        conditionals=status_looks(
            ledger.settings.colours, _SUPPORTING.place("status"), FIRST_ROW, FIRST_ROW + len(grid)
        ),
        page=Page(title_rows=(1, 3)),
    )


def _supporting_row(ledger: Ledger, task: Task, role: str, state: State) -> Row:
    cells = {**ledger.row(task.code), "role": role, "due": state.due, "status": state.status}
    return records(_SUPPORTING, [cells])[0]


_SUPPORTING = tables.Table(
    tables.SUPPORTING,
    (
        tables.Field("role", "关系", 10),
        *tables.borrowed("no", "category", "target", "deadline", "leads", "supports"),
        *(
            tables.Field(key, title, 12, look)
            for key, title, look in (("due", BY_KEY["due"].title, "date"), ("status", BY_KEY["status"].title, "words"))
        ),
        *tables.borrowed("progress", "percent"),
    ),
)


def _base_sheet(ledger: Ledger, batch: Batch, part: Assignment) -> Sheet:
    """Return a copy of the base, for the department's own check; intake never reads it."""
    own = ledger.sent_rows[batch.id, part.department]
    keyed = ((ReportKey(code, part.department), cells) for code, cells in own.items())
    return store_sheet(tables.BASE_TABLE, [_base_record(batch.id, key, cells) for key, cells in keyed])


# What the ledger keeps of a dispatch.


def sent_sheet(batch: Batch) -> Sheet:
    """Return 下发记录 with its first batch."""
    note = "每次下发的批次、文件和文件指纹。"
    return table_sheet(tables.SENT_TABLE, sent_records(batch), title=tables.SENT_LOG, note=note)


def sent_records(batch: Batch) -> list[dict[str, Content]]:
    """Return the lines of 下发记录 for a batch."""
    return [
        {
            "batch": batch.id,
            "period": batch.period.label,
            "at": batch.made_at.isoformat(" ", "seconds"),
            "department": file.department,
            "rows": file.rows,
            "name": file.name,
            "sha256": file.sha256,
        }
        for file in batch.files
    ]


def base_records(ledger: Ledger, batch: Batch) -> list[dict[str, Content]]:
    """Return the lines of 下发底稿 for a batch: what each lead was sent, in stored form."""
    return [_base_record(id, key, cells) for (id, key), cells in ledger.base.items() if id == batch.id]


def _base_record(batch: str, key: ReportKey, cells: Cells) -> dict[str, Content]:
    told = {name: stored(value) for name, value in cells.items()}
    return {"batch": batch, "code": key.task, "department": key.department, **told}
