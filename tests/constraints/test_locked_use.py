"""Essential outlets keep their use; one that is demolished is replaced."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.world import World
from tests.land_worlds import codes_of, verdicts, with_sites
from tests.programs import INF, accepted, row_of_spaces, rule, solved, stated

GONE = rule("locked_use", demolished=["s000"])


def town(at_m: list[float], stands: list[int], cells_m: list[float], people: list[float] | None = None) -> World:
    """Spaces along a street; an outlet stands where ``stands`` is 1. Five minutes are 400 m."""
    xy = np.column_stack([np.array(at_m), np.zeros(len(at_m))])
    cells = np.column_stack([np.array(cells_m), np.zeros(len(cells_m))])
    world = row_of_spaces(len(at_m), 1, site_xy=xy, cell_xy=cells, people=np.array(people or [10.0] * len(cells_m)))
    return with_sites(world, standing=np.array(stands, dtype=bool)[:, None])


def test_everybody_whom_it_served_needs_another_one() -> None:
    # s000 at 0 goes; cells at -350, 0 and 350. s001 at 100 reaches 0 and 350, s002 at -100 reaches -350 and 0
    world = town([0, 100, -100, 2000], [1, 0, 0, 0], [-350, 0, 350])
    assert stated(world, GONE) == [
        ("s000: t0", {"s001/t0": 1.0}, 1.0, INF),
        ("s000: t0", {"s001/t0": 1.0, "s002/t0": 1.0}, 1.0, INF),
        ("s000: t0", {"s002/t0": 1.0}, 1.0, INF),
    ]
    assert accepted(world, GONE) == [[(1, 0), (2, 0)], [(1, 0), (2, 0), (3, 0)]]


def test_exactly_the_walking_limit_is_within_reach() -> None:
    assert accepted(town([0, 400], [1, 0], [0]), GONE) == [[(1, 0)]]
    assert accepted(town([0, 400.1], [1, 0], [0]), GONE) == []


def test_another_outlet_that_stays_keeps_the_function_and_one_that_goes_too_does_not() -> None:
    world = town([0, 100, 50], [1, 1, 0], [0, 100])
    assert accepted(world, GONE) == [[], [(2, 0)]]
    both = rule("locked_use", demolished=["s000", "s001"])
    assert accepted(world, both) == [[(2, 0)]]
    assert [s for s, *_ in stated(world, both)] == ["s000: t0", "s001: t0"]


def test_cells_where_nobody_lives_ask_for_nothing() -> None:
    world = town([0, 100], [1, 0], [-350, 0], people=[0, 5])
    assert accepted(world, GONE) == [[(1, 0)]]
    (verdict,) = verdicts(world, GONE, [(1, 0)])
    assert (verdict.need, verdict.got, verdict.unit, verdict.detail["cells_lost"]) == (5, 5, "people", 0)


def test_the_verdict_counts_who_would_lose_it() -> None:
    world = town([0, 100, 2000], [1, 0, 0], [-350, 0, 350], people=[7, 5, 3])
    (verdict,) = verdicts(world, GONE, [(1, 0)])
    assert (verdict.subject, verdict.need, verdict.got, verdict.holds) == ("s000: t0", 15, 8, False)
    assert verdict.detail["cells_lost"] == 1


def test_with_a_distance_one_outlet_near_by_is_enough() -> None:
    world = town([0, 100, 100.001], [1, 0, 0], [-300, 0, 300])
    near = rule("locked_use", demolished=["s000"], metres=100)
    assert stated(world, near) == [("s000: t0", {"s001/t0": 1.0}, 1.0, INF)]
    assert accepted(world, near) == [[(1, 0)], [(1, 0), (2, 0)]]
    (verdict,) = verdicts(world, near, [(2, 0)])
    assert (verdict.need, verdict.got, verdict.sense, verdict.unit) == (100, pytest.approx(100.001), "le", "m")


def test_one_that_stays_near_by_is_enough_too() -> None:
    world = town([0, 80, 900], [1, 1, 0], [0])
    near = rule("locked_use", demolished=["s000"], metres=100)
    assert stated(world, near) == []
    assert len(accepted(world, near)) == 2


def test_without_any_way_to_replace_it_no_plan_holds() -> None:
    assert accepted(town([0, 2000], [1, 0], [0]), GONE) == []
    assert accepted(town([0, 2000], [1, 0], [0]), rule("locked_use", demolished=["s000"], metres=100)) == []
    (verdict,) = verdicts(town([0, 2000], [1, 0], [0]), rule("locked_use", demolished=["s000"], metres=5), [])
    assert verdict.got == INF and not verdict.holds


def test_every_function_of_a_demolished_outlet_is_replaced() -> None:
    xy = np.array([[0.0, 0.0], [100.0, 0.0]])
    world = row_of_spaces(2, 2, site_xy=xy, cell_xy=xy[:1], people=np.array([9.0]), slots=[2, 2])
    world = with_sites(world, standing=np.array([[True, True], [False, False]]))
    assert accepted(world, GONE) == [[(1, 0), (1, 1)]]


def test_locked_outlets_stay_and_are_listed() -> None:
    world = with_sites(town([0, 100], [1, 0], [0]), locked=np.array([True, False]))
    wanted = rule("locked_use")
    (verdict,) = verdicts(world, wanted, [(1, 0)])
    assert (verdict.subject, verdict.need, verdict.got, verdict.unit, verdict.holds) == (
        "s000: t0",
        1,
        1,
        "outlets",
        True,
    )
    assert stated(world, wanted) == []
    assert len(accepted(world, wanted)) == 2


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_replacement_is_opened_before_a_better_place(engine: str) -> None:
    world = town([0, 100, 2000], [1, 0, 0], [0, 2000], people=[1, 90])
    assert solved(world, [GONE, rule("count", types=["t0"], max=1, count_existing=False)], by=engine).opened == [
        "s001/t0"
    ]


def test_the_check_knows_what_stands_and_says_what_still_counts() -> None:
    world = town([0, 100], [1, 0], [0])
    assert codes_of(world, rule("locked_use", demolished=["s001", "nowhere", "s000"])) == [
        ("error", "rule_unknown_site", "nowhere"),
        ("error", "rule_nothing_stands", "s001"),
        ("warning", "rule_demolished_counted", "s001, nowhere, s000"),
    ]
    assert codes_of(world, rule("locked_use")) == [("warning", "rule_nothing_locked", "locked_use")]


def test_people_of_every_group_count() -> None:
    world = town([0, 100], [1, 0], [-350])
    workers = replace(world.cells, people=np.array([[0.0, 8.0]]), groups=("residents", "workers"))
    world = replace(world, cells=workers)
    assert accepted(world, GONE) == []
    assert verdicts(world, GONE, [])[0].detail["cells_lost"] == 1


@pytest.mark.parametrize("metres", [0, -1, float("nan")])
def test_a_distance_that_is_none_is_refused(metres: float) -> None:
    with pytest.raises(ValidationError):
        rule("locked_use", metres=metres)
