"""Backup: people who reach one of several types even after any one outlet is lost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.backup import block_name, has_two, twice, twice_block, twice_rows
from siteopt.model.columns import Block
from siteopt.model.objective import Objective
from siteopt.model.people import Weighed, check_groups, weighed
from siteopt.model.thrift import grain_of
from siteopt.plan import Measure, Plan
from siteopt.problem import Problem, TravelTimes
from siteopt.program import Columns, Goal, Rows
from siteopt.units import Floats, Ints
from siteopt.world import World


class Backup(Weighed):
    """Weights of population groups, and which types stand in for each other."""

    types: tuple[str, ...] = Field(
        description="Types that stand in for each other, e.g. the sources of food: [vegetable_market, "
        "fresh_supermarket, community_supermarket].",
        min_length=1,
    )

    def references(self) -> dict[str, Sequence[str]]:
        return {"groups": tuple(self.group_weights), "types": self.types}


class Seek(Objective[Backup]):
    """max Σ_i v_i z_i, 2 z_i ≤ Σ_{j reaches i} Σ_{k of the types} (x_jk + standing_jk), z_i in {0, 1}."""

    name = "backup"
    title = {"en": "People with a second source", "zh": "具备备用供应的人口"}
    sentence = {
        "en": "The most weighted people who have two outlets of the named types within reach, so that one remains "
        "when any one is lost; among equal plans the cheapest.",
        "zh": "步行范围内有两处以上指定业态网点（任一处停业后仍可达）的加权人口最多；并列时费用最低。",
    }
    formula = "max Σ_i v[i]·z[i], 2·z[i] ≤ Σ_{j,k} (x[j,k] + standing[j,k])"
    parameters = Backup
    allows = frozenset({"merge_cells"})
    clauses = ("F10",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_groups(self.params, world, findings, file)

    def counted(self, world: World) -> Floats:
        return weighed(self.params, world)[:, None]

    def _types(self, world: World) -> list[int]:
        return [world.types.type_id.index(name) for name in self.params.types]

    def _apart(self, world: World) -> Ints:
        return np.zeros(len(world.cells), dtype=np.int64)

    def blocks(self, problem: Problem) -> Sequence[Block]:
        found = twice(problem, self._types(problem.world), self._apart(problem.world))
        return [twice_block(block_name(self.label, problem, p), found) for p in range(problem.n_periods)]

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        found = twice(problem, self._types(problem.world), self._apart(problem.world))
        return [twice_rows(self.label, problem, columns, found, p) for p in range(problem.n_periods)]

    def goal(self, problem: Problem, columns: Columns) -> Goal:
        world, people = problem.world, weighed(self.params, problem.world)
        found = twice(problem, self._types(world), self._apart(world))
        open_yet = found.group_of_cell >= 0
        worth = np.bincount(found.group_of_cell[open_yet], weights=people[open_yet], minlength=len(found.standing))
        cost = np.zeros(len(columns))
        for period, weight in enumerate(world.periods.weight):
            cost[columns.start[block_name(self.label, problem, period)] :][: len(worth)] = weight * worth
        today = sum(world.periods.weight) * float(people[found.group_of_cell == -1].sum())
        return Goal(self.label, "max", cost, offset=today, grain=grain_of(cost))

    def measure(self, world: World, travel: TravelTimes, plan: Plan) -> Measure:
        people, types, value = weighed(self.params, world), self._types(world), 0.0
        for period, weight in enumerate(world.periods.weight):
            value += weight * float(people @ has_two(world, travel, plan, types, period=period))
        return Measure(self.label, value, self.unit)
