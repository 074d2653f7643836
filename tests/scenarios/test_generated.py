"""The data of scenarios/qiancheng are what their generator makes, and hang together."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import yaml
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

LAYERS = ("demand", "candidates", "communities", "streets")
KINDS = {"corner_plot", "idle_premises", "renovated_building", "new_building"}


def tables(folder: Path) -> dict[str, gpd.GeoDataFrame]:
    """All layers of the town in the folder."""
    layers = {name: gpd.read_file(folder / f"{name}.gpkg") for name in LAYERS}
    outlets = pd.read_csv(folder / "existing.csv", encoding="utf-8-sig", dtype={"outlet_id": str})
    points = gpd.points_from_xy(outlets["lon"], outlets["lat"], crs="EPSG:4490")
    return layers | {"existing": gpd.GeoDataFrame(outlets, geometry=points).to_crs("EPSG:4546")}


def pieces(lines: gpd.GeoSeries) -> int:
    """Connected parts of a network whose lines meet at exactly equal end points."""
    xy = np.array([(*g.coords[0], *g.coords[-1]) for g in lines]).reshape(-1, 2)
    nodes, number = np.unique(xy, axis=0, return_inverse=True)
    ends = number.reshape(-1, 2)
    graph = coo_matrix((np.ones(len(ends)), ends.T), shape=(len(nodes), len(nodes)))
    return int(connected_components(graph, directed=False)[0])


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "scenarios" / "qiancheng"


@pytest.fixture(scope="module")
def town(folder: Path) -> dict[str, gpd.GeoDataFrame]:
    return tables(folder / "data")


@pytest.fixture(scope="module")
def scenario(folder: Path) -> dict[str, object]:
    return yaml.safe_load((folder / "scenario.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def community_of(town: dict[str, gpd.GeoDataFrame]) -> pd.Series:
    """cell_id -> community_id of the cell's centre."""
    centres = town["demand"][["cell_id"]].set_geometry(town["demand"].centroid)
    found = centres.sjoin(town["communities"][["community_id", "geometry"]], predicate="within")
    return found.set_index("cell_id")["community_id"]


def test_making_the_town_again_gives_the_committed_tables(
    folder: Path, town: dict[str, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    command = [sys.executable, str(folder / "make.py"), "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    again = tables(tmp_path)
    for name, layer in town.items():
        pd.testing.assert_frame_equal(
            pd.DataFrame(layer.drop(columns="geometry")), again[name].drop(columns="geometry")
        )
        near = shapely.equals_exact(layer.geometry.to_numpy(), again[name].geometry.to_numpy(), tolerance=0.015)
        assert near.all(), f"{name}: {np.flatnonzero(~near)[:5]} moved"
        assert again[name].crs == layer.crs


def test_age_groups_meet_the_census(town: dict[str, gpd.GeoDataFrame]) -> None:
    people = town["demand"][["residents", "children", "elderly"]]
    assert (people.dtypes.map(lambda t: t.kind) == "i").all()
    assert (people >= 0).all(axis=None)
    assert (people["children"] + people["elderly"] <= people["residents"]).all()
    total = people.sum()
    assert total["residents"] == 60_000
    assert round(total["children"] / total["residents"], 4) == 0.1694
    assert round(total["elderly"] / total["residents"], 4) == 0.1953


def test_old_communities_are_older_than_new_ones(town: dict[str, gpd.GeoDataFrame], community_of: pd.Series) -> None:
    cells = town["demand"].assign(community_id=town["demand"]["cell_id"].map(community_of))
    people = cells.merge(town["communities"][["community_id", "age_class"]]).groupby("age_class")[
        ["residents", "elderly"]
    ]
    share = people.sum().eval("elderly / residents")
    assert share["old"] > share["mature"] > share["new"]


def test_cells_are_hundred_metre_squares_and_some_are_empty(town: dict[str, gpd.GeoDataFrame]) -> None:
    cells = town["demand"]
    assert cells["cell_id"].is_unique
    assert np.allclose(cells.area, 10_000)
    assert 20 < (cells["residents"] == 0).sum() < len(cells) / 3


def test_every_cell_with_people_is_near_a_street(town: dict[str, gpd.GeoDataFrame]) -> None:
    cells = town["demand"][town["demand"]["residents"] > 0]
    streets = shapely.STRtree(town["streets"].geometry.to_numpy())
    _, distance = streets.query_nearest(cells.centroid.to_numpy(), return_distance=True, all_matches=False)
    assert distance.max() < 200


def test_streets_are_one_network_with_shared_end_points(town: dict[str, gpd.GeoDataFrame]) -> None:
    lines = town["streets"].geometry
    assert (lines.geom_type == "LineString").all() and (lines.length > 1).all()
    assert pieces(lines) == 1


def test_three_bridges_hold_the_town_together(town: dict[str, gpd.GeoDataFrame]) -> None:
    streets = town["streets"]
    assert (streets["class"] == "bridge").sum() == 3
    land = streets[streets["class"] != "bridge"].geometry
    assert pieces(land) == 3


def test_every_candidate_lies_in_one_community_and_clear_of_streets(town: dict[str, gpd.GeoDataFrame]) -> None:
    spaces = town["candidates"]
    assert spaces["site_id"].is_unique and spaces["parcel_id"].is_unique
    assert set(spaces["kind"]) == KINDS
    assert 90 <= len(spaces) <= 140
    assert (spaces["area_m2"] > 0).all() and spaces.geometry.is_valid.all()
    homes = spaces[["site_id", "kind", "geometry"]].sjoin(town["communities"], predicate="within")
    assert sorted(homes["site_id"]) == sorted(spaces["site_id"])
    assert set(homes.loc[homes["kind"] == "new_building", "age_class"]) == {"new"}
    assert spaces.sjoin(town["streets"][["geometry"]]).empty


def test_allowed_types_are_types_of_the_scenario(
    town: dict[str, gpd.GeoDataFrame], scenario: dict[str, dict[str, object]]
) -> None:
    types = set(scenario["types"])
    assert types == {"vegetable_market", "parcel_locker", "breakfast_stall", "convenience_store", "pharmacy"}
    by_kind = scenario["candidates"]["allowed_by_kind"]
    spaces = town["candidates"].fillna({"allowed": "", "note": ""})
    for kind, listed, note in zip(spaces["kind"], spaces["allowed"], spaces["note"], strict=True):
        assert set(listed.split(";")) <= set(by_kind[kind]) if listed else not note
        assert bool(listed) == bool(note)


def test_existing_outlets_have_unique_ids_and_lie_in_town(
    folder: Path, town: dict[str, gpd.GeoDataFrame], scenario: dict[str, dict[str, object]]
) -> None:
    outlets = town["existing"]
    assert (folder / "data" / "existing.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert outlets["outlet_id"].is_unique and outlets["name"].is_unique
    assert set(outlets["type"]) == set(scenario["types"])
    homes = outlets[["outlet_id", "geometry"]].sjoin(town["communities"], predicate="within")
    assert len(homes) == len(outlets)


def test_communities_part_the_town_without_overlap(
    town: dict[str, gpd.GeoDataFrame], community_of: pd.Series
) -> None:
    areas = town["communities"]
    assert 8 <= len(areas) <= 12 and areas["community_id"].is_unique
    assert areas.geom_type.eq("Polygon").all() and areas.geometry.is_valid.all()
    assert abs(shapely.union_all(areas.geometry.to_numpy()).area - areas.area.sum()) < 1
    assert len(community_of) == len(town["demand"]) and community_of.index.is_unique


def test_two_new_communities_are_short_of_ten_percent_and_can_reach_it(town: dict[str, gpd.GeoDataFrame]) -> None:
    areas = town["communities"].set_index("community_id")
    homes = town["candidates"].sjoin(town["communities"][["community_id", "geometry"]], predicate="within")
    new = areas[areas["age_class"] == "new"]
    short = new[new["commercial_area_m2"] < 0.10 * new["floor_area_m2"]]
    assert len(short) >= 2
    vacant = homes[homes["kind"] == "new_building"].groupby("community_id")["area_m2"].sum()
    for name, row in short.iterrows():
        rest = row["floor_area_m2"] - row["commercial_area_m2"]
        assert 9 * (row["commercial_area_m2"] + vacant[name]) >= rest


def test_floor_area_is_about_forty_square_metres_a_person(
    town: dict[str, gpd.GeoDataFrame], community_of: pd.Series
) -> None:
    cells = town["demand"].assign(community_id=town["demand"]["cell_id"].map(community_of))
    residents = cells.groupby("community_id")["residents"].sum()
    per_person = town["communities"].set_index("community_id")["floor_area_m2"] / residents
    assert per_person.between(33, 44).all()
    assert 38 < town["communities"]["floor_area_m2"].sum() / 60_000 < 42


def test_the_data_are_small(folder: Path) -> None:
    assert sum(f.stat().st_size for f in (folder / "data").iterdir()) < 3_000_000


def test_the_readmes_count_the_rows(folder: Path, town: dict[str, gpd.GeoDataFrame]) -> None:
    kinds = Counter(town["candidates"]["kind"])
    for text in ((folder / n).read_text(encoding="utf-8").replace(",", "") for n in ("README.md", "README.zh.md")):
        for count in (*(len(layer) for layer in town.values()), *kinds.values()):
            assert str(count) in text
