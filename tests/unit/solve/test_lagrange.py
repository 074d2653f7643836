"""Bounds by prices: worked out by hand on the smallest worlds, and the same interpreted as compiled."""

from __future__ import annotations

import types
from itertools import pairwise

import numpy as np
import pytest

from siteopt.solve import lagrange_kernel
from siteopt.solve.cover import CoverForm
from siteopt.solve.lagrange import Bound, Prices, Relaxation, relaxed, settled_options
from tests.hard_programs import row
from tests.random_programs import random_program
from tests.small_covers import covering, form_of, optimum

NOTHING = np.zeros(0)


def two_options() -> CoverForm:
    """One of two options: the first covers 10 and 4 people, the second 6 and the same 4."""
    slot = row("slot", {0: 1, 1: 1}, -np.inf, 1.0)
    return form_of(covering([[0], [1], [0, 1]], [10, 6, 4], (slot,), profit=2))


def three_options(limit: float = 2.0) -> CoverForm:
    """At most two of three options with 10, 6 and 4 people of their own."""
    count = row("count", {0: 1, 1: 1, 2: 1}, -np.inf, limit)
    return form_of(covering([[0], [1], [2]], [10, 6, 4], (count,)))


def bound_of(value: float, reduced: list[float]) -> Bound:
    return Bound(value, Prices(NOTHING, NOTHING), np.array(reduced), np.zeros(len(reduced)))


def test_with_prices_of_0_everybody_is_covered_and_no_option_is_worth_opening() -> None:
    relaxation = Relaxation(two_options())
    value, _ = relaxation.evaluate(np.zeros(3), NOTHING)
    assert value == 20.0
    assert relaxation.z.tolist() == [1, 1, 1] and relaxation.x.tolist() == [0, 0]
    assert relaxation.reduced.tolist() == [0, 0]


def test_with_links_at_their_worth_a_place_takes_the_option_that_covers_most() -> None:
    relaxation = Relaxation(two_options())
    value, _ = relaxation.evaluate(np.array([10.0, 6.0, 4.0]), NOTHING)
    assert value == 14.0 == optimum(two_options())
    assert relaxation.reduced.tolist() == [14, 10] and relaxation.x.tolist() == [1, 0]
    assert relaxation.count.tolist() == [1, 0, 1]


def test_prices_between_share_a_class_between_coverage_and_options() -> None:
    value, _ = Relaxation(two_options()).evaluate(np.array([10.0, 0.0, 1.0]), NOTHING)
    assert value == 6 + 3 + 11


def test_a_ceiling_with_a_price_is_paid_for_by_those_who_use_it() -> None:
    relaxation = Relaxation(three_options())
    value, price = relaxation.evaluate(np.array([10.0, 6.0, 4.0]), np.array([5.0]))
    assert value == 2 * 5 + 5 + 1 and price.tolist() == [5.0]
    assert relaxation.reduced.tolist() == [5, 1, -1]
    assert relaxation.residual().tolist() == [0.0]


def test_the_leading_ceiling_s_price_is_the_worth_of_the_first_option_that_does_not_fit() -> None:
    relaxation = Relaxation(three_options())
    assert relaxation.lead == 0
    for guess in (0.0, 3.9, 100.0):
        value, price = relaxation.evaluate(np.array([10.0, 6.0, 4.0]), np.array([guess]), lead=True)
        assert value == pytest.approx(16.0, abs=1e-3)
        assert 4.0 - 1e-9 <= price[0] <= 6.0 + 1e-9


def test_a_ceiling_with_room_for_all_has_no_price() -> None:
    relaxation = Relaxation(three_options(limit=9.0))
    value, price = relaxation.evaluate(np.array([10.0, 6.0, 4.0]), np.array([3.0]), lead=True)
    assert price.tolist() == [0.0] and value == 20.0


def test_a_floor_is_priced_with_the_other_sign_and_comes_back_as_the_row_s_own_price() -> None:
    floor = row("floor", {0: 1, 1: 1}, 1.0, np.inf)
    form = form_of(covering([[0]], [3], (floor,), profit=[-9, -5]))
    relaxation = Relaxation(form)
    found = relaxation.proven(np.array([3.0]), np.array([5.0]), np.zeros(2))
    assert found.value == pytest.approx(-5.0)  # closed options, and 5 for the outlet that the floor asks for
    assert found.value >= optimum(form) == -5.0
    assert found.prices.row.tolist() == [-5.0]
    assert relaxation.by_ceiling(found.prices.row).tolist() == [5.0]
    assert relaxation.by_ceiling(np.array([5.0])).tolist() == [0.0]  # a floor's price is never above 0


def test_an_option_that_must_be_open_is_opened_at_a_loss_and_two_in_one_place_both() -> None:
    slot = row("slot", {0: 1, 1: 1}, -np.inf, 1.0)
    for must, worth in (({0: 1.0}, -9.0), ({0: 1.0, 1: 1.0}, -14.0)):
        relaxation = Relaxation(form_of(covering([[0]], [0], (slot,), profit=[-9, -5], lower=must)))
        assert relaxation.evaluate(np.zeros(1), NOTHING)[0] == worth
    closed = Relaxation(form_of(covering([[0]], [3], (slot,), profit=[9, 5], upper={0: 0.0})))
    assert closed.evaluate(np.zeros(1), NOTHING)[0] == 5 + 3


def test_adam_finds_the_best_bound_of_the_two_small_worlds() -> None:
    for form, best in ((two_options(), 14.0), (three_options(), 16.0)):
        found = relaxed(form)
        assert best <= found.value <= best * 1.02
        assert found.share[0] > 0.9 and ((found.share >= 0) & (found.share <= 1)).all()


def test_no_bound_is_below_the_best_plan_however_few_the_steps() -> None:
    for seed in range(40):
        form = form_of(random_program(seed, sites=3, classes=15))
        for steps in (1, 7, 60):
            assert relaxed(form, steps=steps).value >= optimum(form), (seed, steps)


def test_time_and_stop_end_the_search_for_prices_after_the_first_step_with_a_bound() -> None:
    assert relaxed(two_options(), seconds=0.0).steps == 1
    stopped = relaxed(two_options(), stop=lambda: True)
    assert stopped.steps == 1 and stopped.value >= 14.0


def test_interpreted_loops_give_the_same_bound_to_the_last_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    forms = [form_of(random_program(seed, sites=4, classes=20)) for seed in range(6)]
    compiled = [relaxed(form, steps=40) for form in forms]
    loops = {name: getattr(loop, "py_func", loop) for name, loop in vars(lagrange_kernel).items()}
    for name in ("priced", "chosen", "lead_price", "counted", "lifted", "adam", "averaged"):
        assert isinstance(loops[name], types.FunctionType)
        monkeypatch.setattr(lagrange_kernel, name, loops[name])
    for form, before in zip(forms, compiled, strict=True):
        after = relaxed(form, steps=40)
        assert after.value == before.value
        assert after.reduced.tolist() == before.reduced.tolist()
        assert after.share.tolist() == before.share.tolist()


def test_what_no_better_plan_opens_is_closed_and_what_all_better_ones_open_is_opened() -> None:
    # at a price of 5: 16 = 2·5 + 5 + 1; without the first 11, without the second 15, with the third 15
    form, bound = three_options(), bound_of(16.0, [5, 1, -1])
    closed, opened = settled_options(form, bound, 15.0, 1.0)
    assert closed.tolist() == [False, False, True] and opened.tolist() == [True, True, False]
    closed, opened = settled_options(form, bound, 14.0, 1.0)
    assert closed.tolist() == [False] * 3 and opened.tolist() == [True, False, False]


def test_without_a_grain_a_plan_as_good_as_the_known_one_is_not_settled_away() -> None:
    form, bound = three_options(), bound_of(16.0, [5, 1, -1])
    closed, opened = settled_options(form, bound, 15.0, 0.0)
    assert not closed.any() and opened.tolist() == [True, False, False]
    closed, opened = settled_options(form, bound, 15.1, 0.0)
    assert closed.tolist() == [False, False, True] and opened.tolist() == [True, True, False]


def test_in_a_place_an_option_is_judged_against_the_best_of_its_place() -> None:
    form, bound = two_options(), bound_of(14.0, [14, 10])
    closed, opened = settled_options(form, bound, 10.0, 1.0)  # the second in the first's stead: 10, not better
    assert closed.tolist() == [False, True] and opened.tolist() == [True, False]
    closed, opened = settled_options(form, bound, 9.0, 1.0)
    assert not closed.any() and not opened.any()


def test_in_a_place_that_is_taken_the_others_are_closed_and_fixed_options_are_left_alone() -> None:
    form = two_options()
    taken = form.with_bounds(np.array([1.0, 0.0]), form.upper)
    closed, opened = settled_options(taken, bound_of(99.0, [14, 10]), 0.0, 1.0)
    assert closed.tolist() == [False, True] and not opened.any()
    shut = form.with_bounds(form.lower, np.array([0.0, 1.0]))
    closed, opened = settled_options(shut, bound_of(10.0, [14, 10]), 9.0, 1.0)
    assert not closed.any() and opened.tolist() == [False, True]


def test_options_are_listed_place_by_place_and_one_without_a_place_is_alone() -> None:
    near = row("near", {3: 1, 1: 1}, -np.inf, 1.0)
    start, member = form_of(covering([[0]], [1], (near,), profit=5)).place_lists
    lists = [member[a:b].tolist() for a, b in pairwise(start)]
    assert lists == [[1, 3], [0], [2], [4]]


def test_rows_over_few_options_or_over_classes_lead_nothing() -> None:
    few = row("few", {0: 1, 1: 1}, -np.inf, 1.5)
    over = row("over", {**dict.fromkeys(range(12), 1.0), 12: -1}, -np.inf, 9.0)
    form = form_of(covering([[0]], [1], (few, over), profit=12))
    assert form.ceilings.lead == -1 and not form.ceilings.use.any()
