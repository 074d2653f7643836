"""Demand cells in batches: the same cells, checks and findings as :mod:`siteopt.layers.demand`, in bounded memory.

What only the whole layer shows (swapped axes, a layer in degrees that claims metres, points far from all others) is
gathered in a :class:`Sight` while the batches pass and told at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import rasterio
import shapely
from pyproj import CRS
from rasterio.windows import Window

from siteopt.findings import Findings
from siteopt.layers.columns import read_ids
from siteopt.layers.datum import Operation, flat, operation, same_datum
from siteopt.layers.demand import people_columns, people_of
from siteopt.layers.files import RASTERS
from siteopt.layers.heard import READER_ERRORS, heard, reason
from siteopt.layers.keep import study_area, where_rows
from siteopt.layers.locate import community_by_position, community_of
from siteopt.layers.part_tables import ROLE, tables
from siteopt.layers.parts import Part, windows_of
from siteopt.layers.raster import RasterPeople
from siteopt.layers.shapes import check_shapes, inner_points
from siteopt.layers.table import Table, read_table, tell_where_columns
from siteopt.layers.twice import Hashes, hashes_of
from siteopt.scenario.schema import Demand, Source
from siteopt.units import Floats, Ints
from siteopt.world import Communities

BATCH_ROWS = 32_768
_SAMPLE = 4096
_RANK_ROWS = 1 << 44
_RANK_COLUMNS = 1 << 22
"""Rows of one file; a rank is (number of the file) times this, plus the row."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Some demand cells: (n, 2) metres, (n, G) persons, (n,) community or -1, (n,) rank in the layer."""

    xy_m: Floats
    people: Floats
    community: Ints
    rank: Ints

    def __len__(self) -> int:
        return len(self.rank)


def label_of(parts: tuple[Part, ...], rank: int) -> tuple[str, int | str]:
    """File and row of a rank, as findings show them."""
    number, row = divmod(int(rank), _RANK_ROWS)
    part = next(p for p in parts if p.number == number)
    if part.suffix in RASTERS:
        return part.file, "r{}c{}".format(*divmod(row, _RANK_COLUMNS))
    return part.file, f"fid {row}" if part.suffix == ".gpkg" else row


@dataclass(eq=False)
class Sight:
    """What is seen of a layer while its batches pass. Sights of parts are merged in the order of the parts.

    Attributes
    ----------
    findings : of the rows
    read, left, inside : rows in the file, those that ``where`` keeps, those that ``within`` keeps too
    cells : sound cells given
    people_seen : a cell has people of the first group
    low, high : (2,) the box of all points as the file has them
    low_m, high_m : (2,) the box of all cells, metric CRS
    not_degrees : rows of a layer in degrees whose point cannot be degrees, and ``some``: the first of them
    sample : {rank: (x, y)} cells spread through the layer by their rank
    hashes : of ids, where there are ids
    """

    findings: Findings = field(default_factory=Findings)
    read: int = 0
    left: int = 0
    inside: int = 0
    cells: int = 0
    people_seen: bool = False
    low: Floats = field(default_factory=lambda: np.full(2, np.inf))
    high: Floats = field(default_factory=lambda: np.full(2, -np.inf))
    low_m: Floats = field(default_factory=lambda: np.full(2, np.inf))
    high_m: Floats = field(default_factory=lambda: np.full(2, -np.inf))
    null_positions: int = 0
    not_degrees: int = 0
    some: list[tuple[str, int | str, str]] = field(default_factory=list)
    sample_rank: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    sample_xy: Floats = field(default_factory=lambda: np.empty((0, 2)))
    hashes: list[Hashes] = field(default_factory=list)

    def see_raw(self, xy: Floats) -> None:
        """Points as the file has them."""
        self.low, self.high = np.minimum(self.low, xy.min(axis=0)), np.maximum(self.high, xy.max(axis=0))

    def see(self, batch: Batch) -> None:
        """Sound cells."""
        self.cells += len(batch)
        self.people_seen = self.people_seen or bool((batch.people[:, 0] > 0).any())
        self.low_m = np.minimum(self.low_m, batch.xy_m.min(axis=0))
        self.high_m = np.maximum(self.high_m, batch.xy_m.max(axis=0))
        self._sample(batch.rank, batch.xy_m)

    def merge(self, later: Sight) -> None:
        """Take over what was seen of a later part; its hashes stay with it."""
        self.findings.extend(later.findings)
        for name in ("read", "left", "inside", "cells", "null_positions", "not_degrees"):
            setattr(self, name, getattr(self, name) + getattr(later, name))
        self.people_seen = self.people_seen or later.people_seen
        self.low, self.high = np.minimum(self.low, later.low), np.maximum(self.high, later.high)
        self.low_m, self.high_m = np.minimum(self.low_m, later.low_m), np.maximum(self.high_m, later.high_m)
        self.some = (self.some + later.some)[:50]
        self._sample(later.sample_rank, later.sample_xy)

    def _sample(self, rank: Ints, xy_m: Floats) -> None:
        """Keep the cells whose scrambled ranks are smallest: the same ones, however the cells come."""
        together = np.concatenate([self.sample_rank, rank])
        scrambled = together.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        kept = np.argsort(scrambled, kind="stable")[:_SAMPLE]
        self.sample_rank, self.sample_xy = together[kept], np.concatenate([self.sample_xy, xy_m])[kept]

    def spread_xy_m(self) -> Floats:
        """(S, 2) some thousand cells from all over the layer, in the order of the layer."""
        return self.sample_xy[np.argsort(self.sample_rank, kind="stable")]


class CellReader:
    """Reads the parts of one demand layer; the same on every machine.

    Parameters
    ----------
    spec : Demand
    base : Path
        Folder of the scenario file.
    crs : str
        The metric CRS.
    communities : Communities or None
        For the community of each cell.
    around : (2,) array or None
        A point of the layer, degrees: it decides between datum operations, once for all batches.
    batch_rows : int
        Changes memory only.
    """

    def __init__(
        self,
        spec: Demand,
        base: Path,
        crs: str,
        communities: Communities | None,
        around: Floats | None,
        *,
        batch_rows: int = BATCH_ROWS,
    ) -> None:
        self.spec, self.base, self.crs = spec, base, crs
        self.groups = people_columns(spec)
        self._communities, self._batch_rows = communities, batch_rows
        self._around = None if around is None else (float(around[0]), float(around[1]))
        self._change: dict[str, Operation | None] = {}
        self._region: dict[str, object] = {}

    def batches(self, part: Part, sight: Sight) -> Iterator[Batch]:
        """The sound cells of a part; a batch with a fault is told in ``sight`` and not given."""
        made = self._of_raster(part, sight) if part.suffix in RASTERS else self._of_tables(part, sight)
        for batch in made:
            if len(batch):
                sight.see(batch)
                yield batch

    def _of_tables(self, part: Part, sight: Sight) -> Iterator[Batch]:
        for table in tables(part, self.spec, sight.findings, batch_rows=self._batch_rows):
            sight.read += len(table)
            kept = self._kept(table, sight)
            if kept is not None and len(kept):
                batch = self._cells(kept, part, sight)
                if batch is not None:
                    yield batch

    def _kept(self, table: Table, sight: Sight) -> Table | None:
        """The rows that ``where`` and ``within`` keep."""
        if not tell_where_columns(table, self.spec, sight.findings, ROLE):
            return None
        if self.spec.where:
            table = table.only(where_rows(table.columns, self.spec.where))
        sight.left += len(table)
        if self.spec.within and table.crs is not None and len(table):
            region = self._study_area(table.crs, sight.findings)
            if region is None:
                return None
            box = shapely.bounds(table.geometry)
            kept = np.isnan(box[:, 0])  # a row without a shape is a fault to be told
            index = np.flatnonzero(~kept)
            xy = inner_points(table.geometry[index])
            kept[index] = shapely.intersects_xy(region, xy[:, 0], xy[:, 1])
            table = table.only(kept)
        sight.inside += len(table)
        return table

    def _study_area(self, crs: CRS, findings: Findings) -> object | None:
        key = crs.to_wkt()
        if key not in self._region:
            area = read_table(Source(file=self.spec.within or ""), self.base, findings, role=f"{ROLE}.within")
            region = None if area is None or area.crs is None else study_area(area, crs, findings)
            if region is not None:
                shapely.prepare(region)
            self._region[key] = region
        return self._region[key]

    def _cells(self, table: Table, part: Part, sight: Sight) -> Batch | None:
        findings, spec = sight.findings, self.spec
        if spec.id is not None:
            ids = read_ids(table, spec.id, findings, field=f"{ROLE}.id", unique=False)
            if ids is not None:
                sight.hashes.append(hashes_of(ids))
        people = people_of(table, self.groups, findings)
        xy_m = self._positions(table, sight)
        community = community_of(table, spec.community, xy_m, self._communities, findings, field=f"{ROLE}.community")
        if people is None or xy_m is None or community is None:
            return None
        return Batch(xy_m, people, community, part.number * _RANK_ROWS + table.row)

    def _positions(self, table: Table, sight: Sight) -> Floats | None:
        usable = check_shapes(table, sight.findings)
        if table.crs is None or not usable.any():
            return None
        xy = inner_points(table.geometry[usable])
        sight.see_raw(xy)
        rows = np.flatnonzero(usable)
        for i in rows[(xy == 0).all(axis=1)]:
            sight.null_positions += 1
            sight.findings.error("null_position", file=table.file, row=table.label(i))
        if table.crs.is_geographic:
            wrong = ~np.all(np.abs(xy) <= (180, 90), axis=1)
            sight.not_degrees += int(wrong.sum())
            for i in np.flatnonzero(wrong)[: 50 - len(sight.some)]:
                x, y = xy[i]
                sight.some.append((table.file, table.label(rows[i]), f"{x:.9g}, {y:.9g}"))
            if wrong.any():
                return None
        change = self._operation(table.file, table.crs, sight.findings)
        if change is None or not usable.all():
            return None
        xy_m = np.column_stack(change.transform(xy[:, 0], xy[:, 1]))
        lost = np.flatnonzero(~np.isfinite(xy_m).all(axis=1))
        if len(lost):
            sight.findings.error(
                "cannot_project", file=table.file, row=table.label(lost[0]), value=table.crs.name, wanted=self.crs,
                count=len(lost),
            )  # fmt: skip
            return None
        return xy_m

    def _operation(self, file: str, crs: CRS, findings: Findings) -> Operation | None:
        """How this layer's coordinates become metres; told and decided once."""
        key = crs.to_wkt()
        if key not in self._change:
            here = self._around_in(crs)
            known = same_datum(file, crs, here, self.crs, findings)
            same = flat(crs).equals(flat(CRS.from_user_input(self.crs)), ignore_axis_order=True)
            as_is = Operation(lambda x, y: (x, y), 0.0, True)
            self._change[key] = None if not known else as_is if same else operation(crs, self.crs, self._around)
        return self._change[key]

    def _around_in(self, crs: CRS) -> Floats:
        if self._around is None:
            return np.full((1, 2), np.nan)
        back = operation("EPSG:4326", crs).transform
        x, y = back(np.array([self._around[0]]), np.array([self._around[1]]))
        return np.column_stack([x, y])

    def _of_raster(self, part: Part, sight: Sight) -> Iterator[Batch]:
        spec = self.spec.model_copy(update={"file": part.file})
        path = Path(part.path)
        try:
            with heard(part.file, sight.findings):
                raster = rasterio.open(path)
        except READER_ERRORS as error:
            sight.findings.error("unreadable_file", file=part.file, reason=reason(error, path))
            return
        with raster:
            people = RasterPeople.of(raster, spec, self.groups, sight.findings)
            if people is None:
                return
            region = self._study_area(people.crs, sight.findings) if spec.within else None
            if spec.within and region is None:
                return
            for window in windows_of(raster)[part.start : part.stop]:
                try:
                    with heard(part.file, sight.findings):
                        batch = self._pixels(people, Window(*window), region, part, sight)
                except READER_ERRORS as error:
                    sight.findings.error("unreadable_file", file=part.file, reason=reason(error, path))
                    return
                if batch is not None:
                    yield batch

    def _pixels(self, people: RasterPeople, window: Window, region: object, part: Part, sight: Sight) -> Batch | None:
        rows, columns, counts = people.populated(window, region)
        sight.read += window.width * window.height
        sight.left += window.width * window.height
        sight.inside += len(rows)
        if not len(rows) or people.tell_bad(rows, columns, counts, sight.findings):
            return None
        x, y = people.centres(rows, columns)
        change = self._operation(part.file, people.crs, sight.findings)
        if change is None:
            return None
        xy_m = np.column_stack(change.transform(x, y))
        if not np.isfinite(xy_m).all():
            sight.findings.error(
                "cannot_project", file=part.file, value=people.crs.name, wanted=self.crs, count=len(rows)
            )
            return None
        if self._communities is None:
            return None
        community = community_by_position(xy_m, self._communities.geometry)
        return Batch(xy_m, counts, community, part.number * _RANK_ROWS + rows * _RANK_COLUMNS + columns)
