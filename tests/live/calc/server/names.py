"""Defined names, of the workbook and of its sheets."""

from __future__ import annotations

from typing import Any

import host
from com.sun.star.table import CellAddress
from ops import op

# Calc's own names of what Excel keeps elsewhere.
_INTERNAL = ("_xlnm.", "__anonymous")


def _bag(uid: str, scope: str | None) -> Any:
    return host.document(uid).NamedRanges if scope is None else host.sheet(uid, scope).NamedRanges


@op("names.list")
def listing(uid: str, scope: str | None) -> list[tuple[str | None, str, str]]:
    """Return (sheet or None, name, Calc's text) of the names; those of every sheet too where `scope` is None."""
    doc = host.document(uid)
    found = [(None, name, doc.NamedRanges.getByName(name).Content) for name in doc.NamedRanges.ElementNames]
    if scope is not None:
        found = []
    for sheet_name in doc.Sheets.ElementNames if scope is None else [scope]:
        bag = doc.Sheets.getByName(sheet_name).NamedRanges
        found += [(sheet_name, name, bag.getByName(name).Content) for name in bag.ElementNames]
    return [entry for entry in found if not entry[1].startswith(_INTERNAL)]


@op("names.add")
def add(uid: str, scope: str | None, name: str, content: str) -> None:
    """Define a name, anew where it is there."""
    bag = _bag(uid, scope)
    for known in bag.ElementNames:
        if known.lower() == name.lower():
            bag.removeByName(known)
    try:
        bag.addNewByName(name, content, CellAddress(0, 0, 0), 0)
    except Exception as error:
        raise host.RefusedError(f"The syntax of this name isn't correct: {name!r}") from error


@op("names.rename")
def rename(uid: str, scope: str | None, old: str, new: str) -> None:
    """Give a name another name."""
    _bag(uid, scope).getByName(old).setName(new)


@op("names.delete")
def delete(uid: str, scope: str | None, name: str) -> None:
    """Delete a name."""
    bag = _bag(uid, scope)
    if not bag.hasByName(name):
        raise host.RefusedError(f"The name {name!r} does not exist any more.")
    bag.removeByName(name)


@op("names.resolve")
def resolve(uid: str, scope: str | None, name: str) -> tuple[str, host.Rect] | None:
    """Return (sheet, rectangle) a name points to, seen from a sheet; None where it is no range."""
    bags = ([_bag(uid, scope)] if scope is not None else []) + [_bag(uid, None)]
    for bag in bags:
        for known in bag.ElementNames:
            if known.lower() == name.lower():
                area = bag.getByName(known).getReferredCells()
                if area is None:
                    return None
                address = area.RangeAddress
                doc = host.document(uid)
                return doc.Sheets.getByIndex(address.Sheet).Name, host.rect_of(address)
    return None
