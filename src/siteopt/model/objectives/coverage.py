"""Coverage: the most weighted people within reach of each type; then least cost; then no free outlet to no purpose.

Ties that remain are broken by order: options are columns in the order of site and type ids, engines are
deterministic, and of spaces that are alike in every row the first is taken (``solve/strategy.py``).
"""

from __future__ import annotations

import numpy as np

from siteopt.findings import Findings
from siteopt.model.columns import cover_cost
from siteopt.model.objective import Objective
from siteopt.model.people import Weighed, check_groups, weighed
from siteopt.model.thrift import grain_of
from siteopt.plan import Measure, Plan, served
from siteopt.problem import Problem, TravelTimes, own_services
from siteopt.program import Columns, Goal
from siteopt.units import Floats
from siteopt.world import World


class Coverage(Weighed):
    """Weights of population groups."""


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
    clauses = ("H1", "F1")

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_groups(self.params, world, findings, file)

    def counted(self, world: World) -> Floats:
        return weighed(self.params, world)[:, None]

    def weights(self, world: World) -> Floats:
        """(I, T) what covering each cell by each type is worth."""
        return np.outer(self.counted(world), world.types.weight)

    def goal(self, problem: Problem, columns: Columns) -> Goal:
        worth, today = cover_cost(problem, columns, self.weights(problem.world))
        return Goal(self.label, "max", worth, offset=today, grain=grain_of(worth, problem))

    def measure(self, world: World, travel: TravelTimes, plan: Plan) -> Measure:
        worth, value = self.weights(world), 0.0
        for period, weight in enumerate(world.periods.weight):
            for t, service in enumerate(own_services(world.types)):
                value += weight * float(worth[:, t] @ served(world, travel, plan, service, period=period))
        return Measure(self.label, value, self.unit)
