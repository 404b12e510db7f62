"""What staff have drawn on a sheet that is made anew: their charts, pictures and shapes stay, ours give way to new ones.

The sheet keeps the drawing they have drawn in, and ours are put into it. So nothing of theirs is renumbered: an arrow
tied to a box, a link, a diagram that names a part from within another one all hold. Ours are known by their name; a
program that gives objects names of its own leaves a chart its title.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from taizhang.books.package import (
    RELATIONS,
    SHEET_ORDER,
    STRICT_RELATIONS,
    Element,
    Package,
    child,
    child_in_order,
    children,
    local,
)
from taizhang.layout.parts import OWN

_ANCHORS = ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor")
_BOUND = ("slicer", "timeslicer")


def called(package: Package, part: str) -> dict[str, str]:
    """Return the names of what is drawn on a sheet, each with the title it has as a chart, or ""."""
    drawing = _drawing(package, part)
    anchors = [] if drawing is None else children(package.parts.root(drawing))
    return {_name(one): _title(package, drawing or "", one) for one in anchors}


def are_ours(objects: Sequence[tuple[str, str]], fresh: Mapping[str, str]) -> list[bool]:
    """Return which objects of a sheet, given as (name, title), are ours; `fresh` are the titles of what will be drawn.

    A title tells only of one whose name is nowhere: a copy of ours that staff made bears the title too.
    """
    names = {name for name, _ in objects}
    titles = {title for name, title in fresh.items() if title and name not in names}
    return [name.startswith(OWN) or name in fresh or title in titles for name, title in objects]


def left_to_staff(package: Package, part: str, fresh: Mapping[str, str]) -> str | None:
    """Return the drawing of a sheet with ours taken out of it; None where staff have drawn nothing.

    `fresh` is what will be drawn, as `called` gives it. Controls and slicers go too: they are
    nothing without parts of the sheet that is replaced.
    """
    drawing = _drawing(package, part)
    if drawing is None:
        return None
    anchors = children(package.parts.root(drawing))
    ours = are_ours([(_name(one), _title(package, drawing, one)) for one in anchors], fresh)
    going = [one for one, own in zip(anchors, ours, strict=True) if own or _is_bound(one)]
    if len(going) == len(anchors):
        return None
    root = package.parts.edit(drawing)
    for one in going:
        root.remove(one)
    left = _ids(root)
    for number in {number for one in going for number in _ids(one)} - left:
        package.parts.unrelate(drawing, number)
    return drawing


def draw_in(package: Package, part: str, drawing: str) -> None:
    """Have a sheet show the drawing of staff, and what was drawn on the sheet behind what they drew."""
    fresh = next((one for one in package.parts.relations(part) if one.kind == "drawing"), None)
    if fresh is not None:
        _move(package, fresh.target, drawing)
        package.parts.unrelate(part, fresh.id)
        package.parts.remove(fresh.target)
    number = package.parts.relate(part, package.relation_type("drawing"), drawing)
    shown = child_in_order(package.parts.edit(part), "drawing", SHEET_ORDER)
    shown.set(f"{{{package.relation_type('')[:-1]}}}id", number)


def _move(package: Package, source: str, drawing: str) -> None:
    """Move what is drawn in one drawing to the back of another, under numbers that are free there."""
    relations = {one.id: one for one in package.parts.relations(source)}
    root = package.parts.edit(drawing)
    used = max((int(one.get("id", "0")) for one in root.iter("{*}cNvPr")), default=0)
    for place, anchor in enumerate(children(package.parts.root(source))):
        for holder in anchor.iter("{*}cNvPr"):
            used += 1
            holder.set("id", str(used))
        for element, name, number in list(_named(anchor)):
            if number in relations:
                kind = package.relation_type(relations[number].kind)
                element.set(name, package.parts.relate(drawing, kind, relations[number].target))
        root.insert(place, anchor)


def _drawing(package: Package, part: str) -> str | None:
    found = (one.target for one in package.parts.relations(part) if one.kind == "drawing")
    return next((one for one in found if one in package.parts), None)


def _is_bound(anchor: Element) -> bool:
    """Return whether an object stands for a part that the sheet itself names."""
    if local(anchor) not in _ANCHORS:  # an alternative of anchors: so controls are written
        return True
    return any(one.get("uri", "").rpartition("/")[2] in _BOUND for one in anchor.iter("{*}graphicData"))


def _name(anchor: Element) -> str:
    """Return what an object is called; of a group, what the group is."""
    found = next(anchor.iter("{*}cNvPr"), None)
    return "" if found is None else found.get("name", "")


def _title(package: Package, drawing: str, anchor: Element) -> str:
    """Return the title of the chart an object is, or ""."""
    charts = {one.id: one.target for one in package.parts.relations(drawing) if one.kind == "chart"}
    frame = child(anchor, "graphicFrame")
    chart = next((charts[id] for id in sorted(_ids(frame)) if id in charts), "") if frame is not None else ""
    title = package.parts.root(chart).find("{*}chart/{*}title") if chart in package.parts else None
    return "" if title is None else "".join(one.text or "" for one in title.iter("{*}t"))


def _ids(element: Element) -> set[str]:
    """Return the ids of the relationships named within an element."""
    return {number for _, _, number in _named(element)}


def _named(element: Element) -> Iterator[tuple[Element, str, str]]:
    """Yield every attribute within an element that names a relationship: where it stands, its name, the id."""
    spaces = (f"{{{RELATIONS}}}", f"{{{STRICT_RELATIONS}}}")
    for holder in element.iter():
        found = ((str(name), str(value)) for name, value in holder.attrib.items())
        yield from ((holder, name, value) for name, value in found if name.startswith(spaces))
