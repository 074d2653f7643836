"""Compiled: bounded Dijkstra from many sites, one after the other, and its result sorted by node.

A shortest walk's cost is the least of the sums along all ways, each added up from the site outwards; this is what
scipy's search finds too, so both give the same bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from siteopt.compiled import compiled


@compiled
def search(
    indptr: Any, to: Any, cost: Any, tail: Any, head: Any, tail_m: Any, head_m: Any, limit_m: Any,
    first: int, far: Any, heap_m: Any, heap_node: Any, out_count: Any, out_node: Any, out_m: Any,
) -> int:  # fmt: skip
    """Nodes from which a walk to a site is within the site's limit, site after site until the output is full.

    Parameters
    ----------
    indptr, to, cost : the arcs
    tail, head : (S,) ends of each site's edge; tail_m, head_m : (S,) cost from there to the site; limit_m : (S,)
    first : the site to start with
    far : (V,) scratch, inf all over before and after
    heap_m, heap_node : (A + 2,) scratch
    out_count : (S,) nodes of each site; out_node, out_m : (at least V,) in the order of sites

    Returns
    -------
    int
        The first site that was not searched.
    """
    done = 0
    for s in range(first, len(tail)):
        began = done
        limit = limit_m[s]
        size = 0
        for end in range(2):
            node = tail[s] if end == 0 else head[s]
            metres = tail_m[s] if end == 0 else head_m[s]
            if metres <= limit and metres < far[node]:
                far[node] = metres
                k = size
                size += 1
                while k > 0 and heap_m[(k - 1) >> 1] > metres:
                    heap_m[k], heap_node[k] = heap_m[(k - 1) >> 1], heap_node[(k - 1) >> 1]
                    k = (k - 1) >> 1
                heap_m[k], heap_node[k] = metres, node
        full = False
        while size > 0:
            metres, node = heap_m[0], heap_node[0]
            size -= 1
            last_m, last_node = heap_m[size], heap_node[size]
            k = 0
            while True:
                child = 2 * k + 1
                if child >= size:
                    break
                if child + 1 < size and heap_m[child + 1] < heap_m[child]:
                    child += 1
                if heap_m[child] >= last_m:
                    break
                heap_m[k], heap_node[k] = heap_m[child], heap_node[child]
                k = child
            heap_m[k], heap_node[k] = last_m, last_node
            if metres > far[node]:
                continue  # an older, longer way to a node that is done
            if done == len(out_node):
                full = True
                size = 0
                # What is still in the heap has been marked, and is not among the output: unmark it.
                break
            out_node[done] = node
            out_m[done] = metres
            done += 1
            for arc in range(indptr[node], indptr[node + 1]):
                onward, there = metres + cost[arc], to[arc]
                if onward <= limit and onward < far[there]:
                    far[there] = onward
                    k = size
                    size += 1
                    while k > 0 and heap_m[(k - 1) >> 1] > onward:
                        heap_m[k], heap_node[k] = heap_m[(k - 1) >> 1], heap_node[(k - 1) >> 1]
                        k = (k - 1) >> 1
                    heap_m[k], heap_node[k] = onward, there
        if full:
            far[:] = np.inf
            return s
        for k in range(began, done):
            far[out_node[k]] = np.inf
        out_count[s] = done - began
    return len(tail)


@compiled
def into_rows(one: int, node: Any, metres: Any, place: Any, site: Any, cost: Any) -> None:
    """Add what one site found to the rows of its nodes; ``place`` holds each row's next free place."""
    for k in range(len(node)):
        p = place[node[k]]
        site[p] = one
        cost[p] = metres[k]
        place[node[k]] = p + 1
