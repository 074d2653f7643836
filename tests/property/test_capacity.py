"""Outlets with a capacity: every opening × the best way to give people to outlets is the oracle of engines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from siteopt.model.build import build, decode
from siteopt.model.constraint import Constraint, Params
from siteopt.model.constraints import capacity
from siteopt.model.objectives.complete import Complete
from siteopt.model.objectives.complete import Seek as Everything
from siteopt.plan import Assigned, costs
from siteopt.pose import posed
from siteopt.problem import room_of
from siteopt.program import Limits
from siteopt.ready import Seek as AnySeek
from siteopt.solve.engines import engine
from siteopt.solve.strategy import pursue
from siteopt.verify import judge_all, refusals, score
from siteopt.world import Periods, World
from tests.capacity_oracle import Oracle
from tests.programs import keeps_rows, proof_of, rule
from tests.random_worlds import Case, always, random_case
from tests.sized_plans import every_sized_plan, how_many

LIMITS = Limits(time_limit_s=20.0, threads=1)


def limited_case(seed: int, *, n_sites: int = 4, periods: int = 1) -> Case:
    """A random tiny world whose outlets serve few people, with a handful of rules."""
    base, r = random_case(seed, n_sites=n_sites), np.random.default_rng(seed + 7_000)
    world = base.world
    capacity_of = r.choice([np.nan, 20.0, 45.0, 90.5, 300.0], len(world.types), p=[0.2, 0.2, 0.3, 0.2, 0.1])
    capacity_of[int(r.integers(len(capacity_of)))] = float(r.integers(15, 120))
    standing = world.sites.standing | (r.random(world.sites.standing.shape) < 0.15)
    own = np.where(r.random(standing.shape) < 0.2, 33.0, np.nan)
    people = world.cells.people.copy()
    people[:, 1] = np.where(r.random(len(people)) < 0.5, people[:, 0] * 2, people[:, 1])  # some cells are alike
    several = Periods(("first", "second"), (1.0, float(r.choice([0.5, 1.0, 2.0]))), (12.0, 24.0))
    months = r.choice([0.0, 0.0, 18.0], n_sites)
    world = replace(
        world,
        types=replace(world.types, capacity=capacity_of),
        sites=replace(world.sites, standing=standing, capacity=own, months=months),
        cells=replace(world.cells, people=people),
        periods=several if periods == 2 else Periods(),
    )
    return Case(world, base.travel, (*always(), *some_rules(r, world)), base.seek)


def some_rules(r: np.random.Generator, world: World) -> Iterator[Constraint[Params]]:
    one = [str(r.choice(list(world.types.type_id)))]
    if r.random() < 0.5:
        yield rule("budget", amount=float(r.integers(0, 16)) * 1000)
    if r.random() < 0.3:
        yield rule("count", max=int(r.integers(0, 3)))
    if r.random() < 0.3:
        yield rule("spacing", metres=float(r.choice([200.0, 500.0])), types=one)
    if r.random() < 0.5:
        yield rule("min_coverage", share=float(r.choice([0.1, 0.25, 0.4])), types=one)
    if r.random() < 0.3:
        yield rule("min_coverage", "each", share=float(r.choice([0.05, 0.15])), per="community", types=one)


def best(case: Case) -> tuple[float, float] | None:
    """The best value and, at it, the least cost."""
    world, oracle = case.world, Oracle(case)
    plain = [one for one in case.rules if one.name not in ("min_coverage", "capacity")]
    found: list[tuple[float, float]] = []
    for plan in every_sized_plan(world):
        if not all(v.holds for one in plain for v in one.judge(world, case.travel, plan)):
            continue
        value = oracle.of_plan(plan)
        if np.isfinite(value):
            found.append((value, float(costs(world, plan).sum())))
    if not found:
        return None
    most = max(v for v, _ in found)
    return most, min(c for v, c in found if v >= most - 1e-7 * max(1.0, most))


def agree(case: Case) -> None:
    world = case.world
    oracle = best(case)
    problem = case.problem
    program = build(problem, case.rules, case.seek)
    for name in ("highs", "pulp"):
        answer = pursue(program, engine(name), LIMITS)
        if oracle is None:
            assert answer.status == "infeasible", (name, answer.status, answer.message)
            continue
        assert answer.status == "proven" and answer.x is not None, (name, answer.status, answer.message)
        plan = decode(problem, answer.x, case.rules, program.columns)
        scores = score(world, case.travel, plan, case.seek.measures)
        verdicts = judge_all(world, case.travel, plan, case.rules)
        assert refusals(proof_of(answer), scores, verdicts) == [], name
        assert scores.objective == pytest.approx(oracle[0], rel=5e-6, abs=1e-5), name
        assert costs(world, plan).sum() == pytest.approx(oracle[1], abs=1e-6), name


@pytest.mark.parametrize("seed", range(110))
def test_engines_find_the_best_openings_with_the_best_way_to_fill_them(seed: int) -> None:
    agree(limited_case(seed))


@pytest.mark.parametrize("seed", range(500, 530))
def test_each_period_has_its_own_capacity_and_people(seed: int) -> None:
    agree(limited_case(seed, n_sites=3, periods=2))


def sized_case(seed: int, *, periods: int = 1) -> Case:
    """A random world of one type that serves more people where it is larger; another may be alike or not."""
    case, r = limited_case(seed, n_sites=3, periods=periods), np.random.default_rng(seed + 90_000)
    world, n = case.world, len(case.world.types)
    least = r.choice([20.0, 30.5, 50.0], n)
    flexible = np.arange(n) == 0 if r.random() < 0.7 else np.ones(n, dtype=bool)
    steps, step = r.integers(1, 3, n), r.choice([5.0, 10.0, 12.25], n)
    by_area = flexible & (r.random(n) < 0.8)
    rate = np.where(by_area, r.choice([0.5, 1.0, 2.5], n), 0.0)
    types = replace(
        world.types,
        area_m2=least,
        area_step_m2=step,
        area_max_m2=np.where(flexible, least + steps * step, least),
        capacity=np.where(by_area, rate * least, world.types.capacity),
        capacity_per_m2=rate,
    )
    sites = replace(
        world.sites,
        area_m2=r.choice([40.0, 60.0, 81.0, 200.0], len(world.sites)),
        cost_per_m2=r.choice([0.0, 20.0, 100.0], world.sites.cost.shape),
    )
    return replace(case, world=replace(world, types=types, sites=sites))


@pytest.mark.parametrize("seed", range(2000, 2040))
def test_a_larger_outlet_serves_more_people_for_more_money(seed: int) -> None:
    agree(sized_case(seed))


@pytest.mark.parametrize("seed", [s for s in range(2100, 2125) if how_many(sized_case(s, periods=2).world) <= 3000])
def test_a_larger_outlet_serves_more_people_from_its_phase_on(seed: int) -> None:
    agree(sized_case(seed, periods=2))


def test_an_outlet_that_stands_serves_by_the_area_that_is_said_of_it() -> None:
    world = sized_case(2000).world
    standing = np.zeros_like(world.sites.standing)
    standing[:2, 0] = True
    own = np.array([[np.nan, np.nan], [np.nan, np.nan], [7.0, 9.0]])
    types = replace(world.types, capacity=np.array([40.0, np.nan]), capacity_per_m2=np.array([2.0, 0.0]))
    types = replace(types, area_m2=np.array([20.0, 5.0]))
    said = np.array([300.0, 0.0, 0.0])
    sites = replace(world.sites, standing=standing, standing_area_m2=said, capacity=own)
    room = room_of(replace(world, types=types, sites=sites))
    assert room[:, 0].tolist() == [600.0, 40.0, 7.0] and np.isinf(room[:, 1]).all()


@pytest.mark.parametrize("seed", range(900, 930))
def test_merging_cells_changes_no_value_when_a_goal_asks_for_all_types_in_one_cell(seed: int) -> None:
    case = limited_case(seed)
    seek: AnySeek = Everything(Complete(group_weights={"residents": 1.0, "elderly": 0.5}))  # type: ignore[assignment]

    class Apart(capacity.Rule):
        """Allows no merging."""

        allows = frozenset()

    values = []
    for one in (capacity.Rule, Apart):
        rules = tuple(one(Params()) if r.name == "capacity" else r for r in case.rules)
        problem = posed(case.world, case.travel, rules, seek)
        answer = pursue(build(problem, rules, seek), engine("highs"), LIMITS)
        values.append(answer.objective if answer.x is not None else None)
    assert values[0] == (None if values[1] is None else pytest.approx(values[1], rel=1e-6, abs=1e-6))


@pytest.mark.parametrize("seed", range(1200, 1240))
def test_the_judge_agrees_with_the_rows_on_random_shares(seed: int) -> None:
    case, r = limited_case(seed, periods=1 + seed % 2), np.random.default_rng(seed)
    world, rules = case.world, tuple(always())
    problem = posed(case.world, case.travel, rules, case.seek)
    (one,) = (x for x in rules if x.name == "capacity")
    program = build(problem, [one], case.seek)
    red = problem.reduction
    if "capacity.given" not in program.columns.start:
        return
    flows = capacity._flows(problem)
    site = np.concatenate([problem.pair_site, problem.supply_site])[flows.pair]
    kind = np.concatenate([problem.pair_type, problem.supply_type])[flows.pair]
    holds = 0
    for scale in (0.02, 0.1, 0.3, 0.6, 1.0) * 4:
        x = np.zeros(len(program.columns))
        x[: len(problem.option_pair)] = chosen = _once(problem, r)
        parts = []
        for p, suffix in ((len(world.periods) - 1, ""), *(((0, "@1"),) if len(world.periods) == 2 else ())):
            share = np.where(r.random(len(flows.pair)) < 0.5, r.random(len(flows.pair)) * scale, 0.0)
            if scale < 1:
                now = np.isin(flows.pair, problem.option_pair[(chosen > 0) & (problem.option_period <= p)])
                share = np.where(now | (flows.pair >= len(problem.pair_site)), share, 0.0)
            share = np.minimum(share, flows.most) if scale < 0.6 else share
            x[program.columns.start[f"capacity.given{suffix}"] :][: len(share)] = share
            for k in np.flatnonzero(share):
                c = np.repeat(flows.classes, np.diff(flows.indptr))[k]
                cells = np.flatnonzero(red.class_of_cell[:, kind[k]] == c)
                parts += [(int(i), int(site[k]), int(kind[k]), p, float(share[k])) for i in cells]
        table = np.array(parts, dtype=float).reshape(-1, 5)
        given = Assigned(*(table[:, k].astype(np.int64) for k in range(4)), table[:, 4])
        plan = replace(decode(problem, x), assigned=given)
        # No row keeps the sum of a class at 1 (z <= 1 does), so the judge alone finds people who are given twice.
        last = x[program.columns.start["capacity.given"] :][: len(flows.pair)]
        sums = np.add.reduceat(last, flows.indptr[:-1])
        judged = all(v.holds for v in one.judge(world, case.travel, plan) if v.unit == "people")
        assert judged == keeps_rows(program, x), (seed, scale)
        over = [v for v in one.judge(world, case.travel, plan) if v.unit == "share" and not v.holds]
        if len(world.periods) == 1:
            assert bool(over) == bool((sums > 1 + 2e-6).any())
        holds += judged
    assert holds  # some random ways are sound


def _once(problem: object, r: np.random.Generator) -> np.ndarray:
    """Each pair at most once."""
    out = np.zeros(len(problem.option_pair))  # type: ignore[attr-defined]
    for b in range(len(problem.pair_site)):  # type: ignore[attr-defined]
        mine = np.flatnonzero(problem.option_pair == b)  # type: ignore[attr-defined]
        if len(mine) and r.random() < 0.6:
            out[r.choice(mine)] = 1.0
    return out
