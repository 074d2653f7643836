"""Flues: no kitchen that smokes in or against dwellings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.world import World
from tests.land_worlds import codes_of, outcomes, verdicts, with_sites
from tests.programs import INF, accepted, row_of_spaces, rule, solved, stated

KNOWN = rule("flue", adjacent=())


def row(building: list[str], flue: list[int] | None = None, n_types: int = 1, **over: object) -> World:
    """One space after the other in these buildings; t0 smokes, t1 does not."""
    world = row_of_spaces(len(building), n_types, slots=[n_types] * len(building), **over)
    world = with_sites(world, building=building, flue=flue or [-1] * len(building))
    cooks = np.arange(n_types) == 0
    return replace(world, types=replace(world.types, cooks=cooks))


def test_kitchens_stay_out_of_homes_and_of_mixed_buildings_without_a_flue() -> None:
    world = row(["residential", "mixed", "mixed", "commercial", "public"], [1, 0, 1, 0, -1])
    assert stated(world, KNOWN) == [
        ("s000: t0", {"s000/t0": 1.0}, -INF, 0.0),
        ("s001: t0", {"s001/t0": 1.0}, -INF, 0.0),
    ]
    assert sorted(p for p in accepted(world, KNOWN) if len(p) == 1) == [[(2, 0)], [(3, 0)], [(4, 0)]]


def test_types_that_do_not_smoke_open_anywhere() -> None:
    world = row(["residential", "mixed"], [0, 0], n_types=2)
    assert accepted(world, KNOWN) == [[], [(1, 1)], [(0, 1)], [(0, 1), (1, 1)]]
    assert verdicts(world, KNOWN, [(0, 1)]) == []


def test_a_floor_next_to_dwellings_is_closed_to_kitchens_even_with_a_flue() -> None:
    world = row(["mixed", "commercial", "mixed"], [1, -1, 1])
    wanted = rule("flue", adjacent=["s000", "s001"])
    assert [p for p in accepted(world, wanted) if p] == [[(2, 0)]]
    (verdict,) = verdicts(world, wanted, [(0, 0)])
    assert dict(verdict.detail) == {"building": "mixed", "flue": True, "adjacent": True}


def test_what_the_data_do_not_say_is_not_checked_and_never_passed() -> None:
    world = row(["", "mixed", "mixed", "commercial"], [1, -1, 1, -1])
    everywhere = [(j, 0) for j in range(4)]
    assert outcomes(world, KNOWN, everywhere) == {
        "s000: t0": "not checked",
        "s001: t0": "not checked",
        "s002: t0": "holds",
        "s003: t0": "holds",
    }
    # nobody said which floors adjoin dwellings: a flue alone does not clear a mixed building
    assert outcomes(world, rule("flue"), everywhere)["s002: t0"] == "not checked"
    assert len(accepted(world, rule("flue"))) == 16
    assert np.isnan(verdicts(world, KNOWN, [(0, 0)])[0].got)


def test_unknown_forbid_keeps_kitchens_out_where_nothing_is_said() -> None:
    world = row(["", "mixed", "mixed", "commercial"], [1, -1, 1, -1])
    assert sorted(p for p in accepted(world, rule("flue", adjacent=(), unknown="forbid")) if len(p) == 1) == [
        [(2, 0)],
        [(3, 0)],
    ]
    assert outcomes(world, rule("flue", unknown="forbid"), [(2, 0)]) == {"s002: t0": "fails"}


def test_named_types_smoke_whatever_the_catalogue_says() -> None:
    world = row(["residential"], n_types=2)
    assert [s for s, *_ in stated(world, rule("flue", types=["t1"]))] == ["s000: t1"]


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_kitchen_opens_in_the_best_building_that_may_have_it(engine: str) -> None:
    world = row(["commercial", "mixed", "residential"], [0, 1, 1])
    assert solved(world, [KNOWN, rule("count", max=1)], by=engine).opened == ["s001/t0"]


def test_the_check_counts_the_spaces_that_do_not_say_and_asks_for_what_is_missing() -> None:
    world = row(["", "mixed", "mixed", ""], [1, -1, 1, -1])
    assert codes_of(world, rule("flue", adjacent=["nowhere"])) == [
        ("error", "rule_unknown_site", "nowhere"),
        ("warning", "rule_data_unsaid", "s000"),
        ("warning", "rule_data_unsaid", "s001"),
    ]
    assert [c for _, c, _ in codes_of(world, rule("flue", unknown="forbid"))] == [
        "rule_data_unsaid_closed",
        "rule_data_unsaid_closed",
        "rule_adjacent_unsaid",
    ]
    nobody = replace(world, types=replace(world.types, cooks=np.array([False])))
    assert [c for _, c, _ in codes_of(nobody, KNOWN)] == ["rule_no_type_cooks"]


def test_only_allow_and_forbid_are_answers() -> None:
    with pytest.raises(ValidationError):
        rule("flue", unknown="perhaps")
