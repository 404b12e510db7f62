"""The uses of mail: drafts of a dispatch or of reminders, for `cli` and `ribbon` to call.

A workbook goes into a mail only as it was dispatched: its bytes must be those of 下发记录.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from taizhang import mailing
from taizhang.actions import Context, as_of_for, refuse_target
from taizhang.books import disk, ledgers
from taizhang.books.ledgers import Where
from taizhang.dispatch import safe_name
from taizhang.errors import LedgerError, Stop
from taizhang.findings import Finding
from taizhang.ledger import Batch, Ledger, SentFile
from taizhang.mailing import Kind, Letter
from taizhang.periods import Period


@dataclass(frozen=True)
class Asked:
    """Which mails are wanted: why, of which period (the newest dispatch where none is named), to whom (all: empty)."""

    kind: Kind = Kind.DISPATCH
    period: Period | None = None
    only: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mailbag:
    """The letters of a batch with their workbooks; who cannot be written and why."""

    batch: Batch
    letters: tuple[Letter, ...]
    workbooks: dict[str, bytes]
    findings: tuple[Finding, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True)
class Drafted:
    """Drafts that were written, by department; who has none and why."""

    kind: Kind
    batch: str
    files: tuple[tuple[str, Path], ...]
    findings: tuple[Finding, ...]
    refused: tuple[str, ...]


def draft(where: Where, folder: Path, target: Path, context: Context, asked: Asked) -> Drafted:
    """Write an .eml for every department that is asked for and can be reached; never over an existing file."""
    opened = ledgers.open_ledger(where)
    bag = mailbag(opened.ledger.with_wordings(), str(opened.path), folder, context, asked)
    on = f"_{context.now:%Y%m%d}" if asked.kind is Kind.REMINDER else ""
    made: dict[Path, bytes] = {}
    files: list[tuple[str, Path]] = []
    from taizhang.mail.messages import draft as eml

    for letter in bag.letters:
        name = f"{bag.batch.period.title}_{safe_name(letter.department)}_{asked.kind.value}{on}.eml"
        path = target / name
        refuse_target(path, ".eml")
        made[path] = eml(letter, bag.workbooks[letter.department])
        files.append((letter.department, path))
    with disk.staged(made):
        pass
    return Drafted(asked.kind, bag.batch.id, tuple(files), bag.findings, bag.refused)


def mailbag(ledger: Ledger, where: str, folder: Path, context: Context, asked: Asked) -> Mailbag:
    """Return the letters asked for with their workbooks out of `folder`; who cannot be written is told, and stops nobody."""
    batch = batch_of(ledger, where, asked.period)
    files = mailing.awaited(ledger, batch, asked.kind, departments(ledger, batch, asked.only))
    findings = tuple(mailing.unreachable(ledger.directory, [file.department for file in files]))
    workbooks: dict[str, bytes] = {}
    refused: list[str] = []
    for file in files:
        try:
            workbooks[file.department] = workbook_of(folder, file)
        except LedgerError as error:
            refused.append(f"{file.department}：{error}")
    there = [file for file in files if file.department in workbooks]
    letters = mailing.letters(ledger, batch, asked.kind, as_of_for(ledger, context.now), there)
    return Mailbag(batch, letters, workbooks, findings, tuple(refused))


def batch_of(ledger: Ledger, where: str, period: Period | None) -> Batch:
    """Return the newest dispatch, of a period where one is named; raise LedgerError where there is none."""
    found = [batch for batch in ledger.batches if period in (None, batch.period)]
    if not found:
        raise LedgerError(Stop.NO_BATCH, path=where, period=period.title if period else "")
    return found[-1]


def departments(ledger: Ledger, batch: Batch, names: Sequence[str]) -> Collection[str]:
    """Return whom some names mean; raise LedgerError for one that the batch has no file for."""
    sent = {file.department for file in batch.files}
    meant = {name: ledger.directory.canonical(name) or name for name in names}
    if strange := [name for name, found in meant.items() if found not in sent]:
        raise LedgerError(Stop.NO_SUCH_DEPARTMENT, names="、".join(strange), batch=batch.id)
    return set(meant.values())


def workbook_of(folder: Path, file: SentFile) -> bytes:
    """Return a department's workbook as it was dispatched; raise LedgerError where it is not, or not so, in `folder`."""
    data = disk.content_of(folder / file.name)
    if disk.fingerprint(data) != file.sha256:
        raise LedgerError(Stop.NOT_AS_SENT, path=folder / file.name)
    return data
