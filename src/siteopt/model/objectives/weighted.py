"""Several objectives added up with weights: one figure, and each part of it printed in its own unit."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from siteopt.model.combined import Combined, Parts
from siteopt.model.thrift import thrift_measures
from siteopt.plan import Measure, Plan
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Goal
from siteopt.world import World


class Weighted(Parts):
    """The objectives and their weights."""

    parts: tuple[dict[str, Any], ...] = Field(
        description="Objectives, each {name, its own parameters, weight}: the weight is points per unit of the "
        "objective, above 0; what is to be small (minutes, cost) counts against.",
        min_length=1,
        max_length=6,
    )


class Seek(Combined[Weighted]):
    """max Σ_n ± w_n f_n."""

    name = "weighted"
    title = {"en": "Objectives with weights", "zh": "多目标加权"}
    sentence = {
        "en": "The sum of the objectives with their weights is as large as possible, what is to be small counting "
        "against; each part is printed in its own unit; among equal plans the cheapest.",
        "zh": "各目标按权重加总，数值最大为优（以小为优的目标按负值计），各分项按各自单位列出；并列时费用最低。",
    }
    formula = "max Σ_n ± w[n]·f[n]"
    parameters = Weighted
    clauses = ("F1", "F2")
    unit = "points"
    own = "weight"

    def fits(self, number: float) -> bool:
        return 0 < number <= 1e6

    def goal(self, problem: Problem, columns: Columns) -> Goal:
        cost, offset = np.zeros(len(columns)), 0.0
        for part, weight in zip(self.parts, self.numbers(), strict=True):
            one = part.goal(problem, columns)
            sign = weight if one.sense == "max" else -weight
            cost += sign * one.cost
            offset += sign * one.offset
        return Goal(self.label, "max", cost, offset=offset)

    def measure(self, world: World, travel: TravelTimes, plan: Plan) -> Measure:
        value = 0.0
        for part, weight in zip(self.parts, self.numbers(), strict=True):
            value += (weight if part.more_is_better else -weight) * part.measure(world, travel, plan).value
        return Measure(self.label, value, self.unit)

    def measures(self, world: World, travel: TravelTimes, plan: Plan) -> tuple[Measure, ...]:
        """The sum, the goals of thrift; then, beyond the goals, each part in its own unit."""
        each = tuple(part.measure(world, travel, plan) for part in self.parts)
        return (self.measure(world, travel, plan), *thrift_measures(world, plan), *each)
