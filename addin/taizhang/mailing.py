"""What each department is written: the list of a dispatch, or a reminder that its return is missing.

A mail's words come from 设置; the addresses from 单位名录, which alone says who is who.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from taizhang import rules, tables, templates
from taizhang.addresses import is_address, mailbox
from taizhang.columns import TASKS
from taizhang.departments import Directory
from taizhang.findings import Code, Finding
from taizhang.ledger import SENT, Batch, Ledger, Post, SentFile
from taizhang.merge import idle_departments, missing_departments
from taizhang.report import date_in_words
from taizhang.templates import filled
from taizhang.values import shortened, shown

_LISTED = 30  # tasks that a mail names one by one; all of them are in the workbook
_QUOTED = 40  # characters of a task that a mail quotes


class Kind(Enum):
    """Why a department is written."""

    DISPATCH = "清单"
    REMINDER = "催报"


@dataclass(frozen=True)
class Letter:
    """A mail to be written: to whom, of which batch, what it says, and the workbook that goes with it."""

    kind: Kind
    batch: str
    file: SentFile
    to: tuple[str, ...]
    subject: str
    body: str

    @property
    def department(self) -> str:
        """Return whom it is to."""
        return self.file.department


def addresses(directory: Directory, department: str) -> tuple[str, ...]:
    """Return the addresses of a department that mail can be sent to."""
    found = (address for one in directory.departments if one.name == department for address in one.emails)
    return tuple(dict.fromkeys(address for address in found if is_address(address)))


def owners(directory: Directory, address: str) -> tuple[str, ...]:
    """Return the departments in whose line of 单位名录 an address stands; two may share one."""
    wanted = mailbox(address)
    listed = directory.departments
    return tuple(dict.fromkeys(one.name for one in listed if wanted in map(mailbox, one.emails)))


def unreachable(directory: Directory, departments: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding for every department without an address, and for every address that is none."""
    written = {one.name: one.emails for one in directory.departments}
    for name in departments:
        emails, title = written.get(name, ()), tables.EMAIL_TITLE
        for email in emails:
            if not is_address(email):
                yield Finding(Code.EMAIL_MALFORMED, tables.NAMES, department=name, column=title, value=email)
        if not emails:
            yield Finding(Code.EMAIL_MISSING, tables.NAMES, department=name, column=title)


def awaited(ledger: Ledger, batch: Batch, kind: Kind, only: Collection[str] = ()) -> tuple[SentFile, ...]:
    """Return the files of a batch whose departments are to be written: all, or those that have not reported."""
    silent = {*missing_departments(ledger, batch), *idle_departments(ledger, batch)}
    return tuple(
        file
        for file in batch.files
        if (kind is Kind.DISPATCH or file.department in silent) and (not only or file.department in only)
    )


def posted(ledger: Ledger, batch: Batch, kind: Kind, department: str, on: date) -> Post | None:
    """Return the mail by which a department was written already: of a dispatch at any time, of a reminder on the same day."""
    found = [
        post
        for post in ledger.posts
        if (post.batch, post.kind, post.department) == (batch.id, kind.value, department)
        and (kind is Kind.DISPATCH or post.at.date() == on)
    ]
    return next((post for post in found if post.outcome == SENT), found[-1] if found else None)


def letters(ledger: Ledger, batch: Batch, kind: Kind, as_of: date, files: Sequence[SentFile]) -> tuple[Letter, ...]:
    """Return the mail to each department of some files that has an address, in their order."""
    found = ((file, addresses(ledger.directory, file.department)) for file in files)
    states = ledger.states(as_of)
    late = {code for code, state in states.items() if state.status == rules.LATE}
    return tuple(_letter(ledger, batch, kind, as_of, file, to, late) for file, to in found if to)


def _letter(
    ledger: Ledger,
    batch: Batch,
    kind: Kind,
    as_of: date,
    file: SentFile,
    to: tuple[str, ...],
    late: Collection[str],
) -> Letter:
    settings, department = ledger.settings, file.department
    sent = ledger.sent_rows.get((batch.id, department), {})
    asked = [code for code in sent if code in ledger.by_code and ledger.by_code[code].register is TASKS]
    due = batch.made_at.date() + timedelta(days=int(settings.number("return_days")))
    facts = {
        templates.DEPARTMENT: department,
        templates.LEDGER: settings.text("title"),
        templates.PERIOD: batch.period.title,
        templates.COUNT: str(len(asked)),
        templates.TASKS: _listed(ledger, asked),
        templates.OVERDUE: _overdue(ledger, [code for code in asked if code in late], as_of),
        templates.RETURN_BY: date_in_words(due),
        templates.OFFICE: settings.text("unit"),
        templates.FILE: file.name,
        templates.MISSING: f"{batch.period.title}清单中的{len(asked)}项任务",
    }
    key = "mail" if kind is Kind.DISPATCH else "remind"
    subject = " ".join(filled(settings.text(f"{key}_subject"), facts).split())
    return Letter(kind, batch.id, file, to, subject, filled(settings.text(f"{key}_body"), facts).strip("\n"))


def _listed(ledger: Ledger, codes: Sequence[str]) -> str:
    """Return tasks a line each; what does not fit is counted."""
    lines = [f"　{_told(ledger, code)}（{shown(ledger.by_code[code].cells.get('deadline'))}）" for code in codes]
    more = [f"　另有{len(lines) - _LISTED}项，见附件。"] if len(lines) > _LISTED else []
    return "\n".join(["各项任务：", *lines[:_LISTED], *more]) if lines else ""


def _told(ledger: Ledger, code: str) -> str:
    """Return a task by its number and its first sentence."""
    task = ledger.by_code[code]
    said = " ".join(shown(task.cells.get("target")).split()).partition("。")[0]
    return f"{shown(task.no)}．{shortened(said, _QUOTED)}"


def _overdue(ledger: Ledger, codes: Sequence[str], as_of: date) -> str:
    """Return the overdue tasks by name, nothing where there are none."""
    if not codes:
        return ""
    named = "；".join(_told(ledger, code) for code in codes[:_LISTED])
    more = f"等{len(codes)}项" if len(codes) > _LISTED else ""
    return f"截至{date_in_words(as_of)}已经逾期的有{len(codes)}项，请优先办理：{named}{more}。"
