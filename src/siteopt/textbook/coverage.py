"""Maximal covering: the most weight within reach of few sites, or of sites that cost little."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from siteopt.textbook import audit
from siteopt.textbook.arrays import numbers
from siteopt.textbook.classes import Rows
from siteopt.textbook.covering import covering, engine_of, most_worth, opened_by
from siteopt.textbook.matrix import Pairs, read_cover
from siteopt.textbook.result import Found, Result, infeasible, judged, out_of_time
from siteopt.textbook.search import Effort, read_effort
from siteopt.textbook.sites import Which, read_sites
from siteopt.units import Bools, Floats


def weights_of(weights: Any, pairs: Pairs) -> Floats:
    """(I,) the caller's weights, or ones."""
    return np.ones(len(pairs)) if weights is None else numbers("weights", weights, len(pairs), of="rows")


def max_coverage(
    cover: Any,
    weights: Any = None,
    *,
    reach: float | None = None,
    p: int | None = None,
    budget: float | None = None,
    cost: Any = None,
    required: Which = (),
    forbidden: Which = (),
    existing: Which = (),
    **effort: Unpack[Effort],
) -> Result:
    """Cover the most weight with at most ``p`` sites, or within ``budget``, or both.

    Among plans that cover as much, one of least cost (fewest sites without ``cost``): a site that adds nothing stays
    closed.

    Parameters
    ----------
    cover : (I, J) boolean matrix, sparse or dense; or distances with ``reach``
    weights : (I,) >= 0, ones unless given
    reach : the limit on distances, itself inside
    p : at most so many new sites
    budget, cost : at most so much for new sites; (J,) >= 0
    required, forbidden, existing : boolean mask (J,) or whole column numbers; see
    :class:`siteopt.textbook.sites.Sites` **effort : see :class:`siteopt.textbook.search.Effort`

    Returns
    -------
    Result
        ``objective`` is the weight covered.

    Raises
    ------
    BadArrays

    Notes
    -----
    O(P + I log I) time and O(P) memory before the search, P the pairs within reach; no (I, J) array is made from a
    sparse matrix.
    """
    search = read_effort(effort)
    pairs = read_cover(cover, reach)
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
        return infeasible("max_coverage", search, sites, why)
    reduced = covering(Rows(pairs.indptr, pairs.site, weight), sites)
    program, factor = most_worth(reduced, sites)
    answer = search.seek(program)
    if answer.x is None:
        return out_of_time("max_coverage", search, sites, answer.bound / factor)
    opened = opened_by(answer, reduced.site, sites)
    plan = covered_plan(pairs, weight, opened)
    found = Found(
        "max",
        opened,
        plan["weight_covered"],
        answer.objective / factor,
        answer.bound / factor,
        float(weight.sum()),
        engine_of(answer),
        assignment=audit.nearest(pairs, opened)[0],
        covered=covered_by(pairs, opened),
        audit=plan,
    )
    return judged("max_coverage", search, sites, found)


def covered_by(pairs: Pairs, opened: Bools) -> Bools:
    """(I,) whether an open site is within reach."""
    return audit.times_covered(pairs, opened) > 0


def covered_plan(pairs: Pairs, weight: Floats, opened: Bools) -> dict[str, float]:
    """The audit of a cover: how much is within reach, once and twice."""
    times = audit.times_covered(pairs, opened)
    twice = audit.shares(times > 1, weight)
    return {
        **audit.shares(times > 0, weight),
        "points_backed_up": twice["points_covered"],
        "percent_points_backed_up": twice["percent_points"],
        "weight_backed_up": twice["weight_covered"],
        "percent_weight_backed_up": twice["percent_weight"],
    }
