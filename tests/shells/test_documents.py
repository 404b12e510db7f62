"""Every command that README and docs show is run as it stands there, in a folder that holds what it speaks of.

A block is run line by line; what stands in a paragraph, an item or a cell of a table is run by itself. Each time the
folder is a fresh copy: the ledger of the demo, what was sent, what came back. Of each command is known how it ends
(`LOOKED_AT`), what it writes (its targets, the ledger) and that it found something to do.
"""

from __future__ import annotations

import getpass
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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

import office
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
# Pages whose blocks other tests follow from the first to the last.
ELSEWHERE = {
    "docs/开发.md": "tests/test_developing.py",
    "docs/安装.md": "tests/test_installing.py",
}
IN_PIECES = {"docs/开发.md"}  # what stands in its sentences is never a whole command: see test_fragments
EXTRAS = {f'pip install "taizhang[{extra}]"' for extra in ("gui", "mail", "cluster")}
NO_EXCEL_HERE = "taizhang addin install --excel"

# What ends with 1, because something needs a look, and where it says so; all else ends with 0.
LOOKED_AT = {
    "taizhang new 通知.txt -o 台账.xlsx": "提醒 T2",
    "taizhang check 台账.xlsx": "错误 0 条，提醒 [1-9]",
    "taizhang check 台账.xlsx --write": "错误 0 条，提醒 [1-9]",
    "taizhang check 台账.xlsx --fix": "自动更正 [1-9]",
    "taizhang merge 台账.xlsx 交回": "冲突 [1-9]",
    "taizhang merge 台账.xlsx 收件": "未报名单（[1-9]",
    "taizhang decide 台账.xlsx": "其中还没有裁决的 [1-9]",
    "taizhang apply 台账.xlsx": "还有 [1-9]\\d* 项待裁决",
    "taizhang period 台账.xlsx --close": "没有裁决或写入",
    "taizhang rollover 台账.xlsx --year 2021 -o 新台账.xlsx": "没有裁决或写入",
    "taizhang rollover 台账.xlsx --year 2021 -o 2021年台账.xlsx": "没有裁决或写入",
}
# Which commands write into the ledger: always, or with one of these options.
WRITERS: Mapping[str, set[str]] = {
    **{name: set() for name in ("import", "split", "merge", "apply", "undo", "summary", "mail remind")},
    **{name: set() for name in ("close", "reject", "reopen", "extend", "adjust", "cancel")},
    "check": {"--write", "--fix", "--clear"},
    "status": {"--write"},
    "period": {"--close"},
    "indicators": {"--propose", "--confirm", "--decline"},
    "problems": {"--collect", "--solve"},
    "decide": {"--back", "--now", "--other", "--clear"},
}
# What is said where there was nothing to do: then the page shows what does not happen.
IDLE = re.compile(
    r"已写入 0 个|没有符合条件的|没有需要清除的|没有要改动的|不需要卸载|没有序号|等待写入或裁决的 0 项|(?<!\d)0 (?:封|个部门工作簿|本台账)"
)


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
        if token.type == "fence" and token.info in ("", "sh", "bash") and name not in ELSEWHERE:
            found = [part for part in token.content.splitlines() if part.strip()]
        elif token.type == "inline" and name not in IN_PIECES:
            spans = (child.content for child in token.children or () if child.type == "code_inline")
            found = [span for span in spans if re.match(r"(taizhang|pip) \S", span)]
        if found:
            yield Scene(name, line, tuple(found))


def told_once() -> Iterator[Scene]:
    """Yield what the pages show, each thing where it stands first."""
    seen: set[tuple[str, ...]] = set()
    for page in PAGES:
        for scene in scenes(page):
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
    assert {scene.page for scene in SCENES} >= {"README.md", "docs/用户手册.md", "docs/手工验收.md", "docs/安装.md"}
    assert MAIL
    assert CLUSTER
    assert len(WINDOW) == 2


def test_every_exception_is_one_that_a_page_shows():
    shown = {command for scene in SCENES for command in scene.commands}
    assert {*LOOKED_AT, *BEFOREHAND} <= shown


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


def _once_more(path: Path) -> None:
    """Let a task name a target, and report a problem, that no list has yet."""
    tasks = open_ledger(path).reading.tasks
    row = max(tasks.rows)
    told = {"target": "新增便民服务窗口5个，办理时限压缩至2个工作日。", "problem": "新窗口还没有人手。"}
    typed(path, tables.LEDGER, {(row, tasks.places[key]): text for key, text in told.items()})


def _typed(*arguments: str) -> Callable[[Path], object]:
    """Return what runs a command before, its end no matter."""
    return lambda _path: main(arguments)


# What has to be so before a command finds something to do.
BEFOREHAND: Mapping[str, Callable[[Path], object]] = {
    "taizhang apply 台账.xlsx": _typed("decide", LEDGER, "--no", "12", "--back"),
    "taizhang check 台账.xlsx --clear": _typed("check", LEDGER, "--write"),
    "taizhang indicators 台账.xlsx --propose": _once_more,
    "taizhang problems 台账.xlsx --collect": _once_more,
    "taizhang addin uninstall": _typed("addin", "install"),
}


def follow(command: str) -> int:
    """Run a command as it stands, what it writes out of the way; return its exit code."""
    words = shlex.split(command)
    for target in targets(words):
        _remove(target)
    if words[0] == "pip":
        return subprocess.run([sys.executable, "-m", *words[:2], "--dry-run", "-q", *words[2:]], check=False).returncode
    assert words[0] == "taizhang", command
    return main(words[1:])


def targets(words: Sequence[str]) -> list[Path]:
    """Return the files and folders that a command is told to write."""
    return [Path(target) for option, target in pairwise(words) if option in WRITTEN]


def writes(words: Sequence[str]) -> bool:
    """Return whether a command is said to write into the ledger."""
    name = " ".join(words[:2]) if words[0] == "mail" else words[0]
    if name == "mail send":
        return "--dry-run" not in words
    return name in WRITERS and (not WRITERS[name] or bool(WRITERS[name] & {*words}))


def observe(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Run a command of a page; hold how it ends, what it says and what it wrote against what is expected of it."""
    BEFOREHAND.get(command, lambda _path: None)(Path(LEDGER))
    capsys.readouterr()
    before = Path(LEDGER).read_bytes()
    code = follow(command)
    told = capsys.readouterr()
    _, *words = shlex.split(command)
    if command.startswith("pip"):
        assert code == 0, command
        return
    if command == NO_EXCEL_HERE and sys.platform == "linux":
        assert code == 2
        assert "Linux 上没有 Excel" in told.err
        return
    said = told.out
    assert said.strip() or "password" in words, command
    assert not IDLE.search(said), (command, said)
    without_office = bool({"--pdf", "--cards-pdf"} & {*words}) and not office.soffice()
    if "doctor" in words:
        assert code == bool(re.search("^(错误|提醒)｜", said, re.M)), (command, said)
    elif without_office:
        assert not office.required(), office.MISSING
        assert code == 1, (command, told)
    else:
        assert code == (command in LOOKED_AT), (command, told)
        assert re.search(LOOKED_AT.get(command, ""), said), (command, said)
    for target in targets(words):
        if not (without_office and target.suffix == ".pdf"):
            assert any(target.iterdir()) if target.is_dir() else target.stat().st_size, (command, target)
    if Path(LEDGER) not in targets(words):
        assert (Path(LEDGER).read_bytes() != before) is writes(words), command


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@pytest.mark.parametrize("scene", PLAIN, ids=lambda scene: scene.name)
def test_what_a_page_shows_can_be_done(scene, folder, capsys):
    for command in scene.commands:
        observe(command, capsys)


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
                observe(command, capsys)
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
            title = f"{LEDGER} — 营商台账" if LEDGER in words else "营商台账"
            for _ in range(300):
                names = shown(environment)
                if title in names or window.poll() is not None:
                    break
                time.sleep(0.1)
            assert title in names, (command, names)


def shown(environment: Mapping[str, str]) -> list[str]:
    """Return the titles of the windows that are to be seen."""
    search = ("search", "--onlyvisible", "--name", ".", "getwindowname", "%@")
    found = subprocess.run(["xdotool", *search], env=environment, capture_output=True)
    return found.stdout.decode().splitlines()


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
