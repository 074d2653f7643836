"""With the whole numbers settled, the parts of a plan are at their very best."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.model.build import build
from siteopt.model.objectives.coverage import Coverage, Seek
from siteopt.program import Goal, Limits, Program, Rows
from siteopt.solve.complete import straightened
from siteopt.solve.engines import engine
from siteopt.solve.strategy import _lock, pursue
from tests.programs import minutes_of, posed, row_of_spaces
from tests.random_worlds import always


def program() -> Program:
    world = row_of_spaces(2, types={"capacity": np.array([15.0])})
    rules = always()
    return build(posed(world, rules, minutes_of(world)), rules, Seek(Coverage()))


@pytest.mark.parametrize("sought", [1, 2])
def test_what_a_later_goal_took_is_given_back_however_many_were_sought(sought: int) -> None:
    asked = program()
    answer = pursue(asked, engine("highs"), Limits(time_limit_s=10.0, threads=1))
    assert answer.x is not None and answer.objective == pytest.approx(25.0, abs=1e-9)
    worse = answer.x.copy()
    worse[~asked.columns.integer] *= 1 - 1e-6
    turns = [g.value for g in answer.goals][:sought]
    mended = straightened(asked, worse, turns, _lock, 5.0)
    assert asked.goals[0].cost @ mended == pytest.approx(25.0, abs=1e-9)
    assert (mended[asked.columns.integer] == worse[asked.columns.integer]).all()


def test_a_goal_that_whole_numbers_settle_takes_nothing_from_the_others() -> None:
    asked = program()
    answer = pursue(asked, engine("highs"), Limits(time_limit_s=10.0, threads=1))
    assert answer.x is not None and len(answer.goals) > 1
    seen: list[str] = []

    def lock(goal: Goal, value: float, noise: float = 0.01) -> Rows:
        seen.append(goal.name)
        return _lock(goal, value, noise)  # leaves far more than an engine's tolerance

    mended = straightened(asked, answer.x, [g.value for g in answer.goals], lock, 5.0)
    assert asked.goals[0].cost @ mended == pytest.approx(25.0, abs=1e-9)
    settled = [g.name for g in asked.goals if not g.cost[~asked.columns.integer].any()]
    assert settled and not set(settled) & set(seen)


def test_what_a_goal_may_give_up_is_not_taken_back() -> None:
    asked = program()
    asked = replace(asked, goals=(replace(asked.goals[0], tolerance=0.2), *asked.goals[1:]))
    answer = pursue(asked, engine("highs"), Limits(time_limit_s=10.0, threads=1))
    assert answer.x is not None
    # Of the people that later goals do not need to be given up, none is.
    least = replace(asked.goals[0], sense="min", tolerance=0.0)
    worse = straightened(replace(asked, goals=(least,)), answer.x, [0.0], _lock, 5.0)
    assert least.cost @ worse < 1.0
    mended = straightened(asked, worse, [g.value for g in answer.goals], _lock, 5.0)
    best = straightened(replace(asked, goals=(replace(least, sense="max"),)), worse, [0.0], _lock, 5.0)
    assert asked.goals[0].cost @ mended == pytest.approx(asked.goals[0].cost @ best, abs=1e-6)
    for goal in asked.goals[1:]:
        assert goal.cost @ mended == pytest.approx(goal.cost @ answer.x, abs=1e-6)
