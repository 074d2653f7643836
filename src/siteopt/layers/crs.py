"""The metric CRS that a scenario is computed in: the user's, checked, or one chosen by position."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
import shapely
from pyproj import CRS, Proj
from pyproj.exceptions import CRSError, ProjError

from siteopt.findings import Findings
from siteopt.layers.datum import flat, lonlat, middle
from siteopt.layers.files import GDAL_LAYERS, RASTERS, locate
from siteopt.layers.heard import READER_ERRORS, heard
from siteopt.layers.part_tables import first_look
from siteopt.layers.parts import parts_of
from siteopt.layers.place import OUTSIDE_AREA_DEG, degrees_outside
from siteopt.layers.table import read_table
from siteopt.layers.words import shown
from siteopt.scenario.schema import Demand, ScenarioSpec, Source
from siteopt.units import Floats

WORST_SCALE = 0.01
"""A CRS may stretch distances by this share where it is used; Web Mercator stretches by 12 % at 27 degrees."""

_WEB_MERCATOR = {3857, 3785, 900913, 102100, 102113}
_FIRST_ZONE, _FIRST_MERIDIAN = 4534, 75  # CGCS2000 / 3-degree Gauss-Kruger CM 75E, without zone prefix


def choose_crs(spec: ScenarioSpec, base: Path, findings: Findings, *, file: str = "scenario") -> str | None:
    """The CRS to compute in.

    Parameters
    ----------
    spec : ScenarioSpec
        Its ``crs`` is checked; when left out, the position of the demand layer (or of the first layer that tells
        one) decides: the CGCS2000 3-degree Gauss-Krueger zone in mainland China, else the UTM zone.
    base : Path
        Folder of the scenario file.
    findings : Findings
        Takes ``crs_unknown``, ``crs_in_degrees``, ``crs_web_mercator``, ``crs_not_metres``, ``crs_elsewhere``,
        ``crs_stretches``; where no layer tells a position, the layers' own faults or else ``crs_not_chosen``.
    file : str
        The scenario file's name in findings.

    Returns
    -------
    str or None
        An authority code such as "EPSG:4546" where there is one, else WKT. A refused ``crs`` (told as an error)
        is replaced by the zone of the place, so that the layers' faults can be found in the same run; None only
        where no layer tells a position.
    """
    where = _position(spec, base)
    zone = None if where is None else zone_of(*where)
    if spec.crs is not None:
        return _checked(spec.crs, where, zone, file, findings) or zone
    if zone is None:
        _tell_why(spec, base, file, findings)
    return zone


def _tell_why(spec: ScenarioSpec, base: Path, file: str, findings: Findings) -> None:
    before = len(findings.errors)
    for role, source in _layers(spec):
        if isinstance(source, Demand) and source.streamed:
            first_look(source, parts_of(source, base, findings), findings)
        elif Path(source.file).suffix.lower() in RASTERS:
            locate(source.file, base, findings, allowed=RASTERS)
        else:
            read_table(source, base, findings, role=role, columns=())
    if len(findings.errors) == before:
        findings.error("crs_not_chosen", file=file, field="crs")


def _layers(spec: ScenarioSpec) -> list[tuple[str, Source]]:
    """Role and source of every layer, demand first."""
    existing = [(f"existing.{n}", layer) for n, layer in enumerate(spec.existing)]
    communities = [("communities", spec.communities)] if spec.communities else []
    return [("demand", spec.demand), ("candidates", spec.candidates), *existing, *communities]


def zone_of(lon: float, lat: float) -> str:
    """The metric zone of a place: CGCS2000 Gauss-Krueger within that zone's published area of use, else UTM.

    The published areas follow China's border in steps of three degrees, so a place just across it may get a
    CGCS2000 zone; its metres are as good.
    """
    meridian = 3 * round(lon / 3)
    if _FIRST_MERIDIAN <= meridian <= 135:
        code = f"EPSG:{_FIRST_ZONE + (meridian - _FIRST_MERIDIAN) // 3}"
        area = CRS(code).area_of_use
        if area is not None and degrees_outside(area.bounds, np.array([lon, lat])) <= 0:
            return code
    zone = min(int((lon + 180) // 6) + 1, 60)
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def _checked(
    said: str, where: tuple[float, float] | None, zone: str | None, file: str, findings: Findings
) -> str | None:
    problem: str | None = None
    facts: dict[str, object] = {}
    remedy = zone or "EPSG:4546"
    try:
        crs = flat(CRS.from_user_input(int(said) if said.isdigit() else said))
    except (CRSError, OverflowError):
        findings.error("crs_unknown", file=file, field="crs", value=shown(said), remedy=remedy)
        return None
    if _is_web_mercator(crs):
        problem = "crs_web_mercator"
    elif not crs.is_projected:
        problem = "crs_in_degrees"
    elif any(abs(axis.unit_conversion_factor - 1) > 1e-9 for axis in crs.axis_info):
        problem, facts = "crs_not_metres", {"unit": crs.axis_info[0].unit_name}
    elif where is not None:
        area = crs.area_of_use
        if area is not None and degrees_outside(area.bounds, np.array(where)) > OUTSIDE_AREA_DEG:
            problem, facts = "crs_elsewhere", {"area": area.name, "lon": where[0], "lat": where[1]}
        elif (stretch := _stretch(crs, where)) > WORST_SCALE:
            problem, facts = "crs_stretches", {"percent": 100 * stretch}
    if problem is not None:
        findings.error(problem, file=file, field="crs", value=shown(said), name=crs.name, remedy=remedy, **facts)
        return None
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.to_wkt())


def _is_web_mercator(crs: CRS) -> bool:
    name = crs.name.casefold()
    return crs.to_epsg() in _WEB_MERCATOR or "pseudo-mercator" in name or "web_mercator" in name


def _stretch(crs: CRS, where: tuple[float, float]) -> float:
    """By what share a distance on the map differs from the distance on the ground, at worst."""
    try:
        factors = Proj(crs).get_factors(*where)
    except (ProjError, CRSError):
        return math.inf
    scales = (factors.meridional_scale, factors.parallel_scale, factors.tissot_semimajor, factors.tissot_semiminor)
    return max(abs(float(scale) - 1) for scale in scales)


def _position(spec: ScenarioSpec, base: Path) -> tuple[float, float] | None:
    """Longitude and latitude of the first layer that tells its position, demand first."""
    for _, source in _layers(spec):
        for part in (Source(file=source.within), source) if source.within else (source,):
            centre = _centre(part, base)
            if centre is not None and np.isfinite(centre).all() and (np.abs(centre) <= (180, 90)).all():
                return float(centre[0]), float(centre[1])
    return None


def _centre(source: Source, base: Path) -> Floats | None:
    """(2,) degrees; None when the layer does not say. Its faults are told by the stage that reads it in earnest."""
    unheard = Findings()
    path = base / source.file
    try:
        if path.suffix.lower() in RASTERS:
            with heard(source.file, unheard), rasterio.open(path) as raster:
                bounds, crs = raster.bounds, source.crs or raster.crs
        elif path.suffix.lower() in GDAL_LAYERS and source.crs is None and not source.where:
            with heard(source.file, unheard):
                info = pyogrio.read_info(path, layer=source.layer, force_total_bounds=True)
            bounds, crs = info["total_bounds"], info["crs"]
        elif isinstance(source, Demand) and source.streamed:
            look = first_look(source, parts_of(source, base, unheard))
            return None if look is None else look.lonlat
        else:
            table = read_table(source, base, unheard, role="crs", columns=())
            if table is None or table.crs is None:
                return None
            boxes = shapely.bounds(table.geometry)
            boxes = boxes[np.isfinite(boxes).all(axis=1)]
            if not len(boxes):
                return None
            bounds, crs = [*np.median(boxes[:, :2], axis=0), *np.median(boxes[:, 2:], axis=0)], table.crs
        if bounds is None or crs is None:
            return None
        box = np.asarray(bounds, dtype=np.float64).reshape(2, 2)
        where: Floats = lonlat(CRS.from_user_input(crs), middle(box))[0]
    except READER_ERRORS:
        return None
    return where
