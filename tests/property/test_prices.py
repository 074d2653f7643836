"""The price of every rule, on small random programs: equal to what trying all points finds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.program import Limits
from siteopt.solve.engines import engine
from siteopt.solve.prices import SHARE_STEP, STEPS, price_each
from siteopt.solve.strategy import pursue
from tests.property.test_diagnosis import giving, tried

HIGHS, LIMITS = engine("highs"), Limits(time_limit_s=30.0, threads=1)


@pytest.mark.parametrize("seed", range(400, 540))
@pytest.mark.parametrize("sense", ["max", "min"])
def test_a_price_is_what_one_step_gains_and_the_whole_rule_gains(seed: int, sense: str) -> None:
    known = tried(seed)
    if not known.kept(set(known.missed)).any():
        return
    goal = known.program.goals[0]
    sign = 1.0 if sense == "max" else -1.0
    program = replace(known.program, goals=(replace(goal, sense=sense, cost=sign * goal.cost),))  # type: ignore[arg-type]
    worth = sign * (known.points @ program.goals[0].cost)
    answer = pursue(program, HIGHS, LIMITS)
    assert answer.x is not None
    best = worth[known.kept(set(known.missed))].max()
    assert sign * answer.objective == pytest.approx(best)
    prices = price_each(program, HIGHS, LIMITS, best=answer.x, value=answer.objective, bound=answer.bound)
    assert {p.rule for p in prices} == giving(known)
    for price in prices:
        others = known.kept(set(known.missed) - {price.rule})
        step = SHARE_STEP * known.sizes[price.rule] if price.relative else STEPS[price.unit] * known.units[price.rule]
        stepped = others & (known.missed[price.rule] <= step + 1e-9).all(axis=1)
        free, gain = worth[others].max() - best, worth[stepped].max() - best
        assert (price.free_least, price.free_most) == pytest.approx((free, free), abs=1e-6)
        if price.whole:
            assert (worth[others].max()) == pytest.approx(worth[stepped].max())
        assert (price.least, price.most) == pytest.approx((gain, gain), abs=1e-6)
        assert price.proven
        if price.how in ("never_binds", "relaxation"):
            assert gain == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("seed", range(400, 460))
def test_without_time_a_price_is_an_interval_that_holds(seed: int) -> None:
    known = tried(seed)
    if not known.kept(set(known.missed)).any():
        return
    program = known.program
    answer = pursue(program, HIGHS, LIMITS)
    assert answer.x is not None
    worth = known.points @ program.goals[0].cost
    best = worth[known.kept(set(known.missed))].max()
    none = replace(LIMITS, time_limit_s=0.0)
    for price in price_each(program, HIGHS, none, best=answer.x, value=answer.objective, bound=answer.bound + 3):
        free = worth[known.kept(set(known.missed) - {price.rule})].max() - best
        assert price.free_least <= free + 1e-6 and free <= price.free_most + 1e-6
        assert price.least <= price.most and np.isfinite(price.least)
