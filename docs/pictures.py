"""Rebuild the pictures of README and manual from the demo's real output: `python docs/pictures.py`.

Needs LibreOffice (soffice) and poppler-utils (pdftoppm) on the PATH.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from openpyxl import load_workbook

from taizhang import tables
from taizhang.demo import LEDGER_NAME, run

IMAGES = Path(__file__).parent / "images"
DPI = 80
# Which sheet each picture shows; of each the first printed page.
PICTURES = {"ledger": tables.LEDGER, "summary": tables.SUMMARY}


def main() -> None:
    """Run the demo and write one picture per sheet."""
    with tempfile.TemporaryDirectory() as folder:
        demo = Path(folder) / "demo"
        list(run(demo, lambda *_: None))
        for name, sheet in PICTURES.items():
            draw(demo / LEDGER_NAME, sheet, IMAGES / f"{name}.png", Path(folder))


def draw(book: Path, sheet: str, picture: Path, folder: Path) -> None:
    """Write the first printed page of a sheet as a picture."""
    pdf = folder / f"{book.stem}.pdf"
    if not pdf.exists():
        profile = (folder / "profile").as_uri()
        office = ["soffice", "--headless", f"-env:UserInstallation={profile}", "--convert-to", "pdf"]
        subprocess.run([*office, "--outdir", str(folder), str(book)], check=True, capture_output=True)
    page = first_page(pdf, book, sheet)
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
