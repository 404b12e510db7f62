"""XlsxWriter's workbook and worksheet, as far as ours are written otherwise; imported where one is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings
from xlsxwriter.worksheet import Worksheet

from taizhang.books.rows import Look, Rows, cut
from taizhang.layout.parts import Cell


class RowSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter comes without types
    """A sheet whose last rows are not kept as cells, but as they are written in its file."""

    def __init__(self) -> None:
        super().__init__()
        self._written = ""

    def put_rows(self, rows: Rows, number: Mapping[Look, int]) -> None:
        """Write rows below those drawn in the usual way; `number` gives a look's number."""
        self._written = "".join(rows.written(number, self._shared))
        self.reach(rows)

    def reach(self, rows: Rows) -> None:
        """Let the sheet's area hold some rows, by whomever they are written."""
        for row, cells in enumerate(rows.cells, rows.first):
            if row in rows.heights:
                self._check_dimensions(row - 1, 0)
            for place in _ends(cells):
                self._check_dimensions(row - 1, place)

    def _shared(self, content: str) -> str:
        """Return how a cell goes on that holds a text which stands among those all cells share."""
        return f' t="s"><v>{self.str_table._get_shared_string_index(cut(content))}</v></c>'

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """Return a formula without its sign: ours need no prefixes, and XlsxWriter looks for thirty in each."""
        return formula.removeprefix("=")

    def _write_rows(self) -> None:
        super()._write_rows()
        self.fh.write(self._written)
        self._written = ""


def _ends(cells: Sequence[Cell | None]) -> tuple[int, ...]:
    """Return the places of the first and the last cell there is."""
    first = next((place for place, cell in enumerate(cells) if cell is not None), None)
    if first is None:
        return ()
    return first, next(place for place in range(len(cells) - 1, -1, -1) if cells[place] is not None)


class Target(Workbook):  # type: ignore[misc]
    """A workbook whose structure may be locked, without a password."""

    worksheet_class = RowSheet
    lock_structure = False

    def _write_book_views(self) -> None:
        if self.lock_structure:
            self._xml_empty_tag("workbookProtection", [("lockStructure", 1)])  # stands before the views
        super()._write_book_views()

    def _get_packager(self) -> Any:
        return _Packager()


class _Packager(Packager):  # type: ignore[misc]
    def _write_shared_strings_file(self) -> None:
        if self.workbook.str_table.count:
            texts = _Texts()
            texts.string_table = self.workbook.str_table
            texts._set_xml_writer(self._filename("xl/sharedStrings.xml"))
            texts._assemble_xml_file()


class _Texts(SharedStrings):  # type: ignore[misc]
    """The shared texts, each of them plain: XlsxWriter takes what begins with `<r>` for markup, whoever wrote it."""

    def _xml_rich_si_element(self, string: str) -> None:
        self._xml_si_element(string, [])
