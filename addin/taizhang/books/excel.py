"""The program Excel, through xlwings: what `live` needs of an open workbook, one request each.

On Windows the few things xlwings has no word for go through COM. Excel for macOS is driven
by AppleScript, which knows neither copies nor very hidden sheets: there the workbook is saved
before every act, and hidden sheets are plainly hidden.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taizhang.books.base import Rows
from taizhang.books.delta import tiles
from taizhang.books.disk import content_of, replace_file
from taizhang.books.drawn import are_ours
from taizhang.books.render import render
from taizhang.layout.parts import OWN, Area, Formula, Sheet, State, Workbook
from taizhang.places import Place
from taizhang.values import Value

if TYPE_CHECKING:
    import xlwings as xw

TITLE = "营商台账"
_VERY_HIDDEN, _HIDDEN = 2, 0  # XlSheetVisibility
_TEXT_PROPERTY = 4  # MsoDocProperties
_GROUP = 6  # MsoShapeType
_ANY_LIST = '"-"'
_BUSY = ("Excel 正忙，或有单元格正在编辑", "按回车或 Esc 结束编辑")


class ProgramError(RuntimeError):
    """What the program did not do as it was told."""


class ExcelProgram:
    """Excel with a workbook open."""

    def __init__(self, book: xw.Book) -> None:
        self.book = book

    @property
    def app(self) -> xw.App:
        """Return the instance of the program."""
        return self.book.app

    @property
    def scripted(self) -> bool:
        """Return whether the program is driven by AppleScript."""
        return bool(self.app.engine.name == "excel" and not hasattr(self.book.api, "SaveCopyAs"))

    @property
    def path(self) -> Path | None:
        """Return the workbook's file; None while it was never saved, or when it is not on this computer."""
        try:
            path = Path(self.book.fullname)
        except Exception:  # xlwings raises for a cloud folder it cannot find on this computer
            return None
        return path if path.is_absolute() and path.is_file() else None

    @property
    def name(self) -> str:
        """Return what the workbook is called in its window."""
        return str(self.book.name)

    def refusal(self) -> tuple[str, str] | None:
        """Return why the workbook cannot be written now, and what to do."""
        try:
            if self.scripted:
                return _READ_ONLY if self.book.api.read_only.get() else None
            if not self.app.api.Ready:
                return _BUSY
            return _READ_ONLY if self.book.api.ReadOnly else None
        except NotImplementedError:
            raise
        except Exception:  # while a cell is being edited Excel rejects every call
            return _BUSY

    def snapshot(self) -> bytes:
        """Return the workbook as it is, unsaved edits and all."""
        if self.scripted:
            self.book.save()
            return content_of(Path(self.book.fullname))
        with _folder() as folder:
            copy = Path(folder) / f"副本{Path(self.book.name).suffix or '.xlsx'}"
            self.book.api.SaveCopyAs(str(copy))
            return content_of(copy)

    def save(self) -> None:
        """Save the workbook where it stands."""
        self.book.save()

    def reopen(self, content: bytes) -> None:
        """Close the workbook without saving, put `content` in the place of its file, and open that."""
        path, app = self.path, self.app
        if path is None:
            raise ProgramError("the workbook has no file")
        app.display_alerts = False
        try:
            self.book.close()
            replace_file(path, content)
        finally:
            self.book = app.books.open(str(path))
            app.display_alerts = True

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Work without redrawing, recalculating, events and questions."""
        app = self.app
        before = {name: getattr(app, name) for name in _QUIET}
        try:
            for name, value in _QUIET.items():
                setattr(app, name, value)
            yield
        finally:
            for name, value in reversed(before.items()):
                with contextlib.suppress(Exception):  # one that cannot be set back must not keep the others
                    setattr(app, name, value)
            self.tell(None)

    def wake(self) -> None:
        """Set back what `quiet` had set when it was cut off."""
        for name, value in _AWAKE.items():
            with contextlib.suppress(Exception):
                setattr(self.app, name, value)

    @contextmanager
    def opened(self, sheets: Iterable[str]) -> Iterator[None]:
        """Lift the protection, without a password, of sheets while they are written."""
        there = set(self.sheet_names())
        lifted = [name for name in sheets if name in there and self._lift(name)]
        try:
            yield
        finally:
            for name in lifted:
                self._protect(self.book.sheets[name])

    def unfiltered(self, sheet: str) -> bool:
        """Show all rows of a sheet; return whether a filter was holding any back."""
        found = self.book.sheets[sheet]
        if self.scripted:
            held = bool(found.api.filter_mode.get())
            if held:
                found.api.show_all_data()
            return held
        if not found.api.FilterMode:
            return False
        found.api.ShowAllData()
        return True

    def sheet_names(self) -> list[str]:
        """Return the names of all tabs in their order."""
        return [sheet.name for sheet in self.book.sheets]

    def value(self, sheet: str, place: Place) -> Value:
        """Return what one cell holds; None for a sheet that is not there."""
        found: Value = self.book.sheets[sheet].range(place).value if sheet in self.sheet_names() else None
        return found

    def read(self, sheet: str, area: Area) -> Rows:
        """Return what an area holds, errors as their names."""
        rows: Rows = self._range(sheet, area).options(ndim=2, err_to_str=True).value
        return rows

    def write(self, sheet: str, place: Place, rows: Rows) -> None:
        """Write a block."""
        area = Area(*place, place[0] + len(rows) - 1, place[1] + len(rows[0]) - 1)
        self._range(sheet, area).value = [list(row) for row in rows]

    def write_formulas(self, sheet: str, place: Place, rows: Sequence[Sequence[str]]) -> None:
        """Write a block of formulas."""
        area = self._range(sheet, Area(*place, place[0] + len(rows) - 1, place[1] + len(rows[0]) - 1))
        area.formula = rows[0][0] if len(rows) == len(rows[0]) == 1 else [list(row) for row in rows]

    def set_format(self, sheet: str, area: Area, code: str) -> None:
        """Give an area a number format."""
        self._range(sheet, area).number_format = code

    def set_fill(self, sheet: str, area: Area, colour: str) -> None:
        """Give an area a fill."""
        self._range(sheet, area).color = colour or None

    def set_lock(self, sheet: str, area: Area, locked: bool) -> None:
        """Lock or open an area's cells."""
        found = self._range(sheet, area)
        if self.scripted:
            found.api.locked.set(locked)
        else:
            found.api.Locked = locked

    def dress(self, sheet: str, like: int, area: Area) -> None:
        """Give the rows of an area the looks and the height of another row."""
        model = self._range(sheet, Area(like, area.left, like, area.right))
        target = self._range(sheet, area)
        model.copy()
        target.paste(paste="formats")
        self.app.cut_copy_mode = False
        target.row_height = model.row_height

    def set_height(self, sheet: str, first: int, last: int, height: float) -> None:
        """Give rows a height in points."""
        self._range(sheet, Area(first, 1, last, 1)).row_height = height

    def set_note(self, sheet: str, place: Place, text: str | None) -> None:
        """Give a cell a note, instead of the one it has, or none."""
        cell = self.book.sheets[sheet].range(place)
        note = cell.note
        if note is not None:
            note.delete()
        if text:
            note = cell.add_note(text)
            with contextlib.suppress(Exception):  # the box fits its text where the program can do that
                note.api.Shape.TextFrame.AutoSize = True

    def recolour(self, sheet: str, column: int, colours: dict[str, str]) -> None:
        """Give the conditional looks of a column their colours, by the formula of each."""
        used = self.book.sheets[sheet].used_range.last_cell.row
        # Excel tells a formula as it is from the active cell: only what it compares with is the same everywhere.
        wanted = {formula.rpartition("=")[2]: colour for formula, colour in colours.items()}
        for look in self._range(sheet, Area(1, column, used, column)).conditional_formats:
            colour = wanted.get((look.formula or "").rpartition("=")[2]) if look.type == "custom" else None
            if colour:
                look.set(fill_color=colour)

    def print_to(self, sheet: str, area: Area) -> None:
        """Give a sheet another print area."""
        self.book.sheets[sheet].page_setup.print_area = self._range(sheet, area).address

    def filter_to(self, sheet: str, area: Area) -> None:
        """Give a sheet's filter another area; macOS is left to take in the rows below when it next filters."""
        found = self.book.sheets[sheet].api
        if not self.scripted and found.AutoFilterMode:
            found.AutoFilterMode = False
            self._range(sheet, area).api.AutoFilter()

    def put(self, sheet: Sheet, after: str | None) -> str:
        """Put a rendered sheet in; it is drawn in a workbook of its own, and moved in from there.

        Names and charts that refer to its namesake, and what staff have drawn on that, go over to it
        as far as the program can be told to; see `base`.
        """
        names = self.sheet_names()
        old = self.book.sheets[sheet.name] if sheet.name in names else None
        made = self._moved_in(sheet, old, after)
        for area, texts in tiles(dict(_formulas(sheet))):
            self.write_formulas(made.name, (area.top, area.left), texts)
        for rule in sheet.validations:
            if rule.kind == "list":
                self._range(made.name, rule.area).data_validation.set_list(self.book.names[rule.source])
        kept = "" if old is None else self._replaced(old, made, sheet)
        if sheet.protected:
            self._protect(made)
        self._hide(made, sheet.state)
        return kept

    def _replaced(self, old: Any, made: Any, sheet: Sheet) -> str:
        """Put a sheet in the place of its namesake; return what that is called now if it had to stay."""
        self._repoint_names(sheet.name, made.name)
        kept = ""
        if self._charts_repointed(sheet.name, made.name) and self._taken_over(_drawn_by_staff(old, sheet), old, made):
            self._hide(old, State.HIDDEN)  # Excel deletes no sheet that is very hidden
            old.delete()
        else:
            taken = self.sheet_names()
            kept = next(name for n in count(1) if (name := f"{sheet.name}（旧{n if n > 1 else ''}）") not in taken)
            old.name = kept
        made.name = sheet.name
        return kept

    def _taken_over(self, shapes: Sequence[Any], old: Any, made: Any) -> bool:
        """Copy objects to another sheet, to the same place; return whether all of them could be."""
        try:
            if shapes:
                self._lift(old.name)
                made.activate()
            for shape in shapes:
                made.range("A1").select()  # pasted while a chart is selected, an object would go into that
                for chart in _charts(_copied(shape.api, made.api)):
                    _repoint(chart, old.name, made.name)
        except Exception:  # whatever the program objects to: the old sheet stays then
            return False
        return True

    def _charts_repointed(self, name: str, to: str) -> bool:
        """Have the charts elsewhere that show a sheet's numbers show those of another; return whether all do.

        AppleScript has no word for what a chart shows: there they are left as they are.
        """
        if self.scripted:
            return True
        try:
            for sheet in self.book.sheets:
                if sheet.name not in (name, to):
                    self._repoint_charts(sheet, name, to)
            for chart in self.book.api.Charts:
                if _shows(chart, name, to):
                    _repoint(chart, name, to)
        except Exception:  # a sheet under a password, say: its charts go on with the old sheet
            return False
        return True

    def _repoint_charts(self, sheet: Any, name: str, to: str) -> None:
        """Have the charts of a sheet that show another's numbers show those of a third; ours show their own sheet's."""
        theirs = [holder.Chart for holder in sheet.api.ChartObjects() if not holder.Name.startswith(OWN)]
        charts = [chart for chart in theirs if _shows(chart, name, to)]
        if charts:
            with self.opened([sheet.name]):
                for chart in charts:
                    _repoint(chart, name, to)

    def _repoint_names(self, name: str, to: str) -> None:
        """Have defined names that refer to a sheet refer to another, but for the names of the two themselves."""
        for one in self.book.names:
            with contextlib.suppress(Exception):  # names that refer to nothing, or are the program's own
                wanted = _pointing(one.refers_to or "", name, to)
                scope = one.name.rpartition("!")[0].strip("'")
                if scope not in (name, to) and wanted != one.refers_to:
                    one.refers_to = wanted

    def _moved_in(self, sheet: Sheet, old: Any, after: str | None) -> Any:
        """Return the sheet drawn anew, without what refers to other sheets, beside its namesake or after a tab."""
        with _folder() as folder:
            path = Path(folder) / f"{Path(folder).name}.xlsx"  # two workbooks of one name cannot be open
            path.write_bytes(render(Workbook((_alone(sheet),))))
            source = self.app.books.open(str(path))
            try:
                drawn = source.sheets[0]
                if old is not None:
                    return drawn.copy(before=old)
                if after is None:
                    return drawn.copy(before=self.book.sheets[0])
                return drawn.copy(after=self.book.sheets[after])
            finally:
                source.close()
                self.book.activate()

    def set_property(self, name: str, value: str) -> None:
        """Set a custom document property to a text.

        What it says stands in the sheets too: where the program cannot set it, nothing is lost.
        """
        if self.scripted:
            return
        with contextlib.suppress(Exception):
            found = self.book.api.CustomDocumentProperties
            try:
                found(name).Value = value
            except Exception:  # COM has no other way to ask whether there is one
                found.Add(Name=name, LinkToContent=False, Type=_TEXT_PROPERTY, Value=value)

    def show(self, sheet: str) -> None:
        """Bring a sheet to the front."""
        if sheet in self.sheet_names():
            with contextlib.suppress(Exception):  # a sheet the user hid cannot come to the front
                self.book.activate()
                self.book.sheets[sheet].activate()

    def selected(self) -> tuple[str, list[tuple[int, int]]]:
        """Return the sheet somebody has selected cells of, and which rows, as runs (first, last)."""
        chosen = self.app.selection
        if chosen is None or chosen.sheet.book.name != self.book.name:
            return "", []
        address = str(chosen.get_address(row_absolute=False, column_absolute=False))
        return chosen.sheet.name, [_rows_of(part) for part in address.split(",")]

    def tell(self, text: str | None) -> None:
        """Show a text in the status bar; None gives the bar back."""
        with contextlib.suppress(Exception):
            self.app.status_bar = text or False

    def ask(self, text: str) -> bool:
        """Ask the user a question; return whether the answer is yes."""
        return self.app.alert(text, TITLE, buttons="yes_no") == "yes"

    def _range(self, sheet: str, area: Area) -> Any:
        return self.book.sheets[sheet].range((area.top, area.left), (area.bottom, area.right))

    def _lift(self, name: str) -> bool:
        """Take a sheet's protection away; return whether it had any."""
        sheet = self.book.sheets[name]
        if self.scripted:
            found = bool(sheet.api.protect_contents.get())
            if found:
                sheet.api.unprotect()
            return found
        if not sheet.api.ProtectContents:
            return False
        sheet.api.Unprotect("")  # an empty password: without any, Excel would ask the user for one
        return True

    def _protect(self, sheet: Any) -> None:
        if self.scripted:
            sheet.api.protect_worksheet(allow_filtering=True, allow_formatting_columns=True, allow_formatting_rows=True)
        else:
            sheet.api.Protect(AllowFiltering=True, AllowFormattingColumns=True, AllowFormattingRows=True)

    def _hide(self, sheet: Any, state: State) -> None:
        if state is State.VISIBLE:
            return
        if self.scripted:
            sheet.visible = False
        else:
            sheet.api.Visible = _VERY_HIDDEN if state is State.VERY_HIDDEN else _HIDDEN


def _drawn_by_staff(old: Any, sheet: Sheet) -> list[Any]:
    """Return what staff have drawn on a sheet that is to be drawn anew."""
    shapes = [one for one in old.shapes if one.type not in _NOT_DRAWN]
    ours = are_ours([(one.name, _title(one)) for one in shapes], {one.name: one.title for one in sheet.charts})
    return [one for one, own in zip(shapes, ours, strict=True) if not own]


def _title(shape: Any) -> str:
    """Return the title of the chart an object is; "" where its name tells already, or the program cannot be asked."""
    with contextlib.suppress(Exception):
        if not shape.name.startswith(OWN) and shape.api.HasChart and shape.api.Chart.HasTitle:
            return str(shape.api.Chart.ChartTitle.Text)
    return ""


def _copied(shape: Any, sheet: Any) -> Any:
    """Return a copy of an object on another sheet, at the same place and by the same name."""
    shape.Copy()
    sheet.Paste()
    copy = sheet.Shapes(sheet.Shapes.Count)
    copy.Name = shape.Name
    copy.Left, copy.Top, copy.Width, copy.Height = shape.Left, shape.Top, shape.Width, shape.Height
    return copy


def _charts(shape: Any) -> list[Any]:
    """Return the charts an object is, or has in its group."""
    members = shape.GroupItems if shape.Type == _GROUP else [shape]
    return [one.Chart for one in members if one.HasChart]


def _shows(chart: Any, name: str, to: str) -> bool:
    """Return whether a chart would change if it showed another sheet's numbers; one that cannot be asked would not."""
    with contextlib.suppress(Exception):  # a pivot table's chart has no formulas
        return any(_pointing(series.Formula, name, to) != series.Formula for series in chart.SeriesCollection())
    return False


def _repoint(chart: Any, name: str, to: str) -> None:
    """Have a chart's series that show a sheet's numbers show those of another."""
    for series in chart.SeriesCollection():
        wanted = _pointing(series.Formula, name, to)
        if wanted != series.Formula:
            series.Formula = wanted


def _pointing(formula: str, name: str, to: str) -> str:
    """Return a formula with its references to a sheet referring to another."""
    quoted = "'{}'!".format(to.replace("'", "''"))
    plain = formula.replace("'{}'!".format(name.replace("'", "''")), quoted)
    return re.sub(rf"(?<![\w'\]]){re.escape(name)}!", lambda _: quoted, plain)


_NOT_DRAWN = ("comment", "form_control")  # Excel counts notes, and the arrows of filters and lists, among its shapes
_QUIET: dict[str, Any] = {
    "screen_updating": False,
    "enable_events": False,
    "display_alerts": False,
    "calculation": "manual",
}
_AWAKE = {**dict.fromkeys(_QUIET, True), "calculation": "automatic"}
_READ_ONLY = ("台账是以只读方式打开的", "关闭后重新打开；提示正被他人使用的，等对方关闭")


def _rows_of(address: str) -> tuple[int, int]:
    """Return the first and last row of an area; a whole column has all of them."""
    rows = [int(one) for one in re.findall(r"\d+", address)] or [1, _ROWS]
    return rows[0], rows[-1]


_ROWS = 1 << 20


def _folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder for one file; a virus scanner that still holds the file must not undo an act."""
    return tempfile.TemporaryDirectory(prefix="taizhang", ignore_cleanup_errors=True)


def _alone(sheet: Sheet) -> Sheet:
    """Return a sheet without what refers to other sheets: its formulas, and the sources of its lists."""
    rows = tuple(
        tuple(replace(cell, content=None) if cell and isinstance(cell.content, Formula) else cell for cell in row)
        for row in sheet.rows
    )
    rules = tuple(replace(rule, source=_ANY_LIST) if rule.kind == "list" else rule for rule in sheet.validations)
    return replace(sheet, rows=rows, validations=rules, state=State.VISIBLE, protected=False)


def _formulas(sheet: Sheet) -> Iterator[tuple[Place, str]]:
    for row, cells in enumerate(sheet.rows, 1):
        for column, cell in enumerate(cells, 1):
            if cell is not None and isinstance(cell.content, Formula):
                yield (row, column), f"={cell.content.text}"
