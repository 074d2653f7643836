"""Outlets per so many people: a least and a most number, rounded to whole outlets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.world import World
from tests.norm_worlds import found, town, verdicts
from tests.programs import INF, accepted, judged, rule, stated


def people(total: float, **over: object) -> World:
    world = town(3, **over)  # type: ignore[arg-type]
    return replace(world, cells=replace(world.cells, people=np.array([[total], [0.0], [0.0]])))


PHARMACIES = rule("per_people", types=["t0"], most_outlets=5, per_people=10_000)
SHOPS = rule("per_people", types=["t0"], least_outlets=1, per_people=2000)


def test_the_rows_hold_the_number_between_whole_bounds() -> None:
    both = rule("per_people", types=["t0"], least_outlets=0.4, most_outlets=1, per_people=1000)
    terms = {"s000/t0": 1.0, "s001/t0": 1.0, "s002/t0": 1.0}
    assert stated(people(2500), both) == [("A: t0", terms, 1.0, INF), ("A: t0", terms, -INF, 2.0)]


def test_five_for_ten_thousand_allow_one_for_two_thousand_people_and_none_below() -> None:
    assert judged(people(2000), PHARMACIES, [(0, 0)])
    assert not judged(people(1999), PHARMACIES, [(0, 0)])
    assert accepted(people(1999), PHARMACIES) == [[]]
    assert len(accepted(people(2000), PHARMACIES)) == 4
    assert not judged(people(3999.9), PHARMACIES, [(0, 0), (1, 0)])
    assert judged(people(4000), PHARMACIES, [(0, 0), (1, 0)])


def test_float_noise_in_head_counts_does_not_decide() -> None:
    world = people(0)
    world = replace(world, cells=replace(world.cells, people=np.array([[1999.9999999999], [0.0], [0.0]])))
    assert judged(world, PHARMACIES, [(0, 0)])


def test_a_least_number_is_rounded_up_or_down_as_asked() -> None:
    down = rule("per_people", types=["t0"], least_outlets=1, per_people=2000, rounding="down")
    assert [low for _, _, low, _ in stated(people(2001), SHOPS)] == [2.0]
    assert [low for _, _, low, _ in stated(people(3999), down)] == [1.0]
    assert stated(people(1999), down) == []
    assert [] in accepted(people(1999), down) and [] not in accepted(people(2000), down)


def test_outlets_above_the_most_stay_and_none_is_added() -> None:
    world = people(1000, standing=[[1], [1], [0]])
    assert accepted(world, PHARMACIES) == [[]]
    (verdict,) = verdicts(world, PHARMACIES)
    assert (verdict.need, verdict.got, verdict.sense, verdict.holds) == (2.0, 2.0, "le", True)
    assert dict(verdict.detail) == {"standing": 2.0, "new": 0.0, "people": 1000.0}


def test_the_whole_place_counts_people_outside_communities_too() -> None:
    world = people(1000)
    world = replace(world, cells=replace(world.cells, community=np.array([-1, 0, 0])))
    over_all = rule("per_people", types=["t0"], least_outlets=1, per="all")
    assert [(s, low) for s, _, low, _ in stated(world, over_all)] == [("t0", 1.0)]
    assert stated(world, rule("per_people", types=["t0"], least_outlets=1)) == []


def test_together_any_of_the_types_serves() -> None:
    world = town(1, 2)
    any_of = rule("per_people", types=["t0", "t1"], least_outlets=1, most_outlets=1, per_people=10, together=True)
    assert accepted(world, any_of) == [[(0, 1)], [(0, 0)]]
    assert {s for s, *_ in stated(world, any_of)} == {"A: t0 + t1"}


def test_the_rule_asks_for_communities_only_where_it_needs_them() -> None:
    world = town(1, communities=())
    world = replace(world, sites=replace(world.sites, community=np.array([-1])))
    assert [f.code for f in found(world, SHOPS)] == ["rule_needs_communities"]
    assert found(world, rule("per_people", types=["t0"], least_outlets=1, per="all")) == []


@pytest.mark.parametrize(
    ("params", "code"),
    [({}, "per_people_unsaid"), ({"least_outlets": 2, "most_outlets": 1}, "per_people_range")],
)
def test_bounds_that_say_nothing_or_cross_are_refused(params: dict[str, object], code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        rule("per_people", types=["t0"], **params)
    assert [e["type"] for e in caught.value.errors()] == [code]
