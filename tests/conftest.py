"""What all tests share: the real ledger, and the rule for tests that need LibreOffice."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

import office

# On CI the same examples every time: a submission is judged by its change, not by luck.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs LibreOffice where there is none; fail it instead where it is required."""
    if item.get_closest_marker("office") is None or office.soffice() is not None:
        return
    if office.required():
        pytest.fail(office.MISSING, pytrace=False)
    pytest.skip(office.MISSING)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were skipped for want of LibreOffice: green because skipped is not green."""
    skipped = [report for report in terminalreporter.stats.get("skipped", ()) if "office" in report.keywords]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} office tests skipped: {office.MISSING}", yellow=True)
