"""Who pays what: the money that each fund bears of each outlet."""

from __future__ import annotations

import numpy as np

from siteopt.plan import Plan, costs
from siteopt.units import Floats, Ints
from siteopt.world import World

CENTS = 100
"""Aid is paid in whole cents, the rest by the source itself."""
CENTS_EPS = 1e-6
"""What float noise may take from a whole number of cents."""


def aid_cents(world: World, source: Ints, cost: Floats) -> Ints:
    """(N,) cents of aid to outlets of given cost (N,) that sources (N,) open: a share of it, up to a ceiling."""
    funds = world.funds
    aid = np.where(
        funds.aided_by[source] >= 0, np.minimum(funds.aid_share[source] * cost, funds.aid_ceiling[source]), 0
    )
    return np.floor(aid * CENTS + CENTS_EPS).astype(np.int64)


def borne(world: World, source: Ints, cost: Floats) -> Floats:
    """(N, F) money that each fund bears of each outlet, its aid to other sources' outlets included.

    Parameters
    ----------
    world : World
    source : (N,) indices of the sources that open them
    cost : (N,) money that each costs, at its area

    Returns
    -------
    (N, F) float64
        Rows add up to the cost of the outlet.
    """
    funds, aid = world.funds, aid_cents(world, source, cost) / CENTS
    out = np.zeros((len(cost), len(funds)))
    every = np.arange(len(cost))
    out[every, source] = cost - aid
    aided = aid > 0
    out[every[aided], funds.aided_by[source[aided]]] += aid[aided]
    return out


def spent(world: World, plan: Plan) -> Floats:
    """(P, F) money that each fund bears in each period of a plan, its outlets at the areas that are chosen."""
    site, kind = np.nonzero(plan.opened)
    out = np.zeros((len(plan.periods), len(world.funds)))
    each = borne(world, plan.source[site, kind], costs(world, plan)[site, kind])
    np.add.at(out, plan.period[site, kind] - 1, each)
    return out


def yearly(world: World, plan: Plan) -> Floats:
    """(T,) money a year that a plan's new outlets cost the public purse to run; negative: they yield."""
    return np.asarray(plan.opened.sum(axis=0) * world.types.yearly_cost, dtype=np.float64)
