"""What WPS 2019 and Excel 2010 take whole: the laws of a workbook's XML, each with what breaks it.

ECMA-376, first edition (Office 2007), and the limits of Excel 2010 as Microsoft lists them ("Excel specifications
and limits"). Rules that refer to another sheet are no part of the first edition: Excel 2010 keeps them in extLst.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

from lxml import etree

Element = etree._Element
Parts = dict[str, Element]
SPACES = (
    *("http://schemas.openxmlformats.org/", "http://purl.org/dc/", "http://www.w3.org/"),
    *("urn:schemas-microsoft-com:vml", "urn:schemas-microsoft-com:office:"),
)
NEWER = "http://schemas.openxmlformats.org/markup-compatibility/2006"  # whose alternatives are for newer programs
# Excel 2007's functions that our formulas use; each was looked up in its list.
FUNCTIONS = frozenset(
    [
        "ABS",
        "AND",
        "COUNTA",
        "COUNTIF",
        "COUNTIFS",
        "DATE",
        "DAY",
        "EXACT",
        "FIND",
        "HYPERLINK",
        "IF",
        "IFERROR",
        "INDEX",
        "INDIRECT",
        "INT",
        "ISBLANK",
        "ISERROR",
        "ISNUMBER",
        "ISTEXT",
        "LEFT",
        "LEN",
        "MATCH",
        "MAX",
        "MID",
        "MIN",
        "MONTH",
        "N",
        "NOT",
        "OR",
        "RIGHT",
        "ROUND",
        "ROW",
        "ROWS",
        "SUBSTITUTE",
        "SUM",
        "SUMPRODUCT",
        "T",
        "TEXT",
        "TODAY",
        "TRIM",
        "VALUE",
        "VLOOKUP",
        "YEAR",
    ]
)
ROWS, COLUMNS, STRING, FORMULA, NESTED = 1 << 20, 1 << 14, 32767, 8192, 64
LOOKS = {"cellXfs": 64000, "fonts": 512, "numFmts": 200}
SHORT, LONG, RULE = 32, 255, 255  # of an entry rule: titles, messages, formulas
RULES = frozenset(
    [
        "expression",
        "cellIs",
        "colorScale",
        "dataBar",
        "iconSet",
        "top10",
        "uniqueValues",
        "duplicateValues",
        "containsText",
        "notContainsText",
        "beginsWith",
        "endsWith",
        "containsBlanks",
        "notContainsBlanks",
        "containsErrors",
        "notContainsErrors",
        "timePeriod",
        "aboveAverage",
    ]
)
RULE_FACTS = frozenset(
    [
        "type",
        "dxfId",
        "priority",
        "stopIfTrue",
        "aboveAverage",
        "percent",
        "bottom",
        "operator",
        "text",
        "timePeriod",
        "rank",
        "stdDev",
        "equalAverage",
    ]
)
BUILT_IN = {"_xlnm.Print_Area", "_xlnm.Print_Titles", "_xlnm._FilterDatabase"}
CELL = re.compile(r"([A-Z]+)([0-9]+)")
TEXTS, CALLED = re.compile(r'"[^"]*"|\'[^\']*\''), re.compile(r"([A-Za-z_][\w.]*)\(")
NAME = re.compile(r"[^\W\d][\w.]*")
LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+|[Rr][0-9]*([Cc][0-9]*)?|[Cc][0-9]*")
RANGE = re.compile(r"(?:'((?:[^']|'')+)'|([^\W\d]\w*))!\$[A-Z]+\$[0-9]+(?::\$[A-Z]+\$[0-9]+)?")
FILLED = re.compile(
    r"([^:]+):INDEX\((\1:[^,]+),COUNTA\(\2\)\)"
)  # a range up to its last filled cell, as since Excel 97


def broken(data: bytes) -> list[str]:
    """Return every place where a workbook is newer, or bigger, than Excel 2010 takes."""
    parts = _parts(data)
    laws = (_spaces, _relations, _protection, _cells, _formulas, _strings, _looks, _sheets, _names, _lists, _rules)
    return sorted({f"{name}: {said}" for law in laws for name, said in law(parts)})


def sheet_names(data: bytes) -> set[str]:
    """Return the names of a workbook's sheets."""
    return {one.get("name", "") for one in _parts(data)["xl/workbook.xml"].iter("{*}sheet")}


def count(data: bytes, name: str) -> int:
    """Return how many elements of a name a workbook has."""
    return sum(len(list(root.iter(f"{{*}}{name}"))) for root in _parts(data).values())


def _parts(data: bytes) -> Parts:
    with ZipFile(BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.endswith((".xml", ".rels", ".vml"))]
        return {name: etree.fromstring(archive.read(name)) for name in names}


def _sheet_parts(parts: Parts) -> Iterator[tuple[str, Element]]:
    return ((name, root) for name, root in parts.items() if name.startswith("xl/worksheets/") and ".rels" not in name)


def _spaces(parts: Parts) -> Iterator[tuple[str, str]]:
    for name, root in parts.items():
        found = {space for one in root.iter("*") for space in one.nsmap.values()}
        yield from ((name, space) for space in found if space == NEWER or not space.startswith(SPACES))
        if any(True for _ in root.iter("{*}extLst")):
            yield name, "extLst"


def _relations(parts: Parts) -> Iterator[tuple[str, str]]:
    """Yield parts of kinds that came later: threaded notes, slicers, pictures that are drawings, metadata."""
    for name, root in parts.items():
        kinds = [one.get("Type", "") for one in root.iter("{*}Relationship")]
        yield from ((name, kind) for kind in kinds if not kind.startswith("http://schemas.openxmlformats.org/"))
        yield from ((name, kind) for kind in kinds if kind.endswith(("/sheetMetadata", "/table", "/pivotTable")))
    for one in parts["[Content_Types].xml"].iter("{*}Override", "{*}Default"):
        kind, what = one.get("ContentType", ""), one.get("PartName") or one.get("Extension", "")
        if "vnd.ms-" in kind or "svg" in kind or kind.endswith((".sheetMetadata+xml", ".table+xml")):
            yield what, kind


def _protection(parts: Parts) -> Iterator[tuple[str, str]]:
    for name, root in parts.items():
        for one in root.iter("{*}sheetProtection", "{*}workbookProtection", "{*}fileSharing"):
            facts = (str(fact) for fact in one.attrib)
            yield from ((name, fact) for fact in facts if fact.lower().endswith(("algorithmname", "hashvalue")))


def _cells(parts: Parts) -> Iterator[tuple[str, str]]:
    for name, root in _sheet_parts(parts):
        for cell in root.iter("{*}c"):
            place = cell.get("r", "")
            found = CELL.fullmatch(place)
            if not found or int(found[2]) > ROWS or _column(found[1]) > COLUMNS:
                yield name, f"{place}: outside the sheet"
            if cell.get("t") == "d":
                yield name, f"{place}: a day as a text"
            yield from ((name, f"{place}: {fact}=") for fact in ("cm", "vm") if fact in cell.attrib)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _formulas(parts: Parts) -> Iterator[tuple[str, str]]:
    for name, root in parts.items():
        for one in root.iter("{*}f", "{*}formula", "{*}formula1", "{*}formula2", "{*}definedName", "{*}cfvo"):
            text = one.text or ""
            bare = TEXTS.sub("", text)
            yield from ((name, f"{called}()") for called in set(CALLED.findall(bare)) - FUNCTIONS)
            if "_xlfn" in bare or "_xlws" in bare or re.search(r"[A-Z0-9)]#", bare):
                yield name, f"a newer function: {text[:60]}"
            if len(text) > FORMULA:
                yield name, f"a formula of {len(text)} characters"
            if _depth(bare) > NESTED:
                yield name, f"a formula nested {_depth(bare)} deep"


def _depth(formula: str) -> int:
    deepest = depth = 0
    for sign in formula:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        deepest = max(deepest, depth)
    return deepest


def _strings(parts: Parts) -> Iterator[tuple[str, str]]:
    for name, root in parts.items():
        for one in root.iter("{*}si", "{*}is", "{*}v"):
            length = len("".join(one.itertext()).encode("utf-16-le", "surrogatepass")) // 2
            if length > STRING:
                yield name, f"a text of {length} characters"


def _looks(parts: Parts) -> Iterator[tuple[str, str]]:
    for kind, most in LOOKS.items():
        held = sum(len(one) for one in parts["xl/styles.xml"].iter(f"{{*}}{kind}"))
        if held > most:
            yield "xl/styles.xml", f"{held} {kind}"


def _sheets(parts: Parts) -> Iterator[tuple[str, str]]:
    names = [one.get("name", "") for one in parts["xl/workbook.xml"].iter("{*}sheet")]
    for name in names:
        if not 0 < len(name) <= 31 or re.search(r"[\[\]:*?/\\]|^'|'$", name) or name.casefold() == "history":
            yield "xl/workbook.xml", f"a sheet named {name}"
    if len({name.casefold() for name in names}) < len(names):
        yield "xl/workbook.xml", "two sheets of one name"


def _names(parts: Parts) -> Iterator[tuple[str, str]]:
    seen = set()
    for one in parts["xl/workbook.xml"].iter("{*}definedName"):
        name = one.get("name", "")
        legal = NAME.fullmatch(name) and not LIKE_A_CELL.fullmatch(name) and len(name) <= LONG
        if not (legal or name in BUILT_IN) or "#REF!" in (one.text or ""):
            yield "xl/workbook.xml", f"the name {name}"
        if (name.casefold(), one.get("localSheetId")) in seen:
            yield "xl/workbook.xml", f"the name {name} twice"
        seen.add((name.casefold(), one.get("localSheetId")))


def _lists(parts: Parts) -> Iterator[tuple[str, str]]:
    """Yield entry rules that are too long, or lists by anything but a name of the workbook for a range."""
    book = parts["xl/workbook.xml"]
    sheets = {one.get("name", "") for one in book.iter("{*}sheet")}
    named = {one.get("name", ""): one.text or "" for one in book.iter("{*}definedName") if not one.get("localSheetId")}
    for name, root in parts.items():
        for rule in root.iter("{*}dataValidation"):
            where = rule.get("sqref", "")
            facts = {"promptTitle": SHORT, "errorTitle": SHORT, "prompt": LONG, "error": LONG}
            yield from ((name, f"{where}: {fact}") for fact, most in facts.items() if len(rule.get(fact, "")) > most)
            texts = [one.text or "" for one in rule.iter("{*}formula1", "{*}formula2")]
            yield from ((name, f"{where}: {text[:60]}") for text in texts if len(text) > RULE or _leads_out(text))
            if rule.get("type") == "list":
                found = RANGE.fullmatch(FILLED.sub(r"\2", named.get(texts[0], ""))) if texts else None
                if not found or (found[1] or found[2]).replace("''", "'") not in sheets:
                    yield name, f"{where}: a list by {texts}"


def _rules(parts: Parts) -> Iterator[tuple[str, str]]:
    for name, root in parts.items():
        for rule in root.iter("{*}cfRule"):
            if rule.get("type") not in RULES:
                yield name, f"a rule of the kind {rule.get('type')}"
            yield from ((name, f"a rule with {fact}") for fact in map(str, rule.attrib) if fact not in RULE_FACTS)
            texts = (one.text or "" for one in rule.iter("{*}formula"))
            yield from ((name, f"a rule by {text[:60]}") for text in texts if _leads_out(text))


def _leads_out(formula: str) -> bool:
    """Return whether a formula refers to another sheet."""
    return "!" in re.sub(r'"[^"]*"', "", formula)
