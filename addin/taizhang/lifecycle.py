"""销号, 退回, 恢复, 延期, 任务调整, 取消: what may be done to a task as it stands, and what that writes.

One table says which move is legal at which stage and where it leads, or why it is not. Moves
write the office's cells only; what departments reported stays theirs. Source: issue "The life of
a task", points 31–33 of the notice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from taizhang.columns import BY_KEY, Kind
from taizhang.departments import read_names
from taizhang.ledger import Cells, Ledger, ReportKey
from taizhang.values import Value, day, is_blank, is_number, same, shown


class Stage(Enum):
    """How far a task has come, whatever its deadline says."""

    OPEN = "在办"
    RETURNED = "已退回"
    DONE = "待销号"
    CLOSED = "已销号"
    CANCELLED = "已取消"


class Move(Enum):
    """What the office may do to a task; the words are the journal's names of these acts."""

    CLOSE = "销号"
    REJECT = "退回"
    REOPEN = "恢复"
    EXTEND = "延期"
    ADJUST = "任务调整"
    CANCEL = "取消"


_OPEN, _RETURNED, _DONE, _CLOSED, _CANCELLED = Stage
_REOPEN_FIRST = "要继续办理的，请先“恢复”"

# Where a move leads, or why it cannot be made and what to do.
MOVES: Mapping[Move, Mapping[Stage, Stage | str]] = {
    Move.CLOSE: {
        _OPEN: "牵头部门还没有全部报告完成，不能销号。请等它们报来完成日期或100%的完成率",
        _RETURNED: "已经退回，牵头部门还没有全部重新报告完成，不能销号。请等它们整改后重新填报",
        _DONE: _CLOSED,
        _CLOSED: "已经销号，不用再销",
        _CANCELLED: f"已经取消，不能销号。{_REOPEN_FIRST}",
    },
    Move.REJECT: {
        _OPEN: _RETURNED,
        _RETURNED: "已经退回，还没有重新填报，不用再退。整改要求要改的，请直接在台账中修改",
        _DONE: _RETURNED,
        _CLOSED: f"已经销号，不能退回。{_REOPEN_FIRST}，整改要求写在理由中",
        _CANCELLED: f"已经取消，不能退回。{_REOPEN_FIRST}",
    },
    Move.REOPEN: {
        _OPEN: "正在办理，不用恢复",
        _RETURNED: "正在整改，不用恢复",
        _DONE: "还没有销号，不用恢复。完成情况不实的，请“退回”",
        _CLOSED: _RETURNED,
        _CANCELLED: _OPEN,
    },
    Move.EXTEND: {
        _OPEN: _OPEN,
        _RETURNED: _RETURNED,
        _DONE: "已经报告完成，不用延期。完成情况不实的，请“退回”后再延期",
        _CLOSED: f"已经销号，不能延期。{_REOPEN_FIRST}",
        _CANCELLED: f"已经取消，不能延期。{_REOPEN_FIRST}",
    },
    Move.ADJUST: {
        _OPEN: _OPEN,
        _RETURNED: _RETURNED,
        _DONE: _DONE,
        _CLOSED: f"已经销号，不能调整。{_REOPEN_FIRST}",
        _CANCELLED: f"已经取消，不能调整。{_REOPEN_FIRST}",
    },
    Move.CANCEL: {
        _OPEN: _CANCELLED,
        _RETURNED: _CANCELLED,
        _DONE: _CANCELLED,
        _CLOSED: "已经销号，不能取消。销号有误的，请先“恢复”",
        _CANCELLED: "已经取消，不用再取消",
    },
}


@dataclass(frozen=True)
class Request:
    """What is asked for: the move, the day it counts for, and what it needs.

    `reason` is the requirement of a rejection, else the reason; `cells` are the office's cells an
    adjustment writes, none where it turns a department's objection down. `unproven` closes a task
    whose evidence is kept elsewhere.
    """

    move: Move
    on: date
    by: str = ""
    reason: str = ""
    until: date | None = None
    cells: Cells = field(default_factory=dict)
    unproven: bool = False


@dataclass(frozen=True)
class Refusal:
    """Why a move cannot be made, and what to do; a sentence without its end."""

    reason: str


def stage_of(ledger: Ledger, code: str, on: date) -> Stage:
    """Return how far a task has come on a day; a joint one is done when every lead has reported so."""
    cells = ledger.by_code[code].cells
    if not is_blank(cells.get("cancelled_on")):
        return Stage.CANCELLED
    if not is_blank(cells.get("closed_on")):
        return Stage.CLOSED
    returned = day(cells.get("returned_on"))
    reports = [ledger.report(key) for key in ledger.keys_of(code)]
    if returned and not all(_reported_after(report, returned) for report in reports):
        return Stage.RETURNED
    return Stage.DONE if all(_says_done(report, on) for report in reports) else Stage.OPEN


def _reported_after(report: Cells, returned: date) -> bool:
    reported = day(report.get("reported_on"))
    return reported is not None and reported > returned


def _says_done(report: Cells, on: date) -> bool:
    done, percent = day(report.get("done_on")), report.get("percent")
    full = is_number(percent) and isinstance(percent, (int, float)) and percent >= 1
    return done <= on if done else full


def moved(ledger: Ledger, code: str, request: Request) -> Ledger | Refusal:
    """Return the ledger after a move, or why it cannot be made."""
    after = MOVES[request.move][stage_of(ledger, code, request.on)]
    if isinstance(after, str):
        return Refusal(after)
    if not request.reason.strip() and request.move is not Move.CLOSE:
        return Refusal(f"没有写{_REASONS.get(request.move, '理由')}。请写明后重试")
    cells = _WRITTEN[request.move](ledger, code, request)
    if isinstance(cells, Refusal):
        return cells
    long = next((BY_KEY[key].title for key, value in cells.items() if len(shown(value)) > BY_KEY[key].limit), "")
    if long:
        return Refusal(f"“{long}”写满了，放不下这次的内容。请先在台账中把它改短")
    return _handed_over(ledger, code, cells)


_REASONS = {Move.REJECT: "整改要求"}


def _closed(ledger: Ledger, code: str, request: Request) -> Cells | Refusal:
    bare = _bare(ledger, code)
    if bare and not request.unproven:
        return Refusal(f"{'、'.join(bare)}没有填佐证材料，不能销号。请退回补充；材料另外存档的，说明后可以销号")
    if not request.by.strip():
        return Refusal("没有写销号人。请写明后重试")
    note = _noted(ledger, code, request, "佐证材料另外存档") if bare else {}
    return {"closed_on": request.on, "closed_by": request.by, **note}


def _bare(ledger: Ledger, code: str) -> list[str]:
    return [key.department for key in ledger.keys_of(code) if is_blank(ledger.report(key).get("evidence"))]


def without_evidence(ledger: Ledger, codes: Sequence[str]) -> tuple[str, ...]:
    """Return the tasks of which not every lead has named its evidence."""
    return tuple(code for code in codes if _bare(ledger, code))


def _rejected(ledger: Ledger, code: str, request: Request) -> Cells | Refusal:
    if not any(ledger.report(key) for key in ledger.keys_of(code)):
        return Refusal("还没有填报过，没有可以退回的内容。请先催报")
    return {"returned_on": request.on, "requirement": _required(ledger, code, request.reason)}


def _required(ledger: Ledger, code: str, asked: str) -> str:
    """Return a new requirement, behind the one before where somebody has not answered that."""
    before = shown(ledger.by_code[code].cells.get("requirement"))
    answered = all(not is_blank(ledger.report(key).get("answer")) for key in ledger.keys_of(code))
    return asked if not before or answered else f"{before}\n{asked}"


def _reopened(ledger: Ledger, code: str, request: Request) -> Cells | Refusal:
    if not is_blank(ledger.by_code[code].cells.get("cancelled_on")):
        return {"cancelled_on": None, **_noted(ledger, code, request)}
    required = _required(ledger, code, request.reason)
    return {"closed_on": None, "closed_by": None, "returned_on": request.on, "requirement": required}


def _extended(ledger: Ledger, code: str, request: Request) -> Cells | Refusal:
    if ledger.deadline(code).interval is not None:
        return Refusal("是持续推进的，没有截止日期，不用延期。请改用“任务调整”改完成时限")
    if request.until is None:
        return Refusal("没有写延到哪一天。请写明后重试")
    if request.until < request.on:
        return Refusal(f"延期至{request.until}，已经过去了。请写{request.on}以后的日期")
    due = day(ledger.by_code[code].cells.get("extended_to")) or ledger.deadline(code).due
    if due and request.until <= due:
        return Refusal(f"延期至{request.until}，没有晚于现在的截止日期（延过期的，看“延期至”）{due}。请核对日期")
    before = shown(ledger.by_code[code].cells.get("extension_note"))
    said = f"{request.on}同意延至{request.until}：{request.reason}"
    return {"extended_to": request.until, "extension_note": f"{before}\n{said}" if before else said}


def _adjusted(ledger: Ledger, code: str, request: Request) -> Cells | Refusal:
    own = ledger.by_code[code].cells
    changed = {key: value for key, value in request.cells.items() if not same(value, own.get(key))}
    if not changed:
        return _declined(ledger, code, request)
    for key, value in changed.items():
        if wrong := _unfit(ledger, key, value):
            return Refusal(wrong)
    what = "、".join(BY_KEY[key].title for key in changed)
    return {**changed, **_noted(ledger, code, request, f"调整{what}")}


def _unfit(ledger: Ledger, key: str, value: Value) -> str:
    """Return why a value cannot stand in a cell of the office, nothing where it can."""
    column = BY_KEY[key]
    if column.required and is_blank(value):
        return f"“{column.title}”不能为空。请写明后重试"
    if column.kind is Kind.NAMES and (unknown := read_names(value, ledger.directory).unknown):
        return f"单位名录中没有“{'、'.join(unknown)}”。请改用名录中的名称，或先在名录中增加"
    deadline = ledger.dictionary.read(value) if column.kind is Kind.DEADLINE else None
    if deadline and deadline.due is None and deadline.interval is None:
        return f"完成时限“{shown(value)}”不能识别。请改用字典中的用语或具体日期"
    return ""


def _declined(ledger: Ledger, code: str, request: Request) -> Cells | Refusal:
    if request.cells:
        return Refusal("要改成的与现在的一样，没有可以调整的。请核对")
    if all(is_blank(ledger.report(key).get("objection")) for key in ledger.keys_of(code)):
        return Refusal("没有部门提出任务调整意见，也没有写要改什么。请核对")
    return _noted(ledger, code, request, "任务调整意见不予采纳")


def _cancelled(ledger: Ledger, code: str, request: Request) -> Cells | Refusal:
    return {"cancelled_on": request.on, **_noted(ledger, code, request)}


_WRITTEN = {
    Move.CLOSE: _closed,
    Move.REJECT: _rejected,
    Move.REOPEN: _reopened,
    Move.EXTEND: _extended,
    Move.ADJUST: _adjusted,
    Move.CANCEL: _cancelled,
}


def _noted(ledger: Ledger, code: str, request: Request, what: str = "") -> Cells:
    """Return 备注 with what was decided and why, behind what stands there."""
    before = shown(ledger.by_code[code].cells.get("note"))
    said = "：".join(word for word in (f"{request.on}{what or request.move.value}", request.reason) if word)
    return {"note": f"{before}\n{said}" if before else said}


def _handed_over(ledger: Ledger, code: str, cells: Cells) -> Ledger:
    """Return the ledger with a task's office cells written; where its one lead goes, the report goes to the new one.

    As when the cell is typed over by hand: the row's words stay, and are the new lead's to renew.
    """
    before = ledger.leads[code]
    after = ledger.with_office(code, cells)
    now = after.leads[code]
    if len(before) != 1 or before[0] in now or not now:
        return after
    report = ledger.report(ReportKey(code, before[0]))
    emptied = {ReportKey(code, before[0]): dict.fromkeys(report)}
    return after.with_reports({**emptied, ReportKey(code, now[0]): report})


def found_codes(ledger: Ledger, number: str) -> tuple[str, ...]:
    """Return the tasks that a 序号 or a 任务编码 means: one, none where it is unknown, several where it is not unique."""
    wanted = number.strip()
    if any(task.code == wanted for task in ledger.tasks):
        return (wanted,)
    return tuple(task.code for task in ledger.tasks if shown(task.no) == wanted)


def unanswered(ledger: Ledger, codes: Sequence[str]) -> tuple[ReportKey, ...]:
    """Return whose answer to a requirement is still wanted: those that wrote none, or reported nothing since."""
    found: list[ReportKey] = []
    for code in codes:
        cells = ledger.by_code[code].cells
        if is_blank(cells.get("requirement")) or not is_blank(cells.get("closed_on") or cells.get("cancelled_on")):
            continue
        returned = day(cells.get("returned_on"))
        found += [
            key
            for key in ledger.keys_of(code)
            if is_blank(ledger.report(key).get("answer"))
            or (returned and not _reported_after(ledger.report(key), returned))
        ]
    return tuple(found)
