"""Columns that a rule brings along, other than 0 or 1: every step must see them as they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.program import Answer, Columns, Goal, Limits, Program, Rows
from siteopt.solve.alternatives import alternatives
from siteopt.solve.backend import ROW_TOLERANCE, worst_violation
from siteopt.solve.complete import completed
from siteopt.solve.dominate import dominated
from siteopt.solve.frontier import Frontier
from siteopt.solve.highs import Highs
from siteopt.solve.merge import merged
from siteopt.solve.refusal import refuse
from siteopt.solve.strategy import pursue
from siteopt.solve.tidy import first_of_alike, trimmed
from siteopt.solve.variation import closing, opened
from tests.hard_programs import row
from tests.small_covers import covering

LIMITS = Limits(time_limit_s=20.0, threads=1)
INF = np.inf


def grown(program: Program, low: float, high: float, *rules: Rows, integer: bool = False) -> Program:
    """One more column, at the end."""
    c = program.columns
    columns = Columns(
        {**c.start, "own": len(c)}, np.append(c.lower, low), np.append(c.upper, high), np.append(c.integer, integer)
    )
    goals = tuple(replace(g, cost=np.append(g.cost, 0.0)) for g in program.goals)
    return Program(columns, (*program.blocks, *rules), goals)


def twins(*rules: Rows) -> Program:
    """Options 0 and 1 cover the same 10 people, 0 a few more; classes 2 and 3."""
    return covering([[0, 1], [0]], [10, 6], rules, profit=2)


def test_a_whole_number_that_is_no_option_never_leaves() -> None:
    program = twins()
    assert dominated(program).tolist() == [False, True, False, False]
    area = row("area", {0: -5, 1: -5, 4: 1}, -INF, 0.0)
    assert not dominated(grown(program, 0.0, 9.0, area, integer=True))[4]


def test_a_column_below_0_makes_room_under_a_ceiling() -> None:
    slots = [row(f"slot {k}", {k: 1, k + 1: 1}, -INF, 1.0) for k in (0, 2)]
    slots = [replace(s, role="place") for s in slots]
    near = [[0, 2], [0, 1, 2], [3, 1]]
    count = dict.fromkeys(range(4), 1.0)
    tight = covering(near, [3, 4, 5], (*slots, row("count", count, -INF, 1.0)), profit=4)
    n = len(tight.columns)
    wide = covering(near, [3, 4, 5], tuple(slots), profit=4)
    roomy = grown(wide, -9.0, 0.0, row("count", {**count, n: 1.0}, -INF, 1.0))
    # With the ninefold room, what is left out is what is left out without the ceiling.
    free = dominated(grown(wide, -9.0, 0.0))
    assert dominated(roomy).tolist() == free.tolist()
    for program in (tight, roomy):
        out, full = dominated(program), pursue(program, Highs(), LIMITS)
        upper = np.where(out, 0.0, program.columns.upper)
        less = replace(program, columns=replace(program.columns, upper=upper))
        assert pursue(less, Highs(), LIMITS).objective == full.objective


def test_a_place_taken_by_a_fixed_column_has_no_room() -> None:
    def slot(*taking: int) -> Rows:
        return replace(row("slot", dict.fromkeys(taking, 1.0), -INF, 1.0), role="place")

    fixed = covering([[0, 1], [0]], [10, 6], (slot(0, 2),), profit=3, lower={2: 1.0})
    assert not dominated(fixed)[1]
    assert pursue(fixed, Highs(), LIMITS).objective == 10.0
    flow = grown(covering([[0, 1], [0]], [10, 6], profit=2), 0.0, 1.0, slot(0, 4), row("flow", {4: 1}, 0.5, INF))
    assert not dominated(flow)[1]
    assert pursue(flow, Highs(), LIMITS).objective == 10.0
    assert dominated(covering([[0, 1], [0]], [10, 6], (slot(0),), profit=2)).tolist() == [False, True, False, False]


def test_links_that_count_more_than_once_leave_every_option() -> None:
    program = twins()
    twice = replace(program, columns=replace(program.columns, upper=np.array([1.0, 1.0, 2.0, 1.0])))
    assert not dominated(twice).any()


def two_goals(low: float, high: float, price: float) -> Program:
    program = grown(twins(), low, high, integer=True)
    cost = np.array([3.0, 2.0, 0.0, 0.0, price])
    return replace(program, goals=(*program.goals, Goal("cost", "min", cost, grain=1.0)))


def test_goals_merge_only_where_the_second_is_between_0_and_a_known_most() -> None:
    assert merged(two_goals(0.0, 9.0, 2.0)).step == 3 + 2 + 18 + 1  # type: ignore[union-attr]
    assert merged(two_goals(-INF, INF, 0.0)).step == 6  # type: ignore[union-attr]
    assert merged(two_goals(0.0, INF, 2.0)) is None
    assert merged(two_goals(-1.0, 9.0, 2.0)) is None
    loose = two_goals(0.0, 9.0, 2.0)
    assert merged(replace(loose, goals=(replace(loose.goals[0], tolerance=0.1), loose.goals[1]))) is None


def test_a_ceiling_in_which_something_may_be_below_0_bounds_no_cost() -> None:
    budget = row("budget", {0: 3, 1: 2, 4: 1}, -INF, 3.0)
    program = two_goals(-5.0, 5.0, 0.0)
    assert merged(replace(program, blocks=(*program.blocks, budget))).step == 6  # type: ignore[union-attr]
    above = two_goals(0.0, 5.0, 0.0)
    assert merged(replace(above, blocks=(*above.blocks, budget))).step == 4  # type: ignore[union-attr]


def test_parts_are_found_anew_for_rounded_whole_numbers() -> None:
    """A flow of up to 5000 through an option that an engine left at 0.9999995."""
    program = grown(twins(), 0.0, 5000.0, row("through", {0: -5000, 4: 1}, -INF, -1e-3))
    goal = Goal("flow", "max", np.array([0.0, 0.0, 0.0, 0.0, 1.0]))
    x = np.array([1.0, 0.0, 1.0, 1.0, 5000.0])
    assert worst_violation(program.blocks, x) > ROW_TOLERANCE
    bad = Answer("proven", x, 5000.0, 5000.0, 0.0, 0.1, "engine", "1")
    found = completed(program, goal, (), bad, LIMITS)
    assert found.x is not None and worst_violation(program.blocks, found.x) <= ROW_TOLERANCE
    assert found.x[4] == found.objective == pytest.approx(5000.0 - 1e-3) and found.status == "proven"
    sound = replace(bad, x=found.x, objective=found.objective, bound=found.objective)
    assert completed(program, goal, (), sound, LIMITS) is sound
    none = replace(bad, x=None)
    assert completed(program, goal, (), none, LIMITS) is none


def test_tidying_leaves_a_rule_s_own_columns_as_they_are() -> None:
    area = row("area", {1: 4, 4: -1}, -INF, 0.0)  # open means at least 4
    program = grown(twins(), -INF, INF, area)
    x = np.array([1.0, 1.0, 1.0, 1.0, 4.0])
    assert trimmed(program, x).tolist() == [1, 0, 1, 1, 4]
    assert closing(program, x, np.array([0])).tolist() == [0, 1, 1, 0, 4]
    assert opened(grown(twins(), 0.0, 9.0, integer=True), x).tolist() == [True, True, False, False, False]


def test_of_options_alike_but_for_their_bounds_none_stands_for_the_other() -> None:
    program = covering([[0, 1]], [10], profit=2, upper={0: 0.0})
    x = np.array([0.0, 1.0, 1.0])
    assert first_of_alike(program, x).tolist() == x.tolist()
    assert first_of_alike(covering([[0, 1]], [10], profit=2), x).tolist() == [1, 0, 1]


def with_areas() -> Program:
    """Three options of 10, 6 and 4 people, two of which may open; each has a whole size of 2 to 9, of 12 in all."""
    two = row("two", dict.fromkeys(range(3), 1.0), -INF, 2.0)
    program = covering([[0], [1], [2]], [10, 6, 4], (two,), profit=3)
    for j in range(3):
        n = len(program.columns)
        program = grown(program, 0.0, 9.0, row("least", {j: 2, n: -1}, -INF, 0.0), integer=True)
        program = replace(program, blocks=(*program.blocks, row("most", {j: -9, n: 1}, -INF, 0.0)))
    sizes = dict.fromkeys(range(6, 9), 1.0)
    return replace(program, blocks=(*program.blocks, row("sizes", sizes, -INF, 12.0), row("enough", sizes, 7.0, INF)))


def test_alternatives_differ_by_options_and_not_by_sizes() -> None:
    program = with_areas()
    best = pursue(program, Highs(), LIMITS)
    assert best.x is not None and best.objective == 16.0
    found = list(alternatives(program, Highs(), LIMITS, best=best.x, floor=10.0, count=3))
    assert [(a.distance, a.proven) for a in found[:1]] == [(1, True)]
    for a in found:
        if a.x is not None:
            assert worst_violation(program.blocks, a.x) <= ROW_TOLERANCE
            assert not np.array_equal(opened(program, a.x), opened(program, best.x))


def test_a_refusal_is_proven_with_sizes_in_the_program() -> None:
    program = with_areas()
    best = pursue(program, Highs(), LIMITS)
    assert best.x is not None
    found = refuse(program, np.array([0]), Highs(), LIMITS, best=best.x, bound=best.bound)
    assert (found.outcome, found.value) == ("proven", 10.0) and found.x is not None and found.x[0] == 0


def test_the_money_of_a_frontier_has_no_grain_where_it_buys_parts() -> None:
    program = grown(twins(), 0.0, 5.0, row("through", {0: -5, 4: 1}, -INF, 0.0))
    program = replace(program, goals=(replace(program.goals[0], cost=np.array([0, 0, 10, 6, 1.0]), grain=1.0),))
    budget = row("budget", {0: 3, 1: 2, 4: 2}, -INF, 20.0)
    asked = replace(program, blocks=(*program.blocks, budget))
    frontier = Frontier(asked, len(program.blocks), Highs(), LIMITS)
    assert frontier.goal.grain == 0.0 and frontier._spend.grain == 0.0
    assert frontier.ends().free.objective == pytest.approx(21.0)
    ceilings = [(amount, replace(budget, upper=np.array([amount]))) for amount in (2.0, 4.0, 7.0)]
    assert [p.value for p in frontier.run(ceilings)] == pytest.approx([10.0, 16.5, 18.0], abs=1e-4)
