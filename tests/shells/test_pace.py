"""What is said of how fast work goes: nothing before it can be known, and the rate and the wait then."""

from __future__ import annotations

import pytest

from taizhang.machine import Pace, pace


@pytest.mark.parametrize(
    ("done", "of", "seconds", "said"),
    [
        (0, 100, 10, ""),
        (100, 100, 10, ""),
        (50, 100, 1, ""),
        (50, 100, 10, "每秒 5 个，约还要 10 秒"),
        (250, 1000, 2, "每秒 125 个，约还要 6 秒"),
        (1, 60, 2, "每秒 0.5 个，约还要 2 分钟"),
        (10, 1000, 60, "每秒 0.167 个，约还要 99 分钟"),
    ],
)
def test_the_rate_and_the_wait(done: int, of: int, seconds: float, said: str) -> None:
    assert pace(done, of, seconds) == said


def test_each_piece_of_work_has_its_own_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 0.0
    monkeypatch.setattr("time.monotonic", lambda: moment)
    clock = Pace()
    assert clock.said("读取", 1, 100) == ""
    moment = 10
    assert clock.said("读取", 20, 100) == "每秒 2 个，约还要 40 秒"
    assert clock.said("生成", 20, 100) == ""
