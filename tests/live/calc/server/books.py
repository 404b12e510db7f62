"""Workbooks: open, save, close, protect, and what is written on the cover."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import guard
import host
import uno
from com.sun.star.beans import UnknownPropertyException
from host import OFFICE
from ops import op

FILTERS = {
    ".xlsx": "Calc MS Excel 2007 XML",
    ".xlsm": "Calc MS Excel 2007 VBA XML",
    ".xltx": "Calc MS Excel 2007 XML Template",
    ".xls": "MS Excel 97",
    ".xlt": "MS Excel 97 Vorlage/Template",
    ".ods": "calc8",
    ".csv": "Text - txt - csv (StarCalc)",
    ".html": "HTML (StarCalc)",
}


def name_of(doc: Any, facts: dict[str, Any]) -> str:
    """Return a workbook's name: the file's, or Book1 and so on."""
    if doc.URL:
        return Path(uno.fileUrlToSystemPath(doc.URL)).name
    return facts.get("name") or doc.Title


def ordered() -> list[Any]:
    """Return the open workbooks, those the office opened by itself left out."""
    return host.documents()


@op("app.ping")
def ping() -> bool:
    """Return True: the office answers."""
    return True


@op("app.setting")
def setting(name: str) -> Any:
    """Return one of the application's settings."""
    return OFFICE.state.setting(name)


@op("app.set")
def change_setting(name: str, value: Any) -> None:
    """Change one of the application's settings."""
    if name == "calculation":
        for doc in ordered():
            doc.enableAutomaticCalculation(value != "manual")
    OFFICE.state.change_setting(name, value)


@op("app.calculate")
def calculate() -> None:
    """Recalculate every open workbook."""
    for doc in ordered():
        doc.calculate()


@op("app.terminate")
def terminate() -> None:
    """Close every workbook without saving and end the office."""
    for doc in ordered():
        doc.close(True)
    OFFICE.desktop.terminate()


@op("books.list")
def listing() -> list[tuple[str, str, str]]:
    """Return (id, name, path) of every open workbook."""
    books = OFFICE.state.read().get("books", {})
    return [(doc.RuntimeUID, name_of(doc, books.get(doc.RuntimeUID, {})), path_of(doc)) for doc in ordered()]


def path_of(doc: Any) -> str:
    """Return the file's path, or ''."""
    return uno.fileUrlToSystemPath(doc.URL) if doc.URL else ""


@op("books.active")
def active() -> str | None:
    """Return the id of the active workbook."""
    there = [doc.RuntimeUID for doc in ordered()]
    remembered = OFFICE.state.read().get("active")
    if remembered in there:
        return remembered
    return there[-1] if there else None


@op("books.activate")
def activate(uid: str) -> None:
    """Bring a workbook to the front."""
    host.document(uid)
    remembered = OFFICE.state.read()
    remembered["active"] = uid
    OFFICE.state.write(remembered)


@op("books.add")
def add() -> str:
    """Open a new workbook; return its id."""
    doc = OFFICE.desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, ())
    uid = doc.RuntimeUID
    remembered = OFFICE.state.read()
    number = remembered.get("new_books", 0) + 1
    remembered["new_books"] = number
    remembered["active"] = uid
    remembered.setdefault("books", {})[uid] = {"name": f"Book{number}"}
    OFFICE.state.write(remembered)
    _prepare(doc)
    doc.setModified(False)
    return uid


def _prepare(doc: Any) -> None:
    doc.enableAutomaticCalculation(OFFICE.state.setting("calculation") != "manual")


@op("books.open")
def open_(path: str, read_only: bool, known: dict[str, dict[str, Any]]) -> str:
    """Open a file; return the workbook's id. `known` is what the file says of its sheets and Calc forgets."""
    arguments = {"MacroExecutionMode": 0, "UpdateDocMode": 0, "Silent": True}
    doc = OFFICE.desktop.loadComponentFromURL(uno.systemPathToFileUrl(path), "_blank", 0, host.values(**arguments))
    if doc is None:
        raise host.RefusedError(
            f"Excel cannot open the file {Path(path).name!r}: its format or extension is not valid."
        )
    uid = doc.RuntimeUID
    sheets = {name: facts for name, facts in known.items() if doc.Sheets.hasByName(name)}
    closed = read_only or not Path(path).stat().st_mode & 0o222
    OFFICE.state.change_book(uid, read_only=closed, sheets=sheets)
    activate(uid)
    _prepare(doc)
    doc.setModified(False)
    return uid


@op("books.facts")
def facts(uid: str) -> dict[str, Any]:
    """Return a workbook's name, path and flags."""
    doc = host.document(uid)
    remembered = OFFICE.state.book(uid)
    return {
        "name": name_of(doc, remembered),
        "path": path_of(doc),
        "read_only": bool(remembered.get("read_only")),
        "modified": bool(doc.isModified()),
        "protected": bool(doc.isProtected()),
    }


@op("books.set_modified")
def set_modified(uid: str, value: bool) -> None:
    """Say whether the workbook has unsaved changes."""
    host.document(uid).setModified(value)


@op("books.protect")
def protect(uid: str, password: str) -> None:
    """Protect the workbook's structure."""
    host.document(uid).protect(password)


@op("books.unprotect")
def unprotect(uid: str, password: str) -> None:
    """Lift the protection of the workbook's structure."""
    doc = host.document(uid)
    try:
        doc.unprotect(password)
    except Exception as error:
        raise host.RefusedError("The password you supplied is not correct.") from error
    if doc.isProtected():
        raise host.RefusedError("The password you supplied is not correct.")


def _filter(path: str) -> str:
    try:
        return FILTERS[Path(path).suffix.lower()]
    except KeyError:
        raise host.RefusedError(f"This extension can not be used with the selected file type: {path}") from None


@op("books.save")
def save(uid: str, path: str | None, password: str | None) -> None:
    """Save under the workbook's own path, or under a new one, which it then has."""
    doc = host.document(uid)
    if path is None:
        path = path_of(doc)
        if OFFICE.state.book(uid).get("read_only"):
            raise host.RefusedError(f"Cannot access read-only document {Path(path).name!r}.")
    arguments = {"FilterName": _filter(path)}
    if password:
        arguments["Password"] = password
    try:
        doc.storeAsURL(uno.systemPathToFileUrl(path), host.values(**arguments))
    except Exception as error:
        raise host.RefusedError(f"Cannot access the file {path!r}.") from error
    OFFICE.state.change_book(uid, read_only=False)


@op("books.save_copy")
def save_copy(uid: str, path: str) -> None:
    """Write a copy; the workbook keeps its path and its unsaved state."""
    doc = host.document(uid)
    modified = doc.isModified()
    suffix = Path(path_of(doc)).suffix.lower() if doc.URL else ".xlsx"
    name = FILTERS.get(suffix, FILTERS[".xlsx"])
    try:
        doc.storeToURL(uno.systemPathToFileUrl(path), host.values(FilterName=name))
    except Exception as error:
        raise host.RefusedError(f"Cannot access the file {path!r}.") from error
    doc.setModified(modified)


@op("books.repairs")
def repairs(uid: str) -> dict[str, dict[str, Any]]:
    """Return what Calc cannot write about each sheet and the client has to mend in the file."""
    return OFFICE.state.book(uid).get("sheets", {})


@op("books.close")
def close(uid: str) -> None:
    """Close without saving."""
    doc = host.document(uid)
    doc.setModified(False)
    if OFFICE.state.book(uid).get("bury"):
        OFFICE.state.bury(uid)
    else:
        doc.close(True)
    OFFICE.documents.pop(uid, None)
    OFFICE.state.forget_book(uid)


@op("books.to_pdf")
def to_pdf(uid: str, path: str) -> None:
    """Print the workbook into a PDF."""
    doc = host.document(uid)
    doc.storeToURL(uno.systemPathToFileUrl(path), host.values(FilterName="calc_pdf_Export"))


@op("books.properties")
def properties(uid: str) -> dict[str, Any]:
    """Return the custom document properties."""
    bag = host.document(uid).DocumentProperties.UserDefinedProperties
    return {entry.Name: _plain(bag.getPropertyValue(entry.Name)) for entry in bag.PropertySetInfo.Properties}


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool)) else str(value)


@op("books.set_property")
def set_property(uid: str, name: str, value: Any) -> None:
    """Change a custom document property."""
    bag = host.document(uid).DocumentProperties.UserDefinedProperties
    try:
        bag.setPropertyValue(name, value)
    except UnknownPropertyException:
        raise host.MissingError(name) from None


@op("books.add_property")
def add_property(uid: str, name: str, value: Any) -> None:
    """Add a custom document property."""
    bag = host.document(uid).DocumentProperties.UserDefinedProperties
    if bag.PropertySetInfo.hasPropertyByName(name):
        raise host.RefusedError(f"A document property named {name!r} is there already.")
    bag.addProperty(name, 128, value)


@op("books.delete_property")
def delete_property(uid: str, name: str) -> None:
    """Delete a custom document property."""
    host.document(uid).DocumentProperties.UserDefinedProperties.removeProperty(name)


@op("app.selection")
def selection() -> tuple[str, str, tuple[int, int, int, int]] | None:
    """Return (workbook, sheet, rectangle) of what is selected."""
    uid = active()
    if uid is None:
        return None
    doc = host.document(uid)
    chosen = doc.CurrentController.getSelection()
    if hasattr(chosen, "RangeAddress"):
        return uid, chosen.Spreadsheet.Name, host.rect_of(chosen.RangeAddress)
    # A selection over hidden rows comes in pieces; Excel calls it by its corners.
    shown = doc.CurrentController.ActiveSheet
    rects = [
        host.rect_of(one) for one in getattr(chosen, "RangeAddresses", ()) if one.Sheet == shown.RangeAddress.Sheet
    ]
    if not rects:
        return None
    tops, lefts, bottoms, rights = zip(*rects, strict=True)
    return uid, shown.Name, (min(tops), min(lefts), max(bottoms), max(rights))


@op("app.select")
def select(uid: str, name: str, rect: tuple[int, int, int, int]) -> None:
    """Select a rectangle; its sheet must be the active one, as in Excel."""
    doc = host.document(uid)
    if doc.CurrentController.ActiveSheet.Name != name:
        raise host.RefusedError("Select method of Range class failed")
    doc.CurrentController.select(host.area(uid, name, rect))


def check_structure(uid: str) -> Any:
    """Return the workbook, or refuse where its structure is protected."""
    doc = host.document(uid)
    guard.structure(doc)
    return doc
