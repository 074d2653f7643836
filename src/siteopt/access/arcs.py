"""The walking graph as arcs, for searches that run from the outlets outwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siteopt.access.costs import Costs
from siteopt.units import Floats, Ints
from siteopt.world import Streets


@dataclass(frozen=True, eq=False)
class Arcs:
    """CSR by node: to which nodes a search goes on from here, and what the walk from there to here costs.

    People walk from their homes to the outlet, and a search goes the other way round: each arc is searched against
    the direction in which it is walked. (Without slopes both are the same.)

    Attributes
    ----------
    indptr : (V+1,), to : (A,) node, cost_m : (A,) metres on the flat
    """

    indptr: Ints
    to: Ints
    cost_m: Floats

    @property
    def n_nodes(self) -> int:
        """V."""
        return len(self.indptr) - 1


def arcs_of(streets: Streets, costs: Costs) -> Arcs:
    """Of parallel edges the cheapest in each direction counts; a loop leads nowhere. (Points still snap to all.)"""
    n = len(streets.node_xy_m)
    apart = np.flatnonzero(streets.tail != streets.head)
    tail, head = streets.tail[apart], streets.head[apart]
    at, to = np.concatenate([tail, head]), np.concatenate([head, tail])
    cost = np.concatenate([costs.back_m[apart], costs.forth_m[apart]])
    order = np.lexsort((cost, to, at))
    at, to, cost = at[order], to[order], cost[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (np.diff(at) != 0) | (np.diff(to) != 0)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(at[first], minlength=n))]).astype(np.int64)
    return Arcs(indptr, to[first], cost[first])
