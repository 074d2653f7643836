"""Floor area: the outlets in a space fit into it, in whole square decimetres."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.world import World
from tests.programs import INF, accepted, judged, minutes_of, plan_with, row_of_spaces, rule, solved, stated

FITS = rule("space_area")


def rooms(area: list[float], outlet: list[float], standing_m2: list[float] | None = None) -> World:
    """Spaces of these areas, outlet types of these areas, room for any number of outlets by slots."""
    n, k = len(area), len(outlet)
    world = row_of_spaces(n, k, area=area, types={"area_m2": np.array(outlet)}, slots=[9] * n)
    if standing_m2 is None:
        return world
    return replace(world, sites=replace(world.sites, standing_area_m2=np.array(standing_m2)))


def test_the_row_is_in_square_metres_of_outlet() -> None:
    world = rooms([100.0, 200.0], [60.0, 80.5])
    assert stated(world, FITS) == [("s000", {"s000/t0": 60.0, "s000/t1": 80.5}, -INF, 100.0)]


def test_a_space_that_everything_fits_into_needs_no_row() -> None:
    assert stated(rooms([140.5], [60.0, 80.5]), FITS) == []
    assert stated(rooms([140.49], [60.0, 80.5]), FITS) != []


def test_outlets_that_fit_exactly_are_allowed_and_a_square_decimetre_more_is_not() -> None:
    # 33.1 + 66.9 is 100.00000000000001 in floats
    assert judged(rooms([100.0], [33.1, 66.9]), FITS, [(0, 0), (0, 1)])
    assert not judged(rooms([99.99], [33.1, 66.9]), FITS, [(0, 0), (0, 1)])
    assert len(accepted(rooms([100.0], [33.1, 66.9]), FITS)) == 4
    assert len(accepted(rooms([99.99], [33.1, 66.9]), FITS)) == 3


def test_what_stands_in_the_space_takes_its_area() -> None:
    world = rooms([100.0], [40.0, 50.0], standing_m2=[30.0])
    assert stated(world, FITS) == [("s000", {"s000/t0": 40.0, "s000/t1": 50.0}, -INF, 70.0)]
    assert accepted(world, FITS) == [[], [(0, 1)], [(0, 0)]]


def test_a_space_that_is_overfull_today_is_no_fault_of_a_plan_that_leaves_it_alone() -> None:
    world = rooms([100.0], [40.0, 0.0], standing_m2=[130.0])
    assert stated(world, FITS) == [("s000", {"s000/t0": 40.0}, -INF, 0.0)]
    assert accepted(world, FITS) == [[], [(0, 1)]]  # a locker of no area may still come


def test_a_space_with_no_area_takes_only_outlets_that_need_none() -> None:
    world = rooms([0.0], [0.0, 0.01])
    assert accepted(world, FITS) == [[], [(0, 0)]]
    assert solved(world).opened == ["s000/t0"]


@pytest.mark.parametrize("seed", range(4))
def test_judge_agrees_with_rows_on_every_plan_of_random_rooms(seed: int) -> None:
    r = np.random.default_rng(seed)
    world = rooms(r.integers(0, 15, 3) * 10.01, r.integers(0, 9, 3) * 10.01, r.integers(0, 4, 3) * 20.02)
    accepted(world, FITS)


def test_the_rule_is_physical_and_never_gives_way_in_a_diagnosis() -> None:
    assert FITS.always
    world = rooms([10.0], [20.0])
    (block,) = FITS.rows(solved(world).problem, solved(world).program.columns)
    assert not block.elastic


def test_the_verdict_tells_area_used_and_area_there() -> None:
    world = rooms([100.0, 50.0], [40.0], standing_m2=[30.0, 0.0])
    (verdict,) = FITS.judge(world, minutes_of(world), plan_with(world, [(0, 0)]))
    assert (verdict.subject, verdict.need, verdict.got, verdict.unit, verdict.holds) == ("s000", 100, 70, "m2", True)
