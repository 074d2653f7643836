"""Saturation: no more floor area of some kind than so many square metres for 1,000 people.

The plan document (五(三)) asks to weigh 商业饱和度 and gives no number. Other cities plan 600 to 700 m2 of commerce
for 1,000 people (Beijing, S13) or 800 to 1,000 (Qingdao Shinan, S14); the ceiling has no default. It may clash with
the commercial-area rule, which asks for a floor. An add-on inside an outlet that stands today is area that is counted
already.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from siteopt.findings import Findings
from siteopt.model.amounts import AREA
from siteopt.model.areas import standing_area_dm2
from siteopt.model.constraint import Params
from siteopt.model.norm_findings import ask_for_sectors, check_subjects, tell_unsaid_areas
from siteopt.model.norms import Line, Norm, dm2_of
from siteopt.model.subjects import Per, chosen, named_mask, people_in, places, sites_in, subject_of
from siteopt.units import Bools, whole_dm2
from siteopt.world import World

Sector = Literal["shopping", "catering", "other"]


class Saturation(Params):
    """The most floor area for 1,000 people, and whose."""

    m2_per_1000_people: Annotated[float, Field(ge=0, description="At most so many m² for 1,000 residents.")]
    sectors: tuple[Sector, ...] | None = Field(None, description="Only types of these sectors; all when left out.")
    types: tuple[str, ...] | None = Field(None, description="Only these types; all when left out.")
    per: Per = Field("community", description="Counted in each community or in the whole place.")
    communities: tuple[str, ...] | None = Field(None, description="Only these communities; all when left out.")
    today: Literal["outlets", "commercial_area"] = Field(
        "outlets",
        description="What stands today: the floor area of the existing outlets, or `commercial_area_m2` of the "
        "communities, where the list of outlets is not complete.",
    )

    @model_validator(mode="after")
    def _today(self) -> Saturation:
        if self.today == "commercial_area":
            if self.types is not None or self.sectors is not None:
                raise PydanticCustomError("saturation_of_all", "commercial_area_m2 is not kept by type or sector")
            if self.per == "all" and self.communities is None:
                raise PydanticCustomError("saturation_by_community", "commercial_area_m2 is kept by community")
        return self


class Rule(Norm[Saturation]):
    """standing area + new area <= cap * people / 1,000; where today is above it, nothing is added."""

    name = "saturation"
    title = {"en": "Saturation", "zh": "商业饱和度"}
    sentence = {
        "en": "Existing and new floor area (of the named sectors or types) is at most so many square metres for "
        "1,000 residents. Where today's area is above it already, it stays and none is added.",
        "zh": "现有和新设网点（指定行业或业态）的建筑面积，每千名常住人口不超过规定面积；"
        "现状已超过的予以保留，不再新增。",
    }
    formula = "A0[c] + Σ_{j∈c} a[k]·x[j,k] ≤ cap·people[c] / 1000"
    parameters = Saturation
    allows = frozenset({"merge_cells"})
    clauses = ("F5",)
    amount = AREA

    def check(self, world: World, findings: Findings, file: str) -> None:
        p = self.params
        check_subjects(self, world, findings, file, per=p.per, communities=p.communities, types=p.types)
        if p.sectors is not None:
            ask_for_sectors(findings, world, file, self.label, named_mask(world, p.types))
        if p.today == "outlets":
            inside = sites_in(world, p.per, p.communities)
            tell_unsaid_areas(findings, world, self.label, inside, self._types(world))

    def _types(self, world: World) -> Bools:
        sectors, named = self.params.sectors, named_mask(world, self.params.types)
        return named if sectors is None else named & np.isin(world.types.sector.astype(str), sectors)

    def lines(self, world: World) -> Iterator[Line]:
        p, types = self.params, self._types(world)
        standing = standing_area_dm2(world, or_type=True)
        commercial = whole_dm2(np.nan_to_num(world.communities.commercial_area_m2))
        for place, ks, sites in places(world, p.per, p.communities):
            of_communities = chosen(world, None) if ks is None else ks
            people = people_in(world, ks)
            today = commercial[of_communities] if p.today == "commercial_area" else standing[np.ix_(sites, types)]
            yield Line(
                subject_of(self.label, place, ""),
                sites & world.sites.is_candidate,
                types,
                standing=int(today.sum()),
                most=dm2_of(p.m2_per_1000_people) * people / 1000,
                detail={"people": float(people), "m2_per_1000_people": p.m2_per_1000_people},
            )
