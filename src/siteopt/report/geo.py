"""plan.gpkg (layers ``sites``, ``demand``, ``communities``, styled for QGIS) and sites.geojson."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from siteopt.plan import Run, areas, costs
from siteopt.report import palette
from siteopt.report.qgis import Look, Shape, categorised
from siteopt.report.safe import DECIMALS, clean, json_text
from siteopt.report.summary import new_outlets
from siteopt.text import say

CELLS_PER_CHUNK = 65_536
A_DATE = "2000-01-01T00:00:00.000Z"
"""Stands wherever the format asks for a time, so that the same plan is the same bytes; the manifest has the time."""

NEW, STANDING, UNUSED = "#d1352b", "#2f2f2f", "#8a8a8a"
AGES = (("new", "#7b3294"), ("mature", "#636363"), ("old", "#8c510a"))

_STEADY = {"OGR_CURRENT_DATE": A_DATE, "OGR_GPKG_ALLOW_THREADED_RTREE": "NO", "OGR_SQLITE_SYNCHRONOUS": "OFF"}


def write_gpkg(run: Run, path: Path) -> None:
    """The plan as a GeoPackage in the scenario's CRS.

    ``sites`` are points (candidates and existing outlets; ``status`` is ``chosen``, ``not_chosen`` or ``existing``),
    ``demand`` the cells with people and what they reach before and after, ``communities`` the polygons with their
    commercial share. ``site_areas`` are the outlines of those spaces that were given as polygons, by ``site_id``;
    land review needs them. Text is as in the data: a GeoPackage has no formulas.
    """
    names = type_fields(run.world.types.type_id)
    with _steady_gdal():
        _write(path, "sites", _sites(run), "Point", append=False)
        demand_type = _common_type(run.world.cells.geometry)
        for start in range(0, max(len(run.world.cells), 1), CELLS_PER_CHUNK):
            chunk = _demand(run, slice(start, start + CELLS_PER_CHUNK), names, demand_type)
            _write(path, "demand", chunk, demand_type, append=True)
        _write(path, "communities", _communities(run), "MultiPolygon", append=True)
        _write(path, "site_areas", _site_areas(run), "MultiPolygon", append=True)
    _write_styles(path, _styles(run, demand_type))


def write_geojson(run: Run, path: Path) -> None:
    """New outlets with their evidence as GeoJSON points: longitude and latitude of EPSG:4326, 7 decimals."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [site["lon"], site["lat"]]},
            "properties": {key: value for key, value in site.items() if key not in ("lon", "lat")},
        }
        for site in new_outlets(run)
    ]
    out = {
        "type": "FeatureCollection",
        "name": "sites",
        "scenario": clean(run.scenario_name),
        "status": run.proof.status,
        "illustrative": run.world.illustrative,
        "attribution": [clean(a) for a in run.world.attribution],
        "features": features,
    }
    path.write_text(json_text(out), encoding="utf-8")


def type_fields(type_ids: Sequence[str]) -> list[str]:
    """A field name per type: letters, digits and ``_`` of any script, unique without regard to case."""
    out: list[str] = []
    for type_id in type_ids:
        base = re.sub(r"\W+", "_", clean(type_id)).strip("_")[:40] or "type"
        name, number = base, 2
        while name.casefold() in (taken.casefold() for taken in out):
            name, number = f"{base}_{number}", number + 1
        out.append(name)
    return out


def _sites(run: Run) -> gpd.GeoDataFrame:
    world, plan, scores = run.world, run.plan, run.scores
    sites, types = world.sites, world.types
    opened = np.zeros(sites.standing.shape, bool) if plan is None else plan.opened
    names, nothing = np.array([clean(t) for t in types.type_id], dtype=object), np.zeros(len(sites))
    period = np.zeros(len(sites), np.int64) if plan is None else plan.period.max(axis=1)
    return _frame(
        {
            "site_id": _texts(sites.site_id),
            "name": _texts(sites.name),
            "status": _status(run),
            "opens": _lists(opened, names),
            "stands": _lists(sites.standing, names),
            "allowed": _lists(sites.allowed, names),
            "kind": _texts(sites.kind),
            "area_m2": _numbers(sites.area_m2),
            "outlet_area_m2": _numbers(nothing if plan is None else areas(world, plan).sum(axis=1)),
            "cost": _numbers(nothing if plan is None else costs(world, plan).sum(axis=1)),
            "newly_covered": _numbers(scores.newly_covered.sum(axis=1)),
            "only_covered_by_this": _numbers(scores.only_covered_by_this.sum(axis=1)),
            "period": period,
            "community": _community_ids(run, sites.community),
            "tenure": _texts(sites.tenure),
            "parcel_id": _texts(sites.parcel_id),
            "land_use": _texts(sites.land_use),
        },
        shapely.points(sites.xy_m),
        world.crs,
    )


def _site_areas(run: Run) -> gpd.GeoDataFrame:
    """Outlines of the spaces that have one."""
    sites = run.world.sites
    areas = np.isin(shapely.get_type_id(sites.geometry), (3, 6))
    columns = {"site_id": _texts(sites.site_id[areas]), "status": _status(run)[areas]}
    return _frame(columns, sites.geometry[areas], run.world.crs)


def _status(run: Run) -> Any:
    """(J,) what each space is in the plan: chosen, existing (an outlet stands there), or not chosen."""
    some_stand = run.world.sites.standing.any(axis=1)
    some_open = np.zeros_like(some_stand) if run.plan is None else run.plan.opened.any(axis=1)
    return np.where(some_open, "chosen", np.where(some_stand, "existing", "not_chosen")).astype(object)


def _demand(run: Run, part: slice, names: Sequence[str], geometry_type: str) -> gpd.GeoDataFrame:
    cells, scores = run.world.cells, run.scores
    before, after = np.isfinite(scores.minutes_before[part]), np.isfinite(scores.minutes_after[part])
    columns: dict[str, Any] = {
        "cell_id": _texts(cells.cell_id[part]),
        "people": _numbers(cells.residents[part]),
        "types_before": before.sum(axis=1),
        "types_after": after.sum(axis=1),
        "types_gained": (after & ~before).sum(axis=1),
        "community": _community_ids(run, cells.community[part]),
    }
    if cells.n_cells is not None:
        columns["n_cells"] = cells.n_cells[part]
    for g, field in enumerate(type_fields(cells.groups)):
        columns[f"people_{field}"] = _numbers(cells.people[part, g])
    for t, field in enumerate(names):
        columns[f"before_{field}"] = before[:, t].astype(np.int16)
        columns[f"after_{field}"] = after[:, t].astype(np.int16)
        reached = np.where(after[:, t], scores.minutes_after[part, t], np.nan)
        columns[f"minutes_{field}"] = np.round(reached, 4)
    geometry = shapely.points(cells.xy_m[part]) if geometry_type == "Point" else cells.geometry[part]
    return _frame(columns, geometry, run.world.crs)


def _communities(run: Run) -> gpd.GeoDataFrame:
    communities, scores = run.world.communities, run.scores
    with np.errstate(invalid="ignore", divide="ignore"):
        share_before = scores.commercial_before_m2 / scores.floor_before_m2
        share_after = scores.commercial_after_m2 / scores.floor_after_m2
    return _frame(
        {
            "community_id": _texts(communities.community_id),
            "name": _texts(communities.name),
            "age_class": _texts(communities.age_class),
            "tier": _texts(communities.tier),
            "people": _numbers(scores.community_total[:, 0]),
            "commercial_share_before": _numbers(share_before),
            "commercial_share_after": _numbers(share_after),
            "commercial_area_before_m2": _numbers(scores.commercial_before_m2),
            "commercial_area_after_m2": _numbers(scores.commercial_after_m2),
            "floor_area_before_m2": _numbers(scores.floor_before_m2),
            "floor_area_after_m2": _numbers(scores.floor_after_m2),
        },
        communities.geometry,
        run.world.crs,
    )


def _styles(run: Run, demand_type: str) -> list[tuple[str, str]]:
    """(layer, QML) of each layer, legends in the run's language."""
    lang, total = run.language, len(run.world.types)
    shape: Shape = "marker" if demand_type == "Point" else "fill"
    sites = [
        Look("chosen", say("tables", "style_chosen", lang), NEW, size_mm=4.4, edge="#ffffff", mark="diamond"),
        Look("existing", say("tables", "style_existing", lang), STANDING, size_mm=2.8),
        Look("not_chosen", say("tables", "style_not_chosen", lang), UNUSED, 0.5, size_mm=2.2, edge=UNUSED),
    ]
    demand = [
        Look(
            str(count),
            say("tables", "style_types_after", lang, count=count, total=total),
            colour,
            opacity=0.8,
            size_mm=1.6,
            edge="#ffffff",
            edge_mm=0.06,
        )
        for count, colour in enumerate([palette.MISSING, *palette.ramp(palette.COUNT_RAMP, total)])
    ]
    ages = [
        Look(age, say("tables", f"style_{age}", lang), colour, opacity=0.06, edge=colour, edge_mm=0.8)
        for age, colour in AGES
    ]
    return [
        ("sites", categorised("status", sites, "marker")),
        ("site_areas", categorised("status", sites, "fill")),
        ("demand", categorised("types_after", demand, shape)),
        ("communities", categorised("age_class", ages, "fill")),
    ]


def _write_styles(path: Path, styles: Sequence[tuple[str, str]]) -> None:
    """The table in which QGIS looks for the default style of each layer."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT(256),"
            " f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30),"
            " styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),"
            " update_time DATETIME)"
        )
        db.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, styleSLD, useAsDefault, description, owner, update_time)"
            " VALUES ('', '', ?, 'geom', ?, ?, '', 1, '', '', ?)",
            [(layer, layer, qml, A_DATE) for layer, qml in styles],
        )
        db.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)"
            " VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
            [A_DATE],
        )


@contextmanager
def _steady_gdal() -> Iterator[None]:
    """GDAL with a fixed date and no background index, so that bytes do not depend on when or how fast."""
    was = {key: pyogrio.get_gdal_config_option(key) for key in _STEADY}
    pyogrio.set_gdal_config_options(_STEADY)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(was)


def _write(path: Path, layer: str, frame: gpd.GeoDataFrame, geometry_type: str, *, append: bool) -> None:
    pyogrio.write_dataframe(
        frame,
        path,
        layer=layer,
        driver="GPKG",
        geometry_type=geometry_type,
        append=append,
        promote_to_multi=geometry_type == "MultiPolygon",
        layer_options={"GEOMETRY_NAME": "geom"},
    )


def _frame(columns: Mapping[str, Any], geometry: Any, crs: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=gpd.GeoSeries(geometry, crs=crs))


def _common_type(geometry: Any) -> str:
    """MultiPolygon when every cell is an area, else Point: one layer has one kind, or QGIS cannot style it."""
    kinds = set(shapely.get_type_id(geometry).tolist())
    return "MultiPolygon" if kinds and kinds <= {3, 6} else "Point"


def _texts(values: Any) -> Any:
    out = np.empty(len(values), dtype=object)
    out[:] = [clean(v) for v in values]
    return out


def _numbers(values: Any) -> Any:
    return np.round(np.asarray(values, dtype=np.float64), DECIMALS)


def _lists(mask: Any, names: Any) -> Any:
    """The names that are true in each row, separated by ``;``."""
    return _texts([";".join(names[row]) for row in mask])


def _community_ids(run: Run, index: Any) -> Any:
    """(n,) community ids, None where there is none."""
    ids = np.empty(len(run.world.communities) + 1, dtype=object)  # the last stays None: index -1
    ids[:-1] = _texts(run.world.communities.community_id)
    return ids[index]
