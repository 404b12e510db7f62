"""用户手册 and the documents beside it as web pages: Markdown in, HTML out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token


def page(text: str, pages: Mapping[str, str]) -> str:
    """Return a document as a web page, the headings named as GitHub names them.

    `pages` says which page a document linked to is; a link to any other file is its words alone.
    """
    from markdown_it import MarkdownIt

    writer = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = [token for token in writer.parse(text) if not _is_comment(token)]
    names = _name_headings(tokens)
    for token in tokens:
        token.children = list(_linked(token.children or (), pages))
    return _PAGE.format(title=names[0] if names else "", body=writer.renderer.render(tokens, writer.options, {}))


def anchor(heading: str) -> str:
    """Return what GitHub calls the place of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _is_comment(token: Token) -> bool:
    return token.type == "html_block" and token.content.startswith("<!--")


def _name_headings(tokens: Sequence[Token]) -> list[str]:
    """Give each heading its id; return what they say."""
    said: list[str] = []
    taken: dict[str, int] = {}
    for token, words in pairwise(tokens):
        if token.type == "heading_open":
            said.append("".join(child.content for child in words.children or ()))
            name = anchor(said[-1])
            before = taken.get(name, 0)
            taken[name] = before + 1
            token.attrSet("id", f"{name}-{before}" if before else name)
    return said


def _linked(tokens: Sequence[Token], pages: Mapping[str, str]) -> Iterator[Token]:
    """Yield the parts of a paragraph, its links leading to pages instead of documents."""
    from urllib.parse import unquote

    dropped = False
    for token in tokens:
        if token.type == "link_open":
            link = unquote(str(token.attrGet("href")))
            dropped = not re.match(r"#|\w+:", link) and link not in pages
            token.attrSet("href", pages.get(link, link))
        if not (dropped and token.type in ("link_open", "link_close")):
            yield token


_PAGE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>
<style>
body {{ max-width: 60em; margin: 2em auto; padding: 0 1em; font: 16px/1.7 "Microsoft YaHei", "PingFang SC", sans-serif; }}
table {{ border-collapse: collapse; }} td, th {{ border: 1px solid #bbb; padding: .2em .6em; text-align: left; }}
img {{ max-width: 100%; border: 1px solid #ccc; }} code {{ background: #f3f3f3; padding: 0 .2em; }}
</style></head><body>
{body}</body></html>
"""
