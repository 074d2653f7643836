"""Rules of space and land, alone, together and with the other rules; brute force is the oracle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.model.build import build, decode
from siteopt.model.constraint import registry
from siteopt.program import Limits
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from tests import recipes_land
from tests.programs import keeps_rows, point_of
from tests.random_worlds import Case, always, brute_force, every_plan, holds, random_case, value_of_plan

LIMITS = Limits(time_limit_s=20.0, threads=1)
NAMES = sorted(recipes_land.recipes(np.random.default_rng(0), random_case(0).world))
OWN_COLUMNS = {"co_location"}
"""Their rows are held to the judge by their own tests: a plan does not say what their columns are."""


def case_of(seed: int, names: list[str], *, others: bool = False, n_sites: int = 5) -> Case:
    """A random world dressed for these rules, one of each with random parameters; with the other rules if asked."""
    r = np.random.default_rng(10_000 + seed)
    case = random_case(seed, n_sites=n_sites)
    world = recipes_land.dress(r, case.world)
    recipes = recipes_land.recipes(r, world)
    rules = list(case.rules) if others else always()
    for name in names:
        known = registry()[name]
        rules.append(known(known.parameters(**recipes[name][int(r.integers(len(recipes[name])))]), f"{name}!"))
    return replace(case, world=world, rules=tuple(rules))


def some(seed: int) -> list[str]:
    """Each rule with probability a third (those that ask for something, less often), at least one."""
    r = np.random.default_rng(seed)
    chance = {"co_location": 0.12, "locked_use": 0.2}
    return [n for n in NAMES if r.random() < chance.get(n, 0.33)] or [str(r.choice(NAMES))]


def hold_to_brute_force(case: Case, by: tuple[str, ...]) -> bool:
    """Engines reach the brute-force optimum; whether there is a plan at all."""
    oracle, problem = brute_force(case), case.problem
    program = build(problem, case.rules, case.seek)
    for name in by:
        answer = pursue(program, engine(name), LIMITS)
        if oracle is None:
            assert answer.status == "infeasible", (name, answer.message)
            continue
        assert answer.status == "proven" and answer.x is not None, (name, answer.status, answer.message)
        plan = decode(problem, answer.x, case.rules, program.columns)
        assert holds(case, plan), name
        assert value_of_plan(case, plan) == pytest.approx(oracle[0], abs=1e-6), name
        assert case.world.sites.cost[plan.opened].sum() == pytest.approx(oracle[1], abs=1e-6), name
    return oracle is not None


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", NAMES)
def test_each_rule_alone_is_held_by_rows_and_judge_alike(name: str, seed: int) -> None:
    case = case_of(seed, [name], n_sites=4)
    rule = case.rules[-1]
    if name not in OWN_COLUMNS:
        problem = case.problem
        program = build(problem, [rule], case.seek)
        for plan in every_plan(case.world):
            verdicts = rule.judge(case.world, case.travel, plan)
            assert all(v.checked or not v.holds for v in verdicts)
            judged = all(v.holds or not v.checked for v in verdicts)
            assert judged == keeps_rows(program, point_of(problem, program, plan)), np.argwhere(plan.opened).tolist()
    hold_to_brute_force(case, ("highs",))


@pytest.mark.parametrize("seed", range(100, 130))
def test_together_they_reach_the_brute_force_optimum(seed: int) -> None:
    hold_to_brute_force(case_of(seed, some(seed)), ("highs", "pulp"))


@pytest.mark.parametrize("seed", range(200, 240))
def test_mixed_with_every_other_rule_they_reach_the_brute_force_optimum(seed: int) -> None:
    hold_to_brute_force(case_of(seed, some(seed), others=True), ("highs", "pulp"))


def test_the_random_cases_bind_and_are_not_hopeless() -> None:
    free, kept, none = 0, 0, 0
    for seed in range(100, 120):
        case = case_of(seed, some(seed))
        bound, loose = brute_force(case), brute_force(replace(case, rules=tuple(always())))
        none += bound is None
        free += bound == loose
        kept += bound is not None and bound != loose
    assert kept >= 8 and none <= 6, (free, kept, none)
