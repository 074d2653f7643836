"""Do a layer's positions look shifted against the streets, as Chinese web maps shift them?

Points of daily life lie near streets. A layer exported from a web map (GCJ-02, BD-09) and read as WGS 84 lies
some hundred metres off; undoing the offset brings it back to the streets. Layers are not compared with each other:
there is no reason why vacant spaces should lie close to census points.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely

from siteopt.findings import Findings
from siteopt.layers.datum import lonlat, operation
from siteopt.layers.gcj02 import from_bd09, from_gcj02, in_offset_area
from siteopt.units import Floats
from siteopt.world import Streets

FEWEST = 8
"""With fewer points a median says little, and a wrong alarm would stop a sound run."""
MOST = 2000
FAR_M = 60.0
MUCH_BETTER = 0.4

_SYSTEMS: tuple[tuple[str, Callable[[Floats], Floats]], ...] = (("GCJ-02", from_gcj02), ("BD-09", from_bd09))


class ShiftCheck:
    """The streets, searchable; built once, asked once per layer.

    Parameters
    ----------
    streets : Streets or None
        None, or a place outside China: every answer is "not shifted".
    crs : str
        The metric CRS.
    """

    def __init__(self, streets: Streets | None, crs: str) -> None:
        self._crs = crs
        self._tree: shapely.STRtree | None = None
        if streets is not None and len(streets.line):
            middle = np.median(streets.node_xy_m, axis=0).reshape(1, 2)
            if in_offset_area(lonlat(crs, middle)).all():
                self._tree = shapely.STRtree(streets.line)

    def tell(self, file: str, xy_m: Floats, findings: Findings) -> None:
        """Tell ``looks_shifted`` with the median distance (m) to the nearest street as it is and undone."""
        if self._tree is None or len(xy_m) < FEWEST:
            return
        # Evenly through the file, the same points every time.
        some = xy_m[np.unique(np.linspace(0, len(xy_m) - 1, min(MOST, len(xy_m))).astype(np.int64))]
        as_is_m = self._median_m(some)
        if not as_is_m > FAR_M:
            return
        degrees = lonlat(self._crs, some)
        back = operation("EPSG:4326", self._crs).transform
        undone = {}
        for system, undo in _SYSTEMS:
            moved = np.column_stack(back(*undo(degrees).T))
            undone[system] = (self._median_m(moved), float(np.median(np.hypot(*(moved - some).T))))
        system, (undone_m, offset_m) = min(undone.items(), key=lambda item: item[1][0])
        if undone_m < MUCH_BETTER * as_is_m and 100 <= offset_m <= 2000:
            findings.error(
                "looks_shifted", file=file, value=system, as_is_m=as_is_m, undone_m=undone_m, offset_m=offset_m
            )

    def _median_m(self, xy_m: Floats) -> float:
        assert self._tree is not None
        _, distance_m = self._tree.query_nearest(shapely.points(xy_m), return_distance=True, all_matches=False)
        return float(np.median(distance_m))
