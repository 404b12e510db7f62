"""The pictures of README and manual show today's output, and there is one command that draws them all."""

from __future__ import annotations

import re
import sys
from pathlib import Path

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


def test_a_mark_tells_one_output_from_another(pictures, tmp_path):
    desk = pictures.Desk(tmp_path)
    picture = pictures.PICTURES["ledger"]
    before = picture.mark(desk)
    package = pictures.Package.load(desk.ledger.read_bytes())
    package.set_cells(pictures.tables.LEDGER, {(4, pictures.PLACES["progress"]): "改了一格"})
    desk.ledger.write_bytes(package.dump())
    assert picture.mark(desk) != before
