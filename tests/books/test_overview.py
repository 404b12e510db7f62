"""汇总 and 成绩单 as files: their numbers recomputed with pandas, their charts, their pages, and whether they are current."""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgers import FGJ, ZJJ, book, ledger_of, ledgers
from office import convert
from taizhang import actions, journal, rules, tables
from taizhang.actions import Context
from taizhang.books.ledgers import create_ledger, editing, open_ledger, save
from taizhang.books.package import Package
from taizhang.books.render import render
from taizhang.departments import Department, Directory
from taizhang.journal import Act, Journal
from taizhang.layout import office as office_layout
from taizhang.layout.overview import CHECK_PLACE, FRESH, STALE, WIDTH, WIDTHS, Frame, summary_sheet
from taizhang.layout.parts import Workbook
from taizhang.layout.scorecards import WIDTHS as SCORE_WIDTHS
from taizhang.layout.scorecards import scores_sheet
from taizhang.ledger import Ledger, ReportKey, Task, new_code
from taizhang.periods import Period
from taizhang.scores import PARTS, scorecards
from taizhang.summary import ON_TRACK_REPORTED, ON_TRACK_SILENT, PRINTED, Tally, summarise
from taizhang.values import Value

DAY = date(2020, 9, 10)
NOW = datetime(2020, 9, 10, 17)


def seeded(path: Path, seed: int = 7, paper: str = "A4") -> Ledger:
    """Make the real ledger with reports, a closed period, closings and cancellations; return it."""
    with as_file(files("taizhang") / "data" / "notice_2020.txt") as notice:
        made = actions.new(notice, path, Context(datetime(2020, 7, 15, 9), "演示")).ledger
    path.unlink()
    chance = random.Random(seed)
    made = replace(made, settings=replace(made.settings, values={**made.settings.values, "paper": paper}))
    create_ledger(
        path, reported(made, chance, date(2020, 8, 1)), Act(journal.NEW, datetime(2020, 8, 9, 9), "演示"), DAY
    )
    actions.close_period(path, Context(datetime(2020, 8, 10, 18), "演示"), Period(2020, 8, 0))
    now = reported(open_ledger(path).ledger, chance, date(2020, 9, 1))
    office = {"cancelled_on": date(2020, 8, 1)}, {"closed_on": date(2020, 8, 20)}, {"extended_to": date(2020, 10, 1)}
    for task in chance.sample(now.tasks, 12):
        now = now.with_office(task.code, chance.choice(office))
    with editing(path) as opened:
        save(opened, now, Act(journal.HAND, NOW, "演示"), DAY)
    return now


def reported(ledger: Ledger, chance: random.Random, since: date) -> Ledger:
    """Return the ledger with more reports, on days from `since` on."""
    found = {}
    for task in ledger.tasks:
        for key in ledger.keys_of(task.code):
            if chance.random() < 0.5:
                percent = chance.choice([0, 0.2, 0.5, 0.9, 1])
                on = since + timedelta(days=chance.randrange(9))
                cells: dict[str, Value] = {"percent": percent, "reported_on": on, "problem": "人手不足"}
                found[key] = cells | ({"done_on": on} if percent == 1 else {})
    return ledger.with_reports(found)


@dataclass
class Sheets:
    """A ledger with 汇总 and 成绩单, as LibreOffice computes it, and as it was written."""

    ledger: Ledger
    path: Path
    computed: dict[str, Worksheet]


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Sheets:
    folder = tmp_path_factory.mktemp("汇总")
    path = folder / "台账.xlsx"
    ledger = seeded(path)
    actions.summarise(path, Context(NOW, "演示"), DAY)
    (folder / "算").mkdir()
    (again,) = convert([path], folder / "算")
    return Sheets(ledger, path, {one.title: one for one in load_workbook(again, data_only=True).worksheets})


# numbers


def named(ledger: Ledger, task: Task) -> str:
    """Return the name a task's deadline is counted under: its day, else its wording."""
    due = ledger.deadline(task.code).due
    return due.isoformat() if due else str(task.cells.get("deadline") or "未填")


def pairs(ledger: Ledger) -> pd.DataFrame:
    """Return one row per task and lead, as an analyst would lay it out."""
    rows = []
    for task in ledger.tasks:
        state, cells = ledger.state(task.code, DAY), ledger.row(task.code)
        status = state.status
        if status == "正常推进":
            status = ON_TRACK_REPORTED if state.reporting == "已报" else ON_TRACK_SILENT
        due = state.effective_due
        counts = status != "已取消"
        done = status in ("已销号", "待销号")
        on = day_of(cells.get("done_on"))
        percent = cells.get("percent")
        percent = percent if isinstance(percent, (int, float)) and not isinstance(percent, bool) else None
        facts = {
            "task": task.code,
            "category": task.cells.get("category") or "未填",
            "deadline": named(ledger, task),
            "status": status,
            "counts": counts,
            "done": done,
            "asked": counts and due is not None and due <= DAY,
            "on_time": counts and done and due is not None and due <= DAY and on is not None and on <= due,
            "percent": percent if counts else None,
        }
        rows += [{**facts, "lead": lead} for lead in ledger.leads[task.code] or ("",)]
    return pd.DataFrame(rows)


def table(sheet: Worksheet, head: str, width: int) -> dict[str, list[object]]:
    """Return the records of the tables of a sheet whose header begins with `head`, by their first cell."""
    found: dict[str, list[object]] = {}
    inside = False
    for row in sheet.iter_rows(values_only=True, max_col=width):
        if row[0] == head:
            inside = True
        elif inside and (row[0] is None or row[1] is None):
            inside = False
        elif inside:
            found[str(row[0])] = list(row[1:])
    return found


def wanted_row(rows: pd.DataFrame) -> list[object]:
    """Return what a line of a table of 汇总 must say of some rows."""
    counts = rows["status"].value_counts()
    asked, counted = rows[rows["asked"]], rows[rows["counts"]]
    percents = pd.to_numeric(counted["percent"]).dropna()
    rates = (
        asked["on_time"].mean() if len(asked) else None,
        counted["done"].mean() if len(counted) else None,
        percents.mean() if len(percents) else None,
    )
    return [len(rows), *(int(counts.get(name, 0)) for name in PRINTED), *rates]


@pytest.mark.parametrize(("head", "by"), [("单位", "lead"), ("事项类别", "category"), ("完成时限", "deadline")])
def test_every_number_of_a_table_of_the_summary_equals_pandas(sheets: Sheets, head: str, by: str) -> None:
    told = table(sheets.computed[tables.SUMMARY], head, WIDTH)
    frame = pairs(sheets.ledger)
    frame = frame if by == "lead" else frame.drop_duplicates("task")
    total = told.pop("合计")
    assert told.keys() == set(frame[by])
    for name, rows in frame.groupby(by):
        assert told[str(name)] == pytest.approx(wanted_row(rows)), name
    assert total == pytest.approx(wanted_row(frame.drop_duplicates("task")))


@given(ledgers())
def test_the_numbers_of_any_ledger_equal_pandas(ledger: Ledger) -> None:
    found, frame = summarise(ledger, DAY), pairs(ledger)
    single = frame.drop_duplicates("task") if len(frame) else frame
    for by, tallies, rows in (
        ("lead", found.departments, frame[frame["lead"] != ""] if len(frame) else frame),
        ("category", found.categories, single),
        ("deadline", found.deadlines, single),
    ):
        wanted = {str(name): wanted_row(own) for name, own in rows.groupby(by)} if len(rows) else {}
        assert {tally.name: told_row(tally) for tally in tallies} == {
            name: pytest.approx(row) for name, row in wanted.items()
        }


def told_row(tally: Tally) -> list[object]:
    rates = tally.on_time.rate, tally.completed.rate, tally.percent
    return [tally.tasks, *tally.printed.values(), *rates]


def test_the_headline_says_the_totals(sheets: Sheets) -> None:
    sheet = sheets.computed[tables.SUMMARY]
    top = _row_of(sheet, "事项总数")
    heads, numbers = ([cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows(top, top + 1))
    frame = pairs(sheets.ledger).drop_duplicates("task")
    groups = frame["status"].map(lambda name: rules.GROUP_OF.get(name, "正常")).value_counts()
    wanted = wanted_row(frame)
    assert dict(zip(heads, numbers, strict=True)) == {
        "事项总数": 83,
        **{group: groups[group] for group in ("已办结", "逾期", "需关注")},
        "按期完成率": pytest.approx(wanted[-3]),
        "平均完成率": pytest.approx(wanted[-1]),
    }


def test_the_lights_are_counted_and_shared_alike(sheets: Sheets) -> None:
    told = table(sheets.computed[tables.SUMMARY], "状态", 3)
    frame = pairs(sheets.ledger).drop_duplicates("task")
    counts = frame["status"].value_counts()
    assert told == {
        **{name: [counts.get(name, 0), pytest.approx(counts.get(name, 0) / 83)] for name in PRINTED},
        "合计": [83, 1],
    }


def test_what_changed_since_the_last_period_is_what_pandas_finds(sheets: Sheets) -> None:
    groups = rules.GROUP_OF
    (closed,) = sheets.ledger.snapshots
    then = pd.Series({key.task: groups[row.status] for key, row in closed.rows.items()})
    now = pd.Series({code: state.group for code, state in sheets.ledger.states(DAY).items()})
    frame = pd.DataFrame({"then": then, "now": now})
    wanted = {
        "新办结": (frame["now"] == "已办结") & (frame["then"] != "已办结"),
        "新逾期": (frame["now"] == "逾期") & (frame["then"] != "逾期"),
        "恢复正常": (frame["now"] == "正常") & frame["then"].isin(["逾期", "需关注"]),
        "办结后重新办理": (frame["then"] == "已办结") & ~frame["now"].isin(["已办结", "不计入"]),
    }
    told = table(sheets.computed[tables.SUMMARY], "类别", 3)
    assert {name: line[0] for name, line in told.items()} == {name: int(found.sum()) for name, found in wanted.items()}
    assert sum(line[0] for line in told.values()) > 5  # type: ignore[misc]
    numbers = {task.code: str(task.no) for task in sheets.ledger.tasks}
    for name, found in wanted.items():
        assert [n for n in str(told[name][1] or "").split("、") if n] == [numbers[c] for c in frame.index if found[c]]


def test_the_trend_has_the_closed_period_and_today(sheets: Sheets) -> None:
    told = table(sheets.computed[tables.SUMMARY], "旬", 9)
    (closed,) = sheets.ledger.snapshots
    tasks = {key.task: rules.GROUP_OF[row.status] for key, row in closed.rows.items()}
    then = pd.Series(tasks).value_counts()
    now = pd.Series({code: state.group for code, state in sheets.ledger.states(DAY).items()}).value_counts()
    order = ("已办结", "正常", "需关注", "逾期", "不计入")
    assert {name: line[2:7] for name, line in told.items()} == {
        "2020-08-上旬": [then.get(group, 0) for group in order],
        "2020-09-10": [now.get(group, 0) for group in order],
    }


@pytest.mark.parametrize(("head", "status", "sign"), [("逾期天数", rules.LATE, 1), ("剩余天数", rules.DUE_SOON, -1)])
def test_what_presses_is_listed_whole_with_its_days_the_most_pressing_first(
    sheets: Sheets, head: str, status: str, sign: int
) -> None:
    wanted = [
        (task.no, sign * (DAY - state.effective_due).days)
        for task in sheets.ledger.tasks
        if (state := sheets.ledger.state(task.code, DAY)).status == status and state.effective_due
    ]
    sheet = sheets.computed[tables.SUMMARY]
    top = _row_of(sheet, head)
    place = next(n for n, cell in enumerate(sheet[top]) if cell.value == head)
    found = []
    for row in sheet.iter_rows(values_only=True, min_row=top + 1):
        if row[0] is None or row[1] is None:
            break
        found.append((row[1], row[place]))
    assert sorted(found) == sorted(wanted)
    assert [days for _, days in found] == sorted((days for _, days in found), reverse=sign > 0)
    assert found


def _row_of(sheet: Worksheet, text: str) -> int:
    return next(n for n, row in enumerate(sheet.iter_rows(values_only=True), 1) if text in row)


def day_of(value: Value) -> date | None:
    return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None


def own_reports(ledger: Ledger) -> pd.DataFrame:
    """Return one row per task that counts and lead, by what the lead itself reports."""
    columns = ("lead", "done", "asked", "on_time", "overdue", "extended", "percent")
    rows = []
    for task in ledger.tasks:
        for key in ledger.keys_of(task.code):
            cells = {**task.cells, **ledger.report(key)}
            days = {
                name: day_of(cells.get(name))
                for name in ("done_on", "extended_to", "closed_on", "cancelled_on", "returned_on", "reported_on")
            }
            on, back, said = days["done_on"], days["returned_on"], days["reported_on"]
            if key.department == "" or (days["cancelled_on"] and days["cancelled_on"] <= DAY):
                continue
            read = ledger.deadline(task.code)
            due = None if read.interval else days["extended_to"] or read.due
            percent = cells.get("percent")
            percent = percent if isinstance(percent, (int, float)) and not isinstance(percent, bool) else 0
            reported_done = (on is not None and on <= DAY) or (percent >= 1 and on is None)
            stands = back is None or (said is not None and said > back)
            done = bool(days["closed_on"] and days["closed_on"] <= DAY) or (reported_done and stands)
            asked = due is not None and due <= DAY
            facts = (
                *(key.department, done, asked, asked and done and on is not None and on <= due),
                *(not done and due is not None and due < DAY, bool(days["extended_to"]), min(max(percent, 0), 1)),
            )
            rows.append(dict(zip(columns, facts, strict=True)))
    return pd.DataFrame(rows, columns=columns)


@given(ledgers())
def test_the_cards_of_any_ledger_equal_pandas(ledger: Ledger) -> None:
    frame = own_reports(ledger)
    cards = {card.department: card for card in scorecards(ledger, Journal(), DAY) if card.lines}
    assert cards.keys() == set(frame["lead"])
    for lead, own in frame.groupby("lead"):
        card = cards[str(lead)]
        assert (card.tasks, card.done, card.overdue, card.extended) == (
            *(len(own), own["done"].sum(), own["overdue"].sum(), own["extended"].sum()),
        )
        assert (card.on_time.reached, card.on_time.of) == (own["on_time"].sum(), own["asked"].sum())
        assert card.percent.rate == pytest.approx(own["percent"].mean())


def test_every_number_of_the_ranking_equals_pandas(sheets: Sheets) -> None:
    frame = own_reports(sheets.ledger)
    sheet = sheets.computed[tables.SCORES]
    told = {
        row[1]: row
        for row in sheet.iter_rows(values_only=True, max_col=len(SCORE_WIDTHS), min_row=_row_of(sheet, "名次") + 1)
        if row[1] in set(frame["lead"]) and isinstance(row[12], (int, float)) and row[13] is not None and row[15]
    }
    assert told.keys() == set(frame["lead"])
    scores = {}
    for lead, own in frame.groupby("lead"):
        line = told[lead]
        asked, in_time, mean = int(own["asked"].sum()), int(own["on_time"].sum()), own["percent"].mean()
        assert line[2:8] == (
            len(own),
            own["done"].sum(),
            asked,
            in_time,
            own["overdue"].sum(),
            own["extended"].sum(),
        ), lead
        assert line[8:10] == ("—" if not asked else pytest.approx(in_time / asked), pytest.approx(mean)), lead
        parts = [(40, in_time / asked), (20, mean)] if asked else [(20, mean)]
        scores[lead] = round(100 * sum(w * r for w, r in parts) / sum(w for w, _ in parts), 1)
        assert line[13] == scores[lead], lead
        assert line[14] == next(
            word for least, word in ((90, "优"), (80, "良"), (60, "中"), (0, "差")) if scores[lead] >= least
        )
    (total,) = [row for row in sheet.iter_rows(values_only=True, max_col=12) if row[0] == "合计"]
    sums = frame[["done", "asked", "on_time", "overdue", "extended"]].sum()
    assert total[2:8] == (len(frame), *sums)
    assert total[8:10] == (pytest.approx(sums["on_time"] / sums["asked"]), pytest.approx(frame["percent"].mean()))
    ranks = {lead: line[0] for lead, line in told.items()}
    assert ranks == {lead: 1 + sum(one > score for one in scores.values()) for lead, score in scores.items()}


def test_a_departments_page_adds_up_to_its_line_in_the_ranking(sheets: Sheets) -> None:
    sheet = sheets.computed[tables.SCORES]
    name = "区行政服务中心"
    top = next(n for n, row in enumerate(sheet.iter_rows(values_only=True), 1) if row[0] == f"{name}成绩单")
    ranked = next(row for row in sheet.iter_rows(values_only=True) if row[1] == name)
    lines = []
    for row in sheet.iter_rows(values_only=True, min_row=top + 1):
        if str(row[0]).endswith("成绩单"):
            break
        if isinstance(row[0], int) and isinstance(row[1], str):
            lines.append(row)
    assert len(lines) == ranked[2]
    assert [line[14] for line in lines if line[14] in ("是", "否")].count("是") == ranked[5]
    assert len([line for line in lines if line[14] in ("是", "否")]) == ranked[4]
    assert sum(line[11] or 0 for line in lines if isinstance(line[11], (int, float))) / len(lines) == pytest.approx(
        ranked[9]
    )


# charts


def test_the_charts_are_native_and_refer_to_the_numbers_of_the_sheet(sheets: Sheets) -> None:
    check_charts(sheets.path)


def test_each_series_of_the_charts_is_what_its_chart_is_of(sheets: Sheets) -> None:
    sheet = load_workbook(sheets.path)[tables.SUMMARY]
    names = [[series.tx.strRef.strCache.pt[0].v for series in chart.series] for chart in sheet._charts]
    assert sorted(names, key=len) == [
        ["事项数"],
        ["办结率", "平均完成率"],
        ["已办结", "正常", "需关注", "逾期"],
        [name for name in PRINTED if (pairs(sheets.ledger)["status"] == name).any()],
    ]


def test_what_was_not_reported_is_hatched_in_stripes_that_are_seen_on_paper(sheets: Sheets) -> None:
    (fills,) = (
        found for found in map(hatched, load_workbook(sheets.path)[tables.SUMMARY]._charts) if found is not None
    )
    stripes, ground = (sum(bytes.fromhex(one.srgbClr)) / 3 for one in (fills.fgClr, fills.bgClr))
    assert ground - stripes > 100


def hatched(chart: Any) -> Any:
    """Return the pattern of the tasks on track that were not reported, None where a chart has none."""
    found = (one.spPr.pattFill for one in chart.series if one.tx.strRef.strCache.pt[0].v == ON_TRACK_SILENT)
    return next(found, None)


def test_narrow_slices_of_the_doughnut_have_no_label_for_another_to_print_over(sheets: Sheets) -> None:
    (doughnut,) = (chart for chart in load_workbook(sheets.path)[tables.SUMMARY]._charts if chart.tagname[:1] == "d")
    labels = doughnut.series[0].dLbls
    assert labels.showPercent
    assert labels.numFmt == '[<0.03]"";0%'


def test_libreoffice_opens_them_with_the_same_numbers(sheets: Sheets) -> None:
    check_charts(sheets.path.parent / "算" / sheets.path.name)


def check_charts(path: Path) -> None:
    """Check that each series shows what the cells it refers to hold."""
    sheet = load_workbook(path)[tables.SUMMARY]
    shown = load_workbook(path, data_only=True)[tables.SUMMARY]
    kinds = sorted(type(chart).__name__ for chart in sheet._charts)
    assert kinds == ["BarChart", "BarChart", "DoughnutChart", "LineChart"]
    for chart in sheet._charts:
        for series in chart.series:
            for data in (series.tx.strRef, series.cat.strRef or series.cat.numRef, series.val.numRef):
                name, _, area = data.f.replace("$", "").rpartition("!")
                assert name.strip("'") == tables.SUMMARY
                cached = getattr(data, "strCache", None) or getattr(data, "numCache", None)
                cells = shown[area]
                flat = [cell.value for row in (cells if isinstance(cells, tuple) else ((cells,),)) for cell in row]
                told = {point.idx: point.v for point in cached.pt}
                # A bar of a blank cell has no length: it is kept as nothing, or as 0.
                wanted = [_plain(told.get(n) or 0) for n in range(len(flat))]
                assert [str(value or 0) for value in flat] == wanted


def _plain(text: object) -> str:
    return re.sub(r"\.0$", "", str(text))


def test_departments_stand_in_the_chart_with_the_most_tasks_first(sheets: Sheets) -> None:
    told = table(sheets.computed[tables.SUMMARY], "单位", 2)
    told.pop("合计")
    counts = [line[0] for line in told.values()]
    assert counts == sorted(counts, reverse=True)  # type: ignore[type-var]


# current or not


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return a small ledger with 汇总, one joint task in it."""
    grid = f"""
    | 序号 | 牵头部门 | 牵头单位 | 完成率 | 进展情况 |
    | 1 | {FGJ}、{ZJJ} | {FGJ} | 80% | 甲 |
    | 1 | {FGJ}、{ZJJ} | {ZJJ} | 30% | 乙 |
    | 2 | {ZJJ} | {ZJJ} | | 丙 |
    """
    path = tmp_path / "台账.xlsx"
    create_ledger(path, book(grid, as_of=DAY), Act(journal.NEW, NOW, "经办"), DAY)
    actions.summarise(path, Context(NOW, "经办"))
    return path


def check(path: Path) -> object:
    """Return what 汇总 says of itself once a program has computed it."""
    out = path.parent / "算"
    out.mkdir(exist_ok=True)
    (again,) = convert([path], out)
    return load_workbook(again, data_only=True)[tables.SUMMARY].cell(*CHECK_PLACE).value


def typed(sheet: str, row: int, column: int, value: Value) -> Callable[[Package], None]:
    return lambda package: package.set_cells(sheet, {(row, column): value})


PLACES = office_layout.PLACES


def swapped(package: Package) -> None:
    """Do what sorting does: the two tasks change their rows, whole."""
    grid = open_ledger_grid(package)
    first, second = grid
    for row, cells in ((office_layout.FIRST_ROW, second), (office_layout.FIRST_ROW + 1, first)):
        own = {(row, place): value for place, value in enumerate(cells, 1) if place not in DERIVED}
        package.set_cells(tables.LEDGER, own)


DERIVED = {PLACES[key] for key in ("due", "days_left", "status", "reporting")}


def open_ledger_grid(package: Package) -> list[tuple[Value, ...]]:
    from io import BytesIO

    sheet = load_workbook(BytesIO(package.dump()))[tables.LEDGER]
    top = office_layout.FIRST_ROW
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows(min_row=top, max_row=top + 1)]


@pytest.mark.parametrize(
    ("edit", "wanted"),
    [
        (lambda package: None, FRESH),
        (swapped, FRESH),
        (typed(tables.LEDGER, 5, PLACES["percent"], 0.1), STALE),
        (typed(tables.LEDGER, 5, PLACES["progress"], "丁"), STALE),
        (typed(tables.LEDGER, 5, PLACES["progress"], None), STALE),
        (typed(tables.LEDGER, 4, PLACES["closed_on"], 44000), STALE),
        (typed(tables.LEDGER, 6, PLACES["target"], "新任务"), STALE),
        (typed(tables.JOINT, 5, 7, 0.9), STALE),
        (typed(tables.SETTINGS, 8, 2, 5), STALE),
        (typed(tables.WORDINGS, 4, 2, 44000), STALE),
        (typed(tables.NAMES, 4, 2, "发改"), STALE),
        (typed(tables.JOURNAL, 2, 1, "注"), FRESH),
    ],
)
def test_the_summary_says_itself_whether_the_ledger_has_changed(
    small: Path, edit: Callable[[Package], None], wanted: str
) -> None:
    package = Package.load(small.read_bytes())
    edit(package)
    small.write_bytes(package.dump())
    assert check(small) == wanted


def test_what_it_says_is_kept_right_by_every_act_for_programs_that_do_not_compute(small: Path) -> None:
    def kept() -> object:
        return load_workbook(small, data_only=True)[tables.SUMMARY].cell(*CHECK_PLACE).value

    context = Context(NOW + timedelta(minutes=5), "经办")
    assert kept() == FRESH
    actions.status(small, context, DAY, write=True)
    assert kept() == check(small) == FRESH
    actions.status(small, context, DAY + timedelta(days=1), write=True)
    assert kept() == check(small) == f"{STALE}（台账现按2020-09-11统计）"
    actions.undo(small, context)
    assert kept() == check(small) == FRESH
    actions.summarise(small, context, date(2020, 9, 12))
    assert kept() == check(small) == f"{FRESH}（台账现按2020-09-10统计）"


def test_the_mark_is_another_one_only_where_the_ledger_is_another(small: Path) -> None:
    def mark() -> str:
        return str(load_workbook(small)[tables.SUMMARY]["A2"].value).rpartition("：")[2]

    first = mark()
    actions.summarise(small, Context(NOW, "别人"))
    assert mark() == first
    package = Package.load(small.read_bytes())
    package.set_cells(tables.LEDGER, {(5, PLACES["progress"]): "丁"})
    small.write_bytes(package.dump())
    actions.summarise(small, Context(NOW, "别人"))
    assert mark() != first


# made again


def test_made_again_it_stands_where_it_stood_with_the_columns_as_wide_as_staff_made_them(small: Path) -> None:
    before = load_workbook(small).sheetnames
    package = Package.load(small.read_bytes())
    part = package.part_of(tables.SUMMARY)
    text = re.sub(
        rb'<col min="1" max="1" width="[\d.]+"', b'<col min="1" max="1" width="30.7109375"', package.parts.data(part)
    )
    package.parts.put(part, text)
    small.write_bytes(package.dump())
    actions.summarise(small, Context(NOW, "经办"))
    again = small.read_bytes()
    sheet = load_workbook(small)[tables.SUMMARY]
    assert sheet.column_dimensions["A"].width == pytest.approx(30.71, abs=0.01)
    assert sheet.column_dimensions["B"].width == pytest.approx(WIDTHS[2] + 0.71, abs=0.1)
    assert load_workbook(small).sheetnames == before
    actions.summarise(small, Context(NOW, "经办"))
    assert small.read_bytes() == again


# pages


def pages_of(path: Path, title: str) -> list[str]:
    """Return the words of the printed pages that begin with a title, as LibreOffice prints the workbook."""
    (pdf,) = convert([path], path.parent, "pdf")
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True)
    pages = [page.strip() for page in done.stdout.split("\f") if page.strip()]
    return [page for page in pages if page.splitlines()[0].strip() == title]


@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_each_page_is_one_sheet_of_paper_with_its_title_and_nothing_is_cut(tmp_path: Path, paper: str) -> None:
    path = tmp_path / "台账.xlsx"
    name = seeded(path, paper=paper).settings.text("title")
    actions.summarise(path, Context(NOW, "经办"), DAY)
    workbook = load_workbook(path)
    for sheet, heads in ((tables.SUMMARY, ("平均完成率", "下一步措施")), (tables.SCORES, (*PARTS, "计算过程"))):
        pages = pages_of(path, f"{name}{sheet}")
        drawn = workbook[sheet]
        assert str(drawn.page_setup.paperSize) == (drawn.PAPERSIZE_A3 if paper == "A3" else drawn.PAPERSIZE_A4)
        # A column or row too many for the paper would begin a page of its own, between those we begin.
        assert len(pages) == 1 + len(drawn.row_breaks.brk)
        assert "##" not in "".join(pages)
        for head in heads:
            assert head in "".join(pages)


# sizes


def of_size(tasks: int, departments: int) -> Ledger:
    """Return a ledger of so many tasks, led by so many departments, every third one by two."""
    names = [f"第{n:03d}号局" for n in range(1, departments + 1)]
    found = []
    for n in range(tasks):
        leads = dict.fromkeys(
            (names[n % departments], names[n * 7 % departments] if n % 3 == 0 else names[n % departments])
        )
        words = {"category": f"类别{n % 25}", "deadline": ("6月底", "9月底", "12月底", "持续推进")[n % 4]}
        cells: dict[str, Value] = {
            "no": n + 1,
            "target": f"任务{n}" + "推进改革" * 30,
            "leads": "、".join(leads),
            **words,
        }
        found.append(Task(new_code(2020, n + 1), cells))
    reports = {ReportKey(task.code, str(task.cells["leads"]).split("、")[0]): {"percent": 0.3} for task in found}
    directory = Directory(tuple(Department(name, ()) for name in names))
    return replace(ledger_of(found, {}), directory=directory).with_reports(reports)


@pytest.mark.parametrize(("tasks", "departments"), [(0, 0), (1, 1), (5000, 300)])
def test_a_ledger_of_any_size_is_printed_page_by_page(tmp_path: Path, tasks: int, departments: int) -> None:
    ledger = of_size(tasks, departments)
    found, cards = summarise(ledger, DAY), scorecards(ledger, Journal(), DAY)
    frame = Frame(ledger.settings, PLACES)
    scores, pages = scores_sheet(cards, found, frame)
    sheets = summary_sheet(found, replace(frame, pages=pages)), scores
    path = tmp_path / "大.xlsx"
    path.write_bytes(render(Workbook(sheets)))
    for sheet in sheets:
        assert max(sheet.heights.values()) < 409
        assert (
            sheet.charts == ()
            or max(series.values.bottom - series.values.top for c in sheet.charts for series in c.series) < 40
        )
        (title,) = {cell.content for cell in sheet.rows[0] if cell and cell.content}
        assert len(pages_of(path, str(title))) == 1 + len(sheet.page.row_breaks)
    assert len(pages) == departments
    assert set(pages.values()) <= {*scores.page.row_breaks}
