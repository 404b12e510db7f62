"""Drops files as a file manager does: `drag_runner.py X Y FILE...`, the XDND protocol, version 5 (freedesktop.org).

A program of its own, in nobody's toolkit: what the window takes in comes over the X server.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from Xlib import X, Xatom, display
from Xlib.protocol import event

_VERSION, _SECONDS = 5, 20


class Source:
    """A window that files are dragged out of."""

    def __init__(self, files: list[str]) -> None:
        self.display = display.Display()
        self.root = self.display.screen().root
        self.window = self.root.create_window(0, 0, 1, 1, 0, X.CopyFromParent, event_mask=X.PropertyChangeMask)
        self.data = "".join(f"{Path(one).as_uri()}\r\n" for one in files).encode()
        self.list_type = self.atom("text/uri-list")
        self.window.set_selection_owner(self.atom("XdndSelection"), X.CurrentTime)

    def atom(self, name: str) -> int:
        return self.display.intern_atom(name)

    def target(self) -> object:
        """Return the window under the pointer that takes drops."""
        window = self.root
        while window:
            window = window.query_pointer().child
            if window and window.get_full_property(self.atom("XdndAware"), Xatom.ATOM):
                return window
        raise SystemExit("nothing under the pointer takes drops")

    def send(self, target: object, kind: str, *numbers: int) -> None:
        told = [self.window.id, *numbers, 0, 0, 0, 0][:5]
        target.send_event(event.ClientMessage(window=target, client_type=self.atom(kind), data=(32, told)))
        self.display.flush()

    def until(self, kind: str) -> list[int]:
        """Answer what is asked for the data until the target says something; return what it says."""
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            while self.display.pending_events():
                said = self.display.next_event()
                if said.type == X.SelectionRequest:
                    self.answer(said)
                elif said.type == X.ClientMessage and said.client_type == self.atom(kind):
                    return list(said.data[1])
            time.sleep(0.01)
        raise SystemExit(f"{kind} never came")

    def answer(self, asked: object) -> None:
        there = asked.target == self.list_type
        if there:
            asked.requestor.change_property(asked.property, self.list_type, 8, self.data)
        told = event.SelectionNotify(
            time=asked.time,
            requestor=asked.requestor,
            selection=asked.selection,
            target=asked.target,
            property=asked.property if there else X.NONE,
        )
        asked.requestor.send_event(told)
        self.display.flush()


def main() -> None:
    x, y, *files = sys.argv[1:]
    source = Source(files)
    source.root.warp_pointer(int(x), int(y))
    target, copy = source.target(), source.atom("XdndActionCopy")
    source.send(target, "XdndEnter", _VERSION << 24, source.list_type)
    source.send(target, "XdndPosition", 0, int(x) << 16 | int(y), X.CurrentTime, copy)
    if not source.until("XdndStatus")[1] & 1:
        raise SystemExit("the window does not take it")
    source.send(target, "XdndDrop", 0, X.CurrentTime)
    source.until("XdndFinished")


if __name__ == "__main__":
    main()
