"""The question, as arrays: who reaches what, what may open, what is weighed.

I cells, J sites, T types, S services, P reachable pairs of cell and site, C classes after reduction, B pairs of space
and type that may open, N options: such a pair in one period, paid from one source.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from siteopt.units import Bools, Floats, Ints, within
from siteopt.world import OutletTypes, World

TravelMode = Literal["streets", "straight_line", "table"]


@dataclass(frozen=True, eq=False)
class TravelTimes:
    """Walking minutes of every pair within the cutoff, as CSR by cell.

    Not a scipy matrix: a stored 0.0 is a cell standing on the site, an absent pair is beyond reach.

    Attributes
    ----------
    indptr : (I+1,) int
    site : (P,) int, ascending within a cell, each at most once
    minutes : (P,) float >= 0
    cutoff_min : float, pairs beyond it were not looked for
    mode : "streets", "straight_line" or "table"; every output says which
    speed_kmh, detour : how minutes were made (detour only for straight lines)
    sloped : minutes on streets count going up and down
    """

    indptr: Ints
    site: Ints
    minutes: Floats
    cutoff_min: float
    mode: TravelMode
    speed_kmh: float
    detour: float = 1.0
    sloped: bool = False

    @property
    def n_cells(self) -> int:
        """I."""
        return len(self.indptr) - 1

    @property
    def cell(self) -> Ints:
        """(P,) the cell of each pair."""
        return np.repeat(np.arange(self.n_cells, dtype=np.int64), np.diff(self.indptr))


@dataclass(frozen=True, eq=False)
class Coverage:
    """For one outlet type: the sites within the type's limit of each cell, as CSR by cell."""

    indptr: Ints
    site: Ints


@dataclass(frozen=True)
class Service:
    """What people want within reach: an outlet of any of some types, each within its own limit.

    Attributes
    ----------
    types : indices into OutletTypes, ascending
    limit_min : minutes for each of them, inclusive
    """

    types: tuple[int, ...]
    limit_min: tuple[float, ...]


def own_services(types: OutletTypes) -> tuple[Service, ...]:
    """(T,) each type by itself, within its own limit: the first services of every problem."""
    return tuple(Service((t,), (float(limit),)) for t, limit in enumerate(types.limit_min))


@dataclass(frozen=True, eq=False)
class Reduction:
    """Cells that no plan can tell apart, merged; cells that no plan can change, dropped. Exact.

    A class is a set of cells that the same non-empty set of pairs (space, type) serves, for one service.

    Attributes
    ----------
    service_of : (C,) service of each class; below T it is the outlet type of the same index
    indptr, pair : CSR, the pairs that serve each class, ascending. Of a type with a capacity, the outlets that stand
        today are among them, as pairs from B on (``Problem.supply_site``): they too can be full
    people : (C,) persons (first group)
    segment : (C,) what else the cells of a class share (e.g. their community), -1 nothing
    class_of_cell : (I, S) class of each cell, or ALREADY / NEVER
    """

    service_of: Ints
    indptr: Ints
    pair: Ints
    people: Floats
    segment: Ints
    class_of_cell: Ints

    def summed(self, values: Floats) -> Floats:
        """(C,) what the cells of each class are worth together, of values (I, S), or (I, T) for the first T."""
        cells, services = np.nonzero(self.class_of_cell[:, : values.shape[1]] >= 0)
        label = self.class_of_cell[cells, services]
        return np.bincount(label, weights=values[cells, services], minlength=len(self.service_of)).astype(np.float64)

    def today(self, values: Floats) -> float:
        """What the cells are worth that standing outlets serve whatever is done, of values as in :meth:`summed`."""
        return float(values[self.class_of_cell[:, : values.shape[1]] == ALREADY].sum())


ALREADY = -1
"""In ``Reduction.class_of_cell``: an outlet that stands today covers the cell."""
NEVER = -2
"""In ``Reduction.class_of_cell``: no option reaches the cell."""


@dataclass(frozen=True, eq=False)
class Problem:
    """The question that the model room turns into an integer program.

    Attributes
    ----------
    world : World
    travel : TravelTimes
    coverage : (T,) Coverage over all sites, standing ones included
    services : (S,) what is to be within reach; the first T are the types by themselves
    pair_site, pair_type : (B,) the (site, type) pairs that may open, ordered by site_id then type_id, so
        that the order of rows in a file changes nothing
    option_pair, option_period, option_source : (N,) the pair, the period (0-based) and the source of money of each
        option, ordered by pair, period, source; with one period and one source, options are pairs
    supply_site, supply_type : (M,) standing outlets of types with a capacity, counted as pairs B .. B+M-1
    reduction : Reduction
    """

    world: World
    travel: TravelTimes
    coverage: tuple[Coverage, ...]
    services: tuple[Service, ...]
    pair_site: Ints
    pair_type: Ints
    option_pair: Ints
    option_period: Ints
    option_source: Ints
    supply_site: Ints
    supply_type: Ints
    reduction: Reduction

    @cached_property
    def option_site(self) -> Ints:
        """(N,) site of each option."""
        return self.pair_site[self.option_pair]

    @cached_property
    def option_type(self) -> Ints:
        """(N,) type of each option."""
        return self.pair_type[self.option_pair]

    @property
    def n_periods(self) -> int:
        """P."""
        return len(self.world.periods)

    @property
    def single(self) -> bool:
        """One option per pair: one period and one source of money."""
        return len(self.option_pair) == len(self.pair_site)

    @property
    def option_cost(self) -> Floats:
        """(N,) money to open each option."""
        return self.world.sites.cost[self.option_site, self.option_type]

    @property
    def option_area_m2(self) -> Floats:
        """(N,) m2 of floor area of each option (the least, where areas are chosen)."""
        return self.world.types.area_m2[self.option_type]

    def options_of_pairs(self, pair: Ints, *, until: int | None = None) -> tuple[Ints, Ints]:
        """The options of given pairs.

        Parameters
        ----------
        pair : (Q,) pairs
        until : only options that open by this period (0-based); all when None

        Returns
        -------
        count : (Q,) options of each given pair
        option : (sum of count,) ascending within a pair
        """
        known = self._options_until[self.n_periods - 1 if until is None else until]
        start, stop = known[0][pair], known[0][pair + 1]
        count = stop - start
        skip = np.repeat(np.cumsum(count) - count, count)
        return count, known[1][np.arange(int(count.sum())) - skip + np.repeat(start, count)]

    @cached_property
    def _options_until(self) -> tuple[tuple[Ints, Ints], ...]:
        """(P,) options by pair, as CSR, that open by the end of each period."""
        out = []
        for period in range(self.n_periods):
            option = np.flatnonzero(self.option_period <= period)
            size = np.bincount(self.option_pair[option], minlength=len(self.pair_site))
            out.append((np.concatenate([[0], np.cumsum(size)]).astype(np.int64), option))
        return tuple(out)


def capacitated(types: OutletTypes) -> Bools:
    """(T,) types whose outlets serve only so many people."""
    return np.isfinite(types.capacity)


def room_of(world: World, area_m2: Floats | None = None) -> Floats:
    """(J, T) people that an outlet of each type serves in each site; inf where it serves all who reach it.

    Parameters
    ----------
    world : World
    area_m2 : (J, T) of new outlets whose areas are chosen, 0 elsewhere; None = each type's own. An outlet that stands
        has the area that is said of it, or its type's own.
    """
    types, own = world.types, world.sites.capacity
    size = standing_area(world)
    size = size if area_m2 is None else np.maximum(size, area_m2)
    more = np.where(size > 0, size - types.area_m2, 0.0) * types.capacity_per_m2
    room = np.where(np.isnan(own), types.capacity + more, own)
    return np.where(capacitated(types)[None, :], room, np.inf)


def standing_area(world: World) -> Floats:
    """(J, T) m2 of each outlet that stands, 0 where nobody says.

    What is said of a place where several stand is shared out in proportion to their types' own areas.
    """
    sites, own = world.sites, np.where(world.sites.standing, world.types.area_m2, 0.0)
    total = own.sum(axis=1, keepdims=True)
    even = sites.standing / np.maximum(sites.standing.sum(axis=1, keepdims=True), 1)
    part = np.divide(own, total, out=even.astype(np.float64), where=total > 0)
    return np.asarray(sites.standing_area_m2[:, None] * part, dtype=np.float64)


def coverage_of(travel: TravelTimes, limit_min: float) -> Coverage:
    """The pairs of a travel table that are within one limit (the limit itself is within).

    Parameters
    ----------
    travel : TravelTimes
    limit_min : float, at most ``travel.cutoff_min``

    Returns
    -------
    Coverage
    """
    keep = within(travel.minutes, limit_min)
    running = np.concatenate([[0], np.cumsum(keep)])
    return Coverage(indptr=running[travel.indptr], site=travel.site[keep])
