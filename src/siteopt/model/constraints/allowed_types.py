"""Allowed types: an outlet opens only in a candidate space that allows its type."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siteopt.model.constraint import Constraint, Params
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows
from siteopt.world import World


class Rule(Constraint[Params]):
    """x[j,k] exists only where k is allowed in j; the program has no column for anything else."""

    name = "allowed_types"
    title = {"en": "Allowed types", "zh": "准入业态"}
    sentence = {
        "en": "An outlet opens only in a vacant space that allows its type.",
        "zh": "网点只能设在准许其业态的空置用房内。",
    }
    formula = "x[j,k] ≤ allowed[j,k]"
    allows = frozenset({"merge_cells"})
    always = True

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        return []

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        wrong = plan.opened & ~world.open_to
        count = int(plan.opened.sum())
        verdicts = [
            Verdict(
                self.label,
                f"{world.sites.site_id[j]}: {world.types.type_id[t]}",
                need=0.0,
                got=1.0,
                sense="le",
                unit="outlets",
                holds=False,
            )
            for j, t in np.argwhere(wrong)
        ]
        return verdicts or [
            Verdict(self.label, "", need=float(count), got=float(count), sense="eq", unit="outlets", holds=True)
        ]
