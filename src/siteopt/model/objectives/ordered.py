"""Several objectives in a stated order: each later one among the plans that are as good in those before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import Field

from siteopt.model.combined import Combined, Parts
from siteopt.model.thrift import thrift, thrift_measures
from siteopt.plan import Measure, Plan
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Goal
from siteopt.world import World


class Ordered(Parts):
    """The objectives, first things first."""

    parts: tuple[dict[str, Any], ...] = Field(
        description="Objectives in order, each {name, its own parameters, tolerance}: later ones may spoil it by "
        "at most this share of its value (0 when left out).",
        min_length=1,
        max_length=6,
    )


class Seek(Combined[Ordered]):
    """Goals in order; then least cost."""

    name = "ordered"
    title = {"en": "Objectives in order", "zh": "多目标依次优化"}
    sentence = {
        "en": "The objectives are sought in the stated order, each among the plans that spoil none of those before "
        "by more than its tolerance; among equal plans the cheapest.",
        "zh": "按给定顺序依次优化各目标，后一目标对前面各目标的损失不超过其容许比例；并列时费用最低。",
    }
    formula = "lex max (f1, f2, …), f_n kept within its tolerance"
    parameters = Ordered
    clauses = ("F1", "F2")
    unit = ""
    own = "tolerance"

    def __init__(self, params: Ordered, label: str = "") -> None:
        super().__init__(params, label)
        if self.parts:
            self.unit = self.parts[0].unit  # type: ignore[misc]

    def fits(self, number: float) -> bool:
        return 0 <= number <= 1

    def goals(self, problem: Problem, columns: Columns) -> tuple[Goal, ...]:
        slack = self.numbers()
        found = [replace(p.goal(problem, columns), tolerance=s) for p, s in zip(self.parts, slack, strict=True)]
        return (*found, *thrift(problem, columns))

    def goal(self, problem: Problem, columns: Columns) -> Goal:
        return self.goals(problem, columns)[0]

    def measure(self, world: World, travel: TravelTimes, plan: Plan) -> Measure:
        return self.parts[0].measure(world, travel, plan)

    def measures(self, world: World, travel: TravelTimes, plan: Plan) -> tuple[Measure, ...]:
        return (*(p.measure(world, travel, plan) for p in self.parts), *thrift_measures(world, plan))
