"""Streets cut into short stretches, and the search for the stretch nearest to a point."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import shapely

from siteopt.units import Floats, Ints, Shorts, Texts

_MOST_SEGMENTS = 16
_LEAST_SIDE_M = 40.0
_MOST_RINGS = 24
_ROOM = 8
_TOLERANCE = 1e-7
"""Metres: a thousand times the float noise of distances between coordinates of millions of metres."""


class Index:
    """Finds the nearest of some stretches.

    Parameters
    ----------
    stretch : (R,) LineStrings
    which : (S,) ascending, those that are searched
    compiled : bool
        Narrow the choice down by a grid with compiled loops; only what the grid does not find is searched in a tree.
    """

    def __init__(self, stretch: Texts, which: Ints, compiled: bool) -> None:
        self._stretch, self._which, self._compiled = stretch, which, compiled

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._stretch[self._which])

    @cached_property
    def _grid(self) -> _Grid:
        return _Grid(self._stretch[self._which])

    def prepare(self) -> None:
        """Make what is searched now, once, before threads ask for it."""
        if len(self._which):
            _ = self._grid if self._compiled else self._tree

    def nearest(self, point: Texts, xy_m: Floats) -> Ints:
        """The nearest stretch of each point; of several equally near, the one with the smallest number.

        Parameters
        ----------
        point : (N,) points; xy_m : (N, 2) their coordinates
        """
        if not self._compiled:
            return self._which[self._in_tree(point)]
        count, few = self._grid.few(xy_m)
        found = few[:, 0].astype(np.int64)
        several = np.flatnonzero(count > 1)
        if len(several):
            owner = np.repeat(several, count[several])
            number = few[several][np.arange(few.shape[1]) < count[several][:, None]].astype(np.int64)
            metres = shapely.distance(self._stretch[self._which[number]], point[owner])
            order = np.lexsort((number, metres, owner))
            found[several] = number[order][np.flatnonzero(np.diff(owner[order], prepend=-1))]
        lost = np.flatnonzero(count == 0)
        if len(lost):
            found[lost] = self._in_tree(point[lost])
        return self._which[found]

    def _in_tree(self, point: Texts) -> Ints:
        which, found = self._tree.query_nearest(point, all_matches=True)
        first = np.full(len(point), np.iinfo(np.int64).max, dtype=np.int64)
        np.minimum.at(first, which, found)
        return first


class _Grid:
    """Segments of stretches by square."""

    def __init__(self, stretch: Texts) -> None:
        from siteopt.access.snap_kernel import fill_grid

        xy, owner = shapely.get_coordinates(stretch, return_index=True)
        self._x, self._y, self._owner = xy[:, 0].copy(), xy[:, 1].copy(), owner.astype(np.int32)
        low, high = xy.min(axis=0), xy.max(axis=0)
        # No more than about two squares per segment, however large and empty the land.
        self._side = max(_LEAST_SIDE_M, float(np.sqrt((np.prod(high - low + 1.0)) / (2 * len(xy)))))
        self._x0, self._y0 = (float(v) for v in low)
        self._columns, self._rows = (int(v) + 1 for v in (high - low) // self._side)
        place = np.zeros(self._columns * self._rows, dtype=np.int64)
        shape = (self._x0, self._y0, self._side, self._columns, self._rows)
        fill_grid(self._x, self._y, self._owner, *shape, place, np.empty(0, dtype=np.int32))
        self._indptr = np.concatenate([[0], np.cumsum(place)]).astype(np.int64)
        self._segment = np.empty(self._indptr[-1], dtype=np.int32)
        fill_grid(self._x, self._y, self._owner, *shape, self._indptr[:-1].copy(), self._segment)

    def few(self, xy_m: Floats) -> tuple[Ints, Shorts]:
        """(N,) how many stretches may be nearest, 0 = not found here; (N, K) which."""
        from siteopt.access.snap_kernel import nearest

        count, stretch = np.zeros(len(xy_m), dtype=np.int64), np.zeros((len(xy_m), _ROOM), dtype=np.int32)
        nearest(
            xy_m[:, 0].copy(), xy_m[:, 1].copy(), self._x, self._y, self._owner, self._x0, self._y0, self._side,
            self._columns, self._rows, self._indptr, self._segment, _MOST_RINGS, _TOLERANCE, count, stretch,
        )  # fmt: skip
        return count, stretch


def stretches(line: Texts) -> tuple[Texts, Ints, Floats]:
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
