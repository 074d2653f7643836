"""What columns are, read from rows and goals: which may be raised, which are whole, which make up a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.program import Columns, Goal, Program, Rows
from siteopt.solve.kinds import choices, honest, liftable, linked, strict, whole
from tests.hard_programs import row
from tests.small_covers import covering

PLAIN = covering([[0], [0, 1]], [10, 6], profit=2)
"""Options 0 and 1, classes 2 and 3."""


def ruled(*rules: Rows, **over: object) -> Program:
    return replace(PLAIN, blocks=(*PLAIN.blocks, *rules), **over)  # type: ignore[arg-type]


def test_linked_columns_are_those_at_the_head_of_a_link() -> None:
    assert linked(PLAIN).tolist() == [False, False, True, True]
    assert linked(replace(PLAIN, blocks=())).tolist() == [False] * 4


@pytest.mark.parametrize(
    ("rule", "free"),
    [
        (row("floor", {2: 10, 3: 6}, 7.0, np.inf), [True, True]),
        (row("cap", {2: 10}, -np.inf, 7.0), [False, True]),
        (row("turned cap", {2: -10}, -7.0, np.inf), [False, True]),
        (row("turned floor", {0: 1, 3: -1}, -np.inf, 0.0), [True, True]),
        (row("both", {2: 1, 3: 1}, 0.5, 1.5), [False, False]),
        (row("options", {0: 1, 1: 1}, 1.0, 1.0), [True, True]),
    ],
)
def test_a_class_may_be_raised_unless_a_row_hinders_it(rule: Rows, free: list[bool]) -> None:
    assert liftable(ruled(rule)).tolist() == [False, False, *free]


def test_a_class_may_not_be_raised_against_a_goal_or_through_a_second_link() -> None:
    less = Goal("less", "min", np.array([0.0, 0.0, 0.0, 1.0]))
    assert liftable(ruled(goals=(*PLAIN.goals, less))).tolist() == [False, False, True, False]
    assert not liftable(ruled(*PLAIN.blocks)).any()


def test_a_class_over_a_column_in_parts_is_not_whole_and_what_hinders_its_raising_makes_it_so_too() -> None:
    assert whole(PLAIN).all()
    assert whole(ruled(row("cap", {2: 10}, -np.inf, 7.0))).tolist() == [True, True, False, True]
    parts = replace(PLAIN, columns=replace(PLAIN.columns, integer=np.array([True, False, False, False])))
    assert whole(parts).tolist() == [True, False, True, False]
    half = replace(PLAIN, columns=replace(PLAIN.columns, upper=np.array([1.0, 1.0, 0.5, 1.0])))
    assert whole(half).tolist() == [True, True, False, True]


def test_a_goal_over_columns_in_parts_loses_its_grain_and_others_keep_theirs() -> None:
    assert honest(PLAIN) is PLAIN
    cost = Goal("cost", "min", np.array([3.0, 4.0, 0.0, 0.0]), grain=1.0)
    made = honest(ruled(row("cap", {2: 10}, -np.inf, 7.0), goals=(*PLAIN.goals, cost)))
    assert [g.grain for g in made.goals] == [0.0, 1.0]


def test_strict_goals_give_nothing_up() -> None:
    loose = replace(PLAIN, goals=(replace(PLAIN.goals[0], tolerance=0.1),))
    assert [g.tolerance for g in strict(loose).goals] == [0.0]


def test_a_plan_consists_of_the_block_of_options_whatever_else_is_whole() -> None:
    n = 5
    integer = np.array([True, True, False, True, True])
    lower, upper = np.zeros(n), np.array([1.0, 1.0, 1.0, 1.0, 40.0])
    named = Columns({"open": 0, "cover": 2, "rule.chosen": 3, "rule.area": 4}, lower, upper, integer)
    assert choices(Program(named, (), ())).tolist() == [True, True, False, False, False]
    nameless = Columns({"x": 0}, lower, upper, integer)
    assert choices(Program(nameless, (), ())).tolist() == [True, True, False, True, False]
    empty = Columns({"open": 0, "cover": 0}, lower, upper, integer)
    assert not choices(Program(empty, (), ())).any()
