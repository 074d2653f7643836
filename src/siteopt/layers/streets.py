"""The street network of a scenario: an OSM extract or any layer of lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from scipy.spatial import cKDTree

from siteopt.findings import Findings
from siteopt.layers.chains import chain_streets, first_of_group
from siteopt.layers.datum import to_metric
from siteopt.layers.files import LAYERS, locate
from siteopt.layers.osm import OSM_ENDINGS, read_osm
from siteopt.layers.place import place
from siteopt.layers.table import Table, read_table
from siteopt.layers.words import listed
from siteopt.scenario.schema import Source, StreetsSpec
from siteopt.units import Bools, Floats, Ints, Texts
from siteopt.world import Streets

_ROLE = "travel.streets"
_LINES = (1, 2, 5)
"""Type numbers of LineString, LinearRing and MultiLineString."""


def read_streets(spec: StreetsSpec, base: Path, crs: str, findings: Findings) -> Streets | None:
    """Read the walking graph.

    Lines of a layer are connected where they share a vertex (they are split there) and where an end lies within
    ``join_m`` of a vertex; lines that cross without a shared vertex are not connected, for one may be a bridge.

    Parameters
    ----------
    spec : StreetsSpec
    base : Path
        Folder of the scenario file.
    crs : str
        Metric CRS that lengths are measured in.
    findings : Findings
        Takes what :func:`siteopt.layers.table.read_table`, :func:`siteopt.layers.place.place` and
        :func:`siteopt.layers.osm.read_osm` find, and ``streets_no_lines``, ``streets_skipped_features``.

    Returns
    -------
    Streets or None
        None when an error was added to ``findings``.
    """
    path = locate(spec.file, base, findings, allowed=(*OSM_ENDINGS, *LAYERS))
    if path is None:
        return None
    if path.suffix.lower() in OSM_ENDINGS:
        return read_osm(path, spec.walk, crs, findings, label=spec.file)
    source = Source(file=spec.file, layer=spec.layer, crs=spec.crs)
    table = read_table(source, base, findings, role=_ROLE, columns=())
    if table is None or table.crs is None:
        return None
    lines = _lines(table, crs, findings)
    if lines is None:
        return None
    xy_m, indptr, vertex = _shared_vertices(lines, spec.join_m)
    streets = chain_streets(xy_m, indptr, vertex, spec.file)
    if streets is None:
        findings.error("streets_no_lines", file=spec.file, found="LineString (0 m)")
    return streets


def _lines(table: Table, crs: str, findings: Findings) -> Texts | None:
    """Single lines in the metric CRS; what is no usable line is left out and told."""
    geometry = table.geometry
    kind = shapely.get_type_id(geometry)
    usable = np.isin(kind, _LINES) & ~shapely.is_empty(geometry)
    xy, owner = shapely.get_coordinates(geometry, return_index=True)
    usable[owner[~np.isfinite(xy).all(axis=1)]] = False
    if not usable.any():
        found = listed(sorted({g.geom_type for g in geometry[kind >= 0]}))
        findings.error("streets_no_lines", file=table.file, found=found)
        return None
    if not usable.all():
        skipped = np.flatnonzero(~usable)
        findings.warning("streets_skipped_features", file=table.file, row=table.label(skipped[0]), count=len(skipped))
    table = table.only(usable)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    starts = np.empty(len(geometry), dtype=object)
    starts[owner[first]] = shapely.points(xy[first])
    # A line's first point stands for it when a layer's coordinates are asked whether they can be true.
    if place(replace(table, geometry=starts[usable]), crs, findings) is None:
        return None
    parts = shapely.get_parts(to_metric(table.geometry, table.crs, crs))
    xy, owner = shapely.get_coordinates(parts, return_index=True)
    sound = np.ones(len(parts), dtype=np.bool_)
    sound[owner[~np.isfinite(xy).all(axis=1)]] = False
    return np.asarray(parts[sound], dtype=object)


def _shared_vertices(lines: Texts, join_m: float) -> tuple[Floats, Ints, Ints]:
    """Vertices of all lines, equal places once, line ends merged with the vertices within ``join_m``.

    Returns
    -------
    xy_m : (N, 2), indptr : (L+1,), vertex : (M,)
        As :func:`siteopt.layers.chains.chain_streets` takes them. Places are numbered by x, then y, so the order
        of the features changes nothing.
    """
    xy, line = shapely.get_coordinates(lines, return_index=True)
    places, vertex = np.unique(np.ascontiguousarray(xy).view(np.complex128).ravel(), return_inverse=True)
    xy_m = np.column_stack([places.real, places.imag])
    indptr = np.concatenate([[0], np.cumsum(np.bincount(line, minlength=len(lines)))])
    if join_m > 0 and len(lines):
        is_end = np.zeros(len(xy_m), dtype=np.bool_)
        is_end[vertex[indptr[:-1]]] = True
        is_end[vertex[indptr[1:] - 1]] = True
        vertex = _merged_ends(xy_m, is_end, join_m)[vertex]
    return xy_m, indptr, vertex


def _merged_ends(xy_m: Floats, is_end: Bools, join_m: float) -> Ints:
    """For each vertex, the vertex that stands for it after ends are joined to what lies within ``join_m``."""
    ends = np.flatnonzero(is_end)
    near = cKDTree(xy_m[ends]).sparse_distance_matrix(cKDTree(xy_m), join_m, output_type="ndarray")
    return first_of_group(ends[near["i"]], near["j"], len(xy_m))
