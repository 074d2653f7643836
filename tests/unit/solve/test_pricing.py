"""Column generation: the linear program's own bound from few options, and an honest one when cut short."""

from __future__ import annotations

import highspy
import numpy as np
import pytest

from siteopt.solve.cover import CoverForm
from siteopt.solve.highs import linear_run, pass_model
from siteopt.solve.lagrange import relaxed
from siteopt.solve.pricing import priced_out
from siteopt.solve.restrict import program_of
from siteopt.units import Bools
from tests.hard_programs import random_cover, row
from tests.random_programs import random_program
from tests.small_covers import covering, form_of, optimum


def linear_optimum(form: CoverForm) -> float | None:
    """The whole linear program by HiGHS as it comes; None when it is infeasible."""
    program, goal = program_of(form, 0.0)
    with linear_run() as h:
        pass_model(h, program, goal, program.blocks, relaxed=True)
        h.run()
        if h.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            return float(h.getInfo().objective_function_value)
        return None


def small_forms(count: int) -> list[CoverForm]:
    return [form_of(random_program(seed, sites=3, classes=15)) for seed in range(count)]


def first_free(form: CoverForm) -> Bools:
    """Only the first option that a plan may open or not."""
    taken = np.isin(form.place, form.place[(form.lower > 0.5) & (form.place >= 0)])
    free = (form.upper > 0.5) & (form.lower < 0.5) & ~taken
    return free & (np.cumsum(free) == 1)


def test_the_bound_is_the_optimum_of_the_linear_program_whatever_was_kept_first() -> None:
    looked_at = 0
    for seed, form in enumerate(small_forms(40)):
        whole = linear_optimum(form)
        if whole is None or not first_free(form).any():
            continue
        looked_at += 1
        rough = relaxed(form, steps=5)
        for keep in (first_free(form), first_free(form) | (rough.share > 0.5), np.ones(form.n_options, bool)):
            found = priced_out(form, rough, keep, seconds=20)
            assert not found.infeasible, seed
            # Places are kept exactly, so the bound may even be lower than the linear program's.
            assert optimum(form) <= found.bound.value <= whole + 1e-5 * max(1.0, abs(whole)), seed
    assert looked_at > 15


def test_on_a_plain_cover_the_bound_is_the_linear_optimum_to_six_digits() -> None:
    form = form_of(random_cover(40, 150, 5, seed=2))
    rough = relaxed(form, steps=20)
    found = priced_out(form, rough, rough.share > 0.3, seconds=20)
    assert found.bound.value == pytest.approx(linear_optimum(form), rel=3e-6)
    assert rough.value > found.bound.value
    assert found.bound.share.sum() <= 5 + 1e-6


def test_options_left_out_at_first_come_in_when_they_are_worth_it() -> None:
    count = row("count", {0: 1, 1: 1, 2: 1}, -np.inf, 2.0)
    form = form_of(covering([[0], [1], [2]], [10, 6, 4], (count,)))
    found = priced_out(form, relaxed(form, steps=1), np.array([False, False, True]), seconds=20)
    assert found.bound.value == pytest.approx(16.0)
    assert found.keep[:2].all()
    assert found.bound.share.tolist() == pytest.approx([1, 1, 0], abs=1e-5)


def test_infeasible_is_said_where_no_plan_keeps_every_row() -> None:
    floor = row("floor", {3: 10, 4: 6}, 17.0, np.inf)
    form = form_of(covering([[0], [1]], [10, 6], (floor,)))
    for keep in (np.array([False, False, True]), np.ones(3, bool)):
        assert priced_out(form, relaxed(form, steps=3), keep, seconds=20).infeasible


def test_infeasible_is_never_said_where_a_plan_exists() -> None:
    said = 0
    for seed, form in enumerate(small_forms(60)):
        found = priced_out(form, relaxed(form, steps=3), first_free(form), seconds=20)
        said += found.infeasible
        assert not found.infeasible or optimum(form) == -np.inf, seed
    assert said  # the worlds have some without a plan


def test_without_any_option_kept_the_bound_stays_valid_and_nothing_is_called_infeasible() -> None:
    for seed, form in enumerate(small_forms(20)):
        found = priced_out(form, relaxed(form, steps=3), np.zeros(form.n_options, bool), seconds=20)
        assert found.bound.value >= optimum(form), seed
        assert not found.infeasible or optimum(form) == -np.inf, seed


def test_kept_options_that_break_a_floor_are_joined_by_those_that_can_keep_it() -> None:
    floor = row("floor", {3: 10, 4: 6}, 16.0, np.inf)
    form = form_of(covering([[0], [1]], [10, 6], (floor,), profit=[-20, -20, 1]))
    found = priced_out(form, relaxed(form, steps=3), np.array([False, False, True]), seconds=20)
    assert not found.infeasible and found.keep.all()
    assert found.bound.value == pytest.approx(optimum(form)) == pytest.approx(-23.0)


def test_closed_options_never_come_in() -> None:
    form = form_of(covering([[0], [1]], [10, 6], upper={0: 0.0}))
    found = priced_out(form, relaxed(form, steps=3), np.ones(3, bool), seconds=20)
    assert not found.keep[0] and found.bound.value == pytest.approx(6.0)


def test_no_time_a_stop_or_a_bound_that_is_low_enough_leave_the_bound_as_it_is() -> None:
    form = form_of(random_cover(40, 150, 5, seed=2))
    rough, keep = relaxed(form, steps=5), np.ones(40, bool)
    for found in (
        priced_out(form, rough, keep, seconds=0.0),
        priced_out(form, rough, keep, seconds=20, stop=lambda: True),
        priced_out(form, rough, keep, seconds=20, enough=rough.value + 1),
    ):
        assert found.bound is rough and found.keep.tolist() == keep.tolist() and not found.infeasible


def test_cut_short_after_one_round_the_bound_is_still_above_the_linear_optimum() -> None:
    form = form_of(random_cover(60, 200, 5, seed=7))
    rough = relaxed(form, steps=1)
    whole = linear_optimum(form)
    assert whole is not None
    asked: list[int] = []

    def after_one() -> bool:
        asked.append(1)
        return len(asked) > 1

    few = np.arange(60) < 3
    found = priced_out(form, rough, few, seconds=20, stop=after_one)
    assert len(asked) == 2 and found.bound.value >= whole - 1e-6
    assert found.keep.sum() > 3  # what the next round would have begun with
    enough = priced_out(form, rough, few, seconds=20, enough=rough.value - 1e-6)
    assert rough.value >= enough.bound.value >= whole - 1e-6
