"""Sheets whose cells are spelt as programs usually do: whether one is, is quickly found, and most are."""

from __future__ import annotations

import re
from xml.parsers import expat

# The usual spelling of a sheet's cells, which is well-formed but for attributes that come twice in the tag of a row or a
# formula. Places reach to SF9999, so as to be surely within the limits; a shared string has a bare number, a formula a
# result that is not empty.
_TEXT = r"(?:[^<>&\x00-\x1f]++|&(?:amp|lt|gt|quot|apos);)"
_ATTRIBUTES = r'(?: [A-Za-z0-9:]+="[^"<&\x00-\x1f]*+")*+'
_FORMULA = rf"(?:<f{_ATTRIBUTES}(?:/>|>{_TEXT}*+</f>))?+"
_CELL = rf"""<c r="(?:[A-R]?[A-Z]|S[A-F])[1-9][0-9]{{0,3}}"(?: s="[0-9]++")?+(?:
    />
    | t="s"><v>[0-9]++</v></c>
    |(?: t="n")?+>{_FORMULA}<v>-?[0-9][0-9.eE+-]*+</v></c>
    | t="str">{_FORMULA}<v>{_TEXT}++</v></c>
    | t="b">{_FORMULA}<v>[01]</v></c>
    | t="inlineStr"><is><t(?: xml:space="preserve")?+>{_TEXT}*+</t></is></c>
    |(?: t="[a-z]++")?+(?:/>|></c>)
)""".replace("\n    ", "").replace("\n", "")
_ROW = rf'<row r="[1-9][0-9]{{0,3}}"{_ATTRIBUTES}(?:/>|>(?:{_CELL})*+</row>)'
_USUAL = re.compile(rf"<sheetData>(?:{_ROW})*+</sheetData>".encode())
_ROWS_AND_FORMULAS = re.compile(rb"<(?:row|f) [^>]*+>")


def is_plain(data: bytes) -> bool:
    """Return whether a sheet's XML surely has nothing that readers leave out: then its cells need not be looked at.

    Its cells are spelt as programs usually do: each row and cell says where it is, none is far away,
    none holds an error or a number written oddly, every formula has its result, and all is
    well-formed: the quick reader would not tell.
    """
    start = data.find(b"<sheetData>")
    cells = _USUAL.match(data, start) if start >= 0 else None
    if not cells:
        return False
    with_attributes = (tag[:-1].rstrip(b"/") + b"/>" for tag in _ROWS_AND_FORMULAS.findall(cells[0]))
    rest = (data[:start], b"<sheetData>", *with_attributes, b"</sheetData>", data[cells.end() :])
    return _is_utf8(cells[0]) and _is_well_formed(b"".join(rest))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_well_formed(data: bytes) -> bool:
    """Return whether a part is XML; the quick reader takes a row whose tag is broken for none, and goes on."""
    try:
        expat.ParserCreate().Parse(data, True)
    except expat.ExpatError:
        return False
    return True
