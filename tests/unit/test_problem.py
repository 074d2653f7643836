"""Travel times and coverage, as arrays."""

from __future__ import annotations

import numpy as np
import pytest

from siteopt.problem import TravelTimes, coverage_of
from tests.programs import posed, row_of_spaces
from tests.worlds import times_from


def test_each_pair_knows_its_cell() -> None:
    travel = TravelTimes(np.array([0, 2, 2, 3]), np.array([0, 1, 1]), np.array([1.0, 2.0, 3.0]), 5.0, "table", 4.8)
    assert travel.n_cells == 3 and travel.cell.tolist() == [0, 0, 2]


def test_coverage_keeps_the_limit_and_drops_what_lies_beyond() -> None:
    minutes = np.array([[0.0, 5.0, 5.01], [np.inf, 9.0, 4.0], [9.0, 9.0, 9.0]])
    cover = coverage_of(times_from(minutes, 9.0), 5.0)
    assert cover.indptr.tolist() == [0, 2, 3, 3] and cover.site.tolist() == [0, 1, 2]


def test_a_stored_zero_is_a_cell_on_the_doorstep() -> None:
    cover = coverage_of(times_from(np.array([[0.0]]), 5.0), 0.0)
    assert cover.site.tolist() == [0]


@pytest.mark.parametrize("n_cells", [0, 1])
def test_a_table_without_pairs_covers_nothing(n_cells: int) -> None:
    travel = TravelTimes(np.zeros(n_cells + 1, dtype=np.int64), np.empty(0, np.int64), np.empty(0), 5.0, "table", 4.8)
    cover = coverage_of(travel, 5.0)
    assert cover.indptr.tolist() == [0] * (n_cells + 1) and len(cover.site) == 0


def test_options_know_their_cost_and_area() -> None:
    world = row_of_spaces(2, 2, cost=[[1, 2], [3, 4]], types={"area_m2": np.array([50.0, 80.0])})
    problem = posed(world, [])
    assert problem.option_cost.tolist() == [1, 2, 3, 4]
    assert problem.option_area_m2.tolist() == [50, 80, 50, 80]
