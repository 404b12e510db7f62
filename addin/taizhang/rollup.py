"""汇总 over many ledgers: each is counted by the rules of 汇总, then all by region, department, status and 旬.

A ledger counts for the 旬 of its own day. A region has one ledger in a 旬: of several the one
whose record is the latest is counted, and the others are told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from functools import cached_property

from taizhang.journal import Journal
from taizhang.ledger import Ledger
from taizhang.periods import Period
from taizhang.settings import first_value
from taizhang.summary import TOTAL, Tally, most_first, tallied, together
from taizhang.values import in_line

_NAMING = ("unit", "title")  # the settings that say whose ledger it is, once an office has set them
_NAME = 60  # characters of a name that are shown


class Why(Enum):
    """Why a file is not counted, each with what to do; places in braces are filled in."""

    SAME = "与 {other} 内容完全相同，只计一份。请删去多余的一份。"
    OLDER = (
        "{region}{period}有同一本台账的两份，计的是记录较新的 {other}。"
        "请核对；其实是另一个地区的，请按地区分文件夹放好，加 --by-folder 重新汇总。"
    )
    RIVAL = (
        "{region}{period}有两本台账，计的是记录较新的 {other}。"
        "请核对；其实是另一个地区的，请改好它的“制表单位”，或按地区分文件夹放好，加 --by-folder 重新汇总。"
    )
    FUTURE = "统计日期 {as_of} 在 {today} 之后。请送来的单位核对“设置”中的“统计日期”后再送。"
    SUMMARY = "是以前生成的汇总，不是台账。不用处理；请把它移到别的文件夹。"
    LOCKED = "有打开密码，没有读取。请送来的单位去掉密码后再送。"
    OTHER = "是{what}，不是台账。请送来的单位核对后再送。"
    KILLED = "读取它的计算节点接连中断，没有读完。请去掉 --scheduler 在本机重新汇总，或请送来的单位另存后再送。"


@dataclass(frozen=True)
class File:
    """A file handed in: what it is called in lists, and the folder it came in, which may name a region."""

    name: str
    folder: str


@dataclass(frozen=True)
class Basis:
    """What a ledger is counted by where it does not say itself: the day; `by_folder` names regions by folders."""

    today: date
    by_folder: bool = False


@dataclass(frozen=True)
class Entry:
    """What one ledger comes to: whose it is, for which day, and its tasks counted.

    `written` is the moment of the last line of its 变更记录, "" where it has none.
    """

    file: str
    region: str
    as_of: date
    total: Tally
    departments: tuple[Tally, ...] = ()
    ledger: str = ""
    sha256: str = ""
    written: str = ""
    folder: str = ""

    @property
    def period(self) -> Period:
        """Return the 旬 the ledger counts for."""
        return Period.holding(self.as_of)

    @property
    def in_brief(self) -> Entry:
        """Return it without its departments, which are asked for in the latest 旬 alone."""
        return replace(self, departments=())


@dataclass(frozen=True, order=True)
class Left:
    """A file that is not counted: which, why, and what to do."""

    file: str
    reason: str
    remedy: str

    @classmethod
    def told(cls, file: str, sentence: str) -> Left:
        """Return it with a sentence taken apart: what is wrong comes first, then what to do."""
        reason, _, remedy = sentence.partition("。")
        return cls(file, f"{reason}。", remedy)

    @classmethod
    def because(cls, why: Why, file: str, **facts: object) -> Left:
        """Return it with one of our own reasons."""
        return cls.told(file, why.value.format(**facts))


def counted(ledger: Ledger, record: Journal, file: File, sha256: str, basis: Basis) -> Entry | Left:
    """Return what a ledger comes to on its own day; one of a later 旬 than the present one is left out."""
    as_of = ledger.own_day(basis.today)
    if Period.holding(as_of) > Period.holding(basis.today):
        return Left.because(Why.FUTURE, file.name, as_of=as_of, today=basis.today)
    total, departments = tallied(ledger, as_of)
    return Entry(
        file=file.name,
        region=region_of(ledger, file, basis),
        as_of=as_of,
        total=total,
        departments=tuple(replace(one, name=in_line(one.name, _NAME)) for one in departments),
        ledger=ledger.id,
        sha256=sha256,
        written=max((line.at for line in record.lines), default=""),
        folder=in_line(file.folder, _NAME),
    )


def region_of(ledger: Ledger, file: File, basis: Basis) -> str:
    """Return whose ledger it is: 制表单位, else 台账名称, where the office has set it; else, or if asked, its folder."""
    said = (ledger.settings.text(key) for key in _NAMING if ledger.settings.values[key] != first_value(key))
    names = (in_line(name, _NAME) for name in ((file.folder,) if basis.by_folder else (*said, file.folder)))
    return next((name for name in names if name), in_line(file.name, _NAME))


def settled(entries: Iterable[Entry]) -> tuple[tuple[Entry, ...], tuple[Left, ...]]:
    """Return the entries to count, one for each region and 旬, and the others with the reason."""
    rivals: dict[tuple[str, Period], list[Entry]] = defaultdict(list)
    for one in entries:
        rivals[one.region, one.period].append(one)
    ranked = [_ranked(rivals[key]) for key in sorted(rivals)]
    left = (_beaten(other, first) for first, *others in ranked for other in others)
    return tuple(first for first, *_ in ranked), tuple(left)


def _ranked(rivals: Sequence[Entry]) -> list[Entry]:
    """Return the ledgers of one region and 旬: the latest record first, then the latest day; of copies the first name."""
    named = sorted(rivals, key=lambda one: one.file)
    return sorted(named, key=lambda one: (one.written, one.as_of, one.sha256), reverse=True)


def _beaten(other: Entry, first: Entry) -> Left:
    facts = {"region": other.region, "period": other.period.title, "other": first.file}
    if other.sha256 == first.sha256:
        return Left.because(Why.SAME, other.file, **facts)
    own = bool(other.ledger) and other.ledger == first.ledger
    return Left.because(Why.OLDER if own else Why.RIVAL, other.file, **facts)


@dataclass(frozen=True)
class Rollup:
    """All ledgers together: what is counted, by region and 旬, and what is left out.

    `joined` names the folders whose ledgers were taken for one region's and met in a 旬, by that region.
    """

    entries: tuple[Entry, ...]
    left: tuple[Left, ...] = ()
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """Return every 旬 a ledger counts for, in order."""
        return tuple(sorted({one.period for one in self.entries}))

    @property
    def latest(self) -> Period:
        """Return the last 旬 there is a ledger of."""
        return self.periods[-1]

    @cached_property
    def current(self) -> tuple[Entry, ...]:
        """Return the entries of the latest 旬, by region."""
        return tuple(one for one in self.entries if one.period == self.latest)

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Return the regions, by name."""
        return tuple(sorted({one.region for one in self.entries}))

    @cached_property
    def missing(self) -> Mapping[str, Period]:
        """Return the regions without a ledger of the latest 旬, each with the last it has one of."""
        last = {one.region: one.period for one in sorted(self.entries, key=lambda one: one.period)}
        return {region: last[region] for region in self.regions if last[region] != self.latest}

    @cached_property
    def by_region(self) -> tuple[Tally, ...]:
        """Return the tally of each region in the latest 旬."""
        return tuple(replace(one.total, name=one.region) for one in self.current)

    @cached_property
    def total(self) -> Tally:
        """Return the tally of the latest 旬."""
        return together(TOTAL, self.by_region)

    @cached_property
    def by_department(self) -> tuple[Tally, ...]:
        """Return the tally of each department in the latest 旬, over all regions, by its name in their ledgers."""
        found: dict[str, list[Tally]] = defaultdict(list)
        for one in self.current:
            for tally in one.departments:
                found[tally.name].append(tally)
        tallies = (together(name, found[name]) for name in sorted(found))
        return tuple(sorted(tallies, key=most_first))

    @cached_property
    def by_period(self) -> tuple[Tally, ...]:
        """Return the tally of each 旬, over all regions, named by its label."""
        return tuple(together(period.label, self._of(period)) for period in self.periods)

    def _of(self, period: Period) -> Sequence[Tally]:
        return [one.total for one in self.entries if one.period == period]

    @cached_property
    def cells(self) -> Mapping[tuple[str, Period], Tally]:
        """Return the tally of each region in each 旬 it has a ledger of."""
        return {(one.region, one.period): one.total for one in self.entries}


def rolled(entries: Iterable[Entry], left: Iterable[Left] = ()) -> Rollup:
    """Return all entries together, in whatever order they come."""
    found = tuple(entries)
    kept, beaten = settled(found)
    return Rollup(kept, tuple(sorted((*left, *beaten))), _joined(found))


def _joined(entries: Iterable[Entry]) -> dict[str, tuple[str, ...]]:
    """Return the folders whose ledgers met under one region's name in a 旬, by region: some may be another's."""
    met: dict[tuple[str, Period], set[str]] = defaultdict(set)
    for one in entries:
        met[one.region, one.period].add(one.folder)
    found: dict[str, set[str]] = defaultdict(set)
    for (region, _), folders in met.items():
        if len(folders) > 1:
            found[region] |= folders
    return {region: tuple(sorted(found[region])) for region in sorted(found)}


def lightened(found: Iterable[Entry | Left]) -> Iterator[Entry | Left]:
    """Yield what comes, without what nobody will ask for: there may be thousands of ledgers."""
    latest: Period | None = None
    for one in found:
        if isinstance(one, Entry):
            latest = max(latest or one.period, one.period)
        yield one.in_brief if isinstance(one, Entry) and one.period != latest else one
