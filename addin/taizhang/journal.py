"""变更记录: one line per changed cell, told apart by comparing the ledger before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from taizhang.columns import DEPARTMENT, OFFICE_OWNED, Column
from taizhang.ledger import Cells, Ledger, ReportKey
from taizhang.settings import SETTINGS
from taizhang.values import Value, is_blank, same, shown


@dataclass(frozen=True)
class Origin:
    """Where a written value came from: the returned file, and what it overruled."""

    file: str = ""
    sha256: str = ""
    overruled: str = ""


@dataclass(frozen=True)
class Act:
    """One operation: its name, when, by whom, and where single cells came from."""

    name: str
    at: datetime
    operator: str
    origins: Mapping[tuple[ReportKey, str], Origin] = field(default_factory=dict)
    file: str = ""
    sha256: str = ""


NEW, APPLY, STATUS, SPLIT, MERGE, SUMMARY = "导入通知", "执行合并", "刷新状态", "下发清单", "合并预览", "生成汇总"


@dataclass(frozen=True)
class CellChange:
    """One changed cell of the ledger: an office cell, a report cell, or a setting (without a task)."""

    key: ReportKey
    no: Value
    column: str
    old: Value
    new: Value


def changed(before: Ledger | None, after: Ledger) -> Iterator[CellChange]:
    """Yield every cell in which two ledgers differ, in ledger order; all filled cells when there was none."""
    for task in after.tasks:
        old = before.by_code[task.code].cells if before and task.code in before.by_code else {}
        yield from _differences(ReportKey(task.code, ""), task.no, OFFICE_OWNED, old, task.cells)
        for key in after.keys_of(task.code):
            old_report = before.report(key) if before else {}
            yield from _differences(key, task.no, DEPARTMENT, old_report, after.report(key))
    if before:
        yield from _setting_changes(before, after)


def _differences(
    key: ReportKey, no: Value, columns: tuple[Column, ...], old: Cells, new: Cells
) -> Iterator[CellChange]:
    for column in columns:
        if not same(old.get(column.key), new.get(column.key)):
            yield CellChange(key, no, column.title, old.get(column.key), new.get(column.key))


def _setting_changes(before: Ledger, after: Ledger) -> Iterator[CellChange]:
    for setting in SETTINGS:
        old, new = before.settings.values[setting.key], after.settings.values[setting.key]
        if not same(old, new):
            yield CellChange(ReportKey("", ""), None, setting.title, old, new)


def lines(
    before: Ledger | None, after: Ledger, act: Act, first: int, more: Iterable[CellChange] = ()
) -> list[dict[str, Value]]:
    """Return the journal lines of an act, numbered from `first`, values as canonical text.

    `more` are cells of the file that change although they are no cells of the ledger's own.
    """
    changes = (*changed(before, after), *more)
    return [_line(number, change, act) for number, change in enumerate(changes, first)]


def overwritten(before: Ledger, after: Ledger, rows: Mapping[str, Cells]) -> Iterator[CellChange]:
    """Yield what somebody typed over composed cells, given each task's row as it stands: composing drops it."""
    for code, shown_cells in rows.items():
        if not after.is_joint(code):
            continue
        composed = before.row(code), after.row(code)
        for column in DEPARTMENT:
            typed = shown_cells.get(column.key)
            if not is_blank(typed) and not any(same(typed, cells.get(column.key)) for cells in composed):
                key = ReportKey(code, "")
                yield CellChange(key, after.by_code[code].no, column.title, typed, composed[1].get(column.key))


def _line(number: int, change: CellChange, act: Act) -> dict[str, Value]:
    origin = act.origins.get((change.key, change.column), Origin(act.file, act.sha256))
    return {
        "number": number,
        "at": act.at.isoformat(" ", "seconds"),
        "operator": act.operator,
        "operation": act.name,
        "file": origin.file,
        "sha256": origin.sha256,
        "department": change.key.department,
        "task": change.key.task,
        "no": change.no,
        "column": change.column,
        "old": shown(change.old),
        "new": shown(change.new),
        "overruled": origin.overruled,
    }
