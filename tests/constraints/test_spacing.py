"""Spacing: new outlets of a type keep a least distance from each other and from those that stand."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.model.constraints.spacing import cliques, pairs_closer
from siteopt.world import World
from tests.programs import INF, accepted, judged, minutes_of, plan_with, row_of_spaces, rule, solved, stated


def street(at_m: list[float], n_types: int = 1, **over: object) -> World:
    """Spaces along a street at these metres, far from the origin as real coordinates are."""
    xy = np.column_stack([400_000.0 + np.array(at_m), np.full(len(at_m), 3_000_000.0)])
    return row_of_spaces(len(at_m), n_types, site_xy=xy, cell_xy=xy, slots=[n_types] * len(at_m), **over)


def test_spaces_that_are_too_close_share_one_row() -> None:
    # 0, 100, 150 are within 200 m of each other; 320 is within 200 m of 150 only
    world = street([0, 100, 150, 320])
    assert stated(world, rule("spacing", metres=200)) == [
        ("t0: s000, s001, s002", {"s000/t0": 1.0, "s001/t0": 1.0, "s002/t0": 1.0}, -INF, 1.0),
        ("t0: s002, s003", {"s002/t0": 1.0, "s003/t0": 1.0}, -INF, 1.0),
    ]


def test_exactly_the_distance_apart_is_allowed_and_a_millimetre_less_is_not() -> None:
    exactly, closer = street([0, 200]), street([0, 199.999])
    assert judged(exactly, rule("spacing", metres=200), [(0, 0), (1, 0)])
    assert not judged(closer, rule("spacing", metres=200), [(0, 0), (1, 0)])
    assert len(accepted(exactly, rule("spacing", metres=200))) == 4
    assert len(accepted(closer, rule("spacing", metres=200))) == 3


def test_a_slanted_distance_that_floats_only_nearly_reach_is_allowed() -> None:
    xy = np.array([[400_000.1, 3_000_000.1], [400_300.1, 3_000_400.1]])  # 500 m by 3-4-5
    world = row_of_spaces(2, site_xy=xy, cell_xy=xy)
    assert len(accepted(world, rule("spacing", metres=500))) == 4


def test_two_spaces_at_one_point_do_not_both_get_the_type() -> None:
    world = street([0, 0, 500])
    kept = accepted(world, rule("spacing", metres=1))
    assert [(0, 0), (1, 0)] not in kept and [(0, 0), (2, 0)] in kept


def test_each_type_keeps_its_own_distance() -> None:
    world = street([0, 100], 2)
    assert [t for _, t, *_ in stated(world, rule("spacing", metres=200, types=["t1"]))] == [
        {"s000/t1": 1.0, "s001/t1": 1.0}
    ]
    assert judged(world, rule("spacing", metres=200), [(0, 0), (1, 1)])
    assert len(accepted(world, rule("spacing", metres=200))) == 9


def test_outlets_that_stand_keep_new_ones_away_unless_told_otherwise() -> None:
    world = street([0, 100, 200], standing=[[1], [0], [0]])
    assert stated(world, rule("spacing", metres=200)) == [
        ("t0: s001, s002", {"s001/t0": 1.0, "s002/t0": 1.0}, -INF, 1.0),
        ("t0", {"s001/t0": 1.0}, -INF, 0.0),
    ]
    assert accepted(world, rule("spacing", metres=200)) == [[], [(2, 0)]]
    assert len(accepted(world, rule("spacing", metres=200, from_existing=False))) == 3


def test_standing_outlets_that_are_too_close_today_are_no_fault_of_a_plan() -> None:
    world = street([0, 10, 900], standing=[[1], [1], [0]])
    assert accepted(world, rule("spacing", metres=200)) == [[], [(2, 0)]]


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_best_pair_that_keeps_the_distance_is_found(engine: str) -> None:
    world = street([0, 450, 900, 1350])  # each space serves its own cell of 10, 20, 30, 40
    assert solved(world, [rule("spacing", metres=500)], by=engine).opened == ["s001/t0", "s003/t0"]


def test_the_verdict_tells_the_least_distance() -> None:
    world = street([0, 300, 1000])
    (verdict,) = rule("spacing", metres=250).judge(
        world, minutes_of(world), plan_with(world, [(0, 0), (1, 0), (2, 0)])
    )
    assert (verdict.need, verdict.got, verdict.sense, verdict.unit) == (250.0, 300.0, "ge", "m")


def test_cliques_hold_every_pair_and_only_pairs_that_are_too_close() -> None:
    r = np.random.default_rng(7)
    xy = r.random((60, 2)) * 1000
    pairs = pairs_closer(xy, 180.0)
    close = {(i, k) for i in range(60) for k in range(i + 1, 60) if np.hypot(*(xy[i] - xy[k])) < 180.0}
    assert set(map(tuple, pairs.tolist())) == close
    held = {(int(a), int(b)) for c in cliques(pairs, 60) for a in c for b in c if a < b}
    assert held == close


@pytest.mark.parametrize("metres", [0, -40, float("nan"), float("inf")])
def test_a_distance_that_is_none_is_refused(metres: float) -> None:
    with pytest.raises(ValidationError):
        rule("spacing", metres=metres)
