"""Measures how long starting takes beside what others import: `python benchmarks/start.py`, see README.md."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence

from sides import Target, judged, machine, say

RUNS = 9
# What is started, and beside what it is held: the ratio the target speaks of, and how large it may be.
PAIRS: Mapping[str, tuple[Sequence[str], str, Sequence[str]]] = {
    "taizhang --version": (("-m", "taizhang", "--version"), "import typer", ("-c", "import typer")),
    "import taizhang.ribbon": (("-c", "import taizhang.ribbon"), "import xlwings", ("-c", "import xlwings")),
}

TARGETS = tuple(Target(f"启动：{name}", name, other, 1.3) for name, (_, other, _) in PAIRS.items())


def main() -> None:
    """Start everything so many times, in turns, and print the fastest of each."""
    with tempfile.TemporaryDirectory() as kept:
        found = _measured(_as_installed(kept))
    for line in judged(TARGETS, found):
        say(line)
    say(machine())


def _as_installed(kept: str) -> dict[str, str]:
    """Return an environment in which what was compiled once is kept, as it is where a package is installed."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return own | {"PYTHONPYCACHEPREFIX": kept}


def _measured(environment: Mapping[str, str]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    say(f"{'':28}{'ms':>8}  {'beside':20}{'ms':>8}{'ratio':>9}")
    for name, (own, other, beside) in PAIRS.items():
        seconds = [(_seconds(own, environment), _seconds(beside, environment)) for _ in range(RUNS)]
        one, two = (min(pair[side] for pair in seconds) for side in (0, 1))
        found |= {name: {"seconds": one}, other: {"seconds": two}}
        say(f"{name:28}{one * 1000:8.0f}  {other:20}{two * 1000:8.0f}{one / two:8.2f}×")
    return found


def _seconds(arguments: Sequence[str], environment: Mapping[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
