"""The buttons of the Excel tab: what a macro calls, the act behind it, and what the user is told afterwards.

Every press starts a Python of its own, so nothing is imported before it is needed. One message
at the end, and the sheet that shows the outcome; whatever goes wrong is one sentence too.
"""

from __future__ import annotations

import atexit
import re
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taizhang import tables, telling
from taizhang.acts import Called, called, decoded, paths
from taizhang.errors import LedgerError, Stop
from taizhang.machine import Pace, unforeseen, user_name

if TYPE_CHECKING:
    import xlwings as xw

    from taizhang.actions import Context
    from taizhang.books.excel import ExcelProgram
    from taizhang.books.live import OpenBook
    from taizhang.layout.reading import Reading
    from taizhang.ledger import Ledger
    from taizhang.lifecycle import Move

_LONGEST = 900  # characters of a message: a longer one is cut off by the system
_STEP = 5  # percent between two words in the status bar


@dataclass(frozen=True)
class Said:
    """What the user is told at the end, and the sheet that is shown to him."""

    lines: Sequence[str]
    sheet: str = ""


class Desk:
    """The program somebody pressed a button in, and the workbook in front of him."""

    def __init__(self, app: xw.App, book: xw.Book | None) -> None:
        self.app = app
        self._book = book
        self._host: OpenBook | None = None
        self._told = ("", -_STEP)
        self._pace = Pace()

    @property
    def host(self) -> OpenBook:
        """Return the open workbook; raise LedgerError when there is none."""
        from taizhang.books.excel import ExcelProgram
        from taizhang.books.live import OpenBook

        if self._host is None:
            if self._book is None:
                raise LedgerError(Stop.NO_BOOK)
            self._host = OpenBook(ExcelProgram(self._book))
        return self._host

    @property
    def reading(self) -> Reading:
        """Return what the ledger holds, once a write that was cut off is mended."""
        from taizhang.books.ledgers import editing

        with editing(self.host) as opened:
            return opened.reading

    @property
    def program(self) -> ExcelProgram | None:
        """Return the program that has the workbook open, None without one."""
        from taizhang.books.excel import ExcelProgram

        if self._book is None:
            return None
        found = self.host.program
        return found if isinstance(found, ExcelProgram) else None

    @property
    def context(self) -> Context:
        """Return when and by whom an act is done; progress goes to the status bar."""
        from taizhang.actions import Context

        return Context(now(), user_name(), progress=self._progress)

    def say(self, said: Said) -> None:
        """Show an outcome: the sheet, then the message."""
        from taizhang.books.excel import TITLE

        notes = self._host.notes if self._host else []
        if said.sheet and self.program:
            self.program.show(said.sheet)
        text = "\n".join([*said.lines, *notes])
        self.app.alert(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…", TITLE)

    def ask(self, text: str) -> bool:
        """Ask a question; return whether the answer is yes."""
        from taizhang.books.excel import TITLE

        return self.app.alert(text, TITLE, buttons="yes_no") == "yes"

    def open(self, path: Path) -> None:
        """Show a workbook that an act has made."""
        self.app.books.open(str(path))

    def chosen(self) -> tuple[Ledger, Sequence[str]]:
        """Return the ledger, and the tasks in whose rows somebody has selected cells."""
        from taizhang.actions import selected

        sheet, runs = self.program.selected() if self.program else ("", [])
        return selected(self.host, sheet, runs)

    def _progress(self, what: str, done: int, of: int) -> None:
        percent = done * 100 // of
        if self.program and (what != self._told[0] or percent >= self._told[1] + _STEP):
            self._told = (what, percent)
            pace = self._pace.said(what, done, of)
            self.program.tell(f"营商台账：{what}（{percent}%）{pace}")


def now() -> datetime:
    """Return the moment of an act."""
    return datetime.now().replace(microsecond=0)


def press(act: str, *arguments: str) -> None:
    """Do what a button stands for, and say so; `arguments` are coded as in `acts`."""
    try:
        desk = _attached(called(sys.argv) or Called())
    except LedgerError as error:
        sys.stderr.write(f"{error}\n")  # there is no program to show it in: the macro shows what stands here
        raise SystemExit(1) from error
    try:
        desk.say(_done(desk, act, [decoded(one) for one in arguments]))
    except LedgerError as error:
        desk.say(Said([str(error)]))
    except Exception as error:
        desk.say(Said([unforeseen(error)]))
    finally:
        if desk.program:
            desk.program.tell(None)


def _attached(by: Called) -> Desk:
    """Return the desk of whoever pressed: his window's program, the workbook named, else the one in front."""
    from taizhang.doctor import is_wps

    if is_wps(by.program):
        raise LedgerError(Stop.WPS_HERE)
    try:
        import xlwings as xw

        tame(getattr(xw, "_xlwindows", None))
        running = list(xw.apps)
        if not running:
            raise LedgerError(Stop.NO_PROGRAM)
        app = chosen(running, by)
        if by.book:
            return Desk(app, next((one for one in app.books if _same_name(one.name, by.book)), None))
        return Desk(app, app.books.active if len(app.books) else None)
    except LedgerError:
        raise
    except Exception as error:
        raise LedgerError(Stop.NO_PROGRAM) from error


def chosen(running: Sequence[xw.App], by: Called) -> xw.App:
    """Return the program of a press: by its window, else by the workbook; raise LedgerError where that fits several.

    The active program is none to guess by: another may hold a workbook of the same name.
    """
    by_window = [one for one in running if by.window and one.hwnd == by.window]
    fits = by_window or (running if len(running) == 1 else [one for one in running if _has_book(one, by.book)])
    if len(fits) != 1:
        raise LedgerError(Stop.SEVERAL_PROGRAMS, count=len(running))
    return fits[0]


def _has_book(app: xw.App, name: str) -> bool:
    return any(_same_name(one.name, name) for one in app.books)


_ATTEMPTS = 2000  # at a call that Excel rejects while it is busy; xlwings itself never gives up


def tame(engine: object) -> None:
    """Keep xlwings for Windows, when there is one, from ending Excels that show no workbook, and from waiting for ever."""
    if engine is not None:
        atexit.unregister(engine.cleanup)  # type: ignore[attr-defined]
        engine.N_COM_ATTEMPTS = _ATTEMPTS  # type: ignore[attr-defined]


def _same_name(one: str, other: str) -> bool:
    """Return whether two names are one: macOS may spell the accents of a file's name apart."""
    return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


def _done(desk: Desk, act: str, arguments: Sequence[str]) -> Said:
    if act not in ACTS:
        raise LedgerError(Stop.NO_SUCH_ACT, act=act)
    return ACTS[act](desk, arguments)


# 台账


def _import_notice(desk: Desk, arguments: Sequence[str]) -> Said:
    """Make a ledger from a notice, beside it, and open it."""
    from taizhang import actions

    notice = Path(arguments[0])
    target = notice.with_name(f"{notice.stem}_台账.xlsx")
    context = desk.context
    try:
        made = actions.new(notice, target, context)
    except LedgerError as error:
        year = context.now.year
        if error.stop is not Stop.NO_YEAR or not desk.ask(f"通知中看不出年度。按 {year} 年生成台账吗？"):
            raise
        made = actions.new(notice, target, context, year)
    desk.open(made.path)
    head = f"已生成并打开台账 {made.path}：{made.tasks} 项任务，{len(made.ledger.led_by)} 个牵头部门。"
    doubts = [finding.message for finding in made.findings]
    return Said([head, *([f"有 {len(doubts)} 处请核对：", *doubts] if doubts else [])])


def _check(desk: Desk, arguments: Sequence[str]) -> Said:
    from taizhang.checking import check

    done = check(desk.host, desk.context, write=True)
    fixable, doubt = telling.fixable(done), list(telling.outlived_lines(done.outlived))
    if fixable and desk.ask(
        f"{telling.check_count(done)}\n\n其中 {fixable} 处有把握自动更正（可以撤销），现在更正吗？"
    ):
        done = check(desk.host, desk.context, write=True, fix=True)
        return Said([telling.check_count(done), telling.fixed_count(done), *doubt], tables.CHECKS)
    return Said([telling.check_count(done), "已在单元格上标注，并填写“校验结果”表。", *doubt], tables.CHECKS)


def _clear(desk: Desk, arguments: Sequence[str]) -> Said:
    from taizhang.checking import clear

    backup = clear(desk.host, desk.context)
    return Said(["已清除校验留下的标注。" if backup else "没有需要清除的标注。"])


def _status(desk: Desk, arguments: Sequence[str]) -> Said:
    """Refresh the ledger for its own day: 统计日期 stays as it is."""
    from taizhang import actions

    fixed = desk.reading.ledger.settings.values["as_of"]
    report = actions.status(desk.host, desk.context, fixed if isinstance(fixed, date) else None, write=True)
    return Said(list(telling.status_lines(report)), tables.LEDGER)


def _as_of(desk: Desk, arguments: Sequence[str]) -> Said:
    """Fix 统计日期 to the day typed, or give it back to the calendar for nothing."""
    from taizhang import actions

    text = "".join(arguments).strip()
    day = _day(text) if text else None
    report = actions.status(desk.host, desk.context, day, write=True)
    what = f"统计日期已固定为 {day}。" if day else "统计日期恢复为当天。"
    return Said([what, *telling.status_lines(report)], tables.LEDGER)


def _collect(desk: Desk, arguments: Sequence[str]) -> Said:
    """List what the tasks' words and the reports name and 指标 and 问题清单 do not have yet."""
    from taizhang import actions
    from taizhang.columns import INDICATORS, ITEM_REGISTERS

    done = {one: actions.collect(desk.host, one, desk.context) for one in ITEM_REGISTERS}
    lines = [
        f"“{one.sheet}”新增或更新 {listed.changed} 条，共 {len(listed.items)} 条。" for one, listed in done.items()
    ]
    sheets = [one.sheet for one, listed in done.items() if listed.items]
    if done[INDICATORS].items:
        lines.append("指标要在“确认”一列选“是”才下发、才考核。")
    return Said(lines, sheets[0] if sheets else tables.LEDGER)


def _day(text: str) -> date:
    from taizhang.entries import day_asked

    return day_asked(text)


# 下清单, 对账单


def _split(desk: Desk, arguments: Sequence[str]) -> Said:
    from taizhang import actions

    sent = actions.split(desk.host, Path(arguments[0]), desk.context)
    return Said([*telling.split_lines(sent), "台账已保存。"])


DRAFTS = "邮件草稿"  # the folder of drafts, in that of the lists


def _drafts(kind: str) -> Act:
    """Return the act of a button that writes a draft to every department that is to be written; the ledger stays."""

    def act(desk: Desk, arguments: Sequence[str]) -> Said:
        from taizhang.mailing import Kind
        from taizhang.posting import Asked, draft

        folder = Path(arguments[0])
        done = draft(desk.host, folder, folder / DRAFTS, desk.context, Asked(Kind[kind]))
        return Said([*telling.draft_lines(done), "台账没有改动。"])

    return act


def _close_period(desk: Desk, arguments: Sequence[str]) -> Said:
    """Name the period that would be closed and who has not reported, and close it after a yes."""
    from taizhang import actions, snapshots

    context, ledger = desk.context, desk.reading.ledger
    as_of = actions.as_of_for(ledger, context.now)
    turn = snapshots.turn_of(ledger, snapshots.to_close(ledger, as_of))
    asked = f"给{turn.period.title}结旬吗？{telling.too_early(turn, as_of)}{telling.turned_out(turn)}"
    if not desk.ask(f"{asked}\n\n各事项的状态存入“旬快照”，之后交回的记为迟报。"):
        return Said(["没有结旬。"])
    done = actions.close_period(desk.host, context, turn.period)
    return Said(list(telling.period_lines(done)), tables.SNAPSHOTS)


def _merge(desk: Desk, arguments: Sequence[str]) -> Said:
    from taizhang import actions

    folder, names = paths(arguments)
    chosen = [Path(folder) / name for name in names] or [Path(folder)]
    preview = actions.merge_files(desk.host, chosen, desk.context)
    lines = [telling.merge_count(preview), telling.cells_count(preview)]
    lines += telling.wrong_lines(preview.faults, "执行合并后请")
    if preview.held:
        lines.append(f"待定行 {len(preview.held)} 行，原因见“合并结果”。")
    if preview.missing_rows:
        lines.append(f"交回的文件里少了 {len(preview.missing_rows)} 行任务，见“对账单”。")
    lines += telling.silent_departments(preview)
    lines.append("工作台账没有改动。请在“合并结果”中看过并填写“裁决”，再按“执行合并”。")
    return Said(lines, tables.RESULTS)


def _apply(desk: Desk, arguments: Sequence[str]) -> Said:
    from taizhang import actions

    done = actions.apply(desk.host, desk.context)
    return Said(list(telling.apply_lines(done)), tables.RESULTS if done.open else tables.LEDGER)


def _undo(desk: Desk, arguments: Sequence[str]) -> Said:
    """Name what would be taken back, and do it after a yes."""
    from taizhang import actions, journal

    lines = journal.last_undoable(desk.reading.journal)
    if not lines:
        raise LedgerError(Stop.NOTHING_TO_UNDO, path=desk.host.path)
    asked = (
        f"撤销 {lines[0].at} 的“{lines[0].operation}”（{len(lines)} 处）吗？\n\n其后又改过的单元格不会动，会逐个列出。"
    )
    if not desk.ask(asked):
        return Said(["没有撤销。"])
    return Said(list(telling.undo_lines(actions.undo(desk.host, desk.context))), tables.LEDGER)


# 办结

_NAMED = 15  # tasks that a question names


def _close(desk: Desk, arguments: Sequence[str]) -> Said:
    from taizhang.actions import move, write_closing_form
    from taizhang.lifecycle import Move, Request, without_evidence

    ledger, codes = desk.chosen()
    bare = without_evidence(ledger, codes)
    if not desk.ask(_named(ledger, codes, "给这些任务销号吗？")):
        return Said(["没有销号。"])
    unproven = bool(bare) and desk.ask(
        _named(ledger, bare, "这些任务没有填佐证材料。材料另外存档、照样销号，选“是”；只销其余的，选“否”。")
    )
    context = desk.context
    request = Request(Move.CLOSE, date.min, context.operator, unproven=unproven)
    done = move(desk.host, codes, request, context)
    lines = list(telling.move_lines(done))
    if desk.ask(f"已销号 {len(done.done)} 项。生成销号单吗？每项一页，可以打印签字。"):
        name = f"销号单_{context.now:%Y%m%d-%H%M%S}.xlsx"
        target = write_closing_form(done.ledger, done.done, desk.host.path.parent / "销号单" / name)
        desk.open(target)
        lines.append(f"销号单已打开：{target}")
    return Said(lines)


def _with_reason(move: str) -> Act:
    """Return the act of a button that asks for a reason and nothing else."""

    def act(desk: Desk, arguments: Sequence[str]) -> Said:
        from taizhang.lifecycle import Move

        return _moved(desk, Move[move], "".join(arguments))

    return act


def _extend(desk: Desk, arguments: Sequence[str]) -> Said:
    from taizhang.lifecycle import Move

    text = "".join(arguments).strip()
    until, _, reason = re.sub(r"[\s，,；;：:]+", " ", text, count=1).partition(" ")
    if not reason.strip():
        raise LedgerError(Stop.HOW_TO_EXTEND, value=text)
    return _moved(desk, Move.EXTEND, reason.strip(), until=_day(until))


def _adjust(desk: Desk, arguments: Sequence[str]) -> Said:
    from taizhang.columns import ADJUSTABLE, BY_KEY
    from taizhang.lifecycle import Move

    text = "".join(arguments).strip()
    titles = {BY_KEY[key].title: key for key in ADJUSTABLE}
    pairs = [re.split("[=＝]", one, maxsplit=1) for one in re.split("[；;\n]", text) if one.strip()]
    given = {pair[0].strip(): pair[-1].strip() for pair in pairs if len(pair) == 2}
    if len(given) != len(pairs) or not given.keys() <= {*titles, "理由"}:
        raise LedgerError(Stop.HOW_TO_ADJUST, value=text)
    reason = given.pop("理由", "")
    return _moved(desk, Move.ADJUST, reason, cells={titles[title]: value for title, value in given.items()})


def _moved(desk: Desk, what: Move, reason: str, **more: Any) -> Said:
    """Make a move with the tasks selected, after a yes."""
    from taizhang.actions import move
    from taizhang.lifecycle import Request

    ledger, codes = desk.chosen()
    if not desk.ask(_named(ledger, codes, f"给这些任务办理“{what.value}”吗？\n{reason}")):
        return Said([f"没有办理“{what.value}”。"])
    request = Request(what, date.min, reason=reason, **more)
    return Said(list(telling.move_lines(move(desk.host, codes, request, desk.context))), tables.LEDGER)


def _named(ledger: Ledger, codes: Sequence[str], question: str) -> str:
    """Return a question with the tasks it is about, by number and first words."""
    from taizhang.values import shortened, shown

    tasks = [ledger.by_code[code] for code in codes]
    lines = [
        f"{shown(task.no)}　{shortened(shown(task.cells.get('target')).splitlines()[0], 24)}" for task in tasks[:_NAMED]
    ]
    more = [f"……共 {len(tasks)} 项"] if len(tasks) > _NAMED else []
    return "\n".join([question, "", *lines, *more])


def _supplement(desk: Desk, arguments: Sequence[str]) -> Said:
    """Add the tasks of another notice, and list what it words otherwise."""
    from taizhang import actions

    done = actions.supplement(desk.host, Path(arguments[0]), desk.context)
    return Said(list(telling.supplement_lines(done)), tables.LEDGER)


def _rollover(desk: Desk, arguments: Sequence[str]) -> Said:
    """Make next year's ledger beside this one after a yes, and open it."""
    from taizhang import actions

    year = desk.reading.ledger.settings.year
    stem = desk.host.path.stem
    name = stem.replace(str(year), str(year + 1)) if str(year) in stem else f"{stem}_{year + 1}"
    target = desk.host.path.with_name(f"{name}.xlsx")
    if not desk.ask(f"把没有办结的任务结转到{year + 1}年度吗？\n\n新台账存为 {target}，这一本不动。"):
        return Said(["没有结转。"])
    done = actions.roll_over(desk.host, target, year + 1, desk.context)
    desk.open(done.path)
    return Said(list(telling.rollover_lines(done)))


# 成绩单, 帮助


def _summary(desk: Desk, arguments: Sequence[str]) -> Said:
    from taizhang import actions

    return Said(list(telling.summary_lines(actions.summarise(desk.host, desk.context))), tables.SUMMARY)


def _report(desk: Desk, arguments: Sequence[str]) -> Said:
    """Write the report into a folder, as PDF too where a program can, and each department's 成绩单 beside it."""
    from taizhang import actions
    from taizhang.books.pdf import libreoffice

    folder, found = Path(arguments[0]), actions.assess(desk.host, desk.context)
    name = actions.report_name(found)
    docx, pdf = folder / f"{name}.docx", folder / f"{name}.pdf" if libreoffice() else None
    actions.write_report(found, docx, pdf)
    cards = actions.write_cards(found, folder / tables.SCORES, desk.context)
    lines = [
        f"通报：{docx}",
        *([f"通报（PDF）：{pdf}"] if pdf else []),
        f"各单位成绩单 {len(cards)} 份：{folder / tables.SCORES}",
    ]
    return Said([*lines, "台账没有改动。通报是初稿，请核对、修改后再印发。"])


def _settings(desk: Desk, arguments: Sequence[str]) -> Said:
    if desk.program is None:
        raise LedgerError(Stop.NO_BOOK)
    if tables.SETTINGS not in desk.program.sheet_names():
        raise LedgerError(Stop.NOT_A_LEDGER, path=desk.host.path, sheet=tables.SETTINGS, header="设置项")
    return Said(["请在“值”一列修改；从列表选择的项目点开单元格即可看到可选内容。"], tables.SETTINGS)


def _doctor(desk: Desk, arguments: Sequence[str]) -> Said:
    from taizhang.doctor import examined

    found = [finding.message for finding in examined()]
    return Said(found or ["安装情况正常，没有发现问题。"])


def _manual(desk: Desk, arguments: Sequence[str]) -> Said:
    from taizhang.machine import open_manual

    return Said([f"手册已在浏览器中打开：{open_manual()}"])


Act = Callable[[Desk, Sequence[str]], Said]
ACTS: Mapping[str, Act] = {
    "import_notice": _import_notice,
    "check": _check,
    "clear": _clear,
    "status": _status,
    "as_of": _as_of,
    "collect": _collect,
    "split": _split,
    "close_period": _close_period,
    "mail_draft": _drafts("DISPATCH"),
    "mail_remind": _drafts("REMINDER"),
    "merge": _merge,
    "apply": _apply,
    "undo": _undo,
    "close": _close,
    "reject": _with_reason("REJECT"),
    "extend": _extend,
    "adjust": _adjust,
    "reopen": _with_reason("REOPEN"),
    "cancel": _with_reason("CANCEL"),
    "supplement": _supplement,
    "rollover": _rollover,
    "summary": _summary,
    "report": _report,
    "settings": _settings,
    "doctor": _doctor,
    "manual": _manual,
}
