"""Validation: what stands in a row → what is wrong with it, cell by cell and cell against cell.

`entries` says what a cell may hold at all; here stands what else a clerk should be told. A
finding that carries a repair says the same words as the ledger wants them written: only those
are ever corrected without being asked (`check --fix`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from taizhang.columns import BY_KEY, DEPARTMENT, NO, OFFICE_OWNED, Column, Kind, Register
from taizhang.deadlines import Dictionary, nearest
from taizhang.departments import Directory, aliases_in, findings_of, read_names
from taizhang.entries import typed, written
from taizhang.findings import Code, Finding, Repair, asked
from taizhang.places import reference
from taizhang.values import Value, day, half_width, is_blank, percentage, shown, squeezed

Cells = Mapping[str, Value]


@dataclass(frozen=True)
class Line:
    """One row as it stands on its sheet: where its columns are, and its cells, white space and all."""

    sheet: str
    row: int
    places: Mapping[str, int]
    cells: Cells
    code: str = ""
    no: Value = None
    department: str = ""

    def says(self, code: Code, key: str, **more: object) -> Finding:
        """Return a finding about the cell of a column."""
        cell = reference(self.row, self.places[key]) if key in self.places else f"第{self.row}行"
        facts: dict[str, object] = {"value": self.cells.get(key), **more}
        return Finding(
            code,
            self.sheet,
            cell,
            self.no,
            self.code,
            BY_KEY[key].title,
            department=self.department,
            **facts,  # type: ignore[arg-type]
        )

    def filled(self, columns: Iterable[Column]) -> Iterator[Column]:
        """Return those of some columns whose cells hold anything."""
        return (column for column in columns if column.key in self.cells)

    def means(self, key: str) -> Value:
        """Return the typed value of a cell; None where it breaks its column's rule."""
        entry = typed(BY_KEY[key], self.cells.get(key))
        return None if entry.fault else entry.value


@dataclass(frozen=True)
class Scope:
    """What entries are judged by: the first 年度 a day may be of (None where it is not known), and the as-of date."""

    year: int | None
    as_of: date


# One cell

_BREAKS = re.compile("[\x0b\x0c\x85\u2028\u2029]")  # line breaks no cell shows as such: Word's, a web page's
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff]"
)
_SIGNS = "=+-@"
_SHORT = 100  # columns of at most so many characters hold one line, no prose
_COMPUTED = (Kind.NUMBER, Kind.PERCENT, Kind.AMOUNT, Kind.DATE)  # what formulas compute with
_PHONE = re.compile(
    r"(?:(?:\+|00)86-?)?(?:1[3-9]\d{9}|(?:\(?0\d{2,3}\)?-?)?[2-9]\d{6,7}(?:(?:-|转|ext\.?)\d{1,6})?)"
    r"|400-?\d{3,4}-?\d{3,4}|1[12]\d{3}|95\d{3,4}",
    re.IGNORECASE,
)
_BETWEEN_PHONES = re.compile(r"[、，,；;/\n]+")
_DASHES = re.compile("[-\u2010-\u2015]+")


def cell_faults(line: Line, column: Column, *, computed: bool) -> Iterator[Finding]:
    """Yield what is wrong with one cell, looked at alone; `computed` says that formulas work on it as it stands."""
    value = line.cells.get(column.key)
    if value is None or value == "":
        return
    if is_blank(value):
        yield line.says(Code.ONLY_SPACES, column.key, repair=Repair(None))
        return
    entry = typed(column, value)
    if entry.fault:
        yield line.says(entry.fault, column.key, value=written(column, value), facts=entry.facts)
    elif computed and column.kind in _COMPUTED:
        yield from _uncountable(line, column, value, entry.value)
    if isinstance(value, str) and not (entry.fault or (computed and column.kind in _COMPUTED)):
        yield from _text_faults(line, column, value)


def _uncountable(line: Line, column: Column, value: Value, meant: Value) -> Iterator[Finding]:
    """Yield a finding for what a reader understands and a formula does not: text, and 60 where 60 % is meant."""
    if isinstance(value, str):
        # 1 and 0.5 without a sign may mean 100 % and 50 %, or 1 % and half of one: a clerk has to say.
        unsure = column.kind is Kind.PERCENT and not squeezed(value).endswith("%") and _bare(value) <= 1
        repair = None if unsure else Repair(meant)
        yield line.says(Code.AS_TEXT, column.key, facts={"wanted": written(column, meant)}, repair=repair)
    elif column.kind is Kind.PERCENT and isinstance(value, (int, float)) and value > 1:
        near = asked([written(column, meant)])
        yield line.says(Code.PERCENT_RANGE, column.key, value=percentage(value), suggestion=near)


def _bare(text: str) -> float:
    """Return the number a text without a sign holds."""
    return float(squeezed(text)) if re.fullmatch(r"[-+]?\d+(\.\d+)?", squeezed(text)) else 0.0


def _text_faults(line: Line, column: Column, text: str) -> Iterator[Finding]:
    unseen = len(_UNSEEN.findall(text)) + len(_BREAKS.findall(text))
    if unseen:
        repair = Repair(_UNSEEN.sub("", _BREAKS.sub("\n", text)) or None)
        yield line.says(Code.UNSEEN, column.key, facts={"count": unseen}, repair=repair)
    one_line = is_short(column)
    if one_line and "\n" in text.strip() and column.key != "phone":
        yield line.says(Code.LINE_BREAK, column.key)
    wanted = half_width(text).strip() if one_line or column.kind is Kind.NAMES else text
    if wanted != text:
        yield line.says(Code.UNTIDY, column.key, facts={"wanted": wanted}, repair=Repair(wanted))
    if column.key == "phone":
        if not _is_phone(text):
            yield line.says(Code.PHONE, column.key)
    elif column.kind is Kind.TEXT and len(text.strip()) > 1 and text.strip()[0] in _SIGNS:
        yield line.says(Code.LEADING_SIGN, column.key, facts={"sign": text.strip()[0]})


def is_short(column: Column) -> bool:
    """Return whether a column holds one line of words, no prose and no list."""
    return column.limit <= _SHORT or column.kind is Kind.CHOICE


def _is_phone(text: str) -> bool:
    plain = _DASHES.sub("-", half_width(text)).translate(str.maketrans("（）", "()"))
    return all(_is_one_phone(part.strip()) for part in _BETWEEN_PHONES.split(plain) if part.strip())


def _is_one_phone(text: str) -> bool:
    """Return whether a text is one number, digits grouped as people do, or several with gaps between them."""
    together = re.sub(r"[\s-]+", "", text)
    return bool(_PHONE.fullmatch(together)) or all(map(_PHONE.fullmatch, text.split()))


# One report

_NOTHING = frozenset(
    {
        "无",
        "暂无",
        "没有",
        "暂无进展",
        "无进展",
        "略",
        "同上",
        "待填",
        "待补充",
        "NA",
        "N/A",
        "-",
        "—",
        "——",
        "/",
        "、",
        "。",
    }
)


def is_hollow(value: Value) -> bool:
    """Return whether a text says that there is nothing to say."""
    return isinstance(value, str) and squeezed(value).rstrip("。.！!").upper() in _NOTHING


def report_faults(line: Line, scope: Scope, before: Cells, requirement: Value = None) -> Iterator[Finding]:
    """Yield what does not fit together in one lead's report.

    `before` is the report as the last dispatch carried it, `requirement` the office's 整改要求.
    """
    written_keys = [column.key for column in DEPARTMENT if not is_blank(line.cells.get(column.key))]
    if not written_keys:
        return
    percent, done_on = line.means("percent"), line.means("done_on")
    done = percent == 1 or done_on is not None
    if "reported_on" not in written_keys:
        yield line.says(Code.NO_REPORT_DAY, "reported_on")
    yield from _completion_faults(line, percent)
    yield from _hollow(line, done=done, asked=not is_blank(requirement))
    yield from _percent_fell(line, percent, before.get("percent"))
    yield from _days_out_of(line, scope, ("done_on", "reported_on"))


def _completion_faults(line: Line, percent: Value) -> Iterator[Finding]:
    dated = line.means("done_on") is not None
    unread = percent is None and not is_blank(line.cells.get("percent"))
    if dated and percent != 1 and not unread:
        yield line.says(Code.DONE_NOT_FULL, "percent", value=written(BY_KEY["percent"], percent))
    if percent == 1 and is_blank(line.cells.get("done_on")):
        yield line.says(Code.FULL_NOT_DATED, "done_on")
    if (dated or percent == 1) and is_blank(line.cells.get("evidence")):
        yield line.says(Code.NO_EVIDENCE, "evidence")


def _hollow(line: Line, *, done: bool, asked: bool) -> Iterator[Finding]:
    """Yield the cells that must say something and do not; no problem (存在问题) may well be 无."""
    needed = ("progress", *(("evidence",) if done else ("next_step",)), *(("answer",) if asked else ()))
    yield from (line.says(Code.HOLLOW, key) for key in needed if is_hollow(line.cells.get(key)))
    if asked and is_blank(line.cells.get("answer")):
        yield line.says(Code.NO_ANSWER, "answer")


def _percent_fell(line: Line, now: Value, before: Value) -> Iterator[Finding]:
    if isinstance(now, (int, float)) and isinstance(before, (int, float)) and now < before:
        column = BY_KEY["percent"]
        facts = {"before": written(column, before)}
        yield line.says(Code.PERCENT_FELL, "percent", value=written(column, now), facts=facts)


def _days_out_of(line: Line, scope: Scope, keys: Sequence[str], *, future: bool = False) -> Iterator[Finding]:
    """Yield the days before the ledger's year, and those that have not come yet unless they may be planned."""
    for key in keys:
        found = day(line.means(key))
        if found and scope.year and found.year < scope.year:
            yield line.says(Code.BEFORE_YEAR, key, value=found, facts={"year": scope.year})
        if found and found > scope.as_of and not future:
            yield line.says(Code.AFTER_AS_OF, key, value=found, facts={"as_of": scope.as_of.isoformat()})


# One task

_KNOWN_DAYS = ("returned_on", "closed_on")


def task_faults(line: Line, scope: Scope, directory: Directory, dictionary: Dictionary) -> Iterator[Finding]:
    """Yield what is wrong with the office's cells of one task, cell by cell and cell against cell."""
    for column in OFFICE_OWNED:
        if column.required and column.key in line.places and is_blank(line.cells.get(column.key)):
            yield line.says(_BLANK.get(column.key, Code.REQUIRED), column.key)
        if column.key in line.cells:
            yield from cell_faults(line, column, computed=True)
    yield from _deadline_faults(line, scope, dictionary)
    yield from name_faults(line, directory)
    yield from _days_out_of(line, scope, _KNOWN_DAYS)
    yield from _days_out_of(line, scope, ("cancelled_on",), future=True)


_BLANK = {"target": Code.NO_TARGET, "leads": Code.NO_LEAD}


def _deadline_faults(line: Line, scope: Scope, dictionary: Dictionary) -> Iterator[Finding]:
    wording = line.cells.get("deadline")
    read = dictionary.read(wording)
    if not is_blank(wording) and not read.understood:
        yield unknown_deadline(line, wording, scope.year)
    if read.due and scope.year and read.due.year < scope.year:
        yield line.says(Code.BEFORE_YEAR, "deadline", facts={"year": scope.year})
    extended, note = line.means("extended_to"), line.cells.get("extension_note")
    if isinstance(extended, date) and read.due and extended <= read.due:
        yield line.says(Code.EXTENDED_BACK, "extended_to", value=extended, facts={"due": read.due.isoformat()})
    if extended is not None and is_blank(note):
        yield line.says(Code.NO_EXTENSION_NOTE, "extension_note")
    elif extended is not None and is_hollow(note):
        yield line.says(Code.HOLLOW, "extension_note")
    elif not is_blank(note) and is_blank(line.cells.get("extended_to")):
        yield line.says(Code.NO_EXTENDED_TO, "extended_to")


def unknown_deadline(line: Line, wording: Value, year: int | None) -> Finding:
    """Return the finding for a 完成时限 that is not understood, with the wordings nearest to it."""
    return line.says(Code.DEADLINE_UNKNOWN, "deadline", suggestion=asked(nearest(wording, year)))


def name_faults(line: Line, directory: Directory, keys: Sequence[str] = ("leads", "supports")) -> Iterator[Finding]:
    """Yield what is doubtful about the departments a row names."""
    for key in keys:
        value = line.cells.get(key)
        if is_blank(value) or not directory.departments or typed(BY_KEY[key], value).fault:
            continue  # without 单位名录 nobody is known, which is a fault of its own
        place = {"sheet": line.sheet, "cell": reference(line.row, line.places[key]), "no": line.no, "task": line.code}
        yield from findings_of(value, directory, column=BY_KEY[key].title, **place)  # type: ignore[arg-type]
        named = read_names(value, directory)
        if key == "leads" and not named.names and not named.unknown:
            yield line.says(Code.NO_LEAD, key)
        for name in named.twice:
            yield line.says(Code.NAME_TWICE, key, value=name)
        found, wanted = aliases_in(shown(value), directory)
        if found:
            whole = f"全部改好是：{wanted}。"
            names = {"value": "”“".join(found)}
            yield line.says(Code.ALIAS, key, facts=names, suggestion=whole, repair=Repair(wanted))


# One indicator or problem


def item_faults(line: Line, register: Register, scope: Scope, directory: Directory) -> Iterator[Finding]:
    """Yield what is wrong with a line of 指标 or 问题清单; of an indicator turned down nothing is asked."""
    if line.cells.get("confirmed") == NO:
        return
    for column in (*register.office, *register.department):
        if column.required and column.key in line.places and is_blank(line.cells.get(column.key)):
            yield line.says(Code.REQUIRED, column.key)
        yield from cell_faults(line, column, computed=True)
    yield from name_faults(line, directory, (register.lead,))
    named = read_names(line.cells.get(register.lead), directory).names
    if len(named) > 1:
        yield line.says(Code.ITEM_LEADS, register.lead, value=named[0], facts={"count": len(named)})
    yield from rate_faults(line)
    days = [column.key for column in register.columns if column.kind is Kind.DATE]
    yield from _days_out_of(line, scope, days)


def rate_faults(line: Line) -> Iterator[Finding]:
    """Yield the figures of a line measured in % that are so large that their sign must have been left out."""
    for key in ("goal", "current") if line.cells.get("unit") == "%" else ():
        value = line.cells.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) > MOST_TIMES:
            yield line.says(Code.RATE_UNCLEAR, key, suggestion=asked([percentage(value / 100)]))


MOST_TIMES = 10  # a bare number beyond it is taken for so many percent; up to it, it may be so many times


# All tasks


def repeated_numbers(lines: Iterable[Line]) -> Iterator[Finding]:
    """Yield a finding for every row whose 序号 an earlier row has."""
    seen: set[Value] = set()
    for line in lines:
        number = line.means("no")
        if number is not None and number in seen:
            yield line.says(Code.NO_REPEATED, "no")
        seen.add(number)


def number_faults(numbers: Iterable[Value], sheet: str = "") -> Iterator[Finding]:
    """Yield a finding for every gap between numbers."""
    whole = sorted({int(number) for number in numbers if isinstance(number, (int, float))})
    for before, after in pairwise(whole):
        if after - before > 1:
            gap = before + 1 if after - before == 2 else f"{before + 1}至{after - 1}"
            yield Finding(Code.NO_MISSING, sheet, column=BY_KEY["no"].title, value=gap)


def category_faults(lines: Sequence[Line]) -> Iterator[Finding]:
    """Yield a reminder for every category whose rows do not stand together, at the first row that is apart."""
    blocks: dict[str, list[list[Line]]] = {}
    last = None
    for line in lines:
        name = squeezed(shown(line.cells.get("category")))
        if name and name != last:
            blocks.setdefault(name, []).append([])
        if name:
            blocks[name][-1].append(line)
        last = name or last
    for parts in blocks.values():
        if len(parts) > 1:
            where = "、".join(_numbers_of(part) for part in parts[:1] + parts[2:4]) + ("等" if len(parts) > 4 else "")
            yield parts[1][0].says(Code.CATEGORY_BROKEN, "category", facts={"where": where})


def _numbers_of(part: Sequence[Line]) -> str:
    first, last = (shown(line.no) or f"（第{line.row}行）" for line in (part[0], part[-1]))
    return f"序号{first}" if first == last else f"序号{first}至{last}"


def edited_targets(lines: Iterable[Line], originals: Mapping[str, Value]) -> Iterator[Finding]:
    """Yield a reminder for every task whose words are no longer those of the notice, by task code."""
    for line in lines:
        original, now = originals.get(line.code), line.cells.get("target")
        if original is not None and not is_blank(now) and squeezed(shown(original)) != squeezed(shown(now)):
            yield line.says(Code.TARGET_EDITED, "target", suggestion=f"原文：{shown(original)}")
