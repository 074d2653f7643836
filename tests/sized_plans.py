"""Every plan of a tiny world with everything that a plan may choose: phase, source of money, area."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from siteopt.model.build import options_of, pairs_of
from siteopt.plan import Plan
from siteopt.world import World


def every_phased_plan(world: World) -> Iterator[Plan]:
    """Every pair left closed, or opened in any of its phases by any source that may."""
    site, kind = pairs_of(world)
    pair, period, source = options_of(world, site, kind)
    choices = [[None, *np.flatnonzero(pair == b).tolist()] for b in range(len(site))]
    shape = world.sites.allowed.shape
    for chosen in product(*choices):
        opened, when, who = np.zeros(shape, bool), np.zeros(shape, np.int64), np.full(shape, -1)
        for b, n in enumerate(chosen):
            if n is not None:
                at = site[b], kind[b]
                opened[at], when[at], who[at] = True, period[n] + 1, source[n]
        yield Plan(opened, when, who, world.periods.name, world.funds.name)


def sizes(world: World, t: int) -> list[float]:
    """The areas of a type, m2: its least, and each step up to its largest."""
    least, most, step = (
        float(a[t]) for a in (world.types.area_m2, world.types.area_max_m2, world.types.area_step_m2)
    )
    return [least + step * e for e in range(int((most - least) / step + 1e-9) + 1)]


def every_area(world: World, plan: Plan) -> Iterator[Plan]:
    """The plan with each choice of areas, too large for the spaces or not; as it is where none are chosen."""
    if not (world.types.area_max_m2 > world.types.area_m2).any():
        yield plan
        return
    where = np.argwhere(plan.opened)
    for chosen in product(*(sizes(world, t) for _, t in where.tolist())):
        area = np.zeros(plan.opened.shape)
        area[tuple(where.T)] = chosen
        yield replace(plan, area_m2=area)


def every_sized_plan(world: World) -> Iterator[Plan]:
    """All phases, sources and areas together."""
    for plan in every_phased_plan(world):
        yield from every_area(world, plan)


def how_many(world: World) -> int:
    """The number of plans with their phases, sources and areas, about."""
    site, kind = pairs_of(world)
    pair, _, _ = options_of(world, site, kind)
    options = np.bincount(pair, minlength=len(site))
    each = np.array([len(sizes(world, t)) for t in range(len(world.types))])
    return int((1.0 + options * each[kind]).prod())
