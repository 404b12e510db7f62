"""The command line: arguments in, Chinese sentences or one JSON object out. Source: `cli.md`.

Exit codes: 0 done and clean, 1 done with findings, conflicts or refused files, 2 not done.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from taizhang import __version__
from taizhang.errors import LedgerError, Stop
from taizhang.findings import Code, Finding

if TYPE_CHECKING:
    from taizhang.actions import Context, Preview, Progress

CLEAN, TOLD, STOPPED = 0, 1, 2
Json = Mapping[str, object]

# What argparse says, in Chinese; a sentence missing here would appear in English.
_WORDS = {
    "usage: ": "用法：",
    "positional arguments": "参数",
    "options": "选项",
    "show this help message and exit": "显示这段说明",
    "the following arguments are required: %s": "缺少 %s",
    "unrecognized arguments: %s": "不认识的参数 %s",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s：%(message)s",
    "expected one argument": "后面要跟一个值",
    "expected at least one argument": "后面至少要跟一个值",
    "ignored explicit argument %r": "不需要值 %r",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s 不明确，可能是 %(matches)s",
    "invalid choice: %(value)r (choose from %(choices)s)": "没有 %(value)s，可用的有 %(choices)s",
    "unknown parser %(parser_name)r (choices: %(choices)s)": "没有命令 %(parser_name)s，可用的有 %(choices)s",
    "invalid %(type)s value: %(value)r": "“%(value)s”不能用",
}


def _chinese(text: str) -> str:
    return _WORDS.get(text, text)


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are our own errors, so that every one is a sentence."""

    def error(self, message: str) -> NoReturn:
        command = self.prog.partition(" ")[2]
        raise LedgerError(Stop.BAD_USAGE, detail=message, command=command and f"{command} ")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code. Nothing but a keyboard interrupt gets out as a traceback."""
    argparse._ = _chinese  # type: ignore[attr-defined]
    argparse.ngettext = lambda one, many, n: _chinese(one if n == 1 else many)  # type: ignore[attr-defined]
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        options = _parser().parse_args(arguments)
        return int(options.run(options))
    except LedgerError as error:
        _complain(str(error))
    except KeyboardInterrupt:
        _complain(str(LedgerError(Stop.INTERRUPTED)))
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone: nobody is left to tell
    except Exception:
        _complain(str(LedgerError(Stop.BUG, log=_log())))
    return STOPPED


def _complain(sentence: str) -> None:
    sys.stderr.write(sentence.replace("\n", " ") + "\n")


def _log() -> Path:
    """Write the traceback to a log file; return where it is."""
    import tempfile
    import traceback

    path = Path(tempfile.gettempdir()) / "taizhang-error.log"
    with path.open("a", encoding="utf-8") as log:
        log.write(f"{datetime.now().isoformat(' ', 'seconds')} taizhang {__version__}\n{traceback.format_exc()}\n")
    return path


# Arguments


def _parser() -> argparse.ArgumentParser:
    parser = _Parser("taizhang", description="营商台账：下清单 → 对账单 → 给成绩单。")
    parser.add_argument("--version", action="version", version=f"taizhang {__version__}", help="显示版本号")
    commands = parser.add_subparsers(title="命令", metavar="命令", required=True, parser_class=_Parser)
    _add_demo(commands)
    _add_new(commands)
    _add_status(commands)
    _add_split(commands)
    _add_merge(commands)
    _ledger_command(commands, "apply", "把采纳的和已裁决的写入台账", _apply)
    _add_summary(commands)
    return parser


def _command(commands: Any, name: str, help: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help)
    parser.set_defaults(run=run)
    return parser


def _ledger_command(
    commands: Any, name: str, help: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """Return a command that works on a ledger, which comes first, with the options all such commands have."""
    parser = _command(commands, name, help, run)
    parser.add_argument("ledger", metavar="台账", type=Path, help="台账文件（.xlsx）")
    _shared_options(parser)
    return parser


def _shared_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="只输出一个 JSON 对象")
    parser.add_argument("--by", default="", metavar="姓名", help="操作人，记入变更记录；默认为本机用户名")
    parser.add_argument("--force-unlock", action="store_true", help="确认无人使用时，不理会残留的锁文件")


def _as_of_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--as-of", type=_date, metavar="日期", help="统计日期，例如 2020-09-10；默认按台账设置")


def _add_demo(commands: Any) -> None:
    parser = _command(commands, "demo", "用随附的真实通知演示整个流程", _demo)
    parser.add_argument("-o", dest="folder", metavar="文件夹", type=Path, default=Path("taizhang-demo"))


def _add_new(commands: Any) -> None:
    parser = _command(commands, "new", "由通知或任务表生成台账", _new)
    parser.add_argument("notice", metavar="通知", type=Path, help="通知或任务表（.txt .docx .xlsx .xls .csv）")
    parser.add_argument("-o", dest="target", metavar="台账", type=Path, required=True, help="要生成的台账（.xlsx）")
    parser.add_argument("--year", type=_year, metavar="年度", help="通知中看不出年度时指定")
    _shared_options(parser)


def _add_status(commands: Any) -> None:
    parser = _ledger_command(commands, "status", "按截止日期计算各事项的状态", _status)
    _as_of_option(parser)
    parser.add_argument("--write", action="store_true", help="写入台账；不带日期则取消固定的统计日期")


def _add_split(commands: Any) -> None:
    parser = _ledger_command(commands, "split", "下清单：每个牵头部门一个工作簿", _split)
    parser.add_argument("-o", dest="folder", metavar="文件夹", type=Path, required=True, help="放部门工作簿的文件夹")
    parser.add_argument("--period", type=_period, metavar="旬", help="例如 2020-09-上旬；默认为本旬")
    parser.add_argument("--support", action="store_true", help="只有配合任务的部门也生成一份只读清单")


def _add_merge(commands: Any) -> None:
    parser = _ledger_command(commands, "merge", "对账单：预览交回文件会带来的变化", _merge)
    parser.add_argument("paths", metavar="文件", type=Path, nargs="+", help="交回的工作簿，或装有它们的文件夹")


def _add_summary(commands: Any) -> None:
    parser = _ledger_command(commands, "summary", "给成绩单：生成汇总表", _summary)
    _as_of_option(parser)


def _date(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.max
    if not 1990 <= found.year <= 2099:
        raise LedgerError(Stop.BAD_DATE, value=text)
    return found


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
    from taizhang.actions import new

    with _progress(options.json) as progress:
        made = new(options.notice, options.target, _context(options, progress), options.year)
    joint = sum(made.ledger.is_joint(task.code) for task in made.ledger.tasks)
    if options.json:
        found = [finding.as_json() for finding in made.findings]
        return _print_json({"path": str(made.path), "tasks": made.tasks, "findings": found}, bool(found))
    _say(f"已生成台账 {made.path}：{made.tasks} 项任务，{len(made.ledger.led_by)} 个牵头部门，{joint} 项联合牵头。")
    for finding in made.findings:
        _say(f"[{finding.rule.severity.value} {finding.code.value}] {finding.message}")
    return TOLD if made.findings else CLEAN


def _status(options: argparse.Namespace) -> int:
    from taizhang.actions import status, unknown_deadlines

    report = status(options.ledger, _context(options), options.as_of, write=options.write)
    if options.json:
        tasks = [_status_json(report.ledger, code, state) for code, state in report.states.items()]
        return _print_json({"as_of": report.as_of, "counts": report.counts, "tasks": tasks})
    _say(f"统计日期 {report.as_of}，共 {len(report.states)} 项。")
    for name, count in report.counts.items():
        if count:
            _say(f"　{name}　{count} 项")
    if options.write:
        _say("已写入台账，统计日期固定为这一天。" if options.as_of else "已写入台账，统计日期恢复为当天。")
    for finding in unknown_deadlines(report):
        _say(f"　{finding.message}")
    return CLEAN


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
        sent = split(options.ledger, options.folder, context, options.period, support=options.support)
    if options.json:
        files = [
            {"department": f.department, "path": str(sent.folder / f.name), "rows": f.rows, "sha256": f.sha256}
            for f in sent.files
        ]
        found = [finding.as_json() for finding in sent.findings]
        return _print_json({"batch": sent.batch, "files": files, "findings": found}, bool(found))
    rows = sum(file.rows for file in sent.files)
    _say(f"批次 {sent.batch}：已生成 {len(sent.files)} 个部门工作簿，共 {rows} 行任务，放在 {sent.folder}。")
    for finding in sent.findings:
        _say(f"没有发到：{finding.message}")
    return TOLD if sent.findings else CLEAN


def _merge(options: argparse.Namespace) -> int:
    from taizhang.actions import merge_files

    with _progress(options.json) as progress:
        preview = merge_files(options.ledger, options.paths, _context(options, progress))
    if options.json:
        return _print_json(_merge_json(preview), preview.needs_attention)
    for line in _merge_lines(preview):
        _say(line)
    return TOLD if preview.needs_attention else CLEAN


def _merge_lines(preview: Preview) -> Iterator[str]:
    from taizhang.merge import Outcome, why_row

    merged = [report for report in preview.reports if report.outcome is Outcome.MERGED]
    yield f"收到 {len(preview.reports)} 个文件，{len(merged)} 个可以合并。"
    for report in preview.reports:
        if report.outcome is not Outcome.MERGED:
            yield f"　{report.name}：{report.outcome.title}。{report.reason}"
    for finding in preview.findings:
        yield f"　{finding.message}"
    totals = "，".join(f"{kind.value} {count}" for kind, count in preview.totals.items() if count)
    yield f"交回单元格 {sum(preview.totals.values())} 个：{totals or '无'}。"
    for row in preview.held:
        yield f"　待定行：{row.file.name} 第{row.row}行。{why_row(row)}"
    for file, code in preview.missing_rows:
        yield f"　{_missing_row(preview, file, code).message}"
    if preview.missing_departments:
        yield f"未报名单（{len(preview.missing_departments)}）：{'、'.join(preview.missing_departments)}"
    yield "“合并结果”和“对账单”已更新，工作台账没有改动。看过并填写“裁决”后，运行 taizhang apply 写入。"


def _missing_row(preview: Preview, file: Any, code: str) -> Finding:
    task = preview.ledger.by_code.get(code)
    return Finding(Code.ROW_MISSING, sheet=file.name, no=task.no if task else None, task=code)


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
                "task": row.code,
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
                "no": preview.ledger.by_code[code].no if code in preview.ledger.by_code else None,
                "task": code,
                "department": file.department,
                "source": file.name,
            }
            for file, code in preview.missing_rows
        ],
        "missing_departments": list(preview.missing_departments),
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


def _change_json(preview: Preview, change: Any) -> Json:
    from taizhang.columns import BY_KEY

    return {
        "no": preview.ledger.by_code[change.kept.code].no,
        "task": change.kept.code,
        "department": change.file.department,
        "column": BY_KEY[change.kept.column].title,
        "base": change.base,
        "now": change.now,
        "back": change.kept.back,
        "disposition": change.disposition.key,
        "source": change.file.name,
    }


def _apply(options: argparse.Namespace) -> int:
    from taizhang.actions import apply

    done = apply(options.ledger, _context(options))
    if options.json:
        lines = list(done.journal) if done.journal else []
        return _print_json({"written": done.written, "open": done.open, "journal": lines}, bool(done.open))
    _say(f"已写入 {done.written} 个单元格，还有 {done.open} 项待裁决。")
    if done.journal:
        _say(f"变更记录第 {done.journal[0]} 至 {done.journal[1]} 条；写入前的台账备份在 {done.backup}。")
    return TOLD if done.open else CLEAN


def _summary(options: argparse.Namespace) -> int:
    from taizhang.actions import summarise

    found = summarise(options.ledger, _context(options), options.as_of)
    if options.json:
        return _print_json(_summary_json(found))
    groups = "，".join(f"{group} {count} 项" for group, count in found.total.groups.items())
    _say(f"统计日期 {found.as_of}，共 {found.total.tasks} 项：{groups}。“汇总”表已更新。")
    return CLEAN


def _summary_json(found: Any) -> Json:
    return {
        "as_of": found.as_of,
        "counts": found.total.statuses,
        "groups": found.total.groups,
        "departments": [
            {
                "department": tally.name,
                "led": tally.tasks,
                "done": tally.done,
                "on_time": tally.on_time,
                "overdue": tally.overdue,
                "percent": tally.percent,
                "score": None,  # scorecards come with 成绩单
                "grade": None,
                "rank": None,
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
        getattr(options, "by", "") or _user(),
        getattr(options, "force_unlock", False),
        progress or silent,
    )


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress]:
    """Give a way to report progress: a bar on a terminal, silence elsewhere."""
    from taizhang.actions import silent

    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        bars: dict[str, Any] = {}

        def told(what: str, done: int, of: int) -> None:
            if what not in bars:
                bars[what] = bar.add_task(what, total=of)
            bar.update(bars[what], completed=done, total=of)

        yield told
