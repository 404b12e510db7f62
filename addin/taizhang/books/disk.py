"""Bytes on disk: read with a sentence when they cannot be, written all or nothing."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from taizhang.errors import LedgerError, Stop


def content_of(path: Path) -> bytes:
    """Return a file's bytes; raise LedgerError when it is not there or cannot be read."""
    if path.is_dir():
        raise LedgerError(Stop.IS_FOLDER, path=path)
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise LedgerError(Stop.MISSING_FILE, path=path) from error
    except OSError as error:
        raise LedgerError(Stop.CANNOT_READ, path=path, reason=reason(error)) from error


def refuse_missing(paths: Iterable[Path]) -> None:
    """Raise LedgerError, naming them all, where some of the paths handed in lead nowhere."""
    if gone := [str(path) for path in paths if _is_gone(path)]:
        raise LedgerError(Stop.MISSING_PATH, path="、".join(gone))


def _is_gone(path: Path) -> bool:
    try:
        path.stat()
    except OSError as error:
        return not isinstance(error, PermissionError)  # what may not be looked at is told when it is read
    return False


def refuse_no_folder(folder: Path) -> None:
    """Raise LedgerError where a file stands in the place of a folder, or of one above it."""
    for one in (folder, *folder.parents):
        if _is_no_folder(one):
            raise LedgerError(Stop.NOT_A_FOLDER, path=one)


def _is_no_folder(path: Path) -> bool:
    with contextlib.suppress(OSError):  # not there, or not to be looked at: that is told when it is written to
        return not stat.S_ISDIR(path.stat().st_mode)
    return False


def make_folder(folder: Path) -> None:
    """Make a folder, with those above it, where it is not there."""
    refuse_no_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)


def fingerprint(data: bytes) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` where `path` is, all or nothing."""
    temporary = None
    try:
        make_folder(path.parent)
        handle, name = tempfile.mkstemp(prefix=_aside(path), suffix=_TEMPORARY, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        write_through(temporary, data)
        if path.exists():
            shutil.copymode(path, temporary)
        else:
            temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise LedgerError(Stop.CANNOT_WRITE, path=path, reason=reason(error)) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


_TEMPORARY = ".tmp"


def _aside(path: Path) -> str:
    """Return how the names of a file's temporary twins begin; another file's begin otherwise."""
    return f".{path.stem[:40]}.{fingerprint(path.name.encode())[:8]}."


def sweep(path: Path) -> None:
    """Remove what killed runs left beside a file whose lock we hold."""
    for one in path.parent.glob(f"{glob.escape(_aside(path))}*{_TEMPORARY}"):
        with contextlib.suppress(OSError):
            one.unlink()


@contextmanager
def staged(made: Mapping[Path, bytes]) -> Iterator[None]:
    """Write files aside, run the block, and only if it succeeds put them where they belong."""
    aside = {path: path.with_name(f".{path.name}.part") for path in made}
    try:
        try:
            for path, data in made.items():
                make_folder(path.parent)
                write_through(aside[path], data)
        except OSError as error:
            raise LedgerError(Stop.CANNOT_WRITE, path=path, reason=reason(error)) from error
        yield
        _put_in_place(aside)
    finally:
        for part in aside.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def _put_in_place(aside: Mapping[Path, Path]) -> None:
    for path, part in aside.items():
        try:
            part.replace(path)
        except OSError as error:
            raise LedgerError(Stop.CANNOT_WRITE, path=path, reason=reason(error)) from error


def write_through(path: Path, data: bytes) -> None:
    """Write bytes to a file, and wait until the disk has them."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def reason(error: OSError) -> str:
    """Return why the system refused, in a clerk's words."""
    return _REASONS.get(type(error)) or _NUMBERS.get(error.errno or 0, "系统拒绝访问")


_REASONS: dict[type[OSError], str] = {
    PermissionError: "没有权限，或文件正被占用",
    FileNotFoundError: "文件夹不存在",
    NotADirectoryError: "路径中有一段不是文件夹",
}
_NUMBERS = {28: "磁盘空间不足", 30: "文件夹是只读的", 36: "文件名太长", 122: "磁盘配额已满"}
