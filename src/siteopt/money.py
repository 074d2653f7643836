"""Who pays what: the money that each fund bears of each outlet."""

from __future__ import annotations

import numpy as np

from siteopt.plan import Plan, costs
from siteopt.units import Floats, Ints
from siteopt.world import World


def borne(world: World, site: Ints, kind: Ints, source: Ints) -> Floats:
    """(N, F) money that each fund bears of each outlet at its least area, its aid to other sources' outlets included.

    What a larger area costs more is borne by the source that opens the outlet.

    Parameters
    ----------
    world : World
    site, kind, source : (N,) indices of spaces, types and the sources that open them

    Returns
    -------
    (N, F) float64
        Rows add up to the cost of the outlet.
    """
    funds, cost = world.funds, world.sites.cost[site, kind]
    aid = np.where(
        funds.aided_by[source] >= 0, np.minimum(funds.aid_share[source] * cost, funds.aid_ceiling[source]), 0
    )
    aid = np.floor(aid * 100 + 1e-6) / 100  # aid is paid in whole cents, the rest by the source itself
    out = np.zeros((len(site), len(funds)))
    every = np.arange(len(site))
    out[every, source] = cost - aid
    aided = aid > 0
    out[every[aided], funds.aided_by[source[aided]]] += aid[aided]
    return out


def spent(world: World, plan: Plan) -> Floats:
    """(P, F) money that each fund bears in each period of a plan."""
    site, kind = np.nonzero(plan.opened)
    source = plan.source[site, kind]
    out = np.zeros((len(plan.periods), len(world.funds)))
    np.add.at(out, plan.period[site, kind] - 1, borne(world, site, kind, source))
    if plan.area_m2 is not None:
        more = costs(world, plan)[site, kind] - world.sites.cost[site, kind]
        np.add.at(out, (plan.period[site, kind] - 1, source), more)
    return out


def yearly(world: World, plan: Plan) -> Floats:
    """(T,) money a year that a plan's new outlets cost the public purse to run; negative: they yield."""
    return np.asarray(plan.opened.sum(axis=0) * world.types.yearly_cost, dtype=np.float64)
