"""The last goals of every objective: least cost, then no free outlet to no purpose."""

from __future__ import annotations

import numpy as np

from siteopt.model.areas import step_columns, step_cost, steps_in
from siteopt.model.columns import open_cost
from siteopt.plan import Measure, Plan, areas, costs
from siteopt.problem import Problem, capacitated
from siteopt.program import Columns, Goal
from siteopt.units import DM2_PER_M2, Floats
from siteopt.world import World


def thrift(problem: Problem, columns: Columns) -> tuple[Goal, ...]:
    """Least cost, which leaves out every outlet that adds nothing unless it is free; then the fewest free ones.

    Where a larger area may cost nothing, last of all the least area beyond the least of each outlet.
    """
    goals, cost, steps = [cheapest("cost", problem, columns)], problem.option_cost, steps_in(problem, columns)
    if (cost == 0).any():
        free = open_cost(problem, columns, (cost == 0).astype(np.float64))
        goals.append(Goal("fewest", "min", free, grain=1.0))
    if (step_cost(problem, steps) == 0).any():
        area = np.zeros(len(columns))
        area[step_columns(columns, steps)] = steps.dm2 / DM2_PER_M2
        goals.append(Goal("least_area", "min", area, grain=grain_of(steps.dm2.astype(np.float64)) / DM2_PER_M2))
    return tuple(goals)


def cheapest(name: str, problem: Problem, columns: Columns) -> Goal:
    """Least money for new outlets, larger areas included."""
    cost, steps = problem.option_cost, steps_in(problem, columns)
    total, more = open_cost(problem, columns, cost), step_cost(problem, steps)
    total[step_columns(columns, steps)] = more
    return Goal(name, "min", total, grain=grain_of(np.concatenate([cost, more])))


def thrift_measures(world: World, plan: Plan) -> tuple[Measure, ...]:
    """What the goals of :func:`thrift` find: money, and outlets that cost nothing."""
    sites, types, money = world.sites, world.types, costs(world, plan)[plan.opened]
    measures = [Measure("cost", float(money.sum()), world.currency)]
    may = world.open_to & ~sites.standing
    if (sites.cost[may] == 0).any():
        measures.append(Measure("fewest", float((sites.cost[plan.opened] == 0).sum()), "outlets"))
    if (may & (sites.cost_per_m2 == 0) & (types.area_max_m2 > types.area_m2)).any():
        more = areas(world, plan) - np.where(plan.opened, types.area_m2, 0.0)
        measures.append(Measure("least_area", float(more.sum()), "m2"))
    return tuple(measures)


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
