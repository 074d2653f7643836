"""Alternatives on tiny worlds: good enough, within every rule, and truly the most distant, by trying every plan."""

from __future__ import annotations

import pytest

from siteopt.solve.alternatives import Alternative, alternatives, distance_from
from tests.random_worlds import random_case
from tests.whatif_oracle import HIGHS, LIMITS, Known, Posed, posed

SLACKS = (0.0, 0.15, 0.5)


def found(world: Posed, slack: float, count: int = 3) -> tuple[float, list[Alternative]]:
    x, best = world.answer.x, world.answer.objective
    assert x is not None
    floor = best - slack * abs(best)
    return floor, list(alternatives(world.program, HIGHS, LIMITS, best=x, floor=floor, count=count))


def most_distant(world: Posed, known: list, floor: float) -> tuple[int, list[Known]]:
    """The largest distance from the nearest known plan, and the plans that have it."""
    enough = [p for p in world.feasible if p.value >= floor - 1e-6]
    reach = {id(p): distance_from(known, p.opened) for p in enough}
    most = max(reach.values())
    return most, [p for p in enough if reach[id(p)] == most]


@pytest.mark.parametrize("seed", range(2000, 2040))
def test_every_alternative_is_feasible_good_enough_and_the_most_distant_there_is(seed: int) -> None:
    world = posed(random_case(seed, n_cells=24))
    if world.answer.x is None:
        return
    floor, made = found(world, SLACKS[seed % 3])
    known = [world.options(world.answer.x)]
    for alternative in made:
        most, those = most_distant(world, known, floor)
        assert alternative.proven and alternative.at_most == alternative.distance == most
        if alternative.x is None:
            assert most == 0
            return
        mine = world.options(alternative.x)
        plan = next(p for p in world.plans if (p.opened == mine).all())
        assert plan.feasible and plan.value >= floor - 1e-6
        assert alternative.value == pytest.approx(plan.value, abs=1e-6)
        assert distance_from(known, mine) == most
        # Of plans as distant the best one, and of those the cheapest.
        best = max(p.value for p in those)
        assert plan.value == pytest.approx(best, abs=1e-6)
        assert plan.cost == pytest.approx(min(p.cost for p in those if p.value >= best - 1e-6), abs=1e-6)
        known.append(mine)


def test_random_worlds_have_alternatives() -> None:
    counts = []
    for seed in range(2000, 2040):
        world = posed(random_case(seed, n_cells=24))
        if world.answer.x is not None:
            counts.append(sum(a.x is not None for a in found(world, SLACKS[seed % 3])[1]))
    assert sum(n >= 1 for n in counts) >= 8 and max(counts) >= 3, counts
