"""What the shells ask of the machine: who works on it, where what went wrong is written down, how the manual is shown."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path

from taizhang import __version__
from taizhang.errors import LedgerError, Stop


def log_path() -> Path:
    """Return where what went wrong is written down: the user's own folder, by the system's custom."""
    try:
        from platformdirs import user_log_path
    except ImportError:  # what went wrong may be just that
        return Path.home() / _LOG
    return user_log_path("taizhang", appauthor=False) / _LOG


_LOG = "taizhang-error.log"


def error_log() -> Path:
    """Write the traceback to a log file that is its user's alone; return where it is."""
    import os
    import tempfile
    import traceback

    path = log_path()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError:  # a folder of its own that cannot be written: a file that nobody can have put there before
        handle, name = tempfile.mkstemp(".log", "taizhang-error-")
        path = Path(name)
    with os.fdopen(handle, "a", encoding="utf-8") as log:
        log.write(f"{datetime.now().isoformat(' ', 'seconds')} taizhang {__version__}\n{traceback.format_exc()}\n")
    return path


def unforeseen(error: BaseException) -> str:
    """Return what to say of an error nobody foresaw: a package of ours is missing or broken, else it is our own fault.

    What is our fault, or may be, is written to the log.
    """
    if isinstance(error, ImportError) and error.name:
        told = _unloaded(error, error.name)
        if told is not None:
            return str(told)
    return str(LedgerError(Stop.BUG, log=error_log()))


def _unloaded(error: ImportError, module: str) -> LedgerError | None:
    """Return what to say of a module that did not load, None where it is none that a package of ours brings."""
    import sys

    from taizhang import equipment, inventory

    root, packages = module.partition(".")[0], inventory.wanted()
    missing = isinstance(error, ModuleNotFoundError) and module == root
    found = equipment.package_of(module, packages)
    if found:
        if missing:
            return LedgerError(Stop.NO_PACKAGE, name=found.name, remedy=f"运行 {found.command}")
        return LedgerError(Stop.BROKEN_PACKAGE, name=found.name, command=found.repair, log=error_log())
    if missing and not packages and root not in sys.stdlib_module_names:
        return LedgerError(Stop.NO_PACKAGE, name=equipment.package_name(module), remedy=equipment.FROM_SOURCE)
    return None


class Pace:
    """How fast work goes, by the clock of this machine: what is said of it beside how far it is."""

    def __init__(self) -> None:
        self._begun: dict[str, float] = {}

    def said(self, what: str, done: int, of: int) -> str:
        """Return how fast a piece of work goes and how long it will take yet, "" while that cannot be told."""
        import time

        now = time.monotonic()
        return pace(done, of, now - self._begun.setdefault(what, now))


def pace(done: int, of: int, seconds: float) -> str:
    """Return what so much work in so many seconds promises, in a clerk's words; "" where it promises nothing."""
    if seconds < _SOON or not 0 < done < of:
        return ""
    rate = done / seconds
    left = math.ceil((of - done) / rate)
    wait = f"{left} 秒" if left <= _A_WHILE else f"{math.ceil(left / 60)} 分钟"
    return f"每秒 {rate:.3g} 个，约还要 {wait}"


_SOON, _A_WHILE = 2, 90  # seconds before anything is said, and up to which they are counted in seconds


def user_name() -> str:
    """Return who is logged in, "" where the system does not say."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def open_manual() -> Path:
    """Show 用户手册 in the browser; return the page that was written for it."""
    import webbrowser

    page = manual_page()
    webbrowser.open(page.as_uri())
    return page


def manual_page() -> Path:
    """Write 用户手册 as a web page, with its pictures and the documents it links to beside it; return where it is."""
    import shutil
    import tempfile

    from taizhang.manual import page

    source = _documents()
    folder = Path(tempfile.gettempdir()) / "taizhang-manual"
    shutil.copytree(source / "images", folder / "images", dirs_exist_ok=True)
    for document, name in DOCUMENTS.items():
        text = (source / document).read_text(encoding="utf-8")
        (folder / name).write_text(page(text, DOCUMENTS), encoding="utf-8")
    return folder / DOCUMENTS[_MANUAL]


def _documents() -> Path:
    """Return where the manual is: beside the code where it is installed, in docs/ of a checkout."""
    package = Path(__file__).parent
    shipped = package / "data" / "manual"
    return shipped if shipped.is_dir() else package.parents[1] / "docs"


_MANUAL = "用户手册.md"
DOCUMENTS = {_MANUAL: "manual.html", "安装.md": "install.html", "手工验收.md": "acceptance.html"}  # each with its page
