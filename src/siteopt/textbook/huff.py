"""Huff market share: customers divide themselves among all open sites by attraction; which are best for us."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Unpack

import numpy as np

from siteopt.textbook import audit
from siteopt.textbook.arrays import EDGE, BadArrays, amount, chosen, loosened, numbers
from siteopt.textbook.branches import least_cost, most_worth
from siteopt.textbook.coverage import weights_of
from siteopt.textbook.decay import Decay, willingness
from siteopt.textbook.matrix import read_distances
from siteopt.textbook.result import AuditFailed, Found, Result, infeasible, judged, out_of_time
from siteopt.textbook.search import Effort, read_effort
from siteopt.textbook.shares import Market, Shares
from siteopt.textbook.sites import Which, read_sites


def huff_market_share(
    distances: Any,
    weights: Any = None,
    *,
    competitors: Which,
    attraction: Any = None,
    decay: Decay = "power",
    parameter: float | None = None,
    least_distance: float | None = None,
    cutoff: float = np.inf,
    p: int | None = None,
    budget: float | None = None,
    cost: Any = None,
    target: float | None = None,
    required: Which = (),
    forbidden: Which = (),
    existing: Which = (),
    **effort: Unpack[Effort],
) -> Result:
    """Win the largest market share with ``p`` sites or a budget; or reach a target share with the fewest (cheapest).

    A point's weight goes to our open sites in the share (ours) / (ours + competitors'), where each site counts
    attraction x decay(distance). A point that no open site and no competitor attracts is lost to everybody.

    Parameters
    ----------
    distances : (I, J) dense or sparse, as in :func:`p_median`; competitors are columns too
    competitors : mask (J,) or column numbers: open, not ours, never opened by us
    attraction : (J,) > 0, ones unless given
    decay, parameter, least_distance, cutoff : as in :func:`attendance`
    target : between 0 and 1 of all weight; instead of ``p`` and ``budget``
    weights, p, budget, cost, required, forbidden, existing, **effort : as in :func:`max_coverage`

    Returns
    -------
    Result
        ``objective`` is the weight won; with ``target`` the number (the cost) of new sites.
        ``audit["market_share"]`` is between 0 and 1. There is no assignment.

    Notes
    -----
    The share of a point is a concave function of the attraction that is open. It is bounded from above by tangents
    and by gains of single sites; branch and bound over the sites values every plan it meets exactly. So the answer
    is exact when "proven", and the bound is proven whenever the search is stopped. Time grows with the number of
    plans that the bound leaves open: some ten sites out of a hundred are within reach, large networks end with a gap.
    """
    search = read_effort(effort)
    pairs = read_distances(distances, amount("cutoff", cutoff, infinite=True))
    n = pairs.n_sites
    rival = chosen("competitors", competitors, n)
    pull = np.ones(n) if attraction is None else numbers("attraction", attraction, n, of="columns", above=True)
    share = willingness(pairs, decay, cutoff=cutoff, parameter=parameter, least_distance=least_distance)
    weight = weights_of(weights, pairs)
    wanted = None if target is None else amount("target", target, most=1.0)
    if wanted is not None and (p is not None or budget is not None):
        raise BadArrays("target_and_limit")
    sites = read_sites(
        n,
        required=required,
        forbidden=forbidden,
        existing=existing,
        p=p,
        budget=budget,
        cost=cost,
        limited=wanted is None,
    )
    for name, marks in (("required", sites.required), ("existing", sites.existing), ("forbidden", sites.forbidden)):
        if (marks & rival).any():
            raise BadArrays(
                "site_in_two", argument="competitors", other=name, value=int(np.flatnonzero(marks & rival)[0])
            )
    sites = replace(sites, forbidden=sites.forbidden | rival)  # never opened by us
    why = sites.clash()
    if why:
        return infeasible("huff_market_share", search, sites, why)
    market = Market.of(pairs, share * pull[pairs.site], weight, sites, rival)
    total = float(weight.sum())
    if wanted is not None:
        most = market.won(~sites.forbidden)
        if loosened(most) < wanted * total:
            facts = {"most": most, "target": wanted * total, "total": total}
            return infeasible("huff_market_share", search, sites, ("target_out_of_reach", facts))
    if wanted is None:
        step = most_worth(Shares(market), sites, search, total)
    else:
        step = least_cost(Shares(market), sites, (wanted - EDGE) * total, search)
    if step.opened is None:
        return out_of_time("huff_market_share", search, sites, step.bound)
    won = market.won(step.opened)
    near = audit.times_covered(pairs, step.opened) > 0
    told = {"weight_won": won, "market_share": won / total if total else 0.0, "competitors": int(rival.sum())}
    value = won if wanted is None else sites.paid(step.opened)
    size = total if wanted is None else float(sites.cost[~sites.forbidden].sum())
    found = Found(
        "max" if wanted is None else "min",
        step.opened,
        value,
        None,
        step.bound,
        size,
        "branch and bound",
        covered=near,
        audit={**audit.shares(near, weight), **told},
    )
    if wanted is not None and won < wanted * total - 10 * EDGE * total:
        raise AuditFailed(f"huff_market_share: {won!r} is won, {wanted * total!r} was asked")
    return judged("huff_market_share", search, sites, found)
