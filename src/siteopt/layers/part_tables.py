"""A part of a layer as tables of bounded size, each row with the number it has in its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import rasterio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError

from siteopt.findings import Findings
from siteopt.layers.datum import lonlat
from siteopt.layers.dbf import dbf_encoding
from siteopt.layers.files import PARQUET, RASTERS, TEXT_TABLES
from siteopt.layers.heard import READER_ERRORS, heard, reason
from siteopt.layers.parts import Part
from siteopt.layers.shapes import POINTS, POLYGONS, inner_points
from siteopt.layers.table import Table, as_table, named
from siteopt.layers.text_batches import text_batches
from siteopt.layers.vector import Keep, from_wkb, parquet_crs, parquet_layout, pick_layer, says_its_crs
from siteopt.layers.xy import position_columns
from siteopt.scenario.schema import Demand
from siteopt.units import Floats, Ints

ROLE = "demand"
_FEW = 256


def tables(part: Part, spec: Demand, findings: Findings, *, batch_rows: int) -> Iterator[Table]:
    """The rows of a part, nothing filtered, in tables of at most about ``batch_rows`` rows.

    Parameters
    ----------
    part : Part
        Of a table or a layer of features, not of a raster.
    spec : Demand
        What columns are asked for, and how positions and text are read.
    findings : Findings
        Takes the findings of :func:`siteopt.layers.table.read_table`, with the same rows.
    batch_rows : int
        Changes memory only.

    Yields
    ------
    Table
        Never without rows.
    """
    source = spec.model_copy(update={"file": part.file})
    people = spec.people if isinstance(spec.people, dict) else {"": spec.people}
    asked = named(spec.id, people, spec.community) | set(spec.where)

    def keep(names: tuple[str, ...]) -> set[str]:
        return asked | set(position_columns(source, names) or ())

    kind = part.suffix
    rows = _text if kind in TEXT_TABLES else _parquet if kind in PARQUET else _features
    for names, columns, geometry, crs, says_crs, row in _heard(
        part, findings, rows(part, source, keep, findings, batch_rows)
    ):
        if len(row):
            table = as_table(
                source, ROLE, asked, names, columns, geometry, crs, row, row, findings,
                says_crs=says_crs, has_fids=kind == ".gpkg",
            )  # fmt: skip
            if table is None:
                return  # a fault of the whole file
            yield table


_Rows = Iterator[tuple[tuple[str, ...], pa.Table, Any, CRS | None, bool, Ints]]


def _heard(part: Part, findings: Findings, rows: _Rows) -> _Rows:
    """What libraries say or raise while they read becomes findings."""
    path = Path(part.path)
    while True:
        try:
            with heard(part.file, findings):
                found = next(rows, None)
                if found is None:
                    return
                found[1].validate(full=True)
        except READER_ERRORS as error:
            findings.error("unreadable_file", file=part.file, reason=reason(error, path))
            return
        yield found


def _text(part: Part, source: Demand, keep: Keep, findings: Findings, batch_rows: int) -> _Rows:
    batches = text_batches(Path(part.path), part.file, findings, keep=keep, encoding=source.encoding)
    for text in batches:
        for start in range(0, len(text.row), batch_rows):
            columns = text.columns.slice(start, batch_rows)
            yield text.names, columns, None, None, False, text.row[start : start + batch_rows]


def _parquet(part: Part, source: Demand, keep: Keep, findings: Findings, batch_rows: int) -> _Rows:
    with pq.ParquetFile(part.path) as parquet:
        layout = parquet_layout(parquet.schema_arrow)
        crs = None if layout.geometry is None else parquet_crs(layout.how)
        wanted = [n for n in layout.names if n in keep(layout.names)]
        groups = list(range(part.start, part.stop))
        row = 1 + sum(parquet.metadata.row_group(g).num_rows for g in range(part.start))
        columns = wanted if layout.geometry is None else [*wanted, layout.geometry]
        for batch in parquet.iter_batches(batch_size=batch_rows, row_groups=groups, columns=columns):
            table = pa.Table.from_batches([batch])
            geometry = None if layout.geometry is None else from_wkb(table.column(layout.geometry))
            rows = np.arange(row, row + len(table), dtype=np.int64)
            row += len(table)
            yield layout.names, table.select(wanted), geometry, crs, True, rows


def _features(part: Part, source: Demand, keep: Keep, findings: Findings, batch_rows: int) -> _Rows:
    path = Path(part.path)
    layer = part.layer or pick_layer(path, part.file, findings, source.layer)
    if layer is None:
        return
    encoding = source.encoding or (dbf_encoding(path) if part.suffix == ".shp" else None)
    options: dict[str, Any] = {"layer": layer, "encoding": encoding}
    info = pyogrio.read_info(path, **options)
    names = tuple(str(name) for name in info["fields"])
    wanted = [n for n in names if n in keep(names)]
    crs = CRS.from_user_input(info["crs"]) if info["crs"] else None
    says_crs = crs is not None and says_its_crs(path)
    if part.fid_column:
        names = (*names, part.fid_column)
        column = part.fid_column.replace('"', '""')
        options["where"] = f'"{column}" >= {part.start} AND "{column}" < {part.stop}'
    first = 1
    more = {"columns": wanted, "return_fids": True, "use_pyarrow": True, "batch_size": batch_rows, **options}
    with pyogrio.open_arrow(path, **more) as (_, reader):
        for batch in reader:
            table = pa.Table.from_batches([batch])
            others = [i for i, name in enumerate(table.column_names) if name not in wanted]
            fid = table.column(others[0])
            row = fid.to_numpy() if part.suffix == ".gpkg" else np.arange(first, first + len(table))
            first += len(table)
            geometry = None
            if info["geometry_type"] is not None and len(others) > 1:
                geometry = from_wkb(table.column(others[-1]))
            columns = table.select(wanted)
            if part.fid_column:
                columns = columns.append_column(part.fid_column, fid)
            yield names, columns, geometry, crs, says_crs, row.astype(np.int64)


@dataclass(frozen=True, eq=False)
class FirstLook:
    """The CRS of a layer and one point of it, as the file has it and in degrees; the same however it is read."""

    crs: CRS
    xy: Floats
    lonlat: Floats


def first_look(spec: Demand, parts: tuple[Part, ...], findings: Findings | None = None) -> FirstLook | None:
    """The first point of a layer, or the middle of its first raster.

    Returns
    -------
    FirstLook or None
        None where there is no such point: ``findings`` takes why, when given.
    """
    unheard = Findings() if findings is None else findings
    if not parts:
        return None
    try:
        if parts[0].suffix in RASTERS:
            with heard(parts[0].file, unheard), rasterio.open(parts[0].path) as raster:
                crs = CRS.from_user_input(spec.crs or raster.crs)
                left, bottom, right, top = raster.bounds
                return _look(crs, np.array([[(left + right) / 2, (bottom + top) / 2]]))
        for part in parts:
            for table in tables(part, spec, unheard, batch_rows=_FEW):
                shaped = np.isin(shapely.get_type_id(table.geometry), sorted(POINTS | POLYGONS))
                if table.crs is not None and shaped.any():
                    return _look(table.crs, inner_points(table.geometry[shaped][:1]))
    except (*READER_ERRORS, CRSError, ProjError):
        return None
    return None


def _look(crs: CRS, xy: Floats) -> FirstLook | None:
    where = lonlat(crs, xy)
    return FirstLook(crs, xy[0], where[0]) if np.isfinite(where).all() else None
