"""p-median: the least weighted distance to the nearest open site."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Unpack

import numpy as np

from siteopt.textbook import audit
from siteopt.textbook.arrays import count
from siteopt.textbook.coverage import weights_of
from siteopt.textbook.covers import unreached
from siteopt.textbook.ladder import Task, climb
from siteopt.textbook.levels import nearest_first
from siteopt.textbook.matrix import read_distances
from siteopt.textbook.result import Found, Result, infeasible, judged, out_of_time
from siteopt.textbook.search import Effort, read_effort
from siteopt.textbook.sites import Which, read_sites
from siteopt.units import Floats


def p_median(
    distances: Any,
    weights: Any = None,
    *,
    p: int,
    reach: float = np.inf,
    nearest: int | None = None,
    required: Which = (),
    forbidden: Which = (),
    existing: Which = (),
    **effort: Unpack[Effort],
) -> Result:
    """Open at most ``p`` new sites such that weight x distance to the nearest open one is least in sum.

    Parameters
    ----------
    distances : (I, J) dense, inf for "cannot"; or sparse: only the stored pairs can be used, a stored 0 is at the
    door weights : (I,) >= 0, ones unless given; a point of weight 0 must be served too
    p : at most so many new sites
    reach : pairs farther than this cannot be used
    nearest : so many nearest sites of each point are looked at first; the answer is exact whatever it is
    required, forbidden, existing, **effort : as in :func:`max_coverage`

    Returns
    -------
    Result
        ``objective`` is the sum, ``audit["mean_distance"]`` the weighted mean. A site that would serve nobody stays
        closed.

    Notes
    -----
    A point's distance is a ladder of covered levels (see :mod:`siteopt.textbook.levels`); ladders are cut after the
    nearest sites and are made longer where a plan steps off them, until the plan's sum meets the bound.
    Memory grows with the sum of squares of the sites on a ladder, not with I x J.
    """
    search = read_effort(effort)
    pairs = read_distances(distances, reach)
    weight = weights_of(weights, pairs)
    sites = read_sites(pairs.n_sites, required=required, forbidden=forbidden, existing=existing, p=count("p", p))
    looked_at = None if nearest is None else count("nearest", nearest, least=1)
    why = sites.clash() or unreached(pairs, sites)
    if why:
        return infeasible("p_median", search, sites, why)
    assert pairs.distance is not None
    arcs = nearest_first(pairs, pairs.distance, sites)
    climbed = climb(Task(arcs, weight, sites, None, looked_at), search)
    if climbed.infeasible:
        return infeasible("p_median", search, sites, ("p_cannot_reach", {"p": p, "points": len(pairs)}))
    if climbed.opened is None:
        return out_of_time("p_median", search, sites, climbed.bound)
    site, distance = audit.nearest(pairs, climbed.opened)
    value = float(weight @ distance)
    found = Found("min", climbed.opened, value, climbed.value, climbed.bound, climbed.size, climbed.engine, site)
    return judged("p_median", search, sites, _told(found, weight, distance))


def _told(found: Found, weight: Floats, distance: Floats) -> Found:
    served = np.isfinite(distance)
    total = float(weight.sum())
    mean = found.value / total if total else 0.0
    told = {
        "mean_distance": mean,
        "mean_distance_unweighted": float(distance.mean()) if len(distance) else 0.0,
        "largest_distance": float(distance.max(initial=0.0)),
    }
    return replace(found, covered=served, audit={**audit.shares(served, weight), **told})
