"""Saturation: no more floor area of some kind than so many square metres for 1,000 people.

The plan document (五(三)) asks to weigh 商业饱和度 and gives no number. Other cities plan 600 to 700 m2 of commerce
for 1,000 people (Beijing, S13) or 800 to 1,000 (Qingdao Shinan, S14); the ceiling has no default. It may clash with
the commercial-area rule, which asks for a floor. An add-on inside an outlet that stands today is area that is counted
already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from siteopt.findings import Findings
from siteopt.model.areas import area_unsaid, areas_dm2, standing_area_dm2
from siteopt.model.constraint import Constraint, Params, check_communities, check_types
from siteopt.model.norms import (
    Line,
    Per,
    ask_for_communities,
    chosen,
    dm2_of,
    named_mask,
    norm_rows,
    norm_verdicts,
    people_in,
    places,
    subject_of,
    tell_unsaid_areas,
)
from siteopt.plan import Plan, Verdict, areas
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows
from siteopt.units import DM2_PER_M2, Bools, whole_dm2
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


class Rule(Constraint[Saturation]):
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

    def check(self, world: World, findings: Findings, file: str) -> None:
        p = self.params
        if p.per == "community" or p.communities is not None:
            ask_for_communities(findings, world, file, self.label, self.name)
        check_communities(world, findings, file, self.label, p.communities)
        check_types(world, findings, file, self.label, p.types or ())
        if p.sectors is not None:
            for t in np.flatnonzero(self._named(world) & (world.types.sector == "")):
                name = world.types.type_id[t]
                findings.error(
                    "norm_sector_missing", file=file, field=f"types.{name}.sector", value=name, rule=self.label
                )
        if p.today == "outlets":
            inside = np.any(
                [sites for _, _, sites in places(world, p.per, p.communities)] or [self._types(world)[:0]], axis=0
            )
            unsaid = area_unsaid(world) & self._types(world) & np.reshape(inside, (-1, 1))
            tell_unsaid_areas(findings, world, file, self.label, unsaid)

    def _named(self, world: World) -> Bools:
        named = self.params.types
        return np.ones(len(world.types), dtype=np.bool_) if named is None else named_mask(world, named)

    def _types(self, world: World) -> Bools:
        sectors = self.params.sectors
        named = self._named(world)
        return named if sectors is None else named & np.isin(world.types.sector.astype(str), sectors)

    def _lines(self, world: World) -> Iterator[Line]:
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

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        lines, amount = self._lines(problem.world), areas_dm2(problem, columns)
        return norm_rows(self.label, lines, amount, problem, columns, unit="m2", size=DM2_PER_M2)

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        amount = whole_dm2(areas(world, plan))
        return norm_verdicts(self.label, self._lines(world), amount, plan, unit="m2", size=DM2_PER_M2)
