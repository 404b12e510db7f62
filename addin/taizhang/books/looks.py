"""Looks of an existing sheet that follow its content: status colours, and rows tall enough to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from taizhang.books.marks import Palette
from taizhang.books.package import (
    Package,
    Pool,
    adopted,
    area,
    child,
    children,
    local,
    set_attribute,
)
from taizhang.layout.parts import Area
from taizhang.places import Place, column_letter, reference
from taizhang.styles import STYLES


def grow_rows(package: Package, sheet: str, needed: Mapping[int, float]) -> None:
    """Make rows at least as tall as their text needs; a taller row, and its user's choice, stays."""
    part = package.part_of(sheet)
    for element in package.parts.root(part).iter("{*}row"):
        height = needed.get(int(element.get("r", "0")))
        if height and float(element.get("ht", "15")) < height:
            package.parts.edit(part)
            element.set("ht", f"{height:g}")
            element.set("customHeight", "1")


def size_rows(package: Package, sheet: str, wanted: Mapping[int, float]) -> None:
    """Give rows another height."""
    rows = package.grid(sheet).rows
    sized = {number: height for number, height in wanted.items() if rows[number].get("ht") != f"{height:g}"}
    if sized:
        package.parts.edit(package.part_of(sheet))
        for number, height in sized.items():
            rows[number].set("ht", f"{height:g}")
            rows[number].set("customHeight", "1")


def printed(package: Package, sheet: str) -> Area | None:
    """Return a sheet's print area, None where it has none or one of several parts."""
    found = _name(package, sheet, _PRINT_AREA)
    return None if found is None else area((found.text or "").rpartition("!")[2].replace("$", ""))


def print_to(package: Package, sheet: str, wanted: Area) -> None:
    """Give a sheet that has a print area another one."""
    if printed(package, sheet) != wanted:
        _point(package, sheet, _PRINT_AREA, wanted)


def filtered(package: Package, sheet: str) -> Area | None:
    """Return what a sheet's filter is for, None where it has none."""
    found = child(package.parts.root(package.part_of(sheet)), "autoFilter")
    return None if found is None else area((found.get("ref") or "").replace("$", ""))


def filter_to(package: Package, sheet: str, wanted: Area) -> None:
    """Give a sheet that has a filter another area to filter."""
    if filtered(package, sheet) in (None, wanted):
        return
    found = child(package.parts.edit(package.part_of(sheet)), "autoFilter")
    assert found is not None
    found.set("ref", f"{reference(wanted.top, wanted.left)}:{reference(wanted.bottom, wanted.right)}")
    _point(package, sheet, _FILTER_AREA, wanted)


def _point(package: Package, sheet: str, name: str, wanted: Area) -> None:
    """Have a built-in name of a sheet, where it has one, mean another area."""
    if _name(package, sheet, name) is None:
        return
    package.parts.edit(package.workbook)
    found = _name(package, sheet, name)
    assert found is not None
    left, right = column_letter(wanted.left), column_letter(wanted.right)
    where = (found.text or "").rpartition("!")[0]
    found.text = f"{where}!${left}${wanted.top}:${right}${wanted.bottom}"


def _name(package: Package, sheet: str, name: str) -> etree._Element | None:
    """Return the built-in name of a sheet, None where it has none."""
    names = child(package.parts.root(package.workbook), "definedNames")
    place = str(package.sheet_names.index(sheet))
    told = (one for one in children(names) if one.get("name") == name) if names is not None else ()
    return next((one for one in told if one.get("localSheetId") == place), None)


_PRINT_AREA, _FILTER_AREA = "_xlnm.Print_Area", "_xlnm._FilterDatabase"


def relock(package: Package, sheet: str, wanted: Mapping[Place, str]) -> None:
    """Lock or open cells as the looks named want them, and give or take the grey that says so.

    A cell in a colour of its user's keeps it; a cell that is as it should be is not touched.
    """
    grid, styles = package.grid(sheet), package.styles()
    palette = Palette(package.parts.root(styles))
    open_ones = palette.open_styles
    made: dict[tuple[str, str], str] = {}
    for place, name in wanted.items():
        cell, look = grid.cell(*place), STYLES[name]
        style = "" if cell is None else cell.get("s", "0")
        if cell is not None and (style in open_ones) is look.locked:
            if (style, name) not in made:
                made[style, name] = palette.relocked(style, look.locked, look.fill.upper())
            cell.set("s", made[style, name])
    if made:
        package.parts.edit(package.part_of(sheet))
        package.parts.edit(styles)


_SHARE, _PLAIN = 10, 0  # the built-in number formats 0.00% and General


def show_shares(package: Package, sheet: str, wanted: Mapping[Place, bool]) -> None:
    """Have cells show their figures as shares, or as they are; one that does already, in whatever form, keeps it."""
    grid, styles = package.grid(sheet), package.styles()
    palette = Palette(package.parts.root(styles))
    changed = False
    for place, share in wanted.items():
        cell = grid.cell(*place)
        if cell is not None and palette.is_share(cell.get("s", "0")) is not share:
            cell.set("s", palette.formatted(cell.get("s", "0"), _SHARE if share else _PLAIN))
            changed = True
    if changed:
        package.parts.edit(package.part_of(sheet))
        package.parts.edit(styles)


def recolour(package: Package, sheet: str, place: int, colours: Mapping[str, str]) -> None:
    """Give our own rules on a column of statuses the colours wanted; what staff made of their own stays."""
    blocks = package.parts.root(package.part_of(sheet)).iter("{*}conditionalFormatting")
    areas = [where for block in blocks if (where := area(block.get("sqref"))) is not None]
    ours = {
        f'${column_letter(place)}{where.top}="{status}"': colour
        for where in areas
        for status, colour in colours.items()
    }
    recolour_rules(package, sheet, place, ours)


def recolour_rules(package: Package, sheet: str, place: int, ours: Mapping[str, str]) -> None:
    """Give the rules on a column, by the formula of each, the colours wanted."""
    part = package.part_of(sheet)
    styles = package.styles()
    for block in package.parts.root(part).iter("{*}conditionalFormatting"):
        where = area(block.get("sqref"))
        if where is None or not where.left == place == where.right:
            continue
        for rule in block.iter("{*}cfRule"):
            colour = ours.get("".join(one.text or "" for one in children(rule) if local(one) == "formula"))
            number = rule.get("dxfId")
            if colour and number and _colour(package, styles, int(number)) != colour[1:].upper():
                package.parts.edit(part)
                set_attribute(rule, "dxfId", str(_coloured(package, styles, colour)))


def _colour(package: Package, styles: str, number: int) -> str:
    dxfs = child(package.parts.root(styles), "dxfs")
    looks = [] if dxfs is None else children(dxfs)
    fills = looks[number].iter("{*}bgColor") if number < len(looks) else ()
    return next((fill.get("rgb", "")[-6:].upper() for fill in fills), "")


def _coloured(package: Package, styles: str, colour: str) -> int:
    """Return the number of a differential look with this fill, added when it is new."""
    root = package.parts.edit(styles)
    text = f'<dxf><fill><patternFill patternType="solid"><bgColor rgb="FF{colour[1:].upper()}"/></patternFill></fill></dxf>'
    return Pool(root, "dxfs").number(adopted(etree.fromstring(text), root))


def widths(package: Package, sheet: str) -> dict[int, float]:
    """Return the widths of a sheet's columns that have one of their own, in characters as XlsxWriter counts them."""
    if sheet not in package.sheet_parts():
        return {}
    found: dict[int, float] = {}
    for places, one in _columns(package, sheet):
        if one.get("width") and one.get("customWidth") in ("1", "true"):
            width = round(float(one.get("width", "0")) - _PADDING, 2)
            found |= {place: width for place in places if width > 0}
    return found


def hidden(package: Package, sheet: str) -> frozenset[int]:
    """Return which columns of a sheet do not show."""
    unseen = (places for places, one in _columns(package, sheet) if one.get("hidden") in ("1", "true"))
    return frozenset(place for places in unseen for place in places)


def _columns(package: Package, sheet: str) -> Iterator[tuple[range, etree._Element]]:
    """Yield what is said of columns, with the numbers of those it is said of."""
    for one in package.parts.root(package.part_of(sheet)).iter("{*}col"):
        first, last = (int(one.get(name, "0")) for name in ("min", "max"))
        yield range(first, min(last, _LAST_COLUMN) + 1), one


_PADDING = 5 / 7  # of a character: the room a column has around its text
_LAST_COLUMN = 100
