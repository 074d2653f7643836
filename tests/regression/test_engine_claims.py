"""What an engine claims without having searched is not believed against a plan that was there before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from siteopt.program import Answer, Goal, Limits, Program, Rows
from siteopt.solve.backend import Stop, standing, value_of
from siteopt.solve.dominate import dominated, without
from siteopt.solve.highs import Highs
from siteopt.solve.kinds import honest
from siteopt.solve.strategy import PARTS_NOISE, _lock
from siteopt.units import Floats
from tests.random_programs import random_program, with_blocks

LIMITS = Limits(time_limit_s=60.0, gap=0.0, threads=1)


def asked(program: Program, goal: Goal, locks: list[Rows], start: Floats | None) -> Answer:
    return Highs().solve(program, goal, locks, limits=LIMITS, start=start, report=lambda _: None, stop=Stop())


def test_a_start_is_not_proven_optimal_because_presolve_finds_no_plan() -> None:
    # HiGHS 1.15 and 1.16 reduce this program to nothing and call it infeasible, which it is not. With a point to
    # begin with they call that point optimal, 1.16 with its value as the bound.
    program = honest(with_blocks(random_program(98, sites=5, classes=15), 98))
    program = without(program, dominated(program))
    lead, later = program.goals[0], program.goals[1]
    first = asked(program, lead, [], np.zeros(len(program.columns)))
    assert first.x is not None and first.status == "proven"
    found = asked(program, later, [_lock(lead, first.objective, PARTS_NOISE)], first.x)
    assert found.status == "proven" and found.x is not None
    assert abs(value_of(later, found.x) - 6673.0) < 0.1 and abs(found.bound - 6673.0) < 0.1


def test_a_plan_that_beats_a_bound_is_proven_by_nothing() -> None:
    goal = Goal("people", "max", np.ones(1), 0.0, 0.0)
    # the bound stays, for the audit to see
    assert standing(goal, 4485.0, "proven", 4485.0, -0.0, 0.0) == (-0.0, 1.0, "best_found")
    assert standing(replace(goal, sense="min"), 5.0, "proven", 5.0, 9.0, 0.0) == (9.0, 0.8, "best_found")
    assert standing(goal, 100.0, "proven", 100.0, float("nan"), 0.0)[2] == "best_found"
    assert standing(goal, 100.0, "proven", 100.0, 100.000005, 0.0)[2] == "proven"
    assert standing(goal, 99.0, "proven", 100.0, 100.0, 0.0)[2] == "best_found"
