"""Amounts against limits: what all rules of norms share."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from siteopt.model.amounts import OUTLETS
from siteopt.model.norms import Line, norm_rows, norm_verdicts
from tests.norm_worlds import asked, counting, everywhere, town
from tests.programs import plan_with

ALL = np.ones(1, dtype=bool)


def test_a_floor_in_square_metres_is_the_next_whole_square_decimetre_and_told_as_it_was_said() -> None:
    world = town(2)
    line = Line("A", everywhere(world), ALL, standing=1000, least=Fraction(30_001, 2))  # 150.005 m2
    [rows] = norm_rows("r", [line], counting("m2", 100, np.array([5000, 5000])), *asked(world))
    assert rows.value.tolist() == [50.0, 50.0] and rows.lower.tolist() == [140.01]
    assert rows.stated is not None and rows.stated.tolist() == [140.005]
    assert rows.today is not None and rows.today.tolist() == [10.0]
    (verdict,) = norm_verdicts("r", [line], counting("m2", 100, np.array([5000, 5000])), world, plan_with(world, []))
    assert (verdict.need, verdict.got) == (150.005, 10.0)


def test_things_that_come_in_wholes_are_told_in_wholes() -> None:
    world = town(2)
    line = Line("A", everywhere(world), ALL, standing=1, least=Fraction(5, 2), most=Fraction(7, 2))
    low, high = norm_rows("r", [line], OUTLETS, *asked(world))
    assert (low.lower.tolist(), high.upper.tolist()) == ([2.0], [2.0])
    assert low.stated is not None and low.stated.tolist() == [2.0]
    assert high.stated is not None and high.stated.tolist() == [2.0]
    told = norm_verdicts("r", [line], OUTLETS, world, plan_with(world, [(0, 0)]))
    assert [(v.need, v.got, v.sense, v.holds) for v in told] == [(3.0, 2.0, "ge", False), (3.0, 2.0, "le", True)]


def test_a_floor_that_today_meets_and_a_missing_figure_make_no_row() -> None:
    world = town(2)
    met = Line("A", everywhere(world), ALL, standing=3, least=Fraction(3))
    unknown = Line("B", everywhere(world), ALL, least=None, missing="households")
    assert norm_rows("r", [met, unknown], OUTLETS, *asked(world)) == []
    _, verdict = norm_verdicts("r", [met, unknown], OUTLETS, world, plan_with(world, []))
    assert (verdict.checked, verdict.holds, verdict.detail["missing"]) == (False, False, "households")
