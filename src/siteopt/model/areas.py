"""Floor area in whole square decimetres: of what may open, of what stands today, and of what the program chooses.

An outlet of a flexible type (``area_max_m2`` above ``area_m2``) has its least area, and so many steps more as the
program chooses: one whole-number column per option that has room for a step, brought by the rule ``space_area``.
Whatever counts areas or money counts columns of both kinds, and takes them from here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from siteopt.plan import Plan
from siteopt.problem import Problem, standing_area
from siteopt.program import Columns
from siteopt.units import DM2_PER_M2, Bools, Floats, Ints, whole_dm2
from siteopt.world import World

STEPS = "space_area.steps"
"""The block of columns that choose areas."""


@dataclass(frozen=True, eq=False)
class Steps:
    """The columns that choose areas.

    Attributes
    ----------
    option : (E,) the option that each enlarges, ascending
    most : (E,) most steps
    dm2 : (E,) of one step
    """

    option: Ints
    most: Ints
    dm2: Ints

    def __len__(self) -> int:
        return len(self.option)


@dataclass(frozen=True, eq=False)
class Counted:
    """Columns with what one unit of each adds to what a rule counts: the options first, then steps of areas.

    Attributes
    ----------
    option : (M,) the option that each is about
    column : (M,) of the program
    value : (M,) whole units
    """

    option: Ints
    column: Ints
    value: Ints


def steps_of(problem: Problem) -> Steps:
    """How far each option may be enlarged; nothing where no type is flexible."""
    sites, types = problem.world.sites, problem.world.types
    least, most, step = (whole_dm2(a) for a in (types.area_m2, types.area_max_m2, types.area_step_m2))
    option = np.flatnonzero((most > least)[problem.option_type])
    site, kind = problem.option_site[option], problem.option_type[option]
    free = (whole_dm2(sites.area_m2) - taken_dm2(problem.world))[site]
    steps = (np.minimum(most[kind], free) - least[kind]) // step[kind]
    keep = steps > 0
    return Steps(option[keep], steps[keep], step[kind[keep]])


def steps_in(problem: Problem, columns: Columns) -> Steps:
    """The columns of a program that choose areas; none where the program was built without them."""
    found = steps_of(problem)
    if STEPS in columns.start:
        return found
    return Steps(found.option[:0], found.most[:0], found.dm2[:0])


def per_option(problem: Problem, columns: Columns, value: Ints) -> Counted:
    """What is counted by outlets, whatever their area; ``value`` (N,)."""
    option = np.arange(len(problem.option_pair))
    return Counted(option, columns.start["open"] + option, value)


def option_area_dm2(problem: Problem) -> Ints:
    """(N,) dm2 of floor area of each option, the least where areas are chosen."""
    return whole_dm2(problem.option_area_m2)


def areas_dm2(problem: Problem, columns: Columns) -> Counted:
    """dm2 of floor area of each option, and of each step by which it may be enlarged."""
    own = per_option(problem, columns, option_area_dm2(problem))
    steps = steps_in(problem, columns)
    if not len(steps):
        return own
    return Counted(
        np.concatenate([own.option, steps.option]),
        np.concatenate([own.column, columns.start[STEPS] + np.arange(len(steps))]),
        np.concatenate([own.value, steps.dm2]),
    )


def most_dm2(problem: Problem, columns: Columns) -> Ints:
    """(N,) dm2 of each option at its largest."""
    out, steps = option_area_dm2(problem), steps_in(problem, columns)
    out[steps.option] += steps.most * steps.dm2
    return out


def step_cost(problem: Problem, steps: Steps) -> Floats:
    """(E,) money for one step of each option."""
    rate = problem.world.sites.cost_per_m2[problem.option_site[steps.option], problem.option_type[steps.option]]
    return np.asarray(rate * (steps.dm2 / DM2_PER_M2), dtype=np.float64)


def step_columns(columns: Columns, steps: Steps) -> Ints:
    """(E,) where they are in the program."""
    return columns.start.get(STEPS, 0) + np.arange(len(steps), dtype=np.int64)


def with_areas(problem: Problem, columns: Columns, x: Floats, plan: Plan) -> Plan:
    """The plan with the areas that a point chooses, whatever it said before; as it is with nothing to choose."""
    steps = steps_in(problem, columns)
    if not len(steps):
        return plan
    size = whole_dm2(np.where(plan.opened, problem.world.types.area_m2, 0.0))
    site, kind = problem.option_site[steps.option], problem.option_type[steps.option]
    taken = np.rint(x[step_columns(columns, steps)]).astype(np.int64) * (
        x[columns.start["open"] + steps.option] > 0.5
    )
    np.add.at(size, (site, kind), taken * steps.dm2)
    return replace(plan, area_m2=np.where(plan.opened, size / DM2_PER_M2, 0.0))


def put_areas(problem: Problem, columns: Columns, plan: Plan, x: Floats) -> None:
    """Set the columns that choose areas as a plan has chosen; ``x`` (N,) has its options at 0 or 1."""
    steps = steps_in(problem, columns)
    if not len(steps) or plan.area_m2 is None:
        return
    site, kind = problem.option_site[steps.option], problem.option_type[steps.option]
    more = (whole_dm2(plan.area_m2) - whole_dm2(problem.world.types.area_m2))[site, kind] // steps.dm2
    chosen = x[columns.start["open"] + steps.option] > 0.5
    x[step_columns(columns, steps)] = np.where(chosen, np.clip(more, 0, steps.most), 0)


def taken_dm2(world: World) -> Ints:
    """(J,) dm2 of each place that is not to be had."""
    sites = world.sites
    return np.where(sites.is_candidate, whole_dm2(sites.standing_area_m2), 0)


def standing_area_dm2(world: World, *, or_type: bool) -> Ints:
    """(J, T) dm2 of each outlet that stands today.

    Where several stand in one place, its area is shared out in proportion to their types' own areas.

    Parameters
    ----------
    world : World
    or_type : an outlet whose area nobody says has its type's own; else it has none. A ceiling, or a share, would
        be met too easily by outlets without area; a floor would be met too easily by areas that nobody measured.
    """
    said = whole_dm2(standing_area(world))
    own = whole_dm2(np.where(world.sites.standing, world.types.area_m2, 0.0))
    return np.where(area_unsaid(world), own, said) if or_type else said


def area_unsaid(world: World) -> Bools:
    """(J, T) standing outlets whose floor area nobody says."""
    return world.sites.standing & (world.sites.standing_area_m2 <= 0)[:, None]


def standing_or_listed_dm2(world: World, k: int, types: Bools, said_m2: float) -> int:
    """dm2 of types (T,) that stand in a community: as it says, else of the listed outlets whose areas are given."""
    return int(whole_dm2(said_m2)) if np.isfinite(said_m2) else listed_dm2(world, k, types)


def listed_dm2(world: World, k: int, types: Bools) -> int:
    """dm2 of the outlets of types (T,) that stand in a community, as far as their areas are given."""
    here = world.sites.community == k
    return int(standing_area_dm2(world, or_type=False)[np.ix_(here, types)].sum())
