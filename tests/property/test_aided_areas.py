"""Aid on chosen areas: its share and its ceiling on the cost at the area, to the cent; every plan is the oracle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.findings import Findings
from siteopt.model.aid import step_aid
from siteopt.model.areas import put_areas, steps_in
from siteopt.model.build import build, encode
from siteopt.model.objectives.coverage import Coverage, Seek
from siteopt.money import spent
from siteopt.plan import Plan, costs
from siteopt.problem import Problem
from siteopt.program import Program
from siteopt.world import Funds, Periods, World
from tests.programs import Rule, keeps_rows, minutes_of, plan_with, posed, row_of_spaces, rule, solved
from tests.random_worlds import always
from tests.sized_plans import every_sized_plan

CITY, FIRM = 0, 1


def town(seed: int) -> World:
    """Two spaces and a type of four areas; the city aids the firm with a share, up to a ceiling that areas reach."""
    r = np.random.default_rng(seed)
    world = row_of_spaces(
        2,
        types={"area_m2": np.array([40.0]), "area_max_m2": np.array([70.0]), "area_step_m2": np.array([10.0])},
        cost=r.choice([300.0, 333.33, 500.01], (2, 1)),
        area=r.choice([60.0, 70.0, 90.0], 2),
        site_community=[0, 0],
    )
    sites = replace(world.sites, cost_per_m2=r.choice([0.0, 7.5, 10.0, 12.34], (2, 1)))
    share = float(r.choice([0.5, 0.3, 1.0]))
    ceiling = float(r.choice([100.0, 150.0, 187.77, 200.0, 260.0, np.inf]))
    may = np.array([[True], [True]]) if r.random() < 0.6 else np.array([[False], [True]])
    funds = Funds(("city", "firm"), may, np.array([-1, CITY]), np.array([0.0, share]), np.array([np.inf, ceiling]))
    phases = Periods(("a", "b"), (1.0, 1.0), (12.0, 24.0)) if r.random() < 0.5 else Periods()
    return replace(world, sites=sites, funds=funds, periods=phases)


def rules_of(seed: int, world: World) -> list[Rule]:
    """Caps on both sources, and an area that somebody asks for, so that steps are bought."""
    r = np.random.default_rng(seed + 1)
    first = world.periods.name[0]
    city = {"amount": float(r.choice([150.0, 187.77, 250.0, 400.0]))}
    if r.random() < 0.4:
        city = {"by_phase": {first: 150.0, world.periods.name[-1]: 160.5}}  # type: ignore[dict-item]
    return [
        rule("funding", "city", source="city", **city),
        rule("funding", "firm", source="firm", amount=float(r.choice([150.0, 312.23, 450.0, 700.0]))),
        rule("complex", type="t0", min_area_m2=float(r.choice([40.0, 50.0, 60.0])), min_functions=0, min_priority=0),
    ]


def point(problem: Problem, program: Program, plan: Plan) -> np.ndarray:
    """The plan as a point of the program, the columns of ceilings included."""
    x = np.zeros(len(program.columns))
    x[: len(problem.option_pair)] = encode(problem, plan)
    put_areas(problem, program.columns, plan, x)
    steps = steps_in(problem, program.columns)
    bends = step_aid(problem, steps).bends
    taken = x[program.columns.start["space_area.steps"] + bends.at]
    for label in ("city", "firm"):
        if len(bends):
            x[program.columns.start[f"{label}.beyond"] :][: len(bends)] = np.maximum(taken - bends.below, 0)
            x[program.columns.start[f"{label}.reached"] :][: len(bends)] = taken > bends.below
    return x


def accepts(world: World, rules: list[Rule], plan: Plan) -> bool:
    return all(v.holds or not v.checked for one in rules for v in one.judge(world, minutes_of(world), plan))


@pytest.mark.parametrize("seed", range(60))
def test_rows_and_judge_agree_on_every_area_source_and_phase(seed: int) -> None:
    world = town(seed)
    rules = [*always(), *rules_of(seed, world)]
    problem = posed(world, rules)
    program = build(problem, rules, Seek(Coverage()))
    best: tuple[float, float] | None = None
    for plan in every_sized_plan(world):
        if not accepts(world, list(always()), plan):
            continue  # what does not fit has no point in the program
        kept = accepts(world, rules, plan)
        assert kept == keeps_rows(program, point(problem, program, plan)), (seed, plan)
        if kept:
            periods = sum(
                float(world.cells.residents @ (plan.opened & (plan.period <= p + 1))[:, 0]) * w
                for p, w in enumerate(world.periods.weight)
            )
            mine = (periods, -float(costs(world, plan).sum()))
            best = mine if best is None else max(best, mine)
    found = solved(world, rules[len(always()) :])
    assert best is not None and found.answer.status == "proven" and found.scores is not None
    assert found.scores.objective == pytest.approx(best[0])
    assert found.scores.cost_total == pytest.approx(-best[1], abs=1e-6)


def test_the_towns_have_ceilings_that_areas_reach_and_plans_that_caps_refuse() -> None:
    bent = 0
    for seed in range(60):
        world = town(seed)
        rules = [*always(), *rules_of(seed, world)]
        problem = posed(world, rules)
        bent += bool(len(step_aid(problem, steps_in(problem, build(problem, rules, Seek(Coverage())).columns)).bends))
    assert bent >= 12


def test_aid_grows_with_the_area_up_to_its_ceiling() -> None:
    world = town(0)
    sites = replace(world.sites, cost=np.full((2, 1), 300.0), cost_per_m2=np.full((2, 1), 10.0))
    funds = Funds(("city", "firm"), None, np.array([-1, CITY]), np.array([0.0, 0.5]), np.array([np.inf, 260.0]))
    world = replace(world, sites=sites, funds=funds, periods=Periods())
    for area, city, firm in ((40.0, 150.0, 150.0), (60.0, 250.0, 250.0), (70.0, 260.0, 340.0)):
        plan = plan_with(world, [(0, 0)])
        plan = replace(plan, area_m2=plan.opened * area, source=np.where(plan.opened, FIRM, -1))
        assert spent(world, plan).tolist() == [[city, firm]]


def test_aid_that_is_no_whole_number_of_cents_a_step_is_refused_by_who_caps_it() -> None:
    world = town(0)
    odd = replace(world, sites=replace(world.sites, cost_per_m2=np.full((2, 1), 0.333)))
    odd = replace(odd, funds=replace(world.funds, aid_share=np.array([0.0, 0.5])))

    def codes(**params: object) -> list[str]:
        findings = Findings()
        rule("funding", **params).check(odd, findings, "s.yaml")
        return [f.code for f in findings.errors]

    assert codes(source="city", amount=1.0) == codes(source="firm", amount=1.0) == ["funding_aid_not_in_cents"]
    assert codes(amount=1.0) == []  # of all money together, aid moves nothing
