"""Communities: merged rows, values set by hand, the sense of the rule, overlaps; and who lies in which."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from siteopt.findings import Findings
from siteopt.layers.communities import read_communities
from siteopt.layers.locate import community_by_position
from siteopt.scenario.schema import CommunitiesSpec
from siteopt.world import Communities
from tests.layer_files import CRS, X0, Y0, cells, communities, only, read, sentences_hold, told, town


def found_in(
    folder: Path, frame: geopandas.GeoDataFrame | None = None, **over: Any
) -> tuple[Communities | None, Findings]:
    (communities() if frame is None else frame).to_file(folder / "communities.gpkg")
    parts = {
        "file": "communities.gpkg", "age_class": "age", "floor_area_m2": "total", "commercial_area_m2": "shops",
    } | over  # fmt: skip
    findings = Findings()
    spec = CommunitiesSpec(**{k: v for k, v in parts.items() if v is not None})
    found = read_communities(spec, folder, CRS, findings, scenario="town.yaml")
    sentences_hold(findings)
    return found, findings


def test_communities_as_they_stand_in_the_file(tmp_path: Path) -> None:
    found, findings = found_in(tmp_path, name="community_id")
    assert found is not None and len(findings) == 0
    assert found.community_id.tolist() == found.name.tolist() == ["west", "east"]
    assert found.age_class.tolist() == ["new", "old"]
    assert found.floor_area_m2.tolist() == [5000, 3000] and found.commercial_area_m2.tolist() == [400, 200]
    assert np.isnan(found.share).all() and found.row.tolist() == ["fid 1", "fid 2"]


def test_the_rule_holds_in_new_communities_unless_something_says_otherwise(tmp_path: Path) -> None:
    found, _ = found_in(tmp_path)
    assert found is not None and found.sense.tolist() == ["ge", "off"]
    found, _ = found_in(tmp_path, communities().assign(sense=["", "le"]), sense="sense")
    assert found is not None and found.sense.tolist() == ["ge", "le"]
    found, _ = found_in(tmp_path, values={"west": {"sense": "off"}, "east": {"age_class": "new"}})
    assert found is not None and found.sense.tolist() == ["off", "ge"]


def test_service_area_kept_apart_is_added(tmp_path: Path) -> None:
    frame = communities().assign(care=[50.0, np.nan])
    found, _ = found_in(tmp_path, frame, service_area_m2="care")
    assert found is not None and found.commercial_area_m2.tolist() == [450, 200]


def test_values_set_by_hand_stand_over_the_file(tmp_path: Path) -> None:
    values = {"east": {"name": "东", "floor_area_m2": 1, "commercial_area_m2": 9.5, "share": 0.2, "tier": "A"}}
    found, _ = found_in(tmp_path, communities().assign(care=[1.0, 2.0]), service_area_m2="care", values=values)
    assert found is not None
    assert (found.name[1], found.floor_area_m2[1], found.share[1], found.tier[1]) == ("东", 1, 0.2, "A")
    assert found.commercial_area_m2.tolist() == [401, 9.5]


def test_values_for_an_unknown_community_name_the_nearest(tmp_path: Path) -> None:
    found, findings = found_in(tmp_path, values={"Wset": {"name": "x"}})
    told_of = only(findings, "unknown_community")
    assert (told_of.file, told_of.field, told_of.facts["nearest"]) == ("town.yaml", "communities.values", "west")
    assert found is None or told(findings) == ["unknown_community"]


def test_rows_with_one_id_are_merged(tmp_path: Path) -> None:
    frame = pd.concat(
        [communities(), communities().assign(geometry=communities().translate(0, 300))], ignore_index=True
    )
    found, findings = found_in(tmp_path, frame, dissolve=True)
    assert found is not None and len(findings) == 0
    assert found.community_id.tolist() == ["west", "east"]
    assert found.floor_area_m2.tolist() == [10_000, 6000] and found.commercial_area_m2.tolist() == [800, 400]
    assert shapely.area(found.geometry).tolist() == [200 * 600, 100 * 600]
    assert found.row.tolist() == ["fid 1", "fid 2"]


def test_rows_with_one_id_are_duplicates_unless_they_are_to_be_merged(tmp_path: Path) -> None:
    frame = pd.concat([communities(), communities()], ignore_index=True)
    found, findings = found_in(tmp_path, frame)
    assert found is None and told(findings) == ["duplicate_id"] * 2


def test_merged_rows_must_agree_in_text(tmp_path: Path) -> None:
    frame = pd.concat([communities(), communities().assign(age=["old", "old"])], ignore_index=True)
    found, findings = found_in(tmp_path, frame, dissolve=True)
    told_of = only(findings, "dissolve_disagrees")
    assert found is None
    assert (told_of.row, told_of.field, told_of.value, told_of.facts["first"]) == ("fid 3", "age", "old", "new")


def test_an_area_that_a_part_does_not_give_is_not_known_for_the_whole(tmp_path: Path) -> None:
    frame = pd.concat([communities(), communities().assign(total=np.nan)], ignore_index=True)
    found, _ = found_in(tmp_path, frame, dissolve=True)
    assert found is not None and np.isnan(found.floor_area_m2).all()


def test_an_unknown_age_or_sense_names_the_nearest(tmp_path: Path) -> None:
    found, findings = found_in(tmp_path, communities().assign(age=["New", "新建"]))
    assert found is None
    assert [(f.code, f.row, f.facts["nearest"]) for f in findings] == [
        ("unknown_age_class", "fid 1", "new"), ("unknown_age_class", "fid 2", "—"),
    ]  # fmt: skip
    age = {"column": "age", "map": {"新建": "new", "New": "new"}}
    assert found_in(tmp_path, communities().assign(age=["New", "新建"]), age_class=age)[0] is not None
    found, findings = found_in(tmp_path, communities().assign(sense=[">=", "off"]), sense="sense")
    assert found is None and told(findings) == ["unknown_sense"]


def test_without_an_age_column_communities_are_old(tmp_path: Path) -> None:
    found, findings = found_in(tmp_path, age_class=None)
    assert found is not None and found.age_class.tolist() == ["old", "old"] and len(findings) == 0


def test_a_community_said_to_be_under_the_rule_needs_its_total(tmp_path: Path) -> None:
    frame = communities().assign(sense=["ge", "off"], total=[np.nan, np.nan])
    found, findings = found_in(tmp_path, frame, sense="sense")
    assert found is None and only(findings, "no_floor_area").value == "west"
    found, findings = found_in(tmp_path, frame, sense="sense", values={"west": {"floor_area_m2": 900}})
    assert found is not None and told(findings) == []


def test_an_unknown_commercial_area_counts_as_none_and_is_warned_of(tmp_path: Path) -> None:
    found, findings = found_in(tmp_path, commercial_area_m2=None)
    assert found is not None and found.commercial_area_m2.tolist() == [0, 0]
    assert only(findings, "no_commercial_area").value == "west"


@pytest.mark.parametrize(("share", "code"), [(10.0, "number_too_high"), (-0.1, "number_too_low")])
def test_a_share_lies_between_0_and_1(tmp_path: Path, share: float, code: str) -> None:
    found, findings = found_in(tmp_path, communities().assign(s=[share, 0.1]), share="s")
    assert found is None and told(findings) == [code]
    found, _ = found_in(tmp_path, communities().assign(s=[0.1, np.nan]), share="s")
    assert found is not None and found.share[0] == 0.1 and np.isnan(found.share[1])


def test_communities_are_polygons(tmp_path: Path) -> None:
    frame = communities()
    frame.geometry = frame.centroid
    assert told(found_in(tmp_path, frame)[1]) == ["not_a_polygon"] * 2


def test_overlaps_are_warned_of_but_slivers_are_not(tmp_path: Path) -> None:
    frame = communities()
    frame.loc[1, "geometry"] = shapely.box(X0 + 199.5, Y0, X0 + 300, Y0 + 300)
    assert len(found_in(tmp_path, frame)[1]) == 0
    frame.loc[1, "geometry"] = shapely.box(X0 + 150, Y0, X0 + 300, Y0 + 300)
    told_of = only(found_in(tmp_path, frame)[1], "communities_overlap")
    assert (told_of.value, told_of.facts["other"]) == ("east", "west")
    assert round(told_of.facts["percent"], 1) == 33.3


def test_a_point_on_a_shared_border_belongs_to_the_first() -> None:
    polygons = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(0, 0, 2, 1)], dtype=object)
    at = np.array([[0.5, 0.5], [1, 0.5], [1.5, 0.5], [2, 1], [2.1, 0.5], [0.5, 1.1]])
    assert community_by_position(at, polygons).tolist() == [0, 0, 1, 1, -1, -1]
    assert community_by_position(at, polygons[::-1]).tolist() == [0, 0, 0, 0, -1, -1]
    assert community_by_position(at, polygons[:0]).tolist() == [-1] * 6


def test_communities_by_position_agree_with_one_polygon_at_a_time() -> None:
    rng = np.random.default_rng(7)
    centres = rng.random((30, 2)) * 10
    polygons = np.array([shapely.Point(c).buffer(1 + i % 3) for i, c in enumerate(centres)], dtype=object)
    at = rng.random((2000, 2)) * 12 - 1
    inside = shapely.intersects(shapely.points(at)[:, None], polygons[None, :])
    slow = np.where(inside.any(axis=1), inside.argmax(axis=1), -1)
    assert (community_by_position(at, polygons) == slow).all()


def test_an_unknown_community_of_a_cell_names_the_nearest(tmp_path: Path) -> None:
    cells(1).assign(home=["Wset"]).to_file(tmp_path / "cells.gpkg")
    world, findings = read(tmp_path, town(tmp_path, demand={"community": "home"}))
    told_of = only(findings, "unknown_community")
    assert world is None
    assert (told_of.file, told_of.row, told_of.field, told_of.value, told_of.facts["nearest"]) == (
        "cells.gpkg", "fid 1", "home", "Wset", "west",
    )  # fmt: skip


def test_a_community_column_without_communities_is_warned_of(tmp_path: Path) -> None:
    cells().assign(home="west").to_file(tmp_path / "cells.gpkg")
    world, findings = read(tmp_path, town(tmp_path, communities=None, demand={"community": "home"}))
    assert world is not None and len(world.communities) == 0
    assert world.cells.community.tolist() == [-1] * 9
    assert told(findings, "warning") == ["no_communities_given"]


def test_the_parishes_of_porto(shared: Path) -> None:
    findings = Findings()
    spec = CommunitiesSpec(
        file="source/BGRI2021_1312.gpkg", within="study_area.geojson", id="DTMNFR21", dissolve=True,
        floor_area_m2={"column": "N_ALOJAMENTOS_TOTAL", "scale": 100},
    )  # type: ignore[arg-type]  # fmt: skip
    found = read_communities(spec, shared / "porto", "EPSG:3763", findings)
    assert found is not None and told(findings) == []
    assert sorted(found.community_id) == ["131202", "131217"]
    assert found.floor_area_m2.sum() == 100 * 19_470
    assert abs(shapely.area(found.geometry).sum() - 3.704e6) < 2e4
