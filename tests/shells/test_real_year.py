"""A year on the real notice, told from outside: twelve periods, returns in time, late and missing, moves, indicators.

What everybody did is kept in a book of the test's own, from which the scorecards are computed
without the ledger: the two have to agree, and the journal has to tell the ledger from nothing.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from test_loop import Desk

from core.test_journal import held, replayed
from taizhang import actions, journal
from taizhang.books.ledgers import open_ledger
from taizhang.books.package import Package
from taizhang.cli import main
from taizhang.columns import INDICATORS, PROBLEMS, YES
from taizhang.layout.department import FIRST_ROW, PLACES
from taizhang.layout.registers import places_of, sent_columns
from taizhang.lifecycle import Move, Request
from taizhang.periods import Period
from taizhang.scores import Scorecard, scorecards
from taizhang.tables import SCORES
from taizhang.values import Value

YEAR = 2020
ROOT = Path(__file__).parents[2]
NOTICE = ROOT / "addin" / "taizhang" / "data" / "notice_2020.txt"
TASKS = list(csv.DictReader((ROOT / "tests" / "golden" / "tasks.csv").open(encoding="utf-8-sig")))
DUE = {"6月底": date(2020, 6, 30), "7月底": date(2020, 7, 31), "10月底": date(2020, 10, 31)}
DUE |= dict.fromkeys(("12月底", "12月底前"), date(2020, 12, 31))
END = date(YEAR, 12, 31)


@dataclass
class Said:
    """What a department has had taken into the ledger about a task."""

    percent: float | None = None
    done_on: date | None = None
    reported_on: date | None = None


@dataclass
class Book:
    """What happened, as somebody beside the office would note it down."""

    said: dict[tuple[str, str], Said] = field(default_factory=lambda: defaultdict(Said))
    owed: list[tuple[str, str]] = field(default_factory=list)
    in_time: list[tuple[str, str]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    rejected: list[str] = field(default_factory=list)
    sent_back: dict[str, date] = field(default_factory=dict)
    extended: dict[str, date] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    late_files: int = 0
    missing_files: int = 0


class Office(Desk):
    """The office of the notice, and the departments that answer it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.path, self.book = folder, folder / "台账.xlsx", Book()
        self.chance, self.now = random.Random(seed), datetime(YEAR, 1, 2, 9)
        made = actions.new(NOTICE, self.path, self.context)
        chosen = [item.code for item in made.ledger.items if self.chance.random() < 0.8]
        actions.decide_items(self.path, chosen, {"confirmed": YES}, journal.CONFIRM, self.context)
        self.goals = {item.code: item.cells for item in made.ledger.items if item.code in chosen}
        self.leads = made.ledger.leads

    def month(self, number: int) -> None:
        """Let a month go by: one dispatch, its returns, its close, what came late, and what the office did then."""
        self.now = datetime(YEAR, number, 11, 9)
        sent = self.folder / f"下发{number}"
        batch = actions.split(self.path, sent, self.context).batch
        rows = self.ledger.sent_rows
        in_time, late = self.folder / f"交回{number}", self.folder / f"迟交{number}"
        for file in sorted(sent.iterdir()):
            department = file.name.split("_")[1]
            asked = rows[batch, department]
            tasks = [code for code in asked if code.startswith("RW")]
            self.book.owed += [(department, code) for code in tasks]
            fate = self.chance.random()
            if fate < 0.15:
                self.book.missing_files += 1
                continue
            where = late if fate < 0.3 else in_time
            self.book.late_files += where is late
            where.mkdir(exist_ok=True)
            answered = self.answer(file, where / file.name, department, list(asked))
            self.book.in_time += [(department, code) for code in answered if where is in_time]
        self.take_in(in_time, datetime(YEAR, number, 17, 9))
        self.now = datetime(YEAR, number, 20, 18)
        assert actions.close_period(self.path, self.context).turn.period == Period.holding(self.now.date())
        self.take_in(late, datetime(YEAR, number, 23, 9))
        self.now = datetime(YEAR, number, 26, 9)
        self.moves()

    def take_in(self, folder: Path, at: datetime) -> None:
        if folder.exists():
            self.now = at
            preview = actions.merge_files(self.path, [folder], self.context)
            assert [c for c in preview.changes if c.open] == []
            assert not preview.held
            assert actions.apply(self.path, self.context).open == 0

    def answer(self, source: Path, target: Path, department: str, asked: Sequence[str]) -> list[str]:
        """Fill in a department's workbook; return on which tasks it reported."""
        package, on = Package.load(source.read_bytes()), self.now.date() + timedelta(days=1)
        tasks = [code for code in asked if code.startswith("RW")]
        chosen = [code for code in tasks if self.chance.random() < 0.8]
        for code in chosen:
            said = self.book.said[code, department]
            said.reported_on = on
            said.percent = min(1.0, round((said.percent or 0) + self.chance.choice((0.1, 0.2, 0.3)), 2))
            cells: dict[str, Value] = {"progress": f"{department}{on}：{code}推进中", "reported_on": on}
            if said.percent == 1 and said.done_on is None:
                said.done_on = on
            if said.done_on:
                cells |= {"done_on": said.done_on, "evidence": "验收单.pdf"}
            if self.chance.random() < 0.1:
                cells["problem"] = self.chance.choice(("缺少经费", "系统没有打通", "人手不足"))
            cells |= {"percent": said.percent, "answer": "已按要求整改"}
            row = FIRST_ROW + tasks.index(code)
            package.set_cells("工作台账", {(row, PLACES[key]): value for key, value in cells.items()})
        for register, key in ((INDICATORS, "current"), (PROBLEMS, "reply")):
            places, items = places_of(sent_columns(register)), [c for c in asked if c.startswith(register.prefix)]
            for row, code in enumerate(items, FIRST_ROW):
                value: Value = "正在协调"
                if register is INDICATORS:
                    goal = float(str(self.goals[code]["goal"]))
                    value = self.book.figures[code] = round(goal * self.chance.choice((0.8, 1, 1.2)), 6)
                package.set_cells(register.sheet, {(row, places[key]): value})
        target.write_bytes(package.dump())
        return chosen

    def moves(self) -> None:
        """Close, reject, extend and cancel what chance says, and note down what the office was allowed to."""
        ledger, book, on = self.ledger, self.book, self.now.date()
        for code in self.leads:
            number = str(ledger.by_code[code].no) if code in ledger.by_code else ""
            if not code.startswith("RW") or not number or self.chance.random() > 0.2:
                continue
            move = self.chance.choice((Move.CLOSE, Move.CLOSE, Move.REJECT, Move.EXTEND, Move.EXTEND, Move.CANCEL))
            until = on + timedelta(days=self.chance.choice((20, 60, 120)))
            request = Request(
                move, on, "王科", "" if move is Move.CLOSE else "理由", until if move is Move.EXTEND else None
            )
            if move is Move.CANCEL and len(book.cancelled) > 2:
                continue
            try:
                actions.move(self.path, [number], request, self.context)
            except actions.LedgerError:
                continue
            if move is Move.REJECT:
                if self.chance.random() < 0.2:
                    actions.undo(self.path, self.context)
                else:
                    book.rejected.append(code)
                    book.sent_back[code] = on
            elif move is Move.EXTEND:
                book.extended[code] = until
            elif move is Move.CANCEL:
                book.cancelled.add(code)
            else:
                book.closed.add(code)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = Office(tmp_path_factory.mktemp("一年"), YEAR)
    for number in range(1, 13):
        office.month(number)
    return office


def recomputed(office: Office) -> dict[str, tuple[object, ...]]:
    """Return every lead's scorecard out of the book: the rule of `domain.md`, written down once more."""
    book, found = office.book, {}
    wordings = {f"RW{YEAR}-{n:03d}": task["完成时限"] for n, task in enumerate(TASKS, 1)}
    for name in {name for names in office.leads.values() for name in names}:
        codes = [
            c for c, names in office.leads.items() if c.startswith("RW") and name in names and c not in book.cancelled
        ]
        due = {code: book.extended.get(code) or DUE.get(wordings[code]) for code in codes}
        asked = [code for code, day in due.items() if day and day <= END]
        done = {code: day for code in codes if (day := book.said[code, name].done_on) and stands(book, code, name)}
        on_time = [code for code in asked if code in done and done[code] <= due[code]]  # type: ignore[operator]
        percent = sum(book.said[code, name].percent or 0 for code in codes)
        items = [
            c for c, cells in office.goals.items() if cells["indicator_lead"] == name and cells["item_task"] in codes
        ]
        met = [code for code in items if code in book.figures and reaches(office.goals[code], book.figures[code])]
        owed, in_time = (
            sum(one[0] == name and one[1] in codes for one in those) for those in (book.owed, book.in_time)
        )
        rates = [
            (40, len(on_time), len(asked)),
            (20, percent, len(codes)),
            (20, in_time, owed),
            (20, len(met), len(items)),
        ]
        rejected = sum(code in codes for code in book.rejected)
        measured = [(weight, got / of) for weight, got, of in rates if of]
        points = 100 * sum(w * rate for w, rate in measured) / sum(w for w, _ in measured) if measured else None
        score = None if points is None else max(0, round(points - 2 * rejected, 1))
        found[name] = (
            *((round(got, 6), of) for _, got, of in rates),
            rejected,
            sum(c in book.extended for c in codes),
            score,
        )
    return found


def stands(book: Book, code: str, name: str) -> bool:
    """Return whether a lead's word that it is done was not sent back since."""
    back, said = book.sent_back.get(code), book.said[code, name].reported_on
    return code in book.closed or back is None or (said is not None and said > back)


def reaches(cells: object, current: float) -> bool:
    goal = float(str(cells["goal"]))  # type: ignore[index]
    return current <= goal if cells["direction"] == "≤" else current >= goal  # type: ignore[index]


def told(card: Scorecard) -> tuple[object, ...]:
    parts = (card.on_time, card.percent, card.reported, card.met)
    return (*((round(one.reached, 6), one.of) for one in parts), card.rejections, card.extended, card.score)


def test_the_scorecards_of_a_year_are_those_of_somebody_who_only_watched(year: Office) -> None:
    opened = open_ledger(year.path)
    cards = {card.department: told(card) for card in scorecards(opened.ledger, opened.reading.journal, END)}
    wanted = recomputed(year)
    assert cards.keys() == {name for name in wanted if name in opened.ledger.led_by}
    assert cards == wanted


def test_the_sheet_says_of_every_department_what_its_card_says(year: Office, tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(year.path.read_bytes())
    actions.summarise(path, actions.Context(datetime(YEAR, 12, 31, 18), "经办"))
    wanted, told = recomputed(year), {}
    for row in load_workbook(path, data_only=True)[SCORES].iter_rows(values_only=True, max_col=16):
        if row[1] in wanted and row[15]:
            of = [(share[0] / share[1] if share[1] else "—") for share in wanted[row[1]][:4]]  # type: ignore[index]
            assert row[8:12] == pytest.approx(tuple(of)), row[1]
            told[row[1]] = ((row[5], row[4]), row[12], row[7], row[13])
    assert told == {name: (card[0], *card[4:]) for name, card in wanted.items() if name in told}
    assert len(told) == len([name for name in wanted if name in year.ledger.led_by])


def test_a_year_had_everything_in_it(year: Office) -> None:
    book, ledger = year.book, year.ledger
    assert min(len(book.rejected), len(book.extended), len(book.cancelled), len(book.closed)) > 0
    assert min(book.late_files, book.missing_files) > 20
    assert len(ledger.snapshots) == 12
    assert len(ledger.items_of(PROBLEMS)) > 10
    ranks = [card.rank for card in scorecards(ledger, open_ledger(year.path).reading.journal, END)]
    assert ranks == sorted(ranks)
    assert ranks[0] == 1


def test_the_journal_of_a_year_tells_the_ledger_from_nothing(year: Office) -> None:
    opened = open_ledger(year.path)
    record = opened.reading.journal
    assert replayed(record, opened.ledger.directory) == held(opened.ledger)
    assert list(journal.hand_edits(record, opened.ledger)) == []
    assert main(["log", str(year.path), "--verify"]) == 0
