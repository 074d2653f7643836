"""Every example is solved and compared with its ``expected.json``: value, cost and proof, never the site list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from siteopt import pipeline

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
CASES = [
    (folder.parent.name, variant)
    for folder in sorted(SCENARIOS.glob("*/expected.json"))
    for variant in json.loads(folder.read_text(encoding="utf-8"))
]


def solved(name: str, variant: str, *sets: str) -> tuple[str, float, float]:
    ready = pipeline.check(
        SCENARIOS / name / "scenario.yaml", variant=None if variant == "baseline" else variant, sets=sets
    )
    assert not [f for f in ready.findings if f.severity == "warning"]
    run = pipeline.solve(ready)
    return run.proof.status, run.scores.objective, run.scores.cost_total


def test_every_example_says_what_to_expect() -> None:
    assert {name for name, _ in CASES} == {p.parent.name for p in SCENARIOS.glob("*/scenario.yaml")}


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_an_example_ends_proven_with_the_expected_value_and_cost(name: str, variant: str) -> None:
    expected = json.loads((SCENARIOS / name / "expected.json").read_text(encoding="utf-8"))[variant]
    status, value, cost = solved(name, variant)
    assert status == expected["status"]
    assert value == pytest.approx(expected["objective"], rel=1e-9)
    assert cost == pytest.approx(expected["cost"], rel=1e-9)


@pytest.mark.parametrize("name", sorted({name for name, _ in CASES}))
def test_cbc_reaches_the_same_value_and_cost(name: str) -> None:
    expected = json.loads((SCENARIOS / name / "expected.json").read_text(encoding="utf-8"))["baseline"]
    status, value, cost = solved(name, "baseline", "solver.engine=pulp")
    assert (status, value, cost) == (expected["status"], expected["objective"], expected["cost"])


def test_the_town_shows_what_its_variants_are_for() -> None:
    expected = json.loads((SCENARIOS / "qiancheng" / "expected.json").read_text(encoding="utf-8"))
    assert expected["no-ten-percent"]["objective"] > expected["baseline"]["objective"]
    assert expected["double-budget"]["objective"] > expected["baseline"]["objective"]
