# ruff: noqa: N802, N803, N806
"""The few COM members our host uses, under their COM names and nothing else: what `.api` is on each object."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .counting import counted
from .errors import ComError, unsupported
from .formulas import from_calc, to_calc

if TYPE_CHECKING:
    from .books import Book
    from .drawings import Shape
    from .engine import App
    from .ranges import Range
    from .sheets import Sheet


class Shim:
    """A COM object that has only what is written down here."""

    _of: Any

    def __getattr__(self, member: str) -> Any:
        if member.startswith("_"):
            raise AttributeError(member)
        raise unsupported(f"{type(self).__name__.removesuffix('Api')}.api.{member}")

    def __setattr__(self, member: str, value: Any) -> None:
        if not member.startswith("_") and not isinstance(getattr(type(self), member, None), property):
            raise unsupported(f"setting {type(self).__name__.removesuffix('Api')}.api.{member}")
        object.__setattr__(self, member, value)


@counted()
class AppApi(Shim):
    """Excel.Application."""

    def __init__(self, app: App) -> None:
        self._app = app

    Ready = property(lambda self: True)
    Hwnd = property(lambda self: self._app.session.pid)
    ActiveProtectedViewWindow = property(lambda self: None)
    Version = property(lambda self: self._app.version)

    @property
    def Interactive(self) -> bool:
        """Return whether the user can type."""
        return self._app.interactive

    @Interactive.setter
    def Interactive(self, value: bool) -> None:
        self._app.interactive = value


@counted()
class BookApi(Shim):
    """Excel.Workbook."""

    def __init__(self, book: Book) -> None:
        self._book = book

    @property
    def ReadOnly(self) -> bool:
        """Return whether the workbook cannot be saved under its own path."""
        return self._book.fact("read_only")

    @property
    def Saved(self) -> bool:
        """Return whether nothing changed since it was saved."""
        return not self._book.fact("modified")

    @Saved.setter
    def Saved(self, value: bool) -> None:
        self._book.session.change("books.set_modified", self._book.uid, not value)

    @property
    def Path(self) -> str:
        """Return the folder, '' for a workbook never saved."""
        return self._book.fact("path").rpartition("/")[0]

    @property
    def FullName(self) -> str:
        """Return the path."""
        return self._book.fullname

    @property
    def Name(self) -> str:
        """Return the name."""
        return self._book.name

    @property
    def ProtectStructure(self) -> bool:
        """Return whether sheets can be added, deleted and so on."""
        return self._book.fact("protected")

    def SaveCopyAs(self, Filename: str) -> None:
        """Write a copy."""
        self._book.save_copy(str(Filename))

    def Protect(self, Password: str = "", Structure: bool = True, Windows: bool = False) -> None:
        """Protect the structure."""
        self._book.session.change("books.protect", self._book.uid, Password or "")

    def Unprotect(self, Password: str = "") -> None:
        """Lift the protection."""
        self._book.session.change("books.unprotect", self._book.uid, Password or "")

    @property
    def Charts(self) -> tuple[()]:
        """Return the charts on tabs of their own: Calc has none."""
        return ()

    @property
    def CustomDocumentProperties(self) -> PropertiesApi:
        """Return the custom properties."""
        return PropertiesApi(self._book)


@counted()
class PropertiesApi(Shim):
    """Office.DocumentProperties: the custom ones of a workbook."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def _all(self) -> dict[str, Any]:
        return self._book.session.call("books.properties", self._book.uid)

    @property
    def Count(self) -> int:
        """Return how many there are."""
        return len(self._all())

    def __call__(self, key: int | str) -> PropertyApi:
        names = list(self._all())
        for number, name in enumerate(names, 1):
            if key == number or (isinstance(key, str) and key.lower() == name.lower()):
                return PropertyApi(self._book, name)
        raise ComError(f"Invalid procedure call or argument: there is no document property {key!r}.")

    Item = __call__
    __getitem__ = __call__

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Any:
        return iter([PropertyApi(self._book, name) for name in self._all()])

    def Add(
        self, Name: str, LinkToContent: bool = False, Type: int = 4, Value: Any = None, LinkSource: Any = None
    ) -> Any:
        """Add a property: Type 1 is a whole number, 2 a boolean, 4 a text, 5 a number."""
        kinds = {1: int, 2: bool, 4: str, 5: float}
        if Type not in kinds:
            raise unsupported(f"CustomDocumentProperties.Add(Type={Type})")
        if Type == 4 and len(str(Value)) > 255:
            Value = str(Value)[:255]
        self._book.session.change("books.add_property", self._book.uid, Name, kinds[Type](Value))
        return PropertyApi(self._book, Name)


@counted("Name")
class PropertyApi(Shim):
    """Office.DocumentProperty."""

    def __init__(self, book: Book, name: str) -> None:
        self._book = book
        self._name = name

    @property
    def Name(self) -> str:
        """Return the name."""
        return self._name

    @property
    def Value(self) -> Any:
        """Return the value."""
        return self._book.session.call("books.properties", self._book.uid)[self._name]

    @Value.setter
    def Value(self, value: Any) -> None:
        if isinstance(value, str):
            value = value[:255]
        self._book.session.change("books.set_property", self._book.uid, self._name, value)

    def Delete(self) -> None:
        """Delete the property."""
        self._book.session.change("books.delete_property", self._book.uid, self._name)


@counted()
class TabApi(Shim):
    """Excel.Tab."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    @property
    def Color(self) -> int | bool:
        """Return the colour as COM has it, 0xBBGGRR; False for none."""
        found = self._sheet.call("sheets.tab_color")
        return False if found == -1 else _swapped(found)

    @Color.setter
    def Color(self, value: int) -> None:
        self._sheet.change("sheets.set_tab_color", -1 if value is False else _swapped(int(value)))


def _swapped(color: int) -> int:
    return (color & 255) << 16 | color & 0xFF00 | color >> 16 & 255


_PROTECTION = (
    "DrawingObjects",
    "Contents",
    "Scenarios",
    "UserInterfaceOnly",
    "AllowFormattingCells",
    "AllowFormattingColumns",
    "AllowFormattingRows",
    "AllowInsertingColumns",
    "AllowInsertingRows",
    "AllowInsertingHyperlinks",
    "AllowDeletingColumns",
    "AllowDeletingRows",
    "AllowSorting",
    "AllowFiltering",
    "AllowUsingPivotTables",
)


@counted("Tab", "PageSetup", "Shapes")
class SheetApi(Shim):
    """Excel.Worksheet."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    @property
    def Visible(self) -> int:
        """Return -1 (visible), 0 (hidden) or 2 (very hidden)."""
        return self._sheet.call("sheets.visible")

    @Visible.setter
    def Visible(self, value: int) -> None:
        value = -1 if value is True else int(value)
        if value not in (-1, 0, 2):
            raise ComError("Unable to set the Visible property of the Worksheet class")
        self._sheet.change("sheets.show", value)

    @property
    def Name(self) -> str:
        """Return the name."""
        return self._sheet.name

    @property
    def ProtectContents(self) -> bool:
        """Return whether the sheet is protected."""
        return self._sheet.call("sheets.protection") is not None

    def Protect(self, Password: str = "", **allows: Any) -> None:
        """Protect the sheet, but for what is allowed."""
        for name in allows:
            if name not in _PROTECTION:
                raise unsupported(f"Worksheet.Protect({name}=...)")
        if allows.get("UserInterfaceOnly"):
            raise unsupported("Worksheet.Protect(UserInterfaceOnly=True)")
        self._sheet.change("sheets.protect", Password or "", {name: bool(value) for name, value in allows.items()})

    def Unprotect(self, Password: str = "") -> None:
        """Lift the protection."""
        self._sheet.change("sheets.unprotect", Password or "")

    @property
    def AutoFilterMode(self) -> bool:
        """Return whether there are filter buttons."""
        return self._sheet.call("filter.get") is not None

    @AutoFilterMode.setter
    def AutoFilterMode(self, value: bool) -> None:
        if value:
            raise ComError("Unable to set the AutoFilterMode property of the Worksheet class")
        self._sheet.change("filter.set", None)

    @property
    def FilterMode(self) -> bool:
        """Return whether rows are filtered out."""
        found = self._sheet.call("filter.get")
        return bool(found and found[1])

    def ShowAllData(self) -> None:
        """Show the rows that are filtered out."""
        if not self.FilterMode:
            raise ComError("ShowAllData method of Worksheet class failed")
        self._sheet.change("filter.apply", {})

    @property
    def Tab(self) -> TabApi:
        """Return the sheet's tab."""
        return TabApi(self._sheet)

    @property
    def PageSetup(self) -> PageSetupApi:
        """Return the print set-up."""
        return PageSetupApi(self._sheet)

    @property
    def Shapes(self) -> ShapesApi:
        """Return what is drawn on the sheet."""
        return ShapesApi(self._sheet)

    def ChartObjects(self) -> list[ShapeApi]:
        """Return the charts on the sheet."""
        from .drawings import Shape

        return [ShapeApi(Shape(self._sheet, name)) for name in self._sheet.call("charts.names")]

    def Paste(self) -> None:
        """Put the object that was copied on the sheet, of which a cell is to be selected."""
        self._sheet.change("shapes.paste")


@counted()
class ShapesApi(Shim):
    """Excel.Shapes."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    @property
    def Count(self) -> int:
        """Return how many there are."""
        return len(self._sheet.shapes)

    def __call__(self, key: int | str) -> ShapeApi:
        """Return one by its name or number; the last one lies before all others."""
        return ShapeApi(self._sheet.shapes(key))

    def __iter__(self) -> Any:
        return iter([ShapeApi(one) for one in self._sheet.shapes])


def _same_of(name: str) -> property:
    """Return a member that xlwings has too, under its own name."""
    own = name.lower()
    return property(lambda self: getattr(self._shape, own), lambda self, value: setattr(self._shape, own, value))


@counted("Chart")
class ShapeApi(Shim):
    """Excel.Shape, and the Excel.ChartObject of one that is a chart."""

    Name, Left, Top, Width, Height = map(_same_of, ("Name", "Left", "Top", "Width", "Height"))

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    @property
    def Type(self) -> int:
        """Return 3 for a chart, 13 for a picture, 1 for a shape."""
        return {"chart": 3, "picture": 13}.get(self._shape.type, 1)

    @property
    def HasChart(self) -> int:
        """Return -1 for a chart, else 0."""
        return -1 if self._shape.type == "chart" else 0

    @property
    def Chart(self) -> ChartApi:
        """Return the chart it is."""
        return ChartApi(self._shape.parent, self._shape.name)

    def Copy(self) -> None:
        """Take a copy, for Worksheet.Paste."""
        self._shape.parent.change("shapes.copy", self._shape.name)


@counted()
class ChartApi(Shim):
    """Excel.Chart."""

    def __init__(self, sheet: Sheet, name: str) -> None:
        self._sheet = sheet
        self._name = name

    @property
    def _title(self) -> str | None:
        found: str | None = self._sheet.call("charts.get", self._name, "title")
        return found

    @property
    def HasTitle(self) -> bool:
        """Return whether it has a title."""
        return self._title is not None

    @property
    def ChartTitle(self) -> TitleApi:
        """Return its title."""
        if self._title is None:
            raise ComError("This object has no title.")
        return TitleApi(self._title)

    def SeriesCollection(self) -> list[SeriesApi]:
        """Return its series."""
        return [SeriesApi(self, index) for index in range(len(self._series()))]

    def _series(self) -> list[tuple[str, str, str]]:
        found: list[tuple[str, str, str]] = self._sheet.call("charts.series", self._name)
        return found


@counted()
class TitleApi(Shim):
    """Excel.ChartTitle."""

    def __init__(self, text: str) -> None:
        self._text = text

    @property
    def Text(self) -> str:
        """Return what it says."""
        return self._text


_ONE_CELL = re.compile(r"(\$[A-Z]+\$\d+):\1$")  # Calc writes $B$11:$B$11 once a sheet was renamed


@counted()
class SeriesApi(Shim):
    """Excel.Series."""

    def __init__(self, chart: ChartApi, index: int) -> None:
        self._chart = chart
        self._index = index

    @property
    def Formula(self) -> str:
        """Return what it is drawn from, as =SERIES(name,categories,values,number)."""
        sources = (from_calc(f"={one}")[1:] for one in self._chart._series()[self._index])
        named = ",".join(_ONE_CELL.sub(r"\1", one) for one in sources)
        return f"=SERIES({named},{self._index + 1})"

    @Formula.setter
    def Formula(self, value: str) -> None:
        sources = to_calc(value).removeprefix("=SERIES(").split(";")[:3]
        self._chart._sheet.change("charts.draw_series", self._chart._name, self._index, tuple(sources))


@counted()
class PageSetupApi(Shim):
    """Excel.PageSetup."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    def _get(self, what: str) -> Any:
        return self._sheet.call("sheets.page")[what]

    def _put(self, **changes: Any) -> None:
        self._sheet.change("sheets.set_page", changes)

    @property
    def Orientation(self) -> int:
        """Return 1 (portrait) or 2 (landscape)."""
        return 2 if self._get("landscape") else 1

    @Orientation.setter
    def Orientation(self, value: int) -> None:
        self._put(landscape=value == 2)

    @property
    def PrintTitleRows(self) -> str:
        """Return "$1:$2", or ''."""
        rows = self._get("title_rows")
        return "" if rows is None else f"${rows[0] + 1}:${rows[1] + 1}"

    @PrintTitleRows.setter
    def PrintTitleRows(self, value: str) -> None:
        from .addresses import parse

        rect = parse(value) if value else None
        self._put(title_rows=None if rect is None else (rect[0], rect[2]))

    @property
    def PrintArea(self) -> str:
        """Return the print areas, or ''."""
        return self._sheet.page_setup.print_area or ""

    @PrintArea.setter
    def PrintArea(self, value: str) -> None:
        self._sheet.page_setup.print_area = value or None

    @property
    def FitToPagesWide(self) -> int | bool:
        """Return how many pages wide, or False."""
        return self._get("fit_wide") or False

    @FitToPagesWide.setter
    def FitToPagesWide(self, value: int | bool) -> None:
        self._put(fit_wide=int(value))

    @property
    def FitToPagesTall(self) -> int | bool:
        """Return how many pages tall, or False."""
        return self._get("fit_tall") or False

    @FitToPagesTall.setter
    def FitToPagesTall(self, value: int | bool) -> None:
        self._put(fit_tall=int(value))

    @property
    def Zoom(self) -> int | bool:
        """Return the scale in percent, False where pages are fitted."""
        return self._get("zoom") or False

    @Zoom.setter
    def Zoom(self, value: int | bool) -> None:
        if value:
            self._put(zoom=int(value))


@counted()
class RangeApi(Shim):
    """Excel.Range."""

    def __init__(self, area: Range) -> None:
        self._area = area

    @property
    def Locked(self) -> bool | None:
        """Return whether the cells are locked; None where they differ."""
        return self._area._call("cells.locked")

    @Locked.setter
    def Locked(self, value: bool) -> None:
        self._area._change("cells.lock", bool(value))

    @property
    def HasFormula(self) -> bool | None:
        """Return whether there are formulas; None where only some cells have one."""
        found = self._area._call("cells.kinds", "formulas", None)
        cells = sum((bottom - top + 1) * (right - left + 1) for top, left, bottom, right in found)
        return bool(cells) if cells in (0, len(self._area)) else None

    def AutoFilter(self) -> None:
        """Put filter buttons on the range, or take the sheet's away."""
        if self._area.sheet.api.AutoFilterMode:
            self._area.sheet.change("filter.set", None)
        else:
            self._area._change("filter.set")

    def __bool__(self) -> bool:
        return True


@counted()
class ValidationApi(Shim):
    """Excel.Validation: the messages that xlwings has no words for."""

    def __init__(self, area: Range) -> None:
        self._area = area
