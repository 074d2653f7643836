"""Counts of outlets per type, in all or in each community."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from siteopt.findings import Findings
from tests.programs import INF, accepted, judged, minutes_of, plan_with, row_of_spaces, rule, solved, stated
from tests.worlds import make_communities

TWO = make_communities([{"id": "east"}, {"id": "west"}])
# t0 stands in s000 today; s000 and s001 lie in east, s002 in west
WORLD = row_of_spaces(
    3, 2, standing=[[1, 0], [0, 0], [0, 0]], site_community=[0, 0, 1], communities=TWO, slots=[2, 2, 2]
)


def test_what_stands_today_counts_towards_both_ends() -> None:
    assert stated(WORLD, rule("count", min=2, max=2, types=["t0"])) == [
        ("t0", {"s001/t0": 1.0, "s002/t0": 1.0}, 1.0, 1.0)
    ]


def test_without_existing_outlets_only_new_ones_count() -> None:
    assert stated(WORLD, rule("count", min=1, max=2, types=["t0"], count_existing=False)) == [
        ("t0", {"s001/t0": 1.0, "s002/t0": 1.0}, 1.0, 2.0)
    ]


def test_each_type_and_each_community_is_counted_by_itself() -> None:
    assert stated(WORLD, rule("count", max=1, per="community")) == [
        ("east: t0", {"s001/t0": 1.0}, -INF, 0.0),
        ("west: t0", {"s002/t0": 1.0}, -INF, 1.0),
        ("east: t1", {"s000/t1": 1.0, "s001/t1": 1.0}, -INF, 1.0),
        ("west: t1", {"s002/t1": 1.0}, -INF, 1.0),
    ]


def test_named_communities_are_counted_together() -> None:
    assert stated(WORLD, rule("count", min=1, types=["t1"], communities=["west"])) == [
        ("t1", {"s002/t1": 1.0}, 1.0, INF)
    ]


def test_exactly_the_most_and_exactly_the_least_are_allowed() -> None:
    exactly_two = rule("count", min=2, max=2, types=["t1"])
    assert judged(WORLD, exactly_two, [(0, 1), (2, 1)])
    assert not judged(WORLD, exactly_two, [(0, 1)])
    assert not judged(WORLD, exactly_two, [(0, 1), (1, 1), (2, 1)])
    assert {len([1 for _, t in plan if t == 1]) for plan in accepted(WORLD, exactly_two)} == {2}


def test_existing_outlets_above_the_most_stay_but_none_is_added() -> None:
    none = rule("count", max=0, types=["t0"])
    assert stated(WORLD, none) == [("t0", {"s001/t0": 1.0, "s002/t0": 1.0}, -INF, 0.0)]
    assert all(t != 0 for plan in accepted(WORLD, none) for _, t in plan)
    (verdict,) = none.judge(WORLD, minutes_of(WORLD), plan_with(WORLD, []))
    assert (verdict.need, verdict.got, verdict.holds) == (1.0, 1.0, True)


@pytest.mark.parametrize(
    "params",
    [
        {"max": 1},
        {"min": 1, "max": 2, "per": "community"},
        {"min": 3, "types": ["t0"]},
        {"min": 4, "types": ["t0"]},
        {"max": 1, "communities": ["east"]},
        {"min": 1, "count_existing": False, "communities": ["east"]},
    ],
)
def test_judge_agrees_with_rows_on_every_plan(params: dict[str, object]) -> None:
    assert len(accepted(WORLD, rule("count", **params))) < 32


def test_a_count_that_no_space_can_meet_is_infeasible_and_so_are_its_rows() -> None:
    assert accepted(WORLD, rule("count", min=4, types=["t0"])) == []
    assert solved(WORLD, [rule("count", min=4, types=["t0"])]).answer.status == "infeasible"


def test_the_least_is_opened_even_where_nobody_gains() -> None:
    # t0 stands in s000 already and serves c000; a second one in the same place serves nobody new
    world = row_of_spaces(2, standing=[[1], [0]], people=[10, 0], cost=[[1.0], [7.0]])
    assert solved(world).opened == []
    assert solved(world, [rule("count", min=2)]).opened == ["s001/t0"]


def test_a_range_that_is_upside_down_is_refused() -> None:
    with pytest.raises(ValidationError, match="max 1 is below min 2"):
        rule("count", min=2, max=1)


def test_check_reports_unknown_communities_and_a_place_without_any() -> None:
    findings = Findings()
    rule("count", max=1, communities=["wst"]).check(WORLD, findings, "s.yaml")
    rule("count", max=1, per="community").check(row_of_spaces(1), findings, "s.yaml")
    assert [(f.code, f.value, f.facts.get("nearest")) for f in findings] == [
        ("rule_unknown_community", "wst", "west"),
        ("rule_needs_communities", "count", None),
    ]
