"""The direction of the code: data ← functions ← layout ← books ← actions ← shells."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import taizhang

PACKAGE = Path(taizhang.__file__).parent
CORE = [*PACKAGE.glob("*.py"), *(PACKAGE / "layout").glob("*.py")]
SHELLS = {
    "actions",
    "checking",
    "cli",
    "demo",
    "machine",
    "ribbon",
    "telling",
    "doctor",
    "inventory",
    "posting",
    "fetching",
    "deciding",
    "rolling",
    "cluster",
    "__main__",
}
HOSTS = {"openpyxl", "wolfxl", "xlwings", "xlsxwriter", "python_calamine", "docx", "lxml", "pandas", "filelock"}
HOSTS |= {"xlrd", "olefile", "oxmsg", "msoffcrypto"}
OUTSIDE = {"os", "io", "pathlib", "shutil", "tempfile", "time", "zipfile", "random", "subprocess", "socket"}


def imported(path: Path) -> set[str]:
    """Return every module a file imports, wherever in the file."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def core_modules() -> list[Path]:
    return [path for path in CORE if path.stem not in SHELLS]


@pytest.mark.parametrize("path", core_modules(), ids=lambda path: path.stem)
def test_the_core_knows_no_host_no_file_and_no_clock(path):
    roots = {name.partition(".")[0] for name in imported(path)}
    assert not roots & (HOSTS | OUTSIDE)
    assert not {name for name in imported(path) if name.startswith("taizhang.books")}


@pytest.mark.parametrize("path", core_modules(), ids=lambda path: path.stem)
def test_the_core_asks_no_clock(path):
    called = [n.func for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
    attributes = {f.attr for f in called if isinstance(f, ast.Attribute)}
    assert not attributes & {"now", "today", "utcnow"}


@pytest.mark.parametrize("path", [p for p in core_modules() if p.parent == PACKAGE], ids=lambda path: path.stem)
def test_functions_do_not_know_layout(path):
    # Reading a table out of a grid is what intake is for; everything else stays below layout.
    if path.stem != "intake":
        assert not {name for name in imported(path) if name.startswith("taizhang.layout")}


def test_only_the_shells_print():
    for path in PACKAGE.rglob("*.py"):
        if path.stem != "cli":
            calls = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
            assert not [c for c in calls if isinstance(c.func, ast.Name) and c.func.id in {"print", "input", "exit"}]


@pytest.mark.parametrize(
    "module", ["taizhang", "taizhang.cli", "taizhang.ribbon", "taizhang.rules", "taizhang.ledger", "taizhang.merge"]
)
def test_importing_loads_no_heavy_library(module):
    heavy = "{'pandas', 'openpyxl', 'xlwings', 'xlsxwriter', 'lxml', 'rapidfuzz', 'docx', 'rich', 'numpy'}"
    code = f"import sys, {module}; print(sorted(set(sys.modules) & {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
