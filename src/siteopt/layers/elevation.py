"""Slopes of the streets from an elevation raster: what walking each stretch costs, up and down.

Heights are smoothed before slopes are taken: the difference of two rough heights a few metres apart is noise. They
are sampled at even distances along whole chains of street, never per segment of a drawn line.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from siteopt.findings import Findings
from siteopt.layers.datum import operation, same_datum
from siteopt.layers.files import RASTERS, locate
from siteopt.layers.heard import READER_ERRORS, heard, reason
from siteopt.layers.heights import Heights
from siteopt.layers.words import shown
from siteopt.scenario.schema import ElevationSpec
from siteopt.units import Floats, Ints, read_only
from siteopt.world import Slopes, Streets

_ROLE = "travel.elevation"
_STEEPNESS, _EASIEST = 3.5, 0.05
"""Tobler 1993: speed = 6 km/h * exp(-3.5 |slope + 0.05|): fastest down a slope of 5 %."""
STRETCH = float(np.exp(_STEEPNESS * _EASIEST))
"""How much faster than on the flat a walk is at best."""
_GAP_TOLD = 0.001


def with_slopes(spec: ElevationSpec, base: Path, crs: str, streets: Streets, findings: Findings) -> Streets | None:
    """Streets with what going up and down them costs.

    Where the raster has no height, a stretch counts as flat, and it is told how much of the network that is.

    Parameters
    ----------
    spec : ElevationSpec
    base : Path
        Folder of the scenario file.
    crs : str
        Metric CRS of the streets.
    streets : Streets
    findings : Findings
        Takes what :func:`siteopt.layers.files.locate` finds, ``unreadable_file``, ``reader_warns``,
        ``no_such_band``, ``no_crs``, ``unknown_crs``, ``crs_conflict``, ``mixed_datum``,
        ``elevation_elsewhere``, and the warnings ``elevation_gaps``, ``elevation_odd_heights``,
        ``elevation_steep``.

    Returns
    -------
    Streets or None
        None when an error was added.
    """
    path = locate(spec.file, base, findings, allowed=RASTERS)
    if path is None:
        return None
    indptr, at, xy_m = stations(streets, spec.step_m)
    try:
        with heard(spec.file, findings), rasterio.open(path) as raster:
            height = _heights_at(raster, spec, crs, xy_m, findings)
    except READER_ERRORS as error:
        findings.error("unreadable_file", file=spec.file, reason=reason(error, path))
        return None
    if height is None:
        return None
    slopes, known, steep = slopes_of(indptr, at, height, spec.max_slope)
    if not known.any():
        findings.error("elevation_elsewhere", file=spec.file, field=f"{_ROLE}.file")
        return None
    length = np.diff(at)[_inner(indptr)]
    total_m, gap_m, steep_m = (float(length[w].sum()) for w in (slice(None), ~known, steep))
    if gap_m > _GAP_TOLD * total_m:
        findings.warning("elevation_gaps", file=spec.file, km=gap_m / 1000, share=gap_m / total_m)
    if steep_m > 0.01 * total_m:
        findings.warning(
            "elevation_steep", file=spec.file, field=f"{_ROLE}.max_slope", value=spec.max_slope,
            km=steep_m / 1000, share=steep_m / total_m,
        )  # fmt: skip
    return replace(streets, slopes=slopes)


def stations(streets: Streets, step_m: float) -> tuple[Ints, Floats, Floats]:
    """Places evenly along every edge, both ends included, no farther apart than a step.

    Returns
    -------
    indptr : (E+1,), at_m : (Q,) metres from the tail, xy_m : (Q, 2)
    """
    parts = np.maximum(np.ceil(streets.length_m / step_m).astype(np.int64), 1)
    indptr = np.concatenate([[0], np.cumsum(parts + 1)]).astype(np.int64)
    edge = np.repeat(np.arange(len(parts)), parts + 1)
    rank = np.arange(indptr[-1]) - indptr[edge]
    at = streets.length_m[edge] * (rank / parts[edge])
    xy = np.empty((len(at), 2))
    for first in range(0, len(at), 200_000):
        some = slice(first, first + 200_000)
        xy[some] = shapely.get_coordinates(shapely.line_interpolate_point(streets.line[edge[some]], at[some]))
    return indptr, at, xy


def flat_metres(slope: Floats) -> Floats:
    """Metres on the flat that take as long as one metre on a slope (rise over run, walked upwards when positive)."""
    cost: Floats = np.exp(_STEEPNESS * (np.abs(slope + _EASIEST) - _EASIEST))
    return cost


def slopes_of(indptr: Ints, at_m: Floats, height_m: Floats, max_slope: float) -> tuple[Slopes, Any, Any]:
    """Costs at stations, and of each stretch between two: whether both heights are known, whether it was clipped."""
    inner = _inner(indptr)
    run = np.diff(at_m)[inner]
    slope = np.diff(height_m)[inner] / run
    known = np.isfinite(slope)
    steep = known & (np.abs(slope) > max_slope)
    slope = np.clip(np.where(known, slope, 0.0), -max_slope, max_slope)
    forth, back = (_added_up(indptr, inner, run * flat_metres(s)) for s in (slope, -slope))
    made = Slopes(
        indptr=read_only(indptr, np.int64),
        at_m=read_only(at_m, np.float64),
        forth_m=read_only(forth, np.float64),
        back_m=read_only(back, np.float64),
        stretch=STRETCH,
    )
    return made, known, steep


def _inner(indptr: Ints) -> Any:
    """(Q-1,) whether a station and the next one are on the same edge."""
    inner = np.ones(indptr[-1] - 1, dtype=np.bool_)
    inner[indptr[1:-1] - 1] = False
    return inner


def _added_up(indptr: Ints, inner: Any, cost: Floats) -> Floats:
    """Costs from the tail to each station, edge by edge, so that long sums of other edges leave no rounding here."""
    step = np.zeros(indptr[-1])
    step[1:][inner] = cost
    count, total = np.diff(indptr), np.zeros(indptr[-1])
    longest_first = np.argsort(-count, kind="stable")
    start, left = indptr[:-1][longest_first], count[longest_first]
    for rank in range(1, int(left[0])):
        which = start[: np.searchsorted(-left, -rank, "left")] + rank
        total[which] = total[which - 1] + step[which]
    return total


def _heights_at(raster: Any, spec: ElevationSpec, crs: str, xy_m: Floats, findings: Findings) -> Floats | None:
    """Smoothed heights at places in the metric CRS, nan where there is none."""
    if spec.band not in raster.indexes:
        known = ", ".join(str(i) for i in raster.indexes)
        findings.error("no_such_band", file=spec.file, field=f"{_ROLE}.band", value=spec.band, known=known)
        return None
    own = _own_crs(raster, spec, findings)
    if own is None or not same_datum(spec.file, own, _corner(raster), crs, findings):
        return None
    middle = np.median(xy_m, axis=0).reshape(1, 2)
    lon, lat = (float(v[0]) for v in operation(crs, "EPSG:4326").transform(middle[:, 0], middle[:, 1]))
    x, y = operation(crs, own, (lon, lat)).transform(xy_m[:, 0], xy_m[:, 1])
    # One metre east or north in pixels, at the middle of the town.
    nudged = middle + np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    there = operation(crs, own, (lon, lat)).transform(nudged[:, 0], nudged[:, 1])
    heights = Heights(raster, spec.band, spec.nodata, spec.smooth_m, there)
    height = heights.at(x, y)
    if heights.odd:
        findings.warning("elevation_odd_heights", file=spec.file, count=heights.odd, value=heights.example)
    return height


def _corner(raster: Any) -> Floats:
    left, bottom, right, top = raster.bounds
    return np.array([[(left + right) / 2, (bottom + top) / 2]])


def _own_crs(raster: Any, spec: ElevationSpec, findings: Findings) -> CRS | None:
    field = f"{_ROLE}.crs"
    try:
        own = CRS.from_user_input(raster.crs) if raster.crs else None
        given = CRS.from_user_input(spec.crs) if spec.crs else None
    except CRSError:
        findings.error("unknown_crs", file=spec.file, field=field, value=shown(spec.crs))
        return None
    if own is None and given is None:
        findings.error("no_crs", file=spec.file, field=field)
    if own is not None and given is not None and not given.equals(own, ignore_axis_order=True):
        findings.error("crs_conflict", file=spec.file, field=field, value=given.name, found=own.name)
        return None
    return own or given
