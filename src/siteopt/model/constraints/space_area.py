"""Floor area: the outlets in a space fit into it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siteopt.model.constraint import Constraint, Params
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows
from siteopt.units import DM2_PER_M2, Ints, whole_dm2
from siteopt.world import World


class Rule(Constraint[Params]):
    """Sum of outlet areas in a space <= its floor area, in whole square decimetres.

    Add-ons that open inside an outlet that stands today share that outlet's own floor area, so it is all theirs to
    share.
    """

    name = "space_area"
    title = {"en": "Floor area of a space", "zh": "用房面积"}
    sentence = {
        "en": "The outlets in a space, those that stand there included, fit into its floor area.",
        "zh": "同一处用房内的网点（含现有网点）面积之和不超过该用房面积。",
    }
    formula = "Σ_k area[k]·x[j,k] + standing area[j] ≤ A[j]"
    allows = frozenset({"merge_cells"})
    always = True
    clauses = ("H5",)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        sites = problem.world.sites
        need = whole_dm2(problem.option_area_m2)
        free = whole_dm2(sites.area_m2) - _taken_dm2(problem.world)
        # Only spaces whose options could overflow need a row.
        load = np.bincount(problem.option_site, weights=need, minlength=len(sites))
        touched = np.flatnonzero(load > free)
        touched = touched[np.bincount(problem.option_site, minlength=len(sites))[touched] > 0]
        order = np.flatnonzero(np.isin(problem.option_site, touched) & (need > 0))
        order = order[np.argsort(problem.option_site[order], kind="stable")]
        per_site = np.bincount(problem.option_site[order], minlength=len(sites))[touched]
        return [
            Rows(
                owner=self.label,
                indptr=np.concatenate([[0], np.cumsum(per_site)]).astype(np.int64),
                column=columns.start["open"] + order,
                value=need[order].astype(np.float64) / DM2_PER_M2,
                lower=np.full(len(touched), -np.inf),
                upper=np.maximum(free[touched], 0) / DM2_PER_M2,
                subject=tuple(str(s) for s in sites.site_id[touched]),
                unit="m2",
                elastic=False,
                role="place",
            )
        ]

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        used = plan.opened @ whole_dm2(world.types.area_m2)
        have = whole_dm2(world.sites.area_m2)
        standing = _taken_dm2(world)
        return [
            Verdict(
                self.label,
                str(world.sites.site_id[j]),
                need=float(have[j]) / DM2_PER_M2,
                got=float(used[j] + standing[j]) / DM2_PER_M2,
                sense="le",
                unit="m2",
                holds=bool(used[j] == 0 or used[j] + standing[j] <= have[j]),
            )
            for j in np.flatnonzero(plan.opened.any(axis=1))
        ]


def _taken_dm2(world: World) -> Ints:
    """(J,) dm2 of each place that is not to be had."""
    sites = world.sites
    return np.where(sites.is_candidate, whole_dm2(sites.standing_area_m2), 0)
