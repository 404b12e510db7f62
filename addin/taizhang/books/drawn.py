"""What staff have drawn on a sheet that is made anew: their charts, pictures and shapes go over to the new one.

Ours are known by their name; a program that gives objects names of its own leaves a chart its title.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from taizhang.books.package import (
    RELATIONS,
    SHEET_ORDER,
    STRICT_RELATIONS,
    Element,
    Package,
    Relation,
    child_in_order,
    children,
    local,
    space,
)
from taizhang.layout.parts import OWN

_DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.drawing+xml"
_ANCHORS = ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor")


@dataclass(frozen=True)
class Drawn:
    """An object on a sheet: its anchor, and the parts the anchor leads to, by the ids it names them with."""

    anchor: Element
    parts: dict[str, Relation]


def drawn_by_staff(package: Package, part: str, ours: Collection[str]) -> list[Drawn]:
    """Return what is drawn on a sheet that is not ours; `ours` are the names and titles of what will be drawn."""
    drawing = _drawing(package, part)
    if drawing is None:
        return []
    relations = {one.id: one for one in package.parts.relations(drawing)}
    found = []
    for anchor in children(package.parts.root(drawing)):
        if local(anchor) in _ANCHORS:
            parts = {id: relations[id] for id in _ids(anchor) if id in relations and not relations[id].outside}
            if not _is_ours(package, anchor, parts, ours):
                found.append(Drawn(deepcopy(anchor), parts))
    return found


def called(package: Package, part: str) -> set[str]:
    """Return what is drawn on a sheet: the names of the objects and the titles of the charts."""
    drawing = _drawing(package, part)
    if drawing is None:
        return set()
    charts = (one.target for one in package.parts.relations(drawing) if one.kind == "chart")
    return {*_names(package.parts.root(drawing)), *(_title(package, chart) for chart in charts)} - {""}


def draw_again(package: Package, part: str, objects: Collection[Drawn]) -> None:
    """Put objects on a sheet, behind what is drawn there."""
    if not objects:
        return
    drawing = _drawing(package, part) or _new_drawing(package, part)
    root = package.parts.edit(drawing)
    used = max((int(one.get("id", "0")) for one in root.iter("{*}cNvPr")), default=0)
    for one in objects:
        ids = {
            id: package.parts.relate(drawing, package.relation_type(relation.kind), relation.target)
            for id, relation in one.parts.items()
        }
        anchor = deepcopy(one.anchor)
        root.append(anchor)
        for number, holder in enumerate(anchor.iter("{*}cNvPr"), used + 1):
            holder.set("id", str(number))
            used = number
        for element in anchor.iter():
            for name, value in _named(element):
                if value in ids:
                    element.set(name, ids[value])


def _drawing(package: Package, part: str) -> str | None:
    return next((one.target for one in package.parts.relations(part) if one.kind == "drawing"), None)


def _new_drawing(package: Package, part: str) -> str:
    """Return the drawing part of a sheet that had none."""
    name = package.parts.fresh(posixpath.join(posixpath.dirname(package.workbook), "drawings", "drawing.xml"))
    strict = space(package.parts.root(package.workbook)).startswith("http://purl")
    base = "http://purl.oclc.org/ooxml" if strict else "http://schemas.openxmlformats.org"
    tail = "" if strict else "/2006"
    spaces = {"xdr": f"{base}/drawingml{tail}/spreadsheetDrawing", "a": f"{base}/drawingml{tail}/main"}
    root = etree.Element(f"{{{spaces['xdr']}}}wsDr", nsmap=spaces)
    package.parts.put(
        name, etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True), _DRAWING_TYPE
    )
    number = package.parts.relate(part, package.relation_type("drawing"), name)
    relations = package.relation_type("")[:-1]
    child_in_order(package.parts.edit(part), "drawing", SHEET_ORDER).set(f"{{{relations}}}id", number)
    return name


def _ids(anchor: Element) -> list[str]:
    return [value for element in anchor.iter() for _, value in _named(element)]


def _named(element: Element) -> list[tuple[str, str]]:
    """Return the attributes of an element that name a relationship."""
    spaces = (f"{{{RELATIONS}}}", f"{{{STRICT_RELATIONS}}}")
    return [(str(name), str(value)) for name, value in element.attrib.items() if str(name).startswith(spaces)]


def _is_ours(package: Package, anchor: Element, parts: dict[str, Relation], ours: Collection[str]) -> bool:
    if any(name.startswith(OWN) or name in ours for name in _names(anchor)):
        return True
    charts = [one.target for one in parts.values() if one.kind == "chart"]
    return any(_title(package, chart) in ours for chart in charts)


def _names(element: Element) -> list[str]:
    return [one.get("name", "") for one in element.iter("{*}cNvPr")]


def _title(package: Package, chart: str) -> str:
    """Return the title of a chart."""
    if chart not in package.parts:
        return ""
    title = next(package.parts.root(chart).iter("{*}title"), None)
    return "" if title is None else "".join(one.text or "" for one in title.iter("{*}t"))
