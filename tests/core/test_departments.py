"""Who a cell names; what the real notice must give."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.books.sources import bundled_departments
from taizhang.departments import (
    Department,
    Directory,
    Named,
    findings_alike,
    findings_of,
    names_alike,
    propose,
    read_names,
    split_names,
)
from taizhang.findings import Code

GOLDEN = Path(__file__).parents[1] / "golden"
SMALL = Directory(
    (
        Department("区发改局", ("发改局",)),
        Department("区税务局", ("税务局", "税务分局")),
        Department("区医保分局", ("医保局",)),
        Department("泉州医保分局", ("医保局",)),
        Department("区工信局（数字办）"),
    )
)


def real_rows():
    with (GOLDEN / "tasks.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("区发改局、税务局，科技局,人社局；法院;区委人才办/档案局\n审计局", 8),
        ("区发改局（上市办、信用办）、税务局", 2),
        ("区发改局（上市办、税务局", 2),
        ("、 ，\n", 0),
    ],
)
def test_names_are_separated_outside_brackets(text, pieces):
    assert len(split_names(text)) == pieces


def test_a_cell_names_each_department_once_in_its_order():
    assert read_names("税务局、区发改局、区税务局", SMALL).names == ("区税务局", "区发改局")


def test_an_inner_office_is_the_department_it_belongs_to_unless_it_is_listed_itself():
    named = read_names("区发改局（上市办）、区发改局(信用办)、区工信局(数字办)", SMALL)
    assert named.names == ("区发改局", "区工信局（数字办）")
    assert named.inner == (("区发改局（上市办）", "区发改局"), ("区发改局(信用办)", "区发改局"))


@pytest.mark.parametrize("suffix", ["等单位", "等部门", "等有关单位", "等"])
def test_and_others_is_marked_and_the_name_before_it_counts(suffix):
    assert read_names(f"区发改局、税务局{suffix}", SMALL) == Named(("区发改局", "区税务局"), others=True)


@pytest.mark.parametrize("text", ["各有关单位", "各有关部门", "各单位", "各相关部门", "区直各单位", "有关单位"])
def test_everyone_is_marked_and_is_no_unknown_name(text):
    assert read_names(text, SMALL) == Named(everyone=True)


@pytest.mark.parametrize("value", [None, "", " \n", "、"])
def test_a_blank_cell_names_nobody(value):
    assert read_names(value, SMALL) == Named()


def test_an_unknown_name_is_suggested_something_like_it_and_never_replaced():
    (finding,) = findings_of("区发展和改革局", SMALL, sheet="工作台账", no=3, column="牵头部门")
    assert read_names("区发展和改革局", SMALL) == Named(unknown=("区发展和改革局",))
    assert finding.code is Code.NAME_UNKNOWN
    assert finding.suggestion == "是否为“区发改局”？"
    assert finding.place == "“工作台账” 序号3 牵头部门"


def test_a_name_like_nobody_gets_no_suggestion():
    assert [finding.suggestion for finding in findings_of("水利水务建设发展有限公司", SMALL)] == [""]


def test_an_alias_two_departments_claim_names_neither_and_both_are_suggested():
    (finding,) = findings_of("医保局", SMALL)
    assert read_names("医保局", SMALL).unknown == ("医保局",)
    assert finding.suggestion == "是否为“区医保分局”或“泉州医保分局”？"


def test_what_is_doubtful_comes_in_the_cells_order():
    found = findings_of("区发改局（上市办）、区法制局、区税务局等单位、各有关单位", SMALL)
    assert [(finding.code, finding.value) for finding in found] == [
        (Code.INNER_OFFICE, "区发改局（上市办）"),
        (Code.NAME_UNKNOWN, "区法制局"),
        (Code.AND_OTHERS, "区税务局等单位"),
        (Code.EVERYONE, "各有关单位"),
    ]


def test_near_duplicate_names_in_the_directory_are_found_and_different_offices_are_not():
    assert names_alike(SMALL) == (("区医保分局", "泉州医保分局"),)
    assert names_alike(bundled_departments()) == (("区医保分局", "泉州医保分局"),)
    assert [finding.code for finding in findings_alike(SMALL)] == [Code.NAMES_ALIKE]


@pytest.mark.parametrize(("one", "other"), [("区市监局", "区市场监督管理局"), ("区公安分局", "泉港公安分局")])
def test_abbreviations_and_other_prefixes_are_near_duplicates(one, other):
    assert names_alike(Directory((Department(one), Department(other)))) == ((one, other),)


NAMES = st.sampled_from([name for one in SMALL.departments for name in (one.name, *one.aliases) if name != "医保局"])


@given(st.lists(NAMES), st.sampled_from("、，,；;/\n"))
def test_which_separator_is_used_makes_no_difference(names, separator):
    assert read_names(separator.join(names), SMALL) == read_names(f" {separator} ".join(names), SMALL)
    assert set(read_names(separator.join(names), SMALL).names) == {SMALL.canonical(name) for name in names}


@given(st.text() | st.text("、（）()等单位各有关区发改局\n"))
def test_reading_never_raises_and_every_name_read_is_listed(text):
    named = read_names(text, SMALL)
    assert set(named.names) <= set(SMALL.names)
    assert not set(named.unknown) & set(SMALL.names)


def counted(column):
    directory = bundled_departments()
    return Counter(name for row in real_rows() for name in read_names(row[column], directory).names)


def test_the_real_notice_has_31_leads_142_pairs_and_35_joint_tasks_with_94_of_them():
    cells = [read_names(row["牵头部门"], bundled_departments()).names for row in real_rows()]
    joint = [names for names in cells if len(names) > 1]
    assert (len(counted("牵头部门")), sum(map(len, cells)), len(joint), sum(map(len, joint))) == (31, 142, 35, 94)


def test_the_real_notice_names_nobody_unknown():
    cells = [row[column] for row in real_rows() for column in ("牵头部门", "责任部门")]
    assert not any(read_names(cell, bundled_departments()).unknown for cell in cells)


def test_every_department_leads_and_supports_as_often_as_its_line_says():
    path = Path(__file__).parents[2] / "addin/taizhang/data/departments.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    leads, supports = counted("牵头部门"), counted("责任部门")
    told = {line["单位名称"]: (int(line["牵头任务数"]), int(line["配合任务数"])) for line in lines}
    assert told == {name: (leads[name], supports[name]) for name in told}


def test_the_directory_proposed_from_the_real_notice_is_the_one_checked_by_hand():
    proposed = propose(row[column] for row in real_rows() for column in ("牵头部门", "责任部门"))
    assert set(proposed.departments) == set(bundled_departments().departments)


def test_a_bare_name_takes_the_district_only_where_a_rule_supports_it():
    cells = ["区发改局、档案局、泉州医保分局、市医保局、区委人才办", "泉州海关", "供电中心、人才办", "区法院、团区委"]
    proposed = propose(cells)
    assert "、".join(proposed.names) == (
        "区发改局、区档案局、泉州医保分局、市医保局、区委人才办、泉州海关、供电中心、区法院、团区委"
    )
    assert Department("区委人才办", ("人才办",)) in proposed.departments


def test_what_is_proposed_knows_every_name_it_was_proposed_from():
    cells = ["区发改局（上市办）、档案局等单位", "各有关单位", "泉港供电服务中心"]
    proposed = propose(cells)
    assert not any(read_names(cell, proposed).unknown for cell in cells)
