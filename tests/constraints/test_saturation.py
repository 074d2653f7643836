"""Saturation: standing + new area <= cap * people / 1,000, in square decimetres."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.world import World
from tests.norm_worlds import found, town, verdicts
from tests.programs import INF, accepted, judged, rule, stated

CAP = rule("saturation", m2_per_1000_people=650)


def quarter(people: float = 200.0, area: tuple[float, float] = (80.0, 50.0), **over: object) -> World:
    """One community; 650 m2 for 1,000 make 130 m2 for 200 people."""
    about = {"area_m2": np.array(area), "sector": ["shopping", "catering"]}
    world = town(2, 2, types=about, **over)  # type: ignore[arg-type]
    return replace(world, cells=replace(world.cells, people=np.array([[people], [0.0]])))


def test_the_rows_hold_areas_to_the_cap() -> None:
    ((subject, terms, lower, upper),) = stated(quarter(), CAP)
    assert (subject, lower, upper) == ("A", -INF, 130.0)
    assert terms == {"s000/t0": 80.0, "s000/t1": 50.0, "s001/t0": 80.0, "s001/t1": 50.0}


def test_exactly_the_cap_is_allowed_and_a_square_decimetre_more_is_not() -> None:
    assert judged(quarter(), CAP, [(0, 0), (1, 1)])
    assert not judged(quarter(area=(80.0, 50.01)), CAP, [(0, 0), (1, 1)])
    assert [(0, 0), (1, 1)] in accepted(quarter(), CAP)
    assert [(0, 0), (1, 1)] not in accepted(quarter(area=(80.0, 50.01)), CAP)


def test_a_cap_of_uneven_decimetres_is_compared_as_a_fraction() -> None:
    # 650 · 200.001 / 1000 = 130.00065 m2: 130.00 holds, 130.01 does not
    assert judged(quarter(200.001), CAP, [(0, 0), (1, 1)])
    assert not judged(quarter(200.001, (80.0, 50.01)), CAP, [(0, 0), (1, 1)])
    accepted(quarter(200.001, (80.0, 50.01)), CAP)


def test_what_stands_counts_and_stays() -> None:
    standing = [[1, 0], [0, 0]]
    world = quarter(standing=standing, sites={"standing_area_m2": np.array([100.0, 0.0])})
    assert [(u, sorted(t)) for _, t, _, u in stated(world, CAP)] == [(30.0, ["s000/t1", "s001/t0", "s001/t1"])]
    assert accepted(world, CAP) == [[]]
    crowded = quarter(standing=standing, sites={"standing_area_m2": np.array([500.0, 0.0])})
    assert accepted(crowded, CAP) == [[]]
    (verdict,) = verdicts(crowded, CAP)
    assert (verdict.need, verdict.got, verdict.holds) == (500.0, 500.0, True)


def test_an_outlet_whose_area_nobody_says_counts_as_large_as_its_type() -> None:
    world = quarter(standing=[[1, 0], [0, 0]])
    assert [u for _, _, _, u in stated(world, CAP)] == [50.0]
    (finding,) = found(world, CAP)
    assert (finding.code, finding.value, finding.facts["count"]) == ("norm_standing_area_unsaid", "s000", 1)


def test_an_area_shared_by_two_outlets_is_split_by_their_types() -> None:
    world = quarter(standing=[[1, 1], [0, 0]], sites={"standing_area_m2": np.array([65.0, 0.0])})
    shops = rule("saturation", m2_per_1000_people=650, sectors=["shopping"])
    (verdict,) = verdicts(world, shops)
    assert verdict.got == 40.0


def test_sectors_and_types_narrow_what_counts() -> None:
    ((_, terms, _, _),) = stated(quarter(), rule("saturation", m2_per_1000_people=650, sectors=["catering"]))
    assert sorted(terms) == ["s000/t1", "s001/t1"]
    none = rule("saturation", m2_per_1000_people=650, sectors=["catering"], types=["t0"])
    assert [t for _, t, _, _ in stated(quarter(), none)] == [{}]
    accepted(quarter(), none)


def test_the_communities_own_figure_may_stand_for_today() -> None:
    by_figure = rule("saturation", m2_per_1000_people=650, today="commercial_area")
    world = quarter(communities=[{"id": "A", "commercial_area_m2": 70.0}], standing=[[1, 0], [0, 0]])
    assert [u for _, _, _, u in stated(world, by_figure)] == [60.0]
    assert found(world, by_figure) == []
    accepted(world, by_figure)


def test_an_add_on_in_a_standing_outlet_takes_no_new_area() -> None:
    world = quarter()
    world = replace(
        world, sites=replace(world.sites, kind=np.array(["existing_outlet", "idle_premises"], dtype=object))
    )
    ((_, terms, _, _),) = stated(world, CAP)
    assert all(name.startswith("s001") for name in terms)


def test_a_type_without_sector_is_an_error_where_sectors_count() -> None:
    world = town(1, 1)
    assert [f.code for f in found(world, rule("saturation", m2_per_1000_people=1, sectors=["other"]))] == [
        "norm_sector_missing"
    ]
    assert found(world, CAP) == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"types": ["t0"], "today": "commercial_area"}, "saturation_of_all"),
        ({"per": "all", "today": "commercial_area"}, "saturation_by_community"),
    ],
)
def test_a_figure_that_is_not_kept_so_is_refused(params: dict[str, object], code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        rule("saturation", m2_per_1000_people=650, **params)
    assert [e["type"] for e in caught.value.errors()] == [code]
