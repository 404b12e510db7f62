"""The documents say what the code does: generated tables fresh, pictures there, commands real."""

import argparse
import importlib.util
import re
from pathlib import Path

import pytest

from taizhang import cli

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "docs" / "用户手册.md"]


def test_the_manuals_tables_are_fresh():
    spec = importlib.util.spec_from_file_location("doc_tables", ROOT / "docs" / "tables.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    manual = made.MANUAL.read_text(encoding="utf-8")
    assert made.refreshed(manual) == manual
    readme = made.README.read_text(encoding="utf-8")
    assert made.refreshed_readme(readme) == readme


def test_findings_are_listed_by_number_so_that_a_clerk_finds_the_one_he_was_told():
    manual = (ROOT / "docs" / "用户手册.md").read_text(encoding="utf-8")
    for name in ("问题", "实例"):
        listed = re.search(f"<!-- 表：{name} -->(.*?)<!-- 表完 -->", manual, re.DOTALL)[1]
        codes = re.findall(r"(?m)^\| (\w\d{3}) ", listed)
        assert codes
        assert codes == sorted(codes)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_picture_is_there(path):
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", path.read_text(encoding="utf-8"))
    assert pictures
    assert all((path.parent / picture).is_file() for picture in pictures)


def test_the_readme_needs_only_python_and_pip():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    tests = '".[test]" && pytest -n auto -m "not office" && pytest -m office'
    assert f"pip install . && taizhang demo\npip install {tests}\n" in text
    assert f"{tests} || exit 1\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def ends(parser, path=()):
    """Yield every command that does something, and its parser."""
    inner = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    if not inner:
        yield " ".join(path), parser
    for action in inner:
        for name, further in action.choices.items():
            yield from ends(further, (*path, name))


def test_the_readme_names_the_commands_without_json():
    without = [name for name, parser in ends(cli._parser()) if "--json" not in parser._option_string_actions]
    (said,) = re.findall(r"all but (.*?) have `--json`", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert sorted(re.findall("`(.*?)`", said)) == sorted(without)


def test_the_changes_tell_each_thing_once_and_none_that_no_clerk_ever_had():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    told = re.findall(r"(?m)^- \*\*(.*?)\*\*：", text)
    assert len(told) > 60
    assert not {head for head in told if told.count(head) > 1}
    (unpublished,) = re.findall(r"（未发布）\n(.*?)(?=\n## |\Z)", text, re.DOTALL)
    assert not [line for line in unpublished.splitlines() if re.search("[，；：。]以前|不再|现在", line)]
