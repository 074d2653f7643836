"""What walking the edges costs in either direction, in metres on the flat that take as long.

Without slopes these are metres. The search, both ends of a walk and the limit are all in this one measure, so the
speed on the flat stays a single figure that the result is divided by at the very end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siteopt.access.snap import Snap
from siteopt.units import Floats, Ints
from siteopt.world import Streets


@dataclass(frozen=True, eq=False)
class Ends:
    """Points on their edges (N points), and the walk between them and the two ends of the edge.

    Attributes
    ----------
    edge : (N,) edge of each point
    forth_m : (N,) from the edge's tail to the point; back_m : (N,) from the point to the tail
    tail_m : (N,) between the point and the tail, head_m : (N,) between the point and the head: of a cell the way
        from the point to the node, of a site the way from the node to the point
    access_m : (N,) between the point and its place on the street
    """

    edge: Ints
    forth_m: Floats
    back_m: Floats
    tail_m: Floats
    head_m: Floats
    access_m: Floats


class Costs:
    """The costs of all edges.

    Attributes
    ----------
    forth_m, back_m : (E,) from tail to head, from head to tail
    stretch : float, >= 1
        Metres of street that one metre's cost may cover at most: how far a walk within the cutoff may lead.
    """

    def __init__(self, streets: Streets) -> None:
        self._slopes = streets.slopes
        if self._slopes is None:
            self.forth_m = self.back_m = streets.length_m
            self.stretch = 1.0
        else:
            last = self._slopes.indptr[1:] - 1
            self.forth_m, self.back_m = self._slopes.forth_m[last], self._slopes.back_m[last]
            self.stretch = self._slopes.stretch
            # All edges end to end are one ascending row of stations, so that one search finds every place.
            self._start = np.concatenate([[0.0], np.cumsum(self._slopes.at_m[last])[:-1]])
            self._row = np.repeat(self._start, np.diff(self._slopes.indptr)) + self._slopes.at_m

    def of_cells(self, snap: Snap) -> Ends:
        """Where walks start."""
        forth, back = self._along(snap.edge, snap.offset_m)
        return Ends(snap.edge, forth, back, back, self._whole(self.forth_m, snap.edge) - forth, snap.access_m)

    def of_sites(self, snap: Snap) -> Ends:
        """Where walks end."""
        forth, back = self._along(snap.edge, snap.offset_m)
        return Ends(snap.edge, forth, back, forth, self._whole(self.back_m, snap.edge) - back, snap.access_m)

    def _whole(self, cost_m: Floats, edge: Ints) -> Floats:
        """The cost of each point's edge; 0 where there are no edges at all."""
        return cost_m[edge] if len(cost_m) else np.zeros(len(edge))

    def _along(self, edge: Ints, offset_m: Floats) -> tuple[Floats, Floats]:
        if self._slopes is None:
            return offset_m, offset_m
        # Straight between the two stations around a place.
        slopes = self._slopes
        first, last = slopes.indptr[edge], slopes.indptr[edge + 1] - 1
        here = np.clip(np.searchsorted(self._row, self._start[edge] + offset_m, "right") - 1, first, last - 1)
        step = slopes.at_m[here + 1] - slopes.at_m[here]
        part = np.clip((offset_m - slopes.at_m[here]) / step, 0.0, 1.0)
        forth = slopes.forth_m[here] + part * (slopes.forth_m[here + 1] - slopes.forth_m[here])
        back = slopes.back_m[here] + part * (slopes.back_m[here + 1] - slopes.back_m[here])
        return forth, back
