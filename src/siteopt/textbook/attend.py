"""Maximal attendance: everybody goes to the nearest open site, the fewer the farther it is."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from siteopt.textbook import audit
from siteopt.textbook.arrays import amount
from siteopt.textbook.coverage import weights_of
from siteopt.textbook.decay import Decay, willingness
from siteopt.textbook.ladder import Task, climb
from siteopt.textbook.levels import nearest_first
from siteopt.textbook.matrix import Pairs, read_distances
from siteopt.textbook.result import Found, Result, infeasible, judged, out_of_time
from siteopt.textbook.search import Effort, read_effort
from siteopt.textbook.sites import Which, read_sites


def attendance(
    distances: Any,
    weights: Any = None,
    *,
    decay: Decay = "linear",
    cutoff: float = np.inf,
    parameter: float | None = None,
    least_distance: float | None = None,
    p: int | None = None,
    budget: float | None = None,
    cost: Any = None,
    required: Which = (),
    forbidden: Which = (),
    existing: Which = (),
    **effort: Unpack[Effort],
) -> Result:
    """Open sites such that the most weight attends; each point attends its nearest open site only.

    Parameters
    ----------
    distances : (I, J) dense or sparse, as in :func:`p_median`
    decay : "linear" (1 - d / cutoff), "power" ((d / least_distance)^-parameter, 1 up to the least distance),
        "exponential" (exp(-parameter x d)): the share of a point's weight that attends
    cutoff : nobody comes from farther away; needed for "linear"
    parameter, least_distance : > 0, where the decay has them
    weights, p, budget, cost, required, forbidden, existing, **effort : as in :func:`max_coverage`

    Returns
    -------
    Result
        ``objective`` is the weight that attends; ``covered`` says who has an open site within the cutoff.
    """
    search = read_effort(effort)
    pairs = read_distances(distances, amount("cutoff", cutoff, infinite=True))
    share = willingness(pairs, decay, cutoff=cutoff, parameter=parameter, least_distance=least_distance)
    weight = weights_of(weights, pairs)
    sites = read_sites(
        pairs.n_sites,
        required=required,
        forbidden=forbidden,
        existing=existing,
        p=p,
        budget=budget,
        cost=cost,
        limited=True,
    )
    why = sites.clash()
    if why:
        return infeasible("attendance", search, sites, why)
    climbed = climb(Task(nearest_first(pairs, -share, sites), weight, sites, 0.0), search)
    if climbed.opened is None:
        return out_of_time("attendance", search, sites, -climbed.bound)
    site, distance = audit.nearest(pairs, climbed.opened)
    covered = site >= 0
    at_plan = _at(pairs, distance)
    comes = willingness(at_plan, decay, cutoff=cutoff, parameter=parameter, least_distance=least_distance)
    value = float(weight[covered] @ comes[covered])
    total = float(weight.sum())
    found = Found(
        "max",
        climbed.opened,
        value,
        -climbed.value,
        -climbed.bound,
        total,
        climbed.engine,
        assignment=site,
        covered=covered,
        audit={**audit.shares(covered, weight), "percent_attending": 100.0 * value / total if total else 0.0},
    )
    return judged("attendance", search, sites, found)


def _at(pairs: Pairs, distance: Any) -> Pairs:
    """The plan's own pairs, one a point."""
    n = len(distance)
    return Pairs(np.arange(n + 1), np.zeros(n, dtype=np.int32), distance, pairs.n_sites, None, pairs.reach)
