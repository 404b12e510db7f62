"""The button 手册: the pages of the manual hold together, and what they need is shipped."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from taizhang.machine import DOCUMENTS, manual_page
from taizhang.manual import anchor, page

ROOT = Path(__file__).parents[2]


@dataclass
class Page(HTMLParser):
    """What a browser makes of a page."""

    path: Path
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    breaks: int = 0
    comments: list[str] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.ids += [told["id"]] if told.get("id") else []
        self.links += [unquote(told["href"])] if told.get("href") else []
        self.pictures += [unquote(told["src"])] if tag == "img" else []
        self.breaks += tag == "br"

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def shown() -> Path:
    return manual_page()


@pytest.fixture(scope="module")
def pages(shown: Path) -> list[Page]:
    return [Page(shown.parent / name) for name in DOCUMENTS.values()]


def test_the_manual_is_shown_with_its_tables_and_pictures(shown: Path) -> None:
    manual = Page(shown)
    assert "<table>" in shown.read_text(encoding="utf-8")
    assert manual.pictures
    assert not [one for one in manual.pictures if not (shown.parent / one).is_file()]


def test_every_link_of_a_page_leads_somewhere(pages: list[Page]) -> None:
    for one in pages:
        assert one.links
        assert len(set(one.ids)) == len(one.ids)
        assert not [link for link in one.links if link.startswith("#") and link[1:] not in one.ids]
        files = [link for link in one.links if not re.match(r"#|\w+:", link)]
        assert not [link for link in files if not (one.path.parent / link).is_file()]


def test_a_page_shows_no_marks_that_are_meant_for_programs(pages: list[Page]) -> None:
    for one in pages:
        assert not one.comments
        assert not re.findall(r"<!--|-->|</?\w+>", one.text)
    assert pages[0].breaks >= 10  # the letters in the table of settings have several lines


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("1. 生成台账", "1-生成台账"),
        ("没有 Excel：用窗口", "没有-excel用窗口"),
        ("限度和没有试过的", "限度和没有试过的"),
        ("a_b - c", "a_b---c"),
    ],
)
def test_a_heading_is_found_by_the_name_github_gives_it(heading: str, name: str) -> None:
    assert anchor(heading) == name


def test_headings_of_the_same_words_are_told_apart() -> None:
    made = page("# 甲\n\n## 乙 `丙`\n\n## 乙丙\n\n## 甲", {})
    assert re.findall(r'id="([^"]*)"', made) == ["甲", "乙-丙", "乙丙", "甲-1"]


def test_a_link_to_a_document_that_has_no_page_is_words_alone() -> None:
    assert "<p>见手册和性能。</p>" in page("见[手册](a.md)和[性能](性能.md)。", {})
    assert '<p>见<a href="a.html">手册</a>和性能。</p>' in page("见[手册](a.md)和[性能](性能.md)。", {"a.md": "a.html"})


def test_every_document_is_shipped_where_its_page_is_made_from() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = told["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for name in (*DOCUMENTS, "images"):
        assert (ROOT / "docs" / name).exists()
        assert shipped[f"docs/{name}"] == f"taizhang/data/manual/{name}"
