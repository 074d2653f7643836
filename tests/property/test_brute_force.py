"""On tiny worlds every plan can be tried: brute force is the oracle of engines, rows and judges."""

from __future__ import annotations

import numpy as np
import pytest

from siteopt.model.build import build, decode
from siteopt.program import Limits, Program
from siteopt.solve.backend import ROW_TOLERANCE
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from tests.random_worlds import Case, brute_force, every_plan, holds, random_case, value_of_plan

LIMITS = Limits(time_limit_s=20.0, threads=1)


def columns_of(case: Case, program: Program, opened: np.ndarray) -> np.ndarray:
    """The point of a plan, with coverage as large as the links allow."""
    problem = case.problem
    x = np.zeros(len(program.columns))
    x[: len(problem.option_site)] = opened[problem.option_site, problem.option_type]
    red = problem.reduction
    running = np.concatenate([[0.0], np.cumsum(x[red.option])])
    x[len(problem.option_site) :] = np.minimum(1.0, np.diff(running[red.indptr]))
    return x


def keeps_rows(program: Program, x: np.ndarray) -> bool:
    for b in program.blocks:
        for r in range(len(b)):
            part = slice(b.indptr[r], b.indptr[r + 1])
            activity = float(b.value[part] @ x[b.column[part]])
            if not b.lower[r] - ROW_TOLERANCE <= activity <= b.upper[r] + ROW_TOLERANCE:
                return False
    return True


@pytest.mark.parametrize("seed", range(400))
def test_every_engine_reaches_the_brute_force_optimum(seed: int) -> None:
    case = random_case(seed)
    oracle = brute_force(case)
    problem = case.problem
    program = build(problem, case.rules, case.seek)
    for name in ("highs", "pulp"):
        answer = pursue(program, engine(name), LIMITS)
        if oracle is None:
            assert answer.status == "infeasible", (name, answer.message)
            continue
        assert answer.status == "proven", (name, answer.status, answer.message)
        assert answer.x is not None
        plan = decode(problem, answer.x)
        assert holds(case, plan), name
        assert value_of_plan(case, plan) == pytest.approx(oracle[0], abs=1e-6), name
        assert answer.objective == pytest.approx(oracle[0], abs=1e-6), name
        assert case.world.sites.cost[plan.opened].sum() == pytest.approx(oracle[1], abs=1e-6), name


@pytest.mark.parametrize("seed", range(400, 600))
def test_every_judge_agrees_with_the_rows_on_every_plan(seed: int) -> None:
    case = random_case(seed, n_sites=4)
    problem = case.problem
    for rule in case.rules:
        program = build(problem, [rule], case.seek)
        for plan in every_plan(case.world):
            judged = all(v.holds for v in rule.judge(case.world, case.travel, plan))
            in_rows = keeps_rows(program, columns_of(case, program, plan.opened))
            assert judged == in_rows, (rule.label, rule.params, np.argwhere(plan.opened).tolist())
