"""p-center: the least distance within which few sites reach everybody."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import scipy.sparse as sp

from siteopt.textbook import audit
from siteopt.textbook.arrays import count
from siteopt.textbook.classes import Rows
from siteopt.textbook.coverage import weights_of
from siteopt.textbook.covering import engine_of
from siteopt.textbook.covers import unreached
from siteopt.textbook.fewest import fewest
from siteopt.textbook.matrix import Pairs, read_distances
from siteopt.textbook.result import Found, Result, infeasible, judged, out_of_time
from siteopt.textbook.search import Effort, Search, read_effort
from siteopt.textbook.sites import Sites, Which, read_sites
from siteopt.units import Bools, Floats


def p_center(
    distances: Any,
    weights: Any = None,
    *,
    p: int,
    reach: float = np.inf,
    required: Which = (),
    forbidden: Which = (),
    existing: Which = (),
    **effort: Unpack[Effort],
) -> Result:
    """Open at most ``p`` new sites such that the largest distance of a point to its nearest open one is least.

    Parameters
    ----------
    distances, reach, required, forbidden, existing, **effort : as in :func:`p_median`
    weights : (I,) for the percentages and means only: every point counts

    Returns
    -------
    Result
        ``objective`` is the largest distance; ``bound`` the least that is not ruled out. Among the distances that
        occur, the search halves what lies between the two; each question ("do p sites reach everybody within this?")
        is a set covering problem. At the least distance the plan has the fewest sites.
    """
    search = read_effort(effort)
    pairs = read_distances(distances, reach)
    weight = weights_of(weights, pairs)
    sites = read_sites(pairs.n_sites, required=required, forbidden=forbidden, existing=existing, p=count("p", p))
    why = sites.clash() or unreached(pairs, sites)
    if why:
        return infeasible("p_center", search, sites, why)
    opened, bound, engine, none = _halved(pairs, weight, sites, search)
    if none:
        return infeasible("p_center", search, sites, ("p_cannot_reach", {"p": p, "points": len(pairs)}))
    if opened is None:
        return out_of_time("p_center", search, sites, bound)
    site, distance = audit.nearest(pairs, opened)
    value, total = float(distance.max(initial=0.0)), float(weight.sum())
    found = Found(
        "min",
        opened,
        value,
        None,
        bound,
        value,
        engine,
        assignment=site,
        covered=np.isfinite(distance),
        audit={
            **audit.shares(np.isfinite(distance), weight),
            "largest_distance": value,
            "mean_distance": float(weight @ distance) / total if total else 0.0,
        },
    )
    return judged("p_center", search, sites, found)


def _halved(pairs: Pairs, weight: Floats, sites: Sites, search: Search) -> tuple[Bools | None, float, str, bool]:
    """The best plan, the least distance not ruled out, the engine, and whether no plan reaches everybody at all."""
    assert pairs.distance is not None and sites.p is not None
    best, value = _far_first(pairs, sites)
    allowed = ~sites.forbidden[pairs.site]
    nearest = np.full(len(pairs), np.inf)
    np.minimum.at(nearest, pairs.row[allowed], pairs.distance[allowed])
    least = float(nearest.max(initial=0.0))
    # every value of the objective is a distance; below the farthest of the nearest sites nothing can be
    d = pairs.distance
    steps = np.unique(d[allowed & (d >= least) & (d <= value)])
    low, high = 0, len(steps) - 1 if best is not None else len(steps)
    engine = search.backend.name
    stopped = not len(steps)
    while low < high and not stopped:
        middle = (low + high) // 2
        opened, verdict, engine = _reaches(pairs, weight, sites, search, float(steps[middle]))
        if verdict is None:
            stopped = True
        elif verdict:
            best, value = opened, float(audit.nearest(pairs, opened)[1].max(initial=0.0))
            high = int(np.searchsorted(steps, value))
        else:
            low = middle + 1
    if best is None and not stopped:
        return None, float("nan"), engine, True
    if best is not None and not stopped and len(steps):
        # the same distance with the fewest sites
        fewer, verdict, engine = _reaches(pairs, weight, sites, search, value)
        best = fewer if verdict and sites.new(fewer) <= sites.new(best) else best
    return best, float(steps[low]) if len(steps) else value, engine, False


def _reaches(
    pairs: Pairs, weight: Floats, sites: Sites, search: Search, limit: float
) -> tuple[Bools, bool | None, str]:
    """Whether p sites reach everybody within a limit; None when time ends before that is known."""
    assert pairs.distance is not None and sites.p is not None
    if search.left_s <= 0.05:
        return sites.fixed, None, search.backend.name
    inside = pairs.distance <= limit
    kept = np.concatenate([[0], np.cumsum(inside)])
    opened, answer = fewest(Rows(kept[pairs.indptr], pairs.site[inside], weight), sites, search)
    yes = answer.x is not None and sites.new(opened) <= sites.p
    no = answer.bound > sites.p + 1e-6
    return opened, True if yes else False if no else None, engine_of(answer)


def _far_first(pairs: Pairs, sites: Sites) -> tuple[Bools | None, float]:
    """A first plan: again and again the site nearest to whoever is farthest away; None where somebody is left out."""
    assert pairs.distance is not None and sites.p_left is not None
    table = sp.csr_matrix((pairs.distance, pairs.site, pairs.indptr), shape=(len(pairs), pairs.n_sites)).tocsc()
    opened = sites.fixed.copy()
    far = audit.nearest(pairs, opened)[1]
    for _ in range(sites.p_left):
        worst = int(far.argmax()) if len(far) else -1
        if worst < 0 or far[worst] == 0:
            break
        part = slice(pairs.indptr[worst], pairs.indptr[worst + 1])
        site, distance = pairs.site[part], pairs.distance[part]
        usable = ~sites.forbidden[site] & ~opened[site]
        if not usable.any():
            break
        j = int(site[usable][distance[usable].argmin()])
        opened[j] = True
        column = slice(table.indptr[j], table.indptr[j + 1])
        rows = table.indices[column]
        far[rows] = np.minimum(far[rows], table.data[column])
    value = float(far.max(initial=0.0))
    return (opened, value) if np.isfinite(value) else (None, np.inf)
