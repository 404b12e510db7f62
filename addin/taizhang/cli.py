"""The command line: arguments in, Chinese sentences or one JSON object out. Source: `cli.md`.

Exit codes: 0 done and clean, 1 done with findings, conflicts or refused files, 2 not done.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, NoReturn

from taizhang import __version__, telling
from taizhang.errors import LedgerError, Stop
from taizhang.findings import Finding
from taizhang.machine import Pace, unforeseen, user_name
from taizhang.values import shown

if TYPE_CHECKING:
    from taizhang.actions import Context, Preview, Progress
    from taizhang.checking import Checked

CLEAN, TOLD, STOPPED = 0, 1, 2
Json = Mapping[str, object]

# What argparse says, in Chinese; a sentence missing here would appear in English.
_WORDS = {
    "usage: ": "用法：",
    "positional arguments": "参数",
    "options": "选项",
    "show this help message and exit": "显示这段说明",
    "the following arguments are required: %s": "缺少 %s",
    "unrecognized arguments: %s": "不认识 %s",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s：%(message)s",
    "expected one argument": "后面要跟一个值",
    "expected at least one argument": "后面至少要跟一个值",
    "ignored explicit argument %r": "后面不能跟 %r",
    "not allowed with argument %s": "不能与 %s 一起用",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s 不明确，可能是 %(matches)s",
    "invalid choice: %(value)r (choose from %(choices)s)": "没有 %(value)s，可用的有 %(choices)s",
    "invalid %(type)s value: %(value)r": "“%(value)s”不能用",
}


def _chinese(text: str) -> str:
    return _WORDS.get(text, text)


class _Help(argparse.HelpFormatter):
    """A help whose commands stand under their heading, without a name for all of them in between."""

    def _format_action(self, action: argparse.Action) -> str:
        if isinstance(action, argparse._SubParsersAction):
            return "".join(map(super()._format_action, action._get_subactions()))
        return super()._format_action(action)


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are our own errors, so that every one is a sentence."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"formatter_class": _Help, **options})

    @property
    def _command(self) -> str:
        command = self.prog.partition(" ")[2]
        return command and f"{command} "

    def error(self, message: str) -> NoReturn:
        detail = re.sub(r"'([^' ]*)'", r"\1", message).replace(", ", "、")  # argparse lists as Python writes
        detail = re.sub(r"^缺少 (?=[一-鿿])", "缺少", detail)
        raise LedgerError(Stop.BAD_USAGE, detail=detail, command=self._command)

    def parse_known_args(self, *arguments: Any, **options: Any) -> Any:
        found, unknown = super().parse_known_args(*arguments, **options)
        if unknown:  # else the parser of all commands would complain, and point to its own help
            self.error(_WORDS["unrecognized arguments: %s"] % " ".join(unknown))
        return found, unknown

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if isinstance(action, argparse._SubParsersAction) and value not in action.choices:
            from taizhang.likeness import likest

            guess = "".join(f"，是不是 {near}？" for near in likest(value, list(action.choices))) or "。"
            raise LedgerError(Stop.NO_SUCH_COMMAND, value=value, guess=guess, command=self._command)
        super()._check_value(action, value)

    def format_help(self) -> str:
        return re.sub(r"(?m)^(\w+):$", r"\1：", super().format_help())


class _Instead(argparse.Action):
    """A flag in place of an argument that is asked for otherwise."""

    def __init__(self, option_strings: Sequence[str], dest: str, of: argparse.Action, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, default=False, help=help)
        self._of = of

    def __call__(self, _parser: Any, namespace: argparse.Namespace, _values: Any, _option: str | None = None) -> None:
        setattr(namespace, self.dest, True)
        self._of.required = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code. Nothing but a keyboard interrupt gets out as a traceback."""
    argparse._ = _chinese  # type: ignore[attr-defined]
    argparse.ngettext = lambda one, many, n: _chinese(one if n == 1 else many)  # type: ignore[attr-defined]
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        typed = list(sys.argv[1:] if arguments is None else arguments)
        if not typed:
            _parser().print_help(sys.stderr)
            return STOPPED
        options = _parser().parse_args([*typed[1:], "--help"] if typed[0] == "help" else typed)
        return int(options.run(options))
    except LedgerError as error:
        _complain(str(error))
    except KeyboardInterrupt:
        _complain(str(LedgerError(Stop.INTERRUPTED)))
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone: nobody is left to tell
    except Exception as error:
        _complain(unforeseen(error))
    return STOPPED


def _complain(sentence: str) -> None:
    if sys.stderr is None:  # started by an icon, without a console
        return
    sys.stderr.write(sentence.replace("\n", " ") + "\n")


# Arguments


def _parser() -> argparse.ArgumentParser:
    parser = _Parser("taizhang", description="营商台账：下清单 → 对账单 → 给成绩单。")
    parser.add_argument("--version", action="version", version=f"taizhang {__version__}", help="显示版本号")
    commands = parser.add_subparsers(title="命令", metavar="命令", required=True, parser_class=_Parser)
    _add_demo(commands)
    _add_new(commands)
    _add_import(commands)
    _add_check(commands)
    _add_status(commands)
    _add_split(commands)
    _add_period(commands)
    _add_items(commands)
    _add_merge(commands)
    _add_mail(commands)
    _add_decide(commands)
    _ledger_command(commands, "apply", "把采纳的和已裁决的写入台账", _apply)
    _ledger_command(commands, "undo", "撤销上一次操作，可以连续撤销", _undo)
    _add_moves(commands)
    _add_rollover(commands)
    _add_log(commands)
    _add_summary(commands)
    _add_rollup(commands)
    _add_gui(commands)
    _add_addin(commands)
    _add_doctor(commands)
    return parser


def _command(commands: Any, name: str, help: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help)
    parser.set_defaults(run=run)
    return parser


def _ledger_command(
    commands: Any, name: str, help: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """Return a command that works on a ledger, which comes first, with the options all such commands have."""
    parser = _command(commands, name, help, _with_notes(run))
    parser.add_argument("ledger", metavar="台账", type=Path, help="台账文件（.xlsx）")
    _shared_options(parser)
    return parser


def _with_notes(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """Return a command that ends with what is to be said of how its ledger was written."""

    def noted(options: argparse.Namespace) -> int:
        from taizhang.books.ledgers import host_at

        options.ledger = host_at(options.ledger)
        code = run(options)
        for note in () if options.json else options.ledger.notes:
            _say(note)
        return code

    return noted


def _shared_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="输出 JSON，供别的程序读取")
    parser.add_argument("--by", default="", metavar="姓名", help="操作人，记入变更记录；默认为本机用户名")
    _force_option(parser)


def _force_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force-unlock", action="store_true", help="确认无人使用时，不理会残留的锁文件")


def _as_of_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--as-of", type=_date, metavar="日期", help="统计日期，例如 2020-09-10；默认按台账设置")


def _add_demo(commands: Any) -> None:
    parser = _command(commands, "demo", "用随附的真实通知演示整个流程", _demo)
    help = "放演示文件的文件夹；默认为当前文件夹下的 taizhang-demo"
    parser.add_argument("-o", dest="folder", metavar="文件夹", type=Path, default=Path("taizhang-demo"), help=help)


def _add_new(commands: Any) -> None:
    parser = _command(commands, "new", "由通知或任务表生成台账，没有通知的生成空白台账", _new)
    help = "通知或任务表（.txt .docx .xlsx .xls .csv）；加 --blank 的不写"
    notice = parser.add_argument("notice", metavar="通知", type=Path, help=help)
    parser.add_argument("--blank", action=_Instead, of=notice, help="没有通知，生成空白台账自己填")
    parser.add_argument("-o", dest="target", metavar="台账", type=Path, required=True, help="要生成的台账（.xlsx）")
    parser.add_argument("--year", type=_year, metavar="年度", help="通知中看不出年度时指定；空白台账默认为今年")
    _shared_options(parser)


def _add_import(commands: Any) -> None:
    parser = _ledger_command(commands, "import", "补充通知：增加新任务，列出要改的，不删除", _import)
    parser.add_argument("notice", metavar="通知", type=Path, help="补充通知或任务表（.txt .docx .xlsx .xls .csv）")


def _add_check(commands: Any) -> None:
    parser = _ledger_command(commands, "check", "校验台账，或部门交回前自查", _check)
    parser.add_argument("--write", action="store_true", help="在单元格上标注，并填写“校验结果”表")
    parser.add_argument("--fix", action="store_true", help="自动更正有把握的：别名、全角字符、多余的空格等")
    parser.add_argument("--clear", action="store_true", help="只清除以前的标注，不校验")
    parser.add_argument("--all", action="store_true", help="逐条列出；默认同一种提醒超过5条的只列3条")


def _add_status(commands: Any) -> None:
    parser = _ledger_command(commands, "status", "按截止日期计算各事项的状态", _status)
    _as_of_option(parser)
    parser.add_argument("--write", action="store_true", help="写入台账；不带日期则取消固定的统计日期")


def _add_split(commands: Any) -> None:
    parser = _ledger_command(commands, "split", "下清单：每个牵头部门一个工作簿", _split)
    parser.add_argument("-o", dest="folder", metavar="文件夹", type=Path, required=True, help="放部门工作簿的文件夹")
    parser.add_argument("--period", type=_period, metavar="旬", help="例如 2020-09-上旬；默认为本旬")
    parser.add_argument("--support", action="store_true", help="只有配合任务的部门也生成一份只读清单")
    parser.add_argument("--priority", action="store_true", help="只下发“重点”列填“是”的，不等到旬")


def _add_period(commands: Any) -> None:
    parser = _ledger_command(commands, "period", "旬调度：列出各旬的下发和报送，或结旬", _period_act)
    parser.add_argument("--close", action="store_true", help="结旬：留存快照，之后交回的记为迟报")
    parser.add_argument("--period", type=_period, metavar="旬", help="要结的旬；默认为最早的还没结的旬")


def _add_items(commands: Any) -> None:
    parser = _ledger_command(commands, "indicators", "量化指标：列出、提取、确认", _indicators)
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--propose", action="store_true", help="从任务内容中提取还没有列出的指标，等待确认")
    doing.add_argument("--confirm", nargs="+", metavar="编号", help="确认考核，随下次清单下发；all 为所有待确认的")
    doing.add_argument("--decline", nargs="+", metavar="编号", help="不作为指标；仍留在表中，不再提取")
    parser = _ledger_command(commands, "problems", "问题清单：列出、登记、办结", _problems)
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--collect", action="store_true", help="把填报的“存在问题”中还没有列出的登记进来")
    doing.add_argument("--solve", nargs="+", metavar="编号", help="已经解决，不再下发")


def _add_merge(commands: Any) -> None:
    parser = _ledger_command(commands, "merge", "对账单：合并预览，逐格列出交回的变化", _merge)
    parser.add_argument(
        "paths", metavar="文件", type=Path, nargs="+", help="交回的工作簿、压缩包、邮件，或装有它们的文件夹"
    )
    parser.add_argument("--password", metavar="密码", default="", help="打开有密码的工作簿用；不会写进任何文件")


def _add_decide(commands: Any) -> None:
    parser = _ledger_command(commands, "decide", "裁决：列出等待裁决的，或给其中一些写上裁决", _decide)
    parser.add_argument("--kind", metavar="类别", help="只看一类，例如 冲突、清空、无效、采纳、待定行")
    parser.add_argument("--department", metavar="单位", help="只看一个单位")
    parser.add_argument("--no", metavar="序号", help="只看一项任务")
    parser.add_argument("--column", metavar="列", help="只看一列")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--back", action="store_true", help="采用上报")
    doing.add_argument("--now", action="store_true", help="保留台账")
    doing.add_argument("--other", metavar="内容", help="另行填写")
    doing.add_argument("--clear", action="store_true", help="取消已写的裁决")


def _add_mail(commands: Any) -> None:
    parser = _command(commands, "mail", "邮件：写草稿、发送、收取、催报", lambda options: CLEAN)
    acts = parser.add_subparsers(title="命令", metavar="命令", required=True, parser_class=_Parser)
    draft = _mail_command(acts, "draft", "给每个部门写一封邮件草稿，附上它的清单", _mail_draft)
    draft.add_argument("-o", dest="target", metavar="文件夹", type=Path, required=True, help="放草稿（.eml）的文件夹")
    draft.add_argument("--remind", action="store_true", help="写催报，只写给还没有报送的")
    for name, help, kind in (
        ("send", "把清单发给各部门，断了接着发，不重发", "DISPATCH"),
        ("remind", "催报：写给还没有报送的，一天只催一次", "REMINDER"),
    ):
        post = _mail_command(acts, name, help, _mail_post)
        post.add_argument("--again", nargs="+", metavar="单位", default=[], help="发过的也再发给这些单位")
        post.add_argument("--dry-run", action="store_true", help="只列出要发给谁，不发送")
        post.set_defaults(kind=kind)
    fetch = _ledger_command(acts, "fetch", "收取各部门交回的邮件，放进文件夹等待合并", _mail_fetch)
    fetch.add_argument(
        "-o", dest="target", metavar="文件夹", type=Path, required=True, help="放收到的邮件（.eml）的文件夹"
    )
    fetch.add_argument("--mark-read", action="store_true", help="收取以后标为已读；默认不动邮箱里的任何东西")
    doctor = _command(acts, "doctor", "检查邮箱：服务器、端口、证书、授权码，有问题的逐条说明", _doctor)
    doctor.add_argument("--json", action="store_true", help="输出 JSON，供别的程序读取")
    doctor.set_defaults(part="mail")
    setup = _command(acts, "setup", "设置本机用的邮箱，不含授权码", _mail_setup)
    setup.add_argument("address", metavar="邮箱", help="单位的邮箱地址；常见邮箱的服务器不用填")
    setup.add_argument("--name", default="", metavar="名称", help="发件人名称，例如 区营商办")
    setup.add_argument("--smtp", default="", metavar="服务器", help="发信服务器，主机:端口，可加 /tls 或 /starttls")
    setup.add_argument("--imap", default="", metavar="服务器", help="收信服务器，主机:端口，可加 /tls 或 /starttls")
    setup.add_argument("--user", default="", metavar="用户名", help="与邮箱地址不同的用户名")
    setup.add_argument("--ca", default="", metavar="文件", help="单位自己签发证书的，签发机构的证书（PEM）")
    setup.add_argument("--json", action="store_true", help="输出 JSON，供别的程序读取")
    _command(acts, "password", "把授权码存入系统钥匙串", _mail_password)


def _mail_command(
    commands: Any, name: str, help: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """Return a command that writes to departments: its ledger, the workbooks dispatched, and which of them."""
    parser = _ledger_command(commands, name, help, run)
    parser.add_argument("folder", metavar="清单文件夹", type=Path, help="下发时生成部门工作簿的文件夹")
    parser.add_argument("--period", type=_period, metavar="旬", help="例如 2020-09-上旬；默认为最近一次下发")
    parser.add_argument("--only", nargs="+", metavar="单位", default=[], help="只写给这些单位")
    return parser


def _add_moves(commands: Any) -> None:
    from taizhang.columns import ADJUSTABLE, BY_KEY

    close = _move_command(commands, "close", "销号：部门报告完成的任务，核对后销号", "CLOSE")
    close.add_argument("--no-evidence", action="store_true", help="佐证材料另外存档，没有填的也销号")
    close.add_argument("--form", metavar="文件", type=Path, help="另存可打印的销号单（.xlsx），每项一页")
    reject = _move_command(commands, "reject", "退回：写明整改要求，随下次清单下发", "REJECT")
    reject.add_argument("--require", dest="reason", metavar="整改要求", required=True, help="要补充、整改什么")
    _reason(_move_command(commands, "reopen", "恢复已销号或已取消的任务", "REOPEN"))
    extend = _move_command(commands, "extend", "延期：原时限保留，另记延到哪一天", "EXTEND")
    extend.add_argument("--to", dest="until", metavar="日期", type=_date, required=True, help="例如 2021-03-31")
    _reason(extend)
    adjust = _move_command(
        commands, "adjust", "任务调整：改表述、牵头、时限等；不写要改什么的，即不采纳部门意见", "ADJUST"
    )
    for key in ADJUSTABLE:
        title = BY_KEY[key].title
        adjust.add_argument(f"--{key}", metavar=title, help=f"新的{title}")
    _reason(adjust)
    _reason(_move_command(commands, "cancel", "取消任务，不再下发和统计", "CANCEL"))


def _move_command(commands: Any, name: str, help: str, move: str) -> argparse.ArgumentParser:
    parser = _ledger_command(commands, name, help, _move)
    parser.add_argument("numbers", metavar="序号", nargs="+", help="任务的序号或任务编码，可以写几个")
    parser.add_argument("--on", type=_date, metavar="日期", help="哪一天的事；默认为统计日期")
    parser.set_defaults(move=move, reason="", until=None, no_evidence=False, form=None)
    return parser


def _reason(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", metavar="理由", required=True, help="理由和批准依据")


def _add_rollover(commands: Any) -> None:
    parser = _ledger_command(commands, "rollover", "结转：没有办结的任务转到新年度的台账", _rollover)
    parser.add_argument("--year", type=_year, metavar="年度", required=True, help="新年度，例如 2021")
    parser.add_argument("-o", dest="target", metavar="新台账", type=Path, required=True, help="要生成的台账（.xlsx）")


def _add_log(commands: Any) -> None:
    parser = _ledger_command(commands, "log", "列出变更记录", _show_log)
    parser.add_argument("--verify", action="store_true", help="核对变更记录有没有被改动、删减")
    parser.add_argument("--no", metavar="序号", help="只看一项任务")


def _add_summary(commands: Any) -> None:
    parser = _ledger_command(commands, "summary", "给成绩单：更新“汇总”和“成绩单”", _summary)
    _as_of_option(parser)
    parser.add_argument("--docx", metavar="文件", type=Path, help="另写一份通报（Word）")
    parser.add_argument("--pdf", metavar="文件", type=Path, help="另写一份通报（PDF），要装有 LibreOffice、Word 或 WPS")
    parser.add_argument("--cards", metavar="文件夹", type=Path, help="另给每个牵头部门写一份成绩单（Excel）")
    parser.add_argument(
        "--cards-pdf", metavar="文件夹", type=Path, help="同上，写成 PDF，要装有 LibreOffice、Excel 或 WPS"
    )


def _add_rollup(commands: Any) -> None:
    parser = _command(commands, "rollup", "把许多本台账（各地区、各旬）汇总成一个工作簿", _rollup)
    parser.add_argument(
        "paths", metavar="文件夹", type=Path, nargs="+", help="放台账的文件夹（连同里面各层），也可以是台账文件"
    )
    parser.add_argument("-o", dest="target", metavar="汇总", type=Path, required=True, help="要生成的汇总（.xlsx）")
    parser.add_argument("--as-of", type=_date, metavar="日期", help="没有固定统计日期的台账按这天计算；默认为当天")
    parser.add_argument("--by-folder", action="store_true", help="地区按文件夹名称，不看台账里的制表单位")
    parser.add_argument("--scheduler", metavar="地址", default="", help="交给 Dask 集群算，例如 tcp://10.0.0.8:8786")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供别的程序读取")
    _force_option(parser)


def _add_gui(commands: Any) -> None:
    parser = _command(commands, "gui", "打开窗口，不用 Excel 也能办理", _gui)
    parser.add_argument(
        "paths",
        metavar="文件",
        type=Path,
        nargs="*",
        help="要打开的台账（.xlsx），和打开以后就合并预览的文件或文件夹；不写台账的，打开上次的",
    )


def _add_addin(commands: Any) -> None:
    parser = _command(commands, "addin", "Excel 加载项：生成、安装、卸载", lambda options: CLEAN)
    acts = parser.add_subparsers(title="命令", metavar="命令", required=True, parser_class=_Parser)
    build = _command(acts, "build", "由源文件生成加载项，不需要 Excel", _addin_build)
    help = "要生成的加载项；默认为当前文件夹下的 taizhang.xlam"
    build.add_argument("-o", dest="target", metavar="文件", type=Path, default=Path("taizhang.xlam"), help=help)
    install = _command(
        acts, "install", "装到本机 Excel 的启动文件夹；没有 Excel 的，在桌面放窗口的图标", _addin_install
    )
    install.add_argument("--excel", action="store_true", help="没有找到 Excel，也装加载项")
    _command(acts, "uninstall", "从本机 Excel 卸载，并去掉桌面的图标", _addin_uninstall)
    for act in acts.choices.values():
        act.add_argument("--json", action="store_true", help="输出 JSON，供别的程序读取")


def _add_doctor(commands: Any) -> None:
    from taizhang.doctor import MAIL, PARTS

    parser = _command(
        commands, "doctor", "逐项检查 Python、组件、LibreOffice、Excel、字体、文件夹、邮箱，说明怎么办", _doctor
    )
    parser.add_argument("--part", choices=sorted((*PARTS, MAIL)), default="", help="只检查一部分")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供别的程序读取")


def _date(text: str) -> date:
    from taizhang.entries import day_asked

    return day_asked(text)


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1990 <= int(text) <= 2099):
        raise LedgerError(Stop.BAD_YEAR, value=text)
    return int(text)


def _period(text: str) -> object:
    from taizhang.periods import Period

    return Period.parse(text)


# Commands


def _demo(options: argparse.Namespace) -> int:
    from taizhang.demo import run

    with _progress(quiet=False) as progress:
        for line in run(options.folder, progress):
            _say(line)
    return CLEAN


def _new(options: argparse.Namespace) -> int:
    from taizhang.actions import blank, new

    if options.blank and options.notice is not None:
        raise LedgerError(Stop.BAD_USAGE, detail="写了通知，就不能加 --blank", command="new ")
    with _progress(options.json) as progress:
        context = _context(options, progress)
        make = partial(blank, options.target) if options.blank else partial(new, options.notice, options.target)
        made = make(context, options.year)
    if options.json:
        found = [finding.as_json() for finding in made.findings]
        return _print_json({"path": str(made.path), "tasks": made.tasks, "findings": found}, bool(found))
    for line in telling.blank_lines(made) if options.blank else telling.new_lines(made):
        _say(line)
    return TOLD if made.findings else CLEAN


def _import(options: argparse.Namespace) -> int:
    from taizhang.actions import supplement

    done = supplement(options.ledger, options.notice, _context(options))
    if options.json:
        added = [{"no": task.no, "task": task.code} for task in done.added]
        found = [finding.as_json() for finding in done.findings]
        return _print_json({"added": added, "alike": done.alike, "findings": found}, bool(found))
    for line in telling.supplement_lines(done):
        _say(line)
    return TOLD if done.findings else CLEAN


def _check(options: argparse.Namespace) -> int:
    from taizhang.checking import check, clear

    if options.clear and (options.write or options.fix):
        raise LedgerError(Stop.BAD_USAGE, detail="--clear 不能与 --write、--fix 一起用", command="check ")
    if options.clear:
        backup = clear(options.ledger, _context(options))
        return _done(
            {"backup": backup},
            f"已清除标注，写入前的文件备份在 {backup}。" if backup else "没有需要清除的标注。",
            options,
        )
    done = check(options.ledger, _context(options), write=options.write, fix=options.fix)
    if options.json:
        return _print_json(_check_json(done, options), bool(done.findings))
    for line in _check_told(done, options):
        _say(line)
    return TOLD if done.findings else CLEAN


def _check_told(done: Checked, options: argparse.Namespace) -> Iterator[str]:
    yield from telling.check_lines(done, whole=options.all)
    yield telling.check_count(done)
    if options.fix:
        yield telling.fixed_count(done)
    if options.write:
        yield "已在单元格上标注，并填写“校验结果”表。"
    if done.backup:
        yield f"写入前的文件备份在 {done.backup}。"
    yield from telling.outlived_lines(done.outlived)
    if not options.fix and telling.fixable(done):
        yield f"其中 {telling.fixable(done)} 处可以加 --fix 自动更正。"


def _done(found: Json, sentence: str, options: argparse.Namespace) -> int:
    """Say that something is done, in one sentence or as JSON; return the exit code."""
    if options.json:
        return _print_json(found)
    _say(sentence)
    return CLEAN


def _check_json(done: Checked, options: argparse.Namespace) -> Json:
    found: dict[str, object] = {"findings": [finding.as_json() for finding in done.findings]}
    if options.fix:
        found["fixed"] = [
            {**_where(one.finding), "old": shown(one.old), "new": shown(one.new)} for one in done.corrected
        ]
        found["restored"] = [_where(one) for one in done.restored]
    return found


def _where(finding: Finding) -> Json:
    keys = ("code", "sheet", "cell", "no", "task", "column")
    return {key: value for key, value in finding.as_json().items() if key in keys}


def _status(options: argparse.Namespace) -> int:
    from taizhang.actions import status, unknown_deadlines

    report = status(options.ledger, _context(options), options.as_of, write=options.write)
    if options.json:
        tasks = [_status_json(report.ledger, code, state) for code, state in report.states.items()]
        told = {"as_of": report.as_of, "estimated": report.estimated, "counts": report.counts, "tasks": tasks}
        return _print_json(told, bool(report.ledger.gone))
    for line in telling.status_lines(report):
        _say(line)
    if options.write:
        _say("已写入台账，统计日期固定为这一天。" if options.as_of else "已写入台账，统计日期恢复为当天。")
    for finding in unknown_deadlines(report):
        _say(f"　{finding.message}")
    return TOLD if report.ledger.gone else CLEAN


def _status_json(ledger: Any, code: str, state: Any) -> Json:
    task = ledger.by_code[code]
    return {
        "no": task.no,
        "task": code,
        "deadline": task.cells.get("deadline"),
        "due": state.due,
        "status": state.status,
        "days_left": state.days_left,
        "report": state.reporting,
    }


def _split(options: argparse.Namespace) -> int:
    from taizhang.actions import split

    with _progress(options.json) as progress:
        context = _context(options, progress)
        kinds = {"support": options.support, "priority": options.priority}
        sent = split(options.ledger, options.folder, context, options.period, **kinds)
    if options.json:
        files = [
            {"department": f.department, "path": str(sent.folder / f.name), "rows": f.rows, "sha256": f.sha256}
            for f in sent.files
        ]
        found = [finding.as_json() for finding in sent.findings]
        return _print_json({"batch": sent.batch, "files": files, "findings": found}, bool(found or sent.gone))
    for line in telling.split_lines(sent):
        _say(line)
    return TOLD if sent.findings or sent.gone else CLEAN


def _period_act(options: argparse.Namespace) -> int:
    from taizhang.actions import close_period, periods

    if options.period and not options.close:
        raise LedgerError(Stop.BAD_USAGE, detail="--period 要和 --close 一起用", command="period ")
    if not options.close:
        turns = periods(options.ledger)
        if options.json:
            return _print_json({"periods": [_turn_json(turn) for turn in turns]})
        for line in telling.turn_lines(turns):
            _say(line)
        return CLEAN
    done = close_period(options.ledger, _context(options), options.period)
    if options.json:
        return _print_json({**_turn_json(done.turn), "as_of": done.as_of, "open": done.open}, bool(done.open))
    for line in telling.period_lines(done):
        _say(line)
    return TOLD if done.open else CLEAN


def _indicators(options: argparse.Namespace) -> int:
    from taizhang import actions, journal
    from taizhang.columns import INDICATORS, NO, YES
    from taizhang.targets import is_proposal

    where, context = options.ledger, _context(options)
    if options.propose:
        done = actions.collect(where, INDICATORS, context)
    elif options.confirm or options.decline:
        codes = options.confirm or options.decline
        if codes == ["all"]:
            codes = [item.code for item in actions.listed(where, INDICATORS).items if is_proposal(item)]
        name = journal.CONFIRM if options.confirm else journal.DECLINE
        done = actions.decide_items(where, codes, {"confirmed": YES if options.confirm else NO}, name, context)
    else:
        done = actions.listed(where, INDICATORS)
    return _items_told(options, done, telling.indicator_lines(done))


def _problems(options: argparse.Namespace) -> int:
    from taizhang import actions
    from taizhang.columns import PROBLEMS

    where, context = options.ledger, _context(options)
    if options.collect:
        done = actions.collect(where, PROBLEMS, context)
    elif options.solve:
        done = actions.solve(where, options.solve, context)
    else:
        done = actions.listed(where, PROBLEMS)
    return _items_told(options, done, telling.problem_lines(done))


def _items_told(options: argparse.Namespace, done: Any, lines: Iterable[str]) -> int:
    if options.json:
        return _print_json({"changed": done.changed, "items": telling.items_as_json(done)})
    for line in lines:
        _say(line)
    return CLEAN


def _turn_json(turn: Any) -> Json:
    return {
        "period": turn.period.label,
        "closed_at": turn.closed_at,
        "batches": [batch.id for batch in turn.batches],
        "departments": {name: found.value for name, found in turn.departments.items()},
    }


def _merge(options: argparse.Namespace) -> int:
    from taizhang.actions import merge_files

    began = monotonic()
    with _progress(options.json) as progress:
        preview = merge_files(options.ledger, options.paths, _context(options, progress))
    if options.json:
        return _print_json(_merge_json(preview), preview.needs_attention)
    for line in telling.merge_lines(preview):
        _say(line)
    _say(f"用时 {monotonic() - began:.1f} 秒。")
    _say("“合并结果”和“对账单”已更新，工作台账没有改动。看过并填写“裁决”后，运行 taizhang apply 写入。")
    return TOLD if preview.needs_attention else CLEAN


def _merge_json(preview: Preview) -> Json:
    from taizhang.merge import by_file, why_row

    changes = by_file(preview.changes)
    files = {file.sha256: file for file in preview.ours}
    return {
        "files": [_file_json(report, files, changes, preview.ledger) for report in preview.reports],
        "changes": [_change_json(preview, change) for change in preview.listed],
        "open": [_change_json(preview, change) for change in preview.open],
        "held_rows": [
            {
                "no": row.cells.get("no"),
                "task": preview.ledger.task_of(row.code),
                "department": row.file.department,
                "row": row.row,
                "reason": why_row(row),
                "cells": dict(row.cells),
                "source": row.file.name,
            }
            for row in preview.held
        ],
        "missing_rows": [
            {
                **_row_json(preview.ledger, code),
                "department": file.department,
                "source": file.name,
            }
            for file, code in preview.missing_rows
        ],
        "missing_departments": list(preview.missing_departments),
        "idle_departments": list(preview.idle_departments),
        "findings": [finding.as_json() for finding in preview.findings],
        "totals": {kind.key: count for kind, count in preview.totals.items()},
    }


def _file_json(report: Any, files: Mapping[str, Any], changes: Mapping[str, Any], ledger: Any) -> Json:
    from taizhang.merge import Outcome, counts, returned_cells

    file = files.get(report.sha256) if report.outcome is Outcome.MERGED else None
    found = counts(ledger, file, changes.get(file.sha256, ())) if file else {}
    return {
        "path": report.path,
        "department": report.department,
        "batch": report.batch,
        "outcome": report.outcome.value,
        "reason": report.reason,
        "cells": {kind.key: count for kind, count in found.items()},
        "total": returned_cells(ledger, file) if file else 0,
    }


def _row_json(ledger: Any, code: str) -> Json:
    """Return which task a row is or belongs to, and its own code where it is an indicator or a problem."""
    row, task = ledger.by_code.get(code), ledger.task_of(code)
    return {"no": row.no if row else None, "task": task, **({} if task == code else {"item": code})}


def _change_json(preview: Preview, change: Any) -> Json:
    from taizhang.columns import BY_KEY

    return {
        **_row_json(preview.ledger, change.kept.code),
        "department": change.file.department,
        "column": BY_KEY[change.kept.column].title,
        "base": change.base,
        "now": change.now,
        "back": change.kept.back,
        "disposition": change.disposition.key,
        "source": change.file.name,
    }


def _decide(options: argparse.Namespace) -> int:
    from taizhang.deciding import Wanted, chosen, decide
    from taizhang.merge import Choice, Verdict

    wanted = Wanted(options.kind, options.department, options.no, options.column)
    listed = chosen(options.ledger, wanted)
    verdict = None
    if options.back or options.now:
        verdict = Verdict(Choice.BACK if options.back else Choice.NOW)
    elif options.other is not None:
        verdict = Verdict(Choice.OTHER, options.other)
    done = (
        decide(
            options.ledger,
            {item.id: verdict for item in listed},
            _context(options),
            bulk=wanted.is_bulk(len(listed)),
        )
        if (verdict or options.clear)
        else None
    )
    left = (
        not done.items or bool(done.refused or done.kept)
        if done
        else any(item.open and item.verdict is None for item in listed)
    )
    if options.json:
        refused = [{**item.as_json(), "refusal": why} for item, why in done.refused] if done else []
        decided = [item.id for item in done.items] if done else []
        kept = [item.id for item in done.kept] if done else []
        told = {"items": [item.as_json() for item in listed], "decided": decided, "refused": refused, "kept": kept}
        return _print_json(told, left)
    for line in telling.decide_lines(listed, done):
        _say(line)
    return TOLD if left else CLEAN


def _apply(options: argparse.Namespace) -> int:
    from taizhang.actions import apply

    done = apply(options.ledger, _context(options))
    if options.json:
        lines = list(done.journal) if done.journal else []
        return _print_json({"written": done.written, "open": done.open, "journal": lines}, bool(done.open))
    for line in telling.apply_lines(done):
        _say(line)
    return TOLD if done.open else CLEAN


def _move(options: argparse.Namespace) -> int:
    from taizhang.actions import move, refuse_target, write_closing_form
    from taizhang.columns import ADJUSTABLE
    from taizhang.lifecycle import Move, Request

    if options.form:
        refuse_target(options.form)
    given = {key: getattr(options, key, None) for key in ADJUSTABLE}
    cells = {key: value for key, value in given.items() if value is not None}
    request = Request(
        Move[options.move], date.min, options.by, options.reason, options.until, cells, options.no_evidence
    )
    done = move(options.ledger, options.numbers, request, _context(options), options.on)
    form = write_closing_form(done.ledger, done.done, options.form) if options.form else None
    if options.json:
        tasks = [{"no": done.ledger.by_code[code].no, "task": code} for code in done.done]
        lines = list(done.written.journal) if done.written.journal else []
        told = {"on": done.on, "done": tasks, "refused": list(done.refused), "journal": lines, "form": form}
        return _print_json(told, bool(done.refused))
    for line in telling.move_lines(done):
        _say(line)
    if form:
        _say(f"销号单在 {form}，每项一页，可以打印签字。")
    return TOLD if done.refused or done.unanswered else CLEAN


def _mail_draft(options: argparse.Namespace) -> int:
    from taizhang.mailing import Kind
    from taizhang.posting import Asked, draft

    asked = Asked(Kind.REMINDER if options.remind else Kind.DISPATCH, options.period, tuple(options.only))
    done = draft(options.ledger, options.folder, options.target, _context(options), asked)
    told = bool(done.findings or done.refused)
    if options.json:
        files = [{"department": name, "path": str(path)} for name, path in done.files]
        found = [finding.as_json() for finding in done.findings]
        return _print_json(
            {"batch": done.batch, "files": files, "findings": found, "refused": list(done.refused)}, told
        )
    for line in telling.draft_lines(done):
        _say(line)
    return TOLD if told else CLEAN


def _mail_post(options: argparse.Namespace) -> int:
    from taizhang.mailing import Kind
    from taizhang.posting import Asked, rehearse, send, way_out

    asked = Asked(Kind[options.kind], options.period, tuple(options.only), tuple(options.again))
    if options.dry_run:
        done = rehearse(options.ledger, options.folder, _context(options), asked)
    else:
        with _progress(options.json) as progress:
            done = send(options.ledger, options.folder, _context(options, progress), asked, way_out())
    if options.json:
        return _print_json(
            {
                "batch": done.batch,
                "sent": [vars(post) for post in done.sent],
                "before": [vars(post) for post in done.before],
                "waiting": [
                    {"department": one.department, "to": one.to, "subject": one.subject} for one in done.waiting
                ],
                "findings": [finding.as_json() for finding in done.findings],
                "refused": done.refused,
                "unsure": [post.department for post in done.unsure],
                "stopped": done.stopped,
            },
            done.needs_attention,
        )
    for line in telling.post_lines(done):
        _say(line)
    return TOLD if done.needs_attention else CLEAN


def _mail_fetch(options: argparse.Namespace) -> int:
    from taizhang.fetching import fetch, way_in

    with _progress(options.json) as progress:
        way = way_in(mark_read=options.mark_read)
        done = fetch(options.ledger.path, options.target, _context(options, progress), way)
    if options.json:
        heads = {"strangers": done.strangers, "forged": done.forged, "too_big": done.too_big}
        return _print_json(
            {
                "taken": [vars(one) for one in done.taken],
                **{key: [vars(one) for one in found] for key, found in heads.items()},
                "stopped": done.stopped,
            },
            done.needs_attention,
        )
    for line in telling.fetch_lines(done):
        _say(line)
    return TOLD if done.needs_attention else CLEAN


def _mail_setup(options: argparse.Namespace) -> int:
    from taizhang.mail.accounts import proposed, write_settings

    more = {"name": options.name, "user": options.user, "ca": options.ca and str(Path(options.ca).absolute())}
    path = write_settings(proposed(options.address, options.smtp, options.imap, **more))
    said = f"邮箱设置写在 {path}，里面没有授权码。接着请运行 taizhang mail password 存入授权码。"
    return _done({"path": str(path)}, said, options)


def _mail_password(options: argparse.Namespace) -> int:
    from getpass import getpass

    from taizhang.mail.accounts import account, keep_password, kept_password

    own = account()
    kept_password(own.smtp.user)  # a keyring that does not work is told before anybody types
    secret = getpass(f"{own.address} 的授权码（输入时不显示）：")
    if not secret.strip():
        raise LedgerError(Stop.EMPTY_PASSWORD)
    for user in dict.fromkeys((own.smtp.user, own.imap.user)):
        keep_password(user, secret)
    _say("授权码已存入系统钥匙串。")
    return CLEAN


def _rollover(options: argparse.Namespace) -> int:
    from taizhang.actions import roll_over

    done = roll_over(options.ledger, options.target, options.year, _context(options))
    if options.json:
        found = done.rollover
        return _print_json(
            {
                "path": done.path,
                "tasks": len(found.ledger.tasks),
                "archived": [{"no": task.no, "task": task.code} for task in found.archived],
                "reworded": [
                    {"no": task.no, "task": task.code, "old": old, "new": new} for task, old, new in found.reworded
                ],
                "undecided": done.undecided,
            },
            bool(done.undecided),
        )
    for line in telling.rollover_lines(done):
        _say(line)
    return TOLD if done.undecided else CLEAN


def _undo(options: argparse.Namespace) -> int:
    from taizhang.actions import undo

    done = undo(options.ledger, _context(options))
    refused = [
        {**_place_json(line.task, line.no, line.department, line.column), "reason": why} for line, why in done.refused
    ]
    if options.json:
        return _print_json({"operation": done.operation, "undone": len(done.cells), "refused": refused}, bool(refused))
    for line in telling.undo_lines(done):
        _say(line)
    return TOLD if refused else CLEAN


def _place_json(task: str, no: str, department: str, column: str) -> Json:
    return {"no": int(no) if no.isdecimal() else no or None, "task": task, "department": department, "column": column}


def _show_log(options: argparse.Namespace) -> int:
    from taizhang.actions import log

    found = log(options.ledger)
    broken = found.broken if options.verify else None
    lines = [line for line in found.journal.lines if options.no is None or line.no == options.no]
    if options.json:
        told = {"line": broken.number, "fault": broken.fault} if broken else None
        listed = [_line_json(line) for line in lines]
        return _print_json({"lines": listed, **({"broken": told} if options.verify else {})}, bool(broken))
    if not options.verify:
        for line in lines:
            _say(_line_said(line))
        if options.no is not None and not lines:
            _say(f"没有序号 {options.no} 的变更记录。请核对序号。")
            return TOLD
        return CLEAN
    if broken is None:
        _say(f"变更记录 {len(found.journal.lines)} 条，逐条核对无误。只能查出无意的改动，不能防有意伪造。")
        return CLEAN
    more = f"（共 {len(found.breaks)} 处，这是第一处）" if len(found.breaks) > 1 else ""
    _say(f"变更记录第 {broken.number} 条有问题{more}：{broken.fault}。请与“备份”文件夹中的台账核对。")
    return TOLD


def _line_json(line: Any) -> Json:
    keys = ("at", "operator", "operation", "file", "sha256", "row", "old", "new", "overruled")
    told = {key: getattr(line, key) for key in keys}
    return {
        "number": line.number,
        "act": line.act,
        **_place_json(line.task, line.no, line.department, line.column),
        **told,
    }


def _line_said(line: Any) -> str:
    from taizhang.journal import worded

    who = f"{line.operator}　" if line.operator else ""
    where = "　".join(part for part in (f"序号{line.no}" if line.no else "", line.department, line.column) if part)
    head = f"{line.number}　{line.at}　{who}{line.operation}"
    if not where:  # what happened to the ledger as a whole
        return f"{head}：{line.overruled}。"
    old, new = worded(line)
    said = f"“{old}”改为“{new}”" if line.changes else f"保持“{new}”"
    return f"{head}　{where}：{said}{_overruled_said(line)}".replace("\n", " ")


def _overruled_said(line: Any) -> str:
    """Return what was not taken for a cell and from which file; what a line notes of another act as it stands."""
    from taizhang.journal import APPLY

    if not line.overruled or line.operation != APPLY:
        return f"　{line.overruled}。" if line.overruled else ""
    source = "" if line.changes else f"（{line.file}）"  # one that changes a cell names the files itself
    return f"　未采用：{line.overruled}{source}"


def _summary(options: argparse.Namespace) -> int:
    from taizhang.actions import Papers, summarise, write_papers

    papers = Papers(options.docx, options.pdf, options.cards, options.cards_pdf)
    with _progress(options.json) as progress:
        context = _context(options, progress)
        found = summarise(options.ledger, context, options.as_of, papers)
        done = write_papers(found, papers, context)
    if options.json:
        files = [str(path) for path in done.files]
        not_made = [{"path": str(fault.facts.get("path", "")), "reason": str(fault)} for fault in done.faults]
        return _print_json(
            {**_summary_json(found), "files": files, "not_made": not_made}, bool(not_made or found.ledger.gone)
        )
    for line in (*telling.summary_lines(found), *telling.paper_lines(done)):
        _say(line)
    return TOLD if done.faults or found.ledger.gone else CLEAN


def _summary_json(done: Any) -> Json:
    found, cards = done.summary, {card.department: card for card in done.cards}
    return {
        "as_of": found.as_of,
        "estimated": found.estimated,
        "counts": found.total.statuses,
        "groups": found.total.groups,
        "departments": [
            {
                "department": tally.name,
                "led": tally.tasks,
                "done": tally.done,
                "on_time": tally.on_time.reached,
                "overdue": tally.overdue,
                "percent": tally.percent,
                "score": cards[tally.name].score,
                "grade": cards[tally.name].grade or None,
                "rank": cards[tally.name].rank or None,
            }
            for tally in found.departments
        ],
        "overdue": [
            {
                "no": item.task.no,
                "task": item.task.code,
                "days": item.days,
                "due": item.due,
                "leads": list(item.leads),
                "percent": item.percent,
                "problem": item.problem,
                "next_step": item.next_step,
            }
            for item in found.overdue
        ],
    }


def _rollup(options: argparse.Namespace) -> int:
    from taizhang.rolling import roll_up
    from taizhang.rollup import Basis

    with _progress(options.json) as progress:
        context = _context(options, progress)
        basis = Basis(options.as_of or context.now.date(), options.by_folder)
        done = roll_up(options.paths, options.target, context, basis, options.scheduler)
    if options.json:
        return _print_json({"path": done.path, **_rollup_json(done.found)}, bool(done.found.left))
    for line in telling.rollup_lines(done):
        _say(line)
    return TOLD if done.found.left else CLEAN


def _rollup_json(found: Any) -> Json:
    return {
        "period": found.latest.label,
        "ledgers": len(found.entries),
        "total": _tally_json(found.total),
        "regions": [{"region": one.name, **_tally_json(one)} for one in found.by_region],
        "missing": [{"region": region, "period": period.label} for region, period in found.missing.items()],
        "departments": [{"department": one.name, **_tally_json(one)} for one in found.by_department],
        "periods": [{"period": one.name, **_tally_json(one)} for one in found.by_period],
        "entries": [_entry_json(one) for one in found.entries],
        "left": [vars(one) for one in found.left],
    }


def _entry_json(one: Any) -> Json:
    told = {"region": one.region, "period": one.period.label, "as_of": one.as_of, "file": one.file}
    return {**told, **_tally_json(one.total)}


def _tally_json(tally: Any) -> Json:
    return {
        "tasks": tally.tasks,
        "counts": tally.statuses,
        "groups": tally.groups,
        "on_time_rate": tally.on_time.rate,
        "done_rate": tally.completed.rate,
        "overdue_rate": tally.late.rate,
        "percent": tally.percent,
    }


def _gui(options: argparse.Namespace) -> int:
    try:
        from taizhang.gui.window import run
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("tkinter", "_tkinter"):
            raise
        raise _without_tkinter(Stop.NO_TKINTER) from error
    run(options.paths)
    return CLEAN


def _without_tkinter(stop: Stop) -> LedgerError:
    from taizhang.equipment import remedy_for_tkinter

    return LedgerError(stop, remedy=remedy_for_tkinter(sys.platform))


def _addin_build(options: argparse.Namespace) -> int:
    from taizhang.xlam.build import build
    from taizhang.xlam.install import write

    path = write(options.target, build())
    return _done({"path": str(path)}, f"已生成加载项 {path}。装到本机请运行 taizhang addin install。", options)


def _addin_install(options: argparse.Namespace) -> int:
    from taizhang.xlam.install import here, install
    from taizhang.xlam.survey import programs_here

    if not options.excel and not programs_here()["excel"]:
        return _shortcut_install(options)
    done = install(here())
    said = "加载项已是最新，没有改动" if done.unchanged else "加载项已装好，请退出 Excel 后重新打开"
    return _done(
        {"path": str(done.path), "changed": not done.unchanged},
        f"{said}，选项卡“营商台账”在“开始”之后（{done.path}）。",
        options,
    )


def _shortcut_install(options: argparse.Namespace) -> int:
    from importlib.util import find_spec

    from taizhang.gui import shortcut

    if find_spec("_tkinter") is None:
        raise _without_tkinter(Stop.NO_ICON)
    done = shortcut.install(sys.platform, shortcut.desktop(), sys.executable)
    told = f"没有找到 Excel，加载项没有装。{shortcut.said(done)}"
    return _done({"path": str(done.path), "changed": not done.unchanged}, told, options)


def _addin_uninstall(options: argparse.Namespace) -> int:
    from taizhang.gui import shortcut
    from taizhang.xlam.install import here, uninstall

    try:
        removed = uninstall(here())
    except LedgerError as error:
        if error.stop is not Stop.NO_EXCEL_HERE:
            raise
        removed = []
    removed += shortcut.uninstall(sys.platform, shortcut.desktop())
    said = f"已卸载（{'、'.join(map(str, removed))}）。" if removed else "没有安装加载项，不需要卸载。"
    return _done({"removed": [str(path) for path in removed]}, said, options)


def _doctor(options: argparse.Namespace) -> int:
    from taizhang.doctor import MAIL, examination, note_on
    from taizhang.equipment import lines

    found, states = examination(options.part)
    faults = sum(one.is_fault for one in states)
    if options.json:
        note = "" if options.part == MAIL else note_on(sys.platform)
        told = {"findings": [one.as_json() for one in found], "states": [one.as_json() for one in states]}
        return _print_json({"note": note, **told}, bool(faults))
    for line in (*lines(states), "", f"有{faults}处要处理。" if faults else "没有发现问题。"):
        _say(line)
    return TOLD if faults else CLEAN


# Output


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _print_json(found: Json, told: bool = False) -> int:
    """Print one JSON object and nothing else; return the exit code."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    _say(json.dumps(found, ensure_ascii=False, indent=2, default=str))
    return TOLD if told else CLEAN


def _context(options: argparse.Namespace, progress: Progress | None = None) -> Context:
    from taizhang.actions import Context, silent

    return Context(
        datetime.now().replace(microsecond=0),
        getattr(options, "by", "") or user_name(),
        getattr(options, "force_unlock", False),
        progress or silent,
        getattr(options, "password", ""),
    )


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress]:
    """Give a way to report progress: a bar on a terminal, silence elsewhere."""
    from taizhang.actions import silent

    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[pace]}"))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        bars: dict[str, Any] = {}
        clock = Pace()

        def told(what: str, done: int, of: int) -> None:
            if what not in bars:
                bars[what] = bar.add_task(what, total=of, pace="")
            bar.update(bars[what], completed=done, total=of, pace=clock.said(what, done, of))

        yield told
