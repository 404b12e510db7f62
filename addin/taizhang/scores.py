"""成绩单 as numbers: how each lead department did, by its own reports. Source: `domain.md`, Score.

按期完成率 = done by their due date / tasks due by the day · 平均完成率, a task without one counting as
nothing done · 报送及时率 = reports in time / reports owed, over the periods that are closed ·
指标达标率 = met / confirmed, an indicator without a figure counting as not met. Points for each
rejection go off. A part with nothing to measure drops out, and the rest is rescaled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from taizhang import journal
from taizhang.columns import BY_KEY
from taizhang.journal import Journal
from taizhang.ledger import Ledger, ReportKey, Task
from taizhang.lifecycle import Move
from taizhang.snapshots import Turnout, turnout
from taizhang.targets import is_confirmed, is_met
from taizhang.values import day, is_blank, is_number


@dataclass(frozen=True)
class Scheme:
    """What the parts of a score weigh, what a rejection costs, and from where on grades are given."""

    on_time: float = 40
    percent: float = 20
    reported: float = 20
    met: float = 20
    rejection: float = 2
    grades: tuple[tuple[float, str], ...] = ((90, "优"), (80, "良"), (60, "中"), (0, "差"))


@dataclass(frozen=True)
class Share:
    """A part of a score: so many of so many; of nothing there is no rate."""

    reached: float
    of: int

    @property
    def rate(self) -> float | None:
        """Return the rate, from 0 to 1, None where there is nothing to measure."""
        return self.reached / self.of if self.of else None


@dataclass(frozen=True)
class Scorecard:
    """How one department did: its tasks, the four parts, its rejections, and what that comes to.

    `extended` are the tasks it was given more time for, counted apart; `score` is None, and there
    is no grade, where nothing can be measured.
    """

    department: str
    tasks: int
    done: int
    extended: int
    on_time: Share
    percent: Share
    reported: Share
    met: Share
    rejections: int
    score: float | None
    grade: str
    rank: int = 0


def scorecards(ledger: Ledger, record: Journal, as_of: date, scheme: Scheme | None = None) -> tuple[Scorecard, ...]:
    """Return every lead's scorecard on a day, the best first; those without a score come last and have no rank."""
    scheme = scheme or Scheme()
    rejected = rejections(record, as_of)
    cards = [_scorecard(ledger, name, tasks, rejected, as_of, scheme) for name, tasks in ledger.led_by.items()]
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


def _scorecard(
    ledger: Ledger, name: str, led: Iterable[Task], rejected: Mapping[str, int], as_of: date, scheme: Scheme
) -> Scorecard:
    tasks = [task for task in led if not _cancelled(task, as_of)]
    keys = [ReportKey(task.code, name) for task in tasks]
    done = [day(ledger.report(key).get("done_on")) for key in keys]
    due = [_due(ledger, task) for task in tasks]
    asked = [(on, by) for on, by in zip(done, due, strict=True) if by is not None and by <= as_of]
    values = [ledger.report(key).get("percent") for key in keys]
    percents = [min(max(float(v), 0.0), 1.0) for v in values if is_number(v) and isinstance(v, (int, float))]
    owed = [kind for key in keys for kind in _turnouts(ledger, key, as_of)]
    items = [one for one in ledger.items if is_confirmed(one) and ledger.leads[one.code] == (name,)]
    measured = [item for item in items if item.task in {task.code for task in tasks}]
    on_time = Share(sum(on is not None and on <= by for on, by in asked), len(asked))
    percent = Share(sum(percents), len(tasks))
    reported = Share(owed.count(Turnout.IN_TIME), len(owed))
    met = Share(sum(is_met(ledger, item) is True for item in measured), len(measured))
    weights = ((scheme.on_time, on_time), (scheme.percent, percent), (scheme.reported, reported), (scheme.met, met))
    number = sum(rejected.get(task.code, 0) for task in tasks)
    score = _score(weights, scheme.rejection * number)
    return Scorecard(
        department=name,
        tasks=len(tasks),
        done=sum(on is not None and on <= as_of for on in done),
        extended=sum(not is_blank(task.cells.get("extended_to")) for task in tasks),
        on_time=on_time,
        percent=percent,
        reported=reported,
        met=met,
        rejections=number,
        score=score,
        grade="" if score is None else next(word for least, word in scheme.grades if score >= least),
    )


def _cancelled(task: Task, as_of: date) -> bool:
    on = day(task.cells.get("cancelled_on"))
    return on is not None and on <= as_of


def _due(ledger: Ledger, task: Task) -> date | None:
    return day(task.cells.get("extended_to")) or ledger.deadline(task.code).due


def _turnouts(ledger: Ledger, key: ReportKey, as_of: date) -> list[Turnout]:
    """Return how a lead's report on a task turned out in each closed period in which it was asked for one."""
    closed = (one.period for one in ledger.snapshots if one.as_of <= as_of)
    found = (turnout(ledger, period, key) for period in closed)
    return [one for one in found if one is not Turnout.NOT_ASKED]


def _score(parts: Iterable[tuple[float, Share]], deducted: float) -> float | None:
    """Return the points of 100 that the measurable parts come to, less what is deducted; never below 0."""
    weighed = [(weight, share.rate) for weight, share in parts if share.rate is not None]
    whole = sum(weight for weight, _ in weighed)
    if not whole:
        return None
    points = 100 * sum(weight * rate for weight, rate in weighed) / whole
    return max(0.0, round(points - deducted, 1))
