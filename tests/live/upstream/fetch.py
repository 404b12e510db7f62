"""xlwings' own tests, from the source distribution of the very version that is pinned."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

VERSION = "0.37.8"
SHA256 = "ff23f1e62bdeb8256b56e11d54fca7c1efacfc227acb92d41b7d06d7f65a7e94"
FILE = f"xlwings-{VERSION}.tar.gz"
GIVEN = "TAIZHANG_XLWINGS_SDIST"
SECONDS = 60


class UnreachableError(RuntimeError):
    """The source distribution could not be fetched."""


def cache_folder() -> Path:
    """Return where the file is kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "taizhang"


def sdist() -> Path:
    """Return the source distribution: the one that is named, the kept one, or a fresh one from the index."""
    if given := os.environ.get(GIVEN):
        return Path(given)
    kept = cache_folder() / FILE
    if not kept.exists() or _sum(kept.read_bytes()) != SHA256:
        data = _download()
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(data)
    return kept


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _download() -> bytes:
    faults = []
    for index in _indexes():
        try:
            data = _get(_link(index))
        except (OSError, urllib.error.URLError, LookupError) as error:
            faults.append(f"{index}: {error}")
            continue
        if _sum(data) == SHA256:
            return data
        faults.append(f"{index}: {FILE} has another checksum")
    raise UnreachableError(f"{FILE} could not be fetched ({'; '.join(faults)}); set {GIVEN} to a copy of it")


def _indexes() -> list[str]:
    """Return pip's index first, then PyPI."""
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True, check=False
    )
    own = os.environ.get("PIP_INDEX_URL") or asked.stdout.strip()
    return [index for index in (own, "https://pypi.org/simple") if index]


def _link(index: str) -> str:
    page_url = f"{index.rstrip('/')}/xlwings/"
    page = _get(page_url).decode("utf-8", "replace")
    found = re.search(rf'href="([^"#]*{re.escape(FILE)})[#"]', page)
    if found is None:
        raise LookupError(f"no {FILE} on the page")
    return urljoin(page_url, found[1])


def _get(url: str) -> bytes:
    request = urllib.request.Request(url, headers={"Accept": "text/html, */*"})
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return answer.read()


def unpack_tests(archive: Path, folder: Path) -> Path:
    """Return the folder of the tests alone: next to the package's source they would import that."""
    with tarfile.open(archive) as files:
        members = [one for one in files.getmembers() if one.name.split("/")[1:2] == ["tests"]]
        for one in members:
            one.name = one.name.partition("/")[2]
        files.extractall(folder, members=members, filter="data")
    return folder / "tests"
