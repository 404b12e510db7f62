"""What the engine raises where Excel's automation would."""

from __future__ import annotations


class ComError(Exception):
    """Excel refused the call. It stands in for `pywintypes.com_error`, so it is a plain Exception on purpose:
    code that survives it only by catching KeyError or ValueError would not survive the real one."""

    hresult = -2147352567

    def __init__(self, message: str) -> None:
        super().__init__(
            self.hresult, "Exception occurred.", (0, "Microsoft Excel", message, None, 0, -2146827284), None
        )
        self.message = message

    def __str__(self) -> str:
        return self.message


def unsupported(member: str) -> NotImplementedError:
    """Return the error for a member this engine does not imitate."""
    return NotImplementedError(f"the Calc engine does not offer {member}")
