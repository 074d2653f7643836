"""Small street networks, drawn by hand or at random, and the slow, obvious way to measure walks on them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from siteopt.access.snap import Snap
from siteopt.world import Streets
from tests.worlds import geometries


def streets_of(*lines: list[tuple[float, float]]) -> Streets:
    """One edge per line, in the order given; lines meet where their ends have the same coordinates."""
    ends = np.array([p for line in lines for p in (line[0], line[-1])], dtype=float).reshape(-1, 2)
    nodes, index = np.unique(ends, axis=0, return_inverse=True)
    tail, head = index.ravel()[::2], index.ravel()[1::2]
    shapes = geometries([shapely.LineString(line) for line in lines])
    return _graph(nodes, tail, head, shapes)


def tiled(streets: Streets, times: int, gap_m: float) -> Streets:
    """The same town many times over, side by side, each copy a piece of its own."""
    wide, high = np.ptp(streets.node_xy_m, axis=0) + gap_m
    shifts = [(a * wide, b * high) for a in range(times) for b in range(times)]
    xy, owner = shapely.get_coordinates(streets.line, return_index=True)
    n = len(streets.node_xy_m)
    return _graph(
        np.concatenate([streets.node_xy_m + s for s in shifts]),
        np.concatenate([streets.tail + k * n for k in range(len(shifts))]),
        np.concatenate([streets.head + k * n for k in range(len(shifts))]),
        np.concatenate([shapely.linestrings(xy + s, indices=owner) for s in shifts]),
    )


def random_streets(rng: np.random.Generator, n_nodes: int, n_edges: int, size_m: float) -> Streets:
    """Crooked edges between random nodes; parallel edges, loops and separate pieces come by chance."""
    nodes = rng.uniform(0, size_m, (n_nodes, 2)).round(1)
    lines = []
    for _ in range(n_edges):
        a, b = rng.integers(0, n_nodes, 2)
        bends = rng.uniform(0, size_m, (int(rng.integers(0 if a != b else 2, 4)), 2)).round(1)
        lines.append([tuple(nodes[a]), *map(tuple, bends), tuple(nodes[b])])
    if n_edges > 2:
        lines.append(lines[0])  # at least one pair of parallel edges
    return streets_of(*lines)


def grid_streets(rng: np.random.Generator, side: int, step_m: float) -> Streets:
    """A town of square blocks, an eighth of its streets missing."""
    across = [[(x * step_m, y * step_m), ((x + 1) * step_m, y * step_m)] for x in range(side) for y in range(side)]
    lines = across + [[(b, a) for a, b in line] for line in across]
    return streets_of(*(line for line in lines if rng.random() > 1 / 8))


def _graph(nodes: np.ndarray, tail: np.ndarray, head: np.ndarray, shapes: np.ndarray) -> Streets:
    length = shapely.length(shapes)
    n = len(nodes)
    _, label = connected_components(coo_array((np.ones(len(tail)), (tail, head)), shape=(n, n)), directed=False)
    total = np.bincount(label[tail], weights=length)
    order = np.argsort(-total, kind="stable")
    rank = np.argsort(order, kind="stable")
    return Streets(nodes, tail, head, length, shapes, rank[label], total[order], "streets.gpkg")


def slow_metres(streets: Streets, cells: Snap, sites: Snap) -> np.ndarray:
    """(I, J) metres between all pairs, by cutting every edge at every point and searching the whole graph.

    Nothing here knows of blocks, offsets from both ends, or a case for two points on one edge.
    """
    n, n_cells, n_sites = len(streets.node_xy_m), len(cells), len(sites)
    best: dict[tuple[int, int], float] = {}

    def arc(a: int, b: int, metres: float) -> None:
        if a != b:
            for pair in ((a, b), (b, a)):
                best[pair] = min(best.get(pair, np.inf), metres)

    point_edge = np.concatenate([cells.edge, sites.edge])
    point_offset = np.concatenate([cells.offset_m, sites.offset_m])
    point_ok = np.concatenate([cells.connected, sites.connected])
    for e in range(len(streets.tail)):
        on = np.flatnonzero((point_edge == e) & point_ok)
        stops = sorted((point_offset[p], n + p) for p in on)
        stops = [(0.0, streets.tail[e]), *stops, (streets.length_m[e], streets.head[e])]
        for (here, a), (there, b) in pairwise(stops):
            arc(int(a), int(b), there - here)
    size = n + n_cells + n_sites
    row, column = np.array(list(best)).T
    graph = csr_array((np.array(list(best.values())), (row, column)), shape=(size, size))
    from_sites = dijkstra(graph, indices=np.arange(n + n_cells, size))
    metres = from_sites[:, n : n + n_cells].T + cells.access_m[:, None] + sites.access_m[None, :]
    metres[~cells.connected] = np.inf
    metres[:, ~sites.connected] = np.inf
    return metres
