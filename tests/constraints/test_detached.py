"""Detached or terraced: in new communities, a share of new commercial area stands apart from housing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from siteopt.world import World
from tests.land_worlds import codes_of, outcomes, verdicts, with_sites
from tests.programs import INF, accepted, minutes_of, plan_with, row_of_spaces, rule, solved, stated
from tests.worlds import make_communities

HALF = rule("detached", share=0.5)


def estate(form: list[str], areas: tuple[float, ...] = (50.0,), age: str = "new", **over: object) -> World:
    """Spaces in buildings of these forms, in one community."""
    n, n_types = len(form), len(areas)
    world = row_of_spaces(
        n,
        n_types,
        types={"area_m2": np.array(areas)} | over,
        slots=[n_types] * n,
        site_community=[0] * n,
        communities=make_communities([{"id": "A", "age_class": age}]),
    )
    return with_sites(world, form=form)


def test_the_share_is_stated_in_whole_numbers() -> None:
    ((subject, terms, lower, upper),) = stated(
        estate(["detached", "attached", "terraced"]), rule("detached", share=0.3)
    )
    assert (subject, lower, upper) == ("A", 0.0, INF)
    assert {k: v / terms["s000/t0"] for k, v in terms.items()} == pytest.approx(
        {"s000/t0": 1.0, "s001/t0": -3 / 7, "s002/t0": 1.0}
    )


def test_exactly_the_share_is_enough_and_a_square_decimetre_less_is_not() -> None:
    exactly = estate(["detached", "attached"], (50.0, 50.0))
    assert [(0, 0), (1, 1)] in accepted(exactly, HALF)
    short = estate(["detached", "attached"], (49.99, 50.0))
    assert [(0, 0), (1, 1)] not in accepted(short, HALF)
    assert [(0, 0), (1, 0)] in accepted(short, HALF)


def test_a_share_that_no_float_holds_is_exact() -> None:
    # 30 of 100 m2: 0.3 is 3/10
    world = estate(["terraced", "attached"], (30.0, 70.0))
    assert [(0, 0), (1, 1)] in accepted(world, rule("detached", share=0.3))


def test_nothing_new_keeps_any_share() -> None:
    world = estate(["attached"])
    assert accepted(world, rule("detached", share=1.0)) == [[]]
    (verdict,) = verdicts(world, HALF, [])
    assert verdict.holds and verdict.detail["denominator_m2"] == 0


def test_old_communities_are_not_bound_unless_named() -> None:
    world = estate(["attached"], age="old")
    assert stated(world, HALF) == [] and verdicts(world, HALF, [(0, 0)]) == []
    assert accepted(world, rule("detached", share=0.5, communities=["A"])) == [[]]


def test_types_that_do_not_qualify_are_no_commercial_area() -> None:
    world = estate(["attached"], (50.0, 60.0), qualifies=np.array([True, False]))
    assert accepted(world, HALF) == [[], [(0, 1)]]


def test_area_of_unknown_form_is_left_out_and_the_share_not_checked() -> None:
    world = estate(["detached", "", "attached"])
    assert outcomes(world, HALF, [(0, 0)]) == {"A": "holds"}
    assert outcomes(world, HALF, [(0, 0), (1, 0)]) == {"A": "not checked"}
    assert outcomes(world, HALF, [(1, 0), (2, 0)]) == {"A": "fails"}
    assert [(0, 0), (1, 0), (2, 0)] in accepted(world, HALF)
    (verdict,) = verdicts(world, HALF, [(1, 0)])
    assert np.isnan(verdict.got) and verdict.detail["unsaid_m2"] == 50.0


def test_unknown_forbid_counts_it_as_attached() -> None:
    world = estate(["detached", "", "attached"])
    wanted = rule("detached", share=0.5, unknown="forbid")
    assert [(1, 0)] not in accepted(world, wanted)
    assert outcomes(world, wanted, [(0, 0), (1, 0)]) == {"A": "holds"}


def test_chosen_areas_are_judged_as_they_were_chosen() -> None:
    world = estate(["detached", "attached"])
    plan = replace(plan_with(world, [(0, 0), (1, 0)]), area_m2=np.array([[60.0], [80.0]]))
    (verdict,) = HALF.judge(world, minutes_of(world), plan)
    assert verdict.got == pytest.approx(60 / 140) and not verdict.holds


@pytest.mark.parametrize("engine", ["highs", "pulp"])
def test_the_best_mix_that_keeps_the_share_is_found(engine: str) -> None:
    world = estate(["detached", "attached", "attached"])  # 10, 20, 30 people
    assert solved(world, [HALF], by=engine).opened == ["s000/t0", "s002/t0"]


def test_the_check_asks_for_forms_and_communities() -> None:
    assert codes_of(estate(["", "detached"]), rule("detached", share=0.5, communities=["B"])) == [
        ("error", "rule_unknown_community", "B")
    ]
    assert codes_of(estate(["", "detached"]), HALF) == [("warning", "rule_data_unsaid", "s000")]
    assert [c for _, c, _ in codes_of(row_of_spaces(1), HALF)] == ["rule_needs_communities"]


@pytest.mark.parametrize("share", [0, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ValidationError):
        rule("detached", share=share)


def test_add_ons_inside_an_outlet_that_stands_are_no_new_commercial_area() -> None:
    world = estate(["attached", "detached"], base=np.array([False]))
    world = with_sites(world, kind=["existing_outlet", "new_building"])
    assert len(accepted(world, rule("detached", share=1.0))) == 4
