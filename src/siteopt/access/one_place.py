"""A cell and a site at one place are 0 minutes apart: nobody walks to the street and back."""

from __future__ import annotations

import numpy as np

from siteopt.access.combine import Pairs
from siteopt.units import Bools, Floats, Ints

SAME_PLACE_M = 1e-3


class Doorsteps:
    """Sites by their x, to find the cells that lie where one of them does.

    Parameters
    ----------
    sites_xy : (J, 2) metres
    connected : (J,) bool; only connected sites count
    """

    def __init__(self, sites_xy: Floats, connected: Bools) -> None:
        which = np.flatnonzero(connected)
        self._n_sites = np.int64(max(len(sites_xy), 1))
        self._order = which[np.argsort(sites_xy[which, 0], kind="stable")]
        self._xy = sites_xy[self._order]

    def into(self, pairs: Pairs, cells_xy: Floats, connected: Bools) -> Pairs:
        """Pairs with those at one place set to 0 minutes, even where the walk to the street was beyond the cutoff.

        Parameters
        ----------
        pairs : of the cells
        cells_xy : (N, 2); connected : (N,) bool
        """
        here, there = self._at_one_place(cells_xy, connected)
        if not len(here):
            return pairs
        count, site, minutes = pairs
        # Only the rows of these cells are rewritten.
        rows = np.zeros(len(count), dtype=np.bool_)
        rows[here] = True
        old = np.flatnonzero(np.repeat(rows, count))
        owner = np.repeat(np.arange(len(count)), count * rows)
        key, zero = owner * self._n_sites + site[old], here * self._n_sites + there
        known = np.isin(key, zero)
        minutes = minutes.copy()
        minutes[old[known]] = 0.0
        missing = np.sort(zero[~np.isin(zero, key)])
        if len(missing):
            cell = missing // self._n_sites
            start = np.cumsum(count) - count
            # Before the first pair of the row with a larger site; ``key`` and ``old`` stand in one order.
            rank = np.searchsorted(key, missing)
            before = np.cumsum(count * rows) - count * rows
            at = start[cell] + (rank - before[cell])
            site = np.insert(site, at, missing % self._n_sites)
            minutes = np.insert(minutes, at, 0.0)
            count = count + np.bincount(cell, minlength=len(count))
        return count, site, minutes

    def _at_one_place(self, cells_xy: Floats, connected: Bools) -> tuple[Ints, Ints]:
        cell = np.flatnonzero(connected)
        x = cells_xy[cell, 0]
        low = np.searchsorted(self._xy[:, 0], x - SAME_PLACE_M, "left")
        count = np.searchsorted(self._xy[:, 0], x + SAME_PLACE_M, "right") - low
        owner = np.repeat(np.arange(len(cell)), count)
        at = np.repeat(low - (np.cumsum(count) - count), count) + np.arange(len(owner))
        near = np.hypot(*(cells_xy[cell[owner]] - self._xy[at]).T) <= SAME_PLACE_M
        return cell[owner[near]], self._order[at[near]]
