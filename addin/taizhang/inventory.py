"""What this machine has beside the add-in: packages, LibreOffice, fonts, folders. Nothing is changed, nothing is kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path

from taizhang import __version__
from taizhang.doctor import MAC, WINDOWS
from taizhang.equipment import (
    CONFIGURATION,
    CURRENT,
    STARTUP,
    TEMPORARY,
    Folder,
    Fonts,
    Inventory,
    Log,
    Office,
    Package,
    chinese_among,
    package,
)
from taizhang.errors import LedgerError

NAME = "taizhang"
SECONDS = 20  # a program that does not answer in this time is not waited for
_FONT_KEYS = tuple(f"{hive}\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Fonts" for hive in ("HKLM", "HKCU"))
_FONT_ENDS = (".ttf", ".ttc", ".otf")
_MAC_FONTS = (
    *("/System/Library/Fonts", "/System/Library/AssetsV2", "/Library/Fonts", "~/Library/Fonts"),
    *(f"/Applications/Microsoft {name}.app/Contents/Resources/DFonts" for name in ("Word", "Excel")),
)


def taken(part: str = "") -> Inventory:
    """Return what this machine has; for one `part`, without what takes time and is no part of it."""
    from taizhang.xlam.survey import excel_version_here, word_here

    whole = not part
    return Inventory(
        ".".join(map(str, sys.version_info[:3])),
        64 if sys.maxsize > 2**32 else 32,
        all(find_spec(name) for name in ("tkinter", "_tkinter")),
        __version__,
        _version(NAME),
        str(Path(__file__).parent),
        wanted(),
        office() if whole else _office_unasked(),
        excel_version_here(),
        word_here(),
        fonts() if whole else None,
        folders(),
        log(),
        _mailbox(),
        has_desktop(sys.platform, os.environ),
    )


def has_desktop(platform: str, variables: Mapping[str, str]) -> bool:
    """Return whether windows can be shown: where there may be no screen, the session says so in its variables."""
    return platform in (WINDOWS, MAC) or any(variables.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _requirements() -> list[str]:
    with suppress(PackageNotFoundError):
        return requires(NAME) or []
    return []


def wanted() -> tuple[Package, ...]:
    """Return the packages we ask for on this system, each with the version that is there; () where pip knows nothing."""
    return packages(_requirements(), sys.platform, _version)


def packages(lines: Iterable[str], platform: str, found: Callable[[str], str]) -> tuple[Package, ...]:
    """Return the packages that metadata names for a platform, each with the version that is there."""
    asked = [one for line in lines if (one := package(line, platform))]
    return tuple(Package(one.name, one.wanted, found(one.name), one.extra) for one in asked)


def _office_unasked() -> Office:
    """Return LibreOffice without its version, which takes time."""
    from taizhang.books.pdf import lacking, libreoffice

    path = libreoffice()
    return Office(path, lacks=lacking(path)) if path else Office()


def office() -> Office:
    """Return LibreOffice, asked for its version; one that does not answer is ended."""
    from taizhang.books.pdf import version_of

    found = _office_unasked()
    if not found.path:
        return found
    said = version_of(found.path, SECONDS)
    return Office(found.path, said or "", said is not None, found.lacks)


def _mailbox() -> str:
    from taizhang.mail import accounts

    with suppress(LedgerError):
        return accounts.account().address
    return ""


# --- fonts ---


def fonts() -> Fonts | None:
    """Return the fonts of this machine, None where they cannot be known."""
    from taizhang.xlam.survey import windows_names

    if sys.platform == "win32":
        return windows_fonts(windows_names())
    if sys.platform == "darwin":
        return mac_fonts([Path(folder).expanduser() for folder in _MAC_FONTS])
    return listed_fonts(shutil.which("fc-list"))


def windows_fonts(names: Callable[[str], Iterable[str]]) -> Fonts | None:
    """Return the fonts the registry lists: `SimSun & NSimSun (TrueType)` is two."""
    values = [value for key in _FONT_KEYS for value in names(key)]
    found = frozenset(name.strip() for value in values for name in value.rpartition(" (")[0].split("&") if name.strip())
    return Fonts(found, chinese_among(found)) if found else None


def mac_fonts(places: Iterable[Path]) -> Fonts | None:
    """Return the fonts of folders, by the names of their files."""
    found = frozenset(
        path.stem for folder in places for path in folder.rglob("*") if path.suffix.casefold() in _FONT_ENDS
    )
    return Fonts(found, chinese_among(found)) if found else None


def listed_fonts(program: str | None) -> Fonts | None:
    """Return the fonts fontconfig's fc-list names, None where there is none or it does not answer."""
    every, chinese = _families(program), _families(program, ":lang=zh-cn")
    return None if every is None or chinese is None else Fonts(frozenset(every), tuple(chinese))


def _families(program: str | None, *pattern: str) -> list[str] | None:
    """Return the names of families, one line of fc-list after the other; a family may go by several."""
    if program is None:
        return None
    try:
        command = [program, *pattern, "--format", "%{family}\n"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    said = done.stdout.decode(errors="replace").splitlines()
    return list(dict.fromkeys(name.strip() for line in sorted(said) for name in line.split(",") if name.strip()))


# --- folders ---


def folders() -> Mapping[str, Folder]:
    """Return the folders we write to, by what they are for."""
    from taizhang.mail.accounts import settings_path
    from taizhang.xlam.install import here

    found = {TEMPORARY: _known(lambda: Path(tempfile.gettempdir())), CURRENT: _known(Path.cwd)}
    with suppress(LedgerError):  # without platformdirs, which is told of as a package
        found[CONFIGURATION] = folder(settings_path().parent)
    with suppress(LedgerError):  # no Excel on this system
        found[STARTUP] = folder(Path(here().startup), opened_by_excel=True)
    return found


def _known(where: Callable[[], Path]) -> Folder:
    """Return a folder whose place has to be asked for, and may be nowhere."""
    try:
        return folder(where())
    except FileNotFoundError:
        return Folder("", there=False, writable=False)


def folder(path: Path, *, opened_by_excel: bool = False) -> Folder:
    """Return a folder; one that is not there yet is judged by where it will be made.

    Excel opens what stands in its start-up folder: no file is tried there.
    """
    # What may not be looked at is as if it were not there: the folder above, which takes no file, tells.
    stands = next((one for one in (path, *path.parents) if os.path.lexists(one)), None)
    if stands is None:
        return Folder(str(path), there=False, writable=False)
    if not os.path.isdir(stands):  # noqa: PTH112 - Path.is_dir raises for a link to where nobody may look
        return Folder(str(path), there=False, writable=False, blocked=str(stands))
    writable = os.access(stands, os.W_OK) if opened_by_excel else _takes_a_file(stands)
    with suppress(OSError):
        return Folder(str(path), stands == path, writable, shutil.disk_usage(stands).free)
    return Folder(str(path), stands == path, writable)


def _takes_a_file(path: Path) -> bool:
    """Return whether a folder takes a file: on Windows os.access does not know."""
    try:
        with tempfile.TemporaryFile(dir=path):
            return True
    except OSError:
        return False


def log() -> Log:
    """Return where errors are written down."""
    from taizhang.machine import log_path

    path = log_path()
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime).isoformat(" ", "minutes")
    except OSError:
        kept = folder(path.parent)
        return Log(str(path), "", kept.writable, kept.blocked)
    return Log(str(path), written, path.is_file() and os.access(path, os.W_OK))
