"""Sites prepared once, cells asked in batches: the walking minutes of any number of cells in bounded memory.

Minutes on streets are (way to the street + way along the streets + way from the street) at one speed; with slopes,
metres count as the metres on the flat that take as long. Never a full matrix, and never all cells at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np

from siteopt import compiled as loops
from siteopt.access.blocks import BLOCK_M
from siteopt.access.combine import Combiner, Measure, Pairs
from siteopt.access.costs import Costs
from siteopt.access.one_place import Doorsteps
from siteopt.access.reached import Reached, Search
from siteopt.access.snap import Snap, Snapper
from siteopt.problem import TravelTimes
from siteopt.units import Floats, Ints, Shorts, read_only
from siteopt.world import Streets

SCIPY_S_PER_POINT, SCIPY_S_PER_SITE = 2e-5, 4e-4
"""About what snapping a point and searching from a site take without compiled loops."""
COMPILED_FROM_S = 5.0
"""Compiled loops take a second to load and, once per installation, some more to be compiled."""
MOST_REACHED = 16_000_000
"""Results of the search that are kept, 12 bytes each; sites beyond it are searched anew for every batch."""
BATCH = 131_072
"""Cells taken at once where the caller does not say."""


class Walker:
    """Walking minutes to a fixed set of sites.

    ``times`` of a batch gives to the bit the rows that :func:`siteopt.access.travel.walk_times` gives for all cells.

    Parameters
    ----------
    streets : Streets
    sites_xy : (J, 2) metres in the CRS of the streets, finite
    cutoff_min : float
        Minutes, inclusive (see :func:`siteopt.units.within`).
    speed_kmh : float
        On the flat.
    max_snap_m, min_component_m : float
        See :class:`siteopt.access.snap.Snapper`.
    compiled : bool, optional
        Compiled loops or scipy; without any effect on the minutes. When left out, by ``n_cells`` and by whether
        numba is here.
    n_cells : int, optional
        How many cells will be asked in all; many, when left out.
    threads : int, optional
        Of compiled loops; when left out, two where there are two cores.
    block_m : float
        Side of a block of sites for scipy; changes time and memory only.
    most_reached : int
        See :data:`MOST_REACHED`; changes time and memory only.
    """

    def __init__(
        self,
        streets: Streets,
        sites_xy: Floats,
        *,
        cutoff_min: float,
        speed_kmh: float,
        max_snap_m: float,
        min_component_m: float,
        compiled: bool | None = None,
        n_cells: int | None = None,
        threads: int | None = None,
        block_m: float = BLOCK_M,
        most_reached: int = MOST_REACHED,
    ) -> None:
        sites_xy = np.asarray(sites_xy, dtype=np.float64).reshape(-1, 2)
        if compiled is None:
            compiled = _is_large(len(sites_xy), n_cells) and loops.available()
        threads = min(2, _cores()) if threads is None else threads
        self.streets, self.speed_kmh = streets, speed_kmh
        self._measure = Measure(cutoff_min, speed_kmh * 1000 / 60)
        self.snapper = Snapper(
            streets, max_snap_m=max_snap_m, min_component_m=min_component_m, compiled=compiled, threads=threads
        )
        self.sites: Snap = self.snapper(sites_xy)
        self._costs = Costs(streets)
        self._combiner = Combiner(
            streets, self._costs.of_sites(self.sites), self.sites.connected, self._measure,
            compiled=compiled, threads=threads,
        )  # fmt: skip
        self._search = Search(
            streets, self._costs, self.sites, cutoff_m=self._measure.cutoff_m, compiled=compiled, threads=threads,
            block_m=block_m,
        )  # fmt: skip
        self._most, self._doorsteps = most_reached, Doorsteps(sites_xy, self.sites.connected)

    def times(self, cells_xy: Floats) -> TravelTimes:
        """Minutes of a batch of cells, (N, 2) metres, finite."""
        return self.walk(cells_xy)[0]

    def walk(self, cells_xy: Floats) -> tuple[TravelTimes, Snap]:
        """Minutes of a batch of cells, and where the cells met the streets."""
        cells_xy = np.asarray(cells_xy, dtype=np.float64).reshape(-1, 2)
        cells = self.snapper(cells_xy, places=False)
        count, site, minutes = self.pairs(cells_xy, cells)
        indptr = np.concatenate([[0], np.cumsum(count)])
        return self.noun(indptr, site, minutes), cells

    def noun(self, indptr: Ints, site: Ints | Shorts, minutes: Floats) -> TravelTimes:
        """Minutes as CSR by cell, as the noun that the rest of the house knows."""
        return TravelTimes(
            indptr=read_only(indptr, np.int64),
            site=read_only(site, np.int64),
            minutes=read_only(minutes, np.float64),
            cutoff_min=self._measure.cutoff_min,
            mode="streets",
            speed_kmh=self.speed_kmh,
            sloped=self.streets.slopes is not None,
        )

    def batches(self, batches: Iterable[Floats]) -> Iterator[TravelTimes]:
        """Minutes of batch after batch."""
        for cells_xy in batches:
            yield self.times(cells_xy)

    def pairs(self, cells_xy: Floats, cells: Snap) -> Pairs:
        """Sites per cell, sites (int32: 4 bytes of each pair's 12), minutes."""
        if not len(self.streets.tail):
            return np.zeros(len(cells), dtype=np.int64), np.empty(0, dtype=np.int32), np.empty(0)
        ends = self._costs.of_cells(cells)
        parts = [self._combiner.pairs(reached, ends, cells.connected) for reached in self._reached()]
        found = parts[0] if len(parts) == 1 else _side_by_side(parts, len(cells))
        return self._doorsteps.into(found, cells_xy, cells.connected)

    @cached_property
    def _first(self) -> Reached:
        return self._search.from_sites(0, self._most)

    def _reached(self) -> Iterator[Reached]:
        """What was searched, in groups of sites; only the first group is kept."""
        group = self._first
        yield group
        while group.last < len(self.sites):
            group = self._search.from_sites(group.last, self._most)
            yield group


def _is_large(n_sites: int, n_cells: int | None) -> bool:
    if n_cells is None:
        return True
    return (n_cells + n_sites) * SCIPY_S_PER_POINT + n_sites * SCIPY_S_PER_SITE >= COMPILED_FROM_S


def _side_by_side(parts: list[Pairs], n_cells: int) -> Pairs:
    """Pairs of the same cells with one group of sites after the other, as one row per cell."""
    count = np.sum([part[0] for part in parts], axis=0).astype(np.int64)
    place = np.concatenate([[0], np.cumsum(count)])[:-1].astype(np.int64)
    total = int(count.sum())
    site, minutes = np.empty(total, dtype=np.int32), np.empty(total)
    for n, found, walk in parts:
        to = np.repeat(place - (np.cumsum(n) - n), n) + np.arange(len(found))
        site[to], minutes[to] = found, walk
        place += n
    return count, site, minutes


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
