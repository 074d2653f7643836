"""Coverage: the most weighted people within reach of each type; then least cost; then no free outlet to no purpose.

Ties that remain are broken by order: options are columns in the order of site and type ids, engines are
deterministic, and of spaces that are alike in every row the first is taken (``solve/strategy.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

import numpy as np
from pydantic import Field

from siteopt.findings import Findings, nearest
from siteopt.model.columns import cover_cost
from siteopt.model.constraint import Params
from siteopt.model.objective import Objective
from siteopt.model.thrift import grain_of, thrift, thrift_measures
from siteopt.plan import Measure, Plan, served
from siteopt.problem import Problem, TravelTimes, own_services
from siteopt.program import Columns, Goal
from siteopt.units import MOST_WEIGHT, Floats
from siteopt.world import World

Weight = Annotated[float, Field(ge=0, le=MOST_WEIGHT)]


class Coverage(Params):
    """Weights of population groups; weights of outlet types stand with the types."""

    group_weights: dict[str, Weight] = Field(
        {},
        description="Population group -> weight of one person of it; the first group weighs 1 and the others 0 "
        "when left out. Groups may overlap: with residents 1 and elderly 1, an elderly resident counts 2.",
    )

    def references(self) -> Mapping[str, Iterable[str]]:
        return {"groups": self.group_weights}


class Seek(Objective[Coverage]):
    """max Σ_k w_k Σ_i v_i z_ik, z_ik ≤ Σ_{j reaches i} (x_jk + standing_jk)."""

    name = "coverage"
    title = {"en": "People within reach", "zh": "步行可达人口"}
    sentence = {
        "en": "The most weighted people within walking reach, added up over the outlet types, existing outlets "
        "counted first; among equal plans the cheapest; of spaces that are alike in all respects the first by id.",
        "zh": "各业态加权可达人口合计最多（现有网点先计入）；并列时费用最低；条件完全相同的用房按编号取先。",
    }
    formula = "max Σ_k w[k] Σ_i v[i]·z[i,k]; then min Σ cost·x"
    parameters = Coverage
    allows = frozenset({"merge_cells"})

    def check(self, world: World, findings: Findings, file: str) -> None:
        for group in self.params.group_weights:
            if group not in world.cells.groups:
                findings.error(
                    "objective_unknown_group",
                    file=file,
                    field="objective.group_weights",
                    value=group,
                    nearest=nearest(group, world.cells.groups) or "—",
                    expected=", ".join(world.cells.groups),
                )

    def weights(self, world: World) -> Floats:
        given = self.params.group_weights
        first = world.cells.groups[0]
        per_group = np.array([given.get(g, 1.0 if g == first else 0.0) for g in world.cells.groups])
        return np.outer(world.cells.people @ per_group, world.types.weight)

    def goals(self, problem: Problem, columns: Columns) -> tuple[Goal, ...]:
        worth, today = cover_cost(problem, columns, self.weights(problem.world))
        return (Goal(self.name, "max", worth, offset=today, grain=grain_of(worth)), *thrift(problem, columns))

    def measures(self, world: World, travel: TravelTimes, plan: Plan) -> tuple[Measure, ...]:
        worth, value = self.weights(world), 0.0
        for period, weight in enumerate(world.periods.weight):
            for t, service in enumerate(own_services(world.types)):
                value += weight * float(worth[:, t] @ served(world, travel, plan, service, period=period))
        return (Measure(self.name, value, self.unit), *thrift_measures(world, plan))
