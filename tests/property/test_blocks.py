"""Programs with columns of their rules' own: goals in order, with all that is done to be quick, equal plain HiGHS."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.program import Goal, Limits, Program, Rows, rows_from
from siteopt.solve import strategy
from siteopt.solve.alternatives import alternatives
from siteopt.solve.backend import ROW_TOLERANCE, Stop, value_of, worst_violation
from siteopt.solve.frontier import Frontier
from siteopt.solve.highs import Highs
from siteopt.solve.refusal import refuse
from siteopt.solve.variation import opened, refusing
from tests.random_programs import random_program, with_blocks

BATCHES, EACH = 20, 12
"""Batches of programs, so that workers share them."""

LIMITS = Limits(time_limit_s=60.0, gap=0.0, threads=1)


def in_order(program: Program, tolerance: float = 0.0) -> list[float] | None:
    """The value of each goal in its turn by plain HiGHS, strict, with earlier values as floors; None: no plan."""
    locks: list[Rows] = []
    values = []
    for goal in program.goals:
        free = replace(goal, grain=0.0)
        found = Highs().solve(
            program, free, locks, limits=LIMITS, start=None, report=lambda _: None, stop=Stop(), careful=True
        )
        if found.x is None:
            assert found.status == "infeasible" and not values, found.message
            return None
        values.append(found.objective)
        locks.append(_floor(goal, found.objective, tolerance))
    return values


def _floor(goal: Goal, value: float, tolerance: float) -> Rows:
    at = np.flatnonzero(goal.cost)
    give = tolerance * abs(value) + 1e-7 * max(1.0, abs(value))
    low, high = (value - give, np.inf) if goal.sense == "max" else (-np.inf, value + give)
    return rows_from("keep", [(at, goal.cost[at])], [low - goal.offset], [high - goal.offset], ["keep"])


def same(value: float, expected: float) -> bool:
    return abs(value - expected) <= 4e-6 * max(1.0, abs(expected))


@pytest.mark.parametrize("batch", range(BATCHES))
def test_goals_in_order_reach_what_plain_highs_reaches(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SMALL", "LARGE"):
        monkeypatch.setattr(strategy, name, 1)
    for seed in range(batch * EACH, (batch + 1) * EACH):
        program = with_blocks(random_program(seed, sites=5, classes=15), seed)
        expected = in_order(program)
        found = strategy.pursue(program, Highs(), replace(LIMITS, threads=1 + seed % 2))
        if expected is None:
            assert found.status == "infeasible", seed
            continue
        assert found.status == "proven" and found.x is not None, (seed, found.status, found.message)
        assert worst_violation(program.blocks, found.x) <= ROW_TOLERANCE, seed
        assert len(found.goals) == len(expected), (seed, [g.status for g in found.goals])
        for goal, result, value in zip(program.goals, found.goals, expected, strict=True):
            assert same(result.value, value), (seed, goal.name, result.value, value)
            assert same(value_of(goal, found.x), value), (seed, goal.name)


@pytest.mark.parametrize("batch", range(4))
def test_refusals_and_alternatives_are_right_with_columns_of_rules(batch: int) -> None:
    for seed in range(500 + batch * 8, 508 + batch * 8):
        program = with_blocks(random_program(seed, sites=4, classes=10), seed)
        base = strategy.pursue(program, Highs(), LIMITS)
        if base.x is None or not opened(program, base.x).any():
            continue
        group = np.flatnonzero(opened(program, base.x))[:1]
        without = replace(refusing(program, group), goals=program.goals[:1])
        found, expected = refuse(program, group, Highs(), LIMITS, best=base.x, bound=base.bound), in_order(without)
        if expected is None:
            assert found.outcome == "infeasible", seed
        else:
            assert found.outcome == "proven" and same(found.value, expected[0]), seed
            assert found.x is not None and worst_violation(without.blocks, found.x) <= ROW_TOLERANCE, seed
        goal = program.goals[0]
        sign = 1.0 if goal.sense == "max" else -1.0
        floor = base.objective - sign * 0.1 * abs(base.objective)
        for other in alternatives(program, Highs(), LIMITS, best=base.x, floor=floor, count=2):
            assert other.proven, seed
            if other.x is not None:
                assert worst_violation(program.blocks, other.x) <= ROW_TOLERANCE, seed
                assert sign * (value_of(goal, other.x) - floor) >= -4e-6 * max(1.0, abs(floor)), seed
                assert (opened(program, other.x) != opened(program, base.x)).any(), seed


@pytest.mark.parametrize("batch", range(4))
def test_a_frontier_is_right_with_columns_of_rules_in_its_ceiling(batch: int) -> None:
    for seed in range(700 + batch * 6, 706 + batch * 6):
        program = with_blocks(random_program(seed, sites=4, classes=10), seed)
        r, n = np.random.default_rng(seed), program.columns.start["cover"]
        at, price = np.arange(n), r.integers(1, 9, n).astype(np.float64)
        if "area" in program.columns.start:  # money for every unit of area too
            at, price = np.append(at, program.columns.start["area"] + at), np.append(price, np.ones(n))
        budget = rows_from("budget", [(at, price)], [-np.inf], [60.0], ["budget"])
        frontier = Frontier(replace(program, blocks=(*program.blocks, budget)), len(program.blocks), Highs(), LIMITS)
        if frontier.ends().free.x is None:
            continue
        ceilings = [(amount, replace(budget, upper=np.array([amount]))) for amount in (4.0, 15.0, 30.0)]
        for point, (amount, row) in zip(frontier.run(ceilings), ceilings, strict=True):
            expected = in_order(replace(program, blocks=(*program.blocks, row), goals=program.goals[:1]))
            assert (point.x is None) == (expected is None), (seed, amount)
            assert expected is None or same(point.value, expected[0]), (seed, amount, point.value, expected)
