"""The summary of many ledgers as a workbook: by region, by 旬, by department, what was left out, what was counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from taizhang import rules, tables
from taizhang.layout.common import Record, table_sheet
from taizhang.layout.overview import (
    WIDTHS,
    Frame,
    lay_boxes,
    or_dash,
    rate_part,
    status_series,
    tally_head,
    tally_numbers,
)
from taizhang.layout.paging import Pages, Part
from taizhang.layout.parts import Area, Chart, Series, Sheet, Workbook
from taizhang.periods import Period
from taizhang.rollup import Rollup
from taizhang.settings import Settings
from taizhang.shares import Share
from taizhang.styles import WARNING
from taizhang.summary import TOTAL, Tally

ROLLED = "taizhang_rollup"  # the property by which a summary of ours is known
_TITLE = "各地区工作台账汇总"
_LATE, _DONE = "逾期率", "办结率"
_FRAME = Frame(Settings.of(), {})
_WIDTHS: Mapping[int, float] = {**WIDTHS, 1: 24, len(WIDTHS) + 1: 7}
_WIDTH = len(_WIDTHS)
_LOOKS, _TOTALS = ("words", "count", "share"), ("total", "total", "total_share")
_SHOWN_IN_CHART = 30  # regions or departments whose bars can be read
_BLOCK = 12  # periods side by side: four months
_BAR = 15.5  # points a bar takes


def rollup_workbook(found: Rollup) -> Workbook:
    """Return all sheets of the summary; equal rollups give equal workbooks."""
    sheets = (_regions(found), _periods(found), _departments(found), _left(found), _counted(found))
    return Workbook(sheets, properties={ROLLED: found.latest.label})


def _began(found: Rollup, widths: Mapping[int, float], title: str) -> Pages:
    """Return pages with the title that stands on each of them."""
    pages = Pages(widths, "A4", repeated=2)
    pages.add(Part(title, "title", len(widths)), height=40)
    pages.add(Part(_stamp(found), "info"))
    return pages


def _stamp(found: Rollup) -> str:
    """Return what the summary is made of, in one line."""
    left = f"　　没有汇总的文件 {len(found.left)} 个，见“{tables.LEFT_OUT}”" if found.left else ""
    counts = f"地区 {len(found.regions)} 个　　台账 {len(found.entries)} 本"
    return f"{found.latest.title}（最近一旬）　　{counts}{left}"


# by region


def _regions(found: Rollup) -> Sheet:
    pages = _began(found, _WIDTHS, _TITLE)
    lay_boxes(pages, found.total, _WIDTH)
    if found.missing:
        pages.add(Part(_missing(found), "note", _WIDTH))
    chart = _tallies(pages, "地区", found.by_region, f"各地区事项状态（项，{found.latest.title}）")
    pages.add(*_row(found.total, _TOTALS))
    pages.add(Part(_HOW, "note", _WIDTH))
    return replace(pages.sheet(tables.SUMMARY, "#70AD47"), charts=(chart,), active=True)


_HOW = (
    "各地区按自己台账的统计日期计算，状态的定法与各台账的“汇总”相同。"
    "办结率、逾期率是已办结、逾期的事项占全部事项的比例（已取消的不计）；按期完成率是按期完成的占应完成的比例；平均完成率只算填了完成率的。"
)


def _missing(found: Rollup) -> str:
    """Return which regions have no ledger of the latest 旬: silence must not look green."""
    told = "、".join(f"{region}（最近为{period.title}）" for region, period in found.missing.items())
    return f"{found.latest.title}没有台账的地区 {len(found.missing)} 个，不在下表中：{told}。"


def _tallies(pages: Pages, name: str, tallies: Sequence[Tally], title: str) -> Chart:
    """Lay down a chart and the table it is drawn from; return the chart."""
    shown = min(len(tallies), _SHOWN_IN_CHART)
    row, tall = pages.canvas(110 + shown * _BAR)
    head = [*tally_head(name, _FRAME), Part(_LATE, "head")]
    areas = pages.table(head, (_row(tally, _LOOKS) for tally in tallies), together=shown)
    bottom = min(areas[0].bottom, areas[0].top + shown - 1)
    area = replace(areas[0], bottom=bottom)
    more = f"，前 {bottom - area.top + 1} 个" if bottom - area.top + 1 < len(tallies) else ""
    series = status_series(area, tallies, _FRAME)
    high = int(tall * 4 / 3)
    return Chart("bar", f"{title}{more}", row, 1, series, pages.wide, high, subtype="stacked")


def _row(tally: Tally, looks: tuple[str, str, str]) -> list[Part]:
    return [Part(tally.name, looks[0]), *tally_numbers(tally, looks[1:]), rate_part(tally.late.rate, looks[2])]


# by department


def _departments(found: Rollup) -> Sheet:
    pages = _began(found, _WIDTHS, f"{_TITLE}：各牵头部门")
    title = f"各牵头部门事项状态（项，{found.latest.title}，按事项数排列）"
    charts = (_tallies(pages, "单位", found.by_department, title),) if found.by_department else ()
    note = "单位按各台账中的名称，同名的合在一起计；联合牵头事项在各牵头部门分别计数，所以不设合计。"
    pages.add(Part(note, "note", _WIDTH))
    return replace(pages.sheet(tables.BY_DEPARTMENT, "#FFC000"), charts=charts)


# by period

_TREND_HEADS = ("旬", "台账", "事项数", rules.DONE, rules.OVERDUE, _DONE, _LATE)
_TREND_COLOURS = {6: "#548235", 7: WARNING}  # the columns of the rates, as the chart draws them
_SHOWN_IN_TREND = 18  # periods: as many as stand on a page
_MATRIX_WIDTHS: Mapping[int, float] = {1: 24, **dict.fromkeys(range(2, _BLOCK + 2), 9.5)}


def _periods(found: Rollup) -> Sheet:
    pages = _began(found, _MATRIX_WIDTHS, f"{_TITLE}：各旬")
    pages.add(Part("一、全部地区", "section"), height=28)
    chart = _trend(pages, found)
    for title, share in _SHARES.items():
        pages.keep(28 + 40 + 21 * min(len(found.regions), _SHOWN_IN_CHART))
        pages.add(Part(title, "section"), height=28)
        for first in range(0, len(found.periods), _BLOCK):
            _matrix(pages, found, found.periods[first : first + _BLOCK], share)
    return replace(pages.sheet(tables.BY_PERIOD, "#5B9BD5"), charts=(chart,))


_SHARES: Mapping[str, Callable[[Tally], Share]] = {
    f"二、各地区{_DONE}": attrgetter("completed"),
    f"三、各地区{_LATE}": attrgetter("late"),
}


def _trend(pages: Pages, found: Rollup) -> Chart:
    """Lay down the latest periods of all regions and a chart of their rates; return the chart."""
    row, tall = pages.canvas(14 * 18)
    head = [Part(text, "head") for text in _TREND_HEADS]
    latest = list(zip(found.periods, found.by_period, strict=True))[-_SHOWN_IN_TREND:]
    rows = [list(_trend_row(found, period, tally)) for period, tally in latest]
    area = pages.table(head, rows, together=len(rows))[0]
    high = int(tall * 4 / 3)
    series = (_line(area, place, colour) for place, colour in _TREND_COLOURS.items())
    return Chart("line", "各旬办结率和逾期率（全部地区）", row, 1, tuple(series), pages.wide, high, axis="0%")


def _trend_row(found: Rollup, period: Period, tally: Tally) -> Iterator[Part]:
    ledgers = sum((region, period) in found.cells for region in found.regions)
    numbers = (ledgers, tally.tasks, tally.done, tally.overdue)
    yield Part(period.title, "words")
    yield from (Part(number, "count") for number in numbers)
    yield from (rate_part(share.rate, "share") for share in (tally.completed, tally.late))


def _line(area: Area, place: int, colour: str) -> Series:
    return Series(
        name=Area(area.top - 1, place, area.top - 1, place),
        categories=Area(area.top, 1, area.bottom, 1),
        values=Area(area.top, place, area.bottom, place),
        fill=colour,
    )


def _matrix(pages: Pages, found: Rollup, periods: Sequence[Period], share: Callable[[Tally], Share]) -> None:
    """Lay down a share of each region in each of some periods, side by side, and of all regions."""
    head = [Part("地区", "head"), *(Part(period.title, "head") for period in periods)]
    cells = ((region, [found.cells.get((region, period)) for period in periods]) for region in found.regions)
    rows = ([Part(region, "words"), *(_share(one, share) for one in row)] for region, row in cells)
    pages.table(head, rows, together=min(len(found.regions), _SHOWN_IN_CHART))
    totals = dict(zip(found.periods, found.by_period, strict=True))
    pages.add(Part(TOTAL, "total"), *(Part(or_dash(share(totals[one]).rate), "total_percent") for one in periods))
    pages.add()


def _share(tally: Tally | None, share: Callable[[Tally], Share]) -> Part:
    """Return a rate; where there is no ledger the cell stays empty, of nothing there is a dash."""
    return Part(or_dash(share(tally).rate) if tally else None, "percent")


# files


def _left(found: Rollup) -> Sheet:
    rows: list[Record] = [vars(one) for one in found.left]
    note = f"{len(rows)} 个文件没有计入汇总。" if rows else "没有：交来的文件都计入了汇总。"
    return table_sheet(tables.LEFT_TABLE, rows, title=f"{_TITLE}：{tables.LEFT_OUT}", note=note)


def _counted(found: Rollup) -> Sheet:
    rows: list[Record] = [{**vars(one), "period": one.period.title, "tasks": one.total.tasks} for one in found.entries]
    note = f"{len(rows)} 本台账计入了汇总；同一地区同一旬只计一本。"
    return table_sheet(tables.COUNTED_TABLE, rows, title=f"{_TITLE}：{tables.COUNTED}", note=note)
