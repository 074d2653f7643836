"""Parcel compartments: Σ q (standing + new) >= alpha * households."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.world import World
from tests.norm_worlds import found, town, verdicts
from tests.programs import INF, accepted, judged, rule, solved, stated

FIFTH = rule("lockers", compartments_per_household=0.2)


def estate(households: float = 600, compartments: tuple[float, float] = (84.0, 40.0), **over: object) -> World:
    """Two spaces; t0 and t1 are lockers, t2 is none."""
    about = [{"id": "A", "households": households}]
    return town(2, 3, communities=about, types={"compartments": np.array([*compartments, np.nan])}, **over)  # type: ignore[arg-type]


def test_the_rows_add_up_compartments_of_lockers_only() -> None:
    ((subject, terms, lower, upper),) = stated(estate(), FIFTH)
    assert (subject, lower, upper) == ("A", 120.0, INF)
    assert terms == {"s000/t0": 84.0, "s000/t1": 40.0, "s001/t0": 84.0, "s001/t1": 40.0}


def test_exactly_a_fifth_is_enough_and_one_household_more_is_not() -> None:
    assert judged(estate(620), FIFTH, [(0, 0), (0, 1)])
    assert not judged(estate(621), FIFTH, [(0, 0), (0, 1)])
    assert [(0, 0), (0, 1)] in accepted(estate(620), FIFTH)
    assert [(0, 0), (0, 1)] not in accepted(estate(621), FIFTH)


def test_a_share_of_a_compartment_is_asked_for_in_full() -> None:
    # 0.2 · 201 = 40.2: 40 are not enough, 41 are
    assert [low for _, _, low, _ in stated(estate(201), FIFTH)] == [41.0]
    (verdict,) = verdicts(estate(201), FIFTH, [(0, 1)])
    assert (verdict.need, verdict.got, verdict.unit, verdict.holds) == (41.0, 40.0, "compartments", False)
    accepted(estate(201), FIFTH)


def test_lockers_that_stand_count() -> None:
    world = estate(standing=[[1, 0, 0], [0, 0, 0]])
    assert [low for _, _, low, _ in stated(world, FIFTH)] == [36.0]
    assert [(1, 1)] in accepted(world, FIFTH) and [] not in accepted(world, FIFTH)
    (verdict,) = verdicts(world, FIFTH, [(1, 1)])
    assert dict(verdict.detail) == {"standing": 84.0, "new": 40.0, "households": 600.0}


def test_what_the_layer_says_of_a_standing_locker_goes_before_its_type() -> None:
    standing = [[1, 1, 0], [0, 0, 1]]
    world = estate(standing=standing, sites={"compartments": np.array([50.0, np.nan])})
    (verdict,) = verdicts(world, FIFTH)
    assert verdict.detail["standing"] == 50.0
    inside_a_shop = estate(standing=standing, sites={"compartments": np.array([np.nan, 30.0])})
    (verdict,) = verdicts(inside_a_shop, FIFTH)
    assert verdict.detail["standing"] == 84.0 + 40.0 + 30.0  # t2 has none by itself, this outlet of it has
    accepted(inside_a_shop, FIFTH)


def test_only_the_named_types_count() -> None:
    one = rule("lockers", compartments_per_household=0.2, types=["t1"])
    ((_, terms, _, _),) = stated(estate(), one)
    assert sorted(terms) == ["s000/t1", "s001/t1"]
    assert not judged(estate(), one, [(0, 0), (1, 0)])


def test_without_households_it_is_not_checked() -> None:
    world = estate(np.nan)
    assert stated(world, FIFTH) == []
    assert [(v.checked, v.holds) for v in verdicts(world, FIFTH)] == [(False, False)]
    assert [(f.severity, f.code, f.field) for f in found(world, FIFTH)] == [
        ("warning", "norm_figure_missing", "households")
    ]


def test_types_without_compartments_are_errors() -> None:
    named = rule("lockers", compartments_per_household=0.2, types=["t2"])
    assert [(f.severity, f.code, f.field, f.value) for f in found(estate(), named)] == [
        ("error", "lockers_no_compartments", "types.t2.compartments", "t2")
    ]
    assert [f.code for f in found(estate(compartments=(np.nan, np.nan)), FIFTH)] == ["lockers_no_type"]


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_cheapest_lockers_that_are_enough_are_found(engine: str) -> None:
    cost = [[10.0, 4.0, 1.0], [10.0, 4.0, 1.0]]
    # 80 compartments: 84 for 10, or 40 + 40 for 8; nobody lives here, so only money decides
    world = town(
        2, 3, communities=[{"id": "A", "households": 400}], cost=cost, people=[0.0, 0.0],
        types={"compartments": np.array([84.0, 40.0, np.nan])},
    )  # fmt: skip
    assert solved(world, [FIFTH], by=engine).opened == ["s000/t1", "s001/t1"]


def test_there_is_no_default_of_another_province() -> None:
    with pytest.raises(ValidationError):
        rule("lockers")
