"""Every command that README and docs show is run as it stands there, in a folder that holds what it speaks of.

A block is run line by line; what stands in a paragraph, an item or a cell of a table is run by itself. Each time the
folder is a fresh copy: the ledger of the demo, what was sent, what came back.
"""

from __future__ import annotations

import getpass
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path

import docx
import keyring
import pytest
from markdown_it import MarkdownIt
from test_mail_fetch import deliver, mail
from test_rollup_cluster import running

from mailservers import HOST, SECRET, USER, PostOffice, Ring, imap_server, smtp_server
from screens import screen
from taizhang import tables
from taizhang.books.ledgers import open_ledger
from taizhang.books.package import Package
from taizhang.cli import main
from taizhang.columns import YES
from taizhang.demo import LEDGER_NAME, run
from taizhang.mail import accounts

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LEDGER = "台账.xlsx"
WRITTEN = ("-o", "--form", "--docx", "--pdf", "--cards", "--cards-pdf")
# Pages that other tests follow from their first line to their last.
ELSEWHERE = {
    "docs/开发.md": "tests/test_developing.py",
    "docs/安装.md": "tests/test_installing.py",
}
EXTRAS = {f'pip install "taizhang[{extra}]"' for extra in ("gui", "mail", "cluster")}
NO_EXCEL_HERE = "taizhang addin install --excel"


@dataclass(frozen=True)
class Scene:
    """Commands that stand together on a page."""

    page: str
    line: int
    commands: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return where it stands."""
        return f"{self.page}:{self.line}"

    def has(self, start: str) -> bool:
        """Return whether a command of it begins so."""
        return any(command.startswith(f"taizhang {start}") for command in self.commands)


def scenes(page: Path) -> Iterator[Scene]:
    """Yield what a page shows, in its order."""
    name = page.relative_to(ROOT).as_posix()
    line = 0
    for token in MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8")):
        line = token.map[0] + 1 if token.map else line
        found: list[str] = []
        if token.type == "fence" and token.info in ("", "sh", "bash"):
            found = [part for part in token.content.splitlines() if part.strip()]
        elif token.type == "inline":
            spans = (child.content for child in token.children or () if child.type == "code_inline")
            found = [span for span in spans if re.match(r"(taizhang|pip) \S", span)]
        if found:
            yield Scene(name, line, tuple(found))


def told_once() -> Iterator[Scene]:
    """Yield what the pages show, each thing where it stands first."""
    seen: set[tuple[str, ...]] = set()
    for page in PAGES:
        for scene in scenes(page) if page.relative_to(ROOT).as_posix() not in ELSEWHERE else ():
            whole = scene.commands[0].startswith("pip install .")  # tests/test_installing.py
            if not whole and scene.commands not in seen:
                seen.add(scene.commands)
                yield scene


SCENES = list(told_once())
MAIL, CLUSTER, WINDOW = (
    [scene for scene in SCENES if scene.has(start)] for start in ("mail", "rollup 交来 -o 各县区汇总.xlsx --s", "gui")
)
PLAIN = [scene for scene in SCENES if scene not in (*MAIL, *CLUSTER, *WINDOW)]


def test_the_pages_show_what_they_are_thought_to_show():
    assert len(PLAIN) > 40
    assert {command for scene in PLAIN for command in scene.commands if command.startswith("pip")} <= EXTRAS
    assert {scene.page for scene in SCENES} >= {"README.md", "docs/用户手册.md", "docs/手工验收.md"}
    assert MAIL
    assert CLUSTER
    assert WINDOW


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Path:
    """Return a folder with what the pages speak of, all of it made by the program or by its demo."""
    folder = tmp_path_factory.mktemp("stage")
    list(run(folder, lambda *_: None))
    (folder / LEDGER_NAME).rename(folder / LEDGER)
    shutil.copyfile(ROOT / "addin" / "taizhang" / "data" / "notice_2020.txt", folder / "通知.txt")
    _by_hand(folder / LEDGER)
    _supplement(folder / "补充通知.docx")
    for region in ("甲县", "乙县"):
        (folder / "交来" / region).mkdir(parents=True)
        own = folder / "交来" / region / LEDGER
        shutil.copyfile(folder / LEDGER, own)
        settings = open_ledger(own).reading.blocks[tables.SETTINGS]
        (row,) = (number for number, cells in settings.rows.items() if cells.get("title") == "制表单位")
        typed(own, tables.SETTINGS, {(row, settings.places["value"]): f"{region}营商办"})
    shutil.rmtree(folder / "备份")
    return folder


def typed(path: Path, sheet: str, cells: dict[tuple[int, int], str]) -> None:
    """Type into a ledger, as a clerk does."""
    package = Package.load(path.read_bytes())
    package.set_cells(sheet, cells)
    path.write_bytes(package.dump())


def _by_hand(path: Path) -> None:
    """Do what the pages take for done: every department has an address, one task is 重点."""
    found = open_ledger(path).reading
    names = found.blocks[tables.NAMES]
    typed(path, tables.NAMES, {(row, names.places["emails"]): f"d{row}@example.cn" for row in names.rows})
    typed(path, tables.LEDGER, {(min(found.tasks.rows), found.tasks.places["priority"]): YES})


def _supplement(path: Path) -> None:
    """Write a notice of two tasks, as Word would hold it."""
    document = docx.Document()
    table = document.add_table(rows=3, cols=5)
    for row, texts in enumerate(
        (
            ("序号", "事项类别", "目标任务", "完成时限", "牵头部门"),
            ("1", "一、开办企业", "推行企业开办全程网上办，办理时间压缩至1个工作日。", "12月底", "区市场监管局"),
            ("2", "一、开办企业", "建立企业开办专窗回访制度，逐户听取意见。", "持续推进", "区行政服务中心"),
        )
    ):
        for cell, text in zip(table.rows[row].cells, texts, strict=True):
            cell.text = text
    document.save(str(path))


@pytest.fixture
def folder(stage, tmp_path, monkeypatch) -> Path:
    """Return a fresh copy of the stage, and be in it."""
    own = tmp_path / "工作"
    shutil.copytree(stage, own)
    for file in (own / "下发").iterdir():
        if "区住建局" in file.name:
            shutil.copy(file, own)
    (own / "home").mkdir()
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(own / "home"))
    monkeypatch.chdir(own)
    return own


def follow(command: str) -> int:
    """Run a command as it stands, what it writes out of the way; return its exit code."""
    words = shlex.split(command)
    for option, target in pairwise(words):
        if option in WRITTEN:
            _remove(Path(target))
    if words[0] == "pip":
        return subprocess.run([sys.executable, "-m", *words[:2], "--dry-run", "-q", *words[2:]], check=False).returncode
    assert words[0] == "taizhang", command
    return main(words[1:])


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@pytest.mark.parametrize("scene", PLAIN, ids=lambda scene: scene.name)
def test_what_a_page_shows_can_be_done(scene, folder, capsys):
    for command in scene.commands:
        code = follow(command)
        told = capsys.readouterr()
        if command == NO_EXCEL_HERE and sys.platform == "linux":
            assert code == 2
            assert "Linux 上没有 Excel" in told.err
        else:
            assert code in (0, 1), (command, told)
            assert code == 0 or told.out.strip(), command


@pytest.mark.dovecot
@pytest.mark.parametrize("scene", MAIL, ids=lambda scene: scene.name)
def test_what_a_page_shows_of_mail_can_be_done(scene, folder, certificates, monkeypatch, capsys):
    """The office's own servers are on loopback: `mail setup` is run as it stands, then they take its place."""
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: SECRET)
    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    try:
        with (
            smtp_server(PostOffice(), certificates.context()) as office,
            imap_server(certificates) as house,
        ):
            own = f"{HOST}:{office.port}/tls", f"{HOST}:{house.tls_port}/tls"
            mailbox = {**accounts.proposed(USER, *own, name="区营商办", ca=str(certificates.ca)), "per_minute": 600}
            accounts.write_settings(mailbox)
            assert main(["mail", "password"]) == 0
            deliver(house, _answered(folder))
            for command in scene.commands:
                assert follow(command) in (0, 1), (command, capsys.readouterr())
                if command.startswith("taizhang mail setup"):
                    assert accounts.account().address == command.split()[3]
                    accounts.write_settings(mailbox)
    finally:
        keyring.set_keyring(before)


def _answered(folder: Path) -> EmailMessage:
    """Return the answer of a department, from its address in 单位名录, its workbook attached."""
    names = open_ledger(folder / LEDGER).reading.blocks[tables.NAMES].rows
    (row,) = (number for number, cells in names.items() if cells.get("name") == "区住建局")
    (workbook,) = (path for path in (folder / "交回").iterdir() if path.stem.endswith("区住建局_营商环境工作台账"))
    return mail(f"d{row}@example.cn", workbook.name, workbook.read_bytes())


@pytest.mark.parametrize("scene", CLUSTER, ids=lambda scene: scene.name)
def test_what_a_page_shows_of_a_cluster_can_be_done(scene, folder, tmp_path):
    with running(tmp_path) as cluster:
        cluster.worker()
        for command in scene.commands:
            assert follow(re.sub(r"tcp://\S+", cluster.address, command)) == 0, command


@pytest.mark.window
@pytest.mark.parametrize("scene", WINDOW, ids=lambda scene: scene.name)
def test_what_a_page_shows_of_the_window_opens_it(scene, folder):
    with screen() as environment, ExitStack() as held:
        for command in scene.commands:
            words = shlex.split(command)
            window = subprocess.Popen([sys.executable, "-m", *words], env=environment)
            held.callback(window.wait)
            held.callback(window.terminate)
            for _ in range(300):
                found = subprocess.run(
                    ["xdotool", "search", "--onlyvisible", "--name", "xlsx"], env=environment, capture_output=True
                )
                if found.stdout or window.poll() is not None:
                    break
                time.sleep(0.1)
            assert found.stdout, command


def test_every_link_leads_somewhere():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        anchors = {_anchor(title) for title in re.findall(r"^#+ (.+)$", text, re.M)}
        for target in re.findall(r"(?<!!)\[[^]]*\]\(([^)]+)\)", text):
            path, _, anchor = target.partition("#")
            assert (page.parent / path).exists(), (page.name, target)
            assert path or anchor in anchors, (page.name, target)


def _anchor(title: str) -> str:
    """Return what a heading is linked by: small letters, marks left out, blanks as hyphens."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
