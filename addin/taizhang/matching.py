"""Whose table is it, and which task is a row, where nothing in the file says so in our words.

Rows are known by their code, else by 序号 and the likeness of 目标任务; a department by the tasks
it was sent, then by what the file and its mail are called. Of two that fit neither is taken.
Source: `merge.md`, Intake.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from taizhang.columns import BY_KEY, TASKS, register_of
from taizhang.departments import Directory
from taizhang.entries import typed
from taizhang.ledger import Cells, Ledger
from taizhang.values import Value, shown, squeezed

# Likeness, of 100, from which two task texts are one: with the same 序号, and without.
SAME_NUMBER, ANY_NUMBER = 75.0, 90.0
_CLEAR_OF = 3.0  # by how much the likest must be liker than the next


@dataclass(frozen=True)
class Table:
    """What a department was last sent: the batch, and the rows by task code."""

    batch: str
    rows: Mapping[str, Cells]


def last_sent(ledger: Ledger) -> dict[str, Table]:
    """Return every department's newest table, by its name."""
    sent = ledger.sent_rows
    return {name: Table(id, tasks_in(sent[id, name])) for name, id in ledger.newest_sent.items() if (id, name) in sent}


def tasks_in(sent: Mapping[str, Cells]) -> dict[str, Cells]:
    """Return those of the rows that were sent which are tasks."""
    return {code: cells for code, cells in sent.items() if register_of(code) is TASKS}


def codes_of(rows: Mapping[int, Cells], sent: Mapping[str, Cells]) -> dict[int, str]:
    """Return which task each row is, of those that were sent; rows of other tasks, or of two, are left out."""
    texts = {code: squeezed(shown(own.get("target"))) for code, own in sent.items()}
    numbers: dict[Value, list[str]] = defaultdict(list)
    for code, own in sent.items():
        numbers[own.get("no")].append(code)
    found: dict[int, str] = {}
    for number, cells in rows.items():
        code = shown(cells.get("code")).strip()
        match = code if code in sent else _likest(cells, texts, numbers)
        if match:
            found[number] = match
    return found


def _likest(cells: Cells, texts: Mapping[str, str], numbers: Mapping[Value, Sequence[str]]) -> str:
    """Return the one task a row's words are about, by its number and its text."""
    from rapidfuzz import fuzz, process

    written = squeezed(shown(cells.get("target")))
    if not written:
        return ""
    no = typed(BY_KEY["no"], cells.get("no")).value
    numbered = numbers.get(no, ()) if no is not None else ()
    best = process.extract(written, texts, scorer=fuzz.ratio, limit=len(texts), score_cutoff=SAME_NUMBER)
    if not best:
        return ""
    top = best[0][1]
    near = [str(code) for _, score, code in best if top - score < _CLEAR_OF]  # as like as the likest
    same_number = [code for code in near if code in numbered]
    if len(same_number) == 1 and len(numbered) == 1:
        return same_number[0]
    return near[0] if len(near) == 1 and top >= ANY_NUMBER else ""


@dataclass(frozen=True)
class Guess:
    """Whose table it is, which batch it answers, and which task each row is; `by` says what told."""

    department: str
    batch: str
    codes: Mapping[int, str]
    by: str


def whose(
    rows: Mapping[int, Cells], tables: Mapping[str, Table], hints: Sequence[tuple[str, Iterable[str]]]
) -> Guess | tuple[str, ...]:
    """Return whose table the rows are, or the departments that all fit; nobody fits where no row is known.

    It is the table of whoever was sent all its tasks, or else most of them: a row of somebody
    else's is one to ask about. `hints` are what else speaks for departments, the surest first,
    each with its name.
    """
    codes = {name: codes_of(rows, table.rows) for name, table in tables.items()}
    known = {row for found in codes.values() for row in found}
    fit = [name for name, found in codes.items() if known and found.keys() == known]
    fit = fit or [name for name, found in codes.items() if len(found) > len(known) * _MOST]
    if not fit:
        return tuple(name for name, found in codes.items() if found)
    by = "任务内容"
    for said, names in hints:
        if len(fit) == 1:
            break
        named = [name for name in fit if name in set(names)]
        fit, by = (named, said) if named else (fit, by)
    return Guess(fit[0], tables[fit[0]].batch, codes[fit[0]], by) if len(fit) == 1 else tuple(fit)


def named_in(text: str, directory: Directory) -> tuple[str, ...]:
    """Return the departments a text names somewhere, by name or alias; 税务局 in 区税务局 is not named apart."""
    own_text = _WITH_OTHERS.sub("", squeezed(text))
    spelt: dict[str, str] = {}
    for one in directory.departments:
        spelt |= {squeezed(word): one.name for word in (*one.aliases, one.name) if len(squeezed(word)) >= _SHORTEST}
    there = [word for word in spelt if word in own_text]
    own = [word for word in there if not any(word != other and word in other for other in there)]
    return tuple(dict.fromkeys(found for word in own if (found := directory.canonical(word))))


# 与区住建局联合牵头: what follows is somebody else's name.
_WITH_OTHERS = re.compile("(?:与|和|同|跟|会同|转|致|报送?)[^_（()）.、/-]{3,}")
_MOST = 0.7  # of the known rows that have to be one department's
_SHORTEST = 3  # characters of a name that may stand in the middle of a text: 法院 stands in many
