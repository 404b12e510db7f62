"""The documents say what the code does: generated tables fresh, pictures there, commands real."""

import importlib.util
import re
from pathlib import Path

import pytest

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
