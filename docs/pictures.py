"""Rebuild every picture of README and manual from real output: `python docs/pictures.py`; by name, those alone.

Needs LibreOffice (soffice), poppler-utils, Xvfb, xdotool, a Chinese font, and `pip install .[test]`.
Each picture carries a mark of what it shows, looks included, and a seal of mark and pixels; tests/test_pictures.py
makes the same output again and goes red when a mark is not of today or pixels are not those that were drawn, without
drawing anything.
"""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache, partial
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from taizhang import acts, tables
from taizhang.actions import Context, assess, merge_files, move, write_closing_form, write_report
from taizhang.books.package import Package
from taizhang.checking import check
from taizhang.demo import LEDGER_NAME, run
from taizhang.gui import view
from taizhang.layout.closing import FORM
from taizhang.layout.office import PLACES
from taizhang.lifecycle import Move, Request
from taizhang.values import Value
from taizhang.xlam.build import folder as tab_folder

HERE = Path(__file__).parent
IMAGES = HERE / "images"
DPI = 80
MARK, SEAL = "shows", "drawn"  # what a picture's file says of it
GUI = Path(view.__file__).parent
WINDOW_SOURCES = GUI / "window.py", GUI / "view.py", HERE / "window.py"  # the first without tkinter, so not imported
WINDOW_TEXTS = (tab_folder() / "ribbon.xml",)  # its buttons
NOW = datetime(2020, 9, 10, 17)
DEPARTMENT = "区住建局"
# What a clerk's hand does to a ledger, by row and column, for the picture of a check.
SLIPS: Mapping[tuple[int, str], Value] = {
    (4, "percent"): 1.5,
    (5, "status"): "逾期",
    (6, "deadline"): "七月底",
    (7, "leads"): " 住建局 ",
    (8, "done_on"): date(2020, 9, 1),
    (13, "leads"): "区行政服物中心",
}


class Desk:
    """The files that pictures show, each made when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, name: str) -> Path:
        """Return a file by the name of the property that makes it."""
        path: Path = getattr(self, name)
        return path

    @cached_property
    def demo(self) -> Path:
        """Return the folder of the demo."""
        demo = self.folder / "demo"
        list(run(demo, lambda *_: None))
        return demo

    @property
    def ledger(self) -> Path:
        """Return the demo's ledger, its loop done."""
        return self.demo / LEDGER_NAME

    @cached_property
    def returned(self) -> Path:
        """Return a department's workbook, filled in, for one wide page: as a screen shows it, not as it is printed."""
        (source,) = (
            path for path in (self.demo / "交回").iterdir() if path.stem.endswith(f"{DEPARTMENT}_营商环境工作台账")
        )
        book = load_workbook(source)
        sheet = book[tables.LEDGER]
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight, sheet.page_setup.paperSize = 1, 0, 8
        sheet.col_breaks.brk.clear()
        target = self.folder / "部门.xlsx"
        book.save(target)
        return target

    @cached_property
    def report(self) -> Path:
        """Return the ten-day report, and its PDF beside it where asked for by `draw_report`."""
        target = self.folder / "通报.docx"
        write_report(assess(self.ledger, Context(NOW, "演示")), docx=target)
        return target

    @cached_property
    def closing(self) -> Path:
        """Return the form to sign for a task that is closed out."""
        copy = self._copy("销号台账.xlsx")
        done = move(copy, ["57"], Request(Move.CLOSE, date.min), Context(NOW, "王科"))
        return write_closing_form(done.ledger, done.done, self.folder / "销号.xlsx")

    @cached_property
    def checked(self) -> Path:
        """Return a ledger in which somebody has made a few mistakes, checked."""
        target = self.folder / "校验.xlsx"
        package = Package.load(self.ledger.read_bytes())
        package.set_cells(tables.LEDGER, {(row, PLACES[key]): value for (row, key), value in SLIPS.items()})
        target.write_bytes(package.dump())
        check(target, Context(NOW, "演示"), write=True)
        return target

    @cached_property
    def merged_again(self) -> Path:
        """Return the demo's ledger after the button 合并预览 was pressed once more on what came back."""
        copy = self._copy("再次合并.xlsx")
        merge_files(copy, [self.demo / "交回"], Context(NOW, "演示"))
        return copy

    def _copy(self, name: str) -> Path:
        target = self.folder / name
        target.write_bytes(self.ledger.read_bytes())
        return target


@dataclass(frozen=True)
class Picture:
    """What a picture shows, as plain values, and how it is drawn into a file."""

    shows: Callable[[Desk], object]
    draw: Callable[[Desk, Path], object]

    def mark(self, desk: Desk) -> str:
        """Return what tells the picture of one output from that of another."""
        return sha256(repr(self.shows(desk)).encode()).hexdigest()


def sealed(name: str, mark: str, picture: Image.Image) -> str:
    """Return what tells the pixels drawn for a mark from any others."""
    colours = picture.convert("RGBA")
    return sha256(repr((name, mark, colours.size, colours.tobytes())).encode()).hexdigest()


# --- a printed page of a sheet ---------------------------------------------------------------------------------------


def sheet(book: str, name: str, page: int = 0) -> Picture:
    """Return the picture of a printed page of a sheet, the first without `page`."""
    return Picture(
        lambda desk: (shown(desk[book], name), page, DPI),
        lambda desk, target: draw_page(desk[book], name, target, desk.folder, page),
    )


def shown(book: Path, name: str) -> object:
    """Return what a sheet shows."""
    return beside("looks").sheet_looks(book.read_bytes(), name)


@lru_cache
def loaded(book: Path, _changed: int) -> Workbook:
    """Return a workbook's values; pictures of its other sheets need not read it again."""
    return load_workbook(book, data_only=True)


def draw_page(book: Path, name: str, target: Path, folder: Path, page: int = 0) -> None:
    """Write a printed page of a sheet as a picture."""
    pdf = folder / f"{book.stem}.pdf"
    if not pdf.exists():
        office = ["soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
        subprocess.run(
            [*office, "--convert-to", "pdf", "--outdir", str(folder), str(book)], check=True, capture_output=True
        )
    show(pdf, first_page(pdf, book, name) + page, target)


def show(pdf: Path, page: int, target: Path) -> None:
    """Write a page of a PDF as a picture."""
    options = ["-png", "-r", str(DPI), "-f", str(page), "-l", str(page), "-singlefile"]
    subprocess.run(["pdftoppm", *options, str(pdf), str(target.with_suffix(""))], check=True)


def first_page(pdf: Path, book: Path, name: str) -> int:
    """Return the page on which a sheet starts: the first that begins with its title."""
    grid = loaded(book, book.stat().st_mtime_ns)[name]
    title = next(cell.value for cell in grid[1] if cell.value)
    page = 1
    while True:
        text = subprocess.run(
            ["pdftotext", "-f", str(page), "-l", str(page), str(pdf), "-"], check=True, capture_output=True
        ).stdout.decode()
        if text.strip().partition("\n")[0].strip() == title:
            return page
        page += 1


# --- the report, the window, the ribbon, a live program --------------------------------------------------------------


def words(document: Path) -> object:
    """Return the text and looks of a .docx: its styles, header and footer too."""
    with ZipFile(document) as archive:
        return [(part, archive.read(part)) for part in sorted(archive.namelist()) if part.startswith("word/")]


def draw_report(desk: Desk, target: Path) -> None:
    """Draw the first page of the report."""
    pdf = desk.folder / "通报.pdf"
    write_report(assess(desk.ledger, Context(NOW, "演示")), pdf=pdf)
    show(pdf, 1, target)


def in_window(desk: Desk) -> object:
    """Return what the window shows of the demo's ledger, and what its own code says of texts, sizes and colours."""
    found = view.look(desk.ledger, Context(NOW, "演示"))
    rows = [list(view.overdue_rows(found)), [view.item_row(item) for item in found.items]]
    told = [view.item_told(item) for item in found.items[:1]]
    own = [constants(source) for source in WINDOW_SOURCES]
    return found.headline, found.lights, rows, told, acts.BUTTONS, [path.read_bytes() for path in WINDOW_TEXTS], own


def constants(source: Path) -> list[object]:
    """Return every text and number of a module, in its order, what it says of itself left out."""
    nodes = list(ast.walk(ast.parse(source.read_text(encoding="utf-8"))))
    notes = {node.value for node in nodes if isinstance(node, ast.Expr)}
    return [node.value for node in nodes if isinstance(node, ast.Constant) and node not in notes]


def beside(name: str) -> ModuleType:
    """Return a module of this folder, imported when it is needed."""
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    return importlib.import_module(name)


def _drawn_by(module: str, desk: Desk, target: Path, *more: object) -> None:
    beside(module).draw(desk.demo, target, *more)


def tab(number: int) -> Picture:
    """Return the picture of a tab of the window."""
    return Picture(
        lambda desk: (in_window(desk), number), lambda desk, target: _drawn_by("window", desk, target, number)
    )


PICTURES: Mapping[str, Picture] = {
    "ledger": sheet("ledger", tables.LEDGER),
    "checks": sheet("checked", tables.CHECKS),
    "department": sheet("returned", tables.LEDGER),
    "merged": sheet("ledger", tables.RESULTS),
    "statement": sheet("ledger", tables.STATEMENT),
    "summary": sheet("ledger", tables.SUMMARY),
    "departments": sheet("ledger", tables.SUMMARY, 1),
    "scores": sheet("ledger", tables.SCORES),
    "card": sheet("ledger", tables.SCORES, 2),
    "indicators": sheet("ledger", tables.INDICATORS_SHEET),
    "closing": sheet("closing", FORM),
    "report": Picture(lambda desk: (words(desk.report), DPI), draw_report),
    "ribbon": Picture(
        lambda desk: (beside("ribbon").fingerprint(), constants(HERE / "ribbon.py")), partial(_drawn_by, "ribbon")
    ),
    "window": tab(0),
    "window-decide": tab(2),
    "live": Picture(
        lambda desk: (shown(desk.merged_again, tables.RESULTS), constants(HERE / "live.py")), partial(_drawn_by, "live")
    ),
}


def marks(names: Sequence[str] = tuple(PICTURES)) -> dict[str, str]:
    """Return the marks that pictures of today's output have."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        return {name: PICTURES[name].mark(desk) for name in names}


def main(names: Sequence[str]) -> None:
    """Draw pictures anew, all of them without names."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        for name in names or PICTURES:
            target = Path(folder) / f"{name}.png"
            PICTURES[name].draw(desk, target)
            facts = PngInfo()
            mark = PICTURES[name].mark(desk)
            with Image.open(target) as drawn:
                facts.add_text(MARK, mark)
                facts.add_text(SEAL, sealed(name, mark, drawn))
                drawn.save(IMAGES / target.name, optimize=True, pnginfo=facts)


if __name__ == "__main__":
    main(sys.argv[1:])
