"""Every sentence a clerk can meet: place, fault, remedy; Chinese; no programmer's words."""

import argparse
import ast
import re
import string
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

import taizhang
from taizhang import cli
from taizhang.books.arrivals.formats import Format
from taizhang.books.arrivals.refusals import Refusal
from taizhang.columns import BY_KEY, BY_TITLE, COLUMNS, ITEM_REGISTERS, TASKS
from taizhang.errors import LedgerError, Stop
from taizhang.findings import CATALOGUE, Code, Finding
from taizhang.rollup import Why
from taizhang.settings import SETTINGS

# File kinds, program names and commands a clerk reads elsewhere too.
ALLOWED = {"Excel", "WPS", "taizhang", "xlsx", "xls", "txt", "docx", "csv", "year", "help", "force", "unlock"}
ALLOWED |= {
    "split",
    "merge",
    "check",
    "status",
    "write",
    "UTF",
    "GB",
    "GBK",
    "GB18030",
    "Word",
    "pdf",
    "tsv",
    "ods",
    "et",
    "xlsm",
    "xlsb",
}
ALLOWED |= {
    "pip",
    "install",
    "xlwings",
    "xlam",
    "addin",
    "gui",
    "by",
    "cluster",
    "scheduler",
    "tcp",
    "Dask",
    "demo",
    "doctor",
    "undo",
}
# What `doctor` has one install: Debian's packages, a part of Python's installer, a site.
ALLOWED |= {"python", "python3", "tk", "tcl", "fonts", "wqy", "microhei", "wps", "cn"}
ALLOWED |= {
    "password",
    "zip",
    "period",
    "indicators",
    "problems",
    "msg",
    "eml",
    "mht",
    "RAR",
    "PDF",
    "ofd",
    "OpenDocument",
    "XML",
    "SYLK",
    "Outlook",
    "LibreOffice",
    *(
        "mail",
        "setup",
        "password",
        "smtp",
        "imap",
        "tls",
        "starttls",
        "ca",
        "PEM",
        "QQ",
        "folder",
        "INBOX",
        "TAIZHANG_MAIL_PASSWORD",
    ),
    *("TAIZHANG", "MAIL", "PASSWORD"),
    "MB",
    *("Esc", "Ctrl", "Shift", "all"),
    *("JSON", "Python", "Office", "tkinter", "Debian", "Ubuntu", "apt"),
}

# What the documents name besides: systems, mail programs, keys.
NAMED = {"Windows", "macOS", "Linux", "Foxmail", "Thunderbird", "OA", "Alt", "Option"}

PACKAGE = Path(taizhang.__file__).parent
ROOT = Path(__file__).parents[2]
MACROS = ROOT / "macros"
DOCUMENTS = (*(ROOT / "docs" / f"{name}.md" for name in ("用户手册", "安装", "手工验收")), ROOT / "CHANGELOG.md")

# One thing has one word: what is not to be written, and what is written instead.
OTHER_WORDS = {
    "牵头单位": "牵头部门",
    "贵单位": "你单位",
    "核销": "核实销号",
    "撤消": "撤销",
    "退回电子表格": "交回电子表格",
    "截至日期": "截止日期",
    "认不出来": "不能识别",
    "不必处理": "不用处理",
    "备份 文件夹": "“备份”文件夹",
    "部门清单": "部门工作簿",
    "信息管理员": "信息化人员",
    "网络管理员": "信息化人员",
    "邮箱管理员": "信息化人员",
    "维护人员": "信息化人员",
    "管电脑的": "信息化人员",
    "机器": "电脑",
    "目录": "文件夹",
    "字段": "列",
    "账号": "用户名",
    "工作薄": "工作簿",
    "登陆": "登录",
    "帐": "账",
    "缺省": "默认",
    "异常": "不正常",
    "解析": "读取",
    "进程": "程序",
}
TITLES = {"牵头单位"}  # the column of 联合牵头上报
EXCELS_OWN = re.compile("撤消工作表保护|“撤消”（Ctrl\\+Z）")  # what Excel writes on its own buttons
HEADERS = PACKAGE / "notice.py"  # what others call the columns of their notices

# Where code, not prose, is written: patterns and formulas; and what is typed as it stands.
CODE = re.compile(r"\\|\(\?|[)\]一-鿿]\?|\||&|^\$")
TYPED = "主机:端口"


def written() -> list[tuple[str, str]]:
    """Return every Chinese text in the package and the add-in's tab and dialogs, with where it is written."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        notes = {node.value for node in nodes if isinstance(node, ast.Expr)}
        texts = [node for node in nodes if isinstance(node, ast.Constant) and node not in notes]
        found += [(f"{path.name}:{node.lineno}", node.value) for node in texts if isinstance(node.value, str)]
    dialogs = tomllib.loads((MACROS / "messages.toml").read_text(encoding="utf-8"))
    found += [(f"messages.toml {name}", text) for name, text in dialogs.items()]
    for node in ElementTree.parse(MACROS / "ribbon.xml").iter():
        found += [(f"ribbon.xml {node.get('id')} {name}", text) for name, text in node.attrib.items()]
    return [(where, text) for where, text in found if re.search("[一-鿿]", text)]


WRITTEN = written()
SHOWN_BY = {
    "text",
    "title",
    "label",
    "message",
    "detail",
    "prompt",
    "values",
    "filetypes",
}  # arguments that a widget shows
NOT_READ = {"*.xlsx", "Contents/Resources/Scripts/main.scpt"}
FONTS = "_FONTS"
SHOWN_ON = {"label", "screentip", "supertip", "description", "title"}  # and attributes of the tab


def widgets() -> list[tuple[str, str]]:
    """Return every text the window, the add-in's tab and its message boxes show, Chinese or not, with its place."""
    found = []
    for path in (PACKAGE / "gui").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found += [(f"{path.name}:{one.lineno}", one.value) for one in shown_by(node)]
    dialogs = tomllib.loads((MACROS / "messages.toml").read_text(encoding="utf-8"))
    found += [(f"messages.toml {name}", text) for name, text in dialogs.items() if name != "icons"]  # a copyright
    for node in ElementTree.parse(MACROS / "ribbon.xml").iter():
        found += [
            (f"ribbon.xml {node.get('id')} {name}", node.get(name, "")) for name in SHOWN_ON.intersection(node.keys())
        ]
    return found


def shown_by(node: ast.AST) -> list[ast.Constant]:
    """Return the strings that a call or an assignment gives a widget to show."""
    match node:
        case ast.Call(func=ast.Attribute(attr="say_below" | "title" | "tell" | "heading" | "_tab"), args=args):
            given = [*args, *(one.value for one in node.keywords if one.arg in SHOWN_BY)]
        case ast.Call():
            given = [one.value for one in node.keywords if one.arg in SHOWN_BY]
        case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value="text" | "values"))]):
            given = [node.value]
        case ast.Assign(targets=[ast.Name(id="words")], value=value):
            given = [value]
        case ast.For(target=ast.Tuple(elts=[ast.Name(id="words"), *_]), iter=value):
            given = [value]
        case ast.Module():  # what is named for all of it: a title, the heads of a table
            named = [one for one in node.body if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) != FONTS]
            given = [one.value for one in named if isinstance(one.value, ast.Constant | ast.Tuple)]
        case _:
            given = []
    return [one for value in given for one in strings(value)]


def strings(value: ast.AST) -> list[ast.Constant]:
    """Return the strings in a value, save those handed on to a call: they are names, as of an attribute."""
    if isinstance(value, ast.Call):
        return []
    if isinstance(value, ast.Constant):
        return [value] if isinstance(value.value, str) else []
    return [one for inner in ast.iter_child_nodes(value) for one in strings(inner)]


def told(path: Path) -> list[tuple[str, str]]:
    """Return the lines of a document without code, links' targets, pictures and what readers do not see."""
    text = path.read_text(encoding="utf-8")
    for unread in (r"(?ms)^ *```.*?^ *```$", r"(?s)<!--.*?-->"):
        text = re.sub(unread, lambda found: "\n" * found[0].count("\n"), text)
    for code in (r"(`+)(?!`).+?(?<!`)\1(?!`)", r"!\[[^]]*\]\([^)]*\)", r"(?<=\])\([^)]*\)", r"https?://\S+", "<br>"):
        text = re.sub(code, " ", text)
    return [(f"{path.name}:{number}", line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


DOCUMENTED = [line for path in DOCUMENTS for line in told(path)]


@pytest.mark.parametrize(("word", "better"), OTHER_WORDS.items())
def test_one_thing_has_one_word(word, better):
    ours = [(where, text) for where, text in WRITTEN if text not in TITLES and not where.startswith(HEADERS.name)]
    said = [(where, EXCELS_OWN.sub("", text)) for where, text in (*ours, *DOCUMENTED)]
    assert not [(where, text, better) for where, text in said if word in text]


def prose() -> list[tuple[str, str]]:
    """Return the texts that are no code, each with something in the place of what is filled in."""
    filled = [(where, re.sub(r"\{\w*\}|%\(\w+\)s|%[rs]", "某", text)) for where, text in WRITTEN]
    return [(where, text) for where, text in filled if not CODE.search(text)]


def test_marks_beside_chinese_are_full_width():
    marks = re.compile(r"[一-鿿）”》][,;:!()\"']|[,;:!()\"'][一-鿿（“《]")
    found = [(where, text.replace(TYPED, "")) for where, text in prose()]
    assert len(found) > 1500
    assert not [(where, text) for where, text in found if marks.search(text)]


def typed(text: str) -> str:
    """Return a text without the commands, options and file names in it."""
    return re.sub(r"taizhang(?:[ 、.-]?[a-z]+)*|--[a-z-]+|\w+\.(?:jsonl?|md|org)", "", text)


def test_no_english_is_left_over():
    assert not [(where, text) for where, text in prose() if english(typed(text)) and "<html" not in text]


def test_no_english_is_left_over_in_what_the_window_the_tab_and_message_boxes_show():
    found = widgets()
    assert len(found) > 140
    assert not [(where, text) for where, text in found if english(typed(text)) and text not in NOT_READ]


def test_message_boxes_say_only_what_stands_among_the_texts():
    box = re.compile(r"MsgBox|Popup|InputBox|SaveAsFilename|OpenFilename|StatusBar|\.Title\b")
    lines = [line for path in MACROS.glob("*.bas") for line in path.read_text(encoding="ascii").splitlines()]
    shown = [re.sub(r'TextOf\("\w+"\)|CreateObject\("[\w.]+"\)', "", line) for line in lines if box.search(line)]
    assert len(shown) > 5
    assert not [line for line in shown if '"' in line]


def test_no_english_is_left_over_in_the_documents():
    files = re.compile(r"(?<![\w.])\.[a-z0-9]{2,4}\b|#[A-Z]+[!?]")
    assert len(DOCUMENTED) > 700
    assert not [(where, text) for where, text in DOCUMENTED if english(files.sub("", text)) - NAMED]


def commands(parser, path=()):
    """Yield the words of every command, and its parser."""
    yield path, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield from commands(inner, (*path, name))


COMMANDS = dict(commands(cli._parser()))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_is_chinese_and_says_what_everything_is_for(path, capsys):
    taken = [one for one in COMMANDS[path]._actions if not isinstance(one, argparse._SubParsersAction)]
    assert not [one.dest for one in taken if not one.help]
    with pytest.raises(SystemExit):
        cli.main([*path, "--help"])
    found = capsys.readouterr().out
    assert found.startswith("用法：")
    assert not re.search(r"(?m):$", found)
    assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", re.sub(r"--?[a-z-]+|taizhang.*", "", found))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["check"], "缺少台账。"),
        (["new"], "缺少通知、-o。"),
        (["mail"], "缺少命令。请运行 taizhang mail --help"),
        (["new", "a"], "缺少 -o。"),
        (["check", "a", "--write=3"], "--write：后面不能跟 3"),
        (["status", "a", "--as-of"], "--as-of：后面要跟一个值"),
        (["status", "a", "--bogus"], "不认识 --bogus。请运行 taizhang status --help 查看用法。"),
        (["mail", "send", "a", "b", "--bogus", "c"], "不认识 --bogus c。请运行 taizhang mail send --help 查看用法。"),
        (["--bogus", "status", "a"], "不认识 --bogus。请运行 taizhang --help 查看用法。"),
        (["indicators", "a", "--confirm"], "--confirm：后面至少要跟一个值"),
        (["decide", "a", "--back", "--now"], "--now：不能与 --back 一起用"),
        (["doctor", "--part", "x"], "--part：没有 x，可用的有 addin、mail"),
        (["summary", "a", "--car"], "--car 不明确，可能是 --cards、--cards-pdf"),
    ],
    ids=" ".join,
)
def test_a_command_typed_wrong_is_answered_in_chinese(typed, said, capsys):
    assert cli.main(typed) == 2
    assert capsys.readouterr().err.startswith(f"命令用法不对：{said}")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["stauts"], "没有命令 stauts，是不是 status？全部命令请运行 taizhang --help 查看。"),
        (["成绩"], "没有命令 成绩。全部命令请运行 taizhang --help 查看。"),
        (["mail", "sned"], "没有命令 sned，是不是 send？全部命令请运行 taizhang mail --help 查看。"),
    ],
    ids=" ".join,
)
def test_a_mistyped_command_is_answered_with_the_one_that_is_meant(typed, said, capsys):
    assert cli.main(typed) == 2
    assert capsys.readouterr().err == f"{said}\n"


def test_the_help_is_shown_to_who_asks_for_it_in_words_or_types_nothing(capsys):
    assert cli.main([]) == 2
    out, shown = capsys.readouterr()
    assert out == ""
    for typed, asked in (("help", "--help"), ("help mail send", "mail send --help")):
        told = []
        for words in (typed, asked):
            with pytest.raises(SystemExit) as done:
                cli.main(words.split())
            assert done.value.code == 0
            told.append(capsys.readouterr().out)
        assert told[0] == told[1]
        assert asked != "--help" or told[0] == shown


@pytest.mark.parametrize("path", [(), ("mail",), ("addin",)], ids=" ".join)
def test_commands_stand_under_their_heading_one_a_line(path):
    head, _, listed = COMMANDS[path].format_help().partition("\n命令：\n")
    choices = next(one for one in COMMANDS[path]._actions if isinstance(one, argparse._SubParsersAction)).choices
    assert [line.split()[0] for line in listed.splitlines()] == list(choices)
    assert "\n  命令" not in head


def english(text: str) -> set[str]:
    words = set(re.findall(r"[A-Za-z]{2,}", re.sub(r"\{\w+\}", "", text)))
    return words - ALLOWED


@pytest.mark.parametrize("stop", Stop, ids=lambda stop: stop.name)
def test_what_stops_a_run_is_one_chinese_sentence_with_a_remedy(stop):
    assert stop.value.endswith("。")
    assert not english(stop.value)
    assert "请" in stop.value or stop is Stop.INTERRUPTED
    assert "\n" not in stop.value


@pytest.mark.parametrize("stop", Stop, ids=lambda stop: stop.name)
def test_a_sentence_is_complete_once_its_facts_are_given(stop):
    names = {name for _, name, _, _ in string.Formatter().parse(stop.value) if name}
    assert "{" not in str(LedgerError(stop, **dict.fromkeys(names, "某值")))


@pytest.mark.parametrize("stop", [Stop.PERIOD_CLOSED, Stop.CLOSED_ALREADY], ids=lambda stop: stop.name)
def test_who_is_to_take_back_a_closing_is_told_how(stop):
    assert "请先撤销结旬：按“撤销”（命令行：taizhang undo），每次退回最近一次操作。" in stop.value


@pytest.mark.parametrize("why", Refusal, ids=lambda why: why.name)
def test_why_a_file_is_not_read_is_said_in_chinese_with_a_remedy(why):
    assert why.value.endswith("。")
    assert not english(why.value)
    assert "请" in why.value or why is Refusal.LOCK_FILE


@pytest.mark.parametrize("why", Why, ids=lambda why: why.name)
def test_why_a_ledger_is_not_counted_is_said_in_chinese_first_the_fault_then_the_remedy(why):
    fault, stop, remedy = why.value.partition("。")
    assert fault
    assert stop
    assert "请" in remedy
    assert remedy.endswith("。")
    assert not english(why.value)


@pytest.mark.parametrize("kind", Format, ids=lambda kind: kind.name)
def test_what_a_file_is_has_a_clerks_word(kind):
    assert not english(kind.value)


def test_every_code_is_in_the_catalogue_once():
    assert set(CATALOGUE) == set(Code)
    assert len({code.value for code in Code.__members__.values()}) == len(Code.__members__)


@pytest.mark.parametrize("code", Code, ids=lambda code: code.name)
def test_a_finding_says_place_fault_and_remedy_in_chinese(code):
    names = {name for _, name, _, _ in string.Formatter().parse(CATALOGUE[code].message + CATALOGUE[code].remedy)}
    facts = dict.fromkeys(names - {None, "value"}, "某事")
    finding = Finding(code, "工作台账", "F7", 4, "RW2020-004", "完成率", "某值", facts)
    assert finding.message.startswith("“工作台账” F7 序号4 完成率：")
    assert "请" in finding.remedy or finding.remedy.startswith(("不影响", "确已", "能明确", "需要的", "该列", "其内容"))
    assert not english(finding.rule.message + finding.rule.remedy)


def test_only_rules_about_one_cell_can_make_a_returned_cell_invalid():
    about_cells = {code for code, rule in CATALOGUE.items() if rule.about_cell}
    assert {code.value[:2] for code in about_cells} == {"E1"}
    assert {code.value for code in Code if CATALOGUE[code].invalidates} == {
        *(f"E10{n}" for n in range(1, 8)),
        Code.NOT_CALCULATED.value,
        Code.ONE_OR_ALL.value,
        Code.NOT_AMOUNT.value,
        Code.RATE_UNCLEAR.value,
    }


def test_prompts_fit_into_excels_limits():
    for column in BY_KEY.values():
        assert len(column.prompt) <= 255
        assert len(column.title) <= 32
    for setting in SETTINGS:
        assert len(setting.help) <= 255
        assert len(setting.title) <= 32


def test_a_title_and_a_key_mean_one_column_in_every_register():
    listed = [column for register in (TASKS, *ITEM_REGISTERS) for column in register.columns]
    assert len(BY_KEY) == len(BY_TITLE) == len({id(column) for column in listed})


def test_headers_are_unique():
    assert len({column.title for column in COLUMNS}) == len(COLUMNS) == 31
