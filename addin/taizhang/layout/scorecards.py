"""成绩单 as a sheet: the ranking of the departments, then a page for each with the lines its numbers come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from taizhang import tables
from taizhang.columns import BY_KEY
from taizhang.layout.common import place_link
from taizhang.layout.overview import Frame, or_dash, stamp
from taizhang.layout.paging import Pages, Part
from taizhang.layout.parts import Content, Sheet, Workbook
from taizhang.scores import GRADES, PARTS, Line, Measure, Scheme, Scorecard, total
from taizhang.shares import Share
from taizhang.summary import Summary
from taizhang.targets import met_words
from taizhang.values import figure, shortened, shown

_HEADS = (
    *(("名次", 6.0), ("单位", 18.0), ("牵头事项", 7.0), ("已办结", 7.0), ("应完成", 7.0), ("按期完成", 7.0)),
    *(("逾期", 7.0), ("延期", 7.0), *((part, 8.5) for part in PARTS), ("退回次数", 7.0), ("得分", 8.0), ("等次", 7.0)),
    ("计算过程", 52.0),
)
WIDTHS: Mapping[int, float] = {place: width for place, (_, width) in enumerate(_HEADS, 1)}
WIDTH = len(WIDTHS)
_TASK_TEXT = 60
_IN_TIME, _TOO_LATE, _NOT_DUE = "是", "否", "未到期"


def scores_sheet(cards: Sequence[Scorecard], summary: Summary, frame: Frame) -> tuple[Sheet, Mapping[str, int]]:
    """Return 成绩单, and the row where each department's page begins."""
    known = _Cards(cards, summary, frame).all()  # a link needs to know where the pages will be
    drawn = _Cards(cards, summary, replace(frame, pages=known))
    return _sheet(drawn.pages_of()), known


def card_workbook(card: Scorecard, summary: Summary, frame: Frame) -> Workbook:
    """Return one department's page as a workbook of its own, for it to look through."""
    drawn = _Cards((card,), summary, replace(frame, linked=False))
    drawn.title()
    drawn.card(card)
    return Workbook((replace(_sheet(drawn.pages), active=True),))


def _sheet(pages: Pages) -> Sheet:
    return pages.sheet(tables.SCORES, "#FFC000")


class _Cards:
    """成绩单, laid down row by row."""

    def __init__(self, cards: Sequence[Scorecard], summary: Summary, frame: Frame) -> None:
        self.cards = cards
        self.summary = summary
        self.frame = frame
        self.pages = Pages({**WIDTHS, **frame.widths}, frame.settings.text("paper"), landscape=True, repeated=2)

    def pages_of(self) -> Pages:
        """Return everything laid down."""
        self.all()
        return self.pages

    def all(self) -> Mapping[str, int]:
        """Lay down the ranking and a page for each department; return the row of each page."""
        self.title()
        self._ranking()
        found: dict[str, int] = {}
        for card in self.cards:
            self.pages.new_page()
            found[card.department] = self.pages.next
            self.card(card)
        return found

    def title(self) -> None:
        """Lay down what stands at the top of every page."""
        self.pages.add(Part(f"{self.frame.settings.text('title')}成绩单", "title", WIDTH), height=40)
        self.pages.add(Part(stamp(self.frame, self.summary), "info"))

    # the ranking

    def _ranking(self) -> None:
        scheme = Scheme.of(self.frame.settings)
        self.pages.add(Part("一、排名", "section"), height=28)
        self.pages.add(Part(_rule(scheme), "note", WIDTH))
        head = [Part(text, "head") for text, _ in _HEADS]
        self.pages.table(head, (self._ranked(card) for card in self.cards))
        if self.cards:
            self.pages.add(*self._total())

    def _ranked(self, card: Scorecard) -> list[Part]:
        page = self.frame.pages.get(card.department)
        name: Content = place_link(tables.SCORES, (page, 1), card.department) if page else card.department
        return [
            Part(card.rank or "—", "integer"),
            Part(name, "link" if page else "words"),
            Part(card.tasks, "count"),
            Part(card.done, "count"),
            Part(card.on_time.of, "count"),
            Part(card.on_time.reached, "count"),
            Part(card.overdue, "count"),
            Part(card.extended, "count"),
            *(_rate(share) for share in card.parts),
            Part(card.rejections, "count"),
            Part(or_dash(card.score), "score"),
            Part(card.grade or "—", "words"),
            Part(card.formula, "text"),
        ]

    def _total(self) -> list[Part]:
        parts = total(self.cards)
        counts = [sum(getattr(card, name) for card in self.cards) for name in ("tasks", "done")]
        others = [sum(getattr(card, name) for card in self.cards) for name in ("overdue", "extended")]
        numbers = (*counts, parts[0].of, parts[0].reached, *others)
        return [
            Part("合计", "total", 2),
            *(Part(number, "total") for number in numbers),
            *(_rate(share, "total_share") for share in parts),
            Part(sum(card.rejections for card in self.cards), "total"),
            Part("按各单位累计，联合牵头事项各计一次", "total", 3),
        ]

    # a department's page

    def card(self, card: Scorecard) -> None:
        """Lay down a department's page: what it scores, and the tasks and indicators that come to it."""
        add = self.pages.add
        add(Part(f"{card.department}成绩单", "section"), height=28)
        boxes: tuple[tuple[str, Content, str], ...] = (
            ("得分", or_dash(card.score), "kpi_score"),
            ("等次", card.grade or "—", "kpi"),
            ("名次", card.rank or "—", "kpi"),
            ("牵头事项", card.tasks, "kpi"),
            ("已办结", card.done, "kpi"),
            ("逾期", card.overdue, "kpi_alarm" if card.overdue else "kpi"),
            ("延期", card.extended, "kpi"),
        )
        spans = (2, 2, 2, 2, 2, 2, 4)
        add(*(Part(box[0], "head", span) for box, span in zip(boxes, spans, strict=True)), height=22)
        add(*(Part(box[1], box[2], span) for box, span in zip(boxes, spans, strict=True)), height=36)
        self._parts(card)
        self._lines(card.lines)
        if card.measured:
            self._measured(card.measured)
        unit = self.frame.settings.text("unit")
        add(Part(f"以上按本单位在台账中的填报统计。对结果有异议的，请向{unit}反馈。", "note", WIDTH))

    def _parts(self, card: Scorecard) -> None:
        spans = (2, 2, 4, 2, 2, 4)
        heads = ("考核内容", "权重", "实际 / 应计", "比率", "折合得分", "怎样计算")
        whole = sum(weight for weight, share in zip(card.scheme.weights, card.parts, strict=True) if share.of)
        told = zip(PARTS, card.scheme.weights, card.parts, _HOW, strict=True)
        rows: list[tuple[Content, ...]] = [
            (name, weight, f"{share.reached:g} / {share.of}", or_dash(share.rate), _points(weight, share, whole), how)
            for name, weight, share, how in told
        ]
        rows.append(
            ("退回", -card.scheme.rejection, f"{card.rejections} 次", None, -card.deducted or None, _HOW_REJECTED)
        )
        looks = ("words", "general", "words", "percent", "score", "text")
        self.pages.table(
            [Part(text, "head", span) for text, span in zip(heads, spans, strict=True)],
            [[Part(v, look, span) for v, look, span in zip(row, looks, spans, strict=True)] for row in rows],
        )
        self.pages.add(Part("计算过程", "head", 2), Part(card.formula, "text", WIDTH - 2))

    def _lines(self, lines: Sequence[Line]) -> None:
        keys = ("no", "target")
        titles = {key: BY_KEY[key].title for key in (*keys, "status", "percent", "done_on")}
        heads = (
            *(titles[key] for key in keys),
            *("应完成日期", titles["status"], titles["percent"], titles["done_on"], "按期", "报送、退回和延期"),
        )
        spans = (1, 7, 2, 1, 1, 2, 1, 1)
        head = [Part(text, "head", span) for text, span in zip(heads, spans, strict=True)]
        self.pages.table(
            head,
            ([Part(v, look, span) for (v, look), span in zip(self._line(line), spans, strict=True)] for line in lines),
        )

    def _line(self, line: Line) -> Iterator[tuple[Content, str]]:
        yield (
            (self.frame.link(line.task) if self.frame.linked else line.task.no),
            ("link_number" if self.frame.linked else "integer"),
        )
        yield shortened(shown(line.task.cells.get("target")), _TASK_TEXT), "text"
        yield line.due or shown(line.task.cells.get("deadline")), "date"
        yield line.shown_status, "words"
        yield line.percent, "percent"
        yield line.done_on, "date"
        yield (_NOT_DUE if not line.asked else _IN_TIME if line.on_time else _TOO_LATE), "words"
        yield "；".join(_also(line)), "text"

    def _measured(self, measured: Sequence[Measure]) -> None:
        keys = ("item", "indicator", "goal", "current", "met", "words")
        spans = (2, 6, 2, 2, 2, 2)
        looks = ("words", "text", "words", "words", "words", "text")
        head = [Part(BY_KEY[key].title, "head", span) for key, span in zip(keys, spans, strict=True)]
        rows = (zip(_figures(one), looks, spans, strict=True) for one in measured)
        self.pages.table(head, ([Part(*part) for part in row] for row in rows))


def _figures(one: Measure) -> tuple[Content, ...]:
    cells = one.item.cells
    unit = shown(cells.get("unit"))
    goal = f"{shown(cells.get('direction'))}{figure(cells.get('goal'), unit)}"
    return (
        one.item.code,
        cells.get("indicator"),
        goal,
        figure(one.current, unit),
        met_words(one.met),
        cells.get("words"),
    )


def _rate(share: Share, look: str = "percent") -> Part:
    """Return a rate; one of nothing is no 0%."""
    return Part(or_dash(share.rate), look)


def _points(weight: float, share: Share, whole: float) -> float | None:
    """Return the points a part comes to, rescaled where other parts have nothing to measure."""
    return None if share.rate is None or not whole else 100 * weight * share.rate / whole


def _also(line: Line) -> Iterator[str]:
    """Yield what else is told of a task: reports, rejections, more time."""
    if line.reports.of:
        yield f"按时报送 {line.reports.reached:g}/{line.reports.of}"
    if line.rejections:
        yield f"退回 {line.rejections} 次"
    if line.extended:
        yield f"延期至 {shown(line.task.cells.get('extended_to'))}"
    if line.status != line.shown_status:
        yield f"本单位填报为“{line.status}”"


_HOW = (
    "已办结且完成日期不晚于应完成日期的，占到统计日期为止应完成的比例",
    "各事项完成率的平均，没有填的按0计",
    "已结旬的各旬中，按时报送的占应报送的比例（逐事项逐旬计）",
    "达标的占已确认指标的比例，没有填数的按未达标计",
)
_HOW_REJECTED = "每退回一次扣分"


def _rule(scheme: Scheme) -> str:
    """Return how a score is reached, in a clerk's words."""
    parts = " + ".join(f"{part}×{weight:g}" for part, weight in zip(PARTS, scheme.weights, strict=True))
    grades = "，".join(f"{grade} ≥ {least:g}" for grade, least in zip(GRADES, scheme.least, strict=False))
    return (
        f"得分 = {parts} - 每退回一次 {scheme.rejection:g} 分；没有可考核内容的部分不计，其余按比例折成100分。"
        f"等次：{grades}，其余为{GRADES[-1]}。权重和分数线在“设置”中修改。"
        "各单位按自己的填报计分，联合牵头事项各计各的，所以“已办结”“平均完成率”与“汇总”（按事项统计，联合牵头的每家都办结才算）不同；"
        "延期的按新日期计，并单独列出。"
    )
