"""LibreOffice as a second reader of our workbooks: where it is, and how a test runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

REQUIRED = "TAIZHANG_REQUIRE_OFFICE"
MISSING = f"LibreOffice (soffice) is not on the PATH; set {REQUIRED}=1 to make this a failure"
SECONDS = 300

_ALWAYS, _ITEM = 0, '<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="{}" oor:op="fuse">'
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
{}
</oor:items>
"""


class OfficeError(RuntimeError):
    """LibreOffice did not do what it was asked; the message has its own words."""


@cache
def soffice() -> str | None:
    """Return the path of LibreOffice's command, or None."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def required() -> bool:
    """Return whether a machine without LibreOffice is to fail the tests that need it."""
    return os.environ.get(REQUIRED) == "1"


def convert(paths: Sequence[Path], out_dir: Path, to: str = "xlsx", *, recalculate: bool = True) -> list[Path]:
    """Return the converted files, all made by one process start.

    LibreOffice trusts the values stored in an .xlsx; only a profile that says "always" makes
    it compute. `recalculate=False` leaves the profile as it comes.
    """
    command = soffice()
    if command is None:
        raise OfficeError(MISSING)
    made = [out_dir / f"{path.stem}.{to.partition(':')[0]}" for path in paths]
    with tempfile.TemporaryDirectory(prefix="taizhang-office-", ignore_cleanup_errors=True) as folder:
        profile = Path(folder)
        if recalculate:
            _write_profile(profile)
        options = ["--headless", "--norestore", f"-env:UserInstallation={profile.as_uri()}"]
        said = _run([command, *options, "--convert-to", to, "--outdir", str(out_dir), *map(str, paths)])
    if missing := [path.name for path in made if not path.exists()]:
        raise OfficeError(f"LibreOffice made no {missing[:3]} ({len(missing)} of {len(made)}); it said:\n{said}")
    return made


def to_png(path: Path, out_dir: Path, dpi: int = 70) -> list[Path]:
    """Return a workbook's printed pages as pictures, by LibreOffice and pdftoppm."""
    (pdf,) = convert([path], out_dir, "pdf")
    pdftoppm = shutil.which("pdftoppm")
    if pdftoppm is None:
        raise OfficeError("pdftoppm (poppler-utils) is not on the PATH")
    _run([pdftoppm, "-png", "-r", str(dpi), str(pdf), str(out_dir / path.stem)])
    return sorted(out_dir.glob(f"{path.stem}-*.png"))


def _write_profile(profile: Path) -> None:
    modes = (f"{_ITEM.format(name)}<value>{_ALWAYS}</value></prop></item>" for name in _MODES)
    (profile / "user").mkdir()
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE.format("\n".join(modes)), encoding="utf-8")


_MODES = ("OOXMLRecalcMode", "ODFRecalcMode")


def _run(command: Sequence[str]) -> str:
    """Return what a program said; raise OfficeError when it hangs or fails."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise OfficeError(f"{command[0]} did not end within {SECONDS} seconds") from error
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    if done.returncode:
        raise OfficeError(f"{command[0]} ended with {done.returncode}; it said:\n{said}")
    return said
