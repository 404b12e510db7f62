"""旬报/通报: what the office tells its leaders of a day, as plain data that any writer can set in type.

The numbers are those of 汇总 and 成绩单; nothing is said that they do not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from taizhang import rules, tables
from taizhang.columns import BY_KEY
from taizhang.past import ESTIMATED
from taizhang.periods import Period
from taizhang.scores import PARTS, Scheme, Scorecard
from taizhang.settings import Settings
from taizhang.shares import Share
from taizhang.summary import Pressing, Summary
from taizhang.trend import Changes
from taizhang.values import percentage, shortened, shown

_LISTED = 60  # lines of a table, names of a list; the rest is in 汇总
_TASK_TEXT, _SAID_TEXT = 60, 60
_NUMERALS = "一二三四五六七八九"


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
    """A table of words: header, rows, how wide each column is beside the others, and which are set flush left."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    flush: frozenset[int] = frozenset()


Block: TypeAlias = Heading | Paragraph | Table


@dataclass(frozen=True)
class Report:
    """A report: its title, what it says, who signs it and of which day."""

    title: str
    blocks: tuple[Block, ...]
    unit: str
    on: date


def report_of(settings: Settings, summary: Summary, cards: Sequence[Scorecard]) -> Report:
    """Return the report of a day."""
    sections = (
        ("总体情况", _overall(summary)),
        ("本旬变化", _changed(summary)),
        ("各单位成绩", _ranked(settings, cards)),
        (f"{rules.LATE}事项", _pressing(summary.overdue, rules.LATE, "逾期天数")),
        (f"{rules.DUE_SOON}事项", _pressing(summary.due_soon, rules.DUE_SOON, "剩余天数")),
        ("报送情况", _unreported(summary)),
        ("下一步工作要求", _next(summary)),
    )
    blocks: list[Block] = []
    for numeral, (title, found) in zip(_NUMERALS, sections, strict=False):
        blocks += [Heading(f"{numeral}、{title}"), *found]
    return Report(_title(settings, summary.as_of), tuple(blocks), settings.text("unit"), summary.as_of)


def _title(settings: Settings, on: date) -> str:
    """Return the title: the 旬, and what the ledger is of, its year said once."""
    subject = re.sub(r"^\d{4}年|(工作)?台账$", "", settings.text("title").strip())
    return f"关于{subject}工作{Period.holding(on).title}进展情况的通报"


def _overall(summary: Summary) -> Iterator[Block]:
    total = summary.total
    said = f"（{ESTIMATED}）" if summary.estimated else ""
    groups = "，".join(f"{group}{total.groups[group]}项" for group in rules.GROUPS)
    yield Paragraph(f"截至{_day(summary.as_of)}{said}，台账共有任务{total.tasks}项：{groups}。")
    rates = (f"办结率{_rate(total.completed)}", f"按期完成率{_rate(total.on_time)}（{_of(total.on_time)}）")
    mean = "尚无填报" if total.percent is None else percentage(round(total.percent, 3))
    yield Paragraph(f"{'，'.join(rates)}，平均完成率{mean}。")
    if total.statuses[rules.ON_TRACK]:
        on_track = total.statuses[rules.ON_TRACK]
        yield Paragraph(
            f"{rules.ON_TRACK}的{on_track}项中，本旬没有填报或从未填报的{total.silent}项，实际进展有待核实。"
        )
    shares = [(name, count, Share(count, total.tasks)) for name, count in total.printed.items()]
    yield Table(
        ("状态", "事项数", "占比"),
        tuple((name, str(count), _rate(share)) for name, count, share in shares),
        (3, 1, 1),
    )


def _changed(summary: Summary) -> Iterator[Block]:
    found = summary.changes
    if found is None:
        yield Paragraph("此前没有结旬，暂无可比的数据。")
        return
    told = [f"{name}{len(those)}项{_numbers(those)}" for name, those in _kinds(found)]
    yield Paragraph(f"与{found.since.title}结旬时（{_day(found.as_of)}）相比，{'；'.join(told)}。")
    if len(summary.trend) > 1:
        yield Table(
            ("旬", *rules.GROUPS, "按时报送单位"),
            tuple(
                (point.name, *(str(point.groups[group]) for group in rules.GROUPS), _of_asked(point.reported))
                for point in summary.trend[-_LISTED:]
            ),
            (2, *(1,) * len(rules.GROUPS), 2),
        )


def _kinds(found: Changes) -> list[tuple[str, Sequence[object]]]:
    return [
        ("新办结", found.done),
        ("新逾期", found.overdue),
        ("恢复正常", found.recovered),
        ("办结后重新办理", found.reopened),
    ]


def _numbers(tasks: Sequence[object]) -> str:
    told = "、".join(shown(getattr(task, "no", None)) for task in tasks[:_LISTED])
    return f"（序号{told}{'等' if len(tasks) > _LISTED else ''}）" if tasks else ""


_SCORE_HEADS = ("名次", "单位", "牵头事项", "已办结", *PARTS, "退回次数", "得分", "等次")


def _ranked(settings: Settings, cards: Sequence[Scorecard]) -> Iterator[Block]:
    scheme = Scheme.of(settings)
    parts = "、".join(f"{part}{weight:g}分" for part, weight in zip(PARTS, scheme.weights, strict=True))
    yield Paragraph(
        f"计分办法：{parts}，每退回一次扣{scheme.rejection:g}分；没有可考核内容的部分不计，其余按比例折算。"
        "联合牵头事项按各单位自己的填报分别计算。"
    )
    scored = [card for card in cards if card.score is not None]
    if scored:
        best, last = scored[0].score, scored[-1].score
        yield Paragraph(
            f"得分最高的是{_names([c for c in scored if c.score == best])}（{best:.1f}分）"
            + (
                f"，最低的是{_names([c for c in scored if c.score == last])}（{last:.1f}分）。"
                if last != best
                else "。"
            )
        )
    yield from _cut(
        [_scored(card) for card in cards], _SCORE_HEADS, (1.1, 3.8, 1.2, 1.2, 1.6, 1.6, 1.6, 1.6, 1.2, 1.4, 1.1)
    )


def _names(cards: Sequence[Scorecard]) -> str:
    more = f"等{len(cards)}个单位" if len(cards) > 5 else ""
    return "、".join(card.department for card in cards[:5]) + more


def _scored(card: Scorecard) -> tuple[str, ...]:
    rates = (_rate(share) for share in card.parts)
    score = "—" if card.score is None else f"{card.score:.1f}"
    counts = (card.department, str(card.tasks), str(card.done))
    return (str(card.rank or "—"), *counts, *rates, str(card.rejections), score, card.grade or "—")


def _pressing(items: Sequence[Pressing], status: str, days: str) -> Iterator[Block]:
    if not items:
        yield Paragraph(f"没有{status}事项。")
        return
    yield Paragraph(
        f"共{len(items)}项，涉及{len(dict.fromkeys(name for one in items for name in one.leads))}个牵头部门。"
    )
    keys = (BY_KEY[key].title for key in ("no", "target", "leads"))
    said = (BY_KEY[key].title for key in ("problem", "next_step"))
    head = (*keys, "应完成日期", days, *said)
    rows = [
        (
            shown(one.task.no),
            shortened(shown(one.task.cells.get("target")), _TASK_TEXT),
            "、".join(one.leads),
            one.due.isoformat(),
            str(abs(one.days)),
            shortened(one.problem, _SAID_TEXT),
            shortened(one.next_step, _SAID_TEXT),
        )
        for one in items
    ]
    yield from _cut(rows, head, (1, 4.6, 2.4, 2.5, 1.1, 2.4, 2.4), frozenset({1, 5, 6}))


def _cut(
    rows: Sequence[tuple[str, ...]],
    head: tuple[str, ...],
    widths: tuple[float, ...],
    flush: frozenset[int] = frozenset(),
) -> Iterator[Block]:
    """Yield a table, of a long one the beginning with where the rest is."""
    if rows:
        yield Table(head, tuple(rows[:_LISTED]), widths, flush)
    if len(rows) > _LISTED:
        yield Paragraph(f"上表列出前{_LISTED}行，共{len(rows)}行，其余见台账“{tables.SUMMARY}”和“{tables.SCORES}”。")


def _unreported(summary: Summary) -> Iterator[Block]:
    if summary.unreported is None:
        yield Paragraph("还没有下发清单。")
        return
    period, names = summary.unreported
    if not names:
        yield Paragraph(f"{period.title}下发的清单，各单位都已报送。")
        return
    more = "等" if len(names) > _LISTED else ""
    yield Paragraph(f"{period.title}下发的清单，还有{len(names)}个单位没有报送：{'、'.join(names[:_LISTED])}{more}。")


def _next(summary: Summary) -> Iterator[Block]:
    """Yield what is asked of the departments, by what the numbers say."""
    asked = []
    if summary.overdue:
        asked.append(f"逾期的{len(summary.overdue)}项，各牵头部门要说明原因，明确完成日期，逐项销号。")
    if summary.due_soon:
        asked.append(f"临期的{len(summary.due_soon)}项，各牵头部门要倒排进度，确保按期完成。")
    if behind := summary.total.statuses[rules.BEHIND]:
        asked.append(f"落后于序时进度的{behind}项，各牵头部门要加快推进。")
    if summary.total.silent or (summary.unreported and summary.unreported[1]):
        asked.append("没有按时报送的单位要尽快补报，如实填写进展、问题和下一步措施。")
    asked.append("已经完成的事项要及时报送佐证材料，由营商办核实后销号。")
    for number, text in enumerate(asked, 1):
        yield Paragraph(f"{number}. {text}")


def _rate(share: Share) -> str:
    return "—" if share.rate is None else percentage(round(share.rate, 3))


def _of(share: Share) -> str:
    return f"应完成{share.of}项，按期完成{share.reached:g}项" if share.of else "还没有到期的事项"


def _of_asked(share: Share) -> str:
    return f"{share.reached:g}/{share.of}" if share.of else "—"


def _day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"
