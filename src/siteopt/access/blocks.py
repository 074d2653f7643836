"""Bounded shortest walks with scipy, block by block: which nodes reach each site, and at what cost.

A search over the whole graph would touch every node for every site; the sites of one block are searched on the
streets around that block only. This is exact, for a walk that leaves the block's surroundings is too long.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from siteopt.access.arcs import Arcs
from siteopt.access.costs import Ends
from siteopt.units import Floats, Ints
from siteopt.world import Streets

BLOCK_M = 2000.0
"""Side of a block of sites; measured fastest between 1 and 5 km, and without any effect on the minutes."""

_SLACK_M = 1.0
"""Added to every box, far above float noise."""
_MOST_SITES = 256
_MOST_ENTRIES = 2_000_000
"""Sites times nodes searched at a time: some tens of megabytes."""


class Blocks:
    """The network, ready to search around blocks of sites.

    Parameters
    ----------
    streets : Streets
    arcs : Arcs
    stretch : float
        Metres of street per metre of cost, at most (see :class:`siteopt.access.costs.Costs`).
    block_m : float
        Side of a block; changes time and memory only.
    """

    def __init__(self, streets: Streets, arcs: Arcs, stretch: float, block_m: float = BLOCK_M) -> None:
        self._streets, self._arcs, self._stretch, self._block_m = streets, arcs, stretch, block_m
        self._nodes = _ByX(streets.node_xy_m)
        self._local = np.full(arcs.n_nodes, -1, dtype=np.int64)

    def search(
        self, sites: Ends, at_xy_m: Floats, which: Ints, limit_m: Floats
    ) -> Iterator[tuple[Ints, Ints, Floats]]:
        """Yield (site, node, metres) of the nodes from which a walk to a site's street place is within its limit.

        Parameters
        ----------
        sites : Ends of (J,) sites
        at_xy_m : (J, 2) their places on the streets
        which : (S,) the sites to search from
        limit_m : (J,) metres, inclusive
        """
        for block in _squares(which, at_xy_m, self._block_m):
            # Any node on a walk within reach is in this box, for a walk is at least as long as the straight line.
            reach = limit_m[block].max() * self._stretch + _SLACK_M
            low, high = at_xy_m[block].min(axis=0) - reach, at_xy_m[block].max(axis=0) + reach
            nodes = self._nodes.within(low, high)
            self._local[nodes] = np.arange(len(nodes))
            around = self._around(nodes)
            step = int(max(1, min(_MOST_SITES, _MOST_ENTRIES // (len(nodes) + 1))))
            for first in range(0, len(block), step):
                site = block[first : first + step]
                metres = self._metres(around, sites, site, float(limit_m[site].max()))
                yield _within(metres, site, nodes, limit_m)
            self._local[nodes] = -1

    def _around(self, nodes: Ints) -> tuple[Ints, Ints, Floats]:
        """The arcs between some nodes in local numbers: arcs per node, ends, costs."""
        indptr = self._arcs.indptr
        count = indptr[nodes + 1] - indptr[nodes]
        row = np.repeat(np.arange(len(nodes)), count)
        arc = np.repeat(indptr[nodes], count) + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        to = self._local[self._arcs.to[arc]]
        inside = to >= 0
        return np.bincount(row[inside], minlength=len(nodes)), to[inside], self._arcs.cost_m[arc[inside]]

    def _metres(self, around: tuple[Ints, Ints, Floats], sites: Ends, site: Ints, limit_m: float) -> Floats:
        """(S, nodes + S) metres, inf beyond the limit; of the last S columns, which are the sites, nothing is asked.

        Each site enters as a node of its own with one arc to either end of its edge and none back, so that no walk
        passes through it.
        """
        count, to_node, cost = around
        n = len(count)
        edge = sites.edge[site]
        to = np.column_stack([self._local[self._streets.tail[edge]], self._local[self._streets.head[edge]]])
        metres = np.column_stack([sites.tail_m[site], sites.head_m[site]])
        loop = to[:, 0] == to[:, 1]
        metres[loop, 0] = metres[loop].min(axis=1)
        use = to >= 0
        use[loop, 1] = False
        size = n + len(site)
        graph = csr_array(
            (
                np.concatenate([cost, metres[use]]),
                np.concatenate([to_node, to[use]]),
                np.concatenate([[0], np.cumsum(np.concatenate([count, use.sum(axis=1)]))]),
            ),
            shape=(size, size),
        )
        found: Floats = dijkstra(graph, directed=True, indices=n + np.arange(len(site)), limit=limit_m)
        return found


def _within(metres: Floats, site: Ints, nodes: Ints, limit_m: Floats) -> tuple[Ints, Ints, Floats]:
    """Site after site, the nodes within its limit; a flat look is twice as fast as rows and columns."""
    near = metres <= limit_m[site][:, None]
    near[:, len(nodes) :] = False
    count, flat = np.count_nonzero(near, axis=1), np.flatnonzero(near)
    column = flat - np.repeat(np.arange(len(site)) * near.shape[1], count)
    return np.repeat(site, count), nodes[column], metres.ravel()[flat]


def _squares(site: Ints, at_xy_m: Floats, block_m: float) -> list[Ints]:
    """Sites by square of the grid, each square's sites ascending."""
    if not len(site):
        return []
    square = np.floor(at_xy_m[site] / block_m)
    order = np.lexsort((site, square[:, 1], square[:, 0]))
    new = np.any(np.diff(square[order], axis=0) != 0, axis=1)
    return np.split(site[order], np.flatnonzero(new) + 1)


class _ByX:
    """Points sorted by x, so that a box looks at a strip of them only."""

    def __init__(self, xy_m: Floats) -> None:
        self._order = np.argsort(xy_m[:, 0], kind="stable")
        self._x, self._y = xy_m[self._order, 0], xy_m[self._order, 1]

    def within(self, low: Floats, high: Floats) -> Ints:
        """Those of the points inside a box, ascending."""
        strip = slice(np.searchsorted(self._x, low[0], "left"), np.searchsorted(self._x, high[0], "right"))
        inside = (self._y[strip] >= low[1]) & (self._y[strip] <= high[1])
        return np.sort(self._order[strip][inside])
