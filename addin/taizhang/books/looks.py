"""Looks of an existing sheet that follow its content: status colours, and rows tall enough to read."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from taizhang.books.package import Package, Pool, adopted, area, child, children, local, set_attribute
from taizhang.layout.common import column_letter


def grow_rows(package: Package, sheet: str, needed: Mapping[int, float]) -> None:
    """Make rows at least as tall as their text needs; a taller row, and its user's choice, stays."""
    part = package.part_of(sheet)
    for element in package.parts.root(part).iter("{*}row"):
        height = needed.get(int(element.get("r", "0")))
        if height and float(element.get("ht", "15")) < height:
            package.parts.edit(part)
            element.set("ht", f"{height:g}")
            element.set("customHeight", "1")


def recolour(package: Package, sheet: str, place: int, colours: Mapping[str, str]) -> None:
    """Give our own rules on a column of statuses the colours wanted; what staff made of their own stays."""
    part = package.part_of(sheet)
    styles = package.styles()
    for block in package.parts.root(part).iter("{*}conditionalFormatting"):
        where = area(block.get("sqref"))
        if where is None or not where.left == place == where.right:
            continue
        ours = {f'${column_letter(place)}{where.top}="{status}"': colour for status, colour in colours.items()}
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
