"""XlsxWriter's workbook and worksheet, as far as ours are written otherwise; imported where one is written."""

from __future__ import annotations

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet


class _Sheet(Worksheet):  # type: ignore[misc]  # XlsxWriter comes without types
    """A worksheet that takes formulas as they are."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """Return a formula without its sign: ours need no prefixes, and XlsxWriter looks for thirty in each."""
        return formula.removeprefix("=")


class Target(Workbook):  # type: ignore[misc]
    """A workbook whose structure may be locked, without a password."""

    worksheet_class = _Sheet
    lock_structure = False

    def _write_book_views(self) -> None:
        if self.lock_structure:
            self._xml_empty_tag("workbookProtection", [("lockStructure", 1)])  # stands before the views
        super()._write_book_views()
