"""Work in a thread of its own: waited for, and its failure raised where it is asked for."""

from __future__ import annotations

import threading
import time

import pytest

from siteopt.solve.background import Background


def test_work_runs_beside_its_caller_until_it_has_ended() -> None:
    go, done = threading.Event(), list[int]()
    job = Background(lambda: (go.wait(10.0), done.append(1))[1])
    assert not job.running
    job.begin()
    assert job.running and not job.wait(0.06) and done == []
    go.set()
    assert job.wait() and not job.running and done == [1]
    job.raise_failure()  # nothing went wrong


def test_work_that_never_began_is_not_waited_for() -> None:
    job = Background(lambda: time.sleep(100.0))
    assert job.wait() and not job.running
    job.raise_failure()


def test_what_went_wrong_is_kept_until_it_is_asked_for() -> None:
    def work() -> None:
        raise ArithmeticError("the work went wrong")

    job = Background(work)
    job.begin()
    assert job.wait(10.0)
    for _ in range(2):
        with pytest.raises(ArithmeticError, match="went wrong"):
            job.raise_failure()


def test_waiting_ends_when_its_time_is_over() -> None:
    go = threading.Event()
    job = Background(lambda: (go.wait(10.0), None)[1])
    job.begin()
    began = time.perf_counter()
    assert not job.wait(0.12)
    assert 0.1 < time.perf_counter() - began < 5.0
    go.set()
    assert job.wait(10.0)
