"""Addresses in 单位名录: told apart, judged, and kept through the ledger and its history."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgers import DIRECTORY, FGJ, ZJJ, book
from taizhang.addresses import is_address, mailbox, split_addresses
from taizhang.departments import Department, Directory
from taizhang.shared import directory_of, shared_cells

LEDGER = book("| 序号 | 牵头部门 |\n| 1 | 区发改局 |")
WORDS = st.text("abcxyz019._-+", min_size=1, max_size=12)


@pytest.mark.parametrize(
    "text",
    [
        "a@b.cn",
        "fgj.2020@qq.com",
        "x_y-z+1@mail.example.gov.cn",
        "8@163.com",
        "a@xn--fiqs8s.xn--55qx5d",
        "a" * 64 + "@b.cn",
    ],
)
def test_an_address_is_taken(text):
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "a",
            "@b.cn",
            "a@",
            "a@b",
            "a@@b.cn",
            "a b@c.cn",
            ".a@b.cn",
            "a.@b.cn",
            "a..b@c.cn",
            "a@-b.cn",
            "a@b-.cn",
        ),
        *("a@b..cn", "张三@b.cn", "<a@b.cn>", "a@b.cn\r\nBcc: c@d.cn", "a@127.0.0.1", "a@b.cn\n"),
        *("a" * 65 + "@b.cn", "a@" + "b" * 64 + ".cn", "a@" + "b." * 130 + "cn"),
    ],
)
def test_what_mail_cannot_be_sent_to_is_no_address(text):
    assert not is_address(text)


@pytest.mark.parametrize("between", ["、", "，", ", ", "；", ";", "\n", " ", "　"])
def test_the_addresses_of_a_cell_are_told_apart(between):
    assert split_addresses(f"a@b.cn{between}c@d.cn{between}a@b.cn") == ("a@b.cn", "c@d.cn")


def test_full_width_signs_are_narrowed():
    assert split_addresses("ａ１＠ｂ．ｃｎ") == ("a1@b.cn",)


def test_capitals_make_no_other_mailbox():
    assert mailbox("FGJ@QQ.com") == mailbox("fgj@qq.com") != mailbox("zjj@qq.com")


@given(st.dictionaries(st.sampled_from((FGJ, ZJJ)), st.lists(st.builds("{}@{}.cn".format, WORDS, WORDS), max_size=3)))
def test_the_history_tells_the_addresses_again(given_emails):
    emails = {name: tuple(dict.fromkeys(found)) for name, found in given_emails.items()}
    named = Directory(tuple(Department(d.name, d.aliases, emails.get(d.name, ())) for d in DIRECTORY.departments))
    told = directory_of(shared_cells(replace(LEDGER, directory=named)))
    assert {one.name: one for one in told.departments} == {one.name: one for one in named.departments}
