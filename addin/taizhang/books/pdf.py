"""PDF by the office program that is on the computer: LibreOffice, else Word or Excel on Windows."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from taizhang.books.disk import content_of, replace_file
from taizhang.errors import LedgerError, Stop

SECONDS = 300
_NAMES = ("soffice", "libreoffice")
_USUAL = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.exe",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.exe",
)
_WORD_PDF, _EXCEL_PDF = 17, 0  # WdExportFormat, XlFixedFormatType


def write_pdf(data: bytes, kind: str, target: Path) -> None:
    """Write a document of ours, of the `kind` .docx or .xlsx, as PDF; raise LedgerError where no program can."""
    with tempfile.TemporaryDirectory(prefix="taizhang", ignore_cleanup_errors=True) as folder:
        source = Path(folder) / f"文稿{kind}"
        source.write_bytes(data)
        made = source.with_suffix(".pdf")
        office = libreoffice()
        if office:
            _by_libreoffice(office, source, Path(folder), target)
        elif not (sys.platform == "win32" and _by_microsoft(source, made)):
            raise LedgerError(Stop.NO_PDF_PROGRAM, path=target)
        if not made.is_file():
            raise LedgerError(Stop.PDF_FAILED, path=target)
        replace_file(target, content_of(made))


def libreoffice() -> str | None:
    """Return the path of LibreOffice's command, None where it is not installed."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return found or next((path for path in _USUAL if Path(path).is_file()), None)


def _by_libreoffice(office: str, source: Path, folder: Path, target: Path) -> None:
    """Have LibreOffice convert a file, in a profile of its own: an office that is open does not matter."""
    profile = (folder / "profile").as_uri()
    options = ["--headless", "--norestore", f"-env:UserInstallation={profile}", "--convert-to", "pdf"]
    command = [office, *options, "--outdir", str(folder), str(source)]
    plain = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    try:
        subprocess.run(command, capture_output=True, timeout=SECONDS, check=True, env=plain)
    except (subprocess.SubprocessError, OSError) as error:
        raise LedgerError(Stop.PDF_FAILED, path=target) from error


def _by_microsoft(source: Path, target: Path) -> bool:
    """Have Word or Excel export a file; return whether one of them did."""
    from win32com.client import DispatchEx  # type: ignore[import-not-found,import-untyped,unused-ignore]

    words = source.suffix == ".docx"
    with contextlib.suppress(Exception):  # not installed, or not willing: the caller says so
        program: Any = DispatchEx("Word.Application" if words else "Excel.Application")
        try:
            opened = (program.Documents if words else program.Workbooks).Open(str(source), ReadOnly=True)
            if words:
                opened.ExportAsFixedFormat(str(target), _WORD_PDF)
            else:
                opened.ExportAsFixedFormat(_EXCEL_PDF, str(target))
            opened.Close(False)
        finally:
            program.Quit()
    return target.is_file()
