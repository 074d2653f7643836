"""Every objective: the best of all plans of a tiny world, counted with plain loops here, is what is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from siteopt.model.constraint import Params
from siteopt.model.objective import Objective
from siteopt.model.objective import registry as objectives
from siteopt.plan import Plan
from siteopt.world import World
from tests.programs import solved
from tests.random_worlds import Case, every_plan, holds, random_case

SEEDS = range(24)
GROUPS = {"residents": 1.0, "elderly": 0.5}


def seek(name: str, **params: Any) -> Objective[Params]:
    kind = objectives()[name]
    return kind(kind.parameters(**params))


def people(world: World) -> np.ndarray:
    return world.cells.people @ np.array([GROUPS["residents"], GROUPS["elderly"]])


def minutes(case: Case, plan: Plan, t: int) -> list[float]:
    """Minutes from each cell to the nearest outlet within the limit, inf where there is none."""
    world, travel, out = case.world, case.travel, []
    for i in range(len(world.cells)):
        best = np.inf
        for p in range(travel.indptr[i], travel.indptr[i + 1]):
            j, m = travel.site[p], travel.minutes[p]
            if (plan.opened[j, t] or world.sites.standing[j, t]) and m <= world.types.limit_min[t] + 1e-9:
                best = min(best, float(m))
        out.append(best)
    return out


def stepped(case: Case, plan: Plan, t: int, step: float) -> np.ndarray:
    """Minutes up to the next step, and twice the limit beyond it."""
    limit = float(case.world.types.limit_min[t])
    return np.array(
        [
            2 * limit if np.isinf(m) else min(limit, max(step, np.ceil((m - 1e-9) / step) * step))
            for m in minutes(case, plan, t)
        ]
    )


def by_hand(case: Case, name: str, plan: Plan) -> float:
    """The value of a plan."""
    world, who = case.world, people(case.world)
    n, weight = len(world.types), world.types.weight
    near = np.column_stack([np.isfinite(minutes(case, plan, t)) for t in range(n)])
    if name == "coverage":
        return float(sum(who[i] * weight[t] for i in range(len(who)) for t in range(n) if near[i, t]))
    if name == "complete":
        return float(who[near.all(axis=1)].sum())
    if name == "worst_community":
        shares = []
        for k in range(len(world.communities)):
            here = world.cells.community == k
            if who[here].sum() > 0:
                got = sum(weight[t] * who[here & near[:, t]].sum() for t in range(n))
                shares.append(got / (weight.sum() * who[here].sum()))
        return min(shares)
    if name == "minutes":
        return float(sum(weight[t] * (who @ stepped(case, plan, t, 2.0)) for t in range(n)))
    if name == "decay":
        total = 0.0
        for t in range(n):
            for v, m in zip(who, minutes(case, plan, t), strict=True):
                total += (
                    weight[t]
                    * v
                    * (1.0 if m <= 2 + 1e-9 else 0.6 if m <= 4 + 1e-9 else 0.25 if np.isfinite(m) else 0)
                )
        return total
    if name == "worst_decile":
        walks = [(m, v * weight[t]) for t in range(n) for m, v in zip(stepped(case, plan, t, 2.0), who, strict=True)]
        left = 0.3 * sum(v for _, v in walks)
        whole, value = left, 0.0
        for m, v in sorted(walks, reverse=True):
            value += m * min(v, left)
            left -= min(v, left)
        return value / whole if whole else 0.0
    if name == "backup":
        count = np.zeros(len(who))
        for t in range(n):
            for i in range(len(who)):
                for p in range(case.travel.indptr[i], case.travel.indptr[i + 1]):
                    j, m = case.travel.site[p], case.travel.minutes[p]
                    there = plan.opened[j, t] or world.sites.standing[j, t]
                    count[i] += there and m <= world.types.limit_min[t] + 1e-9
        return float(who[count >= 2].sum())
    assert name == "least_cost"
    return float(world.sites.cost[plan.opened].sum())


PARAMS: dict[str, dict[str, Any]] = {
    "coverage": {"group_weights": GROUPS},
    "complete": {"group_weights": GROUPS},
    "worst_community": {"group_weights": GROUPS},
    "minutes": {"group_weights": GROUPS, "step_min": 2.0},
    "decay": {"group_weights": GROUPS, "shares": {2: 1.0, 4: 0.6, 20: 0.25}},
    "worst_decile": {"group_weights": GROUPS, "step_min": 2.0, "share": 0.3},
    "backup": {"group_weights": GROUPS, "types": ("t0", "t1")},
    "least_cost": {},
}


def fit(case: Case, name: str) -> bool:
    """Whether the objective says something about the world."""
    world = case.world
    inside = people(world)[world.cells.community >= 0].sum() > 0
    return bool(name != "worst_community" or (inside and world.types.weight.sum() > 0))


@pytest.mark.parametrize("name", PARAMS)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_plan_by_each_objective_is_found(name: str, seed: int) -> None:
    case = random_case(seed, n_sites=4, n_cells=10)
    if not fit(case, name):
        case = replace(case, world=replace(case.world, types=replace(case.world.types, weight=np.ones(2))))
        if not fit(case, name):
            return
    goal = seek(name, **PARAMS[name])
    plans = [plan for plan in every_plan(case.world) if holds(case, plan)]
    values = [by_hand(case, name, plan) for plan in plans]
    for plan, value in list(zip(plans, values, strict=True))[::7]:
        assert goal.measure(case.world, case.travel, plan).value == pytest.approx(value)
    found = solved(case.world, case.rules, travel=case.travel, seek=goal)
    if not plans:
        assert found.answer.status == "infeasible"
        return
    best = max(values) if goal.more_is_better else min(values)
    assert found.answer.status == "proven"
    assert found.answer.objective == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert (found.answer.goals[0].sense == "max") == goal.more_is_better
    cost = [
        float(case.world.sites.cost[plan.opened].sum())
        for plan, value in zip(plans, values, strict=True)
        if abs(value - best) <= 1e-7 * max(1.0, abs(best))
    ]
    assert found.scores is not None and found.scores.cost_total == pytest.approx(min(cost))


ORDERS: list[list[dict[str, Any]]] = [
    [{"name": "worst_community"}, {"name": "coverage"}],
    [{"name": "complete", "tolerance": 0.3}, {"name": "least_cost", "tolerance": 0.5}, {"name": "coverage"}],
    [{"name": "coverage", "tolerance": 0.2}, {"name": "minutes", "step_min": 2.0, "tolerance": 0.05}],
    [
        {"name": "decay", "shares": {2: 1.0, 4: 0.6, 20: 0.25}},
        {"name": "worst_decile", "step_min": 2.0, "share": 0.3},
    ],
]


@pytest.mark.parametrize("order", range(len(ORDERS)))
@pytest.mark.parametrize("seed", range(10))
def test_objectives_in_order_keep_the_tolerance_of_those_before(order: int, seed: int) -> None:
    case = random_case(seed, n_sites=4, n_cells=10)
    parts = [{"group_weights": GROUPS, **p} if p["name"] != "least_cost" else p for p in ORDERS[order]]
    if not all(fit(case, p["name"]) for p in parts):
        return
    left = [plan for plan in every_plan(case.world) if holds(case, plan)]
    found = solved(case.world, case.rules, travel=case.travel, seek=seek("ordered", parts=tuple(parts)))
    if not left:
        assert found.answer.status == "infeasible"
        return
    assert found.plan is not None
    for part, goal in zip(parts, found.answer.goals, strict=False):
        values = [by_hand(case, part["name"], plan) for plan in left]
        best = max(values) if goal.sense == "max" else min(values)
        assert goal.value == pytest.approx(best, rel=1e-6, abs=1e-6)
        slack = part.get("tolerance", 0.0) * abs(best) + 1e-6 * max(1.0, abs(best))
        sign = 1 if goal.sense == "max" else -1
        left = [plan for plan, value in zip(left, values, strict=True) if sign * value >= sign * best - slack]
    assert any((plan.opened == found.plan.opened).all() for plan in left)


@pytest.mark.parametrize("seed", range(10))
def test_objectives_with_weights_add_up(seed: int) -> None:
    case = random_case(seed, n_sites=4, n_cells=10)
    parts = (
        {"name": "coverage", "group_weights": GROUPS, "weight": 1.5},
        {"name": "minutes", "group_weights": GROUPS, "step_min": 2.0, "weight": 0.25},
        {"name": "least_cost", "weight": 0.01},
    )
    plans = [plan for plan in every_plan(case.world) if holds(case, plan)]
    found = solved(case.world, case.rules, travel=case.travel, seek=seek("weighted", parts=parts))
    if not plans:
        assert found.answer.status == "infeasible"
        return
    values = [
        1.5 * by_hand(case, "coverage", p)
        - 0.25 * by_hand(case, "minutes", p)
        - 0.01 * by_hand(case, "least_cost", p)
        for p in plans
    ]
    assert found.answer.objective == pytest.approx(max(values), rel=1e-6, abs=1e-6)
    assert found.scores is not None
    printed = {m.name: (m.value, m.unit) for m in found.scores.measures}
    assert {"coverage", "minutes", "least_cost"} <= set(printed) and printed["minutes"][1] == "person_minutes"
