"""Whether the sheet that stands under the name of one we make gives way to it: ours do, what staff made does not."""

from __future__ import annotations

from taizhang.layout.common import value_of
from taizhang.layout.parts import Sheet
from taizhang.layout.reading import Grid, heading, heads_in

_STAMP_ROWS = 5  # among which the line below a title is looked for, should rows have been put above
_APART = "　　"  # between the parts of that line


def gives_way(sheet: Sheet, grid: Grid) -> bool:
    """Return whether what a sheet's namesake holds is ours: it has the same stamp, or two thirds of the headers.

    Some of our sheets have more sections the more a ledger holds, but always their stamp; an older
    program's tables had fewer columns. Of our headers, staff's own tables never have that many.
    """
    stamp = _stamp(sheet)
    if len(stamp) > 1 and any(stamp <= _labels(value) for row in grid[:_STAMP_ROWS] for value in row):
        return True
    heads = {heading(value_of(c.content)) for row in sheet.rows for c in row if c and c.style.startswith("head")}
    found: set[str] = set()
    for row in grid:  # of a long table the first rows are enough
        found |= heads & heads_in(row)
        if heads and 3 * len(found) >= 2 * len(heads):
            return True
    return False


def _stamp(sheet: Sheet) -> set[str]:
    """Return what the line below a sheet's title says that it tells."""
    below = sheet.rows[1][:1] if len(sheet.rows) > 1 else ()
    return {label for cell in below if cell and cell.style == "info" for label in _labels(cell.content)}


def _labels(value: object) -> set[str]:
    """Return the labels in a line: 统计日期：…　　制表单位：… has two."""
    parts = value.split(_APART) if isinstance(value, str) else ()
    return {part.partition("：")[0] for part in parts if "：" in part}
