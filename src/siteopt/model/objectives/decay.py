"""Distance decay: how many people come, when fewer come from farther away."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from siteopt.findings import Findings
from siteopt.model.columns import cover_cost
from siteopt.model.levels import Steps, reached, services_at, worth_of
from siteopt.model.objective import Objective
from siteopt.model.people import Weighed, check_groups, weighed
from siteopt.model.thrift import grain_of
from siteopt.plan import Measure, Plan
from siteopt.problem import Problem, Service, TravelTimes, capacitated
from siteopt.program import Columns, Goal
from siteopt.world import World

Minutes = Annotated[float, Field(gt=0, le=1e4, allow_inf_nan=False)]
ShareOf = Annotated[float, Field(ge=0, le=1)]


class Decay(Weighed):
    """Steps of decay."""

    shares: dict[Minutes, ShareOf] = Field(
        description="Minutes -> share of people who come when the nearest outlet is within them, e.g. "
        "{5: 1, 10: 0.6, 15: 0.3}; no larger for more minutes. Beyond a type's own limit nobody comes.",
        min_length=1,
    )
    types: tuple[str, ...] | None = Field(None, description="Types that count, by their weights; all when left out.")

    @model_validator(mode="after")
    def _falls(self) -> Decay:
        order = [self.shares[m] for m in sorted(self.shares)]
        if any(later > earlier for earlier, later in pairwise(order)):
            raise PydanticCustomError("decay_rises", "shares may not rise with minutes")
        return self

    def references(self) -> dict[str, Sequence[str]]:
        return {"groups": tuple(self.group_weights), "types": self.types or ()}


class Seek(Objective[Decay]):
    """max Σ_k w_k Σ_i v_i f(m_ik), f a falling step function of the minutes to the nearest outlet."""

    name = "decay"
    title = {"en": "Attendance with distance decay", "zh": "距离衰减到访人数"}
    sentence = {
        "en": "The most weighted people who come to the nearest outlet of each type, when the share of those who "
        "come falls with the minutes as given; among equal plans the cheapest.",
        "zh": "按给定的到访比例随步行时间递减计算，到各业态最近网点的加权到访人数最多；并列时费用最低。",
    }
    formula = "max Σ_k w[k] Σ_i v[i]·Σ_l (f_l − f_{l+1})·z[i,k,l]"
    parameters = Decay
    allows = frozenset({"merge_cells"})
    clauses = ("F1",)

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_groups(self.params, world, findings, file)
        for t in self._types(world):
            if capacitated(world.types)[t]:
                name = world.types.type_id[t]
                findings.error("objective_with_capacity", file=file, field="objective.types", value=name)

    def _types(self, world: World) -> list[int]:
        wanted = self.params.types
        return [t for t, name in enumerate(world.types.type_id) if wanted is None or name in wanted]

    def _steps(self, world: World) -> Steps:
        """What being within each step adds, by type and weighted by it."""
        out = {}
        for t in self._types(world):
            limit, weight = float(world.types.limit_min[t]), float(world.types.weight[t])
            marks = sorted({min(m, limit) for m in self.params.shares})
            share = [self._share_at(m) for m in marks]
            drop = [one - after for one, after in zip(share, [*share[1:], 0.0], strict=True)]
            out[t] = [(m, weight * d) for m, d in zip(marks, drop, strict=True) if d > 0]
        return out

    def _share_at(self, minutes: float) -> float:
        """The share of the first step that is not below the minutes."""
        return next(self.params.shares[m] for m in sorted(self.params.shares) if m >= minutes)

    def services(self, world: World) -> tuple[Service, ...]:
        return services_at(self._steps(world))

    def goal(self, problem: Problem, columns: Columns) -> Goal:
        people = weighed(self.params, problem.world)
        cost, today = cover_cost(problem, columns, worth_of(problem, self._steps(problem.world), people))
        return Goal(self.label, "max", cost, offset=today, grain=grain_of(cost, problem))

    def measure(self, world: World, travel: TravelTimes, plan: Plan) -> Measure:
        people, steps, value = weighed(self.params, world), self._steps(world), 0.0
        for period, weight in enumerate(world.periods.weight):
            value += weight * float(people @ reached(world, travel, plan, steps, period=period).sum(axis=1))
        return Measure(self.label, value, self.unit)
