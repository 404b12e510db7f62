"""Charts and pictures, as far as a ledger has any."""

from __future__ import annotations

from typing import Any

import guard
import host
import uno
from com.sun.star.awt import Rectangle, Size
from host import Rect
from ops import op

_TYPES = {
    "column_clustered": ("com.sun.star.chart.BarDiagram", {"Vertical": False}),
    "column_stacked": ("com.sun.star.chart.BarDiagram", {"Vertical": False, "Stacked": True}),
    "column_stacked_100": ("com.sun.star.chart.BarDiagram", {"Vertical": False, "Percent": True}),
    "bar_clustered": ("com.sun.star.chart.BarDiagram", {"Vertical": True}),
    "bar_stacked": ("com.sun.star.chart.BarDiagram", {"Vertical": True, "Stacked": True}),
    "line": ("com.sun.star.chart.LineDiagram", {"SymbolType": -3}),
    "line_markers": ("com.sun.star.chart.LineDiagram", {"SymbolType": -1}),
    "pie": ("com.sun.star.chart.PieDiagram", {}),
    "doughnut": ("com.sun.star.chart.DonutDiagram", {}),
    "area": ("com.sun.star.chart.AreaDiagram", {}),
    "xy_scatter": ("com.sun.star.chart.XYDiagram", {"Lines": False}),
    "radar": ("com.sun.star.chart.NetDiagram", {}),
}


def _shape(sheet: Any, name: str) -> Any:
    page = sheet.DrawPage
    for index in range(page.Count):
        shape = page.getByIndex(index)
        if getattr(shape, "PersistName", None) == name or shape.Name == name:
            return shape
    raise host.MissingError(name)


def _chart(sheet: Any, name: str) -> Any:
    for own in sheet.Charts.ElementNames:
        if own == name or _shape(sheet, own).Name == name:
            return sheet.Charts.getByName(own)
    raise host.MissingError(name)


@op("charts.names")
def names(uid: str, name: str) -> list[str]:
    """Return the charts' names."""
    sheet = host.sheet(uid, name)
    return [_shape(sheet, own).Name or own for own in sheet.Charts.ElementNames]


@op("charts.add")
def add(uid: str, name: str, place: tuple[int, int, int, int], chart_name: str | None) -> str:
    """Add an empty chart at (left, top, width, height) in 1/100 mm; return its name."""
    sheet = host.sheet(uid, name)
    number = sheet.Charts.Count + 1
    while chart_name is None or sheet.Charts.hasByName(chart_name):
        chart_name, number = f"Chart {number}", number + 1
    sheet.Charts.addNewByName(chart_name, Rectangle(*place), (), True, True)
    return chart_name


@op("charts.delete")
def delete(uid: str, name: str, chart_name: str) -> None:
    """Delete a chart."""
    sheet = host.sheet(uid, name)
    for own in sheet.Charts.ElementNames:
        if own == chart_name or _shape(sheet, own).Name == chart_name:
            sheet.Charts.removeByName(own)
            return


@op("charts.get")
def get(uid: str, name: str, chart_name: str, what: str) -> Any:
    """Return a chart's "title", "type" or "place"."""
    sheet = host.sheet(uid, name)
    if what == "place":
        shape = _shape(sheet, chart_name)
        return shape.Position.X, shape.Position.Y, shape.Size.Width, shape.Size.Height
    chart = _chart(sheet, chart_name).EmbeddedObject
    if what == "title":
        return chart.Title.String if chart.HasMainTitle else None
    if what == "sources":
        return [host.rect_of(address) for address in _chart(sheet, chart_name).getRanges()]
    return _type_of(chart.Diagram)


def _type_of(diagram: Any) -> str:
    own = diagram.getDiagramType()
    for ours, (service, options) in _TYPES.items():
        if service == own and all(getattr(diagram, key, None) == value for key, value in options.items()):
            return ours
    return next((ours for ours, (service, _) in _TYPES.items() if service == own), "combination")


@op("charts.set")
def put(uid: str, name: str, chart_name: str, what: str, value: Any) -> None:
    """Change a chart's "title", "type", "place", "name" or "source" (a rectangle and whether rows are series)."""
    sheet = host.sheet(uid, name)
    if what == "place":
        shape = _shape(sheet, chart_name)
        spot, size = shape.Position, Size(value[2], value[3])
        spot.X, spot.Y = value[0], value[1]
        shape.setPosition(spot)
        shape.setSize(size)
        return
    if what == "name":
        _shape(sheet, chart_name).Name = value
        return
    table = _chart(sheet, chart_name)
    if what == "source":
        _set_source(sheet, chart_name, table, value[0])
        return
    chart = table.EmbeddedObject
    if what == "title":
        chart.HasMainTitle = value is not None
        if value is not None:
            chart.Title.String = value
        return
    _set_type(chart, value)


def _set_source(sheet: Any, chart_name: str, table: Any, rect: Rect) -> None:
    """Draw a range. A chart made without one is made anew: Calc would not save it."""
    address = host.address_of(sheet, rect)
    if table.getRanges():
        table.setRanges((address,))
        return
    shape = _shape(sheet, chart_name)
    place = Rectangle(shape.Position.X, shape.Position.Y, shape.Size.Width, shape.Size.Height)
    chart = table.EmbeddedObject
    kind, title = _type_of(chart.Diagram), chart.Title.String if chart.HasMainTitle else None
    name = next(own for own in sheet.Charts.ElementNames if own == chart_name or _shape(sheet, own).Name == chart_name)
    sheet.Charts.removeByName(name)
    sheet.Charts.addNewByName(name, place, (address,), True, True)
    made = sheet.Charts.getByName(name).EmbeddedObject
    _set_type(made, kind)
    if title is not None:
        made.HasMainTitle = True
        made.Title.String = title


def _set_type(chart: Any, kind: str) -> None:
    if kind not in _TYPES:
        raise NotImplementedError(f"the Calc engine does not offer the chart type {kind!r}")
    service, options = _TYPES[kind]
    diagram = chart.createInstance(service)
    chart.setDiagram(diagram)
    for key, option in options.items():
        diagram.setPropertyValue(key, option)


@op("shapes.list")
def shapes(uid: str, name: str) -> list[tuple[str, str]]:
    """Return (name, kind) of everything drawn on a sheet, notes left out."""
    page = host.sheet(uid, name).DrawPage
    found = []
    for index in range(page.Count):
        shape = page.getByIndex(index)
        kind = shape.ShapeType
        if "CaptionShape" in kind or "Annotation" in kind:
            continue
        own = "chart" if "OLE2" in kind else "picture" if "GraphicObject" in kind else "auto_shape"
        found.append((shape.Name or getattr(shape, "PersistName", "") or f"Shape {index + 1}", own))
    return found


@op("pictures.add")
def add_picture(uid: str, name: str, path: str, place: tuple[int, int, int, int], picture_name: str) -> None:
    """Put a picture on the sheet."""
    doc, sheet = host.document(uid), host.sheet(uid, name)
    provider = host.service("com.sun.star.graphic.GraphicProvider")
    graphic = provider.queryGraphic(host.values(URL=uno.systemPathToFileUrl(path)))
    shape = doc.createInstance("com.sun.star.drawing.GraphicObjectShape")
    shape.Graphic = graphic
    sheet.DrawPage.add(shape)
    shape.Name = picture_name
    spot = shape.Position
    spot.X, spot.Y = place[:2]
    shape.setPosition(spot)
    shape.setSize(Size(*place[2:]))


@op("shapes.delete")
def delete_shape(uid: str, name: str, shape_name: str) -> None:
    """Delete what is drawn under a name."""
    sheet = host.sheet(uid, name)
    sheet.DrawPage.remove(_shape(sheet, shape_name))


def _series(sheet: Any, name: str) -> list[Any]:
    """Return the series of a chart, with what each is drawn from."""
    diagram = _chart(sheet, name).EmbeddedObject.getFirstDiagram()
    kinds = (kind for system in diagram.getCoordinateSystems() for kind in system.getChartTypes())
    return [series for kind in kinds for series in kind.getDataSeries()]


def _categories(sheet: Any, name: str) -> Any:
    """Return the sequence a chart's categories are drawn from, or None."""
    for system in _chart(sheet, name).EmbeddedObject.getFirstDiagram().getCoordinateSystems():
        found = system.getAxisByDimension(0, 0).getScaleData().Categories
        if found is not None:
            return found
    return None


def _source(sequence: Any) -> str:
    return "" if sequence is None else sequence.getSourceRangeRepresentation()


@op("charts.series")
def series_of(uid: str, name: str, chart_name: str) -> list[tuple[str, str, str]]:
    """Return what each series of a chart is drawn from: (name, categories, values), in Calc's words."""
    sheet = host.sheet(uid, name)
    across = _categories(sheet, chart_name)
    labels = _source(None if across is None else across.getValues())
    return [
        (_source(one.getDataSequences()[0].getLabel()), labels, _source(one.getDataSequences()[0].getValues()))
        for one in _series(sheet, chart_name)
    ]


@op("charts.draw_series")
def draw_series(uid: str, name: str, chart_name: str, index: int, sources: tuple[str, str, str]) -> None:
    """Draw a series of a chart from other cells: (name, categories, values), in Calc's words; "" leaves one as it is."""
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    provider = _chart(sheet, chart_name).EmbeddedObject.getDataProvider()
    label, categories, values = (
        provider.createDataSequenceByRangeRepresentation(one) if one else None for one in sources
    )
    sequence = _series(sheet, chart_name)[index].getDataSequences()[0]
    if values is not None:
        values.Role = sequence.getValues().Role
        sequence.setValues(values)
    if label is not None:
        label.Role = "label"
        sequence.setLabel(label)
    across = _categories(sheet, chart_name)
    if categories is not None and across is not None:
        categories.Role = "categories"
        across.setValues(categories)


@op("shapes.copy")
def copy_shape(uid: str, name: str, shape_name: str) -> None:
    """Remember what is drawn under a name, for `shapes.paste`."""
    sheet = host.sheet(uid, name)
    guard.sheet_free(sheet)
    _shape(sheet, shape_name)
    _copied[:] = uid, name, shape_name


@op("shapes.paste")
def paste_shape(uid: str, name: str) -> None:
    """Put a copy on a sheet of the same workbook, before all else; a chart still draws the same cells."""
    target, view = host.sheet(uid, name), host.document(uid).CurrentController
    guard.sheet_free(target)
    if not _copied or _copied[0] != uid or view.ActiveSheet.Name != name or hasattr(view.getSelection(), "getShapes"):
        raise host.RefusedError("Paste method of Worksheet class failed")
    _, from_name, shape_name = _copied
    sheet, known = host.sheet(uid, from_name), set(target.Charts.ElementNames)
    carried = _transferable(view, sheet, shape_name)
    view.setActiveSheet(target)
    view.insertTransferable(carried)
    for made in set(target.Charts.ElementNames) - known:
        _draw_the_same(_chart(sheet, shape_name), target.Charts.getByName(made))
    host.settle()


_copied: list[str] = []  # no more than names: an object still held when the line breaks may bring the office down


def _transferable(view: Any, sheet: Any, shape_name: str) -> Any:
    """Return what is drawn under a name as the clipboard would have it; a cell is selected again."""
    view.setActiveSheet(sheet)
    view.select(_shape(sheet, shape_name))
    carried = view.getTransferable()
    view.select(sheet.getCellByPosition(0, 0))
    return carried


def _draw_the_same(chart: Any, copy: Any) -> None:
    """Have a copy draw the cells its model draws: Calc gives one on another sheet data of its own."""
    copy.setRanges(chart.getRanges())
    copy.setHasColumnHeaders(chart.getHasColumnHeaders())
    copy.setHasRowHeaders(chart.getHasRowHeaders())
