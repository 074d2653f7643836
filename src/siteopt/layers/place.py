"""Bring a layer into the metric CRS, after asking whether its coordinates can be what they claim to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pyproj import CRS

from siteopt.findings import Findings
from siteopt.layers.datum import lonlat, middle, same_datum, to_metric, xy_to
from siteopt.layers.shapes import check_shapes, inner_points
from siteopt.layers.table import Table
from siteopt.units import Bools, Floats, Texts

OUTSIDE_AREA_DEG = 3.0
"""A layer may lie this far outside its CRS's area of use: grids are used a little beyond their border."""

STRAY_M = 100_000.0
"""A feature farther than this from the middle of its layer is told."""


@dataclass(frozen=True, eq=False)
class Placed:
    """A layer in the metric CRS: (N,) geometries and (N, 2) a point inside each, metres."""

    geometry: Texts
    xy_m: Floats


def place(
    table: Table, crs: str, findings: Findings, *, polygons_only: bool = False, lines: bool = False
) -> Placed | None:
    """Check the shapes and coordinates of a layer and bring it into the metric CRS.

    Parameters
    ----------
    table : Table
    crs : str
        The metric CRS.
    findings : Findings
        Takes the findings of :func:`check_shapes` and ``degrees_where_metres``, ``metres_where_degrees``,
        ``axes_swapped``, ``outside_crs_area``, ``null_position``, ``cannot_project``, ``stray_feature`` and those of
        :func:`same_datum`.
    polygons_only : bool
        Points are a fault.
    lines : bool
        Lines are none.

    Returns
    -------
    Placed or None
        None when the layer cannot be used; every fault has been told.
    """
    usable = check_shapes(table, findings, polygons_only=polygons_only, lines=lines)
    if table.crs is None or not usable.any():
        return None
    xy = inner_points(table.geometry[usable])
    if not _plausible(table, usable, xy, findings):
        return None
    if not same_datum(table.file, table.crs, xy, crs, findings) or not usable.all():
        return None
    geometry = to_metric(table.geometry, table.crs, crs)
    # The inner point moves with its shape; so it is the same place, whatever CRS the run is computed in.
    xy_m = xy_to(xy, table.crs, crs)
    lost = np.flatnonzero(~np.isfinite(xy_m).all(axis=1))
    if len(lost):
        findings.error(
            "cannot_project", file=table.file, row=table.label(lost[0]), value=table.crs.name, wanted=crs,
            count=len(lost),
        )  # fmt: skip
        return None
    _tell_strays(table, xy_m, findings)
    return Placed(geometry, xy_m)


def _plausible(table: Table, usable: Bools, xy: Floats, findings: Findings) -> bool:
    crs = table.crs
    assert crs is not None
    zero = np.flatnonzero(usable)[(xy == 0).all(axis=1)]
    for i in zero:
        findings.error("null_position", file=table.file, row=table.label(i))
    in_degrees: Bools = np.all(np.abs(xy) <= (180, 90), axis=1)
    if crs.is_geographic and not in_degrees.all():
        _tell_not_degrees(table, np.flatnonzero(usable), xy, in_degrees, findings)
        return False
    if not crs.is_geographic and in_degrees.all() and not len(zero):
        x, y = xy[0]
        findings.error("degrees_where_metres", file=table.file, value=f"{x:.6g}, {y:.6g}", crs=crs.name)
        return False
    return not len(zero) and within_area_of_use(table.file, crs, middle(xy), findings)


def _tell_not_degrees(table: Table, index: np.ndarray, xy: Floats, in_degrees: Bools, findings: Findings) -> None:
    assert table.crs is not None
    wrong = np.flatnonzero(~in_degrees)
    x, y = xy[wrong[0]]
    where = {"file": table.file, "value": f"{x:.9g}, {y:.9g}", "crs": table.crs.name}
    if (np.abs(xy) <= (90, 180)).all():
        findings.error("axes_swapped", **where)
    elif len(wrong) * 2 >= len(xy):
        findings.error("metres_where_degrees", **where)
    else:
        for i in wrong:
            x, y = xy[i]
            findings.error("outside_degrees", file=table.file, row=table.label(index[i]), value=f"{x:.9g}, {y:.9g}")


def within_area_of_use(file: str, crs: CRS, centre: Floats, findings: Findings) -> bool:
    """Whether a layer's middle, (1, 2), lies where its CRS is used; else ``axes_swapped``, ``outside_crs_area``."""
    area = crs.area_of_use
    if area is None:
        return True
    where = lonlat(crs, centre)[0]
    if degrees_outside(area.bounds, where) <= OUTSIDE_AREA_DEG:
        return True
    swapped = lonlat(crs, centre[:, ::-1])[0]
    x, y = centre[0]
    if degrees_outside(area.bounds, swapped) <= 0:
        findings.error("axes_swapped", file=file, value=f"{x:.9g}, {y:.9g}", crs=crs.name)
    else:
        findings.error(
            "outside_crs_area", file=file, value=f"{x:.9g}, {y:.9g}", crs=crs.name, area=area.name,
            lon=float(where[0]), lat=float(where[1]),
        )  # fmt: skip
    return False


def degrees_outside(bounds: tuple[float, float, float, float], point: Floats) -> float:
    """How far, in degrees, a (lon, lat) lies outside a box (west, south, east, north); inf when it is nowhere."""
    west, south, east, north = bounds
    lon, lat = (float(v) for v in point)
    if not (np.isfinite(lon) and np.isfinite(lat)):
        return float("inf")
    east = east + 360 if east < west else east  # a box over the 180th meridian
    beyond = min(max(west - at, at - east, 0.0) for at in (lon, lon + 360))
    return max(beyond, south - lat, lat - north, 0.0)


def _tell_strays(table: Table, xy_m: Floats, findings: Findings) -> None:
    if len(xy_m) < 3:
        return
    away_m = np.hypot(*(xy_m - middle(xy_m)).T)
    strays = np.flatnonzero(away_m > STRAY_M)
    if len(strays) * 20 <= len(xy_m) or len(strays) == 1:  # many of them: the layer is simply large
        for i in strays:
            findings.warning("stray_feature", file=table.file, row=table.label(i), km=away_m[i] / 1000)
