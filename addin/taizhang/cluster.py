"""Counting ledgers on a Dask cluster: their bytes go out as tasks, what they come to comes back.

Workers need no disk in common with us, only the same version of this program. A task whose
worker dies is given to another one; so that a scheduler can do that, it keeps the bytes.
Whoever can reach a scheduler can run what he likes on it and its workers, unless it asks for
certificates (`tls://`, by Dask's own settings).
"""

from __future__ import annotations

import logging
import queue
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from taizhang import __version__
from taizhang.errors import LedgerError, Stop
from taizhang.rolling import Found, Job, content_of, counted
from taizhang.rollup import Basis, Entry, File, Left, Why

SECONDS = 10  # until a scheduler answers and has a worker
_PATIENCE = 30  # seconds without an answer before anybody asks whether there still are workers
_TIMES = 10  # so often; a file takes a minute at most
_AHEAD = 3  # files under way for each thread of the workers: more would only fill the scheduler's memory
_SETTINGS = {"distributed.admin.large-graph-warning-threshold": "1GB", "distributed.comm.timeouts.connect": SECONDS}


def spread(jobs: Iterable[Job], address: str) -> Found:
    """Yield what each file comes to, as the workers of a scheduler are done with it; only a few are under way.

    When a worker dies again and again, all it was asked is suspect: which file it was shows when each is asked alone.
    """
    with _connected(address) as client:
        crew, suspects = _Crew(client, address), list[Job]()
        for job, found in crew.counted(jobs, _AHEAD * crew.threads):
            if found is None:
                suspects.append(job)
            else:
                yield found
        for job, found in crew.counted(suspects, 1):
            yield found or Left.because(Why.KILLED, job.file.name)


def counted_there(wanted: str, data: bytes, file: File, basis: Basis) -> Entry | Left | str:
    """Return, on a worker, what a file comes to; the worker's version where it is another: it may have joined late."""
    return counted(data, file, basis) if wanted == __version__ else __version__


class _Crew:
    """The workers of a cluster, and what they have been asked."""

    def __init__(self, client: Any, address: str) -> None:
        self._client = client
        self._address = address
        self._asked: dict[str, tuple[Any, Job]] = {}
        self._done: queue.SimpleQueue[str] = queue.SimpleQueue()

    @property
    def threads(self) -> int:
        """Return how many files the workers can count at once."""
        return sum(self._client.nthreads().values())

    def counted(self, jobs: Iterable[Job], most: int) -> Iterator[tuple[Job, Entry | Left | None]]:
        """Yield each file with what it comes to, None where its workers died; so many are under way at once."""
        for job in jobs:
            data = content_of(job)
            if isinstance(data, Left):
                yield job, data
                continue
            self._ask(data, job)
            if len(self._asked) >= most:
                yield self._answer()
        while self._asked:
            yield self._answer()

    def _ask(self, data: bytes, job: Job) -> None:
        future = self._client.submit(counted_there, __version__, data, job.file, job.basis, pure=False)
        self._asked[future.key] = future, job
        future.add_done_callback(lambda one: self._done.put(one.key))

    def _answer(self) -> tuple[Job, Entry | Left | None]:
        """Return the next file that is done; raise LedgerError where none is for longer than one can take."""
        for _ in range(_TIMES):
            try:
                future, job = self._asked.pop(self._done.get(timeout=_PATIENCE))
            except queue.Empty:
                self._refuse_deserted()
                continue
            return job, self._told(future)
        raise LedgerError(Stop.CLUSTER_LOST, address=self._address)

    def _refuse_deserted(self) -> None:
        """Raise LedgerError where nobody is left who could answer."""
        try:
            workers = self._client.nthreads()
        except (OSError, TimeoutError) as error:
            raise LedgerError(Stop.CLUSTER_LOST, address=self._address) from error
        if not workers:
            raise LedgerError(Stop.NO_WORKERS, address=self._address)

    def _told(self, future: Any) -> Entry | Left | None:
        from distributed import KilledWorker

        try:
            found = future.result(timeout=_PATIENCE * _TIMES)  # it is done, but may be lost with its worker
        except KilledWorker:
            return None
        except (CancelledError, OSError) as error:
            raise LedgerError(Stop.CLUSTER_LOST, address=self._address) from error
        _refuse_other(self._address, __version__ if isinstance(found, (Entry, Left)) else found)
        return found  # type: ignore[no-any-return]


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Give a client of a scheduler that has workers; raise LedgerError, soon, where there is none."""
    try:
        import dask
    except ImportError as error:
        raise LedgerError(Stop.NO_CLUSTER_EXTRA) from error
    with dask.config.set(_SETTINGS), _client(address) as client:
        try:
            client.wait_for_workers(1, timeout=SECONDS)
        except TimeoutError as error:
            raise LedgerError(Stop.NO_WORKERS, address=address) from error
        for found in client.run(version, _PACKAGE, on_error="return").values():
            _refuse_other(address, found)
        yield client


def _refuse_other(address: str, found: object) -> None:
    """Raise LedgerError where a worker has another version of this program, or, as an error tells, none."""
    if isinstance(found, BaseException):
        raise LedgerError(Stop.NOT_ON_WORKER, address=address, own=__version__) from found
    if found != __version__:
        raise LedgerError(Stop.OTHER_ON_WORKER, address=address, own=__version__, found=found)


def _client(address: str) -> Any:
    """Return a client of the scheduler at an address."""
    try:
        from distributed import Client, Security
    except ImportError as error:
        raise LedgerError(Stop.NO_CLUSTER_EXTRA) from error
    security: Any = Security
    _refuse_address(address, security())
    for loud in _LOUD:
        logging.getLogger(loud).setLevel(logging.CRITICAL)
    connect: Any = Client
    try:
        return connect(address, timeout=SECONDS, set_as_default=False)
    except OSError as error:
        raise LedgerError(Stop.NO_SCHEDULER, address=address) from error


def _refuse_address(address: str, security: Any) -> None:
    """Raise LedgerError for what is no address, or lacks its certificate: the library would wait for it in vain."""
    found = _ADDRESS.fullmatch(address)
    if not found or not 0 < int(found[1]) < 1 << 16:
        raise LedgerError(Stop.BAD_SCHEDULER, value=address)
    if address.startswith(_TLS) and not security.get_connection_args("client")["ssl_context"]:
        raise LedgerError(Stop.NO_CERTIFICATE, address=address)


_LOUD = ("distributed", "distributed.client", "tornado.application")  # what they tell, our sentences say
_PACKAGE, _TLS = "taizhang", "tls://"
_ADDRESS = re.compile(r"(?:tcp|tls)://(?:[\w.-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})")
