"""Sheets of a fresh workbook put into a package: texts, looks, drawings and names move along.

The fresh workbook ("scratch") comes from XlsxWriter. A sheet of the same name is replaced in
its place, any other is inserted; everything else of the package stays as it is.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from io import BytesIO

from lxml import etree

from taizhang.books.drawn import called, draw_in, left_to_staff
from taizhang.books.package import (
    SHEET_TYPE,
    STRICT_MAIN,
    STYLES_ORDER,
    WORKBOOK_ORDER,
    Element,
    Package,
    Parts,
    Pool,
    adopted,
    child,
    child_in_order,
    children,
    members,
    parsed,
    relations_name,
    serialised,
    set_attribute,
    space,
    tag,
)
from taizhang.books.rows import Look, Rows, Scratch, inline

_DIALECT = re.compile(rb"http://schemas\.openxmlformats\.org/(spreadsheetml|drawingml|officeDocument)/2006/")
_NOT_CARRIED = frozenset({"table", "pivotTable", "slicer", "timeline", "ctrlProp", "threadedComment"})
_BUILT_IN = "_xlnm."
_FIRST_FREE_FORMAT = 164
_APPLIES = {"fontId": "applyFont", "fillId": "applyFill", "borderId": "applyBorder", "numFmtId": "applyNumberFormat"}


@dataclass(frozen=True)
class Looks:
    """The numbers scratch looks have in the target: of cells by `s`, of conditions by `dxfId`."""

    cells: tuple[int, ...]
    conditions: tuple[int, ...]


@dataclass(frozen=True)
class Anchor:
    """An attribute that names a sheet by its place among the tabs."""

    holder: Element
    attribute: str
    sheet: Element


def put(target: Package, scratch: Scratch, order: Sequence[str]) -> None:
    """Put every sheet of `scratch` into `target`; `order` says where new ones belong among the known ones.

    Raises ValueError, with nothing changed, for what cannot be carried over: tables, pivot tables, controls,
    pictures inside cells, the other calendar. Names of the whole workbook replace those of the same name; a sheet's
    own print areas, titles and filters replace the old ones.
    """
    source = _opened(scratch.data, strict=space(target.parts.root(target.workbook)) == STRICT_MAIN)
    _refuse(target, source)
    looks, texts = _looks(target, source), _texts(source)
    anchors, copies = _anchors(target), dict[str, str]()
    target.parts.edit(target.workbook)
    drawn = _released(target, source)  # all before the first is put: then the same names are free again every time
    for entry in _in_order(source.sheets(), order):
        name = entry.get("name", "")
        part = source.part_of(name)
        sheet = _localised(source.parts.data(part), looks, texts)
        if name in scratch.rows:
            sheet = _with_rows(sheet, scratch.rows[name], {look: looks.cells[n] for look, n in scratch.looks.items()})
        home = _place(target, name, order)
        _show(_entry(target, name), entry.get("state"))
        target.parts.put(home, sheet)
        _carry(source.parts, target.parts, part, home, copies)
        if name in drawn:
            draw_in(target, home, drawn[name])
    _settle(anchors, target)
    _put_names(target, source)
    _show_some_tab(target)
    target.recalculate(formulas_moved=True)


def _opened(scratch: bytes, strict: bool) -> Package:
    """Return the scratch workbook, in the Strict dialect where the target is written in that."""
    entries = members(scratch)
    if strict:
        entries = [(info, _DIALECT.sub(rb"http://purl.oclc.org/ooxml/\1/", data)) for info, data in entries]
    return Package(Parts(entries))


def _refuse(target: Package, source: Package) -> None:
    """Raise ValueError for what cannot be put; nothing has been changed yet."""
    if target.date1904 != source.date1904:
        raise ValueError("the two workbooks count their days from different years")
    for name in source.sheet_names:
        part = source.part_of(name)
        carried = {relation.kind for relation in source.parts.relations(part)}
        if carried & _NOT_CARRIED:
            raise ValueError(f"{name}: cannot carry over {', '.join(sorted(carried & _NOT_CARRIED))}")
        if _VALUE_METADATA.search(source.parts.data(part)):
            raise ValueError(f"{name}: cannot carry over pictures inside cells")
        if _entry(target, name) is not None:
            target.part_of(name)  # raises for a chart sheet of that name


_VALUE_METADATA = re.compile(rb'<c [^>]*\bvm="')


def _entry(package: Package, name: str) -> Element | None:
    """Return the workbook's entry of a sheet."""
    return next((one for one in package.sheets() if _same(one.get("name"), name)), None)


def _same(one: str | None, other: str | None) -> bool:
    """Return whether two names are one to Excel."""
    return (one or "").casefold() == (other or "").casefold()


# --- looks -----------------------------------------------------------------------------------------------------------


def _looks(target: Package, source: Package) -> Looks:
    """Return the target's numbers for all looks of the scratch, added to its stylesheet where they are new."""
    fresh = source.parts.root(source.styles())
    name = target.styles(default=source.parts.data(source.styles()))
    before = deepcopy(target.parts.root(name))
    root = target.parts.root(name)
    looks = Looks(_cell_looks(root, fresh), _numbers(root, fresh, "dxfs"))
    if etree.tostring(before) != etree.tostring(root):
        target.parts.edit(name)
    return looks


def _numbers(root: Element, fresh: Element, name: str) -> tuple[int, ...]:
    """Return where each entry of a list of the scratch stylesheet is in the target's."""
    wanted = child(fresh, name)
    if wanted is None or not children(wanted):
        return ()
    pool = Pool(root, name)
    return tuple(pool.number(one) for one in children(wanted))


def _cell_looks(root: Element, fresh: Element) -> tuple[int, ...]:
    """Return where each cell look of the scratch is in the target; the default look stays the target's own."""
    numbers: dict[str, Mapping[int, int]] = {
        attribute: dict(enumerate(_numbers(root, fresh, name)))
        for attribute, name in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders"))
    }
    numbers["numFmtId"] = _formats(root, fresh)
    pool, wanted = Pool(root, "cellXfs"), child(fresh, "cellXfs")
    own = [] if wanted is None else children(wanted)[1:]
    return 0, *(pool.number(_look(xf, numbers)) for xf in own)


def _look(xf: Element, numbers: Mapping[str, Mapping[int, int]]) -> Element:
    """Return a cell look in the target's numbers; what it sets is marked as applied, or LibreOffice ignores it."""
    look = deepcopy(xf)
    look.set("xfId", "0")
    for attribute, applies in _APPLIES.items():
        old = int(xf.get(attribute, "0"))
        number = numbers[attribute].get(old, old)
        look.set(attribute, str(number))
        if number:
            look.set(applies, "1")
    return look


def _formats(root: Element, fresh: Element) -> dict[int, int]:
    """Return the target's number for each number format of the scratch, added where its code is new."""
    wanted = child(fresh, "numFmts")
    if wanted is None or not children(wanted):
        return {}
    own = child_in_order(root, "numFmts", STYLES_ORDER)
    known = {one.get("formatCode"): int(one.get("numFmtId", "0")) for one in reversed(children(own))}
    found = {}
    for one in children(wanted):
        code = one.get("formatCode", "")
        if code not in known:
            known[code] = max(_FIRST_FREE_FORMAT - 1, *known.values(), 0) + 1
            etree.SubElement(own, tag(own, "numFmt"), {"numFmtId": str(known[code]), "formatCode": code})
        found[int(one.get("numFmtId", "0"))] = known[code]
    own.set("count", str(len(children(own))))
    return found


# --- a sheet's own XML -----------------------------------------------------------------------------------------------


def _texts(source: Package) -> list[bytes]:
    """Return the shared strings of the scratch as cells hold them themselves, runs and all."""
    found = source.related("sharedStrings")
    items = _SHARED.findall(source.parts.data(found.target)) if found else []
    return [b' t="inlineStr"><is>%s</is>' % item for item in items]


def _localised(data: bytes, looks: Looks, texts: Sequence[bytes]) -> bytes:
    """Return a scratch sheet that stands on its own: texts inline, looks in the target's numbers, its tab not selected.

    Its rows, of which there may be very many, are not parsed: XlsxWriter spells a cell in one way only.
    """
    start, end = data.find(_ROWS[0]), data.rfind(_ROWS[1])
    if start < 0 or end < 0:
        return serialised(_framed(data, looks))
    inside = start + len(_ROWS[0])
    frame = serialised(_framed(data[:inside] + _MARK + data[end:], looks))
    numbers = {str(old).encode(): b' s="%d"' % new for old, new in enumerate(looks.cells)}
    rows = _row_looks(_cells(data[inside:end], numbers, texts), numbers)
    return frame.replace(_MARK, rows, 1)


def _with_rows(sheet: bytes, rows: Rows, numbers: Mapping[Look, int]) -> bytes:
    """Return a sheet with more rows below its own."""
    end, whole = sheet.rfind(_ROWS[1]), BytesIO()
    whole.write(sheet[:end])
    for row in rows.written(numbers, inline):
        whole.write(row.encode())
    whole.write(sheet[end:])
    return whole.getvalue()


_SHARED = re.compile(rb"<si>(.*?)</si>", re.DOTALL)
_ROWS = b"<sheetData>", b"</sheetData>"
_MARK = b"<row/>"
_CELL = re.compile(rb'(<c r="[A-Z]+[0-9]+")(?: s="([0-9]+)")?(?: cm="[0-9]+")?(?: t="s"><v>([0-9]+)</v>)?')
_ROW = re.compile(rb'(<row [^>]*?) s="([0-9]+)"')


def _cells(rows: bytes, numbers: Mapping[bytes, bytes], texts: Sequence[bytes]) -> bytes:
    """Return rows with texts inline and looks renumbered.

    Dynamic-array metadata is a part of the workbook, and goes: an array formula remains.
    """

    def localised(cell: re.Match[bytes]) -> bytes:
        place, look, text = cell.groups()
        return place + (numbers[look] if look else b"") + (texts[int(text)] if text else b"")

    return _CELL.sub(localised, rows)


def _row_looks(rows: bytes, numbers: Mapping[bytes, bytes]) -> bytes:
    """Return rows whose own looks are renumbered; few rows have one."""
    return _ROW.sub(lambda row: row[1] + numbers[row[2]], rows)


def _framed(data: bytes, looks: Looks) -> Element:
    """Return what is around a scratch sheet's rows, in the target's numbers."""
    root = parsed("scratch", data)
    _renumber(root, "col", "style", looks.cells)
    for name in ("cfRule", "colorFilter", "sortCondition"):
        _renumber(root, name, "dxfId", looks.conditions)
    for view in root.iter(tag(root, "sheetView")):
        set_attribute(view, "tabSelected", None)
    return root


def _renumber(root: Element, name: str, attribute: str, numbers: Sequence[int]) -> None:
    for one in root.iter(tag(root, name)):
        old = one.get(attribute)
        if old is not None:
            one.set(attribute, str(numbers[int(old)]))


# --- parts -----------------------------------------------------------------------------------------------------------


def _carry(source: Parts, target: Parts, part: str, home: str, copies: dict[str, str]) -> None:
    """Give `home` the relationships `part` has in the scratch; the parts they lead to are copied once."""
    name = relations_name(part)
    if name not in source:
        return
    root = deepcopy(source.root(name))
    found = {relation.id: relation for relation in source.relations(part)}
    for one in children(root):
        relation = found[one.get("Id", "")]
        if not relation.outside and relation.target in source:
            copy = _copied(source, target, relation.target, copies)
            one.set("Target", posixpath.relpath(copy, posixpath.dirname(home)))
    target.put(relations_name(home), serialised(root))


def _copied(source: Parts, target: Parts, part: str, copies: dict[str, str]) -> str:
    """Return the name in the target of a scratch part, copied there with all it leads to."""
    if part not in copies:
        copies[part] = target.fresh(part)
        target.put(copies[part], source.data(part), source.content_type(part))
        _carry(source, target, part, copies[part], copies)
    return copies[part]


def _released(target: Package, source: Package) -> dict[str, str]:
    """Take away the relationships of the sheets that are replaced, and the parts nothing else leads to.

    Return the drawings that stay, by sheet: what staff have drawn is left in them.
    """
    parts = target.parts
    old = {name: target.part_of(name) for name in source.sheet_names if _entry(target, name) is not None}
    led_to = {one for part in old.values() for one in _reached(parts, part)}
    found = {name: left_to_staff(target, part, called(source, source.part_of(name))) for name, part in old.items()}
    drawn = {name: drawing for name, drawing in found.items() if drawing}
    for part in old.values():
        parts.remove_relations(part)
    staying = {one for drawing in drawn.values() for one in (drawing, *_reached(parts, drawing))}
    for one in sorted(led_to - _reached(parts, "") - staying):
        parts.remove(one)
    return drawn


def _reached(parts: Parts, start: str) -> set[str]:
    """Return all parts that relationships lead to, however far, from a part ("" is the package itself)."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        targets = {one.target for one in parts.relations(waiting.pop()) if not one.outside and one.target in parts}
        waiting.extend(sorted(targets - reached))
        reached |= targets
    return reached


# --- tabs ------------------------------------------------------------------------------------------------------------


def _rank(name: str | None, order: Sequence[str]) -> int:
    """Return the place of a sheet in `order`; unknown ones come last."""
    return next((n for n, one in enumerate(order) if _same(one, name)), len(order))


def _in_order(entries: Sequence[Element], order: Sequence[str]) -> list[Element]:
    return sorted(entries, key=lambda one: _rank(one.get("name"), order))


def _place(target: Package, name: str, order: Sequence[str]) -> str:
    """Return the part a sheet goes to: the one of its namesake, or a new one among the tabs."""
    return _new_sheet(target, name, order) if _entry(target, name) is None else target.part_of(name)


def _new_sheet(target: Package, name: str, order: Sequence[str]) -> str:
    """Return the part of a new sheet, entered into the workbook."""
    folder = posixpath.join(posixpath.dirname(target.workbook), "worksheets")
    part = target.parts.fresh(f"{folder}/sheet.xml")
    target.parts.put(part, b"<worksheet/>", SHEET_TYPE)
    number = target.parts.relate(target.workbook, target.relation_type("worksheet"), part)
    sheets = child_in_order(target.parts.root(target.workbook), "sheets", WORKBOOK_ORDER)
    used = max((int(one.get("sheetId", "0")) for one in children(sheets)), default=0)
    facts = {"name": name, "sheetId": str(used + 1), f"{{{target.relation_type('')[:-1]}}}id": number}
    _enter(sheets, sheets.makeelement(tag(sheets, "sheet"), facts), order)
    return part


def _enter(sheets: Element, entry: Element, order: Sequence[str]) -> None:
    """Insert a tab after the nearest known one before it, else before the nearest one after it, else last."""
    own = _rank(entry.get("name"), order)
    known = [(rank, one) for one in children(sheets) if (rank := _rank(one.get("name"), order)) < len(order)]
    before = [pair for pair in known if pair[0] < own < len(order)]
    after = [pair for pair in known if pair[0] > own]
    if before:
        max(before, key=lambda pair: pair[0])[1].addnext(entry)
    elif after:
        min(after, key=lambda pair: pair[0])[1].addprevious(entry)
    else:
        sheets.append(entry)


def _show(entry: Element | None, state: str | None) -> None:
    """Give a tab the state the scratch wants."""
    if entry is not None:
        set_attribute(entry, "state", state)


def _views(target: Package) -> list[Element]:
    found = child(target.parts.root(target.workbook), "bookViews")
    return [] if found is None else children(found)


def _show_some_tab(target: Package) -> None:
    """Activate the first visible sheet where the active one has just been hidden: Excel shows no hidden one."""
    sheets = target.sheets()
    visible = [n for n, one in enumerate(sheets) if one.get("state", "visible") == "visible"]
    for view in _views(target):
        if visible and int(view.get("activeTab", "0")) not in visible:
            view.set("activeTab", str(visible[0]))


# --- names and places ------------------------------------------------------------------------------------------------


def _names(package: Package) -> list[Element]:
    found = child(package.parts.root(package.workbook), "definedNames")
    return [] if found is None else children(found)


def _anchors(target: Package) -> list[Anchor]:
    """Return every attribute that counts tabs, with the sheet it means; a tab bar not scrolled stays so."""
    sheets = target.sheets()
    counted = [(one, "localSheetId", one.get("localSheetId")) for one in _names(target)]
    counted += [(one, "activeTab", one.get("activeTab", "0")) for one in _views(target)]
    counted += [(one, "firstSheet", one.get("firstSheet")) for one in _views(target) if one.get("firstSheet") != "0"]
    return [Anchor(one, name, sheets[int(n)]) for one, name, n in counted if n is not None and int(n) < len(sheets)]


def _settle(anchors: Sequence[Anchor], target: Package) -> None:
    """Write the places the sheets have now."""
    places = {sheet: n for n, sheet in enumerate(target.sheets())}
    for anchor in anchors:
        number = str(places[anchor.sheet])
        if number != anchor.holder.get(anchor.attribute, "0"):
            anchor.holder.set(anchor.attribute, number)


def _put_names(target: Package, source: Package) -> None:
    """Replace the defined names: the workbook's by name, of the sheets that were put their built-in ones."""
    root = target.parts.root(target.workbook)
    places = _places(target, source)
    wanted = [(one, None if (n := one.get("localSheetId")) is None else str(places[int(n)])) for one in _names(source)]
    going = {(one.get("name", "").casefold(), place) for one, place in wanted}
    put = {str(place) for place in places}
    holder = child_in_order(root, "definedNames", WORKBOOK_ORDER)
    for one in children(holder):
        name, place = one.get("name", "").casefold(), one.get("localSheetId")
        if (name, place) in going or (place in put and name.startswith(_BUILT_IN)):
            holder.remove(one)
    for one, place in wanted:
        set_attribute(adopted(one, holder), "localSheetId", place)
    if not children(holder):
        root.remove(holder)


def _places(target: Package, source: Package) -> list[int]:
    """Return the place each scratch sheet has among the target's tabs."""
    names = [one.casefold() for one in target.sheet_names]
    return [names.index(one.casefold()) for one in source.sheet_names]
