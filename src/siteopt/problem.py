"""The question, as arrays: who reaches what, what may open, what is weighed.

I cells, J sites, T types, P reachable pairs, C classes of cells after reduction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from siteopt.units import Floats, Ints, within
from siteopt.world import World

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


@dataclass(frozen=True, eq=False)
class Reduction:
    """Cells that no plan can tell apart, merged; cells that no plan can change, dropped. Exact.

    A class is a set of cells that the same non-empty set of options covers, for one type.

    Attributes
    ----------
    type_of : (C,) outlet type of each class
    indptr, option : CSR, the options (columns) that cover each class, ascending
    weight : (C,) weighted people
    people : (C,) persons (first group)
    segment : (C,) what else the cells of a class share (e.g. their community), -1 nothing
    class_of_cell : (I, T) class of each cell, or ALREADY / NEVER
    """

    type_of: Ints
    indptr: Ints
    option: Ints
    weight: Floats
    people: Floats
    segment: Ints
    class_of_cell: Ints


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
    weight : (I, T) weighted people of each cell for each type
    option_site, option_type : (N,) the (site, type) pairs that may open, ordered by site_id then type_id, so
        that the order of rows in a file changes nothing
    reduction : Reduction
    """

    world: World
    travel: TravelTimes
    coverage: tuple[Coverage, ...]
    weight: Floats
    option_site: Ints
    option_type: Ints
    reduction: Reduction

    @property
    def option_cost(self) -> Floats:
        """(N,) money to open each option."""
        return self.world.sites.cost[self.option_site, self.option_type]

    @property
    def option_area_m2(self) -> Floats:
        """(N,) m2 of floor area of each option."""
        return self.world.types.area_m2[self.option_type]


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
