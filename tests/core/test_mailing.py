"""What departments are written: whose letter, to which addresses, in whose words."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgers import DIRECTORY, FGJ, SWJ, ZJJ, book, dispatched
from taizhang import mailing, templates
from taizhang.departments import Department, Directory
from taizhang.findings import Code
from taizhang.mailing import Kind
from taizhang.settings import BY_KEY, wrong

GRID = f"""
| 序号 | 目标任务 | 完成时限 | 牵头部门 |
| 1 | 压缩开办时间 | 6月底 | {FGJ} |
| 2 | 一窗受理 | 12月底 | {FGJ}、{ZJJ} |
| 3 | 简易注销 | 12月底 | {SWJ} |
"""
EMAILS = {FGJ: ("fgj@example.cn", "fgj2@example.cn"), ZJJ: ("zjj@example.cn",)}
AS_OF = date(2020, 9, 8)


def listed(emails=EMAILS):
    return Directory(tuple(Department(d.name, d.aliases, tuple(emails.get(d.name, ()))) for d in DIRECTORY.departments))


def sent(**settings):
    return dispatched(replace(book(GRID, **settings), directory=listed()))


def written(ledger, kind=Kind.DISPATCH):
    batch = ledger.batches[-1]
    found = mailing.letters(ledger, batch, kind, AS_OF, mailing.awaited(ledger, batch, kind))
    return {letter.department: letter for letter in found}


def test_each_department_with_an_address_is_written_once_to_all_its_addresses():
    assert {name: letter.to for name, letter in written(sent()).items()} == EMAILS


def test_a_letter_names_the_department_the_period_its_tasks_and_the_day():
    letter = written(sent())[FGJ]
    assert letter.subject == f"营商环境工作台账：2020年9月上旬清单（{FGJ}）"
    assert letter.body.split("\n") == [
        f"{FGJ}：",
        "现下发2020年9月上旬工作清单，共2项任务。请填好附件，在2020年9月6日前直接回复本邮件，附上填好的工作簿。",
        "截至2020年9月8日已经逾期的有1项，请优先办理：1．压缩开办时间。",
        "各项任务：",
        "　1．压缩开办时间（6月底）",
        "　2．一窗受理（12月底）",
        "填写办法见附件中的“填表说明”；请不要改动表头和锁定的单元格。",
        "",
        "区营商办",
    ]


def test_where_nothing_is_overdue_no_line_speaks_of_it():
    assert "逾期" not in written(sent())[ZJJ].body


def test_the_office_words_its_letters_itself():
    letter = written(sent(mail_subject="请{单位}填{文件}", mail_body="共 {任务数} 项", return_days=3))[ZJJ]
    assert (letter.subject, letter.body) == (f"请{ZJJ}填{ZJJ}", "共 1 项")


def test_a_subject_is_one_line():
    assert written(sent(mail_subject="甲\n乙"))[ZJJ].subject == "甲 乙"


@pytest.mark.parametrize(
    ("text", "bad"), [("{单位}：", False), ("没有花括号", False), ("{单 位}", True), ("{姓名}", True), (7, True)]
)
def test_a_template_with_a_name_that_means_nothing_is_found(text, bad):
    assert wrong(BY_KEY["mail_body"], text) is bad


@given(st.text(st.sampled_from("甲乙{}\n ")), st.text("丙\n{", max_size=5))
def test_filling_loses_no_word_and_leaves_no_known_gap(template, fact):
    text = templates.filled(template + "{单位}末", {"单位": fact})
    assert text.endswith(f"{fact}末")
    assert "{单位}" not in text.replace(fact, "") or "{单位}" in fact
    assert [c for c in template if c in "甲乙"] == [c for c in text if c in "甲乙"]


def test_who_has_no_address_or_a_wrong_one_is_found():
    directory = listed({FGJ: ("fgj@example.cn", "fgj"), ZJJ: ()})
    found = [(one.code, one.department, one.value) for one in mailing.unreachable(directory, [FGJ, ZJJ])]
    assert found == [(Code.EMAIL_MALFORMED, FGJ, "fgj"), (Code.EMAIL_MISSING, ZJJ, None)]
    assert mailing.addresses(directory, FGJ) == ("fgj@example.cn",)


def test_an_address_says_whose_it_is_whatever_its_capitals():
    shared = listed({FGJ: ("Both@example.cn",), ZJJ: ("both@EXAMPLE.cn",)})
    assert mailing.owners(shared, "BOTH@example.cn") == (FGJ, ZJJ)
    assert mailing.owners(shared, "other@example.cn") == ()
