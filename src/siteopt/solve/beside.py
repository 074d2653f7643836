"""An engine at work beside other steps: it may prove the answer before they do, and its bound counts as theirs."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from siteopt.program import Answer, Goal, Limits, Program, Rows
from siteopt.solve.backend import Backend, Progress, Stop
from siteopt.units import Floats


class Beside:
    """One goal of a program, sought by an engine in a thread of its own.

    Attributes
    ----------
    answer : what the engine found; None while it is at work
    bound, incumbent : the last it told, nan until known
    """

    def __init__(
        self,
        backend: Backend,
        program: Program,
        goal: Goal,
        locks: Sequence[Rows],
        limits: Limits,
        *,
        start: Floats | None,
        stop: Stop,
    ) -> None:
        self.answer: Answer | None = None
        self.bound = self.incumbent = float("nan")
        self._failed: BaseException | None = None
        self._stop = _Told(stop)
        self._done = threading.Event()

        def work() -> None:
            try:
                self.answer = backend.solve(
                    program,
                    goal,
                    locks,
                    limits=replace(limits, threads=1),
                    start=start,
                    report=self._hear,
                    stop=self._stop,
                )
            except BaseException as failure:  # handed to the caller's thread in wait()
                self._failed = failure
            finally:
                self._done.set()

        self._thread = threading.Thread(target=work, daemon=True)
        self._thread.start()

    @property
    def decided(self) -> bool:
        """Whether the engine has ended with an answer to the whole question, or failed."""
        if not self._done.is_set():
            return False
        return self.answer is None or self.answer.status in ("proven", "infeasible", "engine_error")

    def wait(self, seconds: float = np.inf) -> bool:
        """Wait for the engine; whether it has ended. Re-raises what went wrong in it."""
        until = time.perf_counter() + seconds
        while not self._done.is_set() and time.perf_counter() < until:
            self._done.wait(min(0.05, max(0.0, until - time.perf_counter())))
        if self._failed is not None:
            raise self._failed
        return self._done.is_set()

    def end(self) -> None:
        """Tell the engine to stop, and wait until it has."""
        self._stop.set()
        self.wait()

    def _hear(self, p: Progress) -> None:
        self.bound, self.incumbent = p.bound, p.incumbent


class _Told(Stop):
    """Set by itself, or when the user's stop is."""

    def __init__(self, other: Stop) -> None:
        super().__init__()
        self._other = other

    def __bool__(self) -> bool:
        return bool(self._other) or super().__bool__()
