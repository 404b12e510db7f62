"""旬报/通报: what the office tells its leaders of a day, as plain data that any writer can set in type.

The numbers are those of 汇总 and 成绩单; nothing is said that they do not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from typing import TypeAlias

from taizhang import rules, tables
from taizhang.columns import BY_KEY
from taizhang.ledger import Task
from taizhang.past import ESTIMATED
from taizhang.periods import Period
from taizhang.scores import GRADES, PARTS, Scheme, Scorecard
from taizhang.settings import BY_KEY as SWITCHES
from taizhang.settings import Settings, first_value
from taizhang.shares import Share, rate_told
from taizhang.summary import PRINTED, Pressing, Summary
from taizhang.trend import Changes, Point
from taizhang.values import half_width, shortened, shown

_LISTED = 60  # lines of a table, names of a list; the rest is in the ledger
_POINTS = 12  # of the trend: four months
_NAMED = 5  # departments a sentence names
_TARGET, _TOLD = 40, 60  # characters of a task, of a report that a table quotes
_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Heading:
    """A heading of a level, 1 or 2."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """Some sentences."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table of words: title, header, rows, how many Chinese characters a column is wide, and which are set flush left.

    The widths are those of columns beside each other; a writer fits them to its paper.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    flush: frozenset[int] = frozenset()


Block: TypeAlias = Heading | Paragraph | Table


@dataclass(frozen=True)
class Report:
    """A report: its title in phrases that are not to be broken, the line under it, what it says, who signs, of which day."""

    phrases: tuple[str, ...]
    dated: str
    blocks: tuple[Block, ...]
    unit: str
    on: date

    @property
    def title(self) -> str:
        """Return the title in one piece."""
        return "".join(self.phrases)


def report_of(settings: Settings, summary: Summary, cards: Sequence[Scorecard]) -> Report:
    """Return the report of a day."""
    unit = settings.text("unit")
    sections = (
        ("总体情况", _overall(summary)),
        ("本旬变化", _changed(summary)),
        ("各单位成绩", _ranked(Scheme.of(settings), cards)),
        (f"{rules.LATE}事项", _overdue(summary)),
        (f"{rules.DUE_SOON}事项", _due_soon(summary)),
        ("报送情况", _unreported(summary)),
        ("下一步工作要求", _next(summary, unit)),
    )
    blocks: list[Block] = []
    for numeral, (title, found) in zip(_NUMERALS, sections, strict=False):
        blocks += [Heading(f"{numeral}、{title}"), *found]
    said = f"，{ESTIMATED}" if summary.estimated else ""
    dated = f"（{SWITCHES['as_of'].title}：{date_in_words(summary.as_of)}{said}）"
    return Report(_title(settings, summary.as_of), dated, tuple(_numbered(blocks)), unit, summary.as_of)


def date_in_words(on: date) -> str:
    """Return a day as documents are dated: 2020年9月10日."""
    return f"{on.year}年{on.month}月{on.day}日"


def _numbered(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks with the titles of their tables numbered."""
    numbers = count(1)
    for block in blocks:
        yield replace(block, title=f"表{next(numbers)}　{block.title}") if isinstance(block, Table) else block


def _title(settings: Settings, on: date) -> tuple[str, ...]:
    """Return the phrases of the title: no year, no word is said twice."""
    name = half_width(settings.text("title")).strip().removeprefix("关于")
    subject = re.sub(rf"{on.year}年度?", "", name, count=1) or str(first_value("title"))
    period = Period.holding(on).title
    told = f"{'' if '任务' in subject else '任务'}进展情况的通报"
    if re.search(r"\d{4}年", subject):  # a ledger of another year says so first
        return f"关于{subject}", period, told
    return f"关于{period}", subject, told


# 一、总体情况


def _overall(summary: Summary) -> Iterator[Block]:
    total = summary.total
    groups = _counted((group, total.groups[group]) for group in rules.GROUPS)
    yield Paragraph(f"台账共有任务{total.tasks}项，由{len(summary.departments)}个单位牵头：{groups}。")
    if total.tasks:
        statuses = _counted((name, number) for name, number in total.printed.items() if number)
        yield Paragraph(f"按状态分：{statuses}。")
    if on_track := total.statuses[rules.ON_TRACK]:
        yield Paragraph(
            f"{rules.ON_TRACK}的{on_track}项中，本旬已报{on_track - total.silent}项，"
            f"没有填报的{total.silent}项；没有填报的，实际进展有待核实。"
        )
    yield Paragraph(_rates(summary))
    rows = [
        (group, name, str(total.printed[name]), Share(total.printed[name], total.tasks).told)
        for group in rules.GROUPS
        for name in PRINTED
        if rules.GROUP_OF.get(name, rules.GROUP_OF[rules.ON_TRACK]) == group
    ]
    rows.append((total.name, "", str(total.tasks), Share(total.tasks, total.tasks).told))
    yield Table("各状态事项数", ("类别", BY_KEY["status"].title, "事项数", "占比"), tuple(rows), (8, 14, 8, 8))


def _rates(summary: Summary) -> str:
    """Return the rates in a sentence, each with what it is of."""
    total = summary.total
    done, on_time = total.completed, total.on_time
    mean = "没有填报" if total.percent is None else f"{rate_told(total.percent)}（按填报了的事项计算）"
    return (
        f"办结率{_rate_of(done, f'计入的{done.of}项中办结{done.reached:g}项')}；"
        f"按期完成率{_rate_of(on_time, f'到期的{on_time.of}项中按期完成{on_time.reached:g}项')}；"
        f"平均完成率{mean}。"
    )


def _counted(counts: Iterable[tuple[str, int]]) -> str:
    return "，".join(f"{name}{number}项" for name, number in counts)


def _rate_of(share: Share, of: str) -> str:
    """Return a rate with what it is of."""
    return f"{share.told}（{of if share.of else '没有可以计算的事项'}）"


# 二、本旬变化


def _changed(summary: Summary) -> Iterator[Block]:
    found = summary.changes
    if found is None:
        closed = f"{summary.closed.title}已结旬，" if summary.closed else ""
        yield Paragraph(f"{closed}此前没有结旬，暂无可比的数据。")
    else:
        told = "；".join(f"{name}{len(tasks)}项{_numbers(tasks)}" for name, tasks in _kinds(found))
        yield Paragraph(f"与{found.since.title}结旬时（{date_in_words(found.as_of)}）相比，{told}。")
    if len(summary.trend) > 1:
        points = summary.trend[-_POINTS:]
        yield Table(
            "各旬进展",
            ("时间", *rules.GROUPS, "按时报送单位"),
            (*map(_past_point, points[:-1]), _point(f"截至{points[-1].as_of.isoformat()}", points[-1])),
            (9, *(4,) * len(rules.GROUPS), 6),
        )


def _kinds(found: Changes) -> list[tuple[str, Sequence[Task]]]:
    return [
        ("新办结", found.done),
        (f"新{rules.OVERDUE}", found.overdue),
        (f"恢复{rules.NORMAL}", found.recovered),
        ("办结后重新办理", found.reopened),
    ]


def _numbers(tasks: Sequence[Task]) -> str:
    """Return the numbers of tasks in brackets, of many the first."""
    told = "、".join(shown(task.no) for task in tasks[:_LISTED])
    more = f"等，其余见“{tables.LEDGER}”" if len(tasks) > _LISTED else ""
    return f"（{BY_KEY['no'].title}{told}{more}）" if tasks else ""


def _past_point(point: Point) -> tuple[str, ...]:
    return _point(Period.parse(point.name).title, point)


def _point(name: str, point: Point) -> tuple[str, ...]:
    asked = point.reported
    told = f"{asked.reached:g}/{asked.of}" if asked.of else "—"
    return (name, *(str(point.groups[group]) for group in rules.GROUPS), told)


# 三、各单位成绩


def _ranked(scheme: Scheme, cards: Sequence[Scorecard]) -> Iterator[Block]:
    yield Heading("（一）计分办法", 2)
    yield Paragraph(_scheme(scheme))
    yield Heading("（二）得分情况", 2)
    yield Paragraph(_best_and_last([card for card in cards if card.score is not None]))
    yield from _cut(
        Table(
            "各单位得分",
            ("名次", "单位", "牵头事项", rules.DONE, *PARTS, "退回次数", "得分", "等次"),
            tuple(_scored(card) for card in cards),
            (2.4, 8, 2.6, 3.4, *(3.6,) * len(PARTS), 2.6, 3.4, 2.4),
        ),
        tables.SCORES,
    )


def _scheme(scheme: Scheme) -> str:
    """Return how a score is computed."""
    parts = "、".join(f"{part}{weight:g}分" for part, weight in zip(PARTS, scheme.weights, strict=True))
    grades = "，".join(f"{least:g}分以上为{word}" for least, word in zip(scheme.least, GRADES, strict=False))
    return (
        f"得分由{parts}组成，没有可考核内容的部分不计，其余折算成百分制；每退回一次扣{scheme.rejection:g}分。"
        f"{grades}，其余为{GRADES[-1]}。联合牵头事项在每个牵头部门各计一次，按各单位自己的填报计算，所以{rules.DONE}的事项数和{PARTS[1]}与前文按事项统计的不同。"
    )


def _best_and_last(scored: Sequence[Scorecard]) -> str:
    """Return the best and the last of the departments with a score, the best first."""
    if not scored:
        return "没有可以计分的单位。"
    grades = [(word, sum(card.grade == word for card in scored)) for word in GRADES]
    counts = "、".join(f"{word}{number}个" for word, number in grades if number)
    first, last = ([card for card in scored if card.score == scored[place].score] for place in (0, -1))
    told = f"计分的{len(scored)}个单位中，{counts}。得分最高的是{_scorers(first)}"
    return f"{told}。" if first == last else f"{told}，最低的是{_scorers(last)}。"


def _scorers(cards: Sequence[Scorecard]) -> str:
    return f"{_names([card.department for card in cards], _NAMED)}（{cards[0].score:.1f}分）"


def _names(names: Sequence[str], most: int = _LISTED) -> str:
    """Return names parted by 、, of many the first and how many there are."""
    return "、".join(names[:most]) + (f"等{len(names)}个单位" if len(names) > most else "")


def _scored(card: Scorecard) -> tuple[str, ...]:
    score = "—" if card.score is None else f"{card.score:.1f}"
    counts = (card.department, str(card.tasks), str(card.done))
    rates = (share.told for share in card.parts)
    return (str(card.rank or "—"), *counts, *rates, str(card.rejections), score, card.grade or "—")


# 四、逾期事项, 五、临期事项


def _overdue(summary: Summary) -> Iterator[Block]:
    if not summary.overdue:
        yield Paragraph(f"没有{rules.LATE}事项。")
        return
    longest = summary.overdue[0]
    no = BY_KEY["no"].title
    yield Paragraph(
        f"{_involved(summary.overdue)}，{rules.LATE}最久的是{no}{shown(longest.task.no)}，已{rules.LATE}{longest.days}天。"
    )
    yield from _cut(
        Table(
            f"{rules.LATE}事项",
            (*_TASK_HEADS, f"{rules.LATE}天数", *(BY_KEY[key].title for key in ("problem", "next_step"))),
            tuple(
                (*_task(one), str(one.days), _quoted(one.problem), _quoted(one.next_step)) for one in summary.overdue
            ),
            (2.4, 9.4, 6, 6.4, 3.2, 6.5, 6.5),
            frozenset({1, 5, 6}),
        ),
        tables.SUMMARY,
    )


def _due_soon(summary: Summary) -> Iterator[Block]:
    if not summary.due_soon:
        yield Paragraph(f"没有{rules.DUE_SOON}事项。")
        return
    yield Paragraph(f"{_involved(summary.due_soon)}。")
    yield from _cut(
        Table(
            f"{rules.DUE_SOON}事项",
            (*_TASK_HEADS, *(BY_KEY[key].title for key in ("days_left", "percent", "next_step"))),
            tuple((*_task(one), str(-one.days), _done(one), _quoted(one.next_step)) for one in summary.due_soon),
            (2.4, 11, 6, 6.4, 2.6, 3.6, 8),
            frozenset({1, 6}),
        ),
        tables.SUMMARY,
    )


_TASK_HEADS = tuple(BY_KEY[key].title for key in ("no", "target", "leads", "due"))


def _task(one: Pressing) -> tuple[str, ...]:
    target = _quoted(shown(one.task.cells.get("target")), _TARGET)
    return shown(one.task.no), target, "、".join(one.leads) or "—", one.due.isoformat()


def _done(one: Pressing) -> str:
    return rate_told(one.percent) if isinstance(one.percent, (int, float)) else shown(one.percent) or "—"


def _quoted(text: str, most: int = _TOLD) -> str:
    """Return a text in one line, cut to what a cell of a report should hold."""
    return shortened(" ".join(text.split()), most)


def _involved(items: Sequence[Pressing]) -> str:
    return f"共{len(items)}项，涉及{len(_leads(items))}个牵头部门"


def _leads(items: Sequence[Pressing]) -> list[str]:
    """Return who leads some tasks, each once, in their order."""
    return list(dict.fromkeys(name for one in items for name in one.leads))


def _cut(table: Table, sheet: str) -> Iterator[Block]:
    """Yield a table, of a long one the beginning and where all of it is."""
    if table.rows:
        yield replace(table, rows=table.rows[:_LISTED])
    if len(table.rows) > _LISTED:
        yield Paragraph(f"上表列出前{_LISTED}行，共{len(table.rows)}行，全部列在台账的“{sheet}”表中。")


# 六、报送情况


def _unreported(summary: Summary) -> Iterator[Block]:
    if summary.unreported is None:
        yield Paragraph(f"截至{date_in_words(summary.as_of)}还没有下发清单。")
        return
    period, names = summary.unreported
    told = f"还有{len(names)}个单位没有报送：{_names(names)}。" if names else "各单位都已报送。"
    yield Paragraph(f"{period.title}下发的清单，{told}")


# 七、下一步工作要求


def _next(summary: Summary, unit: str) -> Iterator[Block]:
    """Yield what is asked of the departments, by what the numbers say."""
    asked = [(title, text) for title, text in _demands(summary, unit) if text]
    if not summary.total.tasks:
        yield Paragraph("台账中还没有任务，暂无工作要求。")
    elif not asked:
        yield Paragraph("各牵头部门要继续按完成时限推进，如实填报进展。")
    for numeral, (title, text) in zip(_NUMERALS, asked, strict=False):
        yield Heading(f"（{numeral}）{title}", 2)
        yield Paragraph(text)


def _demands(summary: Summary, unit: str) -> Iterator[tuple[str, str]]:
    """Yield what may be asked, the text blank where nothing calls for it."""
    waiting = summary.total.statuses[rules.REPORTED_DONE]
    yield f"整改{rules.LATE}事项", _rectify(summary)
    yield f"抓紧{rules.DUE_SOON}事项", _hurry(summary)
    yield "跟进滞后事项", _follow_up(summary)
    yield "按时如实填报", _fill_in(summary)
    yield (
        "及时核实销号",
        f"{rules.REPORTED_DONE}的{waiting}项，牵头部门要备齐佐证材料，由{unit}核实后销号。" if waiting else "",
    )


def _rectify(summary: Summary) -> str:
    if not summary.overdue:
        return ""
    following = Period.holding(Period.holding(summary.as_of).last + timedelta(days=1))
    silent = sum(not one.next_step for one in summary.overdue)
    more = f"其中{silent}项没有填写{BY_KEY['next_step'].title}，要一并补报。" if silent else ""
    return (
        f"{rules.LATE}的{len(summary.overdue)}项，{_names(_leads(summary.overdue), _NAMED) or '各牵头部门'}"
        f"要逐项说明原因、明确完成日期，在{following.title}报告整改情况。{more}"
    )


def _hurry(summary: Summary) -> str:
    if not summary.due_soon:
        return ""
    first = min(one.due for one in summary.due_soon)
    return (
        f"{rules.DUE_SOON}的{len(summary.due_soon)}项，最早的{date_in_words(first)}到期，"
        "各牵头部门要倒排进度，确保按期完成。"
    )


def _follow_up(summary: Summary) -> str:
    statuses = summary.total.statuses
    asked = (
        (rules.BEHIND, "要加快推进，赶上序时进度"),
        (rules.STALE, "要恢复按期填报"),
        (rules.UNCLEAR, "要明确完成时限"),
    )
    told = [f"{status}的{statuses[status]}项{what}" for status, what in asked if statuses[status]]
    return f"{'；'.join(told)}。" if told else ""


def _fill_in(summary: Summary) -> str:
    told = []
    if summary.unreported and summary.unreported[1]:
        told.append(f"没有报送的{len(summary.unreported[1])}个单位要尽快补报")
    if summary.total.silent:
        told.append(f"{rules.ON_TRACK}而本旬没有填报的{summary.total.silent}项，牵头部门要补报实际进展")
    return f"{'；'.join(told)}。" if told else ""
