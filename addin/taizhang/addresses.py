"""E-mail addresses as a cell of 单位名录 holds them: told apart, judged, compared.

Source: RFC 5321, 4.1.2 (dot-string and domain) and 4.5.3.1 (lengths); what mail programs do
not use, quoted names and addresses of numbers, is not taken.
"""

from __future__ import annotations

import re

from taizhang.values import half_width

_BETWEEN = re.compile(r"[、，,；;\s]+")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{3,254}}\Z)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?!\d+\Z){_LABEL}")


def split_addresses(text: str) -> tuple[str, ...]:
    """Return the addresses of a cell as written, full-width signs narrowed, each once."""
    narrow = half_width(text).replace("＠", "@")
    return tuple(dict.fromkeys(piece for piece in _BETWEEN.split(narrow) if piece))


def is_address(text: str) -> bool:
    """Return whether a text is one address that mail can be sent to."""
    return _ADDRESS.fullmatch(text) is not None


def mailbox(address: str) -> str:
    """Return what two spellings of one address have in common: servers do not tell capitals apart."""
    return address.casefold()
