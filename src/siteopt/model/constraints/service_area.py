"""Community service area: at least 30 m2 for 100 households.

The notice of September 2025 (S07) and the guide to embedded community services of January 2024 (S30) ask for 30 m2
of comprehensive service area for 100 households, and name 80 m2 as what to work towards; both were read for this
rule. Elderly care counts as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.amounts import AREA
from siteopt.model.areas import standing_or_listed_dm2
from siteopt.model.constraint import Params
from siteopt.model.norm_findings import ask_for_figures, ask_for_types, check_subjects
from siteopt.model.norms import Line, Norm, dm2_of
from siteopt.model.subjects import chosen, named_mask
from siteopt.units import Bools, exact_share
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


class Rule(Norm[ServiceArea]):
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
    amount = AREA

    def check(self, world: World, findings: Findings, file: str) -> None:
        p, types = self.params, self._types(world)
        check_subjects(self, world, findings, file, per="community", communities=p.communities, types=p.types)
        if p.types is None:
            ask_for_types(findings, file, self.label, " / ".join(SERVICES), types)
        for k in self._bound(world):
            ask_for_figures(
                findings, world, k, types, counted_by="households", stands="community_service_m2", label=self.label
            )

    def _types(self, world: World) -> Bools:
        named = self.params.types
        return np.isin(world.types.service.astype(str), SERVICES) if named is None else named_mask(world, named)

    def _bound(self, world: World) -> list[int]:
        ages = self.params.age_classes
        known = chosen(world, self.params.communities)
        return [k for k in known if ages is None or str(world.communities.age_class[k]) in ages]

    def lines(self, world: World) -> Iterator[Line]:
        p, c, types = self.params, world.communities, self._types(world)
        for k in self._bound(world):
            households = float(c.households[k])
            known = bool(np.isfinite(households))
            each = exact_share(households) if known else None
            yield Line(
                str(c.community_id[k]),
                world.sites.community == k,
                types,
                standing=standing_or_listed_dm2(world, k, types, float(c.service_m2[k])),
                least=None if each is None else dm2_of(p.m2_per_household) * each,
                detail={"households": households, "goal_m2": households * p.goal_m2_per_household},
                missing="" if known else "households",
            )
