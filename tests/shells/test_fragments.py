"""Every code span of the documents is accounted for, and pieces of commands are held against what takes them.

`--kind`, `mail fetch 台账.xlsx -o 收件`, `python docs/tables.py`: nothing of this can be run as it stands
(test_documents runs what can), but an option that the command of its section does not have, an act that is not there, a
script that is gone are found. What is no command is a file, a word of the code, or stands in `OTHER`.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from itertools import pairwise
from pathlib import Path

import click
import pytest
from markdown_it import MarkdownIt

import screens
import scripts
from taizhang import cli
from taizhang.errors import LedgerError

ROOT = Path(__file__).parents[2]
PACKAGE, BENCHMARKS = ROOT / "addin" / "taizhang", ROOT / "benchmarks"
PAGES = [
    *(ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "THIRD-PARTY.md", BENCHMARKS / "README.md"),
    *sorted((ROOT / "docs").glob("*.md")),
]
LEFT_OUT = "…"  # in a span: what comes here is left out
MADE = r"2020年9月上旬_区住建局_营商环境工作台账\.xlsx|taizhang-demo(/2020年营商环境工作台账\.xlsx)?"
# What stands in code spans and is neither a command, nor a file of ours, nor a word of our code.
OTHER = {
    "README.md": rf"{MADE}|externally-managed-environment|备份/|distributed\.comm\.tls|tls://…",
    "docs/用户手册.md": rf"{MADE}|cd|佐证|佐证/批次/单位/|distributed\.comm\.tls|tls://…",
    "docs/安装.md": r"libreoffice-(writer|calc)|externally-managed-environment|营商台账环境\\Scripts\\activate|bin/taizhang|Scripts\\taizhang\.exe",  # what pip and venv make
    "docs/手工验收.md": rf"""{MADE}|xlwings|json\.py|raise SystemExit\("不该运行"\)|a=b & c\^&% '1\.xlsx|=\w+\(.+\)""",
    "docs/开发.md": r"TAIZHANG_REQUIRE_OFFICE=1|W4|_?[A-Z]\w+",
    "CHANGELOG.md": r"taizhang\[cluster\]",
    "THIRD-PARTY.md": "xlwings/pro",
    "benchmarks/README.md": "2 workers",
}


@dataclass(frozen=True)
class Span:
    """What stands in a code span, or in a line of a block, and the spans that stand around it."""

    page: str
    line: int
    text: str
    row: int  # of a table, a paragraph, an item
    section: int
    table: bool
    block: bool

    @property
    def name(self) -> str:
        """Return where it stands and what it is."""
        return f"{self.page}:{self.line} {self.text}"


def spans(page: Path) -> Iterator[Span]:
    """Yield the code spans of a page and the lines of its blocks of commands, in its order."""
    name = page.relative_to(ROOT).as_posix()
    line = row = section = 0
    table = False
    for token in MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8")):
        line = token.map[0] + 1 if token.map else line
        section += token.type == "heading_open" or (token.type == "list_item_open" and name == "CHANGELOG.md")
        table = (table or token.type == "table_open") and token.type != "table_close"
        row += token.type == "tr_open" or (token.type == "inline" and not table)
        if token.type == "code_block" or (token.type == "fence" and token.info in ("", "sh", "bash")):
            texts = [part for one in token.content.splitlines() for part in one.partition("  #")[0].split(" && ")]
        else:
            texts = [child.content for child in token.children or () if child.type == "code_inline"]
        for text in texts:
            yield Span(name, line, text.strip(), row, section, table, token.type != "inline")


SPANS = [span for page in PAGES for span in spans(page)]
CODE = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in (PACKAGE, BENCHMARKS, ROOT / "docs", ROOT / "macros")
    for path in sorted(folder.rglob("*.*"))
    if path.suffix in (".py", ".bas", ".cls", ".xml", ".json")
)
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
PACKAGES = set(" ".join(re.findall(r"need\+=\(([^)]*)\)", (ROOT / ".ci/run").read_text("utf-8"))).split())
# Elsewhere a plain word in a code span is a command, or it would not stand there.
FOR_WHO_PROGRAMS = {"THIRD-PARTY.md", "benchmarks/README.md", "docs/开发.md"}
# Pages whose blocks are followed by tests of their own, what they call besides ours too.
FOLLOWED = {
    "README.md": "tests/test_docs.py",
    "docs/安装.md": "tests/test_installing.py",
    "docs/开发.md": "tests/test_developing.py",
}


# --- the program's own commands --------------------------------------------------------------------------------------


def _named(
    parser: argparse.ArgumentParser, words: tuple[str, ...] = ()
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    yield " ".join(words), parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, own in action.choices.items():
                yield from _named(own, (*words, word))


@cache
def commands() -> dict[str, argparse.ArgumentParser]:
    """Return the program's parsers by the words that call them; they take what is there of a command, as far as it goes.

    A value that is left out is any value. Nothing is abbreviated: argparse takes `--kin` for `--kind`, a reader does not.
    """
    found = dict(_named(cli._parser()))
    for parser in found.values():
        parser.allow_abbrev = False
        for action in parser._actions:
            action.required = False
            if not action.option_strings and not isinstance(action, argparse._SubParsersAction):
                action.nargs = "?" if action.nargs is None else "*"
            action.type = _or_left_out(action.type)
    return found


def _or_left_out(typed):
    return lambda text: text if text == LEFT_OUT or typed is None else typed(text)


NAMES = tuple(commands())


def split_name(words: Sequence[str]) -> tuple[str, list[str]]:
    """Return the command that words begin with, and what comes after its name."""
    count = max(count for count in range(3) if " ".join(words[:count]) in NAMES)
    return " ".join(words[:count]), list(words[count:])


def taken(name: str, words: Sequence[str]) -> str:
    """Return "" if a command takes what comes after its name, else what its parser says."""
    parser = commands()[name]
    valued = {text for one in parser._actions if one.nargs != 0 for text in one.option_strings}
    said: list[str] = []
    for word, after in pairwise([*words, "--"]):
        said += [word, LEFT_OUT] if word in valued and after.startswith("-") else [word]
    try:
        parser.parse_args([word for word in said if word not in ("--help", "--version")])
    except LedgerError as error:
        return str(error)
    known = {text for one in parser._actions for text in one.option_strings}
    return "".join(f"{name} has no {word}" for word in said if word.startswith("-") and word not in known)


SHARED = set.intersection(
    *(
        {text for one in parser._actions for text in one.option_strings}
        for parser in commands().values()
        if any(one.dest == "ledger" for one in parser._actions)
    )
)


def around(span: Span) -> set[str]:
    """Return the commands that are spoken of where a span stands: in its row of a table, else in its section."""
    near = [one for one in SPANS if one.page == span.page and one.section == span.section]
    row = set(filter(None, map(command_of, (one for one in near if one.row == span.row))))
    return row if row and span.table else set(filter(None, map(command_of, near)))


def command_of(span: Span) -> str:
    """Return the command that a span is, "" where it is none."""
    words = span.text.removeprefix("taizhang ").split()
    return split_name(words)[0] if words else ""


# --- what a span may be ----------------------------------------------------------------------------------------------


def an_option(span: Span) -> str:
    """Return what is wrong with an option that stands alone: it is one of what its section speaks of."""
    words = shlex.split(span.text)
    if words[0] in SHARED:
        return taken("status", words)
    if any(f" {span.text} " in f"{line} " for line in _of_others(span.page)):
        return ""
    told = {name: taken(name, words) for name in around(span)}
    return "" if "" in told.values() else f"no command spoken of here has it: {sorted(told)}"


def _of_others(page: str) -> Iterator[str]:
    """Yield the lines of a page's blocks that call pip and pytest."""
    for token in MarkdownIt().parse((ROOT / page).read_text(encoding="utf-8")):
        for line in token.content.splitlines() if token.type == "fence" else ():
            if re.match(r"(?:\.venv/bin/)?(?:pip|pytest) ", line):
                yield line.partition("  #")[0]


def of_ours(words: Sequence[str]) -> str:
    """Return what is wrong with a command of ours, as far as it goes."""
    name, rest = split_name(words[1:] if words[:1] == ["help"] else words)
    return taken(name, rest) if name or not rest else f"taizhang has no {rest[0]}"


def a_script(words: Sequence[str]) -> str:
    """Return "" for a script that takes its arguments, else fail."""
    if words[:2] == ["-m", "venv"]:
        return ""  # it is run below
    if Path(words[0]).stem == "window" and not screens.there():
        return ""  # it cannot be loaded without tkinter; the tests that need a screen are counted as skipped
    scripts.hold(ROOT / words[0], words[1:])
    return ""


def of_dask(words: Sequence[str]) -> str:
    """Return what dask's own command says against its arguments; what it does not know it would hand on in silence."""
    found = [entry.load() for entry in metadata.entry_points(group="dask_cli", name=words[0])]
    if not found:
        return f"dask has no {words[0]}"
    (command,) = found
    known = {text for one in command.params for text in (*one.opts, *one.secondary_opts)}
    if unknown := [word for word in words[1:] if word.startswith("-") and word not in known]:
        return f"dask {words[0]} has no {unknown}"
    try:
        command.make_context(words[0], list(words[1:]))
    except click.ClickException as error:
        return error.format_message()
    return ""


def installed(words: Sequence[str]) -> str:
    """Return "" where what is installed is an extra of ours, or what a benchmark imports."""
    for word in (word for word in words[1:] if not word.startswith("-")):
        ours = re.fullmatch(r"(?:taizhang|\.)(?:\[([\w,]+)\])?", word)
        if not (
            set(filter(None, (ours[1] or "").split(","))) <= {*EXTRAS}
            if ours
            else re.search(rf"(?:from|import) {word}\b", CODE)
        ):
            return f"nobody needs {word}"
    return "" if words[0] == "install" else f"pip {words[0]} is not looked at"


def complaint(span: Span) -> str:
    """Return what is wrong with a span, "" where it is accounted for."""
    text = span.text
    if re.fullmatch(OTHER.get(span.page, "(?!)"), text):
        return ""
    if text.startswith("-"):
        return an_option(span)
    program, *words = shlex.split(text, comments=True)
    match program:
        case "taizhang":
            return of_ours(words)
        case "python" | "python3":
            return a_script(words)
        case "xvfb-run":
            if not re.fullmatch(r"-s -screen 0 \d+x\d+x\d+ python [^ ]+( --.+)?", " ".join(words)):
                return "xvfb-run -s takes a screen: -screen 0 1280x900x24"
            return a_script(words[words.index("python") + 1 :])
        case "pytest" | "pip" | "." if span.block and span.page in FOLLOWED:
            return ""
        case "dask":
            return of_dask(words)
        case "pip":
            return installed(words)
        case "apt":
            return "" if words[0] == "install" and {*words[1:]} <= PACKAGES else f".ci/run does not install {words[1:]}"
    if program.endswith(".py") and words:
        return a_script([program, *words])
    if program in NAMES:
        return of_ours([program, *words])
    if groups := {name.split()[0] for name in around(span)} & {
        name.split()[0] for name in NAMES if name.endswith(f" {program}")
    }:
        return of_ours([*groups, program, *words])
    if program in EXTRAS and not words:
        return ""
    folders = (ROOT / one.text for one in SPANS if (one.page, one.row) == (span.page, span.row) and "/" in one.text)
    if not words and any((base / text).exists() for base in (ROOT, (ROOT / span.page).parent, PACKAGE, *folders)):
        return ""
    plain = span.page not in FOR_WHO_PROGRAMS and re.fullmatch("[a-z]+", text)
    if not plain and re.search(rf"(?<![\w-]){re.escape(text)}(?![\w-])", CODE):
        return ""
    return "neither a command, nor a file, nor a word of the code: say in OTHER what it is"


@pytest.mark.parametrize("page", [page.relative_to(ROOT).as_posix() for page in PAGES])
def test_every_code_span_is_accounted_for(page):
    own = [one for one in SPANS if one.page == page and one.text]
    wrong = [f"{span.name}：{said}" for span in own if (said := complaint(span))]
    assert wrong == []


def test_no_command_stands_where_nobody_looks():
    """In a sentence without a code span, or in a block that is held for the output of a program."""
    hidden = []
    for page in PAGES:
        for token in MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8")):
            texts = [child.content for child in token.children or () if child.type == "text"]
            if token.type == "fence" and page.name != "性能.md":  # its tables name what was measured
                assert token.info in ("", "text", "python"), (page.name, token.info)
                texts += token.content.splitlines() if token.info == "text" else []
            hidden += [
                f"{page.name}：{text}"
                for text in texts
                if re.match(r"(?!from )(.* )?(taizhang|dask) [a-z]+ ", f"{text} ")
            ]
    assert hidden == [NAMED_IN_OUTPUT]


# The sample of what `taizhang doctor` prints: tests/shells/test_inventory.py.
NAMED_IN_OUTPUT = "安装.md：没有｜邮箱            ｜没有设置，可以生成邮件草稿，不能直接收发。要直接收发的，请运行 taizhang mail setup 邮箱地址。"


# --- what can be run -------------------------------------------------------------------------------------------------

REBUILT = {  # what is generated, by the command that does it
    "python docs/tables.py": ("docs/用户手册.md", "README.md"),
    "python workbook/build.py": ("workbook/ledger_template.xlsx",),
}


@pytest.mark.parametrize("command", REBUILT)
def test_a_command_that_generates_writes_what_it_is_said_to(command, tmp_path):
    assert command in {span.text for span in SPANS}
    for folder in ("addin", "docs", "workbook", "benchmarks", "macros"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "images"))
    shutil.copy(ROOT / "README.md", tmp_path)
    made = [tmp_path / name for name in REBUILT[command]]
    for path in made:
        os.utime(path, (0, 0))
    script = shlex.split(command)[1]
    subprocess.run(
        [sys.executable, script], cwd=tmp_path, check=True, env={**os.environ, "PYTHONPATH": str(tmp_path / "addin")}
    )
    assert all(path.stat().st_mtime > 0 for path in made)


@pytest.mark.skipif(sys.platform == "win32", reason="the span is written for a POSIX shell")
def test_the_environment_that_readme_begins_with_is_made_and_entered(tmp_path):
    (line,) = {span.text for span in SPANS if not span.block and re.match("python3? -m venv", span.text)}
    asked = f"{line} && python -c 'import sys; print(sys.prefix)' && pip --version"
    done = subprocess.run(["bash", "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert all(str(tmp_path) in told for told in done.stdout.splitlines())
