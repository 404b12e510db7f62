"""汇总 as a sheet: headline, chart, departments, categories, deadlines, and what is overdue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from taizhang import rules, tables
from taizhang.columns import BY_KEY
from taizhang.layout.common import Row, heights, title_row
from taizhang.layout.parts import Area, Cell, Chart, Conditional, Page, Series, Sheet
from taizhang.past import ESTIMATED
from taizhang.settings import Settings
from taizhang.styles import row_height
from taizhang.summary import Overdue, Summary, Tally
from taizhang.values import shortened, shown

_STATUSES = rules.STATUSES
WIDTH = 4 + len(_STATUSES)  # name, tasks, one column a status, 本旬未报, mean 完成率
_WIDTHS: Mapping[int, float] = {1: 21, 2: 7, **dict.fromkeys(range(3, 3 + len(_STATUSES)), 7), WIDTH - 1: 8, WIDTH: 8}
_TALLY_HEADS = ("事项数", *_STATUSES, "正常推进中本旬未报", "平均完成率")
CHART_ROWS, CHART_ROW_HEIGHT = 32, 18.0
# The overdue list borrows the same columns, joined: (head, first column, last column).
_OVERDUE_HEADS = (
    (BY_KEY["leads"].title, 1, 1),
    (BY_KEY["no"].title, 2, 2),
    (BY_KEY["target"].title, 3, 6),
    (BY_KEY["due"].title, 7, 8),
    ("逾期天数", 9, 9),
    (BY_KEY["percent"].title, 10, 10),
    (BY_KEY["problem"].title, 11, 12),
    (BY_KEY["next_step"].title, 13, 14),
)


class _Grid:
    """Rows as they are laid down, with the areas joined and the sections' places."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.merged: list[Area] = []
        self.heads: list[int] = []
        self.heights: dict[int, float] = {}

    @property
    def next(self) -> int:
        return len(self.rows) + 1

    def add(self, *rows: Row) -> None:
        self.rows += rows


def summary_sheet(summary: Summary, settings: Settings) -> Sheet:
    """Return 汇总: native chart over the department table, prints on A4 portrait."""
    grid = _Grid()
    top, merged = title_row(f"{settings.text('title')}汇总", WIDTH)
    said = f"（{ESTIMATED}）" if summary.estimated else ""
    line = f"统计日期：{summary.as_of.isoformat()}{said}　　制表单位：{settings.text('unit')}"
    grid.add(top, (Cell(line, "info"),))
    grid.merged.append(merged)
    _headline(grid, summary)
    chart_row = grid.next
    grid.add((Cell("二、各牵头部门状态分布", "section"),), *((),) * (CHART_ROWS + 1))
    breaks = [grid.next]
    table = _tallies(grid, "三、按牵头部门", "单位", summary.departments, summary.total)
    grid.add((Cell("联合牵头事项在各牵头部门分别计数，“合计”行每个事项只计一次。", "info"),), ())
    breaks.append(grid.next)
    _tallies(grid, "四、按事项类别", BY_KEY["category"].title, summary.categories, summary.total)
    grid.add(())
    _tallies(grid, "五、按完成时限", BY_KEY["deadline"].title, summary.deadlines, summary.total)
    grid.add(())
    _overdue(grid, summary.overdue)
    fixed = {1: 40.0, 2: 20.0} | dict.fromkeys(range(chart_row + 1, chart_row + 1 + CHART_ROWS), CHART_ROW_HEIGHT)
    return Sheet(
        name=tables.SUMMARY,
        rows=tuple(grid.rows),
        widths=_WIDTHS,
        heights=heights(grid.rows, _WIDTHS, 1, 20) | grid.heights | fixed,
        merged=tuple(grid.merged),
        conditionals=tuple(_head_looks(grid.heads, settings)),
        charts=(_chart(table, summary, settings, chart_row + 1),) if summary.departments else (),
        page=Page(
            landscape=False,
            title_rows=(1, 2),
            area=Area(1, 1, len(grid.rows), WIDTH),
            row_breaks=tuple(breaks),
        ),
        tab="#70AD47",
    )


def _headline(grid: _Grid, summary: Summary) -> None:
    total = summary.total
    grid.add((Cell("一、总体情况", "section"),))
    groups = "，".join(f"{group} {total.groups[group]} 项" for group in rules.GROUPS)
    grid.add((Cell(f"共 {total.tasks} 项：{groups}。", "info"),))
    if total.statuses[rules.ON_TRACK]:
        split = f"正常推进 {total.statuses[rules.ON_TRACK]} 项，其中本旬未报或从未填报的 {total.silent} 项。"
        grid.add((Cell(split, "info"),))
    grid.heads.append(grid.next)
    grid.add(_head(BY_KEY["status"].title), _numbers("事项数", total, "words"), _shares(total), ())


def _head(name: str) -> Row:
    return tuple(Cell(text, "head") for text in (name, *_TALLY_HEADS))


def _numbers(name: str, tally: Tally, look: str) -> Row:
    number, percent = ("total", "total_percent") if look == "total" else ("count", "percent")
    counts = (tally.tasks, *(tally.statuses[status] for status in _STATUSES), tally.silent)
    return (Cell(name, look), *(Cell(count, number) for count in counts), Cell(tally.percent, percent))


def _shares(tally: Tally) -> Row:
    shares = [tally.statuses[status] / tally.tasks if tally.tasks else None for status in _STATUSES]
    return (
        Cell("占比", "words"),
        Cell(None, "percent"),
        *(Cell(share, "share") for share in shares),
        Cell(None, "percent"),
        Cell(None, "percent"),
    )


def _tallies(grid: _Grid, section: str, name: str, tallies: Sequence[Tally], total: Tally) -> Area:
    """Lay down one table; return the area of its numbers, without header and total."""
    grid.add((Cell(section, "section"),))
    grid.heads.append(grid.next)
    grid.add(_head(name))
    first = grid.next
    grid.add(*(_numbers(tally.name, tally, "words") for tally in tallies))
    last = grid.next - 1
    grid.add(_numbers(total.name, total, "total"))
    return Area(first, 1, last, WIDTH)


def _overdue(grid: _Grid, items: Sequence[Overdue]) -> None:
    grid.add((Cell(f"六、逾期事项清单（{len(items)} 项，逾期最久的在前）", "section"),))
    if not items:
        grid.add((Cell("没有逾期事项。", "info"),))
        return
    _joined(grid, [(head, "head") for head, _, _ in _OVERDUE_HEADS])
    for item in items:
        _joined(grid, _overdue_cells(item))


def _overdue_cells(item: Overdue) -> list[tuple[object, str]]:
    return [
        ("、".join(item.leads), "words"),
        (item.task.no, "integer"),
        (shortened(shown(item.task.cells.get("target")), 120), "text"),
        (item.due, "date"),
        (item.days, "integer"),
        (item.percent, "percent"),
        (item.problem, "text"),
        (item.next_step, "text"),
    ]


def _joined(grid: _Grid, cells: Iterable[tuple[object, str]]) -> None:
    row: list[Cell | None] = []
    sized = []
    number = grid.next
    for (content, look), (_, first, last) in zip(cells, _OVERDUE_HEADS, strict=True):
        row += [Cell(content, look), *(Cell(None, look) for _ in range(last - first))]  # type: ignore[arg-type]
        sized.append((content, sum(_WIDTHS[place] for place in range(first, last + 1))))
        if last > first:
            grid.merged.append(Area(number, first, number, last))
    grid.add(tuple(row))
    grid.heights[number] = row_height(sized, 24)  # type: ignore[arg-type]


def _head_looks(heads: Iterable[int], settings: Settings) -> Iterable[Conditional]:
    for head in heads:
        area = Area(head, 3, head, 2 + len(_STATUSES))
        for status, colour in settings.colours.items():
            yield Conditional(area, f'C${head}="{status}"', colour)


def _chart(table: Area, summary: Summary, settings: Settings, row: int) -> Chart:
    """Return the stacked bars of the department table: one series per status that occurs."""
    names = Area(table.top, 1, table.bottom, 1)
    series = tuple(
        Series(status, names, Area(table.top, place, table.bottom, place), settings.colours[status])
        for place, status in enumerate(_STATUSES, 3)
        if any(tally.statuses[status] for tally in summary.departments)
    )
    height = int(CHART_ROWS * CHART_ROW_HEIGHT * 4 / 3)
    return Chart("bar", "各牵头部门事项状态（项）", row, 1, series, width=850, height=height, subtype="stacked")
