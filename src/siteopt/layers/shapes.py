"""Shapes: is each one usable, and which point stands for it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from siteopt.findings import Findings
from siteopt.units import Bools, Floats, Texts

if TYPE_CHECKING:
    from siteopt.layers.table import Table

POINTS = frozenset({0, 4})
LINES = frozenset({1, 2, 5})
POLYGONS = frozenset({3, 6})
NAMES = (
    "Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
    "GeometryCollection",
)  # fmt: skip


def rectangles(geometry: Texts) -> Bools:
    """(N,) bool: the shape is its own bounding box, as grid cells are.

    Such a shape is valid and its inner point is the middle of the box; knowing it saves GEOS most of its work on a
    grid. (Of all four-cornered rings in a box, only the box itself has its area.)
    """
    box = shapely.bounds(geometry)
    area = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
    plain = (shapely.get_type_id(geometry) == 3) & (shapely.get_num_coordinates(geometry) == 5)
    with np.errstate(invalid="ignore"):
        return np.asarray(plain & (area > 0) & (np.abs(shapely.area(geometry) - area) <= 1e-9 * area), dtype=np.bool_)


def check_shapes(table: Table, findings: Findings, *, polygons_only: bool = False, lines: bool = False) -> Bools:
    """Find empty, wrong and self-crossing shapes; ``lines`` may be among them.

    Takes ``empty_geometry``, ``wrong_geometry``, ``not_a_polygon``, ``invalid_polygon``, each with its row.

    Returns
    -------
    (N,) bool
        True where the shape can be used.
    """
    geometry = table.geometry
    kind = shapely.get_type_id(geometry)
    empty = (kind < 0) | shapely.is_empty(geometry)
    others = frozenset() if polygons_only else POINTS | LINES if lines else POINTS
    right = np.isin(kind, sorted(POLYGONS | others))
    valid = np.ones(len(geometry), dtype=np.bool_)
    doubtful = np.isin(kind, sorted(POLYGONS)) & ~empty
    doubtful[doubtful] = ~rectangles(geometry[doubtful])
    valid[doubtful] = shapely.is_valid(geometry[doubtful])
    for i in np.flatnonzero(empty & ~(table.from_columns & (kind < 0))):
        findings.error("empty_geometry", file=table.file, row=table.label(i))
    for i in np.flatnonzero(~empty & ~right):
        code = "not_a_polygon" if polygons_only else "wrong_geometry"
        findings.error(code, file=table.file, row=table.label(i), value=NAMES[kind[i]])
    for i in np.flatnonzero(~valid):
        reason = shapely.is_valid_reason(geometry[i])
        findings.error("invalid_polygon", file=table.file, row=table.label(i), value=reason)
    return np.asarray(~empty & right & valid, dtype=np.bool_)


def inner_points(geometry: Texts) -> Floats:
    """(N, 2) a point inside each shape (itself for a point); nan for a shape that has none.

    A self-crossing polygon, which is told as a fault elsewhere, may have only its centre of mass.
    """
    if bool((shapely.get_type_id(geometry) == 0).all()):
        return np.asarray(np.column_stack([shapely.get_x(geometry), shapely.get_y(geometry)]), dtype=np.float64)
    boxy = rectangles(geometry)
    box = shapely.bounds(geometry[boxy])
    out = np.empty((len(geometry), 2))
    out[boxy] = (box[:, :2] + box[:, 2:]) / 2
    points = _on_surface(geometry[~boxy])
    out[~boxy] = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    return out


def _on_surface(geometry: Texts) -> Texts:
    try:
        return np.asarray(shapely.point_on_surface(geometry), dtype=object)
    except shapely.errors.GEOSException:
        valid = shapely.is_valid(geometry)
        points = shapely.centroid(geometry)
        points[valid] = shapely.point_on_surface(geometry[valid])
        return np.asarray(points, dtype=object)
