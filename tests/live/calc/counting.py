"""How many calls Excel would have answered, and the death of the process before one of them.

A call is an access from xlwings (or from `.api`) to one of our objects that COM would carry to Excel. What
happens inside of one access is not counted again. A mutating call is one that changes a workbook, a file or
a setting of the application.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any, TypeVar

DIE = "TAIZHANG_CALC_DIE"
EXIT = 137
_T = TypeVar("_T", bound=type)


class _Counts:
    calls = 0
    changes = 0
    depth = 0
    die_at: int | None = None


_counts = _Counts()


def calls() -> int:
    """Return the number of calls since `reset_calls`."""
    return _counts.calls


def changes() -> int:
    """Return the number of mutating calls since the process began."""
    return _counts.changes


def reset_calls() -> None:
    """Count from nought again."""
    _counts.calls = 0


def die_before(number: int | None) -> None:
    """Let the process die before its N-th mutating call from now on; None takes it back."""
    _counts.changes = 0
    _counts.die_at = number


def about_to_change() -> None:
    """Count a mutating call, and die instead if it is the one."""
    _counts.changes += 1
    if _counts.changes == _counts.die_at:
        os._exit(EXIT)


def _wrap(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def counted_call(*args: Any, **kwargs: Any) -> Any:
        if not _counts.depth:
            _counts.calls += 1
        _counts.depth += 1
        try:
            return function(*args, **kwargs)
        finally:
            _counts.depth -= 1

    return counted_call


_SPECIAL = ("__call__", "__len__", "__iter__", "__contains__")


def counted(*local: str) -> Callable[[_T], _T]:
    """Return a class decorator that counts every public member but those which only look at the object itself."""

    def decorate(cls: _T) -> _T:
        for name, member in list(vars(cls).items()):
            if name in local or (name.startswith("_") and name not in _SPECIAL):
                continue
            if isinstance(member, property):
                setter = _wrap(member.fset) if member.fset else None
                setattr(cls, name, property(_wrap(member.fget), setter, None, member.__doc__))
            elif callable(member) and not isinstance(member, type):
                setattr(cls, name, _wrap(member))
        return cls

    return decorate


if os.environ.get(DIE):
    die_before(int(os.environ[DIE]))
