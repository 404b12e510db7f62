"""Every file handed in, given a fair hearing: opened in another process, archives and mails taken apart.

Nothing is ever written to what was handed in, and nothing in it is followed: names inside archives
are words, not paths. Each file comes to one `Arrival`, with its cells or with why it has none.
"""

from __future__ import annotations

import contextlib
import os
import queue
import stat
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any

from taizhang.books.arrivals import limits, wire
from taizhang.books.arrivals.formats import Format
from taizhang.books.arrivals.office import Office
from taizhang.books.arrivals.readers import Book
from taizhang.books.arrivals.refusals import Refusal
from taizhang.books.disk import fingerprint, reason
from taizhang.errors import LedgerError, Stop
from taizhang.intake import Refused
from taizhang.returns import Recognised


@dataclass(frozen=True)
class Origin:
    """Where a file came from: what was handed in, what it is called in lists, and which mail brought it."""

    path: Path
    name: str
    sender: str = ""
    sent_at: datetime | None = None
    carrier: str = (
        ""  # who sent the outermost mail: what a mail inside it says of its sender, its sender can have written
    )

    @property
    def is_lock_file(self) -> bool:
        """Return whether it is what a program leaves beside a file while that is open."""
        return self.name.rpartition("/")[2].startswith(("~$", ".~"))

    def holding(self, name: str) -> Origin:
        """Return where a file came from that was in this one."""
        return replace(self, name=f"{self.name}/{name}")


@dataclass(frozen=True)
class Arrival:
    """One file as it arrived: what it is, and its cells, or why it has none; evidence keeps its bytes.

    Read for an office, it has what its cells come to instead of them.
    """

    origin: Origin
    sha256: str = ""
    format: Format = Format.UNKNOWN
    book: Book | None = None
    refused: str = ""
    evidence: bytes | None = None
    found: Recognised | Refused | None = None


class Reader:
    """The process that reads, started when it is needed and again when it has died.

    With an `office`, it also says what a file comes to for the office's ledger.
    """

    def __init__(self, password: str = "", office: Office | None = None) -> None:
        self.password = password
        self._office = office
        self._child: _Child | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child and not self._child.worn:
            _idle.append(self._child)
            self._child = None
        self._end()

    def arrivals(self, path: Path, name: str) -> Iterator[Arrival]:
        """Yield the file at a path, or every file in it where it is an archive or a mail."""
        origin = Origin(path, name)
        if origin.is_lock_file:
            yield _lock_file(origin)
            return
        try:
            data = steady_content(path)
        except UnreadableError as fault:
            yield Arrival(origin, refused=str(fault))
            return
        yield from self._opened(data, origin, 0, _Budget())

    def arrival(self, data: bytes, name: str) -> Arrival:
        """Return what the bytes of one file come to; an archive or a mail is not taken apart."""
        origin, sha256 = Origin(Path(name), name), fingerprint(data)
        told, _ = self._asked(data, self._head(origin, sha256))
        kind = Format[told["format"]] if "format" in told else Format.UNKNOWN
        return self._concluded(Arrival(origin, sha256, kind), told, data)

    def _opened(self, data: bytes, origin: Origin, depth: int, budget: _Budget) -> Iterator[Arrival]:
        sha256 = fingerprint(data)
        told, blobs = self._asked(data, self._head(origin, sha256))
        kind = Format[told["format"]] if "format" in told else Format.UNKNOWN
        found = Arrival(origin, sha256, kind)
        if "members" in told:
            yield from self._inside(told, blobs, found, depth, budget)
        else:
            yield self._concluded(found, told, data)

    def _inside(
        self, told: Mapping[str, Any], blobs: Iterable[bytes], outer: Arrival, depth: int, budget: _Budget
    ) -> Iterator[Arrival]:
        """Yield what is in an archive or a mail, in its order."""
        sent_at = datetime.fromisoformat(told["sent_at"]) if told["sent_at"] else outer.origin.sent_at
        sender, carrier = told["sender"] or outer.origin.sender, outer.origin.carrier or told["sender"]
        origin = replace(outer.origin, sender=sender, sent_at=sent_at, carrier=carrier)
        if depth >= limits.DEPTH:
            yield replace(outer, refused=Refusal.TOO_DEEP.value.format(depth=limits.DEPTH))
            return
        if not told["members"] and not told["left"]:
            yield replace(outer, refused=Refusal.NO_TABLE.value)
        for name, data in zip(told["members"], blobs, strict=True):
            inner = origin.holding(name)
            if inner.is_lock_file:
                yield _lock_file(inner)
            elif not budget.takes(len(data)):
                yield Arrival(
                    inner, refused=Refusal.TOO_BIG.value.format(what="一层层解开以后内容太多，或要花的时间太长")
                )
            else:
                yield from self._opened(data, inner, depth + 1, budget)
        for name, why in told["left"]:
            yield Arrival(origin.holding(name), refused=Refusal[why].value)

    def _head(self, origin: Origin, sha256: str) -> dict[str, Any]:
        """Return what the reading process is told beside a file's bytes."""
        sent_at = origin.sent_at.isoformat() if origin.sent_at else ""
        mail = {"sender": origin.sender, "sent_at": sent_at, "carrier": origin.carrier}
        return {"password": self.password, "name": origin.name, "sha256": sha256, **mail}

    def _asked(self, data: bytes, head: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[bytes]]:
        """Return what the reading process says of a file; one that dies on it is given a second, fresh chance."""
        if self._child and self._child.worn:
            self._end()
        for _ in range(2):
            child = self._child = self._child or _rested() or _Child()
            used = child.served > 0
            child.work_for(self._office.packed if self._office else b"")
            answer = child.answer(head, data)
            if answer is not None and not (used and _ran_short(answer[0])):
                return answer
            self._end()
            if not used:
                break
        if answer is not None:
            return answer
        late = {"refused": Refusal.TOO_SLOW.name, "facts": {"seconds": limits.SECONDS}}
        return (late if child.late else {"refused": Refusal.CRASHED.name, "facts": {}}), []

    def _concluded(self, found: Arrival, told: Mapping[str, Any], data: bytes) -> Arrival:
        """Return what a single file comes to."""
        if "refused" in told:
            return replace(found, refused=Refusal[told["refused"]].value.format(**told["facts"]))
        try:
            if self._office and ("file" in told or "unrecognised" in told):
                return replace(found, found=wire.heard_return(told, self._office.at))
            if "grids" in told:
                return replace(found, book=wire.heard(told))
        except (KeyError, TypeError, ValueError, AttributeError):  # no answer of ours: the process speaks for its file
            return replace(found, refused=Refusal.CRASHED.value)
        if found.format.is_attachment:
            return replace(found, evidence=data)
        return replace(found, refused=_unread(found.format))

    def _end(self) -> None:
        if self._child:
            self._child.end()
        self._child = None


def read_ahead(files: Sequence[tuple[Path, str]], password: str, office: Office) -> Iterator[list[Arrival]]:
    """Yield what each file handed in comes to, in their order, read by as many processes as there are processors.

    Only a few files are read ahead of the one that is asked for. Evidence comes without its
    bytes: a run may bring more than fits into memory.
    """
    many = max(1, min(os.cpu_count() or 1, _MOST, len(files)))
    readers: queue.SimpleQueue[Reader] = queue.SimpleQueue()

    def read(path: Path, name: str) -> list[Arrival]:
        reader = readers.get()
        try:
            return [_without_bytes(one) for one in reader.arrivals(path, name)]
        finally:
            readers.put(reader)

    with contextlib.ExitStack() as held:
        for _ in range(many):
            readers.put(held.enter_context(Reader(password, office)))
        pool = held.enter_context(ThreadPoolExecutor(many))
        waiting: deque[Future[list[Arrival]]] = deque()
        try:
            for path, name in files:
                waiting.append(pool.submit(read, path, name))
                if len(waiting) > many * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()


_MOST = 8  # reading processes: each may take as much memory as `limits.MEMORY`
_AHEAD = 4  # files read ahead by each of them


def _without_bytes(one: Arrival) -> Arrival:
    return one if one.evidence is None else replace(one, evidence=b"")


def _lock_file(origin: Origin) -> Arrival:
    return Arrival(origin, format=Format.LOCK_FILE, refused=Refusal.LOCK_FILE.value)


def _ran_short(told: Mapping[str, Any]) -> bool:
    return told.get("refused") == Refusal.TOO_BIG.name


def _unread(kind: Format) -> str:
    if kind is Format.EMPTY:
        return Refusal.EMPTY.value
    if kind in (Format.RAR, Format.SEVEN_ZIP):
        return Refusal.UNSUPPORTED_ARCHIVE.value.format(what=kind.value)
    return Refusal.UNSUPPORTED.value.format(what=kind.value)


class _Budget:
    """How much may come out of one file handed in, over all the layers in it."""

    def __init__(self) -> None:
        self.bytes = 4 * limits.UNPACKED
        self.members = limits.MEMBERS
        self.until = monotonic() + limits.TOGETHER

    def takes(self, size: int) -> bool:
        self.bytes -= size
        self.members -= 1
        return self.bytes >= 0 and self.members >= 0 and monotonic() < self.until


class UnreadableError(Exception):
    """A file that cannot be read from the disk, with the sentence that says why."""


def steady_content(path: Path) -> bytes:
    """Return a file's bytes; raise UnreadableError when it is gone, too big, or changes while it is read."""
    try:
        before = path.stat()
        if not stat.S_ISREG(before.st_mode):
            raise UnreadableError(Refusal.NO_FILE.value)
        if before.st_size > limits.FILE:
            raise UnreadableError(Refusal.TOO_BIG.value.format(what=f"超过 {limits.FILE // limits.MIB} MB"))
        data = path.read_bytes()
        after = path.stat()
    except FileNotFoundError as error:
        raise UnreadableError(Refusal.MISSING.value) from error
    except OSError as error:
        said = str(LedgerError(Stop.CANNOT_READ, path=path, reason=reason(error)))
        raise UnreadableError(said.removeprefix(f"{path}：")) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != after.st_size:
        raise UnreadableError(Refusal.CHANGING.value)
    return data


_WORN = 500  # files after which a reading process is replaced: parsers leave memory in pieces
_idle: list[_Child] = []  # a process that is waiting for the next run; it ends with ours


def _rested() -> _Child | None:
    try:
        return _idle.pop()
    except IndexError:
        return None


class _Child:
    """One reading process, and a thread that waits for its answers so that we can stop waiting."""

    def __init__(self) -> None:
        self.served = 0
        self.late = False
        self._office = b""  # whom it works for
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-B", "-m", "taizhang.books.arrivals.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._answers: queue.Queue[tuple[dict[str, Any], list[bytes]] | None] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def worn(self) -> bool:
        """Return whether the process should not be used again."""
        return self.served >= _WORN or self._process.poll() is not None

    def work_for(self, office: bytes) -> None:
        """Tell the process whose ledger the files belong to, in case it does not know."""
        if office != self._office:
            self._office = office
            self._ask({"office": True}, office)

    def answer(self, head: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], list[bytes]] | None:
        """Return the answer to a request, None when the process died or took too long."""
        threading.Thread(target=self._ask, args=(head, data), daemon=True).start()
        try:
            answer = self._answers.get(timeout=limits.SECONDS)
        except queue.Empty:
            self.late = True
            return None
        self.served += 1
        return answer

    def _ask(self, head: Mapping[str, Any], data: bytes) -> None:
        assert self._process.stdin
        with contextlib.suppress(OSError, ValueError):  # it has died; its silence says so
            wire.send(self._process.stdin, head, data)

    def _listen(self) -> None:
        assert self._process.stdout
        try:
            while (answer := wire.receive(self._process.stdout, limits.REPLY)) is not None:
                self._answers.put(answer)
        except (OSError, ValueError, KeyError):
            pass
        self._answers.put(None)

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError, ValueError):
                if stream:
                    stream.close()
