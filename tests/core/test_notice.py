"""The task table of a notice, drawn as grids; and what the real one must give."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.books.sources import bundled_departments
from taizhang.departments import Department, Directory
from taizhang.errors import LedgerError, Stop
from taizhang.findings import Code
from taizhang.likeness import alike
from taizhang.notice import Grid, Source, findings, is_task_table, pasted, read_tasks

ROOT = Path(__file__).parents[2]
DIRECTORY = Directory((Department("区发改局", ("发改局",)), Department("区法院")))


def sheet(drawn, name=""):
    """Return the grid a drawing shows: one row a line, cells between bars, ~ for a line break."""
    lines = [line.strip().strip("|").split("|") for line in drawn.strip().splitlines()]
    return Grid(tuple(tuple(cell.strip().replace("~", "\n") for cell in line) for line in lines), name)


def read(drawn):
    return read_tasks(Source((sheet(drawn),)))


def told(drawn, *fields):
    return [tuple(getattr(task, field) for field in fields) for task in read(drawn).tasks]


def real():
    text = (ROOT / "addin/taizhang/data/notice_2020.txt").read_text("utf-8")
    return read_tasks(pasted(text))


def test_the_real_notice_is_read_cell_for_cell():
    with (ROOT / "tests/golden/tasks.csv").open(encoding="utf-8-sig", newline="") as file:
        golden = [tuple(row) for row in csv.reader(file)][1:]
    tasks = [
        (str(task.no), task.category, task.target, task.deadline, task.leads, task.supports) for task in real().tasks
    ]
    assert tasks == golden
    assert len(tasks) == 83


def test_the_real_notices_title_and_year():
    assert (real().title, real().year) == ("2020年泉港区提升营商环境工作主要任务一览表", 2020)


def test_the_findings_on_the_real_notice():
    found = findings(real(), bundled_departments())
    assert Counter(finding.code for finding in found) == {
        Code.NO_MISSING: 1,
        Code.EVERYONE: 23,
        Code.AND_OTHERS: 11,
        Code.INNER_OFFICE: 4,
        Code.TASKS_ALIKE: 1,
        Code.NAMES_ALIKE: 1,
    }
    assert [finding.no for finding in found if finding.code is Code.INNER_OFFICE] == [41, 45, 46, 47]
    assert [finding.value for finding in found if finding.code is Code.NO_MISSING] == [26]
    assert [(finding.facts["other"], finding.no) for finding in found if finding.code is Code.TASKS_ALIKE] == [(58, 61)]


def test_a_category_carries_on_where_it_is_blank_or_repeated():
    drawn = """
        | 事项名称 | 目标任务 | 完成时限 | 牵头单位 | 责任单位 |
        | 一、开办~企业 | 1.甲 | 6月底 | 区发改局 | 区法院 |
        |  | 2．乙 | 6月底 | 区发改局 | |
        | 一、开办企业 | 3、丙 | 年底 | 区法院 | |
        | 二、获得~电力 | 4.丁 | 年底 | 区法院 | |
    """
    assert told(drawn, "no", "category", "target") == [
        (1, "一、开办企业", "甲"),
        (2, "一、开办企业", "乙"),
        (3, "一、开办企业", "丙"),
        (4, "二、获得电力", "丁"),
    ]


@pytest.mark.parametrize(
    "header",
    [
        "序号 | 事项类别 | 工作任务 | 时限 | 牵头部门 | 配合单位",
        "序 号 | 类 别 | 任务内容 | 完成~时间 | 牵头~单位 | 责任部门",
        "编号 | 事项名称 | 主要任务 | 完成时限（2020年） | 牵头单位(部门) | 配合部门",
        "序号 | 一级指标 | 目标任务 | 完成期限 | 责任单位 | 配合单位",
    ],
)
def test_header_words_vary(header):
    drawn = f"2020年任务清单 | | | | | \n {header} \n 5 | 甲 | 乙 | 6月底 | 区发改局 | 区法院"
    fields = ("no", "category", "target", "deadline", "leads", "supports", "row")
    assert told(drawn, *fields) == [(5, "甲", "乙", "6月底", "区发改局", "区法院", 3)]


def test_a_header_on_two_lines_is_one_header():
    drawn = """
        | 序号 | 目标任务 | 完成时限 | 责任分工 | |
        | | | | 牵头单位 | 配合单位 |
        | 1 | 甲 | 6月底 | 区发改局 | 区法院 |
    """
    assert told(drawn, "no", "leads", "supports") == [(1, "区发改局", "区法院")]


def test_responsible_and_supporting_columns_beside_a_lead_are_both_support():
    drawn = """
        | 目标任务 | 牵头单位 | 责任单位 | 配合单位 |
        | 甲 | 区发改局 | 区法院 | 区财政局 |
    """
    assert told(drawn, "leads", "supports") == [("区发改局", "区法院、区财政局")]


def test_a_row_that_is_only_a_heading_is_a_category_and_footers_are_no_tasks():
    drawn = """
        | 序号 | 目标任务 | 完成时限 | 牵头单位 |
        | 一、开办企业 | | | |
        | 1 | 甲 | 6月底 | 区发改局 |
        | 二、获得电力 | 二、获得电力 | 二、获得电力 | 二、获得电力 |
        | 2 | 乙 | 6月底 | 区发改局 |
        | 3 | | | |
        | 填报人： | | 审核人： | |
    """
    assert told(drawn, "no", "category") == [(1, "一、开办企业"), (2, "二、获得电力")]


def test_a_number_before_the_text_is_taken_only_where_it_numbers_the_rows():
    listed = """
        | 目标任务 | 完成时限 |
        | 1.做甲。2.做乙。 | 6月底 |
        | 1.做丙。 | 6月底 |
        | 1.做丁。 | 6月底 |
    """
    assert told(listed, "no", "target")[1] == (None, "1.做丙。")
    assert told("目标任务|完成时限\n1.61万人引进|6月底", "no", "target") == [(None, "1.61万人引进")]
    assert told("目标任务|完成时限\n1.2020年完成|6月底", "no", "target") == [(1, "2020年完成")]
    assert told("序号|目标任务|完成时限\n7|1.甲|6月底", "no", "target") == [(7, "1.甲")]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("区发改局、~市场监管局", "区发改局、市场监管局"),
        ("区发改局~区法院", "区发改局、区法院"),
        ("区发改局  区法院", "区发改局、区法院"),
        ("泉州海关驻~泉港办事处", "泉州海关驻泉港办事处"),
        ("区市场监管~局", "区市场监管局"),
        ("区发改局~（上市办）", "区发改局（上市办）"),
        ("区 法 院", "区法院"),
        ("区发改局~区税务局等单位 ", "区发改局、区税务局等单位"),
    ],
)
def test_a_line_break_between_whole_names_parts_them_and_inside_a_name_goes(cell, names):
    assert told(f"目标任务|牵头部门\n甲|{cell}", "leads") == [(names,)]


def test_marks_and_padding_go_and_words_in_latin_letters_stay_apart():
    cell = "[bookmark: _GoBack]推广  APP~5G，里程   11.7公里 "
    assert told(f"目标任务|牵头部门\n{cell}|区法院", "target") == [("推广APP 5G，里程11.7公里",)]


@pytest.mark.parametrize(
    ("cell", "deadline"),
    [
        (date(2020, 9, 15), date(2020, 9, 15)),
        (datetime(2020, 9, 15), date(2020, 9, 15)),
        (44089.0, 44089.0),
        ("6月~底 ", "6月底"),
        ("", None),
    ],
)
def test_a_deadline_is_a_true_date_or_text(cell, deadline):
    value = cell.replace("~", "\n") if isinstance(cell, str) else cell
    grid = Grid((("目标任务", "完成时限"), ("甲", value)))
    assert read_tasks(Source((grid,))).tasks[0].deadline == deadline


@pytest.mark.parametrize(
    ("text", "title", "year"),
    [
        ("关于某事的通知\n营商办〔2020〕2号\n附件1\n2021年任务清单", "2021年任务清单", 2021),
        ("营商办〔2020〕2号\n附件\n优化营商环境任务清单\n单位：区营商办", "优化营商环境任务清单", 2020),
        ("２０２０年要点", "２０２０年要点", 2020),
        ("", "", None),
    ],
)
def test_the_year_is_the_titles_or_else_the_document_numbers(text, title, year):
    notice = read_tasks(Source((sheet("目标任务|牵头部门\n甲|区法院"),), text))
    assert (notice.title, notice.year) == (title, year)


def test_without_our_headers_there_is_no_task_table():
    grid = sheet("姓名|电话\n甲|1")
    assert not is_task_table(grid)
    with pytest.raises(LedgerError, match=r"^某通知\.xlsx：没有找到任务表") as stopped:
        read_tasks(Source((grid,), path="某通知.xlsx"))
    assert stopped.value.stop is Stop.NO_TASKS


def test_the_header_may_stand_in_any_of_the_first_30_rows():
    body = "\n目标任务|牵头部门\n甲|区法院"
    assert len(read("\n".join(["|"] * 28 + ["标题|"]) + body).tasks) == 1
    with pytest.raises(LedgerError):
        read("\n".join(["标题|"] * 30) + body)


HEADER = "\t事项名称\n\t目标任务\n\t完成时限\n\t牵头部门\n\t责任部门\n\n"


@pytest.mark.parametrize(
    "row",
    [
        "\t一、开办\n企业\n\t1.甲\n\t6月底\n\t区法院\n\t\n\n",
        "\t一、开办\n企业\n\n\t1.甲\n\t6月底\n\t区法院\n\t\n\n",
        "\t\n\n一、开办\n企业\n\t1.甲\n\t6月底\n\t区法院\n\t\n\n",
        "\t一、开办企业\n\n\t\n\t1.甲\n\t6月底\n\t区法院\n\t\n\n",
    ],
)
def test_blank_lines_part_pasted_rows_but_may_stand_inside_one(row):
    after = "\t\n\t2.乙\n\t年底\n\t区法院\n\t各有关单位\n \n抄送：某某。\n"
    tasks = read_tasks(pasted(f"通知\n{HEADER}{row}{after}")).tasks
    assert [(task.no, task.category, task.target) for task in tasks] == [
        (1, "一、开办企业", "甲"),
        (2, "一、开办企业", "乙"),
    ]
    assert tasks[1].supports == "各有关单位"


def test_a_pasted_row_with_a_cell_too_few_spoils_no_other_row():
    rows = "\t类\n\t1.甲\n\t6月底\n\t区法院\n\n\t类\n\t2.乙\n\t年底\n\t区法院\n\t区发改局\n\n"
    tasks = read_tasks(pasted(HEADER + rows)).tasks
    assert [(task.no, task.supports) for task in tasks] == [(1, ""), (2, "区发改局")]


@given(st.text("\t\n 1.、事项名称目标任务完成时限牵头部门"))
def test_any_text_is_read_or_has_no_task_table(text):
    for lead in ("", HEADER):
        try:
            read_tasks(pasted(lead + text))
        except LedgerError as stopped:
            assert stopped.stop is Stop.NO_TASKS


CELLS = st.none() | st.text("\n 1.、目标任务甲") | st.integers() | st.floats() | st.booleans() | st.dates()
ROWS = st.lists(CELLS, max_size=6).map(tuple)


@given(st.lists(ROWS, max_size=6))
def test_any_grid_under_a_header_is_read_and_examined(rows):
    grid = Grid((("目标任务", "完成时限", "牵头部门", "序号"), ("甲", None, None, 1), *rows))
    assert findings(read_tasks(Source((grid,))), DIRECTORY)


def found(drawn):
    return [(finding.code, finding.place, finding.value) for finding in findings(read(drawn), DIRECTORY)]


def test_gaps_and_repeated_numbers_are_found():
    drawn = """
        | 序号 | 目标任务 | 完成时限 | 牵头部门 |
        | 3 | 甲 | 6月底 | 区法院 |
        | 5 | 乙 | 6月底 | 区法院 |
        | 9 | 丙 | 6月底 | 区法院 |
        | 9 | 丁 | 6月底 | 区法院 |
    """
    assert found(drawn) == [
        (Code.NO_MISSING, "序号", 4),
        (Code.NO_MISSING, "序号", "6至8"),
        (Code.NO_REPEATED, "序号9 序号", 9),
    ]


def test_missing_parts_of_a_task_are_found_at_their_row():
    drawn = """
        | 目标任务 | 完成时限 | 牵头部门 | 责任部门 |
        | | 9月前 | 区法院 | |
        | 甲 | | | 区发展和改革局 |
        | 乙 | 年底 | 各有关单位 | |
    """
    assert found(drawn) == [
        (Code.NO_TARGET, "第2行 目标任务", None),
        (Code.DEADLINE_UNKNOWN, "第2行 完成时限", "9月前"),
        (Code.DEADLINE_UNKNOWN, "第3行 完成时限", None),
        (Code.NO_LEAD, "第3行 牵头部门", ""),
        (Code.NAME_UNKNOWN, "第3行 责任部门", "区发展和改革局"),
        (Code.NO_LEAD, "第4行 牵头部门", "各有关单位"),
        (Code.EVERYONE, "第4行 牵头部门", "各有关单位"),
    ]


def test_tasks_that_share_most_of_their_wording_are_alike_and_short_ones_only_when_equal():
    long = "不得将企业所有制形式、注册地、注册资本金作为参与招投标活动的资格要求"
    assert alike([f"加强保护。{long}。", f"开展整治。{long}，赋予自主权。", "压缩企业开办环节和时间。"]) == ((0, 1),)
    assert alike(["任务11", "任务12", "任务11", "", ""]) == ((0, 2),)


def test_columns_that_are_not_read_are_named():
    rows = (
        ("序号", "目标任务", "完成时限", "牵头部门", "备注", "完成率"),
        (1, "压缩时间", "6月底", "区发改局", "重要", 0.5),
    )
    read = read_tasks(Source((Grid(rows),)))
    found = findings(read, Directory((Department("区发改局"),)))
    assert [finding.value for finding in found if finding.code is Code.NOT_TAKEN] == ["备注", "完成率"]
