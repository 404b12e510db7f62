"""Serve one client: read a request from the inherited socket, do it in the office, answer.

Run as `python server FD PIPE PROFILE`, by the Python that owns `uno`.
"""

from __future__ import annotations

import pickle
import socket
import struct
import sys
import traceback
from typing import Any

import cells
import charts
import copying
import host
import looks
import names
import notes
import ops
import rules
import sheets
import tables

import books

MODULES = (books, cells, charts, copying, looks, names, notes, rules, sheets, tables)
_HEADER = struct.Struct(">Q")


def answer(request: bytes) -> tuple[str, Any]:
    """Return ("ok", value) or (kind of error, text)."""
    name, args = pickle.loads(request)
    try:
        return "ok", ops.OPS[name](*args)
    except host.RefusedError as refused:
        return "refused", str(refused)
    except host.MissingError as missing:
        return "missing", str(missing)
    except NotImplementedError as error:
        return "unsupported", str(error)
    except Exception:
        if not host.answers():
            return "gone", name
        return "error", f"{name}{str(args)[:500]}\n{traceback.format_exc()}"


def serve(connection: socket.socket) -> None:
    """Answer until the client closes its end."""
    stream = connection.makefile("rwb")
    while header := stream.read(_HEADER.size):
        reply = pickle.dumps(answer(stream.read(*_HEADER.unpack(header))), protocol=4)
        stream.write(_HEADER.pack(len(reply)))
        stream.write(reply)
        stream.flush()


def main() -> None:
    """Connect to the office, then serve."""
    descriptor, pipe, profile = sys.argv[1:4]
    connection = socket.socket(fileno=int(descriptor))
    host.connect(pipe, profile)
    try:
        serve(connection)
    except (BrokenPipeError, ConnectionResetError):
        pass
    finally:
        host.leave()


if __name__ == "__main__":
    main()
