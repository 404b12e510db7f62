"""What all tests share: the real ledger, and the rule for tests that need LibreOffice."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

import mailservers
import office
import screens

NEEDS = (
    ("office", office.soffice, office.MISSING),
    ("dovecot", mailservers.dovecot, mailservers.MISSING),
    ("window", screens.there, screens.MISSING),
)

# On CI the same examples every time: a submission is judged by its change, not by luck.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs LibreOffice or Dovecot where there is none; fail it instead where it is required."""
    for marker, there, missing in NEEDS:
        if item.get_closest_marker(marker) is not None and not there():
            if office.required():
                pytest.fail(missing, pytrace=False)
            pytest.skip(missing)


# What a test file's first fixture takes minutes for is begun first: where files are shared out among processes,
# the last one would keep all others waiting.
LONGEST = (
    *("test_real_year", "test_crash", "test_year", "test_overview", "test_gui", "test_boundaries"),
    *("test_benchmarks", "test_rollup_cluster", "test_documents", "test_installing"),
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; all others keep their order."""
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.stem, len(ranks)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were skipped for want of a program: green because skipped is not green."""
    for marker, _, missing in NEEDS:
        skipped = [report for report in terminalreporter.stats.get("skipped", ()) if marker in report.keywords]
        if skipped:
            terminalreporter.write_line(f"{len(skipped)} {marker} tests skipped: {missing}", yellow=True)
