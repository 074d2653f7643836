"""Slots: a space holds so many base outlets; add-ons take none."""

from __future__ import annotations

import numpy as np
import pytest

from tests.programs import INF, accepted, judged, row_of_spaces, rule, solved, stated

SLOTS = rule("space_slots")
# t0, t1 are base outlets, t2 is a parcel locker
TYPES = {"base": np.array([True, True, False]), "area_m2": np.full(3, 1.0)}


def test_base_outlets_share_the_slots_and_an_add_on_is_not_in_the_row() -> None:
    world = row_of_spaces(1, 3, types=TYPES, slots=[1])
    assert stated(world, SLOTS) == [("s000", {"s000/t0": 1.0, "s000/t1": 1.0}, -INF, 1.0)]


def test_a_space_with_slots_for_all_needs_no_row() -> None:
    assert stated(row_of_spaces(1, 3, types=TYPES, slots=[2]), SLOTS) == []


def test_exactly_as_many_as_slots_is_allowed() -> None:
    world = row_of_spaces(1, 3, types=TYPES, slots=[1])
    assert judged(world, SLOTS, [(0, 0), (0, 2)])
    assert not judged(world, SLOTS, [(0, 0), (0, 1)])
    assert len(accepted(world, SLOTS)) == 6


def test_a_base_outlet_that_stands_today_takes_a_slot_and_a_standing_locker_does_not() -> None:
    market = row_of_spaces(1, 3, types=TYPES, slots=[1], standing=[[1, 0, 0]])
    assert stated(market, SLOTS) == [("s000", {"s000/t1": 1.0}, -INF, 0.0)]
    assert accepted(market, SLOTS) == [[], [(0, 2)]]
    locker = row_of_spaces(1, 3, types=TYPES, slots=[1], standing=[[0, 0, 1]])
    assert accepted(locker, SLOTS) == [[], [(0, 1)], [(0, 0)]]


def test_a_space_without_slots_takes_add_ons_only() -> None:
    world = row_of_spaces(1, 3, types=TYPES, slots=[0])
    assert accepted(world, SLOTS) == [[], [(0, 2)]]


def test_more_standing_than_slots_is_no_fault_of_the_plan() -> None:
    world = row_of_spaces(1, 3, types=TYPES, slots=[0], standing=[[1, 0, 0]])
    assert accepted(world, SLOTS) == [[], [(0, 2)]]


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_best_base_outlet_wins_the_slot_and_the_locker_comes_too(engine: str) -> None:
    world = row_of_spaces(1, 3, types=TYPES | {"weight": np.array([1.0, 2.0, 1.0])}, slots=[1])
    assert solved(world, by=engine).opened == ["s000/t1", "s000/t2"]
