"""Parts of a streamed layer, or variants, on a Dask cluster. Dask is asked for by name; without it all runs here.

The same parts, the same work and the same merging as on one machine: the answer is the same to the byte. A worker
that dies costs its work, which is done again elsewhere; work that keeps failing is told, never left out.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import siteopt
from siteopt.findings import Findings, InputError
from siteopt.layers.words import shown
from siteopt.spread import Spread, here

J = TypeVar("J")
T = TypeVar("T")
R = TypeVar("R")

LOCAL = "local"
_ADDRESS = re.compile(r"[a-z]+://\S+:\d+")
CONNECT_S = 10.0
"""Seconds to wait for a scheduler that does not answer."""
TRIES = 3
"""Times that an item is sent out anew after all workers that could do it were lost."""
AHEAD = 3
"""Items per worker thread that are under way or waiting to be merged: results never pile up."""


@contextmanager
def spread_over(scheduler: str | None, *, connect_s: float = CONNECT_S) -> Iterator[Spread]:
    """Who does the work on the parts, while the block lasts.

    Parameters
    ----------
    scheduler : str or None
        None: here. "local": a cluster of this machine's processors, closed at the end. Else the address of a
        scheduler ("tcp://host:8786"), whose workers have siteopt and see the same files.
    connect_s : float
        Time limit for reaching the scheduler.

    Raises
    ------
    InputError
        ``cluster_missing``, ``cluster_unreachable``, ``cluster_empty`` or ``cluster_version``.
    """
    if scheduler is None:
        yield here
        return
    with _client(scheduler, connect_s) as client:
        yield OnCluster(client, scheduler)


class OnCluster:
    """A :class:`siteopt.spread.Spread` over a Dask client that is open."""

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name
        self._job: Any = None
        self._sent: Any = None

    def __call__(self, work: Callable[[J, T], R], job: J, items: Sequence[T]) -> Iterator[R]:
        """Results in the order of the items.

        Raises
        ------
        InputError
            ``cluster_failed`` where an item could not be finished.
        """
        if self._job is not job:
            self._send(job)
        threads = max(1, sum(self._client.nthreads().values()))
        waiting: deque[tuple[T, Any]] = deque()
        for n in range(len(items) + AHEAD * threads):
            if n < len(items):
                waiting.append((items[n], self._submit(work, items[n])))
            if n + 1 >= AHEAD * threads and waiting:
                item, future = waiting.popleft()
                result = self._result(work, item, future)
                future.release()
                yield result

    def _send(self, job: Any) -> None:
        """Every worker gets the job once, and keeps what it searched for it."""
        # In a list of its own: a job that is a tuple would be sent item by item.
        (self._sent,), self._job = self._client.scatter([job], broadcast=True, hash=False), job

    def _submit(self, work: Callable[[J, T], R], item: T) -> Any:
        return self._client.submit(work, self._sent, item, pure=False)

    def _result(self, work: Callable[[J, T], R], item: T, future: Any) -> Any:
        from dask.distributed import CancelledError, KilledWorker

        for again in range(TRIES):
            try:
                return future.result()
            except CancelledError as problem:  # every worker that had the job is gone: send it to those there are
                last: Exception = problem
                if again + 1 < TRIES:
                    self._send(self._job)
                    future = self._submit(work, item)
            except (KilledWorker, OSError, TimeoutError) as problem:
                last = problem
                break
        raise _refusal("cluster_failed", self._name, reason=shown(str(last) or type(last).__name__, 200))


@contextmanager
def _client(scheduler: str, connect_s: float) -> Iterator[Any]:
    try:
        from dask.distributed import Client, LocalCluster
    except ImportError:
        raise _refusal("cluster_missing", scheduler) from None
    if scheduler != LOCAL and not _ADDRESS.fullmatch(scheduler):
        raise _refusal("cluster_address", scheduler)
    cluster = None
    try:
        if scheduler == LOCAL:
            cluster = LocalCluster(threads_per_worker=1, dashboard_address="127.0.0.1:0")
        client = Client(cluster or scheduler, timeout=connect_s, set_as_default=False)
    except (OSError, TimeoutError, ValueError, RuntimeError) as problem:
        if cluster is not None:
            cluster.close()
        why = shown(str(problem) or type(problem).__name__, 200)
        raise _refusal("cluster_unreachable", scheduler, reason=why) from problem
    try:
        _check_workers(client, scheduler)
        yield client
    finally:
        client.close()
        if cluster is not None:
            cluster.close()


def _check_workers(client: Any, scheduler: str) -> None:
    """Workers must be there and run this version, or results would not be the same."""
    if not client.nthreads():
        raise _refusal("cluster_empty", scheduler)
    try:
        versions = client.run(version)
    except Exception as problem:  # whatever the import of siteopt raises over there
        found = shown(str(problem), 100)
        raise _refusal("cluster_version", scheduler, own=siteopt.__version__, found=found) from problem
    others = sorted({str(v) for v in versions.values()} - {siteopt.__version__})
    if others:
        raise _refusal("cluster_version", scheduler, own=siteopt.__version__, found=", ".join(others))


def version() -> str:
    """The version of siteopt where this is called."""
    return siteopt.__version__


def _refusal(code: str, scheduler: str, **facts: Any) -> InputError:
    findings = Findings()
    findings.error(code, file="--scheduler", value=shown(scheduler), **facts)
    return InputError(findings)
