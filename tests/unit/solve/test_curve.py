"""The curve of best values over ceilings: what must be true of it, and the slope that prices money."""

from __future__ import annotations

import numpy as np
import pytest

from siteopt.program import Goal
from siteopt.solve.curve import Point, check, halving, slope_near

MOST = Goal("worth", "max", np.ones(1))
LEAST = Goal("minutes", "min", np.ones(1))


def point(amount: float, value: float, bound: float | None = None, spent: float | None = None) -> Point:
    spent = amount if spent is None else spent
    return Point(amount, np.ones(1), value, value if bound is None else bound, spent, bound is None, False, True)


def test_a_sound_curve_rises_for_the_most_and_falls_for_the_least() -> None:
    check([point(0, 1), point(5, 3), point(9, 3)], MOST)
    check([point(0, 9), point(5, 3), point(9, 3)], LEAST)


@pytest.mark.parametrize(
    ("points", "goal", "said"),
    [
        ([point(0, 3), point(5, 1)], MOST, "falls"),
        ([point(0, 1), point(5, 3)], LEAST, "falls"),
        ([point(0, 3, bound=2)], MOST, "bound"),
        ([point(0, 3, bound=4)], LEAST, "bound"),
        ([point(4, 3, spent=5)], MOST, "spends"),
    ],
)
def test_a_curve_that_cannot_be_is_refused(points: list[Point], goal: Goal, said: str) -> None:
    with pytest.raises(RuntimeError, match=said):
        check(points, goal)


@pytest.mark.parametrize(("goal", "values"), [(MOST, (0.0, 8.0, 10.0)), (LEAST, (10.0, 2.0, 0.0))])
def test_the_price_of_money_is_the_slope_of_the_hull_around_a_budget(goal: Goal, values: tuple[float, ...]) -> None:
    points = [point(10.0 * k, v) for k, v in enumerate(values)]
    assert slope_near(point(5.0, 0.0), points, goal) == pytest.approx(0.8)
    assert slope_near(point(15.0, 0.0), points, goal) == pytest.approx(0.2)
    assert slope_near(point(30.0, 0.0), points, goal) == 0.0


@pytest.mark.parametrize("n", range(9))
def test_every_budget_is_looked_at_once_both_ends_first(n: int) -> None:
    order = halving(n)
    assert sorted(order) == list(range(n))
    assert n < 3 or order[:2] == [n - 1, 0]
