"""Set covering, whole and in part: the fewest or cheapest sites that cover everybody, or enough."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Unpack

import numpy as np

from siteopt.program import Columns, Program
from siteopt.program import Rows as ProgramRows
from siteopt.textbook import audit
from siteopt.textbook.arrays import EDGE, BadArrays, amount
from siteopt.textbook.classes import Rows
from siteopt.textbook.coverage import covered_by, covered_plan, weights_of
from siteopt.textbook.covering import Covering, cheapest, covering, engine_of, linked, opened_by
from siteopt.textbook.fewest import fewest
from siteopt.textbook.matrix import Pairs, read_cover
from siteopt.textbook.result import AuditFailed, Found, Result, infeasible, judged, out_of_time
from siteopt.textbook.search import Effort, in_steps, read_effort
from siteopt.textbook.sites import Reason, Sites, Which, read_sites
from siteopt.units import Floats, exact_share


def unreached(pairs: Pairs, sites: Sites) -> Reason | None:
    """Demand points that no allowed site reaches, or None."""
    lonely = np.flatnonzero(audit.times_covered(pairs, ~sites.forbidden) == 0)
    if not len(lonely):
        return None
    return "unreached", {"count": len(lonely), "points": len(pairs), "first": lonely[:5].tolist()}


def set_cover(
    cover: Any,
    weights: Any = None,
    *,
    reach: float | None = None,
    cost: Any = None,
    required: Which = (),
    forbidden: Which = (),
    existing: Which = (),
    **effort: Unpack[Effort],
) -> Result:
    """Cover every demand point with the fewest new sites, or the cheapest.

    Parameters
    ----------
    cover, reach, required, forbidden, existing, **effort : as in :func:`max_coverage`
    weights : (I,) >= 0, for the percentages only; a point of weight 0 must be covered too
    cost : (J,) >= 0; without it sites are counted

    Returns
    -------
    Result
        ``objective`` is the number (the cost) of new sites. Points that nobody reaches make it infeasible; ``facts``
        counts them.

    Notes
    -----
    Points with one site within reach fix it, equal points become one, and a point whose sites contain those of
    another leaves; exact. O(P + I log I) before the search.
    """
    search = read_effort(effort)
    pairs = read_cover(cover, reach)
    weight = weights_of(weights, pairs)
    sites = read_sites(pairs.n_sites, required=required, forbidden=forbidden, existing=existing, cost=cost)
    why = unreached(pairs, sites)
    if why:
        return infeasible("set_cover", search, sites, why)
    opened, answer = fewest(Rows(pairs.indptr, pairs.site, weight), sites, search)
    if answer.x is None:
        return out_of_time("set_cover", search, sites, answer.bound)
    found = Found(
        "min",
        opened,
        sites.paid(opened),
        answer.objective,
        answer.bound,
        float(sites.cost.sum()),
        engine_of(answer),
        assignment=audit.nearest(pairs, opened)[0],
        covered=covered_by(pairs, opened),
        audit=covered_plan(pairs, weight, opened),
    )
    return judged("set_cover", search, sites, found)


def partial_set_cover(
    cover: Any,
    weights: Any = None,
    *,
    share: float | None = None,
    weight: float | None = None,
    reach: float | None = None,
    cost: Any = None,
    required: Which = (),
    forbidden: Which = (),
    existing: Which = (),
    **effort: Unpack[Effort],
) -> Result:
    """Cover a share of the weight, or an amount of it, with the fewest new sites, or the cheapest.

    Parameters
    ----------
    share : between 0 and 1; of the weight of all points, covered or not
    weight : the amount; give one of the two
    cover, weights, reach, cost, required, forbidden, existing, **effort : as in :func:`max_coverage`

    Returns
    -------
    Result
        ``objective`` is the number (the cost) of new sites.
    """
    search = read_effort(effort)
    pairs = read_cover(cover, reach)
    each = weights_of(weights, pairs)
    sites = read_sites(pairs.n_sites, required=required, forbidden=forbidden, existing=existing, cost=cost)
    target = _target(share, weight, each)
    reduced = covering(Rows(pairs.indptr, pairs.site, each), sites)
    room = 2 * EDGE * float(each.sum())
    if reduced.total < target - room:
        facts = {"most": reduced.total, "target": target, "total": float(each.sum())}
        return infeasible("partial_set_cover", search, sites, ("target_out_of_reach", facts))
    program, factor = _enough(reduced, sites, min(target, reduced.total))
    answer = search.seek(program)
    paid = float(sites.cost[sites.required].sum())
    if answer.x is None:
        return out_of_time("partial_set_cover", search, sites, answer.bound / factor + paid)
    opened = opened_by(answer, reduced.site, sites)
    plan = covered_plan(pairs, each, opened)
    found = Found(
        "min",
        opened,
        sites.paid(opened),
        answer.objective / factor + paid,
        answer.bound / factor + paid,
        float(sites.cost.sum()),
        engine_of(answer),
        assignment=audit.nearest(pairs, opened)[0],
        covered=covered_by(pairs, opened),
        audit={**plan, "target": target},
    )
    if plan["weight_covered"] < target - room:
        raise AuditFailed(f"partial_set_cover: {plan['weight_covered']!r} is covered, {target!r} was asked")
    return judged("partial_set_cover", search, sites, found)


def _target(share: float | None, weight: float | None, each: Floats) -> float:
    """The weight to be covered; exact where weights are whole numbers."""
    if (share is None) == (weight is None):
        raise BadArrays("share_or_weight")
    if share is None:
        return amount("weight", weight)
    part = exact_share(amount("share", share, most=1.0))
    total = float(each.sum())
    if total < 2**52 and not (each % 1.0).any():
        return float(-(-(part * Fraction(int(total))) // 1))
    return float(share) * total


def _enough(reduced: Covering, sites: Sites, target: float) -> tuple[Program, float]:
    """Least cost such that enough is covered; and the factor of the cost."""
    n, c = len(reduced.site), len(reduced.classes)
    worth = np.concatenate([reduced.profit, reduced.classes.value])
    step, grain = in_steps(worth)
    floor = (target - reduced.base) * step
    floor = float(np.ceil(floor - 1e-6)) if grain else floor - 2.0**20 * EDGE
    at = np.flatnonzero(worth)
    enough = ProgramRows(
        owner="enough",
        indptr=np.array([0, len(at)], dtype=np.int64),
        column=at,
        value=np.rint(worth[at] * step) if grain else worth[at] * step,
        lower=np.array([floor]),
        upper=np.array([np.inf]),
        elastic=False,
    )
    columns = Columns(
        start={"open": 0, "covered": n}, lower=np.zeros(n + c), upper=np.ones(n + c), integer=np.arange(n + c) < n
    )
    goal = cheapest(reduced.site, sites, c)
    blocks = (linked(reduced.classes, n), *([enough] if floor > 0 else []))
    return Program(columns, blocks, (goal,)), in_steps(sites.cost[reduced.site])[0]
