"""Pieces that several sheets share: titled tables, headers, areas."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from taizhang.columns import Column
from taizhang.layout.parts import Area, Cell, Content, Formula, Page, Sheet, State
from taizhang.places import Place, column_letter, reference
from taizhang.styles import STYLES, head_of, row_height
from taizhang.tables import Table
from taizhang.values import Value, shown

Row = tuple[Cell | None, ...]
_LEAST = 20.0  # points: the height of a row of one line
ROOM = 500  # spare rows that look-ups and validation reach below the last one


def title_row(text: Content, width: int) -> tuple[Row, Area]:
    """Return a title over `width` columns, for row 1."""
    cells = (Cell(text, "title"), *(Cell(None, "title") for _ in range(width - 1)))
    return cells, Area(1, 1, 1, width)


def header(table: Table) -> Row:
    """Return the header row of a table."""
    return tuple(Cell(field.title, "head") for field in table.fields)


def ledger_header(columns: Sequence[Column]) -> Row:
    """Return headers of ledger columns, coloured by whose they are."""
    return tuple(Cell(column.title, head_of(column)) for column in columns)


Record = Mapping[str, Content | Cell]


def records(table: Table, rows: Iterable[Record], styles: Mapping[str, str] | None = None) -> list[tuple[Cell, ...]]:
    """Return the grid of a table's records; missing keys are blank cells, and a Cell brings its own look."""
    looks = {field.key: field.style for field in table.fields} | dict(styles or {})
    return [tuple(_cell(row.get(field.key), looks[field.key]) for field in table.fields) for row in rows]


def _cell(content: Content | Cell, look: str) -> Cell:
    if content is None or (type(content) is str and len(content) < _SHORT):
        return _word(content, look)
    return content if isinstance(content, Cell) else Cell(content, look)


_SHORT = 60  # characters of a text that may well come again


@lru_cache(maxsize=4096)  # a long table says the same few words again and again
def _word(content: str | None, look: str) -> Cell:
    return Cell(content, look)


def table_sheet(table: Table, rows: Iterable[Record], *, title: str, note: str) -> Sheet:
    """Return a titled table: title, one line of explanation, header, records, filter and frozen header."""
    width = len(table.fields)
    grid = records(table, rows)
    top, merged = title_row(title, width)
    bottom = max(table.header_row + len(grid), table.header_row + 1)
    widths = {place: field.width for place, field in enumerate(table.fields, 1)}
    return Sheet(
        name=table.sheet,
        rows=(top, (Cell(note, "info"),), header(table), *grid),
        widths=widths,
        heights={1: 36, 2: 20, 3: 26} | heights(grid, widths, table.header_row + 1, hidden=table.hidden),
        hidden_columns=table.hidden,
        merged=(merged,),
        freeze=(table.header_row + 1, 1),
        filter=Area(table.header_row, 1, bottom, width),
        page=Page(title_rows=(1, table.header_row), fit_wide=1),
    )


def store_sheet(table: Table, rows: Iterable[Record]) -> Sheet:
    """Return a very hidden table: what the program must remember inside the file, and no blank cell."""
    grid = records(table, rows, dict.fromkeys((f.key for f in table.fields), "plain"))
    return Sheet(
        name=table.sheet,
        rows=(header(table), *(tuple(cell if cell.content is not None else None for cell in row) for row in grid)),
        state=State.VERY_HIDDEN,
        protected=True,
    )


def heights(
    grid: Sequence[Row],
    widths: Mapping[int, float],
    first_row: int,
    least: float = _LEAST,
    hidden: Collection[int] = (),
) -> dict[int, float]:
    """Return row heights that show every wrapped cell in full, but for those of hidden columns."""
    return {
        first_row + offset: row_height(
            [
                (value_of(cell.content), widths.get(place, 8.43))
                for place, cell in enumerate(row, 1)
                if cell is not None and cell.content is not None and place not in hidden and STYLES[cell.style].wrap
            ],
            least,
        )
        for offset, row in enumerate(grid)
    }


def record_height(table: Table, record: Mapping[str, Content], widths: Mapping[str, float]) -> float:
    """Return how high a record's row is where the columns that show, by their keys, have these widths."""
    wrapped = (field for field in table.fields if field.key in widths and STYLES[field.style].wrap)
    return row_height(((value_of(record.get(field.key)), widths[field.key]) for field in wrapped), _LEAST)


def value_of(content: Content) -> Value:
    """Return what a cell shows: a formula's computed value, or the value itself."""
    return content.value if isinstance(content, Formula) else content


LOOK = "查看"  # what a link says
PLAIN_CODE = re.compile(r"[\w-]{1,100}")  # what a formula can look up without reading anything into it


def row_link(sheet: str, codes: int, target: int, code: str, said: Content) -> Content:
    """Return a link to the row that has a code in the column `codes`, for rows get sorted; it shows what is `said`.

    What it leads to is the column `target`. A row that is gone leaves the words alone.
    """
    if not PLAIN_CODE.fullmatch(code):
        return said
    words = _words(said)
    column, quoted = column_letter(codes), sheet.replace("'", "''")
    row = f"MATCH(\"{code}\",'{quoted}'!${column}:${column},0)"
    link = f"HYPERLINK(\"#'{quoted}'!{column_letter(target)}\"&{row},{words})"
    return Formula(f"IFERROR({link},{words})", value_of(said))


def place_link(sheet: str, place: Place, said: Content) -> Formula:
    """Return a link to a cell that stays where it is; it shows what is `said`."""
    quoted = sheet.replace("'", "''").replace('"', '""')
    return Formula(f"HYPERLINK(\"#'{quoted}'!{reference(*place)}\",{_words(said)})", value_of(said))


def _words(said: Content) -> str:
    """Return what is said as a formula writes it."""
    value = value_of(said)
    return str(value) if isinstance(value, (int, float)) else '"{}"'.format(shown(value).replace('"', '""'))


def address(sheet: str, area: Area) -> str:
    """Return an absolute reference to an area of a sheet."""
    left, right = column_letter(area.left), column_letter(area.right)
    return f"'{sheet}'!${left}${area.top}:${right}${area.bottom}"
