"""The indicators read out of the real notice, beside a list that was made by hand without the program."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from taizhang.books.sources import read_notice
from taizhang.indicators import proposed
from taizhang.notice import read_tasks
from taizhang.values import shown

BY_HAND = Path(__file__).with_name("indicators_2020.csv")
Line = tuple[str, str, float, str]  # 序号, direction, target, unit


def by_hand() -> Iterator[Line]:
    with BY_HAND.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield row["no"], row["direction"], round(float(row["target"]), 6), row["unit"]


def by_program() -> Iterator[Line]:
    with as_file(files("taizhang") / "data" / "notice_2020.txt") as path:
        tasks = read_tasks(read_notice(path)).tasks
    for task in tasks:
        for one in proposed(shown(task.target)):
            yield shown(task.no), one.direction, round(one.target, 6), one.unit


def test_nine_in_ten_are_found_and_nine_in_ten_are_right(capsys: pytest.CaptureFixture[str]) -> None:
    wanted, found = Counter(by_hand()), Counter(by_program())
    right = (wanted & found).total()
    precision, recall = right / found.total(), right / wanted.total()
    with capsys.disabled():
        sys.stdout.write(
            f"\n指标：手工 {wanted.total()}，程序 {found.total()}，相同 {right}；查准 {precision:.1%}，查全 {recall:.1%}\n"
        )
    assert wanted.total() > 30
    assert precision >= 0.9, found - wanted
    assert recall >= 0.9, wanted - found
