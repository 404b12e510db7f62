"""`taizhang rollup --scheduler` on real Dask processes on loopback: the same bytes as one process gives, whoever dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

import pytest
from test_loop import NOW
from test_rollup_files import REGIONS, encrypted, ledger

from mailservers import free_ports
from taizhang import cluster
from taizhang.actions import Context
from taizhang.cli import main
from taizhang.errors import LedgerError, Stop
from taizhang.rolling import roll_up
from taizhang.rollup import Basis

FILES = 24
DAYS = [date(2020, month, day) for month in range(1, 9) for day in (5, 15, 25)]
assert len(DAYS) == FILES


class Cluster:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path, held: ExitStack, protocol: str = "tcp") -> None:
        (self.port,) = free_ports(1)
        self.address = f"{protocol}://127.0.0.1:{self.port}"
        self._folder = folder
        self._held = held
        self._start("dask_scheduler", "--host", f"{protocol}://127.0.0.1", "--port", str(self.port), "--no-show")

    def worker(self, *options: str) -> subprocess.Popen[bytes]:
        """Start a worker that counts one file at a time; wait until the scheduler has it."""
        before = self.workers()
        own = ("--nthreads", "1", "--memory-limit", "0", "--local-directory", str(self._folder))
        made = self._start("dask_worker", self.address, "--host", "127.0.0.1", *own, *options)
        until = time.monotonic() + 60
        while self.workers() <= before and time.monotonic() < until:
            time.sleep(0.1)
        return made

    def start(self, *options: str) -> None:
        """Start a worker, and wait for nothing."""
        self._start("dask_worker", self.address, "--nthreads", "1", "--local-directory", str(self._folder), *options)

    def workers(self) -> int:
        from distributed import Client

        with Client(self.address, timeout=30, set_as_default=False) as client:
            return len(client.nthreads())

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments, "--no-dashboard"]
        log = self._held.enter_context((self._folder / f"{module}.log").open("ab"))
        made = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder)
        self._held.callback(ended, made)
        return made


def ended(process: subprocess.Popen[bytes]) -> None:
    """End a process kindly first: one that watches over another then ends that too."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    with ExitStack() as held:
        yield Cluster(folder, held)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler without workers."""
    with running(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ledgers of three regions over many periods, and some files that are none."""
    where = tmp_path_factory.mktemp("交来")
    for number, day in enumerate(DAYS):
        region = REGIONS[number % len(REGIONS)]
        ledger(where / region[:3] / f"{day}.xlsx", unit=region, as_of=day)
    sound = (where / REGIONS[0][:3] / f"{DAYS[0]}.xlsx").read_bytes()
    (where / "加密.xlsx").write_bytes(encrypted(sound))
    (where / "断了.xlsx").write_bytes(sound[:2000])
    (where / "又一份.xlsx").write_bytes(sound)
    return where


@pytest.fixture(scope="module")
def alone(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    """What one process makes of them: the workbook, and what it prints."""
    return rolled(folder, tmp_path_factory.mktemp("一个进程"))


def rolled(folder: Path, where: Path, *options: str) -> tuple[bytes, str]:
    """Return the workbook a run writes, and the object it prints, but for its path; this process may import anything."""
    target = where / "汇总.xlsx"
    command = [sys.executable, "-m", "taizhang", "rollup", str(folder), "-o", str(target), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (1, "")
    told = json.loads(done.stdout)
    assert told.pop("path") == str(target)
    return target.read_bytes(), json.dumps(told, ensure_ascii=False)


def test_two_workers_make_the_same_bytes_and_say_the_same(folder, alone, bare, tmp_path):
    for _ in range(2):
        bare.worker("--no-nanny")
    assert bare.workers() == 2
    assert rolled(folder, tmp_path, "--scheduler", bare.address) == alone


def in_process(folder: Path, target: Path, address: str, at: Callable[[int], None] = lambda done: None) -> bytes:
    context = Context(NOW, progress=lambda _what, done, _of: at(done))
    roll_up([folder], target, context, Basis(date.today()), address)
    return target.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_worker_killed_while_it_counts_changes_nothing(folder, alone, bare, tmp_path):
    first, _ = (bare.worker("--no-nanny") for _ in range(2))

    def kill(done: int) -> None:
        if done == 3:
            os.kill(first.pid, signal.SIGKILL)

    assert in_process(folder, tmp_path / "汇总.xlsx", bare.address, kill) == alone[0]
    assert first.wait() == -signal.SIGKILL
    assert bare.workers() == 1


def test_an_encrypted_cluster_is_reached_with_the_certificates_of_dasks_own_settings(
    folder, alone, certificates, tmp_path, monkeypatch
):
    own = tmp_path / "own.pem"
    certificates.issued().private_key_and_cert_chain_pem.write_to_path(str(own))
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TLS__CA_FILE", str(certificates.ca))
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        monkeypatch.setenv(f"DASK_DISTRIBUTED__COMM__TLS__{role}__CERT", str(own))
    with ExitStack() as held:
        found = Cluster(tmp_path, held, "tls")
        found.start("--no-nanny")
        assert rolled(folder, tmp_path, "--scheduler", found.address) == alone


# A worker that dies on one file, whatever it holds: no file we know kills a worker, for a process of its own reads it.
# Beside it another one takes its time, so that it is always under way when that happens.
DEADLY = """
import os, time
from taizhang import cluster, rolling

def counted(data, file, basis):
    if file.name == "加密.xlsx":
        time.sleep(1)
        os._exit(1)
    time.sleep(3 if file.name == "又一份.xlsx" else 0)
    return rolling.counted(data, file, basis)

cluster.counted = counted
"""


def test_a_file_its_workers_die_of_is_one_line_and_those_beside_it_are_not_lost(folder, alone, tmp_path, monkeypatch):
    (tmp_path / "deadly.py").write_text(DEADLY)
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "1")
    with running(tmp_path) as found:
        found.worker("--preload", str(tmp_path / "deadly.py"), "--nthreads", "4")
        told = json.loads(rolled(folder, tmp_path, "--scheduler", found.address)[1])
    wanted = json.loads(alone[1])
    said = {one["file"]: one["reason"] for one in told.pop("left")}
    assert said.pop("加密.xlsx") == "读取它的计算节点接连中断，没有读完。"
    assert said == {one["file"]: one["reason"] for one in wanted.pop("left") if one["file"] != "加密.xlsx"}
    assert told == wanted


# What does not work is said soon, in one sentence


def refused(folder: Path, address: str, capsys: pytest.CaptureFixture[str], where: Path) -> str:
    assert main(["rollup", str(folder), "-o", str(where / "汇总.xlsx"), "--scheduler", address]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert not (where / "汇总.xlsx").exists()
    return said.err


@pytest.mark.parametrize(
    ("preload", "words"),
    [
        ("import taizhang; taizhang.__version__ = '0.0.9'", "装的是本软件 0.0.9 版"),
        ("import importlib.metadata as m; m.version = lambda name: '0.0.8'", "装的是本软件 0.0.8 版"),
        (
            "import importlib.metadata as m\ndef version(name): raise m.PackageNotFoundError\nm.version = version",
            "没有装",
        ),
    ],
)
def test_a_worker_with_another_version_or_none_is_told(folder, bare, tmp_path, capsys, preload, words):
    (tmp_path / "preloaded.py").write_text(preload)
    bare.worker("--no-nanny", "--preload", str(tmp_path / "preloaded.py"))
    assert words in refused(folder, bare.address, capsys, tmp_path)


def test_a_scheduler_without_workers_is_told(folder, bare, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(cluster, "SECONDS", 1)
    assert "没有可用的计算节点" in refused(folder, bare.address, capsys, tmp_path)


def test_workers_that_all_leave_are_told(folder, bare, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "_PATIENCE", 1)
    worker = bare.worker("--no-nanny")
    with pytest.raises(LedgerError) as told:
        in_process(folder, tmp_path / "汇总.xlsx", bare.address, lambda done: worker.kill())
    assert told.value.stop is Stop.NO_WORKERS


def test_an_address_where_nobody_listens_is_told(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(cluster, "SECONDS", 1)
    (port,) = free_ports(1)
    assert "连不上调度程序" in refused(folder, f"tcp://127.0.0.1:{port}", capsys, tmp_path)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.8:8786",
        "tcp://10.0.0.8",
        "tcp://10.0.0.8:0",
        "tcp://10.0.0.8:99999",
        "http://10.0.0.8:8786",
        "inproc://x/1/1",
    ],
)
def test_what_is_no_address_is_told_at_once(folder, tmp_path, capsys, address):
    assert "不是调度程序的地址" in refused(folder, address, capsys, tmp_path)


def test_an_encrypted_address_without_certificates_is_told(folder, tmp_path, capsys):
    assert "没有证书" in refused(folder, "tls://127.0.0.1:8786", capsys, tmp_path)


@pytest.mark.parametrize("module", ["dask", "distributed"])
def test_without_the_extra_the_command_to_run_is_told(folder, tmp_path, capsys, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    assert "pip install taizhang[cluster]" in refused(folder, "tcp://127.0.0.1:8786", capsys, tmp_path)
