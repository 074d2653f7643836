"""Points to the nearest place on a street: an edge and how far along it, never merely the nearest node.

Snapping to nodes would miss or invent one reachable pair in fourteen on a real city, so it is not offered.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import shapely

from siteopt.access.stretches import Index, stretches
from siteopt.units import Bools, Floats, Ints, Texts
from siteopt.world import Streets

_STRIP_M = 200.0
_AT_ONCE = 32_768
"""Points of geometry held at a time."""


@dataclass(frozen=True, eq=False)
class Snap:
    """Where points meet the streets (N points).

    Attributes
    ----------
    edge : (N,) edge of the graph, -1 when there is none at all
    offset_m : (N,) metres along the edge from its tail
    at_xy_m : (N, 2) the place on the edge; nan where it was not asked for
    access_m : (N,) metres from the point straight to that place, inf when there is no edge
    connected : (N,) bool, the place is no farther than the limit
    component : (N,) connected component of the edge, -1 when there is none
    moved : (N,) bool, the nearest street of all belongs to a piece that was left out
    """

    edge: Ints
    offset_m: Floats
    at_xy_m: Floats
    access_m: Floats
    connected: Bools
    component: Ints
    moved: Bools

    def __len__(self) -> int:
        return len(self.edge)


def kept_components(streets: Streets, min_component_m: float) -> Bools:
    """(C,) bool: pieces of network long enough to walk on; the longest piece always is."""
    kept = np.asarray(streets.component_length_m >= min_component_m, dtype=np.bool_)
    kept[:1] = True
    return kept


class Snapper:
    """Finds the nearest street for any number of points.

    Parameters
    ----------
    streets : Streets
    max_snap_m : float
        Points farther than this from a street are not connected; exactly this far is.
    min_component_m : float
        Pieces of network shorter than this are left out (see :func:`kept_components`).
    compiled : bool
        Narrow the streets down with compiled loops first; for many points, and with the same answer.
    threads : int
        For many points.
    """

    def __init__(
        self, streets: Streets, *, max_snap_m: float, min_component_m: float, compiled: bool = False, threads: int = 1
    ) -> None:
        self._length_m, self._max_snap_m, self._threads = streets.length_m, max_snap_m, threads
        stretch, self._edge, self._start_m = stretches(streets.line)
        self._edge_component = streets.component[streets.tail]
        self._is_kept = kept_components(streets, min_component_m)[self._edge_component[self._edge]]
        self._all = Index(stretch, np.arange(len(stretch)), compiled)
        kept = np.flatnonzero(self._is_kept)
        self._kept = self._all if self._is_kept.all() else Index(stretch, kept, compiled)
        self._stretch = stretch

    def __call__(self, xy_m: Floats, *, places: bool = True) -> Snap:
        """Snap (N, 2) finite points; of streets equally near, the edge with the smallest number is taken.

        ``places=False`` leaves the places on the edges out: they take as long as all the rest.
        """
        n = len(xy_m)
        if not len(self._edge) or not n:
            nothing, no = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.bool_)
            return Snap(nothing, np.zeros(n), np.array(xy_m).reshape(n, 2), np.full(n, np.inf), no, nothing, no)
        # Neighbours one after the other: a search is twice as fast when it finds the last point's streets in cache.
        visit = np.lexsort((xy_m[:, 1], np.floor(xy_m[:, 0] / _STRIP_M)))
        parts = np.array_split(visit, max(1, -(-n // _AT_ONCE)))
        edge, moved = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.bool_)
        offset, access, at_xy = np.empty(n), np.empty(n), np.full((n, 2) if places else (1, 2), np.nan)

        def snap(part: Ints) -> None:
            point = shapely.points(xy_m[part])
            at, moved[part] = self._stretch_of(point, xy_m[part])
            stretch, edge[part] = self._stretch[at], self._edge[at]
            along = shapely.line_locate_point(stretch, point)
            offset[part] = np.clip(self._start_m[at] + along, 0.0, self._length_m[edge[part]])
            access[part] = shapely.distance(stretch, point)
            if places:
                at_xy[part] = shapely.get_coordinates(shapely.line_interpolate_point(stretch, along))

        if self._threads > 1 and len(parts) > 1:
            self._all.prepare()
            self._kept.prepare()
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(snap, parts))
        else:
            for part in parts:
                snap(part)
        return Snap(
            edge=edge,
            offset_m=offset,
            at_xy_m=np.broadcast_to(at_xy, (n, 2)),
            access_m=access,
            connected=np.asarray(access <= self._max_snap_m, dtype=np.bool_),
            component=self._edge_component[edge],
            moved=moved,
        )

    def _stretch_of(self, point: Texts, xy_m: Floats) -> tuple[Ints, Bools]:
        """The stretch that each point meets, and whether a nearer one was left out."""
        at = self._all.nearest(point, xy_m)
        moved = ~self._is_kept[at]
        if moved.any():
            at[moved] = self._kept.nearest(point[moved], xy_m[moved])
        return at, moved
