"""What Excel remembers and Calc has no place for, kept in a file next to the office's profile.

Both sides read it: the helper process of every client, so that a second client sees what the first one set.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FILE = "calc-state.json"
DEFAULTS: dict[str, Any] = {
    "screen_updating": True,
    "display_alerts": True,
    "enable_events": True,
    "interactive": True,
    "visible": True,
    "status_bar": False,
    "calculation": "automatic",
    "cut_copy_mode": None,
}


class State:
    """A small dictionary in a file; every change is written at once."""

    def __init__(self, profile: str | Path) -> None:
        self.path = Path(profile) / FILE

    def read(self) -> dict[str, Any]:
        """Return all that is remembered."""
        try:
            return json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}

    def write(self, values: dict[str, Any]) -> None:
        """Replace all that is remembered."""
        new = self.path.with_suffix(f".{os.getpid()}.tmp")
        new.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
        new.replace(self.path)

    def setting(self, name: str) -> Any:
        """Return one of the application's settings."""
        return self.read().get("settings", {}).get(name, DEFAULTS.get(name))

    def change_setting(self, name: str, value: Any) -> None:
        """Remember one of the application's settings."""
        values = self.read()
        values.setdefault("settings", {})[name] = value
        self.write(values)

    def book(self, uid: str) -> dict[str, Any]:
        """Return what is remembered of one open workbook."""
        return self.read().get("books", {}).get(uid, {})

    def change_book(self, uid: str, **facts: Any) -> None:
        """Remember facts of one open workbook."""
        values = self.read()
        values.setdefault("books", {}).setdefault(uid, {}).update(facts)
        self.write(values)

    def forget_book(self, uid: str) -> None:
        """Forget a workbook that was closed."""
        values = self.read()
        values.get("books", {}).pop(uid, None)
        self.write(values)

    def bury(self, uid: str) -> None:
        """Remember a workbook as closed that the office keeps in memory."""
        values = self.read()
        values.setdefault("buried", []).append(uid)
        self.write(values)

    def sheet(self, uid: str, name: str) -> dict[str, Any]:
        """Return what is remembered of one sheet."""
        return self.book(uid).get("sheets", {}).get(name, {})

    def change_sheet(self, uid: str, name: str, **facts: Any) -> None:
        """Remember facts of one sheet."""
        sheets = self.book(uid).get("sheets", {})
        sheets.setdefault(name, {}).update(facts)
        self.change_book(uid, sheets=sheets)

    def rename_sheet(self, uid: str, old: str, new: str | None) -> None:
        """Carry what is remembered of a sheet to its new name, or drop it."""
        sheets = self.book(uid).get("sheets", {})
        facts = sheets.pop(old, None)
        if facts is None:
            return
        if new is not None:
            sheets[new] = facts
        self.change_book(uid, sheets=sheets)
