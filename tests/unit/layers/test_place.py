"""Coordinates that cannot be what they claim to be, and the way into the metric CRS."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pyproj
import pytest
import shapely

from siteopt.findings import Findings
from siteopt.layers.datum import datum_name, is_earth_centred, operation, to_metric
from siteopt.layers.place import Placed, degrees_outside, place
from siteopt.layers.shapes import inner_points, rectangles
from siteopt.layers.table import read_table
from tests.layer_files import CRS, X0, Y0, cells, only, sentences_hold, source, square, told, write_csv


def placed(
    folder: Path, frame: geopandas.GeoDataFrame, crs: str = CRS, **how: object
) -> tuple[Placed | None, Findings]:
    frame.to_file(folder / "a.gpkg")
    return placed_file(folder, "a.gpkg", crs, **how)


def placed_file(folder: Path, file: str, crs: str = CRS, **how: object) -> tuple[Placed | None, Findings]:
    findings = Findings()
    table = read_table(source(file, **how), folder, findings, role="demand")
    found = None if table is None else place(table, crs, findings)
    sentences_hold(findings)
    return found, findings


def test_a_layer_in_the_metric_crs_is_taken_as_it_is(tmp_path: Path) -> None:
    found, findings = placed(tmp_path, cells())
    assert found is not None and len(findings) == 0
    assert found.xy_m[0].tolist() == [X0 + 50, Y0 + 50]


@pytest.mark.parametrize("other", [4490, 4326, 3857, 32649, 4525, 4547])
def test_layers_in_other_systems_come_to_the_same_place(tmp_path: Path, other: int) -> None:
    found, findings = placed(tmp_path, cells().to_crs(other))
    assert found is not None and told(findings) == []
    # The inner point of a square that stands askew in its own system is its middle to within centimetres.
    assert np.abs(found.xy_m - inner_points(cells().geometry.to_numpy())).max() < 5
    assert np.abs(shapely.bounds(found.geometry) - shapely.bounds(cells().geometry.to_numpy())).max() < 0.01


def test_degrees_under_a_metric_crs_are_told(tmp_path: Path) -> None:
    frame = cells().to_crs(4490).set_crs(4546, allow_override=True)
    found, findings = placed(tmp_path, frame)
    assert found is None and told(findings) == ["degrees_where_metres"]
    assert only(findings, "degrees_where_metres").facts["crs"] == "CGCS2000 / 3-degree Gauss-Kruger CM 111E"


def test_metres_under_degrees_are_told(tmp_path: Path) -> None:
    found, findings = placed(tmp_path, cells().set_crs(4490, allow_override=True))
    assert found is None and told(findings) == ["metres_where_degrees"]


def test_single_rows_outside_degrees_are_told_with_their_row(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [{"lon": 109.9, "lat": 27.2}] * 3 + [{"lon": 10990.0, "lat": 27.2}])
    _, findings = placed_file(tmp_path, "a.csv")
    assert told(findings) == ["no_crs"]  # one value out of range: the columns are not taken as degrees unasked
    findings = Findings()
    table = read_table(source("a.csv", crs="EPSG:4490"), tmp_path, findings, role="demand")
    assert table is not None and place(table, CRS, findings) is None
    assert [(f.code, f.row) for f in findings] == [("outside_degrees", 5)]


@pytest.mark.parametrize("in_degrees", [True, False])
def test_swapped_axes_are_recognised(tmp_path: Path, in_degrees: bool) -> None:
    frame = cells().to_crs(4490) if in_degrees else cells()
    swapped = shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    found, findings = placed(tmp_path, geopandas.GeoDataFrame(geometry=swapped, crs=frame.crs))
    assert found is None and told(findings) == ["axes_swapped"]


def test_coordinates_with_a_zone_prefix_under_a_crs_without_are_outside_its_area(tmp_path: Path) -> None:
    prefixed = cells().to_crs(4525).set_crs(4546, allow_override=True)
    found, findings = placed(tmp_path, prefixed)
    assert found is None and told(findings) == ["outside_crs_area"]


def test_a_null_position_is_told_with_its_row(tmp_path: Path) -> None:
    frame = cells()
    frame.geometry = frame.centroid
    frame = frame.to_crs(4490)
    frame.loc[2, "geometry"] = shapely.Point(0, 0)
    found, findings = placed(tmp_path, frame)
    assert found is None and [(f.code, f.row) for f in findings] == [("null_position", "fid 3")]


def test_a_stray_feature_is_warned_of(tmp_path: Path) -> None:
    frame = cells(5)
    frame.loc[3, "geometry"] = shapely.transform(frame.geometry[3], lambda xy: xy + np.array([150_000, 0]))
    found, findings = placed(tmp_path, frame)
    assert found is not None
    assert [(f.code, f.row) for f in findings] == [("stray_feature", "fid 4")]


def test_an_old_datum_without_known_parameters_is_refused_and_both_are_named(tmp_path: Path) -> None:
    frame = cells().set_crs("EPSG:2435", allow_override=True)  # Beijing 1954 / CM 114E or so: another datum
    found, findings = placed(tmp_path, frame)
    assert found is None
    facts = only(findings, "mixed_datum").facts
    assert (facts["datum"], facts["wanted"]) == ("Beijing 1954", "China 2000")


def test_an_old_datum_with_a_published_operation_is_used(tmp_path: Path) -> None:
    porto = geopandas.GeoDataFrame(geometry=shapely.points([(-8.61, 41.15)]), crs=4326).to_crs(20790)
    found, findings = placed(tmp_path, porto, "EPSG:32629")
    assert found is not None and told(findings) == []
    straight = to_metric(shapely.points([(-8.61, 41.15)]), "EPSG:4326", "EPSG:32629")
    assert shapely.distance(found.geometry[0], straight[0]) < 5


def test_an_operation_known_to_be_rough_is_warned_of(tmp_path: Path) -> None:
    munich = geopandas.GeoDataFrame(geometry=shapely.points([(11.5, 48.1)]), crs="EPSG:4314")  # DHDN: to 3 m
    found, findings = placed(tmp_path, munich, "EPSG:32632")
    assert found is not None and told(findings, "warning") == []
    mogadishu = geopandas.GeoDataFrame(geometry=shapely.points([(45.3, 2.05)]), crs="EPSG:4205")  # Afgooye
    found, findings = placed(tmp_path, mogadishu, "EPSG:32638")
    assert found is not None
    facts = only(findings, "rough_datum").facts
    assert facts["accuracy_m"] > 20 and facts["datum"] == "Afgooye"


@pytest.mark.parametrize("code", [4326, 4490, 4258, 4674, 4283, 7844, 6668, 4737, 4269, 2180, 31983, 3763])
def test_modern_datums_agree_with_wgs84(code: int) -> None:
    assert is_earth_centred(pyproj.CRS(code)) or operation(code, "EPSG:4326").known


@pytest.mark.parametrize("code", [4214, 4610, 4555, 4301, 4277, 4314])
def test_old_datums_do_not(code: int) -> None:
    assert not is_earth_centred(pyproj.CRS(code)), datum_name(pyproj.CRS(code))


def test_wgs84_goes_to_cgcs2000_by_the_null_shift() -> None:
    change = operation("EPSG:4326", "EPSG:4490")
    lon, lat = change.transform(np.array([109.9]), np.array([27.2]))
    assert change.known and abs(lon[0] - 109.9) < 1e-9 and abs(lat[0] - 27.2) < 1e-9


def test_heights_are_dropped() -> None:
    for crs in ("EPSG:4546", "EPSG:4525"):
        assert not shapely.has_z(to_metric(np.array([shapely.Point(X0, Y0, 5)]), "EPSG:4546", crs)).any()


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (shapely.Polygon(), "empty_geometry"),
        (None, "empty_geometry"),
        (shapely.Polygon([(X0, Y0), (X0 + 9, Y0 + 9), (X0 + 9, Y0), (X0, Y0 + 9)]), "invalid_polygon"),
        (shapely.LineString([(X0, Y0), (X0 + 9, Y0)]), "wrong_geometry"),
        (shapely.GeometryCollection([shapely.Point(X0, Y0)]), "wrong_geometry"),
    ],
)
def test_a_bad_shape_is_told_with_its_row(tmp_path: Path, shape: object, code: str) -> None:
    frame = geopandas.GeoDataFrame(geometry=[square(0, 0), shape, square(1, 0)], crs=CRS)
    found, findings = placed(tmp_path, frame)
    assert found is None and [(f.code, f.row) for f in findings] == [(code, "fid 2")]
    if code == "invalid_polygon":
        assert str(findings.errors[0].value).startswith("Self-intersection[")


def test_a_bowtie_with_four_corners_is_no_rectangle() -> None:
    bowtie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    askew = shapely.Polygon([(0, 0), (1, 0.1), (1, 1), (0, 1)])
    assert rectangles(np.array([square(0, 0), bowtie, askew, shapely.Point(0, 0), None])).tolist() == [
        True, False, False, False, False,
    ]  # fmt: skip


def test_inner_points_lie_inside_whatever_the_shape() -> None:
    ring = shapely.Point(0, 0).buffer(10) - shapely.Point(0, 0).buffer(8)
    two = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 9, 9)])
    shapes = np.array([square(2, 2), ring, two], dtype=object)
    points = shapely.points(inner_points(shapes))
    assert shapely.contains(shapes, points).all()


def test_how_far_a_point_lies_outside_a_box() -> None:
    assert degrees_outside((10, 0, 20, 10), np.array([15.0, 5.0])) == 0
    assert degrees_outside((10, 0, 20, 10), np.array([23.0, 5.0])) == 3
    assert degrees_outside((170, 0, -170, 10), np.array([-175.0, 5.0])) == 0
    assert degrees_outside((170, 0, -170, 10), np.array([175.0, 12.0])) == 2
    assert degrees_outside((10, 0, 20, 10), np.array([np.inf, 5.0])) == np.inf
