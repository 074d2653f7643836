"""The covering view of a program: what it reads, and what it refuses to see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.program import Goal, Program, Rows
from siteopt.solve.cover import cover_form
from tests.hard_programs import row
from tests.small_covers import covering, form_of


def money(limit: float = 4.0) -> Rows:
    return row("money", {0: 1, 1: 2, 2: 3}, -np.inf, limit)


def world() -> Program:
    """Three options; the first covers class 0, the second 0 and 1, the third 1."""
    rules = (money(), row("share", {3: 10, 4: 5, 0: -1}, 4.0, np.inf))
    return covering([[0, 1], [1, 2]], [10, 5], rules, profit=[-1, 0, 2], offset=7.0)


def first_link(program: Program, **changes: object) -> Program:
    """The same program with its block of links changed."""
    return replace(program, blocks=(replace(program.blocks[0], **changes), *program.blocks[1:]))


def test_links_are_read_as_who_covers_whom() -> None:
    form = form_of(world())
    assert form.covers.toarray().tolist() == [[1, 1, 0], [0, 1, 1]]
    assert form.covered_by.toarray().tolist() == [[1, 0], [1, 1], [0, 1]]
    assert (form.n_options, form.n_classes, form.nnz) == (3, 2, 4)
    assert form.option_column.tolist() == [0, 1, 2] and form.class_column.tolist() == [3, 4]


def test_every_other_row_is_split_into_options_and_classes() -> None:
    form = form_of(world())
    assert form.rows_x.toarray().tolist() == [[1, 2, 3], [-1, 0, 0]]
    assert form.rows_z.toarray().tolist() == [[0, 0], [10, 5]]
    assert form.row_lower.tolist() == [-np.inf, 4.0] and form.row_upper.tolist() == [4.0, np.inf]


def test_locks_are_rows_like_others() -> None:
    program = world()
    form = cover_form(program, program.goals[0], [row("keep", {0: 1, 4: 2}, 1.0, np.inf)])
    assert form is not None
    assert form.rows_x.toarray()[2].tolist() == [1, 0, 0] and form.rows_z.toarray()[2].tolist() == [0, 2]
    assert form.row_lower[2] == 1.0


def test_a_plan_is_worth_its_options_its_coverage_and_the_offset() -> None:
    form = form_of(world())
    assert form.value(np.array([True, False, False])) == 7 - 1 + 10
    assert form.value(np.array([False, True, True])) == 7 + 2 + 15
    assert form.value(np.zeros(3, bool)) == 7.0


def test_violation_is_the_worst_of_rows_and_bounds() -> None:
    form = form_of(world())
    assert form.violation(np.array([False, True, False])) == 0.0
    assert form.violation(np.array([False, True, True])) == 1.0  # 5 of 4
    assert form.violation(np.array([False, False, False])) == 4.0  # the floor over classes
    closed = form.with_bounds(form.lower, np.array([1.0, 0.0, 1.0]))
    assert closed.violation(np.array([False, True, False])) == 1.0
    assert closed.covered_by is form.covered_by


def test_points_of_the_program_and_plans_are_two_names_for_the_same() -> None:
    form, plan = form_of(world()), np.array([False, False, True])
    assert form.point(plan, 5).tolist() == [0, 0, 1, 0, 1]
    assert form.opened(form.point(plan, 5)).tolist() == plan.tolist()


def test_a_minimum_is_read_as_the_mirror_of_a_maximum() -> None:
    form = form_of(covering([[0]], [10], profit=[-3], sense="min", offset=-5.0))
    assert form.sign == -1.0 and form.offset == 5.0
    assert form.weight.tolist() == [10.0] and form.profit.tolist() == [-3.0]


def test_a_row_of_which_every_pair_is_too_much_is_a_place() -> None:
    rules = (
        row("slot", {0: 1, 1: 1}, -np.inf, 1.0),
        row("near", {1: 1, 2: 1}, -np.inf, 1.0),  # option 1 has a place already
        row("rooms", {2: 3, 3: 2}, -np.inf, 4.0),  # 3 + 2 is more than 4
    )
    assert form_of(covering([[0]], [1], rules, profit=4)).place.tolist() == [0, 0, 2, 2]


@pytest.mark.parametrize(
    "rule",
    [
        row("two", {0: 1, 1: 1}, -np.inf, 2.0),
        row("floor", {0: 1, 1: 1}, 1.0, np.inf),
        row("negative", {0: -1, 1: 9}, -np.inf, 1.0),
        row("with a class", {0: 1, 1: 1, 2: -1}, -np.inf, 1.0),
        row("alone", {0: 1}, -np.inf, 1.0),
    ],
)
def test_a_row_that_lets_two_be_open_or_says_more_is_no_place(rule: Rows) -> None:
    assert form_of(covering([[0]], [1], (rule,), profit=2)).place.tolist() == [-1, -1]


def test_a_program_without_links_is_seen_with_no_class_and_nothing_at_all_is_seen_too() -> None:
    form = form_of(covering([], [], (row("money", {0: 1}, -np.inf, 1.0),), profit=[5]))
    assert form.n_classes == 0 and form.value(np.ones(1, bool)) == 5.0
    assert form_of(covering([], [], profit=0)).n_options == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"value": np.array([2.0, -1, -1, 1, -1, -1])},  # the linked column does not come with 1
        {"value": np.array([1.0, -2, -1, 1, -1, -1])},  # an option counts double
        {"upper": np.array([1.0, 0.0])},  # covered without an option
        {"lower": np.array([-5.0, -np.inf])},  # coverage that must be taken
        {"indptr": np.array([0, 0, 6])},  # a link without a linked column
        {"column": np.array([3, 4, 1, 4, 1, 2])},  # a class covered by a class
    ],
)
def test_links_of_another_kind_are_refused(changes: dict[str, object]) -> None:
    program = first_link(world(), **changes)
    assert cover_form(program, program.goals[0]) is None


@pytest.mark.parametrize(
    ("side", "at", "value"),
    [("upper", 0, 2.0), ("lower", 0, -1.0), ("lower", 3, 1.0), ("upper", 3, 0.5)],
)
def test_columns_of_another_range_are_refused(side: str, at: int, value: float) -> None:
    bounds = {"lower": {}, "upper": {}, side: {at: value}}  # type: ignore[var-annotated]
    program = covering([[0]], [1], **bounds)
    assert cover_form(program, program.goals[0]) is None


def test_columns_of_a_rule_s_own_and_whole_classes_are_refused() -> None:
    program = world()
    c = program.columns
    for integer in (np.array([True, True, False, False, False]), np.ones(5, bool)):
        other = replace(program, columns=replace(c, integer=integer))
        assert cover_form(other, other.goals[0]) is None


def test_a_goal_that_wants_less_coverage_is_refused() -> None:
    program = world()
    for goal in (Goal("least", "min", program.goals[0].cost), Goal("less", "max", np.array([0, 0, 0, 1.0, -1.0]))):
        assert cover_form(program, goal) is None


def test_rows_that_cap_coverage_are_refused() -> None:
    for terms, low, high in (({2: 1.0}, -np.inf, 0.5), ({2: -1.0}, -0.5, np.inf), ({0: 1.0, 2: -1.0}, 0.0, 0.0)):
        program = covering([[0, 1]], [3], (row("cap", terms, low, high),), profit=2)
        assert cover_form(program, program.goals[0]) is None
    program = covering([[0, 1]], [3], (row("floor", {2: 1.0}, 1.0, np.inf),), profit=2)
    assert cover_form(program, program.goals[0]) is not None


def test_a_class_in_two_links_is_refused() -> None:
    program = covering([[0, 1]], [3], profit=2)
    again = replace(program, blocks=(*program.blocks, *program.blocks))
    assert cover_form(again, again.goals[0]) is None
