"""Build what this folder ships: `python workbook/build.py`. A test fails when a file here is stale."""

from __future__ import annotations

from datetime import date, datetime
from importlib.resources import files
from pathlib import Path

from taizhang.actions import blank_ledger
from taizhang.books.ledgers import BLANK_ROWS
from taizhang.books.render import render
from taizhang.journal import NEW, Act, Journal, changed
from taizhang.layout.office import ledger_workbook

FOLDER = Path(__file__).parent
TEMPLATE, SAMPLE = FOLDER / "ledger_template.xlsx", FOLDER / "samples" / "2020年泉港区优化营商环境工作要点.txt"
YEAR = 2027


def template() -> bytes:
    """Return what `taizhang new --blank` makes: every sheet, list, rule and formula, and rows ready to be filled in."""
    empty = blank_ledger(YEAR)
    made = Act(NEW, datetime(YEAR - 1, 12, 31), "")
    record = Journal().extended([(made, changed(None, empty))])
    return render(ledger_workbook(empty, date(YEAR, 1, 1), record, BLANK_ROWS))


def sample() -> bytes:
    """Return the notice that ships inside the package."""
    return (files("taizhang") / "data" / "notice_2020.txt").read_bytes()


if __name__ == "__main__":
    TEMPLATE.write_bytes(template())
    SAMPLE.write_bytes(sample())
