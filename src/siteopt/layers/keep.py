"""Which rows of a layer are kept: by value (``where``) and by place (``within``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely
from pyproj import CRS

from siteopt.findings import Findings
from siteopt.layers.cells import as_numbers, as_texts, is_text
from siteopt.layers.datum import same_datum, to_metric
from siteopt.layers.shapes import inner_points
from siteopt.units import Bools, Texts

if TYPE_CHECKING:
    from siteopt.layers.table import Table

_TRUE, _FALSE = ("true", "t", "yes", "y", "1", "是"), ("false", "f", "no", "n", "0", "否")


def where_rows(columns: pa.Table, where: Mapping[str, Any]) -> Bools:
    """(N,) bool: rows whose columns have the wanted value, or one of the wanted values.

    A number is compared as a number (2 finds "2", "2.0" and "02"), text as text ("02" finds "02" alone), true and
    false with the words in use for them.
    """
    kept = np.ones(columns.num_rows, dtype=np.bool_)
    for name, wanted in where.items():
        column = columns.column(name)
        texts = as_texts(column)
        hit = np.zeros(len(kept), dtype=np.bool_)
        for value in wanted if isinstance(wanted, tuple) else (wanted,):
            hit |= _equals(column, texts, value)
        kept &= hit
    return kept


def _equals(column: Any, texts: Texts, value: str | float | bool) -> Bools:
    if isinstance(value, bool):
        words = _TRUE if value else _FALSE
        return np.array([t.casefold() in words for t in texts], dtype=np.bool_)
    if isinstance(value, str) and (is_text(column) or not _is_number(value)):
        return np.asarray(texts == value.strip(), dtype=np.bool_)
    return np.asarray(as_numbers(column)[0] == float(value), dtype=np.bool_)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def within_rows(geometry: Texts, crs: CRS, area: Table, findings: Findings) -> Bools | None:
    """(N,) bool: features whose inner point lies within the polygons of ``area`` (their border counts).

    A feature without a shape is kept: it is a fault to be told, not a feature elsewhere.

    Returns
    -------
    (N,) bool or None
        None when ``area`` holds no polygons or cannot be brought into the layer's CRS.
    """
    region = study_area(area, crs, findings)
    if region is None:
        return None
    left, bottom, right, top = shapely.bounds(region)
    box = shapely.bounds(geometry)
    shapeless = np.isnan(box[:, 0])
    near = (box[:, 0] <= right) & (box[:, 2] >= left) & (box[:, 1] <= top) & (box[:, 3] >= bottom)
    kept = shapeless.copy()
    index = np.flatnonzero(near)
    xy = inner_points(geometry[index])
    shapely.prepare(region)
    kept[index] = shapely.intersects_xy(region, xy[:, 0], xy[:, 1])
    return np.asarray(kept, dtype=np.bool_)


def study_area(area: Table, crs: CRS, findings: Findings) -> Any | None:
    """The polygons of ``area`` as one shape in ``crs``."""
    polygons = shapely.get_dimensions(area.geometry) == 2
    if not polygons.all() or not shapely.is_valid(area.geometry).all():
        i = int(np.flatnonzero(~(polygons & shapely.is_valid(area.geometry)))[0])
        findings.error("within_no_polygons", file=area.file, row=area.label(i))
        return None
    assert area.crs is not None
    if not same_datum(area.file, area.crs, inner_points(area.geometry), crs.to_wkt(), findings):
        return None
    moved = to_metric(area.geometry, area.crs, crs)
    region = shapely.union_all(moved)
    if not np.isfinite(shapely.bounds(region)).all():
        findings.error("cannot_project", file=area.file, value=area.crs.name, wanted=crs.name, count=len(area))
        return None
    return region
