"""The complete set: people who have every basic type within reach."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from siteopt.findings import Findings
from siteopt.model.columns import Block, cover_block
from siteopt.model.objective import Objective
from siteopt.model.people import Weighed, check_groups, weighed
from siteopt.model.thrift import grain_of
from siteopt.plan import Measure, Plan, served
from siteopt.problem import ALREADY, NEVER, Problem, TravelTimes, own_services
from siteopt.program import Columns, Goal, Rows
from siteopt.units import Floats, Ints
from siteopt.world import World


class Complete(Weighed):
    """Weights of population groups, and which types make the set."""

    types: tuple[str, ...] | None = Field(
        None, description="Types of the set; those of the basic class when left out, all types where none is basic."
    )

    def references(self) -> dict[str, Sequence[str]]:
        return {"groups": tuple(self.group_weights), "types": self.types or ()}


class Seek(Objective[Complete]):
    """max Σ_i v_i z_i, z_i ≤ z_ik for each type k of the set."""

    name = "complete"
    title = {"en": "People with the complete set", "zh": "配齐人口"}
    sentence = {
        "en": "The most weighted people who have every type of the set within reach, existing outlets counted first; "
        "among equal plans the cheapest.",
        "zh": "全部基本业态均步行可达的加权人口最多（现有网点先计入）；并列时费用最低。",
    }
    formula = "max Σ_i v[i]·z[i], z[i] ≤ z[i,k] for each k of the set"
    parameters = Complete
    allows = frozenset({"merge_cells"})
    clauses = ("F1",)
    combines = True

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_groups(self.params, world, findings, file)

    def counted(self, world: World) -> Floats:
        return weighed(self.params, world)[:, None]

    def _set(self, world: World) -> Ints:
        """Types of the set."""
        names, wanted = world.types.type_id, self.params.types
        if wanted is not None:
            return np.flatnonzero(np.isin(np.array(names), wanted))
        basic = np.flatnonzero(np.array(world.types.category) == "basic")
        return basic if len(basic) else np.arange(len(names))

    def _groups(self, problem: Problem) -> tuple[Ints, Floats, float]:
        """Cells alike in every type of the set: (M, types) their classes, (M,) weight; and the weight of the rest.

        The rest has every type today.
        """
        classes = problem.reduction.class_of_cell[:, self._set(problem.world)]
        weight = weighed(self.params, problem.world)
        today = float(weight[(classes == ALREADY).all(axis=1)].sum())
        open_yet = ~(classes == NEVER).any(axis=1) & ~(classes == ALREADY).all(axis=1) & (weight > 0)
        alike, label = np.unique(classes[open_yet], axis=0, return_inverse=True)
        total = np.bincount(label.reshape(-1), weights=weight[open_yet], minlength=len(alike))
        return alike, total.astype(np.float64), today

    def _block(self, problem: Problem, period: int) -> str:
        return cover_block(problem, period).replace("cover", self.label, 1)

    def blocks(self, problem: Problem) -> Sequence[Block]:
        n = len(self._groups(problem)[0])
        real = np.zeros(n, dtype=np.bool_)
        return [Block(self._block(problem, p), np.zeros(n), np.ones(n), real) for p in range(problem.n_periods)]

    def rows(self, problem: Problem, columns: Columns) -> Sequence[Rows]:
        alike, out = self._groups(problem)[0], []
        group, place = np.nonzero(alike >= 0)
        n = len(group)
        for period in range(problem.n_periods):
            column = np.empty(2 * n, dtype=np.int64)
            column[0::2] = columns.start[self._block(problem, period)] + group
            column[1::2] = columns.start[cover_block(problem, period)] + alike[group, place]
            value, indptr = np.tile([1.0, -1.0], n), 2 * np.arange(n + 1)
            out.append(Rows(self.label, indptr, column, value, np.full(n, -np.inf), np.zeros(n), elastic=False))
        return out

    def goal(self, problem: Problem, columns: Columns) -> Goal:
        _, weight, today = self._groups(problem)
        cost, periods = np.zeros(len(columns)), problem.world.periods.weight
        for period, worth in enumerate(periods):
            cost[columns.start[self._block(problem, period)] :][: len(weight)] = worth * weight
        return Goal(self.label, "max", cost, offset=sum(periods) * today, grain=grain_of(cost, problem))

    def measure(self, world: World, travel: TravelTimes, plan: Plan) -> Measure:
        own, weight, value = own_services(world.types), weighed(self.params, world), 0.0
        for period, worth in enumerate(world.periods.weight):
            shares = [served(world, travel, plan, own[t], period=period) for t in self._set(world).tolist()]
            value += worth * float(weight @ np.min(shares, axis=0))
        return Measure(self.label, value, self.unit)
