"""Market shares: what a plan wins, and from above, what no plan inside a branch can win.

The share of a point, ours / (ours + theirs), is a concave function of the attraction that is open. Two upper bounds
are linear in the sites: its tangent, and the sum of what single sites would add. Each point takes whichever is
lower; any choice is a bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from siteopt.textbook.branches import Choose, Linear
from siteopt.textbook.matrix import Pairs
from siteopt.textbook.sites import Sites
from siteopt.units import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Market:
    """Who is attracted by what.

    Attributes
    ----------
    pull : (I, J) CSR, attraction of each site that is or may be ours
    rivals : (I,) attraction of all competitors
    weight : (I,)
    sites : forbidden ones include the competitors
    """

    pull: sp.csr_matrix
    rivals: Floats
    weight: Floats
    sites: Sites

    @classmethod
    def of(cls, pairs: Pairs, pull: Floats, weight: Floats, sites: Sites, rival: Bools) -> Market:
        """From the pairs within the cutoff and their attraction."""
        theirs = rival[pairs.site]
        against = np.bincount(pairs.row[theirs], weights=pull[theirs], minlength=len(pairs)).astype(np.float64)
        ours = ~sites.forbidden[pairs.site] & (pull > 0)
        table = sp.csr_matrix((pull[ours], (pairs.row[ours], pairs.site[ours])), shape=(len(pairs), pairs.n_sites))
        return cls(table, against, weight, sites)

    def attracted(self, opened: Bools) -> Floats:
        """(I,) attraction of our open sites."""
        return np.asarray(self.pull @ opened.astype(np.float64))

    def won(self, opened: Bools) -> float:
        """Weight won by a plan."""
        ours = self.attracted(opened)
        both = ours + self.rivals
        return float(self.weight @ np.divide(ours, both, out=np.zeros_like(both), where=both > 0))


class Shares:
    """The points that are still open to us, over the N sites to be decided.

    A point without competitors is won whole by the first site: its share is min(1, number of sites), concave too.
    """

    def __init__(self, market: Market) -> None:
        sites = market.sites
        self.site: Ints = np.flatnonzero(sites.free)
        column = np.full(len(sites), -1, dtype=np.int64)
        column[self.site] = np.arange(len(self.site))
        table = market.pull.tocoo()
        point, to = table.row.astype(np.int64), column[table.col]
        free = (to >= 0) & (market.weight[point] > 0)
        points, self.row = np.unique(point[free], return_inverse=True)
        self.column, self.weight = to[free], market.weight[points]
        self.rivals = market.rivals[points]
        self.alone: Bools = self.rivals == 0
        self.pull: Floats = np.where(self.alone[self.row], 1.0, table.data[free])
        fixed = market.attracted(sites.fixed)[points]
        self.fixed: Floats = np.where(self.alone, (fixed > 0).astype(np.float64), fixed)
        self.settled = market.won(sites.fixed) - float(self.weight @ self.share(self.fixed))

    def share(self, t: Floats, row: Ints | None = None) -> Floats:
        """Share at attraction t, of all points or of those of some pairs."""
        alone, rivals = (self.alone, self.rivals) if row is None else (self.alone[row], self.rivals[row])
        return np.asarray(np.where(alone, np.minimum(t, 1.0), t / np.maximum(t + rivals, 1e-300)))

    def slope(self, t: Floats) -> Floats:
        """Its slope."""
        return np.asarray(np.where(self.alone, t < 1.0, self.rivals / np.maximum(t + self.rivals, 1e-150) ** 2))

    def within(self, taken: Bools, open_to: Bools, warm: None) -> SharesBranch:
        """The branch in which some sites are taken and some others may still be."""
        at = taken[self.column]
        here = self.fixed + np.bincount(self.row[at], weights=self.pull[at], minlength=len(self.fixed))
        return SharesBranch(self, here, np.flatnonzero(open_to[self.column]))


class SharesBranch:
    """Linear bounds on what a branch can win."""

    warm: None = None

    def __init__(self, shares: Shares, attracted: Floats, pairs: Ints) -> None:
        self.shares, self.attracted = shares, attracted
        self.row, self.column, self.pull = shares.row[pairs], shares.column[pairs], shares.pull[pairs]
        self.now = shares.share(attracted)
        self.most = shares.share(attracted + self._sum(self.pull))
        self.adds: Floats = shares.share(attracted[self.row] + self.pull, self.row) - self.now[self.row]

    def _sum(self, of_pairs: Floats) -> Floats:
        return np.asarray(np.bincount(self.row, weights=of_pairs, minlength=len(self.attracted)))

    def _linear(self, constant: Floats, of_pairs: Floats) -> Linear:
        weight = self.shares.weight
        gain = np.bincount(self.column, weights=weight[self.row] * of_pairs, minlength=len(self.shares.site))
        return Linear(self.shares.settled + float(weight @ constant), gain.astype(np.float64))

    def linears(self, choose: Choose, rounds: int, best: Callable[[], float]) -> Iterator[Linear]:
        """What single sites add; then around the mean of the plans that the bounds choose (Frank and Wolfe)."""
        linear = self.singly()
        yield linear
        mean = choose(linear)[1]
        for k in range(min(rounds, 60)):
            linear = self.around(mean)
            yield linear
            mean = mean + 2.0 / (k + 3.0) * (choose(linear)[1] - mean)

    def singly(self) -> Linear:
        """What single sites would add; exact for one more site."""
        return self._linear(self.now, self.adds)

    def around(self, x: Floats) -> Linear:
        """Of tangents at a (broken) plan x and of single gains, for each point what is lower at x."""
        shares, part = self.shares, x[self.column]
        t = self.attracted + self._sum(self.pull * part)
        slope = shares.slope(t)
        constant = shares.share(t) + slope * (self.attracted - t)
        # no share is above what all sites together give: no coefficient need reach beyond that
        room = np.maximum(self.most - constant, 0.0)
        tangent = np.minimum(slope[self.row] * self.pull, room[self.row])
        lower = constant + self._sum(tangent * part) < self.now + self._sum(self.adds * part)
        return self._linear(np.where(lower, constant, self.now), np.where(lower[self.row], tangent, self.adds))

    def value(self, x: Bools) -> float:
        """What is won when some more sites open, exactly."""
        t = self.attracted + self._sum(self.pull * x[self.column])
        return self.shares.settled + float(self.shares.weight @ self.shares.share(t))
