"""One running office as this process sees it."""

from __future__ import annotations

from typing import Any

from . import office
from .rpc import Link


class SheetName:
    """A sheet's present name, shared by every object that stands for the sheet: renaming keeps them valid."""

    def __init__(self, name: str) -> None:
        self.text = name


class Session:
    """The line to an office, opened when first needed, and the sheets met so far."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pid = office.pid_of(url)
        self._link: Link | None = None
        self._sheets: dict[tuple[str, str], SheetName] = {}

    @property
    def link(self) -> Link:
        """Return the open line."""
        if self._link is None:
            self._link = Link(self.url)
        return self._link

    def call(self, name: str, *args: Any) -> Any:
        """Return the office's answer."""
        return self.link.call(name, *args)

    def change(self, name: str, *args: Any) -> Any:
        """Return the office's answer to a request that changes something."""
        return self.link.change(name, *args)

    def sheet_name(self, uid: str, name: str) -> SheetName:
        """Return the shared name of a sheet."""
        return self._sheets.setdefault((uid, name), SheetName(name))

    def renamed(self, uid: str, old: str, new: str) -> None:
        """Carry the shared name of a sheet over."""
        shared = self._sheets.pop((uid, old), None)
        if shared is not None:
            shared.text = new
            self._sheets[uid, new] = shared

    def deleted(self, uid: str, name: str) -> None:
        """Let go of a deleted sheet: a new one of the same name is another sheet."""
        self._sheets.pop((uid, name), None)

    @property
    def alive(self) -> bool:
        """Return whether the office runs, and not another one that was started in its place."""
        return office.alive(self.url) and office.pid_of(self.url) == self.pid

    def close(self) -> None:
        """Close the line; the office goes on."""
        if self._link is not None:
            self._link.close()
            self._link = None
