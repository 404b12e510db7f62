"""Sheet protection: Calc's own calls mostly ignore a change silently, Excel refuses it in words."""

from __future__ import annotations

from typing import Any

import host
from host import OFFICE, Rect

LOCKED = (
    "The cell or chart you're trying to change is on a protected sheet. To make a change, unprotect the sheet. "
    "You might be requested to enter a password."
)
STRUCTURE = "Workbook is protected and cannot be changed."


def contents(sheet: Any, rect: Rect) -> None:
    """Refuse to write where a protected sheet has a locked cell."""
    if sheet.isProtected() and any_locked(host.within(sheet, rect)):
        raise host.RefusedError(LOCKED)


def any_locked(area: Any) -> bool:
    """Return whether a rectangle has a locked cell."""
    protection = area.CellProtection
    if protection is not None:
        return bool(protection.IsLocked)
    parts = area.getUniqueCellFormatRanges()
    return any(part.CellProtection.IsLocked for part in (parts.getByIndex(i) for i in range(parts.Count)))


def sheet_free(sheet: Any) -> None:
    """Refuse what a protected sheet never allows."""
    if sheet.isProtected():
        raise host.RefusedError(LOCKED)


def allowed(uid: str, sheet: Any, permission: str) -> None:
    """Refuse what a protected sheet allows only by a permission, such as "AllowFormattingColumns"."""
    if sheet.isProtected() and not OFFICE.state.sheet(uid, sheet.Name).get("protect", {}).get(permission):
        raise host.RefusedError(LOCKED)


def structure(doc: Any) -> None:
    """Refuse to add, delete, rename, move or hide sheets of a protected workbook."""
    if doc.isProtected():
        raise host.RefusedError(STRUCTURE)
