"""Share of chains in pilots that the program chooses: every plan with every choice of pilots is the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from siteopt.model.build import build
from siteopt.model.constraint import together
from siteopt.model.objectives.coverage import Coverage, Seek
from siteopt.model.pilot_shares import accounts
from siteopt.plan import Plan
from siteopt.problem import Problem
from siteopt.program import Program
from siteopt.world import World
from tests.norm_worlds import town
from tests.programs import Rule, keeps_rows, minutes_of, posed, rule, solved
from tests.random_worlds import always, every_plan

GRADES = {"basic": {"basic": 1}, "quality": {"basic": 1, "quality": 1}}


def street(seed: int) -> World:
    """Three spaces in two or three communities; t0 is basic, t1 of quality, and one of them is run by chains."""
    r = np.random.default_rng(seed)
    chains = [False, True] if r.random() < 0.6 else [True, False]
    standing = r.random((3, 2)) < 0.25
    names = "AB" if two_choose(seed) else "ABC"
    pilot = r.random(len(names)) < 0.15
    return town(
        3,
        2,
        communities=[{"id": name, "pilot": bool(pilot[k])} for k, name in enumerate(names)],
        site_community=np.where(r.random(3) < 0.15, -1, r.permutation(3) % len(names)),
        types={"chain": chains, "category": ("basic", "quality")},
        sites={"chain": r.random(3) < 0.6},
        standing=standing,
        allowed=r.random((3, 2)) < 0.9,
        cost=r.integers(1, 5, (3, 2)) * 1000.0,
    )


def two_choose(seed: int) -> bool:
    """Whether two rules choose pilots."""
    return seed % 6 == 0


def rules_of(seed: int) -> tuple[Rule, ...]:
    r = np.random.default_rng(seed + 1)
    every = bool(r.random() < 0.25)
    chooses = [rule("pilots", count=int(r.integers(1, 3)), grades=GRADES, every_grade=every)]
    if two_choose(seed):
        chooses.append(rule("pilots", "more", count=1, grades={"quality": {"quality": 1}}))
    shares = {
        "share": float(r.choice([0.3, 0.5, 2 / 3], p=[0.3, 0.5, 0.2])),
        "per": str(r.choice(["all", "community"])),
    }
    return together([*always(), *chooses, rule("chain_share", **shares)])


def every_choice(world: World, rules: tuple[Rule, ...], plan: Plan) -> Iterator[Plan]:
    """The plan with every choice of pilots and grades by each rule that chooses."""
    ids = world.communities.community_id.astype(str).tolist()
    tables = []
    for one in rules:
        if one.name == "pilots":
            grades = ("", *one.params.grades)  # type: ignore[attr-defined]
            named = [dict(zip(ids, chosen, strict=True)) for chosen in product(grades, repeat=len(ids))]
            tables.append([(one.label, {c: g for c, g in told.items() if g}) for told in named])
    for chosen in product(*tables):
        yield replace(plan, decided=dict(chosen))


def point(problem: Problem, program: Program, rules: tuple[Rule, ...], plan: Plan) -> np.ndarray:
    """The plan as a point: grades as named, types that are there, and each pilot's part of the sum."""
    world, start = problem.world, program.columns.start
    x = np.zeros(len(program.columns))
    x[: len(problem.option_pair)] = plan.opened[problem.option_site, problem.option_type]
    there = np.zeros((len(world.communities), len(world.types)))
    for j, t in np.argwhere(plan.opened | world.sites.standing).tolist():
        if world.sites.community[j] >= 0:
            there[world.sites.community[j], t] = 1.0
    ids, pilots = world.communities.community_id.astype(str).tolist(), set()
    for one in rules:
        if one.name == "pilots":
            table = one.pilot_columns(world, program.columns)  # type: ignore[attr-defined]
            names = list(one.params.grades)  # type: ignore[attr-defined]
            for community, grade in plan.decided[one.label].items():
                x[table[ids.index(community), names.index(grade)]] = 1.0
                pilots.add(ids.index(community))
            x[start[f"{one.label}.there"] :][: there.size] = there.ravel()
    share = rules[-1]
    if "chain_share.counted" in start:
        for k, a in enumerate(accounts(list(share._parts(world, None, "community")), problem)):  # type: ignore[attr-defined]
            mine = a.standing + float(a.value @ x[: len(a.value)])
            x[start["chain_share.counted"] + k] = mine if k in pilots else 0.0
    return x


@pytest.mark.parametrize("seed", range(30))
def test_rows_and_judges_agree_on_every_plan_and_choice_and_the_engine_finds_the_best(seed: int) -> None:
    world, rules = street(seed), rules_of(seed)
    problem = posed(world, rules)
    program = build(problem, rules, Seek(Coverage()))
    decide = [one for one in rules if one.name in ("pilots", "chain_share")]
    best: tuple[float, float] | None = None
    for opened in every_plan(world):
        fits = all(v.holds for one in always() for v in one.judge(world, minutes_of(world), opened))
        for plan in every_choice(world, rules, opened) if fits else ():
            kept = all(v.holds or not v.checked for one in decide for v in one.judge(world, minutes_of(world), plan))
            same = keeps_rows(program, point(problem, program, rules, plan)) == kept
            assert same, (plan.decided, plan.opened)
            if kept:
                there = plan.opened | world.sites.standing
                people = float(world.cells.residents @ there.sum(axis=1))
                mine = (people, -float(world.sites.cost[plan.opened].sum()))
                best = mine if best is None else max(best, mine)
    found = solved(world, rules[len(always()) :])
    if best is None:
        assert found.answer.status == "infeasible"
        return
    assert found.answer.status == "proven" and found.scores is not None
    assert (found.scores.objective, found.scores.cost_total) == (pytest.approx(best[0]), pytest.approx(-best[1]))


def test_some_streets_have_a_plan_and_the_share_decides_some() -> None:
    with_plan = decided = 0
    for seed in range(30):
        world, rules = street(seed), rules_of(seed)[len(always()) :]
        found, free = solved(world, rules), solved(world, rules[:-1])
        with_plan += found.plan is not None
        same = found.scores and free.scores and found.scores.objective == free.scores.objective
        decided += free.plan is not None and not same
    assert with_plan >= 12 and decided >= 6, (with_plan, decided)
