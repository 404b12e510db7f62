"""变更记录: one line per changed cell, chained by hashes, from which the ledger can be told again.

A line's hash covers its words in canonical form and the hash before it, so an edited, removed
or reordered line shows, whichever program has saved the file since. It detects accidents, not
a forger. What the lines add up to is what each cell was last seen to hold: a cell that holds
something else was edited by hand. Source: `merge.md`, Preview, decide, apply, undo.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, lru_cache

from taizhang import entries, joint, settings
from taizhang.columns import BY_KEY, BY_TITLE, DEPARTMENT, INDICATORS, PROBLEMS, TASKS, Column, Kind, Owner, register_of
from taizhang.departments import Directory, read_names
from taizhang.ledger import Cells, Ledger, ReportKey
from taizhang.shared import CLOSED_PERIOD, directory_of, first_value, shared_cells
from taizhang.values import Value, comparable, is_blank, same, shortened, shown

NEW, APPLY, STATUS, SPLIT, MERGE, SUMMARY = "导入通知", "执行合并", "刷新状态", "下发清单", "合并预览", "生成汇总"
FIX, MARK, CLEAR, HAND, UNDO = "自动更正", "校验标注", "清除标注", "手工修改", "撤销"
OLDER, MOVED, CLOSE_PERIOD, ROLLOVER = "换回旧版", "牵头变动", "结旬", "结转"
SUPPLEMENT, PROPOSE, RAISE = "补充通知", "提取指标", "登记问题"
POST, DECIDE = "发送邮件", "裁决"
CONFIRM, DECLINE, SOLVE = "确认指标", "不作指标", "问题解决"
_ADDING = (SUPPLEMENT, PROPOSE, RAISE, APPLY)
HASH_LENGTH = 32  # hexadecimal digits: enough to show an accident
LONGEST = 32_767  # characters of a cell: nothing that stood in one is cut
COMPOSED = "（汇成值）"  # stands for the department where a composed cell had been typed over

Place = tuple[ReportKey, str]  # whose cell, and the title of its column
NO_TASK = ReportKey("", "")  # whose cell that of a setting, a wording or a department is


@dataclass(frozen=True)
class Origin:
    """Where a written value came from: the returned file and its row, and what it overruled."""

    file: str = ""
    sha256: str = ""
    overruled: str = ""
    row: str = ""


@dataclass(frozen=True)
class Act:
    """One operation: its name, when, by whom, and where single cells came from."""

    name: str
    at: datetime
    operator: str
    origins: Mapping[Place, Origin] = field(default_factory=dict)
    file: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class CellChange:
    """One cell of the ledger that an act changed, or decided to leave: the office's, a report's, a shared one."""

    key: ReportKey
    no: Value
    column: str
    old: Value
    new: Value
    origin: Origin | None = None

    @property
    def place(self) -> Place:
        """Return which cell it is."""
        return self.key, self.column


@dataclass(frozen=True)
class Line:
    """One line of 变更记录, its values as canonical text."""

    number: int
    act: int
    at: str
    operator: str
    operation: str
    file: str
    sha256: str
    row: str
    department: str
    task: str
    no: str
    column: str
    old: str
    new: str
    overruled: str
    previous: str = ""
    hash: str = ""

    @property
    def place(self) -> Place:
        """Return which cell the line is about."""
        return ReportKey(self.task, self.department), self.column

    @property
    def changes(self) -> bool:
        """Return whether the cell holds something else since; a decision to leave it is on record too."""
        return self.old != self.new

    def digest(self, previous: str) -> str:
        """Return the hash the line must have behind `previous`."""
        words = [str(getattr(self, name)) for name in _HASHED]
        said = json.dumps([previous, *words], ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_LENGTH]


_HASHED = (
    *("number", "act", "at", "operator", "operation", "file", "sha256", "row"),
    *("department", "task", "no", "column", "old", "new", "overruled"),
)


def canonical(value: Value) -> str:
    """Return a value as the journal writes it: what every program saves alike.

    NFC, one kind of line break, ISO dates, 15 digits, no control characters; blank is blank.
    """
    if value is None:
        return ""
    text = shown(value)
    return _canonical_text(text) if len(text) <= _SHORT else _canonical_text.__wrapped__(text)


_SHORT = 64  # characters of a text worth remembering


@lru_cache(maxsize=4096)  # most of what a line says, others say too: when, who, which act, which column
def _canonical_text(text: str) -> str:
    if _ODD.search(text):
        text = _ODD.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "" if is_blank(text) else unicodedata.normalize("NFC", text)


# Control characters but for line breaks and tabs, halves of characters, and two that no file holds.
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def spelt(title: str, value: Value) -> str:
    """Return a cell's value as its line writes it; text that would be taken for a number or a day gets a ' in front."""
    text = shortened(canonical(value), LONGEST)
    if isinstance(value, str) and text and (text[0] == "'" or not isinstance(_plain(title, text), str)):
        return shortened(f"'{text}", LONGEST)
    return text


def recalled(title: str, text: str) -> Value:
    """Return the value that `spelt` wrote."""
    return text[1:] if text[:1] == "'" else _plain(title, text)


def worded(line: Line) -> tuple[str, str]:
    """Return what a line says of its cell before and after as a clerk reads it: shares as percentages."""
    column = BY_TITLE.get(line.column)
    if column is None or column.kind is not Kind.PERCENT:
        return line.old, line.new
    old, new = (_as_share(column, text) for text in (line.old, line.new))
    return old, new


def _as_share(column: Column, text: str) -> str:
    value = recalled(column.title, text)
    return text if isinstance(value, str) else entries.written(column, value)


def _plain(title: str, text: str) -> Value:
    if title in BY_TITLE:
        return entries.recalled(BY_TITLE[title], text)
    return settings.recalled(settings.BY_TITLE[title], text) if title in settings.BY_TITLE else text or None


@dataclass(frozen=True)
class Head:
    """The end of a journal when it was last written: the number and the hash of its last line."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"

    @classmethod
    def read(cls, text: str) -> Head | None:
        """Return the head a property or a record holds, None where it holds none."""
        number, _, digest = text.partition(":")
        return cls(int(number), digest) if number.isdecimal() and len(number) <= _DIGITS else None


_DIGITS = 9  # of a line's number at most; what is longer was tampered with


@dataclass(frozen=True)
class Break:
    """Where a journal is broken: the number of the line (or the row it stands in), and what is wrong."""

    number: int
    fault: str


@dataclass(frozen=True)
class Journal:
    """变更记录 as read, in the order of the sheet."""

    lines: tuple[Line, ...] = ()

    @property
    def head(self) -> Head:
        """Return the end of the journal: the line with the highest number, wherever it was sorted to."""
        last = max(self.lines, key=lambda line: line.number, default=None)
        return Head(last.number, last.hash) if last else Head(0, "")

    @cached_property
    def told(self) -> tuple[Line, ...]:
        """Return the lines in the order they were written, however the sheet was sorted."""
        return tuple(sorted(self.lines, key=lambda line: line.number))

    @cached_property
    def state(self) -> Mapping[Place, str]:
        """Return what every cell was last seen to hold, as canonical text; blank ones left out."""
        return self.seen_by(lambda name: name)

    @cached_property
    def codes(self) -> frozenset[str]:
        """Return the codes of all rows it ever told of, which no other row gets."""
        return frozenset(line.task for line in self.lines if line.task)

    @cached_property
    def living(self) -> frozenset[str]:
        """Return the codes of the rows that hold anything: one whose row was taken back may be given again."""
        return frozenset(key.task for key, _ in self.state)

    @cached_property
    def by_task(self) -> Mapping[str, Mapping[Place, str]]:
        """Return the state, task by task."""
        found: dict[str, dict[Place, str]] = {}
        for place, text in self.state.items():
            found.setdefault(place[0].task, {})[place] = text
        return found

    @cached_property
    def directory(self) -> Directory:
        """Return 单位名录 as it was last seen; empty where it never was."""
        return directory_of({title: text for (_, title), text in self.by_task.get("", {}).items()})

    @property
    def first_year(self) -> int | None:
        """Return the 年度 of the first ledger this one was carried over from, None where it is a first one."""
        title = settings.BY_KEY["year"].title
        years = (line.old for line in self.told if (line.operation, line.column) == (ROLLOVER, title))
        found = next(years, "")
        return int(found) if found.isdecimal() and len(found) == 4 else None

    def seen_by(self, called: Callable[[str], str]) -> dict[Place, str]:
        """Return the state with departments by the names `called` gives them: lines keep the names of their time."""
        found: dict[Place, str] = {}
        for line in self.told:
            if line.changes and line.department != COMPOSED:
                found[ReportKey(line.task, called(line.department)), line.column] = line.new
        return {place: text for place, text in found.items() if text}

    def extended(self, acts: Iterable[tuple[Act, Iterable[CellChange]]], noted: Head | None = None) -> Journal:
        """Return the journal with the lines of further acts; an act without any leaves no trace.

        They go on behind the end that was `noted` when the journal was last written. Where lines
        are missing before it, or its last one is another, the gap stays to be seen for ever.
        """
        lines = list(self.lines)
        end = noted if noted and noted.number >= self.head.number else self.head
        for act, changes in acts:
            number = max((line.act for line in lines), default=0) + 1
            for change in changes:
                line = _line(end.number + 1, number, change, act)
                lines.append(replace(line, previous=end.hash, hash=line.digest(end.hash)))
                end = Head(line.number, lines[-1].hash)
        return Journal(tuple(lines))

    def broken(self, *heads: Head | None) -> Break | None:
        """Return the first broken line, None where the chain holds, see `breaks`."""
        return next(self.breaks(*heads), None)

    def breaks(self, *heads: Head | None) -> Iterator[Break]:
        """Yield every place where the chain is broken; `heads` are kept elsewhere than in the lines."""
        end = Head(0, "")
        for line in self.lines:
            if line.number != end.number + 1:
                yield Break(end.number + 1, _GAP.format(wanted=end.number + 1, found=line.number))
            elif line.previous != end.hash or line.hash != line.digest(end.hash):
                yield Break(line.number, _EDITED)
            end = Head(line.number, line.hash)
        yield from (found for head in heads if head and (found := self.against(head)))

    def against(self, head: Head) -> Break | None:
        """Return how the journal falls short of an end that was written down elsewhere."""
        if head.number > self.head.number:
            return Break(self.head.number + 1, _CUT.format(noted=head.number, found=self.head.number))
        if head.number and all(line.hash != head.hash for line in self.lines if line.number == head.number):
            return Break(head.number, _OTHER)
        return None


_EDITED = "这一条的内容被改动过，或者它前面少了一条"
_GAP = "这里应是第{wanted}条，却是第{found}条，有记录被删去或调换了次序"
_CUT = "末尾少了记录：上次写入时到第{noted}条，现在只到第{found}条"
_OTHER = "这一条与上次写入时留下的印记不符"


def _line(number: int, act_number: int, change: CellChange, act: Act) -> Line:
    origin = change.origin or act.origins.get(change.place) or Origin(act.file, act.sha256)
    return Line(
        number,
        act_number,
        act.at.isoformat(" ", "seconds"),
        canonical(act.operator),
        act.name,
        canonical(origin.file),
        origin.sha256,
        canonical(origin.row),
        change.key.department,
        change.key.task,
        canonical(change.no),
        change.column,
        spelt(change.column, change.old),
        spelt(change.column, change.new),
        shortened(canonical(origin.overruled)),
    )


# What an act changed


def changed(before: Ledger | None, after: Ledger) -> Iterator[CellChange]:
    """Yield every cell in which two ledgers differ, in ledger order; all that say something when there was none."""
    for row in after.rows:
        was_there = before is not None and row.code in before.by_code
        old = before.by_code[row.code].cells if before and was_there else {}
        yield from _differences(ReportKey(row.code, ""), row.no, row.register.office, old, row.cells)
        known = before.reports_on(row.code) if before and was_there else ()
        for key in dict.fromkeys((*after.reports_on(row.code), *known)):
            old_report = before.report(key) if before else {}
            yield from _differences(key, row.no, row.register.department, old_report, after.report(key))
    yield from _shared_changes(before, after)


def left_out(before: Ledger, after: Ledger) -> Iterator[CellChange]:
    """Yield every filled cell of the rows that a ledger has no more, as emptied."""
    for row in before.rows:
        if row.code not in after.by_code:
            yield from _differences(ReportKey(row.code, ""), row.no, row.register.office, row.cells, {})
            for key in before.reports_on(row.code):
                yield from _differences(key, row.no, row.register.department, before.report(key), {})


def _differences(
    key: ReportKey, no: Value, columns: tuple[Column, ...], old: Cells, new: Cells
) -> Iterator[CellChange]:
    for column in columns:
        if not same(old.get(column.key), new.get(column.key)):
            yield CellChange(key, no, column.title, old.get(column.key), new.get(column.key))


def _shared_changes(before: Ledger | None, after: Ledger) -> Iterator[CellChange]:
    known = shared_cells(before) if before else {}
    now = shared_cells(after)
    gone = {title: None for title in known if title not in now}
    for title, new in {**now, **gone}.items():
        old = known[title] if title in known else first_value(title, after.settings.year)
        if not same(old, new):
            yield CellChange(NO_TASK, None, _title(title), old, new)


def _title(title: str) -> str:
    """Return a shared cell's title as a line holds it: a wording may fill a cell by itself."""
    return shortened(canonical(title))


def overwritten(before: Ledger, after: Ledger, rows: Mapping[str, Cells], journal: Journal) -> Iterator[CellChange]:
    """Yield what somebody typed over composed cells, given each task's row as it stands: composing drops it.

    A row that shows what the reports made together when they were last seen is only behind.
    """
    for code, shown_cells in rows.items():
        if not after.is_joint(code) or _shows(shown_cells, before.row(code)) or _shows(shown_cells, after.row(code)):
            continue
        if any(_shows(shown_cells, before.report(key)) for key in before.keys_of(code)):
            continue  # the row of a task that has just turned joint: a lead's own words, which are read as such
        composed = before.row(code), after.row(code), *last_composed(code, before, journal)
        for column in DEPARTMENT:
            typed = shown_cells.get(column.key)
            if not is_blank(typed) and not any(same(typed, cells.get(column.key)) for cells in composed):
                key = ReportKey(code, COMPOSED)
                yield CellChange(key, after.by_code[code].no, column.title, typed, composed[1].get(column.key))


def _shows(shown_cells: Cells, row: Cells) -> bool:
    return all(same(shown_cells.get(column.key), row.get(column.key)) for column in DEPARTMENT)


def last_composed(code: str, ledger: Ledger, journal: Journal) -> Iterator[Cells]:
    """Yield what the leads' reports made together when the journal last saw them.

    A department that was renamed since may stand there by either name.
    """
    own = journal.by_task.get(code, {})
    leads = read_names(own.get((ReportKey(code, ""), BY_KEY["leads"].title)), ledger.directory).names
    called = {ledger.directory.canonical(key.department) or key.department: key.department for key, _ in own}
    reports = [(lead, _report_of(ReportKey(code, called.get(lead, lead)), own)) for lead in leads]
    policy = settings.BY_KEY["joint_percent"]
    percent = journal.state.get((NO_TASK, policy.title)) or spelt(policy.title, policy.default)
    if len(leads) > 1:
        yield joint.composed(reports, percent)
        yield joint.composed([(called.get(lead, lead), report) for lead, report in reports], percent)


def _report_of(key: ReportKey, own: Mapping[Place, str]) -> dict[str, Value]:
    return {c.key: recalled(c.title, own[key, c.title]) for c in DEPARTMENT if (key, c.title) in own}


# What was changed by hand


def older(journal: Journal, head: Head | None, noted: Head | None) -> Iterator[CellChange]:
    """Yield that another copy of the ledger was put in the place of the one written last, if that was so.

    Such a copy is whole by its own `head`, but what was `noted` beside the backups is not in it.
    """
    if head and noted and not journal.against(head) and journal.against(noted):
        said = _OLDER.format(noted=noted.number, found=journal.head.number)
        yield CellChange(NO_TASK, None, "", None, None, Origin(overruled=said))


_OLDER = (
    "换上的不是上次写入的那一本：那一本写到第{noted}条，这一本到第{found}条；只在那一本里的内容请到“备份”文件夹中核对"
)


def hand_edits(journal: Journal, ledger: Ledger) -> Iterator[CellChange]:
    """Yield every cell that holds something else than the journal last saw in it, in ledger order.

    A department that was renamed since keeps its reports: lines go by the name it has now.
    """
    known = _known(journal, ledger.directory)
    now = cells_of(ledger)
    for place in (*now, *(place for place in known if place not in now)):
        old, new = known.get(place, ""), now.get(place)
        if not place[0].task:
            first = first_value(place[1], ledger.settings.year)
            old, new = old or spelt(place[1], first), first if is_blank(new) else new
        if not _alike(place[1], old, new):
            task = ledger.by_code.get(place[0].task)
            yield CellChange(place[0], task.no if task else None, place[1], recalled(place[1], old), new)


def _known(journal: Journal, directory: Directory) -> dict[Place, str]:
    """Return what cells were last seen to hold, with departments by the names they have now."""
    current = {name: directory.canonical(name) or name for name in {line.department for line in journal.lines}}
    return journal.seen_by(lambda name: current[name])


def cells_of(ledger: Ledger) -> dict[Place, Value]:
    """Return every filled cell of a ledger that has a history: the office's, each report's, the shared ones."""
    found: dict[Place, Value] = {}
    for row in ledger.rows:
        own = [(ReportKey(row.code, ""), row.register.office, row.cells)]
        own += [(key, row.register.department, ledger.report(key)) for key in ledger.reports_on(row.code)]
        for key, columns, cells in own:
            found |= {(key, c.title): cells[c.key] for c in columns if not is_blank(cells.get(c.key))}
    shared = shared_cells(ledger).items()
    return found | {(NO_TASK, _title(title)): value for title, value in shared if not is_blank(value)}


def moved(journal: Journal, ledger: Ledger, changes: Iterable[CellChange]) -> frozenset[Place]:
    """Return which of the cells that changed by hand only went to another report: who leads changed, not a word.

    A report whose department led when it was last seen, and leads no more, is gone from the
    task's row; whoever leads now has what stands there.
    """
    listed = tuple(changes)
    directory = journal.directory if journal.directory.names else ledger.directory
    gone = {
        one.place: one
        for one in listed
        if _is_reported(one.column)
        and one.key.task in ledger.by_code
        and one.key not in ledger.keys_of(one.key.task)
        and is_blank(one.new)
        and one.key.department in _led(journal, one.key.task, directory, ledger.directory)
    }
    words = {(one.key.task, one.column, comparable(one.old)) for one in gone.values()}
    taken = (
        one.place for one in listed if is_blank(one.old) and (one.key.task, one.column, comparable(one.new)) in words
    )
    return frozenset((*gone, *taken))


def _is_reported(title: str) -> bool:
    """Return whether a column is one that departments fill in."""
    return title in BY_TITLE and BY_TITLE[title].owner is Owner.DEPARTMENT


def _led(journal: Journal, code: str, directory: Directory, now: Directory) -> tuple[str, ...]:
    """Return who reported on a row when it was last seen, by the names they have now; "" where nobody was known to."""
    title = BY_KEY[register_of(code).lead].title
    cell = journal.by_task.get(code, {}).get((ReportKey(code, ""), title))
    return tuple(now.canonical(name) or name for name in read_names(cell, directory).names) or ("",)


def leads_changed(journal: Journal, ledger: Ledger) -> Iterator[CellChange]:
    """Yield a line for every task whose leads are others because 单位名录 was edited, not its own cell."""
    listed = journal.directory
    current = directory_of({_title(title): value for title, value in shared_cells(ledger).items()})
    if listed == current or not listed.names:
        return
    title = BY_KEY["leads"].title
    for task in ledger.tasks:
        cell = task.cells.get("leads")
        if not _alike(title, journal.state.get((ReportKey(task.code, ""), title), ""), cell):
            continue
        before, now = (read_names(cell, one).names for one in (listed, current))
        if {current.canonical(name) or name for name in before} != set(now):
            said = _LEADS.format(before="、".join(before) or "无", now="、".join(now) or "无")
            yield CellChange(ReportKey(task.code, ""), task.no, title, cell, cell, Origin(overruled=said))


_LEADS = "“单位名录”改动以后，认出的牵头部门由“{before}”变为“{now}”"


def _alike(title: str, text: str, value: Value) -> bool:
    """Return whether a line and a cell say the same; spelling never makes a difference, text and number do."""
    return comparable(text) == comparable(spelt(title, value))


# Taking back


@dataclass(frozen=True)
class Undo:
    """What taking an act back comes to: the cells that get their old value, and the lines that stay, each with why."""

    act: int
    operation: str
    changes: tuple[CellChange, ...]
    refused: tuple[tuple[Line, str], ...]
    lines: tuple[Line, ...]


NEVER_UNDONE = frozenset({NEW, HAND, UNDO, OLDER, MOVED, ROLLOVER})
UNDO_OF = "撤销第{act}次操作"


def last_undoable(journal: Journal) -> tuple[Line, ...]:
    """Return the lines of the last act that can be taken back and was not, none where there is no such."""
    undone = {line.file for line in journal.lines if line.operation == UNDO}
    carried = max((line.number for line in journal.lines if line.operation == ROLLOVER), default=0)
    later = (line for line in journal.lines if line.number > carried)
    own = (line for line in later if line.operation not in NEVER_UNDONE and line.department != COMPOSED)
    acts = {line.act for line in own if UNDO_OF.format(act=line.act) not in undone}
    last = max(acts, default=0)
    return tuple(line for line in journal.told if line.act == last)


def undone(ledger: Ledger, lines: Sequence[Line]) -> Undo:
    """Return what taking back an act comes to; a cell that holds something else by now keeps it."""
    now = cells_of(ledger)
    changes: list[CellChange] = []
    refused: list[tuple[Line, str]] = []
    before, in_use = _led_as_before(ledger, lines), _in_use(ledger, lines)
    for line in (line for line in lines if line.changes and line.department != COMPOSED):
        key = current_key(line, ledger.directory)
        why = _why_not_undone((ledger, before), line, key, now.get((key, line.column)))
        why = why or (_IN_USE[register_of(line.task)] if line.task in in_use else "")
        if why:
            refused.append((line, why))
        else:
            no = ledger.by_code[line.task].no if line.task else None
            old = recalled(line.column, line.old)
            changes.append(CellChange(key, no, line.column, now.get((key, line.column)), old))
    return Undo(lines[0].act, lines[0].operation, tuple(changes), tuple(refused), tuple(lines))


_IN_USE = {
    TASKS: "该任务已经下发或有了填报，不能当作没有增加过；不办了的，请“取消”",
    INDICATORS: "该指标已经下发或有了填报，不能当作没有增加过；不考核的，“确认”请选“否”",
    PROBLEMS: "该问题已经下发或有了答复，不能当作没有提出过；解决了的，请填“解决日期”",
}


def current_key(line: Line, directory: Directory) -> ReportKey:
    """Return whose cell a line is about, by the name the department has now."""
    return ReportKey(line.task, directory.canonical(line.department) or line.department)


def _in_use(ledger: Ledger, lines: Iterable[Line]) -> frozenset[str]:
    """Return the rows that an act added and that have been sent out or reported on since."""
    added = {line.task for line in lines if line.task in ledger.by_code and _began(line)}
    sent = {key.task for _, key in ledger.base}
    return frozenset(c for c in added if c in sent or any(ledger.report(key) for key in ledger.reports_on(c)))


def _began(line: Line) -> bool:
    """Return whether a line is the first word of a row that an act added."""
    telling = BY_KEY[register_of(line.task).telling].title
    return line.operation in _ADDING and line.column == telling and not line.old and line.changes


def _led_as_before(ledger: Ledger, lines: Iterable[Line]) -> Ledger:
    """Return the ledger with the leads that an act's tasks had before it."""
    for line in lines:
        lead = BY_KEY[register_of(line.task).lead]
        if line.changes and line.column == lead.title and line.task in ledger.by_code:
            ledger = ledger.with_office(line.task, {lead.key: recalled(line.column, line.old)})
    return ledger


def _why_not_undone(either: tuple[Ledger, Ledger], line: Line, key: ReportKey, now: Value) -> str:
    """Return why a cell keeps its value, given the ledger as it is led now and as it was led before the act."""
    undoable = line.column in (BY_TITLE if key.task else settings.BY_TITLE)
    if not undoable and not (line.column.startswith(CLOSED_PERIOD) and not line.old):
        return "这一格不由撤销恢复，请自行修改"
    if key.task and key.task not in either[0].by_code:
        return "该任务已不在台账中"
    if key.department and all(key not in ledger.keys_of(key.task) for ledger in either):
        return "该单位已不是牵头部门"
    if not _alike(line.column, line.new, now):
        told = entries.written(BY_TITLE[line.column], now) if line.column in BY_TITLE else shown(now)
        return f"后来又改成了“{told or '空'}”，请核对后自行修改"
    return ""


def with_changes(ledger: Ledger, changes: Iterable[CellChange]) -> Ledger:
    """Return the ledger with the new values of some changes written, wherever they belong."""
    for change in changes:
        ledger = _with_change(ledger, change)
    return ledger


def _with_change(ledger: Ledger, change: CellChange) -> Ledger:
    if change.column.startswith(CLOSED_PERIOD):
        return ledger.with_period_open(change.column.removeprefix(CLOSED_PERIOD))
    if not change.key.task:
        return replace(ledger, settings=ledger.settings.with_switch(change.column, change.new))
    column = BY_TITLE[change.column]
    if _is_reported(change.column):
        return ledger.with_reports({change.key: {column.key: change.new}})
    return ledger.with_office(change.key.task, {column.key: change.new})
