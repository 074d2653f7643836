"""Slots: a space holds so many base outlets; add-ons such as parcel lockers take none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siteopt.model.constraint import Constraint, Params
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows
from siteopt.world import World


class Rule(Constraint[Params]):
    """Number of base outlets in a space <= its slots."""

    name = "space_slots"
    title = {"en": "Outlets per space", "zh": "每处用房的网点数"}
    sentence = {
        "en": "A space holds no more base outlets than it has slots; add-ons such as parcel lockers take none.",
        "zh": "每处用房的主体网点数不超过其可容纳数；快件箱等附加设施不占名额。",
    }
    formula = "Σ_{k base} (x[j,k] + standing[j,k]) ≤ slots[j]"
    allows = frozenset({"merge_cells"})
    always = True
    clauses = ("H6",)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        sites, types = problem.world.sites, problem.world.types
        taken = (sites.standing & types.base).sum(axis=1)
        free = np.maximum(sites.slots - taken, 0)
        is_base = types.base[problem.option_type]
        count = np.bincount(problem.option_site[is_base], minlength=len(sites))
        touched = np.flatnonzero(count > free)
        order = np.flatnonzero(is_base & np.isin(problem.option_site, touched))
        order = order[np.argsort(problem.option_site[order], kind="stable")]
        return [
            Rows(
                owner=self.label,
                indptr=np.concatenate([[0], np.cumsum(count[touched])]).astype(np.int64),
                column=columns.start["open"] + order,
                value=np.ones(len(order)),
                lower=np.full(len(touched), -np.inf),
                upper=free[touched].astype(np.float64),
                subject=tuple(str(s) for s in sites.site_id[touched]),
                unit="outlets",
                elastic=False,
                role="place",
            )
        ]

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        opened = (plan.opened & world.types.base).sum(axis=1)
        standing = (world.sites.standing & world.types.base).sum(axis=1)
        return [
            Verdict(
                self.label,
                str(world.sites.site_id[j]),
                need=float(world.sites.slots[j]),
                got=float(opened[j] + standing[j]),
                sense="le",
                unit="outlets",
                holds=bool(opened[j] + standing[j] <= world.sites.slots[j]),
            )
            for j in np.flatnonzero(opened > 0)
        ]
