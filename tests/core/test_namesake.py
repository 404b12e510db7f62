"""Which sheets give way to the one of the same name that we make: ours, of any age, and none that staff made."""

from dataclasses import replace

import pytest

from ledgers import AS_OF, FGJ, book
from taizhang import tables
from taizhang.journal import Journal
from taizhang.layout.checks import CHECKS_TABLE
from taizhang.layout.common import store_sheet, table_sheet, value_of
from taizhang.layout.namesake import gives_way
from taizhang.layout.overview import Frame, summary_sheet
from taizhang.layout.parts import Sheet
from taizhang.layout.result import RESULTS_TABLE, STATEMENT_TABLE
from taizhang.layout.scorecards import scores_sheet
from taizhang.scores import scorecards
from taizhang.summary import summarise

TABLES = (RESULTS_TABLE, STATEMENT_TABLE, CHECKS_TABLE, tables.SENT_TABLE, tables.SNAPSHOT_TABLE, tables.POSTS_TABLE)
STATUSES = ("已销号", "待销号", "已取消", "持续推进", "临期", "滞后", "更新滞后", "时限不明", "逾期", "正常推进")


def grid(sheet: Sheet) -> list[list[object]]:
    return [[value_of(cell.content) if cell else None for cell in row] for row in sheet.rows]


def overviews() -> list[Sheet]:
    """Return 汇总 and 成绩单 of a ledger with a task."""
    ledger = book(f"| 序号 | 牵头部门 |\n| 1 | {FGJ} |")
    found, frame = summarise(ledger, AS_OF), Frame(ledger.settings, {"code": 1, "target": 2}, "abc")
    return [summary_sheet(found, frame), scores_sheet(scorecards(ledger, Journal(), AS_OF), found, frame)[0]]


def empty_overview() -> Sheet:
    """Return 汇总 of a ledger without a task."""
    ledger = replace(book(f"| 序号 | 牵头部门 |\n| 1 | {FGJ} |"), tasks=(), reports={})
    return summary_sheet(summarise(ledger, AS_OF), Frame(ledger.settings, {}, "abc"))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.sheet)
def test_a_table_gives_way_to_its_like_and_to_one_with_half_as_many_columns_more(table):
    new = table_sheet(table, [], title=table.sheet, note="")
    assert gives_way(new, grid(new))
    enough = -(-2 * len(table.fields) // 3)
    older, other = (replace(table, fields=table.fields[:count]) for count in (enough, enough - 1))
    assert gives_way(new, [["别的标题"], [], ["备注", *older.titles]])
    assert not gives_way(new, [["别的标题"], [], ["备注", *other.titles]])


def test_what_the_program_remembers_gives_way_to_its_like():
    store = store_sheet(tables.RETURNS_TABLE, [{"sha256": "f0"}])
    assert gives_way(store, grid(store))
    assert not gives_way(store, [["姓名", "电话"], ["文件指纹", "行"]])


@pytest.mark.parametrize("sheet", overviews(), ids=lambda sheet: sheet.name)
def test_an_overview_is_known_by_its_stamp_alone_or_by_its_headers_alone(sheet):
    whole = grid(sheet)
    assert gives_way(sheet, whole)
    assert gives_way(sheet, [["改过的标题"], [], *whole[1:2]])
    assert gives_way(sheet, [[], ["改过的一行"], *whole[2:]])
    assert not gives_way(sheet, [*whole[:1], ["统计日期：2020-09-08"], ["制表单位：某办"]])


def test_the_overview_of_a_ledger_that_was_empty_gives_way_to_one_with_more_sections():
    assert gives_way(overviews()[0], grid(empty_overview()))


def test_staffs_own_tables_in_the_same_words_do_not_give_way():
    overview, scores = overviews()
    counted = ["单位", "事项数", *STATUSES, "办结率", "按期完成率", "平均完成率", "合计"]
    ranked = ["名次", "单位", "牵头事项", "已办结", "应完成", "按期完成", "逾期", "延期", "得分", "等次"]
    assert not gives_way(overview, [["2020年营商环境工作台账汇总"], ["统计日期：2020-09-08"], counted, ["区发改局", 3]])
    assert not gives_way(scores, [["成绩单"], [], ranked, [1, "区发改局", 3]])


def test_a_sheet_without_headers_of_ours_takes_no_ones_place():
    bare = Sheet("某表", rows=())
    assert not gives_way(bare, [["姓名"]])
