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
POLYGONS = frozenset({3, 6})
_NAMES = (
    "Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
    "GeometryCollection",
)  # fmt: skip


def check_shapes(table: Table, findings: Findings, *, polygons_only: bool = False) -> Bools:
    """Find empty, wrong and self-crossing shapes.

    Takes ``empty_geometry``, ``wrong_geometry``, ``invalid_polygon``, each with its row.

    Returns
    -------
    (N,) bool
        True where the shape can be used.
    """
    geometry = table.geometry
    kind = shapely.get_type_id(geometry)
    empty = (kind < 0) | shapely.is_empty(geometry)
    right = np.isin(kind, sorted(POLYGONS if polygons_only else POLYGONS | POINTS))
    valid = np.ones(len(geometry), dtype=np.bool_)
    area = np.isin(kind, sorted(POLYGONS)) & ~empty
    valid[area] = shapely.is_valid(geometry[area])
    for i in np.flatnonzero(empty):
        findings.error("empty_geometry", file=table.file, row=table.label(i))
    for i in np.flatnonzero(~empty & ~right):
        code = "not_a_polygon" if polygons_only else "wrong_geometry"
        findings.error(code, file=table.file, row=table.label(i), value=_NAMES[kind[i]])
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
    try:
        points = shapely.point_on_surface(geometry)
    except shapely.errors.GEOSException:
        valid = shapely.is_valid(geometry)
        points = shapely.centroid(geometry)
        points[valid] = shapely.point_on_surface(geometry[valid])
    return np.asarray(np.column_stack([shapely.get_x(points), shapely.get_y(points)]), dtype=np.float64)
