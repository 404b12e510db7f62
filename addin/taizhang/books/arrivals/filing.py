"""佐证/批次/单位/: where evidence is kept, beside the ledger; nothing that lies there is ever written over."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from taizhang.books.arrivals.containers import safe_name
from taizhang.books.disk import content_of, replace_file
from taizhang.evidence import EVIDENCE


def file_evidence(beside: Path, batch: str, department: str, name: str, data: bytes) -> Path:
    """Return where a file now lies as a department's evidence; one that lies there already is not put twice.

    Raises LedgerError, with a sentence, when it cannot be written.
    """
    folder = beside / EVIDENCE / _part(batch) / _part(department)
    own = _short(Path(_part(name.rpartition("/")[2])))
    for number in count(1):
        target = folder / (own.name if number == 1 else f"{own.stem}_{number}{own.suffix}")
        if not target.exists():
            replace_file(target, data)
            return target
        if target.is_file() and content_of(target) == data:
            return target
    raise AssertionError


def _short(name: Path) -> Path:
    """Return a file's name as long as every disk takes it: 255 bytes of UTF-8, three to a Chinese character."""
    return name.with_name(f"{name.stem[:_LONGEST]}{name.suffix[:_LONGEST]}")


_LONGEST = 60


def _part(name: str) -> str:
    """Return a name as one part of a path: no separators, and nothing Windows reads as something else."""
    part = safe_name(name).replace("/", "_").strip(" .")
    return f"_{part}" if part.partition(".")[0].upper() in _DEVICES else part or "未命名"


_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{name}{n}" for name in ("COM", "LPT") for n in range(10))}
