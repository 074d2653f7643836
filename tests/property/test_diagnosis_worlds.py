"""Why there is no plan, on tiny worlds with every rule that there is: the judges of the rules are the oracle.

Rules are drawn from all recipes; those with columns of their own are left to their own tests, for a list of openings
does not say all that they decide.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from siteopt.model.build import build, decode
from siteopt.model.constraint import Constraint, Params, registry
from siteopt.problem import Problem
from siteopt.program import Limits, Program
from siteopt.solve.diagnose import diagnose
from siteopt.solve.engines import engine
from siteopt.solve.outlook import outlook
from siteopt.solve.prices import price_each
from siteopt.solve.strategy import pursue
from tests.property.test_phases import phased
from tests.random_worlds import Case, every_plan, make_problem, random_case, recipe_modules

HIGHS, LIMITS = engine("highs"), Limits(time_limit_s=30.0, threads=1)


@dataclass(frozen=True, eq=False)
class Judged:
    """A case, its program, and which plans each rule's judge accepts."""

    case: Case
    problem: Problem
    program: Program
    keeps: dict[str, np.ndarray]

    def any_keeps(self, labels: set[str]) -> bool:
        fine = np.ones(len(next(iter(self.keeps.values()))), dtype=bool)
        for label in labels:
            fine &= self.keeps[label]
        return bool(fine.any())


def judged(seed: int) -> Judged:
    """A random world dressed for every rule, with up to nine random rules from all recipes."""
    r = np.random.default_rng(seed + 77_000)
    case = random_case(seed, n_sites=4)
    world = case.world
    recipes: dict[str, list[dict[str, object]]] = {}
    for module in recipe_modules():
        world = module.dress(r, world) if hasattr(module, "dress") else world
        recipes |= module.recipes(r, world)
    rules: list[Constraint[Params]] = list(case.rules)
    for name in r.permutation(sorted(recipes))[:5].tolist():
        kind, choices = registry()[name], recipes[name]
        rules.append(kind(kind.parameters(**choices[int(r.integers(len(choices)))])))
    case = Case(world, case.travel, tuple(rules), case.seek)
    problem = make_problem(world, case.travel, case.rules, case.seek)
    rules = [rule for rule in rules if not rule.blocks(problem)]
    case = replace(case, rules=tuple(rules))
    problem = make_problem(world, case.travel, case.rules, case.seek)
    plans = list(every_plan(world))
    keeps = {
        rule.label: np.array(
            [all(v.holds or not v.checked for v in rule.judge(world, case.travel, plan)) for plan in plans]
        )
        for rule in rules
    }
    return Judged(case, problem, build(problem, case.rules, case.seek), keeps)


@pytest.mark.parametrize("seed", range(70))
def test_clash_and_ways_out_are_what_the_judges_say(seed: int) -> None:
    known = judged(seed)
    every = set(known.keeps)
    sure = outlook(known.program, HIGHS, LIMITS)
    if known.any_keeps(every):
        assert all(o.can for o in sure), "nothing possible is called impossible"
        return
    for o in sure:
        if not o.can:
            assert not known.any_keeps({o.rule, *([o.against] if o.against else []), "space_area", "space_slots"})
    why = diagnose(known.program, HIGHS, LIMITS, outlooks=sure)
    core = set(why.clashing)
    assert why.complete and core and core <= every
    assert not known.any_keeps(core)
    for label in core:
        assert known.any_keeps(core - {label}), f"without {label} the others can be kept"
    giving = {b.owner for b in known.program.blocks if b.elastic}
    alone = {r.rules[0] for r in why.repairs if len(r.rules) == 1}
    assert alone == {label for label in giving if known.any_keeps(every - {label})}
    for repair in why.repairs:
        assert repair.proven and repair.point is not None
        plan = decode(known.problem, repair.point, known.case.rules, known.program.columns)
        for rule in known.case.rules:
            held = all(v.holds or not v.checked for v in rule.judge(known.case.world, known.case.travel, plan))
            assert held == (rule.label not in repair.rules), (rule.label, repair.rules)


def test_every_rule_without_columns_of_its_own_takes_part_and_many_worlds_clash() -> None:
    seen, clashes = set(), 0
    for seed in range(70):
        known = judged(seed)
        seen |= {rule.name for rule in known.case.rules}
        clashes += not known.any_keeps(set(known.keeps))
    assert clashes >= 15
    missing = {name for name, rule in registry().items() if rule.blocks is Constraint.blocks} - seen
    assert missing == set()


@pytest.mark.parametrize("seed", range(60))
def test_phases_and_sources_of_money_are_diagnosed_and_priced_by_the_same_rows(seed: int) -> None:
    """Plans of several phases are too many to list; what is told of them is held against the judges."""
    case = phased(seed)
    problem = make_problem(case.world, case.travel, case.rules, case.seek)
    program = build(problem, case.rules, case.seek)
    sure, answer = outlook(program, HIGHS, LIMITS), pursue(program, HIGHS, LIMITS)

    def broken(x: np.ndarray) -> set[str]:
        plan = decode(problem, x, case.rules, program.columns)
        return {
            rule.label
            for rule in case.rules
            if not all(v.holds or not v.checked for v in rule.judge(case.world, case.travel, plan))
        }

    if answer.x is not None:
        assert all(o.can for o in sure), "nothing possible is called impossible"
        best, value, bound = answer.x, answer.objective, answer.bound
        for price in price_each(program, HIGHS, LIMITS, best=best, value=value, bound=bound):
            for x in (price.point, price.free_point):
                assert x is None or broken(x) <= {price.rule}
            assert 0 <= price.least <= price.most + 1e-9 and price.free_most >= price.least - 1e-9
        return
    why = diagnose(program, HIGHS, LIMITS, outlooks=sure)
    assert why.complete and why.clashing and why.repairs_complete
    assert "once" not in why.clashing, "that an outlet opens once is no rule that could be named"
    for repair in why.repairs:
        assert repair.point is not None and broken(repair.point) == set(repair.rules)
