"""plan.gpkg opens with the right CRS, layers and styles; sites.geojson is in degrees."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as Xml

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from siteopt.plan import Run
from siteopt.report import geo
from siteopt.report.geo import type_fields, write_geojson, write_gpkg
from siteopt.report.qgis import Look, categorised
from tests.runs_builder import EAST, FORMULA, NORTH, make_run
from tests.worlds import make_communities


@pytest.fixture(scope="module")
def gpkg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The GeoPackage of the default run."""
    path = tmp_path_factory.mktemp("geo") / "plan.gpkg"
    write_gpkg(make_run(language="zh"), path)
    return path


def test_the_three_layers_open_in_the_crs_of_the_scenario(gpkg: Path) -> None:
    layers = dict(pyogrio.list_layers(gpkg).tolist())
    assert layers.pop("site_areas") == "MultiPolygon"  # outlines of the spaces, for land review
    assert layers == {"sites": "Point", "demand": "MultiPolygon", "communities": "MultiPolygon", "layer_styles": None}
    for layer in ("sites", "site_areas", "demand", "communities"):
        assert gpd.read_file(gpkg, layer=layer).crs.to_epsg() == 4546


def test_sites_say_whether_they_are_chosen_stand_or_stay_empty(gpkg: Path) -> None:
    sites = gpd.read_file(gpkg, layer="sites").set_index("site_id")
    assert sites["status"].tolist() == (
        ["chosen", "not_chosen", "chosen", "not_chosen", "chosen", "chosen", "existing", "existing", "existing"]
    )
    assert (sites.loc["A-1", "opens"], sites.loc["E1", "stands"]) == ("market", "market")
    assert sites.loc["=1+1", "name"] == FORMULA  # a GeoPackage has no formulas: as in the data
    assert sites.loc["A-1"].geometry.coords[0] == (EAST, NORTH)
    assert sites.loc["A-1", "newly_covered"] == 100


def test_demand_holds_people_and_reach_before_and_after(gpkg: Path) -> None:
    demand = gpd.read_file(gpkg, layer="demand").set_index("cell_id")
    first = demand.loc["001"]
    assert (first["people"], first["people_elderly"]) == (100, 20)
    assert (first["before_market"], first["after_market"], first["minutes_market"]) == (0, 1, 0)
    assert (first["types_before"], first["types_after"], first["types_gained"]) == (0, 1, 1)
    assert np.isnan(first["minutes_locker"])
    assert demand["community"].isna().tolist() == [False] * 11 + [True]  # the last cell is in none
    weights = (demand["people"] * demand["after_market"]).sum()
    assert weights == pytest.approx(445)


def test_the_geometry_of_cells_and_communities_is_theirs(gpkg: Path) -> None:
    run = make_run()
    demand = gpd.read_file(gpkg, layer="demand")
    assert shapely.equals(demand.geometry.to_numpy(), run.world.cells.geometry).all()
    communities = gpd.read_file(gpkg, layer="communities")
    assert shapely.equals(communities.geometry.to_numpy(), run.world.communities.geometry).all()
    assert communities["commercial_share_after"].round(6)[0] == 0.104984
    assert np.isnan(communities["commercial_share_after"][1])


def test_every_layer_has_a_default_style_that_parses_and_names_every_class(gpkg: Path) -> None:
    with closing(sqlite3.connect(gpkg)) as db:
        rows = db.execute(
            "SELECT f_table_catalog, f_table_schema, f_table_name, f_geometry_column, useAsDefault, styleQML"
            " FROM layer_styles ORDER BY id"
        ).fetchall()
        geometry = dict(db.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall())
        contents = dict(db.execute("SELECT table_name, data_type FROM gpkg_contents").fetchall())
    assert contents["layer_styles"] == "attributes"
    assert [row[2] for row in rows] == ["sites", "site_areas", "demand", "communities"]
    for catalog, schema, layer, column, default, qml in rows:
        assert (catalog, schema, default) == ("", "", 1)
        assert column == geometry[layer]
        renderer = Xml.fromstring(qml).find("renderer-v2")
        assert renderer is not None and renderer.get("type") == "categorizedSymbol"
        values = {c.get("value") for c in renderer.iter("category")}
        data = gpd.read_file(gpkg, layer=layer)
        assert {str(v) for v in data[renderer.get("attr")]} <= values
        symbols = {s.get("name") for s in renderer.iter("symbol")}
        assert {c.get("symbol") for c in renderer.iter("category")} == symbols
        wanted = "marker" if layer == "sites" else "fill"
        assert {s.get("type") for s in renderer.iter("symbol")} == {wanted}
    assert "新增网点" in rows[0][5]


def test_sqlite_finds_nothing_wrong_with_the_file(gpkg: Path) -> None:
    with closing(sqlite3.connect(gpkg)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_the_same_plan_is_the_same_bytes(gpkg: Path, tmp_path: Path) -> None:
    write_gpkg(make_run(language="zh"), tmp_path / "again.gpkg")
    assert (tmp_path / "again.gpkg").read_bytes() == gpkg.read_bytes()


def test_gdal_is_left_as_it_was_found(tmp_path: Path) -> None:
    before = {key: pyogrio.get_gdal_config_option(key) for key in geo._STEADY}
    write_gpkg(make_run(), tmp_path / "plan.gpkg")
    assert {key: pyogrio.get_gdal_config_option(key) for key in geo._STEADY} == before


def test_chunks_lose_no_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geo, "CELLS_PER_CHUNK", 5)
    write_gpkg(make_run(), tmp_path / "plan.gpkg")
    demand = gpd.read_file(tmp_path / "plan.gpkg", layer="demand")
    assert demand["cell_id"].tolist() == make_run().world.cells.cell_id.tolist()


def with_point_cells(run: Run) -> Run:
    """The same run with cells that are points."""
    cells = replace(run.world.cells, geometry=shapely.points(run.world.cells.xy_m))
    return replace(run, world=replace(run.world, cells=cells))


def test_cells_that_are_points_are_styled_as_points(tmp_path: Path) -> None:
    write_gpkg(with_point_cells(make_run()), tmp_path / "plan.gpkg")
    demand = gpd.read_file(tmp_path / "plan.gpkg", layer="demand")
    assert set(demand.geom_type) == {"Point"}
    with closing(sqlite3.connect(tmp_path / "plan.gpkg")) as db:
        (qml,) = db.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = 'demand'").fetchone()
    assert {s.get("type") for s in Xml.fromstring(qml).iter("symbol")} == {"marker"}


def test_a_run_without_a_plan_or_communities_still_has_its_layers(tmp_path: Path) -> None:
    run = make_run(feasible=False)
    none = make_communities([])
    cells = replace(run.world.cells, community=np.full(12, -1))
    sites = replace(run.world.sites, community=np.full(9, -1))
    scores = replace(
        run.scores,
        community_total=np.empty((0, 2)),
        community_before=np.empty((0, 3, 2)),
        community_after=np.empty((0, 3, 2)),
        commercial_before_m2=np.empty(0),
        commercial_after_m2=np.empty(0),
        floor_before_m2=np.empty(0),
        floor_after_m2=np.empty(0),
    )
    world = replace(run.world, communities=none, cells=cells, sites=sites)
    write_gpkg(replace(run, world=world, scores=scores), tmp_path / "plan.gpkg")
    assert len(gpd.read_file(tmp_path / "plan.gpkg", layer="communities")) == 0
    assert "chosen" not in set(gpd.read_file(tmp_path / "plan.gpkg", layer="sites")["status"])


def test_hostile_type_ids_become_field_names_that_differ() -> None:
    assert type_fields(["菜市场", "a b", "a-b", "A_B", '"; DROP TABLE sites; --', "='"]) == [
        "菜市场",
        "a_b",
        "a_b_2",
        "A_B_3",
        "DROP_TABLE_sites",
        "type",
    ]


def test_a_style_escapes_what_it_is_given() -> None:
    qml = categorised('a"b<c>', [Look('"<&', "</qgis>\x00", "#112233")], "fill")
    category = Xml.fromstring(qml).find("renderer-v2/categories/category")
    assert category is not None
    assert (category.get("value"), category.get("label")) == ('"<&', "</qgis>")


def test_geojson_is_in_degrees_with_seven_decimals_and_evidence(tmp_path: Path) -> None:
    write_geojson(make_run(), tmp_path / "sites.geojson")
    made = json.loads((tmp_path / "sites.geojson").read_text(encoding="utf-8"))
    assert len(made["features"]) == 4
    feature = next(f for f in made["features"] if f["properties"]["site_id"] == "A-1")
    lon, lat = feature["geometry"]["coordinates"]
    assert (lon, lat) == (round(lon, 7), round(lat, 7))
    frame = gpd.read_file(tmp_path / "sites.geojson")
    assert frame.crs.to_epsg() == 4326
    back = frame.to_crs(4546).set_index("site_id").geometry["A-1"]
    assert back.distance(shapely.Point(EAST, NORTH)) < 0.02  # 7 decimals are a centimetre
    assert feature["properties"]["only_covered_by_this"] == 100
    assert made["illustrative"] is True


def test_geojson_without_a_plan_is_an_empty_collection(tmp_path: Path) -> None:
    write_geojson(make_run(feasible=False), tmp_path / "sites.geojson")
    assert json.loads((tmp_path / "sites.geojson").read_text(encoding="utf-8"))["features"] == []
