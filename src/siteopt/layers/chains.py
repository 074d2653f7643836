"""From lines through shared vertices to a walking graph whose edges are whole chains between junctions.

A vertex that exactly two segments meet in is no choice for a walker, so it is no node: the chain through it is one
edge that keeps its full geometry. Points snap to the line itself and carry their offset along it, so the smaller
graph gives the same minutes. Parallel edges and loops stay.
"""

from __future__ import annotations

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from siteopt.units import Bools, Floats, Ints, read_only
from siteopt.world import Streets


def chain_streets(xy_m: Floats, indptr: Ints, vertex: Ints, file: str) -> Streets | None:
    """Build the graph of a set of paths; paths are connected where they pass through the same vertex.

    Parameters
    ----------
    xy_m : (N, 2) metres, finite; places of the vertices
    indptr : (L+1,) CSR over ``vertex``
    vertex : (M,) vertices of each path in order
    file : str, kept in the result

    Returns
    -------
    Streets or None
        None when no path has a length. Nodes and edges come in an order that depends on the vertices' numbers
        only, never on the order of the paths.
    """
    tail, head = _segments(xy_m, indptr, vertex)
    if not len(tail):
        return None
    junction = _junctions(tail, head, len(xy_m))
    start, chain_of_half, step = _trace(tail, head, junction)

    # A chain's vertices are the tails of its half-edges in walking order, then the head of its last one.
    half = np.flatnonzero(chain_of_half >= 0)
    half = half[np.lexsort((-step[half], chain_of_half[half]))]
    half_tail, half_head = np.ravel(np.column_stack([tail, head])), np.ravel(np.column_stack([head, tail]))
    n_edges = len(start)
    count = np.bincount(chain_of_half[half], minlength=n_edges)
    last = np.cumsum(count) - 1
    at = np.insert(half_tail[half], last + 1, half_head[half[last]])
    owner = np.repeat(np.arange(n_edges), count + 1)
    line = shapely.linestrings(xy_m[at], indices=owner)

    hop = np.hypot(*(xy_m[half_head[half]] - xy_m[half_tail[half]]).T)
    length = np.add.reduceat(hop, np.concatenate([[0], last[:-1] + 1]))
    ends, flat = np.unique(np.concatenate([half_tail[start], half_head[half[last]]]), return_inverse=True)
    edge_tail, edge_head = flat[:n_edges], flat[n_edges:]
    component, component_length = _components(edge_tail, edge_head, length, len(ends))
    return Streets(
        node_xy_m=read_only(xy_m[ends], np.float64),
        tail=read_only(edge_tail, np.int64),
        head=read_only(edge_head, np.int64),
        length_m=read_only(length, np.float64),
        line=read_only(line),
        component=read_only(component, np.int64),
        component_length_m=read_only(component_length, np.float64),
        file=file,
    )


def _segments(xy_m: Floats, indptr: Ints, vertex: Ints) -> tuple[Ints, Ints]:
    """Segments of all paths, each pair of vertices once, ordered by vertex numbers, none without length.

    Two vertices that a path joins but that lie at one place are the same vertex. A segment drawn twice is one
    segment: both copies are the same straight line.
    """
    joined = np.ones(max(len(vertex) - 1, 0), dtype=np.bool_)
    inner_ends = indptr[1:-1]
    joined[inner_ends[(inner_ends > 0) & (inner_ends < len(vertex))] - 1] = False
    tail, head = vertex[:-1][joined], vertex[1:][joined]

    same = np.all(xy_m[tail] == xy_m[head], axis=1) & (tail != head)
    if same.any():
        first = first_of_group(tail[same], head[same], len(xy_m))
        tail, head = first[tail], first[head]
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    apart = low != high
    if not apart.any():
        return low[apart], high[apart]
    pair = np.unique(low[apart] * np.int64(len(xy_m)) + high[apart])
    return pair // len(xy_m), pair % len(xy_m)


def first_of_group(a: Ints, b: Ints, n: int) -> Ints:
    """For each of n things, the smallest number in its group, where a[k] and b[k] are of one group."""
    _, label = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(n, n)), directed=False)
    first = np.full(label.max() + 1, n, dtype=np.int64)
    np.minimum.at(first, label, np.arange(n))
    grouped: Ints = first[label]
    return grouped


def _junctions(tail: Ints, head: Ints, n: int) -> Bools:
    """Vertices where a chain ends; a ring that meets nothing else ends at its smallest vertex."""
    degree = np.bincount(tail, minlength=n) + np.bincount(head, minlength=n)
    junction = (degree != 2) & (degree > 0)
    first = first_of_group(tail, head, n)
    has_junction = np.zeros(n, dtype=np.bool_)
    has_junction[first[junction]] = True
    used = np.flatnonzero(degree > 0)
    ring_start = used[(first[used] == used) & ~has_junction[used]]
    junction[ring_start] = True
    return np.asarray(junction, dtype=np.bool_)


def _trace(tail: Ints, head: Ints, junction: Bools) -> tuple[Ints, Ints, Ints]:
    """Follow every chain at once, by doubling the stride (as in list ranking).

    Segment s has two half-edges: 2s from tail to head and 2s+1 back.

    Returns
    -------
    start : (E,) the first half-edge of each chain
    chain : (2S,) the chain of each half-edge, -1 for those that walk it backwards
    step : (2S,) half-edges from here to the chain's end
    """
    half = np.arange(2 * len(tail), dtype=np.int64)
    half_tail, half_head = np.ravel(np.column_stack([tail, head])), np.ravel(np.column_stack([head, tail]))
    # Where two half-edges leave a vertex, one is the sum of both less the other: the walk goes on along the one
    # that does not turn back.
    leaving = np.zeros(len(junction), dtype=np.int64)
    np.add.at(leaving, half_tail, half)
    onward = np.where(junction[half_head], half, leaving[half_head] - (half ^ 1))
    step = (onward != half).astype(np.int64)
    while True:
        further = onward[onward]
        if np.array_equal(further, onward):
            break
        step += step[onward]
        onward = further
    # A chain is found twice, once from each end; the walk with the smaller first half-edge is kept.
    start = half[junction[half_tail]]
    start = start[start < (onward[start] ^ 1)]
    of_end = np.full(len(half), -1, dtype=np.int64)
    of_end[onward[start]] = np.arange(len(start))
    return start, of_end[onward], step


def _components(tail: Ints, head: Ints, length_m: Floats, n: int) -> tuple[Ints, Floats]:
    """Connected components of the nodes, the longest first."""
    _, label = connected_components(coo_array((np.ones(len(tail)), (tail, head)), shape=(n, n)), directed=False)
    total = np.bincount(label[tail], weights=length_m).astype(np.float64)
    order = np.argsort(-total, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    component: Ints = rank[label]
    return component, total[order]
