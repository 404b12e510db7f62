"""What an act has done, in sentences a clerk reads: the command line prints all, a button shows the chief ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from taizhang.findings import CATALOGUE, Code, Finding, Severity
from taizhang.values import Value, a_few, figure, shortened, shown

if TYPE_CHECKING:
    from datetime import date

    from taizhang.actions import (
        Application,
        Assessed,
        Created,
        Dispatched,
        Listed,
        Moved,
        Papered,
        PeriodClosed,
        Preview,
        RolledOver,
        StatusReport,
        Supplemented,
        Undone,
    )
    from taizhang.checking import Checked, Corrected
    from taizhang.deciding import Decided, Item
    from taizhang.fetching import Fetched
    from taizhang.ledger import Outlived
    from taizhang.mail.incoming import Head
    from taizhang.posting import Drafted, Posted
    from taizhang.returns import Received
    from taizhang.rolling import RolledUp
    from taizhang.snapshots import Turn


def told(finding: Finding) -> str:
    """Return a finding with its code."""
    return f"[{finding.rule.severity.value} {finding.code.value}] {finding.message}"


# new, check


def new_lines(made: Created) -> Iterator[str]:
    """Yield what is doubtful about the notice, and at last what the ledger holds and what comes next."""
    from taizhang.columns import INDICATORS

    ledger = made.ledger
    yield from found_lines(made.findings, f"请运行 taizhang check {made.path} --all")
    joint = sum(ledger.is_joint(task.code) for task in ledger.tasks)
    yield f"已生成台账 {made.path}：{made.tasks} 项任务，{len(ledger.led_by)} 个牵头部门，{joint} 项联合牵头。"
    if items := ledger.items_of(INDICATORS):
        yield f"从任务内容中提取量化指标 {len(items)} 条，列在“{INDICATORS.sheet}”表，请逐条确认。"
    yield f"下一步：打开台账核对，再运行 taizhang split {made.path} -o 下发（按钮“生成部门工作簿”）下清单。"


def blank_lines(made: Created) -> Iterator[str]:
    """Yield where the blank ledger is, of which year, and what is filled in first."""
    from taizhang import tables

    yield f"已生成空白台账 {made.path}，年度是{made.ledger.settings.year}年。"
    yield (
        f"下一步：打开台账，在“{tables.SETTINGS}”里改台账名称、制表单位，在“{tables.NAMES}”里换成本地的单位，"
        f"再在“{tables.LEDGER}”里逐项填写任务，填好后运行 taizhang check {made.path}（按钮“校验”）。"
    )


def check_lines(done: Checked, *, whole: bool = False) -> Iterator[str]:
    """Yield what was put right, and the findings: every one of them, or those of one kind cut short."""
    from taizhang import tables

    yield from (f"[已更正] {_corrected(one)}" for one in done.corrected)
    yield from (f"[已恢复] {one.place}：{one.fault}" for one in done.restored)
    if whole:
        yield from map(told, done.findings)
    else:
        yield from found_lines(done.findings, f"见 --write 写入的“{tables.CHECKS}”，或加 --all")


def found_lines(found: Sequence[Finding], whole: str) -> Iterator[str]:
    """Yield findings, reminders that are many of one kind cut short; `whole` says where all of them are."""
    kinds: dict[Code, list[Finding]] = defaultdict(list)
    for one in found:
        kinds[one.code].append(one)
    many = {
        code: those
        for code, those in kinds.items()
        if CATALOGUE[code].severity is Severity.REMINDER and len(those) > _MANY
    }
    yield from (told(one) for one in found if one.code not in many or one in many[one.code][:_EXAMPLES])
    for code, those in many.items():
        rest = those[_EXAMPLES:]
        numbers = list(dict.fromkeys(shown(one.no) for one in rest if one.no is not None))
        more = "…" if len(numbers) > _NUMBERED else ""
        which = f"：序号 {'、'.join(numbers[:_NUMBERED])}{more}" if numbers else ""
        yield f"[{CATALOGUE[code].severity.value} {code.value}] 还有 {len(rest)} 条{which}（全部{whole}）。"


_MANY, _EXAMPLES = 5, 3  # reminders of one kind that are told one by one, and of more than that, how many
_NUMBERED = 10  # numbers named of the rest


def check_count(done: Checked) -> str:
    """Return how many findings there are."""
    errors = sum(finding.rule.severity is Severity.ERROR for finding in done.findings)
    return f"校验 {done.path}（统计日期 {done.as_of}）：错误 {errors} 条，提醒 {len(done.findings) - errors} 条。"


def fixed_count(done: Checked) -> str:
    """Return how much was put right."""
    return f"自动更正 {len(done.corrected)} 处，恢复 {len(done.restored)} 处。"


def fixable(done: Checked) -> int:
    """Return how many findings can be put right for certain."""
    return sum(bool(finding.repair) for finding in done.findings)


def _corrected(one: Corrected) -> str:
    from taizhang.columns import BY_TITLE
    from taizhang.entries import written

    column = BY_TITLE[one.finding.column]
    return f"{one.finding.place}：“{shown(one.old)}”改为“{written(column, one.new)}”"


# import


def supplement_lines(done: Supplemented) -> Iterator[str]:
    """Yield what was added, and what is proposed or doubtful."""
    if done.added:
        numbers = "、".join(shown(task.no) for task in done.added)
        yield f"已增加 {len(done.added)} 项任务：序号 {numbers}；写入前的台账备份在 {done.backup}。可以撤销。"
    if done.indicators:
        yield f"从中提取了 {done.indicators} 条指标，等待确认，列在“指标”表中。"
    yield f"与台账相同的 {done.alike} 项，没有改动。" if done.alike else "台账里原有的任务没有改动。"
    yield from (told(finding) for finding in done.findings)


# status, split


def status_lines(report: StatusReport) -> Iterator[str]:
    """Yield the day, and how many tasks have each status."""
    yield f"统计日期 {report.as_of}，共 {len(report.states)} 项。{_estimated(report.estimated)}"
    yield from (f"　{name}　{count} 项" for name, count in report.counts.items() if count)
    yield from gone_lines(report.ledger.gone)
    yield from outlived_lines(report.outlived)


def gone_lines(gone: Mapping[str, Value]) -> Iterator[str]:
    """Yield that tasks which were sent out have no row any more: no figure counts them."""
    if gone:
        named = a_few([f"“{shortened(shown(words), _NAMED_WIDTH)}”" for words in gone.values()], _NAMED)
        yield (
            f"台账里少了 {len(gone)} 项下发过的任务：{named}。它们的行可能被删掉了，没有计入。"
            "请从“备份”文件夹中的台账找回；确实不做的任务请保留这一行，填上取消日期。"
        )


_NAMED, _NAMED_WIDTH = 5, 30


def outlived_lines(found: Outlived | None) -> Iterator[str]:
    """Yield that a ledger is computed for a day long after its year, and how to fix another."""
    if found:
        yield (
            f"统计日期是 {found.as_of}，不在台账年度 {found.year} 年之内。要按当时统计的，请固定统计日期："
            f"taizhang status 台账.xlsx --as-of {found.year}-12-31 --write（按钮“统计日期”）。"
        )


def _estimated(estimated: bool) -> str:
    from taizhang.past import ESTIMATED

    return f"变更记录说不准那一天的内容，{ESTIMATED}。" if estimated else ""


def split_lines(sent: Dispatched) -> Iterator[str]:
    """Yield what was made, and what could be sent to nobody."""
    rows = sum(file.rows for file in sent.files)
    more = f"、{sent.items} 行指标和问题" if sent.items else ""
    yield f"批次 {sent.batch}：已生成 {len(sent.files)} 个部门工作簿，共 {rows} 行任务{more}，放在 {sent.folder}。"
    yield from (f"没有发到：{finding.message}" for finding in sent.findings)
    yield from gone_lines(sent.gone)
    yield from outlived_lines(sent.outlived)


def period_lines(done: PeriodClosed) -> Iterator[str]:
    """Yield what was closed, and who turned out how."""
    yield f"{done.turn.period.title}已结旬，各事项 {done.as_of} 的状态已存入“旬快照”。之后交回的记为迟报。"
    yield f"　{turned_out(done.turn)}"
    if early := too_early(done.turn, done.as_of):
        yield f"　{early}结早了的，请撤销结旬：按“撤销”（命令行：taizhang undo），到期再结。"
    if done.open:
        yield f"　还有 {done.open} 处上报的变化没有裁决或写入，快照里没有它们；需要的，先撤销结旬，执行合并后再结。"


def too_early(turn: Turn, as_of: date) -> str:
    """Return that a period is not over yet, nothing where it is."""
    last = turn.period.last
    return f"这一旬到 {last} 才结束，统计日期是 {as_of}。" if as_of < last else ""


def turn_lines(turns: Sequence[Turn]) -> Iterator[str]:
    """Yield the periods in which something was sent or closed."""
    for turn in turns:
        if turn.batches or turn.closed_at:
            closed = f"{turn.closed_at:%Y-%m-%d %H:%M} 结旬" if turn.closed_at else "未结旬"
            yield f"{turn.period.label}　{closed}　下发 {len(turn.batches)} 次。{turned_out(turn)}"


def turned_out(turn: Turn) -> str:
    """Return how many departments reported in time, late or not at all, and who did not."""
    from taizhang.snapshots import Turnout

    counts = "，".join(f"{kind.value} {turn.counted(kind)} 家" for kind in Turnout if turn.counted(kind))
    silent = "、".join(name for name, found in turn.departments.items() if found is Turnout.MISSING)
    return f"{counts or '没有下发'}。" + (f"未报：{silent}。" if silent else "")


# 指标, 问题清单


def indicator_lines(done: Listed) -> Iterator[str]:
    """Yield the indicators with where each stands, and what was changed."""
    from taizhang.targets import is_confirmed, is_met, is_proposal, met_words

    yield from _changed_lines(done)
    waiting, asked = sum(map(is_proposal, done.items)), sum(map(is_confirmed, done.items))
    yield f"指标 {len(done.items)} 条：已确认 {asked} 条，待确认 {waiting} 条。"
    for item in done.items:
        cells, report = item.cells, done.ledger.answer(item)
        state = "待确认" if is_proposal(item) else "已确认" if is_confirmed(item) else "不作指标"
        unit = shown(cells.get("unit"))
        now = figure(report.get("current"), unit) or "未填"
        met = met_words(is_met(done.ledger, item))
        yield (
            f"　{item.code}　序号{shown(done.ledger.by_code[item.code].no)}　{shown(cells.get('indicator'))}"
            f"{shown(cells.get('direction'))}{figure(cells.get('goal'), unit)}　{shown(cells.get('indicator_lead'))}"
            f"　{state}　当前值：{now}　{met}".rstrip()
        )


def _changed_lines(done: Listed) -> Iterator[str]:
    if done.written:
        yield f"改动 {done.changed} 条，可以撤销。" if done.changed else "没有要改动的。"


def problem_lines(done: Listed) -> Iterator[str]:
    """Yield the problems with where each stands, and what was changed."""
    from taizhang.problems import is_open, state_of

    yield from _changed_lines(done)
    yield f"问题 {len(done.items)} 条，没有解决的 {sum(map(is_open, done.items))} 条。"
    for item in done.items:
        cells = item.cells
        yield (
            f"　{item.code}　序号{shown(done.ledger.by_code[item.code].no)}　{shown(cells.get('severity'))}"
            f"　{state_of(done.ledger, item)}　{shown(cells.get('opened_on'))} {shown(cells.get('raised_by'))}提出，"
            f"{shown(cells.get('owner')) or '没有责任单位'}答复　{shortened(shown(cells.get('issue')), _QUOTED)}"
        )


_QUOTED = 40  # characters of a problem that a line quotes


def items_as_json(done: Listed) -> list[dict[str, Value]]:
    """Return the lines of 指标 or 问题清单 by column key, with the task each belongs to."""
    ledger = done.ledger
    return [
        {
            "no": ledger.by_code[item.code].no,
            "task": item.task,
            "item": item.code,
            **{key: value for key, value in item.cells.items() if key != "item_task"},
            **ledger.answer(item),
        }
        for item in done.items
    ]


# mail


def draft_lines(done: Drafted) -> Iterator[str]:
    """Yield how many drafts were written and where, and who has none and why."""
    where = f"，在 {done.files[0][1].parent}" if done.files else ""
    yield f"批次 {done.batch} 的{done.kind.value}邮件草稿 {len(done.files)} 封{where}。"
    yield from (f"　{department}：{path.name}" for department, path in done.files)
    yield from _unreachable(done.findings)
    yield from (f"　{reason}" for reason in done.refused)
    if done.files:
        yield "双击即可在邮件软件中打开，核对后点“发送”。"


def _unreachable(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield who cannot be written and why; those of whom only the address is wanting in one line."""
    wanting = [one for one in findings if one.code is Code.EMAIL_MISSING]
    yield from (f"　{one.message}" for one in findings if one not in wanting)
    if wanting:
        names = "、".join(one.department for one in wanting)
        yield f"　“{wanting[0].sheet}”中{len(wanting)}个单位{wanting[0].fault}：{names}。{wanting[0].remedy}。"


def post_lines(done: Posted) -> Iterator[str]:
    """Yield what left, what would leave, who was written before, and what is to be seen to."""
    from taizhang.mailing import Kind

    what = f"批次 {done.batch} 的{done.kind.value}邮件"
    if done.dry:
        yield f"{what}将发 {len(done.waiting)} 封（只是预演，没有发送）。"
        yield from (f"　{letter.department}：{'、'.join(letter.to)}" for letter in done.waiting)
    else:
        yield f"{what}发出 {len(done.sent) - sum(post in done.unsure for post in done.sent)} 封，已记入“发送记录”。"
    before = [post for post in done.before if post not in done.unsure]
    if before:
        when = "今天已经催过" if done.kind is Kind.REMINDER else "以前已经发过"
        yield f"　{when}、没有重发的 {len(before)} 个：{'、'.join(post.department for post in before)}。"
    yield from _unreachable(done.findings)
    yield from (f"　{reason}" for reason in done.refused)
    for post in done.unsure:
        yield (
            f"　{post.department}：{post.at} 发送时连接断了，不能确定发出没有。"
            f"请在邮箱的“已发送”里核对；没有发出的，加 --again {post.department} 再发。"
        )
    if done.stopped:
        yield f"　还有 {len(done.waiting)} 封没有发。{done.stopped}"


def fetch_lines(done: Fetched) -> Iterator[str]:
    """Yield what was fetched and where it lies, and what was left in the mailbox and why."""
    from taizhang.books.arrivals import limits

    where = f"，放在 {done.taken[0].path.parent}" if done.taken else ""
    yield f"收取邮件 {len(done.taken)} 封{where}；邮箱里的原件没有动。"
    yield from (f"　{one.department}：{one.path.name}" for one in done.taken)
    if done.strangers:
        yield f"陌生来源 {len(done.strangers)} 封，没有收取；是某个单位的，请把邮箱加进“单位名录”，再收取一次："
        yield from _cut_short([_head(one) for one in done.strangers], "　……另有 {more} 封。")
    for one in done.forged:
        yield f"{_head(one)}：收信服务器判定发件人可能是冒充的，没有收取。请打电话核实；确实是的，请从邮箱下载后放进文件夹。"
    for one in done.too_big:
        yield f"{_head(one)}：超过 {limits.FILE // limits.MIB} MB，没有收取。请从邮箱下载附件后放进文件夹。"
    if done.stopped:
        yield f"没有收完。{done.stopped}"


def _head(one: Head) -> str:
    return f"　{one.on} {one.sender or '（没有写明发件人）'}：{one.subject or '无主题'}"


# merge, apply, undo


def merge_lines(preview: Preview) -> Iterator[str]:
    """Yield every file's fate, where every cell went, and what waits."""
    from taizhang.merge import Outcome, why_row

    yield merge_count(preview)
    merged, others = [], []
    for report in preview.reports:
        if report.outcome is Outcome.MERGED:
            merged.append(f"　{report.name}：{report.department}，批次 {report.batch}。")
        else:
            others.append(f"　{report.name}：{report.outcome.title}。{report.reason}")
    yield from _cut_short(merged, "　……可以合并的另有 {more} 个，逐个列在“对账单”中。")
    yield from _cut_short(others, "　……没有合并的另有 {more} 个，逐个列在“对账单”最下面。")
    for finding in preview.findings:
        yield f"　{finding.message}"
    yield cells_count(preview)
    yield from wrong_lines(preview.faults, "执行合并后请")
    for row in preview.held:
        yield f"　待定行：{row.file.name} {row.told}。{why_row(row)}"
    for file, code in preview.missing_rows:
        yield f"　{_missing_row(preview, file, code).message}"
    yield from silent_departments(preview)


def _cut_short(lines: Sequence[str], rest: str) -> Iterator[str]:
    yield from lines[:_LISTED]
    if len(lines) > _LISTED:
        yield rest.format(more=len(lines) - _LISTED)


_LISTED = 50  # files whose fate is printed one by one; a folder of photos has thousands


def merge_count(preview: Preview) -> str:
    """Return how many files came, and how many of them count."""
    from taizhang.merge import Outcome

    merged = [report for report in preview.reports if report.outcome is Outcome.MERGED]
    return f"收到 {len(preview.reports)} 个文件，{len(merged)} 个可以合并。"


def cells_count(preview: Preview) -> str:
    """Return how many cells came back, by disposition."""
    totals = "，".join(f"{kind.value} {count}" for kind, count in preview.totals.items() if count)
    return f"交回单元格 {sum(preview.totals.values())} 个：{totals or '无'}。"


def wrong_lines(found: Sequence[Finding], please: str = "请") -> Iterator[str]:
    """Yield how many errors what is adopted brings, with the first of them, and where to see them all."""
    if found:
        yield (
            f"采纳的内容里有 {len(found)} 处填得不对（不影响写入），例如{found[0].place}：{found[0].fault}。"
            f"{please}运行 taizhang check 台账.xlsx（按钮“校验”）查看。"
        )


def silent_departments(preview: Preview) -> Iterator[str]:
    """Yield 未报名单, if anybody is on it, and who has sent back an untouched list."""
    from taizhang.merge import UNTOUCHED

    for title, names in (("未报名单", preview.missing_departments), (UNTOUCHED, preview.idle_departments)):
        if names:
            yield f"{title}（{len(names)} 个）：{'、'.join(names)}"


def _missing_row(preview: Preview, file: Received, code: str) -> Finding:
    task = preview.ledger.by_code.get(code)
    return Finding(Code.ROW_MISSING, sheet=file.name, no=task.no if task else None, task=code)


def decide_lines(
    listed: Sequence[Item], decided: Decided | None, again: str = "要改的请写明序号和列，或先加 --clear 取消"
) -> Iterator[str]:
    """Yield what waits for a decision, or what was decided and what could not be.

    `again` is how one that was decided on singly is decided on again.
    """
    if decided is None:
        undecided = sum(item.open and item.verdict is None for item in listed)
        yield f"等待写入或裁决的 {len(listed)} 项，其中还没有裁决的 {undecided} 项。"
        yield from _cut_short(
            [_waiting(item) for item in listed], "　……另有 {more} 项，用 --kind、--department 等缩小范围。"
        )
        return
    if not listed:
        yield "没有符合条件的，一项也没有裁决。"
        return
    yield f"已裁决 {len(decided.items)} 项；执行合并以前可以再改。"
    if decided.kept:
        yield f"　其中 {len(decided.kept)} 项先前已单独裁决，没有改动；{again}。"
    yield from (f"　没有裁决 {_item(item)}：{why}" for item, why in decided.refused)


def _waiting(item: Item) -> str:
    """Return an item with what has been decided, why it waits and which file it came in."""
    said = f"　→ {item.verdict.choice.value}{shown(item.verdict.other)}" if item.verdict and item.verdict.choice else ""
    source = "" if item.source in item.reason else f"　来源文件：{item.source}"
    return f"　{_item(item)}{said}　说明：{item.reason}{source}".replace("\n", " ")


def _item(item: Item) -> str:
    """Return where an item stands and what it holds; a row that waits as a whole has only what came back."""
    where = " ".join(
        part for part in (f"序号{shown(item.no)}" if item.no else "", item.department, item.column) if part
    )
    listed = tuple(zip(("下发", "台账", "上报"), item.words, strict=True))
    values = "　".join(f"{name}“{shortened(words, 40)}”" for name, words in (listed if item.column else listed[-1:]))
    return f"[{item.kind}] {where}：{values}".replace("\n", " ")


def apply_lines(done: Application) -> Iterator[str]:
    """Yield how much was written, and where that is on record."""
    where = "，列在“合并结果”中" if done.open else ""
    yield f"已写入 {done.written} 个单元格，还有 {done.open} 项待裁决{where}。"
    if done.problems:
        yield f"另登记问题 {done.problems} 条（{done.raised} 个单元格），列在“问题清单”中，请指定责任单位。"
    yield from wrong_lines(done.faults)
    if done.journal:
        yield f"变更记录第 {done.journal[0]} 至 {done.journal[1]} 条；写入前的台账备份在 {done.backup}。"


def undo_lines(done: Undone) -> Iterator[str]:
    """Yield what was taken back, and what was not and why."""
    problems, cells = done.withdrawn
    taken = f"，另撤回登记的问题 {problems} 条（{cells} 个单元格）" if problems else ""
    left = f"，{len(done.refused)} 个没有恢复" if done.refused else ""
    yield f"已撤销 {done.at} 的“{done.operation}”：恢复 {len(done.cells) - cells} 个单元格{taken}{left}。"
    yield from (f"　序号{line.no} {line.department} {line.column}：{why}。" for line, why in done.refused)
    if done.again:
        yield (
            f"　{done.again} 项的裁决随之取消，请在“合并结果”中重新裁决；"
            "不重新裁决的，再执行合并时标为“采纳”的照样写入，其他的保持台账原值。"
        )
    if done.backup:
        yield f"撤销前的台账备份在 {done.backup}。"


# 销号, 退回, 延期


def move_lines(done: Moved) -> Iterator[str]:
    """Yield which tasks were moved, which not and why, and whose answer is still wanting."""
    numbers = "、".join(shown(done.ledger.by_code[code].no) for code in done.done)
    yield f"{done.on} {done.move.value} {len(done.done)} 项：序号 {numbers}。"
    yield from (f"　没有{done.move.value}：{reason}。" for reason in done.refused)
    for key in done.unanswered:
        yield f"　序号{shown(done.ledger.by_code[key.task].no)}：{key.department}没有答复整改要求，请核对。"
    if done.written.journal:
        first, last = done.written.journal
        yield f"变更记录第 {first} 至 {last} 条；写入前的台账备份在 {done.written.backup}。可以撤销。"


def rollover_lines(done: RolledOver) -> Iterator[str]:
    """Yield what next year's ledger holds, what it left behind, and which deadlines were written out."""
    found = done.rollover
    yield f"已生成{found.ledger.settings.year}年度台账 {done.path}：结转 {len(found.ledger.tasks)} 项，变更记录一并带去。"
    if found.archived:
        numbers = "、".join(shown(task.no) for task in found.archived)
        yield f"　已销号、已取消的 {len(found.archived)} 项留在原台账：序号 {numbers}。"
    for task, old, new in found.reworded:
        yield f"　序号{shown(task.no)}：完成时限“{shown(old)}”写明为“{shown(new)}”，意思不变。"
    if done.undecided:
        yield f"　原台账还有 {done.undecided} 处上报的变化没有裁决或写入，没有带去。需要的，请先执行合并，再重新结转。"


# rollup


_FOLDERS = 5  # that a sentence names at most


def rollup_lines(done: RolledUp) -> Iterator[str]:
    """Yield the headline, which regions are missing, and every file that was left out with what to do."""
    found = done.found
    groups = "，".join(f"{group} {count} 项" for group, count in found.total.groups.items())
    yield f"已生成汇总 {done.path}：{len(found.regions)} 个地区，{len(found.entries)} 本台账。"
    for region, folders in found.joined.items():
        yield (
            f"　{a_few(folders, _FOLDERS)} {len(folders)} 个文件夹的制表单位（或台账名称）相同，都是“{region}”，算作一个地区；"
            "要分开算的，请加 --by-folder。"
        )
    yield f"{found.latest.title}共 {found.total.tasks} 项：{groups}。"
    for region, period in found.missing.items():
        yield f"　{region}：没有{found.latest.title}的台账，最近的是{period.title}。"
    for one in found.left:
        yield f"　没有汇总　{one.file}：{one.reason}{one.remedy}"


# summary


def summary_lines(done: Assessed) -> Iterator[str]:
    """Yield the headline of 汇总."""
    found = done.summary
    groups = "，".join(f"{group} {count} 项" for group, count in found.total.groups.items())
    yield f"统计日期 {found.as_of}，共 {found.total.tasks} 项：{groups}。{_estimated(found.estimated)}“汇总”和“成绩单”已更新。"
    yield from gone_lines(done.ledger.gone)
    yield from outlived_lines(done.outlived)


def paper_lines(done: Papered) -> Iterator[str]:
    """Yield the files that were written beside the sheets, and why others were not."""
    yield from (f"　{path}" for path in done.files)
    for fault in done.faults:
        what = " PDF" if str(fault.facts.get("path")).lower().endswith(".pdf") else ""
        yield f"没有生成{what}：{fault}"
