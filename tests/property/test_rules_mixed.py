"""Every rule in random combination with every other: brute force is the oracle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.model.build import build, decode
from siteopt.model.constraint import registry
from siteopt.program import Limits
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from tests.random_worlds import Case, always, brute_force, holds, random_case, recipe_modules, value_of_plan

LIMITS = Limits(time_limit_s=20.0, threads=1)
DECIDE = {"pilots", "grades"}
"""They decide more than what opens, so trying what opens is no oracle for them: tests/property/test_blocks.py."""
ASKS_FOR = {"co_location", "locked_use", "must_have", "per_households", "emergency", "elderly_area", "service_area"}
"""Rules that no plan may be able to keep: taken less often, or hardly a case had a plan."""


def mixed_case(seed: int) -> Case:
    """A world with the data of every rule, and some of all rules with random parameters."""
    r = np.random.default_rng(50_000 + seed)
    case = random_case(seed)
    world = case.world
    for module in recipe_modules():
        if hasattr(module, "dress"):
            world = module.dress(r, world)
    recipes = {name: some for module in recipe_modules() for name, some in module.recipes(r, world).items()}
    basic = [rule for rule in case.rules if not rule.always]
    rules = [*always(), *(rule for rule in basic if r.random() < 0.2)]
    for name in sorted(set(recipes) - DECIDE):
        if r.random() < (0.05 if name in ASKS_FOR else 0.14):
            known = registry()[name]
            rules.append(known(known.parameters(**recipes[name][int(r.integers(len(recipes[name])))]), f"{name}!"))
    return replace(case, world=world, rules=tuple(rules))


@pytest.mark.parametrize("seed", range(80))
def test_any_mix_of_rules_reaches_the_brute_force_optimum(seed: int) -> None:
    case = mixed_case(seed)
    oracle, problem = brute_force(case), case.problem
    program = build(problem, case.rules, case.seek)
    answer = pursue(program, engine(("highs", "pulp")[seed % 2]), LIMITS)
    if oracle is None:
        assert answer.status == "infeasible", (answer.status, answer.message)
        return
    assert answer.status == "proven" and answer.x is not None, (answer.status, answer.message)
    plan = decode(problem, answer.x, case.rules, program.columns)
    assert holds(case, plan)
    assert value_of_plan(case, plan) == pytest.approx(oracle[0], abs=1e-6)
    assert case.world.sites.cost[plan.opened].sum() == pytest.approx(oracle[1], abs=1e-6)


def test_the_mixes_hold_every_rule_and_most_have_a_plan() -> None:
    named, hopeless = set(), 0
    for seed in range(80):
        case = mixed_case(seed)
        named |= {rule.name for rule in case.rules}
        hopeless += brute_force(case) is None if seed < 30 else 0
    assert set(registry()) - named <= DECIDE
    assert hopeless <= 18, hopeless
