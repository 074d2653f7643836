"""Commercial mix: shopping, catering and other outlets in given shares, within a tolerance.

A target of 40 / 30 / 30 % is Qingdao Shinan's (S14); the plan document names no shares, so nothing is set here. For
a planner it is an aim rather than a law: a wide tolerance keeps it from deciding the plan. By area, an add-on inside
an outlet that stands today is area that is counted already.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from siteopt.findings import Findings
from siteopt.model.amounts import Amount, amount_by
from siteopt.model.areas import standing_area_dm2
from siteopt.model.constraint import Params
from siteopt.model.norm_findings import ask_for_sectors, check_subjects, tell_unsaid_areas
from siteopt.model.ratios import Part, Ratio, share_of
from siteopt.model.subjects import Per, named_mask, places, sites_in, subject_of
from siteopt.units import Ints
from siteopt.world import SECTORS, World

Sector = Literal["shopping", "catering", "other"]
Share = Annotated[float, Field(ge=0, le=1)]


class Mix(Params):
    """Target shares with a tolerance, or a least and a most share, of each sector."""

    target: dict[Sector, Share] = Field(
        {},
        description="Sector -> share to keep to within `tolerance`, e.g. {shopping: 0.4, catering: 0.3, other: 0.3}.",
    )
    tolerance: Share = Field(0.10, description="How far a share may lie from its target, 0 to 1 (0.1: ten points).")
    least: dict[Sector, Share] = Field({}, description="Sector -> least share; comes before target and tolerance.")
    most: dict[Sector, Share] = Field({}, description="Sector -> most share; comes before target and tolerance.")
    by: Literal["area", "count"] = Field("area", description="Share of floor area or of the number of outlets.")
    types: tuple[str, ...] | None = Field(None, description="Types that count; all when left out.")
    per: Per = Field("all", description="One mix over everything, or one in each community.")
    communities: tuple[str, ...] | None = Field(None, description="Only these communities; all when left out.")
    count_existing: bool = Field(True, description="Existing outlets count; false looks at new ones only.")

    def bounds(self) -> Iterator[tuple[str, str, Fraction]]:
        """(sector, sense, share) of each bound that can bind."""
        slack = share_of(self.tolerance)
        for sector in SECTORS:
            target = self.target.get(sector)  # type: ignore[call-overload]
            low = self.least.get(sector)  # type: ignore[call-overload]
            high = self.most.get(sector)  # type: ignore[call-overload]
            least = share_of(low) if low is not None else share_of(target) - slack if target is not None else None
            most = share_of(high) if high is not None else share_of(target) + slack if target is not None else None
            if least is not None and least > 0:
                yield sector, "ge", least
            if most is not None and most < 1:
                yield sector, "le", most

    @model_validator(mode="after")
    def _possible(self) -> Mix:
        if not self.target and not self.least and not self.most:
            raise PydanticCustomError("mix_unsaid", "give `target`, `least` or `most`")
        least = {sector: share for sector, sense, share in self.bounds() if sense == "ge"}
        most = {sector: share for sector, sense, share in self.bounds() if sense == "le"}
        crossed = next((s for s in least if least[s] > most.get(s, Fraction(1))), None)
        if crossed is not None:
            raise PydanticCustomError("mix_crossed", "least above most", {"sector": crossed})
        if sum(least.values()) > 1 or sum(most.get(s, Fraction(1)) for s in SECTORS) < 1:
            raise PydanticCustomError("mix_impossible", "the shares cannot add up to 1")
        return self


class Rule(Ratio[Mix]):
    """least * whole <= part of a sector <= most * whole, over existing and new outlets; without outlets it holds."""

    name = "mix"
    title = {"en": "Commercial mix", "zh": "业态结构比例"}
    sentence = {
        "en": "Of the floor area (or number) of existing and new outlets, each sector (shopping, catering, other) "
        "has a share within its bounds. Where there is no outlet at all, the rule is met.",
        "zh": "现有和新设网点中，购物、餐饮、其他各类所占比例（按建筑面积或个数）在规定范围之内；"
        "没有任何网点时视为满足。",
    }
    formula = "l[s]·Σ a·(standing + x) ≤ Σ_{k∈s} a·(standing + x) ≤ u[s]·Σ a·(standing + x)"
    parameters = Mix
    allows = frozenset({"merge_cells"})
    clauses = ("F6",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        p = self.params
        of = named_mask(world, p.types)
        check_subjects(self, world, findings, file, per=p.per, communities=p.communities, types=p.types)
        ask_for_sectors(findings, world, file, self.label, of)
        if p.by == "area" and p.count_existing:
            tell_unsaid_areas(findings, world, self.label, sites_in(world, p.per, p.communities), of)

    @property
    def amount(self) -> Amount:
        return amount_by(self.params.by)

    def _standing(self, world: World) -> Ints:
        """(J, T) what each standing outlet counts for."""
        if not self.params.count_existing:
            return np.zeros(world.sites.standing.shape, dtype=np.int64)
        if self.params.by == "area":
            return standing_area_dm2(world, or_type=True)
        return world.sites.standing.astype(np.int64)

    def parts(self, world: World) -> Iterator[Part]:
        p, of, standing = self.params, named_mask(world, self.params.types), self._standing(world)
        sectors = world.types.sector.astype(str)
        for place, _, where in places(world, p.per, p.communities):
            for sector, sense, share in p.bounds():
                inside = of & (sectors == sector)
                yield Part(
                    subject_of(self.label, place, sector),
                    where & world.sites.is_candidate if p.by == "area" else where,
                    inside,
                    of,
                    int(standing[np.ix_(where, inside)].sum()),
                    int(standing[np.ix_(where, of)].sum()),
                    share,
                    sense,
                    detail={"sector": sector},
                )
