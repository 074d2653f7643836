"""Communities: households, norms of service, pilots, grades and tiers, from the file and by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pytest

from siteopt.findings import Findings
from siteopt.layers.communities import read_communities
from siteopt.scenario.schema import CommunitiesSpec
from siteopt.world import Communities
from tests.layer_files import CRS, communities, only, sentences_hold, told

FIGURES = {
    "households": "hh", "residential_m2": "dwell", "community_service_m2": "serve", "elderly_m2": "care",
    "pilot": "pilot", "grade": "grade", "tier": "tier", "tier_reason": "why",
}  # fmt: skip


def full(**over: Any) -> geopandas.GeoDataFrame:
    columns = {
        "hh": [1200.0, np.nan], "dwell": [4000.0, np.nan], "serve": [30.0, 0.0], "care": [12.5, np.nan],
        "pilot": ["是", ""], "grade": ["品质型", ""], "tier": ["邻里中心", "free text"], "why": ["近车站", ""],
    }  # fmt: skip
    return communities().assign(**(columns | over))


def found_in(
    folder: Path, frame: geopandas.GeoDataFrame | None = None, **over: Any
) -> tuple[Communities | None, Findings]:
    (full() if frame is None else frame).to_file(folder / "communities.gpkg")
    parts = {
        "file": "communities.gpkg", "age_class": "age", "floor_area_m2": "total", "commercial_area_m2": "shops",
    } | FIGURES | over  # fmt: skip
    findings = Findings()
    spec = CommunitiesSpec(**{k: v for k, v in parts.items() if v is not None})
    found = read_communities(spec, folder, CRS, findings, scenario="town.yaml")
    sentences_hold(findings)
    return found, findings


def test_figures_and_words_as_the_file_has_them(tmp_path: Path) -> None:
    found, findings = found_in(tmp_path)
    assert found is not None and len(findings) == 0
    assert found.households[0] == 1200 and found.residential_m2[0] == 4000 and found.elderly_m2[0] == 12.5
    assert found.service_m2.tolist() == [30, 0] and np.isnan([found.households[1], found.elderly_m2[1]]).all()
    assert found.pilot.tolist() == [True, False] and found.grade.tolist() == ["quality", ""]
    assert found.tier.tolist() == ["centre", "free text"] and found.tier_reason.tolist() == ["近车站", ""]
    assert found.commercial_area_m2.tolist() == [400, 200]  # norms of service leave it alone


def test_what_no_column_says_is_unsaid(tmp_path: Path) -> None:
    found, _ = found_in(tmp_path, **dict.fromkeys(FIGURES))
    assert found is not None
    for figures in (found.households, found.residential_m2, found.service_m2, found.elderly_m2):
        assert np.isnan(figures).all()
    assert not found.pilot.any() and found.grade.tolist() == found.tier.tolist() == ["", ""]


def test_values_by_hand_stand_over_all_of_them(tmp_path: Path) -> None:
    values = {
        "east": {
            "households": 9, "residential_m2": 10, "community_service_m2": 11, "elderly_m2": 12, "pilot": True,
            "grade": "基础型", "tier": "邻里街区", "tier_reason": "x",
        },
        "west": {"pilot": False},
    }  # fmt: skip
    found, findings = found_in(tmp_path, values=values)
    assert found is not None and len(findings) == 0
    one = [found.households[1], found.residential_m2[1], found.service_m2[1], found.elderly_m2[1]]
    assert one == [9, 10, 11, 12] and found.pilot.tolist() == [False, True]
    assert (found.grade[1], found.tier[1], found.tier_reason[1]) == ("basic", "block", "x")


def test_a_grade_by_hand_that_is_none_is_told(tmp_path: Path) -> None:
    found, findings = found_in(tmp_path, values={"east": {"grade": "品质型圈"}})
    fault = only(findings, "unknown_word")
    assert found is None and (fault.file, fault.field) == ("town.yaml", "communities.values.east.grade")
    assert fault.facts["nearest"] == "品质型"


@pytest.mark.parametrize(
    ("column", "cells", "code"),
    [
        ("grade", ["gold", ""], "unknown_word"), ("pilot", ["试", ""], "unknown_word"),
        ("hh", [-1.0, 2.0], "number_too_low"), ("hh", ["many", "2"], "not_a_number"),
        ("dwell", [999999999.0, 2.0], "sentinel_value"), ("care", [np.inf, 2.0], "not_finite"),
        ("serve", [1e11, 2.0], "number_too_high"),
    ],
)  # fmt: skip
def test_cells_that_will_not_do_are_told(tmp_path: Path, column: str, cells: list[Any], code: str) -> None:
    found, findings = found_in(tmp_path, full(**{column: cells}))
    fault = only(findings, code)
    assert found is None and (fault.row, fault.field) == ("fid 1", column)


@pytest.mark.parametrize("field", FIGURES)
def test_a_column_that_is_not_there_is_told(tmp_path: Path, field: str) -> None:
    found, findings = found_in(tmp_path, **{field: "nowhere"})
    assert found is None and only(findings, "missing_column").field == f"communities.{field}"


def test_merged_rows_add_figures_and_must_agree_in_words(tmp_path: Path) -> None:
    twice = pd.concat([full(), full(pilot=["yes", "no"], tier=["centre", "free text"])], ignore_index=True)
    found, findings = found_in(tmp_path, twice, dissolve=True)
    assert found is None and told(findings) == ["dissolve_disagrees"]
    same = pd.concat([full(), full(pilot=["yes", ""], tier=["centre", "free text"])], ignore_index=True)
    found, findings = found_in(tmp_path, same, dissolve=True)
    assert found is not None and told(findings) == []
    assert found.households[0] == 2400 and found.service_m2.tolist() == [60, 0] and np.isnan(found.households[1])


def test_more_dwellings_than_buildings_is_told(tmp_path: Path) -> None:
    found, findings = found_in(tmp_path, full(dwell=[5000.5, np.nan]))
    warned = only(findings, "residential_above_total")
    assert found is not None and (warned.severity, warned.value) == ("warning", "west")
    assert (warned.facts["residential_m2"], warned.facts["total_m2"]) == (5000.5, 5000)
