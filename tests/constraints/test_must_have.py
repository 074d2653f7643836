"""Must-have outlets: lists by tier, types that stand in, and the two readings of 或大型商超."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.world import World
from tests.norm_worlds import found, town, verdicts
from tests.programs import INF, Rule, accepted, judged, rule, solved, stated

NAMES = ("market", "super", "restaurant", "salon", "large")


def neighbourhood(n_types: int = 5, n: int = 1, **over: object) -> World:
    """One space that takes everything; the types of 邻里社区, or some of them."""
    world = town(n, n_types, **({"communities": [{"id": "A", "tier": "community"}]} | over))  # type: ignore[arg-type]
    return replace(world, types=replace(world.types, type_id=NAMES[:n_types]))


def readings(mode: str) -> Rule:
    return rule(
        "must_have",
        groups=["market", "super", "restaurant", "salon"],
        or_types=["large"],
        or_for=["market", "super"],
        mode=mode,
        tiers=["community"],
    )


def test_the_rows_ask_for_one_of_each_group() -> None:
    two = rule("must_have", groups=["market", ["super", "restaurant"]])
    assert stated(neighbourhood(3), two) == [
        ("A: market", {"s000/market": 1.0}, 1.0, INF),
        ("A: super / restaurant", {"s000/super": 1.0, "s000/restaurant": 1.0}, 1.0, INF),
    ]
    assert sorted(accepted(neighbourhood(3), two)) == [
        [(0, 0), (0, 1)],
        [(0, 0), (0, 1), (0, 2)],
        [(0, 0), (0, 2)],
    ]


def test_all_of_lets_a_large_store_stand_in_for_market_and_supermarket_only() -> None:
    kept = accepted(neighbourhood(), readings("all_of"))
    # restaurant (2) and salon (3) always; market and supermarket, or the large store
    assert all((0, 2) in plan and (0, 3) in plan for plan in kept)
    assert [(0, 2), (0, 3), (0, 4)] in kept
    assert [(0, 0), (0, 1), (0, 2), (0, 3)] in kept
    assert [(0, 4)] not in kept and [(0, 0), (0, 2), (0, 3)] not in kept


def test_any_of_is_all_four_or_a_large_store() -> None:
    kept = accepted(neighbourhood(), readings("any_of"))
    every = [list(c) for size in range(6) for c in combinations(range(5), size)]
    meant = [plan for plan in every if set(plan) >= {0, 1, 2, 3} or 4 in plan]
    assert sorted([t for _, t in plan] for plan in kept) == sorted(meant)


def test_any_one_of_the_list_is_a_single_group() -> None:
    one = rule("must_have", groups=[list(NAMES)])
    assert len(accepted(neighbourhood(), one)) == 2**5 - 1


def test_a_fresh_supermarket_may_stand_for_the_market() -> None:
    either = rule("must_have", groups=[["market", "super"]])
    assert judged(neighbourhood(2), either, [(0, 1)]) and not judged(neighbourhood(2), either, [])


def test_what_stands_today_is_enough() -> None:
    world = neighbourhood(2, standing=[[1, 0]])
    both = rule("must_have", groups=["market", "super"])
    assert [s for s, *_ in stated(world, both)] == ["A: super"]
    assert accepted(world, both) == [[(0, 1)]]
    market, supermarket = verdicts(world, both, [(0, 1)])
    assert (market.need, market.got, market.sense, market.unit, market.holds) == (1.0, 1.0, "ge", "outlets", True)
    assert dict(market.detail) == {"any_of": ["market"], "standing": 1, "new": 0}
    assert dict(supermarket.detail) == {"any_of": ["super"], "standing": 0, "new": 1}


def test_only_communities_of_the_named_tiers_are_bound() -> None:
    about = [{"id": "A", "tier": "block"}, {"id": "B", "tier": "centre"}, {"id": "C", "tier": "community"}]
    world = neighbourhood(1, 3, communities=about, site_community=[0, 1, 2])
    small = rule("must_have", groups=["market"], tiers=["block", "centre"])
    assert [s for s, *_ in stated(world, small)] == ["A: market", "B: market"]
    assert [s for s, *_ in stated(world, rule("must_have", groups=["market"]))] == [
        "A: market",
        "B: market",
        "C: market",
    ]
    only = rule("must_have", groups=["market"], tiers=["block", "centre"], communities=["B", "C"])
    assert [s for s, *_ in stated(world, only)] == ["B: market"]
    accepted(world, small)


def test_a_community_without_a_tier_is_not_checked_and_asked_for() -> None:
    world = neighbourhood(1, communities=[{"id": "A"}])
    small = rule("must_have", groups=["market"], tiers=["block"])
    (verdict,) = verdicts(world, small)
    assert (verdict.subject, verdict.checked, verdict.holds, verdict.detail["missing"]) == ("A", False, False, "tier")
    assert stated(world, small) == []
    assert [(f.severity, f.code, f.row, f.field, f.value) for f in found(world, small)] == [
        ("warning", "must_have_no_tier", "fid 1", "tier", "A")
    ]
    assert found(world, rule("must_have", groups=["market"])) == []


def test_a_tier_of_another_scheme_is_no_tier() -> None:
    world = neighbourhood(1, communities=[{"id": "A", "tier": "village"}])
    small = rule("must_have", groups=["market"], tiers=["block"])
    assert [(v.checked, v.holds) for v in verdicts(world, small)] == [(False, False)]
    assert [f.code for f in found(world, small)] == ["must_have_no_tier"]


def test_an_outlet_of_the_neighbours_is_enough_where_reach_counts() -> None:
    about = [{"id": "A"}, {"id": "B"}]
    # spaces and cells 1 km apart, a walk of 13 minutes reaches the next one, not the one after it
    world = town(
        3, 1, communities=about, site_community=[0, 1, 1], cell_community=[0, 1, 1], types={"limit_min": [13.0]}
    )
    near = rule("must_have", groups=["t0"], within="reach")
    inside = rule("must_have", groups=["t0"])
    assert judged(world, near, [(1, 0)]) and not judged(world, inside, [(1, 0)])
    assert {s: sorted(t) for s, t, _, _ in stated(world, near)} == {
        "A: t0": ["s000/t0", "s001/t0"],
        "B: t0": ["s000/t0", "s001/t0", "s002/t0"],
    }
    accepted(world, near)
    empty = replace(world, cells=replace(world.cells, people=np.array([[0.0], [5.0], [5.0]])))
    assert not judged(empty, near, [(1, 0)])  # nobody lives in A


def test_a_circle_wider_than_another_does_not_stand_in_for_it_unsaid() -> None:
    world = neighbourhood(2, types={"limit_min": np.array([5.0, 15.0])})
    (finding,) = found(world, rule("must_have", groups=[["market", "super"]]))
    assert (finding.severity, finding.code, finding.value, finding.facts["limits"]) == (
        "warning",
        "must_have_mixes_levels",
        "market / super",
        "5 / 15",
    )
    assert found(world, rule("must_have", groups=[["market", "super"]], mixed_levels=True)) == []
    assert found(world, rule("must_have", groups=["market", "super"])) == []


def test_types_that_the_scenario_lacks_are_errors() -> None:
    missing = rule("must_have", groups=["market", ["supper"]], or_types=["large"], or_for=["market"])
    assert list(missing.params.references()["types"]) == ["market", "supper", "large"]
    assert [(f.severity, f.code, f.value) for f in found(neighbourhood(2), missing)] == [
        ("error", "rule_unknown_type", "supper"),
        ("error", "rule_unknown_type", "large"),
    ]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"mode": "any_of"}, "must_have_any_of_what"),
        ({"or_types": ["large"]}, "must_have_or_for_what"),
        ({"or_for": ["market"]}, "must_have_or_for_what"),
        ({"or_types": ["large"], "or_for": ["salon"]}, "must_have_or_for_stray"),
    ],
)
def test_half_said_substitutes_are_refused(params: dict[str, object], code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        rule("must_have", groups=["market"], **params)
    assert [e["type"] for e in caught.value.errors()] == [code]


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_engine_takes_the_cheaper_reading(engine: str) -> None:
    world = neighbourhood(cost=[[3.0, 3.0, 3.0, 3.0, 7.0]], people=[0.0], area=[1000.0])
    assert solved(world, [readings("any_of")], by=engine).opened == ["s000/large"]
    assert solved(world, [readings("all_of")], by=engine).opened == [
        "s000/market",
        "s000/super",
        "s000/restaurant",
        "s000/salon",
    ]
