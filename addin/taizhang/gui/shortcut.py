"""The window on the desktop: an icon to start it with and to drop files on, made, and taken away again."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PureWindowsPath

from taizhang.books.disk import reason, replace_file
from taizhang.errors import LedgerError, Stop
from taizhang.xlam.install import MAC, WINDOWS

NAME, NOTE = "营商台账", "打开工作台账；把台账或交回的文件拖到这里"
_KINDS = {WINDOWS: ".lnk", MAC: ".app"}
_ARGUMENTS = "-m taizhang gui"
_SCRIPT = "Contents/Resources/Scripts/main.scpt"  # what a droplet of macOS is made of


@dataclass(frozen=True)
class Shortcut:
    """Where an icon is, and whether it was there already, byte for byte."""

    path: Path
    unchanged: bool


def path_on(platform: str, desktop: Path) -> Path:
    """Return where the icon stands on a desktop."""
    return desktop / f"{NAME}{_KINDS.get(platform, '.desktop')}"


def desktop() -> Path:
    """Return the user's desktop, wherever the system has it."""
    from platformdirs import user_desktop_path

    return user_desktop_path()


def install(platform: str, folder: Path, python: str) -> Shortcut:
    """Put the icon on a desktop; raise LedgerError for a file of its name that is not ours, or that cannot be written."""
    path = path_on(platform, folder)
    _refuse_strangers(platform, path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if platform == MAC:
            _compile(droplet(python), path)
            return Shortcut(path, unchanged=False)
        data = link(python) if platform == WINDOWS else entry(python).encode()
        if path.is_file() and path.read_bytes() == data:
            return Shortcut(path, unchanged=True)
        replace_file(path, data)
        if platform != WINDOWS:
            path.chmod(0o755)  # a desktop starts only what may be run
    except OSError as error:
        raise LedgerError(Stop.CANNOT_WRITE, path=path, reason=reason(error)) from error
    return Shortcut(path, unchanged=False)


def uninstall(platform: str, folder: Path) -> list[Path]:
    """Remove what `install` made; return what was there. Other people's files stay."""
    import shutil

    path = path_on(platform, folder)
    _refuse_strangers(platform, path)
    if not path.exists():
        return []
    try:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    except OSError as error:
        raise LedgerError(Stop.CANNOT_WRITE, path=path, reason=reason(error)) from error
    return [path]


def _refuse_strangers(platform: str, path: Path) -> None:
    """Raise LedgerError for a file of our name that we did not make: each of ours starts us, by name."""
    if not path.exists():
        return
    found = (path / _SCRIPT if platform == MAC else path).read_bytes()
    if not any(_ARGUMENTS.encode(coding) in found for coding in ("utf-8", "utf-16-le", "utf-16-be")):
        raise LedgerError(Stop.ADDIN_NOT_OURS, path=path)


def entry(python: str) -> str:
    """Return a desktop entry (freedesktop.org, Desktop Entry Specification 1.5); %F are the files dropped on it."""
    lines = {
        "Type": "Application",
        "Name": NAME,
        "Comment": NOTE,
        "Exec": f"{quoted(python)} {_ARGUMENTS} %F",
        "Icon": "x-office-spreadsheet",
        "Terminal": "false",
        "Categories": "Office;",
        "StartupNotify": "false",
    }
    return "\n".join(["[Desktop Entry]", *(f"{key}={value}" for key, value in lines.items()), ""])


def quoted(path: str) -> str:
    """Return a path as an argument of Exec: quoted, then escaped once more as every string of an entry is."""
    inside = "".join(f"\\{sign}" if sign in '"`$\\' else sign for sign in path).replace("%", "%%")
    return f'"{inside}"'.replace("\\", "\\\\")


def link(python: str) -> bytes:
    """Return a shell link (MS-SHLLINK); files dropped on it come behind its arguments."""
    import pylnk3

    target = PureWindowsPath(python)
    if target.name.casefold() == "python.exe":
        target = target.with_name("pythonw.exe")  # no black window behind ours
    made = pylnk3.for_file(str(target), arguments=_ARGUMENTS, description=NOTE, work_dir=str(target.parent))
    if made.shell_item_id_list:  # a drive, not a share
        for folder in made.shell_item_id_list.items[2:-1]:
            folder.type = pylnk3.TYPE_FOLDER
        whole = pylnk3.ExtraData_EnvironmentVariableDataBlock()  # for those who do not read Chinese names in the list
        whole.target_ansi = whole.target_unicode = str(target)
        made.extra_data, made.link_flags.HasExpString = pylnk3.ExtraData(blocks=[whole]), True
    held = BytesIO()
    made.write(held)
    return held.getvalue()


def droplet(python: str) -> str:
    """Return the AppleScript of an application that files can be dropped on."""
    told = python.replace("\\", "\\\\").replace('"', '\\"')
    return f'''on started(theFiles)
    set theCommand to quoted form of "{told}" & " {_ARGUMENTS}"
    repeat with one in theFiles
        set theCommand to theCommand & " " & quoted form of POSIX path of one
    end repeat
    do shell script theCommand & " > /dev/null 2>&1 &"
end started

on run
    started({{}})
end run

on open theFiles
    started(theFiles)
end open
'''


def _compile(script: str, path: Path) -> None:
    """Have macOS make an application of a script."""
    done = subprocess.run(
        ["/usr/bin/osacompile", "-o", str(path), "-"], input=script, text=True, capture_output=True, check=False
    )
    if done.returncode:
        raise LedgerError(Stop.CANNOT_WRITE, path=path, reason=done.stderr.strip() or "osacompile")


def said(shortcut: Shortcut) -> str:
    """Return what a clerk is told of an icon."""
    first = "桌面上已有窗口的图标，没有改动" if shortcut.unchanged else "桌面上已放好窗口的图标"
    return f"{first}（{shortcut.path}）：双击打开，台账和交回的文件可以拖到它上面。"
