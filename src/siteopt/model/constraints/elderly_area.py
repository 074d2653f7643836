"""Elderly-care area: so much of it in new communities by floor area, in old ones by households.

湖南省社区养老服务设施配建若干规定, in force since 2025-01-01, as read for this rule (S28): in new residential areas
at least 0.3 % of the licensed residential floor area, each facility of at least 300 m2; in old ones at least 20 m2
for 100 households, and at least 300 m2 in all. That a mature community counts as an old one is our reading: it is
built. The facility's type is mandatory since September 2025 (S07).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.amounts import AREA
from siteopt.model.areas import most_dm2, option_area_dm2, standing_or_listed_dm2, step_columns, steps_in
from siteopt.model.constraint import Params
from siteopt.model.norm_findings import ask_for_figures, ask_for_types, check_subjects
from siteopt.model.norms import Line, Norm, dm2_of
from siteopt.model.outlets import outlet_name
from siteopt.model.subjects import chosen, named_mask
from siteopt.plan import Plan, Verdict, areas
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import DM2_PER_M2, Bools, exact_share, whole_dm2
from siteopt.world import World

ELDERLY = "elderly_care"


class ElderlyArea(Params):
    """The norms of new and of old communities."""

    new_share: Annotated[float, Field(ge=0, le=1)] = Field(
        0.003, description="New communities: least share of licensed residential floor area, 0 to 1."
    )
    new_outlet_least_m2: Annotated[float, Field(ge=0)] = Field(
        300.0, description="New communities: least floor area of each new facility, m²."
    )
    old_m2_per_household: Annotated[float, Field(ge=0)] = Field(
        0.2, description="Old communities: least m² for one household (20 m² for 100)."
    )
    old_least_m2: Annotated[float, Field(ge=0)] = Field(
        300.0, description="Old communities: least floor area in all, m², however few the households."
    )
    mature: Literal["old", "new", "off"] = Field(
        "old", description="Which norm mature communities are under: old, new, or off for none."
    )
    types: tuple[str, ...] | None = Field(
        None, description="Types that count; those whose `service` is elderly_care when left out."
    )
    communities: tuple[str, ...] | None = Field(None, description="Only these communities; all when left out.")


class Rule(Norm[ElderlyArea]):
    """new: E + S >= 0.003 R and each new outlet >= 300 m2; old: E + S >= max(0.2 h, 300 m2).

    E elderly-care area that stands today (``elderly_m2`` of the community), S that of new outlets, R licensed
    residential floor area, h households.
    """

    name = "elderly_area"
    title = {"en": "Elderly-care area", "zh": "社区养老服务设施面积"}
    sentence = {
        "en": "Elderly-care area, existing and new: in new communities at least 0.3 % (or the set share) of licensed "
        "residential floor area, each new facility at least 300 m²; in old ones at least 20 m² for 100 households "
        "and at least 300 m² in all. A community whose residential floor area or households are not given is not "
        "checked.",
        "zh": "社区养老服务设施面积（现有加新设）：新建社区不低于规划许可住宅建筑面积的0.3%（或设定比例），且新设的"
        "每处不少于300平方米；老旧社区每百户不低于20平方米，且总面积不少于300平方米。未填住宅建筑面积或户数的社区不作核查。",
    }
    formula = "new: E + Σ_{j∈c} a·x ≥ 0.003·R, x[j,k] = 0 if a[k] < 300; old: E + Σ_{j∈c} a·x ≥ max(0.2·h, 300)"
    parameters = ElderlyArea
    allows = frozenset({"merge_cells"})
    clauses = ("H14",)
    amount = AREA

    def check(self, world: World, findings: Findings, file: str) -> None:
        p, types = self.params, self._types(world)
        check_subjects(self, world, findings, file, per="community", communities=p.communities, types=p.types)
        if p.types is None:
            ask_for_types(findings, file, self.label, ELDERLY, types)
        for k, norm in self._bound(world):
            column = "residential_m2" if norm == "new" else "households"
            ask_for_figures(findings, world, k, types, counted_by=column, stands="elderly_m2", label=self.label)

    def _types(self, world: World) -> Bools:
        named = self.params.types
        return np.asarray(world.types.service == ELDERLY) if named is None else named_mask(world, named)

    def _bound(self, world: World) -> Iterator[tuple[int, str]]:
        """(community, "new" or "old") of each community that the rule binds."""
        for k in chosen(world, self.params.communities):
            age = str(world.communities.age_class[k])
            norm = self.params.mature if age == "mature" else age
            if norm != "off":
                yield k, norm

    def lines(self, world: World) -> Iterator[Line]:
        p, c, types = self.params, world.communities, self._types(world)
        for k, norm in self._bound(world):
            figure = float(c.residential_m2[k] if norm == "new" else c.households[k])
            column = "residential_m2" if norm == "new" else "households"
            least = None
            if np.isfinite(figure) and norm == "new":
                least = exact_share(p.new_share) * dm2_of(figure)
            elif np.isfinite(figure):
                least = max(dm2_of(p.old_m2_per_household) * exact_share(figure), dm2_of(p.old_least_m2))
            yield Line(
                str(c.community_id[k]),
                world.sites.community == k,
                types,
                standing=standing_or_listed_dm2(world, k, types, float(c.elderly_m2[k])),
                least=least,
                detail={"norm": norm, column: figure},
                missing=column if least is None else "",
            )

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world, blocks = problem.world, [*super().rows(problem, columns)]
        least = ceil(dm2_of(self.params.new_outlet_least_m2))
        mine = self._types(world)[problem.option_type]
        small = mine & (most_dm2(problem, columns) < least)
        for k, norm in self._bound(world):
            here = world.sites.community[problem.option_site] == k
            at = np.flatnonzero(small & here)
            if norm == "new":
                blocks.extend(self._enlarged(problem, columns, mine & ~small & here, least))
            if norm == "new" and len(at):
                entry = (columns.start["open"] + at, np.ones(len(at)))
                subject = str(world.communities.community_id[k])
                blocks.append(rows_from(self.label, [entry], [-np.inf], [0.0], [subject], unit="outlets"))
        return blocks

    def _enlarged(self, problem: Problem, columns: Columns, option: Bools, least: int) -> Iterator[Rows]:
        """Σ step·e ≥ (least − a)·x of each option that is too small at its least area."""
        steps, own = steps_in(problem, columns), option_area_dm2(problem)
        at = np.flatnonzero(option[steps.option] & (own[steps.option] < least))
        column, x = step_columns(columns, steps)[at], steps.option[at]
        if not len(at):
            return
        entries = [
            (np.array([columns.start["open"] + n, c]), np.array([own[n] - least, dm2]) / DM2_PER_M2)
            for n, c, dm2 in zip(x.tolist(), column.tolist(), steps.dm2[at].tolist(), strict=True)
        ]
        subject = [outlet_name(problem.world, problem.option_site[n], problem.option_type[n]) for n in x.tolist()]
        yield rows_from(self.label, entries, [0.0] * len(at), [np.inf] * len(at), subject, unit="m2")

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        least, amount = self.params.new_outlet_least_m2, whole_dm2(areas(world, plan))
        verdicts = super().judge(world, travel, plan)
        new = [k for k, norm in self._bound(world) if norm == "new"]
        counted = plan.opened & self._types(world) & np.isin(world.sites.community, new)[:, None]
        for j, t in np.argwhere(counted):
            got = int(amount[j, t])
            subject = outlet_name(world, j, t)
            holds = got >= dm2_of(least)
            verdicts.append(Verdict(self.label, subject, least, got / DM2_PER_M2, "ge", "m2", holds))
        return verdicts
