"""Sheets: add, delete, rename, move, show and hide, protect; what a window and a printer make of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import guard
import host
from com.sun.star.table import CellRangeAddress
from host import OFFICE, Rect
from ops import op

import books

LAST_VISIBLE = "A workbook must contain at least one visible worksheet."


@op("sheets.names")
def names(uid: str) -> list[str]:
    """Return the sheets' names in order."""
    return list(host.document(uid).Sheets.ElementNames)


@op("sheets.active")
def active(uid: str) -> str:
    """Return the active sheet's name."""
    return host.document(uid).CurrentController.ActiveSheet.Name


@op("sheets.add")
def add(uid: str, position: int) -> str:
    """Insert a sheet, which becomes the active one; return its name."""
    doc = books.check_structure(uid)
    taken = {name.lower() for name in doc.Sheets.ElementNames}
    number = 1
    while f"sheet{number}" in taken:
        number += 1
    name = f"Sheet{number}"
    doc.Sheets.insertNewByName(name, position)
    doc.CurrentController.setActiveSheet(doc.Sheets.getByName(name))
    return name


@op("sheets.rename")
def rename(uid: str, old: str, new: str) -> None:
    """Give a sheet another name."""
    doc = books.check_structure(uid)
    sheet = host.sheet(uid, old)
    if any(name.lower() == new.lower() and name != old for name in doc.Sheets.ElementNames):
        raise host.RefusedError("That name is already taken. Try a different one.")
    sheet.setName(new)
    OFFICE.state.rename_sheet(uid, old, new)


@op("sheets.delete")
def delete(uid: str, name: str) -> None:
    """Delete a sheet; the last visible one has to stay."""
    doc = books.check_structure(uid)
    sheet = host.sheet(uid, name)
    if sheet.IsVisible and _visible(doc) == 1:
        raise host.RefusedError(LAST_VISIBLE)
    if OFFICE.state.sheet(uid, name).get("very_hidden"):
        raise host.RefusedError("Delete method of Worksheet class failed")
    host.settle()
    doc.Sheets.removeByName(name)
    host.settle()
    OFFICE.state.rename_sheet(uid, name, None)


@op("sheets.move")
def move(uid: str, name: str, position: int) -> None:
    """Move a sheet before the one that is at a position now."""
    doc = books.check_structure(uid)
    doc.Sheets.moveByName(name, position)


@op("sheets.activate")
def activate(uid: str, name: str) -> None:
    """Show a sheet in the workbook's window."""
    sheet = host.sheet(uid, name)
    if not sheet.IsVisible:
        raise host.RefusedError("Activate method of Worksheet class failed")
    host.document(uid).CurrentController.setActiveSheet(sheet)


def _visible(doc: Any) -> int:
    return sum(1 for index in range(doc.Sheets.Count) if doc.Sheets.getByIndex(index).IsVisible)


@op("sheets.visible")
def visible(uid: str, name: str) -> int:
    """Return Excel's -1 (visible), 0 (hidden) or 2 (very hidden)."""
    if host.sheet(uid, name).IsVisible:
        return -1
    return 2 if OFFICE.state.sheet(uid, name).get("very_hidden") else 0


@op("sheets.show")
def show(uid: str, name: str, value: int) -> None:
    """Show a sheet (-1), hide it (0) or hide it from the menu too (2)."""
    doc = books.check_structure(uid)
    sheet = host.sheet(uid, name)
    if value != -1 and sheet.IsVisible and _visible(doc) == 1:
        raise host.RefusedError("Unable to set the Visible property of the Worksheet class")
    sheet.IsVisible = value == -1
    OFFICE.state.change_sheet(uid, name, very_hidden=value == 2)


@op("sheets.protection")
def protection(uid: str, name: str) -> dict[str, Any] | None:
    """Return what a protected sheet allows, or None for one that is not protected."""
    if not host.sheet(uid, name).isProtected():
        return None
    return OFFICE.state.sheet(uid, name).get("protect", {})


@op("sheets.protect")
def protect(uid: str, name: str, password: str, allows: dict[str, Any]) -> None:
    """Protect a sheet; a password protected before stays as it is."""
    sheet = host.sheet(uid, name)
    if sheet.isProtected():
        sheet.unprotect("")
    sheet.protect(password)
    OFFICE.state.change_sheet(uid, name, protect=allows)


@op("sheets.unprotect")
def unprotect(uid: str, name: str, password: str) -> None:
    """Lift a sheet's protection."""
    sheet = host.sheet(uid, name)
    try:
        sheet.unprotect(password)
    except Exception as error:
        raise host.RefusedError("The password you supplied is not correct.") from error
    if sheet.isProtected():
        raise host.RefusedError("The password you supplied is not correct.")


@op("sheets.tab_color")
def tab_color(uid: str, name: str) -> int:
    """Return the tab's colour as 0xRRGGBB, -1 for none."""
    return host.sheet(uid, name).TabColor


@op("sheets.set_tab_color")
def set_tab_color(uid: str, name: str, color: int) -> None:
    """Colour the tab."""
    host.sheet(uid, name).TabColor = color


@contextmanager
def _shown(uid: str, name: str) -> Iterator[Any]:
    """Show a sheet for a moment: freezing and grid lines belong to the window."""
    controller = host.document(uid).CurrentController
    before = controller.ActiveSheet
    controller.setActiveSheet(host.sheet(uid, name))
    try:
        yield controller
    finally:
        controller.setActiveSheet(before)


@op("sheets.freeze")
def freeze(uid: str, name: str, rows: int, columns: int) -> None:
    """Freeze so many rows and columns; (0, 0) lifts it."""
    with _shown(uid, name) as controller:
        controller.freezeAtPosition(0, 0)
        if rows or columns:
            controller.freezeAtPosition(columns, rows)


@op("sheets.frozen")
def frozen(uid: str, name: str) -> tuple[int, int]:
    """Return the number of frozen (rows, columns)."""
    with _shown(uid, name) as controller:
        if not controller.hasFrozenPanes():
            return 0, 0
        return controller.SplitRow, controller.SplitColumn


@op("sheets.gridlines")
def gridlines(uid: str, name: str) -> bool:
    """Return whether grid lines show; a hidden sheet cannot say."""
    host.sheet(uid, name)
    return not OFFICE.state.sheet(uid, name).get("no_grid")


@op("sheets.set_gridlines")
def set_gridlines(uid: str, name: str, value: bool) -> None:
    """Show or hide grid lines."""
    if gridlines(uid, name) == value:
        return
    with _shown(uid, name):
        host.dispatch(host.document(uid), ".uno:ToggleSheetGrid")
    OFFICE.state.change_sheet(uid, name, no_grid=not value)


@op("sheets.print_area")
def print_area(uid: str, name: str) -> list[Rect]:
    """Return the print areas."""
    return [host.rect_of(address) for address in host.sheet(uid, name).getPrintAreas()]


@op("sheets.set_print_area")
def set_print_area(uid: str, name: str, rects: list[Rect]) -> None:
    """Set the print areas, and drop the name a file gave the old one: Calc would write it beside the new."""
    sheet = host.sheet(uid, name)
    for old in [one for one in sheet.NamedRanges.ElementNames if one.lower() == "_xlnm.print_area"]:
        sheet.NamedRanges.removeByName(old)
    sheet.setPrintAreas(tuple(host.address_of(sheet, rect) for rect in rects))


_PAGE = {
    "landscape": "IsLandscape",
    "fit_wide": "ScaleToPagesX",
    "fit_tall": "ScaleToPagesY",
    "zoom": "PageScale",
    "left": "LeftMargin",
    "right": "RightMargin",
    "top": "TopMargin",
    "bottom": "BottomMargin",
    "center_horizontally": "CenterHorizontally",
    "center_vertically": "CenterVertically",
}


def own_page(doc: Any, sheet: Any) -> Any:
    """Return a page style that belongs to this sheet alone."""
    styles = doc.StyleFamilies.getByName("PageStyles")
    name = sheet.PageStyle
    others = (doc.Sheets.getByIndex(index) for index in range(doc.Sheets.Count))
    if name != "Default" and sum(1 for other in others if other.PageStyle == name) == 1:
        return styles.getByName(name)
    number = 1
    while styles.hasByName(f"PageStyle_{number}"):
        number += 1
    new = doc.createInstance("com.sun.star.style.PageStyle")
    styles.insertByName(f"PageStyle_{number}", new)
    copy_page(styles.getByName(name), new)
    sheet.PageStyle = f"PageStyle_{number}"
    return new


def copy_page(source: Any, target: Any) -> None:
    """Copy a page style's properties."""
    for entry in source.PropertySetInfo.Properties:
        if entry.Attributes & 16 or entry.Name in ("DisplayName", "Hidden", "FollowStyle"):
            continue
        try:
            value = source.getPropertyValue(entry.Name)
            if value is not None:
                target.setPropertyValue(entry.Name, value)
        except Exception:
            continue


@op("sheets.page")
def page(uid: str, name: str) -> dict[str, Any]:
    """Return a sheet's print set-up."""
    doc, sheet = host.document(uid), host.sheet(uid, name)
    style = doc.StyleFamilies.getByName("PageStyles").getByName(sheet.PageStyle)
    found = {key: style.getPropertyValue(own) for key, own in _PAGE.items()}
    titles = sheet.getTitleRows()
    found["title_rows"] = (titles.StartRow, titles.EndRow) if sheet.getPrintTitleRows() else None
    return found


@op("sheets.set_page")
def set_page(uid: str, name: str, changes: dict[str, Any]) -> None:
    """Change a sheet's print set-up."""
    doc, sheet = host.document(uid), host.sheet(uid, name)
    changes = dict(changes)
    if "title_rows" in changes:
        rows = changes.pop("title_rows")
        sheet.setPrintTitleRows(rows is not None)
        if rows is not None:
            sheet.setTitleRows(CellRangeAddress(host.position(sheet), 0, rows[0], 0, rows[1]))
    style = own_page(doc, sheet) if changes else None
    for key, value in changes.items():
        style.setPropertyValue(_PAGE[key], value)


@op("sheets.fit")
def fit(uid: str, name: str, rect: Rect | None, axis: str) -> None:
    """Fit row heights ("rows") or column widths ("columns") to what is there."""
    sheet = host.sheet(uid, name)
    guard.allowed(uid, sheet, "AllowFormattingRows" if axis == "rows" else "AllowFormattingColumns")
    rect = host.cut(rect or host.used(sheet), host.used(sheet))
    if rect is None:
        return
    area = host.within(sheet, rect)
    if axis == "rows":
        area.Rows.OptimalHeight = True
    else:
        area.Columns.OptimalWidth = True
