"""Candidate spaces: kinds, allowed types, costs, slots, standing outlets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely

from siteopt.findings import Findings
from siteopt.world import Sites
from tests.layer_files import CRS, SPACES, X0, Y0, only, read, square, told, town, write_csv


def sites(folder: Path, rows: list[dict[str, Any]] | None = None, **over: Any) -> tuple[Sites | None, Findings]:
    """The town's sites with other candidate rows and parts of the scenario; communities left out."""
    if rows is not None:
        write_csv(folder / "spaces.csv", rows)
    world, findings = read(folder, town(folder, communities=None, **over))
    return None if world is None else world.sites, findings


def with_column(name: str, *values: Any) -> list[dict[str, Any]]:
    return [space | {name: value} for space, value in zip(SPACES, values, strict=True)]


def test_candidates_come_first_and_existing_outlets_after_them(tmp_path: Path) -> None:
    found, findings = sites(tmp_path)
    assert found is not None and len(findings) == 0
    assert found.site_id.tolist() == ["s1", "s2", "s3", "o1"]
    assert found.kind.tolist() == ["idle_premises", "corner_plot", "new_building", "existing_outlet"]
    assert found.area_m2.tolist() == [100, 80, 60, 0]
    assert found.standing.tolist() == [[False, False]] * 3 + [[True, False]]
    assert found.allowed.tolist() == [[True, True]] * 3 + [[False, False]]
    assert found.slots.tolist() == [1, 1, 1, 0]
    assert found.file.tolist() == ["spaces.csv"] * 3 + ["outlets.csv"] and found.row.tolist() == [2, 3, 4, 2]
    assert found.xy_m[0].tolist() == [X0 + 50, Y0 + 50]


def test_costs_by_type(tmp_path: Path) -> None:
    found, _ = sites(tmp_path)
    assert found is not None
    assert found.cost[:3].tolist() == [[5, 1 + 0.1 * 50]] * 3 and found.cost[3].tolist() == [0, 0]


def test_cost_per_m2_by_kind_of_space(tmp_path: Path) -> None:
    rates = {"idle_premises": 2, "corner_plot": 3, "new_building": 4}
    found, _ = sites(tmp_path, types={"t1": {"cost": {"fixed": 10, "per_m2": rates}}})
    assert found is not None and found.cost[:3, 1].tolist() == [110, 160, 210]


def test_a_kind_without_a_rate_is_told_only_where_the_type_is_allowed(tmp_path: Path) -> None:
    types = {"t1": {"cost": {"per_m2": {"idle_premises": 2, "corner_plot": 3}}}}
    found, findings = sites(tmp_path, types=types)
    told_of = only(findings, "no_cost_for_kind")
    assert found is None and (told_of.value, told_of.field) == ("new_building", "types.t1.cost.per_m2")
    found, findings = sites(tmp_path, types=types, candidates={"allowed_by_kind": {"new_building": ["t0"]}})
    assert found is not None and found.cost[:3, 1].tolist() == [100, 150, 0]


def test_a_space_may_have_its_own_cost_and_an_empty_cell_the_types(tmp_path: Path) -> None:
    found, _ = sites(tmp_path, with_column("rent", "7.5", "", "0"), candidates={"cost": {"t0": "rent"}})
    assert found is not None and found.cost[:3, 0].tolist() == [7.5, 5, 0]
    column = {"column": "rent", "scale": 10000, "default": 3}
    found, _ = sites(tmp_path, with_column("rent", "7.5", "", "0"), candidates={"cost": {"t0": column}})
    assert found is not None and found.cost[:3, 0].tolist() == [75000, 3, 0]


@pytest.mark.parametrize(
    ("cell", "code"),
    [("inf", "not_finite"), ("-1", "number_too_low"), ("nan", "not_finite"), ("free", "not_a_number")],
)
def test_costs_that_cannot_be_are_told(tmp_path: Path, cell: str, code: str) -> None:
    found, findings = sites(tmp_path, with_column("rent", "1", cell, "1"), candidates={"cost": {"t0": "rent"}})
    assert found is None and [(f.code, f.row, f.field) for f in findings] == [(code, 3, "rent")]


def test_allowed_types_from_a_list_in_a_cell(tmp_path: Path) -> None:
    rows = with_column("may", "t0; t1", "t1", "")
    found, _ = sites(tmp_path, rows, candidates={"allowed": "may"})
    assert found is not None and found.allowed[:3].tolist() == [[True, True], [False, True], [True, True]]
    assert found.cost[1].tolist() == [0, 6]
    found, _ = sites(tmp_path, with_column("may", "t0、t1", "t1，t0", "t0|t1"), candidates={"allowed": "may"})
    assert found is not None and found.allowed[:3].all()


def test_allowed_types_by_kind_narrow_the_list(tmp_path: Path) -> None:
    found, _ = sites(
        tmp_path, with_column("may", "t0", "t0;t1", "t1"),
        candidates={"allowed": "may", "allowed_by_kind": {"corner_plot": ["t1"], "new_building": []}},
    )  # fmt: skip
    assert found is not None and found.allowed[:3].tolist() == [[True, False], [False, True], [False, False]]


def test_an_unknown_type_in_a_list_names_the_nearest_for_every_row(tmp_path: Path) -> None:
    found, findings = sites(tmp_path, with_column("may", "t0;T1", "", "t0;T1"), candidates={"allowed": "may"})
    assert found is None
    assert [(f.code, f.row, f.value, f.facts["nearest"]) for f in findings] == [
        ("unknown_type", 2, "T1", "t1"),
        ("unknown_type", 4, "T1", "t1"),
    ]


def test_an_unknown_kind_names_the_nearest_and_map_translates(tmp_path: Path) -> None:
    rows = with_column("kind", "corner plot", "边角地", "new_building")
    found, findings = sites(tmp_path, rows)
    assert found is None
    assert [(f.code, f.row, f.facts["nearest"]) for f in findings] == [
        ("unknown_kind", 2, "corner_plot"),
        ("unknown_kind", 3, "—"),
    ]
    kind = {"column": "kind", "map": {"corner plot": "corner_plot", "边角地": "corner_plot"}}
    found, findings = sites(tmp_path, rows, candidates={"kind": kind})
    assert found is not None and found.kind.tolist()[:2] == ["corner_plot"] * 2
    assert found.adds_floor_area[:3].all()


def test_a_space_cannot_call_itself_an_existing_outlet(tmp_path: Path) -> None:
    found, findings = sites(tmp_path, with_column("kind", "existing_outlet", "corner_plot", "corner_plot"))
    assert found is None and told(findings) == ["unknown_kind"]


def test_area_is_needed_and_a_default_may_give_it(tmp_path: Path) -> None:
    rows = [{k: v for k, v in space.items() if k != "area_m2"} for space in SPACES]
    found, findings = sites(tmp_path, rows)
    assert found is None and told(findings) == ["missing_column"]
    found, findings = sites(tmp_path, rows, candidates={"area_m2": {"default": 40}})
    assert found is not None and found.area_m2[:3].tolist() == [40, 40, 40]
    found, findings = sites(tmp_path, with_column("area_m2", "", "5", "5"))
    assert found is None and only(findings, "empty_cell").row == 2


def test_slots_are_whole_numbers(tmp_path: Path) -> None:
    found, _ = sites(tmp_path, with_column("n", "2", "0", "1.0"), candidates={"slots": "n"})
    assert found is not None and found.slots[:3].tolist() == [2, 0, 1]
    found, findings = sites(tmp_path, with_column("n", "2", "1.5", "1"), candidates={"slots": "n"})
    assert found is None and (only(findings, "not_whole").row, only(findings, "not_whole").field) == (3, "n")
    found, _ = sites(tmp_path, candidates={"slots": 3})
    assert found is not None and found.slots[:3].tolist() == [3, 3, 3]


def test_a_space_may_have_an_outlet_standing(tmp_path: Path) -> None:
    found, _ = sites(tmp_path, with_column("now", "t1", "", "t0;t1"), candidates={"standing": "now"})
    assert found is not None
    assert found.standing[:3].tolist() == [[False, True], [False, False], [True, True]]
    assert found.is_candidate[:3].all()
    found, findings = sites(tmp_path, with_column("now", "t11", "", ""), candidates={"standing": "now"})
    assert found is None and only(findings, "unknown_type").facts["nearest"] == "t1"


def test_texts_of_a_space_are_kept_and_ids_stay_text(tmp_path: Path) -> None:
    rows = with_column("plot", "0071", "431281001001GB00012", "")
    rows = [row | {"site_id": f"00{i}", "owner": "街道办"} for i, row in enumerate(rows)]
    found, _ = sites(tmp_path, rows, candidates={"parcel_id": "plot", "tenure": "owner", "name": "owner"})
    assert found is not None
    assert found.site_id[:3].tolist() == ["000", "001", "002"]
    assert found.parcel_id.tolist() == ["0071", "431281001001GB00012", "", ""]
    assert found.tenure[0] == found.name[0] == "街道办" and found.land_use[0] == ""


def test_an_id_in_both_candidates_and_outlets_is_a_duplicate(tmp_path: Path) -> None:
    write_csv(tmp_path / "outlets.csv", [{"id": "s2", "type": "t0", "x": X0, "y": Y0}])
    found, findings = sites(tmp_path)
    clash = only(findings, "duplicate_id")
    assert found is None
    assert (clash.file, clash.row, clash.facts["first_file"], clash.facts["first"]) == (
        "outlets.csv",
        2,
        "spaces.csv",
        3,
    )


def test_candidates_as_polygons_stand_at_an_inner_point(tmp_path: Path) -> None:
    horseshoe = shapely.box(X0, Y0, X0 + 90, Y0 + 90) - shapely.box(X0 + 30, Y0 + 30, X0 + 90, Y0 + 60)
    frame = geopandas.GeoDataFrame(
        {"site_id": ["a", "b"], "area_m2": [10.0, 20.0], "kind": ["corner_plot"] * 2},
        geometry=[horseshoe, square(1, 1)], crs=CRS,
    )  # fmt: skip
    frame.to_crs(4490).to_file(tmp_path / "spaces.gpkg")
    found, findings = sites(tmp_path, candidates={"file": "spaces.gpkg", "crs": None})
    assert found is not None and told(findings) == []
    assert shapely.contains(found.geometry[0], shapely.Point(found.xy_m[0]))
    assert abs(shapely.area(found.geometry[0]) - horseshoe.area) < 1


def test_without_existing_outlets_there_are_candidates_only(tmp_path: Path) -> None:
    found, _ = sites(tmp_path, existing=[])
    assert found is not None and len(found) == 3 and not found.standing.any()


def test_the_candidates_of_porto(shared: Path, tmp_path: Path) -> None:
    kind = {
        "column": "origin",
        "map": {
            "surface_parking": "corner_plot", "derelict_building": "renovated_building",
            "vacant_premises": "idle_premises", "construction": "new_building",
        },
    }  # fmt: skip
    porto = shared / "porto"
    spec = town(
        tmp_path,
        demand={"file": str(porto / "demand.csv"), "id": "id", "people": "population"},
        candidates={"file": str(porto / "candidates.csv"), "crs": None, "id": "candidate_id", "kind": kind},
        existing=[
            {"file": str(porto / "outlets.csv"), "id": "outlet_id",
             "type": {"column": "kind", "map": {"vegetable_market": "t0", "pharmacy": "t1"}}},
        ],
        communities=None,
    )  # fmt: skip
    world, findings = read(tmp_path, spec, crs="EPSG:3763")
    assert world is not None and told(findings) == []
    assert int(world.sites.is_candidate.sum()) == 260
    assert world.sites.standing.sum(axis=0).tolist() == [39, 44]
    assert dict(zip(*np.unique(world.sites.kind.astype(str), return_counts=True), strict=True)) == {
        "corner_plot": 184, "existing_outlet": 83, "idle_premises": 27, "new_building": 5, "renovated_building": 44,
    }  # fmt: skip
    assert only(findings, "no_area").facts["count"] == 27
    assert only(findings, "existing_ignored").facts["count"] == 1261 - 83
