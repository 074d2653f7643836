"""Alternatives, frontier and refusals where less is better, outlets can be full, areas are chosen, or phases pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from siteopt.model.objectives.least_cost import LeastCost
from siteopt.model.objectives.least_cost import Seek as Cheapest
from siteopt.model.objectives.minutes import Seek as Minutes
from siteopt.model.objectives.minutes import Walks
from siteopt.plan import Plan
from siteopt.solve.alternatives import alternatives, distance_from
from siteopt.solve.frontier import Frontier
from siteopt.solve.refusal import refuse_each
from tests.capacity_oracle import Oracle
from tests.programs import minutes_of, rule
from tests.property.test_capacity import limited_case
from tests.property.test_chosen_areas import every_size, town
from tests.property.test_phases import SEEDS as PHASED
from tests.property.test_phases import phased
from tests.random_worlds import Case, always, random_case
from tests.sized_plans import every_phased_plan, every_sized_plan
from tests.whatif_oracle import HIGHS, LIMITS, Known, Posed, block_of, posed, with_rule

AMOUNTS = (0.0, 250.0, 400.0, 620.0, 999.99, 2500.0, 4000.0, 7250.5, 30_000.0)
PURSE = rule("budget", "purse", amount=1e9)


def walking(seed: int) -> Posed:
    """The fewest minutes, in large steps."""
    case = random_case(7000 + seed, n_sites=4)
    return posed(with_rule(replace(case, seek=Minutes(Walks(step_min=4.0))), PURSE))  # type: ignore[arg-type]


def cheapest(seed: int) -> Posed:
    """The least cost that reaches enough people."""
    case = random_case(7100 + seed, n_sites=4)
    case = with_rule(replace(case, seek=Cheapest(LeastCost())), rule("min_coverage", "enough", share=0.3))  # type: ignore[arg-type]
    return posed(with_rule(case, PURSE))


def filled(case: Case) -> Posed:
    """A case whose plans are worth what the best way to fill their outlets is."""
    case = with_rule(case, PURSE)
    oracle = Oracle(case)

    def value(plan: Plan) -> float | None:
        worth = oracle.of_plan(plan)
        return None if np.isnan(worth) else worth

    return posed(case, every_sized_plan(case.world), value, frozenset({"min_coverage", "capacity"}))


def full(seed: int) -> Posed:
    """Outlets that can be full; people are given to them as well as can be."""
    return filled(limited_case(7200 + seed, n_sites=3))


def full_in_two_periods(seed: int) -> Posed:
    return filled(limited_case(7200 + seed, n_sites=3, periods=2))


def paid_by_two(seed: int) -> Posed:
    """Several phases and two sources of money."""
    case = with_rule(phased(PHASED[seed]), PURSE)
    return posed(case, every_phased_plan(case.world))


def sized(seed: int) -> Posed:
    """Areas chosen between a type's least and the space."""
    world = town(seed)
    seek = random_case(0).seek if seed % 2 else Cheapest(LeastCost())
    if seed % 2:
        seek = type(seek)(type(seek.params)())
    rules = (*always(), rule("commercial_area", share=0.1), rule("count", min=1), PURSE)
    case = Case(world, minutes_of(world), rules, seek)  # type: ignore[arg-type]
    fits = [p for p in every_size(world) if all(v.holds for r in always() for v in r.judge(world, case.travel, p))]
    return posed(case, fits)


WORLDS: dict[str, tuple[Callable[[int], Posed], int]] = {
    "walking": (walking, 12),
    "cheapest": (cheapest, 12),
    "full": (full, 10),
    "full_in_two_periods": (full_in_two_periods, 6),
    "paid_by_two": (paid_by_two, 8),
    "sized": (sized, 6),
}
EVERY = [(name, seed) for name, (_, count) in WORLDS.items() for seed in range(count)]


def made(name: str, seed: int) -> Posed:
    return WORLDS[name][0](seed)


@pytest.mark.parametrize(("name", "seed"), EVERY)
def test_every_point_of_the_frontier_is_the_best_within_its_money(name: str, seed: int) -> None:
    world = made(name, seed)
    frontier = Frontier(world.program, block_of(world.program, "purse"), HIGHS, LIMITS)
    ends, free = frontier.ends(), world.best(world.feasible)
    if free is None:
        assert ends.free.status == "infeasible"
        return
    assert ends.free.objective == pytest.approx(free, abs=1e-5)
    rows = [(a, rule("budget", "purse", amount=a).rows(world.problem, world.program.columns)[0]) for a in AMOUNTS]
    for point in frontier.run(rows):
        can = [p for p in world.feasible if p.spent["purse"] <= point.amount + 0.005]
        best = world.best(can)
        if best is None:
            assert point.infeasible
            continue
        assert point.settled
        assert point.value == pytest.approx(best, abs=1e-5) and point.bound == pytest.approx(best, abs=1e-5)
        least = min(p.spent["purse"] for p in can if abs(p.value - best) <= 1e-5)
        assert point.spent == pytest.approx(least, abs=0.01)


@pytest.mark.parametrize(("name", "seed"), EVERY)
def test_what_refusing_a_space_loses_is_what_trying_every_plan_finds(name: str, seed: int) -> None:
    world = made(name, seed)
    x = world.answer.x
    if x is None:
        return
    pair_site = world.problem.pair_site
    chosen = sorted(set(pair_site[world.options(x)].tolist()))
    groups = [np.flatnonzero(world.problem.option_site == j) for j in chosen]
    refused = refuse_each(world.program, groups, HIGHS, LIMITS, best=x, bound=world.answer.bound)
    for j, refusal in zip(chosen, refused, strict=True):
        without = [p for p in world.feasible if not p.opened[pair_site == j].any()]
        best = world.best(without)
        if best is None:
            assert refusal.outcome == "infeasible"
            continue
        assert refusal.outcome == "proven" and refusal.x is not None
        assert refusal.value == pytest.approx(best, abs=1e-5)
        assert not world.options(refusal.x)[pair_site == j].any()


@pytest.mark.parametrize(("name", "seed"), EVERY)
def test_every_alternative_does_without_as_many_outlets_as_any_plan_can(name: str, seed: int) -> None:
    world = made(name, seed)
    x, best = world.answer.x, world.answer.objective
    if x is None:
        return
    floor = best - world.sign * (0.0, 0.15, 0.5)[seed % 3] * abs(best)
    known, enough = [world.options(x)], world.as_good(world.feasible, floor)
    found = list(alternatives(world.program, HIGHS, LIMITS, best=x, floor=floor, count=3, things=world.outlets))
    for alternative in found:
        reach = [distance_from(known, p.opened) for p in enough]
        assert alternative.proven and alternative.at_most == alternative.distance == max(reach)
        if alternative.x is None:
            assert max(reach) == 0
            return
        mine = world.options(alternative.x)
        assert distance_from(known, mine) == max(reach)
        those: list[Known] = [p for p, d in zip(enough, reach, strict=True) if d == max(reach)]
        assert alternative.value == pytest.approx(world.best(those), abs=1e-5)
        known.append(mine)


def test_such_worlds_have_plans_alternatives_and_something_to_lose() -> None:
    for name, (make, count) in WORLDS.items():
        worlds = [make(seed) for seed in range(count)]
        solved = [w for w in worlds if w.answer.x is not None]
        assert len(solved) >= 3, name
        assert any(len({round(p.value, 6) for p in w.feasible}) > 2 for w in solved), name
