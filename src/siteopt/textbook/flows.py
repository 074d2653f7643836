"""Programs with an assignment: a column for each pair within reach, a capacity for each site."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import scipy.optimize as so
import scipy.sparse as sp

from siteopt.program import Answer, Columns, Goal, Program
from siteopt.program import Rows as ProgramRows
from siteopt.textbook.arrays import loosened
from siteopt.textbook.covering import cheapest, limits, opened_by
from siteopt.textbook.matrix import Pairs
from siteopt.textbook.result import AuditFailed
from siteopt.textbook.search import Search, in_steps
from siteopt.textbook.sites import Sites
from siteopt.units import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Flows:
    """Who may go where, what that takes and is worth.

    Attributes
    ----------
    demand, capacity : (I,), (J,)
    worth : (P,) of serving the whole of a point at a site: distance to be kept low ("min"), weight ("max")
    split : shares are allowed
    sense : "min" or "max" of worth, or "cost" of sites
    everybody : all points must be served in full
    """

    pairs: Pairs
    demand: Floats
    capacity: Floats
    worth: Floats
    sites: Sites
    split: bool
    sense: Literal["min", "max", "cost"]
    everybody: bool


@dataclass(frozen=True, eq=False)
class Served:
    """An assignment, checked against the arrays: open sites, (I,) share served, (J,) load, what it is worth."""

    opened: Bools
    assignment: Any
    share: Floats
    load: Floats
    value: float


def usable(flows: Flows) -> Bools:
    """(P,) pairs that a plan can use: not to a forbidden site, and where demand is whole, not beyond the capacity."""
    pairs, need = flows.pairs, flows.demand[flows.pairs.row]
    room = flows.capacity[pairs.site]
    fits = (need == 0) | (room > 0) if flows.split else need <= room * (1 + 1e-9)
    return np.asarray(~flows.sites.forbidden[pairs.site] & fits)


def ask(flows: Flows, search: Search) -> tuple[Answer, Bools | None]:
    """The engine's answer, figures in the caller's units, and the open sites of its plan."""
    program, site, factor = _program(flows)
    quiet_limits = replace(search.limits, time_limit_s=max(search.left_s, 0.05))
    answer = search.once(program, quiet_limits)
    if answer.status == "infeasible":
        answer = search.once(program, quiet_limits, careful=True)  # engines have called feasible models infeasible
    paid = float(flows.sites.cost[flows.sites.required].sum()) if flows.sense == "cost" else 0.0
    answer = replace(answer, objective=answer.objective / factor + paid, bound=answer.bound / factor + paid)
    return answer, None if answer.x is None else opened_by(answer, site, flows.sites)


def _program(flows: Flows) -> tuple[Program, Ints, float]:
    """Open x of the sites to be decided, then a share for each usable pair."""
    sites, pairs = flows.sites, flows.pairs
    site = np.flatnonzero(sites.free)
    n = len(site)
    column = np.full(len(sites), -1, dtype=np.int64)
    column[site] = np.arange(n)
    at = np.flatnonzero(usable(flows))
    row, to = pairs.row[at], pairs.site[at].astype(np.int64)
    width, share = n + len(at), n + np.arange(len(at))
    need, room = flows.demand[row], flows.capacity[to]
    most = (
        np.ones(len(at)) if not flows.split else np.minimum(1.0, room / np.where(need > 0, need, 1.0) + (need == 0))
    )
    columns = Columns(
        start={"open": 0, "share": n},
        lower=np.zeros(width),
        upper=np.concatenate([np.ones(n), most]),
        integer=np.concatenate([np.ones(n, dtype=np.bool_), np.full(len(at), not flows.split)]),
    )
    free = column[to] >= 0
    serve = _block("serve", row, share, np.ones(len(at)), len(pairs))
    serve = replace(serve, lower=np.full(len(pairs), 1.0 if flows.everybody else -np.inf), upper=np.ones(len(pairs)))
    blocks = [serve, _capacity(flows, row, to, share, column)]
    # share <= open: follows from the capacities for whole plans, not for broken ones
    k = int(free.sum())
    pairwise = _block(
        "open",
        np.tile(np.arange(k), 2),
        np.concatenate([share[free], column[to[free]]]),
        np.repeat([1.0, -1.0], k),
        k,
    )
    blocks += [pairwise, *limits(site, sites, width), *_enough(flows, site)]
    if flows.sense == "cost":
        goal, factor = cheapest(site, sites, len(at)), in_steps(sites.cost[site])[0]
    else:
        factor, grain = in_steps(flows.worth[at])
        grain = 0.0 if flows.split else grain
        goal = Goal("worth", flows.sense, np.concatenate([np.zeros(n), flows.worth[at] * factor]), 0.0, grain)
    return Program(columns, tuple(b for b in blocks if len(b)), (goal,)), site, factor


def _block(owner: str, row: Ints, column: Ints, value: Floats, n_rows: int) -> ProgramRows:
    """Rows from triples, ceilings of 0."""
    order = np.lexsort((column, row))
    return ProgramRows(
        owner=owner,
        indptr=np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n_rows))]).astype(np.int64),
        column=column[order].astype(np.int64),
        value=value[order].astype(np.float64),
        lower=np.full(n_rows, -np.inf),
        upper=np.zeros(n_rows),
        elastic=False,
    )


def _capacity(flows: Flows, row: Ints, to: Ints, share: Ints, column: Ints) -> ProgramRows:
    """Demand served at a site <= its capacity, if it is open; whole numbers stay whole, others are scaled to 1024."""
    sites = flows.sites
    whole = (
        not (flows.demand % 1.0).any() and not (flows.capacity % 1.0).any() and flows.capacity.max(initial=0.0) < 1e9
    )
    scale = 1.0 if whole else 1024.0 / max(float(flows.capacity.max(initial=0.0)), 1e-300)
    there = flows.demand[row] > 0
    free = np.flatnonzero(sites.free)
    block = _block(
        "capacity",
        np.concatenate([to[there], free]),
        np.concatenate([share[there], column[free]]),
        np.concatenate([flows.demand[row[there]], -flows.capacity[free]]) * scale,
        len(sites),
    )
    return replace(block, upper=np.where(sites.fixed, flows.capacity * scale, 0.0))


def _enough(flows: Flows, site: Ints) -> list[ProgramRows]:
    """Open capacity is enough for all demand: follows from the rest, and makes bounds better."""
    short = float(flows.demand.sum() - flows.capacity[flows.sites.fixed].sum())
    room = flows.capacity[site]
    if not flows.everybody or short <= 0 or not room.any():
        return []
    scale = 1.0 / short
    at = np.flatnonzero(room)
    block = _block("enough", np.zeros(len(at), dtype=np.int64), at, room[at] * scale, 1)
    return [replace(block, lower=np.array([1.0 - 1e-7]), upper=np.array([np.inf]))]


def assigned(flows: Flows, answer: Answer, opened: Bools) -> Served:
    """The assignment of the open sites: the engine's where demand is whole, solved anew where it is split.

    Raises
    ------
    AuditFailed
        When it leaves a capacity, or somebody unserved who must be served.
    """
    pairs = flows.pairs
    at = np.flatnonzero(usable(flows))
    if flows.split:
        at = at[opened[pairs.site[at]]]
        share = _shares(flows, at)
    else:
        assert answer.x is not None
        share = np.rint(answer.x[len(answer.x) - len(at) :])
        at, share = at[share > 0.5], share[share > 0.5]
        at, share = at[opened[pairs.site[at]]], share[opened[pairs.site[at]]]
    row, to = pairs.row[at], pairs.site[at]
    load = np.bincount(to, weights=flows.demand[row] * share, minlength=len(opened)).astype(np.float64)
    served = np.bincount(row, weights=share, minlength=len(pairs)).astype(np.float64)
    slack = 1e-6 if flows.split else 1e-8
    over = load > flows.capacity * (1 + slack) + slack * float(flows.demand.max(initial=0.0)) * flows.split
    if over.any() or (served > 1 + 1e-6).any() or (flows.everybody and (served < 1 - 1e-6).any()):
        raise AuditFailed("the assignment leaves a capacity, or a point unserved")
    table = sp.csr_matrix((share, (row, to)), shape=(len(pairs), pairs.n_sites))
    if flows.split:
        assignment: Any = table
    else:
        assignment = np.full(len(pairs), -1, dtype=np.int64)
        assignment[row] = to
    busy = np.bincount(to, weights=share, minlength=len(opened)) > 0
    value = float(flows.worth[at] @ share)
    return Served((opened & busy) | flows.sites.fixed, assignment, np.minimum(served, 1.0), load, value)


def _shares(flows: Flows, at: Ints) -> Floats:
    """The best shares over some pairs, capacities given: a transport problem."""
    pairs = flows.pairs
    if not len(at):
        return np.empty(0)
    row, to = pairs.row[at], pairs.site[at]
    room = np.array([loosened(float(c)) for c in flows.capacity])
    scale = 1.0 / np.maximum(room, 1e-300)
    load = sp.csr_matrix((flows.demand[row] * scale[to], (to, np.arange(len(at)))), shape=(pairs.n_sites, len(at)))
    serve = sp.csr_matrix((np.ones(len(at)), (row, np.arange(len(at)))), shape=(len(pairs), len(at)))
    used = np.diff(load.indptr) > 0
    load, ceiling = load[used], (room * scale)[used]
    size = max(float(flows.worth[at].max()), 1e-300)
    cost = flows.worth[at] / size * (-1.0 if flows.sense == "max" else 1.0)
    if flows.everybody:
        done = so.linprog(
            cost, A_ub=load, b_ub=ceiling, A_eq=serve, b_eq=np.ones(len(pairs)), bounds=(0, 1), method="highs"
        )
    else:
        both = sp.vstack([load, serve]).tocsr()
        done = so.linprog(
            cost, A_ub=both, b_ub=np.concatenate([ceiling, np.ones(len(pairs))]), bounds=(0, 1), method="highs"
        )
    if done.x is None:
        raise AuditFailed(f"the open sites do not serve everybody: {done.message}")
    share = np.clip(done.x, 0.0, 1.0)
    return np.where(share < 1e-9, 0.0, share)
