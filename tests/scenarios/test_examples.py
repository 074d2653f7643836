"""Every example is solved and compared with its ``expected.json``: value, cost and proof, never the site list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from siteopt import pipeline
from siteopt.plan import Run
from siteopt.report.diagnosis import summary_diagnosis

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
CASES = [
    (folder.parent.name, variant)
    for folder in sorted(SCENARIOS.glob("*/expected.json"))
    for variant in json.loads(folder.read_text(encoding="utf-8"))
]


def expected_of(name: str, variant: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((SCENARIOS / name / "expected.json").read_text(encoding="utf-8"))[variant]
    return told


def run_of(name: str, variant: str, *sets: str) -> Run:
    ready = pipeline.check(
        SCENARIOS / name / "scenario.yaml", variant=None if variant == "baseline" else variant, sets=sets
    )
    assert not [f for f in ready.findings if f.severity == "warning"]
    return pipeline.solve(ready)


def solved(name: str, variant: str, *sets: str) -> tuple[str, float, float]:
    run = run_of(name, variant, *sets)
    return run.proof.status, run.scores.objective, run.scores.cost_total


def test_every_example_says_what_to_expect() -> None:
    assert {name for name, _ in CASES} == {p.parent.name for p in SCENARIOS.glob("*/scenario.yaml")}


@pytest.mark.parametrize(("name", "variant"), [case for case in CASES if "objective" in expected_of(*case)])
def test_an_example_ends_proven_with_the_expected_value_and_cost(name: str, variant: str) -> None:
    expected = expected_of(name, variant)
    status, value, cost = solved(name, variant)
    assert status == expected["status"]
    assert value == pytest.approx(expected["objective"], rel=1e-9)
    assert cost == pytest.approx(expected["cost"], rel=1e-9)


@pytest.mark.parametrize(("name", "variant"), [case for case in CASES if "clashing" in expected_of(*case)])
def test_an_impossible_example_ends_with_the_expected_diagnosis(name: str, variant: str) -> None:
    expected, run = expected_of(name, variant), run_of(name, variant)
    assert run.plan is None and run.proof.status == expected["status"]
    told = summary_diagnosis(run)
    assert told is not None and told["complete"] and sorted(told["clashing"]) == sorted(expected["clashing"])
    ways = [way["changes"] for way in told["repairs"]]
    assert all(len(changes) == 1 for changes in ways)
    found = [{key: changes[0][key] for key in ("rule", "subject", "shortfall", "unit")} for changes in ways]
    assert [f | {"shortfall": round(f["shortfall"], 6)} for f in found] == expected["ways_out"]


@pytest.mark.parametrize("name", sorted({name for name, _ in CASES}))
def test_cbc_reaches_the_same_value_and_cost(name: str) -> None:
    expected = json.loads((SCENARIOS / name / "expected.json").read_text(encoding="utf-8"))["baseline"]
    status, value, cost = solved(name, "baseline", "solver.engine=pulp")
    assert (status, value, cost) == (expected["status"], expected["objective"], expected["cost"])


def test_the_town_shows_what_its_variants_are_for() -> None:
    expected = json.loads((SCENARIOS / "qiancheng" / "expected.json").read_text(encoding="utf-8"))
    assert expected["no-ten-percent"]["objective"] > expected["baseline"]["objective"]
    assert expected["double-budget"]["objective"] > expected["baseline"]["objective"]
