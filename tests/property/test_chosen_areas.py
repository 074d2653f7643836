"""Areas chosen between a type's least and the space: every rule that reads areas, against all plans and areas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from siteopt.model.areas import STEPS, put_areas
from siteopt.model.build import build, encode
from siteopt.model.objectives.coverage import Coverage, Seek
from siteopt.model.objectives.least_cost import LeastCost
from siteopt.model.objectives.least_cost import Seek as Cheapest
from siteopt.plan import Plan, areas, costs
from siteopt.solve.backend import rounded
from siteopt.world import Funds, Periods, World
from tests.programs import Rule, keeps_rows, minutes_of, posed, row_of_spaces, rule, solved
from tests.random_worlds import always, every_plan
from tests.worlds import make_communities, texts

AREA_RULES: list[tuple[str, dict[str, object]]] = [
    ("commercial_area", {"share": 0.1}),
    ("service_area", {"m2_per_household": 0.3}),
    ("elderly_area", {"new_share": 0.01, "new_outlet_least_m2": 60.0, "old_least_m2": 70.0}),
    ("saturation", {"m2_per_1000_people": 2200.0}),
    ("mix", {"most": {"shopping": 0.55}}),
    ("mix", {"least": {"catering": 0.4}, "per": "community"}),
    ("detached", {"share": 0.5}),
    ("reuse", {"share": 0.6, "by": "area"}),
    ("complex", {"type": "t0", "min_area_m2": 95.0, "min_functions": 1, "min_priority": 0}),
    ("budget", {"amount": 620.0}),
    ("budget", {"amount": 350.0, "types": ("t0",)}),
    ("funding", {"amount": 500.0}),
]


def town(seed: int = 0) -> World:
    """Two spaces, a flexible type in steps of 10 m² and a fixed one; rates, forms, kinds and norms by chance."""
    r = np.random.default_rng(seed)
    kinds = r.choice(["new_building", "idle_premises"], 2).tolist()
    world = row_of_spaces(
        2,
        2,
        types={
            "area_m2": np.array([40.0, 50.5]),
            "area_max_m2": np.array([75.0, 50.5]),
            "area_step_m2": np.array([10.0, 1.0]),
            "sector": texts(["shopping", "catering"]),
            "service": texts(["elderly_care", "community_service"]),
        },
        cost=r.integers(1, 4, (2, 2)) * 100.0,
        area=r.choice([65.0, 110.0, 130.0], 2),
        kind=kinds,
        slots=np.array([2, 2]),
        cell_community=np.array([0, 0]),
        site_community=np.array([0, 0]),
        communities=make_communities([{"floor_area_m2": 900.0, "commercial_area_m2": float(r.choice([20.0, 30.0]))}]),
    )
    sites = replace(
        world.sites,
        cost_per_m2=r.choice([0.0, 2.5, 10.0], (2, 2)),
        form=texts(r.choice(["detached", "attached"], 2)),
    )
    communities = replace(
        world.communities,
        age_class=texts([str(r.choice(["new", "old"]))]),
        households=np.array([250.0]),
        residential_m2=np.array([9000.0]),
        service_m2=np.array([0.0]),
        elderly_m2=np.array([0.0]),
    )
    return replace(world, sites=sites, communities=communities)


def every_size(world: World) -> Iterator[Plan]:
    """All plans with all areas on the grid, too large for their spaces or not."""
    grid = np.arange(40.0, 75.01, 10.0)
    for plan in every_plan(world):
        where = np.flatnonzero(plan.opened[:, 0])
        for sizes in product(grid, repeat=len(where)):
            area = np.where(plan.opened, world.types.area_m2, 0.0)
            area[where, 0] = sizes
            yield replace(plan, area_m2=area)


def accepts(world: World, rules: list[Rule], plan: Plan) -> bool:
    return all(v.holds or not v.checked for rule in rules for v in rule.judge(world, minutes_of(world), plan))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("name", "params"), AREA_RULES)
def test_rows_and_judge_agree_on_every_area_and_the_engine_finds_the_best(
    name: str, params: dict[str, object], seed: int
) -> None:
    world = town(seed)
    rules = [*always(), rule(name, **params)]
    problem = posed(world, rules)
    program = build(problem, rules, Seek(Coverage()))
    assert STEPS in program.columns.start
    best: tuple[float, float] | None = None
    for plan in every_size(world):
        fits = accepts(world, always(), plan)
        judged = accepts(world, rules, plan)
        x = np.zeros(len(program.columns))
        x[: len(problem.option_pair)] = encode(problem, plan)
        put_areas(problem, program.columns, plan, x)
        x = rounded(program, x)
        if fits:  # what does not fit has no point in the program: its steps are bounded by the space
            assert judged == keeps_rows(program, x), (plan.opened.tolist(), areas(world, plan).tolist())
        if judged:
            people = float(world.cells.residents @ plan.opened.sum(axis=1))
            mine = (people, -float(costs(world, plan).sum()))
            best = mine if best is None else max(best, mine)
    found = solved(world, rules[len(always()) :])
    if best is None:
        assert found.answer.status == "infeasible"
        return
    assert found.answer.status == "proven" and found.scores is not None and found.plan is not None
    assert found.scores.objective == pytest.approx(best[0])
    assert found.scores.cost_total == pytest.approx(-best[1])
    assert found.scores.cost_by_source.sum() == pytest.approx(-best[1])


def test_least_cost_buys_only_the_area_that_a_norm_asks_for() -> None:
    world = town(0)
    world = replace(
        world,
        sites=replace(
            world.sites,
            area_m2=np.array([130.0, 130.0]),
            cost=np.full((2, 2), 100.0),
            cost_per_m2=np.full((2, 2), 2.0),
        ),
    )
    found = solved(
        world, [rule("service_area", m2_per_household=0.24, types=("t0",))], seek=Cheapest(LeastCost())
    )  # 60 m² of t0: one outlet of 40 + 2 steps
    assert found.plan is not None and found.scores is not None
    assert areas(world, found.plan).sum() == pytest.approx(60.0)
    assert found.scores.cost_total == pytest.approx(140.0)


def test_an_area_that_costs_nothing_stays_the_least() -> None:
    world = town(0)
    world = replace(world, sites=replace(world.sites, area_m2=np.array([130.0, 130.0]), cost_per_m2=np.zeros((2, 2))))
    found = solved(world, [])
    assert found.plan is not None
    assert (areas(world, found.plan)[found.plan.opened[:, 0], 0] == 40.0).all()


def test_without_flexible_types_there_are_no_columns_and_no_areas_in_the_plan() -> None:
    world = row_of_spaces(2, 2, types={"area_m2": np.array([40.0, 50.0])})
    found = solved(world, [])
    assert STEPS not in found.program.columns.start and found.plan is not None and found.plan.area_m2 is None


def test_the_judge_refuses_an_area_off_its_range_or_its_steps() -> None:
    world = town(0)
    [judge] = [r for r in always() if r.name == "space_area"]
    for area, holds in ((40.0, True), (50.0, True), (55.0, False), (80.0, False), (30.0, False)):
        opened = np.array([[True, False], [False, False]])
        plan = Plan(opened, opened.astype(np.int64), opened.astype(np.int64) - 1, area_m2=opened * area)
        [chosen] = [v for v in judge.judge(world, minutes_of(world), plan) if "least_m2" in v.detail]
        assert chosen.holds == holds


def test_phases_and_sources_pay_for_the_chosen_area_where_the_outlet_opens() -> None:
    world = town(0)
    world = replace(
        world,
        sites=replace(
            world.sites,
            area_m2=np.array([130.0, 130.0]),
            cost=np.full((2, 2), 100.0),
            cost_per_m2=np.full((2, 2), 2.0),
        ),
        periods=Periods(("a", "b"), (1.0, 1.0), (np.inf, np.inf)),
        funds=Funds(("city", "firm")),
    )
    rules = [
        rule("service_area", m2_per_household=0.44, types=("t0",)),  # 110 m²: two outlets, 30 m² more
        rule("funding", source="city", by_phase={"a": 140.0, "b": 0.0}),
        rule("funding", "firm", source="firm", amount=125.0),
    ]
    found = solved(world, rules, seek=Cheapest(LeastCost()))
    assert found.plan is not None and found.scores is not None
    assert areas(world, found.plan).sum() == pytest.approx(110.0)
    assert found.scores.cost_by_source.tolist() == pytest.approx([140.0, 120.0])
    assert found.scores.cost_by_period.sum() == pytest.approx(260.0)
