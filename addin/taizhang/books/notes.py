"""Our lines in the notes of a sheet: put, renewed and taken away; what others wrote stays.

A note lives in two parts: its text in the comments part, its box in a VML drawing. A line is
ours by its own words ("校验 E102：…"), because LibreOffice loses the names of authors.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, count, islice

from lxml import etree

from taizhang.books.package import (
    LAST_COLUMN,
    LAST_ROW,
    SHEET_ORDER,
    Element,
    Package,
    PackageError,
    child,
    child_in_order,
    children,
    escaped,
    local,
    space,
    tag,
    unescaped,
)
from taizhang.places import Place, position, reference
from taizhang.styles import BODY_FONT, lines

AUTHOR = "营商台账"
COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_COMMENTS_ORDER = "authors commentList extLst"
_BREAK = re.compile(r"[\r\n]+")
_OURS = re.compile(r"(?<![^\r\n])(校验 [A-Z][0-9]{3}[：　][^\r\n]*)(?:\r\n?|\n|\Z)")
_SHAPE_NUMBER = re.compile(r"_x0000_s([0-9]{1,9})")
_ID_MAP = re.compile(rb"idmap\b[^>]*?\bdata\s*=\s*[\"']([0-9, ]*)[\"']")
_BLOCK = 1024  # a shape's number is in one of the blocks its drawing claims; no two drawings claim the same
_WIDTH, _ASIDE, _ABOVE, _LINE, _MARGIN, _TALLEST = 260, 15, 10, 17, 14, 600  # pixels of a note's box
_ROOM = 40  # half-width characters in a line of it
_MOST_PIXELS = 4000
_NEVER = frozenset({"shapelayout", "shapetype"})  # what a VML drawing without shapes still has
_SPACES = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}
_DRAWING = "<xml {}/>".format(" ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _SPACES.items()))
_LAYOUT = '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{}"/></o:shapelayout>'
_SHAPE_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="{style}" fillcolor="#ffffe1" o:insetmode="auto">'
    '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_STYLE = "position:absolute;margin-left:{:.9g}pt;margin-top:{:.9g}pt;width:{:.9g}pt;height:{:.9g}pt;z-index:{};visibility:hidden"
_POINTS = 0.75  # to a pixel


@dataclass(frozen=True)
class Home:
    """Where the notes of a sheet are: part names, "" for a part it lacks; `threads` are cells with conversations."""

    sheet: str
    comments: str
    drawing: str
    threads: frozenset[Place]


@dataclass(frozen=True)
class Plan:
    """What is to be done: notes whose lines of ours are not those wanted, and cells that need a new note."""

    home: Home
    said: Mapping[Place, tuple[str, ...]]
    stale: tuple[tuple[Place, Element], ...]
    missing: tuple[Place, ...]

    @property
    def places(self) -> list[Place]:
        """Return the cells whose notes get lines."""
        return [*(place for place, _ in self.stale if place in self.said), *self.missing]


def set_notes(package: Package, sheet: str, wanted: Mapping[Place, Sequence[str]]) -> None:
    """Make the cells of `wanted` carry these lines of ours, and no other cell any line of ours.

    A note without a line of ours is somebody else's: it stays, and its cell gets none. Words a user added to
    a note of ours stay. A sheet whose notes cannot be read safely is left alone. Raises ValueError, with
    nothing changed, for a line that could not be told as ours afterwards.
    """
    said = {place: tuple(map(_line, texts)) for place, texts in wanted.items() if texts}
    part = package.part_of(sheet)
    try:
        plan = _planned(package, part, said)
    except PackageError:  # damaged, or older than XML: better no notes of ours than theirs lost
        return
    if plan and (plan.stale or plan.missing):
        _carry_out(package, sheet, plan)


def notes_of(package: Package, sheet: str) -> dict[Place, str]:
    """Return what the notes of a sheet say; nothing for a sheet whose notes cannot be read."""
    try:
        home = _home(package, package.part_of(sheet))
        return {place: _text(one) for place, one in _comments(package, home)} if home else {}
    except PackageError:
        return {}


def write_note(package: Package, sheet: str, place: Place, text: str | None) -> None:
    """Give a cell a note of ours that says `text`, instead of the one it has; none for None."""
    home = _home(package, package.part_of(sheet))
    if home is None:
        return
    home = _furnished(package, home)
    boxes, root = Boxes(package, sheet, home.drawing), package.parts.edit(home.comments)
    for comment in [one for found, one in _comments(package, home) if found == place]:
        _remove(comment)
        boxes.remove(place)
    if text:
        _add(root, place, [text])
        _write(_runs(next(one for found, one in _comments(package, home) if found == place))[0], text)
        boxes.fit(place, text)
    if not children(child_in_order(root, "commentList", _COMMENTS_ORDER)):
        _leave(package, home, boxes.empty)


def _line(text: str) -> str:
    """Return a line as a note holds it; its own line breaks would make strangers of its parts."""
    line = _BREAK.sub(" ", text)
    if not _OURS.fullmatch(line):
        raise ValueError(f"{text!r}: no line of ours begins so")
    return line


# --- reading ---------------------------------------------------------------------------------------------------------


def _planned(package: Package, sheet: str, said: Mapping[Place, tuple[str, ...]]) -> Plan | None:
    """Return what is to be done, or None where a sheet's notes are to be left alone."""
    home = _home(package, sheet)
    if home is None:
        return None
    taken, stale = set(home.threads), list[tuple[Place, Element]]()
    for place, comment in _comments(package, home):
        ours = tuple(_OURS.findall(_text(comment)))
        if ours and place not in taken and ours != said.get(place, ()):
            stale.append((place, comment))
        taken.add(place)
    return Plan(home, said, tuple(stale), tuple(sorted(said.keys() - taken)))


def _home(package: Package, sheet: str) -> Home | None:
    """Return where a sheet's notes are, or None where they are to be left alone."""
    parts, number = package.parts, _drawing_id(package.parts.root(sheet))
    relations = parts.relations(sheet)
    comments = next((one.target for one in relations if one.kind == "comments"), "")
    drawing = next((one.target for one in relations if one.id == number and one.kind == "vmlDrawing"), "")
    threads = [one.target for one in relations if one.kind == "threadedComment"]
    roots = {local(parts.root(name)) for name in (comments, drawing) if name}
    if (
        roots - {"comments", "xml"}
        or (number is not None and not drawing)
        or _shared(package, sheet, {comments, drawing} - {""})
    ):
        return None
    return Home(sheet, comments, drawing, _threads(package, threads))


def _drawing_id(root: Element) -> str | None:
    """Return the relationship a sheet has its VML drawing by: None without one, "" where that is not said."""
    found = child(root, "legacyDrawing")
    if found is None:
        return None
    return next((str(value) for name, value in found.attrib.items() if str(name).endswith("/relationships}id")), "")


def _shared(package: Package, sheet: str, names: set[str]) -> bool:
    """Return whether another sheet uses one of these parts too: no program writes that."""
    others = [part for part in package.worksheets() if part != sheet]
    return bool(names & {one.target for part in others for one in package.parts.relations(part)})


def _threads(package: Package, names: Sequence[str]) -> frozenset[Place]:
    """Return the cells that carry a conversation: their notes only repeat it."""
    found = (position(one.get("ref")) for name in names for one in package.parts.root(name).iter("{*}threadedComment"))
    return frozenset(place for place in found if place)


def _comments(package: Package, home: Home) -> Iterator[tuple[Place, Element]]:
    """Yield the notes of a sheet with their cells."""
    if home.comments:
        for one in list(package.parts.root(home.comments).iter("{*}comment")):
            place = position(one.get("ref"))
            if place:
                yield place, one


def _runs(comment: Element) -> list[Element]:
    """Return the elements that hold a note's text, in their order; readings in kana are none of it."""
    found = (one for text in comment.iterchildren(tag(comment, "text")) for one in text.iter(tag(comment, "t")))
    return [one for one in found if (parent := one.getparent()) is None or local(parent) != "rPh"]


def _text(comment: Element) -> str:
    return "".join(unescaped(one.text or "") for one in _runs(comment))


# --- writing ---------------------------------------------------------------------------------------------------------


def _carry_out(package: Package, sheet: str, plan: Plan) -> None:
    """Do what is planned; where a note of ours is put, others that never had a box get one too."""
    home = _furnished(package, plan.home) if plan.places else plan.home
    boxes = Boxes(package, sheet, home.drawing)
    root = package.parts.edit(home.comments)
    for place, comment in plan.stale:
        _renew(comment, plan.said.get(place, ()))
        if not _text(comment).strip():
            _remove(comment)
            boxes.remove(place)
    for place in plan.missing:
        _add(root, place, plan.said[place])
    renewed = set(plan.places)
    for place, comment in _comments(package, home) if renewed else ():
        if place in renewed or place not in boxes:
            boxes.fit(place, _text(comment))
    if not children(child_in_order(root, "commentList", _COMMENTS_ORDER)):
        _leave(package, home, boxes.empty)


def _renew(comment: Element, wanted: Sequence[str]) -> None:
    """Put the wanted lines where the first line of ours is, and take ours away; other words keep their looks."""
    found = list(_OURS.finditer(_text(comment)))
    gone = {n for one in found for n in range(*one.span())}
    fresh = _joined([*wanted, *filter(None, (_added(one[1], wanted) for one in found))])
    first, start = found[0].start(), 0
    for run in _runs(comment):
        old = unescaped(run.text or "")
        kept = ["" if n in gone else letter for n, letter in enumerate(old, start)]
        if start <= first < start + len(old):
            kept.insert(first - start, fresh)
        start += len(old)
        if "".join(kept) != old:
            _write(run, "".join(kept))


def _added(line: str, wanted: Sequence[str]) -> str:
    """Return what a user typed at the end of a line of ours that still holds."""
    begun = max((one for one in wanted if line.startswith(one)), default=line)
    return line.removeprefix(begun).strip()


def _joined(texts: Sequence[str]) -> str:
    """Return lines as a note's text: the last one is ended too, so that what a user types below is his own line."""
    return "".join(f"{one}\n" for one in texts)


def _write(run: Element, text: str) -> None:
    """Set the text of a run; one that has none left goes."""
    run.text = escaped(text)
    run.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    parent = run.getparent()
    if not text and parent is not None and local(parent) == "r":
        _remove(parent)


def _remove(element: Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _author(root: Element) -> str:
    """Return the number of our name among the authors of notes."""
    holder = child_in_order(root, "authors", _COMMENTS_ORDER)
    names = [one.text for one in children(holder)]
    if AUTHOR not in names:
        etree.SubElement(holder, tag(holder, "author")).text = AUTHOR
        return str(len(names))
    return str(names.index(AUTHOR))


def _add(root: Element, place: Place, texts: Sequence[str]) -> None:
    """Add a note of ours."""
    facts = {"ref": reference(*place), "authorId": _author(root)}
    comment = etree.SubElement(child_in_order(root, "commentList", _COMMENTS_ORDER), tag(root, "comment"), facts)
    run = etree.SubElement(etree.SubElement(comment, tag(root, "text")), tag(root, "r"))
    look = etree.SubElement(run, tag(root, "rPr"))
    for name, attribute, value in (("sz", "val", "9"), ("color", "indexed", "81"), ("rFont", "val", BODY_FONT)):
        etree.SubElement(look, tag(root, name), {attribute: value})
    _write(etree.SubElement(run, tag(root, "t")), _joined(texts))


# --- parts -----------------------------------------------------------------------------------------------------------


def _furnished(package: Package, home: Home) -> Home:
    """Return where the notes are, once a sheet has the parts for them."""
    folder = posixpath.dirname(package.workbook)
    comments = home.comments or _new_comments(package, home.sheet, posixpath.join(folder, "comments.xml"))
    drawing = home.drawing or _new_drawing(package, home.sheet, posixpath.join(folder, "drawings", "vmlDrawing.vml"))
    return replace(home, comments=comments, drawing=drawing)


def _new_comments(package: Package, sheet: str, name: str) -> str:
    name = package.parts.fresh(name)
    text = f'<comments xmlns="{space(package.parts.root(sheet))}"><authors/><commentList/></comments>'
    package.parts.put(name, text.encode(), COMMENTS_TYPE)
    package.parts.relate(sheet, package.relation_type("comments"), name)
    return name


def _new_drawing(package: Package, sheet: str, name: str) -> str:
    name = package.parts.fresh(name)
    package.parts.put(name, _DRAWING.encode(), VML_TYPE)
    number = package.parts.relate(sheet, package.relation_type("vmlDrawing"), name)
    root, relations = package.parts.edit(sheet), package.relation_type("")[:-1]
    made = root.makeelement(tag(root, "legacyDrawing"), {f"{{{relations}}}id": number}, {"r": relations})
    later = SHEET_ORDER.split()[SHEET_ORDER.split().index("legacyDrawing") + 1 :]
    after = next((one for one in children(root) if _name(one) in later), None)
    if after is None:
        root.append(made)
    else:
        after.addprevious(made)
    return name


def _name(element: Element) -> str:
    """Return the name of an element of a sheet, of what is in it where it offers alternatives (form controls)."""
    if local(element) != "AlternateContent":
        return local(element)
    return next((local(one) for choice in children(element) for one in children(choice)), "")


def _leave(package: Package, home: Home, empty: bool) -> None:
    """Take away the comments part, and the VML drawing too if nothing is drawn in it."""
    gone = {home.comments, home.drawing if empty else ""} - {""}
    for one in package.parts.relations(home.sheet):
        if one.target in gone:
            package.parts.unrelate(home.sheet, one.id)
    for name in sorted(gone):
        package.parts.remove(name)
    if home.drawing in gone:
        _remove_drawing(package.parts.edit(home.sheet))
    if not package.parts.relations(home.sheet):
        package.parts.remove_relations(home.sheet)


def _remove_drawing(root: Element) -> None:
    found = child(root, "legacyDrawing")
    if found is not None:
        root.remove(found)


# --- boxes -----------------------------------------------------------------------------------------------------------


class Boxes:
    """The boxes notes of a sheet are shown in."""

    def __init__(self, package: Package, sheet: str, drawing: str) -> None:
        self._package = package
        self._root = package.parts.edit(drawing) if drawing else etree.fromstring(_DRAWING)
        self._boxes: dict[Place, list[Element]] = {}
        for one in self._root.iter("{*}ClientData"):
            place = _place(one)
            if place:
                self._boxes.setdefault(place, []).append(one)
        self._typed = any(one.get("id") == "_x0000_t202" for one in self._root.iter("{*}shapetype"))
        self._rulers = _rulers(package, sheet)
        self._layer = sum(local(one) == "shape" for one in self._root.iter())
        self._numbers = self._free_numbers()

    def __contains__(self, place: Place) -> bool:
        return place in self._boxes

    @property
    def empty(self) -> bool:
        """Return whether nothing is drawn."""
        return all(local(one) in _NEVER for one in children(self._root))

    def fit(self, place: Place, text: str) -> None:
        """Make the box of a note fit its text; a note without a box gets one."""
        for data in self._boxes.get(place, ()):
            anchor = data.find("{*}Anchor")
            if anchor is not None:
                anchor.text = self._anchor(*self._bounds(place, text))
        if place not in self._boxes:
            self._draw(place, text)

    def remove(self, place: Place) -> None:
        """Take the boxes of a cell away."""
        for data in self._boxes.pop(place, ()):
            shape = next((one for one in data.iterancestors() if local(one) == "shape"), data)
            _remove(shape)

    def _draw(self, place: Place, text: str) -> None:
        if not self._typed:
            _append(self._root, _SHAPE_TYPE)
            self._typed = True
        self._layer += 1
        left, top, width, height = bounds = self._bounds(place, text)
        style = _STYLE.format(left * _POINTS, top * _POINTS, width * _POINTS, height * _POINTS, self._layer)
        anchor, number = self._anchor(*bounds), next(self._numbers)
        row, column = place
        text = _SHAPE.format(number=number, style=style, anchor=anchor, row=row - 1, column=column - 1)
        self._boxes[place] = list(_append(self._root, text).iter("{*}ClientData"))

    def _bounds(self, place: Place, text: str) -> tuple[int, int, int, int]:
        """Return left, top, width and height of a note's box: beside its cell, inside the sheet."""
        (row, column), (columns, rows) = place, self._rulers
        height = min(_TALLEST, lines(text, _ROOM) * _LINE + _MARGIN)
        left = min(columns.start(column + 1) + _ASIDE, columns.end - _WIDTH)
        top = min(max(rows.start(row) - _ABOVE, 2), rows.end - height)
        return max(left, 0), max(top, 0), _WIDTH, height

    def _anchor(self, left: int, top: int, width: int, height: int) -> str:
        """Return column, pixels into it, row, pixels into it, of the first and of the last corner."""
        corners = ((left, top), (left + width, top + height))
        found = (ruler.at(n) for corner in corners for ruler, n in zip(self._rulers, corner, strict=True))
        return ", ".join(f"{number - 1}, {rest}" for number, rest in found)

    def _free_numbers(self) -> Iterator[int]:
        """Yield numbers no shape of the workbook has; where a new block is begun, the drawing claims it."""
        texts = (str(value) for one in self._root.iter() for value in one.attrib.values())
        used = {int(found[1]) for text in texts if (found := _SHAPE_NUMBER.fullmatch(text))}
        own = list(_numbers(self._claim().get("data", "")))
        others = _claimed(self._package) | set(own)
        for block in chain(own, (n for n in count(1) if n not in others)):
            if block not in own:
                own.append(block)
                self._claim().set("data", ",".join(map(str, own)))
            yield from (n for n in range(block * _BLOCK + 1, (block + 1) * _BLOCK) if n not in used)

    def _claim(self) -> Element:
        """Return the element that says which blocks of numbers are this drawing's."""
        found = next(self._root.iter("{*}idmap"), None)
        if found is None:
            layout = _append(self._root, _LAYOUT.format(""))
            self._root.insert(0, layout)
            found = layout[0]
        return found


def _place(data: Element) -> Place | None:
    """Return the cell a note's box belongs to."""
    if data.get("ObjectType") != "Note":
        return None
    row, column = (_whole(data.findtext(f"{{*}}{name}")) for name in ("Row", "Column"))
    return None if row is None or column is None else (row + 1, column + 1)


def _append(root: Element, text: str) -> Element:
    """Return VML appended to a drawing, in its usual prefixes."""
    holder = etree.fromstring(_DRAWING.replace("/>", f">{text}</xml>"))
    root.append(holder[0])
    return root[-1]


def _claimed(package: Package) -> set[int]:
    """Return the blocks of shape numbers the drawings of a workbook claim."""
    relations = (one for sheet in package.worksheets() for one in package.parts.relations(sheet))
    names = {one.target for one in relations if one.kind == "vmlDrawing" and one.target in package.parts}
    texts = (found for name in names for found in _ID_MAP.findall(package.parts.data(name)))
    return {number for text in texts for number in _numbers(text.decode("ascii"))}


def _numbers(text: str) -> Iterator[int]:
    return (number for one in text.split(",") if (number := _whole(one)) is not None)


def _whole(text: str | None) -> int | None:
    """Return a count as VML writes it, or None for what is none."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


# --- distances -------------------------------------------------------------------------------------------------------


class Ruler:
    """Where the columns, or the rows, of a sheet begin, in pixels; `usual` is the size of those not in `sizes`."""

    def __init__(self, usual: int, sizes: Mapping[int, int], last: int) -> None:
        self._usual, self._last = usual, last
        self._order = sorted(sizes)
        self._extra = list(accumulate((sizes[n] - usual for n in self._order), initial=0))

    def start(self, number: int) -> int:
        """Return where a column or row begins."""
        return (number - 1) * self._usual + self._extra[bisect_left(self._order, number)]

    @property
    def end(self) -> int:
        """Return where the last one ends."""
        return self.start(self._last + 1)

    def at(self, pixel: int) -> tuple[int, int]:
        """Return the column or row a distance falls into, and how far into it."""
        number = bisect_right(range(1, self._last + 1), pixel, key=self.start)
        return number, pixel - self.start(number)


def _rulers(package: Package, sheet: str) -> tuple[Ruler, Ruler]:
    """Return the rulers of a sheet's columns and rows."""
    grid = package.grid(sheet)
    facts = child(grid.root, "sheetFormatPr")
    usual: Mapping[str, str] = {} if facts is None else {str(k): str(v) for k, v in facts.attrib.items()}
    height = 0 if usual.get("zeroHeight") in ("1", "true") else _points(usual.get("defaultRowHeight"), 20)
    width = _characters(usual.get("defaultColWidth"), 64)
    rows = {n: _size(row, _points(row.get("ht"), height)) for n, row in grid.rows.items() if row.keys() != ["r"]}
    return Ruler(width, _columns(grid.root, width), LAST_COLUMN), Ruler(height, rows, LAST_ROW)


def _columns(root: Element, width: int) -> dict[int, int]:
    """Return the widths of the columns that have their own; areas that overlap without end are cut short."""
    cols = child(root, "cols")
    found = (
        (number, _size(one, _characters(one.get("width"), width)))
        for one in (() if cols is None else children(cols))
        for number in range(_whole(one.get("min")) or 1, min(_whole(one.get("max")) or 0, LAST_COLUMN) + 1)
    )
    return dict(islice(found, LAST_COLUMN))


def _size(element: Element, shown: int) -> int:
    return 0 if element.get("hidden") in ("1", "true") else shown


def _points(text: str | None, usual: int) -> int:
    """Return a height in pixels."""
    return _pixels(text, usual, 1 / _POINTS)


def _characters(text: str | None, usual: int) -> int:
    """Return a width in pixels: seven to a character of the usual fonts."""
    return _pixels(text, usual, 7)


def _pixels(text: str | None, usual: int, scale: float) -> int:
    try:
        size = float(text or "nan")
    except ValueError:
        return usual
    return int(min(size * scale + 0.5, _MOST_PIXELS)) if size >= 0 else usual
