"""Sites that can serve only so much: who goes where is decided too, whole or split."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from siteopt.textbook import audit
from siteopt.textbook.arrays import count, loosened, numbers
from siteopt.textbook.covers import unreached
from siteopt.textbook.flows import Flows, Served, ask, assigned, usable
from siteopt.textbook.matrix import Pairs, read_cover, read_distances
from siteopt.textbook.result import Found, Result, infeasible, judged, out_of_time
from siteopt.textbook.search import Effort, Search, read_effort
from siteopt.textbook.sites import Reason, Which, read_sites
from siteopt.units import Floats


def capacitated_p_median(
    distances: Any,
    demand: Any,
    capacity: Any,
    *,
    p: int,
    weights: Any = None,
    split: bool = False,
    reach: float = np.inf,
    required: Which = (),
    forbidden: Which = (),
    existing: Which = (),
    **effort: Unpack[Effort],
) -> Result:
    """p-median in which no site serves more than its capacity.

    Parameters
    ----------
    demand : (I,) >= 0, what a point takes of a capacity
    capacity : (J,) >= 0, existing facilities' too
    weights : (I,) in the sum of weight x distance; ``demand`` unless given
    split : a point may be served by several sites, in shares; otherwise by one
    distances, p, reach, required, forbidden, existing, **effort : as in :func:`p_median`

    Returns
    -------
    Result
        ``assignment`` is (I,) column numbers, or (I, J) CSR shares with ``split``.

    Notes
    -----
    One column and two rows for each pair within reach: made for thousands of pairs, up to some 100,000.
    """
    search = read_effort(effort)
    pairs = read_distances(distances, reach)
    need, room = _sizes(demand, capacity, pairs)
    weight = need if weights is None else numbers("weights", weights, len(pairs), of="rows")
    sites = read_sites(pairs.n_sites, required=required, forbidden=forbidden, existing=existing, p=count("p", p))
    assert pairs.distance is not None
    worth = weight[pairs.row] * pairs.distance
    return _solved("capacitated_p_median", Flows(pairs, need, room, worth, sites, split, "min", True), weight, search)


def capacitated_set_cover(
    cover: Any,
    demand: Any,
    capacity: Any,
    *,
    reach: float | None = None,
    cost: Any = None,
    split: bool = False,
    required: Which = (),
    forbidden: Which = (),
    existing: Which = (),
    **effort: Unpack[Effort],
) -> Result:
    """Serve everybody within reach and within capacities, with the fewest new sites, or the cheapest.

    Parameters are those of :func:`set_cover` and :func:`capacitated_p_median`.
    """
    search = read_effort(effort)
    pairs = read_cover(cover, reach)
    need, room = _sizes(demand, capacity, pairs)
    sites = read_sites(pairs.n_sites, required=required, forbidden=forbidden, existing=existing, cost=cost)
    worth = np.zeros(len(pairs.site))
    return _solved("capacitated_set_cover", Flows(pairs, need, room, worth, sites, split, "cost", True), need, search)


def capacitated_max_coverage(
    cover: Any,
    demand: Any,
    capacity: Any,
    *,
    weights: Any = None,
    reach: float | None = None,
    p: int | None = None,
    budget: float | None = None,
    cost: Any = None,
    split: bool = False,
    required: Which = (),
    forbidden: Which = (),
    existing: Which = (),
    **effort: Unpack[Effort],
) -> Result:
    """Serve the most weight within reach and within capacities; a point may stay unserved.

    Parameters are those of :func:`max_coverage` and :func:`capacitated_p_median`; ``weights`` are ``demand`` unless
    given. With ``split`` a point served in part counts in part, and is ``covered`` when it is served in full.
    """
    search = read_effort(effort)
    pairs = read_cover(cover, reach)
    need, room = _sizes(demand, capacity, pairs)
    weight = need if weights is None else numbers("weights", weights, len(pairs), of="rows")
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
    flows = Flows(pairs, need, room, weight[pairs.row], sites, split, "max", False)
    return _solved("capacitated_max_coverage", flows, weight, search)


def _sizes(demand: Any, capacity: Any, pairs: Pairs) -> tuple[Floats, Floats]:
    return (
        numbers("demand", demand, len(pairs), of="rows"),
        numbers("capacity", capacity, pairs.n_sites, of="columns"),
    )


def _short(flows: Flows) -> Reason | None:
    """Why everybody cannot be served, as far as that can be told without a search."""
    sites, need, pairs = flows.sites, flows.demand, flows.pairs
    why = sites.clash()
    if why or not flows.everybody:
        return why
    why = unreached(pairs, sites)
    if why:
        return why
    total, room = float(need.sum()), np.where(sites.forbidden, 0.0, flows.capacity)
    if loosened(float(room.sum())) < total:
        return "capacity_short", {"demand": total, "capacity": float(room.sum())}
    left = sites.p_left
    if left is not None:
        most = float(room[sites.fixed].sum() + np.sort(room[sites.free])[::-1][:left].sum())
        if loosened(most) < total:
            return "p_capacity_short", {"demand": total, "capacity": most, "p": sites.p}
    if not flows.split:
        fits = usable(flows)
        lonely = np.flatnonzero(np.bincount(pairs.row[fits], minlength=len(pairs)) == 0)
        if len(lonely):
            return "too_large_for_any", {
                "count": len(lonely),
                "first": int(lonely[0]),
                "demand": float(need[lonely[0]]),
            }
    return None


def _solved(problem: str, flows: Flows, weight: Floats, search: Search) -> Result:
    sites = flows.sites
    why = _short(flows)
    if why:
        return infeasible(problem, search, sites, why)
    answer, opened = ask(flows, search)
    if answer.status == "infeasible":
        return infeasible(problem, search, sites, ("no_assignment", {"points": len(flows.pairs)}))
    if opened is None:
        return out_of_time(problem, search, sites, answer.bound)
    served = assigned(flows, answer, opened)
    value = sites.paid(served.opened) if flows.sense == "cost" else served.value
    size = float(sites.cost.sum()) if flows.sense == "cost" else _size(flows)
    found = Found(
        "max" if flows.sense == "max" else "min",
        served.opened,
        value,
        None,
        answer.bound,
        max(size, abs(value)),
        f"{answer.engine} {answer.version}".strip(),
        assignment=served.assignment,
        covered=served.share > 1 - 1e-6,
        audit=_told(flows, served, weight),
    )
    return judged(problem, search, sites, found)


def _size(flows: Flows) -> float:
    """The largest sum there can be: every point at its worst."""
    worst = np.zeros(len(flows.pairs))
    np.maximum.at(worst, flows.pairs.row, flows.worth)
    return float(worst.sum())


def _told(flows: Flows, served: Served, weight: Floats) -> dict[str, float]:
    total = float(weight.sum())
    told = audit.shares(served.share > 1 - 1e-6, weight)
    told = {**told, "weight_served": float(weight @ served.share), "demand": float(flows.demand.sum())}
    told["percent_weight_served"] = 100.0 * told["weight_served"] / total if total else 0.0
    told["demand_served"] = float(flows.demand @ served.share)
    told["capacity_open"] = float(flows.capacity[served.opened].sum())
    used = flows.capacity > 0
    told["fullest_site_percent"] = float((100.0 * served.load[used] / flows.capacity[used]).max(initial=0.0))
    if flows.sense == "min":
        told["mean_distance"] = served.value / total if total else 0.0
    return told
