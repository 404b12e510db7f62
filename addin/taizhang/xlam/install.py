"""The add-in on this machine: where Excel looks for it, put there, taken away.

XLSTART is one of Excel's own trusted folders, so nothing is switched off and no setting is
touched; a file written here carries no mark of the web either.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

from taizhang.books.disk import reason
from taizhang.errors import LedgerError, Stop
from taizhang.xlam.bridge import installed
from taizhang.xlam.build import FILE_NAME, build, console
from taizhang.xlam.package import made_from

WINDOWS, MAC = "win32", "darwin"
_MAC_STARTUP = "Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel"
_MAC_SCRIPTS = "Library/Application Scripts/com.microsoft.Excel"
_NAMES = {WINDOWS: "Windows", MAC: "macOS", "linux": "Linux"}


@dataclass(frozen=True)
class Folders:
    """Where Excel's files are: its start-up folder, its scripts (macOS only), and where add-ins are kept by hand."""

    startup: PurePath
    scripts: PurePath | None
    by_hand: PurePath


@dataclass(frozen=True)
class Installed:
    """What an installation wrote: the add-in, whether it was there already, byte for byte, and the script beside it."""

    path: Path
    unchanged: bool
    script: Path | None


def system_name(platform: str) -> str:
    """Return what people call a platform."""
    return _NAMES.get(platform, platform)


def folders(platform: str, environ: Mapping[str, str], home: str) -> Folders:
    """Return Excel's folders; raise LedgerError where there is no Excel to be had.

    Windows: learn.microsoft.com, "Trusted locations for Office files". macOS: Office 2016 and later.
    """
    if platform == WINDOWS:
        if not environ.get("APPDATA"):
            raise LedgerError(Stop.NO_HOME, name="APPDATA")
        microsoft = PureWindowsPath(environ["APPDATA"]) / "Microsoft"
        return Folders(microsoft / "Excel" / "XLSTART", None, microsoft / "AddIns")
    if platform == MAC:
        root = PurePosixPath(home)
        content = root / "Library/Group Containers/UBF8T346G9.Office/User Content.localized"
        return Folders(root / _MAC_STARTUP, root / _MAC_SCRIPTS, content / "Add-Ins.localized")
    raise LedgerError(Stop.NO_EXCEL_HERE, system=system_name(platform))


def here() -> Folders:
    """Return Excel's folders on this machine."""
    return folders(sys.platform, os.environ, str(Path.home()))


def built_here() -> bytes:
    """Return the add-in for this machine: the Python that runs now is the one it calls."""
    return build(console(sys.executable))


def install(places: Folders) -> Installed:
    """Put the add-in, and on macOS its script, where Excel finds them; do nothing to what is there already."""
    path, script = Path(places.startup) / FILE_NAME, None
    _refuse_strangers(path)
    if places.scripts is not None:
        bridge = installed()
        script = Path(places.scripts) / bridge.script_name
        _put(script, bridge.script)
    return Installed(path, not _put(path, built_here(), path.parent.parent), script)


def uninstall(places: Folders) -> list[Path]:
    """Remove what `install` wrote; return what was there. Other people's files stay.

    The script is xlwings' own and may serve other add-ins; only ours is removed: the add-in.
    """
    path = Path(places.startup) / FILE_NAME
    _refuse_strangers(path)
    try:
        path.unlink()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _locked(path, error) from error
    return [path]


def write(path: Path, data: bytes) -> Path:
    """Write an add-in to a file of the user's choice, at once or not at all; return where it is."""
    if path.suffix.casefold() != ".xlam":
        raise LedgerError(Stop.NAME_NOT_XLAM, path=path)
    _refuse_strangers(path)
    _put(path, data)
    return path.resolve()


def _refuse_strangers(path: Path) -> None:
    """Raise LedgerError for a file of our name that we did not make."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise _locked(path, error) from error
    if "taizhang" not in made_from(data):
        raise LedgerError(Stop.ADDIN_NOT_OURS, path=path)


def _put(path: Path, data: bytes, drafts: Path | None = None) -> bool:
    """Write a file whole and return True, or False when it holds these bytes already.

    Written, never copied: a copy on Windows would carry the mark of the web along. The draft of what
    goes into a start-up folder stands outside it: Excel opens whatever it finds there.
    """
    if path.is_file() and path.read_bytes() == data:
        return False
    draft = (drafts or path.parent) / f"~{path.name}.{os.getpid()}.tmp"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(data)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise _locked(path, error) from error
    return True


def _locked(path: Path, error: OSError) -> LedgerError:
    """Return what stops us: Excel holds the file, or the folder does not take it."""
    if path.exists() and isinstance(error, PermissionError):
        return LedgerError(Stop.ADDIN_LOCKED, path=path)
    return LedgerError(Stop.CANNOT_WRITE, path=path, reason=reason(error))
