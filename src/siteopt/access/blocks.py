"""Bounded shortest walks, block by block: which cells each site reaches along the streets, and how far it is.

Streets are walked both ways, so the search runs from the sites, of which there are fewer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from siteopt.access.snap import Snap
from siteopt.units import Floats, Ints
from siteopt.world import Streets

_SLACK_M = 1.0
"""Added to every box, far above float noise."""
_MOST_SITES = 256
_MOST_ENTRIES = 2_000_000
"""Sites times (nodes + cells) searched at a time: some tens of megabytes."""


def reach_by_block(
    streets: Streets, cells: Snap, sites: Snap, *, cutoff_m: float, block_m: float
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Yield (cell, site, metres) of the pairs within the cutoff, access at both ends included.

    Parameters
    ----------
    streets : Streets
    cells, sites : Snap
        Points that are not connected reach nothing.
    cutoff_m : float
        Metres, inclusive.
    block_m : float
        Side of a block of sites.

    Yields
    ------
    cell (int), site (int), metres (float) : (P,) each
        Every pair appears once over all blocks.
    """
    graph = _Graph(streets)
    near_cells = _ByX(cells.at_xy_m, np.flatnonzero(cells.connected & (cells.access_m <= cutoff_m)))
    reach = cutoff_m + _SLACK_M
    for block in _blocks(sites, cutoff_m, block_m):
        low, high = sites.at_xy_m[block].min(axis=0) - reach, sites.at_xy_m[block].max(axis=0) + reach
        # Any node on a walk within reach, and the street place of any cell reached, is in this box: a walk is at
        # least as long as the straight line. An end of an edge outside the box is farther than the cutoff.
        cell = near_cells.within(low, high)
        if not len(cell):
            continue
        around = graph.around(low, high)
        size = around.n_nodes + len(cell)
        step = int(max(1, min(_MOST_SITES, _MOST_ENTRIES // size)))
        for first in range(0, len(block), step):
            site = block[first : first + step]
            metres = _total_m(around, cells, cell, sites, site, cutoff_m)
            row, column = np.nonzero(metres <= cutoff_m)
            yield cell[column], site[row], metres[row, column]
        graph.done(around)


def _blocks(sites: Snap, cutoff_m: float, block_m: float) -> list[Ints]:
    """Connected sites by square of the grid, each block's sites ascending."""
    site = np.flatnonzero(sites.connected & (sites.access_m <= cutoff_m))
    if not len(site):
        return []
    square = np.floor(sites.at_xy_m[site] / block_m)
    order = np.lexsort((site, square[:, 1], square[:, 0]))
    new = np.any(np.diff(square[order], axis=0) != 0, axis=1)
    return np.split(site[order], np.flatnonzero(new) + 1)


def _total_m(around: _Around, cells: Snap, cell: Ints, sites: Snap, site: Ints, cutoff_m: float) -> Floats:
    """(S, K) metres from each site to each cell, access included; inf beyond the cutoff."""
    streets, local = around.streets, around.local
    to_node = around.search(sites, site, cutoff_m)
    edge, offset = cells.edge[cell], cells.offset_m[cell]
    tail, head = local[streets.tail[edge]], local[streets.head[edge]]
    metres = to_node[:, tail]
    metres += offset
    other_way = to_node[:, head]
    other_way += streets.length_m[edge] - offset
    np.minimum(metres, other_way, out=metres)

    # A site and a cell on one edge: straight along it, without passing a node.
    row, column = _pairs_on_one_edge(sites.edge[site], edge)
    along = np.abs(sites.offset_m[site[row]] - offset[column])
    metres[row, column] = np.minimum(metres[row, column], along)
    metres += cells.access_m[cell]
    metres += sites.access_m[site][:, None]
    return metres


def _pairs_on_one_edge(a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """All (i, k) with a[i] == b[k]."""
    order = np.argsort(b, kind="stable")
    low, high = np.searchsorted(b[order], a, "left"), np.searchsorted(b[order], a, "right")
    count = high - low
    row = np.repeat(np.arange(len(a)), count)
    rank = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return row, order[np.repeat(low, count) + rank]


class _ByX:
    """Points sorted by x, so that a box looks at a strip of them only."""

    def __init__(self, xy_m: Floats, which: Ints) -> None:
        self._order = which[np.argsort(xy_m[which, 0], kind="stable")]
        self._x, self._y = xy_m[self._order, 0], xy_m[self._order, 1]

    def within(self, low: Floats, high: Floats) -> Ints:
        """Those of the points inside a box, ascending."""
        strip = slice(np.searchsorted(self._x, low[0], "left"), np.searchsorted(self._x, high[0], "right"))
        inside = (self._y[strip] >= low[1]) & (self._y[strip] <= high[1])
        return np.sort(self._order[strip][inside])


class _Graph:
    """The whole network, ready to hand out the part around a block."""

    def __init__(self, streets: Streets) -> None:
        self._streets, n = streets, len(streets.node_xy_m)
        # Of parallel edges the shortest counts; a loop leads nowhere. (Points still snap to all of them.)
        apart = np.flatnonzero(streets.tail != streets.head)
        low = np.minimum(streets.tail[apart], streets.head[apart])
        high = np.maximum(streets.tail[apart], streets.head[apart])
        order = np.lexsort((streets.length_m[apart], high, low))
        low, high, length = low[order], high[order], streets.length_m[apart][order]
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = (np.diff(low) != 0) | (np.diff(high) != 0)
        a, b, length = low[first], high[first], length[first]
        arc_tail, arc_head = np.concatenate([a, b]), np.concatenate([b, a])
        order = np.lexsort((arc_head, arc_tail))
        self._head, self._length = arc_head[order], np.concatenate([length, length])[order]
        self._indptr = np.concatenate([[0], np.cumsum(np.bincount(arc_tail, minlength=n))])
        self._nodes = _ByX(streets.node_xy_m, np.arange(n))
        self._local = np.full(n, -1, dtype=np.int64)

    def around(self, low: Floats, high: Floats) -> _Around:
        """The nodes in a box and the arcs between them; hand it back with :meth:`done`."""
        nodes = self._nodes.within(low, high)
        self._local[nodes] = np.arange(len(nodes))
        count = self._indptr[nodes + 1] - self._indptr[nodes]
        row = np.repeat(np.arange(len(nodes)), count)
        arc = np.repeat(self._indptr[nodes], count) + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        head = self._local[self._head[arc]]
        inside = head >= 0
        return _Around(self._streets, nodes, self._local, row[inside], head[inside], self._length[arc[inside]])

    def done(self, around: _Around) -> None:
        """Forget the local numbers of a part."""
        self._local[around.nodes] = -1


class _Around:
    """The network around one block; the local number -1 of a node outside it reads a column that is never reached."""

    def __init__(self, streets: Streets, nodes: Ints, local: Ints, row: Ints, head: Ints, length_m: Floats) -> None:
        self.streets, self.nodes, self.local, self.n_nodes = streets, nodes, local, len(nodes)
        self._count = np.bincount(row, minlength=self.n_nodes)
        self._head, self._length = head, length_m

    def search(self, sites: Snap, site: Ints, cutoff_m: float) -> Floats:
        """(S, nodes + 1) metres from the street places of some sites to the nodes; inf beyond the cutoff.

        Each site enters as a node of its own with one arc to either end of its edge and none back, so that no walk
        passes through it.
        """
        edge, offset = sites.edge[site], sites.offset_m[site]
        tail, head = self.local[self.streets.tail[edge]], self.local[self.streets.head[edge]]
        rest = self.streets.length_m[edge] - offset
        loop = tail == head
        to = np.column_stack([tail, head])
        metres = np.column_stack([np.where(loop, np.minimum(offset, rest), offset), rest])
        use = to >= 0
        use[loop, 1] = False
        n = self.n_nodes + len(site) + 1  # the last node has no arcs at all
        count = np.concatenate([self._count, use.sum(axis=1), [0]])
        graph = csr_array(
            (
                np.concatenate([self._length, metres[use]]),
                np.concatenate([self._head, to[use]]),
                np.concatenate([[0], np.cumsum(count)]),
            ),
            shape=(n, n),
        )
        start = self.n_nodes + np.arange(len(site))
        found = dijkstra(graph, directed=True, indices=start, limit=cutoff_m)
        reached: Floats = found
        return reached
