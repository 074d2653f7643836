"""Plots, and the sites that have none yet, as GeoPackage and Shapefile in the CRS asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from shapely.geometry.base import BaseGeometry

from siteopt.findings import Findings
from siteopt.report.dossier.boundary_txt import stated_ha
from siteopt.report.dossier.plots import Parcels, Plot, Unmeasured
from siteopt.report.dossier.records import Handover, Outlet, Record
from siteopt.report.dossier.survey import Survey
from siteopt.report.dossier.template import TxtTemplate
from siteopt.report.dossier.words import Words

GEOPACKAGE, PLOTS, POINTS = "plots.gpkg", "plots", "points"
SIDECARS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
DBF_TEXT_BYTES = 254
NO_DATE = "1980-01-01"
"""Stands in the files' own time stamps when the run has no date, so that one run gives one set of bytes."""


def write_shapes(
    into: Path,
    handover: Handover,
    parcels: Parcels,
    survey: Survey,
    template: TxtTemplate,
    words: Words,
    findings: Findings,
) -> None:
    """Write ``plots.gpkg`` (layers ``plots``, ``points``) and one Shapefile per layer that is not empty.

    Parameters
    ----------
    into : folder
    handover : gives the date of the files' own time stamps, and says whether the data are illustrative
    parcels : plots as they are printed; both formats carry the very same rounded points
    survey : gives the CRS of the files
    template : gives planned uses and the decimals of hectares
    """
    to_asked = survey.to_asked()

    def placed(shape: BaseGeometry) -> BaseGeometry:
        if survey.asked == survey.metres:
            return shape
        return shapely.transform(shape, lambda xy: np.column_stack(to_asked.transform(xy[:, 0], xy[:, 1])))

    located = [u for u in parcels.unmeasured if u.point is not None]
    mark = words("illustrative") if handover.illustrative else ""
    layers = {
        PLOTS: (
            [_plot_row(p, template, words) | {"BZ": mark} for p in parcels.plots],
            [placed(p.polygon) for p in parcels.plots],
        ),
        POINTS: (
            [_point_row(u, words) | {"BZ": f"{words(f'boundary_{u.reason}')} {mark}".strip()} for u in located],
            [placed(u.point) for u in located if u.point],
        ),
    }
    stamp = handover.date or NO_DATE
    with _fixed_date(stamp):
        for layer, (rows, shapes) in layers.items():
            if not rows:
                continue
            frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=survey.asked)
            kind = "Polygon" if layer == PLOTS else "Point"
            pyogrio.write_dataframe(frame, into / GEOPACKAGE, layer=layer, driver="GPKG", geometry_type=kind)
            pyogrio.write_dataframe(
                _fit_dbf(frame, into / f"{layer}.dbf", findings),
                into / f"{layer}.shp",
                driver="ESRI Shapefile",
                encoding="UTF-8",
                geometry_type=kind,
                layer_options={"DBF_DATE_LAST_UPDATE": stamp},
            )


def fields(layer: str) -> tuple[str, ...]:
    """The columns of a layer, in order."""
    return _PLOT_FIELDS if layer == PLOTS else _POINT_FIELDS


_SITE_FIELDS = ("XZDL", "DLBZ", "KJLX", "YTLX", "YTMJ", "SQMC", "QSXZ", "ZDBH", "TZJE", "RKSY", "RKWY")
_PLOT_FIELDS = ("DKBH", "DKMC", "DKMJ", "DKYT", "DLBM", *_SITE_FIELDS, "TQMJ", "FKXH", "BZ")
_POINT_FIELDS = ("DKBH", "DKMC", *_SITE_FIELDS, "BZ")


def _plot_row(plot: Plot, template: TxtTemplate, words: Words) -> dict[str, Any]:
    use, code = template.planned_use(tuple(outlet.type_id for outlet in plot.record.outlets))
    return {
        "DKBH": plot.plot_id,
        "DKMC": plot.record.name,
        "DKMJ": float(stated_ha(plot, template)),
        "DKYT": use,
        "DLBM": code,
        **_site_row(plot.record, words),
        "TQMJ": round(plot.ellipsoid_m2, 2),
        "FKXH": plot.part,
    }


def _point_row(site: Unmeasured, words: Words) -> dict[str, Any]:
    return {
        "DKBH": site.record.site_id,
        "DKMC": site.record.name,
        **_site_row(site.record, words),
    }


def _site_row(record: Record, words: Words) -> dict[str, Any]:
    return {
        "XZDL": record.land_use,
        "DLBZ": record.code_scheme,
        "KJLX": words.known("kind_", record.kind),
        "YTLX": record.outlet_names,
        "YTMJ": total(o.area_m2 for o in record.outlets),
        "SQMC": record.community,
        "QSXZ": record.tenure,
        "ZDBH": record.parcel_id,
        "TZJE": total(o.cost for o in record.outlets),
        "RKSY": _largest(record.outlets, "gain"),
        "RKWY": _largest(record.outlets, "only"),
    }


def total(values: Iterator[float | None] | Sequence[float | None]) -> float:
    """A sum; nan when a part is not known."""
    return float(sum((np.nan if v is None else v) for v in values))


def _largest(outlets: Sequence[Outlet], what: str) -> float:
    """People of the outlet with most: the same person may gain from two outlets, so they are never added."""
    known = [value for value in (getattr(outlet, what) for outlet in outlets) if value is not None]
    return float(max(known)) if known else float("nan")


def _fit_dbf(frame: gpd.GeoDataFrame, file: Path, findings: Findings) -> gpd.GeoDataFrame:
    """Texts cut to what a dBase field holds, between characters; each cut is said."""
    out = frame.copy()
    for column in frame.columns.drop("geometry"):
        values = list(frame[column])
        if not any(isinstance(value, str) for value in values):
            continue
        short = [v.encode("utf-8")[:DBF_TEXT_BYTES].decode("utf-8", errors="ignore") for v in values]
        for value, kept in zip(values, short, strict=True):
            if kept != value:
                findings.warning("dossier_text_cut", file=file.name, field=column, value=kept, bytes=DBF_TEXT_BYTES)
        out[column] = short
    return out


@contextmanager
def _fixed_date(date: str) -> Iterator[None]:
    """GDAL writes this date into its files instead of the present one."""
    was = {key: pyogrio.get_gdal_config_option(key) for key in ("OGR_CURRENT_DATE", "OGR_GPKG_ALLOW_THREADED_RTREE")}
    steady = {"OGR_CURRENT_DATE": f"{date}T00:00:00.000Z", "OGR_GPKG_ALLOW_THREADED_RTREE": "NO"}
    pyogrio.set_gdal_config_options(steady)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(was)
