"""Types for some communities only: micro markets in old ones.

Plan document 三(三): micro markets (微菜市) in old estates, inside the community or a building.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.constraint import Constraint, Params
from siteopt.model.outlets import closed_rows, may_stay, new_outlets, outlet_name
from siteopt.model.subjects import named_mask
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows
from siteopt.world import World


class AgeClassOnly(Params):
    """The types and where they may open."""

    types: Annotated[tuple[str, ...], Field(min_length=1, description="Types that open in such communities only.")]
    age_classes: Annotated[tuple[Literal["new", "mature", "old"], ...], Field(min_length=1)] = Field(
        ("old",), description="Age classes of the communities in which they may open."
    )


class Rule(Constraint[AgeClassOnly]):
    """x[j,k] = 0 outside communities of the age classes; a space in no community is in none of them."""

    name = "age_class_only"
    title = {"en": "Types for some communities only", "zh": "限定社区类型的业态"}
    sentence = {
        "en": "The named types (such as micro markets) open only in communities of the named age classes.",
        "zh": "指定业态（如微菜市）只在指定类型（新建、成熟或老旧）的社区内新设。",
    }
    formula = "x[j,k] = 0 where age class of c(j) ∉ A"
    parameters = AgeClassOnly
    allows = frozenset({"merge_cells"})

    def check(self, world: World, findings: Findings, file: str) -> None:
        if not len(world.communities):
            findings.error("rule_needs_communities", file=file, field=f"constraints.{self.label}", value=self.name)

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world = problem.world
        right = np.isin(world.communities.age_class.astype(str), list(self.params.age_classes))
        community = world.sites.community[problem.option_site]
        outside = ~np.append(right, False)[community]  # -1, in no community, is the last
        mine = named_mask(world, self.params.types)[problem.option_type]
        return closed_rows(self.label, problem, columns, mine & outside)

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        verdicts = []
        for j, t in new_outlets(world, plan, named_mask(world, self.params.types)):
            k = int(world.sites.community[j])
            age = str(world.communities.age_class[k]) if k >= 0 else None
            detail = {"age_class": age, "community": str(world.communities.community_id[k]) if k >= 0 else None}
            ok = age in self.params.age_classes
            verdicts.append(may_stay(self.label, outlet_name(world, j, t), ok, "forbid", **detail))
        return verdicts
