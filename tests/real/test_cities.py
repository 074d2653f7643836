"""Two real cities from their raw files through the command line, to the end: proven, every rule kept, all written.

What the run folder says is then audited once more: the plan is read back from ``sites.csv`` onto a world read afresh.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from siteopt import pipeline
from siteopt.model.build import plan_of
from siteopt.verify import judge_all, score

pytestmark = pytest.mark.real

SAME_BYTES = ("communities.csv", "coverage.csv", "sites.csv", "sites.geojson", "plan.gpkg", "map.png")
"""Files of a run without seconds in them: the same scenario gives them again, byte by byte."""
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def scenarios(root: Path, shared: Path) -> Path:
    """The cities' scenarios; asks for ``shared``, where their layers are."""
    return root / "benchmarks" / "scenarios"


def test_porto_is_proven_from_census_polygons_and_osm_and_a_second_run_says_the_same(
    scenarios: Path, tmp_path: Path
) -> None:
    scenario = scenarios / "porto.yaml"
    first, second = solve(scenario, tmp_path / "first"), solve(scenario, tmp_path / "second")

    assert len(first["types"]) >= 4
    assert {kind["limit_min"] for kind in first["types"]} == {5, 10, 15}
    assert first["travel"]["mode"] == "streets"
    assert first["people"]["residents"] == 25083 and first["cells"] == 271
    assert first["spaces"]["candidates"] == 260
    assert [c["id"] for c in first["communities"] if c["age_class"] == "new"] == ["131217", "131202"]
    check(first, tmp_path / "first", scenario, new={"131217", "131202"})

    for key in ("timings_s", "peak_rss_mb"):
        first.pop(key)
        second.pop(key)
    assert first == second
    for name in SAME_BYTES:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes(), name


def test_sao_paulo_is_proven_at_fifteen_minutes_with_1135_candidates(scenarios: Path, tmp_path: Path) -> None:
    scenario = scenarios / "sao-paulo.yaml"
    summary = solve(scenario, tmp_path / "run")

    assert len(summary["types"]) >= 4
    assert {kind["limit_min"] for kind in summary["types"]} == {15}
    assert summary["travel"]["mode"] == "streets"
    assert summary["people"]["residents"] == 517570 and summary["cells"] == 323
    assert summary["spaces"]["candidates"] == 1135
    check(summary, tmp_path / "run", scenario, new={"centro"})


@pytest.mark.parametrize("name", ["quickstart", "qiancheng"])
def test_cbc_reaches_the_same_coverage_and_cost_as_highs(root: Path, name: str) -> None:
    path = root / "scenarios" / name / "scenario.yaml"
    highs, cbc = (
        pipeline.solve(pipeline.check(path, sets=(f"solver.engine={engine}",))) for engine in ("highs", "pulp")
    )
    assert highs.proof.engine != cbc.proof.engine
    assert highs.proof.status == cbc.proof.status == "proven"
    assert highs.proof.objective == cbc.proof.objective
    assert highs.scores.cost_total == cbc.scores.cost_total
    assert (highs.scores.after == cbc.scores.after).all()


def solve(scenario: Path, folder: Path) -> dict[str, Any]:
    """``siteopt solve`` in a process of its own; the summary that it leaves."""
    command = [sys.executable, "-m", "siteopt.cli", "solve", str(scenario), "--out", str(folder), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return summary


def check(summary: dict[str, Any], folder: Path, scenario: Path, *, new: set[str]) -> None:
    """A run is proven, keeps its rules, has its report and map, and its files bear out its summary."""
    assert summary["status"] == "proven"
    assert all(goal["status"] == "proven" and goal["value"] == goal["bound"] for goal in summary["goals"])
    assert all(verdict["holds"] for verdict in summary["verdicts"])
    assert {"budget", "commercial_area"} <= {verdict["rule"] for verdict in summary["verdicts"]}
    assert summary["title"] in (folder / "report.html").read_text(encoding="utf-8")
    assert (folder / "map.png").read_bytes().startswith(PNG)
    check_files(summary, folder)
    check_commercial_area(summary, new)
    check_audit(summary, folder, scenario)


def check_files(summary: dict[str, Any], folder: Path) -> None:
    """Cost from sites.csv; coverage, minutes and the objective from coverage.csv."""
    sites = table(folder / "sites.csv")
    assert sites["cost"].sum() == summary["cost"]["total"] <= summary["cost"]["budget"]
    assert (sites["newly_covered"] >= 0).all() and len(sites) == len(summary["sites"])

    cells = table(folder / "coverage.csv")
    for kind in summary["types"]:
        mine, said = cells[cells["type"] == kind["id"]], summary["coverage"][kind["id"]]
        assert len(mine) == summary["cells"]
        for when in ("before", "after"):
            inside = mine[f"covered_{when}"] == 1
            assert mine.loc[inside, "people"].sum() == said[when]
            assert (mine.loc[inside, f"minutes_{when}"] <= kind["limit_min"] + 1e-4).all()
            assert mine.loc[~inside, f"minutes_{when}"].isna().all()
        assert (mine["covered_after"] >= mine["covered_before"]).all()
    covered = cells.loc[cells["covered_after"] == 1, "people"].sum()
    assert covered == summary["objective"]["value"] == summary["objective"]["bound"]


def check_commercial_area(summary: dict[str, Any], new: set[str]) -> None:
    """The 10 % rule in the new communities, from their areas and what opens there; it was not met before."""
    qualifies = {kind["id"]: kind["qualifies"] for kind in summary["types"]}
    required = {c["id"]: c for c in summary["communities"] if c["required"] is not None}
    assert required.keys() == new
    for key, c in required.items():
        opened = [s for s in summary["sites"] if s["community"] == key]
        area = c["commercial_area_before_m2"] + sum(s["area_m2"] for s in opened if qualifies[s["outlet_type"]])
        floor = c["floor_area_before_m2"] + sum(s["area_m2"] for s in opened if s["kind"] in ADDS_FLOOR_AREA)
        assert area == pytest.approx(c["commercial_area_after_m2"])
        assert floor == pytest.approx(c["floor_area_after_m2"])
        assert c["commercial_area_before_m2"] < 0.1 * c["floor_area_before_m2"]
        assert area >= 0.1 * floor and c["shortfall_m2"] == 0


ADDS_FLOOR_AREA = {"corner_plot", "new_building"}
"""Kinds of space whose outlet is built anew and so enlarges the denominator too."""


def check_audit(summary: dict[str, Any], folder: Path, scenario: Path) -> None:
    """The plan of sites.csv, judged and scored on a world read afresh, gives the summary's numbers."""
    ready = pipeline.check(scenario)
    sites, types = ready.world.sites, ready.world.types
    site_at, type_at = ({str(name): n for n, name in enumerate(names)} for names in (sites.site_id, types.type_id))
    opened = np.zeros(sites.allowed.shape, dtype=np.bool_)
    with (folder / "sites.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            opened[site_at[row["site_id"]], type_at[row["outlet_type"]]] = True
    plan = plan_of(opened)
    scores = score(ready.world, ready.travel, plan, ready.seek.measures)
    verdicts = judge_all(ready.world, ready.travel, plan, ready.rules)
    assert len(verdicts) == len(summary["verdicts"]) and all(verdict.holds for verdict in verdicts)
    assert scores.objective == summary["objective"]["value"]
    assert scores.cost_total == summary["cost"]["total"]
    for t, name in enumerate(types.type_id):
        assert scores.after[t, 0] == summary["coverage"][name]["after"]
        assert scores.before[t, 0] == summary["coverage"][name]["before"]


def table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, encoding="utf-8-sig", dtype={"site_id": str, "cell_id": str})
