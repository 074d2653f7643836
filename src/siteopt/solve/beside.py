"""An engine at work beside other steps: it may prove the answer before they do, and its bound counts as theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from siteopt.program import Answer, Goal, Limits, Program, Rows
from siteopt.solve.backend import Backend, Progress, Stop
from siteopt.solve.background import Background
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
        self._stop = _Told(stop)

        def work() -> None:
            self.answer = backend.solve(
                program,
                goal,
                locks,
                limits=replace(limits, threads=1),
                start=start,
                report=self._hear,
                stop=self._stop,
            )

        self._job = Background(work)
        self._job.begin()

    @property
    def decided(self) -> bool:
        """Whether the engine has ended with an answer to the whole question, or failed."""
        if self._job.running:
            return False
        return self.answer is None or self.answer.status in ("proven", "infeasible", "engine_error")

    def wait(self, seconds: float = np.inf) -> bool:
        """Wait for the engine; whether it has ended. Re-raises what went wrong in it."""
        ended = self._job.wait(seconds)
        self._job.raise_failure()
        return ended

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
