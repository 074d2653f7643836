"""Every plan of a tiny world with its value, money and rules: the oracle of alternatives, frontier and refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from siteopt.model.build import build
from siteopt.model.constraint import Constraint, Params
from siteopt.plan import Plan, costs
from siteopt.problem import Problem
from siteopt.program import Answer, Limits, Program
from siteopt.solve.alternatives import opens
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from tests.random_worlds import Case, every_plan

LIMITS = Limits(time_limit_s=20.0, threads=1)
HIGHS = engine("highs")

Value = Callable[[Plan], float | None]
"""What a plan is worth; None where it cannot be one after all."""


@dataclass(frozen=True, eq=False)
class Known:
    """One plan: which outlets (space and type) it opens, what it is worth, what it costs, which rules it keeps."""

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

    @property
    def outlets(self) -> np.ndarray:
        """(N,) which outlet each column opens; -1 for none."""
        out = np.full(len(self.program.columns), -1)
        out[: len(self.problem.option_pair)] = self.problem.option_pair
        return out

    @property
    def sign(self) -> float:
        """1 where the most is best, -1 where the least is."""
        return 1.0 if self.program.goals[0].sense == "max" else -1.0

    def options(self, x: np.ndarray) -> np.ndarray:
        """Which outlets a point opens; some have no column, for they would open in no period."""
        found = opens(self.outlets, x)
        return np.append(found, np.zeros(len(self.problem.pair_site) - len(found), dtype=bool))

    def best(self, plans: Iterable[Known]) -> float | None:
        """The best value of some plans."""
        return max((p.value for p in plans), key=lambda v: self.sign * v, default=None)

    def as_good(self, plans: Iterable[Known], value: float) -> list[Known]:
        """Those of some plans that are no worse than a value."""
        return [p for p in plans if self.sign * p.value >= self.sign * value - 1e-6]


def posed(
    case: Case,
    plans: Iterable[Plan] | None = None,
    value: Value | None = None,
    unjudged: frozenset[str] = frozenset(),
) -> Posed:
    """Build, solve and enumerate.

    Parameters
    ----------
    case : Case
    plans : every plan there is; every set of outlets when None
    value : of a plan; as its objective measures it when None
    unjudged : rules that ``value`` answers for
    """
    problem = case.problem
    program = build(problem, case.rules, case.seek)
    known = []
    for plan in every_plan(case.world) if plans is None else plans:
        keeps, spent = {}, {}
        for rule in case.rules:
            if rule.name in unjudged:
                continue
            verdicts = rule.judge(case.world, case.travel, plan)
            keeps[rule.label] = all(v.holds for v in verdicts)
            if rule.name == "budget":
                spent[rule.label] = verdicts[0].got
        worth = case.seek.measure(case.world, case.travel, plan).value if value is None else value(plan)
        if worth is not None:
            opened = plan.opened[problem.pair_site, problem.pair_type]
            known.append(Known(opened, worth, float(costs(case.world, plan).sum()), keeps, spent))
    return Posed(case, problem, program, pursue(program, HIGHS, LIMITS), known)


def block_of(program: Program, label: str) -> int:
    """The block of a rule."""
    return next(k for k, b in enumerate(program.blocks) if b.owner == label and b.role == "rule")


def with_rule(case: Case, rule: Constraint[Params]) -> Case:
    """The case with one more rule."""
    return replace(case, rules=(*case.rules, rule))
