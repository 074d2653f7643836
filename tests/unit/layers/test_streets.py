"""Street networks from any layer of lines."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from shapely import LineString, MultiLineString, Point, Polygon

from siteopt.findings import Findings
from siteopt.layers.streets import read_streets
from siteopt.scenario.schema import StreetsSpec
from siteopt.world import Streets

CRS = "EPSG:4546"
EAST, NORTH = 500_000.0, 3_000_000.0


def at(*points: tuple[float, float]) -> LineString:
    """A line in metres from a corner inside the CRS's area."""
    return LineString([(EAST + x, NORTH + y) for x, y in points])


def write(path: Path, shapes: list[object], crs: str | None = CRS, layer: str | None = None) -> None:
    frame = geopandas.GeoDataFrame({"n": range(len(shapes))}, geometry=shapes, crs=crs)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path, layer=layer) if layer else frame.to_file(path)


def read(base: Path, file: str, **spec: object) -> tuple[Streets | None, Findings]:
    findings = Findings()
    return read_streets(StreetsSpec(file=file, **spec), base, CRS, findings), findings


def codes(findings: Findings) -> list[str]:
    return [f.code for f in findings]


CROSS = [at((0, 0), (100, 0), (200, 0)), at((100, -100), (100, 0), (100, 100))]


@pytest.mark.parametrize("file", ["s.gpkg", "s.geojson", "s.shp", "s.parquet", "s.fgb"])
def test_lines_are_split_at_a_shared_interior_vertex(tmp_path: Path, file: str) -> None:
    write(tmp_path / file, CROSS)
    streets, findings = read(tmp_path, file)
    assert streets is not None
    assert codes(findings) == []
    assert (len(streets.node_xy_m), len(streets.tail)) == (5, 4)
    np.testing.assert_allclose(streets.length_m, 100, atol=1e-3)
    assert streets.file == file


def test_lines_that_cross_without_a_shared_vertex_do_not_meet(tmp_path: Path) -> None:
    write(tmp_path / "s.gpkg", [at((0, 0), (200, 0)), at((100, -100), (100, 100))])
    streets, _ = read(tmp_path, "s.gpkg")
    assert streets is not None
    assert len(streets.component_length_m) == 2


def test_ends_within_join_m_are_one_node_and_ends_beyond_are_not(tmp_path: Path) -> None:
    write(tmp_path / "s.gpkg", [at((0, 0), (100, 0)), at((100.04, 0), (200, 0)), at((200.06, 0), (300, 0))])
    streets, _ = read(tmp_path, "s.gpkg")
    assert streets is not None
    assert (len(streets.tail), len(streets.component_length_m)) == (2, 2)
    streets, _ = read(tmp_path, "s.gpkg", join_m=0.1)
    assert streets is not None
    assert (len(streets.tail), len(streets.component_length_m)) == (1, 1)
    streets, _ = read(tmp_path, "s.gpkg", join_m=0)
    assert streets is not None
    assert len(streets.component_length_m) == 3


def test_an_end_near_an_interior_vertex_joins_it_but_two_interior_vertices_stay_apart(tmp_path: Path) -> None:
    main = at((0, 0), (100, 0), (200, 0))
    write(tmp_path / "s.gpkg", [main, at((100, 0.03), (100, 90))])
    streets, _ = read(tmp_path, "s.gpkg")
    assert streets is not None
    assert (len(streets.tail), len(streets.component_length_m)) == (3, 1)
    write(tmp_path / "t.gpkg", [main, at((0, 50), (100, 0.03), (200, 50))])
    streets, _ = read(tmp_path, "t.gpkg")
    assert streets is not None
    assert len(streets.component_length_m) == 2


def test_chains_of_lines_are_one_edge_and_multilines_are_taken_apart(tmp_path: Path) -> None:
    both = MultiLineString([at((0, 0), (50, 50)), at((300, 0), (400, 0))])
    write(tmp_path / "s.gpkg", [both, at((100, 0), (50, 50))])
    streets, findings = read(tmp_path, "s.gpkg")
    assert streets is not None
    assert codes(findings) == []
    assert sorted(shapely.get_num_coordinates(streets.line)) == [2, 3]
    assert streets.component_length_m.tolist() == pytest.approx([2 * 50 * 2**0.5, 100])


def test_the_order_of_features_changes_nothing(tmp_path: Path) -> None:
    lines = [*CROSS, at((200, 0), (200, 100), (100, 100)), at((0, 0), (0, 50))]
    write(tmp_path / "a.gpkg", lines)
    write(tmp_path / "b.gpkg", [shapely.reverse(line) for line in lines[::-1]])
    a, b = read(tmp_path, "a.gpkg")[0], read(tmp_path, "b.gpkg")[0]
    assert a is not None
    assert b is not None
    assert shapely.to_wkb(a.line).tolist() == shapely.to_wkb(b.line).tolist()


def test_a_layer_in_degrees_is_measured_in_metres(tmp_path: Path) -> None:
    lines = geopandas.GeoSeries(CROSS, crs=CRS).to_crs("EPSG:4490")
    write(tmp_path / "s.geojson", list(lines), crs="EPSG:4490")
    streets, findings = read(tmp_path, "s.geojson")
    assert streets is not None
    assert codes(findings) == []
    np.testing.assert_allclose(streets.length_m, 100, atol=1e-3)


def test_heights_are_dropped(tmp_path: Path) -> None:
    tall = LineString([(EAST, NORTH, 5), (EAST + 30, NORTH, 45)])
    write(tmp_path / "s.gpkg", [tall])
    streets, _ = read(tmp_path, "s.gpkg")
    assert streets is not None
    assert streets.length_m.tolist() == [30]


def test_features_that_are_no_lines_are_left_out_and_told(tmp_path: Path) -> None:
    shapes = [CROSS[0], Point(EAST, NORTH), None, LineString(), CROSS[1]]
    write(tmp_path / "s.gpkg", shapes)
    streets, findings = read(tmp_path, "s.gpkg")
    assert streets is not None
    assert len(streets.tail) == 4
    (told,) = findings
    assert (told.severity, told.code, told.row, told.facts["count"]) == (
        "warning", "streets_skipped_features", "fid 2", 3,
    )  # fmt: skip


def test_a_layer_without_any_line_is_a_finding(tmp_path: Path) -> None:
    write(tmp_path / "s.gpkg", [Polygon([(EAST, NORTH), (EAST + 9, NORTH), (EAST, NORTH + 9)])])
    streets, findings = read(tmp_path, "s.gpkg")
    assert streets is None
    assert codes(findings) == ["streets_no_lines"]
    assert next(iter(findings)).facts["found"] == "Polygon"
    write(tmp_path / "t.gpkg", [at((0, 0), (0, 0))])
    streets, findings = read(tmp_path, "t.gpkg")
    assert streets is None
    assert codes(findings) == ["streets_no_lines"]


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_missing_files_layers_and_crs_are_findings(tmp_path: Path) -> None:
    write(tmp_path / "two.gpkg", CROSS, layer="roads")
    write(tmp_path / "two.gpkg", CROSS, layer="paths")
    write(tmp_path / "bare.shp", CROSS, crs=None)
    (tmp_path / "torn.gpkg").write_bytes((tmp_path / "two.gpkg").read_bytes()[:3000])
    (tmp_path / "empty.osm.pbf").write_bytes(b"")
    for file, spec in [
        ("no.gpkg", {}),
        ("no.osm.pbf", {}),
        ("two.gpkg", {}),
        ("two.gpkg", {"layer": "rodes"}),
        ("bare.shp", {}),
        ("bare.shp", {"crs": "EPSG:999999"}),
        ("torn.gpkg", {}),
        ("empty.osm.pbf", {}),
        (".", {}),
    ]:
        streets, findings = read(tmp_path, file, **spec)
        assert streets is None, (file, spec)
        assert findings.errors, (file, spec)
        assert all(f.file == file for f in findings), (file, spec)
    streets, findings = read(tmp_path, "bare.shp", crs=CRS)
    assert streets is not None
    streets, findings = read(tmp_path, "two.gpkg", layer="paths")
    assert streets is not None


def test_degrees_in_a_layer_that_says_metres_are_a_finding(tmp_path: Path) -> None:
    write(tmp_path / "s.gpkg", [LineString([(111.8, 27.2), (111.9, 27.2)])], crs=CRS)
    streets, findings = read(tmp_path, "s.gpkg")
    assert streets is None
    assert codes(findings) == ["degrees_where_metres"]


@pytest.mark.real
def test_a_published_line_layer_gives_the_network_of_its_extract(shared: Path) -> None:
    findings = Findings()
    spec = StreetsSpec(file="network.gpkg", layer="edges")
    lines = read_streets(spec, shared / "porto", "EPSG:3763", findings)
    extract = read_streets(StreetsSpec(file="source/porto.osm.pbf"), shared / "porto", "EPSG:3763", findings)
    assert len(findings) == 0
    assert lines is not None
    assert extract is not None
    assert lines.length_m.sum() == pytest.approx(extract.length_m.sum(), rel=1e-4)
    assert len(lines.component_length_m) == pytest.approx(len(extract.component_length_m), abs=3)
    # Joining by place instead of by node number ties in a stub or two.
    assert lines.component_length_m[0] == pytest.approx(extract.component_length_m[0], rel=2e-3)
