"""Rules of norms and ratios, alone and mixed with each other and all others: judge = rows, brute force = engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.model.build import build, decode
from siteopt.model.constraint import Constraint, Params
from siteopt.model.constraint import registry as constraint_registry
from siteopt.program import Limits
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from tests.programs import keeps_rows, point_of
from tests.random_worlds import Case, brute_force, every_plan, holds, random_case, value_of_plan
from tests.recipes_norms import dress, recipes

LIMITS = Limits(time_limit_s=20.0, threads=1)
NAMES = sorted(recipes(np.random.default_rng(0), random_case(0).world))


def dressed(seed: int, only: str | None = None) -> Case:
    """A random case with data for the rules of norms: one of them alone, or a handful of them and of the others."""
    case, r = random_case(seed, n_sites=4), np.random.default_rng([seed, 1])
    world = dress(r, case.world)
    known = constraint_registry()
    mine: list[Constraint[Params]] = []
    for name, choices in recipes(r, world).items():
        if name == only or (only is None and r.random() < 0.3):
            params = known[name].parameters(**choices[int(r.integers(len(choices)))])
            mine.append(known[name](params, name))
    physical = [rule for rule in case.rules if rule.always]
    others = [rule for rule in case.rules if not rule.always and r.random() < 0.5]
    return replace(case, world=world, rules=(*physical, *(others if only is None else ()), *mine))


@pytest.mark.parametrize("name", NAMES)
def test_each_judge_agrees_with_its_rows_on_every_plan(name: str) -> None:
    said = set()
    for seed in range(3000, 3012):
        case = dressed(seed, only=name)
        problem, rule = case.problem, case.rules[-1]
        program = build(problem, [rule], case.seek)
        for plan in every_plan(case.world):
            verdicts = rule.judge(case.world, case.travel, plan)
            kept = all(v.holds or not v.checked for v in verdicts)
            assert kept == keeps_rows(program, point_of(problem, program, plan)), (seed, rule.params, plan.opened)
            said.add(kept)
            assert all(v.checked or not v.holds for v in verdicts)
    assert said == {True, False}, "a rule that lets all or nothing through would pass any comparison"


@pytest.mark.parametrize("seed", range(3100, 3160))
def test_the_engine_reaches_the_brute_force_optimum_under_mixed_rules(seed: int) -> None:
    case = dressed(seed)
    oracle, problem = brute_force(case), case.problem
    program = build(problem, case.rules, case.seek)
    answer = pursue(program, engine("highs"), LIMITS)
    if oracle is None:
        assert answer.status == "infeasible", answer.message
        return
    assert answer.status == "proven" and answer.x is not None, answer.message
    plan = decode(problem, answer.x)
    assert holds(case, plan)
    assert value_of_plan(case, plan) == pytest.approx(oracle[0], abs=1e-6)
    assert case.world.sites.cost[plan.opened].sum() == pytest.approx(oracle[1], abs=1e-6)


def test_some_mixed_cases_have_a_plan_and_some_have_none() -> None:
    found = [brute_force(dressed(seed)) for seed in range(3100, 3130)]
    assert sum(f is None for f in found) >= 3 and sum(f is not None for f in found) >= 3
