"""Rebuild the pictures of README and manual from the demo's real output: `python docs/pictures.py`.

Needs LibreOffice (soffice) and poppler-utils (pdftoppm) on the PATH.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from openpyxl import load_workbook

from taizhang import tables
from taizhang.actions import Context, assess, move, write_closing_form, write_report
from taizhang.books.package import Package
from taizhang.checking import check
from taizhang.demo import LEDGER_NAME, run
from taizhang.layout.closing import FORM
from taizhang.layout.office import PLACES
from taizhang.lifecycle import Move, Request
from taizhang.values import Value

IMAGES = Path(__file__).parent / "images"
DPI = 80
# Which sheet each picture shows, and which printed page of it.
PICTURES = {
    "ledger": (tables.LEDGER, 0),
    "summary": (tables.SUMMARY, 0),
    "departments": (tables.SUMMARY, 1),
    "scores": (tables.SCORES, 0),
    "card": (tables.SCORES, 2),
    "indicators": (tables.INDICATORS_SHEET, 0),
}
# What a clerk's hand does to a ledger, by row and column, for the picture of a check.
SLIPS: Mapping[tuple[int, str], Value] = {
    (4, "percent"): 1.5,
    (5, "status"): "逾期",
    (6, "deadline"): "七月底",
    (7, "leads"): " 住建局 ",
    (8, "done_on"): date(2020, 9, 1),
    (13, "leads"): "区行政服物中心",
}


def main() -> None:
    """Run the demo and write one picture per sheet."""
    with tempfile.TemporaryDirectory() as folder:
        demo = Path(folder) / "demo"
        list(run(demo, lambda *_: None))
        for name, (sheet, page) in PICTURES.items():
            draw(demo / LEDGER_NAME, sheet, IMAGES / f"{name}.png", Path(folder), page)
        report = Path(folder) / "通报.pdf"
        write_report(assess(demo / LEDGER_NAME, Context(datetime(2020, 9, 10, 17), "演示")), pdf=report)
        show(report, 1, IMAGES / "report.png")
        closed = Path(folder) / "销号.xlsx"
        context = Context(datetime(2020, 9, 10, 17), "王科")
        done = move(demo / LEDGER_NAME, ["57"], Request(Move.CLOSE, date.min), context)
        draw(write_closing_form(done.ledger, done.done, closed), FORM, IMAGES / "closing.png", Path(folder))
        checked = Path(folder) / "校验.xlsx"
        checked.write_bytes(with_slips((demo / LEDGER_NAME).read_bytes()))
        check(checked, Context(datetime(2020, 9, 10, 17), "演示"), write=True)
        draw(checked, tables.CHECKS, IMAGES / "checks.png", Path(folder))


def with_slips(data: bytes) -> bytes:
    """Return a ledger file in which somebody has made a few mistakes."""
    package = Package.load(data)
    package.set_cells(tables.LEDGER, {(row, PLACES[key]): value for (row, key), value in SLIPS.items()})
    return package.dump()


def draw(book: Path, sheet: str, picture: Path, folder: Path, page: int = 0) -> None:
    """Write a printed page of a sheet, the first without `page`, as a picture."""
    pdf = folder / f"{book.stem}.pdf"
    if not pdf.exists():
        profile = (folder / "profile").as_uri()
        office = ["soffice", "--headless", f"-env:UserInstallation={profile}", "--convert-to", "pdf"]
        subprocess.run([*office, "--outdir", str(folder), str(book)], check=True, capture_output=True)
    show(pdf, first_page(pdf, book, sheet) + page, picture)


def show(pdf: Path, page: int, picture: Path) -> None:
    """Write a page of a PDF as a picture."""
    options = ["-png", "-r", str(DPI), "-f", str(page), "-l", str(page), "-singlefile"]
    subprocess.run(["pdftoppm", *options, str(pdf), str(picture.with_suffix(""))], check=True)


def first_page(pdf: Path, book: Path, sheet: str) -> int:
    """Return the page on which a sheet starts: the first that begins with its title."""
    grid = load_workbook(book, data_only=True)[sheet]
    title = next(cell.value for cell in grid[1] if cell.value)
    page = 1
    while True:
        text = subprocess.run(
            ["pdftotext", "-f", str(page), "-l", str(page), str(pdf), "-"], check=True, capture_output=True
        ).stdout.decode()
        if text.strip().partition("\n")[0].strip() == title:
            return page
        page += 1


if __name__ == "__main__":
    main()
