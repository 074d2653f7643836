"""PuLP: the CBC that it brings, or any solver that the user's PuLP knows.

PuLP calls a time-limited run "Optimal"; nothing here believes a word. A plan is proven when the engine's own bound
could be read and meets it; an engine whose bound cannot be read leaves the gap unknown.
"""

from __future__ import annotations

import re
import signal
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import psutil

from siteopt.program import Answer, Goal, Limits, Program, Rows, Status
from siteopt.solve.backend import (
    EngineUnavailable,
    Progress,
    Report,
    Stop,
    proven_bound,
    relative_gap,
    rounded,
    run_with_interrupt,
    settled,
    value_of,
)
from siteopt.solve.highs import CAREFUL, fresh_pool
from siteopt.solve.pulp_model import pulp, pulp_model
from siteopt.units import Floats

CBC = "PULP_CBC_CMD"
CBC_DIGITS = 1e-8
"""CBC prints an optimal value with eight decimals; a bound no farther from the value is that value."""

_BOUND_OF_MODEL: Mapping[str, Callable[[Any], float]] = {
    "HiGHS": lambda m: float(m.getInfo().mip_dual_bound),
    "SCIP_PY": lambda m: float(m.getDualbound()),
    "GUROBI": lambda m: float(m.ObjBound),
    "COPT": lambda m: float(m.getAttr("BestBnd")),
}
"""How to read a bound from the model object that PuLP leaves behind, by PuLP's solver name."""


class Pulp:
    """A solver behind PuLP: ``Pulp()`` is CBC, ``Pulp("SCIP_PY")`` another.

    Raises
    ------
    EngineUnavailable
        When PuLP does not know the solver or cannot run it here.
    """

    def __init__(self, solver: str = CBC) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            here = pulp.listSolvers(onlyAvailable=True)
        if solver not in here:
            raise EngineUnavailable(f"pulp:{solver}", ["highs", *(f"pulp:{s}" for s in here)])
        self._solver = solver
        self.name = "pulp" if solver == CBC else f"pulp:{solver}"

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
        """See :class:`siteopt.solve.backend.Backend`. Minimises always, so that bounds have one sign."""
        began = time.perf_counter()
        with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
            warnings.simplefilter("ignore")
            sign = -1.0 if goal.sense == "max" else 1.0
            model, variables = pulp_model(program, goal, [*program.blocks, *locks], sign)
            log = Path(folder) / "log"
            report(Progress(goal.name, 0.0, float("nan"), float("nan")))
            options: dict[str, Any] = {"msg": False, "timeLimit": max(limits.time_limit_s, 0.1), "gapRel": limits.gap}
            trusted = True
            if self._solver == CBC:
                trusted = _run_cbc(model, variables, options, limits, log, start, stop, careful)
            else:
                if self._solver == "HiGHS":
                    fresh_pool()
                    options |= _highs_looks_at(stop) | (CAREFUL if careful else {})
                run_with_interrupt(lambda: model.solve(pulp.getSolver(self._solver, **options)), stop)
            text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
            bound = sign * self._bound(model, text) + goal.offset if trusted else float("nan")
            seconds = time.perf_counter() - began
            return self._answer(program, goal, limits, model, variables, bound, seconds, text, bool(stop))

    def _bound(self, model: Any, log: str) -> float:
        """The engine's bound on the minimised objective, offset left out; nan when it cannot be read."""
        if self._solver == CBC:
            return _cbc_bound(log)
        reader = _BOUND_OF_MODEL.get(self._solver)
        try:
            return reader(model.solverModel) if reader else float("nan")
        except Exception:  # a solver's own binding; whatever it raises, the bound is unknown
            return float("nan")

    def _answer(
        self,
        program: Program,
        goal: Goal,
        limits: Limits,
        model: Any,
        variables: Sequence[Any],
        bound: float,
        seconds: float,
        log: str,
        interrupted: bool,
    ) -> Answer:
        found = model.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
        if self._solver == "HiGHS":  # PuLP calls an interrupted run feasible, whether it has a plan or not
            feasible = highspy.SolutionStatus.kSolutionStatusFeasible
            found = found and model.solverModel.getInfo().primal_solution_status == feasible
        raw = np.array([np.nan if v.varValue is None else v.varValue for v in variables])
        x = rounded(program, np.nan_to_num(raw)) if found else None
        value = value_of(goal, x) if x is not None else float("nan")
        bound = settled(goal, value, proven_bound(goal, bound))
        if self._solver == CBC and abs(bound - value) <= CBC_DIGITS:
            bound = value
        gap = relative_gap(value, bound)
        word: Status
        if model.status == pulp.LpStatusInfeasible:
            word = "infeasible"
        elif x is None:
            word = "no_plan" if interrupted or model.status == pulp.LpStatusNotSolved else "engine_error"
        else:
            word = "proven" if gap <= max(limits.gap, 1e-9) else "best_found"
        late = "time" if seconds >= 0.9 * limits.time_limit_s else ""
        stopped = "" if word in ("proven", "infeasible") else "interrupt" if interrupted else late
        return Answer(
            status=word,
            x=x,
            objective=value,
            bound=bound,
            gap=gap,
            seconds=seconds,
            engine=self.name,
            version=f"PuLP {pulp.__version__}",
            stopped=stopped,
            log=log,
            message=pulp.LpStatus.get(model.status, "?"),
        )


def _run_cbc(
    model: Any,
    variables: Sequence[Any],
    options: dict[str, Any],
    limits: Limits,
    log: Path,
    start: Floats | None,
    stop: Stop,
    careful: bool,
) -> bool:
    """Run CBC without its integer preprocessing; say whether what it then claims as optimal may be believed.

    CBC 2.10.3's preprocessing has called plans optimal that are not (tests/regression/test_cbc_preprocessing.py), so
    it is off. Without it the same CBC crashes on some infeasible programs; those are asked again with it on, where
    only the word "infeasible" is believed, and a plan is taken without its bound.
    """
    # Seed 0 would mean the time of day. With its own tolerances CBC takes 0.9999999 for a whole number, finds that
    # 1 breaks a tight budget, and calls doing nothing the best plan (tests/regression/test_budget_just_short.py).
    extra = [f"randomSeed {limits.seed + 1}", "integerTolerance 1e-9", "primalTolerance 1e-9"]
    if careful:
        extra += ["presolve off"]
    # One thread whatever is asked: with threads, CBC now and then sleeps ten seconds on a lost wake-up ("waiting for
    # locks"), and picks among equal plans by chance.
    options = options | {"logPath": str(log)}
    if start is not None:
        options["warmStart"] = True
        for variable, value in zip(variables, start.tolist(), strict=True):
            variable.setInitialValue(value)

    def run(more: list[str]) -> None:
        solver = pulp.PULP_CBC_CMD(**options, options=[*extra, *more])
        solver.tmpDir = str(log.parent)  # a crash leaves nothing behind, and the process can be told by it
        try:
            run_with_interrupt(lambda: model.solve(solver), stop, lambda: _interrupt_cbc(solver.tmpDir))
        except pulp.PulpSolverError:
            if not stop:  # a CBC that is interrupted before it listens dies, without a plan
                raise

    try:
        run(["preprocess off"])
    except pulp.PulpSolverError:
        run([])
        return False
    return True


def _interrupt_cbc(folder: str) -> None:
    """Ask the CBC that works in a folder to stop and write what it has, as Ctrl-C in a terminal does."""
    for child in psutil.Process().children():
        with suppress(psutil.Error, OSError, ValueError):
            if any(part.startswith(folder) for part in child.cmdline()):
                child.send_signal(signal.SIGINT)


def _highs_looks_at(stop: Stop) -> dict[str, Any]:
    """Options by which PuLP's HiGHS stops when asked to."""
    interrupts = highspy.cb.HighsCallbackType

    def look(_kind: Any, _message: Any, _out: Any, into: Any, _user: Any) -> None:
        if stop and into is not None:
            into.user_interrupt = True

    return {
        "callbackTuple": (look, None),
        "callbacksToActivate": [interrupts.kCallbackMipInterrupt, interrupts.kCallbackSimplexInterrupt],
    }


def _cbc_bound(log: str) -> float:
    """CBC's bound on a minimised objective, from its closing lines; widened by half of the last digit printed."""
    ended = log[log.rfind("Result - ") :] if "Result - " in log else ""
    if not ended:
        return float("nan")
    number = r"\s*(-?\d+(?:\.(\d+))?(?:e[+-]?\d+)?)"
    lower = re.search(r"Lower bound:" + number, ended, re.IGNORECASE)
    if lower:
        return float(lower.group(1)) - 0.5 * 10.0 ** -len(lower.group(2) or "")
    value = re.search(r"Objective value:" + number, ended)
    if value and ended.startswith("Result - Optimal solution found") and "within gap" not in ended:
        return float(value.group(1))
    return float("nan")
