"""What Calc cannot write into a workbook, put into the file afterwards: very hidden sheets, what protection allows."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

from lxml import etree

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_BOOK = "xl/workbook.xml"
# What Excel's Protect allows -> the attribute that forbids it.
_PERMISSIONS = {
    "AllowFiltering": "autoFilter",
    "AllowFormattingCells": "formatCells",
    "AllowFormattingColumns": "formatColumns",
    "AllowFormattingRows": "formatRows",
    "AllowSorting": "sort",
}
_ZIPPED = (".xlsx", ".xlsm", ".xltx", ".xltm")


def sheets_of(path: Path) -> dict[str, dict[str, Any]]:
    """Return sheet -> what the file says of it and Calc does not remember."""
    if path.suffix.lower() not in _ZIPPED or not zipfile.is_zipfile(path):
        return {}
    found: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(path) as archive:
        if _BOOK not in archive.namelist():
            return {}
        root = etree.fromstring(archive.read(_BOOK))
        for sheet in root.iter(f"{{{_MAIN}}}sheet"):
            if sheet.get("state") == "veryHidden":
                found.setdefault(sheet.get("name"), {})["very_hidden"] = True
        for part, name in _parts(archive).items():
            if part in archive.namelist() and (facts := _facts(archive.read(part))):
                found.setdefault(name, {}).update(facts)
    return found


def _facts(data: bytes) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    view = re.search(rb"<sheetView\b[^>]*>", data)
    if view and re.search(rb'\bshowGridLines="(?:0|false)"', view.group()):
        facts["no_grid"] = True
    tag = re.search(rb"<sheetProtection\b[^>]*>", data)
    if tag:
        facts["protect"] = {
            permission: bool(re.search(rb'\b%s="(?:0|false)"' % attribute.encode(), tag.group()))
            for permission, attribute in _PERMISSIONS.items()
        }
    return facts


def mend(path: Path, sheets: dict[str, dict[str, Any]]) -> None:
    """Write what is remembered of the sheets into the file Calc just wrote."""
    hidden = {name for name, facts in sheets.items() if facts.get("very_hidden")}
    allowing = {name: facts["protect"] for name, facts in sheets.items() if facts.get("protect")}
    if path.suffix.lower() not in _ZIPPED or not (hidden or allowing) or not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        entries = [(entry, archive.read(entry)) for entry in archive.infolist()]
        parts = _parts(archive)
    changed = path.with_name(f".{path.name}.mending")
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in entries:
            if entry.filename == _BOOK and hidden:
                data = _hide(data, hidden)
            name = parts.get(entry.filename)
            if name in allowing:
                data = _allow(data, allowing[name])
            archive.writestr(entry, data)
    changed.replace(path)


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return part name -> sheet name."""
    relations = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {one.get("Id"): one.get("Target").lstrip("/") for one in relations}
    root = etree.fromstring(archive.read(_BOOK))
    found = {}
    for sheet in root.iter(f"{{{_MAIN}}}sheet"):
        target = targets[sheet.get(f"{{{_REL}}}id")]
        found[target if target.startswith("xl/") else f"xl/{target}"] = sheet.get("name")
    return found


def _hide(data: bytes, hidden: set[str]) -> bytes:
    root = etree.fromstring(data)
    for sheet in root.iter(f"{{{_MAIN}}}sheet"):
        if sheet.get("name") in hidden and sheet.get("state") == "hidden":
            sheet.set("state", "veryHidden")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _allow(data: bytes, allows: dict[str, Any]) -> bytes:
    match = re.search(rb"<sheetProtection\b[^>]*>", data)
    if match is None:
        return data
    tag = match.group()
    for permission, attribute in _PERMISSIONS.items():
        tag = re.sub(rb'\s%s="[^"]*"' % attribute.encode(), b"", tag)
        if allows.get(permission):
            tag = tag.replace(b"<sheetProtection", b'<sheetProtection %s="0"' % attribute.encode(), 1)
    return data.replace(match.group(), tag, 1)
