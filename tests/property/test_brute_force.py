"""On tiny worlds every plan can be tried: brute force is the oracle of engines, rows and judges."""

from __future__ import annotations

import numpy as np
import pytest

from siteopt.model.build import build, decode
from siteopt.program import Limits
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from tests.programs import keeps_rows, point_of
from tests.random_worlds import brute_force, every_plan, holds, random_case, value_of_plan

LIMITS = Limits(time_limit_s=20.0, threads=1)


@pytest.mark.parametrize("seed", range(120))
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


@pytest.mark.parametrize("seed", range(400, 480))
def test_every_judge_agrees_with_the_rows_on_every_plan(seed: int) -> None:
    case = random_case(seed, n_sites=4)
    problem = case.problem
    programs = [(rule, build(problem, [rule], case.seek)) for rule in case.rules]
    for plan in every_plan(case.world):
        x = point_of(problem, programs[0][1], plan)
        for rule, program in programs:
            judged = all(v.holds for v in rule.judge(case.world, case.travel, plan))
            assert judged == keeps_rows(program, x), (rule.label, rule.params, np.argwhere(plan.opened).tolist())
