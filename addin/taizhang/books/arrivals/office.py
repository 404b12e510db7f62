"""Whose ledger the files that come back belong to: with it the process that reads also says what they come to."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from taizhang.books.arrivals.readers import Book
from taizhang.diff import recognised
from taizhang.intake import Refused, Sheets
from taizhang.ledger import Ledger
from taizhang.returns import Recognised


@dataclass(frozen=True)
class Office:
    """A ledger, as far as a return is known by it, and when the returns came."""

    ledger: Ledger
    at: datetime

    @classmethod
    def of(cls, ledger: Ledger, at: datetime) -> Office:
        """Return what is needed of a ledger: neither what came before nor how it stood."""
        return cls(replace(ledger, received=(), snapshots=(), posts=()), at)

    @cached_property
    def packed(self) -> bytes:
        """Return it as the process that reads is given it."""
        return pickle.dumps(self)

    def recognised(self, head: Mapping[str, Any], book: Book) -> Recognised | Refused:
        """Return what an opened file comes to; `head` says where it came from, as the `Reader` tells it."""
        sent_at = datetime.fromisoformat(head["sent_at"]) if head["sent_at"] else None
        file = Sheets(
            head["name"],
            head["sha256"],
            book.grids,
            book.properties,
            book.modified_at,
            book.far,
            head["sender"],
            sent_at,
            book.of_1904,
            book.hidden,
            head["carrier"],
        )
        return recognised(self.ledger, file, self.at)
