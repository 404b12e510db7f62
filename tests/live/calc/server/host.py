"""The office, its documents and sheets, as UNO objects; rectangles are (top, left, bottom, right), 0-based."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Iterator
from typing import Any

import uno
from com.sun.star.beans import PropertyValue, UnknownPropertyException
from com.sun.star.connection import NoConnectException
from com.sun.star.lang import DisposedException
from com.sun.star.lang import Locale as UnoLocale
from com.sun.star.table import CellAddress, CellRangeAddress
from com.sun.star.uno import RuntimeException
from state import State

Rect = tuple[int, int, int, int]
LAST_ROW, LAST_COLUMN = 1_048_575, 16_383
SECONDS_TO_START = 60
_SPREADSHEET = "com.sun.star.sheet.SpreadsheetDocument"


class RefusedError(Exception):
    """Excel would refuse this; the text is what it would say."""


class MissingError(Exception):
    """What was asked for by name or number is not there."""


class _Office:
    context: Any = None
    desktop: Any = None
    state: State

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}


OFFICE = _Office()


def answers() -> bool:
    """Return whether the office is still there, whatever became of a document of its."""
    try:
        OFFICE.desktop.getComponents()
    except RuntimeException:  # a broken line is told in more than one way
        return False
    return True


def connect(pipe: str, profile: str) -> None:
    """Attach to the running office; wait for one that is only starting."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    give_up = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            OFFICE.context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            OFFICE.desktop = service("com.sun.star.frame.Desktop")
            # An office that is still starting answers with a desktop that has nothing yet.
            OFFICE.desktop.getComponents()
            break
        except (NoConnectException, DisposedException, AttributeError, UnknownPropertyException):
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)
    OFFICE.state = State(profile)


def leave() -> None:
    """Let go of the office's objects one by one, while the line still stands.

    A line that breaks with objects on it makes the office drop them all at once, and now and then fall over.
    """
    OFFICE.documents.clear()
    gc.collect()
    answers()


def settle() -> None:
    """Have the office paint what waits to be painted, now that its sheets are all there.

    LibreOffice 7.4 falls when a timer paints a sheet with drawings while another comes or goes.
    """
    service("com.sun.star.awt.Toolkit").processEventsToIdle()


def service(name: str) -> Any:
    """Return a new object of one of the office's services."""
    return OFFICE.context.ServiceManager.createInstanceWithContext(name, OFFICE.context)


def values(**named: Any) -> tuple[PropertyValue, ...]:
    """Return named values in UNO's form."""
    return tuple(PropertyValue(name, 0, value, 0) for name, value in named.items())


def dispatch(doc: Any, command: str, **arguments: Any) -> None:
    """Run one of the office's menu commands in a document's window."""
    helper = service("com.sun.star.frame.DispatchHelper")
    helper.executeDispatch(doc.CurrentController.Frame, command, "", 0, values(**arguments))


def documents() -> list[Any]:
    """Return the open workbooks in the order they were opened."""
    found = []
    buried = OFFICE.state.read().get("buried", ())
    components = OFFICE.desktop.getComponents().createEnumeration()
    while components.hasMoreElements():
        component = components.nextElement()
        is_book = hasattr(component, "supportsService") and component.supportsService(_SPREADSHEET)
        if is_book and component.RuntimeUID not in buried:
            found.append(component)
    return sorted(found, key=lambda doc: int(doc.RuntimeUID))


def document(uid: str) -> Any:
    """Return the open workbook with this id."""
    cached = OFFICE.documents.get(uid)
    if cached is not None:
        try:
            if cached.RuntimeUID == uid:
                return cached
        except DisposedException:
            pass
        OFFICE.documents.pop(uid, None)
    for doc in documents():
        if doc.RuntimeUID == uid:
            OFFICE.documents[uid] = doc
            return doc
    raise RefusedError("The workbook is not open any more.")


def sheet(uid: str, name: str) -> Any:
    """Return a sheet by its exact name; a fresh object, for inserted and deleted cells shift an old one."""
    doc = document(uid)
    if not doc.Sheets.hasByName(name):
        raise RefusedError(f"The worksheet {name!r} does not exist any more.")
    return doc.Sheets.getByName(name)


def area(uid: str, name: str, rect: Rect) -> Any:
    """Return a rectangle of a sheet."""
    return within(sheet(uid, name), rect)


def within(sheet_: Any, rect: Rect) -> Any:
    """Return a rectangle of a sheet that was already found."""
    top, left, bottom, right = rect
    return sheet_.getCellRangeByPosition(left, top, right, bottom)


def position(sheet_: Any) -> int:
    """Return a sheet's place in its workbook, 0-based."""
    return sheet_.RangeAddress.Sheet


def address_of(sheet_: Any, rect: Rect) -> CellRangeAddress:
    """Return a rectangle as UNO's address."""
    top, left, bottom, right = rect
    return CellRangeAddress(position(sheet_), left, top, right, bottom)


def cell_address(sheet_: Any, row: int, column: int) -> CellAddress:
    """Return a cell as UNO's address."""
    return CellAddress(position(sheet_), column, row)


def rect_of(address: Any) -> Rect:
    """Return UNO's address as a rectangle."""
    return (address.StartRow, address.StartColumn, address.EndRow, address.EndColumn)


def cut(one: Rect, other: Rect) -> Rect | None:
    """Return what two rectangles share."""
    top, left = max(one[0], other[0]), max(one[1], other[1])
    bottom, right = min(one[2], other[2]), min(one[3], other[3])
    return (top, left, bottom, right) if top <= bottom and left <= right else None


def used(sheet_: Any) -> Rect:
    """Return the rectangle in use; (0, 0, 0, 0) on an empty sheet."""
    cursor = sheet_.createCursor()
    cursor.gotoStartOfUsedArea(False)
    cursor.gotoEndOfUsedArea(True)
    return rect_of(cursor.RangeAddress)


def runs(cells: Iterable[tuple[int, int]]) -> Iterator[Rect]:
    """Yield the cells, given as (row, column), gathered into upright strips."""
    start: tuple[int, int] | None = None
    last = (-2, -2)
    for column, row in sorted((column, row) for row, column in cells):
        if start is not None and (column, row) == (last[0], last[1] + 1):
            last = (column, row)
            continue
        if start is not None:
            yield (start[1], start[0], last[1], last[0])
        start = last = (column, row)
    if start is not None:
        yield (start[1], start[0], last[1], last[0])


def ranges(doc: Any, sheet_: Any, rects: Iterable[Rect]) -> Any:
    """Return many rectangles of a sheet as one UNO object."""
    together = doc.createInstance("com.sun.star.sheet.SheetCellRanges")
    together.addRangeAddresses(tuple(address_of(sheet_, rect) for rect in rects), False)
    return together


def enum(name: str, value: str) -> uno.Enum:
    """Return one of UNO's enumeration values."""
    return uno.Enum(name, value)


NO_LOCALE = UnoLocale()
