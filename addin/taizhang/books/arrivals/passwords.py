"""Workbooks with an open password: told as such, and opened where the password is given. Nothing is kept of it."""

from __future__ import annotations

import io

from taizhang.books.arrivals.readers import RefusedError
from taizhang.books.arrivals.refusals import Refusal


def opened(data: bytes, password: str) -> bytes:
    """Return a workbook without its password; raise RefusedError when there is none given, or another is needed.

    What has no password comes back as it is.
    """
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError

    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        if not file.is_encrypted():
            return data
    except FileFormatError:
        return data
    except MemoryError:
        raise
    except Exception as error:  # damage shows in many ways
        raise RefusedError(Refusal.DAMAGED) from error
    if not password:
        raise RefusedError(Refusal.ENCRYPTED)
    plain = io.BytesIO()
    try:
        file.load_key(password=password)
        file.decrypt(plain)
    except (DecryptionError, InvalidKeyError) as error:
        raise RefusedError(Refusal.WRONG_PASSWORD) from error
    except MemoryError:
        raise
    except Exception as error:
        raise RefusedError(Refusal.WRONG_PASSWORD) from error
    return plain.getvalue()
