"""Charts, pictures and other shapes, as far as a ledger has any."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from .counting import counted
from .errors import unsupported
from .sizes import mm_of_points, points_of

if TYPE_CHECKING:
    from .sheets import Sheet


class _Collection(base_classes.Collection):
    """Things on a sheet, by name or number."""

    parent: Sheet = None

    def __init__(self, sheet: Sheet) -> None:
        self.parent = sheet

    def _names(self) -> list[str]:
        raise NotImplementedError

    def _one(self, name: str) -> Any:
        raise NotImplementedError

    @property
    def api(self) -> Any:
        """Refuse: the host has no use for it."""
        raise unsupported(f"{type(self).__name__}.api")

    def __call__(self, key: int | str) -> Any:
        names = self._names()
        if isinstance(key, str):
            if key in names:
                return self._one(key)
        elif 1 <= key <= len(names):
            return self._one(names[key - 1])
        raise KeyError(key)

    def __len__(self) -> int:
        return len(self._names())

    def __iter__(self) -> Iterator[Any]:
        return iter([self._one(name) for name in self._names()])

    def __contains__(self, key: int | str) -> bool:
        names = self._names()
        return key in names if isinstance(key, str) else 1 <= key <= len(names)


def _place_property(index: int) -> property:
    def get(self: Any) -> float:
        return points_of(self._place()[index])

    def put(self: Any, value: float) -> None:
        place = list(self._place())
        place[index] = mm_of_points(value)
        self.parent.change("charts.set", self._name, "place", tuple(place))

    return property(get, put)


class _Placed:
    """Something with a place and a name on a sheet."""

    parent: Sheet = None
    _name: str

    def _place(self) -> tuple[int, int, int, int]:
        return self.parent.call("charts.get", self._name, "place")

    left = _place_property(0)
    top = _place_property(1)
    width = _place_property(2)
    height = _place_property(3)

    @property
    def name(self) -> str:
        """Return the name."""
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        self.parent.change("charts.set", self._name, "name", value)
        self._name = value


@counted("api", "parent")
class Chart(_Placed, base_classes.Chart):
    """A chart."""

    def __init__(self, sheet: Sheet, name: str) -> None:
        self.parent = sheet
        self._name = name

    @property
    def api(self) -> Any:
        """Refuse: the host has no use for it."""
        raise unsupported("Chart.api")

    @property
    def chart_type(self) -> str:
        """Return the type."""
        return self.parent.call("charts.get", self._name, "type")

    @chart_type.setter
    def chart_type(self, value: str) -> None:
        self.parent.change("charts.set", self._name, "type", value)

    @property
    def title(self) -> str | None:
        """Return the title."""
        return self.parent.call("charts.get", self._name, "title")

    @title.setter
    def title(self, value: str | None) -> None:
        self.parent.change("charts.set", self._name, "title", value)

    def set_source_data(self, rng: Any, plot_by: str | None = None) -> None:
        """Draw a range."""
        self.parent.change("charts.set", self._name, "source", (rng.rect, plot_by == "rows"))

    def delete(self) -> None:
        """Delete the chart."""
        self.parent.change("charts.delete", self._name)


@counted("api", "parent")
class Charts(_Collection, base_classes.Charts):
    """The charts of a sheet."""

    def _names(self) -> list[str]:
        return self.parent.call("charts.names")

    def _one(self, name: str) -> Chart:
        return Chart(self.parent, name)

    def add(
        self,
        left: float,
        top: float,
        width: float,
        height: float,
        chart_type: str | None = None,
        source: Any = None,
        plot_by: str | None = None,
        name: str | None = None,
        anchor: Any = None,
        style: Any = None,
    ) -> Chart:
        """Add a chart."""
        if anchor is not None:
            left, top = anchor.left, anchor.top
        place = tuple(map(mm_of_points, (left, top, width, height)))
        made = Chart(self.parent, self.parent.change("charts.add", place, name))
        if chart_type is not None:
            made.chart_type = chart_type
        if source is not None:
            made.set_source_data(source, plot_by)
        return made


@counted("api", "parent")
class Picture(_Placed, base_classes.Picture):
    """A picture."""

    def __init__(self, sheet: Sheet, name: str) -> None:
        self.parent = sheet
        self._name = name

    @property
    def api(self) -> Any:
        """Refuse: the host has no use for it."""
        raise unsupported("Picture.api")

    def delete(self) -> None:
        """Delete the picture."""
        self.parent.change("shapes.delete", self._name)


@counted("api", "parent")
class Pictures(_Collection, base_classes.Pictures):
    """The pictures of a sheet."""

    def _names(self) -> list[str]:
        return [name for name, kind in self.parent.call("shapes.list") if kind == "picture"]

    def _one(self, name: str) -> Picture:
        return Picture(self.parent, name)

    def add(
        self,
        filename: str,
        link_to_file: Any,
        save_with_document: Any,
        left: float | None,
        top: float | None,
        width: float | None,
        height: float | None,
        anchor: Any = None,
    ) -> Picture:
        """Put a picture on the sheet."""
        if anchor is not None:
            left, top = anchor.left, anchor.top
        place = tuple(mm_of_points(0 if size in (None, -1) else size) for size in (left, top, width, height))
        place = (*place[:2], place[2] or 2540, place[3] or 2540)
        name = f"Picture {len(self) + 1}"
        self.parent.change("pictures.add", os.path.realpath(filename), place, name)
        return Picture(self.parent, name)


@counted("api", "parent")
class Shape(_Placed, base_classes.Shape):
    """Anything drawn."""

    def __init__(self, sheet: Sheet, name: str) -> None:
        self.parent = sheet
        self._name = name

    @property
    def api(self) -> Any:
        """Return the imitated COM object."""
        from .shims import ShapeApi

        return ShapeApi(self)

    @property
    def type(self) -> str:
        """Return "chart", "picture" or "auto_shape"."""
        return dict(self.parent.call("shapes.list"))[self._name]

    def delete(self) -> None:
        """Delete it."""
        self.parent.change("shapes.delete", self._name)


@counted("api", "parent")
class Shapes(_Collection):
    """What is drawn on a sheet."""

    def _names(self) -> list[str]:
        return [name for name, _ in self.parent.call("shapes.list")]

    def _one(self, name: str) -> Shape:
        return Shape(self.parent, name)
