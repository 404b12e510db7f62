"""A ledger under a process that dies, a disk that is full and a second writer: old or new, never between."""

from __future__ import annotations

import errno
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path
from types import FrameType

import pytest
from test_loop import THREE, Desk

from core.test_journal import held, replayed
from ledgers import AS_OF, FGJ, ZJJ, book
from taizhang import actions
from taizhang.books import file
from taizhang.books.ledgers import open_ledger
from taizhang.cli import main
from taizhang.errors import LedgerError, Stop
from taizhang.journal import Place

KILLS = 200
RANDOM_KILLS = 60  # of these; the others hit every touch of the disk in turn
WHOLE = (0, 1)  # exit codes of a command that did its work


@dataclass(frozen=True)
class Case:
    """A ledger with a preview waiting: its file, its bytes before an apply, its cells before and after one."""

    path: Path
    before: bytes
    old: Mapping[Place, str]
    new: Mapping[Place, str]

    def reset(self) -> None:
        """Put everything back as it was before the apply."""
        shutil.rmtree(self.path.parent / file.BACKUPS, ignore_errors=True)
        for left in (one for one in self.path.parent.iterdir() if one.is_file()):
            left.unlink()
        self.path.write_bytes(self.before)

    @property
    def cells(self) -> Mapping[Place, str]:
        return held(open_ledger(self.path).ledger)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Return a small ledger on which three returned workbooks wait for an apply, with a hand edit since."""
    desk = Desk(tmp_path_factory.mktemp("案卷"), book(THREE, as_of=AS_OF))
    desk.split()
    desk.fill_rows(FGJ, {(0, "progress"): "已办结", (1, "progress"): "一之二", (1, "percent"): "60%"})
    desk.fill_rows(ZJJ, {(0, "progress"): "二之二", (0, "reported_on"): date(2020, 9, 8)})
    desk.merge()
    desk.type_task(2, note="手工备注")
    before, old = desk.path.read_bytes(), held(desk.ledger)
    desk.apply()
    return Case(desk.path, before, old, held(desk.ledger))


@pytest.fixture
def case(made: Case) -> Case:
    made.reset()
    return made


# --- killed at any moment ---


@dataclass(frozen=True)
class Kill:
    """What a killed apply left: when it died, whether the file is untouched, its cells, and what came next."""

    when: str
    untouched: bool
    cells: Mapping[Place, str]
    stray: tuple[str, ...]
    broken_backups: tuple[str, ...]
    next_exit: int
    next_cells: Mapping[Place, str]
    whole: bool


def looked_at(case: Case, when: str) -> Kill:
    """Return what a killed apply left, after running the next one."""
    untouched, cells = case.path.read_bytes() == case.before, case.cells
    stray = tuple(one.name for one in case.path.parent.glob("*.xlsx") if one != case.path)
    backups = tuple(one.name for one in backups_of(case) if not opens(one))
    code = main(["apply", str(case.path)])
    found = actions.log(case.path)
    whole = found.broken is None and replayed(found.journal) == case.cells
    return Kill(when, untouched, cells, stray, backups, code, case.cells, whole)


def backups_of(case: Case) -> list[Path]:
    return sorted((case.path.parent / file.BACKUPS).glob("*.xlsx"))


def opens(path: Path) -> bool:
    try:
        return bool(open_ledger(path).ledger.tasks)
    except LedgerError:
        return False


# What touches a disk, as the interpreter calls it.
_TOUCHES = frozenset(
    ("open", "write", "flush", "close", "replace", "rename", "unlink", "remove", "mkdir", "fsync", "chmod", "flock")
)


def touches_disk(function: object) -> bool:
    """Return whether a built-in function may change something on disk."""
    owner = getattr(function, "__self__", None)
    on_disk = isinstance(owner, io.IOBase) and not isinstance(owner, io.BytesIO | io.StringIO)
    system = getattr(function, "__module__", "") in ("posix", "nt", "fcntl", "_io", "io")
    return getattr(function, "__name__", "") in _TOUCHES and (on_disk or system)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_at(point: int) -> Callable[[FrameType, str, object], None]:
    """Return what kills this process before its n-th touch of the disk, counted from 0."""
    numbers = count()

    def watch(_: FrameType, event: str, function: object) -> None:
        if event == "c_call" and touches_disk(function) and next(numbers) == point:
            die()

    return watch


def run_and_die(case: Case, prepare: Callable[[], None]) -> bool:
    """Apply in a process of its own, which `prepare` has doomed; return whether it was killed."""
    child = os.fork()
    if not child:
        with suppress(BaseException):
            prepare()
            main(["apply", str(case.path)])
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def kills_at_every_touch(case: Case) -> Iterator[Kill]:
    """Yield what is left of an apply killed before its first touch of the disk, its second, and so on to the last."""
    for point in count():
        case.reset()
        if not run_and_die(case, lambda point=point: sys.setprofile(dying_at(point))):
            return
        yield looked_at(case, f"before touch {point}")


def kills_half_way(case: Case) -> Iterator[Kill]:
    """Yield what is left of an apply killed while the bytes of its first, second … file were going out."""
    for number in count():
        for share in (0.0, 0.3, 0.99):
            case.reset()
            if not run_and_die(case, lambda number=number, share=share: write_in_part(number, share)):
                return
            yield looked_at(case, f"file {number} written to {share:.0%}")


def write_in_part(number: int, share: float) -> None:
    """Have this process die while it writes its n-th file."""
    numbers, opened = count(), Path.open

    class Dying(io.FileIO):
        def write(self, data: bytes) -> int:  # type: ignore[override]
            super().write(bytes(data)[: int(len(data) * share)])
            die()
            return 0

    def doomed(path: Path, mode: str = "r", *rest: object, **more: object) -> object:
        return Dying(path, "w") if mode == "wb" and next(numbers) == number else opened(path, mode, *rest, **more)  # type: ignore[arg-type,call-overload]

    Path.open = doomed  # type: ignore[assignment,method-assign]


def kills_at_random(case: Case, most: int) -> Iterator[Kill]:
    """Yield what is left of the command killed from outside, at moments spread over the time a whole run takes."""
    started = time.perf_counter()
    start_apply(case).wait()
    whole = time.perf_counter() - started
    for number in range(most):
        case.reset()
        moment = whole * (0.5 + 0.55 * number / most)
        process = start_apply(case)
        with suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        process.kill()
        process.wait()
        yield looked_at(case, f"after {moment:.3f} s")


def start_apply(case: Case) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "taizhang", "apply", str(case.path)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def kills(made: Case) -> list[Kill]:
    """Return what 200 killed applies and more left behind."""
    found = [*kills_at_every_touch(made), *kills_half_way(made)] if hasattr(os, "fork") else []
    return [*found, *kills_at_random(made, max(RANDOM_KILLS, KILLS - len(found)))]


def test_the_apply_was_killed_at_many_moments(kills: list[Kill]) -> None:
    assert len(kills) >= KILLS
    assert {kill.untouched for kill in kills} == {True, False}


def test_a_killed_apply_leaves_the_old_ledger_or_the_new_one(made: Case, kills: list[Kill]) -> None:
    between = [kill.when for kill in kills if kill.cells != (made.old if kill.untouched else made.new)]
    assert between == []


def test_a_killed_apply_leaves_no_other_workbook_beside_the_ledger(kills: list[Kill]) -> None:
    assert [(kill.when, kill.stray) for kill in kills if kill.stray] == []


def test_every_backup_is_a_whole_ledger_whenever_its_writer_was_killed(kills: list[Kill]) -> None:
    assert [(kill.when, kill.broken_backups) for kill in kills if kill.broken_backups] == []


def test_the_next_apply_after_a_kill_does_its_work(made: Case, kills: list[Kill]) -> None:
    stuck = [kill.when for kill in kills if kill.next_exit not in WHOLE or kill.next_cells != made.new]
    assert stuck == []


def test_the_record_after_a_kill_is_whole_and_tells_the_ledger(kills: list[Kill]) -> None:
    assert [kill.when for kill in kills if not kill.whole] == []


def test_what_killed_runs_left_beside_the_ledger_is_swept_up_by_the_next(made: Case) -> None:
    made.reset()
    assert all(run_and_die(made, lambda: write_in_part(1, 0.5)) for _ in range(3))
    main(["apply", str(made.path)])
    main(["status", str(made.path), "--as-of", "2020-12-31", "--write"])
    assert [one.name for one in made.path.parent.iterdir() if one.suffix == ".tmp"] == []


LONG = "营商环境工作台账" * 6


@pytest.mark.parametrize(
    ("own", "other"), [("台账", "台账_旧"), ("台账", "台账.2020"), ("台账", "另一本"), (f"{LONG}甲", f"{LONG}乙")]
)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a process that dies half-way")
def test_what_another_ledgers_run_is_writing_is_left_alone(case: Case, tmp_path: Path, own: str, other: str) -> None:
    for name in (own, other):
        (tmp_path / f"{name}.xlsx").write_bytes(case.before)
    theirs = replace(case, path=tmp_path / f"{other}.xlsx")
    assert run_and_die(theirs, lambda: write_in_part(1, 0.5))
    left = set(tmp_path.glob(".*"))
    main(["apply", str(tmp_path / f"{own}.xlsx")])
    assert left <= set(tmp_path.glob(".*"))


# --- a disk that refuses ---

Refusal = Callable[[pytest.MonkeyPatch, OSError], None]


def nth_file(number: int) -> Refusal:
    """Refuse in the middle of the n-th file that is written."""

    def patch(monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
        numbers, opened = count(), Path.open

        class Full(io.FileIO):
            def write(self, data: bytes) -> int:  # type: ignore[override]
                super().write(bytes(data)[: len(data) // 2])
                raise error

        def limited(path: Path, mode: str = "r", *rest: object, **more: object) -> object:
            return Full(path, "w") if mode == "wb" and next(numbers) == number else opened(path, mode, *rest, **more)  # type: ignore[arg-type,call-overload]

        monkeypatch.setattr(Path, "open", limited)

    return patch


def nth_call(owner: object, name: str, number: int = 0, ending: str = "") -> Refusal:
    """Refuse the n-th call of a system function (about a path that ends so)."""

    def patch(monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
        numbers, real = count(), getattr(owner, name)

        def limited(*rest: object, **more: object) -> object:
            about = str(rest[0]) if rest else ""
            if about.endswith(ending) and next(numbers) == number:
                raise error
            return real(*rest, **more)

        monkeypatch.setattr(owner, name, limited)

    return patch


REFUSALS: Mapping[str, Refusal] = {
    "the lock": nth_call(os, "open", ending=".lock"),
    "the folder of the backups": nth_call(Path, "mkdir"),
    "half of the backup": nth_file(0),
    "the backup, at the last moment": nth_call(os, "fsync", 0),
    "a file for the new ledger": nth_call(tempfile, "mkstemp"),
    "half of the new ledger": nth_file(1),
    "the new ledger, at the last moment": nth_call(os, "fsync", 1),
    "the new ledger's place": nth_call(Path, "replace", 0, ".tmp"),
}
ERRORS = {
    "full": (OSError(errno.ENOSPC, "No space left on device"), "磁盘空间不足"),
    "no permission": (PermissionError(errno.EACCES, "Permission denied"), "没有权限"),
    "read-only": (OSError(errno.EROFS, "Read-only file system"), "只读"),
}


@contextmanager
def refusing(refusal: str, error: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        REFUSALS[refusal](patch, ERRORS[error][0])
        yield


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_disk_that_refuses_is_said_in_one_sentence_and_the_ledger_is_untouched(
    case: Case, capsys: pytest.CaptureFixture[str], refusal: str, error: str
) -> None:
    with refusing(refusal, error):
        code = main(["apply", str(case.path)])
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert ERRORS[error][1] in err
    assert "原文件没有改动" in err
    assert case.path.read_bytes() == case.before
    assert [one.name for one in case.path.parent.iterdir() if one.suffix == ".tmp"] == []


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_disk_that_refuses_leaves_no_backup_in_part(case: Case, refusal: str) -> None:
    with refusing(refusal, "full"):
        main(["apply", str(case.path)])
    assert [one.name for one in backups_of(case) if not opens(one)] == []


@pytest.mark.parametrize("refusal", REFUSALS)
def test_once_the_disk_has_room_the_apply_does_its_work(case: Case, refusal: str) -> None:
    with refusing(refusal, "full"):
        main(["apply", str(case.path)])
    assert main(["apply", str(case.path)]) in WHOLE
    assert case.cells == case.new


def test_a_full_disk_after_the_rename_leaves_the_new_ledger_and_a_whole_record(case: Case) -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    def limited(path: Path, mode: str = "r", *rest: object, **more: object) -> object:
        return Full() if mode == "a" else opened(path, mode, *rest, **more)  # type: ignore[arg-type,call-overload]

    opened = Path.open
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", limited)
        assert main(["apply", str(case.path)]) in WHOLE
    assert case.cells == case.new
    assert main(["log", str(case.path), "--verify"]) == 0


def test_a_note_of_the_record_written_in_part_breaks_nothing(case: Case) -> None:
    main(["apply", str(case.path)])
    record = file.head_record(case.path)
    lines = record.read_text(encoding="utf-8")
    for length in range(len(lines)):
        record.write_text(lines[:length], encoding="utf-8")
        assert main(["log", str(case.path), "--verify"]) == 0, lines[:length]


READS_ANYWAY = "the superuser writes into read-only folders; the refusals above stand for it"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason=READS_ANYWAY)
def test_a_read_only_folder_is_said_in_one_sentence(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    case.path.parent.chmod(0o555)
    try:
        code = main(["apply", str(case.path)])
    finally:
        case.path.parent.chmod(0o755)
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "没有权限" in err
    assert case.path.read_bytes() == case.before


# --- two writers ---

HOLD = """
import sys
from pathlib import Path
from taizhang.books import file, ledgers
with ledgers.editing(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_writer(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Have another process in the middle of a write."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("command", ["apply", "undo", "summary", "check"])
def test_a_second_writer_is_refused_with_a_sentence(
    case: Case, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    more = ["--fix"] if command == "check" else []
    with another_writer(case.path):
        code = main([command, str(case.path), *more])
    out, err = capsys.readouterr()
    assert (code, out, err) == (2, "", Stop.BUSY.value.format(path=case.path) + "\n")
    assert case.path.read_bytes() == case.before
    assert backups_of(case) == []


def test_a_ledger_may_be_looked_at_while_another_writes(case: Case) -> None:
    with another_writer(case.path):
        assert main(["status", str(case.path)]) == 0
        assert main(["log", str(case.path), "--verify"]) == 0


def test_the_lock_of_a_killed_writer_is_gone_with_it(case: Case) -> None:
    with another_writer(case.path) as process:
        process.kill()
        process.wait()
        assert main(["apply", str(case.path)]) in WHOLE
    assert case.cells == case.new


def test_several_applies_started_at_once_do_the_work_once(case: Case) -> None:
    running = [start_apply(case) for _ in range(4)]
    codes = [process.wait() for process in running]
    assert 0 in codes
    assert set(codes) <= {0, 2}
    found = actions.log(case.path)
    assert (case.cells, found.broken) == (case.new, None)
    written = [line.place for line in found.journal.lines if line.operation == "执行合并"]
    assert len(written) == len(set(written)) > 0
    assert replayed(found.journal) == case.new
