"""PDF by the office program that is on the computer: LibreOffice, else Word, Excel or WPS on Windows."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from taizhang.books.disk import content_of, replace_file
from taizhang.equipment import remedy_for_parts
from taizhang.errors import LedgerError, Stop

SECONDS = 300
_NAMES = ("soffice", "libreoffice")
_FOLDERS = ("ProgramFiles", "ProgramW6432", "ProgramFiles(x86)")  # variables that say where Windows has programs
_USUAL = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "/opt/libreoffice*/program/soffice",
)
# The program of LibreOffice that reads a kind of file, and the library it is in.
_PARTS = {".docx": ("Writer", "swlo"), ".xlsx": ("Calc", "sclo")}
_CORE = {"vcllo", "mergedlo"}  # one of these is in every LibreOffice
_WORD_PDF, _EXCEL_PDF = 17, 0  # WdExportFormat, XlFixedFormatType
# Whom Windows may start by these names: Microsoft's program, then that of WPS.
_PROGRAMS = {".docx": ("Word.Application", "Kwps.Application"), ".xlsx": ("Excel.Application", "Ket.Application")}
_PDF = b"%PDF"
_NOTHING = subprocess.DEVNULL


def write_pdf(data: bytes, kind: str, target: Path) -> None:
    """Write a document of ours, of the `kind` .docx or .xlsx, as PDF; raise LedgerError where no program can.

    What stands at `target` is replaced, and only by a whole PDF.
    """
    with tempfile.TemporaryDirectory(prefix="taizhang", ignore_cleanup_errors=True) as folder:
        source = Path(folder) / f"document{kind}"  # in letters that every system's settings can pass on
        source.write_bytes(data)
        made = source.with_suffix(".pdf")
        office = libreoffice()
        if office:
            converted = _by_libreoffice(office, source)
        elif program := _office_program(kind):
            converted = _by_office(program, source, made)
        else:
            raise LedgerError(Stop.NO_PDF_PROGRAM, path=target, kind=kind)
        found = content_of(made) if converted and made.is_file() else b""
        if not found.startswith(_PDF):
            raise _failure(office, kind, target)
        replace_file(target, found)


def _failure(office: str | None, kind: str, target: Path) -> LedgerError:
    """Return why nothing came of it, as far as that can be known."""
    part, _ = _PARTS[kind]
    if office and part in lacking(office):
        remedy = remedy_for_parts((part,), sys.platform)
        return LedgerError(Stop.PDF_WITHOUT_PART, path=target, kind=kind, part=part, remedy=remedy)
    return LedgerError(Stop.PDF_FAILED, path=target, kind=kind)


def lacking(office: str) -> tuple[str, ...]:
    """Return which of the programs we convert with a LibreOffice lacks, by its libraries.

    They stand beside the program that the command leads to, on macOS in a folder of their own;
    where there are none at all, the command is a script or a container's, and nothing is known.
    """
    program = Path(office).resolve().parent
    there = {
        path.stem.removeprefix("lib")
        for folder in (program, program.parent / "Frameworks")
        for path in folder.glob("*lo.*")
    }
    return tuple(part for part, library in _PARTS.values() if library not in there) if there & _CORE else ()


def libreoffice() -> str | None:
    """Return the path of LibreOffice's command, None where it is not installed."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return found or next((str(path) for path in _usual_places(os.environ) if path.is_file()), None)


def _usual_places(variables: Mapping[str, str]) -> Iterator[Path]:
    """Yield where LibreOffice stands when it is not on the PATH: on Windows and macOS it never is."""
    for name in _FOLDERS:
        if folder := variables.get(name):
            yield Path(folder) / "LibreOffice" / "program" / "soffice.exe"
    for pattern in _USUAL:
        yield from sorted(Path("/").glob(pattern.removeprefix("/")), reverse=True)


def _by_libreoffice(office: str, source: Path) -> bool:
    """Have LibreOffice convert a file beside itself; return whether it says it did.

    Its profile is its own: an office that is open does not matter.
    """
    profile = (source.parent / "profile").as_uri()
    options = ["--headless", "--norestore", f"-env:UserInstallation={profile}", "--convert-to", "pdf"]
    return _ran([office, *options, "--outdir", str(source.parent), str(source)])


def version_of(office: str, seconds: float) -> str | None:
    """Return what version LibreOffice says it is, "" where it says none, None where it does not run in that time."""
    console = Path(office).with_suffix(".com")  # on Windows only this one writes to its caller
    command = str(console) if console.is_file() else office
    with tempfile.TemporaryDirectory(prefix="taizhang", ignore_cleanup_errors=True) as folder:
        profile = f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"
        with tempfile.TemporaryFile() as said:
            if not _ran([command, profile, "--version"], seconds, said, home=folder):
                return None
            said.seek(0)
            found = re.search(rb"\d+(\.\d+)+", said.read())
    return found[0].decode() if found else ""


def _ran(command: Sequence[str], seconds: float = 0, output: int | IO[bytes] = _NOTHING, home: str = "") -> bool:
    """Run a program to its end; return whether it ended well, in time.

    With a `home` of its own it leaves nothing in the user's folder.
    """
    plain = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    plain |= dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"), home) if home else {}
    unseen: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        program = subprocess.Popen(
            command,
            stdin=_NOTHING,
            stdout=output,
            stderr=_NOTHING,
            env=plain,
            start_new_session=True,
            creationflags=unseen,
        )
    except OSError:
        return False
    try:
        return program.wait(seconds or SECONDS) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        if program.poll() is None:
            _end(program)


def _end(program: subprocess.Popen[bytes]) -> None:
    """End a program with all it has started: LibreOffice's command only starts the one that works."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(program.pid)], capture_output=True, check=False)
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
    program.wait()


# --- Windows ---


def _office_program(kind: str) -> Any:
    """Return a Word, Excel or WPS started for us alone; None where there is none."""
    if sys.platform != "win32":
        return None
    with contextlib.suppress(ImportError):
        start = import_module("win32com.client").DispatchEx
        for name in _PROGRAMS[kind]:
            with contextlib.suppress(Exception):  # not installed: each way of not being there has its own fault
                return start(name)
    return None


def _by_office(program: Any, source: Path, made: Path) -> bool:
    """Have Word, Excel or WPS export a file; return whether it did."""
    try:
        with contextlib.suppress(Exception):  # whatever it did not like, its own words say nothing to a clerk
            if source.suffix == ".docx":
                opened = program.Documents.Open(str(source), ReadOnly=True)
                opened.ExportAsFixedFormat(str(made), _WORD_PDF)
            else:
                opened = program.Workbooks.Open(str(source), ReadOnly=True)
                opened.ExportAsFixedFormat(_EXCEL_PDF, str(made))
            opened.Close(False)
            return True
        return False
    finally:
        with contextlib.suppress(Exception):
            program.Quit()
