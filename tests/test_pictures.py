"""The pictures of README and manual show today's output, and there is one command that draws them all."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image

DOCS = Path(__file__).parents[1] / "docs"
SHOWN = re.compile(r"!\[[^]]*\]\((?:docs/)?images/([^)]+)\.png\)")


@pytest.fixture(scope="module")
def pictures():
    sys.path.insert(0, str(DOCS))
    try:
        import pictures

        return pictures
    finally:
        sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def marks(pictures) -> dict[str, str]:
    return pictures.marks()


def test_every_picture_shows_todays_output(pictures, marks):
    drawn = {}
    for name in pictures.PICTURES:
        with Image.open(pictures.IMAGES / f"{name}.png") as picture:
            drawn[name] = picture.info.get(pictures.MARK)
    stale = [name for name, mark in marks.items() if drawn[name] != mark]
    assert not stale, f"run: python docs/pictures.py {' '.join(stale)}"


def test_every_picture_is_drawn_by_the_one_command_and_shown_somewhere(pictures):
    files = {path.stem for path in pictures.IMAGES.iterdir()}
    pages = [DOCS.parent / "README.md", *DOCS.glob("*.md")]
    shown = {name for page in pages for name in SHOWN.findall(page.read_text(encoding="utf-8"))}
    assert files == set(pictures.PICTURES) == shown


def test_every_picture_holds_the_pixels_that_were_drawn(pictures):
    for name in pictures.PICTURES:
        with Image.open(pictures.IMAGES / f"{name}.png") as picture:
            facts = picture.info
            assert pictures.sealed(name, facts[pictures.MARK], picture) == facts[pictures.SEAL], name


def test_a_seal_is_of_one_picture_alone(pictures):
    drawn, other = Image.new("RGB", (4, 3), "white"), Image.new("RGB", (4, 3), "white")
    other.putpixel((1, 1), (255, 255, 254))
    cases = [("ledger", "m", drawn), ("ledger", "m", other), ("card", "m", drawn), ("ledger", "n", drawn)]
    cases += [("ledger", "m", Image.new("RGB", (3, 4), "white"))]
    assert len({pictures.sealed(*case) for case in cases}) == len(cases)


@pytest.fixture(scope="module")
def desk(pictures, tmp_path_factory):
    return pictures.Desk(tmp_path_factory.mktemp("desk"))


def test_a_mark_tells_one_output_from_another(pictures, desk, tmp_path):
    package = pictures.Package.load(desk.ledger.read_bytes())
    package.set_cells(pictures.tables.LEDGER, {(4, pictures.PLACES["progress"]): "改了一格"})
    changed = tmp_path / "台账.xlsx"
    changed.write_bytes(package.dump())
    picture = pictures.PICTURES["ledger"]
    assert picture.mark({"ledger": changed}) != picture.mark(desk)


LOOKS = {
    "another font": ("ledger", "xl/styles.xml", '<name val="宋体"/>', '<name val="仿宋"/>'),
    "another size": ("ledger", "xl/styles.xml", '<sz val="20"/>', '<sz val="19"/>'),
    "no borders": ("ledger", "xl/styles.xml", ' style="thin"', ""),
    "another fill": ("ledger", "xl/styles.xml", '<fgColor rgb="FFDDEBF7"/>', '<fgColor rgb="FFFFFFFF"/>'),
    "another format": ("ledger", "xl/styles.xml", 'formatCode="yyyy-mm-dd"', 'formatCode="m/d"'),
    "another alignment": ("ledger", "xl/styles.xml", 'horizontal="center"', 'horizontal="right"'),
    "another colour of a link": ("summary", "xl/styles.xml", 'rgb="FF0563C1"', 'rgb="FF00FF00"'),
    "another colour of 逾期": ("ledger", "xl/styles.xml", '<bgColor rgb="FFFF7C80"/>', '<bgColor rgb="FF00FF00"/>'),
    "another rule": ("ledger", "{sheet}", "<cfRule ", '<cfRule stopIfTrue="1" '),
    "portrait": ("ledger", "{sheet}", 'orientation="landscape"', 'orientation="portrait"'),
    "other paper": ("scores", "{sheet}", 'paperSize="9"', 'paperSize="8"'),
    "other margins": ("ledger", "{sheet}", 'left="0.5"', 'left="0.9"'),
    "another footer": ("ledger", "{sheet}", "共 &amp;N 页", "共&amp;N页"),
    "a wider column": ("ledger", "{sheet}", 'width="44.7109375"', 'width="40"'),
    "a lower row": ("ledger", "{sheet}", 'ht="39.75"', 'ht="30"'),
    "other pages": ("summary", "{sheet}", '<brk id="25"', '<brk id="26"'),
    "no titles on each page": ("ledger", "xl/workbook.xml", "_xlnm.Print_Titles", "_xlnm.Print_Title5"),
    "another chart": ("summary", "xl/charts/chart1.xml", "srgbClr", "srgbClr0"),
    "another theme": ("ledger", "xl/theme/theme1.xml", "4F81BD", "4F81BE"),
}


@pytest.mark.parametrize(("name", "part", "old", "new"), LOOKS.values(), ids=LOOKS)
def test_a_mark_tells_one_look_from_another(name, part, old, new, pictures, desk, tmp_path):
    sheet = {"ledger": pictures.tables.LEDGER, "summary": pictures.tables.SUMMARY, "scores": pictures.tables.SCORES}
    target = part.format(sheet=pictures.Package.load(desk.ledger.read_bytes()).part_of(sheet[name]))
    changed = tmp_path / "台账.xlsx"
    with ZipFile(desk.ledger) as before, ZipFile(changed, "w") as after:
        for one in before.namelist():
            data = before.read(one).decode()
            assert one != target or old in data
            after.writestr(one, data.replace(old, new) if one == target else data)
    picture = pictures.PICTURES[name]
    assert picture.mark({"ledger": changed}) != picture.mark(desk)


def test_a_mark_stays_where_nothing_seen_changes(pictures, desk, tmp_path):
    package = pictures.Package.load(desk.ledger.read_bytes())
    package.set_cells(pictures.tables.SETTINGS, {(40, 9): "别的表里的字"})
    changed = tmp_path / "台账.xlsx"
    changed.write_bytes(package.dump())
    for name in ("ledger", "summary", "card", "merged"):
        picture = pictures.PICTURES[name]
        assert picture.mark({"ledger": changed}) == picture.mark(desk)


@pytest.mark.parametrize(
    ("kind", "number", "old", "new"),
    [
        ("WINDOW_SOURCES", 0, 'text="总览"', 'text="一览"'),
        ("WINDOW_SOURCES", 0, "width=30", "width=20"),
        ("WINDOW_SOURCES", 1, "统计日期 ", "日期 "),
        ("WINDOW_TEXTS", 0, 'label="一键汇总"', 'label="汇总"'),
    ],
)
def test_a_mark_tells_one_window_from_another(kind, number, old, new, pictures, desk, tmp_path, monkeypatch):
    picture = pictures.PICTURES["window"]
    before = picture.mark(desk)
    paths = list(getattr(pictures, kind))
    text = paths[number].read_text(encoding="utf-8")
    assert old in text
    paths[number] = tmp_path / paths[number].name
    paths[number].write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(pictures, kind, paths)
    assert picture.mark(desk) != before


def test_a_remark_in_the_code_of_the_window_changes_no_mark(pictures, tmp_path):
    text = pictures.WINDOW_SOURCES[0].read_text(encoding="utf-8")
    changed = tmp_path / "window.py"
    changed.write_text(text.replace('"""The window:', '"""A window:') + "# more\n", encoding="utf-8")
    assert pictures.constants(changed) == pictures.constants(pictures.WINDOW_SOURCES[0])
