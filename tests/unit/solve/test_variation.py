"""Programs made from a program: bounds, floors and columns say what they should, in whole numbers where they can."""

from __future__ import annotations

import numpy as np
import pytest

from siteopt.program import Columns, Goal, Program, Rows
from siteopt.solve.backend import worst_violation
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from siteopt.solve.variation import best_start, closing, floor_under, keeps, refusing, with_column
from tests.programs import posed, row_of_spaces, rule
from tests.random_worlds import always
from tests.whatif_oracle import LIMITS


def town() -> Program:
    """Three spaces worth 10, 20 and 30 people; all may open."""
    from siteopt.model.build import build
    from siteopt.model.objectives.coverage import Coverage, Seek

    world = row_of_spaces(3)
    rules = [*always(), rule("budget", amount=100.0)]
    return build(posed(world, rules), rules, Seek(Coverage()))


def point(program: Program, *opened: int) -> np.ndarray:
    """Some columns open, coverage as far as the links let it be."""
    x = np.zeros(len(program.columns))
    x[list(opened)] = 1.0
    return closing(program, x, np.empty(0, dtype=np.int64))


def test_a_refused_column_stays_closed_in_every_answer() -> None:
    program = refusing(town(), np.array([2]))
    answer = pursue(program, engine("highs"), LIMITS)
    assert answer.status == "proven" and answer.x is not None
    assert answer.x[2] == 0 and answer.objective == 30.0


def test_refusing_a_column_that_must_be_open_leaves_no_plan() -> None:
    program = town()
    program.columns.lower[1] = 1.0
    assert pursue(refusing(program, np.array([1])), engine("highs"), LIMITS).status == "infeasible"


def test_closing_a_column_lowers_what_only_it_covered_and_nothing_else() -> None:
    program = town()
    x = point(program, 0, 1, 2)
    assert program.goals[0].cost @ x == 60.0
    assert program.goals[0].cost @ closing(program, x, np.array([1])) == 40.0


@pytest.mark.parametrize(("value", "kept"), [(30.0, True), (30.0 + 1e-9, True), (30.5, False), (40.0, False)])
def test_a_floor_in_whole_people_lets_through_what_is_as_good_and_nothing_worse(value: float, kept: bool) -> None:
    program = town()
    row = floor_under(program.goals[0], value, "floor")
    assert float(row.lower[0]).is_integer() and np.all(row.value == np.rint(row.value))
    assert bool(worst_violation([row], point(program, 2)) <= 1e-6) is kept


@pytest.mark.parametrize(("value", "kept"), [(2.5, True), (2.4, False), (3.0, True)])
def test_a_floor_under_a_goal_to_be_made_small_is_a_ceiling(value: float, kept: bool) -> None:
    goal = Goal("cost", "min", np.array([2.5, 1.0]))
    row = floor_under(goal, value, "ceiling")
    assert bool(worst_violation([row], np.array([1.0, 0.0])) <= 1e-6) is kept


def test_one_more_column_changes_no_goal_and_no_row() -> None:
    program = town()
    wider = with_column(program, "distance", 7)
    assert len(wider.columns) == len(program.columns) + 1 and wider.columns.upper[-1] == 7
    assert all(g.cost[-1] == 0 and len(g.cost) == len(wider.columns) for g in wider.goals)
    assert wider.blocks == program.blocks and wider.columns.start["distance"] == len(program.columns)


def test_the_best_start_is_the_best_of_those_that_keep_every_row() -> None:
    program = refusing(town(), np.array([2]))
    points = [point(town(), 0), point(town(), 0, 1), point(town(), 2)]
    start = best_start(program, points)
    assert start is not None and np.array_equal(start, points[1])
    assert not keeps(program, points[2]) and best_start(program, [points[2]]) is None


def test_a_row_that_is_broken_is_seen_whatever_the_bounds() -> None:
    columns = Columns({"open": 0}, np.zeros(2), np.ones(2), np.ones(2, dtype=bool))
    row = Rows("r", np.array([0, 2]), np.array([0, 1]), np.ones(2), np.array([-np.inf]), np.array([1.0]))
    program = Program(columns, (row,), (Goal("g", "max", np.ones(2)),))
    assert keeps(program, np.array([1.0, 0.0])) and not keeps(program, np.array([1.0, 1.0]))
