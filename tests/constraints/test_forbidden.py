"""Forbidden spaces: nothing new opens here (or nothing of the named type)."""

from __future__ import annotations

import pytest

from siteopt.findings import Findings
from tests.programs import INF, accepted, judged, row_of_spaces, rule, solved, stated

WORLD = row_of_spaces(2, 2, slots=[2, 2])


def test_a_list_of_ids_forbids_every_type_there() -> None:
    assert stated(WORLD, rule("forbidden", sites=["s001"])) == [("s001", {"s001/t0": 1.0, "s001/t1": 1.0}, -INF, 0.0)]


def test_a_table_forbids_the_named_types_only() -> None:
    assert stated(WORLD, rule("forbidden", sites={"s001": "t1", "s000": ["t0", "t1"]})) == [
        ("s001: t1", {"s001/t1": 1.0}, -INF, 0.0),
        ("s000: t0, t1", {"s000/t0": 1.0, "s000/t1": 1.0}, -INF, 0.0),
    ]


@pytest.mark.parametrize("sites", [["s001"], {"s001": "t1"}, {"s000": ["t0", "t1"], "s001": "t0"}])
def test_judge_agrees_with_rows_on_every_plan(sites: object) -> None:
    kept = accepted(WORLD, rule("forbidden", sites=sites))
    assert [] in kept and len(kept) < 16


def test_an_outlet_that_stands_in_a_forbidden_space_stays() -> None:
    world = row_of_spaces(2, standing=[[1], [0]])
    none = rule("forbidden", sites=["s000"])
    assert stated(world, none) == []  # no option is left there
    assert judged(world, none, [])
    assert solved(world, [none]).opened == ["s001/t0"]


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_solver_goes_elsewhere(engine: str) -> None:
    assert solved(WORLD, [rule("forbidden", sites={"s001": "t1"})], by=engine).opened == [
        "s000/t0",
        "s000/t1",
        "s001/t0",
    ]


def test_check_reports_unknown_sites_and_types() -> None:
    findings = Findings()
    rule("forbidden", "review", sites={"s01": "t0", "s000": "t9"}).check(WORLD, findings, "s.yaml")
    assert [(f.severity, f.code, f.field, f.value, f.facts["nearest"]) for f in findings] == [
        ("error", "rule_unknown_site", "constraints.review", "s01", "s001"),
        ("error", "rule_unknown_type", "constraints.review", "t9", "—"),
    ]
