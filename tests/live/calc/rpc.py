"""The line to the helper process, which alone imports `uno`."""

from __future__ import annotations

import pickle
import socket
import struct
import subprocess
import threading
from pathlib import Path
from typing import Any

from . import counting, office
from .errors import ComError

_HEADER = struct.Struct(">Q")
SECONDS = 180  # an office that is silent for so long hangs: one that crashes may do so in its own crash handler
_SERVER = Path(__file__).parent / "server"


class OfficeGoneError(ComError):
    """The office ended; Excel's automation says so in these words."""

    hresult = -2147023174


class Link:
    """One helper process, one office. Requests are names with plain values; so are the answers."""

    def __init__(self, url: str) -> None:
        facts = office.facts_of(url)
        self._office = url, int(facts["pid"])
        ours, theirs = socket.socketpair()
        ours.settimeout(SECONDS)
        with theirs:
            self._process = subprocess.Popen(
                [
                    str(facts["python"]),
                    str(_SERVER),
                    str(theirs.fileno()),
                    str(facts["pipe"]),
                    str(office.profile_of(url)),
                ],
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=office.plain_environment() | {"PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"},
            )
        self._socket = ours
        self._stream = ours.makefile("rwb")
        self._lock = threading.Lock()

    def call(self, name: str, *args: Any) -> Any:
        """Return the helper's answer to a request."""
        request = pickle.dumps((name, args), protocol=4)
        with self._lock:
            kind, value = self._exchange(request)
        if kind == "ok":
            return value
        if kind == "gone":
            # LibreOffice's launcher starts a crashed office again, empty: nobody may take it for the one that fell.
            office.stop(*self._office)
        raise _error(kind, value)

    def change(self, name: str, *args: Any) -> Any:
        """Return the helper's answer to a request that changes something."""
        counting.about_to_change()
        return self.call(name, *args)

    def _exchange(self, request: bytes) -> tuple[str, Any]:
        try:
            self._stream.write(_HEADER.pack(len(request)))
            self._stream.write(request)
            self._stream.flush()
            header = self._stream.read(_HEADER.size)
        except (OSError, ValueError) as error:
            return "gone", str(error)
        if len(header) < _HEADER.size:
            return "gone", "the helper process ended"
        return pickle.loads(self._stream.read(*_HEADER.unpack(header)))

    def close(self) -> None:
        """End the helper; the office goes on."""
        for end in (self._stream, self._socket):
            try:
                end.close()
            except OSError:
                continue
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _error(kind: str, text: str) -> Exception:
    if kind == "missing":
        return KeyError(text)
    if kind == "unsupported":
        return NotImplementedError(text)
    if kind == "gone":
        return OfficeGoneError(f"The RPC server is unavailable. {text}")
    return ComError(text)
