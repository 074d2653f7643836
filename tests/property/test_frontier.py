"""The frontier on tiny worlds: value and bound at every budget equal brute force; values never fall."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from siteopt.model.constraint import Constraint, Params
from siteopt.model.constraint import registry as constraint_registry
from siteopt.program import Limits
from siteopt.solve.curve import Point, hull_of
from siteopt.solve.frontier import Frontier
from tests.random_worlds import random_case
from tests.whatif_oracle import HIGHS, LIMITS, Posed, block_of, posed, with_rule

LABEL = "purse"
AMOUNTS = (0.0, 999.99, 1000.0, 2500.0, 4000.0, 7250.5, 12_000.0, 30_000.0)


def purse(amount: float, types: tuple[str, ...] | None) -> Constraint[Params]:
    rule = constraint_registry()["budget"]
    return rule(rule.parameters(amount=amount, types=types), LABEL)


def frontier_of(
    seed: int, limits: Limits = LIMITS, *, n_sites: int = 4
) -> tuple[Posed, Frontier, list[tuple[float, object]]]:
    case = random_case(seed, n_sites=n_sites)
    types = ("t0",) if seed % 4 == 0 else None
    world = posed(with_rule(case, purse(1e9, types)))
    row_at = [(a, purse(a, types).rows(world.problem, world.program.columns)[0]) for a in AMOUNTS]
    return world, Frontier(world.program, block_of(world.program, LABEL), HIGHS, limits), row_at


def oracle(world: Posed, amount: float) -> tuple[float, float] | None:
    """The best value within an amount and the least that it takes of it."""
    can = [p for p in world.plans if p.feasible and p.spent[LABEL] <= amount + 0.005]
    if not can:
        return None
    best = max(p.value for p in can)
    return best, min(p.spent[LABEL] for p in can if p.value >= best - 1e-6)


@pytest.mark.parametrize("seed", range(4000, 4040))
def test_every_point_equals_brute_force_and_is_proven(seed: int) -> None:
    world, frontier, rows = frontier_of(seed)
    ends = frontier.ends()
    free = oracle(world, np.inf)
    if free is None:
        assert ends.free.status == "infeasible"
        return
    assert ends.free.objective == pytest.approx(free[0], abs=1e-6)
    assert ends.enough_proven and ends.enough == pytest.approx(free[1], abs=0.01)
    least = min(p.spent[LABEL] for p in world.feasible)
    assert ends.least_proven and ends.least == pytest.approx(least, abs=0.01)
    points = frontier.run(rows)
    for point in points:
        best = oracle(world, point.amount)
        if best is None:
            assert point.infeasible and point.x is None
            continue
        assert point.settled and point.x is not None
        assert point.value == pytest.approx(best[0], abs=1e-6) and point.bound == pytest.approx(best[0], abs=1e-6)
        mine = world.options(point.x)
        plan = next(p for p in world.plans if (p.opened == mine).all())
        assert plan.feasible and plan.spent[LABEL] <= point.amount + 0.005
        assert point.spent == pytest.approx(plan.spent[LABEL], abs=0.01)
        assert point.spent == pytest.approx(best[1], abs=0.01)
    known = [p.value for p in points if p.x is not None]
    assert all(a <= b + 1e-9 for a, b in pairwise(known))


@pytest.mark.parametrize("seed", range(4000, 4012))
def test_without_time_every_bound_still_holds_and_every_plan_is_one(seed: int) -> None:
    world, frontier, rows = frontier_of(seed, Limits(time_limit_s=0.0, threads=1))
    ends = frontier.ends()
    if ends.free.status == "infeasible":
        return
    for point in frontier.run(rows):
        best = oracle(world, point.amount)
        if point.x is not None:
            assert best is not None and point.value <= best[0] + 1e-6
        if best is not None and np.isfinite(point.bound):
            assert point.bound >= best[0] - 1e-6


@pytest.mark.parametrize("seed", range(4000, 4020))
def test_a_straight_line_bounds_every_budget(seed: int) -> None:
    world, frontier, rows = frontier_of(seed)
    if frontier.ends().free.status == "infeasible":
        return
    for price in (0.0, 0.001, 0.01, 0.1):
        frontier._line(price, 5.0)
    for price, base in frontier._lines:
        for amount, _ in rows:
            best = oracle(world, amount)
            if best is not None:
                assert base + price * amount >= best[0] - 1e-6
    # They touch the frontier somewhere: a line that never does would bound nothing.
    feasible = [(p.spent[LABEL], p.value) for p in world.feasible]
    for price, base in frontier._lines:
        assert max(v - price * s for s, v in feasible) == pytest.approx(base, abs=1e-3)


def test_points_between_equal_neighbours_are_not_searched() -> None:
    searched, points_made = 0, 0
    for seed in range(4000, 4012):
        _, frontier, rows = frontier_of(seed)
        if frontier.ends().free.status != "infeasible":
            points: tuple[Point, ...] = frontier.run(rows)
            searched += sum(p.searched for p in points)
            points_made += len(points)
    assert 0 < searched < points_made / 2


def test_the_hull_is_concave_rising_and_above_every_point() -> None:
    r = np.random.default_rng(7)
    for _ in range(50):
        points = [(float(x), float(y)) for x, y in r.integers(0, 12, (9, 2))]
        hull = hull_of(points)
        slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(hull)]
        assert all(s > 0 for s in slopes) and all(s > t for s, t in pairwise(slopes))
        xs, ys = np.array(hull).T
        for x, y in points:
            assert y <= np.interp(x, xs, ys) + 1e-9 or x < xs[0]
