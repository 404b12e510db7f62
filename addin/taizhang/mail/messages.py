"""A letter as a message: what a mail program opens as a draft, and what a server is handed."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from taizhang.mailing import Letter

_INDENT = "　　"
_XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def message(letter: Letter, workbook: bytes) -> EmailMessage:
    """Return the message of a letter with its workbook, without what only its sending decides."""
    made = EmailMessage(policy=SMTP)
    made["To"] = [Address(letter.department, addr_spec=address) for address in letter.to]
    made["Subject"] = letter.subject
    made.set_content(set_in_type(letter.body), charset="utf-8", cte="base64")
    main, sub = _XLSX
    made.add_attachment(workbook, maintype=main, subtype=sub, filename=letter.file.name)
    return made


def draft(letter: Letter, workbook: bytes) -> bytes:
    """Return a letter as an .eml that opens as an unsent message; its sender is whoever opens it.

    X-Unsent is what Outlook goes by, and others after it; none of them could be tried here.
    """
    made = message(letter, workbook)
    made["X-Unsent"] = "1"
    return made.as_bytes()


def outgoing(letter: Letter, workbook: bytes, sender: Address, at: datetime, id: str) -> EmailMessage:
    """Return a letter as it leaves: from whom, when and under which message id."""
    made = message(letter, workbook)
    made["From"] = sender
    made["Date"] = format_datetime(at.astimezone())
    made["Message-ID"] = id
    return made


def set_in_type(body: str) -> str:
    """Return a body as letters are set: the first line flush, paragraphs indented, the signature as it stands."""
    lines = body.split("\n")
    last = max((n for n, line in enumerate(lines) if not line.strip()), default=len(lines))
    return "\n".join(
        f"{_INDENT}{line}" if 0 < n < last and line.strip() and not line.startswith("　") else line
        for n, line in enumerate(lines)
    )
