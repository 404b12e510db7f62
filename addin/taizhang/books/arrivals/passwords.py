"""Workbooks with an open password: told as such, and opened where the password is given. Nothing is kept of it."""

from __future__ import annotations

import io

from taizhang.books.arrivals.refusals import Refusal, RefusedError, damage_refused


def opened(data: bytes, password: str) -> bytes:
    """Return a workbook without its password; raise RefusedError when there is none given, or another is needed.

    What has no password comes back as it is.
    """
    import msoffcrypto
    from msoffcrypto.exceptions import FileFormatError

    with damage_refused():
        try:
            file = msoffcrypto.OfficeFile(io.BytesIO(data))
            locked = file.is_encrypted()
        except FileFormatError:
            locked = False
    if not locked:
        return data
    if not password:
        raise RefusedError(Refusal.ENCRYPTED)
    plain = io.BytesIO()
    with damage_refused(Refusal.WRONG_PASSWORD):
        file.load_key(password=password)
        file.decrypt(plain)
    return plain.getvalue()
