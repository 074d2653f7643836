"""Flues: no kitchen that smokes in or against dwellings.

Law on air pollution, article 81, as quoted by a page that was read (the law itself was not): no new catering that
smokes in a residential building, in a mixed building without a dedicated flue, or on a commercial floor of a mixed
building that adjoins a floor of dwellings. Whether a floor adjoins dwellings is in no column: the scenario names such
spaces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.constraint import Constraint, Params, check_sites
from siteopt.model.outlets import Unknown, closed_rows, may_stay, new_outlets, outlet_name, report_unsaid, usable
from siteopt.model.subjects import named_mask
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows
from siteopt.units import Bools
from siteopt.world import World


class Flue(Params):
    """Which types smoke, and which spaces lie next to dwellings."""

    types: tuple[str, ...] | None = Field(
        None, description="Types that smoke; those with `cooks: true` when left out."
    )
    adjacent: tuple[str, ...] | None = Field(
        None,
        description="Ids of spaces on a floor that adjoins dwellings: nothing that smokes opens there. [] says that "
        "there is none; left out, an outlet in a mixed building with a flue counts as not checked.",
    )
    unknown: Unknown = Field(
        "allow",
        description="Where building or flue are not said: allow = outlets may open and are shown as not checked; "
        "forbid = none opens.",
    )


class Rule(Constraint[Flue]):
    """x[j,k] = 0 for a type that smokes in a residential building, a mixed one without flue, or next to dwellings."""

    name = "flue"
    title = {"en": "Smoke and flues", "zh": "餐饮油烟与专用烟道"}
    sentence = {
        "en": "No new outlet that cooks with smoke opens in a residential building, in a mixed building without a "
        "dedicated flue, or on a floor that adjoins dwellings. Where the building or its flue is not known, the "
        "outlet is shown as not checked.",
        "zh": "产生油烟的新设网点不得设在居民住宅楼、未配套设立专用烟道的商住综合楼，以及与居住层相邻的商业楼层内；"
        "楼宇性质或烟道情况未填报的，列为“未核查”。",
    }
    formula = (
        "x[j,k] = 0 for k that smokes and j in a residential building, a mixed one without flue, or next to dwellings"
    )
    parameters = Flue
    allows = frozenset({"merge_cells"})
    clauses = ("H9",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_sites(world, findings, file, self.label, self.params.adjacent or ())
        smokes = self._smokes(world)
        if not smokes.any():
            findings.warning("rule_no_type_cooks", file=file, field=f"constraints.{self.label}", value=self.label)
        here, building = usable(world, smokes), world.sites.building.astype(str)
        unknown = self.params.unknown
        report_unsaid(world, findings, self.label, "building", here & (building == ""), unknown)
        report_unsaid(
            world, findings, self.label, "flue", here & (building == "mixed") & (world.sites.flue < 0), unknown
        )
        if self.params.adjacent is None and (here & (building == "mixed") & (world.sites.flue == 1)).any():
            findings.warning("rule_adjacent_unsaid", file=file, field=f"constraints.{self.label}", value=self.label)

    def _smokes(self, world: World) -> Bools:
        """(T,) types that smoke."""
        if self.params.types is not None:
            return named_mask(world, self.params.types)
        return np.asarray(world.types.cooks, dtype=np.bool_)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world, adjacent = problem.world, self.params.adjacent
        building, flue = world.sites.building.astype(str), world.sites.flue
        beside = np.isin(world.sites.site_id.astype(str), list(adjacent or ()))
        barred = (building == "residential") | ((building == "mixed") & (flue == 0)) | beside
        unsaid = (building == "") | ((building == "mixed") & (flue < 0))
        if adjacent is None:
            unsaid |= building == "mixed"
        if self.params.unknown == "forbid":
            barred |= unsaid
        smokes = self._smokes(world)[problem.option_type]
        return closed_rows(self.label, problem, columns, smokes & barred[problem.option_site])

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        return [
            may_stay(
                self.label,
                outlet_name(world, j, t),
                self._may(str(world.sites.site_id[j]), str(world.sites.building[j]), int(world.sites.flue[j])),
                self.params.unknown,
                **self._said(world, j),
            )
            for j, t in new_outlets(world, plan, self._smokes(world))
        ]

    def _may(self, site: str, building: str, flue: int) -> bool | None:
        """Whether a kitchen may open in a space; None where the data do not say."""
        if site in (self.params.adjacent or ()) or building == "residential":
            return False
        if building in ("commercial", "public"):
            return True
        if building == "mixed" and flue == 0:
            return False
        return True if building == "mixed" and flue == 1 and self.params.adjacent is not None else None

    def _said(self, world: World, j: int) -> Mapping[str, object]:
        """What is known of a space; what is not known is None."""
        adjacent, flue = self.params.adjacent, int(world.sites.flue[j])
        return {
            "building": str(world.sites.building[j]) or None,
            "flue": None if flue < 0 else bool(flue),
            "adjacent": None if adjacent is None else str(world.sites.site_id[j]) in adjacent,
        }
