"""通报 as plain data: it says what 汇总 and 成绩单 say, for ledgers of any size."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given

from ledgers import AS_OF, DIRECTORY, FGJ, ZJJ, book, dispatched, ledger_of, ledgers
from real import DAY, seeded
from taizhang import rules
from taizhang.columns import BY_KEY
from taizhang.departments import Department, Directory
from taizhang.journal import Journal
from taizhang.ledger import Ledger, Task, new_code
from taizhang.past import ESTIMATED
from taizhang.periods import Period
from taizhang.report import Block, Heading, Paragraph, Report, Table, report_of
from taizhang.scores import PARTS, Scorecard, scorecards
from taizhang.settings import Settings
from taizhang.snapshots import snapshot
from taizhang.summary import PRINTED, Summary, summarise
from taizhang.values import percentage

NEVER = Journal()


def told(ledger: Ledger, as_of: date = AS_OF) -> Report:
    return report_of(ledger.settings, summarise(ledger, as_of), scorecards(ledger, NEVER, as_of))


def section(found: Report, title: str) -> list[Block]:
    """Return what stands under a heading of level 1."""
    titles = [n for n, block in enumerate(found.blocks) if isinstance(block, Heading) and block.level == 1]
    start = next(n for n in titles if isinstance(one := found.blocks[n], Heading) and one.text.endswith(title))
    end = next((n for n in titles if n > start), len(found.blocks))
    return list(found.blocks[start + 1 : end])


def words(blocks: list[Block]) -> str:
    return "".join(block.text for block in blocks if not isinstance(block, Table))


def tables_in(blocks: list[Block]) -> list[Table]:
    return [block for block in blocks if isinstance(block, Table)]


def rate(share: float | None) -> str:
    return "—" if share is None else percentage(round(share, 3))


THREE = f"""
| 序号 | 牵头部门 | 完成率 | 完成日期 | 完成时限 | 存在问题 |
| 1 | {FGJ} | 100% | 2020-06-20 | 6月底 | |
| 2 | {ZJJ} | 40% | | 7月底 | 缺经费 |
| 3 | {ZJJ} | 50% | | 9月底 | |
"""


# The real notice, some 旬 later


@pytest.fixture(scope="module")
def summary() -> Summary:
    return summarise(seeded(), DAY)


@pytest.fixture(scope="module")
def cards() -> tuple[Scorecard, ...]:
    return scorecards(seeded(), NEVER, DAY)


@pytest.fixture(scope="module")
def report(summary: Summary, cards: tuple[Scorecard, ...]) -> Report:
    return report_of(seeded().settings, summary, cards)


def test_the_seeded_ledger_has_some_of_everything_a_report_tells(summary):
    assert all((summary.overdue, summary.due_soon, summary.total.silent, summary.total.done))
    assert summary.changes and (summary.changes.done, summary.changes.overdue) != ((), ())
    assert summary.unreported and summary.unreported[1]
    assert len(summary.trend) == 3


def test_the_counts_in_words_and_in_the_table_are_those_of_the_summary(report, summary):
    total, found = summary.total, section(report, "总体情况")
    assert f"台账共有任务{total.tasks}项，由{len(summary.departments)}个单位牵头：" in words(found)
    for group in rules.GROUPS:
        assert f"{group}{total.groups[group]}项" in words(found)
    statuses = "，".join(f"{name}{number}项" for name, number in total.printed.items() if number)
    assert f"按状态分：{statuses}。" in words(found)
    (table,) = tables_in(found)
    *rows, last = table.rows
    assert {(row[1], row[0], int(row[2])) for row in rows} == {
        (name, rules.GROUP_OF.get(name, rules.NORMAL), total.printed[name]) for name in PRINTED
    }
    assert [row[3] for row in rows] == [rate(total.printed[row[1]] / total.tasks) for row in rows]
    assert last == (total.name, "", str(total.tasks), "100%")


def test_rates_are_those_of_the_summary_with_what_they_are_of(report, summary):
    total, found = summary.total, words(section(report, "总体情况"))
    done, on_time = total.completed, total.on_time
    assert f"办结率{rate(done.rate)}（计入的{done.of}项中办结{done.reached:g}项）" in found
    assert f"按期完成率{rate(on_time.rate)}（到期的{on_time.of}项中按期完成{on_time.reached:g}项）" in found
    assert f"平均完成率{rate(total.percent)}（" in found


def test_silence_does_not_look_green(report, summary):
    number, silent = summary.total.statuses[rules.ON_TRACK], summary.total.silent
    assert (
        f"{rules.ON_TRACK}的{number}项中，本旬已报{number - silent}项，没有填报的{silent}项；没有填报的，实际进展有待核实。"
        in words(section(report, "总体情况"))
    )


def test_what_changed_is_told_with_the_numbers_of_the_tasks(report, summary):
    found, changes = words(section(report, "本旬变化")), summary.changes
    assert found.startswith(f"与{changes.since.title}结旬时（2020年9月30日）相比，")
    kinds = {"新办结": "done", "新逾期": "overdue", "恢复正常": "recovered", "办结后重新办理": "reopened"}
    for name, key in kinds.items():
        tasks = getattr(changes, key)
        numbers = "、".join(str(task.no) for task in tasks)
        assert f"{name}{len(tasks)}项{f'（序号{numbers}）' if tasks else ''}" in found


def test_the_trend_is_that_of_the_summary(report, summary):
    (table,) = tables_in(section(report, "本旬变化"))
    assert [row[0] for row in table.rows] == ["2020年9月中旬", "2020年9月下旬", f"截至{DAY}"]
    assert [tuple(map(int, row[1:-1])) for row in table.rows] == [
        tuple(point.groups[group] for group in rules.GROUPS) for point in summary.trend
    ]
    assert [row[-1] for row in table.rows] == [f"{one.reported.reached}/{one.reported.of}" for one in summary.trend]


def test_departments_stand_by_their_rank_with_every_number_of_their_card(report, cards):
    (table,) = tables_in(section(report, "各单位成绩"))
    assert len(table.rows) == len(cards) == 31
    assert [dict(zip(table.head, row, strict=True)) for row in table.rows] == [
        {
            "名次": str(card.rank),
            "单位": card.department,
            "牵头事项": str(card.tasks),
            "已办结": str(card.done),
            **{part: rate(share.rate) for part, share in zip(PARTS, card.parts, strict=True)},
            "退回次数": str(card.rejections),
            "得分": f"{card.score:.1f}",
            "等次": card.grade,
        }
        for card in cards
    ]


def test_the_best_and_the_last_are_named_with_their_score(report, cards):
    found = words(section(report, "各单位成绩"))
    for word, card in (("最高", cards[0]), ("最低", cards[-1])):
        those = [one.department for one in cards if one.score == card.score]
        more = f"等{len(those)}个单位" if len(those) > 5 else ""
        assert f"{word}的是{'、'.join(those[:5])}{more}（{card.score:.1f}分）" in found
    assert f"优{sum(card.grade == '优' for card in cards)}个" in found


def test_how_a_score_is_computed_is_said_with_the_weights_of_the_settings():
    ledger = book(THREE, weight_on_time=35, rejection_points=3, grade_best=88)
    found = words(section(told(ledger), "各单位成绩"))
    assert "按期完成率35分、平均完成率20分、报送及时率20分、指标达标率20分" in found
    assert "每退回一次扣3分" in found
    assert "88分以上为优，80分以上为良，60分以上为中，其余为差。" in found
    assert "联合牵头事项在每个牵头部门各计一次" in found


def test_pressing_tasks_stand_in_their_tables_the_most_pressing_first(report, summary):
    (late,), (soon,) = (tables_in(section(report, title)) for title in ("逾期事项", "临期事项"))
    assert late.head[:4] == tuple(BY_KEY[key].title for key in ("no", "target", "leads", "due"))
    assert [(row[0], row[2], row[3], int(row[4])) for row in late.rows] == [
        (str(one.task.no), "、".join(one.leads), one.due.isoformat(), one.days) for one in summary.overdue
    ]
    assert [(row[0], row[3], int(row[4])) for row in soon.rows] == [
        (str(one.task.no), one.due.isoformat(), -one.days) for one in summary.due_soon
    ]
    assert [row[5] for row in soon.rows] == [
        rate(one.percent) if one.percent is not None else "—" for one in summary.due_soon
    ]
    first = summary.overdue[0]
    assert f"逾期最久的是序号{first.task.no}，已逾期{first.days}天。" in words(section(report, "逾期事项"))


def test_who_has_returned_nothing_is_named(report, summary):
    period, names = summary.unreported
    assert words(section(report, "报送情况")) == (
        f"{period.title}下发的清单，还有{len(names)}个单位没有报送：{'、'.join(names)}。"
    )


def test_what_is_asked_is_what_the_numbers_call_for(report, summary):
    found = words(section(report, "下一步工作要求"))
    statuses = summary.total.statuses
    assert f"逾期的{len(summary.overdue)}项，" in found
    assert "在2020年10月下旬报告整改情况" in found
    assert f"临期的{len(summary.due_soon)}项，最早的2020年10月31日到期" in found
    assert f"没有报送的{len(summary.unreported[1])}个单位要尽快补报" in found
    assert f"正常推进而本旬没有填报的{summary.total.silent}项" in found
    assert f"待销号的{statuses[rules.REPORTED_DONE]}项" in found
    without = replace(summary, overdue=(), due_soon=(), unreported=None)
    asked = words(section(report_of(seeded().settings, without, ()), "下一步工作要求"))
    assert "逾期" not in asked
    assert "临期" not in asked
    assert "没有报送的" not in asked


def test_tables_are_numbered_and_no_cell_has_more_than_one_line(report):
    found = tables_in(list(report.blocks))
    assert [table.title[:2] for table in found] == ["表1", "表2", "表3", "表4", "表5"]
    assert not [cell for table in found for row in table.rows for cell in row if "\n" in cell]
    assert any("数据共享 还不够顺畅。" in row for table in found for row in table.rows)


# Small ledgers


def test_an_overdue_task_is_told_with_its_days_and_its_problem():
    found = told(book(THREE))
    (late,) = tables_in(section(found, "逾期事项"))
    assert [(row[0], row[2], row[3], row[4], row[5]) for row in late.rows] == [("2", ZJJ, "2020-07-31", "39", "缺经费")]
    assert (
        f"逾期的1项，{ZJJ}要逐项说明原因、明确完成日期，在2020年9月中旬报告整改情况。其中1项没有填写下一步措施"
        in words(section(found, "下一步工作要求"))
    )


def test_without_a_closed_period_nothing_is_compared():
    before = book(THREE.replace("100% | 2020-06-20", "50% | "))
    assert words(section(told(before), "本旬变化")) == "此前没有结旬，暂无可比的数据。"
    assert not tables_in(section(told(before), "本旬变化"))
    closed = snapshot(before, Period(2020, 8, 2), datetime(2020, 8, 31, 18), date(2020, 8, 31))
    found = section(told(replace(book(THREE), snapshots=(closed,))), "本旬变化")
    assert "新办结1项（序号1）；新逾期0项；" in words(found)


def test_a_period_closed_on_the_very_day_is_no_earlier_one():
    ledger = book(THREE)
    closed = snapshot(ledger, Period(2020, 9, 0), datetime(2020, 9, 8, 18), AS_OF)
    found = summarise(replace(ledger, snapshots=(closed,)), AS_OF)
    assert (found.changes, found.closed) == (None, Period(2020, 9, 0))
    assert words(section(report_of(ledger.settings, found, ()), "本旬变化")).startswith(
        "2020年9月上旬已结旬，此前没有结旬，"
    )
    assert summarise(ledger, AS_OF).closed is None


def test_nothing_sent_and_everything_returned_are_told_apart():
    assert words(section(told(book(THREE)), "报送情况")) == "截至2020年9月8日还没有下发清单。"
    sent = summarise(dispatched(book(THREE)), AS_OF)
    returned = replace(sent, unreported=(sent.unreported[0], ()))
    found = words(section(report_of(book(THREE).settings, returned, ()), "报送情况"))
    assert found == "2020年9月上旬下发的清单，各单位都已报送。"


def test_a_day_that_is_not_certain_is_said_to_be_estimated():
    ledger = book(THREE)
    found = report_of(ledger.settings, replace(summarise(ledger, AS_OF), estimated=True), ())
    assert found.dated == f"（统计日期：2020年9月8日，{ESTIMATED}）"
    assert told(ledger).dated == "（统计日期：2020年9月8日）"


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("2020年泉港区提升营商环境工作台账", "关于2020年9月上旬泉港区提升营商环境工作台账任务进展情况的通报"),
        ("泉港区２０２０年度营商环境工作台账", "关于2020年9月上旬泉港区营商环境工作台账任务进展情况的通报"),
        ("关于重点任务的台账", "关于2020年9月上旬重点任务的台账进展情况的通报"),
        ("2019年工作台账", "关于2019年工作台账2020年9月上旬任务进展情况的通报"),
        ("2020年", "关于2020年9月上旬工作台账任务进展情况的通报"),
        (None, "关于2020年9月上旬工作台账任务进展情况的通报"),
    ],
)
def test_the_title_names_the_ledger_and_the_period_and_says_nothing_twice(title, wanted):
    assert told(book(THREE, title=title)).title == wanted


def test_one_department_is_best_and_nobody_is_last():
    found = told(book(f"| 序号 | 牵头部门 | 完成率 |\n| 1 | {FGJ} | 80% |"))
    assert "由1个单位牵头" in words(section(found, "总体情况"))
    said = words(section(found, "各单位成绩"))
    assert f"计分的1个单位中，良1个。得分最高的是{FGJ}（80.0分）。" in said
    assert "最低" not in said


def test_whoever_cannot_be_scored_has_neither_rank_nor_grade():
    ledger = book(f"| 序号 | 牵头部门 | 完成率 |\n| 1 | {FGJ} | 80% |", weight_percent=0)
    found = section(told(ledger), "各单位成绩")
    assert "没有可以计分的单位。" in words(found)
    (table,) = tables_in(found)
    assert [(row[0], row[-2], row[-1]) for row in table.rows] == [("—", "—", "—")]


def test_an_empty_ledger_has_a_report():
    found = told(ledger_of([], {}))
    assert "台账共有任务0项，由0个单位牵头：" in words(section(found, "总体情况"))
    assert "按期完成率—（没有可以计算的事项）；平均完成率没有填报。" in words(section(found, "总体情况"))
    assert words(section(found, "逾期事项")) == "没有逾期事项。"
    assert words(section(found, "临期事项")) == "没有临期事项。"
    assert words(section(found, "下一步工作要求")) == "台账中还没有任务，暂无工作要求。"


# Large ones


def large(tasks: int, departments: int) -> Ledger:
    names = [f"第{n}局" for n in range(departments)]
    listed = [
        Task(new_code(2020, n), {"no": n, "target": f"任务{n}", "leads": names[n % departments], "deadline": "6月底"})
        for n in range(1, tasks + 1)
    ]
    return replace(ledger_of(listed, {}), directory=Directory(tuple(Department(name) for name in names)))


def test_a_report_of_thousands_of_tasks_stays_one_to_be_read():
    found = told(large(5000, 300))
    late = section(found, "逾期事项")
    assert len(tables_in(late)[0].rows) == 60
    assert words(late).endswith("上表列出前60行，共5000行，全部列在台账的“汇总”表中。")
    ranked = section(found, "各单位成绩")
    assert len(tables_in(ranked)[0].rows) == 60
    assert words(ranked).endswith("上表列出前60行，共300行，全部列在台账的“成绩单”表中。")
    assert "台账共有任务5000项，由300个单位牵头" in words(section(found, "总体情况"))
    assert sum(len(words([block])) for block in found.blocks) < 2000


def test_long_lists_of_numbers_and_of_names_are_cut():
    sent = dispatched(large(300, 300))
    closed = snapshot(sent, Period(2020, 6, 1), datetime(2020, 6, 20, 18), date(2020, 6, 20))
    found = told(replace(sent, snapshots=(closed,)))
    assert re.search(r"新逾期300项（序号1、2、.*、60等，其余见“工作台账”）", words(section(found, "本旬变化")))
    assert words(section(found, "报送情况")).endswith("等300个单位。")


def test_of_a_long_trend_the_last_points_are_shown():
    ledger = book(THREE)
    periods = [Period(2020, month, part) for month in range(1, 9) for part in range(3)]
    closed = tuple(snapshot(ledger, one, datetime.combine(one.last, datetime.min.time()), one.last) for one in periods)
    (table,) = tables_in(section(told(replace(ledger, snapshots=closed)), "本旬变化"))
    assert (len(table.rows), table.rows[0][0], table.rows[-1][0]) == (12, "2020年5月中旬", "截至2020-09-08")


@given(ledgers())
def test_every_ledger_has_a_report_with_its_seven_sections_in_order(ledger: Ledger):
    found = told(ledger)
    headings = [block.text for block in found.blocks if isinstance(block, Heading) and block.level == 1]
    assert [text[0] for text in headings] == list("一二三四五六七")
    for table in tables_in(list(found.blocks)):
        assert {len(table.head), len(table.widths)} == {len(row) for row in table.rows}
    assert not re.search(r"None|nan", words(list(found.blocks)))


def test_no_unit_signs_but_that_of_the_settings():
    assert (told(book(THREE, unit="某区政务办")).unit, DIRECTORY.canonical("某区政务办")) == ("某区政务办", None)
    found = report_of(Settings.of(year=2020, unit="某区政务办"), summarise(seeded(), DAY), ())
    assert "由某区政务办核实后销号" in words(section(found, "下一步工作要求"))
    assert [block for block in found.blocks if isinstance(block, Paragraph) and "营商办" in block.text] == []
