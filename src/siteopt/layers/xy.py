"""Positions that a table keeps in columns: longitude and latitude, easting and northing, or WKT."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from pyproj import CRS

from siteopt.findings import Findings
from siteopt.layers.cells import as_numbers, as_texts
from siteopt.layers.words import closest, listed, shown
from siteopt.scenario.schema import Source
from siteopt.units import Ints, Texts

_DEGREE_PAIRS = (
    ("lon", "lat"), ("lng", "lat"), ("long", "lat"), ("longitude", "latitude"), ("经度", "纬度"),
    ("lon_wgs84", "lat_wgs84"), ("wgs84_lon", "wgs84_lat"), ("wgs84_lng", "wgs84_lat"),
)  # fmt: skip
_METRE_PAIRS = (
    ("x", "y"), ("x_m", "y_m"), ("easting", "northing"), ("east", "north"), ("e", "n"), ("point_x", "point_y"),
    ("x_coord", "y_coord"), ("xcoord", "ycoord"), ("coord_x", "coord_y"), ("x坐标", "y坐标"),
    ("横坐标", "纵坐标"), ("东坐标", "北坐标"), ("东", "北"),
)  # fmt: skip
_WKT_NAMES = ("wkt", "wkt_geom", "geometry", "geom", "the_geom", "几何")
_CURVED = re.compile(r"\b(CIRCULARSTRING|COMPOUNDCURVE|CURVEPOLYGON|MULTICURVE|MULTISURFACE)", re.IGNORECASE)
_SRID = re.compile(r"^\s*SRID=\d+;", re.IGNORECASE)


def position_columns(source: Source, names: tuple[str, ...]) -> tuple[str, ...] | None:
    """The columns that hold positions: (x, y) or (wkt,); None when there are none.

    What the scenario says comes first, then names in use (lon, lat, x, y, 经度, 纬度, ...), case aside.
    """
    if source.wkt:
        return (source.wkt,)
    known = {name.casefold(): name for name in reversed(names)}
    for x, y in _DEGREE_PAIRS + _METRE_PAIRS:
        if source.x or source.y:
            break
        if x in known and y in known:
            return known[x], known[y]
    if source.x or source.y:
        partner = dict(_DEGREE_PAIRS + _METRE_PAIRS)
        partner |= {y: x for x, y in reversed(_DEGREE_PAIRS + _METRE_PAIRS)}
        given = source.x or source.y or ""
        other = known.get(partner.get(given.casefold(), ""), "")
        return source.x or other, source.y or other
    wkt = next((known[name] for name in _WKT_NAMES if name in known), None)
    return (wkt,) if wkt else None


def positions(
    source: Source, names: tuple[str, ...], columns: pa.Table, row: Ints, findings: Findings
) -> tuple[Texts, CRS | None] | None:
    """Geometries from columns, and WGS 84 where the names and the values say degrees and the user says nothing.

    Parameters
    ----------
    source : Source
    names : all column names of the file
    columns : pa.Table
        Holds the position columns.
    row : (N,) int, as findings show them
    findings : Findings
        Takes ``no_position_columns``, ``missing_column``, ``empty_cell``, ``not_a_number``, ``bad_wkt``,
        ``curved_shape``, ``degrees_assumed``.

    Returns
    -------
    ((N,) geometries, CRS or None) or None
        A row whose position cannot be read holds None and has a finding.
    """
    found = position_columns(source, names)
    if found is None:
        findings.error("no_position_columns", file=source.file, known=listed(names))
        return None
    missing = [name for name in found if name not in names]
    for name in missing:
        findings.error(
            "missing_column", file=source.file, field=name or "x, y", value=name, nearest=closest(name, names),
            known=listed(names),
        )  # fmt: skip
    if missing:
        return None
    if len(found) == 1:
        return _from_wkt(columns.column(found[0]), found[0], source.file, row, findings), None
    return _from_xy(source, found, columns, row, findings)


def _from_wkt(column: Any, name: str, file: str, row: Ints, findings: Findings) -> Texts:
    text = as_texts(column)
    if any(_SRID.match(t) for t in text[:100]):
        text = np.array([_SRID.sub("", t) for t in text], dtype=object)
    curved = np.zeros(len(text), dtype=np.bool_)
    try:
        geometry = _shapes(text)
    except NotImplementedError:  # what shapely says of arcs, whichever row they are in
        curved = np.array([bool(_CURVED.search(t)) for t in text], dtype=np.bool_)
        geometry = _shapes(np.where(curved, "", text))
    for i in np.flatnonzero(curved):
        findings.error("curved_shape", file=file, row=int(row[i]), field=name, value=shown(text[i]))
    for i in np.flatnonzero(shapely.is_missing(geometry) & ~curved):
        code = "bad_wkt" if text[i] else "empty_cell"
        findings.error(code, file=file, row=int(row[i]), field=name, value=shown(text[i]))
    return geometry


def _shapes(text: Texts) -> Texts:
    with np.errstate(invalid="ignore"):  # a coordinate may be nan; its shape is told later
        return np.asarray(shapely.from_wkt(text, on_invalid="ignore"), dtype=object)


def _from_xy(
    source: Source, found: tuple[str, ...], columns: pa.Table, row: Ints, findings: Findings
) -> tuple[Texts, CRS | None]:
    xy = np.full((len(row), 2), np.nan)
    for axis, name in enumerate(found):
        values, text = as_numbers(columns.column(name))
        xy[:, axis] = values
        for i in np.flatnonzero(~np.isfinite(values)):
            code = "not_a_number" if text(i) else "empty_cell"
            findings.error(code, file=source.file, row=int(row[i]), field=name, value=shown(text(i)))
    bad = ~np.isfinite(xy).all(axis=1)
    geometry = np.asarray(shapely.points(np.where(bad[:, None], 0.0, xy)), dtype=object)
    geometry[bad] = None
    crs = None
    if source.crs is None and _read_as_degrees(found, xy[~bad]):
        crs = CRS("EPSG:4326")
        findings.info("degrees_assumed", file=source.file, field=", ".join(found), value="EPSG:4326")
    return geometry, crs


def _read_as_degrees(found: tuple[str, ...], xy: Any) -> bool:
    named = any(tuple(name.casefold() for name in found) == pair for pair in _DEGREE_PAIRS)
    return named and bool((np.abs(xy) <= (180, 90)).all())
