"""成绩单 as numbers: how each lead department did, by its own reports. Source: `domain.md`, Score.

按期完成率 = done by their due date / tasks due by the day · 平均完成率, a task without one counting as
nothing done · 报送及时率 = reports in time / reports owed, over the periods that are closed ·
指标达标率 = met / confirmed, an indicator without a figure counting as not met. Points for each
rejection go off. A part with nothing to measure drops out, and the rest is rescaled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from taizhang import journal, rules
from taizhang.columns import BY_KEY
from taizhang.journal import Journal
from taizhang.ledger import Item, Ledger, ReportKey, Task
from taizhang.lifecycle import Move
from taizhang.settings import Settings
from taizhang.shares import Share
from taizhang.snapshots import Turnout, turnouts
from taizhang.status import state_of
from taizhang.targets import is_confirmed, is_met
from taizhang.values import Value, day, is_blank, is_number, percentage, rounded

PARTS = ("按期完成率", "平均完成率", "报送及时率", "指标达标率")
GRADES = ("优", "良", "中", "差")


@dataclass(frozen=True)
class Scheme:
    """What the parts of a score weigh, what a rejection costs, and from where on each grade is given."""

    weights: tuple[float, float, float, float] = (40, 20, 20, 20)
    rejection: float = 2
    least: tuple[float, float, float] = (90, 80, 60)

    @classmethod
    def of(cls, settings: Settings) -> Scheme:
        """Return the scheme that 设置 holds."""
        on_time, percent, reported, met = (
            settings.number(f"weight_{key}") for key in ("on_time", "percent", "reported", "met")
        )
        best, good, fair = (settings.number(f"grade_{key}") for key in ("best", "good", "fair"))
        return cls((on_time, percent, reported, met), settings.number("rejection_points"), (best, good, fair))

    def grade(self, score: float) -> str:
        """Return the grade of a score."""
        return next((word for least, word in zip(self.least, GRADES, strict=False) if score >= least), GRADES[-1])


@dataclass(frozen=True)
class Line:
    """How a department did on one task it leads: what every number of its scorecard is added up from.

    `status` is that of its own report, `shown_status` the ledger's, which a joint task shares;
    `asked` says that the task was due by the day; `reports` are those in time of those owed.
    """

    task: Task
    status: str
    shown_status: str
    due: date | None
    percent: Value
    done_on: date | None
    asked: bool
    reports: Share
    rejections: int

    @property
    def done(self) -> bool:
        """Return whether it is done, by the department's own report."""
        return rules.GROUP_OF[self.status] == rules.DONE

    @property
    def on_time(self) -> bool:
        """Return whether it was done by the day it was due."""
        return self.done and self.done_on is not None and self.due is not None and self.done_on <= self.due

    @property
    def overdue(self) -> bool:
        """Return whether it is overdue, by the department's own report."""
        return self.status == rules.LATE

    @property
    def extended(self) -> bool:
        """Return whether more time was given for it."""
        return not is_blank(self.task.cells.get("extended_to"))

    @property
    def share(self) -> float:
        """Return its 完成率 from 0 to 1, nothing where none is filled in."""
        value = self.percent
        return min(max(float(value), 0.0), 1.0) if is_number(value) and isinstance(value, (int, float)) else 0.0


@dataclass(frozen=True)
class Measure:
    """A confirmed indicator, its figure, and whether it is met; None without a figure."""

    item: Item
    current: Value
    met: bool | None


@dataclass(frozen=True)
class Scorecard:
    """How one department did: its tasks, its indicators, and what that comes to.

    `rank` is 0 where nothing can be measured.
    """

    department: str
    lines: tuple[Line, ...]
    measured: tuple[Measure, ...] = ()
    scheme: Scheme = Scheme()
    rank: int = 0

    def _count(self, name: str) -> int:
        return sum(getattr(line, name) for line in self.lines)

    @property
    def tasks(self) -> int:
        """Return how many tasks it leads."""
        return len(self.lines)

    @property
    def done(self) -> int:
        """Return how many are done."""
        return self._count("done")

    @property
    def overdue(self) -> int:
        """Return how many are overdue."""
        return self._count("overdue")

    @property
    def extended(self) -> int:
        """Return how many it was given more time for: they are counted apart, and by their new day."""
        return self._count("extended")

    @property
    def rejections(self) -> int:
        """Return how often its tasks were sent back."""
        return self._count("rejections")

    @property
    def on_time(self) -> Share:
        """Return the tasks done by their day, of those due."""
        return Share.counted([line.on_time for line in self.lines if line.asked])

    @property
    def percent(self) -> Share:
        """Return what was done, in tasks, of its tasks."""
        return Share(sum(line.share for line in self.lines), len(self.lines))

    @property
    def reported(self) -> Share:
        """Return the reports in time, of those owed."""
        return sum((line.reports for line in self.lines), Share(0, 0))

    @property
    def met(self) -> Share:
        """Return the indicators met, of those confirmed."""
        return Share.counted([one.met is True for one in self.measured])

    @property
    def parts(self) -> tuple[Share, Share, Share, Share]:
        """Return the four parts of the score, in the order of PARTS."""
        return self.on_time, self.percent, self.reported, self.met

    @property
    def deducted(self) -> float:
        """Return the points that rejections cost."""
        return self.scheme.rejection * self.rejections

    @cached_property
    def score(self) -> float | None:
        """Return the points of 100, to one decimal and never below 0; None where nothing can be measured."""
        if not self._whole:
            return None
        points = 100 * sum(weight * rate for weight, rate in self._weighed) / self._whole
        return max(0.0, rounded(points - self.deducted, 1))

    @property
    def grade(self) -> str:
        """Return the grade, blank without a score."""
        return "" if self.score is None else self.scheme.grade(self.score)

    @property
    def formula(self) -> str:
        """Return how the score is reached, with its numbers."""
        if self.score is None:
            return "没有可以考核的内容，不计分"
        told = " + ".join(f"{weight:g}×{percentage(rounded(rate, 4))}" for weight, rate in self._weighed)
        if self._whole != 100:
            told = f"({told})÷{self._whole:g}×100"
        if self.rejections:
            told += f" - {self.scheme.rejection:g}×{self.rejections}"
        return f"{told} = {self.score:.1f}"

    @property
    def _weighed(self) -> list[tuple[float, float]]:
        pairs = zip(self.scheme.weights, self.parts, strict=True)
        return [(weight, share.rate) for weight, share in pairs if share.rate is not None]

    @property
    def _whole(self) -> float:
        return sum(weight for weight, _ in self._weighed)


def scorecards(ledger: Ledger, record: Journal, as_of: date) -> tuple[Scorecard, ...]:
    """Return every lead's scorecard on a day, the best first; those without a score come last and have no rank."""
    facts = _Facts(ledger, record, as_of)
    cards = [facts.card(name, tasks) for name, tasks in ledger.led_by.items()]
    ranked = sorted(cards, key=lambda card: -1 if card.score is None else card.score, reverse=True)
    scores = [card.score for card in ranked]
    return tuple(replace(card, rank=0 if card.score is None else 1 + scores.index(card.score)) for card in ranked)


def rejections(record: Journal, as_of: date) -> Mapping[str, int]:
    """Return how often each task was sent back up to a day, by its code; what was taken back does not count.

    A date typed into 退回日期 by hand is a rejection as well; that of a task taken up again is none.
    """
    undone = {line.file for line in record.told if line.operation == journal.UNDO}
    found: dict[str, int] = {}
    for line in record.told:
        counts = line.column == BY_KEY["returned_on"].title and line.changes and bool(line.new)
        other = line.operation in (journal.UNDO, Move.REOPEN.value, journal.ROLLOVER)
        taken_back = journal.UNDO_OF.format(act=line.act) in undone
        if counts and not other and not taken_back and line.new <= as_of.isoformat():
            found[line.task] = found.get(line.task, 0) + 1
    return found


class _Facts:
    """What the cards of all departments are made from, looked up once."""

    def __init__(self, ledger: Ledger, record: Journal, as_of: date) -> None:
        self._ledger = ledger
        self._as_of = as_of
        self._states = ledger.states(as_of)
        self._rejected = rejections(record, as_of)
        self._scheme = Scheme.of(ledger.settings)
        self._reports = _reports(ledger, as_of)
        self._items: dict[tuple[str, ...], list[Item]] = defaultdict(list)
        for item in ledger.items:
            if is_confirmed(item):
                self._items[ledger.leads[item.code]].append(item)

    def card(self, name: str, led: Sequence[Task]) -> Scorecard:
        """Return a department's card without its rank; a cancelled task is nobody's."""
        tasks = [task for task in led if self._states[task.code].status != rules.CANCELLED]
        codes = {task.code for task in tasks}
        items = [item for item in self._items[(name,)] if item.task in codes]
        return Scorecard(
            name,
            tuple(self._line(task, ReportKey(task.code, name)) for task in tasks),
            tuple(self._measure(item) for item in items),
            self._scheme,
        )

    def _measure(self, item: Item) -> Measure:
        return Measure(item, self._ledger.answer(item).get("current"), is_met(self._ledger, item))

    def _line(self, task: Task, key: ReportKey) -> Line:
        report, deadline = self._ledger.report(key), self._ledger.deadline(task.code)
        own = state_of({**task.cells, **report}, deadline, self._ledger.settings, self._as_of)
        due = own.effective_due
        return Line(
            task=task,
            status=own.status,
            shown_status=self._states[task.code].status,
            due=due,
            percent=report.get("percent"),
            done_on=day(report.get("done_on")),
            asked=due is not None and due <= self._as_of,
            reports=self._reports.get(key, Share(0, 0)),
            rejections=self._rejected.get(task.code, 0),
        )


def _reports(ledger: Ledger, as_of: date) -> dict[ReportKey, Share]:
    """Return each lead's reports on each task, in time of those owed, over the periods closed by a day."""
    found: dict[ReportKey, list[bool]] = defaultdict(list)
    for closed in ledger.snapshots:
        if closed.as_of <= as_of:
            for key, turnout in turnouts(ledger, closed.period).items():
                found[key].append(turnout is Turnout.IN_TIME)
    return {key: Share.counted(answers) for key, answers in found.items()}


def total(cards: Iterable[Scorecard]) -> tuple[Share, Share, Share, Share]:
    """Return the four parts over all departments, each lead's share of a joint task counted for itself."""
    nothing = (Share(0, 0),) * len(PARTS)
    sums = [sum(shares, Share(0, 0)) for shares in zip(nothing, *(card.parts for card in cards), strict=True)]
    return sums[0], sums[1], sums[2], sums[3]
