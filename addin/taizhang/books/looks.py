"""Looks of an existing sheet that follow its content: status colours, and rows tall enough to read."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from taizhang.books.package import Package, Pool, adopted, child, children, local, set_attribute

_STATUS_RULE = re.compile(r'.*="([^"]+)"')


def grow_rows(package: Package, sheet: str, needed: Mapping[int, float]) -> None:
    """Make rows at least as tall as their text needs; a taller row, and its user's choice, stays."""
    part = package.part_of(sheet)
    for element in package.parts.root(part).iter("{*}row"):
        height = needed.get(int(element.get("r", "0")))
        if height and float(element.get("ht", "15")) < height:
            package.parts.edit(part)
            element.set("ht", f"{height:g}")
            element.set("customHeight", "1")


def recolour(package: Package, sheet: str, colours: Mapping[str, str]) -> None:
    """Give every conditional format that tests for a status the colour of that status."""
    part = package.part_of(sheet)
    styles = package.styles()
    for rule in package.parts.root(part).iter("{*}cfRule"):
        found = _STATUS_RULE.fullmatch("".join(one.text or "" for one in children(rule) if local(one) == "formula"))
        colour = colours.get(found[1]) if found else None
        number = rule.get("dxfId")
        if colour is None or number is None or _colour(package, styles, int(number)) == colour[1:].upper():
            continue
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
