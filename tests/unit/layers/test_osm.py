"""Walkable streets from OSM extracts, whole and damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely

from siteopt.findings import Findings
from siteopt.layers.osm import read_osm, walkable
from siteopt.scenario.schema import WalkFilter
from siteopt.world import Streets

CRS = "EPSG:3763"
PORTO = (-8.61, 41.15)
STEP = 0.001
"""Degrees between the nodes of hand-made extracts: about 111 m north, 84 m east."""

Ways = dict[int, tuple[list[int], dict[str, str]]]


def extract(path: Path, nodes: dict[int, tuple[float, float]], ways: Ways) -> Path:
    """A PBF with nodes at (column, row) of a lattice."""
    with osmium.SimpleWriter(str(path)) as writer:
        for number, (x, y) in sorted(nodes.items()):
            place = (PORTO[0] + x * STEP, PORTO[1] + y * STEP)
            writer.add_node(osmium.osm.mutable.Node(id=number, location=place))
        for number, (refs, tags) in sorted(ways.items()):
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags))
    return path


def read(path: Path, **walk: object) -> tuple[Streets | None, Findings]:
    findings = Findings()
    return read_osm(path, WalkFilter(**walk), CRS, findings, label=path.name), findings


def codes(findings: Findings) -> list[tuple[str, str]]:
    return [(f.severity, f.code) for f in findings]


ROAD = {"highway": "residential"}
LATTICE = {10 * y + x: (float(x), float(y)) for x in range(6) for y in range(6)}


def test_ways_are_split_where_they_share_a_node_and_nowhere_else(tmp_path: Path) -> None:
    ways = {1: ([10, 11, 12, 13, 14], ROAD), 2: ([2, 12, 22, 32], ROAD)}
    streets, findings = read(extract(tmp_path / "a.osm.pbf", LATTICE, ways))
    assert streets is not None
    assert codes(findings) == []
    assert (len(streets.node_xy_m), len(streets.tail)) == (5, 4)
    assert sorted(shapely.get_num_coordinates(streets.line)) == [2, 3, 3, 3]


def test_a_chain_over_several_ways_is_one_edge_with_all_its_bends(tmp_path: Path) -> None:
    ways = {1: ([0, 1, 2], ROAD), 2: ([3, 13, 23], ROAD), 3: ([3, 2], ROAD), 4: ([4], ROAD)}
    streets, _ = read(extract(tmp_path / "a.osm.pbf", LATTICE, ways))
    assert streets is not None
    assert len(streets.tail) == 1
    assert shapely.get_num_coordinates(streets.line[0]) == 6
    assert streets.length_m[0] == pytest.approx(3 * 83.94 + 2 * 111.06, rel=1e-3)


def test_ways_that_cross_without_a_shared_node_do_not_meet(tmp_path: Path) -> None:
    ways = {1: ([10, 12], ROAD), 2: ([1, 21], ROAD)}
    streets, _ = read(extract(tmp_path / "a.osm.pbf", LATTICE, ways))
    assert streets is not None
    assert (len(streets.tail), len(streets.component_length_m)) == (2, 2)
    assert streets.component_length_m[0] > streets.component_length_m[1]


def test_loops_parallel_edges_and_rings_stay(tmp_path: Path) -> None:
    ways = {
        1: ([0, 1], ROAD),
        2: ([1, 2, 12, 11, 1], ROAD),  # a loop at node 1
        3: ([0, 10, 20, 21, 1], ROAD),  # beside way 1
        4: ([44, 45, 55, 54, 44], ROAD),  # a ring that meets nothing
        5: ([0, 30], ROAD),
    }
    streets, _ = read(extract(tmp_path / "a.osm.pbf", LATTICE, ways))
    assert streets is not None
    ends = sorted((min(t, h), max(t, h)) for t, h in zip(streets.tail, streets.head, strict=True))
    assert ends == [(0, 1), (0, 1), (0, 2), (1, 1), (3, 3)]
    assert streets.component.tolist() == [0, 0, 0, 1]


def test_lines_lengths_and_nodes_agree(tmp_path: Path) -> None:
    ways = {1: ([0, 1, 11, 12, 22], ROAD), 2: ([2, 12, 13], ROAD), 3: ([22, 23, 13], ROAD)}
    streets, _ = read(extract(tmp_path / "a.osm.pbf", LATTICE, ways))
    assert streets is not None
    np.testing.assert_allclose(shapely.length(streets.line), streets.length_m, rtol=1e-12)
    first, last = (shapely.get_coordinates(shapely.get_point(streets.line, k)) for k in (0, -1))
    assert (first == streets.node_xy_m[streets.tail]).all()
    assert (last == streets.node_xy_m[streets.head]).all()
    assert streets.component_length_m.sum() == pytest.approx(streets.length_m.sum())


def test_the_order_of_ways_changes_nothing(tmp_path: Path) -> None:
    lines = [[0, 1, 11], [11, 12, 13], [1, 2], [13, 3, 2], [11, 21]]
    forward = extract(tmp_path / "a.osm.pbf", LATTICE, {k: (w, ROAD) for k, w in enumerate(lines, 1)})
    backward = extract(tmp_path / "b.osm.pbf", LATTICE, {9 - k: (w[::-1], ROAD) for k, w in enumerate(lines)})
    a, b = read(forward)[0], read(backward)[0]
    assert a is not None
    assert b is not None
    assert shapely.to_wkb(a.line).tolist() == shapely.to_wkb(b.line).tolist()
    assert a.tail.tolist() == b.tail.tolist()


def test_nodes_at_one_place_on_a_way_are_one_node(tmp_path: Path) -> None:
    nodes = LATTICE | {100: (1.0, 0.0)}
    ways = {1: ([0, 1, 100, 2], ROAD), 2: ([100, 11], ROAD), 3: ([5, 5], ROAD)}
    streets, _ = read(extract(tmp_path / "a.osm.pbf", nodes, ways))
    assert streets is not None
    assert (len(streets.node_xy_m), len(streets.tail)) == (4, 3)
    assert (streets.length_m > 50).all()


def test_a_way_drawn_twice_counts_once(tmp_path: Path) -> None:
    ways = {1: ([0, 1, 2], ROAD), 2: ([2, 1, 0], ROAD), 3: ([1, 2], ROAD)}
    streets, _ = read(extract(tmp_path / "a.osm.pbf", LATTICE, ways))
    assert streets is not None
    assert len(streets.tail) == 1


@pytest.mark.parametrize(
    ("tags", "walked"),
    [
        ({"highway": "residential", "oneway": "yes"}, True),
        ({"highway": "steps"}, True),
        ({"highway": "footway"}, True),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "service", "access": "private", "foot": "yes"}, True),
        ({"highway": "service", "access": "customers"}, True),
        ({"highway": "motorway"}, False),
        ({"highway": "trunk", "foot": "designated"}, True),
        ({"highway": "trunk", "foot": "use_sidepath"}, False),
        ({"highway": "path", "foot": "no"}, False),
        ({"highway": "pedestrian", "area": "yes"}, False),
        ({"highway": "pedestrian", "area": "yes", "foot": "yes"}, False),
        ({"highway": "construction"}, False),
        ({"railway": "rail"}, False),
    ],
)
def test_who_walks_where(tags: dict[str, str], walked: bool) -> None:
    assert walkable(tags, WalkFilter()) is walked


def test_the_filter_is_the_scenarios_table(tmp_path: Path) -> None:
    ways = {
        1: ([0, 1], {"highway": "steps"}),
        2: ([1, 2], {"highway": "motorway"}),
        3: ([2, 3], {"highway": "pedestrian", "area": "yes"}),
    }
    path = extract(tmp_path / "a.osm.pbf", LATTICE, ways)
    narrow = read(path, exclude_highway=("steps",), drop_areas=False)[0]
    assert narrow is not None
    assert narrow.length_m.sum() == pytest.approx(2 * 83.94, rel=1e-3)


def test_a_way_is_used_as_far_as_the_extract_has_its_nodes(tmp_path: Path) -> None:
    ways = {1: ([0, 1, 777, 2, 3, 4, 778], ROAD), 2: ([888, 889], ROAD), 3: ([4, 14], ROAD)}
    streets, findings = read(extract(tmp_path / "a.osm.pbf", LATTICE, ways))
    assert streets is not None
    assert codes(findings) == [("warning", "osm_missing_nodes")]
    assert next(iter(findings)).facts == {"nodes": 4, "ways": 2}
    assert len(streets.tail) == 2
    assert streets.length_m.sum() == pytest.approx(3 * 83.94 + 111.06, rel=1e-3)


def test_an_extract_without_walkable_ways_is_a_finding(tmp_path: Path) -> None:
    ways = {1: ([0, 1], {"highway": "motorway"}), 2: ([1, 2], {"building": "yes"})}
    streets, findings = read(extract(tmp_path / "a.osm.pbf", LATTICE, ways))
    assert streets is None
    assert codes(findings) == [("error", "osm_no_walkable_way")]
    assert next(iter(findings)).facts == {"ways": 1}
    streets, findings = read(extract(tmp_path / "b.osm.pbf", {}, {}))
    assert streets is None
    assert codes(findings) == [("error", "osm_no_walkable_way")]


@pytest.mark.parametrize("keep", [0.0001, 0.02, 0.5, 0.98])
def test_a_truncated_extract_is_a_finding(shared: Path, tmp_path: Path, keep: float) -> None:
    data = (shared / "porto/source/porto.osm.pbf").read_bytes()
    short = tmp_path / "short.osm.pbf"
    short.write_bytes(data[: int(len(data) * keep)])
    streets, findings = read(short)
    assert streets is None
    assert [f.severity for f in findings] == ["error"]
    assert next(iter(findings)).code == "osm_unreadable"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.osm.pbf", b"\x00\x00\x00\x0dnot a pbf at all"),
        ("a.osm.pbf", "道路".encode() * 500),
        ("a.osm.pbf", b"PK\x03\x04" + bytes(300)),
        ("a.osm", b"<osm version='0.6'><node id='1' lat='41' lon='-8'/><way id="),
        ("a.osm", b"<html><body>429 Too Many Requests</body></html>"),
        ("a.osm.gz", b"\x1f\x8b\x08\x00broken"),
        ("a.osm.bz2", b"BZhbroken"),
    ],
)
def test_what_is_no_extract_is_a_finding(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    streets, findings = read(tmp_path / name)
    assert streets is None
    assert codes(findings) == [("error", "osm_unreadable")]
    assert next(iter(findings)).facts["reason"]


def test_corrupt_bytes_inside_never_escape_as_a_traceback(shared: Path, tmp_path: Path) -> None:
    data = bytearray((shared / "porto/source/porto.osm.pbf").read_bytes())
    rng = np.random.default_rng(0)
    for case in range(6):
        bad = bytearray(data)
        for at in rng.integers(200, len(bad), 40):
            bad[at] ^= 0xFF
        path = tmp_path / f"bad{case}.osm.pbf"
        path.write_bytes(bad)
        streets, findings = read(path)
        assert streets is None
        assert len(findings.errors) == 1


def test_a_name_that_looks_like_an_address_is_only_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    streets, findings = read(Path("http://localhost:9/x.osm.pbf"))
    assert streets is None
    assert codes(findings) == [("error", "osm_unreadable")]
    assert "No such file" in next(iter(findings)).facts["reason"]


def test_plain_osm_xml_is_read_too(tmp_path: Path) -> None:
    path = extract(tmp_path / "a.osm", LATTICE, {1: ([0, 1], ROAD)})
    streets, _ = read(path)
    assert streets is not None
    assert len(streets.tail) == 1


@pytest.mark.real
@pytest.mark.parametrize(
    ("city", "extract_", "crs", "km", "pieces", "share"),
    [
        ("porto", "source/porto.osm.pbf", "EPSG:3763", 234.9, 196, 0.958),
        # The published figures leave out one highway=services and one corridor that foot=yes opens here.
        ("sao-paulo", "source/spo_osm.pbf", "EPSG:31983", 695.8, 39, 0.984),
    ],
)
def test_a_real_city_has_the_published_length_and_pieces(
    shared: Path, city: str, extract_: str, crs: str, km: float, pieces: int, share: float
) -> None:
    findings = Findings()
    streets = read_osm(shared / city / extract_, WalkFilter(), crs, findings, label=city)
    assert streets is not None
    assert len(findings) == 0
    assert streets.length_m.sum() / 1000 == pytest.approx(km, abs=0.05)
    assert len(streets.component_length_m) == pieces
    assert streets.component_length_m[0] / streets.length_m.sum() == pytest.approx(share, abs=5e-4)
    degree = np.bincount(streets.tail, minlength=len(streets.node_xy_m)) + np.bincount(
        streets.head, minlength=len(streets.node_xy_m)
    )
    loops = np.unique(streets.tail[streets.tail == streets.head])
    assert set(np.flatnonzero(degree == 2)) <= set(loops)
