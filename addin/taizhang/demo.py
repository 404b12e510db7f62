"""The whole loop on the notice that ships: a ledger, department workbooks, believable returns, a summary.

The returns are made up, always the same ones: most departments answer, some late or not at
all, one changes a locked cell, one reports an impossible percentage, one sends
twice, and the office edits the ledger in between, so that there is a conflict.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from taizhang import actions, journal, rules
from taizhang.actions import Context, Progress
from taizhang.books.disk import reason, refuse_no_folder, replace_file
from taizhang.books.grids import read_sheets
from taizhang.books.ledgers import open_ledger
from taizhang.books.package import Package
from taizhang.columns import INDICATORS, YES
from taizhang.errors import LedgerError, Stop
from taizhang.layout.department import FIRST_ROW, PLACES
from taizhang.layout.registers import places_of, sent_columns
from taizhang.ledger import SentFile
from taizhang.merge import Disposition
from taizhang.periods import Period
from taizhang.rules import GROUPS
from taizhang.tables import LEDGER
from taizhang.values import Value

LEDGER_NAME = "2020年营商环境工作台账.xlsx"
_SEED = 20200715
_MADE, _SENT = datetime(2020, 7, 15, 9), datetime(2020, 9, 1, 9)
_MERGED, _AS_OF = datetime(2020, 9, 10, 17), date(2020, 9, 10)
_SILENT = ("区档案局", "区教育局", "人民银行惠安支行")
_LOCKED, _INVALID, _TWICE = "区商务局", "区城管局", "区住建局"
_OFFICE_EDITS = {
    2: "8月底电话了解：简版章程已上线，申报承诺制改革方案已报区政府。",
    12: "8月底电话了解：事项清理已完成八成。",
}

_DONE = ("已完成全部工作，成效已报区营商办。", "任务已办结，相关制度已印发执行。", "已按要求完成并通过验收。")
_MOVING = (
    "已印发实施方案，明确责任人和时间表，正在抓紧推进。",
    "已召开2次专题会议，协调解决企业反映的问题6个。",
    "系统接口已完成对接，正在试运行，累计办理业务120余件。",
    "已完成摸底调查，形成问题清单14条，整改9条。",
    "在办事大厅设立专窗，平均办理时间比上月缩短两成。",
    "开展政策宣传3场，惠及企业260余家。",
    "会同相关部门开展联合检查，发现问题7个，均已督促整改。",
)
_PROBLEMS = ("", "", "", "跨部门数据共享还不够顺畅。", "基层人手偏紧，个别环节进度偏慢。", "部分企业知晓率不高。")
_STEPS = ("下一旬完成系统联调。", "月底前组织一次回头看。", "加强业务培训和政策宣传。", "逐项销号，确保按期完成。")
_PEOPLE = ("王工", "李工", "陈科员", "林科员", "黄主任", "吴科员")


def run(folder: Path, progress: Progress) -> Iterator[str]:
    """Run the loop into a new folder; yield what to tell, line by line."""
    refuse_no_folder(folder)
    if folder.exists():
        _refuse_used(folder)
    ledger, sent, back = folder / LEDGER_NAME, folder / "下发", folder / "交回"
    yield from _start(folder, ledger, progress)
    dispatched = actions.split(ledger, sent, _context(_SENT, progress), Period.parse("2020-09-上旬"))
    yield f"② 下清单：批次 {dispatched.batch}，{len(dispatched.files)} 个部门工作簿，共 {sum(f.rows for f in dispatched.files)} 行。"
    _edit_by_hand(ledger)
    returned = make_returns(dispatched.files, sent, back)
    yield f"　　（模拟部门填报，交回 {returned} 个文件；其间营商办在台账里改了 {len(_OFFICE_EDITS)} 处）"
    context = _context(_MERGED, progress)
    preview = actions.merge_files(ledger, [back], context)
    yield from _account(preview)
    done = actions.apply(ledger, context)
    yield (
        f"④ 执行合并：写入 {done.written} 个单元格，{done.open} 项留待裁决，"
        f"{done.problems} 个问题列入问题清单；写入前已备份。"
    )
    actions.status(ledger, context, _AS_OF, write=True)
    found = actions.summarise(ledger, context).summary
    groups = "，".join(f"{group} {found.total.groups[group]}" for group in GROUPS)
    yield f"⑤ 给成绩单：统计日期 {found.as_of}，共 {found.total.tasks} 项：{groups}。"
    yield "生成的文件："
    for path, what in (
        (ledger, "台账（内有汇总、对账单、合并结果、指标、问题清单、变更记录）"),
        (sent, "发给各部门的工作簿"),
        (back, "部门交回的工作簿"),
    ):
        yield f"　{path}　{what}"


def _refuse_used(folder: Path) -> None:
    try:
        used = any(folder.iterdir())
    except OSError as error:
        raise LedgerError(Stop.CANNOT_READ, path=folder, reason=reason(error)) from error
    if used:
        raise LedgerError(Stop.FOLDER_USED, path=folder)


def _start(folder: Path, ledger: Path, progress: Progress) -> Iterator[str]:
    notice = folder / "2020年泉港区优化营商环境工作要点.txt"
    replace_file(notice, (files("taizhang") / "data" / "notice_2020.txt").read_bytes())
    context = _context(_MADE, progress)
    made = actions.new(notice, ledger, context)
    joint = sum(made.ledger.is_joint(task.code) for task in made.ledger.tasks)
    yield (
        f"① 读入通知：{made.tasks} 项任务，{len(made.ledger.led_by)} 个牵头部门，"
        f"{joint} 项联合牵头；提醒 {len(made.findings)} 条。"
    )
    proposed = [item.code for item in made.ledger.items]
    actions.decide_items(ledger, proposed, {"confirmed": YES}, journal.CONFIRM, context)
    yield f"　　从任务内容中提取量化指标 {len(proposed)} 条，已逐条确认，随清单下发。"
    counts = actions.status(ledger, context).counts
    late = "，".join(f"{name} {counts[name]}" for name in (rules.LATE, rules.DUE_SOON, rules.STALE, rules.ON_TRACK))
    yield f"　　{_MADE.date()} 的状态：{late}。"


def _context(now: datetime, progress: Progress) -> Context:
    return Context(now, "演示", progress=progress)


def _account(preview: actions.Preview) -> Iterator[str]:
    totals = preview.totals
    yield f"③ 对账单：交回单元格 {sum(totals.values())} 个，逐格有去向："
    yield "　　" + "，".join(f"{kind.value} {totals[kind]}" for kind in Disposition) + "。"
    yield f"　　未报名单：{'、'.join(preview.missing_departments) or '无'}。"


def _edit_by_hand(path: Path) -> None:
    """Do what staff do in Excel between dispatch and return: type into the ledger."""
    opened = open_ledger(path)
    rows = {opened.ledger.by_code[code].no: row for code, row in opened.reading.task_rows.items()}
    place = opened.reading.tasks.places["progress"]
    package = Package.load(opened.data)
    package.set_cells(LEDGER, {(rows[no], place): text for no, text in _OFFICE_EDITS.items()})
    path.write_bytes(package.dump())


def make_returns(sent: tuple[SentFile, ...], source: Path, target: Path) -> int:
    """Fill in copies of department workbooks as departments would; return how many files came back."""
    target.mkdir(parents=True, exist_ok=True)
    chance = random.Random(_SEED)
    count = 0
    for file in sent:
        answers = [_answer(chance, file, row) for row in range(file.rows)]
        if file.department in _SILENT:
            continue
        data = (source / file.name).read_bytes()
        (target / file.name).write_bytes(_measured(_filled(data, file, answers)))
        count += 1
        if file.department == _TWICE:
            later = [{**answer, "percent": 0.9, "reported_on": date(2020, 9, 10)} for answer in answers]
            (target / file.name.replace(".xlsx", "（更正）.xlsx")).write_bytes(_filled(data, file, later))
            count += 1
    return count


def _answer(chance: random.Random, file: SentFile, row: int) -> dict[str, Value]:
    """Return what a department reports on one task."""
    percent = chance.choice((0.2, 0.35, 0.5, 0.5, 0.6, 0.7, 0.8, 1.0))
    day = date(2020, 9, 4) + timedelta(days=chance.randrange(6))
    done = percent == 1.0
    return {
        "progress": chance.choice(_DONE if done else _MOVING),
        "percent": percent,
        "done_on": date(2020, 8, 10) + timedelta(days=chance.randrange(20)) if done else None,
        "evidence": f"{file.department}佐证{row + 1}.pdf" if done else None,
        "problem": chance.choice(_PROBLEMS) or None,
        "next_step": None if done else chance.choice(_STEPS),
        "reporter": chance.choice(_PEOPLE),
        "phone": f"0595-8799{chance.randrange(1000, 9999)}",
        "reported_on": day,
    }


def _filled(data: bytes, file: SentFile, answers: list[dict[str, Value]]) -> bytes:
    package = Package.load(data)
    cells = {
        (FIRST_ROW + row, PLACES[key]): value
        for row, answer in enumerate(answers)
        for key, value in {**answer, **_mistake(file, row)}.items()
    }
    package.set_cells(LEDGER, cells)
    return package.dump()


def _measured(data: bytes) -> bytes:
    """Return a department's workbook with its indicators filled in, most of them met."""
    grid = read_sheets(Path(LEDGER_NAME), data).grids.get(INDICATORS.sheet)
    if not grid:
        return data
    chance, package = random.Random(_SEED), Package.load(data)
    places = places_of(sent_columns(INDICATORS))
    for number, row in enumerate(grid[FIRST_ROW - 1 :], FIRST_ROW):
        goal, better = row[places["goal"] - 1], row[places["direction"] - 1] != "≥"
        if isinstance(goal, (int, float)) and chance.random() < _MEASURED:
            off = chance.choice((0, 0, 0.1, 0.2, -0.2)) * (-1 if better else 1)
            current = round(goal * (1 + off), 4)
            said: dict[str, Value] = {
                "current": current,
                "measured_on": date(2020, 9, 5),
                "measure_note": "业务系统统计",
            }
            package.set_cells(INDICATORS.sheet, {(number, places[key]): value for key, value in said.items()})
    return package.dump()


_MEASURED = 0.8  # of the indicators are filled in


def _mistake(file: SentFile, row: int) -> Mapping[str, Value]:
    """Return what a department gets wrong: a locked cell changed, an impossible percentage."""
    if row == 0 and file.department == _LOCKED:
        return {"deadline": "明年6月底"}
    if row == 1 and file.department == _INVALID:
        return {"percent": 1.5}
    return {}
