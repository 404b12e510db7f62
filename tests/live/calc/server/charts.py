"""Charts and pictures, as far as a ledger has any."""

from __future__ import annotations

from typing import Any

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
