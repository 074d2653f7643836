"""Distances to the nearest open site, bounded by prices of being served.

With a price u for serving each point, no plan is below the sum of all u less what the open sites save: a site saves
w x (u - d) at each point that it serves for less than the price. The prices are drawn closer by subgradients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from siteopt.textbook.branches import Choose, Linear
from siteopt.textbook.levels import Arcs
from siteopt.textbook.sites import Sites
from siteopt.units import Bools, Floats, Ints

STEP = 1.0
"""The first step, as a share of the step that would close the gap; halved when bounds stop rising."""

LONGEST = 0.15
"""The first step from scratch, as a share of a point's price in the middle."""


class Nearest:
    """Weight x distance in sum, negative, over the N sites to be decided."""

    def __init__(self, arcs: Arcs, weight: Floats, sites: Sites, unserved: float | None) -> None:
        self.site: Ints = np.flatnonzero(sites.free)
        column = np.full(len(sites), -1, dtype=np.int64)
        column[self.site] = np.arange(len(self.site))
        to = column[arcs.site]
        row = np.repeat(np.arange(len(arcs.size)), arcs.size)
        self.weight = weight
        free = to >= 0
        self.row, self.column, self.distance = row[free], to[free], arcs.distance[free]
        # what a point pays that no chosen site serves: a fixed site, or what being unserved costs, or it may not be
        self.stands = np.full(len(weight), np.inf if unserved is None else unserved)
        np.minimum.at(self.stands, row[~free], arcs.distance[~free])

    def within(self, taken: Bools, open_to: Bools, warm: Floats | None) -> NearestBranch:
        """The branch in which some sites are taken and some others may still be."""
        stands = self.stands.copy()
        at = taken[self.column]
        np.minimum.at(stands, self.row[at], self.distance[at])
        useful = open_to[self.column] & (self.distance < stands[self.row])
        return NearestBranch(self, stands, np.flatnonzero(useful), warm)


class NearestBranch:
    """Linear bounds on the (negative) sum of a branch."""

    def __init__(self, of: Nearest, stands: Floats, pairs: Ints, warm: Floats | None) -> None:
        self.of, self.stands = of, stands
        self.row, self.column, self.distance = of.row[pairs], of.column[pairs], of.distance[pairs]
        self.weight = of.weight[self.row]
        first = np.full(len(stands), np.inf)
        np.minimum.at(first, self.row, self.distance)
        farthest = np.full(len(stands), -np.inf)
        np.maximum.at(farthest, self.row, self.distance)
        self.least = np.minimum(stands, first)
        self.most = np.where(np.isfinite(stands), stands, farthest)
        self.cold = warm is None
        self.possible = bool(np.isfinite(self.most[of.weight >= 0]).all())
        start = self._second(first) if warm is None else warm
        self.warm: Floats = np.clip(start, self.least, self.most) if self.possible else self.most

    def _second(self, first: Floats) -> Floats:
        """(I,) the second-nearest distance: prices to begin with."""
        again = self.distance > first[self.row]
        out = np.full(len(first), np.inf)
        np.minimum.at(out, self.row[again], self.distance[again])
        return np.asarray(np.minimum(out, self.most))

    def value(self, x: Bools) -> float:
        """The sum, negative, with some more sites; -inf where a point is not served."""
        distance = self.stands.copy()
        at = x[self.column]
        np.minimum.at(distance, self.row[at], self.distance[at])
        return -float(self.of.weight @ distance) if np.isfinite(distance).all() else -np.inf

    def linears(self, choose: Choose, rounds: int, best: Callable[[], float]) -> Iterator[Linear]:
        """Bounds as the prices are drawn closer."""
        if not self.possible:
            yield Linear(-np.inf, np.zeros(len(self.of.site)))
            return
        # from scratch by steps of a set length (Adam), then by steps as long as the gap is wide
        path = _Path(self, choose, best)
        yield path.linear
        fresh = rounds * 3 // 4 if self.cold else 0
        for k in range(rounds):
            if k % 40 == 39:
                path.look_about()
            if k < fresh:
                path.by_memory(k, fresh)
            else:
                path.by_gap()
            yield path.linear


class _Path:
    """Where the prices have been; moves are made in weight x price, so that points of all weights move alike."""

    def __init__(self, branch: NearestBranch, choose: Choose, best: Callable[[], float]) -> None:
        self.branch, self.choose, self.best = branch, choose, best
        self.weight = np.maximum(branch.of.weight, 1e-300)
        self.price, self.highest, self.step, self.idle = branch.warm, -np.inf, STEP, 0
        n = len(self.price)
        self.mean, self.square, self.way = np.zeros(n), np.zeros(n), np.zeros(n)
        self.length = LONGEST * float(np.median(branch.of.weight * np.abs(self.price))) if n else 0.0
        self.look_about()

    def look_about(self) -> None:
        """Keep the pairs that prices can come to matter at before the next look, and keep prices below the others."""
        b = self.branch
        self.ceiling = np.minimum(b.most, np.maximum(2.0 * self.price - b.least, b.least))
        self.ceiling = np.where(self.price > b.least, self.ceiling, b.most)
        near = b.distance < self.ceiling[b.row]
        self.row, self.column, self.distance, self.each = (
            b.row[near],
            b.column[near],
            b.distance[near],
            b.weight[near],
        )
        self._moved(np.zeros(len(self.price)))

    def by_memory(self, k: int, rounds: int) -> None:
        """Adam, its steps shrinking from the longest to a hundredth."""
        slope = self._slope()[0]
        self.mean, self.square = 0.9 * self.mean + 0.1 * slope, 0.99 * self.square + 0.01 * slope**2
        ahead = self.mean / (1 - 0.9 ** (k + 1)) / (np.sqrt(self.square / (1 - 0.99 ** (k + 1))) + 1e-3)
        self._moved(self.length * 0.01 ** (k / rounds) * ahead)

    def by_gap(self) -> None:
        """The subgradient, deflected by those before, as far as the gap is wide."""
        slope, bound = self._slope()
        self.way = 0.7 * self.way + 0.3 * slope if self.way.any() else slope
        top = self.best()
        wide = (top if np.isfinite(top) else bound + 0.1 * abs(bound)) - bound + 0.02 * abs(bound) * self.step
        length = float(self.way @ self.way)
        if length > 0:
            self._moved(self.step * wide / length * self.way)

    def _slope(self) -> tuple[Floats, float]:
        """The subgradient at the prices, and the bound there."""
        bound, x = self.choose(self.linear)
        if bound > self.highest:
            better = bound > self.highest + 1e-6 * abs(bound)
            self.highest, self.idle = bound, 0 if better else self.idle + 1
            self.branch.warm = self.price
        else:
            self.idle += 1
        if self.idle >= 10:
            self.step, self.idle = self.step / 2, 0
        serving = (self.saves > 0) & (x[self.column] > 0)
        served = np.bincount(self.row[serving], minlength=len(self.price))
        return np.where(self.branch.of.weight > 0, 1.0 - served, 0.0), bound

    def _moved(self, by: Floats) -> None:
        """Move, and state the bound there."""
        self.price = np.clip(self.price + by / self.weight, self.branch.least, self.ceiling)
        self.saves = np.maximum(self.price[self.row] - self.distance, 0.0)
        gain = np.bincount(self.column, weights=self.each * self.saves, minlength=len(self.branch.of.site))
        self.linear = Linear(-float(self.branch.of.weight @ self.price), gain.astype(np.float64))
