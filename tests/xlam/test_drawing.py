"""The drawing of the tab shows the tab as it is."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from taizhang.acts import BUTTONS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ribbon():
    spec = importlib.util.spec_from_file_location("ribbon_drawing", ROOT / "docs" / "ribbon.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass looks its module up
    spec.loader.exec_module(module)
    return module


def test_it_has_every_button_once(ribbon):
    label, groups = ribbon.groups()
    assert label == "营商台账"
    assert [group.label for group in groups] == ["台账", "下清单", "对账单", "办结", "年度", "成绩单", "帮助"]
    assert sum(len(column) for group in groups for column in group.columns) == len(BUTTONS)
    assert all(len(column) == 1 or not any(one.large for one in column) for group in groups for column in group.columns)


def test_it_is_as_wide_as_its_groups(ribbon):
    drawn = ribbon.drawn()
    assert drawn.width > 900
    assert drawn.height < drawn.width / 3
