"""The last goals of every objective: least cost, then no free outlet to no purpose."""

from __future__ import annotations

import numpy as np

from siteopt.model.columns import open_cost
from siteopt.plan import Measure, Plan
from siteopt.problem import Problem, capacitated
from siteopt.program import Columns, Goal
from siteopt.units import Floats
from siteopt.world import World


def thrift(problem: Problem, columns: Columns) -> tuple[Goal, ...]:
    """Least cost, which leaves out every outlet that adds nothing unless it is free; then the fewest free ones."""
    cost = problem.option_cost
    cheapest = Goal("cost", "min", open_cost(problem, columns, cost), grain=grain_of(cost))
    if not (cost == 0).any():
        return (cheapest,)
    free = open_cost(problem, columns, (cost == 0).astype(np.float64))
    return (cheapest, Goal("fewest", "min", free, grain=1.0))


def thrift_measures(world: World, plan: Plan) -> tuple[Measure, ...]:
    """What the goals of :func:`thrift` find: money, and outlets that cost nothing."""
    money = world.sites.cost[plan.opened]
    measures = (Measure("cost", float(money.sum()), world.currency),)
    may = world.open_to & ~world.sites.standing
    if not (world.sites.cost[may] == 0).any():
        return measures
    return (*measures, Measure("fewest", float((money == 0).sum()), "outlets"))


def grain_of(values: Floats, cover: Problem | None = None) -> float:
    """The greatest common divisor of whole numbers; 0 when some value is not whole, or too large to tell.

    Parameters
    ----------
    values : (N,) what columns are worth
    cover : the problem, where the columns are of coverage: given to outlets with a capacity it comes in fractions
    """
    if cover is not None and capacitated(cover.world.types).any():
        return 0.0
    whole = np.rint(values)
    if not len(values) or np.any(np.abs(whole - values) > 1e-9) or np.abs(whole).max() > 2**52:
        return 0.0
    return float(np.gcd.reduce(whole.astype(np.int64)))
