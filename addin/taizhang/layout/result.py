"""合并结果 and 对账单: what a clerk decides on, and the account of every returned cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import TypeAlias

from taizhang import tables
from taizhang.columns import BY_KEY, Kind, register_of
from taizhang.entries import share_shown, stored
from taizhang.findings import Code
from taizhang.layout.common import (
    LOOK,
    Record,
    Row,
    header,
    heights,
    records,
    row_link,
    store_sheet,
    table_sheet,
    title_row,
)
from taizhang.layout.entering import choice_name
from taizhang.layout.parts import Area, Cell, Conditional, Content, Formula, Page, Sheet, Validation
from taizhang.layout.reading import Block, Grid, find_block
from taizhang.ledger import Batch, Ledger
from taizhang.merge import (
    HELD_TITLE,
    ONLY_KEPT,
    UNTOUCHED,
    Change,
    Choice,
    Decisions,
    Disposition,
    HeldRow,
    Verdict,
    by_file,
    counts,
    describe,
    idle_departments,
    missing_departments,
    returned_cells,
    returns_of,
    said_in,
    title_of,
    why_not,
    why_row,
)
from taizhang.places import Place, column_letter
from taizhang.returns import FILLED, KEPT, PENDING, Received
from taizhang.snapshots import Turnout, is_late
from taizhang.spans import packed, packed_counts
from taizhang.styles import STYLES, style_of
from taizhang.tables import Field, Table
from taizhang.values import Value, is_blank, shortened, shown

Places: TypeAlias = Mapping[str, Mapping[str, int]]
RESULTS_TABLE = Table(
    tables.RESULTS,
    (
        Field("disposition", "类别", 13),
        Field("choice", "裁决", 11, "words_open"),
        Field("other", "另行填写", 18, "text_open"),
        Field("no", BY_KEY["no"].title, 6, "integer"),
        Field("target", BY_KEY["target"].title, 30, "text"),
        Field("department", "单位", 16),
        Field("column", "列", 12),
        Field("base", "下发值", 24, "text"),
        Field("now", "台账现值", 24, "text"),
        Field("back", "上报值", 30, "text"),
        Field("reason", "说明", 34, "text"),
        Field("state", "处理情况", 10),
        Field("source", "来源文件", 34, "text"),
        Field("link", "查看", 8, "link"),
        Field("id", "编号", 10, "plain"),
    ),
)
FILLS: Mapping[Disposition, str] = {
    Disposition.CONFLICT: "#FF7C80",
    Disposition.CLEARED: "#FFD966",
    Disposition.INVALID: "#F8CBAD",
    Disposition.LOCKED: "#D9D9D9",
    Disposition.SUPERSEDED: "#DDEBF7",
    Disposition.ACCEPTED: "#C6E0B4",
}
_URGENCY = (*FILLS, Disposition.SAME, Disposition.UNCHANGED)  # what needs the clerk stands on top
OPEN_STATE, WAITING, LISTED, NOT_TAKEN = "待裁决", "待写入", "已列出", "没有采用"


def results_sheet(
    ledger: Ledger,
    changes: Iterable[Change],
    held: Sequence[HeldRow],
    places: Places,
    verdicts: Mapping[str, Verdict],
    refused: Mapping[str, str] = MappingProxyType({}),
) -> Sheet:
    """Return 合并结果: what needs a decision first, each change with base, now and back side by side.

    `places` says where the columns of each register stand, by its sheet, for the links; `verdicts` are those already
    written, which stay beside items that are still open; `refused` says of items why what was
    decided on them was not carried out.
    """
    listed = [change for change in changes if change.disposition is not Disposition.SAME]
    listed.sort(key=lambda change: (not change.open, _URGENCY.index(change.disposition), _order(ledger, change)))
    rows: list[Record] = [{**_held_record(row), **_held_decision(row, verdicts)} for row in held]
    link = cache(lambda code: _link(code, places))  # a task comes up many times
    rows += [{**_record(ledger, change, link), **_decision(change, verdicts, refused)} for change in listed]
    bulk = _bulk_records(listed, held)
    rows = [*bulk, *rows]
    note = "“裁决”请从下拉列表选择，选“另行填写”的把内容写在右边一列；“采纳”的不填即写入；其他未裁决的保持台账原值，下次继续列出。“待定行”看过后选“保留台账”即可不再列出。最上面的“批量”行可以一次裁决一类或一个单位，各行自己的裁决优先。"
    sheet = table_sheet(RESULTS_TABLE, rows, title=tables.RESULTS, note=note)
    bottom = 3 + max(len(rows), 1)
    rule = Validation(Area(4, 2, bottom, 2), "list", choice_name("verdict"), "裁决", _HOW, True, "请从下拉列表中选择。")
    looks = (
        Conditional(Area(4, 1, bottom, RESULTS_TABLE.place("target")), '$A4="批量"', STYLES["head"].fill),
        *(Conditional(Area(4, 1, bottom, 1), f'$A4="{kind.value}"', fill) for kind, fill in FILLS.items()),
    )
    return replace(
        sheet,
        hidden_columns=frozenset({RESULTS_TABLE.place("id")}),
        freeze=(4, RESULTS_TABLE.place("no")),
        validations=(rule,),
        conditionals=tuple(looks),
        page=Page("A3", title_rows=(1, 3), area=Area(1, 1, bottom, RESULTS_TABLE.place("source"))),
    )


BULK = "批量"
_BULK_FROM = 2  # items from which one decision for all of them is worth a row


def _bulk_records(listed: Sequence[Change], held: Sequence[HeldRow]) -> list[dict[str, Content]]:
    """Return the rows on top that decide for all pending items of a disposition, or of a department."""
    pending = [change for change in listed if change.pending]
    kinds = Counter(change.disposition.value for change in pending)
    kinds[HELD_TITLE] = sum(row.settled == PENDING for row in held)
    departments = Counter(change.file.department for change in pending if change.open)
    said = {kind: f"全部“{kind}”，共{count}项" for kind, count in kinds.items() if count >= _BULK_FROM}
    said |= {name: f"{name}待裁决的全部，共{n}项" for name, n in departments.items() if n >= _BULK_FROM}
    return [
        {"disposition": BULK, "target": text, "reason": _BULK_HOW, "id": f"{BULK}|{name}"}
        for name, text in said.items()
    ]


_BULK_HOW = "在“裁决”中选一次，下面同类的都照办；个别要另外处理的，在它自己那行裁决。"
_HOW = "采用上报：写入部门报的值。保留台账：维持现值。另行填写：写入右边一列的内容。"


def _order(ledger: Ledger, change: Change) -> tuple[float, str]:
    no = ledger.by_code[change.kept.code].no
    return (float(no) if isinstance(no, (int, float)) else float("inf"), change.id)


def _record(ledger: Ledger, change: Change, link: Callable[[str], Content]) -> dict[str, Content | Cell]:
    task = ledger.by_code[change.kept.code]
    return {
        "disposition": change.disposition.value,
        "no": task.no,
        "target": shown(task.cells.get(task.register.telling))[:40],
        "department": change.file.department,
        "column": BY_KEY[change.kept.column].title,
        "base": _typed(change.kept.column, change.base, share=task.is_share),
        "now": _typed(change.kept.column, change.now, share=task.is_share),
        "back": _typed(change.kept.column, change.kept.back, share=task.is_share, fault=change.kept.fault),
        "reason": describe(change),
        "state": _state(change),
        "source": change.file.name,
        "link": link(change.kept.code),
        "id": change.id,
    }


def _decision(change: Change, verdicts: Mapping[str, Verdict], refused: Mapping[str, str]) -> dict[str, Content]:
    """Return a decision that still waits beside its item, and why it could not be carried out."""
    if not change.pending:
        return {}
    verdict, why = verdicts.get(change.id), refused.get(change.id, "")
    if verdict is None:
        return {"reason": why} if why else {}
    why = why or why_not(change, verdict)
    return {**_told(verdict), "reason": why} if why else _told(verdict)


def _held_decision(row: HeldRow, verdicts: Mapping[str, Verdict]) -> dict[str, Content]:
    """Return what was written beside a row that still waits, and that it cannot be carried out."""
    verdict = verdicts.get(row.id) if row.settled == PENDING else None
    if verdict is None:
        return {}
    return _told(verdict) if verdict.choice is Choice.NOW else {**_told(verdict), "reason": ONLY_KEPT}


def _told(verdict: Verdict) -> dict[str, Content]:
    return {"choice": verdict.choice.value if verdict.choice else verdict.said, "other": shown(verdict.other)}


def _typed(key: str, value: Value, *, share: bool, fault: Code | None = None) -> Content | Cell:
    """Return a value as its column holds it, so that it filters and sorts as a number or a day; it shows as `worded`."""
    if share and BY_KEY[key].kind is Kind.AMOUNT and isinstance(value, (int, float)):
        return Cell(value, "rate")
    percent = None if fault is Code.ONE_OR_ALL else share_shown(BY_KEY[key], value)
    if percent is not None:
        return Cell(percent, style_of(BY_KEY[key]) if round(percent * 100, 8).is_integer() else "rate")
    if isinstance(value, (int, float, date)) and not isinstance(value, bool):
        fits = isinstance(value, date) or BY_KEY[key].kind is Kind.NUMBER
        return Cell(value, style_of(BY_KEY[key], value=value) if fits else "general")
    return shown(value)


def _state(change: Change) -> str:
    if change.kept.settled != PENDING:
        return change.kept.settled
    if change.open:
        return OPEN_STATE
    return WAITING if change.disposition is Disposition.ACCEPTED else LISTED


def _link(code: str, places: Places) -> Content:
    register = register_of(code)
    codes, target = (places[register.sheet][key] for key in (register.code, register.telling))
    return row_link(register.sheet, codes, target, code, LOOK)


def _held_record(row: HeldRow) -> dict[str, Content]:
    return {
        "disposition": HELD_TITLE,
        "no": row.about.get("no"),
        "target": row.subject[:40],
        "department": row.file.department,
        "back": shortened(said_in(row)),
        "reason": why_row(row),
        "state": _HELD_STATES.get(row.settled, row.settled),
        "source": f"{row.file.name} {row.told}",
        "id": row.id,
    }


_HELD_STATES = {PENDING: OPEN_STATE, KEPT: NOT_TAKEN}


def _listing(grid: Grid) -> Block | None:
    titles = {field.title: field.key for field in RESULTS_TABLE.fields}
    needed = tuple(f.title for f in RESULTS_TABLE.fields if f.key in ("disposition", "choice", "id"))
    return find_block(tables.RESULTS, grid, titles, needed)


def item_rows(grid: Grid) -> dict[str, list[dict[str, Place]]]:
    """Return where the decisions on every item of 合并结果 stand: by id, for each of its rows, the cells by key."""
    found: dict[str, list[dict[str, Place]]] = {}
    block = _listing(grid)
    if block is None or "other" not in block.places:
        return found
    for row, cells in block.rows.items():
        id = shown(cells.get("id"))
        if id and not id.startswith(f"{BULK}|"):
            found.setdefault(id, []).append({key: (row, block.places[key]) for key in ("choice", "other")})
    return found


def read_decisions(grid: Grid) -> Decisions:
    """Return what the clerk decided, by item and in bulk, wherever the rows were sorted to."""
    block = _listing(grid)
    found: dict[str, set[Verdict]] = {}
    rows = [row for row in (block.rows.values() if block else ()) if not is_blank(row.get("id"))]
    for row in rows:
        said = shown(row.get("choice")).strip()
        choice = next((c for c in Choice if c.value == said), None)
        if choice or said or not is_blank(row.get("other")):  # what was written must not be passed over
            verdict = Verdict(choice, row.get("other"), "" if choice else said)
            found.setdefault(shown(row["id"]), set()).add(verdict)
    clear = {id: verdicts.pop() if len(verdicts) == 1 else _torn(verdicts) for id, verdicts in found.items()}
    bulk = {id.partition("|")[2]: one.choice for id, one in clear.items() if id.startswith(f"{BULK}|") and one.choice}
    own = {id: one for id, one in clear.items() if not id.startswith(f"{BULK}|")}
    return Decisions(own, bulk, frozenset(shown(row["id"]) for row in rows))


def _torn(verdicts: Iterable[Verdict]) -> Verdict:
    """Return what two rows of one item that say different things come to: they decide nothing."""
    said = sorted({one.choice.value if one.choice else one.said for one in verdicts} - {""})
    others = sorted({shown(one.other) for one in verdicts if not is_blank(one.other)})
    return Verdict(None, "；".join(others) or None, "、".join(said) or Choice.OTHER.value)


# 对账单

_DISPOSITIONS = tuple(Field(kind.key, kind.value, 9, "integer") for kind in Disposition)
STATEMENT_TABLE = Table(
    tables.STATEMENT,
    (
        Field("department", "单位", 20),
        Field("batch", "批次", 22),
        Field("sent", "下发任务", 9, "integer"),
        Field("outcome", "交回情况", 11),
        Field("received", "收到时间", 17),
        Field("turnout", "报送", 7),
        Field("reported", BY_KEY["reported_on"].title, 12),
        Field("cells", "交回单元格", 10, "integer"),
        *_DISPOSITIONS,
        Field("sum", "合计", 8, "integer"),
        Field("difference", "差额", 8, "integer"),
        Field("missing", "缺行", 8, "integer"),
        Field("declined", "裁决未采用", 11, "integer"),
        Field("name", "文件", 46, "text"),
    ),
)
RETURNED, NOT_RETURNED = "已交回", "未交回"
_HEAD_ROW = 4


def statement_sheet(
    ledger: Ledger, older: Sequence[Batch], changes: Sequence[Change], unmerged: Sequence[tuple[str, str]]
) -> Sheet:
    """Return 对账单: who returned the newest batch and who has not, every cell accounted for.

    `older` are earlier batches whose late returns are listed too; `unmerged` are files that were
    not merged, each with what became of it.
    """
    newest = ledger.batches[-1]
    rows = [record for batch in (newest, *older) for record in _statement_records(ledger, batch, batch is newest)]
    grid: list[Row] = _statement_head(ledger, newest)
    of_file = by_file(changes)
    for number, (record, file) in enumerate(rows, len(grid) + 1):
        own = of_file.get(file.sha256, ()) if file else ()
        account = _account(ledger, file, own, number) if file else {"outcome": NOT_RETURNED}
        account |= {"turnout": _turnout(ledger, file).value}
        grid += records(STATEMENT_TABLE, [{**record, **account}])
    bottom = len(grid)
    grid += _unmerged_rows(unmerged)
    widths = {place: field.width for place, field in enumerate(STATEMENT_TABLE.fields, 1)}
    place = STATEMENT_TABLE.place("outcome")
    silent = f'${column_letter(place)}5="{NOT_RETURNED}"'
    untouched = f'${column_letter(place)}5="{UNTOUCHED}"'
    return Sheet(
        name=tables.STATEMENT,
        rows=tuple(grid),
        widths=widths,
        heights={1: 36, 2: 20, 3: 20, 4: 30} | heights(grid[4:], widths, 5, 20),
        merged=(Area(1, 1, 1, len(STATEMENT_TABLE.fields)),),
        freeze=(_HEAD_ROW + 1, 2),
        filter=Area(_HEAD_ROW, 1, bottom, len(STATEMENT_TABLE.fields)),
        conditionals=(
            Conditional(Area(5, place, bottom, place), silent, FILLS[Disposition.CONFLICT]),
            Conditional(Area(5, place, bottom, place), untouched, FILLS[Disposition.CLEARED]),
        ),
        page=Page("A3", title_rows=(1, _HEAD_ROW)),
    )


def _statement_head(ledger: Ledger, batch: Batch) -> list[Row]:
    """Return the four rows over the accounts: title, batch, who is missing, header."""
    top, _ = title_row(f"{batch.period.title}对账单", len(STATEMENT_TABLE.fields))
    silent, idle = missing_departments(ledger, batch), idle_departments(ledger, batch)
    back = len(batch.files) - len(silent)
    line = f"批次：{batch.id}　　下发 {len(batch.files)} 个部门，{RETURNED} {back} 个，{NOT_RETURNED} {len(silent)} 个"
    names = "未报名单：" + ("、".join(silent) or "无")
    names += f"　　{UNTOUCHED}：{'、'.join(idle)}" if idle else ""
    return [top, (Cell(line, "info"),), (Cell(names, "info"),), header(STATEMENT_TABLE)]


def _statement_records(
    ledger: Ledger, batch: Batch, with_silent: bool
) -> Iterable[tuple[dict[str, Content], Received | None]]:
    """Yield a line for every return of a batch, and for those who have not returned if wanted."""
    for sent in batch.files:
        own: dict[str, Content] = {"department": sent.department, "batch": batch.id, "sent": sent.rows}
        back = returns_of(ledger, batch, sent.department)
        yield from ((own, file) for file in back)
        if with_silent and not back:
            yield own, None


def _turnout(ledger: Ledger, file: Received | None) -> Turnout:
    batch = next((one for one in ledger.batches if file and one.id == file.batch), None)
    if file is None or batch is None or not file.is_report:
        return Turnout.MISSING
    return Turnout.LATE if is_late(ledger, batch, file) else Turnout.IN_TIME


def _account(ledger: Ledger, file: Received, changes: Sequence[Change], row: int) -> dict[str, Content]:
    """Return a file's account: cells returned, cells per disposition, and their difference."""
    found = counts(ledger, file, changes, written=True)
    returned = returned_cells(ledger, file)
    first, last, total = (column_letter(STATEMENT_TABLE.place(key)) for key in ("unchanged", "accepted", "cells"))
    summed = column_letter(STATEMENT_TABLE.place("sum"))
    return {
        "outcome": UNTOUCHED if found[Disposition.UNCHANGED] == returned else RETURNED,
        "received": file.received_at.isoformat(" ", "minutes"),
        "reported": shown(file.reported_on),
        "cells": returned,
        **{kind.key: found[kind] for kind in Disposition},
        "sum": Formula(f"SUM({first}{row}:{last}{row})", sum(found.values())),
        "declined": sum(change.kept.settled in (KEPT, FILLED) for change in changes),
        "difference": Formula(f"{total}{row}-{summed}{row}", returned - sum(found.values())),
        "missing": len(file.missing),
        "name": file.name,
    }


UNMERGED = "没有合并的文件"


def _unmerged_rows(files: Sequence[tuple[str, str]]) -> list[Row]:
    """Return the files that were not merged, each with its reason."""
    if not files:
        return []
    head: list[Row] = [(), (Cell(UNMERGED, "section"),)]
    return head + [(Cell(name, "info"), *(None,) * 5, Cell(why, "info")) for name, why in files]


def read_unmerged(grid: Grid) -> list[tuple[str, str]]:
    """Return the files that 对账单 lists as not merged."""
    after = [number for number, row in enumerate(grid) if row and row[0] == UNMERGED]
    rows = grid[after[-1] + 1 :] if after else ()
    said = ([shown(value) for value in row if not is_blank(value)] for row in rows)
    return [(cells[0], cells[-1]) for cells in said if len(cells) > 1]


# What the ledger remembers of returns, very hidden.


def store_sheets(ledger: Ledger) -> tuple[Sheet, Sheet]:
    """Return the two very hidden sheets that hold every return so far."""
    files = [_file_record(file) for file in ledger.received]
    cells = [_kept_record(file, index) for file in ledger.received for index in range(len(file.kept))]
    return store_sheet(tables.RECEIVED_TABLE, files), store_sheet(tables.RETURNS_TABLE, cells)


def _file_record(file: Received) -> dict[str, Content]:
    return {
        "sha256": file.sha256,
        "name": file.name,
        "batch": file.batch,
        "department": file.department,
        "received_at": file.received_at.isoformat(),
        "reported_on": shown(file.reported_on),
        "modified_at": file.modified_at.isoformat() if file.modified_at else None,
        "mailed_at": file.mailed_at.isoformat() if file.mailed_at else None,
        "rows": f"{packed(file.rows)}:{packed_counts(file.unchanged)}" if file.rows else None,
        "columns": packed_counts(file.columns) or None,
        "missing": packed(file.missing),
    }


def _kept_record(file: Received, index: int) -> dict[str, Content]:
    kept = file.kept[index]
    return {
        "sha256": file.sha256,
        "code": kept.code,
        "row": kept.row,
        "column": title_of(kept.column),
        "back": stored(kept.back),
        "fault": kept.fault.value if kept.fault else None,
        "seen": stored(kept.seen),
        "settled": kept.settled or None,
        "sheet": kept.sheet or None,
    }
