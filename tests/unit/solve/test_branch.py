"""Branch and bound: finds and proves, its bound holds at every step, and nothing is lost when it is cut short."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from siteopt.program import Answer, Limits
from siteopt.solve import branch
from siteopt.solve.backend import Backend, Stop
from siteopt.solve.branch import Branching
from siteopt.solve.cover import CoverForm
from siteopt.solve.highs import Highs
from siteopt.solve.lagrange import Bound, relaxed
from siteopt.solve.pricing import priced_out
from siteopt.solve.seeker import Seeker
from tests.hard_programs import random_cover, row
from tests.random_programs import random_program
from tests.small_covers import covering, every_plan, form_of, optimum

SEEDS = range(12)


@pytest.fixture(autouse=True)
def no_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes are branched on until nothing is left to split."""
    monkeypatch.setattr(branch, "LEAF_PAIRS", 0)


def small_form(seed: int) -> CoverForm:
    return form_of(random_program(seed, sites=3, classes=15))


def linear(form: CoverForm) -> Bound:
    """The bound of the linear program, from which a search begins."""
    return priced_out(form, relaxed(form, steps=5), np.ones(form.n_options, bool), seconds=20).bound


def branching(
    form: CoverForm,
    *,
    bound: Bound | None = None,
    start: np.ndarray | None = None,
    grain: float = 1.0,
    backend: Backend = Highs(),  # noqa: B008
    over: Callable[[], bool] = lambda: False,
) -> Branching:
    seeker = Seeker(form, seed=0, start=start, stop=lambda: False)
    limits = Limits(time_limit_s=20.0, threads=1)
    known = bound if bound is not None else linear(form)
    return Branching(
        form,
        grain,
        known,
        np.ones(form.n_options, bool),
        seeker,
        backend,
        limits,
        left=lambda: 20.0,
        over=over,
        stop=Stop(),
    )


def hard_form() -> CoverForm:
    """One whose linear program is far from whole numbers."""
    return form_of(random_cover(14, 60, 4, seed=3, density=0.25))


@pytest.mark.parametrize("grain", [1.0, 0.0])
def test_the_best_of_all_plans_is_found_and_nothing_is_left_open(grain: float) -> None:
    for seed in SEEDS:
        form = small_form(seed)
        search = branching(form, grain=grain)
        while search.open_nodes:
            search.step()
        best = optimum(form)
        assert search.seeker.value == pytest.approx(best), seed
        assert (search.seeker.best is None) == (best == -np.inf), seed
        assert search.upper == -np.inf


def test_after_every_step_no_plan_is_worth_more_than_the_bound_or_the_best_one() -> None:
    steps = 0
    for form in (hard_form(), *map(small_form, SEEDS)):
        best = optimum(form)
        search = branching(form)
        while search.open_nodes:
            assert max(search.upper, search.seeker.value) >= best - 1e-6
            search.step()
            steps += 1
        assert search.seeker.value == pytest.approx(best)
    assert steps > 2 * len(SEEDS)


def test_a_hard_form_is_branched_on_and_the_bound_falls_from_node_to_node() -> None:
    search, uppers = branching(hard_form()), []
    while search.open_nodes:
        uppers.append(search.upper)
        search.step()
    assert search.solved > 2 and uppers == sorted(uppers, reverse=True)


def test_with_the_best_plan_known_only_the_proof_is_left() -> None:
    form = hard_form()
    plans, values = every_plan(form)
    search = branching(form, start=plans[values.argmax()])
    while search.open_nodes:
        search.step()
    assert search.seeker.value == values.max()


def test_a_bound_closer_than_half_a_grain_leaves_nothing_to_look_at() -> None:
    form = form_of(covering([[0], [1]], [3, 4], (row("one", {0: 1, 1: 1}, -np.inf, 1.0),), profit=2))
    search = branching(form, start=np.array([False, True]))
    assert search.open_nodes == 0 and search.upper == -np.inf


def test_fixed_options_that_contradict_each_other_hold_no_plan() -> None:
    form = form_of(covering([[0]], [3], profit=1))
    search = branching(form.with_bounds(np.ones(1), np.zeros(1)), bound=relaxed(form))
    search.step()
    assert search.open_nodes == 0 and search.seeker.best is None


def test_a_form_without_any_plan_ends_without_one() -> None:
    form = form_of(covering([[0], [1]], [3, 4], (row("floor", {2: 3, 3: 4}, 8.0, np.inf),), profit=2))
    search = branching(form)
    while search.open_nodes:
        search.step()
    assert search.seeker.best is None


def test_out_of_time_the_node_goes_back_and_its_bound_stays() -> None:
    ended = [True]
    search = branching(hard_form(), over=lambda: ended[0])
    before = search.upper, search.open_nodes
    search.step()
    assert (search.upper, search.open_nodes) == before and search.solved == 0
    ended[0] = False  # and it can go on from there
    while search.open_nodes:
        search.step()
    assert search.seeker.value == optimum(hard_form())


def test_time_that_runs_out_anywhere_loses_no_plan_from_the_bound() -> None:
    form = hard_form()
    best = optimum(form)
    for most in range(0, 60, 7):
        asked = [0]

        def over(asked: list[int] = asked, most: int = most) -> bool:
            asked[0] += 1
            return asked[0] > most

        search = branching(form, over=over)
        while search.open_nodes and asked[0] <= most:
            search.step()
            assert max(search.upper, search.seeker.value) >= best, most


class Broken:
    """An engine that fails."""

    name = "broken"

    def solve(self, *_: object, **__: object) -> Answer:
        raise RuntimeError("no engine")


def test_an_engine_that_fails_leaves_the_node_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branch, "LEAF_PAIRS", 10**6)
    search = branching(hard_form(), backend=Broken())  # type: ignore[arg-type]
    before = search.upper
    with pytest.raises(RuntimeError, match="no engine"):
        search.step()
    assert search.open_nodes == 1 and search.upper == before


class Slow:
    """An engine that never has time for a plan."""

    name = "slow"

    def solve(self, *_: object, **__: object) -> Answer:
        nan = float("nan")
        return Answer("no_plan", None, nan, np.inf, nan, 0.0, "slow", "1", "time")


def test_a_node_that_the_engine_does_not_finish_is_branched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branch, "LEAF_PAIRS", 10**6)
    search = branching(hard_form(), backend=Slow())  # type: ignore[arg-type]
    before = search.upper
    search.step()
    assert search.open_nodes == 1 and search.upper == before
    search.step()
    assert search.open_nodes == 2 and search.upper <= before


def test_a_node_with_nothing_left_to_decide_is_the_one_plan_it_holds() -> None:
    form = form_of(covering([[0], [1]], [10, 6], lower={0: 1.0}, upper={1: 0.0}, profit=2))
    search = branching(form)
    while search.open_nodes:
        search.step()
    assert search.seeker.value == 10.0
