"""For every street node, the sites that a walk from it reaches and at what cost: searched once, asked often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from siteopt.access.arcs import arcs_of
from siteopt.access.blocks import BLOCK_M, Blocks
from siteopt.access.costs import Costs
from siteopt.access.snap import Snap
from siteopt.units import Floats, Ints, Shorts
from siteopt.world import Streets

_SLACK = 1e-9
_SITES_AT_ONCE = 16_384
_BUFFER = 500_000
_STRIP_M = 2000.0


@dataclass(frozen=True, eq=False)
class Reached:
    """CSR by node: sites ascending within each node.

    Attributes
    ----------
    first, last : the sites that were searched, ``last`` not included
    indptr : (V+1,), site : (R,) int32, metres : (R,) from the node to the site's place on the street
    """

    first: int
    last: int
    indptr: Ints
    site: Shorts
    metres: Floats


class Search:
    """The search around some sites.

    Parameters
    ----------
    streets : Streets
    costs : Costs
    sites : Snap
    cutoff_m : float
        Metres, inclusive, access at the site included.
    compiled : bool
        Compiled loops, or scipy in blocks; the results are the same.
    threads : int
        For compiled loops.
    block_m : float
        For scipy.
    """

    def __init__(
        self, streets: Streets, costs: Costs, sites: Snap, *, cutoff_m: float, compiled: bool, threads: int,
        block_m: float = BLOCK_M,
    ) -> None:  # fmt: skip
        self._streets, self._sites, self._compiled, self._threads = streets, sites, compiled, threads
        self._ends, self._arcs = costs.of_sites(sites), arcs_of(streets, costs)
        # A walk on from a node farther than this is beyond the cutoff, whatever comes before it; the last word has
        # the sum over the whole walk, so the slack only has to be above float noise.
        self._limit_m = (cutoff_m - sites.access_m) + cutoff_m * _SLACK
        self._limit_m[~sites.connected] = -1.0
        self._blocks = None if compiled else Blocks(streets, self._arcs, costs.stretch, block_m)

    def from_sites(self, first: int, most: int) -> Reached:
        """Search from the site ``first`` on, until there are no more sites or some ``most`` results."""
        runs: list[_Runs] = []
        n, found, last = len(self._sites), 0, first
        while last < n and found < most:
            stop = min(n, last + _SITES_AT_ONCE)
            which = last + np.flatnonzero(self._limit_m[last:stop] >= 0)
            runs.append(self._kernel(which) if self._compiled else self._scipy(which))
            found += sum(len(node) for node in runs[-1].node)
            last = stop
        return _by_node(runs, first, last, self._arcs.n_nodes, self._into_rows())

    def _into_rows(self) -> Callable[..., None]:
        if not self._compiled:
            return _into_rows_by_numpy
        from siteopt.access.search_kernel import into_rows

        return into_rows

    def _scipy(self, which: Ints) -> _Runs:
        assert self._blocks is not None
        found = self._blocks.search(self._ends, self._sites.at_xy_m, which, self._limit_m)
        pieces = [(site.astype(np.int32), node.astype(np.int32), metres) for site, node, metres in found]
        return _Runs([piece[0] for piece in pieces], [piece[1] for piece in pieces], [piece[2] for piece in pieces])

    def _kernel(self, which: Ints) -> _Runs:
        # Neighbours one after the other: the search is twice as fast when the last one's streets are in cache.
        x, y = self._sites.at_xy_m[which].T
        parts = np.array_split(which[np.lexsort((y, np.floor(x / _STRIP_M)))], self._threads)
        with ThreadPoolExecutor(self._threads) as pool:
            found = [run for part in pool.map(lambda part: list(self._searched(part)), parts) for run in part]
        return _Runs([run[0] for run in found], [run[1] for run in found], [run[2] for run in found])

    def _searched(self, which: Ints) -> Iterator[tuple[Shorts, Shorts, Floats]]:
        from siteopt.access.search_kernel import search

        arcs, ends, edge = self._arcs, self._ends, self._ends.edge[which]
        tail, head = self._streets.tail[edge], self._streets.head[edge]
        tail_m, head_m, limit_m = ends.tail_m[which], ends.head_m[which], self._limit_m[which]
        far = np.full(arcs.n_nodes, np.inf)
        heap_m, heap_node = np.empty(len(arcs.to) + 2), np.empty(len(arcs.to) + 2, dtype=np.int32)
        size = max(arcs.n_nodes, _BUFFER)
        node, metres = np.empty(size, dtype=np.int32), np.empty(size)
        count = np.zeros(len(which), dtype=np.int64)
        here = 0
        while here < len(which):
            there = search(
                arcs.indptr, arcs.to, arcs.cost_m, tail, head, tail_m, head_m, limit_m,
                here, far, heap_m, heap_node, count, node, metres,
            )  # fmt: skip
            used = int(count[here:there].sum())
            site = np.repeat(which[here:there].astype(np.int32), count[here:there])
            yield site, node[:used].copy(), metres[:used].copy()
            here = there


@dataclass(frozen=True, eq=False)
class _Runs:
    """What a search of some sites found: sites, nodes, metres, in pieces; the sites of one run are together."""

    site: list[Shorts]
    node: list[Shorts]
    metres: list[Floats]


def _by_node(runs: list[_Runs], first: int, last: int, n_nodes: int, into_rows: Callable[..., None]) -> Reached:
    """All that was found by node, sites ascending; the runs, of ascending sites, are used up on the way."""
    size = np.zeros(n_nodes, dtype=np.int64)
    for node in (node for run in runs for node in run.node):
        size += np.bincount(node, minlength=n_nodes)
    indptr = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    site, metres = np.empty(indptr[-1], dtype=np.int32), np.empty(indptr[-1])
    place = indptr[:-1].copy()
    while runs:
        run = runs.pop(0)
        pieces = zip(run.site, run.node, run.metres, strict=True)
        starts = [(int(s[a]), v[a:b], m[a:b]) for s, v, m in pieces for a, b in _spans(s)]
        for one, nodes, costs in sorted(starts, key=lambda start: start[0]):
            into_rows(one, nodes, costs, place, site, metres)
    return Reached(first, last, indptr, site, metres)


def _into_rows_by_numpy(one: int, node: Shorts, metres: Floats, place: Ints, site: Shorts, cost: Floats) -> None:
    """What the compiled loop of this name does: a site comes once to a node."""
    at = place[node]
    site[at] = one
    cost[at] = metres
    place[node] = at + 1


def _spans(site: Shorts) -> list[tuple[int, int]]:
    """Where each site's stretch begins and ends."""
    cut = np.flatnonzero(np.diff(site)) + 1
    return list(pairwise([0, *cut.tolist(), len(site)])) if len(site) else []
