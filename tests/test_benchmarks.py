"""The benchmarks run, in their small form; how fast anything is is nobody's business here."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from screens import screen

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.append(str(BENCHMARKS))
sides, report = (importlib.import_module(name) for name in ("sides", "report"))


SMALL = {"check.py": 7, "merge.py": 4, "growth.py": 3, "update.py": 3, "split.py": 3, "rollup.py": 3}


@pytest.mark.parametrize(("script", "ways"), SMALL.items())
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


FASTER = sides.Target("甲比乙", "甲", "乙", 0.5)
SMALLER = sides.Target("甲的内存", "甲", sides.MEMORY, 400)


@pytest.mark.parametrize(
    ("target", "own", "told", "met"),
    [
        (FASTER, {"seconds": 1, "memory": 9}, "0.5 ×", "yes"),
        (FASTER, {"seconds": 1.1, "memory": 9}, "0.55 ×", "no"),
        (FASTER, {"failed": "not installed"}, "not measured", "no"),
        (SMALLER, {"seconds": 1, "memory": 400.0}, "400 MB", "yes"),
        (SMALLER, {"seconds": 1, "memory": 400.4}, "400.4 MB", "no"),
    ],
)
def test_a_target_is_met_by_what_was_measured_or_not_at_all(target, own: dict, told: str, met: str) -> None:
    (line,) = sides.judged([target], {"甲": own, "乙": {"seconds": 2, "memory": 1}})
    assert sides.verdicts(f"other words\n{line}\n") == [[target.what, target.wanted, told, met]]


def test_the_page_of_figures_is_what_was_measured_last() -> None:
    assert report.PAGE.read_text("utf-8") == report.page(results()), "python benchmarks/report.py --only"


def test_the_page_speaks_of_the_targets_there_are() -> None:
    measured = {(what, wanted) for said in results().values() for what, wanted, *_ in sides.verdicts(said["printed"])}
    assert {
        (one.what, one.wanted) for script in ("merge", "update", "check", "split", "start") for one in targets(script)
    } <= measured


def test_every_target_that_was_missed_says_why() -> None:
    missed = {v[0] for said in results().values() for v in sides.verdicts(said["printed"]) if v[3] == "no"}
    assert missed == set(report.WHY)


def results() -> dict[str, dict[str, str]]:
    return dict(json.loads(report.RESULTS.read_text("utf-8")))


def targets(script: str) -> tuple:
    module: ModuleType = importlib.import_module(script)
    return tuple(module.TARGETS)


def shown_small() -> set[str]:
    """Return the scripts whose small form the readme shows; what else it shows is held to in test_fragments."""
    lines = (BENCHMARKS / "README.md").read_text(encoding="utf-8").splitlines()
    return set(re.findall(r"^    .*benchmarks/(\w+\.py) --small(?: |$)", "\n".join(lines), re.M))


def test_the_readme_shows_how_to_run_small_what_is_run_here() -> None:
    assert shown_small() - {*SMALL} == {"calls.py", "window.py"}
    assert {*SMALL} - shown_small() == {"growth.py"}


@pytest.mark.window
def test_the_window_is_measured_to_its_end() -> None:
    with screen() as environment:
        command = [sys.executable, str(BENCHMARKS / "window.py"), "--small"]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(r"\d+ cores", done.stdout.splitlines()[-1])
