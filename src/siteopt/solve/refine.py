"""The last digits of a plan whose columns need not all be whole: given its whole numbers, each goal at its best.

A later goal is sought with a row that keeps the earlier ones up to an engine's tolerance, and takes what that row
leaves: 230,999.8 people of 231,000. With the whole numbers settled, the rest is a linear program without that slack.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import highspy
import numpy as np

from siteopt.program import Goal, Program, Rows
from siteopt.solve.backend import ROW_TOLERANCE, no_worse, rounded, value_of, worst_violation
from siteopt.solve.highs import linear_run, pass_model, set_options
from siteopt.solve.kinds import liftable
from siteopt.units import Floats

STRICT = 1e-9
"""Feasibility tolerance of the linear programs."""


def refined(program: Program, x: Floats, lock: Callable[[Goal, float], Rows], *, seconds: float) -> Floats:
    """A point with the same whole numbers that is as good in every goal, in order.

    Parameters
    ----------
    program : Program
    x : (N,) a plan
    lock : row that keeps a goal's value
    seconds : for all goals together

    Returns
    -------
    (N,) the better point; ``x`` itself where nothing is in parts, a goal may give something up for later ones, or no
    better point was found
    """
    parts = ~program.columns.integer & ~liftable(program)
    if not parts.any() or any(g.tolerance > 0 for g in program.goals) or seconds <= 0:
        return x
    columns = program.columns
    lower, upper = (np.where(columns.integer, np.rint(x), side) for side in (columns.lower, columns.upper))
    fixed = replace(program, columns=replace(columns, lower=lower, upper=upper))
    best, blocks = x, list(program.blocks)
    for goal in program.goals:
        if not goal.cost[~columns.integer].any():
            continue  # settled by the whole numbers
        found = _best(fixed, goal, blocks, seconds / len(program.goals))
        if found is None or worst_violation(blocks, found) > ROW_TOLERANCE or not no_worse(goal, found, best):
            break
        best = found
        blocks.append(lock(goal, value_of(goal, best)))
    return best


def _best(fixed: Program, goal: Goal, blocks: list[Rows], seconds: float) -> Floats | None:
    with linear_run() as h:
        set_options(h, primal_feasibility_tolerance=STRICT, dual_feasibility_tolerance=STRICT)
        set_options(h, time_limit=max(seconds, 0.1))
        pass_model(h, fixed, goal, blocks, relaxed=True)
        h.run()
        if h.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return rounded(fixed, np.array(h.getSolution().col_value))
