"""Counts: how many outlets of each type there may or must be, in all or in each community."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from siteopt.findings import Findings
from siteopt.model.constraint import Constraint, Params, check_communities
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import Bools
from siteopt.world import World


class Count(Params):
    """Least and most outlets of each named type."""

    types: tuple[str, ...] | None = Field(None, description="Types, each counted by itself; all when left out.")
    min: Annotated[int, Field(ge=0)] = Field(0, description="At least so many outlets, existing ones included.")
    max: Annotated[int, Field(ge=0)] | None = Field(None, description="At most so many, existing ones included.")
    per: Literal["all", "community"] = Field("all", description="Counted in the whole place or in each community.")
    communities: tuple[str, ...] | None = Field(None, description="Only these communities; all when left out.")
    count_existing: bool = Field(True, description="Existing outlets count; false looks at new ones only.")

    @model_validator(mode="after")
    def _range(self) -> Count:
        if self.max is not None and self.max < self.min:
            raise ValueError(f"max {self.max} is below min {self.min}")
        return self


class Rule(Constraint[Count]):
    """min <= outlets of the type <= max; existing outlets above max stay, but none is added."""

    name = "count"
    title = {"en": "Number of outlets", "zh": "网点数量"}
    sentence = {
        "en": "Each type has at least and at most so many outlets, in the whole place or in each community.",
        "zh": "各业态网点数量（全域或各社区）不少于下限、不多于上限。",
    }
    formula = "min ≤ standing[c,k] + Σ_{j∈c} x[j,k] ≤ max"
    parameters = Count
    allows = frozenset({"merge_cells"})

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_communities(world, findings, file, self.label, self.params.communities)
        if (self.params.per == "community" or self.params.communities) and not len(world.communities):
            findings.error("rule_needs_communities", file=file, field=f"constraints.{self.label}", value=self.name)

    def _subjects(self, world: World) -> Iterator[tuple[str, int, Bools]]:
        """(words, type, sites) of each count."""
        p = self.params
        wanted = [t for t, name in enumerate(world.types.type_id) if p.types is None or name in p.types]
        ids = [str(c) for c in world.communities.community_id]
        chosen = [k for k, c in enumerate(ids) if p.communities is None or c in p.communities]
        for t in wanted:
            if p.per == "community":
                for k in chosen:
                    yield f"{ids[k]}: {world.types.type_id[t]}", t, world.sites.community == k
            elif p.communities is not None:
                yield world.types.type_id[t], t, np.isin(world.sites.community, chosen)
            else:
                yield world.types.type_id[t], t, np.ones(len(world.sites), dtype=np.bool_)

    def _standing(self, world: World, t: int, sites: Bools) -> int:
        return int(world.sites.standing[sites, t].sum()) if self.params.count_existing else 0

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        entries, lower, upper, subject, today = [], [], [], [], []
        for words, t, sites in self._subjects(problem.world):
            at = np.flatnonzero((problem.option_type == t) & sites[problem.option_site])
            have = self._standing(problem.world, t, sites)
            entries.append((columns.start["open"] + at, np.ones(len(at))))
            lower.append(self.params.min - have if self.params.min > have else -np.inf)
            upper.append(np.inf if self.params.max is None else max(self.params.max - have, 0))
            subject.append(words)
            today.append(float(have))
        rows = rows_from(self.label, entries, lower, upper, subject, unit="outlets")
        return [replace(rows, today=np.array(today))]

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        verdicts = []
        for words, t, sites in self._subjects(world):
            have = self._standing(world, t, sites)
            new = int(plan.opened[sites, t].sum())
            detail = {"standing": have, "new": new, "max": self.params.max, "min": self.params.min}
            if self.params.min > 0:
                verdicts.append(
                    Verdict(
                        self.label,
                        words,
                        need=float(self.params.min),
                        got=float(have + new),
                        sense="ge",
                        unit="outlets",
                        holds=have + new >= self.params.min,
                        detail=detail,
                    )
                )
            if self.params.max is not None:
                most = max(self.params.max, have)
                verdicts.append(
                    Verdict(
                        self.label,
                        words,
                        need=float(most),
                        got=float(have + new),
                        sense="le",
                        unit="outlets",
                        holds=have + new <= most,
                        detail=detail,
                    )
                )
        return verdicts
