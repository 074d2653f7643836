"""The question of a world as arrays, reduced as far as every active rule allows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siteopt.access.reduce import reduce_cells
from siteopt.model.build import options_of, pairs_of
from siteopt.problem import Coverage, Problem, Service, TravelTimes, capacitated, coverage_of, own_services
from siteopt.ready import Ready, Rule, Seek
from siteopt.units import Ints
from siteopt.world import World


def pose(ready: Ready) -> Problem:
    """The question as arrays, reduced as far as every active rule allows."""
    return posed(ready.world, ready.travel, ready.rules, ready.seek)


def posed(world: World, travel: TravelTimes, rules: Sequence[Rule], seek: Seek) -> Problem:
    """The question that rules and an objective ask of a world."""
    types, sites = world.types, world.sites
    services = services_of(world, rules, seek)
    reach: dict[tuple[int, float], Coverage] = {}
    for service in services:
        for t, limit in zip(service.types, service.limit_min, strict=True):
            if (t, limit) not in reach:
                reach[t, limit] = coverage_of(travel, limit)
    site, kind = pairs_of(world)
    limited = capacitated(types)
    supply_site, supply_type = np.nonzero(sites.standing & limited)
    pair_of = np.full(sites.allowed.shape, -1, dtype=np.int64)
    pair_of[site, kind] = np.arange(len(site))
    supplied = pair_of.copy()
    supplied[supply_site, supply_type] = len(site) + np.arange(len(supply_site))
    # An outlet can be full for those who want its own type; to be one of several that are within reach it need not
    # have room. So each type is there twice: 0 .. T-1 for itself, T .. 2T-1 where it is one of several.
    n = len(types)
    asks: tuple[Rule | Seek, ...] = (seek, *rules)
    apart = np.full(len(world.cells), -1, dtype=np.int64)
    segment = world.cells.community if any(a.cells_by == "community" for a in asks) else apart
    reduction = reduce_cells(
        [
            [(t if k < n else n + t, reach[t, limit]) for t, limit in zip(s.types, s.limit_min, strict=True)]
            for k, s in enumerate(services)
        ],
        np.hstack([sites.standing & ~limited, sites.standing]),
        np.hstack([supplied, pair_of]),
        world.cells.residents,
        segment,
        apart=dict.fromkeys(np.flatnonzero(limited).tolist(), _in_proportion(world, asks)) if limited.any() else None,
        merge=all("merge_cells" in a.allows for a in asks),
    )
    own = tuple(reach[t, float(limit)] for t, limit in enumerate(types.limit_min))
    options = options_of(world, site, kind)
    return Problem(world, travel, own, services, site, kind, *options, supply_site, supply_type, reduction)


def services_of(world: World, rules: Sequence[Rule], seek: Seek) -> tuple[Service, ...]:
    """The types by themselves, then whatever else rules and objective want within reach, each once."""
    asks: tuple[Rule | Seek, ...] = (seek, *rules)
    extra = (service for one in asks for service in one.services(world))
    return tuple(dict.fromkeys((*own_services(world.types), *extra)))


def _in_proportion(world: World, asks: Sequence[Rule | Seek]) -> Ints:
    """(I,) the same for cells of which it is all the same whose people are given to an outlet without room for all.

    They have everybody who is counted in the same proportion to the residents, and nothing asks for several types in
    one cell together.
    """
    if any(ask.combines for ask in asks):
        return np.arange(len(world.cells), dtype=np.int64)
    people = world.cells.residents[:, None]
    counted = np.hstack([np.zeros_like(people), *(ask.counted(world) for ask in asks)])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(counted > 0, counted / people, 0.0)
    return np.unique(share, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
