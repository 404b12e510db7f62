"""Run xlwings' own tests on the Calc engine and compare them with the failures that are expected.

python tests/live/upstream/run.py            # compare; 1 where anything differs
python tests/live/upstream/run.py --counts   # and say how each file did
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

import fetch

HERE = Path(__file__).parent

EXPECTED = HERE / "expected_failures.toml"
FILES = (
    "test_active",
    "test_alignment",
    "test_app",
    "test_book",
    "test_borders",
    "test_characters",
    "test_chunking",
    "test_conditional_formats",
    "test_conversion",
    "test_data_validation",
    "test_font",
    "test_names",
    "test_ndim",
    "test_range",
    "test_range_duplicates_special_integration",
    "test_range_find_replace_integration",
    "test_range_move_integration",
    "test_sheet",
)
SECONDS = 900


def run(files: tuple[str, ...] = FILES) -> dict[str, dict[str, str]]:
    """Return test -> outcome and reason."""
    archive = fetch.sdist()
    with tempfile.TemporaryDirectory(prefix="taizhang-upstream-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        fetch.unpack_tests(archive, folder)
        outcomes = folder / "outcomes.json"
        paths = os.pathsep.join((str(HERE.parent), str(HERE)))
        environment = os.environ | {"PYTHONPATH": paths, "TAIZHANG_UPSTREAM_OUTCOMES": str(outcomes)}
        environment.pop("TAIZHANG_CALC_URL", None)
        tests = [f"tests/{one}.py" for one in files]
        left_out = [f"--deselect={test}" for test in _table("not_run")]
        options = ["-q", "-p", "plugin", "-p", "no:cacheprovider", "--tb=short", *left_out]
        command = [sys.executable, "-m", "pytest", *options, *tests]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        if not outcomes.exists():
            raise RuntimeError(f"upstream's tests did not run:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return json.loads(outcomes.read_text(encoding="utf-8"))


def expected() -> dict[str, str]:
    """Return test -> why it fails."""
    return _table("failures")


def _table(name: str) -> dict[str, str]:
    return tomllib.loads(EXPECTED.read_text(encoding="utf-8"))[name]


def differences(outcomes: dict[str, dict[str, str]], known: dict[str, str]) -> list[str]:
    """Return a line for every test that fails and should not, passes and should not, or is gone."""
    lines = []
    for test, found in sorted(outcomes.items()):
        failed = found["outcome"] in ("failed", "error")
        if failed and test not in known:
            lines.append(f"fails, and is not expected to: {test}: {found['why']}")
        elif not failed and test in known:
            lines.append(f"{found['outcome']}, and is expected to fail: {test} ({known[test]})")
    return lines + [f"is expected to fail, and is not there: {test}" for test in sorted(set(known) - set(outcomes))]


def counts(outcomes: dict[str, dict[str, str]]) -> list[str]:
    """Return how each file did."""
    by_file: dict[str, Counter[str]] = {}
    for test, found in outcomes.items():
        by_file.setdefault(test.partition("::")[0], Counter())[found["outcome"]] += 1
    return [f"{file}: {dict(sorted(found.items()))}" for file, found in sorted(by_file.items())]


def main() -> int:
    """Print what differs; return 1 where anything does."""
    outcomes = run()
    lines = differences(outcomes, expected())
    if "--counts" in sys.argv:
        lines = counts(outcomes) + lines
        if "--json" in sys.argv:
            lines = [json.dumps(outcomes, ensure_ascii=False, indent=1)]
    sys.stdout.write("\n".join([*lines, ""]))
    return int(bool(differences(outcomes, expected())))


if __name__ == "__main__":
    raise SystemExit(main())
