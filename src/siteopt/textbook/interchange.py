"""A first plan for distances to the nearest site: greedily, then one site for another while that pays."""

from __future__ import annotations

import numpy as np

from siteopt.textbook.nearest import Nearest
from siteopt.textbook.search import Search
from siteopt.units import Bools, Floats, Ints


def first_plan(of: Nearest, p: int, search: Search) -> Bools:
    """(N,) p sites that no exchange of one for another makes better; fewer where time ends or there are no more.

    Each look at an exchange of one site for any other costs one pass over the pairs.
    """
    far = 2.0 * float(np.abs(of.distance).max(initial=0.0)) + 1.0
    stands = np.where(np.isfinite(of.stands), of.stands, far)  # to be unserved is worse than any way
    opened = np.zeros(len(of.site), dtype=np.bool_)
    paid = stands.copy()
    for _ in range(min(p, len(opened))):
        if search.left_s <= 0:
            return opened
        opened[_best(of, paid, opened)[0]] = True
        paid, _, _ = _served(of, stands, opened)
    while search.left_s > 0 and _exchanged(of, stands, opened):
        pass
    return opened


def _best(of: Nearest, paid: Floats, opened: Bools) -> tuple[int, float]:
    """The closed site that saves most, and what it saves."""
    saves = of.weight[of.row] * np.maximum(paid[of.row] - of.distance, 0.0)
    gain = np.where(opened, -1.0, np.bincount(of.column, weights=saves, minlength=len(opened)))
    return int(gain.argmax()), float(gain.max())


def _served(of: Nearest, stands: Floats, opened: Bools) -> tuple[Floats, Floats, Ints]:
    """(I,) what each point pays, what it pays without its nearest chosen site, and that site, -1 none."""
    at = np.flatnonzero(opened[of.column])  # by row, nearest first
    rows, first = np.unique(of.row[at], return_index=True)
    paid, next_best, site = stands.copy(), stands.copy(), np.full(len(stands), -1, dtype=np.int64)
    nearer = of.distance[at[first]] < stands[rows]
    rows, first = rows[nearer], first[nearer]
    paid[rows], site[rows] = of.distance[at[first]], of.column[at[first]]
    another = first + 1 < len(at)
    another[another] = of.row[at[first[another] + 1]] == rows[another]
    next_best[rows[another]] = np.minimum(stands[rows[another]], of.distance[at[first[another] + 1]])
    return paid, next_best, site


def _exchanged(of: Nearest, stands: Floats, opened: Bools) -> bool:
    """Make the first exchange that pays, those sites first that are missed least; False when none does."""
    paid, next_best, site = _served(of, stands, opened)
    there = site >= 0
    missed = of.weight[there] * (next_best - paid)[there]
    loss = np.bincount(site[there], weights=missed, minlength=len(opened))
    chosen = np.flatnonzero(opened)
    for out in chosen[np.argsort(loss[chosen], kind="stable")].tolist():
        without = np.where(site == out, next_best, paid)
        into, gain = _best(of, without, opened)
        if gain > loss[out] + 1e-9 * float(of.weight @ np.abs(without)):
            opened[out], opened[into] = False, True
            return True
    return False
