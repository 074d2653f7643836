"""Opened, closed, moved, kept: each outlet once, nearest pairs first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from siteopt.runs.moves import distance_m, moves_between

METRE = 1 / 111_195.0  # degrees of latitude


def site(name: str, north_m: float, *, kind: str = "market", community: str | None = None) -> dict[str, Any]:
    """A new outlet so many metres north of the equator."""
    return {"site_id": name, "outlet_type": kind, "lon": 0.0, "lat": north_m * METRE, "community": community}


def ids(moved: Any) -> list[tuple[str, str]]:
    """The pairs of site ids."""
    return [(a["site_id"], b["site_id"]) for a, b, _ in moved]


def test_the_same_outlets_are_kept_and_nothing_else() -> None:
    moves = moves_between([site("a", 0), site("b", 10)], [site("b", 10), site("a", 0)])
    assert [s["site_id"] for s in moves.kept] == ["a", "b"]
    assert (moves.opened, moves.closed, moves.moved) == ((), (), ())


def test_five_hundred_metres_is_a_move_and_more_is_not() -> None:
    near = moves_between([site("a", 0)], [site("b", 499)])
    assert ids(near.moved) == [("a", "b")] and near.moved[0][2] == pytest.approx(499, abs=1)
    far = moves_between([site("a", 0)], [site("b", 502)])
    assert far.moved == ()
    assert [s["site_id"] for s in far.opened] == ["b"] and [s["site_id"] for s in far.closed] == ["a"]


def test_within_one_community_an_outlet_moves_any_distance() -> None:
    moves = moves_between([site("a", 0, community="K1")], [site("b", 2000, community="K1")])
    assert ids(moves.moved) == [("a", "b")]


def test_no_community_is_not_a_common_community() -> None:
    assert moves_between([site("a", 0)], [site("b", 2000)]).moved == ()


def test_another_type_at_the_same_space_is_not_a_move() -> None:
    moves = moves_between([site("a", 0)], [site("a", 0, kind="locker")])
    assert moves.moved == () and len(moves.opened) == len(moves.closed) == 1


def test_the_nearest_pair_goes_first_and_each_outlet_once() -> None:
    moves = moves_between([site("a", 0), site("b", 100)], [site("x", 110), site("y", 390)])
    assert ids(moves.moved) == [("b", "x"), ("a", "y")]


def test_with_more_come_than_gone_the_rest_has_opened() -> None:
    moves = moves_between([site("a", 0)], [site("x", 30), site("y", 20), site("z", 9000)])
    assert ids(moves.moved) == [("a", "y")]
    assert [s["site_id"] for s in moves.opened] == ["x", "z"]


def test_ties_go_by_site_id_whatever_the_order() -> None:
    come = [site("y", 20), site("x", -20)]
    for order in (come, come[::-1]):
        assert ids(moves_between([site("a", 0)], order).moved) == [("a", "x")]


def test_every_outlet_appears_exactly_once_on_random_plans() -> None:
    rng = np.random.default_rng(7)
    for _ in range(20):
        plans = [
            [
                site(f"s{n}", float(rng.uniform(0, 5000)), kind=str(rng.choice(["m", "l"])), community="K")
                for n in rng.choice(30, size=12, replace=False)
            ]
            for _ in range(2)
        ]
        moves = moves_between(*plans)
        assert len(moves.closed) + len(moves.moved) + len(moves.kept) == 12
        assert len(moves.opened) + len(moves.moved) + len(moves.kept) == 12
        assert len({id(a) for a, _, _ in moves.moved}) == len({id(b) for _, b, _ in moves.moved}) == len(moves.moved)


def test_distance_is_that_of_the_globe() -> None:
    beijing, shanghai = np.array([[116.4, 39.9]]), np.array([[121.47, 31.23]])
    assert distance_m(beijing, shanghai)[0, 0] == pytest.approx(1_067_000, rel=0.005)
    assert distance_m(beijing, beijing)[0, 0] == 0
