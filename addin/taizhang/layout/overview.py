"""汇总 as a sheet: what the leadership reads on a few printed pages, every number to be followed to its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from taizhang import rules, tables
from taizhang.columns import BY_KEY
from taizhang.layout.common import place_link, row_link
from taizhang.layout.paging import Pages, Part
from taizhang.layout.parts import Area, Chart, Conditional, Content, Formula, Series, Sheet
from taizhang.ledger import Task
from taizhang.past import ESTIMATED
from taizhang.settings import Settings
from taizhang.shares import Share
from taizhang.styles import WARNING
from taizhang.summary import ON_TRACK_REPORTED, ON_TRACK_SILENT, PRINTED, Pressing, Summary, Tally
from taizhang.values import shortened, shown

_RATES = ("按期完成率", "办结率", "平均完成率")
_FIRST_STATUS = 3  # the column of the first status: name and number of tasks stand before
_FIRST_RATE = _FIRST_STATUS + len(PRINTED)
WIDTH = _FIRST_RATE + len(_RATES) - 1
WIDTHS: Mapping[int, float] = {
    1: 18,
    2: 6.5,
    **dict.fromkeys(range(_FIRST_STATUS, _FIRST_RATE), 5.8),
    **dict.fromkeys(range(_FIRST_RATE, WIDTH + 1), 7),
}
CHECK_PLACE = (3, 1)
STALE, FRESH = "已过期，请重新生成", "与台账一致"
_NUMERALS = "一二三四五六七八九"
_SHOWN_IN_CHART, _SHOWN_NUMBERS = 40, 60
_TASK_TEXT = 80  # characters of a task that tell which one it is
_MEANINGS = {
    **{rule.status: rule.meaning for rule in rules.STATUS_RULES},
    ON_TRACK_REPORTED: "按进度推进，本旬已有填报",
    ON_TRACK_SILENT: "按进度推进，但本旬没有填报，或从未填报",
}
_SILENT_FILL = "#F2F2F2"
_GROUP_COLOURS = {rules.DONE: "#548235", rules.NORMAL: "#2F75B5", rules.ATTENTION: "#ED9B00", rules.OVERDUE: WARNING}


@dataclass(frozen=True)
class Frame:
    """What 汇总 and 成绩单 are drawn with beside their numbers.

    `places` are the columns of 工作台账 by key, `pages` the rows of 成绩单 where a department's page
    begins; `linked` says whether 工作台账 is in the same workbook; `mark` is the fingerprint of the ledger, `check` tells whether it has changed since;
    `widths` are those that staff gave the columns.
    """

    settings: Settings
    places: Mapping[str, int]
    mark: str = ""
    check: Formula | None = None
    widths: Mapping[int, float] = field(default_factory=lambda: MappingProxyType({}))
    pages: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    linked: bool = True

    @property
    def colours(self) -> dict[str, str]:
        """Return the colour of each status as 汇总 prints them: nobody's report is no green."""
        known = self.settings.colours
        return {
            **{status: known[status] for status in PRINTED if status in known},
            ON_TRACK_REPORTED: known[rules.ON_TRACK],
            ON_TRACK_SILENT: _SILENT_FILL,
        }

    def link(self, task: Task) -> Content:
        """Return a task's 序号 as a link to its row of 工作台账."""
        return row_link(tables.LEDGER, self.places["code"], self.places["target"], task.code, task.no)


def stamp(frame: Frame, summary: Summary) -> str:
    """Return what a sheet says of the day and the ledger it tells of."""
    said = f"（{ESTIMATED}）" if summary.estimated else ""
    mark = f"　　台账印记：{frame.mark}" if frame.mark else ""
    return f"统计日期：{summary.as_of.isoformat()}{said}　　制表单位：{frame.settings.text('unit')}{mark}"


def summary_sheet(summary: Summary, frame: Frame) -> Sheet:
    """Return 汇总, with native charts, to be printed upright on 汇总纸张."""
    drawn = _Overview(summary, frame)
    drawn.all()
    sheet = drawn.pages.sheet(tables.SUMMARY, "#70AD47")
    return replace(sheet, conditionals=tuple(drawn.conditionals), charts=tuple(drawn.charts))


class _Overview:
    """The sections of 汇总, laid down one after the other."""

    def __init__(self, summary: Summary, frame: Frame) -> None:
        self.summary = summary
        self.frame = frame
        self.pages = Pages({**WIDTHS, **frame.widths}, frame.settings.text("paper"), repeated=CHECK_PLACE[0])
        self.conditionals: list[Conditional] = []
        self.charts: list[Chart] = []
        self._sections = iter(_NUMERALS)

    def all(self) -> None:
        """Lay down everything."""
        add = self.pages.add
        add(Part(f"{self.frame.settings.text('title')}汇总", "title", WIDTH), height=40)
        add(Part(stamp(self.frame, self.summary), "info"))
        add(Part(self.frame.check, "freshness") if self.frame.check else None, height=20)
        stale = f'LEFT($A${CHECK_PLACE[0]},{len(STALE)})="{STALE}"'
        self.conditionals.append(Conditional(Area(*CHECK_PLACE, *CHECK_PLACE), stale, "#FFE9A6", WARNING, bold=True))
        self._headline()
        self._changes()
        self._trend()
        self._departments()
        self._categories()
        self._deadlines()
        late, soon = self.summary.overdue, self.summary.due_soon
        self._pressing(f"逾期事项清单（{len(late)} 项，逾期最久的在前）", "逾期天数", late, "没有逾期事项。")
        self._pressing(f"临期事项清单（{len(soon)} 项，最先到期的在前）", "剩余天数", soon, "没有临期事项。")

    def _section(self, title: str, room: float) -> None:
        """Lay down a section's title, where so many points below it fit the page too."""
        self.pages.keep(28 + room)
        self.pages.add(Part(f"{next(self._sections)}、{title}", "section"), height=28)

    def _say(self, text: str) -> None:
        self.pages.add(Part(text, "note", WIDTH))

    # headline

    def _headline(self) -> None:
        total = self.summary.total
        self._section("总体情况", 80)
        lay_boxes(self.pages, total, WIDTH)
        self._say(_told(self.summary))
        self._lights(total)

    def _lights(self, total: Tally) -> None:
        """Lay down the counts by status with their lights, which are the legend of all colours, and the shares."""
        head = (Part("状态", "head"), Part("事项数", "head"), Part("占比", "head"), Part("含义", "head", 6))
        self.pages.keep(24 * (len(PRINTED) + 2))
        rows = [
            (
                Part(name, "words", fill=self.frame.colours[name]),
                Part(count, "count"),
                Part(count / total.tasks if total.tasks else None, "share"),
                Part(_MEANINGS[name], "text", 6),
            )
            for name, count in total.printed.items()
        ]
        (area,) = self.pages.table(head, rows, 22)
        last = ("total", "total", "total_share", "total")
        values = (total.name, total.tasks, 1 if total.tasks else None, "")
        self.pages.add(
            *(Part(v, look, 6 if n == 3 else 1) for n, (v, look) in enumerate(zip(values, last, strict=True)))
        )
        if total.tasks:
            self._share_chart(area)

    def _share_chart(self, area: Area) -> None:
        column = 10  # beside the table
        tall = sum(self.pages.heights[row] for row in range(area.top - 1, area.bottom + 2))
        wide = sum(self.pages.widths[place] for place in range(column, WIDTH + 1)) * 7 + 5 * (WIDTH - column)
        series = Series(
            name=Area(area.top - 1, 2, area.top - 1, 2),
            categories=Area(area.top, 1, area.bottom, 1),
            values=Area(area.top, 2, area.bottom, 2),
            points=tuple(self.frame.colours[name] for name in PRINTED),
        )
        self.charts.append(
            Chart(
                *("doughnut", "状态占比", area.top - 1, column, (series,)),
                width=int(wide),
                height=int(tall * 4 / 3),
                labels='[<0.03]"";0%',  # those of narrow slices would print over each other; the table has them all
                legend=False,
            )
        )

    # since the last period

    def _changes(self) -> None:
        found, missing = self.summary.changes, self.summary.unreported
        since = f"较{found.since.title}（{found.as_of.isoformat()}）的变化" if found else "较上旬的变化"
        self._section(since, 130)
        if not found:
            closed = self.summary.closed
            told = f"{closed.title}已结旬，此前没有结过旬。下次结旬后" if closed else "以前没有结过旬。结旬后"
            self._say(f"{told}，这里列出两旬之间新办结、新逾期和恢复正常的事项。")
        rows = [
            (Part(name, "words"), Part(len(those), "count"), Part(_numbers(those), "text", WIDTH - 2))
            for name, those in _kinds(found)
        ]
        if missing:
            period, names = missing
            text = "、".join(names) or "各单位都已报送"
            rows.append(
                (Part(f"{period.title}未报送", "words"), Part(len(names), "count"), Part(text, "text", WIDTH - 2))
            )
        if rows:
            head = (Part("类别", "head"), Part("数量", "head"), Part("序号或单位", "head", WIDTH - 2))
            self.pages.table(head, rows)

    def _trend(self) -> None:
        points = self.summary.trend
        if len(points) < 2:
            return
        self._section("各旬走势", 14 * 18 + 100)
        row, tall = self.pages.canvas(14 * 18)
        groups = (*_GROUP_COLOURS, rules.NOT_COUNTED)
        heads = ("旬", *groups, "按时报送单位", "应报送单位")
        spans = (1, *(1,) * len(groups), 3, 3)
        rest = WIDTH - sum(spans) - 2
        head = [Part(heads[0], "head"), Part("统计日期", "head", 2), *(Part(text, "head", span) for text, span in zip(heads[1:], spans[1:], strict=True)), Part("报送及时率", "head", rest)]  # fmt: skip
        rows = [
            [
                Part(point.name, "words"),
                Part(point.as_of, "date", 2),
                *(Part(point.groups[group], "count") for group in groups),
                Part(point.reported.reached, "count", 3),
                Part(point.reported.of, "count", 3),
                Part(point.reported.rate, "share", rest),
            ]
            for point in points
        ]
        area = self.pages.table(head, rows)[0]
        series = tuple(
            Series(
                name=Area(area.top - 1, place, area.top - 1, place),
                categories=Area(area.top, 1, area.bottom, 1),
                values=Area(area.top, place, area.bottom, place),
                fill=colour,
            )
            for place, colour in enumerate(_GROUP_COLOURS.values(), 4)
        )
        self.charts.append(
            Chart("line", "各旬事项数走势", row, 1, series, width=self.pages.wide, height=int(tall * 4 / 3))
        )

    # tallies

    def _departments(self) -> None:
        tallies = self.summary.departments
        if not tallies:
            return
        shown_ = min(len(tallies), _SHOWN_IN_CHART)
        tall = 110 + shown_ * 15.5
        self._section("各牵头部门", tall)
        row, tall = self.pages.canvas(tall)
        more = f"（事项最多的 {shown_} 个）" if shown_ < len(tallies) else ""
        areas = self._tallies("单位", tallies, linked=True)
        self._say(
            "联合牵头事项在各牵头部门分别计数，“合计”行每个事项只计一次。单位名称链接到它在“成绩单”中的逐项明细；"
            "其他数字可在“工作台账”按状态、类别、时限筛选核对。"
        )
        area = Area(areas[0].top, 1, min(areas[0].bottom, areas[0].top + shown_ - 1), WIDTH)
        series = status_series(area, tallies, self.frame)
        title = f"各牵头部门事项状态（项，按事项数排列）{more}"
        self.charts.append(
            Chart("bar", title, row, 1, series, width=self.pages.wide, height=int(tall * 4 / 3), subtype="stacked")
        )

    def _categories(self) -> None:
        tallies = self.summary.categories
        if not tallies:
            return
        shown_ = min(len(tallies), _SHOWN_IN_CHART)
        self._section("各事项类别", 80 + shown_ * 22)
        row, tall = self.pages.canvas(80 + shown_ * 22)
        areas = self._tallies(BY_KEY["category"].title, tallies)
        area = areas[0]
        bottom = min(area.bottom, area.top + shown_ - 1)
        series = tuple(
            Series(
                name=Area(area.top - 1, place, area.top - 1, place),
                categories=Area(area.top, 1, bottom, 1),
                values=Area(area.top, place, bottom, place),
                fill=colour,
            )
            for place, colour in ((_FIRST_RATE + 1, _GROUP_COLOURS[rules.DONE]), (_FIRST_RATE + 2, "#9DC3E6"))
        )
        chart = Chart(
            *("bar", "各类别办结率和平均完成率", row, 1, series),
            width=self.pages.wide,
            height=int(tall * 4 / 3),
            labels="0%;;",
            axis="0%",
        )
        self.charts.append(chart)

    def _deadlines(self) -> None:
        if self.summary.deadlines:
            self._section("各完成时限", 100)
            self._tallies(BY_KEY["deadline"].title, self.summary.deadlines)

    def _tallies(self, name: str, tallies: Sequence[Tally], *, linked: bool = False) -> list[Area]:
        """Lay down one table of tallies, each status under its light; return the areas of its numbers."""
        head = tally_head(name, self.frame)
        rows = (self._tally(tally, linked) for tally in tallies)
        areas = self.pages.table(head, rows, together=min(len(tallies), _SHOWN_IN_CHART))
        total = self.summary.total
        self.pages.add(*self._tally(total, False, ("total", "total", "total_share")))
        return areas

    def _tally(
        self, tally: Tally, linked: bool, looks: tuple[str, str, str] = ("words", "count", "share")
    ) -> list[Part]:
        page = self.frame.pages.get(tally.name) if linked else None
        name: Content = place_link(tables.SCORES, (page, 1), tally.name) if page else tally.name
        return [Part(name, "link" if page else looks[0]), *tally_numbers(tally, looks[1:])]

    # what presses

    def _pressing(self, title: str, days: str, items: Sequence[Pressing], none: str) -> None:
        self._section(title, 90)
        if not items:
            self._say(none)
            return
        spans = (1, 1, 5, 2, 1, 1, 2, 3)
        keys = (BY_KEY[key].title for key in ("leads", "no", "target"))
        heads = (*keys, "应完成日期", days, *(BY_KEY[key].title for key in ("percent", "problem", "next_step")))
        head = [Part(text, "head", span) for text, span in zip(heads, spans, strict=True)]
        self.pages.table(head, (list(self._pressing_row(item, spans)) for item in items), 24)

    def _pressing_row(self, item: Pressing, spans: Sequence[int]) -> Iterator[Part]:
        cells: tuple[tuple[Content, str], ...] = (
            ("、".join(item.leads), "words"),
            (self.frame.link(item.task), "link_number"),
            (shortened(shown(item.task.cells.get("target")), _TASK_TEXT), "text"),
            (item.due, "date"),
            (abs(item.days), "integer"),
            (item.percent, "percent"),
            (shortened(item.problem, 200), "text"),
            (shortened(item.next_step, 200), "text"),
        )
        yield from (Part(content, look, span) for (content, look), span in zip(cells, spans, strict=True))


def tally_head(name: str, frame: Frame) -> list[Part]:
    """Return the header of a table of tallies, each status under its light."""
    return [Part(text, "head", fill=frame.colours.get(text, "")) for text in (name, "事项数", *PRINTED, *_RATES)]


def tally_numbers(tally: Tally, looks: Sequence[str]) -> list[Part]:
    """Return what a table of tallies says of one, its name left out; `looks` are those of counts and of rates."""
    count, share = looks
    return [
        Part(tally.tasks, count),
        *(Part(number, count) for number in tally.printed.values()),
        *(rate_part(rate, share) for rate in (tally.on_time.rate, tally.completed.rate, tally.percent)),
    ]


def rate_part(rate: float | None, look: str) -> Part:
    """Return a rate as a cell: one of zero shows as 0%, where there is none the cell stays empty."""
    return Part(rate, look if rate else look.replace("share", "percent"))


def status_series(area: Area, tallies: Sequence[Tally], frame: Frame) -> tuple[Series, ...]:
    """Return what a chart draws of a table of tallies: each status that occurs, in its colour."""
    colours = {**frame.colours, ON_TRACK_SILENT: frame.settings.colours[rules.ON_TRACK]}
    return tuple(
        Series(
            name=Area(area.top - 1, place, area.top - 1, place),
            categories=Area(area.top, 1, area.bottom, 1),
            values=Area(area.top, place, area.bottom, place),
            fill=colours[name],
            hatched=name == ON_TRACK_SILENT,
        )
        for place, name in enumerate(PRINTED, _FIRST_STATUS)
        if any(tally.printed[name] for tally in tallies)
    )


def lay_boxes(pages: Pages, total: Tally, width: int) -> None:
    """Lay down the headline numbers, each with what it is of."""
    boxes = _boxes(total)
    spans = _spread(len(boxes), width)
    for part, look, height in ((0, "head", 22), (1, "", 40), (2, "kpi_note", 18)):
        pages.add(
            *(Part(box[part], look or box[3], span) for box, span in zip(boxes, spans, strict=True)), height=height
        )


def _boxes(total: Tally) -> list[tuple[str, Content, str, str]]:
    """Return the headline: what is counted, its number, what it is of, and its look."""
    late, worried = total.groups[rules.OVERDUE], total.groups[rules.ATTENTION]
    due = f"应完成 {total.on_time.of} 项，按期 {total.on_time.reached:g} 项"
    return [
        ("事项总数", total.tasks, f"其中已取消 {total.groups[rules.NOT_COUNTED]} 项", "kpi"),
        (rules.DONE, total.done, f"办结率 {total.completed.told}", "kpi"),
        (rules.OVERDUE, late, f"占 {Share(late, total.tasks).told}", "kpi_alarm" if late else "kpi"),
        (rules.ATTENTION, worried, f"占 {Share(worried, total.tasks).told}", "kpi"),
        (_RATES[0], or_dash(total.on_time.rate), due, "kpi_share"),
        (_RATES[2], or_dash(total.percent), "已填报事项的平均", "kpi_share"),
    ]


def or_dash(rate: float | None) -> Content:
    """Return a number, or a dash where there is nothing to measure: that is no 0%."""
    return "—" if rate is None else rate


def _spread(count: int, width: int) -> list[int]:
    """Return how many columns each box takes: the first, whose columns are wide, fewer."""
    first = 2
    each, over = divmod(width - first, count - 1)
    return [first, *(each + (n < over) for n in range(count - 1))]


def _told(summary: Summary) -> str:
    """Return the headline as a sentence."""
    total = summary.total
    groups = "，".join(f"{group} {total.groups[group]} 项" for group in rules.GROUPS)
    on_track = total.statuses[rules.ON_TRACK]
    split = f"正常推进的 {on_track} 项中，本旬没有填报或从未填报的 {total.silent} 项，情况不明。" if on_track else ""
    return f"截至{summary.as_of.isoformat()}，共 {total.tasks} 项：{groups}。{split}"


def _kinds(found: object) -> Iterable[tuple[str, Sequence[Task]]]:
    names = {"done": "新办结", "overdue": "新逾期", "recovered": "恢复正常", "reopened": "办结后重新办理"}
    return [(name, getattr(found, key)) for key, name in names.items()] if found else []


def _numbers(tasks: Sequence[Task]) -> str:
    """Return the 序号 of some tasks, the first ones where there are many."""
    told = "、".join(shown(task.no) for task in tasks[:_SHOWN_NUMBERS])
    return told + ("等，逐项见“旬快照”" if len(tasks) > _SHOWN_NUMBERS else "")
