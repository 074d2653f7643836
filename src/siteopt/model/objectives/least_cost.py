"""Least cost: the cheapest plan that keeps every rule, coverage asked for by ``min_coverage`` among them."""

from __future__ import annotations

from siteopt.model.constraint import Params
from siteopt.model.objective import Objective
from siteopt.model.thrift import cheapest
from siteopt.plan import Measure, Plan, costs
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Goal
from siteopt.world import World


class LeastCost(Params):
    """Nothing to set: what must be covered is said by the rule ``min_coverage``."""


class Seek(Objective[LeastCost]):
    """min Σ cost·x."""

    name = "least_cost"
    title = {"en": "Least cost", "zh": "费用最低"}
    sentence = {
        "en": "The cheapest plan that keeps every rule; how many people must be within reach is said by the rule "
        "min_coverage.",
        "zh": "在满足全部规则的前提下费用最低；须覆盖的人口比例由“最低覆盖率”规则设定。",
    }
    formula = "min Σ cost[j,k]·x[j,k]"
    parameters = LeastCost
    allows = frozenset({"merge_cells"})
    clauses = ("F9",)
    unit = "money"
    more_is_better = False

    def goal(self, problem: Problem, columns: Columns) -> Goal:
        return cheapest(self.label, problem, columns)

    def measure(self, world: World, travel: TravelTimes, plan: Plan) -> Measure:
        return Measure(self.label, float(costs(world, plan)[plan.opened].sum()), self.unit)
