"""The task table of a notice: grids of cells → tasks, and what is doubtful about them.

Source: `domain.md`, Import of a notice. The grids come from `books.sources`; text pasted
from Word, one cell to a line, is turned into a grid here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise, takewhile
from typing import TypeAlias, TypedDict

from taizhang.columns import BY_KEY
from taizhang.deadlines import ANY_YEAR, nearest, parse
from taizhang.departments import Directory, findings_alike, findings_of, read_names, split_names
from taizhang.errors import LedgerError, Stop
from taizhang.findings import Code, Finding, asked
from taizhang.likeness import alike
from taizhang.tables import NAMES
from taizhang.validate import number_faults
from taizhang.values import Value, day, half_width, is_blank, shown, squeezed

Row: TypeAlias = tuple[Value, ...]
Columns: TypeAlias = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Grid:
    """A table as read, row by row; `name` is its sheet, if it has one."""

    rows: tuple[Row, ...]
    name: str = ""


@dataclass(frozen=True)
class Source:
    """What a file holds: its tables, and the text above the first; `path` is for messages."""

    grids: tuple[Grid, ...]
    text: str = ""
    path: str = ""


@dataclass(frozen=True)
class NoticeTask:
    """One row of the task table; `deadline` is text, or a date where the cell holds a true one."""

    no: int | None
    category: str
    target: str
    deadline: Value
    leads: str
    supports: str
    row: int
    sheet: str = ""


@dataclass(frozen=True)
class Notice:
    """A notice's title, the year it names, its tasks in their order, and the headers nothing was read under."""

    title: str
    year: int | None
    tasks: tuple[NoticeTask, ...]
    left_out: tuple[str, ...] = ()


def read_tasks(source: Source) -> Notice:
    """Return the notice a file holds; stops with NO_TASKS where no table has our headers."""
    tasks = tuple(task for grid in source.grids for task in _tasks(grid))
    if not tasks:
        raise LedgerError(Stop.NO_TASKS, path=source.path)
    above = _lines_above(source)
    title = _title(above)
    left_out = dict.fromkeys(head for grid in source.grids for head in _left_out(grid))
    return Notice(title, _year(title, above), tasks, tuple(left_out))


def is_task_table(grid: Grid) -> bool:
    """Return whether a row near the top has the headers of a task table."""
    return any(_opens(_headers(row)) for row in grid.rows[:_HEADER_WITHIN])


# --- headers ---

_HEADER_WITHIN = 30  # rows, counted from the top of a sheet

# 责任 columns support where there is a lead column, and lead where there is none.
_RESPONSIBLE = "responsible"
_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "no": (BY_KEY["no"].title, "编号", "任务序号", "任务编号"),
    "category": (
        *(BY_KEY["category"].title, "事项名称", "事项", "类别", "任务类别", "工作类别", "指标", "指标名称", "一级指标"),
    ),
    "target": (
        *(BY_KEY["target"].title, "工作任务", "主要任务", "任务内容", "重点任务", "具体任务", "改革任务", "任务"),
        *("任务名称", "工作内容", "主要内容", "工作目标", "具体举措", "工作举措", "主要任务及措施"),
    ),
    "deadline": (
        *(BY_KEY["deadline"].title, "时限", "完成时间", "完成期限", "时限要求", "办理时限", "办结时限", "时间节点"),
    ),
    "leads": (BY_KEY["leads"].title, "牵头单位", "牵头责任单位", "牵头责任部门", "责任牵头单位", "牵头部门单位"),
    _RESPONSIBLE: (BY_KEY["supports"].title, "责任单位", "责任单位部门"),
    "supports": ("配合单位", "配合部门", "协办单位", "协同单位", "参与单位", "配合责任单位"),
}
_FIELD_OF = {word: name for name, words in _SYNONYMS.items() for word in words}
_IN_BRACKETS = re.compile(r"[（(][^（()）]*[）)]")


def _header(value: Value) -> str | None:
    """Return the field a header cell names, None for any other cell."""
    return _FIELD_OF.get(squeezed(_IN_BRACKETS.sub("", value))) if isinstance(value, str) else None


def _headers(row: Row) -> dict[str, tuple[int, ...]]:
    """Return where each field stands, by the header words of a row."""
    found: dict[str, tuple[int, ...]] = {}
    for at, value in enumerate(row):
        name = _header(value)
        if name:
            found[name] = (*found.get(name, ()), at)
    return found


def _opens(headers: Columns) -> bool:
    return "target" in headers and len(headers) > 1


def _left_out(grid: Grid) -> Iterator[str]:
    """Yield the headers of a task table that name no field of ours."""
    for row in grid.rows[:_HEADER_WITHIN]:
        if _opens(_headers(row)):
            yield from (
                value.strip() for value in row if isinstance(value, str) and value.strip() and not _header(value)
            )


def _only_headers(row: Row) -> bool:
    """Return whether a row holds header words alone: the second line of a two-line header."""
    filled = [value for value in row if not is_blank(value)]
    return bool(filled) and all(map(_header, filled))


# --- rows ---


def _tasks(grid: Grid) -> Iterator[NoticeTask]:
    """Yield a grid's tasks; numbers written into the task texts are taken out where they number the rows."""
    found = tuple(_rows_of_tasks(grid))
    numbered = [_NUMBERED.match(task.target) for task in found]
    numbers = [int(match[1]) for match in numbered if match]
    # 1.… in every row lists measures inside the cells and must stay.
    number_rows = not _has_numbers(grid) and 2 * len(set(numbers)) > len(numbers)
    for task, match in zip(found, numbered, strict=True):
        yield replace(task, no=int(match[1]), target=task.target[match.end() :]) if match and number_rows else task


# 12.… 12．… 12、…; 1.61万 is a quantity, 1.2020年… a number before a year.
_NUMBERED = re.compile(r"([0-9０-９]{1,4})(?:、|[.．](?![0-9０-９])|[.．](?=(?:19|2[01])[0-9]{2}年))\s*")


def _has_numbers(grid: Grid) -> bool:
    return any("no" in headers for headers in map(_headers, grid.rows[:_HEADER_WITHIN]) if _opens(headers))


def _rows_of_tasks(grid: Grid) -> Iterator[NoticeTask]:
    """Yield the tasks under the headers; a category carries on until the next one."""
    category = ""
    for number, columns, row in _under_headers(grid):
        heading = _heading(row, columns)
        category = heading or _text(row, columns.get("category", ())) or category
        task = _task(row, columns, category)
        if not heading and _says_something(task):
            yield replace(task, row=number, sheet=grid.name)


def _under_headers(grid: Grid) -> Iterator[tuple[int, Columns, Row]]:
    """Yield each row below a header with its number and columns; repeated headers are left out."""
    columns: Columns = {}
    for number, row in enumerate(grid.rows, 1):
        headers = _headers(row)
        if _opens(headers) and (columns or number <= _HEADER_WITHIN):
            columns = headers
        elif columns and _only_headers(row):
            columns = {**columns, **headers}
        elif columns:
            yield number, columns, row


def _heading(row: Row, columns: Columns) -> str:
    """Return the text of a row that is nothing but a section heading, else empty text."""
    texts = {_clean(value) for value in row} - {""}
    if len(texts) != 1 or is_blank(row[0]) or _whole(row[0]) is not None:
        return ""
    spans = len(row) > 1 and not any(map(is_blank, row))
    return texts.pop() if spans or 0 not in columns["target"] else ""


def _task(row: Row, columns: Columns, category: str) -> NoticeTask:
    responsible = columns.get(_RESPONSIBLE, ())
    leads, supports = columns.get("leads", ()), columns.get("supports", ())
    return NoticeTask(
        no=_whole(_first(row, columns.get("no", ()))),
        category=category,
        target=_text(row, columns["target"], "："),
        deadline=_deadline(_first(row, columns.get("deadline", ()))),
        leads=_names(row, leads or responsible),
        supports=_names(row, responsible + supports if leads else supports),
        row=0,
    )


def _says_something(task: NoticeTask) -> bool:
    """Return whether a row is a task at all: signatures and totals fill one stray cell at most."""
    filled = (task.no is not None, not is_blank(task.deadline), bool(task.leads), bool(task.supports))
    return bool(task.target) or sum(filled) > 1


# --- cells ---

_BOOKMARK = re.compile(r"\[bookmark:[^\]]*\]")
_LATIN = re.compile(r"[0-9A-Za-z]")
_ORDINAL = re.compile(r"([0-9]{1,6})(?:[.、]0*)?")
_SHORTEST_NAME = 2
_ENDS_NAME = re.compile(r"(?:局|办|院|委|联|会|中心|公司|行|处|所|站|队|镇|府|部|组|单位|部门|[）)])$")


def _first(row: Row, at: Iterable[int]) -> Value:
    return next((row[column] for column in at if column < len(row)), None)


def _text(row: Row, at: Iterable[int], between: str = "") -> str:
    """Return the text of some cells as one; a spanned cell repeats its text and counts once."""
    texts = (_clean(row[column]) for column in at if column < len(row))
    return between.join(dict.fromkeys(filter(None, texts)))


def _names(row: Row, at: Iterable[int]) -> str:
    """Return the names of some cells as one text."""
    cells = (_joined(_words(row[column]), _between_names) for column in at if column < len(row))
    return "、".join(dict.fromkeys(filter(None, cells)))


def _clean(value: Value) -> str:
    """Return a cell's text on one line, without Word's marks and the spaces Chinese text is padded with."""
    return _joined(_words(value), _between_words)


def _words(value: Value) -> list[str]:
    return _BOOKMARK.sub("", shown(value)).split()


def _joined(words: Sequence[str], glue: Callable[[str, str], str]) -> str:
    """Return words as one text, with `glue(what stands before, next word)` between them."""
    return reduce(lambda text, word: text + glue(text, word) + word, words[1:], words[0]) if words else ""


def _between_words(before: str, after: str) -> str:
    return " " if _LATIN.match(before[-1]) and _LATIN.match(after) else ""


def _between_names(before: str, after: str) -> str:
    """Return 、 where a gap or line break parts two whole names, nothing where it cuts through one."""
    following = next(iter(split_names(after)), "")
    begins = len(following) > _SHORTEST_NAME and not following.startswith(("（", "("))
    return "、" if begins and _ENDS_NAME.search(before) and _ENDS_NAME.search(following) else ""


def _whole(value: Value) -> int | None:
    """Return the number a 序号 cell holds, typed as a number or as text like 12."""
    match = _ORDINAL.fullmatch(squeezed(shown(value)))
    return int(match[1]) if match else None


def _deadline(value: Value) -> Value:
    """Return a deadline cell: its day for a true date, a number as it is, else its text or None."""
    if isinstance(value, str) or value is None:
        return _clean(value) or None
    return day(value) or value


# --- title and year ---

_TITLE_WORDS = re.compile(r"一览表|清单|任务|台账|要点|方案|计划|分工|分解")
_LABEL = re.compile(r"附件[0-9一二三四五六七八九十]*[:：]?")
_LONGEST_TITLE = 60
_TITLE_YEAR = re.compile(r"((?:19|2[01])[0-9]{2})年")
_DOCUMENT_YEAR = re.compile(r"[〔\[【（(]((?:19|2[01])[0-9]{2})[〕\]】）)]")


def _lines_above(source: Source) -> list[str]:
    """Return the lines above the first task table: of the text, then of its sheet."""
    grid = next(filter(is_task_table, source.grids))
    rows = takewhile(lambda row: not _opens(_headers(row)), grid.rows)
    return [*map(_clean, source.text.splitlines()), *(_text(row, range(len(row)), " ") for row in rows)]


def _title(above: Sequence[str]) -> str:
    """Return the line nearest the table that reads like a title, else the nearest short line."""
    short = [line for line in above if 0 < len(line) <= _LONGEST_TITLE and not _LABEL.fullmatch(line)]
    titles = [line for line in short if _TITLE_WORDS.search(line) and not line.endswith(("。", "：", "；"))]
    return (titles or short or [""])[-1]


def _year(title: str, above: Sequence[str]) -> int | None:
    """Return the year the title names, else that of the document number."""
    found = _TITLE_YEAR.search(half_width(title)) or _DOCUMENT_YEAR.search(half_width("\n".join(above)))
    return int(found[1]) if found else None


# --- text pasted from Word ---


def pasted(text: str, path: str = "") -> Source:
    """Return the table in text as Word pastes it: each cell on a line of its own behind a TAB.

    Further lines of a cell have no TAB. A blank line separates rows, but stands inside
    rows too; the header's width tells which. Without such a table there are no grids.
    """
    lines = text.splitlines()
    starts = [at for at, line in enumerate(lines) if line.startswith("\t")]
    cells = [lines[start:end] for start, end in pairwise([*starts, len(lines)])]
    groups = list(_groups(cells))
    first = next((at for at, group in enumerate(groups) if _opens(_headers(_row(group)))), None)
    if first is None:
        return Source((), text, path)
    above = lines[: starts[sum(map(len, groups[:first]))]]
    rows = _regrouped(groups[first:], len(groups[first]))
    return Source((Grid(tuple(map(_row, rows))),), "\n".join(above), path)


_Cell: TypeAlias = list[str]


def _groups(cells: Sequence[_Cell]) -> Iterator[list[_Cell]]:
    """Yield the cells between blank lines; what follows the last cell's blank line is no part of the table."""
    group: list[_Cell] = []
    for cell in cells:
        group.append(cell)
        if cell is cells[-1]:
            group[-1] = [cell[0], *takewhile(str.strip, cell[1:])]
        if len(cell) > 1 and not cell[-1].strip():
            yield group
            group = []
    yield group


def _regrouped(groups: Iterable[list[_Cell]], width: int) -> Iterator[list[_Cell]]:
    """Yield rows of at most `width` cells: groups are put together only as long as they fit."""
    row: list[_Cell] = []
    for group in groups:
        for part in (group[at : at + width] for at in range(0, len(group), width)):
            if len(row) + len(part) > width:
                yield row
                row = []
            row = row + part
    yield row


def _row(cells: Iterable[_Cell]) -> Row:
    return tuple("\n".join(cell).strip() for cell in cells)


# --- findings ---

_NO, _TARGET, _DEADLINE = BY_KEY["no"].title, BY_KEY["target"].title, BY_KEY["deadline"].title
_LEADS, _SUPPORTS = BY_KEY["leads"].title, BY_KEY["supports"].title


def findings(notice: Notice, directory: Directory) -> list[Finding]:
    """Return what is doubtful about a notice: its numbers, then task by task, then likenesses."""
    return [
        *_about_numbers([task.no for task in notice.tasks if task.no is not None]),
        *(finding for task in notice.tasks for finding in _about(task, notice.year, directory)),
        *_about_likeness(notice.tasks),
        *findings_alike(directory, sheet=NAMES),
        *(Finding(Code.NOT_TAKEN, value=head) for head in notice.left_out),
    ]


def _about_numbers(numbers: Sequence[int]) -> Iterator[Finding]:
    """Yield a finding for every gap between numbers, and for every number used twice."""
    yield from number_faults(numbers)
    for number, times in Counter(numbers).items():
        if times > 1:
            yield Finding(Code.NO_REPEATED, no=number, column=_NO, value=number)


def _about(task: NoticeTask, year: int | None, directory: Directory) -> Iterator[Finding]:
    place = _place(task)
    if not task.target:
        yield Finding(Code.NO_TARGET, column=_TARGET, **place)
    if not parse(task.deadline, year or ANY_YEAR).understood:
        near = asked(nearest(task.deadline, year))
        yield Finding(Code.DEADLINE_UNKNOWN, column=_DEADLINE, value=task.deadline, suggestion=near, **place)
    leads = read_names(task.leads, directory)
    if not leads.names and not leads.unknown:
        yield Finding(Code.NO_LEAD, column=_LEADS, value=task.leads, **place)
    yield from findings_of(task.leads, directory, column=_LEADS, **place)
    yield from findings_of(task.supports, directory, column=_SUPPORTS, **place)


class _TaskPlace(TypedDict):
    sheet: str
    cell: str
    no: Value


def _place(task: NoticeTask) -> _TaskPlace:
    """Return where a task stands: by its number, or by its row where it has none."""
    return {"sheet": task.sheet, "cell": "" if task.no is not None else f"第{task.row}行", "no": task.no}


def _about_likeness(tasks: Sequence[NoticeTask]) -> Iterator[Finding]:
    for first, second in alike([task.target for task in tasks]):
        other = tasks[first].no if tasks[first].no is not None else f"（第{tasks[first].row}行）"
        yield Finding(Code.TASKS_ALIKE, column=_TARGET, facts={"other": other}, **_place(tasks[second]))
