"""What a ledger holds beside its tasks, cell by cell: 设置, 字典, 单位名录, closed periods, each by a title of its own.

A setting goes by its name, a wording of 字典 by `字典：6月底`, a department by `单位名录：区法院`, its
addresses by `邮箱：区法院`, a period that was closed by `结旬：2020-09-上旬`.
The journal keeps their history as it keeps that of the tasks' cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from taizhang import settings, tables
from taizhang.addresses import split_addresses
from taizhang.deadlines import Deadline, parse
from taizhang.departments import Department, Directory, split_names
from taizhang.ledger import Ledger
from taizhang.values import Value

_WORDING, _NAME, _EMAIL = f"{tables.WORDINGS}：", f"{tables.NAMES}：", f"{tables.EMAIL_TITLE}："
CLOSED_PERIOD = "结旬："
_SAYS_NOTHING = "未注明"  # stands for a wording that is listed without a meaning


def shared_cells(ledger: Ledger) -> dict[str, Value]:
    """Return what the settings, the wordings and the departments say, by title."""
    wordings = {_WORDING + word: _meaning(read) for word, read in ledger.dictionary.entries.items()}
    names: dict[str, tuple[str, ...]] = {}
    emails: dict[str, tuple[str, ...]] = {}
    for one in ledger.directory.departments:  # a name may stand there twice, and both lines count
        names[one.name] = (*names.get(one.name, (one.name,)), *one.aliases)
        emails[one.name] = (*emails.get(one.name, ()), *one.emails)
    spelt = {_NAME + name: "、".join(dict.fromkeys(words)) for name, words in names.items()}
    mailed = {_EMAIL + name: "、".join(dict.fromkeys(found)) for name, found in emails.items() if found}
    closed = {CLOSED_PERIOD + one.period.label: one.closed_at.isoformat(" ") for one in ledger.snapshots}
    return {**ledger.settings.switches, **wordings, **spelt, **mailed, **closed}


def first_value(title: str, year: int) -> Value:
    """Return what a cell says that nobody has touched: a wording means what it says in the ledger's 年度."""
    if title.startswith(_WORDING):
        return _meaning(parse(title.removeprefix(_WORDING), year))
    return settings.BY_TITLE[title].default if title in settings.BY_TITLE else None


def _meaning(deadline: Deadline) -> str:
    """Return what a wording stands for, in words."""
    due = deadline.due.isoformat() if deadline.due else ""
    interval = deadline.interval.value if deadline.interval else ""
    return "、".join(filter(None, (due, interval))) or _SAYS_NOTHING


def directory_of(cells: Mapping[str, Value]) -> Directory:
    """Return 单位名录 as its cells by title tell it: a journal's, or a ledger's; empty where there are none."""
    return Directory(tuple(_departments(cells)))


def _departments(cells: Mapping[str, Value]) -> Iterable[Department]:
    for title, text in sorted(cells.items()):
        if title.startswith(_NAME) and text:
            name = title.removeprefix(_NAME)
            aliases = tuple(alias for alias in split_names(str(text)) if alias != name)
            yield Department(name, aliases, split_addresses(str(cells.get(_EMAIL + name) or "")))
