"""Required spaces: an outlet opens here whatever else is chosen."""

from __future__ import annotations

import pytest

from siteopt.findings import Findings
from tests.programs import INF, accepted, judged, row_of_spaces, rule, solved, stated

WORLD = row_of_spaces(2, 2, slots=[2, 2])


def test_a_list_of_ids_asks_for_an_outlet_of_any_type() -> None:
    assert stated(WORLD, rule("required", sites=["s001"])) == [("s001", {"s001/t0": 1.0, "s001/t1": 1.0}, 1.0, INF)]


def test_a_table_asks_for_each_named_type() -> None:
    assert stated(WORLD, rule("required", sites={"s001": ["t0", "t1"], "s000": "t1"})) == [
        ("s001: t0", {"s001/t0": 1.0}, 1.0, INF),
        ("s001: t1", {"s001/t1": 1.0}, 1.0, INF),
        ("s000: t1", {"s000/t1": 1.0}, 1.0, INF),
    ]


@pytest.mark.parametrize("sites", [["s001"], ["s000", "s001"], {"s001": "t1"}, {"s000": ["t0", "t1"]}])
def test_judge_agrees_with_rows_on_every_plan(sites: object) -> None:
    kept = accepted(WORLD, rule("required", sites=sites))
    assert [] not in kept and kept


def test_an_outlet_that_stands_there_today_is_enough() -> None:
    world = row_of_spaces(2, 2, standing=[[1, 0], [0, 0]])
    assert stated(world, rule("required", sites=["s000"])) == []
    assert judged(world, rule("required", sites=["s000"]), [])
    assert stated(world, rule("required", sites={"s000": "t1"})) == [("s000: t1", {"s000/t1": 1.0}, 1.0, INF)]
    accepted(world, rule("required", sites=["s000"]))


def test_a_type_that_the_space_does_not_allow_cannot_be_required() -> None:
    world = row_of_spaces(2, 2, allowed=[[1, 0], [1, 1]])
    impossible = rule("required", sites={"s000": "t1"})
    assert stated(world, impossible) == [("s000: t1", {}, 1.0, INF)]
    assert accepted(world, impossible) == []
    for engine in ("highs", "pulp"):
        assert solved(world, [impossible], by=engine).answer.status == "infeasible"


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_a_required_space_opens_although_it_serves_nobody_and_costs_money(engine: str) -> None:
    world = row_of_spaces(2, people=[0, 20], cost=[[9.0], [1.0]])
    assert solved(world, by=engine).opened == ["s001/t0"]
    assert solved(world, [rule("required", sites=["s000"])], by=engine).opened == ["s000/t0", "s001/t0"]


def test_check_reports_unknown_sites_and_types_once_each() -> None:
    findings = Findings()
    rule("required", "must", sites={"s0001": ["t0", "t7"]}).check(WORLD, findings, "s.yaml")
    assert [(f.code, f.field, f.value) for f in findings] == [
        ("rule_unknown_site", "constraints.must", "s0001"),
        ("rule_unknown_type", "constraints.must", "t7"),
    ]
