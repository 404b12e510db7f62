"""docs/开发.md is true: each worked example is made on a copy of the package and prints what it shows, each file is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "addin" / "taizhang"
GUIDE = ROOT / "docs" / "开发.md"
CHANGED = re.compile(r"文件：(?P<file>[^\n]+)\n原来：\n(?P<old>.+?\n)改为：\n(?P<new>.*)", re.S)
ADDED = re.compile(r"新文件：(?P<file>[^\n]+)\n(?P<old>)(?P<new>.*)", re.S)
WHERE = "import taizhang; print(taizhang.__file__)\n"


@dataclass(frozen=True)
class Edit:
    """What an example changes in a file: a text that stands there once, and what comes in its place."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Example:
    """A worked example: its heading, its edits in order, what is run then and what that prints."""

    title: str
    edits: tuple[Edit, ...]
    code: str
    output: str


def examples() -> Iterator[Example]:
    """Yield the sections of the guide that are headed 例."""
    tokens = MarkdownIt().parse(GUIDE.read_text(encoding="utf-8"))
    heads = [number for number, token in enumerate(tokens) if token.type == "heading_open"]
    for start, end in zip(heads, [*heads[1:], len(tokens)], strict=True):
        title = tokens[start + 1].content
        if title.startswith("例"):
            yield example(title, [token for token in tokens[start:end] if token.type == "fence"])


def example(title: str, fences: Sequence[Token]) -> Example:
    """Return an example: blocks of edits, then one of Python, then what it prints."""
    *edits, code, output = fences
    assert code.info == "python", title
    return Example(title, tuple(edit(one.content) for one in edits), code.content, output.content)


def edit(text: str) -> Edit:
    """Return what a block of the guide changes."""
    found = CHANGED.fullmatch(text) or ADDED.fullmatch(text)
    assert found, f"neither 文件、原来、改为 nor 新文件:\n{text}"
    return Edit(**found.groupdict())


def make(one: Edit, folder: Path) -> None:
    """Make an edit; fail where the guide is stale."""
    path = folder / one.file
    if not one.old:
        assert not path.exists(), f"docs/开发.md is stale: {one.file} is there already"
        path.write_text(one.new, encoding="utf-8")
        return
    text = path.read_text(encoding="utf-8")
    assert text.count(one.old) == 1, f"docs/开发.md is stale: {one.file} has {text.count(one.old)} times\n{one.old}"
    path.write_text(text.replace(one.old, one.new), encoding="utf-8")


def printed(code: str, package: Path) -> str:
    """Return what Python prints, the package that stands in a folder before the one that is installed."""
    done = subprocess.run(
        [sys.executable, "-c", WHERE + code],
        cwd=package.parent,
        env={**os.environ, "PYTHONPATH": str(package), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    where, _, rest = done.stdout.partition("\n")
    assert Path(where).is_relative_to(package)
    return rest


EXAMPLES = tuple(examples())


def test_a_column_a_status_a_finding_and_a_sheet_are_worked_out():
    assert [one.title.partition("：")[0] for one in EXAMPLES] == ["例一", "例二", "例三", "例四"]


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.title[:2])
def test_an_example_prints_what_the_guide_shows(one, tmp_path):
    shutil.copytree(ROOT / "addin", tmp_path / "addin", ignore=shutil.ignore_patterns("__pycache__"))
    for change in one.edits:
        make(change, tmp_path)
    assert printed(one.code, tmp_path / "addin") == one.output


def test_every_file_and_folder_the_guide_names_is_there():
    named = set(re.findall(r"`([\w.-]+/[\w./-]*)`", GUIDE.read_text(encoding="utf-8")))
    made = {change.file for one in EXAMPLES for change in one.edits if not change.old}
    assert named
    missing = {name for name in named - made if not any((base / name).exists() for base in (ROOT, PACKAGE))}
    assert missing == set()


def test_the_commands_the_guide_shows_are_those_a_submission_is_judged_by():
    """CI runs them whole; the one file that is tried here alone is collected by the same pytest."""
    (block,) = re.findall(r"```text\n(python -m venv .*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    judged = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    lines = [line.partition("#")[0].replace(".venv/bin/", "").strip() for line in block.splitlines()]
    made, installed, alone, *whole = lines
    assert made.startswith("python -m venv ")
    assert "python3 -m venv " in judged
    extras = re.fullmatch(r'pip install -e "\.\[(.+)\]"', installed)
    assert extras
    assert all(f'".[{extra}]"' in judged for extra in extras[1].split(","))
    commands = [
        command.replace("ruff format .", "ruff format --check .") for line in whole for command in line.split(" && ")
    ]
    assert commands
    assert [command for command in commands if command not in judged] == []
    collected = [sys.executable, "-m", *alone.split(), "--collect-only", "-p", "no:cacheprovider"]
    assert subprocess.run(collected, cwd=ROOT, capture_output=True, check=False).returncode == 0
