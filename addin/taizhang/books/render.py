"""New workbooks: draws `layout` data with XlsxWriter, each formula with the value our code computed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from taizhang.books.rows import Look, Rows, Scratch
from taizhang.layout.parts import MARGINS, Area, Cell, Chart, Formula, Page, Series, Sheet, State, Validation, Workbook
from taizhang.styles import LINE, STYLES, Style, darkened
from taizhang.values import serial

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAPER_NUMBERS = {"A3": 8, "A4": 9}
_KINDS = {
    "percent": "decimal",
    "length": "length",
    "date": "date",
    "integer": "integer",
    "decimal": "decimal",
    "list": "list",
}
_CREATED = datetime(2020, 1, 1)  # a fixed moment: the same content gives the same bytes


def render(book: Workbook) -> bytes:
    """Return the workbook as the bytes of an .xlsx file; the same data gives the same bytes."""
    return _rendered(book, apart=False).data


def scratch(book: Workbook) -> Scratch:
    """Return the workbook as `graft.put` takes its sheets: long runs of rows stay data until they are where they go."""
    return _rendered(book, apart=True)


def _rendered(book: Workbook, *, apart: bool) -> Scratch:
    from taizhang.books.target import Target

    buffer = BytesIO()
    # Text stays text: nothing of ours may turn into a formula, a number or a web link.
    target = Target(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False},
    )
    target.lock_structure = book.lock_structure
    formats = _Formats(target)
    rows = {sheet.name: _draw(target.add_worksheet(sheet.name), sheet, formats, target, apart) for sheet in book.sheets}
    for name, area in book.names.items():
        target.define_name(name, f"={area}")
    for name, value in book.properties.items():
        target.set_custom_property(name, value, "text")
    target.set_properties({"created": _CREATED})
    target.set_calc_mode("auto")  # also sets fullCalcOnLoad
    _activate(target, book)
    target.close()
    return Scratch(buffer.getvalue(), rows if apart else {}, formats.numbers)


class _Formats:
    """XlsxWriter's formats by the looks of cells, made once each, and their numbers in the stylesheet."""

    def __init__(self, target: Any) -> None:
        self._target = target
        self._made: dict[Look, Any] = {}
        self.numbers: dict[Look, int] = {}

    def __getitem__(self, look: Look) -> Any:
        if look not in self._made:
            name, fill = look
            style = STYLES[name]
            made = self._target.add_format(_properties(replace(style, fill=fill) if fill else style))
            self.numbers[look] = int(made._get_xf_index())  # in the order in which they are first asked for
            self._made[look] = made
        return self._made[look]

    def of(self, cell: Cell) -> Any:
        """Return the format of a cell."""
        return self[cell.style, cell.fill]


def _properties(style: Style) -> Mapping[str, object]:
    found: dict[str, object] = {
        "font_name": style.font,
        "font_size": style.size,
        "bold": style.bold,
        "font_color": style.colour,
        "align": style.horizontal,
        "valign": style.vertical,
        "text_wrap": style.wrap,
        "num_format": style.format,
        "locked": style.locked,
    }
    if style.fill:
        found["bg_color"] = style.fill
    if style.border:
        found |= {"border": 1, "border_color": LINE}
    return found


def _activate(target: Any, book: Workbook) -> None:
    """Show one sheet, and it alone: of several selected ones each takes what is typed into another."""
    drawn = [one for one, sheet in zip(target.worksheets(), book.sheets, strict=True) if sheet.state is State.VISIBLE]
    active = [one for one, sheet in zip(target.worksheets(), book.sheets, strict=True) if sheet.active]
    if drawn:
        drawn[0].set_first_sheet()
        (active or drawn)[0].activate()


def _draw(drawn: Any, sheet: Sheet, formats: _Formats, target: Any, apart: bool) -> Rows:
    """Draw a sheet; return its long run of rows, which is not drawn where it is wanted `apart`."""
    for column, width in sheet.widths.items():
        drawn.set_column(column - 1, column - 1, width, None, {"hidden": column in sheet.hidden_columns})
    first = _first_of_many(sheet)
    for row, height in sheet.heights.items():
        if row < first or row > len(sheet.rows):
            drawn.set_row(row - 1, height)
    for r, row_cells in enumerate(sheet.rows[: first - 1]):
        for c, cell in enumerate(row_cells):
            if cell is not None:
                _write(drawn, r, c, cell.content, formats.of(cell))
    rows = Rows(first, sheet.rows[first - 1 :], sheet.heights)
    for asked in rows.looks:
        formats[asked]
    if apart:
        drawn.reach(rows)
    else:
        drawn.put_rows(rows, formats.numbers)
    _join(drawn, sheet, formats)
    if sheet.freeze:
        row, column = sheet.freeze
        drawn.freeze_panes(row - 1, column - 1, row - 1, (sheet.first or column) - 1)
    if sheet.cursor:
        drawn.set_selection(*_zero_based(Area(*sheet.cursor, *sheet.cursor)))
    if sheet.filter:
        drawn.autofilter(*_zero_based(sheet.filter))
    for rule in sheet.validations:
        _validate(drawn, rule)
    for look in sheet.conditionals:
        style = {"bg_color": look.fill, "font_color": look.font, "bold": look.bold}
        style = {name: value for name, value in style.items() if value}
        options = {"type": "formula", "criteria": f"={look.formula}", "format": target.add_format(style)}
        drawn.conditional_format(*_zero_based(look.area), options)
    for chart in sheet.charts:
        _chart(drawn, sheet.name, chart, target)
    _page(drawn, sheet.page)
    if sheet.state is State.HIDDEN:
        drawn.hide()
    elif sheet.state is State.VERY_HIDDEN:
        drawn.very_hidden()
    if sheet.protected:
        drawn.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})
    if sheet.tab:
        drawn.set_tab_color(sheet.tab)
    return rows


def _first_of_many(sheet: Sheet) -> int:
    """Return the row from which on rows are written at once: below what is merged; charts take their numbers from cells."""
    if sheet.charts:
        return len(sheet.rows) + 1
    below = max((row for row in sheet.heights if row > len(sheet.rows)), default=0)
    return len(sheet.rows) + 1 if below else 1 + max((area.bottom for area in sheet.merged), default=0)


def _write(drawn: Any, r: int, c: int, content: object, look: Any) -> None:
    match content:
        case None:
            drawn.write_blank(r, c, None, look)
        case Formula(text=text, value=value):
            cached = serial(value) if isinstance(value, date) else value
            drawn.write_formula(r, c, f"={text}", look, "" if cached is None else cached)
        case bool():
            drawn.write_boolean(r, c, content, look)
        case int() | float():
            drawn.write_number(r, c, content, look)
        case date():
            drawn.write_number(r, c, serial(content), look)
        case _:
            drawn.write_string(r, c, str(content), look)


def _join(drawn: Any, sheet: Sheet, formats: _Formats) -> None:
    for area in sheet.merged:
        cell = sheet.rows[area.top - 1][area.left - 1]
        assert cell is not None
        drawn.merge_range(*_zero_based(area), "", formats.of(cell))
        _write(drawn, area.top - 1, area.left - 1, cell.content, formats.of(cell))


def _zero_based(area: Area) -> tuple[int, int, int, int]:
    return area.top - 1, area.left - 1, area.bottom - 1, area.right - 1


def _validate(drawn: Any, rule: Validation) -> None:
    options: dict[str, object] = {"validate": _KINDS.get(rule.kind, "any")}
    if rule.kind == "list":
        options["source"] = f"={rule.source}"
    elif rule.kind == "date":
        options |= {"criteria": "between", "minimum": date(1990, 1, 1), "maximum": date(2099, 12, 31)}
    elif rule.kind == "percent":
        options |= {"criteria": "between", "minimum": 0, "maximum": 1}
    elif rule.kind == "integer":
        options |= {"criteria": "between", "minimum": 0, "maximum": 99999}
    elif rule.kind == "decimal":
        options |= {"criteria": "between", "minimum": -1e15, "maximum": 1e15}
    elif rule.kind == "length":
        options |= {"criteria": "<=", "value": int(rule.source)}
    if rule.prompt:
        options |= {"input_title": rule.prompt_title[:32], "input_message": rule.prompt[:255]}
    if rule.error:
        options |= {"error_title": rule.prompt_title[:32], "error_message": rule.error[:255]}
    options["ignore_blank"] = rule.blank
    options["error_type"] = "stop" if rule.strict else "information"
    drawn.data_validation(*_zero_based(rule.area), options)


def _chart(drawn: Any, name: str, chart: Chart, target: Any) -> None:
    made = target.add_chart(
        {"type": chart.kind, "name": chart.name, **({"subtype": chart.subtype} if chart.subtype else {})}
    )
    for series in chart.series:
        made.add_series(_series(name, chart, series))
    made.set_title({"name": chart.title, "name_font": {**_CHART_FONT, "size": 12, "bold": False}, "overlay": False})
    made.set_legend({"position": "bottom", "font": _CHART_FONT} if chart.legend else {"none": True})
    made.set_size({"width": chart.width, "height": chart.height})
    grid = {"major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}, "num_format": chart.axis}
    if chart.kind == "bar":
        across = {"reverse": True, "crossing": "max", "interval_unit": 1, "label_position": "low"}
        made.set_y_axis({**across, "num_font": _CHART_FONT})
        made.set_x_axis({**grid, "num_font": _CHART_FONT})
    elif chart.kind == "doughnut":
        made.set_hole_size(55)
    else:
        made.set_x_axis({"num_font": _CHART_FONT})
        made.set_y_axis({**grid, "num_font": _CHART_FONT})
    drawn.insert_chart(chart.row - 1, chart.column - 1, made, {"object_position": 2})


_CHART_FONT = {"name": STYLES["head"].font, "size": 9}


def _series(name: str, chart: Chart, series: Series) -> Mapping[str, object]:
    found: dict[str, object] = {
        "name": [name, series.name.top - 1, series.name.left - 1],
        "categories": [name, *_zero_based(series.categories)],
        "values": [name, *_zero_based(series.values)],
        "border": {"color": LINE, "width": 0.5},
    }
    if chart.kind == "line":
        dot = {"type": "circle", "size": 6, "fill": {"color": series.fill}, "border": {"color": series.fill}}
        found |= {"line": {"color": series.fill, "width": 2.25}, "marker": dot}
        del found["border"]
    elif series.hatched:
        stripes = darkened(series.fill)  # those of a light colour would not be seen on white paper
        found["pattern"] = {"pattern": "wide_upward_diagonal", "fg_color": stripes, "bg_color": "#FFFFFF"}
    elif series.fill:
        found["fill"] = {"color": series.fill}
    if chart.kind == "bar":
        found["gap"] = 60
    if series.points:
        found["points"] = [{"fill": {"color": colour}, "border": {"color": LINE}} for colour in series.points]
    if chart.labels:
        share = {"percentage": True} if chart.kind == "doughnut" else {"value": True}
        found["data_labels"] = {**share, "num_format": chart.labels, "font": _CHART_FONT}
    return found


def _page(drawn: Any, page: Page) -> None:
    drawn.set_paper(_PAPER_NUMBERS[page.paper])
    if page.landscape:
        drawn.set_landscape()
    drawn.set_margins(*MARGINS)
    drawn.center_horizontally()
    drawn.set_footer("&C第 &P 页，共 &N 页")
    if page.title_rows:
        drawn.repeat_rows(page.title_rows[0] - 1, page.title_rows[1] - 1)
    if page.title_columns:
        drawn.repeat_columns(page.title_columns[0] - 1, page.title_columns[1] - 1)
    if page.area:
        drawn.print_area(*_zero_based(page.area))
    if page.column_breaks:
        drawn.set_v_pagebreaks([column - 1 for column in page.column_breaks])
    if page.row_breaks:
        drawn.set_h_pagebreaks([row - 1 for row in page.row_breaks])
    if page.scale:
        drawn.set_print_scale(page.scale)
    else:
        drawn.fit_to_pages(page.fit_wide, page.fit_tall)
