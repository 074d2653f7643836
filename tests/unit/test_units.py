"""Units, and the one place that decides an edge."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from siteopt.units import DM2_PER_M2, EDGE_MIN, exact_share, read_only, whole_dm2, within


@pytest.mark.parametrize(
    ("minutes", "limit", "inside"),
    [
        (15.0, 15.0, True),
        (0.0, 0.0, True),
        (0.1 + 0.2, 0.3, True),
        (15.0 + EDGE_MIN / 2, 15.0, True),
        (15.0 + 3 * EDGE_MIN, 15.0, False),
        (15.001, 15.0, False),
        (float("inf"), 15.0, False),
        (float("nan"), 15.0, False),
    ],
)
def test_the_limit_itself_is_inside(minutes: float, limit: float, inside: bool) -> None:
    assert bool(within(minutes, limit)) is inside


def test_many_minutes_are_compared_with_many_limits() -> None:
    assert within(np.array([[4.0], [6.0]]), np.array([5.0, 10.0])).tolist() == [[True, True], [False, True]]


def test_areas_become_whole_square_decimetres() -> None:
    assert whole_dm2([0.0, 0.01, 33.1, 66.9, 100.0]).tolist() == [0, 1, 3310, 6690, 10_000]
    assert whole_dm2(33.1) + whole_dm2(66.9) == whole_dm2(100.0)
    assert whole_dm2(0.1 + 0.2) == 0.3 * DM2_PER_M2


@pytest.mark.parametrize(
    ("share", "meant"), [(0.1, Fraction(1, 10)), (0.05, Fraction(1, 20)), (1 / 3, Fraction("0.3333333333333333"))]
)
def test_a_decimal_share_is_the_fraction_that_a_person_meant(share: float, meant: Fraction) -> None:
    assert exact_share(share) == meant


def test_a_noun_cannot_change_under_a_stage_that_holds_it() -> None:
    mine = np.arange(3.0)
    held = read_only(mine)
    with pytest.raises(ValueError, match="read-only"):
        held[0] = 9.0
    mine[0] = 7.0  # the owner still may
    assert read_only([1, 2], np.float64).dtype == np.float64
