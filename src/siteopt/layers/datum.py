"""From one CRS to another: which operation, how exact, and never a guess between two datums."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.exceptions import ProjError
from pyproj.transformer import TransformerGroup

from siteopt.findings import Findings
from siteopt.units import Floats, Texts

Transform = Callable[[Floats, Floats], tuple[Floats, Floats]]
"""(x, y) in one CRS -> (x, y) in another."""

WORST_ACCURACY_M = 20.0
"""A datum change known only to worse than this is told: it is a quarter of a minute's walk."""

_EARTH_CENTRED = (
    "world geodetic system 1984", "wgs 84", "wgs_1984", "wgs84", "china 2000", "china_2000", "cgcs2000",
    "european terrestrial reference system 1989", "etrs89", "international terrestrial reference", "itrf",
    "sirgas", "sistema de referencia geocentrico para las americas", "geocentric datum of australia",
    "australian terrestrial reference", "new zealand geodetic datum 2000", "japanese geodetic datum 20",
    "geocentric datum of korea", "korean geodetic datum 2002", "geodetic datum of malaysia 2000",
    "north american datum 1983", "nad83", "hartebeesthoek94", "reseau geodesique francais 1993",
    "vietnam 2000",
)  # fmt: skip
"""Datums tied to the earth's centre: they agree within about two metres, and PROJ's null shift between them is
right to that. (Between WGS 84 and CGCS2000 PROJ knows no other.)"""


@dataclass(frozen=True, eq=False)
class Operation:
    """How coordinates go from one CRS to another.

    ``accuracy_m`` is 0 within one datum, nan where nothing is known: then ``known`` is false and the result may
    be off by a hundred metres or more.
    """

    transform: Transform
    accuracy_m: float
    known: bool


def datum_name(crs: CRS) -> str:
    """The name of the geodetic datum under a CRS."""
    geodetic = crs.geodetic_crs
    return str(geodetic.datum.name) if geodetic is not None and geodetic.datum is not None else crs.name


def is_earth_centred(crs: CRS) -> bool:
    """Whether the datum is one of those that agree with WGS 84 within about two metres."""
    name = datum_name(crs).casefold()
    return any(word in name for word in _EARTH_CENTRED)


def flat(crs: CRS) -> CRS:
    """The horizontal part of a CRS with heights."""
    if crs.is_compound and crs.sub_crs_list:
        return crs.sub_crs_list[0]
    return crs.to_2d() if len(crs.axis_info) > 2 else crs


def operation(from_crs: Any, to_crs: Any, around: tuple[float, float] | None = None) -> Operation:
    """The best operation from one CRS to another that is installed, the same one every time.

    Parameters
    ----------
    from_crs, to_crs : CRS, or anything that names one
    around : (lon, lat), optional
        Where, in degrees: many datum changes hold for one country only.

    Raises
    ------
    pyproj.exceptions.ProjError
        There is no way at all (a local engineering CRS).
    """
    place = None if around is None else (round(around[0], 1), round(around[1], 1))
    return _operation(flat(CRS.from_user_input(from_crs)), flat(CRS.from_user_input(to_crs)), place)


@lru_cache(maxsize=64)
def _operation(from_crs: CRS, to_crs: CRS, around: tuple[float, float] | None) -> Operation:
    area = None
    if around is not None and all(map(math.isfinite, around)):
        lon, lat = min(max(around[0], -179.9), 179.9), min(max(around[1], -89.9), 89.9)
        area = AreaOfInterest(lon - 0.05, lat - 0.05, lon + 0.05, lat + 0.05)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "Best transformation is not available": accuracy below tells it
        group = TransformerGroup(from_crs, to_crs, always_xy=True, area_of_interest=area)
    known = [t for t in group.transformers if t.accuracy >= 0 and "Ballpark" not in t.description]
    if known:
        best = min(known, key=lambda t: t.accuracy)
        return Operation(_plain(best), float(best.accuracy), True)
    if not group.transformers:
        raise ProjError("no operation")
    centred = is_earth_centred(from_crs) and is_earth_centred(to_crs)
    return Operation(_plain(group.transformers[0]), 2.0 if centred else math.nan, centred)


def _plain(transformer: Transformer) -> Transform:
    def transform(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        east, north = transformer.transform(x, y)
        return np.asarray(east, dtype=np.float64), np.asarray(north, dtype=np.float64)

    return transform


def lonlat(crs: Any, xy: Floats) -> Floats:
    """(N, 2) degrees of points, good enough to tell a country: a datum change here may be rough; inf is nowhere."""
    lon, lat = operation(crs, "EPSG:4326").transform(xy[:, 0], xy[:, 1])
    return np.column_stack([lon, lat])


def middle(xy: Floats) -> Floats:
    """(1, 2) the median of points: one wrong point among many does not move it."""
    return np.median(xy, axis=0).reshape(1, 2)


def to_metric(geometry: Texts, from_crs: Any, to_crs: Any) -> Texts:
    """Geometries in another CRS, heights dropped; coordinates that have no image there become inf.

    Parameters
    ----------
    geometry : (N,) shapely geometries
    from_crs, to_crs : CRS, or anything that names one
    """
    box = shapely.bounds(geometry).reshape(-1, 4)
    box = box[np.isfinite(box).all(axis=1)]
    change = _change(from_crs, to_crs, (box[:, :2] + box[:, 2:]) / 2)
    if change is None:
        return np.asarray(shapely.force_2d(geometry) if shapely.has_z(geometry).any() else geometry, dtype=object)
    return np.asarray(
        shapely.transform(geometry, lambda xy: np.column_stack(change(xy[:, 0], xy[:, 1]))), dtype=object
    )


def xy_to(xy: Floats, from_crs: Any, to_crs: Any) -> Floats:
    """(N, 2) points in another CRS; inf where they have no image there."""
    change = _change(from_crs, to_crs, xy)
    return xy if change is None else np.column_stack(change(xy[:, 0], xy[:, 1]))


def _change(from_crs: Any, to_crs: Any, xy: Floats) -> Transform | None:
    """How to get from one CRS to the other around the middle of some points; None when they are one."""
    source, target = flat(CRS.from_user_input(from_crs)), flat(CRS.from_user_input(to_crs))
    if source.equals(target, ignore_axis_order=True):
        return None
    lon, lat = lonlat(source, middle(xy))[0] if len(xy) else (math.nan, math.nan)
    return operation(source, target, (lon, lat)).transform


def same_datum(file: str, own: CRS, xy: Floats, crs: str, findings: Findings) -> bool:
    """Whether a layer's datum can be brought to the metric CRS's by a known operation.

    Takes ``mixed_datum`` (no known operation: a guess may be off by a hundred metres) and the warning
    ``rough_datum``, both naming the two datums.
    """
    target = CRS.from_user_input(crs)
    names = {"datum": datum_name(own), "wanted": datum_name(target)}
    try:
        lon, lat = lonlat(own, middle(xy))[0]
        change = operation(own, target, (lon, lat))
    except ProjError:
        findings.error("mixed_datum", file=file, value=own.name, **names)
        return False
    if not change.known:
        findings.error("mixed_datum", file=file, value=own.name, **names)
    elif change.accuracy_m > WORST_ACCURACY_M:
        findings.warning("rough_datum", file=file, value=own.name, accuracy_m=change.accuracy_m, **names)
    return change.known
