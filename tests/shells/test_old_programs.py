"""Files that WPS 2019 and Excel 2010 take whole: no part, rule or function in them is newer than the first OOXML."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from lxml import etree
from test_loop import THREE, Desk

from ledgers import FGJ, book
from taizhang import actions
from taizhang.books.render import render
from taizhang.layout.closing import closing_form

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# ECMA-376, first edition (Office 2007), and what it builds on.
FIRST_EDITION = (
    *("http://schemas.openxmlformats.org/", "http://purl.org/dc/", "http://www.w3.org/"),
    *("urn:schemas-microsoft-com:vml", "urn:schemas-microsoft-com:office:"),
)
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
STRINGS, CALLED = re.compile(r'"[^"]*"'), re.compile(r"([A-Za-z_][\w.]*)\(")


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> list[Path]:
    """Return one file of every kind we write, after a whole loop."""
    desk = Desk(tmp_path_factory.mktemp("desk"), book(THREE))
    desk.split()
    desk.fill(FGJ, progress="部门写的", percent="快了", problem="缺钱")
    desk.type_task(0, progress="台账改的")
    desk.merge()
    desk.apply()
    actions.close_period(desk.path, desk.context)
    found = actions.summarise(desk.path, desk.context)
    cards = actions.write_cards(found, desk.folder / "成绩单", desk.context)
    form = desk.folder / "销号单.xlsx"
    form.write_bytes(render(closing_form(desk.ledger, [desk.ledger.tasks[0].code])))
    return [desk.path, *desk.sent.iterdir(), *cards, form]


def parts(path: Path) -> dict[str, etree._Element]:
    with ZipFile(path) as archive:
        return {
            name: etree.fromstring(archive.read(name))
            for name in archive.namelist()
            if name.endswith((".xml", ".rels", ".vml"))
        }


def test_every_element_is_of_the_first_edition(written):
    assert len(written) > 4
    for path in written:
        for name, root in parts(path).items():
            spaces = {space for element in root.iter("*") for space in element.nsmap.values()}
            assert not {space for space in spaces if not space.startswith(FIRST_EDITION)}, (path.name, name)
            assert not [one for one in root.iter("*") if etree.QName(one).localname == "extLst"], (path.name, name)


def test_every_list_goes_by_a_plain_name(written):
    lists = 0
    for path in written:
        for name, root in parts(path).items():
            for rule in root.iter(f"{MAIN}dataValidation"):
                if rule.get("type") == "list":
                    lists += 1
                    assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", rule.findtext(f"{MAIN}formula1")), (path.name, name)
    assert lists > 10


def test_every_function_is_one_of_excel_2007(written):
    for path in written:
        for name, root in parts(path).items():
            for element in root.iter(f"{MAIN}f", f"{MAIN}formula", f"{MAIN}formula1", f"{MAIN}definedName"):
                called = set(CALLED.findall(STRINGS.sub('""', element.text or "")))
                assert called <= FUNCTIONS, (path.name, name, called - FUNCTIONS)


def test_no_sheet_holds_a_table_object(written):
    assert not [name for path in written for name in parts(path) if "/tables/" in name]
