"""Emergency supply: a share of people keeps a source of food within reach after any one outlet is lost.

Plan document 二: 保障基本生活、稳定价格、应急保供. It gives no number: which types are sources, and the share,
are the user's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.backup import block_name, has_two, twice, twice_block, twice_rows
from siteopt.model.columns import Block
from siteopt.model.constraint import Constraint, Params
from siteopt.plan import Plan, Verdict
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Rows, rows_from
from siteopt.units import PEOPLE_EPS, Bools, Ints
from siteopt.world import World


class Emergency(Params):
    """The sources and the share of people."""

    types: tuple[str, ...] = Field(
        description="Types that are sources, e.g. [vegetable_market, fresh_supermarket, community_supermarket].",
        min_length=1,
    )
    share: Annotated[float, Field(ge=0, le=1, description="Least share of people with two sources, 0 to 1.")]
    per: Literal["all", "community"] = Field("all", description="Of all people, or of those of each community.")


class Rule(Constraint[Emergency]):
    """Σ people·z >= share·Σ people, 2 z <= Σ (x + standing) over the sources within reach."""

    name = "emergency"
    title = {"en": "Emergency supply", "zh": "应急保供"}
    sentence = {
        "en": "At least the given share of people has two outlets of the named sources within reach, so that one "
        "remains when any one is lost.",
        "zh": "步行范围内有两处以上指定保供网点（任一处停业后仍可达）的人口占比不低于规定比例。",
    }
    formula = "Σ_i people[i]·z[i] ≥ θ·Σ_i people[i], 2·z[i] ≤ Σ_{j,k} (x[j,k] + standing[j,k]), z in {0, 1}"
    parameters = Emergency
    allows = frozenset({"merge_cells"})
    clauses = ("F10",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        if self.params.per == "community" and not len(world.communities):
            findings.error("rule_needs_communities", file=file, field=f"constraints.{self.label}", value=self.name)

    def _types(self, world: World) -> list[int]:
        return [world.types.type_id.index(name) for name in self.params.types]

    def _apart(self, world: World) -> Ints:
        """(I,) cells of two places that are judged by themselves stay apart."""
        if self.params.per == "community":
            return world.cells.community
        return np.zeros(len(world.cells), dtype=np.int64)

    def _places(self, world: World) -> list[tuple[str, Bools]]:
        """(words, (I,) cells) of each place."""
        if self.params.per == "all":
            return [(self.label, np.ones(len(world.cells), dtype=np.bool_))]
        ids = world.communities.community_id
        return [(str(ids[k]), np.asarray(world.cells.community == k)) for k in range(len(ids))]

    def blocks(self, problem: Problem) -> Sequence[Block]:
        found = twice(problem, self._types(problem.world), self._apart(problem.world))
        return [twice_block(block_name(self.label, problem, problem.n_periods - 1), found)]

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world, last = problem.world, problem.n_periods - 1
        found, people = twice(problem, self._types(world), self._apart(world)), world.cells.residents
        start = columns.start[block_name(self.label, problem, last)]
        entries, lower, subject, served = [], [], [], []
        for words, cells in self._places(world):
            mine = cells & (found.group_of_cell >= 0)
            worth = np.bincount(found.group_of_cell[mine], weights=people[mine], minlength=len(found.standing))
            at = np.flatnonzero(worth > 0)
            today = float(people[cells & (found.group_of_cell == -1)].sum())
            need = self.params.share * float(people[cells].sum())
            entries.append((start + at, worth[at].astype(np.float64)))
            lower.append(need - today - PEOPLE_EPS if need > today else -np.inf)
            subject.append(words)
            served.append(today)
        asked = rows_from(self.label, entries, lower, [np.inf] * len(lower), subject, unit="people")
        return [twice_rows(self.label, problem, columns, found, last), replace(asked, today=np.array(served))]

    def judge(self, world: World, travel: TravelTimes, plan: Plan) -> list[Verdict]:
        people, twofold, out = world.cells.residents, has_two(world, travel, plan, self._types(world)), []
        for words, cells in self._places(world):
            total, got = float(people[cells].sum()), float(people[cells] @ twofold[cells])
            holds = got >= self.params.share * total - 2 * PEOPLE_EPS
            detail = {"people": got, "total": total}
            share = got / total if total else 1.0
            out.append(Verdict(self.label, words, self.params.share, share, "ge", "share", holds, detail))
        return out
