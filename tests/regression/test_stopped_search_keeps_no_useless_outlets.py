"""A search stopped before the cost goal kept outlets that added nothing."""

from __future__ import annotations

import numpy as np

from siteopt.model.build import build, decode
from siteopt.solve.backend import ROW_TOLERANCE, rounded, value_of, worst_violation
from siteopt.solve.tidy import trimmed
from tests.random_worlds import holds, random_case


def test_trimming_keeps_rules_and_value_and_leaves_nothing_to_spare() -> None:
    closed = 0
    for seed in range(200, 260):
        case = random_case(seed)
        problem = case.problem
        program = build(problem, case.rules, case.seek)
        n = len(problem.option_site)
        everything = rounded(program, np.where(np.arange(len(program.columns)) < n, 1.0, 0.0))
        if not n or worst_violation(program.blocks, everything) > ROW_TOLERANCE:
            continue
        x = trimmed(program, everything)
        assert holds(case, decode(problem, x))
        assert value_of(program.goals[0], x) == value_of(program.goals[0], everything)
        assert value_of(program.goals[1], x) <= value_of(program.goals[1], everything)
        closed += int(everything[:n].sum() - x[:n].sum())
    assert closed > 0
