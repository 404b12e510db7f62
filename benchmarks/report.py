"""Measures everything and writes docs/性能.md: `python benchmarks/report.py`, see README.md."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sides import say, verdicts

from taizhang.tables import LEDGER

HERE = Path(__file__).parent
RESULTS, PAGE = HERE / "results.json", HERE.parent / "docs" / "性能.md"


@dataclass(frozen=True)
class Section:
    """One script, how it is run for the page, and what is said of it."""

    script: str
    title: str
    said: str
    options: tuple[str, ...] = ()
    shared: bool = False  # whether its files are kept for the next one


SECTIONS = (
    Section(
        "merge",
        "合并交回的工作簿",
        "996 项任务的台账，12 个部门交回 1,000 个工作簿，每个 83 行，各不相同，每个更新了 4 行的进展情况、完成率和填报日期。"
        "calamine 和 pandas 只读文件；taizhang 读文件、认部门、逐格比对、定处置、把预览写进台账，台账本身也要读、要写、要备份。",
        ("--runs", "2"),
        shared=True,
    ),
    Section("growth", "文件越来越多", "同样的台账和文件，数目四倍四倍地增加；MB 是主进程内存的峰值。", shared=True),
    Section("update", "就地改写一列", "20,000 行的台账，一列的每一格换成不同的新内容；写完再读出来核对，不计时。"),
    Section("check", "校验和状态", "20,000 行的台账，二十行里有一行有错；命令连同启动、读取、输出一起计时。"),
    Section(
        "split",
        "生成部门工作簿",
        "300 个部门各牵头 20 项。openpyxl 只逐格写内容和样式，不写下拉列表、条件颜色、打印设置，也不读写台账。",
        ("--runs", "2"),
    ),
    Section("start", "启动", "从零启动一个进程到结束，取九次里最快的。"),
    Section("calls", "打开着的台账", "在 Excel 里打开的台账，每个操作向表格软件请求多少次；用内存里的表格程序计数。"),
    Section(
        "rollup",
        "汇总许多本台账",
        "每本台账 100 项任务；一个进程，与本机上两个 Dask 计算节点相比。",
        ("--counties", "30", "--periods", "2", "--runs", "2"),
    ),
)

# Of every target that was missed: what the profile says takes the time.
_READING = (
    "一个文件要 9.5 毫秒，calamine 只读要 4 毫秒：约四分之一是 calamine 读出要用的两张表，三成是解压、安全检查和检查 XML，"
    "其余是找表头、取行、与下发时逐格比对。两个处理器各开一个进程，1,000 个文件约读 8 秒；"
    "另有约 3.5 秒是读写台账本身和写出一万多行的预览。处理器多的机器，读的部分相应变短。"
)
WHY: Mapping[str, str] = {
    "合并 1,000 个交回的工作簿，与只读出这些文件相比": _READING,
    "合并 1,000 个交回的工作簿，与用户自己用 pandas 写的相比": "同上。",
    f"status：20,000 行的台账，与只读出“{LEDGER}”相比": (
        "打开台账占七成：calamine 读出全部表已是 1.2 倍，其余是把每一行认成任务和上报；算状态、输出 JSON 和启动各占一成左右。"
    ),
    f"check：20,000 行的台账，与只读出“{LEDGER}”相比": (
        "打开台账占两成；54 万格逐格校验（写法、单位名称、时限、日期、近似任务）占七成；公式、合并格、下拉规则等的检查占不到一成。"
    ),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the scripts that are asked for, all of them by default, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=[one.script for one in SECTIONS], help="measure these anew")
    parser.add_argument("--folder", type=Path, help="keep the generated files here, and use those that are here")
    options = parser.parse_args(arguments)
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    with tempfile.TemporaryDirectory() as own:
        for one in SECTIONS:
            if options.only is None or one.script in options.only:
                say(f"--- {one.script}")
                results[one.script] = {
                    "at": datetime.now().date().isoformat(),
                    "printed": printed(one, options.folder or Path(own)),
                }
                RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")
    PAGE.write_text(page(results), "utf-8")


def printed(one: Section, folder: Path) -> str:
    """Return what a script prints; it is shown as it comes."""
    kept = ("--folder", str(folder)) if one.shared else ()
    command = [sys.executable, str(HERE / f"{one.script}.py"), *one.options, *kept]
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as run:
        for line in run.stdout or ():
            say(line.rstrip())
            lines.append(line)
    if run.returncode:
        raise SystemExit(f"{one.script}.py ended with {run.returncode}")
    return "".join(lines)


def page(results: Mapping[str, Mapping[str, str]]) -> str:
    """Return docs/性能.md: the targets with what was measured, then what every script printed."""
    return "\n".join([_HEAD, *_targets(results), "", *_why(results), *_sections(results)])


_HEAD = """# 性能

这一页由 `python benchmarks/report.py` 生成，不要手改。每一行都是同一次运行里并排量出来的比值：各种做法轮流跑，每次用一个新进程，取各自最快的一次；
秒数因机器而异，比值才有意义。怎样量的见 `benchmarks/README.md`。

## 目标

| 项目 | 目标 | 测得 | 达到 | 日期 |
|---|---|---|---|---|"""


def _targets(results: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for _, said in _measured(results):
        for what, wanted, figure, met in verdicts(said["printed"]):
            yield f"| {what} | {wanted} | {figure} | {'是' if met == 'yes' else '**否**'} | {said['at']} |"


def _why(results: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    missed = [v[0] for _, said in _measured(results) for v in verdicts(said["printed"]) if v[3] == "no"]
    if missed:
        yield "没有达到的，时间花在哪里（按剖析结果）：\n"
        yield from (f"- **{what}**：{WHY.get(what, '还没有剖析过。')}" for what in missed)
        yield ""


def _sections(results: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for one, said in _measured(results):
        told = "".join(line for line in said["printed"].splitlines(keepends=True) if not verdicts(line))
        yield f"## {one.title}\n\n{one.said}（{said['at']}，`benchmarks/{one.script}.py`）\n\n```text\n{told}```\n"


def _measured(results: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[Section, Mapping[str, str]]]:
    yield from ((one, results[one.script]) for one in SECTIONS if one.script in results)


if __name__ == "__main__":
    main()
