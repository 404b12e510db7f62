"""XlsxWriter's workbook, as far as ours are written otherwise; imported where one is written."""

from __future__ import annotations

from xlsxwriter import Workbook

from taizhang.books.rows import RowSheet


class Target(Workbook):  # type: ignore[misc]  # XlsxWriter comes without types
    """A workbook whose structure may be locked, without a password."""

    worksheet_class = RowSheet
    lock_structure = False

    def _write_book_views(self) -> None:
        if self.lock_structure:
            self._xml_empty_tag("workbookProtection", [("lockStructure", 1)])  # stands before the views
        super()._write_book_views()
