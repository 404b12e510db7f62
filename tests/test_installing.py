"""docs/安装.md is followed from its first block to its last, and README's first line, each in an environment of its own.

Needs an index of packages, as any installation does. Two machines: one that installs from the index and
collects what is needed, and one that has nothing but what was collected.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the blocks are written for a POSIX shell")
ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "安装.md"
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "tests", "benchmarks", "taizhang-demo")
OFFLINE = "--no-index"


def blocks(page: Path) -> list[str]:
    """Return the blocks of commands of a page."""
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    return [token.content for token in tokens if token.type == "fence" and not token.info]


class Machine:
    """A folder with the source, a home, and a fresh Python of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder / "源代码", folder / "home"
        shutil.copytree(ROOT, self.folder, ignore=LEFT_OUT)
        self.home.mkdir()
        venv.create(folder / "venv", with_pip=True)
        self.python = folder / "venv" / "bin"

    def follow(self, block: str) -> subprocess.CompletedProcess[str]:
        """Run a block in a shell, as somebody who pastes it does, and says y when asked."""
        own = {"PATH": f"{self.python}:{os.environ['PATH']}", "HOME": str(self.home), "LANG": "C.UTF-8"}
        kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or "proxy" in name.lower()}
        return subprocess.run(
            ["bash", "-e", "-c", block],
            cwd=self.folder,
            env={**kept, **own, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"},
            input="y\n",
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )


@pytest.fixture(scope="module")
def machine(tmp_path_factory) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"))


def test_the_first_line_of_the_readme_installs_and_runs_the_demo(machine):
    (first, _tests) = blocks(ROOT / "README.md")[0].splitlines()
    done = machine.follow(first)
    assert done.returncode == 0, done.stderr
    assert (machine.folder / "taizhang-demo" / "2020年营商环境工作台账.xlsx").is_file()


def test_the_guide_can_be_followed_from_its_first_block_to_its_last(machine, tmp_path):
    found = blocks(GUIDE)
    assert sum(OFFLINE in block for block in found) == 1
    for block in found:
        if OFFLINE in block:
            _without_the_internet(block, machine, Machine(tmp_path / "other"))
            continue
        done = machine.follow(block)
        if "doctor" in block:  # it may find something on this machine: 1 says so
            assert "正常｜组件 mail" in done.stdout, done.stderr
        assert done.returncode in ((0, 1) if "doctor" in block else (0,)), (block, done.stdout, done.stderr)
    assert not (machine.python / "taizhang").exists()  # the last block took it away


def _without_the_internet(block: str, source: Machine, other: Machine) -> None:
    (collected,) = re.findall(r"--find-links (\S+)", block)
    shutil.copytree(source.folder / collected, other.folder / collected)
    done = other.follow(f"export PIP_INDEX_URL=http://127.0.0.1:9/\n{block}")
    assert done.returncode == 0, done.stderr
    assert (
        other.follow("cd / && taizhang --version && python -c 'import tkinterdnd2, imap_tools, keyring'").returncode
        == 0
    )
