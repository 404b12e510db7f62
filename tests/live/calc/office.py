"""A private LibreOffice in the background: started once, found again by other processes, killed by its own id."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from functools import cache
from pathlib import Path

from .server.state import State

SCHEME = "calc://"
PYTHON = "TAIZHANG_UNO_PYTHON"
_FACTS = "calc.json"
SECONDS_TO_END = 5
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
{}
</oor:items>
"""
_ITEM = '<item oor:path="/org.openoffice.{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
_SETTINGS = (
    ("Office.Common/Misc", "UseLocking", "false"),
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Save/Document", "WarnAlienFormat", "false"),
    ("Office.Recovery/AutoSave", "Enabled", "false"),
    ("Office.Calc/Formula/Load", "OOXMLRecalcMode", "0"),
    ("Office.Calc/Formula/Load", "ODFRecalcMode", "0"),
    ("Office.Calc/Layout/Other/MeasureUnit", "NonMetric", "8"),
    ("Setup/L10N", "ooSetupSystemLocale", "en-US"),
    ("Setup/L10N", "ooLocale", "en-US"),
    ("UserProfile/Data", "givenname", "Excel"),
)
# One that people see speaks Chinese, where its Chinese is installed (Debian: libreoffice-l10n-zh-cn).
_SHOWN = (("Office.Linguistic/General", "UILocale", "zh-CN"),)
# Only those started by this process: their parent has to wait for them.
_started: dict[str, subprocess.Popen[bytes]] = {}


class OfficeMissingError(RuntimeError):
    """There is no LibreOffice, or no Python that can talk to it."""


@cache
def soffice() -> str:
    """Return LibreOffice's command."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        raise OfficeMissingError("LibreOffice (soffice) is not on the PATH")
    return found


@cache
def uno_python() -> str:
    """Return a Python that can import `uno`: LibreOffice's own or the system's."""
    program = Path(soffice()).resolve().parent
    named = os.environ.get(PYTHON)
    for candidate in filter(None, (named, program / "python", "/usr/bin/python3", shutil.which("python3"))):
        command = [str(candidate), "-c", "import uno"]
        with contextlib.suppress(OSError):
            if subprocess.run(command, env=plain_environment(), capture_output=True, check=False).returncode == 0:
                return str(candidate)
    raise OfficeMissingError(f"no Python can import uno (python3-uno); set {PYTHON} to the one that can")


def plain_environment() -> dict[str, str]:
    """Return our environment without what would point another Python at our packages."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}


def start(profile: str | Path | None = None, *, visible: bool = False) -> str:
    """Start a private office that outlives this process, on a display if it is to be visible; return its url."""
    folder = Path(profile) if profile is not None else Path(tempfile.mkdtemp(prefix="taizhang-calc-"))
    user = folder / "user"
    user.mkdir(parents=True, exist_ok=True)
    settings = _SETTINGS + (_SHOWN if visible else ())
    items = "\n".join(_ITEM.format(path, name, value) for path, name, value in settings)
    (user / "registrymodifications.xcu").write_text(_PROFILE.format(items), encoding="utf-8")
    State(folder).path.unlink(missing_ok=True)  # what one that died here was in the middle of
    pipe = f"calc{uuid.uuid4().hex[:12]}"
    command = [
        soffice(),
        *(() if visible else ("--headless",)),
        *("--norestore", "--nologo", "--nodefault", "--nofirststartwizard", "--nolockcheck"),
        f"-env:UserInstallation={folder.resolve().as_uri()}",
        f"--accept=pipe,name={pipe};urp;StarOffice.ComponentContext",
    ]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    plain = {"LC_ALL": "C.UTF-8", "SAL_USE_VCLPLUGIN": "gen" if visible else "svp"}
    # One thread: 7.4 dies in about every tenth sheet copied between documents with several, in every fiftieth with one.
    environment = plain_environment() | plain | {"MAX_CONCURRENCY": "1"}
    process = subprocess.Popen(command, env=environment, start_new_session=True, **quiet)
    url = f"{SCHEME}{folder.resolve()}"
    facts = {"pid": process.pid, "pipe": pipe, "python": uno_python(), "temporary": profile is None}
    (folder / _FACTS).write_text(json.dumps(facts), encoding="utf-8")
    _started[url] = process
    return url


def profile_of(url: str) -> Path:
    """Return the profile folder an office lives in."""
    return Path(url.removeprefix(SCHEME))


def facts_of(url: str) -> dict[str, str | int]:
    """Return an office's process id, pipe and the Python of its helpers."""
    try:
        return json.loads((profile_of(url) / _FACTS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OfficeMissingError(f"no office was started at {url}") from None


def pid_of(url: str) -> int:
    """Return the process id of an office, which is Excel's to whoever asks."""
    return int(facts_of(url)["pid"])


def alive(url: str) -> bool:
    """Return whether the office still runs."""
    process = _started.get(url)
    if process is not None:
        return process.poll() is None
    try:
        pid = pid_of(url)
        os.kill(pid, 0)
    except (OSError, OfficeMissingError):
        return False
    return _state(pid) != "Z"


def worn(url: str) -> bool:
    """Return whether an office holds workbooks it could not close without falling: the more, the sooner it does."""
    return bool(State(profile_of(url)).read().get("buried"))


def stop(url: str, only: int | None = None) -> None:
    """Kill the office by its own id and clear away its sockets; a folder made by us goes too.

    With `only`, an office with another process id, started there since, is left alone.
    """
    try:
        facts = facts_of(url)
    except OfficeMissingError:
        return
    pid = int(facts["pid"])
    if only not in (None, pid):
        return
    process = _started.pop(url, None)
    if process is None or process.poll() is None:
        for member in members(pid):
            if member != pid:
                _kill(member)
        _wait(process, pid)
    _remove_sockets(url, str(facts["pipe"]))
    (profile_of(url) / _FACTS).unlink(missing_ok=True)
    if facts.get("temporary"):
        shutil.rmtree(profile_of(url), ignore_errors=True)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _wait(process: subprocess.Popen[bytes] | None, pid: int) -> None:
    """Wait for the launcher, which ends once it has reaped the office itself; kill it where it lingers."""
    give_up = time.monotonic() + SECONDS_TO_END
    while time.monotonic() < give_up:
        if (process.poll() is not None) if process is not None else (_state(pid) in ("", "Z")):
            return
        time.sleep(0.01)
    _kill(pid)
    if process is not None:
        process.wait(timeout=SECONDS_TO_END)


def _state(pid: int) -> str:
    """Return the kernel's letter for a process: "" for none, Z for one that only waits for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][:1]
    except OSError:
        return ""


def members(group: int) -> list[int]:
    """Return the ids of a process group; only its leader where there is no /proc."""
    found = [group]
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int(entry.name) != group and os.getpgid(int(entry.name)) == group:
                found.append(int(entry.name))
    return found


def _remove_sockets(url: str, pipe: str) -> None:
    """Remove what a killed office leaves: our pipe, and its own, which is named after its profile."""
    digest = hashlib.md5(profile_of(url).as_uri().encode("utf-16-le"), usedforsecurity=False).digest()
    own = "SingleOfficeIPC_" + "".join(f"{byte:x}" for byte in digest)
    for folder in {Path("/tmp"), Path(tempfile.gettempdir())}:
        for name in (pipe, own):
            for path in folder.glob(f"OSL_PIPE_*{name}"):
                path.unlink(missing_ok=True)


@atexit.register
def _stop_own() -> None:
    """Nothing is left behind by a session that forgot; an office with a folder of its own outlives us on purpose."""
    for url in list(_started):
        with contextlib.suppress(OfficeMissingError):
            if facts_of(url).get("temporary"):
                stop(url)
    # Popen would warn about, and a later start would reap, what is still running.
    for process in _started.values():
        process.returncode = 0 if process.poll() is None else process.returncode


__all__ = ["OfficeMissingError", "alive", "facts_of", "pid_of", "plain_environment", "soffice", "start", "stop", "worn"]
