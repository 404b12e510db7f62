"""The benchmarks run, in their small form; how fast anything is is nobody's business here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.mark.parametrize(
    ("script", "ways"),
    [("check.py", 5), ("merge.py", 4)],
)
def test_every_way_is_measured_to_its_end(script: str, ways: int) -> None:
    command = [sys.executable, str(BENCHMARKS / script), "--small", "--runs", "1"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("×") == ways, done.stdout
