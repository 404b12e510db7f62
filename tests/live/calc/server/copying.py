"""Copies: of ranges within and across workbooks, and of whole sheets with what Calc leaves behind."""

from __future__ import annotations

import uuid
from typing import Any

import guard
import host
import rules
import sheets
from host import OFFICE, Rect
from ops import op

import books


@op("copy.move")
def move(uid: str, name: str, rect: Rect, to_name: str, row: int, column: int) -> None:
    """Cut an area and paste it elsewhere in the workbook."""
    source, target = host.sheet(uid, name), host.sheet(uid, to_name)
    guard.contents(source, rect)
    guard.sheet_free(target)
    source.moveRange(host.cell_address(target, row, column), host.address_of(source, rect))


@op("copy.range")
def copy_range(uid: str, name: str, rect: Rect, to_uid: str, to_name: str, to_rect: Rect) -> None:
    """Copy an area with all it has; a larger target is filled with as many copies as fit."""
    source, target = host.sheet(uid, name), host.sheet(to_uid, to_name)
    rows, columns = rect[2] - rect[0] + 1, rect[3] - rect[1] + 1
    down = max(1, (to_rect[2] - to_rect[0] + 1) // rows) if _fits(to_rect, rows, columns) else 1
    across = max(1, (to_rect[3] - to_rect[1] + 1) // columns) if _fits(to_rect, rows, columns) else 1
    for i in range(down):
        for j in range(across):
            row, column = to_rect[0] + i * rows, to_rect[1] + j * columns
            spot = (row, column, row + rows - 1, column + columns - 1)
            guard.contents(target, spot)
            if uid == to_uid:
                source.copyRange(host.cell_address(target, row, column), host.address_of(source, rect))
            else:
                _paste_across(uid, source, rect, to_uid, target, spot)


def _fits(to_rect: Rect, rows: int, columns: int) -> bool:
    return (to_rect[2] - to_rect[0] + 1) % rows == 0 and (to_rect[3] - to_rect[1] + 1) % columns == 0


def _paste_across(uid: str, source: Any, rect: Rect, to_uid: str, target: Any, spot: Rect) -> None:
    from_view, to_view = host.document(uid).CurrentController, host.document(to_uid).CurrentController
    before = to_view.ActiveSheet
    from_view.select(host.within(source, rect))
    carried = from_view.getTransferable()
    to_view.setActiveSheet(target)
    to_view.select(host.within(target, (spot[0], spot[1], spot[0], spot[1])))
    to_view.insertTransferable(carried)
    to_view.setActiveSheet(before)


_FLAGS = {
    "all": "A",
    "values": "SVD",
    "formulas": "SVDF",
    "formats": "T",
    "comments": "N",
    "values_and_number_formats": "SVDT",
    "formulas_and_number_formats": "SVDFT",
    "all_except_borders": "A",
    "all_using_source_theme": "A",
    "all_merging_conditional_formats": "A",
}
_ARITHMETIC = {None: 0, "add": 1, "subtract": 2, "multiply": 3, "divide": 4}


@op("copy.special")
def special(
    source: tuple[str, str, Rect],
    target: tuple[str, str, Rect],
    what: str,
    operation: str | None,
    skip_blanks: bool,
    transpose: bool,
) -> None:
    """Copy a part of what an area has, as Paste Special does."""
    uid, name, rect = source
    to_uid, to_name, to_rect = target
    doc, to_doc = host.document(uid), host.document(to_uid)
    to_sheet = host.sheet(to_uid, to_name)
    rows, columns = rect[2] - rect[0] + 1, rect[3] - rect[1] + 1
    if transpose:
        rows, columns = columns, rows
    guard.contents(to_sheet, (to_rect[0], to_rect[1], to_rect[0] + rows - 1, to_rect[1] + columns - 1))
    if what == "column_widths":
        _copy_widths(host.sheet(uid, name), rect, to_sheet, to_rect[1])
        return
    view, to_view = doc.CurrentController, to_doc.CurrentController
    kept = view.ActiveSheet, to_view.ActiveSheet
    view.setActiveSheet(host.sheet(uid, name))
    view.select(host.area(uid, name, rect))
    host.dispatch(doc, ".uno:Copy")
    to_view.setActiveSheet(to_sheet)
    to_view.select(host.within(to_sheet, to_rect))
    host.dispatch(
        to_doc,
        ".uno:InsertContents",
        Flags=_FLAGS[what],
        FormulaCommand=_ARITHMETIC[operation],
        SkipEmptyCells=skip_blanks,
        Transpose=transpose,
        AsLink=False,
        MoveMode=4,
    )
    view.setActiveSheet(kept[0])
    to_view.setActiveSheet(kept[1])


def _copy_widths(source: Any, rect: Rect, target: Any, column: int) -> None:
    for index in range(rect[3] - rect[1] + 1):
        target.Columns.getByIndex(column + index).Width = source.Columns.getByIndex(rect[1] + index).Width


@op("copy.fill")
def fill(uid: str, name: str, rect: Rect, to_rect: Rect, kind: str) -> None:
    """Fill an area from its beginning, as dragging the handle does."""
    sheet = host.sheet(uid, name)
    guard.contents(sheet, to_rect)
    area = host.within(sheet, to_rect)
    down = to_rect[2] > rect[2]
    direction = host.enum("com.sun.star.sheet.FillDirection", "TO_BOTTOM" if down else "TO_RIGHT")
    count = (rect[2] - rect[0] if down else rect[3] - rect[1]) + 1
    if kind in ("fill_copy", "fill_formats", "fill_values"):
        mode = host.enum("com.sun.star.sheet.FillMode", "SIMPLE")
        dates = host.enum("com.sun.star.sheet.FillDateMode", "FILL_DATE_DAY")
        area.fillSeries(direction, mode, dates, 0.0, 1e307)
    else:
        area.fillAuto(direction, count)


def free_name(doc: Any, name: str) -> str:
    """Return the name Excel gives a copy: "name (2)" and so on, within 31 characters."""
    taken = {other.lower() for other in doc.Sheets.ElementNames}
    number = 2
    while True:
        ending = f" ({number})"
        wanted = name[: 31 - len(ending)] + ending
        if wanted.lower() not in taken:
            return wanted
        number += 1


@op("copy.sheet")
def copy_sheet(uid: str, name: str, to_uid: str, position: int) -> str:
    """Copy a sheet into a workbook at a position, where it becomes the active one; return its name."""
    doc, to_doc = host.document(uid), books.check_structure(to_uid)
    source = host.sheet(uid, name)
    protected = source.isProtected()
    same = uid == to_uid
    taken = {other.lower() for other in to_doc.Sheets.ElementNames}
    new_name = name if name.lower() not in taken else free_name(to_doc, name)
    frozen = sheets.frozen(uid, name)
    _look_away(to_doc)
    host.settle()
    if same:
        doc.Sheets.copyByName(name, new_name, position)
    else:
        _own_looks(doc, source)
        at = _import(doc, source, to_doc, position)
        made = to_doc.Sheets.getByIndex(at)
        if made.Name != new_name:
            made.setName(new_name)
        _carry_page(doc, source, to_doc, made)
        _place_drawings(source, made)
    made = host.sheet(to_uid, new_name)
    _carry_filter(doc, source, to_doc, made)
    if protected and not made.isProtected():
        made.protect("")
    if made.TabColor != source.TabColor:
        made.TabColor = source.TabColor
    facts = {key: value for key, value in OFFICE.state.sheet(uid, name).items() if key != "rules"}
    if facts:
        OFFICE.state.change_sheet(to_uid, new_name, **facts)
    made.IsVisible = True
    OFFICE.state.change_sheet(to_uid, new_name, very_hidden=False)
    controller = to_doc.CurrentController
    controller.setActiveSheet(made)
    if facts.get("no_grid") and not same:
        host.dispatch(to_doc, ".uno:ToggleSheetGrid")
    if frozen != (0, 0) and not controller.hasFrozenPanes():
        controller.freezeAtPosition(frozen[1], frozen[0])
    host.settle()
    return new_name


def _look_away(doc: Any) -> None:
    """Show a sheet on which nothing is drawn: 7.4 falls in every third copy that comes while charts are in view."""
    found = (doc.Sheets.getByIndex(index) for index in range(doc.Sheets.Count))
    plain = next((one for one in found if one.IsVisible and one.DrawPage.Count == 0), None)
    if plain is not None:
        doc.CurrentController.setActiveSheet(plain)


_LOOKS = (
    "CellBackColor",
    "CharColor",
    *(f"{name}{kind}" for name in ("CharWeight", "CharPosture") for kind in ("", "Asian", "Complex")),
)


def _own_looks(doc: Any, sheet: Any) -> None:
    """Give a sheet's conditional looks styles of names no other workbook has: importSheet takes a namesake for it."""
    styles = doc.StyleFamilies.getByName("CellStyles")
    for condition in sheet.ConditionalFormats.getConditionalFormats():
        for index in range(condition.getCount()):
            entry = condition.getByIndex(index)
            if hasattr(entry, "StyleName") and styles.hasByName(entry.StyleName):
                entry.StyleName = _renamed(doc, styles, entry.StyleName)


def _renamed(doc: Any, styles: Any, name: str) -> str:
    """Return the name of a new style that looks like the old one."""
    old, fresh = styles.getByName(name), f"Look_{uuid.uuid4().hex}"
    made = doc.createInstance("com.sun.star.style.CellStyle")
    styles.insertByName(fresh, made)
    for one in _LOOKS:
        if old.getPropertyState(one).value == "DIRECT_VALUE":
            made.setPropertyValue(one, old.getPropertyValue(one))
    return fresh


def _import(doc: Any, source: Any, to_doc: Any, position: int) -> int:
    """Import a sheet and return where it is.

    Where anything is drawn in one of the workbooks, notes among it, LibreOffice 7.4 may come down when either is
    closed later: they are buried instead of closed.
    """
    for one in (doc, to_doc):
        OFFICE.state.change_book(one.RuntimeUID, bury=True)
    return to_doc.Sheets.importSheet(doc, source.Name, position)


def _place_drawings(source: Any, made: Any) -> None:
    """Put drawings where they were: importSheet places them before the rows have their heights."""
    old, new = source.DrawPage, made.DrawPage
    for index in range(min(old.Count, new.Count)):
        one, other = old.getByIndex(index), new.getByIndex(index)
        other.setPosition(one.getPosition())
        other.setSize(one.getSize())


def _carry_page(doc: Any, source: Any, to_doc: Any, made: Any) -> None:
    """Carry the print set-up over, which importSheet leaves behind."""
    style = doc.StyleFamilies.getByName("PageStyles").getByName(source.PageStyle)
    sheets.copy_page(style, sheets.own_page(to_doc, made))
    rects = [host.rect_of(address) for address in source.getPrintAreas()]
    if rects:
        made.setPrintAreas(tuple(host.address_of(made, rect) for rect in rects))
    if source.getPrintTitleRows():
        made.setPrintTitleRows(True)
        made.setTitleRows(host.address_of(made, host.rect_of(source.getTitleRows())))
    if source.getPrintTitleColumns():
        made.setPrintTitleColumns(True)
        made.setTitleColumns(host.address_of(made, host.rect_of(source.getTitleColumns())))


def _carry_filter(doc: Any, source: Any, to_doc: Any, made: Any) -> None:
    old = rules.filter_range(doc, source)
    if old is None or rules.filter_range(to_doc, made) is not None:
        return
    unnamed = to_doc.getPropertyValue("UnnamedDatabaseRanges")
    unnamed.setByTable(host.address_of(made, host.rect_of(old.DataArea)))
    new = unnamed.getByTable(host.position(made))
    new.ContainsHeader = True
    new.AutoFilter = True
