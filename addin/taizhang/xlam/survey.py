"""What this machine has: Excel, WPS, Python, the add-in, policies. Only read, never changed."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeAlias

from taizhang.errors import LedgerError
from taizhang.xlam import install
from taizhang.xlam.bridge import installed
from taizhang.xlam.build import FILE_NAME
from taizhang.xlam.package import made_from

Registry: TypeAlias = Callable[[str, str], object]  # a key such as "HKCU\\Software\\...", a value's name -> it, or None
Names: TypeAlias = Callable[[str], Sequence[str]]  # a key -> the names of its values

_APP_PATHS = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\App Paths"
_EXCEL_SERVERS = (  # the program that answers to Excel.Application (WPS can put itself there)
    "HKCU\\Software\\Classes\\CLSID\\{00024500-0000-0000-C000-000000000046}\\LocalServer32",
    "HKLM\\SOFTWARE\\Classes\\CLSID\\{00024500-0000-0000-C000-000000000046}\\LocalServer32",
    "HKLM\\SOFTWARE\\Classes\\WOW6432Node\\CLSID\\{00024500-0000-0000-C000-000000000046}\\LocalServer32",
)
_OFFICE = "Software\\Microsoft\\Office\\16.0"
_POLICIES = "Software\\Policies\\Microsoft\\Office\\16.0"
_PLACES = (f"HKCU\\{_POLICIES}", f"HKLM\\{_POLICIES}", f"HKCU\\{_OFFICE}")
# Name of a setting -> the key below Office's and the value's name.
POLICIES: Mapping[str, tuple[str, str]] = {
    "VBAWarnings": ("Excel\\Security", "VBAWarnings"),
    "RequireAddinSig": ("Excel\\Security", "RequireAddinSig"),
    "RequireAlwaysOnMacroSig": ("Common\\Security", "RequireAlwaysOnMacroSig"),
    "DisableAllAddins": ("Excel\\Security", "DisableAllAddins"),
    "AllLocationsDisabled": ("Excel\\Security\\Trusted Locations", "AllLocationsDisabled"),
    "AllowUserLocations": ("Common\\Security\\Trusted Locations", "Allow User Locations"),
    "BlockFromInternet": ("Excel\\Security", "blockcontentexecutionfrominternet"),
}
_MAC_EXCEL, _MAC_WPS = "/Applications/Microsoft Excel.app", "/Applications/wpsoffice.app"
_MAC_WORD = "/Applications/Microsoft Word.app"
_CLICK_TO_RUN = "HKLM\\SOFTWARE\\Microsoft\\Office\\ClickToRun\\Configuration"
_EXCEL_CURRENT = "HKLM\\SOFTWARE\\Classes\\Excel.Application\\CurVer"


@dataclass(frozen=True)
class Machine:
    """What was found; everything `doctor` judges by."""

    platform: str
    python: str = ""
    python_version: tuple[int, int] = (3, 11)
    xlwings: str = ""
    excel: str = ""
    wps: str = ""
    server: str = ""
    addin: str = ""
    addin_there: bool = False
    addin_fresh: bool = False
    addin_from: Mapping[str, str] = field(default_factory=dict)
    addin_locked: bool = False
    addin_marked: bool = False
    cannot_build: str = ""
    elsewhere: tuple[str, ...] = ()
    script: str = ""
    script_there: bool = True
    policies: Mapping[str, int] = field(default_factory=dict)


def survey() -> Machine:
    """Return what this machine has."""
    try:
        places = install.here()
    except LedgerError:
        wps = shutil.which("et") or shutil.which("wps") or ""
        return Machine(sys.platform, sys.executable, sys.version_info[:2], _version("xlwings"), wps=wps)
    return _with_addin(places, programs_here(), _registry())


def programs_here() -> dict[str, str]:
    """Return `programs` of this machine."""
    return programs(sys.platform, _registry(), os.path.exists)


def _registry() -> Registry:
    return windows_registry() if sys.platform == install.WINDOWS else nothing


def nothing(key: str, name: str) -> object:
    """Return what a machine without a registry says."""
    return None


def programs(platform: str, read: Registry, exists: Callable[[str], bool]) -> dict[str, str]:
    """Return where Excel and WPS are and which program answers to Excel.Application; "" for what is not there."""
    if platform == install.MAC:
        return {
            "excel": _MAC_EXCEL if exists(_MAC_EXCEL) else "",
            "wps": _MAC_WPS if exists(_MAC_WPS) else "",
            "server": "",
        }
    return {
        "excel": _program(read, "excel.exe"),
        "wps": _program(read, "et.exe") or _program(read, "wps.exe"),
        "server": _first(read(key, "") for key in _EXCEL_SERVERS),
    }


def word(platform: str, read: Registry, exists: Callable[[str], bool]) -> str:
    """Return where Word is, "" where it is not."""
    if platform == install.MAC:
        return _MAC_WORD if exists(_MAC_WORD) else ""
    return _program(read, "winword.exe")


def word_here() -> str:
    """Return where Word is on this machine."""
    return word(sys.platform, _registry(), os.path.exists)


def excel_version(platform: str, read: Registry, bundle: Path) -> str:
    """Return Excel's version, "" where nothing says it: 16 and more is Excel 2016 and later."""
    if platform == install.MAC:
        return _bundle_version(bundle)
    current = read(_EXCEL_CURRENT, "")
    number = current.removeprefix("Excel.Application.") if isinstance(current, str) else ""
    return _first(iter((read(_CLICK_TO_RUN, "VersionToReport"), number)))


def excel_version_here() -> str:
    """Return the version of this machine's Excel."""
    return excel_version(sys.platform, _registry(), Path(_MAC_EXCEL))


def _bundle_version(bundle: Path) -> str:
    """Return what an application of macOS says its version is."""
    import plistlib

    try:
        found = plistlib.loads((bundle / "Contents" / "Info.plist").read_bytes())
    except (OSError, ValueError, plistlib.InvalidFileException):
        return ""
    return str(found.get("CFBundleShortVersionString", ""))


def policies(read: Registry) -> dict[str, int]:
    """Return the settings found that can keep an add-in from loading; a policy outranks what the user chose."""
    found = {}
    for setting, (key, name) in POLICIES.items():
        for place in _PLACES:
            value = read(f"{place}\\{key}", name)
            if isinstance(value, int):
                found[setting] = value
                break
    return found


def _program(read: Registry, name: str) -> str:
    return _first(read(f"{hive}\\{_APP_PATHS}\\{name}", "") for hive in ("HKCU", "HKLM"))


def _first(values: Iterator[object]) -> str:
    return next((value for value in values if isinstance(value, str) and value), "")


def _with_addin(places: install.Folders, found: Mapping[str, str], read: Registry) -> Machine:
    path = Path(places.startup) / FILE_NAME
    data = path.read_bytes() if path.is_file() else b""
    fresh, fault, script = False, "", None
    try:
        fresh = bool(data) and data == install.built_here()
        script = Path(places.scripts) / installed().script_name if places.scripts else None
    except LedgerError as error:
        fault = str(error)
    return Machine(
        sys.platform,
        sys.executable,
        sys.version_info[:2],
        _version("xlwings"),
        found["excel"],
        found["wps"],
        found["server"],
        str(path),
        bool(data),
        fresh,
        made_from(data),
        _locked(path),
        Path(f"{path}:Zone.Identifier").exists() if sys.platform == install.WINDOWS else False,
        fault,
        tuple(str(other) for other in others(places) if other != path),
        str(script or ""),
        script is None or script.is_file(),
        policies(read),
    )


def others(places: install.Folders) -> list[Path]:
    """Return copies of the add-in where people put add-ins by hand: Excel would load two."""
    folders = (Path(places.by_hand), Path(places.startup))
    return [path for folder in folders for path in sorted(folder.glob("taizhang*.xlam"))]


def _locked(path: Path) -> bool:
    """Return whether a program keeps the add-in from being written."""
    try:
        with path.open("r+b"):
            return False
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def windows_registry() -> Registry:
    """Return a reader of the registry of Windows; 64-bit view, nothing is ever written."""
    import winreg

    if sys.platform != "win32":  # for the type checker: winreg has its names on Windows only
        return nothing
    hives = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}

    def read(key: str, name: str) -> object:
        hive, _, below = key.partition("\\")
        try:
            with winreg.OpenKey(hives[hive], below, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
                value: object = winreg.QueryValueEx(opened, name)[0]
                return value
        except OSError:
            return None

    return read


def windows_names() -> Names:
    """Return a reader of the names of a key's values in the registry of Windows."""
    import winreg

    if sys.platform != "win32":  # for the type checker
        return lambda key: ()
    hives = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}

    def names(key: str) -> list[str]:
        hive, _, below = key.partition("\\")
        try:
            with winreg.OpenKey(hives[hive], below, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
                count = winreg.QueryInfoKey(opened)[1]
                return [winreg.EnumValue(opened, at)[0] for at in range(count)]
        except OSError:
            return []

    return names
