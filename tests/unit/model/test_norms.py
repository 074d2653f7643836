"""Amounts against limits and parts against wholes: what all rules of norms share."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from siteopt.model.norms import FINEST_ROW, Line, Part, norm_rows, norm_verdicts, share_of, share_rows, share_verdicts
from siteopt.problem import Problem
from siteopt.program import Columns
from siteopt.world import World
from tests.norm_worlds import town
from tests.programs import plan_with, posed

ALL = np.ones(1, dtype=bool)


def asked(world: World) -> tuple[Problem, Columns]:
    problem = posed(world, [])
    n = len(problem.option_site)
    return problem, Columns({"open": 0}, np.zeros(n), np.ones(n), np.ones(n, dtype=bool))


def everywhere(world: World) -> np.ndarray:
    return np.ones(len(world.sites), dtype=bool)


def test_a_floor_in_square_metres_is_the_next_whole_square_decimetre_and_told_as_it_was_said() -> None:
    world = town(2)
    line = Line("A", everywhere(world), ALL, standing=1000, least=Fraction(30_001, 2))  # 150.005 m2
    [rows] = norm_rows("r", [line], np.array([5000, 5000]), *asked(world), unit="m2", size=100)
    assert rows.value.tolist() == [50.0, 50.0] and rows.lower.tolist() == [140.01]
    assert rows.stated is not None and rows.stated.tolist() == [140.005]
    assert rows.today is not None and rows.today.tolist() == [10.0]
    (verdict,) = norm_verdicts("r", [line], np.full((2, 1), 5000), plan_with(world, []), unit="m2", size=100)
    assert (verdict.need, verdict.got) == (150.005, 10.0)


def test_things_that_come_in_wholes_are_told_in_wholes() -> None:
    world = town(2)
    line = Line("A", everywhere(world), ALL, standing=1, least=Fraction(5, 2), most=Fraction(7, 2))
    low, high = norm_rows("r", [line], np.array([1, 1]), *asked(world), unit="outlets")
    assert (low.lower.tolist(), high.upper.tolist()) == ([2.0], [2.0])
    assert low.stated is not None and low.stated.tolist() == [2.0]
    assert high.stated is not None and high.stated.tolist() == [2.0]
    told = norm_verdicts("r", [line], np.ones((2, 1), dtype=int), plan_with(world, [(0, 0)]), unit="outlets")
    assert [(v.need, v.got, v.sense, v.holds) for v in told] == [(3.0, 2.0, "ge", False), (3.0, 2.0, "le", True)]


def test_a_floor_that_today_meets_and_a_missing_figure_make_no_row() -> None:
    world = town(2)
    met = Line("A", everywhere(world), ALL, standing=3, least=Fraction(3))
    unknown = Line("B", everywhere(world), ALL, least=None, missing="households")
    assert norm_rows("r", [met, unknown], np.array([1, 1]), *asked(world), unit="outlets") == []
    _, verdict = norm_verdicts("r", [met, unknown], np.ones((2, 1), dtype=int), plan_with(world, []), unit="outlets")
    assert (verdict.checked, verdict.holds, verdict.detail["missing"]) == (False, False, "households")


@pytest.mark.parametrize("share", [0.3, 0.3333, 1 / 3, 0.0001, 0.9999])
@pytest.mark.parametrize("sense", ["ge", "le"])
def test_rows_of_areas_never_confuse_a_share_with_the_nearest_other(share: float, sense: str) -> None:
    world, r = town(6, 2), np.random.default_rng(1)
    amount = r.integers(1, 200_000, 12)
    problem, columns = asked(world)
    table = np.zeros((6, 2), dtype=np.int64)
    table[problem.option_site, problem.option_type] = amount
    part = Part("p", everywhere(world), np.array([True, False]), np.ones(2, bool), 17, 40, share_of(share), sense)
    [rows] = share_rows("r", [part], amount, problem, columns, unit="m2", size=100)
    for _ in range(200):
        opened = r.random((6, 2)) < 0.5
        x = opened[problem.option_site, problem.option_type].astype(float)
        activity = float(rows.value @ x[rows.column])
        by_rows = rows.lower[0] - 1e-6 <= activity <= rows.upper[0] + 1e-6
        plan = plan_with(world, [(int(j), int(t)) for j, t in np.argwhere(opened)])
        (verdict,) = share_verdicts("r", [part], table, plan, unit="m2", size=100)
        assert verdict.holds == by_rows


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_one_square_decimetre_decides_beside_thousands_of_square_metres(over: int) -> None:
    world = town(2)
    amount = np.array([3_000_000 + over, 7_000_000])  # 30 % of 100,000 m2, give or take 0.01 m2
    part = Part("p", everywhere(world), np.array([[True], [False]]), np.ones((2, 1), bool), 0, 0, share_of(0.3))
    [rows] = share_rows("r", [part], amount, *asked(world), unit="m2", size=100)
    (verdict,) = share_verdicts("r", [part], amount[:, None], plan_with(world, [(0, 0), (1, 0)]), unit="m2", size=100)
    assert verdict.holds == (rows.value.sum() >= rows.lower[0] - 1e-6) == (over >= 0)
    assert np.abs(rows.value).max() < 100 * FINEST_ROW


def test_a_share_is_the_fraction_that_a_person_meant() -> None:
    assert share_of(0.3) == Fraction(3, 10)
    assert share_of(0.3333) == Fraction(3333, 10_000)
    assert share_of(0.333333) == Fraction(1, 3)
