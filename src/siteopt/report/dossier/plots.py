"""From the run's geometries to plots: rounded boundary points, closed rings, one fixed order and orientation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from siteopt.findings import Findings
from siteopt.report.dossier.records import Record
from siteopt.report.dossier.survey import Survey
from siteopt.units import Floats


@dataclass(frozen=True, eq=False)
class Plot:
    """One block of land with one outer boundary.

    Attributes
    ----------
    plot_id : the site's id, with -1, -2, ... where the site has several blocks
    record : the proposed site
    part : "1/1", "2/3", ...
    rings : outer boundary first, then the holes; each (n, 2) easting, northing in metres, rounded, first point
        repeated as the last; outer clockwise, holes counter-clockwise, each from its north-western corner
    ellipsoid_m2 : area on the ellipsoid
    """

    plot_id: str
    record: Record
    part: str
    rings: tuple[Floats, ...]
    ellipsoid_m2: float

    @property
    def polygon(self) -> Polygon:
        """The block, in the survey's metres."""
        return Polygon(self.rings[0], list(self.rings[1:]))

    @property
    def plane_m2(self) -> float:
        """Area on the projection plane, from the rounded boundary points."""
        return float(self.polygon.area)

    @property
    def n_points(self) -> int:
        """Coordinate lines, closing points included."""
        return sum(len(ring) for ring in self.rings)


@dataclass(frozen=True, eq=False)
class Unmeasured:
    """A proposed site without a usable boundary.

    Attributes
    ----------
    record : the proposed site
    point : where it is, in the survey's metres; None when the run does not know
    reason : "to_survey" (the run holds a point only), "invalid", or "nowhere"
    """

    record: Record
    point: Point | None
    reason: str


@dataclass(frozen=True, eq=False)
class Parcels:
    """All proposed sites, as plots or as what remains to be surveyed; ``merged`` points fell together."""

    plots: tuple[Plot, ...]
    unmeasured: tuple[Unmeasured, ...]
    merged: int

    def of(self, record: Record) -> tuple[Plot, ...]:
        """The blocks of one site."""
        return tuple(p for p in self.plots if p.record is record)


def make_parcels(
    records: Sequence[Record], run_crs: CRS, survey: Survey, decimals: int, file: str, findings: Findings
) -> Parcels:
    """Bring every proposed site into the survey's metres and normalise its boundary.

    Parameters
    ----------
    records : proposed sites, geometry in the run's CRS
    decimals : boundary points are rounded to this many decimals of a metre
    file : what findings name

    Returns
    -------
    Parcels
    """
    to_metres, to_degrees = survey.to_metres(run_crs), survey.to_degrees()
    plots: list[Plot] = []
    rest: list[Unmeasured] = []
    merged = 0
    for record in records:
        where = {"file": file, "value": record.site_id}
        if record.geometry is None:
            findings.warning("dossier_site_nowhere", **where)
            rest.append(Unmeasured(record, None, "nowhere"))
            continue
        shape = _moved(record.geometry, to_metres)
        if not np.isfinite([*shape.bounds, *to_degrees.transform(*shape.bounds[:2])]).all():
            findings.warning("dossier_site_nowhere", **where)
            rest.append(Unmeasured(record, None, "nowhere"))
            continue
        blocks = _blocks(shape)
        if not blocks:
            findings.warning("dossier_site_to_survey", **where)
            rest.append(Unmeasured(record, Point(shape.centroid), "to_survey"))
            continue
        normal = [_normal(block, decimals) for block in blocks]
        bad = [why for rings, _, why in normal if why]
        if bad:
            findings.warning("dossier_plot_invalid", **where, why=bad[0])
            rest.append(Unmeasured(record, Point(shapely.box(*shape.bounds).centroid), "invalid"))
            continue
        merged += sum(gone for _, gone, _ in normal)
        rings_of = sorted((rings for rings, _, _ in normal), key=_place)
        plots += [
            Plot(
                record.site_id if len(rings_of) == 1 else f"{record.site_id}-{k}",
                record,
                f"{k}/{len(rings_of)}",
                rings,
                _ellipsoid_m2(rings, survey),
            )
            for k, rings in enumerate(rings_of, 1)
        ]
    if merged:
        findings.info("dossier_points_merged", file=file, count=merged)
    return Parcels(tuple(plots), tuple(rest), merged)


def _moved(shape: BaseGeometry, transformer: Transformer) -> BaseGeometry:
    """A geometry in another CRS, heights dropped."""
    flat = shapely.force_2d(shape)
    return shapely.transform(flat, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))


def _blocks(shape: BaseGeometry) -> list[Polygon]:
    """The polygons in a geometry of any kind."""
    parts = shapely.get_parts(shapely.get_parts([shape]))
    return [p for p in parts if p.geom_type == "Polygon" and not p.is_empty]


def _normal(block: Polygon, decimals: int) -> tuple[tuple[Floats, ...], int, str]:
    """Rings of one block rounded, cleaned, oriented and ordered; points that fell together; what is wrong."""
    if not block.is_valid:
        return (), 0, shapely.is_valid_reason(block)
    # A hole that rounding closes is smaller than the survey can see; an outer ring that it closes is no plot.
    rounded = [_cleaned(np.asarray(ring.coords), decimals) for ring in (block.exterior, *block.interiors)]
    gone = sum(n for _, n in rounded)
    outer, holes = rounded[0][0], [ring for ring, _ in rounded[1:] if len(ring) > 3]
    if len(outer) < 4:
        return (), gone, "less than three points"
    clean = Polygon(outer, holes)
    if not clean.is_valid:
        return (), gone, shapely.is_valid_reason(clean)
    turned = orient(clean, sign=-1.0)
    inner = sorted((_from_north_west(np.asarray(ring.coords)) for ring in turned.interiors), key=_corner)
    return (_from_north_west(np.asarray(turned.exterior.coords)), *inner), gone, ""


def _cleaned(ring: Floats, decimals: int) -> tuple[Floats, int]:
    """A closed ring rounded, each point once in a row; and how many points went."""
    xy = np.round(ring[:, :2], decimals)
    keep = np.concatenate([[True], np.any(xy[1:] != xy[:-1], axis=1)])
    return xy[keep], int(np.count_nonzero(~keep))


def _from_north_west(ring: Floats) -> Floats:
    """The same closed ring, starting at its north-western corner, as surveyors number it."""
    xy = ring[:-1]
    start = int(np.lexsort((-xy[:, 1], xy[:, 0] - xy[:, 1]))[0])
    turned = np.roll(xy, -start, axis=0)
    return np.vstack([turned, turned[:1]])


def _corner(ring: Floats) -> tuple[float, float]:
    """North before south, west before east."""
    return -float(ring[0, 1]), float(ring[0, 0])


def _place(rings: tuple[Floats, ...]) -> tuple[float, float]:
    """Where a block comes among the blocks of its site."""
    return _corner(rings[0])


def _ellipsoid_m2(rings: tuple[Floats, ...], survey: Survey) -> float:
    """Area on the ellipsoid of a block."""
    geod, to_degrees = survey.metres.get_geod(), survey.to_degrees()
    degrees = [np.column_stack(to_degrees.transform(ring[:, 0], ring[:, 1])) for ring in rings]
    return abs(float(geod.geometry_area_perimeter(orient(Polygon(degrees[0], degrees[1:])))[0]))
