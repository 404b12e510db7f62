"""An .xlsx or .xlsm package edited in place: what is not touched keeps its bytes.

A ledger belongs to an office, with its charts, pictures, notes, macros and colours. So an
edit parses the parts it needs and leaves the rest as bytes. Not kept true: digital
signatures (any edit breaks one; its parts are left alone), the sheet list of
docProps/app.xml, and areas (tables, filters, validations) below which rows are appended.
"""

from __future__ import annotations

import lzma
import posixpath
import re
import zlib
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from lxml import etree

from taizhang.layout.parts import Area, Content, Formula
from taizhang.places import Place, position, reference
from taizhang.values import Value, serial

if TYPE_CHECKING:
    from taizhang.books.rows import Scratch

Element: TypeAlias = etree._Element

MAX_BYTES = 500 * 1024 * 1024
LAST_ROW, LAST_COLUMN, LONGEST_TEXT = 1_048_576, 16_384, 32_767
LARGEST_NUMBER = 9.99999999999999e307
CONTENT_TYPES = "[Content_Types].xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
WORKBOOK_ORDER = (
    "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences "
    "definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing "
    "fileRecoveryPr webPublishObjects extLst"
)
SHEET_ORDER = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios "
    "autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting "
    "dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties "
    "cellWatches ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls "
    "webPublishItems tableParts extLst"
)
STYLES_ORDER = "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst"

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_CUSTOM_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_VT = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_STRING_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_PLAIN_STYLES = """<styleSheet xmlns="{}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="1"><xf xfId="0"/></cellXfs></styleSheet>""".replace("\n", "")
_DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_FORMAT_NOISE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])  # built in, CJK included
_PACKED = 5  # packed a step harder, a large sheet takes half as long again and is 6 % smaller
_SHORT_DATE, _DATE_AND_TIME = "14", "22"


class PackageError(ValueError):
    """What is no spreadsheet package that can be read and written back."""


@dataclass(frozen=True)
class Cached:
    """A new cached value for a cell whose formula stays."""

    value: Value = None


Edit: TypeAlias = Content | Cached


@dataclass(frozen=True)
class Relation:
    """One relationship of a part: `kind` is the last word of its type, `target` a part name or an outside address."""

    id: str
    kind: str
    target: str
    outside: bool = False


# --- names and XML ---------------------------------------------------------------------------------------------------


def key_of(name: str) -> str:
    """Return what a part is looked up by: neither case nor the kind of slash makes a difference."""
    return name.replace("\\", "/").lstrip("/").casefold()


def relations_name(source: str) -> str:
    """Return the name of the part that lists the relationships of `source` ("" is the package itself)."""
    folder, base = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{base}.rels")


def local(element: Element) -> str:
    """Return an element's tag without its namespace; a comment has none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def space(element: Element) -> str:
    """Return an element's namespace: Strict files and prefixed ones are written in their own."""
    return _space(element.tag)


def _space(tag: object) -> str:
    return tag.rpartition("}")[0].lstrip("{") if isinstance(tag, str) else ""


def tag(element: Element, name: str) -> str:
    """Return `name` in the namespace of `element`."""
    return _beside(element.tag, name)


@lru_cache(maxsize=1024)  # a sheet asks for the same few names at every cell
def _beside(tag: str, name: str) -> str:
    return f"{{{_space(tag)}}}{name}"


def child(element: Element, name: str) -> Element | None:
    """Return the first child called `name`."""
    return element.find(tag(element, name))


def children(element: Element) -> list[Element]:
    """Return the child elements, comments left out."""
    return [one for one in element if local(one)]


def child_in_order(root: Element, name: str, order: str) -> Element:
    """Return the child called `name`, made at its place in the schema's `order` where it is missing."""
    found = child(root, name)
    if found is not None:
        return found
    later = order.split()[order.split().index(name) + 1 :]
    made = root.makeelement(tag(root, name))
    after = next((one for one in root if space(one) == space(root) and local(one) in later), None)
    if after is None:
        root.append(made)
    else:
        after.addprevious(made)
    return made


def adopted(element: Element, parent: Element) -> Element:
    """Return a copy of `element` appended to `parent`, written with the prefixes of `parent`."""
    copy = etree.SubElement(parent, element.tag, {str(name): str(value) for name, value in element.attrib.items()})
    copy.text = element.text
    for one in children(element):
        adopted(one, copy)
    return copy


def parsed(name: str, data: bytes) -> Element:
    """Return the root element of an XML part; anything with a DOCTYPE is refused before it is parsed."""
    if any(mark in data for mark in _DOCTYPES):
        raise PackageError(f"{name}: a DOCTYPE has no place in a spreadsheet")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, collect_ids=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as fault:
        raise PackageError(f"{name}: not well-formed XML") from fault
    if (
        root.getroottree().docinfo.internalDTD is not None
    ):  # written in an encoding the search above does not see through
        raise PackageError(f"{name}: a DOCTYPE has no place in a spreadsheet")
    return root


def serialised(root: Element) -> bytes:
    """Return an XML part as bytes, comments around its root included."""
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)


def escaped(text: str) -> str:
    """Return `text` with what XML 1.0 cannot hold as `_xHHHH_`, and what looks like such an escape made literal."""
    literal = _LOOKS_ESCAPED.sub("_x005F_", text)
    return _ILLEGAL.sub(lambda found: f"_x{ord(found[0]):04X}_", literal)


def unescaped(text: str) -> str:
    """Return `text` with its `_xHHHH_` escapes resolved."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


# --- parts -----------------------------------------------------------------------------------------------------------


def members(data: bytes) -> list[tuple[ZipInfo, bytes]]:
    """Return the entries of a zip file with what they hold, as long as that is not suspiciously much."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            infos = archive.infolist()
            if sum(info.file_size for info in infos) > MAX_BYTES:
                raise PackageError(f"the package unpacks to more than {MAX_BYTES:,} bytes")
            return [(info, archive.read(info)) for info in infos]
    except PackageError:
        raise
    except (BadZipFile, RuntimeError, OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as fault:
        raise PackageError("not a readable zip package") from fault


class Parts:
    """The parts of a package by name: bytes until an edit asks for their tree."""

    def __init__(self, entries: Iterable[tuple[ZipInfo, bytes]]) -> None:
        self._infos: dict[str, ZipInfo] = {}
        self._data: dict[str, bytes] = {}
        self._trees: dict[str, Element] = {}
        self._changed: set[str] = set()
        for info, data in entries:
            key = key_of(info.filename)
            if key in self._infos:
                raise PackageError(f"{info.filename}: the package holds this part twice")
            self._infos[key], self._data[key] = info, data

    def __contains__(self, name: str) -> bool:
        return key_of(name) in self._data

    def dump(self) -> bytes:
        """Return the zip file: order, times and attributes of its entries as they were."""
        file = BytesIO()
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            for key, info in self._infos.items():
                if key in self._data:
                    archive.writestr(_entry(info), self.data(key), compresslevel=_PACKED)
        return file.getvalue()

    def data(self, name: str) -> bytes:
        """Return the bytes of a part as they are written: the old ones unless its tree was edited."""
        key = key_of(name)
        if key not in self._data:
            raise PackageError(f"{name}: the package names this part but does not hold it")
        if key not in self._changed:
            return self._data[key]
        return serialised(self._trees[key])

    def root(self, name: str) -> Element:
        """Return the root element of a part, to be read only."""
        key = key_of(name)
        if key not in self._trees:
            self._trees[key] = parsed(name, self.data(name))
        return self._trees[key]

    def edit(self, name: str) -> Element:
        """Return the root element of a part that is going to be changed."""
        root = self.root(name)
        self._changed.add(key_of(name))
        return root

    def put(self, name: str, data: bytes, kind: str | None = None) -> None:
        """Set the bytes of a part, new or not, and its content type; a name used before keeps its place in the zip."""
        key = key_of(name)
        self._infos.setdefault(key, fresh_entry(name))
        self._data[key] = data
        self._trees.pop(key, None)
        self._changed.discard(key)
        if kind:
            self.declare(name, kind)

    def remove(self, name: str) -> None:
        """Take a part away, with its relationships and its content type."""
        for override in self._overrides(name):
            self.edit(CONTENT_TYPES).remove(override)
        self._forget(name)
        self.remove_relations(name)

    def remove_relations(self, source: str) -> None:
        """Take all relationships of a part away."""
        self._forget(relations_name(source))

    def fresh(self, name: str) -> str:
        """Return `name` with the first number that no part has: xl/charts/chart3.xml."""
        stem, dot, extension = name.rpartition(".")
        stem = stem.rstrip("0123456789")
        return next(one for n in count(1) if (one := f"{stem}{n}{dot}{extension}") not in self)

    def relations(self, source: str) -> list[Relation]:
        """Return the relationships of a part, targets resolved to part names; "" is the package itself."""
        name = relations_name(source)
        return [self._relation(source, one) for one in children(self.root(name))] if name in self else []

    def relate(self, source: str, kind: str, target: str) -> str:
        """Return the id of a new relationship from `source` to the part `target`; `kind` is its full type."""
        name = relations_name(source)
        if name not in self:
            self.put(name, f'<Relationships xmlns="{_PACKAGE}/relationships"/>'.encode())
        used = {relation.id for relation in self.relations(source)}
        number = next(one for n in count(1) if (one := f"rId{n}") not in used)
        address = posixpath.relpath(target, posixpath.dirname(source) or ".")
        root = self.edit(name)
        etree.SubElement(root, tag(root, "Relationship"), {"Id": number, "Type": kind, "Target": address})
        return number

    def unrelate(self, source: str, number: str) -> None:
        """Take away the relationship of `source` that has this id."""
        root = self.edit(relations_name(source))
        for one in children(root):
            if one.get("Id") == number:
                root.remove(one)

    def content_type(self, name: str) -> str | None:
        """Return the content type of a part: its own, or its extension's."""
        for override in self._overrides(name):
            return override.get("ContentType")
        return self._defaults().get(name.rpartition(".")[2].casefold())

    def declare(self, name: str, kind: str) -> None:
        """Give a part its content type, by its extension where that is free."""
        if self.content_type(name) == kind:
            return
        root, extension = self.edit(CONTENT_TYPES), name.rpartition(".")[2]
        for override in self._overrides(name):
            root.remove(override)
        if extension.casefold() == "xml" or extension.casefold() in self._defaults():
            etree.SubElement(root, tag(root, "Override"), {"PartName": f"/{name}", "ContentType": kind})
        else:
            root.insert(0, root.makeelement(tag(root, "Default"), {"Extension": extension, "ContentType": kind}))

    def _forget(self, name: str) -> None:
        key = key_of(name)
        self._data.pop(key, None)
        self._trees.pop(key, None)
        self._changed.discard(key)

    def _overrides(self, name: str) -> list[Element]:
        """Return the content-type overrides of a part: one, or none."""
        root, key = self.root(CONTENT_TYPES), key_of(name)
        return [one for one in root.iterfind(tag(root, "Override")) if key_of(one.get("PartName", "")) == key]

    def _defaults(self) -> dict[str, str]:
        """Return the content type of each extension."""
        root = self.root(CONTENT_TYPES)
        defaults = root.iterfind(tag(root, "Default"))
        return {one.get("Extension", "").casefold(): one.get("ContentType", "") for one in defaults}

    def _relation(self, source: str, element: Element) -> Relation:
        """Return one relationship; a percent-encoded target is decoded where only that names a part."""
        kind, target = element.get("Type", "").rpartition("/")[2], element.get("Target", "")
        if element.get("TargetMode") == "External":
            return Relation(element.get("Id", ""), kind, target, outside=True)
        path = posixpath.join("/", posixpath.dirname(source), target.replace("\\", "/"))
        name = posixpath.normpath(path).lstrip("/")
        return Relation(element.get("Id", ""), kind, name if name in self else unquote(name))


def _entry(info: ZipInfo) -> ZipInfo:
    """Return a zip entry to write, like one that was read but without its sizes and extra fields."""
    entry = ZipInfo(info.filename, info.date_time)
    entry.filename = info.filename  # the constructor would turn backslashes into slashes on Windows
    entry.compress_type, entry.create_system = info.compress_type, info.create_system
    entry.external_attr, entry.comment = info.external_attr, info.comment
    return entry


def fresh_entry(name: str) -> ZipInfo:
    """Return the zip entry of a new part; its time is fixed, so the same edits give the same bytes."""
    entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type, entry.create_system = ZIP_DEFLATED, 0
    return entry


# --- cells -----------------------------------------------------------------------------------------------------------


def area(name: str | None) -> Area | None:
    """Return the block of cells a reference such as A1:C5 names, or None."""
    first, _, last = (name or "").partition(":")
    one, other = position(first), position(last or first)
    return Area(*one, *other) if one and other else None


def formula(cell: Element | None) -> Element | None:
    """Return the formula element of a cell."""
    return None if cell is None else child(cell, "f")


def is_filled(cell: Element) -> bool:
    """Return whether a cell holds anything: a value, a text or a formula."""
    return any(local(one) in ("f", "is") or (local(one) == "v" and one.text) for one in cell)


class Grid:
    """The stored cells of one sheet by position: rows are indexed once, the cells of a row when it is asked for."""

    def __init__(self, root: Element, data: Element) -> None:
        self.root = root
        self.data = data
        self.rows = dict(_numbered_rows(data))
        self._order = sorted(self.rows)
        self._cells: dict[int, dict[int, Element]] = {}

    def cells(self, row: int) -> dict[int, Element]:
        """Return the stored cells of a row by column."""
        if row not in self._cells:
            found = self.rows.get(row)
            self._cells[row] = {} if found is None else dict(_numbered_cells(found, row))
        return self._cells[row]

    def cell(self, row: int, column: int) -> Element | None:
        """Return a stored cell, or None."""
        found = None if row in self._cells else _in_full_row(self.rows.get(row), row, column)
        return self.cells(row).get(column) if found is None else found

    def make(self, row: int, column: int) -> Element:
        """Return a cell, made in its place and with the style of its row or column where it is missing."""
        found = self.cell(row, column)
        return self._made(row, column) if found is None else found

    def _made(self, row: int, column: int) -> Element:
        cells, parent = self.cells(row), self._make_row(row)
        made = parent.makeelement(tag(parent, "c"), {"r": reference(row, column)})
        set_attribute(made, "s", self._inherited_style(parent, column))
        _insert(parent, made, cells.get(max((one for one in cells if one < column), default=0)))
        set_attribute(parent, "spans", None)  # optional, and wrong from now on
        cells[column] = made
        return made

    def style(self, row: int, column: int) -> str | None:
        """Return the style a cell has, or would be made with."""
        cell = self.cell(row, column)
        return self._inherited_style(self.rows.get(row), column) if cell is None else cell.get("s")

    def last_filled(self) -> int:
        """Return the last row that holds anything, 0 where none does."""
        filled = (row for row in reversed(self._order) if any(map(is_filled, self.cells(row).values())))
        return next(filled, 0)

    def dress(self, row: int, like: int) -> None:
        """Give a row the height and the cell styles of the row `like`."""
        model, target = self.rows[like], self._make_row(row)
        for name in ("ht", "customHeight", "s", "customFormat"):
            set_attribute(target, name, model.get(name))
        for column, cell in self.cells(like).items():
            set_attribute(self.make(row, column), "s", cell.get("s"))

    def widen(self, places: Iterable[Place]) -> None:
        """Make the sheet's stated dimension include `places`."""
        dimension = child(self.root, "dimension")
        stated = None if dimension is None else area(dimension.get("ref"))
        if dimension is None or stated is None:
            return
        rows, columns = zip(*places, (stated.top, stated.left), (stated.bottom, stated.right), strict=True)
        dimension.set("ref", f"{reference(min(rows), min(columns))}:{reference(max(rows), max(columns))}")

    def arrays(self) -> list[Area]:
        """Return the areas of several cells that one formula fills."""
        kinds = ("array", "dataTable")
        found = (area(one.get("ref")) for one in self.root.iter(tag(self.root, "f")) if one.get("t") in kinds)
        return [one for one in found if one and (one.top, one.left) != (one.bottom, one.right)]

    def _make_row(self, row: int) -> Element:
        if row not in self.rows:
            made = self.data.makeelement(tag(self.data, "row"), {"r": str(row)})
            before = bisect_left(self._order, row)
            _insert(self.data, made, self.rows[self._order[before - 1]] if before else None)
            insort(self._order, row)
            self.rows[row] = made
        return self.rows[row]

    def _inherited_style(self, row: Element | None, column: int) -> str | None:
        if row is not None and row.get("customFormat") in ("1", "true"):
            return row.get("s")
        cols = child(self.root, "cols")
        for one in () if cols is None else children(cols):
            if int(one.get("min", "0")) <= column <= int(one.get("max", "0")):
                return one.get("style")
        return None


def _numbered_rows(data: Element) -> Iterator[tuple[int, Element]]:
    """Yield rows with their numbers; a row without one is given its cells' or the next."""
    number = 0
    for row in data.iterchildren(tag(data, "row")):
        if row.get("r") is None:
            named = next((place for cell in row if (place := position(cell.get("r")))), None)
            row.set("r", str(named[0] if named else number + 1))
        number = int(row.get("r", "0"))
        yield number, row


def _numbered_cells(row: Element, number: int) -> Iterator[tuple[int, Element]]:
    """Yield the cells of a row with their columns; a cell without a name is given the next."""
    column = 0
    for cell in row.iterchildren(tag(row, "c")):
        place = position(cell.get("r"))
        column = place[1] if place else column + 1
        if not place:
            cell.set("r", reference(number, column))
        yield column, cell


def _in_full_row(row: Element | None, number: int, column: int) -> Element | None:
    """Return a cell of a row that stores all of them up to its last, without numbering the others; else None."""
    width = 0 if row is None else len(row)
    if row is None or column > width or row[-1].get("r") != reference(number, width):
        return None
    found = row[column - 1]
    return found if found.get("r") == reference(number, column) else None


def _insert(parent: Element, made: Element, previous: Element | None) -> None:
    if previous is None:
        parent.insert(0, made)
    else:
        previous.addnext(made)


def set_attribute(element: Element, name: str, value: str | None) -> None:
    """Set an attribute, or take it away for None."""
    if value is not None:
        element.set(name, value)
    elif name in element.attrib:
        del element.attrib[name]


# --- contents --------------------------------------------------------------------------------------------------------


def keeps_formula(cell: Element | None, content: Edit) -> bool:
    """Return whether writing `content` leaves the formula element of a cell as it is."""
    old = formula(cell)
    if old is None or isinstance(content, Cached):
        return old is not None
    same = isinstance(content, Formula) and old.text == content.text.removeprefix("=")
    return same and old.get("t", "normal") in ("normal", "shared")


def day_number(value: date, date1904: bool) -> float:
    """Return the serial number of a day or moment in a workbook's own calendar."""
    number = serial(value) or 0.0
    if date1904:
        number -= 1462
    elif number < 61:
        number -= 1  # Excel's 1900 calendar has a 29 February
    if number < (0 if date1904 else 1):
        raise ValueError(f"{value}: before the first day of this workbook's calendar")
    return number


def typed(value: Value, date1904: bool) -> tuple[str | None, str | None]:
    """Return the type and the text of a cell value, as `t` and `<v>` hold them."""
    if value is None:
        return None, None
    if isinstance(value, str):
        return "str", escaped(value)
    if isinstance(value, bool):
        return "b", str(int(value))
    if isinstance(value, date):
        number = day_number(value, date1904)
        return None, repr(int(number) if number.is_integer() else number)
    return None, repr(value)


def _refuse_value(value: Value, date1904: bool) -> None:
    """Raise for a value no cell can hold."""
    if value is not None and not isinstance(value, (str, bool, int, float, date)):
        raise TypeError(f"{value!r}: a cell holds text, numbers, dates, true or false")
    if isinstance(value, str) and len(value.encode("utf-16-le", "surrogatepass")) > 2 * LONGEST_TEXT:
        raise ValueError(f"{value[:20]}…: longer than {LONGEST_TEXT} characters")
    if isinstance(value, date):
        day_number(value, date1904)
    elif isinstance(value, (int, float)) and not abs(value) <= LARGEST_NUMBER:
        raise ValueError(f"{value!r}: not a number a cell can hold")


def _refuse_edit(place: Place, cell: Element | None, content: Edit, date1904: bool) -> None:
    """Raise for content that cannot go where it is wanted, whatever is around it."""
    if not (1 <= place[0] <= LAST_ROW and 1 <= place[1] <= LAST_COLUMN):
        raise ValueError(f"{place}: outside the sheet")
    if isinstance(content, Cached) and formula(cell) is None:
        raise ValueError(f"{reference(*place)}: holds no formula whose cached value could be set")
    if isinstance(content, Formula) and (not content.text.removeprefix("=") or _ILLEGAL.search(content.text)):
        raise ValueError(f"{reference(*place)}: {content.text!r} is no formula")
    _refuse_value(content.value if isinstance(content, (Formula, Cached)) else content, date1904)


def _refuse_broken_groups(grid: Grid, cells: Mapping[Place, Edit], stored: Mapping[Place, Element | None]) -> None:
    """Raise where an edit would break a formula that several cells share; `stored` are the cells as they are."""
    lost = {place: cell for place, cell in stored.items() if not keeps_formula(cell, cells[place])}
    for block in grid.arrays():
        for row, column in lost:
            if block.top <= row <= block.bottom and block.left <= column <= block.right:
                raise ValueError(f"{reference(row, column)}: part of an array formula")
    masters = {f.get("si"): place for place, cell in lost.items() if (f := formula(cell)) is not None and _is_master(f)}
    if not masters:
        return
    going = set(lost.values())
    for f in grid.root.iter(tag(grid.root, "f")):
        if f.get("t") == "shared" and f.get("si") in masters and f.getparent() not in going:
            raise ValueError(f"{reference(*masters[f.get('si')])}: other cells share the formula of this one")


def _is_master(f: Element) -> bool:
    """Return whether a formula is the one its sharers take theirs from."""
    return f.get("t") == "shared" and bool(f.text)


def write_cell(cell: Element, content: Edit, date1904: bool) -> None:
    """Replace what a cell holds; its style stays."""
    keep = keeps_formula(cell, content)
    for one in children(cell):
        if local(one) in ("v", "is") or (local(one) == "f" and not keep):
            cell.remove(one)
    for name in ("t", "vm") if keep else ("t", "vm", "cm"):  # cm: array metadata of the formula, vm: of the value
        set_attribute(cell, name, None)
    if isinstance(content, (Formula, Cached)):
        _write_formula(cell, content, date1904)
    elif isinstance(content, str):
        _write_text(cell, content)
    else:
        _write_value(cell, content, date1904)


def _write_formula(cell: Element, content: Formula | Cached, date1904: bool) -> None:
    if isinstance(content, Formula) and formula(cell) is None:
        made = cell.makeelement(tag(cell, "f"))
        made.text = content.text.removeprefix("=")
        cell.insert(0, made)
    _write_value(cell, content.value, date1904)


def _write_value(cell: Element, value: Value, date1904: bool) -> None:
    kind, text = typed(value, date1904)
    if text is None:
        return
    made = cell.makeelement(tag(cell, "v"))
    made.text = text
    _insert(cell, made, formula(cell))
    set_attribute(cell, "t", kind)


def _write_text(cell: Element, text: str) -> None:
    """Write an inline string, so that the shared strings stay untouched; no text leaves the cell empty."""
    if not text:
        return
    made = cell.makeelement(tag(cell, "is"))
    inner = etree.SubElement(made, tag(cell, "t"))
    inner.text = escaped(text)
    inner.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    cell.insert(0, made)
    cell.set("t", "inlineStr")


# --- styles ----------------------------------------------------------------------------------------------------------


def likeness(element: Element) -> tuple[object, ...]:
    """Return what two style entries are compared by: everything but prefixes, comments and white space."""
    attributes = tuple(sorted(element.attrib.items()))
    return element.tag, attributes, (element.text or "").strip(), *map(likeness, children(element))


class Pool:
    """A numbered list of the stylesheet, such as its fonts: equal entries share a number."""

    def __init__(self, root: Element, name: str) -> None:
        self.container = child_in_order(root, name, STYLES_ORDER)
        self.entries = children(self.container)
        self.grown = False
        self._numbers: dict[tuple[object, ...], int] = {}
        for number, one in enumerate(self.entries):
            self._numbers.setdefault(likeness(one), number)

    def number(self, element: Element) -> int:
        """Return the number of an entry like `element`, appended where there is none."""
        found = self._numbers.setdefault(likeness(element), len(self.entries))
        if found == len(self.entries):
            self.entries.append(adopted(element, self.container))
            self.container.set("count", str(len(self.entries)))
            self.grown = True
        return found


def shows_date(root: Element, xf: Element) -> bool:
    """Return whether a cell look shows numbers as dates or times."""
    number = xf.get("numFmtId", "0")
    formats = child(root, "numFmts")
    for one in () if formats is None else children(formats):
        if one.get("numFmtId") == number:
            code = _FORMAT_NOISE.sub("", one.get("formatCode", ""))
            return code.casefold() != "general" and bool(re.search("[dmyhs]", code, re.IGNORECASE))
    return int(number) in _DATE_FORMATS


def dated(root: Element, looks: Pool, style: int, moment: bool) -> int:
    """Return the number of a look like `style` that shows a date: itself where it does, else a clone."""
    if not looks.entries:
        looks.number(looks.container.makeelement(tag(root, "xf")))
    base = looks.entries[style if style < len(looks.entries) else 0]
    if shows_date(root, base):
        return style
    clone = deepcopy(base)
    clone.set("numFmtId", _DATE_AND_TIME if moment else _SHORT_DATE)
    clone.set("applyNumberFormat", "1")
    return looks.number(clone)


# --- the package -----------------------------------------------------------------------------------------------------


class Package:
    """A workbook file that is edited in place; rows and columns count from 1."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        if CONTENT_TYPES not in parts:
            raise PackageError("no spreadsheet package: it has no content types")
        self.workbook = next((one.target for one in parts.relations("") if one.kind == "officeDocument"), "")
        if local(parts.root(self.workbook)) != "workbook":
            raise PackageError(f"{self.workbook}: not a workbook")
        self._grids: dict[str, Grid] = {}

    @classmethod
    def load(cls, data: bytes) -> Package:
        """Return the package a file holds; raise PackageError for what is no spreadsheet, or hostile."""
        return cls.of(members(data))

    @classmethod
    def of(cls, entries: Iterable[tuple[ZipInfo, bytes]]) -> Package:
        """Return the package of a zip file's entries; raise PackageError for what is no spreadsheet, or hostile."""
        return cls(Parts(entries))

    def dump(self) -> bytes:
        """Return the file: the same edits of the same file give the same bytes."""
        return self.parts.dump()

    @property
    def sheet_names(self) -> list[str]:
        """Return the names of all tabs, hidden ones and chart sheets included, in their order."""
        return [one.get("name", "") for one in self.sheets()]

    @property
    def date1904(self) -> bool:
        """Return whether days are counted from 1904."""
        found = child(self.parts.root(self.workbook), "workbookPr")
        return found is not None and found.get("date1904") in ("1", "true")

    def set_cells(self, sheet: str, cells: Mapping[Place, Edit]) -> None:
        """Set cells, each keeping its style; a refused call (ValueError, TypeError) has changed nothing.

        None and "" leave an empty cell. Text is text, whatever it begins with. A Formula brings
        its cached value, a Cached changes only that. Dates get a date format where the cell has none.
        A formula that cells outside `cells` share cannot be overwritten where it is stored.
        """
        part = self.part_of(sheet)
        grid = self._grid(part)
        self._refuse(grid, cells)
        self._write(part, grid, cells)

    def formula_places(self, sheet: str) -> frozenset[Place]:
        """Return where a sheet has formulas."""
        root = self.parts.root(self.part_of(sheet))
        cells = (cell for cell in root.iter(tag(root, "c")) if formula(cell) is not None)
        return frozenset(place for cell in cells if (place := position(cell.get("r"))) is not None)

    def dress_rows(self, sheet: str, rows: Iterable[int], like: int) -> None:
        """Give rows without any cell the looks and the height of another row."""
        grid = self._grid(self.part_of(sheet))
        for row in rows:
            if not grid.cells(row):
                grid.dress(row, like)

    def append_rows(self, sheet: str, rows: Sequence[Sequence[Content]]) -> int:
        """Return the first row written: below the last one that holds anything, which lends its looks and height."""
        part = self.part_of(sheet)
        grid = self._grid(part)
        last = grid.last_filled()
        grown = {last + n: row for n, row in enumerate(rows, 1)}
        cells = {(n, column): content for n, row in grown.items() for column, content in enumerate(row, 1)}
        self._refuse(grid, cells)
        for row in grown if last else ():
            grid.dress(row, like=last)
        self._write(part, grid, cells)
        return last + 1

    def put_sheets(self, scratch: Scratch, order: Sequence[str]) -> None:
        """Put the sheets of a workbook written by XlsxWriter into this one, see `graft.put`."""
        from taizhang.books import graft

        graft.put(self, scratch, order)
        self._grids.clear()

    def properties(self) -> dict[str, str]:
        """Return the custom document properties that are texts."""
        part = self._custom()
        found = children(self.parts.root(part)) if part else []
        return {one.get("name", ""): unescaped(text) for one in found if (text := _property_text(one)) is not None}

    def set_properties(self, values: Mapping[str, str]) -> None:
        """Set custom document properties to texts; others stay."""
        if values:
            root = self.parts.edit(self._custom() or self._new_custom())
            for name, value in values.items():
                _set_property(root, name, value)

    def sheets(self) -> list[Element]:
        """Return the `<sheet>` entries of the workbook."""
        found = child(self.parts.root(self.workbook), "sheets")
        return [] if found is None else children(found)

    def worksheets(self) -> list[str]:
        """Return the parts that hold worksheets; chart and dialog sheets hold no cells."""
        found = (one for one in self.parts.relations(self.workbook) if one.kind == "worksheet")
        return [one.target for one in found if one.target in self.parts]

    def sheet_parts(self) -> dict[str, str]:
        """Return the part of every worksheet that is there, by its sheet's name, in the order of the tabs."""
        relations = {one.id: one for one in self.parts.relations(self.workbook) if one.kind == "worksheet"}
        numbers = {
            entry.get("name", ""): str(value)
            for entry in self.sheets()
            for name, value in entry.attrib.items()
            if str(name).endswith("/relationships}id")
        }
        found = ((name, relations[number].target) for name, number in numbers.items() if number in relations)
        return {name: part for name, part in found if part in self.parts}

    def part_of(self, sheet: str) -> str:
        """Return the part that holds a worksheet; case makes no difference, as in Excel."""
        entry = next((one for one in self.sheets() if one.get("name", "").casefold() == sheet.casefold()), None)
        if entry is None:
            raise ValueError(f"{sheet}: no such sheet")
        number = next((value for name, value in entry.attrib.items() if str(name).endswith("/relationships}id")), "")
        relation = next((one for one in self.parts.relations(self.workbook) if one.id == number), None)
        if relation is None:
            raise PackageError(f"{sheet}: the workbook does not say which part this sheet is")
        if relation.kind != "worksheet":
            raise ValueError(f"{sheet}: a {relation.kind}, not a worksheet")
        return relation.target

    def grid(self, sheet: str) -> Grid:
        """Return the stored cells of a worksheet; who changes one says so with `parts.edit`."""
        return self._grid(self.part_of(sheet))

    def related(self, kind: str) -> Relation | None:
        """Return the workbook's relationship of a kind: styles, sharedStrings, calcChain."""
        return next((one for one in self.parts.relations(self.workbook) if one.kind == kind), None)

    def relation_type(self, kind: str) -> str:
        """Return the full type of a relationship in this package's own dialect."""
        strict = space(self.parts.root(self.workbook)) == STRICT_MAIN
        return f"{STRICT_RELATIONS if strict else RELATIONS}/{kind}"

    def styles(self, default: bytes | None = None) -> str:
        """Return the name of the stylesheet, made from `default` or a plain one where there is none."""
        found = self.related("styles")
        if found and found.target in self.parts:
            return found.target
        if found:
            self.parts.unrelate(self.workbook, found.id)
        name = posixpath.join(posixpath.dirname(self.workbook), "styles.xml")
        plain = _PLAIN_STYLES.format(space(self.parts.root(self.workbook))).encode()
        self.parts.put(name, default or plain, STYLES_TYPE)
        self.parts.relate(self.workbook, self.relation_type("styles"), name)
        return name

    def recalculate(self, formulas_moved: bool) -> None:
        """Make the next program compute everything, in an order of its own where formulas came or went."""
        root = self.parts.edit(self.workbook)
        child_in_order(root, "calcPr", WORKBOOK_ORDER).set("fullCalcOnLoad", "1")
        chain = self.related("calcChain") if formulas_moved else None
        if chain:
            self.parts.unrelate(self.workbook, chain.id)
            self.parts.remove(chain.target)

    def _grid(self, part: str) -> Grid:
        if part not in self._grids:
            root = self.parts.root(part)
            data = child(root, "sheetData")
            if data is None:
                raise ValueError(f"{part}: holds no cells")
            self._grids[part] = Grid(root, data)
        return self._grids[part]

    def _refuse(self, grid: Grid, cells: Mapping[Place, Edit]) -> None:
        stored, date1904 = {place: grid.cell(*place) for place in cells}, self.date1904
        for place, content in cells.items():
            _refuse_edit(place, stored[place], content, date1904)
        _refuse_broken_groups(grid, cells, stored)

    def _write(self, part: str, grid: Grid, cells: Mapping[Place, Edit]) -> None:
        if not cells:
            return
        self.parts.edit(part)
        date1904, moved, dates, filled = self.date1904, False, [], []
        for place, content in sorted(cells.items(), key=lambda item: item[0]):
            if content is None and grid.cell(*place) is None:
                continue
            cell = grid.make(*place)
            filled.append(place)
            had = formula(cell) is not None
            write_cell(cell, content, date1904)
            moved |= had != (formula(cell) is not None)
            value = content.value if isinstance(content, Formula) else content
            if isinstance(value, date):
                dates.append((cell, isinstance(value, datetime)))
        grid.widen(filled)
        self._show_dates(dates)
        self.recalculate(moved)

    def _show_dates(self, dates: Sequence[tuple[Element, bool]]) -> None:
        """Give cells that hold a date a look that shows one; True marks a moment with its time."""
        if not dates:
            return
        name = self.styles()
        root = self.parts.root(name)
        looks = Pool(root, "cellXfs")
        for cell, moment in dates:
            style = int(cell.get("s", "0"))
            shown = dated(root, looks, style, moment)
            if shown != style:
                cell.set("s", str(shown))
        if looks.grown:
            self.parts.edit(name)

    def _custom(self) -> str | None:
        """Return the part of the custom properties, whose relationship Strict files spell without a dash."""
        kinds = ("custom-properties", "customProperties")
        found = (one.target for one in self.parts.relations("") if one.kind in kinds)
        return next((name for name in found if name in self.parts), None)

    def _new_custom(self) -> str:
        name = self.parts.fresh("docProps/custom.xml") if "docProps/custom.xml" in self.parts else "docProps/custom.xml"
        self.parts.put(name, f'<Properties xmlns="{_CUSTOM}" xmlns:vt="{_VT}"/>'.encode(), _CUSTOM_TYPE)
        self.parts.relate("", f"{RELATIONS}/custom-properties", name)
        return name


def _property_text(element: Element) -> str | None:
    """Return the text of a custom property, or None where it is no text."""
    found = next((one for one in children(element) if local(one) in ("lpwstr", "lpstr", "bstr")), None)
    return None if found is None else found.text or ""


def _set_property(root: Element, name: str, value: str) -> None:
    """Set one custom property; their names differ by more than case."""
    found = next((one for one in children(root) if one.get("name", "").casefold() == name.casefold()), None)
    if found is None:
        number = max((int(one.get("pid", "1")) for one in children(root)), default=1) + 1
        facts = {"fmtid": _STRING_FORMAT, "pid": str(number), "name": name}
        found = etree.SubElement(root, tag(root, "property"), facts)
    set_attribute(found, "linkTarget", None)
    strict = space(root).startswith("http://purl.oclc.org/")
    types = "http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes" if strict else _VT
    found[:] = [found.makeelement(f"{{{types}}}lpwstr", nsmap={"vt": types})]
    found[0].text = escaped(value)
