"""Community service area: standing + new >= 0.30 m2 for each household."""

from __future__ import annotations

import numpy as np
import pytest

from siteopt.world import World
from tests.norm_worlds import found, town, verdicts
from tests.programs import INF, accepted, judged, rule, solved, stated

NORM = rule("service_area")


def quarter(households: float = 1000.0, area: float = 100.0, **community: object) -> World:
    """t0 is community service, t1 elderly care, t2 a shop."""
    about = {"id": "A", "households": households, "service_m2": 0.0} | community
    types = {"area_m2": np.array([area, 200.0, 50.0]), "service": ["community_service", "elderly_care", ""]}
    return town(2, 3, communities=[about], types=types)


def test_the_rows_ask_for_thirty_for_a_hundred_households_elderly_care_included() -> None:
    terms = {"s000/t0": 100.0, "s000/t1": 200.0, "s001/t0": 100.0, "s001/t1": 200.0}
    assert stated(quarter(), NORM) == [("A", terms, 300.0, INF)]


def test_exactly_thirty_is_enough_and_one_household_more_is_not() -> None:
    assert judged(quarter(), NORM, [(0, 0), (0, 1)])
    assert not judged(quarter(1001), NORM, [(0, 0), (0, 1)])
    assert not judged(quarter(1000, 99.99), NORM, [(0, 0), (0, 1)])
    assert [(0, 0), (0, 1)] in accepted(quarter(), NORM)
    assert [(0, 0), (0, 1)] not in accepted(quarter(1001), NORM)


def test_what_stands_today_counts_and_the_goal_is_told() -> None:
    world = quarter(service_m2=250.0)
    assert [low for _, _, low, _ in stated(world, NORM)] == [50.0]
    (verdict,) = verdicts(world, NORM, [(0, 0)])
    assert (verdict.need, verdict.got, verdict.holds) == (300.0, 350.0, True)
    assert dict(verdict.detail) == {"standing": 250.0, "new": 100.0, "households": 1000.0, "goal_m2": 800.0}
    accepted(world, NORM)


def test_only_named_ages_and_types_count() -> None:
    assert stated(quarter(age_class="old"), rule("service_area", age_classes=["new"])) == []
    ((_, terms, _, _),) = stated(quarter(), rule("service_area", types=["t2"]))
    assert sorted(terms) == ["s000/t2", "s001/t2"]


def test_missing_figures_are_asked_for() -> None:
    world = quarter(np.nan, service_m2=np.nan)
    assert [(f.severity, f.code, f.field) for f in found(world, NORM)] == [
        ("warning", "norm_figure_missing", "households")
    ]
    assert [(v.checked, v.holds) for v in verdicts(world, NORM)] == [(False, False)]
    assert stated(world, NORM) == []
    known = quarter(1000, service_m2=np.nan)
    assert [(f.code, f.field, f.facts["area"]) for f in found(known, NORM)] == [
        ("norm_standing_missing", "community_service_m2", 0.0)
    ]


def test_without_any_service_type_the_rule_says_so() -> None:
    world = town(1, communities=[{"id": "A", "households": 1.0, "service_m2": 0.0}])
    assert [f.code for f in found(world, NORM)] == ["norm_no_type"]


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_cheapest_way_to_the_norm_is_found(engine: str) -> None:
    world = town(
        2,
        2,
        communities=[{"id": "A", "households": 500, "service_m2": 0.0}],
        types={"area_m2": np.array([75.0, 150.0]), "service": ["community_service"] * 2},
        people=[0.0, 0.0],
        cost=[[4.0, 9.0], [4.0, 9.0]],
    )
    assert solved(world, [NORM], by=engine).opened == ["s000/t0", "s001/t0"]
