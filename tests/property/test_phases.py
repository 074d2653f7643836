"""Plans of several phases and sources of money: every plan of tiny worlds, one by one, is the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from siteopt.model.build import build, decode, encode, options_of, pairs_of
from siteopt.model.constraint import Constraint, Params
from siteopt.model.constraint import registry as rules_by_name
from siteopt.world import Funds, Periods, World
from tests.programs import keeps_rows, solved
from tests.random_worlds import Case, holds, make_problem, random_case
from tests.sized_plans import every_phased_plan, how_many


def phased(seed: int) -> Case:
    """A tiny world whose outlets open in one of two or three phases, paid by one of two sources."""
    r = np.random.default_rng(seed)
    case = random_case(seed, n_sites=3, n_types=2, n_cells=10)
    n_periods = int(r.integers(2, 4))
    names = ("2024", "2025", "2026")[:n_periods]
    weight = tuple(float(w) for w in r.choice([0.0, 1.0, 2.0], n_periods))
    periods = Periods(names, weight, tuple(12.0 * (p + 1) for p in range(n_periods)))
    may_pay = r.random((2, 2)) < 0.7
    may_pay[0] |= ~may_pay.any(axis=0)
    funds = Funds(("state", "private"), may_pay, np.array([-1, 0]), np.array([0.0, 0.5]), np.array([np.inf, 1500.0]))
    types = replace(
        case.world.types,
        yearly_cost=r.choice([-100.0, 0.0, 300.0], 2),
        public_interest=r.random(2) < 0.5,
        months=r.choice([0.0, 0.0, 20.0], 2),
    )
    sites = replace(case.world.sites, months=r.choice([0.0, 0.0, 13.0, 99.0], 3))
    world = replace(case.world, periods=periods, funds=funds, types=types, sites=sites)
    return replace(case, world=world, rules=(*case.rules, *_rules(r, world)))


def _rules(r: np.random.Generator, world: World) -> Iterator[Constraint[Params]]:
    known, first, last = rules_by_name(), world.periods.name[0], world.periods.name[-1]
    some = (str(world.sites.site_id[int(r.integers(3))]),)
    recipes = {
        "funding": {
            "source": str(r.choice(["state", "private"])),
            "amount": float(r.integers(2, 12)) * 1000,
            "by_phase": {first: float(r.integers(0, 6)) * 1000, last: float(r.integers(0, 6)) * 500.5},
            "carry_over": bool(r.random() < 0.5),
        },
        "running_cost": {
            "amount": float(r.choice([0.0, 300.0, 600.0])),
            "losses": str(r.choice(["any", "public_interest"])),
        },
        "deadline": {"opens_by": first, "sites": some} if r.random() < 0.5 else {"opens_from": last, "sites": some},
    }
    for name, params in recipes.items():
        if r.random() < 0.6:
            yield known[name](known[name].parameters(**params))


def small(seeds: range) -> list[int]:
    """Seeds whose worlds have few enough plans to look at each."""
    return [seed for seed in seeds if how_many(phased(seed).world) <= 4000]


SEEDS = small(range(120))


def test_there_are_worlds_enough() -> None:
    assert len(SEEDS) >= 40


@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_phased_plan_is_found_and_audited(seed: int) -> None:
    case = phased(seed)
    plans = [plan for plan in every_phased_plan(case.world) if holds(case, plan)]
    values = [case.seek.measures(case.world, case.travel, plan)[0].value for plan in plans]
    found = solved(case.world, case.rules, travel=case.travel, seek=case.seek)
    if not plans:
        assert found.answer.status == "infeasible"
        return
    assert found.answer.status == "proven"
    assert found.answer.objective == pytest.approx(max(values))
    best = [
        case.seek.measures(case.world, case.travel, plan)[1].value
        for plan, value in zip(plans, values, strict=True)
        if value >= max(values) - 1e-9
    ]
    assert found.answer.goals[1].value == pytest.approx(min(best))


@pytest.mark.parametrize("seed", SEEDS[:25])
def test_rows_say_of_every_phased_plan_what_the_judges_say(seed: int) -> None:
    case = phased(seed)
    problem = make_problem(case.world, case.travel, case.rules, case.seek)
    program = build(problem, case.rules, case.seek)
    for plan in every_phased_plan(case.world):
        x = np.zeros(len(program.columns))
        x[: len(problem.option_pair)] = encode(problem, plan)
        for period in range(problem.n_periods):
            name = "cover" if period == problem.n_periods - 1 else f"cover@{period + 1}"
            start = program.columns.start[name]
            opens = (x[: len(problem.option_pair)] > 0.5) & (problem.option_period <= period)
            there = np.bincount(problem.option_pair[opens], minlength=len(problem.pair_site)) > 0
            red = problem.reduction
            for c in range(len(red.service_of)):
                x[start + c] = there[red.pair[red.indptr[c] : red.indptr[c + 1]]].any()
        assert keeps_rows(program, x) == holds(case, plan)
        again = decode(problem, x)
        assert (again.opened == plan.opened).all() and (again.period == plan.period).all()
        assert (again.source == plan.source).all()


def test_what_opens_stays_open_and_more_phases_of_weight_never_serve_fewer() -> None:
    case = phased(SEEDS[0])
    found = solved(case.world, case.rules, travel=case.travel, seek=case.seek)
    assert found.scores is not None
    each = found.scores.after_by_period[:, :, 0]
    assert (np.diff(each, axis=0) >= -1e-9).all()
    assert each[-1] == pytest.approx(found.scores.after[:, 0])


def test_a_type_that_takes_its_time_opens_in_a_phase_that_ends_late_enough() -> None:
    case = random_case(1, n_sites=3, n_types=2, n_cells=10)
    types = replace(case.world.types, months=np.array([0.0, 13.0]))
    world = replace(case.world, types=types, periods=Periods(("a", "b"), (1.0, 1.0), (12.0, 24.0)))
    pairs = pairs_of(world)
    pair, period, _ = options_of(world, *pairs)
    assert set(period[pairs[1][pair] == 1].tolist()) <= {1}
    assert set(period[pairs[1][pair] == 0].tolist()) == {0, 1}
