"""In which coordinates the land office reads the plots: the CRS asked for, checked against the place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import CRSError
from pyproj.transformer import TransformerGroup

from siteopt.findings import Findings, Severity

FIRST_ZONE, LAST_ZONE = 25, 45
EPSG_OF_FIRST_ZONE = 4513
"""EPSG:4513 is CGCS2000 / 3-degree Gauss-Kruger zone 25, eastings with the zone's number in front."""

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


@dataclass(frozen=True, eq=False)
class Survey:
    """The coordinates of a dossier.

    Attributes
    ----------
    asked : CRS of the polygon files; may be in degrees
    metres : projected CRS of the boundary points and areas; ``asked`` itself unless that is in degrees
    zone : number of the 3-degree Gauss-Kruger zone of ``metres``, None if it is no such zone
    prefixed : eastings carry the zone's number in front
    cgcs2000 : the datum of ``asked`` is CGCS2000
    """

    asked: CRS
    metres: CRS
    zone: int | None
    prefixed: bool
    cgcs2000: bool

    @property
    def in_degrees(self) -> bool:
        """The polygon files are in degrees."""
        return bool(self.asked.is_geographic)

    @property
    def fits_txt(self) -> bool:
        """The boundary-coordinate text may be written: CGCS2000, projected, in a 3-degree zone."""
        return not self.in_degrees and self.zone is not None and self.cgcs2000

    def to_metres(self, run_crs: CRS) -> Transformer:
        """From the run's CRS to boundary points, easting first (swap by yourself)."""
        return Transformer.from_crs(run_crs, self.metres, always_xy=True)

    def to_asked(self) -> Transformer:
        """From boundary points to the CRS of the polygon files, x first."""
        return Transformer.from_crs(self.metres, self.asked, always_xy=True)

    def to_degrees(self) -> Transformer:
        """From boundary points to longitude and latitude on the same datum, longitude first."""
        return Transformer.from_crs(self.metres, self.metres.geodetic_crs, always_xy=True)

    def scale_at(self, lon: float, lat: float) -> float:
        """How many metres on the plane one metre on the ellipsoid becomes at a place."""
        return float(Proj(self.metres).get_factors(lon, lat).meridional_scale)


def label(crs: CRS) -> str:
    """``EPSG:4525`` where the CRS has a code, else its name."""
    authority = crs.to_authority(min_confidence=70)
    return ":".join(authority) if authority else str(crs.name)


def fitting_zone(lon: float, lat: float) -> CRS | None:
    """The CGCS2000 3-degree zone, eastings with prefix, in which a place lies; None outside China's zones."""
    zone = round(lon / 3)
    if not (FIRST_ZONE <= zone <= LAST_ZONE and 3 <= lat <= 54):
        return None
    return CRS.from_epsg(EPSG_OF_FIRST_ZONE + zone - FIRST_ZONE)


def choose_survey(asked: str | None, run_crs: CRS, place: Bounds, file: str, findings: Findings) -> Survey | None:
    """The CRS asked for, or the zone that fits the place; every doubt becomes a finding.

    Parameters
    ----------
    asked : as the user wrote it, e.g. ``EPSG:4525``; None = the zone that fits
    run_crs : the metric CRS of the run
    place : of all proposed sites, degrees
    file : what findings call the place they speak of

    Returns
    -------
    Survey or None
        None when the CRS cannot be used (an error was added).
    """
    fit = fitting_zone((place[0] + place[2]) / 2, (place[1] + place[3]) / 2)
    best = label(fit) if fit is not None else label(run_crs)
    if asked is None:
        crs = fit if fit is not None else run_crs
    else:
        found = _parse(asked, best, file, findings)
        if found is None:
            return None
        crs = found
    metres = crs if crs.is_projected else (fit if fit is not None else run_crs)
    zone, prefixed = _three_degree_zone(metres)
    survey = Survey(crs, metres, zone, prefixed, _datum(crs) == CGCS2000)
    _warn(survey, run_crs, place, best if fit is not None else None, file, findings)
    return survey


CGCS2000 = "China 2000"


def _parse(asked: str, best: str, file: str, findings: Findings) -> CRS | None:
    """A CRS that a boundary can be written in, or an error."""
    where: dict[str, Any] = {"file": file, "field": "crs", "value": asked, "best": best}
    text = asked.strip()
    try:
        crs = CRS.from_user_input(f"EPSG:{text}" if text.isdecimal() else text)
    except CRSError:
        findings.error("dossier_crs_unknown", **where)
        return None
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if not (crs.is_projected or crs.is_geographic) or len(crs.axis_info) > 2:
        findings.error("dossier_crs_kind", name=crs.name, **where)
        return None
    metric = all(axis.unit_name == "metre" for axis in crs.axis_info)
    web = crs.is_projected and "Pseudo" in str(crs.coordinate_operation.method_name)
    if web or (crs.is_projected and not metric):
        findings.error("dossier_crs_unfit", name=crs.name, **where)
        return None
    return crs


def _three_degree_zone(crs: CRS) -> tuple[int | None, bool]:
    """Number of the 3-degree zone by the projection's own parameters, and whether eastings carry it."""
    operation = crs.coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        return None, False
    value = {p.name: p.value for p in operation.params}
    meridian = value.get("Longitude of natural origin", 0.0)
    zone = round(meridian / 3)
    if value.get("Scale factor at natural origin") != 1.0 or meridian != 3 * zone:
        return None, False
    false_easting = value.get("False easting")
    if false_easting == 500_000:
        return zone, False
    return (zone, True) if false_easting == zone * 1_000_000 + 500_000 else (None, False)


def _datum(crs: CRS) -> str:
    """Name of the datum."""
    datum = crs.geodetic_crs.datum if crs.geodetic_crs is not None else None
    return str(datum.name) if datum is not None else ""


def _warn(survey: Survey, run_crs: CRS, place: Bounds, best: str | None, file: str, findings: Findings) -> None:
    """Say what a reviewer would ask about these coordinates; ``best`` is None outside China's zones."""
    crs = survey.asked
    where: dict[str, Any] = {"file": file, "field": "crs", "value": label(crs)}
    lon, lat, area = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2, crs.area_of_use
    if best is None:
        findings.warning("dossier_outside_zones", **where)
    elif area is not None and not _inside(place, area.bounds):
        # A neighbouring zone may be meant; coordinates half a world away are nobody's boundary.
        near = _inside(place, (area.west - FAR_DEG, area.south - FAR_DEG, area.east + FAR_DEG, area.north + FAR_DEG))
        severity: Severity = "warning" if near else "error"
        findings.add(severity, "dossier_crs_elsewhere", **where, lon=lon, lat=lat, area=area.name, best=best)
    if best is not None and not survey.cgcs2000:
        findings.warning("dossier_crs_datum", **where, datum=_datum(crs), best=best)
    if _datum(run_crs) != _datum(crs):
        steps = TransformerGroup(run_crs, crs, always_xy=True).transformers
        if not steps or "Ballpark" in steps[0].description:
            findings.warning("dossier_datum_change", **where, source=_datum(run_crs), target=_datum(crs))
    if best is not None and not survey.fits_txt:
        findings.warning("dossier_txt_refused", **where, best=best)


FAR_DEG = 6.0
"""Two zones of three degrees."""


def _inside(place: Bounds, area: Bounds) -> bool:
    """A place lies wholly in an area."""
    return area[0] <= place[0] and area[1] <= place[1] and place[2] <= area[2] and place[3] <= area[3]
