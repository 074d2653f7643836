"""Parts against wholes: what all rules of ratios share."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from siteopt.model.ratios import FINEST_ROW, Part, share_of, share_rows, share_verdicts
from tests.norm_worlds import asked, counting, everywhere, town
from tests.programs import plan_with


@pytest.mark.parametrize("share", [0.3, 0.3333, 1 / 3, 0.0001, 0.9999])
@pytest.mark.parametrize("sense", ["ge", "le"])
def test_rows_of_areas_never_confuse_a_share_with_the_nearest_other(share: float, sense: str) -> None:
    world, r = town(6, 2), np.random.default_rng(1)
    amount = r.integers(1, 200_000, 12)
    problem, columns = asked(world)
    counted = counting("m2", 100, amount)
    part = Part("p", everywhere(world), np.array([True, False]), np.ones(2, bool), 17, 40, share_of(share), sense)
    [rows] = share_rows("r", [part], counted, problem, columns)
    for _ in range(200):
        opened = r.random((6, 2)) < 0.5
        x = opened[problem.option_site, problem.option_type].astype(float)
        activity = float(rows.value @ x[rows.column])
        by_rows = rows.lower[0] - 1e-6 <= activity <= rows.upper[0] + 1e-6
        plan = plan_with(world, [(int(j), int(t)) for j, t in np.argwhere(opened)])
        (verdict,) = share_verdicts("r", [part], counted, world, plan)
        assert verdict.holds == by_rows


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_one_square_decimetre_decides_beside_thousands_of_square_metres(over: int) -> None:
    world = town(2)
    amount = np.array([3_000_000 + over, 7_000_000])  # 30 % of 100,000 m2, give or take 0.01 m2
    counted = counting("m2", 100, amount)
    part = Part("p", everywhere(world), np.array([[True], [False]]), np.ones((2, 1), bool), 0, 0, share_of(0.3))
    [rows] = share_rows("r", [part], counted, *asked(world))
    (verdict,) = share_verdicts("r", [part], counted, world, plan_with(world, [(0, 0), (1, 0)]))
    assert verdict.holds == (rows.value.sum() >= rows.lower[0] - 1e-6) == (over >= 0)
    assert np.abs(rows.value).max() < 100 * FINEST_ROW


def test_a_share_is_the_fraction_that_a_person_meant() -> None:
    assert share_of(0.3) == Fraction(3, 10)
    assert share_of(0.3333) == Fraction(3333, 10_000)
    assert share_of(0.333333) == Fraction(1, 3)
