"""A pytest plugin for upstream's own tests: our engine instead of Excel, and every outcome into a file."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
import sys
import types
import zoneinfo
from pathlib import Path

import calc
import pytest

OUTCOMES = "TAIZHANG_UPSTREAM_OUTCOMES"
_outcomes: dict[str, dict[str, str]] = {}
_BEST_FIRST = ("passed", "skipped", "failed", "error")


class _Zone(zoneinfo.ZoneInfo):
    def localize(self, moment: dt.datetime) -> dt.datetime:
        return moment.replace(tzinfo=self)


def _stand_in_for_pytz() -> None:
    """Let a file be collected that wants pytz for one time zone."""
    if importlib.util.find_spec("pytz") is None:
        module = types.ModuleType("pytz")
        module.utc, module.timezone = dt.UTC, _Zone
        sys.modules["pytz"] = module


def pytest_configure(config: pytest.Config) -> None:
    """Let xlwings start a private office for every `xw.App()`."""
    _stand_in_for_pytz()
    calc.register()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the worst outcome of a test's phases, and why."""
    outcome = "error" if report.failed and report.when != "call" else report.outcome
    if report.when != "call" and outcome == "passed":
        return
    known = _outcomes.get(report.nodeid)
    if known is None or _BEST_FIRST.index(outcome) > _BEST_FIRST.index(known["outcome"]):
        _outcomes[report.nodeid] = {"outcome": outcome, "why": _why(report)}


def _why(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        return crash.message.splitlines()[0]
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""


def pytest_sessionfinish() -> None:
    """Write the outcomes."""
    Path(os.environ[OUTCOMES]).write_text(json.dumps(_outcomes, ensure_ascii=False, indent=1), encoding="utf-8")
