"""How cells are entered: what Excel checks as someone types, and what a sheet looks up in 工作台账."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from taizhang import tables
from taizhang.columns import Column, Kind, Owner
from taizhang.findings import CATALOGUE, Code
from taizhang.layout.parts import Area, Formula, Validation
from taizhang.places import column_letter
from taizhang.values import Value, shown

WORDINGS_NAME = "tz_wordings"


def entry_rules(columns: Iterable[Column], places: Mapping[str, int], top: int, bottom: int) -> tuple[Validation, ...]:
    """Return what Excel itself checks as someone types, column by column."""
    found = (_entry_rule(column, Area(top, places[column.key], bottom, places[column.key])) for column in columns)
    return tuple(rule for rule in found if rule is not None)


def _entry_rule(column: Column, area: Area) -> Validation | None:
    if column.owner in (Owner.DERIVED, Owner.IDENTITY):
        return None
    title, prompt = column.title, column.prompt
    match column.kind:
        case Kind.DATE:
            return Validation(area, "date", "", title, prompt, True, "请填具体日期，例如 2020-09-15。")
        case Kind.PERCENT:
            return Validation(area, "percent", "", title, prompt, True, f"{CATALOGUE[Code.NOT_PERCENT].remedy}。")
        case Kind.NUMBER:
            return Validation(area, "integer", "", title, prompt, True, f"{CATALOGUE[Code.NOT_NUMBER].remedy}。")
        case Kind.CHOICE:
            return Validation(area, "list", choice_name(column.key), title, prompt, True, "请从下拉列表中选择。")
        case Kind.DEADLINE:
            # Dates are welcome too, so the list only proposes.
            return Validation(
                area, "list", WORDINGS_NAME, title, prompt, False, "字典中没有这个用语，请确认后再填。", False
            )
        case Kind.AMOUNT:
            return Validation(area, "decimal", "", title, prompt, True, f"{CATALOGUE[Code.NOT_AMOUNT].remedy}。")
        case Kind.TEXT | Kind.NAMES:
            fault = f"文字请控制在{column.limit}字以内。"
            return Validation(area, "length", str(column.limit), title, prompt, True, fault)
    return None


def choice_name(key: str) -> str:
    """Return the defined name of a drop-down list."""
    return f"tz_choice_{key}"


@dataclass(frozen=True)
class Borrowing:
    """Where the columns of 工作台账 stand, and the one of 任务编码 on the sheet that borrows from it."""

    places: Mapping[str, int]
    code: int


def borrowed(key: str, row: int, value: Value, borrowing: Borrowing) -> Formula:
    """Return a cell of the task's row in 工作台账, days written out."""
    column, codes = (column_letter(borrowing.places[name]) for name in (key, "code"))
    sheet, code = f"'{tables.LEDGER}'!", f"${column_letter(borrowing.code)}{row}"
    found = f"INDEX({sheet}${column}:${column},MATCH({code},{sheet}${codes}:${codes},0))"
    if key != "deadline":
        return Formula(f'IFERROR({found},"")', value if value is not None else "")
    return Formula(f'IFERROR(IF(ISNUMBER({found}),TEXT({found},"yyyy-mm-dd"),{found}&""),"")', shown(value))
