"""Kept: outlets that stand today stay where they are and are not opened a second time."""

from __future__ import annotations

from collections.abc import Sequence

from siteopt.model.constraint import Constraint, Params
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows
from siteopt.world import World


class Rule(Constraint[Params]):
    """Standing outlets are fixed; the program has no column that could close or repeat one."""

    name = "kept"
    title = {"en": "Existing outlets stay", "zh": "现有网点保留"}
    sentence = {
        "en": "Every outlet that stands today stays, and none is opened where the same type stands already.",
        "zh": "现有网点全部保留，已有同类网点的用房不重复设置。",
    }
    formula = "standing[j,k] = 1 stays; x[j,k] = 0 where standing[j,k] = 1"
    allows = frozenset({"merge_cells"})
    always = True
    clauses = ("H24",)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        return []

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        repeated = int((plan.opened & world.sites.standing).sum())
        standing = int(world.sites.standing.sum())
        return [
            Verdict(
                self.label,
                "",
                need=float(standing),
                got=float(standing - repeated),
                sense="eq",
                unit="outlets",
                holds=repeated == 0,
            )
        ]
