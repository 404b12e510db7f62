"""销号单: one printed page per closed task, with what was reported and room for signatures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taizhang.columns import BY_KEY
from taizhang.layout.common import Row
from taizhang.layout.parts import Area, Cell, Page, Sheet, Workbook
from taizhang.ledger import Cells, Ledger
from taizhang.styles import row_height, style_of
from taizhang.values import is_blank, shown

FORM = "销号单"
_WIDTHS = {1: 13, 2: 31, 3: 13, 4: 31}
_WIDE = sum(_WIDTHS.values()) - _WIDTHS[1]
_SIGNED = "\n\n签字：　　　　　　　　（盖章）　　　　　　年　　月　　日"
_ROOM = 74  # points: a line of words, a signature and a stamp


def closing_form(ledger: Ledger, codes: Sequence[str]) -> Workbook:
    """Return 销号单 for closed tasks, a page each, as a workbook of its own."""
    grid: list[Row] = []
    tall: dict[int, float] = {}
    merged: list[Area] = []
    breaks: list[int] = []
    for code in codes:
        if grid:
            breaks.append(len(grid) + 1)
        for height, row in _page(ledger, code):
            grid.append(row)
            tall[len(grid)] = height
            if len(row) == len(_WIDTHS) and row[2] is None:
                merged.append(Area(len(grid), 2 if row[1] else 1, len(grid), len(_WIDTHS)))
    sheet = Sheet(
        name=FORM,
        rows=tuple(grid),
        widths=_WIDTHS,
        heights=tall,
        merged=tuple(merged),
        page=Page(landscape=False, row_breaks=tuple(breaks)),
        protected=False,
    )
    return Workbook((sheet,))


def _page(ledger: Ledger, code: str) -> Iterator[tuple[float, Row]]:
    """Yield the rows of a task's page with their heights; a wide row has nothing in its last cells."""
    cells = ledger.row(code)
    yield 40, (Cell(f"{ledger.settings.text('title')}{FORM}", "title"), None, None, None)
    yield 20, (Cell(f"任务编码：{code}　　制表：{ledger.settings.text('unit')}", "info"), None, None, None)
    yield _pair(cells, "no", "category")
    yield _wide("target", cells)
    yield _pair(cells, "deadline", "extended_to")
    yield _pair(cells, "leads", "supports")
    yield _wide("progress", cells)
    yield _pair(cells, "percent", "done_on")
    yield _wide("evidence", cells)
    if not is_blank(cells.get("requirement")):
        yield _wide("requirement", cells)
        yield _wide("answer", cells)
    yield _signed("牵头部门意见", "")
    yield _signed(
        "营商办意见", f"同意销号。　　销号人：{shown(cells.get('closed_by'))}　　{shown(cells.get('closed_on'))}"
    )
    yield _signed("分管领导意见", "")


def _pair(cells: Cells, *keys: str) -> tuple[float, Row]:
    row: list[Cell | None] = []
    for key in keys:
        row += [Cell(BY_KEY[key].title, "head"), Cell(cells.get(key), style_of(BY_KEY[key], value=cells.get(key)))]
    return row_height([(cells.get(key), _WIDTHS[2]) for key in keys], 26), tuple(row)


def _wide(key: str, cells: Cells) -> tuple[float, Row]:
    value = cells.get(key)
    return row_height([(value, _WIDE)], 26), (Cell(BY_KEY[key].title, "head"), Cell(value, "text"), None, None)


def _signed(name: str, text: str) -> tuple[float, Row]:
    return _ROOM, (Cell(name, "head"), Cell(f"{text}{_SIGNED}", "text"), None, None)
