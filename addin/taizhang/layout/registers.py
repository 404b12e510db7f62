"""指标 and 问题清单: the office's sheets, and the same in a department's workbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from taizhang import problems, tables, targets
from taizhang.columns import INDICATORS, PROBLEMS, Column, Kind, Owner, Register
from taizhang.indicators import NOISE, NOISE_SHARE
from taizhang.layout.common import ROOM, Row, heights, ledger_header, title_row
from taizhang.layout.entering import Borrowing, borrowed, entry_rules
from taizhang.layout.parts import Area, Cell, Conditional, Content, Formula, Page, Sheet
from taizhang.ledger import Item, Ledger
from taizhang.places import column_letter
from taizhang.styles import SHORTEST_ROW, style_of

FIRST_ROW = 4
SPARE = 20  # empty rows below, open for lines added by hand
GOOD, BAD = "#C6E0B4", "#F8CBAD"
_NOTES = {
    INDICATORS: "从任务内容中提取的指标，请逐条核对：要考核的“确认”选“是”，不作为指标的选“否”；也可以在末尾增加，任务序号填“工作台账”中的序号。",
    PROBLEMS: "执行合并时，各单位填报的“存在问题”自动列在这里；指定责任单位和轻重，随下次清单下发；解决后填解决日期。",
}
_TITLES = {INDICATORS: "量化指标", PROBLEMS: "问题清单"}
_COLOURS = ((targets.MET, GOOD), (targets.MISSED, BAD))


def places_of(columns: Iterable[Column]) -> dict[str, int]:
    """Return where columns stand that are written side by side."""
    return {column.key: place for place, column in enumerate(columns, 1)}


# The office's sheets


def register_sheet(ledger: Ledger, register: Register, tasks: Mapping[str, int]) -> Sheet:
    """Return 指标 or 问题清单 with all its lines; `tasks` says where the columns of 工作台账 stand."""
    places = places_of(register.columns)
    borrowing = Borrowing(tasks, places["item_task"])
    items = ledger.items_of(register)
    records = [item_record(ledger, item, row, places, borrowing) for row, item in enumerate(items, FIRST_ROW)]
    grid = [_row(register.columns, item, record, opened=True) for item, record in zip(items, records, strict=True)]
    bottom = max(FIRST_ROW, FIRST_ROW + len(grid) - 1)
    hidden = frozenset({places[register.code], places["item_task"]})
    first = min(place for place in places.values() if place not in hidden)
    sheet = _sheet(register, register.columns, grid, _TITLES[register], _NOTES[register], first, bottom + ROOM)
    spare = tuple(Cell(None, _spare_look(column)) for column in register.columns)
    below = dict.fromkeys(range(len(sheet.rows) + 1, len(sheet.rows) + SPARE + 1), SHORTEST_ROW)
    rows = (*sheet.rows, *(spare,) * SPARE)
    return replace(sheet, rows=rows, heights={**sheet.heights, **below}, hidden_columns=hidden)


def item_record(
    ledger: Ledger, item: Item, row: int, places: Mapping[str, int], borrowing: Borrowing
) -> dict[str, Content]:
    """Return a line's cells; what it shows of its task is looked up, for rows get sorted."""
    task = ledger.by_code.get(item.task)
    shown: dict[str, Content] = {}
    if task is not None:
        shown = {
            key: borrowed(own, row, task.cells.get(own), borrowing)
            for key, own in (("item_no", "no"), ("item_target", "target"))
        }
    return {
        **item.cells,
        **ledger.answer(item),
        item.register.code: item.code,
        **shown,
        **_derived(ledger, item, row, places),
    }


def _derived(ledger: Ledger, item: Item, row: int, places: Mapping[str, int]) -> dict[str, Content]:
    """Return the formula of 达标 or 问题状态 with its value."""
    missing = {column.key: '""' for column in item.register.columns}  # what stays with the office
    at = {**missing, **{key: f"${column_letter(place)}{row}" for key, place in places.items()}}
    if item.register is PROBLEMS:
        text = _STATE.format(**at, solved=problems.SOLVED, open=problems.OPEN, answered=problems.ANSWERED)
        return {"problem_state": Formula(text, problems.state_of(ledger, item))}
    value = targets.met_words(targets.is_met(ledger, item))
    return {"met": Formula(_MET.format(**at, yes=targets.MET, no=targets.MISSED, noise=_NOISE.format(**at)), value)}


_STATE = (
    'IF(LEN(TRIM({solved_on}))>0,"{solved}",IF(LEN(TRIM({reply}))>0,"{answered}",IF(LEN(TRIM({issue}))>0,"{open}","")))'
)
_NOISE = f"(ABS({{goal}})*{NOISE_SHARE:.0E}+{NOISE:.0E})"
_MET = (
    "IF(AND(ISNUMBER({goal}),ISNUMBER({current})),"
    'IF(OR(AND({direction}="≤",{current}-{goal}<={noise}),AND({direction}="≥",{goal}-{current}<={noise}),'
    'AND({direction}="=",ABS({current}-{goal})<={noise})),"{yes}",'
    'IF(OR({direction}="≤",{direction}="≥",{direction}="="),"{no}","")),"")'
)


def formats_of(item: Item, places: Mapping[str, int], row: int) -> dict[tuple[int, int], bool]:
    """Return which cells of a line hold figures, and whether they are shares."""
    return {
        (row, places[c.key]): item.is_share for c in item.register.columns if c.kind is Kind.AMOUNT and c.key in places
    }


# What a department is sent


def sent_columns(register: Register) -> tuple[Column, ...]:
    """Return the columns of a department's sheet: whose task, what the office says, what it fills in, how it stands."""
    code = next(column for column in register.columns if column.key == register.code)
    shown = tuple(column for column in register.columns if column.key in ("item_no", "item_target"))
    last = tuple(column for column in register.owned_by(Owner.DERIVED) if column not in shown)
    return (code, *shown, *register.owned_by(Owner.OFFICE), *register.department, *last)


def department_sheet(ledger: Ledger, register: Register, items: Sequence[Item], title: str, line: str) -> Sheet:
    """Return a department's sheet of indicators or problems: what it fills in is open, the rest locked."""
    columns = sent_columns(register)
    places = places_of(columns)
    grid = [
        _row(columns, item, _sent_record(ledger, item, row, places), opened=False)
        for row, item in enumerate(items, FIRST_ROW)
    ]
    bottom = FIRST_ROW + len(grid) - 1
    sheet = _sheet(register, columns, grid, title, line, 2, bottom)
    rules = entry_rules(register.department, places, FIRST_ROW, bottom)
    return replace(sheet, hidden_columns=frozenset({places[register.code]}), validations=rules)


def _sent_record(ledger: Ledger, item: Item, row: int, places: Mapping[str, int]) -> dict[str, Content]:
    task = ledger.by_code.get(item.task)
    shown: dict[str, Content] = {"item_no": task.no, "item_target": task.cells.get("target")} if task else {}
    own = {**item.cells, **ledger.answer(item), item.register.code: item.code}
    return {**own, **shown, **_derived(ledger, item, row, places)}


RAISED_KEYS = ("item_no", "issue", "opened_on", "owner", "demand", "reply", "replied_on", "problem_state")


def raised_sheet(ledger: Ledger, items: Sequence[Item]) -> Sheet:
    """Return 已提问题, read-only: what others have answered to the problems a department reported."""
    columns = tuple(next(c for c in PROBLEMS.columns if c.key == key) for key in RAISED_KEYS)
    records = [
        {
            **item.cells,
            **ledger.answer(item),
            "item_no": ledger.by_code[item.code].no,
            "problem_state": problems.state_of(ledger, item),
        }
        for item in items
    ]
    grid = [tuple(Cell(record.get(c.key), style_of(c, value=record.get(c.key))) for c in columns) for record in records]
    note = "本单位提出、由其他单位答复的问题，供参考，不需填报。"
    sheet = _sheet(PROBLEMS, columns, grid, "已提问题答复情况", note, 1, FIRST_ROW + len(grid) - 1)
    return replace(sheet, name=tables.RAISED)


# Both


def _sheet(
    register: Register, columns: Sequence[Column], grid: Sequence[Row], title: str, note: str, first: int, ruled: int
) -> Sheet:
    widths = {place: column.width for place, column in enumerate(columns, 1)}
    places = places_of(columns)
    top, _ = title_row(title, len(columns) - first + 1)
    bottom = max(FIRST_ROW, FIRST_ROW + len(grid) - 1)
    before = (None,) * (first - 1)
    return Sheet(
        name=register.sheet,
        rows=((*before, *top), (*before, Cell(note, "info")), ledger_header(columns), *grid),
        widths=widths,
        heights={1: 36, 2: 20, 3: 30} | heights(grid, widths, FIRST_ROW, 30),
        merged=(Area(1, first, 1, len(columns)),),
        freeze=(FIRST_ROW, places[register.telling] + 1),
        filter=Area(FIRST_ROW - 1, first, bottom, len(columns)),
        validations=entry_rules(columns, places, FIRST_ROW, ruled),
        conditionals=_looks(places, ruled),
        page=Page("A3" if len(columns) > 12 else "A4", title_rows=(1, 3), area=Area(1, first, bottom, len(columns))),
    )


def _looks(places: Mapping[str, int], bottom: int) -> tuple[Conditional, ...]:
    """Return the colours of 达标; 问题清单, which comes into open ledgers, has none: LibreOffice 7.4 falls over them."""
    place = places.get("met")
    if place is None:
        return ()
    area = Area(FIRST_ROW, place, bottom, place)
    return tuple(Conditional(area, f'${column_letter(place)}{FIRST_ROW}="{word}"', colour) for word, colour in _COLOURS)


def _row(columns: Sequence[Column], item: Item, record: Mapping[str, Content], *, opened: bool) -> Row:
    """Return a line; `opened` says whether the office's cells are open."""
    return tuple(Cell(record.get(column.key), _look(column, item, opened=opened)) for column in columns)


def _spare_look(column: Column) -> str:
    """Return the look of a cell ready for a line typed in by hand, which names its task by the 序号."""
    if column.key == "item_no":
        return style_of(column, opened=True)
    derived = column.owner in (Owner.DERIVED, Owner.IDENTITY) or column.key == "item_task"
    return "result" if column.key == "item_target" else style_of(column, opened=not derived, derived=derived)


def _look(column: Column, item: Item, *, opened: bool) -> str:
    derived = column.owner in (Owner.DERIVED, Owner.IDENTITY)
    free = not derived and (opened or column.owner is Owner.DEPARTMENT)
    if column.key == "item_target":
        return "result"  # a cell formatted as text would show its formula once somebody edits it
    if column.kind is Kind.AMOUNT and item.is_share:
        return "rate_open" if free else "rate"
    return style_of(column, opened=free, derived=derived)
