"""How many people outlets serve, place by place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from siteopt.findings import Findings
from siteopt.layers.assemble import read_world
from siteopt.problem import room_of
from siteopt.world import World
from tests.layer_files import CRS, SPACES, X0, Y0, sentences_hold, town, write_csv
from tests.worlds import make_types

KINDS = replace(make_types([10.0, 15.0]), capacity=np.array([500.0, np.nan]))
"""t0 serves 500 people, t1 all who reach it."""
NAN = np.nan


def world_of(folder: Path, spec: Any) -> tuple[World | None, Findings]:
    findings = Findings()
    world = read_world(spec, folder, CRS, KINDS, None, findings)
    sentences_hold(findings)
    return world, findings


def told(findings: Findings, code: str) -> list[tuple[str, ...]]:
    return [(f.file, str(f.row), str(f.field), str(f.value)) for f in findings if f.code == code]


def spaces(folder: Path, cells: list[Any], **capacity: Any) -> tuple[World | None, Findings]:
    write_csv(folder / "spaces.csv", [space | {"stalls": cells[i]} for i, space in enumerate(SPACES)])
    return world_of(folder, town(folder, communities=None, candidates={"capacity": capacity}))


def outlets(folder: Path, rows: list[dict[str, Any]], **over: Any) -> tuple[World | None, Findings]:
    at = {"x": X0 + 10, "y": Y0 + 10}
    write_csv(folder / "outlets.csv", [{"id": f"o{i}"} | at | row for i, row in enumerate(rows)])
    existing = {"file": "outlets.csv", "crs": CRS, "id": "id", "type": "type", "capacity": "people"} | over
    return world_of(folder, town(folder, communities=None, existing=[existing]))


def test_a_space_says_how_many_an_outlet_of_a_type_serves_and_an_empty_cell_leaves_the_types_figure(tmp_path) -> None:
    world, findings = spaces(tmp_path, [30, "", 12.5, ""], t0={"column": "stalls", "scale": 10})
    assert world is not None and len(findings) == 0
    assert np.array_equal(world.sites.capacity[:4, 0], [300, NAN, 125, NAN], equal_nan=True)
    assert np.isnan(world.sites.capacity[:, 1]).all()
    assert room_of(world)[:4, 0].tolist() == [300, 500, 125, 500] and np.isinf(room_of(world)[:, 1]).all()


def test_an_outlet_that_stands_serves_what_its_row_says_under_its_own_type_alone(tmp_path: Path) -> None:
    rows = [{"type": "t0", "people": 1200}, {"type": "t1", "people": ""}, {"type": "t0", "people": ""}]
    world, findings = outlets(tmp_path, rows)
    assert world is not None and not [f for f in findings if f.severity != "info"]
    assert np.array_equal(world.sites.capacity[-3:], [[1200, NAN], [NAN, NAN], [NAN, NAN]], equal_nan=True)
    assert room_of(world)[-3:, 0].tolist() == [1200, 500, 500]


def test_without_a_column_every_outlet_has_its_types_figure(tmp_path: Path) -> None:
    world, _ = world_of(tmp_path, town(tmp_path, communities=None))
    assert world is not None and np.isnan(world.sites.capacity).all()
    assert world.sites.capacity.shape == world.sites.allowed.shape


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("0", "number_too_low"),
        ("-40", "number_too_low"),
        ("many", "not_a_number"),
        ("nan", "not_finite"),
        ("inf", "not_finite"),
        ("-9999", "sentinel_value"),
        ("1e12", "number_too_high"),
    ],
)
def test_what_is_no_number_of_people_is_told_with_row_and_column(tmp_path: Path, cell: str, code: str) -> None:
    world, findings = spaces(tmp_path, [30, cell, "", ""], t0="stalls")
    assert world is None
    assert told(findings, code) == [("spaces.csv", "3", "stalls", cell)]
    world, findings = outlets(tmp_path, [{"type": "t0", "people": cell}])
    assert world is None
    assert told(findings, code) == [("outlets.csv", "2", "people", cell)]


def test_a_column_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    world, findings = spaces(tmp_path, [1, 2, 3, 4], t0="stals")
    assert world is None and [f.facts["nearest"] for f in findings.errors] == ["stalls"]


def test_figures_for_a_type_that_serves_everybody_change_nothing_and_are_told(tmp_path: Path) -> None:
    world, findings = spaces(tmp_path, ["", 40, 50, ""], t1="stalls")
    assert world is not None and np.isinf(room_of(world)[:, 1]).all()
    assert told(findings, "capacity_unused") == [("spaces.csv", "3", "candidates.capacity.t1", "stalls")]
    assert [f.facts["count"] for f in findings if f.code == "capacity_unused"] == [2]
    _, findings = outlets(tmp_path, [{"type": "t0", "people": 9}, {"type": "t1", "people": 9}])
    assert told(findings, "capacity_unused") == [("outlets.csv", "3", "existing.0.capacity", "people")]
