"""From the nearest open site to sets: a distance is a ladder of levels, and every level is a set that may be covered.

A demand point whose sites lie at distances D1 < D2 < ... is worth ``w * (D2 - D1)`` more when a site within D1 is
open, ``w * (D3 - D2)`` more when one within D2 is open, and so on. So problems of nearest sites are covering
problems, and equal levels of different points become one. Only the levels near a point matter to good plans: a
ladder may end early, which leaves a bound that is still right (the rest of the way is not charged), and a plan that
stays on the ladder is proven by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from siteopt.textbook.classes import Rows
from siteopt.textbook.matrix import Pairs
from siteopt.textbook.sites import Sites
from siteopt.units import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Arcs:
    """The pairs that can matter, nearest first: no forbidden site, nothing farther than the nearest fixed site.

    Attributes
    ----------
    indptr : (I + 1,)
    site : (P,)
    distance : (P,) ascending within a row
    """

    indptr: Ints
    site: Any
    distance: Floats

    @property
    def size(self) -> Ints:
        """(I,) arcs of each row."""
        return np.diff(self.indptr)

    def used(self, opened: Bools) -> Ints:
        """(I,) position in its row of the nearest open site; the size of the row where none is open."""
        row = np.repeat(np.arange(len(self.size)), self.size)
        at = np.flatnonzero(opened[self.site])
        out = self.size.copy()
        rows, first = np.unique(row[at], return_index=True)
        out[rows] = at[first] - self.indptr[rows]
        return out

    def value(self, opened: Bools, worth: Floats, unserved: float = np.inf) -> float:
        """Worth x distance to the nearest open site, in sum."""
        used = self.used(opened)
        served = used < self.size
        distance = np.full(len(self.size), unserved)
        distance[served] = self.distance[self.indptr[:-1][served] + used[served]]
        return float(worth @ distance)

    def to_level_end(self, keep: Ints) -> Ints:
        """(I,) at least so many arcs, up to the end of a level; at most all."""
        out = np.minimum(keep, self.size)
        while True:
            inside = (out > 0) & (out < self.size)
            at = self.indptr[:-1][inside] + out[inside]
            tied = self.distance[at] == self.distance[at - 1]
            if not tied.any():
                return out
            out[np.flatnonzero(inside)[tied]] += 1

    def levels(self, keep: Ints, worth: Floats, unserved: float | None = None) -> tuple[Rows, Floats]:
        """Levels of the first ``keep`` arcs of each row.

        Parameters
        ----------
        keep : (I,) from :meth:`to_level_end`
        worth : (I,) of one unit of distance
        unserved : the distance charged to a row without an open site; None where every row has one

        Returns
        -------
        rows : sets and what covering them is worth
        top : (I,) the distance charged to a row none of whose sets is covered
        """
        offset = np.arange(len(self.site)) - np.repeat(self.indptr[:-1], self.size)
        row = np.repeat(np.arange(len(self.size)), self.size)
        # at the end of the whole ladder there is nothing more to gain, or all that serving is worth
        final = offset + 1 == self.size[row]
        beyond = np.where(final, self.distance if unserved is None else unserved, np.append(self.distance[1:], 0.0))
        step = beyond - self.distance
        end = np.flatnonzero((offset < keep[row]) & (step > 0) & (worth[row] > 0))
        top = np.full(len(self.size), 0.0 if unserved is None else unserved)
        last = self.indptr[:-1] + keep - (unserved is None) * (keep == self.size)
        there = (self.size > 0) & ((unserved is None) | (keep < self.size))
        top[there] = self.distance[last[there]]
        return self._sets(end, offset[end] + 1, worth[row[end]] * step[end]), top

    def whole(self) -> Rows:
        """All sites of each row."""
        ends = self.indptr[1:] - 1
        return self._sets(ends[self.size > 0], self.size[self.size > 0], np.ones(int((self.size > 0).sum())))

    def _sets(self, end: Ints, size: Ints, value: Floats) -> Rows:
        start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
        at = np.arange(int(start[-1])) + np.repeat(end + 1 - size - start[:-1], size)
        site = self.site[at].astype(np.int64)
        set_of = np.repeat(np.arange(len(size)), size)
        width = int(site.max(initial=0)) + 1
        site = np.sort(set_of * width + site) - set_of * width
        return Rows(start, site.astype(np.int32), value)


def nearest_first(pairs: Pairs, distance: Floats, sites: Sites) -> Arcs:
    """The arcs of a matrix, by distance (given apart: it may have been bent by a decay)."""
    row = pairs.row
    kept = ~sites.forbidden[pairs.site]
    row, site, length = row[kept], pairs.site[kept], distance[kept]
    order = np.lexsort((site, length, row))
    row, site, length = row[order], site[order], length[order]
    # what is as near as the nearest fixed site, or farther, is never needed
    nearest_fixed = np.full(len(pairs), np.inf)
    at = np.flatnonzero(sites.fixed[site])
    rows, first = np.unique(row[at], return_index=True)
    nearest_fixed[rows] = length[at[first]]
    useful = length < nearest_fixed[row]
    useful[at[first]] = True
    row, site, length = row[useful], site[useful], length[useful]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(pairs)))]).astype(np.int64)
    return Arcs(indptr, site, length)
