"""What may be in parts (flows, areas, a least value), found anew and strictly for the whole numbers of a point.

An engine takes 0.9999993 for 1; once that is rounded, a flow through it may be too much by more than float noise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import highspy
import numpy as np

from siteopt.program import Answer, Goal, Limits, Program, Rows
from siteopt.solve.backend import ROW_TOLERANCE, no_worse, restated, rounded, value_of, worst_violation
from siteopt.solve.highs import linear_run, pass_model, set_options
from siteopt.solve.kinds import liftable
from siteopt.units import Floats

STRICT, EXACT = 1e-9, 1e-9
"""Feasibility tolerance of the linear program; a gap that is none."""

SAME = 1e-6
"""A value that moves by less, relatively, is as proven as it was."""


def completed(program: Program, goal: Goal, locks: Sequence[Rows], answer: Answer, limits: Limits) -> Answer:
    """An answer with its parts found anew, where its rounded point leaves a row or its value has a gap still."""
    parts = ~program.columns.integer & ~liftable(program)
    if answer.x is None or not parts.any():
        return answer
    blocks = [*program.blocks, *locks]
    sound = worst_violation(blocks, answer.x) <= ROW_TOLERANCE
    if sound and (answer.stopped or answer.gap <= EXACT):
        return answer
    x = _parts_of(program, goal, blocks, answer.x, limits.time_limit_s)
    if x is None or worst_violation(blocks, x) > ROW_TOLERANCE or (sound and not no_worse(goal, x, answer.x)):
        return answer
    return restated(goal, answer, x, limits.gap, SAME)


def straightened(
    program: Program, x: Floats, turns: Sequence[float], lock: Callable[[Goal, float], Rows], seconds: float
) -> Floats:
    """A plan with its parts found anew for all goals in order, so that none lives on what an engine let another lose.

    A later goal is sought with a row that keeps the earlier ones up to an engine's tolerance, and takes what that row
    leaves: 230,999.8 people of 231,000. With the whole numbers settled, the rest is linear and has no such slack; and
    a goal that may give something up gives up no more than later ones need.

    Parameters
    ----------
    program : Program
    x : (N,) a plan
    turns : the value of each goal in its own turn, of as many goals as were sought; of those that were not, parts
        are found too, unless one may give something up
    lock : the row that keeps a goal's value
    seconds : for all goals together

    Returns
    -------
    (N,) a plan with the same whole numbers; ``x`` itself where one goal's turn failed
    """
    if (program.columns.integer | liftable(program)).all():
        return x
    goals, last = program.goals, len(turns) - 1
    gives = [k for k, goal in enumerate(goals) if goal.tolerance > 0]
    kept = {k: lock(goals[k], turns[k]) for k in gives if k < last}
    seek = [k for k in range(len(goals)) if k not in gives or k == last]
    out = x
    for k in [*seek, *kept]:  # at the end, what later goals did not need is given back
        goal = goals[k]
        if not goal.cost[~program.columns.integer].any():
            continue  # settled by the whole numbers; to seek it would only spend what a row leaves of the others
        # A goal that may give something up keeps its row while those before it in this order are sought.
        blocks = [*program.blocks, *(row for j, row in kept.items() if j != k)]
        found = _parts_of(program, goal, blocks, out, seconds / len(goals))
        if found is None or worst_violation(blocks, found) > ROW_TOLERANCE:
            return x
        out = found
        kept[k] = lock(goal, value_of(goal, out))
    return out


def _parts_of(program: Program, goal: Goal, blocks: Sequence[Rows], x: Floats, seconds: float) -> Floats | None:
    """The best point with the whole numbers of ``x``; None when there is none."""
    columns = program.columns
    lower, upper = (np.where(columns.integer, np.rint(x), side) for side in (columns.lower, columns.upper))
    fixed = replace(program, columns=replace(columns, lower=lower, upper=upper))
    with linear_run() as h:
        set_options(h, primal_feasibility_tolerance=STRICT, dual_feasibility_tolerance=STRICT)
        set_options(h, time_limit=max(seconds, 0.1))
        pass_model(h, fixed, goal, blocks, relaxed=True)
        h.run()
        if h.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return rounded(program, np.array(h.getSolution().col_value))
