"""Read GeoPackage, GeoJSON, Shapefile, FlatGeobuf and (Geo)Parquet into typed columns and geometries.

Columns stay Arrow columns: an integer column with empty cells stays integer, a text stays text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from siteopt.findings import Findings
from siteopt.layers.dbf import dbf_encoding
from siteopt.layers.files import PARQUET
from siteopt.layers.heard import READER_ERRORS, heard, reason
from siteopt.layers.whole import missing_bytes
from siteopt.layers.words import closest, listed, shown
from siteopt.units import Ints, Texts

Keep = Callable[[tuple[str, ...]], set[str]]


@dataclass(frozen=True, eq=False)
class Features:
    """What a layer holds: names of all columns, the columns asked for, (N,) geometries and feature numbers.

    ``says_crs`` is false where the CRS is only the format's default (a GeoJSON without a ``crs`` member).
    """

    names: tuple[str, ...]
    columns: pa.Table
    geometry: Texts | None
    crs: CRS | None
    says_crs: bool
    fid: Ints
    has_fids: bool


def read_features(
    path: Path,
    file: str,
    findings: Findings,
    *,
    layer: str | None = None,
    encoding: str | None = None,
    keep: Keep | None = None,
) -> Features | None:
    """Read one layer.

    Parameters
    ----------
    path, file : Path, str
        Where it is, and its name in findings.
    findings : Findings
        Takes ``cut_short``, ``unreadable_file``, ``curved_shape``, ``missing_layer``, ``which_layer``,
        ``reader_warns``.
    layer : str, optional
        Needed where the file has several layers with geometries.
    encoding : str, optional
        Text encoding of a Shapefile's table.
    keep : callable(names) -> set of str, optional
        Which columns to hold; all when left out.

    Returns
    -------
    Features or None
    """
    try:
        if short := missing_bytes(path):
            findings.error("cut_short", file=file, value=short[0], promised=short[1], found=short[2])
            return None
        with heard(file, findings):
            if path.suffix.lower() in PARQUET:
                found: Features | None = _read_parquet(path, keep)
            else:
                found = _read_gdal(path, file, findings, layer, encoding, keep)
            if found is not None:
                found.columns.validate(full=True)  # text that is no UTF-8 would break later
            return found
    except NotImplementedError:  # what shapely says of arcs
        findings.error("curved_shape", file=file, value=shown(layer or file))
    except READER_ERRORS as error:
        findings.error("unreadable_file", file=file, reason=reason(error, path))
    return None


def _read_gdal(
    path: Path, file: str, findings: Findings, layer: str | None, encoding: str | None, keep: Keep | None
) -> Features | None:
    layer = pick_layer(path, file, findings, layer)
    if layer is None:
        return None
    suffix = path.suffix.lower()
    if suffix == ".shp":
        encoding = encoding or dbf_encoding(path)
    options: dict[str, Any] = {"layer": layer, "encoding": encoding}
    info = pyogrio.read_info(path, force_feature_count=True, **options)
    names = tuple(str(name) for name in info["fields"])
    wanted = [n for n in names if keep is None or n in keep(names)]
    _, table = pyogrio.read_arrow(path, columns=wanted, return_fids=True, **options)
    if table.num_rows != info["features"]:
        findings.error("cut_short", file=file, value=layer, promised=info["features"], found=table.num_rows)
        return None
    others = [i for i, name in enumerate(table.column_names) if name not in wanted]
    fid = table.column(others[0]).to_numpy()
    # In a layer without geometry GDAL gives the fid and the fields only.
    geometry = None
    if info["geometry_type"] is not None and len(others) > 1:
        geometry = from_wkb(table.column(others[-1]))
    columns = table.select(wanted)
    if suffix == ".gpkg" and info["fid_column"]:
        names = (*names, info["fid_column"])
        columns = columns.append_column(info["fid_column"], pa.array(fid))
    crs = CRS.from_user_input(info["crs"]) if info["crs"] else None
    says_crs = crs is not None and says_its_crs(path)
    return Features(names, columns, geometry, crs, says_crs, fid.astype(np.int64), suffix == ".gpkg")


def pick_layer(path: Path, file: str, findings: Findings, layer: str | None) -> str | None:
    """The layer asked for, or the only one with geometries; else ``missing_layer``, ``which_layer``, ``no_layer``."""
    layers = [(str(name), kind is not None) for name, kind in pyogrio.list_layers(path)]
    names = [name for name, _ in layers]
    if layer is not None:
        if layer in names:
            return layer
        findings.error(
            "missing_layer", file=file, field="layer", value=shown(layer), nearest=closest(layer, names),
            known=listed(names),
        )  # fmt: skip
        return None
    spatial = [name for name, has_geometry in layers if has_geometry] or names
    if len(spatial) == 1:
        return spatial[0]
    if not spatial:
        findings.error("no_layer", file=file)
    else:
        findings.error("which_layer", file=file, field="layer", known=listed(spatial))
    return None


def says_its_crs(path: Path) -> bool:
    """Whether a CRS that GDAL finds is the file's own word: GeoJSON has a default."""
    return path.suffix.lower() not in (".geojson", ".json") or b'"crs"' in _start(path)


def _start(path: Path) -> bytes:
    """Where GeoJSON writers put the ``crs`` member: before the features."""
    with path.open("rb") as stream:
        return stream.read(4096).split(b'"features"')[0]


def from_wkb(column: pa.ChunkedArray) -> Texts:
    """(N,) shapely geometries."""
    return np.asarray(shapely.from_wkb(column.to_numpy(zero_copy_only=False)), dtype=object)


@dataclass(frozen=True)
class ParquetLayout:
    """Columns of a Parquet file: those with values, the one with geometries (or None) and what is said of it."""

    names: tuple[str, ...]
    geometry: str | None
    how: dict[str, Any]

    @property
    def is_wkb(self) -> bool:
        """Whether the geometries are written as WKB, as nearly always."""
        return bool(self.how.get("encoding", "WKB") == "WKB")


def parquet_layout(schema: Any) -> ParquetLayout:
    """What the schema of a (Geo)Parquet file says."""
    about = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
    geometry = about.get("primary_column")
    others = {name for name in about.get("columns", {}) if name != geometry}
    names = tuple(n for n in schema.names if n != geometry and n not in others)
    return ParquetLayout(names, geometry, {} if geometry is None else about["columns"][geometry])


def _read_parquet(path: Path, keep: Keep | None) -> Features:
    parquet = pq.ParquetFile(path)
    layout = parquet_layout(parquet.schema_arrow)
    wanted = [n for n in layout.names if keep is None or n in keep(layout.names)]
    table = parquet.read(columns=wanted)
    geometry, crs = None, None
    if layout.geometry is not None:
        if layout.is_wkb:
            geometry = from_wkb(parquet.read(columns=[layout.geometry]).column(0))
        else:
            geometry = geopandas.read_parquet(path, columns=[layout.geometry]).geometry.to_numpy()
        crs = parquet_crs(layout.how)
    count = parquet.metadata.num_rows
    return Features(layout.names, table, geometry, crs, True, np.arange(1, count + 1), False)


def parquet_crs(how: dict[str, Any]) -> CRS | None:
    """The CRS of a geometry column."""
    if "crs" not in how:
        return CRS("OGC:CRS84")  # the format's stated default
    try:
        return CRS.from_user_input(how["crs"]) if how["crs"] else None
    except CRSError:
        return None
