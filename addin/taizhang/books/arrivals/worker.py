"""The process that parses what others sent: it has a memory cap, writes no file, and may die without harm.

It is started by `reading`, reads bytes from its standard input and answers with plain values;
whatever a parser prints goes nowhere. On Windows the cap is a Job Object (not tried there), on
macOS the system ignores it, and the deadline of the parent alone holds.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
from typing import IO, Any

from taizhang.books.arrivals import limits, wire
from taizhang.books.arrivals.containers import is_container, unpacked
from taizhang.books.arrivals.formats import Format, format_of
from taizhang.books.arrivals.office import Office
from taizhang.books.arrivals.readers import can_read, read
from taizhang.books.arrivals.refusals import Refusal, RefusedError
from taizhang.intake import NEVER_READ


def main() -> None:
    """Answer one request after the other until the parent goes away."""
    requests, answers = _streams()
    cap()
    office: Office | None = None
    while (request := wire.receive(requests, limits.FILE)) is not None:
        head, (data,) = request
        if "office" in head:  # what comes from the parent is no stranger's, and may be more than plain values
            office = pickle.loads(data) if data else None
            continue
        _alarm(limits.SECONDS + 5)
        answer, blobs = answer_to(head, data, office)
        wire.send(answers, answer, *blobs)
        _alarm(0)


def answer_to(head: dict[str, Any], data: bytes, office: Office | None = None) -> tuple[dict[str, Any], list[bytes]]:
    """Return what a file is and holds: its cells, the files in it, or why it is not read.

    With an office, what its cells come to for its ledger is told instead of them.
    """
    kind = format_of(data)
    told: dict[str, Any] = {"format": kind.name}
    try:
        if kind is Format.ENCRYPTED or head.get("password"):
            from taizhang.books.arrivals.passwords import opened

            data = opened(data, str(head.get("password") or ""))
            kind = format_of(data)
            told["format"] = kind.name
        if is_container(kind):
            unpacking = unpacked(data, kind, str(head.get("password") or ""))
            return {**told, **unpacking.told()}, unpacking.blobs
        if can_read(kind):
            book = read(data, kind, NEVER_READ if office else ())
            said = wire.told_return(office.recognised(head, book)) if office else wire.told(book)
            found = {**told, **said}
            if len(wire.encoded(found)) > limits.CELLS:
                raise RefusedError(Refusal.TOO_BIG, what="内容太多")
            return found, []
    except RefusedError as refused:
        given = refused.why is Refusal.ENCRYPTED and head.get("password")
        why = Refusal.OTHER_PASSWORD if given else refused.why
        return {**told, "refused": why.name, "facts": refused.facts}, []
    except MemoryError:
        return {**told, "refused": Refusal.TOO_BIG.name, "facts": {"what": "读取它要用的内存太多"}}, []
    except Exception as error:  # a parser's own fault, or ours: this file alone is lost, and its kind is said
        return {**told, "refused": Refusal.CRASHED.name, "facts": {}, "error": type(error).__name__}, []
    return told, []


def _streams() -> tuple[IO[bytes], IO[bytes]]:
    """Return where requests come from and answers go, and let nothing else be printed there."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    return requests, answers


def cap() -> None:
    """Let this process have so much memory and no more, write no file and leave no core behind."""
    if sys.platform == "win32":  # pragma: no cover - not tried on Windows
        from taizhang.books.arrivals.jobs import cap_memory

        cap_memory(limits.MEMORY)
        return
    import resource

    for what, most in (
        (resource.RLIMIT_AS, limits.MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS knows RLIMIT_AS and refuses to set it
            resource.setrlimit(what, (most, most))


def _alarm(seconds: int) -> None:
    """Have the system end this process if it is still busy then: the parent may be gone."""
    if sys.platform != "win32":
        import signal

        signal.alarm(seconds)


if __name__ == "__main__":
    main()
