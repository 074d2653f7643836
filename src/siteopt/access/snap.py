"""Points to the nearest place on a street: an edge and how far along it, never merely the nearest node.

Snapping to nodes would miss or invent one reachable pair in fourteen on a real city, so it is not offered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from siteopt.units import Bools, Floats, Ints, Texts
from siteopt.world import Streets

_MOST_SEGMENTS = 16
_STRIP_M = 200.0


@dataclass(frozen=True, eq=False)
class Snap:
    """Where points meet the streets (N points).

    Attributes
    ----------
    edge : (N,) edge of the graph, -1 when there is none at all
    offset_m : (N,) metres along the edge from its tail
    at_xy_m : (N, 2) the place on the edge
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
    """

    def __init__(self, streets: Streets, *, max_snap_m: float, min_component_m: float) -> None:
        self._length_m, self._max_snap_m = streets.length_m, max_snap_m
        self._stretch, self._edge, self._start_m = _stretches(streets.line)
        self._edge_component = streets.component[streets.tail]
        self._is_kept = kept_components(streets, min_component_m)[self._edge_component[self._edge]]
        self._kept = np.flatnonzero(self._is_kept)
        self._all_tree = shapely.STRtree(self._stretch)
        self._kept_tree = self._all_tree if self._is_kept.all() else shapely.STRtree(self._stretch[self._kept])

    def __call__(self, xy_m: Floats) -> Snap:
        """Snap (N, 2) finite points; of streets equally near, the edge with the smallest number is taken."""
        n = len(xy_m)
        if not len(self._edge) or not n:
            nothing, no = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.bool_)
            return Snap(nothing, np.zeros(n), np.array(xy_m).reshape(n, 2), np.full(n, np.inf), no, nothing, no)
        point = shapely.points(xy_m)
        at = _nearest(self._all_tree, point)
        moved = ~self._is_kept[at]
        if moved.any():
            at[moved] = self._kept[_nearest(self._kept_tree, point[moved])]
        edge, stretch = self._edge[at], self._stretch[at]
        along = shapely.line_locate_point(stretch, point)
        access = shapely.distance(stretch, point)
        return Snap(
            edge=edge,
            offset_m=np.clip(self._start_m[at] + along, 0.0, self._length_m[edge]),
            at_xy_m=shapely.get_coordinates(shapely.line_interpolate_point(stretch, along)),
            access_m=access,
            connected=np.asarray(access <= self._max_snap_m, dtype=np.bool_),
            component=self._edge_component[edge],
            moved=moved,
        )


def _nearest(tree: shapely.STRtree, point: Texts) -> Ints:
    """The nearest geometry of each point; of several equally near, the one with the smallest number."""
    # Neighbours one after the other: the search is twice as fast when it finds the last point's streets in cache.
    visit = np.lexsort((shapely.get_y(point), np.floor(shapely.get_x(point) / _STRIP_M)))
    which, found = tree.query_nearest(point[visit], all_matches=True)
    first = np.full(len(point), np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(first, visit[which], found)
    return first


def _stretches(line: Texts) -> tuple[Texts, Ints, Floats]:
    """Cut long lines into stretches of few segments, for a search looks at every segment of a line that is near.

    (Single segments would be searched no faster than this, and take 20 times as long to index.)

    Returns
    -------
    stretch : (R,) LineStrings; edge : (R,) ascending, the line each is cut from; start_m : (R,) metres from the
        line's start
    """
    long = np.flatnonzero(shapely.get_num_coordinates(line) > _MOST_SEGMENTS + 1)
    whole = np.setdiff1d(np.arange(len(line)), long)
    if not len(long):
        return np.asarray(line), whole, np.zeros(len(line))
    xy, owner = shapely.get_coordinates(line[long], return_index=True)
    segment = np.flatnonzero(owner[1:] == owner[:-1])
    first_vertex = np.searchsorted(owner, np.arange(len(long)))
    rank = segment - first_vertex[owner[segment]]
    first = np.flatnonzero(rank % _MOST_SEGMENTS == 0)
    count = np.diff(np.append(first, len(segment)))
    # The vertices of a stretch: where each of its segments starts, and where the last one ends.
    last = first + count - 1
    vertex = np.insert(segment, last + 1, segment[last] + 1)
    cut = shapely.linestrings(xy[vertex], indices=np.repeat(np.arange(len(first)), count + 1))
    walked = np.cumsum(shapely.length(cut)) - shapely.length(cut)
    line_of_cut = owner[segment[first]]
    start = walked - walked[np.searchsorted(line_of_cut, line_of_cut)]

    edge = np.concatenate([whole, long[line_of_cut]])
    order = np.argsort(edge, kind="stable")
    stretch = np.concatenate([line[whole], cut])[order]
    return stretch, edge[order], np.concatenate([np.zeros(len(whole)), start])[order]
