"""Laws of the open workbook: whatever an edit puts in, the program ends up holding that, and nothing else moves."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from taizhang.books.delta import difference
from taizhang.books.live import OpenBook
from taizhang.books.memory import MemoryProgram
from taizhang.books.package import Package
from taizhang.books.render import render
from taizhang.journal import Act
from taizhang.layout.parts import Cell, Sheet, Workbook
from taizhang.values import Value

STYLES = ("text", "general", "percent", "date", "plain")
ROWS = tuple(tuple(Cell(f"{row}{style}", style) for style in STYLES) for row in range(4))
START = render(Workbook((Sheet("表", rows=ROWS, protected=False), Sheet("旁边", rows=ROWS, protected=False))))
ACT = Act("刷新状态", datetime(2020, 9, 10), "")
TYPED = [
    "=1+1",
    "0595",
    "1-2",
    "9月15日",
    "TRUE",
    "50%",
    "'12",
    "1e5",
    "(5)",
    "-",
    "+86",
    "@某",
    "１２",
    "2020/9/10",
    " 12",
]

values = st.one_of(
    st.none(),
    st.sampled_from(TYPED),
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=8),
    st.text("0123456789-/.%,()eE年月日=+'", min_size=1, max_size=6),
    st.integers(-(10**6), 10**6),
    st.floats(-1e6, 1e6).map(lambda number: float(f"{number:.12g}")),
    st.booleans(),
    st.dates(date(1990, 1, 1), date(2099, 12, 31)),
)
cells = st.dictionaries(st.tuples(st.integers(1, 9), st.integers(1, 6)), values, max_size=12)


@settings(max_examples=150, deadline=None)
@example({(1, 1): 595})
@example({(1, 2): "'=1"})
@given(cells)
def test_an_open_workbook_holds_what_the_edit_put_in(wanted: dict[tuple[int, int], Value]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "工作簿.xlsx"
        path.write_bytes(START)
        program = MemoryProgram(path, START)
        edited = Package.load(START)
        edited.set_cells("表", wanted)
        with OpenBook(program).holding() as old:
            OpenBook(program).rewrite(old, edited.dump(), ACT)
        left = difference(Package.load(program.snapshot()), Package.load(edited.dump()))
    assert not left.sheets
