"""What a sheet is, as plain data: any host can draw it, and a test can read it.

Rows and columns count from 1, as in Excel. Widths are in characters, heights in points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from taizhang.places import Place
from taizhang.values import Value


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula with the value our code computed, which viewers show until a program recalculates."""

    text: str
    value: Value = None


Content = Value | Formula


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what it holds, the name of its look in `styles`, and a fill of its own, if any."""

    content: Content = None
    style: str = "text"
    fill: str = ""


class State(Enum):
    """Whether a sheet's tab shows."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    VERY_HIDDEN = "veryHidden"


@dataclass(frozen=True)
class Area:
    """A block of cells, both corners included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Validation:
    """An entry rule on an area: `kind` is list, date, percent, integer or length.

    A list names an ASCII defined name; `strict` refuses other entries, otherwise Excel only asks.
    """

    area: Area
    kind: str
    source: str = ""
    prompt_title: str = ""
    prompt: str = ""
    strict: bool = True
    error: str = ""
    blank: bool = True


@dataclass(frozen=True)
class Conditional:
    """A look that an area takes where a formula, written for its first cell, holds."""

    area: Area
    formula: str
    fill: str
    font: str = "#000000"
    bold: bool = False


@dataclass(frozen=True)
class Series:
    """One series of a chart: name (one cell), categories and values as areas of a sheet.

    `hatched` draws its fill as a pattern; `points` are fills of their own for each value.
    """

    name: Area
    categories: Area
    values: Area
    fill: str = ""
    hatched: bool = False
    points: tuple[str, ...] = ()


OWN = "营商台账·"  # begins the name of everything we draw: what bears another name is the users'


@dataclass(frozen=True)
class Chart:
    """A native chart at a cell; `kind` is XlsxWriter's type, sizes are in pixels.

    `labels` is the number format of the values shown in it, if any; `legend` says whether it has one;
    `axis` is the number format of its values.
    """

    kind: str
    title: str
    row: int
    column: int
    series: tuple[Series, ...]
    width: int = 640
    height: int = 360
    subtype: str = ""
    labels: str = ""
    legend: bool = True
    axis: str = "0"

    @property
    def name(self) -> str:
        """Return what the chart is called among the objects of its sheet."""
        return OWN + self.title


PAPERS: Mapping[str, tuple[float, float]] = {"A4": (595.3, 841.9), "A3": (841.9, 1190.6)}  # points, upright
MARGINS = (0.5, 0.5, 0.6, 0.7)  # inches: left, right, top, bottom


@dataclass(frozen=True)
class Page:
    """How a sheet prints: paper A3 or A4, landscape or not, what repeats, how it is scaled.

    It fits so many pages in width and in height, 0 for as many as it takes.
    Breaks stand before a column or row; Excel honours them for certain only with a scale.
    """

    paper: str = "A4"
    landscape: bool = True
    title_rows: tuple[int, int] | None = None
    title_columns: tuple[int, int] | None = None
    area: Area | None = None
    fit_wide: int = 1
    fit_tall: int = 0
    scale: int | None = None
    column_breaks: tuple[int, ...] = ()
    row_breaks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """One sheet as plain data.

    `rows` is the grid from A1; `merged` joins areas whose top-left cell holds the content.
    `protected` locks what its style does not leave open, without a password. It opens with the column
    `first` next to the frozen ones, and with the `cursor` in a cell.
    """

    name: str
    rows: tuple[tuple[Cell | None, ...], ...] = ()
    widths: Mapping[int, float] = field(default_factory=dict)
    heights: Mapping[int, float] = field(default_factory=dict)
    hidden_columns: frozenset[int] = frozenset()
    merged: tuple[Area, ...] = ()
    freeze: tuple[int, int] | None = None
    first: int = 0
    cursor: Place | None = None
    filter: Area | None = None
    validations: tuple[Validation, ...] = ()
    conditionals: tuple[Conditional, ...] = ()
    charts: tuple[Chart, ...] = ()
    page: Page = field(default_factory=Page)
    state: State = State.VISIBLE
    protected: bool = True
    active: bool = False
    tab: str = ""


@dataclass(frozen=True)
class Workbook:
    """A whole workbook: its sheets in order, its defined names, and what it carries unseen."""

    sheets: tuple[Sheet, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    lock_structure: bool = False


@dataclass(frozen=True)
class EntryRule:
    """An entry rule as a workbook holds it: `kind` in the file's own words (list, date, whole …)."""

    kind: str
    formula: str
    areas: tuple[Area, ...]


@dataclass(frozen=True)
class Structure:
    """What an existing sheet has beside its values, as far as a check looks at it.

    Hidden rows and columns come as runs (first, last). `filtered` says that a filter is holding rows back.
    """

    formulas: frozenset[tuple[int, int]] = frozenset()
    hidden_rows: tuple[tuple[int, int], ...] = ()
    hidden_columns: tuple[tuple[int, int], ...] = ()
    merged: tuple[Area, ...] = ()
    rules: tuple[EntryRule, ...] = ()
    filter: Area | None = None
    filtered: bool = False


@dataclass(frozen=True)
class Mark:
    """A fault shown in its cell: the name of the look whose fill it takes, and the lines of its note."""

    look: str
    lines: tuple[str, ...]
