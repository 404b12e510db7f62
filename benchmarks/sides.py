"""Ways of doing one thing, measured side by side: each in a process of its own, in turns, the fastest run of each counts."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

Found: TypeAlias = Mapping[
    str, Mapping[str, Any]
]  # of each way: its seconds and its peak memory in MB, or why it failed


def in_turns(script: str, names: Sequence[str], runs: int, *options: str) -> dict[str, dict[str, Any]]:
    """Return the fastest run of each way; they take turns, so that a busy moment hits all of them.

    `script` is asked to `--measure` one way by its name, with `options`, and prints what `measured` gives as JSON.
    """
    found: dict[str, dict[str, Any]] = {}
    for _ in range(runs):
        for name in names:
            one = _in_fresh_process(script, name, options)
            if name not in found or one.get("seconds", 0) < found[name].get("seconds", 0):
                found[name] = one
    return found


def parser(about: str | None, ways: Iterable[str] | None, *, small: str, kept: str, runs: int = 3) -> ArgumentParser:
    """Return what every script is asked with; `small` is how much its small form makes, `kept` the option for what is made."""
    made = ArgumentParser(description=about)
    made.add_argument("--small", action="store_true", help=f"{small}: to see whether everything works")
    made.add_argument("--runs", type=int, default=runs, help="how often each is measured; the fastest counts")
    made.add_argument(kept, type=Path, help="keep what is made here, and use what is here")
    told = {} if ways is None else {"choices": tuple(ways)}
    made.add_argument("--measure", help=SUPPRESS, **told)  # what the fresh processes are told
    return made


def _in_fresh_process(script: str, name: str, options: Sequence[str]) -> dict[str, Any]:
    command = [sys.executable, script, "--measure", name, *options]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        return {"failed": done.stderr.strip().rpartition("\n")[2]}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measured(act: Callable[[], object]) -> dict[str, float]:
    """Return the seconds an act takes, its own imports included, and the peak memory of this process in MB."""
    started = time.perf_counter()
    act()
    return {"seconds": time.perf_counter() - started, "memory": _peak()}


def _peak() -> float:
    """Return the peak memory of this process in MB, 0 where the system does not tell (getrusage has the parent's)."""
    return next((int(line.split()[1]) / 1e3 for line in _lines("/proc/self/status", "VmHWM")), 0)


def _lines(file: str, key: str) -> list[str]:
    known = Path(file)
    return [line for line in known.read_text("utf-8").splitlines() if line.startswith(key)] if known.exists() else []


def table(found: Found, yardstick: str) -> Iterator[str]:
    """Yield the lines of a table: seconds, how many times the yardstick's, and peak memory."""
    whole = found.get(yardstick, {}).get("seconds")
    yield f"{'':24}{'seconds':>9}{'ratio':>10}{'MB':>8}"
    for name, one in found.items():
        if "failed" in one:
            yield f"{name:24}{one['failed']}"
            continue
        ratio = f"{one['seconds'] / whole:.2f}×" if whole else ""
        yield f"{name:24}{one['seconds']:9.2f}{ratio:>10}{one['memory']:8.0f}"


@dataclass(frozen=True)
class Target:
    """What a measured figure must not exceed: of `way`, as a multiple of what `against` takes, or its memory in MB."""

    what: str
    way: str
    against: str
    most: float

    @property
    def wanted(self) -> str:
        """Return the target as the table of targets writes it."""
        return f"≤ {self.most:.3g} MB" if self.against == MEMORY else f"≤ {self.most:.3g} × {self.against}"

    def figure(self, found: Found) -> float | None:
        """Return what was measured, None where one of the two could not be."""
        own, other = (found.get(name, {}) for name in (self.way, self.against))
        if self.against == MEMORY:
            return own.get("memory")
        return own["seconds"] / other["seconds"] if "seconds" in own and "seconds" in other else None


MEMORY = "memory"


def judged(targets: Iterable[Target], found: Found) -> Iterator[str]:
    """Yield a line for every target, see `verdict`; `report.py` reads them."""
    for target in targets:
        figure = target.figure(found)
        unit = " MB" if target.against == MEMORY else " ×"
        told = "not measured" if figure is None else f"{figure:.4g}{unit}"
        yield verdict(target.what, target.wanted, told, met=figure is not None and figure <= target.most)


def verdict(what: str, wanted: str, told: str, *, met: bool) -> str:
    """Return the line that says what was wanted, what was measured, and whether that is enough."""
    return f"{_JUDGED}{what} | {wanted} | {told} | {'yes' if met else 'no'}"


def verdicts(printed: str) -> list[list[str]]:
    """Return what a script said of its targets in what it printed: what, target, figure, whether it is met."""
    lines = (line.removeprefix(_JUDGED) for line in printed.splitlines() if line.startswith(_JUDGED))
    return [line.split(" | ") for line in lines]


_JUDGED = "target: "


def machine() -> str:
    """Return what this was measured on."""
    return f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"


def _processor() -> str:
    models = (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo", "model name"))
    return next(models, platform.processor() or platform.machine())


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
