"""Emergency supply: one source remains when any one is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.model.backup import has_two
from siteopt.model.objectives.coverage import Coverage, Seek
from tests.programs import judged, minutes_of, plan_with, row_of_spaces, rule, solved
from tests.random_worlds import Case, always, every_plan, holds, random_case


def test_two_outlets_of_different_types_stand_in_for_each_other() -> None:
    world = row_of_spaces(1, 2, slots=[2])
    both = rule("emergency", types=("t0", "t1"), share=1.0)
    assert judged(world, both, [(0, 0), (0, 1)]) and not judged(world, both, [(0, 0)])
    assert not judged(world, rule("emergency", types=("t0",), share=1.0), [(0, 0), (0, 1)])


def test_what_stands_today_counts() -> None:
    world = row_of_spaces(1, 2, slots=[2], standing=[[1, 0]])
    rules = [rule("emergency", types=("t0", "t1"), share=1.0)]
    assert solved(world, rules).opened == ["s000/t1"]


def test_half_of_two_sources_is_none() -> None:
    # With money for one outlet nobody has two, whatever a relaxation says of halves.
    world = row_of_spaces(1, 2, slots=[2])
    rules = [rule("emergency", types=("t0", "t1"), share=0.5), rule("budget", amount=1.0)]
    assert solved(world, rules).answer.status == "infeasible"


@pytest.mark.parametrize("seed", range(40))
def test_the_best_plan_under_the_rule_is_that_of_brute_force(seed: int) -> None:
    case = random_case(seed, n_sites=4, n_cells=10)
    r = np.random.default_rng(seed)
    params = {
        "types": ("t0", "t1"),
        "share": float(r.choice([0.1, 0.3, 0.5])),
        "per": str(r.choice(["all", "community"])),
    }
    case = Case(case.world, case.travel, (*always(), rule("emergency", **params)), Seek(Coverage()))
    values = [
        case.seek.measures(case.world, case.travel, plan)[0].value
        for plan in every_plan(case.world)
        if holds(case, plan)
    ]
    found = solved(case.world, case.rules, travel=case.travel, seek=case.seek)
    if not values:
        assert found.answer.status == "infeasible"
    else:
        assert found.answer.objective == pytest.approx(max(values))


def test_people_with_two_sources_are_counted_from_raw_data() -> None:
    world = row_of_spaces(2, 1, types={"limit_min": np.array([5.0])})
    world = replace(world, cells=replace(world.cells, xy_m=world.sites.xy_m[:2]))
    plan = plan_with(world, [(0, 0), (1, 0)])
    count = has_two(world, minutes_of(world), plan, [0])
    gap = float(np.hypot(*(world.sites.xy_m[0] - world.sites.xy_m[1]))) / 80.0
    assert (count == (1.0 if gap <= 5.0 else 0.0)).all()
