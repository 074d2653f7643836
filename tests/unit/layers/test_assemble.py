"""All layers side by side, and what only shows there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from siteopt.layers.inputs import inputs_of
from siteopt.scenario.schema import ScenarioSpec
from tests.layer_files import CRS, SPACES, X0, Y0, cells, communities, only, read, told, town, write_csv


def test_a_sound_town_gives_a_world_and_no_findings(tmp_path: Path) -> None:
    spec = town(
        tmp_path, notes=[{"en": "A note.", "zh": "说明。"}, "Plain."], attribution=["© Nobody"], illustrative=True,
        report={"language": "zh"}, currency="EUR",
    )  # fmt: skip
    world, findings = read(tmp_path, spec)
    assert world is not None and len(findings) == 0
    assert (len(world.cells), len(world.sites), len(world.communities), len(world.types)) == (9, 4, 2, 2)
    assert world.sites.community.tolist() == [0, 0, 1, 0]
    assert (world.crs, world.currency, world.illustrative) == (CRS, "EUR", True)
    assert world.notes == ("说明。", "Plain.") and world.attribution == ("© Nobody",)
    assert world.sources == ("cells.gpkg", "spaces.csv", "outlets.csv", "communities.gpkg")


def test_reading_twice_gives_the_same_world(tmp_path: Path) -> None:
    spec = town(tmp_path)
    one, other = read(tmp_path, spec)[0], read(tmp_path, spec)[0]
    assert one is not None and other is not None
    for noun in ("cells", "sites", "communities"):
        for field, value in vars(getattr(one, noun)).items():
            same = getattr(getattr(other, noun), field)
            assert (
                np.array_equal(value, same, equal_nan=value.dtype.kind == "f")
                if hasattr(value, "dtype")
                else value == same
            )


def test_layers_in_mixed_systems_meet(tmp_path: Path) -> None:
    plain, _ = read(tmp_path, town(tmp_path))
    cells().to_crs(4490).to_file(tmp_path / "cells.geojson")
    short = communities().rename(columns={"community_id": "cid"})
    short.to_crs(32649).to_file(tmp_path / "communities.shp")
    lonlat = geopandas.GeoSeries(shapely.points([(s["x"], s["y"]) for s in SPACES]), crs=CRS).to_crs(4326)
    rows = [
        {k: v for k, v in s.items() if k not in "xy"} | {"lon": p.x, "lat": p.y}
        for s, p in zip(SPACES, lonlat, strict=True)
    ]
    write_csv(tmp_path / "spaces.csv", rows)
    spec = town(
        tmp_path, demand={"file": "cells.geojson"}, candidates={"crs": None},
        communities={"file": "communities.shp", "id": "cid"},
    )  # fmt: skip
    mixed, findings = read(tmp_path, spec)
    assert plain is not None and mixed is not None and told(findings) == []
    assert np.abs(plain.sites.xy_m - mixed.sites.xy_m).max() < 0.01
    assert np.abs(plain.cells.xy_m - mixed.cells.xy_m).max() < 1
    assert mixed.cells.community.tolist() == plain.cells.community.tolist()


def test_faults_of_all_layers_come_together(tmp_path: Path) -> None:
    cells().assign(people=[-1] + [10] * 8).to_file(tmp_path / "cells.gpkg")
    write_csv(tmp_path / "spaces.csv", [SPACES[0] | {"kind": "tent"}, *SPACES[1:]])
    communities().assign(age=["new", "ancient"]).to_file(tmp_path / "communities.gpkg")
    write_csv(tmp_path / "outlets.csv", [{"id": "o1", "type": "t0", "x": X0, "y": "north"}])
    world, findings = read(tmp_path, town(tmp_path))
    assert world is None
    assert {f.file for f in findings.errors} == {"cells.gpkg", "spaces.csv", "communities.gpkg", "outlets.csv"}


def test_a_community_that_nothing_refers_to_is_told_unless_allowed(tmp_path: Path) -> None:
    lonely = (
        communities().iloc[[1]].assign(community_id="north", geometry=[shapely.box(X0, Y0 + 300, X0 + 9, Y0 + 400)])
    )
    pd.concat([communities(), lonely], ignore_index=True).to_file(tmp_path / "communities.gpkg")
    world, findings = read(tmp_path, town(tmp_path))
    told_of = only(findings, "unused_community")
    assert world is None and (told_of.file, told_of.row, told_of.value) == ("communities.gpkg", "fid 3", "north")
    world, findings = read(tmp_path, town(tmp_path, communities={"unused": "allow"}))
    assert world is not None and told(findings) == []


def test_layers_far_apart_are_told(tmp_path: Path) -> None:
    write_csv(tmp_path / "spaces.csv", [s | {"x": s["x"] + 60_000} for s in SPACES])
    world, findings = read(tmp_path, town(tmp_path, communities=None, existing=[]))
    told_of = only(findings, "layers_apart")
    assert world is None and (told_of.file, told_of.value) == ("spaces.csv", "cells.gpkg")
    assert 59 < told_of.facts["km"] < 61


def test_a_layer_in_the_wrong_zone_is_told_as_far_apart(tmp_path: Path) -> None:
    cells().set_crs(4547, allow_override=True).to_file(tmp_path / "cells.gpkg")
    world, findings = read(tmp_path, town(tmp_path, communities=None, existing=[]))
    assert world is None and told(findings) == ["layers_apart"]


def test_spaces_outside_every_community_are_counted(tmp_path: Path) -> None:
    write_csv(tmp_path / "spaces.csv", [*SPACES, SPACES[0] | {"site_id": "s4", "x": X0 - 500}])
    world, findings = read(tmp_path, town(tmp_path))
    told_of = only(findings, "outside_communities")
    assert world is not None and told_of.severity == "warning"
    assert (told_of.facts["count"], told_of.value, told_of.row) == (1, "s4", 5)


def test_spaces_without_area_are_counted(tmp_path: Path) -> None:
    write_csv(tmp_path / "spaces.csv", [SPACES[0] | {"area_m2": 0}, *SPACES[1:]])
    world, findings = read(tmp_path, town(tmp_path))
    told_of = only(findings, "no_area")
    assert (
        world is not None and told_of.severity == "warning" and (told_of.facts["count"], told_of.value) == (1, "s1")
    )


def test_two_spaces_at_one_point_are_allowed_and_told(tmp_path: Path) -> None:
    write_csv(tmp_path / "spaces.csv", [*SPACES, SPACES[1] | {"site_id": "s4"}])
    world, findings = read(tmp_path, town(tmp_path))
    told_of = only(findings, "same_place")
    assert world is not None and told_of.severity == "info" and (told_of.facts["count"], told_of.value) == (1, "s2")


@pytest.mark.parametrize("layer", ["demand", "candidates", "communities"])
def test_degrees_where_metres_are_asked_stop_the_run(tmp_path: Path, layer: str) -> None:
    file = {"demand": "cells.gpkg", "candidates": "spaces.gpkg", "communities": "communities.gpkg"}[layer]
    spaces = geopandas.GeoDataFrame(SPACES, geometry=shapely.points([(s["x"], s["y"]) for s in SPACES]), crs=CRS)
    frame = {"demand": cells(), "candidates": spaces.drop(columns=["x", "y"]), "communities": communities()}[layer]
    frame.to_crs(4490).set_crs(CRS, allow_override=True).to_file(tmp_path / file)
    spec = town(tmp_path, **{layer: {"file": file} | ({"crs": None} if layer == "candidates" else {})})
    world, findings = read(tmp_path, spec)
    assert world is None and "degrees_where_metres" in told(findings)
    assert only(findings, "degrees_where_metres").file == file


def test_inputs_are_listed_once_with_hash_rows_and_bytes(tmp_path: Path) -> None:
    communities().rename(columns={"community_id": "cid"}).to_file(tmp_path / "communities.shp")
    area = geopandas.GeoDataFrame(geometry=[shapely.box(X0, Y0, X0 + 900, Y0 + 900)], crs=CRS)
    area.to_file(tmp_path / "area.geojson")
    (tmp_path / "town.osm.pbf").write_bytes(b"not read here")
    spec = town(
        tmp_path, demand={"within": "area.geojson"}, communities={"file": "communities.shp", "id": "cid"},
        travel={"streets": {"file": "town.osm.pbf"}},
    )  # fmt: skip
    listed = inputs_of(spec, tmp_path)
    assert [(i["file"], i["rows"]) for i in listed] == [
        ("cells.gpkg", 9), ("area.geojson", 1), ("spaces.csv", 3), ("outlets.csv", 1), ("communities.shp", 2),
        ("town.osm.pbf", None),
    ]  # fmt: skip
    spaces = (tmp_path / "spaces.csv").read_bytes()
    assert (listed[2]["sha256"], listed[2]["bytes"]) == (hashlib.sha256(spaces).hexdigest(), len(spaces))
    parts = [(tmp_path / f"communities.{e}").read_bytes() for e in ("shp", "shx", "dbf", "prj", "cpg")]
    assert listed[4]["sha256"] == hashlib.sha256(b"".join(parts)).hexdigest()
    assert listed[4]["bytes"] == sum(map(len, parts))


def test_a_file_that_is_gone_is_left_out_of_the_inputs(tmp_path: Path) -> None:
    spec: ScenarioSpec = town(tmp_path)
    (tmp_path / "outlets.csv").unlink()
    assert [i["file"] for i in inputs_of(spec, tmp_path)] == ["cells.gpkg", "spaces.csv", "communities.gpkg"]
