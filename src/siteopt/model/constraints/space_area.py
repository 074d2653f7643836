"""Floor area: the outlets in a space fit into it, each between its type's least and largest area.

Areas are chosen where a type's ``area_max_m2`` is above its ``area_m2``: in whole steps (``area_step_m2``) from the
least area up, so that they are numbers that a plan would name, and every ratio over them stays exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from siteopt.model.areas import (
    STEPS,
    areas_dm2,
    most_dm2,
    step_columns,
    steps_in,
    steps_of,
    taken_dm2,
    with_areas,
)
from siteopt.model.columns import Block
from siteopt.model.constraint import Constraint, Params
from siteopt.model.outlets import outlet_name
from siteopt.plan import Plan, Verdict, areas
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows
from siteopt.units import DM2_PER_M2, Floats, whole_dm2
from siteopt.world import World


class Rule(Constraint[Params]):
    """Sum of outlet areas in a space <= its floor area; a = least + step·e, e <= most·x, in whole square decimetres.

    Add-ons that open inside an outlet that stands today share that outlet's own floor area, so it is all theirs to
    share.
    """

    name = "space_area"
    title = {"en": "Floor area of a space", "zh": "用房面积"}
    sentence = {
        "en": "The outlets in a space, those that stand there included, fit into its floor area. The area of an "
        "outlet whose type has a least and a largest area is chosen between the two, in whole steps.",
        "zh": "同一处用房内的网点（含现有网点）面积之和不超过该用房面积；业态设有最小、最大面积的，网点面积按步长在"
        "两者之间选定。",
    }
    formula = "Σ_k s[j,k] + standing area[j] ≤ A[j]; amin[k]·x[j,k] ≤ s[j,k] ≤ amax[k]·x[j,k]"
    allows = frozenset({"merge_cells"})
    always = True
    clauses = ("H5",)

    def blocks(self, problem: Problem) -> Sequence[Block]:
        most = steps_of(problem).most
        if not len(most):
            return ()
        return [Block(STEPS, np.zeros(len(most)), most.astype(np.float64), np.ones(len(most), dtype=np.bool_))]

    def tell(self, problem: Problem, columns: Columns, x: Floats, plan: Plan) -> Plan:
        return with_areas(problem, columns, x, plan)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        sites = problem.world.sites
        size = areas_dm2(problem, columns)
        site, need = problem.option_site[size.option], size.value
        free = whole_dm2(sites.area_m2) - taken_dm2(problem.world)
        # Only spaces whose options could overflow need a row.
        load = np.bincount(problem.option_site, weights=most_dm2(problem, columns), minlength=len(sites))
        touched = np.flatnonzero(load > free)
        touched = touched[np.bincount(problem.option_site, minlength=len(sites))[touched] > 0]
        order = np.flatnonzero(np.isin(site, touched) & (need > 0))
        order = order[np.argsort(site[order], kind="stable")]
        per_site = np.bincount(site[order], minlength=len(sites))[touched]
        return [
            *_only_if_open(self.label, problem, columns),
            Rows(
                owner=self.label,
                indptr=np.concatenate([[0], np.cumsum(per_site)]).astype(np.int64),
                column=size.column[order],
                value=need[order].astype(np.float64) / DM2_PER_M2,
                lower=np.full(len(touched), -np.inf),
                upper=np.maximum(free[touched], 0) / DM2_PER_M2,
                subject=tuple(str(s) for s in sites.site_id[touched]),
                unit="m2",
                elastic=False,
                role="place",
            ),
        ]

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        used = whole_dm2(areas(world, plan)).sum(axis=1)
        have = whole_dm2(world.sites.area_m2)
        standing = taken_dm2(world)
        spaces = [
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
        return [*spaces, *self._chosen(world, plan)]

    def _chosen(self, world: World, plan: Plan) -> Iterator[Verdict]:
        """Each area that was chosen: between the type's least and largest, and a whole number of steps."""
        if plan.area_m2 is None:
            return
        types, size = world.types, whole_dm2(areas(world, plan))
        least, most, step = (whole_dm2(a) for a in (types.area_m2, types.area_max_m2, types.area_step_m2))
        for j, t in np.argwhere(plan.opened).tolist():
            more = int(size[j, t] - least[t])
            if most[t] == least[t] and not more:
                continue
            yield Verdict(
                self.label,
                outlet_name(world, j, t),
                need=float(types.area_max_m2[t]),
                got=float(size[j, t]) / DM2_PER_M2,
                sense="le",
                unit="m2",
                holds=0 <= more <= int(most[t] - least[t]) and more % int(step[t]) == 0,
                detail={"least_m2": float(types.area_m2[t]), "step_m2": float(types.area_step_m2[t])},
            )


def _only_if_open(label: str, problem: Problem, columns: Columns) -> list[Rows]:
    """e ≤ most·x: only an outlet that opens is enlarged; logic, never relaxed."""
    steps = steps_in(problem, columns)
    if not len(steps):
        return []
    pairs = np.column_stack([columns.start["open"] + steps.option, step_columns(columns, steps)])
    value = np.column_stack([-steps.most.astype(np.float64), np.ones(len(steps))])
    n = len(steps)
    at = np.arange(n + 1, dtype=np.int64) * 2
    none = np.full(n, -np.inf)
    return [Rows(label, at, pairs.reshape(-1), value.reshape(-1), none, np.zeros(n), elastic=False)]
