"""Measures how long a large ledger takes to open and to check: `python benchmarks/check.py`, see README.md."""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import TypeAlias

from sides import Target, in_turns, judged, machine, measured, parser, say, table

from taizhang import tables
from taizhang.books.render import render
from taizhang.books.sources import bundled_departments
from taizhang.columns import YES
from taizhang.deadlines import Dictionary, closed_wordings
from taizhang.journal import Journal
from taizhang.layout.office import ledger_workbook
from taizhang.ledger import Ledger, ReportKey, Task, new_code
from taizhang.settings import Settings
from taizhang.values import Value

Cells: TypeAlias = dict[str, Value]

ROWS, SMALL, FAULTY, RUNS = 20_000, 300, 0.05, 3
YEAR, AS_OF = 2020, date(2020, 9, 10)
LEADS = 31  # departments that lead tasks in the real notice: the first of the directory that ships
YARDSTICK = f"calamine, {tables.LEDGER} only"
JOINT, REPORTED, PRIORITY, DONE, PROBLEM = 0.2, 0.9, 0.1, 0.2, 0.5  # shares of the rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Make a ledger, measure, and print the table."""
    options = _options(arguments)
    if options.measure:
        say(json.dumps(measured(MEASURED[options.measure](options.ledger))))
        return
    rows = SMALL if options.small else options.rows
    with tempfile.TemporaryDirectory() as folder:
        path = options.ledger or Path(folder) / "台账.xlsx"
        made(path, rows, options.faults)
        say(f"{path.name}：{path.stat().st_size / 1e6:.1f} MB, {rows:,} rows, faults in {options.faults:.0%} of them")
        found = in_turns(__file__, tuple(MEASURED), options.runs, "--ledger", str(path))
        for line in (*table(found, YARDSTICK), *(() if options.small else judged(TARGETS, found))):
            say(line)
    say(machine())


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    own = parser(__doc__, MEASURED, small=f"{SMALL} tasks", kept="--ledger", runs=RUNS)
    own.add_argument("--rows", type=int, default=ROWS, help=f"tasks in the ledger (default {ROWS:,})")
    own.add_argument("--faults", type=float, default=FAULTY, help=f"share of rows with a fault (default {FAULTY})")
    return own.parse_args(arguments)


def _openpyxl(path: Path) -> Callable[[], object]:
    def act() -> object:
        from openpyxl import load_workbook

        return load_workbook(path)

    return act


def _calamine(*sheets: str) -> Callable[[Path], Callable[[], object]]:
    """Return what reads some sheets with calamine and nothing else, all of them where none is named."""

    def at(path: Path) -> Callable[[], object]:
        def act() -> object:
            from python_calamine import CalamineWorkbook

            book = CalamineWorkbook.from_filelike(BytesIO(path.read_bytes()))
            wanted = sheets or book.sheet_names
            return [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in wanted]

        return act

    return at


def _open_ledger(path: Path) -> Callable[[], object]:
    def act() -> object:
        from taizhang.books.ledgers import open_ledger

        return open_ledger(path)

    return act


def _command(name: str) -> Callable[[Path], Callable[[], object]]:
    """Return what runs one command on a ledger as the command line does, its JSON written to memory."""

    def at(path: Path) -> Callable[[], object]:
        def act() -> None:
            from taizhang.cli import main as command

            said = StringIO()
            with redirect_stdout(StringIO()), redirect_stderr(said):
                code = command([name, str(path), "--json"])
            if code not in (0, 1):
                raise SystemExit(f"ended with {code}: {said.getvalue().strip()}")

        return act

    return at


def _structures(path: Path) -> Callable[[], object]:
    from taizhang.books.package import Package
    from taizhang.books.structure import structures

    package = Package.load(path.read_bytes())
    return lambda: structures(package)


# What is told apart: each is handed the file, and gives back what is timed.
MEASURED: Mapping[str, Callable[[Path], Callable[[], object]]] = {
    "openpyxl.load_workbook": _openpyxl,
    YARDSTICK: _calamine(tables.LEDGER),
    "calamine, all sheets": _calamine(),
    "open_ledger": _open_ledger,
    "taizhang status --json": _command("status"),
    "taizhang check --json": _command("check"),
    "structures, unzipped": _structures,
}


TARGETS = tuple(
    Target(f"{name}：20,000 行的台账，与只读出“{tables.LEDGER}”相比", f"taizhang {name} --json", YARDSTICK, 1)
    for name in ("status", "check")
)


# --- a ledger --------------------------------------------------------------------------------------------------------


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_CATEGORIES = _words("""
    开办企业 办理建筑许可 获得电力 获得用水用气 登记财产 纳税 跨境贸易 优化金融环境 执行合同 办理破产 政务服务
    市场监管
    """)
_VERBS = _words("推进 完善 建立 优化 压减 规范 深化 落实 推广 健全 探索 梳理 升级 统筹 简化 公开 编制 开展")
_THINGS = _words("""
    企业开办全程网办 不动产登记流程 工程项目联合审图 用电报装时限 供水接入服务 燃气报装环节 纳税信用修复机制 出口退税办理
    口岸通关提前申报 银企对接平台 应急周转资金 知识产权质押融资 商事案件速裁机制 电子送达平台 破产案件府院联动
    网上中介服务超市 公共资源交易规则 招标投标保证金 信用承诺制度 双随机联合检查 包容审慎清单 行政处罚裁量基准
    惠企政策兑现窗口 人才公寓配租办法 社保转移接续 医保异地结算 公积金跨城贷款 学位供给计划 劳动争议调解 区域环境评估
    地质灾害评估成果 水土保持方案 施工许可分段办理 竣工验收备案 城市道路挖掘许可 户外广告设置审批 危化品运输监管
    港口作业单证 集装箱收费目录 农村集体产权交易 科技型企业入库 技术合同登记 专利快速预审 标准制定奖补 外资企业服务专员
    招商项目代办 闲置厂房盘活 产业基金投放 政府采购合同融资 中小企业账款清欠 法律援助窗口 公证最多跑一次 企业注销便利化
    电子证照共享 数据接口归集 自助服务终端 帮办代办队伍 好差评整改 投诉举报闭环 营商环境监测点
    """)
_AIMS = _words("""
    办理时限再压缩三成 环节减至两个 材料不再重复提交 实现当日办结 覆盖全部镇街 惠及规上企业 群众满意率超过九成
    成本逐年下降 形成可复制的做法 建成一张清单 当场核发结果 全程留痕可查 每旬通报进度 与省级平台贯通 消除办事堵点
    责任到岗到人 问题整改清零 争取列入试点 年内见到成效 档案同步移交
    """)
_TOLD = _words("""
    已印发实施方案并明确责任人 已召开专题会议协调解决问题 系统接口完成对接正在试运行 完成摸底调查形成问题清单
    在办事大厅设立专窗 开展政策宣传进企业活动 会同有关部门开展联合检查 完成首批事项上线 修订办事指南并公开 组织窗口人员培训
    """)
_PROBLEMS = _words(
    "跨部门数据共享还不够顺畅。 基层人手偏紧，个别环节进度偏慢。 部分企业知晓率不高。 配套资金尚未到位。"
)
_STEPS = _words("下一旬完成系统联调。 月底前组织一次回头看。 加强业务培训和政策宣传。 逐项销号，确保按期完成。")
_PEOPLE = _words("王工 李工 陈科员 林科员 黄主任 吴科员 郑股长 庄副局长")
_WORDINGS = _words("6月底 9月底 10月底前 12月底 年底前 三季度末 四季度 持续推进 每月 每季度 下半年 2020年11月底前")


def made(path: Path, rows: int, faults: float) -> None:
    """Put a ledger of so many tasks at `path`, unless one is there."""
    if not path.exists():
        path.write_bytes(render(ledger_workbook(ledger_of(rows, faults), AS_OF, Journal())))


def ledger_of(rows: int, faults: float, seed: int = 1) -> Ledger:
    """Return a ledger of so many tasks, a share of them with a fault; the same numbers give the same ledger."""
    chance = random.Random(seed)
    directory = bundled_departments()
    drafts = [drafted(chance, number, rows, directory.names[:LEADS]) for number in range(1, rows + 1)]
    for place, number in enumerate(chance.sample(range(rows), round(rows * faults))):
        FAULTS[place % len(FAULTS)](drafts[number])
    tasks = {new_code(YEAR, number): draft for number, draft in enumerate(drafts, 1)}
    reports = {ReportKey(code, lead): cells for code, draft in tasks.items() for lead, cells in draft.reports.items()}
    settings = Settings.of(title="营商环境工作台账", year=YEAR, as_of=AS_OF)
    words = Dictionary(dict(closed_wordings(YEAR)))
    listed = tuple(Task(code, draft.office) for code, draft in tasks.items())
    return Ledger("benchmark", listed, reports, directory, words, settings).with_wordings()


@dataclass
class Draft:
    """One task before it is put into a ledger: the office's cells, and each lead's report."""

    office: Cells
    reports: dict[str, Cells]


def drafted(chance: random.Random, number: int, rows: int, leads: Sequence[str]) -> Draft:
    """Return a task without a fault."""
    own = chance.sample(leads, chance.choice((2, 3)) if chance.random() < JOINT else 1)
    office: Cells = {
        "no": number,
        "category": _CATEGORIES[(number - 1) * len(_CATEGORIES) // rows],
        "target": target(chance, number),
        "deadline": chance.choice(_WORDINGS),
        "leads": "、".join(own),
        "supports": "、".join(name for name in chance.sample(leads, chance.randrange(4)) if name not in own),
        "priority": YES if chance.random() < PRIORITY else None,
    }
    reports = {lead: report(chance, lead, number) for lead in own if chance.random() < REPORTED}
    return Draft(_filled(office), reports)


def _filled(cells: Mapping[str, Value]) -> Cells:
    return {key: value for key, value in cells.items() if value not in (None, "")}


def target(chance: random.Random, number: int) -> str:
    """Return what a task is about, in words no other task has."""
    parts = zip(chance.sample(_THINGS, 3), chance.sample(_AIMS, 3), strict=True)
    clauses = (f"{chance.choice(_VERBS)}{thing}，{aim}" for thing, aim in parts)
    return f"{'；'.join(clauses)}（第{number}项）。"


def report(chance: random.Random, lead: str, number: int) -> Cells:
    """Return what a lead reports on a task."""
    day, done = AS_OF - timedelta(days=chance.randrange(25)), chance.random() < DONE
    cells: Cells = {
        "progress": f"{chance.choice(_TOLD)}，办理{chance.randrange(5, 900)}件，走访企业{chance.randrange(3, 80)}家。",
        "percent": 1.0 if done else chance.randrange(10, 96, 5) / 100,
        "done_on": day - timedelta(days=chance.randrange(20)) if done else None,
        "evidence": f"{lead}佐证{number}.pdf" if done else None,
        "problem": chance.choice(_PROBLEMS) if not done and chance.random() < PROBLEM else None,
        "next_step": None if done else chance.choice(_STEPS),
        "reporter": chance.choice(_PEOPLE),
        "phone": f"0595-8799{number % 10_000:04}",
        "reported_on": day,
    }
    return _filled(cells)


Fault: TypeAlias = Callable[[Draft], None]


def _reported(**cells: Value) -> Fault:
    """Return a fault in the first lead's report; None empties a cell."""

    def plant(draft: Draft) -> None:
        lead = str(draft.office["leads"]).partition("、")[0]
        told = draft.reports.get(lead, {"progress": "正在推进。", "reported_on": AS_OF})
        draft.reports[lead] = _filled({**told, **cells})

    return plant


def _listed(**cells: Value) -> Fault:
    """Return a fault in the office's cells; None empties a cell."""

    def plant(draft: Draft) -> None:
        draft.office = _filled({**draft.office, **cells})

    return plant


FAULTS: tuple[Fault, ...] = (
    _reported(percent=1.5),
    _reported(percent="约一半"),
    _reported(reported_on="2020.9.8"),
    _reported(done_on="9月中旬"),
    _reported(reported_on=None),
    _reported(reported_on=AS_OF + timedelta(days=40)),
    _reported(progress="=已完成接口对接"),
    _reported(progress="　"),
    _reported(phone="办公室电话"),
    _reported(percent=1.0, done_on=None),
    _listed(leads="区营商发展局"),
    _listed(deadline="尽快落实"),
    _listed(deadline=None),
    _listed(category=None),
    _listed(extended_to=date(2020, 12, 31)),
)

if __name__ == "__main__":
    main()
