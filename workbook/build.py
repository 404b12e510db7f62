"""Build what this folder ships: `python workbook/build.py`. A test fails when a file here is stale."""

from __future__ import annotations

from datetime import date, datetime
from importlib.resources import files
from pathlib import Path

from taizhang.books.render import render
from taizhang.books.sources import bundled_departments
from taizhang.deadlines import Dictionary, closed_wordings
from taizhang.journal import NEW, Act, Journal, changed
from taizhang.layout.office import ledger_workbook
from taizhang.ledger import Ledger
from taizhang.settings import Settings

FOLDER = Path(__file__).parent
TEMPLATE, SAMPLE = FOLDER / "ledger_template.xlsx", FOLDER / "samples" / "2020年泉港区优化营商环境工作要点.txt"
YEAR, SPARE_ROWS = 2027, 100


def template() -> bytes:
    """Return the empty ledger: every sheet, list, rule and formula, and rows ready to be filled in."""
    settings = Settings.of(title=f"{YEAR}年营商环境工作台账", year=YEAR)
    dictionary = Dictionary(dict(closed_wordings(YEAR)))
    empty = Ledger("", (), {}, bundled_departments(), dictionary, settings)
    made = Act(NEW, datetime(YEAR - 1, 12, 31), "")
    record = Journal().extended([(made, changed(None, empty))])
    return render(ledger_workbook(empty, date(YEAR, 1, 1), record, SPARE_ROWS))


def sample() -> bytes:
    """Return the notice that ships inside the package."""
    return (files("taizhang") / "data" / "notice_2020.txt").read_bytes()


if __name__ == "__main__":
    TEMPLATE.write_bytes(template())
    SAMPLE.write_bytes(sample())
