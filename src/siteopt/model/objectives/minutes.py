"""Minutes: the least walking to the nearest outlet, over all people and types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

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


class Walks(Weighed):
    """How minutes are counted, for every objective that counts them."""

    types: tuple[str, ...] | None = Field(None, description="Types that count, by their weights; all when left out.")
    step_min: Annotated[float, Field(ge=0.25, le=60, allow_inf_nan=False)] = Field(
        1.0, description="Minutes are counted up to the next multiple of this (min)."
    )
    beyond_min: Annotated[float, Field(gt=0, le=1e4, allow_inf_nan=False)] | None = Field(
        None,
        description="What counts for people without an outlet within the limit (min); twice the limit if left out.",
    )

    def references(self) -> dict[str, Sequence[str]]:
        return {"groups": tuple(self.group_weights), "types": self.types or ()}


def walked_types(params: Walks, world: World) -> list[int]:
    """Types that count."""
    return [t for t, name in enumerate(world.types.type_id) if params.types is None or name in params.types]


def minute_steps(params: Walks, world: World) -> tuple[Steps, dict[int, float]]:
    """Minutes saved within each step, and the minutes of those beyond the limit, by type."""
    steps, beyond = {}, {}
    for t in walked_types(params, world):
        limit = float(world.types.limit_min[t])
        beyond[t] = max(2 * limit if params.beyond_min is None else params.beyond_min, limit)
        inner = [m for n in range(1, int(limit / params.step_min) + 1) if (m := n * params.step_min) < limit]
        marks = [*inner, limit]
        above = [*marks[1:], beyond[t]]
        steps[t] = [(m, up - m) for m, up in zip(marks, above, strict=True)]
    return steps, beyond


def check_walks(params: Walks, world: World, findings: Findings, file: str) -> None:
    """Report groups that are not there, limits that do not fit, and types that can be full."""
    check_groups(params, world, findings, file)
    for t in walked_types(params, world):
        limit, name = float(world.types.limit_min[t]), world.types.type_id[t]
        if params.beyond_min is not None and params.beyond_min < limit:
            findings.error(
                "objective_beyond_short",
                file=file,
                field="objective.beyond_min",
                value=params.beyond_min,
                type=name,
                limit=limit,
            )
        if capacitated(world.types)[t]:
            findings.error("objective_with_capacity", file=file, field="objective.types", value=name)


class Seek(Objective[Walks]):
    """min Σ_k w_k Σ_i v_i m_ik, m_ik the minutes to the nearest outlet, up to the next step."""

    name = "minutes"
    title = {"en": "Minutes walked", "zh": "步行时间"}
    sentence = {
        "en": "The fewest minutes from all weighted people to the nearest outlet of each type, counted up to the "
        "next step; people without one within the limit count with the minutes set for them; among equal plans the "
        "cheapest.",
        "zh": "全部加权人口到各业态最近网点的步行分钟数合计最少（按步长向上取整）；限时内无网点的人口按设定分钟数计；"
        "并列时费用最低。",
    }
    formula = "min Σ_k w[k] Σ_i v[i]·m[i,k], m[i,k] = M − Σ_l Δ_l·z[i,k,l]"
    parameters = Walks
    allows = frozenset({"merge_cells"})
    clauses = ("F1",)
    unit = "person_minutes"
    more_is_better = False

    def check(self, world: World, findings: Findings, file: str) -> None:
        check_walks(self.params, world, findings, file)

    def services(self, world: World) -> tuple[Service, ...]:
        return services_at(minute_steps(self.params, world)[0])

    def _steps(self, world: World) -> tuple[Steps, float]:
        """Steps weighted by type, and the minutes of one person who reaches nothing."""
        steps, beyond = minute_steps(self.params, world)
        weight = world.types.weight
        return {t: [(m, d * float(weight[t])) for m, d in parts] for t, parts in steps.items()}, float(
            sum(beyond[t] * weight[t] for t in beyond)
        )

    def goal(self, problem: Problem, columns: Columns) -> Goal:
        world, people = problem.world, weighed(self.params, problem.world)
        steps, most = self._steps(world)
        saved, today = cover_cost(problem, columns, worth_of(problem, steps, people))
        whole = most * float(people.sum()) * sum(world.periods.weight)
        return Goal(self.label, "min", -saved, offset=whole - today, grain=grain_of(saved, problem))

    def measure(self, world: World, travel: TravelTimes, plan: Plan) -> Measure:
        people, value = weighed(self.params, world), 0.0
        steps, most = self._steps(world)
        for period, weight in enumerate(world.periods.weight):
            saved = reached(world, travel, plan, steps, period=period).sum(axis=1)
            value += weight * float(people @ (most - saved))
        return Measure(self.label, value, self.unit)
