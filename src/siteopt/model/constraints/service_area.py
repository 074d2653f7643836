"""Community service area: at least 30 m2 for 100 households.

The notice of September 2025 (S07) and the guide to embedded community services of January 2024 (S30) ask for 30 m2
of comprehensive service area for 100 households, and name 80 m2 as what to work towards; both were read for this
rule. Elderly care counts as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.areas import areas_dm2, standing_area_dm2
from siteopt.model.constraint import Constraint, Params, check_communities, check_types
from siteopt.model.norms import (
    Line,
    ask_for,
    ask_for_communities,
    chosen,
    dm2_of,
    named_mask,
    norm_rows,
    norm_verdicts,
    tell_standing,
)
from siteopt.plan import Plan, Verdict, areas
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows
from siteopt.units import DM2_PER_M2, Bools, exact_share, whole_dm2
from siteopt.world import SERVICES, World

Age = Literal["new", "mature", "old"]


class ServiceArea(Params):
    """Square metres of service area for a household."""

    m2_per_household: Annotated[float, Field(ge=0)] = Field(
        0.30, description="Least service area for one household, m² (30 m² for 100)."
    )
    goal_m2_per_household: Annotated[float, Field(ge=0)] = Field(
        0.80, description="What to work towards, m² for one household: told with each result, not asked for."
    )
    types: tuple[str, ...] | None = Field(
        None, description="Types that count; those with a `service` (community service, elderly care) when left out."
    )
    communities: tuple[str, ...] | None = Field(None, description="Only these communities; all when left out.")
    age_classes: tuple[Age, ...] | None = Field(
        None, description="Only communities of these ages; all when left out."
    )


class Rule(Constraint[ServiceArea]):
    """U + S >= 0.30 h: U service area standing today (``community_service_m2``), S of new outlets, h households."""

    name = "service_area"
    title = {"en": "Community service area", "zh": "社区综合服务设施面积"}
    sentence = {
        "en": "Community service area, existing and new, is at least 30 m² (or the set area) for 100 households. A "
        "community without a number of households is not checked.",
        "zh": "社区综合服务设施面积（现有加新设）每百户不低于30平方米（或设定面积）；未填户数的社区不作核查。",
    }
    formula = "U[c] + Σ_{j∈c} a[k]·x[j,k] ≥ 0.30·households[c]"
    parameters = ServiceArea
    allows = frozenset({"merge_cells"})
    clauses = ("H15",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        p, c = self.params, world.communities
        ask_for_communities(findings, world, file, self.label, self.name)
        check_communities(world, findings, file, self.label, p.communities)
        check_types(world, findings, file, self.label, p.types or ())
        if p.types is None and not self._types(world).any():
            word = " / ".join(SERVICES)
            findings.error("norm_no_type", file=file, field=f"constraints.{self.label}", value=word, rule=self.label)
        for k in self._bound(world):
            if not np.isfinite(c.households[k]):
                ask_for(findings, world, k, "households", self.label)
            elif not np.isfinite(c.service_m2[k]):
                tell_standing(
                    findings, world, k, "community_service_m2", self._listed(world, k) / DM2_PER_M2, self.label
                )

    def _types(self, world: World) -> Bools:
        named = self.params.types
        return np.isin(world.types.service.astype(str), SERVICES) if named is None else named_mask(world, named)

    def _bound(self, world: World) -> list[int]:
        ages = self.params.age_classes
        known = chosen(world, self.params.communities)
        return [k for k in known if ages is None or str(world.communities.age_class[k]) in ages]

    def _listed(self, world: World, k: int) -> int:
        """dm2 of the outlets that stand today, as far as their areas are given."""
        here = world.sites.community == k
        return int(standing_area_dm2(world, or_type=False)[np.ix_(here, self._types(world))].sum())

    def _lines(self, world: World) -> Iterator[Line]:
        p, c, types = self.params, world.communities, self._types(world)
        for k in self._bound(world):
            said, households = float(c.service_m2[k]), float(c.households[k])
            known = bool(np.isfinite(households))
            each = exact_share(households) if known else None
            yield Line(
                str(c.community_id[k]),
                world.sites.community == k,
                types,
                standing=int(whole_dm2(said)) if np.isfinite(said) else self._listed(world, k),
                least=None if each is None else dm2_of(p.m2_per_household) * each,
                detail={"households": households, "goal_m2": households * p.goal_m2_per_household},
                missing="" if known else "households",
            )

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        lines, amount = self._lines(problem.world), areas_dm2(problem, columns)
        return norm_rows(self.label, lines, amount, problem, columns, unit="m2", size=DM2_PER_M2)

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        amount = whole_dm2(areas(world, plan))
        return norm_verdicts(self.label, self._lines(world), amount, plan, unit="m2", size=DM2_PER_M2)
