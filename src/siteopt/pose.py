"""The question of a world as arrays, reduced as far as every active rule allows."""

from __future__ import annotations

import numpy as np

from siteopt.access.reduce import reduce_cells
from siteopt.model.build import options_of
from siteopt.problem import Problem, coverage_of
from siteopt.ready import Ready


def pose(ready: Ready) -> Problem:
    """The question as arrays, reduced as far as every active rule allows."""
    world, travel, rules, seek = ready.world, ready.travel, ready.rules, ready.seek
    coverage = tuple(coverage_of(travel, float(limit)) for limit in world.types.limit_min)
    site, kind = options_of(world)
    option_of = np.full(world.sites.allowed.shape, -1, dtype=np.int64)
    option_of[site, kind] = np.arange(len(site))
    weight = seek.weights(world)
    apart = np.full(len(world.cells), -1, dtype=np.int64)
    segment = world.cells.community if any(r.cells_by == "community" for r in rules) else apart
    merge = all("merge_cells" in allows for allows in (seek.allows, *(r.allows for r in rules)))
    reduction = reduce_cells(
        coverage, world.sites.standing, option_of, weight, world.cells.residents, segment, merge=merge
    )
    return Problem(world, travel, coverage, weight, site, kind, reduction)
