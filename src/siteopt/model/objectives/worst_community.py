"""The worst community first: its share of people within reach is as large as can be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.columns import Block
from siteopt.model.objective import Objective
from siteopt.model.people import Weighed, check_groups, weighed
from siteopt.plan import Measure, Plan, served
from siteopt.problem import ALREADY, Problem, TravelTimes, own_services
from siteopt.program import Columns, Goal, Rows, rows_from
from siteopt.units import Floats
from siteopt.world import World


class WorstCommunity(Weighed):
    """Weights of population groups, and which types count."""

    types: tuple[str, ...] | None = Field(None, description="Types that count, by their weights; all when left out.")

    def references(self) -> dict[str, Sequence[str]]:
        return {"groups": tuple(self.group_weights), "types": self.types or ()}


class Seek(Objective[WorstCommunity]):
    """max t, t ≤ Σ_{k} w_k Σ_{i∈c} v_i z_ik / (Σ_k w_k · Σ_{i∈c} v_i) for each community c."""

    name = "worst_community"
    title = {"en": "The worst community", "zh": "最薄弱社区"}
    sentence = {
        "en": "The smallest share of people within reach (the mean over the types), taken over all communities with "
        "people, is as large as possible at the end of the plan; among equal plans the cheapest.",
        "zh": "各社区步行可达人口占比（按业态加权平均）中的最小值，在规划期末尽可能大；并列时费用最低。",
    }
    formula = "max t, t·Σ_k w[k]·V[c] ≤ Σ_k w[k] Σ_{i∈c} v[i]·z[i,k] for each c"
    parameters = WorstCommunity
    allows = frozenset({"merge_cells"})
    clauses = ("F2",)
    unit = "share"
    additive = False

    @property
    def cells_by(self) -> str:
        return "community"

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_groups(self.params, world, findings, file)
        weight = weighed(self.params, world)
        if not (weight[world.cells.community >= 0] > 0).any() or not self._types(world).any():
            findings.error("objective_needs_communities", file=file, field="objective.name", value=self.name)

    def counted(self, world: World) -> Floats:
        return weighed(self.params, world)[:, None]

    def _types(self, world: World) -> Floats:
        """(T,) weights of the types that count."""
        wanted = self.params.types
        return np.array(
            [
                w if wanted is None or name in wanted else 0.0
                for name, w in zip(world.types.type_id, world.types.weight, strict=True)
            ]
        )

    def _totals(self, world: World) -> Floats:
        """(K,) weighted people of each community."""
        inside = world.cells.community >= 0
        weight = weighed(self.params, world)[inside]
        total = np.bincount(world.cells.community[inside], weights=weight, minlength=len(world.communities))
        return total.astype(np.float64)

    def blocks(self, problem: Problem) -> Sequence[Block]:
        return [Block(self.label, np.zeros(1), np.ones(1), np.zeros(1, dtype=np.bool_))]

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        world, red, types = problem.world, problem.reduction, self._types(problem.world)
        worth = np.outer(weighed(self.params, world), types)
        each, totals = red.summed(worth), self._totals(world)
        already = red.class_of_cell[:, : len(types)] == ALREADY
        entries, lower, subject = [], [], []
        for k in np.flatnonzero(totals > 0).tolist():
            at = np.flatnonzero((red.segment == k) & (each > 0))
            here = world.cells.community == k
            whole = float(types.sum() * totals[k])
            column = np.append(columns.start["cover"] + at, columns.start[self.label])
            entries.append((column, np.append(each[at], -whole) / whole))
            lower.append(-float(worth[here][already[here]].sum()) / whole)
            subject.append(str(world.communities.community_id[k]))
        return [rows_from(self.label, entries, lower, [np.inf] * len(lower), subject, elastic=False)]

    def goal(self, problem: Problem, columns: Columns) -> Goal:
        cost = np.zeros(len(columns))
        cost[columns.start[self.label]] = 1.0
        return Goal(self.label, "max", cost)

    def measure(self, world: World, travel: TravelTimes, plan: Plan) -> Measure:
        types, weight, totals = self._types(world), weighed(self.params, world), self._totals(world)
        got = np.zeros(len(totals))
        inside = world.cells.community >= 0
        for t, service in enumerate(own_services(world.types)):
            share = weight * served(world, travel, plan, service) * types[t]
            got += np.bincount(world.cells.community[inside], weights=share[inside], minlength=len(totals))
        shares = got[totals > 0] / (types.sum() * totals[totals > 0])
        return Measure(self.label, float(shares.min()) if len(shares) else 0.0, self.unit)
