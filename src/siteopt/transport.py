"""Who goes where when an outlet serves only so many: the most people first, then the shortest ways.

A transport problem over given outlets, solved by itself: it sees no program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siteopt.plan import Assigned
from siteopt.problem import TravelTimes, capacitated, room_of
from siteopt.units import Bools, Floats, Ints, within
from siteopt.world import World

LEAST_SHARE = 1e-9
"""A smaller share of a cell is float noise, not people."""
MOST_PAIRS = 200_000
"""Of cell and outlet; where there are more, cells with the same outlets within reach go together. How many are served
stays exact; of the ways, only their mean is then kept short."""


@dataclass(frozen=True, eq=False)
class Ways:
    """Pairs of a cell and an open outlet of one type within its limit.

    Attributes
    ----------
    cell, outlet : (P,) indices, ordered by cell, each pair once
    minutes : (P,)
    """

    cell: Ints
    outlet: Ints
    minutes: Floats


def given_to(
    world: World,
    travel: TravelTimes,
    open_here: Bools,
    wanted: Floats,
    *,
    room: Floats,
    period: int,
    alike: Ints | None = None,
) -> Assigned:
    """The most people of those who want to be served, given to open outlets of types with a capacity.

    Parameters
    ----------
    world, travel : what is there
    open_here : (J, T) bool, outlets that serve
    wanted : (I, T) share of each cell's people who want to be served
    room : (J, T) people that each of them serves
    period : 0-based, told in the result
    alike : (I, T) cells with the same label are alike: only how many of them all are served is wanted, and those near
        an outlet come first; None = each cell for itself

    Returns
    -------
    Assigned
    """
    people, pair_cell = world.cells.residents, travel.cell
    parts: list[tuple[Ints, Ints, Ints, Floats]] = []
    for t in np.flatnonzero(capacitated(world.types)).tolist():
        near = within(travel.minutes, float(world.types.limit_min[t])) & open_here[travel.site, t]
        at = np.flatnonzero(near & (wanted[pair_cell, t] > 0))
        cell, site = pair_cell[at], travel.site[at]
        here = wanted[:, t]
        ways = Ways(cell, site, travel.minutes[at])
        if alike is None or len(at) > MOST_PAIRS:
            share = most_served(ways, people * here, room[:, t]) * here[cell]
        else:
            some = np.flatnonzero(here > 0)
            label = np.full(len(here), -1, dtype=np.int64)
            label[some] = np.unique(alike[some, t], return_inverse=True)[1].reshape(-1)
            quota = np.bincount(label[some], weights=(people * here)[some]).astype(np.float64)
            share = most_served(ways, people, room[:, t], Alike(label, quota))
            share = np.where(people[cell] > 0, share, share * here[cell])
        some = np.flatnonzero(share > LEAST_SHARE)
        parts.append((cell[some], site[some], np.full(len(some), t, dtype=np.int64), share[some]))
    none = np.empty(0, dtype=np.int64)
    cell, site, kind = (np.concatenate([none, *(p[k] for p in parts)]) for k in range(3))
    share = np.concatenate([np.empty(0), *(p[3] for p in parts)])
    return Assigned(cell, site, kind, np.full(len(cell), period, dtype=np.int64), share)


def given_today(world: World, travel: TravelTimes) -> Assigned:
    """The most people that the outlets of today serve within their capacity, the same in every period."""
    everybody = np.ones((len(world.cells), len(world.types)))
    periods, room = range(len(world.periods)), room_of(world)
    return joined([given_to(world, travel, world.sites.standing, everybody, room=room, period=p) for p in periods])


def joined(parts: Sequence[Assigned]) -> Assigned:
    """Who is given to whom in several periods, as one table."""
    cell, site, kind, period = (
        np.concatenate([getattr(p, name) for p in parts]) for name in ("cell", "site", "type", "period")
    )
    return Assigned(cell, site, kind, period, np.concatenate([p.share for p in parts]))


@dataclass(frozen=True, eq=False)
class Alike:
    """Cells of which it is all the same who is served: (I,) group of each, -1 none; (G,) people served of each."""

    group: Ints
    quota: Floats


def most_served(ways: Ways, people: Floats, room: Floats, alike: Alike | None = None) -> Floats:
    """Shares of cells given to outlets: the most people in all, and of such ways the fewest minutes.

    Whole people and whole rooms give whole people.

    Parameters
    ----------
    ways : Ways
    people : (I,) who want to be served, >= 0
    room : (M,) whom each outlet can serve, > 0; inf = all
    alike : how many of groups of cells are served at most; None = no such limit

    Returns
    -------
    (P,) share of the cell's people, 0 to 1. Of a cell with nobody in it everybody is served by the nearest outlet: it
    takes no room.
    """
    share = np.zeros(len(ways.cell))
    if not len(share):
        return share
    empty = people[ways.cell] <= 0
    order = np.lexsort((ways.outlet, ways.minutes, ways.cell))
    first = order[np.diff(ways.cell[order], prepend=-1) != 0]
    share[first[empty[first]]] = 1.0
    real = np.flatnonzero(~empty)
    if not len(real):
        return share
    mine = Ways(ways.cell[real], ways.outlet[real], ways.minutes[real])
    if len(real) > MOST_PAIRS and alike is None:
        share[real] = _together(mine, people, room)
    else:
        share[real] = _flow(mine, people, room, alike) / people[mine.cell]
    return np.clip(share, 0.0, 1.0)


def _flow(ways: Ways, people: Floats, room: Floats, alike: Alike | None = None) -> Floats:
    """(P,) people on each way."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, vstack

    n = len(ways.cell)
    cells, row = np.unique(ways.cell, return_inverse=True)
    outlets, column = np.unique(ways.outlet, return_inverse=True)
    limits = [
        (row.reshape(-1), people[cells]),
        (column.reshape(-1), np.minimum(room[outlets], people[cells].sum())),
    ]
    if alike is not None:
        limits.append((alike.group[ways.cell], alike.quota))
    # To serve one more, people may have to change places one after the other, in each outlet and group once at most:
    # one more person is worth more than all of their ways, so that the most are served before ways are looked at.
    longest = max(float(ways.minutes.max()), 1.0)
    cost = ways.minutes / longest - (1.0 + sum(len(most) for _, most in limits[1:]))
    one, every = np.ones(n), np.arange(n)
    table = vstack([csr_matrix((one, (at, every)), shape=(len(most), n)) for at, most in limits])
    most = np.concatenate([most for _, most in limits])
    found = linprog(cost, A_ub=table, b_ub=most, bounds=(0, None), method="highs-ds")
    if found.x is None:  # nobody served is always allowed
        raise RuntimeError(f"transport: {found.message}")
    return np.asarray(found.x, dtype=np.float64)


def _together(ways: Ways, people: Floats, room: Floats) -> Floats:
    """(P,) shares, the same for all cells that have the same outlets within reach."""
    start = np.flatnonzero(np.diff(ways.cell, prepend=-1))
    size = np.diff(np.append(start, len(ways.cell)))
    label, n = np.empty(len(start), dtype=np.int64), 0
    for length in np.unique(size):
        at = np.flatnonzero(size == length)
        table = np.sort(ways.outlet[start[at][:, None] + np.arange(length)], axis=1)
        rows, inverse = np.unique(table, axis=0, return_inverse=True)
        label[at] = n + inverse.reshape(-1)
        n += len(rows)
    of_way = np.repeat(label, size)
    here = people[ways.cell]
    key = of_way * (int(ways.outlet.max()) + 1) + ways.outlet
    pairs, back = np.unique(key, return_inverse=True)
    back = back.reshape(-1)
    together = np.bincount(back, weights=here)
    mean = np.bincount(back, weights=here * ways.minutes) / together
    group, outlet = np.divmod(pairs, int(ways.outlet.max()) + 1)
    of_group = np.bincount(label, weights=people[ways.cell[start]], minlength=n).astype(np.float64)
    flow = _flow(Ways(group, outlet, mean), of_group, room)
    return np.asarray((flow / of_group[group])[back], dtype=np.float64)
