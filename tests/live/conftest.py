"""The live LibreOffice of a test session: `calc`, next to this file, is the engine that lets xlwings drive it.

LibreOffice 7.4 itself crashes now and then under this treatment. A test during which the office
died says nothing of our code: it is run again in a new office, four times at most, and that is told.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

AGAIN = 4
_url: list[str] = []
_crashed: list[str] = []


@pytest.fixture(scope="session")
def calc_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start one office for the session."""
    import calc

    url = calc.start(tmp_path_factory.mktemp("office"))
    _url.append(url)
    yield url
    if calc.alive(url):
        _url.clear()  # it is ended, it did not die
    calc.stop(url)


@pytest.fixture
def calc_app(calc_url: str) -> object:
    """Return xlwings' view of that office; one that died, or soon would, gives way to a new one."""
    import calc
    import xlwings as xw

    if not calc.alive(calc_url) or calc.worn(calc_url):
        calc.stop(calc_url)
        calc.start(calc_url.removeprefix("calc://"))
    calc.register(calc_url)
    return xw.apps.active or xw.App(visible=False, add_book=False)


def _office_died() -> bool:
    import calc

    return bool(_url) and not calc.alive(_url[-1])


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test again when the office died under it."""
    if item.get_closest_marker("office") is None:
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for left in range(AGAIN, -1, -1):
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        if not left or not any(report.failed for report in reports) or not _office_died():
            break
        _crashed.append(item.nodeid)
        item._initrequest()  # type: ignore[attr-defined]  # the way pytest's own plugins run a test again
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say under which tests the office died."""
    for name in _crashed:
        terminalreporter.write_line(f"LibreOffice crashed, the test was run again: {name}", yellow=True)
