"""Elderly-care area: new communities by residential floor area, old ones by households."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.world import World
from tests.norm_worlds import found, town, verdicts
from tests.programs import INF, accepted, judged, rule, solved, stated

LAW = rule("elderly_area")


def place(area: tuple[float, float] = (300.0, 150.0), n: int = 2, **community: object) -> World:
    """t0 and t1 are elderly care, t2 is not."""
    about = {"id": "A", "elderly_m2": 0.0} | community
    types = {"area_m2": np.array([*area, 500.0]), "service": ["elderly_care", "elderly_care", "community_service"]}
    return town(n, 3, communities=[about], types=types)


def new(residential_m2: float = 100_000.0, area: tuple[float, float] = (300.0, 150.0), **community: object) -> World:
    return place(area, residential_m2=residential_m2, **community)


def old(households: float = 1000.0, area: tuple[float, float] = (300.0, 150.0), **community: object) -> World:
    return place(area, **({"age_class": "old", "households": households} | community))


def test_new_communities_need_three_in_a_thousand_and_each_facility_its_size() -> None:
    area, small = stated(new(), LAW)
    terms = {"s000/t0": 300.0, "s000/t1": 150.0, "s001/t0": 300.0, "s001/t1": 150.0}
    assert area == ("A", terms, 300.0, INF)
    assert small == ("A", {"s000/t1": 1.0, "s001/t1": 1.0}, -INF, 0.0)


def test_exactly_three_in_a_thousand_is_enough() -> None:
    assert judged(new(), LAW, [(0, 0)])
    assert not judged(new(100_004.0), LAW, [(0, 0)])  # 300.012 m2
    assert [(0, 0)] in accepted(new(), LAW)
    assert [(0, 0)] not in accepted(new(100_004.0), LAW)


def test_a_facility_of_exactly_the_least_size_opens_and_a_smaller_one_does_not() -> None:
    assert judged(new(100_000.0, (300.0, 150.0)), LAW, [(0, 0)])
    world = new(90_000.0, (299.99, 300.0))
    assert not judged(world, LAW, [(0, 0)]) and judged(world, LAW, [(0, 1)])
    assert all((j, 0) not in plan for plan in accepted(world, LAW) for j in (0, 1))


def test_old_communities_need_twenty_for_a_hundred_households_and_three_hundred_at_least() -> None:
    assert [(low, up) for _, _, low, up in stated(old(1000), LAW)] == [(300.0, INF)]
    assert [low for _, _, low, _ in stated(old(1501), LAW)] == [300.2]
    assert judged(old(1500), LAW, [(0, 1), (1, 1)])
    assert not judged(old(1501), LAW, [(0, 1), (1, 1)])
    assert [(0, 1), (1, 1)] in accepted(old(1500), LAW)
    assert [(0, 1), (1, 1)] not in accepted(old(1501), LAW)


def test_what_stands_today_counts() -> None:
    assert [low for _, _, low, _ in stated(old(1000, elderly_m2=160.0), LAW)] == [140.0]
    assert [(0, 1)] in accepted(old(1000, elderly_m2=160.0), LAW)
    assert stated(old(1000, elderly_m2=300.0), LAW) == []
    (verdict,) = verdicts(old(1000, elderly_m2=160.0), LAW, [(0, 1)])
    assert (verdict.need, verdict.got, verdict.unit, verdict.holds) == (300.0, 310.0, "m2", True)
    assert dict(verdict.detail) == {"standing": 160.0, "new": 150.0, "norm": "old", "households": 1000.0}


def test_outlets_listed_stand_for_an_area_that_is_not_given() -> None:
    world = town(
        2,
        1,
        communities=[{"id": "A", "age_class": "old", "households": 10}],
        types={"area_m2": np.array([100.0]), "service": ["elderly_care"]},
        standing=[[1], [0]],
        sites={"standing_area_m2": np.array([220.0, 0.0])},
    )
    assert [low for _, _, low, _ in stated(world, LAW)] == [80.0]
    (finding,) = found(world, LAW)
    assert (finding.code, finding.field, finding.value, finding.facts["area"]) == (
        "norm_standing_missing",
        "elderly_m2",
        "A",
        220.0,
    )


def test_a_standing_outlet_of_unknown_area_is_not_taken_for_its_types_area() -> None:
    world = town(
        1,
        1,
        communities=[{"id": "A", "age_class": "old", "households": 10}],
        types={"area_m2": np.array([400.0]), "service": ["elderly_care"]},
        standing=[[1]],
    )
    assert [v.got for v in verdicts(world, LAW)] == [0.0]


def test_mature_communities_are_under_the_norm_that_is_asked_for() -> None:
    about = {"age_class": "mature", "households": 2000.0, "residential_m2": 200_000.0}
    assert [low for _, _, low, _ in stated(place(**about), LAW)] == [400.0]
    assert next(low for _, _, low, _ in stated(place(**about), rule("elderly_area", mature="new"))) == 600.0
    assert stated(place(**about), rule("elderly_area", mature="off")) == []


@pytest.mark.parametrize(
    ("world", "column"), [(new(np.nan), "residential_m2"), (old(np.nan), "households")], ids=["new", "old"]
)
def test_a_missing_figure_is_asked_for_and_the_area_not_checked(world: World, column: str) -> None:
    assert [(f.severity, f.code, f.field) for f in found(world, LAW)] == [("warning", "norm_figure_missing", column)]
    verdict = verdicts(world, LAW)[0]
    assert (verdict.checked, verdict.holds, verdict.detail["missing"]) == (False, False, column)
    assert all(low == -INF for _, _, low, _ in stated(world, LAW))
    accepted(world, LAW)


def test_small_facilities_stay_shut_in_new_communities_even_where_the_floor_area_is_not_known() -> None:
    assert not judged(new(np.nan), LAW, [(0, 1)])


def test_each_new_facility_of_a_new_community_has_a_verdict() -> None:
    of_area, of_site = verdicts(new(), LAW, [(1, 0)])
    assert (of_area.subject, of_site.subject) == ("A", "s001: t0")
    assert (of_site.need, of_site.got, of_site.sense, of_site.unit, of_site.holds) == (300.0, 300.0, "ge", "m2", True)


def test_without_any_elderly_type_the_rule_says_so() -> None:
    world = town(1, communities=[{"id": "A", "residential_m2": 1.0, "elderly_m2": 0.0}])
    assert [(f.severity, f.code, f.value) for f in found(world, LAW)] == [("error", "norm_no_type", "elderly_care")]
    assert found(world, rule("elderly_area", types=["t0"])) == []


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_engine_builds_what_the_law_asks(engine: str) -> None:
    world = town(
        2,
        1,
        communities=[{"id": "A", "residential_m2": 100_000.0, "elderly_m2": 0.0}],
        types={"area_m2": np.array([300.0]), "service": ["elderly_care"]},
        people=[0.0, 0.0],
        cost=[[9.0], [5.0]],
        area=[300.0, 300.0],
    )
    assert solved(world, [LAW], by=engine).opened == ["s001/t0"]


def test_a_share_above_one_is_refused() -> None:
    with pytest.raises(ValidationError):
        rule("elderly_area", new_share=3.0)
