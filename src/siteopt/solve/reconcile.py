"""Two answers to one question, from the steps and from the engine beside them, as one answer.

Each plan counts where it keeps every row, each bound is a bound on every plan, and neither is believed blindly: where
a plan is better than the other's bound, something is wrong, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from siteopt.program import Answer, Goal, Limits
from siteopt.solve.backend import beats, no_worse, standing, tighter
from siteopt.units import Floats


def reconciled(goal: Goal, limits: Limits, steps: Answer, engine: Answer, keeps: Callable[[Floats], bool]) -> Answer:
    """The better plan of two, and the better bound.

    Parameters
    ----------
    goal : what both sought
    limits : the gap that is proof enough
    steps, engine : on ties the plan of the steps, or of an engine that has proven it
    keeps : whether a plan keeps every row

    Returns
    -------
    Answer
        An error of the engine keeps the last word. Its "infeasible" counts where the steps have no plan. Status
        "engine_error" with a message where a plan is better than a bound.
    """
    log = engine.log + steps.log
    if engine.status == "engine_error":
        return replace(engine, log=log)
    mine = steps.x is not None and keeps(steps.x)
    if engine.status == "infeasible":
        if mine:
            said = "the engine called it infeasible, but a plan keeps every row"
            return replace(steps, log=log, message=said)
        return replace(engine, log=log)
    theirs = engine.x is not None and keeps(engine.x)
    if engine.x is not None and not theirs and not mine:
        return replace(engine, log=log)  # the caller sees that it breaks a row, and asks again
    bound = tighter(goal, steps.bound, engine.bound)
    if np.isnan(bound):
        bound = steps.bound
    best = _better(goal, steps if mine else None, engine if theirs else None)
    if best is None:
        nan = float("nan")
        return replace(steps, status="no_plan", x=None, objective=nan, bound=bound, gap=nan, log=log)
    if beats(goal, best.objective, bound):
        said = f"a plan is worth {best.objective:.10g}, but {bound:.10g} was called the most that any is worth"
        return replace(best, status="engine_error", bound=bound, log=log, message=said)
    bound, gap, status = standing(goal, best.objective, best.status, best.objective, bound, limits.gap)
    # The engine was told to stop when the steps ended; why they ended is in their answer.
    stopped = "" if status == "proven" else steps.stopped
    return replace(best, bound=bound, gap=gap, status=status, stopped=stopped, log=log)


def _better(goal: Goal, steps: Answer | None, engine: Answer | None) -> Answer | None:
    if steps is None or engine is None:
        return engine if steps is None else steps
    assert steps.x is not None and engine.x is not None
    first, second = (engine, steps) if engine.status == "proven" else (steps, engine)
    assert first.x is not None and second.x is not None
    return first if no_worse(goal, first.x, second.x) else second
