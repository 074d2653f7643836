"""What refusing a space costs, on tiny worlds: the value lost equals brute force, for every space of every plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.solve.refusal import refuse_each
from siteopt.solve.strategy import pursue
from tests.random_worlds import random_case
from tests.whatif_oracle import HIGHS, LIMITS, posed


@pytest.mark.parametrize("seed", range(3000, 3040))
def test_the_value_without_each_chosen_space_equals_brute_force(seed: int) -> None:
    world = posed(random_case(seed))
    x = world.answer.x
    if x is None:
        return
    chosen = sorted(set(world.problem.option_site[world.options(x)].tolist()))
    groups = [np.flatnonzero(world.problem.option_site == j) for j in chosen]
    made = refuse_each(world.program, groups, HIGHS, LIMITS, best=x, bound=world.answer.bound)
    assert len(made) == len(groups)
    for group, refusal in zip(groups, made, strict=True):
        without = [p for p in world.feasible if not p.opened[group].any()]
        if not without:
            assert refusal.outcome == "infeasible" and refusal.x is None
            continue
        best = max(p.value for p in without)
        assert refusal.outcome == "proven" and refusal.x is not None
        assert refusal.value == pytest.approx(best, abs=1e-6) and refusal.bound == pytest.approx(best, abs=1e-6)
        mine = world.options(refusal.x)
        plan = next(p for p in world.plans if (p.opened == mine).all())
        assert plan.feasible and not plan.opened[group].any() and plan.value == pytest.approx(best, abs=1e-6)
        least = min(p.cost for p in without if p.value >= best - 1e-6)
        assert plan.cost == pytest.approx(least, abs=1e-6)
        if not (world.problem.option_cost == 0).any():
            # Of plans equal in value and cost the one most like the plan at hand.
            alike = [p for p in without if p.value >= best - 1e-6 and p.cost <= least + 1e-6]
            changes = [int((p.opened != world.options(x)).sum()) for p in alike]
            assert int((mine != world.options(x)).sum()) == min(changes)


@pytest.mark.parametrize("seed", range(3000, 3006))
def test_without_any_time_the_loss_is_still_bounded_on_both_sides(seed: int) -> None:
    world = posed(random_case(seed))
    x = world.answer.x
    if x is None:
        return
    chosen = sorted(set(world.problem.option_site[world.options(x)].tolist()))
    groups = [np.flatnonzero(world.problem.option_site == j) for j in chosen]
    none = replace(LIMITS, time_limit_s=0.0)
    for group, refusal in zip(
        groups, refuse_each(world.program, groups, HIGHS, none, best=x, bound=world.answer.bound), strict=True
    ):
        without = [p.value for p in world.feasible if not p.opened[group].any()]
        assert refusal.bound >= max(without, default=-np.inf) - 1e-6
        if refusal.x is not None:
            assert refusal.value <= max(without) + 1e-6


@pytest.mark.parametrize("seed", range(3040, 3064))
def test_a_goal_that_gives_something_up_loses_at_its_best_and_is_replanned_in_full(seed: int) -> None:
    given = posed(random_case(seed, n_sites=4))
    goals = (replace(given.program.goals[0], tolerance=0.25), *given.program.goals[1:])
    program = replace(given.program, goals=goals)
    answer = pursue(program, HIGHS, LIMITS)
    if answer.x is None:
        return
    chosen = sorted(set(given.problem.option_site[given.options(answer.x)].tolist()))
    groups = [np.flatnonzero(given.problem.option_site == j) for j in chosen]
    made = refuse_each(program, groups, HIGHS, LIMITS, best=answer.x, bound=answer.bound)
    for group, refusal in zip(groups, made, strict=True):
        others = [p for p in given.feasible if not p.opened[group].any()]
        if not others:
            assert refusal.outcome == "infeasible"
            continue
        best = max(p.value for p in others)
        assert refusal.outcome == "proven" and refusal.x is not None
        assert refusal.value == pytest.approx(best, abs=1e-6) and refusal.bound == pytest.approx(best, abs=1e-6)
        mine = next(p for p in given.plans if (p.opened == given.options(refusal.x)).all())
        near = [p for p in others if p.value >= 0.75 * best - 1e-6]
        assert mine.feasible and mine in near
        assert mine.cost == pytest.approx(min(p.cost for p in near), abs=1e-6)
