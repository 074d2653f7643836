"""A population raster as demand cells, read window by window: only pixels with people become cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError
from rasterio.windows import Window

from siteopt.findings import Findings
from siteopt.layers.columns import as_spec
from siteopt.layers.datum import lonlat, operation, same_datum
from siteopt.layers.files import RASTERS, locate
from siteopt.layers.heard import READER_ERRORS, heard, reason
from siteopt.layers.keep import study_area
from siteopt.layers.locate import community_by_position
from siteopt.layers.numeric import is_sentinel
from siteopt.layers.table import read_table
from siteopt.layers.words import listed, shown
from siteopt.scenario.schema import Column, Demand, Source
from siteopt.units import Floats, Ints, read_only
from siteopt.world import Communities, DemandCells

_PIXELS_AT_ONCE = 4_000_000
_CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def read_raster(
    spec: Demand,
    groups: dict[str, Column],
    base: Path,
    crs: str,
    communities: Communities | None,
    findings: Findings,
) -> DemandCells | None:
    """Read the pixels of a GeoTIFF that hold people of the first group.

    A cell's point is the pixel's centre, its shape the pixel's four corners, both brought into the metric CRS;
    its id is ``r{row}c{column}``, counted from 0 at the upper left.

    Parameters
    ----------
    spec : Demand
        ``people`` names bands by number as text; ``nodata`` overrides the file's; ``within`` bounds the reading.
    groups : dict
        Group -> band.
    base, crs, communities, findings
        As in :func:`siteopt.layers.demand.read_demand`.

    Returns
    -------
    DemandCells or None
        None when an error was added.
    """
    path = locate(spec.file, base, findings, allowed=RASTERS)
    if path is None:
        return None
    tell_what_rasters_lack(spec, findings)
    try:
        with heard(spec.file, findings), rasterio.open(path) as raster:
            return _read(raster, spec, groups, base, crs, communities, findings)
    except READER_ERRORS as error:
        findings.error("unreadable_file", file=spec.file, reason=reason(error, path))
    return None


def tell_what_rasters_lack(spec: Demand, findings: Findings) -> None:
    """Tell the fields of a scenario that a raster has no use for."""
    for field in ("id", "community", "where", "layer", "x", "y", "wkt"):
        if getattr(spec, field):
            findings.warning("not_for_raster", file=spec.file, field=f"demand.{field}")


def _read(
    raster: Any,
    spec: Demand,
    groups: dict[str, Column],
    base: Path,
    crs: str,
    communities: Communities | None,
    findings: Findings,
) -> DemandCells | None:
    pixels = RasterPeople.of(raster, spec, groups, findings)
    if pixels is None:
        return None
    region, window = None, Window(0, 0, raster.width, raster.height)
    if spec.within:
        area = read_table(Source(file=spec.within), base, findings, role="demand.within")
        region = None if area is None or area.crs is None else study_area(area, pixels.crs, findings)
        if region is None:
            return None
        window = _window_of(raster, region)
        shapely.prepare(region)
    kept = [pixels.populated(strip, region) for strip in _strips(raster, window)]
    if not kept:
        findings.error("nothing_within", file=spec.file, field="demand.within", value=spec.within)
        return None
    rows, columns, people = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    if pixels.tell_bad(rows, columns, people, findings):
        return None
    if not len(rows):
        findings.error("no_people", file=spec.file, field=next(iter(groups)))
        return None
    return _cells(raster, spec, tuple(groups), pixels.crs, crs, rows, columns, people, communities, findings)


@dataclass(frozen=True, eq=False)
class RasterPeople:
    """An open raster whose bands hold people.

    Attributes
    ----------
    raster : rasterio dataset, open
    file : its name in findings
    crs : its CRS, or the one the scenario says
    bands : (band, factor) of each group
    nodata : value of empty pixels where the scenario says one
    """

    raster: Any
    file: str
    crs: CRS
    bands: tuple[tuple[int, float], ...]
    nodata: float | None

    @classmethod
    def of(cls, raster: Any, spec: Demand, groups: dict[str, Column], findings: Findings) -> RasterPeople | None:
        """Find the bands and the CRS; None with ``no_such_band``, ``no_crs``, ``unknown_crs``, ``crs_conflict``."""
        bands, own = _bands(raster, spec, groups, findings), _own_crs(raster, spec, findings)
        if bands is None or own is None:
            return None
        factors = tuple((b, as_spec(c).scale) for b, c in zip(bands, groups.values(), strict=True))
        return cls(raster, spec.file, own, factors, spec.nodata)

    def populated(self, window: Window, region: Any) -> tuple[Ints, Ints, Floats]:
        """Rows, columns and (n, G) people of a window's pixels that hold people of the first group, or nonsense."""
        raster = self.raster
        values = raster.read([band for band, _ in self.bands], window=window).astype(np.float64)
        for g, (band, scale) in enumerate(self.bands):
            nodata = self.nodata
            empty = raster.read_masks(band, window=window) == 0 if nodata is None else values[g] == nodata
            empty |= np.isnan(values[g])
            values[g] = (values[g] * raster.scales[band - 1] + raster.offsets[band - 1]) * scale
            values[g][empty] = 0.0
        r, c = np.nonzero((values[0] > 0) | (values < 0).any(axis=0))
        rows, columns = r + window.row_off, c + window.col_off
        if region is not None:
            x, y = self.centres(rows, columns)
            inside = shapely.intersects_xy(region, x, y)
            r, c, rows, columns = r[inside], c[inside], rows[inside], columns[inside]
        return rows.astype(np.int64), columns.astype(np.int64), values[:, r, c].T

    def centres(self, rows: Ints, columns: Ints) -> tuple[Floats, Floats]:
        """Map coordinates of the middle of pixels."""
        return _map_xy(self.raster.transform, columns + 0.5, rows + 0.5)

    def tell_bad(self, rows: Ints, columns: Ints, people: Floats, findings: Findings) -> bool:
        """Tell pixels whose value is no number of people; true when there is one."""
        bad = ~np.isfinite(people) | (people < 0) | is_sentinel(people)
        for i, g in np.argwhere(bad):
            value = float(people[i, g])
            code = "not_finite" if not np.isfinite(value) else "raster_nodata"
            pixel, band = f"r{rows[i]}c{columns[i]}", f"band {self.bands[g][0]}"
            findings.error(code, file=self.file, row=pixel, field=band, value=value)
        return bool(bad.any())


def _bands(raster: Any, spec: Demand, groups: dict[str, Column], findings: Findings) -> list[int] | None:
    known = [str(i) for i in raster.indexes]
    bands = []
    for group, column in groups.items():
        said = as_spec(column).column or ""
        if said not in known:
            findings.error(
                "no_such_band", file=spec.file, field=f"demand.people.{group}", value=shown(said), known=listed(known)
            )
        else:
            bands.append(int(said))
    return bands if len(bands) == len(groups) else None


def _own_crs(raster: Any, spec: Demand, findings: Findings) -> CRS | None:
    try:
        own = CRS.from_user_input(raster.crs) if raster.crs else None
        given = CRS.from_user_input(spec.crs) if spec.crs else None
    except CRSError:
        findings.error("unknown_crs", file=spec.file, field="demand.crs", value=shown(spec.crs))
        return None
    if own is None and given is None:
        findings.error("no_crs", file=spec.file, field="demand.crs")
    if own is not None and given is not None and not given.equals(own, ignore_axis_order=True):
        findings.error("crs_conflict", file=spec.file, field="demand.crs", value=given.name, found=own.name)
        return None
    return own or given


def _map_xy(transform: Any, column: Any, row: Any) -> tuple[Floats, Floats]:
    """Apply an affine transform to arrays: pixel to map, or map to pixel with the inverse."""
    t = transform
    return t.a * column + t.b * row + t.c, t.d * column + t.e * row + t.f


def _window_of(raster: Any, region: Any) -> Window:
    """The smallest window that holds the study area; may be empty."""
    left, bottom, right, top = shapely.bounds(region)
    x, y = np.array([left, left, right, right]), np.array([bottom, top, bottom, top])
    column, row = _map_xy(~raster.transform, x, y)
    first_column, last_column = np.clip([np.floor(column.min()), np.ceil(column.max())], 0, raster.width)
    first_row, last_row = np.clip([np.floor(row.min()), np.ceil(row.max())], 0, raster.height)
    return Window(int(first_column), int(first_row), int(last_column - first_column), int(last_row - first_row))


def _strips(raster: Any, window: Window) -> Iterator[Window]:
    """The window in strips of whole blocks, a few million pixels each."""
    if not window.width or not window.height:
        return
    block = raster.block_shapes[0][0]
    height = max(block, _PIXELS_AT_ONCE // window.width // block * block)
    row, end = window.row_off, window.row_off + window.height
    while row < end:
        stop = min(end, (row // height + 1) * height)
        yield Window(window.col_off, row, window.width, stop - row)
        row = stop


def _cells(
    raster: Any,
    spec: Demand,
    groups: tuple[str, ...],
    own: CRS,
    crs: str,
    rows: Ints,
    columns: Ints,
    people: Floats,
    communities: Communities | None,
    findings: Findings,
) -> DemandCells | None:
    x, y = _map_xy(raster.transform, columns + 0.5, rows + 0.5)
    centre = np.column_stack([x, y])
    if not same_datum(spec.file, own, centre, crs, findings):
        return None
    try:
        lon, lat = lonlat(own, np.median(centre, axis=0).reshape(1, 2))[0]
        change = operation(own, crs, (lon, lat)).transform
    except ProjError:
        return None
    xy_m = np.column_stack(change(x, y))
    ring = np.empty((len(rows), 5, 2))
    for i, (right, down) in enumerate(_CORNERS):
        ring[:, i, 0], ring[:, i, 1] = change(*_map_xy(raster.transform, columns + right, rows + down))
    ring[:, 4] = ring[:, 0]
    if not (np.isfinite(xy_m).all() and np.isfinite(ring).all()):
        findings.error("cannot_project", file=spec.file, value=own.name, wanted=crs, count=len(rows))
        return None
    each = np.arange(len(rows) + 1)
    shapes = shapely.from_ragged_array(shapely.GeometryType.POLYGON, ring.reshape(-1, 2), (5 * each, each))
    if communities is None:
        return None
    ids = np.array([f"r{r}c{c}" for r, c in zip(rows.tolist(), columns.tolist(), strict=True)], dtype=object)
    return DemandCells(
        cell_id=read_only(ids),
        xy_m=read_only(xy_m),
        people=read_only(people),
        groups=groups,
        community=read_only(community_by_position(xy_m, communities.geometry)),
        geometry=read_only(np.asarray(shapes, dtype=object)),
        file=spec.file,
        row=read_only(ids),
    )
