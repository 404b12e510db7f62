"""What a workbook's parts say of how a sheet looks, as plain values: sheets that look alike have them alike.

A cell names its style by number, as a rule names its colours; here fonts, fills and the rest stand in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from taizhang.books.package import Package, Parts, child, children, local

# What a sheet says that nobody sees in a picture of it, and the formula of a cell that says its value too.
UNSEEN = frozenset({"dataValidations", "sheetProtection", "dimension"})
PRINTED = "_xlnm."  # how the names of a print area and of print titles begin
STYLED = {("c", "s"), ("row", "s"), ("col", "style")}  # which attributes hold the number of a style
Plain: TypeAlias = tuple[Any, ...]


def sheet_looks(data: bytes, name: str) -> Plain:
    """Return how a sheet looks: cells, widths, heights, colour rules, page, header and footer, what is drawn on it."""
    package = Package.load(data)
    part, looks = package.part_of(name), Looks(package)
    here = str(package.sheet_names.index(name))
    printed = [
        looks.plain(one)
        for one in _children(package.parts.root(package.workbook), "definedNames")
        if one.get("localSheetId") == here and str(one.get("name")).startswith(PRINTED)
    ]
    theme = [one.target for one in package.parts.relations(package.workbook) if one.kind == "theme"]
    drawn = _reached(package.parts, part)
    return looks.plain(package.parts.root(part)), printed, [package.parts.data(one) for one in theme], drawn


class Looks:
    """The styles and the texts of a workbook, by their numbers."""

    def __init__(self, package: Package) -> None:
        roots = {one.kind: package.parts.root(one.target) for one in _within(package.parts, package.workbook)}
        self._texts: Sequence[Plain] = ()
        self._styles: Sequence[Plain] = ()
        self._rules: Sequence[Plain] = ()
        if "sharedStrings" in roots:
            self._texts = [self.plain(one) for one in children(roots["sharedStrings"])]
        if "styles" in roots:
            styles = roots["styles"]
            lists = {name: _children(styles, name) for name in ("fonts", "fills", "borders", "cellXfs", "dxfs")}
            formats = {one.get("numFmtId"): one.get("formatCode") for one in _children(styles, "numFmts")}
            self._styles = [self._style(one, lists, formats) for one in lists["cellXfs"]]
            self._rules = [self.plain(one) for one in lists["dxfs"]]

    def _style(self, xf: Any, lists: dict[str, list[Any]], formats: dict[str, str]) -> Plain:
        number = xf.get("numFmtId", "0")
        parts = (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders"))
        own = (self.plain(lists[name][int(xf.get(key, 0))]) for key, name in parts)
        return (
            formats.get(number, number),
            *own,
            *(self.plain(one) for one in children(xf) if local(one) == "alignment"),
        )

    def plain(self, element: Any) -> Plain:
        """Return an element as its tag, attributes, text and children, with looks and texts for their numbers."""
        tag = local(element)
        held = [(str(name), self._stated(tag, str(name), str(value))) for name, value in element.attrib.items()]
        inner = [one for one in children(element) if local(one) not in UNSEEN]
        if tag == "c":
            return tag, sorted(held), self._content(element, inner)
        return tag, sorted(held), element.text or "", [self.plain(one) for one in inner]

    def _content(self, cell: Any, inner: list[Any]) -> list[Plain]:
        """Return what a cell shows: its value, or the formula that has none yet."""
        value = child(cell, "v")
        if value is not None and cell.get("t") == "s":
            return [self._texts[int(value.text)]]
        return [self.plain(one) for one in inner if value is None or local(one) != "f"]

    def _stated(self, tag: str, name: str, value: str) -> object:
        if (tag, name) in STYLED:
            return self._styles[int(value)]
        return self._rules[int(value)] if name == "dxfId" else value


def _children(root: Any, name: str) -> list[Any]:
    found = child(root, name)
    return [] if found is None else children(found)


def _within(parts: Parts, source: str) -> list[Any]:
    return [one for one in parts.relations(source) if not one.outside and one.target in parts]


def _reached(parts: Parts, source: str) -> Plain:
    """Return what a part leads to, and so on: drawings, their charts and images."""
    return tuple((parts.data(one.target), _reached(parts, one.target)) for one in _within(parts, source))
