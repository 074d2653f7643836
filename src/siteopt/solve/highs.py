"""HiGHS directly, arrays in, arrays out."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import highspy
import numpy as np

from siteopt.program import Answer, Goal, Limits, Program, Rows, Status
from siteopt.solve.backend import (
    Progress,
    Report,
    Stop,
    integer_gap_abs,
    keeps,
    no_worse,
    proven_bound,
    relative_gap,
    restated,
    rounded,
    run_with_interrupt,
    settled,
    value_of,
)
from siteopt.units import Floats

_INFEASIBLE = {highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible}
_STOPPED = {
    highspy.HighsModelStatus.kTimeLimit: "time",
    highspy.HighsModelStatus.kInterrupt: "interrupt",
    highspy.HighsModelStatus.kSolutionLimit: "limit",
    highspy.HighsModelStatus.kIterationLimit: "limit",
}

LAST_DIGITS = 1e-7
"""What HiGHS calls optimal is so but for a gap like this: columns in parts are right to a millionth only."""

CAREFUL = {"presolve": "off", "mip_feasibility_tolerance": 1e-9, "primal_feasibility_tolerance": 1e-9}
"""Options of a second opinion."""


class _Pool:
    """HiGHS keeps one pool of threads per process and refuses to run with another count than the pool's.

    The pool is made anew for another count, but never under a run that is at work in another thread: that run's count
    is then used.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running, self._threads = 0, 0

    @contextmanager
    def running(self, threads: int) -> Iterator[int]:
        with self._lock:
            if not self._running:  # another user of HiGHS in this process may have made a pool of another size
                highspy.Highs.resetGlobalScheduler(True)
                self._threads = threads
            self._running += 1
            count = self._threads
        try:
            yield count
        finally:
            with self._lock:
                self._running -= 1


_POOL = _Pool()


def fresh_pool() -> None:
    """For another user of HiGHS in this process: let it make a pool of its own size."""
    with _POOL.running(0):
        pass


class Highs:
    """The default engine."""

    name = "highs"

    def solve(
        self,
        program: Program,
        goal: Goal,
        locks: Sequence[Rows],
        *,
        limits: Limits,
        start: Floats | None,
        report: Report,
        stop: Stop,
        careful: bool = False,
    ) -> Answer:
        """See :class:`siteopt.solve.backend.Backend`."""
        with _POOL.running(limits.threads) as threads:
            run = _Run(program, goal, locks, replace(limits, threads=threads), report, stop)
            answer = run.answer(start, careful=careful)
            if start is None or careful or stop or not run.unearned(answer, start):
                return answer
            fresh = run.answer(None)
            if fresh.status in ("infeasible", "engine_error") and not stop:
                fresh = run.answer(start, careful=True)
            return fresh if fresh.x is not None else restated(goal, fresh, start, 0.0)


class _Run:
    """One question to HiGHS, asked in one or more ways within one time limit."""

    def __init__(
        self, program: Program, goal: Goal, locks: Sequence[Rows], limits: Limits, report: Report, stop: Stop
    ) -> None:
        self.program, self.goal, self.locks, self.limits = program, goal, locks, limits
        self.report, self.stop = report, stop
        self._began = time.perf_counter()
        self._idle = False

    def unearned(self, answer: Answer, start: Floats) -> bool:
        """Whether an answer comes from reductions before the search, and a point that keeps every row contradicts it.

        Where they find no plan, and a plan was given, HiGHS calls that plan optimal (1.15 without a bound, 1.16 with
        the plan's own value as bound); a row that keeps an earlier goal closely can bring that about.
        """
        if answer.status != "infeasible":
            better = answer.x is not None and not no_worse(self.goal, start, answer.x)
            if better or answer.stopped or not self._idle:
                return False
        return keeps(self.program, self.locks, start)

    def answer(self, start: Floats | None, *, careful: bool = False) -> Answer:
        """From a point, or without one."""
        program, goal, limits, stop = self.program, self.goal, self.limits, self.stop
        began = time.perf_counter()
        limits = replace(limits, time_limit_s=limits.time_limit_s - (began - self._began))
        h = highspy.Highs()
        set_options(h, output_flag=False, log_to_console=False)
        set_options(h, time_limit=max(limits.time_limit_s, 0.01), mip_rel_gap=limits.gap, threads=limits.threads)
        set_options(h, mip_abs_gap=integer_gap_abs(goal), random_seed=limits.seed % 2**31)
        if careful:
            set_options(h, **CAREFUL)
        pass_model(h, program, goal, [*program.blocks, *self.locks])
        if start is not None:
            solution = highspy.HighsSolution()
            solution.col_value = start.tolist()
            h.setSolution(solution)

        lines: list[str] = []
        h.cbLogging += lambda e: lines.append(e.message)
        h.cbMipLogging += lambda e: self.report(_progress(goal, e.data_out, self._began))

        def interrupted(event: Any) -> None:
            if stop:
                event.interrupt()

        h.cbMipInterrupt += interrupted
        h.cbSimplexInterrupt += interrupted
        h.cbIpmInterrupt += interrupted
        set_options(h, output_flag=True)
        ran: list[highspy.HighsStatus] = []
        run_with_interrupt(lambda: ran.append(h.run()), stop)
        if ran[0] == highspy.HighsStatus.kError:
            raise RuntimeError("HiGHS refused to run: " + "".join(lines)[-500:])
        info = h.getInfo()
        self._idle = info.mip_node_count <= 0 and info.simplex_iteration_count <= 0
        return _answer(h, program, goal, limits, time.perf_counter() - began, "".join(lines))


@contextmanager
def linear_run() -> Iterator[highspy.Highs]:
    """A silent HiGHS for one linear program, in the pool that is there."""
    with _POOL.running(1) as threads:
        h = highspy.Highs()
        set_options(h, output_flag=False, log_to_console=False, threads=threads)
        yield h


def set_options(h: highspy.Highs, **options: Any) -> None:
    """Set options; an unknown one is an error, not a silent default."""
    for name, value in options.items():
        if h.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise ValueError(f"HiGHS refused option {name}={value!r}")


def pass_model(
    h: highspy.Highs, program: Program, goal: Goal, blocks: Sequence[Rows], *, relaxed: bool = False
) -> None:
    """Hand the whole model over in one call; ``relaxed`` leaves out that columns are whole numbers."""
    columns = program.columns
    blocks = [b for b in blocks if len(b)]
    starts = np.cumsum([0, *(len(b.column) for b in blocks)])
    first = [b.indptr[:-1] + s for b, s in zip(blocks, starts.tolist(), strict=False)]
    indptr = np.concatenate(first) if first else np.empty(0, dtype=np.int64)
    lower = np.concatenate([b.lower for b in blocks] or [np.empty(0)])
    status = h.passModel(
        len(columns),
        len(lower),
        int(starts[-1]),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMaximize if goal.sense == "max" else highspy.ObjSense.kMinimize),
        float(goal.offset),
        goal.cost.astype(np.float64),
        columns.lower,
        columns.upper,
        lower,
        np.concatenate([b.upper for b in blocks] or [np.empty(0)]),
        indptr.astype(np.int32),
        np.concatenate([b.column for b in blocks] or [np.empty(0, dtype=np.int64)]).astype(np.int32),
        np.concatenate([b.value for b in blocks] or [np.empty(0)]),
        np.zeros(len(columns), dtype=np.int32) if relaxed else columns.integer.astype(np.int32),
    )
    if status == highspy.HighsStatus.kError:
        raise ValueError("HiGHS refused the model")


def _progress(goal: Goal, data: Any, began: float) -> Progress:
    def known(value: float) -> float:
        return float(value) if abs(value) < 1e29 else float("nan")

    return Progress(goal.name, time.perf_counter() - began, known(data.mip_primal_bound), known(data.mip_dual_bound))


def _answer(h: highspy.Highs, program: Program, goal: Goal, limits: Limits, seconds: float, log: str) -> Answer:
    status, info = h.getModelStatus(), h.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    x = rounded(program, np.array(h.getSolution().col_value)) if found else None
    value = value_of(goal, x) if x is not None else float("nan")
    bound = proven_bound(goal, float(info.mip_dual_bound))
    bound = settled(goal, value, bound)
    gap = relative_gap(value, bound)
    word: Status
    if status in _INFEASIBLE:
        word = "infeasible"
    elif x is None:
        word = "no_plan" if status in _STOPPED else "engine_error"
    elif status == highspy.HighsModelStatus.kOptimal or status in _STOPPED:
        enough = LAST_DIGITS if status == highspy.HighsModelStatus.kOptimal else 1e-9
        word = "proven" if gap <= max(limits.gap, enough) else "best_found"
    else:
        word = "engine_error"
    return Answer(
        status=word,
        x=x,
        objective=value,
        bound=bound,
        gap=gap,
        seconds=seconds,
        engine="highs",
        version=h.version(),
        stopped=_STOPPED.get(status, ""),
        log=log,
        message=h.modelStatusToString(status),
    )
