"""Every plan of a tiny world with its value, money and rules: the oracle of alternatives, frontier and refusals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siteopt.model.build import build
from siteopt.model.constraint import Constraint, Params
from siteopt.problem import Problem
from siteopt.program import Answer, Limits, Program
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from tests.random_worlds import Case, every_plan, value_of_plan

LIMITS = Limits(time_limit_s=20.0, threads=1)
HIGHS = engine("highs")


@dataclass(frozen=True, eq=False)
class Known:
    """One plan: which options it opens, what it is worth, what it costs, which rules it keeps."""

    opened: np.ndarray
    value: float
    cost: float
    keeps: dict[str, bool]
    spent: dict[str, float]

    @property
    def feasible(self) -> bool:
        return all(self.keeps.values())


@dataclass(frozen=True, eq=False)
class Posed:
    """A case as a program, solved, and all its plans."""

    case: Case
    problem: Problem
    program: Program
    answer: Answer
    plans: list[Known]

    @property
    def feasible(self) -> list[Known]:
        return [p for p in self.plans if p.feasible]

    def options(self, x: np.ndarray) -> np.ndarray:
        """What a point opens."""
        return np.asarray(x[: len(self.problem.option_site)] > 0.5)


def posed(case: Case) -> Posed:
    """Build, solve and enumerate."""
    problem = case.problem
    program = build(problem, case.rules, case.seek)
    plans = []
    for plan in every_plan(case.world):
        keeps, spent = {}, {}
        for rule in case.rules:
            verdicts = rule.judge(case.world, case.travel, plan)
            keeps[rule.label] = all(v.holds for v in verdicts)
            if rule.name == "budget":
                spent[rule.label] = verdicts[0].got
        opened = plan.opened[problem.option_site, problem.option_type]
        cost = float(case.world.sites.cost[plan.opened].sum())
        plans.append(Known(opened, value_of_plan(case, plan), cost, keeps, spent))
    return Posed(case, problem, program, pursue(program, HIGHS, LIMITS), plans)


def block_of(program: Program, label: str) -> int:
    """The block of a rule."""
    return next(k for k, b in enumerate(program.blocks) if b.owner == label and b.role == "rule")


def with_rule(case: Case, rule: Constraint[Params]) -> Case:
    """The case with one more rule."""
    return Case(case.world, case.travel, (*case.rules, rule), case.seek)
