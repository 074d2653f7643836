"""Layers of land: points, lines, polygons; repaired, empty, misnamed, misplaced."""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely

from siteopt.findings import Findings
from siteopt.layers.gcj02 import from_gcj02
from siteopt.layers.inputs import inputs_of
from siteopt.layers.zones import AREAS, ZONE_NAMES
from siteopt.world import World
from tests.layer_files import CRS, X0, Y0, only, read, square, streets_through, told, town, write_csv

GATES = [{"x": X0 + 10 * i, "y": Y0 + 7 * i, "school": f"校{i}"} for i in range(1, 4)]


def layer(folder: Path, zone: str, geometry: list[Any], file: str = "zone.gpkg", **more: Any) -> dict[str, Any]:
    columns = {"title": [f"z{i}" for i in range(len(geometry))]}
    frame = geopandas.GeoDataFrame(columns, geometry=geometry, crs=CRS)
    frame.to_file(folder / file)
    return {zone: {"file": file} | more}


def zoned(folder: Path, zones: dict[str, Any], **over: Any) -> tuple[World | None, Findings]:
    return read(folder, town(folder, communities=None, zones=zones, **over))


def bow_tie() -> Any:
    return shapely.Polygon([(X0, Y0), (X0 + 100, Y0 + 100), (X0 + 100, Y0), (X0, Y0 + 100)])


def test_a_layer_that_is_not_named_is_absent(tmp_path: Path) -> None:
    world, findings = zoned(tmp_path, {})
    assert world is not None and dict(world.zones) == {} and len(findings) == 0


def test_points_lines_and_polygons_in_the_metric_system_with_where_they_came_from(tmp_path: Path) -> None:
    write_csv(tmp_path / "gates.csv", GATES)
    line = shapely.LineString([(X0, Y0), (X0 + 50, Y0)])
    frame = geopandas.GeoDataFrame({"n": [1]}, geometry=[line], crs=CRS).to_crs(4490)
    frame.to_file(tmp_path / "line.geojson")
    zones = {
        "school_gates": {"file": "gates.csv", "crs": CRS, "name": "school"},
        "power_corridor": {"file": "line.geojson"},
        **layer(tmp_path, "green_line", [square(0, 0), square(1, 1)], name="title"),
    }
    world, findings = zoned(tmp_path, zones)
    assert world is not None and told(findings) == []
    assert list(world.zones) == ["school_gates", "power_corridor", "green_line"]
    gates, power, green = world.zones.values()
    assert gates.name.tolist() == ["校1", "校2", "校3"] and gates.row.tolist() == [2, 3, 4]
    assert shapely.get_x(gates.geometry).tolist() == [X0 + 10, X0 + 20, X0 + 30]
    assert abs(shapely.length(power.geometry[0]) - 50) < 0.1 and power.name.tolist() == [""]
    assert green.name.tolist() == ["z0", "z1"] and green.row.tolist() == ["fid 1", "fid 2"]
    assert shapely.area(green.geometry).tolist() == [10_000, 10_000] and green.file == "zone.gpkg"
    assert world.sources[-3:] == ("gates.csv", "line.geojson", "zone.gpkg")
    assert not green.geometry.flags.writeable


def test_zone_files_are_inputs_of_the_run(tmp_path: Path) -> None:
    spec = town(tmp_path, communities=None, zones=layer(tmp_path, "blue_line", [square(0, 0)]))
    assert [(i["file"], i["rows"]) for i in inputs_of(spec, tmp_path)][-1] == ("zone.gpkg", 1)


def test_where_and_within_narrow_a_layer(tmp_path: Path) -> None:
    shapes = [square(0, 0), square(1, 1), square(9, 9)]
    world, _ = zoned(tmp_path, layer(tmp_path, "green_line", shapes, where={"title": "z1"}))
    assert world is not None and len(world.zones["green_line"]) == 1
    town_limits = geopandas.GeoDataFrame(geometry=[shapely.box(X0, Y0, X0 + 500, Y0 + 500)], crs=CRS)
    town_limits.to_file(tmp_path / "limits.gpkg")
    world, _ = zoned(tmp_path, layer(tmp_path, "green_line", shapes, within="limits.gpkg"))
    assert world is not None and len(world.zones["green_line"]) == 2


@pytest.mark.parametrize("file", ["zone.gpkg", "zone.geojson", "zone.shp", "zone.csv"])
def test_an_empty_layer_is_checked_and_says_so(tmp_path: Path, file: str) -> None:
    if file.endswith("csv"):
        (tmp_path / file).write_text("x,y\n")
    else:
        geopandas.GeoDataFrame({"a": [1]}, geometry=[square(0, 0)], crs=CRS).iloc[:0].to_file(tmp_path / file)
    world, findings = zoned(tmp_path, {"blue_line": {"file": file} | ({"crs": CRS} if file.endswith("csv") else {})})
    assert world is not None and len(world.zones["blue_line"]) == 0
    assert (only(findings, "zone_empty").severity, only(findings, "zone_empty").value) == ("warning", "blue_line")


def test_filters_that_leave_nothing_say_which(tmp_path: Path) -> None:
    world, findings = zoned(tmp_path, layer(tmp_path, "blue_line", [square(0, 0)], where={"title": "z9"}))
    assert world is not None and len(world.zones["blue_line"]) == 0
    assert only(findings, "zone_none_left").value == "title = z9"
    elsewhere = geopandas.GeoDataFrame(geometry=[square(50, 50)], crs=CRS)
    elsewhere.to_file(tmp_path / "elsewhere.gpkg")
    world, findings = zoned(tmp_path, layer(tmp_path, "blue_line", [square(0, 0)], within="elsewhere.gpkg"))
    assert world is not None and only(findings, "zone_none_within").value == "elsewhere.gpkg"


@pytest.mark.parametrize("name", AREAS)
@pytest.mark.parametrize("shape", [shapely.Point(X0, Y0), shapely.LineString([(X0, Y0), (X0 + 9, Y0)])])
def test_lines_and_points_are_no_area(tmp_path: Path, name: str, shape: Any) -> None:
    world, findings = zoned(tmp_path, layer(tmp_path, name, [square(0, 0), shape], file="zone.geojson"))
    fault = only(findings, "zone_not_polygons")
    assert world is None and (fault.row, fault.value, fault.facts["zone"]) == (2, shape.geom_type, name)
    assert (fault.file, fault.field) == ("zone.geojson", f"zones.{name}")


def test_a_crossing_polygon_is_repaired_and_told(tmp_path: Path) -> None:
    world, findings = zoned(tmp_path, layer(tmp_path, "green_line", [square(0, 0), bow_tie()]))
    mended = only(findings, "zone_repaired")
    assert world is not None and (mended.severity, mended.row) == ("warning", "fid 2")
    assert (mended.facts["before"], mended.facts["after"]) == (0, 5000)
    shape = world.zones["green_line"].geometry[1]
    assert shape.is_valid and shape.geom_type in ("Polygon", "MultiPolygon") and shape.area == 5000


def test_what_is_no_area_even_when_repaired_is_told(tmp_path: Path) -> None:
    flat = shapely.Polygon([(X0, Y0), (X0 + 9, Y0), (X0 + 5, Y0), (X0, Y0)])
    world, findings = zoned(tmp_path, layer(tmp_path, "green_line", [flat, square(0, 0)]))
    assert world is None and told(findings) == ["zone_beyond_repair"]


def test_mixed_collections_and_missing_shapes_are_told(tmp_path: Path) -> None:
    mixed = shapely.GeometryCollection([shapely.Point(X0, Y0), square(0, 0)])
    world, findings = zoned(tmp_path, layer(tmp_path, "noise", [square(0, 0), mixed], file="zone.geojson"))
    assert world is None and (only(findings, "zone_shape").row, only(findings, "zone_shape").value) == (
        2, "GeometryCollection",
    )  # fmt: skip
    world, findings = zoned(tmp_path, layer(tmp_path, "green_line", [square(0, 0), None]))
    assert world is None and only(findings, "empty_geometry").row == "fid 2"


@pytest.mark.parametrize(
    ("wkt", "code"),
    [
        (f"LINESTRING ({X0} {Y0}, inf {Y0})", "zone_not_finite"),
        (f"CIRCULARSTRING ({X0} {Y0}, {X0 + 5} {Y0}, {X0} {Y0 + 5})", "curved_shape"),
        (f"CURVEPOLYGON (CIRCULARSTRING ({X0} {Y0}, {X0 + 5} {Y0}, {X0} {Y0}))", "curved_shape"),
        ("POLYGON ((0 0", "bad_wkt"),
        ("POINT (0 0)", "null_position"),
        ("POLYGON EMPTY", "empty_geometry"),
    ],
)
def test_shapes_that_nobody_can_use_are_told_by_their_row(tmp_path: Path, wkt: str, code: str) -> None:
    write_csv(tmp_path / "zone.csv", [{"wkt": square(0, 0).wkt}, {"wkt": wkt}])
    world, findings = zoned(tmp_path, {"noise": {"file": "zone.csv", "crs": CRS}})
    assert world is None and only(findings, code).row == 3


def test_curves_in_a_layer_are_told(tmp_path: Path) -> None:
    arc = struct.pack("<BIIdddddd", 1, 8, 3, X0, Y0, X0 + 5, Y0 + 5, X0 + 10, Y0)
    header = b"GP\x00\x01" + struct.pack("<i", 4546)
    world, _ = zoned(tmp_path, layer(tmp_path, "noise", [square(0, 0)]))
    assert world is not None
    with sqlite3.connect(tmp_path / "zone.gpkg") as db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute("UPDATE zone SET geom = ?", (header + arc,))
    world, findings = zoned(tmp_path, {"noise": {"file": "zone.gpkg"}})
    assert world is None and told(findings) == ["curved_shape"]


def test_a_slip_in_a_name_is_told_and_other_names_are_free(tmp_path: Path) -> None:
    write_csv(tmp_path / "gates.csv", GATES)
    gates = {"file": "gates.csv", "crs": CRS}
    world, findings = zoned(tmp_path, {"schol_gates": gates, "历史保护线": gates, "hospital": gates})
    slip = only(findings, "zone_name_near")
    assert world is not None and told(findings) == []
    assert (slip.severity, slip.value, slip.facts["nearest"]) == ("warning", "schol_gates", "school_gates")
    assert set(world.zones) == {"schol_gates", "历史保护线", "hospital"} and "school_gates" in ZONE_NAMES


def test_a_hostile_name_is_a_name(tmp_path: Path) -> None:
    write_csv(tmp_path / "gates.csv", GATES)
    name = "=cmd|'/c calc'!A1<script>../../etc"
    world, findings = zoned(tmp_path, {name: {"file": "gates.csv", "crs": CRS}})
    assert world is not None and list(world.zones) == [name] and told(findings) == []


def test_a_missing_file_and_a_missing_column_are_told_with_the_zone(tmp_path: Path) -> None:
    world, findings = zoned(tmp_path, {"school_gates": {"file": "gone.csv"}})
    assert world is None and only(findings, "missing_file").value == "gone.csv"
    write_csv(tmp_path / "gates.csv", GATES)
    world, findings = zoned(tmp_path, {"school_gates": {"file": "gates.csv", "crs": CRS, "name": "schol"}})
    fault = only(findings, "missing_column")
    assert world is None and (fault.field, fault.facts["nearest"]) == ("zones.school_gates.name", "school")
    world, findings = zoned(tmp_path, {"school_gates": {"file": "gates.csv", "crs": CRS, "where": {"schol": "校1"}}})
    assert world is None and only(findings, "missing_column").field == "zones.school_gates.where.schol"


def test_a_layer_without_a_system_or_in_the_wrong_one_is_told(tmp_path: Path) -> None:
    write_csv(tmp_path / "gates.csv", GATES)
    world, findings = zoned(tmp_path, {"school_gates": {"file": "gates.csv"}})
    assert world is None and only(findings, "no_crs").field == "zones.school_gates.crs"
    world, findings = zoned(tmp_path, {"school_gates": {"file": "gates.csv", "crs": "EPSG:4490"}})
    assert world is None and told(findings) == ["metres_where_degrees"]
    world, findings = zoned(tmp_path, {"school_gates": {"file": "gates.csv", "crs": "EPSG:4547"}})
    apart = only(findings, "layers_apart")
    assert world is None and (apart.file, apart.value) == ("gates.csv", "spaces.csv") and apart.facts["km"] > 200
    world, findings = zoned(tmp_path, {"school_gates": {"file": "gates.csv", "crs": "EPSG:99"}})
    assert world is None and told(findings) == ["unknown_crs"]


def test_gates_from_a_web_map_are_told_as_shifted(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    xy = rng.uniform((X0, Y0), (X0 + 3000, Y0 + 3000), (60, 2))
    true = geopandas.GeoSeries(shapely.points(xy), crs=CRS).to_crs(4326)
    degrees = np.column_stack([true.x, true.y])
    shifted = degrees + (degrees - from_gcj02(degrees))
    write_csv(tmp_path / "gates.csv", [{"lon": x, "lat": y} for x, y in shifted])
    spec = town(tmp_path, communities=None, zones={"school_gates": {"file": "gates.csv"}})
    world, findings = read(tmp_path, spec, streets_through(xy))
    assert world is None and only(findings, "looks_shifted").file == "gates.csv"
    zones = {"school_gates": {"file": "gates.csv", "trust_position": True}}
    world, findings = read(tmp_path, town(tmp_path, communities=None, zones=zones), streets_through(xy))
    assert world is not None and told(findings) == []
