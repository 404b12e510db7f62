"""Rules on cells: conditional formats, validation, the autofilter. Formulas go in and out in Calc's words."""

from __future__ import annotations

from typing import Any

import guard
import host
from com.sun.star.beans.PropertyState import AMBIGUOUS_VALUE, DEFAULT_VALUE
from com.sun.star.sheet import ConditionEntryType as EntryType
from com.sun.star.sheet import ConditionFormatOperator as Operator
from com.sun.star.sheet import TableFilterField2
from host import OFFICE, Rect
from ops import op

_OPERATORS = {
    "between": Operator.BETWEEN,
    "not_between": Operator.NOT_BETWEEN,
    "equal_to": Operator.EQUAL,
    "not_equal_to": Operator.NOT_EQUAL,
    "greater_than": Operator.GREATER,
    "less_than": Operator.LESS,
    "greater_than_or_equal": Operator.GREATER_EQUAL,
    "less_than_or_equal": Operator.LESS_EQUAL,
}
_OPERATOR_NAMES = {value: name for name, value in _OPERATORS.items()}
_KINDS = {
    EntryType.COLORSCALE: "color_scale",
    EntryType.DATABAR: "data_bar",
    EntryType.ICONSET: "icon_set",
}


def _rects(condition: Any) -> list[Rect]:
    return [host.rect_of(address) for address in condition.Range.RangeAddresses]


@op("formats.list")
def listing(uid: str, name: str, rect: Rect) -> list[dict[str, Any]]:
    """Return the rules that touch an area: id, place within it, kind, formulas, looks, rectangles."""
    doc, sheet = host.document(uid), host.sheet(uid, name)
    order = OFFICE.state.sheet(uid, name).get("rules", [])
    conditions = [c for c in sheet.ConditionalFormats.getConditionalFormats() if _touches(c, rect)]
    conditions.sort(key=lambda c: (order.index(c.ID) if c.ID in order else len(order), c.ID))
    return [
        _entry(doc, condition, index, condition.getByIndex(index))
        for condition in conditions
        for index in range(condition.Count)
    ]


def _touches(condition: Any, rect: Rect) -> bool:
    return any(host.cut(one, rect) for one in _rects(condition))


def _entry(doc: Any, condition: Any, index: int, entry: Any) -> dict[str, Any]:
    kind = entry.getType()
    facts: dict[str, Any] = {"id": condition.ID, "index": index, "rects": _rects(condition), "key": None}
    if kind == EntryType.CONDITION:
        facts["key"] = _content(entry)
    if kind != EntryType.CONDITION:
        return facts | {"kind": _KINDS.get(kind, "unknown")}
    if entry.Operator == Operator.EXPRESSION:
        facts |= {"kind": "custom", "formula": entry.Formula1}
    elif entry.Operator in _OPERATOR_NAMES:
        operator = _OPERATOR_NAMES[entry.Operator]
        facts |= {"kind": "cell_value", "operator": operator, "formula1": entry.Formula1, "formula2": entry.Formula2}
    else:
        return facts | {"kind": "unknown"}
    return facts | {"looks": _looks(doc, entry.StyleName)}


def _looks(doc: Any, style_name: str) -> dict[str, Any]:
    styles = doc.StyleFamilies.getByName("CellStyles")
    if not styles.hasByName(style_name):
        return {}
    style = styles.getByName(style_name)
    facts = {"fill_color": style.CellBackColor}
    for key, own in (("font_color", "CharColor"), ("font_bold", "CharWeight"), ("font_italic", "CharPosture")):
        facts[key] = None if style.getPropertyState(own) == DEFAULT_VALUE else style.getPropertyValue(own)
    if facts["font_bold"] is not None:
        facts["font_bold"] = facts["font_bold"] >= 150
    if facts["font_italic"] is not None:
        facts["font_italic"] = facts["font_italic"].value != "NONE"
    return facts


@op("formats.add")
def add(uid: str, name: str, rects: list[Rect], spec: dict[str, Any]) -> int:
    """Add a rule that comes before all others of its cells; return its id."""
    doc, sheet = host.document(uid), host.sheet(uid, name)
    guard.sheet_free(sheet)
    formats = sheet.ConditionalFormats
    wanted = sorted(rects)
    for condition in formats.getConditionalFormats():
        if sorted(_rects(condition)) == wanted and _plain(condition):
            break
    else:
        identity = formats.createByRange(host.ranges(doc, sheet, rects))
        condition = _by_id(sheet, identity)
    _make_room(condition)
    _fill(doc, condition.getByIndex(0), spec, _new_style(doc))
    order = OFFICE.state.sheet(uid, name).get("rules", [])
    order = [condition.ID, *(one for one in order if one != condition.ID)]
    OFFICE.state.change_sheet(uid, name, rules=order)
    return condition.ID


def _plain(condition: Any) -> bool:
    return all(condition.getByIndex(index).getType() == EntryType.CONDITION for index in range(condition.Count))


def _make_room(condition: Any) -> None:
    """Add an entry and move the others up: wherever it is asked to, Calc adds one at the end."""
    entries = [condition.getByIndex(index) for index in range(condition.Count)]
    facts = [_content(entry) for entry in entries]
    condition.createEntry(EntryType.CONDITION, 0)
    for index, content in enumerate(facts, 1):
        _write(condition.getByIndex(index), content)


def _by_id(sheet: Any, identity: int) -> Any:
    for condition in sheet.ConditionalFormats.getConditionalFormats():
        if identity == condition.ID:
            return condition
    raise host.RefusedError("The conditional format does not exist any more.")


def _new_style(doc: Any) -> str:
    styles = doc.StyleFamilies.getByName("CellStyles")
    number = 1
    while styles.hasByName(f"ConditionalStyle_{number}"):
        number += 1
    styles.insertByName(f"ConditionalStyle_{number}", doc.createInstance("com.sun.star.style.CellStyle"))
    return f"ConditionalStyle_{number}"


def _fill(doc: Any, entry: Any, spec: dict[str, Any], style_name: str) -> None:
    if "formula" in spec:
        entry.Operator = Operator.EXPRESSION
        entry.Formula1 = spec["formula"]
    if "operator" in spec:
        entry.Operator = _OPERATORS[spec["operator"]]
    if "formula1" in spec:
        entry.Formula1 = spec["formula1"]
    if spec.get("formula2") is not None:
        entry.Formula2 = spec["formula2"]
    entry.StyleName = style_name
    style = doc.StyleFamilies.getByName("CellStyles").getByName(style_name)
    if spec.get("fill_color") is not None:
        style.CellBackColor = spec["fill_color"]
    if spec.get("font_color") is not None:
        style.CharColor = spec["font_color"]
    for suffix in ("", "Asian", "Complex"):
        if spec.get("font_bold") is not None:
            style.setPropertyValue(f"CharWeight{suffix}", 150.0 if spec["font_bold"] else 100.0)
        if spec.get("font_italic") is not None:
            slant = host.enum("com.sun.star.awt.FontSlant", "ITALIC" if spec["font_italic"] else "NONE")
            style.setPropertyValue(f"CharPosture{suffix}", slant)


def _content(entry: Any) -> tuple[int, str, str, str]:
    return entry.Operator, entry.Formula1, entry.Formula2, entry.StyleName


def _again(sheet: Any, rule: dict[str, Any]) -> tuple[Any, int]:
    """Return where a rule is now: by what it says, for ids and places change with every deletion."""
    found = []
    for condition in sheet.ConditionalFormats.getConditionalFormats():
        for index in range(condition.Count):
            entry = condition.getByIndex(index)
            key = _content(entry) if entry.getType() == EntryType.CONDITION else None
            if key == rule["key"] and any(host.cut(one, other) for one in _rects(condition) for other in rule["rects"]):
                found.append((condition, index))
    if not found:
        raise host.RefusedError("The conditional format does not exist any more.")
    return next((one for one in found if (one[0].ID, one[1]) == (rule["id"], rule["index"])), found[0])


@op("formats.change")
def change(uid: str, name: str, rule: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    """Change a rule's formulas or looks; return what it says now."""
    doc, sheet = host.document(uid), host.sheet(uid, name)
    guard.sheet_free(sheet)
    condition, index = _again(sheet, rule)
    entry = condition.getByIndex(index)
    _fill(doc, entry, spec, entry.StyleName)
    return _entry(doc, condition, index, condition.getByIndex(index))


@op("formats.delete")
def delete(uid: str, name: str, rule: dict[str, Any]) -> None:
    """Delete a rule. Calc's `removeByIndex` refuses the right numbers, so the others are entered anew."""
    doc, sheet = host.document(uid), host.sheet(uid, name)
    guard.sheet_free(sheet)
    condition, index = _again(sheet, rule)
    if condition.Count > 1 and not _plain(condition):
        raise NotImplementedError("the Calc engine does not delete one rule next to a colour scale, bar or icon set")
    rects = _rects(condition)
    kept = [_content(condition.getByIndex(place)) for place in range(condition.Count) if place != index]
    order = OFFICE.state.sheet(uid, name).get("rules", [])
    old = condition.ID
    sheet.ConditionalFormats.removeByID(old)
    if kept:
        new = sheet.ConditionalFormats.createByRange(host.ranges(doc, sheet, rects))
        condition = _by_id(sheet, new)
        for place, content in enumerate(kept):
            condition.createEntry(EntryType.CONDITION, place)
            _write(condition.getByIndex(place), content)
        OFFICE.state.change_sheet(uid, name, rules=[new if one == old else one for one in order])


def _write(entry: Any, content: tuple[int, str, str, str]) -> None:
    entry.Operator, entry.Formula1, entry.Formula2, entry.StyleName = content


@op("formats.clear")
def clear(uid: str, name: str, rect: Rect) -> None:
    """Delete the rules of an area; those that reach beyond it stay there."""
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    drop(host.document(uid), sheet, rect)


def drop(doc: Any, sheet: Any, rect: Rect) -> None:
    """Take an area out of the rules that touch it."""
    formats = sheet.ConditionalFormats
    for condition in formats.getConditionalFormats():
        if not _touches(condition, rect):
            continue
        left = [part for one in _rects(condition) for part in _outside(one, rect)]
        if left:
            condition.Range = host.ranges(doc, sheet, left)
        else:
            formats.removeByID(condition.ID)


def _outside(one: Rect, hole: Rect) -> list[Rect]:
    """Return what is left of a rectangle outside of another."""
    shared = host.cut(one, hole)
    if shared is None:
        return [one]
    top, left, bottom, right = one
    parts = [
        (top, left, shared[0] - 1, right),
        (shared[2] + 1, left, bottom, right),
        (shared[0], left, shared[2], shared[1] - 1),
        (shared[0], shared[3] + 1, shared[2], right),
    ]
    return [part for part in parts if part[0] <= part[2] and part[1] <= part[3]]


_VALIDATION = "com.sun.star.sheet.ValidationType"
_TYPES = {
    "none": "ANY",
    "whole_number": "WHOLE",
    "decimal": "DECIMAL",
    "list": "LIST",
    "date": "DATE",
    "time": "TIME",
    "text_length": "TEXT_LEN",
    "custom": "CUSTOM",
}
_TYPE_NAMES = {value: name for name, value in _TYPES.items()}
_CONDITION = "com.sun.star.sheet.ConditionOperator"
_CONDITIONS = {
    "between": "BETWEEN",
    "not_between": "NOT_BETWEEN",
    "equal_to": "EQUAL",
    "not_equal_to": "NOT_EQUAL",
    "greater_than": "GREATER",
    "less_than": "LESS",
    "greater_than_or_equal": "GREATER_EQUAL",
    "less_than_or_equal": "LESS_EQUAL",
}
_CONDITION_NAMES = {value: name for name, value in _CONDITIONS.items()}
_ALERTS = {"STOP": "stop", "WARNING": "warning", "INFO": "information", "MACRO": "stop"}


def _facts(validation: Any) -> dict[str, Any]:
    return {
        "type": _TYPE_NAMES.get(validation.Type.value, "unknown"),
        "operator": _CONDITION_NAMES.get(validation.getOperator().value),
        "formula1": validation.getFormula1(),
        "formula2": validation.getFormula2(),
        "in_cell_dropdown": bool(validation.ShowList),
        "ignore_blank": bool(validation.IgnoreBlankCells),
        "input_title": validation.InputTitle,
        "input_message": validation.InputMessage,
        "show_input": bool(validation.ShowInputMessage),
        "error_title": validation.ErrorTitle,
        "error_message": validation.ErrorMessage,
        "show_error": bool(validation.ShowErrorMessage),
        "alert_style": _ALERTS[validation.ErrorAlertStyle.value],
    }


@op("validation.get")
def validation(uid: str, name: str, rect: Rect) -> dict[str, Any]:
    """Return an area's rule; `type` is "inconsistent" or "mixed_criteria" where its cells differ."""
    area = host.area(uid, name, rect)
    if area.getPropertyState("Validation") != AMBIGUOUS_VALUE:
        return _facts(area.Validation)
    parts = area.getUniqueCellFormatRanges()
    found = [_facts(parts.getByIndex(index).Validation) for index in range(parts.Count)]
    if all(one == found[0] for one in found):
        return found[0]
    return {"type": "mixed_criteria" if any(one["type"] == "none" for one in found) else "inconsistent"}


@op("validation.set")
def set_validation(uid: str, name: str, rect: Rect, spec: dict[str, Any]) -> None:
    """Give an area a rule."""
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    area = host.within(sheet, rect)
    rule = area.Validation
    if rule.Type.value == "ANY":
        rule.IgnoreBlankCells = True
        rule.ShowErrorMessage = rule.ShowInputMessage = True
        rule.ErrorAlertStyle = host.enum("com.sun.star.sheet.ValidationAlertStyle", "STOP")
    rule.Type = host.enum(_VALIDATION, _TYPES[spec["type"]])
    rule.setOperator(host.enum(_CONDITION, _CONDITIONS[spec.get("operator") or "between"]))
    rule.setSourcePosition(host.cell_address(sheet, rect[0], rect[1]))
    rule.setFormula1(spec.get("formula1") or "")
    rule.setFormula2(spec.get("formula2") or "")
    if spec["type"] == "list":
        rule.ShowList = 1 if spec.get("in_cell_dropdown", True) else 0
    area.Validation = rule


@op("validation.delete")
def delete_validation(uid: str, name: str, rect: Rect) -> None:
    """Take an area's rule away."""
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    area = host.within(sheet, rect)
    rule = area.Validation
    rule.Type = host.enum(_VALIDATION, "ANY")
    rule.setFormula1("")
    rule.setFormula2("")
    rule.InputTitle = rule.InputMessage = rule.ErrorTitle = rule.ErrorMessage = ""
    area.Validation = rule


def filter_range(doc: Any, sheet: Any) -> Any | None:
    """Return the database range that carries the sheet's autofilter."""
    position = host.position(sheet)
    for one in doc.getPropertyValue("UnnamedDatabaseRanges"), doc.DatabaseRanges:
        if hasattr(one, "hasByTable"):
            if one.hasByTable(position):
                found = one.getByTable(position)
                if found.AutoFilter:
                    return found
            continue
        for name in one.ElementNames:
            found = one.getByName(name)
            if found.DataArea.Sheet == position and found.AutoFilter:
                return found
    return None


@op("filter.get")
def get_filter(uid: str, name: str) -> tuple[Rect, bool] | None:
    """Return (rectangle, whether rows are filtered out) of the sheet's autofilter, or None."""
    doc, sheet = host.document(uid), host.sheet(uid, name)
    found = filter_range(doc, sheet)
    if found is None:
        return None
    rect = host.rect_of(found.DataArea)
    if rect[0] == rect[2]:
        return rect, False
    return rect, bool(host.within(sheet, rect).queryVisibleCells().RangeAddresses) and bool(
        found.FilterDescriptor.getFilterFields2()
    )


@op("filter.set")
def set_filter(uid: str, name: str, rect: Rect | None) -> None:
    """Put the autofilter on an area; None takes it away and shows all rows."""
    doc, sheet = host.document(uid), host.sheet(uid, name)
    guard.allowed(uid, sheet, "AllowFiltering")
    found = filter_range(doc, sheet)
    if rect is None:
        if found is not None:
            _apply(doc, sheet, found, {})
            found.AutoFilter = False
        return
    if found is not None and host.rect_of(found.DataArea) == rect:
        return
    unnamed = doc.getPropertyValue("UnnamedDatabaseRanges")
    unnamed.setByTable(host.address_of(sheet, rect))
    made = unnamed.getByTable(host.position(sheet))
    made.ContainsHeader = True
    made.AutoFilter = True


@op("filter.apply")
def apply(uid: str, name: str, criteria: dict[int, list[tuple[str, Any, bool]]]) -> None:
    """Filter by columns: 0-based field -> [(operator, value, joined by and)]; {} shows all rows."""
    doc, sheet = host.document(uid), host.sheet(uid, name)
    guard.allowed(uid, sheet, "AllowFiltering")
    found = filter_range(doc, sheet)
    if found is not None:
        _apply(doc, sheet, found, criteria)


def _apply(doc: Any, sheet: Any, found: Any, criteria: dict[int, list[tuple[str, Any, bool]]]) -> None:
    area = host.within(sheet, host.rect_of(found.DataArea))
    descriptor = found.FilterDescriptor
    fields = []
    for column, tests in criteria.items():
        for number, (operator, value, both) in enumerate(tests):
            field = TableFilterField2()
            field.Connection = host.enum("com.sun.star.sheet.FilterConnection", "AND" if both or not number else "OR")
            field.Field = column
            field.Operator = operator if isinstance(operator, int) else _FILTERS[operator]
            field.IsNumeric = isinstance(value, float)
            if isinstance(value, float):
                field.NumericValue = value
            else:
                field.StringValue = value or ""
            fields.append(field)
    descriptor.setFilterFields2(tuple(fields))
    descriptor.ContainsHeader = True
    area.filter(descriptor)
    found.refresh()


_FILTERS = {
    "=": 2,
    "<>": 3,
    ">": 4,
    ">=": 5,
    "<": 6,
    "<=": 7,
    "top": 8,
    "top%": 9,
    "bottom": 10,
    "bottom%": 11,
    "empty": 0,
    "filled": 1,
}
