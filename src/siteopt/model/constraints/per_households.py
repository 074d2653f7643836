"""Outlets per household: in each community at least one outlet for so many households, rounded up.

The rule of the recycling points: one for every 2,000 households (2,500 in townships) in the local rules and the
standard quoted in source S27, and one for 300 to 500 in Beijing (S13). None of them is law in Hongjiang, so the
number has no default.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import Annotated

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.constraint import Params
from siteopt.model.norm_findings import ask_for, check_subjects
from siteopt.model.norms import Line, Norm
from siteopt.model.subjects import kinds_of, places, subject_of
from siteopt.units import exact_share
from siteopt.world import World


class PerHouseholds(Params):
    """How many households one outlet is enough for."""

    types: Annotated[tuple[str, ...], Field(min_length=1, description="Types, each counted by itself.")]
    households_per_outlet: Annotated[
        float, Field(gt=0, description="Households that one outlet is enough for; begun ones count in full.")
    ]
    together: bool = Field(False, description="Count the types together: any of them serves.")
    communities: tuple[str, ...] | None = Field(None, description="Only these communities; all when left out.")
    count_existing: bool = Field(True, description="Existing outlets count; false looks at new ones only.")


class Rule(Norm[PerHouseholds]):
    """outlets of the type in the community >= households / n, rounded up; 0 households ask for none."""

    name = "per_households"
    title = {"en": "Outlets per household", "zh": "按户数配置网点"}
    sentence = {
        "en": "In each community there is at least one outlet of the type for every so many households, existing "
        "ones included; a begun number of households counts in full. A community without a number of households is "
        "not checked.",
        "zh": "各社区每满规定户数至少配置1处该业态网点（含现有网点），不足规定户数的零头按1处计；"
        "未填户数的社区不作核查。",
    }
    formula = "standing[c,k] + Σ_{j∈c} x[j,k] ≥ ⌈households[c] / n⌉"
    parameters = PerHouseholds
    allows = frozenset({"merge_cells"})
    clauses = ("H17",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        p = self.params
        check_subjects(self, world, findings, file, per="community", communities=p.communities, types=p.types)
        for _, ks, _ in places(world, "community", p.communities):
            for k in ks or ():
                if not np.isfinite(world.communities.households[k]):
                    ask_for(findings, world, k, "households", self.label)

    def lines(self, world: World) -> Iterator[Line]:
        p = self.params
        for place, ks, sites in places(world, "community", p.communities):
            for kind, types in kinds_of(world, p.types, together=p.together):
                households = float(world.communities.households[ks[0]]) if ks else float("nan")
                known = bool(np.isfinite(households))
                need = ceil(exact_share(households) / exact_share(p.households_per_outlet)) if known else 0
                yield Line(
                    subject_of(self.label, place, kind),
                    sites,
                    types,
                    standing=int(world.sites.standing[np.ix_(sites, types)].sum()) if p.count_existing else 0,
                    least=Fraction(need),
                    detail={"households": households},
                    missing="" if known else "households",
                )
