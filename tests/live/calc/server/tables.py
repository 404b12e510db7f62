"""Excel's tables are Calc's database ranges: a name, an area, a header row and filter buttons."""

from __future__ import annotations

from typing import Any

import host
from host import Rect
from ops import op


def _of(uid: str, table: str) -> Any:
    bag = host.document(uid).DatabaseRanges
    if not bag.hasByName(table):
        raise host.MissingError(table)
    return bag.getByName(table)


@op("tables.list")
def listing(uid: str, name: str) -> list[tuple[str, Rect]]:
    """Return (name, rectangle) of a sheet's tables, from left to right and down."""
    bag = host.document(uid).DatabaseRanges
    position = host.position(host.sheet(uid, name))
    found = []
    for own in bag.ElementNames:
        area = bag.getByName(own).DataArea
        if area.Sheet == position and not own.startswith("__Anonymous"):
            found.append((own, host.rect_of(area)))
    return found


@op("tables.add")
def add(uid: str, name: str, rect: Rect, table: str | None, has_headers: bool) -> str:
    """Make an area a table; return its name."""
    doc, sheet = host.document(uid), host.sheet(uid, name)
    bag = doc.DatabaseRanges
    number = 1
    while table is None:
        if not bag.hasByName(f"Table{number}"):
            table = f"Table{number}"
        number += 1
    if bag.hasByName(table):
        raise host.RefusedError(f"A table named {table!r} is there already.")
    if not has_headers:
        top, left, bottom, right = rect
        sheet.insertCells(
            host.address_of(sheet, (top, left, top, right)), host.enum("com.sun.star.sheet.CellInsertMode", "DOWN")
        )
        rect = (top, left, bottom + 1, right)
    _name_headers(sheet, rect)
    bag.addNewByName(table, host.address_of(sheet, rect))
    made = bag.getByName(table)
    made.ContainsHeader = True
    made.AutoFilter = True
    return table


def _name_headers(sheet: Any, rect: Rect) -> None:
    """Give every column a name of its own, as Excel does."""
    top, left, _, right = rect
    area = host.within(sheet, (top, left, top, right))
    names: list[str] = []
    for number, value in enumerate(area.getDataArray()[0], 1):
        text = value if isinstance(value, str) else f"{value:g}"
        text = text or f"Column{number}"
        wanted, extra = text, 2
        while wanted in names:
            wanted, extra = f"{text}{extra}", extra + 1
        names.append(wanted)
    area.setDataArray((tuple(names),))


@op("tables.get")
def get(uid: str, table: str) -> dict[str, Any]:
    """Return a table's facts."""
    own = _of(uid, table)
    doc = host.document(uid)
    return {
        "sheet": doc.Sheets.getByIndex(own.DataArea.Sheet).Name,
        "rect": host.rect_of(own.DataArea),
        "header": bool(own.ContainsHeader),
        "totals": bool(own.TotalsRow),
        "autofilter": bool(own.AutoFilter),
    }


@op("tables.set")
def put(uid: str, table: str, what: str, value: Any) -> None:
    """Change a table's "name", "rect", "header" or "autofilter"."""
    own = _of(uid, table)
    if what == "name":
        own.setName(value)
    elif what == "rect":
        address = own.DataArea
        address.StartRow, address.StartColumn, address.EndRow, address.EndColumn = value
        own.setDataArea(address)
    else:
        setattr(own, {"header": "ContainsHeader", "autofilter": "AutoFilter", "totals": "TotalsRow"}[what], value)


@op("tables.delete")
def delete(uid: str, table: str) -> None:
    """Make the table plain cells again."""
    host.document(uid).DatabaseRanges.removeByName(table)
