"""Existing outlets: their types, the kinds left out, their ids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from siteopt.findings import Findings
from siteopt.world import Sites
from tests.layer_files import CRS, X0, Y0, only, read, told, town, write_csv

AT = {"x": X0 + 5, "y": Y0 + 5}


def outlets(folder: Path, rows: list[dict[str, Any]], **layer: Any) -> tuple[Sites | None, Findings]:
    write_csv(folder / "outlets.csv", rows)
    existing = {"file": "outlets.csv", "crs": CRS, "id": "id", "type": "type"} | layer
    spec = town(folder, communities=None, existing=[{k: v for k, v in existing.items() if v is not None}])
    world, findings = read(folder, spec)
    return None if world is None else world.sites, findings


def test_kinds_that_are_no_type_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [{"id": i, "type": t, **AT} for i, t in enumerate(("t0", "cafe", "cafe", "bank", "t1", ""))]
    found, findings = outlets(tmp_path, rows)
    assert found is not None and found.site_id[3:].tolist() == ["0", "4"]
    told_of = only(findings, "existing_ignored")
    assert told_of.severity == "info" and told_of.facts["count"] == 4
    assert told_of.value == "cafe 2, (empty) 1, bank 1"


def test_map_translates_kinds(tmp_path: Path) -> None:
    kind = {"column": "type", "map": {"菜市场": "t0"}}
    found, _ = outlets(tmp_path, [{"id": "a", "type": "菜市场", **AT}], type=kind)
    assert found is not None and found.standing[-1].tolist() == [True, False]


def test_a_kind_that_looks_misspelt_is_warned_of(tmp_path: Path) -> None:
    rows = [{"id": "a", "type": "t0", **AT}, {"id": "b", "type": "T0", **AT}]
    found, findings = outlets(tmp_path, rows)
    assert found is not None
    told_of = only(findings, "existing_kind_misspelt")
    assert (told_of.value, told_of.facts["nearest"], told_of.facts["count"]) == ("T0", "t0", 1)


def test_a_layer_without_any_outlet_of_the_types_is_warned_of(tmp_path: Path) -> None:
    found, findings = outlets(tmp_path, [{"id": "a", "type": "cinema", **AT}])
    assert found is not None and len(found) == 3
    assert told(findings, "warning") == ["no_existing_of_types"]


def test_all_rows_may_be_of_one_type(tmp_path: Path) -> None:
    found, _ = outlets(tmp_path, [{"id": "a", **AT}, {"id": "b", **AT}], type=None, of_type="t1")
    assert found is not None and found.standing[3:].tolist() == [[False, True]] * 2
    found, findings = outlets(tmp_path, [{"id": "a", **AT}], type=None, of_type="t9")
    assert found is None and only(findings, "unknown_type").field == "existing.0.of_type"


def test_outlets_without_ids_are_numbered_so_that_no_other_id_is_met(tmp_path: Path) -> None:
    rows = [{"type": "cafe", **AT}, {"type": "t0", **AT}, {"type": "t0", **AT}]
    found, findings = outlets(tmp_path, rows, id=None)
    assert found is not None and told(findings) == []
    assert found.site_id[3:].tolist() == ["existing1-2", "existing1-3"]


def test_several_layers_follow_each_other(tmp_path: Path) -> None:
    write_csv(tmp_path / "more.csv", [{"id": "m1", **AT}])
    town(tmp_path)
    layers = [
        {"file": "outlets.csv", "crs": CRS, "type": "type", "id": "id"},
        {"file": "more.csv", "crs": CRS, "of_type": "t1", "id": "id"},
    ]
    world, _ = read(tmp_path, town(tmp_path, communities=None, existing=layers))
    assert world is not None and world.sites.site_id[3:].tolist() == ["o1", "m1"]
    assert world.sites.file[3:].tolist() == ["outlets.csv", "more.csv"]


def test_the_floor_area_of_an_outlet_is_its_standing_area(tmp_path: Path) -> None:
    rows = [{"id": "a", "type": "t0", "m2": "120", **AT}, {"id": "b", "type": "t0", "m2": "", **AT}]
    found, _ = outlets(tmp_path, rows, area_m2="m2")
    assert found is not None and found.standing_area_m2.tolist() == [0, 0, 0, 120, 0]
    rows[1]["m2"] = "-4"
    found, findings = outlets(tmp_path, rows, area_m2="m2")
    assert found is None and only(findings, "number_too_low").row == 3


def test_a_faulty_outlet_layer_is_told_beside_faulty_candidates(tmp_path: Path) -> None:
    write_csv(tmp_path / "spaces.csv", [{"site_id": "a", "area_m2": "x", "kind": "corner_plot", **AT}])
    found, findings = outlets(tmp_path, [{"id": "a", "type": "t0", "x": "east", "y": Y0}])
    assert found is None
    assert {(f.file, f.code) for f in findings.errors} == {
        ("spaces.csv", "not_a_number"), ("outlets.csv", "not_a_number")
    }  # fmt: skip
