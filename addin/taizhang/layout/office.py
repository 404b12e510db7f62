"""The office's own workbook: 工作台账 and the sheets that stand beside it from the first day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from taizhang import rules, tables
from taizhang import settings as switches
from taizhang.columns import BY_KEY, COLUMNS, DEPARTMENT, ITEM_REGISTERS, LAST_PRINTED, Column, Owner
from taizhang.deadlines import Interval, closed_wordings
from taizhang.journal import Journal, Line
from taizhang.layout import formulas as excel
from taizhang.layout.common import (
    ROOM,
    Row,
    address,
    heights,
    ledger_header,
    records,
    table_sheet,
    title_row,
)
from taizhang.layout.entering import WORDINGS_NAME, Borrowing, borrowed, choice_name, entry_rules
from taizhang.layout.guide import office_guide
from taizhang.layout.parts import Area, Cell, Conditional, Content, Formula, Page, Sheet, State, Validation, Workbook
from taizhang.layout.registers import register_sheet
from taizhang.ledger import Ledger, ReportKey
from taizhang.merge import Choice
from taizhang.periods import interval_start, previous_start
from taizhang.places import column_letter
from taizhang.rules import CELLS
from taizhang.settings import COLOUR_SETTINGS, SETTINGS, first_value
from taizhang.status import State as TaskState
from taizhang.status import parameters
from taizhang.styles import WARNING, fitting_width, style_of
from taizhang.values import Value, from_serial

FIRST_ROW = 4  # 1 title, 2 as-of line, 3 header
PLACES: Mapping[str, int] = {column.key: place for place, column in enumerate(COLUMNS, 1)}
_LAST = len(COLUMNS)
AS_OF_PLACE = (2, 6)
NOTE_PLACE = (2, 1)  # of 变更记录: what the sheet is, or that a write is under way
RUNNING = "进行中："
LEGEND_PLACE = 2  # the column of 填表说明 that shows the statuses


def ledger_workbook(ledger: Ledger, as_of: date, journal: Journal, spare: int = 0) -> Workbook:
    """Return the whole workbook of a new ledger, every formula with its value on `as_of`."""
    sheets = (
        office_guide(ledger.settings),
        task_sheet(ledger, as_of, spare),
        names_sheet(ledger),
        wordings_sheet(ledger),
        settings_sheet(ledger, as_of),
        joint_sheet(ledger),
        journal_sheet(journal),
        *(register_sheet(ledger, register, PLACES) for register in ITEM_REGISTERS if ledger.items_of(register)),
        choices_sheet(ledger),
    )
    properties = {"taizhang_ledger": ledger.id, "taizhang_format": str(tables.FORMAT)}
    properties |= {"taizhang_journal": str(journal.head)} if journal.lines else {}
    return Workbook(sheets, names(), properties)


def names() -> dict[str, str]:
    """Return the defined names the formulas and lists go by; ASCII, for every program reads those."""
    auto = {key: f"'{tables.SETTINGS}'!$B${row}" for key, row in _auto_rows().items()}
    words = tables.WORDINGS
    listed = address(words, Area(FIRST_ROW, 1, FIRST_ROW + ROOM, 1))
    first_cell = listed.partition(":")[0]
    return {
        **{excel.NAMES[key]: auto[key] for key in excel.NAMES},
        "tz_fixed": f"'{tables.SETTINGS}'!$B${_setting_row('as_of')}",
        "tz_title": f"'{tables.SETTINGS}'!$B${_setting_row('title')}",
        "tz_unit": f"'{tables.SETTINGS}'!$B${_setting_row('unit')}",
        excel.DEADLINES: address(words, Area(FIRST_ROW, 1, FIRST_ROW + ROOM, 3)),
        # Up to the last wording only: with blank cells in its list Excel accepts anything.
        WORDINGS_NAME: f"{first_cell}:INDEX({listed},COUNTA({listed}))",
        excel.INTERVALS: address(tables.SETTINGS, Area(*_interval_place(), _interval_place()[0] + 3, 3)),
        **{
            choice_name(key): address(tables.CHOICES, Area(2, place, 1 + len(entries), place))
            for place, (key, entries) in enumerate(choice_lists(), 1)
        },
    }


# 工作台账


def task_sheet(ledger: Ledger, as_of: date, spare: int = 0) -> Sheet:
    """Return 工作台账: title, as-of line, header, one row per task, and `spare` empty rows ready to fill."""
    states = ledger.states(as_of)
    rows = [
        task_row(ledger, task.code, states[task.code], FIRST_ROW + offset) for offset, task in enumerate(ledger.tasks)
    ]
    bottom = max(FIRST_ROW, FIRST_ROW + len(rows) - 1)
    rows += [empty_row(FIRST_ROW + len(rows) + offset) for offset in range(spare)]
    widths = {PLACES[column.key]: column.width for column in COLUMNS}
    widths[PLACES["target"]] = fitting_width(
        (task.cells.get("target") for task in ledger.tasks), BY_KEY["target"].width
    )
    printed = PLACES[LAST_PRINTED.key]
    top, merged = _ledger_title(ledger, printed)
    return Sheet(
        name=tables.LEDGER,
        rows=(top, as_of_line(ledger, as_of), ledger_header(COLUMNS), *rows),
        widths=widths,
        heights={1: 40, 2: 20, 3: 32} | heights(rows, widths, FIRST_ROW, 30),
        hidden_columns=frozenset({PLACES["code"]}),
        merged=(merged,),
        freeze=(FIRST_ROW, PLACES["target"] + 1),
        cursor=(FIRST_ROW, PLACES["target"] + 1),
        filter=Area(FIRST_ROW - 1, 1, bottom + spare, _LAST),
        validations=entry_rules(COLUMNS, PLACES, FIRST_ROW, bottom + ROOM),
        conditionals=(
            *status_looks(ledger.settings.colours, PLACES["status"], FIRST_ROW, bottom + ROOM),
            Conditional(Area(*AS_OF_PLACE, *AS_OF_PLACE), "ISNUMBER(tz_fixed)", "", WARNING, bold=True),
        ),
        page=Page("A3", title_rows=(1, 3), area=Area(1, PLACES["no"], bottom, printed)),
        active=True,
        tab="#2F75B5",
    )


def _ledger_title(ledger: Ledger, printed: int) -> tuple[Row, Area]:
    cells, _ = title_row(Formula('tz_title&""', ledger.settings.text("title")), printed - 1)
    return (None, *cells), Area(1, 2, 1, printed)


def as_of_line(ledger: Ledger, as_of: date) -> Row:
    """Return row 2: who keeps the ledger, and the day it is computed for (red when it is fixed)."""
    text = 'IF(ISNUMBER(tz_fixed),"统计日期（已固定）：","统计日期：")&TEXT(tz_as_of,"yyyy-mm-dd")'
    unit = Cell(Formula('"制表单位："&tz_unit', f"制表单位：{ledger.settings.text('unit')}"), "info")
    return (None, unit, None, None, None, Cell(Formula(text, as_of_text(ledger, as_of)), "info"))


def head_values(ledger: Ledger, as_of: date) -> dict[tuple[int, int], Value]:
    """Return what the formulas over the header come to, by place: title, unit, as-of line."""
    unit = f"制表单位：{ledger.settings.text('unit')}"
    return {(1, 2): ledger.settings.text("title"), (2, 2): unit, AS_OF_PLACE: as_of_text(ledger, as_of)}


def as_of_text(ledger: Ledger, as_of: date) -> str:
    """Return what the as-of cell of row 2 shows."""
    fixed = ledger.settings.values["as_of"] is not None
    return ("统计日期（已固定）：" if fixed else "统计日期：") + as_of.isoformat()


def task_row(ledger: Ledger, code: str, state: TaskState, row: int) -> Row:
    """Return a task's row of a new 工作台账, at `row`."""
    cells: dict[str, Content] = {**ledger.row(code), "code": code, **derived(state, row, PLACES)}
    joint = ledger.is_joint(code)
    return tuple(Cell(cells.get(c.key), look(c, joint, cells.get(c.key))) for c in COLUMNS)


def derived(state: TaskState, row: int, places: Mapping[str, int]) -> dict[str, Formula]:
    """Return the four formulas of a task's row, each with its value."""
    texts = formula_texts(row, places)
    values: dict[str, Value] = {
        "due": state.due or "",
        "days_left": "" if state.days_left is None else state.days_left,
        "status": state.status,
        "reporting": state.reporting,
    }
    return {key: Formula(text, values[key]) for key, text in texts.items()}


def formula_texts(row: int, places: Mapping[str, int]) -> dict[str, str]:
    """Return the text of the four formulas of a row; a row without a task shows nothing."""
    return {key: text.replace(_ROW, str(row)) for key, text in _formulas(tuple(places.items()), _rules()).items()}


_ROW = "\0"  # stands for a row's number: the formulas of two rows differ in nothing else


def _rules() -> tuple[object, ...]:
    """Return what the formulas are written by."""
    return rules.STATUS_RULES, rules.REPORT_RULES, rules.DAYS_LEFT_WHEN, rules.DAYS_LEFT


@lru_cache(maxsize=8)
def _formulas(places: tuple[tuple[str, int], ...], _by: tuple[object, ...]) -> Mapping[str, str]:
    cells = {key: f"${column_letter(place)}{_ROW}" for key, place in places}
    refs = excel.refs_for({key: cells[key] for key in (*CELLS, "deadline", "status")})
    empty = f'AND({cells["code"]}="",{cells["target"]}="")'
    return {
        "due": excel.due_formula(refs),
        "days_left": excel.days_left_formula(refs),
        "status": f'IF({empty},"",{excel.status_formula(refs)})',
        "reporting": f'IF({empty},"",{excel.reporting_formula(refs)})',
    }


def empty_row(row: int) -> Row:
    """Return a row ready to be filled in by hand; it gets its code at the next write."""
    shown = {key: Formula(text, "") for key, text in formula_texts(row, PLACES).items()}
    return tuple(Cell(shown.get(column.key), look(column, joint=False)) for column in COLUMNS)


def look(column: Column, joint: bool, value: object = None) -> str:
    """Return the look of a cell of 工作台账: open where staff type, grey where nobody does."""
    composed = joint and column.owner is Owner.DEPARTMENT
    locked = composed or column.owner in (Owner.DERIVED, Owner.IDENTITY)
    return style_of(column, opened=not locked, derived=locked, value=value)


def status_looks(colours: Mapping[str, str], place: int, top: int, bottom: int) -> tuple[Conditional, ...]:
    """Return the colours of the ten statuses for a column that holds them."""
    cell = f"${column_letter(place)}{top}"
    area = Area(top, place, bottom, place)
    return tuple(Conditional(area, f'{cell}="{status}"', colour) for status, colour in colours.items())


# 联合牵头上报


def joint_sheet(ledger: Ledger) -> Sheet:
    """Return 联合牵头上报: one row per lead of every joint task."""
    table = tables.JOINT_TABLE
    borrowing = Borrowing(PLACES, table.place("code"))
    rows = [joint_record(ledger, key, row, borrowing) for row, key in enumerate(ledger.joint_keys(), FIRST_ROW)]
    note = "多个部门联合牵头的事项，各部门的上报分行记在这里，互不覆盖；工作台账中显示汇成后的结果。"
    sheet = table_sheet(table, rows, title="联合牵头事项上报情况", note=note)
    widths = {place: field.width for place, field in enumerate(table.fields, 1)}
    grid = records(table, rows, JOINT_LOOKS)
    bottom = max(FIRST_ROW, FIRST_ROW + len(grid) - 1)
    places = {column.key: table.place(column.key) for column in DEPARTMENT}
    return replace(
        sheet,
        rows=((None, *sheet.rows[0][:-1]), (None, *sheet.rows[1]), sheet.rows[2], *grid),
        hidden_columns=frozenset({table.place("code")}),
        freeze=(FIRST_ROW, table.place("department") + 1),
        heights={1: 36, 2: 20, 3: 26} | heights(grid, widths, FIRST_ROW, 30),
        validations=entry_rules(DEPARTMENT, places, FIRST_ROW, bottom + ROOM),
        page=Page("A3", title_rows=(1, 3), area=Area(1, 2, bottom, len(table.fields))),
        merged=(Area(1, 2, 1, len(table.fields)),),
    )


# A cell formatted as text would show its formula once somebody edits it.
JOINT_LOOKS = {
    "target": "result",
    "deadline": "general",
    **{column.key: style_of(column, opened=True) for column in DEPARTMENT},
}


def joint_record(ledger: Ledger, key: ReportKey, row: int, borrowing: Borrowing) -> dict[str, Content]:
    """Return a lead's row; the task's words are looked up by 任务编码, for rows get sorted."""
    task = ledger.by_code[key.task]
    names = ("no", "target", "deadline")
    shown_here = {name: borrowed(name, row, task.cells.get(name), borrowing) for name in names}
    return {"code": key.task, "department": key.department, **shown_here, **ledger.report(key)}


# 单位名录, 字典, 设置, 变更记录, 选项


def names_sheet(ledger: Ledger) -> Sheet:
    """Return 单位名录: every canonical name with its aliases and addresses."""
    rows = [
        {"name": d.name, "aliases": "、".join(d.aliases), "emails": "、".join(d.emails) or None}
        for d in ledger.directory.departments
    ]
    note = "单位一律以此表名称为准；别名之间、邮箱之间用顿号分隔。可在末尾增加单位。"
    return replace(table_sheet(tables.NAMES_TABLE, rows, title=tables.NAMES, note=note), protected=False)


def wording_records(ledger: Ledger) -> list[dict[str, Content]]:
    """Return the lines of 字典: a wording, and the day or the interval it was read as."""
    closed = frozenset(word for word, _ in closed_wordings(ledger.settings.year))
    return [
        {
            "wording": wording,
            "due": deadline.due,
            "interval": deadline.interval.value if deadline.interval else None,
            "origin": "固定用语" if wording in closed else "台账用语",
        }
        for wording, deadline in ledger.dictionary.entries.items()
    ]


def wordings_sheet(ledger: Ledger) -> Sheet:
    """Return 字典: every wording with what it means."""
    note = "时限用语在这里对应到日期或报送周期；两项都空的不能识别。可修改，也可在末尾增加。"
    rows = wording_records(ledger)
    sheet = table_sheet(tables.WORDINGS_TABLE, rows, title="时限用语字典", note=note)
    area = Area(FIRST_ROW, 3, FIRST_ROW + ROOM, 3)
    how = "持续推进的用语选报送周期，其他留空。"
    return replace(
        sheet,
        validations=(Validation(area, "list", choice_name("interval"), "报送周期", how, True, "请从列表中选择。"),),
        protected=False,
    )


def _interval_block(formulas: Mapping[tuple[str, int], Formula]) -> list[Row]:
    head = tuple(Cell(text, "head_derived") for text in ("报送周期", "本期首日", "上期首日"))
    return [head, *(_interval_row(interval, formulas) for interval in Interval)]


def _interval_row(interval: Interval, formulas: Mapping[tuple[str, int], Formula]) -> Row:
    own = (Cell(formulas[interval.value, place], "date_derived") for place in (2, 3))
    return (Cell(interval.value, "words_derived"), *own)


def _months(count: int) -> tuple[str, str]:
    first = f"INT((MONTH(tz_as_of)-1)/{count})*{count}+1"
    return f"DATE(YEAR(tz_as_of),{first},1)", f"DATE(YEAR(tz_as_of),{first}-{count},1)"


_TEN = "IF(DAY({0})>20,21,IF(DAY({0})>10,11,1))"
_TEN_BEFORE = "(tz_period_first-1)"
INTERVAL_FORMULAS = {
    Interval.TEN_DAYS: (
        "tz_period_first",
        f"DATE(YEAR({_TEN_BEFORE}),MONTH({_TEN_BEFORE}),{_TEN.format(_TEN_BEFORE)})",
    ),
    Interval.MONTH: _months(1),
    Interval.QUARTER: _months(3),
    Interval.HALF_YEAR: _months(6),
}


def settings_sheet(ledger: Ledger, as_of: date) -> Sheet:
    """Return 设置: the office's switches, the colours, and below them what the formulas compute with."""
    rows = [_setting_record(setting, ledger.settings.values[setting.key]) for setting in SETTINGS]
    rows += [_setting_record(setting, ledger.settings.colours[setting.key]) for setting in COLOUR_SETTINGS]
    note = "在“值”一列修改；下方灰色部分由公式计算，请勿改动。"
    sheet = table_sheet(tables.SETTINGS_TABLE, rows, title=tables.SETTINGS, note=note)
    grid = [
        (row[0], Cell(row[1].content, _setting_look(setting)), row[2]) if row[1] else row
        for setting, row in zip(SETTINGS, sheet.rows[3:], strict=False)
    ]
    grid += list(sheet.rows[3 + len(SETTINGS) :])
    grid += _auto_block(ledger, as_of)
    high = {**sheet.heights, **heights(grid, sheet.widths, FIRST_ROW)}
    return replace(sheet, rows=(*sheet.rows[:3], *grid), heights=high, filter=None, validations=_setting_rules())


def _setting_record(setting: switches.Setting, value: Value) -> dict[str, Content]:
    return {"title": setting.title, "value": value, "help": setting.help}


def _setting_look(setting: switches.Setting) -> str:
    looks = {switches.Kind.DATE: "date_open", switches.Kind.TEXT: "words_open", switches.Kind.COLUMNS: "words_open"}
    looks |= {switches.Kind.TEMPLATE: "text_open"}
    return looks.get(setting.kind, "general_open")


def _setting_rules() -> tuple[Validation, ...]:
    kinds = {switches.Kind.DATE: "date", switches.Kind.DAYS: "integer", switches.Kind.YEAR: "integer"}
    return tuple(
        Validation(
            _at(setting), kinds[setting.kind], "", setting.title, setting.help, True, f"请填{setting.kind.value}。"
        )
        for setting in SETTINGS
        if setting.kind in kinds
    ) + tuple(
        Validation(
            _at(setting), "list", choice_name(setting.key), setting.title, setting.help, True, "请从列表中选择。"
        )
        for setting in SETTINGS
        if setting.choices
    )


def _at(setting: switches.Setting) -> Area:
    row = _setting_row(setting.key)
    return Area(row, 2, row, 2)


def _setting_row(key: str) -> int:
    return FIRST_ROW + [setting.key for setting in SETTINGS].index(key)


AUTO_TITLES = {
    "as_of": "统计日期（生效）",
    "start": "起始日期（生效）",
    "warn_days": "临期天数（生效）",
    "tolerance": "滞后容差（生效）",
    "period_first": "本旬首日",
    "period_last": "本旬末日",
}
LEDGER_ID_TITLE = "台账编号"


def computed_settings(
    ledger: Ledger, as_of: date, rows: Mapping[str, int] = MappingProxyType({})
) -> dict[tuple[str, int], Formula]:
    """Return the formulas at the foot of 设置, by the title of their row and their column.

    `rows` says where the lines stand, by title, in a sheet into which somebody put lines of his own.
    """
    texts, values = _auto_formulas(rows), auto_values(ledger, as_of)
    found = {(title, 2): Formula(texts[key], values[key]) for key, title in AUTO_TITLES.items()}
    for interval in Interval:
        this, previous = INTERVAL_FORMULAS[interval]
        found[interval.value, 2] = Formula(this, interval_start(as_of, interval))
        found[interval.value, 3] = Formula(previous, previous_start(as_of, interval))
    return found


def _interval_place() -> tuple[int, int]:
    """Return where the reporting intervals stand in 设置: below what is computed, under a header."""
    return max(_auto_rows().values()) + 2, 1


def _auto_rows() -> dict[str, int]:
    first = FIRST_ROW + len(SETTINGS) + len(switches.COLOURS) + 1
    return {key: first + offset for offset, key in enumerate(("id", *AUTO_TITLES))}


def _auto_formulas(rows: Mapping[str, int] = MappingProxyType({})) -> dict[str, str]:
    cell = {setting.key: f"B{rows.get(setting.title) or _setting_row(setting.key)}" for setting in SETTINGS}
    made = {key: f"B{rows.get(title) or _auto_rows()[key]}" for key, title in AUTO_TITLES.items()}
    first, as_of = made["period_first"], made["as_of"]
    return {
        "as_of": f"IF(ISNUMBER({cell['as_of']}),INT({cell['as_of']}),TODAY())",
        "start": f"IF(ISNUMBER({cell['start']}),INT({cell['start']}),DATE({cell['year']},1,1))",
        "warn_days": f"IF(ISNUMBER({cell['warn_days']}),{cell['warn_days']},{first_value('warn_days')})",
        "tolerance": f"IF(ISNUMBER({cell['tolerance']}),{cell['tolerance']},{first_value('tolerance')})/100",
        "period_first": f"DATE(YEAR({as_of}),MONTH({as_of}),{_TEN.format(as_of)})",
        # The last 旬 ends with the month; the others have ten days.
        "period_last": f"IF(DAY({first})=21,DATE(YEAR({first}),MONTH({first})+1,1)-1,{first}+9)",
    }


def auto_values(ledger: Ledger, as_of: date) -> dict[str, Value]:
    """Return what the formulas at the foot of 设置 come to on `as_of`."""
    facts = parameters(ledger.settings, as_of)
    days = ("as_of", "start", "period_first", "period_last")
    return {key: from_serial(value or 0) if key in days else value for key, value in facts.items()}


def _auto_block(ledger: Ledger, as_of: date) -> list[Row]:
    formulas = computed_settings(ledger, as_of)
    looks = {"warn_days": "general_derived", "tolerance": "percent_derived"}
    computed = [
        (
            Cell(title, "words_derived"),
            Cell(formulas[title, 2], looks.get(key, "date_derived")),
            Cell("由公式计算", "text_derived"),
        )
        for key, title in AUTO_TITLES.items()
    ]
    head = tuple(Cell(text, "head_derived") for text in ("自动计算", "值", "说明"))
    identity = (
        Cell(LEDGER_ID_TITLE, "words_derived"),
        Cell(ledger.id, "words_derived"),
        Cell("回收文件凭此认出是哪本台账", "text_derived"),
    )
    return [head, identity, *computed, *_interval_block(formulas)]


def journal_sheet(journal: Journal) -> Sheet:
    """Return 变更记录: one line per changed cell, the oldest first."""
    note = "每个单元格的每次变更记一行，只增不改；请不要修改、删除或重新排序。"
    sheet = table_sheet(tables.JOURNAL_TABLE, journal_records(journal.lines), title=tables.JOURNAL, note=note)
    place = tables.JOURNAL_TABLE.place
    bottom = max(FIRST_ROW, FIRST_ROW + len(journal.lines) - 1)
    return replace(sheet, page=replace(sheet.page, paper="A3", area=Area(1, 1, bottom, place("overruled"))))


def journal_records(lines: Sequence[Line]) -> list[dict[str, Content]]:
    """Return lines of 变更记录 as records of its table."""
    keys = [field.key for field in tables.JOURNAL_TABLE.fields]
    return [{key: getattr(line, key) or None for key in keys} for line in lines]


def choices_sheet(ledger: Ledger) -> Sheet:
    """Return the hidden sheet the drop-down lists point to."""
    lists = choice_lists()
    depth = max(len(values) for _, values in lists)
    grid = [
        tuple(Cell(values[row] if row < len(values) else None, "plain") for _, values in lists) for row in range(depth)
    ]
    head = tuple(Cell(title, "head") for title, _ in lists)
    return Sheet(tables.CHOICES, (head, *grid), state=State.HIDDEN)


def choice_lists() -> list[tuple[str, tuple[str, ...]]]:
    """Return every drop-down list: its defined name's tail and its entries."""
    return [
        ("priority", BY_KEY["priority"].choices),
        ("interval", tuple(interval.value for interval in Interval)),
        ("verdict", tuple(choice.value for choice in Choice)),
        *((setting.key, setting.choices) for setting in SETTINGS if setting.choices),
        *((c.key, c.choices) for one in ITEM_REGISTERS for c in one.columns if c.choices),
    ]
