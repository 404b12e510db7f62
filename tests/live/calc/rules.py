"""Rules on ranges: conditional formats, validation, the autofilter.

In Excel a relative reference in the formula of a new conditional format or validation counts from the *active
cell*, not from the range's first cell. That is imitated, both ways: whoever did not select the right cell
first gets a rule that looks right when read back and colours the wrong rows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import xlwings
from xlwings import base_classes

from . import formulas, limits, parsing
from .addresses import a1, quoted
from .counting import counted
from .errors import unsupported
from .looks import color_from_calc, color_to_calc

if TYPE_CHECKING:
    from .ranges import Range

_WITH_VALUES = frozenset({"whole_number", "decimal", "date", "time", "text_length"})


def _from_active(area: Range) -> tuple[int, int]:
    """Return how far the range's first cell is from the active cell, in rows and columns."""
    found = area.sheet.session.call("app.selection")
    if found is None:
        return 0, 0
    _, _, rect = found
    return area.row - 1 - rect[0], area.column - 1 - rect[1]


def _to_calc(formula: str, distance: tuple[int, int]) -> str:
    if not formula.startswith("="):
        return formula if _is_number(formula) else '"' + formula.replace('"', '""') + '"'
    return formulas.to_calc(formulas.shift(formula, *distance))[1:]


def _from_calc(formula: str, distance: tuple[int, int]) -> str:
    if _is_number(formula):
        return "=" + formula
    return formulas.shift(formulas.from_calc("=" + formula), -distance[0], -distance[1])


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?", text) is not None


def _comparable(value: Any) -> Any:
    """Return what a filter compares with; xlwings hands dates over as {"type": ..., "value": ISO text}."""
    if isinstance(value, dict):
        return parsing.serial(dt.datetime.fromisoformat(value["value"]))
    return float(value) if _is_number(str(value)) else value


@counted("api")
class ConditionalFormat(base_classes.ConditionalFormat):
    """One rule."""

    def __init__(self, area: Range, facts: dict[str, Any]) -> None:
        self._area = area
        self._facts = facts

    @property
    def api(self) -> Any:
        """Refuse: the host has no use for it."""
        raise unsupported("ConditionalFormat.api")

    def _formula(self, key: str) -> str | None:
        if key not in self._facts:
            return None
        return _from_calc(self._facts[key], _distance(self._area, self._facts))

    @property
    def type(self) -> str:
        """Return the rule's kind."""
        return self._facts["kind"]

    @property
    def stop_if_true(self) -> bool | None:
        """Return True: Calc applies the first rule that fits."""
        return None if self.type in ("color_scale", "data_bar", "icon_set") else self._facts.get("stop", True)

    @property
    def operator(self) -> str | None:
        """Return the comparison."""
        return self._facts.get("operator")

    @property
    def formula1(self) -> str | None:
        """Return the first value compared with."""
        return self._formula("formula1")

    @property
    def formula2(self) -> str | None:
        """Return the second value compared with."""
        return self._formula("formula2") if self.operator in ("between", "not_between") else None

    @property
    def formula(self) -> str | None:
        """Return the formula of a custom rule."""
        return self._formula("formula")

    def _look(self, key: str) -> Any:
        return self._facts.get("looks", {}).get(key)

    @property
    def fill_color(self) -> tuple[int, int, int] | None:
        """Return the fill."""
        found = self._look("fill_color")
        return None if found in (None, -1) else color_from_calc(found)

    @property
    def font_color(self) -> tuple[int, int, int] | None:
        """Return the font's colour."""
        found = self._look("font_color")
        return None if found in (None, -1) else color_from_calc(found)

    @property
    def font_bold(self) -> bool | None:
        """Return whether the font is bold."""
        return self._look("font_bold")

    @property
    def font_italic(self) -> bool | None:
        """Return whether the font is italic."""
        return self._look("font_italic")

    colors = bar_color = gradient = show_value = icon_set = reverse_order = threshold_types = thresholds = None

    def set(self, changes: dict[str, Any]) -> None:
        """Change the rule."""
        distance = _distance(self._area, self._facts)
        spec = _spec(changes, distance)
        stop = changes.get("stop_if_true", self._facts.get("stop", True))
        self._facts = self._area.sheet.change("formats.change", self._facts, spec) | {"stop": stop}

    def delete(self) -> None:
        """Delete the rule."""
        self._area.sheet.change("formats.delete", self._facts)


def _distance(area: Range, facts: dict[str, Any]) -> tuple[int, int]:
    """Return how far the rule's own first cell is from the active cell."""
    rows, columns = _from_active(area)
    top, left = facts["rects"][0][:2]
    return rows + top - (area.row - 1), columns + left - (area.column - 1)


def _spec(changes: dict[str, Any], distance: tuple[int, int]) -> dict[str, Any]:
    spec = dict(changes)
    spec.pop("stop_if_true", None)
    for key in ("formula", "formula1", "formula2"):
        if spec.get(key) is not None:
            spec[key] = _to_calc(str(spec[key]), distance)
    for key in ("fill_color", "font_color"):
        if spec.get(key) is not None:
            spec[key] = color_to_calc(spec[key])
    return spec


@counted("api")
class ConditionalFormats(base_classes.ConditionalFormats):
    """The rules that touch a range, the first to apply first."""

    def __init__(self, area: Range) -> None:
        self._area = area

    @property
    def api(self) -> Any:
        """Return something that is there."""
        return self

    def _rules(self) -> list[ConditionalFormat]:
        return [ConditionalFormat(self._area, facts) for facts in self._area._call("formats.list")]

    def __call__(self, key: int) -> ConditionalFormat:
        try:
            return self._rules()[key - 1]
        except (IndexError, TypeError):
            raise KeyError(key) from None

    def __len__(self) -> int:
        return len(self._rules())

    def __iter__(self) -> Iterator[ConditionalFormat]:
        return iter(self._rules())

    def __contains__(self, key: int) -> bool:
        return 1 <= key <= len(self)

    def _add(self, spec: dict[str, Any]) -> ConditionalFormat:
        made = _spec(spec, _from_active(self._area))
        identity = self._area.sheet.change("formats.add", [self._area.rect], made)
        found = next(one for one in self._area._call("formats.list") if one["id"] == identity and one["index"] == 0)
        return ConditionalFormat(self._area, found | {"stop": spec.get("stop_if_true", True)})

    def add_cell_value(self, spec: dict[str, Any]) -> ConditionalFormat:
        """Add a rule that compares values."""
        return self._add(spec)

    def add_custom(self, spec: dict[str, Any]) -> ConditionalFormat:
        """Add a rule with a formula."""
        return self._add(spec)

    def add_color_scale(self, spec: dict[str, Any]) -> ConditionalFormat:
        """Refuse: not imitated."""
        raise unsupported("ConditionalFormats.add_color_scale")

    def add_data_bar(self, spec: dict[str, Any]) -> ConditionalFormat:
        """Refuse: not imitated."""
        raise unsupported("ConditionalFormats.add_data_bar")

    def add_icon_set(self, spec: dict[str, Any]) -> ConditionalFormat:
        """Refuse: not imitated."""
        raise unsupported("ConditionalFormats.add_icon_set")

    def clear(self) -> None:
        """Delete the range's rules."""
        self._area._change("formats.clear")


@counted("api", "facts")
class DataValidation(base_classes.DataValidation):
    """The rule for typing into a range."""

    def __init__(self, area: Range) -> None:
        self._area = area

    @property
    def api(self) -> Any:
        """Return the imitated COM object."""
        from .shims import ValidationApi

        return ValidationApi(self._area)

    def _facts(self) -> dict[str, Any]:
        return self._area._call("validation.get")

    @property
    def type(self) -> str:
        """Return the rule's kind."""
        return self._facts()["type"]

    def _fact(self, what: str, kinds: frozenset[str] | None = None) -> Any:
        facts = self._facts()
        if facts["type"] in ("none", "mixed_criteria", "inconsistent") or (kinds and facts["type"] not in kinds):
            return None
        return facts[what]

    @property
    def operator(self) -> str | None:
        """Return the comparison."""
        return self._fact("operator", _WITH_VALUES)

    def _formula(self, what: str, kinds: frozenset[str]) -> str | None:
        found = self._fact(what, kinds)
        if not found:
            return None
        return found if _is_number(found) else _from_calc(found, _from_active(self._area))

    @property
    def formula1(self) -> str | None:
        """Return the first value."""
        return self._formula("formula1", _WITH_VALUES)

    @property
    def formula2(self) -> str | None:
        """Return the second value."""
        if self.operator not in ("between", "not_between"):
            return None
        return self._formula("formula2", _WITH_VALUES)

    @property
    def formula(self) -> str | None:
        """Return the formula of a custom rule."""
        return self._formula("formula1", frozenset({"custom"}))

    @property
    def source(self) -> str | None:
        """Return where a list's choices come from."""
        found = self._fact("formula1", frozenset({"list"}))
        if found is None:
            return None
        text = formulas.list_from_calc(found)
        if text.startswith("="):
            rows, columns = _from_active(self._area)
            return formulas.shift(text, -rows, -columns)
        return text

    @property
    def in_cell_dropdown(self) -> bool | None:
        """Return whether a list drops down."""
        return self._fact("in_cell_dropdown", frozenset({"list"}))

    @property
    def ignore_blank(self) -> bool | None:
        """Return whether a blank is allowed."""
        return self._fact("ignore_blank")

    @property
    def input_title(self) -> str | None:
        """Return the prompt's title."""
        return self._fact("input_title")

    @property
    def input_message(self) -> str | None:
        """Return the prompt."""
        return self._fact("input_message")

    @property
    def show_input(self) -> bool | None:
        """Return whether the prompt shows."""
        return self._fact("show_input")

    @property
    def error_title(self) -> str | None:
        """Return the error's title."""
        return self._fact("error_title")

    @property
    def error_message(self) -> str | None:
        """Return the error."""
        return self._fact("error_message")

    @property
    def show_error(self) -> bool | None:
        """Return whether the error shows."""
        return self._fact("show_error")

    @property
    def alert_style(self) -> str | None:
        """Return how strict the error is."""
        return self._fact("alert_style")

    def _set(self, spec: dict[str, Any]) -> None:
        if self.type in ("mixed_criteria", "inconsistent"):
            raise xlwings.XlwingsError(
                "Cannot update data validation because the target cells have different validation rules."
            )
        self._area._change("validation.set", spec)

    def set_list(self, source: Any, in_cell_dropdown: bool) -> None:
        """Allow the choices of a list."""
        if isinstance(source, base_classes.Range):
            text = f"={quoted(source.sheet.shared.text)}!{a1(source.rect)}"
        elif isinstance(source, base_classes.Name):
            text = f"={source.name}"
        elif isinstance(source, str):
            text = source
        else:
            text = ",".join(source)
        if len(text) > limits.LIST:
            raise ValueError("the Excel data validation source cannot exceed 255 characters")
        if text.startswith("="):
            text = formulas.shift(text, *_from_active(self._area))
        spec = {"type": "list", "formula1": formulas.list_to_calc(text), "in_cell_dropdown": in_cell_dropdown}
        self._set(spec)

    def set_rule(self, rule_type: str, operator: str | None, formula1: Any, formula2: Any) -> None:
        """Allow what fits a comparison or a formula."""
        distance = _from_active(self._area)
        spec = {"type": rule_type, "operator": operator, "formula1": _to_calc(str(formula1), distance)}
        if formula2 is not None:
            spec["formula2"] = _to_calc(str(formula2), distance)
        self._set(spec)

    def delete(self) -> None:
        """Allow everything."""
        self._area._change("validation.delete")


@counted("api")
class AutoFilter(base_classes.AutoFilter):
    """The filter of a range with a header row."""

    def __init__(self, area: Range) -> None:
        self._area = area

    @property
    def criteria(self) -> Any:
        """Refuse: Calc's filter keeps less than Excel's."""
        raise unsupported("AutoFilter.criteria")

    def _apply(self, field: int, tests: list[tuple[Any, Any, bool]]) -> None:
        self._area._change("filter.set")
        self._area.sheet.change("filter.apply", {field - 1: tests})

    def apply_values(self, field: int, values: list[str]) -> None:
        """Show the rows with one of some values."""
        self._apply(field, [("=", value, False) for value in values])

    def apply_comparison(self, field: int, operator: str, value1: Any, value2: Any) -> None:
        """Show the rows that fit a comparison."""
        signs = {
            "equal_to": [("=", value1, True)] if value1 is not None else [("empty", "", True)],
            "not_equal_to": [("<>", value1, True)] if value1 is not None else [("filled", "", True)],
            "greater_than": [(">", value1, True)],
            "less_than": [("<", value1, True)],
            "greater_than_or_equal": [(">=", value1, True)],
            "less_than_or_equal": [("<=", value1, True)],
            "between": [(">=", value1, True), ("<=", value2, True)],
            "not_between": [("<", value1, True), (">", value2, False)],
        }
        tests = [(sign, _comparable(value), both) for sign, value, both in signs[operator]]
        self._apply(field, tests)

    def apply_top_items(self, field: int, count: int) -> None:
        """Show the largest."""
        self._apply(field, [("top", float(count), True)])

    def apply_bottom_items(self, field: int, count: int) -> None:
        """Show the smallest."""
        self._apply(field, [("bottom", float(count), True)])

    def apply_top_percent(self, field: int, percent: float) -> None:
        """Show the largest share."""
        self._apply(field, [("top%", percent, True)])

    def apply_bottom_percent(self, field: int, percent: float) -> None:
        """Show the smallest share."""
        self._apply(field, [("bottom%", percent, True)])

    def clear(self, field: int | None) -> None:
        """Show all rows again; without a field, take the buttons away too."""
        if field is None:
            self._area.sheet.change("filter.set", None)
        else:
            self._area.sheet.change("filter.apply", {})
