"""An engine stopped at its limit may leave coverage below what its open outlets give; such plans were refused."""

from __future__ import annotations

import numpy as np

from siteopt.model.build import build, decode
from siteopt.program import Limits
from siteopt.solve.backend import rounded, value_of
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from tests.random_worlds import random_case, value_of_plan


def test_a_point_with_low_coverage_is_lifted_to_what_its_outlets_give() -> None:
    for seed in (4, 14, 21, 22):
        case = random_case(seed)
        problem = case.problem
        program = build(problem, case.rules, case.seek)
        for x_open in (np.ones(len(problem.option_site)), np.arange(len(problem.option_site)) % 2):
            x = np.concatenate([x_open, np.zeros(len(program.columns) - len(x_open))])
            lifted = rounded(program, x)
            value = value_of_plan(case, decode(problem, lifted))
            assert value_of(program.goals[0], lifted) == value


def test_a_search_stopped_at_once_says_what_its_plan_is_worth() -> None:
    for seed in range(2000, 2008):
        case = random_case(seed, n_sites=24, n_types=3, n_cells=60)
        problem = case.problem
        program = build(problem, case.rules, case.seek)
        for name in ("highs", "pulp"):
            answer = pursue(program, engine(name), Limits(time_limit_s=0.05, threads=1))
            if answer.x is not None:
                worth = value_of_plan(case, decode(problem, answer.x))
                assert abs(worth - answer.objective) <= 1e-6 * max(1.0, worth), (seed, name)
