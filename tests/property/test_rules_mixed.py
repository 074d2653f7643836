"""Every rule in random combination with every other, with all that a plan may choose: brute force is the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest

from siteopt.model.build import build, decode
from siteopt.model.constraint import Constraint, Params, registry, together
from siteopt.plan import Plan, costs
from siteopt.program import Limits
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from siteopt.verify import judge_all, refusals, score
from siteopt.world import Funds, Periods, World
from tests.capacity_oracle import Oracle
from tests.programs import proof_of
from tests.random_worlds import Case, always, random_case, recipe_modules
from tests.sized_plans import every_sized_plan, how_many

LIMITS = Limits(time_limit_s=20.0, threads=1)
SEEDS = range(120)
MOST_PLANS = 450
ASKS_FOR = {
    "co_location",
    "elderly_area",
    "emergency",
    "locked_use",
    "must_have",
    "per_households",
    "pilots",
    "service_area",
}
"""Rules that no plan may be able to keep: taken less often, or hardly a case had a plan."""
COUNT_PEOPLE = {"min_coverage", "emergency"}
"""They count who is served, which is decided too where outlets have a capacity: tests/property/test_capacity.py."""


def chosen_too(seed: int, world: World) -> World:
    """The world with some of what else a plan may choose: areas, phases, sources of money, who is served."""
    r = np.random.default_rng(60_000 + seed)
    n = len(world.types)
    if r.random() < 0.5:
        flexible = np.arange(n) == int(r.integers(n))
        step = float(r.choice([5.0, 10.0, 20.25]))
        most = np.where(flexible, world.types.area_m2 + step * int(r.integers(1, 3)), world.types.area_m2)
        types = replace(world.types, area_max_m2=most, area_step_m2=np.full(n, step))
        rate = r.choice([0.0, 20.0, 100.0], world.sites.cost.shape)
        world = replace(world, types=types, sites=replace(world.sites, cost_per_m2=rate))
    if r.random() < 0.4:
        weight = (1.0, float(r.choice([0.5, 1.0, 2.0])))
        months = r.choice([0.0, 0.0, 18.0], len(world.sites))
        world = replace(world, periods=Periods(("1", "2"), weight, (12.0, 24.0)))
        world = replace(world, sites=replace(world.sites, months=months))
    if r.random() < 0.4:
        share, ceiling = float(r.choice([0.25, 0.5])), float(r.choice([np.inf, 2100.0]))
        pays = r.random((2, n)) < 0.7
        pays[0] |= ~pays.any(axis=0)
        aid = {"aid_share": np.array([0.0, share]), "aid_ceiling": np.array([np.inf, ceiling])}
        world = replace(world, funds=Funds(("budget", "private"), pays, np.array([-1, 0]), **aid))
    if r.random() < 0.2:
        by_area = r.random(n) < 0.5
        rate = np.where(by_area, r.choice([0.5, 1.5], n), 0.0) * (world.types.area_m2 > 0)
        limit = np.where(rate > 0, rate * world.types.area_m2, r.choice([np.nan, 40.0, 90.0], n))
        world = replace(world, types=replace(world.types, capacity=limit, capacity_per_m2=rate))
    return world


@cache
def mixed_case(seed: int) -> Case:
    """A world with the data of every rule, and some of all rules with random parameters."""
    for n_sites in (5, 4, 3, 2):
        r = np.random.default_rng(50_000 + seed)
        case = random_case(seed, n_sites=n_sites)
        world = case.world
        for module in recipe_modules():
            if hasattr(module, "dress"):
                world = module.dress(r, world)
        world = chosen_too(seed, world)
        if how_many(world) <= MOST_PLANS:
            break
    recipes = {name: some for module in recipe_modules() for name, some in module.recipes(r, world).items()}
    basic = [rule for rule in case.rules if not rule.always]
    rules = [*always(), *(rule for rule in basic if r.random() < 0.2)]
    pilots = seed % 6 == 0  # with a share of chains in them
    for name in sorted(recipes):
        wanted = pilots and name in ("pilots", "chain_share")
        if wanted or r.random() < (0.05 if name in ASKS_FOR else 0.14):
            known = registry()[name]
            params = dict(recipes[name][int(r.integers(len(recipes[name])))])
            if wanted and name == "chain_share":
                params = {"share": float(r.choice([0.3, 0.5, 1.0])), "per": str(r.choice(["all", "community"]))}
            rules.append(known(known.parameters(**params), f"{name}!"))
    if np.isfinite(world.types.capacity).any():
        rules = [rule for rule in rules if rule.name not in COUNT_PEOPLE]
    return replace(case, world=world, rules=together(rules))


def accepted(case: Case, rules: list[Constraint[Params]], plan: Plan) -> bool:
    return all(v.holds or not v.checked for one in rules for v in one.judge(case.world, case.travel, plan))


def every_choice(case: Case, plan: Plan) -> Iterator[Plan]:
    """The plan with each choice of pilots and their grades; as it is where no rule chooses any."""
    choosers = [rule for rule in case.rules if rule.name == "pilots"]
    if not choosers:
        yield plan
    for one in choosers:
        grades = tuple(one.params.grades)  # type: ignore[attr-defined]
        ids = case.world.communities.community_id.astype(str).tolist()
        for chosen in product(("", *grades), repeat=len(ids)):
            told = {c: grade for c, grade in zip(ids, chosen, strict=True) if grade}
            yield replace(plan, decided={one.label: told})


@cache
def best(seed: int) -> tuple[float, float] | None:
    """The best value and, at it, the least cost; None when no plan keeps every rule."""
    case = mixed_case(seed)
    world, oracle = case.world, Oracle(case)
    decide = [rule for rule in case.rules if rule.name == "pilots" or rule.of_pilots]
    plain = [rule for rule in case.rules if rule not in decide]
    full, found = np.isfinite(world.types.capacity).any(), []
    for plan in every_sized_plan(world):
        if accepted(case, plain, plan) and any(accepted(case, decide, p) for p in every_choice(case, plan)):
            value = oracle.of_plan(plan) if full else case.seek.measures(world, case.travel, plan)[0].value
            found.append((value, float(costs(world, plan).sum())))
    if not found:
        return None
    most = max(v for v, _ in found)
    return most, min(c for v, c in found if v >= most - 1e-7 * max(1.0, most))


@pytest.mark.parametrize("seed", SEEDS)
def test_any_mix_of_rules_reaches_the_brute_force_optimum(seed: int) -> None:
    case, oracle = mixed_case(seed), best(seed)
    problem = case.problem
    program = build(problem, case.rules, case.seek)
    answer = pursue(program, engine(("highs", "pulp")[seed % 2]), LIMITS)
    if oracle is None:
        assert answer.status == "infeasible", (answer.status, answer.message)
        return
    assert answer.status == "proven" and answer.x is not None, (answer.status, answer.message)
    plan = decode(problem, answer.x, case.rules, program.columns)
    scores = score(case.world, case.travel, plan, case.seek.measures)
    assert refusals(proof_of(answer), scores, judge_all(case.world, case.travel, plan, case.rules)) == []
    assert scores.objective == pytest.approx(oracle[0], rel=5e-6, abs=1e-5)
    assert costs(case.world, plan).sum() == pytest.approx(oracle[1], abs=1e-6)


def test_the_mixes_hold_every_rule_and_every_choice_and_most_have_a_plan() -> None:
    cases = {seed: mixed_case(seed) for seed in SEEDS}
    named = {rule.name for case in cases.values() for rule in case.rules}
    assert set(registry()) <= named
    worlds = [case.world for case in cases.values()]
    sized = [bool((w.types.area_max_m2 > w.types.area_m2).any()) for w in worlds]
    phased, funded = [len(w.periods) > 1 for w in worlds], [len(w.funds) > 1 for w in worlds]
    full = [bool(np.isfinite(w.types.capacity).any()) for w in worlds]
    shares = [any(rule.of_pilots and getattr(rule, "choosers", ()) for rule in c.rules) for c in cases.values()]
    together_all = [all(every) for every in zip(sized, phased, funded, strict=True)]
    for kind in (sized, phased, funded, full, shares, together_all):
        assert sum(kind) >= 5, [sum(k) for k in (sized, phased, funded, full, shares, together_all)]
    hopeless = sum(best(seed) is None for seed in range(60))
    assert hopeless <= 36, hopeless
