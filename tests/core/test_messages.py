"""Every sentence a clerk can meet: place, fault, remedy; Chinese; no programmer's words."""

import re
import string

import pytest

from taizhang.books.arrivals.formats import Format
from taizhang.books.arrivals.refusals import Refusal
from taizhang.columns import BY_KEY, BY_TITLE, COLUMNS, ITEM_REGISTERS, TASKS
from taizhang.errors import LedgerError, Stop
from taizhang.findings import CATALOGUE, Code, Finding
from taizhang.rollup import Why
from taizhang.settings import SETTINGS

# File kinds, program names and commands a clerk reads elsewhere too.
ALLOWED = {"Excel", "WPS", "taizhang", "xlsx", "xls", "txt", "docx", "csv", "year", "help", "force", "unlock"}
ALLOWED |= {"split", "merge", "check", "UTF", "GB", "GBK", "GB18030", "Word", "pdf", "tsv", "ods", "et", "xlsm", "xlsb"}
ALLOWED |= {"pip", "install", "xlwings", "xlam", "addin", "gui", "by", "cluster", "scheduler", "tcp", "Dask"}
ALLOWED |= {
    "password",
    "zip",
    "period",
    "indicators",
    "problems",
    "msg",
    "eml",
    "mht",
    "RAR",
    "PDF",
    "ofd",
    "OpenDocument",
    "XML",
    "SYLK",
    "Outlook",
    "LibreOffice",
    *(
        "mail",
        "setup",
        "password",
        "smtp",
        "imap",
        "tls",
        "starttls",
        "ca",
        "PEM",
        "QQ",
        "folder",
        "INBOX",
        "TAIZHANG_MAIL_PASSWORD",
    ),
    *("TAIZHANG", "MAIL", "PASSWORD"),
    "MB",
}


def english(text: str) -> set[str]:
    words = set(re.findall(r"[A-Za-z]{2,}", re.sub(r"\{\w+\}", "", text)))
    return words - ALLOWED


@pytest.mark.parametrize("stop", Stop, ids=lambda stop: stop.name)
def test_what_stops_a_run_is_one_chinese_sentence_with_a_remedy(stop):
    assert stop.value.endswith("。")
    assert not english(stop.value)
    assert "请" in stop.value or stop is Stop.INTERRUPTED
    assert "\n" not in stop.value


@pytest.mark.parametrize("stop", Stop, ids=lambda stop: stop.name)
def test_a_sentence_is_complete_once_its_facts_are_given(stop):
    names = {name for _, name, _, _ in string.Formatter().parse(stop.value) if name}
    assert "{" not in str(LedgerError(stop, **dict.fromkeys(names, "某值")))


@pytest.mark.parametrize("why", Refusal, ids=lambda why: why.name)
def test_why_a_file_is_not_read_is_said_in_chinese_with_a_remedy(why):
    assert why.value.endswith("。")
    assert not english(why.value)
    assert "请" in why.value or why is Refusal.LOCK_FILE


@pytest.mark.parametrize("why", Why, ids=lambda why: why.name)
def test_why_a_ledger_is_not_counted_is_said_in_chinese_first_the_fault_then_the_remedy(why):
    fault, stop, remedy = why.value.partition("。")
    assert fault
    assert stop
    assert "请" in remedy
    assert remedy.endswith("。")
    assert not english(why.value)


@pytest.mark.parametrize("kind", Format, ids=lambda kind: kind.name)
def test_what_a_file_is_has_a_clerks_word(kind):
    assert not english(kind.value)


def test_every_code_is_in_the_catalogue_once():
    assert set(CATALOGUE) == set(Code)
    assert len({code.value for code in Code.__members__.values()}) == len(Code.__members__)


@pytest.mark.parametrize("code", Code, ids=lambda code: code.name)
def test_a_finding_says_place_fault_and_remedy_in_chinese(code):
    names = {name for _, name, _, _ in string.Formatter().parse(CATALOGUE[code].message + CATALOGUE[code].remedy)}
    facts = dict.fromkeys(names - {None, "value"}, "某事")
    finding = Finding(code, "工作台账", "F7", 4, "RW2020-004", "完成率", "某值", facts)
    assert finding.message.startswith("“工作台账” F7 序号4 完成率：")
    assert "请" in finding.remedy or finding.remedy.startswith(("不影响", "确已", "能明确", "需要的", "该列", "其内容"))
    assert not english(finding.rule.message + finding.rule.remedy)


def test_only_rules_about_one_cell_can_make_a_returned_cell_invalid():
    about_cells = {code for code, rule in CATALOGUE.items() if rule.about_cell}
    assert {code.value[:2] for code in about_cells} == {"E1"}
    assert {code.value for code in Code if CATALOGUE[code].invalidates} == {
        *(f"E10{n}" for n in range(1, 8)),
        Code.NOT_CALCULATED.value,
        Code.ONE_OR_ALL.value,
        Code.NOT_AMOUNT.value,
        Code.RATE_UNCLEAR.value,
    }


def test_prompts_fit_into_excels_limits():
    for column in BY_KEY.values():
        assert len(column.prompt) <= 255
        assert len(column.title) <= 32
    for setting in SETTINGS:
        assert len(setting.help) <= 255
        assert len(setting.title) <= 32


def test_a_title_and_a_key_mean_one_column_in_every_register():
    listed = [column for register in (TASKS, *ITEM_REGISTERS) for column in register.columns]
    assert len(BY_KEY) == len(BY_TITLE) == len({id(column) for column in listed})


def test_headers_are_unique():
    assert len({column.title for column in COLUMNS}) == len(COLUMNS) == 31
