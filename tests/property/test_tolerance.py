"""Goals that later ones may spoil a little: every plan of tiny programs tried, against goals in order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.program import Goal, Limits, Program
from siteopt.solve import strategy
from siteopt.solve.backend import value_of
from siteopt.solve.engines import engine
from siteopt.solve.merge import merged
from siteopt.solve.strategy import pursue
from siteopt.units import Floats
from tests.hard_programs import binary_columns, row
from tests.random_programs import random_program
from tests.small_covers import every_plan, form_of

BATCHES, EACH = 12, 15
TOLERANCES = (0.0, 0.01, 0.05, 0.2, 1.0)


def several_goals(seed: int) -> Program:
    """Two to four goals: what is covered, cost, and others over the options; each with some tolerance."""
    r = np.random.default_rng(seed)
    program = random_program(seed, sites=3, classes=12)
    first, n = program.goals[0], program.columns.start["cover"]
    goals = [first]
    for k in range(int(r.integers(1, 4))):
        cost = np.zeros(len(program.columns))
        cost[:n] = r.integers(0, 12, n) if k == 0 else r.integers(-6, 12, n)
        grain = 1.0 if r.random() < 0.7 else 0.0
        if not grain:
            cost[:n] += r.random(n)
        goals.append(Goal(f"later{k}", "min" if k == 0 else "max", cost, float(r.integers(-40, 5)) * (k > 0), grain))
    if r.random() < 0.3:
        goals[0], goals[1] = goals[1], goals[0]
    given = tuple(replace(g, tolerance=float(r.choice(TOLERANCES))) for g in goals)
    return replace(program, goals=given)


def tried(program: Program) -> list[tuple[float, Floats]] | None:
    """(best in its turn, values at the end that any best plan may have) of each goal; None without a plan."""
    by_cover = [g for g in program.goals if g.cost[program.columns.start["cover"] :].any()]
    form = form_of(replace(program, goals=tuple(by_cover)))
    plans, values = every_plan(form)
    left = plans[np.isfinite(values)]
    if not len(left):
        return None
    points = np.array([form.point(p, len(program.columns)) for p in left])
    turns = []
    for goal in program.goals:
        value = points @ goal.cost + goal.offset
        best = value.max() if goal.sense == "max" else value.min()
        give = goal.tolerance * abs(best) + 1e-9 * max(1.0, abs(best))
        points = points[value >= best - give] if goal.sense == "max" else points[value <= best + give]
        turns.append(float(best))
    # The last goal takes all that the others give up, and gives up nothing for anybody.
    last = points @ program.goals[-1].cost + program.goals[-1].offset
    at_end = points[np.abs(last - turns[-1]) <= 1e-9 * max(1.0, abs(turns[-1]))]
    return [(turn, at_end @ g.cost + g.offset) for turn, g in zip(turns, program.goals, strict=True)]


@pytest.mark.parametrize("batch", range(BATCHES))
def test_goals_with_tolerances_are_what_trying_every_plan_finds(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if batch % 2:
        monkeypatch.setattr(strategy, "SMALL", 1)  # step by step
        monkeypatch.setattr(strategy, "LARGE", 1)
    for seed in range(batch * EACH, (batch + 1) * EACH):
        program = several_goals(seed)
        expected = tried(program)
        name = "pulp" if seed % 5 == 0 and not batch % 2 else "highs"
        found = pursue(program, engine(name), Limits(time_limit_s=30.0, gap=0.0, threads=1 + seed % 2))
        if expected is None:
            assert found.status == "infeasible", seed
            continue
        assert found.x is not None and found.status == "proven", (seed, found.status, found.message)
        assert found.objective == value_of(program.goals[0], found.x), seed
        assert len(found.goals) == len(program.goals), seed
        reached = True
        for goal, result, (turn, ends) in zip(program.goals, found.goals, expected, strict=True):
            assert result.status == "proven", (seed, goal.name)
            assert result.final == pytest.approx(value_of(goal, found.x), abs=1e-9), seed
            assert result.value == pytest.approx(turn, abs=1e-6), (seed, goal.name)
            reached &= bool((np.abs(ends - result.final) <= 1e-6).any())
        assert reached, (seed, [g.final for g in found.goals], expected)


def test_the_value_in_its_own_turn_and_at_the_end_are_both_told() -> None:
    cost = np.array([100.0, 97.0, 50.0])
    goals = (Goal("worth", "max", cost, grain=1.0), Goal("cost", "min", np.array([9.0, 4.0, 1.0]), grain=1.0))
    one = row("one", dict.fromkeys(range(3), 1.0), 1.0, 1.0)
    for tolerance, worth, spent in ((0.0, 100.0, 9.0), (0.02, 100.0, 9.0), (0.03, 97.0, 4.0), (0.5, 50.0, 1.0)):
        program = Program(binary_columns(3), (one,), (replace(goals[0], tolerance=tolerance), goals[1]))
        found = pursue(program, engine("highs"), Limits(time_limit_s=10.0, threads=1))
        assert (found.status, found.objective, found.bound) == ("proven", worth, 100.0)
        assert found.gap == pytest.approx((100.0 - worth) / worth)
        lead, then = found.goals
        assert (lead.value, lead.bound, lead.gap, lead.final) == (100.0, 100.0, 0.0, worth)
        assert (then.value, then.final, then.status) == (spent, spent, "proven")
        assert (merged(program) is None) == (tolerance > 0)
