"""汇总 of many ledgers: find the files, read each on its own, keep its numbers, write one workbook.

The files are other offices', hence hostile: they are parsed where a parser may die (`Reader`), and
whatever is wrong with one of them is a line of 未汇总.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from taizhang import rollup
from taizhang.actions import Context, found_files, name_below
from taizhang.books import disk
from taizhang.books.arrivals.formats import Format
from taizhang.books.arrivals.reading import Arrival, Reader, UnreadableError, steady_content
from taizhang.books.arrivals.refusals import Refusal
from taizhang.books.file import BACKUPS
from taizhang.books.ledgers import refuse_faults
from taizhang.books.locks import refuse_open
from taizhang.books.render import render
from taizhang.errors import LedgerError, Stop
from taizhang.evidence import EVIDENCE
from taizhang.intake import Sheets, is_dispatched, sent_to
from taizhang.layout.reading import read_ledger
from taizhang.layout.rollup import ROLLED, rollup_workbook
from taizhang.rollup import Basis, Entry, File, Left, Rollup, Why

KINDS = (".xlsx", ".xlsm")
_KEPT = {BACKUPS, EVIDENCE}  # folders the program keeps beside a ledger


@dataclass(frozen=True)
class Job:
    """One file to count: where it lies, how it is told, and what it is counted by."""

    path: Path
    file: File
    basis: Basis


Found: TypeAlias = Iterator[Entry | Left]
Way: TypeAlias = Callable[[Iterable[Job]], Found]


@dataclass(frozen=True)
class RolledUp:
    """A summary that was written: where, and what it says."""

    path: Path
    found: Rollup


def roll_up(sources: Sequence[Path], target: Path, context: Context, basis: Basis, scheduler: str = "") -> RolledUp:
    """Count every ledger in some folders and write the summary; with a scheduler's address, count on its cluster."""
    _refuse(target, force=context.force)
    jobs = [Job(path, file, basis) for path, file in files_in(sources, target)]
    found = rollup.rolled(*_parted(_watched(_way(scheduler)(jobs), len(jobs), context)))
    if not found.entries:
        raise LedgerError(Stop.NOTHING_TO_ROLL_UP, count=len(jobs), example=_example(found.left))
    disk.replace_file(target, render(rollup_workbook(found)))
    return RolledUp(target, found)


def _way(scheduler: str) -> Way:
    """Return how files are counted: one after the other here, or on a cluster."""
    if not scheduler:
        return here
    from taizhang.cluster import spread

    return lambda jobs: spread(jobs, scheduler)


def _watched(found: Iterable[Entry | Left], of: int, context: Context) -> Found:
    """Yield what comes, and tell how far it is."""
    for number, one in enumerate(found, 1):
        context.progress("汇总台账", number, of)
        yield one


def _parted(found: Iterable[Entry | Left]) -> tuple[list[Entry], list[Left]]:
    """Return what is counted and what is not."""
    entries: list[Entry] = []
    left: list[Left] = []
    for one in rollup.lightened(found):
        if isinstance(one, Entry):
            entries.append(one)
        else:
            left.append(one)
    return entries, left


def _example(left: Sequence[Left]) -> str:
    return next((f"，例如 {one.file}：{one.reason.rstrip('。')}" for one in left), "")


# what is read, and what is written


def files_in(sources: Sequence[Path], target: Path) -> list[tuple[Path, File]]:
    """Return the workbooks to count, each once, with how it is told; what this program keeps or wrote is none."""
    disk.refuse_missing(sources)
    found: dict[Path, tuple[Path, File]] = {}
    for source in sources:
        for path in found_files(source, source):
            if path == source or _is_meant(path, source, target):
                found.setdefault(path.resolve(), (path, _file(source, path)))
    return list(found.values())


def _is_meant(path: Path, source: Path, target: Path) -> bool:
    """Return whether a file below a folder is one to count."""
    kept = _KEPT & set(path.relative_to(source).parts)
    return path.suffix.lower() in KINDS and not kept and path.resolve() != target.resolve()


def _file(source: Path, path: Path) -> File:
    """Return how a file is told, and the folder that may name its region: the one right below what was handed in."""
    inner = path.relative_to(source).parts[:-1] if path != source else ()
    outer = source if source.is_dir() else source.parent
    return File(name_below(source, path), inner[0] if inner else outer.resolve().name)


def _refuse(target: Path, *, force: bool) -> None:
    """Raise LedgerError where the summary cannot be written: over anything but an earlier summary it never is."""
    if target.suffix.lower() != KINDS[0]:
        raise LedgerError(Stop.WRONG_KIND, path=target, kind=KINDS[0])
    if not target.exists():
        return
    if not force:
        refuse_open(target)
    with Reader() as reader:
        book = next(reader.arrivals(target, target.name)).book
    if book is None or ROLLED not in book.properties:
        raise LedgerError(Stop.EXISTS, path=target)


# counting


def here(jobs: Iterable[Job]) -> Found:
    """Yield what each file comes to, counted in this process one after the other."""
    for job in jobs:
        data = content_of(job)
        yield data if isinstance(data, Left) else counted(data, job.file, job.basis)


def content_of(job: Job) -> bytes | Left:
    """Return a file's bytes, or why it has none."""
    try:
        return steady_content(job.path)
    except UnreadableError as fault:
        return Left.told(job.file.name, str(fault))


def counted(data: bytes, file: File, basis: Basis) -> Entry | Left:
    """Return what the bytes of a file come to as a ledger, or why they do not: the same here and on a worker."""
    with Reader() as reader:
        arrival = reader.arrival(data, file.name)
    try:
        return _entry(arrival, file, basis)
    except LedgerError as error:
        return Left.told(file.name, str(error).removeprefix(f"{file.name}："))
    except Exception:  # cells no ledger ever held: this file alone is lost
        return Left.told(file.name, Refusal.CRASHED.value)


def _entry(arrival: Arrival, file: File, basis: Basis) -> Entry | Left:
    book = arrival.book
    if book is None:
        return _unread(arrival, file)
    if ROLLED in book.properties:
        return Left.because(Why.SUMMARY, file.name)
    sheets = Sheets(file.name, arrival.sha256, book.grids, book.properties)
    if is_dispatched(sheets):
        return Left.because(Why.OTHER, file.name, what=sent_to(sheets))
    reading = read_ledger(file.name, book.grids, book.properties)
    refuse_faults(file.name, reading)
    return rollup.counted(reading.ledger.with_wordings(), reading.journal, file, arrival.sha256, basis)


def _unread(arrival: Arrival, file: File) -> Left:
    """Return why a file has no cells."""
    if arrival.format is Format.ENCRYPTED:
        return Left.because(Why.LOCKED, file.name)
    if arrival.evidence is not None:
        return Left.because(Why.OTHER, file.name, what=arrival.format.value)
    return Left.told(file.name, arrival.refused)
