"""The benchmarks run, in their small form; how fast anything is is nobody's business here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.mark.parametrize(
    ("script", "ways"),
    [("check.py", 7), ("merge.py", 4), ("update.py", 3), ("split.py", 3)],
)
def test_every_way_is_measured_to_its_end(script: str, ways: int) -> None:
    command = [sys.executable, str(BENCHMARKS / script), "--small", "--runs", "1"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    left_out = done.stdout.count("not installed")  # what only the benchmark would need
    assert done.stdout.count("×") == ways - left_out, done.stdout
    assert left_out <= (script == "update.py"), done.stdout


def test_acts_ask_the_program_as_often_in_a_larger_ledger() -> None:
    command = [sys.executable, str(BENCHMARKS / "calls.py"), "--small"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    counts = {line[:24].strip(): line[24:].split() for line in done.stdout.splitlines()[1:]}
    for act in ("status", "status --write", "check", "merge", "summary"):
        few, many = counts[act]
        assert few == many, done.stdout
