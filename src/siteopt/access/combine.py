"""Cells and the sites reached from the two ends of their streets, put together to minutes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from siteopt.access.costs import Ends
from siteopt.access.reached import Reached
from siteopt.units import EDGE_MIN, Bools, Floats, Ints, Shorts, within
from siteopt.world import Streets

_MOST_AT_ONCE = 2_000_000
"""Entries looked at together: some tens of megabytes."""
_NUMPY_AT_ONCE = 500_000
"""The same without compiled loops, where each entry passes through a dozen arrays: these still fit into caches."""
_CELLS_AT_ONCE = 16_384


@dataclass(frozen=True)
class Measure:
    """From metres to minutes, and the limits that pairs are held to."""

    cutoff_min: float
    m_per_min: float

    @property
    def cutoff_m(self) -> float:
        """Metres, inclusive."""
        return (self.cutoff_min + EDGE_MIN) * self.m_per_min


@dataclass(frozen=True, eq=False)
class OnEdges:
    """The connected sites of each edge, ascending: CSR by edge over some of the sites."""

    indptr: Ints
    site: Shorts


def on_edges(sites: Ends, connected: Bools, n_edges: int, first: int, last: int) -> OnEdges:
    """The connected sites from ``first`` to ``last`` (not included), by edge."""
    which = first + np.flatnonzero(connected[first:last])
    edge = sites.edge[which]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(edge, minlength=n_edges))]).astype(np.int64)
    return OnEdges(indptr, which[np.argsort(edge, kind="stable")].astype(np.int32))


Pairs = tuple[Ints, Shorts, Floats]
"""Sites per cell (N,), sites (P,) int32, ascending within a cell, and minutes (P,)."""


class Combiner:
    """What a batch of cells is put together with.

    Parameters
    ----------
    streets, sites, connected, measure
    compiled, threads : as in :class:`siteopt.access.reached.Search`; the results are the same.
    """

    def __init__(
        self, streets: Streets, sites: Ends, connected: Bools, measure: Measure, *, compiled: bool, threads: int
    ) -> None:
        self._streets, self._sites, self._connected, self._measure = streets, sites, connected, measure
        self._compiled, self._threads = compiled, threads
        self._span, self._on_edges = (-1, -1), OnEdges(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32))

    def _own(self, first: int, last: int) -> OnEdges:
        if self._span != (first, last):
            self._span = first, last
            self._on_edges = on_edges(self._sites, self._connected, len(self._streets.tail), first, last)
        return self._on_edges

    def pairs(self, reached: Reached, cells: Ends, connected: Bools) -> Pairs:
        """The pairs of some cells with the sites of ``reached``."""
        own = self._own(reached.first, reached.last)
        edge = np.where(connected, cells.edge, -1)
        tail, head = self._streets.tail[np.maximum(edge, 0)], self._streets.head[np.maximum(edge, 0)]
        if not self._compiled:
            return self._numpy(reached, own, cells, edge, tail, head)
        bounds = [*range(0, len(edge), _CELLS_AT_ONCE), len(edge)]
        spans = list(pairwise(bounds))

        def kernel(span: tuple[int, int]) -> Pairs:
            return self._kernel(reached, own, cells, edge, tail, head, slice(*span))

        if self._threads < 2 or len(spans) < 2:
            return _joined([kernel(span) for span in spans])
        with ThreadPoolExecutor(self._threads) as pool:
            return _joined(list(pool.map(kernel, spans)))

    def _kernel(
        self, reached: Reached, own: OnEdges, cells: Ends, edge: Ints, tail: Ints, head: Ints, part: slice
    ) -> Pairs:
        from siteopt.access.combine_kernel import combine

        edge, tail, head = edge[part], tail[part], head[part]
        use = edge >= 0
        most_of_cell = (_size(reached.indptr, tail) + _size(reached.indptr, head) + _size(own.indptr, edge)) * use
        size = min(int(most_of_cell.sum()), max(_MOST_AT_ONCE, int(most_of_cell.max(initial=0))))
        site, minutes = np.empty(size, dtype=np.int32), np.empty(size)
        count = np.zeros(len(edge), dtype=np.int64)
        done, first = [], 0
        while first < len(edge):
            last = combine(
                first, tail, head, edge, cells.forth_m[part], cells.back_m[part], cells.tail_m[part],
                cells.head_m[part], cells.access_m[part], reached.indptr, reached.site, reached.metres,
                own.indptr, own.site, self._sites.forth_m, self._sites.back_m, self._sites.access_m,
                self._measure.cutoff_m, self._measure.m_per_min, self._measure.cutoff_min + EDGE_MIN,
                count, site, minutes,
            )  # fmt: skip
            used = int(count[first:last].sum())
            done.append((site[:used].copy(), minutes[:used].copy()))
            first = last
        return count, *_columns(done)

    def _numpy(self, reached: Reached, own: OnEdges, cells: Ends, edge: Ints, tail: Ints, head: Ints) -> Pairs:
        use = edge >= 0
        sizes = (_size(reached.indptr, tail) + _size(reached.indptr, head) + _size(own.indptr, edge)) * use
        chunk = np.cumsum(sizes) // _NUMPY_AT_ONCE
        starts = np.flatnonzero(np.diff(chunk, prepend=-1))
        bounds = [*np.unique(np.concatenate([starts, np.arange(0, len(edge), 8 * _CELLS_AT_ONCE)])), len(edge)]
        return _joined(
            [
                self._some(reached, own, cells, np.arange(a, b)[use[a:b]], edge, tail, head, (int(a), int(b)))
                for a, b in pairwise(bounds)
            ]
        )

    def _some(
        self, reached: Reached, own: OnEdges, cells: Ends, cell: Ints, edge: Ints, tail: Ints, head: Ints,
        span: tuple[int, int],
    ) -> Pairs:  # fmt: skip
        sites, n_sites = self._sites, np.int64(len(self._sites.edge))
        c, at = _entries(reached.indptr, cell, tail[cell])
        key, metres = [c * n_sites + reached.site[at]], [reached.metres[at] + cells.tail_m[c]]
        c, at = _entries(reached.indptr, cell, head[cell])
        key.append(c * n_sites + reached.site[at])
        metres.append(reached.metres[at] + cells.head_m[c])
        # A site and a cell on one edge: straight along it, without passing a node.
        c, at = _entries(own.indptr, cell, edge[cell])
        site = own.site[at]
        along = sites.forth_m[site] - cells.forth_m[c]
        key.append(c * n_sites + site)
        metres.append(np.where(along < 0, cells.back_m[c] - sites.back_m[site], along))
        pair, way = np.concatenate(key), np.concatenate(metres)
        # Most ways are too long whatever the access at the other end: the fewer are sorted the better.
        near = way <= self._measure.cutoff_m
        pair, way = pair[near], way[near]
        order = np.argsort(pair, kind="stable")
        pair, way = pair[order], way[order]
        first = np.flatnonzero(np.diff(pair, prepend=-1))
        if not len(first):
            return np.zeros(span[1] - span[0], dtype=np.int64), np.empty(0, dtype=np.int32), np.empty(0)
        best, pair = np.minimum.reduceat(way, first), pair[first]
        c, of = pair // n_sites, pair % n_sites
        best += cells.access_m[c]
        best += sites.access_m[of]
        minutes = best / self._measure.m_per_min
        keep = (best <= self._measure.cutoff_m) & within(minutes, self._measure.cutoff_min)
        count = np.bincount(c[keep] - span[0], minlength=span[1] - span[0])
        return count, of[keep].astype(np.int32), minutes[keep]


def _size(indptr: Ints, row: Ints) -> Ints:
    size: Ints = indptr[row + 1] - indptr[row]
    return size


def _entries(indptr: Ints, owner: Ints, row: Ints) -> tuple[Ints, Ints]:
    """All entries of some rows: whose they are, and where they stand."""
    count = _size(indptr, row)
    start = np.repeat(indptr[row] - (np.cumsum(count) - count), count)
    return np.repeat(owner, count), start + np.arange(len(start))


def _columns(parts: list[tuple[Shorts, Floats]]) -> tuple[Shorts, Floats]:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return np.empty(0, dtype=np.int32), np.empty(0)
    site, minutes = (np.concatenate(column) for column in zip(*parts, strict=True))
    return site, minutes


def _joined(parts: list[Pairs]) -> Pairs:
    """Pairs of cells after those of the cells before."""
    if not parts:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32), np.empty(0)
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([part[0] for part in parts]), *_columns([part[1:] for part in parts])
