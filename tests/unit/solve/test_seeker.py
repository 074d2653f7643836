"""The search on the second core: what it takes from others, what it tells, how it ends."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from siteopt.solve import seeker as room
from siteopt.solve.cover import CoverForm
from siteopt.solve.seeker import Seeker
from siteopt.units import Bools
from tests.hard_programs import random_cover, row
from tests.small_covers import covering, form_of, optimum


def never() -> bool:
    return False


def plan(*opened: int, size: int = 3) -> Bools:
    out = np.zeros(size, dtype=bool)
    out[list(opened)] = True
    return out


def two_of_three() -> CoverForm:
    """The best two of three cover 16 people."""
    return form_of(covering([[0], [1], [2]], [10, 6, 4], (row("count", {0: 1, 1: 1, 2: 1}, -np.inf, 2.0),)))


def until(said: object, seconds: float = 20.0) -> bool:
    """Wait for something to become true."""
    end = time.perf_counter() + seconds
    while not said() and time.perf_counter() < end:  # type: ignore[operator]
        time.sleep(0.01)
    return bool(said())  # type: ignore[operator]


def test_a_plan_from_elsewhere_is_taken_only_when_it_keeps_every_row_and_is_better() -> None:
    seeker = Seeker(two_of_three(), seed=0, start=None, stop=never)
    assert seeker.best is None and seeker.value == -np.inf
    assert seeker.offer(plan(1))
    assert not seeker.offer(plan(0, 1, 2))  # three of at most two
    assert not seeker.offer(plan(2)) and not seeker.offer(plan(1))
    assert seeker.best is not None and seeker.best.tolist() == plan(1).tolist() and seeker.value == 6.0
    assert seeker.offer(plan(0, 1)) and seeker.value == 16.0


def test_a_plan_against_the_bounds_of_options_is_not_taken() -> None:
    form = form_of(covering([[0], [1]], [10, 6], lower={2: 1.0}, upper={0: 0.0}))
    seeker = Seeker(form, seed=0, start=None, stop=never)
    assert not seeker.offer(plan(0, 2)) and not seeker.offer(plan(1)) and seeker.offer(plan(1, 2))


def test_the_plan_taken_is_a_copy() -> None:
    mine = plan(0)
    seeker = Seeker(two_of_three(), seed=0, start=mine, stop=never)
    mine[:] = True
    assert seeker.best is not None and seeker.best.tolist() == plan(0).tolist()


def test_a_start_is_offered_at_once_and_a_start_that_breaks_a_row_is_not_taken() -> None:
    assert Seeker(two_of_three(), seed=0, start=plan(0), stop=never).value == 10.0
    assert Seeker(two_of_three(), seed=0, start=plan(0, 1, 2), stop=never).best is None


def test_the_best_of_many_offers_at_once_is_kept() -> None:
    form = form_of(random_cover(12, 40, 12, seed=1, density=0.2))
    seeker = Seeker(form, seed=0, start=None, stop=never)
    plans = [np.random.default_rng(s).random(12) < 0.4 for s in range(200)]
    parts = [threading.Thread(target=lambda k=k: [seeker.offer(p) for p in plans[k::4]]) for k in range(4)]
    for part in parts:
        part.start()
    for part in parts:
        part.join()
    assert seeker.best is not None
    assert seeker.value == form.value(seeker.best) == max(form.value(p) for p in plans)


def test_in_its_own_thread_it_finds_the_best_of_a_small_world_and_ends_when_told() -> None:
    form = form_of(random_cover(12, 40, 3, seed=5, density=0.2))
    seeker = Seeker(form, seed=0, start=None, stop=never)
    seeker.begin()
    assert until(lambda: seeker.value == optimum(form))
    assert seeker.best is not None and form.violation(seeker.best) == 0.0
    seeker.guide(np.ones(12), np.zeros(len(form.row_upper)))
    seeker.end()
    assert not seeker._job.running


def test_it_stops_by_itself_when_the_clock_or_the_user_says_so() -> None:
    over = threading.Event()
    seeker = Seeker(two_of_three(), seed=0, start=None, stop=over.is_set)
    seeker.begin()
    assert until(lambda: seeker.best is not None)
    over.set()
    assert until(lambda: not seeker._job.running)
    seeker.end()


def test_where_no_plan_exists_it_tries_on_until_it_is_ended() -> None:
    form = form_of(covering([[0], [1]], [10, 6], (row("floor", {3: 10, 4: 6}, 17.0, np.inf),)))
    seeker = Seeker(form, seed=0, start=None, stop=never)
    seeker.begin()
    time.sleep(0.3)
    assert seeker._job.running
    seeker.end()
    assert seeker.best is None and not seeker._job.running


class Failing:
    """A search that fails."""

    def __init__(self, form: CoverForm, *, seed: int) -> None:
        raise ArithmeticError("the search went wrong")


def test_what_went_wrong_in_its_thread_is_raised_where_it_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "Search", Failing)
    seeker = Seeker(two_of_three(), seed=0, start=plan(0), stop=never)
    seeker.begin()
    assert until(lambda: not seeker._job.running)  # nobody waits for ever for a first plan
    with pytest.raises(ArithmeticError, match="went wrong"):
        seeker.end()
    assert seeker.value == 10.0


def test_one_that_never_began_can_be_ended() -> None:
    Seeker(two_of_three(), seed=0, start=None, stop=never).end()


def test_alone_it_searches_for_as_long_as_it_is_given() -> None:
    form = form_of(random_cover(60, 300, 6, seed=2))
    seeker = Seeker(form, seed=0, start=None, stop=never)
    seeker.alone(0.05, 0)  # loads the compiled loops
    first = seeker.value
    seeker.guide(np.ones(60), np.zeros(len(form.row_upper)))
    began = time.perf_counter()
    seeker.alone(0.5, 0)
    assert 0.2 < time.perf_counter() - began < 6.0  # a loaded machine is no fault
    assert seeker.best is not None and form.violation(seeker.best) == 0.0 and seeker.value >= first > 0


def test_alone_it_obeys_a_stop_and_builds_on_a_better_plan_from_elsewhere() -> None:
    form = two_of_three()
    seeker = Seeker(form, seed=0, start=None, stop=lambda: True)
    began = time.perf_counter()
    seeker.alone(30.0, 0)
    assert time.perf_counter() - began < 10.0
    other = Seeker(form, seed=0, start=plan(0, 1), stop=never)
    other.alone(0.05, 0)
    assert other.value == 16.0


def test_plans_found_apart_know_nothing_of_the_best_and_make_it_better() -> None:
    seeker = Seeker(two_of_three(), seed=0, start=plan(1), stop=never)
    assert seeker.alike  # any two options are as dear as any other two
    found = seeker.afresh(0.05, 3)
    assert found is not None and found.tolist() == plan(0, 1).tolist()
    assert seeker.value == 16.0
    unlike = form_of(covering([[0], [1]], [10, 6], (row("budget", {0: 3, 1: 2}, -np.inf, 4.0),)))
    assert not Seeker(unlike, seed=0, start=None, stop=never).alike
