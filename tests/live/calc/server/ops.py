"""The requests this helper understands, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

OPS: dict[str, Callable[..., Any]] = {}


def op(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that enters a function under a request's name."""

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        OPS[name] = function
        return function

    return enter
