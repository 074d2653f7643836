"""Outlets per so many people: a least and a most number, in each community or in all.

Pharmacies: at most 5 for 10,000 people in county towns by a rule of Chengdu of 2006 (S26); population thresholds of
other outlets are in Guangzhou's list (S15). They are rules of other cities, so neither number has a default. The
least distance between pharmacies is the rule ``spacing``.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import floor
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from siteopt.findings import Findings
from siteopt.model.constraint import Params
from siteopt.model.norm_findings import check_subjects
from siteopt.model.norms import Line, Norm
from siteopt.model.subjects import Per, kinds_of, people_in, places, subject_of
from siteopt.units import exact_share
from siteopt.world import World

NotNegative = Annotated[float, Field(ge=0)]


class PerPeople(Params):
    """A least and a most number of outlets for so many people."""

    types: Annotated[tuple[str, ...], Field(min_length=1, description="Types, each counted by itself.")]
    least_outlets: NotNegative | None = Field(None, description="At least so many outlets for `per_people` people.")
    most_outlets: NotNegative | None = Field(None, description="At most so many outlets for `per_people` people.")
    per_people: Annotated[float, Field(gt=0)] = Field(
        1000.0, description="How many residents the numbers are for, e.g. 1000 or 10000."
    )
    rounding: Literal["up", "down"] = Field(
        "up", description="The least number: up (what is asked in full), or down (one for every full `per_people`)."
    )
    per: Per = Field("community", description="Counted in each community or in the whole place.")
    together: bool = Field(False, description="Count the types together: any of them serves.")
    communities: tuple[str, ...] | None = Field(None, description="Only these communities; all when left out.")
    count_existing: bool = Field(True, description="Existing outlets count; false looks at new ones only.")

    @model_validator(mode="after")
    def _range(self) -> PerPeople:
        low, high = self.least_outlets, self.most_outlets
        if low is None and high is None:
            raise PydanticCustomError("per_people_unsaid", "give `least_outlets`, `most_outlets` or both")
        if low is not None and high is not None and low > high:
            raise PydanticCustomError("per_people_range", "the least is above the most", {"least": low, "most": high})
        return self


class Rule(Norm[PerPeople]):
    """least · people / n, rounded as asked <= outlets <= most · people / n; existing ones above it stay."""

    name = "per_people"
    title = {"en": "Outlets per so many people", "zh": "按人口配置网点"}
    sentence = {
        "en": "Each type has at least and at most so many outlets for so many residents, existing ones included. "
        "Existing outlets above the limit stay, and none is added.",
        "zh": "各业态网点数量（含现有网点）按常住人口计，不少于下限、不多于上限；"
        "现有网点已超上限的予以保留，不再新增。",
    }
    formula = "⌈a·people[c] / n⌉ ≤ standing[c,k] + Σ_{j∈c} x[j,k] ≤ ⌊b·people[c] / n⌋"
    parameters = PerPeople
    allows = frozenset({"merge_cells"})
    clauses = ("H18",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        p = self.params
        check_subjects(self, world, findings, file, per=p.per, communities=p.communities, types=p.types)

    def lines(self, world: World) -> Iterator[Line]:
        p = self.params
        for place, ks, sites in places(world, p.per, p.communities):
            people = people_in(world, ks)
            crowds = people / exact_share(p.per_people)
            low = None if p.least_outlets is None else exact_share(p.least_outlets) * crowds
            high = None if p.most_outlets is None else exact_share(p.most_outlets) * crowds
            for kind, types in kinds_of(world, p.types, together=p.together):
                yield Line(
                    subject_of(self.label, place, kind),
                    sites,
                    types,
                    standing=int(world.sites.standing[np.ix_(sites, types)].sum()) if p.count_existing else 0,
                    least=Fraction(floor(low)) if low is not None and p.rounding == "down" else low,
                    most=high,
                    detail={"people": float(people)},
                )
