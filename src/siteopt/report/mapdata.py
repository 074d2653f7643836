"""The map's geometry as compact whole numbers in longitude and latitude (degrees x 1e6 from a corner).

A page with 12,000 cells must stay small and smooth: cells of one shape are stored as centres and one outline,
other outlines are simplified until they fit, and beyond ``MOST_CELLS`` cells are merged into square tiles.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from scipy.spatial import cKDTree

from siteopt.plan import Run
from siteopt.units import Floats, Ints
from siteopt.world import DemandCells, Streets

MICRO = 1e6
MOST_CELLS = 60_000
MOST_VERTICES = 250_000
MOST_MINUTES = 150_000
"""Cells x types beyond which the page keeps only "within reach or not", no minutes."""
STREET_BYTES = 1_500_000


class ToDegrees:
    """From the metric CRS to whole micro-degrees counted from the south-west corner of some points."""

    def __init__(self, crs: str, xy_m: Floats) -> None:
        # Made once: finding the way between two CRS takes longer than moving a whole town.
        self._transformer = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        lon, lat = self._lonlat(xy_m)
        self.lon0, self.lat0 = round(float(lon.min()), 6), round(float(lat.min()), 6)

    def __call__(self, xy_m: Floats) -> Ints:
        """(n, 2) metres to (n, 2) whole micro-degrees."""
        lon, lat = self._lonlat(xy_m)
        return np.rint(np.column_stack([lon - self.lon0, lat - self.lat0]) * MICRO).astype(np.int64)

    def _lonlat(self, xy_m: Floats) -> tuple[Floats, Floats]:
        xy = np.asarray(xy_m, dtype=np.float64).reshape(-1, 2)
        lon, lat = self._transformer.transform(xy[:, 0], xy[:, 1])
        return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def map_data(run: Run, streets: Streets | None = None) -> dict[str, Any]:
    """Everything that the page's map draws.

    Parameters
    ----------
    run : Run
    streets : Streets, optional
        Drawn as thin lines under the map, decimated to at most about 1.5 MB.

    Returns
    -------
    dict
        ``lon0``, ``lat0``; ``cells``, ``candidates``, ``existing``, ``communities``, ``streets``; plain lists.
    """
    world = run.world
    to_degrees = ToDegrees(world.crs, np.vstack([world.cells.xy_m, world.sites.xy_m]))
    extent = np.ptp(np.vstack([world.cells.xy_m, world.sites.xy_m]), axis=0).max()
    return {
        "lon0": to_degrees.lon0,
        "lat0": to_degrees.lat0,
        "cells": _cells(run, to_degrees, float(extent)),
        "sites": _sites(run, to_degrees),
        "communities": _communities(run, to_degrees, float(extent)),
        "streets": _streets(streets, to_degrees) if streets is not None else None,
    }


# --- demand cells ---------------------------------------------------------------------------------------------


def _cells(run: Run, to_degrees: ToDegrees, extent_m: float) -> dict[str, Any]:
    """Inhabited cells: where, how many people, which types they reach before and after."""
    cells, scores = run.world.cells, run.scores
    lived_in = np.flatnonzero(cells.residents > 0)
    before = np.isfinite(scores.minutes_before[lived_in])
    after = np.isfinite(scores.minutes_after[lived_in])
    if len(lived_in) > MOST_CELLS:
        return _tiles(cells, lived_in, before, after, to_degrees)
    n_types = before.shape[1]
    out: dict[str, Any] = {
        "people": _short(cells.residents[lived_in], 1),
        "id": [str(c) for c in cells.cell_id[lived_in]],
        "community": cells.community[lived_in].tolist(),
        "reach": [_reach_text(before[:, t], after[:, t]) for t in range(n_types)],
        "tile_m": 0,
        **_outlines(cells, lived_in, to_degrees, extent_m),
    }
    if before.size <= MOST_MINUTES:
        out["before"] = [_minutes(scores.minutes_before[lived_in, t]) for t in range(n_types)]
        out["after"] = [_minutes(scores.minutes_after[lived_in, t]) for t in range(n_types)]
        out["by"] = [scores.served_by[lived_in, t].tolist() for t in range(n_types)]
    return out


def _reach_text(before: Any, after: Any) -> str:
    """One letter per cell: 0 out of reach, 1 within reach today, 2 within reach thanks to the plan."""
    state = np.where(before, 1, np.where(after, 2, 0))
    return (state + ord("0")).astype(np.uint8).tobytes().decode("ascii")


def _minutes(minutes: Floats) -> list[int]:
    """Tenths of a minute, -1 where out of reach; rounded down so that no one is shown beyond the limit."""
    tenths = np.floor(np.where(np.isfinite(minutes), minutes, -0.1) * 10 + 1e-4)
    return [int(v) for v in tenths]


def _short(values: Floats, digits: int) -> list[float | int]:
    rounded = np.round(values, digits)
    return [int(v) if v == int(v) else float(v) for v in rounded]


def _outlines(cells: DemandCells, lived_in: Ints, to_degrees: ToDegrees, extent_m: float) -> dict[str, Any]:
    """``xy`` and one shared ``shape`` where all cells look alike, else ``rings`` per cell."""
    geometry = cells.geometry[lived_in]
    is_area = shapely.area(geometry) > 0
    if not is_area.any():
        return _alike(
            cells.xy_m[lived_in],
            _octagon(min(_half_spacing(cells.xy_m[lived_in]), max(extent_m / 45, 10.0))),
            to_degrees,
        )
    if is_area.all():
        shape = _common_shape(geometry)
        if shape is not None:
            corner = shapely.bounds(geometry)[:, :2]
            return _alike(corner + np.ptp(shape, axis=0) / 2, shape - np.ptp(shape, axis=0) / 2, to_degrees)
    small = np.where(is_area, geometry, shapely.buffer(geometry, max(extent_m / 400, 5.0), quad_segs=2))
    return {"rings": rings_of(small, to_degrees, extent_m)}


def _alike(centre_m: Floats, shape_m: Floats, to_degrees: ToDegrees) -> dict[str, Any]:
    if not len(centre_m):
        return {"xy": [], "shape": []}
    middle = centre_m[len(centre_m) // 2]
    shape = to_degrees(middle + shape_m) - to_degrees(middle[None, :])
    return {"xy": to_degrees(centre_m).ravel().tolist(), "shape": shape.ravel().tolist()}


def _common_shape(geometry: Any) -> Floats | None:
    """The one outline (k, 2), from its own south-west corner, that all cells share; None when they differ."""
    first = geometry[0]
    if first.geom_type != "Polygon" or first.interiors:
        return None
    counts = shapely.get_num_coordinates(geometry)
    if (shapely.get_type_id(geometry) != 3).any() or (counts != counts[0]).any() or counts[0] > 10:
        return None
    points = shapely.get_coordinates(geometry).reshape(len(geometry), int(counts[0]), 2)
    local = points - points.min(axis=1, keepdims=True)
    size = float(np.ptp(local[0], axis=0).max())
    alike = np.abs(local - local[0]).max() <= 0.01 * size
    return np.asarray(local[0][:-1]) if alike else None


def _half_spacing(xy_m: Floats) -> float:
    """Half the usual distance between neighbours: a mark of this size neither overlaps nor gets lost."""
    if len(xy_m) < 2:
        return 50.0
    distance, _ = cKDTree(xy_m).query(xy_m, k=2)
    return float(np.clip(np.median(distance[:, 1]) / 2, 5.0, 250.0))


def _octagon(radius_m: float) -> Floats:
    angle = np.arange(8) * np.pi / 4 + np.pi / 8
    return np.column_stack([np.cos(angle), np.sin(angle)]) * radius_m


def rings_of(geometry: Any, to_degrees: ToDegrees, extent_m: float) -> list[list[list[int]]]:
    """Per polygon its rings, each a flat list: first point, then steps; simplified until they fit."""
    tolerance_m, simple = extent_m / 4000, geometry
    for _ in range(8):
        simple = shapely.simplify(geometry, tolerance_m, preserve_topology=True)
        if shapely.get_num_coordinates(simple).sum() <= MOST_VERTICES:
            break
        tolerance_m *= 2
    parts, owner = shapely.get_parts(simple, return_index=True)
    is_area = shapely.get_type_id(parts) == 3
    rings, part = shapely.get_rings(parts[is_area], return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    whole = to_degrees(points)
    ends = np.cumsum(np.bincount(ring, minlength=len(rings)))
    out: list[list[list[int]]] = [[] for _ in range(len(geometry))]
    for r, end in enumerate(ends):
        outline = whole[ends[r - 1] if r else 0 : end - 1]
        is_hole = bool(r and part[r] == part[r - 1])
        out[int(owner[is_area][part[r]])].append(
            _steps(outline[::-1] if _turns_left(outline) == is_hole else outline)
        )
    return out


def _turns_left(points: Ints) -> bool:
    """Whether a ring runs counter-clockwise; outlines do and holes do not, so that overlaps stay filled."""
    x, y = points.T
    return bool((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() > 0)


def _steps(points: Ints) -> list[int]:
    first = points[:1]
    flat: list[int] = np.vstack([first, np.diff(points, axis=0)]).ravel().tolist()
    return flat


def _tiles(cells: DemandCells, lived_in: Ints, before: Any, after: Any, to_degrees: ToDegrees) -> dict[str, Any]:
    """Square tiles of people: a tile shows a type as within reach where at least half of its people have it."""
    xy, people = cells.xy_m[lived_in], cells.residents[lived_in]
    size_m = 100.0
    while True:
        tile, inverse = np.unique(np.floor(xy / size_m).astype(np.int64), axis=0, return_inverse=True)
        if len(tile) <= MOST_CELLS:
            break
        size_m *= 1.5
    inverse = inverse.ravel()
    total = np.bincount(inverse, weights=people)
    half = [
        [np.bincount(inverse, weights=people * had[:, t]) >= total / 2 for t in range(before.shape[1])]
        for had in (before, after)
    ]
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * size_m / 2
    return {
        "people": _short(np.asarray(total, dtype=np.float64), 0),
        "id": [],
        "community": [-1] * len(tile),
        "reach": [_reach_text(b, a) for b, a in zip(*half, strict=True)],
        "tile_m": round(size_m),
        **_alike(np.asarray((tile + 0.5) * size_m, dtype=np.float64), square, to_degrees),
    }


# --- sites, communities, streets ------------------------------------------------------------------------------


def _sites(run: Run, to_degrees: ToDegrees) -> dict[str, Any]:
    """All sites; the page tells unused candidates, chosen ones and standing outlets apart by their type lists."""
    sites = run.world.sites
    standing: list[list[int]] = [np.flatnonzero(row).tolist() for row in sites.standing]
    return {
        "xy": to_degrees(sites.xy_m).ravel().tolist(),
        "id": [str(s) for s in sites.site_id],
        "name": [str(s) for s in sites.name],
        "kind": [str(s) for s in sites.kind],
        "area": _short(sites.area_m2, 0),
        "tenure": [str(s) for s in sites.tenure],
        "parcel": [str(s) for s in sites.parcel_id],
        "community": sites.community.tolist(),
        "standing": standing,
    }


def _communities(run: Run, to_degrees: ToDegrees, extent_m: float) -> dict[str, Any]:
    communities = run.world.communities
    if not len(communities):
        return {"rings": [], "label": []}
    label = shapely.get_coordinates(shapely.point_on_surface(communities.geometry))
    return {
        "rings": rings_of(communities.geometry, to_degrees, extent_m),
        "label": to_degrees(label).ravel().tolist(),
    }


def _streets(streets: Streets, to_degrees: ToDegrees) -> list[list[int]]:
    """Lines as steps in units of 1e-5 degrees (about 1 m), coarser and then fewer until they fit."""
    lines = streets.line
    for tolerance_m in (2.0, 5.0, 10.0, 20.0):
        lines = shapely.simplify(streets.line, tolerance_m, preserve_topology=False)
        if shapely.get_num_coordinates(lines).sum() * 7 <= STREET_BYTES:
            break
    counts = shapely.get_num_coordinates(lines)
    if counts.sum() * 7 > STREET_BYTES:
        # Longest first: what is lost is alleys, not the skeleton that people know the town by.
        order = np.argsort(-streets.length_m, kind="stable")
        lines = lines[np.sort(order[: int(np.searchsorted(np.cumsum(counts[order]) * 7, STREET_BYTES))])]
        counts = shapely.get_num_coordinates(lines)
    whole = np.rint(to_degrees(shapely.get_coordinates(lines)) / 10).astype(np.int64)
    return [_steps(points) for points in np.split(whole, np.cumsum(counts)[:-1]) if len(points) > 1]
