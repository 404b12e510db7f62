"""Who else has the ledger open: other programs' lock files, and our own lock while we write."""

from __future__ import annotations

import contextlib
import csv
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taizhang.books.disk import reason
from taizhang.errors import LedgerError, Stop

# Where each program says that it has a workbook open.
_MARKS = (("~${}", "Excel"), (".~{}", "WPS"), (".~lock.{}#", "LibreOffice"))


@contextmanager
def locked(path: Path, *, force: bool = False) -> Iterator[None]:
    """Hold the ledger for one write; raise LedgerError when another program or run holds it.

    `force` passes over other programs' lock files, for those a crash left behind. Our own lock
    belongs to the running process, so a killed one leaves none.
    """
    from filelock import FileLock, Timeout

    _refuse_read_only(path)
    if not force:
        refuse_open(path)
    lock = FileLock(path.parent / f".{path.name}.taizhang.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise LedgerError(Stop.BUSY, path=path) from error
    except OSError as error:
        raise LedgerError(Stop.CANNOT_WRITE, path=path, reason=reason(error)) from error
    try:
        yield
    finally:
        lock.release()


def _refuse_read_only(path: Path) -> None:
    """Raise LedgerError where somebody has marked the file read-only: renaming over it would not mind the mark."""
    with contextlib.suppress(FileNotFoundError):
        if not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
            raise LedgerError(Stop.READ_ONLY, path=path)


def refuse_open(path: Path) -> None:
    """Raise LedgerError when another program has the file open."""
    for pattern, program in _MARKS:
        mark = path.parent / pattern.format(path.name)
        if mark.exists():
            facts = {"program": program, "lock": mark.name, "owner": _owner(mark), "age": _age(mark)}
            raise LedgerError(Stop.OPEN_ELSEWHERE, path=path, **facts)


def _owner(mark: Path) -> str:
    """Return who left a lock file, in a clerk's words."""
    try:
        raw = mark.read_bytes()[:512]
    except OSError:
        return "使用者不详"
    name = _first_field(raw) if mark.name.startswith(".~lock.") else _office_name(raw)
    return f"使用者 {name}" if name else "使用者不详"


def _first_field(raw: bytes) -> str:
    fields = next(csv.reader([raw.decode("utf-8", "replace")]), [])
    return next((field.strip() for field in fields if field.strip()), "")


def _office_name(raw: bytes) -> str:
    """Return the user name in an owner file: a length byte, then the name in the system's code page."""
    name = raw[1 : 1 + raw[0]] if raw and raw[0] <= 54 else b""
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding).strip("\0 ")
        except UnicodeDecodeError:
            continue
    return ""


def _age(mark: Path) -> str:
    """Return since when a lock file is there, in a clerk's words."""
    minutes = max(0, int(time.time() - mark.stat().st_mtime)) // 60
    if minutes < 1:
        return "刚刚打开"
    if minutes < 60:
        return f"打开已有{minutes}分钟"
    return f"打开已有{minutes // 60}小时" if minutes < 48 * 60 else f"打开已有{minutes // (24 * 60)}天"
