"""What the window shows of a ledger, as plain values: headline, tasks, what waits for a decision, history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from taizhang import deciding, tables
from taizhang.actions import Assessed, Context, assess, log, status_of
from taizhang.books import ledgers
from taizhang.books.ledgers import Opened, Readable
from taizhang.books.locks import refuse_open
from taizhang.columns import BY_KEY
from taizhang.deciding import Item
from taizhang.entries import written
from taizhang.errors import LedgerError
from taizhang.journal import Line, worded
from taizhang.ledger import Ledger, Task
from taizhang.merge import Choice, Verdict
from taizhang.status import State
from taizhang.values import shortened, shown

ALL = "全部"
Row: TypeAlias = tuple[str, tuple[str, ...]]  # of a table: what it is known by, and its words


@dataclass(frozen=True)
class View:
    """A ledger as the window shows it."""

    path: Path
    ledger: Ledger
    assessed: Assessed
    states: dict[str, State]
    items: tuple[Item, ...]
    lines: tuple[Line, ...]
    held: str  # who else has it open, in a sentence; "" while nobody has

    @property
    def headline(self) -> str:
        """Return the numbers on top."""
        found = self.assessed.summary
        groups = "　".join(f"{group} {count}" for group, count in found.total.groups.items())
        return f"统计日期 {found.as_of}　共 {found.total.tasks} 项　{groups}"

    @property
    def lights(self) -> list[tuple[str, int, str]]:
        """Return each status that occurs, how often, and its colour."""
        colours = self.ledger.settings.colours
        return [(status, n, colours[status]) for status, n in self.assessed.summary.total.statuses.items() if n]

    @property
    def waiting(self) -> int:
        """Return how many items nobody has decided on."""
        return sum(item.open and item.verdict is None for item in self.items)


def look(where: Readable, context: Context) -> View:
    """Return what a ledger shows; nothing is written. Raises LedgerError where it is none."""
    opened = ledgers.open_ledger(where)
    ledger = opened.ledger.with_wordings()
    items = deciding.items(opened) if tables.RESULTS in opened.grids else ()
    states, lines = status_of(ledger, context, None).states, log(opened).journal.lines
    return View(opened.path, ledger, assess(opened, context), dict(states), items, lines, _held(opened.path))


def _held(path: Path) -> str:
    """Return who has a ledger open in a program, in a sentence: an act would be refused."""
    try:
        refuse_open(path)
    except LedgerError as error:
        return str(error)
    return ""


def ledger_among(paths: Sequence[Path]) -> tuple[Path, Opened] | LedgerError:
    """Return the first of some files that is a ledger, opened, or else why the first is none."""
    faults: list[LedgerError] = []
    for path in paths:
        try:
            return path, ledgers.open_ledger(path)
        except LedgerError as error:
            faults.append(error)
    return faults[0]


# What the tables hold: one row of words each.

TASKS = ("序号", "目标任务", "完成时限", "牵头部门", "状态", "完成率", "进展情况")
ITEMS = ("类别", "裁决", "序号", "单位", "列", "下发值", "台账现值", "上报值", "说明")
LINES = ("编号", "时间", "操作人", "操作", "序号", "单位", "列", "原值", "新值")
_NOTHING = "（空）"
_LONGEST = 120  # characters of a cell that a table shows


def task_rows(view: View) -> Iterator[Row]:
    """Yield the tasks by code."""
    return (_task_row(view, task) for task in view.ledger.tasks)


def overdue_rows(view: View) -> Iterator[Row]:
    """Yield the overdue tasks, the longest overdue first."""
    return (_task_row(view, one.task) for one in view.assessed.summary.overdue)


def _task_row(view: View, task: Task) -> Row:
    cells = view.ledger.row(task.code)
    percent = cells.get("percent")
    said = written(BY_KEY["percent"], percent)
    words = (task.cells.get("target"), cells.get("deadline"), cells.get("leads"))
    row = (shown(task.no), *map(shown, words), view.states[task.code].status, said, shown(cells.get("progress")))
    return task.code, _short(row)


def item_row(item: Item) -> tuple[str, ...]:
    """Return an item as a row of words."""
    verdict = item.verdict
    choice = verdict.choice.value if verdict and verdict.choice else verdict.said if verdict else ""
    if verdict and verdict.choice is Choice.OTHER:
        choice = f"{choice}：{shown(verdict.other)}"
    return _short((item.kind, choice, shown(item.no), item.department, item.column, *item.words, item.reason))


def item_told(item: Item) -> list[str]:
    """Return an item in full."""
    where = f"序号{shown(item.no)}　{item.department}　{item.column}　（{item.source}）"
    values = zip(("下发值", "台账现值", "上报值"), item.words, strict=True)
    return [
        f"{where}　{item.target}",
        *(f"{name}：{words or _NOTHING}" for name, words in values),
        item.reason,
    ]


def line_row(line: Line) -> tuple[str, ...]:
    """Return a line of the history as a row of words."""
    words = (line.at, line.operator, line.operation, line.no, line.department, line.column, *worded(line))
    return _short((str(line.number), *words))


def _short(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(shortened(" ".join(word.split()), _LONGEST) for word in words)


def all_asked(items: Sequence[Item], choice: Choice) -> str:
    """Return the question whether a decision is meant for all of some items."""
    kinds = "、".join(f"{kind} {count}" for kind, count in Counter(item.kind for item in items).items())
    own = sum(deciding.spared(item, Verdict(choice)) for item in items)
    decided = sum(item.verdict is not None and not item.own for item in items)
    again = f"其中 {decided} 项已有成批的裁决，会改为这个。" if decided else ""
    left = f"其中 {own} 项先前已单独裁决，不会改动；{AGAIN}。" if own else ""
    return f"把列出的 {len(items)} 项（{kinds}）都裁决为“{choice.value}”吗？{again}{left}执行合并以前都可以改。"


AGAIN = "要改的请选中它再裁决"


def chosen_items(
    items: Sequence[Item], kind: str = ALL, department: str = ALL, *, undecided: bool = False
) -> list[Item]:
    """Return the items of a kind and a department, those nobody has decided on if wanted."""
    return [
        item
        for item in items
        if kind in (ALL, item.kind)
        and department in (ALL, item.department)
        and not (undecided and item.verdict is not None)
    ]


def chosen_lines(lines: Sequence[Line], words: str) -> Iterator[Line]:
    """Yield the lines of the history that hold every one of some words, the newest first."""
    wanted = words.split()
    return (line for line in reversed(lines) if all(any(word in cell for cell in line_row(line)) for word in wanted))
